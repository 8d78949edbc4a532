"""Touches of marketing move the touch clock and nothing of sales'."""

from datetime import timedelta
from functools import partial

import pytest

from accounts.principals import Kind, Principal
from funnel.inputs import CompanyInput, LeadInput, Status, TouchInput
from funnel.models import Company, Flag, Lead, Touch
from funnel.services.flags import raise_flags
from funnel.services.receive import receive_leads
from tests.factories import NOW, LeadFactory

pytestmark = pytest.mark.django_db
FORM_TOOL = Principal(kind=Kind.API_KEY, name="Form tool", source="website")
DAY = timedelta(days=1)


def touch(lead, *, at, external_id="t-1", received_at=None):
    given = TouchInput(at=at, kind="webinar", channel="webinar", external_id=external_id)
    row = LeadInput(source="website", email=lead.email, touches=(given,))
    return receive_leads([row], by=FORM_TOOL, at=received_at or at)


def test_a_touch_restarts_the_touch_clock():
    lead = LeadFactory()

    touch(lead, at=NOW + 3 * DAY)

    touched = Lead.objects.get()
    assert (touched.last_touch_at, touched.due_at, touched.sweep_at) == (
        NOW + 3 * DAY,
        NOW + 33 * DAY,
        NOW + 33 * DAY,
    )


def test_a_touch_dated_in_the_future_silences_no_lead_for_longer_than_one_of_now():
    lead = LeadFactory()

    touch(lead, at=NOW + 4000 * DAY, received_at=NOW + 3 * DAY)

    assert Lead.objects.get().due_at == NOW + 33 * DAY


def test_a_touch_raises_neither_the_version_nor_the_ledger():
    lead = LeadFactory()

    touch(lead, at=NOW + 3 * DAY)

    assert Lead.objects.values_list("version", "ledger_seq").get() == (lead.version, lead.ledger_seq)


def test_a_touch_reported_twice_counts_once():
    lead = LeadFactory()
    touch(lead, at=NOW + 3 * DAY)

    answers = touch(lead, at=NOW + 3 * DAY, received_at=NOW + 4 * DAY)

    assert [answer.status for answer in answers] == [Status.UNCHANGED]
    assert Touch.objects.filter(external_id="t-1").count() == 1


def test_the_same_touch_twice_in_one_report_counts_once():
    lead = LeadFactory()
    given = TouchInput(at=NOW, channel="webinar", external_id="t-1")

    receive_leads([LeadInput(source="website", email=lead.email, touches=(given, given))], by=FORM_TOOL, at=NOW)

    assert Touch.objects.filter(external_id="t-1").count() == 1


def test_touches_without_an_id_of_their_own_all_count():
    lead = LeadFactory()

    touch(lead, at=NOW + DAY, external_id=None)
    touch(lead, at=NOW + DAY, external_id=None)

    assert Touch.objects.filter(kind="webinar").count() == 2


def test_a_touch_of_long_ago_moves_no_clock():
    lead = LeadFactory()

    touch(lead, at=NOW - 10 * DAY, received_at=NOW + DAY)

    assert Lead.objects.values_list("last_touch_at", "due_at").get() == (lead.last_touch_at, lead.due_at)


def test_a_touch_ends_the_silence_of_a_stale_lead():
    lead = LeadFactory()
    raise_flags(now=NOW + 31 * DAY)

    touch(lead, at=NOW + 32 * DAY)

    assert Flag.objects.values_list("kind", "clock", "cleared_at").get() == ("stale", "touch", NOW + 32 * DAY)
    assert Lead.objects.get().due_at == NOW + 62 * DAY


def test_a_touch_that_comes_after_the_deadline_and_before_the_sweep_leaves_an_episode():
    lead = LeadFactory()

    touch(lead, at=NOW + 32 * DAY)

    assert Flag.objects.values_list("due_at", "raised_at", "cleared_at").get() == (
        NOW + 30 * DAY,
        NOW + 32 * DAY,
        NOW + 32 * DAY,
    )


@pytest.mark.parametrize("trait", ["handed_off", "accepted", "qualified"])
def test_no_touch_stops_a_clock_of_sales(trait, rep):
    lead = LeadFactory(owner=rep, **{trait: True})
    clock = Lead.objects.values("due_at", "due_clock", "sweep_at", "version")
    before = clock.get()

    touch(lead, at=NOW + DAY)

    assert clock.get() == before


def test_no_touch_gets_a_lead_out_of_the_black_hole(rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    raise_flags(now=NOW + 3 * DAY)

    touch(lead, at=NOW + 4 * DAY)

    assert Flag.objects.values_list("kind", "cleared_at").get() == ("black_hole", None)


def touches(leads, *, at):
    given = [TouchInput(at=at, kind="webinar", channel="webinar", external_id=f"t-{lead.pk}") for lead in leads]
    rows = [
        LeadInput(
            source="website",
            email=lead.email,
            company=CompanyInput(domain=lead.company.domain, country="DE") if lead.company else None,
            touches=(one,),
        )
        for lead, one in zip(leads, given, strict=True)
    ]
    receive_leads(rows, by=FORM_TOOL, at=at)


def test_a_batch_ends_each_leads_own_episode_flagged_or_not_yet():
    flagged, unseen, in_time = (
        LeadFactory(),
        LeadFactory(at=NOW + DAY),
        LeadFactory(at=NOW + 20 * DAY),
    )
    raise_flags(now=NOW + 30 * DAY)

    touches([flagged, unseen, in_time], at=NOW + 32 * DAY)

    flags = Flag.objects.order_by("lead")
    assert list(flags.values_list("lead", "cleared_at")) == [(one.pk, NOW + 32 * DAY) for one in (flagged, unseen)]
    assert {lead.due_at for lead in Lead.objects.all()} == {NOW + 62 * DAY}
    told = {lead.pk: list(lead.events.order_by("seq").values_list("kind", flat=True)) for lead in Lead.objects.all()}
    assert told[flagged.pk][:2] == told[unseen.pk][:2] == ["lead.created", "lead.stale"]
    assert "lead.stale" not in told[in_time.pk]


def test_a_large_batch_asks_no_more_often_than_a_small_one(queries_for):
    """Of leads whose deadlines have passed, and of companies of which something is told that nobody knew."""
    for number in range(60):
        LeadFactory(company=CompanyInput(domain=f"c{number}.example"))
    leads = list(Lead.objects.select_related("company"))
    raise_flags(now=NOW + 31 * DAY)
    touch(LeadFactory(), at=NOW, external_id="first")  # makes the channel
    asked = {}
    for some in (leads[:27], leads[27:]):  # so many at least, that rows go by COPY
        asked[len(some)] = queries_for(partial(touches, some, at=NOW + 32 * DAY))

    assert asked[27] == asked[33] < 27
    assert Flag.objects.filter(cleared_at=NOW + 32 * DAY).count() == 60
    assert Company.objects.filter(country="DE").count() == 60
