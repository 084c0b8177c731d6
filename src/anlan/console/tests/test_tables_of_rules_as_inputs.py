"""Every shipped rule's table goes into inputs and comes back the same; what was typed wrongly is named."""

from __future__ import annotations

import pytest

from anlan.console import ruletables
from anlan.console.ruletables import BadEntry, blocks, plain_table, read
from anlan.ruleset import load_packs


def posted(evaluator: str, table: dict[str, object]) -> dict[str, str]:
    """What a browser sends of the untouched form: every input, blank ones too, but no unticked box."""
    return {
        one.name: one.value
        for block in blocks(evaluator, table)
        for line in block.lines
        for one in line.inputs
        if one.kind != "check" or one.value
    }


@pytest.mark.parametrize("rule_id", sorted(load_packs()))
def test_an_untouched_form_gives_back_the_table(rule_id: str) -> None:
    pack = load_packs()[rule_id]
    form = posted(pack.evaluator, plain_table(pack.table))
    assert read(pack.evaluator, form) == pack.table


def test_a_new_window_and_its_thresholds_can_be_typed_beside_the_others() -> None:
    pack = load_packs()["R12"]
    form = posted(pack.evaluator, plain_table(pack.table))
    form |= {"windows_min.4": "30", "rise.1.4": "55.5"}
    table = read(pack.evaluator, form)
    assert table.windows_min == [60, 180, 360, 1440, 30]  # type: ignore[attr-defined]  # a rain table
    assert table.rise["1"][4] == 55.5  # type: ignore[attr-defined]  # a rain table
    assert table.rise["4"][4] is None  # type: ignore[attr-defined]  # a rain table


def test_rows_of_a_calendar_and_members_of_a_condition_can_be_added() -> None:
    form = {"quantity": "stage", "unit": "m", "stages.0.first": "05-01", "stages.0.last": "09-30", "stages.0.limit_m": "148", "stages.1.first": "", "design_m": ""}  # fmt: skip
    table = read("calendar", form)
    assert plain_table(table)["stages"] == [{"first": "05-01", "last": "09-30", "limit_m": 148.0}]
    form = {"mode": "all", "needed": "", "members.0.station": "A1", "members.0.at_least": "3", "members.1.at_least": "4"}  # fmt: skip
    assert len(plain_table(read("combined", form))["members"]) == 1


def test_a_range_of_a_station_is_typed_by_quantity() -> None:
    table = read(
        "settings", {"silent_after_s": "7200", "ranges.+key": "stage", "ranges.+.0": "1", "ranges.+.1": "30"}
    )
    assert plain_table(table)["ranges"] == {"stage": [1.0, 30.0]}
    form = posted("settings", plain_table(table))
    assert read("settings", form) == table


def test_quality_control_of_a_quantity_is_typed_in_its_row() -> None:
    form = {"quality.+.max_rate_per_h": "2.5", "quality.+key": "stage", "quality.+.neighbours": "A1 B2"}
    table = read("settings", form)
    assert plain_table(table)["quality"]["stage"]["max_rate_per_h"] == 2.5
    assert read("settings", posted("settings", plain_table(table))) == table


def test_what_is_no_number_is_named_with_its_place() -> None:
    form = {"quantity": "rain_5min", "unit": "mm", "windows_min.0": "60", "rise.1.0": "viel"}
    with pytest.raises(BadEntry, match="viel"):
        read("rolling_rain", form)


def test_every_field_of_every_table_has_a_word_for_people() -> None:
    for pack in load_packs().values():
        for block in blocks(pack.evaluator, plain_table(pack.table)):
            for head in (block.label, *block.heads):
                assert "_" not in head, (pack.rule_id, head)
    assert ruletables.word("windows_min") != "windows_min"
