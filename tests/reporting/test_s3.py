"""Reports in an S3-compatible bucket, set up from the environment alone: a real server, and a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.factories import make_submitted, make_version
from tests.reporting.test_files import database_url

ROOT = Path(__file__).resolve().parent.parent.parent

JOURNEY = """
import json, sys
import boto3, django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from frcheck.background import work_off
from questionnaires.models import Report, ReportFile
from questionnaires.reporting.files import ask_for

setup_test_environment()
bucket = boto3.resource("s3").create_bucket(Bucket="reports")
report = Report.objects.get()
client = Client()
client.force_login(report.assessment.created_by)
ask_for(report, "en")
work_off()
url = f"/assessments/{report.assessment.uuid}/report/en.pdf"
kept = ReportFile.objects.get()
whole = client.get(url).getvalue()
part = client.get(url, headers={"range": "bytes=10-19"})
head = client.head(url)
names = [item.key for item in bucket.objects.all()]
bucket.objects.all().delete()
gone = client.get(url)
json.dump({
    "names": names, "name": kept.file.name, "is_whole": len(whole) == kept.size and whole[:5] == b"%PDF-",
    "part": part.status_code, "is_part": part.content == whole[10:20],
    "length": int(head["Content-Length"]) - len(whole),
    "gone": gone.status_code, "is_lost": ReportFile.objects.get().lost_at is not None,
}, sys.stdout)
"""


@pytest.fixture
def s3_server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert server.poll() is None
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait()


def environment(**more):
    return os.environ | {"DJANGO_SETTINGS_MODULE": "frcheck.settings", "TASKS_IN_PROCESS": "0"} | more


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_report_is_kept_in_a_bucket_and_served_from_it(s3_server):
    make_submitted(make_version(questions=1))
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
    keys |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": s3_server}
    environ = environment(DATABASE_URL=database_url(), STORAGE_URL="s3://reports/frcheck", **keys)

    run = subprocess.run([sys.executable, "-c", JOURNEY], cwd=ROOT, env=environ, capture_output=True, text=True)

    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    name = found.pop("name")
    assert found == {
        "names": [f"frcheck/{name}"],
        "is_whole": True,
        "part": 206,
        "is_part": True,
        "length": 0,
        "gone": 302,
        "is_lost": True,
    }


@pytest.mark.parametrize("url", ["reports", "https://example.org/reports", "s3:///folder"])
def test_storage_that_is_none_fails_at_start(url):
    script = "import django; django.setup()"

    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(STORAGE_URL=url), capture_output=True, text=True
    )

    assert f"STORAGE_URL={url} is not of the form s3://bucket/folder" in run.stderr
