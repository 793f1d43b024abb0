"""What a text message in reply means: stop, start again, help, or something for a person to read.

The words are those of the US rule (47 CFR 64.1200(a)(10)) and of the carriers and senders, with their everyday
counterparts in the languages we write. Only a whole message counts: "please do not cancel" stops nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum


class Meaning(StrEnum):
    """What whoever answered wants from us."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


_STOP = (
    "stop", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out", "remove",
    "please stop", "stop please", "remove me", "unsubscribe me", "stop texting", "stop texting me",
    "stop messaging me", "do not text me", "dont text me", "no more texts",
    # Spanish
    "alto", "baja", "darse de baja", "dar de baja", "cancelar", "parar", "detener", "no mas mensajes",
    # German
    "stopp", "stoppen", "ende", "abmelden", "abbestellen", "abmeldung", "aufhoren", "aufhoeren", "keine sms",
    "keine sms mehr",
    # French
    "arret", "arrete", "arreter", "arretez", "fin", "desabonner", "desabonnement", "se desabonner", "desinscrire",
    "desinscription", "desinscrivez moi", "resilier",
)  # fmt: skip
_START = ("start", "unstop", "yes", "opt in")
_HELP = ("help", "info", "ayuda", "hilfe", "aide")

_MEANINGS: Mapping[str, Meaning] = {
    phrase.replace(" ", ""): meaning
    for meaning, phrases in ((Meaning.STOP, _STOP), (Meaning.START, _START), (Meaning.HELP, _HELP))
    for phrase in phrases
}

_HELP_TEXTS: Mapping[str, tuple[str, str]] = {
    "en": (
        "{business}: we text about your appointments. Please call us. Reply STOP to get no more texts.",
        "{business}: we text about your appointments. Please call {transfer}. Reply STOP to get no more texts.",
    ),
    "es": (
        "{business}: le escribimos sobre sus citas. Por favor, llame a la oficina. STOP para dejar de recibir SMS.",
        "{business}: le escribimos sobre sus citas. Llame al {transfer}. STOP para dejar de recibir SMS.",
    ),
    "de": (
        "{business}: Wir schreiben zu Ihren Terminen. Bitte rufen Sie uns an. Mit STOP erhalten Sie keine SMS mehr.",
        "{business}: Wir schreiben zu Ihren Terminen. Bitte rufen Sie {transfer} an. "
        "Mit STOP erhalten Sie keine SMS mehr.",
    ),
    "fr": (
        "{business} : messages sur vos rendez-vous. Merci de nous appeler. STOP pour ne plus recevoir de SMS.",
        "{business} : messages sur vos rendez-vous. Appelez le {transfer}. STOP pour ne plus recevoir de SMS.",
    ),
}
"""The answer to HELP by language, without and with a number to name."""


def meaning_of(text: str) -> Meaning:
    """The meaning of a whole reply; case, accents, blanks, punctuation and emoji do not matter."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _MEANINGS.get("".join(letter for letter in folded if letter.isalnum()), Meaning.OTHER)


def help_text(*, language: str, business: str, transfer_to: str | None) -> str:
    """Who is texting, how to reach them, and how to make it end."""
    without_number, with_number = _HELP_TEXTS[language]
    template = with_number if transfer_to else without_number
    return template.replace("{transfer}", transfer_to or "").replace("{business}", business)
