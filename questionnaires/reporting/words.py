"""The words around the figures and texts of a report."""

from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from questionnaires.reporting.texts import Text, Voice

WORDS = {
    # cover
    "title": _("Facial recognition gap report"),
    "deployment": _("Deployment assessed"),
    "question_set": _("Question set"),
    "version": pgettext_lazy("edition of a question set", "version"),
    "revision": _("Revision"),
    "as_of": _("Law as of"),
    "submitted": pgettext_lazy("when a report was submitted", "Submitted"),
    "by": pgettext_lazy("submitted by a person", "by"),
    "language": _("Language"),
    "code": _("Report code"),
    "not_submitted": _("Not submitted"),
    "marking": _("Marking"),
    "draft": _("Draft: not submitted"),
    "draft_note": _("Answers can still change. This page has no digest and cannot be downloaded as a PDF."),
    # parts
    "contents": _("Contents"),
    "summary": _("Summary"),
    "register": _("Gap register"),
    "results": _("Results in figures"),
    "duties": _("Duty calendar"),
    "coming_up": _("Coming up"),
    "coming_up_note": _("Adopted, and in force only after the date of this report. None of it is scored."),
    "answers": _("Answers"),
    "not_asked": _("Questions not asked"),
    "facts": _("Facts stated"),
    "instruments": _("Instruments and provisions"),
    "explained": _("How the scores came about"),
    "method": _("Method and disclaimer"),
    "reading": _("How to read this report"),
    # summary and figures
    "first": _("What to mend first"),
    "trust": _("How far to trust it"),
    "next": _("What comes into force next"),
    "by_legal_force": _("By legal force"),
    "by_instrument": _("By instrument"),
    "by_section": _("By section"),
    "overall": _("Overall"),
    "group": _("Group"),
    "score": _("Score"),
    "range": _("Range"),
    "outcomes": _("Outcomes"),
    "counts_note": _("A question counts once for every instrument and every legal force that it cites."),
    "none_scored": _("No question was scored."),
    "heat_map": _("Instruments and topics"),
    "heat_map_note": _(
        "A cell shows the worst outcome of the questions of a section that rest on an instrument: ▲ not met, ◐ partly "
        "met, ◌ unanswered, ● met, – not applicable. An empty place: nothing was asked."
    ),
    "instrument": _("Instrument"),
    "section_numbers": _("Sections, by number"),
    "heat_map_table": _("The same as a table: sections by number"),
    # explanations
    "explained_note": _(
        "A score is a sum of products divided by a sum of weights. Per section: question, weight × level = product; a "
        "dash where nothing was answered or nothing applies. A legal force or an instrument takes the products of the "
        "questions named."
    ),
    "terms": _("Terms"),
    "sum_points": _("Products"),
    "sum_weights": pgettext_lazy("sum of the weights behind a score", "Weights"),
    # gaps and questions
    "severity": _("Severity"),
    "answered": pgettext_lazy("what the respondent answered", "Answered"),
    "planned": pgettext_lazy("what is planned about a gap", "Planned"),
    "not_planned": _("not yet planned: no effort, owner or due date"),
    "plan": _("Plan an action"),
    "rests_on": _("Rests on"),
    "see_register": _("see this gap in the register"),
    "remediation": _("What to do"),
    "justification": _("Why it does not apply"),
    "note": _("Note"),
    "evidence": _("Evidence wanted"),
    "unconfirmed": _("carried over, not confirmed"),
    "fact": _("Fact"),
    "stated": _("Stated"),
    "no_facts": _("This question set asks for no facts."),
    "all_asked": _("Every question of the set was asked."),
    "binds": _("Binds"),
    "official_source": _("Official source"),
    "no_instruments": _("No instrument was chosen."),
    # duties
    "duties_note": _("Dates that follow from the facts stated and from the law on the date of this report."),
    "when": _("When"),
    "passed": pgettext_lazy("of a day", "passed"),
    "duty": _("Duty"),
    "open_facts": _("Not stated:"),
    # legend
    "legend_met": _("The respondent states that the duty is met."),
    "legend_partly_met": _("Met for some places, people or systems, or without proof."),
    "legend_not_met": _("The respondent states that the duty is not met, or does not know."),
    "legend_not_applicable": _("Set aside with a justification; it counts neither for nor against."),
    "legend_unanswered": _("No answer yet: neither met nor not met. The range shows what it may change."),
    "legend_verification": _(
        "A provision that was not checked against its source is marked “to be verified” and is no statement of fact. "
        "“Cited at section level” means that the section was confirmed, but not the wording. “Our reading” means that "
        "the duty follows from the provision, but does not stand in it."
    ),
    "legend_bars": _(
        "The dark bar is the score over the answered questions. The lighter band is its range, with every unanswered "
        "question at its worst and at its best."
    ),
    # method
    "weights": _("Weights"),
    "scoring_version": _("Scoring version"),
    "digest": _("Digest of the frozen data (SHA-256)"),
    "no_digest": _("None: the assessment has not been submitted."),
    "parts_left_out": _("Parts left out"),
    "disclaimer": _("Disclaimer"),
    "disclaimer_text": _(
        "This report is a self-assessment. It repeats what the respondent stated; nobody has audited the answers. It is"
        " no legal advice and no confirmation by an authority. Provisions are given in our own words; only the official"
        " text counts. Take advice before you rely on it."
    ),
}

METHOD = (
    _("Every applicable question has one outcome: met, partly met, not met, not applicable or unanswered."),
    _(
        "A provision takes the worst outcome of the questions that cite it. A question that is not applicable is "
        "neutral, and an unanswered question is never counted as not met."
    ),
    _(
        "A score is the weighted mean of the levels of the answered questions, from 0 to 100 percent. The weight of a "
        "question follows its severity. While answers are missing, the range takes all of them at their worst and at "
        "their best."
    ),
    _(
        "Scores are given per section, per instrument and per legal force, so that a binding duty is never averaged "
        "away by voluntary principles. Percentages are rounded; a score short of 100 is never shown as 100."
    ),
    _(
        "A question is asked if a provision that it cites belongs to a chosen instrument and is in force on the date "
        "above, and if the facts stated do not rule it out."
    ),
)


class Words(dict[str, Text]):
    """What is said by key. Equal only to itself, so that cards can be kept under it for nothing."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


@lru_cache
def words_in(language: str) -> Words:
    """The fixed words of every report in "en", "zh-hans" or "both": the same object each time."""
    voice = Voice(language)
    return Words((key, voice.say(word)) for key, word in WORDS.items())
