"""The steps of a version's life in the admin: who is offered them, and what they do."""

import pytest

from questionnaires.models import QuestionSet, Version
from tests.admin.editors import (
    logged,
    make_administrator,
    make_editor,
    make_organisation_editor,
    make_reviewer,
    page,
    said,
)
from tests.factories import make_draft, make_member, make_organisation, make_question, make_section, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    version = make_draft("gate")
    make_question(make_section(version, "first"), "topic.q1")
    return version


def as_person(client, person):
    client.force_login(person)
    return client


def offered(client, person, version):
    steps = as_person(client, person).get(page("version_change", version.pk)).context["steps"]
    return [step.name for step in steps]


def post(client, person, name, version, **data):
    return as_person(client, person).post(page(f"version_{name}", version.pk), data, follow=True)


@pytest.mark.parametrize("requires_review", [False, True])
def test_each_is_offered_what_is_theirs_to_do(client, draft, requires_review):
    QuestionSet.objects.update(requires_review=requires_review)
    people = [make_editor(), make_reviewer(), make_administrator()]
    editor, reviewer, administrator = people

    found = {"draft": [offered(client, person, draft) for person in people]}
    post(client, editor, "submit", draft)
    found["in review"] = [offered(client, person, draft) for person in people]
    post(client, reviewer, "approve", draft)
    found["approved"] = [offered(client, person, draft) for person in people]
    post(client, administrator, "publish", draft)
    found["published"] = [offered(client, person, draft) for person in people]
    post(client, administrator, "retire", draft)
    found["retired"] = [offered(client, person, draft) for person in people]

    assert found == {
        "draft": [["submit"], [], ["submit"] if requires_review else ["submit", "publish"]],
        "in review": [["withdraw"], ["review"], ["review", "withdraw"]],
        "approved": [["withdraw"], [], ["withdraw", "publish"]],
        "published": [[], [], ["retire"]],
        "retired": [[], [], []],
    }


def test_reviewer_returns_with_a_comment_that_the_editor_reads(client, draft):
    editor, reviewer = make_editor(), make_reviewer()
    post(client, editor, "submit", draft)

    shown = as_person(client, reviewer).get(page("version_review", draft.pk)).content.decode()
    empty = post(client, reviewer, "return", draft, comment=" ")
    still = Version.objects.get(pk=draft.pk).is_in_review
    returned = post(client, reviewer, "return", draft, comment="Cite Art. 13 <b>too</b>.")
    read = as_person(client, editor).get(page("version_change", draft.pk)).content.decode()

    assert page("version_approve", draft.pk) in shown
    assert "This field is required." in empty.content.decode()
    assert still is True
    assert said(returned) == ["Set gate, version 1 is a draft again, with your comment."]
    assert Version.objects.get(pk=draft.pk).is_draft
    assert "Cite Art. 13 &lt;b&gt;too&lt;/b&gt;." in read
    assert logged(reviewer) == ["Returned: Cite Art. 13 <b>too</b>."]
    assert logged(editor) == ["Handed in for review."]


def test_who_hands_in_cannot_review_whatever_their_permissions(client, draft):
    administrator = make_administrator()
    post(client, administrator, "submit", draft)

    shown = as_person(client, administrator).get(page("version_review", draft.pk), follow=True)
    approved = post(client, administrator, "approve", draft)

    assert offered(client, administrator, draft) == ["withdraw"]
    assert said(shown) == said(approved) == ["Who handed it in cannot judge it: another person must."]
    assert Version.objects.get(pk=draft.pk).approved_at is None


def test_version_in_review_is_shown_without_inputs_and_refuses_a_form_opened_before(client, draft):
    editor, reviewer = make_editor(), make_reviewer()
    question = draft.questions.get()
    post(client, reviewer, "submit", draft)
    refused = Version.objects.get(pk=draft.pk).is_draft
    post(client, editor, "submit", draft)

    shown = as_person(client, editor).get(page("question_change", question.pk))
    posted = client.post(page("question_change", question.pk), {"text_en": "Changed"}, follow=True)
    added = client.get(page("question_add", version=draft.pk), follow=True)

    assert refused is True
    assert "is in review and takes no edits" in shown.content.decode()
    assert 'name="text_en"' not in shown.content.decode()
    assert said(posted) == ["Nothing was saved: the version was handed in for review in the meantime."]
    assert said(added) == ["Open a draft first and add to it from its page."]


def test_steps_without_permission_or_of_anothers_content_change_nothing(client, draft):
    organisation = make_organisation()
    own = make_draft("own")
    QuestionSet.objects.filter(pk=own.question_set_id).update(organisation=organisation)
    make_question(make_section(own), "topic.q1")
    member_viewing = make_member(organisation)
    member_viewing.is_staff = True
    member_viewing.save()
    member_viewing.groups.set(make_editor().groups.all())

    answers = {
        "reviewer submits": post(client, make_reviewer(), "submit", draft).status_code,
        "editor publishes": post(client, make_editor(), "publish", draft).status_code,
        "editor approves": post(client, make_editor(), "approve", draft).status_code,
        "organisation's editor submits what is shared": post(
            client, make_organisation_editor(organisation), "submit", draft
        ).status_code,
        "administrator publishes what is private": post(client, make_administrator(), "publish", own).status_code,
        "viewer of the organisation submits": post(client, member_viewing, "submit", own).status_code,
        "organisation's manager publishes": post(
            client, make_organisation_editor(organisation), "publish", own
        ).status_code,
    }

    assert answers == {
        "reviewer submits": 403,
        "editor publishes": 403,
        "editor approves": 403,
        "organisation's editor submits what is shared": 404,
        "administrator publishes what is private": 404,
        "viewer of the organisation submits": 403,
        "organisation's manager publishes": 200,
    }
    assert [Version.objects.get(pk=version.pk).is_draft for version in (draft, own)] == [True, False]
    assert Version.objects.get(pk=own.pk).is_published


def test_pages_that_ask_change_nothing_and_cost_the_same_with_more_questions(client, draft, django_assert_num_queries):
    administrator = as_person(client, make_administrator()) and make_administrator()
    url = page("version_submit", draft.pk)
    client.get(url)
    with django_assert_num_queries(40, exact=False) as counted:
        client.get(url)
    for _number in range(3):
        make_question(make_section(draft))

    with django_assert_num_queries(len(counted)):
        content = client.get(url).content.decode()
    withdrawing = client.get(page("version_withdraw", draft.pk)).content.decode()

    assert "Nobody can edit it while it is in review." in content
    assert "Yes, withdraw" in withdrawing
    assert (Version.objects.get(pk=draft.pk).is_draft, logged(administrator)) == (True, [])


def test_list_tells_in_review_from_approved(client):
    waiting, approved, draft, published = make_draft(), make_draft(), make_draft(), make_version()
    editor, reviewer = make_editor(), make_reviewer()
    for version in (waiting, approved):
        version.submit_for_review(by=editor)
    approved.approve(by=reviewer)
    as_person(client, reviewer)

    found = {
        state: [row.pk for row in client.get(page("version_changelist"), {"state": state}).context["cl"].result_list]
        for state in ("draft", "review", "approved", "published")
    }

    assert found == {
        "draft": [draft.pk],
        "review": [waiting.pk],
        "approved": [approved.pk],
        "published": [published.pk],
    }
