"""At the same moment, on real transactions: one person is one lead, one deadline one flag, and no batch deadlocks."""

import random
from datetime import timedelta
from functools import partial

import pytest

from accounts.principals import SYSTEM, Kind, Principal
from funnel import ledger
from funnel.inputs import CompanyInput, LeadInput, Past, Status, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Agreement, Campaign, Channel, Company, Flag, Lead, LeadEvent, LeadIdentity, StageChange, Touch
from funnel.services import flags
from funnel.services.flags import raise_flags
from funnel.services.moves import move_lead
from funnel.services.past import record_history
from funnel.services.receive import receive_leads
from tests.factories import NOW, LeadFactory

FORM_TOOL = Principal(kind=Kind.API_KEY, name="Form tool", source="website")


def receive(*inputs):
    return receive_leads(inputs, by=FORM_TOOL, at=NOW)


def statuses(answers):
    return sorted(received.status for answer in answers for received in answer)


def check_history(leads):
    """Each lead's events and moves are whole: counted, chained, and ending where the lead stands."""
    for lead in leads:
        events = list(LeadEvent.objects.filter(lead=lead))
        assert [event.seq for event in events] == list(range(1, lead.ledger_seq + 1))
        previous = ledger.GENESIS
        for event in events:
            assert event.hash == (previous := ledger.event_hash(previous, event))
        assert StageChange.objects.filter(lead=lead).last().new == lead.stage


@pytest.mark.parametrize(
    "who",
    [
        pytest.param({"email": "bea@buyer.example"}, id="address"),
        pytest.param({"external_id": "w-1"}, id="external id"),
        pytest.param({"email": "bea@buyer.example", "external_id": "w-1"}, id="both"),
    ],
)
def test_one_person_received_eight_times_at_once_is_one_lead(at_once, who):
    given = LeadInput(source="website", channel="fair", title="Buyer", **who)

    answers = at_once(*[partial(receive, given)] * 8)

    assert statuses(answers) == [Status.CREATED] + [Status.UNCHANGED] * 7
    assert (Lead.objects.count(), Touch.objects.count(), LeadIdentity.objects.count()) == (
        1,
        1,
        1 if "external_id" in who else 0,
    )
    check_history(Lead.objects.all())


def test_spellings_of_one_address_received_at_once_are_one_lead(at_once):
    spellings = ["bea@buyer.example", "BEA@buyer.example", " bea@buyer.example ", "ｂｅａ@buyer.example"]

    at_once(*[partial(receive, LeadInput(source="website", email=spelling)) for spelling in spellings * 2])

    assert Lead.objects.values_list("email_key", flat=True).get() == "bea@buyer.example"


def test_a_touch_reported_eight_times_at_once_counts_once(at_once):
    lead = LeadFactory()
    touch = TouchInput(at=NOW + timedelta(days=1), channel="webinar", external_id="t-1")

    at_once(*[partial(receive, LeadInput(source="website", email=lead.email, touches=(touch,)))] * 8)

    assert Touch.objects.filter(external_id="t-1").count() == 1


def test_batches_of_the_same_new_people_in_any_order_do_not_deadlock(at_once):
    receive(LeadInput(source="website", email="first@buyer.example"))  # makes the channel, which all would wait for

    for turn in range(4):
        people = [LeadInput(source="website", email=f"p{turn}.{n}@buyer.example") for n in range(150)]
        answers = at_once(*[partial(receive, *order) for order in orders_of(people)])

        assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert Lead.objects.count() == 601


@pytest.mark.django_db
def test_what_several_batches_may_write_at_once_is_written_in_the_order_of_its_keys():
    """Two transactions that write the same keys in one order wait for each other once; in two orders, for ever."""
    people = [
        LeadInput(
            source="website",
            email=f"{name}@buyer.example",
            external_id=name,
            channel=f"{name}-fair",
            campaign=f"{name}-spring",
            company=CompanyInput(domain=f"{name}.example"),
            touches=(TouchInput(at=NOW, channel="fair", external_id=name),),
        )
        for name in "dacb"
    ]

    receive(*people)

    for model, key in [
        (Lead, "email_key"),
        (LeadIdentity, "external_id"),
        (Touch, "external_id"),
        (Company, "domain"),
        (Channel, "slug"),
        (Campaign, "slug"),
    ]:
        keys = list(model.objects.order_by("pk").values_list(key, flat=True))
        assert keys == sorted(keys), model


def test_batches_of_the_same_people_with_all_that_is_theirs_neither_deadlock_nor_double(at_once):
    people = [
        LeadInput(
            source="website",
            email=f"p{number}@buyer.example",
            external_id=f"w-{number}",
            channel=f"channel-{number % 5}",
            company=CompanyInput(domain=f"c{number % 7}.example", employees=number),
            touches=(TouchInput(at=NOW, channel="fair", external_id=f"t-{number}"),),
        )
        for number in range(40)
    ]

    answers = at_once(*[partial(receive, *order) for order in orders_of(people)])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    counts = [model.objects.count() for model in (Lead, LeadIdentity, Touch, Company)]
    assert counts == [40, 40, 40, 7]
    check_history(Lead.objects.all())


def orders_of(people):
    return [random.Random(seed).sample(people, len(people)) for seed in range(8)]  # no secret


def test_sweepers_at_once_raise_each_flag_once(at_once, rep, monkeypatch):
    monkeypatch.setattr(flags, "BATCH", 3)
    LeadFactory.create_batch(20, handed_off=True, owner=rep)

    counted = at_once(*[partial(raise_flags, now=NOW + timedelta(days=9))] * 4)

    assert sum(counts["black_hole"] for counts in counted) == 20
    assert Flag.objects.filter(cleared_at=None).count() == 20
    assert LeadEvent.objects.filter(kind=LeadEvent.Kind.BLACK_HOLE).count() == 20
    check_history(Lead.objects.all())


def test_a_sweep_and_the_answers_it_meets_leave_one_episode_each(at_once, rep):
    leads = LeadFactory.create_batch(12, handed_off=True, owner=rep)
    late = NOW + timedelta(days=9)

    def accept(part):
        return [move_lead(lead_id=lead.pk, to=Stage.SAL, by=rep.principal, at=late) for lead in part]

    answers = at_once(*[partial(accept, leads[start::3]) for start in range(3)], *[partial(raise_flags, now=late)] * 2)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert list(Flag.objects.order_by("lead").values_list("lead", "clock", "cleared_at")) == [
        (lead.pk, "accept", late) for lead in leads
    ]
    check_history(Lead.objects.all())


def test_a_past_imported_twice_at_once_is_written_once(at_once):
    leads = LeadFactory.create_batch(10)
    pasts = [Past(lead=lead, outcome=Stage.WON, closed_at=NOW + timedelta(hours=1)) for lead in leads]
    orders = [pasts, pasts[::-1]] * 2

    answers = at_once(*[partial(record_history, order, by=SYSTEM, recorded_at=NOW) for order in orders])

    assert statuses(answers) == [Status.UNCHANGED] * 30 + [Status.UPDATED] * 10
    assert Agreement.objects.count() == 1
    check_history(Lead.objects.all())
