import pytest
from django.utils import timezone

from questionnaires.models import Fact, FactChoice
from tests.factories import (
    answer_all,
    both,
    make_assessment,
    make_draft,
    make_member,
    make_question,
    make_section,
    make_submitted,
    publish,
    state_fact,
)
from tests.views.browsing import (
    HTMX,
    address,
    chosen,
    fact_of,
    filled,
    meanwhile,
    progress,
    read,
    said,
    saved_just_now,
    saved_line,
    section_address,
    shown,
    start,
    state,
    stored_facts,
    text,
    texts,
)

pytestmark = pytest.mark.django_db
NO_CHOICE = "This is no choice of this fact. Choose one."
NOT_TOGETHER = "“None of these” cannot be chosen together with others."


def make_version_with_facts():
    """Facts minors (yes or no), size (one of several) and people (any of several); topic.q2 asks only for minors."""
    draft = make_draft()
    people = Fact.objects.create(
        version=draft, ref="people", kind="choices", position=2, **both(text="Who?", help="Tick all.")
    )
    for position, ref in enumerate(["staff", "guests"]):
        FactChoice.objects.create(fact=people, ref=ref, position=position, **both(label=ref.title()))
    section = make_section(draft, "first")
    make_question(section, "topic.q1")
    make_question(section, "topic.q2", applies_if="minors == yes")
    return publish(draft)


@pytest.fixture
def assessment(client):
    return start(client, make_version_with_facts())


def page_of(client, assessment):
    return read(client.get(address("assessment-facts", assessment)))


def card(page, assessment, ref):
    return shown(page, f"f{fact_of(assessment, ref).pk}")


def post(client, assessment, data):
    return client.post(address("assessment-facts", assessment), data)


def line(response):
    return text(read(response).select_one(".save-line"))


def test_facts_page_shows_every_fact_with_its_choices(client, assessment):
    page = page_of(client, assessment)

    assert texts(page, "h1") == ["Facts about the deployment"]
    assert texts(page, "legend") == ["Are children captured?", "How many?", "Who?"]
    assert [texts(card, ".option") for card in page.select("article")] == [
        ["Yes", "No", "No answer yet"],
        ["Small", "Medium", "Large", "No answer yet"],
        ["Staff", "Guests", "None of these"],
    ]
    assert texts(page, "article .meta") == ["Tick all."]
    assert [card(page, assessment, ref) for ref in ("minors", "size", "people")] == [
        {"chosen": [""], "revision": "0", "line": ""},
        {"chosen": [""], "revision": "0", "line": ""},
        {"chosen": [], "revision": "0", "line": ""},
    ]
    assert progress(page) == ["0 of 2 answered", "0/2"]


def test_facts_page_shows_what_is_stored(client, assessment):
    rows = [state_fact(assessment, "minors", "no"), state_fact(assessment, "people")]

    page = page_of(client, assessment)

    assert [card(page, assessment, ref) for ref in ("minors", "people")] == [
        {"chosen": ["no"], "revision": "1", "line": saved_line(rows[0])},
        {"chosen": ["none-of-these"], "revision": "1", "line": saved_line(rows[1])},
    ]
    assert progress(page) == ["0 of 1 answered", "0/1"]


def test_fact_changes_the_number_of_applicable_questions(client, assessment):
    no, yes = (state(client, assessment, "minors", value, revision=n) for n, value in enumerate(["no", "yes"]))

    assert [(r.status_code, progress(read(r))) for r in (no, yes)] == [
        (200, ["0 of 1 answered", "0/1"]),
        (200, ["0 of 2 answered", "0/2"]),
    ]
    assert texts(read(no), "#progress .meta") == ["1 of 2 questions apply"]
    assert read(no).find(id="progress")["hx-swap-oob"] == "true"
    assert line(yes) == saved_line(assessment.fact_answers.get())
    assert stored_facts(assessment) == {"minors": (["yes"], 2)}


@pytest.mark.parametrize(
    ("ref", "values", "expected"),
    [
        ("size", ["medium"], ["medium"]),
        ("size", [""], None),
        ("size", [], None),
        ("people", ["guests", "staff"], ["staff", "guests"]),
        ("people", ["none-of-these"], []),
        ("people", [], None),
        ("people", [""], None),
    ],
)
def test_fact_values_are_stored_in_the_order_of_the_choices(client, assessment, ref, values, expected):
    response = state(client, assessment, ref, *values)

    assert (response.status_code, stored_facts(assessment)) == (200, {ref: (expected, 1)})


@pytest.mark.parametrize(
    ("ref", "values", "fields", "error", "kept"),
    [
        ("minors", ["maybe"], {}, NO_CHOICE, []),
        ("minors", ["none-of-these"], {}, NO_CHOICE, []),
        ("minors", ["yes\x00"], {}, NO_CHOICE, []),
        ("people", ["staff", "martians"], {}, NO_CHOICE, ["staff"]),
        ("people", ["<script>"], {}, NO_CHOICE, []),
        ("people", ["staff", "none-of-these"], {}, NOT_TOGETHER, ["staff", "none-of-these"]),
        ("minors", ["yes"], {"revision": "abc"}, "Enter a whole number.", ["yes"]),
        ("minors", ["yes"], {"revision": "-1"}, "Ensure this value is greater than or equal to 0.", ["yes"]),
        ("minors", ["yes"], {"revision": 2**31 - 1}, "Ensure this value is less than or equal to 2147483646.", ["yes"]),
        ("minors", ["yes"], {"revision": 7}, "Not saved: there is no earlier answer to replace. Save again.", ["yes"]),
    ],
)
def test_bad_fact_is_told_and_the_others_are_saved(client, assessment, ref, values, fields, error, kept):
    wrong = chosen(assessment, ref, *values, **fields)

    alone = state(client, assessment, ref, *values, **fields)
    page = post(client, assessment, chosen(assessment, "size", "large") | wrong)

    assert [(alone.status_code, line(alone)), page.status_code] == [(422, error), 422]
    assert card(read(page), assessment, ref) == {"chosen": kept, "revision": "0", "line": error}
    assert stored_facts(assessment) == {"size": (["large"], 1)}


def test_button_saves_the_facts_and_goes_on_to_the_first_section(client, assessment):
    data = chosen(assessment, "minors", "no") | chosen(assessment, "people", "none-of-these")

    response = client.post(address("assessment-facts", assessment), data, follow=True)

    assert response.redirect_chain == [(section_address(assessment), 302)]
    (saved,) = said(response)
    assert saved in saved_just_now()
    assert stored_facts(assessment) == {"minors": (["no"], 1), "people": ([], 1)}


def test_page_posted_as_it_stands_records_nothing(client, assessment):
    state_fact(assessment, "minors", "no")
    state_fact(assessment, "people", "staff", "guests")
    before = stored_facts(assessment)

    post(client, assessment, filled(page_of(client, assessment)))

    assert stored_facts(assessment) == before


def test_only_the_fact_that_differs_is_recorded(client, assessment):
    state_fact(assessment, "minors", "no")
    state_fact(assessment, "people", "staff")

    post(client, assessment, filled(page_of(client, assessment)) | chosen(assessment, "people", revision=1))

    assert stored_facts(assessment) == {"minors": (["no"], 1), "people": (None, 2)}


def test_stale_fact_shows_both_and_overwrites_nothing(client, assessment):
    colleague = make_member(assessment.organisation, "respondent")
    theirs = state_fact(assessment, "people", "staff", "guests", by=colleague)

    alone = state(client, assessment, "people", "none-of-these")
    page = post(client, assessment, chosen(assessment, "people", "none-of-these"))

    at = f"{timezone.localtime(theirs.answered_at):%H:%M}"
    expected = (
        f"Not saved: {colleague} answered at {at} while you had the page open. "
        "Stored now Staff, Guests Yours as it stands above Keep mine Take the stored one"
    )
    assert [(alone.status_code, line(alone)), page.status_code] == [(409, expected), 422]
    assert card(read(page), assessment, "people") == {"chosen": ["none-of-these"], "revision": "0", "line": expected}
    assert stored_facts(assessment) == {"people": (["staff", "guests"], 1)}


@pytest.mark.parametrize(("values", "words"), [(None, "No answer yet"), ([], "None of these")])
def test_stale_fact_names_what_is_stored(client, assessment, values, words):
    assessment.record_fact(fact_of(assessment, "people"), by=assessment.created_by, seen=0, values=values)

    response = state(client, assessment, "people", "staff")

    assert f"Stored now {words} Yours" in line(response)


def test_keep_replaces_the_newer_fact(client, assessment):
    state_fact(assessment, "minors", "yes")
    conflict = read(post(client, assessment, chosen(assessment, "minors", "no")))
    button = conflict.find("button", string="Keep mine")

    post(client, assessment, filled(conflict) | {button["name"]: button["value"]})

    assert stored_facts(assessment) == {"minors": (["no"], 2)}


def test_closed_assessment_takes_no_fact_but_keeps_what_was_chosen(client):
    assessment = make_submitted(make_version_with_facts())
    client.force_login(assessment.created_by)

    alone = state(client, assessment, "minors", "no")
    page = post(client, assessment, chosen(assessment, "minors", "no"))

    closed = "Not saved: the assessment was closed meanwhile. Copy what you typed if you need it."
    assert [(alone.status_code, line(alone)), page.status_code] == [(409, closed), 422]
    marked = card(read(page), assessment, "minors")
    assert (marked["chosen"], marked["line"]) == (["no"], closed)
    assert stored_facts(assessment) == {}


def test_assessment_submitted_between_reading_and_writing_says_so(client, assessment):
    answer_all(assessment)

    with meanwhile(lambda: assessment.submit(by=assessment.created_by)):
        response = state(client, assessment, "minors", "no")

    said = "Not saved: the assessment was closed meanwhile. Copy what you typed if you need it."
    assert (response.status_code, line(response), stored_facts(assessment)) == (409, said, {})


def test_fact_of_another_version_is_not_found(client, assessment):
    other = make_assessment(make_version_with_facts())
    foreign = fact_of(other, "minors")

    response = client.post(address("fact", assessment, foreign.pk), chosen(other, "minors", "no"), headers=HTMX)

    assert (response.status_code, stored_facts(assessment), stored_facts(other)) == (404, {}, {})


def test_htmx_that_is_signed_out_gets_401_and_no_page_to_swap_in(client, assessment):
    client.logout()

    response = state(client, assessment, "minors", "no")

    assert (response.status_code, response.content, stored_facts(assessment)) == (401, b"", {})


def test_viewer_reads_the_facts_but_is_offered_no_input(client, assessment):
    state_fact(assessment, "minors", "yes")
    client.force_login(make_member(assessment.organisation))

    page = page_of(client, assessment)

    assert card(page, assessment, "minors") == {"chosen": ["yes"], "revision": None, "line": None}
    assert [fieldset.has_attr("disabled") for fieldset in page.select("article fieldset")] == [True] * 3
    assert (page.select("[hx-post]"), page.find("button", form="page-form")) == ([], None)
