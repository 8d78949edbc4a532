"""One panel per outcome, with only the fields it needs and nobody knows yet, prefilled with what is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils import timezone

from dispositions.desk.clauses import ClauseChoice, ClauseFound, clause_choices
from dispositions.desk.forms import DIGITS, ShownField, StatementForm
from dispositions.desk.reason_list import ReasonChoice, choices_of
from dispositions.models import BuyIn
from dispositions.outcomes import RULES, Outcome, Rule
from dispositions.services.refuse import refuses
from funnel.attributes import BANT, Attribute
from funnel.models import Lead, Reason
from funnel.persistence import Progress


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is known of a lead before the rep speaks.

    `known`: what is known of each attribute, in words where there are any. `found`: the clauses of its hand-off.
    `people`: the buy-in map. `go_on_at`: when the cadence would go on after a conversation. `asks_forecast`: whether
    the next conversation is the first or the second.
    """

    lead: Lead
    now: datetime
    reasons: Sequence[Reason]
    known: Mapping[Attribute, str] = field(default_factory=dict)
    found: Sequence[ClauseFound] = ()
    people: Sequence[BuyIn] = ()
    progress: Progress | None = None
    go_on_at: datetime | None = None
    asks_forecast: bool = False

    @property
    def unknown(self) -> list[Attribute]:
        """BANT first."""
        bant = list(BANT.values())
        return [one for one in (*bant, *(one for one in Attribute if one not in bant)) if one not in self.known]


@dataclass(frozen=True)
class Ask:
    """The panel of an outcome that asks for, or may tell, more than its key. `is_open`: shown without JavaScript.

    `fields`: those it shows; `more`: those behind a line, open where they have errors or are filled in. `forecast`:
    where the rep is asked for one. `refused`: what could not be recorded, with its errors.
    """

    rule: Rule
    fields: Sequence[ShownField]
    more: Sequence[ShownField]
    reasons: Sequence[ReasonChoice]
    clauses: Sequence[ClauseChoice] = ()
    forecast: ShownField | None = None
    refused: StatementForm | None = None
    is_open: bool = False

    @property
    def outcome(self) -> Outcome:
        return self.rule.outcome

    @property
    def numbered_reasons(self) -> list[tuple[str, ReasonChoice]]:
        """Each reason with the digit that chooses it; beyond ten there is none left."""
        return [(DIGITS[place] if place < len(DIGITS) else "", choice) for place, choice in enumerate(self.reasons)]

    @property
    def more_is_open(self) -> bool:
        return self.refused is not None and any(one.errors or one.value() for one in self.more)


def panels(
    ground: Ground,
    rules: Iterable[Rule],
    *,
    forms: Mapping[Outcome, StatementForm] | None = None,
    opened: Outcome | None = None,
) -> list[Ask]:
    """The panels of these outcomes. `forms`: what could not be recorded, shown open and in any case, also where the
    lead has moved on and the outcome fits no more. `opened`: the one a click without JavaScript asked for.
    """
    refused = forms or {}
    offered = list(rules)
    asking = [
        rule for rule in RULES.values() if rule.outcome in refused or ((rule.asks or rule.tells) and rule in offered)
    ]
    prefill = _prefill(ground)
    return [_ask(ground, prefill, rule, refused.get(rule.outcome), is_open=rule.outcome == opened) for rule in asking]


@cache
def _blank(outcome: Outcome) -> StatementForm:
    """Empty, and the same for every lead: it is kept, and with it what its fields look like."""
    return StatementForm(auto_id=f"{outcome}-%s")


def _ask(
    ground: Ground, prefill: Mapping[str, object], rule: Rule, refused: StatementForm | None, *, is_open: bool
) -> Ask:
    form = refused or _blank(rule.outcome)
    competitors = ground.known.get(Attribute.COMPETITION)
    helps = {"competitor": f"Known: {competitors}"} if competitors else {}
    cites = ground.found if refuses(rule, ground.lead) else ()
    shown, more = _fields(ground, rule)
    return Ask(
        rule,
        fields=[form[name].prefilled(prefill.get(name), helps.get(name, "")) for name in shown],
        more=[form[name] for name in more],
        reasons=_reasons(ground, rule, cites),
        clauses=_clauses(cites, refused),
        forecast=form["forecast"] if "forecast" in rule.tells and ground.asks_forecast else None,
        refused=refused,
        is_open=is_open or refused is not None,
    )


def _prefill(ground: Ground) -> Mapping[str, object]:
    lead = ground.lead
    return {
        "amount": lead.amount,
        "currency": lead.currency or settings.REPORTING_CURRENCY,
        "expected_close_on": lead.expected_close_on,
        "closed_on": timezone.localdate(ground.now),
        "competitor": lead.competitor,
        "next_action_at": ground.go_on_at,
    }


def _fields(ground: Ground, rule: Rule) -> tuple[list[str], list[str]]:
    """What a panel shows at once, and what behind a line. Reasons and the forecast are buttons, not fields."""
    names = [*rule.asks, *rule.tells]
    unknown = [one.value for one in ground.unknown] if "evidence" in names else []
    bant = {one.value for one in BANT.values()}
    plain = [name for name in names if name not in {"reason", "evidence", "forecast"}]
    if rule.tells:
        return [*plain, "note"], unknown
    return [*(name for name in unknown if name in bant), *plain, "note"], []


def _reasons(ground: Ground, rule: Rule, cites: Sequence[ClauseFound]) -> list[ReasonChoice]:
    if "reason" not in rule.asks:
        return []
    return choices_of(
        rule.outcome,
        ground.reasons,
        hand_off=ground.lead.hand_off,
        found=cites,
        people=ground.people,
        progress=ground.progress,
        now=ground.now,
    )


def _clauses(found: Sequence[ClauseFound], refused: StatementForm | None) -> list[ClauseChoice]:
    if refused is None:
        return clause_choices(found)
    marked = refused.cleaned_data.get("failed_clauses", ()) if refused.is_bound else None
    return clause_choices(found, marked=marked, typed=refused.typed_evidence())
