from decimal import Decimal

import pytest

from questionnaires.models import AnswerLevel, AnswerScale, Question, Version
from questionnaires.models.outlines import outline_of
from questionnaires.scoring import Severity
from tests.factories import both, make_draft, make_provision, make_question, make_section, make_version, publish

pytestmark = pytest.mark.django_db


def test_outline_holds_the_skeleton_in_question_order():
    draft = make_draft()
    late, early = make_section(draft, "late"), make_section(draft, "early")
    draft.sections.filter(ref="late").update(position=5)
    other = AnswerScale.objects.create(version=draft, ref="practice", position=1, **both(title="Practice"))
    AnswerLevel.objects.create(scale=other, ref="good", outcome="met", score="0.9", **both(label="Good"))
    AnswerLevel.objects.create(scale=other, ref="bad", outcome="not_met", score="0.2", position=1, **both(label="Bad"))
    cited = [make_provision(), make_provision()]
    third = make_question(late, "c", position=0, severity="low")
    second = make_question(early, "b", position=2, scale=other, applies_if="minors == yes")
    first = make_question(early, "a", position=1, provisions=[cited[1], cited[0]])

    outline = outline_of(publish(draft))

    assert list(outline.questions) == [first.pk, second.pk, third.pk]
    assert [q.ref for q in outline.questions.values()] == ["a", "b", "c"]
    assert [q.section for q in outline.questions.values()] == ["early", "early", "late"]
    assert [q.severity for q in outline.questions.values()] == [Severity.HIGH, Severity.HIGH, Severity.LOW]
    assert outline.questions[first.pk].provision_ids == (cited[1].pk, cited[0].pk)
    assert [q.expression is None for q in outline.questions.values()] == [True, False, True]
    assert [section.ref for section in outline.sections] == ["early", "late"]
    assert outline.section("late") == late
    assert outline.section("none") is None
    assert {ref: fact.values for ref, fact in outline.fact_types.items()} == {
        "minors": ("yes", "no"),
        "size": ("small", "medium", "large"),
    }
    assert outline.bounds(other.pk) == (Decimal("0.2"), Decimal("0.9"))
    assert [level.ref for level in outline.scale_levels[other.pk]] == ["good", "bad"]
    assert {level.ref for level in outline.levels.values()} == {"yes", "partly", "no", "good", "bad"}


@pytest.mark.parametrize("questions", [1, 30])
def test_outline_of_a_published_version_is_read_once(questions, django_assert_num_queries):
    version = make_version(questions=questions)

    with django_assert_num_queries(7):
        outline = outline_of(version)
    with django_assert_num_queries(0):
        again = outline_of(Version(pk=version.pk, published_at=version.published_at))

    assert again is outline
    assert len(outline.questions) == questions


def test_outline_of_a_draft_follows_its_edits():
    draft = make_draft()
    question = make_question(make_section(draft), "a")
    before = outline_of(draft)

    Question.objects.filter(pk=question.pk).update(ref="b")

    assert [q.ref for q in before.questions.values()] == ["a"]
    assert [q.ref for q in outline_of(draft).questions.values()] == ["b"]


def test_outline_of_a_draft_asks_a_question_whose_expression_cannot_be_read():
    draft = make_draft()
    make_question(make_section(draft), "a", applies_if="minors is yes")

    (question,) = outline_of(draft).questions.values()

    assert question.expression is None


def test_outlines_of_at_most_50_versions_are_kept(django_assert_num_queries):
    version = make_version(questions=1)
    outline_of(version)
    for number in range(50):
        outline_of(Version(pk=-number, published_at=version.published_at))

    with django_assert_num_queries(7):
        outline_of(version)
