"""From frozen content to everything that the templates of a report show. Nothing is read from the database."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questionnaires.explaining import Grouping
from questionnaires.models import Confidentiality, LegalForce, ReportLanguage
from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.models import Severity as SeverityLabel
from questionnaires.reporting.citations import (
    RestsOn,
    binding_words,
    citations,
    coming_up,
    force_label,
    instrument_entry,
    rests_on,
)
from questionnaires.reporting.duties import duty_groups
from questionnaires.reporting.explanations import explained_groups
from questionnaires.reporting.figures import NO_SCORE, figures
from questionnaires.reporting.heat_map import heat_map
from questionnaires.reporting.parts import PARTS, Layout, gap_anchor, layout, question_anchor
from questionnaires.reporting.register import answered, gaps, register, register_sentence
from questionnaires.reporting.summary import MOST_INSTRUMENTS, summary
from questionnaires.reporting.texts import NOTHING, Text, Voice, joined, pick
from questionnaires.reporting.trust import left_out
from questionnaires.reporting.values import (
    Cover,
    Entry,
    Explanation,
    Fact,
    Figures,
    ForceGroup,
    Logo,
    NotAsked,
    Question,
    ReportContext,
    Section,
    Weight,
)
from questionnaires.reporting.words import METHOD, words_in

Data = Mapping[str, Any]


def report_context(content: Data, *, language: str, digest: str | None, is_web: bool = False) -> ReportContext:
    """Prepare a report in "en", "zh-hans" or "both"; without a digest it is a draft."""
    voice = Voice(language)
    plan = layout(content, language=language, is_web=is_web)
    words = words_in(language)
    numbers = question_numbers(content)
    cited = citations(content, voice, has_anchors="instruments" in plan.shown)
    forces = rests_on(content, cited)
    found = gaps(content, numbers, forces, plan, voice)
    overall = figures(content["result"]["overall"], words["overall"], voice, explained=plan.explained(Grouping.OVERALL))
    by_instrument = _by_instrument(content, plan, voice)
    sections = _sections(content, numbers, forces, plan, voice)
    return ReportContext(
        language=language,
        tag=voice.document_tag,
        is_both=voice.is_both,
        is_draft=digest is None,
        document_title=f"{words['title'].plain}: {_printed(content['assessment']['name'], voice)}",
        running_title=_running_title(content, voice),
        words=words,
        contents=_contents(words, sections, plan.shown),
        cover=_cover(content, digest, voice),
        summary=summary(content, found, overall, len(by_instrument), plan, voice),
        legend=tuple(Explanation(c.outcome, c.label, words[f"legend_{c.outcome}"]) for c in overall.counts),
        overall=overall,
        by_legal_force=_by_legal_force(content, plan, voice),
        by_instrument=by_instrument,
        by_section=tuple(section.figures for section in sections if section.figures),
        shown_instruments=_most_asked(by_instrument, MOST_INSTRUMENTS[len(voice.languages)]),
        register=register(found, voice),
        register_sentence=register_sentence(content, voice),
        heat_map=heat_map(content, voice),
        explained=explained_groups(content, numbers, voice) if "explained" in plan.shown else (),
        left_out=left_out(plan, voice),
        parts=plan.shown,
        duties=duty_groups(content, cited, voice),
        coming_up=coming_up(content, voice),
        sections=sections,
        not_asked=_not_asked(content, numbers, voice),
        facts=_facts(content, voice),
        instruments=tuple(instrument_entry(instrument, cited, voice) for instrument in content["instruments"]),
        method=tuple(voice.say(sentence) for sentence in METHOD),
        weights=tuple(
            Weight(voice.say(severity.label), content["version"]["weights"][severity]) for severity in SeverityLabel
        ),
        scoring_version=content["result"]["scoring_version"],
    )


def code(digest: str) -> str:
    """The short form of a digest that a person can compare: its first twelve characters."""
    return " ".join(digest[start : start + 4] for start in (0, 4, 8))


def _printed(text: str, voice: Voice) -> str:
    return voice.typed(text).text


def _moment(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC" if moment else ""


def _running_title(content: Data, voice: Voice) -> str:
    assessment = content["assessment"]
    parts = [Truncator(_printed(assessment[key], voice)).chars(45) for key in ("organisation", "name")]
    parts.append(_marking(content, voice).plain)
    return " · ".join(" ".join(part.split()) for part in parts)


def _marking(content: Data, voice: Voice) -> Text:
    """How confidential it is; a report frozen before that could be set is confidential."""
    return voice.say(Confidentiality(_settings(content).get("confidentiality", Confidentiality.CONFIDENTIAL)).label)


def _settings(content: Data) -> Data:
    return content.get("settings", {})


def _logo(content: Data, voice: Voice) -> Logo | None:
    logo = _settings(content).get("logo")
    if not logo:
        return None
    alternative = voice.each(
        lambda _language: _("Logo of %(organisation)s") % {"organisation": content["assessment"]["organisation"]}
    )
    return Logo(logo["digest"], logo["width"], logo["height"], alternative.plain)


def _cover(content: Data, digest: str | None, voice: Voice) -> Cover:
    assessment, version = content["assessment"], content["version"]

    confidentiality = _settings(content).get("confidentiality", Confidentiality.CONFIDENTIAL)

    def confidential(_language: str) -> str:
        if confidentiality == Confidentiality.PUBLIC:
            return ""
        words = _("%(marking)s: for %(organisation)s and those to whom it chooses to show it.")
        return words % {
            "marking": Confidentiality(confidentiality).label,
            "organisation": Truncator(_printed(assessment["organisation"], voice)).chars(80),
        }

    return Cover(
        organisation=voice.typed(assessment["organisation"]),
        name=voice.typed(assessment["name"]),
        subject=voice.typed(assessment["subject"]),
        question_set=voice.content(version["title"]),
        version=version["number"],
        revision=assessment["revision"],
        as_of=assessment["as_of"],
        submitted_at=_moment(assessment["submitted_at"]),
        submitted_iso=assessment["submitted_at"] or "",
        submitted_by=voice.typed(assessment["submitted_by"]),
        language=voice.say(ReportLanguage(_language_of(voice)).label),
        digest=digest or "",
        code=code(digest) if digest else "",
        confidential=voice.each(confidential),
        text=voice.content(_settings(content).get("cover_text", {})),
        marking=_marking(content, voice),
        logo=_logo(content, voice),
    )


def _language_of(voice: Voice) -> str:
    return "both" if voice.is_both else {"en": "en", "zh": "zh-hans"}[voice.languages[0]]


def _contents(words: Mapping[str, Text], sections: Iterable[Section], shown: Set[str]) -> tuple[Entry, ...]:
    entries = []
    for part in PARTS:
        if part not in shown:
            continue
        entries.append(Entry(part.replace("_", "-"), words[part]))
        if part == "answers":
            entries += [Entry(section.anchor, section.title, is_section=True) for section in sections]
    return tuple(entries)


def question_numbers(content: Data) -> dict[str, str]:
    """Question numbers by ref, such as 2.4; questions not asked have theirs, so that they never shift."""
    return {
        question["ref"]: f"{number}.{position}"
        for number, section in enumerate(content["sections"], 1)
        for position, question in enumerate(section["questions"], 1)
    }


def _by_legal_force(content: Data, plan: Layout, voice: Voice) -> tuple[Figures, ...]:
    scores = content["result"]["by_legal_force"]
    binding = {i["legal_force"] for i in content["instruments"] if i["is_binding"]}
    return tuple(
        figures(
            scores[force],
            force_label(force, voice),
            voice,
            mark=binding_words(force in binding, voice),
            explained=plan.explained(Grouping.LEGAL_FORCE, force),
        )
        for force in LegalForce.values
        if force in scores
    )


def _by_instrument(content: Data, plan: Layout, voice: Voice) -> tuple[Figures, ...]:
    """Binding instruments first, then in order of issue."""
    scores = content["result"]["by_instrument"]
    scored = [instrument for instrument in content["instruments"] if instrument["slug"] in scores]
    return tuple(
        figures(
            scores[instrument["slug"]],
            voice.content(instrument["short_title"]),
            voice,
            mark=binding_words(instrument["is_binding"], voice),
            explained=plan.explained(Grouping.INSTRUMENT, instrument["slug"]),
        )
        for instrument in sorted(scored, key=lambda instrument: not instrument["is_binding"])
    )


def _most_asked(instruments: tuple[Figures, ...], most: int) -> tuple[Figures, ...]:
    """Those that most questions rest on, in the order they have."""
    ranked = sorted(instruments, key=lambda instrument: -instrument.total)[:most]
    return tuple(instrument for instrument in instruments if instrument in ranked)


def _sections(
    content: Data, numbers: Mapping[str, str], forces: RestsOn, plan: Layout, voice: Voice
) -> tuple[Section, ...]:
    sections = []
    in_register = {gap["ref"] for gap in content["result"]["gaps"]}
    for number, section in enumerate(content["sections"], 1):
        title = voice.content(section["title"])
        score = content["result"]["by_section"].get(section["ref"], NO_SCORE)
        asked = [question for question in section["questions"] if not question["not_asked"]]
        sections.append(
            Section(
                number=number,
                anchor=f"section-{number}",
                title=title,
                intro=voice.content(section["intro"]),
                figures=figures(score, title, voice, explained=plan.explained(Grouping.SECTION, section["ref"])),
                questions=tuple(
                    _question(q, numbers[q["ref"]], forces[q["ref"]], q["ref"] in in_register, voice) for q in asked
                ),
                not_asked=_not_asked_sentence(len(section["questions"]) - len(asked), bool(asked), plan, voice),
            )
        )
    return tuple(sections)


def _not_asked_sentence(number: int, has_others: bool, plan: Layout, voice: Voice) -> Text:
    def sentence(_language: str) -> str:
        if not number:
            return ""
        if "not_asked" not in plan.shown:
            return ngettext(
                "%(n)d question of this section was not asked.",
                "%(n)d questions of this section were not asked.",
                number,
            ) % {"n": number}
        if not has_others:
            return _("No question of this section applies; the reasons stand under “Questions not asked”.")
        words = ngettext(
            "%(n)d question of this section was not asked; the reason stands under “Questions not asked”.",
            "%(n)d questions of this section were not asked; the reasons stand under “Questions not asked”.",
            number,
        )
        return words % {"n": number}

    return voice.each(sentence)


def _question(question: Data, number: str, forces: tuple[ForceGroup, ...], is_gap: bool, voice: Voice) -> Question:
    answer = question["answer"]
    return Question(
        number=number,
        anchor=question_anchor(number),
        gap_anchor=gap_anchor(number) if is_gap else "",
        ref=question["ref"],
        group=voice.content(question["group"]),
        text=voice.content(question["text"]),
        severity_label=voice.say(SeverityLabel(question["severity"]).label),
        outcome=answer["outcome"],
        outcome_label=voice.say(OutcomeLabel(answer["outcome"]).label),
        level=voice.content(answer["level"]) if answer["level"] else NOTHING,
        answered=answered(answer, voice),
        justification=voice.typed(answer["justification"]),
        note=voice.typed(answer["note"]),
        evidence=voice.content(question["evidence"]),
        is_confirmed=answer.get("is_confirmed", True),
        forces=forces,
    )


def _not_asked(content: Data, numbers: Mapping[str, str], voice: Voice) -> tuple[NotAsked, ...]:
    facts = {fact["ref"]: fact for fact in content["facts"]}
    return tuple(
        NotAsked(
            number=numbers[question["ref"]],
            text=voice.content(question["text"]),
            reason=_reason(question["not_asked"], facts, content["assessment"]["as_of"], voice),
        )
        for section in content["sections"]
        for question in section["questions"]
        if question["not_asked"]
    )


def _reason(not_asked: Data, facts: Mapping[str, Data], as_of: str, voice: Voice) -> Text:
    def reason(language: str) -> str:
        match not_asked["because"]:
            case "date":
                return _("No provision that it rests on is in force on %(date)s.") % {"date": as_of}
            case "instruments":
                return _("It rests only on instruments that were left out of this assessment.")
        stated = (f"{pick(facts[ref]['text'], language)} {_stated(facts[ref], language)}" for ref in not_asked["facts"])
        return _("Ruled out by the facts: %(facts)s") % {"facts": joined(stated, language)}

    return voice.each(reason)


def _facts(content: Data, voice: Voice) -> tuple[Fact, ...]:
    return tuple(
        Fact(voice.content(fact["text"]), voice.each(lambda language, fact=fact: _stated(fact, language)))
        for fact in content["facts"]
    )


def _stated(fact: Data, language: str) -> str:
    if fact["values"] is None:
        return _("Not stated")
    return joined((pick(value, language) for value in fact["values"]), language) or _("None of these")
