"""The evaluator of DynamoDB's expressions, by itself: who may be compared with whom, what is exact, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulation.attribute_values import (
    InvalidChangeError,
    InvalidRequestError,
    admit_item,
    exact_sum,
    item_size,
    number,
    same,
    spelled_out,
)
from tests.simulation.expressions import check_placeholders, condition
from tests.simulation.projections import projection
from tests.simulation.update_expressions import update

ITEM = admit_item({
    "pk": {"S": "p"},
    "v": {"N": "3"},
    "who": {"S": "ana"},
    "bits": {"B": b"\x80"},
    "iv": {"M": {"b-1": {"M": {"k": {"S": "H"}, "x": {"N": "9"}}}}},
    "seq": {"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]},
    "tags": {"SS": ["b", "a"]},
    "gone": {"NULL": True},
})  # fmt: skip


def holds(text: str, item: dict[str, Any] | None = None, /, names: dict[str, str] | None = None, **values: Any) -> bool:
    """Check and evaluate a condition as the client does."""
    given = admit_item({f":{name}": value for name, value in values.items()}) or None
    parsed = condition(text)
    for check in check_placeholders([parsed], names, given):
        check(given or {})
    return parsed.test(ITEM if item is None else item, names or {}, given or {})


def changed(
    text: str, item: dict[str, Any] | None = None, /, names: dict[str, str] | None = None, **values: Any
) -> Any:
    given = admit_item({f":{name}": value for name, value in values.items()}) or None
    parsed = update(text)
    for check in check_placeholders([parsed], names, given):
        check(given or {})
    old = ITEM if item is None else item
    return parsed.applied(old, names or {}, given or {}, exists=bool(old))


@pytest.mark.parametrize("value", [{"S": "3"}, {"BOOL": True}, {"NULL": True}, {"L": [{"N": "3"}]}, {"NS": ["3"]}])
def test_different_types_are_never_equal_and_never_ordered(value: dict[str, Any]) -> None:
    assert not holds("v = :x", x=value)
    assert holds("v <> :x", x=value)


@pytest.mark.parametrize("text", ["3", "3.0", "+3", "0.3e1", "300E-2", "003"])
def test_numbers_are_equal_by_value_however_they_are_spelled(text: str) -> None:
    assert holds("v = :x AND v <= :x AND v IN (:x)", x={"N": text})


def test_numbers_order_by_value_and_not_by_their_text() -> None:
    assert holds("v < :x", x={"N": "10"})
    assert holds("v > :x", x={"N": "-10"})


@pytest.mark.parametrize("comparison", ["=", "<", "<=", ">", ">="])
def test_a_comparison_with_what_is_absent_is_false(comparison: str) -> None:
    assert not holds(f"absent {comparison} :x", x={"N": "1"})
    assert not holds(f"absent {comparison} lost")
    assert holds(f"NOT absent {comparison} :x", x={"N": "1"})


def test_what_is_absent_differs_from_everything() -> None:
    assert holds("absent <> :x AND :x <> absent AND absent <> lost", x={"N": "1"})


def test_bytes_order_as_unsigned() -> None:
    assert holds("bits BETWEEN :low AND :high", low={"B": b"\x7f"}, high={"B": b"\x81"})


def test_strings_order_by_code_points() -> None:
    # UTF-16 would put the emoji first, for its surrogates are lower.
    assert holds("who < :x", admit_item({"who": {"S": "￮"}}), x={"S": "\U0001f600"})


def test_sets_are_equal_in_any_order() -> None:
    assert holds("tags = :x", x={"SS": ["a", "b"]})


def test_null_is_there() -> None:
    assert holds("attribute_exists(gone) AND attribute_type(gone, :x)", x={"S": "NULL"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v = :no OR v = :yes AND v = :no", False),
        ("v = :yes OR v = :yes AND v = :no", True),
        ("(v = :yes OR v = :yes) AND v = :no", False),
        ("NOT v = :yes AND v = :no", False),
        ("NOT (v = :yes AND v = :no)", True),
        ("v BETWEEN :no AND :yes AND v = :yes", True),
        ("v = :yes AND v = :no OR v = :yes", True),
    ],
)
def test_not_binds_before_and_before_or(text: str, expected: bool) -> None:
    assert holds(text, yes={"N": "3"}, no={"N": "2"}) is expected


def test_a_dot_in_a_name_is_no_path_and_a_name_may_be_anything() -> None:
    item = admit_item({"a.b": {"N": "1"}, "a": {"M": {"b": {"N": "2"}}}})

    assert holds("#dotted = :one AND a.b = :two", item, names={"#dotted": "a.b"}, one={"N": "1"}, two={"N": "2"})


@pytest.mark.parametrize(
    "text",
    [
        "v =", "= :x", "v = :x AND", "(v = :x", "v = :x)", "((v = :x))", "v == :x", "v != :x", "v", ":x", "v IN :x",
        "v BETWEEN :x", "size(v)", "dog(v)", "ATTRIBUTE_EXISTS(v)", "attribute_exists(:x)", "attribute_exists(v, who)",
        "attribute_exists(v) = :x", "v[x] = :x", "v[-1] = :x", "_v = :x", "5v = :x", "v = 5", "v = 'x'", "v.= :x", "",
        " ", "status = :x", "Name = :x", "v = :x; v = :x", "if_not_exists(v, :x) = :x", "v = v", "contains(v, v)",
        "v IN (:x, v)",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        holds(text, x={"N": "1"})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("v < :x", {"x": {"L": []}}),
        ("v >= :x", {"x": {"BOOL": True}}),
        ("v BETWEEN :x AND :y", {"x": {"N": "2"}, "y": {"N": "1"}}),
        ("v BETWEEN :x AND :y", {"x": {"N": "1"}, "y": {"S": "2"}}),
        ("begins_with(who, :x)", {"x": {"N": "1"}}),
        ("attribute_type(who, :x)", {"x": {"S": "STRING"}}),
        ("attribute_type(who, :x)", {"x": {"N": "1"}}),
        ("v = :x", {"x": {"N": "1"}, "y": {"N": "1"}}),
        ("v = :x AND v = :y", {"x": {"N": "1"}}),
        ("v = who", {"x": {"N": "1"}}),
        ("#v = :x", {"x": {"N": "1"}}),
    ],
)
def test_values_and_placeholders_that_do_not_fit_are_refused_before_any_item_is_read(
    text: str, values: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequestError):
        holds(text, {}, **values)


def test_an_unused_name_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        holds("v = :x", names={"#v": "v"}, x={"N": "1"})


def test_operands_are_read_before_anything_is_written() -> None:
    after = changed("SET v = seq[0], seq[0] = v REMOVE who")

    assert (after["v"], after["seq"]["L"][0]) == ({"N": "1"}, {"N": "3"})
    assert "who" not in after


def test_the_old_item_is_left_as_it_was() -> None:
    before = spelled_out(ITEM)

    changed("SET iv.#b.k = :p, seq[1] = :p REMOVE iv.#b.x, seq[0] ADD tags :t", names={"#b": "b-1"},
            p={"S": "P"}, t={"SS": ["c"]})  # fmt: skip

    assert spelled_out(ITEM) == before


def test_a_pin_turns_its_own_entry_only() -> None:
    after = changed("SET v = v + :one, iv.#b.k = :p REMOVE iv.#b.x", names={"#b": "b-1"}, one={"N": "1"}, p={"S": "P"})

    assert (after["v"], after["iv"]) == ({"N": "4"}, {"M": {"b-1": {"M": {"k": {"S": "P"}}}}})


def test_list_indexes_mean_places_before_the_update_and_new_members_come_last_in_order() -> None:
    after = changed("REMOVE seq[0], seq[1] SET seq[2] = :c, seq[9] = :z, seq[5] = :y",
                    c={"S": "c"}, y={"S": "y"}, z={"S": "z"})  # fmt: skip

    assert after["seq"] == {"L": [{"S": "c"}, {"S": "y"}, {"S": "z"}]}


def test_a_set_is_never_empty() -> None:
    assert "tags" not in changed("DELETE tags :x", x={"SS": ["a", "b", "c"]})


@pytest.mark.parametrize(
    "text",
    ["SET v = absent", "SET v = who + :x", "SET absent.x = :x", "SET v.x = :x", "SET seq.x = :x", "SET iv[0] = :x",
     "REMOVE absent.x", "ADD who :x", "SET v = absent + :x", "SET tags[0] = :x", "REMOVE v.x"],
)  # fmt: skip
def test_what_the_item_does_not_allow_is_a_change_refused(text: str) -> None:
    with pytest.raises(InvalidChangeError):
        changed(text, **({"x": {"N": "1"}} if ":x" in text else {}))


@pytest.mark.parametrize(
    "text",
    ["SET", "SET v", "SET v =", "SET v = :x,", "SET v = :x SET who = :x", "SET v = :x REMOVE v", "SET v = :x, v = :x",
     "SET iv = :x, iv.a = :x", "SET iv.a = :x, iv[0] = :x", "SET :x = v", "SET v = :x + :x + :x", "ADD v who",
     "SET v = if_not_exists(:x, :x)", "SET v = if_not_exists(v)", "SET v = f(v, :x)", "SET v = list_append(seq, :x)",
     "SET v = if_not_exists(v, :x + :x)", "DELETE tags :x", "HELLO v = :x", "SET ttl = :x", ""],
)  # fmt: skip
def test_what_is_no_update_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        changed(text, **({"x": {"N": "1"}} if ":x" in text else {}))


def test_sums_are_exact_or_refused() -> None:
    assert exact_sum("0.1", "0.2", sign=1) == "0.3"
    assert exact_sum("1", "9" * 38, sign=-1) == "-" + "9" * 37 + "8"
    with pytest.raises(InvalidChangeError):
        exact_sum("1" + "0" * 50, "1", sign=1)
    with pytest.raises(InvalidChangeError):
        exact_sum("9" + "0" * 125, "9" + "0" * 125, sign=1)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("1.50", "1.5"), ("1e3", "1000"), ("-0", "0"), ("0e1000", "0"), (".5", "0.5"), ("1767614400.0", "1767614400"),
     ("-1.5E-3", "-0.0015"), ("1" * 38, "1" * 38)],
)  # fmt: skip
def test_a_number_has_one_spelling(text: str, canonical: str) -> None:
    assert number(text) == canonical


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "NaN", "Infinity", "1_0", "0x1", "1e", "--1", "1" * 39, "1e126", "1e-131", "١"]
)
def test_what_is_no_number_or_too_long_a_one_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        number(text)


def test_a_projection_keeps_the_shape_around_what_it_shows() -> None:
    shown = projection("seq[2], iv.#b.k, seq[0], absent.x").of(ITEM, {"#b": "b-1"})

    assert shown == {"seq": {"L": [{"N": "1"}, {"N": "3"}]}, "iv": {"M": {"b-1": {"M": {"k": {"S": "H"}}}}}}


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    assert item_size({"pk": {"S": "é"}, "n": {"N": "100"}, "t": {"BOOL": True}}) == (2 + 2) + (1 + 2) + (1 + 1)


def test_marshalled_values_are_never_shorter_than_the_item_is_large() -> None:
    item = admit_item(
        {"é" * 9: {"S": "é" * 9}, "n": {"N": "-" + "1" * 38}, "l": {"L": [{"NULL": True}] * 9}, "s": {"SS": ["a"]}}
    )

    assert len(spelled_out(item)) >= item_size(item)


def test_spelled_out_values_are_the_same_in_any_order() -> None:
    assert same(spelled_out({"a": 1, "b": 2}), spelled_out({"b": 2, "a": 1}))
    assert not same(spelled_out({"a": 1}), spelled_out({"a": 2}))
