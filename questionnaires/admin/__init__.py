"""The screens of legal editors: Django's admin over instruments and question sets."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from questionnaires.admin import duties, facts, instruments, question_sets, questions, scales, versions

__all__ = ["duties", "facts", "instruments", "question_sets", "questions", "scales", "versions"]

admin.site.site_header = _("FRCheck: editing")
admin.site.site_title = _("FRCheck: editing")
admin.site.index_title = _("Question sets and instruments")
