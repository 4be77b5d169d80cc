"""Whose content it is: shared by everyone who uses this installation, or private to one organisation.

Shared content is edited with the permission edit_shared_content, private content by staff who own or manage its
organisation. What a person may do with it (change, publish ...) is up to the permissions of their groups.
"""

from django.db import models
from django.db.models import Q

from frcheck.accounts.models import Membership

EDITING_ROLES = (Membership.Role.OWNER, Membership.Role.MANAGER)
REVIEWING_ROLES = (*EDITING_ROLES, Membership.Role.REVIEWER)


class OwnedQuerySet(models.QuerySet):
    owner = "organisation"  # the way to the organisation, which is empty for what is shared

    def shared(self):
        return self.filter(**{f"{self.owner}__isnull": True})

    def visible_to(self, user):
        """Shared, or of one of the user's organisations."""
        if not user.is_authenticated:
            return self.shared()
        return self.filter(Q(**{f"{self.owner}__isnull": True}) | self._of(user, Membership.Role.values))

    def visible_in_admin_to(self, user):
        """What the user finds in the admin: as elsewhere; a superuser finds all."""
        return self.all() if user.is_superuser else self.visible_to(user)

    def editable_in_admin_by(self, user):
        """What the user may edit by where it belongs; whether it is still a draft is another matter."""
        if user.is_superuser:
            return self.all()
        private = self._of(user, EDITING_ROLES)
        if user.has_perm("questionnaires.edit_shared_content"):
            return self.filter(Q(**{f"{self.owner}__isnull": True}) | private)
        return self.filter(private)

    def _of(self, user, roles) -> Q:
        own = Membership.objects.filter(user=user, role__in=roles).values("organisation")
        return Q(**{f"{self.owner}__in": own})


def edits_content_of(user, organisation_id: int | None) -> bool:
    """Whether the user may edit content of this organisation, None: of everyone's."""
    if user.is_superuser:
        return True
    if organisation_id is None:
        return user.has_perm("questionnaires.edit_shared_content")
    return user.roles.get(organisation_id) in EDITING_ROLES


def reviews_content_of(user, organisation_id: int | None) -> bool:
    if user.is_superuser:
        return True
    if organisation_id is None:
        return user.has_perm("questionnaires.see_shared_drafts")
    return user.roles.get(organisation_id) in REVIEWING_ROLES
