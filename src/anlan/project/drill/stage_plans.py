"""The demo county's plans from the starter packs: overall and specials in force, some of townships, villages and enterprises,
and one with planted faults, so that the check has something to find. Everything is marked as a template until confirmed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from anlan.kernel.actor import Actor

if TYPE_CHECKING:
    from anlan.places.models import Division
    from anlan.plans.content import Content
    from anlan.plans.models import Plan, PlanVersion
    from anlan.plans.packs import Pack

#: Packs of the county's own plans: every one but those for townships, villages and enterprises.
_NOT_OF_THE_COUNTY = frozenset({"township", "village", "enterprise", "site"})
_TOWNSHIPS, _VILLAGES, _ENTERPRISES = 3, 3, 2
#: Confirmed by the commander; the others stay templates on every page.
_CONFIRMED = frozenset({"overall", "flood", "geological", "forest_fire"})


def build(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> dict[str, int]:
    """Make the plans; `by` writes them, the county's commander approves. Returns how many stand in which state."""
    from django.db import transaction

    from anlan.plans.models import Plan

    with transaction.atomic():
        made = _Plans(by, at, exercise_id)
        made.county()
        made.below()
        made.faulty()
        made.waiting()
    rows = Plan.objects.filter(exercise_id=exercise_id)
    return {"in_force": rows.filter(state="in_force").count(), "draft": rows.filter(state="draft").count()}


def build_county(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> int:
    """Only the county's own plans, for a drill that plays one of them to its end. Returns how many are in force."""
    from django.db import transaction

    from anlan.plans.models import Plan

    with transaction.atomic():
        _Plans(by, at, exercise_id).county()
    return Plan.objects.filter(exercise_id=exercise_id, state="in_force").count()


class _Plans:
    """One building of the demo's plans."""

    def __init__(self, by: Actor, at: datetime, exercise_id: uuid.UUID | None) -> None:
        from anlan.places import queries as places
        from anlan.plans.departments import departments_for
        from anlan.plans.packs import starter_packs

        county = places.county()
        if county is None:
            raise SystemExit("the demo has no county")
        self.by, self.at, self.exercise_id = by, at, exercise_id
        self.place = county
        self.packs = {one.code: one for one in starter_packs()}
        self.departments = departments_for(county)
        self.leader = _commander(at)
        self.overall: Plan | None = None

    def county(self) -> None:
        """The overall plan first; the specials hang on it."""
        listed = [one for one in self.packs.values() if one.kind not in _NOT_OF_THE_COUNTY]
        for pack in sorted(listed, key=lambda one: one.kind != "overall"):
            plan = self._in_force(self._open(pack, self.place))
            if pack.kind == "overall":
                self.overall = plan

    def below(self) -> None:
        """A few townships, villages and enterprises have written theirs."""
        from anlan.places.models import Division

        wanted = (("township", "township", _TOWNSHIPS), ("village", "village", _VILLAGES), ("enterprise", "enterprise", _ENTERPRISES))  # fmt: skip
        for kind, level, number in wanted:
            pack = next((one for one in self.packs.values() if one.kind == kind), None)
            rows = Division.objects.filter(level=level, valid_to=None).order_by("code")[:number]
            if pack is None:
                continue
            for place in rows:
                self._in_force(self._open(pack, place, title=f"{place.name}{_bare(pack.title)}"))

    def faulty(self) -> None:
        """A plan in force in which two tasks have no limit, one waits for another in a circle, and a department is unknown."""
        from anlan.plans.content import Address, AddressKind

        pack = self.packs["flood"]
        content, swap = self._content(pack), msgspec.structs.replace
        tasks = list(content.tasks[:6])
        tasks[0] = swap(tasks[0], limit_min=0, after=(tasks[1].key,))
        tasks[1] = swap(tasks[1], after=(tasks[0].key,))
        tasks[2] = swap(
            tasks[2], limit_min=0, after=(), owner=Address(AddressKind.DEPARTMENT, name="已撤销的单位")
        )
        kept = {task.key for task in tasks}
        tasks = [swap(task, after=tuple(key for key in task.after if key in kept)) for task in tasks]
        version = self._open(
            pack,
            self.place,
            title="城区防内涝应急预案（演示：带问题的预案）",
            content=swap(content, tasks=tuple(tasks)),
        )
        self._in_force(version)

    def waiting(self) -> None:
        """A new version of the flood plan waits for the commander's word."""
        from anlan.plans import services
        from anlan.plans.content import read
        from anlan.plans.models import Plan

        plan = Plan.objects.filter(exercise_id=self.exercise_id, template="flood", division=self.place).order_by("number").first()  # fmt: skip
        if plan is None or plan.current is None:
            return
        content = read(plan.current.content)
        longer = msgspec.structs.replace(content, scope=f"{content.scope}\n含水库泄洪影响的下游村。".strip())
        version = services.draft_version(plan, content=longer, why="汛前修订", by=self.by, at=self.at)
        services.submit_version(version, by=self.by, at=self.at)

    def _open(
        self, pack: Pack, place: Division, *, title: str = "", content: Content | None = None
    ) -> PlanVersion:
        from anlan.plans import services

        details: dict[str, Any] = {}
        if pack.kind == "enterprise":
            details = {"protected_kind": "major_hazard", "protected_words": place.name}
        return services.open_plan(
            title=title or pack.title,
            kind=pack.kind,
            division=place,
            event_types=pack.event_types,
            hazards=pack.hazards,
            content=content or self._content(pack),
            by=self.by,
            at=self.at,
            exercise_id=self.exercise_id,
            template=pack.code,
            parent=self.overall,
            **details,
        )

    def _content(self, pack: Pack) -> Content:
        from anlan.plans.departments import instantiate

        return instantiate(pack, self.departments)

    def _in_force(self, version: PlanVersion) -> Plan:
        from anlan.plans import services

        services.submit_version(version, by=self.by, at=self.at)
        services.approve_version(version, by=self.leader, by_name=self.leader.name, at=self.at)
        plan = version.plan
        if plan.template in _CONFIRMED and plan.division_id == self.place.pk:
            services.confirm_template(plan, by=self.leader, at=self.at)
        return plan


def _bare(title: str) -> str:
    """The title of a pack without the place that it leaves open."""
    for head in ("××乡镇", "××村", "××企业", "乡镇", "县"):
        title = title.removeprefix(head)
    return title


def _commander(at: datetime) -> Actor:
    """The county's commander as an actor; where nobody has an account yet, by name alone."""
    from anlan.accounts.actors import actor_for
    from anlan.accounts.models import User
    from anlan.directory.models import Holding

    holding = (
        Holding.objects.filter(post__kind="commander", role="A", held_to=None)
        .select_related("person")
        .first()
    )
    if holding is None:
        raise SystemExit("the demo county has no commander")
    user = User.objects.filter(person=holding.person).first()
    if user is not None:
        return actor_for(user, at=at)
    return Actor(ref="system:commander", name=holding.person.name)
