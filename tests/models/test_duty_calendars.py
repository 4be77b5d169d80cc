"""Which duties an assessment has: by facts, by chosen instruments, by the as-of date."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from questionnaires.models import Duty, DutyCitation, Instrument
from questionnaires.models.duty_calendars import DatedDuty, State, dated_duties
from questionnaires.models.version_texts import texts_of
from tests.factories import (
    TODAY,
    make_assessment,
    make_draft,
    make_duty,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db
EARLIER, LATER = date(2025, 5, 1), date(2026, 9, 1)


@pytest.fixture
def draft():
    draft = make_draft()
    make_question(make_section(draft), "topic.q1")
    return draft


def assess(draft, **fields):
    instruments = fields.pop("instruments", Instrument.objects.all())
    return make_assessment(publish(draft), instruments=instruments, **fields)


def dated(assessment):
    return dated_duties(texts_of(assessment.version).duties, assessment.standing(), assessment.as_of)


def states(assessment):
    return {row.duty.ref: (row.state, row.open_facts) for row in dated(assessment)}


def test_duty_rests_on_what_it_cites(draft):
    law = make_provision(make_instrument(in_force_from=EARLIER))
    older = make_provision(make_instrument(in_force_from=date(2021, 11, 1)))
    duty = make_duty(draft, "audit", provisions=[law, older])

    assessment = assess(draft)

    [row] = dated(assessment)

    stated = assessment.standing().provisions
    assert row == DatedDuty(duty, State.HOLDS, (), (stated[law.pk], stated[older.pk]), since=EARLIER, until=None)
    assert row.start(TODAY) == TODAY


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, {"any": ("holds", ()), "children": ("may_apply", ("minors",)), "both": ("may_apply", ("minors", "size"))}),
        ({"minors": "yes"}, {"any": ("holds", ()), "children": ("holds", ()), "both": ("may_apply", ("size",))}),
        ({"minors": "no"}, {"any": ("holds", ())}),
        (
            {"minors": "yes", "size": "large"},
            {"any": ("holds", ()), "children": ("holds", ()), "both": ("holds", ())},
        ),
    ],
)
def test_facts_decide_and_open_ones_are_named(draft, stated, expected):
    make_duty(draft, "any")
    make_duty(draft, "children", applies_if="minors == yes")
    make_duty(draft, "both", applies_if="minors == yes and size >= medium")
    assessment = assess(draft)
    for ref, value in stated.items():
        state_fact(assessment, ref, value)

    assert states(assessment) == expected


def test_duty_of_an_instrument_left_out_is_not_there(draft):
    left_out, chosen = make_provision(), make_provision()
    make_duty(draft, "left-out", provisions=[left_out])
    make_duty(draft, "partly", provisions=[left_out, chosen])
    assessment = assess(draft, instruments=[chosen.instrument])

    [row] = dated(assessment)

    assert (row.duty.ref, [p.pk for p in row.provisions]) == ("partly", [chosen.pk])


def test_withheld_provision_carries_no_duty(draft):
    withheld, known = make_provision(verification="withheld"), make_provision()
    make_duty(draft, "secret", provisions=[withheld])
    make_duty(draft, "known", provisions=[withheld, known])
    assessment = make_assessment(draft, instruments=Instrument.objects.all())  # none would publish the first

    [row] = dated(assessment)

    assert (row.duty.ref, [p.pk for p in row.provisions]) == ("known", [known.pk])


@pytest.mark.parametrize(
    ("as_of", "state", "start"),
    [
        (date(2026, 8, 31), State.COMING, LATER),
        (LATER, State.HOLDS, LATER),
        (date(2026, 12, 31), State.HOLDS, date(2026, 12, 31)),
        (date(2027, 1, 1), None, None),
    ],
)
def test_as_of_date_says_whether_it_is_coming_holds_or_has_ended(draft, as_of, state, start):
    law = make_instrument(in_force_from=LATER, in_force_until=date(2026, 12, 31))
    make_duty(draft, provisions=[make_provision(law)])

    rows = dated(assess(draft, as_of=as_of))

    assert [(row.state, row.start(as_of), row.until) for row in rows] == (
        [(state, start, date(2026, 12, 31))] if state else []
    )


def test_duty_whose_provision_is_replaced_goes_on(draft):
    old = make_provision(make_instrument(in_force_from=EARLIER, in_force_until=date(2026, 8, 31)))
    new = make_provision(make_instrument(in_force_from=LATER))
    make_duty(draft, provisions=[new, old])

    [row] = dated(assess(draft))

    assert [p.pk for p in row.provisions] == [old.pk]
    assert (row.state, row.since, row.until) == (State.HOLDS, EARLIER, None)


def test_draft_instrument_carries_no_duty(draft):
    bill = make_instrument(stage="draft", in_force_from=LATER)
    make_duty(draft, provisions=[make_provision(bill)])

    assert dated(assess(draft)) == []


def test_coming_duty_names_open_facts(draft):
    law = make_provision(make_instrument(in_force_from=LATER))
    make_duty(draft, "coming", provisions=[law], applies_if="minors == yes")

    assert states(assess(draft)) == {"coming": (State.COMING, ("minors",))}


def test_undated_initiative_carries_a_duty_without_a_beginning(draft):
    pledge = make_instrument(legal_force="industry_initiative", issued_on=None, in_force_from=None)
    make_duty(draft, provisions=[make_provision(pledge)])

    [row] = dated(assess(draft))

    assert (row.state, row.since, row.start(TODAY)) == (State.HOLDS, None, TODAY)


def test_expression_that_cannot_be_read_rules_nothing_out(draft):
    make_duty(draft, "bad", applies_if="moon == full")
    assessment = make_assessment(draft, instruments=Instrument.objects.all())

    assert states(assessment) == {"bad": (State.HOLDS, ())}


def test_duties_of_other_versions_stay_there(draft):
    other = make_draft()
    make_duty(other, "theirs")
    make_duty(draft, "ours")

    assert list(states(assess(draft))) == ["ours"]


def test_duties_cost_the_same_queries_whatever_their_number():
    counts = []
    for number in (0, 1, 3):
        draft = make_draft()
        make_question(make_section(draft), "topic.q1")
        for _n in range(number):
            make_duty(draft, provisions=[make_provision(), make_provision()])
        assessment = assess(draft)
        standing = assessment.standing()

        with CaptureQueriesContext(connection) as captured:
            texts = texts_of(assessment.version)
        counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            again = texts_of(assessment.version)
            rows = dated_duties(texts.duties, standing, assessment.as_of)
            [p.instrument.slug for row in rows for p in row.provisions]
        assert (again, len(rows), len(captured)) == (texts, number, 0)

    assert counts == [3, 3, 3]
    assert (Duty.objects.count(), DutyCitation.objects.count()) == (4, 8)
