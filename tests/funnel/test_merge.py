"""Two leads of one person become one, and nothing that happened to either is lost."""

from datetime import timedelta
from decimal import Decimal

import pytest

from dispositions.models import BuyIn
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.errors import NotAllowed, StaleVersion
from funnel.inputs import LeadInput, Status, TouchInput
from funnel.models import Evidence, Flag, HandOff, Lead, LeadEvent, Touch
from funnel.services.edit import holder_of
from funnel.services.merge import MergeRefused, merge_leads
from funnel.services.receive import receive_leads
from funnel.services.verify import first_broken_row
from funnel.sweep import run_sweep
from tests.factories import NOW, LeadFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
DAYS_LATER = NOW + timedelta(days=20)


def merge(winner, loser, by, **more):
    return merge_leads(winner_id=winner.pk, loser_id=loser.pk, by=by.principal, at=LATER, **more)


def again(lead):
    return Lead.objects.get(pk=lead.pk)


def rows_of(*leads):
    ids = [lead.pk for lead in leads]
    return [list(model.objects.filter(lead__in=ids).values()) for model in (LeadEvent, Touch, Evidence, HandOff)] + [
        list(Lead.objects.filter(pk__in=ids).values())
    ]


@pytest.fixture
def pair(rep):
    """An accepted lead, and an inquiry of the same person that came in by itself."""
    kept = LeadFactory(accepted=True, owner=rep, phone="")
    double = LeadFactory(
        owner=rep, phone="+49 30 1234567", external_id="crm-7", source="crm", attributes={"pain": "Slow."}
    )
    return kept, double


def test_the_survivor_gets_what_it_lacks_and_keeps_what_it_has(pair, rep):
    kept, double = pair

    merge(kept, double, rep)

    winner = again(kept)
    assert (winner.phone, winner.email, winner.stage, winner.owner) == (double.phone, kept.email, kept.stage, rep)
    assert winner.version == kept.version + 1
    assert again(double).merged_into == winner


def test_identities_touches_evidence_and_buyers_move_over(pair, rep):
    kept, double = pair
    BuyIn.objects.create(lead=double, person="Carl", created_at=NOW, updated_at=NOW, updated_by=rep)

    merge(kept, double, rep)

    assert list(kept.identities.values_list("source", "external_id")) == [("crm", "crm-7")]
    assert (kept.touches.count(), double.touches.count()) == (2, 0)
    assert kept.evidence.get(attribute="pain").text == "Slow."
    assert kept.buy_ins.get().person == "Carl"


def test_both_ledgers_tell_of_it_and_the_history_stays_whole(pair, rep):
    kept, double = pair

    merge(kept, double, rep)

    told = LeadEvent.objects.filter(kind=LeadEvent.Kind.MERGED).order_by("lead").values_list("lead", "data", "actor")
    assert list(told) == [
        (kept.pk, {"merged": double.pk, "fields": ["phone"]}, rep.pk),
        (double.pk, {"into": kept.pk}, rep.pk),
    ]
    assert first_broken_row() is None


def test_a_chosen_field_comes_from_the_lead_that_ends(pair, rep):
    kept, double = pair

    merge(kept, double, rep, take=["last_name"])

    assert again(kept).last_name == double.last_name


def test_both_addresses_lead_to_the_survivor(pair, rep, marketing):
    kept, double = pair
    merge(kept, double, rep, take=["email"])

    again_received = receive_leads(
        [LeadInput(source="website", email=one.email, title="Head") for one in (kept, double)],
        by=marketing.principal,
        at=LATER,
    )

    assert again(kept).email == double.email
    assert [(one.status, one.lead.pk) for one in again_received] == [
        (Status.UPDATED, kept.pk),
        (Status.UNCHANGED, kept.pk),
    ]
    assert Lead.objects.count() == 2


def test_an_address_the_survivor_lacks_is_its_own_from_then_on(rep, marketing):
    kept = LeadFactory(owner=rep, email="", external_id="a", phone="1")
    double = LeadFactory(owner=rep)

    merge(kept, double, rep)

    assert (again(kept).email_key, again(double).email_key) == (double.email_key, None)


def test_what_a_tool_sends_of_the_merged_lead_reaches_the_survivor(pair, rep, marketing):
    kept, double = pair
    merge(kept, double, rep)

    touch = TouchInput(at=LATER, kind="webinar", channel="webinar", external_id="t-1")
    (received,) = receive_leads(
        [LeadInput(source="crm", external_id="crm-7", email=double.email, touches=(touch,))],
        by=marketing.principal,
        at=LATER,
    )

    assert received.lead == kept
    assert kept.touches.filter(external_id="t-1").exists()


def test_leads_merged_before_go_with_it(rep):
    first, second, third = (LeadFactory(owner=rep) for _ in range(3))
    merge(second, first, rep)

    merge(third, second, rep)

    assert again(first).merged_into == third
    assert holder_of(first.email_key) == third.pk


def test_nothing_is_done_for_a_merged_lead_any_more(rep, manager):
    kept, double = LeadFactory(accepted=True, owner=rep), LeadFactory(handed_off=True, owner=rep)
    run_sweep(now=DAYS_LATER)
    merge_leads(winner_id=kept.pk, loser_id=double.pk, by=manager.principal, at=DAYS_LATER)
    rep.is_active = False
    rep.save()

    run_sweep(now=DAYS_LATER + timedelta(days=30))

    loser = again(double)
    assert (loser.sweep_at, loser.owner, loser.ledger_seq) == (None, rep, LeadEvent.objects.filter(lead=loser).count())
    assert not Flag.objects.filter(lead=loser, cleared_at=None).exists()
    assert loser.hand_offs.get().outcome == HandOff.Outcome.WITHDRAWN
    assert LeadEvent.objects.filter(lead=loser).last().kind == LeadEvent.Kind.MERGED
    assert first_broken_row() is None


def test_a_later_touch_of_the_other_ends_the_silence(rep):
    kept, double = LeadFactory(owner=rep), LeadFactory(owner=rep, at=NOW + timedelta(minutes=1))

    merge(kept, double, rep)

    winner = again(kept)
    assert winner.last_touch_at == double.last_touch_at
    assert winner.due_at == double.due_at


def test_whoever_worked_on_the_person_keeps_him(rep, manager, west):
    kept, double = LeadFactory(team=west), LeadFactory(owner=rep)

    merge(kept, double, manager)

    assert again(kept).owner == rep


def test_revenue_is_never_merged_away(rep):
    won, fresh = LeadFactory(won=True, owner=rep), LeadFactory(owner=rep)
    before = rows_of(won, fresh)

    with pytest.raises(MergeRefused, match="keep it, and merge"):
        merge(fresh, won, rep)

    assert rows_of(won, fresh) == before
    merge(won, fresh, rep)
    assert again(won).amount == Decimal(12000)


def test_an_earlier_result_counts_too(rep, manager):
    reopened, other = LeadFactory(won=True, owner=rep), LeadFactory(accepted=True, owner=rep)
    Lead.objects.filter(pk=reopened.pk).update(stage="sal", due_at=NOW, due_clock="disposition", amount=None)

    with pytest.raises(MergeRefused, match="has a result that reports count"):
        merge(other, reopened, manager)


def test_two_with_a_result_stay_apart(rep, manager):
    won, also = LeadFactory(won=True, owner=rep), LeadFactory(won=True, owner=rep)

    with pytest.raises(MergeRefused, match="leave them apart"):
        merge(won, also, manager)


def test_what_is_with_sales_is_not_merged_into_what_is_not(rep, manager):
    inquiry, handed = LeadFactory(owner=rep), LeadFactory(handed_off=True, owner=rep)

    with pytest.raises(MergeRefused, match=f"Keep {handed}: what is with sales is never lost"):
        merge(inquiry, handed, manager)


def test_a_rep_merges_nothing_out_of_the_black_hole(rep, manager):
    kept, late = LeadFactory(accepted=True, owner=rep), LeadFactory(handed_off=True, owner=rep)
    run_sweep(now=DAYS_LATER)

    with pytest.raises(MergeRefused, match="is in the Black Hole"):
        merge_leads(winner_id=kept.pk, loser_id=late.pk, by=rep.principal, at=DAYS_LATER)


def test_a_rep_merges_his_own_alone(rep, manager, west):
    own, pool = LeadFactory(handed_off=True, owner=rep), LeadFactory(stage="mql", owner=None, team=west)

    with pytest.raises(NotAllowed, match="both yours"):
        merge(own, pool, rep)

    merge(own, pool, manager)


def test_a_lead_out_of_scope_does_not_exist(rep, eastern_rep):
    own, foreign = LeadFactory(owner=rep), LeadFactory(owner=eastern_rep)

    with pytest.raises(Lead.DoesNotExist):
        merge(own, foreign, rep)


def test_marketing_merges_what_sales_does_not_have(rep, marketing, eastern_rep):
    inquiry, handed = LeadFactory(), LeadFactory(handed_off=True, owner=rep)
    with pytest.raises(NotAllowed, match="is with sales"):
        merge(inquiry, handed, marketing)
    with pytest.raises(NotAllowed, match="belong to two reps"):
        merge(handed, LeadFactory(owner=eastern_rep), marketing)

    merge(handed, inquiry, marketing)

    assert again(inquiry).merged_into == handed


def test_a_lead_is_not_merged_into_itself(rep):
    lead = LeadFactory(owner=rep)

    with pytest.raises(MergeRefused, match="the same lead"):
        merge(lead, lead, rep)


def test_whoever_looked_at_an_older_version_merges_nothing(pair, rep):
    kept, double = pair
    statement = Statement(outcome=Outcome.NO_ANSWER)
    record_disposition(lead_id=kept.pk, statement=statement, by=rep.principal, at=LATER)
    before = rows_of(kept, double)

    # The version stands for what was seen: an attempt alone raises it.
    with pytest.raises(StaleVersion):
        merge(kept, double, rep, versions={kept.pk: kept.version, double.pk: double.version})

    assert rows_of(kept, double) == before


def test_an_amount_of_sales_keeps_its_currency(rep):
    kept = LeadFactory(qualified=True, owner=rep)
    double = LeadFactory(owner=rep, expected_value=Decimal(900), currency="USD")

    merge(kept, double, rep)

    assert (again(kept).currency, again(kept).expected_value) == ("EUR", None)


# --- at once ----------------------------------------------------------------------------------------------------


def test_of_two_who_merge_each_into_the_other_one_is_told(at_once, rep):
    one, other = LeadFactory(owner=rep), LeadFactory(owner=rep)

    results = at_once(lambda: merge(one, other, rep), lambda: merge(other, one, rep))

    assert sorted(type(result).__name__ for result in results) == ["DoesNotExist", "Lead"]
    assert Lead.objects.filter(merged_into=None).count() == 1
    assert first_broken_row() is None


def test_what_a_tool_sends_at_that_moment_is_not_lost(at_once, rep, marketing):
    kept, double = LeadFactory(owner=rep), LeadFactory(owner=rep)
    touch = TouchInput(at=LATER, channel="webinar", external_id="t-1")
    given = LeadInput(source="website", email=double.email, touches=(touch,))

    at_once(
        lambda: merge(kept, double, rep),
        lambda: receive_leads([given], by=marketing.principal, at=LATER),
    )

    assert Touch.objects.get(external_id="t-1").lead == kept
    assert Lead.objects.count() == 2
    assert first_broken_row() is None
