"""`anlan cap validate|show [--json] FILE…`: CAP messages in any wrapping, judged or put into plain lines; no database needed.

A file is one document (.xml, .cap, .atom, .rss, the national .json), or a JSON list of objects with `id` and `text` (vectors).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.cap.reasons import Reason, reason
from anlan.cap.show import lines
from anlan.cap.signing import SignatureCheck, load_certificates
from anlan.cap.validate import Verdict, validate
from anlan.cap.wire import read_time, write_time
from anlan.kernel.refusals import BadSetting

#: Files above this are not even read; `anlan.cap` takes far less for one document.
_MOST_BYTES = 64 * 1024 * 1024


def run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    trusted = None if options.trust is None else _certificates(options.trust)
    at = None if options.at is None else _moment(options.at)
    results = [
        (name, None if data is None else validate(data, at=at, trusted=trusted))
        for path in options.files
        for name, data in _documents(path)
    ]
    if options.verb == "show":
        return _show(results, options)
    return _judge(results, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anlan cap", description="Check or show CAP messages.")
    parser.add_argument("verb", choices=("validate", "show"))
    parser.add_argument("--json", action="store_true", help="print one JSON list and nothing else")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of sentences and lines")
    parser.add_argument("--trust", type=Path, help="PEM file with certificates that prove who sent a message")
    parser.add_argument(
        "--at", help="time of signing, like 2026-07-01T08:00:00+08:00 (default: when it was sent)"
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    return parser


def _certificates(path: Path) -> list[Any]:  # certificates of the library cryptography
    try:
        return load_certificates(path.read_bytes())
    except ValueError:
        raise BadSetting(
            name="--trust", why=f"{path} holds no certificate", example="authorities.pem"
        ) from None


def _moment(text: str) -> datetime:
    try:
        return read_time(text)
    except ValueError:
        raise BadSetting(
            name="--at", why=f"{text!r} is no time with a zone", example="2026-07-01T08:00:00+08:00"
        ) from None


def _documents(path: Path) -> Iterator[tuple[str, bytes | None]]:
    """(name, bytes) of every document of a file; None where a list names one without its text."""
    if path.stat().st_size > _MOST_BYTES:
        raise BadSetting(name=str(path), why="it is larger than 64 MB", example="one message a file")
    data = path.read_bytes()
    listed = _list(data)
    if listed is None:
        yield path.name, data
        return
    for number, row in enumerate(listed, 1):
        text = row.get("text") if isinstance(row, dict) else None
        name = str(row.get("id") or number) if isinstance(row, dict) else str(number)
        if not isinstance(text, str) or not text:
            yield name, None
            continue
        yield name, _encoded(text, str(row.get("encoding") or "utf-8"))


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return text.encode("utf-8", "surrogatepass")


def _list(data: bytes) -> list[Any] | None:
    """The rows of a JSON list, None for anything else."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"[":
        return None
    try:
        rows = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return rows if isinstance(rows, list) else None


def _judge(results: list[tuple[str, Verdict | None]], options: argparse.Namespace) -> int:
    if options.json:
        _print_json([_as_json(name, verdict) for name, verdict in results])
    else:
        for name, verdict in results:
            _print_verdict(name, verdict, options.lang)
        good = sum(verdict is not None and verdict.ok for _name, verdict in results)
        print(f"{good} valid, {sum(v is not None for _n, v in results) - good} invalid")
    return 0


def _as_json(name: str, verdict: Verdict | None) -> dict[str, Any]:
    """`reasons` are the sentences of what makes it invalid, `findings` everything in both languages."""
    if verdict is None:
        none = reason("cap.no_text")
        return {"id": name, "ok": None, "reasons": [none.en], "findings": [_finding(none)]}
    return {
        "id": name,
        "ok": verdict.ok,
        "reasons": [f"{one.code}: {one.en}" for one in verdict.reasons],
        "findings": [_finding(one) for one in verdict.findings],
        "wrapping": verdict.wrapping,
        "alerts": [alert.identifier for alert in verdict.alerts],
        "profiles": list(verdict.profiles),
        "signatures": [_signature(check) for check in verdict.signatures],
    }


def _finding(one: Reason) -> dict[str, str]:
    return {"code": one.code, "severity": str(one.weight), "where": one.where, "zh": one.zh, "en": one.en}


def _signature(check: SignatureCheck) -> dict[str, Any]:
    return {
        "digest_matches": check.digest_matches,
        "signature_matches": check.signature_matches,
        "certificate_was_valid_then": check.was_valid_then,
        "certificate_is_trusted": check.is_trusted,
        "judged_at": None if check.judged_at is None else write_time(check.judged_at),
        "algorithm": check.algorithm,
        "subject": check.subject,
        "issuer": check.issuer,
    }


def _print_verdict(name: str, verdict: Verdict | None, language: str) -> None:
    if verdict is None:
        print(f"--  {name} {_words(reason('cap.no_text'), language)}")
        return
    print(f"{'ok ' if verdict.ok else 'BAD'} {name} {verdict.wrapping} {' '.join(verdict.profiles)}")
    for one in verdict.findings:
        print(
            f"    {one.weight:<8}{one.where + ' ' if one.where else ''}{_words(one, language)} [{one.code}]"
        )


def _words(one: Reason, language: str) -> str:
    return one.zh if language == "zh" else one.en


def _show(results: list[tuple[str, Verdict | None]], options: argparse.Namespace) -> int:
    if options.json:
        shown = [
            {**_as_json(name, verdict), "lines": _lines(verdict, options.lang)} for name, verdict in results
        ]
        _print_json(shown)
        return 0
    for name, verdict in results:
        print(f"== {name}")
        for line in _lines(verdict, options.lang):
            print(line)
        for one in () if verdict is None else verdict.reasons:
            print(f"  !! {_words(one, options.lang)}")
    return 0


def _lines(verdict: Verdict | None, language: str) -> list[str]:
    return (
        []
        if verdict is None
        else [one for alert in verdict.alerts for one in lines(alert, language=language)]
    )


def _print_json(rows: list[dict[str, Any]]) -> None:
    sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
