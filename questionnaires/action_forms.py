"""What people type about actions and paths: one action, a filter of a list, a goal, steps to be planned."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from frcheck.accounts.models import Organisation, User
from questionnaires.forms import REVISION_LIMIT, TextField
from questionnaires.models import Action, QuestionSet
from questionnaires.models.assessments import NOTE_LENGTH
from questionnaires.models.version_parts import REF_LENGTH
from questionnaires.planning import Goal
from questionnaires.portfolios import Choice

# A gap's effort where no action says it: person-days.
SIZES = (("S", Decimal(1)), ("M", Decimal(3)), ("L", Decimal(10)), ("XL", Decimal(30)))
DEFAULT_SIZE = "M"
NEVER = "never"  # the gap cannot be closed


class ActionForm(forms.ModelForm):
    """What is planned about one gap. `revision` is the one the page showed; `keep` that which “Keep mine” replaces."""

    revision = forms.IntegerField(min_value=1, max_value=REVISION_LIMIT, widget=forms.HiddenInput)
    keep = forms.IntegerField(required=False, min_value=1, max_value=REVISION_LIMIT, widget=forms.HiddenInput)
    comment = TextField(
        required=False, max_length=NOTE_LENGTH, label=_("Comment"), widget=forms.Textarea(attrs={"rows": 4})
    )

    class Meta:
        model = Action
        fields = ["title", "owner", "due_on", "effort_days", "status", "comment"]
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2}),
            "due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "effort_days": forms.NumberInput(attrs={"min": "0.1", "step": "0.1"}),
        }
        help_texts = {
            "owner": _("A member of the organisation; reminders by e-mail go to this person."),
            "status": _("“Done” closes no gap: that takes a changed answer."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        members = Q(memberships__organisation=self.instance.organisation_id)
        self.fields["owner"].queryset = (
            User.objects.filter(members | Q(pk=self.instance.owner_id)).distinct().order_by("email")
        )
        self.fields["owner"].empty_label = _("Nobody yet")
        self.fields["revision"].initial = self.instance.revision
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.render_hidden_fields = False

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())

    @property
    def seen(self) -> int:
        return self.cleaned_data["keep"] or self.cleaned_data["revision"]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ActionStatusForm(forms.Form):
    status = forms.ChoiceField(choices=Action.Status)
    revision = forms.IntegerField(min_value=1, max_value=REVISION_LIMIT)


class ActionFilterForm(forms.Form):
    """Which actions a list shows, from its address; what is no choice is passed over."""

    NOBODY, UNDER_WAY = "nobody", "under-way"

    owner = forms.ChoiceField(required=False, label=pgettext_lazy("of an action", "Owner"))
    status = forms.ChoiceField(required=False, label=_("Status"))
    overdue = forms.BooleanField(required=False, label=_("Overdue only"))
    sort = forms.ChoiceField(
        required=False,
        label=_("Sort by"),
        choices=[
            ("due", _("Due date")),
            ("owner", pgettext_lazy("of an action", "Owner")),
            ("status", _("Status")),
            ("effort", _("Effort")),
        ],
    )

    def __init__(self, data: Mapping[str, Any], *, organisation: Organisation | None, user):
        super().__init__(data)
        if organisation:
            members = User.objects.filter(memberships__organisation=organisation)
        else:
            members = User.objects.filter(pk=user.pk)
        people = [(str(member.pk), str(member)) for member in members.order_by("email")]
        self.fields["owner"].choices = [("", _("Anybody")), *people, (self.NOBODY, _("Nobody"))]
        self.fields["status"].choices = [
            ("", _("Any")),
            (self.UNDER_WAY, _("To do or doing")),
            *Action.Status.choices,
        ]
        self.is_valid()

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    @property
    def is_filtered(self) -> bool:
        return any(value for name, value in self.chosen.items() if name != "sort")

    @property
    def takes_everything(self) -> bool:
        """In order of days and nothing left out: where the duties of the law belong, too."""
        return not self.is_filtered and self.chosen["sort"] in ("", "due")


class GoalForm(forms.Form):
    """What the cheapest path is to reach, from its address; `s2.4` is the effort of the gap of that number."""

    clears_binding = forms.BooleanField(required=False, label=_("Clear every binding duty that is not or partly met"))
    overall = forms.IntegerField(required=False, min_value=1, max_value=100, label=_("Overall score of at least"))
    binding = forms.IntegerField(
        required=False, min_value=1, max_value=100, label=_("Score of binding duties of at least")
    )

    def size_of(self, number: str) -> str:
        """The size chosen; the default where none is, or none that there is."""
        size = self.data.get(f"s{number}", "")
        return size if size in (NEVER, *dict(SIZES)) else DEFAULT_SIZE

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not any(cleaned.get(name) for name in ("clears_binding", "overall", "binding")):
            raise ValidationError(_("Choose what is to be reached."))
        return cleaned

    @property
    def goal(self) -> Goal:
        data = self.cleaned_data
        return Goal(
            clears_binding=data["clears_binding"],
            overall=Decimal(data["overall"]) / 100 if data["overall"] else None,
            binding=Decimal(data["binding"]) / 100 if data["binding"] else None,
        )


class StepsForm(forms.Form):
    """Steps of a path, as `2.4=3.0`: the number of the question, and person-days."""

    def __init__(self, data, *, numbers: Mapping[str, str]):
        super().__init__(data)
        self.numbers = numbers
        self.given = data.getlist("step")

    def clean(self):
        days = Action._meta.get_field("effort_days")
        self.steps = {}
        for step in self.given:
            number, _equals, effort = step.partition("=")
            if number not in self.numbers:
                raise ValidationError(_("This is no question of the assessment."))
            self.steps[self.numbers[number]] = days.clean(effort, None)
        return super().clean()


class PortfolioForm(forms.Form):
    """What the portfolio shows, from its address; what is no choice is passed over."""

    organisation = forms.ChoiceField(required=False, label=_("Organisation"))
    question_set = forms.ChoiceField(required=False, label=_("Question set"))
    name = forms.CharField(required=False, max_length=200, label=_("Name contains"))
    by = forms.ChoiceField(
        required=False,
        label=_("Columns"),
        choices=[("legal_force", _("Legal force")), ("instrument", _("Instrument")), ("section", _("Topic"))],
    )
    sort = forms.ChoiceField(
        required=False,
        label=_("Sort by"),
        choices=[
            ("score", _("Lowest score")),
            ("best", _("Highest score")),
            ("name", _("Name")),
            ("newest", _("Newest")),
        ],
    )
    gap = forms.CharField(required=False, max_length=REF_LENGTH, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any], *, user):
        super().__init__(data)
        organisations = Organisation.objects.filter(memberships__user=user).values_list("pk", "name")
        sets = QuestionSet.objects.filter(versions__assessments__organisation__memberships__user=user).distinct()
        self.fields["organisation"].choices = [("", _("All")), *((str(pk), name) for pk, name in organisations)]
        self.fields["question_set"].choices = [("", _("All")), *((str(s.pk), s.title) for s in sets)]
        if len(organisations) < 2:
            self.fields["organisation"].widget = forms.HiddenInput()
        self.is_valid()

    def _chosen(self, name: str) -> str:
        return self.cleaned_data.get(name, "")

    @property
    def choice(self) -> Choice:
        organisation, question_set = self._chosen("organisation"), self._chosen("question_set")
        return Choice(
            organisation=int(organisation) if organisation else None,
            question_set=int(question_set) if question_set else None,
            name=self._chosen("name"),
            gap=self._chosen("gap"),
        )

    @property
    def kind(self) -> str:
        return self._chosen("by") or "legal_force"

    @property
    def order(self) -> str:
        return self._chosen("sort") or "score"

    @property
    def is_filtered(self) -> bool:
        return any(self._chosen(name) for name in ("organisation", "question_set", "name", "gap"))
