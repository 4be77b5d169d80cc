from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Organisation


class OrganisationSignupForm(forms.Form):
    """What allauth's sign-up form asks beside e-mail and password."""

    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        help_text=_("Your assessments and reports belong to it. Nobody outside it sees them."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ["organisation", "email", "password1", "password2"]

    def signup(self, request, user):
        user.language = get_language()
        user.save(update_fields=["language"])
        Organisation.found(self.cleaned_data["organisation"], by=user)
