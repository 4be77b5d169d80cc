"""The demo data of `make run`, on the library as it is shipped."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from frcheck.accounts.models import Membership, Organisation, User
from questionnaires import importing
from questionnaires.checks import LIBRARY
from questionnaires.management.commands.create_demo import EDITOR, PASSWORD, RESPONDENT, REVIEWER
from questionnaires.models import Action, Answer, Assessment, FactAnswer, Report
from tests.factories import make_user, make_version
from tests.views.browsing import address, read, text, texts

pytestmark = pytest.mark.django_db
COUNTED = (User, Organisation, Membership, Assessment, Action, Answer, FactAnswer, Report)


@pytest.fixture
def library(settings):
    settings.DEV = True
    importing.load_library(LIBRARY)


@pytest.fixture
def demo(library):
    call_command("create_demo")


def counts():
    return [model.objects.count() for model in COUNTED]


def assessments():
    return {assessment.name: assessment for assessment in Assessment.objects.all()}


def test_demo_has_an_organisation_a_respondent_and_an_editor(demo):
    members = Membership.objects.order_by("pk").values_list("organisation__name", "user__email", "role")
    users = {user.email: user for user in User.objects.all()}

    assert list(members) == [
        ("Lantern Offices", RESPONDENT, "owner"),
        ("Lantern Offices", EDITOR, "viewer"),
        ("Lantern Offices", REVIEWER, "viewer"),
    ]
    assert {email: (user.is_staff, user.is_superuser) for email, user in users.items()} == {
        RESPONDENT: (False, False),
        EDITOR: (True, False),
        REVIEWER: (True, False),
    }
    assert users[EDITOR].has_perms(["questionnaires.change_version", "questionnaires.publish_version"])
    assert users[REVIEWER].has_perm("questionnaires.approve_version")
    assert not users[REVIEWER].has_perm("questionnaires.change_version")


def test_demo_has_one_submitted_and_one_open_assessment_with_every_fact_stated(demo):
    found = assessments()
    submitted, started = found["Office turnstiles"], found["Lift access"]

    assert (submitted.is_submitted, started.is_submitted) == (True, False)
    assert {a.as_of for a in found.values()} == {date(2026, 11, 1)}
    assert [len(a.fact_values()) for a in found.values()] == [len(started.outline.facts)] * 2
    assert (submitted.standing().unanswered(), submitted.standing().unjustified()) == ([], [])
    assert started.standing().progress().answered == 20


def test_demo_report_shows_every_outcome(demo):
    sections = Report.objects.get().content["sections"]

    outcomes = {q["answer"]["outcome"] for s in sections for q in s["questions"] if not q["not_asked"]}
    assert outcomes == {"met", "partly_met", "not_met", "not_applicable"}


def test_demo_plans_actions_about_the_gravest_gaps_and_the_report_names_them(demo):
    content = Report.objects.get().content

    planned = {
        action["ref"]: (action["status"], action["due_on"], action["effort_days"]) for action in content["actions"]
    }
    gravest = [gap["ref"] for gap in content["result"]["gaps"][:4]]
    rows = [
        ("doing", "2026-11-20", "5"),
        ("to_do", "2026-12-15", "10"),
        ("to_do", None, None),
        ("done", "2026-11-10", "0.5"),
    ]
    assert planned == dict(zip(gravest, rows, strict=True))


def test_running_it_again_changes_nothing(demo, capsys):
    before = counts()
    capsys.readouterr()

    call_command("create_demo")

    assert counts() == before
    said = capsys.readouterr().out
    assert (RESPONDENT in said, EDITOR in said, PASSWORD in said) == (True, True, True)


def test_respondent_signs_in_and_sees_both_assessments(demo, client):
    client.post("/accounts/login/", {"login": RESPONDENT, "password": PASSWORD})

    page = read(client.get("/assessments/"))

    assert text(page.select_one(".who")) == RESPONDENT
    assert texts(page, ".assessment-list h2") == ["Lift access", "Office turnstiles"]


def test_every_section_of_the_demo_opens(demo, client):
    started = assessments()["Lift access"]
    client.force_login(started.created_by)

    headings = [
        texts(read(client.get(address("assessment-section", started, section.ref))), "h1")
        for section in started.outline.sections
    ]

    assert headings == [[section.title] for section in started.outline.sections]


def test_outside_development_mode_it_is_refused(library, settings):
    settings.DEV = False

    with pytest.raises(CommandError, match=r"only in development mode \(FRCHECK_DEV=1\)"):
        call_command("create_demo")

    assert counts() == [0] * len(COUNTED)


def test_without_the_library_it_says_what_to_do_and_leaves_nothing_behind(settings):
    settings.DEV = True
    make_version(slug="another-set")

    with pytest.raises(CommandError, match=r"run “python manage\.py load_library” first"):
        call_command("create_demo")

    assert counts() == [0] * len(COUNTED)


def test_other_peoples_data_stay_as_they_are(library):
    user = make_user("somebody@example.org")
    Organisation.found("Lantern Offices", by=user)

    call_command("create_demo")

    assert list(user.organisations.values_list("name", flat=True)) == ["Lantern Offices"]
    assert Organisation.objects.filter(name="Lantern Offices").count() == 2
