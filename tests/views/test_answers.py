"""One card saved as it is given: what htmx posts, and the line that it swaps in."""

import pytest
from django.test import Client
from django.utils import timezone

from questionnaires.models import AnswerChange
from tests.factories import (
    answer,
    answer_all,
    make_draft,
    make_member,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
    state_fact,
)
from tests.views.browsing import (
    HTMX,
    address,
    level_of,
    meanwhile,
    progress,
    question_of,
    read,
    save,
    saved_line,
    start,
    stored,
    text,
    texts,
    typed,
)

pytestmark = pytest.mark.django_db


def line(response):
    """The save line alone: its words and the revision that the next post will carry."""
    page = read(response)
    found = page.select_one(".save-line")
    return text(found), found.find("input")["value"]


def test_answer_is_saved_and_the_line_says_when(client):
    assessment = start(client)

    response = save(client, assessment, "topic.q1", "partly", note=" Photo in the folder.\r\nSecond line ")

    assert stored(assessment) == {"topic.q1": ("partly", False, "", "Photo in the folder.\nSecond line", 1)}
    row = assessment.answers.get()
    assert (response.status_code, line(response)) == (200, (saved_line(row), "1"))
    assert row.answered_by == assessment.created_by
    assert read(response).select_one(".save-line")["id"] == f"q{row.question_id}-saved"


def test_answer_brings_the_new_progress_out_of_band(client):
    draft = make_draft()
    for ref in ("first", "second"):
        section = make_section(draft, ref)
        make_question(section, f"{ref}.q1")
        make_question(section, f"{ref}.q2")
    assessment = start(client, publish(draft))
    answer(assessment, "second.q1")

    page = read(save(client, assessment, "first.q1", "yes"))

    column = page.find(id="progress")
    assert column["hx-swap-oob"] == "true"
    assert progress(page) == ["2 of 4 answered", "1/2", "1/2"]
    assert (column.progress["value"], column.progress["max"]) == ("2", "4")
    assert [text(a) for a in column.select("a[aria-current]")] == ["Section first 1/2"]


def test_last_answer_completes_the_section_and_leaves_nothing_to_go_on_with(client):
    assessment = start(client, make_version(questions=1))

    page = read(save(client, assessment, "topic.q1", "no"))

    assert progress(page) == ["1 of 1 answered", "1/1 , complete"]
    assert page.find("a", href=address("next-unanswered", assessment)) is None


def test_each_answer_is_a_revision_with_its_history(client):
    assessment = start(client, make_version(questions=1))

    for seen, level in enumerate(["yes", "partly", "no"]):
        response = save(client, assessment, "topic.q1", level, revision=seen)

    assert line(response)[1] == "3"
    assert stored(assessment) == {"topic.q1": ("no", False, "", "", 3)}
    changes = AnswerChange.objects.order_by("revision").values_list("level__ref", "revision")
    assert list(changes) == [("yes", 1), ("partly", 2), ("no", 3)]


def test_not_applicable_is_saved_with_its_justification(client):
    assessment = start(client, make_version(questions=1))

    save(client, assessment, choice="not-applicable", justification="No such function")

    assert stored(assessment) == {"topic.q1": (None, True, "No such function", "", 1)}


def test_note_alone_is_saved_but_counts_as_no_answer(client):
    assessment = start(client, make_version(questions=1))

    response = save(client, assessment, note="Ask the vendor")

    assert stored(assessment) == {"topic.q1": (None, False, "", "Ask the vendor", 1)}
    assert progress(read(response)) == ["0 of 1 answered", "0/1"]


def test_answer_outside_the_applicable_questions_is_kept_for_later(client):
    draft = make_draft()
    make_question(make_section(draft, "first"), "topic.q1", applies_if="minors == yes")
    assessment = start(client, publish(draft))
    state_fact(assessment, "minors", "no")

    response = save(client, assessment, level="yes")

    assert stored(assessment) == {"topic.q1": ("yes", False, "", "", 1)}
    assert progress(read(response)) == ["0 of 0 answered", "0/0"]


@pytest.mark.parametrize("note", ["<script>alert(1)</script>", "😀" * 20_000, "长" * 10_000])
def test_any_text_is_saved_as_it_was_typed(client, note):
    assessment = start(client, make_version(questions=1))

    response = save(client, assessment, level="yes", note=note)

    assert (response.status_code, stored(assessment)) == (200, {"topic.q1": ("yes", False, "", note, 1)})
    assert line(response) == (saved_line(assessment.answers.get()), "1")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"note": "x" * 20_001}, "This text has 20001 characters, 20000 at most. It is not saved yet: shorten it."),
        ({"note": "a\x00b"}, "Null characters are not allowed."),
        ({"justification": "a\x00b"}, "Null characters are not allowed."),
        ({"choice": "999999"}, "This is no level of this question. Choose one."),
        ({"choice": "<script>"}, "This is no level of this question. Choose one."),
        ({"revision": "abc"}, "Enter a whole number."),
        ({"revision": ""}, "This field is required."),
        ({"revision": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"revision": "9" * 5000}, "Enter a whole number."),
        ({"revision": str(2**31 - 1)}, "Ensure this value is less than or equal to 2147483646."),
        ({"revision": str(2**31 - 2)}, "Not saved: there is no earlier answer to replace. Save again."),
    ],
)
def test_bad_input_is_told_and_nothing_is_saved(client, wrong, error):
    assessment = start(client, make_version(questions=1))

    response = save(client, assessment, level=None if "choice" in wrong else "yes", **wrong)

    assert (response.status_code, line(response)[0]) == (422, error)
    assert (stored(assessment), read(response).find(id="progress")) == ({}, None)


def test_what_is_not_posted_at_all_is_told(client):
    assessment = start(client, make_version(questions=1))

    response = client.post(address("answer", assessment, question_of(assessment, "topic.q1").pk), headers=HTMX)

    assert (response.status_code, line(response)) == (422, ("This field is required.", "0"))
    assert stored(assessment) == {}


def test_level_of_another_question_is_refused(client):
    draft = make_draft()
    make_question(make_section(draft), "topic.other")
    other = start(client, publish(draft))
    assessment = start(client, make_version(questions=1))

    response = save(client, assessment, choice=level_of(other, "topic.other", "yes"))

    assert line(response) == ("This is no level of this question. Choose one.", "0")
    assert stored(assessment) == {}


def test_stale_revision_shows_the_stored_answer_and_overwrites_nothing(client):
    assessment = start(client, make_version(questions=1))
    colleague = make_member(assessment.organisation, "respondent")
    theirs = answer(assessment, "topic.q1", "no", by=colleague, note="<i>Theirs</i>")

    response = save(client, assessment, level="yes", note="Mine")

    at = f"{timezone.localtime(theirs.answered_at):%H:%M}"
    assert (response.status_code, line(response)) == (
        409,
        (
            f"Not saved: {colleague} answered at {at} while you had the page open. "
            "Stored now No <i>Theirs</i> Yours as it stands above Keep mine Take the stored one",
            "0",
        ),
    )
    assert stored(assessment) == {"topic.q1": ("no", False, "", "<i>Theirs</i>", 1)}
    button, link = read(response).select(".conflict button, .conflict a")
    assert (button["name"], button["value"], button["form"]) == (f"q{theirs.question_id}-keep", "1", "page-form")
    assert link["href"] == f"?stored=1#q{theirs.question_id}"


def test_stale_against_an_answer_taken_back_says_so(client):
    assessment = start(client, make_version(questions=1))
    answer(assessment, "topic.q1", "yes")
    answer(assessment, "topic.q1", None, seen=1)

    response = save(client, assessment, level="no", revision=1)

    assert "Stored now No answer yet Yours as it stands above" in line(response)[0]
    assert stored(assessment) == {"topic.q1": (None, False, "", "", 2)}


def test_invalid_text_keeps_the_revision_that_was_seen(client):
    assessment = start(client, make_version(questions=1))
    answer(assessment, "topic.q1", "yes")
    answer(assessment, "topic.q1", "no", seen=1)

    refused = save(client, assessment, level="yes", revision=1, note="x" * 20_001)
    again = save(client, assessment, level="yes", revision=line(refused)[1], note="x")

    assert (line(refused)[1], again.status_code) == ("1", 409)
    assert stored(assessment) == {"topic.q1": ("no", False, "", "", 2)}


def test_closed_assessment_says_so(client):
    assessment = make_submitted(make_version(questions=1))
    client.force_login(assessment.created_by)

    response = save(client, assessment, level="no", revision=1, note="Mine")

    said = "Not saved: the assessment was closed meanwhile. Copy what you typed if you need it."
    assert (response.status_code, line(response)[0]) == (409, said)
    assert stored(assessment) == {"topic.q1": ("yes", False, "", "", 1)}


def test_assessment_submitted_between_reading_and_writing_says_so(client):
    assessment = start(client, make_version(questions=1))
    answer_all(assessment)

    with meanwhile(lambda: assessment.submit(by=assessment.created_by)):
        response = save(client, assessment, level="no", revision=1)

    said = "Not saved: the assessment was closed meanwhile. Copy what you typed if you need it."
    assert (response.status_code, line(response)[0]) == (409, said)
    assert stored(assessment) == {"topic.q1": ("yes", False, "", "", 1)}


def test_answer_given_between_reading_and_writing_is_a_conflict(client):
    assessment = start(client, make_version(questions=1))

    with meanwhile(lambda: answer(assessment, "topic.q1", "no", note="Theirs")):
        response = save(client, assessment, level="yes", note="Mine")

    assert (response.status_code, stored(assessment)) == (409, {"topic.q1": ("no", False, "", "Theirs", 1)})
    assert "Stored now No Theirs Yours as it stands above" in line(response)[0]


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_unknown_question_is_not_found(client, pk):
    assessment = start(client, make_version(questions=1))
    url = address("answer", assessment, 1).replace("/answers/1/", f"/answers/{pk}/")

    response = client.post(url, typed(assessment, level="yes"), headers=HTMX)

    assert (response.status_code, stored(assessment)) == (404, {})


def test_question_of_another_version_is_not_found(client):
    other = start(client, make_version(questions=1))
    assessment = start(client, make_version(questions=1))
    foreign = question_of(other, "topic.q1")

    response = client.post(address("answer", assessment, foreign.pk), typed(other, level="yes"), headers=HTMX)

    assert (response.status_code, stored(assessment), stored(other)) == (404, {}, {})


def test_htmx_that_is_signed_out_gets_401_and_no_page_to_swap_in(client):
    assessment = start(client, make_version(questions=1))
    client.logout()

    response = save(client, assessment, level="yes")

    assert (response.status_code, response.content, stored(assessment)) == (401, b"", {})


def test_without_a_csrf_token_nothing_is_saved():
    client = Client(enforce_csrf_checks=True)
    assessment = start(client, make_version(questions=1))

    response = save(client, assessment, level="yes")

    assert (response.status_code, stored(assessment)) == (403, {})


def test_line_in_chinese_names_the_time(client):
    assessment = start(client, make_version(questions=1))
    client.cookies["django_language"] = "zh-hans"

    response = save(client, assessment, level="yes")

    assert f"{timezone.localtime(assessment.answers.get().answered_at):%H:%M}" in texts(read(response), ".saved")[0]
