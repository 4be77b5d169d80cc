"""From frozen content to everything that the templates of a report show. Nothing is read from the database."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questionnaires.models import LegalForce, ReportLanguage
from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.models import Severity as SeverityLabel
from questionnaires.reporting.citations import (
    binding_words,
    citations,
    coming_up,
    distinct,
    force_label,
    instrument_entry,
)
from questionnaires.reporting.duties import duty_groups
from questionnaires.reporting.figures import NO_SCORE, figures
from questionnaires.reporting.summary import MOST_INSTRUMENTS, gaps, register, register_sentence, summary
from questionnaires.reporting.texts import NOTHING, Text, Voice, joined, pick
from questionnaires.reporting.values import (
    Citation,
    Cover,
    Entry,
    Explanation,
    Fact,
    Figures,
    NotAsked,
    Question,
    ReportContext,
    Section,
    Weight,
)
from questionnaires.reporting.words import METHOD, WORDS

Data = Mapping[str, Any]
PARTS = (
    "summary",
    "register",
    "duties",
    "results",
    "coming_up",
    "answers",
    "not_asked",
    "facts",
    "instruments",
    "method",
)


def report_context(content: Data, *, language: str, digest: str | None) -> ReportContext:
    """Prepare a report in "en", "zh-hans" or "both"; without a digest it is a draft."""
    voice = Voice(language)
    words = {key: voice.say(word) for key, word in WORDS.items()}
    numbers = _numbers(content)
    cited = citations(content, voice)
    found = gaps(content, numbers, cited, voice)
    overall = figures(content["result"]["overall"], words["overall"], voice)
    by_instrument = _by_instrument(content, voice)
    sections = _sections(content, numbers, cited, voice)
    name = _printed(content["assessment"]["name"], voice)
    return ReportContext(
        language=language,
        tag=voice.document_tag,
        is_both=voice.is_both,
        is_draft=digest is None,
        document_title=f"{words['title'].plain}: {name}",
        running_title=_running_title(content, voice),
        words=words,
        contents=_contents(words, sections, {part for part in ("duties", "coming_up") if not content.get(part)}),
        cover=_cover(content, digest, voice),
        summary=summary(content, found, overall, len(by_instrument), voice),
        legend=tuple(Explanation(c.outcome, c.label, words[f"legend_{c.outcome}"]) for c in overall.counts),
        overall=overall,
        by_legal_force=_by_legal_force(content, voice),
        by_instrument=by_instrument,
        by_section=tuple(section.figures for section in sections if section.figures),
        shown_instruments=by_instrument[: MOST_INSTRUMENTS[len(voice.languages)]],
        register=register(found, voice),
        register_sentence=register_sentence(content, voice),
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
    return " · ".join(" ".join(part.split()) for part in parts)


def _cover(content: Data, digest: str | None, voice: Voice) -> Cover:
    assessment, version = content["assessment"], content["version"]

    def confidential(_language: str) -> str:
        words = _("Confidential: for %(organisation)s and those to whom it chooses to show it.")
        return words % {"organisation": Truncator(_printed(assessment["organisation"], voice)).chars(80)}

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
    )


def _language_of(voice: Voice) -> str:
    return "both" if voice.is_both else {"en": "en", "zh": "zh-hans"}[voice.languages[0]]


def _contents(words: Mapping[str, Text], sections: Iterable[Section], left_out: Set[str]) -> tuple[Entry, ...]:
    entries = []
    for part in PARTS:
        if part in left_out:
            continue
        entries.append(Entry(part.replace("_", "-"), words[part]))
        if part == "answers":
            entries += [Entry(section.anchor, section.title, is_section=True) for section in sections]
    return tuple(entries)


def _numbers(content: Data) -> dict[str, str]:
    """Question numbers by ref, such as 2.4; questions not asked have theirs, so that they never shift."""
    return {
        question["ref"]: f"{number}.{position}"
        for number, section in enumerate(content["sections"], 1)
        for position, question in enumerate(section["questions"], 1)
    }


def _by_legal_force(content: Data, voice: Voice) -> tuple[Figures, ...]:
    scores = content["result"]["by_legal_force"]
    binding = {i["legal_force"] for i in content["instruments"] if i["is_binding"]}
    return tuple(
        figures(
            scores[force],
            force_label(force, voice),
            voice,
            mark=binding_words(force in binding, voice),
        )
        for force in LegalForce.values
        if force in scores
    )


def _by_instrument(content: Data, voice: Voice) -> tuple[Figures, ...]:
    """Binding instruments first, then in order of issue."""
    scores = content["result"]["by_instrument"]
    scored = [instrument for instrument in content["instruments"] if instrument["slug"] in scores]
    return tuple(
        figures(
            scores[instrument["slug"]],
            voice.content(instrument["short_title"]),
            voice,
            mark=binding_words(instrument["is_binding"], voice),
        )
        for instrument in sorted(scored, key=lambda instrument: not instrument["is_binding"])
    )


def _sections(
    content: Data, numbers: Mapping[str, str], cited: Mapping[str, Citation], voice: Voice
) -> tuple[Section, ...]:
    sections = []
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
                figures=figures(score, title, voice),
                questions=tuple(_question(question, numbers, cited, voice) for question in asked),
                not_asked=_left_out(len(section["questions"]) - len(asked), bool(asked), voice),
            )
        )
    return tuple(sections)


def _left_out(number: int, has_others: bool, voice: Voice) -> Text:
    def sentence(_language: str) -> str:
        if not number:
            return ""
        if not has_others:
            return _("No question of this section applies; the reasons stand under “Questions not asked”.")
        words = ngettext(
            "%(n)d question of this section was not asked; the reason stands under “Questions not asked”.",
            "%(n)d questions of this section were not asked; the reasons stand under “Questions not asked”.",
            number,
        )
        return words % {"n": number}

    return voice.each(sentence)


def _question(question: Data, numbers: Mapping[str, str], cited: Mapping[str, Citation], voice: Voice) -> Question:
    answer = question["answer"]
    number = numbers[question["ref"]]
    return Question(
        number=number,
        anchor=f"question-{number.replace('.', '-')}",
        ref=question["ref"],
        group=voice.content(question["group"]),
        text=voice.content(question["text"]),
        severity_label=voice.say(SeverityLabel(question["severity"]).label),
        outcome=answer["outcome"],
        outcome_label=voice.say(OutcomeLabel(answer["outcome"]).label),
        level=voice.content(answer["level"]) if answer["level"] else NOTHING,
        answered=_answered(answer, voice),
        justification=voice.typed(answer["justification"]),
        note=voice.typed(answer["note"]),
        evidence=voice.content(question["evidence"]),
        is_confirmed=answer.get("is_confirmed", True),
        citations=distinct(cited[key] for key in question["citations"]),
    )


def _answered(answer: Data, voice: Voice) -> Text:
    if not answer["answered_at"]:
        return NOTHING
    said = {"name": _printed(answer["answered_by"] or "", voice), "date": answer["answered_at"][:10]}
    return voice.each(lambda _language: _("%(name)s, %(date)s") % said)


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
