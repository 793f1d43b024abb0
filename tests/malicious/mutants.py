"""The defences broken on purpose, one at a time. A judge that lets one of these through is no judge.

Each mutant replaces a few functions of the product while a siege runs; nothing of it is in the product.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import SimpleNamespace

from slotline.adapters.dynamodb.booking_reads import BookingReads
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.language.phone_numbers import LibPhoneNumbers
from slotline.bootstrap import House
from slotline.domain import proofs
from slotline.domain.bookings import Booking
from slotline.domain.proofs import DeskKeys
from slotline.platforms import arguments, flat, generic, proof
from slotline.platforms.mcp import Mcp
from slotline.ports import CallRecord
from slotline.runtime import observability, visit
from slotline.runtime.visit import Visit
from slotline.use_cases import answers, booking, cancel, confirmation, reschedule, slot_wish
from slotline.use_cases.desk import Desk
from tests.patches import Given, Patches, applied


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken defence; `found_by` is the rule of the judge's that it must break."""

    name: str
    defence: str
    found_by: str
    patches: Callable[[], Patches]

    def applied(self) -> AbstractContextManager[None]:
        """While this lasts, the product has the hole."""
        return applied(self.patches())


MUTANTS: dict[str, Mutant] = {}


def mutant(name: str, defence: str, *, found_by: str) -> Callable[[Callable[[], Patches]], None]:
    def add(patches: Callable[[], Patches]) -> None:
        MUTANTS[name] = Mutant(name, defence, found_by, patches)

    return add


# --- who may ask ------------------------------------------------------------------------------------------------------


@mutant(
    "any-credential", "the credential belongs to the agent in the path", found_by="a foreign credential opens nothing"
)
def _any_credential() -> Patches:
    return [(proof, "any_equal", lambda given, expected: True)]


@mutant("mcp-unproved", "every route asks for the credential", found_by="a foreign credential opens nothing")
def _mcp_unproved() -> Patches:
    return [(Mcp, "proved", lambda self, *given: None)]


@mutant(
    "body-says-who-calls",
    "who calls is never the model's to say",
    found_by="a caller hears of their own appointments only",
)
def _body_says_who_calls() -> Patches:
    return [(generic.DIALECTS["args_only"], "_reads", flat.with_the_call), (arguments, "RESERVED", frozenset())]


@mutant("other-business", "a desk is bound to its business", found_by="a business is written by its own callers")
def _other_business() -> Patches:
    store = House.store

    def of_the_other(self: House, business: str) -> object:
        return store(self, "quay" if business == "harbor" else "harbor")

    return [(House, "store", of_the_other)]


# --- whose it is ------------------------------------------------------------------------------------------------------


class _Anybody(str):
    """A caller's key that equals everybody's."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return str.__hash__(self)


@mutant("everybody-owns", "an appointment is its caller's", found_by="a caller hears of their own appointments only")
def _everybody_owns() -> Patches:
    read = BookingReads.read

    def owned_by_anybody(self: BookingReads, booking_id: str) -> Booking:
        found = read(self, booking_id)
        return replace(found, caller=_Anybody(found.caller))

    return [(BookingReads, "read", owned_by_anybody)]


@mutant(
    "handles-of-all-calls",
    "handles are worth something in their own call only",
    found_by="a call writes under its own id",
)
def _handles_of_all_calls() -> Patches:
    caller = Desk.caller

    def in_one_call(self: Desk, *given: Given, **named: Given) -> object:
        return replace(caller(self, *given, **named), scope="everybody")

    return [(Desk, "caller", in_one_call)]


@mutant(
    "ids-are-handles",
    "a booking's id opens nothing, even where nobody asks whose it is",
    found_by="a caller hears of their own appointments only",
)
def _ids_are_handles() -> Patches:
    behind = CallRecord.booking_behind

    def by_id(self: CallRecord, handle: str) -> str | None:
        return handle if len(handle) == 20 else behind(self, handle)

    return [(CallRecord, "booking_behind", by_id), *MUTANTS["everybody-owns"].patches()]


@mutant("one-key-for-all", "callers are told apart by their number", found_by="a caller writes only what is theirs")
def _one_key_for_all() -> Patches:
    return [(DeskKeys, "caller", lambda self, identity: "a" * 24)]


# --- what may be taken ------------------------------------------------------------------------------------------------


@mutant("slot-id-unproved", "a slot id proves that it was offered", found_by="nothing is taken that nobody asked for")
def _slot_id_unproved() -> Patches:
    return [(proofs, "hmac", SimpleNamespace(digest=hmac.digest, compare_digest=lambda one, other: True))]


@mutant("not-looked-again", "an offer is looked at again before it is taken", found_by="it is open then")
def _not_looked_again() -> Patches:
    def taken(*_given: object, **_named: object) -> bool:
        return True

    return [
        (slot_wish, "stands_free", taken),
        (reschedule, "stands_free", taken),
        *MUTANTS["slot-id-unproved"].patches(),
    ]


@mutant("any-name", "who books has a name", found_by="who books has a name")
def _any_name() -> Patches:
    return [(booking, "check_name", lambda text: text or "x")]


@mutant(
    "cancelled-unasked", "nothing is cancelled that was not asked about", found_by="cancelling is asked about first"
)
def _cancelled_unasked() -> Patches:
    return [(cancel, "_is_agreed", lambda *given: True)]


# --- what goes out ----------------------------------------------------------------------------------------------------


@mutant("told-the-id", "no answer holds the id of a booking", found_by="an answer holds no id of a booking")
def _told_the_id() -> Patches:
    fields_of = answers.fields_of

    def with_id(desk: Desk, found: Booking, **named: Given) -> dict[str, object]:
        return {**fields_of(desk, found, **named), "id": found.id}

    return [(cancel, "fields_of", with_id)]


@mutant("texts-abroad", "texts stay in the caller's country", found_by="texts stay in the caller's country")
def _texts_abroad() -> Patches:
    return [(LibPhoneNumbers, "same_country", lambda self, number, other: True)]


@mutant("texts-without-end", "few texts go out about one booking", found_by="few texts about one booking")
def _texts_without_end() -> Patches:
    return [(confirmation, "MOST_PER_BOOKING", 1000)]


@mutant("arguments-remembered", "the ledger says what was asked, never for whom", found_by="the table names nobody")
def _arguments_remembered() -> Patches:
    return [(visit, "impersonal", lambda args, **named: {name: str(said) for name, said in args.items()})]


@mutant("arguments-logged", "the log holds nothing that a model wrote", found_by="the log names nobody")
def _arguments_logged() -> Patches:
    record = Visit._record

    def and_logged(self: Visit, call: Given, *given: Given) -> None:
        observability.note("arguments", said=str(call.args))
        record(self, call, *given)

    return [(Visit, "_record", and_logged)]


@mutant("unsealed", "personal data is sealed at rest", found_by="the table names nobody")
def _unsealed() -> Patches:
    def in_clear(self: Sealer, text: str, *, belongs_to: str) -> bytes:
        return text.encode()

    def as_it_is(self: Sealer, sealed: bytes, *, belongs_to: str) -> str:
        return sealed.decode()

    return [(Sealer, "seal_text", in_clear), (Sealer, "open_text", as_it_is)]
