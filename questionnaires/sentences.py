"""Sentences that whoever shows them translates. Pure: no Django, no I/O."""

from collections.abc import Callable
from typing import Self


class Sentence(str):
    """English, as any text; what it was filled with is kept, so that a catalogue's wording can be filled with it, too.

    Imported as `_` where sentences are made: makemessages finds their wordings by that name.
    """

    __slots__ = ("values", "wording")

    wording: str
    values: dict[str, object]

    def __new__(cls, wording: str, /, **values: object) -> Self:
        sentence = super().__new__(cls, wording % values if values else wording)
        sentence.wording, sentence.values = wording, values
        return sentence

    def translated(self, gettext: Callable[[str], str]) -> str:
        """In the language of `gettext`, and so are the sentences within it."""
        values = {
            name: value.translated(gettext) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return gettext(self.wording) % values if values else gettext(self.wording)
