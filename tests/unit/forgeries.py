"""What a forger does to an honest request. Every kind gives one changed request, key or time for one honest one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.unit.verifiers import Verifier

if TYPE_CHECKING:
    import random

    from slotline.domain.calls import HttpRequest


@dataclass(frozen=True, slots=True)
class Honest:
    """A request that is accepted with the key made of the seed, at the moment (epoch seconds)."""

    verifier: Verifier
    request: HttpRequest
    seed: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Forgery:
    request: HttpRequest
    seed: bytes  # of the key that the verifier knows
    now: float  # epoch seconds


Forge = Callable[["random.Random", Honest], Forgery | None]
"""None where the kind has nothing to change in this request."""


def _text(change: Callable[[random.Random, str], str | None]) -> Forge:
    """A change of one of the headers on which the proof rests."""

    def forge(dice: random.Random, honest: Honest) -> Forgery | None:
        name = dice.choice(honest.verifier.proves)
        changed = change(dice, honest.request.headers[name])
        return None if changed is None else _sent(honest, **{name: changed})

    return forge


def _body(change: Callable[[random.Random, bytes], bytes | None]) -> Forge:
    def forge(dice: random.Random, honest: Honest) -> Forgery | None:
        changed = change(dice, honest.request.body) if honest.verifier.signs_body else None
        return None if changed is None else _as(honest, replace(honest.request, body=changed))

    return forge


def _as(honest: Honest, request: HttpRequest) -> Forgery:
    return Forgery(request, honest.seed, honest.at)


def _sent(honest: Honest, **headers: str) -> Forgery:
    return _as(honest, replace(honest.request, headers={**honest.request.headers, **headers}))


# --- a header --------------------------------------------------------------------------------------------------------

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS = ("\t", "\n", "\r\n", "\x00", "\x0b", "\u00a0", "\u200b", "\ufeff", " ")
_FULL_WIDTH = 0xFEE0
_ARABIC_ZERO = 0x660


def _flipped(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ 1 << dice.randrange(7)) + text[at + 1 :]


def _cut(dice: random.Random, text: str) -> str:
    at = dice.randrange(1, len(text))
    return dice.choice((text[:at], text[at:]))


def _extended(dice: random.Random, text: str) -> str:
    more = "".join(dice.choice("0aZ=,;.: é") for _ in range(dice.randrange(1, 4)))
    return dice.choice((text + more, more + text))


def _other_case(dice: random.Random, text: str) -> str:
    if dice.random() < 0.5:
        return dice.choice((text.upper(), text.lower(), text.swapcase()))
    return "".join(dice.choice((letter.upper(), letter.lower())) for letter in text)


def _other_letter(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice("0123456789abcdefABCDEF+/=-_") + text[at + 1 :]


def _blank(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(_BLANKS) + text[at:]


def _foreign_digits(dice: random.Random, text: str) -> str | None:
    """Letters that people, and careless parsers, take for the right ones: other scripts' digits, wide letters."""
    places = [at for at, letter in enumerate(text) if "!" <= letter <= "~"]
    at = dice.choice(places)
    letter = text[at]
    twin = (
        chr(int(letter) + _ARABIC_ZERO)
        if letter.isdecimal() and dice.random() < 0.5
        else chr(ord(letter) + _FULL_WIDTH)
    )
    return text[:at] + twin + text[at + 1 :]


def _base64_confused(dice: random.Random, text: str) -> str | None:
    """The same bytes in another spelling: padding, the other alphabet, loose bits at the end, hex for base64."""
    start, _, word = text.rpartition(dice.choice((" ", ",", "=", "\x00")))
    word = text if not start else word
    how = dice.randrange(5)
    if how == 0:
        return text.rstrip("=") if text.endswith("=") else text + "=" * dice.randrange(1, 4)
    if how == 1:
        return text.replace("+", "-").replace("/", "_")
    if how == 2:
        return text.replace("-", "+").replace("_", "/")
    if how == 3:
        bare = text.rstrip("=")
        last = _BASE64.find(bare[-1])
        loose = _BASE64[last ^ dice.randrange(1, 4)]
        return bare[:-1] + loose + text[len(bare) :]
    try:
        raw = bytes.fromhex(word) if dice.random() < 0.5 else base64.b64decode(word, validate=True)
    except (ValueError, binascii.Error):
        return None
    other = dice.choice(
        (raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(), raw.hex().upper())
    )
    return text[: len(text) - len(word)] + other


def _swapped_parts(dice: random.Random, text: str) -> str | None:
    separators = [mark for mark in (",", ".", " ", "=", ":", "-") if mark in text.strip("=")]
    if separators and dice.random() < 0.7:
        mark = dice.choice(separators)
        parts = text.split(mark)
        first, second = dice.sample(range(len(parts)), 2)
        parts[first], parts[second] = parts[second], parts[first]
        return mark.join(parts)
    first, second = sorted(dice.sample(range(len(text)), 2))
    return text[:first] + text[second] + text[first + 1 : second] + text[first] + text[second + 1 :]


def _twice(dice: random.Random, text: str) -> str:
    """Two headers of one name, joined as API Gateway joins them."""
    other = dice.choice((text, _flipped(dice, text), "", "0" * len(text)))
    return dice.choice((f"{text},{other}", f"{other},{text}", f"{text}, {other}"))


def _emptied(dice: random.Random, text: str) -> str:
    return dice.choice(("", " ", "null", "undefined", "no-secret-provided", text.split("=", maxsplit=1)[0], text[:7]))


def _missing(dice: random.Random, honest: Honest) -> Forgery:
    name = dice.choice(honest.verifier.proves)
    left = {key: value for key, value in honest.request.headers.items() if key != name}
    if dice.random() < 0.5:  # under a name that is none of ours
        left[f"x-{name}"] = honest.request.headers[name]
    return _as(honest, replace(honest.request, headers=left))


# --- body, key, time and place ---------------------------------------------------------------------------------------


def _body_flipped(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body))
    return body[:at] + bytes([body[at] ^ 1 << dice.randrange(8)]) + body[at + 1 :]


def _body_cut_or_longer(dice: random.Random, body: bytes) -> bytes:
    at = dice.randrange(len(body))
    return dice.choice(
        (body[:at], body + dice.randbytes(1), body + b" ", b"\xef\xbb\xbf" + body, body[:at] + body, b"")
    )


def _rewritten(dice: random.Random, body: bytes) -> bytes | None:
    """The same JSON as another library writes it, or a form with one more field."""
    try:
        value = json.loads(body)
    except ValueError:
        return body + b"&Extra=%d" % dice.randrange(1000)
    separators = dice.choice(((",", ":"), (", ", ": "), (" ,", ":"), (",", " : ")))
    indent = dice.choice((None, None, 0, 2))
    return json.dumps(
        value, separators=separators, indent=indent, ensure_ascii=dice.random() < 0.5, sort_keys=dice.random() < 0.5
    ).encode()


def _other_key(dice: random.Random, honest: Honest) -> Forgery | None:
    """Signed with a key of one's own, or with one that differs in a bit."""
    at = dice.randrange(len(honest.seed))
    near = honest.seed[:at] + bytes([honest.seed[at] ^ 1 << dice.randrange(8)]) + honest.seed[at + 1 :]
    seed = dice.choice((near, dice.randbytes(len(honest.seed))))
    if honest.verifier.key(seed) == honest.verifier.key(honest.seed):
        return None
    made = honest.verifier.request(honest.request.body, honest.at, seed)
    return dice.choice((_as(honest, made), replace(_as(honest, honest.request), seed=seed)))


def _other_time(dice: random.Random, honest: Honest) -> Forgery | None:
    """A recording played too late, or a clock that is far ahead; everything else about it is honest."""
    if honest.verifier.window is None:
        return None
    old, early = honest.verifier.window
    late = dice.choice((old + dice.random(), dice.uniform(old, 1e8))) + 0.01
    if early is not None and dice.random() < 0.5:
        late = -dice.choice((early + dice.random(), dice.uniform(early, 1e8))) - 0.01
    return replace(_as(honest, honest.request), now=honest.at + late)


def _renewed(dice: random.Random, honest: Honest) -> Forgery | None:
    """A recording whose time was brought up to date, with the old signature."""
    if honest.verifier.window is None or not honest.verifier.signs_body:
        return None
    later = honest.at + dice.uniform(1.0, 1e6)
    fresh = honest.verifier.request(honest.request.body, later, dice.randbytes(32)).headers
    old, new = honest.request.headers, dict(fresh)
    for name in honest.verifier.proves:
        marks = [(text.split(",", maxsplit=1)) for text in (fresh[name], old[name])]
        if all(len(parts) == 2 for parts in marks):  # time and signature in one header
            new[name] = f"{marks[0][0]},{marks[1][1]}"
    if len(honest.verifier.proves) > 1:
        new[honest.verifier.proves[0]] = old[honest.verifier.proves[0]]
    if new == old:  # the time stands in the body
        return None
    return Forgery(replace(honest.request, headers=new), honest.seed, later)


def _of_another(dice: random.Random, honest: Honest) -> Forgery | None:
    """The proof of another honest request on this body."""
    if not honest.verifier.signs_body:
        return None
    body = honest.verifier.body(f"other-{dice.random()}", honest.at)
    return _as(honest, replace(honest.request, body=body))


def _elsewhere(dice: random.Random, honest: Honest) -> Forgery | None:
    """Sent to another tool, agent, business or host."""
    if not honest.verifier.signs_address:
        return None
    request = honest.request
    how = dice.randrange(3)
    if how == 0:
        return _as(honest, replace(request, path=_other_letter(dice, request.path)))
    if how == 1:
        return _as(honest, replace(request, raw_query=_extended(dice, request.raw_query)))
    return _sent(honest, host=_other_letter(dice, request.headers.get("host", "desk.example")))


KINDS: dict[str, Forge] = {
    "a bit": _text(_flipped),
    "cut": _text(_cut),
    "extended": _text(_extended),
    "case": _text(_other_case),
    "letter": _text(_other_letter),
    "blank": _text(_blank),
    "foreign digits": _text(_foreign_digits),
    "base64": _text(_base64_confused),
    "swapped parts": _text(_swapped_parts),
    "twice": _text(_twice),
    "emptied": _text(_emptied),
    "missing": _missing,
    "other key": _other_key,
    "body: a bit": _body(_body_flipped),
    "body: cut or longer": _body(_body_cut_or_longer),
    "body: rewritten": _body(_rewritten),
    "body: another": _of_another,
    "time: too late or early": _other_time,
    "time: renewed": _renewed,
    "elsewhere": _elsewhere,
}
