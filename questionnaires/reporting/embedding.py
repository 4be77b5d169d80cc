"""The report's data inside its PDF, as an associated file. No Django here."""

import hashlib
import zlib
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Name, Pdf, String

FILE_NAME = "frcheck-report.json"
MOST_BYTES = 64 * 2**20  # of data: 1,000 questions with the longest notes stay below


class Damaged(ValueError):
    """It cannot be read as a PDF."""


def with_data(pdf: bytes, payload: bytes) -> bytes:
    """Return the PDF with the canonical JSON attached; the same bytes for the same input."""
    with Pdf.open(BytesIO(pdf)) as document:
        stream = document.make_stream(payload)
        stream.Type = Name.EmbeddedFile
        stream.Subtype = Name("/application/json")
        stream.Params = Dictionary(Size=len(payload), CheckSum=String(hashlib.md5(payload).digest()))
        file = document.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(FILE_NAME),
                UF=String(FILE_NAME),
                Desc=String("The data of this report as canonical JSON (RFC 8785)"),
                AFRelationship=Name.Source,
                EF=Dictionary(F=stream, UF=stream),
            )
        )
        root = document.Root
        names = root.get("/Names", Dictionary())
        names.EmbeddedFiles = Dictionary(Names=[String(FILE_NAME), file])
        root.Names = names
        root.AF = document.make_indirect(pikepdf.Array([file]))
        out = BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def data_of(pdf: bytes) -> bytes | None:
    """Return the attached data; None where there are none. Raises Damaged."""
    try:
        with Pdf.open(BytesIO(pdf)) as document:
            for file in document.Root.get("/AF", []):
                if str(file.get("/UF", "")) == FILE_NAME:
                    return _unpacked(file.EF.F)
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError, zlib.error) as e:
        raise Damaged(str(e)) from e
    return None


def _unpacked(stream: pikepdf.Stream) -> bytes:
    """At most MOST_BYTES, whatever a small file claims to unfold to."""
    if stream.get("/Filter") != Name.FlateDecode:
        return stream.read_raw_bytes()[: MOST_BYTES + 1]
    return zlib.decompressobj().decompress(stream.read_raw_bytes(), MOST_BYTES)
