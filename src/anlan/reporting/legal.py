"""From the clocks that the rules give (R04, R05, R08) to the limits of this incident and its receivers."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.reporting.obligations import Facts, warn_at
from anlan.reporting.types import Obligation
from anlan.ruleset.reportclocks import Clock, ReportFacts, ReportPacks, clocks_of, timers_of

#: What a delivery must be to meet a clock of each kind; "" = only a person can say so.
_MEETS = {"phone": "phone", "written": "written", "image": "image", "chain": "written", "timer": ""}
#: Limits that bind from a grade on begin when that grade was known, not before.
_FROM_GRADE = {"phone_flash": 3, "city_to_province": 3, "province_to_ministry": 2}


def rule_facts(facts: Facts) -> ReportFacts:
    return ReportFacts(
        event_type=facts.event_type,
        grade=facts.grade,
        known_at=facts.known_at,
        is_sensitive=facts.is_sensitive,
        occurred_at=facts.occurred_at,
        unit_head_knew_at=facts.unit_head_knew_at,
        is_near_serious=facts.is_near_serious,
    )


def legal(facts: Facts, packs: ReportPacks) -> list[Obligation]:
    """Every limit but the follow-ups. The own government (and for an accident the industry line) is told by the same limits."""
    given = rule_facts(facts)
    clocks = clocks_of(given, packs)
    found = [_obligation(clock, facts) for clock in clocks]
    found += [
        _copy(one, "county_government", "同时报县政府", "the county government likewise")
        for one in found
        if one.code in ("phone", "written")
    ]
    found += [
        _copy(one, "industry", "同时报行业主管部门", "the industry line likewise")
        for one in found
        if one.code == "county_to_city"
    ]
    return found + [_obligation(clock, facts) for clock in timers_of(given, packs)]


def follow_up_limit(facts: Facts, packs: ReportPacks, last_at: datetime) -> Clock | None:
    """By when the next report is owed after the last one; None for what is not followed up."""
    given = rule_facts(facts)
    asked = ReportFacts(
        event_type=given.event_type,
        grade=given.grade,
        known_at=given.known_at,
        is_sensitive=given.is_sensitive,
        is_near_serious=given.is_near_serious,
        last_report_at=last_at,
    )
    return next((clock for clock in clocks_of(asked, packs) if clock.kind == "follow_up"), None)


def _obligation(clock: Clock, facts: Facts) -> Obligation:
    starts, due = clock.starts_at, clock.due_at
    if clock.code in _FROM_GRADE and not facts.is_sensitive:
        shift = max(facts.reached_at(_FROM_GRADE[clock.code]) - starts, timedelta())
        starts, due = starts + shift, due + shift
    meets = "knowing" if clock.code == "unit_to_county" else _MEETS[clock.kind]
    return Obligation(
        code=clock.code,
        tier=clock.destination,
        meets=meets,
        starts_at=starts,
        due_at=due,
        warn_at=warn_at(starts, due),
        label_zh=clock.zh[:120],
        label_en=clock.en[:120],
        source=f"{clock.rule}：{clock.source}",
        is_verified=clock.verified,
        is_ours=clock.is_mine,
    )


def _copy(one: Obligation, tier: str, zh: str, en: str) -> Obligation:
    return Obligation(
        code=one.code,
        tier=tier,
        meets=one.meets,
        starts_at=one.starts_at,
        due_at=one.due_at,
        warn_at=one.warn_at,
        label_zh=f"{one.label_zh}，{zh}"[:120],
        label_en=f"{one.label_en}; {en}"[:120],
        source=one.source,
        is_verified=False,
        is_ours=one.is_ours,
    )
