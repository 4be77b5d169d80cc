"""What `manage.py check` says about the library's files, the PDF engine and, asked for a database, its triggers."""

import ctypes.util
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from questionnaires import reading, triggers
from questionnaires.content import Problem

LIBRARY = Path(__file__).parent / "library"


@register("library")
def library_is_valid(app_configs, **kwargs):
    _library, problems = reading.read_library(LIBRARY)
    return [_message(problem) for problem in problems]


@register("library", deploy=True)
def library_counts_today(app_configs, **kwargs):
    """What has ended or is still to come: it changes by the day, so only `check --deploy` tells it."""
    _library, of_any_day = reading.read_library(LIBRARY)
    _library, problems = reading.read_library(LIBRARY, on=timezone.localdate())
    return [_message(problem) for problem in problems if problem not in of_any_day]


def _message(problem: Problem) -> CheckMessage:
    kind, number = (Warning, "W002") if problem.is_warning else (Error, "E001")
    place = f"{problem.place.path}:{problem.place.line}"
    return kind(f"{place}: {problem.message}", hint=problem.cure, id=f"questionnaires.{number}")


@register("pdf")
def harfbuzz_subset_is_installed(app_configs, **kwargs):
    """Without it WeasyPrint subsets fonts in Python, which takes seconds more per report."""
    if ctypes.util.find_library("harfbuzz-subset"):
        return []
    hint = "Install libharfbuzz-subset0 (Debian) or what carries it on your system, or run make setup."
    return [Error("The library harfbuzz-subset is missing.", hint=hint, id="questionnaires.E002")]


@register("pdf")
def certificate_can_sign(app_configs, **kwargs):
    """Where one is configured: found out now, and not when the first report is made."""
    if not settings.SIGNING_PKCS12:
        return []
    from questionnaires.reporting import signing  # the libraries behind it take a while to load

    try:
        signing.signer(settings.SIGNING_PKCS12, settings.SIGNING_PASSWORD)
    except signing.SigningFailed as e:
        hint = "See FRCHECK_SIGNING_PKCS12 and FRCHECK_SIGNING_PASSWORD in docs/deployment.md."
        return [Error(f"Reports cannot be signed: {e}.", hint=hint, id="questionnaires.E003")]
    return []


@register(Tags.database)
def triggers_are_installed(app_configs, databases=None, **kwargs):
    """A warning, since migrate runs this check first and is the cure."""
    found = []
    for alias in databases or []:
        applied = MigrationRecorder(connections[alias]).applied_migrations()
        missing = triggers.missing(connections[alias]) if triggers.MIGRATION in applied else []
        if missing:
            hint = "A migration that rebuilds a table must end with triggers.install."
            message = f"Database “{alias}” lacks triggers: {', '.join(missing)}"
            found.append(Warning(message, hint=hint, id="questionnaires.W001"))
    return found
