"""Every script of the library can be played in a county as it is: places, stations, steps; and leaves the building as a file."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from anlan.console.drillwords import INJECTS
from anlan.console.journal_words import KINDS
from anlan.drills import library, scoring, services
from anlan.drills.casting import script_of
from anlan.drills.library import CODES, PROPOSED, pack
from anlan.drills.models import Drill, Inject
from anlan.drills.refusals import NoScriptFile, ScriptStands, ScriptWrong
from anlan.drills.script import Expect, Script, ScriptLine, check
from anlan.drills.scriptfile import read_json, read_xlsx, write_json, write_xlsx
from anlan.intake.models import Intake
from anlan.journal.deadlines import run_deadlines
from anlan.journal.models import WorkFailure
from anlan.kernel.refusals import Refusal
from anlan.plans.packs import CODES as PLANS
from anlan.sensing import services as sensing
from anlan.sensing.models import Station
from anlan.testing import County
from anlan.vocab.incidents import INFORMANT_LABELS, TYPES
from anlan.vocab.kinds import KINDS as STATION_KINDS
from anlan.vocab.quantities import QUANTITIES, quantity_of

#: Steps that a table of rules names: "R04 …". Everything else says that it was not confirmed.
RULE = r"R\d\d "


def equip(county: County) -> None:
    """A station for every quantity that a script names, in Upper Willow."""
    wanted = {line.quantity for one in library.packs() for line in one.lines if line.quantity}
    kinds = {next(kind.code for kind in STATION_KINDS.values() if kind.quantity(code)) for code in wanted}
    for n, kind in enumerate(sorted(kinds)):
        stage = Decimal(10) if kind in ("river", "rain_river", "reservoir") else None
        sensing.register_station(
            code=f"0099{n:06d}", name=f"上柳{STATION_KINDS[kind].zh}", kind=kind, division=county.divisions["Upper Willow"],
            lon=102.92, lat=27.41, warning_stage=stage, by=county.by, at=county.now,
        )  # fmt: skip


def planned(county: County, code: str) -> Drill:
    details = services.DrillDetails(title=pack(code).title, kind="comprehensive", division=county.division)
    drill = services.plan_drill(details, by=county.actor("Wang"), by_name="王", at=county.now)
    return services.take_pack(drill, code, seed=7, by=county.actor("Wang"), at=county.now)


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_a_script_is_played_to_its_end_and_every_inject_is_given(county: County, code: str) -> None:
    equip(county)
    drill = planned(county, code)
    services.start_drill(drill, by=county.actor("Wang"), at=county.now)
    county.clock.advance(minutes=pack(code).minutes + 1)
    for _ in range(12):
        run_deadlines(owner="test")
    injects = list(Inject.objects.order_by("position"))
    assert {(one.title, one.state) for one in injects} == {(one.title, "given") for one in injects}
    assert {one.kind for one in injects} == set(INJECTS)
    assert not WorkFailure.objects.exists()
    calls = [one for one in injects if one.kind in ("caller", "message")]
    assert Intake.objects.filter(exercise_id=drill.run_id).count() == len(calls)
    assert not Intake.objects.filter(exercise_id=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_a_county_without_stations_still_plays_it_by_word_of_mouth(county: County, code: str) -> None:
    script, chosen = script_of(pack(code), county.division, seed=1)
    check(script)
    assert not Station.objects.exists()
    assert "station" not in {line.kind for line in script.lines}
    assert chosen.missing
    for line in script.lines:
        words = [line.title, *line.payload.values(), *(step.words for step in line.expects)]
        assert not [word for word in words if "{" in word]


@pytest.mark.django_db
def test_the_same_seed_casts_the_same_places_and_another_may_cast_others(county: County) -> None:
    def villages(seed: int) -> object:
        script, _chosen = script_of(pack("flood"), county.division, seed=seed)
        return [line.payload.get("division") for line in script.lines]

    assert villages(3) == villages(3)
    assert len({str(villages(seed)) for seed in range(12)}) > 1


@pytest.mark.parametrize("code", CODES)
def test_each_script_has_all_kinds_of_injects_steps_and_wrong_decisions(code: str) -> None:
    one = pack(code)
    steps = [step for n, line in enumerate(one.lines) for step in library.expects_of(line, f"L{n}")]
    assert {line.kind for line in one.lines} == set(INJECTS)
    assert any(step.must_not for step in steps)
    assert len([step for step in steps if not step.must_not]) >= 5
    assert one.plan in PLANS
    assert set(one.event_types) <= set(TYPES)
    for line in one.lines:
        assert line.event_type == "" or line.event_type in TYPES
        assert line.kind not in ("caller", "message") or line.source in INFORMANT_LABELS
        if line.quantity:
            assert line.quantity in QUANTITIES
            for word in (line.values or line.relative).split():
                quantity_of(line.quantity).to_stored(Decimal(word))


@pytest.mark.parametrize("code", CODES)
def test_each_step_is_an_entry_that_the_journal_knows_and_each_limit_has_its_source(code: str) -> None:
    for n, line in enumerate(pack(code).lines):
        for step in library.expects_of(line, f"L{n}"):
            assert step.entry in KINDS, step
            if step.within_min:
                assert re.match(RULE, step.source) or "未确认" in step.source, step


@pytest.fixture
def played(county: County) -> Drill:
    return planned(county, "flood")


@pytest.mark.django_db
def test_a_script_that_has_begun_is_replaced_by_nothing(county: County, played: Drill) -> None:
    services.start_drill(played, by=county.actor("Wang"), at=county.now)
    before = played.script
    with pytest.raises(ScriptStands):
        services.take_pack(played, "snow", seed=1, by=county.actor("Wang"), at=county.now)
    assert played.script == before


@pytest.mark.django_db
def test_the_script_of_a_former_drill_is_copied_and_an_unknown_one_refused(
    county: County, played: Drill
) -> None:
    details = services.DrillDetails(title="明年再练", kind="tabletop", division=county.division)
    drill = services.plan_drill(details, by=county.actor("Wang"), by_name="王", at=county.now)
    services.copy_script(drill, played, by=county.actor("Wang"), at=county.now)
    assert drill.script == played.script
    with pytest.raises(ScriptWrong):
        services.take_pack(drill, "../secrets", seed=1, by=county.actor("Wang"), at=county.now)


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_a_script_leaves_as_a_workbook_and_as_json_and_comes_back_the_same(county: County, code: str) -> None:
    script, _chosen = script_of(pack(code), county.division, seed=1)
    assert read_json(write_json(script)) == script
    assert read_xlsx(write_xlsx(script)) == script


def test_nothing_in_an_exported_workbook_is_a_formula() -> None:
    line = ScriptLine(key="L1", at_min=0, kind="note", title="=1+1", payload={"words": "=HYPERLINK(1)"})
    book = load_workbook(io.BytesIO(write_xlsx(Script(lines=(line,)))))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


BAD_JSON = {
    "no JSON": b"{",
    "another shape": b'{"lines": [{"key": 1}]}',
    "a field that nobody knows": b'{"lines": [], "run": "rm"}',
    "a payload that is no text": b'{"lines": [{"key":"L1","at_min":0,"kind":"note","title":"x","payload":{"words":[1]}}]}',
    "the same key twice": b'{"lines": ['
    + b",".join([b'{"key":"L1","at_min":0,"kind":"note","title":"x"}'] * 2)
    + b"]}",
    "before the start": b'{"lines": [{"key":"L1","at_min":-5,"kind":"note","title":"x"}]}',
    "too large": b" " * 3_000_000,
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("data", BAD_JSON.values(), ids=BAD_JSON)
def test_a_file_that_is_no_script_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(NoScriptFile):
        read_json(data)


@given(st.binary(max_size=300))
def test_whatever_comes_as_a_file_is_a_script_or_a_refusal(data: bytes) -> None:
    for read in (read_json, read_xlsx):
        try:
            found = read(data)
        except Refusal:
            continue
        assert isinstance(found, Script)


def test_a_mistake_in_a_workbook_is_named_by_sheet_and_row() -> None:
    line = ScriptLine(key="L1", at_min=0, kind="note", title="x")
    book = load_workbook(io.BytesIO(write_xlsx(Script(lines=(line,)))))
    book["脚本"]["C2"] = "打雷"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(NoScriptFile) as refused:
        read_xlsx(out.getvalue())
    assert "脚本第2行" in str(refused.value.data["why"])


def test_a_wrong_decision_with_a_limit_is_wrong_for_so_long_only() -> None:
    start = datetime(2026, 7, 1, tzinfo=UTC)
    wrong = Expect(
        key="x", words="过早终止", entry="activation.ended", within_min=60, must_not=True, source=PROPOSED
    )
    one = scoring.Given("L1", "雨停", start, (wrong,))

    def marks(minutes: int) -> list[scoring.Mark]:
        ended = scoring.Happened("activation.ended", start + timedelta(minutes=minutes), {})
        return [
            step.mark for step in scoring.judge([one], [ended], ended_at=start + timedelta(hours=5)).steps
        ]

    assert (marks(30), marks(90)) == ([scoring.Mark.WRONG], [])
