"""The desk file: one YAML file per business, read whole, with every mistake named at once by line and field."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ops.desk_file_checks import Names, check
from ops.desk_file_domain import business_of, registrations_of, secrets_of
from ops.desk_file_sections import DeskFile
from ops.desk_file_yaml import Path, Problem, Source, read_yaml
from slotline.domain.business import Business
from slotline.domain.errors import ConfigError

_AREAS = ("calendars", "staff", "services", "agents")
_STAND_INS: dict[str, Any] = {"business": "unnamed", "name": "unnamed", "time_zone": "UTC", "calendars": {}}
_PLAIN = {
    "missing": "is missing: add it",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "dict_type": "must be a map of names and values",
    "model_type": "must be a map of names and values",
    "list_type": "must be a list",
    "string_type": "must be a single value",
}


class DeskFileError(ConfigError):
    """The file cannot be used; `problems` holds one line per mistake: file, line, field and fix."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk file that is right in itself."""

    name: str  # of the file, for messages
    file: DeskFile
    source: Source

    def to_business(self) -> Business:
        """Everything but the secrets."""
        return business_of(self.file)

    def secret_values(self) -> dict[str, str]:
        """Every secret, by dotted names such as `calendars.main.api_key` and `agents.front-desk.auth`."""
        return secrets_of(self.file)

    def registrations(self) -> dict[str, str]:
        """The name of each provider account in the calendar registry, by calendar."""
        return registrations_of(self.file)

    def problem(self, path: Path, message: str) -> str:
        """A mistake that only the target could show, in the same words as all others."""
        return _shown(Problem(path, message), file_name=self.name, source=self.source)


def load_desk(path: FilePath, *, environ: Mapping[str, str], local: bool) -> Desk:
    """The desk in a file; DeskFileError with everything that is wrong. `local` also allows this machine's URLs."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise DeskFileError([f"{path}: cannot be read: {exc.strerror or exc}"]) from exc
    except UnicodeDecodeError:
        raise DeskFileError([f"{path}: is not UTF-8 text"]) from None
    return read_desk(text, name=str(path), environ=environ, local=local)


def read_desk(text: str, *, name: str, environ: Mapping[str, str], local: bool) -> Desk:
    """As `load_desk`, from the text itself."""
    source = read_yaml(text, environ=environ)
    problems = list(source.problems)
    file: DeskFile | None = None
    if source.values:
        file, found = _parse(source, local=local)
        problems += found
    elif not problems:
        problems.append(Problem((), "the file is empty: it must begin with `business: …`"))
    if problems or file is None:
        ordered = sorted(problems, key=lambda problem: (source.line(problem.path), problem.path))
        shown = (_shown(problem, file_name=name, source=source) for problem in ordered)
        raise DeskFileError(list(dict.fromkeys(shown)))
    return Desk(name=name, file=file, source=source)


def schema() -> str:
    """The file's JSON Schema, for editors."""
    return json.dumps(DeskFile.model_json_schema(by_alias=True), indent=2, ensure_ascii=False)


def _shown(problem: Problem, *, file_name: str, source: Source) -> str:
    place = f"{file_name}:{source.line(problem.path)}"
    return f"{place}: {problem.field}: {problem.message}" if problem.path else f"{place}: {problem.message}"


def _parse(source: Source, *, local: bool) -> tuple[DeskFile | None, list[Problem]]:
    """The file as far as it can be read, and everything that is wrong with it.

    What is wrong is taken out, first alone and then with the section around it, until the rest can be read: so one
    typing error does not hide a wrong name elsewhere.
    """
    said = {problem.path for problem in source.problems}
    file, errors = _validated(source.values, local=local)
    # A value whose variable is missing is wrong for that reason alone.
    problems = [_explained(e) for e in errors if e["type"] == "extra_forbidden" or _path(e) not in said]
    broken: set[Path] = set()
    values = source.values
    for extent in (_path, _section):
        if errors:
            broken = {extent(error) for error in errors}
            values = _without(values, broken)
            file, errors = _validated(values, local=local)
    if file is None:
        return None, problems
    names = Names(**{area: _names(file, area, source=source) for area in ("calendars", "staff", "services")})
    said |= {problem.path for problem in problems}
    follow_ups = (p for p in check(file, names=names, source=source) if not any(_related(p.path, s) for s in said))
    return file, [*problems, *follow_ups]


def _validated(values: Mapping[str, Any], *, local: bool) -> tuple[DeskFile | None, list[ErrorDetails]]:
    try:
        return DeskFile.model_validate(values, context={"local": local}), []
    except ValidationError as exc:
        return None, exc.errors(include_url=False)


def _path(error: ErrorDetails) -> Path:
    return tuple(str(part) for part in error["loc"] if part != "[key]")


def _section(error: ErrorDetails) -> Path:
    """One calendar, service and so on, or a whole top-level field."""
    path = _path(error)
    return path[:2] if path[0] in _AREAS else path[:1]


def _without(value: Any, broken: set[Path], here: Path = ()) -> Any:
    """The same values without those at the broken paths; what every file must have gets a stand-in."""
    if isinstance(value, list):
        places = ((index, (*here, str(index))) for index in range(len(value)))
        return [_without(value[index], broken, place) for index, place in places if place not in broken]
    if not isinstance(value, dict):
        return value
    kept = {key: _without(item, broken, (*here, key)) for key, item in value.items() if (*here, key) not in broken}
    return kept if here else _STAND_INS | kept


def _related(path: Path, other: Path) -> bool:
    """Whether one is the other or lies inside it."""
    shorter = min(len(path), len(other))
    return path[:shorter] == other[:shorter]


def _names(file: DeskFile, area: str, *, source: Source) -> frozenset[str] | None:
    """Every name in the area, also of sections that cannot be used; None when the area itself cannot be read."""
    written = source.values.get(area, {})
    return frozenset(getattr(file, area)) | frozenset(written) if isinstance(written, dict) else None


def _explained(error: ErrorDetails) -> Problem:
    path, kind = _path(error), error["type"]
    if kind == "extra_forbidden":
        return Problem(path, _unknown_key(path))
    if kind == "value_error":
        return Problem(path, str(error["ctx"]["error"]))
    if kind == "string_pattern_mismatch":
        return Problem(path, f"is not written as it should be ({error['ctx']['pattern']})")
    message = _PLAIN.get(kind) or error["msg"].removeprefix("Input ")
    return Problem(path, message[:1].lower() + message[1:])


def _unknown_key(path: Path) -> str:
    known = sorted(_keys_at(DeskFile, path[:-1]))
    close = difflib.get_close_matches(path[-1], known, n=1)
    return f"is not a known key: {f'did you mean {close[0]}?' if close else f'known here: {", ".join(known)}'}"


def _keys_at(model: type[BaseModel], path: Path) -> set[str]:
    """The keys that the section at this path may have."""
    if not path:
        return {field.alias or name for name, field in model.model_fields.items()}
    annotation = model.model_fields[path[0]].annotation
    rest = path[1:]
    if get_origin(annotation) is dict:
        annotation, rest = get_args(annotation)[1], rest[1:]
    sections = [kind for kind in (annotation, *get_args(annotation)) if _is_section(kind)]
    return _keys_at(sections[0], rest)


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
