"""Work in the background without a worker beside the web server.

The queue is a table either way (django-tasks-db). Here a thread of the process that enqueued a task works the queue
off and ends with it; `manage.py db_worker` does the same as a process of its own, on any machine. A task that was cut
off with its process stays in the table as running: what must be done is made so that it can be asked for again.
"""

import logging
import threading

from django.db import connections, transaction
from django.utils.crypto import get_random_string
from django_tasks_db.backend import DatabaseBackend

logger = logging.getLogger(__name__)


class InProcessBackend(DatabaseBackend):
    def enqueue(self, task, args, kwargs):
        result = super().enqueue(task, args, kwargs)
        transaction.on_commit(WORKER.wake)
        return result


class QueueThread:
    """At most one thread, there only while there is work."""

    def __init__(self):
        self._lock = threading.Lock()
        self._thread = threading.Thread()
        self._is_running = self._is_awaited = False

    def wake(self) -> None:
        with self._lock:
            self._is_awaited = True
            if not self._is_running:
                self._is_running = True
                self._thread = threading.Thread(target=self._run, name="tasks", daemon=True)
                self._thread.start()

    def join(self) -> None:
        """Wait until the queue is worked off."""
        if self._thread.ident:
            self._thread.join()

    def _run(self) -> None:
        try:
            while self._is_still_awaited():
                try:
                    work_off()
                except Exception:
                    logger.exception("The queue could not be worked off; the next task tries again.")
        finally:
            connections.close_all()

    def _is_still_awaited(self) -> bool:
        """Under one lock with `wake`, so that a task enqueued at the last moment is not overlooked."""
        with self._lock:
            self._is_running, self._is_awaited = self._is_awaited, False
            return self._is_running


WORKER = QueueThread()


def work_off() -> None:
    """Do every task that is ready, one after another."""
    from django_tasks_db.management.commands.db_worker import Worker  # it looks at the models, which load later

    Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
    ).run()
