"""Who serves is chosen either by the provider or by us, never by both: a name of ours is no host of theirs."""

from __future__ import annotations

import pytest

from ops.desk_file import DeskFileError, read_desk
from ops.desk_file_known import PROVIDERS

ACCOUNTS = {
    "calcom": 'api_key: "${KEY}"',
    "calendly": 'api_key: "${KEY}"',
    "gohighlevel": 'api_key: "${KEY}", location_id: abc123',
}
DESK = """\
business: b
name: B
time_zone: Europe/Berlin
calendars:
  main: {{provider: {provider}, {account}}}
staff:
  ana: {{name: Ana, calendar: main}}
services:
  visit: {{name: Visit, minutes: 30, staff: {{{rule}}}}}
"""


def test_every_provider_that_chooses_its_hosts_is_tried_here() -> None:
    assert set(ACCOUNTS) == {name for name, provider in PROVIDERS.items() if provider.kind == "slots"}


@pytest.mark.parametrize("provider", ACCOUNTS)
@pytest.mark.parametrize("rule", ["pool: [ana]", "fixed: [ana]", "groups: [[ana]]"])
def test_staff_on_a_calendar_that_chooses_its_hosts_is_refused(provider: str, rule: str) -> None:
    text = DESK.format(provider=provider, account=ACCOUNTS[provider], rule=rule)

    with pytest.raises(DeskFileError) as refused:
        read_desk(text, name="desk.yaml", environ={"KEY": "k" * 40}, local=False)

    (problem,) = refused.value.problems
    assert f"has a {provider} calendar, which chooses its hosts itself" in problem
