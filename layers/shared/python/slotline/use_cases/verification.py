"""A code by SMS: who reads back what was sent to the number they call from has that number.

All of it comes before any appointment is looked for, so the words are the same whether or not there is one. What is
proved stands in the record of the call, under its version: of two attempts at once both are counted, and a code is
worth nothing in another call, for another number or at another business.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slotline.domain.calls import Status
from slotline.domain.errors import LimitReachedError
from slotline.domain.verification import CODE_SECONDS, MOST_CODES_PER_CALL, Challenge, CodeText, digits_of

if TYPE_CHECKING:
    from slotline.domain.calls import ToolCall, ToolReply
    from slotline.ports import CallRecord
    from slotline.use_cases.desk import Caller, Desk


def is_known(caller: Caller, record: CallRecord | None) -> bool:
    """Whether the carrier vouches for this caller, or a right code was read out in this call."""
    challenge = record.challenge if record else None
    return caller.attested or (challenge is not None and challenge.passed and challenge.caller == caller.key)


def unproved(desk: Desk, call: ToolCall, caller: Caller, *, code: str | None) -> ToolReply | None:
    """What to say to a caller of whom the platform alone tells too little; None when more is proved, from now on.

    Raises StaleError when another tool call of this call wrote first: then all is read anew.
    """
    if caller.number is None or call.context.call_id is None:
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "needs_verification")
    view = desk.store.view(scope=caller.scope, phone=caller.key)
    record = view.call
    if record is None or is_known(caller, record):
        return None
    challenge = record.challenge
    if challenge is not None and challenge.is_lost:
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "code_failed")
    if challenge is None or challenge.caller != caller.key or not challenge.is_open(desk.clock.now()):
        return _sent(desk, caller, record, can_text=desk.texts_codes and not view.opted_out)
    if code is not None:
        return _heard(desk, record, challenge, code=code)
    text = desk.store.text_of_code(challenge.id)
    if text is CodeText.LOST or (text is CodeText.WAITING and view.opted_out):
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "code_unsendable")
    return _awaited(desk, "code_sent")


def _sent(desk: Desk, caller: Caller, record: CallRecord, *, can_text: bool) -> ToolReply | None:
    """A first code, or another one after the first has run out."""
    before, now = record.challenge, desk.clock.now()
    sent = before.sent + 1 if before else 1
    in_vain = before is not None and before.caller == caller.key and desk.store.text_of_code(before.id) is CodeText.LOST
    if in_vain or not can_text:
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "code_unsendable")
    if sent > MOST_CODES_PER_CALL:
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "code_limit")
    challenge = Challenge(
        desk.ids.booking_id(), caller.key, now + CODE_SECONDS, sent=sent, tries=before.tries if before else 0
    )
    try:
        desk.store.ask_code(replace(record, challenge=challenge), phone=caller.number or "", now=now)
    except LimitReachedError:
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "code_limit")
    return _awaited(desk, "code_sent_again" if before else "code_sent")


def _heard(desk: Desk, record: CallRecord, challenge: Challenge, *, code: str) -> ToolReply | None:
    """Count an attempt before anything is said about it; the same digits again are the same attempt."""
    digits = digits_of(code)
    if digits is None:
        return _awaited(desk, "code_unclear")
    heard = desk.keys.caller(f"code:{challenge.id}:{digits}")
    after = challenge.after(heard, right=desk.keys.is_code(challenge.id, digits))
    if after != challenge:
        desk.store.show(replace(record, challenge=after), now=desk.clock.now())
    if after.passed:
        return None
    if after.is_lost:
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "code_failed")
    return _awaited(desk, "code_wrong")


def _awaited(desk: Desk, phrase: str) -> ToolReply:
    return desk.reply(Status.NEEDS_VERIFICATION, phrase, {"field": "code"})
