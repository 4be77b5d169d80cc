"""What everyone may use and what one organisation has for itself are apart, in the admin and outside it."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from questionnaires import importing
from questionnaires.checks import LIBRARY
from questionnaires.groups import ADMINISTRATORS, EDITORS, ORGANISATION_EDITORS, PERMISSIONS, REVIEWERS, make_groups
from questionnaires.models import Instrument, Provision, QuestionSet, Version
from tests.admin.editors import (
    filled,
    make_administrator,
    make_editor,
    make_organisation_editor,
    make_reviewer,
    page,
    save,
    texts,
)
from tests.factories import (
    make_draft,
    make_instrument,
    make_member,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_user,
    make_version,
    publish,
)

pytestmark = pytest.mark.django_db
SECRET = "Zzsecret"


class World:
    """Acme and Rival each have a set of their own, and Acme an instrument; beside them what everyone may use."""

    def __init__(self):
        self.acme, self.rival = make_organisation("Acme"), make_organisation("Rival")
        self.instrument = make_instrument(
            "acme-rules", organisation=self.acme, title_en=f"{SECRET} rules", short_title_en=f"{SECRET} rules"
        )
        self.provision = make_provision(self.instrument, statement_en=f"{SECRET} duty")
        self.shared = make_version(slug="shared", questions=1)
        self.shared_draft = make_draft("shared-draft")
        self.law = self.shared.questions.get().provisions.get().instrument
        Instrument.objects.filter(pk=self.law.pk).update(superseded_by=self.instrument)
        Provision.objects.filter(instrument=self.law).update(superseded_by=self.provision)
        self.private = self.private_draft("acme-set", self.acme, provisions=[self.provision, self.law.provisions.get()])
        publish(self.private)
        self.draft = self.private.start_draft()
        self.rivals = self.private_draft("rival-set", self.rival)

    @staticmethod
    def private_draft(slug, organisation, **citing):
        draft = make_draft(slug)
        QuestionSet.objects.filter(pk=draft.question_set_id).update(
            organisation=organisation, title_en=f"{SECRET} {slug}", title_zh_hans=f"{SECRET} {slug}"
        )
        section = make_section(draft, "first", title_en=f"{SECRET} section")
        make_question(section, "topic.q1", text_en=f"{SECRET} question", **citing)
        return Version.objects.get(pk=draft.pk)


@pytest.fixture
def world():
    return World()


def test_groups_are_made_by_migrate_and_mended():
    names = {EDITORS, REVIEWERS, ADMINISTRATORS, ORGANISATION_EDITORS}
    before = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    Group.objects.get(name=EDITORS).permissions.clear()
    Group.objects.get(name=REVIEWERS).delete()

    make_groups()

    after = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert set(before) == names
    assert before == after == {name: set(codenames) for name, codenames in PERMISSIONS.items()}
    assert {name for name in names if "publish_version" in after[name]} == {ADMINISTRATORS, ORGANISATION_EDITORS}
    assert {name for name in names if "change_user" in after[name]} == {ADMINISTRATORS}
    assert [name for name in after[REVIEWERS] if not name.startswith(("view_", "see_", "approve_"))] == []


def test_querysets_of_each_kind_of_person(world):
    manager, viewer = make_organisation_editor(world.acme), make_organisation_editor(world.acme, role="viewer")
    shared, private = {world.shared, world.shared_draft}, {world.private, world.draft}
    expected = {
        make_editor(): (shared, shared),
        make_reviewer(): (shared, set()),
        make_administrator(): (shared, shared),
        manager: ({world.shared} | private, private),
        viewer: ({world.shared} | private, set()),
        make_user(is_superuser=True): (shared | private | {world.rivals}, shared | private | {world.rivals}),
    }

    found = {
        user: (set(Version.objects.visible_in_admin_to(user)), set(Version.objects.editable_in_admin_by(user)))
        for user in expected
    }

    assert found == expected
    assert {user: {v for v in visible if v.is_edited_by(user)} for user, (visible, _own) in expected.items()} == {
        user: own for user, (_visible, own) in expected.items()
    }
    assert set(Instrument.objects.visible_in_admin_to(manager)) == set(Instrument.objects.all())
    assert set(Instrument.objects.editable_in_admin_by(manager)) == {world.instrument}
    assert world.instrument not in Instrument.objects.visible_in_admin_to(make_editor())
    assert set(Provision.objects.citable_for(world.rival.pk)) == set(Provision.objects.exclude(pk=world.provision.pk))
    assert world.provision in Provision.objects.citable_for(world.acme.pk)


@pytest.mark.parametrize("make_person", [make_editor, make_administrator, make_reviewer])
def test_no_page_of_the_admin_shows_what_is_private_to_whoever_does_not_belong(client, world, make_person):
    client.force_login(make_person())
    question, section = world.draft.questions.get(), world.draft.sections.get()
    private_pages = [
        page("questionset_change", world.draft.question_set_id),
        page("version_change", world.draft.pk),
        page("section_change", section.pk),
        page("question_change", question.pk),
        page("answerscale_change", world.draft.scales.get().pk),
        page("fact_change", world.draft.facts.first().pk),
        page("instrument_change", world.instrument.pk),
        page("provision_change", world.provision.pk),
        page("question_history", question.pk),
        page("question_delete", question.pk),
    ]
    lists = ["questionset", "version", "section", "question", "answerscale", "fact", "duty", "instrument", "provision"]
    search = reverse("admin:questionnaires_provision_search")
    field = {"app_label": "questionnaires", "model_name": "citation", "field_name": "provision", "term": SECRET}

    statuses = {url: client.get(url).status_code for url in private_pages}
    listed = "".join(client.get(page(f"{name}_changelist")).content.decode() for name in lists)
    adding = "".join(client.get(page(f"{name}_add")).content.decode() for name in ("version", "provision"))
    found = client.get(search, field).json()["results"]

    assert set(statuses.values()) <= {302, 403, 404}
    assert client.get(page("version_preview", world.draft.pk)).status_code == 404
    assert SECRET not in listed
    assert SECRET not in adding
    assert found == []


def test_organisations_editor_changes_what_is_private_and_reads_what_is_shared(client, world):
    client.force_login(make_organisation_editor(world.acme))
    question, shared = world.draft.questions.get(), world.shared.questions.get()

    saved = save(client, page("question_change", question.pk), text_en="Reworded")
    read = client.get(page("question_change", shared.pk)).content.decode()
    hidden = client.get(page("version_change", world.shared_draft.pk))
    foreign = client.get(page("version_change", world.rivals.pk))
    law = client.get(page("instrument_change", world.law.pk)).content.decode()
    own = client.get(page("instrument_change", world.instrument.pk)).content.decode()

    question.refresh_from_db()
    assert (saved.status_code, question.text_en) == (302, "Reworded")
    assert shared.text_en in read
    assert 'name="text_en"' not in read
    assert (hidden.status_code, foreign.status_code) == (302, 302)
    assert 'name="title_en"' not in law
    assert 'name="title_en"' in own


def test_organisations_editor_makes_content_for_the_organisation_only(client, world):
    client.force_login(make_organisation_editor(world.acme))
    described = texts(title="New", description="All")

    shared = save(client, page("questionset_add"), slug="new", **described)
    foreign = save(client, page("questionset_add"), slug="new", organisation=world.rival.pk, **described)
    own = save(client, page("questionset_add"), slug="new", organisation=world.acme.pk, **described)

    assert "organisation" in shared.context["adminform"].form.errors
    assert "organisation" in foreign.context["adminform"].form.errors
    assert own.status_code == 302
    assert QuestionSet.objects.get(slug="new").organisation == world.acme


def test_set_for_everyone_cites_nothing_private_even_when_posted_by_hand(client, world):
    editor = make_editor()
    world.acme.memberships.create(user=editor, role="manager")  # belongs to both
    client.force_login(editor)
    question = make_question(make_section(world.shared_draft), "topic.q9")
    own = world.draft.questions.get()

    def cite(row):
        url = page("question_change", row.pk)
        at = row.citations.count()
        data = filled(client.get(url), **{"citations-TOTAL_FORMS": str(at + 1), f"citations-{at}-position": "9"})
        return client.post(url, data | {f"citations-{at}-provision": str(world.provision.pk)})

    own.citations.filter(provision=world.provision).delete()
    refused, accepted = cite(question), cite(own)

    assert refused.status_code == 200
    assert accepted.status_code == 302
    assert world.provision not in question.provisions.all()
    assert world.provision in own.provisions.all()


def test_what_everyone_may_use_is_not_superseded_by_what_is_private(client, world):
    editor = make_editor()
    world.acme.memberships.create(user=editor, role="manager")
    client.force_login(editor)
    Instrument.objects.filter(pk=world.law.pk).update(superseded_by=None)

    refused = save(client, page("instrument_change", world.law.pk), superseded_by=world.instrument.pk)
    accepted = save(client, page("instrument_change", world.instrument.pk), superseded_by=world.law.pk)

    assert "superseded_by" in refused.context["adminform"].form.errors
    assert accepted.status_code == 302


def test_pages_outside_the_admin_show_private_content_to_members_only(client, world):
    urls = [
        reverse("timeline"),
        reverse("instrument", args=[world.law.slug]),
        reverse("questionnaires:assessment-new"),
    ]
    private = [
        reverse("instrument", args=[world.instrument.slug]),
        reverse("instrument-coverage", args=[world.instrument.slug, "acme-set"]),
        reverse("instrument-coverage", args=[world.law.slug, "acme-set"]),
    ]

    def seen():
        shown = "".join(client.get(url).content.decode() for url in urls)
        return SECRET in shown, [client.get(url).status_code for url in private]

    anonymous = seen()
    home = client.get(reverse("home")).content.decode()
    client.force_login(make_member(world.rival))
    rival = seen()
    client.force_login(make_member(world.acme))
    member = seen()

    assert SECRET not in home
    assert (anonymous, rival) == ((False, [404] * 3),) * 2
    assert member == (True, [200] * 3)


def test_what_is_private_is_not_named_where_it_keeps_something_from_being_deleted(client, world):
    client.force_login(make_editor())
    other = make_instrument("other")
    Instrument.objects.filter(pk=world.law.pk).update(superseded_by=None)
    Instrument.objects.filter(pk=world.instrument.pk).update(superseded_by=other)

    content = client.get(page("instrument_delete", other.pk)).content.decode()

    assert SECRET not in content
    assert "Cannot delete instrument" in content


def test_library_does_not_take_over_what_is_private(world):
    slug = "pipl"
    make_instrument(slug, organisation=world.acme)

    with pytest.raises(importing.Refused, match="The instrument “pipl” of the files is also"):
        importing.load_library(LIBRARY)

    assert Instrument.objects.get(slug=slug).organisation == world.acme


def test_administrator_makes_no_superuser_and_touches_none(client):
    administrator, root = make_administrator(), make_user(is_staff=True, is_superuser=True)
    client.force_login(administrator)

    own = client.get(reverse("admin:accounts_user_change", args=[administrator.pk]))
    fields = set(own.context["adminform"].form.fields)
    data = filled(own) | {
        "is_superuser": "on",
        "user_permissions": "1",
        "groups": [g.pk for g in administrator.groups.all()],
    }
    data |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "last_login_0": "", "last_login_1": ""}
    posted = client.post(reverse("admin:accounts_user_change", args=[administrator.pk]), data)
    password = client.get(reverse("admin:auth_user_password_change", args=[root.pk]))
    deleted = client.post(reverse("admin:accounts_user_delete", args=[root.pk]), {"post": "yes"})

    administrator.refresh_from_db()
    assert {"groups", "is_staff"} <= fields
    assert fields & {"is_superuser", "user_permissions"} == set()
    assert posted.status_code == 302
    assert administrator.is_superuser is False
    assert (password.status_code, deleted.status_code) == (403, 403)
