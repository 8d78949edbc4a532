from datetime import timedelta

import pytest

from funnel.lifecycle import Move
from reports.facts.stays import Moved, stays_of
from tests.factories import NOW


def moves(*steps):
    """Each step is (move, old, new); one an hour."""
    return [
        Moved(seq, move, old, new, NOW + timedelta(hours=seq)) for seq, (move, old, new) in enumerate(steps, start=1)
    ]


CREATED = ("create", "", "inquiry")
PROMOTED = (Move.PROMOTE, "inquiry", "mql")
ACCEPTED = (Move.ACCEPT, "mql", "sal")
QUALIFIED = (Move.QUALIFY, "sal", "sql")
WON = (Move.WIN, "sql", "won")


def told(stays):
    return [(one.stage.value, one.minutes, one.voided_at is not None, one.first) for one in stays]


def test_each_stage_lasts_from_the_move_into_it_to_the_move_out_of_it():
    assert told(stays_of(moves(CREATED, PROMOTED, ACCEPTED))) == [
        ("inquiry", 60, False, True),
        ("mql", 60, False, True),
        ("sal", None, False, True),
    ]


def test_what_was_taken_back_never_was():
    stays = stays_of(
        moves(CREATED, PROMOTED, ACCEPTED, QUALIFIED, (Move.UNDO, "sql", "sal"), (Move.LOSE, "sal", "lost"))
    )

    assert told(stays) == [
        ("inquiry", 60, False, True),
        ("mql", 60, False, True),
        ("sal", 180, False, True),
        ("lost", None, False, True),
    ]


def test_an_undo_of_two_moves_at_once_takes_back_both():
    stays = stays_of(
        moves(CREATED, PROMOTED, ACCEPTED, (Move.DISQUALIFY, "sal", "disqualified"), (Move.UNDO, "x", "mql"))
    )

    assert [one.stage.value for one in stays] == ["inquiry", "mql"]
    assert stays[-1].left is None


def test_a_corrected_result_counts_until_its_correction():
    stays = stays_of(moves(CREATED, PROMOTED, ACCEPTED, QUALIFIED, WON, (Move.CORRECT, "won", "sql")))

    assert told(stays)[-2:] == [("won", 60, True, True), ("sql", None, False, False)]
    assert stays[-2].voided_at == NOW + timedelta(hours=6)


def test_a_corrected_stay_is_the_first_until_its_correction_and_the_next_one_since():
    stays = stays_of(moves(CREATED, PROMOTED, ACCEPTED, QUALIFIED, WON, (Move.CORRECT, "won", "sql"), WON))

    assert [one.first for one in stays if one.stage == "won"] == [True, True]


@pytest.mark.parametrize("again", [1, 3])
def test_a_recycled_lead_is_in_its_stages_again_and_counts_once(again):
    cycle = (ACCEPTED, (Move.RECYCLE, "sal", "nurture"), (Move.PROMOTE, "nurture", "mql"))
    stays = stays_of(moves(CREATED, PROMOTED, *cycle * again))

    mqls = [one for one in stays if one.stage == "mql"]
    assert (len(mqls), sum(one.first for one in mqls)) == (again + 1, 1)
