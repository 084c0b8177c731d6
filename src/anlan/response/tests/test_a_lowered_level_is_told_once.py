"""When a level is lowered, each addressee hears once of all the orders that are taken back."""

from __future__ import annotations

import pytest

from anlan.dispatch.models import Instruction
from anlan.dissemination.models import Delivery
from anlan.response.tests import scenes
from anlan.testing import County

pytestmark = pytest.mark.django_db

TASKS = (
    scenes.a_task("watch"),
    *(scenes.a_task(f"township{number}", scenes.TOWNSHIPS, from_level=3) for number in range(4)),
    *(scenes.a_task(f"village{number}", scenes.VILLAGES, from_level=3) for number in range(2)),
    scenes.a_task("later", scenes.TOWNSHIPS, from_level=3, after=("township0",)),
)


def taken_back() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in Delivery.objects.filter(text__startswith="【撤回】").select_related("person"):
        assert one.person is not None
        found.setdefault(one.person.name, []).append(one.text)
    return found


def test_each_addressee_gets_one_message_with_the_number_of_orders(county: County) -> None:
    plan = scenes.a_plan(county, content=scenes.a_content(TASKS))
    row = scenes.opened(county, 3, plan=plan)
    assert Instruction.objects.filter(state="issued").count() > 5
    scenes.change(county, row, 4)
    told = taken_back()
    assert Instruction.objects.filter(state="withdrawn", task_key__startswith="township").count() == 4
    assert Instruction.objects.get(task_key="later").state == "withdrawn"
    assert {name: len(texts) for name, texts in told.items()} == dict.fromkeys(told, 1)
    assert (
        "4条指令已撤回" in told["李梅"][0]
    )  # what only waited was never told, so it is not taken back in words
    assert "2条指令已撤回" in told["赵春兰"][0]


def test_a_single_order_is_named(county: County) -> None:
    tasks = (scenes.a_task("watch"), scenes.a_task("one", scenes.TOWNSHIPS, from_level=3))
    plan = scenes.a_plan(county, content=scenes.a_content(tasks))
    row = scenes.opened(county, 3, plan=plan)
    scenes.change(county, row, 4)
    (texts,) = taken_back().values()
    assert len(texts) == 1
    assert "任务one已撤回" in texts[0]
