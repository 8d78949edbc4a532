from datetime import timedelta
from decimal import Decimal

import pytest

from funnel.inputs import TouchInput
from funnel.models import Channel, Lead, SourcePolicy, SourceRuling, SourceWord
from funnel.services.sources import name_channel, rule_unknowable, take_back
from reports.behind import leads_behind
from reports.charts import MatrixRow
from reports.engine import find_entry
from reports.facts.refresh import catch_up
from reports.models import LeadFact
from reports.selection import select
from tests.factories import NOW, LeadFactory, UserFactory
from tests.reports.worlds import computed, headline, line, won

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def channels(db):
    for slug in ("unknown", "other", "webinar", "paid-search", "referral"):
        Channel.objects.create(slug=slug, name=slug.replace("-", " ").capitalize())


def unknown(**given):
    return LeadFactory(channel="unknown", **given)


def named(lead, slug, marketing, at=NOW):
    found = Channel.objects.get(slug=slug)
    return name_channel(lead_id=lead.pk, channel=found, by=marketing.principal, at=at)


def behind(marketing, figure, row="", now=NOW, **given):
    entry = find_entry("sources", marketing.principal)
    return set(leads_behind(entry, figure, row, given, principal=marketing.principal, now=now).leads)


def test_the_share_of_dark_leads_stands_against_its_budget(marketing):
    unknown()
    LeadFactory(channel="other")
    LeadFactory.create_batch(6, channel="webinar")

    report = computed("sources", marketing)

    (share,) = [one for one in report.headline if one.key == "dark_share"]
    assert (share.value, share.note, share.state) == (0.25, "budget 10.0%", "bad")
    SourcePolicy.objects.create(dark=["unknown"], budget=Decimal("12.5"))
    (share,) = [one for one in computed("sources", marketing).headline if one.key == "dark_share"]
    assert (share.value, share.note, share.state) == (0.125, "budget 12.5%", "good")


def test_each_channel_has_a_row_and_dark_ones_are_dark_as_a_whole(marketing):
    unknown()
    LeadFactory.create_batch(2, channel="webinar")

    report = computed("sources", marketing)

    assert {one["channel"]: (one["leads"], one["dark"], one["dark_share"]) for one in report.rows} == {
        "webinar": (2, 0, 0.0),
        "unknown": (1, 1, 1.0),
    }


def test_what_was_found_out_lowers_the_share_now_but_not_the_one_recorded(marketing):
    first, _ = unknown(), unknown()
    named(first, "webinar", marketing)

    report = computed("sources", marketing)

    total = report.totals[0]
    assert [total[key] for key in ("leads", "dark", "recorded_dark", "resolved")] == [2, 1, 2, 1]
    assert (headline(report)["dark_share"], headline(report)["recorded_dark_share"]) == (0.5, 1.0)
    now, recorded, budget = report.charts[0].data
    assert (now.values, recorded.values, budget.values) == ((50.0,), (100.0,), (10.0,))
    assert line(report, channel="webinar")["resolved"] == 1


def test_a_past_day_shows_what_was_known_then(marketing):
    lead = unknown()
    ruling = named(lead, "webinar", marketing, NOW + 2 * DAY)
    given_up = unknown()
    rule_unknowable(lead_id=given_up.pk, by=marketing.principal, at=NOW + 2 * DAY)
    later = NOW + 9 * DAY

    def on(day):
        return computed("sources", marketing, now=later, as_of=(NOW + day).date().isoformat())

    before, after = on(1 * DAY), on(3 * DAY)
    counts = [[one.totals[0][key] for key in ("dark", "resolved", "unknowable")] for one in (before, after)]
    assert counts == [[2, 0, 0], [1, 1, 1]]
    assert line(before, channel="unknown")["leads"] == 2
    then = {"now": later, "as_of": (NOW + DAY).date().isoformat()}
    assert behind(marketing, "dark", "unknown", **then) == {lead, given_up}
    assert behind(marketing, "dark", "unknown", now=later) == {given_up}

    take_back(ruling_id=ruling.pk, by=marketing.principal, at=ruling.at + timedelta(minutes=5))
    assert on(3 * DAY).totals[0]["dark"] == 2
    assert LeadFact.objects.get(lead=lead).recorded_channel.slug == "unknown"


def test_several_corrections_of_one_lead_are_each_seen_on_their_day(marketing):
    lead = unknown()
    named(lead, "webinar", marketing, NOW + 2 * DAY)
    named(lead, "referral", marketing, NOW + 4 * DAY)

    def row_on(days):
        report = computed("sources", marketing, now=NOW + 9 * DAY, as_of=(NOW + days * DAY).date().isoformat())
        return [one["channel"] for one in report.rows]

    assert [row_on(days) for days in (1, 3, 5)] == [["unknown"], ["webinar"], ["referral"]]


def test_evidence_is_counted_for_those_that_wait(marketing):
    said = unknown(self_reported_source="A colleague")
    touched = unknown(touches=(TouchInput(at=NOW, channel="webinar"),))
    both = unknown(
        self_reported_source="your webinar",
        touches=(TouchInput(at=NOW, channel="unknown", subject="?utm_source=x&utm_medium=cpc"),),
    )
    blind, given_up = unknown(self_reported_source="Don't remember"), unknown(self_reported_source="A colleague")
    rule_unknowable(lead_id=given_up.pk, by=marketing.principal, at=NOW)

    total = computed("sources", marketing).totals[0]

    keys = ("resolvable", "campaign", "link", "said", "touch", "blind", "unknowable")
    assert [total[key] for key in keys] == [3, 0, 1, 2, 1, 1, 1]
    assert total["resolvable"] + total["blind"] + total["unknowable"] == total["dark"]
    assert behind(marketing, "resolvable") == {said, touched, both}
    assert (behind(marketing, "said"), behind(marketing, "touch")) == ({said, both}, {touched})
    assert (behind(marketing, "blind"), behind(marketing, "unknowable")) == ({blind}, {given_up})


def test_what_they_say_stands_against_what_is_recorded(marketing):
    LeadFactory(channel="webinar", self_reported_source="Your webinar")
    LeadFactory(channel="paid-search", self_reported_source="The webinar in May")
    unknown(self_reported_source="Don't remember")
    unknown()

    report = computed("sources", marketing, by="words")

    assert {one["words"]: (one["leads"], one["told"], one["agreement"]) for one in report.rows} == {
        "webinar": (2, 2, 0.5),
        "unmapped": (1, 0, None),
        "": (1, 0, None),
    }
    matrix = report.charts[1]
    heads = [one.label for one in matrix.drawing.heads]
    assert sorted(heads) == ["Paid search", "Unknown", "Webinar"]
    counts = {row.label: dict(zip(heads, row.counts, strict=True)) for row in matrix.data}
    assert counts == {
        "Webinar": {"Webinar": 1, "Paid search": 1, "Unknown": 0},
        "Means no channel": {"Webinar": 0, "Paid search": 0, "Unknown": 1},
    }
    assert isinstance(matrix.data[0], MatrixRow)
    assert "Webinar, recorded as: " in matrix.summary
    assert {row: len(behind(marketing, "leads", row, by="words")) for row in ("webinar", "unmapped", "-")} == {
        "webinar": 2,
        "unmapped": 1,
        "-": 1,
    }


def test_a_new_word_of_the_admin_is_read_at_once(marketing):
    unknown(self_reported_source="Heard it at the chamber of commerce")
    SourceWord.objects.create(words="chamber of commerce", channel="referral")

    assert line(computed("sources", marketing, by="words"), words="referral")["leads"] == 1


def test_the_smallest_channels_of_the_matrix_stand_together(marketing):
    for number in range(12):
        LeadFactory(channel=f"channel-{number}", self_reported_source="Your webinar")

    matrix = computed("sources", marketing).charts[1]

    assert [one.label for one in matrix.drawing.heads][-1] == "Others"
    assert (len(matrix.drawing.heads), matrix.data[0].counts[-1], sum(matrix.data[0].counts)) == (10, 3, 12)


def test_who_entered_them_and_through_what_is_told(marketing, rep):
    unknown(source="website")
    unknown(source="fair.csv")

    by_system = computed("sources", marketing, by="source")
    by_person = computed("sources", marketing, by="entered_by")

    assert {one["source"]: one["dark"] for one in by_system.rows} == {"website": 1, "fair.csv": 1}
    assert [(one["entered_by"], one["dark"]) for one in by_person.rows] == [("Mona Marketer", 2)]
    assert len(behind(marketing, "dark", "website", by="source")) == 1
    assert len(behind(marketing, "dark", "Mona Marketer", by="entered_by")) == 2


def test_the_months_are_those_of_the_leads_the_latest_first(marketing):
    old = unknown(at=NOW - 40 * DAY)
    LeadFactory(channel="webinar", at=NOW)

    report = computed("sources", marketing, by="month")

    assert [(one["month"], one["leads"], one["dark"]) for one in report.rows] == [("2026-03", 1, 0), ("2026-01", 1, 1)]
    assert report.charts[0].data[0].values == (100.0, 0.0)
    assert behind(marketing, "dark", "2026-01", by="month") == {old}


def test_money_behind_the_dark_is_summed_and_what_is_unknown_counted(marketing):
    won("unknown", "1000.50")
    won("unknown", None)
    won("unknown", "70", "USD")
    won("webinar", "400")

    report = computed("sources", marketing)

    total = report.totals[0]
    assert (total["won"], total["revenue"], total["unknown_amounts"]) == (4, Decimal("1400.50"), 2)
    assert (total["dark_won"], total["dark_revenue"]) == (3, Decimal("1000.50"))
    (figure,) = [one for one in report.headline if one.key == "dark_revenue"]
    assert figure.note == "3 of 4 wins, 2 of them not in the sum"
    assert headline(report)["dark_revenue_usd"] == Decimal("70.00")
    assert len(behind(marketing, "dark_won")) == len(behind(marketing, "dark_revenue")) == 3


@pytest.mark.parametrize("by", ["channel", "source", "entered_by", "month", "words"])
def test_rows_add_up_and_every_figure_opens_as_many_leads_as_it_counts(marketing, by):
    named(unknown(self_reported_source="your webinar"), "webinar", marketing)
    rule_unknowable(lead_id=unknown().pk, by=marketing.principal, at=NOW)
    unknown(touches=(TouchInput(at=NOW, channel="webinar"),), source="fair.csv")
    LeadFactory(handed_off=True, channel="webinar", self_reported_source="Facebook", at=NOW - 40 * DAY)
    won("unknown", "100")
    won("referral", "50", self_reported_source="A colleague")

    report = computed("sources", marketing, by=by)

    entry = find_entry("sources", marketing.principal)
    counted = [one.key for one in report.columns if one.kind == "count" and one.key in entry.drilling.figures]
    assert len(counted) == 16
    for key in counted:
        assert sum(row[key] for row in report.rows) == report.totals[0][key] == len(behind(marketing, key)), key
        for row in report.rows:
            assert len(behind(marketing, key, row[by] or "-", by=by)) == row[key], (key, row[by])


def test_many_channels_cost_no_more_queries_than_one(marketing, queries_for):
    entry = find_entry("sources", marketing.principal)

    def compute():
        return entry.compute(select(marketing.principal, entry.parse({}, marketing.principal), NOW))

    def grow(channel):
        won("unknown", "100", self_reported_source="a colleague")
        named(unknown(), channel, marketing)

    grow("webinar")
    catch_up()
    one = queries_for(compute)
    for number in range(8):
        Channel.objects.create(slug=f"channel-{number}", name=f"Channel {number}")
        grow(f"channel-{number}")
    catch_up()

    assert queries_for(compute) == one <= 18


def test_a_rep_sees_the_sources_of_his_own(rep):
    unknown(owner=rep)
    unknown(owner=UserFactory())

    assert computed("sources", rep).totals[0]["leads"] == 1


def test_nothing_to_report_says_why(marketing):
    assert "There are no leads yet" in computed("sources", marketing).empty_because


def test_the_page_leads_marketing_to_the_work_and_nobody_else(marketing_client, rep_client, rep):
    unknown(owner=rep)

    assert 'href="/sources/"' in marketing_client.get("/reports/sources/").content.decode().split("<h1>")[1]
    assert 'href="/sources/"' not in rep_client.get("/reports/sources/").content.decode()


def test_the_erased_count_too_and_say_nothing(marketing):
    lead = unknown(self_reported_source="A colleague")
    Lead.objects.filter(pk=lead.pk).update(self_reported_source="", erased_at=NOW)

    report = computed("sources", marketing, by="words")

    assert [(one["words"], one["dark"]) for one in report.rows] == [("", 1)]
    assert SourceRuling.objects.count() == 0
