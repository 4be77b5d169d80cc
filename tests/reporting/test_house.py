"""What an organisation's settings and its actions make of a report, in print and on the page."""

from io import BytesIO

import pytest
import weasyprint
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from PIL import Image
from pypdf import PdfReader

from questionnaires import importing
from questionnaires.checks import LIBRARY
from questionnaires.logos import normalised_logo
from questionnaires.models import Logo, OptionalPart, ReportSettings, Version
from questionnaires.models.report_settings import LogoLost, logo_path
from questionnaires.reporting.context import report_context
from questionnaires.reporting.pdf import STYLESHEET, render_pdf
from tests import factories as f
from tests.reporting.contents import content_of, make_mixed

DIGEST = "0123456789abcdef" * 4
LANGUAGES = ["en", "zh-hans", "both"]

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def printed(content, language="en"):
    return render_pdf(report_context(content, language=language, digest=DIGEST))


def pages_of(pdf):
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def keep_logo(organisation, colour="navy"):
    drawn = BytesIO()
    Image.new("RGB", (400, 100), colour).save(drawn, "PNG")
    drawn.seek(0)
    logo = normalised_logo(drawn)
    return Logo.keep(organisation, logo.png, width=logo.width, height=logo.height)


@pytest.fixture
def dressed():
    """The mixed assessment of an organisation with a logo, words on the cover and a marking."""
    assessment = make_mixed()
    organisation = assessment.organisation
    ReportSettings.objects.create(
        organisation=organisation,
        logo=keep_logo(organisation),
        cover_text_en="For the board 😀 <b>only</b>",
        cover_text_zh_hans="仅供董事会审阅",
        confidentiality="strict",
    )
    return assessment


def test_cover_bears_logo_words_and_marking_and_every_page_the_marking(dressed):
    content = content_of(dressed)

    pdf = printed(content, "both")

    reader = PdfReader(BytesIO(pdf))
    (logo,) = reader.pages[0].images
    assert logo.image.size == (400, 100)
    pages = pages_of(pdf)
    for said in ("Fortheboard😀<b>only</b>", "仅供董事会审阅", "Strictlyconfidential:forAcme"):
        assert said in pages[0]
    assert [page for page in pages[1:] if "Acme·Gate·Strictlyconfidential" not in page] == []
    assert printed(content, "both") == pdf


def test_report_without_its_logo_is_not_made(dressed):
    content = content_of(dressed)
    default_storage.delete(logo_path(content["settings"]["logo"]["digest"]))

    with pytest.raises(LogoLost, match="restore it from the backup"):
        printed(content)


def test_logo_that_was_exchanged_in_the_storage_is_not_used(dressed):
    content = content_of(dressed)
    digest = content["settings"]["logo"]["digest"]
    with default_storage.open(logo_path(digest), "wb") as file:
        file.write(b"\x89PNG another")

    with pytest.raises(LogoLost, match="not the file that was kept"):
        printed(content)
    default_storage.delete(logo_path(digest))


@pytest.mark.parametrize("left_out", [["answers", "instruments"], list(OptionalPart.values)])
def test_parts_left_out_are_named_and_the_rest_is_printed(left_out):
    assessment = make_mixed()
    ReportSettings.objects.create(organisation=assessment.organisation, left_out=left_out)

    pages = pages_of(printed(content_of(assessment)))

    labels = ",".join(str(OptionalPart(part).label) for part in left_out).replace(" ", "")
    sentence = f"Leftoutbytheorganisation'ssettings:{labels}."
    assert sum(sentence in page for page in pages) == 2  # in the summary and with the method
    assert DIGEST in "".join(pages)
    assert "Isconsent.askeddone?" in "".join(pages)
    entries = pages[1]
    assert [part for part in left_out if OptionalPart(part).label.replace(" ", "") + "." in entries] == []


def test_summary_of_the_larger_set_fills_one_page_in_every_language():
    """Nothing of it is lost: all that it says can be read back."""
    importing.load_library(LIBRARY)
    assessment = f.make_assessment(Version.objects.get(question_set__slug="frt-china"))
    f.answer_all(assessment, "no")
    content = content_of(assessment)

    for language in LANGUAGES:
        context = report_context(content, language=language, digest=DIGEST)
        words = {"report": context, "words": context.words, "summary": context.summary}
        piece = mark_safe(render_to_string("reports/_summary.html", words))
        html = render_to_string("reports/_part.html", {"report": context, "piece": piece})
        (page,) = pages_of(weasyprint.HTML(string=html).write_pdf(stylesheets=[finders.find(STYLESHEET)]))
        summary = context.summary
        gaps = [gap.short for gap in summary.worst]
        for text in (*summary.trust, *gaps, summary.coming_sentence, summary.more_gaps, summary.more_instruments):
            assert [said for _tag, said in text.parts if "".join(said.split()) not in page] == []


# --- the register -----------------------------------------------------------------------------------------------------


def register_of(content, language="en"):
    html = render_to_string("reports/_body.html", {"report": report_context(content, language=language, digest=None)})
    return BeautifulSoup(html, "html.parser").find(id="register")


def test_gap_says_what_was_answered_why_it_matters_and_what_is_planned():
    content = content_of(make_mixed())
    plan = {"owner": "Li Wei", "due_on": "2026-12-01", "effort_days": "2.5", "status": "doing"}
    content["actions"] = [
        {"ref": "consent.asked", "title": "Hang the sign 😀 <i>", **plan},
        {
            "ref": "consent.asked",
            "title": "打印",
            "owner": None,
            "due_on": None,
            "effort_days": None,
            "status": "to_do",
        },
    ]

    first, second = register_of(content).select(".gap")

    said = " ".join(first.get_text(" ").split())
    for expected in (
        "points at stake: 8, 80 % of the overall score",
        "Binding",
        "Because.",
        "Do it.",
        "Answered No",
        "Hang the sign 😀 <i> owner Li Wei · due 2026-12-01 · effort 2.5 days · Doing",
        "打印 no owner · no due date · effort not estimated · To do",
        "Law, binding: The Law, Art. 1",
    ):
        assert expected in said
    assert "not yet planned: no effort, owner or due date" in second.get_text()


def test_report_frozen_before_all_of_this_is_still_printed():
    content = content_of(make_mixed())
    for key in ("settings", "actions", "coming_up", "duties"):
        content.pop(key, None)
    content["result"].pop("unconfirmed", None)
    for section in content["sections"]:
        for question in section["questions"]:
            question.pop("bounds", None)

    text = "".join(pages_of(printed(content, "both")))

    context = report_context(content, language="both", digest=DIGEST)
    assert "".join(context.words["not_planned"].parts[0][1].split()) in text
    assert "".join(context.cover.confidential.parts[0][1].split()) in text
