"""The demo county begins with plans of every kind, one of them with faults and one version that waits."""

from __future__ import annotations

import pytest

from anlan.plans.models import Plan, PlanVersion
from anlan.plans.packs import starter_packs
from anlan.project.drill.stage_plans import build
from anlan.testing import County

pytestmark = pytest.mark.django_db


def test_the_demos_plans_are_approved_by_the_commander_and_marked_as_templates(county: County) -> None:
    made = build(by=county.by, at=county.now, exercise_id=None)
    kinds = set(Plan.objects.values_list("kind", flat=True))
    assert kinds >= {"overall", "special", "township", "village"}
    assert made["draft"] == 0
    assert made["in_force"] == Plan.objects.count() > len(starter_packs())
    assert all(row.decided_by_name == "王建国" for row in PlanVersion.objects.filter(state="in_force"))
    assert Plan.objects.exclude(confirmed_at=None).count() == 5  # four packs, and the faulty copy of one
    assert PlanVersion.objects.filter(state="submitted").count() == 1
    assert not Plan.objects.filter(template="").exists()
