"""Links in mails by which the owner of a lead answers with one click: what they say, signed. Asks no database."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer

from accounts.models import User
from accounts.notifications import Link
from dispositions.outcomes import Channel, Outcome, Rule, possible_at
from funnel.lifecycle import Stage
from funnel.models import Lead

# What needs no more than a click.
ONE_CLICK = (Outcome.ACCEPT, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.EMAIL_SENT, Outcome.CONVERSATION)
_SIGNER = Signer(salt="leadflow.mail-link", sep=".")


class UnknownToken(ValueError):
    """Nothing that LeadFlow has signed."""


@dataclass(frozen=True)
class MailLink:
    """Ids and codes only. `due`: the deadline that the mail is about, in seconds; another one means that the lead
    has moved on. `expires`: in seconds too, both since 1970.
    """

    user_id: int
    lead_id: int
    outcome: Outcome
    due: int
    expires: int

    @property
    def token(self) -> str:
        parts = (self.user_id, self.lead_id, self.outcome.value, f"{self.due:x}", f"{self.expires:x}")
        return _SIGNER.sign("-".join(map(str, parts)))

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.token.encode()).hexdigest()

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires, UTC)

    def is_about(self, lead: Lead) -> bool:
        return lead.due_at is not None and int(lead.due_at.timestamp()) == self.due


def read_token(token: str) -> MailLink:
    """Raises UnknownToken."""
    try:
        user_id, lead_id, outcome, due, expires = _SIGNER.unsign(token).split("-")
        return MailLink(int(user_id), int(lead_id), Outcome(outcome), int(due, 16), int(expires, 16))
    except (BadSignature, ValueError) as error:
        raise UnknownToken from error


def links_for(lead: Lead, reader: User, at: datetime) -> list[Link]:
    """One for each outcome that fits the lead's stage and needs one click."""
    if lead.due_at is None:
        return []
    due, expires = int(lead.due_at.timestamp()), int((at + timedelta(days=settings.MAIL_LINK_DAYS)).timestamp())
    return [
        Link(rule.outcome.label, f"/mail/{link.token}/")
        for rule in possible_at(Stage(lead.stage))
        if rule.outcome in ONE_CLICK
        for link in [MailLink(reader.pk, lead.pk, rule.outcome, due, expires)]
    ]


def effects_of(rule: Rule, lead: Lead) -> Sequence[str]:
    """What will happen, each in a sentence. Needs the hand-off with its agreement."""
    effects = []
    if lead.stage == Stage.MQL:
        effects.append("The lead is accepted: it moves from MQL to SAL.")
    if rule.outcome is Outcome.ACCEPT:
        effects.append("The clock for the first attempt starts.")
    if rule.is_attempt:
        effects.append(_attempt(rule, lead))
    if rule.is_contact:
        effects.append("A conversation with the lead is noted.")
    return [*effects, "You can take it back within 15 minutes."]


def _attempt(rule: Rule, lead: Lead) -> str:
    by = f"by {Channel(rule.channel).label.lower()}" if rule.channel else ""
    if lead.hand_off is None:
        return f"An attempt {by} is noted."
    required = lead.hand_off.agreement.attempts_required
    return f"An attempt {by} is noted; so far {lead.hand_off.attempts} of the agreed {required} count."
