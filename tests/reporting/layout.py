"""What can be wrong with the pages of a report, found in the PDF read back. Each check returns what it found.

The HTML that was printed says what had to be there: as many headings, labels and rows, and the words in order.
"""

import re
from collections import Counter
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise, zip_longest
from pathlib import Path

import pikepdf
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from questionnaires.reporting.pdf import STYLESHEET
from questionnaires.reporting.values import ReportContext
from tests.reporting.structure import ARTIFACT, HEADINGS, Box, Tree, kids

MILLIMETRE = 72 / 25.4
A4 = Box(0, 0, 210 * MILLIMETRE, 297 * MILLIMETRE)
LABELS = "p.label, p.group, p.name, details > summary"  # they head what follows, and are no headings


@dataclass(frozen=True)
class Pages:
    tree: Tree
    html: BeautifulSoup
    stylesheet: str

    def area(self, page: int) -> Box:
        """Where the text of that page has to be; the first is the cover."""
        name = r"@page cover" if page == 0 else "@page"
        margins = re.search(rf"{name} {{[^}}]*?margin: ([\d.]+)mm ([\d.]+)mm ([\d.]+)mm ([\d.]+)mm", self.stylesheet)
        top, right, bottom, left = (float(margin) * MILLIMETRE for margin in margins.groups())
        return Box(left, bottom, A4.right - right, A4.top - top)


def pages_of(pdf: bytes, context: ReportContext) -> Pages:
    """The file read back, and the HTML it was printed from, with the page numbers that its destinations have."""
    tree = Tree(pikepdf.open(BytesIO(pdf)))
    names = tree.pdf.Root.Names.Dests.Names
    pages = {str(name): tree.pages[place[0].objgen] + 1 for name, place in zip(names[::2], names[1::2], strict=True)}
    contents = [(entry, pages[entry.anchor]) for entry in context.contents]
    front = render_to_string("reports/print.html", {"report": context, "contents": contents})
    body = render_to_string("reports/_body.html", {"report": context})
    html = BeautifulSoup(front.replace("</body>", f"{body}</body>"), "html.parser")
    return Pages(tree, html, Path(finders.find(STYLESHEET)).read_text())


def squeezed(text: str) -> str:
    """Without white space, and without what stands for the rest of a cluster of glyphs."""
    return "".join(text.replace("\u200b", "").split())


def outside(pages: Pages) -> list:
    """Text beyond the page's area, or running headers and footers within it."""
    found = []
    for number, lines in enumerate(pages.tree.lines):
        area = pages.area(number)
        for line in lines:
            if line.mark != ARTIFACT:
                is_right = line.box.within(area)
            else:
                is_right = line.box.within(A4) and (line.box.bottom > area.top or line.box.top < area.bottom)
            if line.text.strip() and not is_right:
                found.append(line)
    return found


def cut_off(pages: Pages) -> list:
    """Text of which something is clipped away."""
    lines = (line for page in pages.tree.lines for line in page)
    return [line for line in lines if line.clip and not line.box.within(line.clip)]


def overprinted(pages: Pages) -> list:
    """Pairs of texts that lie on each other."""
    found = []
    for page in pages.tree.lines:
        lines = sorted((line for line in page if line.text.strip()), key=lambda line: -line.box.top)
        for at, line in enumerate(lines):
            for other in lines[at + 1 :]:
                if other.box.top <= line.box.bottom + 0.5:
                    break
                if min(line.right, other.right) - max(line.left, other.left) > 1:
                    found.append((line, other))
    return found


def missing_glyphs(pages: Pages) -> list:
    """Fonts that are none of ours, the one whose glyphs are boxes, and text that lost its characters."""
    strange = [name for name in pages.tree.fonts if not name.startswith("FRCheck") or "Last-Resort" in name]
    return strange + [line for page in pages.tree.lines for line in page if "\ufffd" in line.text]


def alone(pages: Pages) -> list:
    """Headings and labels that begin on one page what goes on upon the next, and how many are not there at all."""
    tree = pages.tree
    labels = Counter(squeezed(label.get_text()) for label in pages.html.select(LABELS))
    heads = [element for element, _ in tree.elements if str(element.S) in HEADINGS]
    for element, _ in tree.named("/P", "/Div", "/NonStruct"):
        if (text := squeezed(tree.text(element))) in labels:
            heads.append(element)
            labels[text] -= 1
    found = [f"missing: {text}" for text in labels.elements()]
    found += [f"no heading: {text}" for text in _missing_headings(pages)]
    order = [place for place in tree.content(tree.root.K[0]) if tree.drawn[place[0]][place[1]].strip()]
    of_heads = {place for head in heads for place in tree.content(head)}
    for place, following in pairwise(order):
        if place in of_heads and place[0] != following[0]:
            found.append(tree.drawn[place[0]][place[1]])
    return found + [tree.drawn[page][mark] for page, mark in order[-1:] if (page, mark) in of_heads]


def _missing_headings(pages):
    wanted = Counter(squeezed(heading.get_text()) for heading in pages.html.select("h1, h2, h3, h4, h5, h6"))
    printed = Counter(
        squeezed(pages.tree.text(element)) for element, _ in pages.tree.elements if str(element.S) in HEADINGS
    )
    return (wanted - printed).elements()


def torn_tables(pages: Pages) -> list:
    """Rows on more than one page, more or fewer rows than there should be, pages of a table without its head."""
    tree = pages.tree
    rows = [element for element, above in tree.named("/TR") if above[-1].S == "/TBody"]
    found = [tree.text(row) for row in rows if len({page for page, _ in tree.content(row)}) > 1]
    wanted = len(pages.html.select("tbody > tr"))
    if len(rows) != wanted:
        found.append(f"{len(rows)} rows for {wanted}")
    without_head = [table for table in pages.html.select("table") if not table.thead]
    headless = [table for table, _ in tree.named("/Table") if "/THead" not in {kid.S for kid in kids(table)}]
    if len(headless) != len(without_head):
        found.append(f"{len(headless)} tables without a head for {len(without_head)}")
    for table, _ in tree.named("/Table"):
        found += [tree.text(table) for part in kids(table) if not list(tree.content(part))]
        if len({page for page, _ in tree.content(table)}) > 1:
            found.append(f"one table on several pages: {tree.text(table)}")
    return found


def lost(pages: Pages) -> list:
    """Where the words of the PDF, in the order of its structure, are first others than those of the HTML."""
    tree = pages.tree
    repeated = {place for head, _ in tree.named("/THead") for place in tree.content(head)}
    order = [place for place in tree.content(tree.root.K[0]) if place not in repeated]
    printed = _words("".join(tree.drawn[page][mark] for page, mark in order))
    wanted = _words(_text(pages.html))
    if printed == wanted:
        return []
    at = next(at for at, (one, other) in enumerate(zip_longest(printed, wanted)) if one != other)
    return [f"{printed[max(0, at - 40) : at]} | {printed[at : at + 60]} | for: {wanted[at : at + 60]}"]


def _text(html):
    """All but that of pictures, of heads of tables and of what the style sheet hides; page numbers with it."""
    body = copy(html.body)
    for element in body.select("svg, thead, .aside"):
        element.decompose()
    for link in body.select("[data-page]"):
        link.append(link["data-page"])
    return body.get_text()


def _words(text):
    """Without white space, the signs before outcomes and the dots to page numbers: the style sheet's."""
    return squeezed(text).translate(dict.fromkeys(map(ord, "●◐▲◌–.")))


CHECKS = (outside, cut_off, overprinted, missing_glyphs, alone, torn_tables, lost)


def faults(pages: Pages) -> dict[str, list]:
    """What every check found, for those that found something."""
    found = {check.__name__: check(pages) for check in CHECKS}
    return {name: what for name, what in found.items() if what}
