"""Content of everyone and of one organisation, apart: each editor changes only their own."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Organisation
from questionnaires.models.ownership import EDITING_ROLES, edits_content_of


def organisations_edited_by(user):
    if user.is_superuser:
        return Organisation.objects.all()
    own = [pk for pk, role in user.roles.items() if role in EDITING_ROLES]
    return Organisation.objects.filter(pk__in=own)


class OwnContent(admin.ModelAdmin):
    """Of rows with an organisation, or of what belongs to such a row."""

    def owner_of(self, obj) -> int | None:
        return obj.organisation_id

    def is_own(self, request, obj) -> bool:
        return edits_content_of(request.user, self.owner_of(obj))

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or self.is_own(request, obj))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or self.is_own(request, obj))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """An organisation of one's own; none, for everyone, only by who edits that."""
        if db_field.name != "organisation":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        kwargs["queryset"] = organisations_edited_by(request.user)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.required = not edits_content_of(request.user, None)
        if not field.required:
            field.empty_label = _("everyone")
        return field
