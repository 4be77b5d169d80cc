"""Plain functions that make rows. Every argument has a default; name what the test is about."""

import hashlib
from datetime import date
from itertools import count

from django.core.files.base import ContentFile

from frcheck.accounts.models import Membership, Organisation, User
from questionnaires.models import (
    Action,
    AnswerLevel,
    AnswerScale,
    Assessment,
    Citation,
    Contradiction,
    Duty,
    DutyCitation,
    Fact,
    FactChoice,
    Instrument,
    Provision,
    Question,
    QuestionSet,
    ReportFile,
    Section,
    Version,
)
from questionnaires.models.carrying import carry_over

_numbers = count(1)
TODAY = date(2026, 3, 1)
BOTH_LANGUAGES = ("en", "zh_hans")


def both(**texts):
    """Columns of translated texts: the Chinese one is the English with 中文 behind it."""
    columns = {}
    for name, text in texts.items():
        columns |= {f"{name}_en": text, f"{name}_zh_hans": f"{text}中文" if text else ""}
    return columns


def make_user(email=None, **fields):
    return User.objects.create_user(email or f"user{next(_numbers)}@example.org", password="a long password", **fields)


def make_organisation(name="Acme", *, owner=None):
    return Organisation.found(name, by=owner or make_user())


def make_member(organisation, role=Membership.Role.VIEWER):
    user = make_user()
    organisation.memberships.create(user=user, role=role)
    return user


def make_instrument(slug=None, **fields):
    slug = slug or f"law-{next(_numbers)}"
    defaults = {
        "legal_force": "law",
        "issued_on": date(2020, 1, 1),
        "in_force_from": date(2021, 1, 1),
        "verification": "verified",
        **both(title=f"Law {slug}", short_title=slug[:30], issuer="Issuer", source="Gazette"),
    }
    return Instrument.objects.create(slug=slug, **defaults | fields)


def make_provision(instrument=None, ref="Art. 1", **fields):
    instrument = instrument or make_instrument()
    key = fields.pop("key", f"{instrument.slug}/{next(_numbers)}")
    defaults = {
        "verification": "verified",
        **both(ref=ref, statement=f"Duty of {key}", binds="Everyone"),
    }
    return Provision.objects.create(instrument=instrument, key=key, **defaults | fields)


def make_draft(slug=None, *, number=1, question_set=None):
    """A draft with the scale yes / partly / no and the facts minors (yes_no) and size (choice)."""
    slug = slug or f"set-{next(_numbers)}"
    question_set = question_set or QuestionSet.objects.create(slug=slug, **both(title=f"Set {slug}", description="All"))
    version = Version.objects.create(question_set=question_set, number=number)
    scale = AnswerScale.objects.create(version=version, ref="yes-partly-no", **both(title="Yes, partly, no"))
    rows = [("yes", "Yes", "met", "1"), ("partly", "Partly", "partly_met", "0.5"), ("no", "No", "not_met", "0")]
    for position, (ref, label, outcome, score) in enumerate(rows):
        AnswerLevel.objects.create(
            scale=scale, ref=ref, position=position, outcome=outcome, score=score, **both(label=label)
        )
    Fact.objects.create(version=version, ref="minors", kind="yes_no", **both(text="Are children captured?"))
    size = Fact.objects.create(version=version, ref="size", kind="choice", position=1, **both(text="How many?"))
    for position, ref in enumerate(["small", "medium", "large"]):
        FactChoice.objects.create(fact=size, ref=ref, position=position, **both(label=ref.title()))
    return version


def make_section(version, ref=None, **fields):
    ref = ref or f"section-{next(_numbers)}"
    position = version.sections.count()
    return Section.objects.create(version=version, ref=ref, position=position, **both(title=f"Section {ref}") | fields)


def make_question(section, ref=None, *, provisions=None, **fields):
    """A question of a draft's section; cites a provision of its own unless told which."""
    ref = ref or f"topic.question-{next(_numbers)}"
    defaults = {
        "severity": "high",
        "scale": section.version.scales.first(),
        "position": section.questions.count(),
        **both(text=f"Is {ref} done?", why="Because.", evidence="A record.", remediation="Do it."),
    }
    question = Question.objects.create(version=section.version, section=section, ref=ref, **defaults | fields)
    for position, provision in enumerate(provisions if provisions is not None else [make_provision()]):
        Citation.objects.create(question=question, provision=provision, position=position)
    return question


def make_duty(version, ref=None, *, provisions=None, **fields):
    """A duty of a draft, every two years; cites a provision of its own unless told which."""
    ref = ref or f"duty-{next(_numbers)}"
    defaults = {"position": version.duties.count(), **both(title=f"Do {ref}", text=f"{ref} must be done.")}
    defaults |= {} if "rhythm" in fields else {"rhythm": "every", "count": 2, "unit": "years"}
    duty = Duty.objects.create(version=version, ref=ref, **defaults | fields)
    for position, provision in enumerate(provisions if provisions is not None else [make_provision()]):
        DutyCitation.objects.create(duty=duty, provision=provision, position=position)
    return duty


def make_contradiction(version, ref=None, **fields):
    """A contradiction of a draft between its two facts."""
    ref = ref or f"contradiction-{next(_numbers)}"
    defaults = {"position": version.contradictions.count(), "holds_if": "minors == yes and size == small"}
    return Contradiction.objects.create(version=version, ref=ref, **defaults | both(text=f"Not both: {ref}.") | fields)


def make_version(*, questions=3, slug=None, provisions=None):
    """A published version with one section `first` of as many questions, refs topic.q1, topic.q2, ..."""
    draft = make_draft(slug)
    section = make_section(draft, "first")
    for number in range(1, questions + 1):
        make_question(section, f"topic.q{number}", provisions=provisions)
    return publish(draft)


def publish(version):
    version.publish()
    return version


def make_assessment(version=None, *, organisation=None, by=None, as_of=TODAY, instruments=None, **fields):
    """An open assessment of every instrument that its version cites."""
    version = version or make_version()
    organisation = organisation or make_organisation()
    by = by or organisation.members.first()
    defaults = {"name": "Gate", "subject": "Turnstiles at the office"}
    assessment = Assessment.objects.create(
        version=version, organisation=organisation, created_by=by, as_of=as_of, **defaults | fields
    )
    cited = Instrument.objects.filter(provisions__questions__version=version).distinct()
    assessment.instruments.set(cited if instruments is None else instruments)
    return assessment


def answer(assessment, ref, level="yes", *, by=None, seen=0, **fields):
    """Record an answer by question ref; level None with is_not_applicable=True for N/A."""
    question = next(q for q in assessment.outline.questions.values() if q.ref == ref)
    levels = {row.ref: row for row in assessment.outline.scale_levels[question.scale_id]}
    return assessment.record_answer(
        question, by=by or assessment.created_by, seen=seen, level=levels[level] if level else None, **fields
    )


def answer_all(assessment, level="yes"):
    """Answer what is open with the level of that ref; None: with the best level of each question's scale."""
    for question in assessment.standing().unanswered():
        answer(assessment, question.ref, level or first_level(assessment, question))


def answer_at_random(assessment, chance):
    """Levels, N/A and open questions in a mix that the seed decides."""
    for question in assessment.standing().unanswered():
        drawn = chance.random()
        if drawn < 0.2:
            continue
        levels = assessment.outline.scale_levels[question.scale_id]
        is_not_applicable = drawn < 0.3
        assessment.record_answer(
            question,
            by=assessment.created_by,
            seen=0,
            level=None if is_not_applicable else chance.choice(levels),
            is_not_applicable=is_not_applicable,
            justification="No such function." if is_not_applicable else "",
        )


def state_fact(assessment, ref, *values, by=None, seen=0):
    fact = next(fact for fact in assessment.outline.facts if fact.ref == ref)
    return assessment.record_fact(fact, by=by or assessment.created_by, seen=seen, values=values)


def make_submitted(version=None, *, level="yes", **fields):
    assessment = make_assessment(version, **fields)
    answer_all(assessment, level)
    assessment.submit(by=assessment.created_by)
    return assessment


def make_next_version(version, **texts):
    """Publish the next version of the same set; `texts` gives questions another English wording, by ref."""
    draft = version.start_draft()
    for ref, text in texts.items():
        draft.questions.filter(ref=ref.replace("__", ".")).update(text_en=text)
    return publish(draft)


def make_carried(source, version=None, **fields):
    """An open assessment “Later” of the same organisation, with the answers of `source` still to be confirmed."""
    defaults = {"organisation": source.organisation, "by": source.created_by, "name": "Later"}
    target = make_assessment(version or source.version, **defaults | fields)
    carry_over(source, target)
    return target


def first_level(assessment, question):
    """The ref of the best level of a question's scale."""
    return assessment.outline.scale_levels[question.scale_id][0].ref


def make_action(assessment, ref=None, *, by=None, **fields):
    """An action about the question of that ref; the first one's unless told."""
    by = by or assessment.created_by
    ref = ref or next(iter(assessment.outline.questions.values())).ref
    defaults = {
        "organisation": assessment.organisation,
        "series": assessment.series,
        "question_ref": ref,
        "title": f"Mend {ref}",
        "created_by": by,
        "changed_by": by,
    }
    return Action.objects.create(**defaults | fields)


def keep_pdf(assessment, language="en", content=b"%PDF-1.7 kept"):
    """A stored file of a submitted assessment's report, without rendering one."""
    sha256 = hashlib.sha256(content).hexdigest()
    kept = ReportFile(report=assessment.report, language=language, sha256=sha256, size=len(content))
    kept.file.save("", ContentFile(content), save=False)
    kept.save()
    return kept
