"""A data call from asking to the sums: who owes what, who is late by the true times, what is never lost."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from anlan.datacalls import queries, services
from anlan.datacalls.models import DataCall, DataSeat, FigureDefinition, Filing
from anlan.datacalls.refusals import (
    BadDefinition,
    BadRepeat,
    BadValue,
    CallOver,
    CorrectionNeedsReason,
    DueInThePast,
    NameTaken,
    NilNotAllowed,
    NoFigures,
    NoTargets,
    NotATownship,
    NothingFiled,
    ReasonMissing,
    TooManyFigures,
    UnknownFigure,
    WrongTarget,
)
from anlan.datacalls.tests.scenes import (
    BURNT,
    ROAD,
    ROOMS,
    TRAPPED,
    add_department,
    add_leader,
    ask,
    fill,
    seat_of,
    tick,
)
from anlan.datacalls.types import FigureDetails
from anlan.dissemination.models import Delivery
from anlan.duty.models import Alarm
from anlan.journal.models import Entry
from anlan.journal.verify import verify
from anlan.kernel.refusals import Refusal
from anlan.testing import County

pytestmark = pytest.mark.django_db


def reload(seat: DataSeat) -> DataSeat:
    return DataSeat.objects.select_related("call__division", "division").get(pk=seat.pk)


def totals(call: DataCall, round_number: int | None = None) -> dict[str, Decimal | None]:
    fresh = DataCall.objects.select_related("division").get(pk=call.pk)
    return {one.figure.name: one.total for one in queries.board(fresh, round_number).sums}


def texts_to(phone: str) -> list[str]:
    return list(Delivery.objects.filter(address=phone).order_by("id").values_list("text", flat=True))


def test_everybody_asked_has_a_seat_a_deadline_and_a_message_with_the_page(county: County) -> None:
    call = ask(county)
    assert call.number == "收2026-001"
    seats = list(call.seats.order_by("division_id"))
    assert [(seat.state, seat.due_at) for seat in seats] == [
        ("asked", county.now + timedelta(hours=1)),
        ("asked", county.now + timedelta(hours=1)),
    ]
    [text] = texts_to("10000000006")
    assert "汛情收数" in text
    assert text.endswith("/f/data/")
    assert verify().problems == []


def test_sums_are_live_and_choices_are_counted(county: County) -> None:
    water = add_department(county)
    willow, bridge = county.divisions["Willow River"], county.divisions["Stone Bridge"]
    call = ask(county, TRAPPED, BURNT, ROAD, targets=(willow.code, bridge.code, water.code))
    fill(county, seat_of(call, willow), 3, "1.25", "断")
    fill(county, seat_of(call, water), 0, "0.5", "断", who="Yu")
    board = queries.board(call)
    assert [line.seat.division.name for line in board.lines] == ["石桥镇", "云岭县水利局", "柳河镇"]
    assert (board.filed, len(board.open), board.late) == (2, 1, 0)
    assert [one.total for one in board.sums] == [Decimal(3), Decimal("1.75"), None]
    assert board.sums[2].counts == (("通", 0), ("断", 2))


def test_a_correction_keeps_the_former_value_who_and_why(county: County) -> None:
    call = ask(county)
    willow = county.divisions["Willow River"]
    fill(county, seat_of(call, willow), 3, 5)
    county.clock.advance(minutes=10)
    with pytest.raises(CorrectionNeedsReason):
        fill(county, seat_of(call, willow), 2, 5)
    assert totals(call)["被困人数"] == 3
    fill(county, seat_of(call, willow), 2, 5, why="一人重复统计")
    assert totals(call) == {"被困人数": Decimal(2), "倒塌房屋": Decimal(5)}
    latest, *rest = queries.history_of(seat_of(call, willow))
    assert (latest.number, latest.replaces.number if latest.replaces else None) == (Decimal(2), Decimal(3))
    assert (latest.why, latest.filed_by_name) == ("一人重复统计", "李梅")
    assert len(rest) == 2
    assert reload(seat_of(call, willow)).corrections == 1
    assert verify().problems == []


def test_half_a_form_is_kept_and_the_place_still_owes_the_rest(county: County) -> None:
    call = ask(county, TRAPPED, ROOMS, FigureDetails("说明", "text"))
    willow = county.divisions["Willow River"]
    fill(county, seat_of(call, willow), 3)
    assert reload(seat_of(call, willow)).state == "asked"
    fill(county, seat_of(call, willow), None, 4)
    assert reload(seat_of(call, willow)).state == "filed"  # a text may stay empty


def test_nil_means_zero_and_only_where_it_is_allowed(county: County) -> None:
    willow = county.divisions["Willow River"]
    strict, daily = ask(county), ask(county, TRAPPED, title="零报告", allows_nil=True)
    with pytest.raises(NilNotAllowed):
        services.file_nil([seat_of(strict, willow)], by=county.actor("Li"), at=county.now)
    services.file_nil([seat_of(daily, willow)], by=county.actor("Li"), at=county.now)
    assert reload(seat_of(daily, willow)).state == "nil"
    assert totals(daily) == {"被困人数": 0}
    with pytest.raises(CorrectionNeedsReason):
        fill(county, seat_of(daily, willow), 2)
    fill(county, seat_of(daily, willow), 2, why="后来发现")
    assert (reload(seat_of(daily, willow)).state, totals(daily)["被困人数"]) == ("filed", Decimal(2))


def test_one_figure_asked_by_two_is_answered_once(county: County) -> None:
    water = add_department(county)
    willow = county.divisions["Willow River"]
    first = ask(county, TRAPPED, ROOMS)
    second = ask(county, TRAPPED, BURNT, title="水利收数", division=water, targets=(willow.code,))
    assert first.figures[0] == second.figures[0]
    seats = [seat_of(first, willow), seat_of(second, willow)]
    page = queries.asked_of(seats, county.now)
    assert page is not None
    assert [(one.figure.name, len(one.calls)) for one in page.figures] == [
        ("被困人数", 2),
        ("倒塌房屋", 1),
        ("过火面积", 1),
    ]
    told = {one.figure.pk: text for one, text in zip(page.figures, ("3", "0", "1.5"), strict=True)}
    services.file_values(seats, told, by=county.actor("Li"), at=county.now)
    assert (totals(first)["被困人数"], totals(second)["被困人数"]) == (Decimal(3), Decimal(3))
    assert {reload(seat).state for seat in seats} == {"filed"}


def test_what_was_given_within_its_validity_is_confirmed_with_one_key(county: County) -> None:
    water = add_department(county)
    willow = county.divisions["Willow River"]
    first = ask(county, TRAPPED)
    fill(county, seat_of(first, willow), 3)
    told_at = county.now
    county.clock.advance(minutes=30)
    second = ask(county, TRAPPED, title="水利收数", division=water, targets=(willow.code,))
    seat = seat_of(second, willow)
    page = queries.asked_of([seat], county.now)
    assert page is not None
    [line] = page.given
    assert line.given is not None
    assert (line.given.at, line.given.shown, line.prefilled) == (told_at, "3", "3")
    assert "汛情收数" in line.given.to
    services.confirm_given([seat], by=county.actor("Li"), at=county.now)
    filing = Filing.objects.get(seat=seat)
    assert filing.shared_from is not None
    assert (filing.shared_from.seat.call_id, filing.as_of) == (first.pk, told_at)
    assert (reload(seat).state, totals(second)) == ("filed", {"被困人数": Decimal(3)})


def test_the_same_number_typed_anew_is_a_new_value(county: County) -> None:
    willow = county.divisions["Willow River"]
    fill(county, seat_of(ask(county, TRAPPED), willow), 3)
    county.clock.advance(minutes=30)
    second = ask(county, TRAPPED, title="再问")
    fill(county, seat_of(second, willow), 3)
    filing = Filing.objects.get(seat__call=second)
    assert (filing.shared_from_id, filing.as_of) == (None, county.now)


def test_an_old_value_is_not_offered_and_a_new_round_asks_again(county: County) -> None:
    willow = county.divisions["Willow River"]
    first = ask(county, TRAPPED, repeat_every_hours=1, repeat_until=county.now + timedelta(hours=9))
    fill(county, seat_of(first, willow), 3)
    county.clock.advance(minutes=61)
    tick(county)
    assert queries.given_for(seat_of(first, willow), queries.figures_of(first)[0], county.now) is None
    county.clock.advance(minutes=60)  # 121 minutes after it was told
    second = ask(county, TRAPPED, title="再问")
    assert queries.given_for(seat_of(second, willow), queries.figures_of(second)[0], county.now) is None


def test_a_form_that_arrives_twice_counts_once_even_after_a_correction(county: County) -> None:
    call = ask(county, TRAPPED)
    willow = county.divisions["Willow River"]
    fill(county, seat_of(call, willow), 3, key="phone-form-1")
    fill(county, seat_of(call, willow), 4, why="又找到一人", key="phone-form-2")
    assert fill(county, seat_of(call, willow), 3, key="phone-form-1") == []
    assert totals(call)["被困人数"] == 4


def test_late_is_late_by_the_true_times_after_a_night_without_the_server(county: County) -> None:
    add_leader(county)
    call = ask(county, TRAPPED)
    willow, bridge = county.divisions["Willow River"], county.divisions["Stone Bridge"]
    county.clock.advance(minutes=59)
    fill(county, seat_of(call, bridge), 1, who="Liu")
    county.clock.advance(hours=9)  # nothing ran
    tick(county)
    late = reload(seat_of(call, willow))
    assert (late.state, late.is_late) == ("late", True)
    assert reload(seat_of(call, bridge)).is_late is False
    assert Alarm.objects.get(subject=f"data_call:{call.pk}").state == "ringing"
    assert "已逾期" in texts_to("10000000089")[-1]  # the leader hears of it too
    fill(county, seat_of(call, willow), 2)
    filed = reload(seat_of(call, willow))
    assert (filed.state, filed.is_late, filed.remind_at) == ("filed", True, None)
    assert Alarm.objects.get(subject=f"data_call:{call.pk}").state == "cleared"
    assert verify().problems == []


def test_filed_late_before_anybody_marked_it_is_late_all_the_same(county: County) -> None:
    call = ask(county, TRAPPED)
    county.clock.advance(minutes=61)
    fill(county, seat_of(call, county.divisions["Willow River"]), 1)
    assert reload(seat_of(call, county.divisions["Willow River"])).is_late is True


def test_reminders_come_before_and_after_and_then_stop(county: County) -> None:
    add_leader(county)
    call = ask(county, TRAPPED, targets=(county.divisions["Willow River"].code,))
    for _ in range(150):
        county.clock.advance(minutes=1)
        tick(county, 1)
    seat = reload(seat_of(call, county.divisions["Willow River"]))
    assert (seat.chases, seat.remind_at) == (5, None)
    assert seat.escalated_at == call.opened_at + timedelta(minutes=70)
    assert len(texts_to("10000000006")) == 6
    assert len(texts_to("10000000089")) == 1


def test_a_call_repeats_for_thirty_hours(county: County) -> None:
    start = county.now
    call = ask(county, TRAPPED, repeat_every_hours=3, repeat_until=start + timedelta(hours=30))
    willow = county.divisions["Willow River"]
    for _ in range(36):
        seat = seat_of(call, willow)
        if seat.state == "asked" and seat.round != 4:
            fill(county, seat, seat.round)
        county.clock.advance(hours=1)
        tick(county)
    call.refresh_from_db()
    assert (call.round, call.next_round_at) == (11, None)
    states = dict(call.seats.filter(division=willow).values_list("round", "state"))
    assert states == {number: "missed" if number == 4 else "filed" for number in range(1, 12)}
    begins = list(call.seats.filter(division=willow).order_by("round").values_list("due_at", flat=True))
    assert begins == [start + timedelta(hours=1 + 3 * number) for number in range(11)]
    assert totals(call, 7) == {"被困人数": 7}
    assert verify().problems == []


def test_rounds_that_nobody_could_ask_make_nobody_late(county: County) -> None:
    start = county.now
    call = ask(county, TRAPPED, repeat_every_hours=3, repeat_until=start + timedelta(hours=30))
    county.clock.advance(hours=13, minutes=30)  # the server was down
    tick(county, 6)
    call.refresh_from_db()
    assert call.round == 1  # of those that were due at 4, 7, 10 and 13 hours nobody was told
    assert call.next_round_at == start + timedelta(hours=15)
    assert Entry.objects.filter(kind="data_call.rounds_skipped").count() == 1
    county.clock.advance(hours=1, minutes=50)  # twenty minutes late for the round of 15 hours
    tick(county)
    seat = seat_of(call, county.divisions["Willow River"])
    assert (seat.round, seat.state) == (2, "asked")
    assert (seat.asked_at, seat.due_at) == (county.now, start + timedelta(hours=16))


def test_ending_spares_who_was_not_due_and_keeps_who_was_late(county: County) -> None:
    call = ask(county, TRAPPED)
    county.clock.advance(minutes=5)
    services.end_call(
        DataCall.objects.select_related("division").get(pk=call.pk), by=county.actor("Chen"), at=county.now
    )
    assert {seat.state for seat in call.seats.all()} == {"released"}
    late = ask(county, TRAPPED)
    county.clock.advance(minutes=61)
    with pytest.raises(ReasonMissing):
        services.cancel_call(late, why=" ", by=county.actor("Chen"), at=county.now)
    services.end_call(late, by=county.actor("Chen"), at=county.now)
    assert {seat.state for seat in late.seats.all()} == {"missed"}
    with pytest.raises(CallOver):
        fill(county, seat_of(late, county.divisions["Willow River"]), 1)


def test_a_township_asks_its_villages_and_signs_their_sum(county: County) -> None:
    call = ask(county)
    willow = county.divisions["Willow River"]
    seat = seat_of(call, willow)
    villages = services.pass_on(seat, by=county.actor("Li"), at=county.now)
    assert sorted(one.division.name for one in villages) == ["上柳村", "下柳村"]
    assert texts_to("10000000008")
    assert services.pass_on(reload(seat), by=county.actor("Li"), at=county.now) == []
    fill(county, seat_of(call, county.divisions["Upper Willow"]), 2, 1, who="Zhao")
    fill(county, seat_of(call, county.divisions["Lower Willow"]), 1, 4, who="Zhou")
    assert totals(call) == {"被困人数": 0, "倒塌房屋": 0}  # nothing counts before the township's own sign-off
    board = queries.board(DataCall.objects.get(pk=call.pk))
    line = next(one for one in board.lines if one.seat.division_id == willow.code)
    assert (line.villages, line.villages_filed) == (2, 2)
    services.sign_villages(reload(seat), by=county.actor("Li"), at=county.now)
    assert totals(call) == {"被困人数": 3, "倒塌房屋": 5}
    fill(county, seat_of(call, county.divisions["Upper Willow"]), 1, 1, who="Zhao", why="一人已到家")
    assert totals(call)["被困人数"] == 3
    assert {one.name: total for one, total in queries.village_sums(reload(seat))} == {
        "被困人数": 2,
        "倒塌房屋": 5,
    }
    services.sign_villages(reload(seat), why="上柳村更正", by=county.actor("Li"), at=county.now)
    assert totals(call)["被困人数"] == 2
    assert verify().problems == []


def test_only_a_township_passes_on(county: County) -> None:
    water = add_department(county)
    call = ask(county, targets=(water.code,))
    with pytest.raises(NotATownship):
        services.pass_on(seat_of(call, water), by=county.actor("Yu"), at=county.now)
    with pytest.raises(NotATownship):
        services.sign_villages(seat_of(call, water), by=county.actor("Yu"), at=county.now)


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("三", TRAPPED), ("-1", TRAPPED), ("1.5", TRAPPED), ("NaN", TRAPPED), ("1e400", TRAPPED), ("Infinity", BURNT),
        ("9999999999999", TRAPPED), ("1.2345", BURNT), ("塌", ROAD), ("1,5", BURNT), ("x" * 5000, TRAPPED),
        ("字" * 201, FigureDetails("说明", "text")), ("101", FigureDetails("比例", "integer", maximum=Decimal(100))),
        ("=1+1", TRAPPED), ("\x00", TRAPPED),
    ],
)  # fmt: skip
def test_what_is_no_such_value_is_refused_and_nothing_is_stored(
    county: County, text: str, figure: FigureDetails
) -> None:
    call = ask(county, figure)
    before = Entry.objects.count()
    with pytest.raises(BadValue) as refused:
        fill(county, seat_of(call, county.divisions["Willow River"]), text)
    assert len(str(refused.value)) < 300
    assert (Filing.objects.count(), Entry.objects.count()) == (0, before)


@pytest.mark.parametrize(("text", "number"), [("１２", 12), (" 7 ", 7), ("0", 0), ("007", 7)])
def test_full_width_digits_are_digits(county: County, text: str, number: int) -> None:
    call = ask(county, TRAPPED)
    fill(county, seat_of(call, county.divisions["Willow River"]), text)
    assert totals(call)["被困人数"] == number


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"title": "  "}, "datacall.no_title"),
        ({"figures": ()}, NoFigures.code),
        ({"figures": tuple(FigureDetails(f"数{n}") for n in range(13))}, TooManyFigures.code),
        ({"figures": (uuid.UUID(int=5),)}, UnknownFigure.code),
        ({"targets": ()}, NoTargets.code),
        ({"targets": ("999901101201",)}, WrongTarget.code),
        ({"targets": ("999909999999",)}, WrongTarget.code),
        ({"due": timedelta(0)}, DueInThePast.code),
        ({"due": timedelta(days=61)}, BadRepeat.code),
        ({"repeat_every_hours": 1, "due": timedelta(hours=2)}, BadRepeat.code),
        ({"repeat_every_hours": 3}, BadRepeat.code),
        ({"repeat_every_hours": 500}, BadRepeat.code),
        ({"figures": (FigureDetails(" "),)}, BadDefinition.code),
        ({"figures": (FigureDetails("路", "choice", choices=("通",)),)}, BadDefinition.code),
        ({"figures": (FigureDetails("路", "blob"),)}, BadDefinition.code),
        ({"figures": (FigureDetails("数", minimum=Decimal(5), maximum=Decimal(1)),)}, BadDefinition.code),
    ],
)
def test_a_bad_call_is_refused_and_nothing_is_sent(
    county: County, fields: dict[str, Any], refusal: str
) -> None:
    due = fields.pop("due", None)
    given = dict(fields, due_at=county.now + due) if due is not None else fields
    figures = given.pop("figures", (TRAPPED,))
    before = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        ask(county, **{"figures": figures, **given})
    assert refused.value.code == refusal
    assert (DataCall.objects.count(), Delivery.objects.count()) == (0, 0)
    assert Entry.objects.count() == before
    assert "%(" not in str(refused.value)


def test_one_name_is_one_figure(county: County) -> None:
    by, at = county.actor("Chen"), county.now
    first = services.define_figure(TRAPPED, division=county.division, by=by, at=at)
    again = FigureDetails(" 被困人数 ", "integer", "人")
    assert services.define_figure(again, division=county.division, by=by, at=at) == first
    with pytest.raises(NameTaken):
        services.define_figure(
            FigureDetails("被困人数", "integer", "户"), division=county.division, by=by, at=at
        )
    services.retire_figure(first, by=by, at=at)
    assert FigureDefinition.objects.filter(retired_at=None).count() == 0
    with pytest.raises(UnknownFigure):
        ask(county, first.pk)


def test_an_empty_form_says_nothing(county: County) -> None:
    call = ask(county)
    with pytest.raises(NothingFiled):
        fill(county, seat_of(call, county.divisions["Willow River"]), "", " ")


def test_scores_count_by_place_and_papers_get_a_table(county: County) -> None:
    call = ask(county, TRAPPED)
    willow, bridge = county.divisions["Willow River"], county.divisions["Stone Bridge"]
    county.clock.advance(minutes=70)
    fill(county, seat_of(call, willow), 3)
    found = queries.scores(call.opened_at, county.now)
    assert (found[willow.code].late, found[willow.code].missing) == (1, 0)
    assert (found[bridge.code].late, found[bridge.code].missing) == (0, 1)
    table = queries.table_content(call)
    assert table.header == ("单位", "被困人数（人）", "状态")
    assert table.rows == (("柳河镇", "3", "已报"), ("石桥镇", "", "待报"))
    assert (table.sums, table.missing) == (("合计", "3", "1/2"), ("石桥镇",))


def test_today_asks_for_what_is_mine_and_what_is_late(county: County) -> None:
    call = ask(county, TRAPPED)
    assert [seat.call_id for seat in queries.waiting_for(county.actor("Li"), exercise_id=None)] == [call.pk]
    assert queries.waiting_for(county.actor("Chen"), exercise_id=None) == []
    assert queries.late_of(county.actor("Chen"), exercise_id=None) == []
    county.clock.advance(minutes=61)
    tick(county)
    assert len(queries.late_of(county.actor("Chen"), exercise_id=None)) == 2
    assert queries.late_of(county.actor("Li"), exercise_id=None) == []
