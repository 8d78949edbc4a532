"""What a rep is told of leads like the one before him, and how the queue and the forecast report use it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dispositions.desk.brief import brief_of
from dispositions.outcomes import Outcome
from dispositions.precedents import precedents_of
from dispositions.views.desk import readable
from funnel import reference_cache
from funnel.inputs import CompanyInput
from funnel.models import Channel, Lead
from reports.facts.segments import EVERYTHING
from reports.models import SegmentMonth
from reports.precedents import Rates
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import computed, headline, qualify, say

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
DAY = timedelta(days=1)


def over(kind, value, count, won, month=JANUARY):
    SegmentMonth.objects.create(kind=kind, value=value, month=month, over=count, won=won, counted_at=NOW)


def channel_id(slug):
    return str(Channel.objects.get(slug=slug).pk)


# --- the records, pure -----------------------------------------------------------------------------------------


def test_a_record_is_of_the_months_before():
    rates = Rates([("size", "1-9", FEBRUARY, 40, 10), ("size", "1-9", JANUARY, 60, 30)])

    assert rates.record(("size", "1-9"), before=JANUARY) is None
    assert rates.record(("size", "1-9"), before=FEBRUARY).share == 0.5
    assert rates.record(("size", "1-9"), before=MARCH).share == 0.4
    assert rates.record(("size", "1-9")).count == 100


def test_the_chance_is_the_mean_of_those_kinds_that_have_enough():
    rates = Rates(
        [
            ("size", "1-9", JANUARY, 100, 50),
            ("country", "DE", JANUARY, 40, 4),
            ("industry", "Retail", JANUARY, 29, 29),
            (EVERYTHING, "", JANUARY, 500, 100),
        ]
    )

    assert rates.chance({"size": "1-9", "country": "DE", "industry": "Retail"}) == pytest.approx(0.3)
    assert rates.chance({"industry": "Retail"}) == pytest.approx(0.2)
    assert rates.chance({}, before=JANUARY) is None


# --- the brief -------------------------------------------------------------------------------------------------


@pytest.fixture
def lead(rep):
    return LeadFactory(
        accepted=True,
        owner=rep,
        company=CompanyInput(name="Kalina", naics="493120", employees=80, country="DE"),
        title="Head of Purchasing",
        channel="webinar",
    )


def test_the_brief_says_how_often_each_kind_was_won(lead, rep_client):
    over("size", "50-249", 212, 66)
    over("seniority", "head", 100, 0)
    over("channel", channel_id("webinar"), 29, 29)

    page = rep_client.get(f"/leads/{lead.pk}/").content.decode()

    assert "Companies of this size, 50-249 employees" in page
    assert "31\u00a0% won, 25–38\u00a0%, n = 212" in page
    assert "Directors and heads as contact" in page
    assert "0\u00a0% won, 0–4\u00a0%, n = 100" in page
    assert "n = 29" not in page
    assert "16\u00a0% won, the mean of 2 kinds" in page


def test_where_its_kinds_are_too_few_all_hand_offs_are_told(lead, rep_client):
    over(EVERYTHING, "", 1000, 200)

    page = rep_client.get(f"/leads/{lead.pk}/").content.decode()

    assert "20\u00a0% won of all hand-offs; of its own kinds too few are over" in page


def test_where_nothing_can_be_said_nothing_is(lead, rep_client):
    over("size", "50-249", 29, 9)

    assert "Leads like it" not in rep_client.get(f"/leads/{lead.pk}/").content.decode()


def test_the_brief_takes_no_query_more(lead, rep):
    over("size", "50-249", 212, 66)
    found = readable(rep.principal).get(pk=lead.pk)
    brief_of(found, rep.principal, flag=None, now=timezone.now())

    with CaptureQueriesContext(connection) as asked:
        brief = brief_of(found, rep.principal, flag=None, now=timezone.now())

    assert brief.precedents.segments
    assert len(asked) == 1


def test_whoever_reads_them_anew_asks_once_for_all_kinds(lead):
    over("size", "50-249", 212, 66)
    precedents_of(lead)
    reference_cache.forget()

    with CaptureQueriesContext(connection) as asked:
        precedents_of(lead)

    assert len([one for one in asked if "segmentmonth" in one["sql"]]) == 1


def test_it_stands_beside_the_forecast(lead, rep, rep_client):
    over("size", "50-249", 212, 66)

    panel = rep_client.get(f"/queue/?lead={lead.pk}&outcome=conversation").content.decode()
    swapped = rep_client.post(
        reverse("dispose", args=[lead.pk]),
        {"outcome": "conversation", "version": lead.version},
        headers={"HX-Request": "true"},
    ).content.decode()

    summary = 'Leads like it: <span class="num">31\u00a0% won</span>'
    assert summary in panel
    assert summary in swapped
    assert "Will it close?" in swapped


# --- the queue -------------------------------------------------------------------------------------------------


def names(client, url="/queue/?lane=answer"):
    return [row.name.rpartition(" ")[2] for section in client.get(url).context["sections"] for row in section.rows]


def waiting(rep, name, channel, due_in=DAY):
    lead = LeadFactory(handed_off=True, owner=rep, channel=channel, last_name=name)
    Lead.objects.filter(pk=lead.pk).update(due_at=NOW + due_in)
    return lead


@pytest.fixture
def three_channels(rep):
    for name, channel in (("A", "email"), ("B", "webinar"), ("C", "trade-fair"), ("D", "webinar")):
        waiting(rep, name, channel)
    over("channel", channel_id("email"), 100, 10)
    over("channel", channel_id("webinar"), 100, 40)
    over("channel", channel_id("trade-fair"), 100, 20)


def test_among_equal_deadlines_those_come_first_whose_kind_is_won_more_often(three_channels, rep_client):
    assert names(rep_client) == ["B", "D", "C", "A"]
    assert "those come first whose kind is won more often" in rep_client.get("/queue/").content.decode()


def test_a_nearer_deadline_comes_before_any_chance(three_channels, rep, rep_client):
    waiting(rep, "E", "email", due_in=DAY - timedelta(seconds=1))

    assert names(rep_client) == ["E", "B", "D", "C", "A"]


def test_the_brief_beside_the_queue_is_of_the_first_row(three_channels, rep_client):
    assert rep_client.get("/queue/").context["brief"].lead.last_name == "B"


def test_without_records_they_stand_as_they_came(rep, rep_client):
    for name in ("A", "B", "C"):
        waiting(rep, name, "email")

    assert names(rep_client) == ["A", "B", "C"]


def test_ordering_takes_no_query_more(three_channels, rep_client):
    rep_client.get("/queue/")

    with CaptureQueriesContext(connection) as asked:
        rep_client.get("/queue/")

    assert len(asked) <= 8


# --- the forecast report ---------------------------------------------------------------------------------------


def judged(rep, chance, *, is_won):
    lead = LeadFactory(accepted=True, owner=rep, channel="webinar")
    say(lead, rep, Outcome.CONVERSATION, forecast=chance)
    if is_won:
        qualify(lead, rep)
        say(lead, rep, Outcome.WON, at=NOW + DAY, closed_on=NOW.date())
    else:
        say(lead, rep, Outcome.LOST, at=NOW + DAY, reason="lost_price")


def test_the_segments_are_judged_beside_the_reps(marketing, rep):
    judged(rep, 75, is_won=True)
    judged(rep, 75, is_won=False)
    over("channel", channel_id("webinar"), 60, 12, FEBRUARY)
    # What ended in the month of the forecast was not known before it.
    over("channel", channel_id("webinar"), 100, 100, MARCH)

    report = computed("forecast", marketing, now=NOW + 9 * DAY)

    total = report.totals[0]
    assert (total["judged"], total["brier"]) == (2, round((0.25**2 + 0.75**2) / 2, 6))
    assert (total["segments_judged"], total["segments_chance"]) == (2, 0.2)
    assert total["segments_brier"] == round((0.8**2 + 0.2**2) / 2, 6)
    assert [(one.label, [dot.chance for dot in one.forecasts]) for one in report.chart.data] == [
        ("First conversation", [0.75]),
        ("Segments", [0.2]),
    ]
    assert sum(row["segments_judged"] for row in report.rows) == 2


def test_before_enough_is_over_the_segments_say_nothing(marketing, rep):
    judged(rep, 75, is_won=True)
    over("channel", channel_id("webinar"), 29, 12, FEBRUARY)

    report = computed("forecast", marketing, now=NOW + 9 * DAY)

    assert (report.totals[0]["segments_judged"], report.totals[0]["segments_brier"]) == (0, None)
    assert [one.label for one in report.chart.data] == ["First conversation"]
    assert headline(report)["judged"] == 1
