"""Each button of the warning, call-out and seat pages, pressed once through its form."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.dissemination.models import Callout, CalloutSeat
from anlan.testing import County
from anlan.warning.models import HazardWarning, PreAuthorisation

pytestmark = pytest.mark.django_db

VILLAGE = "999901101201"
FORM = {
    "hazard_type": "flash_flood",
    "level": "1",
    "stage": "evacuate_now",
    "body": "",
    "recommended_action": "",
}


def draft(county: County, **changes: object) -> HazardWarning:
    """Chen drafts by hand through the form."""
    answer = county.client("Chen").post(
        reverse("console:new_warning"), {**FORM, "villages": [VILLAGE], **changes}
    )
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    return HazardWarning.objects.order_by("-drafted_at", "-pk")[0]


def press(county: County, who: str, warning: HazardWarning, verb: str, reason: str = "") -> int:
    url = reverse("console:act_on_warning", args=[warning.pk])
    return county.client(who).post(url, {"verb": verb, "reason": reason}).status_code


def started(county: County) -> tuple[HazardWarning, CalloutSeat]:
    warning = draft(county)
    assert press(county, "Wang", warning, "sign_off") == 302
    warning.refresh_from_db()
    return warning, CalloutSeat.objects.get(callout_id=str(warning.callout_id))


def test_a_draft_by_hand_is_signed_by_a_second_person_and_calls_the_village(county: County) -> None:
    warning, seat = started(county)
    assert (warning.state, warning.level, seat.division_id) == ("issued", 1, VILLAGE)


def test_a_draft_is_returned_with_a_reason_and_another_withdrawn(county: County) -> None:
    returned, withdrawn = draft(county), draft(county, level="3", stage="")
    assert press(county, "Wang", returned, "return", "范围过大") == 302
    assert press(county, "Chen", withdrawn, "withdraw", "误报") == 302
    states = {row.pk: row.state for row in HazardWarning.objects.all()}
    assert (states[returned.pk], states[withdrawn.pk]) == ("returned", "withdrawn")


def test_an_update_is_drafted_from_the_page_and_replaces_the_old_one_when_signed(county: County) -> None:
    warning, _seat = started(county)
    assert press(county, "Chen", warning, "update") == 302
    url = reverse("console:update_warning", args=[warning.pk])
    chen = county.client("Chen")
    assert chen.get(url).status_code == 200
    villages = [VILLAGE, "999901101202"]
    answer = chen.post(url, {**FORM, "villages": villages})
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    newer = HazardWarning.objects.get(replaces=warning)
    assert press(county, "Wang", newer, "sign_off") == 302
    warning.refresh_from_db()
    assert warning.state == "replaced"


def test_lifting_gives_the_all_clear_and_closes_the_call_out(county: County) -> None:
    warning, seat = started(county)
    assert press(county, "Wang", warning, "lift", "雨停水退") == 302
    warning.refresh_from_db()
    seat.refresh_from_db()
    assert (warning.state, seat.state) == ("lifted", "released")
    assert Callout.objects.get(pk=str(warning.callout_id)).state == "closed"


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ({"verb": "answered", "text": "对讲机答复"}, "answered"),
        ({"verb": "acting", "text": "对讲机答复"}, "acting"),
        ({"verb": "done", "text": "对讲机答复", "households": "3", "people": "11"}, "done"),
        ({"verb": "lost", "text": "02:10 最后通话"}, "lost_contact"),
        ({"verb": "resolve", "text": "已派人到村"}, "resolved"),
        ({"verb": "note", "text": "路断"}, "waiting"),
        ({"verb": "call", "channel": "voice"}, "waiting"),
    ],
)
def test_every_verb_for_a_village(county: County, form: dict[str, str], state: str) -> None:
    _warning, seat = started(county)
    before = seat.deliveries.count()
    if form["verb"] == "call":
        form = {**form, "person": str(county.people["Zhao"].pk)}
    answer = county.client("Chen").post(reverse("console:act_on_seat", args=[seat.pk]), form)
    assert answer.status_code == 302
    seat.refresh_from_db()
    assert seat.state == state
    assert county.client("Chen").get(reverse("console:seat", args=[seat.pk])).status_code == 200
    if form["verb"] == "call":
        assert seat.deliveries.count() == before + 1


def test_a_call_out_with_a_silent_village_closes_only_for_a_reason(county: County) -> None:
    warning, _seat = started(county)
    url = reverse("console:close_callout", args=[warning.callout_id])
    assert county.client("Chen").post(url, {"reason": ""}).status_code == 409
    assert county.client("Chen").post(url, {"reason": "乡镇已到村"}).status_code == 302
    assert Callout.objects.get(pk=str(warning.callout_id)).state == "closed"


def test_a_pre_authorisation_is_signed_and_revoked_on_its_page(county: County) -> None:
    wang = county.client("Wang")
    fields = {"name": "汛期山洪", "hazard_type": "flash_flood", "mildest_level": "2", "worst_level": "1"}
    url = reverse("console:pre_authorisations")
    answer = wang.post(url, {**fields, "division": "999901000000", "days": "30"})
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    permission = PreAuthorisation.objects.get()
    assert wang.post(reverse("console:revoke_pre_authorisation", args=[permission.pk])).status_code == 302
    permission.refresh_from_db()
    assert permission.revoked_at is not None
