"""Review, submit, reopen, delete."""

import pytest

from questionnaires.models import Answer, AnswerChange, Assessment, Report
from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_carried,
    make_draft,
    make_member,
    make_organisation,
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
    meanwhile,
    query_count,
    question_of,
    read,
    said,
    section_address,
    start,
    stored,
    stored_facts,
    text,
    texts,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment(client):
    """Sections first and second with two questions each."""
    draft = make_draft(slug="gates")
    for ref in ("first", "second"):
        section = make_section(draft, ref)
        make_question(section, f"{ref}.q1")
        make_question(section, f"{ref}.q2")
    return start(client, publish(draft))


def get(client, name, assessment):
    return read(client.get(address(name, assessment)))


def submit(client, assessment, **data):
    return client.post(address("assessment-submit", assessment), data, follow=True)


def reported_outcomes():
    sections = Report.objects.get().content["sections"]
    return [question["answer"]["outcome"] for section in sections for question in section["questions"]]


# --- review -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["assessment-overview", "assessment-review"])
def test_submitted_assessment_leads_to_its_report(client, name):
    assessment = make_submitted()
    client.force_login(assessment.created_by)

    response = client.get(address(name, assessment))

    assert (response.status_code, response.url) == (302, address("assessment-report", assessment))


def test_review_lists_what_is_open_by_section(client, assessment):
    answer(assessment, "first.q1", "no")
    answer(assessment, "first.q2", None, is_not_applicable=True)
    answer(assessment, "second.q1", None, note="a note is no answer")

    page = get(client, "assessment-review", assessment)

    assert texts(page, "h2") == [
        "1 “not applicable” without a justification",
        "2 questions have no answer",
        "Submit",
    ]
    unjustified, unanswered = page.select(".review-list")
    assert texts(unjustified, "h3, li") == ["Section first", "Is first.q2 done?"]
    assert texts(unanswered, "h3, li") == ["Section second", "Is second.q1 done?", "Is second.q2 done?"]
    pk = question_of(assessment, "second.q1").pk
    assert unanswered.select_one("li a")["href"] == f"{section_address(assessment, 'second')}#q{pk}"
    assert page.select_one(".submit-form button").has_attr("disabled")
    assert texts(page, ".message-info")[0].startswith("2 facts are not stated.")


def test_review_of_a_complete_assessment_says_so(client, assessment):
    answer_all(assessment)
    state_fact(assessment, "minors", "no")
    state_fact(assessment, "size", "small")

    page = get(client, "assessment-review", assessment)

    assert texts(page, ".message") == ["Every question that applies is answered."]
    assert page.find(id="accept-unanswered") is None
    assert not page.select_one(".submit-form button").has_attr("disabled")


def test_review_lets_a_viewer_read_but_not_submit(client, assessment):
    client.force_login(make_member(assessment.organisation))

    page = get(client, "assessment-review", assessment)

    assert texts(page, "h2") == ["4 questions have no answer"]
    assert texts(page, ".message-info")[-1] == "Your role may read this assessment but not submit it."
    assert page.select_one(".submit-form") is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 answer was carried over and not confirmed."),
        (2, "2 answers were carried over and not confirmed."),
    ],
)
def test_review_tells_what_was_carried_over_and_not_confirmed(client, assessment, number, words):
    answer_all(assessment)
    later = make_carried(assessment)
    for ref in ("first.q1", "first.q2", "second.q1")[: 4 - number]:
        answer(later, ref, seen=1)

    page = get(client, "assessment-review", later)

    (warning,) = page.select(".message-warning")
    assert text(warning) == f"{words} The report says how much of the score rests on them. Go through them"
    assert warning.a["href"] == address("next-unanswered", later)
    assert not page.select_one(".submit-form button").has_attr("disabled")
    assert get(client, "assessment-review", assessment).select(".message-warning") == []


# --- submit -------------------------------------------------------------------------------------------------------


def test_complete_assessment_is_submitted_and_its_report_shown(client, assessment):
    answer_all(assessment, "partly")

    response = submit(client, assessment)

    assessment.refresh_from_db()
    assert response.redirect_chain == [(address("assessment-report", assessment), 302)]
    assert said(response) == ["Submitted. This is the gap report; its answers can no longer change."]
    assert (assessment.is_submitted, assessment.submitted_by) == (True, assessment.created_by)
    outcomes = reported_outcomes()
    assert outcomes == ["partly_met"] * 4


def test_incomplete_assessment_goes_back_to_the_review(client, assessment):
    answer(assessment, "first.q1")

    response = submit(client, assessment)

    assessment.refresh_from_db()
    assert response.redirect_chain == [(address("assessment-review", assessment), 302)]
    assert said(response) == ["3 questions have no answer yet. Answer them, or tick the box to submit all the same."]
    assert (assessment.is_submitted, assessment.submitted_by, Report.objects.count()) == (False, None, 0)


def test_unanswered_questions_are_submitted_when_accepted(client, assessment):
    answer(assessment, "first.q1", "no")

    submit(client, assessment, accept_unanswered="on")

    outcomes = reported_outcomes()
    assert outcomes == ["not_met", "unanswered", "unanswered", "unanswered"]


def test_not_applicable_without_justification_is_never_submitted(client, assessment):
    answer_all(assessment)
    answer(assessment, "first.q1", None, seen=1, is_not_applicable=True)

    response = submit(client, assessment, accept_unanswered="on")

    assessment.refresh_from_db()
    assert said(response) == ["“Not applicable” needs a justification: 1 to go."]
    assert (assessment.is_submitted, Report.objects.count()) == (False, 0)


def test_of_two_that_submit_at_once_the_second_is_told(client, assessment):
    answer_all(assessment)
    colleague = make_member(assessment.organisation, "manager")

    with meanwhile(lambda: Assessment.objects.get(pk=assessment.pk).submit(by=colleague)):
        response = submit(client, assessment)

    assessment.refresh_from_db()
    assert response.redirect_chain == [(address("assessment-report", assessment), 302)]
    assert said(response) == ["Somebody else has just submitted it."]
    assert (assessment.submitted_by, Report.objects.count()) == (colleague, 1)


# --- reopen -------------------------------------------------------------------------------------------------------


@pytest.fixture
def submitted(client):
    assessment = make_submitted(make_version(questions=2), level="no")
    client.force_login(assessment.created_by)
    return assessment


def test_reopening_asks_first(client, submitted):
    page = get(client, "assessment-reopen", submitted)

    assert texts(page, "h1") == ["Reopen “Gate”?"]
    assert "Revision 2 starts with the same facts and answers" in texts(page, ".narrow > p")[0]
    assert Assessment.objects.count() == 1


def test_reopening_starts_a_revision_with_the_same_answers(client, submitted):
    response = client.post(address("assessment-reopen", submitted), follow=True)

    revision = Assessment.objects.get(previous=submitted)
    assert response.redirect_chain == [(address("assessment-overview", revision), 302)]
    assert said(response) == ["Revision 2 is open, with the same facts and answers."]
    assert (revision.revision, revision.series, revision.is_submitted) == (2, submitted.series, False)
    assert stored(revision) == stored(submitted) == dict.fromkeys(("topic.q1", "topic.q2"), ("no", False, "", "", 1))


def test_reopening_twice_leads_to_the_one_revision(client, submitted):
    client.post(address("assessment-reopen", submitted), follow=True)

    response = client.post(address("assessment-reopen", submitted), follow=True)

    revision = Assessment.objects.get(previous=submitted)
    assert response.redirect_chain == [(address("assessment-overview", revision), 302)]
    assert said(response) == ["It was reopened already. This is the newer revision."]
    assert Assessment.objects.count() == 2


# --- delete -------------------------------------------------------------------------------------------------------


def test_deleting_asks_first_and_says_what_goes(client, assessment):
    answer(assessment, "first.q1")

    page = get(client, "assessment-delete", assessment)

    assert texts(page, "h1") == ["Delete “Gate”?"]
    assert texts(page, ".narrow > p") == ["With it goes 1 answer. This cannot be undone."]
    assert Assessment.objects.count() == 1


def test_deleting_takes_the_assessment_its_answers_and_nothing_else(client, assessment):
    answer_all(assessment)
    state_fact(assessment, "minors", "no")
    other = make_assessment(assessment.version, organisation=assessment.organisation, name="Other")
    answer(other, "first.q1", "no")
    state_fact(other, "minors", "yes")

    response = client.post(address("assessment-delete", assessment), follow=True)

    assert said(response) == ["“Gate” was deleted."]
    assert texts(read(response), ".assessment-list h2") == ["Other"]
    assert (Assessment.objects.get(), Answer.objects.count(), AnswerChange.objects.count()) == (other, 1, 1)
    assert stored_facts(other) == {"minors": (["yes"], 1)}


def test_deleting_a_reopened_revision_brings_the_submitted_one_back_to_the_list(client, submitted):
    revision = submitted.reopen(by=submitted.created_by)

    response = client.post(address("assessment-delete", revision), follow=True)

    assert [a["href"] for a in read(response).select("h2 a")] == [address("assessment-overview", submitted)]
    assert stored(submitted) == dict.fromkeys(("topic.q1", "topic.q2"), ("no", False, "", "", 1))


def test_assessment_submitted_while_it_is_being_deleted_stays(client, assessment):
    answer_all(assessment)

    with meanwhile(lambda: assessment.submit(by=assessment.created_by)):
        response = client.post(address("assessment-delete", assessment), follow=True)

    assert response.redirect_chain == [(address("assessment-report", assessment), 302)]
    assert said(response) == ["Somebody else has just submitted it, so it stays."]
    assert (Assessment.objects.count(), Answer.objects.count(), Report.objects.count()) == (1, 4, 1)


# --- queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "name", "is_submitted"),
    [
        ("get", "assessment-overview", False),
        ("get", "assessment-review", False),
        ("get", "assessment-delete", False),
        ("get", "assessment-reopen", True),
        ("post", "assessment-submit", False),
        ("post", "assessment-delete", False),
        ("post", "assessment-reopen", True),
    ],
)
@pytest.mark.parametrize("are_answered", [True, False])
def test_costs_the_same_at_1_and_at_3_questions(client, method, name, is_submitted, are_answered):
    user = make_organisation().members.get()
    client.force_login(user)
    counts = []
    for questions in (1, 3):
        version = make_version(questions=questions, provisions=None if questions == 3 else [make_provision()])
        assessment = make_assessment(version, organisation=user.organisations.get())
        if are_answered:
            answer_all(assessment)
        if is_submitted:
            assessment.submit(by=user, accept_unanswered=True)
        url = address(name, assessment)

        counts.append(query_count(lambda url=url: getattr(client, method)(url, {"accept_unanswered": "on"})))

    assert counts[0] == counts[1]
