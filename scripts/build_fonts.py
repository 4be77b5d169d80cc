#!/usr/bin/env python3
"""Build the fonts that FRCheck ships, from installed, unmodified sources.

    apt-get install fonts-noto-cjk fonts-dejavu-core
    npm install --prefix /tmp/fonts source-sans@3.52.0 source-serif@4.5.1 \\
        @expo-google-fonts/noto-emoji@0.4.7 @expo-google-fonts/noto-sans-arabic@0.4.3 \\
        @expo-google-fonts/noto-sans-hebrew@0.4.1 @expo-google-fonts/noto-sans-thai@0.4.2 \\
        @expo-google-fonts/noto-sans-devanagari@0.4.1
    python scripts/build_fonts.py --npm /tmp/fonts/node_modules

The same sources and the same fontTools give the same bytes. It takes about a minute.
Every file gets a name of our own: "Source" is a reserved font name, and a name of our
own never meets a font of the host. Copyright and licence stay in each font.
"""

import argparse
import re
import sys
from io import BytesIO
from pathlib import Path

from fontTools import merge, subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "questionnaires" / "static" / "questionnaires" / "fonts"
NOTO_CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-{}.ttc"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

# Text faces: what Latin, Greek and Cyrillic text of any kind may need.
LATIN = [
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x2B0, 0x36F),
    (0x1E00, 0x1EFF),
    (0x2000, 0x206F),
    (0x2070, 0x209F),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
    (0x2150, 0x218B),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x25A0, 0x25FF),
    (0x2700, 0x27BF),
    (0xFB00, 0xFB06),
]
GREEK_CYRILLIC = [(0x370, 0x3FF), (0x400, 0x52F), (0x1F00, 0x1FFF)]
# What the web fetches: no Greek and Cyrillic; must agree with unicode-range in fonts.css.
WEB = [
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x1CD, 0x1DC),
    (0x218, 0x21B),
    (0x2C6, 0x2DD),
    (0x300, 0x304),
    (0x30C, 0x30C),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x202F, 0x203A),
    (0x2070, 0x208E),
    (0x20AC, 0x20AC),
    (0x2116, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2260, 0x2265),
    (0x25CF, 0x25CF),
    (0x2713, 0x2717),
]
LATIN_FEATURES = [
    "ccmp",
    "locl",
    "mark",
    "mkmk",
    "kern",
    "liga",
    "case",
    "pnum",
    "tnum",
    "lnum",
    "onum",
    "sups",
    "subs",
    "frac",
    "numr",
    "dnom",
    "ordn",
    "zero",
    "smcp",
    "c2sc",
]
WEB_FEATURES = ["ccmp", "locl", "mark", "mkmk", "kern", "liga", "case", "pnum", "tnum", "lnum", "sups", "subs", "ordn"]
CJK_FEATURES = ["ccmp", "kern", "liga", "mark", "halt", "palt"]

# Pango sets a space in the font of the character before it: a font without spaces would print a box there.
SPACES = {0x20, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000}

# A character no shipped font has prints as a boxed question mark, not from a host font.
# All planes that hold characters; not surrogates, not the noncharacters.
LAST_RESORT = [
    (0x20, 0xD7FF),
    (0xE000, 0xFDCF),
    (0xFDF0, 0xFFFD),
    (0x10000, 0x1FFFD),
    (0x20000, 0x2FFFD),
    (0x30000, 0x3FFFD),
    (0xE0000, 0xE0FFF),
]


def characters(ranges):
    return {code for first, last in ranges for code in range(first, last + 1)}


def double_byte(encoding, first_lead, first_trail):
    """All characters of a double-byte character set, from Python's own tables."""
    found = set()
    for lead in range(first_lead, 0xFF):
        for trail in range(first_trail, 0xFF):
            found.update(map(ord, bytes([lead, trail]).decode(encoding, "ignore")))
    return found


def project_characters():
    """Every character of the library and of the translations."""
    found = set()
    for pattern in ("questionnaires/library/**/*.yaml", "**/locale/**/*.po"):
        for path in sorted(ROOT.glob(pattern)):
            if ".venv" not in path.parts:
                found.update(map(ord, path.read_text(encoding="utf-8")))
    return {code for code in found if code >= 0x20}


def rename(font, family, style):
    """Give the font a name of ours; keep copyright, trademark, licence; say what it comes from."""
    names = font["name"]
    source = f"{names.getDebugName(4)}, {names.getDebugName(5)}"
    kept = {number: names.getDebugName(number) for number in (0, 7, 8, 9, 11, 13, 14)}
    kept = {number: text for number, text in kept.items() if text}
    postscript = re.sub(r"\W", "", family) + "-" + style.replace(" ", "")
    names.names = []
    texts = kept | {
        1: family,
        2: style,
        3: f"FRCheck;{postscript}",
        4: f"{family} {style}",
        5: names_version(source),
        6: postscript,
        10: f"Subset for FRCheck, made from {source}",
    }
    if style not in ("Regular", "Bold", "Italic", "Bold Italic"):
        texts |= {1: f"{family} {style}", 2: "Regular", 16: family, 17: style}
    for number, text in sorted(texts.items()):
        names.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [postscript]
        top = cff.topDictIndex[0]
        top.FamilyName, top.FullName = family, f"{family} {style}"


def names_version(source):
    match = re.search(r"Version ([\d.]+)", source)
    return f"Version {match.group(1)}; FRCheck subset" if match else "Version 1.000"


def subset_font(font, codes, features):
    options = subset.Options()
    options.layout_features = features
    options.hinting = False  # halves the size; print and today's screens do not need it
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "DSIG", "STAT", "meta", "gasp"]
    job = subset.Subsetter(options)
    job.populate(unicodes=(codes | SPACES) & set(font.getBestCmap()))
    job.subset(font)
    return font


def renumber(font):
    """Number the characters of a CJK font 0, 1, 2...: the table of numbers then takes nothing in every PDF."""
    content = BytesIO()
    font.save(content)
    font = TTFont(content, recalcTimestamp=False)  # glyph names in no other table have been read
    top = font["CFF "].cff.topDictIndex[0]
    charstrings = top.CharStrings
    names = [".notdef"] + [f"cid{number:05d}" for number in range(1, len(top.charset))]
    charstrings.charStrings = {new: charstrings.charStrings[old] for old, new in zip(top.charset, names, strict=True)}
    top.charset = names
    top.CIDCount = len(names)
    top.ROS = ("Adobe", "Identity", 0)
    font.glyphOrder = names
    return font


def set_line_height(font):
    """The same ascent and descent in every file: a line with a fallback glyph is then no taller than its neighbours."""
    ascent, descent = round(font["head"].unitsPerEm * 1.0), round(font["head"].unitsPerEm * 0.326)
    head, metrics = font["hhea"], font["OS/2"]
    head.ascent, head.descent, head.lineGap = ascent, -descent, 0
    metrics.sTypoAscender, metrics.sTypoDescender, metrics.sTypoLineGap = ascent, -descent, 0
    metrics.usWinAscent, metrics.usWinDescent = ascent, descent


def save(font, name, flavor=None):
    set_line_height(font)
    font.flavor = flavor
    path = FONTS / name
    font.save(path)
    print(f"{path.stat().st_size:>9,}  {len(font.getBestCmap()):>6} characters  {name}", flush=True)


def open_font(path, number=-1):
    return TTFont(path, fontNumber=number, lazy=True, recalcTimestamp=False)


def open_sc(weight):
    path = NOTO_CJK.format(weight)
    faces = [face["name"].getDebugName(1) for face in TTCollection(path, lazy=True).fonts]
    return open_font(path, faces.index("Noto Sans CJK SC"))


def build_latin(npm):
    sans, serif = npm / "source-sans" / "OTF", npm / "source-serif" / "OTF"
    for source, family, style, name in (
        (sans / "SourceSans3-Regular.otf", "FRCheck Sans", "Regular", "FRCheckSans-Regular"),
        (sans / "SourceSans3-It.otf", "FRCheck Sans", "Italic", "FRCheckSans-Italic"),
        (sans / "SourceSans3-Bold.otf", "FRCheck Sans", "Bold", "FRCheckSans-Bold"),
        (serif / "SourceSerif4-Semibold.otf", "FRCheck Serif", "Semibold", "FRCheckSerif-Semibold"),
    ):
        for codes, features, suffix, flavor in (
            (characters(LATIN + GREEK_CYRILLIC), LATIN_FEATURES, ".otf", None),
            (characters(WEB), WEB_FEATURES, ".woff2", "woff2"),
        ):
            font = subset_font(open_font(source), codes, features)
            rename(font, family, style)
            save(font, name + suffix, flavor)


def build_chinese():
    """GB 2312, punctuation, fullwidth forms and the project's own characters; the rest of Han, kana and Hangul
    in a second file, in one weight."""
    common = double_byte("gb2312", 0xA1, 0xA1) | project_characters()
    common |= characters([(0x20, 0x24F), (0x2000, 0x206F), (0x2460, 0x24FF), (0x3000, 0x303F), (0xFF00, 0xFFEF)])
    for weight in ("Regular", "Bold"):
        font = subset_font(open_sc(weight), common, CJK_FEATURES)
        rename(font, "FRCheck Sans SC", weight)
        save(renumber(font), f"FRCheckSansSC-{weight}.otf")
    font = open_sc("Regular")
    rest = {code for code in font.getBestCmap() if code >= 0x2E80 and not 0xFE00 <= code <= 0xFE0F} - common
    rest -= characters([(0xAC00, 0xD7A3)]) - double_byte("euc_kr", 0xA1, 0xA1)  # the 2,350 Hangul syllables in use
    font = subset_font(font, rest, CJK_FEATURES)
    rename(font, "FRCheck Sans SC Rare", "Regular")
    save(renumber(font), "FRCheckSansSCRare-Regular.otf")


def build_world(npm):
    """Arabic, Hebrew, Thai and Devanagari, merged into one file."""
    paths = [
        npm / "@expo-google-fonts" / f"noto-sans-{script.lower()}" / "400Regular" / f"NotoSans{script}_400Regular.ttf"
        for script in ("Arabic", "Hebrew", "Thai", "Devanagari")
    ]
    merger = merge.Merger(merge.Options(drop_tables=["STAT", "vhea", "vmtx", "gasp", "BASE", "prep", "fpgm", "cvt "]))
    font = merger.merge([str(path) for path in paths])
    modified = open_font(paths[0])["head"].modified
    codes = {
        code
        for code in font.getBestCmap()
        if 0x590 <= code <= 0x8FF
        or 0x900 <= code <= 0x97F
        or 0xA8E0 <= code <= 0xA8FF
        or 0xE00 <= code <= 0xE7F
        or 0xFB1D <= code <= 0xFDFF
        or 0xFE70 <= code <= 0xFEFC
        or code in (0x200C, 0x200D, 0x25CC)
    }
    font = subset_font(font, codes, ["*"])
    rename(font, "FRCheck World", "Regular")
    copyrights = [open_font(path)["name"].getDebugName(0) for path in paths]
    font["name"].setName("; ".join(copyrights), 0, 3, 1, 0x409)
    font["name"].setName("Subset for FRCheck, made from Noto Sans Arabic, Hebrew, Thai and Devanagari", 10, 3, 1, 0x409)
    font["head"].created = font["head"].modified = modified
    font.recalcTimestamp = False
    save(font, "FRCheckWorld-Regular.ttf")


def build_emoji(npm):
    font = open_font(npm / "@expo-google-fonts" / "noto-emoji" / "400Regular" / "NotoEmoji_400Regular.ttf")
    font = subset_font(font, set(font.getBestCmap()), ["*"])
    rename(font, "FRCheck Emoji", "Regular")
    font["hmtx"][font.getBestCmap()[0x20]] = (520, 0)  # theirs is as wide as an emoji
    save(font, "FRCheckEmoji-Regular.ttf")


def build_symbols():
    """Of DejaVu Sans what no font before it has: other alphabets, symbols, arrows, mathematics, dingbats."""
    covered = set()
    for path in sorted(FONTS.glob("*.[ot]tf")):
        if not path.name.startswith(("FRCheckSymbols", "FRCheckLastResort", "FRCheckEmoji")):
            covered |= set(open_font(path).getBestCmap())
    font = open_font(DEJAVU)
    codes = {code for code in font.getBestCmap() if not 0xE000 <= code <= 0xF8FF} - covered
    font = subset_font(font, codes | {0x200C, 0x200D, 0x25CC}, ["ccmp", "mark", "mkmk", "kern", "liga", "locl"])
    rename(font, "FRCheck Symbols", "Regular")
    save(font, "FRCheckSymbols-Regular.ttf")


def build_last_resort():
    """One glyph, drawn here, for every character that no other file has."""
    glyphs = {}
    for name, contours in (
        (".notdef", []),
        ("space", []),
        (
            "unknown",
            [  # a frame, and a question mark in it
                [(60, -80), (60, 780), (640, 780), (640, -80)],
                [(105, -35), (595, -35), (595, 735), (105, 735)],
                [(310, 60), (310, 150), (400, 150), (400, 60)],
                [
                    (315, 210),
                    (315, 370),
                    (455, 430),
                    (455, 540),
                    (260, 540),
                    (260, 470),
                    (180, 470),
                    (180, 620),
                    (535, 620),
                    (535, 375),
                    (395, 310),
                    (395, 210),
                ],
            ],
        ),
    ):
        pen = T2CharStringPen(700, None)
        for contour in contours:
            pen.moveTo(contour[0])
            for point in contour[1:]:
                pen.lineTo(point)
            pen.closePath()
        glyphs[name] = pen.getCharString()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCFF("FRCheckLastResort-Regular", {"FullName": "FRCheck Last Resort Regular"}, glyphs, {})
    builder.setupHorizontalMetrics({".notdef": (700, 0), "space": (250, 0), "unknown": (700, 60)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable(
        {
            "familyName": "FRCheck Last Resort",
            "styleName": "Regular",
            "psName": "FRCheckLastResort-Regular",
            "fullName": "FRCheck Last Resort Regular",
            "uniqueFontIdentifier": "FRCheck;LastResort",
            "version": "Version 1.000",
        },
        mac=False,
    )
    cmap = dict.fromkeys(characters(LAST_RESORT), "unknown") | dict.fromkeys(SPACES, "space")
    builder.setupCharacterMap({0x20: "space", 0xFFFD: "unknown"})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost(keepGlyphNames=False)
    table = builder.font["cmap"].tables
    wide = type(table[0]).newSubtable(13)
    wide.platformID, wide.platEncID, wide.language, wide.reserved, wide.length, wide.nGroups = 3, 10, 0, 0, 0, 0
    wide.cmap = cmap
    table.append(wide)
    builder.font["head"].created = builder.font["head"].modified = 3800000000
    builder.font.recalcTimestamp = False
    save(builder.font, "FRCheckLastResort-Regular.otf")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--npm", type=Path, required=True, help="the node_modules folder with the source fonts")
    parser.add_argument("only", nargs="*", help="latin chinese world emoji symbols last_resort; all if none is given")
    arguments = parser.parse_args()
    npm = arguments.npm
    steps = {
        "latin": lambda: build_latin(npm),
        "chinese": build_chinese,
        "world": lambda: build_world(npm),
        "emoji": lambda: build_emoji(npm),
        "symbols": build_symbols,
        "last_resort": build_last_resort,
    }
    FONTS.mkdir(parents=True, exist_ok=True)
    for name in arguments.only or steps:
        steps[name]()


if __name__ == "__main__":
    sys.exit(main())
