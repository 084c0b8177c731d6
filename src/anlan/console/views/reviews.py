"""After-action reviews: the list, one review with its steps, findings and lessons, and two side by side."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import reviewforms as forms
from anlan.console import reviewwords as shown
from anlan.console.drillwords import options, word
from anlan.console.incidentwords import type_word
from anlan.console.roomforms import key_of
from anlan.console.views.base import DeskRequest, desk
from anlan.console.views.lessons import lesson_row
from anlan.drills.access import access_drill
from anlan.incidents.access import access_incident
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal
from anlan.review import services
from anlan.review import stepwords as words
from anlan.review.access import access_review, is_at_hand, visible_lessons, visible_reviews, written
from anlan.review.comparing import compare
from anlan.review.lines import lines_in, tally, units_of
from anlan.review.models import Review
from anlan.vocab.incidents import TYPES
from anlan.vocab.posts import Right

PAGE_ROWS = 100
#: What of a row no list shows and may be large.
_HEAVY = ("computed", "summary", "drill__script", "drill__scorecard", "drill__findings")


@desk
@require_GET
def reviews(request: DeskRequest) -> HttpResponse:
    """The newest first, narrowed by state, hazard, year, and to those with open lessons."""
    require_somewhere(request.actor, Right.SEE)
    given = {name: request.GET.get(name, "") for name in ("state", "type", "year", "lessons")}
    rows = _with_sums(_narrowed(_of_this_run(request), given)).order_by("-made_at", "-pk")
    page = {
        "rows": [_line(row) for row in rows[:PAGE_ROWS]],
        "given": given,
        "is_narrowed": any(given.values()),
        "states": options(words.STATES),
        "types": [(code, type_word(code)) for code in TYPES],
        "years": _years(request),
        "may_review": request.actor.can_somewhere(Right.REVIEW_INCIDENTS),
        "read_at": request.now,
    }
    return render(request, "console/reviews/list.html", page)


def _of_this_run(request: DeskRequest) -> QuerySet[Review]:
    return visible_reviews(request.actor).filter(exercise_id=clocks.default_exercise_id())


def _narrowed(rows: QuerySet[Review], given: dict[str, str]) -> QuerySet[Review]:
    if given["state"] in words.STATES:
        rows = rows.filter(state=given["state"])
    if given["type"] in TYPES:
        rows = rows.filter(Q(incident__event_type=given["type"]) | Q(drill__event_type=given["type"]))
    if given["year"].isdecimal() and 2000 <= int(given["year"][:4]) <= 2100:
        rows = rows.filter(made_at__year=int(given["year"]))
    if given["lessons"] == "open":
        rows = rows.filter(lessons__state="open").distinct()
    return rows


def _with_sums(rows: QuerySet[Review]) -> QuerySet[Review]:
    """With its open lessons, findings and score, in the one query of the list."""
    return rows.annotate(
        open_lessons=Count("lessons", filter=Q(lessons__state="open"), distinct=True),
        filed=Count("findings", filter=Q(findings__dropped_at=None), distinct=True),
        score=KT("computed__score"),
        late=KT("computed__counts__late"),
        missed=KT("computed__counts__missed"),
    ).defer("division__geometry", *_HEAVY)


def _line(row: Review) -> dict[str, Any]:
    return {
        "row": row,
        "state": word(words.STATES, row.state),
        "type": _type_of(row),
    }


def _type_of(row: Review) -> str:
    code = (
        row.incident.event_type
        if row.incident is not None
        else row.drill.event_type
        if row.drill is not None
        else ""
    )
    return type_word(code) if code else ""


def _years(request: DeskRequest) -> list[int]:
    days = _of_this_run(request).order_by().datetimes("made_at", "year", order="DESC", tzinfo=SHANGHAI)
    return [one.year for one in days]


@desk
@require_GET
def review(request: DeskRequest, review_id: uuid.UUID) -> HttpResponse:
    row = access_review(request.actor, review_id)
    return render(request, "console/reviews/review.html", page_of(request, row))


def page_of(request: DeskRequest, row: Review, error: Refusal | None = None) -> dict[str, Any]:
    """Everything that the page shows; with `error`, what was refused and what had been typed."""
    actor = request.actor
    writes = is_at_hand(row) and actor.can(Right.REVIEW_INCIDENTS, row.division.path)
    lines = lines_in(row.computed)
    sums = tally(lines)
    findings = list(row.findings.order_by("made_at", "pk"))
    at = clocks.now(row.exercise_id)
    return {
        **_line(row),
        "writes": writes,
        "is_draft": row.state == "draft",
        "score": sums.score,
        "counts": shown.counts(dict(sums.counts)),
        "broken": shown.broken_rows(lines, row),
        "sections": shown.sections(lines, row),
        "units": [(one, shown.number(one.answer_min), shown.number(one.finish_min)) for one in units_of(lines)],
        "suggested": _suggested(row) if writes and row.state == "draft" else [],
        "findings": [
            (one, word(words.FINDING_KINDS, one.kind), shown.replay_at(row, one.happened_at))
            for one in findings if one.dropped_at is None
        ],
        "asked_finding": request.GET.get("finding", ""),
        "dropped": sum(one.dropped_at is not None for one in findings),
        "lessons": [lesson_row(actor, one, at) for one in _lessons(request, row)],
        "others": [
            (one.pk, one.title) for one in _of_this_run(request).exclude(pk=row.pk).order_by("-made_at").defer("division__geometry", *_HEAVY)[:PAGE_ROWS]
        ],
        "kinds": forms.finding_kinds(),
        "owners": forms.owners(actor) if writes else [],
        "plans": forms.plans(actor) if writes else [],
        "asked_plan": key_of(request.POST.get("plan", "")) if error is not None else forms.plan_that_ran(row) if writes else None,
        "today": at.astimezone(SHANGHAI).date(),
        "error": error,
        "typed": forms.typed(request.POST) if error is not None else {},
        "read_at": request.now,
    }  # fmt: skip


def _lessons(request: DeskRequest, row: Review) -> list[Any]:
    return list(visible_lessons(request.actor).filter(review=row).order_by("due_on", "pk"))


def _suggested(row: Review) -> list[dict[str, Any]]:
    return [
        {
            "one": one,
            "kind": word(words.FINDING_KINDS, one.kind),
            "words": shown.said(one.words),
            "replay": shown.replay_at(row, one.happened_at),
        }
        for one in services.suggest_findings(row)
    ]


@desk
def open_review(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    """The newest review of an incident, or the key that opens one. A draft that is there already is opened again."""
    if request.method != "POST":
        return _newest(request, incident_id)
    incident = access_incident(request.actor, incident_id, need=Right.REVIEW_INCIDENTS)
    with transaction.atomic():
        row = services.open_review(
            incident=incident, by=request.actor, by_name=request.actor.name, at=clocks.now(incident.exercise_id)
        )  # fmt: skip
    return redirect("console:review", row.pk)


def _newest(request: DeskRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = access_incident(request.actor, incident_id)
    row = visible_reviews(request.actor).filter(incident=incident).order_by("-made_at", "-pk").only("pk").select_related(None).first()  # fmt: skip
    if row is not None:
        return redirect("console:review", row.pk)
    page = {
        "incident": incident,
        "may_open": request.actor.can(Right.REVIEW_INCIDENTS, incident.division.path)
        and not clocks.is_out_of_reach(incident.exercise_id),
        "open_url": request.path,
        "read_at": request.now,
    }
    return render(request, "console/reviews/open.html", page)


@desk
@require_POST
def open_drill_review(request: DeskRequest, drill_id: uuid.UUID) -> HttpResponse:
    """From the page of a drill that was held; the review itself is work of reality."""
    drill = access_drill(request.actor, drill_id, need=Right.REVIEW_INCIDENTS)
    here = clocks.folder_exercise_id()
    with clocks.entered(here), transaction.atomic():
        row = services.open_review(
            drill=drill, by=request.actor, by_name=request.actor.name, at=clocks.now(here)
        )
        # The door asks for every incident of the run; without it the reader opened what he may not read.
        access_review(request.actor, row.pk)
    return redirect("console:review", row.pk)


@desk
@require_POST
def act_on_review(request: DeskRequest, review_id: uuid.UUID) -> HttpResponse:
    """One of the verbs, named by the pressed button. What was refused is shown with what had been typed."""
    row = access_review(request.actor, review_id, need=Right.REVIEW_INCIDENTS)
    try:
        with written(row), transaction.atomic():
            _act(request, row, request.POST.get("verb", ""))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        fresh = access_review(request.actor, review_id)
        return render(
            request, "console/reviews/review.html", page_of(request, fresh, refusal), status=refusal.status
        )
    return redirect("console:review", review_id)


def _act(request: DeskRequest, row: Review, verb: str) -> None:
    given, by, at = request.POST, request.actor, clocks.now(row.exercise_id)
    said: dict[str, Any] = {"by": by, "by_name": by.name, "at": at}
    if verb == "summary":
        services.edit_summary(row, summary=given.get("summary", ""), title=given.get("title", ""), by=by, at=at)  # fmt: skip
    elif verb == "recompute":
        services.recompute(row, by=by, at=at)
        messages.success(request, _("The journal was read again."))
    elif verb == "finish":
        services.finish_review(row, by=by, at=at)
    elif verb == "reopen":
        services.reopen_review(row, by=by, at=at)
    elif verb == "accept":
        services.accept_suggestion(row, given.get("code", ""), words=given.get("words", ""), **said)
    elif verb == "set_aside":
        services.drop_suggestion(row, given.get("code", ""), **said)
    elif verb == "add_finding":
        services.add_finding(row, given.get("kind", ""), given.get("words", ""), **said)
    elif verb == "drop_finding":
        finding = forms.finding_of(row, given.get("finding", ""))
        if finding is None:
            raise NotFound
        services.drop_finding(finding, by=by, at=at)
    elif verb == "add_lesson":
        _add_lesson(request, row)
    else:
        raise NotFound


def _add_lesson(request: DeskRequest, row: Review) -> None:
    """A lesson may be added to a final review as well: what must be mended is often said when it is read out."""
    given, by = request.POST, request.actor
    finding = forms.finding_of(row, given.get("finding", ""))
    services.add_lesson(
        row,
        forms.owner_of(by, given.get("owner", "")),
        forms.lesson_words(given, finding),
        forms.day(given.get("due_on", "")),
        given.get("owner_words", ""),
        finding,
        plan=forms.plan_of(by, given),
        by=by,
        at=clocks.now(row.exercise_id),
    )


@desk
@require_GET
def compare_reviews(request: DeskRequest) -> HttpResponse:
    """Two reviews step by step: two runs of one script, or a drill against what really happened."""
    require_somewhere(request.actor, Right.SEE)
    chosen = [_chosen(request, name) for name in ("a", "b")]
    first, second = chosen
    found = None
    if first is not None and second is not None:
        made = compare(lines_in(first.computed), lines_in(second.computed))
        found = {
            "made": made,
            "rows": [shown.pair_row(pair) for pair in made.pairs if pair.is_aligned],
            "alone": [shown.pair_row(pair) for pair in made.pairs if not pair.is_aligned],
            "verdicts": [
                (text, chip, made.verdicts[code])
                for code, (text, chip) in shown.verdict_words().items()
                if made.verdicts.get(code)
            ],
            "first_counts": shown.counts(dict(made.first.counts)),
            "second_counts": shown.counts(dict(made.second.counts)),
        }
    rows = _of_this_run(request).order_by("-made_at", "-pk").defer("division__geometry", *_HEAVY)
    page = {
        "first": first,
        "second": second,
        "found": found,
        "choices": [(one.pk, one.title, one.made_at) for one in rows[:PAGE_ROWS]],
        "read_at": request.now,
    }
    return render(request, "console/reviews/compare.html", page)


def _chosen(request: DeskRequest, name: str) -> Review | None:
    key = key_of(request.GET.get(name, ""))
    return None if key is None else access_review(request.actor, key)
