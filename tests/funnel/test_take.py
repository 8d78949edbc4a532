"""A lead of the pool belongs to whoever takes it first."""

from datetime import timedelta
from functools import partial

import pytest

from funnel.errors import NotAllowed, TakenAlready
from funnel.lifecycle import Stage
from funnel.models import Assignment, Lead
from funnel.services.take import take_lead
from tests.factories import NOW, CalendarFactory, LeadFactory, UserFactory
from tests.funnel.test_concurrency import check_history


@pytest.fixture
def pooled(west):
    return LeadFactory(handed_off=True, owner=None, team=west)


def take(lead, user, at=NOW):
    return take_lead(lead_id=lead.pk, by=user.principal, at=at)


def test_a_rep_takes_a_lead_from_the_pool_of_his_team(rep, pooled):
    taken = take(pooled, rep)

    assert Lead.objects.get().owner == rep
    assert (taken.version, taken.due_at) == (pooled.version + 1, pooled.due_at)
    assert Assignment.objects.filter(rule="taken").values_list("rep", "team", "by", "why").get() == (
        rep.pk,
        rep.team_id,
        rep.pk,
        "Rita Rep took it.",
    )
    check_history(Lead.objects.all())


def test_of_eight_who_take_a_lead_at_the_same_moment_one_gets_it(at_once, west, pooled):
    reps = UserFactory.create_batch(8, team=west)

    answers = at_once(*[partial(take, pooled, one) for one in reps])

    owner = Lead.objects.get().owner
    assert sum(isinstance(answer, Lead) for answer in answers) == 1
    losers = [answer for answer in answers if isinstance(answer, TakenAlready)]
    assert [str(loser) for loser in losers] == [f"{owner.name} was faster and has this lead now."] * 7
    assert Assignment.objects.filter(rule="taken").count() == 1
    check_history(Lead.objects.all())


def test_taken_twice_by_the_same_rep_it_is_taken_once(rep, pooled):
    take(pooled, rep)

    assert take(pooled, rep).version == pooled.version + 1
    assert Assignment.objects.filter(rule="taken").count() == 1


def test_the_remaining_time_goes_on_in_the_hours_of_whoever_took_it(sales, head_of_sales, pooled):
    sales.calendar = CalendarFactory(time_zone="UTC", opening_hours="Mon-Fri 12:00-20:00")
    sales.save()

    taken = take(pooled, type(head_of_sales).objects.get(pk=head_of_sales.pk), at=NOW + timedelta(hours=1))

    # Of eight hours from 10:00 on one was gone at 11:00; seven are left from 12:00 on.
    assert taken.due_at == NOW.replace(hour=19)


@pytest.mark.parametrize("stage", [Stage.INQUIRY, Stage.NURTURE])
def test_what_marketing_still_has_is_not_taken(rep, west, stage):
    lead = LeadFactory(team=west)
    Lead.objects.filter(pk=lead.pk).update(stage=stage)

    with pytest.raises(NotAllowed, match="only what was handed to sales can be taken"):
        take(lead, rep)


def test_the_pool_of_another_team_does_not_exist(eastern_rep, pooled):
    with pytest.raises(Lead.DoesNotExist):
        take(pooled, eastern_rep)


def test_a_lead_that_was_a_colleagues_all_along_does_not_exist(rep, west):
    colleagues = LeadFactory(handed_off=True, owner=UserFactory(team=west))

    with pytest.raises(Lead.DoesNotExist):
        take(colleagues, rep)


def test_a_lead_that_a_colleague_took_long_ago_does_not_exist(rep, west, pooled):
    take(pooled, UserFactory(team=west))

    with pytest.raises(Lead.DoesNotExist):
        take(pooled, rep, at=NOW + timedelta(hours=1))


def test_a_manager_is_told_whose_the_lead_is(manager, rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    with pytest.raises(TakenAlready, match="Rita Rep was faster"):
        take(lead, manager)


def test_marketing_takes_no_leads(marketing, pooled):
    with pytest.raises(NotAllowed, match="Only sales takes leads"):
        take(pooled, marketing)
