"""Which assessments: who may see, answer or revise them, and what is read with them."""

from django.db import models
from django.db.models import Exists, F, OuterRef

from frcheck.accounts.models import Membership


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of the user's organisations; `role` is the user's there."""
        return self.filter(organisation__memberships__user=user).annotate(role=F("organisation__memberships__role"))

    def revisable_by(self, user):
        """Open or closed: the user's role in its organisation may answer, reopen and move."""
        return self.filter(
            organisation__memberships__user=user, organisation__memberships__role__in=Membership.EDITING_ROLES
        )

    def editable_by(self, user):
        """Open, and the user's role in its organisation may answer."""
        return self.revisable_by(user).filter(submitted_at__isnull=True, superseded_at__isnull=True)

    def reopenable_by(self, user):
        return self.revisable_by(user).exclude(submitted_at__isnull=True, superseded_at__isnull=True)

    def with_version(self):
        return self.select_related("version__question_set", "organisation")

    def with_report_settings(self):
        """Its organisation's, with their logo; `with_version()` reads the organisation."""
        return self.select_related("organisation__report_settings__logo")

    def with_successor(self):
        """Annotate whether a later revision is there."""
        return self.annotate(has_successor=Exists(self.model.objects.filter(previous=OuterRef("pk"))))

    def latest_revisions(self):
        """Of each series only the newest revision."""
        return self.filter(next_revision__isnull=True)
