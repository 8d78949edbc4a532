"""The loop feed: what became of marketing's leads, as sales says it, the newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts.models import subtree_ids
from accounts.principals import Principal
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.clauses import read_numbered_lines
from funnel.lifecycle import Stage
from funnel.models import Campaign, Channel, Clause, Evidence, Lead, LeadEvent, LeadText

PAGE = 50
NEW_UP_TO = 100
# Up to so many ids they are sorted by time; more would have to be read for it, and ids rise with time but in a past
# that was brought in as a whole.
SORTED_BY_TIME = 50_000

GROUPS: Mapping[str, tuple[str, tuple[Outcome, ...]]] = {
    "closed": ("Closed", (Outcome.WON, Outcome.LOST, Outcome.NO_DECISION, Outcome.DISQUALIFY)),
    "won": ("Won", (Outcome.WON,)),
    "back": ("Back to marketing", (Outcome.REFUSE, Outcome.RECYCLE)),
    "forward": ("Accepted, qualified", (Outcome.ACCEPT, Outcome.QUALIFY)),
    "talked": ("Conversations", (Outcome.CONVERSATION, Outcome.MEETING_SET)),
    "tried": ("Attempts", (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.EMAIL_SENT)),
}
_NEEDED = (
    *("lead__company", "lead__channel", "lead__campaign", "by", "reason", "hand_off", "corrected_by"),
    "lead__team",
)
_TOLD = (LeadText.Kind.LEARNED, LeadText.Kind.EVIDENCE)  # notes are sales' own
_WORTH = frozenset({Outcome.WON, Outcome.QUALIFY})


@dataclass(frozen=True)
class Chosen:
    """The filters of the feed. Days are whole, in the viewer's zone."""

    group: str = ""
    channel: Channel | None = None
    campaign: Campaign | None = None
    team_id: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Cited:
    """A clause that a refusal cites, and what shows that it fails."""

    number: int
    sentence: str
    evidence: str


@dataclass(frozen=True)
class Entry:
    """One outcome. `amount`: what it closed for, or is expected to."""

    disposition: Disposition
    cited: Sequence[Cited]
    learned: str
    evidence: Sequence[Evidence]
    amount: Decimal | None
    currency: str
    undone: bool

    @property
    def lead(self) -> Lead:
        return self.disposition.lead

    @property
    def state(self) -> str:
        """How it is coloured."""
        outcome = self.disposition.outcome
        if outcome in {Outcome.WON, Outcome.QUALIFY, Outcome.ACCEPT}:
            return "good"
        if outcome in {Outcome.LOST, Outcome.DISQUALIFY, Outcome.REFUSE}:
            return "bad"
        return "warn" if outcome in {Outcome.NO_DECISION, Outcome.RECYCLE} else ""

    @property
    def competitor(self) -> str:
        return self.lead.competitor if self.disposition.outcome == Outcome.LOST else ""


def feed(principal: Principal, chosen: Chosen) -> "QuerySet[Disposition]":
    """Every outcome that the principal may see and the filters leave, in no order."""
    found = Disposition.objects.exclude(outcome=Outcome.UNDO)
    if chosen.group in GROUPS:
        found = found.filter(outcome__in=GROUPS[chosen.group][1])
    if principal.sees_everything:
        found = found.filter(lead__merged_into=None)  # as below, without asking for each lead
    else:
        found = found.filter(lead__in=Lead.objects.counted_for(principal))
    if chosen.channel:
        found = found.filter(lead__channel=chosen.channel)
    if chosen.campaign:
        found = found.filter(lead__campaign=chosen.campaign)
    if chosen.team_id:
        found = found.filter(lead__team__in=subtree_ids({chosen.team_id}))
    if chosen.first:
        found = found.filter(at__gte=_midnight(chosen.first))
    if chosen.last:
        found = found.filter(at__lt=_midnight(chosen.last + timedelta(days=1)))
    return found.order_by()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True)
class Page:
    """`more`: whether there are older ones. `newest`: the last id of all, whatever the filters."""

    entries: Sequence[Entry]
    more: bool
    newest: int


def page_of(principal: Principal, chosen: Chosen, *, before: int | None) -> Page:
    """Up to 50 entries older than the one with the id `before`. Seven queries at most."""
    newest = Disposition.objects.aggregate(newest=Max("pk"))["newest"] or 0
    ids = _newest(feed(principal, chosen), before, by_time=newest <= SORTED_BY_TIME)
    return Page(entries_by(ids[:PAGE]), len(ids) > PAGE, newest)


def entries_by(ids: Sequence[int]) -> list[Entry]:
    """In this order. Five queries for any number."""
    rows = Disposition.objects.select_related(*_NEEDED).in_bulk(ids)
    return entries_of([rows[pk] for pk in ids])


def _newest(found: "QuerySet[Disposition]", before: int | None, *, by_time: bool) -> list[int]:
    """The ids of a page and one more. `by_time`: as it was said; else as it came in, which the primary key tells."""
    if not by_time:
        older = found.filter(pk__lt=before) if before else found
        return list(older.order_by("-pk").values_list("pk", flat=True)[: PAGE + 1])
    last = Disposition.objects.filter(pk=before).values_list("at", "pk").first() if before else None
    if last:
        found = found.filter(Q(at__lt=last[0]) | Q(at=last[0], pk__lt=last[1]))
    return list(found.order_by("-at", "-pk").values_list("pk", flat=True)[: PAGE + 1])


def count_new(principal: Principal, chosen: Chosen, *, after: int) -> int:
    """How many have come since the id `after`; at most 100 are counted."""
    return feed(principal, chosen).filter(pk__gt=after).order_by()[:NEW_UP_TO].count()


def entries_of(rows: Sequence[Disposition]) -> list[Entry]:
    """Four queries for any number."""
    leads = {row.lead_id for row in rows}
    seqs = {row.seq for row in rows}
    texts = {
        (text.lead_id, text.seq, text.kind): text.text
        for text in LeadText.objects.filter(lead__in=leads, seq__in=seqs, kind__in=_TOLD)
    }
    agreements = {row.hand_off.agreement_id for row in rows if row.hand_off and row.failed_clauses}
    clauses = {(one.agreement_id, one.number): one.sentence for one in Clause.objects.filter(agreement__in=agreements)}
    evidence: dict[tuple[int, datetime], list[Evidence]] = {}
    for one in Evidence.objects.filter(lead__in=leads, learned_at__in={row.at for row in rows}).order_by("pk"):
        evidence.setdefault((one.lead_id, one.learned_at), []).append(one)
    amounts = _amounts([row for row in rows if row.outcome == Outcome.WON])
    return [_entry(row, texts, clauses, evidence.get((row.lead_id, row.at), ()), amounts) for row in rows]


def _amounts(won: Sequence[Disposition]) -> dict[int, tuple[Decimal | None, str]]:
    """What each was won for then, by the ledger: a lead may be won again for more."""
    events = LeadEvent.objects.filter(lead__in={row.lead_id for row in won}, kind=LeadEvent.Kind.WON)
    found: dict[int, tuple[Decimal | None, str]] = {}
    for event in events:
        for row in won:
            if row.lead_id == event.lead_id and row.seq <= event.seq <= row.last_seq:
                amount = event.data.get("amount")
                found[row.pk] = (Decimal(amount) if amount else None, event.data.get("currency") or "")
    return found


def _entry(
    row: Disposition,
    texts: Mapping[tuple[int, int, str], str],
    clauses: Mapping[tuple[int, int], str],
    evidence: Sequence[Evidence],
    amounts: Mapping[int, tuple[Decimal | None, str]],
) -> Entry:
    said = read_numbered_lines(texts.get((row.lead_id, row.seq, LeadText.Kind.EVIDENCE), ""))
    agreement = row.hand_off.agreement_id if row.hand_off else 0
    lead = row.lead
    own: tuple[Decimal | None, str] = (None, "")
    if row.outcome in _WORTH:
        own = amounts.get(row.pk) or ((lead.amount, lead.currency) if lead.stage in {Stage.SQL, Stage.WON} else own)
    return Entry(
        disposition=row,
        cited=[
            Cited(number, clauses.get((agreement, number), ""), said.get(number, "")) for number in row.failed_clauses
        ],
        learned=texts.get((row.lead_id, row.seq, LeadText.Kind.LEARNED), ""),
        evidence=evidence,
        amount=own[0],
        currency=own[1],
        undone=hasattr(row, "corrected_by"),
    )
