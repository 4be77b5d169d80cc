"""The machine of the PDF: parts, presses, links. What pages say is for test_pdf, their tags for test_tagging."""

import os
import re
import signal
import weakref
from contextlib import nullcontext
from dataclasses import fields
from io import BytesIO

import pytest
from django.core.cache import caches
from pypdf import PdfReader
from weasyprint.html import UA_STYLESHEET

from questionnaires.reporting import pdf, presses, printing
from questionnaires.reporting.context import report_context
from questionnaires.reporting.embedding import data_of
from questionnaires.reporting.linking import BrokenLink, Footer, alphabet, linked
from questionnaires.reporting.pdf import STATIC_BASE, StaticFetcher, render_pdf
from questionnaires.reporting.pdf_file import PER_STREAM
from tests.reporting.contents import content_of, make_mixed

DIGEST = "0123456789abcdef" * 4

# Python 3.12 warns of what the tests do knowingly: the test runner has threads, but none that holds a lock of ours.
pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def part(html, name="part"):
    document = f'<html lang="en"><head><title>t</title></head><body data-running="r">{html}</body></html>'
    return printing.print_part(
        document,
        name=name,
        stylesheet=pdf._found(pdf.STYLESHEET),
        base_url=STATIC_BASE,
        fetcher=StaticFetcher(),
        is_front=name == "front",
    )


def file_of(*parts, **more):
    footer = part(f'<p class="footer">{" ".join("0123456789/")}</p>', "footer")
    return linked(
        parts, pdf._fonts([footer, *parts]), footer=Footer("", alphabet(footer.fonts)), identifier=b"00", **more
    )


@pytest.fixture
def content(db):
    return content_of(make_mixed())


def rendered(content, language="both", digest=DIGEST):
    return render_pdf(report_context(content, language=language, digest=digest))


@pytest.fixture
def printed_parts(monkeypatch):
    """The HTML of every part that is printed rather than taken from the cache."""
    parts = []
    monkeypatch.setattr(
        pdf.printing,
        "print_part",
        lambda html, _print=printing.print_part, **by: parts.append(html) or _print(html, **by),
    )
    return parts


def test_bytes_depend_neither_on_processes_nor_on_the_cache(content, monkeypatch):
    caches["parts"].clear()
    alone = rendered(content)

    kept = rendered(content)
    caches["parts"].clear()
    monkeypatch.setattr(presses, "processes", lambda: 2)
    monkeypatch.setattr(presses, "WORTH_A_PROCESS", 0)
    together = rendered(content)

    assert (kept == alone, together == alone) == (True, True)


def test_unchanged_report_prints_nothing(content, printed_parts):
    rendered(content)
    printed_parts.clear()

    rendered(content)

    assert printed_parts == []


def test_changed_answer_prints_only_where_it_shows(content, printed_parts):
    rendered(content)
    printed_parts.clear()
    content["sections"][1]["questions"][0]["answer"]["note"] = "Encrypted since May."

    rendered(content, digest="f" * 64)

    sections = [html for html in printed_parts if 'class="section"' in html]
    assert ["Encrypted since May." in html for html in sections] == [True]
    assert not [html for html in printed_parts if 'id="instruments"' in html or 'id="facts"' in html]


def test_printing_is_the_same_unquickened(monkeypatch):
    html = (
        '<section class="part" id="a"><h2><span lang="en">Head</span> <span lang="zh-Hans">标题</span></h2>'
        '<p class="stack"><span lang="en">One &amp; two</span> <span lang="zh-Hans">一和二，三</span></p>'
        '<ul><li>one</li></ul><ul class="first"><li class="typed">x\ny</li></ul><p><u>under</u> مرحبا 😀</p>'
        '<table class="gaps"><thead><tr><th scope="col">h</th></tr></thead><tbody><tr><td>d</td></tr></tbody></table>'
        f"<p>{'long words go on ' * 60}</p></section>"
    )
    quick = part(html)

    monkeypatch.setattr(printing, "quickened", nullcontext)
    monkeypatch.setattr(printing, "lower_ids", lambda *_arguments, **_keywords: None)
    monkeypatch.setattr(printing, "user_agent_stylesheet", lambda: UA_STYLESHEET)

    assert part(html) == quick


def test_part_that_is_no_xml_is_printed_as_html():
    assert part("<p>a<br>b</p>").body() == part("<p>a<br/>b</p>").body()


def test_headers_of_two_parts_have_names_of_their_own():
    html = '<table><tr><th scope="row">h</th><td>d</td></tr></table>'

    names = {name for which in ("one", "two") for name, _ in part(html, which).body().headers}

    assert len(names) == 2


def test_link_to_nowhere_is_refused():
    front = part('<p><a href="#here">a</a><a href="#there">b</a></p><p id="here">c</p>', "front")

    with pytest.raises(BrokenLink, match="Nothing to link to: there"):
        file_of(front)


def remade(kind, value):
    return kind(**{each.name: getattr(value, each.name) for each in fields(value)})


def test_objects_of_one_part_are_let_go_before_those_of_the_next_are_unpacked():
    seen = []

    class Watched(printing.Body):
        """Without slots: it can be referred to weakly."""

    class Part(printing.Printed):
        def body(self):
            assert [body for body in seen if body() is not None] == []
            unpacked = remade(Watched, printing.Printed.body(self))
            seen.append(weakref.ref(unpacked))
            return unpacked

    parts = [remade(Part, part(f"<p>{name}</p>", name)) for name in ("front", "one", "two")]

    made = file_of(*parts)

    assert (len(seen), len(PdfReader(BytesIO(made)).pages)) == (3, 3)


@pytest.mark.large
def test_large_report_has_several_streams_of_objects_each_found_again():
    front = part("".join(f"<p>number {number}</p>" for number in range(3 * PER_STREAM)), "front")

    made = file_of(front)

    text = "".join(page.extract_text() for page in PdfReader(BytesIO(made), strict=True).pages)
    assert re.findall(r"number (\d+)", text) == [str(number) for number in range(3 * PER_STREAM)]
    assert made.count(b"/Type /ObjStm") > 3


@pytest.mark.parametrize("data", [None, b"", b'{"a": "\xff\xfe"}'])
def test_data_are_attached_as_they_are(data):
    front = part("<p>a</p>", "front")

    made = file_of(front, data=data)

    assert data_of(made) == data


# --- presses ----------------------------------------------------------------------------------------------------------


def length(key, html):
    return os.getpid(), f"{key}{len(html)}"


def fail(_key, _html):
    raise LookupError("no such glyph")


def die(_key, _html):
    os.kill(os.getpid(), signal.SIGKILL)


def test_presses_print_side_by_side_and_go_when_done():
    results = presses.printed({key: "x" * key for key in range(1, 6)}, length, at_once=2)

    assert {key: text for key, (_, text) in results.items()} == {key: f"{key}{key}" for key in range(1, 6)}
    processes = {process for process, _ in results.values()}
    assert os.getpid() not in processes and 1 <= len(processes) <= 2
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_press_is_replaced_after_much_work(monkeypatch):
    monkeypatch.setattr(presses, "WORK_PER_PROCESS", 1)

    results = presses.printed(dict.fromkeys(range(4), "x"), length, at_once=2)

    assert len({process for process, _ in results.values()}) == 4


@pytest.mark.parametrize(("work", "message"), [(fail, "no such glyph"), (die, "ended with -9")])
def test_failing_press_says_why(work, message):
    with pytest.raises(presses.PressFailed, match=message):
        presses.printed({1: "x", 2: "y"}, work, at_once=2)
