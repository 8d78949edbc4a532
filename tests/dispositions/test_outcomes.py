"""What can be said of a lead in which stage, and where it leads."""

from itertools import product

import pytest

from dispositions.outcomes import RULES, Outcome, OutcomeNotPossible, check_possible, possible_at
from funnel.lifecycle import OPEN_STAGES, SALES_STAGES, Stage, find_transition

# By hand: where each outcome takes a lead of that stage. An attempt or a contact accepts an MQL.
LEADS_TO = {
    "mql": {
        "accept": "sal",
        "refuse": "nurture",
        "no_answer": "sal",
        "voicemail": "sal",
        "email_sent": "sal",
        "conversation": "sal",
        "meeting_set": "sal",
        "disqualify": "disqualified",
    },
    "sal": {
        "no_answer": "sal",
        "voicemail": "sal",
        "email_sent": "sal",
        "conversation": "sal",
        "meeting_set": "sal",
        "qualify": "sql",
        "recycle": "nurture",
        "lost": "lost",
        "no_decision": "no_decision",
        "disqualify": "disqualified",
    },
    "sql": {
        "no_answer": "sql",
        "voicemail": "sql",
        "email_sent": "sql",
        "conversation": "sql",
        "meeting_set": "sql",
        "recycle": "nurture",
        "won": "won",
        "lost": "lost",
        "no_decision": "no_decision",
        "step_back": "sal",
    },
}


@pytest.mark.parametrize(("outcome", "stage"), list(product(Outcome, Stage)), ids=str)
def test_only_these_outcomes_fit_a_stage(outcome, stage):
    if outcome in LEADS_TO.get(stage, {}):
        assert check_possible(outcome, stage).outcome is outcome
    else:
        with pytest.raises(OutcomeNotPossible, match=f"^“{outcome.label}” does not fit a lead in {stage.label}."):
            check_possible(outcome, stage)


@pytest.mark.parametrize("stage", LEADS_TO)
def test_the_buttons_of_a_stage_are_its_outcomes(stage):
    assert {rule.outcome for rule in possible_at(Stage(stage))} == LEADS_TO[stage].keys()


def test_every_outcome_that_moves_a_lead_has_its_row_in_the_table_of_moves():
    moves = [(old, new) for rule in RULES.values() for old, new in rule.leads_to.items()]

    assert [find_transition(old, new).by for old, new in moves] == [{"sales"}] * len(moves)


def test_no_two_outcomes_of_a_stage_share_a_key():
    for stage in OPEN_STAGES:
        keys = [rule.key for rule in possible_at(stage)]
        assert len(keys) == len(set(keys))


def test_every_stage_of_sales_has_outcomes_and_no_other():
    assert {stage for stage in Stage if possible_at(stage)} == SALES_STAGES


def test_a_refused_outcome_names_the_possible_ones():
    with pytest.raises(OutcomeNotPossible) as refused:
        check_possible(Outcome.WON, Stage.MQL)

    assert str(refused.value) == (
        "“Won” does not fit a lead in MQL. Possible there: accept, refuse, no answer, voicemail, e-mail sent, "
        "conversation, meeting set, disqualify."
    )


def test_a_closed_lead_takes_no_outcome():
    with pytest.raises(OutcomeNotPossible, match=r"Possible there: nothing.$"):
        check_possible(Outcome.WON, Stage.WON)
