"""Correcting the channel of a lead: the first one is fixed, and what was found out since is on record."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.models import Channel, Lead, LeadEvent, SourceRuling
from funnel.services.changes import LeadChange, open_change
from funnel.source_evidence import COLUMNS, Proposal, proposal_in, source_rules, unresolved, with_evidence

TAKE_BACK_WITHIN = timedelta(minutes=15)
_MARKETERS = frozenset({Role.MARKETING, Role.ADMIN})


@transaction.atomic
def name_channel(
    *,
    lead_id: int,
    channel: Channel,
    because: SourceRuling.Because = SourceRuling.Because.JUDGED,
    by: Principal,
    at: datetime,
    version: int | None = None,
) -> SourceRuling:
    """Give a lead the channel that it came from. `because`: what shows it. `version`: the one the person looked at.

    It may correct an earlier ruling. Raises Lead.DoesNotExist outside the scope of `by`, NotAllowed, StaleVersion, and
    MissingNeeds where the lead has this channel already.
    """
    who = _check_may_rule(by)
    change = open_change(lead_id, by=by, at=at, version=version)
    if change.lead.channel_id == channel.pk:
        raise MissingNeeds({"channel": f"{channel.name} is its channel already: choose another."})
    return _rule(change, who, SourceRuling.Kind.NAMED, channel, because=because)


@transaction.atomic
def rule_unknowable(*, lead_id: int, by: Principal, at: datetime, version: int | None = None) -> SourceRuling:
    """Say that nobody can know where a lead came from: its channel stays, and it waits for nobody any more.

    Raises as `name_channel`; MissingNeeds where its channel says where it came from, or where this was said before.
    """
    who = _check_may_rule(by)
    change = open_change(lead_id, by=by, at=at, version=version)
    channel = change.lead.channel
    if channel.pk not in source_rules().dark:
        raise MissingNeeds({"channel": f"{channel.name} says where it came from: choose another channel instead."})
    said = SourceRuling.objects.filter(lead=lead_id, kind=SourceRuling.Kind.UNKNOWABLE, old=channel, undone_by=None)
    if said.exists():
        raise MissingNeeds({"channel": "That it cannot be known has been said already."})
    return _rule(change, who, SourceRuling.Kind.UNKNOWABLE, channel)


@transaction.atomic
def take_back(*, ruling_id: int, by: Principal, at: datetime) -> SourceRuling:
    """Undo a ruling within 15 minutes: the lead has its channel from before. Only whoever ruled does.

    Raises SourceRuling.DoesNotExist outside the scope of `by`, NotAllowed, StaleVersion where it was ruled on again.
    """
    who = _check_may_rule(by)
    ruling = SourceRuling.objects.get(pk=ruling_id, lead__in=Lead.objects.visible_to(by))
    change = open_change(ruling.lead_id, by=by, at=at)
    last = SourceRuling.objects.filter(lead=ruling.lead_id).select_related("old", "by").latest("seq")
    if hasattr(ruling, "undone_by"):
        raise NotAllowed("This has been taken back already.")
    if ruling.by_id != by.user_id:
        raise NotAllowed("Only whoever said it takes it back. You can choose another channel instead.")
    if at - ruling.at > TAKE_BACK_WITHIN:
        raise NotAllowed("It can be taken back for 15 minutes. You can choose another channel instead.")
    if last.pk != ruling.pk:
        raise StaleVersion(change.lead.version, f"{last.by.name} has said something else of it since.")
    return _rule(change, who, SourceRuling.Kind.TAKEN_BACK, last.old, undoes=ruling)


@transaction.atomic
def accept_proposal(
    *, lead_id: int, channel: Channel, by: Principal, at: datetime, version: int | None = None
) -> SourceRuling:
    """Give a lead the channel that its evidence speaks for. `channel`: what the person saw proposed.

    Raises as `name_channel`; StaleVersion also where something else is proposed by now.
    """
    who = _check_may_rule(by)
    change = open_change(lead_id, by=by, at=at, version=version)
    proposal = _proposed(change.lead)
    if proposal is None or proposal.channel_id != channel.pk:
        raise StaleVersion(change.lead.version, f"{channel.name} is not what is proposed any more.")
    return _rule(change, who, SourceRuling.Kind.NAMED, channel, because=proposal.because)


def _proposed(lead: Lead) -> Proposal | None:
    """Nothing for a lead that does not wait."""
    rules = source_rules()
    rows = with_evidence(unresolved(Lead.objects.filter(pk=lead.pk), rules), rules)
    row = rows.values(*COLUMNS.values()).first()
    return proposal_in(row) if row else None


def accept_proposals(*, lead_ids: Sequence[int], channel: Channel, by: Principal, at: datetime) -> int:
    """The same for many leads, each in a transaction of its own; answers how many.

    One of which something else is proposed by now, or that left the scope, is left alone. Raises NotAllowed.
    """
    done = 0
    for lead_id in sorted(set(lead_ids)):
        try:
            accept_proposal(lead_id=lead_id, channel=channel, by=by, at=at)
        except (Lead.DoesNotExist, StaleVersion):
            continue  # somebody was faster: it is as it should be, or shows itself again
        done += 1
    return done


def _check_may_rule(by: Principal) -> int:
    """Answers who rules. Raises NotAllowed with the sentence the user sees."""
    if by.kind is not Kind.USER or by.role not in _MARKETERS or by.user_id is None:
        raise NotAllowed("Marketing finds out where leads came from.")
    return by.user_id


def _rule(
    change: LeadChange,
    who: int,
    kind: SourceRuling.Kind,
    channel: Channel,
    *,
    because: str = "",
    undoes: SourceRuling | None = None,
) -> SourceRuling:
    old = change.lead.channel
    seq = change.record(
        LeadEvent.Kind.EDITED,
        fields=["channel"],
        channel={"before": old.slug, "after": channel.slug},
        ruling=kind,
        because=because,
    )
    change.set(channel=channel)
    change.write()
    return SourceRuling.objects.create(
        lead=change.lead,
        seq=seq,
        kind=kind,
        because=because,
        old=old,
        new=channel,
        at=change.at,
        by_id=who,
        undoes=undoes,
    )
