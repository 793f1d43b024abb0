"""Which atoms tell when: stories, counts and slips of the tongue are taken away before the walk begins."""

from __future__ import annotations

from collections.abc import Sequence

from slotline.domain.when_atoms import NOON_HOUR
from slotline.domain.when_clocks import is_clock
from slotline.domain.when_naming import SAYS_A_DAY
from slotline.domain.when_words import Atom, Denial, Kind, fold

_COUNTED_OFFERS = 5
_NAMING = frozenset({"a", "an", "some", "my", "our", "un", "una", "mi", "une", "mon", "ma"})
_NAMING |= {"ein", "eine", "einen", "mein", "meine", "meinen"}
_IDLE = frozenset({Kind.FILLER, Kind.ARTICLE, Kind.IN, Kind.TO, Kind.AND, Kind.PLUS, Kind.AT, Kind.OR})
DANGLING = frozenset({Kind.NOT, Kind.OR, Kind.AND, Kind.PLUS, Kind.BUT, Kind.ARTICLE, Kind.IN, Kind.AT})
_TIMES = frozenset({Kind.PART, Kind.PARTS, Kind.CLOCK, Kind.NUMBER, Kind.NOON, Kind.OPENING, Kind.CLOSING})
_TIMES |= {Kind.AFTER, Kind.FROM, Kind.BEFORE, Kind.BY, Kind.BETWEEN, Kind.MIDNIGHT, Kind.EARLY, Kind.LATE}
_SAYS_MORE = frozenset({Kind.NOT, Kind.BUT, Kind.OR, Kind.ONLY, Kind.CORRECTION, Kind.ANY, Kind.EACH, Kind.EVERY})
_SAYS_MORE |= {Kind.ONWARD, Kind.SHIFT, Kind.SPREAD, Kind.SOON, *SAYS_A_DAY - {Kind.ARTICLE}}
_OF = frozenset({"of", "de", "d", "von"})
_HENCE = frozenset({"so", "also", "donc", "alors", "entonces", "asi que"})
_WHY = 4  # see Kind.FILLER
_WIDE = frozenset({Kind.ANY, Kind.EACH, Kind.EVERY, Kind.WEEKS, Kind.MONTHS, Kind.WEEKEND, Kind.NOT})


def counts_offers(atoms: Sequence[Atom]) -> bool:
    """Whether a lonely "first" or "second" may count something else than the days of a month."""
    telling = [atom for atom in atoms if atom.kind not in {Kind.FILLER, Kind.IN}]
    for place, atom in enumerate(telling):
        if atom.kind is Kind.ORDINAL and atom.value <= _COUNTED_OFFERS and not any(map(str.isdigit, atom.raw)):
            before = telling[place - 1].kind if place else None
            after = telling[place + 1].kind if place + 1 < len(telling) else None
            if before in {None, Kind.ANY, Kind.EACH, Kind.OFFSET} and after in {None, Kind.ANY, Kind.PART, Kind.OFFSET}:
                return True
    return False


def without_reason(atoms: Sequence[Atom]) -> Sequence[Atom]:
    """Without what follows a "because" and has words nobody knows or that tell of work: "after six because I work".

    Only a reason that tells no more than what stood before it: no day ("because I work on Monday"), no time of the day
    unless one was said already, no other wish ("so maybe at nine"), and work only beside what it leaves free: "Monday
    because I work" may mean the opposite.
    """
    why = next((place for place, atom in enumerate(atoms) if atom.kind is Kind.FILLER and atom.value == _WHY), 0)
    told, reason = atoms[:why], atoms[why + 1 :]
    strange = [place for place, atom in enumerate(reason) if atom.kind is Kind.UNKNOWN]
    if not strange or all(atom.kind in _IDLE for atom in told):
        return atoms
    asks = any(atom.kind is Kind.FILLER and atom.value == 1 for atom in reason)
    concludes = any(fold(atom.raw) in _HENCE for atom in reason[strange[0] :])
    kinds, before = {atom.kind for atom in reason}, {atom.kind for atom in told}
    timed = kinds & _TIMES and not before & _TIMES
    busy = any(reason[place].value == 0 for place in strange) and not before & (_TIMES | {Kind.NOT})
    return atoms if asks or concludes or timed or busy or kinds & _SAYS_MORE else told


def with_hour(atoms: Sequence[Atom]) -> Sequence[Atom]:
    """A small number that opens the sentence and stands before a day is an hour: "six on Thursday"."""
    if not atoms or atoms[0].kind is not Kind.NUMBER or not 1 < atoms[0].value <= NOON_HOUR:
        return atoms
    joins = len(atoms) > 1 and (atoms[1].kind is Kind.ARTICLE or fold(atoms[1].raw) == "on")
    day = atoms[1 + joins].kind if len(atoms) > 1 + joins else None
    if day in {Kind.WEEKDAY, Kind.OFFSET} and (joins or not atoms[0].raw.isdigit()):  # "5 Monday" may be the fifth
        return (Atom(Kind.AT), *atoms)
    return atoms


def without_story(atoms: Sequence[Atom]) -> Sequence[Atom]:
    """Without words nobody knows, where they only tell why: before a request, and after "for" or "because".

    "My sink is backed up, could you come today": nothing before "today" was about time. Everywhere else such a word may
    be the one that matters ("Tuesday blah", "the funeral is on Friday", "I can't fly on Monday"), so it stays.
    """
    strange = [place for place, atom in enumerate(atoms) if atom.kind is Kind.UNKNOWN and atom.value]
    if not strange or any(atom.kind in {Kind.NOT, Kind.BUT} for atom in atoms):
        return atoms
    wanted = {place for place in strange if _is_wanted(atoms, place)}
    if wanted:
        return without_story([atom for place, atom in enumerate(atoms) if place not in wanted])
    telling = [
        place
        for place, atom in enumerate(atoms)
        if not (atom.kind in _IDLE or (atom.kind is Kind.UNKNOWN and atom.value))
    ]
    first, last = (telling[0], telling[-1]) if telling else (0, len(atoms))
    before = [place for place in strange if place < first]
    after = [place for place in strange if place > last]
    asked = before and any(atom.kind is Kind.FILLER and atom.value == 1 for atom in atoms[before[-1] : first])
    reason = after and any(atom.kind is Kind.FILLER and atom.value > 1 for atom in atoms[last : after[0]])
    idle = {*(before if asked else ()), *(after if reason else ())}
    return [atom for place, atom in enumerate(atoms) if place not in idle]


def _is_wanted(atoms: Sequence[Atom], place: int) -> bool:
    """Whether a word nobody knows names what they ask for: "I need a tow"."""
    before = [atom for atom in atoms[max(0, place - 4) : place] if atom.kind is not Kind.UNKNOWN]
    if len(before) > 1 and fold(before[-1].raw) in _OF:
        before.pop()  # "a lesson of driving"
    named = bool(before) and fold(before[-1].raw) in _NAMING
    return named and any(atom.kind is Kind.FILLER and atom.value == 1 for atom in before)


def without_counts(atoms: Sequence[Atom]) -> list[Atom]:
    """Without what is counted beside the time: "for two people", "a 30 minute massage"."""
    kept = list[Atom]()
    for atom in atoms:
        if atom.kind is not Kind.COUNTED:
            kept.append(atom)
        elif kept and kept[-1].kind is Kind.NUMBER:
            kept.pop()
    return kept


def with_corrections(atoms: Sequence[Atom]) -> list[Atom]:
    """Take a clock time back that a "no" stands behind: "at one, no, at two"."""
    found = list(atoms)
    for place, atom in enumerate(found[1:-1], 1):
        timed = is_clock(found[place - 1]) or found[place - 1].kind in {Kind.AM, Kind.PM, Kind.OCLOCK, Kind.ADD}
        again = is_clock(found[place + 1]) or found[place + 1].kind is Kind.AT
        if atom.kind is Kind.NOT and atom.value == Denial.CORRECTS and timed and again:
            found[place] = Atom(Kind.CORRECTION, raw=atom.raw)
    return found


def as_clock(before: Sequence[Atom], after: Sequence[Atom]) -> Sequence[Atom]:
    """A bare number that corrects a clock time is one, too: "at three, no, four"."""
    timed = any(atom.kind in {Kind.AT, Kind.OCLOCK, Kind.AM, Kind.PM, Kind.CLOCK} for atom in before)
    return [Atom(Kind.AT), *after] if timed and after[0].kind is Kind.NUMBER else after


def _with_alternatives(atoms: Sequence[Atom]) -> list[Atom]:
    """The "but" of "Monday is best but Tuesday works, too" leaves nothing out."""
    also = {place for place, atom in enumerate(atoms) if atom.kind is Kind.ALSO}
    kept = list[Atom]()
    for place, atom in enumerate(atoms):
        if atom.kind is Kind.BUT and max(also, default=0) > place and not _WIDE & {one.kind for one in kept}:
            kept.append(Atom(Kind.OR, raw=atom.raw))
        elif place not in also:
            kept.append(atom)
    return kept


def without_idle(atoms: Sequence[Atom]) -> list[Atom]:
    """Articles matter only before a number or a morning/tomorrow word, and "in" before hours and minutes."""
    telling = {Kind.NUMBER, Kind.MORROW}
    units = {Kind.HOUR_UNIT, Kind.MINUTE_UNIT}
    atoms = _with_alternatives(atoms)
    kept = list[Atom]()
    for place, atom in enumerate(atoms):
        follower, beyond = (atoms[n].kind if n < len(atoms) else None for n in (place + 1, place + 2))
        an_hour = follower is Kind.SOON or (follower is Kind.NUMBER and beyond in units)
        an_hour = an_hour or (follower is Kind.NUMBER and atoms[place + 1].raw.endswith("heure"))
        if atom.kind is Kind.ARTICLE and follower not in telling:
            continue
        if atom.kind is Kind.IN and not an_hour and not (kept and kept[-1].kind in units | {Kind.SOON}):
            continue
        kept.append(atom)
    return kept
