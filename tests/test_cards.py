from datetime import UTC, date, datetime

import pytest

from questionnaires import cards
from questionnaires.cards import Option, Save
from questionnaires.citations import cited
from questionnaires.forms import AnswerForm, FactForm
from questionnaires.models import Answer, Fact, FactAnswer, FactChoice
from questionnaires.models.outlines import section_texts
from questionnaires.models.standings import Because, NotAsked
from tests.factories import (
    answer,
    both,
    make_assessment,
    make_carried,
    make_draft,
    make_instrument,
    make_member,
    make_next_version,
    make_provision,
    make_question,
    make_section,
    make_version,
    publish,
    state_fact,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def cards_of(assessment, **unsaved):
    """The cards of its first section."""
    outline = assessment.outline
    texts = section_texts(outline.sections[0], language="en")
    provisions = cited(pk for question in outline.questions.values() for pk in question.provision_ids)
    answers = {row.question_id: row for row in assessment.answers.all()}
    return cards.question_cards(assessment.standing(), texts, answers, provisions, **unsaved)


def outlined(assessment, ref="topic.q1"):
    return next(q for q in assessment.outline.questions.values() if q.ref == ref)


def levels(assessment):
    return {level.ref: level for level in assessment.outline.levels.values()}


# --- questions ----------------------------------------------------------------------------------------------------


def test_card_without_an_answer_offers_levels_not_applicable_and_none():
    assessment = make_assessment(make_version(questions=1))

    (card,) = cards_of(assessment)

    pks = {ref: str(level.pk) for ref, level in levels(assessment).items()}
    assert card.options == (
        Option(pks["yes"], "Yes", "met"),
        Option(pks["partly"], "Partly", "partly_met"),
        Option(pks["no"], "No", "not_met"),
        Option("not-applicable", "Not applicable", "not_applicable"),
        Option("", "No answer yet", "unanswered", is_chosen=True),
    )
    assert (card.save, card.justification, card.note) == (Save(), "", "")
    assert (card.prefix, card.number, card.ref) == (f"q{card.question.pk}", 1, "topic.q1")


def test_card_shows_the_answer():
    assessment = make_assessment(make_version(questions=2))
    row = answer(assessment, "topic.q1", "partly", note="Noted")
    skipped = answer(assessment, "topic.q2", None, is_not_applicable=True, justification="No lift")

    first, second = cards_of(assessment)

    assert [o.label for o in first.options if o.is_chosen] == ["Partly"]
    assert (first.save, first.note) == (Save(1, "saved", row.answered_at), "Noted")
    assert [o.label for o in second.options if o.is_chosen] == ["Not applicable"]
    assert (second.save, second.justification) == (Save(1, "saved", skipped.answered_at), "No lift")


def test_cards_are_numbered_without_gaps_and_groups_start_once():
    draft = make_draft()
    section = make_section(draft)
    make_question(section, "a", **both(group="One"))
    make_question(section, "b", applies_if="minors == yes", **both(group="Two"))
    make_question(section, "c", **both(group="Two"))
    make_question(section, "d", **both(group="Two"))
    make_question(section, "e")
    assessment = make_assessment(publish(draft))
    state_fact(assessment, "minors", "no")

    rows = [(card.ref, card.number, card.starts_group) for card in cards_of(assessment)]

    assert rows == [("a", 1, True), ("c", 2, True), ("d", 3, False), ("e", 4, False)]


def test_question_that_does_not_apply_has_a_card_only_while_it_has_something_unsaved():
    draft = make_draft()
    make_question(make_section(draft), "a", applies_if="minors == yes")
    assessment = make_assessment(publish(draft))
    state_fact(assessment, "minors", "no")

    pk = outlined(assessment, "a").pk

    assert cards_of(assessment) == []
    assert [card.ref for card in cards_of(assessment, unsaved=[pk])] == ["a"]


def test_card_counts_instruments_and_marks_of_the_citations_in_force():
    law, guide = make_instrument(), make_instrument()
    provisions = [
        make_provision(law, **both(change_note="New in 2020")),
        make_provision(law, **both(change_note="New in 2020")),
        make_provision(guide, **both(change_note="Amended")),
        make_provision(guide, in_force_from=date(2030, 1, 1), **both(change_note="Announced")),
        make_provision(verification="withheld", **both(change_note="Rumoured")),
    ]

    (card,) = cards_of(make_assessment(make_version(questions=1, provisions=provisions)))

    assert [provision.pk for provision in card.citations] == [provision.pk for provision in provisions[:3]]
    assert (card.marks, card.instrument_count) == (("New in 2020", "Amended"), 2)


def posted(assessment, **values):
    question = outlined(assessment)
    data = {f"q{question.pk}-{name}": value for name, value in values.items()}
    return AnswerForm(data, question_id=question.pk, levels=assessment.outline.scale_levels[question.scale_id])


@pytest.mark.parametrize(
    ("choice", "label"), [("not-applicable", "Not applicable"), ("", "No answer yet"), ("nonsense", None)]
)
def test_card_with_posted_shows_what_was_typed_instead_of_what_is_stored(choice, label):
    assessment = make_assessment(make_version(questions=1))
    answer(assessment, "topic.q1", "yes", note="Stored")
    (card,) = cards_of(assessment)
    save = Save(1, "closed")

    shown = cards.with_posted(card, posted(assessment, choice=choice, note="Typed ", justification="Why"), save)

    assert [o.label for o in shown.options if o.is_chosen] == ([label] if label else [])
    assert (shown.note, shown.justification, shown.save) == ("Typed ", "Why", save)


# --- the line under a card ----------------------------------------------------------------------------------------


def test_saved_line():
    assert cards.saved(None) == Save()
    assert cards.saved(Answer(revision=3, answered_at=NOON)) == Save(3, "saved", NOON)


def stored_line(assessment, ref="topic.q1"):
    """The line under the card of a stored answer, on the page in English."""
    row = assessment.answers.get(question__ref=ref)
    question = next(q for q in section_texts(assessment.outline.sections[0], language="en") if q.ref == ref)
    return row, cards.stored_answer(row, question)


def test_unconfirmed_line_names_where_the_answer_comes_from():
    source = make_assessment(make_version(questions=2), name="Gate of 2025")
    answer(source, "topic.q1", "no")
    answer(source, "topic.q2", None, note="only noted")
    later = make_carried(source)

    row, line = stored_line(later)
    noted, noted_line = stored_line(later, "topic.q2")

    assert line == Save(1, "unconfirmed", row.answered_at, carried_from="Gate of 2025")
    assert noted_line == Save(1, "saved", noted.answered_at)


def test_unconfirmed_line_shows_the_old_text_where_it_was_worded_otherwise():
    source = make_assessment(make_version(questions=1))
    answer(source, "topic.q1", "no")
    later = make_carried(source, make_next_version(source.version, topic__q1="Is it done today?"))

    row, line = stored_line(later)

    assert line == Save(1, "unconfirmed", row.answered_at, carried_from="Gate", old_text="Is topic.q1 done?")


def test_line_of_a_confirmed_answer_is_that_of_any_other():
    source = make_assessment(make_version(questions=1))
    answer(source, "topic.q1", "no")
    later = make_carried(source, make_next_version(source.version, topic__q1="Is it done today?"))
    row = answer(later, "topic.q1", "no", seen=1)

    assert stored_line(later)[1] == Save(2, "saved", row.answered_at)


@pytest.mark.parametrize(("revision", "kept"), [("4", 4), ("x", 0), ("-1", 0)])
def test_invalid_line_keeps_the_revision_that_was_seen(revision, kept):
    assessment = make_assessment(make_version(questions=1))
    form = posted(assessment, note="\x00", revision=revision)

    line = cards.invalid(form)

    assert (line.revision, line.state, "Null characters are not allowed." in line.errors) == (kept, "invalid", True)


@pytest.mark.parametrize(
    ("current", "theirs", "note"),
    [
        ({"level": "no", "note": "Noted"}, "No", "Noted"),
        ({"note": "Only noted"}, "No answer yet", "Only noted"),
        ({"is_not_applicable": True, "justification": "No lift", "note": "Noted"}, "Not applicable", "No lift"),
    ],
)
def test_conflict_line_shows_the_stored_answer(current, theirs, note):
    assessment = make_assessment(make_version(questions=1))
    by = make_member(assessment.organisation)
    level = levels(assessment).get(current.pop("level", None))
    row = Answer(revision=5, answered_at=NOON, answered_by=by, level=level, **current)

    line = cards.answer_conflict(2, row, assessment.outline)

    assert line == Save(2, "conflict", NOON, theirs=theirs, theirs_by=str(by), theirs_note=note, theirs_revision=5)


def test_conflict_with_nothing_stored_lets_the_next_attempt_through():
    assessment = make_assessment(make_version(questions=1))
    expected = Save(0, "invalid", errors=("Not saved: there is no earlier answer to replace. Save again.",))

    assert cards.answer_conflict(7, None, assessment.outline) == expected
    assert cards.fact_conflict(7, None, assessment.outline.facts[0]) == expected


# --- facts --------------------------------------------------------------------------------------------------------


@pytest.fixture
def people():
    fact = Fact.objects.create(version=make_draft(), ref="people", kind="choices", text="Who?")
    for position, ref in enumerate(["staff", "guests"]):
        FactChoice.objects.create(fact=fact, ref=ref, position=position, label=ref.title())
    return fact


@pytest.mark.parametrize(
    ("values", "chosen"),
    [(None, []), ([], ["none-of-these"]), (["guests"], ["guests"]), (["staff", "guests"], ["staff", "guests"])],
)
def test_fact_card_of_several_values(people, values, chosen):
    card = cards.fact_card(people, FactAnswer(values=values, revision=2, answered_at=NOON))

    assert [(o.value, o.label) for o in card.options] == [
        ("staff", "Staff"),
        ("guests", "Guests"),
        ("none-of-these", "None of these"),
    ]
    assert [o.value for o in card.options if o.is_chosen] == chosen
    assert (card.is_multiple, card.save, card.prefix) == (True, Save(2, "saved", NOON), f"f{people.pk}")


def test_fact_card_of_one_value():
    fact = Fact(pk=3, ref="minors", kind="yes_no")

    unanswered, answered = (
        cards.fact_card(fact, None),
        cards.fact_card(fact, FactAnswer(values=["no"], answered_at=NOON)),
    )

    assert unanswered.options == (Option("yes", "Yes"), Option("no", "No"), Option("", "No answer yet", is_chosen=True))
    assert [o.value for o in answered.options if o.is_chosen] == ["no"]
    assert (unanswered.is_multiple, unanswered.save) == (False, Save())


def test_fact_card_with_posted_shows_what_was_chosen(people):
    card = cards.fact_card(people, FactAnswer(values=["guests"], answered_at=NOON))

    shown = cards.fact_with_posted(card, ["staff", "nonsense"], Save(1, "closed"))

    assert [o.value for o in shown.options if o.is_chosen] == ["staff"]
    assert shown.save == Save(1, "closed")


@pytest.mark.parametrize(
    ("values", "theirs"), [(None, "No answer yet"), ([], "None of these"), (["staff", "guests"], "Staff, Guests")]
)
def test_fact_conflict_names_what_is_stored(people, values, theirs):
    by = make_member(make_assessment().organisation)

    line = cards.fact_conflict(1, FactAnswer(values=values, revision=2, answered_at=NOON, answered_by=by), people)

    assert line == Save(1, "conflict", NOON, theirs=theirs, theirs_by=str(by), theirs_revision=2)


def test_invalid_fact_line_names_the_fault(people):
    form = FactForm({f"f{people.pk}-values": ["nobody"], f"f{people.pk}-revision": "3"}, fact=people)

    assert cards.invalid(form) == Save(3, "invalid", errors=("This is no choice of this fact. Choose one.",))


# --- what does not apply ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("because", "words"),
    [
        (Because.FACTS, "Your facts rule it out:"),
        (Because.DATE, "None of the provisions it rests on is in force on the as-of date."),
        (Because.INSTRUMENTS, "It rests only on instruments that this assessment leaves out."),
    ],
)
def test_reason_in_words(because, words):
    assert cards.reason(NotAsked(because)) == words
