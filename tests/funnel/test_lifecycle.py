from itertools import product

import pytest

from funnel import checks
from funnel.lifecycle import (
    TRANSITIONS,
    InvalidTransition,
    Move,
    Need,
    NotAllowed,
    Party,
    Stage,
    check_party,
    find_transition,
    reachable,
)

# By hand, not from the table: from>to, whose move it is, what it needs.
ALLOWED = {
    "inquiry>mql": ({"marketing"}, {Need.AGREEMENT, Need.CLAUSES}),
    "nurture>mql": ({"marketing"}, {Need.AGREEMENT, Need.CLAUSES}),
    "inquiry>nurture": ({"marketing"}, {Need.REASON}),
    "inquiry>disqualified": ({"marketing"}, {Need.REASON}),
    "nurture>disqualified": ({"marketing"}, {Need.REASON}),
    "inquiry>sal": ({"its owner in sales"}, set()),
    "mql>sal": ({"sales"}, set()),
    "mql>nurture": ({"sales"}, {Need.REASON, Need.FAILED_CLAUSES}),
    "mql>disqualified": ({"sales"}, {Need.REASON, Need.FAILED_CLAUSES}),
    "sal>sql": ({"sales"}, {Need.BANT, Need.AMOUNT, Need.EXPECTED_CLOSE}),
    "sal>nurture": ({"sales"}, {Need.REASON, Need.WAKE_AT, Need.ATTEMPTS}),
    "sql>nurture": ({"sales"}, {Need.REASON, Need.WAKE_AT, Need.ATTEMPTS}),
    "sal>disqualified": ({"sales"}, {Need.REASON}),
    "sal>lost": ({"sales"}, {Need.REASON}),
    "sal>no_decision": ({"sales"}, {Need.REASON}),
    "mql>inquiry": ({"marketing"}, {Need.REASON}),
    "sql>sal": ({"sales"}, {Need.REASON}),
    "sql>won": ({"sales"}, {Need.AMOUNT, Need.CLOSE_DATE}),
    "sql>lost": ({"sales"}, {Need.REASON}),
    "sql>no_decision": ({"sales"}, {Need.BLOCKER}),
    "lost>nurture": ({"marketing", "manager"}, {Need.WAKE_AT}),
    "no_decision>nurture": ({"marketing", "manager"}, {Need.WAKE_AT}),
    "disqualified>inquiry": ({"manager"}, {Need.REASON}),
    "won>sql": ({"manager"}, {Need.REASON}),
    "lost>sql": ({"manager"}, {Need.REASON}),
    "no_decision>sql": ({"manager"}, {Need.REASON}),
    "disqualified>mql": ({"both signers"}, {Need.DISPUTE}),
}


@pytest.mark.parametrize(("old", "new"), list(product(Stage, Stage)), ids=str)
def test_only_these_moves_are_allowed(old, new):
    expected = ALLOWED.get(f"{old}>{new}")
    if expected is None:
        with pytest.raises(InvalidTransition, match=f"cannot go from {old.label} to {new.label}"):
            find_transition(old, new)
        return
    row = find_transition(old, new)
    assert (set(row.by), set(row.needs)) == expected


def test_a_refusal_is_overruled_only_by_both_signers_and_on_demand():
    overruled = find_transition(Stage.NURTURE, Stage.MQL, Move.OVERRULE)

    assert overruled.by == {Party.SIGNERS}
    assert find_transition(Stage.NURTURE, Stage.MQL).move is Move.PROMOTE


def test_no_row_is_in_the_table_twice():
    keys = [(row.old, row.new, row.move) for row in TRANSITIONS]

    assert len(keys) == len(set(keys)) == len(ALLOWED) + 1


def test_a_move_under_the_wrong_name_is_not_found():
    with pytest.raises(InvalidTransition):
        find_transition(Stage.MQL, Stage.SAL, Move.PROMOTE)


def test_a_refused_move_names_what_is_possible_instead():
    with pytest.raises(InvalidTransition) as refused:
        find_transition(Stage.INQUIRY, Stage.WON)

    assert str(refused.value) == (
        "A lead cannot go from Inquiry to Won. From Inquiry it can go to: Nurture, MQL, SAL, Disqualified."
    )


def test_every_stage_can_be_left():
    assert [stage for stage in Stage if not reachable(stage)] == []


@pytest.mark.parametrize("party", list(Party))
@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.move}: {row.old}>{row.new}")
def test_a_move_is_for_its_parties_alone(row, party):
    if party in row.by:
        check_party(row, frozenset({party}))
    else:
        with pytest.raises(NotAllowed, match=f"^Only .+ may move a lead from {row.old.label} to"):
            check_party(row, frozenset({party}))


def test_nobody_in_particular_may_move_nothing():
    with pytest.raises(NotAllowed):
        check_party(find_transition(Stage.MQL, Stage.SAL), frozenset())


def test_the_start_checks_find_the_tables_in_order():
    assert checks.every_open_stage_has_a_time_limit() == []
    assert checks.every_stage_is_explained_and_reached() == []


def test_a_stage_without_a_limit_of_silence_stops_the_start(monkeypatch):
    monkeypatch.delitem(checks.STALE_AFTER_DAYS, Stage.SAL)

    assert [problem.id for problem in checks.every_open_stage_has_a_time_limit()] == ["funnel.E001"]
