"""Answering in a browser when things go wrong, without a mouse, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from questionnaires.models import Answer, AnswerChange, FactAnswer
from tests import factories


@pytest.fixture
def assessment(respondent):
    """An open assessment of two sections with two questions each."""
    draft = factories.make_draft("small")
    for ref in ("first", "second"):
        section = factories.make_section(draft, ref)
        for number in (1, 2):
            factories.make_question(section, f"{ref}.q{number}")
    minors = factories.make_question(draft.sections.get(ref="first"), "first.minors", applies_if="minors == yes")
    assert minors.pk
    return factories.make_assessment(factories.publish(draft), organisation=respondent.organisations.get())


@pytest.fixture
def section_url(live_server, assessment):
    return f"{live_server.url}/assessments/{assessment.uuid}/sections/first/"


@pytest.fixture
def card(page):
    def card(number):
        return page.locator("article.question").nth(number - 1)

    return card


def stored(assessment, ref):
    return Answer.objects.select_related("level").get(assessment=assessment, question__ref=ref)


def test_saved_appears_only_after_the_commit(page, section_url, assessment, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)

    card(1).get_by_label("Partly").check()

    expect(card(1).locator(".saved")).to_be_visible()
    assert stored(assessment, "first.q1").level.ref == "partly"
    expect(page.locator("#progress .overall")).to_have_text("1 of 5 answered")


def test_note_is_saved_while_typing_and_once(page, section_url, assessment, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)

    card(1).get_by_label("Note").type("Half a thought")
    expect(card(1).locator(".saved")).to_be_visible()
    card(1).get_by_label("Note").blur()
    card(2).get_by_label("Yes").check()
    expect(card(2).locator(".saved")).to_be_visible()

    assert stored(assessment, "first.q1").note == "Half a thought"
    assert AnswerChange.objects.filter(question__ref="first.q1").count() == 1


def test_answer_given_meanwhile_is_shown_beside_ones_own(page, section_url, assessment, card, sign_in, respondent):
    colleague = factories.make_member(assessment.organisation, "respondent")
    sign_in(respondent)
    page.goto(section_url)
    factories.answer(assessment, "first.q1", "no", by=colleague, note="Seen on site")

    card(1).get_by_label("Yes").check()

    expect(card(1).locator(".conflict")).to_contain_text("Seen on site")
    expect(card(1).locator(".conflict")).to_contain_text(colleague.email)
    expect(card(1).get_by_label("Yes")).to_be_checked()
    assert stored(assessment, "first.q1").level.ref == "no"


def test_keep_mine_replaces_the_newer_answer(page, section_url, assessment, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)
    factories.answer(assessment, "first.q1", "no", note="Seen on site")
    card(1).get_by_label("Yes").check()

    card(1).get_by_role("button", name="Keep mine").click()

    expect(card(1).locator(".saved")).to_be_visible()
    assert stored(assessment, "first.q1").level.ref == "yes"
    assert AnswerChange.objects.filter(question__ref="first.q1").count() == 2


def test_taking_the_stored_one_shows_it(page, section_url, assessment, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)
    factories.answer(assessment, "first.q1", "no", note="Seen on site")
    card(1).get_by_label("Yes").check()

    card(1).get_by_role("link", name="Take the stored one").click()

    expect(card(1).get_by_label("No", exact=True)).to_be_checked()
    expect(card(1).get_by_label("Note")).to_have_value("Seen on site")


def test_lost_connection_is_told_and_tried_again(page, context, section_url, assessment, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)
    context.set_offline(True)

    card(1).get_by_label("Yes").check()
    expect(card(1).locator(".save-line")).to_contain_text("Not saved: the connection failed.")
    context.set_offline(False)
    card(1).get_by_role("button", name="Try again").click()

    expect(card(1).locator(".saved")).to_be_visible()
    assert stored(assessment, "first.q1").level.ref == "yes"


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken"])
def test_signed_out_meanwhile_is_told_and_keeps_the_text(page, context, section_url, card, sign_in, respondent, cookie):
    sign_in(respondent)
    page.goto(section_url)
    context.clear_cookies(name=cookie)

    card(1).get_by_label("Note").fill("Do not lose me")
    card(1).get_by_label("Note").blur()

    expect(card(1).locator(".save-line")).to_contain_text("you are signed out")
    expect(card(1).get_by_label("Note")).to_have_value("Do not lose me")


def test_over_long_note_is_told_beside_it(page, section_url, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)

    card(1).get_by_label("Note").fill("x" * 20_001)
    card(1).get_by_label("Note").blur()

    expect(card(1).locator(".field-error")).to_contain_text("20001 characters, 20000 at most")
    expect(card(1).get_by_label("Note")).to_have_value("x" * 20_001)


def test_submitted_meanwhile_is_told(page, section_url, assessment, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)
    factories.answer_all(assessment)
    assessment.submit(by=respondent)

    card(1).get_by_label("Yes").check()

    expect(card(1).locator(".field-error")).to_contain_text("the assessment was closed meanwhile")


def test_facts_change_what_is_asked(page, live_server, assessment, sign_in, respondent):
    sign_in(respondent)
    page.goto(f"{live_server.url}/assessments/{assessment.uuid}/facts/")

    page.locator(".card-fact").first.get_by_label("No", exact=True).check()

    expect(page.locator("#progress")).to_contain_text("4 of 5 questions apply")
    assert FactAnswer.objects.get(assessment=assessment).values == ["no"]
    page.goto(f"{live_server.url}/assessments/{assessment.uuid}/sections/first/")
    page.get_by_text("1 question does not apply").click()
    expect(page.locator(".not-asked")).to_contain_text("Are children captured?")


def test_keyboard_alone_answers_and_moves_on(page, live_server, section_url, assessment, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    first = page.locator("article.question").first
    for _ in range(40):
        if first.locator("input:focus").count():
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # from “No answer yet” round to the first level
    expect(first.locator(".saved")).to_be_visible()
    page.keyboard.press("Tab")
    with page.expect_response("**/answers/**"):
        page.keyboard.type("By keyboard")
        page.keyboard.press("Tab")
    expect(first.locator(".saved")).to_be_visible()
    page.get_by_role("link", name="Next unanswered question").focus()
    page.keyboard.press("Enter")

    expect(page.locator("article.question:target legend")).to_have_text("Is first.q2 done?")
    assert (stored(assessment, "first.q1").level.ref, stored(assessment, "first.q1").note) == ("yes", "By keyboard")


def test_a_save_leaves_the_keyboard_where_it_was(page, section_url, assessment, card, sign_in, respondent):
    """The save replaces the list of sections, and with it the link that has the focus."""
    sign_in(respondent)
    page.goto(section_url)
    next_link = page.get_by_role("link", name="Next unanswered question")

    card(1).get_by_label("Yes").check()
    next_link.focus()
    expect(page.locator("#progress .overall")).to_have_text("1 of 5 answered")

    expect(next_link).to_be_focused()


def test_without_javascript_the_button_saves_the_page(browser, section_url, live_server, assessment, respondent):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Email").fill(respondent.email)
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign In").click()
    page.goto(section_url)

    page.locator("article.question").nth(0).get_by_label("Yes").check()
    page.locator("article.question").nth(1).get_by_label("Note").fill("Later")
    page.get_by_role("button", name="Save and go on").click()

    expect(page.locator(".message-success")).to_contain_text("Saved")
    expect(page).to_have_url(f"{live_server.url}/assessments/{assessment.uuid}/sections/second/")
    assert stored(assessment, "first.q1").level.ref == "yes"
    assert stored(assessment, "first.q2").note == "Later"
    context.close()


def test_typed_but_unsaved_text_warns_before_leaving(page, context, section_url, card, sign_in, respondent):
    sign_in(respondent)
    page.goto(section_url)
    context.set_offline(True)
    card(1).get_by_label("Note").fill("Not yet saved")
    expect(card(1).locator(".save-line")).to_contain_text("Not saved")
    context.set_offline(False)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))

    page.get_by_role("link", name="Review and submit").click(no_wait_after=True)
    page.wait_for_timeout(500)

    assert asked == ["beforeunload"]
    expect(card(1).get_by_label("Note")).to_have_value("Not yet saved")
