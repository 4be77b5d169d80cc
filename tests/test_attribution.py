from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.attribution import Cause, Moved, Part, moved, parts
from questionnaires.scoring import Outcome

LAW, QUESTIONS, ORGANISATION = Cause.LAW, Cause.QUESTIONS, Cause.ORGANISATION
CHAIN = (LAW, QUESTIONS, ORGANISATION)
MET, PARTLY, NOT = Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET


def decimals(*texts):
    return [None if text is None else Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("0.5", "0.4", "0.4", "0.9"), [(0, 1, "-0.1"), (1, 2, "0"), (2, 3, "0.5")]),
        # Nothing is scored after the law alone: what law and questions did cannot be told apart.
        (("0.5", None, "0.6", "0.9"), [(0, 2, "0.1"), (2, 3, "0.3")]),
        (("0.5", None, None, "0.9"), [(0, 3, "0.4")]),
        ((None, "0.5", "0.6", "0.9"), []),
        (("0.5", "0.6", "0.9", None), []),
        ((), []),
    ],
)
def test_parts(values, expected):
    assert parts(decimals(*values)) == tuple(Part(start, end, Decimal(change)) for start, end, change in expected)


SCORES = st.decimals(0, 1, places=6)


@given(st.tuples(SCORES, st.none() | SCORES, st.none() | SCORES, st.none() | SCORES, SCORES))
def test_parts_sum_to_the_whole_difference_and_leave_no_step_out(values):
    found = parts(values)

    assert sum(part.change for part in found) == values[-1] - values[0]
    assert [part.start for part in found] == [0, *(part.end for part in found[:-1])]
    assert found[-1].end == len(values) - 1


def test_moved_names_the_cause_of_each():
    chain = [
        {"same": MET, "law": MET, "gone": NOT, "twice": NOT, "back": MET, "org": NOT},
        {"same": MET, "gone": NOT, "twice": PARTLY, "back": NOT, "org": NOT},
        {"same": MET, "new": NOT, "twice": PARTLY, "back": NOT, "org": NOT},
        {"same": MET, "new": NOT, "twice": MET, "back": MET, "org": MET},
    ]

    assert moved(chain, CHAIN) == (
        Moved("law", MET, None, (LAW,)),
        Moved("gone", NOT, None, (QUESTIONS,)),
        Moved("twice", NOT, MET, (LAW, ORGANISATION)),
        Moved("org", NOT, MET, (ORGANISATION,)),
        Moved("new", None, NOT, (QUESTIONS,)),
    )


OUTCOMES = st.dictionaries(st.sampled_from("abc"), st.sampled_from(Outcome))


@given(st.lists(OUTCOMES, min_size=4, max_size=4))
def test_every_difference_is_listed_with_a_cause_and_nothing_else(chain):
    found = {row.key: row for row in moved(chain, CHAIN)}

    assert set(found) == {key for key in "abc" if chain[0].get(key) != chain[-1].get(key)}
    assert all(row.causes for row in found.values())
    for key, row in found.items():
        assert row.causes == tuple(c for n, c in enumerate(CHAIN) if chain[n].get(key) != chain[n + 1].get(key))
