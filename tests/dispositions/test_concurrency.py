"""Of those who say something of a lead at the same moment one is heard; the others are told."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from dispositions.models import Disposition
from dispositions.outcomes import Outcome, OutcomeNotPossible
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import InvalidTransition, NotAllowed, StaleVersion
from funnel.models import Evidence, Lead, StageChange
from tests.factories import NOW, LeadFactory
from tests.funnel.test_concurrency import check_history

LOSSES = (StaleVersion, OutcomeNotPossible, InvalidTransition)
OPPOSITES = (Statement(outcome=Outcome.ACCEPT), Statement(outcome=Outcome.REFUSE, reason="no_budget"))


def say_of_all(leads, statement, by, *, with_version):
    """Say it of each lead; answers what became of each."""
    answers = []
    for lead in leads:
        try:
            version = lead.version if with_version else None
            record_disposition(lead_id=lead.pk, statement=statement, by=by, at=NOW, version=version)
            answers.append("heard")
        except LOSSES as loss:
            answers.append(type(loss).__name__)
    return answers


@pytest.mark.parametrize("with_version", [True, False], ids=["with version", "without"])
def test_of_eight_who_say_opposite_things_of_a_lead_one_is_heard(at_once, rep, with_version):
    leads = LeadFactory.create_batch(20, handed_off=True, owner=rep)
    by = rep.principal

    answers = at_once(
        *[partial(say_of_all, leads, OPPOSITES[number % 2], by, with_version=with_version) for number in range(8)]
    )

    assert [Counter(of_lead)["heard"] for of_lead in zip(*answers, strict=True)] == [1] * 20
    assert Disposition.objects.count() == 20
    assert StageChange.objects.filter(move__in=["accept", "refuse"]).count() == 20
    for lead, before in zip(Lead.objects.order_by("pk"), leads, strict=True):
        assert (lead.version, lead.dispositions.get().last_seq) == (before.version + 1, lead.ledger_seq)
    check_history(Lead.objects.all())


def test_a_double_click_is_one_disposition(at_once, rep):
    lead = LeadFactory(accepted=True, owner=rep)
    statement = Statement(outcome=Outcome.VOICEMAIL, evidence={"budget": "50k"})
    click = partial(
        record_disposition, lead_id=lead.pk, statement=statement, by=rep.principal, at=NOW, version=lead.version
    )

    answers = at_once(*[click] * 8)

    assert Counter(type(answer).__name__ for answer in answers) == {"Disposition": 1, "StaleVersion": 7}
    assert (Lead.objects.get().hand_off.attempts, Evidence.objects.count()) == (1, 1)


def test_of_two_who_take_a_lead_from_the_pool_one_owns_it(at_once, rep, manager, west):
    lead = LeadFactory(handed_off=True, owner=None, team=west)

    def take(user):
        return record_disposition(
            lead_id=lead.pk, statement=Statement(outcome=Outcome.ACCEPT), by=user.principal, at=NOW
        )

    at_once(*[partial(take, user) for user in (rep, manager) * 3])

    assert Lead.objects.get().owner == Disposition.objects.get().by


def test_a_deal_is_won_or_lost_and_never_both(at_once, rep):
    leads = LeadFactory.create_batch(10, qualified=True, owner=rep)
    won = Statement(outcome=Outcome.WON, amount=Decimal(100), currency="EUR", closed_on=date(2026, 3, 4))
    lost = Statement(outcome=Outcome.LOST, reason="lost_price")

    answers = at_once(
        *[partial(say_of_all, leads, said, rep.principal, with_version=False) for said in (won, lost) * 3]
    )

    assert sum(of_one.count("heard") for of_one in answers) == 10
    assert Disposition.objects.filter(outcome__in=["won", "lost"]).count() == 10
    for lead in Lead.objects.all():
        assert lead.dispositions.last().outcome == lead.hand_off.outcome == lead.stage


def test_a_disposition_is_taken_back_once_though_asked_eight_times_at_once(at_once, rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    said = record_disposition(lead_id=lead.pk, statement=Statement(outcome=Outcome.ACCEPT), by=rep.principal, at=NOW)

    answers = at_once(*[partial(undo_disposition, disposition_id=said.pk, by=rep.principal, at=NOW)] * 8)

    assert sum(isinstance(answer, Disposition) for answer in answers) == 1
    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 7
    assert Lead.objects.get().stage == "mql"
    check_history(Lead.objects.all())


def test_attempts_logged_at_the_same_moment_are_all_counted(at_once, rep):
    lead = LeadFactory(accepted=True, owner=rep)
    calls = [
        partial(
            record_disposition,
            lead_id=lead.pk,
            statement=Statement(outcome=Outcome.VOICEMAIL),
            by=rep.principal,
            at=NOW + timedelta(days=day),
        )
        for day in range(8)
    ]

    at_once(*calls)

    assert (Lead.objects.get().hand_off.attempts, Disposition.objects.filter(outcome="voicemail").count()) == (8, 8)
