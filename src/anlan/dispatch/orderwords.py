"""Words of orders in Chinese and English."""

from __future__ import annotations

STATES: dict[str, tuple[str, str]] = {
    "waiting": ("待下达", "waits for others"),
    "issued": ("未签收", "not acknowledged"),
    "acknowledged": ("已签收", "acknowledged"),
    "started": ("办理中", "under way"),
    "finished": ("已办结", "finished"),
    "could_not": ("无法完成", "could not be done"),
    "withdrawn": ("已撤回", "withdrawn"),
}
STEPS: dict[str, tuple[str, str]] = {
    "issued": ("下达", "issued"),
    "acknowledged": ("签收", "acknowledged"),
    "started": ("开始办理", "begun"),
    "reported": ("反馈进展", "reported"),
    "finished": ("办结", "finished"),
    "could_not": ("报告无法完成", "could not be done"),
    "reminded": ("催办", "reminded"),
    "returned": ("退回重办", "asked again"),
    "withdrawn": ("撤回", "withdrawn"),
}
ORIGINS: dict[str, tuple[str, str]] = {
    "plan": ("预案任务", "task of a plan"),
    "pack": ("指令包", "order pack"),
    "free": ("临时指令", "free order"),
    "team": ("队伍调派", "order to a team"),
}
WAYS: dict[str, tuple[str, str]] = {
    "page": ("页面", "on a page"),
    "link": ("短信链接", "by the link"),
    "desk": ("值班员代办", "written down at the desk"),
    "phone": ("电话", "by phone"),
    "message": ("短信回复", "by text message"),
    "rule": ("系统", "by rule"),
    "program": ("对方平台", "by its platform"),
}

#: What became of a message, as far as the channel can prove it.
DELIVERIES: dict[str, tuple[str, str]] = {
    "queued": ("待发", "to be sent"),
    "handing": ("发送中", "being sent"),
    "sent": ("已发出", "sent"),
    "delivered": ("已送达", "delivered"),
    "read": ("已读", "read"),
    "refused": ("被拒收", "refused"),
    "failed": ("发送失败", "failed"),
    "cancelled": ("已取消", "cancelled"),
}
CHIPS: dict[str, str] = {
    "waiting": "",
    "issued": "chip--unanswered",
    "acknowledged": "chip--waiting",
    "started": "chip--answered",
    "finished": "chip--done",
    "could_not": "chip--lost",
    "withdrawn": "",
}
