"""What each model credits to the touches of one deal of 12,000.00."""

import pytest

from reports.attribution.credit import MODELS, credit
from reports.attribution.journeys import NOT_REACHED, Journeys, milestone_place

DAYS = (0, 5, 12, 30, 38)


def credited(model, path="abcde", *, days=DAYS, milestones=None, value=1_200_000, **options):
    journeys = Journeys.of(
        [path],
        conversions=[1],
        values=[value],
        nulls=[0],
        days=None if days is None else [days[: len(path)]],
        milestones=None if milestones is None else [milestones],
    )
    return [cents / 100 for cents in credit(journeys, model, **options).values]


@pytest.mark.parametrize(
    ("model", "euros"),
    [
        ("first_touch", [12000, 0, 0, 0, 0]),
        ("last_touch", [0, 0, 0, 0, 12000]),
        ("lead_creation", [0, 12000, 0, 0, 0]),
        ("linear", [2400] * 5),
        ("u_shaped", [4800, 4800, 800, 800, 800]),
        ("u_50_50", [6000, 6000, 0, 0, 0]),
        ("position_40_40_20", [4800, 800, 800, 800, 4800]),
        ("w_shaped", [3600, 3600, 600, 3600, 600]),
        ("full_path", [2700, 2700, 1200, 2700, 2700]),
        ("time_decay", [175.19, 287.44, 574.88, 3417.04, 7545.45]),
        ("j_shaped", [2400, 800, 800, 800, 7200]),
        ("markov", [2400] * 5),
        ("markov_by_deal", [2400] * 5),
        ("shapley", [2400] * 5),
    ],
)
def test_five_touches_with_the_lead_created_at_the_second_and_an_opportunity_at_the_fourth(model, euros):
    assert credited(model, milestones=(1, 3, 4)) == euros


def test_every_model_has_its_numbers_above():
    (cases,) = test_five_touches_with_the_lead_created_at_the_second_and_an_opportunity_at_the_fourth.pytestmark
    assert [model for model, _ in cases.args[1]] == list(MODELS)


@pytest.mark.parametrize(
    ("model", "milestones", "euros"),
    [
        ("u_shaped", (0, 3, 4), [9600, 600, 600, 600, 600]),  # created by the first touch: 40 + 40
        ("w_shaped", (0, 4, 4), [7200, 400, 400, 400, 3600]),
        ("w_shaped", (4, 4, 4), [3600, 400, 400, 400, 7200]),
        ("full_path", (0, 0, 0), [10800, 300, 300, 300, 300]),
        ("full_path", (0, 0, 4), [8100, 400, 400, 400, 2700]),
    ],
)
def test_milestones_on_one_touch_add_up(model, milestones, euros):
    assert credited(model, milestones=milestones) == euros


@pytest.mark.parametrize(
    ("model", "path", "milestones", "euros"),
    [
        ("u_shaped", "ab", (1, 1, 1), [6000, 6000]),  # no others: 40 to 40
        ("position_40_40_20", "ab", (1, 1, 1), [6000, 6000]),
        ("j_shaped", "ab", (1, 1, 1), [3000, 9000]),  # 20 to 60
        ("w_shaped", "abc", (1, 2, 2), [4000, 4000, 4000]),
        ("w_shaped", "abcd", (1, NOT_REACHED, NOT_REACHED), [36000 / 7, 36000 / 7, 6000 / 7, 6000 / 7]),
        ("full_path", "abcd", (1, 2, NOT_REACHED), [3484, 3484, 3484, 1548]),
    ],
)
def test_an_empty_class_is_shared_by_the_rest_in_proportion(model, path, milestones, euros):
    assert credited(model, path, milestones=milestones) == pytest.approx(euros, abs=0.5)
    assert sum(credited(model, path, milestones=milestones)) == pytest.approx(12000, abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_one_touch_gets_everything_from_every_model(model):
    assert credited(model, "a", milestones=(0, 0, 0)) == [12000]
    assert credited(model, "a", days=None) == [12000]


@pytest.mark.parametrize(
    ("model", "path", "euros"),
    [
        ("linear", "aba", [8000, 4000]),
        ("first_touch", "aba", [12000, 0]),
        ("position_40_40_20", "aba", [9600, 2400]),
        ("position_40_40_20", "abab", [6000, 6000]),
        ("shapley", "aaab", [6000, 6000]),  # a channel is in a coalition or it is not
        ("markov", "aaab", [6000, 6000]),
        ("markov_by_deal", "aaab", [9000, 3000]),  # over touches
    ],
)
def test_a_channel_that_comes_again_counts_for_each_of_its_touches(model, path, euros):
    assert credited(model, path, days=None) == euros


def test_a_file_without_times_counts_positions_before_the_last_touch():
    assert credited("time_decay", "abc", days=None, half_life=1) == [1714.29, 3428.57, 6857.14]


def test_a_file_without_milestones_has_only_the_conversion_after_the_last_touch():
    assert credited("lead_creation", days=None) == credited("last_touch", days=None)
    assert credited("u_shaped", days=None) == credited("position_40_40_20", days=None)
    assert credited("w_shaped", days=None) == [3600, 400, 400, 400, 7200]


def test_touches_of_long_ago_leave_what_they_had_to_the_later_ones():
    assert credited("time_decay", "abc", days=(0, 10**6, 10**6 + 7)) == [0, 4000, 8000]
    assert credited("time_decay", "ab", days=(0, 1), half_life=1e-300) == [0, 12000]


@pytest.mark.parametrize(("milestone", "place"), [(5, 0), (10, 0), (19, 0), (20, 2), (25, 2), (30, 3), (99, 3)])
def test_a_milestones_touch_is_the_last_at_or_before_it_else_the_first(milestone, place):
    assert milestone_place([10, 20, 20, 30], milestone) == place


@pytest.mark.parametrize("model", MODELS)
def test_without_conversions_nobody_is_credited(model):
    journeys = Journeys.of(["ab", "a"], conversions=[0, 0], values=[0, 0], nulls=[3, 1])

    answer = credit(journeys, model)

    assert list(map(float, answer.conversions)) == [0, 0]
    assert list(answer.values) == [0, 0]


@pytest.mark.parametrize("model", MODELS)
def test_without_journeys_there_is_nobody_to_credit(model):
    answer = credit(Journeys.of([], conversions=[], values=[], nulls=[]), model)

    assert (list(answer.conversions), list(answer.values)) == ([], [])
