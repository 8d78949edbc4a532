"""/disputes/ as a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Q

from accounts.exports import Contents, in_chunks, snapshot
from accounts.files import Column, Value
from accounts.files.values import MOMENT
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.roles import Role
from dispositions.agreement.disputes import DisputeRow, disputes_of, rows_of
from dispositions.models import Dispute

_COLUMNS = (
    *(Column("lead_id"), Column("lead", width=24), Column("hand_off"), Column("agreement", width=24)),
    *(Column("refused_at", MOMENT, 20), Column("refused_by"), Column("reason"), Column("cited", width=40)),
    *(Column("state"), Column("opened_at", MOMENT, 20), Column("decide_at", MOMENT, 20)),
    *(Column("settled_at", MOMENT, 20), Column("settled_by"), Column("votes", width=40)),
)


def disputes(request: SignedInRequest, now: datetime) -> Contents:
    """The open ones, the longest waiting first; `?settled=1` the others, the latest first.

    Of a rep: those about his leads and his refusals.
    """
    found = disputes_of(request.user)
    if request.user.role == Role.REP:
        found = found.filter(Q(hand_off__lead__owner=request.user) | Q(disposition__by=request.user))
    if request.GET.get("settled") == "1":
        found = found.exclude(state=Dispute.State.OPEN).order_by("-settled_at", "-pk")
    else:
        found = found.filter(state=Dispute.State.OPEN).order_by("opened_at", "pk")
    ids = snapshot(found.values_list("pk", flat=True))
    return Contents(_COLUMNS, len(ids), _rows(ids, request.user, now))


def _rows(ids: Sequence[int], user: User, now: datetime) -> Iterator[Sequence[Value]]:
    for _, some in in_chunks(ids):
        found = {one.pk: one for one in disputes_of(user).filter(pk__in=some)}
        yield from map(_row, rows_of([found[pk] for pk in some if pk in found], user, now=now))


def _row(row: DisputeRow) -> Sequence[Value]:
    dispute, refusal = row.dispute, row.dispute.disposition
    votes = [f"{seat.side}: {seat.vote.verdict}" for seat in row.seats if seat.vote]
    return (
        *(row.hand_off.lead_id, row.title, row.hand_off.number, str(row.hand_off.agreement)),
        *(refusal.at, refusal.by.name, refusal.reason.slug if refusal.reason else "", "\n".join(row.cited_in_words)),
        *(dispute.state, dispute.opened_at, dispute.decide_at, dispute.settled_at),
        dispute.settled_by.name if dispute.settled_by else "",
        "; ".join(votes),
    )
