import numpy as np
import pytest

from reports.attribution import markov
from reports.attribution.chain import build_chain
from reports.attribution.credit import credit
from reports.attribution.journeys import Journeys
from reports.attribution.markov import NotSolvable, removal_effects
from tests.reports.attribution.journeys import chance_to_convert, journeys_of

THREE_CHANNELS = [(["C1", "C2", "C3"], 1, 100000, 0), (["C1"], 0, 0, 1), (["C2", "C3"], 0, 0, 1)]
TWO_CHANNELS = [(["google ads"], 2, 200, 1), (["mailing"], 1, 100, 0), (["google ads", "mailing"], 1, 100, 0)]


@pytest.mark.parametrize(
    ("rows", "effects", "conversions"),
    [(THREE_CHANNELS, [0.5, 1, 1], [0.2, 0.4, 0.4]), (TWO_CHANNELS, [0.75, 0.5], [2.4, 1.6])],
)
def test_published_cases(rows, effects, conversions):
    answer = credit(journeys_of(rows), "markov")

    assert answer.effects.conversions == pytest.approx(effects, rel=1e-9)
    assert answer.conversions == pytest.approx(conversions, rel=1e-9)


def test_value_goes_by_what_the_conversions_that_end_there_are_worth():
    journeys = journeys_of([("ab", 1, 900, 1), ("b", 1, 100, 0), ("a", 2, 200, 2)])

    effects = removal_effects(journeys)

    # From b: 2 of 3 convert, for 500 each; from a: 2 of 6 for 100 each, 2 of 6 go on to b. All together 1200.
    assert effects.value == pytest.approx([(2 * 100 + 2 * 2 / 3 * 500) / 1200, 1000 / 1200])


def test_a_channel_that_nobody_converts_through_earns_exactly_nothing():
    answer = credit(journeys_of([("ab", 3, 300, 1), ("acd", 0, 0, 5), ("dcd", 0, 0, 2)]), "markov")

    assert answer.effects.conversions.tolist()[2:] == [0.0, 0.0]
    assert list(answer.conversions)[2:] == [0.0, 0.0]
    assert answer.values[2:] == [0, 0]


def test_null_journeys_count():
    with_nulls = removal_effects(journeys_of([("ab", 1, 0, 0), ("b", 1, 0, 0), ("ac", 0, 0, 98)])).conversions
    without = removal_effects(journeys_of([("ab", 1, 0, 0), ("b", 1, 0, 0)])).conversions

    assert with_nulls.tolist() == pytest.approx([0.5, 1, 0])
    assert without.tolist() == pytest.approx([0.5, 1])


@pytest.mark.parametrize("order", [2, 3])
def test_a_journey_shorter_than_the_order_is_a_state_of_its_own(order):
    chain = build_chain(journeys_of([("abca", 1, 5, 0), ("a", 2, 8, 3)]), order)

    ends = {tuple(state): int(count) for state, count in zip(chain.states.tolist(), chain.conversions, strict=True)}

    assert ends[(-1,) * (order - 1) + (0,)] == 2
    assert ends[(1, 2, 0)[-order:]] == 1
    assert chain.starts.sum() == 6


def test_a_long_cycle_is_solved_as_exactly_as_a_short_one():
    rows = [("ab" * 5000, 1, 0, 1), ("b", 1, 0, 1), ("c", 2, 0, 0)]

    effects = removal_effects(journeys_of(rows)).conversions

    whole = chance_to_convert(rows, 1)
    exact = [1 - chance_to_convert(rows, 1, without=channel) / whole for channel in "abc"]
    assert effects.tolist() == pytest.approx(exact, rel=1e-9)
    assert 0 < effects[0] < effects[1] == pytest.approx(0.5)


@pytest.mark.parametrize("longest", [3, 12])
def test_an_inverse_and_going_step_by_step_give_the_same(monkeypatch, longest):
    chance = np.random.default_rng(7)
    rows = [
        ("".join(chance.choice(list("abcdef"), chance.integers(1, longest + 1))), int(won), int(won) * 700, int(lost))
        for won, lost in chance.integers(0, 4, (300, 2))
    ]
    inverted = removal_effects(journeys_of(rows), 3)
    monkeypatch.setattr(markov, "INVERTED_AT_ONCE", 0)
    followed = removal_effects(journeys_of(rows), 3)

    assert followed.conversions == pytest.approx(inverted.conversions, rel=1e-9)
    assert followed.value == pytest.approx(inverted.value, rel=1e-9)


def test_journeys_too_long_for_a_chain_that_cannot_be_inverted_are_refused(monkeypatch):
    monkeypatch.setattr(markov, "INVERTED_AT_ONCE", 0)
    monkeypatch.setattr(markov, "INVERTED_AT_MOST", 0)

    with pytest.raises(NotSolvable, match="choose a lower one"):
        removal_effects(journeys_of([("ab" * 20_000 + "c", 1, 0, 0)]), 2)


def test_journeys_too_long_to_follow_are_inverted(monkeypatch):
    monkeypatch.setattr(markov, "INVERTED_AT_ONCE", 0)

    effects = removal_effects(journeys_of([("ab" * 2000, 1, 0, 0), ("c", 1, 0, 0)]), 2).conversions

    assert effects.tolist() == pytest.approx([0.5, 0.5, 0.5])


def test_too_many_channels_are_refused_with_what_to_do():
    path = [f"channel {number}" for number in range(6001)]

    with pytest.raises(NotSolvable, match="6,000 channels and these journeys have 6,001"):
        removal_effects(Journeys.of([path], conversions=[1], values=[1], nulls=[0]))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_sorted_pairs_count_what_a_table_of_pairs_counts(monkeypatch, order):
    rows = [("abcab", 2, 7, 1), ("ca", 0, 0, 4), ("bbb", 1, 5, 0)]
    in_a_table = build_chain(journeys_of(rows), order)
    monkeypatch.setattr("reports.attribution.chain.TABLE_AT_MOST", 0)
    monkeypatch.setattr("reports.attribution.chain.JOURNEYS_AT_ONCE", 1)
    sorted_ = build_chain(journeys_of(rows), order)

    for name in ("states", "sources", "targets", "counts", "starts", "conversions", "values", "nulls"):
        assert getattr(in_a_table, name).tolist() == getattr(sorted_, name).tolist(), name
