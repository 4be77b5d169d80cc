"""Cards: the columns of a part that are edited and saved together, mostly one.

A card posts its columns with the revision that it showed, and gets back the line under it. A draft may be incomplete:
an empty text is counted as missing and keeps the version from being published, but it is saved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from questionnaires import applicability
from questionnaires.admin.missing_translations import SUFFIXES
from questionnaires.admin.parts import is_ref
from questionnaires.models import AnswerLevel, Duty, Instrument, Provision, Version
from questionnaires.models.editing import Stale
from questionnaires.models.edits import KINDS, columns_of, kind_of
from questionnaires.models.version_parts import faults_of

TIMING = ("rhythm", "day", "month", "day_of_month", "count", "unit")
DATES = ("in_force_from", "in_force_until")
WEIGHTS = ("weight_critical", "weight_high", "weight_medium", "weight_low")
# Per kind its cards in order: a translated text becomes one card per language, a tuple is one card of several columns.
LAYOUT: Mapping[str, tuple[str | tuple[str, ...], ...]] = {
    "version": (WEIGHTS,),
    "section": ("ref", "title", "intro"),
    "question": ("ref", "severity", "scale", "text", "group", "applies_if", "why", "evidence", "remediation"),
    "answerscale": ("ref", "title"),
    "answerlevel": ("ref", "outcome", "score", "label", "description"),
    "fact": ("ref", "kind", "text", "help"),
    "factchoice": ("ref", "label"),
    "duty": ("ref", "title", "text", TIMING, "event", "applies_if"),
    "contradiction": ("ref", "holds_if", "text"),
    "instrument": (
        *("legal_force", "jurisdiction", "stage", "verification", ("issued_on", *DATES), "superseded_by"),
        *("short_title", "title", "issuer", "number", "source", "note"),
    ),
    "provision": (
        "verification",
        "is_derived",
        DATES,
        "superseded_by",
        "ref",
        "statement",
        "binds",
        "change_note",
        "note",
    ),
}
EXPRESSIONS = ("applies_if", "holds_if")
_SHORT = 60  # characters up to which a text is one line


@dataclass(frozen=True, slots=True)
class Save:
    """What stands under a card: nothing yet, saved, invalid, conflict, or closed by a publication."""

    revision: int
    state: str = ""
    time: str = ""
    errors: tuple[str, ...] = ()
    theirs: str = ""
    theirs_by: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    part: Model
    name: str
    form: "CardForm"
    url: str
    save: Save
    is_editing: bool
    language: str = ""  # code of the language of its text; empty: not a text
    is_missing: bool = False

    @property
    def id(self) -> str:
        return f"{kind_of(self.part).name}-{self.part.pk}-{self.name}"

    @property
    def is_expression(self) -> bool:
        return self.name in EXPRESSIONS

    @property
    def language_name(self) -> str:
        return get_language_info(self.language)["name_local"] if self.language else ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cards side by side: a text in each language, or short fields."""

    label: str
    cards: list[Card] = field(default_factory=list)

    @property
    def is_text(self) -> bool:
        return bool(self.cards[0].language)


@cache
def card_columns(kind: str) -> Mapping[str, tuple[str, ...]]:
    """The columns of each card, by its name."""
    model = KINDS[kind].model
    found: dict[str, tuple[str, ...]] = {}
    for entry in LAYOUT[kind]:
        if isinstance(entry, tuple):
            found[entry[0]] = entry
        elif f"{entry}_{SUFFIXES[0]}" in columns_of(model):
            found |= {f"{entry}_{suffix}": (f"{entry}_{suffix}",) for suffix in SUFFIXES}
        else:
            found[entry] = (entry,)
    return found


class CardForm(forms.Form):
    """The columns of one card; `seen` is the revision that it showed."""

    def __init__(self, data=None, *, part: Model, columns: tuple[str, ...], is_editing: bool = True):
        super().__init__(data, prefix=f"{kind_of(part).name}-{part.pk}")
        self.part, self.columns = part, columns
        self.fields = {column: _field(part, column) for column in columns}
        for column, own in self.fields.items():
            own.disabled = not is_editing
            self.initial[column] = _initial(part, column)
        self.fields["seen"] = forms.IntegerField(min_value=1, max_value=2**31 - 1)

    @property
    def values(self) -> dict:
        return {column: self.cleaned_data[column] for column in self.columns}

    @property
    def seen_or_stored(self) -> int:
        return self.cleaned_data.get("seen") or self.part.revision

    @property
    def inputs(self):
        return [self[column] for column in self.columns]

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            for error in _faults(self.part, {column: cleaned[column] for column in self.columns}):
                self.add_error(None, error)
        return cleaned


def _initial(part: Model, column: str):
    value = getattr(part, column)
    if column == "superseded_by":
        return getattr(value, kind_of(part).ref, "")
    return value.pk if isinstance(value, Model) else value


def _field(part: Model, column: str) -> forms.Field:
    kind = kind_of(part)
    stored = kind.model._meta.get_field(column)
    if column == "scale":
        scales = part.version.scales.all()
        return forms.ModelChoiceField(scales, label=stored.verbose_name, empty_label=None)
    if column == "superseded_by":
        hint = gettext_lazy("Its slug or key; empty: nothing.")
        return _Named(kind, required=False, label=stored.verbose_name, help_text=hint)
    own = stored.formfield()
    if hasattr(stored, "translated_field") or stored.name in EXPRESSIONS:
        own.required = False
    if column == "ref" and kind.name != "provision":
        own.validators.append(is_ref)
    if isinstance(part, AnswerLevel) and column == "score":
        own.validators += [MinValueValidator(0), MaxValueValidator(1)]
    if isinstance(part, Version):
        own.validators.append(MinValueValidator(0.01))
    own.widget = _widget(stored, own)
    return own


def _widget(stored: models.Field, own: forms.Field) -> forms.Widget:
    attributes = {"lang": stored.language} if hasattr(stored, "translated_field") else {}
    if isinstance(own, forms.DateField):
        return forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    if stored.name in EXPRESSIONS:
        return forms.Textarea({"rows": 2, "spellcheck": "false", "data-expression": ""})
    is_long = isinstance(stored, models.TextField) or (stored.max_length or 0) > _SHORT
    if isinstance(own, forms.CharField) and not isinstance(own, forms.ChoiceField) and attributes and is_long:
        lines = 3 if isinstance(stored, models.TextField) else 1
        limit = {"maxlength": stored.max_length} if stored.max_length else {}
        return forms.Textarea({"rows": lines, **attributes, **limit})
    own.widget.attrs |= attributes
    return own.widget


class _Named(forms.CharField):
    """Another row of the kind, by its slug or key."""

    def __init__(self, kind, **options):
        super().__init__(**options)
        self.kind = kind

    def clean(self, value):
        name = super().clean(value)
        if not name:
            return None
        found = self.kind.model._base_manager.filter(**{self.kind.ref: name}).first()
        if found is None:
            raise ValidationError(_("“%(name)s” is not there.") % {"name": name})
        return found


def _faults(part: Model, values: Mapping) -> Iterator[str | dict]:
    """What cannot be stored, or makes no sense even in a draft."""
    kind = kind_of(part)
    if "ref" in values and kind.parent and kind.name != "provision":
        siblings = (
            {"version": part.version} if hasattr(part, "version_id") else {kind.parent: getattr(part, kind.parent)}
        )
        if kind.model._base_manager.filter(ref=values["ref"], **siblings).exclude(pk=part.pk).exists():
            yield _("“%(ref)s” is taken in this version.") % {"ref": values["ref"]}
    for name in EXPRESSIONS:
        if values.get(name):
            yield from faults_of(values[name], comparable(part.version, name))
    if (
        values.get("in_force_from")
        and values.get("in_force_until")
        and values["in_force_from"] > values["in_force_until"]
    ):
        yield _("The last day in force is before the first.")
    if isinstance(part, Instrument | Provision) and (successor := values.get("superseded_by")):
        if successor == part:
            yield _("It cannot supersede itself.")
        elif _owner(successor) not in (None, _owner(part)):
            yield _("What one organisation has for itself cannot supersede this.")
    if "rhythm" in values:
        faults = Duty(**values).timing_faults()
        yield from (fault for name, fault in faults.items() if name != "event")  # the event is a card of its own


def _owner(row: Instrument | Provision) -> int | None:
    return row.instrument.organisation_id if isinstance(row, Provision) else row.organisation_id


def comparable(version: Version, name: str) -> applicability.FactTypes:
    """What an expression of that column may name."""
    return version.fact_types if name == "applies_if" else version.fact_and_question_types


# --- what a page shows ------------------------------------------------------------------------------------------------


def rows_of(part: Model, *, url, is_editing: bool) -> list[Row]:
    """All cards of a part in rows: short fields first, then every text with its languages side by side.

    `url(name)` is the address of the card of that name.
    """
    by_label: dict[str, Row] = {}
    for name in card_columns(kind_of(part).name):
        card = card_of(part, name, url=url(name), is_editing=is_editing)
        row = by_label.setdefault(_row_label(part, name), Row(_row_label(part, name)))
        row.cards.append(card)
    return list(by_label.values())


def _row_label(part: Model, name: str) -> str:
    stored = part._meta.get_field(name)
    return str(getattr(stored, "translated_field", stored).verbose_name)


def card_of(part: Model, name: str, *, url: str, is_editing: bool, save: Save | None = None, form=None) -> Card:
    columns = card_columns(kind_of(part).name)[name]
    stored = part._meta.get_field(name)
    form = form or CardForm(part=part, columns=columns, is_editing=is_editing)
    language = getattr(stored, "language", "")
    return Card(
        part=part,
        name=name,
        form=form,
        url=url,
        save=save or Save(part.revision),
        is_editing=is_editing,
        language=language,
        is_missing=bool(language) and is_missing(part, stored),
    )


def is_missing(part: Model, stored: models.Field) -> bool:
    """Whether this text is wanted and empty: a required one, or one that the other language has."""
    if getattr(part, stored.name):
        return False
    name = stored.translated_field.name
    return not stored.translated_field.blank or any(getattr(part, f"{name}_{suffix}") for suffix in SUFFIXES)


def saved(part: Model) -> Save:
    return Save(part.revision, "saved", time=time_format(timezone.localtime(), "H:i"))


def invalid(form: CardForm) -> Save:
    errors = [error for name, found in form.errors.items() if name != "seen" for error in found]
    return Save(form.seen_or_stored, "invalid", errors=tuple(errors or [_("The page is out of date: reload it.")]))


def conflict(form: CardForm, stale: Stale) -> Save:
    """Their version, to stand beside one's own."""
    last = next((edit for edit in reversed(stale.edits) if edit.field in form.columns), None)
    theirs = " · ".join(_shown(stale.current, column) for column in form.columns)
    return Save(
        stale.current.revision,
        "conflict",
        time=time_format(timezone.localtime(last.at), "H:i") if last else "",
        theirs=theirs,
        theirs_by=str(last.by) if last and last.by else _("somebody"),
    )


def _shown(part: Model, column: str) -> str:
    """A stored value as a person reads it."""
    if hasattr(part, f"get_{column}_display"):
        return str(getattr(part, f"get_{column}_display")())
    value = getattr(part, column)
    return _("(empty)") if value in (None, "") else str(value)
