"""New parts: what they are until somebody says more."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questionnaires.admin.parts import is_ref
from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Contradiction,
    Duty,
    Fact,
    FactChoice,
    Instrument,
    Provision,
    Question,
    Section,
    Version,
)
from questionnaires.models.edits import KINDS

# An instrument or a provision belongs to no draft: it is kept from respondents until somebody has verified it.
_DEFAULTS = {
    Question: {"severity": "medium"},
    AnswerLevel: {"outcome": "partly_met", "score": "0.5"},
    Fact: {"kind": Fact.Kind.YES_NO},
    Duty: {"rhythm": Duty.Rhythm.EVERY, "count": 1, "unit": Duty.Unit.YEARS},
    Instrument: {"legal_force": "law", "verification": "withheld"},
    Provision: {"verification": "withheld"},
}
ADDED = (Section, Question, AnswerScale, AnswerLevel, Fact, FactChoice, Duty, Contradiction, Instrument, Provision)


class AddForm(forms.Form):
    """The one thing that a new part needs: a ref that is free."""

    ref = forms.CharField(label=gettext_lazy("ref"), max_length=100, validators=[is_ref])

    def __init__(self, data=None, *, version: Version, model: type[Model], parent: Model | None):
        super().__init__(data, initial={"ref": _suggestion(model, parent)}, prefix="new")
        self.version, self.model, self.parent = version, model, parent
        if model is Instrument:
            self.fields["ref"].label = _("slug")

    def clean(self):
        cleaned = super().clean()
        if self.model is Question and not self.version.scales.exists():
            raise ValidationError(_("Add an answer scale first: a question needs one."))
        ref = cleaned.get("ref")
        if ref and self.model._base_manager.filter(**self._identity(ref)).exists():
            self.add_error("ref", _("“%(ref)s” is taken in this version.") % {"ref": ref})
        return cleaned

    def _identity(self, ref: str) -> dict:
        """What has to be unlike every other row's."""
        if self.model is Instrument:
            return {"slug": ref}
        if self.model is Provision:
            return {"key": f"{self.parent.slug}/{ref}"}
        kind = KINDS[self.model._meta.model_name]
        is_of_version = kind.version == "version_id"
        return {"ref": ref} | ({"version": self.version} if is_of_version else {kind.parent: self.parent})

    @property
    def part(self) -> Model:
        """The row to be added, at the end of its siblings."""
        kind = KINDS[self.model._meta.model_name]
        fields = self._identity(self.cleaned_data["ref"]) | _DEFAULTS.get(self.model, {})
        if kind.parent:
            fields |= {kind.parent: self.parent, "position": None}
        if self.model is Instrument:
            fields |= {"organisation": self.version.question_set.organisation}
        if self.model is Question:
            fields |= {"scale": self.version.scales.order_by("position", "pk").first()}
        return self.model(**fields)


def _suggestion(model: type[Model], parent: Model | None) -> str:
    """Questions of a section mostly share the beginning of their refs."""
    if model is not Question:
        return ""
    last = parent.questions.order_by("position", "pk").last()
    beginning = last.ref.rpartition(".")[0] if last else parent.ref
    return f"{beginning}." if beginning else ""
