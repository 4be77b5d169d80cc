"""From the list of assessments to a new one, its review, its submission and its next revision."""

from dataclasses import asdict
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from frcheck.accounts.models import Membership
from questionnaires.citations import cited
from questionnaires.forms import AssessmentForm
from questionnaires.models import Assessment, Question, Version
from questionnaires.models.actions import actions_of
from questionnaires.models.carrying import carry_over
from questionnaires.models.contradictions import contradictions_held
from questionnaires.models.report_settings import managed_by
from questionnaires.reporting.files import ask_for
from questionnaires.views.trends import trend_context

PER_PAGE = 20


@login_required
@require_GET
def assessment_list(request: HttpRequest) -> HttpResponse:
    answered = Count("answers", filter=Q(answers__level__isnull=False) | Q(answers__is_not_applicable=True))
    assessments = (
        Assessment.objects.visible_to(request.user)
        .latest_revisions()
        .with_version()
        .select_related("submitted_by")
        .annotate(answered=answered)
        .order_by("-created_at", "-pk")  # an aggregate drops the model's own order
    )
    page = Paginator(assessments, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "questionnaires/assessment_list.html", {"page": page, "organisations": managed_by(request.user)}
    )


@login_required
@require_http_methods(["GET", "POST"])
def assessment_new(request: HttpRequest) -> HttpResponse:
    """Choose a question set, then describe the deployment; with one set there is nothing to choose."""
    versions = list(Version.objects.open_to(request.user).select_related("question_set"))
    number = request.GET.get("version", "")
    chosen = next((v for v in versions if str(v.pk) == number), versions[0] if len(versions) == 1 else None)
    if chosen is None:
        context = {"versions": versions, "start": _start(request)}
        return render(request, "questionnaires/question_set_choice.html", context)
    form = AssessmentForm(request.POST or None, version=chosen, user=request.user, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        form.instance.created_by = request.user
        with transaction.atomic():
            assessment = form.save()
            source = form.cleaned_data["carry_from"]
            carried = carry_over(source, assessment) if source else None
        if carried:
            text = _(
                "Carried over, to be confirmed: answers %(answers)d, facts %(facts)d. No place here: %(homeless)d."
            )
            messages.info(request, text % asdict(carried))
        return redirect("questionnaires:assessment-facts", assessment.uuid)
    context = {"form": form, "version": chosen, "has_choice": len(versions) > 1, "start": _start(request)}
    return render(request, "questionnaires/assessment_new.html", context)


def _start(request: HttpRequest) -> str:
    """The part of the query that outlives the choice of another question set."""
    return urlencode({name: request.GET[name] for name in ("from", "as_of") if request.GET.get(name)})


def _initial(request: HttpRequest) -> dict:
    """“Start a new one from this” names the earlier assessment, and perhaps another day."""
    source = _uuid(request.GET.get("from", ""))
    earlier = Assessment.objects.visible_to(request.user).filter(uuid=source).first() if source else None
    if earlier is None:
        return {}
    day = parse_date_or_none(request.GET.get("as_of", ""))
    same = {"organisation": earlier.organisation_id, "name": earlier.name, "subject": earlier.subject}
    return same | {"carry_from": earlier.pk, "as_of": day or timezone.localdate()}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def parse_date_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def visible_or_404(request: HttpRequest, uuid: UUID) -> Assessment:
    return get_object_or_404(Assessment.objects.visible_to(request.user).with_version(), uuid=uuid)


def may_edit(assessment: Assessment) -> bool:
    """Whether the user whose visible_to() found it may answer and submit it, or reopen it once it is submitted."""
    return assessment.role in Membership.EDITING_ROLES and assessment.superseded_at is None


@login_required
@require_GET
def assessment_overview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = visible_or_404(request, uuid)
    if assessment.is_submitted:
        return redirect("questionnaires:assessment-report", uuid)
    successor = Assessment.objects.filter(previous=assessment).select_related("version__question_set").first()
    standing = assessment.standing()
    facts = assessment.fact_values()
    context = {
        "assessment": assessment,
        "progress": standing.progress(),
        "sections": section_progress(standing),
        "facts_stated": len(facts),
        "facts_total": len(standing.outline.facts),
        "instruments": assessment.instruments.in_order(),
        "total": len(standing.outline.questions),
        "unconfirmed": len(standing.unconfirmed()),
        "coming_up": coming_up(standing, assessment.as_of),
        "may_edit": may_edit(assessment),
        "successor": successor,
        **revision_context(request, assessment, is_newest=successor is None),
        **trend_context(
            assessment, has_others=assessment.revision > 1, now=standing.score(assessment.version.weights).overall
        ),
    }
    return render(request, "questionnaires/assessment_overview.html", context)


def revision_context(request: HttpRequest, assessment: Assessment, *, is_newest: bool) -> dict:
    """Of the newest revision: whether it can be reopened, and the newer version to which it can be moved. One query."""
    may_revise = is_newest and assessment.role in Membership.EDITING_ROLES
    versions = Version.objects.open_to(request.user)
    return {
        "may_reopen": may_revise and assessment.is_closed,
        "newer_version": versions.newest_after(assessment.version) if may_revise else None,
    }


def coming_up(standing, as_of: date) -> list[dict]:
    """What takes effect after the as-of date, with its citation: one query."""
    later = standing.coming_up(as_of)
    shown = cited(provision.pk for provision in later)
    return [{"day": provision.counts_from, "provision": shown[provision.pk]} for provision in later]


def section_progress(standing, current: str = "") -> list[dict]:
    """Title, address and progress of every section, in order."""
    by_section = standing.progress_by_section()
    return [
        {"ref": s.ref, "title": s.title, "progress": by_section[s.ref], "is_current": s.ref == current}
        for s in standing.outline.sections
    ]


@login_required
@require_GET
def assessment_review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is still open, before submitting."""
    assessment = visible_or_404(request, uuid)
    if assessment.is_submitted:
        return redirect("questionnaires:assessment-report", uuid)
    standing = assessment.standing()
    unanswered, unjustified = standing.unanswered(), standing.unjustified()
    listed = {q.pk for q in (*unanswered, *unjustified)}
    texts = dict(Question.objects.filter(pk__in=listed).values_list("pk", "text"))
    context = {
        "assessment": assessment,
        "progress": standing.progress(),
        "sections": section_progress(standing),
        "total": len(standing.outline.questions),
        "unanswered": _by_section(standing, unanswered, texts),
        "unanswered_count": len(unanswered),
        "unjustified": _by_section(standing, unjustified, texts),
        "unjustified_count": len(unjustified),
        "unconfirmed": len(standing.unconfirmed()),
        "contradictions": contradictions_held(assessment, standing),
        "facts_missing": len(standing.outline.facts) - len(assessment.fact_values()),
        "may_submit": may_edit(assessment),
    }
    return render(request, "questionnaires/assessment_review.html", context)


def _by_section(standing, questions, texts) -> list[dict]:
    rows = []
    for section in standing.outline.sections:
        own = [{"pk": q.pk, "text": texts[q.pk]} for q in questions if q.section == section.ref]
        if own:
            rows.append({"ref": section.ref, "title": section.title, "questions": own})
    return rows


@login_required
@require_POST
def assessment_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(Assessment.objects.editable_by(request.user).with_version(), uuid=uuid)
    try:
        report = assessment.submit(by=request.user, accept_unanswered="accept_unanswered" in request.POST)
    except Assessment.Incomplete as e:
        if e.unjustified:
            messages.error(
                request, _("“Not applicable” needs a justification: %(n)d to go.") % {"n": len(e.unjustified)}
            )
        else:
            text = _("%(n)d questions have no answer yet. Answer them, or tick the box to submit all the same.")
            messages.error(request, text % {"n": len(e.unanswered)})
        return redirect("questionnaires:assessment-review", uuid)
    except Assessment.Closed:
        messages.info(request, _("Somebody else has just submitted it."))
    else:
        ask_for(report, get_language())  # most likely wanted next
        messages.success(request, _("Submitted. This is the gap report; its answers can no longer change."))
    return redirect("questionnaires:assessment-report", uuid)


@login_required
@require_http_methods(["GET", "POST"])
def assessment_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask, then start the next revision; where there is one already, go to it."""
    reopenable = Assessment.objects.reopenable_by(request.user).with_version()
    assessment = get_object_or_404(reopenable, uuid=uuid)
    if request.method == "GET":
        return render(request, "questionnaires/assessment_reopen.html", {"assessment": assessment})
    try:
        revision = assessment.reopen(by=request.user)
    except Assessment.Closed:
        messages.info(request, _("It was reopened already. This is the newer revision."))
        revision = Assessment.objects.get(previous=assessment)
    else:
        messages.success(
            request, _("Revision %(n)d is open, with the same facts and answers.") % {"n": revision.revision}
        )
    return redirect("questionnaires:assessment-overview", revision.uuid)


@login_required
@require_http_methods(["GET", "POST"])
def assessment_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask, then delete an open assessment with its answers; a submitted one stays."""
    assessment = get_object_or_404(Assessment.objects.editable_by(request.user).with_version(), uuid=uuid)
    if request.method == "GET":
        context = {
            "assessment": assessment,
            "answered": assessment.standing().progress().answered,
            "planned": actions_of(assessment).count() if assessment.revision == 1 else 0,
        }
        return render(request, "questionnaires/assessment_delete.html", context)
    try:
        assessment.discard()
    except IntegrityError:
        assessment.refresh_from_db(fields=["submitted_at"])
        if assessment.is_submitted:
            messages.info(request, _("Somebody else has just submitted it, so it stays."))
            return redirect("questionnaires:assessment-report", uuid)
        messages.info(request, _("Another assessment was started from this one and rests on its answers, so it stays."))
        return redirect("questionnaires:assessment-overview", uuid)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": assessment.name})
    return redirect("questionnaires:assessment-list")
