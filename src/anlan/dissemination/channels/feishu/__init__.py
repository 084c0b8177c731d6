"""Group robots of Feishu (飞书)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from anlan.dissemination.channels.robots import Service, judge_code, register_robot


class Feishu(Service):
    """Signed with "timestamp\\nsecret" as key over an empty message; the timestamp, seconds, stands in the body."""

    code = "feishu"

    def body(self, text: str, secret: str, *, now: float) -> dict[str, Any]:
        said: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret:
            stamp = str(int(now))
            said |= {"timestamp": stamp, "sign": sign(stamp, secret)}
        return said

    def judge(self, answer: Mapping[str, Any]) -> None:
        field = "code" if "code" in answer else "StatusCode"
        judge_code(answer, field, busy=frozenset({11232, 9499}), refused=frozenset({11246, 19002}))


def sign(stamp: str, secret: str) -> str:
    made = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(made).decode()


FEISHU = register_robot(Feishu(), "飞书群", "Feishu group")
