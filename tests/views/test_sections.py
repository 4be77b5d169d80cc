from datetime import date

import pytest
from django.urls import reverse

from tests.factories import (
    answer,
    answer_all,
    both,
    make_assessment,
    make_draft,
    make_instrument,
    make_member,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
    state_fact,
)
from tests.views.browsing import (
    address,
    progress,
    question_of,
    read,
    saved_line,
    section_address,
    shown,
    start,
    text,
    texts,
)

pytestmark = pytest.mark.django_db
NOTE = "<script>alert(1)</script> & 张贴 😀"


def get(client, assessment, ref="first"):
    return read(client.get(section_address(assessment, ref)))


def card_of(page, assessment, ref):
    return page.find(id=f"q{question_of(assessment, ref).pk}")


def test_section_shows_one_empty_card_per_question(client):
    assessment = start(client, make_version(questions=2))

    page = get(client, assessment)

    assert texts(page, "h1") == ["Section first"]
    assert texts(page, "article legend") == ["Is topic.q1 done?", "Is topic.q2 done?"]
    assert texts(page, "article .number") == ["1", "2"]
    assert texts(page, "article .severity") == ["High", "High"]
    assert texts(page, "article:first-of-type .option") == ["Yes", "Partly", "No", "Not applicable", "No answer yet"]
    card = shown(page, f"q{question_of(assessment, 'topic.q1').pk}")
    assert card == {"chosen": [""], "justification": "", "note": "", "revision": "0", "line": ""}
    assert progress(page) == ["0 of 2 answered", "0/2"]


def test_card_shows_why_evidence_and_citation_with_force_dates_and_verification(client):
    law = make_instrument(in_force_from=date(2021, 11, 1), **both(short_title="PIPL"))
    provisions = [
        make_provision(law, "Art. 13", **both(statement="Have a basis", change_note="New in 2021")),
        make_provision(make_instrument(legal_force="case"), "Holding", verification="unverified"),
    ]
    assessment = start(client, make_version(questions=1, provisions=provisions))

    card = card_of(get(client, assessment), assessment, "topic.q1")

    assert texts(card, "details > p") == ["Because.", "A record."]
    assert texts(card, "summary") == ["Why it is asked", "What counts as evidence", "2 citations"]
    assert texts(card, "header .mark") == ["New in 2021"]
    assert "counts for 2 instruments" in texts(card, "header .meta")
    first, second = card.select(".citations li")
    assert texts(first, "p") == [
        "PIPL, Art. 13 Law · binding New in 2021",
        "Have a basis",
        "in force from 2021-11-01 · Verified",
    ]
    assert [row.split(":")[0] for row in texts(second, "p")][1] == "To be verified"


def test_withheld_provision_is_not_shown(client):
    kept_back = [
        make_provision(verification="withheld", **both(statement="A rumour")),
        make_provision(make_instrument(verification="withheld"), **both(statement="A doubtful paper")),
    ]
    plain = make_provision(**both(statement="A duty"))
    assessment = start(client, make_version(questions=1, provisions=[*kept_back, plain]))

    page = get(client, assessment)

    assert texts(page, ".citations li p:nth-of-type(2)") == ["A duty"]
    assert ("A rumour" in page.get_text(), "A doubtful paper" in page.get_text()) == (False, False)


def test_citation_not_in_force_on_the_day_or_of_an_instrument_left_out_is_not_shown(client):
    chosen, left_out = make_instrument("chosen"), make_instrument("left-out")
    provisions = [
        make_provision(chosen, **both(statement="Today")),
        make_provision(chosen, in_force_from=date(2030, 1, 1), **both(statement="Later")),
        make_provision(left_out, **both(statement="Elsewhere")),
    ]
    assessment = start(client, make_version(questions=1, provisions=provisions), instruments=[chosen])

    page = get(client, assessment)

    assert texts(page, ".citations li p:nth-of-type(2)") == ["Today"]


def test_section_shows_what_is_stored_and_escapes_it(client):
    assessment = start(client, make_version(questions=2))
    row = answer(assessment, "topic.q1", "partly", note=NOTE)
    missing = answer(assessment, "topic.q2", None, is_not_applicable=True, justification=NOTE)

    page = get(client, assessment)

    levels = {str(level.pk): level.ref for level in assessment.outline.levels.values()}
    first, second = (shown(page, f"q{answered.question_id}") for answered in (row, missing))
    assert [levels[value] for value in first.pop("chosen")] == ["partly"]
    assert first == {"justification": "", "note": NOTE, "revision": "1", "line": saved_line(row)}
    assert second == {
        "chosen": ["not-applicable"],
        "justification": NOTE,
        "note": "",
        "revision": "1",
        "line": saved_line(missing),
    }
    assert [script for script in page.find_all("script") if not script.get("src")] == []
    assert progress(page) == ["2 of 2 answered", "2/2 , complete"]


def test_section_with_200_questions_numbers_them_in_order(client):
    assessment = start(client, make_version(questions=200, provisions=[make_provision()]))

    page = get(client, assessment)

    assert texts(page, "article .number") == [str(n) for n in range(1, 201)]
    assert texts(page, "article legend") == [f"Is topic.q{n} done?" for n in range(1, 201)]


def test_question_that_does_not_apply_says_why(client):
    kept, left_out = make_instrument("kept"), make_instrument("left-out")
    draft = make_draft()
    section = make_section(draft, "first")
    make_question(section, "topic.asked", provisions=[make_provision(kept)])
    make_question(section, "topic.minors", provisions=[make_provision(kept)], applies_if="minors == yes")
    make_question(section, "topic.later", provisions=[make_provision(kept, in_force_from=date(2030, 1, 1))])
    make_question(section, "topic.other", provisions=[make_provision(left_out)])
    assessment = start(client, publish(draft), instruments=[kept])
    state_fact(assessment, "minors", "no")

    page = get(client, assessment)

    assert texts(page, "article legend") == ["Is topic.asked done?"]
    assert texts(page, ".not-asked summary") == ["3 questions do not apply"]
    assert texts(page, ".not-asked li") == [
        "Is topic.minors done? Your facts rule it out: Are children captured?",
        "Is topic.later done? None of the provisions it rests on is in force on the as-of date.",
        "Is topic.other done? It rests only on instruments that this assessment leaves out.",
    ]
    assert progress(page) == ["0 of 1 answered", "0/1"]


def test_section_without_an_applicable_question_says_so(client):
    draft = make_draft()
    make_question(make_section(draft, "first"), applies_if="minors == yes")
    assessment = start(client, publish(draft))
    state_fact(assessment, "minors", "no")

    page = get(client, assessment)

    assert texts(page, ".main-column .empty") == ["No question of this section applies to this deployment."]
    assert page.select("article") == []


def test_group_heading_stands_once_before_its_first_question(client):
    draft = make_draft()
    section = make_section(draft, "first")
    make_question(section, "topic.q1", **both(group="Notice"))
    make_question(section, "topic.q2", **both(group="Notice"))
    make_question(section, "topic.q3", **both(group="Consent"))
    assessment = start(client, publish(draft))

    page = get(client, assessment)

    order = [text(e) for e in page.select(".main-column h2.group, article legend")]
    assert order == ["Notice", "Is topic.q1 done?", "Is topic.q2 done?", "Consent", "Is topic.q3 done?"]


def test_section_in_chinese_shows_chinese_content(client):
    assessment = start(client, make_version(questions=1))
    client.cookies["django_language"] = "zh-hans"

    page = get(client, assessment)

    assert page.html["lang"] == "zh-hans"
    assert texts(page, "h1") == ["Section first中文"]
    assert texts(page, "article legend") == ["Is topic.q1 done?中文"]
    assert texts(page, "article:first-of-type .option")[:3] == ["Yes中文", "Partly中文", "No中文"]


def test_navigation_names_sections_marks_the_current_one_and_counts(client):
    draft = make_draft()
    for ref in ("first", "second", "third"):
        make_question(make_section(draft, ref), f"topic.{ref}")
    assessment = start(client, publish(draft))
    answer(assessment, "topic.first")

    page = get(client, assessment, "second")

    rows = [(text(a), a.get("aria-current"), a["href"]) for a in page.select(".section-nav a")]
    assert rows == [
        ("Facts", None, address("assessment-facts", assessment)),
        ("Section first 1/1 , complete", None, section_address(assessment, "first")),
        ("Section second 0/1", "page", section_address(assessment, "second")),
        ("Section third 0/1", None, section_address(assessment, "third")),
        ("Review and submit", None, address("assessment-review", assessment)),
        ("Duty calendar", None, address("duty-calendar", assessment)),
        ("Actions", None, address("action-list", assessment)),
    ]
    previous = page.find("a", string="Previous section")
    assert previous["href"] == section_address(assessment, "first")


def test_section_ref_may_hold_dots_and_slashes(client):
    draft = make_draft()
    make_question(make_section(draft, "a.b/c"))
    assessment = start(client, publish(draft))

    page = get(client, assessment, "a.b/c")

    assert texts(page, "h1") == ["Section a.b/c"]


@pytest.mark.parametrize("ref", ["second", "first%00", "../facts", "f" * 3000])
def test_unknown_section_is_not_found(client, ref):
    assessment = start(client)
    make_question(make_section(make_draft(), "second"))  # of another version

    response = client.get(section_address(assessment).replace("first", ref))

    assert (response.status_code, assessment.name in response.content.decode()) == (404, False)


def test_viewer_reads_a_section_but_is_offered_no_input(client):
    assessment = make_assessment(make_version(questions=1))
    answer(assessment, "topic.q1", note="Behind the door")
    client.force_login(make_member(assessment.organisation))

    page = get(client, assessment)

    card = card_of(page, assessment, "topic.q1")
    assert text(card.select_one(".note textarea")) == "Behind the door"
    assert [area.has_attr("readonly") for area in card.select("textarea")] == [True, True]
    assert [fieldset.has_attr("disabled") for fieldset in card.select("fieldset")] == [True]
    assert (card.get("hx-post"), page.find("button", form="page-form")) == (None, None)


def test_submitted_section_is_read_only(client):
    assessment = make_submitted()
    client.force_login(assessment.created_by)

    page = get(client, assessment)

    assert texts(page, "article legend") == [f"Is topic.q{n} done?" for n in (1, 2, 3)]
    assert [fieldset.has_attr("disabled") for fieldset in page.select("article fieldset")] == [True] * 3
    assert (page.select("[hx-post]"), page.find("button", form="page-form")) == ([], None)


# --- the next unanswered question ---------------------------------------------------------------------------------


@pytest.fixture
def two_sections(client):
    draft = make_draft()
    for ref in ("first", "second"):
        section = make_section(draft, ref)
        make_question(section, f"{ref}.q1")
        make_question(section, f"{ref}.q2")
    return start(client, publish(draft))


def go_on(client, assessment, **query):
    return client.get(reverse("questionnaires:next-unanswered", args=[assessment.uuid], query=query))


def at(assessment, section, ref):
    return 302, f"{section_address(assessment, section)}#q{question_of(assessment, ref).pk}"


def test_next_goes_to_the_first_question_without_an_answer(client, two_sections):
    answer(two_sections, "first.q1")
    answer(two_sections, "first.q2", None, note="only a note")

    response = go_on(client, two_sections)

    assert (response.status_code, response.url) == at(two_sections, "first", "first.q2")


def test_next_after_a_question_skips_what_comes_before_and_starts_again_at_the_end(client, two_sections):
    after = {ref: question_of(two_sections, ref).pk for ref in ("first.q2", "second.q2")}

    later, round_again = (go_on(client, two_sections, after=pk) for pk in after.values())

    assert (later.status_code, later.url) == at(two_sections, "second", "second.q1")
    assert (round_again.status_code, round_again.url) == at(two_sections, "first", "first.q1")


@pytest.mark.parametrize("after", ["abc", "-1", "0", "\x00", "9" * 18, "9" * 5000, "²"])
def test_next_after_nonsense_starts_at_the_beginning(client, two_sections, after):
    response = go_on(client, two_sections, after=after)

    assert (response.status_code, response.url) == at(two_sections, "first", "first.q1")


def test_next_goes_to_the_review_when_all_is_answered(client, two_sections):
    answer_all(two_sections)

    response = go_on(client, two_sections)

    assert (response.status_code, response.url) == (302, address("assessment-review", two_sections))
