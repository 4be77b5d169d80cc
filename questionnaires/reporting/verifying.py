"""Whether a file, a digest or a code is of a report made here. The answer tells nothing of the report."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from questionnaires.models import Report, ReportFile
from questionnaires.reporting import confined
from questionnaires.reporting.inspecting import Inspected, inspected, is_pdf, written_identifier

CODE_LENGTH, IDENTIFIER_LENGTH, DIGEST_LENGTH = 12, 32, 64


class Verdict(StrEnum):
    GENUINE = "genuine"
    ALTERED = "altered"
    EXISTS = "exists"  # a code or digest is known, which says nothing of the document that shows it
    UNKNOWN = "unknown"


class Subject(StrEnum):
    CODE = "code"
    DIGEST = "digest"
    PDF = "pdf"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    subject: Subject


def verified_code(code: str) -> Finding:
    """`code` is the first twelve hexadecimal digits of a digest, or all sixty-four."""
    subject = Subject.DIGEST if len(code) == DIGEST_LENGTH else Subject.CODE
    return Finding(Verdict.EXISTS if _is_known(code) else Verdict.UNKNOWN, subject)


def verified_file(content: bytes) -> Finding:
    """Genuine is a PDF that is byte for byte as it was made here, or a report's data in whatever notation."""
    sha256 = hashlib.sha256(content).hexdigest()
    if ReportFile.objects.filter(sha256=sha256).exists():
        return Finding(Verdict.GENUINE, Subject.PDF)
    if _is_known(sha256):
        return Finding(Verdict.GENUINE, Subject.DATA)
    subject = Subject.PDF if is_pdf(content) else Subject.DATA
    try:
        found = inspected(content)
    except confined.ConfinedError:
        found = Inspected(is_pdf(content), identifier=written_identifier(content))
    if subject is Subject.DATA and _is_known(found.canonical_digest):
        return Finding(Verdict.GENUINE, subject)
    return Finding(Verdict.ALTERED if _claims_to_be_ours(found) else Verdict.UNKNOWN, subject)


def _claims_to_be_ours(found: Inspected) -> bool:
    """Its data are a report's, or name the assessment of one; or its identifier is that of one. None can be guessed."""
    if _is_known(found.digest) or _is_known(found.canonical_digest):
        return True
    if found.identifier and len(found.identifier) == IDENTIFIER_LENGTH and _is_known(found.identifier):
        return True
    try:
        return bool(found.assessment) and Report.objects.filter(assessment__uuid=UUID(found.assessment)).exists()
    except ValueError:
        return False


def _is_known(start: str | None) -> bool:
    """Whether a report's digest begins so; asked as a range, so that any index of the column serves."""
    return bool(start) and Report.objects.filter(digest__gte=start, digest__lt=f"{start}g").exists()
