"""Who is available, whose turn it is, which segment a lead is in."""

from datetime import date

import pytest

from accounts.availability import is_away
from accounts.models import Team
from accounts.roles import Role
from funnel.assignment import Candidate, Facts, Segment, choose, fits, hindrance, owner_hindrance

TODAY = date(2026, 3, 4)
YESTERDAY, TOMORROW = date(2026, 3, 3), date(2026, 3, 5)
IN_TURN, LEAST_LOADED = Team.Distribution.ROUND_ROBIN, Team.Distribution.LEAST_LOADED


def rep(number=1, **facts):
    return Candidate(user_id=number, name=f"Rep {number}", **facts)


@pytest.mark.parametrize(
    ("away_from", "away_until", "away"),
    [
        (None, None, False),
        (TODAY, TODAY, True),
        (YESTERDAY, TODAY, True),
        (TODAY, TOMORROW, True),
        (YESTERDAY, YESTERDAY, False),
        (TOMORROW, TOMORROW, False),
        (TODAY, None, True),
        (TOMORROW, None, False),
        (None, TODAY, True),
        (None, YESTERDAY, False),
    ],
)
def test_leave_lasts_from_its_first_day_to_its_last(away_from, away_until, away):
    assert is_away(TODAY, away_from, away_until) is away


@pytest.mark.parametrize(
    ("facts", "why_not"),
    [
        ({}, ""),
        ({"is_active": False}, "has left"),
        ({"role": Role.MANAGER}, "is not a sales rep"),
        ({"is_on_duty": False}, "is off duty"),
        ({"away_from": TODAY, "away_until": TOMORROW}, "is on leave until 5 March"),
        ({"away_from": YESTERDAY}, "is on leave"),
        ({"cap": 20, "load": 19}, ""),
        ({"cap": 20, "load": 20}, "has 20 of at most 20 leads"),
        ({"cap": 0}, "has 0 of at most 0 leads"),
    ],
)
def test_only_who_is_available_gets_a_lead(facts, why_not):
    assert hindrance(rep(**facts), TODAY) == why_not


def test_a_manager_keeps_a_lead_that_is_his_and_gets_none_in_turn():
    assert owner_hindrance(rep(role=Role.MANAGER), TODAY) == ""
    assert owner_hindrance(rep(role=Role.MARKETING), TODAY) == "is not a sales rep"


def test_in_turn_whoever_waited_longest_is_next():
    choice = choose([rep(1, last_turn=9), rep(2, last_turn=7), rep(3, last_turn=8)], IN_TURN, TODAY)

    assert (choice.candidate.user_id, choice.why) == (2, "is next in turn of 3 available")


def test_in_turn_whoever_never_had_one_comes_first():
    assert choose([rep(1, last_turn=9), rep(2), rep(3)], IN_TURN, TODAY).candidate.user_id == 2


def test_the_least_loaded_is_whoever_has_the_fewest_leads_and_then_whose_turn_it_is():
    candidates = [rep(1, load=4), rep(2, load=3, last_turn=8), rep(3, load=3, last_turn=7)]

    choice = choose(candidates, LEAST_LOADED, TODAY)

    assert (choice.candidate.user_id, choice.why) == (3, "has the fewest leads (3) of 3 available")


def test_who_is_not_available_has_no_turn():
    assert choose([rep(1, is_on_duty=False), rep(2, last_turn=5)], IN_TURN, TODAY).candidate.user_id == 2


def test_where_nobody_is_available_it_says_what_holds_each():
    choice = choose([rep(1, is_on_duty=False), rep(2, cap=1, load=1)], IN_TURN, TODAY)

    assert (choice.candidate, choice.why) == (None, "Rep 1 is off duty; Rep 2 has 1 of at most 1 leads")


def test_of_a_large_team_only_the_first_three_are_named():
    choice = choose([rep(number, is_on_duty=False) for number in range(1, 8)], IN_TURN, TODAY)

    assert choice.why == "Rep 1 is off duty; Rep 2 is off duty; Rep 3 is off duty; and 4 more"


def test_a_team_without_reps_says_so():
    assert choose([], IN_TURN, TODAY).why == "it has no reps"


@pytest.mark.parametrize(
    ("segment", "fitting"),
    [
        ({}, True),
        ({"naics_prefix": "4841"}, True),
        ({"naics_prefix": "51"}, False),
        ({"min_employees": 500}, True),
        ({"min_employees": 501}, False),
        ({"channel_id": 1}, True),
        ({"channel_id": 2}, False),
        ({"campaign_id": 7}, True),
        ({"campaign_id": 8}, False),
        ({"naics_prefix": "48", "channel_id": 2}, False),
    ],
)
def test_a_segment_asks_all_that_it_names(segment, fitting):
    facts = Facts(naics="484110", employees=500, channel_id=1, campaign_id=7)

    assert fits(Segment(**segment), facts) is fitting


def test_what_is_not_known_of_a_lead_fits_no_segment_that_asks_for_it():
    unknown = Facts(channel_id=1)

    assert not fits(Segment(naics_prefix="4"), unknown)
    assert not fits(Segment(min_employees=1), unknown)
    assert not fits(Segment(campaign_id=1), unknown)
