"""Which truth each message tells, and what our texts look like in four languages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.bookings import Booking, Contact, State, Times
from slotline.domain.business import Business, Service, Sms, StaffMember, Where
from slotline.domain.message_texts import CALL, PLACES, TEXTS, Wording, language_of
from slotline.domain.messages import Silence, body, gsm_segments, wording

START = 29_460_000  # an arbitrary epoch minute

BOOKED = Booking(
    id="b" * 20,
    rv=3,
    state=State.BOOKED,
    service="cleaning",
    calendar="chair",
    resources=("chair",),
    times=Times.of(START, minutes=30),
    caller="hash",
    intent="wish",
    agent="desk",
    contact=Contact(name="John Smith", phone="+14155550155"),
    staff=("ana",),
)

DESKS = {
    # locale: business, service, staff, address, a long date with an awkward letter, a time
    "en-US": (
        "Bright Smile Dental",
        "Teeth cleaning",
        "Ana",
        "1 Main Street",
        "Wednesday, September 30",
        "11:30\u202fAM",
    ),
    "es-ES": (
        "Clínica Sonrisa",
        "Limpieza dental",
        "Ana",
        "Calle Mayor 1, Madrid",
        "miércoles, 30 de septiembre",
        "11:30",
    ),
    "es-MX": (
        "Clinica Sonrisa",
        "Limpieza dental",
        "Ana",
        "Av. Juárez 10",
        "sábado, 26 de septiembre",
        "11:30\u202fa.m.",
    ),
    "de-DE": ("Zahnarztpraxis Müller", "Zahnreinigung", "Anja", "Hauptstraße 1", "Mittwoch, 30. September", "11:30"),
    "fr-FR": ("Cabinet Martin", "Détartrage", "Anaïs", "12 rue de la Paix", "mercredi 12 août", "11:30"),
}


def business(locale: str = "en-US", *, confirmation: str | None = None, transfer_to: str | None = None) -> Business:
    name, service, staff, address, _, _ = DESKS[locale]
    return Business(
        key="desk",
        name=name,
        time_zone="Europe/Madrid",
        locale=locale,
        calendars={},
        services={"cleaning": Service("cleaning", service, 30, where=Where("in_person", address))},
        agents={},
        staff={"ana": StaffMember("ana", staff, "chair")},
        sms=Sms(confirmation=confirmation),
        transfer_to=transfer_to,
    )


def said(what: Wording, booking: Booking = BOOKED, *, of: Business | None = None) -> str:
    desk = of or business()
    _, _, _, _, date, time = DESKS[desk.locale]
    return body(what, booking, business=desk, date=date, time=time)


# --- which truth -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changes", "truth"),
    [
        ("sms_booked", {}, Wording.BOOKED),
        ("sms_asked", {}, Wording.BOOKED),
        ("sms_moved", {}, Wording.MOVED),
        ("sms_requested", {}, Wording.BOOKED),  # approved meanwhile
        ("sms_failed", {}, Wording.UNCHANGED),  # a move or a cancellation was refused
        ("sms_cancelled", {}, Silence.SUPERSEDED),
        ("sms_booked", {"needs_approval": True}, Wording.REQUESTED),
        ("sms_moved", {"needs_approval": True}, Wording.REQUESTED),
        ("sms_asked", {"needs_approval": True}, Wording.REQUESTED),
        ("sms_booked", {"cancel_wanted": True}, Silence.SUPERSEDED),
        ("sms_failed", {"cancel_wanted": True}, Silence.WAIT),
        ("sms_booked", {"state": State.RESCHEDULING}, Silence.WAIT),
        ("sms_asked", {"state": State.BOOKING}, Silence.WAIT),
        ("sms_booked", {"state": State.RESCHEDULING, "cancel_wanted": True}, Silence.SUPERSEDED),
        ("sms_moved", {"state": State.CANCELLING, "cancel_wanted": True}, Silence.SUPERSEDED),
        ("sms_booked", {"state": State.CANCELLED}, Silence.SUPERSEDED),
        ("sms_moved", {"state": State.CANCELLED}, Silence.SUPERSEDED),
        ("sms_failed", {"state": State.CANCELLED, "cancel_wanted": True}, Silence.SUPERSEDED),
        ("sms_failed", {"state": State.CANCELLED, "reason": "declined"}, Wording.FAILED),
        ("sms_cancelled", {"state": State.CANCELLED}, Wording.CANCELLED),
        ("sms_asked", {"state": State.CANCELLED}, Wording.CANCELLED),
        ("sms_failed", {"state": State.REJECTED}, Wording.FAILED),
        ("sms_asked", {"state": State.REJECTED}, Wording.FAILED),
        ("sms_booked", {"state": State.REJECTED}, Silence.SUPERSEDED),
        ("sms_cancelled", {"state": State.REJECTED, "cancel_wanted": True}, Wording.CANCELLED),
        ("sms_asked", {"state": State.HELD}, Silence.SUPERSEDED),
        ("sms_asked", {"state": State.EXPIRED}, Silence.SUPERSEDED),
    ],
)
def test_a_message_tells_the_present_truth(kind: str, changes: dict[str, Any], truth: Wording | Silence) -> None:
    assert wording(kind, replace(BOOKED, **changes)) is truth


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    "kind", ["sms_booked", "sms_moved", "sms_requested", "sms_asked", "sms_failed", "sms_cancelled"]
)
def test_only_a_standing_booking_is_called_booked_and_only_a_dead_one_failed(kind: str, state: State) -> None:
    truth = wording(kind, replace(BOOKED, state=state))

    if truth in {Wording.BOOKED, Wording.MOVED, Wording.REQUESTED, Wording.UNCHANGED}:
        assert state is State.BOOKED
    if truth in {Wording.FAILED, Wording.CANCELLED}:
        assert state.is_terminal


# --- in what words ---------------------------------------------------------------------------------------------------


def test_the_default_confirmation_says_who_what_when_and_where() -> None:
    assert said(Wording.BOOKED) == (
        "Bright Smile Dental: your appointment is booked. "
        "Teeth cleaning with Ana, Wednesday, September 30 at 11:30 AM. 1 Main Street"
    )


def test_the_owners_confirmation_is_used_for_bookings_only() -> None:
    desk = business(confirmation="{business}: {service} on {date} at {time}, {duration}. {location} Change: {manage}")

    assert said(Wording.BOOKED, of=desk) == (
        "Bright Smile Dental: Teeth cleaning on Wednesday, September 30 at 11:30 AM, 30 min. 1 Main Street"
    )
    assert said(Wording.MOVED, of=desk).startswith("Bright Smile Dental: your appointment has moved.")


def test_a_confirmation_that_does_not_name_the_business_gets_its_name() -> None:
    assert said(Wording.BOOKED, of=business(confirmation="See you {date}!")) == (
        "Bright Smile Dental: See you Wednesday, September 30!"
    )
    assert said(Wording.BOOKED, of=business(confirmation="BRIGHT SMILE DENTAL, {date}")) == (
        "BRIGHT SMILE DENTAL, Wednesday, September 30"
    )


def test_a_confirmation_with_nothing_to_say_falls_back_to_ours() -> None:
    assert said(Wording.BOOKED, of=business(confirmation="{link}")) == said(Wording.BOOKED)


def test_a_failure_says_that_nothing_is_booked_and_whom_to_call() -> None:
    assert said(Wording.FAILED).endswith("You have no appointment then. Please call us.")
    assert said(Wording.FAILED, of=business(transfer_to="+14155550100")).endswith("Please call +14155550100.")


def test_the_meeting_link_comes_from_the_booking_and_the_place_from_the_service() -> None:
    desk = business(confirmation="{business} {location} {link}")
    service = desk.services["cleaning"]
    online = replace(BOOKED, link="https://zoom.us/j/123")

    def at(where: Where) -> str:
        return said(Wording.BOOKED, online, of=replace(desk, services={"cleaning": replace(service, where=where)}))

    assert at(Where("zoom")) == "Bright Smile Dental Zoom https://zoom.us/j/123"
    assert at(Where("phone", "+14155550100")).endswith("By phone, +14155550100 https://zoom.us/j/123")
    assert at(Where("link", "https://zoom.us/j/123")) == "Bright Smile Dental https://zoom.us/j/123"
    assert at(Where()) == "Bright Smile Dental https://zoom.us/j/123"


def test_who_serves_is_our_staff_or_else_whom_the_provider_names() -> None:
    desk = business(confirmation="{business} {staff}")

    assert said(Wording.BOOKED, of=desk) == "Bright Smile Dental Ana"
    assert said(Wording.BOOKED, replace(BOOKED, staff=(), host="Dr. Ben"), of=desk) == "Bright Smile Dental Dr. Ben"
    assert said(Wording.BOOKED, replace(BOOKED, staff=("gone",)), of=desk) == "Bright Smile Dental"


@pytest.mark.parametrize(
    ("locale", "language"), [("en-US", "en"), ("de_AT", "de"), ("fr", "fr"), ("ja-JP", "en"), ("ES", "es")]
)
def test_the_language_is_the_locales_own_or_english(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_every_language_has_every_text_with_the_same_placeholders() -> None:
    for what in Wording:
        wanted = set(re.findall(r"{(\w+)}", TEXTS["en"][what]))
        for language, texts in TEXTS.items():
            assert set(re.findall(r"{(\w+)}", texts[what])) == wanted, (language, what)
    assert TEXTS.keys() == CALL.keys() == PLACES.keys()


@pytest.mark.parametrize("locale", DESKS)
@pytest.mark.parametrize("what", Wording)
def test_every_text_names_the_business_first_and_takes_at_most_two_parts(locale: str, what: Wording) -> None:
    desk = business(locale, transfer_to="+14155550100")

    text = said(what, of=desk)

    assert text.startswith(desk.name)
    assert gsm_segments(text).count <= 2, (len(text), text)
    assert not re.search(r"[{}]|  | [,.]|:$|\.\.", text), text
    for told in DESKS[locale][4:]:
        assert told.replace("\u202f", " ") in text


@pytest.mark.parametrize("language", TEXTS)
def test_our_own_words_need_no_letter_outside_gsm(language: str) -> None:
    fixed = [*TEXTS[language].values(), *CALL[language]]

    assert [text for text in fixed if gsm_segments(text).encoding != "GSM-7"] == []


OPT_OUT_WORDS = {
    *("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "remove", "arret", "td"),
    *("stopp", "abmelden", "ende", "alto", "baja", "parar"),
}


@pytest.mark.parametrize("language", TEXTS)
def test_no_text_offers_an_opt_out_word_as_an_answer(language: str) -> None:
    """No bare opt-out word occurs at all, and nobody is asked to answer."""
    everything = [*TEXTS[language].values(), *CALL[language], *PLACES[language].values()]

    for text in everything:
        words = re.findall(r"\w+", text.casefold())
        assert not set(words) & OPT_OUT_WORDS, text
        assert not set(words) & {"reply", "answer", "respond", "antworten", "responda", "conteste", "répondez"}, text
