"""A bulletin is drafted of a period that is over, changed, signed by a leader, published, and read by whom it is about."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from anlan.assessment import services
from anlan.assessment.models import ScoreBulletin
from anlan.assessment.periods import last_month, month_of
from anlan.assessment.queries import bulletin_paper
from anlan.assessment.refusals import BulletinFixed, NoSuchDeduction, NoText, PeriodNotOver, WhyNeeded
from anlan.console.tests.test_every_page_speaks_chinese import english_in
from anlan.datacalls.tests import scenes as calls
from anlan.journal.verify import verify
from anlan.testing import County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:
    settings.ANLAN_DATA = tmp_path


def bulletin(county: County) -> ScoreBulletin:
    """Of a month in which Stone Bridge never answered."""
    call = calls.ask(county)
    calls.fill(county, calls.seat_of(call, county.divisions["Willow River"]), 0, 0)
    county.clock.advance(days=31)
    calls.tick(county)
    return services.draft_bulletin(
        last_month(county.now), division=county.division, by=county.actor("Feng"), at=county.now
    )


def of(row: ScoreBulletin, county: County, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in row.lines if one["code"] == county.divisions[name].code)
    return found


def test_it_fixes_the_marks_and_begins_with_a_text_that_names_them(county: County) -> None:
    row = bulletin(county)
    assert row.number == "信息报送通报〔2026〕1号"
    assert of(row, county, "Willow River")["rank"] == 1
    assert of(row, county, "Stone Bridge")["completeness"] == "96"
    stone = county.divisions["Stone Bridge"].name
    assert f"{stone}98.8分：收数未报1次" in row.text
    paper = bulletin_paper(row)
    assert paper.rows[1][1] == stone
    assert "收数未报1次" in paper.rows[1][-1]
    assert "尚未经本县确认" in paper.note
    verify()


def test_a_period_that_still_runs_has_no_bulletin(county: County) -> None:
    with pytest.raises(PeriodNotOver):
        services.draft_bulletin(
            month_of(county.now), division=county.division, by=county.actor("Feng"), at=county.now
        )
    assert not ScoreBulletin.objects.exists()


def test_a_deduction_is_struck_with_a_reason_and_may_count_again(county: County) -> None:
    row = bulletin(county)
    by, at, place = county.actor("Feng"), county.now, county.divisions["Stone Bridge"].code
    one = of(row, county, "Stone Bridge")["deductions"][0]
    key = f"{one['rule']}/{one['subject']}"
    with pytest.raises(WhyNeeded):
        services.strike_deduction(row, place=place, key=key, reason=" ", by=by, at=at)
    with pytest.raises(NoSuchDeduction):
        services.strike_deduction(row, place=place, key="data_missed/x:1", reason="断网", by=by, at=at)
    services.strike_deduction(row, place=place, key=key, reason="三断期间", by=by, at=at)
    assert of(row, county, "Stone Bridge")["total"] == "100"
    assert of(row, county, "Stone Bridge")["deductions"][0]["struck"] == "三断期间"
    services.restore_deduction(row, place=place, key=key, by=by, at=at)
    assert of(row, county, "Stone Bridge")["total"] == "98.8"


def test_what_is_recorded_later_does_not_change_a_signed_bulletin(county: County) -> None:
    row = bulletin(county)
    services.sign_bulletin(row, name="郑", by=county.actor("Zheng"), at=county.now)
    with pytest.raises(BulletinFixed):
        services.edit_bulletin(row, title="x", text="y", by=county.actor("Feng"), at=county.now)
    services.publish_bulletin(row, by=county.actor("Feng"), at=county.now + timedelta(minutes=1))
    assert (row.state, row.signed_name) == ("published", "郑")


def test_a_bulletin_without_a_text_is_refused(county: County) -> None:
    row = bulletin(county)
    with pytest.raises(NoText):
        services.edit_bulletin(row, title="通报", text="  ", by=county.actor("Feng"), at=county.now)


# -- on the page


def page(county: County, who: str, address: str, *, language: str = "en") -> str:
    answer = county.client(who, language=language).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_county_reads_all_marks_and_a_township_its_own(county: County) -> None:
    bulletin(county)
    both = [county.divisions[name].name for name in ("Willow River", "Stone Bridge")]
    code = last_month(county.now).code
    whole = page(county, "Chen", f"/scores/?period={code}")
    own = page(county, "Liu", f"/scores/?period={code}")
    assert all(name in whole for name in both)
    assert (both[0] in own, both[1] in own) == (False, True)
    assert "Draft a bulletin" not in whole
    assert "Draft a bulletin" in page(county, "Feng", f"/scores/?period={code}")


def test_a_place_shows_each_deduction_with_what_it_is_about(county: County) -> None:
    bulletin(county)
    code, place = last_month(county.now).code, county.divisions["Stone Bridge"].code
    shown = page(county, "Liu", f"/scores/places/{place}/?period={code}")
    assert "data call not answered" in shown
    assert "/data-calls/seats/" in shown
    assert county.client("Li").get(f"/scores/places/{place}/?period={code}").status_code == 404


def test_a_wrong_period_is_said_and_the_running_month_shown(county: County) -> None:
    shown = page(county, "Chen", "/scores/?first=2026-07-15&last=2026-07-01")
    assert "is no period" in shown
    assert "July 2026" in shown


def test_the_chief_drafts_a_leader_signs_and_then_a_township_reads_it(county: County) -> None:
    bulletin(county)
    code = last_month(county.now).code
    feng, zheng, liu = (county.client(name) for name in ("Feng", "Zheng", "Liu"))
    answer = feng.post("/scores/bulletins/draft/", {"period": code})
    address = answer["Location"]
    row = ScoreBulletin.objects.get(pk=address.split("/")[3])
    assert liu.get(address).status_code == 404
    assert feng.post(f"{address}act/", {"verb": "edit", "title": "通报", "text": ""}).status_code == 409
    feng.post(f"{address}act/", {"verb": "edit", "title": "七月通报", "text": "请整改。"})
    assert feng.post(f"{address}act/", {"verb": "sign"}).status_code == 403
    assert county.client("Chen").post(f"{address}act/", {"verb": "publish"}).status_code == 403
    zheng.post(f"{address}act/", {"verb": "sign"})
    feng.post(f"{address}act/", {"verb": "publish"})
    row.refresh_from_db()
    assert (row.state, row.title, row.signed_name) == ("published", "七月通报", county.people["Zheng"].name)
    assert liu.get(address).status_code == 200
    assert county.client("Zhao").get(address).status_code == 404


def test_a_deduction_is_struck_on_the_page(county: County) -> None:
    row = bulletin(county)
    one = of(row, county, "Stone Bridge")["deductions"][0]
    form = {
        "verb": "strike",
        "place": county.divisions["Stone Bridge"].code,
        "key": f"{one['rule']}/{one['subject']}",
    }
    feng = county.client("Feng")
    refused = feng.post(f"/scores/bulletins/{row.pk}/act/", form)
    assert refused.status_code == 409
    assert "The reason is missing" in refused.content.decode()
    assert feng.post(f"/scores/bulletins/{row.pk}/act/", form | {"reason": "断网"}).status_code == 302
    assert "断网" in page(county, "Feng", f"/scores/bulletins/{row.pk}/")


@pytest.mark.parametrize("address", ["/scores/table.xlsx?period={code}", "/scores/bulletins/{pk}/table.xlsx"])
def test_the_table_is_a_workbook_of_marks_and_deductions(county: County, address: str) -> None:
    from openpyxl import load_workbook

    row = bulletin(county)
    answer = county.client("Chen").get(address.format(code=row.period, pk=row.pk))
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["得分", "扣分明细"]
    marks = [[cell.value for cell in line] for line in book["得分"].iter_rows()]
    assert marks[0][1] == "单位"
    assert county.divisions["Stone Bridge"].name in {line[1] for line in marks}
    assert book["扣分明细"].max_row == 2


def test_the_pages_speak_chinese(county: County) -> None:
    row = bulletin(county)
    code, place = row.period, county.divisions["Stone Bridge"].code
    for address in (
        f"/scores/?period={code}",
        f"/scores/places/{place}/?period={code}",
        f"/scores/bulletins/{row.pk}/",
    ):
        assert not english_in(page(county, "Feng", address, language="zh-hans")), address
