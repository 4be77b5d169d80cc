"""The report's data inside its PDF, as an associated file, which `linking` attaches. No Django here."""

import zlib
from io import BytesIO

FILE_NAME = "frcheck-report.json"
DESCRIPTION = "The data of this report as canonical JSON (RFC 8785)"
MOST_BYTES = 64 * 2**20  # of data: 1,000 questions with the longest notes stay below


class Damaged(ValueError):
    """It cannot be read as a PDF."""


def data_of(pdf: bytes) -> bytes | None:
    """Return the attached data; None where there are none. Raises Damaged."""
    import pikepdf  # the process that attaches them has no need of it

    try:
        with pikepdf.Pdf.open(BytesIO(pdf)) as document:
            for file in document.Root.get("/AF", []):
                if str(file.get("/UF", "")) == FILE_NAME:
                    return _unpacked(file.EF.F)
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError, zlib.error) as e:
        raise Damaged(str(e)) from e
    return None


def _unpacked(stream) -> bytes:
    """At most MOST_BYTES, whatever a small file claims to unfold to."""
    if stream.get("/Filter") != "/FlateDecode":
        return stream.read_raw_bytes()[: MOST_BYTES + 1]
    return zlib.decompressobj().decompress(stream.read_raw_bytes(), MOST_BYTES)
