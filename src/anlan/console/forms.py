"""Forms of the desk that are more than a button."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.accounts.access import within
from anlan.console.templatetags.anlan import is_chinese
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.hazards import FACES, HazardType
from anlan.vocab.levels import Level
from anlan.vocab.posts import Right
from anlan.vocab.stages import LABELS, Stage

#: Hazards that a person may draft for; a silent station is an alarm, not a warning.
DRAFTABLE = (HazardType.FLASH_FLOOD, HazardType.RIVER_FLOOD, HazardType.GEOHAZARD, HazardType.FOREST_FIRE)


def _hazards() -> list[tuple[str, str]]:
    return [(hazard.value, FACES[hazard].zh if is_chinese() else FACES[hazard].en) for hazard in DRAFTABLE]


def _levels() -> list[tuple[int, str]]:
    return [
        (int(level), f"{level.face.zh if is_chinese() else level.face.en} {level.face.roman}")
        for level in Level
    ]


def _stages() -> list[tuple[str, Any]]:
    return [("", _("none"))] + [(stage.value, LABELS[stage][0 if is_chinese() else 1]) for stage in Stage]


class ManyChoices(forms.SelectMultiple):
    """A list of hundreds of villages, written in one go: a template per option costs more than the rest of the page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(one) for one in value or ()}
        groups = format_html_join(
            "",
            '<optgroup label="{}">{}</optgroup>',
            ((title, _options(some, chosen)) for title, some in self.choices),
        )
        own = flatatt({**self.build_attrs(self.attrs, attrs), "name": name, "multiple": True})
        return format_html("<select{}>{}</select>", own, groups)


def _options(choices: Any, chosen: set[str]) -> SafeString:
    rows = ((code, mark_safe(" selected") if code in chosen else "", label) for code, label in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


class PreAuthorisationForm(forms.Form):
    """A bounded permission; the signature is the account that sends the form."""

    name = forms.CharField(label=pgettext_lazy("permission", "Name"), max_length=120)
    hazard_type = forms.ChoiceField(label=_("Hazard"))
    mildest_level = forms.TypedChoiceField(label=_("From level"), coerce=int, initial=2)
    worst_level = forms.TypedChoiceField(label=_("Up to level"), coerce=int, initial=1)
    division = forms.ChoiceField(label=_("Area"))
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=365, initial=30)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = Division.objects.filter(
            within(actor, "path", Right.PRE_AUTHORISE), level__in=["county", "township"]
        ).order_by("path")
        choices = {
            "hazard_type": _hazards(),
            "mildest_level": _levels(),
            "worst_level": _levels(),
            "division": [(area.code, area.name) for area in areas],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]  # all are choice fields

    def fields_for_service(self) -> dict[str, Any]:
        """Keyword arguments of `warning.services.sign_pre_authorisation`, and `days`."""
        return dict(self.cleaned_data)
