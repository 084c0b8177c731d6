"""A ladder as rows of inputs, and back. Rows are added and taken out by buttons of the form, so it works without script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from anlan.dissemination.ladders import Ladder, Rung

#: Links of the chain that the form offers; a longer one comes in as JSON only.
CHAIN = 3
_TEXTS = ("name", "zh", "en", "source")
_NUMBERS = ("feedback_within_s", "heard_out_s")
_EMPTY_ROW: dict[str, Any] = {"to": ["A"], "channels": ["voice"], "wait_s": 300}


def rows_of(ladder: Ladder) -> list[dict[str, Any]]:
    """The rungs as values of inputs."""
    return [_row(rung) for rung in ladder.rungs]


def _row(rung: Rung) -> dict[str, Any]:
    hours = rung.only_between
    return {
        "to": list(rung.targets),
        "channels": list(rung.channels),
        "wait_s": rung.wait_s,
        "repeats": rung.repeats or "",
        "every_s": rung.every_s or "",
        "key_first_s": rung.key_first_s or "",
        "since": hours.since if hours else "",
        "until": hours.until if hours else "",
        "note": rung.note,
    }


def head_of(ladder: Ladder) -> dict[str, Any]:
    """What the form asks about the ladder as a whole."""
    chain = [ladder.escalate_to] if isinstance(ladder.escalate_to, str) else list(ladder.escalate_to)
    return {
        "name": ladder.name,
        "zh": ladder.zh,
        "en": ladder.en,
        "source": ladder.source,
        "verified": ladder.verified,
        "is_assumption": ladder.is_assumption,
        "requires_feedback": ladder.requires_feedback,
        "feedback_within_s": ladder.feedback_within_s or "",
        "heard_out_s": ladder.heard_out_s or "",
        "threes": list(ladder.threes),
        "chain": (chain + [""] * CHAIN)[:CHAIN],
    }


def typed(post: QueryDict) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Head and rows as the person typed them, so that a refusal loses nothing."""
    head: dict[str, Any] = {name: post.get(name, "").strip()[:300] for name in (*_TEXTS, *_NUMBERS)}
    for name in ("verified", "is_assumption", "requires_feedback"):
        head[name] = name in post
    head["threes"] = post.getlist("threes")
    head["chain"] = [post.get(f"chain-{index}", "") for index in range(CHAIN)]
    count = min(_whole(post.get("rows", "")) or 0, 40)
    rows = [
        {
            "to": post.getlist(f"to-{index}"),
            "channels": post.getlist(f"channels-{index}"),
            **{
                name: post.get(f"{name}-{index}", "").strip()[:60]
                for name in ("wait_s", "repeats", "every_s", "key_first_s", "since", "until", "note")
            },
        }
        for index in range(count)
    ]
    return head, rows


def pressed(post: QueryDict, rows: list[dict[str, Any]]) -> bool:
    """Whether a button changed the rows; then the form is only shown again."""
    if "add" in post:
        rows.append(dict(_EMPTY_ROW))
        return True
    index = _whole(post.get("remove", ""))
    if index is not None and index < len(rows):
        del rows[index]
        return True
    index = _whole(post.get("up", ""))
    if index is not None and 0 < index < len(rows):
        rows[index - 1], rows[index] = rows[index], rows[index - 1]
        return True
    return False


def body_of(head: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The plain form that `propose_ladder` takes; what is no number stays text and is refused there by name."""
    chain = [word for word in head["chain"] if word]
    body: dict[str, Any] = {name: head[name] for name in _TEXTS}
    body |= {
        "verified": head["verified"],
        "is_assumption": head["is_assumption"],
        "requires_feedback": head["requires_feedback"],
        "threes": head["threes"],
        "escalate_to": chain[0] if len(chain) == 1 else chain,
        "rungs": [_rung(row) for row in rows],
    }
    for name in _NUMBERS:
        body[name] = _number(head[name]) if head[name] else None
    return body


def _rung(row: Mapping[str, Any]) -> dict[str, Any]:
    targets = list(row["to"])
    rung: dict[str, Any] = {
        "to": targets[0] if len(targets) == 1 else targets,
        "channels": list(row["channels"]),
        "wait_s": _number(row["wait_s"]),
        "note": row.get("note", ""),
    }
    for name in ("repeats", "every_s", "key_first_s"):
        if row.get(name):
            rung[name] = _number(row[name])
    if row.get("since") or row.get("until"):
        rung["only_between"] = {"from": row.get("since", ""), "to": row.get("until", "")}
    return rung


def _number(value: object) -> object:
    whole = _whole(str(value))
    return value if whole is None else whole


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None
