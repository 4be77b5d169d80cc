"""A version as a form to print and fill in by hand: every question with the condition under which it is asked.

PDF/UA-1, in English, Chinese or both. A form that was printed before comes from the cache.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from questionnaires import applicability, content
from questionnaires.conditions import FactWords, in_words
from questionnaires.exporting import version_content
from questionnaires.models import Provision, ReportLanguage, Verification, Version

PRESS = Path(__file__).parent / "reporting" / "form_press.py"
STYLESHEET = "questionnaires/form.css"
FONTS = "questionnaires/fonts/fonts.conf"
KEPT_FOR = 30 * 24 * 3600  # seconds
LONGEST = 100  # seconds that printing may take: less than a request may (docs/deployment.md)

Said = tuple[tuple[str, str], ...]  # in each language of the form: its tag and the text
_TAGS = {"en": "en", "zh-hans": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class FormFact:
    number: str
    text: Said
    help: Said
    is_many: bool
    is_short: bool
    options: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class FormQuestion:
    number: str
    group: Said
    text: Said
    condition: Said
    levels: tuple[Said, ...]
    why: Said
    evidence: Said
    citations: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class FormSection:
    number: int
    title: Said
    intro: Said
    questions: tuple[FormQuestion, ...]


@dataclass(frozen=True, slots=True)
class FormScale:
    title: Said
    levels: tuple[tuple[Said, Said], ...]


@dataclass(frozen=True, slots=True)
class Form:
    tag: str
    is_both: bool
    document_title: str
    title: Said
    description: Said
    edition: Said
    words: Mapping[str, Said]
    facts: tuple[FormFact, ...]
    scales: tuple[FormScale, ...]
    sections: tuple[FormSection, ...]


def form_pdf(version: Version, language: str) -> bytes:
    """The form in a ReportLanguage; a draft is marked as one."""
    html = render_to_string("forms/blank.html", {"form": form_of(version, language)})
    stylesheet = Path(finders.find(STYLESHEET))
    said = f"{stylesheet.read_text()}{PRESS.read_text()}{html}"
    key = f"form-{hashlib.sha256(said.encode()).hexdigest()}"
    pages = caches["parts"].get(key)
    if pages is None:
        pages = _printed(html, stylesheet)
        caches["parts"].set(key, pages, KEPT_FOR)
    return pages


def _printed(html: str, stylesheet: Path) -> bytes:
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32]
    run = subprocess.run(
        [sys.executable, "-m", "questionnaires.reporting.form_press", str(stylesheet), identifier],
        cwd=settings.BASE_DIR,
        input=html.encode(),
        env={**os.environ, "FONTCONFIG_FILE": str(finders.find(FONTS))},
        capture_output=True,
        timeout=LONGEST,
        check=True,
    )
    return run.stdout


def form_of(version: Version, language: str) -> Form:
    """What the form says, as plain values: the queries of exporting.version_content and one more."""
    says = _Speaker(["en", "zh-hans"] if language == ReportLanguage.BOTH else [language])
    said = version_content(version)
    numbers = {fact.ref: f"F{number}" for number, fact in enumerate(said.facts, start=1)}
    title = says.text(said.title)
    return Form(
        tag=_TAGS[says.languages[0]],
        is_both=len(says.languages) > 1,
        document_title=f"{title[0][1]}: {says.words(lambda: _('blank form'))[0][1]}",
        title=title,
        description=says.text(said.description),
        edition=says.words(lambda: _edition(version)),
        words=_words(says),
        facts=tuple(_fact(says, fact, numbers[fact.ref]) for fact in said.facts),
        scales=tuple(
            FormScale(
                says.text(scale.title),
                tuple((says.text(level.label), says.text(level.description)) for level in scale.levels),
            )
            for scale in said.scales
        ),
        sections=tuple(_sections(says, said, numbers)),
    )


class _Speaker:
    """Says a thing in the languages of the form; what a draft has in one language alone, in that."""

    def __init__(self, languages: list[str]) -> None:
        self.languages = languages

    def words(self, speak: Callable[[], str]) -> Said:
        found = []
        for language in self.languages:
            with override(language):
                found.append((_TAGS[language], str(speak())))
        return tuple(found)

    def text(self, text: content.Text) -> Said:
        by_language = {"en": text.en, "zh-hans": text.zh}
        found = tuple((_TAGS[language], by_language[language]) for language in self.languages if by_language[language])
        return found or tuple((_TAGS[language], words) for language, words in by_language.items() if words)


def _edition(version: Version) -> str:
    words = {"n": version.number}
    if not version.is_published:
        return _("Version %(n)d, a draft: not to be filled in") % words
    return _("Version %(n)d, published %(day)s") % {**words, "day": version.published_at.date().isoformat()}


def _words(says: _Speaker) -> dict[str, Said]:
    return {
        "brand": says.words(lambda: _("A form to print and fill in by hand")),
        "organisation": says.words(lambda: _("Organisation")),
        "deployment": says.words(lambda: _("Deployment")),
        "as_of": says.words(lambda: _("As-of date")),
        "filled_in": says.words(lambda: _("Filled in by, on")),
        "how": says.words(lambda: _("How to fill it in")),
        "how_facts": says.words(
            lambda: _("Answer the facts first. They decide which questions apply: each question names its condition.")
        ),
        "how_levels": says.words(
            lambda: _("Tick one box for each question that applies. Where it does not apply to you, say why.")
        ),
        "how_notes": says.words(lambda: _("Note the proof that you have, and where it is kept.")),
        "scales": says.words(lambda: _("What the levels mean")),
        "facts": says.words(lambda: _("Facts about the deployment")),
        "one": says.words(lambda: _("Tick one.")),
        "many": says.words(lambda: _("Tick all that hold.")),
        "asked_when": says.words(lambda: _("Asked when")),
        "not_applicable": says.words(lambda: _("Not applicable, because:")),
        "why": says.words(lambda: _("Why it is asked")),
        "evidence": says.words(lambda: _("What counts as evidence")),
        "rests_on": says.words(lambda: _("Rests on")),
        "notes": says.words(lambda: _("Notes and evidence:")),
        "disclaimer": says.words(lambda: _("This form is for self-assessment. It is no legal advice.")),
    }


def _fact(says: _Speaker, fact: content.Fact, number: str) -> FormFact:
    if fact.kind is applicability.FactKind.YES_NO:
        options = (says.words(lambda: _("Yes")), says.words(lambda: _("No")))
    else:
        options = tuple(says.text(choice.label) for choice in fact.choices)
    return FormFact(
        number,
        says.text(fact.text),
        says.text(fact.help),
        is_many=fact.kind is applicability.FactKind.CHOICES,
        is_short=fact.kind is applicability.FactKind.YES_NO,
        options=options,
    )


def _sections(says: _Speaker, said: content.Version, numbers: Mapping[str, str]) -> Iterator[FormSection]:
    scales = {scale.ref: tuple(says.text(level.label) for level in scale.levels) for scale in said.scales}
    provisions = _provisions(says, {key for question in said.questions for key in question.citations})
    conditions = _Conditions(says, said.facts, numbers)
    for at, section in enumerate(said.sections, start=1):
        group, questions = content.EMPTY, []
        for number, question in enumerate(section.questions, start=1):
            questions.append(
                FormQuestion(
                    number=f"{at}.{number}",
                    group=says.text(question.group) if question.group != group else (),
                    text=says.text(question.text),
                    condition=conditions.said(question.applies_if),
                    levels=scales[question.scale],
                    why=says.text(question.why),
                    evidence=says.text(question.evidence),
                    citations=tuple(provisions[key] for key in question.citations if key in provisions),
                )
            )
            group = question.group
        yield FormSection(at, says.text(section.title), says.text(section.intro), tuple(questions))


class _Conditions:
    """Conditions in words, with facts by their number and their text."""

    def __init__(self, says: _Speaker, facts: tuple[content.Fact, ...], numbers: Mapping[str, str]) -> None:
        self.says = says
        self.facts = {
            language: {fact.ref: self._words(fact, numbers[fact.ref], language) for fact in facts}
            for language in says.languages
        }

    def said(self, applies_if: str) -> Said:
        """Empty where it is always asked; what cannot be read, as a draft's may be, as it stands."""
        try:
            expression = applicability.parse(applies_if)
        except applicability.ExpressionError:
            return (("en", applies_if),)
        if expression is None:
            return ()
        found = []
        for language in self.says.languages:
            with override(language):
                found.append((_TAGS[language], in_words(expression, self.facts[language])))
        return tuple(found)

    def _words(self, fact: content.Fact, number: str, language: str) -> FactWords:
        def one(text: content.Text) -> str:
            return (text.zh or text.en) if language == "zh-hans" else (text.en or text.zh)

        with override(language):
            values = {"yes": str(_("Yes")), "no": str(_("No"))}
            values |= {choice.ref: one(choice.label) for choice in fact.choices}
            return FactWords(_("%(number)s (%(text)s)") % {"number": number, "text": one(fact.text)}, values)


def _provisions(says: _Speaker, keys: set[str]) -> dict[str, Said]:
    """How each that may be shown is cited; what is not verified says so."""
    rows = Provision.objects.shown().filter(key__in=keys).select_related("instrument")
    return {row.key: says.words(lambda row=row: _cited(row)) for row in rows}


def _cited(provision: Provision) -> str:
    cited = _("%(instrument)s, %(ref)s") % {"instrument": provision.instrument.short_title, "ref": provision.ref}
    if provision.verification == Verification.UNVERIFIED:
        return f"{cited} ({Verification.UNVERIFIED.label})"
    return cited
