"""Question sets and assessments of any size, with texts as long as the library's and four citations a question."""

from django.db import connection, transaction

from questionnaires.models import Answer, Assessment, Version
from tests import factories

PER_SECTION = 20
CITATIONS = 4
NOTE = "Notice version 3 hangs at both turnstiles since February; photo in the facilities folder."


@transaction.atomic
def version_of(questions: int, *, instruments: int) -> Version:
    """Published, with sections of twenty questions, and forty provisions or four an instrument to cite."""
    laws = [factories.make_instrument() for _ in range(instruments)]
    provisions = [
        factories.make_provision(laws[at % instruments], f"Art. {at}", **factories.both(statement=text(180)))
        for at in range(max(40, CITATIONS * instruments))
    ]
    draft = factories.make_draft()
    for number in range(questions):
        if number % PER_SECTION == 0:
            section = factories.make_section(draft, **factories.both(title=text(40), intro=text(150)))
        cited = [provisions[(number * 3 + step) % len(provisions)] for step in range(CITATIONS)]
        texts = factories.both(text=text(150), why=text(300), evidence=text(160), remediation=text(190))
        factories.make_question(section, provisions=cited, severity=("critical", "high", "low")[number % 3], **texts)
    return factories.publish(draft)


def text(length: int) -> str:
    words = "Is the person told before the face is captured & who keeps the template, for how long and why "
    return (words * (length // len(words) + 1))[:length].strip()


@transaction.atomic
def answered_assessment(version: Version) -> Assessment:
    """Of a new organisation; all answered, one in seven not met, one in thirteen not applicable, with notes."""
    assessment = factories.make_assessment(version)
    owner = assessment.created_by
    for at, question in enumerate(assessment.standing().unanswered()):
        levels = assessment.outline.scale_levels[question.scale_id]
        is_not_applicable = at % 13 == 12
        assessment.record_answer(
            question,
            by=owner,
            seen=0,
            level=None if is_not_applicable else levels[2 if at % 7 == 6 else at % 2],
            is_not_applicable=is_not_applicable,
            justification="There is no such function on these terminals." if is_not_applicable else "",
            note=NOTE,
        )
    return assessment


@transaction.atomic
def multiply(assessment: Assessment, *, until: int) -> None:
    """Copies with the same instruments and answers, until that many assessments are there."""
    missing = until - Assessment.objects.count()
    Assessment.objects.bulk_create(
        Assessment(
            organisation=assessment.organisation,
            version=assessment.version,
            name=f"Gate {number}",
            subject=assessment.subject,
            as_of=assessment.as_of,
            created_by=assessment.created_by,
        )
        for number in range(missing)
    )
    refresh_statistics()  # or PostgreSQL plans the triggers below for a small table
    with connection.cursor() as cursor:
        for model in (Answer, Assessment.instruments.through):
            fields = (f for f in model._meta.concrete_fields if not f.primary_key and f.name != "assessment")
            columns = [connection.ops.quote_name(field.column) for field in fields]
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} (assessment_id, {', '.join(columns)}) "
                f"SELECT copy.id, {', '.join(f'original.{column}' for column in columns)} "
                f"FROM questionnaires_assessment copy, {model._meta.db_table} original "
                "WHERE original.assessment_id = %s AND copy.name LIKE %s",
                [assessment.pk, "Gate %"],
            )


def refresh_statistics() -> None:
    """What the database does by itself in time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
