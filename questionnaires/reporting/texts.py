"""Texts of a report: in English, in Chinese, or in both."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape
from unicodedata import bidirectional

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override

LOCALES = {"en": "en", "zh": "zh-hans"}
TAGS = {"en": "en", "zh": "zh-Hans"}
LONG, LONG_LINES = 800, 15  # a third of a page at most
LANGUAGES = {"en": ("en",), "zh-hans": ("zh",), "both": ("en", "zh")}


@dataclass(frozen=True, slots=True)
class Text:
    """Pairs of language tag and text; an empty tag: the language of the document. As a string it is markup."""

    parts: tuple[tuple[str, str], ...]

    def __str__(self) -> SafeString:
        # A report has some ten thousand: format_html_join() would take most of the time of drawing it.
        spans = (f'<span lang="{tag}">{escape(text)}</span>' if tag else escape(text) for tag, text in self.parts)
        return SafeString(" ".join(spans))

    __html__ = __str__

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def plain(self) -> str:
        return " / ".join(text for _tag, text in self.parts)


NOTHING = Text(())


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, with its language as far as the script tells; `tag` is empty for the document's."""

    text: str
    tag: str

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def is_long(self) -> bool:
        """Whether what holds it may be longer than a page, and so need not stay on one."""
        return len(self.text) > LONG or self.text.count("\n") > LONG_LINES

    @property
    def direction(self) -> str:
        """As dir="auto" has it, which WeasyPrint does not know: that of the first letter with a direction."""
        strong = (kind for kind in map(bidirectional, self.text) if kind in ("L", "R", "AL"))
        return "ltr" if next(strong, "L") == "L" else "rtl"


class Voice:
    """Says things in the languages of one report."""

    def __init__(self, language: str):
        self.languages = LANGUAGES[language]
        self.document_tag = TAGS[self.languages[0]]
        self._said: dict[int, tuple[Promise, Text]] = {}

    @property
    def is_both(self) -> bool:
        return len(self.languages) == 2

    def content(self, texts: Mapping[str, str]) -> Text:
        """The text in the report's languages; where it is missing, in the other one."""
        wanted = [(language, texts.get(language, "")) for language in self.languages]
        found = [(language, text) for language, text in wanted if text]
        return self._text(found or [(language, text) for language, text in texts.items() if text and language in TAGS])

    def each(self, make: Callable[[str], str]) -> Text:
        """Call `make` with "en", "zh" or each in turn, gettext set to that language."""
        made = []
        for language in self.languages:
            is_set = get_language() == LOCALES[language]  # to set it again would take longer than most texts
            with nullcontext() if is_set else override(LOCALES[language]):
                made.append((language, make(language)))
        return self._text(made)

    def say(self, message: Promise) -> Text:
        """The message in each language; the few there are, such as labels of outcomes, are said again and again."""
        known = self._said.get(id(message))
        if known is None:
            known = self._said[id(message)] = message, self.each(lambda _language: str(message))  # keeps its id taken
        return known[1]

    def same(self, text: str) -> Text:
        """What reads the same in each language."""
        return self._text((language, text) for language in self.languages)

    def typed(self, text: str | None) -> Typed:
        text = _printable(text or "")
        tag = TAGS["zh" if is_chinese(text) else "en"] if text else ""
        return Typed(text, "" if tag == self.document_tag else tag)

    def _text(self, said: Iterable[tuple[str, str]]) -> Text:
        parts: list[tuple[str, str]] = []
        for language, text in said:
            if text and text not in (known for _tag, known in parts):
                parts.append((TAGS[language], text))
        if not self.is_both:
            parts = [("" if tag == self.document_tag else tag, text) for tag, text in parts]
        return Text(tuple(parts))


def pick(texts: Mapping[str, str], language: str) -> str:
    """The text in that language or, where it is missing, in the other."""
    return texts.get(language) or next((texts[other] for other in TAGS if texts.get(other)), "")


def joined(texts: Iterable[str], language: str) -> str:
    return ("；" if language == "zh" else "; ").join(texts)


_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U00031fff]")


def is_chinese(text: str) -> bool:
    """A Chinese character says about as much as two letters of an alphabet."""
    sample = text[:2000]
    return not sample.isascii() and 3 * len(_HAN.findall(sample)) > sum(map(str.isalpha, sample))


_CONTROLS = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)])


def _printable(text: str) -> str:
    """Without the control characters that neither HTML nor PDF can hold."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)
