"""Fixtures for the whole suite; data comes from tests/factories.py."""

import os

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import override_settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from questionnaires import triggers
from tests.mail import mail_server

# The browser tests drive Chromium from this thread's event loop, which Django takes for an asynchronous context.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


# How long an example takes depends on what else the machine does.
hypothesis_settings.register_profile("frcheck", deadline=None)
hypothesis_settings.load_profile("frcheck")

DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items):
    """What asks for no database is the same on each. A bench has one of its own."""
    for item in items:
        asks = item.get_closest_marker("django_db") or DATABASE & set(item.fixturenames)
        if not asks and not item.get_closest_marker("bench"):
            item.add_marker(pytest.mark.once)


@pytest.fixture(scope="session", autouse=True)
def _plain_passwords_and_files(tmp_path_factory):
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    os.environ["MEDIA_ROOT"] = str(settings.MEDIA_ROOT)  # for the processes that make PDFs, as is the next
    os.environ["PDF_PARTS_ROOT"] = str(tmp_path_factory.mktemp("parts"))
    settings.REPORT_PROCESS_READY = False  # a test that needs none should not pay for one
    settings.CACHES["parts"]["LOCATION"] = tmp_path_factory.mktemp("parts")


@pytest.fixture(scope="session", autouse=True)
def _tasks_wait():
    """A task stays in the queue until a test calls `background.work_off`: nothing happens behind a test's back."""
    with override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.backend.DatabaseBackend"}}):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_past_triggers():
    """Let the flush after a transactional test empty published content, which SQLite does row by row.

    PostgreSQL truncates, and row triggers do not see that.
    """
    flush = DatabaseOperations.sql_flush

    def with_triggers_dropped(*args, **kwargs):
        statements = flush(*args, **kwargs)
        return [*triggers.drop_statements("sqlite"), *statements, *triggers.create_statements("sqlite")]

    DatabaseOperations.sql_flush = with_triggers_dropped
    yield
    DatabaseOperations.sql_flush = flush


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """A test database of SQLite is a file, as in use: the live server's threads each have their own connection."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    elif worker := os.environ.get("PYTEST_XDIST_WORKER"):
        database["TEST"]["NAME"] = f"test_{database['NAME']}_{worker}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """PostgreSQL drops no database that is in use: end what a browser's last request or a thread left connected."""
    yield
    if connection.vendor == "postgresql" and connection.settings_dict["NAME"].startswith("test_"):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _language_of_settings():
    """A request in another language leaves it active in its thread, where the next test would meet it."""
    yield
    translation.deactivate()


@pytest.fixture
def inbox(settings):
    """What a real mail server received."""
    with mail_server(settings) as inbox:
        yield inbox
