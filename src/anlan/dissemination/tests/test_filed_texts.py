"""Filed signatures and templates: a text that would be blocked is known before it is sent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.dissemination.models import SmsTemplate
from anlan.dissemination.refusals import BadFiling, FilingExists
from anlan.dissemination.services import filings
from anlan.dissemination.services.filings import Fit, matches
from anlan.journal.models import Entry
from anlan.testing import County

ON = date(2026, 7, 1)
TEMPLATE = "{village}：{text}回复1已收到，2已行动，3已完成。"
TEXT = "【云岭县应急管理局】上柳村：请立即转移。回复1已收到，2已行动，3已完成。"


@pytest.fixture
def county_with_filing(county: County) -> County:
    filings.add_signature("phone", "【云岭县应急管理局】", status="filed", by=county.by, at=county.now)
    filings.add_template(
        "phone", "叫应", TEMPLATE, status="filed", limits={"village": 10}, filed_number="纸质文件第3页",
        by=county.by, at=county.now,
    )  # fmt: skip
    return county


@pytest.mark.django_db
def test_without_a_filing_the_answer_is_not_known_and_never_fine(county: County) -> None:
    found = filings.check(TEXT, on=ON)
    assert [one.fit for one in found.routes] == [Fit.NO_FILING_KNOWN]
    assert not found.is_known
    assert not found.may_be_blocked
    assert found.segments == 1


@pytest.mark.django_db
def test_a_text_that_fits_names_its_filing(county_with_filing: County) -> None:
    [one] = filings.check(TEXT, on=ON).routes
    assert (one.fit, one.template, one.filed_number) == (Fit.FITS, "叫应", "纸质文件第3页")


@pytest.mark.django_db
def test_a_text_that_would_be_blocked_shows_the_nearest_filing_and_where_it_differs(
    county_with_filing: County,
) -> None:
    found = filings.check(TEXT.replace("2已行动", "2正在转移"), on=ON)
    [one] = found.routes
    assert found.may_be_blocked
    assert (one.fit, one.template) == (Fit.NOT_FILED, "叫应")
    changed = "".join(span.text for span in one.spans if span.kind != "same")
    assert "正在转移" in changed
    assert "已行动" in changed
    assert "".join(span.text for span in one.spans if span.kind != "missing") in TEXT.replace(
        "2已行动", "2正在转移"
    )


@pytest.mark.django_db
def test_a_place_that_is_too_long_does_not_fit(county_with_filing: County) -> None:
    long_name = "上柳村第一村民小组东头片区"
    assert filings.check(TEXT.replace("上柳村", long_name), on=ON).routes[0].fit is Fit.NOT_FILED


@pytest.mark.django_db
@pytest.mark.parametrize("signature", ["", "【某某公司】"])
def test_another_signature_or_none_is_blocked(county_with_filing: County, signature: str) -> None:
    [one] = filings.check(TEXT.replace("【云岭县应急管理局】", signature), on=ON).routes
    assert one.fit is Fit.SIGNATURE_NOT_FILED


@pytest.mark.django_db
def test_what_is_pending_or_has_expired_is_not_in_force(county_with_filing: County) -> None:
    row = SmsTemplate.objects.get()
    by, at = county_with_filing.by, county_with_filing.now
    filings.change_status(row, status="pending", by=by, at=at)
    assert filings.check(TEXT, on=ON).routes[0].fit is Fit.NOT_IN_FORCE
    filings.change_status(row, status="filed", valid_until=date(2026, 6, 30), by=by, at=at)
    assert filings.check(TEXT, on=ON).routes[0].fit is Fit.NOT_IN_FORCE
    assert filings.check(TEXT, on=date(2026, 6, 30)).routes[0].fit is Fit.FITS
    assert Entry.objects.filter(kind="sms_template.changed").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "{a}", "{a} {b}", "前{a}{b}后", "字" * 1001])
def test_a_filing_that_would_let_everything_through_or_nothing_is_refused(county: County, text: str) -> None:
    with pytest.raises(BadFiling):
        filings.add_template("phone", "甲", text, status="filed", by=county.by, at=county.now)
    assert SmsTemplate.objects.count() == 0


@pytest.mark.django_db
def test_the_same_name_twice_is_refused(county_with_filing: County) -> None:
    with pytest.raises(FilingExists):
        filings.add_template(
            "phone", "叫应", "别的{a}", status="filed", by=county_with_filing.by, at=county_with_filing.now
        )


@pytest.mark.django_db
def test_a_list_comes_in_whole_or_not_at_all(county: County) -> None:
    good = ["解除\t{text}预警已解除。\tA-1", "", "测试\t通讯测试：{name}，请回复1。\t\tpending"]
    bad = [*good, "坏的\t{a}{b}"]
    count, wrong = filings.import_templates(bad, route="phone", by=county.by, at=county.now)
    assert (count, len(wrong)) == (0, 1)
    assert wrong[0].startswith("4:")
    assert SmsTemplate.objects.count() == 0
    assert filings.import_templates(good, route="phone", by=county.by, at=county.now) == (2, [])
    assert set(SmsTemplate.objects.values_list("status", flat=True)) == {"filed", "pending"}


@given(first=st.text(min_size=1, max_size=20), second=st.text(min_size=1, max_size=20))
def test_whatever_is_put_into_the_places_fits(first: str, second: str) -> None:
    template = "甲{a}乙{b}丙"
    assert matches(template, f"甲{first}乙{second}丙", {})
    assert not matches(template, f"甲{first}乙丙"[:2], {})


def test_a_text_of_nothing_but_separators_takes_no_time() -> None:
    template = "".join(f"{{p{n}}}，" for n in range(20)) + "完"
    assert not matches(template, "，" * 900, {})
