"""To whom a plan is filed, within how long, and what must be handed in (R23), as data.

Source: 《突发事件应急预案管理办法》(国办发〔2024〕5号): within 20 working days after printing, with an explanation. The other parts
are this county's list and are to be confirmed by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from anlan.kernel.clock import SHANGHAI
from anlan.plans.models import PlanKind, StudyKind
from anlan.ruleset.tables import WorkdaysTable
from anlan.ruleset.workdays import add_working_days
from anlan.vocab.divisions import DivisionLevel

FILE_WITHIN_WORKING_DAYS = 20
#: The first reminder comes this long before the limit; a week later again. Engineering choices.
REMIND_BEFORE = timedelta(days=5)
REMIND_AGAIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Receiver:
    """`level` is the level of division above the owner that receives it; "" for an office outside this county."""

    level: str
    zh: str
    en: str


RECEIVERS: dict[str, Receiver] = {
    PlanKind.OVERALL: Receiver("", "市人民政府（经市应急管理局）", "city government, by its emergency department"),
    PlanKind.SPECIAL: Receiver("", "市级牵头部门（抄送市应急管理局）", "city lead department, copy to its emergency department"),
    PlanKind.DEPARTMENT: Receiver(DivisionLevel.COUNTY, "县人民政府（经县应急管理局）", "county government, by its emergency department"),
    PlanKind.TOWNSHIP: Receiver(DivisionLevel.COUNTY, "县人民政府", "county government"),
    PlanKind.VILLAGE: Receiver(DivisionLevel.TOWNSHIP, "乡镇人民政府", "township government"),
    PlanKind.ENTERPRISE: Receiver(DivisionLevel.COUNTY, "县级主管部门", "county department in charge"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to hand in: words of the form, a study of the plan, or a file. An essential one is needed to submit at all."""

    zh: str
    en: str
    study: str = ""
    is_essential: bool = False


PARTS: dict[str, Part] = {
    "plan": Part("印发的预案文本", "printed plan", is_essential=True),
    "explanation": Part("编制说明", "explanation", is_essential=True),
    "risk_assessment": Part("风险评估报告", "risk assessment", study=StudyKind.RISK_ASSESSMENT),
    "resource_survey": Part("应急资源调查报告", "resource survey", study=StudyKind.RESOURCE_SURVEY),
    "opinions": Part("征求意见与评审意见", "opinions and expert review"),
}

#: A village hands in the plan and its explanation alone.
_FEW = ("plan", "explanation")


def parts_for(kind: str) -> tuple[str, ...]:
    """Codes of `PARTS` that a plan of this kind needs."""
    return _FEW if kind == PlanKind.VILLAGE else tuple(PARTS)


def filing_due(printed_on: date, table: WorkdaysTable) -> datetime:
    """The end of the 20th working day after the local day of printing, as an aware moment."""
    noon = datetime(printed_on.year, printed_on.month, printed_on.day, 12, tzinfo=SHANGHAI)
    return add_working_days(noon, FILE_WITHIN_WORKING_DAYS, table)
