"""Each trigger is broken on the database at hand, and shown to be the one that refuses."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from questionnaires import triggers
from questionnaires.models import (
    Answer,
    AnswerChange,
    AnswerLevel,
    AnswerScale,
    Assessment,
    Citation,
    Contradiction,
    Duty,
    DutyCitation,
    Edit,
    Fact,
    FactAnswer,
    FactChoice,
    Question,
    QuestionSet,
    Section,
    Version,
    editing,
)
from questionnaires.triggers import PREFIX, TRIGGERS
from tests import factories

pytestmark = pytest.mark.django_db

CHOSEN = Assessment.instruments.through
MODELS = {
    model._meta.db_table: model for model in apps.get_app_config("questionnaires").get_models(include_auto_created=True)
}


@dataclass
class World:
    """A published version with an assessment that is submitted, superseded and open; its draft; and other parts."""

    published: Version
    draft: Version
    submitted: Assessment
    superseded: Assessment
    open: Assessment
    elsewhere: Question
    other_fact: Fact
    other_level: AnswerLevel
    other_instrument: models.Model


@pytest.fixture
def world():
    draft = factories.make_draft()
    asked = factories.make_question(factories.make_section(draft, "first"), "topic.asked")
    spare_scale = AnswerScale.objects.create(version=draft, ref="spare", **factories.both(title="Spare"))
    AnswerLevel.objects.create(scale=spare_scale, ref="good", outcome="met", score=1, **factories.both(label="Good"))
    factories.make_duty(draft)
    factories.make_contradiction(draft)
    editing.change(asked, {"severity": "low"}, by=None, seen=1)
    published = factories.publish(draft)
    copy = published.start_draft()
    editing.change(copy, {"weight_low": 2}, by=None, seen=1)
    other = factories.make_draft()
    elsewhere = factories.make_question(factories.make_section(other), "topic.elsewhere")
    open_one = factories.make_assessment(published)
    closing, superseded = factories.make_assessment(published), factories.make_assessment(published)
    for assessment in (open_one, closing, superseded):
        factories.answer(assessment, asked.ref)
        factories.state_fact(assessment, "minors", "no")
    closing.submit(by=closing.created_by)
    update(superseded, superseded_at=timezone.now(), superseded_by=superseded.created_by)
    return World(
        published=published,
        draft=copy,
        submitted=closing,
        superseded=superseded,
        open=open_one,
        elsewhere=elsewhere,
        other_fact=other.facts.get(ref="size"),
        other_level=published.scales.get(ref="spare").levels.get(),
        other_instrument=factories.make_instrument(),
    )


def part_of(version, model):
    """The last of the version's rows of that model: what nothing else points at where there is one."""
    path = {
        AnswerLevel: "scale__version",
        FactChoice: "fact__version",
        Citation: "question__version",
        DutyCitation: "duty__version",
        Version: "pk",
    }.get(model, "version")
    return model.objects.filter(**{path: version.pk}).order_by("pk").last()


def insert(row, **changes):
    row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)
    type(row)._base_manager.bulk_create([row])


def update(row, **changes):
    type(row)._base_manager.filter(pk=row.pk).update(**changes)


def delete(row):
    # One DELETE, past Django's own look at what is protected.
    type(row)._base_manager.filter(pk=row.pk)._raw_delete(using="default")


def change_published_part(trigger, world):
    model = MODELS[trigger.table]
    row = part_of(world.published, model)
    match trigger.event:
        case "INSERT" if model in (Citation, DutyCitation):
            insert(row, provision=factories.make_provision())
        case "INSERT":
            insert(row, ref="new")
        case "UPDATE":
            update(row, position=9)
        case "DELETE":
            delete(row)


def change_published_version(trigger, world):
    if trigger.event == "UPDATE":
        update(world.published, weight_high=1)
    else:
        delete(world.published)


def change_part_of_closed(trigger, world):
    model = MODELS[trigger.table]
    row = model.objects.filter(assessment=getattr(world, trigger.rule)).last()
    match trigger.event:
        case "INSERT" if model is CHOSEN:
            insert(row, instrument=world.other_instrument)
        case "INSERT" if model is FactAnswer:
            insert(row, fact=world.published.facts.get(ref="size"))
        case "INSERT" if model is AnswerChange:
            insert(row, revision=7)
        case "INSERT":
            delete_past_triggers(row, trigger.rule)
            insert(row)
        case "UPDATE" if model is CHOSEN:
            update(row, instrument=world.other_instrument)
        case "UPDATE":
            update(row, revision=7)
        case "DELETE":
            delete(row)


def delete_past_triggers(row, rule):
    """Make room for an answer to the only question."""
    table = row._meta.db_table
    name = next(t.name for t in TRIGGERS if (t.table, t.event, t.rule) == (table, "DELETE", rule))
    with without(name):
        delete(row)


def change_closed_assessment(trigger, world):
    closed = getattr(world, trigger.rule)
    if trigger.event == "UPDATE":
        update(closed, as_of=date(2020, 1, 1))
    else:
        delete(closed)


def change_report(trigger, world):
    if trigger.event == "UPDATE":
        update(world.submitted.report, payload="{}")
    else:
        delete(world.submitted.report)


def change_history(trigger, world):
    update(world.open.answer_changes.get(), note="never said")


def change_history_of_edits(trigger, world):
    update(Edit.objects.get(version=world.draft), new="never said")


def remove_history_of_a_published_version(trigger, world):
    delete(Edit.objects.get(version=world.published))


def answer_question_of_another_version(trigger, world):
    row = MODELS[trigger.table].objects.get(assessment=world.open)
    if trigger.event == "INSERT":
        insert(row, question=world.elsewhere, level=None)
    else:
        update(row, question=world.elsewhere, level=None)


def answer_with_level_of_another_question(trigger, world):
    row = MODELS[trigger.table].objects.get(assessment=world.open)
    if trigger.event == "UPDATE":
        update(row, level=world.other_level)
    else:
        if trigger.table == Answer._meta.db_table:
            delete(row)
        insert(row, level=world.other_level, revision=7)


def state_fact_of_another_version(trigger, world):
    row = world.open.fact_answers.get()
    if trigger.event == "INSERT":
        insert(row, fact=world.other_fact)
    else:
        update(row, fact=world.other_fact)


def move_question_to_section_of_another_version(trigger, world):
    row = part_of(world.draft, Question)
    if trigger.event == "INSERT":
        insert(row, ref="new", section=world.elsewhere.section)
    else:
        update(row, section=world.elsewhere.section)


def plan_for_a_series_of_nobody(trigger, world):
    if trigger.event == "INSERT":
        insert(factories.make_action(world.open), uuid=uuid4(), series=uuid4())
    else:
        update(factories.make_action(world.open), series=uuid4())


def give_an_action_to_a_stranger(trigger, world):
    stranger = factories.make_user()
    if trigger.event == "INSERT":
        insert(factories.make_action(world.open), uuid=uuid4(), owner=stranger)
    else:
        update(factories.make_action(world.open), owner=stranger)


def publish_without_review(trigger, world):
    QuestionSet.objects.filter(pk=world.draft.question_set_id).update(requires_review=True)
    if trigger.event == "INSERT":
        insert(world.draft, number=99, published_at=timezone.now())
    else:
        update(world.draft, published_at=timezone.now())


BREAKERS = {
    "series": plan_for_a_series_of_nobody,
    "owner": give_an_action_to_a_stranger,
    "published": change_published_part,
    "submitted": change_part_of_closed,
    "superseded": change_part_of_closed,
    "frozen": change_report,
    "history": change_history,
    "question": answer_question_of_another_version,
    "level": answer_with_level_of_another_question,
    "fact": state_fact_of_another_version,
    "reviewed": publish_without_review,
    "version": move_question_to_section_of_another_version,
    (PREFIX + "edit", "history"): change_history_of_edits,
    (PREFIX + "edit", "published"): remove_history_of_a_published_version,
    (PREFIX + "version", "published"): change_published_version,
    (PREFIX + "assessment", "submitted"): change_closed_assessment,
    (PREFIX + "assessment", "superseded"): change_closed_assessment,
}


def break_rule(trigger, world):
    breaker = BREAKERS.get((trigger.table, trigger.rule)) or BREAKERS[trigger.rule]
    with transaction.atomic():
        breaker(trigger, world)
        # What the missing trigger let pass may offend a deferred foreign key.
        transaction.set_rollback(True)


@contextmanager
def without(*names):
    """Drop triggers for as long as the block runs; when it fails, the transaction is lost anyway."""
    run_for(names, triggers.drop_statements(connection.vendor))
    yield
    run_for(names, triggers.create_statements(connection.vendor))


def run_for(names, statements):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # constraints that wait for the commit forbid DDL
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for trigger, statement in zip(TRIGGERS, statements, strict=True):
            if trigger.name in names:
                cursor.execute(statement)


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.name)
def test_trigger_refuses_and_is_the_one_that_does(trigger, world):
    others = [t.name for t in TRIGGERS if t != trigger]

    with pytest.raises(IntegrityError):
        break_rule(trigger, world)
    with without(*others):
        with pytest.raises(IntegrityError, match=trigger.message):
            break_rule(trigger, world)
        with without(trigger.name):
            break_rule(trigger, world)


@pytest.mark.parametrize(
    "table",
    [
        "section",
        "answerscale",
        "fact",
        "question",
        "answerlevel",
        "factchoice",
        "citation",
        "duty",
        "dutycitation",
        "contradiction",
    ],
)
def test_part_of_a_draft_cannot_move_into_a_published_version(table, world):
    model = MODELS[PREFIX + table]
    parents = {
        "answerlevel": ["scale"],
        "factchoice": ["fact"],
        "citation": ["question"],
        "dutycitation": ["duty"],
        "question": ["version", "section", "scale"],
    }
    target = part_of(world.published, model)
    moved = {parent: getattr(target, parent) for parent in parents.get(table, ["version"])}

    with pytest.raises(IntegrityError, match="published version cannot be changed"), transaction.atomic():
        update(part_of(world.draft, model), position=9, **moved)


@pytest.mark.parametrize("table", ["answer", "factanswer", "answerchange", "assessment_instruments"])
def test_answer_cannot_move_into_a_submitted_assessment(table, world):
    row = MODELS[PREFIX + table].objects.filter(assessment=world.open).first()

    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        update(row, assessment=world.submitted)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 99},
        {"published_at": None},
        {"published_at": datetime(2026, 3, 1, tzinfo=UTC)},
        {"source_digest": "0"},
        {"weight_critical": 9},
        {"weight_medium": 9},
        {"weight_low": 9},
    ],
    ids=str,
)
def test_published_version_keeps_every_column_that_counts(change, world):
    with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
        update(world.published, **change)


def test_published_version_may_retire(world):
    update(world.published, retired_at=timezone.now())

    assert Version.objects.get(pk=world.published.pk).retired_at is not None


def test_retirement_is_for_good(world):
    update(world.published, retired_at=timezone.now())

    with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
        update(world.published, retired_at=None)


@pytest.mark.parametrize("model", [Question, AnswerLevel, FactChoice, Citation, DutyCitation, Contradiction])
def test_version_in_review_takes_no_edits_until_it_is_withdrawn(model, world):
    world.draft.submit_for_review(by=world.open.created_by)
    row = part_of(world.draft, model)

    for change in (lambda: update(row, position=9), lambda: delete(row), lambda: update(world.draft, weight_high=1)):
        with pytest.raises(IntegrityError, match="in review"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="in review"), transaction.atomic():
        world.draft.delete()
    world.draft.withdraw()
    update(row, position=9)
    update(world.draft, weight_high=1)

    row.refresh_from_db()
    assert row.position == 9


def test_set_that_asks_for_review_later_keeps_what_is_published(world):
    QuestionSet.objects.update(requires_review=True)

    update(world.published, retired_at=timezone.now())

    assert Version.objects.get(pk=world.published.pk).is_published


def test_submitted_assessment_cannot_be_opened_again(world):
    with pytest.raises(IntegrityError, match="submitted assessment"), transaction.atomic():
        update(world.submitted, submitted_at=None, submitted_by=None)


def test_raw_sql_is_refused_as_well(world):
    with (
        pytest.raises(IntegrityError, match="submitted assessment"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE questionnaires_answer SET note = 'x' WHERE assessment_id = %s", [world.submitted.pk])


def test_bulk_update_is_refused_as_well(world):
    questions = list(world.published.questions.all())
    for question in questions:
        question.position += 1

    with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
        Question.objects.bulk_update(questions, ["position"])


def _version_models():
    """Every model whose rows belong to a version, however far below it, but for what is said about it from outside."""
    from_outside = {"assessment", "edit", "pendingimport"}
    found, above = [], [Version]
    while above:
        model = above.pop()
        for relation in model._meta.related_objects:
            below = relation.related_model
            if relation.on_delete is models.CASCADE and below._meta.model_name not in {*from_outside, *found}:
                found.append(below._meta.model_name)
                above.append(below)
    return sorted(found)


def test_every_table_of_a_version_is_guarded():
    guarded = {t.table for t in TRIGGERS if t.rule == "published"} - {PREFIX + "version", PREFIX + "edit"}

    assert {PREFIX + name for name in _version_models()} == guarded


@pytest.mark.parametrize("name", _version_models())
def test_published_part_resists_update_bulk_and_raw_sql(name, world):
    model = MODELS[PREFIX + name]
    row = part_of(world.published, model)
    whole = model._base_manager.filter(pk=row.pk)
    before = whole.values().get()
    copy = part_of(world.published, model)
    copy.pk, copy.position = None, 99
    if hasattr(copy, "provision_id"):
        copy.provision = factories.make_provision()
    else:
        copy.ref = "new"

    def raw(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement, [row.pk])

    def bulk_update():
        row.position = 99
        model._base_manager.bulk_update([row], ["position"])

    attempts = {
        "update": lambda: whole.update(position=99),
        "bulk_update": bulk_update,
        "bulk_create": lambda: model._base_manager.bulk_create([copy]),
        "save": lambda: copy.save(force_insert=True),
        "raw update": lambda: raw(f"UPDATE {model._meta.db_table} SET position = 99 WHERE id = %s"),
        "raw delete": lambda: raw(f"DELETE FROM {model._meta.db_table} WHERE id = %s"),
        "bulk delete": lambda: whole._raw_delete(using="default"),
    }
    for attempt in attempts.values():
        with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
            attempt()

    assert whole.values().get() == before


def test_cascade_from_a_published_version_is_refused(world):
    unanswered = factories.make_version()

    with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
        unanswered.delete()

    assert unanswered.questions.count() == 3


def test_cascade_from_a_submitted_assessment_is_refused(world):
    with without("report_frozen_delete"):
        world.submitted.report.figures.all().delete()
        delete(world.submitted.report)

    with pytest.raises(IntegrityError, match="submitted assessment"), transaction.atomic():
        world.submitted.delete()

    assert world.submitted.answers.count() == 1


def test_draft_and_open_assessment_may_be_changed_and_deleted(world):
    parts = (DutyCitation, Duty, Contradiction, Citation, Question, FactChoice, Fact, AnswerLevel, Section)
    for model in parts:
        part_of(world.draft, model).delete()
    update(world.open.answers.get(), note="changed")
    world.open.delete()
    world.draft.delete()

    assert not Assessment.objects.filter(pk=world.open.pk).exists()
    assert not Version.objects.filter(pk=world.draft.pk).exists()


def test_missing_names_the_dropped_ones_in_order():
    with without("report_frozen_delete", "section_published_insert"):
        assert triggers.missing(connection) == ["section_published_insert", "report_frozen_delete"]

    assert triggers.missing(connection) == []


def test_install_puts_back_and_remove_takes_away():
    editor = connection.schema_editor()

    triggers.remove(None, editor)
    removed = triggers.missing(connection)
    triggers.install(None, editor)
    triggers.install(None, editor)  # over what is there

    assert removed == [trigger.name for trigger in TRIGGERS]
    assert triggers.missing(connection) == []


def migrate_to(*targets):
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())
    connection.check_constraints()


@pytest.mark.large
@pytest.mark.django_db(transaction=True)
def test_migrating_back_and_on_keeps_the_triggers_of_every_table_there_is():
    tables = {trigger.table for trigger in TRIGGERS}
    try:
        migrate_to(triggers.MIGRATION)
        tables_then = tables & set(connection.introspection.table_names())
        missing_then = triggers.missing(connection)
        triggers.install(None, connection.schema_editor())  # again, over what is there
        missing_again = triggers.missing(connection)
    finally:
        migrate_to()

    made_later = ("duty", "dutycitation", "contradiction", "action", "edit")
    assert tables - tables_then == {PREFIX + name for name in made_later}
    assert (missing_then, missing_again, triggers.missing(connection)) == ([], [], [])


def test_names_are_unique_and_within_the_limit_of_postgresql():
    names = [trigger.name for trigger in TRIGGERS]

    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 63
