"""What sales said in a week, counted by hand."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.principals import Kind, Principal
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.undo import undo_disposition
from funnel.lifecycle import Stage
from funnel.models import Lead, Reason
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from reports.behind import leads_behind
from reports.engine import find_entry
from reports.models import ExchangeRate
from reports.parameters import InvalidParameter
from tests.factories import NOW, LeadFactory, UserFactory
from tests.reports.worlds import computed, headline, line, qualify, say

# NOW is Wednesday of 2026-W10.
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NEXT_MONDAY = NOW + 5 * DAY


def weekly(viewer, *, now=NEXT_MONDAY, **given):
    return computed("weekly", viewer, now=now, **given)


def working(rep, **given):
    return LeadFactory(accepted=True, owner=rep, at=NOW - 14 * DAY, **given)


def total(report, *keys):
    return tuple(report.totals[0][key] for key in keys)


# --- what counts ----------------------------------------------------------------------------------------------


def test_each_rep_has_what_he_said(marketing, rep, eastern_rep):
    tried, talked = working(rep), working(rep)
    say(tried, rep, Outcome.NO_ANSWER)
    say(tried, rep, Outcome.VOICEMAIL, at=NOW + DAY)
    say(talked, rep, Outcome.CONVERSATION)
    say(talked, rep, Outcome.MEETING_SET, at=NOW + DAY)
    say(working(eastern_rep), eastern_rep, Outcome.RECYCLE, reason="bad_timing", wake_at=NOW + 30 * DAY)

    found = weekly(marketing)

    mine = line(found, owner_name="Rita Rep")
    assert [mine[key] for key in ("dispositions", "attempts", "conversations", "meetings")] == [4, 2, 2, 1]
    assert line(found, owner_name="Emil East")["recycled"] == 1
    assert total(found, "dispositions", "attempts", "conversations", "recycled") == (5, 2, 2, 1)


def test_results_are_counted_with_what_they_are_worth(marketing, rep):
    ExchangeRate.objects.create(month=date(2026, 3, 1), currency="USD", rate=Decimal("0.5"))
    for currency, amount in (("EUR", 1000), ("USD", 100), ("GBP", 7)):
        lead = working(rep)
        qualify(lead, rep)
        say(lead, rep, Outcome.WON, at=NOW + MINUTE, closed_on=NOW.date(), amount=Decimal(amount), currency=currency)
    say(working(rep), rep, Outcome.LOST, reason="lost_price")

    row = line(weekly(marketing), owner=str(rep.pk))

    assert [row[key] for key in ("qualified", "won", "lost")] == [3, 3, 1]
    assert (row["won_amount"], row["won_unknown"]) == (Decimal("1050.00"), 1)


def test_work_on_a_lead_that_waited_accepts_it(marketing, rep):
    for outcome in (Outcome.ACCEPT, Outcome.NO_ANSWER, Outcome.CONVERSATION):
        say(LeadFactory(handed_off=True, owner=rep, at=NOW - DAY), rep, outcome)
    say(LeadFactory(handed_off=True, owner=rep, at=NOW - DAY), rep, Outcome.REFUSE, reason="no_need")

    assert total(weekly(marketing), "accepted", "refused") == (3, 1)


def test_what_was_taken_back_counts_nowhere(marketing, rep):
    lead = working(rep)
    say(lead, rep, Outcome.CONVERSATION)
    said = Disposition.objects.get(lead=lead, outcome=Outcome.CONVERSATION)
    undo_disposition(disposition_id=said.pk, by=rep.principal, at=NOW + MINUTE)

    assert total(weekly(marketing), "dispositions", "conversations") == (0, 0)


def test_a_win_that_was_corrected_counts_until_then(marketing, rep, manager):
    lead = working(rep)
    qualify(lead, rep)
    say(lead, rep, Outcome.WON, at=NOW + MINUTE, closed_on=NOW.date())
    assert total(weekly(marketing), "qualified", "won") == (1, 1)

    details = MoveDetails(reason=Reason.objects.get(slug="reassessed"))
    move_lead(lead_id=lead.pk, to=Stage.SQL, by=manager.principal, at=NEXT_MONDAY + DAY, details=details)

    later = NEXT_MONDAY + 2 * DAY
    assert total(weekly(marketing, now=later), "qualified", "won") == (1, 0)
    assert total(weekly(marketing, now=later, week="2026-W10", as_of="2026-03-09"), "qualified", "won") == (1, 1)


def test_taken_back_after_midnight_it_still_counted_on_the_day_before(marketing, rep):
    late = NOW.replace(hour=23, minute=55)
    lead = working(rep)
    say(lead, rep, Outcome.CONVERSATION, at=late)
    said = Disposition.objects.get(lead=lead, at=late)
    undo_disposition(disposition_id=said.pk, by=rep.principal, at=late + 10 * MINUTE)

    shown = [weekly(marketing, now=NOW + 2 * DAY, week="2026-W10", as_of=day) for day in ("2026-03-04", "2026-03-05")]

    assert [total(one, "conversations") for one in shown] == [(1,), (0,)]


def test_what_somebody_else_said_for_a_rep_stands_in_his_own_row(marketing, rep, manager, admin):
    lead = working(rep)
    say(lead, manager, Outcome.CONVERSATION)
    say(lead, admin, Outcome.MEETING_SET, at=NOW + MINUTE)

    found = weekly(marketing)

    assert {one["owner_name"]: one["conversations"] for one in found.rows} == {
        "Mia Manager": 1,
        "Ada Admin": 1,
        "Rita Rep": 0,
    }
    assert line(weekly(marketing, by="team"), team_name="No team")["meetings"] == 1


# --- which week -----------------------------------------------------------------------------------------------


def test_it_is_the_last_full_week_of_the_company(marketing, rep, settings):
    settings.TIME_ZONE = "America/New_York"
    lead = working(rep)
    monday = NEXT_MONDAY.replace(hour=4, minute=0)  # midnight there: its clocks went forward on Sunday
    say(lead, rep, Outcome.NO_ANSWER, at=monday - MINUTE)
    say(lead, rep, Outcome.VOICEMAIL, at=monday)

    assert headline(weekly(marketing, now=monday - MINUTE))["week"] == "W09"
    assert headline(weekly(marketing, now=monday))["week"] == "W10"
    assert total(weekly(marketing, now=monday), "attempts") == (1,)


@pytest.mark.parametrize("week", ["2026-W10", "2026-03-02", "2026-03-04", "2026-03-08"])
def test_any_day_of_a_week_means_it(marketing, rep, week):
    say(working(rep), rep, Outcome.NO_ANSWER)

    found = weekly(marketing, now=NOW + 60 * DAY, week=week)

    assert (headline(found)["week"], headline(found)["attempts"]) == ("W10", 1)


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        ("2026-W54", "is no week"),
        ("soon", "is no week"),
        ("1066-10-14", "is not between"),
        ("2026-W12", "begins on 2026-03-16, which has not come yet"),
    ],
)
def test_a_week_that_cannot_be_is_refused(marketing, week, sentence):
    with pytest.raises(InvalidParameter, match=sentence):
        weekly(marketing, week=week)


def test_it_is_set_against_the_week_before(marketing, rep):
    lead = working(rep)
    for at in (NOW - 7 * DAY, NOW - 6 * DAY, NOW):
        say(lead, rep, Outcome.NO_ANSWER, at=at)

    found = weekly(marketing)

    assert total(found, "attempts", "change_attempts") == (1, -1)
    (figure,) = [one for one in found.headline if one.key == "attempts"]
    assert figure.note == "-1 against the week before"


def test_a_running_week_is_set_against_the_same_hours_of_the_week_before(rep):
    lead = working(rep)
    for at in (NOW - 7 * DAY, NOW - 7 * DAY + 5 * MINUTE, NOW - 3 * DAY):
        say(lead, rep, Outcome.NO_ANSWER, at=at)

    found = weekly(rep, now=NOW)

    assert total(found, "attempts", "change_attempts") == (0, -1)
    assert "so far" in found.contents.remarks[0]


def test_days_stand_beside_the_same_days_of_the_week_before(marketing, rep):
    lead = working(rep)
    say(lead, rep, Outcome.NO_ANSWER, at=NOW - 7 * DAY)
    say(lead, rep, Outcome.NO_ANSWER, at=NOW)

    found = weekly(marketing, by="day")

    assert [one["day"] for one in found.rows] == [f"2026-03-0{day}" for day in range(2, 9)]
    row = line(found, day="2026-03-04")
    assert (row["day_name"], row["attempts"], row["change_attempts"]) == ("Wednesday, 4 Mar 2026", 1, 0)


def test_the_trend_has_eight_weeks_also_those_in_which_nothing_was_said(marketing, rep):
    lead = LeadFactory(accepted=True, owner=rep, at=NOW - 90 * DAY)
    for weeks in (0, 2, 7, 8):
        say(lead, rep, Outcome.NO_ANSWER, at=NOW - weeks * 7 * DAY)

    attempts = weekly(marketing).charts[1].data[0]

    assert attempts.values == (1, 0, 0, 0, 0, 1, 0, 1)


# --- next steps -----------------------------------------------------------------------------------------------


def test_next_steps_are_those_of_the_week_after(marketing, rep):
    for days in (4, 5, 11, 12):  # Sunday, Monday, Sunday, Monday
        Lead.objects.filter(pk=working(rep).pk).update(next_action_at=NOW + days * DAY)

    found = weekly(marketing)

    assert line(found, owner=str(rep.pk))["next_steps"] == headline(found)["next_steps"] == 2


def test_of_weeks_gone_by_nobody_knows_what_was_planned(marketing, rep):
    say(working(rep), rep, Outcome.NO_ANSWER)

    for given in ({"week": "2026-W10", "now": NOW + 30 * DAY}, {"as_of": "2026-03-08", "now": NEXT_MONDAY}):
        assert headline(weekly(marketing, **given))["next_steps"] is None


# --- who sees whom --------------------------------------------------------------------------------------------


def test_everybody_sees_what_his_people_said(rep, eastern_rep, manager, head_of_sales, marketing):
    say(working(rep), rep, Outcome.NO_ANSWER)
    say(working(eastern_rep), eastern_rep, Outcome.CONVERSATION)

    def names(viewer):
        return {one["owner_name"] for one in weekly(viewer, week="2026-W10").rows}

    assert names(rep) == {"Rita Rep"}
    assert names(manager) == {"Rita Rep"}
    assert names(head_of_sales) == names(marketing) == {"Rita Rep", "Emil East"}


def test_a_rep_sees_the_running_week_beforehand(rep):
    say(working(rep), rep, Outcome.NO_ANSWER, at=NOW - MINUTE)

    found = weekly(rep, now=NOW)

    assert (headline(found)["week"], headline(found)["attempts"]) == ("W10", 1)


def test_who_said_nothing_has_a_row_all_the_same(manager, rep, west):
    silent = UserFactory(name="Silent Sam", team=west)
    say(working(rep), rep, Outcome.NO_ANSWER)

    assert line(weekly(manager), owner=str(silent.pk))["dispositions"] == 0


def test_a_lead_that_is_somebody_elses_by_now_still_counts_for_who_worked_on_it(rep, eastern_rep):
    lead = working(rep)
    say(lead, rep, Outcome.NO_ANSWER)
    Lead.objects.filter(pk=lead.pk).update(owner=eastern_rep, team=eastern_rep.team)

    assert total(weekly(rep, week="2026-W10"), "attempts") == (1,)
    assert total(weekly(eastern_rep, week="2026-W10"), "attempts") == (0,)


def test_a_system_is_told_what_was_said_of_its_own_leads(rep):
    say(working(rep, source="hubspot", external_id="7"), rep, Outcome.NO_ANSWER)
    say(working(rep), rep, Outcome.CONVERSATION)
    key = Principal(kind=Kind.API_KEY, name="HubSpot", source="hubspot", scopes=frozenset({"reports:read"}))

    found = find_entry("weekly", key).report({}, principal=key, now=NEXT_MONDAY)

    assert [(one["owner_name"], one["attempts"], one["conversations"]) for one in found.rows] == [("Rita Rep", 1, 0)]


def test_team_and_rep_narrow_it(marketing, rep, eastern_rep, west):
    say(working(rep), rep, Outcome.NO_ANSWER)
    say(working(eastern_rep), eastern_rep, Outcome.NO_ANSWER)

    for given in ({"team": "West"}, {"owner": rep.email}):
        assert [one["owner_name"] for one in weekly(marketing, **given).rows] == ["Rita Rep"]


# --- its page -------------------------------------------------------------------------------------------------


def page_of(client, monkeypatch, query=""):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return client.get(f"{reverse('report', args=['weekly'])}{query}").content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", "Last week"), ("?week=2026-03-05", "This week so far"), ("?week=2026-W08", "The week before")],
)
def test_the_week_that_is_shown_is_marked(marketing_client, monkeypatch, query, shown):
    page = page_of(marketing_client, monkeypatch, query)

    assert re.findall(r'aria-current="[^"]+"[^>]*>([^<]*week[^<]*)<', page) == [shown]


def test_a_rep_lands_on_the_running_week(rep_client, monkeypatch):
    page = page_of(rep_client, monkeypatch)

    assert re.findall(r'aria-current="[^"]+"[^>]*>([^<]*week[^<]*)<', page) == ["This week so far"]
    assert "Week 2026-W10: 2 Mar 2026 to 8 Mar 2026, so far." in page


def test_a_week_in_the_address_stands_in_the_date_field(marketing_client, monkeypatch):
    assert 'name="week" value="2026-03-02"' in page_of(marketing_client, monkeypatch, "?week=2026-W10")


def test_a_week_that_is_none_is_said_on_the_page(marketing_client):
    answer = marketing_client.get(reverse("report", args=["weekly"]), {"week": "soon"})

    assert answer.status_code == 400
    assert "“soon” is no week" in answer.content.decode()


def test_without_anybody_there_is_nothing_and_the_page_says_for_which_week(marketing):
    LeadFactory()

    found = weekly(marketing, week="2026-W09")

    assert found.rows == ()
    assert "week 2026-W09" in found.empty_because


# --- adding up, and the leads behind --------------------------------------------------------------------------


def busy(rep, eastern_rep):
    lead = working(rep)
    say(lead, rep, Outcome.NO_ANSWER)
    qualify(lead, rep)
    say(working(eastern_rep), eastern_rep, Outcome.MEETING_SET, at=NOW + DAY)
    say(working(rep), rep, Outcome.DISQUALIFY, reason="student", at=NOW - DAY)


def test_the_rows_and_the_bars_add_up_whatever_they_stand_for(marketing, rep, eastern_rep):
    busy(rep, eastern_rep)

    for by in ("owner", "team", "day"):
        found = weekly(marketing, by=by)
        counts = [one.key for one in found.columns if one.kind in {"count", "change"} and one.key != "next_steps"]
        for key in counts:
            assert sum(one[key] for one in found.rows) == found.totals[0][key], (by, key)
        assert sum(bar.total for bar in found.chart.data) == found.totals[0]["dispositions"] == 4, by


@pytest.mark.parametrize("by", ["owner", "team", "day"])
def test_every_cell_opens_the_leads_it_counts(marketing, rep, eastern_rep, by):
    busy(rep, eastern_rep)
    Lead.objects.filter(owner=rep, stage=Stage.SQL).update(next_action_at=NOW + 6 * DAY)
    entry = find_entry("weekly", marketing.principal)
    found = weekly(marketing, by=by)

    for row in found.rows:
        for figure in entry.drilling.figures:
            if row[figure]:
                behind = leads_behind(
                    entry, figure, row[by], {"by": by}, principal=marketing.principal, now=NEXT_MONDAY
                )
                assert (behind.rows, behind.row) == (row[figure], row[f"{by}_name"]), (row, figure)
                assert 0 < behind.leads.count() <= row[figure]


@pytest.mark.parametrize(("by", "row"), [("day", "soon"), ("owner", "²"), ("team", "9" * 30)])
def test_a_row_that_cannot_be_has_no_leads(marketing, rep, by, row):
    entry = find_entry("weekly", marketing.principal)

    behind = leads_behind(entry, "attempts", row, {"by": by}, principal=marketing.principal, now=NEXT_MONDAY)

    assert (behind.rows, behind.row) == (0, row)


def test_many_reps_cost_no_more_queries_than_one(marketing, rep, queries_for):
    say(working(rep), rep, Outcome.NO_ANSWER)
    weekly(marketing)
    one = queries_for(lambda: weekly(marketing))
    for _ in range(8):
        more = UserFactory()
        say(working(more), more, Outcome.CONVERSATION)
    weekly(marketing)

    assert queries_for(lambda: weekly(marketing)) == one
