"""docs/configuration.md is true: its connections can be applied, and no key of a connection is missing from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ops.desk_file import read_desk
from ops.desk_file_known import PROVIDERS
from ops.desk_file_sections import CalendarSection, StaffRuleSection, StaffSection

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text()
CALENDARS = TEXT[TEXT.index("## calendars") : TEXT.index("\n## staff")]
EXAMPLES = [line for block in re.findall(r"```yaml\n(.*?)```", CALENDARS, re.DOTALL) for line in block.splitlines()]
HEAD = "business: b\nname: B\ntime_zone: Europe/Berlin\ncalendars:\n  "


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_connection_shown_can_be_applied_to_a_deployed_stage(example: str) -> None:
    filled = example.replace("hours: {…}", 'hours: {mon: ["09:00-17:00"]}').replace('"…"', '"0123456789"')
    account_key = json.dumps({"type": "service_account", "client_email": "a@b.example", "private_key": "x"})
    names = re.findall(r"\$\{(\w+)\}", example)
    environ = {name: account_key if name == "GOOGLE_KEY" else "k" * 40 for name in names}

    desk = read_desk(HEAD + filled, name="desk.yaml", environ=environ, local=False)

    assert len(desk.to_business().calendars) == 1


def test_every_provider_and_every_way_to_get_in_is_shown() -> None:
    providers = set(re.findall(r"provider: (\w+)", "\n".join(EXAMPLES)))

    assert providers == set(PROVIDERS)
    assert len(EXAMPLES) >= sum(max(len(provider.access), 1) for provider in PROVIDERS.values())


def test_every_key_is_explained() -> None:
    rule = [f"staff.{name}" for name in StaffRuleSection.model_fields]
    keys = [*CalendarSection.model_fields, *StaffSection.model_fields, *rule]

    assert [key for key in keys if not re.search(rf"^\|.*`{key}`.*\|", TEXT, re.MULTILINE)] == ["token_url"]
    assert "`token_url`" in CALENDARS
