"""The warning editor: everything by form, live counts, checks, texts and issuing rights on their pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from anlan.console.worddiff import word_diff
from anlan.testing import County
from anlan.warning.models import ActionText, HazardWarning, IssuingRight, SavedArea

pytestmark = pytest.mark.django_db

UPPER, LOWER = "999901101201", "999901101202"
FORM = {"hazard_type": "flash_flood", "level": "1"}
RING = [[102.91, 27.403], [102.93, 27.403], [102.93, 27.42], [102.91, 27.403]]
RING_TEXT = ";".join(f"{lon} {lat}" for lon, lat in RING)


def send(county: County, who: str = "Chen", verb: str = "submit", **fields: Any) -> Any:
    return county.client(who).post(reverse("console:new_warning"), {**FORM, "verb": verb, **fields})


def count(county: County, who: str = "Chen", **question: Any) -> Any:
    body = json.dumps(question)
    return county.client(who).post(reverse("console:count_area"), body, content_type="application/json")


def test_an_area_by_pasted_points_a_circle_or_a_saved_one_makes_a_draft_without_scripts(
    county: County,
) -> None:
    assert send(county, geometry=RING_TEXT).status_code == 302
    assert send(county, circle_lon="102.92", circle_lat="27.41", circle_km="0.5").status_code == 302
    assert send(county, verb="save_area", geometry=RING_TEXT, area_name="上柳沟口").status_code == 200
    saved = SavedArea.objects.get()
    assert send(county, saved=str(saved.pk)).status_code == 302
    assert send(county, divisions=["999901101000"]).status_code == 302
    drafts = list(HazardWarning.objects.order_by("drafted_at", "id"))
    assert [draft.area_source.split(":")[0] for draft in drafts] == ["drawn", "circle", "saved", "divisions"]
    assert {tuple(draft.villages.values_list("division_id", flat=True)) for draft in drafts[:3]} == {(UPPER,)}
    assert set(drafts[3].villages.values_list("division_id", flat=True)) == {UPPER, LOWER}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Draw an area"),
        ({"geometry": "27.403 102.91;27.403 102.93;27.42 102.93;27.403 102.91"}, "look swapped"),
        ({"geometry": "102.91 27.403;102.93 27.403;102.93 27.42"}, "does not end where it begins"),
        ({"circle_lon": "102.9"}, "longitude, latitude and radius"),
        ({"villages": [UPPER], "level": "1", "stage": "prepare"}, "prepare to evacuate with orange"),
        ({"villages": [UPPER], "hazard_type": "11B03"}, "names the authority"),
        ({"villages": [UPPER], "body": "山洪红色预警"}, "must not call itself"),
    ],
)
def test_what_cannot_be_sent_is_refused_on_the_page(
    county: County, fields: dict[str, Any], words: str
) -> None:
    answer = send(county, **fields)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not HazardWarning.objects.exists()


def test_the_check_button_shows_audience_text_and_findings_and_stores_nothing(county: County) -> None:
    page = send(county, verb="check", villages=[UPPER]).content.decode()
    assert "上柳村山洪灾害叫应" in page
    assert "Own call-out" in page
    assert not HazardWarning.objects.exists()
    fragment = county.client("Chen").post(reverse("console:check_warning"), {**FORM, "villages": [UPPER]})
    assert "SMS segments" in fragment.content.decode()


def test_a_relay_is_made_on_the_same_page_with_its_issuer(county: County) -> None:
    assert send(county, hazard_type="11B03", source_issuer="省气象台", villages=[UPPER]).status_code == 302
    draft = HazardWarning.objects.get()
    assert (draft.kind, draft.issuer, draft.relayed_by) == ("relay", "省气象台", "云岭县应急管理局")


def test_texts_in_other_languages_and_plain_words_are_kept_with_the_draft(county: County) -> None:
    send(
        county, villages=[UPPER], plain_text="请离开。", en_body="Leave now.", other_language="ii", other_body="ꀕ",
    )  # fmt: skip
    rows = HazardWarning.objects.get().texts.values_list("language", "audience", "body").order_by("language")
    assert list(rows) == [("en", "post", "Leave now."), ("ii", "post", "ꀕ"), ("zh", "public", "请离开。")]


def test_counts_come_as_json_and_mistakes_as_one_sentence(county: County) -> None:
    geometry = {"type": "Polygon", "coordinates": [RING]}
    found = count(county, geometry=geometry, hour=10).json()
    assert (found["villages"], found["people"], found["village_codes"]) == (1, 400, [UPPER])
    assert count(county, codes=[UPPER, LOWER]).json()["villages"] == 2
    assert count(county, circle={"lon": 102.92, "lat": 27.41, "km": 1}).json()["villages"] == 1
    swapped = {"type": "Polygon", "coordinates": [[[lat, lon] for lon, lat in RING]]}
    for question, code in (
        ({"geometry": swapped}, "coordinates.swapped"),
        ({"geometry": {"type": "Polygon", "coordinates": [RING[:-1]]}}, "zone.not_closed"),
        ({"shape": 1}, "warning.bad_area"),
    ):
        answer = count(county, **question)
        assert (answer.status_code, answer.json()["refused"]["code"]) == (422, code)
    assert count(county, saved="nothing").status_code == 404
    assert count(county, "Li", codes=[UPPER]).status_code == 403
    huge = county.client("Chen").post(
        reverse("console:count_area"), "x" * 1_100_000, content_type="application/json"
    )
    assert huge.status_code in (400, 413, 422)


def test_readers_see_the_former_text_struck_out_and_what_changed(county: County) -> None:
    send(county, villages=[UPPER], body="请立即转移到小学。")
    first = HazardWarning.objects.get()
    wang, chen = county.client("Wang"), county.client("Chen")
    act = reverse("console:act_on_warning", args=[first.pk])
    assert wang.post(act, {"verb": "sign_off"}).status_code == 302
    url = reverse("console:update_warning", args=[first.pk])
    assert chen.post(url, {**FORM, "villages": [UPPER], "body": "请立即转移到中学。"}).status_code == 302
    newer = HazardWarning.objects.get(replaces=first)
    page = chen.get(reverse("console:warning", args=[newer.pk])).content.decode()
    assert "<del>小</del><ins>中</ins>" in page
    assert "<s>请立即转移到小学。</s>" in page


def test_a_mistake_is_cancelled_with_its_button(county: County) -> None:
    send(county, villages=[UPPER])
    row = HazardWarning.objects.get()
    act = reverse("console:act_on_warning", args=[row.pk])
    county.client("Wang").post(act, {"verb": "sign_off"})
    assert county.client("Wang").post(act, {"verb": "mistake", "reason": "选错村"}).status_code == 302
    row.refresh_from_db()
    assert row.was_mistake
    assert (
        "issued by mistake"
        in county.client("Chen").get(reverse("console:warning", args=[row.pk])).content.decode()
    )


def test_a_text_is_proposed_by_one_and_approved_by_another_on_the_page(county: County) -> None:
    url = reverse("console:texts")
    form = {"hazard_type": "flash_flood", "level": "1", "audience": "post", "language": "zh", "form": "plain"}
    assert (
        county.client("Chen").post(url, {**form, "text": "请马上走。", "source": "县里"}).status_code == 302
    )
    row = ActionText.objects.get()
    act = reverse("console:act_on_text", args=[row.pk])
    assert county.client("Chen").post(act, {"verb": "approve"}).status_code == 403
    assert county.client("Wang").post(act, {"verb": "approve"}).status_code == 302
    assert "请马上走。" in county.client("Chen").get(url).content.decode()
    assert county.client("Chen").post(url, {**form, "text": "{x}", "source": "县里"}).status_code == 200


def test_an_issuing_right_is_corrected_by_two_people_on_the_page(county: County) -> None:
    url = reverse("console:issuing_rights")
    form = {"hazard": "11B03", "level": "3", "tier": "county", "source": "省里新规定"}
    assert county.client("Feng").post(url, form).status_code == 302
    row = IssuingRight.objects.get()
    act = reverse("console:act_on_issuing_right", args=[row.pk])
    assert county.client("Feng").post(act, {"verb": "approve"}).status_code == 403
    assert county.client("Wang").post(act, {"verb": "approve"}).status_code == 302
    assert "省里新规定" in county.client("Chen").get(url).content.decode()


def test_what_changed_can_be_read_both_ways() -> None:
    runs = word_diff("1小时82.5毫米，转移。", "3小时120毫米，立即转移。")
    assert "".join(run.text for run in runs if run.kind != "new") == "1小时82.5毫米，转移。"
    assert "".join(run.text for run in runs if run.kind != "gone") == "3小时120毫米，立即转移。"
