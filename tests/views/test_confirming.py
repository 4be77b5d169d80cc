"""Answers carried over arrive to be confirmed: on the page, one by one, and by the page's own button."""

import pytest

from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_carried,
    make_member,
    make_next_version,
    make_provision,
    make_version,
)
from tests.views.browsing import (
    address,
    filled,
    meanwhile,
    progress,
    query_count,
    question_of,
    read,
    save,
    section_address,
    shown,
    stored,
    text,
    texts,
    typed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def earlier(client):
    """Submitted, with two of three questions answered; its maker is signed in."""
    assessment = make_assessment(make_version(questions=3, slug="gates", provisions=[make_provision()]))
    answer(assessment, "topic.q1", "no", note="Noted")
    answer(assessment, "topic.q2", None, is_not_applicable=True, justification="No lift")
    assessment.submit(by=assessment.created_by, accept_unanswered=True)
    client.force_login(assessment.created_by)
    return assessment


@pytest.fixture
def later(client, earlier):
    return make_carried(earlier)


def card_of(client, assessment, ref="topic.q1"):
    return read(client.get(section_address(assessment))).find(id=f"q{question_of(assessment, ref).pk}")


def confirmed(assessment):
    return dict(assessment.answers.values_list("question__ref", "is_confirmed"))


def test_unchanged_wording_arrives_to_be_confirmed(client, later):
    page = read(client.get(section_address(later)))

    card = shown(page, f"q{question_of(later, 'topic.q1').pk}")
    assert (card["note"], card["revision"]) == ("Noted", "1")
    assert card["line"] == "Carried over from “Gate”, to be confirmed. It holds here, too"
    assert texts(page, ".save-line q") == []
    assert texts(page, ".to-confirm") == ["2 answers to confirm"]
    assert progress(page) == ["2 of 3 answered", "2/3"]


def test_changed_wording_shows_the_old_text_beside_the_new(client, earlier):
    later = make_carried(earlier, make_next_version(earlier.version, topic__q1="Is it <b>done</b> today?"))

    card = card_of(client, later)

    assert (texts(card, "legend"), texts(card, ".save-line q")) == (["Is it <b>done</b> today?"], ["Is topic.q1 done?"])
    assert text(card.select_one(".unconfirmed p")) == (
        "Carried over from “Gate”, to be confirmed. There the question was worded: Is topic.q1 done?"
    )
    assert texts(card_of(client, later, "topic.q2"), ".save-line q") == []


def test_wording_is_compared_in_the_language_of_the_page(client, earlier):
    later = make_carried(earlier, make_next_version(earlier.version, topic__q1="Is it done today?"))

    page = read(client.get(section_address(later), headers={"Accept-Language": "zh-hans"}))

    assert page.html["lang"] == "zh-hans"
    assert texts(page, ".save-line q") == []


def test_what_was_typed_elsewhere_is_escaped(client, earlier):
    open_one = make_assessment(earlier.version, organisation=earlier.organisation, name="<script>1</script>")
    answer(open_one, "topic.q1", "no", note="</textarea><script>")

    card = card_of(client, make_carried(open_one))

    assert text(card.select_one(".unconfirmed p")) == "Carried over from “<script>1</script>”, to be confirmed."
    assert card.select("script") == []


def test_confirming_one_saves_it_as_it_stands(client, later):
    response = save(client, later, "topic.q1", "no", note="Noted", revision=1, confirm="on")

    page = read(response)
    assert (response.status_code, stored(later)["topic.q1"]) == (200, ("no", False, "", "Noted", 2))
    assert confirmed(later) == {"topic.q1": True, "topic.q2": False}
    assert (len(page.select(".saved")), page.select(".unconfirmed"), texts(page, ".to-confirm")) == (
        1,
        [],
        ["1 answer to confirm"],
    )


def test_any_change_confirms(client, later):
    save(client, later, "topic.q1", "yes", revision=1)

    assert (confirmed(later)["topic.q1"], stored(later)["topic.q1"]) == (True, ("yes", False, "", "", 2))


def test_pages_button_leaves_alone_what_was_not_ticked(client, later):
    page = read(client.get(section_address(later)))

    client.post(section_address(later), filled(page))

    assert confirmed(later) == {"topic.q1": False, "topic.q2": False}
    assert {row[-1] for row in stored(later).values()} == {1}


def test_pages_button_confirms_what_was_ticked_and_what_was_changed(client, later):
    page = read(client.get(section_address(later)))
    ticked = {f"q{question_of(later, 'topic.q1').pk}-confirm": "on"}
    changed = typed(later, "topic.q2", "yes", revision=1)

    client.post(section_address(later), filled(page) | ticked | changed)

    assert confirmed(later) == {"topic.q1": True, "topic.q2": True}
    assert stored(later) == {"topic.q1": ("no", False, "", "Noted", 2), "topic.q2": ("yes", False, "", "", 2)}


def test_tick_on_a_confirmed_answer_changes_nothing(client, later):
    answer(later, "topic.q1", "no", note="Noted", seen=1)
    card = typed(later, "topic.q1", "no", note="Noted", revision=2, confirm="on")

    client.post(section_address(later), card)

    assert stored(later)["topic.q1"] == ("no", False, "", "Noted", 2)


def test_confirming_what_somebody_changed_meanwhile_is_a_conflict(client, later):
    colleague = make_member(later.organisation, "manager")
    with meanwhile(lambda: answer(later, "topic.q1", "yes", seen=1, by=colleague)):
        response = save(client, later, "topic.q1", "no", note="Noted", revision=1, confirm="on")

    assert (response.status_code, stored(later)["topic.q1"]) == (409, ("yes", False, "", "", 2))


def test_viewer_sees_the_answers_but_cannot_confirm(client, later):
    client.force_login(make_member(later.organisation))

    page = read(client.get(section_address(later)))
    htmx = save(client, later, "topic.q1", "no", note="Noted", revision=1, confirm="on")
    button = client.post(section_address(later), typed(later, "topic.q1", "no", revision=1, confirm="on"))

    assert (page.select("[name$=-confirm]"), texts(page, ".to-confirm")) == ([], ["2 answers to confirm"])
    assert ([htmx.status_code, button.status_code], set(confirmed(later).values())) == ([404, 404], {False})


def test_next_leads_to_the_unanswered_then_to_what_is_to_be_confirmed(client, later):
    def go(after=""):
        url = client.get(address("next-unanswered", later), {"after": after}).url
        return {f"q{q.pk}": q.ref for q in later.outline.questions.values()}.get(url.split("#")[-1], url)

    unanswered = go()
    answer(later, "topic.q3", "yes")
    to_confirm = [go(), go(question_of(later, "topic.q1").pk), go(question_of(later, "topic.q2").pk)]
    page = read(client.get(section_address(later)))
    answer(later, "topic.q1", "no", seen=1)
    answer(later, "topic.q2", "no", seen=1)

    assert unanswered == "topic.q3"
    assert to_confirm == ["topic.q1", "topic.q2", "topic.q1"]
    assert texts(page, "#progress .btn") == ["Next answer to confirm"]
    assert go() == address("assessment-review", later)
    assert texts(read(client.get(section_address(later))), "#progress .btn, .to-confirm") == []


# --- queries ----------------------------------------------------------------------------------------------------------


def test_pages_with_carried_answers_cost_the_same_at_20_and_at_200(client):
    costs = []
    for number in (20, 200):
        version = make_version(questions=number, provisions=[make_provision()])
        source = make_assessment(version)
        client.force_login(source.created_by)
        answer_all(source)
        later = make_carried(source, make_next_version(version, topic__q1="Reworded?"))
        client.get(section_address(later))
        page = filled(read(client.get(section_address(later))))
        costs.append(
            {
                "section": query_count(lambda a=later: client.get(section_address(a))),
                "unchanged": query_count(lambda a=later, p=page: client.post(section_address(a), p)),
                "confirm": query_count(lambda a=later: save(client, a, "topic.q1", "yes", revision=1, confirm="on")),
                "next": query_count(lambda a=later: client.get(address("next-unanswered", a))),
                "overview": query_count(lambda a=later: client.get(address("assessment-overview", a))),
                "review": query_count(lambda a=later: client.get(address("assessment-review", a))),
            }
        )

    assert costs[0] == costs[1]
    assert {name: cost for name, cost in costs[1].items() if cost > 10} == {}
