"""A draft goes back to an earlier state, as one step of the history."""

import pytest

from questionnaires.models import Edit, Version, editing
from questionnaires.models.contents import version_content
from questionnaires.models.reverting import revert, what_revert_would_do
from tests.factories import (
    both,
    make_draft,
    make_duty,
    make_provision,
    make_question,
    make_section,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    version = make_draft("set")
    first, second = make_section(version, "first"), make_section(version, "second")
    for number in (1, 2, 3):
        make_question(first, f"topic.q{number}")
    make_question(second, "topic.q4")
    make_duty(version, "report")
    return version


@pytest.fixture
def person():
    return make_user("editor@example.org")


def stored(version):
    return Version.objects.get(pk=version.pk)


def newest(version):
    return version.edits.order_by("-pk").values_list("pk", flat=True).first() or 0


def edit_everywhere(version, person):
    """One edit of each kind; return the key of the newest after each."""
    q1, q2, q3 = (version.questions.get(ref=f"topic.q{n}") for n in (1, 2, 3))
    keys = []

    def done():
        keys.append(newest(version))

    editing.change(q1, {"text_en": "Reworded", "severity": "low"}, by=person, seen=q1.revision)
    done()
    editing.move(q2, by=person, parent=version.sections.get(ref="second"))
    done()
    editing.set_citations(q3, [make_provision(), q1.provisions.get()], by=person)
    done()
    editing.remove(version.sections.get(ref="second"), by=person)  # with what was moved there
    done()
    section = version.sections.model(version=version, ref="third", position=None, **both(title="Third"))
    editing.add(section, by=person)
    done()
    editing.change(stored(version), {"weight_high": "5"}, by=person, seen=1)
    done()
    return keys


def test_back_to_the_beginning_and_on_again(draft, person):
    before = version_content(draft)
    edit_everywhere(draft, person)
    after = version_content(stored(draft))
    there = newest(draft)

    revert(stored(draft), after=0, seen=there, by=person, note="Back")
    back = version_content(stored(draft))
    revert(stored(draft), after=there, seen=newest(draft), by=person, note="On")

    assert back == before != after
    assert [question.place for question in back.questions] == [question.place for question in before.questions]
    assert version_content(stored(draft)) == after
    assert set(Edit.objects.values_list("note", flat=True)) == {"", "Back", "On"}


@pytest.mark.large
def test_back_to_each_state_on_the_way(draft, person):
    states = {0: version_content(draft)}
    keys = edit_everywhere(draft, person)
    top = newest(draft)
    for key in reversed(keys[:-1]):
        revert(stored(draft), after=key, seen=newest(draft), by=person, note="")
        states[key] = version_content(stored(draft))
        revert(stored(draft), after=top, seen=newest(draft), by=person, note="")

    revert(stored(draft), after=keys[0], seen=newest(draft), by=person, note="")

    assert version_content(stored(draft)) == states[keys[0]]
    question = next(q for q in states[keys[0]].questions if q.ref == "topic.q1")
    assert (question.text.en, question.severity) == ("Reworded", "low")
    assert [s.ref for s in states[keys[0]].sections] == [s.ref for s in states[0].sections]


def test_trial_says_what_would_be_done_and_does_nothing(draft, person):
    edit_everywhere(draft, person)
    content, there = version_content(stored(draft)), newest(draft)

    would = what_revert_would_do(stored(draft), after=0, seen=there, by=person)
    same = (version_content(stored(draft)), newest(draft)) == (content, there)
    made = revert(stored(draft), after=0, seen=there, by=person, note="")

    assert same is True
    assert [(e.kind, e.ref, e.action, e.field) for e in would] == [(e.kind, e.ref, e.action, e.field) for e in made]
    assert {edit.batch for edit in made} == {made[0].batch}


def test_edit_since_seen_refuses_it(draft, person):
    edit_everywhere(draft, person)
    seen = newest(draft)
    question = draft.questions.get(ref="topic.q1")
    editing.change(question, {"text_en": "Later"}, by=make_user(), seen=question.revision)
    content = version_content(stored(draft))

    with pytest.raises(editing.Stale):
        revert(stored(draft), after=0, seen=seen, by=person, note="")

    assert version_content(stored(draft)) == content


def test_version_in_review_or_published_does_not_go_back(draft, person):
    question = draft.questions.first()
    editing.change(question, {"text_en": "Reworded"}, by=person, seen=question.revision)
    stale, seen = stored(draft), newest(draft)

    draft.submit_for_review(by=person)
    with pytest.raises(Version.InReview):
        revert(stale, after=0, seen=seen, by=person, note="")
    draft.withdraw()
    publish(draft)
    with pytest.raises(Version.Published):
        what_revert_would_do(stale, after=0, seen=seen, by=person)

    assert newest(draft) == seen
