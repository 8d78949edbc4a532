"""The roll-up of segments: equal to the direct count, kept by the sweep, counted anew by command."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command

from dispositions.outcomes import Outcome
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import HandOff, Reason
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.sweep import run_sweep
from reports.facts.refresh import catch_up
from reports.facts.segments import count_segments
from reports.models import SegmentMonth
from reports.segments import sector_name, size_name
from reports.titles import function_of, seniority_of
from tests.factories import NOW, LeadFactory
from tests.reports.lives import Company
from tests.reports.worlds import say

HOUR = timedelta(hours=1)


def kept():
    return {(one.kind, one.value, one.month.isoformat()): (one.over, one.won) for one in SegmentMonth.objects.all()}


def counted_directly():
    """From the raw rows alone, one hand-off after another. The company's days are those of UTC."""
    over, won = Counter(), Counter()
    for hand_off in (
        HandOff.objects.exclude(ended_at=None).filter(lead__merged_into=None).select_related("lead__company")
    ):
        lead, company = hand_off.lead, hand_off.lead.company
        segments = {
            "all": "",
            "industry": sector_name(company.naics) if company else "",
            "size": size_name(company.employees) if company else "",
            "country": company.country if company else "",
            "seniority": str(seniority_of(lead.title) or ""),
            "function": str(function_of(lead.title) or ""),
            "channel": str(lead.channel_id),
        }
        for kind, value in segments.items():
            if value or kind == "all":
                key = (kind, value, f"{hand_off.ended_at:%Y-%m}-01")
                over[key] += 1
                won[key] += hand_off.outcome == HandOff.Outcome.WON
    return {key: (over[key], won[key]) for key in over}


@pytest.fixture
def people(sales, west, east, rep, eastern_rep, head_of_sales, marketing, signed_agreement):
    return {"marketing": marketing, "manager": head_of_sales, "reps": [rep, eastern_rep]}


@pytest.mark.parametrize("seed", [4, 5])
def test_what_is_kept_is_what_is_counted_directly(people, seed):
    company = Company(seed, **people)
    for _ in range(10):
        company.live()
    # Those who live at random have no company and no title: some who have, and who end in another month.
    for number, outcome in enumerate(["lost", "won", "won"]):
        profile = CompanyInput(name=f"C{number}", naics="493120", employees=40 * (number + 1), country="DE")
        way = {"won": True} if outcome == "won" else {"accepted": True}
        lead = LeadFactory(**way, owner=people["reps"][0], company=profile, title="Head of Purchasing")
        if outcome == "lost":
            say(lead, lead.owner, Outcome.LOST, at=NOW + timedelta(days=40), reason="lost_price")

    catch_up()
    count_segments(now=company.day)

    assert kept() == counted_directly()
    assert len({month for _, _, month in kept()}) == 2
    assert {kind for kind, *_ in kept()} == {"all", "industry", "size", "country", "seniority", "function", "channel"}


def test_the_sweep_counts_them_at_most_hourly(rep):
    LeadFactory(won=True, owner=rep)
    run_sweep(now=NOW + HOUR)
    assert kept()["all", "", "2026-03-01"] == (1, 1)
    LeadFactory(won=True, owner=rep)

    run_sweep(now=NOW + 2 * HOUR - timedelta(seconds=1))
    assert kept()["all", "", "2026-03-01"] == (1, 1)

    run_sweep(now=NOW + 2 * HOUR)
    assert kept()["all", "", "2026-03-01"] == (2, 2)


def test_rebuilding_counts_them_too(rep, capsys):
    LeadFactory(won=True, owner=rep)

    call_command("rebuild_rollups")

    assert kept()["all", "", "2026-03-01"] == (1, 1)
    assert "1 lead read anew, 2 rows of segments counted." in capsys.readouterr().out


def test_what_was_corrected_is_counted_no_more(manager, rep):
    lead = LeadFactory(won=True, owner=rep, team=rep.team)
    run_sweep(now=NOW + HOUR)
    assert kept()["all", "", "2026-03-01"] == (1, 1)

    details = MoveDetails(reason=Reason.objects.get(slug="reassessed"))
    move_lead(lead_id=lead.pk, to=Stage.SQL, by=manager.principal, at=NOW + HOUR, details=details)
    run_sweep(now=NOW + 3 * HOUR)

    assert kept() == {}
