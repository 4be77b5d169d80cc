"""Editors, and what they post: a page's form as it was shown, with changes."""

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from questionnaires.groups import ADMINISTRATORS, EDITORS, ORGANISATION_EDITORS, REVIEWERS
from tests.factories import make_user


def make_staff(*groups):
    person = make_user(is_staff=True)
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def make_editor():
    return make_staff(EDITORS)


def make_reviewer():
    return make_staff(REVIEWERS)


def make_administrator():
    return make_staff(ADMINISTRATORS)


def make_organisation_editor(organisation, role="manager"):
    person = make_staff(ORGANISATION_EDITORS)
    organisation.memberships.create(user=person, role=role)
    return person


def sign_in_editor(client):
    editor = make_editor()
    client.force_login(editor)
    return editor


def sign_in_administrator(client):
    """Who edits, publishes and retires."""
    administrator = make_administrator()
    client.force_login(administrator)
    return administrator


def page(name, *args, **query):
    return reverse(f"admin:questionnaires_{name}", args=args, query=query or None)


def filled(response, **changes):
    """The form of an admin page as a browser would post it, with changes."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for bound in (bound for form in forms for bound in form if not bound.field.disabled):
        value = bound.value()
        if value is not False:
            data[bound.html_name] = "" if value is None else str(value)
    return data | changes


def save(client, url, **changes):
    """Open the page, change the form, post it."""
    return client.post(url, filled(client.get(url), **changes))


def texts(**english):
    """Both languages of form fields."""
    fields = {}
    for name, text in english.items():
        fields |= {f"{name}_en": text, f"{name}_zh_hans": f"{text}中文"}
    return fields


def said(response):
    return [str(message) for message in response.context["messages"]]


def logged(user):
    return [entry.get_change_message() for entry in LogEntry.objects.filter(user=user).order_by("pk")]
