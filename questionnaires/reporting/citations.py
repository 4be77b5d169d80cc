"""Provisions and instruments as a report cites them: force, dates, and how far they were verified."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from questionnaires import content as library
from questionnaires.models import LegalForce, Stage, Verification
from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.reporting.texts import NOTHING, Text, Voice, is_chinese, pick
from questionnaires.reporting.values import Citation, Coming, ForceGroup, Instrument

Data = Mapping[str, Any]
RestsOn = Mapping[str, tuple[ForceGroup, ...]]  # by the ref of a question
_DOT = " · "
_BINDING, _NOT_BINDING = gettext_lazy("Binding"), gettext_lazy("Not binding")


def citations(content: Data, voice: Voice, *, has_anchors: bool = True) -> dict[str, Citation]:
    """Every provision that counts, by key: prepared once, however many questions cite it."""
    instruments = {instrument["slug"]: instrument for instrument in content["instruments"]}
    outcomes = content["result"]["provisions"]
    made = {
        key: _citation(number, provision, instruments[provision["instrument"]], outcomes.get(key), voice)
        for number, (key, provision) in enumerate(content["provisions"].items(), 1)
    }
    return made if has_anchors else {key: replace(citation, anchor="") for key, citation in made.items()}


def coming_up(content: Data, voice: Voice) -> tuple[Coming, ...]:
    """What takes effect after the as-of date; a report frozen before this was kept has none."""
    instruments = {instrument["slug"]: instrument for instrument in content["instruments"]}
    return tuple(
        Coming(row["counts_from"], _citation(number, row, instruments[row["instrument"]], None, voice))
        for number, row in enumerate(content.get("coming_up", ()), 1)
    )


def cited_by(rows: Iterable[Data], content: Data, cited: Mapping[str, Citation], voice: Voice) -> tuple[Citation, ...]:
    """Provisions that come as rows of their own: with the anchor of those that count, the others without one."""
    instruments = {instrument["slug"]: instrument for instrument in content["instruments"]}
    made = ((row["key"], _citation(0, row, instruments[row["instrument"]], None, voice)) for row in rows)
    return distinct(replace(c, anchor=cited[key].anchor if key in cited else "") for key, c in made)


def _citation(number: int, provision: Data, instrument: Data, outcome: str | None, voice: Voice) -> Citation:
    def title(language: str) -> str:
        short, ref = pick(instrument["short_title"], language), pick(provision["ref"], language)
        if ref == short:
            return ref
        return short + ref if is_chinese(ref[:1]) else f"{short}, {ref}"

    def meta(language: str) -> str:
        dates = _dates(provision["counts_from"], provision["counts_until"], instrument["legal_force"])
        said = [_force(instrument), dates, pick(provision["change_note"], language)]
        return _DOT.join(part for part in said if part)

    def dated(language: str) -> str:
        own = provision["counts_from"], provision["counts_until"]
        whole = instrument["in_force_from"], instrument["in_force_until"]
        has_own = own != whole and instrument["legal_force"] not in library.UNDATED_FORCES
        said = [_dates(*own, instrument["legal_force"]) if has_own else "", pick(provision["change_note"], language)]
        return _DOT.join(part for part in said if part)

    def caution(_language: str) -> str:
        said = [_verification_words(provision["verification"]), _("our reading") if provision["is_derived"] else ""]
        return _DOT.join(part for part in said if part)

    return Citation(
        anchor=f"provision-{number}",
        title=voice.each(title),
        ref=voice.content(provision["ref"]),
        force=voice.each(lambda _language: _force(instrument)),
        meta=voice.each(meta),
        dated=voice.each(dated),
        caution=voice.each(caution),
        statement=voice.content(provision["statement"]),
        binds=voice.content(provision["binds"]),
        note=voice.content(provision["note"]),
        outcome=outcome or "",
        outcome_label=voice.say(OutcomeLabel(outcome).label) if outcome else NOTHING,
    )


def rests_on(content: Data, cited: Mapping[str, Citation]) -> RestsOn:
    """What every question that is asked rests on, by its ref: binding provisions first, then stronger legal force."""
    forces = LegalForce.values
    ranks = {
        key: (not instrument["is_binding"], forces.index(instrument["legal_force"]))
        for instrument in content["instruments"]
        for key in instrument["provisions"]
    }
    return {
        question["ref"]: _by_force(distinct(cited[key] for key in sorted(question["citations"], key=ranks.__getitem__)))
        for section in content["sections"]
        for question in section["questions"]
        if not question["not_asked"]
    }


def _by_force(cited: Iterable[Citation]) -> tuple[ForceGroup, ...]:
    return tuple(ForceGroup(force, tuple(group)) for force, group in groupby(cited, key=lambda c: c.force))


def distinct(cited: Iterable[Citation]) -> tuple[Citation, ...]:
    """Without those that read the same: two duties of one section, cited at section level."""
    kept: dict[tuple[Text, Text, Text], Citation] = {}
    for citation in cited:
        kept.setdefault((citation.title, citation.meta, citation.caution), citation)
    return tuple(kept.values())


def instrument_entry(instrument: Data, cited: Mapping[str, Citation], voice: Voice) -> Instrument:
    def meta(language: str) -> str:
        said = [pick(instrument["number"], language), pick(instrument["issuer"], language), _force(instrument)]
        return _DOT.join(part for part in said if part)

    def dates(_language: str) -> str:
        issued = instrument["issued_on"]
        force = instrument["legal_force"]
        said = [_("issued %(date)s") % {"date": issued} if issued else ""]
        if instrument["in_force_from"] or force not in library.UNDATED_FORCES:
            said.append(_dates(instrument["in_force_from"], instrument["in_force_until"], force))
        return _DOT.join(part for part in said if part)

    def counted(_language: str) -> str:
        number = len(instrument["provisions"])
        if not number:
            return _("No provision of it is in force on the date of this report and asked about.")
        words = ngettext("%(n)d provision counts in this report.", "%(n)d provisions count in this report.", number)
        return words % {"n": number}

    return Instrument(
        title=voice.content(instrument["title"]),
        meta=voice.each(meta),
        dates=voice.each(dates),
        caution=voice.each(lambda _language: _verification_words(instrument["verification"])),
        counted=voice.each(counted),
        source=voice.content(instrument["source"]),
        note=voice.content(instrument["note"]),
        provisions=tuple(cited[key] for key in instrument["provisions"]),
    )


def binding_words(is_binding: bool, voice: Voice) -> Text:
    return voice.say(_BINDING if is_binding else _NOT_BINDING)


def force_label(force: str, voice: Voice) -> Text:
    return voice.say(LegalForce(force).label)


def _force(instrument: Data) -> str:
    label = str(LegalForce(instrument["legal_force"]).label)
    if instrument["stage"] == Stage.DRAFT:
        return _("%(force)s, draft, not in force") % {"force": label}
    words = _("%(force)s, binding") if instrument["is_binding"] else _("%(force)s, not binding")
    return words % {"force": label}


def _dates(first: str | None, last: str | None, force: str) -> str:
    if first is None:
        return _("undated") if force in library.UNDATED_FORCES else _("not in force")
    if force in library.UNDATED_FORCES:
        return _("dated %(date)s") % {"date": first}
    if last is None:
        return _("in force from %(date)s") % {"date": first}
    return _("in force from %(first)s to %(last)s") % {"first": first, "last": last}


def _verification_words(verification: str) -> str:
    match verification:
        case Verification.SECTION:
            return _("cited at section level")
        case Verification.UNVERIFIED:
            return _("to be verified")
    return ""
