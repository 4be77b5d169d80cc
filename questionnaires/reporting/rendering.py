"""The making of a PDF from frozen data, in a confined process: layout with the data attached, then the signature."""

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


def _render(request: bytes) -> bytes:
    django.setup()
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
    confined.serve(_render)
