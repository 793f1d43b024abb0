"""`make serve`: the whole product on this machine, until Ctrl-C or SIGTERM.

Prints `ready http://127.0.0.1:PORT` when it answers, and every text message it would send. Leaves its whereabouts in
`.local/serve.json` for the command line `slotline`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from ops.apply import apply_file
from ops.local import engine, resources
from ops.local.front import HOST, Front
from ops.local.functions import SLOTLINE_FUNCTIONS, Functions
from ops.local.gateway import Gateway
from ops.local.pumps import POLL_SECONDS, Pumps, QueuePump, SchedulePump, StreamPump
from ops.local.sandbox import print_whole_lines
from ops.target import SERVE_FILE, Target, write_serve_file
from ops.webhook_orders import order_all
from slotline.domain.errors import SlotlineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ops.local.functions import LocalFunction
    from ops.local.resources import Resources

DEMO_DESK = engine.ROOT / "ops" / "demo" / "bright-smile.yaml"
DEMO_KEY = "FRONT_DESK_KEY"
TABLE = "slotline-local"
MESSAGES, HINTS = "slotline-local-messages", "slotline-local-hints"
STAGE = "local"
SECRETS_PREFIX = f"slotline/{STAGE}/"
_QUIET = {"POWERTOOLS_LOG_LEVEL": "WARNING", "POWERTOOLS_METRICS_DISABLED": "true"}  # the terminal is for messages
_FOREIGN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ENDPOINT_URL_")


def apply_desk(path: Path, target: Target) -> int:
    """Apply a desk file, with its `${NAME}` from our own environment; returns the exit code of `slotline apply`."""
    return apply_file(path, target=target, environ=os.environ, dry_run=False, out=sys.stdout)


def main(
    argv: Sequence[str] | None = None,
    *,
    functions: Mapping[str, LocalFunction] = SLOTLINE_FUNCTIONS,
    apply: Callable[[Path, Target], int] = apply_desk,
    serve_file: Path = SERVE_FILE,
) -> int:
    """Run until told to stop: 0; 1 when something does not start or dies, or the exit code of a refused desk file."""
    arguments = _arguments(argv, serve_file=serve_file)
    print_whole_lines()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        with contextlib.ExitStack() as stack:
            return _run(arguments, stack, functions=functions, apply=apply)
    except KeyboardInterrupt:
        return 0
    except SlotlineError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1


def _arguments(argv: Sequence[str] | None, *, serve_file: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make serve", description="Run Slotline on this machine.")
    parser.add_argument("--config", type=Path, default=DEMO_DESK, help="the desk file to apply")
    parser.add_argument("--port", type=int, default=8080, help="where to listen on 127.0.0.1; 0 picks a free port")
    parser.add_argument("--serve-file", type=Path, default=serve_file, help="where to leave word for `slotline`")
    return parser.parse_args(argv)


def _interrupt(*_: object) -> None:
    """Turn the first signal into an orderly end, and let nothing disturb that end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(
    arguments: argparse.Namespace,
    stack: contextlib.ExitStack,
    *,
    functions: Mapping[str, LocalFunction],
    apply: Callable[[Path, Target], int],
) -> int:
    _give_demo_key(arguments.config)
    running = stack.enter_context(Functions(functions))
    try:
        front = Front(Gateway(running), port=arguments.port)
    except (OSError, OverflowError) as exc:
        print(f"error: cannot listen on {HOST}:{arguments.port} ({exc}); choose another PORT", file=sys.stderr)
        return 1
    aws = stack.enter_context(engine.start())
    made = resources.create(aws.endpoint, table=TABLE, messages=MESSAGES, hints=HINTS)
    target = Target(
        name=STAGE,
        table=made.table,
        secrets_prefix=SECRETS_PREFIX,
        url=front.url,
        messages_queue=made.messages.url,
        hints_queue=made.hints.url,
        endpoint=aws.endpoint,
    )
    _set_environment(target)
    stack.enter_context(_announced(arguments.serve_file, target))
    if refused := apply(arguments.config, target):
        return refused
    running.warm_up()
    stack.enter_context(_pumps(running, made, endpoint=aws.endpoint))
    stack.enter_context(front)
    print(f"ready {front.url}", flush=True)
    order_all(target, out=sys.stdout)  # only now: who takes an order may try at once whether we answer
    while aws.alive:
        time.sleep(0.5)
    raise engine.EngineError(f"the local AWS engine ended by itself:\n{aws.log_tail()}")


def _give_demo_key(desk: Path) -> None:
    """The demo business needs no preparation: without a key of yours, its agent gets one for as long as this runs."""
    if desk.resolve() == DEMO_DESK and DEMO_KEY not in os.environ:
        os.environ[DEMO_KEY] = secrets.token_urlsafe(32)
        print(f"{DEMO_KEY}={os.environ[DEMO_KEY]}", flush=True)


def _set_environment(target: Target) -> None:
    """Give our children the settings that the stack gives its functions, and the engine in place of AWS."""
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    os.environ.update(target.environment())
    os.environ.update({
        "POWERTOOLS_SERVICE_NAME": "slotline",
        "POWERTOOLS_METRICS_NAMESPACE": "Slotline",
    })  # fmt: skip


@contextlib.contextmanager
def _announced(serve_file: Path, target: Target) -> Iterator[None]:
    """Leave word for the command line while the stack runs."""
    write_serve_file(target, path=serve_file)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            if json.loads(serve_file.read_text())["pid"] == os.getpid():  # a later `make serve` may have taken over
                serve_file.unlink()


def _pumps(functions: Functions, made: Resources, *, endpoint: str) -> Pumps:
    streams, queues = boto3.client("dynamodbstreams", endpoint_url=endpoint), resources.sqs(endpoint)
    return Pumps([
        StreamPump(streams, functions, stream_arn=made.stream_arn, function="sms_confirm"),
        QueuePump(queues, functions, queue=made.messages, function="sms_confirm"),
        QueuePump(queues, functions, queue=made.hints, function="reconcile"),
        SchedulePump(functions, function="reconcile"),
        SchedulePump(functions, function="reconcile", work="poll", every=POLL_SECONDS),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
