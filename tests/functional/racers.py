"""The processes of the races: several of the tool functions at once, each process with several threads.

Run as `python -m tests.functional.racers THREADS`, with the functions' own environment. Reads one round per line of
standard input, `{"at": epoch seconds, "requests": [{"path", "body", "headers"}]}`, and answers each with one line: the
list of what every request heard.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from functions.availability.handler import lambda_handler as availability
from functions.booking.handler import lambda_handler as booking
from ops.local.gateway import Gateway
from ops.local.payload import HttpRequest
from ops.local.sandbox import LambdaContext

LAMBDA_SECONDS = 12.0
_HANDLERS: dict[str, Callable[[Any, Any], Any]] = {"availability": availability, "booking": booking}


class Handlers:
    """ops.local.functions.Invoker without further processes: the handlers run in the thread that asks."""

    def invoke(self, name: str, *, event: Any, patience: float | None = None) -> object:
        return _HANDLERS[name](event, LambdaContext(name, request_id="race", deadline=time.time() + LAMBDA_SECONDS))


def main() -> None:
    gateway = Gateway(Handlers())

    def ask(at: float, request: dict[str, Any]) -> dict[str, Any]:
        time.sleep(max(0.0, at - time.time()))
        headers = tuple(request["headers"].items())
        answer = gateway.answer(HttpRequest("POST", request["path"], headers, request["body"].encode()))
        return {"status": answer.status, "body": json.loads(answer.body)}

    with ThreadPoolExecutor(int(sys.argv[1])) as pool:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            turn = json.loads(line)
            heard = list(pool.map(partial(ask, turn["at"]), turn["requests"]))
            sys.stdout.write(json.dumps(heard) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
