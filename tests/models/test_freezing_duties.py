"""The duties of a report, frozen with their dates."""

import json
from datetime import date

import pytest

from questionnaires.models import Assessment, Instrument
from questionnaires.models.freezing import canonical, duty_content, frozen_content
from tests.factories import (
    both,
    make_assessment,
    make_draft,
    make_duty,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    publish,
)

pytestmark = pytest.mark.django_db


def frozen_duties(*duties, as_of=date(2026, 3, 1), **fields):
    """Duties of a version that rests on one provision, in force since May 2025 unless told otherwise."""
    law = make_instrument("audit-law", in_force_from=date(2025, 5, 1), **fields)
    provision = make_provision(law, "Art. 4")
    draft = make_draft()
    make_question(make_section(draft), "topic.q1", provisions=[provision])
    for duty in duties:
        make_duty(draft, provisions=[provision], **duty)
    assessment = Assessment.objects.get(pk=make_assessment(publish(draft), as_of=as_of).pk)
    return json.loads(canonical(frozen_content(assessment)))["duties"]


def test_duty_is_frozen_with_its_dates_and_citations_in_both_languages():
    [duty] = frozen_duties({"ref": "audit", "count": 2, "rhythm": "every", "unit": "years"})

    [citation] = duty.pop("citations")
    assert duty == {
        "ref": "audit",
        "title": {"en": "Do audit", "zh": "Do audit中文"},
        "text": {"en": "audit must be done.", "zh": "audit must be done.中文"},
        "event": {"en": "", "zh": ""},
        "rhythm": "every",
        "day": None,
        "month": None,
        "day_of_month": None,
        "count": 2,
        "unit": "years",
        "state": "holds",
        "open_facts": [],
        "since": "2025-05-01",
        "until": None,
        "start": "2026-03-01",
        "due": "2028-03-01",
        "recurrence": {"unit": "years", "interval": 2, "month": 3, "days_of_month": []},
        "due_since_in_force": "2027-05-01",
        "example": None,
        "holidays_until": None,
    }
    assert (citation["instrument"], citation["ref"]["en"], citation["verification"]) == (
        "audit-law",
        "Art. 4",
        "verified",
    )


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ({"rhythm": "on", "day": date(2025, 7, 14)}, ("2025-07-14", None, None)),
        ({"rhythm": "yearly", "month": 1, "day_of_month": 31}, ("2027-01-31", None, None)),
        ({"rhythm": "within", "count": 30, "unit": "working_days", **both(event="it")}, (None, "2026-04-13", 2026)),
        ({"rhythm": "within", "count": 4, "unit": "hours", **both(event="it")}, (None, None, None)),
        ({"rhythm": "keep", "count": 3, "unit": "years"}, (None, "2029-03-01", None)),
    ],
)
def test_dates_of_a_duty_are_frozen(timing, expected):
    [duty] = frozen_duties(timing)

    assert (duty["due"], duty["example"]) == expected[:2]
    assert duty["holidays_until"] is None if expected[2] is None else duty["holidays_until"] >= expected[2]


def test_duty_that_ends_before_it_falls_due_has_no_date():
    [duty] = frozen_duties({"rhythm": "yearly", "month": 1, "day_of_month": 31}, in_force_until=date(2026, 12, 31))

    assert (duty["due"], duty["recurrence"], duty["until"]) == (None, None, "2026-12-31")


def test_coming_duty_counts_from_its_entry_into_force():
    [duty] = frozen_duties({"rhythm": "every", "count": 1, "unit": "years"}, as_of=date(2025, 1, 1))

    assert (duty["state"], duty["start"], duty["due"], duty["due_since_in_force"]) == (
        "coming",
        "2025-05-01",
        "2026-05-01",
        None,
    )


def test_part_for_the_duty_calendar_says_the_same_as_the_report():
    draft = make_draft()
    make_question(make_section(draft), "topic.q1")
    make_duty(draft, rhythm="keep", count=3, unit="years")
    assessment = make_assessment(publish(draft), instruments=Instrument.objects.all())
    standing = assessment.standing()

    part, content = duty_content(assessment, standing), frozen_content(assessment)

    assert len(part["duties"]) == 1
    assert {key: part[key] for key in ("assessment", "facts", "duties")} == {
        key: content[key] for key in ("assessment", "facts", "duties")
    }
    assert [i["slug"] for i in part["instruments"]] == [i["slug"] for i in content["instruments"]]
