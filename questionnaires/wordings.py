"""Texts before and after, in pieces, as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from questionnaires.diffing import Piece, words


@dataclass(frozen=True, slots=True)
class Reworded:
    """`language` is the tag that HTML takes."""

    label: str
    language: str
    pieces: tuple[Piece, ...]


def reworded(old: object, new: object, fields: Iterable[str]) -> list[Reworded]:
    """Of two rows of one model every text that differs, in each language."""
    found = []
    for field in fields:
        for language, _name in settings.LANGUAGES:
            column = f"{field}_{language.replace('-', '_')}"
            one, other = getattr(old, column) or "", getattr(new, column) or ""
            if one != other:
                label = str(type(new)._meta.get_field(field).verbose_name)
                found.append(Reworded(label, language, words(one, other)))
    return found
