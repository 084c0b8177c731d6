"""What pages ask: what is in force, what waits for whom, what may be lifted, and everything about one warning."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from anlan.accounts.access import narrow, within
from anlan.dissemination import queries as dissemination
from anlan.dissemination.models import Callout
from anlan.dissemination.statistics import figures
from anlan.journal import clocks
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.risk import queries as risk
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right
from anlan.vocab.stages import STAGE_RELATION_IS_VERIFIED
from anlan.warning import texts
from anlan.warning.access import access_warning, visible_pre_authorisations, visible_warnings, works_on
from anlan.warning.authority import authority
from anlan.warning.models import (
    HazardWarning,
    MissedWarning,
    PreAuthorisation,
    WarningVerdict,
    WarningVillage,
)
from anlan.warning.services.common import speaker_of
from anlan.warning.types import VillageLine, WarningDetail

_THE_RUN_OF_THIS_FOLDER = uuid.UUID(int=0)
BEIJING = ZoneInfo("Asia/Shanghai")

NEEDS_RIGHT = _("Your post does not give you the right to sign off.")
NEEDS_COUNTY = _("Only a post of the county signs this.")
IS_DRAFTER = _("Whoever drafted a warning cannot sign it off.")


def in_force(
    actor: Actor, at: datetime, *, exercise_id: uuid.UUID | None = _THE_RUN_OF_THIS_FOLDER
) -> list[HazardWarning]:
    """Issued and neither ended nor past its validity at `at`, the most severe first. One run at a time."""
    rows = _of_run(visible_warnings(actor), exercise_id).filter(state="issued", expires_at__gt=at)
    return list(rows.order_by("level", "issued_at"))


def drafts_for(
    actor: Actor, *, exercise_id: uuid.UUID | None = _THE_RUN_OF_THIS_FOLDER
) -> list[HazardWarning]:
    """Drafts that wait for review and returned ones, the most severe first; empty for who neither drafts nor signs."""
    rows = _of_run(visible_warnings(actor), exercise_id).filter(state__in=("draft", "returned"))
    own = rows.filter(works_on(actor)).select_related("reviewer", "crossing__station")
    return list(own.order_by("level", "review_due_at", "drafted_at"))


def may_be_lifted(
    actor: Actor, *, exercise_id: uuid.UUID | None = _THE_RUN_OF_THIS_FOLDER
) -> list[HazardWarning]:
    """In force, with a reading that came down since; longest first. A person decides."""
    rows = _of_run(visible_warnings(actor), exercise_id).filter(state="issued", fell_at__isnull=False)
    return list(rows.select_related("fell_crossing").order_by("fell_at"))


def ended(
    actor: Actor, *, exercise_id: uuid.UUID | None = _THE_RUN_OF_THIS_FOLDER
) -> QuerySet[HazardWarning]:
    """Replaced, lifted, run out or withdrawn, the newest first."""
    rows = _of_run(visible_warnings(actor), exercise_id)
    return rows.filter(state__in=("replaced", "lifted", "expired", "withdrawn")).order_by("-ended_at")


def pre_authorisations(
    actor: Actor, *, exercise_id: uuid.UUID | None = _THE_RUN_OF_THIS_FOLDER
) -> list[PreAuthorisation]:
    """Permissions in the actor's jurisdiction, also ended and revoked ones; the one that runs longest first."""
    rows = visible_pre_authorisations(actor).filter(exercise_id=_run(exercise_id))
    return list(rows.order_by("-valid_to"))


def warning_detail(actor: Actor, warning_id: uuid.UUID, *, at: datetime | None = None) -> WarningDetail:
    """Everything about one warning: cause, villages of the reader's jurisdiction, people, progress of the call-out.

    `at` is when the page is read; left out, the time of the warning's run.
    """
    warning = access_warning(actor, warning_id)
    rows = warning.villages.select_related("division")
    lines = _village_lines(rows.filter(within(actor, "division__path")).order_by("division_id"))
    successor = warning.replaced_by.exclude(state__in=("withdrawn", "returned")).first()
    why_not = _why_not(actor, warning)
    return WarningDetail(
        warning=warning,
        crossing=warning.crossing,
        fell=warning.fell_crossing,
        villages=lines,
        villages_total=rows.count(),
        households=sum(line.households or 0 for line in lines),
        people=sum(line.people or 0 for line in lines),
        progress=_progress(warning),
        permission=warning.pre_authorisation,
        replaced_by=None if successor is None else successor.pk,
        can_sign=warning.state == "draft" and not why_not,
        why_not=why_not if warning.state == "draft" else "",
        sms_segments=texts.segments(speaker_of(warning), warning.body),
        unverified=_unverified(warning),
        seen_at=at or clocks.now(warning.exercise_id),
    )


def _of_run(rows: QuerySet[HazardWarning], exercise_id: uuid.UUID | None) -> QuerySet[HazardWarning]:
    return rows.filter(exercise_id=_run(exercise_id))


def _run(exercise_id: uuid.UUID | None) -> uuid.UUID | None:
    return clocks.default_exercise_id() if exercise_id == _THE_RUN_OF_THIS_FOLDER else exercise_id


def _unverified(warning: HazardWarning) -> tuple[str, ...]:
    """What about this warning nobody has confirmed yet, in the reader's language."""
    table = authority()
    doubts = {
        gettext(
            "which levels call people out and which tell them of a risk"
        ): table.kind_by_level.is_verified,
        gettext("how stages of a flash flood relate to colours"): STAGE_RELATION_IS_VERIFIED
        or not warning.stage,
        gettext("how long a warning stays in force"): table.validity_min_by_level.is_verified,
        gettext("the wording of the messages"): texts.book().is_verified,
    }
    return tuple(words for words, is_verified in doubts.items() if not is_verified)


def _why_not(actor: Actor, warning: HazardWarning) -> str:
    if not actor.can_somewhere(Right.SIGN_OFF) or actor.person_id is None:
        return NEEDS_RIGHT
    if not actor.can(Right.SIGN_OFF, warning.division.path):
        return NEEDS_COUNTY
    if actor.person_id == warning.drafted_by_person_id or actor.ref == warning.drafted_by:
        return IS_DRAFTER
    return ""


def _progress(warning: HazardWarning) -> object | None:
    callout = Callout.objects.filter(pk=warning.callout_id).first() if warning.callout_id else None
    return None if callout is None else dissemination.progress(callout)


def _village_lines(rows: Iterable[WarningVillage]) -> tuple[VillageLine, ...]:
    listed = list(rows)
    villages = [row.division for row in listed]
    zones = defaultdict(list)
    for zone in risk.zones_of([village.code for village in villages]):
        for village in villages:
            if f"{zone.division.path}/".startswith(f"{village.path}/"):
                zones[village.code].append(zone)
    townships = _townships(villages)
    return tuple(
        VillageLine(
            code=row.division_id,
            name=row.division.name,
            township=townships.get(row.division_id, ""),
            because=row.because,
            detail=row.detail,
            zones=tuple(zone.name for zone in zones[row.division_id]),
            households=_count(
                [zone.household_count for zone in zones[row.division_id]], row.division.households
            ),
            people=_count([zone.people_count for zone in zones[row.division_id]], row.division.population),
        )
        for row in listed
    )


def _count(in_zones: list[int | None], of_village: int | None) -> int | None:
    """The sum over the danger zones that state a number; without any, the village's own number."""
    stated = [number for number in in_zones if number is not None]
    return sum(stated) if stated else of_village


def _townships(villages: list[Division]) -> dict[str, str]:
    """Name of the township above each village; one query."""
    above = {code for village in villages for code in village.path.split("/")}
    names = dict(
        Division.objects.filter(code__in=above, level=DivisionLevel.TOWNSHIP).values_list("code", "name")
    )
    return {
        village.code: next((names[code] for code in village.path.split("/") if code in names), "")
        for village in villages
    }


@dataclass(slots=True)
class YearRow:
    """One year of the jurisdiction: seats of call-outs, and what people judged afterwards (C-03 to C-05)."""

    year: int
    issued: int = 0
    sent: int = 0
    reached: int = 0
    answered: int = 0
    hits: int = 0
    false_alarms: int = 0
    unjudged: int = 0
    missed: int = 0


def yearly_table(actor: Actor, *, years: Iterable[int]) -> list[YearRow]:
    """The yearly table of sent, reached, answered, false and missed. Exercises never count; a year is one of Beijing time."""
    found = []
    for year in years:
        start = datetime(year, 1, 1, tzinfo=BEIJING).astimezone(UTC)
        end = datetime(year + 1, 1, 1, tzinfo=BEIJING).astimezone(UTC)
        found.append(_year(actor, year, start, end))
    return found


def _year(actor: Actor, year: int, start: datetime, end: datetime) -> YearRow:
    span = {"issued_at__gte": start, "issued_at__lt": end, "exercise_id": None}
    warnings = list(visible_warnings(actor).filter(**span).values_list("pk", "state"))
    sums = figures(actor, start=start, end=end).whole
    newest: dict[uuid.UUID, str] = {}
    keys = [pk for pk, _state in warnings]
    for pk, verdict in (
        WarningVerdict.objects.filter(warning__in=keys)
        .order_by("judged_at", "id")
        .values_list("warning_id", "verdict")
    ):
        newest[pk] = verdict
    ended = [pk for pk, state in warnings if state in ("lifted", "expired")]
    missed = narrow(MissedWarning.objects.filter(exercise_id=None), actor)
    missed = missed.filter(happened_at__gte=start, happened_at__lt=end)
    return YearRow(
        year=year,
        issued=len(warnings),
        sent=sums.sent,
        reached=sums.reached,
        answered=sums.answered,
        hits=sum(verdict == "hit" for verdict in newest.values()),
        false_alarms=sum(verdict == "false" for verdict in newest.values()),
        unjudged=sum(pk not in newest for pk in ended),
        missed=missed.count(),
    )
