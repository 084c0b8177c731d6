"""Group robots of WeCom (企业微信)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anlan.dissemination.channels.robots import Service, judge_code, register_robot


class WeCom(Service):
    """No signature: whoever has the webhook may write."""

    code = "wecom"

    def body(self, text: str, secret: str, *, now: float) -> dict[str, Any]:
        return {"msgtype": "text", "text": {"content": text}}

    def judge(self, answer: Mapping[str, Any]) -> None:
        judge_code(answer, "errcode", busy=frozenset({45009, -1}), refused=frozenset({40008, 44004, 45002}))


WECOM = register_robot(WeCom(), "企业微信群", "WeCom group")
