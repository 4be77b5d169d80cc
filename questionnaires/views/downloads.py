"""Sending a stored file: whole, in part, or not again (RFC 9110, sections 13 and 14)."""

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from django.core.files import File
from django.core.files.storage import Storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def download(
    request: HttpRequest, storage: Storage, file: str, *, name: str, size: int, sha256: str
) -> HttpResponse | FileResponse:
    """Answer GET or HEAD; the hash of a file that never changes is its strong ETag.

    Raises FileNotFoundError where the storage has it no longer; nothing is read where the headers say it all.
    """
    etag = quote_etag(sha256)
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = _body(request, partial(storage.open, file, "rb"), size, etag)
        answer["Content-Type"] = "application/pdf"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _body(request: HttpRequest, opened: Callable[[], File], size: int, etag: str) -> HttpResponse | FileResponse:
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(size)})
    part = _part(request, size, etag)
    if part is None:
        answer = FileResponse(opened())
        answer["Content-Length"] = str(size)
        return answer
    if not part:
        refused = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        return HttpResponse(status=refused, headers={"Content-Range": f"bytes */{size}"})
    with opened() as file:
        file.seek(part.start)
        return HttpResponse(
            file.read(len(part)),
            status=HTTPStatus.PARTIAL_CONTENT,
            headers={"Content-Range": f"bytes {part.start}-{part[-1]}/{size}"},
        )


def _part(request: HttpRequest, size: int, etag: str) -> range | None:
    """The bytes asked for, perhaps none; None for the whole file, as for what need not be understood."""
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if first and last and int(first) > int(last):
        return None
    if first:
        return range(int(first), min(int(last) + 1, size) if last else size)
    return range(max(size - int(last), 0), size) if last else None
