"""Answers of the article's question set carried over to the rules in force, in a browser."""

import pytest
from playwright.sync_api import expect

from questionnaires.models import Answer, Assessment, Version
from tests import factories

NAME = "Turnstiles on the rules in force"


@pytest.fixture
def earlier(library, respondent):
    """A submitted assessment of article-2020: notes on every answer, one N/A."""
    version = Version.objects.get(question_set__slug="article-2020")
    assessment = factories.make_assessment(version, organisation=respondent.organisations.get(), name="Turnstiles")
    factories.state_fact(assessment, "minors", "yes")
    for at, question in enumerate(assessment.standing().unanswered()):
        levels = assessment.outline.scale_levels[question.scale_id]
        if at == 3:
            factories.answer(assessment, question.ref, None, is_not_applicable=True, justification="No such thing.")
        else:
            factories.answer(assessment, question.ref, levels[at % len(levels)].ref, note=f"Note on {question.ref}")
    assessment.submit(by=respondent)
    return assessment


def start_from(page, live_server, earlier):
    page.goto(f"{live_server.url}/assessments/{earlier.uuid}/report/")
    page.get_by_role("link", name="Start a new one from this").click()
    page.get_by_role("link", name="Facial recognition in China: the rules in force").click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_role("button", name="Create and describe the facts").click()
    expect(page.get_by_role("heading", name="Facts about the deployment")).to_be_visible()


def test_answers_carry_over_to_be_confirmed(page, live_server, earlier, sign_in, respondent, complaints):
    sign_in(respondent)

    start_from(page, live_server, earlier)

    later = Assessment.objects.get(name=NAME)
    refs = {question.ref for question in later.outline.questions.values()}
    given = {a.question.ref: a for a in earlier.answers.select_related("question", "level")}
    carried = {a.question.ref: a for a in later.answers.select_related("question", "level")}
    assert set(carried) == set(given) & refs
    assert len(carried) > 40
    assert {ref: a.note for ref, a in carried.items()} == {ref: given[ref].note for ref in carried}
    assert {ref: a.level and a.level.outcome for ref, a in carried.items()} == {
        ref: given[ref].level and given[ref].level.outcome for ref in carried
    }
    assert not any(a.is_confirmed for a in carried.values())
    expect(page.locator(".message")).to_contain_text(f"answers {len(carried)}, facts 1.")
    assert page.locator(".card-fact").filter(has_text="May children under 14").get_by_label("Yes").is_checked()
    assert complaints == []


def test_confirming_one_leaves_the_others(page, live_server, earlier, sign_in, respondent):
    sign_in(respondent)
    start_from(page, live_server, earlier)
    before = Answer.objects.filter(is_confirmed=False).count()
    page.locator(".section-nav a[href$='/sections/consent/']").click()
    card = page.locator("article.question").first
    expect(card.locator(".unconfirmed")).to_contain_text("Carried over from “Turnstiles”")

    card.get_by_label("It holds here, too").check()

    expect(card.locator(".saved")).to_be_visible()
    assert Answer.objects.filter(is_confirmed=False).count() == before - 1


def test_reworded_question_shows_its_old_text(page, live_server, earlier, sign_in, respondent):
    sign_in(respondent)
    start_from(page, live_server, earlier)
    later = Assessment.objects.get(name=NAME)
    answers = later.answers.select_related("question__section", "carried_from__question")
    reworded = next(a for a in answers if a.question.text_en != a.carried_from.question.text_en)

    page.goto(f"{live_server.url}/assessments/{later.uuid}/sections/{reworded.question.section.ref}/")

    card = page.locator(f"#q{reworded.question_id}")
    expect(card.locator("legend")).to_have_text(reworded.question.text_en)
    expect(card.locator(".unconfirmed q")).to_have_text(reworded.carried_from.question.text_en)


def test_report_says_how_much_is_unconfirmed(page, live_server, earlier, sign_in, respondent):
    sign_in(respondent)
    start_from(page, live_server, earlier)
    later = Assessment.objects.get(name=NAME)

    page.goto(f"{live_server.url}/assessments/{later.uuid}/report/")

    unconfirmed = len(later.standing().unconfirmed())
    expect(page.locator("#summary")).to_contain_text(
        f"{unconfirmed} answers were carried over from an earlier assessment"
    )
    expect(page.locator("#summary")).to_contain_text("100 % of the overall score's weight rests on them")
