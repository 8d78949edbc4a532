"""Answers kept by blocks of leads are those that counting everything gives, whatever happened in between."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from accounts.principals import SYSTEM
from dispositions.outcomes import Outcome
from funnel.models import Campaign, Lead, LeadEvent, Touch
from reports.engine import entries_for
from reports.facts import refresh
from reports.kept import answers, blocks
from reports.kept.table import Table
from reports.models import FactsBlock, FactsMark, KeptAnswer, KeptPart
from reports.ready import make_ready
from reports.selection import Selection
from tests.factories import NOW, LeadFactory
from tests.reports.lives import Company
from tests.reports.worlds import computed, fallen, headline, line, say, saying, won


@pytest.fixture
def always(monkeypatch):
    """Answers are kept however few leads there are, and blocks are small."""
    monkeypatch.setattr(answers, "WORTH_IT_FROM_BLOCKS", 1)
    monkeypatch.setattr(blocks, "LEADS_A_BLOCK", 3)


@pytest.fixture
def people(sales, west, east, rep, eastern_rep, head_of_sales, marketing, signed_agreement):
    return {"marketing": marketing, "manager": head_of_sales, "reps": [rep, eastern_rep]}


def settle():
    """All is read, and nobody writes any more: whatever other tests do in other databases of the server."""
    refresh.catch_up()
    for name, model in (("events", LeadEvent), ("touches", Touch)):
        FactsMark.objects.filter(table=name).update(settled_id=model.objects.latest("pk").pk)


def every_report(viewer, now, **given):
    """However its rows are cut."""
    found = {}
    for entry in entries_for(viewer.principal):
        names = {one.name for one in entry.parameters}
        by = next((one for one in entry.parameters if one.name == "by"), None)
        for kind in [one.value for one in by.options(viewer.principal)] if by else [""]:
            asked = {name: text for name, text in {**given, "by": kind}.items() if name in names}
            if entry.is_kept:
                found[entry.name, kind] = entry.report(asked, principal=viewer.principal, now=now)
    return found


def counted_anew(monkeypatch, viewer, now, **given):
    with monkeypatch.context() as patched:
        patched.setattr(Selection, "may_be_kept", False)
        return every_report(viewer, now, **given)


@pytest.mark.slow
def test_every_report_from_what_is_kept_is_the_same_counted_anew(always, monkeypatch, people, manager):
    marketing = people["marketing"]
    company = Company(1, **people)
    period = {"from": (NOW + timedelta(days=1)).date().isoformat()}
    for _ in range(4):
        now = company.live()
        assert every_report(marketing, now) == counted_anew(monkeypatch, marketing, now)
        settle()
    for given in (period | {"dates": "event"}, period | {"dates": "cohort"}):
        assert every_report(marketing, now, **given) == counted_anew(monkeypatch, marketing, now, **given)
    assert every_report(manager, now) == counted_anew(monkeypatch, manager, now)
    # One block moves while the others do not.
    before = set(FactsBlock.objects.values_list("number", "version"))
    LeadFactory(handed_off=True, owner=people["reps"][0])
    assert every_report(marketing, now) == counted_anew(monkeypatch, marketing, now)
    assert len(set(FactsBlock.objects.values_list("number", "version")) - before) == 1 < len(before)
    # The company did live.
    assert Lead.objects.count() > 20
    assert KeptAnswer.objects.count() > 60


def test_only_blocks_that_moved_are_counted_again(always, rep, marketing):
    leads = LeadFactory.create_batch(9, handed_off=True, owner=rep)
    settle()
    computed("response", marketing)
    before = dict(KeptPart.objects.values_list("pk", "block"))

    say(leads[0], rep, Outcome.ACCEPT)
    report = computed("response", marketing)

    assert headline(report)["hand_offs"] == 9
    assert line(report, owner=str(rep.pk))["answered"] == 1
    written_anew = set(before) - set(KeptPart.objects.values_list("pk", flat=True))
    assert {before[pk] for pk in written_anew} == {blocks.block_of(leads[0].pk)}


def test_an_answer_that_is_kept_is_read_and_nothing_counted(always, rep, marketing, monkeypatch):
    LeadFactory.create_batch(4, handed_off=True, owner=rep)
    settle()
    first = computed("response", marketing)

    monkeypatch.setattr(answers, "_added", None)

    assert computed("response", marketing) == first


def test_what_a_campaign_is_worth_is_part_of_the_question(always, marketing):
    lead = fallen()
    campaign = Campaign.objects.create(
        name="Fair", slug="fair", channel=lead.channel, expected_value=Decimal(500), currency="EUR"
    )
    Lead.objects.filter(pk=lead.pk).update(campaign=campaign)
    assert headline(computed("closed-loop", marketing))["black_hole_value"] == 500

    Campaign.objects.update(expected_value=Decimal(700))

    assert headline(computed("closed-loop", marketing))["black_hole_value"] == 700


def test_a_manager_and_marketing_each_have_their_own(always, rep, manager, marketing, eastern_rep):
    LeadFactory(handed_off=True, owner=rep)
    LeadFactory(handed_off=True, owner=eastern_rep)

    assert headline(computed("response", marketing))["hand_offs"] == 2
    assert headline(computed("response", manager))["hand_offs"] == 1


def test_for_a_rep_and_as_of_a_past_day_everything_is_counted(always, rep, marketing):
    LeadFactory(handed_off=True, owner=rep)

    computed("response", rep)
    computed("response", marketing, as_of=(NOW - timedelta(days=1)).date().isoformat())

    assert not KeptAnswer.objects.exists()


def test_with_few_leads_nothing_is_kept(rep, marketing):
    LeadFactory(handed_off=True, owner=rep)

    computed("response", marketing)
    make_ready(now=NOW)

    assert not KeptAnswer.objects.exists()


def test_every_report_is_made_ready_and_what_nobody_asks_for_is_forgotten(always, rep, marketing):
    LeadFactory(handed_off=True, owner=rep)
    refresh.catch_up()

    made = make_ready(now=NOW)
    ready = set(KeptAnswer.objects.values_list("pk", flat=True))
    computed("closed-loop", marketing)

    assert made["reports made ready"] == sum(one.is_kept for one in entries_for(SYSTEM))
    assert set(KeptAnswer.objects.values_list("pk", flat=True)) == ready
    answers.forget_unasked((NOW + timedelta(days=10)).date())
    assert not KeptAnswer.objects.exists()
    assert not KeptPart.objects.exists()


def test_no_more_is_kept_than_there_is_room_for(always, rep, marketing, monkeypatch):
    LeadFactory(handed_off=True, owner=rep)
    monkeypatch.setattr(answers, "ANSWERS_AT_MOST", 2)

    report = computed("response", marketing)

    assert headline(report)["hand_offs"] == 1
    assert KeptAnswer.objects.count() == 2


def test_facts_read_anew_leave_nothing_of_what_was_kept(always, rep, marketing):
    LeadFactory(handed_off=True, owner=rep)
    computed("response", marketing)
    KeptAnswer.objects.update(answer="[]")

    call_command("rebuild_rollups")

    assert headline(computed("response", marketing))["hand_offs"] == 1


def test_a_report_does_not_wait_for_a_long_catch_up_and_says_so(rep, marketing, monkeypatch):
    won()
    settle()
    monkeypatch.setattr(refresh, "PATIENCE", 2)
    LeadFactory.create_batch(3, owner=rep)

    report = computed("closed-loop", marketing)

    assert headline(report)["leads"] == 1
    assert report.contents.remarks[0].startswith("3 leads moved and are still being counted")
    refresh.refresh_facts(now=NOW)
    settle()
    report = computed("closed-loop", marketing)
    assert headline(report)["leads"] == 4
    assert not any("still being counted" in one for one in report.contents.remarks)


def test_a_table_is_read_as_it_was_written():
    table = Table(["day", "at", "stage", "owner"], ["count", "total", "rows"])
    table.add((date(2026, 3, 1), datetime.fromisoformat("2026-03-01T01:00+01:00"), "mql", None), [2, None, 2])
    table.add((None, None, "", 7), [0, Decimal("12.30"), 1])

    again = Table(table.keys, table.sums).read(table.written())

    assert list(again.rows()) == list(table.rows())
    again.take_off(table)
    assert list(again.rows()) == []
    assert list(Table(table.keys, table.sums).read(again.written()).rows()) == []


@pytest.mark.slow
def test_what_is_kept_stays_true_though_many_write_and_read_at_once(
    always, at_once, monkeypatch, rep, marketing, signed_agreement
):
    leads = [LeadFactory(handed_off=True, owner=rep) for _ in range(12)]

    def read():
        return [headline(computed("response", marketing))["hand_offs"] for _ in range(8)]

    found = at_once(*[saying(leads[first::3], rep) for first in range(3)], read, read)

    assert [one for one in found if isinstance(one, Exception)] == []
    assert found[3] == found[4] == [12] * 8
    assert every_report(marketing, NOW) == counted_anew(monkeypatch, marketing, NOW)
