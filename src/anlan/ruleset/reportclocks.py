"""The clocks of a report: who must tell whom by when, and why (R04, R05, R08). Pure: facts and packs in, clocks out.

Every clock starts at the moment of knowing; a step of the chain starts when the step before it was done, or else was due, so
that the last one shows the longest that the law allows (R04: 2, 4 or 6 hours after the county knew).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from anlan.kernel.clock import SHANGHAI
from anlan.ruleset.packs import Pack
from anlan.ruleset.tables import ChainTable, Element, ElementsTable, TimersTable
from anlan.vocab.incidents import RESTRICTED, SEVEN_DAYS, TYPES

ClockKind = Literal["phone", "written", "image", "follow_up", "chain", "timer"]
ReportKind = Literal["phone", "initial", "follow_up", "final"]
#: The level above each.
UPPER = {"unit": "county", "township": "county", "county": "city", "city": "province", "province": "ministry"}
#: (Chinese, English)
TIER_WORDS = {
    "unit": ("单位", "unit"),
    "township": ("乡镇", "township"),
    "county": ("县", "county"),
    "city": ("市", "city"),
    "province": ("省", "province"),
    "ministry": ("部委", "ministry"),
}


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the clocks depend on; times aware.

    `known_at` is when whoever reports came to know, `received_at` when it was entered here (the earlier of both counts);
    `unit_head_knew_at` starts the chain of R04. `tier` is who reports. `done` says when a step or report was made, by its
    code; `last_report_at` starts the clock of the next follow-up; `ordered_at` that of forces sent (R08).
    """

    event_type: str
    grade: int | None
    known_at: datetime
    is_sensitive: bool = False
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    unit_head_knew_at: datetime | None = None
    tier: str = "county"
    is_near_serious: bool = False
    last_report_at: datetime | None = None
    is_over: bool = False
    ordered_at: datetime | None = None
    done: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def starts_at(self) -> datetime:
        """The moment of knowing."""
        return self.known_at if self.received_at is None else min(self.known_at, self.received_at)

    @property
    def is_accident(self) -> bool:
        face = TYPES.get(self.event_type)
        return face is not None and face.grading == "accident"

    @property
    def is_restricted(self) -> bool:
        face = TYPES.get(self.event_type)
        return face is not None and face.event_class in RESTRICTED

    def is_at_least(self, grade: float) -> bool:
        """As severe as `grade`. What has no grade yet counts as severe enough: an unknown is never taken for a mild one."""
        return self.grade is None or self.grade <= grade


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit. `by` owes it to `destination` (tiers); `is_mine` when `by` is who reports.

    `also_due_at` is the limit counted from the occurrence where the clock itself is counted from knowing, and shown beside it.
    """

    code: str
    kind: ClockKind
    by: str
    destination: str
    starts_at: datetime
    limit: timedelta
    due_at: datetime
    rule: str
    source: str
    verified: bool
    zh: str
    en: str
    is_mine: bool
    done_at: datetime | None = None
    also_due_at: datetime | None = None

    def is_late(self, at: datetime) -> bool:
        """迟报: done after its limit, or not done and the limit is past. Reaching the limit to the second is in time."""
        return (self.done_at or at) > self.due_at


@dataclass(frozen=True, slots=True)
class ReportPacks:
    """The packs in force that the clocks and elements read: rule id to pack."""

    packs: Mapping[str, Pack]

    def __getitem__(self, rule_id: str) -> Pack:
        return self.packs[rule_id]


def clocks_of(facts: ReportFacts, packs: ReportPacks) -> list[Clock]:
    """Every clock of an incident for whoever reports, the soonest first."""
    found = [*_urgent(facts, packs["R05"]), *_chain(facts, packs["R04"]), *_follow_up(facts, packs)]
    return sorted(found, key=lambda clock: (clock.due_at, clock.code))


def strictest(clocks: Iterable[Clock], kind: ClockKind) -> Clock | None:
    """Of the clocks of a kind that whoever reports owes himself, the one that runs out first."""
    mine = [clock for clock in clocks if clock.kind == kind and clock.is_mine]
    return min(mine, key=lambda clock: clock.due_at, default=None)


def must_report(facts: ReportFacts, packs: ReportPacks) -> bool:
    """Whether it goes upward at all: by its grade, or because it is sensitive (R02, R05)."""
    return (
        facts.is_sensitive or facts.is_near_serious or facts.is_at_least(packs["R05"].number("least_grade"))
    )


def _urgent(facts: ReportFacts, pack: Pack) -> list[Clock]:
    """R05: by phone, in writing, with pictures."""
    if not (facts.is_sensitive or facts.is_near_serious or facts.is_at_least(pack.number("least_grade"))):
        return []
    wanted: list[tuple[ClockKind, str, str, str]] = [
        ("phone", "phone_report_min", "电话报告", "by phone"),
        ("written", "written_report_min", "书面报告", "in writing"),
    ]
    if not facts.is_restricted and (
        facts.is_sensitive or facts.is_at_least(pack.number("image_least_grade"))
    ):
        wanted.append(("image", "image_report_min", "报送现场图像", "with pictures of the scene"))
    return [_urgent_clock(facts, pack, *one) for one in wanted]


def _urgent_clock(facts: ReportFacts, pack: Pack, kind: ClockKind, name: str, zh: str, en: str) -> Clock:
    from_occurrence = bool(pack.number("start_from_occurrence")) and facts.occurred_at is not None
    start = facts.occurred_at if from_occurrence and facts.occurred_at is not None else facts.starts_at
    one, minutes = pack.parameters[name], pack.number(name)
    limit = timedelta(minutes=minutes)
    to = UPPER.get(facts.tier, "city")
    since = ("事发", "the occurrence") if from_occurrence else ("知悉", "knowing")
    return Clock(
        code=kind,
        kind=kind,
        by=facts.tier,
        destination=to,
        starts_at=start,
        limit=limit,
        due_at=start + limit,
        rule=pack.rule_id,
        source=one.source,
        verified=one.verified,
        zh=f"{since[0]}后{minutes:g}分钟内向{TIER_WORDS[to][0]}{zh}",
        en=f"to the {TIER_WORDS[to][1]} {en} within {minutes:g} min of {since[1]}",
        is_mine=True,
        done_at=facts.done.get(kind),
        also_due_at=None if from_occurrence or facts.occurred_at is None else facts.occurred_at + limit,
    )


def _chain(facts: ReportFacts, pack: Pack) -> list[Clock]:
    """R04: the chain of an accident, and the phone flash to the province."""
    if not facts.is_accident:
        return []
    found: list[Clock] = []
    for step in pack.table_as(ChainTable).steps:
        start = _step_start(facts, step.by, found)
        is_for_grade = step.least == "g4" or (facts.grade is not None and facts.grade <= int(step.least[1]))
        if start is None or not is_for_grade:
            continue
        limit = timedelta(minutes=step.limit_min)
        found.append(
            Clock(
                code=step.code,
                kind="chain",
                by=step.by,
                destination=step.to,
                starts_at=start,
                limit=limit,
                due_at=start + limit,
                rule=pack.rule_id,
                source=step.source,
                verified=step.verified,
                zh=f"{step.zh}，{step.limit_min / 60:g}小时内",
                en=f"{step.en}, within {step.limit_min / 60:g} h",
                is_mine=step.by == facts.tier,
                done_at=facts.done.get(step.code),
            )
        )
    return [*found, *_flash(facts, pack)]


def _step_start(facts: ReportFacts, by: str, before: list[Clock]) -> datetime | None:
    """When the tier that owes a step knew: told by whoever reported to it, or at the latest when it was due."""
    if by == "unit":
        return facts.unit_head_knew_at
    if by == "county":
        return facts.starts_at
    told = next((clock for clock in before if clock.destination == by), None)
    if told is None:
        return None
    return told.due_at if told.done_at is None else told.done_at


def _flash(facts: ReportFacts, pack: Pack) -> list[Clock]:
    is_grave = facts.grade is not None and facts.grade <= pack.number("phone_flash_least")
    if facts.tier not in ("county", "city") or not (is_grave or facts.is_sensitive):
        return []
    one = pack.parameters["phone_flash_min"]
    limit = timedelta(minutes=one.value)
    return [
        Clock(
            code="phone_flash",
            kind="phone",
            by=facts.tier,
            destination="province",
            starts_at=facts.starts_at,
            limit=limit,
            due_at=facts.starts_at + limit,
            rule=pack.rule_id,
            source=one.source,
            verified=one.verified,
            zh=f"较大以上或社会影响重大，{one.value:g}分钟内电话快报省",
            en=f"fairly serious or of great social effect: phone flash to the province within {one.value:g} min",
            is_mine=True,
            done_at=facts.done.get("phone_flash"),
        )
    ]


def _follow_up(facts: ReportFacts, packs: ReportPacks) -> list[Clock]:
    """The next follow-up after the last report, until the handling ends."""
    if facts.last_report_at is None or facts.is_over or facts.is_restricted:
        return []
    is_serious = facts.grade is not None and facts.grade <= 2
    if facts.is_accident:
        pack, name = packs["R04"], "follow_up_serious_h" if is_serious else "follow_up_h"
    else:
        pack, name = packs["R05"], "follow_up_h"
    one = pack.parameters[name]
    limit, to = timedelta(hours=one.value), UPPER.get(facts.tier, "city")
    return [
        Clock(
            code="follow_up",
            kind="follow_up",
            by=facts.tier,
            destination=to,
            starts_at=facts.last_report_at,
            limit=limit,
            due_at=facts.last_report_at + limit,
            rule=pack.rule_id,
            source=one.source,
            verified=one.verified,
            zh=f"上一报后{one.value:g}小时内续报",
            en=f"follow-up within {one.value:g} h of the last report",
            is_mine=True,
        )
    ]


def supplement_until(facts: ReportFacts, packs: ReportPacks) -> datetime | None:
    """Until when a changed count of an accident is reported again (R03, R04: 30 days, 7 for road traffic and fire)."""
    if not facts.is_accident:
        return None
    name = "supplement_days_short" if facts.event_type in SEVEN_DAYS else "supplement_days"
    return (facts.occurred_at or facts.known_at) + timedelta(days=packs["R04"].number(name))


def timers_of(facts: ReportFacts, packs: ReportPacks) -> list[Clock]:
    """R08: the county's commitments that an incident of this type starts."""
    face = TYPES.get(facts.event_type)
    grading = "" if face is None else face.grading
    starts = {
        "occurred": facts.occurred_at or facts.known_at,
        "known": facts.starts_at,
        "ordered": facts.ordered_at,
    }
    pack = packs["R08"]
    found: list[Clock] = []
    for timer in pack.table_as(TimersTable).timers:
        start = starts[timer.starts]
        if start is None or (timer.hazard and timer.hazard != grading):
            continue
        limit = timedelta(hours=timer.limit_h)
        found.append(
            Clock(
                code=timer.code,
                kind="timer",
                by="county",
                destination="",
                starts_at=start,
                limit=limit,
                due_at=start + limit,
                rule=pack.rule_id,
                source=timer.source,
                verified=timer.verified,
                zh=f"{timer.zh}，{timer.limit_h:g}小时内",
                en=f"{timer.en}, within {timer.limit_h:g} h",
                is_mine=facts.tier == "county",
                done_at=facts.done.get(timer.code),
            )
        )
    return sorted(found, key=lambda clock: (clock.due_at, clock.code))


def required_elements(kind: ReportKind, event_type: str, packs: ReportPacks) -> list[Element]:
    """What a report of this kind on this type of incident must say, in the order of the form."""
    face = TYPES.get(event_type)
    if face is not None and face.event_class in RESTRICTED:
        rule_id = "R05R"
    elif face is not None and face.grading == "accident":
        rule_id = "R04E"
    else:
        rule_id = "R05E"
    return [one for one in packs[rule_id].table_as(ElementsTable).elements if getattr(one, kind)]


def call_elements(packs: ReportPacks) -> list[Element]:
    """What a phone record says (R25)."""
    return list(packs["R25E"].table_as(ElementsTable).elements)


def next_daily(after: datetime, hour: float) -> datetime:
    """The next time that the local clock shows the hour, later than `after`; UTC. For reports at 08:00, 09:00 … (R06)."""
    local = after.astimezone(SHANGHAI)
    due = local.replace(hour=int(hour), minute=round(hour % 1 * 60), second=0, microsecond=0)
    return (due if due > local else due + timedelta(days=1)).astimezone(UTC)
