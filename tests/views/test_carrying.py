"""A new assessment from an earlier one, and the answers that are to be confirmed in it."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from questionnaires.models import Assessment
from tests.factories import (
    answer,
    make_assessment,
    make_carried,
    make_member,
    make_next_version,
    make_organisation,
    make_provision,
    make_submitted,
    make_version,
    state_fact,
)
from tests.views.browsing import (
    address,
    query_count,
    read,
    said,
    stored,
    stored_facts,
    text,
    texts,
)

pytestmark = pytest.mark.django_db
NEW = "/assessments/new/"
NO = ("no", False, "", "Noted", 1)


@pytest.fixture
def earlier(client):
    """Submitted, with two of three questions answered and a fact stated; its maker is signed in."""
    assessment = make_assessment(make_version(questions=3, slug="gates", provisions=[make_provision()]))
    state_fact(assessment, "minors", "no")
    answer(assessment, "topic.q1", "no", note="Noted")
    answer(assessment, "topic.q2", None, is_not_applicable=True, justification="No lift")
    assessment.submit(by=assessment.created_by, accept_unanswered=True)
    client.force_login(assessment.created_by)
    return assessment


def new_address(**query):
    return reverse("questionnaires:assessment-new", query=query)


def start_form(client, earlier, version=None, **query):
    query = {"version": (version or earlier.version).pk, "from": earlier.uuid} | query
    return read(client.get(new_address(**query)))


def create(client, earlier, version=None, **changes):
    """Post the form of a new assessment that starts from `earlier`."""
    version = version or earlier.version
    instruments = sorted(set(version.questions.values_list("provisions__instrument", flat=True)))
    data = {"organisation": earlier.organisation_id, "name": "Later", "subject": "Turnstiles", "as_of": "2026-11-01"}
    data |= {"instruments": instruments, "carry_from": earlier.pk}
    return client.post(new_address(version=version.pk), data | changes, follow=True)


def carry_choice(page):
    """The options of “Start from an earlier assessment” and the one that is chosen."""
    select = page.find("select", {"name": "carry_from"})
    options = {option["value"]: text(option) for option in select.select("option")}
    chosen = select.select_one("option[selected]")
    return options, chosen["value"] if chosen else ""


def value_of(page, name):
    element = page.find(["input", "textarea"], {"name": name})
    return element.get("value", element.get_text().strip())


# --- starting from an earlier one -------------------------------------------------------------------------------------


def test_report_leads_to_a_new_assessment_from_it(client, earlier):
    page = read(client.get(address("assessment-report", earlier)))

    link = page.find("a", string="Start a new one from this")
    assert link["href"] == new_address(**{"from": earlier.uuid})


def test_form_from_an_earlier_one_is_filled_in_with_it(client, earlier):
    make_assessment(earlier.version, name="A stranger's")

    page = start_form(client, earlier)

    options, chosen = carry_choice(page)
    assert options == {
        "": "No, begin with nothing answered",
        str(earlier.pk): "Gate (Set gates, version 1, as of 2026-03-01)",
    }
    assert chosen == str(earlier.pk)
    values = {name: value_of(page, name) for name in ("organisation", "name", "subject", "as_of")}
    assert values == {
        "organisation": str(earlier.organisation_id),
        "name": "Gate",
        "subject": "Turnstiles at the office",
        "as_of": timezone.localdate().isoformat(),
    }


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2027-05-06", "2027-05-06"), ("", None), ("2026-02-30", None), ("tomorrow", None), ("\x00", None)],
)
def test_day_of_the_form_comes_from_the_query(client, earlier, as_of, expected):
    page = start_form(client, earlier, as_of=as_of)

    assert value_of(page, "as_of") == (expected or timezone.localdate().isoformat())


def test_earlier_one_and_its_day_outlive_the_choice_of_another_set(client, earlier):
    other = make_version(slug="other")
    query = {"from": earlier.uuid, "as_of": "2027-05-06"}

    choice = read(client.get(new_address(**query)))
    form = start_form(client, earlier, other, as_of="2027-05-06")

    links = [a["href"] for a in choice.select(".assessment-list h2 a")]
    assert links == [
        f"?version={version.pk}&from={earlier.uuid}&as_of=2027-05-06" for version in (earlier.version, other)
    ]
    assert form.find("a", string="Choose another question set")["href"] == new_address(**query)
    assert (carry_choice(form)[1], value_of(form, "as_of")) == (str(earlier.pk), "2027-05-06")


@pytest.mark.parametrize("query", ["x", "", "\x00", "00000000-0000-0000-0000-000000000000", "<script>&as_of=1"])
def test_from_nonsense_is_ignored(client, earlier, query):
    page = read(client.get(new_address(**{"version": earlier.version_id, "from": query})))

    assert (carry_choice(page)[1], value_of(page, "name")) == ("", "")


def test_from_a_strangers_assessment_is_ignored(client, earlier):
    theirs = make_assessment(earlier.version, name="Secret gate", subject="Secret subject")

    page = read(client.get(new_address(**{"version": earlier.version_id, "from": theirs.uuid})))

    assert (carry_choice(page)[1], value_of(page, "name"), value_of(page, "subject")) == ("", "", "")
    assert "Secret" not in page.get_text()


def test_from_where_one_is_a_viewer_neither_carries_nor_names_that_organisation(client):
    """The organisation's input is hidden: were it filled in with one that is refused, nobody could mend it."""
    viewed = make_assessment(make_version(questions=1), organisation=make_organisation("Viewed"))
    user = make_member(viewed.organisation)
    own = make_organisation("Own", owner=user)
    client.force_login(user)

    page = start_form(client, viewed)

    assert (list(carry_choice(page)[0]), value_of(page, "organisation")) == ([""], str(own.pk))


def test_only_the_newest_revision_is_offered_unless_one_comes_from_another(client, earlier):
    newest = earlier.reopen(by=earlier.created_by)

    plain = carry_choice(read(client.get(new_address(version=earlier.version_id))))
    from_first = carry_choice(start_form(client, earlier))

    assert (set(plain[0]), plain[1]) == ({"", str(newest.pk)}, "")
    assert (set(from_first[0]), from_first[1]) == ({"", str(newest.pk), str(earlier.pk)}, str(earlier.pk))


# --- creating it ------------------------------------------------------------------------------------------------------


def test_new_assessment_of_the_same_set_has_the_answers_and_facts(client, earlier):
    response = create(client, earlier)

    made = Assessment.objects.get(name="Later")
    assert response.redirect_chain == [(address("assessment-facts", made), 302)]
    assert said(response) == ["Carried over, to be confirmed: answers 2, facts 1. No place here: 0."]
    assert (made.carried_from, made.organisation, made.as_of) == (earlier, earlier.organisation, date(2026, 11, 1))
    assert stored(made) == {"topic.q1": NO, "topic.q2": (None, True, "No lift", "", 1)} == stored(earlier)
    assert stored_facts(made) == {"minors": (["no"], 1)}
    assert [q.ref for q in made.standing().unconfirmed()] == ["topic.q1", "topic.q2"]


def test_new_assessment_of_another_version_has_them(client, earlier):
    later_version = make_next_version(earlier.version, topic__q1="Is it done today?")

    create(client, earlier, later_version)

    made = Assessment.objects.get(name="Later")
    assert (made.version, stored(made)) == (later_version, stored(earlier))


def test_new_assessment_of_another_set_has_what_has_a_place_there(client, earlier):
    other = make_version(questions=1, slug="other")

    response = create(client, earlier, other)

    assert said(response) == ["Carried over, to be confirmed: answers 1, facts 1. No place here: 1."]
    assert stored(Assessment.objects.get(name="Later")) == {"topic.q1": NO}


def test_new_assessment_from_nothing_has_no_answers(client, earlier):
    response = create(client, earlier, carry_from="")

    made = Assessment.objects.get(name="Later")
    assert (said(response), made.carried_from, stored(made)) == ([], None, {})


CHOICE_ERROR = "Select a valid choice. That choice is not one of the available choices."


def test_answers_of_another_of_ones_organisations_are_refused(client, earlier):
    second = make_organisation("Second", owner=earlier.created_by)

    page = read(create(client, earlier, organisation=second.pk))

    assert texts(page, ".invalid-feedback") == ["This assessment belongs to another of your organisations."]
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize("kind", ["stranger's", "viewed", "9" * 30, "-1", "abc", "\x00", "999999"])
def test_answers_that_one_may_not_have_are_refused(client, earlier, kind):
    theirs = make_assessment(earlier.version, name="Secret gate")
    if kind == "viewed":
        theirs.organisation.memberships.create(user=earlier.created_by, role="viewer")

    page = read(create(client, earlier, carry_from=theirs.pk if kind in ("stranger's", "viewed") else kind))

    assert len(texts(page, ".invalid-feedback")) == 1
    assert (Assessment.objects.filter(name="Later").count(), "Secret" in page.get_text()) == (0, False)


def test_bad_input_keeps_the_choice_of_the_earlier_one(client, earlier):
    page = read(create(client, earlier, as_of="2026-02-30"))

    assert carry_choice(page)[1] == str(earlier.pk)
    assert Assessment.objects.count() == 1


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_source_of_carried_answers_is_not_deleted_and_one_is_told_why(client):
    source = make_assessment(make_version(questions=1))
    answer(source, "topic.q1", "no")
    client.force_login(source.created_by)
    later = make_carried(source)

    response = client.post(address("assessment-delete", source), follow=True)

    assert response.redirect_chain == [(address("assessment-overview", source), 302)]
    assert said(response) == ["Another assessment was started from this one and rests on its answers, so it stays."]
    assert stored(later) == stored(source) == {"topic.q1": ("no", False, "", "", 1)}


def test_assessment_with_carried_answers_can_be_deleted(client, earlier):
    response = client.post(address("assessment-delete", make_carried(earlier)), follow=True)

    assert (said(response), Assessment.objects.get()) == (["“Later” was deleted."], earlier)


# --- queries ----------------------------------------------------------------------------------------------------------


def test_creating_from_an_earlier_one_costs_the_same_at_1_and_at_3_answers(client):
    organisation = make_organisation()
    client.force_login(organisation.members.get())
    counts = {}
    for number in (1, 3):
        version = make_version(questions=number, provisions=[make_provision()])
        source = make_submitted(version, organisation=organisation)
        counts[number] = [
            query_count(lambda s=source: start_form(client, s)),
            query_count(lambda s=source: create(client, s)),
        ]

    assert counts[1] == counts[3]
    assert Assessment.objects.filter(name="Later").count() == 2
