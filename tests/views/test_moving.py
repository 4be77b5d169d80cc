"""The page that moves an assessment to a newer version."""

import pytest
from django.urls import reverse

from questionnaires.models import Assessment
from tests.factories import (
    answer,
    answer_all,
    make_member,
    make_organisation,
    make_question,
    make_submitted,
    make_user,
    make_version,
    publish,
    state_fact,
)
from tests.views.browsing import address, query_count, read, said, save, start, text, texts

pytestmark = pytest.mark.django_db


def make_edited(version, *, number=1):
    """As many questions reworded, gone and new; one stays."""
    draft = version.start_draft()
    for n in range(1, number + 1):
        draft.questions.filter(ref=f"topic.q{n}").update(text_en=f"Is topic.q{n} done well?")
        draft.questions.get(ref=f"topic.q{number + n}").delete()
        make_question(draft.sections.first(), f"topic.new{n}")
    draft.facts.filter(ref="size").update(text_en="How many people?")
    return publish(draft)


@pytest.fixture
def assessment(client):
    made = start(client, make_version(questions=3))
    state_fact(made, "size", "small")
    answer(made, "topic.q1", "no")
    answer(made, "topic.q2", "partly")
    answer(made, "topic.q3", "yes")
    return made


@pytest.fixture
def newer(assessment):
    return make_edited(assessment.version)


def move(client, assessment, version=None, **fields):
    """Press the button of the dry run as it stands."""
    page = read(client.get(address("assessment-move", assessment)))
    ticked = [box["value"] for box in page.select("[name=instruments][checked]")]
    number = version.pk if version else page.find("input", {"name": "version"})["value"]
    return client.post(address("assessment-move", assessment), {"version": number, "instruments": ticked} | fields)


def test_overview_and_report_offer_the_newer_version(client, assessment):
    before = [read(client.get(address(name, assessment))) for name in ("assessment-overview", "assessment-report")]
    make_edited(assessment.version)
    after = [read(client.get(address(name, assessment))) for name in ("assessment-overview", "assessment-report")]

    target = address("assessment-move", assessment)
    assert [len(page.select(f'a[href="{target}"]')) for page in (*before, *after)] == [0, 0, 1, 1]


def test_dry_run_says_what_becomes_of_every_answer_and_fact(client, assessment, newer):
    page = read(client.get(address("assessment-move", assessment)))

    assert texts(page, ".counts dd") == ["1", "1", "1", "1"]
    (row,) = page.select("#to-confirm-heading ~ ul > li")
    assert texts(row, "h3, dt, p") == ["Is topic.q1 done well?", "Text English", "Answer: No"]
    assert text(row.dd) == "Is topic.q1 done [added: well ] ?"
    assert row.dd.ins.find_all(string=True, recursive=False) == [" well"]
    assert texts(page, "#homeless-heading ~ ul > li") == [
        "Is topic.q2 done? Answer: Partly · The question is no longer asked."
    ]
    assert texts(page, "#new-heading ~ ul > li") == ["Is topic.new1 done?"]
    assert texts(page, "#facts-heading ~ ul p") == ["How many people? Small"]
    assert Assessment.objects.count() == 1


def test_moving_opens_the_next_revision_and_closes_this_one(client, assessment, newer):
    response = move(client, assessment)

    revision = Assessment.objects.get(previous=assessment)
    assert (response.status_code, response["Location"]) == (302, address("assessment-overview", revision))
    assert (revision.version, revision.answers.count(), revision.revision) == (newer, 2, 2)
    page = client.get(response["Location"])
    assert said(page) == ["Revision 2 is open, on version 2. Revision 1 stays readable as it was."]
    old = read(client.get(address("assessment-overview", assessment)))
    assert text(old.select_one(".message:has(a)")) == (
        "Revision 1 is closed: its answers were moved to a newer version of the question set. "
        f"Revision 2: Set {newer.question_set.slug}, version 2"
    )
    assert [a["href"] for a in old.select(".actions a.btn-primary, .actions .text-danger")] == []


def test_superseded_revision_is_read_but_takes_no_answer(client, assessment, newer):
    move(client, assessment)

    pages = [client.get(address(name, assessment)) for name in ("assessment-facts", "assessment-report")]
    refused = save(client, assessment, "topic.q1", "yes", revision=1)
    closed = client.post(address("assessment-submit", assessment))
    section = client.get(address("assessment-section", assessment, "first"))

    assert [page.status_code for page in (*pages, section)] == [200, 200, 200]
    assert "Review and submit" not in pages[1].content.decode()
    assert (refused.status_code, closed.status_code) == (409, 404)
    assert "the assessment was closed meanwhile" in refused.content.decode()
    assert assessment.answers.get(question__ref="topic.q1").revision == 1


def test_question_to_confirm_shows_its_old_wording_on_the_card(client, assessment, newer):
    move(client, assessment)
    revision = Assessment.objects.get(previous=assessment)

    page = read(client.get(address("assessment-section", revision, "first")))

    assert texts(page, ".unconfirmed q") == ["Is topic.q1 done?"]


def test_submitted_assessment_is_moved_and_keeps_its_report(client):
    assessment = make_submitted(make_version(questions=3))
    client.force_login(assessment.created_by)
    make_edited(assessment.version)

    move(client, assessment)

    old = Assessment.objects.get(pk=assessment.pk)
    assert (old.is_submitted, old.superseded_at, old.report.digest) == (True, None, assessment.report.digest)
    assert Assessment.objects.get(previous=old).answers.count() == 2


def test_version_published_meanwhile_is_shown_first(client, assessment, newer):
    newest = publish(newer.start_draft())

    response = move(client, assessment, newer)
    page = read(response)

    assert texts(page, "[role=alert]") == [
        "A still newer version was published meanwhile: this is what moving to it means."
    ]
    assert page.find("input", {"name": "version"})["value"] == str(newest.pk)
    assert Assessment.objects.count() == 1


def test_no_instrument_is_no_move(client, assessment, newer):
    page = read(move(client, assessment, instruments=[]))

    assert texts(page, ".field-error") == ["Choose at least one instrument."]
    assert Assessment.objects.count() == 1


def test_moved_already_goes_to_the_newer_revision(client, assessment, newer):
    move(client, assessment)
    revision = Assessment.objects.get(previous=assessment)

    responses = [getattr(client, method)(address("assessment-move", assessment)) for method in ("get", "post")]

    assert {r["Location"] for r in responses} == {address("assessment-overview", revision)}
    assert Assessment.objects.count() == 2


def test_without_a_newer_version_there_is_nothing_to_move_to(client, assessment):
    assessment.version.start_draft()

    response = client.get(address("assessment-move", assessment), follow=True)

    assert said(response) == ["There is no newer version of its question set to move to."]


def test_retired_version_and_that_of_others_are_not_offered(client, assessment, newer):
    newer.retire()

    assert client.get(address("assessment-move", assessment)).status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_stranger_and_viewer_get_404(client, assessment, newer, method):
    for user in (make_user(), make_member(assessment.organisation)):
        client.force_login(user)
        assert getattr(client, method)(address("assessment-move", assessment)).status_code == 404
    assert Assessment.objects.count() == 1


def test_signed_out_is_asked_to_sign_in(client, assessment, newer):
    client.logout()

    assert client.get(address("assessment-move", assessment))["Location"].startswith(reverse("account_login"))


def test_reopening_a_superseded_revision(client, assessment, newer):
    move(client, assessment)
    client.post(address("assessment-delete", Assessment.objects.get(previous=assessment)))
    page = read(client.get(address("assessment-overview", assessment)))

    response = client.post(page.find("a", string="Reopen")["href"])

    revision = Assessment.objects.get(previous=assessment)
    assert response["Location"] == address("assessment-overview", revision)
    assert (revision.version, revision.answers.count()) == (assessment.version, 3)


def test_pages_cost_the_same_at_1_and_at_3_rows(client):
    organisation = make_organisation()
    counts = []
    for number in (1, 3):
        assessment = start(client, make_version(questions=3 * number), organisation=organisation)
        answer_all(assessment)
        make_edited(assessment.version, number=number)
        client.get(address("assessment-move", assessment))  # outlines of published versions are kept
        counts.append(query_count(lambda a=assessment: client.get(address("assessment-move", a))))

    assert counts[0] == counts[1]
    assert counts[1] <= 20
