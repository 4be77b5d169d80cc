"""Facts and a small expression language that decides which questions apply. Pure: no Django, no I/O.

    expression := or-chain of and-chains of comparisons; `not` and brackets as usual
    comparison := fact == value | fact != value | fact in (value, ...) | fact has value | fact >= value (also > < <=)

Three-valued: while a fact is unanswered a comparison over it is unknown, and an unknown expression keeps its question
asked.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from questionnaires.sentences import Sentence
from questionnaires.sentences import Sentence as _

YES_NO = ("yes", "no")


class FactKind(StrEnum):
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class FactType:
    """What may be compared: `values` in rising order, for the ordered comparisons."""

    kind: FactKind
    values: tuple[str, ...]


FactTypes = Mapping[str, FactType]
FactAnswers = Mapping[str, frozenset[str]]  # an unanswered fact is absent; "none of them" is the empty set


class ExpressionError(ValueError):
    """The expression cannot be read, or names what the version does not have. The fault says what and where."""

    def __init__(self, fault: Sentence) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Comparison:
    fact: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple["Expression", ...]


Expression = Comparison | Not | And | Or


@dataclass(frozen=True, slots=True)
class Verdict:
    """`applies` is None while facts are missing; `facts` are the refs that decided, or that are missing."""

    applies: bool | None
    facts: tuple[str, ...]


ALWAYS = Verdict(applies=True, facts=())

_TOKEN = re.compile(r"\s*(?:(?P<op>==|!=|>=|<=|>|<|\(|\)|,)|(?P<word>[A-Za-z0-9][A-Za-z0-9._/-]*)|(?P<bad>\S))")
_ORDERED = (">=", "<=", ">", "<")


def _tokens(text: str) -> list[tuple[str, int]]:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match["bad"]:
            position = match.start("bad") + 1
            fault = _("unexpected “%(found)s” at character %(position)d", found=match["bad"], position=position)
            raise ExpressionError(fault)
        token = match["op"] or match["word"]
        if token:
            tokens.append((token, match.end() - len(token) + 1))
    return tokens


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def peek(self) -> str | None:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else None

    def fail(self, expected: str) -> ExpressionError:
        if self.at >= len(self.tokens):
            return ExpressionError(_("%(expected)s expected at the end", expected=expected))
        token, position = self.tokens[self.at]
        wording = _("%(expected)s expected at character %(position)d, not “%(found)s”")
        return ExpressionError(_(wording, expected=expected, position=position, found=token))

    def take(self, expected: str) -> None:
        if self.peek() != expected:
            raise self.fail(f"“{expected}”")
        self.at += 1

    def word(self, what: str) -> str:
        token = self.peek()
        if token is None or not token[0].isalnum() or token in ("and", "or", "not", "in", "has"):
            raise self.fail(what)
        self.at += 1
        return token

    def either(self) -> Expression:
        operands = [self.both()]
        while self.peek() == "or":
            self.at += 1
            operands.append(self.both())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def both(self) -> Expression:
        operands = [self.term()]
        while self.peek() == "and":
            self.at += 1
            operands.append(self.term())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def term(self) -> Expression:
        self.depth += 1
        if self.depth > 50:  # Python's own stack is the next limit
            raise ExpressionError(_("more than 50 levels of brackets or “not”"))
        try:
            if self.peek() == "not":
                self.at += 1
                return Not(self.term())
            if self.peek() == "(":
                self.at += 1
                inner = self.either()
                self.take(")")
                return inner
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Comparison:
        fact = self.word(_("a fact"))
        operator = self.peek()
        if operator in ("==", "!=", *_ORDERED, "has"):
            self.at += 1
            return Comparison(fact, operator, (self.word(_("a value")),))
        if operator == "in":
            self.at += 1
            self.take("(")
            values = [self.word(_("a value"))]
            while self.peek() == ",":
                self.at += 1
                values.append(self.word(_("a value")))
            self.take(")")
            return Comparison(fact, "in", tuple(values))
        raise self.fail(_("one of == != >= <= > < in has"))


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression | None:
    """Return the expression, or None for an empty text, which always holds. Raises ExpressionError."""
    if not text.strip():
        return None
    parser = _Parser(text)
    expression = parser.either()
    if parser.at < len(parser.tokens):
        raise parser.fail(_("“and”, “or” or the end"))
    return expression


def comparisons(expression: Expression | None) -> Iterable[Comparison]:
    match expression:
        case None:
            return
        case Comparison():
            yield expression
        case Not(operand):
            yield from comparisons(operand)
        case And(operands) | Or(operands):
            for operand in operands:
                yield from comparisons(operand)


def problems(text: str, facts: FactTypes) -> list[Sentence]:
    """What is wrong with an expression, one sentence each; empty when it can be used."""
    try:
        expression = parse(text)
    except ExpressionError as e:
        return [e.fault]
    found = []
    for c in comparisons(expression):
        fact = facts.get(c.fact)
        if fact is None:
            wording = _("unknown fact “%(fact)s”; known are: %(known)s")
            found.append(_(wording, fact=c.fact, known=", ".join(sorted(facts)) or _("no facts")))
            continue
        known = ", ".join(fact.values)
        found += [
            _("“%(value)s” is no value of “%(fact)s”: %(known)s", value=value, fact=c.fact, known=known)
            for value in c.values
            if value not in fact.values
        ]
        if (c.operator == "has") != (fact.kind is FactKind.CHOICES):
            wording = _("“%(fact)s” is a %(kind)s fact: compare it with %(operators)s")
            found.append(_(wording, fact=c.fact, kind=fact.kind, operators=_OPERATORS[fact.kind]))
        elif c.operator in _ORDERED and fact.kind is FactKind.YES_NO:
            found.append(_("“%(fact)s” is yes or no and has no order", fact=c.fact))
    return found


_OPERATORS = {
    FactKind.YES_NO: _("== or !="),
    FactKind.CHOICE: _("==, !=, in, >=, >, <= or <"),
    FactKind.CHOICES: "has",
}


def _compare(c: Comparison, answer: frozenset[str], fact: FactType) -> bool:
    match c.operator:
        case "==" | "in":
            return not answer.isdisjoint(c.values)
        case "!=":
            return answer.isdisjoint(c.values)
        case "has":
            return c.values[0] in answer
    given = max((fact.values.index(value) for value in answer if value in fact.values), default=-1)
    bound = fact.values.index(c.values[0])
    match c.operator:
        case ">=":
            return given >= bound
        case ">":
            return given > bound
        case "<=":
            return given <= bound
        case _:
            return given < bound


def decide(expression: Expression | None, answers: FactAnswers, facts: FactTypes) -> Verdict:
    """Say whether the expression holds and which facts settled it.

    False needs answered facts; with facts missing that could still turn it, `applies` is None.
    The expression must be free of problems() for these facts.
    """
    match expression:
        case None:
            return ALWAYS
        case Comparison(fact=ref):
            answer = answers.get(ref)
            return Verdict(None if answer is None else _compare(expression, answer, facts[ref]), (ref,))
        case Not(operand):
            inner = decide(operand, answers, facts)
            return Verdict(None if inner.applies is None else not inner.applies, inner.facts)
        case And(operands):
            return _combine([decide(o, answers, facts) for o in operands], settled_by=False)
        case Or(operands):
            return _combine([decide(o, answers, facts) for o in operands], settled_by=True)


_MOST_TRIALS = 20_000  # far over what a person writes; an expression beyond it is taken to be one that can hold


def can_hold(text: str, facts: FactTypes) -> bool:
    """Whether any answers to the facts that the expression names make it hold.

    Answers are tried one fact after the other; a branch ends as soon as those given so far settle it. An expression
    with problems() is left to them: True.
    """
    if problems(text, facts):
        return True
    expression = parse(text)
    named: dict[str, list[Comparison]] = {}
    for comparison in comparisons(expression):
        named.setdefault(comparison.fact, []).append(comparison)
    choices = [(ref, _different_answers(facts[ref], own)) for ref, own in named.items()]
    if sum(len(possible) for _ref, possible in choices) > _MOST_TRIALS:
        return True
    trials = 0

    def search(at: int, answers: dict[str, frozenset[str]]) -> bool:
        nonlocal trials
        trials += 1
        settled = decide(expression, answers, facts).applies
        if settled is not None or trials > _MOST_TRIALS:
            return settled is not False
        ref, possible = choices[at]
        return any(search(at + 1, answers | {ref: answer}) for answer in possible)

    return search(0, {})


def _different_answers(fact: FactType, own: list[Comparison]) -> list[frozenset[str]]:
    """One answer for each way in which the comparisons over this fact can turn out."""
    if fact.kind is FactKind.CHOICES:
        possible = [frozenset[str]()]
        for value in dict.fromkeys(value for comparison in own for value in comparison.values):
            if len(possible) > _MOST_TRIALS:
                return possible
            possible += [answer | {value} for answer in possible]
    else:
        possible = [frozenset({value}) for value in fact.values]
    by_result = {tuple(_compare(c, answer, fact) for c in own): answer for answer in reversed(possible)}
    return list(by_result.values())


def _combine(verdicts: list[Verdict], *, settled_by: bool) -> Verdict:
    for wanted in (settled_by, None, not settled_by):
        refs = [ref for v in verdicts if v.applies is wanted for ref in v.facts]
        if any(v.applies is wanted for v in verdicts):
            return Verdict(wanted, tuple(dict.fromkeys(refs)))
    raise AssertionError("an and-chain or or-chain has operands")
