"""Many submitted assessments, with the rows that a portfolio reckons over and without what it never reads."""

import random
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from questionnaires.models import Action, Assessment, LegalForce, Report, ReportFigure, ReportGap, Version
from tests import factories


@transaction.atomic
def organisation_of(version: Version, assessments: int, *, revisions: int, gaps: int):
    """The owner of a new organisation with as many series of submitted revisions."""
    organisation = factories.make_organisation()
    owner = organisation.members.get()
    refs = list(version.questions.values_list("ref", "severity"))
    sections = list(version.sections.values_list("ref", flat=True))
    now = timezone.now()
    series = [uuid4() for _ in range(assessments)]
    previous: list[Assessment | None] = [None] * assessments
    for revision in range(1, revisions + 1):
        made = Assessment.objects.bulk_create(
            Assessment(
                organisation=organisation,
                version=version,
                name=f"Gate {number}",
                subject="Turnstiles at the office",
                as_of=factories.TODAY,
                series=key,
                revision=revision,
                previous=previous[number],
                created_by=owner,
                submitted_at=now,
                submitted_by=owner,
            )
            for number, key in enumerate(series)
        )
        reports = Report.objects.bulk_create(
            Report(assessment=assessment, payload="{}", digest=f"{number:064}", scoring_version=1)
            for number, assessment in enumerate(made)
        )
        ReportFigure.objects.bulk_create(
            (figure for report in reports for figure in _figures(report, sections)), batch_size=5_000
        )
        ReportGap.objects.bulk_create(
            (
                ReportGap(report=report, ref=ref, severity=severity, outcome="not_met", is_binding=True, points=4)
                for report in reports
                for ref, severity in random.sample(refs, gaps)
            ),
            batch_size=5_000,
        )
        previous = list(made)
    Action.objects.bulk_create(
        Action(
            organisation=organisation,
            series=key,
            question_ref=refs[0][0],
            title="Put up a sign",
            owner=owner,
            due_on=factories.TODAY + timedelta(days=number % 300),
            created_by=owner,
            changed_by=owner,
        )
        for number, key in enumerate(series)
    )
    return owner


def _figures(report: Report, sections: list[str]):
    kinds = [("overall", ""), *(("legal_force", force) for force in LegalForce.values[:6])]
    for kind, key in [*kinds, *(("section", ref) for ref in sections)]:
        value = Decimal(random.randrange(1_000_001)) / 1_000_000
        counts = {"met": 10, "partly_met": 3, "not_met": 4, "not_applicable": 2, "unanswered": 0}
        yield ReportFigure(report=report, kind=kind, key=key, value=value, low=value, high=value, **counts)
