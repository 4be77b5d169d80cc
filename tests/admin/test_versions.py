from datetime import date

import pytest
from django.urls import reverse

from questionnaires.models import Question, QuestionSet, Version
from tests.admin.editors import filled, logged, page, said, save, sign_in_administrator, sign_in_editor
from tests.factories import (
    both,
    make_assessment,
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    make_user,
    make_version,
    publish,
)

POSTED = ["publish", "retire", "draft"]


@pytest.mark.django_db
def test_second_version_takes_the_next_number(client):
    sign_in_editor(client)
    first = make_version()

    response = save(client, page("version_add", question_set=first.question_set_id))

    draft = Version.objects.get(number=2)
    assert response.url == page("version_change", draft.pk)
    assert (draft.question_set, draft.is_published) == (first.question_set, False)


@pytest.mark.django_db
def test_page_lists_problems_with_links_to_the_field(client):
    sign_in_editor(client)
    draft = make_draft()
    question = make_question(make_section(draft), "topic.q1", provisions=[], why_zh_hans="", group_en="Heading")
    scale, fact = draft.scales.get(), draft.facts.get(ref="size")
    scale.levels.filter(ref="yes").delete()
    fact.choices.filter(ref="large").update(label_zh_hans="")
    duty = make_duty(draft, "report", applies_if="minors == maybe")
    contradiction = make_contradiction(draft, "never", holds_if="minors == yes and minors == no")
    level = scale.levels.get(ref="no")
    type(level).objects.filter(pk=level.pk).update(label_en="")

    problems = client.get(page("version_change", draft.pk)).context["overview"].problems

    assert [(problem.text, problem.url) for problem in problems.errors] == [
        ("No level of “yes-partly-no” is met.", page("answerscale_change", scale.pk) + "#levels-group"),
        ("“no”: label is missing in English.", page("answerscale_change", scale.pk) + "#levels-group"),
        ("“large”: label is missing in Simplified Chinese.", page("fact_change", fact.pk) + "#choices-group"),
        (
            "“topic.q1”: why it is asked is missing in Simplified Chinese.",
            page("question_change", question.pk) + "#id_why_zh_hans",
        ),
        (
            "“topic.q1” rests on no provision that may be shown.",
            page("question_change", question.pk) + "#citations-group",
        ),
        (
            "applies_if of “report”: “maybe” is no value of “minors”: yes, no.",
            page("duty_change", duty.pk) + "#id_applies_if",
        ),
    ]
    assert [(problem.text, problem.url) for problem in problems.warnings] == [
        (
            "“topic.q1”: heading is missing in Simplified Chinese.",
            page("question_change", question.pk) + "#id_group_zh_hans",
        ),
        (
            "“never” can never hold: no facts and answers make it so.",
            page("contradiction_change", contradiction.pk) + "#id_holds_if",
        ),
    ]


@pytest.mark.django_db
def test_problems_have_a_page_and_a_fragment_of_their_own_in_both_languages(client):
    sign_in_editor(client)
    draft = make_draft()
    make_question(make_section(draft), "topic.q1", remediation_zh_hans="")
    url = page("version_problems", draft.pk)

    whole = client.get(url).content.decode()
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    client.cookies["django_language"] = "zh-hans"
    chinese = client.get(url, headers={"HX-Request": "true"}).content.decode()
    in_editor = client.get(url, {"editor": "1"}, headers={"HX-Request": "true"}).context["problems"].errors[0].url
    Question.objects.update(remediation_zh_hans="整改")
    sound = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert "<html" in whole
    assert fragment.lstrip().startswith('<section class="module problems" id="problems"')
    for content in (whole, fragment):
        assert "1 error keeps this version from being published" in content
        assert "“topic.q1”: remediation is missing in Simplified Chinese." in content
    assert "“topic.q1”：缺少简体中文的整改建议。" in chinese
    part = f"question-{draft.questions.get().pk}"
    assert in_editor == f"{page('editor', draft.pk)}?part={part}#{part}-remediation_zh_hans"
    assert "未发现问题。" in sound


@pytest.mark.django_db
def test_problem_of_the_whole_has_no_link(client):
    sign_in_editor(client)
    draft = make_draft()

    problems = client.get(page("version_change", draft.pk)).context["overview"].problems

    assert [(problem.text, problem.url) for problem in problems.errors] == [("The version asks nothing.", None)]


@pytest.mark.django_db
def test_page_links_to_every_part_and_counts_missing_translations(client):
    sign_in_editor(client)
    draft = make_draft()
    section = make_section(draft, "first", title_zh_hans="")
    question = make_question(section, "topic.q1", why_zh_hans="", group_en="Heading")

    response = client.get(page("version_change", draft.pk))

    overview = response.context["overview"]
    content = response.content.decode()
    assert [line.part for line in overview.sections] == [section]
    assert [line.part for line in overview.sections[0].questions] == [question]
    assert [line.part.ref for line in overview.facts] == ["minors", "size"]
    assert (overview.sections[0].missing, overview.sections[0].questions[0].missing, overview.missing) == (1, 2, 3)
    assert f"{reverse('admin:questionnaires_question_add')}?version={draft.pk}&amp;section={section.pk}" in content


@pytest.mark.django_db
def test_page_lists_duties_and_contradictions_with_their_counts(client):
    sign_in_editor(client)
    draft = make_draft()
    provision = make_provision(make_instrument(short_title_en="FRT Measures"), "Art. 15")
    make_question(make_section(draft))
    rhythms = {
        "on": {"day": date(2025, 7, 14)},
        "within": {"count": 30, "unit": "working_days", **both(event="reaching 100,000")},
        "yearly": {"month": 1, "day_of_month": 31},
        "every": {"count": 2, "unit": "years"},
        "keep": {"count": 3, "unit": "years"},
    }
    for rhythm, timing in rhythms.items():
        make_duty(draft, rhythm, rhythm=rhythm, provisions=[provision], applies_if="minors == yes", **timing)
    contradiction = make_contradiction(draft, "clash", text_zh_hans="")

    response = client.get(page("version_change", draft.pk))

    overview = response.context["overview"]
    content = response.content.decode()
    assert [line.timing for line in overview.duties] == [
        "By a day: 2025-07-14",
        "Within some time of an event: 30 working days reaching 100,000",
        "Every year by a day: 01-31",
        "Every so often: 2 years",
        "Kept for some time: 3 years",
    ]
    assert {line.detail for line in overview.duties} == {"FRT Measures Art. 15"}
    assert [(line.url, line.detail, line.missing) for line in overview.contradictions] == [
        (page("contradiction_change", contradiction.pk), "minors == yes and size == small", 1)
    ]
    assert overview.missing == 1
    assert "1 question. 5 duties. 1 contradiction." in content
    for name in ("duty", "contradiction"):
        assert f"{page(f'{name}_add')}?version={draft.pk}" in content
    assert f"{page('duty_changelist')}?version={draft.pk}" in content


@pytest.mark.django_db
def test_page_costs_the_same_with_more_of_each_part(client, django_assert_num_queries):
    sign_in_editor(client)
    small, large = make_draft(), make_draft()
    make_question(make_section(small))
    make_duty(small)
    make_contradiction(small)
    for _number in range(3):
        section = make_section(large)
        make_duty(large)
        make_contradiction(large)
        for _again in range(2):
            make_question(section)
    client.get(page("version_change", small.pk))  # content types are read once
    with django_assert_num_queries(40, exact=False) as counted:
        client.get(page("version_change", small.pk))

    with django_assert_num_queries(len(counted)):
        client.get(page("version_change", large.pk))


@pytest.mark.django_db
def test_publish_page_says_what_it_does_and_changes_nothing(client):
    sign_in_administrator(client)
    draft = make_draft()
    make_question(make_section(draft))

    response = client.get(page("version_publish", draft.pk))

    draft.refresh_from_db()
    assert draft.is_published is False
    assert "It cannot be undone. A published version can only be retired." in response.content.decode()
    assert "Yes, publish" in response.content.decode()


@pytest.mark.django_db
def test_publish_with_errors_lists_them_and_publishes_nothing(client):
    sign_in_administrator(client)
    draft = make_draft()
    make_question(make_section(draft), "topic.q1", provisions=[])

    shown = client.get(page("version_publish", draft.pk))
    posted = client.post(page("version_publish", draft.pk))

    draft.refresh_from_db()
    assert draft.is_published is False
    for response in (shown, posted):
        assert "“topic.q1” rests on no provision that may be shown." in response.content.decode()
        assert "Yes, publish" not in response.content.decode()
    assert said(posted) == ["Not published: the errors below come first."]


@pytest.mark.django_db
def test_publish_is_logged_and_a_second_one_says_that_it_is_done(client):
    editor = sign_in_administrator(client)
    draft = make_draft("gate")
    make_question(make_section(draft))

    first = client.post(page("version_publish", draft.pk), follow=True)
    second = client.post(page("version_publish", draft.pk), follow=True)

    assert said(first) == ["Set gate, version 1 is published."]
    assert said(second) == ["This version is published already."]
    assert logged(editor) == ["Published."]


@pytest.mark.django_db
def test_retire_takes_it_off_the_list_and_keeps_assessments(client):
    editor = sign_in_administrator(client)
    version = make_version()
    assessment = make_assessment(version)

    shown = client.get(page("version_retire", version.pk))
    first = client.post(page("version_retire", version.pk), follow=True)
    again = client.post(page("version_retire", version.pk), follow=True)

    assert "Nobody can start a new assessment with it." in shown.content.decode()
    assert list(Version.objects.open_to(assessment.created_by)) == []
    assert logged(editor) == ["Retired."]
    assert said(first) == [f"{version} is retired."]
    assert said(again) == ["Only a published version can be retired."]


@pytest.mark.django_db
def test_retire_of_a_draft_is_refused(client):
    sign_in_administrator(client)
    draft = make_draft()

    response = client.post(page("version_retire", draft.pk), follow=True)

    draft.refresh_from_db()
    assert (said(response), draft.retired_at) == (["Only a published version can be retired."], None)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_draft_starts_as_a_copy_in_both_languages(client, language):
    editor = sign_in_editor(client)
    client.cookies["django_language"] = language
    version = make_version(questions=2)
    columns = ("ref", "text_en", "text_zh_hans", "why_zh_hans", "position")

    response = client.post(page("version_draft", version.pk))

    draft = Version.objects.get(number=2)
    assert response.url == page("version_change", draft.pk)
    assert list(draft.questions.values_list(*columns)) == list(version.questions.values_list(*columns))
    assert list(draft.sections.values_list("title_en", "title_zh_hans")) == [("Section first", "Section first中文")]
    assert (draft.is_published, len(logged(editor))) == (False, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("name", POSTED)
def test_draft_action_refuses_get_and_others_confirm(client, name):
    sign_in_administrator(client)
    draft = make_draft()

    status = client.get(page(f"version_{name}", draft.pk)).status_code

    assert status == {"publish": 200, "retire": 302, "draft": 405}[name]
    assert Version.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*POSTED, "preview"])
def test_page_of_no_version_is_404(client, name):
    sign_in_administrator(client)

    response = (
        client.get(page("version_preview", 999)) if name == "preview" else client.post(page(f"version_{name}", 999))
    )

    assert response.status_code == 404


@pytest.mark.django_db
def test_preview_shows_cards_of_a_section_without_withheld_citations(client):
    sign_in_editor(client)
    draft = make_draft()
    section = make_section(draft, "data/storage")
    question = make_question(section, "topic.q1", applies_if="minors == yes")
    shown = question.provisions.get()
    withheld = make_question(section, "topic.q2").provisions.get()
    type(withheld).objects.filter(pk=withheld.pk).update(verification="withheld")

    facts = client.get(page("version_preview", draft.pk))
    response = client.get(page("version_preview", draft.pk), {"section": "data/storage"})

    assert [card.fact.ref for card in facts.context["fact_cards"]] == ["minors", "size"]
    assert [item.card.ref for item in response.context["cards"]] == ["topic.q1", "topic.q2"]
    content = response.content.decode()
    assert "Is topic.q1 done?" in content
    assert shown.statement in content
    assert withheld.statement not in content
    assert "minors == yes" in content


@pytest.mark.django_db
def test_preview_of_a_draft_with_a_broken_expression_still_asks(client):
    sign_in_editor(client)
    draft = make_draft()
    make_question(make_section(draft, "first"), "topic.q1", applies_if="nonsense ==")

    response = client.get(page("version_preview", draft.pk), {"section": "first"})

    assert [item.card.ref for item in response.context["cards"]] == ["topic.q1"]


@pytest.mark.django_db
def test_preview_of_no_section_is_404(client):
    sign_in_editor(client)

    response = client.get(page("version_preview", make_draft().pk), {"section": "none"})

    assert response.status_code == 404


@pytest.mark.django_db
def test_list_filters_by_state_and_counts_at_constant_cost(client, django_assert_num_queries):
    sign_in_editor(client)
    published = make_version()
    url = page("version_changelist")
    client.get(url)
    with django_assert_num_queries(40, exact=False) as counted:
        client.get(url)
    drafts = {make_draft().pk, make_draft().pk}

    with django_assert_num_queries(len(counted)):
        everything = client.get(url).context["cl"].result_list
    only_drafts = client.get(url, {"state": "draft"}).context["cl"].result_list
    only_published = client.get(url, {"state": "published"}).context["cl"].result_list
    none_retired = client.get(url, {"state": "retired"}).context["cl"].result_list

    assert {version.pk for version in everything} == drafts | {published.pk}
    assert {version.pk for version in only_drafts} == drafts
    assert [version.pk for version in only_published] == [published.pk]
    assert list(none_retired) == []


@pytest.mark.django_db
def test_weight_of_zero_is_an_error_beside_the_field(client):
    sign_in_editor(client)
    draft = make_draft()

    response = save(client, page("version_change", draft.pk), weight_low="0")

    assert list(response.context["adminform"].form.errors) == ["weight_low"]


@pytest.mark.django_db
def test_version_number_taken_meanwhile_is_a_message(client, monkeypatch):
    sign_in_editor(client)
    version = make_version()
    monkeypatch.setattr(
        Version, "start_draft", lambda self: Version.objects.create(question_set=self.question_set, number=1)
    )

    response = client.post(page("version_draft", version.pk), follow=True)

    assert response.redirect_chain == [(page("version_change", version.pk), 302)]
    assert Version.objects.count() == 1


@pytest.mark.django_db
def test_slug_of_a_set_with_a_published_version_is_fixed(client):
    sign_in_editor(client)
    version = make_version()
    draft = make_draft()

    fixed = client.get(page("questionset_change", version.question_set_id)).context["adminform"].form
    free = client.get(page("questionset_change", draft.question_set_id)).context["adminform"].form

    assert ("slug" in fixed.fields, "slug" in free.fields) == (False, True)


@pytest.mark.django_db
def test_set_with_versions_cannot_be_deleted(client):
    sign_in_editor(client)
    question_set = make_draft().question_set

    client.post(page("questionset_delete", question_set.pk), {"post": "yes"})

    assert QuestionSet.objects.filter(pk=question_set.pk).exists() is True


@pytest.mark.django_db
def test_list_of_sets_names_versions_and_missing_translations(client):
    sign_in_editor(client)
    version = make_version(slug="gate")
    QuestionSet.objects.filter(pk=version.question_set_id).update(title_zh_hans="")
    QuestionSet.objects.create(slug="new", **both(title="New", description="Of today"))

    content = client.get(page("questionset_changelist")).content.decode()

    assert "1 (published)" in content
    assert '<td class="field-missing">1</td>' in content


@pytest.mark.django_db
def test_version_published_with_a_form_open_takes_no_publication_again(client):
    sign_in_administrator(client)
    draft = make_draft()
    make_question(make_section(draft))
    data = filled(client.get(page("version_change", draft.pk)))
    by = make_user()
    draft.publish(by=by)

    client.post(page("version_change", draft.pk), data)
    client.post(page("version_publish", draft.pk))

    draft.refresh_from_db()
    assert draft.published_by == by


@pytest.mark.django_db
def test_overview_of_a_published_version_offers_no_editing(client):
    sign_in_editor(client)
    version = publish_one()

    content = client.get(page("version_change", version.pk)).content.decode()

    for label in ("Add question", "Add duty", "Add contradiction", "Change the order"):
        assert label not in content
    assert "Start a draft from this version" in content


def publish_one():
    draft = make_draft()
    make_question(make_section(draft))
    return publish(draft)
