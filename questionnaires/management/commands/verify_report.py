"""Check a report's PDF or JSON: against itself, and against this installation where its database is at hand."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from questionnaires.models import Report
from questionnaires.reporting.rechecking import Check, rechecked
from questionnaires.reporting.verifying import Verdict, verified_file

MARKS = {True: "ok", False: "DIFFERS", None: "unknown"}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("file", help="a report's PDF, or its data as JSON")
        parser.add_argument("--json", action="store_true", help="print what was found as JSON")

    def handle(self, *, file, **options):
        try:
            content = Path(file).read_bytes()
        except OSError as e:
            raise CommandError(f"{file} cannot be read: {e.strerror}", returncode=2) from e
        digest, checks = rechecked(content)
        checks.append(against_database(content))
        agrees = all(check.agrees is not False for check in checks)
        if options["json"]:
            found = {"digest": digest, "agrees": agrees, "checks": [asdict(check) for check in checks]}
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
        else:
            self.print_out(digest, checks)
        if not agrees:
            sys.exit(1)

    def print_out(self, digest: str | None, checks: list[Check]) -> None:
        if digest:
            self.stdout.write(f"digest      {digest}")
        for check in checks:
            self.stdout.write(f"{check.name:11} {MARKS[check.agrees]}: {check.detail}")


def against_database(content: bytes) -> Check:
    try:
        if Report._meta.db_table not in connection.introspection.table_names():
            return Check("database", None, "not at hand; what is said above holds without it")
        verdict = verified_file(content).verdict
    except DatabaseError as e:
        return Check("database", None, f"not at hand ({str(e).strip()}); what is said above holds without it")
    match verdict:
        case Verdict.GENUINE:
            return Check("database", True, "made by this installation, and not altered")
        case Verdict.ALTERED:
            return Check("database", False, "based on a report of this installation, but altered")
    return Check("database", None, "not made by this installation")
