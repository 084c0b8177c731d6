"""Reviews on the desk: opened from the closed record, read, worded, finished; lessons with owner and day; two side by side."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.dispatch.tests.order_scenes import flood, order
from anlan.incidents.models import Incident
from anlan.papers.models import Paper
from anlan.review import services
from anlan.review.models import Lesson, Review
from anlan.review.tests import reviewscenes as scenes
from anlan.testing import County

pytestmark = pytest.mark.django_db


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content.decode()[:600]
    return answer.content.decode()


def act(county: County, review: Review, who: str = "Wang", **form: str) -> int:
    return county.client(who).post(f"/reviews/{review.pk}/act/", form).status_code


def over(county: County) -> Incident:
    return scenes.closed(county, scenes.played(county))


def opened(county: County) -> Review:
    row = over(county)
    county.client("Wang").post(f"/incidents/{row.pk}/review/")
    return Review.objects.get()


def test_the_record_of_a_closed_incident_leads_to_its_review_and_twice_is_the_same(county: County) -> None:
    row = over(county)
    wang = county.client("Wang")
    assert f"/incidents/{row.pk}/review/" in text(wang, f"/incidents/{row.pk}/")
    assert f"/incidents/{row.pk}/review/" not in text(county.client("Chen"), f"/incidents/{row.pk}/")
    first = wang.post(f"/incidents/{row.pk}/review/")["Location"]
    assert wang.post(f"/incidents/{row.pk}/review/")["Location"] == first
    page = text(wang, first)
    assert all(word in page for word in ("石桥镇", "封控漫水桥", "set by 王建国", "Every"[:1]))
    assert page.index("Broken limits") < page.index("By department and township") < page.index("All steps")


def test_an_incident_that_goes_on_shows_no_key_to_review_it(county: County) -> None:
    row = flood(county)
    assert f"/incidents/{row.pk}/review/" not in text(county.client("Wang"), f"/incidents/{row.pk}/")


def test_a_suggestion_is_accepted_in_other_words_or_dropped_and_does_not_come_back(county: County) -> None:
    review = opened(county)
    page = text(county.client("Wang"), f"/reviews/{review.pk}/")
    assert 'value="late:order.finished"' in page
    assert act(county, review, verb="accept", code="late:order.finished", words="转移组织慢") == 302
    assert act(county, review, verb="set_aside", code="late:team.arrived") == 302
    page = text(county.client("Wang"), f"/reviews/{review.pk}/")
    assert "转移组织慢" in page
    assert 'value="late:order.finished"' not in page
    assert 'value="late:team.arrived"' not in page
    assert act(county, review, verb="accept", code="late:team.arrived") == 409


def test_a_lesson_gets_an_owner_and_a_day_and_names_the_plan_that_has_to_be_revised(county: County) -> None:
    from anlan.response.tests.scenes import a_plan

    review, plan = opened(county), a_plan(county)
    willow = county.divisions["Willow River"].pk
    form = {"owner": willow, "due_on": "2026-07-20", "words": "明确转移责任", "plan": str(plan.pk), "owner_words": "李镇长"}  # fmt: skip
    assert act(county, review, verb="add_lesson", **form) == 302
    lesson = Lesson.objects.get()
    assert (lesson.words, lesson.plan) == ("明确转移责任", plan)
    li = county.client("Li")
    assert "明确转移责任" in text(li, "/reviews/lessons/")
    # The review is still being written, so the owner reads the lesson and not the review.
    assert review.title not in text(li, f"/reviews/lessons/{lesson.pk}/")
    assert li.post(f"/reviews/lessons/{lesson.pk}/", {"verb": "drop", "words": "不"}).status_code == 403
    assert li.post(f"/reviews/lessons/{lesson.pk}/", {"verb": "mended", "words": "已修订"}).status_code == 302
    lesson.refresh_from_db()
    assert (lesson.state, lesson.done_words) == ("done", "已修订")


def test_a_lesson_without_an_owner_or_words_is_refused_and_what_was_typed_stays(county: County) -> None:
    review = opened(county)
    answer = county.client("Wang").post(
        f"/reviews/{review.pk}/act/", {"verb": "add_lesson", "words": "补发电台", "owner": ""}
    )
    assert (answer.status_code, Lesson.objects.count()) == (409, 0)
    assert "补发电台" in answer.content.decode()


def test_a_finished_review_is_read_by_those_who_see_the_incident_and_changed_by_nobody(
    county: County,
) -> None:
    review = opened(county)
    li = county.client("Li")
    assert li.get(f"/reviews/{review.pk}/").status_code == 404
    assert act(county, review, verb="summary", summary="总体有序，转移偏慢。") == 302
    assert act(county, review, verb="finish") == 302
    assert "总体有序" in text(li, f"/reviews/{review.pk}/")
    assert act(county, review, "Li", verb="reopen") == 403
    assert act(county, review, verb="add_finding", kind="gap", words="电台盲区") == 409
    assert county.client("Liu").get(f"/reviews/{review.pk}/").status_code == 404
    assert act(county, review, verb="reopen") == 302


def test_nobody_reads_the_review_of_a_restricted_incident_who_may_not_read_the_incident(
    county: County,
) -> None:
    review = opened(county)
    act(county, review, verb="finish")
    services.add_lesson(review, county.divisions["Willow River"], "补发电台", None, by=county.actor("Wang"), at=county.now)  # fmt: skip
    Incident.objects.update(is_restricted=True)
    li = county.client("Li")
    assert li.get(f"/reviews/{review.pk}/").status_code == 404
    assert review.title not in text(li, "/reviews/")
    assert "补发电台" not in text(li, "/reviews/lessons/")
    assert li.get(f"/reviews/lessons/{Lesson.objects.get().pk}/").status_code == 404
    assert li.get(f"/reviews/compare/?a={review.pk}&b={review.pk}").status_code == 404
    assert county.client("Chen").get(f"/reviews/{review.pk}/").status_code == 200


def test_the_list_is_narrowed_by_state_hazard_year_and_open_lessons(county: County) -> None:
    review = opened(county)
    wang = county.client("Wang")
    for asked, is_there in (
        ("state=draft", True), ("state=final", False), ("type=flash_flood", True), ("type=forest_fire", False),
        ("year=2026", True), ("year=2025", False), ("lessons=open", False),
    ):  # fmt: skip
        assert (review.title in text(wang, f"/reviews/?{asked}")) is is_there, asked
    services.add_lesson(review, county.division, "补发电台", None, by=county.actor("Wang"), at=county.now)
    services.add_lesson(review, county.division, "再补", None, by=county.actor("Wang"), at=county.now)
    assert text(wang, "/reviews/?lessons=open").count(f"/reviews/{review.pk}/") == 1


def test_a_held_drill_is_reviewed_from_its_page_and_two_runs_are_compared(county: County) -> None:
    wang = county.client("Wang")
    keys = []
    for wait in (4, 15):
        drill, _row = scenes.drilled(county, wait)
        assert f"/drills/{drill.pk}/review/" in text(wang, f"/drills/{drill.pk}/")
        assert wang.post(f"/drills/{drill.pk}/review/").status_code == 302
        keys.append(str(Review.objects.get(drill=drill).pk))
    page = text(wang, f"/reviews/compare/?a={keys[0]}&b={keys[1]}")
    assert "slower" in page
    assert "+11" in page
    assert "Choose two reviews" in text(wang, "/reviews/compare/")


def test_what_a_drill_owes_waits_on_the_first_page_of_its_owner(county: County) -> None:
    drill, _row = scenes.drilled(county, 4)
    review = scenes.drill_reviewed(county, drill)
    services.add_lesson(
        review, county.divisions["Willow River"], "补发电台", county.now.date(), by=county.actor("Wang"), at=county.now
    )  # fmt: skip
    assert "补发电台" in text(county.client("Li"), "/")
    assert "补发电台" not in text(county.client("Liu"), "/")


def test_the_report_is_made_with_one_key_as_a_draft_for_the_leader_with_its_limits(county: County) -> None:
    review = opened(county)
    act(county, review, verb="accept", code="late:order.finished", words="转移组织慢")
    act(county, review, verb="summary", summary="总体有序。")
    answer = county.client("Wang").post(f"/papers/of/review/review/{review.pk}/")
    assert answer.status_code == 302
    paper = Paper.objects.get()
    assert (paper.kind, paper.state, paper.incident_id) == ("review", "draft", review.incident_id)
    page = text(county.client("Wang", language="zh-hans"), answer["Location"])
    assert all(
        word in page for word in ("突发事件总结评估报告", "封控漫水桥", "转移组织慢", "总体有序", "石桥镇")
    )
    said = county.client("Wang").get(f"/papers/at/{paper.pk}/file.txt").content.decode()
    assert "复盘尚未定稿" in said
    word = county.client("Wang").get(f"/papers/at/{paper.pk}/file.docx")
    assert (word.status_code, word.content[:2]) == (200, b"PK")


def test_every_step_leads_to_its_minute_of_the_replay_where_there_is_one(county: County) -> None:
    from anlan.console.mine import url_of

    review = opened(county)
    page = text(county.client("Wang"), f"/reviews/{review.pk}/")
    replay = url_of("console:replay", review.incident_id)
    assert bool(replay) == (f"{replay}?at=" in page if replay else False)


def test_lists_and_pages_ask_as_often_with_many_rows(county: County) -> None:
    def asked(url: str) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            text(county.client("Wang"), url)
        return len(found)

    def more(rounds: int) -> Review:
        for _n in range(rounds):
            row = flood(county)
            order(county, row)
            review = scenes.reviewed(county, row)
            services.add_lesson(review, county.division, "补发电台", None, by=county.actor("Wang"), at=county.now)  # fmt: skip
        return review

    one = more(1)
    few = {url: asked(url) for url in ("/reviews/", "/reviews/lessons/")}
    page = asked(f"/reviews/{one.pk}/")
    more(6)
    for _n in range(6):
        services.add_lesson(one, county.division, "再补", None, by=county.actor("Wang"), at=county.now)
        services.add_finding(one, "gap", "盲区", by=county.actor("Wang"), by_name="王", at=county.now)
    assert {url: asked(url) for url in few} == few
    assert asked(f"/reviews/{one.pk}/") == page


def test_the_pages_speak_chinese(county: County) -> None:
    review = opened(county)
    said: dict[str, Any] = {"by": county.actor("Wang"), "at": county.now}
    lesson = services.add_lesson(review, county.division, "补发电台", county.now.date(), **said)
    services.add_finding(review, "gap", "盲区", by_name="王", **said)
    wang = county.client("Wang", language="zh-hans")
    pages = ("/reviews/", f"/reviews/{review.pk}/", "/reviews/lessons/", f"/reviews/lessons/{lesson.pk}/", f"/reviews/compare/?a={review.pk}&b={review.pk}")  # fmt: skip
    for url in pages:
        body = text(wang, url)
        body = body[body.index("<main") : body.index("</main>")]
        seen = re.sub(r"<script.*?</script>|<svg.*?</svg>|<[^>]*>", " ", body, flags=re.DOTALL)
        assert not re.findall(r"\b[A-Za-z]{3,}\b", seen), url


def test_the_room_of_a_closed_incident_leads_to_its_review(county: County) -> None:
    row = over(county)
    wang, chen = county.client("Wang"), county.client("Chen")
    assert f"/incidents/{row.pk}/review/" in text(wang, f"/incidents/{row.pk}/room/")
    assert 'method="post" action="/incidents/' in text(wang, f"/incidents/{row.pk}/review/")
    assert "There is no review of it" in text(chen, f"/incidents/{row.pk}/review/")
    assert chen.post(f"/incidents/{row.pk}/review/").status_code == 403
    review = scenes.reviewed(county, row)
    assert wang.get(f"/incidents/{row.pk}/review/")["Location"] == f"/reviews/{review.pk}/"
