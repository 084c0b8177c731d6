"""Rules: what is in force and where its numbers come from; proposing, seeing what it would have done, approving by another."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import require_somewhere
from anlan.console import ruletables
from anlan.console.refusals import NoSuchMoment
from anlan.console.ruleforms import PURPOSES, RuleForm
from anlan.console.rules import sentence
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.refusals import NotAllowed, NotFound, Refusal, fill
from anlan.ruleset import Pack, load_packs
from anlan.ruleset.tables import DESK
from anlan.sensing import services
from anlan.sensing.access import access_rule, visible_rules, visible_stations
from anlan.sensing.models import RuleDefinition, RuleWork
from anlan.sensing.refusals import BadRuleTable
from anlan.sensing.rules.inforce import LOCAL, Rule, pack_of, rule_of
from anlan.sensing.rules.preview import MAX_DAYS, Preview, preview
from anlan.vocab.posts import Right
from anlan.warning.access import visible_warnings

EDIT, APPROVE = Right.EDIT_RULES, Right.APPROVE_RULES
WARNINGS_SHOWN = 50
#: A reading on the very second still belongs to the past.
_NOW_TOO = timedelta(seconds=1)


def state_words() -> dict[str, str]:
    return {
        "draft": _("sent back"),
        "proposed": _("waits for approval"),
        "approved": _("approved, not yet in force"),
        "in_force": _("in force"),
        "retired": _("no longer in force"),
    }


@desk
def rules(request: DeskRequest) -> HttpResponse:
    """The county's rules that hold here, what waits, what the worker last found, and every shipped rule."""
    require_somewhere(request.actor, Right.SEE)
    mine = list(visible_rules(request.actor).filter(exercise_id=_run()).order_by("-proposed_at", "-id"))
    page = {
        "waiting": [
            row for row in mine if row.state == "proposed" or (row.retire_asked_by and _is_live(row))
        ],
        "own": [row for row in mine if row.state in ("in_force", "approved")],
        "others": [row for row in mine if row.state in ("draft", "retired")][:50],
        "packs": [_pack_row(pack, mine) for pack in load_packs().values()],
        "work": _work(request),
        "state_words": state_words(),
        "may_edit": request.actor.can_somewhere(EDIT),
        "read_at": request.now,
    }
    return render(request, "console/rules/rules.html", page)


def _work(request: DeskRequest) -> list[RuleWork]:
    """What the worker found last; left out where a sentence would name a station that the reader may not see."""
    seen = set(visible_stations(request.actor).values_list("code", flat=True))
    rows = RuleWork.objects.filter(exercise_id=_run(), station__code__in=seen).exclude(looked_at=None)
    found = rows.select_related("station").order_by(F("level").asc(nulls_last=True), "key")[:200]
    return [row for row in found if set(row.watches) <= seen]


def _run() -> uuid.UUID | None:
    return clocks.default_exercise_id()


def _is_live(row: RuleDefinition) -> bool:
    return row.state in ("in_force", "approved")


def _pack_row(pack: Pack, mine: list[RuleDefinition]) -> dict[str, Any]:
    own = [row for row in mine if row.base == pack.rule_id and row.state == "in_force"]
    source = _(pack.source) if pack.source else ""
    return {"pack": pack, "source": source, "title": (pack.title_zh, pack.title_en), "own": own}


@desk
def shipped(request: DeskRequest, base: str) -> HttpResponse:
    """A rule as it ships: its table, parameters and source, and the county's versions of it."""
    require_somewhere(request.actor, Right.SEE)
    pack = _shipped(base)
    versions = visible_rules(request.actor).filter(base=base, exercise_id=_run()).order_by("-proposed_at")
    page = _pack_page(pack) | {
        "versions": versions,
        "state_words": state_words(),
        "may_edit": request.actor.can_somewhere(EDIT),
        "read_at": request.now,
    }
    return render(request, "console/rules/shipped.html", page)


def _shipped(base: str) -> Pack:
    pack = load_packs().get(base)
    if pack is None:
        raise NotFound
    return pack


def _pack_page(pack: Pack) -> dict[str, Any]:
    return {
        "pack": pack,
        "title": (pack.title_zh, pack.title_en),
        "source": _(pack.source) if pack.source else "",
        "note": _(pack.verified_note) if pack.verified_note else "",
        "sentence": sentence(pack),
        "blocks": ruletables.blocks(pack.evaluator, ruletables.plain_table(pack.table)),
        "parameters": [
            {
                "one": one,
                "value": ruletables.plain_number(one.value),
                "source": _(one.source) if one.source else "",
                "unit": _(one.unit) if one.unit else "",
                "reason": _(one.reason) if one.reason else "",
            }
            for one in pack.parameters.values()
        ],
        "purpose": _("the duty room works by it") if pack.evaluator in DESK else dict(PURPOSES)[pack.purpose],
    }


@desk
def rule(request: DeskRequest, rule_id: uuid.UUID) -> HttpResponse:
    """One version: its numbers, who proposed and approved it, and what may be done with it now."""
    row = access_rule(request.actor, rule_id)
    actor, path = request.actor, row.division.path
    same = visible_rules(actor).filter(rule_id=row.rule_id, exercise_id=row.exercise_id)
    page = _pack_page(pack_of(row)) | {
        "row": row,
        "state": state_words()[row.state],
        "state_words": state_words(),
        "versions": same.order_by("-proposed_at"),
        "is_mine": actor.ref == row.proposed_by,
        "is_my_end": actor.ref == row.retire_asked_by,
        "may_edit": actor.can(EDIT, path),
        "may_approve": actor.can(APPROVE, path),
        "is_live": _is_live(row),
        "read_at": request.now,
    }
    return render(request, "console/rules/rule.html", page)


@desk
def propose(request: DeskRequest, base: str) -> HttpResponse:
    """A version of a shipped rule for an area, or a rule made from a template."""
    _may_open(request)
    return _form(request, _shipped(base), None)


@desk
def change(request: DeskRequest, rule_id: uuid.UUID) -> HttpResponse:
    """A newer version of a rule of the county; it replaces the present one once it is in force."""
    row = access_rule(request.actor, rule_id)
    if not (request.actor.can(EDIT, row.division.path) or request.actor.can(APPROVE, row.division.path)):
        raise NotAllowed
    return _form(request, pack_of(row), row)


def _may_open(request: DeskRequest) -> None:
    """Who proposes writes the form, who approves may try numbers in it."""
    if not (request.actor.can_somewhere(EDIT) or request.actor.can_somewhere(APPROVE)):
        raise NotAllowed


def _form(request: DeskRequest, pack: Pack, row: RuleDefinition | None) -> HttpResponse:
    form = RuleForm(request.POST or None, actor=request.actor, pack=pack, row=row)
    page = _pack_page(pack) | {
        "form": form,
        "row": row,
        "may_edit": request.actor.can_somewhere(EDIT),
        "read_at": request.now,
    }
    if request.method == "POST":
        require_somewhere(request.actor, EDIT)
        page |= _typed(request, pack)
        for item in page["parameters"]:
            item["value"] = request.POST.get(f"parameter.{item['one'].name}", item["value"])[:40]
        if form.is_valid():
            answer = _take(request, form, pack, row, page)
            if answer is not None:
                return answer
    return render(request, "console/rules/form.html", page)


def _typed(request: DeskRequest, pack: Pack) -> dict[str, Any]:
    """The table and the parameters as the person typed them, so that a refusal loses nothing."""
    try:
        table = ruletables.plain_table(ruletables.read(pack.evaluator, request.POST.dict()))
    except (ruletables.BadEntry, msgspec.ValidationError) as error:
        return {"table_error": str(error)}
    return {"table": table, "blocks": ruletables.blocks(pack.evaluator, table)}


def _take(
    request: DeskRequest, form: RuleForm, pack: Pack, row: RuleDefinition | None, page: dict[str, Any]
) -> HttpResponse | None:
    """Preview or propose, whatever was pressed; None when the form is shown again."""
    if "table" not in page:
        form.add_error(None, page["table_error"])
        return None
    try:
        details = form.details() | {"table": page["table"], "parameters": _parameters(request, pack)}
        if not request.actor.can(EDIT, details["division"].path):
            raise NotAllowed
        base, at = row.base if row else pack.rule_id, clocks.now(_run())
        given = {**details, "replaces": _replaced(row), "by": request.actor}
        if "preview" in request.POST:
            found = preview(rule_of(services.prepare_rule(base, **given)), start=_year(at), end=at + _NOW_TOO)
            page |= _preview_page(request, found)
            return None
        with transaction.atomic():
            made = services.propose_rule(base, **given, at=at)
    except Refusal as refusal:
        form.add_error(None, fill(_(refusal.text), refusal.data))
        return None
    return redirect("console:rule", made.pk)


def _replaced(row: RuleDefinition | None) -> RuleDefinition | None:
    """A version that was sent back or has ended is changed into one that stands beside, not in place of it."""
    return row if row is not None and _is_live(row) else None


def _parameters(request: DeskRequest, pack: Pack) -> dict[str, float]:
    found = {}
    for name, one in pack.parameters.items():
        text = request.POST.get(f"parameter.{name}", "").strip()
        try:
            found[name] = float(text) if text else one.value
        except ValueError:
            raise BadRuleTable(why=f"{name}: {text[:40]}") from None
    return found


def _year(at: datetime) -> datetime:
    return at - timedelta(days=MAX_DAYS)


@desk
def shipped_preview(request: DeskRequest, base: str) -> HttpResponse:
    """What the shipped rule would have done on the stations that the reader sees."""
    require_somewhere(request.actor, Right.SEE)
    at = clocks.now(_run())
    pack = _shipped(base)
    seen = frozenset(visible_stations(request.actor).values_list("code", flat=True))
    found = preview(Rule(pack), start=_year(at), end=at + _NOW_TOO, only=seen)
    return render(request, "console/rules/_preview.html", _preview_page(request, found))


@desk
def rule_preview(request: DeskRequest, rule_id: uuid.UUID) -> HttpResponse:
    """The same for a version of the county, loaded by the page since it takes a while."""
    row = access_rule(request.actor, rule_id)
    at = clocks.now(row.exercise_id)
    found = preview(rule_of(row), start=_year(at), end=at + _NOW_TOO)
    return render(request, "console/rules/_preview.html", _preview_page(request, found))


def _preview_page(request: DeskRequest, found: Preview) -> dict[str, Any]:
    """The firings, and beside them the warnings that these stations really led to in the time."""
    issued = visible_warnings(request.actor).filter(
        crossing__station__code__in=found.codes,
        issued_at__gte=found.start,
        issued_at__lt=found.end,
        exercise_id=_run(),
    )
    return {
        "preview": found,
        "count": len(found.firings),
        "quantities": {
            one.quantity: ruletables.word(one.quantity.partition("@")[0]) for one in found.firings
        },
        "issued": issued.select_related("crossing__station").order_by("-issued_at")[:WARNINGS_SHOWN],
        "read_at": request.now,
    }


@desk
@require_POST
def act(request: DeskRequest, rule_id: uuid.UUID) -> HttpResponse:
    """Approve, send back, ask for the end, agree to the end, hand in again: named by the pressed button."""
    verb = request.POST.get("verb", "")
    need = EDIT if verb in {"ask_end", "submit"} else APPROVE
    row = access_rule(request.actor, rule_id, need=need)
    at, text = clocks.now(row.exercise_id), request.POST.get("reason", "").strip()[:500]
    start = _moment(request.POST.get("effective_from", ""), at) if verb == "approve" else at
    with transaction.atomic():
        if verb == "approve":
            services.approve_rule(row, effective_from=start, decision=text, by=request.actor, at=at)
        elif verb == "return":
            services.return_rule(row, reason=text, by=request.actor, at=at)
        elif verb == "ask_end":
            services.ask_retirement(row, reason=text, by=request.actor, at=at)
        elif verb == "end":
            services.retire_rule(row, by=request.actor, at=at)
        elif verb == "submit":
            services.submit_rule(row, by=request.actor, at=at)
    return redirect("console:rule", rule_id)


def _moment(text: str, now: datetime) -> datetime:
    """The local time that was typed; blank is now."""
    if not text.strip():
        return now
    found = parse_datetime(text.strip())
    if found is None:
        raise NoSuchMoment(value=text[:40])
    return found if found.tzinfo is not None else found.replace(tzinfo=LOCAL)
