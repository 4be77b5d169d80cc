"""The PDF of a report: tagged (PDF/UA-1), the same bytes for the same input, from the project's own files only.

It is printed in parts, each kept under the digest of all that it is made from (docs/adr: reports printed in parts).
"""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from django.contrib.staticfiles import finders
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe

from questionnaires.models.report_settings import logo_bytes
from questionnaires.reporting import cutting, presses
from questionnaires.reporting.values import ReportContext

STYLESHEET = "questionnaires/print.css"
FONTS = "questionnaires/fonts/fonts.conf"
STATIC_BASE = "https://static.invalid/"  # a name that can never resolve (RFC 2606)
LOGO = re.compile(r"logo/(?P<digest>[0-9a-f]{64})\.png")


def _found(path: str) -> Path:
    found = finders.find(path)
    if found is None:
        raise ImproperlyConfigured(f"The static file {path} is missing: install the questionnaires app whole.")
    return Path(found)


# fontconfig reads this once, when WeasyPrint is imported: the PDF then uses no font of the host.
os.environ["FONTCONFIG_FILE"] = str(_found(FONTS))

import pydyf  # noqa: E402
import weasyprint  # noqa: E402
from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: E402

from questionnaires.reporting import linking, printing  # noqa: E402
from questionnaires.reporting.printing import Body, FontUse, Printed  # noqa: E402

BODY, PART, PRINT = TEMPLATES = "reports/_body.html", "reports/_part.html", "reports/print.html"
FRONT, FOOTER = "front", "footer"  # names of parts; those of the body are numbered
FOOTER_CHARACTERS = "0123456789abcdef /"
FITS, FITS_IN_BOTH = 24, 17  # entries of the contents that leave room for the legend on their page
KEPT_FOR = 30 * 24 * 3600  # seconds
SOURCES = [hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest() for module in (printing, cutting)]


class StaticFetcher(URLFetcher):
    """Opens the project's static files and logos by their digest, and nothing else."""

    def fetch(self, url, headers=None):
        path = unquote(url.removeprefix(STATIC_BASE)) if url.startswith(STATIC_BASE) else ""
        if logo := LOGO.fullmatch(path):
            return URLFetcherResponse(url, logo_bytes(logo["digest"]), {"Content-Type": "image/png"})
        found = finders.find(path) if path else None
        if found is None:
            raise ValueError(f"A report may not load {url}")
        return URLFetcherResponse(url, Path(found).read_bytes())


def render_pdf(context: ReportContext, *, data: bytes | None = None) -> bytes:
    """Return the PDF, with the data attached if there are any.

    Raises ValueError for a draft: only what is frozen may look like a report; LogoLost.
    """
    if context.is_draft:
        raise ValueError("A draft has no PDF.")
    if context.cover.logo:
        logo_bytes(context.cover.logo.digest)  # a lost one is an error here, and only a warning to WeasyPrint
    with presses.collector_paused():
        return _rendered(context, data)


def _rendered(context: ReportContext, data: bytes | None) -> bytes:
    footer = f"{context.cover.code} · SHA-256 {context.cover.digest}"
    printed = _printed(_documents(context, footer))
    footer_line = printed.pop(FOOTER)
    parts = [_front(context, printed.values()), *printed.values()]
    return linking.linked(
        parts,
        _fonts([footer_line, *parts]),
        footer=linking.Footer(footer, linking.alphabet(footer_line.fonts)),
        identifier=context.cover.digest[:32].encode(),
        data=data,
    )


def _documents(context: ReportContext, footer: str) -> dict[str | int, str]:
    """The line at the foot and the pieces of the body. A function of its own, so that presses inherit no more."""
    letters = " ".join(sorted({*FOOTER_CHARACTERS, *footer}))
    documents = {FOOTER: _framed(context, f'<p class="footer" lang="en">{escape(letters)}</p>')}
    body = cutting.pieces(render_to_string(BODY, {"report": context}))
    return documents | {number: _framed(context, piece) for number, piece in enumerate(body, 1)}


def _framed(context: ReportContext, piece: str) -> str:
    return render_to_string(PART, {"report": context, "piece": mark_safe(piece)})


def _front(context: ReportContext, others: Iterable[Printed]) -> Printed:
    """Cover and contents, which need the page numbers of the others: those depend on how many pages they fill."""
    others = list(others)
    pages = 2 if len(context.contents) <= (FITS_IN_BOTH if context.is_both else FITS) else 3  # mostly right
    tried: set[int] = set()
    while pages not in tried:
        tried.add(pages)
        numbers = _page_numbers(others, first=pages + 1)
        contents = [(entry, numbers.get(entry.anchor)) for entry in context.contents]
        html = render_to_string(PRINT, {"report": context, "contents": contents})
        front = _printed({FRONT: html})[FRONT]
        if front.number_of_pages == pages:
            break
        pages = front.number_of_pages
    return front


def _page_numbers(parts: Iterable[Printed], *, first: int) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for part in parts:
        for anchor, target in part.anchors.items():
            numbers.setdefault(anchor, first + target.page)
        first += part.number_of_pages
    return numbers


# --- printed before, or now -------------------------------------------------------------------------------------------


def _printed(documents: Mapping[str | int, str]) -> dict[str | int, Printed]:
    """The parts in the same order; those that were printed before come from the cache."""
    keys = {name: _key(html) for name, html in documents.items()}
    kept = caches["parts"].get_many(keys.values())
    missing = {name: documents[name] for name, key in keys.items() if key not in kept}
    at_once = presses.processes() if sum(map(len, missing.values())) > presses.WORTH_A_PROCESS else 1
    if at_once > 1:
        warm()
    for name, printed in presses.printed(missing, _print, at_once=at_once).items():
        kept[keys[name]] = printed
        caches["parts"].set(keys[name], printed, KEPT_FOR)
    return {name: kept[key] for name, key in keys.items()}


@cache
def warm() -> None:
    """Style sheets and fonts read before the fork are read once."""
    _print("warm", '<html lang="en"><body>a<b>b</b><i>c</i><span lang="zh">一<b>二</b></span></body></html>')


def _key(made_from: str) -> str:
    """Of what is printed and of all that prints it: style sheet, fonts, these modules, WeasyPrint."""
    return hashlib.sha256(f"{_press_digest()}{made_from}".encode()).hexdigest()


def _press_digest() -> str:
    files = [_found(STYLESHEET), *sorted(_found(FONTS).parent.iterdir())]
    stamps = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return repr((stamps, SOURCES, weasyprint.__version__, pydyf.__version__))


def _print(name: str | int, html: str) -> Printed:
    return printing.print_part(
        html,
        name=hashlib.sha256(html.encode()).hexdigest()[:12],
        stylesheet=_found(STYLESHEET),
        base_url=STATIC_BASE,
        fetcher=StaticFetcher(),
        is_front=name == FRONT,
    )


def _fonts(parts: Iterable[Printed]) -> Body:
    uses: dict[str, FontUse] = {}
    for part in parts:
        for key, use in part.fonts.items():
            uses[key] = uses[key] | use if key in uses else use
    key = _key(repr(sorted((key, sorted(use.to_unicode.items())) for key, use in uses.items())))
    kept = caches["parts"].get(key)
    if kept is None:
        kept = printing.print_fonts(uses)
        caches["parts"].set(key, kept, KEPT_FOR)
    return kept
