"""The body of a report, cut where its templates say so: <!--part--> between blocks, on any depth.

At a <!--seam--> it may be cut, and is where the piece has grown long enough: each begins on a new page, and short ones
would leave much of it white. A <!--seam within--> what belongs together is cut later, for the white looks odd there.

What is open at a cut is closed before it and opened again after it, without its id: the piece goes on with the same
classes on a new page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

LONG_ENOUGH = {"part": 0, "seam": 20_000, "seam within": 48_000}  # bytes of a piece; a page has about 8,000


@dataclass(slots=True)
class _Cutter:
    source: bytes
    start: int
    is_open: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    head: str = ""
    pieces: list[str] = field(default_factory=list)

    def cut(self, position: int) -> None:
        tail = "".join(f"</{name}>" for name, _ in reversed(self.is_open[1:]))
        self.pieces.append(f"{self.head}{self.source[self.start : position].decode()}{tail}")
        self.head = "".join(_opened(name, attributes) for name, attributes in self.is_open[1:])


def pieces(body: str) -> Iterator[str]:
    """Yield the pieces in order, empty ones left out; all in one where the body is not well-formed XML."""
    source = f"<body>{body}</body>".encode()
    parser = expat.ParserCreate()
    cutter = _Cutter(source, start=len("<body>"))

    def start(name, attributes):
        cutter.is_open.append((name, attributes))

    def end(_name):
        cutter.is_open.pop()

    def comment(text):
        position = parser.CurrentByteIndex
        if position - cutter.start >= LONG_ENOUGH.get(text, len(source)):
            cutter.cut(position)
            cutter.start = position + len(f"<!--{text}-->")

    parser.StartElementHandler, parser.EndElementHandler, parser.CommentHandler = start, end, comment
    try:
        parser.Parse(source, True)
    except expat.ExpatError:
        yield body
        return
    finally:
        parser.CommentHandler = None  # it knows the parser: a circle, for the collector to find if it ran
    cutter.cut(len(source) - len("</body>"))
    yield from (piece for piece in cutter.pieces if piece.strip())


def _opened(name: str, attributes: dict[str, str]) -> str:
    kept = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if key != "id")
    return f'<{name}{kept} data-continued="yes">'
