"""A report's PDF as it is asked for, made, kept, lost and made again. The rendering is real, in its own process."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pypdf import PdfReader

from frcheck import background
from questionnaires.models import Rendering, ReportFile
from questionnaires.models.renderings import MOST_ATTEMPTS
from questionnaires.reporting import confined
from questionnaires.reporting import rendering as rendering_module
from questionnaires.reporting.context import code
from questionnaires.reporting.files import ask_for, mark_lost, try_again
from tests.factories import keep_pdf, make_submitted, make_version
from tests.tasks import work_off

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def report(db):
    return make_submitted(make_version(questions=1), level="no").report


@pytest.fixture
def committed_report(transactional_db):
    return make_submitted(make_version(questions=1), level="no").report


def stored_names(report):
    """What lies in the storage for the report, finished or not."""
    try:
        return storages["reports"].listdir(f"reports/{report.uuid}")[1]
    except FileNotFoundError:
        return []


def expire(rendering):
    """As if its worker had not shown itself for a minute."""
    Rendering.objects.filter(pk=rendering.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def at_once(act, times):
    """Call it in so many threads, each on its own connection, all starting together."""
    ready, results = threading.Barrier(times), []

    def one():
        try:
            ready.wait(20)
            results.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def test_pdf_is_made_by_the_task_and_kept_with_its_data_and_its_hash(report):
    assert ask_for(report, "en").attempts == 0
    work_off()

    kept = ReportFile.objects.get()
    with kept.file.open("rb") as file:
        body = file.read()
    reader = PdfReader(BytesIO(body))
    assert (kept.report, kept.language, kept.size, kept.lost_at) == (report, "en", len(body), None)
    assert kept.sha256 == hashlib.sha256(body).hexdigest()
    assert stored_names(report) == [Path(kept.file.name).name] == [f"en-{kept.sha256[:16]}.pdf"]
    assert reader.attachments == {"frcheck-report.json": [report.payload.encode()]}
    marked = f"{code(report.digest)} · SHA-256 {report.digest}"
    assert [marked in page.extract_text() for page in reader.pages] == [True] * len(reader.pages)
    (file,) = reader.trailer["/Root"]["/AF"]
    assert file.get_object()["/AFRelationship"] == "/Source"
    assert (ask_for(report, "en"), Rendering.objects.count()) == (None, 0)


def test_worker_has_the_process_for_its_next_report_ready_and_the_bytes_are_the_same(report, settings):
    settings.REPORT_PROCESS_READY = True
    ask_for(report, "en")
    work_off()
    first = ReportFile.objects.get()
    [(module, _seconds, _megabytes), waiting] = next(iter(confined._ready.items()))
    assert (module, waiting.process.poll()) == (rendering_module.MODULE, None)
    mark_lost(first.pk)
    settings.REPORT_PROCESS_READY = False

    ask_for(report, "en")
    work_off()

    again = ReportFile.objects.kept().get()
    assert (again.pk != first.pk, again.sha256) == (True, first.sha256)
    assert (waiting.process.returncode, confined._ready) == (0, {})


def test_several_people_at_once_and_several_workers_cause_one_rendering(committed_report):
    asked = at_once(lambda: ask_for(committed_report, "en").pk, 4)
    at_once(background.work_off, 2)

    assert (len(asked), len(set(asked)), DBTaskResult.objects.count()) == (4, 1, 1)
    assert (ReportFile.objects.count(), len(stored_names(committed_report))) == (1, 1)


def test_one_of_several_workers_takes_a_rendering(committed_report):
    rendering = ask_for(committed_report, "en")

    taken = at_once(lambda: Rendering.objects.get(pk=rendering.pk).take(), 4)

    rendering.refresh_from_db()
    assert (sorted(taken), rendering.attempts) == ([False, False, False, True], 1)


def database_url():
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    where = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    return f"postgres://{where}/{database['NAME']}"


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
    return found


def test_worker_killed_half_way_leaves_nothing_and_the_rendering_is_taken_up_again(committed_report):
    rendering = ask_for(committed_report, "en")
    environ = os.environ | {"DATABASE_URL": database_url(), "MEDIA_ROOT": str(django_settings.MEDIA_ROOT)}
    environ |= {"TASKS_IN_PROCESS": "0"}
    command = [sys.executable, "manage.py", "db_worker", "--no-startup-delay", "--no-reload"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: Rendering.objects.filter(claimed_until__isnull=False).exists())
        engines = wait_for(lambda: children_of(worker.pid))
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in engines))
    assert (stored_names(committed_report), ReportFile.objects.count()) == ([], 0)
    assert (ask_for(committed_report, "en").attempts, DBTaskResult.objects.count()) == (1, 1)  # its lease still holds
    expire(rendering)
    assert (ask_for(committed_report, "en").claim, DBTaskResult.objects.count()) == (None, 2)
    work_off()
    assert (ReportFile.objects.count(), len(stored_names(committed_report))) == (1, 1)


def test_rendering_that_a_dead_worker_left_is_taken_up_beside_another(report):
    left = ask_for(report, "en")
    assert left.take()
    DBTaskResult.objects.all().delete()  # its task died with it
    expire(left)
    kept = keep_pdf(report.assessment, "both")
    mark_lost(kept.pk)

    ask_for(report, "both")
    work_off()

    assert sorted(ReportFile.objects.kept().values_list("language", flat=True)) == ["both", "en"]
    assert ReportFile.objects.filter(lost_at__isnull=False).get() == kept


def test_worker_that_lost_its_claim_keeps_nothing(report):
    slow = ask_for(report, "en")
    assert slow.take()
    expire(slow)
    other = Rendering.objects.get()
    assert other.take()

    assert (slow.renew(), slow.finish(), other.renew(), other.attempts) == (False, False, True, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rendering.objects.update(claim=None)


@pytest.mark.parametrize(
    ("limit", "failure"), [({"REPORT_SECONDS": 0.2}, "time"), ({"REPORT_MEGABYTES": 150}, "memory")]
)
def test_rendering_beyond_its_limits_is_tried_so_often_and_given_up_until_somebody_asks_again(
    report, settings, limit, failure
):
    for name, value in limit.items():
        setattr(settings, name, value)
    rendering = ask_for(report, "en")
    work_off()

    rendering.refresh_from_db()
    assert (rendering.attempts, rendering.failure, DBTaskResult.objects.count()) == (MOST_ATTEMPTS, failure, 3)
    assert (ask_for(report, "en"), stored_names(report), ReportFile.objects.count()) == (rendering, [], 0)
    try_again(rendering)
    try_again(rendering)
    rendering.refresh_from_db()
    assert (rendering.attempts, rendering.failure, DBTaskResult.objects.count()) == (0, "", 4)


def test_rendering_whose_workers_keep_dying_is_given_up(report):
    rendering = ask_for(report, "en")
    for _ in range(MOST_ATTEMPTS):
        assert rendering.failure == ""
        assert rendering.take()
        expire(rendering)
        rendering = ask_for(report, "en")

    assert (rendering.failure, rendering.take()) == ("worker", False)


def test_same_report_gives_the_same_bytes_in_another_process_zone_and_order(report, monkeypatch, tmp_path):
    from questionnaires.reporting.rendering import rendered

    made = set()
    for seed, zone in [("1", "Asia/Shanghai"), ("2", "America/New_York")]:
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("TIME_ZONE", zone)
        monkeypatch.setenv("PDF_PARTS_ROOT", str(tmp_path / seed))  # nothing kept from the first
        made.add(rendered(report.payload, language="both", digest=report.digest))

    assert len(made) == 1


def test_file_that_cannot_be_written_whole_is_not_there():
    class Broken(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"%PDF"
            raise OSError("disk full")

    storage = storages["reports"]
    with pytest.raises(OSError, match="disk full"):
        storage.save("half.pdf", Broken(b"%PDF-1.7"))
    assert not storage.exists("half.pdf")

    assert storage.save("half.pdf", ContentFile(b"whole")) == storage.save("half.pdf", ContentFile(b"whole"))
    assert [name for name in storage.listdir(".")[1] if name.startswith("half")] == ["half.pdf"]
