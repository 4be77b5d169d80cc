"""Frozen content for the tests of reports, made through the models."""

from datetime import date

from questionnaires.models.freezing import frozen_content
from tests import factories as f


def content_of(assessment):
    return frozen_content(assessment)


def make_two_instruments():
    """A version of five questions: two on a law, one on both, one on a guideline, and one for children only."""
    law = f.make_instrument("law", legal_force="law", **f.both(short_title="The Law"))
    guide = f.make_instrument(
        "guide",
        legal_force="company_guideline",
        issued_on=date(2019, 7, 8),
        in_force_from=None,
        **f.both(short_title="The Guide"),
    )
    first = f.make_provision(law, "Art. 1")
    second = f.make_provision(law, "Art. 2", verification="unverified", **f.both(change_note="New in 2020"))
    principle = f.make_provision(guide, "Part 1", verification="section", is_derived=True)
    draft = f.make_draft("set")
    consent, storage = f.make_section(draft, "consent"), f.make_section(draft, "storage")
    f.make_question(consent, "consent.asked", severity="critical", provisions=[first])
    f.make_question(consent, "consent.recorded", severity="medium", provisions=[second])
    f.make_question(consent, "consent.guardian", severity="high", provisions=[first], applies_if="minors == yes")
    f.make_question(storage, "storage.encrypted", severity="high", provisions=[principle, second])
    f.make_question(storage, "storage.short", severity="low", provisions=[principle])
    return f.publish(draft)


def make_mixed(**fields):
    """Of `make_two_instruments`: not met, partly met, not asked, unanswered, N/A; two facts, one stated."""
    assessment = f.make_assessment(make_two_instruments(), **fields)
    f.state_fact(assessment, "minors", "no")
    f.answer(assessment, "consent.asked", "no", note="No sign yet.\nOrdered in May.")
    f.answer(assessment, "consent.recorded", "partly", note="已记录，但不完整。")
    f.answer(assessment, "storage.short", None, is_not_applicable=True, justification="Nothing is stored.")
    return assessment


def submitted_report(assessment):
    return assessment.submit(by=assessment.created_by, accept_unanswered=True)


def draft_with_duties(*duties):
    """A draft of one question, and duties that rest on one law, in force since May 2025, unless they say otherwise."""
    law = f.make_instrument("law", in_force_from=date(2025, 5, 1), **f.both(short_title="The Law"))
    article = f.make_provision(law, "Art. 4")
    draft = f.make_draft()
    f.make_question(f.make_section(draft, "first"), "topic.q1", provisions=[article])
    for fields in duties:
        f.make_duty(draft, **{"provisions": [article]} | fields)
    return draft


def draft_with_every_duty():
    """A duty of each rhythm; one that depends on a fact, and one whose provision is in force from September 2026."""
    coming = f.make_provision(
        f.make_instrument("next", in_force_from=date(2026, 9, 1)), "Art. 9", verification="section"
    )
    return draft_with_duties(
        {"ref": "audit", "rhythm": "every", "count": 2, "unit": "years"},
        {"ref": "report", "rhythm": "yearly", "month": 1, "day_of_month": 31},
        {"ref": "late", "rhythm": "on", "day": date(2025, 7, 14)},
        {"ref": "filing", "rhythm": "within", "count": 30, "unit": "working_days", **f.both(event="the start of use")},
        {"ref": "incident", "rhythm": "within", "count": 4, "unit": "hours", **f.both(event="an incident")},
        {"ref": "records", "rhythm": "keep", "count": 3, "unit": "years"},
        {"ref": "children", "rhythm": "every", "count": 1, "unit": "years", "applies_if": "minors == yes"},
        {"ref": "new", "rhythm": "every", "count": 1, "unit": "months", "provisions": [coming]},
    )
