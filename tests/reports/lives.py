"""Leads that live at random, day after day, through the product's own services: what those refuse does not happen."""

from datetime import timedelta
from decimal import Decimal
from random import Random

from dispositions.models import Disposition
from dispositions.outcomes import Outcome, OutcomeNotPossible, possible_at
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import MissingNeeds, StaleVersion
from funnel.inputs import LeadInput
from funnel.lifecycle import InvalidTransition, NotAllowed, Stage
from funnel.models import Channel, Lead, Reason, Touch
from funnel.services.merge import MergeRefused, merge_leads
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.receive import receive_leads
from funnel.sweep import run_sweep
from tests.factories import BANT_EVIDENCE, NOW

REFUSALS = (MissingNeeds, StaleVersion, InvalidTransition, NotAllowed, OutcomeNotPossible, MergeRefused)
CHANNELS = ("webinar", "trade-fair", "paid-search")
REASONS = {
    Outcome.REFUSE: ("no_need", "student", "no_budget"),
    Outcome.RECYCLE: ("bad_timing", "no_budget"),
    Outcome.LOST: ("lost_price", "lost_feature"),
    Outcome.NO_DECISION: ("blocked_people", "blocked_change"),
    Outcome.DISQUALIFY: ("student", "bad_data"),
    Outcome.STEP_BACK: ("reassessed",),
}
DAY = timedelta(days=1)


class Company:
    """`live` lets one day pass, beginning on NOW's: a few arrive, marketing and sales act, the sweep runs at night."""

    def __init__(self, seed, *, marketing, manager, reps):
        self.random = Random(seed)
        self.marketing, self.manager, self.reps = marketing, manager, reps
        self.day = NOW.replace(hour=0, minute=0)
        self.arrived = 0

    def live(self, acts=30):
        """Answers the last instant of the day."""
        minutes = sorted(self.random.sample(range(7 * 60, 19 * 60), acts))
        for minute in minutes:
            try:
                self._act(self.day + timedelta(minutes=minute))
            except REFUSALS:
                continue
        end = self.day + DAY - timedelta(microseconds=1)
        run_sweep(now=end)
        self.day += DAY
        return end

    def _act(self, at):
        acts = (
            *[self._arrive] * 4,
            *[self._promote] * 5,
            *[self._say] * 14,
            *[self._undo] * 2,
            *[self._correct, self._reopen, self._touch, self._merge],
        )
        self.random.choice(acts)(at)

    def _arrive(self, at):
        self.arrived += 1
        given = LeadInput(
            source="website",
            external_id=f"{self.arrived}",
            channel=self.random.choice(CHANNELS),
            created_at=at,
            owner=self.random.choice(self.reps),
        )
        receive_leads([given], by=self.marketing.principal, at=at)

    def _one(self, *stages):
        leads = list(Lead.objects.filter(stage__in=stages, merged_into=None).order_by("pk"))
        return self.random.choice(leads) if leads else None

    def _promote(self, at):
        if lead := self._one(Stage.INQUIRY, Stage.NURTURE):
            move_lead(lead_id=lead.pk, to=Stage.MQL, by=self.marketing.principal, at=at)

    def _say(self, at):
        if lead := self._one(Stage.MQL, Stage.SAL, Stage.SQL):
            outcome = self.random.choice(possible_at(Stage(lead.stage))).outcome
            record_disposition(lead_id=lead.pk, statement=self._statement(outcome, at), by=lead.owner.principal, at=at)

    def _statement(self, outcome, at):
        given = {"outcome": outcome, "reason": self.random.choice(REASONS.get(outcome, ("",)))}
        if outcome is Outcome.QUALIFY:
            given |= {
                "evidence": BANT_EVIDENCE,
                "amount": Decimal(self.random.randint(1, 90_000)) / 7,
                "currency": "EUR",
            }
            given |= {"expected_close_on": at.date()}
            given["amount"] = given["amount"].quantize(Decimal("0.01"))
        if outcome is Outcome.WON:
            given |= {"closed_on": at.date()}
        if outcome is Outcome.RECYCLE:
            given |= {"wake_at": at + 30 * DAY}
        if outcome is Outcome.CONVERSATION and self.random.random() < 0.5:
            given |= {"forecast": self.random.choice((0, 25, 50, 75, 100))}
        return Statement(**given)

    def _undo(self, at):
        self._say(at)
        if said := Disposition.objects.filter(at=at).first():
            undo_disposition(disposition_id=said.pk, by=said.by.principal, at=at)

    def _correct(self, at):
        if lead := self._one(Stage.WON, Stage.LOST, Stage.NO_DECISION, Stage.DISQUALIFIED):
            to = Stage.INQUIRY if lead.stage == Stage.DISQUALIFIED else Stage.SQL
            details = MoveDetails(reason=Reason.objects.get(slug="reassessed"))
            move_lead(lead_id=lead.pk, to=to, by=self.manager.principal, at=at, details=details)

    def _reopen(self, at):
        if lead := self._one(Stage.LOST, Stage.NO_DECISION):
            details = MoveDetails(wake_at=at + 9 * DAY)
            move_lead(lead_id=lead.pk, to=Stage.NURTURE, by=self.marketing.principal, at=at, details=details)

    def _touch(self, at):
        if lead := self._one(*Stage):
            channel = Channel.objects.get(slug=lead.channel.slug)
            Touch.objects.create(lead=lead, at=at, channel=channel, source="website")

    def _merge(self, at):
        one, other = self._one(Stage.INQUIRY, Stage.NURTURE), self._one(*Stage)
        if one and other and one.created_at.date() == other.created_at.date() == at.date():
            merge_leads(winner_id=other.pk, loser_id=one.pk, by=self.manager.principal, at=at)
