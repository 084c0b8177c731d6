"""The page of channels, filed texts and phones."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from anlan.dissemination.models import AndroidDevice, Delivery, SmsSignature, SmsTemplate
from anlan.dissemination.services import android, filings
from anlan.dissemination.services.android import Condition
from anlan.testing import County

pytestmark = pytest.mark.django_db
CARRIER = {"host": "192.0.2.1", "user": "901234", "secret": "x", "src_id": "106900001"}


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    settings.ANLAN_DATA = tmp_path
    return tmp_path


def tell(data: Path, *, age_s: float = 0.0, **state: Any) -> None:
    """What the worker would have written."""
    (data / "run").mkdir(exist_ok=True)
    told = {
        "state": "down",
        "since": time.time() - 60,
        "last_error": "login_refused_3",
        "is_resting": True,
        "sent": 7,
    }
    document = {"at": time.time() - age_s, "routes": {"sms": {"mobile": told | state}}}
    (data / "run" / "channels.json").write_text(json.dumps(document))


def routes(data: Path, *rows: dict[str, Any]) -> None:
    (data / "routes.json").write_text(json.dumps({"sms": list(rows)}))


def page(county: County, who: str = "Chen") -> str:
    return county.client(who).get("/channels/").content.decode()


def test_a_carrier_that_refuses_the_login_is_seen_with_its_error(county: County, data: Path) -> None:
    routes(data, {"name": "mobile", "kind": "cmpp", **CARRIER})
    tell(data)
    text = page(county)
    assert "mobile" in text
    assert "login_refused_3" in text
    assert "chip--waiting" in text


def test_a_worker_that_is_silent_leaves_the_state_unknown(county: County, data: Path) -> None:
    routes(data, {"name": "mobile", "kind": "cmpp", **CARRIER})
    tell(data, age_s=60, state="up")
    assert "login_refused_3" not in page(county)


def test_a_mistake_in_the_file_is_a_sentence_and_not_an_error(county: County, data: Path) -> None:
    routes(data, {"name": "mobile", "kind": "telegraph"})
    assert "telegraph" in page(county)
    (data / "routes.json").write_text("{half")
    assert "routes.json" in page(county)
    assert county.client("Feng").get("/channels/filings/").status_code == 200


def test_a_setting_that_is_missing_is_named(county: County, data: Path) -> None:
    routes(data, {"name": "mobile", "kind": "cmpp", "host": "192.0.2.1", "user": "901234", "secret": "x"})
    assert "src_id is missing" in page(county)
    routes(
        data,
        {"name": "mobile", "kind": "cmpp", "host": "192.0.2.1", "user": "901234", "secret_file": "/nowhere"},
    )
    assert "secret_file cannot be read" in page(county)


def test_no_secret_of_a_route_is_on_the_page(county: County, data: Path) -> None:
    routes(data, {"name": "mobile", "kind": "cmpp", **CARRIER, "secret": "geheim-77"})
    assert "geheim-77" not in page(county)


def test_a_test_message_goes_to_nobody_but_oneself(county: County, data: Path) -> None:
    county.client("Chen").post("/channels/test/", {"channel": "sms", "address": "10000000999"})
    [delivery] = Delivery.objects.all()
    assert (delivery.address, delivery.purpose, delivery.person) == (
        "10000000001",
        "test",
        county.people["Chen"],
    )
    county.client("Chen").post("/channels/test/", {"channel": "siren"})
    assert Delivery.objects.count() == 1


def test_the_duty_chief_enters_a_filing_and_a_text_is_tried_against_it(county: County, data: Path) -> None:
    chief = county.client("Feng")
    form = {
        "verb": "template", "route": "phone", "name": "叫应", "text": "{village}：{text}回复1已收到。",
        "status": "filed", "limits": "village=10", "filed_number": "A-1",
    }  # fmt: skip
    assert chief.post("/channels/filings/", form).status_code == 302
    assert SmsTemplate.objects.get().limits == {"village": 10}
    good = chief.post("/channels/filings/", {"verb": "check", "text": "北坡村：请转移。回复1已收到。"})
    assert "A-1" in good.content.decode()
    bad = chief.post(
        "/channels/filings/", {"verb": "check", "text": "北坡村：请转移。回复1收到。"}
    ).content.decode()
    assert "<del>已</del>" in bad
    row = SmsTemplate.objects.get()
    chief.post("/channels/filings/", {"verb": "change", "filing": str(row.pk), "status": "expired"})
    row.refresh_from_db()
    assert row.status == "expired"


def test_a_wrong_filing_is_refused_with_a_sentence_and_kept_in_the_form(county: County, data: Path) -> None:
    form = {"verb": "template", "route": "phone", "name": "叫应", "text": "{a}{b}", "status": "filed"}
    answer = county.client("Feng").post("/channels/filings/", form)
    assert answer.status_code == 422
    assert "{a}{b}" in answer.content.decode()
    late = county.client("Feng").post(
        "/channels/filings/", form | {"text": "甲{a}", "valid_until": "tomorrow"}
    )
    assert late.status_code == 422
    assert SmsTemplate.objects.count() == 0


def test_a_list_of_templates_is_entered_or_refused_by_line(county: County, data: Path) -> None:
    chief = county.client("Feng")
    bad = chief.post("/channels/filings/", {"verb": "import", "route": "phone", "lines": "甲\t文\n乙\t{x}"})
    assert (bad.status_code, SmsTemplate.objects.count()) == (422, 0)
    assert "2:" in bad.content.decode()
    assert (
        chief.post("/channels/filings/", {"verb": "import", "route": "phone", "lines": "甲\t文"}).status_code
        == 302
    )
    assert SmsTemplate.objects.count() == 1


def test_a_duty_officer_may_try_a_text_and_enter_nothing(county: County, data: Path) -> None:
    filings.add_signature("phone", "云岭县", status="filed", by=county.by, at=county.now)
    client = county.client("Chen")
    assert client.post("/channels/filings/", {"verb": "check", "text": "x"}).status_code == 200
    answer = client.post(
        "/channels/filings/", {"verb": "signature", "route": "phone", "text": "别的", "status": "filed"}
    )
    assert answer.status_code == 403
    assert SmsSignature.objects.count() == 1


def test_a_phone_is_paired_with_a_code_that_is_shown_once(county: County, data: Path) -> None:
    he = county.client("He")
    answer = he.post("/channels/phones/", {"name": "duty-room-1", "number_label": "移动", "rate": "15"})
    text = answer.content.decode()
    assert "<svg" in text
    assert "style=" not in text
    assert answer["Cache-Control"] == "no-store"
    device = AndroidDevice.objects.get()
    assert (device.name, device.rate_per_minute) == ("duty-room-1", 15)
    assert "<svg" not in he.get("/channels/phones/").content.decode().split("<main")[1].split("</main>")[0]
    he.post("/channels/phones/", {"verb": "stop", "device": str(device.pk)})
    device.refresh_from_db()
    assert not device.is_active


def test_a_phone_without_an_app_sends_by_hand(county: County, data: Path) -> None:
    device, token = android.pair_device("duty-room-1", by=county.by, at=county.now)
    row = android.lay_out("key-1", address="10000000007", text="请立即转移", device=None, at=county.now)
    client = county.client("Guo")
    assert "10000000007" not in client.get(f"/f/gateway/{token}/").content.decode()
    client.post(f"/f/gateway/{token}/", {"verb": "take"})
    text = client.get(f"/f/gateway/{token}/").content.decode()
    assert "sms:10000000007?body=%E8%AF%B7" in text
    assert len(text.encode()) < 30_000
    client.post(f"/f/gateway/{token}/", {"verb": "sent", "message": str(row.pk)})
    row.refresh_from_db()
    assert row.state == "sent"
    assert client.get("/f/gateway/made-up/").status_code == 404
    android.seen(device, Condition(), at=county.now)
