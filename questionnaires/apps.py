from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class QuestionnairesConfig(AppConfig):
    name = "questionnaires"
    verbose_name = _("Content and assessments")

    def ready(self):
        from questionnaires import checks, groups  # noqa: F401  registers the checks

        post_migrate.connect(groups.make_groups, sender=self)  # after Django has made the permissions
