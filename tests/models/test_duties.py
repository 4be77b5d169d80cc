from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from questionnaires import content, validation
from questionnaires.models import Contradiction, Duty, Provision
from tests.factories import both, make_contradiction, make_draft, make_duty, make_question, make_section

pytestmark = pytest.mark.django_db

WITHIN = {"rhythm": "within", "count": 30, "unit": "working_days"}
YEARLY = {"rhythm": "yearly", "month": 1, "day_of_month": 31}
TIMINGS = [
    {"rhythm": "on", "day": date(2026, 6, 30)},
    {**WITHIN, **both(event="growing")},
    YEARLY,
    {"rhythm": "every", "count": 2, "unit": "years"},
    {"rhythm": "keep", "count": 3, "unit": "years"},
]


def errors(row):
    with pytest.raises(ValidationError) as caught:
        row.clean()
    return caught.value.message_dict


@pytest.mark.parametrize("timing", TIMINGS, ids=lambda timing: timing["rhythm"])
def test_duty_of_each_rhythm_is_sound(timing):
    duty = make_duty(make_draft(), applies_if="minors == yes and size >= medium", **timing)

    duty.clean()

    assert [problem for problem in duty.version.problems() if problem.place.path == "duty"] == []


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        ({"rhythm": "on"}, {"day": ["“day” is missing for this rhythm."]}),
        (
            {"rhythm": "on", "day": date(2026, 6, 30), "count": 2},
            {"count": ["“count” does not go with this rhythm."]},
        ),
        (WITHIN, {"event_en": ["“event” is missing for this rhythm."]}),
        ({"rhythm": "yearly", "month": 1}, {"day_of_month": ["“day of the month” is missing for this rhythm."]}),
        (
            {"rhythm": "keep", "count": 3, "unit": "years", "event_zh_hans": "事件"},
            {"event_en": ["“event” does not go with this rhythm."]},
        ),
        (
            {"rhythm": "every", "day": date(2026, 6, 30)},
            {
                "day": ["“day” does not go with this rhythm."],
                "count": ["“count” is missing for this rhythm."],
                "unit": ["“unit” is missing for this rhythm."],
            },
        ),
        ({**YEARLY, "month": 2, "day_of_month": 29}, {"day_of_month": ["No such day in every year."]}),
        ({**YEARLY, "month": 13}, {"day_of_month": ["No such day in every year."]}),
        ({**YEARLY, "month": 0}, {"day_of_month": ["No such day in every year."]}),
        ({"rhythm": "keep", "count": 0, "unit": "years"}, {"count": ["Give a number from 1 to 999."]}),
        ({"rhythm": "keep", "count": 1000, "unit": "years"}, {"count": ["Give a number from 1 to 999."]}),
    ],
)
def test_timing_that_does_not_go_with_the_rhythm_is_named_by_field(timing, expected):
    assert errors(Duty(version=make_draft(), ref="report", **both(title="Report", text="It."), **timing)) == expected


def test_rhythm_that_is_none_is_left_to_its_own_field():
    Duty(version=make_draft(), rhythm="daily").clean()


def test_duty_is_checked_against_the_facts_of_its_version():
    version = make_draft()
    make_question(make_section(version), "topic.q1")

    assert errors(make_duty(version, applies_if="age == old")) == {
        "applies_if": ["unknown fact “age”; known are: minors, size"]
    }
    assert errors(make_duty(version, applies_if="topic.q1 == met")) == {
        "applies_if": ["unknown fact “topic.q1”; known are: minors, size"]
    }


def test_event_in_one_language_is_an_error():
    duty = make_duty(make_draft(), "grow", **WITHIN, event_en="growing")

    assert [p.message for p in duty.version.problems() if p.place.path == "duty"] == [
        "“grow”: event is missing in Simplified Chinese."
    ]


def test_contradiction_is_checked_against_facts_and_questions_of_its_version():
    version = make_draft()
    make_question(make_section(version), "topic.q1")

    make_contradiction(version, holds_if="minors == no and topic.q1 == met").clean()

    assert errors(Contradiction(version=version, holds_if="topic.q1 == yes or topic.q2 == met")) == {
        "holds_if": [
            "“yes” is no value of “topic.q1”: not_met, partly_met, met, not_applicable",
            "unknown fact “topic.q2”; known are: minors, size, topic.q1",
        ]
    }
    assert errors(Contradiction(version=version, holds_if="")) == {
        "holds_if": ["It would always hold: say when it does."]
    }


def test_provision_that_a_duty_cites_cannot_be_deleted():
    provision = make_duty(make_draft()).provisions.get()

    with pytest.raises(ProtectedError):
        provision.delete()

    assert Provision.objects.filter(pk=provision.pk).exists()


def test_closed_sets_are_those_of_the_library():
    assert list(Duty.Rhythm.values) == list(content.Rhythm) == list(validation.TIMING)
    assert list(Duty.Unit.values) == list(content.Unit)


def test_names_are_the_title_and_the_ref():
    version = make_draft()

    assert str(make_duty(version, "report")) == "Do report"
    assert str(make_contradiction(version, "clash")) == "clash"
