"""Scores of townships and departments by what is recorded, each deduction with its evidence, and the bulletins made of them."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require, require_somewhere
from anlan.assessment import services
from anlan.assessment.access import access_bulletin, visible_bulletins, visible_scores
from anlan.assessment.deductions import ASPECT_WORDS, deduction_table
from anlan.assessment.models import ScoreBulletin
from anlan.assessment.periods import Period, last_month, month_of, parse_period
from anlan.assessment.queries import scores_of
from anlan.assessment.refusals import BadPeriod
from anlan.assessment.sheets import workbook
from anlan.assessment.types import Deduction, PlaceScore, Scores, plain
from anlan.console.templatetags.anlan import is_chinese
from anlan.console.views.base import DeskRequest, desk, shared
from anlan.journal import clocks
from anlan.kernel.refusals import NotFound, Refusal, fill
from anlan.places import queries as places
from anlan.places.access import access_division
from anlan.vocab.posts import Right

JUDGE, SIGN = Right.JUDGE_REPORTING, Right.SIGN_REPORTS
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BULLETINS = 24
_MONTHS = 6
#: What a deduction is about, to the page that shows it; a name that has no page leads to the journal.
_PAGES = {
    "incident": "console:incident",
    "intake": "console:intake_record",
    "chase_order": "console:chase",
    "data_seat": "console:data_seat",
    "upward_report": "console:report",
    "loss_course": "console:loss_course",
    "roll_call": "console:duty_roll_call",
}


def state_words() -> dict[str, str]:
    return {
        "draft": _("draft"),
        "signed": _("signed"),
        "published": _("published"),
        "withdrawn": _("withdrawn"),
    }


@desk
@require_GET
def scores(request: DeskRequest) -> HttpResponse:
    """The table of a period for the places that the reader sees, the rules, and the bulletins."""
    require_somewhere(request.actor, Right.SEE)
    period, error = _asked(request)
    found = _scores(request, period)
    county = places.county()
    page = {
        "period": period,
        "period_words": (period.zh, period.en),
        "periods": _offered(request.now, period),
        "is_over": period.end <= request.now,
        "lines": [services.plain_line(one) for one in visible_scores(request.actor, found.places)],
        "scores": found,
        "rules": _rules(),
        "weights": [
            (ASPECT_WORDS[name], f"{100 * share:g}") for name, share in deduction_table().weights.items()
        ],
        "bulletins": visible_bulletins(request.actor).order_by("-drafted_at", "-id")[:_BULLETINS],
        "state_words": state_words(),
        "may_judge": county is not None and request.actor.can(JUDGE, county.path),
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/scores/scores.html", page)


@desk
@require_GET
def place(request: DeskRequest, scored_place: str) -> HttpResponse:
    """One place: its marks, and every deduction with what it is about."""
    division = access_division(request.actor, scored_place)
    period, error = _asked(request)
    found = _scores(request, period)
    line = next((one for one in found.places if one.code == division.code), None)
    if line is None:
        raise NotFound
    page = {
        "period": period,
        "period_words": (period.zh, period.en),
        "periods": _offered(request.now, period),
        "line": line,
        "total": plain(line.total),
        "scores": found,
        "marks": _marks(line),
        "deductions": [_shown(request, one.about, _plain(one)) for one in line.deductions],
        "error": error,
        "read_at": request.now,
    }
    return render(request, "console/scores/place.html", page)


@desk
@require_GET
def table(request: DeskRequest) -> HttpResponse:
    """The table of a period as a workbook."""
    require_somewhere(request.actor, Right.SEE)
    period, _error = _asked(request)
    lines = visible_scores(request.actor, _scores(request, period).places)
    return _file(workbook(services.plain_line(one) for one in lines), f"anlan-scores-{period.code}.xlsx")


@desk
@require_POST
def draft(request: DeskRequest) -> HttpResponse:
    """Fix the scores of a period in a bulletin."""
    require_somewhere(request.actor, JUDGE)
    county = places.county()
    if county is None:
        raise NotFound
    require(request.actor, JUDGE, county.path)
    period = parse_period(request.POST.get("period", ""))
    if period is None:
        raise BadPeriod(given=request.POST.get("period", "")[:40])
    run = clocks.default_exercise_id()
    with transaction.atomic():
        made = services.draft_bulletin(
            period, division=county, by=request.actor, at=clocks.now(run), exercise_id=run
        )
    return redirect("console:bulletin", made.pk)


@desk
@require_GET
def bulletin(request: DeskRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    row = access_bulletin(request.actor, bulletin_id)
    return render(request, "console/scores/bulletin.html", _bulletin_page(request, row))


@desk
@require_POST
def act(request: DeskRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    """Change, strike, restore, sign, send back, publish, withdraw: named by the pressed button."""
    verb = request.POST.get("verb", "")
    row = access_bulletin(request.actor, bulletin_id, need=SIGN if verb in {"sign", "return"} else JUDGE)
    try:
        with transaction.atomic():
            _do(request, row, verb)
    except Refusal as refusal:
        page = _bulletin_page(request, access_bulletin(request.actor, bulletin_id))
        page |= {"error": fill(_(refusal.text), refusal.data), "typed": request.POST}
        return render(request, "console/scores/bulletin.html", page, status=refusal.status)
    messages.success(request, _("Done."))
    return redirect("console:bulletin", bulletin_id)


def _do(request: DeskRequest, row: ScoreBulletin, verb: str) -> None:
    by, at, given = request.actor, clocks.now(row.exercise_id), request.POST
    reason = given.get("reason", "")
    target = {"place": given.get("place", ""), "key": given.get("key", "")}
    if verb == "edit":
        services.edit_bulletin(row, title=given.get("title", ""), text=given.get("text", ""), by=by, at=at)
    elif verb == "strike":
        services.strike_deduction(row, **target, reason=reason, by=by, at=at)
    elif verb == "restore":
        services.restore_deduction(row, **target, by=by, at=at)
    elif verb == "sign":
        services.sign_bulletin(row, name=by.name, by=by, at=at)
    elif verb == "return":
        services.return_bulletin(row, by=by, at=at)
    elif verb == "publish":
        services.publish_bulletin(row, by=by, at=at)
    elif verb == "withdraw":
        services.withdraw_bulletin(row, reason=reason, by=by, at=at)


@desk
@require_GET
def bulletin_table(request: DeskRequest, bulletin_id: uuid.UUID) -> HttpResponse:
    row = access_bulletin(request.actor, bulletin_id)
    return _file(workbook(row.lines), f"anlan-bulletin-{row.period}.xlsx")


def _bulletin_page(request: DeskRequest, row: ScoreBulletin) -> dict[str, Any]:
    path = row.division.path
    return {
        "row": row,
        "state": state_words()[row.state],
        "lines": [
            line | {"shown": [_shown(request, one["about"], one) for one in line["deductions"]]}
            for line in row.lines
        ],
        "may_judge": request.actor.can(JUDGE, path),
        "may_sign": request.actor.can(SIGN, path),
        "read_at": request.now,
    }


def _shown(request: DeskRequest, about: str, one: dict[str, Any]) -> dict[str, Any]:
    """A deduction in the reader's language, with the page that shows what it is about."""
    is_zh = is_chinese()
    return one | {
        "rule_words": one["rule_zh"] if is_zh else one["rule_en"],
        "words": one["zh"] if is_zh else one["en"],
        "when": datetime.fromisoformat(one["at"]),
        "url": _page_of(request, about),
        "key": f"{one['rule']}/{one['subject']}",
    }


def _page_of(request: DeskRequest, about: str) -> str:
    kind, _colon, key = about.partition(":")
    try:
        if kind == "duty_room":
            return reverse("console:duty_board")
        return reverse(_PAGES[kind], args=[key])
    except (KeyError, NoReverseMatch):
        return (
            f"{reverse('console:journal')}?subject={about}"
            if request.actor.can_somewhere(Right.SEE_JOURNAL)
            else ""
        )


def _plain(one: Deduction) -> dict[str, Any]:
    """A deduction of a live score in the form that a bulletin keeps."""
    return asdict(one) | {"at": one.at.isoformat(), "points": plain(one.points)}


def _marks(line: PlaceScore) -> list[tuple[tuple[str, str], str]]:
    values = {"timeliness": line.timeliness, "completeness": line.completeness, "accuracy": line.accuracy}
    return [(ASPECT_WORDS[name], plain(value)) for name, value in values.items()]


def _scores(request: DeskRequest, period: Period) -> Scores:
    run = clocks.default_exercise_id()
    return shared(
        request, f"scores:{period.code}", lambda: scores_of(period, at=request.now, exercise_id=run)
    )


def _asked(request: DeskRequest) -> tuple[Period, str]:
    """The period of the address; the running month where none or a wrong one was given, which is said."""
    given = request.GET.get("period", "")
    first, last = request.GET.get("first", ""), request.GET.get("last", "")
    if first or last:
        given = f"{first}..{last}"
    period = parse_period(given) if given else month_of(request.now)
    if period is None:
        return month_of(request.now), fill(_(BadPeriod.text), {"given": given[:40]})
    return period, ""


def _offered(now: datetime, chosen: Period) -> list[tuple[str, tuple[str, str]]]:
    """The last months and quarters, and the chosen period where it is another."""
    found = [month_of(now)]
    while len(found) < _MONTHS:
        found.append(last_month(found[-1].start + timedelta(days=1)))
    year, quarter = found[0].start.year, (int(found[0].code[5:7]) + 2) // 3
    for back in range(3):
        place = year * 4 + quarter - 1 - back
        other = parse_period(f"{place // 4}-Q{place % 4 + 1}")
        if other is not None:
            found.append(other)
    if chosen.code not in {one.code for one in found}:
        found.insert(0, chosen)
    return [(one.code, (one.zh, one.en)) for one in found]


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "aspect": ASPECT_WORDS[rule.aspect],
            "words": (rule.zh, rule.en),
            "points": f"{rule.points:g}",
            "most": "" if rule.most is None else f"{rule.most:g}",
            "source": rule.source,
            "verified": rule.is_verified,
        }
        for rule in deduction_table().rules.values()
    ]


def _file(body: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
