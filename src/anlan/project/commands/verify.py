"""`anlan verify`: is the chain whole, and does the journal tell the present state?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from anlan.project.cli import use_django


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="anlan verify", description="Check chains and fold the journal.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    use_django()
    from django.conf import settings

    from anlan.journal.sealer import seal_everything
    from anlan.journal.verify import verify
    from anlan.sensing.history.verify import problems as settled_problems

    seal_everything()
    report = verify()
    report.problems += settled_problems(settings.ANLAN_DATA)
    if options.json:
        print(json.dumps({**asdict(report), "ok": report.ok}, ensure_ascii=False))
        return 0 if report.ok else 1
    print(f"{report.entries} entries sealed, {report.unsealed} not yet, {report.rows} rows compared")
    for origin, head in report.heads.items():
        print(f"head of {origin}: {head}")
    for problem in report.problems[:50]:
        print(f"PROBLEM {problem}")
    print("verified" if report.ok else f"{len(report.problems)} problems")
    return 0 if report.ok else 1
