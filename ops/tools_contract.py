"""What agents already wired rely on, and what would break them: `python -m ops.tools_contract` takes over additions.

Definitions live at voice platforms, prompts name tools and statuses, and nobody tells us when they change: what was
promised stays.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ops.local.engine import ROOT
from ops.openapi import document
from slotline.bootstrap.tool_rooms import ROOMS

Snapshot = dict[str, Any]

COMMITTED = ROOT / "tests" / "unit" / "data" / "tool_contract.json"

WHAT_TO_DO = (
    "Agents that are wired already would fail in mid-call. Keep the old name or type and add a new one beside it; "
    "if it must be, run `python -m ops.tools_contract --breaking`, name the change in CHANGELOG.md under Changed, and "
    "tell owners to run `slotline tools --install` after deploying."
)
_WIDER = {("integer", "number")}
_BOUNDS = ("enum", "pattern", "format", "maxLength", "minLength", "maximum", "minimum")


def contract() -> Snapshot:
    """Tools with their arguments, and the words of a reply."""
    reply = document()["components"]["schemas"]["Reply"]
    return {
        "tools": {room.tool.value: _arguments(room.contract.parameters) for room in ROOMS},
        "statuses": sorted(reply["properties"]["status"]["enum"]),
        "reply": sorted(reply["required"]),
    }


def breaking(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Every change for the worse, in words."""
    for status in before["statuses"]:
        if status not in after["statuses"]:
            yield f"status {status} is gone"
    for name in before["reply"]:
        if name not in after["reply"]:
            yield f"a reply no longer always has {name}"
    for tool, arguments in before["tools"].items():
        if tool not in after["tools"]:
            yield f"tool {tool} is gone"
            continue
        now = after["tools"][tool]
        for name, was in arguments.items():
            yield from _narrowed(f"{tool}.{name}", was, now.get(name))
        yield from (f"{tool}.{name} is new, and required" for name in now.keys() - arguments if now[name]["required"])


def _narrowed(where: str, was: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterator[str]:
    if now is None:
        yield f"{where} is gone"
        return
    if now["type"] != was["type"] and (was["type"], now["type"]) not in _WIDER:
        yield f"{where} is {now['type']} instead of {was['type']}"
    if now["required"] and not was["required"]:
        yield f"{where} is now required"
    for bound in _BOUNDS:
        wider = bound == "enum" and set(was.get(bound, ())) <= set(now.get(bound, ())) and bound in was
        if bound in now and now[bound] != was.get(bound) and not wider:
            yield f"{where} has a narrower {bound}"


def _arguments(parameters: Mapping[str, Any]) -> Snapshot:
    required = parameters.get("required", ())
    return {
        name: {
            "type": about["type"],
            "required": name in required,
            **{bound: about[bound] for bound in _BOUNDS if bound in about},
        }
        for name, about in parameters["properties"].items()
    }


def read(path: Path = COMMITTED) -> Snapshot:
    found: Snapshot = json.loads(path.read_text(encoding="utf-8"))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--breaking", action="store_true", help="take over changes that break agents, too")
    forced = parser.parse_args().breaking
    now = contract()
    broken = list(breaking(read(), now)) if COMMITTED.exists() else []
    if broken and not forced:
        print("\n".join(broken), WHAT_TO_DO, sep="\n", file=sys.stderr)
        return 1
    COMMITTED.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
