from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from slotline.adapters.calendars.caldav.addresses import canonical, is_same_site
from slotline.adapters.calendars.caldav.replies import UnsafeXmlError, xml_of
from slotline.adapters.calendars.caldav.requests import resource_of, uid_of
from slotline.domain.errors import CredentialError, NotExecutedError, ProviderError, SetupError
from slotline.domain.time import Interval
from tests.fakes import FakeClock
from tests.servers.caldav import USER, CaldavApi, Quirks, Shelf
from tests.servers.caldav_desk import PRODUCTS, RADICALE
from tests.unit.caldav_rig import TUESDAY_TEXT, over, rig
from tests.unit.rigs import DAY, TEN, TUESDAY

if TYPE_CHECKING:
    from tests.servers.faulty import Answer
    from tests.unit.caldav_rig import Rig

NAME = resource_of(uid_of("desk", "tag-1", 0))
WHOLE_DAY = [(0, DAY)]


def at(clock: str, until: str, more: str = "") -> str:
    """Property lines of an event on the Tuesday, in UTC."""
    return f"DTSTART:{TUESDAY_TEXT}T{clock}00Z\nDTEND:{TUESDAY_TEXT}T{until}00Z\n{more}"


# --- what stands in a window -----------------------------------------------------------------------------------------


def test_ours_carry_their_tags_and_others_none() -> None:
    r = rig()
    made = r.create()
    name = r.api.desk.person_adds(at("1400", "1500"))

    assert {(e.id, e.tag, e.span.start - TUESDAY) for e in r.events()} == {
        (made.id, "tag-1", 600),
        (f"/ada/cal/main/{name}", None, 840),
    }


def test_a_copy_that_a_person_made_of_our_event_is_not_ours() -> None:
    r = rig()
    made = r.create()
    r.api.desk.person_puts(r.text().replace("UID:", "UID:copy-"), name="copy.ics")

    assert {(e.id, e.tag) for e in r.events()} == {(made.id, "tag-1"), ("/ada/cal/main/copy.ics", None)}


def test_the_event_of_another_business_is_not_ours() -> None:
    r = rig()
    r.create()
    r.api.desk.person_puts(r.text().replace(uid_of("desk", "tag-1", 0), uid_of("other", "tag-1", 0)), name="b.ics")
    assert sorted(e.tag or "" for e in r.events()) == ["", "tag-1"]


def test_our_event_that_a_person_let_recur_is_ours_once() -> None:
    r = rig()
    made = r.create()
    r.api.desk.person_edits(NAME, "TRANSP", "RRULE:FREQ=HOURLY;COUNT=3\r\nTRANSP")

    assert [(e.tag, e.span.start) for e in r.events()] == [("tag-1", TEN), (None, TEN + 60), (None, TEN + 120)]
    assert r.busy(moving=made.id) == [(660, 690), (720, 750)]


@pytest.mark.parametrize(
    "more",
    [
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{USER.upper()}",
    ],
)
def test_what_leaves_the_owner_free_is_left_out(more: str) -> None:
    r = rig()
    r.api.desk.person_adds(at("1400", "1500", more))
    assert r.events() == ()


@pytest.mark.parametrize(
    "more",
    ["STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "ATTENDEE;PARTSTAT=DECLINED:mailto:other@example.com"],
)
def test_what_may_keep_the_owner_busy_does(more: str) -> None:
    r = rig()
    r.api.desk.person_adds(at("1400", "1500", more))
    assert r.busy() == [(840, 900)]


def test_busy_times_are_merged_rounded_outwards_and_whole() -> None:
    r = rig()
    r.api.desk.person_adds(f"DTSTART:{TUESDAY_TEXT}T095930Z\nDTEND:{TUESDAY_TEXT}T100030Z")
    r.api.desk.person_adds(at("1001", "1030"))
    r.api.desk.person_adds(at("1010", "1020"))
    r.api.desk.person_adds(at("1100", "1100"))  # no length

    assert r.busy() == [(599, 630)]
    assert r.busy(Interval(TEN + 10, TEN + 20)) == [(601, 630)]


def test_the_time_of_the_one_who_moves_counts_as_free_and_others_over_it_do_not() -> None:
    r = rig()
    made = r.create()
    r.api.desk.person_adds(at("1015", "1020"))
    assert r.busy() == [(600, 630)]
    assert r.busy(moving=made.id) == [(615, 620)]


def test_further_calendars_count_as_busy_and_are_never_written_to() -> None:
    r = rig(Shelf("main", "Main"), Shelf("home", "At home", writable=False), also_check="At home\n/ada/cal/main/\n")
    r.api.desk.person_adds(at("1400", "1500"), shelf="home")

    r.create()

    assert r.busy() == [(600, 630), (840, 900)]
    assert list(r.api.desk.shelves["main"].resources) == [NAME]


@pytest.mark.parametrize("also", ["/ada/cal/none/", "Nowhere", "/etc/passwd"])
def test_a_calendar_that_cannot_be_read_is_never_free(also: str) -> None:
    r = rig(also_check=also)
    with pytest.raises(SetupError, match=r"calendars\.main\.also_check"):
        r.busy()


@pytest.mark.parametrize("kind", ["error_before", "drop_before", "too_many", "unreadable", "unauthorized", "stall"])
def test_a_read_that_fails_is_no_free_calendar(kind: str) -> None:
    r = rig()
    r.api.desk.person_adds(at("1400", "1500"))
    r.api.fault(kind, on="busy", seconds=60, times=2)
    with pytest.raises((NotExecutedError, CredentialError)):
        r.busy()


BROKEN = {
    "no start": "SUMMARY:x",
    "broken start": "DTSTART:2026X\nDTEND:20260106T150000Z",
    "endless rule": f"{at('1400', '1500')}RRULE:FREQ=SECONDLY",
    "rule without end": f"{at('1400', '1500')}RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "no interval": f"{at('1400', '1500')}RRULE:FREQ=DAILY;INTERVAL=0",
    "broken rule": f"{at('1400', '1500')}RRULE:FREQ=SOMETIMES",
    "broken exception": f"{at('1400', '1500')}RRULE:FREQ=DAILY\nEXDATE:never",
    "unknown zone in a rule": (
        f"DTSTART;TZID=Mars/Base:{TUESDAY_TEXT}T100000\nDTEND;TZID=Mars/Base:{TUESDAY_TEXT}T110000\nRRULE:FREQ=DAILY"
    ),
}


@pytest.mark.parametrize("lines", BROKEN.values(), ids=BROKEN)
def test_an_object_that_cannot_be_read_blocks_the_window_and_is_reported(
    lines: str, caplog: pytest.LogCaptureFixture
) -> None:
    r = rig()
    r.api.desk.person_adds(lines, name="secret-name.ics")

    assert r.busy() == WHOLE_DAY
    assert "calendar_object_unreadable" in caplog.text
    assert "secret" not in caplog.text


def test_an_unknown_zone_blocks_what_it_may_mean_anywhere() -> None:
    r = rig()
    start = f"DTSTART;TZID=Mars/Base:{TUESDAY_TEXT}T120000"
    r.api.desk.person_adds(f"{start}\nDTEND;TZID=Mars/Base:{TUESDAY_TEXT}T130000")

    ((first, last),) = r.busy()

    assert first <= 720 - 14 * 60
    assert last >= 780 + 12 * 60
    assert r.busy(Interval(TUESDAY + 3 * DAY, TUESDAY + 4 * DAY)) == []


class Ticking(FakeClock):
    """Every look at it takes half a second."""

    def now(self) -> float:
        self.sleep(0.5)
        return self.time


def test_expanding_ends_at_the_deadline_too() -> None:
    r = rig()
    for _ in range(40):
        r.api.desk.person_adds(at("1400", "1500", "TRANSP:TRANSPARENT"))
    assert r.busy() == []
    r.calendar._clock = Ticking(r.clock.now())
    with pytest.raises(NotExecutedError):
        r.busy()


def test_what_a_report_does_not_show_is_fetched() -> None:
    r = rig(quirks=replace(RADICALE, hides_data=True))
    r.create()
    r.api.desk.person_adds(at("1400", "1500"))
    assert r.busy() == [(600, 630), (840, 900)]


def test_an_answer_that_is_cut_is_asked_for_in_halves() -> None:
    r = rig(quirks=replace(RADICALE, most=2))
    for day in range(6, 12):
        r.api.desk.person_adds(f"DTSTART:202601{day:02}T100000Z\nDTEND:202601{day:02}T110000Z")

    assert len(r.busy(Interval(TUESDAY, TUESDAY + 7 * DAY))) == 6

    for hour in (12, 14, 16):
        r.api.desk.person_adds(at(f"{hour}00", f"{hour + 1}00"))
    with pytest.raises(NotExecutedError):
        r.busy()


def test_a_long_window_is_asked_for_in_parts() -> None:
    r = rig()
    r.api.desk.person_adds("DTSTART:20260302T100000Z\nDTEND:20260302T110000Z\nRRULE:FREQ=WEEKLY;COUNT=2")

    assert len(r.busy(Interval(TUESDAY, TUESDAY + 90 * DAY))) == 2
    assert r.methods().count("REPORT") == 3


@pytest.mark.parametrize(
    ("calendar_zone", "start"), [(None, 5 * 60), ("Asia/Tokyo", -9 * 60), ("W. Europe Standard Time", -60)]
)
def test_whole_days_and_floating_times_are_in_the_calendars_zone_or_the_businesss(
    calendar_zone: str | None, start: int
) -> None:
    r = rig(quirks=replace(RADICALE, zone=calendar_zone), zone="America/New_York")
    r.api.desk.person_adds(f"DTSTART;VALUE=DATE:{TUESDAY_TEXT}")
    window = Interval(TUESDAY - DAY, TUESDAY + 2 * DAY)
    assert r.busy(window) == [(start, start + DAY)]

    r.api.desk.person_deletes(next(iter(r.shelf.resources)))
    r.api.desk.person_adds(f"DTSTART:{TUESDAY_TEXT}T100000\nDURATION:PT1H")
    assert r.busy(window) == [(start + 600, start + 660)]
    assert sum(q.method == "PROPFIND" and q.path.endswith("/main/") for q in r.api.seen) == 1


def test_the_verify_read_sees_a_new_event_even_where_reports_are_late() -> None:
    r = rig()
    r.api.visible_after = 30
    made = r.create()
    assert r.events() == ()
    assert [e.id for e in r.find()] == [made.id]
    r.clock.sleep(31)
    assert [e.id for e in r.events()] == [made.id]


# --- discovery -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("product", sorted(PRODUCTS))
@pytest.mark.parametrize("named", [True, False])
def test_calendars_are_discovered_at_every_product_and_only_once(product: str, named: bool) -> None:
    quirks = PRODUCTS[product]
    host = "https://caldav.icloud.com" if quirks.partition else f"https://dav.example{quirks.root if named else ''}"
    r = rig(
        Shelf("main", "Main"),
        Shelf("todo", "To do", kinds=("VTODO",)),
        Shelf("ro", "Read only", writable=False),
        quirks=quirks,
        host=host,
    )

    listed = r.calendar.event_types(deadline=r.deadline)
    asked = len(r.api.seen)
    r.busy()

    assert [e.name for e in listed] == ["Main"]
    assert listed[0].id.endswith(f"{quirks.root}/ada/cal/main/")
    assert len(r.api.seen) == asked + 1
    assert rig(quirks=quirks, calendar=listed[0].id).create().tag == "tag-1"


def test_a_calendar_named_by_its_address_needs_no_discovery() -> None:
    r = rig(Shelf("main", "Main"), Shelf("b", "B"), calendar="/ada/cal/b/", create="direct")
    r.create()
    assert r.methods() == ["PUT"]


def test_a_calendar_is_named_by_the_name_it_is_shown_with() -> None:
    r = rig(Shelf("main", "Main"), Shelf("b c", "Béa & Co"), calendar="Béa & Co")
    made = r.create()
    assert made.id.startswith("/ada/cal/b%20c/")
    assert r.read(made.id) == made
    assert [e.id for e in r.events()] == [made.id]


@pytest.mark.parametrize("calendar", ["", "Same", "Other"])
def test_a_calendar_that_is_not_certain_is_a_mistake_in_the_set_up(calendar: str) -> None:
    r = rig(Shelf("a", "Same"), Shelf("b", "Same"), calendar=calendar)
    with pytest.raises(SetupError, match=r"calendars\.main\.calendar"):
        r.create()


def test_a_page_that_is_no_caldav_service_is_a_mistake_in_the_set_up() -> None:
    client = httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, text="<html>")), base_url="https://shop.example"
    )
    with pytest.raises(SetupError, match="CalDAV"):
        over(client, CaldavApi(), FakeClock()).create()


# --- addresses -------------------------------------------------------------------------------------------------------

ELSEWHERE = [
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/",
    "http://dav.example/",  # the password would go unencrypted
    "https://dav.example:8443/",
    "https://dav.example.evil.example/",
    "https://evil.example/dav.example/",
    "https://dav.example@evil.example/",
    "https://evil.example\\@dav.example/",
    "//evil.example/",
    "file:///etc/passwd",
    "gopher://dav.example/",
    "ftp://dav.example/",
    "javascript:alert(1)",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://localhost/",
    "https://127.0.0.1:9001/",
    "https://2130706433/",
    "https://p34-caldav.icloud.com/",
    "https://dav.example:99999/",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_redirect_leads_off_the_site(target: str) -> None:
    r = rig(quirks=replace(RADICALE, redirect=target))
    with pytest.raises(SetupError, match=r"calendars\.main\.base_url"):
        r.create()
    assert set(r.api.hosts) == {"dav.example"}
    assert len(r.api.seen) == 2  # the well-known address and the configured one


def test_a_redirect_in_a_circle_ends() -> None:
    r = rig(quirks=replace(RADICALE, redirect="/again"), calendar="/ada/cal/main/")
    with pytest.raises(SetupError, match="too many redirects"):
        r.busy()
    assert len(r.api.seen) == 6


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_href_and_no_option_leads_off_the_site(target: str) -> None:
    body = (
        '<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop><current-user-principal>'
        f"<href>{target.replace('&', '')}</href></current-user-principal></prop><status>HTTP/1.1 200 OK</status>"
        "</propstat></response></multistatus>"
    )
    asked: list[httpx.URL] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(207, text=body)

    client = httpx.Client(transport=httpx.MockTransport(handle), base_url="https://dav.example")
    with pytest.raises(SetupError):
        over(client, CaldavApi(), FakeClock()).create()
    assert {url.host for url in asked} == {"dav.example"}

    if target.startswith(("https://", "http://", "/")):
        asked.clear()
        with pytest.raises(SetupError):
            over(client, CaldavApi(), FakeClock(), calendar=target).create()
        assert asked == []


def test_icloud_may_spread_over_its_own_hosts_only() -> None:
    root = canonical("https://caldav.icloud.com")
    assert is_same_site(root, canonical("https://p34-caldav.icloud.com:443/1/"))
    for other in ("https://icloud.com.evil.example", "https://evil-icloud.com", "https://p34.icloud.com:8443"):
        assert not is_same_site(root, canonical(other))
    assert not is_same_site(canonical("https://evil.example"), root)


def test_mutated_addresses_never_reach_another_host() -> None:
    """What passes is exactly what httpx will ask: no second reading of an address exists."""
    generator = random.Random(20260106)
    pieces = [
        *"/\\@:#?%&;.-_[]0aé \t\r\n\x00",
        "//",
        "http:",
        "https:",
        "evil.example",
        "dav.example",
        "%2f",
        "%40",
        "..",
        "file:",
    ]
    account = rig().calendar._account
    passed = 0
    for _ in range(4000):
        base = generator.choice([*ELSEWHERE, "https://dav.example/a/", "/a/b.ics", "b.ics", "https://dav.example"])
        cut = generator.randrange(len(base) + 1)
        text = base[:cut] + "".join(generator.choices(pieces, k=generator.randrange(4))) + base[cut:]
        try:
            url = account.followed("https://dav.example/x/", text)
        except SetupError:
            continue
        passed += 1
        asked = httpx.URL(url)
        assert (asked.scheme, asked.host, asked.port, asked.userinfo) == ("https", "dav.example", None, b"")
    assert passed > 500


# --- XML -------------------------------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<!DOCTYPE x>"])
def test_a_document_type_is_refused_before_it_is_read(doctype: str) -> None:
    r = rig(quirks=Quirks(doctype=doctype), calendar="/ada/cal/main/")
    with pytest.raises(NotExecutedError):
        r.busy()
    with pytest.raises(UnsafeXmlError):
        xml_of(f"{doctype}<x>&b;</x>".encode("utf-16"))


def test_absurd_nesting_is_refused() -> None:
    with pytest.raises(UnsafeXmlError):
        xml_of(b"<a>" * 100_000)


def test_mutated_answers_end_in_our_errors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(7)
    r = rig(calendar="/ada/cal/main/")
    r.create()
    r.api.desk.person_adds(at("1400", "1500", "RRULE:FREQ=DAILY;COUNT=3"))
    whole = r.busy()
    genuine = r.api.answer

    def mutated(*args: Any) -> Answer:
        answer = genuine(*args)
        body = bytearray(answer.body)
        for _ in range(generator.randrange(1, 6)):
            at_byte = generator.randrange(len(body))
            body[at_byte : at_byte + generator.randrange(3)] = bytes(generator.choices(range(256), k=1))
        answer.body = bytes(body)
        return answer

    monkeypatch.setattr(r.api, "answer", mutated)  # a server that has gone mad
    read = 0
    for _ in range(600):
        try:
            assert isinstance(r.busy(), list)
            read += 1
        except ProviderError:
            continue
    monkeypatch.undo()  # and is itself again
    assert read > 20
    assert r.busy() == whole


# --- the change feed -------------------------------------------------------------------------------------------------


def changed(r: Rig, cursor: str | None) -> tuple[bool, str]:
    return r.changes.changed(cursor, deadline=r.deadline)


@pytest.mark.parametrize("sync", ["token", "ctag", "none"])
def test_every_change_is_noticed_once(sync: str) -> None:
    r = rig(
        Shelf("main", "Main"),
        Shelf("home", "Home", writable=False),
        quirks=replace(RADICALE, sync=sync),
        also_check="Home",
    )
    first, cursor = changed(r, None)
    assert first

    for change in (
        r.create,
        lambda: r.api.desk.person_edits(NAME, "SUMMARY", "SUMMARY"),
        lambda: r.api.desk.person_adds(at("1400", "1500"), shelf="home"),
        lambda: r.cancel(f"/ada/cal/main/{NAME}"),
    ):
        assert changed(r, cursor) == (False, cursor)
        change()
        seen, cursor = changed(r, cursor)
        assert seen


@pytest.mark.parametrize("status", [400, 403, 409, 412, 500])
def test_a_token_that_is_too_old_means_that_all_may_have_changed(status: int) -> None:
    r = rig(quirks=replace(RADICALE, bad_token=status))
    _, cursor = changed(r, None)
    r.shelf.log.clear()
    broken = cursor.replace("sync/main/0", "sync/main/77")

    seen, cursor = changed(r, broken)

    assert seen
    assert changed(r, cursor) == (False, cursor)


def test_a_server_whose_sync_report_fails_is_asked_for_its_token() -> None:
    r = rig(calendar="/ada/cal/main/")
    _, cursor = changed(r, None)
    r.api.fault("error_before", on="sync", times=9)
    assert changed(r, cursor) == (False, cursor)
    r.create()
    assert changed(r, cursor)[0]


@pytest.mark.parametrize("cursor", ["", "x", "[]", "null", '{"a": 1}'])
def test_a_cursor_of_somebody_else_means_that_all_may_have_changed(cursor: str) -> None:
    assert changed(rig(), cursor)[0]


def test_a_feed_that_is_down_says_so() -> None:
    r = rig()
    _, cursor = changed(r, None)
    r.api.fault("error_before", on="*", times=9)
    with pytest.raises(NotExecutedError):
        changed(r, cursor)
