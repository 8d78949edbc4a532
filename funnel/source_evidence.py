"""What speaks for the channel of a lead whose recorded one says nothing: read from rows, never guessed.

The stages of evidence, as in `SourceRuling.Because`: the campaign it is recorded under belongs to a channel; a link it
came by has parameters (utm_…), or a touch's campaign belongs to one; the person says it; the first touch up to its
creation that has a channel. The first that says something is proposed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Exists, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from funnel.models import Channel, SourcePolicy, SourceRuling, SourceWord, Touch

Because = SourceRuling.Because
# What an input can know, in the order of how much it says; the columns that `with_evidence` adds.
COLUMNS: Mapping[str, str] = {
    Because.CAMPAIGN: "by_campaign",
    Because.LINK: "by_link",
    Because.SAID: "by_words",
    Because.TOUCH: "by_touch",
}
# What stands for words of which nobody has said which channel they mean.
UNMAPPED = 0


@dataclass(frozen=True)
class Proposal:
    """A channel and why; `count`: how many leads wait with the same."""

    channel_id: int
    because: str
    count: int = 1


@dataclass(frozen=True)
class SourceRules:
    """`dark`: ids of the channels that say nothing. `budget`: 0 to 1. `words` → id of a channel, the longest first."""

    dark: frozenset[int]
    budget: float
    words: Sequence[tuple[str, int]]

    @property
    def telling_words(self) -> Sequence[tuple[str, int]]:
        """Those for channels that say something."""
        return [(words, channel) for words, channel in self.words if channel not in self.dark]


def source_rules() -> SourceRules:
    """As the admin has set them. Three queries."""
    policy = SourcePolicy.objects.first() or SourcePolicy()
    channels = {_folded(slug): pk for pk, slug in Channel.objects.values_list("pk", "slug")}
    words = [
        (words, channels[_folded(slug)])
        for words, slug in SourceWord.objects.values_list("words", "channel")
        if _folded(slug) in channels
    ]
    return SourceRules(
        dark=frozenset(channels[one] for one in map(_folded, policy.dark) if one in channels),
        budget=float(Decimal(policy.budget) / 100),
        words=sorted(words, key=lambda one: (-len(one[0]), one[0])),
    )


def _folded(slug: str) -> str:
    return slug.lower().replace("_", "-")


def said(rules: SourceRules, text: str) -> Case:
    """The channel that the words of a column name: its id, UNMAPPED where none is known, none where it is empty."""
    return Case(
        When(Q(**{text: ""}), then=None),
        *_whens(rules.words, text),
        default=Value(UNMAPPED),
        output_field=IntegerField(),
    )


def with_evidence(rows: "QuerySet[Model]", rules: SourceRules, *, lead: str = "") -> "QuerySet[Model]":
    """Adds to each row a column for each kind of evidence: the id of the channel that it names, or none.

    Rows have `campaign` and `created_at`, as leads have. `lead`: the path from them to the lead, with its underscores.
    """
    dark, words = sorted(rules.dark), rules.telling_words
    before: QuerySet[Touch] = Touch.objects.filter(
        lead=OuterRef(lead.removesuffix("__") or "pk"), at__lte=OuterRef("created_at")
    ).order_by("at", "id")
    linked = before.annotate(named=_of_link(words, dark)).exclude(named=None)
    return rows.annotate(
        by_campaign=_unless_dark("campaign__channel", dark),
        by_link=Subquery(linked.values("named")[:1], output_field=IntegerField()),
        by_words=Case(*_whens(words, f"{lead}self_reported_source"), default=None, output_field=IntegerField()),
        by_touch=Subquery(before.exclude(channel__in=dark).values("channel")[:1], output_field=IntegerField()),
    )


def _whens(words: Sequence[tuple[str, int]], text: str) -> list[When]:
    return [When(Q(**{f"{text}__icontains": one}), then=Value(channel)) for one, channel in words]


def _of_link(words: Sequence[tuple[str, int]], dark: Sequence[int]) -> Case:
    parameters = [
        When(Q(subject__icontains="utm_") & Q(subject__icontains=one), then=Value(channel)) for one, channel in words
    ]
    campaign = When(Q(campaign__channel__isnull=False) & ~Q(campaign__channel__in=dark), then=F("campaign__channel"))
    return Case(*parameters, campaign, default=None, output_field=IntegerField())


def _unless_dark(channel: str, dark: Sequence[int]) -> Combinable:
    return Case(When(Q(**{f"{channel}__in": dark}), then=None), default=F(channel), output_field=IntegerField())


def proposal_in(row: Mapping[str, int | None], *, count: int = 1) -> Proposal | None:
    """What the columns of `with_evidence` come to."""
    found = ((because, row[column]) for because, column in COLUMNS.items())
    return next((Proposal(channel, because, count) for because, channel in found if channel is not None), None)


def proposing(because: str, channel_id: int) -> Q:
    """Of rows with evidence: those to which exactly this is proposed."""
    condition = Q()
    for stronger, column in COLUMNS.items():
        if stronger == because:
            return condition & Q(**{column: channel_id})
        condition &= Q(**{column: None})
    raise ValueError(f"{because} is no evidence")


# --- what has been found out ------------------------------------------------------------------------------------


def unknowable(lead: str = "pk") -> Exists:
    """Whether marketing has said that the channel of a lead cannot be known. `lead`: the path to it."""
    standing = SourceRuling.objects.filter(kind=SourceRuling.Kind.UNKNOWABLE, undone_by=None)
    return Exists(standing.filter(lead=OuterRef(lead), old=OuterRef("channel")))


def unresolved(leads: "QuerySet[Model]", rules: SourceRules) -> "QuerySet[Model]":
    """Those that wait for somebody to find out their channel."""
    return leads.filter(~unknowable(), channel__in=sorted(rules.dark))
