"""The PDF of a report: tagged (PDF/UA-1), the same bytes for the same input, from the project's own files only."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string

from questionnaires.reporting.values import ReportContext

STYLESHEET = "questionnaires/print.css"
FONTS = "questionnaires/fonts/fonts.conf"
STATIC_BASE = "https://static.invalid/"  # a name that can never resolve (RFC 2606)


def _found(path: str) -> Path:
    found = finders.find(path)
    if found is None:
        raise ImproperlyConfigured(f"The static file {path} is missing: install the questionnaires app whole.")
    return Path(found)


# fontconfig reads this once, when WeasyPrint is imported: the PDF then uses no font of the host.
os.environ["FONTCONFIG_FILE"] = str(_found(FONTS))

import pydyf  # noqa: E402
import weasyprint  # noqa: E402
from weasyprint.pdf import tags  # noqa: E402
from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: E402


class StaticFetcher(URLFetcher):
    """Opens the project's static files and nothing else."""

    def fetch(self, url, headers=None):
        path = unquote(url.removeprefix(STATIC_BASE)) if url.startswith(STATIC_BASE) else ""
        found = finders.find(path) if path else None
        if found is None:
            raise ValueError(f"A report may not load {url}")
        return URLFetcherResponse(url, Path(found).read_bytes())


def render_pdf(context: ReportContext) -> bytes:
    """Return the PDF. Raises ValueError for a draft: only what is frozen may look like a report."""
    if context.is_draft:
        raise ValueError("A draft has no PDF.")
    html = render_to_string("reports/print.html", {"report": context})
    with _collector_paused():
        document = weasyprint.HTML(string=html, base_url=STATIC_BASE, url_fetcher=StaticFetcher())
        return document.write_pdf(
            stylesheets=[weasyprint.CSS(filename=_found(STYLESHEET), url_fetcher=StaticFetcher())],
            pdf_variant="pdf/ua-1",
            pdf_identifier=bytes.fromhex(context.cover.digest[:32]),
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A report makes millions of objects that live to its end: looking for garbage among them takes a seventh of it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _with_language(build_box_tree):
    """WeasyPrint 70 drops the lang attribute of everything but the root: put it on the structure element."""

    def build(box, *arguments):
        box = getattr(box, "_box", box)  # the placeholder of an absolutely positioned box
        is_own = box.element is not None and box.element_tag == box.element.tag
        lang = box.element.get("lang") if is_own and box.element_tag not in ("html", "body") else None
        for element in build_box_tree(box, *arguments):
            if lang and "Lang" not in element:
                element["Lang"] = pydyf.String(lang)
            yield element

    return build


tags._build_box_tree = _with_language(tags._build_box_tree)
