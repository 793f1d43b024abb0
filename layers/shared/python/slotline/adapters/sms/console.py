"""The sender of the local stack: it prints each text message, so that whoever watches reads what a caller would get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.ports import MessageReceipt

if TYPE_CHECKING:
    from typing import TextIO

    from slotline.ports import Message


class ConsoleSender:
    """Prints one line per message, with the body in full and the number masked. Knows what this process has printed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._printed: dict[str, MessageReceipt] = {}

    def send(self, message: Message, *, deadline: float) -> MessageReceipt:
        text = " / ".join(message.body.splitlines())
        self._stream.write(f"SMS to {_masked(message.to)}: {text}\n")
        self._stream.flush()
        receipt = MessageReceipt(f"console:{message.key}", "sent")
        self._printed[message.key] = receipt
        return receipt

    def find(self, message: Message, *, since: float, deadline: float) -> MessageReceipt | None:
        return self._printed.get(message.key)


def _masked(number: str) -> str:
    """The last two digits are enough to tell two callers apart."""
    return f"{number[:2]}{'•' * 6}{number[-2:]}"
