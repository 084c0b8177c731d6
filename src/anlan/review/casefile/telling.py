"""The timeline of every entry, and who signed what when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from anlan.review.casefile.names import called
from anlan.review.casefile.parts import Part
from anlan.review.casefile.state import CaseState
from anlan.review.casefile.tables import both, local, without_doors
from anlan.review.casefile.words import kind_word, table_word
from anlan.review.folding import Fields
from anlan.vocab.figures import FIGURES

#: What says in a few words what an entry was about, the first that it has.
_HEART = ("advice", "conclusions", "result", "closed_why", "dropped_why", "end_why", "why", "reason", "title", "headline",
          "task", "question", "words", "text", "name", "advice", "label")  # fmt: skip
#: One row of a table whose name is that of many.
_NAMED = {"figure": "数字", "delivery": "投递", "callout_seat": "叫应席位", "attachment": "附件", "paper": "公文", "case_file": "案卷", "room_file_link": "链接"}  # fmt: skip
#: Kind of row: what was done, when, by whom.
_SIGNED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "warning": (("拟稿", "drafted_at", "drafted_by"), ("签发", "issued_at", "signed_by"), ("解除或结束", "ended_at", "ended_by")),
    "upward_report": (("拟稿", "drafted_at", "drafted_by"), ("审核", "reviewed_at", "reviewed_by"), ("签发", "signed_at", "signed_by"), ("发出", "sent_at", "")),
    "loss_report": (("拟稿", "drafted_at", "drafted_by"), ("审核", "reviewed_at", "reviewed_by"), ("签发", "signed_at", "signed_by")),
    "paper": (("拟制", "made_at", "made_by"), ("签发", "signed_at", "signed_by")),
    "intake": (("签收", "signed_at", "signed_name"),),
    "activation": (("建议", "proposed_at", "proposed_by"), ("启动", "started_at", "decided_by_name"), ("终止", "ended_at", "")),
    "level_change": (("级别调整", "happened_at", "by_name"),),
    "response_notice": (("签发", "signed_at", "signer_name"), ("发出", "sent_at", "")),
    "decision": (("作出", "made_at", "made_by_name"),),
    "command_transfer": (("移交", "happened_at", "by_name"),),
    "instruction": (("下达", "issued_at", "issued_by_name"), ("确认", "acknowledged_at", ""), ("完成", "finished_at", "")),
    "chase_order": (("下达", "issued_at", "issued_by"), ("确认", "acknowledged_at", "acknowledged_by"), ("答复", "answered_at", "answered_by")),
    "supply_request": (("提出", "asked_at", "asked_by_name"), ("批准", "approved_at", "approved_by_name")),
    "remark": (("批示", "said_at", "leader"),),
    "consultation": (("结束", "ended_at", "chair"),),
    "rolling_assessment": (("研判", "made_at", "made_by_name"),),
    "situation_report": (("定稿", "finished_at", "made_by_name"),),
    "figure": (("核实", "verified_at", "verified_by"),),
    "review": (("复盘完成", "finished_at", "made_by_name"),),
}  # fmt: skip


def timeline_parts(state: CaseState) -> Iterator[Part]:
    """One line for each entry, by its time, with its number in the chain."""
    heads = ["时间", "发生了什么", "对象", "内容", "经办", "链序号", "条目标识"]
    yield from both("tables/_timeline", "时间线（全部留痕条目）", "timeline", heads, _timeline(state))
    yield from both(
        "tables/_signed", "签批与签发时间", "timeline",
        ["时间", "动作", "种类", "名称", "由谁", "状态标识"], _signed(state),
    )  # fmt: skip


def _timeline(state: CaseState) -> list[list[str]]:
    rows = []
    for entry in state.entries():
        payload: Any = orjson.loads(entry.payload) if entry.payload else {}
        fields: Fields = payload.get("set") or payload
        whole = state.rows.get(entry.subject_type, {}).get(entry.subject_id, {})
        words = next((str(fields[name]) for name in _HEART if fields.get(name)), "")
        row = [
            local(entry.at), kind_word(entry.kind), _about(state, entry.subject_type, whole),
            _words(entry.subject_type, words) if entry.payload else "（内容已依法删除）", state.names.actor(entry.actor),
            str(entry.seq), str(entry.pk),
        ]  # fmt: skip
        rows.append(row)
    return sorted(rows, key=lambda row: (row[0], int(row[5])))


def _about(state: CaseState, kind: str, fields: Fields) -> str:
    """Which one: its name, else what it counts, its limit, whom it went to, its place."""
    said = called(fields) or str(fields.get("label_zh") or fields.get("recipient") or "")
    if kind == "figure" and fields:
        code = str(fields["code"])
        said = f"{FIGURES[code].zh if code in FIGURES else code} {fields['value']} {fields['source']}"
    if not said and fields.get("person"):
        said = state.names.pointed(kind, "person", fields["person"])
    said = said or state.names.pointed(kind, "division", fields.get("division"))
    return f"{_NAMED.get(kind) or table_word(kind)} {said}".strip()


def _words(kind: str, words: str) -> str:
    return (words if kind == "room_file_link" else without_doors(words))[:300]


def _signed(state: CaseState) -> list[list[str]]:
    rows = []
    for kind, steps in _SIGNED.items():
        for key, fields in state.of(kind):
            for what, when, who in steps:
                if not fields.get(when):
                    continue
                by = str(fields.get(who) or "") if who else ""
                named = state.names.actor(by) if by else ""
                rows.append([local(fields[when]), what, table_word(kind), called(fields), named, key])
    return sorted(rows)
