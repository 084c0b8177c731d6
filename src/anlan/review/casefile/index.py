"""The first page of the archive, its list of files, and how to check it in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import orjson

from anlan.review.casefile.pages import facts_html, link, page, table_html
from anlan.review.casefile.parts import SECTIONS, Part
from anlan.review.casefile.state import CaseState
from anlan.review.casefile.tables import cell, local
from anlan.review.casefile.words import VALUES, class_word
from anlan.vocab.figures import FIGURES
from anlan.vocab.incidents import GRADE_LABELS, TYPES
from anlan.warning.spoken import DRILL_MARK

READ_ME = """本文件夹是一起事件的案卷。打开 index.html 即可阅读，不需要任何专用程序，也不连接网络。

一、怎样核对文件没有被改动
  Linux：在本文件夹运行  sha256sum -c SHA256SUMS
  有 Python 3 的任何机器：在本文件夹运行  python3 check.py
  最后一行是“OK”即全部无误；是“NOT OK”时，前面逐条列出问题。

二、核对的是什么
  1. manifest.json 列出每个文件的字节数与 SHA-256 摘要值，SHA256SUMS 是同样的摘要值。
  2. journal/entries.jsonl 是本事件的留痕条目，每行一条。每条的内容有摘要值，条目本身又有摘要值。
  3. journal/chain-*.txt 是从本事件第一条起到链首为止全部条目的摘要值（其他事件的条目只有摘要值，没有内容）。
     每一条的链值 = SHA-256（前一条链值 + “:” + 本条摘要值）。改动其中任何一条，其后的链值全部不同。
  4. 链首的序号和链值写在 manifest.json 中。请与程序留痕页、值班交接单或早报上印出的同一序号的链值核对；
     三处一致，说明本案卷所含条目与当时的留痕一致。

三、内容已依法删除的条目，内容为空，摘要值仍在，链条仍可核对。

四、表格文件（CSV）为 UTF-8 编码，可用表格软件打开。时间均为北京时间；journal 与 *.json 中的时间为世界协调时。

五、本案卷含姓名、电话、住址等个人信息，请按规定保管、使用和销毁。
"""


class Written(NamedTuple):
    """One file of the archive as it was written."""

    path: str
    title: str
    section: str
    sha256: str
    bytes: int


def manifest(state: CaseState, written: Sequence[Written]) -> bytes:
    """Every file with its digest, and the point of the journal that all of it was made from."""
    incident = state.incident
    body = {
        "format": "anlan-case-file/1",
        "incident": {"id": str(incident.pk), "number": incident.number, "title": incident.title},
        "exercise": str(incident.exercise_id) if incident.exercise_id else None,
        "head": {"origin": state.head.origin, "seq": state.head.seq, "hash": state.head.hash},
        "until": state.until,
        "entries": len(state.lines),
        "missing": state.missing,
        "files": [
            {"path": one.path, "what": one.title, "section": one.section, "sha256": one.sha256, "bytes": one.bytes}
            for one in sorted(written)
        ],
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def sums(written: Sequence[Written]) -> bytes:
    return "".join(f"{one.sha256}  {one.path}\n" for one in sorted(written)).encode()


def index(state: CaseState, parts: Sequence[Part], written: Sequence[Written]) -> str:
    """What happened in short, then every file by section."""
    incident = state.incident
    blocks = _marks(state)
    blocks += ["<h2>概况</h2>", _facts(state), _figures(state), _steps(state)]
    if any(one.path == "map/map.svg" for one in parts):
        blocks.append('<p><a href="map/map.svg"><img src="map/map.svg" alt="示意图" width="640"></a></p>')
    sizes = {one.path: one.bytes for one in written}
    by_section: dict[str, list[Part]] = defaultdict(list)
    beside: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        if part.in_a_table:
            continue
        if part.beside:
            beside[part.beside].append(part)
        else:
            by_section[part.section if part.section in SECTIONS else "journal"].append(part)
    for code, heading in SECTIONS.items():
        blocks.append(f"<h2>{heading}</h2>")
        listed = "".join(_line(one, beside[one.path], sizes) for one in by_section[code])
        blocks.append(f"<ul>{listed}</ul>" if listed else '<p class="soft">没有。</p>')
    blocks.append(_check(state))
    return page(f"案卷 {incident.number} {incident.title}", blocks)


def _marks(state: CaseState) -> list[str]:
    found = ['<p class="mark">本案卷含姓名、电话、住址等个人信息，请按规定保管、使用和销毁。</p>']
    if state.incident.exercise_id is not None:
        found.insert(0, f'<p class="mark drill"><b>{escape(DRILL_MARK)}</b> 演练资料，不是真实事件。</p>')
    if state.incident.is_restricted:
        found.append('<p class="mark">限制阅读的事件。</p>')
    if state.missing:
        gone = "".join(f"<li>{escape(one)}</li>" for one in state.missing)
        found.append(f'<div class="mark"><b>未能放入案卷的：</b><ul>{gone}</ul></div>')
    return found


def _facts(state: CaseState) -> str:
    incident, own = state.incident, dict(state.of("incident")).get(str(state.incident.pk), {})

    def said(name: str) -> str:
        return cell(state, "incident", name, own)

    kind = TYPES[incident.event_type].zh if incident.event_type in TYPES else incident.event_type
    grade = own.get("grade")
    return facts_html(
        [
            ("编号", incident.number), ("标题", str(own.get("title") or incident.title)),
            ("类别", f"{class_word(incident.event_class)} {kind}"),
            ("地点", f"{incident.division.name} {own.get('place_words') or ''}".strip()),
            ("发生时间", said("occurred_at")), ("获知时间", said("known_at")),
            ("等级", GRADE_LABELS[grade][1] if grade in GRADE_LABELS else "未定级"), ("状态", said("state")),
            ("经过", said("course")), ("原因", said("cause_words")), ("措施", said("measures")), ("趋势", said("trend")),
            ("案卷截至", f"{local(state.until)}，留痕第{state.head.seq}条"),
        ]
    )  # fmt: skip


def _figures(state: CaseState) -> str:
    """The last value of each figure that was not withdrawn, with source and time."""
    newest: dict[str, Any] = {}
    for _key, fields in state.of("figure"):
        if fields.get("state") == "withdrawn":
            continue
        known = newest.get(fields["code"])
        if known is None or (fields["as_of"], fields["recorded_at"]) >= (
            known["as_of"],
            known["recorded_at"],
        ):
            newest[fields["code"]] = fields
    rows = [
        [FIGURES[code].zh if code in FIGURES else code, str(one["value"]), str(one["source"]), local(one["as_of"]), VALUES.get(one["state"], "")]
        for code, one in newest.items()
    ]  # fmt: skip
    if not rows:
        return ""
    return "<h2>数字（各指标最后一次）</h2>" + table_html(["指标", "数值", "来源", "截至", "状态"], rows)


def _steps(state: CaseState) -> str:
    """The review's own words, where one was written."""
    rows = [one for _key, one in state.of("review") if one.get("summary")]
    return "".join(
        f"<h2>复盘：{escape(str(one['title']))}</h2><p>{escape(str(one['summary']))}</p>" for one in rows
    )


def _line(part: Part, others: Sequence[Part], sizes: dict[str, int]) -> str:
    more = " ".join(link(one.path, f"[{one.path.rpartition('.')[2].upper()}]") for one in others)
    size = "" if part.path not in sizes else f' <span class="soft">{_size(sizes[part.path])}</span>'
    return f"<li>{link(part.path, part.title)}{size} {more}</li>"


def _size(number: int) -> str:
    for unit in ("字节", "KB", "MB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "字节" else f"{number:.1f} {unit}"
        number = number / 1024  # type: ignore[assignment]  # shown with one digit
    return f"{number:.1f} GB"


def _check(state: CaseState) -> str:
    links = "，".join(link(one, one) for one in ("README.txt", "manifest.json", "SHA256SUMS", "check.py"))
    return (
        "<h2>怎样核对</h2><p>运行 <code>sha256sum -c SHA256SUMS</code> 或 <code>python3 check.py</code>，说明见 README.txt。"
        f"本案卷所含留痕{len(state.lines)}条，链首为节点<code>{escape(state.head.origin)}</code>第{state.head.seq}条，链值"
        f"<code>{escape(state.head.hash)}</code>。</p><p>{links}</p>"
    )
