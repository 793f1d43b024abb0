"""What the use cases need from the outside. Each port says what a caller may rely on.

A method returns its answer or raises one of our errors; None never means "failed".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol
from zoneinfo import ZoneInfo

from slotline.domain.bookings import Attempt, Booking, Contact, DayDocument, State, Times
from slotline.domain.business import Auth, Business, Service
from slotline.domain.calls import Answer, BadCall, HttpRequest, HttpResponse, ToolCall
from slotline.domain.deliveries import DeliveryReport
from slotline.domain.errors import AccessError
from slotline.domain.hints import Received, Subscription
from slotline.domain.time import Interval

if TYPE_CHECKING:  # a tool call has no use for them, and need not load them
    from slotline.domain.call_events import CallEvent, CallOutcome, CallRef, Welcome
    from slotline.domain.promises import Told
    from slotline.domain.verification import Challenge, CodeText, Question


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> float:
        """Epoch seconds UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait; a simulated clock just moves on."""


class Ids(Protocol):
    """The only source of randomness."""

    def booking_id(self) -> str:
        """A new booking id: 20 letters and digits, unguessable."""

    def nonce(self) -> str:
        """A new writer's nonce or attempt id."""

    def jitter(self) -> float:
        """A number in [0, 1)."""


# --- calendars -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProviderTraits:
    """What follows from how a provider behaves; see docs/adding-a-calendar.md."""

    own: bool = False  # the lock is the calendar: no provider call is needed
    repeats_safely: bool = False  # class B: the same create again makes nothing new, but overlaps are accepted
    moves: Literal["in_place", "new_object", "never"] = "in_place"
    needs_email: bool = False  # refuses a caller who has only a phone number

    @property
    def keeps_events(self) -> bool:
        """Whether it accepts whatever we write, so that a stranger's event beside ours must be looked for."""
        return self.repeats_safely and not self.own


@dataclass(frozen=True, slots=True)
class FreeStarts:
    """Availability of the slots kind: the starts a provider offers (epoch minutes, sorted)."""

    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BusyTimes:
    """Availability of the busy kind: the slot engine does the rest."""

    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class EventWish:
    """The event that should stand in the calendar. `tag` is the booking id, planted so that it can be found again."""

    tag: str
    generation: int
    service: Service
    times: Times
    contact: Contact
    zone: ZoneInfo
    language: str  # ISO 639-1
    host: str | None = None  # who serves: a name to show, or the id of a user where the service has an event type


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """An event as the provider holds it."""

    id: str
    tag: str | None
    span: Interval
    status: Literal["accepted", "requested", "cancelled", "rejected"]
    host: str | None = None
    link: str | None = None
    etag: str | None = None
    moved_to: str | None = None  # id of the event that replaced it
    email: str | None = None


@dataclass(frozen=True, slots=True)
class EventType:
    """Something a provider lets people book, for `slotline calendars`."""

    id: str
    name: str
    minutes: int | None = None
    requires_approval: bool = False


class CalendarProvider(Protocol):
    """One calendar connection. Every call ends by `deadline` (epoch seconds), answered or not.

    Raises NotExecutedError, InDoubtError, RefusedError or SetupError. A read that times out raises NotExecutedError:
    reading changes nothing.
    """

    @property
    def traits(self) -> ProviderTraits: ...

    def look(
        self, service: Service, *, window: Interval, moving: str | None, deadline: float
    ) -> FreeStarts | BusyTimes:
        """Availability inside the window; `moving` is the provider id whose own time counts as free."""

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Create the event. The answer's tag may be somebody else's: the caller must compare."""

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Every live event that carries the wish's tag, wherever the provider can tell that it is."""

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        """The event as it is now; RefusedError(GONE) when the provider does not know it."""

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Move to the wish's times; the answer may be a new object with a new id."""

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        """Cancel; an event that is already cancelled or gone counts as done."""

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        """What can be booked on this connection."""

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        """Every live event of the connection that starts in the window, ours by their tags and everybody else's.

        Of a calendar that keeps whatever is written, also those that began before and last into it.
        """


class Calendars(Protocol):
    """The connections of one business."""

    def of(self, name: str) -> CalendarProvider:
        """The connection by its name in the config file; ConfigError when there is none."""


class HintReader(Protocol):
    """The webhooks of one provider. Stateless."""

    def receive(self, request: HttpRequest, *, secrets: Sequence[str], now: float) -> Received:
        """Prove the raw request with any of the live secrets, then read it. `now` is in epoch seconds.

        Raises AccessError(401) for what is not proved and AccessError(400) for what cannot be read.
        """


class Subscriptions(Protocol):
    """Standing orders for the webhooks of one connection. Raises what CalendarProvider raises."""

    def ensure(
        self, known: Subscription | None, *, callback_url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        """A subscription that is alive: the known one, renewed when it ends soon, or a new one."""

    def remove(self, known: Subscription, *, deadline: float) -> None:
        """End it; one that is gone already counts as ended."""


class ChangeFeed(Protocol):
    """A calendar that sends no webhooks, but can be asked cheaply whether anything changed."""

    def changed(self, cursor: str | None, *, deadline: float) -> tuple[bool, str]:
        """Whether anything changed since the cursor (True when there is none), and the next cursor."""


# --- the table -------------------------------------------------------------------------------------------------------

DayView = Mapping[tuple[str, str], DayDocument]
"""Day documents by resource and UTC day, as read."""

Seats = Mapping[str, int]
"""How many bookings may overlap, by resource id; 1 where it is not named."""

OutboxKind = Literal[
    "sms_booked",
    "sms_moved",
    "sms_cancelled",
    "sms_failed",
    "sms_requested",
    "sms_asked",
    "human_task",
    "sms_code",  # of a challenge in a call, not of a booking
    "conflict",  # somebody else's event lies over ours: a person must choose
    "broken_promise",  # a caller was told something else in a call that has ended: a person must tell the truth
    "doubt_left",  # the same, of a call: what was said there is about no known booking
    "staff_copies",  # bring the calendars of further staff in step with the event of record
]


@dataclass(frozen=True, slots=True)
class Operation:
    """One delivery of one tool call: the transport key with what became of it."""

    scope: str  # platform and call
    key: str  # the platform's tool-call id
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KnownOperation:
    """An operation found in the table."""

    fingerprint: str
    booking: str


MOST_MADE = 16
"""Bookings of one call that it remembers as its own."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What one call (or, where calls are not known, one caller) has been shown and holds."""

    scope: str
    version: int = 0
    shown: tuple[str, ...] = ()  # booking ids; the handle appt_1 is the first
    held: str | None = None
    booked: str | None = None  # what was booked last in this very call
    earlier: tuple[str, ...] = ()  # what was booked in it before that, newest last
    question: Question | None = None  # what it was asked whether to cancel
    challenge: Challenge | None = None  # how far it came in proving whose number it is

    @property
    def made(self) -> tuple[str, ...]:
        """What was booked in this very call, newest last; of very many, the newest."""
        last = () if self.booked is None else (self.booked,)
        return (*(booking for booking in self.earlier if booking not in last), *last)[-MOST_MADE:]

    def handle_of(self, booking: str) -> str | None:
        return f"appt_{self.shown.index(booking) + 1}" if booking in self.shown else None

    def booking_behind(self, handle: str) -> str | None:
        number = handle.strip().removeprefix("appt_")
        return {str(place): booking for place, booking in enumerate(self.shown, start=1)}.get(number)

    def showing(self, *bookings: str) -> CallRecord:
        new = tuple(b for b in dict.fromkeys(bookings) if b not in self.shown)
        return replace(self, shown=(*self.shown, *new))


@dataclass(frozen=True, slots=True)
class Served:
    """How a resource was booked so far; only fairness rests on it."""

    last: float  # epoch seconds
    position: float  # how far its member of staff has come; see domain/staff.py


@dataclass(frozen=True, slots=True)
class WishView:
    """Everything one tool call must know before it writes, read in one round trip."""

    operation: KnownOperation | None
    intents: Mapping[str, str]  # booking id by key, live intents only
    days: Mapping[tuple[str, str], DayDocument]  # by resource and UTC day
    call: CallRecord | None  # None when neither call nor caller is known
    served: Mapping[str, Served] = field(default_factory=dict)  # by resource, where asked for
    opted_out: bool = False  # of texts, where asked for
    holds: Mapping[str, Booking] = field(default_factory=dict)  # by key, intents that were held, as they were then


@dataclass(frozen=True, slots=True)
class CallerBooking:
    """One line of the caller index."""

    booking: str
    start: int


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a booking's history; `before` is None for the first."""

    rv: int
    before: State | None
    after: State


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """An effect to carry out once: written in the transaction that caused it."""

    booking: str
    rv: int
    kind: OutboxKind
    sends: int = 0
    status: Literal["new", "claimed", "sent", "gave_up"] = "new"
    deadline: float = 0.0  # of the claim, epoch seconds
    to: bytes | None = None  # only when a caller named another number: sealed, see BookingStore.number_named
    provider_id: str | None = None
    reported: str | None = None  # the sender's id of it, once the sender reported by itself that it went out
    caused: float = 0.0  # epoch seconds: when it was written; no text that is older can be this one

    def is_in_hand(self, now: float) -> bool:
        """Whether somebody owns it: claimed, with a lease that runs."""
        return self.status == "claimed" and now < self.deadline


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a slot is booked for: who may change it, the wish it stands for, and how to reach them."""

    caller: str
    intent: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a wish reached us: filed in the same transaction as its effect, so that a repeat finds it."""

    operation: Operation | None = None
    call: CallRecord | None = None


class BookingStore(Protocol):
    """Bookings of one business and the intervals they lock.

    Every writing method is one transaction: all of it happened, or none; its name in the protocol stands first. It
    returns the booking as it is now. It raises StaleError when the booking, the intent or the delivery is not what was
    read (read again), SlotTakenError when somebody else's lock is in the way, StoreUnavailableError when the table did
    not answer. Writing one's own effect a second time, after a lost answer, is success.
    """

    # reads

    def view(
        self,
        *,
        operation: Operation | None = None,
        scope: str | None = None,
        intents: Iterable[str] = (),
        days: Iterable[tuple[str, str]] = (),
        staffed: bool = False,
        phone: str | None = None,
    ) -> WishView:
        """Strongly consistent, one round trip.

        `staffed` asks how each resource of the days was booked so far, `phone` (a keyed hash) whether that number
        asked for no texts.
        """

    def days(self, resources: Iterable[str], *, window: Interval) -> Mapping[str, ResourceDays]:
        """What is known of each resource over the window (eventually consistent: for offering only)."""

    def note_changed(self, resource: str, *, now: float) -> None:
        """Somebody says that the resource's calendar changed: what anybody remembers of it is old."""

    def of_event(self, calendar: str, provider_id: str) -> str | None:
        """The booking that an event of a connection belongs to, None when it is not one of ours."""

    def read(self, booking_id: str) -> Booking:
        """The booking as it is now (strongly consistent); StaleError when there is none."""

    def history(self, booking_id: str) -> tuple[Transition, ...]:
        """Every transition of a booking, oldest first."""

    def of_caller(self, caller: str, *, not_before: int) -> tuple[CallerBooking, ...]:
        """The caller's live bookings that start at this minute or later, soonest first."""

    # a slot is taken

    def hold(self, booking: Booking, *, days: DayView, delivery: Delivery, seats: Seats, now: float) -> Booking:
        """T1: lock the interval until the hold lapses, and remember the wish."""

    def take_over(self, booking: Booking, *, agent: str, delivery: Delivery, now: float) -> Booking:
        """T1′: the hold belongs to the call of this delivery, which is told of it, from now on; it lapses as before."""

    def pin(
        self,
        booking: Booking,
        *,
        guest: Guest,
        attempt: Attempt,
        days: DayView,
        delivery: Delivery,
        seats: Seats,
        now: float,
    ) -> Booking:
        """T2 (with T1 when the booking is new): make the lock permanent and record the attempt that may now call."""

    def book_own(
        self, booking: Booking, *, guest: Guest, days: DayView, delivery: Delivery, seats: Seats, now: float
    ) -> Booking:
        """T1 to T3 in one: where the lock is the calendar, booking is one transaction."""

    # attempts

    def claim(self, booking: Booking, *, attempt: Attempt, now: float) -> Booking:
        """T2': become the one attempt that may send, after the last one is dead."""

    def doubt(self, booking: Booking, *, due: float, now: float) -> Booking:
        """The attempt ended without an answer: nobody sends until somebody has looked."""

    def give_way(self, booking: Booking, *, now: float) -> Booking:
        """The event is about to be removed: nobody may take it for a booking while that may still be executed."""

    def unsent(self, booking: Booking, *, before: Booking, due: float, now: float) -> Booking:
        """The attempt was certainly not executed: take it off the count of `before` and try again when due."""

    def postpone(
        self, booking: Booking, *, due: float | None, audits: tuple[float, ...] | None = None, now: float
    ) -> Booking:
        """Look again when due."""

    # a provider answered

    def commit(
        self,
        booking: Booking,
        *,
        event: ProviderEvent,
        effects: Iterable[OutboxKind],
        seats: Seats | None = None,
        now: float,
    ) -> Booking:
        """T3: the event exists; touches no day document, so that confirming never contends.

        One that was cancelled meanwhile goes on to CANCELLING: so does `moved`. When the event reaches out of what is
        locked for it, the lock follows as in `adopt`: so it does in `moved`.
        """

    def stray(self, booking_id: str, *, provider_id: str, now: float) -> None:
        """T3': keep a provider id learned by a process that had lost the booking, and wake the reconciler."""

    def release(
        self, booking: Booking, *, to: State, reason: str, effects: Iterable[OutboxKind] = (), now: float
    ) -> Booking:
        """T5 and T9: the booking ends (EXPIRED, REJECTED, CANCELLED), its lock is freed and its intent dies."""

    # changes

    def want_move(
        self,
        booking: Booking,
        *,
        to: Times,
        caller: str,
        attempt: Attempt,
        days: DayView,
        delivery: Delivery,
        seats: Seats,
        now: float,
    ) -> Booking:
        """T6: pin the new interval beside the old one."""

    def moved(
        self,
        booking: Booking,
        *,
        event: ProviderEvent,
        intent: str,
        effects: Iterable[OutboxKind],
        seats: Seats | None = None,
        now: float,
    ) -> Booking:
        """T7: the new interval is the booking's, the old one is free."""

    def stay(self, booking: Booking, *, effects: Iterable[OutboxKind], now: float) -> Booking:
        """The provider refused the move: the new interval is free, the old one is still the booking's."""

    def move_own(
        self,
        booking: Booking,
        *,
        to: Times,
        caller: str,
        intent: str,
        days: DayView,
        delivery: Delivery,
        seats: Seats,
        effects: Iterable[OutboxKind],
        now: float,
    ) -> Booking:
        """T6 and T7 in one, where the lock is the calendar."""

    def want_cancel(
        self, booking: Booking, *, caller: str, attempt: Attempt | None, delivery: Delivery, now: float
    ) -> Booking:
        """T8: the wish to cancel; ownership is part of the condition."""

    def cancel_own(
        self, booking: Booking, *, caller: str, delivery: Delivery, effects: Iterable[OutboxKind], now: float
    ) -> Booking:
        """T8 and T9 in one, where the lock is the calendar."""

    def adopt(
        self,
        booking: Booking,
        *,
        event: ProviderEvent,
        intent: str,
        effects: Iterable[OutboxKind],
        seats: Seats | None = None,
        now: float,
    ) -> Booking:
        """TX: somebody else moved the event: the booking and its lock follow.

        SlotTakenError when the lock would lie over another's, unless "conflict" is among the effects.
        """

    def keep(self, booking: Booking, *, effects: Iterable[OutboxKind], now: float) -> Booking:
        """The provider refuses to cancel: the booking stands, and a person must look."""

    # around the booking

    def show(self, call: CallRecord, *, now: float) -> None:
        """File the handles a call was shown."""

    def ask_message(
        self, booking: Booking, *, kind: OutboxKind, to: str | None, delivery: Delivery, now: float
    ) -> None:
        """Queue a message a caller asked for; StaleError when this delivery is filed already."""

    def number_named(self, item: OutboxItem) -> str | None:
        """The number (E.164) that a caller named for this message; None when they named none."""

    def ask_code(self, call: CallRecord, *, phone: str, now: float) -> None:
        """File the call's new challenge, and queue the text with its code to this number (E.164).

        LimitReachedError when the number or the business has had as many codes today as it may.
        """

    def number_of_code(self, challenge: str) -> str:
        """Where the code of a challenge goes; StaleError when it is over and forgotten."""

    def text_of_code(self, challenge: str) -> CodeText:
        """What became of the text with the code of a challenge."""

    def note_booked(self, positions: Mapping[str, float], *, now: float) -> None:
        """Remember, by resource, that it was booked. Only fairness rests on it: it is no part of a transaction."""

    def messages_asked_for(self, booking_id: str) -> int:
        """How many texts about this booking callers asked for."""

    def opted_out(self, caller: str) -> bool:
        """Whether the number behind this keyed hash asked not to be texted."""


@dataclass(frozen=True, slots=True)
class ResourceDays:
    """The day documents of a resource, and when its calendar last told of a change (epoch seconds, 0 for never)."""

    documents: tuple[DayDocument, ...] = ()
    changed: float = 0.0


@dataclass(frozen=True, slots=True)
class DueWork:
    """Something the reconciler must look at: a booking (`effect` is None) or a waiting effect."""

    business: str
    booking: str
    effect: tuple[int, OutboxKind] | None = None
    due: float = field(default=0.0, compare=False)  # epoch seconds


class Agenda(Protocol):
    """The due-time index over all businesses."""

    def due(self, now: float, *, limit: int) -> tuple[DueWork, ...]:
        """Work whose time has come, oldest first in each part of the index."""

    def in_doubt_since(self, works: Iterable[DueWork]) -> float | None:
        """Since when the longest waiting of these bookings waits for its calendar (epoch seconds); None: none does."""


class Ledger(Protocol):
    """One record per tool call, without personal data."""

    def record(self, entry: Mapping[str, object]) -> None: ...


class CallLog(Protocol):
    """What was said in the calls of one business, and what came of them."""

    def told(self, call: CallRef, *, now: float) -> tuple[Told, ...]:
        """Every answer that this agent's tools gave in the call, in the order in which they were given."""

    def outcome(self, call: CallRef) -> CallOutcome:
        """What is recorded of the call's end; version 0 when nothing is."""

    def close(
        self, call: CallRef, outcome: CallOutcome, *, tasks: Sequence[Booking], nameless: bool, now: float
    ) -> None:
        """Record the outcome over the version it bears, with a task for a person about each of these bookings.

        `nameless` makes one about the call itself. A booking that has such a task already, from another call, gets no
        second one. One transaction. StaleError when another version stands there.
        """

    def promised_since(self, booking_id: str, moment: float, *, now: float) -> tuple[Told, ...]:
        """What was promised about the booking after this moment, in whichever call, in the order in which it was."""

    def texted_since(self, booking_id: str, moment: float) -> bool:
        """Whether a text about a change of the booking was caused after this moment (epoch seconds), and not given up.

        What was said before it is then not the last that its owner hears.
        """


class Outbox(Protocol):
    """Effects waiting to be carried out, of one business. Writes are conditional: only one worker owns an item."""

    def claim(self, booking: str, *, rv: int, kind: OutboxKind, now: float, lease: float) -> OutboxItem:
        """Take a new item, or one whose claim ran out, raising `sends` by one; StaleError when it is not to be had."""

    def sent(self, item: OutboxItem, *, provider_id: str, now: float) -> None:
        """Record that it went out; ends the item."""

    def postpone(self, item: OutboxItem, *, until: float, sent_nothing: bool) -> None:
        """Look again at `until`; `sent_nothing` takes the claim's send back off the count."""

    def give_up(self, item: OutboxItem, *, reason: str, now: float) -> None:
        """Record that it will never go out; ends the item and keeps the reason."""

    def other_texts(self, item: OutboxItem) -> Sequence[OutboxItem]:
        """Every other text about the same booking, whatever became of it."""

    def opted_out(self, phone: str) -> bool:
        """Whether this number asked not to be texted."""

    def opt_out(self, phone: str, *, now: float) -> None:
        """Remember that this number must not be texted."""


class DeliveryRecords(Protocol):
    """What senders and receivers say about the messages of one business: the other side of the outbox."""

    def report(self, booking: str, *, rv: int, kind: OutboxKind, report: DeliveryReport, now: float) -> bool:
        """Keep how far a message got; False when as much was known, for a final status is never replaced.

        Only a second message of the same effect that was delivered outdoes the failure of the first. Raises StaleError
        when there is no such effect.
        """

    def opt_out(self, phone: str, *, now: float) -> None:
        """Remember that this number must not be texted."""

    def opt_in(self, phone: str, *, now: float) -> None:
        """Withdraw the number's opt-out, if there is one."""


class Inbox(Protocol):
    """Events from outside that have been worked off, of one business, by the sender's id of each; kept for 7 days.

    An event is marked after its effect: what is cut off in between is done again, and so must bear being done twice.
    """

    def done_at(self, event: str, *, source: str) -> float | None:
        """When this event was worked off (epoch seconds), None when it has not been."""

    def mark_done(self, event: str, *, source: str, now: float) -> None:
        """Remember that it has."""


class ConfigStore(Protocol):
    """Configuration as applied."""

    def business(self, key: str) -> Business:
        """The business; AccessError(404) when there is none. Cached up to 60 s."""

    def businesses(self) -> tuple[str, ...]:
        """The keys of all businesses on this stack."""


class SecretStore(Protocol):
    """Secrets of one business, by dotted name such as `calendars.main.api_key`. Cached up to 5 minutes."""

    def value(self, business: str, name: str) -> str:
        """The value; ConfigError naming the field when it is not there."""

    def refresh(self, business: str) -> None:
        """Forget the cached values: a provider just said 401."""


class SubscriptionStore(Protocol):
    """The standing orders for webhooks of one business."""

    def read(self, connection: str) -> Subscription | None: ...

    def write(self, connection: str, subscription: Subscription | None) -> None:
        """Keep what stands now; None when nothing does."""


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """The access to one connection as the table knows it; `version` 0 is one that was never written.

    `seed` tells which refresh token the owner gave: another one is another access. `busy_until` (epoch seconds) is the
    lease of whoever refreshes now.
    """

    version: int = 0
    seed: str = ""
    access_token: str | None = None
    expires: float = 0.0  # epoch seconds
    refresh_token: str | None = None
    busy_until: float = 0.0
    revoked: bool = False


class TokenStore(Protocol):
    """Access tokens of one business, sealed. Raises StoreUnavailableError when the table does not answer."""

    def read(self, connection: str) -> TokenRecord:
        """The record, strongly consistent."""

    def write(self, connection: str, record: TokenRecord, *, over: int) -> TokenRecord:
        """The record as written; StaleError when the version in the table is not `over` any more."""


# --- voice platforms ---------------------------------------------------------------------------------------------


class Dialect(Protocol):
    """How one platform speaks. Stateless: one instance serves every business."""

    platform: str
    default_deadline_seconds: float  # how long the platform waits for a tool when its owner changed nothing

    def proved(self, request: HttpRequest, auth: Auth, secrets: Sequence[str], now: float) -> None:
        """Check the credential over the raw request; several secrets are live during a rotation.

        `now` is in epoch seconds. Raises AccessError(401), and ConfigError when the agent's `auth` cannot work.
        """

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        """Return the calls in request order; `path_tool` is the tool in the URL, for bodies that name none.

        An empty tuple is a message that wants no tool: `write` acknowledges it. Raises AccessError(400 or 404) when
        there is nothing to run; `refuse` gives that the platform's own shape and status.
        """

    def write(self, answers: Sequence[Answer]) -> HttpResponse:
        """Write the answers in the order of the calls."""

    def refuse(self, error: AccessError) -> HttpResponse:
        """Write the refusal of a whole request."""


class EventDialect(Protocol):
    """How one platform tells about calls as a whole. Stateless, and apart from its tools, which load none of it."""

    signature_header: str | None  # of the platform's own signature on webhooks, in lower case
    wants_assistant: bool  # whether the answer must name who takes the call
    of_every_agent: bool  # whether what is sent to one agent's URL may be about the call of another of its business

    def read(self, request: HttpRequest) -> CallEvent | None:
        """Return the event; None for one that asks and tells nothing we heed. AccessError(400) for what is no JSON."""

    def write(self, event: CallEvent | None, welcome: Welcome | None) -> HttpResponse:
        """Answer the event; `welcome` is there when it asked."""


class RouteDialect(Dialect, Protocol):
    """A dialect that belongs to a route, whatever the agent's platform; one instance serves one request."""

    def settled(self, request: HttpRequest) -> HttpResponse | None:
        """Answer what needs neither business nor credential; None for everything else."""


class DirectDialect(Protocol):
    """How one AWS service speaks that invokes the function itself: no HTTP, its right to invoke is its proof.

    `client` is what the service says beside the event (Lambda's client context), out of the model's reach.
    """

    platform: str
    default_deadline_seconds: float  # how long the service waits when its owner changed nothing

    def read(self, event: Mapping[str, object], client: Mapping[str, object]) -> ToolCall | BadCall | dict[str, object]:
        """Return the call, or the finished answer to an event that wants no tool."""

    def write(self, event: Mapping[str, object], answer: Answer) -> dict[str, object]:
        """Write the answer to the call of this event."""


# --- messages --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """One text message ready to go. `key` is ours and travels with it where the sender allows."""

    key: str
    to: str  # E.164
    body: str
    sender: str | None = None
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class MessageReceipt:
    """The sender took it; delivery is another matter."""

    provider_id: str
    status: str


class SmsSender(Protocol):
    """Sends once per call: no automatic retry below this line.

    Raises MessageNotSentError, MessageInDoubtError or MessageRefusedError.
    """

    def send(self, message: Message, *, deadline: float) -> MessageReceipt: ...

    def find(self, message: Message, *, since: float, deadline: float) -> MessageReceipt | None:
        """A message like this one that did go out since then (epoch seconds), None when certainly none did."""


# --- language --------------------------------------------------------------------------------------------------------


class SpokenTimes(Protocol):
    """Times as people say them, by CLDR."""

    def moment(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        """Weekday, date and time: "Tuesday, November 24 at 9:00 AM"."""

    def day(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        """Weekday and date: "Tuesday, November 24"."""

    def clock(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        """The time alone: "9:00 AM"."""


class PhoneNumbers(Protocol):
    """Phone numbers as people say and platforms send them."""

    def parse(self, text: str, *, region: str) -> str | None:
        """E.164, or None when this is not a dialable number."""

    def region(self, *, locale: str, known: str | None) -> str:
        """The ISO country of a business, from a number of its own, else from its locale."""

    def same_country(self, number: str, other: str) -> bool:
        """Whether two E.164 numbers are of one country, or of the United States and Canada."""

    def country(self, number: str) -> str | None:
        """The ISO country of an E.164 number; None for what is none, or of no country."""
