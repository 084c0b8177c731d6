"""A warning or a grade proposes a level; a standing consent opens it; nothing is lowered or ended by rule."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anlan.directory import services as directory
from anlan.duty.models import Alarm
from anlan.incidents import services as incidents
from anlan.incidents.models import Incident
from anlan.incidents.types import FigureDetails
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.plans.models import Plan
from anlan.response import services
from anlan.response.models import Activation, LevelChange
from anlan.response.refusals import BadConsent, NotYourLevel
from anlan.response.services.judging import judge_incident, judge_warnings
from anlan.response.tests import scenes
from anlan.response.types import Decided
from anlan.testing import County
from anlan.warning import services as warnings
from anlan.warning.models import HazardWarning

pytestmark = pytest.mark.django_db


def warned(county: County, level: int, *places: str) -> HazardWarning:
    codes = [county.divisions[name].pk for name in places or ("Upper Willow",)]
    draft = warnings.draft_by_hand(
        hazard_type="flash_flood", level=level, villages=codes, by=county.actor("Chen"), at=county.now
    )
    return warnings.sign_off(draft, by=county.actor("Wang"), at=county.now)


def judge(county: County) -> list[Activation]:
    return judge_warnings("flash_flood", exercise_id=None, at=county.now)


def react() -> None:
    for _ in range(30):
        if not run_reactions(owner="test"):
            return


def given(county: County, row: Activation, level: int, **fields: Any) -> Any:
    details = {
        "ends_at": county.now + timedelta(days=30),
        "words": "主汛期",
        "by": county.actor("Wang"),
        **fields,
    }
    return services.give_consent(row.plan, level, by_name="王建国", at=county.now, **details)


def test_a_warning_proposes_a_level_on_an_incident_of_its_own_and_rings(county: County) -> None:
    scenes.a_plan(county)
    warned(county, 3)
    react()
    row = Activation.objects.get()
    assert (row.state, row.level, row.affected) == ("proposed", 3, [county.divisions["Upper Willow"].pk])
    assert row.incident.title == "云岭县防汛应急响应"
    assert (row.incident.kind, row.incident.event_type) == ("threat", "flash_flood")
    assert "黄色预警" in row.reasons[0]["zh"]
    assert not LevelChange.objects.exists()
    alarm = Alarm.objects.get(kind="response_proposed")
    assert "Ⅲ级" in alarm.text_zh
    assert alarm.level == 3


def test_the_next_warning_finds_the_same_incident_and_a_graver_one_raises_the_proposal(
    county: County,
) -> None:
    scenes.a_plan(county)
    warned(county, 3)
    judge(county)
    warned(county, 4, "North Slope")
    judge(county)
    assert Activation.objects.get().level == 3
    warned(county, 2, "North Slope")
    judge(county)
    row = Activation.objects.get()
    assert (row.level, row.version) == (2, 3)
    assert set(row.affected) == {county.divisions[name].pk for name in ("Upper Willow", "North Slope")}
    assert Incident.objects.count() == 1
    before = row.version
    judge(county)
    row.refresh_from_db()
    assert row.version == before, "judging twice changes nothing"


def test_a_warning_that_no_plan_answers_opens_nothing(county: County) -> None:
    scenes.a_plan(county, hazards=["forest_fire"])
    warned(county, 1)
    react()
    assert not Activation.objects.exists()
    assert not Incident.objects.exists()


def test_a_grade_proposes_the_plan_of_its_type_and_place(county: County) -> None:
    scenes.a_plan(county)
    scenes.a_plan(county, number="P-2", event_types=["forest_fire"], hazards=[])
    stone = county.divisions["Stone Bridge"]
    scenes.a_plan(county, number="P-3", kind="township", division=stone)
    incident = scenes.a_flood(county, division=county.divisions["Upper Willow"])
    incidents.set_grade(incident, 2, reason="人定", by=county.actor("Wang"), at=county.now)
    react()
    [row] = Activation.objects.all()
    assert (row.plan.number, row.level, row.affected) == ("P-1", 2, [county.divisions["Upper Willow"].pk])


def test_figures_alone_can_reach_a_level(county: County) -> None:
    from anlan.plans.content import Level, Trigger, TriggerKind

    trigger = Trigger(kind=TriggerKind.FIGURE, figure="evacuated", at_least=300)
    content = scenes.a_content(scenes.TASKS[:1])
    levels = (Level(level=4, triggers=(trigger,)),)
    from msgspec.structs import replace

    scenes.a_plan(county, content=replace(content, levels=levels))
    incident = scenes.a_flood(county)
    moved = FigureDetails(code="evacuated", value=Decimal(320), source="乡镇", as_of=county.now)
    incidents.add_figure(incident, moved, by=county.actor("Chen"), at=county.now)
    judge_incident(incident, at=county.now)
    assert Activation.objects.get().level == 4


def test_nothing_is_lowered_or_ended_by_rule(county: County) -> None:
    scenes.a_plan(county)
    row = warned(county, 2)
    judge(county)
    active = Activation.objects.select_related("plan", "plan_version", "division", "incident").get()
    services.decide(
        active,
        2,
        by=county.actor("Wang"),
        by_name="王",
        at=county.now,
        why="雨大",
        decided=Decided(has_read_faults=True),
    )
    warnings.lift_warning(row, reason="雨停", by=county.actor("Wang"), at=county.now)
    judge(county)
    active.refresh_from_db()
    assert (active.state, active.level, active.proposed_level, active.remind_at) == ("active", 2, 0, None)
    assert LevelChange.objects.count() == 1


def test_declined_it_is_asked_again_only_for_something_graver(county: County) -> None:
    scenes.a_plan(county)
    warned(county, 3)
    [row] = judge(county)
    services.decline(row, by=county.actor("Zheng"), by_name="郑国安", at=county.now, why="雨已停")
    warned(county, 3, "North Slope")
    assert judge(county) == []
    warned(county, 2)
    [again] = judge(county)
    assert (again.level, again.state) == (2, "proposed")


def test_a_suggestion_put_aside_does_not_ring_again_at_every_further_warning(county: County) -> None:
    scenes.a_plan(county)
    warned(county, 3)
    [row] = judge(county)
    said: dict[str, Any] = {"by": county.actor("Wang"), "by_name": "王", "at": county.now, "why": "已够", "decided": Decided(has_read_faults=True)}  # fmt: skip
    services.decide(row, 3, **said)
    warned(county, 2)
    judge(county)
    row.refresh_from_db()
    assert [row.proposed_level] == [2]
    services.decline(row, by=county.actor("Wang"), by_name="王", at=county.now, why="雨势将停")
    warned(county, 2, "North Slope")
    judge(county)
    row.refresh_from_db()
    assert (row.proposed_level, row.remind_at, row.declined_level) == (None, None, 2)
    warned(county, 1)
    judge(county)
    row.refresh_from_db()
    assert (row.proposed_level, row.remind_at is None) == (1, False), "something graver is asked"
    services.change_level(row, 1, **said)
    assert row.declined_level is None


def test_whoever_opens_less_than_the_rules_ask_for_leaves_the_rest_ringing(county: County) -> None:
    scenes.a_plan(county)
    warned(county, 2)
    [row] = judge(county)
    said: dict[str, Any] = {"by": county.actor("Wang"), "by_name": "王", "at": county.now, "why": "先启动", "decided": Decided(has_read_faults=True)}  # fmt: skip
    services.decide(row, 4, **said)
    assert (row.level, row.proposed_level, row.remind_at is None) == (4, 2, False)
    services.change_level(row, 3, **said)
    assert (row.level, row.proposed_level, row.remind_at is None) == (3, 2, False)
    services.change_level(row, 2, **said)
    assert (row.level, row.proposed_level, row.remind_at) == (2, None, None)


def test_a_standing_consent_opens_at_once_in_the_name_of_its_giver(county: County) -> None:
    plan = scenes.a_plan(county)
    services.give_consent(
        plan, 3, ends_at=county.now + timedelta(days=30), words="主汛期", by=county.actor("Wang"), by_name="王建国",
        at=county.now,
    )  # fmt: skip
    warned(county, 3)
    judge(county)
    row = Activation.objects.get()
    assert (row.state, row.level, row.is_pre_authorised) == ("active", 3, True)
    assert (row.decided_by, row.decided_by_name) == (county.actor("Wang").ref, "王建国")
    assert ("watch", "云岭县") in scenes.orders(row)
    warned(county, 2)
    judge(county)
    row.refresh_from_db()
    assert (row.level, row.proposed_level) == (3, 2), "the consent is for level Ⅲ only"


@pytest.mark.parametrize("how", ["over", "revoked", "left"])
def test_a_consent_that_holds_no_more_only_proposes(county: County, how: str) -> None:
    plan = scenes.a_plan(county)
    consent = services.give_consent(
        plan, 3, ends_at=county.now + timedelta(hours=1), words="主汛期", by=county.actor("Wang"), by_name="王建国",
        at=county.now,
    )  # fmt: skip
    if how == "over":
        scenes.later(county, 61)
    elif how == "revoked":
        services.revoke_consent(consent, by=county.actor("Zheng"), at=county.now)
    draft = warned(county, 3)
    if how == "left":
        scenes.later(county, 1)
        directory.end_holding(county.holdings["Wang"], by=county.by, at=county.now)
        scenes.later(county, 1)
    assert draft.state == "issued"
    judge(county)
    assert Activation.objects.get().state == "proposed"


def test_only_whoever_may_decide_a_level_consents_to_it(county: County) -> None:
    plan = scenes.a_plan(county)
    with pytest.raises(NotYourLevel):
        services.give_consent(
            plan,
            1,
            ends_at=county.now + timedelta(days=1),
            words="x",
            by=county.actor("Zheng"),
            by_name="郑",
            at=county.now,
        )
    with pytest.raises(BadConsent):
        services.give_consent(
            plan,
            1,
            ends_at=county.now + timedelta(days=900),
            words="x",
            by=county.actor("Wang"),
            by_name="王",
            at=county.now,
        )


def test_a_proposal_that_nobody_decides_rings_again_and_decided_it_is_silent(county: County) -> None:
    scenes.a_plan(county)
    warned(county, 3)
    react()
    alarm = Alarm.objects.get(kind="response_proposed")
    from anlan.duty.services import confirm_alarm

    confirm_alarm(alarm, by=county.actor("Chen"), at=county.now)
    scenes.later(county, 11)
    run_deadlines(owner="test")
    react()
    assert Alarm.objects.filter(kind="response_proposed", state="ringing").count() == 1
    row = Activation.objects.select_related("plan", "plan_version", "division", "incident").get()
    services.decide(
        row,
        3,
        by=county.actor("Zheng"),
        by_name="郑",
        at=county.now,
        why="雨大",
        decided=Decided(has_read_faults=True),
    )
    react()
    assert not Alarm.objects.filter(kind="response_proposed", state="ringing").exists()


def test_the_overall_plan_steps_back_where_a_special_plan_answers(county: County) -> None:
    special = scenes.a_plan(county)
    overall = scenes.a_plan(county, number="P-0", kind="overall", event_types=[], hazards=[])
    incident = scenes.a_flood(county)
    incidents.set_grade(incident, 3, reason="人定", by=county.actor("Wang"), at=county.now)
    react()
    assert [(row.plan_id, row.level) for row in Activation.objects.all()] == [(special.pk, 3)]
    row = Activation.objects.get()
    services.decline(row, why="先观察", by=county.actor("Wang"), by_name="王建国", at=county.now)
    judge_incident(incident, at=county.now)
    assert not Activation.objects.filter(plan=overall).exists(), "putting one plan aside asks for no other"


def test_the_overall_plan_is_proposed_for_what_no_special_plan_answers(county: County) -> None:
    scenes.a_plan(county, event_types=["forest_fire"], hazards=[])
    overall = scenes.a_plan(county, number="P-0", kind="overall", event_types=[], hazards=[])
    incident = scenes.a_flood(county)
    incidents.set_grade(incident, 2, reason="人定", by=county.actor("Wang"), at=county.now)
    react()
    assert [(row.plan_id, row.level) for row in Activation.objects.all()] == [(overall.pk, 2)]


def test_a_county_may_want_both_plans_proposed(county: County, settings: Any) -> None:
    from anlan.response import parameters

    folder = Path(settings.ANLAN_DATA)
    shipped = json.loads((Path(parameters.__file__).parent / "data" / "response.json").read_text())
    own = folder / "response.json"
    own.write_text(json.dumps({**shipped, "overall_steps_back": False}))
    try:
        scenes.a_plan(county)
        scenes.a_plan(county, number="P-0", kind="overall", event_types=[], hazards=[])
        incident = scenes.a_flood(county)
        incidents.set_grade(incident, 3, reason="人定", by=county.actor("Wang"), at=county.now)
        react()
        assert Activation.objects.filter(state="proposed").count() == 2
    finally:
        own.unlink()


def graded(county: County, grade: int, **fields: Any) -> Incident:
    incident = scenes.a_flood(county, **fields)
    return incidents.set_grade(incident, grade, reason="人定", by=county.actor("Wang"), at=county.now)


def proposed(plan: Plan) -> list[int]:
    return [row.level for row in Activation.objects.filter(plan=plan, state="proposed")]


def test_a_special_plan_that_was_withdrawn_silences_the_overall_plan_no_longer(county: County) -> None:
    special = scenes.a_plan(county)
    overall = scenes.a_plan(county, number="P-0", kind="overall", event_types=[], hazards=[])
    incident = graded(county, 3)
    react()
    assert proposed(overall) == []
    special.advance("withdrawn", by=county.by, at=county.now)
    judge_incident(incident, at=county.now)
    assert proposed(overall) == [3]


def test_a_townships_own_special_plan_does_not_stand_for_the_countys(county: County) -> None:
    scenes.a_plan(county, division=county.divisions["Willow River"])
    overall = scenes.a_plan(county, number="P-0", kind="overall", event_types=[], hazards=[])
    graded(county, 2, division=county.divisions["Upper Willow"])
    react()
    assert proposed(overall) == [2]


def test_a_running_special_plan_that_is_to_be_raised_answers_for_the_overall_plan_too(county: County) -> None:
    special = scenes.a_plan(county)
    overall = scenes.a_plan(county, number="P-0", kind="overall", event_types=[], hazards=[])
    incident = graded(county, 4)
    scenes.opened(county, 4, plan=special, incident=incident)
    incidents.set_grade(incident, 2, reason="人定", by=county.actor("Wang"), at=county.now)
    react()
    assert Activation.objects.get(plan=special).proposed_level == 2
    assert proposed(overall) == []
