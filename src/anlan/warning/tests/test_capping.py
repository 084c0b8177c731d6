"""A warning as CAP: named once, published once, valid, and read by others as it was meant."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from capparselib.parsers import CAPParser  # type: ignore[import-untyped]  # no stubs exist
from cryptography.hazmat.primitives import serialization
from shapely.geometry import box, mapping

from anlan.cap.identity import standing
from anlan.cap.national import is_national_identifier
from anlan.cap.parse import read
from anlan.cap.signing import load_certificates, verify_bytes
from anlan.cap.tests.test_signing import CERTIFICATE, EC_KEY, pem
from anlan.cap.validate import validate
from anlan.journal.models import Entry
from anlan.kernel.refusals import BadSetting
from anlan.warning.capping import _codes, alert_of, cap_profile
from anlan.warning.models import CapMessage, HazardWarning, WarningText
from anlan.warning.services import draft_relay, lift_warning, sign_off, update_warning
from anlan.warning.services.capping import publish_cap
from anlan.warning.tests.storm import Storm

UNIT = "99990141600000"


def relay(storm: Storm, level: int = 4, **more: Any) -> HazardWarning:
    """A blue rain warning of the county's weather station, passed on and signed."""
    draft = draft_relay(
        event_code="11B03",
        level=level,
        issuer="云岭县气象台",
        villages=["999901101201", "999901101202"],
        original_text="预计未来12小时有暴雨，请注意防范。",
        by=storm.county.actor("Chen"),
        at=storm.now,
        **more,
    )
    return sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)


@pytest.fixture
def own_data(tmp_path: Path, settings: Any) -> Path:
    settings.ANLAN_DATA = tmp_path
    return tmp_path


def name_the_unit(folder: Path, **more: Any) -> None:
    table = {
        "unit_code_by_county": {"value": {"999901": UNIT}, "source": "测试", "is_verified": True},
        **more,
    }
    (folder / "cap_profile.json").write_text(json.dumps(table), encoding="utf-8")


def published(warning: HazardWarning) -> list[CapMessage]:
    return list(warning.cap_messages.order_by("sent_at", "id"))


def documents() -> list[bytes]:
    return [row.document.encode() for row in CapMessage.objects.order_by("sent_at", "id")]


def test_an_issued_relay_goes_out_as_valid_cap_with_its_issuer_named(storm: Storm) -> None:
    warning = relay(storm)
    storm.later(seconds=1)
    (row,) = published(warning)
    verdict = validate(row.document.encode())
    assert verdict.ok, [one.en for one in verdict.reasons]
    alert = read(row.document.encode())
    info = alert.infos[0]
    assert (alert.status, alert.msg_type, alert.scope) == ("Actual", "Alert", "Public")
    assert (info.sender_name, info.severity, info.event, info.language) == (
        "云岭县气象台",
        "Minor",
        "暴雨",
        "zh-CN",
    )
    assert info.headline == warning.headline
    assert info.description == "预计未来12小时有暴雨，请注意防范。"
    assert info.event_code("eventType") == "11B03"
    assert [code.value for code in info.areas[0].geocodes] == ["999901101201", "999901101202"]
    assert info.parameter("relayedBy") == warning.relayed_by
    assert Entry.objects.filter(kind="cap_message.published").count() == 1


def test_an_independent_parser_reads_what_we_meant(storm: Storm) -> None:
    warning = relay(storm)
    storm.later(seconds=1)
    text = published(warning)[0].document.partition("?>")[2]
    (theirs,) = CAPParser(text).as_dict()
    info = theirs["cap_info"][0]
    assert str(theirs["cap_id"]) == warning.cap_identifier
    assert str(info["cap_headline"]) == warning.headline
    assert str(info["cap_severity"]) == "Minor"
    tree = ElementTree.fromstring(text)  # noqa: S314 - our own document
    ns = "{urn:oasis:names:tc:emergency:cap:1.2}"
    assert tree.findtext(f"{ns}info/{ns}senderName") == "云岭县气象台"
    assert (tree.findtext(f"{ns}info/{ns}expires") or "").endswith("+08:00")


def test_the_same_warning_has_the_same_identifier_and_the_same_bytes_for_ever(storm: Storm) -> None:
    warning = relay(storm)
    storm.later(seconds=1)
    before = published(warning)[0]
    assert before.identifier == warning.cap_identifier == f"urn:uuid:{warning.pk}"
    assert publish_cap(warning, at=storm.now) is None
    storm.later(minutes=10)
    assert [(row.pk, row.document) for row in published(warning)] == [(before.pk, before.document)]


def test_without_a_unit_code_no_number_is_invented_and_with_one_the_national_form_is_used(
    storm: Storm, own_data: Path
) -> None:
    assert "unit_code_by_county" in cap_profile().unverified()
    assert not is_national_identifier(relay(storm).cap_identifier)
    name_the_unit(own_data)
    first, second = relay(storm), relay(storm)
    assert first.cap_identifier == f"{UNIT}_20260701080000"
    assert second.cap_identifier == f"{UNIT}_20260701080001"  # issued in the same second
    storm.later(seconds=1)
    alert = read(published(first)[0].document.encode())
    assert alert.sender == UNIT
    assert validate(published(second)[0].document.encode()).profiles == ("国家预警信息格式 (R26)",)


def test_a_wrong_unit_code_is_named_with_an_example(own_data: Path) -> None:
    (own_data / "cap_profile.json").write_text(
        '{"unit_code_by_county": {"value": {"999901": "12"}, "source": "", "is_verified": true}}',
        encoding="utf-8",
    )
    with pytest.raises(BadSetting, match="14 digits"):
        cap_profile()


def test_a_call_out_of_our_own_is_never_public(storm: Storm) -> None:
    warning = sign_off(storm.drafted_by_chen(), by=storm.county.actor("Feng"), at=storm.now)
    storm.later(seconds=1)
    alert = read(published(warning)[0].document.encode())
    assert alert.scope == "Restricted"
    assert alert.restriction
    assert alert.infos[0].recommended_action == warning.recommended_action
    assert validate(published(warning)[0].document.encode()).ok


def test_an_exercise_says_so_and_is_never_public(storm: Storm) -> None:
    from anlan.kernel.ids import uuid7

    warning = relay(storm)
    HazardWarning.objects.filter(pk=warning.pk).update(exercise_id=uuid7())
    warning.refresh_from_db()
    alert = alert_of(warning)
    assert (alert.status, alert.scope) == ("Exercise", "Restricted")


def test_a_draft_can_be_previewed_as_a_draft(storm: Storm) -> None:
    assert alert_of(storm.drafted_by_chen()).status == "Draft"


def test_an_update_names_what_it_replaces_and_a_lift_cancels_the_whole_chain(storm: Storm) -> None:
    first = relay(storm)
    storm.later(minutes=1)
    draft = update_warning(first, level=3, by=storm.county.actor("Chen"), at=storm.now)
    second = sign_off(draft, by=storm.county.actor("Feng"), at=storm.now)
    storm.later(minutes=1)
    alerts = [read(document) for document in documents()]
    assert [alert.msg_type for alert in alerts] == ["Alert", "Update"]
    assert alerts[1].references == (alerts[0].key,)
    assert [alert.identifier for alert in standing(alerts, storm.now).in_force] == [alerts[1].identifier]
    lift_warning(
        HazardWarning.objects.get(pk=second.pk), reason="雨停", by=storm.county.actor("Feng"), at=storm.now
    )
    storm.later(minutes=1)
    alerts = [read(document) for document in documents()]
    assert [alert.msg_type for alert in alerts] == ["Alert", "Update", "Cancel"]
    assert alerts[2].references == (alerts[0].key, alerts[1].key)
    assert standing(alerts, storm.now).in_force == ()
    assert all(validate(document).ok for document in documents())
    assert len({alert.identifier for alert in alerts}) == 3


def test_the_cancel_does_not_send_anybody_home(storm: Storm) -> None:
    warning = relay(storm)
    storm.later(minutes=1)
    lift_warning(
        HazardWarning.objects.get(pk=warning.pk),
        reason="内部原因",
        by=storm.county.actor("Feng"),
        at=storm.now,
    )
    storm.later(minutes=1)
    cancel = read(documents()[-1])
    assert "内部原因" not in documents()[-1].decode()
    assert cancel.infos[0].response_types == ("AllClear",)


def test_a_moved_end_is_an_update_of_its_own_and_not_other_content_under_the_same_name(storm: Storm) -> None:
    warning = relay(storm)
    storm.later(seconds=1)
    fresh = HazardWarning.objects.get(pk=warning.pk)
    assert fresh.expires_at is not None
    fresh.change(
        by=storm.county.by, at=storm.now, kind="prolonged", expires_at=fresh.expires_at + timedelta(hours=2)
    )
    assert publish_cap(fresh, at=storm.now) is not None
    assert publish_cap(fresh, at=storm.now) is None
    first, second = [read(document) for document in documents()]
    assert (second.msg_type, second.references) == ("Update", (first.key,))
    assert second.identifier != first.identifier


def test_the_drawn_area_is_written_latitude_first(storm: Storm) -> None:
    draft = storm.drafted_by_chen()
    draft.area = json.dumps(mapping(box(102.91, 27.40, 102.93, 27.42)))
    (area,) = alert_of(draft).infos[0].areas
    assert {lat for lat, _lon in area.polygons[0]} == {27.40, 27.42}
    draft.area = "{broken"
    assert alert_of(draft).infos[0].areas[0].polygons == ()


def test_further_languages_are_further_texts_and_the_public_gets_its_own(storm: Storm) -> None:
    warning = relay(storm)
    for language, audience, headline in (
        ("zh", "public", "暴雨来了"),
        ("en", "post", "Posts"),
        ("en", "public", "Rain"),
    ):
        WarningText(
            warning=warning,
            language=language,
            audience=audience,
            headline=headline,
            body="b",
            recommended_action="c",
        ).record(by=storm.county.by, at=storm.now)
    alert = alert_of(warning)
    assert [(info.language, info.headline) for info in alert.infos] == [("zh-CN", "暴雨来了"), ("en", "Rain")]
    callout = storm.drafted_by_chen()
    assert [info.language for info in alert_of(callout).infos] == ["zh-CN"]


def test_a_configured_key_signs_and_a_broken_one_lets_the_warning_out_unsigned(
    storm: Storm, settings: Any
) -> None:
    settings.ANLAN_CAP_KEY = pem(EC_KEY).decode()
    settings.ANLAN_CAP_CERT = CERTIFICATE.public_bytes(serialization.Encoding.PEM).decode()
    warning = relay(storm)
    storm.later(seconds=1)
    (row,) = published(warning)
    assert row.is_signed
    trusted = load_certificates(settings.ANLAN_CAP_CERT.encode())
    (check,) = verify_bytes(row.document.encode(), trusted=trusted)
    assert check.is_proof
    assert validate(row.document.encode()).ok
    settings.ANLAN_CAP_KEY = "broken"
    second = relay(storm)
    storm.later(seconds=1)
    (row,) = published(second)
    assert not row.is_signed
    assert validate(row.document.encode()).ok


def test_a_province_of_villages_is_named_by_the_divisions_above_them() -> None:
    county, township = "999901000000", "9999011{n:02d}000"
    many = []
    for n in range(60):
        above = township.format(n=n)
        many += [(f"{above[:9]}{v:03d}", [county, above, f"{above[:9]}{v:03d}"]) for v in range(100)]
    assert len(_codes(many)) == 60
    assert _codes(many[:100]) == [code for code, _path in many[:100]]
