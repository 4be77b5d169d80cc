from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuestionnairesConfig(AppConfig):
    name = "questionnaires"
    verbose_name = _("Content and assessments")

    def ready(self):
        from questionnaires import checks  # noqa: F401  registers the checks
