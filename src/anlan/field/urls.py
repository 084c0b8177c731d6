"""Pages for a phone: the answer page behind a link, the review page, the home of a township or village person."""

from __future__ import annotations

from django.urls import path

from anlan.field import (
    data,
    duty,
    gateway,
    hand,
    jobs,
    links,
    losses,
    orders,
    plans,
    readings,
    report,
    screens,
    upward,
    views,
)

app_name = "field"
urlpatterns = [
    path("a/<str:token>", links.answer, name="answer"),
    path("a/<str:token>/", links.answer),
    path("a/<str:token>/households", links.households, name="answer_households"),
    path("a/<str:token>/photo", links.photo, name="answer_photo"),
    path("a/<str:token>/voice", links.voice, name="answer_voice"),
    path("display/<str:token>/", screens.screen, name="display"),
    path("h/<str:token>", hand.task, name="hand"),
    path("h/<str:token>/", hand.task),
    path("t/<str:job_token>/", jobs.link, name="job_link"),
    path("t/<str:job_token>/positions/", jobs.link_positions, name="job_link_positions"),
    path("f/jobs/", jobs.jobs, name="jobs"),
    path("f/jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("f/jobs/<uuid:job_id>/positions/", jobs.job_positions, name="job_positions"),
    path("f/", views.home, name="home"),
    path("f/duty/", duty.duty, name="duty"),
    path("f/roll/<str:token>/", duty.roll, name="roll"),
    path("f/seats/<uuid:seat_id>/", views.answer_seat, name="answer_seat"),
    path("f/readings/", readings.stations, name="readings"),
    path("f/readings/<str:code>/", readings.station, name="reading"),
    path("f/report/", report.report, name="report"),
    path("f/reports/", report.messages, name="messages"),
    path("f/reports/<uuid:intake_id>/", report.message, name="message"),
    path("r/<str:unit_token>/", report.enterprise, name="enterprise_report"),
    path("f/gateway/<str:gateway_token>/", gateway.gateway, name="gateway"),
    path("f/orders/", orders.orders, name="orders"),
    path("o/<str:order_token>/", orders.link, name="order_link"),
    path("f/data/", data.data, name="data"),
    path("f/losses/", losses.courses, name="losses"),
    path("f/losses/<uuid:course_id>/<str:code>/", losses.place, name="loss"),
    path("f/plans/cards/", plans.cards, name="plan_cards"),
    path("f/plans/card/<uuid:plan_id>/<str:plan_post>/", plans.card, name="plan_card"),
    path("f/upward/", upward.reports, name="upward_list"),
    path("f/upward/new/", upward.new, name="upward_new"),
    path("f/upward/<uuid:upward_id>/", upward.report, name="upward"),
    path("f/review/<uuid:warning_id>", views.review, name="review"),
    path("f/review/<uuid:warning_id>/", views.review),
]
