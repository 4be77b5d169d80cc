"""A report's PDF: made once in each language, then kept."""

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from questionnaires.models import Report, ReportFile
from questionnaires.reporting.context import report_context
from questionnaires.reporting.pdf import render_pdf


def stored_pdf(report: Report, language: str) -> ReportFile:
    """Return the report's PDF in that language; render and keep it when it is asked for the first time."""
    stored = report.files.filter(language=language).first()
    if stored is not None:
        return stored
    context = report_context(report.content, language=language, digest=report.digest)
    return _keep(report, language, render_pdf(context))


def _keep(report: Report, language: str, pdf: bytes) -> ReportFile:
    """The row comes after the whole file, so nobody meets half a file; of two made at once the first row wins."""
    made = ReportFile(report=report, language=language)
    made.file.save(f"{language}.pdf", ContentFile(pdf), save=False)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        made.file.storage.delete(made.file.name)
        return report.files.get(language=language)
    return made
