"""The pictures of the scorecard: where each figure stands, how revenue grew, and what made the gap."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.formats import date_format

from accounts.formats import rounded
from reports.charts import Row as Bar
from reports.charts import Segment, Series, lay_out_bars, lay_out_trend
from reports.days import company_day, end_of
from reports.presentation import tile_text
from reports.queries.amounts import Amounts
from reports.report import Chart, Figure, Kind
from reports.scorecard.board import Board, Score
from reports.scorecard.kpis import BY_KEY, CHAIN, KPIS, Kpi
from reports.scorecard.pace import Number, pace_of
from reports.scorecard.verdict import capital, money, signed
from reports.target_periods import QUARTER

CURRENCY = settings.REPORTING_CURRENCY


def pictures(board: Board) -> tuple[Chart, ...]:
    drawn = (_standing(board.now), _growth(board), _gap(board.now))
    return tuple(chart for chart in drawn if chart)


def _standing(score: Score) -> Chart | None:
    """Each figure in percent of what was due by now."""
    bars = tuple(bar for kpi in KPIS if (bar := _bar(score, kpi)))
    if not bars:
        return None
    return Chart(
        title=f"{score.period.label}: each figure in percent of what was due by now",
        summary=" ".join(f"{bar.label}: {bar.text}." for bar in bars),
        data=bars,
        drawing=lay_out_bars(bars, ranked=False),
        note="The thin bar is what was due: all of it at the end of the period, of a rate on any day.",
    )


def _bar(score: Score, kpi: Kpi) -> Bar | None:
    actual, due = score.actual(kpi), score.due(kpi)
    if actual is None or not due:
        return None
    percent = round(float(actual) / float(due) * 100, 1)
    return Bar(
        kpi.label,
        (Segment(kpi.side.value, kpi.side.label, percent, f"{rounded(percent, 0)}%"),),
        text=f"{_short(kpi, actual)} of {_short(kpi, due)}",
        against=Segment("unknown", "Due by now", 100, "100%"),
    )


def _short(kpi: Kpi, value: Number) -> str:
    """As a headline says it: beside a bar on a phone there is little room."""
    return tile_text(Figure(kpi.key, kpi.label, value, kpi.kind, CURRENCY if kpi.kind is Kind.MONEY else ""))


def _growth(board: Board) -> Chart | None:
    """Revenue as it grew over the period, beside what was due on each day."""
    score, kpi = board.now, BY_KEY["revenue"]
    target = score.set_for(kpi)
    if not score.pace.passed or (target is None and not score.facts.revenue_by_day):
        return None
    days = list(_moments(score))
    today = company_day(board.scope.selection.at)
    came = [_until(score, day) if day <= today or day == _first_after(days, today) else None for day in days]
    series = [Series("revenue", "Revenue", tuple(came), tuple("" if one is None else money(one) for one in came))]
    if target is not None:
        hours = board.scope.hours
        due = [Decimal(pace_of(score.period, end_of(day), hours).due(kpi, target) or 0) for day in days]
        series.append(Series("series-6", "Target to date", tuple(due), tuple(money(one) for one in due)))
    names = [date_format(day, "MONTH_DAY_FORMAT") for day in days]
    return Chart(
        title=f"{score.period.label}: revenue as it grew",
        summary=" ".join(
            f"{name}: {' of '.join(one.texts[place] for one in series if one.texts[place])}."
            for place, name in enumerate(names)
        ),
        data=tuple(series),
        drawing=lay_out_trend(names, series),
    )


def _moments(score: Score) -> Iterator[date]:
    """The last day of each week of a quarter, of every third day of a month; then that of the period."""
    period = score.period
    step = timedelta(days=7 if period.months == QUARTER else 3)
    at = period.first + step - timedelta(days=1)
    while at < period.last:
        yield at
        at += step
    yield period.last


def _first_after(days: list[date], today: date) -> date | None:
    """The moment of the week that is running: it has what came so far."""
    return next((day for day in days if day >= today), None)


def _until(score: Score, last: date) -> Decimal:
    return sum((one for day, one in score.facts.revenue_by_day.items() if day <= last), Amounts()).total


def _gap(score: Score) -> Chart | None:
    """What each part of the funnel cost or brought, in the order of the funnel."""
    bars = tuple(_part(kpi, score.parts[kpi.key]) for kpi in CHAIN if score.parts.get(kpi.key))
    if not bars:
        return None
    return Chart(
        title=f"{score.period.label}: what made the gap in revenue",
        summary=" ".join(f"{bar.label}: {bar.text}." for bar in bars),
        data=bars,
        drawing=lay_out_bars(bars, ranked=False),
    )


def _part(kpi: Kpi, part: Decimal) -> Bar:
    key, label = ("lost", "Cost revenue") if part < 0 else ("won", "Brought revenue")
    return Bar(capital(kpi.part), (Segment(key, label, abs(part), signed(part)),), text=signed(part))
