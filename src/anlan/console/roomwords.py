"""Words of the incident room in the reader's language."""

from __future__ import annotations

from django.utils.translation import pgettext

from anlan.console.templatetags.anlan import is_chinese

PHASE_CHIPS = {"reported": "chip--unanswered", "working": "chip--waiting", "controlled": "chip--answered", "closed": "chip--done"}  # fmt: skip
CONSULTATION_CHIPS = {
    "planned": "chip--waiting",
    "open": "chip--answered",
    "closed": "chip--done",
    "cancelled": "",
}
EXPERT_CHIPS = {"asked": "chip--waiting", "answered": "chip--done", "declined": ""}


def said(pair: tuple[str, str]) -> str:
    """A (Chinese, English) pair in the reader's language."""
    return pair[0] if is_chinese() else pair[1]


def tab_words() -> dict[str, str]:
    return {
        "groups": pgettext("room", "Groups"),
        "orders": pgettext("room", "Tasks and orders"),
        "teams": pgettext("room", "Teams"),
        "requests": pgettext("room", "Requests"),
        "scenes": pgettext("room", "Scenes"),
        "decisions": pgettext("room", "Decisions"),
        "consultations": pgettext("room", "Consultations"),
        "experts": pgettext("room", "Experts"),
        "documents": pgettext("room", "Documents"),
    }


def role_words() -> dict[str, str]:
    return {
        "commander": pgettext("room", "commander"),
        "deputy": pgettext("room", "deputy commander"),
        "field_commander": pgettext("room", "field commander"),
        "coordinator": pgettext("room", "field coordinator"),
        "scene_commander": pgettext("room", "scene commander"),
    }


def phase_words() -> dict[str, str]:
    return {
        "reported": pgettext("scene", "reported"),
        "working": pgettext("scene", "work goes on"),
        "controlled": pgettext("scene", "under control"),
        "closed": pgettext("scene", "closed"),
    }


def consultation_words() -> dict[str, str]:
    return {
        "planned": pgettext("consultation", "planned"),
        "open": pgettext("consultation", "going on"),
        "closed": pgettext("consultation", "closed"),
        "cancelled": pgettext("consultation", "cancelled"),
    }


def expert_words() -> dict[str, str]:
    return {
        "asked": pgettext("expert", "asked"),
        "answered": pgettext("expert", "answered"),
        "declined": pgettext("expert", "declined"),
    }


def way_words() -> dict[str, str]:
    return {
        "sms": pgettext("way", "by message"),
        "voice": pgettext("way", "by voice call"),
        "hand": pgettext("way", "called by a person"),
    }


def outcome_words() -> dict[str, str]:
    return {
        "": pgettext("call", "no answer known yet"),
        "answered": pgettext("call", "answered"),
        "no_answer": pgettext("call", "nobody picked up"),
        "busy": pgettext("call", "busy"),
        "refused": pgettext("call", "refused"),
    }


def source_words() -> dict[str, str]:
    return {
        "plan": pgettext("group", "from the plan"),
        "table": pgettext("group", "from the table by level"),
        "free": pgettext("group", "opened freely"),
    }


def part_words() -> dict[str, str]:
    return {
        "situation": pgettext("assessment", "Situation"),
        "trend": pgettext("assessment", "Trend"),
        "risks": pgettext("assessment", "Risks"),
        "advice": pgettext("assessment", "Advice"),
    }


def link_words() -> dict[str, str]:
    return {
        "file": pgettext("link", "large file"),
        "meeting": pgettext("link", "video meeting"),
        "video": pgettext("link", "pictures and video"),
        "other": pgettext("link", "other"),
    }


def report_words() -> dict[str, str]:
    return {"draft": pgettext("situation report", "draft"), "final": pgettext("situation report", "final")}


def filter_words() -> dict[str, str]:
    """Kinds of lines that the timeline can be narrowed to."""
    return {
        "": pgettext("timeline", "everything"),
        "orders": pgettext("room", "Tasks and orders"),
        "teams": pgettext("room", "Teams"),
        "requests": pgettext("room", "Requests"),
        "scenes": pgettext("room", "Scenes"),
        "decisions": pgettext("room", "Decisions"),
        "response": pgettext("room", "Response level"),
        "figures": pgettext("room", "Figures and record"),
        "reports": pgettext("room", "Reports"),
        "warnings": pgettext("room", "Warnings and call-outs"),
        "calls": pgettext("room", "Calls"),
    }
