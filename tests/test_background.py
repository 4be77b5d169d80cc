"""Tasks in the process that asks for them: done after the commit, in a thread that ends with its work."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from frcheck.background import WORKER

pytestmark = pytest.mark.django_db(transaction=True)
done = []


@task
def note(word):
    done.append((word, threading.current_thread().name))
    if word == "more":
        note.enqueue("last")
    if word == "bad":
        raise ValueError(word)


@pytest.fixture(autouse=True)
def _in_process(settings):
    settings.TASKS = {"default": {"BACKEND": "frcheck.background.InProcessBackend"}}
    done.clear()
    yield
    WORKER.join()


def test_tasks_are_done_in_a_thread_once_they_are_committed():
    with transaction.atomic():
        note.enqueue("first")
        note.enqueue("more")
        assert done == []
    WORKER.join()

    assert done == [("first", "tasks"), ("more", "tasks"), ("last", "tasks")]
    assert not [thread for thread in threading.enumerate() if thread.name == "tasks"]


def test_task_that_fails_or_is_for_later_holds_up_no_other():
    note.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("later")
    with transaction.atomic():
        note.enqueue("bad")
        note.enqueue("good")
    WORKER.join()

    assert [word for word, _thread in done] == ["bad", "good"]
    assert set(DBTaskResult.objects.values_list("status", "args_kwargs__args__0")) == {
        (TaskResultStatus.READY, "later"),
        (TaskResultStatus.FAILED, "bad"),
        (TaskResultStatus.SUCCESSFUL, "good"),
    }
