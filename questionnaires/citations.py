"""What a question's card shows of the provisions it cites, as plain values in the language of the page.

Values, not rows: whatever is drawn from them can be kept under them (`{% kept %}`).
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.utils.translation import get_language
from modeltranslation.utils import build_localized_fieldname, resolution_order

from questionnaires.models import Instrument, LegalForce, Provision, Verification


class CitedInstrument(NamedTuple):
    legal_force: str
    stage: str
    issued_on: date | None
    in_force_from: date | None
    in_force_until: date | None
    short_title: str

    is_binding = Instrument.is_binding

    @property
    def force_label(self) -> str:
        return LegalForce(self.legal_force).label


class Cited(NamedTuple):
    """A provision with its instrument."""

    pk: int
    instrument_id: int
    verification: str
    is_derived: bool
    in_force_from: date | None
    ref: str
    statement: str
    change_note: str
    note: str
    instrument: CitedInstrument

    @property
    def verification_label(self) -> str:
        return Verification(self.verification).label


_PLAIN = ("pk", "instrument_id", "verification", "is_derived", "in_force_from")
_OF_INSTRUMENT = ("legal_force", "stage", "issued_on", "in_force_from", "in_force_until")
_TRANSLATED = ("ref", "statement", "change_note", "note", "instrument__short_title")
_FIXED = (*_PLAIN, *(f"instrument__{field}" for field in _OF_INSTRUMENT))


def cited(provision_ids: Iterable[int]) -> dict[int, Cited]:
    """The provisions by primary key, in the language in use: one query, whatever their number."""
    languages = resolution_order(get_language())
    columns = [build_localized_fieldname(field, language) for language in languages for field in _TRANSLATED]
    # Without rewrite() modeltranslation builds an object for every row, only to find the language of its texts.
    shown = Provision.objects.shown().filter(pk__in=set(provision_ids)).order_by().rewrite(False)
    return {row[0]: _cited(row) for row in shown.values_list(*_FIXED, *columns)}


def _cited(row: tuple) -> Cited:
    plain, of_instrument, texts = row[: len(_PLAIN)], row[len(_PLAIN) : len(_FIXED)], row[len(_FIXED) :]
    by_language = zip(*[iter(texts)] * len(_TRANSLATED), strict=True)
    *own, short_title = (next(filter(None, given), "") for given in zip(*by_language, strict=True))
    return Cited(*plain, *own, CitedInstrument(*of_instrument, short_title))
