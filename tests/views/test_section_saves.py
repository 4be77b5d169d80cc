"""The page's own button: without JavaScript it is the only way to save."""

import pytest
from django.utils import timezone

from questionnaires.models import AnswerChange
from tests.factories import (
    answer,
    make_draft,
    make_member,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
    state_fact,
)
from tests.views.browsing import (
    address,
    filled,
    level_of,
    question_of,
    read,
    said,
    saved_just_now,
    section_address,
    shown,
    start,
    stored,
    texts,
    typed,
)

pytestmark = pytest.mark.django_db
LONG = "长" * 20_001
TOO_LONG = "This text has 20001 characters, 20000 at most. It is not saved yet: shorten it."
MARKED = "Not everything was saved. What is not is marked below."


def post(client, assessment, data, **headers):
    return client.post(section_address(assessment), data, headers=headers)


def card(response, assessment, ref="topic.q1"):
    return shown(read(response), f"q{question_of(assessment, ref).pk}")


def test_button_saves_the_section_and_goes_on_to_the_next(client):
    draft = make_draft()
    make_question(make_section(draft, "first"), "topic.q1")
    make_question(make_section(draft, "second"), "topic.q2")
    assessment = start(client, publish(draft))

    response = client.post(section_address(assessment), typed(assessment, level="no", note="Soon"), follow=True)

    assert response.redirect_chain == [(section_address(assessment, "second"), 302)]
    (line,) = said(response)
    assert line in saved_just_now()
    assert stored(assessment) == {"topic.q1": ("no", False, "", "Soon", 1)}
    assert assessment.answers.get().answered_by == assessment.created_by


def test_button_of_the_last_section_goes_on_to_the_review(client):
    assessment = start(client, make_version(questions=1))

    response = post(client, assessment, typed(assessment, level="yes"))

    assert (response.status_code, response.url) == (302, address("assessment-review", assessment))
    assert stored(assessment) == {"topic.q1": ("yes", False, "", "", 1)}


def test_page_posted_as_it_stands_records_nothing(client):
    assessment = start(client)
    answer(assessment, "topic.q1", "partly", note="One line\nand another\n\n张贴 😀")
    answer(assessment, "topic.q2", None, is_not_applicable=True, justification="No such\nfunction")
    before = stored(assessment)

    response = post(client, assessment, filled(read(client.get(section_address(assessment)))))

    assert (response.status_code, response.url) == (302, address("assessment-review", assessment))
    assert stored(assessment) == before
    assert AnswerChange.objects.count() == 2


def test_200_cards_are_saved_with_one_button(client):
    assessment = start(client, make_version(questions=200, provisions=[make_provision()]))
    page = filled(read(client.get(section_address(assessment))))

    post(client, assessment, page | typed(assessment, "topic.q200", "no", note="The last"))

    assert stored(assessment) == {"topic.q200": ("no", False, "", "The last", 1)}


def test_only_what_differs_is_recorded(client):
    assessment = start(client)
    answer(assessment, "topic.q1", "yes", note="Stays")
    answer(assessment, "topic.q2", "no", note="Changes")
    page = filled(read(client.get(section_address(assessment))))
    colleague = make_member(assessment.organisation, "respondent")
    client.force_login(colleague)

    post(client, assessment, page | typed(assessment, "topic.q2", "partly", revision=1, note="Changed"))

    assert stored(assessment) == {
        "topic.q1": ("yes", False, "", "Stays", 1),
        "topic.q2": ("partly", False, "", "Changed", 2),
    }
    writers = assessment.answers.order_by("question_id").values_list("answered_by", flat=True)
    assert list(writers) == [assessment.created_by_id, colleague.pk]


def test_answer_is_taken_back_without_losing_its_note(client):
    assessment = start(client, make_version(questions=1))
    answer(assessment, "topic.q1", "yes", note="Kept")

    post(client, assessment, typed(assessment, revision=1, note="Kept"))

    assert stored(assessment) == {"topic.q1": (None, False, "", "Kept", 2)}


def test_cards_that_are_not_posted_stay_as_they_are(client):
    assessment = start(client)
    answer(assessment, "topic.q1", "yes", note="Stays")

    post(client, assessment, {"csrfmiddlewaretoken": "x", "q-1-revision": "0", "q999999-choice": "1", "-keep": "1"})

    assert stored(assessment) == {"topic.q1": ("yes", False, "", "Stays", 1)}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"note": LONG}, TOO_LONG),
        ({"justification": LONG}, TOO_LONG),
        ({"note": "before\x00after"}, "Null characters are not allowed."),
        ({"choice": "999999"}, "This is no level of this question. Choose one."),
        ({"choice": "yes\x00"}, "This is no level of this question. Choose one."),
        ({"revision": "abc"}, "Enter a whole number."),
        ({"revision": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"revision": "9" * 5000}, "Enter a whole number."),
        ({"revision": str(2**31 - 1)}, "Ensure this value is less than or equal to 2147483646."),
        ({"revision": ""}, "This field is required."),
        ({"revision": "7"}, "Not saved: there is no earlier answer to replace. Save again."),
        ({"keep": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"keep": "x"}, "Enter a whole number."),
    ],
)
def test_one_invalid_card_is_marked_and_the_others_are_saved(client, wrong, error):
    assessment = start(client)
    answer(assessment, "topic.q3", "no")
    middle = typed(assessment, "topic.q2", **{"note": "Mine"} | wrong)
    data = (
        typed(assessment, "topic.q1", "yes", note="First") | middle | typed(assessment, "topic.q3", "yes", revision=1)
    )

    response = post(client, assessment, data)

    assert (response.status_code, said(response)) == (422, [MARKED])
    assert stored(assessment) == {
        "topic.q1": ("yes", False, "", "First", 1),
        "topic.q3": ("yes", False, "", "", 2),
    }
    marked = card(response, assessment, "topic.q2")
    assert (marked["line"], marked["revision"]) == (error, "0")
    assert marked["note"] == wrong.get("note", "Mine")
    assert marked["justification"] == wrong.get("justification", "")
    lines = texts(read(response), ".save-saved")
    assert len(lines) == 2
    assert set(lines) <= saved_just_now()


def test_level_of_another_question_is_refused(client):
    other = start(client, make_version(questions=1))
    assessment = start(client, make_version(questions=1))
    foreign = level_of(other, "topic.q1", "yes")

    response = post(client, assessment, typed(assessment, choice=foreign, note="Mine"))

    marked = card(response, assessment)
    assert (response.status_code, stored(assessment)) == (422, {})
    assert (marked["line"], marked["note"]) == ("This is no level of this question. Choose one.", "Mine")


@pytest.mark.parametrize(
    "note", ["<script>alert(1)</script>", "😀" * 20_000, "长" * 10_000, "a\u2028b\u202e\ufeff", "'--\\"]
)
def test_any_text_is_stored_and_shown_as_it_was_typed(client, note):
    assessment = start(client, make_version(questions=1))

    post(client, assessment, typed(assessment, level="yes", note=note))

    page = read(client.get(section_address(assessment)))
    assert stored(assessment) == {"topic.q1": ("yes", False, "", note.strip(), 1)}
    assert shown(page, f"q{question_of(assessment, 'topic.q1').pk}")["note"] == note.strip()
    assert [script for script in page.find_all("script") if not script.get("src")] == []


# --- somebody was quicker -----------------------------------------------------------------------------------------


@pytest.fixture
def overtaken(client):
    """The page was opened at revision 1; a colleague has written revision 2 since."""
    assessment = start(client, make_version(questions=2))
    answer(assessment, "topic.q1", "yes")
    colleague = make_member(assessment.organisation, "respondent")
    answer(assessment, "topic.q1", "no", by=colleague, seen=1, note="<b>Theirs</b>")
    return assessment


def mine(assessment, **fields):
    return typed(assessment, "topic.q1", "partly", **{"revision": 1, "note": "Mine"} | fields)


def test_stale_card_shows_both_and_overwrites_nothing(client, overtaken):
    response = post(client, overtaken, mine(overtaken) | typed(overtaken, "topic.q2", "yes"))

    assert (response.status_code, said(response)) == (422, [MARKED])
    assert stored(overtaken) == {
        "topic.q1": ("no", False, "", "<b>Theirs</b>", 2),
        "topic.q2": ("yes", False, "", "", 1),
    }
    row = overtaken.answers.get(question__ref="topic.q1")
    shown_card = card(response, overtaken)
    assert shown_card["chosen"] == [level_of(overtaken, "topic.q1", "partly")]
    assert (shown_card["note"], shown_card["revision"]) == ("Mine", "1")
    at = f"{timezone.localtime(row.answered_at):%H:%M}"
    assert shown_card["line"] == (
        f"Not saved: {row.answered_by} answered at {at} while you had the page open. "
        "Stored now No <b>Theirs</b> Yours as it stands above Keep mine Take the stored one"
    )


def test_keep_replaces_the_newer_answer(client, overtaken):
    conflict = read(post(client, overtaken, mine(overtaken)))
    button = conflict.find("button", string="Keep mine")

    response = client.post(section_address(overtaken), filled(conflict) | {button["name"]: button["value"]})

    pk = question_of(overtaken, "topic.q1").pk
    assert (response.status_code, response.url) == (302, f"{section_address(overtaken)}#q{pk}")
    assert stored(overtaken) == {"topic.q1": ("partly", False, "", "Mine", 3)}


def test_keep_of_a_revision_that_was_overtaken_again_is_a_conflict(client, overtaken):
    answer(overtaken, "topic.q1", "yes", seen=2, note="Third")

    response = post(client, overtaken, mine(overtaken, keep=2))

    assert (response.status_code, stored(overtaken)) == (422, {"topic.q1": ("yes", False, "", "Third", 3)})
    assert "Stored now Yes Third Yours" in card(response, overtaken)["line"]


def test_shortening_a_note_does_not_overwrite_what_came_meanwhile(client, overtaken):
    refused = read(post(client, overtaken, mine(overtaken, note=LONG)))

    again = post(
        client, overtaken, filled(refused) | mine(overtaken, revision=shown(refused, prefix(overtaken))["revision"])
    )

    assert (again.status_code, stored(overtaken)) == (422, {"topic.q1": ("no", False, "", "<b>Theirs</b>", 2)})
    assert "Stored now No <b>Theirs</b> Yours" in card(again, overtaken)["line"]


def prefix(assessment, ref="topic.q1"):
    return f"q{question_of(assessment, ref).pk}"


def test_same_answer_as_the_newer_one_is_no_conflict(client, overtaken):
    response = post(client, overtaken, typed(overtaken, "topic.q1", "no", revision=1, note="<b>Theirs</b>"))

    assert (response.status_code, response.url) == (302, address("assessment-review", overtaken))
    assert stored(overtaken) == {"topic.q1": ("no", False, "", "<b>Theirs</b>", 2)}


def test_two_first_answers_are_a_conflict(client):
    assessment = start(client, make_version(questions=1))
    answer(assessment, "topic.q1", None, is_not_applicable=True, justification="Theirs")

    response = post(client, assessment, typed(assessment, level="yes", note="Mine"))

    assert (response.status_code, stored(assessment)) == (422, {"topic.q1": (None, True, "Theirs", "", 1)})
    assert "Stored now Not applicable Theirs Yours" in card(response, assessment)["line"]
    assert card(response, assessment)["note"] == "Mine"


def test_closed_assessment_keeps_what_was_typed_on_the_page(client):
    assessment = make_submitted(make_version(questions=2))
    client.force_login(assessment.created_by)
    data = typed(assessment, "topic.q1", "no", revision=1, note="Mine") | typed(
        assessment, "topic.q2", "yes", revision=1
    )
    before = stored(assessment)

    response = post(client, assessment, data)

    assert response.status_code == 409
    assert said(response) == ["The assessment was submitted meanwhile, so nothing was saved."]
    assert stored(assessment) == before
    shown_card = card(response, assessment)
    assert (shown_card["chosen"], shown_card["note"]) == ([level_of(assessment, "topic.q1", "no")], "Mine")
    assert shown_card["line"].startswith("Not saved: the assessment was closed meanwhile.")
    assert card(response, assessment, "topic.q2")["line"] is None


def test_unsaved_text_stays_on_the_page_when_its_question_no_longer_applies(client):
    draft = make_draft()
    make_question(make_section(draft, "first"), "topic.q1", applies_if="minors == yes")
    assessment = start(client, publish(draft))
    state_fact(assessment, "minors", "no")

    response = post(client, assessment, typed(assessment, note=LONG))

    assert (response.status_code, stored(assessment)) == (422, {})
    assert card(response, assessment)["note"] == LONG


def test_unknown_section_takes_no_post(client):
    assessment = start(client, make_version(questions=1))

    response = client.post(section_address(assessment, "second"), typed(assessment, level="yes"))

    assert (response.status_code, stored(assessment)) == (404, {})
