from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationAdmin

from questionnaires.admin import exchange
from questionnaires.admin.missing_translations import missing_in
from questionnaires.admin.owners import OwnContent
from questionnaires.admin.parts import SaysItsLanguage, is_ref
from questionnaires.admin.recording import RecordsEdits
from questionnaires.admin.refusals import admin_url
from questionnaires.admin.versions import describe_state
from questionnaires.models import QuestionSet, Version


class VersionInline(admin.TabularInline):
    """A list with links: a version has a page of its own."""

    model = Version
    fk_name = "question_set"
    fields = readonly_fields = ["link", "state", "created_at", "published_at", "published_by"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        rows = super().get_queryset(request).filter(pk__in=Version.objects.visible_in_admin_to(request.user))
        return rows.select_related("question_set", "published_by")

    @admin.display(description=gettext_lazy("version"))
    def link(self, version):
        return format_html('<a href="{}">{}</a>', admin_url(Version, "change", version.pk), version)

    @admin.display(description=gettext_lazy("state"))
    def state(self, version):
        return describe_state(version)


@admin.register(QuestionSet)
class QuestionSetAdmin(OwnContent, RecordsEdits, SaysItsLanguage, TranslationAdmin):
    list_display = ["title", "slug", "organisation", "requires_review", "versions_listed", "missing"]
    list_filter = [("organisation", admin.EmptyFieldListFilter)]
    list_select_related = ["organisation"]
    search_fields = ["slug", "title_en", "title_zh_hans"]
    prepopulated_fields = {"slug": ["title_en"]}
    fields = [
        ("title_en", "title_zh_hans"),
        "slug",
        ("description_en", "description_zh_hans"),
        "organisation",
        "requires_review",
    ]
    inlines = [VersionInline]

    class Media:
        css = {"all": ["questionnaires/admin.css"]}

    def get_queryset(self, request):
        """One sees one's own and what everyone may use, and of each the versions that one may see."""
        versions = Version.objects.visible_in_admin_to(request.user)
        published = Version.objects.published().filter(question_set=OuterRef("pk"))
        rows = super().get_queryset(request).filter(pk__in=QuestionSet.objects.visible_in_admin_to(request.user))
        return rows.prefetch_related(Prefetch("versions", versions)).annotate(is_published=Exists(published))

    def get_urls(self):
        upload = self.admin_site.admin_view(exchange.upload_new)
        name = "questionnaires_questionset_import"
        return [path("<int:pk>/import/", upload, {"model_admin": self}, name=name), *super().get_urls()]

    def get_readonly_fields(self, request, obj=None):
        fixed = ["slug", "organisation"] if obj and obj.is_published else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "slug":
            field.validators.append(is_ref)
        return field

    def render_change_form(self, request, context, *args, **kwargs):
        question_set = kwargs.get("obj")
        may_edit = question_set is None or self.is_own(request, question_set)
        context["may_add_version"] = may_edit and request.user.has_perm("questionnaires.add_version")
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("versions"))
    def versions_listed(self, question_set):
        url = f"{admin_url(Version, 'changelist')}?question_set={question_set.pk}"
        numbers = [
            _("%(number)d (%(state)s)") % {"number": version.number, "state": describe_state(version)}
            for version in question_set.versions.all()
        ]
        return format_html('<a href="{}">{}</a>', url, ", ".join(numbers)) if numbers else "–"

    @admin.display(description=gettext_lazy("translations missing"))
    def missing(self, question_set):
        return missing_in(question_set) or "–"
