"""Rule packs in force then, with their sources, and the plan versions that the responses ran with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
import orjson

from anlan.plans.models import PlanVersion
from anlan.review.casefile.parts import Part, whole
from anlan.review.casefile.state import CaseState
from anlan.review.casefile.tables import both, local
from anlan.ruleset import Pack
from anlan.sensing.rules.inforce import rules_at

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS


def rule_parts(state: CaseState) -> Iterator[Part]:
    """Each rule that held when the incident was received or at its last entry, as data, and one table of them."""
    incident = state.incident
    used = _used(state)
    found: dict[tuple[str, str], tuple[Pack, set[str]]] = {}
    for moment, words in ((incident.known_at, "接报时"), (state.until, "最后一条留痕时")):
        for rule in rules_at(moment, exercise_id=incident.exercise_id).rules:
            found.setdefault((rule.pack.rule_id, rule.pack.version), (rule.pack, set()))[1].add(words)
    rows = []
    for (rule_id, version), (pack, when) in sorted(found.items()):
        body = orjson.dumps(msgspec.to_builtins(pack), option=_OPTIONS)
        path = f"rules/{_safe(rule_id)}-{_safe(version)}.json"
        yield whole(path, f"规则 {rule_id} {version} {pack.title_zh}", "rules", body, in_a_table=True)
        rows.append(
            [rule_id, version, pack.title_zh, "已核对" if pack.verified else "未确认", pack.source, "、".join(sorted(when)),
             "有行引用" if rule_id in used else "", path, hashlib.sha256(body).hexdigest()]
        )  # fmt: skip
    heads = ["规则", "版本", "名称", "核对", "依据", "何时有效", "本事件引用", "文件", "SHA-256"]
    yield from both("rules/_rules", "当时有效的规则", "rules", heads, rows, files=heads.index("文件"))


def plan_parts(state: CaseState) -> Iterator[Part]:
    """The plan versions of the responses, word for word as they were run."""
    keys = sorted({str(fields["plan_version"]) for _key, fields in state.of("activation")})
    rows = []
    for version in (
        PlanVersion.objects.filter(pk__in=keys).select_related("plan").order_by("plan__number", "number")
    ):
        plan = version.plan
        body = orjson.dumps(
            {"number": plan.number, "title": plan.title, "version": version.number, "digest": version.digest,
             "decided_by": version.decided_by_name, "decided_at": version.decided_at, "content": version.content},
            option=_OPTIONS, default=str,
        )  # fmt: skip
        path = f"plans/{_safe(plan.number)}-v{version.number}.json"
        yield whole(
            path,
            f"预案 {plan.number} {plan.title} 第{version.number}版",
            "rules",
            body,
            in_a_table=True,
        )
        rows.append(
            [plan.number, plan.title, str(version.number), version.decided_by_name, local(version.decided_at or ""),
             version.digest, path, hashlib.sha256(body).hexdigest()]
        )  # fmt: skip
    heads = ["编号", "名称", "版本", "批准人", "批准时间", "内容摘要值", "文件", "SHA-256"]
    if rows:
        yield from both("plans/_plans", "响应所用预案版本", "rules", heads, rows, files=heads.index("文件"))


def _used(state: CaseState) -> set[str]:
    """Rules that a row of the incident names."""
    found = {str(fields.get("rule_id")) for _key, fields in state.of("warning")}
    for kind, name in (("incident", "grade_why"), ("activation", "reasons")):
        for _key, fields in state.of(kind):
            found |= {str(one.get("rule")) for one in fields.get(name) or () if isinstance(one, dict)}
    return found


def _safe(text: str) -> str:
    """Letters, digits, dots and dashes; other characters as their number, so that the name of a file is ASCII everywhere."""
    return "".join(
        one if one.isascii() and (one.isalnum() or one in ".-") else f"u{ord(one):x}" for one in text
    )
