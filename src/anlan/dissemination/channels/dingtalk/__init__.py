"""Group robots of DingTalk (钉钉)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from anlan.dissemination.channels.robots import Service, judge_code, register_robot


class DingTalk(Service):
    """Signed over "timestamp\\nsecret" with the secret as key; the timestamp, milliseconds, is good for an hour."""

    code = "dingtalk"

    def address(self, webhook: str, secret: str, *, now: float) -> str:
        if not secret:
            return webhook
        stamp = str(int(now * 1000))
        query = urlencode({"timestamp": stamp, "sign": sign(stamp, secret)})
        return f"{webhook}{'&' if '?' in webhook else '?'}{query}"

    def body(self, text: str, secret: str, *, now: float) -> dict[str, Any]:
        return {"msgtype": "text", "text": {"content": text}}

    def judge(self, answer: Mapping[str, Any]) -> None:
        judge_code(
            answer, "errcode", busy=frozenset({130101, 410100, -1}), refused=frozenset({400014, 43004})
        )


def sign(stamp: str, secret: str) -> str:
    made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


DINGTALK = register_robot(DingTalk(), "钉钉群", "DingTalk group")
