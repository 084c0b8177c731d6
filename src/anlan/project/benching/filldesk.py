"""Fills a bench folder with years of a duty desk: incidents with figures, and the journal that goes with them.

Rows and entries are stored by the same code as always, many at once, and sealed: the chain holds. Run in the folder's own process
as `python -m anlan.project.benching.filldesk`. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

BATCH = 2_000
#: Figures of one incident: with its own entry and these, an incident of the past has four entries.
FIGURES = (("affected", 12), ("injured", 1), ("evacuated", 4))
_TYPES = ("landslide", "fire", "road_traffic", "flood", "forest_fire", "drowning", "gas", "other_accident")
_WORDS = ("后山滑坡", "民房起火", "客车侧翻", "河水漫堤", "林区起火", "水库溺水", "管道漏气", "其他情况")


def main() -> int:
    parser = argparse.ArgumentParser(prog="filldesk")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--open", type=int, default=40)
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    print(json.dumps(fill(options.incidents, options.entries, options.open)))
    return 0


def fill(incidents: int, entries: int, still_open: int) -> dict[str, Any]:
    """The past first, then what is open now, entered as a duty officer would."""
    from anlan.journal import clocks
    from anlan.journal.deadlines import run_reactions
    from anlan.journal.models import Entry
    from anlan.journal.sealer import seal_everything

    began = time.perf_counter()
    run = clocks.default_exercise_id()
    at = clocks.now(run)
    _past(incidents - still_open, at, run)
    newest = _now(still_open, at, run)
    while run_reactions(owner="bench"):
        pass
    _notes(entries - Entry.objects.count(), at, run)
    seal_everything()
    return {
        "incident": newest,
        "incidents": incidents,
        "entries": Entry.objects.count(),
        "fill_s": round(time.perf_counter() - began, 1),
    }


def _places() -> list[Any]:
    from anlan.places.models import Division

    return list(Division.objects.filter(level="village").defer("geometry").order_by("code"))


def _past(count: int, at: datetime, run: Any) -> None:
    """Closed incidents over some years, each with its figures."""
    from anlan.incidents.models import Figure, Incident
    from anlan.journal.services import record_all
    from anlan.kernel.actor import system
    from anlan.vocab.incidents import TYPES

    by, places = system("bench"), _places()
    for first in range(0, count, BATCH):
        rows, figures = [], []
        for number in range(first, min(first + BATCH, count)):
            kind, place = _TYPES[number % len(_TYPES)], places[number * 7 % len(places)]
            known = at - timedelta(minutes=90 * (count - number) + 600)
            row = Incident(
                number=f"{known.year}-B{number:05d}", state="closed", title=f"{place.name}{_WORDS[number % len(_WORDS)]}",
                event_class=TYPES[kind].event_class.value, event_type=kind, occurred_at=known - timedelta(minutes=9),
                known_at=known, place_words=f"{number % 40 + 1}组", division=place, lon=place.lon, lat=place.lat,
                informant="110", course="接报后派员赶赴现场，已妥善处置。" * 3, measures="救援、转移、警戒。", grade=4,
                graded_by="rule", tags=["heavy_rain"] if number % 9 == 0 else [], closed_at=known, closed_why="处置完毕",
                exercise_id=run,
            )  # fmt: skip
            rows.append(row)
            figures += [
                Figure(
                    state="verified", incident=row, code=code, value=Decimal(value), scope=place, source="乡镇",
                    as_of=known, recorded_at=known, verified_at=known, verified_by=by.ref, exercise_id=run,
                )
                for code, value in FIGURES
            ]  # fmt: skip
        record_all(rows, by=by, at=at, kind="opened")
        record_all(figures, by=by, at=at, kind="claimed")


def _now(count: int, at: datetime, run: Any) -> str:
    """Open ones, with a chase order each; the last has a long record."""
    from django.db import transaction

    from anlan.incidents import services
    from anlan.incidents.types import FigureDetails, IncidentDetails
    from anlan.project.benching.person import somebody

    by, places = somebody(), _places()
    newest = None
    for number in range(count):
        place = places[number * 3 % len(places)]
        known = at - timedelta(minutes=2 * (count - number))
        with transaction.atomic():
            newest = services.open_incident(
                IncidentDetails(
                    title=f"{place.name}{_WORDS[number % len(_WORDS)]}", event_type=_TYPES[number % len(_TYPES)],
                    division=place, informant="110", known_at=known, lon=place.lon, lat=place.lat,
                    figures=tuple(FigureDetails(code, Decimal(value), "乡镇", known) for code, value in FIGURES),
                ),
                by=by, at=at, exercise_id=run,
            )  # fmt: skip
            services.issue_chase(
                incident=newest, addressee=place.name, division=place, task="报排查结果",
                due_at=at + timedelta(minutes=30 + number), by=by, at=at,
            )  # fmt: skip
    if newest is None:
        return ""
    with transaction.atomic():
        for step in range(30):
            when = at + timedelta(seconds=step)
            details = FigureDetails("affected", Decimal(20 + step), "柳河镇" if step % 2 else "县应急局", at)
            services.add_figure(newest, details, by=by, at=when)
        services.record_remark(
            newest, leader="王建国", leader_post="", words="全力搜救", said_at=at, by=by, at=at
        )
    return str(newest.pk)


def _notes(count: int, at: datetime, run: Any) -> None:
    """What else stands in the journal of those years."""
    from anlan.journal.models import Entry
    from anlan.journal.services import make_entry
    from anlan.kernel.actor import system
    from anlan.places.models import Division

    county = Division.objects.get(level="county")
    by = system("bench")
    for first in range(0, max(0, count), BATCH):
        rows = [
            make_entry(
                kind="log.noted", subject=("log", ""), payload={"text": f"值班记录 {number}", "by": "值班员"}, by=by, at=at,
                path=county.path, exercise_id=run,
            )
            for number in range(first, min(first + BATCH, count))
        ]  # fmt: skip
        Entry.objects.bulk_create(rows)


if __name__ == "__main__":
    raise SystemExit(main())
