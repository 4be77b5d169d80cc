"""Published content is read-only: in lists, forms, actions and deletions, and when another publishes meanwhile."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from questionnaires import triggers
from questionnaires.models import AnswerScale, Contradiction, Duty, Fact, Question, Section, Version
from tests.admin.editors import filled, logged, page, said, save, sign_in_editor
from tests.factories import (
    both,
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
)

PARTS = {
    "section": Section,
    "question": Question,
    "answerscale": AnswerScale,
    "fact": Fact,
    "duty": Duty,
    "contradiction": Contradiction,
}
NOT_SAVED = "Nothing was saved: the version was published in the meantime."
REFUSED = "Nothing was saved: this is published or in use, or somebody changed it at the same time."


def make_ready():
    draft = make_draft()
    make_question(make_section(draft))
    make_duty(draft)
    make_contradiction(draft)
    return draft


def make_published():
    return publish(make_ready())


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PARTS, "version"])
def test_page_of_published_content_shows_it_without_inputs(client, name):
    sign_in_editor(client)
    version = make_published()
    row = version if name == "version" else PARTS[name].objects.filter(version=version).first()

    response = client.get(page(f"{name}_change", row.pk))

    assert response.status_code == 200
    assert response.context["published"] == version
    assert "is published and cannot be changed" in response.content.decode()
    assert 'name="_save"' not in response.content.decode()
    assert page(f"{name}_delete", row.pk) not in response.content.decode()
    assert [inline.has_change_permission for inline in response.context["inline_admin_formsets"] if inline.forms] in (
        [],
        [False],
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PARTS, "version"])
def test_form_opened_before_publication_saves_nothing_after_it(client, name):
    sign_in_editor(client)
    draft = make_ready()
    row = draft if name == "version" else PARTS[name].objects.filter(version=draft).first()
    url = page(f"{name}_change", row.pk)
    data = filled(client.get(url)) | {"ref": "changed", "weight_low": "5"}
    publish(draft)
    before = PARTS.get(name, Version).objects.filter(pk=row.pk).values().get()

    response = client.post(url, data, follow=True)

    assert response.redirect_chain == [(url, 302)]
    assert said(response) == [NOT_SAVED]
    assert PARTS.get(name, Version).objects.filter(pk=row.pk).values().get() == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", PARTS)
def test_adding_to_a_published_version_leads_back_to_the_drafts(client, name):
    sign_in_editor(client)
    version = make_version()
    model = PARTS[name]
    count = model.objects.count()

    response = client.post(page(f"{name}_add", version=version.pk), {"ref": "new"}, follow=True)

    assert response.redirect_chain == [(page("version_changelist"), 302)]
    assert said(response) == ["Open a draft first and add to it from its page."]
    assert model.objects.count() == count


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PARTS, "version"])
def test_published_content_cannot_be_deleted_from_its_page(client, name):
    sign_in_editor(client)
    version = make_published()
    model = PARTS.get(name, Version)
    row = version if name == "version" else model.objects.filter(version=version).first()

    response = client.post(page(f"{name}_delete", row.pk), {"post": "yes"})

    assert response.status_code == 403
    assert model.objects.filter(pk=row.pk).exists() is True


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PARTS, "version"])
def test_action_deletes_nothing_when_one_of_the_chosen_is_published(client, name):
    editor = sign_in_editor(client)
    published, draft = make_published(), make_ready()
    model = PARTS.get(name, Version)
    rows = [published, draft]
    if name != "version":
        rows = [model.objects.filter(version=version).first() for version in rows]
    data = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}

    response = client.post(page(f"{name}_changelist"), data, follow=True)

    assert said(response) == ["Nothing was deleted: 1 of those chosen belong to a version in review or published."]
    assert model.objects.filter(pk__in=[row.pk for row in rows]).count() == 2
    assert logged(editor) == []


@pytest.mark.django_db
def test_action_deletes_drafts(client):
    sign_in_editor(client)
    draft = make_ready()
    data = {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"}

    client.post(page("version_changelist"), data)

    assert Version.objects.filter(pk=draft.pk).exists() is False


@pytest.mark.django_db
@pytest.mark.parametrize("name", PARTS)
def test_list_saves_positions_of_drafts_and_leaves_published_ones(client, name):
    sign_in_editor(client)
    published, draft = make_published(), make_ready()
    model = PARTS[name]
    fixed, free = (model.objects.filter(version=version).first() for version in (published, draft))
    url = page(f"{name}_changelist")
    formset = client.get(url).context["cl"].formset
    data = {bound.html_name: bound.value() for form in [formset.management_form, *formset] for bound in form}
    data |= {f"{form.prefix}-position": 7 for form in formset}

    response = client.post(url, data | {"_save": "Save"}, follow=True)

    assert response.redirect_chain == [(url, 302)]
    fixed_position = fixed.position
    fixed.refresh_from_db()
    free.refresh_from_db()
    assert (fixed.position, free.position) == (fixed_position, 7)


@contextmanager
def published_by_another_before(verb, model, version):
    """Publish between the admin's checks and its write, whose transaction then takes that back, too."""
    write = f'{verb} "{model._meta.db_table}" '
    waiting = [version.pk]

    def publish_first(execute, sql, params, many, context):
        if sql.startswith(write) and waiting:
            Version.objects.filter(pk=waiting.pop()).update(published_at=timezone.now())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(publish_first):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PARTS, "version"])
def test_refusal_of_the_database_is_a_message(client, name):
    editor = sign_in_editor(client)
    draft = make_ready()
    model = PARTS.get(name, Version)
    AnswerScale.objects.create(version=draft, ref="unused", **both(title="Unused"))
    row = draft if name == "version" else model.objects.filter(version=draft).last()
    before = model.objects.filter(pk=row.pk).values().get()
    change, delete, listing = (
        page(f"{name}_change", row.pk),
        page(f"{name}_delete", row.pk),
        page(f"{name}_changelist"),
    )
    changed = filled(client.get(change)) | {"ref": "changed", "weight_low": "5"}
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}

    with published_by_another_before("UPDATE", model, draft):
        responses = [client.post(change, changed, follow=True)]
    with published_by_another_before("DELETE FROM", model, draft):
        responses += [client.post(delete, {"post": "yes"}, follow=True)]
    with published_by_another_before("DELETE FROM", model, draft):
        responses += [client.post(listing, chosen, follow=True)]

    assert [said(response) for response in responses] == [[REFUSED]] * 3
    assert model.objects.filter(pk=row.pk).values().get() == before
    assert logged(editor) == []


@pytest.mark.django_db
def test_instrument_of_a_submitted_assessment_cannot_be_deleted(client):
    sign_in_editor(client)
    version, instrument = make_version(), make_instrument()
    make_submitted(version, instruments=[instrument, *instruments_of(version)])
    assert triggers.missing(connection) == []

    response = client.post(page("instrument_delete", instrument.pk), {"post": "yes"}, follow=True)

    assert said(response) == [REFUSED]
    assert type(instrument).objects.filter(pk=instrument.pk).exists() is True


def instruments_of(version):
    return {
        citation.provision.instrument for question in version.questions.all() for citation in question.citations.all()
    }


@pytest.mark.django_db
def test_draft_is_edited_and_logged(client):
    editor = sign_in_editor(client)
    question = make_ready().questions.get()

    save(client, page("question_change", question.pk), text_en="Is it reworded?")

    question.refresh_from_db()
    assert question.text_en == "Is it reworded?"
    assert logged(editor) == ["Changed Text [en]."]
