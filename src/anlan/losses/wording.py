"""The statistics in words: names of kinds, and the text version of a report for a phone message or a paper. Chinese throughout."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from anlan.kernel.clock import SHANGHAI
from anlan.losses import checks, hazards

if TYPE_CHECKING:
    from anlan.losses.models import CourseReport, LossCourse

RECEIVERS: dict[str, tuple[str, str]] = {
    "city": ("市", "city"),
    "province": ("省", "province"),
    "ministry": ("应急管理部", "ministry"),
}
REPORT_STATES: dict[str, tuple[str, str]] = {
    "draft": ("拟稿", "draft"),
    "review": ("待审核", "waits for review"),
    "reviewed": ("待签发", "waits for signature"),
    "signed": ("已签发", "signed"),
    "dropped": ("已作废", "dropped"),
}
DUE_STATES: dict[str, tuple[str, str]] = {
    "waiting": ("待报", "waiting"),
    "overdue": ("超时未报", "overdue"),
    "met": ("已报", "reported"),
    "missed": ("未报", "missed"),
    "dropped": ("不再要求", "no longer needed"),
}
PERSON_STATES: dict[str, tuple[str, str]] = {
    "dead": ("死亡", "dead"),
    "missing": ("失踪", "missing"),
    "found": ("已找到", "found"),
    "struck": ("已划去", "struck off"),
}
_DIGITS = "〇一二三四五六七八九"


def numeral(number: int) -> str:
    """1 to 99 in Chinese numerals, as 续报一, 续报十二; larger ones in digits."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones else "")


def kind_words(kind: str, number: int) -> tuple[str, str]:
    """初报, 续报一, 核报."""
    if kind == "first":
        return "初报", "first report"
    if kind == "verify":
        return "核报", "verification report"
    return f"续报{numeral(number)}", f"follow-up report {number}"


def moment_zh(moment: datetime) -> str:
    """ "7月1日8时30分"; at the end of a day 24时, as the forms say."""
    local = moment.astimezone(SHANGHAI)
    minutes = f"{local.minute}分" if local.minute else ""
    return f"{local.month}月{local.day}日{local.hour}时{minutes}"


def text_of(course: LossCourse, report: CourseReport) -> str:
    """A report as one paragraph. What is zero is left out, except that deaths and missing are always said."""
    values = checks.loaded(report.values)
    kind = kind_words(report.kind, report.number)[0]
    what = "、".join(hazards.SUB[code].zh for code in course.sub_hazards)
    hit = sum(1 for row in report.by_township.values() if row["values"])
    head = f"【灾情{kind}】{course.title}：截至{moment_zh(report.data_until)}，"
    if not values:
        body = f"{what}未造成{course.division.name}人员和财产损失（零报告）。"
        return head + body + _more(report)
    parts = [f"{what}造成{course.division.name}{hit}个乡镇{_of(values, 'affected', '人受灾', always=True)}"]
    parts += _people(values, is_drought=course.first_hazard == "drought")
    crops = _of(values, "crops_affected", "公顷", "农作物受灾面积")
    if crops:
        lost = _of(values, "crops_lost", "公顷", "其中绝收")
        parts.append(crops + (f"（{lost}）" if lost else ""))
    houses = [
        _of(values, code, "间", name)
        for code, name in (
            ("collapsed_rooms", "倒塌住房"),
            ("severe_rooms", "严重损坏住房"),
            ("slight_rooms", "一般损坏住房"),
        )
    ]
    parts += [one for one in houses if one]
    parts += [one for one in (_of(values, "loss_total", "万元", "直接经济损失"),) if one]
    return head + "，".join(parts) + "。" + _more(report)


def _people(values: dict[str, Decimal], *, is_drought: bool) -> list[str]:
    if is_drought:
        dry = (("drought_relief", "人因旱需生活救助"), ("drought_water", "人因旱饮水困难"))
        return [text for code, unit in dry if (text := _of(values, code, unit))]
    found = [
        _of(values, "deaths", "人", "因灾死亡", always=True),
        _of(values, "missing", "人", "失踪", always=True),
    ]
    plan = (
        ("injured", "人伤病"),
        ("moved_ahead", "人紧急避险转移"),
        ("resettled", "人紧急转移安置"),
        ("needing_relief", "人需紧急生活救助"),
    )
    return found + [text for code, unit in plan if (text := _of(values, code, unit))]


def _of(values: dict[str, Decimal], code: str, unit: str, before: str = "", *, always: bool = False) -> str:
    value = values.get(code, Decimal(0))
    return f"{before}{checks.show(value)}{unit}" if value or always else ""


def _more(report: CourseReport) -> str:
    said = [words.strip().rstrip("。") for words in (report.situation, report.measures) if words.strip()]
    return "".join(f"{words}。" for words in said)
