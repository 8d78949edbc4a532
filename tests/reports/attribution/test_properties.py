"""What holds for every model and any journeys."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.attribution.credit import MODELS, credit
from reports.attribution.markov import removal_effects
from tests.reports.attribution.journeys import (
    chance_to_convert,
    counted_paths,
    journeys_of,
    shapley_by_coalitions,
    unhurried,
)

any_model = st.sampled_from(MODELS)
any_order = st.integers(1, 3)


@unhurried
@given(counted_paths(), any_model, any_order)
def test_credits_sum_to_the_totals(rows, model, order):
    journeys = journeys_of(rows)
    answer = credit(journeys, model, order=order)

    assert sum(answer.values) == sum(value for _, _, value, _ in rows)
    assert min(answer.values) >= 0
    conversions = sum(count for _, count, _, _ in rows)
    if all(isinstance(one, Fraction) for one in answer.conversions):
        assert sum(answer.conversions) == conversions
    assert float(sum(answer.conversions)) == pytest.approx(conversions, rel=1e-12)


@unhurried
@given(counted_paths(), any_model, any_order, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_journeys_nor_how_they_are_counted_together_matters(rows, model, order, random):
    parts = [part for row in rows for part in _split(row, random)]
    random.shuffle(parts)

    whole, split = (credit(journeys_of(some), model, order=order) for some in (rows, parts))

    assert _same(whole.conversions, split.conversions)
    assert max(abs(one - other) for one, other in zip(whole.values, split.values, strict=True)) <= (
        0 if isinstance(whole.conversions[0], Fraction) else 1  # of floats a last bit can turn a tie
    )


def _split(row, random):
    path, conversions, value, nulls = row
    some, less = random.randint(0, conversions), random.randint(0, nulls)
    worth = value if some == conversions else 0 if not some else random.randint(0, value)
    return [(path, some, worth, less), (path, conversions - some, value - worth, nulls - less)]


def _same(one, other):
    return list(map(float, one)) == pytest.approx(list(map(float, other)), rel=1e-9, abs=1e-12)


@unhurried
@given(counted_paths(), st.randoms(use_true_random=False))
def test_a_channel_that_follows_itself_changes_nothing_for_markov_of_order_1(rows, random):
    stuttering = [(_stutter(path, random), *numbers) for path, *numbers in rows]

    plain, again = credit(journeys_of(rows), "markov"), credit(journeys_of(stuttering), "markov")

    assert _same(plain.conversions, again.conversions)
    assert plain.values == again.values
    assert plain.effects.conversions.tolist() == again.effects.conversions.tolist()


def _stutter(path, random):
    return tuple(channel for channel in path for _ in range(random.randint(1, 3)))


@unhurried
@given(counted_paths(), any_order)
def test_markov_removes_what_a_solve_without_the_channel_lacks(rows, order):
    journeys = journeys_of(rows)
    effects = removal_effects(journeys, order).conversions
    whole = chance_to_convert(rows, order)

    for channel, effect in zip(journeys.channels, effects, strict=True):
        without = chance_to_convert(rows, order, without=channel)
        assert effect == pytest.approx(1 - without / whole, rel=1e-9, abs=1e-12)


@unhurried
@given(counted_paths(), any_order)
def test_the_chain_converts_as_often_as_the_journeys_did(rows, order):
    conversions, nulls = (sum(row[column] for row in rows) for column in (1, 3))

    assert chance_to_convert(rows, order) == pytest.approx(conversions / (conversions + nulls), rel=1e-9)


@unhurried
@given(counted_paths())
def test_shapley_is_that_of_all_coalitions(rows):
    journeys = journeys_of(rows)
    answer = credit(journeys, "shapley")
    conversions, values = (shapley_by_coalitions(rows, column) for column in (1, 2))

    assert _same(answer.conversions, [conversions[channel] for channel in journeys.channels])
    assert answer.values == pytest.approx([values[channel] for channel in journeys.channels], abs=1)


@unhurried
@given(counted_paths(longest=1), any_order, st.booleans())
def test_all_models_agree_on_journeys_of_one_touch(rows, order, timed):
    more = {"days": [[3.0]] * len(rows), "milestones": [(0, 0, 0)] * len(rows)} if timed else {}
    answers = [credit(journeys_of(rows, **more), model, order=order) for model in MODELS]

    assert all(_same(answers[0].conversions, answer.conversions) for answer in answers)
    assert all(answers[0].values == answer.values for answer in answers)
