"""`anlan decode --protocol P --json FILE`: messages of a station protocol, decoded; no database needed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from anlan.drivers.decode import decode_file, explain_file
from anlan.drivers.types import Fields

#: Bytes of a field shown on its line; the rest is in the JSON.
_SHOWN_BYTES = 16


def run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.explain:
        results = explain_file(options.protocol, options.file, language=options.lang)
    else:
        results = decode_file(options.protocol, options.file)
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return 0
    for result in results:
        print(_line(result))
        for span in _spans(result):
            print(_span_line(span))
    good = sum(bool(result["ok"]) for result in results)
    print(f"{good} decoded, {len(results) - good} refused")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="anlan decode", description="Decode messages, one result a message."
    )
    parser.add_argument("--protocol", required=True, help="for example sl651")
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument("--explain", action="store_true", help="name every field with its bytes")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the explanation")
    parser.add_argument(
        "file",
        type=Path,
        help="a list of messages as JSON (raw_hex, text or base64), or one message a line in hexadecimal or text",
    )
    return parser


def _line(result: Fields) -> str:
    mark = "ok " if result["ok"] else "BAD"
    return f"{mark} {result['id']} {result.get('function', '')} {result.get('station', '')} {result.get('reason') or ''}"


def _spans(result: Fields) -> list[Fields]:
    spans = result.get("spans")
    return spans if isinstance(spans, list) else []


def _span_line(span: Fields) -> str:
    start, length, digits = int(str(span["start"])), int(str(span["length"])), str(span["hex"])
    shown = digits[: 2 * _SHOWN_BYTES] + ("…" if len(digits) > 2 * _SHOWN_BYTES else "")
    return f"    {start:5d}–{start + length - 1:<5d} {shown:<{2 * _SHOWN_BYTES + 1}} {span['name']:<28} {span['meaning']}"
