"""The loop feed: every outcome, the newest first, with what marketing can learn of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.models import Lead
from tests.factories import AgreementFactory, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def today():
    return timezone.now() - timedelta(hours=1)


def say(lead, outcome, at, **given):
    statement = Statement(outcome=outcome, **given)
    return record_disposition(lead_id=lead.pk, statement=statement, by=lead.owner.principal, at=at)


def handed_off(rep, at, **given):
    return LeadFactory(handed_off=True, owner=rep, at=at, **given)


def entries(client, query=""):
    return client.get(f"/loop/{query}").context["entries"]


def outcomes(client, query=""):
    return [one.disposition.outcome for one in entries(client, query)]


def test_the_newest_comes_first_by_when_it_was_said(marketing_client, rep, today):
    lead = handed_off(rep, today - MINUTE)
    say(lead, Outcome.VOICEMAIL, today + 9 * MINUTE)
    say(handed_off(rep, today - MINUTE), Outcome.ACCEPT, today)

    assert outcomes(marketing_client) == ["voicemail", "accept"]


def test_a_refusal_tells_its_reason_and_the_clauses_with_what_shows_it(marketing_client, rep, today):
    AgreementFactory(clauses=["Asked to be called.", "Has a budget."])
    lead = handed_off(rep, today)
    say(lead, Outcome.REFUSE, today, reason="no_budget", failed_clauses=(2,), clause_evidence={2: "Frozen until May"})

    entry = entries(marketing_client)[0]

    assert entry.disposition.reason.label == "No budget"
    assert [(one.number, one.sentence, one.evidence) for one in entry.cited] == [
        (2, "Has a budget.", "Frozen until May")
    ]


def test_what_was_learned_is_told_and_the_private_note_never(marketing_client, rep, today):
    lead = handed_off(rep, today)
    say(
        lead,
        Outcome.CONVERSATION,
        today,
        learned="The case study made them ask.",
        note="He is in trouble at home",
        evidence={"pain": "Picks by paper"},
    )

    page = marketing_client.get("/loop/").content.decode()

    assert "The case study made them ask." in page
    assert "Picks by paper" in page
    assert "trouble at home" not in page


def test_a_win_tells_what_it_closed_for(marketing_client, rep, today):
    lead = LeadFactory(qualified=True, owner=rep, at=today)
    say(lead, Outcome.WON, today, amount=Decimal(18500), currency="EUR", closed_on=today.date())

    entry = entries(marketing_client, "?outcome=won")[0]

    assert (entry.amount, entry.currency) == (18500, "EUR")


def test_a_loss_tells_to_whom(marketing_client, rep, today):
    lead = LeadFactory(qualified=True, owner=rep, at=today)
    say(lead, Outcome.LOST, today, reason="lost_price", competitor="Rivalo")

    assert "bought from Rivalo" in marketing_client.get("/loop/?outcome=closed").content.decode()


def test_what_was_taken_back_is_marked_and_the_undo_is_no_entry(marketing_client, rep, today):
    said = say(handed_off(rep, today), Outcome.ACCEPT, today)
    undo_disposition(disposition_id=said.pk, by=rep.principal, at=today + MINUTE)

    found = entries(marketing_client)

    assert [(one.disposition, one.undone) for one in found] == [(said, True)]
    assert "Taken back" in marketing_client.get("/loop/").content.decode()


def test_the_filters_narrow_the_feed(marketing_client, rep, eastern_rep, today):
    say(handed_off(rep, today, channel="webinar", campaign="peak", team=rep.team), Outcome.ACCEPT, today)
    say(handed_off(eastern_rep, today, team=eastern_rep.team), Outcome.VOICEMAIL, today - timedelta(days=3))

    assert outcomes(marketing_client, "?channel=webinar") == ["accept"]
    assert outcomes(marketing_client, "?campaign=peak") == ["accept"]
    assert outcomes(marketing_client, "?outcome=tried") == ["voicemail"]
    assert outcomes(marketing_client, f"?team={eastern_rep.team_id}") == ["voicemail"]
    assert outcomes(marketing_client, f"?from={timezone.localdate(today):%Y-%m-%d}") == ["accept"]
    assert outcomes(marketing_client, f"?to={timezone.localdate(today) - timedelta(days=1):%Y-%m-%d}") == ["voicemail"]
    assert "No outcome fits" in marketing_client.get("/loop/?outcome=won").content.decode()


def test_a_manager_reads_the_loop_of_his_subtree(manager_client, rep, eastern_rep, today):
    mine = handed_off(rep, today)
    say(mine, Outcome.ACCEPT, today)
    say(handed_off(eastern_rep, today), Outcome.ACCEPT, today)

    assert [one.lead for one in entries(manager_client)] == [mine]


def test_pages_go_on_where_the_last_one_ended(marketing_client, rep, today, monkeypatch):
    monkeypatch.setattr("dispositions.marketing.loop.PAGE", 2)
    for number in range(5):
        # Two at the same moment: neither is lost between two pages.
        say(handed_off(rep, today - 9 * MINUTE), Outcome.ACCEPT, today - (number // 2) * MINUTE)
    say(handed_off(UserFactory(), today - 9 * MINUTE), Outcome.ACCEPT, today - 30 * MINUTE)
    seen, address = [], "/loop/"

    while address:
        page = marketing_client.get(address)
        seen += [one.disposition.pk for one in page.context["entries"]]
        address = f"/loop/{page.context['next_url']}" if page.context["next_url"] else ""

    everything = Disposition.objects.order_by("-at", "-pk").values_list("pk", flat=True)
    assert seen == list(everything)


def test_beyond_what_can_be_sorted_they_stand_as_they_came_in(marketing_client, rep, today, monkeypatch):
    monkeypatch.setattr("dispositions.marketing.loop.SORTED_BY_TIME", 0)
    monkeypatch.setattr("dispositions.marketing.loop.PAGE", 1)
    say(handed_off(rep, today - MINUTE), Outcome.ACCEPT, today)
    say(handed_off(rep, today - 9 * MINUTE), Outcome.VOICEMAIL, today - 5 * MINUTE)

    page = marketing_client.get("/loop/")

    assert [one.disposition.outcome for one in page.context["entries"]] == ["voicemail"]
    assert outcomes(marketing_client, page.context["next_url"]) == ["accept"]


def test_what_has_come_since_is_counted_and_the_page_is_left_where_it_is(marketing_client, rep, today):
    say(handed_off(rep, today), Outcome.ACCEPT, today)
    address = f"/loop/new/?{marketing_client.get('/loop/').context['new_url']}"
    assert "new: show" not in marketing_client.get(address).content.decode()

    say(handed_off(rep, today), Outcome.VOICEMAIL, today)

    answer = marketing_client.get(address).content.decode()
    assert "1 new: show" in answer
    assert "every 20s" in answer


def test_the_feed_costs_no_more_for_many_outcomes_than_for_one(marketing_client, rep, today, queries_for):
    AgreementFactory(clauses=["Asked to be called."])
    say(handed_off(rep, today), Outcome.REFUSE, today, reason="no_budget", failed_clauses=(1,))
    marketing_client.get("/loop/")
    one = queries_for(lambda: marketing_client.get("/loop/"))
    for _ in range(9):
        other = UserFactory()
        say(handed_off(other, today), Outcome.REFUSE, today, reason="no_budget", failed_clauses=(1,))
        say(handed_off(other, today), Outcome.CONVERSATION, today, evidence={"pain": "Paper"})

    assert queries_for(lambda: marketing_client.get("/loop/")) == one


@pytest.mark.parametrize("query", ["?before=x", "?before=99999", "?from=x&to=0001-01-01", "?outcome=x", "?team=x"])
def test_a_made_up_query_still_answers(marketing_client, rep, today, query):
    say(handed_off(rep, today), Outcome.ACCEPT, today)

    assert outcomes(marketing_client, query) == ["accept"]


def test_an_empty_feed_says_what_will_come(marketing_client):
    assert "As soon as sales says what happened" in marketing_client.get(reverse("loop")).content.decode()


def test_a_merged_lead_is_in_nobodys_loop(marketing_client, manager_client, rep, today):
    lead, other = handed_off(rep, today), handed_off(rep, today)
    say(lead, Outcome.ACCEPT, today)
    Lead.objects.filter(pk=lead.pk).update(merged_into=other, sweep_at=None)

    assert entries(manager_client) == entries(marketing_client) == []
