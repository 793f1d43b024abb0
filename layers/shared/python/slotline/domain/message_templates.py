"""Templates for text messages: the placeholders an owner may write, and how they are filled in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from slotline.domain.errors import ConfigError
from slotline.domain.gsm import plain

CAPS: Mapping[str, int] = {
    "business": 60,
    "service": 80,
    "staff": 80,
    "name": 60,
    "date": 60,
    "time": 40,
    "duration": 20,
    "location": 160,
    "link": 400,  # a Teams link takes some 250
    "manage": 200,
}
"""The longest value of each placeholder, in characters; longer words are cut at a blank, longer links left out."""

PLACEHOLDERS = frozenset(CAPS)
"""All that a template may ask for."""

LONGEST_BODY = 1600  # Twilio's and AWS's limit for one message

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BRACED = re.compile(r"\{([^{}]*)\}")
_LINKS = frozenset({"link", "manage"})
_SENTENCE_END = re.compile(r"((?<=[.!?])[ \t]+|\n+)")

# "Reply CANCEL" would opt the reader out of everything (FCC 47 CFR 64.1200(a)(10) and the carriers' word lists).
_OPT_OUT_ADVICE = re.compile(
    r"\b(?:reply|text|send|respond|answer|antworten sie|senden sie|responda|env[ií]e|r[ée]pondez|envoyez)\s+"
    r"(?:(?:with|mit|con|par|the word)\s+)?[\"']?"
    r"(cancel|end|quit|revoke|remove|unsubscribe|opt ?-?out|arr[eê]t)\b",
    re.IGNORECASE,
)

_GAP = "\0"  # stands for an empty value; cannot occur in a cleaned template
_GAP_LABEL = re.compile(rf"([^.,;:!?|(){{}}\n{_GAP}]*):\s*{_GAP}")
_GAP_LINK_WORD = re.compile(
    rf"\b(?:with|at|in|by|via|near|mit|bei|im|per|con|en|por|avec|chez|par|à)\s+{_GAP}", re.IGNORECASE
)
_GAP_BRACKETS = re.compile(rf"[(\[]\s*{_GAP}\s*[)\]]")
_LABEL_WORDS = 4  # "Change or cancel here:" is a label; of anything longer only the last word is


def check_template(text: str) -> None:
    """Accept a template for text messages, or raise ConfigError naming what is wrong and what to do."""
    unknown = sorted({name for name in _BRACED.findall(text) if name not in PLACEHOLDERS})
    if unknown:
        named = ", ".join(f"{{{name}}}" for name in unknown)
        known = " ".join(f"{{{name}}}" for name in CAPS)
        raise ConfigError(f"unknown placeholder {named}; known are {known}")
    if re.search(r"[{}]", _BRACED.sub("", text)):
        raise ConfigError("a single { or } stands alone; braces are for placeholders such as {date}")
    if not text.strip():
        raise ConfigError("the text is empty; leave the setting out to use ours")
    longest = len(_BRACED.sub("", plain(text))) + sum(CAPS[name] for name in _BRACED.findall(text))
    if longest > LONGEST_BODY:
        raise ConfigError(
            f"with the longest values this makes {longest} characters; at most {LONGEST_BODY} can be sent"
        )
    advice = _OPT_OUT_ADVICE.search(plain(text))
    if advice:
        raise ConfigError(
            f"{advice[1].upper()} in reply stops all texts to that number; ask for a call or offer {{manage}} instead"
        )


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill a checked template in one pass; values are cleaned first and never read as templates.

    What belongs to an empty value goes with it: its label, its brackets, the word that led up to it, or the sentence
    that says nothing else. Unknown placeholders count as empty.
    """
    clean = {name: cleaned(name, value) for name, value in values.items() if name in PLACEHOLDERS}
    pruned = _pruned(_without_controls(plain(template), keep="\n"), {name for name, value in clean.items() if value})
    text = _PLACEHOLDER.sub(lambda found: clean[found[1]], pruned)
    text = re.sub(r"(?<![.])[.]{2}(?![.])", ".", text)  # "Main St." at the end of a sentence
    return re.sub(r"[ \t]{2,}", " ", text).strip()


def cleaned(name: str, value: str) -> str:
    """A value fit for a text message: one line, no control characters, GSM look-alikes, no longer than its cap."""
    if name in _LINKS:
        link = _without_controls(value).strip()
        fits = re.fullmatch(r"https?://\S+", link, re.IGNORECASE) and len(link) <= CAPS[name]
        return link if fits else ""
    text = " ".join(_without_controls(plain(value), keep="\n\r\t").split())
    if name == "name":
        text = _without_urls(text)
    if len(text) <= CAPS[name]:
        return text
    cut = text[: CAPS[name] + 1]
    return (cut.rpartition(" ")[0] or cut[:-1]).rstrip(" ,;:-")


def _without_controls(text: str, *, keep: str = "") -> str:
    if text.isprintable():  # as nearly every text is: no category C, and no blank but the plain one
        return text
    return "".join(letter for letter in text if letter in keep or not unicodedata.category(letter).startswith("C"))


def _without_urls(text: str) -> str:
    """A caller's words with nothing in them that a phone would turn into a link."""
    text = re.sub(r"\S*(?:://|www\.|/|@|\\)\S*", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\S*\w[.。．｡][a-z]{2,}\S*", "", text)
    return " ".join(re.sub(r"(?<=\w)[.。．｡](?=\w)", ". ", text).split())


def _pruned(template: str, filled: set[str]) -> str:
    marked = _PLACEHOLDER.sub(lambda found: found[0] if found[1] in filled else _GAP, template)
    if _GAP not in marked:
        return marked
    pieces = [*_SENTENCE_END.split(marked), ""]
    kept = ((_closed(text) if _GAP in text else text, end) for text, end in zip(pieces[::2], pieces[1::2], strict=True))
    return "".join(text + end for text, end in kept if text)


def _closed(sentence: str) -> str:
    """The sentence without its empty places, or nothing when it had nothing else to say."""
    if not _PLACEHOLDER.search(sentence) and not re.search(rf",\s*{_GAP}|{_GAP}\s*,", sentence):
        return ""
    text = _GAP_LABEL.sub(_without_label, sentence)
    text = _GAP_LINK_WORD.sub(_GAP, text)
    text = _GAP_BRACKETS.sub(_GAP, text)
    text = re.sub(rf"\s*{_GAP}", "", text)
    text = re.sub(r"([,;|/-])(?:\s*\1)+", r"\1", text)
    text = re.sub(r"[\s,;:|/-]+([.!?]*)$", r"\1", text)
    return re.sub(r"^[\s,;:|/-]+", "", text)


def _without_label(found: re.Match[str]) -> str:
    words = found[1].split()
    if not words:
        return found[0]  # the colon belongs to a value before it
    return _GAP if len(words) <= _LABEL_WORDS else " ".join(words[:-1]) + _GAP
