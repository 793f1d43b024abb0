"""Reading a desk file's YAML so that every value remembers its line, and nothing in it is guessed.

Every scalar stays the text the owner typed: `no`, `12:30`, `+1415…` and `2026-12-25` mean what they look like, and the
models decide what a field is. Only an empty value, `~` and `null` mean "not given".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str, ...]
Finding = tuple[Path, str]
"""A problem by its place inside one section."""

MAX_CHARACTERS = 256_000
MAX_VALUES = 20_000
"""After aliases are followed; a few lines of nested aliases would otherwise grow to billions of values."""

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_BARE_REFERENCE = re.compile(r"[\[{,:]\s*\$\{")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KNOWN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq")
}
_SECRET_FIELDS = {
    "api_key",
    "auth_token",
    "basic",
    "bearer",
    "client_secret",
    "password",
    "refresh_token",
    "secret",
    "service_account_key",
    "signature",
    "value",
    "webhook_secret",
}
_NOTHING = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: where, and what to do about it."""

    path: Path
    message: str

    @property
    def field(self) -> str:
        return ".".join(self.path)


class Scalar(str):
    """A value with its `${NAME}` references filled in; `raw` is what stands in the file."""

    __slots__ = ("raw",)
    raw: str

    @classmethod
    def of(cls, text: str, *, raw: str) -> Scalar:
        scalar = cls(text)
        scalar.raw = raw
        return scalar


@dataclass(slots=True)
class Source:
    """A file as read: its values, where each stands, and what was already wrong while reading."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    raw: dict[Path, str] = field(default_factory=dict)  # texts as written, references not filled in
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a field, or of the nearest thing around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class TooMuchError(Exception):
    """The file is too large, too deep, or refers to itself."""


def read_yaml(text: str, *, environ: Mapping[str, str]) -> Source:
    """The file's values by path. Whatever is wrong is collected, never raised."""
    source = Source()
    if len(text) > MAX_CHARACTERS:
        source.problems.append(Problem((), f"the file is longer than {MAX_CHARACTERS} characters"))
        return source
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            source.problems.append(Problem((), "the file must be a map that begins with `business: …`"))
            return source
        source.values = _Builder(source, environ).mapping(root, ())
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        source.lines[()] = mark.line + 1 if mark else 1
        source.problems.append(Problem((), f"this is not YAML: {_syntax(exc, text, source.lines[()])}"))
    except (TooMuchError, RecursionError) as exc:
        source.problems.append(Problem((), str(exc) if isinstance(exc, TooMuchError) else "nested too deeply"))
    return source


def _syntax(error: yaml.YAMLError, text: str, line: int) -> str:
    # Inside {…} and […] a bare ${NAME} opens a map of its own: the one syntax error that this file invites.
    if _BARE_REFERENCE.search("".join(text.splitlines(keepends=True)[line - 1 : line])):
        return 'put "${NAME}" in quotes inside { } and [ ]'
    return getattr(error, "problem", None) or "unreadable"


class _Builder:
    """Turns YAML nodes into maps, lists and scalars."""

    def __init__(self, source: Source, environ: Mapping[str, str]) -> None:
        self._source = source
        self._environ = environ
        self._count = 0
        self._open: set[int] = set()

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        seen: set[str] = set()
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(path, "keys must be plain words")
                continue
            key = key_node.value
            if key in seen:
                self._problem((*path, key), f"is written again in line {line}: keep one")
                continue
            seen.add(key)
            self._source.lines[(*path, key)] = line
            value = self._value(value_node, (*path, key))
            if value is not None:
                values[key] = value
        return values

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            raise TooMuchError(f"more than {MAX_VALUES} values once its aliases are followed")
        if id(node) in self._open:
            raise TooMuchError(f"{'.'.join(path)}: an alias refers to itself")
        if node.tag not in _KNOWN_TAGS:
            self._problem(path, f"the tag {node.tag} is not understood: remove it")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self.mapping(node, path)
            return self._sequence(node, path)
        finally:
            self._open.discard(id(node))

    def _sequence(self, node: yaml.Node, path: Path) -> list[Any]:
        values = []
        for index, item in enumerate(node.value):
            place = (*path, str(index))
            self._source.lines[place] = item.start_mark.line + 1
            values.append(self._value(item, place))
        return values

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Scalar | None:
        if node.style is None and node.value in _NOTHING:
            return None
        self._source.raw[path] = node.value
        return Scalar.of(_REFERENCE.sub(lambda found: self._variable(found, path), node.value), raw=node.value)

    def _variable(self, found: re.Match[str], path: Path) -> str:
        name = found[1]
        if not _NAME.fullmatch(name):
            self._problem(path, f"{found[0]} is no reference: write it as ${{NAME}}, in letters, digits and _")
        elif name not in self._environ:
            self._problem(path, f"the environment has no {name}: set it before you apply")
        elif not self._environ[name]:
            self._problem(path, f"the environment's {name} is empty: set it before you apply")
        else:
            return self._environ[name]
        return found[0]

    def _problem(self, path: Path, message: str) -> None:
        self._source.problems.append(Problem(path, message))


def references(raw: str) -> list[str]:
    """The names a text refers to as ${NAME}."""
    return _REFERENCE.findall(raw)


def is_secret_field(path: Path) -> bool:
    """Whether this field's value goes to Secrets Manager and nowhere else."""
    return path[-1] in _SECRET_FIELDS or path[-2:] == ("auth", "hmac")


def is_only_a_reference(raw: str) -> bool:
    """Whether the text is one ${NAME} and nothing else."""
    return bool(re.fullmatch(r"\$\{[^}]*\}", raw))
