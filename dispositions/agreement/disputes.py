"""What /disputes/ shows: each refusal that contradicts the record, with all the signers need to settle it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.principals import Principal
from accounts.roles import Role
from dispositions.desk.clauses import ClauseFound
from dispositions.models import Dispute, DisputeVote, Verdict
from dispositions.services.disputes import may_decide, seat_of
from funnel.clauses import read_numbered_lines
from funnel.models import Agreement, HandOff, Lead, LeadText, Signature
from funnel.services.agreements import side_of

PAGE = 25

_NEEDED = (
    *("disposition__by", "disposition__reason", "hand_off__agreement", "hand_off__lead__company"),
    *("hand_off__lead__channel", "settled_by", "draft"),
)


@dataclass(frozen=True)
class Seat:
    """One of the two who settle it, and what he says."""

    side: str
    name: str
    vote: DisputeVote | None


@dataclass(frozen=True)
class DisputeRow:
    """`sees_lead`: a signer may judge a lead outside his teams, but is not told who it is."""

    dispute: Dispute
    sees_lead: bool
    clauses: Sequence[ClauseFound]
    cited: Sequence[int]
    evidence: Mapping[int, str]
    seats: Sequence[Seat]
    may_vote: bool
    decides: bool

    @property
    def hand_off(self) -> HandOff:
        return self.dispute.hand_off

    @property
    def cited_in_words(self) -> list[str]:
        """A line for each clause that the refusal cites, with what it says of it."""
        said = self.evidence
        return [f"Clause {one}: {said[one].rstrip('.')}." if said.get(one) else f"Clause {one}" for one in self.cited]

    @property
    def title(self) -> str:
        return self.hand_off.lead.name if self.sees_lead else f"Lead {self.hand_off.lead_id}"


def disputes_of(user: User) -> "QuerySet[Dispute]":
    """A rep: of his leads and his own refusals. A manager: of his subtree, and those he signed for. Others: all."""
    disputes = Dispute.objects.select_related(*_NEEDED).prefetch_related(
        "votes__user", "hand_off__agreement__clauses", "hand_off__agreement__signatures__user"
    )
    principal = user.principal
    if principal.sees_everything:
        return disputes
    mine = Q(hand_off__lead__in=Lead.objects.counted_for(principal)) | Q(disposition__by=user)
    if side_of(user) == Signature.Side.SALES:
        mine |= Q(hand_off__agreement__in=_to_be_judged_by(user))
    return disputes.filter(mine)


def _to_be_judged_by(user: User) -> "QuerySet[Agreement]":
    """The agreements that this sales leader signed, and those whose sales signer may sign no more."""
    has_left = Q(user__is_active=False) | Q(user__can_sign=False) | ~Q(user__role=Role.MANAGER)
    signatures = Signature.objects.filter(Q(user=user) | has_left, side=Signature.Side.SALES)
    return Agreement.objects.filter(signatures__in=signatures)


def rows_of(disputes: Sequence[Dispute], user: User, *, now: datetime) -> list[DisputeRow]:
    """Two queries for any number: the texts, and which leads the user may see."""
    lead_ids = {dispute.hand_off.lead_id for dispute in disputes}
    texts = _texts(lead_ids)
    visible = _visible(user.principal, lead_ids)
    return [_row(dispute, user, texts, visible, now) for dispute in disputes]


def _visible(principal: Principal, lead_ids: set[int]) -> set[int]:
    return set(Lead.objects.counted_for(principal).filter(pk__in=lead_ids).values_list("pk", flat=True))


_Texts = Mapping[tuple[int, str, datetime], str]


def _texts(lead_ids: set[int]) -> _Texts:
    kinds = (LeadText.Kind.CLAUSES, LeadText.Kind.EVIDENCE)
    rows = LeadText.objects.filter(lead__in=lead_ids, kind__in=kinds)
    return {(row.lead_id, row.kind, row.at): row.text for row in rows}


def _row(dispute: Dispute, user: User, texts: _Texts, visible: set[int], now: datetime) -> DisputeRow:
    hand_off, disposition = dispute.hand_off, dispute.disposition
    found = read_numbered_lines(texts.get((hand_off.lead_id, LeadText.Kind.CLAUSES, hand_off.opened_at), ""))
    said = read_numbered_lines(texts.get((hand_off.lead_id, LeadText.Kind.EVIDENCE, disposition.at), ""))
    met = {result["number"]: result["met"] for result in hand_off.clause_results}
    is_open = dispute.state == Dispute.State.OPEN
    return DisputeRow(
        dispute=dispute,
        sees_lead=hand_off.lead_id in visible,
        clauses=[
            ClauseFound(one, met.get(one.number), found.get(one.number, "")) for one in hand_off.agreement.clauses.all()
        ],
        cited=disposition.failed_clauses,
        evidence=said,
        seats=_seats(dispute),
        may_vote=is_open and seat_of(user, dispute) is not None,
        decides=may_decide(user, dispute, at=now),
    )


def _seats(dispute: Dispute) -> list[Seat]:
    votes = {vote.side: vote for vote in dispute.votes.all()}
    signatures = sorted(dispute.hand_off.agreement.signatures.all(), key=lambda one: one.side)
    return [
        Seat(
            one.get_side_display(),
            votes[one.side].user.name if one.side in votes else one.user.name,
            votes.get(one.side),
        )
        for one in signatures
    ]


VERDICTS = [(verdict.value, verdict.label) for verdict in Verdict]
