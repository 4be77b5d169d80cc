"""A PDF that is written object by object: what is written is compressed, and of an object only its place is kept.

As pydyf writes it, but with small objects compressed a thousand at a time, and less thoroughly.
"""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from itertools import accumulate

from pydyf import Array, Dictionary

COMPRESSION = 5
PER_STREAM = 1_000  # objects compressed together: to read one of them, all are unpacked
PLACE = struct.Struct(">BIH")  # kind, and what it means by place and rest
FREE, IN_FILE, IN_STREAM = range(3)
UP = b"\x02"


class PdfFile:
    """Numbers are reserved first, for objects name each other; then each is written once, in any order."""

    def __init__(self):
        self._out = BytesIO()
        self._out.write(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")
        self._places = bytearray(PLACE.pack(FREE, 0, 65535))
        self._waiting: list[tuple[int, bytes]] = []

    def reserve(self, count: int = 1) -> int:
        """Return the first of so many numbers, one after the other."""
        first = len(self._places) // PLACE.size
        self._places += bytes(count * PLACE.size)
        return first

    def write(self, number: int, data: bytes) -> None:
        """Write any object that is not a stream."""
        self._waiting.append((number, data))
        if len(self._waiting) == PER_STREAM:
            self._write_waiting()

    def write_stream(self, number: int, dictionary: bytes, data: bytes) -> None:
        self._place(number, IN_FILE, self._out.tell())
        self._out.write(b"%d 0 obj\n%s\nstream\n" % (number, dictionary))
        self._out.write(data)
        self._out.write(b"\nendstream\nendobj\n")

    def compress(self, number: int, entries: Mapping, data: bytes) -> None:
        """Write a stream that is compressed here."""
        packed = zlib.compress(data, COMPRESSION)
        self.write_stream(number, Dictionary({**entries, "Filter": "/FlateDecode", "Length": len(packed)}).data, packed)

    def closed(self, *, root: bytes, info: bytes, identifier: bytes) -> bytes:
        """Return the whole; nothing can be written any more."""
        self._write_waiting()
        digest = hashlib.sha256(self._out.getbuffer()).hexdigest()[:32].encode()
        number, position = self.reserve(), self._out.tell()
        self._place(number, IN_FILE, position)
        entries = {"Type": "/XRef", "W": Array((1, 4, 2)), "Size": number + 1, "Root": root, "Info": info}
        entries["DecodeParms"] = Dictionary({"Predictor": 12, "Columns": PLACE.size})
        entries["ID"] = b"[<%s> <%s>]" % (identifier, digest)
        self.compress(number, entries, _differences(self._places))
        self._out.write(b"startxref\n%d\n%%%%EOF\n" % position)
        return self._out.getvalue()

    def _place(self, number: int, kind: int, place: int, rest: int = 0) -> None:
        PLACE.pack_into(self._places, number * PLACE.size, kind, place, rest)

    def _write_waiting(self) -> None:
        if not self._waiting:
            return
        stream = self.reserve()
        numbers, bodies = zip(*self._waiting, strict=True)
        starts = accumulate((len(body) + 1 for body in bodies), initial=0)
        head = b" ".join(b"%d %d" % pair for pair in zip(numbers, starts, strict=False)) + b"\n"
        for position, number in enumerate(numbers):
            self._place(number, IN_STREAM, stream, position)
        self.compress(stream, {"Type": "/ObjStm", "N": len(numbers), "First": len(head)}, head + b"\n".join(bodies))
        self._waiting = []


def _differences(places: bytes) -> bytes:
    """Each row of the table less the one before it, marked as such (PNG's "up"): packed, a twentieth of the table."""
    less = bytes((now - before) & 0xFF for now, before in zip(places, bytes(PLACE.size) + places, strict=False))
    width = PLACE.size + 1
    rows = bytearray(UP * (len(places) // PLACE.size * width))
    for column in range(PLACE.size):
        rows[column + 1 :: width] = less[column :: PLACE.size]
    return bytes(rows)
