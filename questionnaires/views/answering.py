"""Facts and sections: the pages on which people answer, and the saving of one answer.

A change posts one card (htmx) and gets back the line under it; the page's own button posts every card of the page.
Both go through the same form and the same model method, and both keep on the screen what could not be saved.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from frcheck.accounts.models import Membership
from questionnaires import cards
from questionnaires.citations import cited
from questionnaires.forms import AnswerForm, FactForm
from questionnaires.models import Answer, Assessment, Fact, FactAnswer, Section
from questionnaires.models.outlines import QuestionText, section_texts
from questionnaires.models.standings import Standing
from questionnaires.views.assessments import may_edit, section_progress, visible_or_404

# What a page could not save is shown again with this status; htmx is told to swap it in (base.html).
UNSAVED = 422


def sign_in_or_401(view: Callable) -> Callable:
    """Like login_required, but htmx gets 401: it would follow the redirect and swap in the sign-in page as if saved."""
    redirecting = login_required(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.htmx and not request.user.is_authenticated:
            return HttpResponse(status=401)
        return redirecting(request, *args, **kwargs)

    return wrapped


def answerable_or_404(request: HttpRequest, uuid: UUID) -> Assessment:
    """The assessment, closed or not, if the user's role may answer it: a closed one gets a word, not a 404."""
    assessment = visible_or_404(request, uuid)
    if assessment.role not in Membership.EDITING_ROLES:
        raise Http404
    return assessment


@login_required
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, uuid: UUID, ref: str) -> HttpResponse:
    is_reading = request.method == "GET"
    assessment = visible_or_404(request, uuid) if is_reading else answerable_or_404(request, uuid)
    chosen = assessment.outline.section(ref)
    if chosen is None:
        raise Http404
    if is_reading:
        return render(request, "questionnaires/section.html", _section_context(assessment, chosen))
    if assessment.is_closed:
        return _closed_page(request, assessment, chosen)
    unsaved = _save_section(request, assessment, chosen)
    if unsaved:
        messages.error(request, _("Not everything was saved. What is not is marked below."))
        context = _section_context(assessment, chosen, unsaved=unsaved)
        return render(request, "questionnaires/section.html", context, status=UNSAVED)
    now = time_format(timezone.localtime(), "H:i")
    messages.success(request, _("Saved %(time)s") % {"time": now})
    kept = next((name.split("-")[0] for name, value in request.POST.items() if name.endswith("-keep") and value), None)
    return redirect(f"{request.path}#{kept}" if kept else _after_section(assessment, chosen))


def _closed_page(request: HttpRequest, assessment: Assessment, chosen: Section) -> HttpResponse:
    """Show what was typed although the assessment takes no more answers."""
    typed = _forms(request, assessment, chosen, _section_questions(chosen))
    stored = _answers(assessment, [question.pk for question, _form in typed])
    unsaved = {
        question.pk: (form, cards.Save(0, "closed"))
        for question, form in typed
        if not form.is_valid() or form.differs_from(stored.get(question.pk))
    }
    messages.error(request, _closed_text(assessment))
    context = _section_context(assessment, chosen, unsaved=unsaved)
    return render(request, "questionnaires/section.html", context, status=409)


def _closed_text(assessment: Assessment) -> str:
    if assessment.is_submitted:
        return _("The assessment was submitted meanwhile, so nothing was saved.")
    return _("The assessment was moved to a newer version meanwhile, so nothing was saved.")


def _section_questions(chosen: Section) -> tuple[QuestionText, ...]:
    return section_texts(chosen, language=get_language())


def _answers(assessment: Assessment, question_ids: list[int]) -> dict[int, Answer]:
    rows = assessment.answers.filter(question_id__in=question_ids)
    if assessment.carried_from_id:
        rows = rows.select_related("carried_from__assessment", "carried_from__question")
    return {answer.question_id: answer for answer in rows}


def _forms(request: HttpRequest, assessment: Assessment, chosen: Section, questions: Iterable[QuestionText]):
    forms = []
    for question in questions:
        scale_id = assessment.outline.questions[question.pk].scale_id
        levels = assessment.outline.scale_levels[scale_id]
        form = AnswerForm(request.POST, question_id=question.pk, levels=levels)
        if form.is_posted:
            forms.append((question, form))
    return forms


def _save_section(
    request: HttpRequest, assessment: Assessment, chosen: Section
) -> dict[int, tuple[AnswerForm, cards.Save]]:
    """Record every posted card that differs from what is stored; return those that could not be recorded."""
    unsaved: dict[int, tuple[AnswerForm, cards.Save]] = {}
    questions = _section_questions(chosen)
    stored = _answers(assessment, [question.pk for question in questions])
    for question, form in _forms(request, assessment, chosen, questions):
        if not form.is_valid():
            unsaved[question.pk] = form, cards.invalid(form)
        elif form.differs_from(stored.get(question.pk)):
            save = _record(request, assessment, question.pk, form)
            if save.state != "saved":
                unsaved[question.pk] = form, save
    return unsaved


def _record(request: HttpRequest, assessment: Assessment, question_id: int, form: AnswerForm) -> cards.Save:
    outlined = assessment.outline.questions[question_id]
    try:
        answer = assessment.record_answer(outlined, by=request.user, **form.answer)
    except Assessment.Stale as e:
        return cards.answer_conflict(form.cleaned_data["revision"], e.current, assessment.outline)
    except Assessment.Closed:
        return cards.Save(form.cleaned_data["revision"], "closed")
    return cards.saved(answer)


def _section_context(assessment: Assessment, chosen: Section, *, unsaved: dict | None = None) -> dict:
    standing = assessment.standing()
    questions = _section_questions(chosen)
    ids = [question.pk for question in questions]
    outlined = standing.outline.questions
    provisions = cited(provision for pk in ids for provision in outlined[pk].provision_ids)
    unsaved = unsaved or {}
    shown = cards.question_cards(standing, questions, _answers(assessment, ids), provisions, unsaved=unsaved)
    shown = [
        cards.with_posted(card, *unsaved[card.question.pk]) if card.question.pk in unsaved else card for card in shown
    ]
    refs = [s.ref for s in standing.outline.sections]
    at = refs.index(chosen.ref)
    return {
        "assessment": assessment,
        "section": chosen,
        "cards": shown,
        "not_asked": cards.not_asked_rows(standing, questions, assessment.as_of),
        "previous": standing.outline.sections[at - 1] if at else None,
        "next": standing.outline.sections[at + 1] if at + 1 < len(refs) else None,
        **progress_context(assessment, standing, chosen.ref),
    }


def progress_context(assessment: Assessment, standing: Standing, current: str = "") -> dict:
    return {
        "assessment": assessment,
        "sections": section_progress(standing, current),
        "progress": standing.progress(),
        "total": len(standing.outline.questions),
        "unconfirmed": len(standing.unconfirmed()),
        "is_editing": not assessment.is_closed and may_edit(assessment),
    }


def _after_section(assessment: Assessment, chosen: Section) -> str:
    sections = assessment.outline.sections
    at = [s.ref for s in sections].index(chosen.ref)
    if at + 1 < len(sections):
        return reverse("questionnaires:assessment-section", args=[assessment.uuid, sections[at + 1].ref])
    return reverse("questionnaires:assessment-review", args=[assessment.uuid])


@sign_in_or_401
@require_POST
def answer(request: HttpRequest, uuid: UUID, question_id: int) -> HttpResponse:
    """Save one card; the answer is the line under it, with the progress of the page."""
    assessment = answerable_or_404(request, uuid)
    outlined = assessment.outline.questions.get(question_id)
    if outlined is None:
        raise Http404
    if assessment.is_closed:
        return _answer_line(request, assessment, outlined.section, question_id, cards.Save(0, "closed"))
    form = AnswerForm(request.POST, question_id=question_id, levels=assessment.outline.scale_levels[outlined.scale_id])
    save = _record(request, assessment, question_id, form) if form.is_valid() else cards.invalid(form)
    return _answer_line(request, assessment, outlined.section, question_id, save)


def _answer_line(
    request: HttpRequest, assessment: Assessment, section_ref: str, question_id: int, save: cards.Save
) -> HttpResponse:
    context = {"prefix": cards.answer_prefix(question_id), "save": save, "form_id": "page-form"}
    if save.state == "saved":
        context |= progress_context(assessment, assessment.standing(), section_ref)
    status = {"saved": 200, "invalid": UNSAVED, "conflict": 409, "closed": 409}[save.state]
    return render(request, "questionnaires/_saved.html", context, status=status)


@login_required
@require_GET
def next_unanswered(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Go to the next question without an answer after the one named, then to those to confirm, then to the review."""
    assessment = visible_or_404(request, uuid)
    standing = assessment.standing()
    open_questions = standing.unanswered() or standing.unconfirmed()
    if not open_questions:
        return redirect("questionnaires:assessment-review", uuid)
    order = {pk: at for at, pk in enumerate(assessment.outline.questions)}
    after = request.GET.get("after", "")
    start = order.get(int(after), -1) if after.isdecimal() and len(after) < 19 else -1
    question = next((q for q in open_questions if order[q.pk] > start), open_questions[0])
    url = reverse("questionnaires:assessment-section", args=[uuid, question.section])
    return redirect(f"{url}#{cards.answer_prefix(question.pk)}")


@login_required
@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, uuid: UUID) -> HttpResponse:
    if request.method == "GET":
        context = _facts_context(visible_or_404(request, uuid))
        return render(request, "questionnaires/facts.html", context)
    assessment = answerable_or_404(request, uuid)
    unsaved: dict[int, tuple[FactForm, cards.Save]] = {}
    stored = _fact_answers(assessment)
    for fact in assessment.outline.facts:
        form = FactForm(request.POST, fact=fact)
        if not form.is_posted:
            continue
        if not form.is_valid():
            unsaved[fact.pk] = form, cards.invalid(form)
        elif form.differs_from(stored.get(fact.pk)):
            save = _record_fact(request, assessment, fact, form)
            if save.state != "saved":
                unsaved[fact.pk] = form, save
    if unsaved:
        messages.error(request, _("Not everything was saved. What is not is marked below."))
        context = _facts_context(assessment, unsaved=unsaved)
        return render(request, "questionnaires/facts.html", context, status=UNSAVED)
    messages.success(request, _("Saved %(time)s") % {"time": time_format(timezone.localtime(), "H:i")})
    first = assessment.outline.sections[0]
    return redirect("questionnaires:assessment-section", uuid, first.ref)


def _fact_answers(assessment: Assessment) -> dict[int, FactAnswer]:
    return {row.fact_id: row for row in assessment.fact_answers.select_related("answered_by")}


def _facts_context(assessment: Assessment, *, unsaved: dict | None = None) -> dict:
    stored = _fact_answers(assessment)
    shown = [cards.fact_card(fact, stored.get(fact.pk)) for fact in assessment.outline.facts]
    if unsaved:
        shown = [
            cards.fact_with_posted(card, _posted(unsaved[card.fact.pk][0]), unsaved[card.fact.pk][1])
            if card.fact.pk in unsaved
            else card
            for card in shown
        ]
    return {"cards": shown, **progress_context(assessment, assessment.standing(), "facts")}


def _posted(form: FactForm) -> list[str]:
    return form.data.getlist(form.add_prefix("values"))


def _record_fact(request: HttpRequest, assessment: Assessment, fact: Fact, form: FactForm) -> cards.Save:
    try:
        stored = assessment.record_fact(fact, by=request.user, seen=form.seen, values=form.values)
    except Assessment.Stale as e:
        return cards.fact_conflict(form.cleaned_data["revision"], e.current, fact)
    except Assessment.Closed:
        return cards.Save(form.cleaned_data["revision"], "closed")
    return cards.saved(stored)


@sign_in_or_401
@require_POST
def fact(request: HttpRequest, uuid: UUID, fact_id: int) -> HttpResponse:
    """Save one fact; the answer is the line under it and how many questions apply now."""
    assessment = answerable_or_404(request, uuid)
    chosen = next((f for f in assessment.outline.facts if f.pk == fact_id), None)
    if chosen is None:
        raise Http404
    if assessment.is_closed:
        save = cards.Save(0, "closed")
    else:
        form = FactForm(request.POST, fact=chosen)
        save = _record_fact(request, assessment, chosen, form) if form.is_valid() else cards.invalid(form)
    context = {"prefix": cards.fact_prefix(chosen), "save": save, "form_id": "page-form"}
    if save.state == "saved":
        context |= progress_context(assessment, assessment.standing(), "facts")
    status = {"saved": 200, "invalid": UNSAVED, "conflict": 409, "closed": 409}[save.state]
    return render(request, "questionnaires/_saved.html", context, status=status)
