"""`anlan import KIND FILE`: a workbook with dry run and an error list by row and column; boundaries as GeoJSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from anlan.project.cli import use_django

KINDS = (
    "places",
    "departments",
    "contacts",
    "stations",
    "links",
    "zones",
    "households",
    "sites",
    "hazard_sites",
)


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="anlan import", description="Import a workbook, or write its template."
    )
    parser.add_argument("kind", choices=[*KINDS, "boundaries", "rivers", "template"])
    parser.add_argument("file", help="the workbook or GeoJSON; for `template` the kind")
    parser.add_argument("out", nargs="?", type=Path, help="for `template`: where to write it")
    parser.add_argument("--dry-run", action="store_true", help="check everything, change nothing")
    parser.add_argument(
        "--skip-bad", action="store_true", help="import the good rows of a file that has bad ones"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    use_django()
    from anlan.project import imports

    if options.kind == "template":
        imports.write_template_file(options.file, options.out or Path(f"{options.file}.xlsx"))
        return 0
    report = imports.import_file(
        options.kind, Path(options.file), dry_run=options.dry_run, skip_bad=options.skip_bad
    )
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print("\n".join(report.lines()))
    return 0 if not report.problems or (options.skip_bad and not options.dry_run) else 1
