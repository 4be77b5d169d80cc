"""Draft, in review, returned or approved, published, retired: each step, by whom, and from where only."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from questionnaires.models import QuestionSet, Version, editing
from tests.factories import make_draft, make_question, make_section, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    version = make_draft("set")
    make_question(make_section(version, "first"), "topic.q1")
    return version


@pytest.fixture
def people():
    return make_user("editor@example.org"), make_user("reviewer@example.org")


def stored(version):
    return Version.objects.get(pk=version.pk)


def state(version):
    version = stored(version)
    return (version.is_draft, version.is_in_review, bool(version.approved_at), version.is_published)


DRAFT, IN_REVIEW, APPROVED, PUBLISHED = (
    (True, False, False, False),
    (False, True, False, False),
    (False, True, True, False),
    (False, False, True, True),
)


def test_whole_life_names_who_did_each_step(draft, people):
    editor, reviewer = people
    QuestionSet.objects.update(requires_review=True)
    states = [state(draft)]

    stored(draft).submit_for_review(by=editor)
    states.append(state(draft))
    stored(draft).return_for_changes(by=reviewer, comment="Cite Art. 13.")
    states.append(state(draft))
    stored(draft).submit_for_review(by=editor)
    stored(draft).approve(by=reviewer)
    states.append(state(draft))
    stored(draft).publish(by=editor)
    states.append(state(draft))
    stored(draft).retire(by=reviewer)

    assert states == [DRAFT, IN_REVIEW, DRAFT, APPROVED, PUBLISHED]
    version = stored(draft)
    assert (version.submitted_for_review_by, version.approved_by) == (editor, reviewer)
    assert (version.returned_by, version.return_comment) == (reviewer, "Cite Art. 13.")
    assert (version.published_by, version.retired_by) == (editor, reviewer)
    assert version.submitted_for_review_at < version.approved_at < version.published_at < version.retired_at


def test_withdrawn_version_is_a_draft_and_has_lost_its_approval(draft, people):
    editor, reviewer = people
    draft.submit_for_review(by=editor)
    draft.approve(by=reviewer)

    stored(draft).withdraw()

    version = stored(draft)
    assert state(draft) == DRAFT
    assert (version.submitted_for_review_by, version.approved_by, version.approved_at) == (None, None, None)


def test_who_handed_it_in_cannot_judge_it(draft, people):
    editor, _reviewer = people
    draft.submit_for_review(by=editor)

    for judge in (lambda: draft.approve(by=editor), lambda: draft.return_for_changes(by=editor, comment="No.")):
        with pytest.raises(Version.Closed, match="another person must"):
            judge()
    with pytest.raises(IntegrityError, match="version_approved_by_another"), transaction.atomic():
        Version.objects.update(approved_at=draft.submitted_for_review_at, approved_by=editor)

    assert state(draft) == IN_REVIEW


def test_who_edited_it_cannot_judge_it_where_a_second_person_is_asked_for(draft, people):
    editor, reviewer = people
    question = draft.questions.get()
    editing.change(question, {"text_en": "Changed"}, by=reviewer, seen=question.revision)
    draft.submit_for_review(by=editor)

    allowed = draft.refusal_to_judge(reviewer)
    QuestionSet.objects.update(requires_review=True)
    with pytest.raises(Version.Closed, match="Who edited it cannot judge it"):
        stored(draft).approve(by=reviewer)

    assert allowed == ""
    assert state(draft) == IN_REVIEW


def test_editing_of_a_version_in_review_says_so(draft, people):
    question = draft.questions.get()
    draft.submit_for_review(by=people[0])

    with pytest.raises(Version.InReview):
        editing.change(question, {"text_en": "Changed"}, by=people[0], seen=question.revision)

    question.refresh_from_db()
    assert question.text_en == "Is topic.q1 done?"


def test_set_that_asks_for_review_publishes_only_what_is_approved(draft, people):
    editor, reviewer = people
    QuestionSet.objects.update(requires_review=True)

    with pytest.raises(Version.Closed, match="hand it in first"):
        stored(draft).publish(by=editor)
    stored(draft).submit_for_review(by=editor)
    with pytest.raises(Version.Closed, match="once it is approved, or withdrawn"):
        stored(draft).publish(by=editor)
    stored(draft).approve(by=reviewer)
    stored(draft).publish(by=editor)

    assert state(draft) == PUBLISHED


def test_version_in_review_is_not_published_before_it_is_judged_where_review_is_not_asked_for(draft, people):
    draft.submit_for_review(by=people[0])

    with pytest.raises(Version.Closed):
        stored(draft).publish(by=people[1])


def test_approved_version_with_a_fault_is_not_published(draft, people):
    provision = draft.questions.get().provisions.get()
    draft.submit_for_review(by=people[0])
    draft.approve(by=people[1])
    type(provision).objects.update(verification="withheld")

    with pytest.raises(ValidationError):
        stored(draft).publish(by=people[0])

    assert state(draft) == APPROVED


def test_steps_from_another_state_are_refused(draft, people):
    editor, reviewer = people
    published = make_version()
    not_in_review = [
        lambda version: version.approve(by=reviewer),
        lambda version: version.return_for_changes(by=reviewer, comment="x"),
        lambda version: version.withdraw(),
    ]

    for version in (draft, published):
        for step in not_in_review:
            with pytest.raises(Version.Closed, match="not in review"):
                step(version)
    with pytest.raises(Version.Closed):
        published.submit_for_review(by=editor)
    draft.submit_for_review(by=editor)
    with pytest.raises(Version.Closed):
        draft.submit_for_review(by=editor)
    draft.approve(by=reviewer)
    with pytest.raises(Version.Closed, match="approved already"):
        draft.approve(by=reviewer)
    published.retire(by=editor)
    with pytest.raises(Version.Closed, match="retired already"):
        published.retire(by=reviewer)
    with pytest.raises(Version.Published):
        published.publish(by=editor)


def test_step_sees_what_another_request_did_meanwhile(draft, people):
    seen_before = stored(draft)
    stored(draft).submit_for_review(by=people[0])

    with pytest.raises(Version.Closed):
        seen_before.submit_for_review(by=people[1])

    assert stored(draft).submitted_for_review_by == people[0]


@pytest.mark.parametrize(
    ("names", "constraint"),
    [
        (["submitted_for_review_at"], "version_handed_in_by_someone"),
        (["submitted_for_review_by"], "version_handed_in_by_someone"),
        (["returned_at", "returned_by"], "version_returned_with_comment"),
        (["return_comment"], "version_returned_with_comment"),
        (["approved_at", "approved_by"], "version_approved_in_review"),
        (["submitted_for_review_at", "submitted_for_review_by", "approved_at"], "version_approved_in_review"),
    ],
)
def test_half_a_step_is_refused_by_the_database(draft, people, names, constraint):
    values = {"_at": draft.created_at, "_by": people[0], "ent": "Comment"}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Version.objects.filter(pk=draft.pk).update(**{name: values[name[-3:]] for name in names})
