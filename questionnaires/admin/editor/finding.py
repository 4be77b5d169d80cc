"""Finding provisions to cite, and instruments to look at, by words in either language."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Model, Q, QuerySet
from django.utils.translation import gettext as _

from questionnaires.models import Provision, Verification

AT_MOST = 20
_LANGUAGES = ("en", "zh_hans")
_OF_INSTRUMENT = ("title", "short_title", "number")


@dataclass(frozen=True, slots=True)
class ProvisionLine:
    """A provision with all that decides whether to cite it."""

    provision: Provision
    citation: Model | None = None
    is_cited: bool = False

    @property
    def is_withheld(self) -> bool:
        return not self.provision.is_shown

    @property
    def is_citable(self) -> bool:
        return not (self.is_withheld or self.is_cited)

    @property
    def force(self) -> str:
        instrument = self.provision.instrument
        binding = _("binding") if instrument.is_binding else _("not binding")
        return f"{instrument.get_legal_force_display()} · {binding}"

    @property
    def verification(self) -> str:
        withheld = Verification.WITHHELD.label
        return withheld if self.is_withheld else self.provision.get_verification_display()

    @property
    def dates(self) -> str:
        first, last = self.provision.counts_from, self.provision.counts_until
        if self.provision.instrument.stage == "draft":
            return _("Draft, not in force")
        if first is None:
            return _("undated")
        if last is None:
            return _("in force from %(first)s") % {"first": first.isoformat()}
        return _("in force %(first)s to %(last)s") % {"first": first.isoformat(), "last": last.isoformat()}


def _matching(words: str, fields: Iterable[str]) -> Q:
    """Every word is somewhere."""
    fields, condition = list(fields), Q()
    for word in words.split()[:8]:
        anywhere = Q()
        for name in fields:
            anywhere |= Q(**{f"{name}__icontains": word})
        condition &= anywhere
    return condition


def found_provisions(words: str, *, among: QuerySet, cited: Iterable[int]) -> tuple[list[ProvisionLine], int]:
    """The first provisions with these words, those that may be cited first, and how many more there are."""
    fields = ["key", *(f"{name}_{language}" for name in ("ref", "statement") for language in _LANGUAGES)]
    fields += [f"instrument__{name}_{language}" for name in _OF_INSTRUMENT for language in _LANGUAGES]
    rows = among.filter(_matching(words, fields)).select_related("instrument")
    found = list(rows.order_by("instrument__issued_on", "instrument__slug", "position", "pk")[: 10 * AT_MOST])
    cited = set(cited)
    lines = [ProvisionLine(provision, is_cited=provision.pk in cited) for provision in found]
    lines.sort(key=lambda line: line.is_withheld)  # stable: in order otherwise
    return lines[:AT_MOST], len(lines) - len(lines[:AT_MOST])


def found_instruments(words: str, *, among: QuerySet) -> QuerySet:
    fields = ["slug", *(f"{name}_{language}" for name in (*_OF_INSTRUMENT, "issuer") for language in _LANGUAGES)]
    matching = among.filter(_matching(words, fields)).in_order()
    return matching.annotate(provision_count=Count("provisions"))
