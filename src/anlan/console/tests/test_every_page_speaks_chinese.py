"""Every page that people see, with something on it, in Chinese: no English word is left beside codes and units."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from anlan.console.tests import scenes
from anlan.console.tests.scenes import RAIN, RIVER, readings, store
from anlan.dissemination import services as dissemination
from anlan.dissemination.models import Callout, Delivery
from anlan.duty.services import raise_alarm
from anlan.journal.deadlines import note_failure
from anlan.journal.models import Announcement
from anlan.journal.sealer import seal_everything
from anlan.sensing.models import Station
from anlan.testing import County
from anlan.vocab.quality import QualityFlag
from anlan.warning import services as warnings
from anlan.warning.models import HazardWarning

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.mo"
#: Names, units and words of the trade that Chinese pages write in Latin letters as well.
LATIN = frozenset(
    {
        "English",
        "mm",
        "min",
        "KB",
        "SMS",
        "CAP",
        "xlsx",
        "GeoJSON",
        "SL",
        "HTTP",
        "MQTT",
        "TCP",
        "JSON",
        "SensorThings",
        "Bearer",
        "Basic",
    }
)
#: What is no prose: codes, numbers with letters, names of fields and kinds, addresses, ids, times.
CODE = re.compile(r"[\w./:@#%+-]*[\d_./:@#]+[\w./:@#%+-]*")
WORD = re.compile(r"[A-Za-z]{2,}")
#: Somebody's own word, said back.
QUOTED = re.compile(r"“[^”]{1,20}”")
#: Attributes that are read to or by people.
SPOKEN = ("title", "placeholder", "aria-label", "alt", "data-waiting", "data-refused")


class _Visible(HTMLParser):
    """Collects what a person reads: text, spoken attributes, and the words handed to islands."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.inside: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.said.extend(value for name, value in attributes if name in SPOKEN and value)
        if self._is_closed_to_readers(tag, dict(attributes)):
            self.inside.append((tag, dict(attributes).get("type") or tag))

    @staticmethod
    def _is_closed_to_readers(tag: str, attributes: dict[str, str | None]) -> bool:
        """Code, and what is shown as it was stored (`translate="no"`, which must not nest in its own tag)."""
        return tag in {"script", "style", "code", "pre"} or attributes.get("translate") == "no"

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1][0] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.said.append(data)
        elif self.inside[-1][1] == "application/json":
            self.said.extend(_words_of(json.loads(data)))


def _words_of(props: object, *, is_text: bool = False) -> Iterator[str]:
    """The sentences among the props of an island: everything below a key `text`."""
    if isinstance(props, dict):
        for key, value in props.items():
            yield from _words_of(value, is_text=is_text or key == "text")
    elif is_text and isinstance(props, str):
        yield re.sub(r"\{\w+\}", "", props)


def english_in(page: str) -> list[str]:
    """Every piece of visible text with a Latin word that is neither a code nor allowed."""
    visible = _Visible()
    visible.feed(page)
    pieces = (" ".join(piece.split()) for piece in visible.said)
    return [piece for piece in pieces if set(WORD.findall(CODE.sub(" ", QUOTED.sub(" ", piece)))) - LATIN]


def test_the_search_for_english_finds_it_in_text_attributes_and_props() -> None:
    page = """<p title="Day or night">村 R12 12.5 mm</p><code>ok</code><p>Nothing is ringing.</p>
    <script type="application/json">{"url": "over there", "text": {"a": "{n} days ago"}}</script>"""
    assert english_in(page) == ["Day or night", "Nothing is ringing.", " days ago".strip()]


@pytest.fixture
def busy(county: County, stations: dict[str, Station], data: Path) -> Callout:
    """Something of everything: readings good and doubtful, drafts, warnings, seats in each state, alarms, failures."""
    assert CATALOGUE.is_file(), "compile the catalogue first: ./dev test does"
    at = county.now - timedelta(minutes=5)
    store(data, RAIN, "rain_5min", readings(["2.5"] * 30, until=at), raws=[b"\x7e\x7e"])
    store(data, RIVER, "stage", [(at, "99.000", QualityFlag.RANGE), (county.now, "11.200", QualityFlag.GOOD)])
    scenes.cross(county, stations[RAIN])
    for level in (1, 2, 3):
        draft(county, level)
    by_hand = draft(county, 2)
    warnings.sign_off(by_hand, by=county.actor("Wang"), at=county.now)
    warnings.return_draft(draft(county, 4), reason="范围过大", by=county.actor("Wang"), at=county.now)
    warnings.sign_pre_authorisation(
        name="山洪红橙", hazard_type="flash_flood", worst_level=1, mildest_level=2,
        division=county.division.code, valid_from=county.now, valid_to=county.now + timedelta(days=30),
        by=county.actor("Wang"), at=county.now,
    )  # fmt: skip
    raise_alarm(
        "draft_waiting", subject=f"warning:{by_hand.pk}", text_zh="待签发", text_en="To sign", level=2,
        division=county.division, by=county.by, at=county.now,
    )  # fmt: skip
    return calling(county)


def draft(county: County, level: int) -> HazardWarning:
    """A draft of the duty officer for Upper Willow."""
    return warnings.draft_by_hand(
        hazard_type="flash_flood",
        level=level,
        villages=[county.divisions["Upper Willow"].code],
        by=county.actor("Chen"),
        at=county.now,
    )


def calling(county: County) -> Callout:
    """A running call-out: one village acts, one is lost, one waits."""
    callout = scenes.callout(county, "Upper Willow", "Lower Willow", "North Slope")
    Callout.objects.filter(pk=callout.pk).update(subject=f"warning:{HazardWarning.objects.all()[0].pk}")
    seats = {seat.division.name: seat for seat in callout.seats.select_related("division", "callout")}
    chen = county.actor("Chen")
    dissemination.tick(seats["上柳村"], meaning="acting", words="对讲机", by=chen, at=county.now)
    dissemination.mark_lost_contact(seats["下柳村"], last_contact="08:00", by=chen, at=county.now)
    note_failure("warning.draft", str(Announcement.objects.values_list("pk", flat=True)[0]), ValueError("x"))
    county.clock.advance(minutes=5)
    seal_everything()
    return callout


def desk_pages(county: County, callout: Callout) -> Iterator[str]:
    """Addresses of the desk."""
    for name in (
        "today", "warnings", "new_warning", "pre_authorisations", "callouts", "stations", "directory",
        "directory_checks", "imports", "journal", "fire_buildings", "vehicles", "connect", "read_tokens", "sources", "accounts", "new_connector", "new_receiver",
    ):  # fmt: skip
        yield reverse(f"console:{name}")
    yield reverse("console:find") + "?q=%E6%9F%B3"
    yield reverse("console:callout", args=[callout.pk])
    yield reverse("console:board", args=[callout.pk])
    for warning in HazardWarning.objects.all():
        yield reverse("console:warning", args=[warning.pk])
    for seat in callout.seats.all():
        yield reverse("console:seat", args=[seat.pk])
    for code in (RAIN, RIVER):
        yield reverse("console:station", args=[code])
    for name in ("Yunling", "Willow River", "Upper Willow"):
        yield reverse("console:division", args=[county.divisions[name].code])
    yield reverse("console:directory_list", args=[county.division.code])
    yield reverse("console:directory_person", args=[county.people["Zhao"].pk])


def check(client: Client, addresses: Iterator[str]) -> None:
    """Each page, or its refusal, says nothing in English."""
    found: dict[str, list[str]] = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code in {200, 403, 404}, address
        left = english_in(answer.content.decode())
        if left:
            found[address] = sorted(set(left))
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("name", ["Chen", "Wang", "He"])
def test_the_desk_speaks_chinese(county: County, busy: Callout, name: str) -> None:
    check(county.client(name, language="zh-hans"), desk_pages(county, busy))


def test_the_phone_speaks_chinese(county: County, busy: Callout) -> None:
    delivery = Delivery.objects.exclude(answer_token="").filter(callout=busy)[0]
    seats = [reverse("field:answer_seat", args=[seat.pk]) for seat in busy.seats.all()]
    reviews = [reverse("field:review", args=[draft.pk]) for draft in HazardWarning.objects.all()]
    zhao = county.client("Zhao", language="zh-hans")
    check(zhao, iter([f"/a/{delivery.answer_token}", "/a/nothing", reverse("field:home"), seats[0]]))
    check(county.client("Li", language="zh-hans"), iter([reverse("field:home"), *seats[:2]]))
    check(county.client("Wang", language="zh-hans"), iter(reviews))


def test_signing_in_and_refusals_speak_chinese(county: County, busy: Callout) -> None:
    stranger = Client(headers={"accept-language": "zh-CN"})
    where = reverse("accounts:sign_in")
    assert not english_in(stranger.get(where).content.decode())
    assert not english_in(stranger.post(where, {"username": "x", "password": "y"}).content.decode())
    chen = county.client("Chen", language="zh-hans")
    seat = busy.seats.first()
    assert seat is not None
    for address, form in (
        (reverse("console:act_on_seat", args=[seat.pk]), {"verb": "resolve"}),
        (reverse("console:close_callout", args=[busy.pk]), {}),
        (reverse("console:new_warning"), {"level": "9"}),
        (reverse("accounts:change_password"), {"old": "x"}),
    ):
        answer = chen.post(address, form, follow=True)
        assert not english_in(answer.content.decode()), address


def test_an_import_speaks_chinese(county: County, data: Path) -> None:
    chen = county.client("Chen", language="zh-hans")
    headers = (
        "区划代码*",
        "单位",
        "岗位*",
        "角色*",
        "姓名*",
        "手机",
        "座机",
        "邮箱",
        "职责标签",
        "技能",
        "登记编号",
    )
    rows = (
        ("999901101202", "", "灾害信息员", "B", "孙芳", "10000000077", "", "", "", "", ""),
        ("999901101202", "", "村长", "C", "", "12", "3", "x", "y", "", ""),
        ("9", "", "灾害信息员", "A", "李四", "10000000078", "", "", "", "", ""),
    )
    where = reverse("console:import_upload", args=["contacts"])
    answer = chen.post(where, {"file": scenes.workbook(headers, rows)}, follow=True)
    assert not english_in(answer.content.decode())
    done = chen.post(answer.redirect_chain[-1][0] + "apply/", {"decision": "good"})
    assert not english_in(done.content.decode())
