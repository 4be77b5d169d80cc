"""What a frozen report keeps of the days to come and of answers carried over."""

from datetime import date

import pytest

from questionnaires.models import Provision
from questionnaires.models.freezing import frozen_content
from tests.factories import (
    answer,
    answer_all,
    both,
    make_assessment,
    make_carried,
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
)
from tests.models.test_freezing import freeze, questions

pytestmark = pytest.mark.django_db


def test_coming_up_tells_each_provision_with_its_day_the_next_one_first():
    law = make_instrument("law", in_force_until=date(2030, 12, 31))
    late = make_provision(law, "Art. 9", in_force_from=date(2027, 1, 1), verification="unverified", is_derived=True)
    next_one = make_provision(law, "Art. 8", in_force_from=date(2026, 6, 1), **both(note="Careful", change_note="New"))
    now = make_provision(law, "Art. 1")

    content = freeze(make_assessment(make_version(questions=1, provisions=[late, now, next_one])))

    assert [(row["key"], row["counts_from"]) for row in content["coming_up"]] == [
        (next_one.key, "2026-06-01"),
        (late.key, "2027-01-01"),
    ]
    assert content["coming_up"][0] == {
        "key": next_one.key,
        "instrument": "law",
        "ref": {"en": "Art. 8", "zh": "Art. 8中文"},
        "statement": {"en": f"Duty of {next_one.key}", "zh": f"Duty of {next_one.key}中文"},
        "binds": {"en": "Everyone", "zh": "Everyone中文"},
        "note": {"en": "Careful", "zh": "Careful中文"},
        "change_note": {"en": "New", "zh": "New中文"},
        "verification": "verified",
        "is_derived": False,
        "counts_from": "2026-06-01",
        "counts_until": "2030-12-31",
    }
    assert (content["coming_up"][1]["verification"], content["coming_up"][1]["is_derived"]) == ("unverified", True)
    assert list(content["provisions"]) == [now.key]
    assert content["result"]["provisions"] == {now.key: "unanswered"}


@pytest.mark.parametrize(
    ("as_of", "coming", "counted"),
    [(date(2025, 12, 31), ["Art. 43"], ["Art. 41"]), (date(2026, 1, 1), [], ["Art. 43"])],
)
def test_provision_counts_from_its_day_and_is_coming_before(as_of, coming, counted):
    law = make_instrument()
    old = make_provision(law, "Art. 41", in_force_until=date(2025, 12, 31))
    new = make_provision(law, "Art. 43", in_force_from=date(2026, 1, 1))

    content = freeze(make_assessment(make_version(questions=1, provisions=[old, new]), as_of=as_of))

    assert [row["ref"]["en"] for row in content["coming_up"]] == coming
    assert [row["ref"]["en"] for row in content["provisions"].values()] == counted


def test_what_is_coming_stays_as_it_was_when_submitted():
    law = make_instrument()
    coming = make_provision(law, in_force_from=date(2026, 6, 1))
    assessment = make_submitted(make_version(questions=1, provisions=[make_provision(law), coming]))

    Provision.objects.filter(pk=coming.pk).update(in_force_from=date(2026, 9, 1))

    assert [row["counts_from"] for row in assessment.report.content["coming_up"]] == ["2026-06-01"]
    assert [row["counts_from"] for row in freeze(assessment)["coming_up"]] == ["2026-09-01"]


def test_answers_carried_over_are_marked_and_counted():
    source = make_assessment(make_version(questions=4))
    answer(source, "topic.q1", "yes")
    answer(source, "topic.q2", None, is_not_applicable=True, justification="No doors")
    answer(source, "topic.q3", None, note="Ask Li")
    later = make_carried(source)
    answer(later, "topic.q4", "no")
    before = freeze(later)

    answer(later, "topic.q1", "yes", seen=1)

    def confirmed(content):
        return {ref: question["answer"]["is_confirmed"] for ref, question in questions(content).items()}

    marks = {"topic.q1": False, "topic.q2": False, "topic.q3": True, "topic.q4": True}
    assert (confirmed(before), before["result"]["unconfirmed"]) == (marks, {"answers": 2, "weight": "4"})
    after = freeze(later)
    assert (confirmed(after), after["result"]["unconfirmed"]) == (
        marks | {"topic.q1": True},
        {"answers": 1, "weight": "0"},
    )


def test_nothing_carried_over_is_nothing_unconfirmed():
    content = freeze(make_submitted())

    assert content["result"]["unconfirmed"] == {"answers": 0, "weight": "0"}


@pytest.mark.parametrize("number", [1, 30])
def test_freezing_costs_the_same_for_more_of_each(number, django_assert_num_queries):
    draft = make_draft()
    section = make_section(draft, "first")
    for n in range(number):
        coming = make_provision(in_force_from=date(2027, 1, 1))
        current = make_provision()
        make_question(section, f"topic.q{n}", provisions=[current, coming])
        make_duty(draft, provisions=[current])
        make_contradiction(draft)
    source = make_assessment(publish(draft))
    answer_all(source)
    later = make_carried(source)
    later.standing()

    with django_assert_num_queries(9):
        content = frozen_content(later)

    rows = len(content["coming_up"]), len(content["duties"]), content["result"]["unconfirmed"]["answers"]
    assert rows == (number, number, number)
