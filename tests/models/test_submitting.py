import hashlib
import json
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from frcheck.accounts.models import Membership
from questionnaires import scoring
from questionnaires.models import Answer, AnswerChange, Assessment, Report, ReportFile
from tests.factories import (
    TODAY,
    answer,
    answer_all,
    make_assessment,
    make_member,
    make_submitted,
    make_user,
    make_version,
    state_fact,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment():
    return make_assessment(make_version(questions=3))


def refs(questions):
    return [question.ref for question in questions]


def test_submit_freezes_a_report_and_says_when_and_by_whom(assessment):
    answer_all(assessment, "partly")
    manager = make_member(assessment.organisation, Membership.Role.MANAGER)
    before = timezone.now()

    report = assessment.submit(by=manager)

    row = Assessment.objects.get(pk=assessment.pk)
    assert (row.is_submitted, row.submitted_by, row.report) == (True, manager, report)
    assert before <= row.submitted_at <= timezone.now()
    assert (assessment.submitted_at, assessment.submitted_by) == (row.submitted_at, manager)
    assert report.digest == hashlib.sha256(report.payload.encode()).hexdigest()
    assert report.scoring_version == scoring.VERSION == report.content["result"]["scoring_version"]
    assert report.content["result"]["overall"]["value"] == "0.5"
    assert (json.loads(report.payload), str(report)) == (report.content, f"Gate {report.digest[:12]}")


def test_submit_with_unanswered_questions_is_refused(assessment):
    answer(assessment, "topic.q2")
    answer(assessment, "topic.q3", None, note="a note is no answer")

    with pytest.raises(Assessment.Incomplete) as caught:
        assessment.submit(by=assessment.created_by)

    assert refs(caught.value.unanswered) == ["topic.q1", "topic.q3"]
    assert (refs(caught.value.unjustified), str(caught.value)) == ([], "2 unanswered, 0 unjustified")
    assert Report.objects.count() == 0


def test_refused_submit_leaves_the_assessment_open_here_and_in_the_database(assessment):
    with pytest.raises(Assessment.Incomplete):
        assessment.submit(by=assessment.created_by)

    assert (assessment.is_submitted, Assessment.objects.get().is_submitted) == (False, False)
    assert (assessment.submitted_by, Assessment.objects.get().submitted_by) == (None, None)
    answer_all(assessment)
    assert assessment.submit(by=assessment.created_by).assessment == assessment


def test_submit_may_accept_unanswered_questions(assessment):
    answer(assessment, "topic.q1", "yes")

    report = assessment.submit(by=assessment.created_by, accept_unanswered=True)

    overall = report.content["result"]["overall"]
    assert (overall["value"], overall["low"], overall["high"]) == ("1", "0.333333", "1")
    assert overall["outcomes"]["unanswered"] == 2


def test_submit_never_accepts_not_applicable_without_a_reason(assessment):
    answer_all(assessment)
    answer(assessment, "topic.q2", None, seen=1, is_not_applicable=True)

    for accept in (False, True):
        with pytest.raises(Assessment.Incomplete) as caught:
            assessment.submit(by=assessment.created_by, accept_unanswered=accept)
        assert (refs(caught.value.unanswered), refs(caught.value.unjustified)) == ([], ["topic.q2"])

    answer(assessment, "topic.q2", None, seen=2, is_not_applicable=True, justification="No doors")
    assessment.submit(by=assessment.created_by)


def test_submit_twice_is_refused(assessment):
    answer_all(assessment)
    twin = Assessment.objects.get(pk=assessment.pk)
    assessment.submit(by=assessment.created_by)
    before = Assessment.objects.get(pk=assessment.pk).submitted_at

    for again in (assessment, twin):
        with pytest.raises(Assessment.Closed):
            again.submit(by=make_user())

    assert Assessment.objects.get(pk=assessment.pk).submitted_at == before
    assert Report.objects.count() == 1


def test_assessment_of_no_instrument_submits_an_empty_report():
    assessment = make_assessment(instruments=[])

    report = assessment.submit(by=assessment.created_by)

    overall = report.content["result"]["overall"]
    assert (overall["value"], overall["low"], overall["high"], overall["weight"]) == (None, None, None, "0")


def test_submit_costs_the_same_for_more_questions():
    costs = []
    for questions in (2, 40):
        assessment = make_assessment(make_version(questions=questions))
        answer_all(assessment)
        with CaptureQueriesContext(connection) as queries:
            assessment.submit(by=assessment.created_by)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 19  # three of them for the version's texts, once per process


# --- reopening --------------------------------------------------------------------------------------------------------


def test_reopen_copies_everything_into_the_next_revision():
    version = make_version(questions=3)
    assessment = make_assessment(version, as_of=date(2024, 5, 4), name="North gate", subject="Turnstiles")
    assessment.instruments.remove(assessment.instruments.first())
    asked = refs(assessment.standing().applicable())
    answer(assessment, asked[0], "no", note="first")
    answer(assessment, asked[0], "partly", seen=1, note="second")
    answer(assessment, asked[1], None, is_not_applicable=True, justification="No doors")
    state_fact(assessment, "size", "large")
    assessment.submit(by=assessment.created_by)
    colleague = make_member(assessment.organisation, Membership.Role.RESPONDENT)

    revision = assessment.reopen(by=colleague)

    for name in ("organisation", "version", "name", "subject", "as_of", "series"):
        assert getattr(revision, name) == getattr(assessment, name)
    assert (revision.revision, revision.previous, revision.created_by) == (2, assessment, colleague)
    assert (revision.is_submitted, revision.uuid == assessment.uuid) == (False, False)
    assert set(revision.instruments.all()) == set(assessment.instruments.all())
    assert revision.instruments.count() == 2
    assert revision.fact_values() == {"size": frozenset({"large"})}
    fields = ("question__ref", "level__ref", "is_not_applicable", "justification", "note", "answered_by", "answered_at")
    assert set(revision.answers.values_list(*fields)) == set(assessment.answers.values_list(*fields))
    changes = AnswerChange.objects.filter(assessment=revision).values_list("revision", "note")
    assert sorted(changes) == [(1, ""), (1, "second")]


def test_reopened_revision_is_answered_on_and_the_submitted_one_stays():
    assessment = make_submitted(level="no")
    frozen = assessment.report.payload
    revision = assessment.reopen(by=assessment.created_by)

    answer(revision, "topic.q1", "yes", seen=1, note="mended")
    second = revision.submit(by=revision.created_by)

    assert Answer.objects.get(assessment=assessment, question__ref="topic.q1").level.ref == "no"
    assert Report.objects.get(assessment=assessment).payload == frozen
    assert second.content["assessment"]["revision"] == 2
    assert second.content["assessment"]["series"] == json.loads(frozen)["assessment"]["series"]


def test_reopen_twice_is_refused():
    assessment = make_submitted()
    revision = assessment.reopen(by=assessment.created_by)

    with pytest.raises(Assessment.Closed):
        assessment.reopen(by=assessment.created_by)
    revision.submit(by=revision.created_by)
    with pytest.raises(Assessment.Closed):
        assessment.reopen(by=assessment.created_by)

    assert Assessment.objects.count() == 2
    assert revision.reopen(by=revision.created_by).revision == 3


def test_reopen_of_an_open_assessment_is_a_mistake(assessment):
    with pytest.raises(ValueError, match="needs no reopening"):
        assessment.reopen(by=assessment.created_by)


def test_reopened_revision_may_be_thrown_away_and_begun_again():
    assessment = make_submitted()
    assessment.reopen(by=assessment.created_by).delete()

    again = assessment.reopen(by=assessment.created_by)

    assert (again.revision, again.answers.count()) == (2, 3)


def test_latest_revisions_leave_out_the_earlier_ones(assessment):
    first = make_submitted()
    second = first.reopen(by=first.created_by)

    assert set(Assessment.objects.latest_revisions()) == {assessment, second}


def test_reopen_costs_the_same_for_more_questions():
    costs = []
    for questions in (2, 40):
        assessment = make_submitted(make_version(questions=questions))
        with CaptureQueriesContext(connection) as queries:
            assessment.reopen(by=assessment.created_by)
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"submitted_at": datetime(2026, 3, 1, tzinfo=UTC)}, "assessment_submitted_at_and_by"),
        ({"revision": 1}, r"(?i)unique"),
        ({"revision": 3}, r"(?i)unique"),
    ],
    ids=str,
)
def test_series_has_one_open_revision_and_no_number_twice(changes, constraint):
    first = make_submitted()
    second = first.reopen(by=first.created_by)
    values = {"organisation": first.organisation, "version": first.version, "created_by": first.created_by}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        if "submitted_at" in changes:
            Assessment.objects.filter(pk=second.pk).update(**changes)
        else:
            Assessment.objects.create(name="x", subject="x", as_of=TODAY, series=first.series, **values, **changes)


# --- files of a report ------------------------------------------------------------------------------------------------


def test_report_keeps_one_file_per_language():
    report = make_submitted().report
    values = {"report": report, "sha256": "ab" * 32, "size": 1}
    kept = ReportFile.objects.create(language="both", file="reports/x/both.pdf", **values)

    with pytest.raises(IntegrityError), transaction.atomic():
        ReportFile.objects.create(language="both", file="other.pdf", **values)
    with pytest.raises(IntegrityError, match="report_file_language_known"), transaction.atomic():
        ReportFile.objects.create(language="fr", file="other.pdf", **values)

    assert str(kept) == "reports/x/both.pdf"
    name = ReportFile._meta.get_field("file").generate_filename(kept, "any name.pdf")
    assert name == f"reports/{report.uuid}/both-{'ab' * 8}.pdf"
    ReportFile.objects.update(lost_at=report.created_at)
    ReportFile.objects.create(language="both", file="again.pdf", **values)
