"""What an open report is kept under: it tells of every change that the report would show."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import models

from frcheck.accounts.models import Organisation, User
from questionnaires.models import (
    Action,
    Answer,
    Assessment,
    FactAnswer,
    Instrument,
    Logo,
    Provision,
    QuestionSet,
    ReportSettings,
)
from questionnaires.models.freezing import canonical, content_of, frozen_content
from questionnaires.models.report_inputs import (
    Head,
    ReportInputs,
    StatedAction,
    StatedInstrument,
    StatedProvision,
)
from questionnaires.models.version_texts import texts_of
from tests.factories import (
    answer,
    both,
    make_action,
    make_assessment,
    make_draft,
    make_duty,
    make_instrument,
    make_member,
    make_next_version,
    make_provision,
    make_question,
    make_section,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment():
    """One of everything that a report shows, from an answer to a logo, and a provision that is coming."""
    law = make_instrument("law", **both(short_title="The Law", number="No. 1", note="Careful"))
    first = make_provision(law, "Art. 1", **both(note="Careful", change_note="New"))
    coming = make_provision(law, "Art. 2", in_force_from=date(2027, 1, 1))
    draft = make_draft("set")
    section = make_section(draft)
    make_question(section, "topic.q1", provisions=[first, coming])
    make_question(section, "topic.q2", provisions=[first])
    make_duty(draft, provisions=[first])
    made = make_assessment(publish(draft))
    answer(made, "topic.q1", "no", note="No sign yet.")
    state_fact(made, "size", "large")
    make_action(made, owner=make_member(made.organisation), due_on=date(2026, 9, 1), effort_days=Decimal(2))
    logo = Logo.objects.create(organisation=made.organisation, digest="a" * 64, width=10, height=10)
    ReportSettings.objects.create(organisation=made.organisation, logo=logo, **both(cover_text="For the board"))
    return made


def inputs_of(assessment):
    return ReportInputs.of(Assessment.objects.get(pk=assessment.pk))


def said(inputs, assessment):
    return canonical(content_of(inputs, assessment.outline, texts_of(assessment.version)))


def other(field, value):
    """Another value that the column takes."""
    match field:
        case models.BooleanField():
            return not value
        case models.DateTimeField() | models.DateField():
            return value + timedelta(days=1) if value else date(2027, 5, 1)
        case models.DecimalField() | models.IntegerField():
            return (value or 0) + 1
        case models.CharField() if field.choices:
            return next(choice for choice, _label in reversed(field.choices) if choice != value)
        case models.UUIDField():
            return "00000000-0000-0000-0000-000000000001"
    return f"{value[:-1]}~" if value else "Another"


OF_INSTRUMENT = set(StatedInstrument._fields) - {"pk"}
OF_PROVISION = set(StatedProvision._fields) - {"pk", "instrument"}
COLUMNS = [
    *((Instrument, column) for column in sorted(OF_INSTRUMENT)),
    *((Provision, column) for column in sorted(OF_PROVISION)),
    *((Answer, column) for column in ("answered_at", "justification", "note")),
    *((Action, column) for column in sorted(set(StatedAction._fields) - {"owner"})),
    *((Assessment, column) for column in sorted({*Head._fields} - {"organisation", "submitted_at", "submitted_by"})),
    *((ReportSettings, column) for column in ("cover_text_en", "cover_text_zh_hans", "confidentiality")),
    *((Logo, column) for column in ("digest", "height", "width")),
    *((QuestionSet, column) for column in ("slug", "title_en", "title_zh_hans")),
    (Organisation, "name"),
]


@pytest.mark.parametrize(("model", "column"), COLUMNS, ids=lambda value: getattr(value, "__name__", value))
def test_every_column_that_is_read_changes_the_digest(assessment, model, column):
    before = inputs_of(assessment).digest()
    row = model.objects.order_by("pk").first()
    value = other(model._meta.get_field(column), getattr(row, column))

    model.objects.filter(pk=row.pk).update(**{column: value})

    assert inputs_of(assessment).digest() != before


CHANGES = {
    "answered": lambda a: answer(a, "topic.q2"),
    "level": lambda a: answer(a, "topic.q1", "yes", seen=1),
    "not applicable": lambda a: a.answers.update(level=None, is_not_applicable=True),
    "carried over": lambda a: a.answers.update(is_confirmed=False, carried_from=a.answers.get()),
    "answer deleted": lambda a: a.answers.all().delete(),
    "who answered": lambda a: User.objects.filter(pk=a.created_by_id).update(first_name="Ada"),
    "family name": lambda a: User.objects.filter(pk=a.created_by_id).update(last_name="Li"),
    "address": lambda a: User.objects.filter(pk=a.created_by_id).update(email="ada@example.com"),
    "owner's name": lambda a: User.objects.filter(actions__isnull=False).update(first_name="Bo"),
    "no owner": lambda a: Action.objects.update(owner=None),
    "one more action": lambda a: make_action(a, "topic.q2"),
    "action deleted": lambda a: Action.objects.all().delete(),
    "fact": lambda a: state_fact(a, "minors", "yes"),
    "fact changed": lambda a: FactAnswer.objects.update(values=["small"]),
    "fact taken back": lambda a: FactAnswer.objects.update(values=None),
    "instrument left out": lambda a: a.instruments.clear(),
    "instrument chosen": lambda a: a.instruments.add(make_instrument()),
    "provision added": lambda a: make_provision(Instrument.objects.get(slug="law")),
    "provision withheld": lambda a: Provision.objects.filter(ref_en="Art. 1").update(verification="withheld"),
    "instrument withheld": lambda a: Instrument.objects.update(verification="withheld"),
    "part left out": lambda a: ReportSettings.objects.update(left_out=["answers"]),
    "no logo": lambda a: ReportSettings.objects.update(logo=None),
    "no settings": lambda a: ReportSettings.objects.all().delete(),
    "version": lambda a: Assessment.objects.filter(pk=a.pk).update(version=make_next_version(a.version)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_gives_another_digest(assessment, change):
    before = inputs_of(assessment).digest()
    if change is CHANGES["version"]:
        assessment.answers.all().delete()  # they belong to the other one
        assessment.fact_answers.all().delete()
        before = inputs_of(assessment).digest()

    change(assessment)

    assert inputs_of(assessment).digest() != before


def test_same_state_has_the_same_digest_and_says_the_same(assessment):
    first, second = inputs_of(assessment), inputs_of(assessment)

    assert (first, first.digest()) == (second, second.digest())
    assert said(first, assessment) == said(second, assessment) == canonical(frozen_content(assessment))


def test_report_reads_nothing_beside_its_inputs(assessment, django_assert_num_queries):
    inputs = inputs_of(assessment)
    texts_of(assessment.version)

    with django_assert_num_queries(0):
        said(inputs, assessment)


def test_inputs_say_where_the_assessment_stands(assessment):
    standing, known = inputs_of(assessment).standing(assessment.outline), assessment.standing()

    assert list(standing.responses()) == list(known.responses())
    assert (standing.facts, standing.not_asked) == (known.facts, known.not_asked)


def test_inputs_cost_the_same_for_more_of_each(assessment, django_assert_num_queries):
    for ref in ("topic.q1", "topic.q2"):
        make_action(assessment, ref)
    answer(assessment, "topic.q2")
    state_fact(assessment, "minors", "yes")
    assessment.instruments.add(make_provision().instrument)
    loaded = Assessment.objects.with_version().get(pk=assessment.pk)

    with django_assert_num_queries(6):
        ReportInputs.of(loaded)


def test_instruments_stand_in_order_of_issue_those_without_a_day_last(assessment):
    for slug, dates in {"b": {}, "a": {}, "old": {"issued_on": date(2001, 1, 1)}}.items():
        nothing = {"issued_on": None, "in_force_from": None}
        assessment.instruments.add(make_instrument(slug, **nothing | dates))
    assessment.instruments.add(make_instrument("hidden", verification="withheld"))

    found = inputs_of(assessment).instruments_in_order()

    assert [i.slug for i in found] == ["old", "law", "a", "b"]
    assert [i.slug for i in assessment.instruments.in_order()] == ["old", "hidden", "law", "a", "b"]
