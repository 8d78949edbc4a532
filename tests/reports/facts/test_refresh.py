from datetime import timedelta

import pytest

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.undo import undo_disposition
from funnel.bulk import MANY
from funnel.limits import ClockRules
from funnel.models import Lead
from funnel.services.merge import merge_leads
from reports.facts.build import facts_of
from reports.facts.refresh import catch_up, rebuild, write_facts
from reports.models import Cycle, FactsMark, Journey, LeadFact, Stay
from tests.factories import NOW, LeadFactory
from tests.processes import wait_until
from tests.reports.worlds import in_every_end, qualify, refused_then_won, say, saying, touched


def everything():
    """All facts, without the keys of their rows."""
    return {
        model.__name__: sorted(
            sorted((name, _plain(value)) for name, value in row.items() if name != "id")
            for row in model.objects.values()
        )
        for model in (LeadFact, Stay, Cycle, Journey)
    }


def _plain(value):
    return bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value)


def test_the_facts_kept_step_by_step_are_those_read_anew(marketing, rep):
    in_every_end("webinar")
    catch_up()
    lead = refused_then_won(rep, marketing, "trade-fair")
    catch_up()
    other = LeadFactory(accepted=True, owner=rep)
    qualify(other, rep)
    undo_disposition(disposition_id=Disposition.objects.latest("id").pk, by=rep.principal, at=NOW)
    catch_up()
    say(other, rep, Outcome.CONVERSATION, at=NOW + timedelta(hours=2))
    touched(lead, "webinar", NOW - timedelta(days=3))
    catch_up()
    step_by_step = everything()

    list(rebuild())

    assert everything() == step_by_step
    assert LeadFact.objects.count() == Lead.objects.count() == 10


def test_the_facts_of_many_leads_at_once_are_those_of_each_alone(rep):
    leads = LeadFactory.create_batch(30, handed_off=True, owner=rep)
    catch_up()
    at_once = everything()

    rules = ClockRules()
    for lead in leads:
        write_facts([lead.pk], rules)

    assert everything() == at_once
    assert all(bytes(touches) for touches in Journey.objects.values_list("touches", flat=True))


def test_the_journeys_of_many_leads_are_kept_as_they_were_read(rep):
    """More than are written by INSERT: PostgreSQL takes them by COPY, bytes and all."""
    leads = LeadFactory.create_batch(MANY + 1, owner=rep)
    touched(leads[0], "webinar", NOW - timedelta(days=3))
    read = {one.lead_id: bytes(one.touches) for one in facts_of([lead.pk for lead in leads], ClockRules()).journeys}

    catch_up()

    assert {one.lead_id: bytes(one.touches) for one in Journey.objects.all()} == read
    assert len(read) == MANY + 1


def test_a_merged_lead_has_no_facts_of_its_own(manager, rep):
    kept, other = LeadFactory(owner=rep, team=rep.team), LeadFactory(owner=rep, team=rep.team)
    catch_up()

    merge_leads(winner_id=kept.pk, loser_id=other.pk, by=manager.principal, at=NOW)
    catch_up()

    assert list(LeadFact.objects.values_list("lead", flat=True)) == [kept.pk]
    assert set(Stay.objects.values_list("lead", flat=True)) == {kept.pk}


def test_a_touch_alone_is_read_too(rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    catch_up()

    touched(lead, "webinar", NOW - timedelta(days=3))
    catch_up()

    # One when it arrived, at the very moment of the hand-off; one before.
    assert Cycle.objects.get(lead=lead).touches == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_new_is_read_and_nothing_written(django_assert_max_num_queries):
    LeadFactory.create_batch(3)
    assert catch_up() == 3
    # Until nobody is left who had begun before the first, in whatever database of the server.
    wait_until(lambda: catch_up() == 0, seconds=60)
    marks = list(FactsMark.objects.order_by("table").values("table", "settled_id"))

    with django_assert_max_num_queries(5) as queries:
        assert catch_up() == 0

    assert [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert list(FactsMark.objects.order_by("table").values("table", "settled_id")) == marks


@pytest.mark.slow
def test_no_writer_is_missed_though_many_write_at_once(at_once, marketing, rep):
    leads = [LeadFactory(handed_off=True, owner=rep) for _ in range(12)]

    def read():
        return sum(catch_up() for _ in range(20))

    answers = at_once(*[saying(leads[first::3], rep) for first in range(3)], read, read)
    catch_up()
    step_by_step = everything()
    list(rebuild())

    assert [one for one in answers if isinstance(one, Exception)] == []
    assert everything() == step_by_step
    assert Cycle.objects.filter(conversations=1, tries=2).count() == 12
