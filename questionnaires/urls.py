from django.urls import path

from questionnaires.views import (
    actions,
    answering,
    assessments,
    comparing,
    coverage,
    duties,
    explanations,
    moving,
    planning,
    redating,
    report_files,
    report_settings,
    reports,
)

app_name = "questionnaires"

urlpatterns = [
    path("", assessments.assessment_list, name="assessment-list"),
    path("new/", assessments.assessment_new, name="assessment-new"),
    path("<uuid:uuid>/", assessments.assessment_overview, name="assessment-overview"),
    path("<uuid:uuid>/facts/", answering.facts, name="assessment-facts"),
    path("<uuid:uuid>/facts/<int:fact_id>/", answering.fact, name="fact"),
    path("<uuid:uuid>/answers/<int:question_id>/", answering.answer, name="answer"),
    path("<uuid:uuid>/next/", answering.next_unanswered, name="next-unanswered"),
    path("<uuid:uuid>/review/", assessments.assessment_review, name="assessment-review"),
    path("<uuid:uuid>/submit/", assessments.assessment_submit, name="assessment-submit"),
    path("<uuid:uuid>/reopen/", assessments.assessment_reopen, name="assessment-reopen"),
    path("<uuid:uuid>/redate/", redating.assessment_redate, name="assessment-redate"),
    path("<uuid:uuid>/move/", moving.assessment_move, name="assessment-move"),
    path("<uuid:uuid>/compare/", comparing.assessment_compare, name="assessment-compare"),
    path("<uuid:uuid>/delete/", assessments.assessment_delete, name="assessment-delete"),
    path("<uuid:uuid>/what-if/", planning.what_if, name="what-if"),
    path("<uuid:uuid>/cheapest-path/", planning.cheapest, name="cheapest-path"),
    path("<uuid:uuid>/cheapest-path/actions/", planning.cheapest_to_actions, name="cheapest-path-to-actions"),
    path("<uuid:uuid>/actions/", actions.action_list, name="action-list"),
    path("<uuid:uuid>/actions/board/", actions.action_board, name="action-board"),
    path("<uuid:uuid>/actions/new/", actions.action_new, name="action-new"),
    path("<uuid:uuid>/actions/<uuid:action_uuid>/", actions.action_edit, name="action"),
    path("<uuid:uuid>/actions/<uuid:action_uuid>/status/", actions.action_status, name="action-status"),
    path("<uuid:uuid>/actions/<uuid:action_uuid>/delete/", actions.action_delete, name="action-delete"),
    path("<uuid:uuid>/coverage/<slug:slug>/", coverage.assessment_coverage, name="assessment-coverage"),
    path("<uuid:uuid>/duties/", duties.duty_calendar, name="duty-calendar"),
    path("<uuid:uuid>/duties.ics", duties.duty_calendar_file, name="duty-calendar-file"),
    path("<uuid:uuid>/report/", reports.assessment_report, name="assessment-report"),
    path("<uuid:uuid>/report.json", reports.report_data, name="report-data"),
    path("<uuid:uuid>/report/explained/<slug:grouping>/", explanations.score_explained, name="score-explained"),
    path(
        "<uuid:uuid>/report/explained/<slug:grouping>/<path:key>/", explanations.score_explained, name="score-explained"
    ),
    path("<uuid:uuid>/report/logo-<slug:digest>.png", report_settings.report_logo, name="report-logo"),
    path("<uuid:uuid>/report/<str:language>.pdf", report_files.report_pdf, name="report-pdf"),
    path("<uuid:uuid>/report/<str:language>/", report_files.report_pdf_progress, name="report-pdf-progress"),
    path("<uuid:uuid>/report/<str:language>/again/", report_files.report_pdf_again, name="report-pdf-again"),
    path("<uuid:uuid>/sections/<path:ref>/", answering.section, name="assessment-section"),
]
