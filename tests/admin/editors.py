"""Editors, and what they post: a page's form as it was shown, with changes."""

from django.contrib.admin.models import LogEntry
from django.urls import reverse

from questionnaires.admin.permissions import editors_group
from tests.factories import make_user


def make_editor():
    editor = make_user(is_staff=True)
    editor.groups.add(editors_group())
    return editor


def sign_in_editor(client):
    editor = make_editor()
    client.force_login(editor)
    return editor


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
