"""The grammar that DynamoDB's condition, key condition, update and projection expressions share.

Facts: "Expressions" in the Amazon DynamoDB Developer Guide. Keywords have no case; function names have one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File

from tests.simulation.attribute_values import InvalidRequestError, Item, Value

Names = dict[str, str]
"""#placeholder → attribute name."""
Values = dict[str, Value]
""":placeholder → value, canonical."""

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<alias>\#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)"
    r"|(?P<index>[0-9]+)|(?P<sign><>|<=|>=|[=<>()\[\].,+-]))"
)
_LONGEST_EXPRESSION = 4096
_RESERVED_FILE = File(__file__).with_name("dynamodb_reserved_words.txt")
_COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Path:
    """A document path: attribute names or #placeholders, and list indexes."""

    parts: tuple[str | int, ...]

    @property
    def first(self) -> str:
        return str(self.parts[0])

    def resolved(self, names: Names) -> tuple[str | int, ...]:
        return tuple(names[part] if isinstance(part, str) and part.startswith("#") else part for part in self.parts)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A :value of the request."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its operands."""

    function: str
    operands: tuple[Operand, ...]


Operand = Path | Placeholder | Call


@dataclass(frozen=True, slots=True)
class Compare:
    sign: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Between:
    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class Within:
    """The IN operator."""

    operand: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node


@dataclass(frozen=True, slots=True)
class And:
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Or:
    left: Node
    right: Node


Node = Compare | Between | Within | Not | And | Or | Call


@cache
def reserved_words() -> frozenset[str]:
    lines = _RESERVED_FILE.read_text().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def reader(path: Path) -> Callable[[Item, Names], Value | None]:
    """How to find the path's value in an item; None when it is not there."""
    first = path.first
    if len(path.parts) > 1:
        return lambda item, names: follow(item, path.resolved(names))
    if first.startswith("#"):
        return lambda item, names: item.get(names[first])
    return lambda item, names: item.get(first)


def follow(item: Item, parts: tuple[str | int, ...]) -> Value | None:
    """The value at a resolved path; None when it is not there."""
    found = item.get(str(parts[0]))
    for part in parts[1:]:
        if found is None:
            return None
        if isinstance(part, int):
            members = found.get("L", ())
            found = members[part] if part < len(members) else None
        else:
            found = found.get("M", {}).get(part)
    return found


class Parser:
    """Recursive descent over the tokens of one expression; notes every placeholder it meets."""

    def __init__(self, text: str) -> None:
        if not text.strip():
            raise InvalidRequestError("The expression can not be empty")
        if len(text.encode()) > _LONGEST_EXPRESSION:
            raise InvalidRequestError("Expression size has exceeded the maximum allowed size")
        self._tokens = _tokens(text)
        self._at = 0
        self._just_closed = False  # the last thing read was a condition in parentheses
        self.names: set[str] = set()
        self.values: set[str] = set()

    # --- tokens ------------------------------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        return self._at == len(self._tokens)

    def accept(self, sign: str) -> bool:
        """Take the next token if it is this sign."""
        found = not self.done and self._tokens[self._at] == ("sign", sign)
        self._at += found
        return found

    def accept_word(self, *words: str) -> str | None:
        """Take the next token if it is one of these keywords; in upper case."""
        if self.done:
            return None
        kind, text = self._tokens[self._at]
        if kind != "name" or text.upper() not in words:
            return None
        self._at += 1
        return text.upper()

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            raise self.wrong()

    def expect_word(self, word: str) -> None:
        if not self.accept_word(word):
            raise self.wrong()

    def wrong(self) -> InvalidRequestError:
        return InvalidRequestError(f"Syntax error at token {self._at}")

    def finish(self) -> None:
        if not self.done:
            raise self.wrong()

    def _next(self) -> tuple[str, str]:
        if self.done:
            raise self.wrong()
        self._at += 1
        return self._tokens[self._at - 1]

    # --- operands ----------------------------------------------------------------------------------------------------

    def placeholder(self) -> Placeholder:
        kind, text = self._next()
        if kind != "value":
            raise self.wrong()
        self.values.add(text)
        return Placeholder(text)

    def path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while True:
            if self.accept("."):
                parts.append(self._name())
            elif self.accept("["):
                kind, text = self._next()
                if kind != "index":
                    raise self.wrong()
                parts.append(int(text))
                self.expect("]")
            else:
                return Path(tuple(parts))

    def _name(self) -> str:
        kind, text = self._next()
        if kind == "alias":
            self.names.add(text)
        elif kind != "name":
            raise self.wrong()
        elif text.upper() in reserved_words():
            raise InvalidRequestError(f"Attribute name is a reserved keyword: {text}")
        return text

    def operand(self) -> Operand:
        if self.done:
            raise self.wrong()
        kind, text = self._tokens[self._at]
        if kind == "value":
            return self.placeholder()
        if kind == "name" and self._tokens[self._at + 1 : self._at + 2] == [("sign", "(")]:
            self._at += 1
            return Call(text, self.arguments())
        return self.path()

    def arguments(self) -> tuple[Operand, ...]:
        self.expect("(")
        found = [self.operand()]
        while self.accept(","):
            found.append(self.operand())
        self.expect(")")
        return tuple(found)

    # --- conditions --------------------------------------------------------------------------------------------------

    def condition(self) -> Node:
        node = self._conjunction()
        while self.accept_word("OR"):
            node = Or(node, self._conjunction())
            self._just_closed = False
        return node

    def _conjunction(self) -> Node:
        node = self._negation()
        while self.accept_word("AND"):
            node = And(node, self._negation())
            self._just_closed = False
        return node

    def _negation(self) -> Node:
        if self.accept_word("NOT"):
            node: Node = Not(self._negation())
        elif self.accept("("):
            node = self.condition()
            self.expect(")")
            if self._just_closed:
                raise InvalidRequestError("The expression has redundant parentheses")
            self._just_closed = True
            return node
        else:
            node = self._comparison()
        self._just_closed = False
        return node

    def _comparison(self) -> Node:
        left = self.operand()
        if self.accept_word("BETWEEN"):
            low = self.operand()
            self.expect_word("AND")
            return Between(left, low, self.operand())
        if self.accept_word("IN"):
            return Within(left, self.arguments())
        if not self.done and self._tokens[self._at][0] == "sign" and self._tokens[self._at][1] in _COMPARATORS:
            _, sign = self._next()
            return Compare(sign, left, self.operand())
        if isinstance(left, Call):
            return left
        raise self.wrong()


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise InvalidRequestError(f"Syntax error at character {at}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found
