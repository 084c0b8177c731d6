"""`anlan decode --protocol P --json FILE`: messages of a station protocol, decoded; no database needed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from anlan.drivers.decode import decode_file


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="anlan decode", description="Decode messages, one result a message."
    )
    parser.add_argument("--protocol", required=True, help="for example sl651")
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument(
        "file", type=Path, help="a list of messages as JSON, or one message a line in hexadecimal"
    )
    options = parser.parse_args(arguments)
    results = decode_file(options.protocol, options.file)
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return 0
    for result in results:
        mark = "ok " if result["ok"] else "BAD"
        print(
            f"{mark} {result['id']} {result.get('function', '')} {result.get('station', '')} {result.get('reason') or ''}"
        )
    good = sum(bool(result["ok"]) for result in results)
    print(f"{good} decoded, {len(results) - good} refused")
    return 0
