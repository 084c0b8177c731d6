"""Villages file, townships check, correct and submit; the county may send a submission back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from anlan.accounts.access import require
from anlan.journal.services import record_all
from anlan.kernel.actor import Actor
from anlan.losses import checks, forms, queries
from anlan.losses.models import Correction, CourseState, LossCourse, TownshipReport, VillageFiling
from anlan.losses.refusals import (
    DataInTheFuture,
    DoesNotAddUp,
    JumpUnexplained,
    ListDiffers,
    NotInCourse,
    ReasonMissing,
)
from anlan.losses.services import clocks
from anlan.losses.services.courses import check_state, part_of
from anlan.places.models import Division
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import Right

_SLACK = timedelta(minutes=2)
_COUNTED = (CourseState.OPEN, CourseState.STABLE)


def file_village(
    course: LossCourse,
    village: Division,
    given: Mapping[str, str],
    *,
    as_of: datetime | None = None,
    words: str = "",
    by: Actor,
    at: datetime,
) -> VillageFiling:
    """What the village counts now, for the whole course so far. Nothing given is a zero report. The same again changes nothing."""
    require(by, Right.FILE_DATA, village.path)
    check_state(course, *_COUNTED)
    _check_village(course, village)
    form = forms.form_of(course.first_hazard)
    values = checks.read(form, given)
    _check_fit(form, values)
    when = _moment(as_of, at)
    known = VillageFiling.objects.filter(course=course, division=village).select_related("division").first()
    kept = checks.stored(values)
    fields: dict[str, Any] = {
        "values": kept,
        "as_of": when,
        "filed_at": at,
        "filed_by": by.name or by.ref,
        "words": words.strip()[:300],
    }
    if known is None:
        row = VillageFiling(course=course, division=village, exercise_id=course.exercise_id, **fields)
        return row.record(by=by, at=at, kind="filed")
    if known.values == kept and known.words == fields["words"] and known.as_of >= when - _SLACK:
        return known  # sent twice
    return known.change(by=by, at=at, kind="filed_again", times=known.times + 1, fields=fields)


def correct_village(
    course: LossCourse, village: Division, given: Mapping[str, str], *, why: str, by: Actor, at: datetime
) -> list[Correction]:
    """The township puts a village's figures right: the former value, who and why stay. Returns what changed."""
    part = part_of(course, village)
    require(by, Right.FILE_DATA, part.division.path)
    check_state(course, *_COUNTED)
    _check_village(course, village)
    form = forms.form_of(course.first_hazard)
    filing = VillageFiling.objects.filter(course=course, division=village).select_related("division").first()
    former = checks.loaded(filing.values) if filing is not None else {}
    values = dict(former)
    for code, text in given.items():
        values[code] = checks.parse(form.indicator(code), str(text))
    _check_fit(form, values)
    changes = _changes(former, values)
    if not changes:
        return []
    if not why.strip():
        raise ReasonMissing
    kept = checks.stored(values)
    if filing is None:
        VillageFiling(
            course=course, division=village, values=kept, as_of=at, filed_at=at, filed_by=by.name or by.ref,
            words=why.strip()[:300], exercise_id=course.exercise_id,
        ).record(by=by, at=at, kind="filed")  # fmt: skip
    else:
        filing.change(by=by, at=at, kind="corrected", values=kept)
    return _keep(course, village, "village", changes, dict.fromkeys(changes, why), by=by, at=at)


def submit_township(
    course: LossCourse,
    township: Division,
    given: Mapping[str, str],
    *,
    whys: Mapping[str, str] | None = None,
    why: str = "",
    data_until: datetime | None = None,
    responsible: str = "",
    by: Actor,
    at: datetime,
) -> TownshipReport:
    """The statistical unit reports (R06).

    1. Where villages filed, a figure that differs from their sum needs a reason and is kept as a correction.
    2. Checks of the form hold; the list of dead and missing people has as many lines as the form counts.
    3. A large rise or fall against the last submission needs a written explanation.
    4. Its limits are met, late where the times say so; deaths from the threshold on start the direct report.
    """
    require(by, Right.FILE_DATA, township.path)
    check_state(course, *_COUNTED)
    if not course.parts.filter(division=township).exists():
        raise NotInCourse(place=township.name)
    form = forms.form_of(course.first_hazard)
    values = checks.read(form, given)
    _check_fit(form, values)
    _check_list(course, township, form, values)
    sums = queries.village_sums(course, township)
    reasons = {code: text.strip() for code, text in (whys or {}).items() if text.strip()}
    last = queries.last_of(course, township)
    limits = clocks.limits_of(course, at)
    explained = _check_jumps(form, last, values, reasons, why, limits)
    corrections = _new_corrections(sums.values, values, last) if sums.filed else {}
    _check_corrections(form, corrections, reasons, why)
    met = clocks.meet(course, township.pk, clocks.TOWNSHIP_KINDS, by=by, at=at)
    report = TownshipReport(
        state="submitted",
        course=course,
        division=township,
        number=TownshipReport.objects.filter(course=course, division=township).count() + 1,
        values=checks.stored(values),
        village_sums=checks.stored(sums.values),
        villages_filed=sums.filed,
        villages_total=sums.total,
        explanations=explained,
        data_until=_moment(data_until, at),
        submitted_at=at,
        submitted_by=by.name or by.ref,
        submitted_by_person_id=by.person_id,
        responsible=responsible.strip()[:60],
        is_late=any(due.is_late for due in met),
        exercise_id=course.exercise_id,
    ).record(by=by, at=at, kind="submitted")
    texts = {code: reasons.get(code) or why.strip() for code in corrections}
    _keep(course, township, "township", corrections, texts, by=by, at=at)
    _look_for_direct(course, by=by, at=at)
    return report


def return_township(report: TownshipReport, *, why: str, by: Actor, at: datetime) -> TownshipReport:
    """The county sends a submission back; the one before it counts again until a better one comes."""
    require(by, Right.TAKE_REPORTS, report.course.division.path)
    check_state(report.course, *_COUNTED)
    if not why.strip():
        raise ReasonMissing
    return report.advance(
        "returned",
        by=by,
        at=at,
        returned_at=at,
        returned_by=by.name or by.ref,
        returned_why=why.strip()[:300],
    )


def _check_village(course: LossCourse, village: Division) -> None:
    if village.level != DivisionLevel.VILLAGE:
        raise NotInCourse(place=village.name)
    part_of(course, village)


def _moment(given: datetime | None, at: datetime) -> datetime:
    if given is None:
        return at
    if given > at + _SLACK:
        raise DataInTheFuture
    return given


def _check_fit(form: forms.Form, values: Mapping[str, Decimal]) -> None:
    wrong = checks.misfits(form, values)
    if wrong:
        raise DoesNotAddUp(what="；".join(one.zh for one in wrong))


def _check_list(course: LossCourse, township: Division, form: forms.Form, values: checks.Values) -> None:
    if "deaths" not in form.by_code:
        return
    counted = values.get("deaths", Decimal(0)) + values.get("missing", Decimal(0))
    listed = queries.listed_people(course, township.path)
    if counted != listed:
        raise ListDiffers(listed=listed, counted=checks.show(counted))


def _check_jumps(
    form: forms.Form,
    last: TownshipReport | None,
    values: checks.Values,
    reasons: Mapping[str, str],
    why: str,
    limits: checks.Numbers,
) -> dict[str, str]:
    """The explanations, by indicator. The first submission has nothing to jump from."""
    if last is None:
        return {}
    found = checks.jumps(form, checks.loaded(last.values), values, limits)
    silent = [jump for jump in found if not (reasons.get(jump.code) or why.strip())]
    if silent:
        raise JumpUnexplained(what=_said(form, silent))
    return {jump.code: (reasons.get(jump.code) or why.strip())[:300] for jump in found}


def _said(form: forms.Form, found: list[checks.Jump]) -> str:
    return "；".join(
        f"{form.indicator(one.code).plain_zh} {checks.show(one.former)}→{checks.show(one.value)}"
        for one in found
    )


def _check_corrections(
    form: forms.Form, changes: Mapping[str, tuple[Decimal, Decimal]], reasons: Mapping[str, str], why: str
) -> None:
    if all(reasons.get(code) or why.strip() for code in changes):
        return
    raise ReasonMissing


def _new_corrections(
    sums: checks.Values, values: checks.Values, last: TownshipReport | None
) -> dict[str, tuple[Decimal, Decimal]]:
    """What differs from the villages and was not said in the same words of numbers last time: a reason is given once."""
    found = _changes(sums, values)
    if last is None:
        return found
    known, former = checks.loaded(last.village_sums), checks.loaded(last.values)
    return {
        code: pair
        for code, pair in found.items()
        if known.get(code) != sums.get(code) or former.get(code) != values.get(code)
    }


def _changes(
    former: Mapping[str, Decimal], values: Mapping[str, Decimal]
) -> dict[str, tuple[Decimal, Decimal]]:
    zero = Decimal(0)
    return {
        code: (former.get(code, zero), values.get(code, zero))
        for code in sorted({*former, *values})
        if former.get(code, zero) != values.get(code, zero)
    }


def _keep(
    course: LossCourse,
    place: Division,
    level: str,
    changes: Mapping[str, tuple[Decimal, Decimal]],
    whys: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
) -> list[Correction]:
    rows = [
        Correction(
            course=course,
            division=place,
            level=level,
            indicator=code,
            former=checks.show(former),
            value=checks.show(value),
            why=whys[code].strip()[:300],
            corrected_at=at,
            corrected_by=by.name or by.ref,
            exercise_id=course.exercise_id,
        )
        for code, (former, value) in changes.items()
    ]
    return list(record_all(rows, by=by, at=at, kind="made"))


def _look_for_direct(course: LossCourse, *, by: Actor, at: datetime) -> None:
    reached = queries.direct_reasons(queries.county_sums(course), clocks.limits_of(course, at))
    if reached:
        clocks.open_direct(course, "、".join(reached), since=at, by=by, at=at)
