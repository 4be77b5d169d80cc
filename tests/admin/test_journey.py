from decimal import Decimal

import pytest
from django.utils.translation import override

from questionnaires.models import Question, QuestionSet, Version
from tests.admin.editors import make_organisation_editor, page, save, sign_in_administrator, texts
from tests.factories import make_member, make_organisation, make_provision, make_user


def add_set_and_version(client, **fields):
    save(client, page("questionset_add"), slug="eu", **fields, **texts(title="EU rules", description="All of them"))
    question_set = QuestionSet.objects.get(slug="eu")
    save(client, page("version_add", question_set=question_set.pk))
    return question_set.versions.get()


def add_scale_and_fact(client, version):
    scale = {"ref": "yes-no", "levels-TOTAL_FORMS": "2", "levels-0-ref": "yes", "levels-1-ref": "no"}
    scale |= {"levels-0-outcome": "met", "levels-0-score": "1", "levels-1-outcome": "not_met", "levels-1-score": "0"}
    for at, label in enumerate(["Yes", "No"]):
        scale |= {f"levels-{at}-{name}": text for name, text in texts(label=label).items()}
    save(client, page("answerscale_add", version=version.pk), **scale, **texts(title="Yes or no"))
    fact = {"ref": "place", "kind": "choice", "choices-TOTAL_FORMS": "2", "choices-1-position": "0"}
    for at, ref in enumerate(["indoors", "outdoors"]):
        fact |= {f"choices-{at}-ref": ref} | {f"choices-{at}-{n}": t for n, t in texts(label=ref).items()}
    save(client, page("fact_add", version=version.pk), **fact, **texts(text="Where?"))


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_editor_makes_a_question_set_that_respondents_are_offered(client, language):
    editor = sign_in_administrator(client)
    client.cookies["django_language"] = language
    respondent = make_user()
    provision = make_provision()

    version = add_set_and_version(client)
    add_scale_and_fact(client, version)
    save(client, page("section_add", version=version.pk), ref="consent", **texts(title="Consent"))
    section = version.sections.get()
    saved = save(
        client,
        page("question_add", version=version.pk, section=section.pk),
        ref="consent.asked",
        severity="high",
        applies_if="place == indoors",
        **{"citations-0-provision": provision.pk},
        **texts(text="Is consent asked?", why="Law.", evidence="Form.", remediation="Ask."),
    )
    question = version.questions.get()
    preview = client.get(page("version_preview", version.pk), {"section": "consent"})
    offered_before = list(Version.objects.open_to(respondent))
    published = client.post(page("version_publish", version.pk), follow=True)

    assert saved.url == f"{page('version_change', version.pk)}#question-{question.pk}"
    assert [(level.ref, level.position) for level in version.scales.get().levels.all()] == [("yes", 0), ("no", 1)]
    assert [(c.ref, c.position) for c in version.facts.get().choices.all()] == [("indoors", 0), ("outdoors", 1)]
    assert list(question.provisions.all()) == [provision]
    assert ("Is consent asked?中文" if language != "en" else "Is consent asked?") in preview.content.decode()
    assert offered_before == []
    assert published.redirect_chain == [(page("version_change", version.pk), 302)]
    assert list(Version.objects.open_to(respondent)) == [version]
    version.refresh_from_db()
    assert (version.number, version.weight_critical, version.published_by) == (1, Decimal(8), editor)
    with override("zh-hans"):
        assert Question.objects.get().text == "Is consent asked?中文"
    with override("en"):
        assert Question.objects.get().text == "Is consent asked?"


@pytest.mark.django_db
def test_editor_makes_a_private_set_that_only_its_organisation_is_offered(client):
    organisation = make_organisation()
    client.force_login(make_organisation_editor(organisation))
    member, stranger = make_member(organisation), make_user()
    version = add_set_and_version(client, organisation=organisation.pk)
    add_scale_and_fact(client, version)
    save(client, page("section_add", version=version.pk), ref="consent", **texts(title="Consent"))
    save(
        client,
        page("question_add", version=version.pk, section=version.sections.get().pk),
        ref="consent.asked",
        severity="high",
        **{"citations-0-provision": make_provision().pk},
        **texts(text="Is consent asked?", why="Law.", evidence="Form.", remediation="Ask."),
    )

    client.post(page("version_publish", version.pk))

    assert list(Version.objects.open_to(member)) == [version]
    assert list(Version.objects.open_to(stranger)) == []
