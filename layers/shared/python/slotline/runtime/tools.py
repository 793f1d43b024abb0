"""One tool: its schema in front of its use case. Bad arguments become a sentence, never a failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from slotline.domain.calls import READS, Status, Tool, ToolCall, ToolContract, ToolReply


class Arguments(BaseModel):
    """What a model may fill in: everything optional, numbers as text and text as numbers, unknown keys ignored."""

    model_config = ConfigDict(
        coerce_numbers_to_str=True,
        defer_build=True,  # a process that starts for one call builds the one schema it needs
        extra="ignore",
        str_strip_whitespace=True,
        str_max_length=2000,
    )


class Speaks(Protocol):
    """A desk, as far as this module needs one: it has words."""

    def reply(
        self, status: Status, phrase: str, fields: Mapping[str, object] | None = None, /, **values: str
    ) -> ToolReply: ...

    def reply_transfer(self, status: Status, phrase: str, **values: str) -> ToolReply: ...


_ASKS = {Tool.CHECK_AVAILABILITY: Status.CLARIFY, Tool.HOLD_SLOT: Status.CLARIFY, Tool.BOOK_APPOINTMENT: Status.NEEDS}
"""The status with which a tool asks again about a bad argument; the others say that nothing was done."""


@dataclass(frozen=True, slots=True)
class ToolRoom:
    """A tool ready to be called."""

    tool: Tool
    schema: type[Arguments]
    use_case: Callable[..., ToolReply]

    def __call__(self, desk: Speaks, call: ToolCall, *, deadline: float) -> ToolReply:
        try:
            arguments = self.schema.model_validate(dict(call.args))
        except ValidationError as error:
            field = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
            status = _ASKS.get(self.tool, Status.NOT_DONE)
            return desk.reply(status, "clarify_arguments", {"field": field}, field=field.replace("_", " "))
        given: dict[str, Any] = arguments.model_dump(exclude_none=True)
        return self.use_case(desk, call, deadline=deadline, **given)

    @property
    def contract(self) -> ToolContract:
        """What a model is told of the tool."""
        properties = {
            name: {"type": "boolean" if field.annotation == bool | None else "string", "description": field.description}
            for name, field in self.schema.model_fields.items()
        }
        return ToolContract(self.tool, self.schema.__doc__ or "", {"type": "object", "properties": properties})

    def unsure(self, desk: Speaks) -> ToolReply:
        """After a failure of our own in mid-work: say that it is not known, and that asking again tells the truth."""
        if self.tool in READS:
            return desk.reply_transfer(Status.NOT_DONE, "not_done")
        return desk.reply_transfer(Status.PENDING, "unsure")
