"""The form of a rule: where it holds, what it is called, its reason. The table itself is in `ruletables`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.accounts.access import within
from anlan.console.forms import ManyChoices
from anlan.console.templatetags.anlan import is_chinese
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.ruleset import Pack
from anlan.ruleset.tables import DESK
from anlan.sensing.access import visible_stations
from anlan.sensing.models import RuleDefinition
from anlan.vocab.hazards import FACES
from anlan.vocab.kinds import KINDS
from anlan.vocab.posts import Right

PURPOSES = (
    ("warn", _("draft a warning")),
    ("enterprise", _("alarm of the enterprise")),
    ("condition", _("only a condition of other rules")),
)
#: What only a rule that watches stations has.
_OF_STATIONS = ("stations", "kinds", "catchment", "purpose", "hazard")


class RuleForm(forms.Form):
    """Area, scope, names and reason of a proposal."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    division = forms.ChoiceField(label=_("Holds in"))
    stations = forms.MultipleChoiceField(
        label=_("Only these stations"), required=False, widget=ManyChoices(attrs={"size": 8})
    )
    kinds = forms.MultipleChoiceField(
        label=_("Only these kinds of stations"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    catchment = forms.CharField(label=_("Only this catchment"), max_length=60, required=False)
    purpose = forms.ChoiceField(label=_("What follows"), choices=PURPOSES)
    hazard = forms.ChoiceField(label=_("Hazard"), required=False)
    source = forms.CharField(label=_("Source of the numbers"), widget=forms.Textarea, max_length=1000)
    verified = forms.BooleanField(
        label=_("I compared the numbers with the source"),
        required=False,
        help_text=_("Otherwise every page that uses the rule marks it as unconfirmed."),
    )
    reason = forms.CharField(
        label=pgettext_lazy("rule", "Reason for the change"), widget=forms.Textarea, max_length=500
    )

    def __init__(
        self, *args: Any, actor: Actor, pack: Pack, row: RuleDefinition | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        areas = Division.objects.filter(within(actor, "path", Right.EDIT_RULES), valid_to=None)
        areas = areas.exclude(level__in=["group", "grid", "department"]).order_by("path")
        stations = visible_stations(actor).order_by("code").values_list("code", "name")
        choices: dict[str, list[tuple[str, Any]]] = {
            "division": [(area.code, area.name) for area in areas],
            "kinds": [(kind.code, kind.zh if is_chinese() else kind.en) for kind in KINDS.values()],
            "hazard": [("", "—"), *((h.value, f.zh if is_chinese() else f.en) for h, f in FACES.items())],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]  # all are choice fields
        listed = [(code, f"{name} {code}") for code, name in stations]
        self.fields["stations"].choices = [(_("Stations"), listed)]  # type: ignore[attr-defined]  # a choice field
        self.initial = _initial(pack, row) | dict(self.initial)
        if pack.evaluator in DESK:
            for name in _OF_STATIONS:
                del self.fields[name]

    def details(self) -> dict[str, Any]:
        """Keyword arguments of `sensing.services.propose_rule` but the table and the parameters."""
        data = dict(self.cleaned_data)
        scope = {name: data.pop(name, None) for name in ("stations", "kinds", "catchment")}
        data["scope"] = {name: value for name, value in scope.items() if value}
        data["division"] = Division.objects.get(code=data["division"])
        return data


def _initial(pack: Pack, row: RuleDefinition | None) -> dict[str, Any]:
    scope = row.scope if row is not None else {}
    return {
        "name_zh": pack.title_zh,
        "name_en": pack.title_en,
        "division": row.division_id if row is not None else None,
        "stations": scope.get("stations", []),
        "kinds": scope.get("kinds", []),
        "catchment": scope.get("catchment", ""),
        "purpose": pack.purpose,
        "hazard": pack.hazard,
        "source": pack.source,
        "verified": row.verified if row is not None else False,
    }
