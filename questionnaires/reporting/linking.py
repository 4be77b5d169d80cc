"""Printed parts, one after the other, as one PDF: what the whole has once is made here.

That is page numbers of the whole, the catalogue, one structure tree with its parent tree, named destinations,
bookmarks, fonts, and the line at the foot of every page. Nothing is parsed, and equal parts give equal files.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import pydyf
from pydyf import Array, Dictionary, String
from weasyprint.pdf.anchors import add_outlines

from questionnaires.reporting.printing import COMPRESSION, FOOTER, PARENT, REFERENCE, FontUse, Printed, Target

MILLIMETRE = 72 / 25.4
PER_STREAM = 1_000  # objects compressed together: to read one of them, all are unpacked


class BrokenLink(ValueError):
    """A link names an anchor that no part has."""


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands at the foot of every page beside its number; font, glyph and width of each character it needs."""

    text: str
    alphabet: Mapping[str, tuple[str, int, float]]
    size: float = 7.5
    left: float = 20 * MILLIMETRE
    right: float = 190 * MILLIMETRE
    baseline: float = 14.4 * MILLIMETRE
    colour: str = "0.341176 0.396078 0.435294"


def alphabet(uses: Mapping[str, FontUse]) -> dict[str, tuple[str, int, float]]:
    """Font, glyph and width in thousandths of all that was drawn as a glyph of its own."""
    return {
        text: (key, glyph, use.widths[glyph])
        for key, use in uses.items()
        for glyph, text in use.to_unicode.items()
        if glyph in use.widths
    }


def linked(parts: Sequence[Printed], fonts: Printed, *, footer: Footer, identifier: bytes) -> bytes:
    """Return the file. The first part is the front: title, author and dates of the report are its."""
    _check_links(parts)
    book = _Book()
    book.names[b"fonts"] = book.add_part(fonts)[-1].reference
    first_pages = []
    number_of_pages = sum(len(part.pages) for part in parts)
    for part in parts:
        first = len(book.page_numbers)
        numbers = range(first + 1, first + len(part.pages) + 1)
        book.add_part(part, [_footer(footer, number, number_of_pages) for number in numbers])
        first_pages.append(first)
    book.add_structure()
    book.add_destinations(_destinations(parts, first_pages))
    add_outlines(book, _outline(parts, first_pages))
    book.info = _Written(parts[0].info)
    book.add_object(book.info)
    return book.file(identifier)


def _check_links(parts: Iterable[Printed]) -> None:
    anchors = {anchor for part in parts for anchor in part.anchors}
    if missing := sorted({link for part in parts for link in part.links} - anchors):
        raise BrokenLink(f"Nothing to link to: {', '.join(missing)}")


def _footer(footer: Footer, number: int, of: int) -> bytes:
    pages = f"{number} / {of}"
    width = sum(footer.alphabet[character][2] for character in pages) * footer.size / 1000
    lines = _line(footer, footer.left, footer.text) + _line(footer, footer.right - width, pages)
    mark = "/Artifact <</Type /Pagination /Subtype /Footer>> BDC"
    return f"{mark}\nq {footer.colour} rg\n{lines}Q\nEMC".encode()


def _line(footer: Footer, x: float, text: str) -> str:
    if not text:
        return ""
    characters = (footer.alphabet[character] for character in text)
    shown = (
        f"/{font} {footer.size} Tf <{''.join(f'{glyph:04x}' for _font, glyph, _width in run)}> Tj"
        for font, run in groupby(characters, key=lambda character: character[0])
    )
    return f"BT 1 0 0 1 {x:.2f} {footer.baseline:.2f} Tm {' '.join(shown)} ET\n"


def _destinations(parts: Sequence[Printed], first_pages: Sequence[int]) -> dict[bytes, tuple[int, float, float]]:
    """Page, x and y of every anchor, sorted as a name tree wants them; of two with one name, the first."""
    named: dict[bytes, tuple[int, float, float]] = {}
    for part, first in zip(parts, first_pages, strict=True):
        for anchor, target in part.anchors.items():
            named.setdefault(String(anchor).data, _point(target, first))
    return dict(sorted(named.items()))


def _point(target: Target, first: int) -> tuple[int, float, float]:
    return first + target.page, target.x, target.y


def _outline(parts: Sequence[Printed], first_pages: Sequence[int]) -> list[tuple]:
    """Bookmarks nested by their level, as WeasyPrint has them: title, point, children, state."""
    top: list[tuple] = []
    branch = [(0, top)]
    for part, first in zip(parts, first_pages, strict=True):
        for bookmark in part.bookmarks:
            while branch[-1][0] >= bookmark.level:
                branch.pop()
            children: list[tuple] = []
            branch[-1][1].append((bookmark.title, _point(bookmark.target, first), children, "open"))
            branch.append((bookmark.level, children))
    return top


class _Written(pydyf.Object):
    """An object as it stands in the file."""

    def __init__(self, data: bytes):
        super().__init__()
        self.written = data

    @property
    def data(self) -> bytes:
        return self.written


class _Stream(_Written):
    def __init__(self, dictionary: bytes, data: bytes):
        super().__init__(dictionary + _body(data))


class _Book(pydyf.PDF):
    """The whole file while parts are added."""

    def __init__(self):
        super().__init__()
        self.whole = Dictionary({"Type": "/StructElem", "S": "/Document", "K": Array()})
        self.add_object(self.whole)
        self.names = {b"pages": self.pages.reference, b"document": self.whole.reference}
        self.page_numbers: list[int] = []
        self.parents: list[bytes] = []
        self.headers: dict[bytes, bytes] = {}

    @property
    def page_references(self) -> list[bytes]:
        return [b"%d 0 R" % number for number in self.page_numbers]

    def add_part(self, part: Printed, footers: Sequence[bytes] = ()) -> list[pydyf.Object]:
        """Add its objects, which are numbered in the whole from now on, its pages and its share of the trees."""
        base, parents = len(self.objects), len(self.parents)

        def placed(data: bytes) -> bytes:
            return REFERENCE.sub(
                lambda match: (
                    b"%d 0 R" % (base + int(match[1])) if match[1].isdigit() else self.names.get(match[1], match[0])
                ),
                PARENT.sub(lambda match: b"%d" % (parents + int(match[1])), data),
            )

        objects = [
            _Stream(placed(data), part.streams[number]) if number in part.streams else _Written(placed(data))
            for number, data in enumerate(part.objects)
        ]
        for page, line in zip(part.pages, footers, strict=True):
            objects[page].written = objects[page].written.replace(FOOTER, b"%d 0 R" % (base + len(objects)))
            objects.append(_Stream(b"<</Length %d>>" % len(line), line))
        for object_ in objects:
            self.add_object(object_)
        self.page_numbers += (base + page for page in part.pages)
        self.whole["K"] += map(placed, part.elements)
        self.parents += map(placed, part.parents)
        self.headers |= {String(name).data: placed(header) for name, header in part.headers}
        self.catalog |= {key: placed(value) for key, value in part.catalog.items() if key not in self.catalog}
        return objects

    def add_structure(self) -> None:
        root = Dictionary({"Type": "/StructTreeRoot", "K": Array([self.whole.reference])})
        root["ParentTree"] = Dictionary({"Nums": Array(_flat(enumerate(self.parents)))})
        root["ParentTreeNextKey"] = len(self.parents)
        if self.headers:
            root["IDTree"] = Dictionary({"Names": Array(_flat(sorted(self.headers.items())))})
        self.add_object(root)
        self.whole["P"] = self.catalog["StructTreeRoot"] = root.reference

    def add_destinations(self, destinations: Mapping[bytes, tuple[int, float, float]]) -> None:
        pages = self.page_references
        named = ((name, Array((pages[page], "/XYZ", x, y, 0))) for name, (page, x, y) in destinations.items())
        self.catalog["Names"] = Dictionary({"Dests": Dictionary({"Names": Array(_flat(named))})})

    def file(self, identifier: bytes) -> bytes:
        """As pydyf writes it, but with objects compressed a thousand at a time, and less thoroughly."""
        self.pages["Kids"] = Array(self.page_references)
        self.pages["Count"] = len(self.page_numbers)
        places: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
        pieces = [b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"]
        length = len(pieces[0])

        def write(number: int, body: bytes) -> None:
            nonlocal length
            places[number] = (1, length, 0)
            pieces.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
            length += len(pieces[-1])

        small = [object_ for object_ in self.objects[1:] if not isinstance(object_, _Stream)]
        for object_ in self.objects[1:]:
            if isinstance(object_, _Stream):
                write(object_.number, object_.data)
        number = len(self.objects)
        for start in range(0, len(small), PER_STREAM):
            together = small[start : start + PER_STREAM]
            places |= {object_.number: (2, number, position) for position, object_ in enumerate(together)}
            write(number, _object_stream(together))
            number += 1
        write(number, b"")  # its own place
        pieces.pop()
        digest = hashlib.sha256(b"".join(pieces)).hexdigest()[:32].encode()
        entry = Dictionary({"Type": "/XRef", "W": Array((1, 4, 2)), "Size": number + 1})
        entry |= {"Root": self.catalog.reference, "Info": self.info.reference}
        entry["ID"] = b"[<%s> <%s>]" % (identifier, digest)
        table = b"".join(
            kind.to_bytes(1, "big") + place.to_bytes(4, "big") + rest.to_bytes(2, "big")
            for _, (kind, place, rest) in sorted(places.items())
        )
        start_of_table = places[number][1]
        pieces.append(b"%d 0 obj\n%s\nendobj\n" % (number, _packed(entry, table)))
        pieces.append(b"startxref\n%d\n%%%%EOF\n" % start_of_table)
        return b"".join(pieces)


def _flat(pairs: Iterable[tuple]) -> Iterator:
    return (value for pair in pairs for value in pair)


def _object_stream(objects: Sequence[pydyf.Object]) -> bytes:
    table, bodies, position = [], [], 0
    for object_ in objects:
        body = object_.data
        table.append(b"%d %d" % (object_.number, position))
        bodies.append(body)
        position += len(body) + 1
    head = b" ".join(table) + b"\n"
    entry = Dictionary({"Type": "/ObjStm", "N": len(objects), "First": len(head)})
    return _packed(entry, head + b"\n".join(bodies))


def _packed(dictionary: Dictionary, data: bytes) -> bytes:
    packed = zlib.compress(data, COMPRESSION)
    return Dictionary(dictionary | {"Filter": "/FlateDecode", "Length": len(packed)}).data + _body(packed)


def _body(data: bytes) -> bytes:
    return b"\nstream\n" + data + b"\nendstream"
