"""What a browser does with a page: read it, fill it in, post it."""

from contextlib import contextmanager
from datetime import timedelta

from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_assessment

HTMX = {"HX-Request": "true"}


def start(client, version=None, **fields):
    """An assessment whose maker is signed in."""
    assessment = make_assessment(version, **fields)
    client.force_login(assessment.created_by)
    return assessment


def address(name, assessment, *args):
    return reverse(f"questionnaires:{name}", args=[assessment.uuid, *args])


def section_address(assessment, ref="first"):
    return address("assessment-section", assessment, ref)


def question_of(assessment, ref):
    return next(q for q in assessment.outline.questions.values() if q.ref == ref)


def fact_of(assessment, ref):
    return next(f for f in assessment.outline.facts if f.ref == ref)


def level_of(assessment, ref, level):
    """The value that the radio button of a level posts for a question, both by ref."""
    levels = assessment.outline.scale_levels[question_of(assessment, ref).scale_id]
    return next(str(row.pk) for row in levels if row.ref == level)


def typed(assessment, ref="topic.q1", level=None, *, revision=0, **fields):
    """The inputs of one card; `choice` is a level by ref unless given as such."""
    choice = level_of(assessment, ref, level) if level else ""
    values = {"choice": choice, "justification": "", "note": "", "revision": revision} | fields
    prefix = f"q{question_of(assessment, ref).pk}"
    return {f"{prefix}-{name}": value for name, value in values.items()}


def chosen(assessment, ref, *values, revision=0, **fields):
    prefix = f"f{fact_of(assessment, ref).pk}"
    return {f"{prefix}-values": values, f"{prefix}-revision": revision} | {
        f"{prefix}-{name}": value for name, value in fields.items()
    }


def save(client, assessment, ref="topic.q1", level=None, **fields):
    """Post one card as htmx does."""
    url = address("answer", assessment, question_of(assessment, ref).pk)
    return client.post(url, typed(assessment, ref, level, **fields), headers=HTMX)


def state(client, assessment, ref, *values, **fields):
    """Post one fact as htmx does."""
    url = address("fact", assessment, fact_of(assessment, ref).pk)
    return client.post(url, chosen(assessment, ref, *values, **fields), headers=HTMX)


def stored(assessment):
    """Every answer by question ref: level, N/A, justification, note, revision."""
    rows = assessment.answers.values_list(
        "question__ref", "level__ref", "is_not_applicable", "justification", "note", "revision"
    )
    return {ref: tuple(row) for ref, *row in rows}


def stored_facts(assessment):
    return {ref: tuple(row) for ref, *row in assessment.fact_answers.values_list("fact__ref", "values", "revision")}


def read(response):
    return BeautifulSoup(response.content.decode(), "html.parser")


def text(element):
    """Its words, one space between them; None where there is no element."""
    return element and " ".join(element.get_text(" ").split())


def texts(page, selector):
    return [text(element) for element in page.select(selector)]


def said(response):
    return [str(message) for message in response.context["messages"]]


def saved_just_now():
    """The line of this minute and of the one before: a request may fall between the two."""
    now = timezone.localtime()
    return {f"Saved {moment:%H:%M}" for moment in (now, now - timedelta(minutes=1))}


def saved_line(row):
    return f"Saved {timezone.localtime(row.answered_at):%H:%M}"


def shown(page, prefix):
    """What a card shows: what is chosen, what was typed, the revision it would post, the line under it."""
    card = page.find(id=prefix)
    checked = [i["value"] for i in card.select("input[type=radio], input[type=checkbox]") if i.has_attr("checked")]
    revision = card.find("input", {"name": f"{prefix}-revision"})
    return {
        "chosen": checked,
        **{area["name"].removeprefix(f"{prefix}-"): area.get_text() for area in card.select("textarea")},
        "revision": revision and revision["value"],
        "line": text(card.select_one(".save-line")),
    }


def progress(page):
    """The counts beside a page: answered, of how many, and each section's."""
    column = page.find(id="progress")
    return texts(column, ".overall") + texts(column, ".section-nav .count")


def filled(page, form_id="page-form"):
    """What the browser posts for a form as it stands: checked, not disabled, line ends as CR LF."""
    data = {}
    for element in page.select(f'[form="{form_id}"]'):
        if element.name == "button" or element.find_parent("fieldset", disabled=True):
            continue
        if element.get("type") in ("radio", "checkbox") and not element.has_attr("checked"):
            continue
        value = element.get_text() if element.name == "textarea" else element.get("value", "")
        data.setdefault(element["name"], []).append(value.replace("\n", "\r\n"))
    return data


def query_count(request):
    """How many statements the call sends; savepoints count, as BEGIN and COMMIT do outside a test."""
    with CaptureQueriesContext(connection) as captured:
        request()
    return len(captured)


@contextmanager
def meanwhile(action):
    """Let something happen after the view has read and before it writes, as another browser would."""
    waiting = [action]

    def wrapper(execute, sql, params, many, context):
        if sql.startswith("SAVEPOINT") and waiting:
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield
