"""The structure of a PDF as assistive technology meets it, walked with pikepdf, and judged by two checkers.

pdfua holds a file against the machine-checkable rules of PDF/UA-1, outloud reads it as a screen reader would. Neither
replaces a person who listens to the file.
"""

import re
from io import BytesIO
from itertools import pairwise

import outloud
import pdfua
import pikepdf
import pytest
from pikepdf import Dictionary, Name

from questionnaires.reporting.context import report_context
from questionnaires.reporting.pdf import render_pdf
from questionnaires.reporting.texts import is_chinese
from tests.reporting.contents import content_of, make_mixed
from tests.reporting.structure import HEADINGS, Tree, kids

DIGEST = "0123456789abcdef" * 4
HAN = re.compile("[\u3400-\u9fff]")
MADE: dict[str, bytes] = {}

pytestmark = pytest.mark.once


def long_content():
    """Every outcome, both scripts in notes, and a register, figures and answers that break over pages."""
    content = content_of(make_mixed())
    asked = content["sections"][0]["questions"][0]
    for number in range(12):
        more = {
            **asked,
            "ref": f"consent.more-{number}",
            "text": {"en": f"More {number}? " * 12, "zh": "还有吗？" * 20},
        }
        content["sections"][0]["questions"].append(more)
    content["sections"][0]["questions"][0]["answer"]["note"] = "他们说：明天。 🎉 مرحبا"
    return content


@pytest.fixture(params=["en", "zh-hans", "both"])
def made(request, db):
    if request.param not in MADE:
        MADE[request.param] = render_pdf(report_context(long_content(), language=request.param, digest=DIGEST))
    return MADE[request.param]


@pytest.fixture
def tree(made):
    with pikepdf.open(BytesIO(made)) as pdf:
        yield Tree(pdf)


def test_file_is_sound_and_says_what_it_is(tree):
    root = tree.pdf.Root

    assert tree.pdf.check_pdf_syntax() == []
    assert (bool(root.MarkInfo.Marked), bool(root.ViewerPreferences.DisplayDocTitle)) == (True, True)
    assert str(root.Lang) in ("en", "zh-Hans")
    assert b'pdfuaid:part="1"' in root.Metadata.read_bytes()
    assert {page.get("/Tabs") for page in tree.pdf.pages} == {Name.S}


def test_all_that_is_drawn_is_in_the_tree_or_an_artifact(tree):
    unmarked = [number for number, drawn in enumerate(tree.drawn) if drawn.get(None)]
    marked = {(page, number) for page, drawn in enumerate(tree.drawn) for number in drawn if isinstance(number, int)}
    in_tree = [place for element, _ in tree.elements for place in tree.own_content(element)]

    assert unmarked == []
    assert len(in_tree) == len(set(in_tree))
    assert set(in_tree) == marked
    parents = dict(zip(*[iter(tree.root.ParentTree.Nums)] * 2, strict=True))
    for element, _ in tree.elements:
        for page, number in tree.own_content(element):
            assert parents[tree.pdf.pages[page].StructParents][number].objgen == element.objgen


def test_headings_skip_no_level_and_none_ends_a_page(tree):
    headings = [(HEADINGS[str(element.S)], element) for element, _ in tree.elements if str(element.S) in HEADINGS]
    levels = [level for level, _ in headings]
    last = [max((number for number in drawn if isinstance(number, int)), default=-1) for drawn in tree.drawn]

    assert levels[0] == 1 and levels.count(1) == 1
    assert [(before, after) for before, after in pairwise(levels) if after > before + 1] == []
    orphaned = [tree.text(element) for _, element in headings for page, n in tree.content(element) if last[page] == n]
    assert orphaned == []


def test_tables_have_headers_with_scope_that_their_cells_name(tree):
    identifiers = [str(name) for name in tree.root.IDTree.Names[::2]]
    headers = [element for element, _ in tree.named("/TH")]
    cells = [element for element, _ in tree.named("/TD")]

    assert len(headers) > 20 and len(cells) > 20
    assert {str(header.A.Scope) for header in headers} == {"/Row", "/Column"}
    assert sorted(str(header.ID) for header in headers) == identifiers == sorted(set(identifiers))
    assert [tree.text(cell) for cell in cells if not len(cell.A.get("/Headers", []))] == []
    assert {str(name) for cell in cells for name in cell.A.Headers} <= set(identifiers)
    for row, above in tree.named("/TR"):
        assert all(cell.S in ("/TH", "/TD") for cell in kids(row))
        if above[-1].S == "/TBody":  # cut through a line, it would go on without what heads it
            assert [tree.text(cell).strip() for cell in kids(row) if cell.S == "/TH"] != [""]


def test_figures_say_what_they_show_and_where_they_are(tree):
    figures = [element for element, _ in tree.named("/Figure")]

    assert figures
    for figure in figures:
        left, bottom, right, top = (float(length) for length in figure.A.BBox)
        assert str(figure.Alt).strip()
        assert 0 <= left < right <= 596 and 0 <= bottom < top <= 842


def test_links_lead_somewhere_and_say_where(tree):
    destinations = {str(name) for name in tree.pdf.Root.Names.Dests.Names[::2]}
    parents = dict(zip(*[iter(tree.root.ParentTree.Nums)] * 2, strict=True))
    links = [note for page in tree.pdf.pages for note in page.get("/Annots", []) if note.Subtype == "/Link"]

    assert links
    for link in links:
        assert str(link.Dest) in destinations
        assert str(link.Contents).strip()
        assert parents[link.StructParent].S == "/Link"
        assert any(kid.get("/Obj", Dictionary()).objgen == link.objgen for kid in kids(parents[link.StructParent]))


def test_every_text_has_the_language_it_is_written_in(tree):
    document, wrong = str(tree.pdf.Root.Lang), []
    for element, above in tree.elements:
        text = "".join(tree.drawn[page][number] for page, number in tree.own_content(element))
        language = next((str(each.Lang) for each in (element, *reversed(above)) if "/Lang" in each), document)
        if is_chinese(text) and language != "zh-Hans":
            wrong.append((language, text))
        if document == "en" and len(re.findall("[a-z]{2,}", text)) > 4 and not HAN.search(text) and language != "en":
            wrong.append((language, text))
    assert wrong == []


def test_checkers_find_nothing(made, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(made)

    judged = pdfua.validate(str(path))
    # TBL-010 takes a short table for one header cut in pieces when its rows have headers, too.
    heard = outloud.check(str(path), skip=["TBL-010"])

    assert [finding.message for finding in judged.findings] == []
    assert {(finding.rule, finding.message) for finding in heard.findings if finding.severity == "error"} == set()
