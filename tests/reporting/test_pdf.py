import gc
import re
import socket
from io import BytesIO

import pytest
import weasyprint
from pypdf import PdfReader

from questionnaires.reporting import printing
from questionnaires.reporting.context import report_context
from questionnaires.reporting.pdf import STATIC_BASE, StaticFetcher, render_pdf
from tests import factories as f
from tests.reporting.contents import content_of, make_mixed

DIGEST = "0123456789abcdef" * 4

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def rendered(assessment, language="en"):
    return render_pdf(report_context(content_of(assessment), language=language, digest=DIGEST))


def read(content):
    return PdfReader(BytesIO(content))


def text_of(reader):
    """The text without white space, which depends on where lines break."""
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def squeezed(text):
    return "".join(text.split())


def structure_languages(reader):
    languages, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]["/K"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "/Lang" in node:
                languages.append(str(node["/Lang"]))
            if "/K" in node and not isinstance(node["/K"], int):
                waiting.append(node["/K"])
    return languages


def bookmarks(reader):
    def titles(outline):
        return [titles(entry) if isinstance(entry, list) else entry.title for entry in outline]

    return titles(reader.outline)


def fonts(reader):
    names = set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            names.add(re.sub(r"^/[A-Z]{6}\+", "", font.get_object()["/BaseFont"]))
    return names


def test_english_pdf_says_what_was_answered():
    reader = read(rendered(make_mixed()))
    text = text_of(reader)

    for expected in [
        "1 critical gap in binding provisions.",
        "Is consent.asked done?",
        "The Law, Art. 1",
        "No sign yet. Ordered in May.",
        "已记录，但不完整。",
        "Nothing is stored.",
        "7–36 %",
        DIGEST,
        "0123 4567 89ab",
        "It is no legal advice",
    ]:
        assert squeezed(expected) in text
    assert squeezed("Is consent.asked done?中文") not in text


def test_pdf_names_title_language_and_the_time_of_submission():
    assessment = make_mixed()
    assessment.submit(by=assessment.created_by, accept_unanswered=True)
    reader = read(rendered(assessment))

    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata.title == "Facial recognition gap report: Gate"
    assert reader.metadata.creation_date == assessment.submitted_at.replace(microsecond=0)
    assert 'pdfuaid:part="1"' in reader.trailer["/Root"]["/Metadata"].get_data().decode()


def test_pdf_has_bookmarks_down_to_sections_and_right_page_numbers():
    reader = read(rendered(make_mixed()))

    assert bookmarks(reader) == [
        "Facial recognition gap report",
        "Contents",
        "Summary",
        "Gap register",
        "Results in figures",
        "Answers",
        ["1 Section consent", "2 Section storage"],
        "Questions not asked",
        "Facts stated",
        "Instruments and provisions",
        "How the scores came about",
        "Method and disclaimer",
    ]
    pages = {
        entry.title: reader.get_destination_page_number(entry) + 1
        for entry in reader.outline
        if hasattr(entry, "title")
    }
    contents = reader.pages[1].extract_text()
    for title in ("Summary", "Gap register", "Method and disclaimer"):
        assert re.search(rf"{title}[ .]*(\d+)", contents)[1] == str(pages[title])
    assert pages["Gap register"] == pages["Summary"] + 1


def test_every_page_is_numbered_and_bears_the_code():
    reader = read(rendered(make_mixed()))

    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert (f"{number} / {len(reader.pages)}" in text, "0123 4567 89ab" in text) == (True, True)


@pytest.mark.parametrize(("language", "tag", "others"), [("en", "en", {"zh-Hans"}), ("zh-hans", "zh-Hans", {"en"})])
def test_only_what_is_in_another_language_is_tagged(language, tag, others):
    reader = read(rendered(make_mixed(), language))

    assert reader.trailer["/Root"]["/Lang"] == tag
    assert set(structure_languages(reader)) == others


def test_both_languages_stand_beside_each_other_and_are_tagged():
    reader = read(rendered(make_mixed(), "both"))
    text = text_of(reader)

    assert squeezed("Is consent.asked done? Is consent.asked done?中文") in text
    assert set(structure_languages(reader)) == {"en", "zh-Hans"}


def test_pdf_embeds_only_our_fonts():
    assessment = make_mixed()
    f.answer(assessment, "storage.encrypted", "yes", note="😀 مرحبا שלום ☃ 𠮷 ไทย")

    names = fonts(read(rendered(assessment, "both")))

    assert len(names) >= 4
    assert [name for name in names if not name.startswith("FRCheck")] == []


def test_same_input_gives_the_same_bytes():
    content = content_of(make_mixed())

    first, second = (render_pdf(report_context(content, language="both", digest=DIGEST)) for _ in range(2))

    assert first == second


def test_rendering_needs_no_network(monkeypatch):
    def refuse(*_arguments, **_keywords):
        raise AssertionError("a report was about to open a socket")

    context = report_context(content_of(make_mixed()), language="en", digest=DIGEST)
    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert len(read(render_pdf(context)).pages) > 5


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        STATIC_BASE,
        f"{STATIC_BASE}no.css",
    ],
)
def test_fetcher_refuses_all_but_static_files(url):
    with pytest.raises(ValueError, match="may not load"):
        StaticFetcher().fetch(url)


def test_fetcher_refuses_to_leave_the_static_folder():
    with pytest.raises(Exception, match="outside of the base path"):
        StaticFetcher().fetch(f"{STATIC_BASE}%2e%2e/%2e%2e/settings.py")


def test_fetcher_opens_static_files():
    response = StaticFetcher().fetch(f"{STATIC_BASE}questionnaires/print.css")

    assert b"@page" in response.read()


def test_draft_has_no_pdf():
    context = report_context(content_of(make_mixed()), language="en", digest=None)

    with pytest.raises(ValueError, match="draft"):
        render_pdf(context)


def test_collector_runs_again_after_rendering_failed(monkeypatch):
    def fail(*_arguments, **_keywords):
        raise RuntimeError("no")

    monkeypatch.setattr(printing, "generate_pdf", fail)

    with pytest.raises(RuntimeError):
        rendered(make_mixed())
    assert gc.isenabled()


def test_printing_fits_this_weasyprint():
    """`printing` takes the place of parts of WeasyPrint 70: look at each again before another is taken."""
    assert weasyprint.__version__ == "70.0"
