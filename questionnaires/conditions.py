"""Expressions over facts in words of the language in use: "3 is “Yes”", for whoever reads a form on paper."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from questionnaires.applicability import And, Comparison, Expression, Not, Or


@dataclass(frozen=True, slots=True)
class FactWords:
    """How a fact is called, and its values by their refs."""

    name: str
    values: Mapping[str, str]


def in_words(expression: Expression, facts: Mapping[str, FactWords]) -> str:
    match expression:
        case Comparison():
            return _comparison(expression, facts)
        case Not(operand):
            return _("not (%(condition)s)") % {"condition": in_words(operand, facts)}
        case And(operands):
            return _(" and ").join(_bracketed(operand, facts) for operand in operands)
        case Or(operands):
            return _(" or ").join(_bracketed(operand, facts) for operand in operands)


def _bracketed(operand: Expression, facts: Mapping[str, FactWords]) -> str:
    words = in_words(operand, facts)
    return f"({words})" if isinstance(operand, And | Or) else words


def _comparison(comparison: Comparison, facts: Mapping[str, FactWords]) -> str:
    fact = facts.get(comparison.fact, FactWords(comparison.fact, {}))
    values = [_("“%(value)s”") % {"value": fact.values.get(value, value)} for value in comparison.values]
    sentences = {
        "==": _("%(fact)s is %(value)s"),
        "!=": _("%(fact)s is not %(value)s"),
        "in": _("%(fact)s is one of %(value)s"),
        "has": _("%(fact)s includes %(value)s"),
        ">=": _("%(fact)s is %(value)s or more"),
        ">": _("%(fact)s is more than %(value)s"),
        "<=": _("%(fact)s is %(value)s or less"),
        "<": _("%(fact)s is less than %(value)s"),
    }
    return sentences[comparison.operator] % {"fact": fact.name, "value": _(", ").join(values)}
