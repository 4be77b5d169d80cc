"""What people type, turned into domain values or into an error beside the field."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Membership, Organisation
from questionnaires.models import (
    Answer,
    AnswerLevel,
    Assessment,
    Fact,
    FactAnswer,
    Instrument,
    Jurisdiction,
    Provision,
    Version,
)
from questionnaires.models.assessments import NOTE_LENGTH

NOT_APPLICABLE = "not-applicable"  # stands among the levels' primary keys
NONE_OF_THESE = "none-of-these"  # stands among a fact's values
REVISION_LIMIT = 2**31 - 2  # the column must hold the next one, too


class TextField(forms.CharField):
    """Several lines. A form sends their ends as CR LF, htmx as LF: the same text must not look changed."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class AnswerForm(forms.Form):
    """One question's inputs; their names carry the question's key as prefix, so that a page may hold many."""

    choice = forms.ChoiceField(required=False)
    justification = TextField(required=False, max_length=NOTE_LENGTH, strip=False)
    note = TextField(required=False, max_length=NOTE_LENGTH, strip=False)
    revision = forms.IntegerField(min_value=0, max_value=REVISION_LIMIT)
    keep = forms.IntegerField(required=False, min_value=1, max_value=REVISION_LIMIT)
    confirm = forms.BooleanField(required=False)  # a carried-over answer holds as it stands

    def __init__(self, data: Mapping[str, Any] | None, *, question_id: int, levels: tuple[AnswerLevel, ...]):
        super().__init__(data, prefix=answer_prefix(question_id))
        self.levels = {str(level.pk): level for level in levels}
        self.fields["choice"].choices = [("", ""), (NOT_APPLICABLE, ""), *((pk, "") for pk in self.levels)]
        self.fields["choice"].error_messages["invalid_choice"] = _("This is no level of this question. Choose one.")
        for name in ("justification", "note"):
            self.fields[name].error_messages["max_length"] = _(
                "This text has %(show_value)d characters, %(limit_value)d at most. It is not saved yet: shorten it."
            )

    @property
    def is_posted(self) -> bool:
        return self.add_prefix("revision") in self.data

    @property
    def answer(self) -> dict[str, Any]:
        """The keywords of Assessment.record_answer, but for who."""
        data = self.cleaned_data
        is_not_applicable = data["choice"] == NOT_APPLICABLE
        return {
            "level": self.levels.get(data["choice"]),
            "is_not_applicable": is_not_applicable,
            "justification": data["justification"].strip(),
            "note": data["note"].strip(),
            # “Keep mine” names the newer revision that it is meant to replace.
            "seen": data["keep"] or data["revision"],
        }

    def differs_from(self, stored: Answer | None) -> bool:
        given = {name: value for name, value in self.answer.items() if name != "seen"}
        if stored is None:
            return any(given.values())
        if self.cleaned_data["confirm"] and not stored.is_confirmed:
            return True
        return given != {
            "level": self.levels.get(str(stored.level_id)),
            "is_not_applicable": stored.is_not_applicable,
            "justification": stored.justification,
            "note": stored.note,
        }


def answer_prefix(question_id: int) -> str:
    return f"q{question_id}"


class FactForm(forms.Form):
    """One fact's inputs, prefixed like those of an answer."""

    revision = forms.IntegerField(min_value=0, max_value=REVISION_LIMIT)
    keep = forms.IntegerField(required=False, min_value=1, max_value=REVISION_LIMIT)

    def __init__(self, data: Mapping[str, Any] | None, *, fact: Fact):
        super().__init__(data, prefix=fact_prefix(fact))
        options = [("", ""), *((ref, label) for ref, label in fact.options)]
        if fact.kind == Fact.Kind.CHOICES:
            self.fields["values"] = forms.MultipleChoiceField(
                required=False, choices=[*options, (NONE_OF_THESE, _("None of these"))]
            )
        else:
            self.fields["values"] = forms.ChoiceField(required=False, choices=options)
        self.fields["values"].error_messages["invalid_choice"] = _("This is no choice of this fact. Choose one.")

    def clean_values(self):
        values = self.cleaned_data["values"]
        values = [values] if isinstance(values, str) else values
        if NONE_OF_THESE in values and len(values) > 1:
            raise ValidationError(_("“None of these” cannot be chosen together with others."))
        return values

    @property
    def is_posted(self) -> bool:
        return self.add_prefix("revision") in self.data

    @property
    def values(self) -> list[str] | None:
        """Chosen refs; None when nothing is chosen, which is no answer."""
        values = [value for value in self.cleaned_data["values"] if value]
        return [] if values == [NONE_OF_THESE] else values or None

    @property
    def seen(self) -> int:
        return self.cleaned_data["keep"] or self.cleaned_data["revision"]

    def differs_from(self, stored: FactAnswer | None) -> bool:
        return sorted(self.values or [""]) != sorted((stored.values if stored else None) or [""]) or (
            (self.values is None) != (stored is None or stored.values is None)
        )


def fact_prefix(fact: Fact) -> str:
    return f"f{fact.pk}"


class InstrumentChoiceField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, instrument: Instrument) -> str:
        return instrument.title

    def clean(self, value):
        try:
            return super().clean(value)
        except OverflowError:  # a number that SQLite cannot even look for
            raise ValidationError(forms.ModelChoiceField.default_error_messages["invalid_choice"]) from None


class CarryFromField(forms.ModelChoiceField):
    def label_from_instance(self, assessment: Assessment) -> str:
        words = [str(assessment.version), _("as of %(day)s") % {"day": assessment.as_of.isoformat()}]
        if assessment.revision > 1:
            words.append(_("revision %(n)s") % {"n": assessment.revision})
        return f"{assessment.name} ({', '.join(words)})"


class AssessmentForm(forms.ModelForm):
    carry_from = CarryFromField(
        queryset=Assessment.objects.none(),
        required=False,
        label=_("Start from an earlier assessment"),
        empty_label=_("No, begin with nothing answered"),
        help_text=_("Its facts and answers come over wherever they are asked for here, too; you confirm each answer."),
    )

    class Meta:
        model = Assessment
        fields = ["organisation", "name", "subject", "as_of", "instruments"]
        field_classes = {"instruments": InstrumentChoiceField}
        widgets = {
            "as_of": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "instruments": forms.CheckboxSelectMultiple,
            "subject": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "name": _("A short name for lists and for the report's cover."),
            "subject": _("Which system, where, for whom: for example “turnstiles at the Shanghai office”."),
            "as_of": _("The rules are taken as they stood, stand or are announced to stand on this day."),
            "instruments": _("Leave out what you do not want to be measured against."),
        }

    def __init__(self, *args, version: Version, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.version = version
        organisations = Organisation.objects.filter(
            memberships__user=user, memberships__role__in=Membership.EDITING_ROLES
        )
        if version.question_set.organisation_id:
            organisations = organisations.filter(pk=version.question_set.organisation_id)
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].empty_label = None
        if len(organisations) == 1:
            self.initial.pop("organisation", None)  # there is no other, whichever was asked for
            self.fields["organisation"].initial = organisations[0]
            self.fields["organisation"].widget = forms.HiddenInput()
        # An earlier revision is offered only to whoever comes from it.
        offered = Q(next_revision__isnull=True) | Q(pk=self.initial.get("carry_from"))
        earlier = Assessment.objects.filter(offered, organisation__in=organisations)
        self.fields["carry_from"].queryset = earlier.select_related("version__question_set").order_by("-created_at")
        self.fields["as_of"].initial = timezone.localdate
        instruments = cited_instruments(version)
        self.fields["instruments"].queryset = instruments
        # Rules of other countries are for those who ask for them.
        self.fields["instruments"].initial = [i.pk for i in instruments if i.jurisdiction == Jurisdiction.CHINA]
        self.fields["instruments"].error_messages["required"] = _("Choose at least one instrument.")
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self):
        cleaned = super().clean()
        source, organisation = cleaned.get("carry_from"), cleaned.get("organisation")
        if source and organisation and source.organisation_id != organisation.pk:
            self.add_error("carry_from", _("This assessment belongs to another of your organisations."))
        return cleaned


class MoveForm(forms.Form):
    """To which version, as the page showed it, and against which instruments."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    instruments = InstrumentChoiceField(
        queryset=Instrument.objects.none(),
        label=_("Instruments"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Ticked are those chosen before, and those of China that the newer version brings."),
        error_messages={"required": _("Choose at least one instrument.")},
    )

    def __init__(self, *args, version: Version, chosen: list[int], **kwargs):
        initial = {"version": version.pk, "instruments": chosen}
        super().__init__(*args, initial=initial, **kwargs)
        self.newest = version
        self.fields["instruments"].queryset = cited_instruments(version)

    def clean_version(self):
        if self.cleaned_data["version"] != self.newest.pk:
            self.data = self.data | {"version": self.newest.pk}  # what is shown now is what the next click means
            raise ValidationError(_("A still newer version was published meanwhile: this is what moving to it means."))
        return self.newest


class CompareForm(forms.Form):
    """What an assessment is compared with: an earlier one, and on which day and version it is taken itself."""

    OFFERED = 200  # assessments; any other is reached from its own pages

    before = CarryFromField(
        queryset=Assessment.objects.none(), to_field_name="uuid", empty_label=None, label=_("Compare with")
    )
    as_of = forms.DateField(
        required=False,
        label=_("Taken on the day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a date such as 2026-01-01.")},
    )
    version = forms.ModelChoiceField(
        queryset=Version.objects.none(), required=False, label=_("Taken on the version"), empty_label=_("Its own")
    )

    def __init__(self, data, *, assessment: Assessment, user):
        given = data.dict()
        if "before" not in given:
            given["before"] = str(assessment.previous.uuid if assessment.previous else assessment.uuid)
        super().__init__(given)
        self.assessment = assessment
        field = self.fields["before"]
        field.queryset = Assessment.objects.visible_to(user).with_version()
        offered = field.queryset.filter(
            Q(series=assessment.series) | Q(organisation=assessment.organisation_id, next_revision__isnull=True)
        ).order_by("-created_at", "-pk")[: self.OFFERED]
        rows = [(str(row.uuid), field.label_from_instance(row)) for row in offered]
        field.widget.choices = rows
        versions = Version.objects.published().filter(question_set=assessment.version.question_set_id)
        self.fields["version"].queryset = versions.select_related("question_set")

    @property
    def compares_two(self) -> bool:
        """False for an assessment with itself, as it is."""
        given = self.cleaned_data
        is_same = given["before"] == self.assessment
        day = given["as_of"] or self.assessment.as_of
        version = given["version"] or self.assessment.version
        return not is_same or day != self.assessment.as_of or version != self.assessment.version


def cited_instruments(version: Version):
    """Instruments that the version cites with a provision that may be shown, oldest first."""
    shown = Provision.objects.shown().filter(instrument=OuterRef("pk"), questions__version=version)
    return Instrument.objects.filter(Exists(shown)).in_order()


MOST_BYTES_TO_VERIFY = 20 * 2**20  # a report of 1,000 questions has a fifth of it
_CODE = re.compile(r"[0-9a-f]{12}|[0-9a-f]{64}")


class VerifyForm(forms.Form):
    """A file, or a code as it is printed: in groups, perhaps with other spaces, or the whole digest."""

    file = forms.FileField(label=_("The PDF, or its data as JSON"), required=False, allow_empty_file=True)
    code = forms.CharField(label=_("Code or digest"), required=False, max_length=200)

    @classmethod
    def refusing(cls, why: str) -> "VerifyForm":
        """A form that says why nothing was checked."""
        form = cls({})
        form.errors.clear()
        form.add_error(None, why)
        return form

    @staticmethod
    def too_large() -> str:
        return _("The file is larger than %(n)d MB: no report is.") % {"n": MOST_BYTES_TO_VERIFY // 2**20}

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES_TO_VERIFY:
            raise ValidationError(self.too_large())
        return file

    def clean_code(self):
        typed = unicodedata.normalize("NFKC", self.cleaned_data["code"])  # full-width digits are digits
        code = re.sub(r"[\s\u00b7.-]", "", typed).lower()
        if code and not _CODE.fullmatch(code):
            raise ValidationError(
                _("A code has 12 characters and a digest 64, each a digit or one of the letters a to f.")
            )
        return code

    def clean(self):
        cleaned = super().clean()
        if not self.errors and bool(cleaned.get("file")) == bool(cleaned.get("code")):
            raise ValidationError(_("Choose a file or enter a code: one of the two."))
        return cleaned
