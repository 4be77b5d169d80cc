import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from questionnaires.models import Version
from tests.admin.editors import make_editor, page, sign_in_editor
from tests.factories import (
    make_contradiction,
    make_draft,
    make_duty,
    make_organisation,
    make_question,
    make_section,
    make_user,
    make_version,
)

ACTIONS = ["submit", "withdraw", "approve", "return", "publish", "retire", "draft", "preview"]


def call(client, name, version):
    url = page(f"version_{name}", version.pk)
    return client.get(url) if name == "preview" else client.post(url)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTIONS)
def test_stranger_is_sent_to_sign_in_and_changes_nothing(client, name):
    version = make_version()
    client.force_login(make_user())

    response = call(client, name, version)

    version.refresh_from_db()
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("admin:login"))
    assert (version.retired_at, Version.objects.count()) == (None, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTIONS)
def test_staff_without_permission_is_refused_and_changes_nothing(client, name):
    draft = make_draft()
    make_question(make_section(draft))
    client.force_login(make_user(is_staff=True))

    response = call(client, name, draft)

    draft.refresh_from_db()
    assert response.status_code == 403
    assert (draft.is_published, Version.objects.count()) == (False, 1)


@pytest.mark.django_db
def test_reader_sees_a_draft_and_is_offered_no_change(client):
    reader = make_user(is_staff=True)
    reader.user_permissions.set(
        Permission.objects.filter(codename__startswith="view_")
        | Permission.objects.filter(codename="see_shared_drafts")
    )
    client.force_login(reader)
    draft = make_draft()
    make_question(make_section(draft))

    content = client.get(page("version_change", draft.pk)).content.decode()

    assert page("version_preview", draft.pk) in content
    for name in ("publish", "retire", "draft"):
        assert page(f"version_{name}", draft.pk) not in content
    for label in ("Add question", "Add duty", "Add contradiction"):
        assert label not in content


@pytest.mark.django_db
def test_editor_sees_names_of_own_organisations_and_no_people_or_answers(client):
    editor = sign_in_editor(client)
    owner = make_user("owner@acme.example")
    organisation, other = make_organisation("Acme", owner=owner), make_organisation("Elsewhere")
    organisation.memberships.create(user=editor, role="viewer")

    listed = client.get(reverse("admin:accounts_organisation_change", args=[organisation.pk])).content.decode()
    others = client.get(reverse("admin:accounts_organisation_change", args=[other.pk]))
    people = client.get(reverse("admin:accounts_user_changelist"))
    index = client.get(reverse("admin:index")).content.decode()

    assert "Acme" in listed
    assert "owner@acme.example" not in listed
    assert others.status_code == 302
    assert people.status_code == 403
    assert "assessment/" not in index


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_in_both_languages(client, language):
    client.force_login(make_editor())
    client.cookies["django_language"] = language
    draft = make_draft()
    question = make_question(make_section(draft))
    rows = {
        "questionset": draft.question_set,
        "version": draft,
        "section": question.section,
        "question": question,
        "answerscale": question.scale,
        "fact": draft.facts.first(),
        "duty": make_duty(draft),
        "contradiction": make_contradiction(draft),
        "instrument": question.provisions.get().instrument,
        "provision": question.provisions.get(),
    }
    urls = [reverse("admin:index"), reverse("admin:app_list", args=["questionnaires"])]
    for name, row in rows.items():
        urls += [page(f"{name}_changelist"), page(f"{name}_add", version=draft.pk), page(f"{name}_change", row.pk)]
        urls += [page(f"{name}_history", row.pk), page(f"{name}_delete", row.pk)]

    pages = {url: client.get(url) for url in urls}

    assert {url: response.status_code for url, response in pages.items()} == dict.fromkeys(urls, 200)
    wrong = [url for url, response in pages.items() if f'lang="{language}"' not in response.content.decode()]
    assert wrong == []


@pytest.mark.django_db
def test_pages_hold_no_script_or_style_that_the_policy_forbids(client):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()))
    duty = make_duty(question.version)
    urls = [page("question_change", question.pk), page("version_change", question.version_id)]
    urls += [page("duty_change", duty.pk)]
    urls += [page("version_publish", question.version_id), page("version_preview", question.version_id)]

    contents = [client.get(url).content.decode() for url in urls]

    for content in contents:
        assert "<style" not in content
        assert ' style="' not in content
        assert "//ajax.googleapis" not in content
        assert [line for line in content.splitlines() if "<script>" in line] == []
