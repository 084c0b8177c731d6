"""Marks from findings: points, most per rule, struck ones, ranks, and the county's own table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from anlan.assessment.deductions import DeductionRule, DeductionTable, deduction_table
from anlan.assessment.periods import month_of, parse_period
from anlan.assessment.scoring import Place, owner_of, score
from anlan.assessment.types import Finding
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import BadSetting

#: A busy machine is no reason to fail.
CALM = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
COUNTY = Place("c", "云岭县", "county", "c", is_ranked=False)
PLACES = [COUNTY, Place("t1", "柳河镇", "township", "c/t1"), Place("t2", "石桥乡", "township", "c/t2")]
TABLE = DeductionTable(
    version="1",
    source="test",
    is_verified=True,
    full=100,
    weights={"timeliness": 0.4, "completeness": 0.3, "accuracy": 0.3},
    rules={
        "late": DeductionRule("timeliness", "迟报", "late", 5, 12, "test", True),
        "false": DeductionRule("accuracy", "谎报", "false", 40, None, "test", True),
        "noted": DeductionRule("completeness", "缺村", "villages", 0, None, "test", True),
    },
)


def late(path: str, minutes: int = 0, rule: str = "late", times: int = 1) -> Finding:
    return Finding(
        rule, path, NOON + timedelta(minutes=minutes), "迟", "late", f"x:{path}:{rule}:{minutes}", "", times
    )


def marks(*findings: Finding, struck: dict[str, str] | None = None, **asked: int) -> dict[str, Any]:
    lines = score(TABLE, PLACES, findings, {f"c/{name}": n for name, n in asked.items()}, struck)
    return {line.code: line for line in lines}


def test_points_come_off_the_aspect_of_the_rule_and_the_weights_make_the_total() -> None:
    line = marks(late("c/t1"), t1=4)["t1"]
    assert (line.timeliness, line.completeness, line.accuracy, line.total) == (95, 100, 100, 98)


def test_a_rule_takes_no_more_than_its_most_and_the_rest_is_shown_without_points() -> None:
    line = marks(*(late("c/t1", n) for n in range(4)), t1=4)["t1"]
    assert line.timeliness == 88
    assert [one.points for one in line.deductions] == [5, 5, 2, 0]
    assert [one.is_capped for one in line.deductions] == [False, False, True, True]


def test_an_aspect_never_falls_below_nothing() -> None:
    line = marks(*(late("c/t1", n, "false") for n in range(5)), t1=5)["t1"]
    assert (line.accuracy, line.total) == (0, 70)


def test_what_a_village_did_counts_for_its_township_and_the_county_stands_alone() -> None:
    found = marks(late("c/t1/v1"), late("c"), t1=1)
    assert found["t1"].deductions
    assert found["c"].rank is None
    assert found["c"].timeliness == 95
    assert owner_of("c/t1/v1/g2", {one.code: one for one in PLACES}) == PLACES[1]
    assert owner_of("elsewhere", {one.code: one for one in PLACES}) is None


def test_of_whom_nothing_was_asked_has_no_rank() -> None:
    found = marks(t1=3)
    assert (found["t1"].rank, found["t2"].rank) == (1, None)


def test_equal_totals_share_a_rank() -> None:
    found = marks(t1=1, t2=1)
    assert (found["t1"].rank, found["t2"].rank) == (1, 1)
    found = marks(late("c/t1"), t1=1, t2=1)
    assert (found["t1"].rank, found["t2"].rank) == (2, 1)


def test_a_struck_deduction_is_kept_with_its_reason_and_leaves_room_below_the_most() -> None:
    findings = [late("c/t1", n) for n in range(3)]
    line = marks(*findings, struck={f"t1/late/{findings[0].subject}": "断网"}, t1=3)["t1"]
    assert [(one.points, one.struck) for one in line.deductions] == [(0, "断网"), (5, ""), (5, "")]
    assert line.timeliness == 90


def test_a_finding_of_a_rule_that_the_county_left_out_counts_nothing() -> None:
    assert not marks(late("c/t1", rule="something"), t1=1)["t1"].deductions


@CALM
@given(
    st.lists(
        st.tuples(st.sampled_from(["c/t1", "c/t2/v", "c"]), st.integers(0, 50), st.sampled_from(["late", "false", "noted"]), st.integers(1, 4)),
        max_size=30,
    )
)  # fmt: skip
def test_marks_stay_between_nothing_and_all_and_one_more_finding_never_helps(
    given_findings: list[tuple[str, int, str, int]],
) -> None:
    findings = [
        Finding(rule, path, NOON + timedelta(minutes=at), "", "", f"x:{n}", "", times)
        for n, (path, at, rule, times) in enumerate(given_findings)
    ]
    before = {line.code: line for line in score(TABLE, PLACES, findings[:-1], {})}
    after = {line.code: line for line in score(TABLE, PLACES, findings, {})}
    for code, line in after.items():
        assert 0 <= line.total <= 100
        assert line.total <= before[code].total
        lost = sum((one.points for one in line.deductions if one.aspect == "timeliness"), Decimal(0))
        assert line.timeliness == max(Decimal(100) - lost, Decimal(0))
        assert lost <= 12


@pytest.mark.parametrize(
    ("code", "first", "after"),
    [
        ("2026-07", (2026, 7, 1), (2026, 8, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2026-Q3", (2026, 7, 1), (2026, 10, 1)),
        ("2026-Q4", (2026, 10, 1), (2027, 1, 1)),
        ("2026-07-01..2026-07-15", (2026, 7, 1), (2026, 7, 16)),
    ],
)
def test_a_period_runs_by_local_days(
    code: str, first: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    period = parse_period(code)
    assert period is not None
    assert (period.start, period.end) == (
        datetime(*first, tzinfo=SHANGHAI),
        datetime(*after, tzinfo=SHANGHAI),
    )
    assert period.code == code


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-Q5", "2026-07-15..2026-07-01", "..", "x..y", "2026-02-30..2026-03-01", "2020-01-01..2026-01-01"])  # fmt: skip
def test_what_is_no_period_is_none(text: str) -> None:
    assert parse_period(text) is None


def test_the_month_of_a_moment_is_the_local_one() -> None:
    assert month_of(datetime(2026, 6, 30, 17, 0, tzinfo=UTC)).code == "2026-07"


def test_every_shipped_rule_has_a_source_and_says_that_nobody_confirmed_it(
    settings: Any, tmp_path: Path
) -> None:
    settings.ANLAN_DATA = tmp_path
    table = deduction_table()
    assert not table.is_verified
    assert all(rule.source and not rule.is_verified for rule in table.rules.values())
    assert {rule.aspect for rule in table.rules.values()} == {"timeliness", "completeness", "accuracy"}


def test_the_county_replaces_single_rules_in_the_data_folder(settings: Any, tmp_path: Path) -> None:
    settings.ANLAN_DATA = tmp_path
    rule = {"aspect": "timeliness", "zh": "迟报", "en": "late", "points": 3, "most": 30, "source": "县考核办法", "is_verified": True}  # fmt: skip
    (tmp_path / "deductions.json").write_text(json.dumps({"rules": {"report_late": rule}}), encoding="utf-8")
    table = deduction_table()
    assert table.rules["report_late"].points == 3
    assert table.rules["concealed"].points == 60


@pytest.mark.parametrize(
    "own",
    [
        "not json",
        '{"weights": {"timeliness": 1}}',
        '{"weights": {"timeliness": 0.5, "completeness": 0.5, "accuracy": 0.5}}',
        '{"rules": {"report_late": {"aspect": "timeliness", "zh": "x", "en": "x", "points": -1, "most": null, "source": "x", "is_verified": true}}}',
        '{"rules": {"report_late": {"points": 1}}}',
    ],
)
def test_a_mistake_in_the_own_table_is_named(settings: Any, tmp_path: Path, own: str) -> None:
    settings.ANLAN_DATA = tmp_path
    (tmp_path / "deductions.json").write_text(own, encoding="utf-8")
    with pytest.raises(BadSetting, match=r"deductions\.json"):
        deduction_table()
