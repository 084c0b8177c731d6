"""Routes of the desk: shifts, roll call, handover, log."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views.duty import board, handover, log, rollcalls, roster, swaps

urlpatterns: list[URLPattern] = [
    path("duty/", board.board, name="duty_board"),
    path("duty/check-in/<uuid:shift_id>/", board.check_in, name="duty_check_in"),
    path("duty/rooms/", board.room_list, name="duty_rooms"),
    path("duty/rooms/open/", board.open_room, name="duty_open_room"),
    path("duty/rooms/<uuid:room_id>/", board.act_on_room, name="duty_room"),
    path("duty/links/<uuid:link_id>/", board.act_on_link, name="duty_link"),
    path("duty/statistics/", board.statistics, name="duty_statistics"),
    path("duty/roster/", roster.roster, name="duty_roster"),
    path("duty/roster/plan/", roster.plan, name="duty_plan"),
    path("duty/roster/copy/", roster.copy, name="duty_copy"),
    path("duty/roster/<uuid:room_id>/sheet/", roster.sheet, name="duty_roster_sheet"),
    path("duty/swaps/", swaps.swaps, name="duty_swaps"),
    path("duty/swaps/<uuid:swap_id>/", swaps.act_on_swap, name="duty_swap"),
    path("duty/periods/", swaps.periods, name="duty_periods"),
    path("duty/periods/<uuid:period_id>/", swaps.act_on_period, name="duty_period"),
    path("duty/feeds/", swaps.feeds, name="duty_feeds"),
    path("duty/feeds/<uuid:calendar_id>/revoke/", swaps.revoke_feed, name="duty_revoke_feed"),
    path("duty/roll-calls/", rollcalls.roll_calls, name="duty_roll_calls"),
    path("duty/roll-calls/<uuid:roll_call_id>/", rollcalls.roll_call, name="duty_roll_call"),
    path("duty/roll-calls/seats/<uuid:roll_seat_id>/", rollcalls.mark, name="duty_roll_mark"),
    path("duty/handover/", handover.handover, name="duty_handover"),
    path("duty/handover/<uuid:handover_id>/", handover.sheet, name="duty_sheet"),
    path("duty/notes/", handover.write_note, name="duty_notes"),
    path("duty/notes/<uuid:note_id>/", handover.finish_note, name="duty_note"),
    path("duty/log/", log.log, name="duty_log"),
]
