"""A warning of somebody else for Upper Willow with its source, and the report that is owed about it."""

from __future__ import annotations

from typing import Any

from anlan.kernel.actor import Actor, grants
from anlan.testing import County
from anlan.warning import services
from anlan.warning.models import BackReport, IncomingWarning
from anlan.warning.services import back_reports, incoming
from anlan.warning.services.incoming_sources import add_feed, list_sender

TEXT = "云岭县气象台2026年7月1日07时55分发布大雾黄色预警信号：预计未来6小时内上柳村有浓雾。"


def administrator(county: County) -> Actor:
    """Somebody of the county who may change sources; a post gives it to the cast's He only where he signs in."""
    person = county.people["He"]
    return Actor(
        ref="user:he", person_id=person.pk, grants=grants(["see", "administer"], county.division.path)
    )


def take(
    county: County, text: str | bytes = TEXT, **more: Any
) -> IncomingWarning:  # Any: arguments of `take`
    fields: dict[str, Any] = {"source": "sms", "source_name": "县气象台", "sender": "10000000077"}
    by = Actor(ref="channel:sms")
    message = incoming.take(text, by=by, at=county.now, **(fields | more))
    return message.warnings.select_related("message", "draft", "division").order_by("number")[0]


def relayed(county: County, text: str | bytes = TEXT) -> tuple[IncomingWarning, BackReport]:
    """It was passed on, and its issuer is owed a report."""
    row = take(county, text)
    assert row.draft is not None
    services.sign_off(row.draft, by=county.actor("Wang"), at=county.now)
    report = back_reports.open_report(row.draft, stage="first", by=county.by, at=county.now)
    assert report is not None
    return row, report


def build_incoming(county: County) -> dict[str, Any]:  # Any: keys of the walk
    """Keys for the walk over every route."""
    common: dict[str, Any] = {"division": county.division, "by": administrator(county), "at": county.now}
    row = take(county)
    assert row.draft is not None  # not signed: what is in force the public reads
    report = back_reports.open_report(row.draft, stage="first", by=county.by, at=county.now)
    assert report is not None
    sender, _token = list_sender(kind="sms", value="10000000077", name="县气象台", may_act=False, **common)
    feed = add_feed(name="省级平台", url="http://127.0.0.1:1/feed", every_s=60, may_act=False, **common)
    return {"incoming_id": row.pk, "report_id": report.pk, "sender_id": sender.pk, "feed_id": feed.pk}


__all__ = ["administrator", "build_incoming", "relayed", "take"]
