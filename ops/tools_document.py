"""`docs/tools.md`, from the schemas the functions themselves use: `python -m ops.tools_document` writes it anew."""

from __future__ import annotations

import sys
from typing import cast

from ops.local.engine import ROOT
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.calls import READS, Status, ToolContract

PUBLISHED = ROOT / "docs" / "tools.md"

MEANINGS = {
    Status.AVAILABLE: "there are times, under `slots`",
    Status.NONE_AVAILABLE: "there is none; `reason`, and the nearest others under `slots`",
    Status.CLARIFY: "the words have no reading, or two: ask what the message asks",
    Status.HELD: "the slot is kept for two minutes",
    Status.UNAVAILABLE: "the slot is gone; others under `slots`",
    Status.CONFIRMED: "it is so, in the calendar itself",
    Status.REQUESTED: "asked for; somebody at the business must approve it",
    Status.PENDING: "not known yet; one message will tell the truth",
    Status.NEEDS: "one thing more is needed, named by `field`",
    Status.NOT_DONE: "certainly nothing was done",
    Status.FOUND: "the caller's coming appointments, under `appointments`",
    Status.NONE_FOUND: "the caller has none",
    Status.NEEDS_VERIFICATION: "who is calling is not certain enough; with `field` `code`, call again with the code",
    Status.NEEDS_CONFIRMATION: "nothing is cancelled yet: ask the caller, then call again with `confirm`",
    Status.CANCELLED: "it is cancelled, in the calendar itself",
    Status.CANCEL_PENDING: "cancelling is under way, and not yet certain",
    Status.SENT: "the text is on its way",
    Status.REFUSED: "it will not be sent; `reason`",
}

_HEAD = """\
# The tools

Made from the schemas by `python -m ops.tools_document`; change those, not this page.

Each tool is a `POST` to `{{ApiUrl}}/v1/{{business}}/{{agent}}/{{tool}}`, and all of them are on `…/mcp`. Every argument
is optional, none is nested, and times are local to the business. `slotline tools --agent KEY` prints the definitions as
the agent's platform takes them, with a block for its prompt; `--install` puts them there; `--diff` tells what is
installed otherwise ([wiring a voice platform](wiring-voice-platforms.md)).

| Tool | What it does | Changes anything |
|---|---|---|
{rows}
"""

_TAIL = """\
## What comes back

One flat object, with HTTP 200 for whatever a caller may be told: `status`, `message` (one or two sentences to speak),
and a few fields. An offered slot is `{{"slot_id", "start", "say", "staff"?}}`. Statuses may be added; none is taken
away, nor is a tool or an argument: agents that are wired rely on them, and a test compares them with what was promised.

| `status` | Meaning |
|---|---|
{rows}
"""


def document() -> str:
    """The page as it is committed."""
    contracts = [room.contract for room in ROOMS]
    rows = "\n".join(
        f"| [`{each.tool.value}`](#{each.tool.value}) | {each.description} | {'no' if each.tool in READS else 'yes'} |"
        for each in contracts
    )
    statuses = "\n".join(f"| `{status.value}` | {MEANINGS[status]} |" for status in Status)
    return "\n".join([_HEAD.format(rows=rows), *map(_section, contracts), _TAIL.format(rows=statuses)])


def _section(contract: ToolContract) -> str:
    properties = cast("dict[str, dict[str, str]]", contract.parameters["properties"])
    title = f"## {contract.tool.value}\n\n{contract.description}\n"
    if not properties:
        return title
    rows = "\n".join(f"| `{name}` | {about['type']} | {about['description']} |" for name, about in properties.items())
    return f"{title}\n| Argument | Type | What it is |\n|---|---|---|\n{rows}\n"


if __name__ == "__main__":
    sys.exit(0 if PUBLISHED.write_text(document(), encoding="utf-8") else 1)
