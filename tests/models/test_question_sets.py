from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.translation import override

from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Citation,
    Duty,
    DutyCitation,
    Fact,
    FactChoice,
    Outcome,
    Question,
    QuestionSet,
    Section,
    Severity,
    Version,
)
from questionnaires.scoring import Outcome as ScoringOutcome
from questionnaires.scoring import Severity as ScoringSeverity
from tests.factories import (
    both,
    make_assessment,
    make_contradiction,
    make_draft,
    make_duty,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_user,
    make_version,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    version = make_draft("set")
    make_question(make_section(version, "first"), "topic.q1")
    return version


# --- publishing -------------------------------------------------------------------------------------------------------


def test_publish_says_when_and_by_whom(draft):
    editor = make_user()
    before = timezone.now()

    draft.publish(by=editor)

    stored = Version.objects.get(pk=draft.pk)
    assert stored.is_published
    assert before <= stored.published_at <= timezone.now()
    assert (stored.published_by, stored.published_at) == (editor, draft.published_at)


def test_publish_twice_is_refused(draft):
    stale = Version.objects.get(pk=draft.pk)
    draft.publish()

    for version in (draft, stale):
        with pytest.raises(Version.Published):
            version.publish(by=make_user())

    assert Version.objects.get(pk=draft.pk).published_by is None


def test_publish_names_every_error_and_leaves_a_draft(draft):
    question = draft.questions.get()
    question.why_zh_hans, question.applies_if = "", "age == old"
    question.save()
    question.citations.all().delete()
    AnswerLevel.objects.filter(scale__version=draft, ref="yes").delete()
    FactChoice.objects.filter(fact__version=draft).delete()

    with pytest.raises(ValidationError) as caught:
        draft.publish()

    assert caught.value.messages == [
        "No level of “yes-partly-no” is met.",
        "The fact “size” of kind choice has 0 choices.",
        "“topic.q1”: why it is asked is missing in Simplified Chinese.",
        "applies_if of “topic.q1”: unknown fact “age”; known are: minors, size.",
        "“topic.q1” rests on no provision that may be shown.",
    ]
    assert not Version.objects.get(pk=draft.pk).is_published


def test_retire_takes_it_off_the_list_and_keeps_assessments():
    version = make_version()
    assessment = make_assessment(version)

    version.retire()

    assert list(Version.objects.open_to(assessment.created_by)) == []
    assert list(Version.objects.published()) == [version]
    assert len(list(assessment.standing().applicable())) == 3


def test_draft_cannot_retire(draft):
    with pytest.raises(IntegrityError, match="version_retired_after_published"), transaction.atomic():
        draft.retire()


def test_version_with_an_assessment_cannot_be_deleted(draft):
    make_assessment(draft)

    with pytest.raises(ProtectedError):
        draft.delete()


def test_scale_in_use_cannot_be_deleted(draft):
    with pytest.raises(RestrictedError):
        draft.scales.get().delete()


# --- who may use it ---------------------------------------------------------------------------------------------------


def test_open_to_shows_shared_and_own_versions_and_nothing_else():
    user = make_user()
    mine, other_mine, theirs = make_organisation(owner=user), make_organisation(owner=user), make_organisation()
    shared, own, foreign, retired = (make_version(questions=1) for _ in range(4))
    make_draft()
    QuestionSet.objects.filter(versions=own).update(organisation=mine)
    QuestionSet.objects.filter(versions=foreign).update(organisation=theirs)
    retired.retire()
    for organisation in (mine, other_mine, theirs):
        organisation.memberships.create(user=make_user(), role="viewer")

    visible = list(Version.objects.open_to(user).order_by("pk"))

    assert visible == [shared, own]
    assert list(Version.objects.open_to(theirs.members.first()).order_by("pk")) == [shared, foreign]
    assert list(Version.objects.open_to(make_user())) == [shared]


# --- copying ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def full():
    """A published version in which every column that is copied differs from its default."""
    version = make_draft("full")
    Version.objects.filter(pk=version.pk).update(weight_critical="9.5", weight_low="0.25")
    second = AnswerScale.objects.create(version=version, ref="practice", position=1, **both(title="Practice"))
    AnswerLevel.objects.create(
        scale=second, ref="good", outcome="met", score="0.875", **both(label="Good", description="Well done")
    )
    minors = version.facts.get(ref="minors")
    minors.help_en, minors.help_zh_hans = "Under 14", "未满14周岁"
    minors.save()
    section = make_section(version, "first", **both(intro="Intro"))
    law = make_provision()
    make_question(section, "topic.q1", provisions=[make_provision(), law], severity="critical", **both(group="Heading"))
    make_question(section, "topic.q2", provisions=[law], scale=second, applies_if="minors == yes")
    make_question(make_section(version, "second"), "topic.q3", position=7)
    make_duty(version, "on", rhythm="on", day=date(2026, 6, 30), applies_if="minors == yes", provisions=[law])
    yearly = {"rhythm": "yearly", "month": 1, "day_of_month": 31}
    make_duty(version, "yearly", provisions=[make_provision(), law], **yearly)
    within = {"rhythm": "within", "count": 30, "unit": "working_days"}
    make_duty(version, "within", provisions=[law], **within, **both(event="growing"))
    make_contradiction(version, "clash", position=7, holds_if="minors == yes and topic.q1 == not_applicable")
    return publish(Version.objects.get(pk=version.pk))


def contents(version):
    """All rows of a version with their texts in both languages; keys are replaced by refs."""

    def rows(queryset, *parents):
        fields = [f.attname for f in queryset.model._meta.concrete_fields if not f.is_relation and not f.primary_key]
        return list(queryset.rewrite(False).values_list(*fields, *parents))

    citations = Citation.objects.filter(question__version=version)
    duty_citations = DutyCitation.objects.filter(duty__version=version)
    return {
        "weights": version.weights,
        "scales": rows(version.scales),
        "levels": rows(AnswerLevel.objects.filter(scale__version=version), "scale__ref"),
        "facts": rows(version.facts),
        "choices": rows(FactChoice.objects.filter(fact__version=version), "fact__ref"),
        "sections": rows(version.sections),
        "questions": rows(version.questions, "section__ref", "scale__ref"),
        "citations": list(citations.order_by("pk").values_list("position", "question__ref", "provision__key")),
        "duties": rows(version.duties),
        "duty citations": list(duty_citations.order_by("pk").values_list("position", "duty__ref", "provision__key")),
        "contradictions": rows(version.contradictions),
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_start_draft_copies_everything_in_both_languages(full, language):
    with override(language):
        draft = full.start_draft()

    assert contents(Version.objects.get(pk=draft.pk)) == contents(full)
    assert [len(part) for part in contents(draft).values()] == [4, 2, 4, 2, 3, 2, 3, 4, 3, 4, 1]
    assert (draft.number, draft.is_published, draft.source_digest) == (2, False, "")
    assert draft.weights[ScoringSeverity.CRITICAL] == Decimal("9.5")


def test_start_draft_leaves_an_untranslated_text_empty(draft):
    Section.objects.filter(version=draft).update(intro_en="Only English", intro_zh_hans="")

    with override("zh-hans"):
        copy = draft.start_draft()

    section = copy.sections.get()
    assert (section.intro_en, section.intro_zh_hans) == ("Only English", "")


def test_start_draft_makes_rows_of_its_own(full):
    before = contents(full)
    draft = full.start_draft()

    draft.questions.filter(ref="topic.q1").update(text_en="Changed", applies_if="size == small")
    FactChoice.objects.filter(fact__version=draft).delete()
    draft.questions.get(ref="topic.q3").delete()
    draft.duties.filter(ref="on").update(title_en="Changed", day=date(2030, 1, 1))
    draft.duties.get(ref="yearly").delete()
    draft.contradictions.all().delete()

    assert contents(full) == before
    assert full.questions.count() == 3


def test_start_draft_from_a_draft_in_review_and_from_a_retired_version(full):
    second = full.start_draft()
    second.submit_for_review(by=make_user())
    full.retire()

    third, fourth = second.start_draft(), Version.objects.get(pk=full.pk).start_draft()

    assert contents(third) == contents(fourth) == contents(full)
    assert (third.is_draft, third.retired_at, fourth.retired_at) == (True, None, None)


def test_start_draft_costs_the_same_with_more_of_each_part(full, django_assert_num_queries):
    larger = full.start_draft()
    section = larger.sections.first()
    for _ in range(5):
        make_question(section)
        make_duty(larger)
        make_contradiction(larger)
        make_section(larger)
    with django_assert_num_queries(40, exact=False) as counted:
        full.start_draft()

    with django_assert_num_queries(len(counted)):
        larger.start_draft()


def test_start_draft_takes_the_next_free_number(full):
    second = full.start_draft()

    third = full.start_draft()

    assert (second.number, third.number) == (2, 3)


def test_published_copy_can_be_published_again(full):
    draft = full.start_draft()

    draft.publish()

    assert Version.objects.published().count() == 2


# --- rows -------------------------------------------------------------------------------------------------------------


def test_question_is_checked_against_its_version_in_a_form(draft):
    other = make_draft()
    question = draft.questions.get()
    question.section, question.scale = make_section(other), other.scales.get()

    with pytest.raises(ValidationError) as caught:
        question.clean()
    assert caught.value.message_dict == {"section": ["This section belongs to another version."]}

    question.section = draft.sections.get()
    with pytest.raises(ValidationError) as caught:
        question.clean()
    assert caught.value.message_dict == {"scale": ["This scale belongs to another version."]}

    question.scale, question.applies_if = draft.scales.get(), "age == old"
    with pytest.raises(ValidationError) as caught:
        question.clean()
    assert caught.value.message_dict == {"applies_if": ["unknown fact “age”; known are: minors, size"]}

    question.applies_if = "minors == yes"
    question.clean()


def test_fact_options_are_its_values_with_labels(draft):
    facts = {fact.ref: fact for fact in draft.facts.all()}

    with override("zh-hans"):
        chinese = facts["size"].options

    assert chinese == [("small", "Small中文"), ("medium", "Medium中文"), ("large", "Large中文")]
    assert facts["minors"].options == [("yes", "Yes"), ("no", "No")]
    assert facts["size"].type.values == ("small", "medium", "large")


def test_closed_sets_are_those_of_scoring():
    assert list(Severity.values) == list(ScoringSeverity)
    assert list(Outcome.values) == list(ScoringOutcome)


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Version, {"number": 0}, "version_number_from_1"),
        (Version, {"weight_low": 0}, "version_weights_positive"),
        (AnswerLevel, {"score": Decimal("1.001")}, "level_score_0_to_1"),
        (AnswerLevel, {"score": Decimal("-0.001")}, "level_score_0_to_1"),
        (AnswerLevel, {"outcome": "unanswered"}, "level_outcome_known"),
        (Fact, {"kind": "maybe"}, "fact_kind_known"),
        (Question, {"severity": "grave"}, "question_severity_known"),
        (Duty, {"rhythm": "daily"}, "duty_rhythm_has_its_timing"),
        (Duty, {"rhythm": "on"}, "duty_rhythm_has_its_timing"),
        (Duty, {"rhythm": "yearly"}, "duty_rhythm_has_its_timing"),
        (Duty, {"rhythm": "yearly", "month": 1}, "duty_rhythm_has_its_timing"),
        (Duty, {"rhythm": "yearly", "day_of_month": 1}, "duty_rhythm_has_its_timing"),
        (Duty, {"rhythm": "yearly", "month": 13, "day_of_month": 1}, "duty_rhythm_has_its_timing"),
        (Duty, {"rhythm": "yearly", "month": 1, "day_of_month": 0}, "duty_rhythm_has_its_timing"),
        (Duty, {"count": None}, "duty_rhythm_has_its_timing"),
        (Duty, {"count": 0}, "duty_rhythm_has_its_timing"),
        (Duty, {"unit": ""}, "duty_rhythm_has_its_timing"),
    ],
)
def test_check_constraints(draft, model, change, constraint):
    make_duty(draft)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.all().update(**change)


@pytest.mark.parametrize(
    "name",
    [
        "sections",
        "scales",
        "facts",
        "questions",
        "levels",
        "choices",
        "citations",
        "duties",
        "duty citations",
        "contradictions",
    ],
)
def test_nothing_stands_twice_in_a_version(draft, name):
    make_duty(draft)
    make_contradiction(draft)
    row = {
        "levels": AnswerLevel.objects.filter(scale__version=draft),
        "choices": FactChoice.objects.filter(fact__version=draft),
        "citations": Citation.objects.filter(question__version=draft),
        "duty citations": DutyCitation.objects.filter(duty__version=draft),
    }.get(name, getattr(draft, name, None)).first()

    row.pk = None
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        row.save(force_insert=True)


def test_version_number_is_unique_in_its_set(draft):
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        Version.objects.create(question_set=draft.question_set, number=1)
