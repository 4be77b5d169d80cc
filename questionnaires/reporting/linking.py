"""Printed parts, one after the other, as one PDF: what the whole has once is made here.

That is page numbers of the whole, the catalogue, one structure tree with its parent tree, named destinations,
bookmarks, fonts, and the line at the foot of every page. Nothing is parsed, and equal parts give equal files.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import pydyf
from pydyf import Array, Dictionary, String
from weasyprint.pdf.anchors import add_outlines

from questionnaires.reporting.embedding import DESCRIPTION, FILE_NAME
from questionnaires.reporting.pdf_file import PdfFile
from questionnaires.reporting.printing import FOOTER, MARK, PARENT, Body, FontUse, Printed, Target

MILLIMETRE = 72 / 25.4
BETWEEN = b"\xfd"  # as the marks, a byte that no object has


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


def linked(
    parts: Sequence[Printed], fonts: Body, *, footer: Footer, identifier: bytes, data: bytes | None = None
) -> bytes:
    """Return the file. The first part is the front: title, author and dates of the report are its.

    Parts are unpacked one after the other, each forgotten before the next. `data`, if any, is attached.
    """
    _check_links(parts)
    book = _Book(fonts)
    number_of_pages = sum(part.number_of_pages for part in parts)
    first_pages = list(accumulate((part.number_of_pages for part in parts), initial=0))[:-1]
    for part, first in zip(parts, first_pages, strict=True):
        numbers = range(first + 1, first + part.number_of_pages + 1)
        book.add_part(part.body(), [_footer(footer, number, number_of_pages) for number in numbers])
    book.add_structure()
    book.add_destinations(_destinations(parts, first_pages))
    add_outlines(book, _outline(parts, first_pages))
    if data is not None:
        book.attach(data)
    return book.closed(info=parts[0].info, identifier=identifier)


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


class _Book:
    """The file while parts are added, with the objects that it has once: those are written last.

    It has what `add_outlines` asks of a pydyf.PDF.
    """

    def __init__(self, fonts: Body):
        self.file = PdfFile()
        self.objects: list[pydyf.Object] = []
        self.whole = self.add_object(Dictionary({"Type": "/StructElem", "S": "/Document", "K": Array()}))
        self.pages = self.add_object(Dictionary({"Type": "/Pages"}))
        self.catalog = self.add_object(Dictionary({"Type": "/Catalog", "Pages": self.pages.reference}))
        self.names = Dictionary()
        self.page_references: list[bytes] = []
        self.parents: list[bytes] = []
        self.headers: dict[bytes, bytes] = {}
        self.references = {b"pages": self.pages.reference, b"document": self.whole.reference, b"footer": FOOTER}
        self.references[b"fonts"] = self.add_part(fonts)[-1]

    def add_object(self, added: Dictionary) -> Dictionary:
        added.number = self.file.reserve()
        self.objects.append(added)
        return added

    def add_part(self, part: Body, footers: Sequence[bytes] = ()) -> list[bytes]:
        """Write its objects, add its pages and its share of the trees. Returns references to the objects."""
        base, parents = self.file.reserve(len(part.objects) + len(footers)), len(self.parents)
        own = [b"%d 0 R" % number for number in range(base, base + len(part.objects))]
        references = self.references | {b"%d" % number: reference for number, reference in enumerate(own)}

        def placed(values: Iterable[bytes]) -> list[bytes]:
            return _placed(values, references, parents)

        objects = placed(part.objects)
        for number, (page, line) in enumerate(zip(part.pages, footers, strict=True), base + len(objects)):
            objects[page] = objects[page].replace(FOOTER, b"%d 0 R" % number)
            self.file.compress(number, {}, line)
        for number, data in enumerate(objects):
            if number in part.streams:
                self.file.write_stream(base + number, data, part.streams[number])
            else:
                self.file.write(base + number, data)
        self.page_references += (own[page] for page in part.pages)
        self.whole["K"] += placed(part.elements)
        self.parents += placed(part.parents)
        names = [String(name).data for name, _ in part.headers]
        self.headers |= zip(names, placed(header for _, header in part.headers), strict=True)
        catalog = dict(zip(part.catalog, placed(part.catalog.values()), strict=True))
        self.catalog |= catalog | self.catalog  # the first part's entries stay
        return own

    def add_structure(self) -> None:
        root = Dictionary({"Type": "/StructTreeRoot", "K": Array([self.whole.reference])})
        root["ParentTree"] = Dictionary({"Nums": Array(_flat(enumerate(self.parents)))})
        root["ParentTreeNextKey"] = len(self.parents)
        if self.headers:
            root["IDTree"] = Dictionary({"Names": Array(_flat(sorted(self.headers.items())))})
        self.whole["P"] = self.catalog["StructTreeRoot"] = self.add_object(root).reference

    def add_destinations(self, destinations: Mapping[bytes, tuple[int, float, float]]) -> None:
        pages = self.page_references
        named = ((name, Array((pages[page], "/XYZ", x, y, 0))) for name, (page, x, y) in destinations.items())
        self.names["Dests"] = Dictionary({"Names": Array(_flat(named))})

    def attach(self, data: bytes) -> None:
        """As an associated file, which PDF/UA wants described."""
        number = self.file.reserve()
        sums = Dictionary({"Size": len(data), "CheckSum": b"<%s>" % hashlib.md5(data).hexdigest().encode()})
        self.file.compress(number, {"Type": "/EmbeddedFile", "Subtype": "/application#2Fjson", "Params": sums}, data)
        reference, name = b"%d 0 R" % number, String(FILE_NAME)
        file = Dictionary({"Type": "/Filespec", "F": name, "UF": name, "Desc": String(DESCRIPTION)})
        file |= {"AFRelationship": "/Source", "EF": Dictionary({"F": reference, "UF": reference})}
        self.add_object(file)
        self.names["EmbeddedFiles"] = Dictionary({"Names": Array((name, file.reference))})
        self.catalog["AF"] = Array((file.reference,))

    def closed(self, *, info: bytes, identifier: bytes) -> bytes:
        self.pages |= {"Kids": Array(self.page_references), "Count": len(self.page_references)}
        self.catalog["Names"] = self.add_object(self.names).reference
        for added in self.objects:
            self.file.write(added.number, added.data)
        number = self.file.reserve()
        self.file.write(number, info)
        return self.file.closed(root=self.catalog.reference, info=b"%d 0 R" % number, identifier=identifier)


def _placed(values: Iterable[bytes], references: Mapping[bytes, bytes], parents: int) -> list[bytes]:
    """The values with numbers of the whole, all filled in at once: of what stands between marks, every other is one."""
    pieces = BETWEEN.join(values).split(MARK)
    pieces[1::2] = [references[mark] for mark in pieces[1::2]]
    pieces = b"".join(pieces).split(PARENT)
    pieces[1::2] = [b"%d" % (parents + int(mark)) for mark in pieces[1::2]]
    filled = b"".join(pieces)
    return filled.split(BETWEEN) if filled else []


def _flat(pairs: Iterable[tuple]) -> Iterator:
    return (value for pair in pairs for value in pair)
