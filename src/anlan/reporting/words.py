"""The words of reporting: kinds, levels, ways and findings, in Chinese and English (R05, glossary)."""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "flash": ("电话快报", "phone flash"),
    "initial": ("初报", "initial report"),
    "follow_up": ("续报", "follow-up report"),
    "final": ("终报", "final report"),
    "nil": ("零报告", "nil report"),
}
#: Kinds that stand in the numbered chain of an incident.
CHAINED = ("initial", "follow_up", "final")

#: Levels and offices that a report goes to, the nearest first.
TIERS: dict[str, tuple[str, str]] = {
    "county": ("县应急值班室", "county duty room"),
    "county_party": ("县委办公室", "county party office"),
    "county_government": ("县政府办公室", "county government office"),
    "industry": ("行业主管部门", "industry line"),
    "city": ("市级", "city"),
    "province": ("省级", "province"),
    "ministry": ("部级", "ministry"),
}
#: How high each stands; what lies between the sender and the target of a direct report is told too (requirement D-12).
HEIGHT: dict[str, int] = {
    "county": 1,
    "county_party": 1,
    "county_government": 1,
    "industry": 2,
    "city": 2,
    "province": 3,
    "ministry": 4,
}

WAYS: dict[str, tuple[str, str]] = {
    "api": ("接口", "interface"),
    "email": ("邮件", "e-mail"),
    "print": ("纸质", "on paper"),
    "fax": ("传真", "fax"),
    "text": ("短信文字", "as text"),
    "phone": ("电话", "phone"),
    "system": ("本系统", "this system"),
}
#: Ways that the program itself works on; of the others a person says when it was done.
BY_MACHINE = ("api", "email")

FINDINGS: dict[str, tuple[str, str]] = {
    "omitted": ("漏报", "omitted"),
    "false": ("谎报", "false report"),
    "concealed": ("瞒报", "concealed"),
}

STATES: dict[str, tuple[str, str]] = {
    "draft": ("拟稿", "draft"),
    "in_review": ("待审核", "waiting for review"),
    "reviewed": ("待签发", "waiting for signature"),
    "returned": ("已退回", "returned"),
    "signed": ("已签发", "signed"),
    "sent": ("已报出", "sent"),
    "received": ("下级已报", "passed up to us"),
    "taken": ("已并入事件", "taken into an incident"),
    "withdrawn": ("已撤回", "withdrawn"),
}

_DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """1 to 99 in words: 一, 十, 十二, 二十一."""
    if number < 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    head = "十" if tens == 1 else f"{_DIGITS[tens]}十" if tens < 10 else str(number)
    return head + (_DIGITS[ones] if ones and tens < 10 else "")


def kind_words(kind: str, serial: int) -> tuple[str, str]:
    """ "续报二", "follow-up report 2"."""
    zh, en = KINDS[kind]
    return (zh + in_chinese(serial), f"{en} {serial}") if kind == "follow_up" and serial else (zh, en)
