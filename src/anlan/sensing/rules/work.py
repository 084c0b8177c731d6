"""What the worker does for rules: plan it from the rules in force, look when it is due, make one crossing of every change.

A look, the crossing it leads to and the next due time are one transaction of the deadline loop, so a killed worker has
either done all of it or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from anlan.events.published import CrossingRecorded, EnterpriseLimitCrossed
from anlan.journal import clocks
from anlan.journal.services import ORDINARY, announce, note
from anlan.kernel.actor import rule as rule_actor
from anlan.kernel.actor import system
from anlan.kernel.ids import uuid7
from anlan.ruleset import Pack
from anlan.ruleset.antecedent import SOIL_WORDS, SoilWanted, soil_state
from anlan.ruleset.holding import Standing, step
from anlan.ruleset.tables import SLOW, CombinedTable, RainTable
from anlan.ruleset.verdicts import Verdict, level_words
from anlan.sensing.models import BindingState, Crossing, RuleWork, Station
from anlan.sensing.rules.book import rules_now
from anlan.sensing.rules.inforce import LOCAL, Rule, Rulebook
from anlan.sensing.rules.looks import Look, look, stations_of
from anlan.sensing.rules.series import usable
from anlan.vocab.levels import Level

WATCH = "watch"
SOIL = "soil"
#: How often the plan is compared with the county, whatever happened.
WATCH_EVERY = timedelta(minutes=10)
_STORED = Decimal("0.001")
_BY = system("rules")
#: Hydrological days end at eight in the morning, local time.
_DAY_ENDS_H = 8
_SLOTS_A_DAY = 288


class Job(NamedTuple):
    """One row as it should be."""

    key: str
    evaluator: str
    rule_id: str
    version: str
    station: Station | None
    watches: tuple[str, ...]


def plan_work(at: datetime) -> None:
    """Make the rows what the rules in force ask for; what no rule asks for any more is closed with a fall. Safe to repeat."""
    book = rules_now()
    wanted = {job.key: job for job in _jobs(book)}
    run = clocks.default_exercise_id()
    known = {row.key: row for row in RuleWork.objects.filter(exercise_id=run).select_related("station")}
    for key, row in known.items():
        if key not in wanted:
            _close(row, at)
    for key, job in wanted.items():
        present = known.get(key)
        if present is None:
            RuleWork.objects.create(
                key=key, exercise_id=run, evaluator=job.evaluator, rule_id=job.rule_id,
                rule_version=job.version, station=job.station, watches=list(job.watches), due_at=at,
            )  # fmt: skip
        elif (present.rule_version, present.watches) != (job.version, list(job.watches)):
            RuleWork.objects.filter(pk=present.pk).update(
                rule_version=job.version, watches=list(job.watches), due_at=at
            )
    _forget_levels(book, set(wanted), run)


def _jobs(book: Rulebook) -> Iterator[Job]:
    yield Job(WATCH, WATCH, "", "", None, ())
    stations = Station.objects.filter(is_active=True).select_related("division").order_by("code")
    for station in stations:
        for rule in book.on(station):
            yield from _jobs_on(rule, station)
    for rule in book.rules:
        if rule.pack.evaluator == "combined" and _is_newest(rule, book):
            yield from _combined_job(rule)


def _jobs_on(rule: Rule, station: Station) -> Iterator[Job]:
    pack, code = rule.pack, station.code
    if pack.evaluator in SLOW and pack.evaluator != "combined":
        end = ":offline" if pack.evaluator == "seal" else ""
        yield Job(f"{pack.rule_id}:{code}{end}", pack.evaluator, pack.rule_id, pack.version, station, (code,))
    if isinstance(pack.table, RainTable) and pack.table.soil is not None:
        yield Job(f"{SOIL}:{code}", SOIL, pack.rule_id, pack.version, station, ())


def _combined_job(rule: Rule) -> Iterator[Job]:
    table = rule.pack.table_as(CombinedTable)
    members = [one for member in table.members for one in stations_of(member, rule.path)]
    if members:
        pack, anchor = rule.pack, members[0]
        watches = tuple(dict.fromkeys(one.code for one in members))
        yield Job(f"{pack.rule_id}:{anchor.code}", "combined", pack.rule_id, pack.version, anchor, watches)


def _is_newest(rule: Rule, book: Rulebook) -> bool:
    same = [one for one in book.rules if one.pack.rule_id == rule.pack.rule_id]
    return max(same, key=lambda one: one.narrowness) is rule


def _close(row: RuleWork, at: datetime) -> None:
    """The rule is gone: what it had reached falls, with a sentence that says so."""
    if row.level and row.station is not None:
        gone = Verdict(None, Decimal(0), None, "规则已停用或被替代", "The rule was ended or replaced")
        _record(row, row.station, gone, None, purpose="condition", at=at)
    row.delete()


def _forget_levels(book: Rulebook, slow: set[str], run: uuid.UUID | None) -> None:
    """A binding that no rule makes any more holds no level; the gateway will say nothing of it again."""
    rows = BindingState.objects.filter(exercise_id=run).exclude(level=None, is_uncertain=False)
    for state in rows.select_related("station__division"):
        links = list(state.station.links.filter(is_active=True))
        made = {one.id for one in book.bindings(state.station, links)} | slow
        if state.binding not in made and _is_of_a_rule(state.binding, book):
            BindingState.objects.filter(pk=state.pk).update(
                level=None, level_since=None, is_uncertain=False, uncertain_since=None
            )


def _is_of_a_rule(binding: str, book: Rulebook) -> bool:
    """Whether the binding is one that rules make; what others may keep there is left alone."""
    return book.pack(binding.partition(":")[0]) is not None


def ensure_watch() -> None:
    """See to it that the worker looks at the rules soon; called when the catalogue changed."""
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    rows = RuleWork.objects.filter(key=WATCH, exercise_id=run)
    if not rows.update(due_at=at):
        RuleWork.objects.get_or_create(
            key=WATCH, exercise_id=run, defaults={"evaluator": WATCH, "due_at": at}
        )


def wake(codes: Iterable[str], *, at: datetime, exercise_id: uuid.UUID | None) -> None:
    """Members crossed: whatever watches them looks at once."""
    named = set(codes)
    rows = RuleWork.objects.filter(exercise_id=exercise_id, due_at__gt=at).exclude(watches=[])
    due = [row_id for row_id, watches in rows.values_list("pk", "watches") if named & set(watches)]
    if due:
        RuleWork.objects.filter(pk__in=due).update(due_at=at)


def do_work(row: RuleWork, at: datetime) -> None:
    """One due row; its next time is set in the same transaction."""
    if row.evaluator == WATCH:
        plan_work(at)
        _later(row, min(rules_now().next_change().astimezone(UTC), at + WATCH_EVERY))
        from anlan.sensing import catalogue

        catalogue.refresh_after_commit()
        return
    book = rules_now()
    pack = book.pack(row.rule_id, row.rule_version)
    station = Station.objects.select_related("division").filter(pk=row.station_id or row.pk).first()
    if pack is None or station is None:
        row.delete()
    elif row.evaluator == SOIL:
        _work_out_soil(row, pack, station, at)
    else:
        _look(row, pack, station, at)


def _look(row: RuleWork, pack: Pack, station: Station, at: datetime) -> None:
    verdict = look(Look(row, pack, station, at))
    standing = msgspec.convert(row.memory.get("standing", {}), Standing)
    now = step(
        standing,
        verdict.level,
        int(at.timestamp()),
        rise_hold_s=int(pack.number("rise_hold_s")),
        hold_s=int(pack.number("hold_s")),
        is_incomplete=verdict.is_incomplete,
    )
    if now.level != standing.level:
        _record(row, station, verdict, now.reached, purpose=pack.purpose, at=at)
    _mark_gaps(row, station, verdict, at)
    if verdict.is_held_back and not row.memory.get("is_held_back"):
        _note(row, station, "seal.suppressed", verdict.zh, at)
    RuleWork.objects.filter(pk=row.pk).update(
        memory={"standing": msgspec.to_builtins(now), "is_held_back": verdict.is_held_back},
        level=now.level or None,
        is_incomplete=verdict.is_incomplete,
        said_zh=verdict.zh,
        said_en=verdict.en,
        looked_at=at,
        due_at=at + timedelta(seconds=pack.number("period_s")),
    )


def _record(
    row: RuleWork, station: Station, verdict: Verdict, level: Level | None, *, purpose: str, at: datetime
) -> None:
    """The fact that the level changed, with one sentence, on the way that every crossing takes."""
    previous = Level(row.level) if row.level else None
    is_up = level is not None and level.is_worse_than(previous)
    zh, en = _sentence(row, verdict, level, previous)
    crossing = Crossing(
        id=uuid7(),
        station=station,
        exercise_id=row.exercise_id,
        quantity=row.evaluator,
        binding=row.key,
        rule_id=row.rule_id,
        rule_version=row.rule_version,
        purpose=purpose,
        direction="up" if is_up else "down",
        level=level,
        previous_level=previous,
        value=verdict.value.quantize(_STORED),
        threshold=None if verdict.threshold is None else verdict.threshold.quantize(_STORED),
        phenomenon_time=at,
        received_at=at,
        recorded_at=at,
        explanation_zh=zh,
        explanation_en=en,
    )
    crossing.record(by=rule_actor(row.rule_id), at=at)
    event = CrossingRecorded(crossing_id=str(crossing.pk))
    announce(event, at=at, exercise_id=row.exercise_id, priority=level or ORDINARY)
    if purpose == "enterprise":
        crossed = EnterpriseLimitCrossed(crossing_id=str(crossing.pk))
        announce(crossed, at=at, exercise_id=row.exercise_id, priority=level or ORDINARY)
    BindingState.objects.update_or_create(
        binding=row.key,
        exercise_id=row.exercise_id,
        defaults={"station": station, "level": level, "level_since": at},
    )
    wake([station.code], at=at, exercise_id=row.exercise_id)


def _sentence(
    row: RuleWork, verdict: Verdict, level: Level | None, previous: Level | None
) -> tuple[str, str]:
    to_zh, to_en = level_words(level)
    from_zh, from_en = level_words(previous)
    by_zh = f"依据{row.rule_id}第{row.rule_version}版"
    by_en = f"rule {row.rule_id} version {row.rule_version}"
    return (
        f"{verdict.zh}；由{from_zh}变为{to_zh}；{by_zh}。",
        f"{verdict.en}; from {from_en} to {to_en}; {by_en}.",
    )


def _mark_gaps(row: RuleWork, station: Station, verdict: Verdict, at: datetime) -> None:
    """Something missing keeps the binding from being called safe, as a gap in a rain window does."""
    if verdict.is_incomplete == row.is_incomplete:
        return
    BindingState.objects.update_or_create(
        binding=row.key,
        exercise_id=row.exercise_id,
        defaults={
            "station": station,
            "is_uncertain": verdict.is_incomplete,
            "uncertain_since": at if verdict.is_incomplete else None,
        },
    )
    _note(row, station, "binding.uncertain" if verdict.is_incomplete else "binding.certain", verdict.zh, at)


def _note(row: RuleWork, station: Station, kind: str, said: str, at: datetime) -> None:
    note(
        kind=kind,
        subject=("binding", row.key),
        payload={"said": said},
        by=_BY,
        at=at,
        path=station.journal_path(),
        exercise_id=row.exercise_id,
    )


def _work_out_soil(row: RuleWork, pack: Pack, station: Station, at: datetime) -> None:
    """Once a day: the soil state, and with it the column of thresholds that the gateway takes."""
    end = _day_end(at)
    days = [
        _rain_of_day(station.code, end - timedelta(days=back), pack.number("max_gap"))
        for back in range(int(pack.number("antecedent_days")))
    ]
    wanted = SoilWanted(
        pack.number("antecedent_decay"), pack.number("soil_dry_below_mm"), pack.number("soil_wet_from_mm")
    )
    soil = soil_state(days, wanted)
    if soil.state != row.memory.get("soil", "normal"):
        _note_soil(row, station, soil.state, soil.rain_index, at)
    zh, en = SOIL_WORDS[soil.state]
    RuleWork.objects.filter(pk=row.pk).update(
        memory={"soil": soil.state, "index": f"{soil.rain_index:.1f}", "missing_days": soil.missing_days},
        said_zh=f"{station.name}前期影响雨量{soil.rain_index:.1f}毫米，{zh}（缺{soil.missing_days}天资料）",
        said_en=f"{station.name}: antecedent rain index {soil.rain_index:.1f} mm, {en} ({soil.missing_days} days missing)",
        is_incomplete=soil.missing_days > 0,
        looked_at=at,
        due_at=end + timedelta(days=1),
    )
    from anlan.sensing import catalogue

    catalogue.refresh_after_commit()


def _note_soil(row: RuleWork, station: Station, state: str, index: Decimal, at: datetime) -> None:
    payload = {"station": station.code, "from": row.memory.get("soil", "normal"), "to": state}
    note(
        kind="soil_state.changed",
        subject=("station", str(station.pk)),
        payload=payload | {"index_mm": f"{index:.1f}", "rule": row.rule_id, "version": row.rule_version},
        by=rule_actor(row.rule_id),
        at=at,
        path=station.journal_path(),
        exercise_id=row.exercise_id,
    )


def _rain_of_day(code: str, end: datetime, max_gap: float) -> Decimal | None:
    found = usable(
        code, "rain_5min", end - timedelta(days=1) + timedelta(seconds=1), end + timedelta(seconds=1)
    )
    if len(found) < (1 - max_gap) * _SLOTS_A_DAY:
        return None
    return sum((value for _, value in found), Decimal(0))


def _day_end(at: datetime) -> datetime:
    """The last eight o'clock (local) at or before a moment, UTC."""
    local = at.astimezone(LOCAL)
    end = local.replace(hour=_DAY_ENDS_H, minute=0, second=0, microsecond=0)
    return (end if end <= local else end - timedelta(days=1)).astimezone(UTC)


def _later(row: RuleWork, due_at: datetime) -> None:
    RuleWork.objects.filter(pk=row.pk).update(due_at=due_at, looked_at=row.due_at)
