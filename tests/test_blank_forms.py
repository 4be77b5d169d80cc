from io import BytesIO

import pdfua
import pytest
from django.urls import reverse
from django.utils.translation import override
from pypdf import PdfReader

from questionnaires import applicability
from questionnaires.blank_forms import form_of, form_pdf
from questionnaires.conditions import FactWords, in_words
from questionnaires.importing import load_library
from questionnaires.models import QuestionSet, Version
from tests.admin.editors import page, sign_in_editor
from tests.factories import make_draft, make_organisation, make_question, make_section, make_user
from tests.library_files import write_library

pytestmark = pytest.mark.django_db

FACTS = {
    "minors": FactWords("F1", {"yes": "Yes", "no": "No"}),
    "size": FactWords("F2", {"small": "Few", "large": "Many"}),
}


@pytest.fixture
def published(tmp_path):
    load_library(write_library(tmp_path))
    return Version.objects.get()


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("minors == yes", "F1 is “Yes”"),
        ("minors != yes", "F1 is not “Yes”"),
        ("size in (small, large)", "F2 is one of “Few”, “Many”"),
        ("size has small", "F2 includes “Few”"),
        ("size >= small", "F2 is “Few” or more"),
        ("size > small", "F2 is more than “Few”"),
        ("size <= small", "F2 is “Few” or less"),
        ("size < large", "F2 is less than “Many”"),
        ("not minors == no", "not (F1 is “No”)"),
        ("minors == yes and size == large", "F1 is “Yes” and F2 is “Many”"),
        ("minors == yes or size == large and minors == no", "F1 is “Yes” or (F2 is “Many” and F1 is “No”)"),
        ("gone == yes", "gone is “yes”"),
    ],
)
def test_condition_in_words(expression, words):
    assert in_words(applicability.parse(expression), FACTS) == words


def test_condition_in_chinese():
    with override("zh-hans"):
        assert in_words(applicability.parse("minors == yes and not size == large"), FACTS) == (
            "F1为“Yes”，并且不满足（F2为“Many”）"
        )


def test_form_says_every_question_with_its_condition(published):
    form = form_of(published, "both")

    first, second = form.sections[0].questions
    assert (form.tag, form.is_both, form.document_title) == ("en", True, "First set: blank form")
    assert [(fact.number, fact.is_many, fact.is_short) for fact in form.facts] == [
        ("F1", False, True),
        ("F2", False, False),
    ]
    assert (first.number, first.text, first.condition) == (
        "1.1",
        (("en", "Do you ask?"), ("zh-Hans", "是否征求？")),
        (),
    )
    assert second.condition == (("en", "F1 (Children?) is “Yes”"), ("zh-Hans", "F1（儿童？）为“是”"))
    assert second.group == (("en", "Children"), ("zh-Hans", "儿童"))
    assert second.levels == ((("en", "Good"), ("zh-Hans", "好")),)
    assert first.citations == ((("en", "Law A, Art. 1"), ("zh-Hans", "甲法第1条")),)  # what is withheld is not shown
    assert second.citations[0][0] == ("en", "Law A, Art. 2")


def test_draft_says_that_it_is_one_and_keeps_what_is_there():
    draft = make_draft()
    make_question(make_section(draft), "topic.one", applies_if="nonsense ==", text_zh_hans="")

    form = form_of(draft, "zh-hans")

    (question,) = form.sections[0].questions
    assert form.edition == (("zh-Hans", "第 1 版，草稿：请勿填写"),)
    assert (question.text, question.condition) == ((("en", "Is topic.one done?"),), (("en", "nonsense =="),))


@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_pdf_is_tagged_and_says_what_the_form_says(published, language, tmp_path):
    data = form_pdf(published, language)
    path = tmp_path / "form.pdf"
    path.write_bytes(data)

    reader = PdfReader(BytesIO(data))
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    expected = {"en": ["Doyouask?", "F1(Children?)is“Yes”"], "zh-hans": ["是否征求？", "F1（儿童？）为“是”"]}
    for language_of_text, words in expected.items():
        assert all((word in text) == (language in (language_of_text, "both")) for word in words)
    assert reader.trailer["/Root"]["/Lang"] == ("zh-Hans" if language == "zh-hans" else "en")
    assert 'pdfuaid:part="1"' in reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert [finding.message for finding in pdfua.validate(str(path)).findings] == []
    assert form_pdf(published, language) == data  # printed before


@pytest.mark.parametrize("questions", [1, 3])
def test_queries_are_constant(django_assert_num_queries, questions):
    draft = make_draft()
    for _ in range(questions):
        make_question(make_section(draft))

    with django_assert_num_queries(11):
        form_of(draft, "both")


def test_respondent_finds_the_form_of_what_is_published(client, published):
    client.force_login(make_user())
    url = reverse("blank-form", args=[published.pk, "en"])

    shown = client.get(reverse("questionnaires:assessment-new"))
    response = client.get(url)

    assert url in shown.content.decode()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="first-1-form-en.pdf"'
    assert response.content[:5] == b"%PDF-"
    assert client.post(url).status_code == 405


def test_form_is_not_found_by_whoever_may_not_see_the_version(client, published):
    draft = published.start_draft()
    client.force_login(make_user())
    addresses = [
        reverse("blank-form", args=[draft.pk, "en"]),
        reverse("blank-form", args=[published.pk, "fr"]),
    ]
    assert [client.get(address).status_code for address in addresses] == [404, 404]

    QuestionSet.objects.update(organisation=make_organisation("Theirs"))
    assert client.get(reverse("blank-form", args=[published.pk, "en"])).status_code == 404


def test_editor_prints_a_draft(client, published):
    draft = published.start_draft()
    sign_in_editor(client)

    response = client.get(page("version_form", draft.pk, "en"))

    assert "Version2,adraft" in "".join(PdfReader(BytesIO(response.content)).pages[0].extract_text().split())
