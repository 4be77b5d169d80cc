"""One part of a report, laid out by WeasyPrint and kept as PDF objects that `linking` joins with those of other parts.

Nothing of a part depends on its place in the report: references count from its own first object, pages from its own
first page, links name anchors that may lie in another part, and fonts are named, not embedded: `print_fonts` makes each
once, with the glyphs of all parts. So parts are printed by several processes, and kept from one report to the next.

Written for WeasyPrint 70, parts of which it takes the place of. Import `questionnaires.reporting.pdf` first: it tells
fontconfig of the fonts.
"""

import pickle
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree

import cssselect2
import pydyf
import weasyprint
from weasyprint.formatting_structure import boxes
from weasyprint.pdf import fonts as pdf_fonts
from weasyprint.pdf import generate_pdf, tags
from weasyprint.text.ffi import ffi, gobject, pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from questionnaires.reporting.quickening import lower_ids, quickened, user_agent_stylesheet

POINTS = 0.75  # a CSS pixel
COMPRESSION = 6
PACKING = 1  # of what is unpacked soon
NO_TEXT = "\u200b"  # of a glyph whose cluster's text stands for another glyph: PDF/UA wants some
# References as they stand in a part's objects: a byte that nothing outside streams has (pydyf writes text in ASCII),
# then a number counted from the part's first object, or the name of something that the whole report has once.
MARK = b"\xff"
REFERENCE = re.compile(rb"\xff(\w+)\xff")
PAGES, DOCUMENT, FONTS, FOOTER = b"\xffpages\xff", b"\xffdocument\xff", b"\xfffonts\xff", b"\xfffooter\xff"
# Around a number in the parent tree, counted from the part's first.
PARENT = b"\xfe"


@dataclass(frozen=True, slots=True)
class Target:
    """A point on a page, in points from the lower left; pages of a part count from 0."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Bookmark:
    level: int
    title: str
    target: Target


@dataclass(frozen=True, slots=True)
class FontUse:
    """A font as Pango describes it, and the glyphs drawn: their widths, and the text that they stand for."""

    family: str
    style: int
    weight: int
    widths: Mapping[int, float]
    to_unicode: Mapping[int, str]

    def __or__(self, other: "FontUse") -> "FontUse":
        """Both uses together; where they differ about a glyph, this one's is kept."""
        return replace(self, widths={**other.widths, **self.widths}, to_unicode={**other.to_unicode, **self.to_unicode})


@dataclass(frozen=True, slots=True)
class Body:
    """Objects in order, streams as their dictionary with the data beside; `pages` are numbers of objects.

    `elements` stand at the top of the structure tree, `parents` in the parent tree, `headers` in that of identifiers.
    """

    objects: tuple[bytes, ...]
    streams: Mapping[int, bytes]
    pages: tuple[int, ...] = ()
    elements: tuple[bytes, ...] = ()
    parents: tuple[bytes, ...] = ()
    headers: tuple[tuple[str, bytes], ...] = ()
    catalog: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Printed:
    """What the whole report needs to know of a part before it is its turn; its objects stay packed until then."""

    packed: bytes
    number_of_pages: int
    anchors: Mapping[str, Target]
    links: frozenset[str]
    bookmarks: tuple[Bookmark, ...]
    fonts: Mapping[str, FontUse]
    info: bytes

    def body(self) -> Body:
        return pickle.loads(zlib.decompress(self.packed))


@dataclass(slots=True)
class _Notes:
    """What is seen while WeasyPrint writes one part."""

    fonts: dict[str, FontUse] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    anchors: dict[str, Target] = field(default_factory=dict)
    margins: set[tuple[int, int]] = field(default_factory=set)


def print_part(
    html: str, *, name: str, stylesheet: Path, base_url: str, fetcher: URLFetcher, is_front: bool = False
) -> Printed:
    """Lay out and draw a document. No other part may share its name: those of table headers begin with it.

    The front part brings title, author, dates and the like of the whole report.
    """
    notes = _Notes()
    options = {**weasyprint.DEFAULT_OPTIONS, "pdf_version": "1.7", "pdf_tags": True}
    with quickened(), _relocatable(notes):
        style = _stylesheet(stylesheet, stylesheet.stat().st_mtime_ns)
        source = _document(html, base_url, fetcher, styled=stylesheet.read_text())
        document = source.render(stylesheets=[style], font_config=_font_configuration())
        bookmarks = tuple(_bookmarks(document.pages))
        document.make_bookmark_tree = lambda *_arguments, **_keywords: []
        pdf = generate_pdf(document, None, 1, **options | {"pdf_variant": "pdf/ua-1" if is_front else None})
        return _kept(pdf, notes, bookmarks, name)


def print_fonts(uses: Mapping[str, FontUse]) -> Body:
    """Return the fonts of a report, each cut down to the glyphs of all its parts; the last object names them."""
    pdf = pydyf.PDF()
    loaded = {key: _loaded(key, use) for key, use in sorted(uses.items())}
    options = {**weasyprint.DEFAULT_OPTIONS, "pdf_version": "1.7"}
    with _relocatable(_Notes()):
        pdf.add_object(_build_fonts_dictionary(pdf, loaded, True, True, options))
        objects = pdf.objects[3:]  # after the free one, the pages and the catalogue
        return Body(**_stored(objects, _renumbering(objects)))


# --- reading ----------------------------------------------------------------------------------------------------------


def _document(html: str, base_url: str, fetcher: URLFetcher, *, styled: str) -> weasyprint.HTML:
    """Our templates are well-formed XML, which is read thirty times as fast; anything else is read as HTML."""
    try:
        root = ElementTree.fromstring(html.removeprefix("<!DOCTYPE html>").lstrip())
    except ElementTree.ParseError:
        return weasyprint.HTML(string=html, base_url=base_url, url_fetcher=fetcher)
    lower_ids(root, styled=styled)
    document = weasyprint.HTML.__new__(weasyprint.HTML)
    document._ua_stylesheets = lambda _forms=False: [user_agent_stylesheet()]
    document.base_url, document.url_fetcher, document.media_type = base_url, fetcher, "print"
    document.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
    document.etree_element = document.wrapper_element.etree_element
    return document


@cache
def _font_configuration() -> FontConfiguration:
    return FontConfiguration()


@cache
def _stylesheet(path: Path, _changed_at: int) -> weasyprint.CSS:
    return weasyprint.CSS(filename=path, font_config=_font_configuration())


def _bookmarks(pages) -> Iterator[Bookmark]:
    for number, page in enumerate(pages):
        for level, title, (x, y), _state in page.bookmarks:
            yield Bookmark(level, title, _target(number, page, x, y))


def _target(number: int, page, x: float, y: float) -> Target:
    return Target(number, round(x * POINTS, 2), round((page.height - y) * POINTS, 2))


# --- drawing ----------------------------------------------------------------------------------------------------------


_build_fonts_dictionary = pdf_fonts.build_fonts_dictionary
_build_box_tree = tags._build_box_tree


@contextmanager
def _relocatable(notes: _Notes) -> Iterator[None]:
    """Let WeasyPrint write marks instead of references, and no fonts; afterwards it is as it was."""
    replaced = [
        (pydyf.Object, "reference", property(lambda self: b"\xff%d\xff" % self.number)),
        (pydyf.PDF, "page_references", property(_page_references)),
        (weasyprint.pdf, "build_fonts_dictionary", lambda _pdf, fonts, *_options: _named_fonts(notes, fonts)),
        (weasyprint.pdf, "resolve_links", lambda pages: _all_links(notes, pages)),
        (tags, "_build_box_tree", lambda *arguments: _element_tree(notes, *arguments)),
    ]
    before = [(owner, name, vars(owner)[name]) for owner, name, _ in replaced]
    for owner, name, value in replaced:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def _page_references(pdf: pydyf.PDF) -> list[bytes]:
    """The list is asked for with every element: count on from where it was left."""
    known = pdf.__dict__.setdefault("_page_references", [])
    known += (b"\xff%d\xff" % number for number in pdf.pages["Kids"][3 * len(known) :: 3])
    return known


class _NamedFonts(pydyf.Dictionary):
    reference = FONTS


def _named_fonts(notes: _Notes, fonts) -> pydyf.Dictionary:
    for font in fonts.values():
        texts = {glyph: text or NO_TEXT for glyph, text in font.to_unicode.items()}
        use = FontUse(font.family, int(font.style), int(font.weight), font.widths, texts)
        notes.fonts[font.hash] = notes.fonts[font.hash] | use if font.hash in notes.fonts else use
    return _NamedFonts()


def _loaded(key: str, use: FontUse):
    """The font that Pango finds for the description it once gave."""
    description = ffi.gc(pango.pango_font_description_new(), pango.pango_font_description_free)
    family = use.family.encode() + b"\0"
    pango.pango_font_description_set_family(description, family)
    pango.pango_font_description_set_style(description, use.style)
    pango.pango_font_description_set_weight(description, use.weight)
    pango.pango_font_description_set_absolute_size(description, 10 * 1024)
    font_map = _font_configuration().font_map
    context = ffi.gc(pango.pango_font_map_create_context(font_map), gobject.g_object_unref)
    found = ffi.gc(pango.pango_font_map_load_font(font_map, context, description), gobject.g_object_unref)
    _key, described, size = weasyprint.pdf.stream.get_pango_font_key(found)
    font = pdf_fonts.Font(found, described, size)
    if font.hash != key:
        raise RuntimeError(f"The font {use.family} {use.weight} is not the one that the parts were drawn with.")
    font.widths, font.to_unicode = dict(sorted(use.widths.items())), dict(sorted(use.to_unicode.items()))
    return font


def _all_links(notes: _Notes, pages) -> Iterator[tuple[list, list]]:
    """As WeasyPrint's own, but links to anchors of other parts stay, and what a link holds is no link once more."""
    for number, page in enumerate(pages):
        for name, (x, y, _, _) in page.anchors.items():
            notes.anchors.setdefault(name, _target(number, page, x, y))
        links = [link for link in page.links if link[3].element_tag == "a"]
        notes.links.update(target for kind, target, _, _ in links if kind == "internal")
        yield links, []


def _element_tree(notes: _Notes, box, parent, pdf, page_number, nums, annotations, marked):
    """As WeasyPrint's own, with what it leaves out: languages, scopes, texts of links; margin boxes are artifacts."""
    box = getattr(box, "_box", box)  # the placeholder of an absolutely positioned box
    if isinstance(box, boxes.MarginBox):
        for text in _texts(box):
            number = marked.pop(text)["mcid"]
            nums[number] = b"null"
            notes.margins.add((page_number, number))
        return
    for element in _build_box_tree(box, parent, pdf, page_number, nums, annotations, marked):
        if box.element is not None:
            _complete(element, box, parent, pdf, page_number)
        yield element


def _complete(element: pydyf.Dictionary, box, parent: pydyf.Dictionary, pdf: pydyf.PDF, page_number: int) -> None:
    is_own = box.element_tag == box.element.tag and box.element_tag not in ("html", "body")
    if is_own and "lang" in box.element.attrib and "Lang" not in element:
        element["Lang"] = pydyf.String(box.element.get("lang"))
    match element["S"]:
        case "/TH" | "/TD" if parent["S"] != "/TR":  # a box without element in a cell
            element["S"] = "/NonStruct"
            del element["A"]
        case "/TH":
            element["A"]["Scope"] = "/Row" if box.element.get("scope") == "row" else "/Column"
        case "/Figure":
            _put_in_points(element["A"]["BBox"], pdf, page_number)
        case "/Link" if box.link_annotation:
            text = " ".join("".join(box.element.itertext()).split())
            box.link_annotation |= {"Contents": pydyf.String(text), "F": 4}
        case "/Link":  # a pseudo-element
            element["S"] = "/Span"


def _texts(box) -> Iterator[boxes.TextBox]:
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            yield child
        elif isinstance(child, boxes.ParentBox):
            yield from _texts(child)


def _put_in_points(rectangle: pydyf.Array, pdf: pydyf.PDF, page_number: int) -> None:
    page = pdf.objects[pdf.pages["Kids"][3 * page_number]]
    height = page["MediaBox"][3]
    x1, y1, x2, y2 = (POINTS * length for length in rectangle)
    rectangle[:] = [round(length, 2) for length in (x1, height - y2, x2, height - y1)]


# --- keeping ----------------------------------------------------------------------------------------------------------


def _kept(pdf: pydyf.PDF, notes: _Notes, bookmarks: tuple[Bookmark, ...], name: str) -> Printed:
    root = _resolved(pdf, pdf.catalog.pop("StructTreeRoot"))
    tree, whole = _resolved(pdf, root["ParentTree"]), _resolved(pdf, root["K"][0])
    pages = [pdf.objects[number] for number in pdf.pages["Kids"][::3]]
    _make_artifacts(pdf, pages, notes.margins)
    for page in pages:
        page["Parent"] = PAGES
        page["Contents"] = b"[" + FOOTER + b" " + page["Contents"] + b"]"
    del pdf.catalog["Pages"]
    left_out = {id(left) for left in (pdf.objects[0], pdf.pages, pdf.catalog, root, tree, whole)}
    objects = [kept for kept in pdf.objects if id(kept) not in left_out and not isinstance(kept, _NamedFonts)]
    headers = [kept for kept in objects if isinstance(kept, pydyf.Dictionary) and "ID" in kept]
    for header in headers:
        header["ID"].string = f"{name}-{header['ID'].string}"  # its cells name it by the same object
    for kept in objects:
        if isinstance(kept, pydyf.Dictionary):
            parents = {key: kept[key] for key in ("StructParents", "StructParent") if key in kept}
            kept |= {key: b"%s%d%s" % (PARENT, number, PARENT) for key, number in parents.items()}
    renumber = _renumbering(objects, {whole.number: DOCUMENT})
    body = Body(
        **_stored(objects, renumber),
        pages=tuple(_number(renumber(page.reference)) for page in pages),
        elements=tuple(map(renumber, whole["K"])),
        parents=tuple(renumber(pydyf._to_bytes(entry)) for entry in tree["Nums"][1::2]),
        headers=tuple((header["ID"].string, renumber(header.reference)) for header in headers),
        catalog={key: renumber(pydyf._to_bytes(value)) for key, value in pdf.catalog.items()},
    )
    return Printed(
        zlib.compress(pickle.dumps(body), PACKING),
        number_of_pages=len(pages),
        anchors=notes.anchors,
        links=frozenset(notes.links),
        bookmarks=bookmarks,
        fonts=notes.fonts,
        info=pdf.info.data,
    )


def _make_artifacts(pdf: pydyf.PDF, pages: Sequence[pydyf.Dictionary], margins: Set[tuple[int, int]]) -> None:
    """What stands in the margins is no content: WeasyPrint marks it as if it were, and leaves it out of the tree."""
    for page_number in {page_number for page_number, _ in margins}:
        stream = _resolved(pdf, pages[page_number]["Contents"]).stream
        for position, item in enumerate(stream):
            if isinstance(item, pydyf.Dictionary) and (page_number, item.get("MCID")) in margins:
                stream[position - 1] = "/Artifact"
                stream[position] = pydyf.Dictionary({"Type": "/Pagination"})


def _resolved(pdf: pydyf.PDF, reference: bytes):
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(REFERENCE.fullmatch(reference)[1])


def _renumbering(objects: Sequence[pydyf.Object], others: Mapping[int, bytes] = MappingProxyType({})):
    """A function that lets references count from the first of these objects."""
    marks = {b"%d" % kept.number: b"\xff%d\xff" % number for number, kept in enumerate(objects)}
    marks |= {b"%d" % number: mark for number, mark in others.items()}
    return lambda data: REFERENCE.sub(lambda match: marks.get(match[1], match[0]), data)


def _stored(objects: Sequence[pydyf.Object], renumber) -> dict:
    stored, streams = [], {}
    for number, kept in enumerate(objects):
        if isinstance(kept, pydyf.Stream):
            dictionary, streams[number] = _stream(kept)
            stored.append(renumber(dictionary.data))
        else:
            stored.append(renumber(kept.data))
    return {"objects": tuple(stored), "streams": streams}


def _stream(stream: pydyf.Stream) -> tuple[pydyf.Dictionary, bytes]:
    data = b"\n".join(map(pydyf._to_bytes, stream.stream))
    dictionary = pydyf.Dictionary(stream.extra)
    if stream.compress:
        data = zlib.compress(data, COMPRESSION)
        dictionary["Filter"] = "/FlateDecode"
    dictionary["Length"] = len(data)
    return dictionary, data
