"""The shipped fonts cover the project's texts, and a PDF takes its fonts from nowhere else.

What this proves: every character of the library and of the translations has a glyph in a shipped font other than the
last resort; in a PDF made the way reports are made, every embedded font is one of ours, and no glyph drawn is .notdef
or outside its font. It does not judge how a glyph looks, nor whether a script is shaped well.
"""

import io
import json
import os
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import ContentStream

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "questionnaires" / "static" / "questionnaires" / "fonts"
FALLBACK = '"FRCheck Sans SC Rare", "FRCheck World", "FRCheck Symbols", "FRCheck Emoji", "FRCheck Last Resort"'
ENGLISH = f'"FRCheck Sans", "FRCheck Sans SC", {FALLBACK}'
CHINESE = f'"FRCheck Sans SC", "FRCheck Sans", {FALLBACK}'

# Every kind of text a note may hold; after each character a space, which Pango sets in that character's font.
TEXT = (
    "English “quoted” — naïve café, office, 2024–2026, €1,250.00, pīnyīn lǚ; 中文，“引号”……——《办法》（一）①；"
    "堃 珺 㛃 𠮷 祎 囍 冨; 繁體 資訊; ひらがな カタカナ; 한국어; 👍 ✅ ⚠️ ❌ 🇨🇳 👨‍👩‍👧 1️⃣ ❤️ 🫠; نُقلت البيانات (2024) ; "
    "המידע הועבר ; Русский Ελληνικά Tiếng Việt; ข้อมูล ส่วน; हिन्दी टिप्पणी; ✔ ☐ → ⇒ ★ ∑ √ ⟦ ⟧\u3000\u00a0\u2009\u202f."
)
UNKNOWN = "\U00012000 \U0001f8b2 \ue123 བོད་ "  # in no shipped font: the last resort prints a box

RENDER = """
import json, logging, sys
import weasyprint

complaints = []
handler = logging.Handler()
handler.emit = lambda record: complaints.append(record.getMessage())
logging.getLogger("weasyprint").addHandler(handler)
source, target, base = sys.argv[1:]
weasyprint.HTML(filename=source, base_url=base).write_pdf(target, pdf_variant="pdf/ua-1")
print(json.dumps(complaints))
"""


def opened(path):
    return TTFont(io.BytesIO(path.read_bytes()), lazy=True)


@cache
def coverage(*, last_resort=False):
    covered = set()
    for path in FONTS.glob("*.[ot]tf"):
        if last_resort or "LastResort" not in path.name:
            covered |= set(opened(path).getBestCmap())
    return covered


def source_files():
    files = [*ROOT.glob("questionnaires/library/**/*.yaml"), *ROOT.glob("**/locale/**/*.po")]
    return sorted(path for path in files if ".venv" not in path.parts and "node_modules" not in path.parts)


def named(codes):
    return [f"U+{code:04X} {unicodedata.name(chr(code), '?')}" for code in sorted(codes)]


def test_every_character_of_the_project_is_in_a_shipped_font():
    missing = {}
    for path in source_files():
        used = {ord(character) for character in path.read_text(encoding="utf-8") if character >= " "}
        if absent := used - coverage():
            missing[str(path.relative_to(ROOT))] = named(absent)
    assert not missing


def test_chinese_regular_and_bold_hold_gb2312_and_the_library():
    hanzi = {chr(code) for code in range(0x4E00, 0xA000)}
    wanted = {ord(character) for character in hanzi if len(character.encode("gb2312", "ignore")) == 2}
    assert len(wanted) == 6763
    for path in source_files():
        wanted |= {ord(character) for character in path.read_text(encoding="utf-8") if character in hanzi}
    for weight in ("Regular", "Bold"):
        cmap = opened(FONTS / f"FRCheckSansSC-{weight}.otf").getBestCmap()
        assert not named(wanted - set(cmap)), "run scripts/build_fonts.py"


def test_every_font_has_a_space_a_name_of_ours_and_its_licence():
    for path in [*FONTS.glob("*.[ot]tf"), *FONTS.glob("*.woff2")]:
        font = opened(path)
        assert 0x20 in font.getBestCmap(), path.name
        names = {record.nameID: str(record) for record in font["name"].names}
        for number in (1, 4, 6):
            assert names[number].startswith("FRCheck"), path.name
        assert "LastResort" in path.name or (names[0] and names[13]), path.name


def test_digits_are_tabular():
    for name in ("FRCheckSans-Regular", "FRCheckSans-Bold", "FRCheckSansSC-Regular", "FRCheckSansSC-Bold"):
        font = opened(FONTS / f"{name}.otf")
        assert len({font["hmtx"][font.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}) == 1


@pytest.mark.parametrize("name", ["fonts.css", "fonts-print.css"])
def test_style_sheets_name_files_that_are_there(name):
    urls = [part.split('"')[0] for part in (FONTS / name).read_text().split('url("')[1:]]
    assert urls
    for url in urls:
        assert (FONTS / url).is_file(), url
    if name == "fonts.css":
        assert all(url.endswith(".woff2") and "SC" not in url and "Emoji" not in url for url in urls)


def test_the_fonts_stay_small():
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 12_500_000


def render(tmp_path, fontconfig, text):
    """A PDF, made in a process of its own: fontconfig reads its configuration once."""
    source, target = tmp_path / "sample.html", tmp_path / "sample.pdf"
    faces = "" if fontconfig else f"<link rel=stylesheet href='{(FONTS / 'fonts-print.css').as_uri()}'>"
    generic = "<p style='font-family: monospace'>code 代码" if fontconfig else ""
    source.write_text(
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Sample</title>{faces}<style>"
        f"body {{ font: 10pt/1.5 {ENGLISH} }} :lang(zh) {{ font-family: {CHINESE} }}"
        f'h1:lang(en) {{ font: 600 18pt/1.2 "FRCheck Serif", "FRCheck Sans SC", {FALLBACK} }}'
        f"</style></head><body><h1>Gap report 差距报告</h1><p>{text}<p lang=zh>{text}"
        f"<p><b>{text}</b><p><i>{text}</i>{generic}</body></html>",
        encoding="utf-8",
    )
    environment = dict(os.environ)
    environment.pop("FONTCONFIG_FILE", None)
    if fontconfig:
        environment["FONTCONFIG_FILE"] = str(fontconfig)
    done = subprocess.run(
        [sys.executable, "-c", RENDER, source, target, FONTS.as_uri() + "/"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return PdfReader(target), json.loads(done.stdout.splitlines()[-1])


def embedded_fonts(reader):
    """{name in the PDF: the embedded font, opened}"""
    found = {}
    for page in reader.pages:
        for reference in page["/Resources"]["/Font"].values():
            font = reference.get_object()
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            program = descriptor.get("/FontFile2") or descriptor.get("/FontFile3")
            name = font["/BaseFont"].split("+")[-1]
            found[name] = TTFont(io.BytesIO(program.get_object().get_data()))
    return found


def drawn_glyphs(reader):
    """{name in the PDF: the glyph numbers that the pages draw}; text is written with two bytes a glyph."""
    drawn = {}
    for page in reader.pages:
        fonts = page["/Resources"]["/Font"]
        current = None
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"Tf":
                current = fonts[operands[0]].get_object()["/BaseFont"].split("+")[-1]
            elif operator in (b"Tj", b"TJ"):
                parts = operands[0] if operator == b"TJ" else [operands[0]]
                for part in parts:
                    raw = getattr(part, "original_bytes", part)
                    if isinstance(raw, bytes):
                        numbers = (raw[place : place + 2] for place in range(0, len(raw), 2))
                        drawn.setdefault(current, set()).update(int.from_bytes(number, "big") for number in numbers)
    return drawn


@pytest.mark.parametrize("text", [TEXT, UNKNOWN], ids=["known", "unknown"])
def test_pdf_embeds_only_shipped_fonts_and_draws_no_notdef(tmp_path, text):
    assert text != TEXT or not named({ord(character) for character in text} - coverage() - {0xFE0F, 0x200D})
    reader, complaints = render(tmp_path, FONTS / "fonts.conf", text)
    assert not [complaint for complaint in complaints if "notdef" in complaint or "font" in complaint.lower()]

    embedded, drawn = embedded_fonts(reader), drawn_glyphs(reader)
    assert {"FRCheck-Sans", "FRCheck-Sans-SC", "FRCheck-Serif-Semi-Bold"} <= set(embedded)
    for name, font in embedded.items():
        assert name.startswith("FRCheck-"), name
        assert {str(record) for record in font["name"].names if record.nameID == 6} <= shipped_names(), name
    assert ("FRCheck-Last-Resort" in embedded) == (text == UNKNOWN)
    if text == TEXT:
        assert {"FRCheck-Emoji", "FRCheck-World", "FRCheck-Symbols", "FRCheck-Sans-SC-Rare"} <= set(embedded)

    assert set(drawn) == set(embedded)
    for name, glyphs in drawn.items():
        assert 0 not in glyphs, name
        assert max(glyphs) < embedded[name]["maxp"].numGlyphs, name


@cache
def shipped_names():
    return {opened(path)["name"].getDebugName(6) for path in FONTS.glob("*.[ot]tf")}


def test_notdef_would_be_seen(tmp_path):
    """The check above has teeth: a control character, which no font has, is found both ways."""
    reader, complaints = render(tmp_path, FONTS / "fonts.conf", "a\x0bb")
    assert any("notdef" in complaint for complaint in complaints)
    embedded = embedded_fonts(reader)
    assert any(
        max(glyphs) >= embedded[name]["maxp"].numGlyphs or 0 in glyphs for name, glyphs in drawn_glyphs(reader).items()
    )


def test_print_style_sheet_alone_embeds_only_shipped_fonts(tmp_path):
    """On the host's fontconfig, with @font-face. No emoji here: Pango would take the host's, if it has any."""
    text = "".join(character for character in TEXT if coverage_without_emoji(character))
    reader, complaints = render(tmp_path, None, text)
    assert not [complaint for complaint in complaints if "notdef" in complaint]
    assert not [name for name in embedded_fonts(reader) if not name.startswith("FRCheck-")]


def coverage_without_emoji(character):
    return (
        ord(character) not in {0xFE0F, 0x200D, 0x20E3}
        and not 0x1F000 <= ord(character) <= 0x1FFFF
        and character not in "✅⚠❌❤"
    )
