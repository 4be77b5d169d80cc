"""The matrix of provisions and questions, as plain values."""

from types import SimpleNamespace

from questionnaires.coverage import Column, Matrix, Row, matrix, question_numbers
from questionnaires.scoring import Outcome

FIRST, SECOND, THIRD = Column(1, "1.1", "a"), Column(2, "1.2", "a"), Column(3, "2.1", "b", is_asked=False)


def test_numbers_count_within_the_section():
    questions = [SimpleNamespace(pk=pk, section=section) for pk, section in [(7, "a"), (8, "b"), (9, "a"), (4, "b")]]

    assert question_numbers(["a", "b", "c"], questions) == {7: "1.1", 9: "1.2", 8: "2.1", 4: "2.2"}


def test_matrix_keeps_citing_questions_and_tells_what_none_cites():
    found = matrix([10, 11, 12], [FIRST, SECOND, THIRD], {1: (12, 99), 2: (99,), 3: (10, 12)})

    assert found == Matrix(
        columns=(FIRST, THIRD),
        rows=(Row(10, (None, THIRD)), Row(12, (FIRST, THIRD))),
        uncited=(11,),
    )


def test_matrix_tells_outcomes_and_what_is_not_in_force():
    found = matrix([10, 11], [FIRST], {1: (10, 11)}, outcomes={10: Outcome.NOT_MET}, in_force=frozenset({10}))

    assert [(row.outcome, row.is_in_force) for row in found.rows] == [(Outcome.NOT_MET, True), (None, False)]


def test_matrix_of_no_provisions_is_empty():
    assert matrix([], [FIRST], {1: (10,)}) == Matrix((), (), ())
