"""/loop/, /campaigns/ and spend as files."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings

from accounts.exports import Contents, in_chunks, snapshot
from accounts.files import Column, Value
from accounts.files.values import DAY, MOMENT, MONEY, WHOLE
from accounts.http import SignedInRequest
from accounts.principals import Principal
from dispositions.marketing import campaigns as shown
from dispositions.marketing.loop import Cited, Entry, entries_by, feed
from dispositions.views.campaigns import check_reader as check_reader_of_campaigns
from dispositions.views.campaigns import chosen_channel, first_month
from dispositions.views.loop import Options, check_reader
from funnel.models import Campaign, Channel, Spend
from funnel.services.campaigns import last_day

_LOOP = (
    *(Column("at", MOMENT, 20), Column("lead_id"), Column("lead", width=24), Column("email", width=28)),
    *(Column("company", width=24), Column("channel"), Column("campaign"), Column("outcome"), Column("reason")),
    *(Column("failed_clauses", width=40), Column("learned", width=40), Column("evidence", width=40)),
    *(Column("amount", MONEY), Column("currency"), Column("competitor"), Column("rep"), Column("team")),
    Column("taken_back"),
)
_CAMPAIGNS = (
    *(
        Column("campaign"),
        Column("name", width=30),
        Column("channel"),
        Column("starts_on", DAY),
        Column("ends_on", DAY),
    ),
    *(Column("expected_value", MONEY), Column("currency"), Column("leads", WHOLE), Column("mqls", WHOLE)),
    *(Column("won", WHOLE), Column("spent", MONEY), Column("spent_currency"), Column("spent_in_others", width=24)),
)
_SPEND = (
    *(Column("channel"), Column("campaign"), Column("starts_on", DAY), Column("ends_on", DAY)),
    *(Column("amount", MONEY), Column("currency")),
)


def loop(request: SignedInRequest, _now: datetime) -> Contents:
    """The filters of the page; the newest first, as it was said."""
    check_reader(request)
    principal = request.user.principal
    found = feed(principal, Options(principal).read(request.GET)).order_by("-at", "-pk")
    ids = snapshot(found.values_list("pk", flat=True).iterator())
    return Contents(_LOOP, len(ids), _outcomes(ids))


def _outcomes(ids: Sequence[int]) -> Iterator[Sequence[Value]]:
    for _, some in in_chunks(ids):
        yield from map(_outcome, entries_by(some))


def _outcome(entry: Entry) -> Sequence[Value]:
    said, lead = entry.disposition, entry.lead
    return (
        *(said.at, lead.pk, lead.name, lead.email, str(lead.company or ""), lead.channel.slug),
        lead.campaign.slug if lead.campaign else "",
        *(said.outcome, said.reason.slug if said.reason else ""),
        "\n".join(map(_in_words, entry.cited)),
        entry.learned,
        "\n".join(map(str, entry.evidence)),
        *(entry.amount, entry.currency, entry.competitor, said.by.name, lead.team.name if lead.team else ""),
        entry.undone,
    )


def _in_words(cited: Cited) -> str:
    return f"{cited.number}. {cited.sentence} {cited.evidence}".rstrip()


def campaigns(request: SignedInRequest, _now: datetime) -> Contents:
    """`?channel=` a slug, `?q=` words of the name."""
    check_reader_of_campaigns(request)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = shown.campaigns(channel=chosen_channel(request, list(Channel.objects.all())), words=words)
    ids = snapshot(found.values_list("pk", flat=True).iterator())
    return Contents(_CAMPAIGNS, len(ids), _campaigns(ids, request.user.principal))


def _campaigns(ids: Sequence[int], principal: Principal) -> Iterator[Sequence[Value]]:
    for _, some in in_chunks(ids):
        found = Campaign.objects.select_related("channel").in_bulk(some)
        rows = shown.rows_of([found[pk] for pk in some if pk in found], principal)
        yield from map(_campaign, rows)


def _campaign(row: shown.CampaignRow) -> Sequence[Value]:
    """What was spent in the company's currency is a number; sums in others stand beside it."""
    one, ours = row.campaign, settings.REPORTING_CURRENCY
    spent = {money.currency: money.amount for money in row.spent}
    others = [f"{amount:.2f} {currency}" for currency, amount in spent.items() if currency != ours]
    return (
        *(one.slug, one.name, one.channel.slug if one.channel else "", one.starts_on, one.ends_on),
        *(one.expected_value, one.currency, row.leads, row.mqls, row.won),
        *(spent.get(ours), ours if ours in spent else "", "; ".join(others)),
    )


def spend(request: SignedInRequest, _now: datetime) -> Contents:
    """Every entry over days of the six months shown, `?from=` the first of them; `?channel=` a slug."""
    check_reader_of_campaigns(request)
    months = shown.months_from(first_month(request.GET.get("from", "")))
    found = Spend.objects.filter(starts_on__lte=last_day(months[-1]), ends_on__gte=months[0])
    if channel := chosen_channel(request, list(Channel.objects.all())):
        found = found.filter(channel=channel)
    ids = snapshot(found.order_by("starts_on", "pk").values_list("pk", flat=True).iterator())
    return Contents(_SPEND, len(ids), _spend(ids))


def _spend(ids: Sequence[int]) -> Iterator[Sequence[Value]]:
    for _, some in in_chunks(ids):
        found = Spend.objects.select_related("channel", "campaign").in_bulk(some)
        for one in (found[pk] for pk in some if pk in found):
            campaign = one.campaign.slug if one.campaign else ""
            yield one.channel.slug, campaign, one.starts_on, one.ends_on, one.amount, one.currency
