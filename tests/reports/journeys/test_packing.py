"""Journeys are always what touches and moves say, whoever writes at the same time."""

import threading
from datetime import timedelta
from functools import partial

import numpy as np
import pytest
from django.db import transaction

from accounts.principals import SYSTEM
from dispositions.outcomes import Outcome
from funnel.inputs import LeadInput, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Channel, Lead, Reason, Touch
from funnel.services.merge import merge_leads
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.receive import receive_leads
from funnel.sweep import run_sweep
from reports.facts.refresh import catch_up, rebuild
from reports.journeys.packing import DEAL, TOUCH, Kind
from reports.models import FactsMark, Journey
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import qualify, say, touched

DAY = timedelta(days=1)


def stored():
    return {row.lead_id: (bytes(row.touches), bytes(row.deals), row.currency) for row in Journey.objects.all()}


def journey(lead):
    row = Journey.objects.get(lead=lead)
    touches, deals = np.frombuffer(row.touches, TOUCH), np.frombuffer(row.deals, DEAL)
    names = dict(Channel.objects.values_list("pk", "slug"))
    return [names[number] for number in touches["channel"]], deals


@pytest.mark.django_db
def test_touches_are_packed_in_the_order_of_time_and_id():
    lead = LeadFactory(channel="webinar")
    touched(lead, "email", NOW + DAY)
    touched(lead, "fair", NOW - DAY)
    touched(lead, "ads", NOW + DAY)

    catch_up()

    channels, deals = journey(lead)
    assert channels == ["fair", "webinar", "email", "ads"]
    assert deals["kind"].tolist() == [Kind.MARKETING]
    assert (deals["touches"].tolist(), deals["creation"].tolist(), deals["opportunity"].tolist()) == ([4], [1], [-1])


@pytest.mark.django_db
def test_a_won_deal_has_the_touches_up_to_its_close(rep):
    lead = LeadFactory(accepted=True, owner=rep, channel="webinar")
    qualify(lead, rep)
    touched(lead, "email", NOW + DAY)
    say(lead, rep, Outcome.WON, at=NOW + 2 * DAY, closed_on=NOW.date() + 2 * DAY)
    touched(lead, "ads", NOW + 2 * DAY)
    touched(lead, "ads", NOW + 2 * DAY + timedelta(microseconds=1))

    catch_up()

    (deal,) = journey(lead)[1]
    assert (deal["kind"], deal["touches"], deal["cents"]) == (Kind.WON, 3, 1_200_000)
    assert (deal["creation"], deal["opportunity"]) == (0, 0)
    assert (deal["closed_at"], deal["lasted"]) == (int((NOW + 2 * DAY).timestamp()), 2 * 86400)


@pytest.mark.django_db
def test_each_cycle_with_a_result_is_a_deal(rep, marketing):
    lead = LeadFactory(accepted=True, owner=rep)
    say(lead, rep, Outcome.LOST, reason="lost_price")
    details = MoveDetails(wake_at=NOW + 9 * DAY)
    move_lead(lead_id=lead.pk, to=Stage.NURTURE, by=marketing.principal, at=NOW + DAY, details=details)
    touched(lead, "email", NOW + 2 * DAY)

    catch_up()

    deals = journey(lead)[1]
    assert deals["kind"].tolist() == [Kind.ENDED, Kind.MARKETING]
    assert deals["touches"].tolist() == [1, 2]


@pytest.mark.django_db
def test_a_lost_lead_is_one_deal(rep):
    lead = LeadFactory(accepted=True, owner=rep)
    say(lead, rep, Outcome.LOST, reason="lost_price")

    catch_up()

    assert journey(lead)[1]["kind"].tolist() == [Kind.ENDED]


@pytest.mark.django_db
def test_a_touch_or_a_move_that_comes_later_is_found(marketing):
    lead, other = LeadFactory(channel="webinar"), LeadFactory()
    catch_up()

    touched(lead, "email", NOW - DAY)
    catch_up()
    move_lead(lead_id=other.pk, to=Stage.DISQUALIFIED, by=marketing.principal, at=NOW, details=_because())
    catch_up()

    assert journey(lead)[0] == ["email", "webinar"]
    assert journey(other)[1]["kind"].tolist() == [Kind.ENDED]


def _because():
    return MoveDetails(reason=Reason.objects.get(slug="student"))


@pytest.mark.django_db
def test_the_survivor_of_a_merge_has_the_touches_of_both(admin):
    stays, goes = LeadFactory(channel="webinar"), LeadFactory(channel="email", at=NOW - DAY)
    catch_up()

    merge_leads(winner_id=stays.pk, loser_id=goes.pk, by=admin.principal, at=NOW)
    catch_up()

    assert journey(stays)[0] == ["email", "webinar"]
    assert not Journey.objects.filter(lead=goes).exists()


@pytest.mark.django_db
def test_the_sweep_keeps_journeys():
    lead = LeadFactory()

    run_sweep(now=NOW)

    assert Journey.objects.filter(lead=lead).exists()


@pytest.mark.postgres
def test_a_touch_committed_after_a_later_one_was_seen_is_found(at_once):
    """Its id is lower than what the sweep has seen, and nothing else tells of it."""
    early, late = LeadFactory(channel="webinar"), LeadFactory()
    Channel.objects.create(slug="email", name="E-mail")  # which the two would wait for each other to make
    catch_up()
    written, seen = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            touched(early, "email", NOW + DAY)
            written.set()
            seen.wait(20)

    def beside():
        written.wait(20)
        touched(late, "email", NOW + DAY)
        for _ in range(3):
            catch_up()
        found = journey(late)[0], journey(early)[0], FactsMark.objects.get(table="touches").settled_id
        seen.set()
        return found

    _, (of_late, of_early, settled) = at_once(slow, beside)
    assert (of_late, of_early) == (["organic-search", "email"], ["webinar"])
    assert settled < Touch.objects.filter(lead=early).last().pk

    catch_up()

    assert journey(early)[0] == ["webinar", "email"]


def test_journeys_are_right_after_writers_and_sweepers_at_once(at_once, marketing):
    leads = LeadFactory.create_batch(6, channel="webinar")
    catch_up()

    def write(number):
        for turn in range(6):
            lead = leads[(number + turn) % len(leads)]
            touch = TouchInput(at=NOW + turn * DAY, channel=f"channel-{number}", external_id=f"{number}-{turn}")
            receive_leads([LeadInput(source="website", email=lead.email, touches=(touch,))], by=SYSTEM, at=NOW)
            receive_leads([LeadInput(source="website", email=f"n{number}.{turn}@new.example")], by=SYSTEM, at=NOW)

    def sweep():
        for _ in range(8):
            catch_up()

    answers = at_once(*[partial(write, number) for number in range(4)], sweep, sweep)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    catch_up()

    kept = stored()
    list(rebuild())
    assert stored() == kept
    assert Journey.objects.count() == Lead.objects.count() == 6 + 24
    assert sum(len(bytes(row.touches)) // TOUCH.itemsize for row in Journey.objects.all()) == Touch.objects.count()
