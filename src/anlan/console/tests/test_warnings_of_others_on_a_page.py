"""The desk's pages about warnings of others."""

from __future__ import annotations

from anlan.testing import County
from anlan.warning.models import FeedSource, HazardWarning, IncomingWarning, WarningSender
from anlan.warning.tests.strangers import TEXT, administrator, relayed, take

VAGUE = "云岭县气象台2026年7月1日07时55分发布暴雨橙色预警信号，我县北部有强降雨。"


def test_the_list_shows_what_needs_a_person_first(county: County) -> None:
    waits = take(county, VAGUE)
    county.clock.advance(minutes=5)
    take(county)
    page = county.client("Chen").get("/incoming/").content.decode()
    assert page.index(str(waits.pk)) < page.index("大雾")
    assert "影响区域" in page


def test_a_pasted_text_is_shown_with_marks_before_anything_is_kept(county: County) -> None:
    page = county.client("Chen").post("/incoming/paste/", {"text": VAGUE, "verb": "read", "source": "wechat"})
    body = page.content.decode()
    assert '<u class="not-read" title="not understood">我县北部</u>' in body
    assert ">暴雨</mark>" in body
    assert not IncomingWarning.objects.exists()


def test_one_key_makes_the_draft_of_whoever_pasted_it_and_he_cannot_sign(county: County) -> None:
    desk = county.client("Feng")
    desk.post(
        "/incoming/paste/", {"text": TEXT, "verb": "keep", "source": "fax", "from_whom": "县气象台传真"}
    )
    row = IncomingWarning.objects.select_related("draft", "message").get()
    assert row.draft is not None
    assert (row.message.source, row.draft.drafted_by_person_id) == ("fax", county.people["Feng"].pk)
    assert desk.post(f"/warnings/{row.draft.pk}/act/", {"verb": "sign_off"}).status_code == 403


def test_a_person_completes_the_area_on_the_record_page(county: County) -> None:
    row = take(county, VAGUE)
    fields = {"verb": "draft", "chosen": "1", "villages": [county.divisions["Stone Bridge"].code]}
    answer = county.client("Chen").post(f"/incoming/{row.pk}/act/", fields)
    draft = HazardWarning.objects.get(kind="relay")
    assert answer["Location"] == f"/warnings/{draft.pk}/"
    assert [one.division.name for one in draft.villages.all()] == ["北坡村"]


def test_a_draft_without_an_area_is_refused_with_the_reason(county: County) -> None:
    row = take(county, VAGUE)
    answer = county.client("Chen").post(f"/incoming/{row.pk}/act/", {"verb": "draft", "chosen": "1"})
    assert answer.status_code == 422
    assert "The warning concerns no village." in answer.content.decode()
    assert not HazardWarning.objects.exists()


def test_setting_aside_needs_a_reason(county: County) -> None:
    row = take(county, VAGUE)
    desk = county.client("Chen")
    assert desk.post(f"/incoming/{row.pk}/act/", {"verb": "ignore"}).status_code == 422
    assert desk.post(f"/incoming/{row.pk}/act/", {"verb": "ignore", "reason": "误发"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "ignored"


def test_the_record_page_shows_raw_text_sources_and_what_was_made(county: County) -> None:
    row = take(county)
    take(county, f"FW: {TEXT}", source="mail", source_name="warning@example.com")
    page = county.client("Chen").get(f"/incoming/{row.pk}/").content.decode()
    assert "warning@example.com" in page
    assert "云岭县气象台发布大雾黄色预警" in page


def test_markup_in_a_message_stays_text(county: County) -> None:
    row = take(county, "<b>云岭县气象台</b>")
    page = county.client("Chen").get(f"/incoming/{row.pk}/").content.decode()
    assert "<b>云岭" not in page


def test_the_report_is_handed_over_by_fax_and_confirmed(county: County) -> None:
    _row, report = relayed(county)
    desk = county.client("Chen")
    assert "云岭县气象台" in desk.get(f"/incoming/reports/{report.pk}/").content.decode()
    desk.post(
        f"/incoming/reports/{report.pk}/told/", {"way": "fax", "to": "县气象台", "confirmed_by": "杨工"}
    )
    report.refresh_from_db()
    assert (report.state, report.way, report.confirmed_by) == ("confirmed", "fax", "杨工")
    assert report.figures["villages"] == 1


def test_a_report_is_not_recorded_without_saying_to_whom(county: County) -> None:
    _row, report = relayed(county)
    answer = county.client("Chen").post(f"/incoming/reports/{report.pk}/told/", {"way": "fax", "to": " "})
    assert answer.status_code == 422
    report.refresh_from_db()
    assert report.state == "due"


def test_an_administrator_lists_senders_and_feeds_and_others_do_not(county: County) -> None:
    sender = {"verb": "sender", "kind": "sms", "value": "100 0000 0077", "name": "县气象台"}
    feed = {"verb": "feed", "name": "省级平台", "url": "https://192.0.2.1/feed", "every_s": "60"}
    for form in (sender, feed):
        assert county.client("Chen").post("/incoming/sources/", form).status_code == 403
        assert county.client("He").post("/incoming/sources/", form).status_code == 302
    assert WarningSender.objects.get().value == "10000000077"
    assert FeedSource.objects.get().next_poll_at == county.now
    assert "省级平台" in county.client("Chen").get("/incoming/sources/").content.decode()


def test_a_feed_of_this_machines_files_is_refused(county: County) -> None:
    form = {"verb": "feed", "name": "x", "url": "file:///etc/passwd", "every_s": "60"}
    assert county.client("He").post("/incoming/sources/", form).status_code == 422
    assert not FeedSource.objects.exists()


def test_a_new_token_is_shown_once_and_kept_as_its_digest(county: County) -> None:
    form = {"verb": "sender", "kind": "token", "name": "市级平台"}
    page = county.client("He").post("/incoming/sources/", form).content.decode()
    kept = WarningSender.objects.get().value
    assert len(kept) == 64
    assert kept not in page
    assert administrator(county).can("administer", county.division.path)
