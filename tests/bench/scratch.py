"""A database of a bench's own: a temporary SQLite file or, where DATABASE_URL names PostgreSQL, one beside that."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
from django.core.management import call_command

IS_TINY = sys.argv[1:] == ["tiny"]  # one quick run, to see that a bench works


@contextmanager
def scratch_database(*, migrated: bool = True) -> Iterator[str]:
    """Point Django at an empty database and set it up; yield its URL and remove it afterwards."""
    given = os.environ.get("DATABASE_URL", "")
    os.environ["FRCHECK_DEV"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    if given.startswith("postgres"):
        with _on_postgres(given) as url:
            yield from _prepared(url, "PostgreSQL", migrated)
    else:
        with tempfile.TemporaryDirectory(prefix="frcheck-bench-") as folder:
            yield from _prepared(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", "a SQLite file", migrated)


def _prepared(url: str, what: str, migrated: bool) -> Iterator[str]:
    from django.db import connections

    os.environ["DATABASE_URL"] = url
    print(f"database: {what}, made for this run ({urlsplit(url).path.rpartition('/')[2]})", flush=True)
    django.setup()
    try:
        if migrated:
            call_command("migrate", verbosity=0)
        yield url
    finally:
        connections.close_all()


@contextmanager
def _on_postgres(url: str) -> Iterator[str]:
    name = f"frcheck_bench_{os.getpid()}"
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
