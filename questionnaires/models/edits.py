"""The history of content: every change to a draft, an instrument or a question set, never changed again."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Field, Model, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from questionnaires.models.duties import Contradiction, Duty, DutyCitation
from questionnaires.models.instruments import Instrument, Provision
from questionnaires.models.question_sets import QuestionSet, Version
from questionnaires.models.version_parts import (
    AnswerLevel,
    AnswerScale,
    Citation,
    Fact,
    FactChoice,
    Question,
    Section,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a model's rows hang together, as lookups from a row.

    `parent` is the foreign key among whose rows `position` counts, `within` the ref of what it is a row of. Exactly one
    of `version`, `instrument` and `question_set` leads to what the history is kept under.
    """

    model: type[Model]
    ref: str = "ref"
    parent: str = ""
    within: str = ""
    version: str = ""
    instrument: str = ""
    question_set: str = ""

    @property
    def name(self) -> str:
        return self.model._meta.model_name

    @property
    def parent_id(self) -> str:
        return f"{self.parent}_id"

    @property
    def rows(self) -> models.QuerySet:
        """All rows, past modeltranslation, which would read and write the columns of the language in use."""
        return models.QuerySet(self.model)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(Section, parent="version", version="version_id"),
        Kind(Question, parent="section", within="section__ref", version="version_id"),
        Kind(Citation, "provision__key", "question", within="question__ref", version="question__version_id"),
        Kind(AnswerScale, parent="version", version="version_id"),
        Kind(AnswerLevel, parent="scale", within="scale__ref", version="scale__version_id"),
        Kind(Fact, parent="version", version="version_id"),
        Kind(FactChoice, parent="fact", within="fact__ref", version="fact__version_id"),
        Kind(Duty, parent="version", version="version_id"),
        Kind(DutyCitation, "provision__key", "duty", within="duty__ref", version="duty__version_id"),
        Kind(Contradiction, parent="version", version="version_id"),
        Kind(Version, "number", version="pk"),
        Kind(Instrument, "slug", instrument="pk"),
        Kind(Provision, "key", "instrument", within="instrument__slug", instrument="instrument_id"),
        Kind(QuestionSet, "slug", question_set="pk"),
    )
}


def kind_of(part: Model | type[Model]) -> Kind:
    return KINDS[part._meta.model_name]


@lru_cache(maxsize=50)
def columns_of(model: type[Model]) -> Mapping[str, Field]:
    """The columns that can be edited, by attribute name (`text_en`, `section_id`); a text has one per language."""
    fields = [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]
    bare = {field.translated_field.name for field in fields if hasattr(field, "translated_field")}
    return {field.attname: field for field in fields if field.name not in bare}


class Edit(models.Model):
    """One thing that was done to one row: `old` and `new` say what, as JSON values.

    change: `field` is a column of columns_of(), `old` and `new` its values.
    add, remove: `new` or `old` holds the whole row, by column.
    move: `field` is the kind's parent; `old` and `new` are {"parent": pk, "order": [pks of the siblings in order]}.

    Rows of one `batch` were done together: one request, one import, one revert; `note` says what it was.
    """

    class Action(models.TextChoices):
        ADD = "add", _("Added")
        CHANGE = "change", _("Changed")
        REMOVE = "remove", _("Removed")
        MOVE = "move", _("Moved")

    batch = models.UUIDField(default=uuid4, editable=False)
    note = models.CharField(max_length=200, blank=True)
    version = models.ForeignKey(Version, models.CASCADE, null=True, related_name="edits")
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, related_name="edits")
    question_set = models.ForeignKey(QuestionSet, models.CASCADE, null=True, related_name="edits")
    kind = models.CharField(max_length=20)  # a key of KINDS
    part_id = models.BigIntegerField()
    revision = models.PositiveIntegerField()  # of the row, once this was done
    ref = models.CharField(_("ref"), max_length=200)
    within = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=10, choices=Action)
    field = models.CharField(max_length=60, blank=True)
    old = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    new = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")
        ordering = ["pk"]
        indexes = [models.Index(fields=["kind", "part_id", "revision"], name="edit_of_part")]
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["add", "change", "remove", "move"]), name="edit_action_known"
            )
        ]

    def __str__(self):
        return f"{self.action} {self.kind} {self.ref} {self.field}".rstrip()

    def value(self, column: str, stored: Any) -> Any:
        """A value of `old` or `new` as the column's own type: a date, a Decimal."""
        return columns_of(KINDS[self.kind].model)[column].to_python(stored)
