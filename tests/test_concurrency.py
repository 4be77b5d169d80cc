"""Two people at once, each on a connection of their own.

PostgreSQL makes the second wait at the row that the first holds, SQLite at BEGIN IMMEDIATE. Either way the second goes
on only when the first is done, and sees what the first did: the same assertions hold on both.
"""

import threading
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction

from questionnaires.models import Answer, AnswerChange, Assessment, Question, Report, Version
from questionnaires.models.moving import move
from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_draft,
    make_next_version,
    make_question,
    make_section,
    make_submitted,
    make_version,
    state_fact,
)

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 15  # seconds until a test that hangs is given up
MOMENT = 0.4  # seconds in which the second would be done if nothing held it


class Actor(threading.Thread):
    """Runs one function on its own connection; `result` is what it returned, `error` what it raised."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.result, self.error = act, None, None

    def run(self):
        try:
            self.result = self.act()
        except Exception as e:
            self.error = e
        finally:
            connections.close_all()

    def finish(self):
        self.join(PATIENCE)
        assert not self.is_alive(), "still waiting"
        return self


@contextmanager
def in_flight(act):
    """Do something in another connection's transaction, and commit it only when the block ends."""
    done, may_commit = threading.Event(), threading.Event()

    def act_and_wait():
        with transaction.atomic():
            result = act()
            done.set()
            assert may_commit.wait(PATIENCE)
        return result

    first = Actor(act_and_wait)
    first.start()
    assert done.wait(PATIENCE) or first.error is None
    try:
        yield first
    finally:
        may_commit.set()
        first.finish()
    if first.error:
        raise first.error


def overtaken(first_act, second_act):
    """Run the second while the first is in flight; return both when done. The second must have waited."""
    with in_flight(first_act) as first:
        second = Actor(second_act)
        second.start()
        second.join(MOMENT)
        assert second.is_alive(), f"did not wait: {second.error or second.result!r}"
    return first, second.finish()


@pytest.fixture
def assessment():
    assessment = make_assessment(make_version(questions=2))
    answer(assessment, "topic.q1", "no", note="before")
    return assessment


def again(assessment):
    """The same row as another process would hold it."""
    return Assessment.objects.get(pk=assessment.pk)


def reported(report):
    return {
        question["ref"]: question["answer"]["note"]
        for section in report.content["sections"]
        for question in section["questions"]
    }


def test_connections_are_two():
    def connection_id():
        connection.ensure_connection()
        return id(connection.connection)

    mine = connection_id()  # first: the other's is closed when it ends, and its id free for reuse
    other = Actor(connection_id)
    other.start()

    assert other.finish().result not in (None, mine)


@pytest.mark.parametrize(
    ("ref", "seen", "expected"),
    [
        ("topic.q2", 0, {"topic.q1": "before", "topic.q2": "just in time"}),
        ("topic.q1", 1, {"topic.q1": "just in time", "topic.q2": ""}),
    ],
    ids=["new answer", "changed answer"],
)
def test_submit_waits_for_an_answer_in_flight_and_reports_it(assessment, ref, seen, expected):
    submitting = again(assessment)

    _first, second = overtaken(
        lambda: answer(again(assessment), ref, "yes", seen=seen, note="just in time"),
        lambda: submitting.submit(by=submitting.created_by, accept_unanswered=True),
    )

    assert second.error is None
    assert reported(Report.objects.get()) == expected
    assert reported(second.result) == expected


def test_submit_waits_for_a_fact_in_flight_and_reports_it(assessment):
    _first, second = overtaken(
        lambda: state_fact(again(assessment), "size", "large"),
        lambda: assessment.submit(by=assessment.created_by, accept_unanswered=True),
    )

    assert second.error is None
    assert [fact["values"] and fact["values"][0]["ref"] for fact in second.result.content["facts"]] == [None, "large"]


def test_answer_taken_back_in_flight_keeps_the_assessment_open(assessment):
    answer(assessment, "topic.q2", "yes")

    _first, second = overtaken(
        lambda: answer(again(assessment), "topic.q2", None, seen=1),
        lambda: assessment.submit(by=assessment.created_by),
    )

    assert isinstance(second.error, Assessment.Incomplete)
    assert [question.ref for question in second.error.unanswered] == ["topic.q2"]
    assert not again(assessment).is_submitted


@pytest.mark.parametrize(("ref", "seen"), [("topic.q2", 0), ("topic.q1", 1)], ids=["new answer", "changed answer"])
def test_answer_waits_for_a_submit_in_flight_and_is_refused(assessment, ref, seen):
    late = again(assessment)
    late.outline  # noqa: B018  read before, so that it is the answer that waits

    _first, second = overtaken(
        lambda: again(assessment).submit(by=assessment.created_by, accept_unanswered=True),
        lambda: answer(late, ref, "yes", seen=seen, note="too late"),
    )

    assert isinstance(second.error, Assessment.Closed)
    assert reported(Report.objects.get()) == {"topic.q1": "before", "topic.q2": ""}
    assert list(Answer.objects.values_list("note", flat=True)) == ["before"]
    assert AnswerChange.objects.count() == 1


def test_answer_after_a_submit_that_was_taken_back_is_stored(assessment):
    def submit_and_fail():
        with transaction.atomic():
            again(assessment).submit(by=assessment.created_by)

    with pytest.raises(Assessment.Incomplete):
        submit_and_fail()
    answer(assessment, "topic.q2", "yes", note="later")

    assert list(Answer.objects.order_by("pk").values_list("note", flat=True)) == ["before", "later"]


@pytest.mark.parametrize("seen", [0, 1])
def test_two_writers_who_saw_the_same_conflict(assessment, seen):
    ref = "topic.q1" if seen else "topic.q2"

    _first, second = overtaken(
        lambda: answer(again(assessment), ref, "yes", seen=seen, note="mine"),
        lambda: answer(again(assessment), ref, "partly", seen=seen, note="theirs"),
    )

    assert isinstance(second.error, Assessment.Stale)
    assert (second.error.current.note, second.error.current.revision) == ("mine", seen + 1)
    assert Answer.objects.get(question__ref=ref).note == "mine"
    notes = AnswerChange.objects.filter(question__ref=ref).order_by("pk").values_list("note", flat=True)
    assert list(notes) == (["before", "mine"] if seen else ["mine"])


def test_many_writers_on_many_questions_lose_nothing():
    assessment = make_assessment(make_version(questions=6))

    writers = [
        Actor(lambda ref=f"topic.q{n}": answer(again(assessment), ref, "yes", note=f"note of {ref}"))
        for n in range(1, 7)
    ]
    for writer in writers:
        writer.start()

    assert [writer.finish().error for writer in writers] == [None] * 6
    assert sorted(Answer.objects.values_list("note", flat=True)) == [f"note of topic.q{n}" for n in range(1, 7)]
    assert AnswerChange.objects.count() == 6


def test_two_submits_at_once_make_one_report(assessment):
    answer_all(assessment)
    twin = again(assessment)

    _first, second = overtaken(
        lambda: again(assessment).submit(by=assessment.created_by), lambda: twin.submit(by=assessment.created_by)
    )

    assert isinstance(second.error, Assessment.Closed)
    assert Report.objects.count() == 1


def test_two_reopenings_at_once_make_one_revision():
    assessment = make_submitted()
    twin = again(assessment)

    _first, second = overtaken(
        lambda: again(assessment).reopen(by=assessment.created_by), lambda: twin.reopen(by=assessment.created_by)
    )

    assert isinstance(second.error, Assessment.Closed)
    assert Assessment.objects.count() == 2


@pytest.fixture
def draft():
    draft = make_draft()
    make_question(make_section(draft), "topic.q1")
    return draft


def test_publish_waits_for_an_edit_in_flight_and_checks_it(draft):
    question = draft.questions.get()

    def spoil():
        question.applies_if = "age == old"
        question.save()

    _first, second = overtaken(spoil, lambda: Version.objects.get(pk=draft.pk).publish())

    assert isinstance(second.error, ValidationError)
    assert second.error.messages == ["applies_if of “topic.q1”: unknown fact “age”; known are: minors, size."]
    assert not Version.objects.get(pk=draft.pk).is_published


def test_edit_waits_for_a_publish_in_flight_and_is_refused(draft):
    _first, second = overtaken(
        lambda: Version.objects.get(pk=draft.pk).publish(),
        lambda: Question.objects.filter(version=draft).update(severity="low"),
    )

    assert isinstance(second.error, IntegrityError)
    assert "a published version cannot be changed" in str(second.error)
    assert draft.questions.get().severity == "high"


def test_two_publishings_at_once_publish_once(draft):
    _first, second = overtaken(
        lambda: Version.objects.get(pk=draft.pk).publish(), lambda: Version.objects.get(pk=draft.pk).publish()
    )

    assert isinstance(second.error, Version.Published)


@pytest.mark.parametrize("is_submitted", [False, True], ids=["open", "submitted"])
def test_of_two_who_move_at_once_one_starts_the_revision(assessment, is_submitted):
    if is_submitted:
        assessment.submit(by=assessment.created_by, accept_unanswered=True)
    later = make_next_version(assessment.version)

    def act():
        return move(again(assessment), later, instruments=[], by=assessment.created_by)

    first, second = overtaken(act, act)

    assert isinstance(second.error, Assessment.Closed)
    assert list(Assessment.objects.filter(previous=assessment)) == [first.result]


def test_move_waits_for_an_answer_in_flight_and_takes_it_along(assessment):
    later = make_next_version(assessment.version)

    _first, second = overtaken(
        lambda: answer(again(assessment), "topic.q2", "yes", note="just in time"),
        lambda: move(again(assessment), later, instruments=[], by=assessment.created_by),
    )

    assert second.error is None
    assert dict(second.result.answers.values_list("question__ref", "note")) == {
        "topic.q1": "before",
        "topic.q2": "just in time",
    }
