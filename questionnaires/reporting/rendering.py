"""The making of a PDF from frozen data, in a confined process: layout with the data attached, then the signature."""

import contextlib
import json

import django
from django.conf import settings

from questionnaires.reporting import confined

MODULE = "questionnaires.reporting.rendering"


def rendered(payload: str, *, language: str, digest: str, beat=lambda: True) -> bytes:
    """Return the PDF: the same bytes at every call, but for a signature. Raises ConfinedError."""
    certificate = [settings.SIGNING_PKCS12, settings.SIGNING_PASSWORD] if settings.SIGNING_PKCS12 else None
    head = json.dumps({"language": language, "digest": digest, "certificate": certificate})
    return confined.run(
        MODULE,
        f"{head}\n{payload}".encode(),
        seconds=settings.REPORT_SECONDS,
        megabytes=settings.REPORT_MEGABYTES,
        beat=beat,
    )


def keep_ready() -> None:
    """Have the process for the next report started: Django, the engine and its fonts take a second to load."""
    if not settings.REPORT_PROCESS_READY:
        return
    with contextlib.suppress(OSError):  # no room for it now: the next report starts its own
        confined.keep_ready(MODULE, seconds=settings.REPORT_SECONDS, megabytes=settings.REPORT_MEGABYTES)


def _prepare() -> None:
    django.setup()
    from django.template.loader import get_template

    from questionnaires.reporting import (
        context,  # noqa: F401 - loaded for later
        pdf,
    )

    pdf.warm()
    for name in pdf.TEMPLATES:
        get_template(name)


def _render(request: bytes) -> bytes:
    from questionnaires.reporting.context import report_context
    from questionnaires.reporting.pdf import render_pdf

    head, payload = request.split(b"\n", 1)
    asked = json.loads(head)
    certificate = asked.pop("certificate")
    pdf = render_pdf(report_context(json.loads(payload), **asked), data=payload)
    if certificate is None:
        return pdf
    from questionnaires.reporting.signing import signed  # the libraries behind it take a while to load

    return signed(pdf, *certificate)


if __name__ == "__main__":
    confined.serve(_render, prepare=_prepare)
