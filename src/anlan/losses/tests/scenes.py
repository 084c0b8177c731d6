"""A flood in the tiny county, and what people do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from anlan.journal.deadlines import run_deadlines
from anlan.losses import services
from anlan.losses.models import CourseReport, LossCourse, TownshipReport, VillageFiling
from anlan.losses.types import CourseDetails
from anlan.testing import County


def flood(county: County, *townships: str, **fields: Any) -> LossCourse:
    """A course that Chen opens now; both townships take part unless some are named."""
    names = townships or ("Willow River", "Stone Bridge")
    details = CourseDetails(
        **{
            "title": "7·1洪涝灾害",
            "county": county.division,
            "townships": tuple(county.divisions[name] for name in names),
            "sub_hazards": ("flood",),
            "began_at": county.now - timedelta(minutes=30),
            "known_at": county.now,
            **fields,
        }
    )
    return services.open_course(details, by=county.actor("Chen"), at=county.now)


def filed(
    county: County, course: LossCourse, village: str, who: str = "Zhao", **given: object
) -> VillageFiling:
    values = {code: str(value) for code, value in given.items()}
    return services.file_village(
        course, county.divisions[village], values, by=county.actor(who), at=county.now
    )


def submitted(
    county: County, course: LossCourse, township: str = "Willow River", who: str = "Li", why: str = "核实", **given: object
) -> TownshipReport:  # fmt: skip
    values = {code: str(value) for code, value in given.items()}
    return services.submit_township(
        course, county.divisions[township], values, why=why, by=county.actor(who), at=county.now
    )


def signed(county: County, course: LossCourse, why: dict[str, str] | None = None) -> CourseReport:
    """Chen drafts, Feng reviews, Zheng signs."""
    from anlan.losses.types import Edit

    report = services.draft_report(course, by=county.actor("Chen"), at=county.now)
    if why:
        services.edit_report(report, Edit(explanations=why), by=county.actor("Chen"), at=county.now)
    services.submit_report(report, by=county.actor("Chen"), at=county.now)
    services.review_report(report, by=county.actor("Feng"), at=county.now)
    return services.sign_report(report, by=county.actor("Zheng"), at=county.now)


def run() -> None:
    """Meet everything that is due, also what becomes due by that."""
    while run_deadlines(owner="test"):
        pass
