"""Answering for a lead by a link from a mail: possession of the mail is the proof, and each link works once."""

from datetime import datetime

from django.db import transaction

from accounts.formats import moment
from accounts.models import User
from dispositions.mail_links import MailLink, UnknownToken, read_token
from dispositions.models import Disposition, UsedLink
from dispositions.outcomes import OutcomeNotPossible, check_possible
from dispositions.services.record import Statement, disposition_within
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed
from funnel.lifecycle import Stage
from funnel.models import Lead, LeadEvent
from funnel.services.changes import last_change, open_change
from funnel.services.locking import NEEDED


class LinkRefused(Exception):
    """The link does nothing; the sentence says why. `lead`: where its reader may look at it."""

    def __init__(self, sentence: str, *, lead: Lead | None = None) -> None:
        self.lead = lead
        super().__init__(sentence)


class LinkUnknown(LinkRefused):
    """LeadFlow never sent it, or it was cut short on its way."""


class LinkOver(LinkRefused):
    """It was used, is too old, or its reader has left."""


class LinkOvertaken(LinkRefused):
    """The lead is not where it was when the mail was written."""


def read_link(token: str, *, now: datetime) -> tuple[MailLink, User]:
    """The link and its reader. Raises LinkRefused."""
    try:
        link = read_token(token)
    except UnknownToken as unknown:
        raise LinkUnknown("This link is not whole. Open it from the mail again, or copy all of it.") from unknown
    user = User.objects.select_related("team__calendar").filter(pk=link.user_id, is_active=True).first()
    if user is None:
        raise LinkOver("The account that this link was sent to is closed.")
    if now >= link.expires_at:
        raise LinkOver("This link is too old to be used.")
    return link, user


def lead_to_answer(link: MailLink, user: User) -> Lead:
    """The lead as it stands, which this link can still answer for. Raises LinkRefused."""
    lead = Lead.objects.visible_to(user.principal).select_related(*NEEDED).filter(pk=link.lead_id).first()
    _check(link, user, lead)
    assert lead
    return lead


@transaction.atomic
def answer_by_link(link: MailLink, user: User, *, at: datetime) -> Disposition:
    """Record what the link says, and that it is used. Raises LinkRefused; nothing is written then."""
    try:
        change = open_change(link.lead_id, by=user.principal, at=at)
    except Lead.DoesNotExist:
        _check(link, user, None)
        raise
    _check(link, user, change.lead)
    UsedLink.objects.create(digest=link.digest, lead=change.lead, user=user, at=at)
    try:
        return disposition_within(change, Statement(outcome=link.outcome))
    except (InvalidTransition, MissingNeeds, NotAllowed) as refused:
        raise LinkOvertaken(str(refused), lead=change.lead) from refused


def _check(link: MailLink, user: User, lead: Lead | None) -> None:
    used = UsedLink.objects.filter(digest=link.digest).first()
    if used:
        raise LinkOver(_said(used, user), lead=lead)
    if lead is None:
        raise LinkOvertaken("This lead is not with you any more.")
    if lead.owner_id != user.pk:
        whose = f"with {lead.owner.name}" if lead.owner else "in the pool of its team"
        raise LinkOvertaken(f"This lead is {whose} now.", lead=lead)
    if not link.is_about(lead):
        raise LinkOvertaken(_what_happened(lead, user), lead=lead)
    try:
        check_possible(link.outcome, Stage(lead.stage))
    except OutcomeNotPossible as impossible:
        raise LinkOvertaken(str(impossible), lead=lead) from impossible


def _what_happened(lead: Lead, reader: User) -> str:
    """Who did what since, in the reader's time."""
    said = Disposition.objects.filter(lead=lead).select_related("by").last()
    moved = lead.events.filter(kind__in=(LeadEvent.Kind.STAGE_CHANGED, LeadEvent.Kind.ASSIGNED)).order_by("seq").last()
    if said is None or (moved and moved.seq > said.last_seq):
        return last_change(lead)
    who = "You" if said.by_id == reader.pk else said.by.name
    when = moment(said.at, reader)
    return f"{who} recorded “{said.get_outcome_display()}” on {when}. The lead is {Stage(lead.stage).label} now."


def _said(used: UsedLink, user: User) -> str:
    recorded = Disposition.objects.filter(lead=used.lead_id, by=user, at=used.at).first()
    what = f"“{recorded.get_outcome_display()}”" if recorded else "an outcome"
    return f"This link has been used: {what} was recorded on {moment(used.at, user)}."
