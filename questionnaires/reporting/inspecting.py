"""What a stranger's file says of itself, read in a confined process. No Django here.

A PDF is asked for the data attached to it and for its identifier; anything else is taken for the data themselves.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import rfc8785

from questionnaires.reporting import confined

MODULE = "questionnaires.reporting.inspecting"
SECONDS, MEGABYTES = 30, 1000
FORMAT = "frcheck-report"
IDENTIFIER = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]{32})>")


@dataclass(frozen=True, slots=True)
class Inspected:
    """Each None where the file does not say.

    `digest` is that of the data as they stand, `canonical_digest` that of the same data in canonical notation,
    `assessment` the UUID they name, `identifier` the PDF's: of one of ours, the first half of the report's digest.
    """

    is_pdf: bool
    digest: str | None = None
    canonical_digest: str | None = None
    assessment: str | None = None
    identifier: str | None = None


def inspected(content: bytes) -> Inspected:
    """Raises ConfinedError for what takes too long or too much."""
    found = confined.run(MODULE, content, seconds=SECONDS, megabytes=MEGABYTES)
    return Inspected(**json.loads(found))


def is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]


def report_data(content: bytes) -> dict[str, Any] | None:
    """The data of a report; None for anything else, and where a name stands twice: readers would differ on it."""
    try:
        data = json.loads(content, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and data.get("format") == FORMAT else None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def canonical(data: dict[str, Any]) -> bytes | None:
    try:
        return rfc8785.dumps(data)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError):
        return None


def identifier(pdf: bytes) -> str | None:
    """As the file says it, or what looks like it where the file cannot be opened."""
    import pikepdf  # the web process, which imports this module, has no need of it

    try:
        with pikepdf.Pdf.open(BytesIO(pdf)) as document:
            return bytes(document.trailer.ID[0]).hex()
    except (pikepdf.PdfError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return written_identifier(pdf)


def written_identifier(pdf: bytes) -> str | None:
    """What looks like one, without opening the file: a hint that it was ours is enough to call it altered."""
    found = IDENTIFIER.findall(pdf)
    return found[-1].decode().lower() if found else None


def _inspect(content: bytes) -> bytes:
    if not is_pdf(content):
        return json.dumps(asdict(Inspected(False, **_facts(content)))).encode()
    from questionnaires.reporting.embedding import Damaged, data_of

    try:
        payload = data_of(content)
    except Damaged:
        payload = None
    facts = {} if payload is None else _facts(payload)
    return json.dumps(asdict(Inspected(True, identifier=identifier(content), **facts))).encode()


def _facts(payload: bytes) -> dict[str, str | None]:
    data = report_data(payload)
    facts = {"digest": hashlib.sha256(payload).hexdigest()}
    if data is None:
        return facts
    written = canonical(data)
    assessment = data.get("assessment")
    uuid = assessment.get("uuid") if isinstance(assessment, dict) else None
    return facts | {
        "canonical_digest": hashlib.sha256(written).hexdigest() if written else None,
        "assessment": uuid if isinstance(uuid, str) else None,
    }


if __name__ == "__main__":
    confined.serve(_inspect)
