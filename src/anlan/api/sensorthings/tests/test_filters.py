"""The grammar of filters: whatever stands in one, it is parsed or refused with a sentence, and a parsed one says the same again."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.api.sensorthings.bounds import Bounds, bounds_of
from anlan.api.sensorthings.errors import StaError
from anlan.api.sensorthings.evaluate import Several, evaluate, holds
from anlan.api.sensorthings.grammar import Binary, Call, Literal, Node, Path, Span, Unary, parse, write
from anlan.api.sensorthings.model import TYPES
from anlan.api.sensorthings.options import parse_options

NOW = datetime(2026, 7, 1, tzinfo=UTC)
WORDS = [
    "result", "gt", "eq", "and", "or", "not", "(", ")", ",", "'x'", "1", "1.5e3", "-", "add", "div", "0", "null", "true",
    "2026-07-01T00:00:00Z", "2026-07-01", "year", "substringof", "st_within", "geography'POINT(1 1)'", "duration'P1D'",
    "Datastream/name", "now()", "$", "geo.distance", "@iot.id", "'", "2026-07-01T00:00:00Z/2026-07-02T00:00:00Z",
]  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)))
@settings(max_examples=400, deadline=None)
def test_any_text_is_parsed_or_refused_with_a_sentence_and_nothing_else_happens(text: str) -> None:
    with contextlib.suppress(StaError):
        node = parse(text)
        assert parse(write(node)) == node
        bounds_of(node, NOW)
        with contextlib.suppress(StaError):
            holds(node, lambda _parts: 7.0, NOW)


def _nodes() -> st.SearchStrategy[Node]:
    literals = st.sampled_from(
        [
            "1",
            "2.5",
            "'it''s'",
            "null",
            "true",
            "2026-07-01T00:00:00Z",
            "geography'POINT (1 2)'",
            "duration'PT5M'",
        ]
    ).map(parse)
    paths = st.sampled_from([Path(("result",)), Path(("Datastream", "name")), Path(("@iot.id",))])

    def grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        operators = ["or", "and", "eq", "ne", "gt", "ge", "lt", "le", "add", "sub", "mul", "div", "mod"]
        return st.one_of(
            st.builds(Unary, st.sampled_from(["not", "-"]), inner),
            st.builds(Binary, st.sampled_from(operators), inner, inner),
            inner.map(lambda one: Call("length", (one,))),
            st.tuples(inner, inner).map(lambda two: Call("substringof", two)),
        )

    return st.recursive(st.one_of(literals, paths), grow, max_leaves=8)


@given(_nodes())
@settings(max_examples=200, deadline=None)
def test_a_filter_written_out_is_the_same_filter(node: Node) -> None:
    with contextlib.suppress(StaError):  # deeper than allowed once all parentheses are written
        assert parse(write(node)) == node


VALUES = st.one_of(
    st.none(), st.booleans(), st.floats(-1e6, 1e6), st.text(max_size=5), st.just({"a": 1}), st.just(Span(NOW, NOW)),
    st.just(Several(("a", 1.0, None))),
)  # fmt: skip


@given(_nodes(), VALUES)
@settings(max_examples=300, deadline=None)
def test_no_value_of_any_kind_upsets_a_filter(node: Node, value: Any) -> None:
    with contextlib.suppress(StaError):
        holds(node, lambda _parts: value, NOW)


TIMES = st.integers(1782864000 - 200_000, 1782864000 + 200_000)
COMPARED = st.tuples(st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]), TIMES)


@given(
    st.recursive(COMPARED, lambda inner: st.tuples(st.sampled_from(["and", "or", "not"]), inner, inner)),
    TIMES,
)
@settings(max_examples=300, deadline=None)
def test_no_reading_that_a_filter_lets_through_lies_outside_its_bounds(tree: Any, t: int) -> None:
    node = parse(_text(tree))
    moment = datetime.fromtimestamp(t, UTC)
    low, high = bounds_of(node, NOW)
    if holds(node, lambda _parts: Span(moment, moment), NOW):
        assert low <= t <= high


def _text(tree: Any) -> str:
    if len(tree) == 2:
        return f"phenomenonTime {tree[0]} {datetime.fromtimestamp(tree[1], UTC).isoformat()}"
    if tree[0] == "not":
        return f"not ({_text(tree[1])})"
    return f"({_text(tree[1])}) {tree[0]} ({_text(tree[2])})"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 add 2 mul 3", 7.0),
        ("(1 add 2) mul 3", 9.0),
        ("7 mod 3 sub -1", 2.0),
        ("1 div 0", None),
        ("not 1 gt 2 and true", True),
        ("true or false and false", True),
        ("length(concat('a', 'bc'))", 3.0),
        ("substring('abcd', 1, 2)", "bc"),
        ("indexof('abcd', 'cd')", 2.0),
        ("trim(' a ') eq 'a'", True),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -3.0),
        ("floor(-0.5)", -1.0),
        ("ceiling(0.2)", 1.0),
        ("hour(2026-07-01T08:00:00+08:00)", 0.0),
        ("date(2026-07-01T08:00:00Z)", "2026-07-01"),
        ("now() sub duration'P1D' lt now()", True),
        ("before(2026-07-01T00:00:00Z, 2026-07-02T00:00:00Z/2026-07-03T00:00:00Z)", True),
        ("meets(2026-07-01T00:00:00Z/2026-07-02T00:00:00Z, 2026-07-02T00:00:00Z/2026-07-03T00:00:00Z)", True),
        ("2026-07-01T00:00:00Z/2026-07-02T00:00:00Z lt 2026-07-02T00:00:00Z", True),
        ("geo.distance(geography'POINT(0 0)', geography'POINT(3 4)')", 5.0),
        ("st_within(geography'POINT(1 1)', geography'POLYGON((0 0,2 0,2 2,0 2,0 0))')", True),
        ("st_relate(geography'POINT(1 1)', geography'POINT(1 1)', '0FFFFFFF2')", True),
        ("geo.length(geography'LINESTRING(0 0,0 2)')", 2.0),
        ("'a' lt 1", False),
        ("null eq null", True),
    ],
)  # fmt: skip
def test_values(text: str, value: Any) -> None:
    assert evaluate(parse(text), lambda _parts: None, NOW) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "result", "(" * 60, "(" * 30 + "1" + ")" * 30, "1 or " * 500 + "1", "'open", "name eq 'a", "nothing(1)", "length()",
        "substringof('a')", "eq 1", "1 1", "result gt", "1e999 lt 2", "2026-13-01T00:00:00Z lt 1", "geography'POINT(1' eq 1",
        "duration'PX' eq 1", "2026-07-02T00:00:00Z/2026-07-01T00:00:00Z eq 1", "a" * 5000, "name eq “a”", "not", "-", "a/ eq 1",
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(StaError) as refusal:
        holds(parse(text), lambda _parts: 7.0, NOW)
    assert refusal.value.status == 400
    assert refusal.value.sentence.endswith(".")


def test_an_unencoded_plus_is_understood() -> None:
    assert parse("phenomenonTime eq 2020-10-11T12:13:14 02:00") == Binary(
        "eq",
        Path(("phenomenonTime",)),
        Literal(Span(*[datetime(2020, 10, 11, 10, 13, 14, tzinfo=UTC)] * 2), "2020-10-11T12:13:14 02:00"),
    )


def test_bounds_of_an_interval_a_year_and_neither() -> None:
    inside = parse("during(phenomenonTime, 2026-07-01T00:00:00Z/2026-07-01T01:00:00Z) and result gt 1")
    assert bounds_of(inside, NOW) == Bounds(1782864000 - 1, 1782867600 + 1)
    assert bounds_of(parse("year(phenomenonTime) eq 1970"), NOW) == Bounds(0, 31_536_000)
    assert bounds_of(parse("not phenomenonTime gt 2026-07-01T00:00:00Z"), NOW) == Bounds()


@given(st.text(alphabet="$(),;='abDatastreamsObservationsexpandfilter/ ", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_expand_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(StaError):
        parse_options(TYPES["Things"], [("$expand", text)])


def test_nested_options_keep_their_commas_and_quotes() -> None:
    text = "Datastreams($filter=substringof('a;b,(c', name);$expand=Observations($top=1;$orderby=phenomenonTime desc)),Locations"
    found = parse_options(TYPES["Things"], [("$expand", text)]).expand
    assert list(found) == ["Datastreams", "Locations"]
    assert found["Datastreams"].expand["Observations"].top == 1
    both = parse_options(
        TYPES["Things"], [("$expand", "Datastreams/Sensor,Datastreams/ObservedProperty")]
    ).expand
    assert list(both["Datastreams"].expand) == ["Sensor", "ObservedProperty"]
