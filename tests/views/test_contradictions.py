"""Contradictions on the review page, with the facts and answers that they compare."""

import pytest

from tests.factories import (
    answer,
    answer_all,
    make_contradiction,
    make_draft,
    make_question,
    make_section,
    publish,
    state_fact,
)
from tests.views.browsing import address, fact_of, query_count, question_of, read, section_address, start, text, texts

pytestmark = pytest.mark.django_db


def review(client, assessment):
    return read(client.get(address("assessment-review", assessment)))


@pytest.fixture
def ruled(client):
    """Two contradictions of both facts and two answers, and one more that nothing here can hold."""
    draft = make_draft()
    section = make_section(draft, "first")
    make_question(section, "local")
    make_question(section, "cloud")
    for ref, rule in [
        ("storage", "size == small and local == met and cloud == met"),
        ("children", "minors == no and cloud != not_met"),
        ("never", "size == large and local == not_met"),
    ]:
        make_contradiction(draft, ref, holds_if=rule)
    return start(client, publish(draft))


def contradictions(page):
    """Each with its words and what it quotes, as pairs."""
    return [
        (text(each.p), list(zip(texts(each, "dt"), texts(each, "dd"), strict=True)))
        for each in page.select(".contradiction")
    ]


def test_review_quotes_what_contradicts_itself(client, ruled):
    state_fact(ruled, "size", "small")
    state_fact(ruled, "minors", "no")
    answer(ruled, "local", "yes", note="On the terminal <b>only</b>")
    answer(ruled, "cloud", None, is_not_applicable=True, justification="Ask Li")
    one = review(client, ruled)
    answer(ruled, "cloud", "yes", seen=1, note="x" * 400)

    page = review(client, ruled)

    cloud = ("Is cloud done?", f"Yes – {'x' * 299}…")
    assert contradictions(one) == [
        ("Not both: children.", [("Are children captured?", "No"), ("Is cloud done?", "Not applicable")])
    ]
    assert "1 contradiction" in texts(one, "h2")
    assert contradictions(page) == [
        (
            "Not both: storage.",
            [("How many?", "Small"), ("Is local done?", "Yes – On the terminal <b>only</b>"), cloud],
        ),
        ("Not both: children.", [("Are children captured?", "No"), cloud]),
    ]
    assert texts(page, "h2") == ["2 contradictions", "Submit"]
    assert [a["href"] for a in page.select(".contradiction")[0].select("dt a")] == [
        f"{address('assessment-facts', ruled)}#f{fact_of(ruled, 'size').pk}",
        *(f"{section_address(ruled)}#q{question_of(ruled, ref).pk}" for ref in ("local", "cloud")),
    ]
    assert not page.select_one(".submit-form button").has_attr("disabled")


@pytest.mark.parametrize("is_stated", [True, False])
def test_review_shows_no_contradiction_while_something_is_open(client, ruled, is_stated):
    if is_stated:
        state_fact(ruled, "size", "small")
        state_fact(ruled, "minors", "no")
        answer(ruled, "local", "yes")
    else:
        answer(ruled, "local", "yes")
        answer(ruled, "cloud", "yes")

    page = review(client, ruled)

    assert (contradictions(page), page.find(id="contradictions-heading")) == ([], None)


def test_contradiction_does_not_keep_from_submitting(client, ruled):
    state_fact(ruled, "minors", "no")
    answer_all(ruled)

    response = client.post(address("assessment-submit", ruled), follow=True)

    assert response.redirect_chain == [(address("assessment-report", ruled), 302)]


def test_review_costs_the_same_at_1_and_at_3_contradictions(client):
    counts = []
    for number in (1, 3):
        draft = make_draft()
        section = make_section(draft, "first")
        for n in range(number):
            make_question(section, f"q{n}")
            make_contradiction(draft, holds_if=f"minors == no and q{n} == met")
        assessment = start(client, publish(draft))
        state_fact(assessment, "minors", "no")
        answer_all(assessment)
        assert len(contradictions(review(client, assessment))) == number
        counts.append(query_count(lambda a=assessment: review(client, a)))

    assert counts[0] == counts[1]
