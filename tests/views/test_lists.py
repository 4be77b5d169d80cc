"""The list of assessments, and a new one."""

from datetime import date

import pytest
from django.utils import timezone

from questionnaires.models import Assessment, QuestionSet
from tests.factories import (
    answer,
    both,
    make_assessment,
    make_draft,
    make_instrument,
    make_member,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
)
from tests.views.browsing import address, query_count, read, text, texts

pytestmark = pytest.mark.django_db
LIST, NEW = "/assessments/", "/assessments/new/"


@pytest.fixture
def organisation(client):
    organisation = make_organisation("Acme")
    client.force_login(organisation.members.get())
    return organisation


def rows(page):
    return [texts(li, "h2, .subject, .meta, .badge-state, .state a") for li in page.select(".assessment-list > li")]


# --- the list -----------------------------------------------------------------------------------------------------


def test_list_shows_name_subject_state_and_where_to_go_on(client, organisation):
    version = make_version(questions=2, slug="gates")
    started = make_assessment(version, organisation=organisation, name="Lift", subject="Lifts & <b>doors</b>")
    answer(started, "topic.q1", "no")
    answer(started, "topic.q2", None, note="No answer, only a note")
    done = make_submitted(version, organisation=organisation, name="Gate")

    page = read(client.get(LIST))

    at = timezone.localtime(done.submitted_at)
    about = "Set gates, version 1 · as of 2026-03-01 · Acme"
    assert rows(page) == [
        ["Gate", "Turnstiles at the office", about, "Submitted", f"{at:%Y-%m-%d %H:%M}", "Gap report : Gate"],
        ["Lift", "Lifts & <b>doors</b>", about, "Open", "1 answer", "Go on : Lift"],
    ]
    assert [a["href"] for a in page.select(".assessment-list a")] == [
        address("assessment-overview", done),
        address("assessment-report", done),
        address("assessment-overview", started),
        address("next-unanswered", started),
    ]


def test_list_shows_only_assessments_of_the_users_organisations(client, organisation):
    other = make_organisation("Other")
    other.memberships.create(user=organisation.members.get(), role="viewer")
    version = make_version()
    make_assessment(version, organisation=organisation, name="Ours")
    make_assessment(version, organisation=other, name="Where I am a viewer")
    make_assessment(version, name="A stranger's")

    page = read(client.get(LIST))

    assert texts(page, ".assessment-list h2") == ["Where I am a viewer", "Ours"]


def test_list_shows_of_a_series_only_the_newest_revision(client, organisation):
    first = make_submitted(organisation=organisation, name="Gate")
    second = first.reopen(by=first.created_by)

    page = read(client.get(LIST))

    assert [a["href"] for a in page.select("h2 a")] == [address("assessment-overview", second)]
    assert texts(page, ".assessment-list p.meta")[0].endswith("· Acme · revision 2")


def test_list_without_assessments_leads_to_the_first(client, organisation):
    make_assessment(name="A stranger's")

    page = read(client.get(LIST))

    assert texts(page, ".empty h2") == ["Nothing here yet"]
    assert page.select_one(".empty a")["href"] == NEW


@pytest.fixture
def three_pages(organisation):
    version = make_version(questions=1)
    for number in range(41):
        make_assessment(version, organisation=organisation, name=f"Gate {number}")


@pytest.mark.parametrize(
    ("page", "first", "number"),
    [
        ("", "Gate 40", 1),
        ("1", "Gate 40", 1),
        ("3", "Gate 0", 3),
        ("abc", "Gate 40", 1),
        ("1.0", "Gate 40", 1),
        ("\x00", "Gate 40", 1),
        ("0", "Gate 0", 3),
        ("-1", "Gate 0", 3),
        ("99", "Gate 0", 3),
        ("9" * 4000, "Gate 0", 3),
        ("9" * 5000, "Gate 40", 1),
    ],
)
def test_list_is_paged_and_forgives_nonsense(client, three_pages, page, first, number):
    parsed = read(client.get(LIST, {"page": page}))

    assert texts(parsed, ".assessment-list h2")[0] == first
    assert texts(parsed, ".pages span") == [f"Page {number} of 3"]


def test_list_costs_the_same_at_1_and_at_20_assessments(client, organisation, django_assert_num_queries):
    make_assessment(make_version(questions=1), organisation=organisation)
    with django_assert_num_queries(5):
        client.get(LIST)
    for _n in range(19):
        make_assessment(make_version(questions=1), organisation=organisation)
    make_assessment(name="A stranger's")

    with django_assert_num_queries(5):
        page = read(client.get(LIST))

    assert len(rows(page)) == 20


# --- a new one ----------------------------------------------------------------------------------------------------


def test_with_one_question_set_its_form_is_there_at_once(client, organisation):
    old, new = make_instrument(issued_on=date(2019, 1, 1)), make_instrument(issued_on=date(2020, 1, 1))
    make_version(questions=1, slug="gates", provisions=[make_provision(new), make_provision(old)])

    page = read(client.get(NEW))

    assert texts(page, ".chosen-set h2") == ["Set gates"]
    boxes = [(int(box["value"]), box.has_attr("checked")) for box in page.select("[name=instruments]")]
    assert boxes == [(old.pk, True), (new.pk, True)]
    hidden = page.find("input", {"name": "organisation"})
    assert (hidden["type"], hidden["value"]) == ("hidden", str(organisation.pk))
    assert page.find("input", {"name": "as_of"})["value"] == timezone.localdate().isoformat()


def test_with_several_question_sets_one_is_chosen_first(client, organisation):
    first, second = make_version(slug="a-set"), make_version(slug="b-set")

    page = read(client.get(NEW))
    form = read(client.get(NEW, {"version": second.pk}))

    links = [(text(a), a["href"]) for a in page.select(".assessment-list h2 a")]
    assert links == [("Set a-set", f"?version={first.pk}"), ("Set b-set", f"?version={second.pk}")]
    assert texts(form, ".chosen-set h2") == ["Set b-set"]
    assert form.find("a", string="Choose another question set")["href"] == NEW


def test_without_a_question_set_the_page_says_what_to_do(client, organisation):
    make_draft()

    page = read(client.get(NEW))

    assert texts(page, ".empty h2") == ["No question set is published"]


@pytest.mark.parametrize("number", ["abc", "0", "\x00", "9" * 30])
def test_unknown_question_set_is_asked_for_again(client, organisation, number):
    make_version(slug="a-set")
    make_version(slug="b-set")

    page = read(client.get(NEW, {"version": number}))

    assert texts(page, ".assessment-list h2") == ["Set a-set", "Set b-set"]


def test_draft_retired_and_foreign_question_sets_are_not_offered(client, organisation):
    def make_own(slug, owner):
        row = QuestionSet.objects.create(slug=slug, organisation=owner, **both(title=f"Set {slug}", description="x"))
        draft = make_draft(question_set=row)
        make_question(make_section(draft, "first"), provisions=[make_provision()])
        return draft

    publish(make_own("ours", organisation))
    publish(make_own("theirs", make_organisation("Other")))
    make_own("draft", organisation)
    retired = publish(make_own("retired", organisation))
    type(retired).objects.filter(pk=retired.pk).update(retired_at=timezone.now())
    make_version(slug="everyones")

    page = read(client.get(NEW))

    assert texts(page, ".assessment-list h2") == ["Set everyones", "Set ours"]


def new(organisation, version, **changes):
    pks = set(version.questions.values_list("provisions__instrument", flat=True))
    fields = {"name": "Gate", "subject": "Turnstiles", "as_of": "2026-11-01", "instruments": sorted(pks)}
    return {"organisation": organisation.pk} | fields | changes


def test_new_assessment_is_made_and_leads_to_its_facts(client, organisation):
    version = make_version(questions=2)
    keep, _leave_out = sorted(set(version.questions.values_list("provisions__instrument", flat=True)))

    response = client.post(NEW, new(organisation, version, name=" Gate 张 😀 <b> ", instruments=[keep]))

    made = Assessment.objects.get()
    assert (response.status_code, response.url) == (302, address("assessment-facts", made))
    assert (made.organisation, made.version, made.created_by) == (organisation, version, organisation.members.get())
    assert (made.name, made.subject, made.as_of) == ("Gate 张 😀 <b>", "Turnstiles", date(2026, 11, 1))
    assert [instrument.pk for instrument in made.instruments.all()] == [keep]
    assert (made.revision, made.is_submitted, made.previous) == (1, False, None)


INVALID_DATE = "Enter a valid date."
REQUIRED = "This field is required."


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "  "}, REQUIRED),
        ({"subject": "长" * 501}, "Ensure this value has at most 500 characters (it has 501)."),
        ({"subject": ""}, REQUIRED),
        ({"as_of": "2026-02-30"}, INVALID_DATE),
        ({"as_of": "99999-01-01"}, INVALID_DATE),
        ({"as_of": "0000-01-01"}, INVALID_DATE),
        ({"as_of": "tomorrow\x00"}, INVALID_DATE),
        ({"as_of": ""}, REQUIRED),
        ({"instruments": []}, "Choose at least one instrument."),
        ({"instruments": ["abc"]}, "“abc” is not a valid value."),
        ({"instruments": ["999999"]}, "Select a valid choice. 999999 is not one of the available choices."),
    ],
)
def test_bad_input_is_told_beside_its_field_and_what_was_typed_is_still_there(client, organisation, changes, error):
    version = make_version(questions=1)
    data = new(organisation, version, **changes)

    response = client.post(NEW, data)

    page = read(response)
    name = next(iter(changes))
    assert (response.status_code, Assessment.objects.count()) == (200, 0)
    assert texts(page, ".invalid-feedback, .field-error, .errorlist") == [error]
    assert error in text(page.find(id=f"div_id_{name}"))
    values = {field: page.find(["input", "textarea"], {"name": field}) for field in ("name", "subject", "as_of")}
    kept = {field: e.get("value", e.get_text().removeprefix("\n")) for field, e in values.items()}
    assert kept == {field: data[field] for field in kept}


@pytest.mark.parametrize("number", ["9" * 30, "-1", "\x00", "1.0"])
def test_instrument_nonsense_is_refused(client, organisation, number):
    page = read(client.post(NEW, new(organisation, make_version(questions=1), instruments=[number])))

    assert (len(texts(page, "#div_id_instruments .field-error")), Assessment.objects.count()) == (1, 0)


def test_instrument_that_the_set_does_not_cite_is_refused(client, organisation):
    version = make_version(questions=1)
    foreign = make_provision().instrument

    page = read(client.post(NEW, new(organisation, version, instruments=[foreign.pk])))

    error = f"Select a valid choice. {foreign.pk} is not one of the available choices."
    assert (texts(page, ".field-error"), Assessment.objects.count()) == ([error], 0)


def test_instrument_cited_only_by_withheld_provisions_is_neither_offered_nor_taken(client, organisation):
    withheld = make_provision(verification="withheld")
    version = make_version(questions=1, provisions=[make_provision(), withheld])

    page = read(client.get(NEW))
    client.post(NEW, new(organisation, version))

    assert str(withheld.instrument_id) not in [box["value"] for box in page.select("[name=instruments]")]
    assert Assessment.objects.count() == 0


def test_organisation_of_somebody_else_is_refused(client, organisation):
    version = make_version(questions=1)
    theirs = make_organisation("Theirs")

    page = read(client.post(NEW, new(theirs, version)))

    assert texts(page, ".errorlist") == ["Select a valid choice. That choice is not one of the available choices."]
    assert (Assessment.objects.count(), "Theirs" in page.get_text()) == (0, False)


def test_organisation_where_one_is_a_viewer_is_refused(client):
    viewed = make_organisation("Viewed")
    user = make_member(viewed)
    own = make_organisation("Own", owner=user)
    client.force_login(user)
    version = make_version(questions=1)

    page = read(client.post(NEW, new(viewed, version)))

    assert texts(page, ".errorlist")[0].startswith("Select a valid choice.")
    assert Assessment.objects.count() == 0
    client.post(NEW, new(own, version))
    assert [a.organisation for a in Assessment.objects.all()] == [own]


def test_whoever_may_edit_in_two_organisations_chooses(client, organisation):
    user = organisation.members.get()
    second = make_organisation("Second", owner=user)
    make_organisation("Theirs")
    version = make_version(questions=1)

    page = read(client.get(NEW))
    client.post(NEW, new(second, version))

    assert texts(page, "select[name=organisation] option") == ["Acme", "Second"]
    assert [a.organisation for a in Assessment.objects.all()] == [second]


@pytest.mark.parametrize("organisation_id", ["", "abc", "9" * 30, "-1", "\x00"])
def test_organisation_nonsense_is_refused(client, organisation, organisation_id):
    version = make_version(questions=1)

    page = read(client.post(NEW, new(organisation, version) | {"organisation": organisation_id}))

    assert (len(texts(page, ".errorlist")), Assessment.objects.count()) == (1, 0)


@pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31"])
def test_any_day_of_the_calendar_makes_pages_that_open(client, organisation, as_of):
    version = make_version(questions=1)

    client.post(NEW, new(organisation, version, as_of=as_of))

    made = Assessment.objects.get()
    names = ["assessment-overview", "assessment-facts", "assessment-review", "assessment-report"]
    headings = {name: len(read(client.get(address(name, made))).select("h1")) for name in names}
    assert (made.as_of.isoformat(), headings) == (as_of, dict.fromkeys(names, 1))
    assert texts(read(client.get(LIST)), ".assessment-list p.meta") == [f"{version} · as of {as_of} · Acme"]


def test_viewer_has_no_organisation_to_start_in(client):
    organisation = make_organisation()
    client.force_login(make_member(organisation))
    version = make_version(questions=1)

    client.get(NEW)
    page = read(client.post(NEW, new(organisation, version)))

    assert (len(texts(page, ".invalid-feedback, .errorlist")) > 0, Assessment.objects.count()) == (True, 0)


@pytest.mark.parametrize("method", ["get", "post"])
def test_new_costs_the_same_at_1_and_at_3_instruments(client, organisation, method):
    versions = [make_version(questions=1), make_version(questions=3)]

    counts = [
        query_count(
            lambda version=version: getattr(client, method)(
                f"{NEW}?version={version.pk}", new(organisation, version) if method == "post" else {}
            )
        )
        for version in versions
    ]

    assert counts[0] == counts[1]
    assert Assessment.objects.count() == (2 if method == "post" else 0)


def test_choice_costs_the_same_at_2_and_at_4_sets(client, organisation):
    make_version(), make_version()
    at_2 = query_count(lambda: client.get(NEW))
    make_version(), make_version()

    at_4 = query_count(lambda: client.get(NEW))

    assert (at_2, at_4) == (3, 3)
