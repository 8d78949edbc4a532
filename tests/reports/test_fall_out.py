from datetime import timedelta
from decimal import Decimal

from dispositions.outcomes import Outcome
from funnel.lifecycle import Stage
from funnel.models import Lead
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from reports.behind import leads_behind
from reports.engine import find_entry
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import computed, headline, in_every_end, line, qualify, refused_then_won, say

WAKE = NOW + timedelta(days=30)


def recycled(rep, **given):
    lead = LeadFactory(accepted=True, owner=rep, **given)
    say(lead, rep, Outcome.RECYCLE, reason="bad_timing", wake_at=WAKE)
    return lead


def test_each_way_out_stands_under_its_reason(marketing, rep):
    in_every_end("webinar")
    recycled(rep)

    report = computed("fall-out", marketing)

    assert {one["reason"]: one["exits"] for one in report.rows} == {
        **dict.fromkeys(("lost_price", "blocked_people", "student", "bad_timing"), 1)
    }
    assert (headline(report)["exits"], report.totals[0]["from_sal"], report.totals[0]["recycled"]) == (4, 4, 1)


def test_the_parts_of_every_row_add_up_to_what_left(marketing, rep):
    in_every_end("webinar")
    recycled(rep)

    for by in ("reason", "left", "end", "found_by", "owner", "channel", "month"):
        for one in (*computed("fall-out", marketing, by=by).rows, *computed("fall-out", marketing, by=by).totals):
            places = ("from_marketing", "from_mql", "from_sal", "from_sql")
            ends = ("recycled", "lost", "no_decision", "disqualified")
            assert sum(one[key] for key in places) == sum(one[key] for key in ends) == one["exits"], by


def test_who_was_recycled_and_bought_is_told(marketing, rep):
    refused_then_won(rep, marketing, "webinar")
    recycled(rep)

    total = computed("fall-out", marketing).totals[0]

    assert (total["exits"], total["came_back"], total["won_after"]) == (2, 1, 1)


def test_the_value_is_that_of_opportunities(marketing, rep):
    lead = LeadFactory(accepted=True, owner=rep)
    qualify(lead, rep)
    say(lead, rep, Outcome.LOST, reason="lost_price")
    say(LeadFactory(accepted=True, owner=rep), rep, Outcome.LOST, reason="lost_price")

    row = line(computed("fall-out", marketing), reason="lost_price")

    assert (row["exits"], row["from_sql"], row["value"]) == (2, 1, Decimal("12000.00"))


def test_a_corrected_loss_is_no_loss(marketing, manager, rep):
    lead = LeadFactory(qualified=True, owner=rep, team=rep.team)
    say(lead, rep, Outcome.LOST, reason="lost_price")
    reason = Lead.objects.get(pk=lead.pk).stage_changes.latest("seq").reason

    move_lead(lead_id=lead.pk, to=Stage.SQL, by=manager.principal, at=NOW, details=MoveDetails(reason=reason))

    assert computed("fall-out", marketing).rows == ()


def test_a_row_opens_its_leads_also_that_without_a_reason(marketing, rep):
    one = recycled(rep)
    entry = find_entry("fall-out", marketing.principal)

    def behind(row):
        return list(leads_behind(entry, "exits", row, {}, principal=marketing.principal, now=NOW).leads)

    assert (behind("bad_timing"), behind("-"), behind("lost_price")) == ([one], [], [])
