import ctypes.util
from datetime import date

import pytest
from django.core.checks import Error, Warning
from django.db import connection

from questionnaires import checks, reading, triggers
from tests.library_files import FIRST_1, INSTRUMENT, LAW_A, VERSION, edited, line_of, write_library


def test_delivered_library_was_without_a_warning_when_it_was_written():
    _library, problems = reading.read_library(checks.LIBRARY, on=date(2026, 11, 26))

    assert problems == []


def test_delivered_library_is_valid():
    assert checks.library_is_valid(None) == []


def test_each_fault_of_the_library_is_an_error_with_its_cure_as_hint(tmp_path, monkeypatch):
    version = edited(VERSION, "minors == yes", "age == old")
    files = {LAW_A: edited(INSTRUMENT, "key: law-a/3", "key: other/3"), FIRST_1: version}
    monkeypatch.setattr(checks, "LIBRARY", write_library(tmp_path, files))

    errors = checks.library_is_valid(None)

    line = line_of(version, "ref: consent.children")
    assert errors[0] == Error(
        "library/instruments/law-a.yaml:32: The key “other/3” does not begin with “law-a/”.",
        hint="Begin it with the instrument's slug and a slash.",
        id="questionnaires.E001",
    )
    assert errors[-1] == Error(
        f"library/{FIRST_1}:{line}: applies_if of “consent.children”: unknown fact “age”; known are: minors, size.",
        hint="Correct the expression.",
        id="questionnaires.E001",
    )


def test_what_can_never_apply_is_a_warning_and_what_does_not_count_today_is_told_for_a_deployment(
    tmp_path, monkeypatch
):
    version = edited(VERSION, "minors == yes", "minors == yes and minors == no")
    law = edited(INSTRUMENT, "in_force_until: 2030-12-31", "in_force_until: 2022-12-31")
    for line in ("in_force_from: 2030-01-01", "in_force_until: 2029-12-31", "superseded_by: law-a/1"):
        law = edited(law, f"    {line}\n", "")
    monkeypatch.setattr(checks, "LIBRARY", write_library(tmp_path, {LAW_A: law, FIRST_1: version}))
    line = line_of(version, "ref: consent.children")

    always, today = checks.library_is_valid(None), checks.library_counts_today(None)

    assert always == [
        Warning(
            f"library/{FIRST_1}:{line}: “consent.children” can never apply: "
            "no answers to the facts make its applies_if hold.",
            hint="Correct the expression.",
            id="questionnaires.W002",
        )
    ]
    assert {message.msg.split(" cites ")[1] for message in today} == {
        "“law-a/1”, which ended on 2022-12-31.",
        "“law-a/2”, which ended on 2022-12-31.",
    }
    assert {message.id for message in today} == {"questionnaires.W002"}


def test_missing_font_library_is_an_error(monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)

    (error,) = checks.harfbuzz_subset_is_installed(None)

    assert (error.id, error.msg) == ("questionnaires.E002", "The library harfbuzz-subset is missing.")
    assert "libharfbuzz-subset0" in error.hint


def test_present_font_library_is_none(monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so.0")

    assert checks.harfbuzz_subset_is_installed(None) == []


@pytest.mark.django_db
def test_triggers_are_installed():
    assert checks.triggers_are_installed(None, databases=["default"]) == []


@pytest.mark.django_db
def test_lost_trigger_is_a_warning_that_names_it():
    lost = next(t for t in triggers.TRIGGERS if t.name == "answer_level_update")
    table = f" ON {lost.table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {lost.name}{table}")

    warnings = checks.triggers_are_installed(None, databases=["default"])

    assert warnings == [
        Warning(
            "Database “default” lacks triggers: answer_level_update",
            hint="A migration that rebuilds a table must end with triggers.install.",
            id="questionnaires.W001",
        )
    ]


@pytest.mark.django_db
def test_no_database_is_touched_unless_asked_for(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert checks.triggers_are_installed(None, databases=None) == []


@pytest.mark.django_db
def test_database_not_migrated_yet_lacks_nothing():
    # as when migrate runs the checks on an empty database
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'questionnaires'")
        for statement in triggers.drop_statements(connection.vendor):
            cursor.execute(statement)

    assert checks.triggers_are_installed(None, databases=["default"]) == []
