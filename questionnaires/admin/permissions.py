"""What a legal editor may do in the admin."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from frcheck.accounts.models import Organisation
from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Citation,
    Contradiction,
    Duty,
    DutyCitation,
    Fact,
    FactChoice,
    Instrument,
    Provision,
    Question,
    QuestionSet,
    Section,
    Version,
)

GROUP_NAME = "Editors"
EDITED = (
    Instrument,
    Provision,
    QuestionSet,
    Version,
    Section,
    Question,
    Citation,
    AnswerScale,
    AnswerLevel,
    Fact,
    FactChoice,
    Duty,
    DutyCitation,
    Contradiction,
)


def editors_group() -> Group:
    """Make the group, or bring its permissions up to date. Its members also need `is_staff`.

    Editors choose the organisation of a private question set: they see names of organisations, not their members.
    """
    group, _created = Group.objects.get_or_create(name=GROUP_NAME)
    content_types = ContentType.objects.get_for_models(*EDITED).values()
    organisation = ContentType.objects.get_for_model(Organisation)
    edited = Permission.objects.filter(content_type__in=content_types)
    seen = Permission.objects.filter(content_type=organisation, codename="view_organisation")
    group.permissions.set(edited | seen)
    return group
