"""A made-up province for measuring call-outs, in a folder of its own: places, one officer a village, and ladders with short waits.

`python -m anlan.project.benching.province VERB …` runs one verb in a process of its own and prints one JSON document.
Places and people of a province are stored without the journal, which is not what is measured; everything afterwards is journaled.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

COUNTY, DESK_PASSWORD = "999900000000", "bench-desk-2026"
_BATCH = 2_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="province")
    parser.add_argument("verb", choices=("build", "call", "lift", "judge", "lateness"))
    parser.add_argument("--villages", type=int, default=139)
    parser.add_argument("--level", type=int, default=2)
    parser.add_argument("--wait-s", type=int, default=3_600)
    parser.add_argument("--first", type=int, default=0, help="the first village that is called")
    parser.add_argument("--callout", default="")
    parser.add_argument("--logs", nargs="*", default=[])
    options = parser.parse_args()
    from anlan.project.cli import use_django

    use_django()
    verbs = {"build": _build, "call": _call, "lift": _lift, "judge": _judge, "lateness": _lateness}
    print(json.dumps(verbs[options.verb](options), ensure_ascii=False))
    return 0


def _phone(number: int, line: int) -> str:
    """Fictional: no number that begins with 100 is assigned to anybody."""
    return f"100{line}{number:07d}"


def _build(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import transaction

    from anlan.project.migrating import migrate
    from anlan.sensing.catalogue import write_catalogue

    migrate()
    with transaction.atomic():
        _places(options.villages)
        _people(options.villages)
        _desk()
    write_catalogue()
    return {"villages": options.villages}


def _places(count: int) -> None:
    from django.conf import settings

    from anlan.places.models import Division

    def row(code: str, name: str, level: str, parent: str | None, path: str) -> Division:
        return Division(
            code=code, name=name, level=level, parent_id=parent, path=path,
            lon=102.0, lat=27.0, home_node=settings.ANLAN_NODE,
        )  # fmt: skip

    rows = [row(COUNTY, "云岭县", "county", None, COUNTY)]
    towns = sorted({_town(number) for number in range(count)})
    rows += [row(code, f"第{code[6:9]}镇", "township", COUNTY, f"{COUNTY}/{code}") for code in towns]
    rows += [
        row(_village(n), f"第{n}村", "village", _town(n), f"{COUNTY}/{_town(n)}/{_village(n)}")
        for n in range(count)
    ]
    _store(rows)


def _town(number: int) -> str:
    return f"999900{100 + number // 60:04d}00"


def _village(number: int) -> str:
    """12 digits, and a local suffix that keeps 50,000 apart."""
    return f"{_town(number)}{number:05d}"


def _people(count: int) -> None:
    """An officer with a mobile telephone and a landline for each village; a duty officer for each township and the county."""
    from django.conf import settings

    from anlan.directory.models import Contact, Holding, Person, Post
    from anlan.journal import clocks

    since = clocks.wall_now() - timedelta(days=30)
    towns = sorted({_town(number) for number in range(count)})
    places = [(_village(n), "information_officer", n) for n in range(count)]
    places += [(code, "township_duty", 6_000_000 + n) for n, code in enumerate(towns)]
    places += [(COUNTY, "county_duty", 7_000_000)]
    node = settings.ANLAN_NODE
    posts, people, holdings, contacts = [], [], [], []
    for code, kind, number in places:
        post = Post(kind=kind, division_id=code, home_node=node)
        person = Person(name=f"责任人{number}", division_id=code, home_node=node)
        posts.append(post)
        people.append(person)
        holdings.append(
            Holding(post=post, person=person, role="A", held_from=since, changed_by="bench", home_node=node)
        )
        for line, contact in enumerate(("mobile", "landline")):
            contacts.append(
                Contact(
                    person=person,
                    kind=contact,
                    value=_phone(number, line),
                    used_from=since,
                    changed_by="bench",
                    home_node=node,
                )
            )
    for rows in (posts, people, holdings, contacts):
        _store(rows)


def _store(rows: Sequence[Any]) -> None:
    """A county is journaled, so that its journal can be verified; a province would take minutes and is not verified."""
    from anlan.journal import clocks
    from anlan.journal.services import record_all
    from anlan.kernel.actor import system

    if len(rows) <= _BATCH:
        record_all(rows, by=system("bench"), at=clocks.wall_now(), kind="given")
    else:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=_BATCH)


def _desk() -> None:
    """One account that reads the board."""
    from anlan.accounts.services import create_account
    from anlan.directory import services
    from anlan.directory.models import HoldingRole
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.places.models import Division
    from anlan.vocab.posts import PostKind

    by, at, place = system("bench"), clocks.wall_now(), Division.objects.get(pk=COUNTY)
    person = services.create_person("王指挥", division=place, by=by, at=at)
    post = services.ensure_post(PostKind.COMMANDER, division=place, by=by, at=at)
    services.appoint(post, person, role=HoldingRole.A, by=by, at=at)
    create_account(person, username="desk", password=DESK_PASSWORD, must_change=False, by=by, at=at)


def _call(options: argparse.Namespace) -> dict[str, Any]:
    """Open a call-out to every village; each is called on three numbers at once."""
    from django.db import transaction

    from anlan.dissemination import ladders
    from anlan.dissemination.ladders import Ladder, Rung
    from anlan.dissemination.services import open_callout
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.places.models import Division

    steps = (Rung("A", ("sms", "voice"), options.wait_s), Rung("township_duty", ("voice",), options.wait_s))
    mine = Ladder("bench", "测量", "bench", "bench", False, True, steps, "county_duty")
    presets = dict(ladders.presets())
    ladders.presets = lambda: {**presets, "bench": mine}  # type: ignore[assignment]
    codes = [_village(number) for number in range(options.first, options.first + options.villages)]
    villages = list(Division.objects.filter(level="village", code__gte=codes[0], code__lte=codes[-1]))
    county = Division.objects.get(pk=COUNTY)
    at = clocks.wall_now()
    wall, began = time.time(), time.perf_counter()
    with transaction.atomic():
        callout = open_callout(
            subject=f"bench:{options.level}:{wall}", title="测量用叫应", text="测量用叫应，请勿理会。",
            voice_text="测量用叫应。", issuer="云岭县防汛抗旱指挥部办公室", level=options.level,
            hazard_type="flash_flood", division=county, villages=villages, ladder_name="bench",
            by=system("bench"), at=at,
        )  # fmt: skip
    return {"callout": str(callout.pk), "wall": wall, "open_s": time.perf_counter() - began}


def _lift(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import transaction

    from anlan.accounts.actors import actor_for
    from anlan.accounts.models import User
    from anlan.dissemination.models import Callout
    from anlan.dissemination.services import lift_callout
    from anlan.journal import clocks

    at = clocks.wall_now()
    by = actor_for(User.objects.get(username="desk"), at=at)
    with transaction.atomic():
        callout = Callout.objects.select_related("division").get(pk=options.callout)
        lift_callout(callout, text="险情解除。", reason="测量", by=by, at=at)
    return {"lifted": True}


def read_logs(paths: list[str]) -> list[dict[str, Any]]:
    """What the gateways were handed, in the order of each log; a line that a kill cut off is left out."""
    rows = []
    for path in paths:
        for line in Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []:
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    return rows


def _judge(options: argparse.Namespace) -> dict[str, Any]:
    """The platform's rows against the gateways' own logs, and every seat's path."""
    from anlan.dissemination.models import CalloutSeat, Delivery
    from anlan.journal.models import Entry
    from anlan.journal.sealer import seal_everything
    from anlan.journal.verify import verify

    seen = Counter(row["ref"] for row in read_logs(options.logs))
    rows = list(Delivery.objects.filter(channel__in=["sms", "voice"]).select_related("bundled_in"))
    wrong: dict[str, list[str]] = {"missing": [], "repeated_unmarked": [], "rung_though_cancelled": []}
    marked = repeated = 0
    for row in rows:
        count = seen[(row.bundled_in or row).send_key]
        marked += row.may_be_repeated or row.is_uncertain
        repeated += count > 1
        if count == 0 and row.state in ("sent", "delivered", "read"):
            wrong["missing"].append(str(row.pk))
        if count > 1 and not row.may_be_repeated:
            wrong["repeated_unmarked"].append(str(row.pk))
        if count and row.state in ("cancelled", "refused") and not row.is_uncertain:
            wrong["rung_though_cancelled"].append(str(row.pk))
    strangers = len(set(seen) - {row.send_key for row in rows})
    seats = list(CalloutSeat.objects.values_list("state", "escalated_to_name", "resolve_reason"))
    told = {
        row.address for row in rows if row.purpose != "all_clear" and seen[(row.bundled_in or row).send_key]
    }
    # An attempt that was cut off may have rung: whoever it was for hears the all-clear too.
    in_doubt = {row.address for row in rows if row.purpose != "all_clear" and _may_have_rung(row)} - told
    clear = {row.address for row in rows if row.purpose == "all_clear" and seen[row.send_key]}
    seal_everything()
    problems = verify().problems
    return {
        "handed": sum(seen.values()),
        "deliveries": dict(Counter(row.state for row in rows)),
        "repeated": repeated,
        "shown_as_uncertain": marked,
        "cut_off": Entry.objects.filter(kind="delivery.uncertain").count(),
        **{name: keys[:20] for name, keys in wrong.items()},
        "strangers": strangers,
        "seats": dict(Counter(state for state, _, _ in seats)),
        "silent_without_an_owner": sum(
            state == "waiting" or (state == "unanswered" and not name) for state, name, _ in seats
        ),
        "closed_silently": sum(state in ("resolved", "released") and not why for state, _, why in seats),
        "told": len(told),
        "all_clear": len(clear),
        "all_clear_missing": sorted(told - clear)[:20],
        "all_clear_in_doubt": len(clear & in_doubt),
        "all_clear_to_others": sorted(clear - told - in_doubt)[:20],
        "journal_problems": problems[:20],
    }


def _may_have_rung(row: Any) -> bool:
    """Cut off in the middle: nobody knows whether it rang (Any: a delivery)."""
    return bool(row.is_uncertain or row.may_be_repeated)


def _lateness(options: argparse.Namespace) -> dict[str, Any]:
    """How late each step of a ladder was, seconds, from the journal; steps around a jump of the clock are told apart."""
    from anlan.journal.models import Entry
    from anlan.kernel.clock import parse_instant

    due: dict[str, str | None] = {}
    late: list[float] = []
    entries = Entry.objects.filter(subject_type="callout_seat").order_by("id")
    for key, kind, actor, at, payload in entries.values_list("subject_id", "kind", "actor", "at", "payload"):
        fields = json.loads(payload)["set"]
        former = due.get(key)
        if former and actor == "system:ladder" and ("rung" in fields or kind.endswith(".unanswered")):
            late.append((at - parse_instant(former)).total_seconds())
        if "escalate_at" in fields:
            due[key] = fields["escalate_at"]
    late.sort()
    return {
        "steps": len(late),
        "p50_s": round(late[len(late) // 2], 3) if late else None,
        "p99_s": round(late[min(len(late) - 1, int(len(late) * 0.99))], 3) if late else None,
        "worst_s": round(late[-1], 3) if late else None,
    }


if __name__ == "__main__":
    sys.exit(main())
