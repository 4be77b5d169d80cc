"""WeasyPrint 70, made to do each thing once: the same pages, glyph by glyph, in little more than half of the time.

What was measured, and what each of these saves, is in docs/performance.md. All of it is undone after each part.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

import weasyprint
from weasyprint import css
from weasyprint.formatting_structure import boxes
from weasyprint.html import UA, UA_COUNTER_STYLE
from weasyprint.layout import block, inline, percent, table
from weasyprint.layout import float as float_
from weasyprint.text import line_break
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description
from weasyprint.text.line_break import Layout

_find_style_attributes = css.find_style_attributes
_setup, _set_text, _deactivate_now = Layout.setup, Layout.set_text, Layout.deactivate
_resolve_percentages = percent.resolve_percentages
_font_style_cache_key = line_break._font_style_cache_key
_FEATURES = (
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
)
_USED_LENGTHS = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in ("top", "right", "bottom", "left")),
    *(f"border_{side}_width" for side in ("top", "right", "bottom", "left")),
    *(f"{limit}{side}" for limit in ("", "min_", "max_") for side in ("width", "height")),
)
_PARAGRAPHS = re.compile("[\n\r\u2029]")


@contextmanager
def quickened() -> Iterator[None]:
    replaced = [
        *((module, "resolve_percentages", _resolve_percentages_once) for module in (block, float_, inline, table)),
        (css, "find_style_attributes", _shared_style_attributes),
        (line_break, "_font_style_cache_key", _cache_key_once),
        (Layout, "setup", _setup_prepared),
        (Layout, "set_text", _set_text_for_drawing),
        (Layout, "deactivate", _deactivate),
        (Layout, "reactivate", _reactivate),
    ]
    before = [(owner, name, vars(owner)[name]) for owner, name, _ in replaced]
    for owner, name, value in replaced:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


# --- styles: elements with the same rules and the same parent's style share theirs ------------------------------------


def _shared_style_attributes(*arguments) -> Iterator[tuple]:
    """Equal lang attributes as one declaration: WeasyPrint compares declarations by identity."""
    known: dict[tuple[str, ...], tuple] = {}
    for specificity, element, declarations, base_url in _find_style_attributes(*arguments):
        declarations = tuple(declarations)
        same = known.setdefault(tuple(declaration.serialize() for declaration in declarations), declarations)
        yield specificity, element, same, base_url


def lower_ids(root: ElementTree.Element, *, styled: str) -> None:
    """Hand ids down to the first leaf: an id makes a style unique, and with it those of all descendants.

    Those that the style sheet names stay.
    """
    for element in root.iter():
        if "id" in element.attrib and len(element) and f"#{element.attrib['id']}" not in styled:
            leaf = element
            while len(leaf):
                leaf = leaf[0]
            if isinstance(leaf.tag, str) and not leaf.tag.startswith("{") and "id" not in leaf.attrib:
                leaf.attrib["id"] = element.attrib.pop("id")


@cache
def user_agent_stylesheet() -> weasyprint.CSS:
    """Without the five rules on pseudo-elements of every element: five styles each, for lists and footnotes alone."""
    lines = (line for line in UA.splitlines() if not line.startswith(("::footnote", "::note")))
    text = "\n".join("li" + line if line.startswith("::marker") else line for line in lines)
    return weasyprint.CSS(string=text, counter_style=UA_COUNTER_STYLE)


# --- boxes ------------------------------------------------------------------------------------------------------------


def _resolve_percentages_once(box, containing_block) -> None:
    """Used lengths follow from the style and the containing block; borders that collapse are another matter."""
    size = containing_block
    if isinstance(containing_block, boxes.Box):
        size = containing_block.width, containing_block.height
    style = box.style
    if style["border_collapse"] == "collapse" or isinstance(box, boxes.PageBox):
        _resolve_percentages(box, containing_block)
        return
    known = style.__dict__.setdefault("used_lengths", {})
    used = known.get(size)
    if used is None:
        _resolve_percentages(box, containing_block)
        known[size] = {name: getattr(box, name) for name in _USED_LENGTHS}
    else:
        box.__dict__.update(used)


# --- text: one Pango context a style, and one layout a line, from being measured to being drawn ----------------------


@dataclass(frozen=True, slots=True)
class _Prepared:
    context: Any
    description: Any
    language: Any
    features: bytes


def _prepared(style) -> _Prepared:
    context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
    pango.pango_context_set_round_glyph_positions(context, False)
    pango.pango_context_set_base_dir(context, PANGO_DIRECTION[style["direction"]])
    language = pango.pango_language_get_default()
    if style["lang"]:
        pointer, _text = unicode_to_char_p(style["lang"])
        language = pango.pango_language_from_string(pointer)
        pango.pango_context_set_language(context, language)
    features = font_features(*(style[name] for name in _FEATURES), style["font_feature_settings"])
    joined = ",".join(f"{key} {value}" for key, value in features.items())
    return _Prepared(context, get_font_description(style), language, joined.encode())


def _setup_prepared(layout: Layout, style) -> None:
    if style["text_decoration_line"] != "none" or style["font_language_override"] != "normal":
        _setup(layout, style)
        return
    prepared = style.__dict__.get("prepared")
    if prepared is None:
        prepared = style.__dict__["prepared"] = _prepared(style)
    layout.style, layout.language, layout.first_line_direction = style, prepared.language, 0
    layout.layout = ffi.gc(pango.pango_layout_new(prepared.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, prepared.description)
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    layout.underline_thickness = layout.strikethrough_thickness = None
    if prepared.features:
        known = style.font_config.font_features
        if prepared.features not in known:
            known[prepared.features] = pango.pango_attr_font_features_new(prepared.features)
        attributes = pango.pango_attr_list_new()
        pango.pango_attr_list_insert(attributes, known[prepared.features])
        pango.pango_layout_set_attributes(layout.layout, attributes)


def _set_text_for_drawing(layout: Layout, text: str, justify: bool = False) -> None:
    """Drawing asks for single paragraphs; where there is but one, say so before, or all is measured again."""
    is_single = not _PARAGRAPHS.search(text)
    pango.pango_layout_set_single_paragraph_mode(layout.layout, is_single)
    _set_text(layout, text, justify)


def _reactivate(layout: Layout, style) -> None:
    if layout.justification_spacing or not hasattr(layout, "layout"):
        _setup_prepared(layout, style)
        _set_text_for_drawing(layout, layout.text, justify=True)
    layout.is_drawn = True


def _deactivate(layout: Layout) -> None:
    """Only once it is drawn."""
    if getattr(layout, "is_drawn", False):
        _deactivate_now(layout)


def _cache_key_once(style, include_size: bool = False) -> str:
    keys = style.__dict__.setdefault("cache_keys", {})
    if include_size not in keys:
        keys[include_size] = _font_style_cache_key(style, include_size)
    return keys[include_size]
