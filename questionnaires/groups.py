"""The groups of people who keep the content current, and what each may do.

`migrate` brings them up to date: what was changed in these four is put back. For other rights make other groups.
Their members also need `is_staff`. Whose content they may edit is another matter: models/ownership.py.
"""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

EDITORS = "Editors"
REVIEWERS = "Reviewers"
ADMINISTRATORS = "Administrators"
ORGANISATION_EDITORS = "Organisation editors"

EDITED = (
    "instrument",
    "provision",
    "questionset",
    "version",
    "section",
    "question",
    "citation",
    "answerscale",
    "answerlevel",
    "fact",
    "factchoice",
    "duty",
    "dutycitation",
    "contradiction",
)
PEOPLE = ("user", "organisation", "membership")


def _every(verb: str) -> tuple[str, ...]:
    return tuple(f"{verb}_{model}" for model in EDITED)


_VIEW = (*_every("view"), "view_organisation")  # names of their own organisations, for private sets
_EDIT = (*_VIEW, *_every("add"), *_every("change"), *_every("delete"))
_LIFE = ("approve_version", "publish_version", "retire_version")
PERMISSIONS = {
    EDITORS: (*_EDIT, "see_shared_drafts", "edit_shared_content"),
    REVIEWERS: (*_VIEW, "see_shared_drafts", "approve_version"),
    ADMINISTRATORS: (
        *_EDIT,
        *_LIFE,
        "see_shared_drafts",
        "edit_shared_content",
        *(f"{verb}_{model}" for model in PEOPLE for verb in ("view", "add", "change", "delete")),
    ),
    # Staff of a customer: they edit and publish what is private to the organisations that they own or manage.
    ORGANISATION_EDITORS: (*_EDIT, *_LIFE),
}


def make_groups(using: str = "default", **_signal) -> None:
    """Make the groups, or bring their permissions up to date."""
    wanted = Q(content_type__app_label__in=("questionnaires", "accounts"))
    by_codename = {p.codename: p for p in Permission.objects.using(using).filter(wanted)}
    if not by_codename.keys() >= set(PERMISSIONS[ADMINISTRATORS]):
        return  # an early migration: not all models are there yet
    for name, codenames in PERMISSIONS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([by_codename[codename] for codename in codenames])


def editors_group() -> Group:
    return Group.objects.get(name=EDITORS)
