"""What our text messages say, per language.

They name the business first, stay within two parts with everyday values, and use GSM-7 letters only. They never ask for
a word in reply: CANCEL, END, QUIT and the like are opt-out words at every carrier, and would block all further texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from slotline.domain.message_templates import cleaned


class Wording(StrEnum):
    """Which truth a message tells."""

    BOOKED = "booked"
    REQUESTED = "requested"
    MOVED = "moved"
    CANCELLED = "cancelled"
    FAILED = "failed"  # nothing is booked
    UNCHANGED = "unchanged"  # a move or a cancellation was refused: the appointment stands


FALLBACK_LANGUAGE = "en"

TEXTS: Mapping[str, Mapping[Wording, str]] = {
    "en": {
        Wording.BOOKED: "{business}: your appointment is booked. {service} with {staff}, {date} at {time}. "
        "{location} {link} Change: {manage}",
        Wording.REQUESTED: "{business}: your request has arrived. {service}, {date} at {time}. "
        "We will confirm it by text.",
        Wording.MOVED: "{business}: your appointment has moved. {service} with {staff}, now {date} at {time}. "
        "{location} {link} Change: {manage}",
        Wording.CANCELLED: "{business}: your appointment is cancelled. {service}, {date} at {time}.",
        Wording.FAILED: "{business}: we could not book {service}, {date} at {time}. "
        "You have no appointment then. {call}",
        Wording.UNCHANGED: "{business}: we could not change your appointment. It stands as before, "
        "{service}, {date} at {time}. {call}",
    },
    "es": {
        Wording.BOOKED: "{business}: cita confirmada. {service} con {staff}, {date}, {time}. "
        "{location} {link} Cambios: {manage}",
        Wording.REQUESTED: "{business}: solicitud recibida. {service}, {date}, {time}. Le confirmaremos por SMS.",
        Wording.MOVED: "{business}: cita cambiada. {service} con {staff}, ahora {date}, {time}. "
        "{location} {link} Cambios: {manage}",
        Wording.CANCELLED: "{business}: cita cancelada. {service}, {date}, {time}.",
        Wording.FAILED: "{business}: cita no reservada. {service}, {date}, {time}. {call}",
        Wording.UNCHANGED: "{business}: no ha sido posible cambiar su cita. {service}, {date}, {time}. {call}",
    },
    "de": {
        Wording.BOOKED: "{business}: Ihr Termin ist gebucht. {service} bei {staff}, {date} um {time}. "
        "{location} {link} Ändern: {manage}",
        Wording.REQUESTED: "{business}: Ihre Anfrage ist da. {service}, {date} um {time}. Wir bestätigen per SMS.",
        Wording.MOVED: "{business}: Ihr Termin ist verlegt. {service} bei {staff}, jetzt {date} um {time}. "
        "{location} {link} Ändern: {manage}",
        Wording.CANCELLED: "{business}: Ihr Termin ist abgesagt. {service}, {date} um {time}.",
        Wording.FAILED: "{business}: {service} am {date} um {time} war nicht möglich. Es ist nichts gebucht. {call}",
        Wording.UNCHANGED: "{business}: Die Änderung war nicht möglich. Es bleibt bei {service}, "
        "{date} um {time}. {call}",
    },
    "fr": {
        Wording.BOOKED: "{business} : rendez-vous confirmé. {service} avec {staff}, {date} à {time}. "
        "{location} {link} Modifier : {manage}",
        Wording.REQUESTED: "{business} : votre demande est enregistrée. {service}, {date} à {time}. "
        "Nous confirmerons par SMS.",
        Wording.MOVED: "{business} : rendez-vous déplacé. {service} avec {staff}, désormais {date} à {time}. "
        "{location} {link} Modifier : {manage}",
        Wording.CANCELLED: "{business} : rendez-vous annulé. {service}, {date} à {time}.",
        Wording.FAILED: "{business} : rien n'est réservé pour {service}, {date} à {time}. {call}",
        Wording.UNCHANGED: "{business} : rendez-vous maintenu, sans changement. {service}, {date} à {time}. {call}",
    },
}

CALL: Mapping[str, tuple[str, str]] = {
    "en": ("Please call us.", "Please call {transfer}."),
    "es": ("Por favor, llame a la oficina.", "Llame al {transfer}."),
    "de": ("Bitte rufen Sie uns an.", "Bitte rufen Sie {transfer} an."),
    "fr": ("Merci de nous appeler.", "Appelez le {transfer}."),
}
"""How to reach a person: without and with a number to name."""

CODES: Mapping[str, str] = {
    "en": "{business}: your code is {code}. Read it out on the phone now. If you are not calling us, ignore this text.",
    "es": "{business}: su clave es {code}. Indique ahora las cifras en la llamada. Si usted no llama, ignore el SMS.",
    "de": "{business}: Ihr Code ist {code}. Bitte jetzt am Telefon vorlesen. Rufen Sie nicht an, ignorieren Sie ihn.",
    "fr": "{business} : votre code est {code}. Dites-le au téléphone. Si vous n'appelez pas, ignorez ce message.",
}
"""The code that a caller reads back, and what to do for somebody who did not call: nobody else may learn it."""

PLACES: Mapping[str, Mapping[str, str]] = {
    "en": {"phone": "By phone"},
    "es": {"phone": "Por teléfono"},
    "de": {"phone": "Telefonisch"},
    "fr": {"phone": "Par téléphone"},
}
"""Kinds of place that have a word of their own in each language."""

PLATFORMS: Mapping[str, str] = {
    "zoom": "Zoom",
    "meet": "Google Meet",
    "teams": "Microsoft Teams",
    "cal_video": "Cal Video",
}
"""Meeting platforms by the kind of place; the link itself is the booking's."""


def language_of(locale: str) -> str:
    """The language a message is written in: the locale's own, or English."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in TEXTS else FALLBACK_LANGUAGE


def code_text(code: str, *, business: str, locale: str) -> str:
    """The text with a code."""
    text = CODES[language_of(locale)].replace("{code}", code)
    return text.replace("{business}", cleaned("business", business))
