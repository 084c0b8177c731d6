"""What people do with their hands and voices: gong, whistle, door, radio set, a call from the desk.

The channel only puts the task on the list; `services.hand.confirm` says when it was done and by whom.
"""

from __future__ import annotations

from anlan.dissemination.channels import ChannelKind, Manifest, Nature, Proof, register
from anlan.dissemination.channels.addressed import open_addressed

#: Where such a message "goes": it stands as the route on the delivery.
TASKS = "tasks"

#: Code, Chinese, English, and what the keeper is asked to do.
_KINDS: tuple[tuple[str, str, str, str], ...] = (
    ("gong", "鸣锣", "gong", "鸣锣告知，并口头说明"),
    ("whistle", "吹哨", "whistle", "吹哨告知，并口头说明"),
    ("door", "敲门入户", "door-knock", "逐户敲门告知，点清人数"),
    ("radio_set", "对讲机", "radio set", "用对讲机逐点呼叫并复诵"),
    ("desk_phone", "值班电话", "phone call by the desk", "由值班室拨打电话并记录应答人"),
)

WORK_BY_CHANNEL: dict[str, str] = {code: work for code, _zh, _en, work in _KINDS}


def manifest(code: str, zh: str, en: str) -> Manifest:
    return Manifest(
        code=code,
        zh=zh,
        en=en,
        contact_kinds=(),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED}),
        can_be_asked=False,
        carries_links=False,
        rate_per_s=500.0,
        nature=Nature.HAND,
    )


def register_hand(code: str, zh: str, en: str, work: str) -> Manifest:
    """Add one more kind of hand work; used by the siren and the video check."""
    face = manifest(code, zh, en)
    WORK_BY_CHANNEL[code] = work
    register(ChannelKind(face, lambda http: open_addressed(face, http, indoors=TASKS)))
    return face


for _code, _zh, _en, _work in _KINDS:
    register_hand(_code, _zh, _en, _work)
