"""What lies between two results: the law, the questions, or the organisation."""

from datetime import date
from decimal import Decimal

import pytest

from questionnaires.attribution import Cause, Moved, Part
from questionnaires.models import Assessment, Provision
from questionnaires.models.comparing import OVERALL, compare
from questionnaires.models.moving import instruments_there, move
from questionnaires.scoring import Outcome
from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_draft,
    make_instrument,
    make_next_version,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db
LAST_DAY, SWITCH = date(2025, 12, 31), date(2026, 1, 1)
LAW, QUESTIONS, ORGANISATION, CORRECTIONS = Cause.LAW, Cause.QUESTIONS, Cause.ORGANISATION, Cause.CORRECTIONS
MET, PARTLY, NOT, OPEN = Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET, Outcome.UNANSWERED


@pytest.fixture
def law():
    return make_instrument("csl")


@pytest.fixture
def version(law):
    """`ends` and `begins` with the law, `stays` and `goes` count on every day; weights 4 each (high)."""
    draft = make_draft()
    section = make_section(draft, "first")
    old = make_provision(law, "old", in_force_until=LAST_DAY)
    new = make_provision(law, "new", in_force_from=SWITCH)
    always = make_provision(law, "always")
    for ref, provision in (("ends", old), ("begins", new), ("stays", always), ("goes", always)):
        make_question(section, ref, provisions=[provision])
    return publish(draft)


@pytest.fixture
def next_version(version):
    """`goes` is gone; `comes` rests on a law of its own; `stays` weighs twice as much (critical)."""
    draft = version.start_draft()
    draft.questions.get(ref="goes").delete()
    draft.questions.filter(ref="stays").update(severity="critical")
    make_question(draft.sections.get(), "comes", provisions=[make_provision(make_instrument("pipl"), "comes")])
    return publish(draft)


@pytest.fixture
def before(version):
    """As of the last day of the old law: ends not met, stays partly met, goes met; begins answered ahead."""
    made = make_assessment(version, as_of=LAST_DAY)
    for ref, level in (("ends", "no"), ("stays", "partly"), ("goes", "yes"), ("begins", "yes")):
        answer(made, ref, level)
    return made


def key_of(ref):
    return Provision.objects.get(ref_en=ref).key


def moved_on(assessment, version, **fields):
    revision = move(assessment, version, by=assessment.created_by, instruments=instruments_there(assessment, version))
    Assessment.objects.filter(pk=revision.pk).update(**fields)
    return Assessment.objects.get(pk=revision.pk)


def percent(*values):
    return [None if value is None else Decimal(value).quantize(Decimal("0.000001")) for value in values]


def test_each_cause_has_its_part_and_the_parts_sum_to_the_whole(before, next_version):
    after = moved_on(before, next_version, as_of=SWITCH)
    answer(after, "comes", "yes")
    seen = after.answers.get(question__ref="stays").revision
    answer(after, "stays", "yes", seen=seen)

    found = compare(before, after)

    # by hand: (0+½+1)/3; then begins for ends: (1+½+1)/3; then (4·1+8·½)/12; then all met
    expected = [Decimal(1) / 2, Decimal(1) / 2, Decimal(5) / 6, Decimal(2) / 3, Decimal(1), Decimal(1)]
    values = found.values(OVERALL)
    assert values == percent(*expected)
    assert found.parts(OVERALL) == tuple(Part(n, n + 1, values[n + 1] - values[n]) for n in range(5))
    assert sum(part.change for part in found.parts(OVERALL)) == values[-1] - values[0]
    assert found.values("law") == values
    assert found.moved_questions == (
        Moved("ends", NOT, None, (LAW,)),
        Moved("stays", PARTLY, MET, (ORGANISATION,)),
        Moved("goes", MET, None, (QUESTIONS,)),
        Moved("begins", None, MET, (LAW,)),
        Moved("comes", None, MET, (QUESTIONS, ORGANISATION)),
    )
    assert set(found.moved_provisions) == {
        Moved(key_of("old"), NOT, None, (LAW,)),
        Moved(key_of("new"), None, MET, (LAW,)),
        Moved(key_of("always"), PARTLY, MET, (ORGANISATION,)),
        Moved(key_of("comes"), None, MET, (QUESTIONS, ORGANISATION)),
    }


def test_another_day_alone_is_all_law(before):
    found = compare(before, before, as_of=SWITCH)

    assert found.values(OVERALL) == percent(
        "0.5", "0.5", Decimal(5) / 6, Decimal(5) / 6, Decimal(5) / 6, Decimal(5) / 6
    )
    assert {row.causes for row in (*found.moved_questions, *found.moved_provisions)} == {(LAW,)}
    assert (found.as_of, found.version) == (SWITCH, before.version)


def test_another_version_alone_is_all_questions(before, next_version):
    found = compare(before, before, version=next_version)

    after = (4 * Decimal(0) + 8 * Decimal("0.5")) / 12
    assert found.values(OVERALL) == percent("0.5", "0.5", "0.5", after, after, after)
    assert {row.causes for row in found.moved_questions} == {(QUESTIONS,)}
    assert [row.key for row in found.moved_questions] == ["goes", "comes"]


def test_other_answers_alone_are_all_the_organisation(version):
    before, after = (make_submitted(version, as_of=LAST_DAY, level=level) for level in ("no", "yes"))

    found = compare(before, after)

    assert found.values(OVERALL) == percent(0, 0, 0, 0, 1, 1)
    assert {row.causes for row in found.moved_questions} == {(ORGANISATION,)}


def test_instrument_left_out_and_fact_changed_are_the_organisation(law, version):
    draft = version.start_draft()
    draft.questions.filter(ref="stays").update(applies_if="minors == yes")
    version = publish(draft)
    before, after = (make_assessment(version, as_of=LAST_DAY, instruments=[law]) for _n in range(2))
    answer_all(before)
    state_fact(after, "minors", "no")
    answer(after, "goes", "yes")

    found = compare(before, after)

    assert [(row.key, row.after, row.causes) for row in found.moved_questions] == [
        ("ends", OPEN, (ORGANISATION,)),
        ("stays", None, (ORGANISATION,)),
    ]


def test_comparing_with_oneself_changes_nothing(before):
    found = compare(before, before)

    assert (len(set(found.values(OVERALL))), found.moved_questions, found.moved_provisions) == (1, (), ())


def test_what_was_corrected_since_the_report_is_told_apart(version):
    before = make_submitted(version, as_of=LAST_DAY, level="no")
    after = make_submitted(version, as_of=LAST_DAY, level="yes")
    Provision.objects.filter(ref_en="old").update(in_force_until=date(2020, 1, 1), in_force_from=date(2019, 1, 1))

    found = compare(before, after)

    ended = next(row for row in found.moved_questions if row.key == "ends")
    assert found.values(OVERALL) == percent(0, 0, 0, 0, 1, 1)
    assert ended.causes == (CORRECTIONS, CORRECTIONS)[:1]
    assert (ended.before, ended.after) == (NOT, MET)


def test_a_step_without_any_score_is_merged_with_the_next(law):
    draft = make_draft()
    make_question(make_section(draft), "only", provisions=[make_provision(law, "gone", in_force_until=LAST_DAY)])
    version = publish(draft)
    later = version.start_draft()
    later.questions.get().citations.create(provision=make_provision(law, "kept"), position=1)
    before = make_assessment(version, as_of=LAST_DAY)
    answer(before, "only", "no")
    after = make_assessment(publish(later), organisation=before.organisation, as_of=SWITCH)
    answer(after, "only", "yes")

    found = compare(before, after)

    assert found.values(OVERALL) == percent(0, 0, None, 0, 1, 1)
    assert [(part.start, part.end) for part in found.parts(OVERALL)] == [(0, 1), (1, 3), (3, 4), (4, 5)]


def test_score_of_other_answers_through_moving_is_that_of_the_moved_assessment(before, next_version):
    """The chain's hypothetical step is what moving really comes to."""
    hypothetical = compare(before, before, version=next_version)

    moved_one = moved_on(before, next_version)

    assert hypothetical.points[-1].scores[OVERALL] == percent(moved_one.score().overall.value)[0]
    assert hypothetical.points[-1].provisions == moved_one.score().provisions


def test_compare_costs_the_same_for_1_and_for_3_questions(django_assert_num_queries):
    for number in (1, 3):
        version = make_version(questions=number)
        before = make_submitted(version)
        after = make_assessment(make_next_version(version), organisation=before.organisation)
        answer_all(after)
        compare(before, after)  # outlines of published versions are kept

        with django_assert_num_queries(9):
            compare(before, after)
