"""The report on a page, drawn once where it is frozen."""

from typing import NamedTuple

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from questionnaires.models import Report
from questionnaires.reporting.context import Data, report_context


class Article(NamedTuple):
    title: str
    html: SafeString


def draw(content: Data, *, language: str, digest: str | None) -> Article:
    """Everything of the page that is the report: nothing in it depends on who reads it."""
    context = report_context(content, language=language, digest=digest, is_web=True)
    return Article(context.document_title, render_to_string("reports/_article.html", {"report": context}))


def drawn(report: Report, *, language: str) -> Article:
    """A submitted report's article; equal digests have equal articles, so it is kept under its digest."""
    kept = caches["reports"]
    key = f"{report.digest}:{language}"
    article = kept.get(key)
    if article is None:
        article = draw(report.content, language=language, digest=report.digest)
        kept.set(key, article, timeout=None)
    return article
