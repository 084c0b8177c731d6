"""What came of a call-out drill, from the store and the gateways' own ledgers. Run as `python -m anlan.project.drill.paths`."""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from anlan.project.drill import judge


def main() -> int:
    parser = argparse.ArgumentParser(prog="paths")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--settle", type=float, metavar="SECONDS")
    parser.add_argument("--counts", action="store_true", help="only how many seats have answered")
    parser.add_argument("--ledgers", nargs="*", type=Path, default=[])
    options = parser.parse_args()
    os.environ["ANLAN_DATA"] = str(options.data)
    from anlan.project.cli import use_django

    use_django()
    if options.counts:
        found: dict[str, Any] = judge.callouts()
    elif options.settle is not None:
        found = dict(judge.settled(options.settle))
    else:
        found = judged(options.ledgers)
    print(json.dumps(found, ensure_ascii=False))
    return 0


def judged(ledgers: list[Path]) -> dict[str, Any]:
    """The report. A message counts as taken when a gateway wrote it down, whatever became of the gateway."""
    from anlan.journal.sealer import seal_everything
    from anlan.journal.verify import verify

    seen = taken(ledgers)
    seal_everything()
    checked = verify()
    seats = paths()
    return {
        "callouts": judge.callouts(),
        "seats": seats,
        "closed_silently": [seat["village"] for seat in seats if seat["is_silent_end"]],
        "messages": messages(seen),
        "all_clear": all_clear(seen),
        "journal": {"entries": checked.entries, "ok": checked.ok, "problems": checked.problems[:20]},
        "failures": judge.failures(),
    }


def taken(ledgers: list[Path]) -> dict[str, int]:
    """How often each send key was taken, by every gateway together. A half line of a killed gateway was not taken."""
    found: Counter[str] = Counter()
    for path in ledgers:
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            try:
                found[json.loads(line)["client_ref"]] += 1
            except ValueError:
                continue
    return dict(found)


def paths() -> list[dict[str, Any]]:
    """Every seat: what was tried in which order through which gateway, what came back, and who has it at the end."""
    from anlan.dissemination.models import CalloutSeat, Delivery

    attempts: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    rows = Delivery.objects.filter(seat__isnull=False).exclude(purpose__in=("all_clear",))
    for row in rows.select_related("person").order_by("id"):
        attempts[row.seat_id].append(
            {
                "rung": row.rung,
                "to": row.role,
                "who": row.person.name if row.person is not None else row.recipient,
                "channel": row.channel,
                "purpose": row.purpose,
                "route": row.route,
                "state": row.state,
                "attempts": row.attempts,
                "possibly_twice": row.may_be_repeated,
                "uncertain": row.is_uncertain,
                "error": row.last_error,
            }
        )
    seats = CalloutSeat.objects.select_related("division", "callout").order_by("division_id")
    return [_path(seat, attempts[seat.pk]) for seat in seats]


def _path(seat: Any, tried: list[dict[str, Any]]) -> dict[str, Any]:
    """One seat; `is_silent_end`: it ended without an answer, a named person or a reason of its own (Any: a row)."""
    # Lifting gives every seat a reason; only a person who resolved this very seat counts as having looked at it.
    was_named = bool(seat.escalated_to_name) or seat.state == "resolved"
    heard = seat.answered_at is not None
    waited = (
        None if seat.answered_at is None else (seat.answered_at - seat.callout.started_at).total_seconds()
    )
    return {
        "code": seat.division_id,
        "village": seat.division.name,
        "state": seat.state,
        "answered_by": seat.answered_by_name,
        "answered_via": seat.answered_via,
        "answered_after_s": waited,
        "escalated_to": seat.escalated_to_name,
        "reason": seat.resolve_reason,
        "skipped": seat.skipped,
        "path": tried,
        "is_silent_end": not heard and not was_named,
    }


def messages(seen: dict[str, int]) -> dict[str, int]:
    """The platform's deliveries against the ledgers; a message said together with another one follows that one."""
    from anlan.dissemination.models import Delivery

    rows = Delivery.objects.exclude(handed_at=None).filter(channel__in=["sms", "voice"])
    missing = unmarked = marked_rows = rerouted = 0
    columns = ("send_key", "bundled_in__send_key", "may_be_repeated", "is_uncertain", "route")
    for key, leader, marked, uncertain, route in rows.values_list(*columns):
        count = seen.get(leader or key, 0)
        missing += count == 0
        unmarked += count > 1 and not marked and leader is None
        marked_rows += marked or uncertain
        rerouted += route == "second"
    return {
        "handed": sum(seen.values()),
        "distinct": len(seen),
        "repeated": sum(count > 1 for count in seen.values()),
        "unmarked": unmarked,
        "uncertain": marked_rows,
        "missing": missing,
        "by_second_gateway": rerouted,
    }


def all_clear(seen: dict[str, int]) -> dict[str, Any]:
    """The all-clear belongs to exactly those addresses that may have heard of the call-out."""
    from django.db.models import Q

    from anlan.dissemination.models import Delivery

    heard = Q(handed_at__isnull=False) | Q(is_uncertain=True)
    told = Delivery.objects.filter(heard, seat__isnull=False).exclude(purpose__in=("all_clear", "test"))
    cleared = Delivery.objects.filter(purpose="all_clear", seat__isnull=False)
    was_told = set(told.values_list("address", flat=True))
    reached = [address for address, key in cleared.values_list("address", "send_key") if seen.get(key)]
    return {
        "told": len(was_told),
        "cleared": len(set(reached)),
        "not_told": sorted(was_told - set(reached)),
        "too_many": sorted(set(reached) - was_told),
        "twice": len(reached) - len(set(reached)),
    }


if __name__ == "__main__":
    raise SystemExit(main())
