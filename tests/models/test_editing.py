"""Content changes in one way only, and its history says who did what, from which value to which."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import override

from questionnaires.models import (
    AnswerLevel,
    Citation,
    Edit,
    FactChoice,
    Question,
    QuestionSet,
    Section,
    Version,
    editing,
)
from questionnaires.models.edits import KINDS, columns_of
from tests.factories import (
    both,
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def question():
    return make_question(make_section(make_draft(), "first"), "topic.q1")


def history(**conditions):
    return [(e.action, e.kind, e.ref, e.field, e.old, e.new) for e in Edit.objects.filter(**conditions)]


def order(section):
    return list(section.questions.order_by("position", "pk").values_list("ref", flat=True))


def snapshot(version):
    """Every row of a version with every column that can be edited, by kind and primary key; null is empty."""
    return {
        (name, row.pop("pk")): {column: "" if value is None else value for column, value in row.items()}
        for name, kind in KINDS.items()
        if kind.version
        for row in kind.rows.filter(**{kind.version: version.pk}).values("pk", *columns_of(kind.model))
    }


def test_change_of_one_field_is_stored_with_its_history(question):
    editor = make_user()

    edits = editing.change(question, {"text_en": "Is it so?", "severity": "high"}, by=editor, seen=1)

    stored = Question.objects.get(pk=question.pk)
    assert (stored.text_en, stored.revision, question.revision) == ("Is it so?", 2, 2)
    assert history() == [("change", "question", "topic.q1", "text_en", "Is topic.q1 done?", "Is it so?")]
    edit = Edit.objects.get()
    assert (edit.version, edit.within, edit.by, edit.revision, [edit]) == (question.version, "first", editor, 2, edits)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bare_column_holds_english_whatever_language_is_in_use(question, language):
    with override(language):
        editing.change(question, {"text_en": "English", "text_zh_hans": "中文"}, by=None, seen=1)
        added = editing.add(Section(version=question.version, ref="new", position=None, **both(title="New")), by=None)

    bare = KINDS["question"].rows.values_list("text", "text_en", "text_zh_hans").get()
    assert bare == ("English", "English", "中文")
    assert KINDS["section"].rows.values_list("title", "position").get(pk=added.pk) == ("New", 1)


def test_saving_one_field_takes_three_statements_whatever_the_size(question, django_assert_num_queries):
    for _number in range(30):
        make_question(question.section, provisions=[])

    with django_assert_num_queries(5):  # savepoint, read, write, history, release
        editing.change(question, {"why_en": "Because it matters."}, by=None, seen=1)


def test_what_differs_not_is_no_edit(question):
    edits = editing.change(question, {"severity": "high", "group_zh_hans": None}, by=None, seen=1)

    assert (edits, history(), Question.objects.get().revision) == ([], [], 1)


def test_older_revision_of_the_same_field_is_stale_and_writes_nothing(question):
    colleague = make_user()
    mine = Question.objects.get()
    editing.change(question, {"text_en": "Theirs"}, by=colleague, seen=1)

    with pytest.raises(editing.Stale) as stale:
        editing.change(mine, {"text_en": "Mine", "why_en": "Mine"}, by=None, seen=1)

    assert (stale.value.current.text_en, [e.by for e in stale.value.edits]) == ("Theirs", [colleague])
    stored = Question.objects.get()
    assert (stored.text_en, stored.why_en, stored.revision) == ("Theirs", "Because.", 2)


def test_two_people_on_two_fields_of_one_question_do_not_disturb_each_other(question):
    translators = Question.objects.get()
    editing.change(question, {"text_en": "Reworded"}, by=None, seen=1)

    editing.change(translators, {"text_zh_hans": "改写"}, by=None, seen=1)

    stored = Question.objects.get()
    assert (stored.text_en, stored.text_zh_hans, stored.revision, translators.revision) == ("Reworded", "改写", 3, 3)


def test_removed_meanwhile_is_stale_without_a_current_row(question):
    editing.remove(Question.objects.get(), by=None, seen=1)

    for attempt in (
        lambda: editing.change(question, {"text_en": "x"}, by=None, seen=1),
        lambda: editing.remove(question, by=None, seen=1),
        lambda: editing.move(question, by=None),
    ):
        with pytest.raises(editing.Stale) as stale:
            attempt()
        assert stale.value.current is None


def test_changed_meanwhile_is_not_removed(question):
    editing.change(Question.objects.get(), {"text_en": "Theirs"}, by=None, seen=1)

    with pytest.raises(editing.Stale):
        editing.remove(question, by=None, seen=1)

    assert Question.objects.count() == 1


@pytest.mark.parametrize("name", ["text", "pk", "revision", "nothing"])
def test_what_is_no_column_is_named(question, name):
    with pytest.raises(ValueError, match=f"question has no column {name}"):
        editing.change(question, {name: "x"}, by=None, seen=1)


def test_removal_records_everything_that_goes_with_it(question):
    other = make_question(question.section, "topic.q2", provisions=[])
    pks = (question.pk, other.pk, question.section.pk)

    editing.remove(question.section, by=None, seen=1)

    assert Section.objects.count() == Question.objects.count() == Citation.objects.count() == 0
    assert [(e.action, e.kind) for e in Edit.objects.all()] == [
        ("remove", kind) for kind in ("citation", "question", "question", "section")
    ]
    assert tuple(e.part_id for e in Edit.objects.exclude(kind="citation")) == pks
    assert len(set(Edit.objects.values_list("batch"))) == 1


def test_what_others_rest_on_is_not_removed(question):
    with pytest.raises(RestrictedError):
        editing.remove(question.scale, by=None)
    with pytest.raises(ProtectedError):
        editing.remove(question.provisions.get(), by=None)

    assert history() == []


def test_move_within_and_between_sections(question):
    first, second = question.section, make_section(question.version, "second")
    others = [make_question(first, f"topic.q{n}", provisions=[]) for n in (2, 3)]
    there = make_question(second, "topic.q4", provisions=[])

    editing.move(others[1], by=None, before=question)
    editing.move(question, by=None, before=there, parent=second)
    editing.move(there, by=None)  # where it is

    assert (order(first), order(second)) == (["topic.q3", "topic.q2"], ["topic.q1", "topic.q4"])
    assert [(e.ref, e.field) for e in Edit.objects.all()] == [("topic.q3", "section"), ("topic.q1", "section")]
    assert Edit.objects.last().old == {"parent": first.pk, "order": [others[1].pk, question.pk, others[0].pk]}
    assert Edit.objects.last().new == {"parent": second.pk, "order": [question.pk, there.pk]}
    assert set(Question.objects.values_list("revision", flat=True)) == {1}


def test_move_before_what_is_elsewhere_is_stale(question):
    elsewhere = make_question(make_section(question.version))

    with pytest.raises(editing.Stale):
        editing.move(question, by=None, before=elsewhere)


def test_reorder_takes_all_siblings(question):
    others = [make_question(question.section, f"topic.q{n}", provisions=[]) for n in (2, 3)]

    editing.reorder([others[1], question, others[0]], by=None)
    with pytest.raises(editing.Stale):
        editing.reorder(others, by=None)

    assert order(question.section) == ["topic.q3", "topic.q1", "topic.q2"]
    assert [e.ref for e in Edit.objects.all()] == ["topic.q3"]


@pytest.mark.parametrize("make", [make_question, make_duty])
def test_citations_become_what_is_asked_in_one_step(make):
    draft = make_draft()
    part = make(
        make_section(draft) if make is make_question else draft, provisions=[make_provision() for _ in range(3)]
    )
    first, second, third = (citation.provision for citation in part.citations.all())
    new = make_provision()

    editing.set_citations(part, [third, new.pk, first], by=None, seen=[first.pk, second.pk, third.pk])
    with pytest.raises(editing.Stale):
        editing.set_citations(part, [], by=None, seen=[first.pk, second.pk, third.pk])

    assert [c.provision for c in part.citations.order_by("position")] == [third, new, first]
    assert [e.action for e in Edit.objects.all()] == ["remove", "add", "move"]
    assert [(e.within, len({e.batch})) for e in Edit.objects.all()] == [(part.ref, 1)] * 3


def test_every_step_undone_from_the_newest_leaves_the_draft_as_it_was(question):
    draft, editor = question.version, make_user()
    duty, contradiction = make_duty(draft), make_contradiction(draft)
    second, scale = make_section(draft, "second"), draft.scales.get()
    before = snapshot(draft)
    batch = editing.new_batch("Import")

    editing.change(draft, {"weight_low": "0.5"}, by=editor, seen=1, batch=batch)
    editing.change(duty, {"rhythm": "on", "day": date(2026, 5, 1), "count": None, "unit": ""}, by=editor, seen=1)
    editing.change(contradiction, {"text_zh_hans": ""}, by=editor, seen=1, batch=batch)
    editing.move(question, by=editor, parent=second)
    level = AnswerLevel(scale=scale, ref="most", outcome="met", score="0.8", position=None, **both(label="Mostly"))
    editing.add(level, by=editor)
    editing.change(level, {"score": Decimal("0.9")}, by=editor, seen=1)
    editing.reorder(list(scale.levels.order_by("-position")), by=editor)
    editing.set_citations(question, [make_provision(), question.provisions.get()], by=editor)
    editing.remove(draft.facts.get(ref="size"), by=editor)
    editing.remove(second, by=editor)
    made = list(Edit.objects.order_by("-pk"))
    assert FactChoice.objects.count() == Question.objects.count() == 0
    editing.undo(made, by=editor, batch=editing.new_batch("Revert"))

    assert snapshot(draft) == before
    assert set(Edit.objects.filter(pk__gt=made[0].pk).values_list("note", flat=True)) == {"Revert"}
    assert Edit.objects.filter(batch=batch.id).count() == 2


def test_undoing_an_edit_of_what_is_gone_is_stale(question):
    [edit] = editing.change(question, {"text_en": "x"}, by=None, seen=1)
    editing.remove(question, by=None)

    with pytest.raises(editing.Stale):
        editing.undo([edit], by=None)


def test_nothing_of_a_published_version_is_edited(question):
    level = question.scale.levels.first()
    publish(question.version)

    for attempt in (
        lambda: editing.change(question, {"text_en": "x"}, by=None, seen=1),
        lambda: editing.change(level, {"label_en": "x"}, by=None, seen=1),
        lambda: editing.change(question.version, {"weight_low": 3}, by=None, seen=1),
        lambda: editing.add(Section(version=question.version, ref="x", **both(title="x")), by=None),
        lambda: editing.add(AnswerLevel(scale=question.scale, ref="x", outcome="met", score=1), by=None),
        lambda: editing.remove(question.citations.get(), by=None),
        lambda: editing.remove(question.version, by=None),
        lambda: editing.set_citations(question, [], by=None),
    ):
        with pytest.raises(Version.Published):
            attempt()
    assert history() == []


def test_taken_ref_is_refused_by_the_database(question):
    make_question(question.section, "topic.q2")

    with pytest.raises(IntegrityError):
        editing.change(question, {"ref": "topic.q2"}, by=None, seen=1)

    assert history() == []


def test_history_of_instruments_and_sets_is_kept_under_them():
    instrument, provision = make_instrument("law"), make_provision(make_instrument("code"))
    question_set = QuestionSet.objects.create(slug="set", **both(title="Set", description="All"))

    editing.change(instrument, {"in_force_until": "2030-01-01"}, by=None, seen=1)
    editing.change(provision, {"verification": "section"}, by=None, seen=1)
    editing.change(question_set, {"title_zh_hans": "集"}, by=None, seen=1)

    assert history(instrument=instrument) == [("change", "instrument", "law", "in_force_until", None, "2030-01-01")]
    assert history(instrument=provision.instrument, within="code") == [
        ("change", "provision", provision.key, "verification", "verified", "section")
    ]
    assert history(question_set=question_set) == [("change", "questionset", "set", "title_zh_hans", "Set中文", "集")]


def test_removed_draft_and_instrument_leave_a_line(question):
    draft = question.version
    editing.change(question, {"text_en": "x"}, by=None, seen=1)
    instrument = editing.add(make_instrument_unsaved(), by=None)

    editing.remove(draft, by=None)
    editing.remove(instrument, by=None)

    assert Version.objects.count() == 0
    assert [(e.action, e.kind, e.ref, e.version_id, e.instrument_id) for e in Edit.objects.all()] == [
        ("remove", "version", "1", None, None),
        ("remove", "instrument", "unsaved", None, None),
    ]
    assert Edit.objects.first().question_set == draft.question_set


def make_instrument_unsaved():
    instrument = make_instrument("unsaved")
    type(instrument).objects.filter(pk=instrument.pk).delete()
    instrument.pk = None
    return instrument
