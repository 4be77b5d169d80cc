from datetime import date
from decimal import Decimal

import pytest

from questionnaires.models import Answer, Assessment, Report
from questionnaires.models.redating import redate
from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_draft,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db
LAST_DAY, SWITCH = date(2025, 12, 31), date(2026, 1, 1)


@pytest.fixture
def law():
    """Provisions that end with 2025, begin with 2026, and hold all along."""
    instrument = make_instrument("law")
    return {
        "old": make_provision(instrument, "Art. 41", in_force_until=LAST_DAY),
        "new": make_provision(instrument, "Art. 43", in_force_from=SWITCH),
        "kept": make_provision(instrument, "Art. 2"),
    }


def version_of(law, **questions):
    """Publish a version of questions by ref, each resting on the named provisions."""
    draft = make_draft()
    section = make_section(draft, "first")
    for ref, names in questions.items():
        make_question(section, ref, provisions=[law[name] for name in names])
    return publish(draft)


def refs(questions):
    return [question.ref for question in questions]


def recited(changed, law):
    """Names of the provisions before and after, by question ref."""
    names = {provision.pk: name for name, provision in law.items()}
    return {
        changed.before.outline.questions[pk].ref: tuple([names[p] for p in side] for side in sides)
        for pk, sides in changed.recited.items()
    }


@pytest.fixture
def version(law):
    return version_of(law, ends=["old"], begins=["new"], moves=["old", "new"], gains=["kept", "new"], stays=["kept"])


def test_later_day_asks_what_begins_and_no_more_what_ends(version, law):
    changed = redate(make_assessment(version, as_of=LAST_DAY), SWITCH)

    assert (refs(changed.newly_asked), refs(changed.no_longer_asked)) == (["begins"], ["ends"])
    assert recited(changed, law) == {"moves": (["old"], ["new"]), "gains": (["kept"], ["kept", "new"])}
    assert (changed.begun, changed.ended, changed.is_same) == ((law["new"].pk,), (law["old"].pk,), False)


def test_earlier_day_is_the_same_the_other_way_round(version, law):
    changed = redate(make_assessment(version, as_of=SWITCH), LAST_DAY)

    assert (refs(changed.newly_asked), refs(changed.no_longer_asked)) == (["ends"], ["begins"])
    assert recited(changed, law) == {"moves": (["new"], ["old"]), "gains": (["kept", "new"], ["kept"])}
    assert (changed.begun, changed.ended) == ((law["old"].pk,), (law["new"].pk,))


@pytest.mark.parametrize(
    ("as_of", "day"), [(SWITCH, SWITCH), (SWITCH, date(9999, 12, 31)), (LAST_DAY, date(2021, 1, 1))]
)
def test_nothing_changes_between_days_of_the_same_rules(version, as_of, day):
    changed = redate(make_assessment(version, as_of=as_of), day)

    assert (changed.newly_asked, changed.no_longer_asked, dict(changed.recited)) == ((), (), {})
    assert (changed.begun, changed.ended, changed.is_same) == ((), (), True)
    assert changed.scores_before == changed.scores_after


def test_scores_are_those_of_the_same_answers(version):
    assessment = make_assessment(version, as_of=LAST_DAY)
    for ref, level in {"ends": "no", "moves": "yes", "gains": "yes", "stays": "partly"}.items():
        answer(assessment, ref, level)

    changed = redate(assessment, SWITCH)

    assert changed.scores_before.overall.value == Decimal("0.625")
    after = changed.scores_after.overall
    assert (after.value, after.low, after.high) == (Decimal(10) / 12, Decimal("0.625"), Decimal("0.875"))
    assert (changed.before.progress().answered, changed.after.progress().answered) == (4, 3)


def test_answer_given_to_a_question_not_asked_now_counts_on_the_day_it_is(version):
    assessment = make_assessment(version, as_of=LAST_DAY)
    answer(assessment, "begins", "no")

    changed = redate(assessment, SWITCH)

    assert (changed.scores_before.gaps, [gap.ref for gap in changed.scores_after.gaps]) == ((), ["begins"])


def test_facts_rule_a_question_out_on_both_days(law):
    draft = make_draft()
    make_question(make_section(draft), "children", provisions=[law["new"]], applies_if="minors == yes")
    assessment = make_assessment(publish(draft), as_of=LAST_DAY)
    state_fact(assessment, "minors", "no")

    changed = redate(assessment, SWITCH)

    assert (changed.newly_asked, changed.begun) == ((), (law["new"].pk,))


def test_only_provisions_that_count_are_told(law):
    """Not those of instruments left out, of drafts, withheld ones, or ones that no question cites."""
    chosen = law["kept"].instrument
    make_provision(chosen, "uncited", in_force_from=SWITCH)
    others = {
        "withheld": make_provision(chosen, verification="withheld", in_force_from=SWITCH),
        "draft": make_provision(make_instrument(stage="draft"), in_force_from=SWITCH),
        "left_out": make_provision(in_force_from=SWITCH),
    }
    version = version_of(law | others, q=["kept", *others])
    instruments = [chosen, others["draft"].instrument]

    changed = redate(make_assessment(version, as_of=LAST_DAY, instruments=instruments), SWITCH)

    assert (changed.is_same, dict(changed.recited)) == (True, {})


def test_submitted_assessment_is_compared_and_nothing_is_stored(version):
    assessment = make_submitted(version, as_of=LAST_DAY)
    rows = [list(model.objects.order_by("pk").values()) for model in (Assessment, Answer, Report)]

    changed = redate(assessment, SWITCH)

    assert refs(changed.newly_asked) == ["begins"]
    assert [list(model.objects.order_by("pk").values()) for model in (Assessment, Answer, Report)] == rows
    assert assessment.as_of == LAST_DAY


@pytest.mark.parametrize("number", [1, 30])
def test_comparison_costs_six_queries(law, number, django_assert_num_queries):
    names = [["old"], ["new"], ["old", "new"]]
    version = version_of(law, **{f"q{n}": names[n % 3] for n in range(number)})
    assessment = make_assessment(version, as_of=LAST_DAY)
    answer_all(assessment)

    with django_assert_num_queries(6):
        redate(assessment, SWITCH)
