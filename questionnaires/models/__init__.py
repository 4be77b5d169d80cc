from questionnaires.models.actions import Action
from questionnaires.models.assessments import Answer, AnswerChange, Assessment, FactAnswer
from questionnaires.models.duties import Contradiction, Duty, DutyCitation
from questionnaires.models.edits import Edit
from questionnaires.models.imports import PendingImport
from questionnaires.models.instruments import Instrument, Jurisdiction, LegalForce, Provision, Stage, Verification
from questionnaires.models.notices import DueNotice
from questionnaires.models.question_sets import QuestionSet, Version
from questionnaires.models.renderings import Rendering
from questionnaires.models.report_figures import ReportFigure, ReportGap
from questionnaires.models.report_settings import Confidentiality, Logo, OptionalPart, ReportSettings
from questionnaires.models.reports import Report, ReportFile, ReportLanguage
from questionnaires.models.version_parts import (
    AnswerLevel,
    AnswerScale,
    Citation,
    Fact,
    FactChoice,
    Outcome,
    Question,
    Section,
    Severity,
)

__all__ = [
    "Action",
    "Answer",
    "AnswerChange",
    "AnswerLevel",
    "AnswerScale",
    "Assessment",
    "Citation",
    "Confidentiality",
    "Contradiction",
    "DueNotice",
    "Duty",
    "DutyCitation",
    "Edit",
    "Fact",
    "FactAnswer",
    "FactChoice",
    "Instrument",
    "Jurisdiction",
    "LegalForce",
    "Logo",
    "OptionalPart",
    "Outcome",
    "PendingImport",
    "Provision",
    "Question",
    "QuestionSet",
    "Rendering",
    "Report",
    "ReportFigure",
    "ReportFile",
    "ReportGap",
    "ReportLanguage",
    "ReportSettings",
    "Section",
    "Severity",
    "Stage",
    "Verification",
    "Version",
]
