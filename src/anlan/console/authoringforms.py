"""The form of the warning editor. Everything on it works without scripts: lists, pasted points, a circle by numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.accounts.access import within
from anlan.console.forms import DRAFTABLE, ManyChoices
from anlan.console.templatetags.anlan import is_chinese
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.risk.access import visible_zones
from anlan.sensing.access import visible_stations
from anlan.vocab.duty_labels import LABELS
from anlan.vocab.event_codes import CODES
from anlan.vocab.hazards import FACES
from anlan.vocab.levels import Level
from anlan.vocab.posts import FACES as POSTS
from anlan.vocab.posts import PostKind, Right
from anlan.vocab.sites import KINDS
from anlan.vocab.stages import LABELS as STAGES
from anlan.vocab.stages import LEVEL_BY_STAGE, Stage
from anlan.warning.audience import ENTERPRISES
from anlan.warning.choosing import Choice, saved_areas
from anlan.warning.models import HazardWarning, WarningText
from anlan.warning.types import TextIn

_SHOWN_POSTS = (
    PostKind.VILLAGE_SECRETARY,
    PostKind.INFORMATION_OFFICER,
    PostKind.TOWNSHIP_DUTY,
    PostKind.TOWNSHIP_INFORMATION_OFFICER,
    PostKind.SITE_KEEPER,
    PostKind.ENTERPRISE_SAFETY_MANAGER,
)
_LONG = 1_000
#: Kinds of stations on or beside water.
_ON_WATER = ("rain", "river", "rain_river", "reservoir")


def _say(pair: tuple[str, str]) -> str:
    return pair[0] if is_chinese() else pair[1]


def _hazards() -> list[Any]:
    own = [(hazard.value, _say((FACES[hazard].zh, FACES[hazard].en))) for hazard in DRAFTABLE]
    relayed = [(row.code, f"{row.code} {_say((row.zh, row.en))}") for row in CODES]
    return [(_("Own call-out or risk notice"), own), (_("Relay of another authority's warning"), relayed)]


def _levels() -> list[tuple[int, str]]:
    return [(int(level), f"{_say((level.face.zh, level.face.en))} {level.face.roman}") for level in Level]


def _checkboxes(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple)


def _text(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=_LONG, widget=widget, **more)


class AuthoringForm(forms.Form):
    """A draft or an update by hand. Only places in the actor's jurisdiction can be chosen."""

    hazard_type = forms.ChoiceField(label=_("Hazard"))
    level = forms.TypedChoiceField(label=_("Level"), coerce=int)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    source_issuer = forms.CharField(
        label=_("Issued by (for a relay)"),
        required=False,
        max_length=120,
        help_text=_("The authority whose warning is passed on; its name stands in every text."),
    )
    because = forms.CharField(
        label=_("Basis in one clause"),
        required=False,
        max_length=60,
        help_text=_("For example: 接群众报告，"),
    )
    valid_minutes = forms.IntegerField(
        label=_("Valid for minutes"),
        required=False,
        min_value=1,
        max_value=7 * 24 * 60,
        help_text=_("Left empty, the usual time of the level."),
    )
    geometry = forms.CharField(
        label=_("Area as points or GeoJSON"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("“lon lat;lon lat;…”, the first point again at the end. The map writes here."),
    )
    circle_lon = forms.FloatField(label=_("Circle: longitude"), required=False)
    circle_lat = forms.FloatField(label=_("latitude"), required=False)
    circle_km = forms.FloatField(label=_("radius, km"), required=False, min_value=0)
    divisions = forms.MultipleChoiceField(
        label=_("Townships"), required=False, widget=ManyChoices(attrs={"size": 6})
    )
    zones = forms.MultipleChoiceField(
        label=_("Danger zones"), required=False, widget=ManyChoices(attrs={"size": 6})
    )
    saved = forms.ChoiceField(label=_("Saved area"), required=False)
    downstream = forms.ChoiceField(label=_("Downstream of"), required=False)
    villages = forms.MultipleChoiceField(
        label=_("Villages"), required=False, widget=ManyChoices(attrs={"size": 12})
    )
    tiers = _checkboxes(_("Who is called: places"))
    kinds = _checkboxes(_("Sites and enterprises in the area"))
    posts = _checkboxes(_("People by post"))
    labels = _checkboxes(_("People by duty label"))
    groups = _checkboxes(_("Vulnerable groups"))
    skills = forms.CharField(
        label=_("People by skill"), required=False, max_length=120, help_text=_("Separated by 、 or commas.")
    )
    headline = forms.CharField(label=_("Headline"), required=False, max_length=200)
    body = _text(
        _("Text of the message"),
        help_text=_("If left empty, the standard text for the hazard and level is used."),
    )
    recommended_action = _text(_("What to do"))
    voice_text = _text(
        _("Text for calls and loudspeakers"),
        help_text=_("If left empty, it is made from the message: short sentences, spoken numbers, twice."),
    )
    plain_text = _text(_("Plain language, for everybody"))
    en_headline = forms.CharField(label=_("English: headline"), required=False, max_length=200)
    en_body = _text(_("English: message"), 2)
    en_action = _text(_("English: what to do"), 2)
    other_language = forms.CharField(
        label=_("Another language (code)"),
        required=False,
        max_length=12,
        help_text=_("For example ii for 彝文, bo for 藏文. Nothing is translated by a machine."),
    )
    other_body = _text(_("Text in that language"), 2)

    def __init__(self, *args: Any, actor: Actor, old: HazardWarning | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.old = actor, old
        choices: dict[str, Any] = {
            "hazard_type": _hazards(),
            "level": _levels(),
            "stage": [("", _("none"))] + [(stage.value, _say(STAGES[stage])) for stage in Stage],
            "tiers": [
                ("village", _("villages")),
                ("township", _("townships above them")),
                ("county", _("the county")),
                ("grid", _("grid workers")),
            ],
            "kinds": [
                *((code, _say(words)) for code, words in KINDS.items()),
                (ENTERPRISES, _("enterprises")),
            ],
            "posts": [(post.value, _say((POSTS[post].zh, POSTS[post].en))) for post in _SHOWN_POSTS],
            "labels": [(code, _say(words)) for code, words in LABELS.items()],
            "groups": [("needs_assistance", _("helpers of families that need assistance"))],
            **self._places(),
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]  # all are choice fields
        if not self.is_bound:
            self.initial.setdefault("tiers", ["village"])

    def _places(self) -> dict[str, Any]:
        """Lists of what lies in the jurisdiction; the villages grouped by township."""
        actor = self.actor
        mine = Division.objects.filter(within(actor, "path", Right.DRAFT), valid_to=None)
        villages: dict[str, list[tuple[str, str]]] = {}
        rows = mine.filter(level="village").order_by("path")
        for code, name, township in rows.values_list("code", "name", "parent__name"):
            villages.setdefault(township or "", []).append((code, name))
        if self.old is not None:
            named = self.old.villages.exclude(division__level="village").select_related("division")
            others = [(row.division_id, row.division.name) for row in named]
            if others:
                villages[str(_("Sites, enterprises and others"))] = others
        townships = mine.filter(level="township").order_by("code").values_list("code", "name")
        zones: dict[str, list[tuple[str, str]]] = {}
        for zone in visible_zones(actor).defer("geometry"):
            zones.setdefault(zone.division.name, []).append((zone.code, zone.name))
        stations = visible_stations(actor).filter(kind__in=_ON_WATER).order_by("name")
        nothing = [("", "—")]
        return {
            "villages": list(villages.items()),
            "divisions": [("", list(townships))],
            "zones": list(zones.items()),
            "saved": nothing + [(str(row.pk), row.name) for row in saved_areas(actor)],
            "downstream": nothing + list(stations.values_list("code", "name")),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        stage, level = cleaned.get("stage"), cleaned.get("level")
        if stage and level and LEVEL_BY_STAGE[Stage(stage)] != level:
            self.add_error("stage", _("Evacuate now goes with red, prepare to evacuate with orange."))
        circle = [cleaned.get(name) for name in ("circle_lon", "circle_lat", "circle_km")]
        if any(part is not None for part in circle) and any(part is None for part in circle):
            self.add_error("circle_km", _("A circle needs longitude, latitude and radius."))
        if self.is_relay and not (cleaned.get("source_issuer") or "").strip() and self.old is None:
            self.add_error("source_issuer", _("A relayed warning names the authority that issued it."))
        if not self.errors and self.choice().is_empty:
            self.add_error("villages", _("Draw an area or choose villages."))
        if (cleaned.get("other_body") or "").strip() and not (cleaned.get("other_language") or "").strip():
            self.add_error("other_language", _("Give the code of the language."))
        return cleaned

    @property
    def is_relay(self) -> bool:
        """Whether the chosen hazard is an event code: such a warning is another authority's."""
        return str(self.cleaned_data.get("hazard_type", "")) not in {hazard.value for hazard in DRAFTABLE}

    def choice(self) -> Choice:
        """Where, as the person chose it."""
        data = self.cleaned_data
        circle = (data.get("circle_lon"), data.get("circle_lat"), data.get("circle_km"))
        return Choice(
            geometry=data.get("geometry") or "",
            circle=None if None in circle else circle,  # type: ignore[arg-type]  # no part is None
            divisions=data.get("divisions") or (),
            villages=data.get("villages") or (),
            zones=data.get("zones") or (),
            saved=data.get("saved") or "",
            downstream=data.get("downstream") or "",
        )

    def spec(self) -> dict[str, list[str]]:
        """Whom, as JSON of `warning.audience.AudienceSpec`."""
        data = self.cleaned_data
        skills = str(data.get("skills") or "").replace(",", "、").replace("，", "、").split("、")
        return {
            "tiers": list(data.get("tiers") or []),
            "posts": list(data.get("posts") or []),
            "labels": list(data.get("labels") or []),
            "skills": [skill.strip() for skill in skills if skill.strip()],
            "groups": list(data.get("groups") or []),
            "kinds": list(data.get("kinds") or []),
        }

    def texts(self) -> list[TextIn]:
        """What was written beside the Chinese message itself."""
        data = {name: str(value or "").strip() for name, value in self.cleaned_data.items()}
        found = []
        if data["plain_text"]:
            found.append(TextIn("zh", "public", body=data["plain_text"], plain_text=data["plain_text"]))
        if data["en_body"] or data["en_action"]:
            found.append(
                TextIn("en", headline=data["en_headline"], body=data["en_body"], recommended_action=data["en_action"], voice_text=data["en_body"])
            )  # fmt: skip
        if data["other_body"]:
            found.append(TextIn(data["other_language"], body=data["other_body"]))
        return found

    def words(self, *, at: datetime) -> dict[str, Any]:
        """Keyword arguments that a draft and an update share."""
        data = self.cleaned_data
        minutes = data.get("valid_minutes")
        return {
            "level": data["level"],
            "body": data["body"],
            "recommended_action": data["recommended_action"],
            "voice_text": data["voice_text"],
            "expires_at": at + timedelta(minutes=minutes) if minutes else None,
        }

    @staticmethod
    def initial_of(warning: HazardWarning) -> dict[str, Any]:
        """What an update begins with."""
        spec = (warning.audience or {}).get("spec", {})
        texts = {(row.language, row.audience): row for row in WarningText.objects.filter(warning=warning)}
        english, public = texts.get(("en", "post")), texts.get(("zh", "public"))
        return {
            "hazard_type": warning.hazard_type,
            "level": warning.level,
            "stage": warning.stage,
            "source_issuer": warning.issuer if warning.relayed_by else "",
            "geometry": warning.area,
            "villages": [str(code) for code in warning.villages.values_list("division_id", flat=True)],
            **{name: value for name, value in spec.items() if name != "skills"},
            "skills": "、".join(spec.get("skills", [])),
            "body": warning.body,
            "recommended_action": warning.recommended_action,
            "voice_text": warning.voice_text,
            "plain_text": public.plain_text if public else "",
            "en_headline": english.headline if english else "",
            "en_body": english.body if english else "",
            "en_action": english.recommended_action if english else "",
        }


class ActionTextForm(forms.Form):
    """A new wording for the library."""

    hazard_type = forms.ChoiceField(label=_("Hazard"))
    level = forms.TypedChoiceField(label=_("Level"), coerce=int)
    audience = forms.ChoiceField(label=_("Audience"))
    language = forms.CharField(label=_("Language (code)"), initial="zh", max_length=12)
    form = forms.ChoiceField(label=pgettext_lazy("text", "Form"))
    text = forms.CharField(
        label=_("Text"), max_length=_LONG, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Placeholders: {because} {place} {hazard} {colour} {title}."),
    )  # fmt: skip
    source = forms.CharField(label=_("Source"), max_length=200)
    is_verified = forms.BooleanField(label=_("Confirmed by the source"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from anlan.warning.texts import AUDIENCES

        super().__init__(*args, **kwargs)
        own = [(hazard.value, _say((FACES[hazard].zh, FACES[hazard].en))) for hazard in DRAFTABLE]
        choices: dict[str, Any] = {
            "hazard_type": [*own, ("*", _("all hazards"))],
            "level": _levels(),
            "audience": [(code, _say(words)) for code, words in AUDIENCES.items()],
            "form": list(form_words().items()),
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]  # all are choice fields


def form_words() -> dict[str, Any]:
    """The forms of a text in the reader's language."""
    return {
        "plain": _("message"),
        "sms": _("SMS"),
        "loudspeaker": _("loudspeaker"),
        "action": _("what to do"),
    }


class IssuingRightForm(forms.Form):
    """Which tier issues a hazard at a level."""

    hazard = forms.ChoiceField(label=_("Hazard or group of event codes"))
    level = forms.TypedChoiceField(label=_("Level"), coerce=int)
    tier = forms.ChoiceField(label=_("Issued by the tier"))
    source = forms.CharField(label=_("Source"), max_length=200)
    is_verified = forms.BooleanField(label=_("Confirmed by the source"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from anlan.vocab.event_codes import GROUPS
        from anlan.warning.authority import TIERS

        super().__init__(*args, **kwargs)
        own = [(hazard.value, _say((FACES[hazard].zh, FACES[hazard].en))) for hazard in DRAFTABLE]
        groups = [(row.code, f"{row.code} {_say((row.zh, row.en))}") for row in [*GROUPS, *CODES]]
        choices: dict[str, Any] = {
            "hazard": [*own, *groups],
            "level": _levels(),
            "tier": [(code, _say(words)) for code, words in TIERS.items()],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]  # all are choice fields
