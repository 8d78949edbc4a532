"""Every figure is that of a model which counts raw rows one by one (tests/reports/naive.py), however leads lived."""

from datetime import timedelta

import pytest

from tests.reports import naive
from tests.reports.lives import Company
from tests.reports.worlds import computed, headline

DAYS = 14

# On real transactions: within one, PostgreSQL never tells what has settled, and all facts are read anew each time.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(sales, west, east, rep, eastern_rep, head_of_sales, marketing, signed_agreement):
    return {"marketing": marketing, "manager": head_of_sales, "reps": [rep, eastern_rep]}


@pytest.fixture(params=[11, 12, 13, 14])
def lived(request, people):
    company = Company(request.param, **people)
    for _ in range(DAYS):
        now = company.live(acts=35)
    return people["marketing"], now, naive.lives()


def same(row, expected, *names):
    assert {name: row[name] for name in names} == {name: expected[name] for name in names}


def test_all_reports_say_what_the_raw_rows_say(lived):
    viewer, now, found = lived
    _closed_loop(computed("closed-loop", viewer, now=now), *naive.closed_loop(found))
    _funnel(computed("funnel", viewer, now=now), naive.funnel(found))
    _response(computed("response", viewer, now=now), *naive.response(found, now))
    _black_hole(computed("black-hole", viewer, now=now), *naive.black_hole(found))
    _fall_out(computed("fall-out", viewer, now=now), naive.fall_out(found))
    same(
        computed("refusals", viewer, now=now).totals[0],
        naive.refusals(found),
        *("refusals", "disputed", "open", "upheld", "overruled"),
    )
    _persistence(computed("persistence", viewer, now=now), *naive.persistence(found))
    _forecast(computed("forecast", viewer, now=now), *naive.forecast(found))
    _delivered(computed("delivered", viewer, now=now), *naive.delivered(found))
    _weekly(viewer, now)
    _completeness(computed("completeness", viewer, now=now, by="known"), naive.completeness(found))


def _closed_loop(report, rows, revenue):
    counts = ("leads", "open", "won", "lost", "no_decision", "disqualified", "mqls", "sqls", "hand_offs")
    for row in report.rows:
        same(row, rows[row["channel"]], *counts, "accepted", "refused", "black_hole")
        own, first, last = revenue[row["channel"]]
        assert (row["revenue"], row["first_touch_revenue"], row["last_touch_revenue"]) == (own, first, last)
    assert {row["channel"] for row in report.rows} == set(rows)


def _funnel(report, rows):
    for row in report.rows:
        names = ("entered", "entries", "here", "forward", "backward", "out", "median_days", "p90_days")
        same(row, rows[row["stage"]], *names)
    assert {row["stage"] for row in report.rows} == set(rows)


def _response(report, expected, median, p90):
    same(report.totals[0], expected, "hand_offs", "answered", "kept", "late", "overdue")
    assert (headline(report)["median_hours"], headline(report)["p90_hours"]) == (median, p90)


def _black_hole(report, expected, median):
    same(report.totals[0], expected, "ever", "inside", "recovered", "recovered_won")
    assert report.totals[0]["median_days"] == median


def _fall_out(report, rows):
    assert {row["reason"] for row in report.rows} == set(rows)
    for row in report.rows:
        same(row, rows[row["reason"]], "exits", "came_back", "won_after")


def _persistence(report, expected, attempts):
    same(report.totals[0], expected, "worked", "never_tried", "reached", "given_up", "abandoned", "won")
    assert report.totals[0]["mean_attempts"] == round(attempts / expected["worked"], 6)


def _forecast(report, expected, brier):
    same(report.totals[0], expected, "made", "judged", "won")
    assert report.totals[0]["brier"] == brier


def _weekly(viewer, now):
    """The last full one: of a running one only part of the week before is set against it."""
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday() + 7)
    before, rows = naive.weekly(monday - timedelta(days=7)), naive.weekly(monday)
    report = computed("weekly", viewer, now=now)
    for row in report.rows:
        counts = ("dispositions", "attempts", "conversations", "meetings", "accepted", "refused", "won_amount")
        same(row, rows[row["owner"]], *counts, *naive.RESULTS.values())
        for name in ("attempts", "conversations", "qualified", "won"):
            assert row[f"change_{name}"] == rows[row["owner"]][name] - before[row["owner"]][name]
    assert {row["owner"] for row in report.rows} >= rows.keys()
    assert sum(row["dispositions"] for row in rows.values()) > 10


def _delivered(report, expected, worth):
    same(report.totals[0], expected, "hand_offs", "accepted", "won")
    assert headline(report)["developing"] == expected["developing"]
    assert report.totals[0]["touches"] == round(expected["touches"] / expected["hand_offs"], 6)
    assert (report.totals[0]["potential"] or 0) == worth


def _completeness(report, rows):
    assert {int(row["known"]) for row in report.rows} == set(rows)
    for row in report.rows:
        same(row, rows[int(row["known"])], "hand_offs", "accepted", "refused", "fell", "over", "won")
