"""Routes for other programs."""

from __future__ import annotations

from django.urls import path

from anlan.api import (
    android,
    cot,
    dispatch,
    display,
    duty,
    ebd,
    forecasts,
    incoming,
    intake,
    partners,
    phone,
    reporting,
    sta,
)

app_name = "api"
urlpatterns = [
    path("android/v1/pull", android.pull, name="android_pull"),
    path("android/v1/report", android.report, name="android_report"),
    path("cot/v1/events", cot.events, name="cot_events"),
    path("dispatch/v1/orders", dispatch.orders, name="dispatch_orders"),
    path("dispatch/v1/orders/<uuid:order_id>", dispatch.order, name="dispatch_order"),
    path("dispatch/v1/orders/<uuid:order_id>/steps", dispatch.steps, name="dispatch_steps"),
    path("display/v1/<str:token>.json", display.poll, name="display"),
    path("duty/v1/heartbeat", duty.heartbeat, name="duty_heartbeat"),
    path("duty/v1/calendar/<str:token>.ics", duty.calendar, name="duty_calendar"),
    path("ebd/v1", ebd.packages, name="ebd"),
    path("forecasts", forecasts.forecasts, name="forecasts"),
    path("intake/v1/reports", intake.reports, name="intake_reports"),
    path("intake/v1/reports/<str:message_id>", intake.report, name="intake_report"),
    path("intake/v1/ring", intake.ring, name="intake_ring"),
    path("partners/v1/shares/<str:share_key>", partners.state, name="partner_state"),
    path("phone/v1/events", phone.events, name="phone_events"),
    path("phone/v1/callback", phone.callback, name="phone_callback"),
    path("reporting/v1/reports", reporting.reports, name="reports"),
    path("warnings/v1/incoming", incoming.incoming, name="incoming_warning"),
    path("sta/v1.1", sta.root, name="sta_root"),
    path("sta/v1.1/", sta.root, name="sta_root_slash"),
    path("sta/v1.1/<path:path>", sta.resource, name="sta"),
]
