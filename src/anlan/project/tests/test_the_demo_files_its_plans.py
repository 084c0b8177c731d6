"""The demo county shows filings in every state and what the check found."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.plans import services
from anlan.plans.content import Content
from anlan.plans.models import PlanFiling, PlanFinding
from anlan.project.drill.stage_filings import build
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_of_the_demos_filings_one_is_returned_one_waits_and_the_others_have_numbers(
    county: County, tmp_path: Any, settings: Any
) -> None:
    settings.ANLAN_DATA = tmp_path
    for name in ("Willow River", "Stone Bridge", "Willow River", "Stone Bridge"):
        version = services.open_plan(
            title=f"{county.divisions[name].name}防汛预案", kind="township", division=county.divisions[name],
            event_types=(), hazards=(), content=Content(purpose="防汛"), by=county.actor("Chen"), at=county.now,
        )  # fmt: skip
        services.submit_version(version, by=county.actor("Chen"), at=county.now)
        services.approve_version(version, by=county.actor("Zheng"), by_name="郑国安", at=county.now)
    made = build(by=county.by, at=county.now, exercise_id=None)
    states = PlanFiling.objects.order_by("plan__number").values_list("state", flat=True)
    assert list(states) == ["accepted", "returned", "accepted", "submitted"]
    assert made == {"filings": 4, "plans": 4, "findings": PlanFinding.objects.count()}
    assert set(PlanFinding.objects.values_list("code", flat=True)) == {"no_levels", "no_contacts"}
