"""A PDF read back with pikepdf: its structure, and what is drawn where under which element."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name

ARTIFACT = "artifact"
HEADINGS = {f"/H{level}": level for level in range(1, 7)}


@dataclass(frozen=True, slots=True)
class Box:
    """In points from the lower left of the page."""

    left: float
    bottom: float
    right: float
    top: float

    def within(self, other: "Box", tolerance: float = 0.5) -> bool:
        return (
            self.left >= other.left - tolerance
            and self.bottom >= other.bottom - tolerance
            and self.right <= other.right + tolerance
            and self.top <= other.top + tolerance
        )

    def __and__(self, other: "Box") -> "Box":
        return Box(
            max(self.left, other.left),
            max(self.bottom, other.bottom),
            min(self.right, other.right),
            min(self.top, other.top),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """Text drawn in one go: on which page, under which mark, where, and within what is not cut away.

    `mark` is the number of marked content, ARTIFACT, or None for what is neither.
    """

    page: int
    mark: int | str | None
    text: str
    font: str
    size: float
    baseline: float
    left: float
    right: float
    clip: Box | None

    @property
    def box(self) -> Box:
        """From below the descenders to above the capitals."""
        return Box(self.left, self.baseline - 0.22 * self.size, self.right, self.baseline + 0.75 * self.size)


class Tree:
    """A PDF's pages and structure.

    Made without a KeyError, no glyph is drawn that its font does not name a text for, .notdef among them.
    """

    def __init__(self, pdf: pikepdf.Pdf):
        self.pdf, self.root = pdf, pdf.Root.StructTreeRoot
        self.pages = {page.objgen: number for number, page in enumerate(pdf.pages)}
        fonts: dict[tuple[int, int], Font] = {}
        pens = [_Pen(number, page, fonts) for number, page in enumerate(pdf.pages)]
        self.lines = [pen.lines for pen in pens]
        self.drawn = [dict(pen.texts) for pen in pens]
        self.fonts = {font.name for font in fonts.values()}
        self.elements = list(self._walk(self.root.K[0], ()))

    def _walk(self, element, above):
        yield element, above
        for kid in kids(element):
            if isinstance(kid, Dictionary) and "/S" in kid:
                yield from self._walk(kid, (*above, element))

    def text(self, element) -> str:
        return " ".join(self.drawn[page].get(number, "") for page, number in self.content(element))

    def content(self, element):
        """Page and number of all that is marked under it."""
        for kid in kids(element):
            if isinstance(kid, int):
                yield self.pages[element.Pg.objgen], kid
            elif isinstance(kid, Dictionary) and "/S" in kid:
                yield from self.content(kid)

    def own_content(self, element):
        """Page and number of what is marked right under it."""
        return [(self.pages[element.Pg.objgen], kid) for kid in kids(element) if isinstance(kid, int)]

    def named(self, *names):
        return [(element, above) for element, above in self.elements if element.S in names]


def kids(element):
    found = element.get("/K", [])
    return list(found) if isinstance(found, Array) else [found]


class Font:
    """The text of each glyph but .notdef, and its width in thousandths of the size."""

    def __init__(self, font):
        self.name = str(font.BaseFont).partition("+")[2] or str(font.BaseFont)
        mapped = re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]+)>", font.ToUnicode.read_bytes())
        self.text = {
            int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in mapped if int(glyph, 16)
        }
        self.widths = {}
        for first, widths in zip(*[iter(font.DescendantFonts[0].W)] * 2, strict=True):
            self.widths |= {int(first) + at: float(width) for at, width in enumerate(widths)}


@dataclass(frozen=True, slots=True)
class _State:
    matrix: Matrix = Matrix()  # noqa: RUF009 a Matrix never changes
    clip: Box | None = None


class _Pen:
    """Follows one page's content; knows the operators that WeasyPrint writes."""

    def __init__(self, number, page, fonts):
        self.number, self.lines, self.texts = number, [], defaultdict(str)
        self.state, self.states, self.marks, self.path = _State(), [], [], []
        self.font, self.size, self.text_matrix = None, 0.0, Matrix()
        self.fonts = {}
        for name, font in page.Resources.Font.items():
            if font.objgen not in fonts:
                fonts[font.objgen] = Font(font)
            self.fonts[name] = fonts[font.objgen]
        for operands, operator in pikepdf.parse_content_stream(page):
            self._follow(str(operator), operands)

    @property
    def mark(self):
        return self.marks[-1] if self.marks else None

    def _follow(self, operator, operands):
        match operator:
            case "BMC" | "BDC":
                self._open(operands)
            case "EMC":
                self.marks.pop()
            case "q":
                self.states.append(self.state)
            case "Q":
                self.state = self.states.pop()
            case "cm":
                self.state = replace(self.state, matrix=Matrix(*map(float, operands)) @ self.state.matrix)
            case "m" | "l" | "c" | "re":
                self._draw(operator, [float(operand) for operand in operands])
            case "W" | "W*":
                self._clip()
            case "n" | "f" | "f*" | "S" | "s" | "B" | "B*":
                self.path = []
            case "Tm":
                self.text_matrix = Matrix(*map(float, operands))
            case "Tf":
                self.font, self.size = self.fonts[str(operands[0])], float(operands[1])
            case "Tj" | "TJ":
                self._write(operands[0] if isinstance(operands[0], Array) else operands)

    def _open(self, operands):
        if operands[0] == Name.Artifact:
            self.marks.append(ARTIFACT)
        elif len(operands) > 1:
            self.marks.append(int(operands[1].MCID))
            self.texts[self.mark] += ""
        else:
            self.marks.append(None)

    def _draw(self, operator, numbers):
        if operator == "re":
            left, bottom, width, height = numbers
            numbers = [left, bottom, left + width, bottom + height]
        self.path += [self.state.matrix.transform(point) for point in zip(*[iter(numbers)] * 2, strict=True)]

    def _clip(self):
        across, up = zip(*self.path, strict=True)
        box = Box(min(across), min(up), max(across), max(up))
        self.state = replace(self.state, clip=self.state.clip & box if self.state.clip else box)

    def _write(self, shown):
        text, width = "", 0.0
        for part in shown:
            if isinstance(part, pikepdf.String):
                for glyph in _numbers(bytes(part)):
                    text += self.font.text[glyph]
                    width += self.font.widths[glyph]
            else:
                width -= float(part)
        self.texts[self.mark] += text
        matrix = self.text_matrix @ self.state.matrix
        left, baseline = matrix.transform((0, 0))
        right, _ = matrix.transform((width * self.size / 1000, 0))
        size = abs(matrix.d) * self.size
        line = Line(self.number, self.mark, text, self.font.name, size, baseline, left, right, self.state.clip)
        self.lines.append(line)
        self.text_matrix = Matrix(1, 0, 0, 1, width * self.size / 1000, 0) @ self.text_matrix


def _numbers(glyphs: bytes):
    return (int.from_bytes(glyphs[at : at + 2], "big") for at in range(0, len(glyphs), 2))
