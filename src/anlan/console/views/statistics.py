"""Coverage and timeliness of call-outs: by call-out, township, channel and year (C-03 to C-05)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.accounts.access import require_somewhere
from anlan.console.views.base import DeskRequest, desk
from anlan.dissemination.statistics import Figures, figures
from anlan.places.access import visible
from anlan.vocab.hazards import HazardType
from anlan.vocab.posts import Right
from anlan.warning.queries import yearly_table

BEIJING = ZoneInfo("Asia/Shanghai")
#: Years offered before the present one.
YEARS_BACK = 4


@desk
@require_GET
def statistics(request: DeskRequest) -> HttpResponse:
    """The figures of one year of the reader's jurisdiction, or of the last days."""
    require_somewhere(request.actor, Right.SEE)
    year, found = _asked(request)
    this_year = request.now.astimezone(BEIJING).year
    page: dict[str, Any] = {
        "figures": found,
        "year": year,
        "years": [this_year - back for back in range(YEARS_BACK + 1)],
        "yearly": yearly_table(request.actor, years=[this_year - back for back in range(YEARS_BACK + 1)]),
        "hazards": [str(kind) for kind in HazardType],
        "missed_places": _places(request),
        "read_at": request.now,
    }
    return render(request, "console/followup/statistics.html", page)


def _places(request: DeskRequest) -> list[tuple[str, str]]:
    """Where the reader may record that nobody was warned."""
    rows = visible(request.actor, Right.DRAFT).filter(level__in=("county", "township", "village"))
    return list(rows.order_by("path").values_list("code", "name")[:400])


@desk
@require_GET
def table(request: DeskRequest) -> HttpResponse:
    """The call-outs of the year as a table for a spreadsheet; times in seconds."""
    require_somewhere(request.actor, Right.SEE)
    year, found = _asked(request)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["叫应", "发起时间", "级别", "应叫", "已发", "已达", "已应答", "已完成", "人工销号", "未应答", "首条中位秒", "应答中位秒"]
    )  # fmt: skip
    for callout, tally in found.by_callout:
        started = callout.started_at.astimezone(BEIJING)
        counts = [tally.seats, tally.sent, tally.reached, tally.answered, tally.done, tally.resolved]
        spans = [_rounded(tally.median_sent_s), _rounded(tally.median_answered_s)]
        row = [_plain(callout.title), f"{started:%Y-%m-%d %H:%M:%S}", callout.level, *counts, tally.silent]
        writer.writerow([*row, *spans])
    # The mark at the start tells spreadsheets that it is UTF-8.
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="callouts-{year}.csv"'
    return response


def _asked(request: DeskRequest) -> tuple[int, Figures]:
    this_year = request.now.astimezone(BEIJING).year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else this_year
    year = min(max(year, 2000), this_year)
    start = datetime(year, 1, 1, tzinfo=BEIJING).astimezone(UTC)
    end = datetime(year + 1, 1, 1, tzinfo=BEIJING).astimezone(UTC)
    return year, figures(request.actor, start=start, end=min(end, request.now + timedelta(days=1)))


def _rounded(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _plain(text: str) -> str:
    """A cell that a spreadsheet never takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t" else text
