"""What states of jobs and requests are called, (Chinese, English)."""

from __future__ import annotations

JOB_STATES: dict[str, tuple[str, str]] = {
    "told": ("已通知", "told"),
    "left": ("已出发", "left"),
    "arrived": ("已到达", "arrived"),
    "working": ("处置中", "working"),
    "done": ("任务完成", "done"),
    "back": ("已归队", "back"),
    "refused": ("不能出动", "cannot go"),
    "cancelled": ("已取消", "cancelled"),
}
REQUEST_STATES: dict[str, tuple[str, str]] = {
    "asked": ("待审批", "to be approved"),
    "approved": ("待发出", "to be sent"),
    "sent": ("运送中", "on the way"),
    "received": ("已接收", "received"),
    "refused": ("未批准", "refused"),
    "cancelled": ("已撤销", "cancelled"),
}
#: The column of each step's time.
TIMES: dict[str, str] = {
    "told": "told_at",
    "left": "left_at",
    "arrived": "arrived_at",
    "working": "working_at",
    "done": "done_at",
    "back": "back_at",
}
#: Steps of a job that runs, in their order.
ORDER: tuple[str, ...] = ("told", "left", "arrived", "working", "done", "back")
#: A team in one of these is gone: it takes no other job.
GONE: tuple[str, ...] = ("told", "left", "arrived", "working")
