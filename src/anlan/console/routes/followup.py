"""Routes of the desk: statistics, contact tests, outages, and what is done about a village that stays silent."""

from __future__ import annotations

from django.urls import URLPattern, path

from anlan.console.views import aftermath, contacttests, outages, silence, statistics

urlpatterns: list[URLPattern] = [
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics/table.csv", statistics.table, name="statistics_table"),
    path("contact-tests/", contacttests.contact_tests, name="contact_tests"),
    path("contact-tests/plan/", contacttests.plan, name="plan_contact_test"),
    path("contact-tests/<uuid:test_id>/", contacttests.contact_test, name="contact_test"),
    path("contact-tests/<uuid:test_id>/cancel/", contacttests.cancel, name="cancel_contact_test"),
    path("outages/", outages.outages, name="outages"),
    path("outages/report/", outages.report, name="report_outage"),
    path("outages/<uuid:outage_id>/end/", outages.end, name="end_outage"),
    path("seats/<uuid:seat_id>/silence/", silence.silence, name="silence"),
    path("seats/<uuid:seat_id>/reassign/", silence.reassign, name="reassign_seat"),
    path("seats/<uuid:seat_id>/task/", silence.settle_task, name="settle_task"),
    path("seats/<uuid:seat_id>/order/", silence.order, name="order_to_go"),
]
urlpatterns += [
    path("warnings/<uuid:warning_id>/judge/", aftermath.judge_warning, name="judge_warning"),
    path("missed/", aftermath.record_missed, name="record_missed"),
    path("returns/", aftermath.returns, name="returns"),
    path("returns/<uuid:decision_id>/", aftermath.decide_return, name="decide_return"),
    path("notices/", aftermath.notice_list, name="notices"),
    path("notices/new/", aftermath.new_notice, name="new_notice"),
    path("notices/<uuid:notice_id>/", aftermath.notice, name="notice"),
    path("notices/<uuid:notice_id>/act/", aftermath.act_on_notice, name="act_on_notice"),
    path("notices/<uuid:notice_id>/paper.docx", aftermath.notice_paper, name="notice_paper"),
    path("notices/<uuid:notice_id>/files/<uuid:attachment_id>/", aftermath.notice_file, name="notice_file"),
]
