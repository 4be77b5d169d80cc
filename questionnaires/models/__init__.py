from questionnaires.models.assessments import Answer, AnswerChange, Assessment, FactAnswer
from questionnaires.models.instruments import Instrument, LegalForce, Provision, Stage, Verification
from questionnaires.models.question_sets import (
    AnswerLevel,
    AnswerScale,
    Citation,
    Fact,
    FactChoice,
    Outcome,
    Question,
    QuestionSet,
    Section,
    Severity,
    Version,
)
from questionnaires.models.reports import Report, ReportFile, ReportLanguage

__all__ = [
    "Answer",
    "AnswerChange",
    "AnswerLevel",
    "AnswerScale",
    "Assessment",
    "Citation",
    "Fact",
    "FactAnswer",
    "FactChoice",
    "Instrument",
    "LegalForce",
    "Outcome",
    "Provision",
    "Question",
    "QuestionSet",
    "Report",
    "ReportFile",
    "ReportLanguage",
    "Section",
    "Severity",
    "Stage",
    "Verification",
    "Version",
]
