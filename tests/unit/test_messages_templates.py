"""Templates: what an owner may write, and how one is filled in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.errors import ConfigError
from slotline.domain.message_templates import CAPS
from slotline.domain.messages import PLACEHOLDERS, check_template, render

EXAMPLE = "{business}: {service} on {date} at {time}. {location} Change: {manage}"
FILLED = {"business": "Bright Smile", "service": "Cleaning", "date": "Tuesday, November 24", "time": "9:00 AM"}


def test_the_placeholders_are_exactly_the_documented_ones() -> None:
    documented = "date time link location duration name business staff service manage"

    assert set(documented.split()) == PLACEHOLDERS


@pytest.mark.parametrize("text", [EXAMPLE, "You are booked.", "{date} {time}\n{link}", "Reply STOP to opt out. {date}"])
def test_good_templates_are_accepted(text: str) -> None:
    check_template(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("on {day}", "{day}"),
        ("on {date.year}", "{date.year}"),
        ("{date!r}", "{date!r}"),
        ("{0}", "{0}"),
        ("{}", "{}"),
        ("{ date }", "{ date }"),
        ("{Date}", "{Date}"),
        ("{{date}}", "stands alone"),
        ("set {", "stands alone"),
        ("  \n", "empty"),
        ("x" * 1601, "1601"),
        ("{link}" * 5, "2000"),
        ("Reply CANCEL to cancel.", "CANCEL"),
        ("text 'Quit' if you are late", "QUIT"),
        ("Antworten Sie mit END", "END"),
    ],
)
def test_bad_templates_are_refused_naming_what_is_wrong(text: str, named: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        check_template(text)

    assert named in str(refusal.value)


def test_all_unknown_placeholders_are_named_and_the_known_ones_listed() -> None:
    with pytest.raises(ConfigError, match=r"unknown placeholder \{day\}, \{hour\}; known are .*\{manage\}"):
        check_template("{hour} {day} {date}")


def test_an_ordinary_sentence_may_hold_opt_out_words() -> None:
    check_template("We text you before the end of {date}. You can cancel by phone; we will not cancel on you.")


def test_an_empty_manage_link_leaves_no_dangling_label() -> None:
    text = render(EXAMPLE, FILLED | {"location": "1 Main Street", "manage": ""})

    assert text == "Bright Smile: Cleaning on Tuesday, November 24 at 9:00 AM. 1 Main Street"


def test_a_manage_link_keeps_its_label() -> None:
    text = render(EXAMPLE, FILLED | {"location": "1 Main Street", "manage": "https://x.example/m/1"})

    assert text.endswith("1 Main Street Change: https://x.example/m/1")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Booked {date}. Change: {manage}", "Booked Tuesday, November 24."),
        ("Booked {date}. Change: {manage}.", "Booked Tuesday, November 24."),
        ("Change: {manage}. Booked {date}.", "Booked Tuesday, November 24."),
        ("Booked {date}\nChange or cancel here: {manage}\nThank you", "Booked Tuesday, November 24\nThank you"),
        ("Booked {date}, change: {manage}.", "Booked Tuesday, November 24."),
        ("Booked {date} Where: {location} Link: {link}", "Booked Tuesday, November 24"),
        ("{service} with {staff} on {date}.", "Cleaning on Tuesday, November 24."),
        ("{service} ({staff}), {date}", "Cleaning, Tuesday, November 24"),
        ("{service} (with {staff}) {date}", "Cleaning Tuesday, November 24"),
        ("{service}, {staff}, {date}", "Cleaning, Tuesday, November 24"),
        ("{service} | {staff} | {date}", "Cleaning | Tuesday, November 24"),
        ("{date} - {link}", "Tuesday, November 24"),
        ("Hi {name}, see you on {date}!", "Hi, see you on Tuesday, November 24!"),
        ("Thank you, {name}! {service} {date}", "Thank you! Cleaning Tuesday, November 24"),
        ("Your link is {link}. Until {date}!", "Until Tuesday, November 24!"),
        ("{business}: {staff} {date}", "Bright Smile: Tuesday, November 24"),
        ("{manage}", ""),
    ],
)
def test_what_belongs_to_an_empty_value_goes_with_it(template: str, text: str) -> None:
    assert render(template, FILLED) == text


def test_values_are_never_read_as_templates() -> None:
    text = render("{name} {date}", FILLED | {"name": "{date} {manage} %s {0.__class__}"})

    assert text == "{date} {manage} %s {0. __class__} Tuesday, November 24"


@pytest.mark.parametrize(
    ("given_name", "sent"),
    [
        ("Ana\r\nBcc: all", "Ana Bcc: all"),
        ("Ana\x00\x1b[31m\u202egnp\u200b", "Ana[31mgnp"),
        ("Ana https://evil.example/x", "Ana"),
        ("Ana www.evil.example", "Ana"),
        ("Ana HTTP://EVIL.EXAMPLE", "Ana"),
        ("Ana evil.com", "Ana"),
        ("Ana EVIL.COM", "Ana EVIL. COM"),
        ("Ana bit.ly/abc", "Ana"),
        ("ana@evil.example", ""),
        ("J.R. St.John", "J. R. St. John"),
        ("\ud800Ana", "Ana"),
        ("A" * 200, "A" * 60),
        ("Ana Maria " * 20, "Ana Maria Ana Maria Ana Maria Ana Maria Ana Maria Ana Maria"),
    ],
)
def test_a_callers_name_brings_no_line_breaks_control_characters_or_links(given_name: str, sent: str) -> None:
    assert render("x {name}", {"name": given_name}) == (f"x {sent}" if sent else "")


@pytest.mark.parametrize(
    ("link", "sent"),
    [
        ("https://zoom.us/j/1?pwd=a_b~c", "https://zoom.us/j/1?pwd=a_b~c"),
        ("https://zoom.us/\nevil", "https://zoom.us/evil"),
        ("javascript:alert(1)", ""),
        ("integrations:zoom", ""),
        ("https://a b", ""),
        ("https://x.example/" + "a" * 400, ""),
    ],
)
def test_a_link_is_whole_or_left_out(link: str, sent: str) -> None:
    assert render("{date}. {link}", {"date": "D", "link": link}) == f"D. {sent}".strip()


def test_a_value_that_ends_with_a_stop_does_not_double_it() -> None:
    assert render("At {location}. Bye...", {"location": "1 Main St."}) == "At 1 Main St. Bye..."


@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text(max_size=300)))
def test_whatever_the_values_the_text_is_clean_and_within_its_caps(values: dict[str, str]) -> None:
    template = "".join(f"{{{name}}} " for name in CAPS)

    text = render(template, values)

    assert len(text) <= sum(CAPS.values()) + len(CAPS)
    assert "\n" not in text
    assert text.isprintable()
    text.encode()  # no lone surrogates


@given(st.text(st.sampled_from("ab {}.,:()!\n-|"), max_size=40), st.booleans())
def test_rendering_never_fails_and_leaves_no_placeholder_of_ours(around: str, filled: bool) -> None:
    text = render(f"{around}{{name}}{around}", {"name": "Ana" if filled else ""})

    assert "{name}" not in text
    assert "\0" not in text
    assert ("Ana" in text) is filled
