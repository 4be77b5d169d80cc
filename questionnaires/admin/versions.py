from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.validators import MinValueValidator
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from questionnaires.admin import differences, edits, exchange, life
from questionnaires.admin.editor.views import Editor
from questionnaires.admin.life import steps_open_to, version_or_404
from questionnaires.admin.missing_translations import missing_by_version
from questionnaires.admin.overviews import overview_of
from questionnaires.admin.parts import DraftsOnly, as_number
from questionnaires.admin.previews import preview_of
from questionnaires.admin.problems import editor_links, problems_shown
from questionnaires.admin.refusals import admin_url
from questionnaires.models import QuestionSet, Version

WEIGHTS = ("weight_critical", "weight_high", "weight_medium", "weight_low")


def describe_state(version: Version) -> str:
    if version.retired_at:
        return _("retired")
    if version.is_published:
        return _("published")
    if version.approved_at:
        return _("approved")
    return _("in review") if version.is_in_review else _("draft")


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    conditions = {
        "draft": {"published_at__isnull": True, "submitted_for_review_at__isnull": True},
        "review": {
            "published_at__isnull": True,
            "submitted_for_review_at__isnull": False,
            "approved_at__isnull": True,
        },
        "approved": {"published_at__isnull": True, "approved_at__isnull": False},
        "published": {"published_at__isnull": False, "retired_at__isnull": True},
        "retired": {"retired_at__isnull": False},
    }

    def lookups(self, request, model_admin):
        return [
            ("draft", _("draft")),
            ("review", _("in review")),
            ("approved", _("approved")),
            ("published", _("published")),
            ("retired", _("retired")),
        ]

    def queryset(self, request, queryset):
        return queryset.filter(**self.conditions.get(self.value(), {}))


class QuestionSetFilter(admin.SimpleListFilter):
    """Of the sets that the user may see."""

    title = gettext_lazy("question set")
    parameter_name = "question_set"

    def lookups(self, request, model_admin):
        return [(row.pk, str(row)) for row in QuestionSet.objects.visible_in_admin_to(request.user)]

    def queryset(self, request, queryset):
        return queryset.filter(question_set=as_number(self.value())) if self.value() else queryset


class VersionList(ChangeList):
    """Adds the count of missing translations for the whole page: one query per table."""

    def get_results(self, request):
        super().get_results(request)
        counts = missing_by_version([version.pk for version in self.result_list])
        for version in self.result_list:
            version.missing_translations = counts[version.pk]


@admin.register(Version)
class VersionAdmin(DraftsOnly):
    """A version's page: its overview, and what can be done with it. Parts have pages of their own."""

    version_lookup = "pk"
    list_display = ["__str__", "state", "question_count", "missing", "published_at", "published_by"]
    list_filter = [StateFilter, QuestionSetFilter]
    list_select_related = ["question_set", "published_by"]
    search_fields = ["question_set__slug", "question_set__title_en", "question_set__title_zh_hans"]
    fieldsets = [
        (None, {"fields": [("question_set", "number", "state")]}),
        (
            gettext_lazy("Weights of severities in the score"),
            {"fields": [WEIGHTS], "classes": ["collapse"]},
        ),
    ]

    class Media:
        css = {"all": ["questionnaires/admin.css"]}

    def version_of(self, obj):
        return obj

    def get_changelist(self, request, **kwargs):
        return VersionList

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("question_set")
        return rows.annotate(_questions=Count("questions"))

    def get_readonly_fields(self, request, obj=None):
        return ["number", "state", *(["question_set"] if obj else [])]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in WEIGHTS:
            field.validators.append(MinValueValidator(0.01))
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "question_set":
            kwargs["queryset"] = QuestionSet.objects.editable_in_admin_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change:
            highest = obj.question_set.versions.aggregate(highest=Max("number"))["highest"]
            obj.number = (highest or 0) + 1
        super().save_model(request, obj, form, change)

    def response_post_save_add(self, request, obj):
        return redirect(admin_url(Version, "change", obj.pk))

    @admin.display(description=gettext_lazy("state"))
    def state(self, version):
        return describe_state(version)

    @admin.display(description=gettext_lazy("questions"), ordering="_questions")
    def question_count(self, version):
        return version._questions

    @admin.display(description=gettext_lazy("translations missing"))
    def missing(self, version):
        return version.missing_translations or "–"

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            user = request.user
            context |= {
                "overview": overview_of(obj),
                "state": describe_state(obj),
                "steps": steps_open_to(user, obj),
                "may_add": user.has_perm("questionnaires.add_version") and obj.is_edited_by(user),
                "is_draft": obj.is_draft,
                "may_import": obj.is_draft
                and user.has_perm("questionnaires.change_version")
                and obj.is_edited_by(user),
            }
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    # --- what can be done with a version, beside editing it ---

    def get_urls(self):
        pages = [("preview", self.preview), ("problems", self.problems), ("draft", self.draft)]
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"questionnaires_version_{name}",
            )
            for name, view in pages
        ]
        steps = (*life.urls_of(self), *edits.urls_of(self), *differences.urls_of(self), *exchange.urls_of(self))
        return [*own, *Editor(self).urls, *steps, *super().get_urls()]

    @method_decorator(require_GET)
    def preview(self, request, pk):
        """The pages of the version as a respondent sees them, before any fact is known."""
        version = version_or_404(request, pk, "view", is_its=lambda version: True)
        context = preview_of(version, request.GET.get("section", "")) | {"version": version}
        return TemplateResponse(request, "admin/questionnaires/version/preview.html", context)

    @method_decorator(require_GET)
    def problems(self, request, pk):
        """What is wrong with a draft, for its page and for whatever page asks for the list alone by htmx."""
        version = version_or_404(request, pk, "view", is_its=lambda version: True)
        link = editor_links(version) if "editor" in request.GET else None
        context = {"problems": problems_shown(version, link=link), "version": version}
        if request.htmx:
            return TemplateResponse(request, "admin/questionnaires/version/_problems.html", context)
        context |= self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media}
        return TemplateResponse(request, "admin/questionnaires/version/problems.html", context)

    @method_decorator(require_POST)
    def draft(self, request, pk):
        """Copy the version into a new draft and open that."""
        version = version_or_404(request, pk, "add", is_its=lambda version: version.is_edited_by(request.user))
        try:
            with transaction.atomic():
                started = version.start_draft()
                text = _("Started from version %(number)d.") % {"number": version.number}
                self.log_addition(request, started, text)
        except IntegrityError:
            return self.tell_refusal(request, admin_url(Version, "change", pk))
        messages.success(request, _("%(version)s is a draft: change it, then publish it.") % {"version": started})
        return redirect(admin_url(Version, "change", started.pk))
