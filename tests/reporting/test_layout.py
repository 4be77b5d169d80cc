"""The pages of reports of both question sets, read back: nothing cut, lost, printed over or left alone.

What this proves of the files it reads: the words of the report stand there in order, within the margins, with a glyph
each; headings have their content with them; tables break between rows, under a head. How it looks is for eyes.
"""

import json
import random
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import weasyprint
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders

from questionnaires import importing
from questionnaires.checks import LIBRARY
from questionnaires.management.commands.create_demo import FACTS, NOTES
from questionnaires.models import Answer, Version
from questionnaires.models.freezing import canonical
from questionnaires.reporting.context import report_context
from questionnaires.reporting.pdf import STYLESHEET
from questionnaires.reporting.rendering import rendered
from tests import factories as f
from tests.reporting.contents import content_of
from tests.reporting.layout import Pages, faults, pages_of
from tests.reporting.structure import Tree

DIGEST = "0123456789abcdef" * 4
# Of the larger set, the pages in both languages hold what each has alone.
REPORTS = [*(("article-2020", language) for language in ("en", "zh-hans", "both")), ("frt-china", "both")]


@pytest.mark.large
@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize(("slug", "language"), REPORTS)
def test_pages_of_a_report_are_whole(slug, language):
    importing.load_library(LIBRARY)
    assessment = f.make_assessment(Version.objects.get(question_set__slug=slug), as_of=f.date(2026, 11, 1))
    facts = {fact.ref for fact in assessment.outline.facts}
    for ref in facts & FACTS.keys():
        f.state_fact(assessment, ref, *FACTS[ref])
    f.answer_at_random(assessment, random.Random(7))
    for at, answer in enumerate(assessment.answers.order_by("pk")):
        Answer.objects.filter(pk=answer.pk).update(note=NOTES[at // 3 % len(NOTES)] if at % 3 == 0 else "")
    content = json.loads(payload := canonical(content_of(assessment)))

    pdf = rendered(payload.decode(), language=language, digest=DIGEST)

    assert faults(pages_of(pdf, report_context(content, language=language, digest=DIGEST))) == {}


# --- the checks find what is wrong ------------------------------------------------------------------------------------

COVER = '<section class="cover">cover</section>'
LINES = "<p>line</p>" * 100
TABLE = "<table><thead><tr><th>head</th></tr></thead><tbody>{}</tbody></table>"
LONG_TABLE = TABLE.format("<tr><td>line</td></tr>" * 100)
ELSEWHERE = '<p style="break-before: page">line</p>'
FAULTY = {
    "line too long": ("outside", f'<p style="white-space: nowrap">{"line " * 40}</p>'),
    "line cut": ("cut_off", '<div style="overflow: hidden; height: 3mm"><p>line</p></div>'),
    "line on line": ("overprinted", '<p>one line</p><p style="margin-top: -5mm">another line</p>'),
    "box for a character": ("missing_glyphs", "<p>line \U00012000</p>"),
    "heading alone": ("alone", f"<h3>head</h3>{ELSEWHERE}"),
    "label alone": ("alone", f'<p class="label">label</p>{ELSEWHERE}'),
    "label at the end": ("alone", '<p>line</p><p class="label">label</p>'),
    "row cut": ("torn_tables", TABLE.format(f"<tr><td>{LINES}</td></tr>")),
    "row left out": ("torn_tables", TABLE.format('<tr style="display: none"><td></td></tr><tr><td>line</td></tr>')),
    "head not repeated": ("torn_tables", f'<div class="once">{LONG_TABLE}</div>'),
    "words left out": ("lost", '<p>a <span style="visibility: hidden">line</span></p>'),
}


def printed(body):
    style = "<style>.once thead { display: table-row-group }</style>"
    html = f'<html lang="en"><head><title>t</title>{style}</head><body><div>{body}</div></body></html>'
    stylesheet = Path(finders.find(STYLESHEET))
    pdf = weasyprint.HTML(string=html).write_pdf(stylesheets=[stylesheet], pdf_variant="pdf/ua-1")
    return Pages(Tree(pikepdf.open(BytesIO(pdf))), BeautifulSoup(html, "html.parser"), stylesheet.read_text())


def test_nothing_is_found_in_sound_pages():
    assert faults(printed(f'{COVER}<h2>head</h2><p class="label">label</p>{LINES}{LONG_TABLE}')) == {}


@pytest.mark.parametrize(("check", "body"), FAULTY.values(), ids=FAULTY.keys())
def test_fault_is_found(check, body):
    assert list(faults(printed(COVER + body))) == [check]
