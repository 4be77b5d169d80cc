from datetime import date

import pytest
from django.db import IntegrityError, transaction

from questionnaires import content, models
from questionnaires.models import Instrument, Provision
from tests.factories import make_instrument, make_provision

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "is_in_force"),
    [
        (date(2020, 12, 31), False),
        (date(2021, 1, 1), True),
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),
    ],
)
def test_is_in_force_from_the_first_to_the_last_day_of_its_instrument(day, is_in_force):
    instrument = make_instrument(in_force_from=date(2021, 1, 1), in_force_until=date(2025, 12, 31))

    assert make_provision(instrument).is_in_force(day) is is_in_force


@pytest.mark.parametrize(
    ("day", "is_in_force"),
    [
        (date(2022, 5, 31), False),
        (date(2022, 6, 1), True),
        (date(2024, 6, 1), True),
        (date(2024, 6, 2), False),
    ],
)
def test_is_in_force_on_its_own_dates_where_it_has_some(day, is_in_force):
    instrument = make_instrument(in_force_from=date(2021, 1, 1), in_force_until=date(2025, 12, 31))
    provision = make_provision(instrument, in_force_from=date(2022, 6, 1), in_force_until=date(2024, 6, 1))

    assert provision.is_in_force(day) is is_in_force
    assert (provision.counts_from, provision.counts_until) == (date(2022, 6, 1), date(2024, 6, 1))


def test_is_in_force_without_an_end():
    assert make_provision(make_instrument(in_force_until=None)).is_in_force(date.max)


def test_is_in_force_from_the_day_of_issue_where_no_other_is_stated():
    provision = make_provision(make_instrument(issued_on=date(2020, 5, 4), in_force_from=None))

    assert [provision.is_in_force(day) for day in (date(2020, 5, 3), date(2020, 5, 4))] == [False, True]


def test_draft_is_never_in_force():
    draft = make_instrument(stage="draft", in_force_from=date(2021, 1, 1), in_force_until=None)

    assert not make_provision(draft).is_in_force(date(2026, 1, 1))
    assert not make_provision(draft, in_force_from=date(2021, 1, 1)).is_in_force(date(2026, 1, 1))


@pytest.mark.parametrize("legal_force", models.LegalForce.values)
def test_undated_counts_only_where_nothing_enters_into_force(legal_force):
    undated = make_instrument(legal_force=legal_force, issued_on=None, in_force_from=None)

    always = legal_force in ("industry_initiative", "company_guideline", "case")
    assert make_provision(undated).is_in_force(date(1900, 1, 1)) is always


@pytest.mark.parametrize(
    ("legal_force", "is_binding"),
    [
        ("law", True),
        ("administrative_regulation", True),
        ("departmental_rule", True),
        ("judicial_interpretation", True),
        ("mandatory_standard", True),
        ("normative_document", True),
        ("recommended_standard", False),
        ("industry_initiative", False),
        ("company_guideline", False),
        ("case", False),
    ],
)
def test_is_binding_follows_from_the_legal_force(legal_force, is_binding):
    assert make_instrument(legal_force=legal_force).is_binding is is_binding
    assert make_instrument(legal_force=legal_force, stage="draft").is_binding is False


def test_shown_leaves_out_what_is_withheld_itself_or_with_its_instrument():
    withheld = make_instrument(verification="withheld")
    provisions = {level: make_provision(verification=level) for level in models.Verification.values}
    of_withheld = make_provision(withheld)

    shown = set(Provision.objects.shown())

    assert shown == {provisions["verified"], provisions["section"], provisions["unverified"]}
    assert {p for p in [*provisions.values(), of_withheld] if p.is_shown} == shown


def test_names_are_as_cited():
    provision = make_provision(make_instrument("csl", short_title_en="CSL"), "Art. 43")

    assert (str(provision.instrument), str(provision)) == ("CSL", "CSL Art. 43")


def test_instrument_is_of_china_unless_it_says_otherwise():
    assert [make_instrument(**fields).jurisdiction for fields in ({}, {"jurisdiction": "eu"})] == ["cn", "eu"]


@pytest.mark.parametrize("name", ["Jurisdiction", "LegalForce", "Stage", "Verification"])
def test_closed_sets_are_those_of_the_library(name):
    assert list(getattr(models, name).values) == list(getattr(content, name))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"legal_force": "rumour"}, "instrument_legal_force_known"),
        ({"jurisdiction": "china"}, "instrument_jurisdiction_known"),
        ({"stage": "passed"}, "instrument_stage_known"),
        ({"verification": "sure"}, "instrument_verification_known"),
        ({"in_force_until": date(2020, 12, 31)}, "instrument_dates_in_order"),
    ],
)
def test_instrument_constraints(change, constraint):
    instrument = make_instrument(in_force_from=date(2021, 1, 1))

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Instrument.objects.filter(pk=instrument.pk).update(**change)


def test_instrument_cannot_supersede_itself():
    instrument = make_instrument()

    with pytest.raises(IntegrityError, match="instrument_not_superseded_by_itself"), transaction.atomic():
        Instrument.objects.filter(pk=instrument.pk).update(superseded_by=instrument)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"verification": "sure"}, "provision_verification_known"),
        ({"in_force_from": date(2022, 1, 2), "in_force_until": date(2022, 1, 1)}, "provision_dates_in_order"),
    ],
)
def test_provision_constraints(change, constraint):
    provision = make_provision()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Provision.objects.filter(pk=provision.pk).update(**change)


def test_provision_cannot_supersede_itself():
    provision = make_provision()

    with pytest.raises(IntegrityError, match="provision_not_superseded_by_itself"), transaction.atomic():
        Provision.objects.filter(pk=provision.pk).update(superseded_by=provision)
