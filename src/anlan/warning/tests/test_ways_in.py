"""Feeds, the mail account, the folder and the warning centre, over real sockets to servers that share no code with us."""

from __future__ import annotations

import imaplib
import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from anlan.journal.models import Entry
from anlan.testing import County
from anlan.warning.incoming import centre, drop, mail, polling
from anlan.warning.models import BackReport, FeedSource, HazardWarning, IncomingMessage, IncomingWarning
from anlan.warning.services.incoming_sources import add_feed, list_sender
from anlan.warning.tests.foreign import Site, endless, mailbox, said, site, trickle
from anlan.warning.tests.strangers import TEXT, administrator, relayed
from anlan.warning.tests.test_warnings_of_others import cap

ATOM = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:feed</id><title>预警</title>
<updated>2026-07-01T07:55:00+08:00</updated><author><name>省级平台</name></author>
<entry><id>urn:1</id><title>暴雨橙色预警</title><updated>2026-07-01T07:55:00+08:00</updated><link href="{link}" type="application/cap+xml"/></entry></feed>"""


@pytest.fixture
def there() -> Iterator[Site]:
    with site() as found:
        yield found


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=3, follow_redirects=False, trust_env=False) as found:
        yield found


def feed_of(county: County, url: str, **more: Any) -> FeedSource:  # Any: arguments of add_feed
    fields: dict[str, Any] = {"name": "省级平台", "url": url, "every_s": 60, "may_act": False}
    return add_feed(**(fields | more), division=county.division, by=administrator(county), at=county.now)


def polled(county: County, client: httpx.Client, feed: FeedSource) -> FeedSource:
    polling.poll(client, feed, at=county.now)
    feed.refresh_from_db()
    return feed


def test_a_feed_is_followed_to_its_alerts_and_asked_again_costs_nothing(
    county: County, client: httpx.Client, there: Site
) -> None:
    there.answers["/feed"] = (200, {"ETag": '"7"'}, ATOM.format(link=f"{there.base}/1.xml").encode())
    there.answers["/1.xml"] = (200, {}, cap())
    feed = polled(county, client, feed_of(county, f"{there.base}/feed"))
    assert (feed.last_error, feed.taken, feed.etag) == ("", 1, '"7"')
    assert IncomingWarning.objects.get().state == "called_out"
    there.answers["/feed"] = (304, {}, b"")
    county.clock.advance(minutes=1)
    polled(county, client, feed)
    assert there.asked[-1][2]["If-None-Match"] == '"7"'
    assert IncomingMessage.objects.count() == 1


def test_a_feed_whose_time_has_come_is_asked_once(county: County, client: httpx.Client, there: Site) -> None:
    there.answers["/a.xml"] = (200, {}, cap())
    feed = feed_of(county, f"{there.base}/a.xml")
    assert polling.poll_due(client, owner="worker-1") == 1
    assert polling.poll_due(client, owner="worker-1") == 0
    county.clock.advance(seconds=61)
    assert polling.poll_due(client, owner="worker-1") == 1
    feed.refresh_from_db()
    assert IncomingMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((200, {}, b"<!DOCTYPE html><html><body>login</body></html>"), "HTML"),
        ((500, {}, b""), "HTTP 500"),
        ((200, {}, b"not a feed at all"), ""),
        ((302, {"Location": "http://192.0.2.1/feed"}, b""), "another host"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "another host"),
        ((302, {"Location": "/feed"}, b""), "too many redirects"),
        (endless, "bytes"),
    ],
)
def test_a_feed_that_misbehaves_is_an_error_on_the_page_and_is_asked_again(
    county: County, client: httpx.Client, there: Site, answer: Any, problem: str
) -> None:
    there.answers["/feed"] = answer
    feed = polled(county, client, feed_of(county, f"{there.base}/feed"))
    assert feed.last_error
    assert problem in feed.last_error
    assert feed.next_poll_at is not None
    assert feed.next_poll_at > county.now
    assert not IncomingMessage.objects.exists()


def test_a_feed_that_hangs_is_given_up(
    county: County, client: httpx.Client, there: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "ANSWER_S", 0.2)
    there.answers["/feed"] = trickle
    assert "no end" in polled(county, client, feed_of(county, f"{there.base}/feed")).last_error


def test_a_dead_feed_is_journaled_once_and_once_when_it_is_back(
    county: County, client: httpx.Client, there: Site
) -> None:
    feed = feed_of(county, f"{there.base}/feed")
    for _time in range(3):
        feed = polled(county, client, feed)
    assert feed.misses == 3
    there.answers["/feed"] = (200, {}, cap())
    feed = polled(county, client, feed)
    kinds = [
        kind for kind in Entry.objects.order_by("id").values_list("kind", flat=True) if "feed_source" in kind
    ]
    assert kinds == ["feed_source.added", "feed_source.lost", "feed_source.back"]
    assert (feed.misses, feed.last_error) == (0, "")


def test_an_entry_that_points_to_another_host_is_not_followed(
    county: County, client: httpx.Client, there: Site
) -> None:
    there.answers["/feed"] = (200, {}, ATOM.format(link="http://192.0.2.1/1.xml").encode())
    assert "another host" in polled(county, client, feed_of(county, f"{there.base}/feed")).last_error


def letter(text: str = TEXT, *, sender: str = "qxt@example.gov.cn", attached: bytes = b"") -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"县气象台 <{sender}>", "duty@example.gov.cn"
    message["Subject"], message["Message-ID"] = "大雾黄色预警", "<1@example.gov.cn>"
    message.set_content(text)
    if attached:
        message.add_attachment(attached, maintype="application", subtype="cap+xml", filename="alert.xml")
    return message.as_bytes()


def list_mail(county: County) -> None:
    list_sender(
        kind="mail",
        value="QXT@example.gov.cn",
        name="县气象台",
        may_act=False,
        division=county.division,
        by=administrator(county),
        at=county.now,
    )


@pytest.mark.parametrize("kind", ["imap", "pop3"])
def test_a_mail_account_is_read_and_marked_only_after_storing(county: County, kind: str) -> None:
    list_mail(county)
    with mailbox(kind, [letter()]) as box:
        account = mail.account(f"{kind}://duty@127.0.0.1:{box.port}/INBOX", "secret")
        with pytest.raises(RuntimeError):
            mail.visit(account, _dies)
        assert not box.seen | box.deleted
        assert mail.visit(account, mail.take_mail) == 1
        assert box.seen | box.deleted == {1}
    row = IncomingWarning.objects.select_related("message").get()
    assert (row.state, row.message.source, row.message.source_name) == ("drafted", "mail", "县气象台")


def _dies(_data: bytes) -> None:
    raise RuntimeError("the power fails here")


def test_a_wrong_password_is_told(county: County) -> None:
    with mailbox("imap", []) as box, pytest.raises(imaplib.IMAP4.error):
        mail.visit(mail.account(f"imap://duty@127.0.0.1:{box.port}", "wrong"), mail.take_mail)


def test_an_attached_alert_counts_and_the_covering_text_does_not(county: County) -> None:
    list_mail(county)
    mail.take_mail(letter("请查收附件。", attached=cap()))
    assert IncomingWarning.objects.get().identifier.startswith("53999900600000_")


def test_a_strangers_mail_waits_if_it_reads_as_a_warning_and_else_stays_in_the_mailbox(
    county: County,
) -> None:
    mail.take_mail(letter(sender="somebody@example.com"))
    assert IncomingWarning.objects.get().state == "needs_person"
    assert mail.take_mail(letter("优惠促销，欢迎选购。", sender="shop@example.com")) == 0
    assert IncomingMessage.objects.count() == 1


def put(tmp_path: Path, name: str, data: bytes) -> Path:
    place = tmp_path / "drop" / "warnings"
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    path.write_bytes(data)
    os.utime(path, (1, 1))
    return path


def test_files_of_the_folder_are_taken_and_moved(county: County, tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path
    list_mail(county)
    put(tmp_path, "a.txt", TEXT.encode("gb18030"))
    put(tmp_path, "b.cap", cap())
    put(tmp_path, "c.eml", letter())
    put(tmp_path, "large.xml", b"<" + b" " * 3_000_000)
    put(tmp_path, "picture.png", b"\x89PNG")
    report = drop.take_files()
    assert (report.taken, report.failed) == (3, 1)
    place = tmp_path / "drop" / "warnings"
    assert sorted(path.name for path in (place / "done").iterdir()) == ["a.txt", "b.cap", "c.eml"]
    assert sorted(path.name for path in (place / "failed").iterdir()) == ["large.xml", "large.xml.why"]
    assert (place / "picture.png").exists()
    assert sorted(IncomingWarning.objects.values_list("state", flat=True)) == [
        "called_out",
        "drafted",
        "duplicate",
    ]


def test_a_file_that_was_stored_but_not_moved_counts_once(
    county: County, tmp_path: Path, settings: Any
) -> None:
    settings.ANLAN_DATA = tmp_path
    for _time in range(2):
        put(tmp_path, "a.txt", TEXT.encode())
        drop.take_files()
    assert IncomingMessage.objects.count() == 1
    assert (tmp_path / "drop" / "warnings" / "done" / "a.1.txt").exists()


def test_a_file_that_is_still_being_written_waits(county: County, tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path
    path = put(tmp_path, "a.txt", TEXT.encode())
    os.utime(path)
    assert drop.take_files().taken == 0


def test_a_link_in_the_folder_is_not_followed(county: County, tmp_path: Path, settings: Any) -> None:
    settings.ANLAN_DATA = tmp_path
    put(tmp_path, "a.txt", TEXT.encode()).rename(tmp_path / "elsewhere.txt")
    (tmp_path / "drop" / "warnings" / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert drop.take_files().taken == 0


@pytest.fixture
def owed(county: County, there: Site, settings: Any) -> BackReport:
    settings.ANLAN_WARNING_CENTRE_URL = f"{there.base}/report"
    settings.ANLAN_WARNING_CENTRE_TOKEN = "t0ken"
    _row, report = relayed(county)
    county.clock.advance(minutes=31)
    return report


def test_the_centre_is_told_by_its_interface(
    county: County, client: httpx.Client, there: Site, owed: BackReport
) -> None:
    there.answers["/report"] = (200, {}, b'{"state": "ok", "receipt": "R-77"}')
    assert centre.tell_due(client, owner="worker-1") == 1
    assert centre.tell_due(client, owner="worker-1") == 0
    owed.refresh_from_db()
    assert (owed.state, owed.receipt, owed.way) == ("confirmed", "R-77", "api")
    _method, _path, headers, body = there.asked[0]
    assert headers["Authorization"] == "Bearer t0ken"
    assert (said(body)["issuer"], said(body)["figures"]["villages"]) == ("云岭县气象台", 1)


@pytest.mark.parametrize(
    "answer", [(503, {}, b""), (200, {}, b'{"state": "error", "message": "busy"}'), (200, {}, b"<html>")]
)
def test_a_centre_that_does_not_take_it_is_asked_again_and_then_a_person_takes_over(
    county: County, client: httpx.Client, there: Site, owed: BackReport, answer: Any
) -> None:
    there.answers["/report"] = answer
    for _attempt in range(6):
        assert centre.tell_due(client, owner="worker-1") == 1
        county.clock.advance(minutes=11)
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("failed", 6)
    assert owed.last_error
    assert centre.tell_due(client, owner="worker-1") == 0
    assert len({request[2]["Idempotency-Key"] for request in there.asked}) == 1


def test_a_refused_report_is_not_tried_again(
    county: County, client: httpx.Client, there: Site, owed: BackReport
) -> None:
    there.answers["/report"] = (403, {}, b"")
    centre.tell_due(client, owner="worker-1")
    owed.refresh_from_db()
    assert (owed.state, owed.last_error) == ("failed", "HTTP 403")


def test_what_came_by_feed_never_skips_the_second_person(
    county: County, client: httpx.Client, there: Site
) -> None:
    there.answers["/a.xml"] = (200, {}, cap())
    polled(county, client, feed_of(county, f"{there.base}/a.xml"))
    assert set(HazardWarning.objects.values_list("state", flat=True)) == {"draft"}
