"""A report's PDF: asked for by anybody, made once in each language by a background task, then kept."""

import hashlib
import logging

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from questionnaires.models import Rendering, Report, ReportFile
from questionnaires.models.renderings import Failure
from questionnaires.reporting import confined
from questionnaires.reporting.rendering import keep_ready, rendered

logger = logging.getLogger(__name__)


def ask_for(report: Report, language: str) -> Rendering | None:
    """See to it that the PDF is being made; None where it is kept already.

    Whoever asks first queues it. Whoever asks later finds it queued, or takes it back from a worker that died.
    """
    rendering = Rendering.objects.filter(report=report, language=language).first()
    if rendering is None:
        return _queue_first(report, language)
    if Rendering.objects.stalled().filter(pk=rendering.pk).exists():
        _queue_again(rendering)
        rendering.refresh_from_db()
    return rendering


def _queue_first(report: Report, language: str) -> Rendering | None:
    if report.files.kept().filter(language=language).exists():
        return None
    with transaction.atomic():
        rendering, is_first = Rendering.objects.get_or_create(report=report, language=language)
        if is_first:
            make.enqueue(rendering.pk)
    return rendering


def _queue_again(rendering: Rendering) -> None:
    with transaction.atomic():
        if rendering.take_back():
            make.enqueue(rendering.pk)


def try_again(rendering: Rendering) -> None:
    """Begin anew what was given up."""
    with transaction.atomic():
        if rendering.try_again():
            make.enqueue(rendering.pk)


def mark_lost(pk: int) -> None:
    """The storage has that file no longer; it is made again when somebody asks."""
    lost = ReportFile.objects.filter(pk=pk, lost_at__isnull=True)
    if lost.update(lost_at=timezone.now()):
        logger.error("File %d of a report is missing from the storage.", pk)


@task
def make(rendering_pk: int) -> None:
    """Make one PDF and keep it, unless somebody else does or did; look after what dead workers left, too."""
    for stalled in Rendering.objects.stalled().exclude(pk=rendering_pk):
        _queue_again(stalled)
    rendering = Rendering.objects.select_related("report").filter(pk=rendering_pk).first()
    if rendering is None or not rendering.take():
        return
    report = rendering.report
    try:
        pdf = rendered(report.payload, language=rendering.language, digest=report.digest, beat=rendering.renew)
    except confined.Interrupted:
        return
    except confined.ConfinedError as e:
        logger.warning("Report %s in %s, attempt %d: %s", report.uuid, rendering.language, rendering.attempts, e)
        _let_go(rendering, _failure(e))
    else:
        _keep(rendering, pdf)
        keep_ready()


def _failure(error: confined.ConfinedError) -> Failure:
    match error:
        case confined.OutOfTime():
            return Failure.TIME
        case confined.OutOfMemory():
            return Failure.MEMORY
    return Failure.FAULT


def _let_go(rendering: Rendering, failure: Failure) -> None:
    with transaction.atomic():
        if rendering.let_go(failure):
            make.enqueue(rendering.pk)


def _keep(rendering: Rendering, pdf: bytes) -> None:
    """The row comes after the whole file, so nobody meets half a file."""
    made = ReportFile(
        report=rendering.report,
        language=rendering.language,
        sha256=hashlib.sha256(pdf).hexdigest(),
        size=len(pdf),
    )
    made.file.save("", ContentFile(pdf), save=False)
    with transaction.atomic():
        if rendering.finish():
            made.save(force_insert=True)
