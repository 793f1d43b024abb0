"""JSON as it travels: read so that nothing sent can break what comes after, written as one clean line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from urllib.parse import parse_qsl

from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.domain.errors import AccessError

# Control characters, Unicode line and paragraph separators, and halves of surrogate pairs, which have no UTF-8 form.
_UNSPEAKABLE = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+\s*")

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100


def json_object(request: HttpRequest, *, once: AbstractSet[str] = frozenset()) -> dict[str, object]:
    """Read the body as a JSON object; raises AccessError(400) with bad_content_type, bad_json or bad_body.

    A name among `once` that stands twice in an object is refused; of others the last one counts.
    """
    body = json_value(request, once=once)
    if not isinstance(body, dict):
        raise AccessError(400, "bad_body", "the body must be one JSON object")
    return body


def json_value(request: HttpRequest, *, once: AbstractSet[str] = frozenset()) -> object:
    """Read the body as any JSON value, as `json_object` does."""
    _require_json(header(request, "content-type") or "")

    def each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs if name in once]
        if len(names) > len(set(names)):
            raise AccessError(400, "bad_body", "the body says twice who is calling")
        return dict(pairs)

    try:
        return parsed(request.body.decode("utf-8-sig"), each_once if once else None)
    except ValueError as exc:
        raise AccessError(400, "bad_json", "the body is not JSON in UTF-8") from exc


def is_form(request: HttpRequest) -> bool:
    """Whether the body is a submitted form."""
    return (header(request, "content-type") or "").partition(";")[0].strip().lower() == _FORM


def form_object(request: HttpRequest) -> dict[str, object]:
    """Read a submitted form; of a name that comes twice the last one counts. Raises AccessError(400, bad_body)."""
    try:
        return dict(
            parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
        )
    except ValueError as exc:
        raise AccessError(400, "bad_body", "the body is not a form in UTF-8") from exc


def parsed(text: str, pairs: Callable[[list[tuple[str, object]]], object] | None = None) -> object:
    """Parse any JSON value, `pairs` making objects; ValueError also when it is nested deeper than the parser goes."""
    try:
        value: object = json.loads(text, object_pairs_hook=pairs)
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc
    return value


def _require_json(content_type: str) -> None:
    """Accept no type, any JSON type and text/plain (simple HTTP clients); refuse forms, multipart and XML."""
    media = re.split(r"[;,]", content_type, maxsplit=1)[0].strip().lower()
    if media not in ("", "text/plain") and not media.endswith(("/json", "+json")):
        raise AccessError(400, "bad_content_type", "send the body as application/json")


def header(request: HttpRequest, name: str) -> str | None:
    """Look up one header, by its name in any case."""
    return request.headers.get(name.lower())


def as_object(value: object) -> Mapping[str, object]:
    """Return the value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return the value when it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def one_line(text: str) -> str:
    """Take out line breaks and other control characters: voice platforms cut or refuse such replies."""
    return _UNSPEAKABLE.sub(" ", text)


def one_line_json(value: object) -> str:
    """Write compact JSON whose strings are single lines too, however often a reader decodes it."""
    return json.dumps(_single_lines(value), ensure_ascii=False, separators=(",", ":"))


def _single_lines(value: object) -> object:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {one_line(str(key)): _single_lines(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_single_lines(item) for item in value]
    return value


def refusal(error: AccessError) -> HttpResponse:
    """Refuse with the error's HTTP status: `error` is the stable code, `message` is for the integrator."""
    return HttpResponse(error.status, one_line_json({"error": error.code, "message": str(error)}))
