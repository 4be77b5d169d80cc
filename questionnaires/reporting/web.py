"""The report on a page, drawn once for as long as what it says stays the same."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from questionnaires.models import Assessment, Report
from questionnaires.models.freezing import content_of
from questionnaires.models.report_inputs import ReportInputs
from questionnaires.models.version_texts import texts_of
from questionnaires.reporting.context import Data, report_context
from questionnaires.reporting.figures import number


class Overall(NamedTuple):
    """The overall score, as far as it has one, and its range."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None


class Article(NamedTuple):
    title: str
    html: SafeString
    overall: Overall


def draw(content: Data, *, language: str, digest: str | None) -> Article:
    """Everything of the page that is the report: nothing in it depends on who reads it."""
    context = report_context(content, language=language, digest=digest, is_web=True)
    html = render_to_string("reports/_article.html", {"report": context})
    score = content["result"]["overall"]
    return Article(context.document_title, html, Overall(*(number(score[end]) for end in Overall._fields)))


def drawn(report: Report, *, language: str) -> Article:
    """A submitted report's article; equal digests have equal articles, so it is kept under its digest."""
    return _kept(f"{report.digest}:{language}", lambda: draw(report.content, language=language, digest=report.digest))


def drawn_open(assessment: Assessment, inputs: ReportInputs, *, language: str) -> Article:
    """The article of an open assessment: kept under the digest of everything it is made from."""

    def make() -> Article:
        content = content_of(inputs, assessment.outline, texts_of(assessment.version))
        return draw(content, language=language, digest=None)

    if not assessment.version.is_published:
        return make()  # its texts may change, and no input tells of it
    return _kept(f"open:{inputs.digest()}:{language}", make)


def _kept(key: str, make: Callable[[], Article]) -> Article:
    kept = caches["reports"]
    article = kept.get(key)
    if article is None:
        article = make()
        kept.set(key, article, timeout=None)
    return article
