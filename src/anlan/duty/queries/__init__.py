"""Reads of the duty room: what rings, who is on duty, the sheets, the log, the board of the roster, how well it was kept."""

from anlan.duty.onduty import current_shift, on_duty, on_duty_now
from anlan.duty.queries.calendars import feed_by_token, feed_calendar
from anlan.duty.queries.log import log_content, log_lines, mask_for
from anlan.duty.queries.planned import RosterBoard, period_at, roster_board
from anlan.duty.queries.ringing import recent, ringing, sounds
from anlan.duty.queries.sheets import clock_sync, groups_of, handover_content, latest_handover
from anlan.duty.queries.statistics import duty_statistics

__all__ = [
    "RosterBoard",
    "clock_sync",
    "current_shift",
    "duty_statistics",
    "feed_by_token",
    "feed_calendar",
    "groups_of",
    "handover_content",
    "latest_handover",
    "log_content",
    "log_lines",
    "mask_for",
    "on_duty",
    "on_duty_now",
    "period_at",
    "recent",
    "ringing",
    "roster_board",
    "sounds",
]
