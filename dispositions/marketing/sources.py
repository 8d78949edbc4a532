"""/sources/, where marketing finds out what the channel of a lead does not say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.formats import day
from accounts.principals import Principal
from funnel.models import Channel, Lead, LeadEvent, SourceRuling, Touch
from funnel.services.sources import TAKE_BACK_WITHIN
from funnel.source_evidence import (
    COLUMNS,
    Proposal,
    SourceRules,
    proposal_in,
    proposing,
    source_rules,
    unresolved,
    with_evidence,
)

PAGE = 25
ACCEPTED_AT_ONCE = 200
# Of equal proposals the commonest stand above the list.
GROUPS_SHOWN = 8
NOTHING_PROPOSED = "none"

Because = SourceRuling.Because
WHY: Mapping[str, str] = {
    Because.CAMPAIGN: "its campaign belongs to that channel",
    Because.LINK: "a link or campaign they came by says so",
    Because.SAID: "they say so themselves",
    Because.TOUCH: "it is the first channel known of them",
    Because.JUDGED: "marketing says so",
}


@dataclass(frozen=True)
class Clue:
    """Something that may tell where a lead came from. `named`: the channel that it means, where it means one."""

    label: str
    text: str
    named: str = ""


@dataclass(frozen=True)
class Item:
    """A lead that waits. `entered_by`: a person, a key or a job."""

    lead: Lead
    proposed: Channel | None
    why: str
    clues: Sequence[Clue]
    entered_by: str


@dataclass(frozen=True)
class Group:
    """Equal proposals. `key` is their name in an address."""

    channel: Channel
    because: str
    count: int

    @property
    def key(self) -> str:
        return f"{self.because}.{self.channel.slug}"

    @property
    def why(self) -> str:
        return WHY[self.because]


@dataclass(frozen=True)
class Progress:
    """`named`, `unknowable`: leads ruled on since the month began."""

    named: int
    unknowable: int
    left: int
    without_evidence: int


@dataclass(frozen=True)
class Worklist:
    items: Sequence[Item]
    groups: Sequence[Group]
    chosen: Group | None
    progress: Progress
    count: int
    more: bool


class Waiting:
    """The leads that wait for somebody to find out their channel, among those that the principal may see."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.rules: SourceRules = source_rules()
        self.channels = Channel.objects.in_bulk()

    def leads(self) -> "QuerySet[Any]":
        return with_evidence(unresolved(Lead.objects.visible_to(self.principal), self.rules), self.rules)

    def of(self, key: str) -> "QuerySet[Any]":
        """Those with one proposal, by the key of its group; all of them for a key that means none."""
        if key == NOTHING_PROPOSED:
            return self.leads().filter(**dict.fromkeys(COLUMNS.values()))
        channel = self.channel_of(key)
        return self.leads().filter(proposing(_because(key), channel.pk)) if channel else self.leads()

    def channel_of(self, key: str) -> Channel | None:
        because, _, slug = key.partition(".")
        return next((one for one in self.channels.values() if one.slug == slug and because in COLUMNS), None)

    def choices(self) -> list[Channel]:
        """The channels that say something, by name."""
        return [one for one in sorted(self.channels.values(), key=str) if one.pk not in self.rules.dark]


def _because(key: str) -> str:
    return key.partition(".")[0]


def worklist(principal: Principal, *, key: str, page: int, month_began: datetime) -> Worklist:
    """One page, the newest lead first. Nine queries for any number."""
    waiting = Waiting(principal)
    counted = waiting.leads().order_by().values(*COLUMNS.values()).annotate(count=Count("pk"))
    found: Counter[tuple[int, str] | None] = Counter()
    for row in counted:
        proposal = proposal_in(row)
        found[(proposal.channel_id, proposal.because) if proposal else None] += row["count"]
    groups = [Group(waiting.channels[one[0]], one[1], number) for one, number in found.most_common() if one]
    chosen = next((one for one in groups if one.key == key), None)
    first = (page - 1) * PAGE
    needed = waiting.of(key).select_related("channel", "company", "campaign__channel", "team")
    leads = list(needed.order_by("-created_at", "-pk")[first : first + PAGE + 1])
    is_chosen = chosen is not None or key == NOTHING_PROPOSED
    return Worklist(
        items=_items(leads[:PAGE], waiting),
        groups=groups[:GROUPS_SHOWN],
        chosen=chosen,
        progress=_progress(principal, month_began, left=found.total(), without_evidence=found[None]),
        count=(chosen.count if chosen else found[None]) if is_chosen else found.total(),
        more=len(leads) > PAGE,
    )


def _progress(principal: Principal, month_began: datetime, *, left: int, without_evidence: int) -> Progress:
    kinds = SourceRuling.Kind
    counts = _standing(principal).aggregate(
        named=Count("lead", distinct=True, filter=Q(at__gte=month_began, kind=kinds.NAMED)),
        unknowable=Count("lead", distinct=True, filter=Q(at__gte=month_began, kind=kinds.UNKNOWABLE)),
    )
    return Progress(**counts, left=left, without_evidence=without_evidence)


def _standing(principal: Principal) -> "QuerySet[SourceRuling]":
    """What was ruled and neither taken back nor replaced by a later ruling."""
    said = SourceRuling.objects.filter(undone_by=None).exclude(kind=SourceRuling.Kind.TAKEN_BACK)
    return said.filter(lead__in=Lead.objects.visible_to(principal), new=F("lead__channel"))


def _items(leads: Sequence[Any], waiting: Waiting) -> list[Item]:
    ids = [lead.pk for lead in leads]
    touches: dict[int, list[Touch]] = {}
    early = Touch.objects.filter(lead__in=ids, at__lte=F("lead__created_at")).order_by("at", "id")
    for touch in early.select_related("channel", "campaign__channel"):
        touches.setdefault(touch.lead_id, []).append(touch)
    created = LeadEvent.objects.filter(lead__in=ids, seq=1).select_related("actor")
    entered = {event.lead_id: event.actor.name if event.actor else event.actor_name for event in created}
    return [_item(lead, touches.get(lead.pk, []), entered.get(lead.pk, ""), waiting) for lead in leads]


def _item(lead: Any, touches: Sequence[Touch], entered_by: str, waiting: Waiting) -> Item:
    proposal: Proposal | None = proposal_in({column: getattr(lead, column) for column in COLUMNS.values()})
    return Item(
        lead=lead,
        proposed=waiting.channels[proposal.channel_id] if proposal else None,
        why=WHY[proposal.because] if proposal else "",
        clues=_clues(lead, touches, waiting),
        entered_by=entered_by,
    )


def _clues(lead: Any, touches: Sequence[Touch], waiting: Waiting) -> list[Clue]:
    def name(column: str) -> str:
        channel = getattr(lead, COLUMNS[column])
        return waiting.channels[channel].name if channel else ""

    clues = []
    if lead.campaign:
        clues.append(Clue("Campaign", lead.campaign.name, name(Because.CAMPAIGN)))
    if linked := [one for one in touches if "utm_" in one.subject.lower() or one.campaign]:
        clues.append(_link(linked[0], name(Because.LINK)))
    if lead.self_reported_source:
        clues.append(Clue("They say", f"“{lead.self_reported_source}”", name(Because.SAID)))
    if known := [one for one in touches if one.channel_id not in waiting.rules.dark]:
        first = known[0]
        told = f", {first.subject}" if first.subject else ""
        clues.append(Clue("First touch", f"{first.get_kind_display()}, {day(first.at)}{told}", name(Because.TOUCH)))
    return clues


def _link(touch: Touch, named: str) -> Clue:
    if "utm_" in touch.subject.lower():
        return Clue("Link", touch.subject, named)
    return Clue("Touched by", f"{touch.campaign}, {day(touch.at)}", named)


# --- what was ruled -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ruled:
    """`may_take_back`: by whoever looks at it, now."""

    ruling: SourceRuling
    why: str
    may_take_back: bool


def rulings(principal: Principal, *, now: datetime, page: int) -> tuple[list[Ruled], bool]:
    """A page of what stands, the latest first; and whether there are older ones. One query."""
    first = (page - 1) * PAGE
    needed = ("lead__company", "lead__channel", "old", "new", "by")
    found = list(_standing(principal).select_related(*needed).order_by("-at", "-pk")[first : first + PAGE + 1])
    return [_ruled(one, principal, now) for one in found[:PAGE]], len(found) > PAGE


def just_ruled(principal: Principal, *, now: datetime) -> Ruled | None:
    """The last thing that this person said, while it can be taken back."""
    own = _standing(principal).filter(by=principal.user_id, at__gt=now - TAKE_BACK_WITHIN)
    last = own.select_related("lead__company", "old", "new", "by").order_by("-at", "-pk").first()
    return _ruled(last, principal, now) if last else None


def _ruled(ruling: SourceRuling, principal: Principal, now: datetime) -> Ruled:
    own = ruling.by_id == principal.user_id
    return Ruled(ruling, WHY.get(ruling.because, ""), own and now - ruling.at <= TAKE_BACK_WITHIN)
