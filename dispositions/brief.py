"""What a rep needs to know before he calls: who it is, how they came, what is known, what happened so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.clause_list import ClauseFound, clauses_found
from dispositions.countdown import Countdown, countdown
from dispositions.cycles import Cycle, earlier_cycles
from dispositions.forms import Ask, StatementForm, ask
from dispositions.history import Entry, history_of, texts_of
from dispositions.outcomes import RULES, Outcome, Rule, possible_at
from funnel.attributes import BANT, Attribute
from funnel.lifecycle import SALES_STAGES, Stage
from funnel.models import Assignment, Evidence, Flag, HandOff, Lead, Reason, StageDefinition
from funnel.services.needs import known_attributes


@dataclass(frozen=True)
class Known:
    """One of the ten attributes, and what is known of it."""

    attribute: Attribute
    is_known: bool
    evidence: Evidence | None


@dataclass(frozen=True)
class Brief:
    lead: Lead
    countdown: Countdown | None
    flag: Flag.Kind | None
    stage: StageDefinition | None
    assignment: Assignment | None
    can_take: bool
    hand_off: HandOff | None
    clauses: Sequence[ClauseFound]
    cycles: Sequence[Cycle]
    known: Sequence[Known]
    bant: Sequence[tuple[str, bool]]
    history: Sequence[Entry]
    rules: Sequence[Rule]
    asks: Sequence[Ask]

    @property
    def known_count(self) -> int:
        return sum(one.is_known for one in self.known)


@dataclass(frozen=True)
class Answered:
    """A statement that could not be recorded: its outcome and its form with the errors."""

    outcome: Outcome
    form: StatementForm


def brief_of(
    lead: Lead,
    principal: Principal,
    *,
    flag: Flag.Kind | None,
    now: datetime,
    answered: Answered | None = None,
    opened: Outcome | None = None,
    whole: bool = False,
) -> Brief:
    """Seven queries, one more for a lead in a later cycle.

    `answered`: what the rep just tried to say, shown again with what it lacks.
    `opened`: the panel to show at once, where there is no JavaScript to open it. `whole`: what the stage means and
    who assigned the lead too, which a page of its own has room for.
    """
    may_act = principal.role in {Role.REP, Role.MANAGER, Role.ADMIN}
    rules = possible_at(Stage(lead.stage)) if may_act else []
    known = _known(lead)
    unknown_bant = [one.attribute for one in known if one.attribute in BANT.values() and not one.is_known]
    texts = texts_of(lead, sees_notes=principal.role != Role.MARKETING)
    found = clauses_found(lead.hand_off, texts.found_at(lead.hand_off))
    every_reason = list(Reason.objects.all())
    reasons = [reason for reason in every_reason if reason.is_active]
    forms = {answered.outcome: answered.form} if answered else {}
    # What could not be recorded is shown in any case, also where the lead has moved on and it fits no more.
    asking = [rule for rule in RULES.values() if rule.outcome in forms or (rule.asks and rule in rules)]
    return Brief(
        lead=lead,
        countdown=countdown(lead.due_at, now),
        flag=flag,
        stage=StageDefinition.objects.filter(stage=lead.stage).first() if whole else None,
        assignment=Assignment.objects.filter(lead=lead).last() if whole else None,
        can_take=may_act and lead.owner_id is None and lead.stage in SALES_STAGES,
        hand_off=lead.hand_off,
        clauses=found,
        cycles=earlier_cycles(lead),
        known=known,
        bant=[(name, attribute not in unknown_bant) for name, attribute in BANT.items()],
        history=history_of(lead, texts, every_reason),
        rules=rules,
        asks=[
            ask(
                lead,
                rule,
                reasons,
                unknown_bant,
                now=now,
                found=found,
                form=forms.get(rule.outcome),
                is_open=rule.outcome == opened,
            )
            for rule in asking
        ],
    )


def open_flag(lead: Lead) -> Flag.Kind | None:
    flag = Flag.objects.filter(lead=lead, cleared_at=None).first()
    return Flag.Kind(flag.kind) if flag else None


def _known(lead: Lead) -> list[Known]:
    evidence: dict[str, Evidence] = {}
    for one in lead.evidence.select_related("learned_by").order_by("learned_at", "id"):
        evidence[one.attribute] = one
    known = known_attributes(lead, evidence.keys())
    return [Known(attribute, attribute in known, evidence.get(attribute)) for attribute in Attribute]
