"""What the pages of a plan show: its content in words, and what a version changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from anlan.accounts.access import within
from anlan.console import incidentwords
from anlan.console import planwords as words
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.plans.content import Address, Content, Task, Trigger
from anlan.plans.diff import differences
from anlan.plans.manuals import LEVELS, Step
from anlan.plans.models import Plan, PlanLink, PlanVersion
from anlan.plans.naming import addresses
from anlan.plans.types import FieldChange, PartChange, RowChange


def names_in(*contents: Content) -> dict[str, str]:
    """Names of the divisions that contents name, by code; one statement."""
    codes = {one.code for content in contents for one in addresses(content) if one.code}
    return dict(Division.objects.filter(pk__in=codes).values_list("code", "name"))


def content_view(content: Content, names: Mapping[str, str]) -> dict[str, Any]:
    """A content as its page shows it."""
    said = _Sayer(content, names)
    return {
        "content": content,
        "body": words.body_word(content.body),
        "levels": [
            {
                "number": one.level,
                "word": words.level_word(one.level),
                "words": one.words,
                "triggers": [(words.trigger_word(each), each.source) for each in one.triggers],
                "authority": [words.post_word(code) for code in one.authority],
                "notify": [said.address(each) for each in one.notify],
            }
            for one in content.levels
        ],
        "posts": [
            {"post": one, "address": said.address(one.address), "deputy": said.address(one.deputy) if one.deputy else ""}
            for one in content.posts
        ],
        "groups": [
            {
                "group": one,
                "lead": said.posts.get(one.lead, ""),
                "members": [said.address(each) for each in one.members],
                "from_level": words.from_level_word(one.from_level),
            }
            for one in content.groups
        ],
        "tasks_by_level": tasks_by_level(content, said),
        "needs": [
            {"word": words.need_word(one), "kind": words.need_kind_words()[one.kind.value], "from_level": words.from_level_word(one.from_level)}
            for one in content.needs
        ],
        "contacts": [
            {"name": one.name, "address": said.address(one.address), "above": said.contacts.get(one.above, "")}
            for one in content.contacts
        ],
    }  # fmt: skip


def tasks_by_level(content: Content, said: _Sayer) -> list[dict[str, Any]]:
    """Tasks by the level at which each begins, the mildest first."""
    found = []
    for level in reversed(LEVELS):
        rows = [task_view(one, said) for one in content.tasks if one.from_level == level]
        if rows:
            found.append({"number": level, "word": words.from_level_word(level), "rows": rows})
    return found


def task_view(one: Task, said: _Sayer) -> dict[str, Any]:
    return {
        "task": one,
        "owner": said.address(one.owner),
        "from_level": words.from_level_word(one.from_level),
        "group": said.groups.get(one.group, ""),
        "post": said.posts.get(one.post, ""),
        "ack": words.minutes_word(one.ack_min),
        "limit": words.minutes_word(one.limit_min),
        "after": [said.tasks.get(key, _("unknown task")) for key in one.after],
    }


def step_view(step: Step, said: _Sayer) -> dict[str, Any]:
    return {**task_view(step.task, said), "after": step.after}


class _Sayer:
    """Keys and codes of one content (and, for a comparison, of the former one) in words."""

    def __init__(self, content: Content, names: Mapping[str, str], former: Content | None = None) -> None:
        both = [one for one in (former, content) if one is not None]
        self.names = names
        self.posts = {row.key: row.title for one in both for row in one.posts}
        self.groups = {row.key: row.name for one in both for row in one.groups}
        self.tasks = {row.key: row.title for one in both for row in one.tasks}
        self.contacts = {row.key: row.name for one in both for row in one.contacts}
        self.needs = {**words.skill_words(), **{row.key: row.name for one in both for row in one.needs}}

    def address(self, one: Address) -> str:
        return words.address_word(one, self.names)

    def value(self, part: str, name: str, value: Any) -> str:
        """One value of a comparison; "" for nothing."""
        if value in (None, "", [], (), False):
            return ""
        if isinstance(value, Mapping):
            return self.address(msgspec.convert(value, Address))
        if isinstance(value, Sequence) and not isinstance(value, str):
            return "；".join(self.value(part, name, one) for one in value) if name != "triggers" else "；".join(
                words.trigger_word(msgspec.convert(one, Trigger)) for one in value
            )  # fmt: skip
        return self._one(part, name, value)

    def _one(self, part: str, name: str, value: Any) -> str:
        if value is True:
            return _("yes")
        if name == "from_level":
            return words.from_level_word(value)
        if name in ("authority", "body"):
            return words.post_word(value) if name == "authority" else words.body_word(value)
        if name == "kind":
            return str(words.need_kind_words().get(value, value))
        known = {"lead": self.posts, "post": self.posts, "group": self.groups, "after": self.tasks, "above": self.contacts, "needs": self.needs}  # fmt: skip
        return known[name].get(value, str(value)) if name in known else str(value)


def sayer(content: Content, names: Mapping[str, str], former: Content | None = None) -> _Sayer:
    return _Sayer(content, names, former)


def changes_view(former: Content | None, new: Content) -> list[dict[str, Any]]:
    """What a version changed, part by part, in words."""
    said = _Sayer(new, names_in(*([new] if former is None else [former, new])), former)
    return [_part_view(one, said) for one in differences(former, new)]


def _part_view(one: PartChange, said: _Sayer) -> dict[str, Any]:
    return {
        "word": words.part_words()[one.part],
        "rows": [_row_view(one.part, row, said) for row in one.rows],
        "counts": [
            (word, number)
            for kind, word in words.change_words().items()
            if (number := sum(row.kind == kind for row in one.rows))
        ],
    }


def _row_view(part: str, row: RowChange, said: _Sayer) -> dict[str, Any]:
    title = words.level_word(int(row.title)) if part == "levels" else row.title
    return {
        "kind": row.kind,
        "word": words.change_words()[row.kind],
        "title": title,
        "fields": [_field_view(part, one, said) for one in row.fields],
    }


def _field_view(part: str, one: FieldChange, said: _Sayer) -> dict[str, str]:
    return {
        "name": words.field_words().get(one.name, one.name),
        "before": said.value(part, one.name, one.before),
        "after": said.value(part, one.name, one.after),
    }


def facts_of(plan: Plan, today: date) -> dict[str, Any]:
    """The face of a plan in words."""
    hazards = words.hazard_words()
    return {
        "plan": plan,
        "kind": words.kind_words().get(plan.kind, plan.kind),
        "state": words.state_words().get(plan.state, plan.state),
        "chip": words.STATE_CHIPS.get(plan.state, ""),
        "types": [incidentwords.type_word(code) for code in plan.event_types],
        "hazards": [hazards.get(code, code) for code in plan.hazards],
        "protected": ""
        if plan.protected_kind == "none"
        else words.protected_words().get(plan.protected_kind, ""),
        "is_overdue": plan.state == "in_force"
        and plan.review_due_on is not None
        and plan.review_due_on < today,
        "is_template": bool(plan.template) and plan.confirmed_at is None,
    }


def version_rows(versions: list[PlanVersion], names: Mapping[str, str]) -> list[dict[str, Any]]:
    states = words.version_words()
    return [
        {
            "version": one,
            "state": states[one.state],
            "chip": words.VERSION_CHIPS[one.state],
            "made_by": one.made_by_name or names.get(one.made_by, one.made_by),
        }
        for one in versions
    ]


def link_rows(actor: Actor, plan: Plan) -> list[dict[str, Any]]:
    """Standing links from and to the plan whose other end the reader may see at the owner's place or below; others by title alone."""
    from anlan.plans.access import visible_plans

    rows = PlanLink.objects.filter(ended_at=None).select_related("plan", "other")
    found = [*rows.filter(plan=plan).order_by("pk"), *rows.filter(other=plan).order_by("pk")]
    seen = set(
        visible_plans(actor).filter(pk__in=[pk for one in found for pk in (one.plan_id, one.other_id)]).values_list("pk", flat=True)
    )  # fmt: skip
    kinds = words.link_words()
    return [
        {"link": one, "other": other, "kind": kinds[one.kind], "is_from": one.plan_id == plan.pk}
        for one in found
        if (other := one.other if one.plan_id == plan.pk else one.plan).pk in seen
    ]


def linkable(actor: Actor, plan: Plan, *, most: int = 300) -> list[tuple[str, str]]:
    """Other plans of the same run that the reader may see, in force, for the form of a link."""
    from anlan.plans.access import visible_plans
    from anlan.plans.queries import of_run

    rows = visible_plans(actor).filter(of_run(plan.exercise_id), state="in_force").exclude(pk=plan.pk)
    return [(str(pk), f"{number} {title}") for pk, number, title in rows.order_by("number").values_list("pk", "number", "title")[:most]]  # fmt: skip


def owners_for(actor: Actor, need: Any) -> list[tuple[str, str]]:
    """Places whose plans the actor may write: county, departments, townships, villages, enterprises, sites."""
    rows = Division.objects.filter(within(actor, "path", need), valid_to=None)
    listed = rows.order_by("path").values_list("code", "name", "level")[:2000]
    return [(code, ("　" if level not in ("county", "township", "department") else "") + name) for code, name, level in listed]  # fmt: skip
