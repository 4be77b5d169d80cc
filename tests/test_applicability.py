import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import applicability
from questionnaires.applicability import (
    ALWAYS,
    And,
    Comparison,
    ExpressionError,
    FactKind,
    FactType,
    Not,
    Or,
    Verdict,
    decide,
    parse,
    problems,
)

FACTS = {
    "minors": FactType(FactKind.YES_NO, ("yes", "no")),
    "size": FactType(FactKind.CHOICE, ("small", "medium", "large")),
    "data": FactType(FactKind.CHOICES, ("face", "gait")),
}
ANSWERS = {
    "minors": [frozenset({"yes"}), frozenset({"no"})],
    "size": [frozenset({size}) for size in ("small", "medium", "large")],
    "data": [frozenset(), frozenset({"face"}), frozenset({"gait"}), frozenset({"face", "gait"})],
}


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("minors == yes", Comparison("minors", "==", ("yes",))),
        ("minors!=yes", Comparison("minors", "!=", ("yes",))),
        ("size in (small, large)", Comparison("size", "in", ("small", "large"))),
        ("size in (small)", Comparison("size", "in", ("small",))),
        ("data has face", Comparison("data", "has", ("face",))),
        ("size >= medium", Comparison("size", ">=", ("medium",))),
        ("size<medium", Comparison("size", "<", ("medium",))),
        ("consent.kind/two-1 == a.b/c-d", Comparison("consent.kind/two-1", "==", ("a.b/c-d",))),
        ("  ( ( a == b ) )\n", Comparison("a", "==", ("b",))),
        ("not a == b", Not(Comparison("a", "==", ("b",)))),
        (
            "a == b or c == d and not e == f",
            Or(
                (
                    Comparison("a", "==", ("b",)),
                    And((Comparison("c", "==", ("d",)), Not(Comparison("e", "==", ("f",))))),
                )
            ),
        ),
        (
            "(a == b or c == d) and e == f",
            And(
                (
                    Or((Comparison("a", "==", ("b",)), Comparison("c", "==", ("d",)))),
                    Comparison("e", "==", ("f",)),
                )
            ),
        ),
        (
            "a == b and c == d and e == f",
            And((Comparison("a", "==", ("b",)), Comparison("c", "==", ("d",)), Comparison("e", "==", ("f",)))),
        ),
        ("", None),
        (" \n ", None),
    ],
)
def test_parse_reads_the_language(text, expression):
    assert parse(text) == expression


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("minors", "one of == != >= <= > < in has expected at the end"),
        ("minors ==", "a value expected at the end"),
        ("== yes", "a fact expected at character 1, not “==”"),
        ("minors == yes size == small", "“and”, “or” or the end expected at character 15, not “size”"),
        ("minors == yes)", "“and”, “or” or the end expected at character 14, not “)”"),
        ("(minors == yes", "“)” expected at the end"),
        ("size in small", "“(” expected at character 9, not “small”"),
        ("size in (small large)", "“)” expected at character 16, not “large”"),
        ("size in ()", "a value expected at character 10, not “)”"),
        ("and == yes", "a fact expected at character 1, not “and”"),
        ("minors == not", "a value expected at character 11, not “not”"),
        ("minors = yes", "unexpected “=” at character 8"),
        ("minors == “yes”", "unexpected ““” at character 11"),
        ("minors == yes; import os", "unexpected “;” at character 14"),
        ("__import__ == yes", "unexpected “_” at character 1"),
        ("minors\x00 == yes", "unexpected “\x00” at character 7"),
        ("(" * 60 + "a == b" + ")" * 60, "more than 50 levels of brackets or “not”"),
        ("not " * 10_000 + "a == b", "more than 50 levels of brackets or “not”"),
    ],
)
def test_parse_says_what_is_wrong_and_where(text, message):
    with pytest.raises(ExpressionError) as caught:
        parse(text)

    assert str(caught.value) == message


def test_parse_reads_a_chain_as_long_as_a_file_allows():
    expression = parse(" and ".join(["minors == yes"] * 250))

    assert expression == And((Comparison("minors", "==", ("yes",)),) * 250)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("minors == yes and size >= medium or not data has face", []),
        ("minors in (yes, no)", []),
        ("minors ==", ["a value expected at the end"]),
        ("age == old", ["unknown fact “age”; known are: data, minors, size"]),
        ("minors == maybe", ["“maybe” is no value of “minors”: yes, no"]),
        (
            "size in (tiny, small, huge)",
            [
                "“tiny” is no value of “size”: small, medium, large",
                "“huge” is no value of “size”: small, medium, large",
            ],
        ),
        ("data == face", ["“data” is a choices fact: compare it with has"]),
        ("minors has yes", ["“minors” is a yes_no fact: compare it with == or !="]),
        ("size has small", ["“size” is a choice fact: compare it with ==, !=, in, >=, >, <= or <"]),
        ("minors >= yes", ["“minors” is yes or no and has no order"]),
        (
            "not (age == old or minors == maybe)",
            ["unknown fact “age”; known are: data, minors, size", "“maybe” is no value of “minors”: yes, no"],
        ),
    ],
)
def test_problems_name_each_fault(text, found):
    assert problems(text, FACTS) == found


def test_problems_of_a_version_without_facts():
    assert problems("age == old", {}) == ["unknown fact “age”; known are: no facts"]


@pytest.mark.parametrize(
    ("text", "holding"),
    [
        ("size == medium", ["medium"]),
        ("size != medium", ["small", "large"]),
        ("size in (small, large)", ["small", "large"]),
        ("size >= medium", ["medium", "large"]),
        ("size > medium", ["large"]),
        ("size <= medium", ["small", "medium"]),
        ("size < medium", ["small"]),
        ("not size < medium", ["medium", "large"]),
    ],
)
def test_decide_compares_in_the_order_of_the_choices(text, holding):
    expression = parse(text)

    verdicts = {size: decide(expression, {"size": frozenset({size})}, FACTS) for size in FACTS["size"].values}

    assert verdicts == {size: Verdict(size in holding, ("size",)) for size in FACTS["size"].values}


@pytest.mark.parametrize(
    ("given_data", "applies"), [(None, None), (set(), False), ({"gait"}, False), ({"gait", "face"}, True)]
)
def test_decide_tells_none_of_them_from_unanswered(given_data, applies):
    answers = {} if given_data is None else {"data": frozenset(given_data)}

    assert decide(parse("data has face"), answers, FACTS) == Verdict(applies, ("data",))


def test_decide_always_applies_without_an_expression():
    assert decide(None, {}, FACTS) == ALWAYS == Verdict(True, ())


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        # minors is no, size is large, data unanswered
        ("minors == yes and data has face", Verdict(False, ("minors",))),
        ("size == large and data has face", Verdict(None, ("data",))),
        ("minors == yes or data has face", Verdict(None, ("data",))),
        ("size == large or data has face", Verdict(True, ("size",))),
        ("minors == yes and size == small", Verdict(False, ("minors", "size"))),
        ("minors == yes and size == large", Verdict(False, ("minors",))),
        ("minors == no and size == large", Verdict(True, ("minors", "size"))),
        ("size == large and size >= medium", Verdict(True, ("size",))),
        ("not data has face", Verdict(None, ("data",))),
    ],
)
def test_decide_names_the_facts_that_settled_it_or_are_missing(text, verdict):
    answers = {"minors": frozenset({"no"}), "size": frozenset({"large"})}

    assert decide(parse(text), answers, FACTS) == verdict


def comparison(ref):
    fact = FACTS[ref]
    operators = {
        FactKind.YES_NO: ["==", "!="],
        FactKind.CHOICE: ["==", "!=", ">=", ">", "<=", "<", "in"],
        FactKind.CHOICES: ["has"],
    }
    return st.builds(
        Comparison, st.just(ref), st.sampled_from(operators[fact.kind]), st.tuples(st.sampled_from(fact.values))
    )


expressions = st.recursive(
    st.sampled_from(sorted(FACTS)).flatmap(comparison),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
partial_answers = st.fixed_dictionaries({}, optional={ref: st.sampled_from(ANSWERS[ref]) for ref in FACTS})


def written(expression):
    match expression:
        case Comparison(fact, "in", values):
            return f"{fact} in ({', '.join(values)})"
        case Comparison(fact, operator, values):
            return f"{fact} {operator} {values[0]}"
        case Not(operand):
            return f"not ({written(operand)})"
        case And(operands):
            return " and ".join(f"({written(operand)})" for operand in operands)
        case Or(operands):
            return " or ".join(f"({written(operand)})" for operand in operands)


def holds(expression, answers):
    """Two-valued and slow: every fact is answered."""
    match expression:
        case Not(operand):
            return not holds(operand, answers)
        case And(operands):
            return all(holds(operand, answers) for operand in operands)
        case Or(operands):
            return any(holds(operand, answers) for operand in operands)
    rank = FACTS[expression.fact].values.index
    (bound,) = expression.values
    compare = {
        "has": lambda value: value == bound,
        "in": lambda value: value == bound,
        "==": lambda value: value == bound,
        "!=": lambda value: value != bound,
        ">=": lambda value: rank(value) >= rank(bound),
        ">": lambda value: rank(value) > rank(bound),
        "<=": lambda value: rank(value) <= rank(bound),
        "<": lambda value: rank(value) < rank(bound),
    }[expression.operator]
    return any(compare(value) for value in answers[expression.fact])


def completions(answers):
    choices = [[answers[ref]] if ref in answers else ANSWERS[ref] for ref in FACTS]
    return [dict(zip(FACTS, combination, strict=True)) for combination in itertools.product(*choices)]


@given(expressions)
def test_parse_reads_back_what_was_written(expression):
    assert parse(written(expression)) == expression


@given(st.text(alphabet="ab =!<>()andornthis,.-/", max_size=60) | st.text(max_size=30))
def test_problems_never_raises(text):
    assert isinstance(problems(text, FACTS), list)


@given(expressions, partial_answers)
def test_decide_is_settled_only_when_no_missing_fact_can_turn_it(expression, answers):
    verdict = decide(expression, answers, FACTS)

    possible = {holds(expression, completion) for completion in completions(answers)}

    if verdict.applies is None:
        assert not set(verdict.facts) & set(answers)
    else:
        assert possible == {verdict.applies}


@given(expressions, partial_answers)
def test_decide_needs_no_other_fact_than_it_names(expression, answers):
    verdict = decide(expression, answers, FACTS)

    named_only = {ref: values for ref, values in answers.items() if ref in verdict.facts}

    if verdict.applies is not None:
        assert decide(expression, named_only, FACTS).applies is verdict.applies
    assert len(set(verdict.facts)) == len(verdict.facts) > 0


@given(expressions)
def test_decide_agrees_with_two_valued_logic_once_everything_is_answered(expression):
    everything = completions({})

    assert [decide(expression, answers, FACTS).applies for answers in everything] == [
        holds(expression, answers) for answers in everything
    ]


@given(expressions)
def test_can_hold_agrees_with_trying_every_answer(expression):
    assert applicability.can_hold(written(expression), FACTS) == any(
        holds(expression, answers) for answers in completions({})
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("minors == yes and minors == no", False),
        ("minors == yes and not (minors != no)", False),
        ("size > large", False),
        ("size < medium and size >= small", True),
        ("data has face and data has gait", True),
        ("not (data has face) and data has face", False),
        ("minors is yes", True),  # what is wrong with it is told elsewhere
        ("age == old and age == young", True),
    ],
)
def test_can_hold(text, expected):
    assert applicability.can_hold(text, FACTS) is expected


@pytest.mark.large
@pytest.mark.parametrize("kind", [FactKind.YES_NO, FactKind.CHOICES])
def test_can_hold_ends_soon_on_a_huge_expression_and_takes_it_for_possible(kind):
    values = tuple(f"v{n}" for n in range(40)) if kind is FactKind.CHOICES else applicability.YES_NO
    facts = {f"f{n}": FactType(kind, values) for n in range(40)}
    if kind is FactKind.CHOICES:
        text = " and ".join(f"(f0 has v{n} or f0 has v{39 - n})" for n in range(40))
    else:
        text = " or ".join(f"(f{n} == yes and f{n} == no)" for n in range(40))

    assert applicability.can_hold(text, facts) is True


def test_comparisons_visits_every_leaf_in_order():
    expression = parse("a == b and not (c has d or e in (f, g))")

    assert [c.fact for c in applicability.comparisons(expression)] == ["a", "c", "e"]
