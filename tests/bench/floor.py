"""The floor: what FRCheck does, reduced to what any honest web application must do, written by hand.

Each view asks who is there (session, user, membership), reads what it shows in one statement and fills one flat
template, behind the same middleware as the product. It knows no languages, applicability, citations, guidance,
navigation, progress or conflicts. It reads the product's tables; what it saves goes into two tables of its own, which
have no triggers.

Statements: a page of questions 4 (session, user, assessment, questions with answers), saving 6 (session, user,
assessment, BEGIN where Django sends it, answer, audit row), the summary 4 (session, user, assessment, answers), the
editor 3 (session, user, questions) and saving one of its texts 6.
"""

from collections import Counter
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from frcheck.urls import urlpatterns as product

OPTIONS = (("yes", "Yes"), ("partly", "Partly"), ("no", "No"), ("na", "Not applicable"), ("", "No answer yet"))

CREATE_TABLES = """
CREATE TABLE floor_answer (
    assessment_id bigint NOT NULL REFERENCES questionnaires_assessment (id),
    question_id bigint NOT NULL REFERENCES questionnaires_question (id),
    level varchar(10) NOT NULL, note text NOT NULL, answered_by bigint NOT NULL, answered_at timestamp NOT NULL,
    PRIMARY KEY (assessment_id, question_id));
CREATE TABLE floor_change (
    assessment_id bigint NOT NULL, question_id bigint NOT NULL,
    level varchar(10) NOT NULL, note text NOT NULL, answered_by bigint NOT NULL, answered_at timestamp NOT NULL);
CREATE TABLE floor_text (question_id bigint NOT NULL PRIMARY KEY, text_en text NOT NULL, revision integer NOT NULL);
CREATE TABLE floor_edit (
    question_id bigint NOT NULL, old text NOT NULL, new text NOT NULL, edited_by bigint NOT NULL,
    edited_at timestamp NOT NULL)
"""

ASSESSMENT = """
SELECT a.name, a.submitted_at FROM questionnaires_assessment a
JOIN accounts_membership m ON m.organisation_id = a.organisation_id WHERE a.id = %s AND m.user_id = %s
"""
QUESTIONS = """
SELECT q.id, q.text_en, q.severity, l.ref, a.is_not_applicable, a.note FROM questionnaires_question q
LEFT JOIN questionnaires_answer a ON a.question_id = q.id AND a.assessment_id = %s
LEFT JOIN questionnaires_answerlevel l ON l.id = a.level_id
WHERE q.section_id = %s ORDER BY q.position
"""
ANSWERS = """
SELECT s.title_en, q.text_en, q.severity, l.ref, l.score, a.is_not_applicable, a.note
FROM questionnaires_answer a JOIN questionnaires_question q ON q.id = a.question_id
JOIN questionnaires_section s ON s.id = q.section_id LEFT JOIN questionnaires_answerlevel l ON l.id = a.level_id
WHERE a.assessment_id = %s ORDER BY s.position, q.position
"""
SAVE = """
INSERT INTO floor_answer (assessment_id, question_id, level, note, answered_by, answered_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (assessment_id, question_id) DO UPDATE
SET level = excluded.level, note = excluded.note, answered_by = excluded.answered_by, answered_at = excluded.answered_at
"""
TREE = """
SELECT s.id, s.title_en, q.id, q.ref, q.severity, q.text_en, q.text_zh_hans, q.why_en, q.why_zh_hans, q.evidence_en,
q.evidence_zh_hans, q.remediation_en, q.remediation_zh_hans FROM questionnaires_question q
JOIN questionnaires_section s ON s.id = q.section_id WHERE q.version_id = %s
ORDER BY s.position, s.id, q.position, q.id
"""
EDITED = """
SELECT q.text_en, v.published_at FROM questionnaires_question q JOIN questionnaires_version v ON v.id = q.version_id
WHERE v.id = %s AND q.id = %s
"""
SAVE_TEXT = """
INSERT INTO floor_text (question_id, text_en, revision) VALUES (%s, %s, 1) ON CONFLICT (question_id) DO UPDATE
SET text_en = excluded.text_en, revision = floor_text.revision + 1
"""
EDIT = "INSERT INTO floor_edit (question_id, old, new, edited_by, edited_at) VALUES (%s, %s, %s, %s, %s)"
AUDIT = """
INSERT INTO floor_change (assessment_id, question_id, level, note, answered_by, answered_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ name }}</title><link rel="stylesheet" href="/static/floor.css">
</head><body><header><a href="/">Floor</a> {{ email }}</header><main><h1>{{ name }}</h1>
"""
PAGE = (
    HEAD
    + """<form method="post">{% csrf_token %}
{% for question in questions %}<article id="q{{ question.id }}">
<h2>{{ question.text }}</h2><p>{{ question.severity }}</p>
<fieldset>{% for value, label, is_chosen in question.options %}
<label><input type="radio" name="q{{ question.id }}" value="{{ value }}"{% if is_chosen %} checked{% endif %}>
{{ label }}</label>
{% endfor %}</fieldset>
<label for="n{{ question.id }}">Note</label>
<textarea id="n{{ question.id }}" name="n{{ question.id }}">{{ question.note }}</textarea>
</article>{% endfor %}
<button>Save</button></form></main></body></html>"""
)
SUMMARY = (
    HEAD
    + """<p>Score {{ score }}</p>
<table><tr><th>Section<th>Met<th>Partly<th>Not met<th>Not applicable</tr>
{% for section in sections %}<tr>
<th>{{ section.title }}<td>{{ section.yes }}<td>{{ section.partly }}<td>{{ section.no }}<td>{{ section.na }}</tr>
{% endfor %}</table>
<table><tr><th>Question<th>Severity<th>Answer<th>Note</tr>
{% for answer in answers %}<tr>
<td>{{ answer.text }}<td>{{ answer.severity }}<td>{{ answer.level }}<td>{{ answer.note }}</tr>
{% endfor %}</table></main></body></html>"""
)

EDITOR = (
    HEAD
    + """<ol>{% for section in sections %}<li><a href="/floor/sections/{{ section.id }}/">{{ section.title }}</a>
<ol>{% for question in section.questions %}<li id="q{{ question.id }}">
<a href="/floor/questions/{{ question.id }}/">{{ question.text }}</a> {{ question.ref }} {{ question.severity }}
{% if question.missing %}{{ question.missing }} missing{% endif %}</li>{% endfor %}</ol></li>
{% endfor %}</ol></main></body></html>"""
)

WEIGHTS = {"critical": 8, "high": 4, "medium": 2, "low": 1}
_parsed = {}


def create_tables() -> None:
    with connection.cursor() as cursor:
        for statement in CREATE_TABLES.split(";"):
            cursor.execute(statement)


def rows_of(sql: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def assessment_or_404(request: HttpRequest, pk: int) -> tuple:
    rows = rows_of(ASSESSMENT, pk, request.user.pk)
    if not rows:
        raise Http404
    return rows[0]


def filled(template: str, context: dict, request: HttpRequest) -> HttpResponse:
    if template not in _parsed:
        _parsed[template] = engines["django"].from_string(template)
    return HttpResponse(_parsed[template].render({"email": request.user.email, **context}, request))


@login_required
@require_GET
def page(request: HttpRequest, pk: int, section: int) -> HttpResponse:
    name, _ = assessment_or_404(request, pk)
    questions = []
    for question, text, severity, ref, is_na, note in rows_of(QUESTIONS, pk, section):
        chosen = "na" if is_na else ref or ""
        options = [(value, label, value == chosen) for value, label in OPTIONS]
        questions.append({"id": question, "text": text, "severity": severity, "options": options, "note": note or ""})
    return filled(PAGE, {"name": name, "questions": questions}, request)


@login_required
@require_POST
def save(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    _, submitted_at = assessment_or_404(request, pk)
    if submitted_at:
        raise Http404
    level, note = request.POST.get("level", ""), request.POST.get("note", "")
    if level not in dict(OPTIONS) or len(note) > 20_000:
        return HttpResponse("Choose one of the levels; a note has 20,000 characters at most.", status=422)
    now = timezone.now()
    values = (pk, question, level, note, request.user.pk, now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SAVE, values)
        cursor.execute(AUDIT, values)
    return HttpResponse(f"Saved {timezone.localtime(now):%H:%M}")


@login_required
@require_GET
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    name, _ = assessment_or_404(request, pk)
    sections: dict[str, Counter] = {}
    answers = []
    points = weight = Decimal(0)
    for title, text, severity, ref, score, is_na, note in rows_of(ANSWERS, pk):
        level = "na" if is_na else ref or ""
        sections.setdefault(title, Counter())[level] += 1
        answers.append({"text": text, "severity": severity, "level": level, "note": note})
        if score is not None:
            points += WEIGHTS[severity] * Decimal(score)
            weight += WEIGHTS[severity]
    rows = [{"title": title, **counts} for title, counts in sections.items()]
    context = {"name": name, "sections": rows, "answers": answers, "score": points / weight if weight else "-"}
    return filled(SUMMARY, context, request)


def editor_or_404(request: HttpRequest) -> None:
    if not request.user.is_staff:
        raise Http404


@login_required
@require_GET
def editor(request: HttpRequest, pk: int) -> HttpResponse:
    editor_or_404(request)
    sections: dict[int, dict] = {}
    for section, title, question, ref, severity, text, *others in rows_of(TREE, pk):
        row = {"id": question, "ref": ref, "severity": severity, "text": text, "missing": sum(not t for t in others)}
        sections.setdefault(section, {"id": section, "title": title, "questions": []})["questions"].append(row)
    return filled(EDITOR, {"name": f"Version {pk}", "sections": list(sections.values())}, request)


@login_required
@require_POST
def save_text(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    editor_or_404(request)
    rows = rows_of(EDITED, pk, question)
    if not rows or rows[0][1]:
        raise Http404
    text, now = request.POST.get("text_en", ""), timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SAVE_TEXT, (question, text))
        cursor.execute(EDIT, (question, rows[0][0], text, request.user.pk, now))
    return HttpResponse(f"Saved {timezone.localtime(now):%H:%M}")


urlpatterns = [
    path("floor/<int:pk>/editor/", editor),
    path("floor/<int:pk>/questions/<int:question>/", save_text),
    path("floor/<int:pk>/sections/<int:section>/", page),
    path("floor/<int:pk>/answers/<int:question>/", save),
    path("floor/<int:pk>/summary/", summary),
    *product,
]
