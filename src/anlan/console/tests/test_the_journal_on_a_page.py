"""The journal's page: sealed entries, filters, failed work."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.html import escape

from anlan.console.tests import scenes
from anlan.console.views import journal as view
from anlan.directory import services
from anlan.journal.deadlines import note_failure
from anlan.journal.models import Announcement, ChainHead, Entry
from anlan.journal.sealer import seal_everything
from anlan.journal.services import note
from anlan.kernel.actor import Actor
from anlan.testing import County


def page(county: County, query: str = "", *, name: str = "Chen") -> str:
    answer = county.client(name).get(reverse("console:journal") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def say(county: County, text: str, *, place: str = "Yunling", by: Actor | None = None) -> Entry:
    return note(
        kind="log.noted",
        subject=("log", "1"),
        payload={"text": text},
        by=by or county.by,
        at=county.now,
        path=county.divisions[place].path,
    )


def test_only_sealed_entries_are_shown_and_the_rest_is_counted(county: County) -> None:
    say(county, "sealed words")
    seal_everything()
    say(county, "later words")
    text = page(county)
    assert "sealed words" in text
    assert "later words" not in text
    assert "1 entry not sealed yet" in text
    assert ChainHead.objects.get().hash in text


def test_entries_are_filtered_by_kind_subject_person_and_time(county: County) -> None:
    li = county.actor("Li")
    say(county, "first words", by=li)
    county.clock.advance(hours=2)
    say(county, "second words")
    seal_everything()
    for query, first, second in (
        ("?kind=log.noted", True, True),
        ("?kind=callout", False, False),
        ("?subject=log:1", True, True),
        ("?subject=log:2", False, False),
        ("?person=%E6%9D%8E%E6%A2%85", True, False),
        ("?from=2026-07-01T09:00&kind=log", False, True),
        ("?to=2026-07-01T09:00&kind=log", True, False),
    ):
        text = page(county, query)
        assert ("first words" in text, "second words" in text) == (first, second), query


def test_older_entries_follow_on_the_next_page_without_gap_or_repeat(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "PAGE_ROWS", 3)
    for number in range(5):
        say(county, f"words-{number}.")
    seal_everything()
    first = page(county, "?kind=log")
    before = Entry.objects.order_by("-seq")[2].seq
    second = page(county, f"?kind=log&before={before}")
    assert [f"words-{n}." in first for n in range(5)] == [False, False, True, True, True]
    assert [f"words-{n}." in second for n in range(5)] == [True, True, False, False, False]
    assert escape(f"?kind=log&before={before}") in first


def test_an_entry_of_the_whole_node_is_seen_at_the_top_only(county: County) -> None:
    note(
        kind="clock.stepped",
        subject=("clock", "wall"),
        payload={"step_s": 77.5},
        by=county.by,
        at=county.now,
    )
    seal_everything()
    assert "77.5" in page(county)


def test_numbers_are_masked_for_those_who_may_not_see_them(county: County) -> None:
    services.set_contact(
        county.people["Zhao"], kind="mobile", value="10000000066", by=county.by, at=county.now
    )
    seal_everything()
    assert "10000000066" in page(county, "?kind=contact")
    assert "10000000066" not in page(county, "?kind=contact", name="He")
    assert "100****0066" in page(county, "?kind=contact", name="He")


def test_the_secret_of_an_answer_link_is_never_shown(county: County) -> None:
    scenes.callout(county, "Upper Willow")
    seal_everything()
    from anlan.dissemination.models import Delivery

    token = Delivery.objects.exclude(answer_token="").values_list("answer_token", flat=True)[0]
    text = page(county, "?kind=delivery")
    assert "delivery" in text
    assert token not in text


def test_erased_data_says_so(county: County) -> None:
    entry = say(county, "a name that was erased")
    seal_everything()
    Entry.objects.filter(pk=entry.pk).update(payload="")
    assert "erased; its digest stays" in page(county, "?kind=log")


def test_failed_work_stands_on_top_and_can_be_tried_again(county: County) -> None:
    waiting = Announcement.objects.create(
        event="sensing.crossing_recorded",
        reaction="warning.draft",
        payload={},
        due_at=county.now,
        lease_owner="worker-1",
        lease_until=county.now.replace(year=2027),
    )
    note_failure("warning.draft", str(waiting.pk), ValueError("broken"))
    assert "ValueError: broken" in page(county)
    county.client("Chen").post(reverse("console:journal_retry", args=[waiting.pk]))
    waiting.refresh_from_db()
    assert (waiting.lease_owner, waiting.lease_until.year) == ("", 1970)
    assert Entry.objects.filter(kind="announcement.retried").count() == 1


def test_what_was_done_meanwhile_is_not_tried_again(county: County) -> None:
    done = Announcement.objects.create(
        event="x", reaction="y", payload={}, due_at=county.now, done_at=county.now
    )
    note_failure("y", str(done.pk), ValueError("broken"))
    assert "Try again" not in page(county)
    where = reverse("console:journal_retry", args=[done.pk])
    assert county.client("Chen").post(where).status_code == 404
