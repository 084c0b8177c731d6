"""A warning in force goes to the outlets of its villages by a table; its all-clear to exactly those."""

from __future__ import annotations

import pytest

from anlan.dissemination.models import Broadcast, Delivery, Outlet
from anlan.dissemination.services.outlets import OutletDetails, define_outlet
from anlan.warning.models import HazardWarning
from anlan.warning.services import lift_warning, sign_off, update_warning
from anlan.warning.services.publishing import channels_for, publish, table, unpublish
from anlan.warning.tests.storm import ORANGE, RED, YELLOW, Storm


def outlet(storm: Storm, channel: str, place: str = "Upper Willow") -> Outlet:
    details = OutletDetails(channel, channel, storm.county.divisions[place], f"{channel}-{place}")
    return define_outlet(details, by=storm.county.actor("He"), at=storm.now)


def in_force(storm: Storm, level: int = ORANGE) -> HazardWarning:
    return sign_off(storm.drafted_by_chen(level), by=storm.county.actor("Feng"), at=storm.now)


def hand_over(storm: Storm) -> None:
    for delivery in Delivery.objects.filter(state="queued", broadcast__isnull=False):
        delivery.advance("handing", by=storm.county.by, at=storm.now)
        delivery.advance("sent", by=storm.county.by, at=storm.now, handed_at=storm.now)


def channels_of(row: Broadcast) -> set[str]:
    return set(Delivery.objects.filter(broadcast=row).values_list("channel", flat=True))


def test_the_outlets_of_the_villages_get_the_text_with_its_issuer_once(storm: Storm) -> None:
    outlet(storm, "loudspeaker")
    outlet(storm, "siren")
    outlet(storm, "loudspeaker", "North Slope")
    warning = in_force(storm)
    row = publish(warning, at=storm.now)
    assert row is not None
    assert (row.text, row.issuer, row.subject) == (
        warning.body,
        warning.relayed_by or warning.issuer,
        f"warning:{warning.pk}",
    )
    assert Delivery.objects.filter(broadcast=row).count() == 1
    assert publish(warning, at=storm.now) is None


def test_nothing_is_said_where_no_outlet_stands(storm: Storm) -> None:
    assert publish(in_force(storm), at=storm.now) is None


def test_an_update_speaks_to_those_who_had_the_old_text_even_where_the_new_level_would_not(
    storm: Storm,
) -> None:
    outlet(storm, "loudspeaker")
    outlet(storm, "siren")
    old = in_force(storm, RED)
    first = publish(old, at=storm.now)
    assert first is not None
    assert channels_of(first) == {"loudspeaker", "siren"}
    hand_over(storm)
    draft = update_warning(old, level=YELLOW, by=storm.county.actor("Chen"), at=storm.now)
    new = sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)
    old.refresh_from_db()
    unpublish(old, at=storm.now)
    second = publish(new, at=storm.now)
    first.refresh_from_db()
    assert second is not None
    assert (second.replaces_id, first.end_reason) == (first.pk, "replaced")
    assert channels_of(second) == {"loudspeaker", "siren"}


def test_lifting_gives_the_all_clear_to_exactly_those_outlets(storm: Storm) -> None:
    had = outlet(storm, "loudspeaker")
    warning = in_force(storm)
    publish(warning, at=storm.now)
    hand_over(storm)
    outlet(storm, "display")
    lift_warning(warning, reason="雨停，水位回落", by=storm.county.actor("Feng"), at=storm.now)
    unpublish(warning, at=storm.now)
    clear = Broadcast.objects.get(is_all_clear=True)
    assert list(Delivery.objects.filter(broadcast=clear).values_list("outlet", flat=True)) == [had.pk]
    unpublish(warning, at=storm.now)
    assert Broadcast.objects.filter(is_all_clear=True).count() == 1


def test_the_table_is_an_assumption_and_says_so() -> None:
    assert table().is_assumption
    assert "siren" in channels_for(hazard_type="flash_flood", kind="callout", level=1)
    assert channels_for(hazard_type="flash_flood", kind="callout", level=4) == ("wecom", "dingtalk", "feishu")


@pytest.mark.parametrize("state", ["draft", "lifted"])
def test_what_is_not_in_force_is_not_published(storm: Storm, state: str) -> None:
    outlet(storm, "loudspeaker")
    warning = in_force(storm)
    HazardWarning.objects.filter(pk=warning.pk).update(state=state)
    warning.refresh_from_db()
    assert publish(warning, at=storm.now) is None
