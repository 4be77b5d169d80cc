"""`manage.py verify_report`: what agrees in a report's file, with and without a database."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from questionnaires.models.freezing import canonical
from tests.factories import make_submitted
from tests.reporting.contents import make_mixed, submitted_report
from tests.views.test_verifying import small_pdf

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return submitted_report(make_mixed())


def verified(path, content):
    """Exit status and, by name, whether each check agrees."""
    path.write_bytes(content)
    out = StringIO()
    try:
        call_command("verify_report", str(path), json=True, stdout=out)
        status = 0
    except SystemExit as e:
        status = e.code
    found = json.loads(out.getvalue())
    return status, {check["name"]: check["agrees"] for check in found["checks"]}


def with_another_score(report):
    content = report.content
    for section in content["sections"]:
        for question in section["questions"]:
            if question["ref"] == "consent.asked":
                question["answer"] |= {"score": "1", "outcome": "met"}
    return canonical(content)


def test_data_of_a_report_agree(report, tmp_path):
    status, checks = verified(tmp_path / "x", report.payload.encode())

    assert (status, checks) == (0, {"notation": True, "result": True, "database": True})


def test_pdf_that_is_not_ours_byte_for_byte_agrees_with_itself_only(report, tmp_path):
    status, checks = verified(tmp_path / "x", small_pdf(report.payload.encode(), report.digest[:32]))

    assert (status, checks["database"]) == (1, False)
    assert {name for name, agrees in checks.items() if agrees} == {"data", "identifier", "notation", "result"}


def test_answer_changed_in_the_data_is_found_by_computing_the_result_again(report, tmp_path):
    altered = with_another_score(report)

    assert verified(tmp_path / "x", altered) == (1, {"notation": True, "result": False, "database": False})
    status, checks = verified(tmp_path / "x", small_pdf(altered, report.digest[:32]))
    assert (status, checks["identifier"], checks["result"]) == (1, False, False)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 broken", b"{}", b'{"format": "frcheck-report"}', b"\xff"])
def test_what_is_no_report_is_told(tmp_path, content):
    status, checks = verified(tmp_path / "x", content)

    assert (status, checks["database"]) == (1, None)
    assert False in checks.values()


def test_numbers_of_other_rules_and_other_notation_are_told(report, tmp_path):
    content = report.content
    content["result"]["scoring_version"] = 0

    _status, checks = verified(tmp_path / "x", json.dumps(content).encode())

    assert (checks["notation"], checks["result"]) == (False, None)


def test_report_of_another_installation_agrees_without_being_known(tmp_path):
    report = make_submitted().report
    payload = json.loads(report.payload)
    payload["assessment"]["uuid"] = "00000000-0000-4000-8000-000000000000"

    status, checks = verified(tmp_path / "x", canonical(payload))

    assert (status, checks) == (0, {"notation": True, "result": True, "database": None})


def test_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match=r"nowhere\.pdf cannot be read: No such file"):
        call_command("verify_report", "nowhere.pdf")


@pytest.mark.parametrize("url", ["sqlite:///{}/none.sqlite3", "postgres://nobody@127.0.0.1:1/none"])
def test_works_without_a_database(report, tmp_path, url):
    file = tmp_path / "x.json"
    file.write_text(report.payload, encoding="utf-8")
    environ = os.environ | {"DATABASE_URL": url.format(tmp_path)}

    run = subprocess.run(
        [sys.executable, "manage.py", "verify_report", str(file)], cwd=ROOT, env=environ, capture_output=True, text=True
    )

    lines = run.stdout.splitlines()
    assert (run.returncode, lines[0]) == (0, f"digest      {report.digest}")
    assert lines[1].startswith("notation    ok")
    assert lines[3].startswith("database    unknown: not at hand")
