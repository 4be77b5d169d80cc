"""Which columns stand once per language; read by django-modeltranslation at start."""

from modeltranslation.translator import TranslationOptions, register

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
    QuestionSet,
    Section,
)


@register(Instrument)
class InstrumentTranslation(TranslationOptions):
    fields = ("title", "short_title", "issuer", "number", "source", "note")


@register(Provision)
class ProvisionTranslation(TranslationOptions):
    fields = ("ref", "statement", "binds", "change_note", "note")


@register(QuestionSet)
class QuestionSetTranslation(TranslationOptions):
    fields = ("title", "description")


@register(Section)
class SectionTranslation(TranslationOptions):
    fields = ("title", "intro")


@register(Question)
class QuestionTranslation(TranslationOptions):
    fields = ("group", "text", "why", "evidence", "remediation")


@register(AnswerScale)
class AnswerScaleTranslation(TranslationOptions):
    fields = ("title",)


@register(AnswerLevel)
class AnswerLevelTranslation(TranslationOptions):
    fields = ("label", "description")


@register(Fact)
class FactTranslation(TranslationOptions):
    fields = ("text", "help")


@register(FactChoice)
class FactChoiceTranslation(TranslationOptions):
    fields = ("label",)


@register(Duty)
class DutyTranslation(TranslationOptions):
    fields = ("title", "text", "event")


@register(Contradiction)
class ContradictionTranslation(TranslationOptions):
    fields = ("text",)
