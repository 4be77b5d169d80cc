"""The page that shows what differs between two versions of a set."""

import pytest

from questionnaires.models import Provision
from tests.admin.editors import page, sign_in_administrator, sign_in_editor
from tests.factories import (
    answer_all,
    make_assessment,
    make_organisation,
    make_provision,
    make_question,
    make_user,
    make_version,
    publish,
)
from tests.views.browsing import query_count, read, text, texts

pytestmark = pytest.mark.django_db


def make_edited(version):
    """q1 reworded in English and critical, q2 gone, q3 cites another provision; one new."""
    draft = version.start_draft()
    draft.questions.filter(ref="topic.q1").update(text_en="Is topic.q1 done well?", severity="critical")
    draft.questions.get(ref="topic.q2").delete()
    draft.questions.get(ref="topic.q3").citations.create(provision=make_provision(ref="Art. 9"), position=1)
    make_question(draft.sections.get(), "topic.new")
    return draft


def look(client, version, **query):
    return client.get(page("version_differences", version.pk), query)


def test_page_shows_each_difference_in_both_languages(client):
    sign_in_editor(client)
    before = make_version()
    draft = make_edited(before)

    shown = read(look(client, draft))

    assert texts(shown, ".kinds a") == [
        "all 4",
        "new 1",
        "removed 1",
        "reworded 1",
        "cites other provisions 1",
        "weighs otherwise 1",
    ]
    rows = shown.select(".differences > li")
    assert [(text(row.h3), texts(row, ".kind")) for row in rows] == [
        ("Question: Is topic.q1 done well? topic.q1", ["reworded", "weighs otherwise"]),
        ("Question: Is topic.q3 done? topic.q3", ["cites other provisions"]),
        ("Question: Is topic.new done? topic.new", ["new"]),
        ("Question: Is topic.q2 done? topic.q2", ["removed"]),
    ]
    english, chinese = rows[0].select(".side-by-side > div")
    assert (english["lang"], texts(english, "p")[1]) == ("en", "Is topic.q1 done [added: well ] ?")
    assert (chinese["lang"], texts(chinese, "p")[1]) == ("zh-hans", "the same")
    assert text(rows[0].select_one(".values")) == "Severity [removed: High ] [added: Critical ]"
    assert texts(rows[1], ".values ins") == [f"[added: {short_title('Art. 9')} Art. 9 ]"]


def short_title(ref):
    return Provision.objects.get(ref_en=ref).instrument.short_title


def test_kind_filters_the_list(client):
    sign_in_editor(client)
    draft = make_edited(make_version())

    shown = [read(look(client, draft, kind=kind)) for kind in ("removed", "moved", "x")]

    assert [len(each.select(".differences > li")) for each in shown] == [1, 0, 4]
    assert texts(shown[0], ".kinds [aria-current]") == ["removed 1"]


def test_page_says_what_it_means_for_assessments(client):
    sign_in_administrator(client)
    before = make_version()
    answer_all(make_assessment(before))
    draft = make_edited(before)

    shown = read(look(client, draft))

    assert "On version 1: 1 open, 0 submitted" in shown.get_text()
    assert texts(shown, ".counts dd") == ["1", "1", "1"]
    assert [texts(row, "th, td") for row in shown.select("details tbody tr")] == [
        ["Is topic.q1 done well? topic.q1", "0", "1", "0"],
        ["Is topic.q2 done? topic.q2", "0", "0", "1"],
    ]
    assert texts(shown, ".differences > li:first-child .help") == ["Answers: 0 stay, 1 to confirm, 0 without a home."]


def test_any_two_versions_are_compared(client):
    sign_in_editor(client)
    first = make_version()
    second = publish(make_edited(first))
    draft = second.start_draft()

    to_draft, back, same = (look(client, draft), look(client, first, **{"from": second.pk}), look(client, draft))

    assert "The two say the same." in to_draft.content.decode()
    assert texts(read(back), ".differences h3")[-1] == "Question: Is topic.new done? topic.new"
    assert [option["value"] for option in read(same).select("option[selected]")] == [str(second.pk)]


def test_first_version_has_nothing_to_compare_with(client):
    sign_in_editor(client)

    shown = read(look(client, make_version()))

    assert "There is no other version of this question set to compare it with." in shown.get_text()


def test_version_page_and_publish_page_lead_to_it(client):
    sign_in_administrator(client)
    draft = make_edited(make_version())

    pages = [read(client.get(page(name, draft.pk))) for name in ("version_change", "version_publish")]

    assert [len(each.select(f'a[href="{page("version_differences", draft.pk)}"]')) for each in pages] == [1, 1]


def test_who_may_not_see_a_version_gets_no_difference(client):
    draft = make_edited(make_version())
    private = make_version()
    type(private.question_set).objects.filter(pk=private.question_set_id).update(organisation=make_organisation())
    client.force_login(make_user(is_staff=True))
    refused = look(client, draft).status_code
    sign_in_editor(client)

    assert (refused, look(client, private).status_code) == (403, 404)
    assert client.post(page("version_differences", draft.pk)).status_code == 405


def test_page_costs_the_same_at_1_and_at_3_rows(client):
    sign_in_administrator(client)
    counts = []
    for number in (1, 3):
        before = make_version(questions=number)
        for _n in range(number):
            answer_all(make_assessment(before))
        draft = before.start_draft()
        for question in draft.questions.all():
            question.citations.create(provision=make_provision(), position=1)
        look(client, draft)
        counts.append(query_count(lambda d=draft: look(client, d)))

    assert counts[0] == counts[1]
