"""The words callers use for days and times: one module per language, a table of phrases and the atoms they mean.

Phrases are written folded (lower case, no accents, no apostrophes). A phrase of the caller's language wins over an
English one; English is always understood, because models often hand it over whatever is spoken.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import cache
from importlib import import_module

from slotline.domain.when_words import Atom, Kind, Row

LANGUAGES = frozenset({"en", "es", "de", "fr"})

LONGEST_PHRASE = 8
"""No phrase of the tables has more words."""

_GOVERNING = frozenset({Kind.AFTER, Kind.FROM, Kind.BEFORE, Kind.BY, Kind.BETWEEN, Kind.NOT, Kind.OR, Kind.AND})

Phrases = Mapping[tuple[str, ...], tuple[Atom, ...]]


@cache
def own_phrases(language: str) -> Phrases:
    """The phrases of one language, English for languages without a table. Only a language that is used is loaded."""
    module = import_module(f"{__name__}.{language if language in LANGUAGES else 'en'}")
    return _phrases(module.ROWS, module.SAME, module.ARTICLES)


@cache
def vocabulary(language: str) -> Phrases:
    """Every phrase of the language, and the English ones that do not clash with it."""
    return {**own_phrases("en"), **own_phrases(language)}


def _phrases(rows: Iterable[Row], same: Mapping[str, str], articles: Container[str]) -> Phrases:
    phrases: dict[tuple[str, ...], tuple[Atom, ...]] = {}
    for kind, value, *rest in rows:
        end = rest[0] if isinstance(rest[0], int) else 0
        one, governing = (Atom(kind, value, end),), kind in _GOVERNING
        for phrase in str(rest[-1]).split("|"):
            words = tuple(phrase.split())
            # "antes del 20": the article makes the number a day.
            phrases[words] = (*one, Atom(Kind.ARTICLE)) if governing and words[-1] in articles else one
    simple = dict(phrases)
    for phrase, meaning in same.items():
        phrases[tuple(phrase.split())] = tuple(_simple(meaning.split(), simple))
    return phrases


def _simple(words: list[str], phrases: Phrases) -> Iterable[Atom]:
    while words:
        size = max(size for size in range(1, len(words) + 1) if tuple(words[:size]) in phrases)
        yield from phrases[tuple(words[:size])]
        words = words[size:]
