"""A PAdES signature with the installation's certificate, if it has one: the last thing that is done to a PDF.

The bytes before the signature are the same for the same report; the signature holds the time at which it was made.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

FIELD = "FRCheck"


class SigningFailed(Exception):
    """The certificate cannot be used; the message is for the log."""


@dataclass(frozen=True, slots=True)
class Signature:
    """`is_intact`: the signature is good and nothing was changed or added since. Whether to trust the signer is the
    reader's to say."""

    signer: str
    is_intact: bool


def signer(path: str, password: str) -> signers.SimpleSigner:
    """Load certificate and key from a PKCS#12 file. Raises SigningFailed."""
    if not Path(path).is_file():
        raise SigningFailed(f"there is no file {path}")
    loaded = signers.SimpleSigner.load_pkcs12(path, passphrase=password.encode())
    if loaded is None:
        raise SigningFailed(f"{path} is no PKCS#12 file, or the password is wrong")
    return loaded


def signed(pdf: bytes, path: str, password: str) -> bytes:
    """Certify the PDF: any later change breaks the signature. Raises SigningFailed."""
    out = BytesIO()
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    try:
        signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer(path, password), output=out)
    except (SigningError, PdfError, ValueError) as e:
        raise SigningFailed(str(e)) from e
    return out.getvalue()


def signatures(pdf: bytes) -> list[Signature]:
    """Looks nothing up on the network. Raises ValueError where the file cannot be read."""
    try:
        return [_judged(embedded) for embedded in PdfFileReader(BytesIO(pdf), strict=False).embedded_signatures]
    except PdfError as e:
        raise ValueError(str(e)) from e


def _judged(embedded) -> Signature:
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[], allow_fetching=False))
    name = status.signing_cert.subject.human_friendly
    return Signature(name, status.intact and status.valid and status.docmdp_ok is not False)
