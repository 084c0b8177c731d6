from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.dispatch.boards import requests_of
from anlan.dispatch.models import SupplyLine, SupplyRequest
from anlan.dispatch.refusals_teams import (
    BadAmount,
    JobWhyMissing,
    MoreThanBefore,
    NothingAsked,
    NothingSent,
    RequestMoved,
)
from anlan.dispatch.services import (
    Amount,
    Wanted,
    approve_request,
    ask_again,
    ask_supplies,
    cancel_request,
    receive_supplies,
    refuse_request,
    send_supplies,
)
from anlan.dispatch.tests.forcescenes import flood
from anlan.dissemination.models import Delivery
from anlan.duty.models import Alarm
from anlan.duty.services import RINGING
from anlan.journal.deadlines import run_deadlines, run_reactions
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.clock import ManualClock
from anlan.testing import County


def _asked(county: County, place: str = "Willow River") -> SupplyRequest:
    return ask_supplies(
        incident=flood(county),
        lines=[Wanted(Decimal(50), "tent"), Wanted(Decimal(200), name="手电", unit="支")],
        division=county.divisions[place],
        why="安置点",
        by=county.actor("Li"),
        by_name="李梅",
        at=county.now,
    )


def _who(county: County, name: str = "Chen") -> dict[str, Any]:
    return {"by": county.actor(name), "by_name": name, "at": county.now}


def _tents(row: SupplyRequest) -> SupplyLine:
    return row.lines.get(item="tent")


def test_the_quantity_of_each_step_stands_beside_the_one_before(county: County) -> None:
    row = _asked(county)
    tent = _tents(row)
    approve_request(row, {tent.pk: Amount(Decimal(30))}, **_who(county))
    send_supplies(row, {tent.pk: Amount(Decimal(20))}, from_words="县库", **_who(county))
    send_supplies(row, {tent.pk: Amount(Decimal(10))}, **_who(county))
    receive_supplies(row, {tent.pk: Amount(Decimal(28))}, **_who(county, "Li"))
    [shown] = requests_of(row.incident)
    line = next(one for one in shown.lines if one.name == "帐篷")
    assert [line.asked, line.approved, line.sent, line.received] == [50, 30, 30, 28]
    assert line.missing == 2
    assert (shown.state, row.from_words) == ("received", "县库")
    assert verify().ok


def test_never_more_than_the_step_before_without_a_reason(county: County) -> None:
    row = _asked(county)
    tent = _tents(row)
    before = Entry.objects.count()
    with pytest.raises(MoreThanBefore):
        approve_request(row, {tent.pk: Amount(Decimal(51))}, **_who(county))
    assert Entry.objects.count() == before
    approve_request(row, {tent.pk: Amount(Decimal(60), "附近还有两个安置点")}, **_who(county))
    send_supplies(row, {tent.pk: Amount(Decimal(40))}, **_who(county))
    with pytest.raises(MoreThanBefore) as refused:
        receive_supplies(row, {tent.pk: Amount(Decimal(41))}, **_who(county, "Li"))
    assert refused.value.data["former"] == "40"
    assert SupplyRequest.objects.get().state == "sent"
    receive_supplies(row, {tent.pk: Amount(Decimal(41), "民政另送一顶")}, **_who(county, "Li"))
    tent.refresh_from_db()
    assert "民政另送一顶" in tent.note


def test_what_is_not_named_is_approved_as_asked(county: County) -> None:
    row = approve_request(_asked(county), {}, **_who(county))
    assert _tents(row).approved == 50


def test_a_refused_request_keeps_the_reason_and_may_be_asked_again(county: County) -> None:
    row = _asked(county)
    with pytest.raises(JobWhyMissing):
        refuse_request(row, why=" ", **_who(county))
    refuse_request(row, why="县库已空", **_who(county))
    with pytest.raises(RequestMoved):
        approve_request(row, {}, **_who(county))
    ask_again(row, why="可从邻县调", by=county.actor("Li"), at=county.now)
    assert row.state == "asked"
    cancel_request(row, why="已自行解决", by=county.actor("Li"), at=county.now)
    with pytest.raises(RequestMoved):
        send_supplies(row, {_tents(row).pk: Amount(Decimal(1))}, **_who(county))


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity", "1e30"])
def test_nonsense_is_no_quantity(county: County, value: str) -> None:
    row = _asked(county)
    with pytest.raises(BadAmount):
        approve_request(row, {_tents(row).pk: Amount(Decimal(value))}, **_who(county))


def test_nothing_asked_and_nothing_sent_are_refused(county: County) -> None:
    for lines in ([], [Wanted(Decimal(0))]):
        with pytest.raises(NothingAsked):
            ask_supplies(
                incident=flood(county), lines=lines, division=county.divisions["Willow River"], by=county.actor("Li"),
                by_name="", at=county.now,
            )  # fmt: skip
    row = approve_request(_asked(county), {}, **_who(county))
    with pytest.raises(NothingSent):
        send_supplies(row, {_tents(row).pk: Amount(Decimal(0))}, **_who(county))


def test_a_request_nobody_decides_rings_and_one_nobody_counts_is_asked_after(
    county: County, clock: ManualClock
) -> None:
    row = _asked(county)
    clock.advance(minutes=31)
    run_deadlines(owner="test")
    run_reactions(owner="test")
    assert Alarm.objects.filter(kind="supply_late", state__in=RINGING).count() == 1
    row.refresh_from_db()
    approve_request(row, {}, **_who(county))
    run_reactions(owner="test")
    assert not Alarm.objects.filter(kind="supply_late", state__in=RINGING).exists()
    send_supplies(row, {_tents(row).pk: Amount(Decimal(50))}, **_who(county))
    clock.advance(hours=4)
    run_deadlines(owner="test")
    [text] = Delivery.objects.filter(subject=f"supply_request:{row.pk}").values_list("text", flat=True)
    assert "催收货" in text
    assert requests_of(row.incident)[0].is_late


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["approved", "refused", "cancelled", "sent", "received", "asked"]), max_size=10)
)
def test_nothing_is_received_before_it_was_sent_or_sent_before_it_was_approved(steps: list[str]) -> None:
    state, seen = "asked", ["asked"]
    for step in steps:
        if step in SupplyRequest.transitions[state]:
            state = step
            seen.append(step)
    if "sent" in seen:
        assert "approved" in seen[: seen.index("sent")]
    if "received" in seen:
        assert seen[seen.index("received") - 1] == "sent"
