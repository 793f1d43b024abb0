"""What is installed at a platform, compared with what should be; and the way from one to the other."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ops.tools_wiring import Definition, Wiring

_CLOSED = {"properties", "headers", "request_headers", "requirements"}
"""Maps in which an entry more is a difference; elsewhere it is a default that the platform added."""
_UNSHOWN = {"headers", "request_headers"}  # somebody may have typed a secret there


@dataclass(frozen=True, slots=True)
class Installed:
    """A tool as the platform has it: its id there, and the parts that a definition has."""

    id: str
    url: str
    definition: Definition


@dataclass(frozen=True, slots=True)
class Deposit:
    """What an installation is given beside the definitions."""

    wiring: Wiring
    credential: str = field(repr=False)  # the agent's, as it is in the secrets of its business
    agent_id: str | None = None  # the platform's own id of the assistant, agent or LLM that is to have the tools
    new_secret: bool = False  # store the credential anew although the platform has one of that name

    @property
    def header_value(self) -> str:
        """The whole value of the agent's header."""
        kind = self.wiring.agent.auth.kind
        if kind == "basic":
            return "Basic " + base64.b64encode(self.credential.encode()).decode()
        return f"Bearer {self.credential}" if kind == "bearer" else self.credential


class Shelf(Protocol):
    """Where one platform keeps tools. Every method may raise PlatformError."""

    def tools(self) -> Sequence[Installed]:
        """Every tool of the account that sends requests somewhere."""

    def prepare(self) -> str | None:
        """Keep the agent's credential where the platform keeps such; say what was done."""

    def ready(self, definition: Definition) -> Definition:
        """The definition with the platform's own reference in place of the credential's stand-in."""

    def url(self, definition: Definition) -> str:
        """Where the tool of this definition sends its requests."""

    def create(self, definition: Definition) -> str:
        """Make a tool and give its id."""

    def update(self, tool: str, definition: Definition) -> None: ...

    def delete(self, tool: str) -> None: ...

    def finish(self, ids: Sequence[str]) -> str | None:
        """Give the tools to the agent that was named, if one was; say what was done there."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `tool` is None when it is to be made; `definition` is None when it is to go."""

    word: str  # create | update | keep | stale
    name: str
    tool: Installed | None
    definition: Definition | None
    differences: tuple[str, ...] = ()


def plan(shelf: Shelf, definitions: Sequence[Definition], wiring: Wiring) -> tuple[Step, ...]:
    """Compare by URL, which is the tool's identity: names may occur twice, in two stages or businesses."""
    found: dict[str, list[Installed]] = {}
    for tool in shelf.tools():
        if tool.url.startswith(f"{wiring.base}/"):  # nothing else is ours to judge, or to remove
            found.setdefault(tool.url, []).append(tool)
    steps = []
    for definition in definitions:
        url = shelf.url(definition)
        name = url.rpartition("/")[2]
        mine = found.pop(url, [])
        if not mine:
            steps.append(Step("create", name, None, definition, ("not installed",)))
            continue
        wanted = tuple(differences(shelf.ready(definition), mine[0].definition))
        steps.append(Step("update" if wanted else "keep", name, mine[0], definition, wanted))
        steps += [Step("stale", name, twin, None, ("installed twice",)) for twin in mine[1:]]
    steps += [
        Step("stale", url.rpartition("/")[2], tool, None, ("installed, and not one of the tools",))
        for url, tools in found.items()
        for tool in tools
    ]
    return tuple(steps)


def carry_out(shelf: Shelf, steps: Sequence[Step], *, prune: bool) -> Iterator[str]:
    """Do it, and say of each tool what was done. Stale tools go only when told so: an agent may still use them."""
    if done := shelf.prepare():
        yield done
    ids = []
    for step in steps:
        if step.word == "stale" and step.tool is not None:
            if prune:
                shelf.delete(step.tool.id)
            yield f"{step.name}: {step.tool.id} {'removed' if prune else 'is stale: --prune removes it'}"
        elif step.definition is not None:
            ready = shelf.ready(step.definition)
            if step.tool is None:
                ids.append(shelf.create(ready))
                yield f"{step.name}: made, {ids[-1]}"
            else:
                ids.append(step.tool.id)
                if step.word == "update":
                    shelf.update(step.tool.id, ready)
                yield f"{step.name}: {'brought up to date' if step.word == 'update' else 'unchanged'}, {step.tool.id}"
    if done := shelf.finish(ids):
        yield done


def differences(wanted: Any, installed: Any, at: str = "") -> Iterator[str]:
    """What the installed one lacks or says otherwise, by path. Values of headers are not shown."""
    if isinstance(wanted, dict) and isinstance(installed, dict):
        for name, value in wanted.items():
            place = f"{at}.{name}" if at else name
            if name in installed:
                yield from differences(value, installed[name], place)
            elif value not in (False, [], {}):  # a default that the platform does not repeat
                yield f"{place}: missing"
        if at.rpartition(".")[2] in _CLOSED:
            yield from (f"{at}.{name}: not ours" for name in installed if name not in wanted)
    elif isinstance(wanted, list | tuple) and isinstance(installed, list):
        if len(wanted) != len(installed):
            yield f"{at}: {len(installed)} instead of {len(wanted)}"
        else:
            for number, (ours, theirs) in enumerate(zip(wanted, installed, strict=True)):
                yield from differences(ours, theirs, f"{at}[{number}]")
    elif wanted != installed:
        secret = any(part.partition("[")[0] in _UNSHOWN for part in at.split("."))
        yield f"{at}: differs" if secret else f"{at}: {installed!r} instead of {wanted!r}"
