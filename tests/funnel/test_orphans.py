"""Leads of somebody who is not there go back to the pool, and his manager hears of it."""

from collections import Counter
from datetime import date, timedelta

import pytest

from accounts.models import Notification
from funnel import sweep
from funnel.models import Assignment, Flag, Lead
from funnel.services import orphans
from funnel.services.orphans import release_orphans
from tests.factories import NOW, CalendarFactory, LeadFactory, UserFactory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONE_BACK = Counter({"back to the pool": 1})


@pytest.fixture
def lead(rep, manager):
    return LeadFactory(handed_off=True, owner=rep)


def change(user, **fields):
    for name, value in fields.items():
        setattr(user, name, value)
    user.save()


def test_the_lead_of_somebody_who_left_goes_back_to_the_pool_of_his_team(lead, rep, west):
    change(rep, is_active=False)

    assert release_orphans(now=NOW + HOUR) == ONE_BACK

    released = Lead.objects.get()
    assert (released.owner, released.team, released.version) == (None, west, lead.version + 1)
    assert (released.due_at, released.clock_started_at) == (lead.due_at, NOW + HOUR)
    event = lead.events.last()
    assert (event.kind, event.data["owner"]) == ("lead.assigned", None)
    assert Assignment.objects.last().why == "Rita Rep has left."


def test_the_manager_is_told_once_for_all_leads_of_a_person(lead, rep, manager):
    LeadFactory.create_batch(2, accepted=True, owner=rep)
    change(rep, away_from=date(2026, 3, 4), away_until=date(2026, 3, 10))

    release_orphans(now=NOW)

    assert Notification.objects.values_list("user__name", "text").get() == (
        "Mia Manager",
        "Rita Rep is on leave. 3 leads went back to the pool.",
    )


@pytest.mark.parametrize(
    ("first", "last", "released"),
    [(4, 4, 1), (3, 4, 1), (4, None, 1), (5, 9, 0), (1, 3, 0), (None, None, 0), (None, 5, 1)],
)
def test_leave_counts_from_its_first_day_to_its_last(lead, rep, first, last, released):
    change(rep, away_from=first and date(2026, 3, first), away_until=last and date(2026, 3, last))

    assert release_orphans(now=NOW)["back to the pool"] == released


@pytest.mark.parametrize(("hour", "released"), [(14, 0), (15, 1)])
def test_leave_begins_at_midnight_of_the_team(lead, rep, west, hour, released):
    west.calendar = CalendarFactory(time_zone="Asia/Tokyo")
    west.save()
    change(rep, away_from=date(2026, 3, 5), away_until=date(2026, 3, 5))

    assert release_orphans(now=NOW.replace(hour=hour))["back to the pool"] == released


@pytest.mark.parametrize("trait", ["won", None])
def test_leads_that_are_not_with_sales_stay(rep, trait):
    LeadFactory(owner=rep, **({trait: True} if trait else {}))
    change(rep, is_active=False)

    assert release_orphans(now=NOW) == Counter()


def test_whoever_is_off_duty_keeps_what_he_has(lead, rep):
    change(rep, is_on_duty=False)

    assert release_orphans(now=NOW) == Counter()


def test_an_episode_goes_on_in_the_pool(lead, rep):
    change(rep, is_active=False)

    release_orphans(now=NOW + 2 * DAY)

    assert Flag.objects.values_list("owner", "cleared_at").get() == (rep.pk, None)


def test_a_second_run_finds_nothing(lead, rep):
    change(rep, is_active=False)
    release_orphans(now=NOW)

    assert release_orphans(now=NOW) == Counter()
    assert Assignment.objects.filter(rule="returned").count() == 1


def test_more_leads_than_a_batch_all_go_back(rep, monkeypatch):
    monkeypatch.setattr(orphans, "BATCH", 2)
    LeadFactory.create_batch(5, handed_off=True, owner=rep)
    change(rep, is_active=False)

    assert release_orphans(now=NOW) == Counter({"back to the pool": 5})


def test_where_nobody_is_missing_one_query_says_so(lead, queries_for):
    assert queries_for(lambda: release_orphans(now=NOW)) == 1


def test_twenty_leads_cost_no_more_queries_than_one(rep, west, queries_for):
    LeadFactory(handed_off=True, owner=rep)
    change(rep, is_active=False)
    one = queries_for(lambda: release_orphans(now=NOW))
    other = UserFactory(team=west)
    LeadFactory.create_batch(20, handed_off=True, owner=other)
    change(other, is_active=False)

    assert queries_for(lambda: release_orphans(now=NOW)) == one


def test_it_is_a_step_of_the_sweep(lead, rep):
    change(rep, is_active=False)

    assert sweep.run_sweep(now=NOW)["back to the pool"] == 1
