"""Demo accounts and assessments for the development mode of `make run`."""

from datetime import date
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from frcheck.accounts.models import Organisation, User
from questionnaires.forms import cited_instruments
from questionnaires.groups import ADMINISTRATORS, EDITORS, REVIEWERS
from questionnaires.models import Action, Assessment, Question, Version
from questionnaires.models.actions import shortened

PASSWORD = "frcheck-demo"
RESPONDENT, EDITOR, REVIEWER = "demo@example.org", "editor@example.org", "reviewer@example.org"

FACTS = {
    "role": ["operator"],
    "matching": ["one-to-many"],
    "people": ["employees", "visitors"],
    "public-place": ["no"],
    "passive-capture": ["no"],
    "contract-customers": ["no"],
    "minors": ["no"],
    "persons-stored": ["under-10k"],
    "processing-place": ["terminal", "server"],
    "raw-images-kept": ["yes"],
    "shared-outside": ["no"],
    "processor-used": ["yes"],
    "third-party-components": ["yes"],
    "cross-border": ["no"],
    "automated-decision": ["yes"],
    "coverings": ["yes"],
    "linked-data": ["yes"],
    "user-accounts": ["no"],
    "identity-required": ["no"],
    "research-training": ["no"],
}
# Of the gravest gaps: status, day, person-days.
PLANNED = [
    (Action.Status.DOING, date(2026, 11, 20), Decimal(5)),
    (Action.Status.TO_DO, date(2026, 12, 15), Decimal(10)),
    (Action.Status.TO_DO, None, None),
    (Action.Status.DONE, date(2026, 11, 10), Decimal("0.5")),
]
NOTES = [
    "Notice version 3 hangs at both turnstiles since February; photo in the facilities folder.",
    "Planned with the vendor for the next firmware; owner is the facilities manager.",
    "前台和入口均已张贴告知，电子版见员工手册第4章。",
    "Only the vendor's brochure so far. We asked for the test report.",
]


class Command(BaseCommand):
    help = (
        "Create demo accounts, one open and one submitted assessment. Only in development mode; changes nothing twice."
    )

    def handle(self, *args, **options):
        if not settings.DEV:
            raise CommandError("Demo accounts exist only in development mode (FRCHECK_DEV=1).")
        with transaction.atomic():
            if not User.objects.filter(email=RESPONDENT).exists():
                self.create()
        self.stdout.write("")
        self.stdout.write(f"  Answer an assessment:  {RESPONDENT}    password {PASSWORD}")
        self.stdout.write(f"  Edit question sets:    {EDITOR}  password {PASSWORD}   (at /admin/)")
        self.stdout.write(f"  Review what is edited: {REVIEWER}  password {PASSWORD}   (at /admin/)")
        self.stdout.write("")

    def create(self):
        respondent = User.objects.create_user(RESPONDENT, PASSWORD, first_name="Demo", last_name="Respondent")
        editor = User.objects.create_user(EDITOR, PASSWORD, is_staff=True, first_name="Demo", last_name="Editor")
        editor.groups.set(Group.objects.filter(name__in=[EDITORS, ADMINISTRATORS]))
        reviewer = User.objects.create_user(REVIEWER, PASSWORD, is_staff=True, first_name="Demo", last_name="Reviewer")
        reviewer.groups.set(Group.objects.filter(name=REVIEWERS))
        organisation = Organisation.found("Lantern Offices", by=respondent)
        organisation.memberships.create(user=editor, role="viewer")
        organisation.memberships.create(user=reviewer, role="viewer")
        for user in (respondent, editor, reviewer):
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        try:
            version = Version.objects.published().filter(question_set__slug="article-2020").latest("number")
        except Version.DoesNotExist:
            raise CommandError("There is no question set yet: run “python manage.py load_library” first.") from None
        turnstiles = self.assessment(version, organisation, respondent, "Office turnstiles")
        self.answer(turnstiles, respondent, upto=None)
        self.plan(turnstiles, respondent)
        turnstiles.submit(by=respondent)
        lifts = self.assessment(version, organisation, respondent, "Lift access")
        self.answer(lifts, respondent, upto=20)

    def assessment(self, version, organisation, respondent, name):
        assessment = Assessment.objects.create(
            version=version,
            organisation=organisation,
            created_by=respondent,
            name=name,
            subject=f"{name} with face terminals at the Shanghai office",
            as_of=date(2026, 11, 1),
        )
        assessment.instruments.set(cited_instruments(version))
        for fact in assessment.outline.facts:
            assessment.record_fact(fact, by=respondent, seen=0, values=FACTS[fact.ref])
        return assessment

    def plan(self, assessment, respondent):
        gaps = [gap.ref for gap in assessment.score().gaps]
        remediations = dict(Question.objects.filter(version=assessment.version).values_list("ref", "remediation_en"))
        for ref, (status, due_on, days) in zip(gaps, PLANNED, strict=False):
            Action.objects.create(
                organisation=assessment.organisation,
                series=assessment.series,
                question_ref=ref,
                title=shortened(remediations[ref]),
                owner=respondent if days else None,
                due_on=due_on,
                effort_days=days,
                status=status,
                created_by=respondent,
                changed_by=respondent,
            )

    def answer(self, assessment, respondent, upto):
        for at, question in enumerate(assessment.standing().unanswered()[:upto]):
            levels = assessment.outline.scale_levels[question.scale_id]
            # A spread that is the same at every start: mostly met, some gaps, one N/A in thirteen.
            is_not_applicable = at % 13 == 7
            level = levels[min((at * 7) % 10 // 4, len(levels) - 1)]
            assessment.record_answer(
                question,
                by=respondent,
                seen=0,
                level=None if is_not_applicable else level,
                is_not_applicable=is_not_applicable,
                justification="There is no such function on these terminals." if is_not_applicable else "",
                note=NOTES[at // 3 % len(NOTES)] if at % 3 == 0 else "",
            )
