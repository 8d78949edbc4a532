"""The timeline of a lead: complete, in order, by kind, page by page, and without what its reader may not see."""

from datetime import timedelta

import pytest

from dispositions.leads.timeline import PAGE, Show, timeline_of
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.inputs import TouchInput
from funnel.models import Evidence, Lead, Touch
from funnel.services.edit import Section, edit_lead
from funnel.services.merge import merge_leads
from funnel.services.notes import add_note
from funnel.services.reassign import reassign_lead
from funnel.sweep import run_sweep
from tests.factories import NOW, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def entries(lead, user, **more):
    return [entry for day in timeline_of(lead, user.principal, **more).days for entry in day.entries]


def titles(lead, user, **more):
    return [entry.title for entry in entries(lead, user, **more)]


def say(lead, by, outcome, at=NOW + MINUTE, **more):
    return record_disposition(
        lead_id=lead.pk, statement=Statement(outcome=Outcome(outcome), **more), by=by.principal, at=at
    )


def touched(count, **given):
    channel = LeadFactory().channel
    lead = LeadFactory(**given)
    Touch.objects.bulk_create(
        Touch(lead=lead, at=NOW - n * MINUTE, channel=channel, source="web", subject=f"Page {n}") for n in range(count)
    )
    return lead


@pytest.fixture
def full(rep, manager, west):
    """A lead to which something of every kind happened."""
    lead = LeadFactory(handed_off=True, owner=rep, attributes={"pain": "Slow."})
    run_sweep(now=NOW + timedelta(days=2))
    at = NOW + timedelta(days=3)
    undo = say(lead, rep, "no_answer", at, note="Line was bad.")
    undo_disposition(disposition_id=undo.pk, by=rep.principal, at=at + MINUTE)
    say(lead, rep, "conversation", at + 2 * MINUTE, note="Hates his boss.", learned="Wants it by May.")
    add_note(lead_id=lead.pk, text="Has a dog.", by=rep.principal, at=at + 3 * MINUTE)
    edit_lead(lead_id=lead.pk, section=Section.CONTACT, changes={"title": "Boss"}, by=rep.principal, at=at + 4 * MINUTE)
    other = UserFactory(name="Olga Other", team=west)
    reassign_lead(lead_id=lead.pk, to=other, by=manager.principal, at=at + 5 * MINUTE)
    double = LeadFactory(first_name="Twin", owner=rep)
    merge_leads(winner_id=lead.pk, loser_id=double.pk, by=manager.principal, at=at + 6 * MINUTE)
    return Lead.objects.get(pk=lead.pk)


def test_everything_that_happened_is_told_the_newest_first(full, manager):
    assert titles(full, manager)[:4] == [
        f"Lead {full.merged.get().pk} was merged into this one",
        "Assigned to Olga Other",
        "Edited: title",
        "Note",
    ]
    kinds = {entry.show for entry in entries(full, manager)}
    assert kinds == set(Show)


def test_each_says_who_and_with_what_words(full, manager):
    told = {entry.title: entry for entry in entries(full, manager)}

    assert (told["Note"].text, told["Note"].by, told["Note"].is_private) == ("Has a dog.", "Rita Rep", True)
    assert told["Conversation · phone"].text == "Wants it by May. Hates his boss."
    assert told["Assigned to Olga Other"].text == "Mia Manager gave it to Olga Other."
    assert told["Learned: Business pain validated"].text == "Slow."
    assert "Taken back: No answer" in told
    assert "Deadline told to the manager: 100 % of the time to accept or refuse" in told


def test_marketing_reads_no_private_note(full, marketing):
    told = entries(full, marketing)

    words = " ".join(entry.text for entry in told)
    assert "dog" not in words
    assert "boss" not in words
    assert "Wants it by May." in words
    assert Show.NOTES not in timeline_of(full, marketing.principal).counts


def test_a_filter_shows_its_kinds_alone_and_counts_all(full, manager):
    timeline = timeline_of(full, manager.principal, shown=[Show.NOTES, Show.ASSIGNMENTS])

    shown = [entry.show for day in timeline.days for entry in day.entries]
    assert shown[:2] == [Show.ASSIGNMENTS, Show.NOTES]
    assert set(shown) == {Show.ASSIGNMENTS, Show.NOTES}
    assert timeline.total == len(entries(full, manager))


def test_the_history_of_a_merged_lead_is_marked(full, manager):
    double = full.merged.get()

    came_in = [entry.of for entry in entries(full, manager) if entry.title == "Came in"]

    assert sorted(came_in, key=str) == sorted([None, double.pk], key=str)


def test_pages_hold_each_entry_once_also_where_many_share_a_moment(rep):
    lead = touched(40, owner=rep)
    Touch.objects.filter(lead=lead).update(at=NOW)
    Evidence.objects.bulk_create(
        Evidence(lead=lead, attribute="pain", text=f"No. {n}", learned_at=NOW) for n in range(40)
    )

    found, before = [], ""
    while True:
        timeline = timeline_of(lead, rep.principal, before=before)
        found += [(entry.title, entry.text) for day in timeline.days for entry in day.entries]
        before = timeline.older
        if not before:
            break

    assert len(found) == timeline.total == 82  # its creation and its arrival too
    assert len({text for _, text in found}) == 81


def test_it_is_grouped_by_the_readers_day(rep):
    lead = LeadFactory(owner=rep, at=NOW - timedelta(days=1))
    add_note(lead_id=lead.pk, text="Later.", by=rep.principal, at=NOW)

    days = timeline_of(lead, rep.principal).days

    assert [(str(day.date), len(day.entries)) for day in days] == [("2026-03-04", 1), ("2026-03-03", 2)]


def test_a_broken_cursor_begins_anew(rep):
    lead = LeadFactory(owner=rep)

    for broken in ("x", "2026-03-04~1", "~~", "2026-03-04T10:00:00+00:00~99~99999999999999999999"):
        assert entries(lead, rep, before=broken)


def test_500_touches_cost_no_more_than_one(rep, queries_for):
    few, many = touched(1, owner=rep), touched(500, owner=rep)

    assert len(entries(many, rep)) == PAGE
    assert queries_for(lambda: entries(few, rep)) == queries_for(lambda: entries(many, rep))


def test_a_touch_by_hand_names_who_made_it(rep, marketing):
    lead = touched(1, owner=rep)
    Touch.objects.filter(lead=lead).update(by=marketing, kind="call")

    calls = [entry for entry in entries(lead, rep, shown=[Show.TOUCHES]) if "Call by marketing" in entry.title]

    assert {entry.by for entry in calls} == {"Max Marketing"}


def test_a_touch_that_a_tool_sends_later_is_there(rep):
    lead = LeadFactory(owner=rep, touches=(TouchInput(at=NOW, channel="webinar", kind="webinar", subject="Scanners"),))

    assert [entry.text for entry in entries(lead, rep, shown=[Show.TOUCHES])] == ["Scanners"]
