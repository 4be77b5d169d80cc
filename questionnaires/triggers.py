"""Rules of the database that a constraint cannot say, for PostgreSQL and SQLite.

A published version or one in review, a closed assessment, a report and the history of answers refuse change, whoever
asks; and an answer belongs to the version of its assessment. A violation is an IntegrityError on both databases.

SQLite loses a table's triggers when a migration rebuilds that table (AddField does), and rebuilds none that another
table's trigger names: it begins with `migrations.RunPython(triggers.remove, triggers.install)` and ends with
`migrations.RunPython(triggers.install, triggers.remove)`. `manage.py check --database default` names what is missing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

MIGRATION = ("questionnaires", "0002_refuse_changes_to_what_is_closed")  # the one that first installs them
PREFIX = "questionnaires_"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Refuses `event` on `table` where `condition` holds for the row (NEW, or OLD on delete).

    `lock` names, as table and id, the row whose state decides: PostgreSQL holds it in share mode until the end of the
    transaction, so that publishing or submitting waits for writers under way. SQLite has one writer anyway.
    `column`, as table and name, is one that the condition asks for and that an early migration does not have yet.
    """

    table: str
    event: str
    rule: str
    condition: str
    message: str
    lock: tuple[str, str] | None = None
    column: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        return f"{self.table.removeprefix(PREFIX)}_{self.rule}_{self.event.lower()}"

    @property
    def sqlite(self) -> str:
        condition = self.condition.replace(" IS DISTINCT FROM ", " IS NOT ")  # SQLite below 3.39
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    @property
    def postgresql(self) -> str:
        row = "OLD" if self.event == "DELETE" else "NEW"
        hold = f"PERFORM 1 FROM {self.lock[0]} WHERE id = {self.lock[1]} FOR SHARE; " if self.lock else ""
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {hold}"
            f"IF {self.condition} THEN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {row}; END $$; "
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )


def _triggers(*, with_review: bool) -> Iterator[Trigger]:
    yield from _closed_version(with_review=with_review)
    yield from _submitted_assessment()
    yield from _superseded_assessment()
    yield from _belonging()
    yield from _action()


def _per_row(
    table: str,
    rule: str,
    condition: str,
    message: str,
    lock: tuple[str, str],
    column: tuple[str, str] | None = None,
) -> Iterator[Trigger]:
    """Three triggers from one condition over {row}; an update is judged by the row it leaves and the row it makes."""
    for event in ("INSERT", "UPDATE", "DELETE"):
        rows = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}[event]
        whole = " OR ".join(f"({condition.format(row=row)})" for row in rows)
        yield Trigger(table, event, rule, whole, message, (lock[0], lock[1].format(row=rows[0])), column)


_PUBLISHED = "EXISTS (SELECT 1 FROM questionnaires_version v WHERE v.id = {version} AND v.published_at IS NOT NULL)"
_TAKES_NO_EDITS = (
    "EXISTS (SELECT 1 FROM questionnaires_version v WHERE v.id = {version} "
    "AND (v.published_at IS NOT NULL OR v.submitted_for_review_at IS NOT NULL))"
)
_CLOSED = "EXISTS (SELECT 1 FROM questionnaires_assessment a WHERE a.id = {{row}}.assessment_id AND a.{at} IS NOT NULL)"
_OF_ASSESSMENT = ("answer", "answerchange", "factanswer", "assessment_instruments")


def _closed_version(*, with_review: bool) -> Iterator[Trigger]:
    message = "a version in review or a published version cannot be changed"
    direct = "{row}.version_id"
    parents = {
        "section": direct,
        "answerscale": direct,
        "fact": direct,
        "question": direct,
        "duty": direct,
        "contradiction": direct,
        "answerlevel": "(SELECT version_id FROM questionnaires_answerscale WHERE id = {row}.scale_id)",
        "factchoice": "(SELECT version_id FROM questionnaires_fact WHERE id = {row}.fact_id)",
        "citation": "(SELECT version_id FROM questionnaires_question WHERE id = {row}.question_id)",
        "dutycitation": "(SELECT version_id FROM questionnaires_duty WHERE id = {row}.duty_id)",
    }
    for table, version in parents.items():
        condition = (_TAKES_NO_EDITS if with_review else _PUBLISHED).format(version=version)
        yield from _per_row(PREFIX + table, "published", condition, message, ("questionnaires_version", version))
    edited = _PUBLISHED.format(version="OLD.version_id")
    yield Trigger(PREFIX + "edit", "DELETE", "published", edited, message, ("questionnaires_version", "OLD.version_id"))
    said = ("question_set_id", "number", "source_digest")
    said += ("weight_critical", "weight_high", "weight_medium", "weight_low")
    steps = ("published_at", "published_by_id")
    closed = ["OLD.published_at IS NOT NULL"]
    retired = ["retired_at"]
    if with_review:
        steps += ("submitted_for_review_at", "submitted_for_review_by_id", "approved_at", "approved_by_id")
        steps += ("returned_at", "returned_by_id", "return_comment")
        closed += ["OLD.submitted_for_review_at IS NOT NULL"]
        retired += ["retired_by_id"]
        yield from _reviewed_version()
    is_closed = f"({' OR '.join(closed)})"
    condition = (
        f"((OLD.published_at IS NOT NULL AND ({_changed(*said, *steps)})) OR ({is_closed} AND ({_changed(*said)})) "
        f"OR (OLD.retired_at IS NOT NULL AND ({_changed(*retired)})))"
    )
    yield Trigger("questionnaires_version", "UPDATE", "published", condition, message)
    yield Trigger("questionnaires_version", "DELETE", "published", is_closed, message)


def _reviewed_version() -> Iterator[Trigger]:
    """What comes from the library's files was reviewed there."""
    message = "this question set asks for a review before publication"
    condition = (
        "NEW.published_at IS NOT NULL AND NEW.approved_at IS NULL AND NEW.source_digest = '' AND "
        "EXISTS (SELECT 1 FROM questionnaires_questionset s WHERE s.id = NEW.question_set_id AND s.requires_review)"
    )
    yield Trigger("questionnaires_version", "INSERT", "reviewed", f"({condition})", message)
    # What is published already stays so when its set asks for review later.
    condition = f"(OLD.published_at IS NULL AND {condition})"
    yield Trigger("questionnaires_version", "UPDATE", "reviewed", condition, message)


def _changed(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def _submitted_assessment() -> Iterator[Trigger]:
    message = "a submitted assessment cannot be changed"
    lock = ("questionnaires_assessment", "{row}.assessment_id")
    for table in _OF_ASSESSMENT:
        yield from _per_row(PREFIX + table, "submitted", _CLOSED.format(at="submitted_at"), message, lock)
    for event in ("UPDATE", "DELETE"):
        yield Trigger("questionnaires_assessment", event, "submitted", "OLD.submitted_at IS NOT NULL", message)
        yield Trigger("questionnaires_report", event, "frozen", "1 = 1", "a report cannot be changed")
    message = "the history of answers cannot be changed"
    yield Trigger("questionnaires_answerchange", "UPDATE", "history", "1 = 1", message)
    yield Trigger("questionnaires_edit", "UPDATE", "history", "1 = 1", "the history of edits cannot be changed")


def _superseded_assessment() -> Iterator[Trigger]:
    message = "a superseded assessment cannot be changed"
    lock, column = ("questionnaires_assessment", "{row}.assessment_id"), ("questionnaires_assessment", "superseded_at")
    for table in _OF_ASSESSMENT:
        yield from _per_row(PREFIX + table, "superseded", _CLOSED.format(at="superseded_at"), message, lock, column)
    for event in ("UPDATE", "DELETE"):
        condition = "OLD.superseded_at IS NOT NULL"
        yield Trigger("questionnaires_assessment", event, "superseded", condition, message, column=column)


def _belonging() -> Iterator[Trigger]:
    answer = (
        "NOT EXISTS (SELECT 1 FROM questionnaires_question q JOIN questionnaires_assessment a "
        "ON a.version_id = q.version_id WHERE q.id = NEW.question_id AND a.id = NEW.assessment_id)"
    )
    level = (
        "NEW.level_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM questionnaires_answerlevel l "
        "JOIN questionnaires_question q ON q.scale_id = l.scale_id "
        "WHERE l.id = NEW.level_id AND q.id = NEW.question_id)"
    )
    fact = (
        "NOT EXISTS (SELECT 1 FROM questionnaires_fact f JOIN questionnaires_assessment a "
        "ON a.version_id = f.version_id WHERE f.id = NEW.fact_id AND a.id = NEW.assessment_id)"
    )
    section = (
        "NOT EXISTS "
        "(SELECT 1 FROM questionnaires_section s WHERE s.id = NEW.section_id AND s.version_id = NEW.version_id) "
        "OR NOT EXISTS "
        "(SELECT 1 FROM questionnaires_answerscale s WHERE s.id = NEW.scale_id AND s.version_id = NEW.version_id)"
    )
    for event in ("INSERT", "UPDATE"):
        for table in ("answer", "answerchange"):
            yield Trigger(PREFIX + table, event, "question", answer, "the question belongs to another version")
            yield Trigger(PREFIX + table, event, "level", level, "the level belongs to another question")
        yield Trigger(PREFIX + "factanswer", event, "fact", fact, "the fact belongs to another version")
        yield Trigger(PREFIX + "question", event, "version", section, "section or scale belongs to another version")


def _action() -> Iterator[Trigger]:
    table = PREFIX + "action"
    series = (
        "NOT EXISTS (SELECT 1 FROM questionnaires_assessment a "
        "WHERE a.series = NEW.series AND a.organisation_id = NEW.organisation_id)"
    )
    owner = (
        "NEW.owner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts_membership m "
        "WHERE m.user_id = NEW.owner_id AND m.organisation_id = NEW.organisation_id)"
    )
    message = "the owner is no member of the organisation"
    for event in ("INSERT", "UPDATE"):
        yield Trigger(table, event, "series", series, "the series belongs to another organisation")
    yield Trigger(table, "INSERT", "owner", owner, message)
    # Who has left since stays named; only a new owner must be a member.
    yield Trigger(table, "UPDATE", "owner", f"OLD.owner_id IS DISTINCT FROM NEW.owner_id AND {owner}", message)


TRIGGERS = tuple(_triggers(with_review=True))
_BEFORE_REVIEW = tuple(_triggers(with_review=False))  # as long as versions have no columns for it


def create_statements(vendor: str, triggers: Iterable[Trigger] = TRIGGERS) -> list[str]:
    return [trigger.sqlite if vendor == "sqlite" else trigger.postgresql for trigger in triggers]


def drop_statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {trigger.name}" for trigger in TRIGGERS]
    # A function takes its trigger with it.
    return [f"DROP FUNCTION IF EXISTS {trigger.name}() CASCADE" for trigger in TRIGGERS]


def _possible(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Those whose tables and columns are there: early migrations have not all of them yet."""
    tables = set(connection.introspection.table_names())
    review = (PREFIX + "version", "submitted_for_review_at")
    asked = {table for table, _column in (review, *(t.column for t in TRIGGERS if t.column)) if table in tables}
    with connection.cursor() as cursor:
        columns = {
            (table, column.name)
            for table in asked
            for column in connection.introspection.get_table_description(cursor, table)
        }
    known = TRIGGERS if review in columns else _BEFORE_REVIEW
    return [t for t in known if t.table in tables and (t.column is None or t.column in columns)]


def install(_apps, schema_editor) -> None:
    """Create every trigger anew; what was there before is dropped. A migration operation."""
    connection = schema_editor.connection
    for statement in drop_statements(connection.vendor) + create_statements(connection.vendor, _possible(connection)):
        schema_editor.execute(statement)


def remove(_apps, schema_editor) -> None:
    for statement in drop_statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that the database lacks."""
    queries = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    return [trigger.name for trigger in _possible(connection) if trigger.name not in present]
