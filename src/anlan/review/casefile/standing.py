"""The boards as they stood at the end, who was on duty, and the files that belong to the incident."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any

import orjson

from anlan.attachments.services import chunks_of, is_there
from anlan.directory.models import Shift
from anlan.duty.onduty import on_duty
from anlan.places.models import Division
from anlan.review.boards import Boards, boards_of, fixes_at
from anlan.review.casefile.pages import page, table_html
from anlan.review.casefile.parts import Part, whole
from anlan.review.casefile.state import CaseState
from anlan.review.casefile.tables import both, flat, local
from anlan.review.casefile.words import VALUES, column_word
from anlan.vocab.posts import FACES, PostKind

_BOARDS = {
    "levels": "应急响应", "leads": "指挥岗位", "groups": "编组", "scenes": "现场", "orders": "指令", "teams": "队伍",
    "requests": "资源请求", "decisions": "决策",
}  # fmt: skip
#: Suffixes of what may be kept as a file (`attachments.looking`).
_SUFFIXES = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "audio/amr": "amr", "audio/mpeg": "mp3",
    "audio/wav": "wav", "audio/mp4": "m4a", "video/mp4": "mp4", "application/pdf": "pdf", "text/plain": "txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip


def board_parts(state: CaseState) -> Iterator[Part]:
    """What the incident room showed at the last entry, to read and as JSON."""
    boards = boards_of(state.incident.pk, state.rows, state.until, fixes_at(state.incident, state.until))
    yield whole("boards/boards.html", "各板块最后状态", "command", _boards_page(boards))
    yield whole(
        "boards/boards.json", "各板块最后状态，JSON", "command",
        orjson.dumps(boards, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=str), beside="boards/boards.html",
    )  # fmt: skip


def _boards_page(boards: Boards) -> str:
    blocks = [f"<p>截至 {local(boards.at)}（案卷所含最后一条留痕的时间）。</p>"]
    for name, title in _BOARDS.items():
        rows: tuple[Any, ...] = getattr(boards, name)
        blocks.append(f"<h2>{title}（{len(rows)}）</h2>")
        if rows:
            names = [one.name for one in fields_of(rows[0]) if not one.name.endswith(("id", "_code"))]
            cells = [[_said(getattr(row, one)) for one in names] for row in rows]
            blocks.append(table_html([column_word(one, name[:-1]) for one in names], cells))
    return page("各板块最后状态", blocks, depth=1)


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return local(value)
    if isinstance(value, str):
        return VALUES.get(value, value)
    if is_dataclass(value) or (isinstance(value, tuple) and value and is_dataclass(value[0])):
        return flat(orjson.loads(orjson.dumps(value, default=str)))
    return flat(list(value)) if isinstance(value, tuple) else str(value)


def roster_parts(state: CaseState) -> Iterator[Part]:
    """Who had the duty when it was received, and every shift after that until the last entry."""
    incident = state.incident
    codes = incident.division.path.split("/")
    places = sorted(
        Division.objects.filter(code__in=codes).defer("geometry"), key=lambda row: codes.index(row.code)
    )
    then = on_duty(places, at=incident.known_at)
    rows = [
        [place.name, one.post_zh, one.name, one.role, "带班" if one.is_leader else "", one.stands_in_for,
         local(one.checked_in_at) if one.checked_in_at else ""]
        for place in places
        for one in then.get(place.code, [])
    ]  # fmt: skip
    heads = ["值班室", "岗位", "姓名", "主备", "带班", "代替", "签到"]
    yield from both(
        "roster/at_receipt", f"接报时（{local(incident.known_at)}）在岗人员", "roster", heads, rows
    )
    shifts = (
        Shift.objects.filter(post__division__in=[place.pk for place in places], cancelled_at=None)
        .filter(starts_at__lte=state.until, ends_at__gt=incident.known_at)
        .filter(exercise_id=incident.exercise_id)
    )
    found = shifts.select_related("post__division", "person").order_by(
        "starts_at", "post__division__path", "pk"
    )
    listed = [
        [local(one.starts_at), local(one.ends_at), one.post.division.name, FACES[PostKind(one.post.kind)].zh, one.person.name, one.role]
        for one in found
    ]  # fmt: skip
    yield from both(
        "roster/shifts", "接报后各班次", "roster", ["起", "止", "值班室", "岗位", "姓名", "主备"], listed
    )


def file_parts(state: CaseState) -> Iterator[Part]:
    """Photos, recordings and documents as they came. One whose bytes are gone is named in the index."""
    seen: set[str] = set()
    for number, (_key, fields) in enumerate(state.of("attachment"), start=1):
        digest = str(fields["sha256"])
        name = str(fields.get("name") or fields["media_type"])
        if digest in seen:
            continue
        seen.add(digest)
        if not is_there(digest):
            state.missing.append(f"附件“{name}”（SHA-256 {digest}）已不在数据目录中")
            continue
        suffix = _SUFFIXES.get(str(fields["media_type"]), "bin")
        title = f"{name}（{fields['media_type']}，{local(fields['received_at'])}收到，{fields.get('sender') or '来源未记'}）"
        yield Part(
            f"files/{number:04d}-{digest[:12]}.{suffix}",
            title,
            "files",
            _reader(digest),
            large=int(fields["bytes"]),
        )


def _reader(digest: str) -> Any:
    def read() -> Iterable[bytes]:
        return chunks_of(digest)

    return read
