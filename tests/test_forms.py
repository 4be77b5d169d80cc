from datetime import date

import pytest
from django.http import QueryDict

from questionnaires.forms import AnswerForm, AssessmentForm, FactForm, answer_prefix, cited_instruments, fact_prefix
from questionnaires.models import Answer, AnswerLevel, Fact, FactAnswer, FactChoice
from tests.factories import (
    make_assessment,
    make_instrument,
    make_member,
    make_organisation,
    make_provision,
    make_submitted,
    make_user,
    make_version,
)

LEVELS = (AnswerLevel(pk=11, ref="yes"), AnswerLevel(pk=12, ref="no"))


def answer_form(**values):
    return AnswerForm({f"q7-{name}": value for name, value in values.items()}, question_id=7, levels=LEVELS)


def fact_form(fact, *values, **fields):
    data = QueryDict(mutable=True)
    data.setlist(f"{fact_prefix(fact)}-values", values)
    for name, value in fields.items():
        data[f"{fact_prefix(fact)}-{name}"] = value
    return FactForm(data, fact=fact)


# --- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ({"choice": "11"}, {"level": LEVELS[0]}),
        ({"choice": ""}, {}),
        (
            {"choice": "not-applicable", "justification": " No lift "},
            {"is_not_applicable": True, "justification": "No lift"},
        ),
        ({"note": "  \r\n"}, {}),
        ({"note": "one\r\ntwo\nthree\r\n"}, {"note": "one\ntwo\nthree"}),
        ({"revision": "4"}, {"seen": 4}),
        ({"revision": "4", "keep": "6"}, {"seen": 6}),
    ],
)
def test_answer_form_gives_the_keywords_of_record_answer(posted, expected):
    form = answer_form(**{"revision": "0"} | posted)

    assert form.is_valid()
    nothing = {"level": None, "is_not_applicable": False, "justification": "", "note": "", "seen": 0}
    assert form.answer == nothing | expected


@pytest.mark.parametrize(
    ("posted", "field"),
    [
        ({"choice": "13"}, "choice"),
        ({"choice": "yes"}, "choice"),
        ({"note": "x" * 20_001}, "note"),
        ({"justification": "x" * 20_001}, "justification"),
        ({"note": "\x00"}, "note"),
        ({"revision": "-1"}, "revision"),
        ({"revision": "1.5"}, "revision"),
        ({"revision": ""}, "revision"),
        ({"keep": "0"}, "keep"),
    ],
)
def test_answer_form_refuses(posted, field):
    form = answer_form(**{"revision": "0"} | posted)

    assert list(form.errors) == [field]


@pytest.mark.parametrize("note", ["x" * 20_000, "😀" * 20_000, "x\r\n" * 10_000])
def test_note_of_20000_characters_is_taken_line_ends_counted_once(note):
    assert answer_form(revision="0", note=note).is_valid()


def test_answer_form_is_posted_when_its_revision_is():
    other = AnswerForm({"q8-revision": "0"}, question_id=7, levels=LEVELS)

    assert (answer_form(revision="0").is_posted, other.is_posted) == (True, False)
    assert answer_prefix(7) == "q7"


STORED = {"level_id": 11, "is_not_applicable": False, "justification": "", "note": "a\nb"}


@pytest.mark.parametrize(
    ("stored", "posted", "differs"),
    [
        (None, {}, False),
        (None, {"note": "  "}, False),
        (None, {"note": "x"}, True),
        (None, {"choice": "11"}, True),
        (None, {"choice": "not-applicable"}, True),
        (STORED, {"choice": "11", "note": "a\r\nb"}, False),
        (STORED, {"choice": "11", "note": "a\nb "}, False),
        (STORED, {"choice": "12", "note": "a\nb"}, True),
        (STORED, {"choice": "", "note": "a\nb"}, True),
        (STORED, {"choice": "11", "note": ""}, True),
        (STORED | {"level_id": None, "is_not_applicable": True}, {"choice": "not-applicable", "note": "a\nb"}, False),
    ],
)
def test_answer_differs_from_what_is_stored(stored, posted, differs):
    form = answer_form(revision="0", **posted)

    assert form.is_valid()
    assert form.differs_from(stored and Answer(**stored)) is differs


@pytest.mark.parametrize(
    ("is_confirmed", "confirm", "differs"), [(False, "on", True), (False, "", False), (True, "on", False)]
)
def test_confirming_differs_only_from_what_is_unconfirmed(is_confirmed, confirm, differs):
    form = answer_form(revision="1", choice="11", note="a\nb", confirm=confirm)

    assert form.is_valid()
    assert form.differs_from(Answer(**STORED, is_confirmed=is_confirmed)) is differs
    assert "confirm" not in form.answer


def test_confirming_nothing_stored_is_no_answer():
    form = answer_form(revision="0", confirm="on")

    assert form.is_valid()
    assert form.differs_from(None) is False


# --- facts --------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(db):
    draft = make_version().question_set.versions.create(number=2)
    fact = Fact.objects.create(version=draft, ref="people", kind="choices", text="Who?")
    for ref in ("staff", "guests"):
        FactChoice.objects.create(fact=fact, ref=ref, label=ref)
    return fact


MINORS = Fact(pk=3, ref="minors", kind="yes_no")


@pytest.mark.parametrize(
    ("values", "expected"), [(["yes"], ["yes"]), ([""], None), ([], None), (["no", "yes"], ["yes"])]
)
def test_fact_form_of_one_value(values, expected):
    form = fact_form(MINORS, *values, revision="0")

    assert (form.is_valid(), form.values) == (True, expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["staff"], ["staff"]),
        (["guests", "staff"], ["guests", "staff"]),
        (["none-of-these"], []),
        ([], None),
        ([""], None),
    ],
)
def test_fact_form_of_several_values(people, values, expected):
    form = fact_form(people, *values, revision="0")

    assert (form.is_valid(), form.values) == (True, expected)


@pytest.mark.parametrize("values", [["staff", "none-of-these"], ["nobody"], ["staff", "\x00"]])
def test_fact_form_refuses(people, values):
    form = fact_form(people, *values, revision="0")

    assert list(form.errors) == ["values"]


def test_fact_form_sees_the_revision_that_it_is_meant_to_replace():
    plain, keeping = fact_form(MINORS, revision="2"), fact_form(MINORS, revision="2", keep="5")

    assert (plain.is_valid(), keeping.is_valid()) == (True, True)
    assert (plain.seen, keeping.seen) == (2, 5)


@pytest.mark.parametrize(
    ("stored", "posted", "differs"),
    [
        (None, [], False),
        (None, ["none-of-these"], True),
        (None, ["staff"], True),
        ({"values": None}, [], False),
        ({"values": None}, ["none-of-these"], True),
        ({"values": []}, ["none-of-these"], False),
        ({"values": []}, [], True),
        ({"values": ["staff", "guests"]}, ["guests", "staff"], False),
        ({"values": ["staff"]}, ["guests"], True),
        ({"values": ["staff"]}, [], True),
    ],
)
def test_fact_differs_from_what_is_stored(people, stored, posted, differs):
    form = fact_form(people, *posted, revision="0")

    assert form.is_valid()
    assert form.differs_from(stored and FactAnswer(**stored)) is differs


# --- new assessments ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_cited_instruments_are_those_that_may_be_shown_oldest_first():
    new, old = make_instrument(issued_on=date(2021, 1, 1)), make_instrument(issued_on=date(2019, 1, 1))
    kept_back = make_provision(verification="withheld")
    twice = [make_provision(new, "Art. 1"), make_provision(new, "Art. 2")]
    version = make_version(questions=2, provisions=[*twice, make_provision(old), kept_back])
    make_provision()

    assert list(cited_instruments(version)) == [old, new]


@pytest.mark.django_db
def test_assessment_form_offers_the_organisations_where_the_user_may_edit():
    user = make_user()
    own = [make_organisation(name, owner=user) for name in ("A", "B")]
    make_organisation("C").memberships.create(user=user, role="viewer")
    make_organisation("D")

    field = AssessmentForm(version=make_version(), user=user).fields["organisation"]

    assert (list(field.queryset), field.widget.is_hidden) == (own, False)


@pytest.mark.django_db
def test_assessment_form_hides_the_only_organisation():
    organisation = make_organisation()
    user = make_member(organisation, "respondent")

    field = AssessmentForm(version=make_version(), user=user).fields["organisation"]

    assert (list(field.queryset), field.initial, field.widget.is_hidden) == ([organisation], organisation, True)


@pytest.mark.django_db
def test_assessment_form_for_a_set_of_one_organisation_offers_only_that():
    user = make_user()
    first, second = (make_organisation(name, owner=user) for name in ("A", "B"))
    version = make_version()
    version.question_set.organisation = second
    version.question_set.save()

    field = AssessmentForm(version=version, user=user).fields["organisation"]

    assert list(field.queryset) == [second]
    assert first not in field.queryset


def carry_from(user, **fields):
    """Labels of the earlier assessments on offer, by primary key; the one for none left out."""
    field = AssessmentForm(version=make_version(), user=user, **fields).fields["carry_from"]
    return {choice.value: label for choice, label in list(field.choices)[1:]}


@pytest.mark.django_db
def test_assessment_form_offers_earlier_ones_of_where_the_user_may_edit_newest_first():
    user = make_user()
    version = make_version(slug="gates")
    first, second = (make_organisation(name, owner=user) for name in ("A", "B"))
    viewed = make_organisation("C")
    viewed.memberships.create(user=user, role="viewer")
    own = [make_assessment(version, organisation=o, name=o.name, as_of=date(2026, 1, 1)) for o in (first, second)]
    for organisation in (viewed, make_organisation("D")):
        make_assessment(version, organisation=organisation, name="Secret")

    offered = carry_from(user)

    assert list(offered.items()) == [
        (own[1].pk, "B (Set gates, version 1, as of 2026-01-01)"),
        (own[0].pk, "A (Set gates, version 1, as of 2026-01-01)"),
    ]


@pytest.mark.django_db
def test_assessment_form_offers_an_earlier_revision_only_to_whoever_comes_from_it():
    first = make_submitted()
    second = first.reopen(by=first.created_by)

    plain = carry_from(first.created_by)
    from_first = carry_from(first.created_by, initial={"carry_from": first.pk})

    assert (set(plain), set(from_first)) == ({second.pk}, {first.pk, second.pk})


@pytest.mark.django_db
def test_assessment_form_refuses_answers_of_another_organisation():
    user = make_user()
    version = make_version(questions=1)
    first, second = (make_organisation(name, owner=user) for name in ("A", "B"))
    earlier = make_assessment(version, organisation=first)
    data = {"name": "Gate", "subject": "Gate", "as_of": "2026-01-01", "carry_from": earlier.pk}
    data |= {"organisation": second.pk, "instruments": [i.pk for i in cited_instruments(version)]}

    refused, taken = (
        AssessmentForm(data | {"organisation": organisation.pk}, version=version, user=user)
        for organisation in (second, first)
    )

    assert refused.errors == {"carry_from": ["This assessment belongs to another of your organisations."]}
    assert (taken.errors, taken.cleaned_data["carry_from"]) == ({}, earlier)


@pytest.mark.django_db
def test_assessment_form_hides_the_only_organisation_whichever_was_asked_for():
    own, viewed = make_organisation("Own"), make_organisation("Viewed")
    user = own.members.get()
    viewed.memberships.create(user=user, role="viewer")

    form = AssessmentForm(version=make_version(), user=user, initial={"organisation": viewed.pk})

    assert form["organisation"].value() == own.pk


@pytest.mark.django_db
def test_assessment_form_proposes_the_instruments_of_china():
    chinese, foreign = make_instrument(), make_instrument(jurisdiction="eu")
    version = make_version(questions=1, provisions=[make_provision(chinese), make_provision(foreign)])

    field = AssessmentForm(version=version, user=make_user()).fields["instruments"]

    assert (set(field.queryset), field.initial) == ({chinese, foreign}, [chinese.pk])
