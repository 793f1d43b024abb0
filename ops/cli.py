"""`slotline`: what the owner runs. Without --stage it speaks to the running `make serve`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TextIO

from botocore.exceptions import BotoCoreError, ClientError

from ops import records
from ops.apply import INVALID, OK, UNREACHABLE, apply_file, load_or_complain
from ops.calendars import CalendarList
from ops.desk_file import schema
from ops.target import SERVE_FILE, TargetError, find_target
from ops.tools import SPELLINGS, ToolsCommand, Wish
from ops.webhook_orders import settle_orders
from slotline.adapters.dynamodb.config_store import DynamoConfigStore
from slotline.bootstrap import SystemClock
from slotline.domain.business import Business
from slotline.domain.errors import ConfigError, SlotlineError


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    out: TextIO | None = None,
    serve_file: Path = SERVE_FILE,
) -> int:
    """Run one command; returns the exit code: 0 done, 1 the target cannot do it, 2 the input is wrong."""
    arguments = _parser().parse_args(argv)
    arguments.environ = os.environ if environ is None else environ
    arguments.out = sys.stdout if out is None else out
    arguments.serve_file = serve_file
    try:
        code: int = arguments.run(arguments)
    except SlotlineError as exc:
        print(f"slotline: {exc}", file=sys.stderr)
    except (BotoCoreError, ClientError) as exc:
        print(f"slotline: AWS did not answer as it should: {exc}", file=sys.stderr)
    else:
        return code
    return UNREACHABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slotline", description="Run a booking desk for voice agents.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--stage", metavar="NAME", help="a deployed stage (default: the running `make serve`)")
    which = argparse.ArgumentParser(add_help=False)
    which.add_argument("--business", metavar="KEY", help="one business (default: all)")
    which.add_argument("--json", action="store_true", help="print JSON instead of a table")

    command = commands.add_parser("apply", parents=[where], help="check a desk file, show what changes, write it")
    command.add_argument("file", type=Path)
    command.add_argument("--dry-run", action="store_true", help="show what would change and write nothing")
    command.add_argument(
        "--rotate-webhook-secrets", action="store_true", help="new webhook secrets; those before stay valid beside them"
    )
    command.set_defaults(run=_apply)

    command = commands.add_parser("bookings", parents=[where, which], help="what is in the book")
    command.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="one local day, as YYYY-MM-DD")
    command.add_argument("--doubt", action="store_true", help="only bookings whose provider has not yet been heard")
    command.set_defaults(run=_bookings)

    command = commands.add_parser("messages", parents=[where, which], help="text messages: waiting, sent, given up")
    command.set_defaults(run=_messages)

    command = commands.add_parser(
        "calendars", parents=[where, which], help="each connection: access, webhooks, event types"
    )
    command.set_defaults(run=_calendars)

    command = commands.add_parser(
        "tools", parents=[where, which], help="an agent's tools for its voice platform: show, compare, install"
    )
    command.add_argument("--agent", metavar="KEY", required=True, help="the agent, as the desk file calls it")
    command.add_argument("--platform", choices=sorted(SPELLINGS), help="the agent's own, or mcp")
    doing = command.add_mutually_exclusive_group()
    doing.add_argument("--install", action="store_true", help="create or update them by the platform's API")
    doing.add_argument("--diff", action="store_true", help="what is installed otherwise; exit code 1 when anything is")
    command.add_argument("--to", metavar="ID", help="the platform's assistant, agent or LLM that gets the tools")
    command.add_argument("--credential", metavar="ID", help="Vapi: id of the custom credential")
    command.add_argument(
        "--prune", action="store_true", help="remove tools under the agent's URL that are none of ours"
    )
    command.add_argument("--new-secret", action="store_true", help="store the agent's credential anew at the platform")
    command.add_argument("--url", help="the stage's public address, where it is not its own")
    command.add_argument("--api-url", metavar="URL", help="another host of the platform's API, such as the EU's")
    command.set_defaults(run=_tools)

    command = commands.add_parser("drift", parents=[where, which], help="compare bookings, locks and calendars")
    command.set_defaults(run=_drift)

    command = commands.add_parser("schema", help="print the desk file's JSON Schema, for editors")
    command.set_defaults(run=_schema)
    return parser


def _apply(arguments: argparse.Namespace) -> int:
    file, environ, out = arguments.file, arguments.environ, arguments.out
    try:
        target = find_target(arguments.stage, serve_file=arguments.serve_file)
    except TargetError:
        # Mistakes in the file are worth hearing even when there is nowhere to write it.
        if load_or_complain(file, environ=environ, local=arguments.stage is None, out=out) is None:
            return INVALID
        raise
    return apply_file(
        file,
        target=target,
        environ=environ,
        dry_run=arguments.dry_run,
        out=out,
        rotate_webhook_secrets=arguments.rotate_webhook_secrets,
        settle=settle_orders,
    )


def _bookings(arguments: argparse.Namespace) -> int:
    target = find_target(arguments.stage, serve_file=arguments.serve_file)
    found = records.bookings(
        target, clock=SystemClock(), business=arguments.business, on=arguments.on, doubt=arguments.doubt
    )
    _show(found, arguments)
    return OK


def _messages(arguments: argparse.Namespace) -> int:
    target = find_target(arguments.stage, serve_file=arguments.serve_file)
    _show(records.messages(target, business=arguments.business), arguments)
    return OK


def _schema(arguments: argparse.Namespace) -> int:
    print(schema(), file=arguments.out)
    return OK


def _drift(arguments: argparse.Namespace) -> int:
    from slotline.bootstrap import owner_drift_scan

    findings = [(b.key, finding) for b in _businesses(arguments) for finding in owner_drift_scan(b.key).run()]
    _show([{"business": key, **asdict(finding)} for key, finding in findings], arguments)
    return UNREACHABLE if findings else OK


def _calendars(arguments: argparse.Namespace) -> int:
    from slotline.bootstrap import RandomIds, owner_calendars

    troubles: list[str] = []
    businesses = _businesses(arguments)
    target = find_target(arguments.stage, serve_file=arguments.serve_file)
    listed = CalendarList(target, SystemClock(), RandomIds(), owner_calendars, troubles.append)
    rows = [row for business in businesses for row in listed.of(business)]
    for trouble in troubles:
        print(f"slotline: {trouble}", file=sys.stderr)
    _show(rows, arguments)
    return UNREACHABLE if troubles else OK


def _tools(arguments: argparse.Namespace) -> int:
    businesses = _businesses(arguments)
    if len(businesses) != 1:
        raise ConfigError(f"name one business with --business: {', '.join(each.key for each in businesses)}")
    names = ("agent", "platform", "url", "api_url", "credential", "to", "install", "diff", "prune", "new_secret")
    wish = Wish(**{name: getattr(arguments, name) for name in names}, as_json=arguments.json)
    target = find_target(arguments.stage, serve_file=arguments.serve_file)
    return ToolsCommand(target, SystemClock(), arguments.environ, arguments.out).run(businesses[0], wish)


def _businesses(arguments: argparse.Namespace) -> list[Business]:
    """The business named, or all; from here on the functions' own wiring speaks to the same target."""
    target = find_target(arguments.stage, serve_file=arguments.serve_file)
    store = DynamoConfigStore(target.dynamodb(), target.table, SystemClock())
    keys = [arguments.business] if arguments.business else store.businesses()
    if not keys:
        raise ConfigError("no business has been applied yet: run `slotline apply FILE` first")
    os.environ.update(target.environment())
    return [store.business(key) for key in keys]


def _show(rows: Sequence[records.Record], arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(list(rows), indent=2, ensure_ascii=False), file=arguments.out)
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns] + [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines if rows else [["nothing to show"]]:
        padded = (cell.ljust(width) for cell, width in zip(line, widths or [0], strict=True))
        print("  ".join(padded).rstrip(), file=arguments.out)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main())
