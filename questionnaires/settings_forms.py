"""The settings of an organisation's reports, as its owners and managers type them."""

from crispy_forms.helper import FormHelper
from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from questionnaires.forms import TextField
from questionnaires.logos import NormalisedLogo, normalised_logo
from questionnaires.models import Logo, OptionalPart, ReportSettings
from questionnaires.models.report_settings import COVER_TEXT_LENGTH

_LINES = {"rows": 3}


class ReportSettingsForm(forms.ModelForm):
    """A new logo replaces the old one; parts are ticked that stand in the report, the others are kept as left out."""

    new_logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP of at most 2 MB. It is kept as a PNG of at most 1200 × 600 pixels."),
    )
    no_logo = forms.BooleanField(label=_("Without a logo"), required=False)
    cover_text_en = TextField(
        label=_("Words on the cover, English"),
        required=False,
        max_length=COVER_TEXT_LENGTH,
        widget=forms.Textarea(attrs=_LINES),
    )
    cover_text_zh_hans = TextField(
        label=_("Words on the cover, Chinese"),
        required=False,
        max_length=COVER_TEXT_LENGTH,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("Where one language is missing, its reports show the other one."),
    )
    parts = forms.MultipleChoiceField(
        label=_("Parts of the report"),
        required=False,
        choices=OptionalPart,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Summary, gap register, results and method stand in every report. Parts left out are named in the report."
        ),
    )

    class Meta:
        model = ReportSettings
        fields = ["new_logo", "no_logo", "cover_text_en", "cover_text_zh_hans", "confidentiality", "parts"]

    def __init__(self, *args, **keywords):
        super().__init__(*args, **keywords)
        self.fields["confidentiality"].label = _("Marking")
        self.fields["confidentiality"].help_text = _("It stands on the cover and at the head of every page.")
        self.initial["parts"] = [part for part in OptionalPart.values if part not in self.instance.left_out]
        if not self.instance.logo:
            del self.fields["no_logo"]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean_new_logo(self) -> NormalisedLogo | None:
        file = self.cleaned_data["new_logo"]
        return normalised_logo(file) if file else None

    @transaction.atomic
    def save_by(self, user) -> ReportSettings:
        settings = self.instance
        new = self.cleaned_data["new_logo"]
        if new:
            settings.logo = Logo.keep(settings.organisation, new.png, width=new.width, height=new.height)
        elif self.cleaned_data.get("no_logo"):
            settings.logo = None
        settings.left_out = [part for part in OptionalPart.values if part not in self.cleaned_data["parts"]]
        settings.changed_by = user
        settings.save()
        return settings
