"""What a person does when the phone rings: pure, by seed, person and how often it rang before.

Delays are simulated seconds after the hand-over. Nobody here knows about warnings; they only have habits.
"""

import random
from dataclasses import dataclass

from simulator.seeds import stream

#: A number that is in nobody's register.
STRANGERS = "100770000"


@dataclass(frozen=True, slots=True)
class Act:
    """One event that the provider will report: a receipt, a reply, a key press, or a missed call of somebody who rang back."""

    delay_s: float
    type: str
    status: str = ""
    text: str = ""
    key: str = ""
    sender: str = ""


def react(habit: str, *, phone: str, kind: str, nth: int, key: str, seed: int) -> list[Act]:
    """Everything that follows from the nth hand-over (from 1) to this phone; ``key`` is the one for "answered"."""
    rng = stream(seed, "react", phone, kind, nth)
    if habit == "dead_number":
        return [Act(rng.uniform(1, 4), "receipt", status="failed")]
    if kind == "voice":
        return _voice(habit, rng, phone, nth, key)
    return [
        Act(rng.uniform(0.5, 2), "receipt", status="sent"),
        Act(rng.uniform(2, 8), "receipt", status="delivered"),
        *_sms(habit, rng, phone, nth),
    ]


def _yes(rng: random.Random) -> str:
    return rng.choice(["1", "1", "1", "收到", "已收到", "OK"])


def _sms(habit: str, rng: random.Random, phone: str, nth: int) -> list[Act]:
    quick, slow = rng.uniform(12, 75), rng.uniform(240, 700)
    match habit:
        case "reliable" | "prompt" | "deaf_to_calls":
            return [Act(quick, "reply", text=_yes(rng), sender=phone)]
        case "late":
            return [Act(slow, "reply", text=_yes(rng), sender=phone)]
        case "second_try":
            return [Act(quick, "reply", text="1", sender=phone)] if nth > 1 else []
        case "acts":
            return [
                Act(quick, "reply", text="1", sender=phone),
                Act(quick + 180, "reply", text="已行动", sender=phone),
                Act(quick + 480, "reply", text="完成", sender=phone),
            ]
        case "free_text":
            if nth == 1:
                words = rng.choice(
                    ["你是谁？", "我在外地，马上打电话回村里", "信号不好，再说一遍", "好的好的收到了吧"]
                )
                return [Act(quick, "reply", text=words, sender=phone)]
            return [Act(quick, "reply", text="收到", sender=phone)]
        case "twice":
            answer = Act(quick, "reply", text="1", sender=phone)
            return [answer, Act(quick + 25, "reply", text=_yes(rng), sender=phone)]
        case "stranger":
            return [Act(quick, "reply", text="1", sender=f"{STRANGERS}{rng.randint(1, 99):02d}")]
        case _:
            return []


def _voice(habit: str, rng: random.Random, phone: str, nth: int, key: str) -> list[Act]:
    rings, listens = rng.uniform(4, 15), rng.uniform(12, 30)
    picked_up = Act(rings, "receipt", status="answered")
    pressed = Act(rings + listens, "keypress", key=key, sender=phone)
    missed = [Act(30.0, "receipt", status="no_answer")]
    match habit:
        case "reliable" | "prompt" | "acts":
            return [picked_up, pressed]
        case "twice":
            return [picked_up, pressed, Act(rings + listens + 20, "reply", text="1", sender=phone)]
        case "late":
            return [*missed, Act(rng.uniform(240, 600), "reply", text="1", sender=phone)]
        case "second_try":
            busy = Act(rings, "receipt", status="busy")
            return [picked_up, pressed] if nth > 1 else [busy]
        case "free_text":
            wrong = Act(rings + listens, "keypress", key="9", sender=phone)
            return [picked_up, wrong if nth == 1 else pressed]
        case "hangs_up":
            return [picked_up]
        case "rings_back":
            if nth > 1:
                return [picked_up, pressed]
            return [*missed, Act(rng.uniform(40, 90), "callback", sender=phone)]
        case _:
            return missed
