"""Frozen content for the tests of reports, made through the models."""

from datetime import date

from questionnaires.models.freezing import frozen_content
from tests import factories as f


def content_of(assessment):
    return frozen_content(assessment, assessment.standing())


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
