from django.contrib import admin
from django.urls import include, path

from frcheck.accounts.views import set_language
from questionnaires.views import actions, coverage, instruments, portfolio, report_settings, verifying
from questionnaires.views.blank_forms import blank_form
from questionnaires.views.pages import home, schema

urlpatterns = [
    path("", home, name="home"),
    path("verify/", verifying.verify, name="verify"),
    path("timeline/", instruments.timeline, name="timeline"),
    path("instruments/<slug:slug>/", instruments.instrument, name="instrument"),
    path(
        "instruments/<slug:slug>/coverage/<slug:question_set>/",
        coverage.instrument_coverage,
        name="instrument-coverage",
    ),
    path("forms/<int:pk>/<str:language>.pdf", blank_form, name="blank-form"),
    path("schemas/<slug:name>.schema.json", schema, name="schema"),
    path("actions/", actions.my_actions, name="my-actions"),
    path("organisations/<uuid:uuid>/report-settings/", report_settings.report_settings, name="report-settings"),
    path(
        "organisations/<uuid:uuid>/report-settings/logo.png",
        report_settings.settings_logo,
        name="report-settings-logo",
    ),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("portfolio.csv", portfolio.portfolio_file, name="portfolio-file"),
    path("assessments/", include("questionnaires.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/setlang/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]
