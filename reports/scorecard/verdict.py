"""The scorecard in plain sentences: which part of the funnel missed, and by how much."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from accounts.formats import day, whole
from reports.models import Target
from reports.presentation import text_of
from reports.report import Kind
from reports.scorecard.board import Score
from reports.scorecard.kpis import BY_KEY, CHAIN, Kpi, Side
from reports.scorecard.pace import Number
from reports.scorecard.scope import Scope


def money(amount: Decimal) -> str:
    return text_of(abs(amount), Kind.MONEY, settings.REPORTING_CURRENCY, cents=abs(amount) < 1000)


def figure(kpi: Kpi, value: Number | None) -> str:
    return text_of(value, kpi.kind, settings.REPORTING_CURRENCY, cents=False)


def verdict(scope: Scope, score: Score) -> str:
    """Of one period: the gap, and what made it."""
    if not scope.is_whole:
        return "Targets are set for the whole company and for teams: choose one of your teams to see its targets."
    if score.target is None:
        return (
            f"No target is set for {scope.label} in {score.period.label}: these are the figures as they came. "
            "Marketing sets one under Targets, and a sales manager agrees to it."
        )
    if not score.pace.passed:
        return f"{score.period.label} has not begun: what is agreed for it stands below."
    if score.gap is None:
        return f"{score.period.label} has no target for revenue: what each figure cost cannot be told."
    return " ".join(_told(score, score.gap))


def _told(score: Score, gap: Decimal) -> Sequence[str]:
    against = "its target" if score.pace.is_over else "what was due by now"
    begin = f"{score.period.label}: revenue is {_apart(gap)} {against}."
    if not score.parts:
        return [begin, _not_told(score)]
    cost = sorted((part, key) for key, part in score.parts.items() if part < 0)
    gained = sorted(((part, key) for key, part in score.parts.items() if part > 0), reverse=True)
    sentences = [begin]
    if cost:
        (part, key), *others = cost
        sentences.append(
            f"{capital(BY_KEY[key].part)} missed most{_instead(score, BY_KEY[key])}: that cost {money(part)}."
        )
        if others:
            sentences.append(f"Also short: {_listed(others)}.")
    if gained:
        sentences.append(f"Ahead: {_listed(gained)}.")
    return [*sentences, _by_side(score)]


def _apart(gap: Decimal) -> str:
    if not gap:
        return "exactly"
    return f"{money(gap)} {'above' if gap > 0 else 'short of'}"


def _not_told(score: Score) -> str:
    missing = [kpi.label for kpi in CHAIN[:-1] if score.set_for(kpi) is None]
    if missing:
        return f"Which part of the funnel made the difference needs a target for: {', '.join(missing)}."
    return "Which part of the funnel made the difference cannot be told: the targets leave nothing to be won."


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _instead(score: Score, kpi: Kpi) -> str:
    """What came, and what was agreed. Of the value of a win nothing is agreed: it follows from the others."""
    if kpi.key == "revenue":
        return ""
    return f", {figure(kpi, score.actual(kpi))} instead of {figure(kpi, score.due(kpi))}"


def _listed(parts: Sequence[tuple[Decimal, str]]) -> str:
    return ", ".join(f"{BY_KEY[key].part} ({money(part)})" for part, key in parts)


def _by_side(score: Score) -> str:
    """The parts of each side together."""
    marketing, sales = (
        sum((part for key, part in score.parts.items() if BY_KEY[key].side is side), Decimal(0)) for side in Side
    )
    return f"Together, marketing's side is {_stands(marketing)}, sales' side {_stands(sales)}."


def _stands(amount: Decimal) -> str:
    return f"{money(amount)} {'short' if amount < 0 else 'ahead'}" if amount else "even"


def signed(amount: Decimal) -> str:
    return f"{'−' if amount < 0 else '+' if amount else ''}{money(amount)}"


def agreed(target: Target) -> str:
    """Whose names are on it."""
    set_by = f"Set by {target.marketing.name} on {day(target.marketing_at)}"
    if target.sales and target.sales_at:
        return f"{set_by}, agreed to by {target.sales.name} on {day(target.sales_at)}."
    return f"{set_by}. Proposed: nobody of sales has agreed to it yet."


def left_out(score: Score) -> Sequence[str]:
    """What is in none of the figures, where there is something."""
    revenue, own = score.facts.revenue, score.facts.own
    found = []
    if revenue.left_out:
        found.append(
            f"Not in the revenue: {whole(revenue.left_out)} wins of unknown amount, or in a currency without a stored "
            "rate."
        )
    if own.known:
        found.append(f"Sales also won {money(own.total)} with leads that it found itself: they are left out here.")
    return found
