"""`slotline apply`: check the desk file, show what changes, and write all of it or nothing.

Secrets go first, for a desk with its secrets and yesterday's configuration works; the configuration and the claim on
each calendar account follow in one transaction, which fails as a whole when another business owns one of them.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from botocore.exceptions import BotoCoreError, ClientError

from ops.apply_diff import differences
from ops.desk_file import Desk, DeskFileError, load_desk
from ops.target import Target
from ops.webhook_orders import Settle, is_webhook_secret, webhook_secrets
from slotline.adapters.dynamodb.attributes import encode, encode_item
from slotline.adapters.dynamodb.config_store import (
    config_key,
    dump_business,
    listing_key,
    load_business,
    read_item,
    registry_key,
)
from slotline.adapters.secrets import parse_secret_map
from slotline.domain.business import Business, IdentityLevel
from slotline.domain.errors import ConfigError, StoreError

OK, UNREACHABLE, INVALID = 0, 1, 2
"""Exit codes."""

DESK_KEY = "desk_key"
"""The business's root key among its secrets, made once: slot ids, caller hashes and sealed names hang on it."""

_DESK_KEY_BYTES = 32
_MINE = "attribute_not_exists(pk) OR business = :business"


@dataclass(frozen=True, slots=True)
class Applied:
    """What the target holds now."""

    business: Business | None = None
    revision: int = 0
    registrations: tuple[str, ...] = ()
    secrets: Mapping[str, str] | None = None  # None: the business has no secret yet


class ApplyConflictError(ConfigError):
    """Somebody else applied between our read and our write; nothing of ours was kept."""


def apply_file(
    path: str | Path,
    *,
    target: Target,
    environ: Mapping[str, str],
    dry_run: bool,
    out: TextIO,
    rotate_webhook_secrets: bool = False,
    settle: Settle | None = None,
) -> int:
    """Apply a desk file and print the diff; returns the exit code. `environ` fills its `${NAME}` references.

    `settle` orders webhooks after a write; None orders none, for a target whose functions do not run yet.
    """
    desk = load_or_complain(path, environ=environ, local=target.is_local, out=out)
    if desk is None:
        return INVALID
    try:
        return _apply(
            desk, target=target, dry_run=dry_run, out=out, rotate=rotate_webhook_secrets, settle=settle or _settle_none
        )
    except DeskFileError as exc:
        return _complain(exc, out=out)
    except ConfigError as exc:
        print(exc, file=out)
    except (BotoCoreError, ClientError, StoreError) as exc:
        print(f"{target} did not answer as it should: {exc}", file=out)
    return UNREACHABLE


def load_or_complain(path: str | Path, *, environ: Mapping[str, str], local: bool, out: TextIO) -> Desk | None:
    """The desk in the file; None after every mistake has been printed."""
    try:
        return load_desk(Path(path), environ=environ, local=local)
    except DeskFileError as exc:
        _complain(exc, out=out)
        return None


def _complain(error: DeskFileError, *, out: TextIO) -> int:
    print(error, file=out)
    print(f"{len(error.problems)} to mend; nothing was written", file=out)
    return INVALID


def _apply(desk: Desk, *, target: Target, dry_run: bool, out: TextIO, rotate: bool, settle: Settle) -> int:
    business = desk.to_business()
    before = read_applied(target, business.key)
    known = before.secrets or {}
    _refuse_foreign_accounts(desk, target=target)
    wanted = desk.secret_values()
    lines = differences(before.business, business, secrets_before=_of_the_file(known), secrets_after=wanted)
    for line in [
        *lines,
        *_warnings(business, known=known, wanted=wanted, is_new=before.business is None),
        *identity_warnings(business, is_local=target.is_local),
    ]:
        print(line, file=out)
    hooks = webhook_secrets(business, known, rotate=rotate)
    if rotate:
        print(f"new webhook secrets: {_names_of(hooks)}; those before stay valid beside them", file=out)
    values = {DESK_KEY: known.get(DESK_KEY) or _new_desk_key(), **hooks, **wanted}
    registrations = tuple(sorted(desk.registrations().values()))
    if not lines and values == known and registrations == before.registrations:
        print(f"nothing to change: {business.key} on {target}", file=out)
    elif dry_run:
        print(f"dry run: nothing was written to {target}", file=out)
    else:
        _write(business, registrations=registrations, values=values, before=before, target=target, desk=desk)
        print(f"applied: {business.key} on {target}", file=out)
        settle(before.business, business, secrets_before=known, secrets_after=values, target=target, out=out)
    return OK


def _settle_none(*_: object, **__: object) -> None:
    pass


def _of_the_file(known: Mapping[str, str]) -> dict[str, str]:
    """The secrets that came from a file: we make the others ourselves."""
    return {name: value for name, value in known.items() if name != DESK_KEY and not is_webhook_secret(name)}


def _names_of(hooks: Mapping[str, str]) -> str:
    return ", ".join(sorted({name.rpartition(".")[0] for name in hooks})) or "none, for no calendar takes orders"


def _warnings(
    business: Business, *, known: Mapping[str, str], wanted: Mapping[str, str], is_new: bool
) -> Iterator[str]:
    """What the owner must know beside what changes."""
    if not is_new and DESK_KEY not in known:
        yield f"{DESK_KEY} is missing and will be new: names and callers of earlier bookings can no longer be read"
    for name, calendar in business.calendars.items():
        token = f"calendars.{name}.refresh_token"
        if calendar.provider == "google" and token in wanted and wanted[token] != known.get(token):
            yield (
                f'warning: calendars.{name}: a Google consent screen in "Testing" ends this consent after 7 days;'
                ' publish the app ("In production") first'
            )


def identity_warnings(business: Business, *, is_local: bool) -> Iterator[str]:
    """Where callers would be asked for a code and cannot be helped."""
    if business.to_change is not IdentityLevel.SMS_CODE:
        return
    if not business.sms.is_configured or (business.sms.provider == "console" and not is_local):
        yield "warning: identity: sms_code needs texts that go out: until sms has a sender, nobody is known"
    if business.transfer_to is None:
        yield "warning: identity: callers who cannot be sent a code have nobody to turn to without transfer_to"


def read_applied(target: Target, business: str) -> Applied:
    """What was applied for this business before."""
    item = read_item(target.dynamodb(), table=target.table, key=config_key(business))
    stored = _read_secrets(target, business)
    if not item:
        return Applied(secrets=stored)
    return Applied(
        business=load_business(item["doc"]),
        revision=item["v"],
        registrations=tuple(item.get("reg", ())),
        secrets=stored,
    )


def _read_secrets(target: Target, business: str) -> Mapping[str, str] | None:
    client = target.secrets_manager()
    try:
        reply = client.get_secret_value(SecretId=f"{target.secrets_prefix}{business}")
    except client.exceptions.ResourceNotFoundException:
        return None
    return parse_secret_map(reply["SecretString"], business=business)


def _refuse_foreign_accounts(desk: Desk, *, target: Target) -> None:
    """A calendar account belongs to one business: two businesses' locks on it would not meet."""
    client = target.dynamodb()
    problems = []
    for name, registration in desk.registrations().items():
        owner = read_item(client, table=target.table, key=registry_key(registration)).get("business")
        if owner not in {None, desk.file.business}:
            problems.append(_foreign(desk, name, owner))
    if problems:
        raise DeskFileError(problems)


def _foreign(desk: Desk, calendar: str, owner: str) -> str:
    message = f"this account belongs to business {owner!r} on the same stack; one account serves one business"
    return desk.problem(("calendars", calendar), message)


def _write(
    business: Business,
    *,
    registrations: tuple[str, ...],
    values: Mapping[str, str],
    before: Applied,
    target: Target,
    desk: Desk,
) -> None:
    if values != before.secrets:
        _write_secrets(target, business.key, values, is_new=before.secrets is None)
    try:
        _write_configuration(business, registrations=registrations, before=before, target=target)
    except ClientError as exc:
        if values != before.secrets:
            _restore_secrets(target, business.key, before.secrets)
        if exc.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        _refuse_foreign_accounts(desk, target=target)
        raise ApplyConflictError("somebody else applied at the same moment: look at the diff and apply again") from exc


def _write_configuration(
    business: Business, *, registrations: tuple[str, ...], before: Applied, target: Target
) -> None:
    claims = [_put(target, registry_key(name), _MINE, business=business.key) for name in registrations]
    releases = [
        {"Delete": {"TableName": target.table, "Key": _key(registry_key(name)), **_condition(_MINE, business.key)}}
        for name in before.registrations
        if name not in registrations
    ]
    pk, sk = config_key(business.key)
    item = {"pk": pk, "sk": sk, "doc": dump_business(business), "v": before.revision + 1, "reg": list(registrations)}
    configuration = {
        "Put": {
            "TableName": target.table,
            "Item": encode_item(item),
            "ConditionExpression": "v = :v" if before.revision else "attribute_not_exists(pk)",
            **({"ExpressionAttributeValues": {":v": encode(before.revision)}} if before.revision else {}),
        }
    }
    items: list[Any] = [configuration, _put(target, listing_key(business.key)), *claims, *releases]
    target.dynamodb().transact_write_items(TransactItems=items)


def _put(target: Target, key: tuple[str, str], condition: str | None = None, **values: str) -> dict[str, Any]:
    item = encode_item({"pk": key[0], "sk": key[1], **values})
    guard = _condition(condition, values["business"]) if condition else {}
    return {"Put": {"TableName": target.table, "Item": item, **guard}}


def _condition(expression: str, business: str) -> dict[str, Any]:
    return {"ConditionExpression": expression, "ExpressionAttributeValues": {":business": encode(business)}}


def _key(key: tuple[str, str]) -> dict[str, Any]:
    return encode_item({"pk": key[0], "sk": key[1]})


def _write_secrets(target: Target, business: str, values: Mapping[str, str], *, is_new: bool) -> None:
    client, name = target.secrets_manager(), f"{target.secrets_prefix}{business}"
    text = json.dumps(values, sort_keys=True)
    if not is_new:
        client.put_secret_value(SecretId=name, SecretString=text)
        return
    key: Any = {"KmsKeyId": target.secrets_key} if target.secrets_key else {}
    try:
        client.create_secret(Name=name, SecretString=text, Description=f"Slotline secrets of {business}", **key)
    except client.exceptions.ResourceExistsException as exc:
        raise ApplyConflictError("somebody else applied at the same moment: look at the diff and apply again") from exc


def _restore_secrets(target: Target, business: str, values: Mapping[str, str] | None) -> None:
    """Leave no trace of an apply that failed half-way."""
    if values is None:
        target.secrets_manager().delete_secret(
            SecretId=f"{target.secrets_prefix}{business}", ForceDeleteWithoutRecovery=True
        )
    else:
        _write_secrets(target, business, values, is_new=False)


def _new_desk_key() -> str:
    return base64.b64encode(secrets.token_bytes(_DESK_KEY_BYTES)).decode()
