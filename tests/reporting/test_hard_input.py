"""Reports of what is empty, half done, in other scripts or very large: on the page and in the PDF, read back.

Every figure is compared with tests/recomputation.py, which shares no code with the product.
"""

import hashlib
import random
import re
import subprocess
from collections import Counter

import pdfua
import pikepdf
import pytest

from questionnaires.models import Answer, ReportFile
from questionnaires.reporting.context import report_context
from questionnaires.reporting.files import ask_for
from questionnaires.reporting.pdf import render_pdf
from tests import factories as f
from tests.recomputation import asked, exported, recompute, rounded, shown_figures, shown_tiles
from tests.reporting.contents import content_of, make_mixed, make_two_instruments, submitted_report
from tests.reporting.layout import MILLIMETRE, faults, pages_of, squeezed
from tests.reporting.structure import kids
from tests.tasks import work_off
from tests.views.browsing import address, read

DIGEST = "0123456789abcdef" * 4

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def pdf_of(report):
    """As it is asked for, made by the task and kept."""
    ask_for(report, "en")
    work_off()
    with ReportFile.objects.get(report=report).file.open("rb") as file:
        return file.read()


def page_of(client, report):
    client.force_login(report.assessment.created_by)
    return read(client.get(address("assessment-report", report.assessment)))


def split(rows, expected):
    """Each row's label and figures: what stands between them says whether the group is binding."""
    labels = sorted((label for label, _ in expected), key=len, reverse=True)
    found = []
    for row in rows:
        label = next((label for label in labels if row.startswith(label)), row)
        found.append((label, re.sub("^(Notbinding|Binding)", "", row.removeprefix(label))))
    return sorted(found)


def figures_on_page(page, content):
    """The tiles of the summary, and the rows of the results."""
    for picture in page.select("#results svg"):
        picture.decompose()
    tiles = [squeezed(tile.get_text()) for tile in page.select("#summary .tiles td strong")]
    rows = [squeezed(row.get_text()) for row in page.select("#results table.figures tbody tr")]
    return tiles, split(rows, shown_figures(content, with_signs=False))


def figures_in_pdf(tree, content):
    (tiles,) = rows_under(tree, "bindingdutiesnotmet")
    numbers = [re.match(r"–|\d+%?", squeezed(tree.text(cell)))[0] for cell in kids(tiles)]
    rows = [squeezed(tree.text(row)) for row in rows_under(tree, "GroupScoreOutcomes")]
    return numbers, split(rows, shown_figures(content, with_signs=True))


def rows_under(tree, head):
    for table, _ in tree.named("/Table"):
        if squeezed(tree.text(kids(table)[0])).startswith(head):
            yield from (row for body in kids(table)[1:] for row in kids(body))


# --- nothing, half, all ----------------------------------------------------------------------------------------------


def nothing_answered():
    return f.make_assessment(make_two_instruments())


def all_met():
    assessment = nothing_answered()
    f.answer_all(assessment)
    return assessment


def all_not_applicable():
    assessment = nothing_answered()
    for question in assessment.standing().unanswered():
        f.answer(assessment, question.ref, None, is_not_applicable=True, justification="No gate.")
    return assessment


def nothing_applicable():
    return f.make_assessment(make_two_instruments(), as_of=f.date(2000, 1, 1))


@pytest.mark.parametrize("make", [nothing_answered, make_mixed, all_met, all_not_applicable, nothing_applicable])
def test_figures_are_right_however_little_was_answered(client, make):
    report = submitted_report(make())
    content = report.content
    context = report_context(content, language="en", digest=report.digest)

    page, pages = page_of(client, report), pages_of(render_pdf(context), context)

    tiles = shown_tiles(content)
    assert exported(content["result"]) == rounded(recompute(content))
    assert figures_on_page(page, content) == (tiles, shown_figures(content, with_signs=False))
    assert figures_in_pdf(pages.tree, content) == (tiles, shown_figures(content, with_signs=True))
    assert faults(pages) == {}


# --- notes ------------------------------------------------------------------------------------------------------------

HOSTILE = {
    "markup": "<script>alert(1)</script> & <b>bold</b>",
    "emoji": "Family 👨‍👩‍👧‍👦 and 🎉",
    "right to left": "مرحبا بالعالم and \u202eevil\u202c שלום",
    "long chinese": "人脸信息在比对后立即删除。" * 770,
    "long word": "x" * 10_000,
    "long address": "https://example.org/" + "path-of-a-folder/" * 300,
    "200 kB": ("The notice hangs at both turnstiles since February. 前台已张贴告知。" * 4000)[:200_000],
    "controls": "a\x00b\x1bc\x85d",
    "many lines": "line\n" * 400,
    "letters that are marks of the linker in Latin-1": "ý þ ÿ https://example.org/ÿþý",
}


@pytest.mark.large
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_note_is_printed_whole(kind):
    content = content_of(make_mixed())
    content["sections"][0]["questions"][0]["answer"]["note"] = HOSTILE[kind]
    context = report_context(content, language="en", digest=DIGEST)

    pages = pages_of(render_pdf(context), context)

    found = faults(pages)
    if kind == "right to left":  # glyphs are drawn from the left, whatever the order of the words
        del found["lost"]
        drawn = Counter("".join(text for marked in pages.tree.drawn for text in marked.values()))
        assert drawn >= Counter(letter for letter in squeezed(HOSTILE[kind]) if letter.isprintable())
    assert found == {}


def test_arabic_note_stands_on_the_right():
    content = content_of(make_mixed())
    content["sections"][0]["questions"][0]["answer"]["note"] = "مرحبا بالعالم"
    context = report_context(content, language="en", digest=DIGEST)

    pages = pages_of(render_pdf(context), context)

    words = [line for page in pages.tree.lines for line in page if set(line.text) & set("مرحبا")]
    area, width = pages.area(words[0].page), sum(word.right - word.left for word in words)
    ends = min(word.left for word in words), max(word.right for word in words)
    assert area.right - ends[1] == pytest.approx(3 * MILLIMETRE + 1.2, abs=0.5)
    assert ends[1] - ends[0] < 1.5 * width


def test_long_names_do_not_break_the_cover():
    content = content_of(make_mixed())
    content["assessment"] |= {"organisation": "公司" * 100, "name": "N" * 200, "subject": "S " * 250}

    context = report_context(content, language="both", digest=DIGEST)

    assert faults(pages_of(render_pdf(context), context)) == {}


# --- a thousand questions ---------------------------------------------------------------------------------------------

QUESTIONS, PER_SECTION = 1000, 50


def make_thousand():
    """In sections of fifty, on a law and a guideline; answered at random, with 200 kB of notes in both scripts."""
    law = f.make_instrument("law", legal_force="law", **f.both(short_title="The Law"))
    guide = f.make_instrument("guide", legal_force="company_guideline", **f.both(short_title="The Guide"))
    provisions = [f.make_provision((law, guide)[at % 2], f"Art. {at}") for at in range(10)]
    draft = f.make_draft()
    for number in range(QUESTIONS):
        if number % PER_SECTION == 0:
            section = f.make_section(draft, f"section-{number // PER_SECTION + 1:02}")
        severity = ("critical", "high", "medium", "low")[number % 4]
        f.make_question(section, f"topic.q{number}", provisions=[provisions[number * 3 % 10]], severity=severity)
    assessment = f.make_assessment(f.publish(draft))
    f.answer_at_random(assessment, random.Random(8))
    for answer in assessment.answers.all():
        note = f"{answer.pk}: the notice hangs at both turnstiles since February; 前台和入口均已张贴告知。" * 4
        Answer.objects.filter(pk=answer.pk).update(note=note)
    return assessment


@pytest.mark.large
def test_report_of_a_thousand_questions(client, tmp_path):
    report = submitted_report(make_thousand())
    content = report.content
    numbered = {
        f"{section}.{at}": question["text"]["en"]
        for section, part in enumerate(content["sections"], 1)
        for at, question in enumerate(part["questions"], 1)
    }

    page, pdf = page_of(client, report), pdf_of(report)

    notes = sum(len(question["answer"]["note"].encode()) for _n, question in asked(content))
    assert (len(numbered), notes > 200_000) == (QUESTIONS, True)
    assert exported(content["result"]) == rounded(recompute(content))
    tiles = shown_tiles(content)
    assert figures_on_page(page, content) == (tiles, shown_figures(content, with_signs=False))
    headings = [squeezed(heading.get_text()) for heading in page.select("#answers h4")]
    assert headings == [squeezed(number + text) for number, text in numbered.items()]
    pages = pages_of(pdf, report_context(content, language="en", digest=report.digest))
    assert figures_in_pdf(pages.tree, content) == (tiles, shown_figures(content, with_signs=True))
    printed = [squeezed(pages.tree.text(heading)) for heading, _ in pages.tree.named("/H4")]
    assert printed[-QUESTIONS:] == headings
    assert faults(pages) == {}
    assert_sound(pdf, report, tmp_path)


def assert_sound(pdf, report, folder):
    """Of tools that know nothing of the product: the file, its tags, its data and the digest of every page."""
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)
    assert (checked.returncode, "No syntax or stream encoding errors found" in checked.stdout) == (0, True)
    assert [finding.message for finding in pdfua.validate(str(path)).findings] == []
    with pikepdf.open(path) as opened:
        (attached,) = opened.attachments.values()
        data = attached.get_file().read_bytes()
        pages = len(opened.pages)
    assert hashlib.sha256(data).hexdigest() == report.digest
    said = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert said.count(f"SHA-256 {report.digest}") == pages
