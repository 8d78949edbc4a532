import pytest

from reports.attribution.agreement import greatest_difference, pairs, rank_correlation


@pytest.mark.parametrize(
    ("one", "other", "correlation"),
    [
        ([1, 2, 3], [10, 20, 30], 1),
        ([1, 2, 3], [3, 2, 1], -1),
        ([1, 2, 2, 4], [1, 3, 2, 4], 0.9486832980505138),  # ties share the mean of their ranks
        ([1, 1, 1], [1, 2, 3], None),
        ([5], [7], None),
        ([], [], None),
    ],
)
def test_rank_correlation(one, other, correlation):
    found = rank_correlation(one, other)

    assert found == (correlation if correlation is None else pytest.approx(correlation))


def test_the_pair_that_agrees_least_is_first():
    found = pairs({"a": [1, 2, 3], "b": [3, 2, 1], "c": [1, 3, 2], "flat": [1, 1, 1]})

    assert [(pair.one, pair.other) for pair in found] == [("a", "b"), ("b", "c"), ("a", "c")]


def test_the_greatest_difference_is_one_of_shares():
    found = greatest_difference({"a": [50, 50, 0], "b": [1, 1, 2], "c": [0, 0, 0]})

    assert (found.place, found.least, found.least_by, found.most, found.most_by) == (2, 0, "a", 0.5, "b")


@pytest.mark.parametrize("credited", [{}, {"a": [0, 0]}, {"a": [1, 2], "b": [2, 4]}])
def test_without_credit_or_difference_there_is_none(credited):
    assert greatest_difference(credited) is None
