"""The queue of background tasks, worked off inside a test's own transaction."""

from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult


def work_off():
    """As frcheck.background.work_off, which closes the connection that the test's transaction lives on."""
    worker = Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="test",
    )
    while task := DBTaskResult.objects.ready().first():
        task.claim(worker.worker_id)
        worker.run_task(task)
