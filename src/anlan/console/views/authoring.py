"""The warning editor: basis, area and audience, text; live counts, checks, saved areas."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.accounts.access import find, require_somewhere
from anlan.console.authoringforms import AuthoringForm
from anlan.console.mapprops import map_props
from anlan.console.views.base import DeskRequest, desk
from anlan.journal import clocks
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import Refusal, fill
from anlan.places import queries as places
from anlan.places.coordinates import county_box
from anlan.vocab.posts import Right
from anlan.warning import services
from anlan.warning.access import access_warning
from anlan.warning.areas import MAX_BYTES, Area, geometry_of
from anlan.warning.audience import read_spec
from anlan.warning.choosing import Choice, area_of, saved_areas
from anlan.warning.models import HazardWarning, SavedArea
from anlan.warning.previewing import Preview, Wanted, preview
from anlan.warning.refusals import AreaTooBig, BadArea, EmptyArea

#: A request may hold an area of 1 MB and some names beside it.
MOST_BYTES = MAX_BYTES + 64_000


class Circle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lon: float
    lat: float
    km: float


class CountQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the map asks while somebody drags. `geometry` is GeoJSON; everything named is added up."""

    #: GeoJSON of any depth, hence Any; `geometry_of` checks it.
    geometry: dict[str, Any] | None = None
    circle: Circle | None = None
    codes: list[str] = []
    divisions: list[str] = []
    zones: list[str] = []
    saved: str = ""
    downstream: str = ""
    hour: int | None = None


@desk
def new_warning(request: DeskRequest) -> HttpResponse:
    """Draft by hand: basis, area and audience, text; a second person reviews it."""
    require_somewhere(request.actor, Right.DRAFT)
    return _editor(request, None)


@desk
def update_warning(request: DeskRequest, warning_id: uuid.UUID) -> HttpResponse:
    """A newer version of a warning in force; it goes through review like any draft and then replaces the old one."""
    return _editor(request, access_warning(request.actor, warning_id, need=Right.DRAFT))


def _editor(request: DeskRequest, old: HazardWarning | None) -> HttpResponse:
    initial = AuthoringForm.initial_of(old) if old is not None else _from_address(request)
    form = AuthoringForm(request.POST or None, actor=request.actor, old=old, initial=initial)
    is_sent = request.method == "POST" and form.is_valid()
    shown: Preview | None = None
    if is_sent and request.POST.get("verb") in ("check", "save_area"):
        shown = _tried(request, form, old)
        if request.POST.get("verb") == "save_area" and shown is not None:
            _save_area(request, form, shown.draft.area)
    elif is_sent:
        draft = _submitted(request, form, old)
        if draft is not None:
            return redirect("console:warning", draft.pk)
        shown = _tried(request, form, old)
    page = {
        "form": form,
        "old": old,
        "title": _("Draft a warning or call-out") if old is None else _("Update the warning"),
        "preview": shown,
        "saved_areas": saved_areas(request.actor),
        "area_props": area_props(request),
        "is_drill": _exercise(old) is not None,
        "hour": timezone.localtime(clocks.now(_exercise(old)), SHANGHAI).hour,
        "hours": range(24),
        **_groups(form),
    }
    return render(request, "console/warnings/edit.html", page)


def _groups(form: AuthoringForm) -> dict[str, Any]:
    """The fields of the three steps, in the order of the page."""

    def fields(*names: str) -> list[Any]:
        return [form[name] for name in names]

    return {
        "basis": fields("hazard_type", "level", "stage", "because", "source_issuer", "valid_minutes"),
        "where": fields("divisions", "zones", "saved", "downstream"),
        "circle": fields("circle_lon", "circle_lat", "circle_km"),
        "whom": fields("tiers", "kinds", "posts", "labels", "groups", "skills"),
        "words": fields("headline", "body", "recommended_action", "voice_text", "plain_text"),
        "english": fields("en_headline", "en_body", "en_action", "other_language", "other_body"),
    }


def _from_address(request: DeskRequest) -> dict[str, Any]:
    """A page elsewhere may open the editor with something filled in."""
    named = {
        name: request.GET[name] for name in ("hazard_type", "level", "downstream") if name in request.GET
    }
    if request.GET.getlist("village"):
        return {**named, "villages": request.GET.getlist("village")}
    return dict(named)


def _exercise(old: HazardWarning | None) -> uuid.UUID | None:
    return clocks.default_exercise_id() if old is None else old.exercise_id


def _submitted(request: DeskRequest, form: AuthoringForm, old: HazardWarning | None) -> HazardWarning | None:
    """The stored draft; None, with the reason on the form, where something refused it."""
    at = clocks.now(_exercise(old))
    try:
        with transaction.atomic():
            return _stored(request, form, old, at=at)
    except Refusal as refusal:
        form.add_error(
            None, f"{fill(_(refusal.text), refusal.data)} {fill(_(refusal.next_step), refusal.data)}"
        )
        return None


def _stored(
    request: DeskRequest, form: AuthoringForm, old: HazardWarning | None, *, at: Any
) -> HazardWarning:
    area = area_of(form.choice(), by=request.actor)
    if area.is_empty:
        raise EmptyArea
    shared: dict[str, Any] = {
        "villages": sorted(area.codes),
        "area": area.as_text(),
        "area_source": area.source,
        "audience": _spec(form),
        "texts": form.texts(),
        "by": request.actor,
        "at": at,
    }
    words, data = form.words(at=at), form.cleaned_data
    if old is not None:
        return services.update_warning(
            old, **shared, **words, stage=data["stage"], because=data["because"], headline=data["headline"]
        )
    shared["exercise_id"] = _exercise(None)
    if form.is_relay:
        return services.draft_relay(
            event_code=data["hazard_type"], issuer=data["source_issuer"], **shared, **words
        )
    return services.draft_by_hand(
        hazard_type=data["hazard_type"],
        stage=data["stage"],
        because=data["because"],
        headline=data["headline"],
        **shared,
        **words,
    )


def _spec(form: AuthoringForm) -> dict[str, list[str]]:
    """Where nothing is ticked at all, the villages are meant."""
    spec = form.spec()
    return spec if any(spec.values()) else {"tiers": ["village"]}


def _tried(request: DeskRequest, form: AuthoringForm, old: HazardWarning | None) -> Preview | None:
    """What the form would make; None, with the reason on the form, where it makes nothing."""
    exercise_id = _exercise(old)
    at = clocks.now(exercise_id)
    data = form.cleaned_data
    hour = request.POST.get("hour", "")
    wanted = Wanted(
        hazard_type=data["hazard_type"] if old is None else old.hazard_type,
        level=data["level"],
        words={**form.words(at=at), "headline": data["headline"]},
        source=data["source_issuer"] if old is None else old.issuer,
        because=data["because"],
        stage=data["stage"],
        is_relay=form.is_relay if old is None else bool(old.relayed_by),
        languages={one.language for one in form.texts()},
        exercise_id=exercise_id,
        replaces=old,
    )
    try:
        area = area_of(form.choice(), by=request.actor)
        now_hour = int(hour) if hour.isdecimal() else timezone.localtime(at, SHANGHAI).hour
        return preview(wanted, read_spec(_spec(form)), area, hour=now_hour, by=request.actor, at=at)
    except Refusal as refusal:
        form.add_error(
            None, f"{fill(_(refusal.text), refusal.data)} {fill(_(refusal.next_step), refusal.data)}"
        )
        return None


def _save_area(request: DeskRequest, form: AuthoringForm, area: str) -> None:
    county = places.county()
    try:
        if not area or county is None:
            raise BadArea(why="it has no points")
        with transaction.atomic():
            services.save_area(
                name=request.POST.get("area_name", ""),
                geometry=area,
                division=county,
                by=request.actor,
                at=clocks.now(_exercise(None)),
            )
    except Refusal as refusal:
        form.add_error(
            None, f"{fill(_(refusal.text), refusal.data)} {fill(_(refusal.next_step), refusal.data)}"
        )


@desk
@require_POST
def put_area_away(request: DeskRequest, area_id: uuid.UUID) -> HttpResponse:
    """A saved area is no longer offered."""
    row = find(SavedArea.objects.select_related("division"), request.actor, area_id, need=Right.DRAFT)
    with transaction.atomic():
        services.put_area_away(row, by=request.actor, at=clocks.now(_exercise(None)))
    return redirect("console:new_warning")


@desk
@require_POST
def check(request: DeskRequest) -> HttpResponse:
    """The checks, forms and audience of what the form holds, as a fragment; nothing is stored."""
    require_somewhere(request.actor, Right.DRAFT)
    old = None
    if request.POST.get("replaces"):
        try:
            key = uuid.UUID(request.POST["replaces"])
        except ValueError:
            key = uuid.UUID(int=0)
        old = access_warning(request.actor, key, need=Right.DRAFT)
    form = AuthoringForm(request.POST, actor=request.actor, old=old)
    shown = _tried(request, form, old) if form.is_valid() else None
    return render(request, "console/warnings/_checks.html", {"form": form, "preview": shown, "old": old})


@desk
@require_POST
def count(request: DeskRequest) -> HttpResponse:
    """Numbers of an area as JSON while somebody drags a corner; a refusal is one sentence with status 422."""
    require_somewhere(request.actor, Right.DRAFT)
    try:
        area, hour = _asked(request)
        from anlan.warning import counting  # brings NumPy; only who draws pays for it

        return JsonResponse(counting.count(area, hour=hour, by=request.actor).as_json())
    except Refusal as refusal:
        words = {
            "code": refusal.code,
            "sentence": fill(_(refusal.text), refusal.data),
            "next_step": fill(_(refusal.next_step), refusal.data),
        }
        return JsonResponse({"refused": words}, status=422 if refusal.status != 404 else 404)


def _asked(request: DeskRequest) -> tuple[Area, int]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise AreaTooBig(points=5_000)
    try:
        asked = msgspec.json.decode(request.body, type=CountQuestion)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadArea(why=str(error)[:120]) from None
    choice = Choice(
        circle=None if asked.circle is None else (asked.circle.lon, asked.circle.lat, asked.circle.km),
        divisions=asked.divisions,
        villages=asked.codes,
        zones=asked.zones,
        saved=asked.saved,
        downstream=asked.downstream,
    )
    found = area_of(choice, by=request.actor)
    if asked.geometry is not None:
        drawn = geometry_of(asked.geometry, county_box())
        both = drawn if found.geometry is None else drawn.union(found.geometry)
        found = Area(both, found.codes, found.source)
    now_hour = timezone.localtime(clocks.now(_exercise(None)), SHANGHAI).hour
    return found, now_hour if asked.hour is None else asked.hour % 24


def area_props(request: DeskRequest, *, is_fixed: bool = False, area: str = "") -> dict[str, Any]:
    """Props of the drawing island."""
    words = map_props()["text"]
    return {
        "divisionsUrl": reverse("console:map_divisions"),
        "riversUrl": reverse("console:map_rivers"),
        "zonesUrl": reverse("console:map_zones"),
        "sitesUrl": reverse("console:map_sites"),
        "countUrl": reverse("console:count_area"),
        "csrf": get_token(request),
        "fixed": is_fixed,
        "area": area,
        "text": {
            "polygon": _("Draw an area"),
            "circle": _("Draw a circle"),
            "undo": _("Take back the last point"),
            "clear": _("Clear"),
            "done": _("Finish"),
            "hintPolygon": _(
                "Click the corners; double-click or Finish closes the area. Then drag its corners."
            ),
            "hintCircle": _("Click the middle, then the edge."),
            "hintEdit": _("Drag a corner to move it."),
            "counting": _("counting …"),
            "failed": _("The count could not be read."),
            "noWebgl": words["noWebgl"],
            "noBoundaries": words["noBoundaries"],
        },
    }
