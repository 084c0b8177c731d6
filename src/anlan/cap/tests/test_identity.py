"""Which of several messages stand, whatever the order in which they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.cap.identity import Novelty, content_digest, novelty, sort_out, standing
from anlan.cap.model import Alert
from anlan.cap.parse import read
from anlan.cap.tests.samples import GOOD, SENT, document, with_info


def message(name: str, minute: int, kind: str = "Alert", *about: Alert, sender: str = "s") -> Alert:
    return replace(
        with_info(expires=SENT + timedelta(hours=6)),
        identifier=name,
        sender=sender,
        sent=SENT + timedelta(minutes=minute),
        msg_type=kind,
        references=tuple(one.key for one in about),
    )


FIRST = message("1", 0)
SECOND = message("2", 10, "Update", FIRST)
THIRD = message("3", 20, "Update", FIRST)
CANCEL = message("4", 30, "Cancel", FIRST)
END = SENT + timedelta(minutes=40)


def in_force(*alerts: Alert, at: datetime = END) -> list[str]:
    return [alert.identifier for alert in standing(alerts, at).in_force]


@pytest.mark.parametrize(
    ("minute", "stands"), [(-1, []), (0, ["1"]), (10, ["2"]), (25, ["3"]), (30, []), (600, [])]
)
def test_a_chain_has_one_message_in_force_until_it_is_cancelled(minute: int, stands: list[str]) -> None:
    assert in_force(FIRST, SECOND, THIRD, CANCEL, at=SENT + timedelta(minutes=minute)) == stands


@given(st.permutations([FIRST, SECOND, THIRD, CANCEL]))
def test_the_order_of_arrival_does_not_matter(alerts: list[Alert]) -> None:
    assert in_force(*alerts) == []
    assert in_force(*(alert for alert in alerts if alert is not CANCEL)) == ["3"]


def test_a_cancel_that_arrives_before_what_it_cancels_still_ends_it() -> None:
    assert in_force(CANCEL) == []
    assert in_force(CANCEL, FIRST) == []


def test_nobody_else_can_cancel_a_message() -> None:
    forged = message("9", 30, "Cancel", FIRST, sender="other")
    assert in_force(FIRST, forged) == ["1"]


def test_what_ended_a_message_is_named_and_running_out_is_told_apart() -> None:
    result = standing([FIRST, SECOND], END)
    assert [(key[1], by and by[1]) for key, by in result.ended_by.items()] == [("1", "2")]
    assert list(standing([FIRST], SENT + timedelta(hours=7)).ended_by.values()) == [None]


def test_a_message_without_an_end_stands() -> None:
    assert in_force(replace(FIRST, infos=with_info(expires=None).infos), at=SENT + timedelta(days=900)) == [
        "1"
    ]


def test_the_same_message_from_two_feeds_is_taken_once_however_it_is_laid_out() -> None:
    in_utc = replace(GOOD, sent=GOOD.sent.astimezone(UTC))
    pretty = read(document().replace("><", ">\n  <").encode())
    assert content_digest(in_utc) == content_digest(GOOD) == content_digest(pretty)
    result = sort_out([GOOD, in_utc, pretty])
    assert (result.fresh, result.repeated, result.reused) == ((GOOD,), 2, ())


def test_an_identifier_used_again_with_other_content_is_told_and_not_taken() -> None:
    other = with_info(headline="别的内容")
    assert novelty(other, {(GOOD.sender, GOOD.identifier): content_digest(GOOD)}) is Novelty.REUSED
    result = sort_out([GOOD, other])
    assert result.fresh == (GOOD,)
    ((alert, why),) = result.reused
    assert alert is other
    assert GOOD.identifier in why.zh


def test_a_circle_of_updates_ends() -> None:
    one, two = message("1", 0, "Update", message("2", 5)), message("2", 5, "Update", message("1", 0))
    assert in_force(one, two) == []
