"""A newer version, from its differences in the admin to a moved assessment and what changed, in both languages."""

import pytest
from playwright.sync_api import expect

from questionnaires.models import Assessment
from tests.factories import answer, answer_all, make_assessment, make_question, make_user, make_version


@pytest.fixture
def administrator(transactional_db):
    return make_user("administrator@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def assessment(respondent):
    """Every question of version 1 answered; its draft rewords q1, drops q2 and asks something new."""
    version = make_version()
    made = make_assessment(version, organisation=respondent.memberships.get().organisation, by=respondent)
    answer(made, "topic.q2", "no")
    answer_all(made)
    draft = version.start_draft()
    draft.questions.filter(ref="topic.q1").update(text_en="Is topic.q1 done well?")
    draft.questions.get(ref="topic.q2").delete()
    make_question(draft.sections.get(), "topic.new", provisions=[version.questions.first().provisions.get()])
    return made


def look_in_both_languages(page, violations, complaints):
    """axe and the console, as the page is; Chinese first, English at the end."""
    for language in ("zh-hans", "en"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
        page.reload()
        assert page.locator("html").get_attribute("lang") == language
        assert (violations(), complaints) == ([], [])


def test_from_the_difference_to_the_moved_assessment(
    page, live_server, assessment, administrator, respondent, sign_in, violations, complaints
):
    draft = assessment.version.question_set.versions.get(number=2)
    sign_in(administrator)
    page.goto(f"{live_server.url}/admin/questionnaires/version/{draft.pk}/publish/")
    page.get_by_role("link", name="differences").click()
    expect(page.locator(".differences ins").first).to_contain_text("well")
    expect(page.locator(".counts dd")).to_have_text(["1", "1", "1"])
    look_in_both_languages(page, violations, complaints)
    page.get_by_role("link", name="removed 1").click()
    expect(page.locator(".differences > li")).to_have_count(1)
    page.goto(f"{live_server.url}/admin/questionnaires/version/{draft.pk}/publish/")
    page.get_by_role("button", name="Yes, publish").click()
    expect(page.locator(".messagelist")).to_contain_text("is published")
    page.context.clear_cookies()

    sign_in(respondent)
    page.goto(f"{live_server.url}/assessments/{assessment.uuid}/")
    page.get_by_role("link", name="See what moving to it would mean").click()
    expect(page.locator("#count-to-confirm")).to_have_text("1")
    look_in_both_languages(page, violations, complaints)
    page.get_by_role("button", name="Move to version 2").click()
    expect(page.locator("#messages")).to_contain_text("Revision 2 is open, on version 2.")

    page.locator(".actions").get_by_role("link", name="Compare").click()
    expect(page.locator(".waterfall tbody tr")).to_have_count(5)
    expect(page.locator(".waterfall")).to_contain_text("The questions changed")
    expect(page.locator("#questions-heading ~ ul")).to_contain_text("Is topic.q2 done?")
    look_in_both_languages(page, violations, complaints)
    moved = Assessment.objects.get(previous=assessment)
    moved.submit(by=respondent, accept_unanswered=True)
    again = moved.reopen(by=respondent)
    page.goto(f"{live_server.url}/assessments/{again.uuid}/")
    expect(page.locator(".chart-trend")).to_be_visible()
    look_in_both_languages(page, violations, complaints)
