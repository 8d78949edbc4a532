"""What a rep can say of a lead: each outcome with its key, the stages it fits and where it takes the lead. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models

from funnel.lifecycle import Stage


class Outcome(models.TextChoices):
    ACCEPT = "accept", "Accept"
    REFUSE = "refuse", "Refuse"
    NO_ANSWER = "no_answer", "No answer"
    VOICEMAIL = "voicemail", "Voicemail"
    EMAIL_SENT = "email_sent", "E-mail sent"
    CONVERSATION = "conversation", "Conversation"
    MEETING_SET = "meeting_set", "Meeting set"
    QUALIFY = "qualify", "Qualify"
    RECYCLE = "recycle", "Recycle"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    NO_DECISION = "no_decision", "No decision"
    DISQUALIFY = "disqualify", "Disqualify"
    STEP_BACK = "step_back", "Step back"
    UNDO = "undo", "Undone"


class Channel(models.TextChoices):
    """How sales tried to reach the person. Not marketing's channel, which brought the lead."""

    PHONE = "phone", "Phone"
    EMAIL = "email", "E-mail"
    SOCIAL = "social", "Social network"
    MEETING = "meeting", "In person"


@dataclass(frozen=True)
class Rule:
    """`leads_to`: from stage to stage; without an entry the lead stays. `asks`: the fields its form shows.

    `tells`: what may be told with it, or added later; its key alone records it all the same.
    An attempt tried and did not reach the person; a contact did. Both accept an MQL first.
    """

    outcome: Outcome
    key: str
    stages: tuple[Stage, ...]
    leads_to: Mapping[Stage, Stage] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    channel: Channel | None = None
    is_attempt: bool = False
    is_contact: bool = False

    @property
    def works_the_lead(self) -> bool:
        return self.is_attempt or self.is_contact

    @property
    def is_one_key(self) -> bool:
        return not self.asks


_SALES = (Stage.MQL, Stage.SAL, Stage.SQL)
_WORKING = (Stage.SAL, Stage.SQL)
_LEARNED = ("evidence", "learned", "next_action_at", "forecast")

_RULES = (
    Rule(Outcome.ACCEPT, "a", (Stage.MQL,), {Stage.MQL: Stage.SAL}),
    Rule(Outcome.REFUSE, "r", (Stage.MQL,), {Stage.MQL: Stage.NURTURE}, ("reason",)),
    Rule(Outcome.NO_ANSWER, "n", _SALES, channel=Channel.PHONE, is_attempt=True),
    Rule(Outcome.VOICEMAIL, "v", _SALES, channel=Channel.PHONE, is_attempt=True),
    Rule(Outcome.EMAIL_SENT, "e", _SALES, channel=Channel.EMAIL, is_attempt=True),
    Rule(Outcome.CONVERSATION, "c", _SALES, tells=_LEARNED, channel=Channel.PHONE, is_contact=True),
    Rule(Outcome.MEETING_SET, "m", _SALES, tells=_LEARNED, channel=Channel.PHONE, is_contact=True),
    Rule(
        Outcome.QUALIFY,
        "q",
        (Stage.SAL,),
        {Stage.SAL: Stage.SQL},
        ("evidence", "amount", "currency", "expected_close_on"),
    ),
    Rule(Outcome.RECYCLE, "y", _WORKING, dict.fromkeys(_WORKING, Stage.NURTURE), ("reason", "wake_at")),
    Rule(Outcome.WON, "w", (Stage.SQL,), {Stage.SQL: Stage.WON}, ("amount", "currency", "closed_on")),
    Rule(Outcome.LOST, "l", _WORKING, dict.fromkeys(_WORKING, Stage.LOST), ("reason", "competitor")),
    Rule(Outcome.NO_DECISION, "o", _WORKING, dict.fromkeys(_WORKING, Stage.NO_DECISION), ("reason",)),
    Rule(
        Outcome.DISQUALIFY,
        "x",
        (Stage.MQL, Stage.SAL),
        dict.fromkeys((Stage.MQL, Stage.SAL), Stage.DISQUALIFIED),
        ("reason",),
    ),
    Rule(Outcome.STEP_BACK, "b", (Stage.SQL,), {Stage.SQL: Stage.SAL}, ("reason",)),
)
RULES: Mapping[Outcome, Rule] = {rule.outcome: rule for rule in _RULES}


class OutcomeNotPossible(Exception):
    """This outcome does not fit the lead's stage. The sentence names those that do."""

    def __init__(self, outcome: Outcome, stage: Stage) -> None:
        possible = ", ".join(rule.outcome.label.lower() for rule in possible_at(stage)) or "nothing"
        super().__init__(f"“{outcome.label}” does not fit a lead in {stage.label}. Possible there: {possible}.")


def possible_at(stage: Stage) -> list[Rule]:
    """The outcomes for a lead in this stage, in the order of their buttons."""
    return [rule for rule in _RULES if stage in rule.stages]


def check_possible(outcome: Outcome, stage: Stage) -> Rule:
    """The rule of the outcome. Raises OutcomeNotPossible."""
    rule = RULES.get(outcome)
    if rule is None or stage not in rule.stages:
        raise OutcomeNotPossible(outcome, stage)
    return rule
