"""A small company whose figures can be worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Channel, Flag, Lead, Spend, Touch
from funnel.services.moves import move_lead
from reports.engine import find_entry
from tests.factories import BANT_EVIDENCE, NOW, LeadFactory, UserFactory


def closed_loop(viewer, *, now=NOW, **given):
    """`since` is the parameter `from`, which is no name in Python."""
    texts = {"from" if name == "since" else name: text for name, text in given.items()}
    principal = viewer.principal
    return find_entry("closed-loop", principal).report(texts, principal=principal, now=now)


def row(report, channel, campaign=None):
    (found,) = [one for one in report.rows if one["channel"] == channel and campaign in {None, one.get("campaign")}]
    return found


def figures(report, channel, *keys):
    return tuple(row(report, channel)[key] for key in keys)


def figure(report, key):
    return next((one for one in report.headline if one.key == key), None)


def say(lead, rep, outcome, at=NOW, **more):
    record_disposition(lead_id=lead.pk, statement=Statement(outcome=outcome, **more), by=rep.principal, at=at)


def saying(leads, rep):
    """What moves each of the leads twice, to be done beside others."""

    def work():
        for lead in leads:
            say(lead, rep, Outcome.VOICEMAIL)
            say(lead, rep, Outcome.CONVERSATION)

    return work


def won(channel="organic-search", amount="1000", currency="EUR", **given):
    """A lead won for this amount; None is a win of unknown amount, as imported pasts have them."""
    lead = LeadFactory(won=True, channel=channel, **given)
    Lead.objects.filter(pk=lead.pk).update(
        amount=Decimal(amount) if amount else None, currency=currency if amount else ""
    )
    return lead


def fallen(channel="organic-search", **given):
    """A lead handed to sales and not answered in time. `amount`, `expected_value`, `currency` as given."""
    worth = {name: given.pop(name) for name in ("amount", "expected_value", "currency") if name in given}
    lead = LeadFactory(handed_off=True, channel=channel, **given)
    Lead.objects.filter(pk=lead.pk).update(sweep_at=None, **worth)
    Flag.objects.create(
        lead=lead,
        hand_off=lead.hand_off,
        cycle=lead.cycle,
        kind=Flag.Kind.BLACK_HOLE,
        clock=lead.due_clock,
        due_at=lead.due_at,
        raised_at=lead.due_at,
    )
    return lead


def touched(lead, channel, at, campaign=None):
    found, _ = Channel.objects.get_or_create(slug=channel, defaults={"name": channel.capitalize()})
    return Touch.objects.create(lead=lead, at=at, channel=found, campaign=campaign, source="test")


def deal(amount, *channels, **given):
    """Won now; touched a day apart by these channels, the last a day before the close."""
    lead = won(channels[0], amount, **given)
    Touch.objects.filter(lead=lead).update(at=NOW - len(channels) * timedelta(days=1))
    for days, channel in enumerate(channels[1:], 1):
        touched(lead, channel, NOW - (len(channels) - days) * timedelta(days=1))
    return lead


def refused_then_won(rep, marketer, channel):
    """Refused at first, then handed off again, and won."""
    lead = LeadFactory(handed_off=True, owner=rep, channel=channel)
    say(lead, rep, Outcome.REFUSE, reason="no_need")
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketer.principal, at=NOW)
    say(lead, rep, Outcome.ACCEPT)
    qualify(lead, rep)
    say(lead, rep, Outcome.WON, closed_on=NOW.date())
    return lead


def qualify(lead, rep, at=NOW):
    later = at.date() + timedelta(days=30)
    say(
        lead,
        rep,
        Outcome.QUALIFY,
        at=at,
        evidence=BANT_EVIDENCE,
        amount=Decimal(12000),
        currency="EUR",
        expected_close_on=later,
    )


def in_every_end(channel):
    """One lead each: inquiry, MQL, SAL, SQL, won, lost, no decision, disqualified."""
    rep = UserFactory()
    for stage in ("inquiry", "mql", "sal", "sql", "won"):
        LeadFactory(channel=channel, stage=stage, owner=rep)
    for outcome, reason in (
        (Outcome.LOST, "lost_price"),
        (Outcome.NO_DECISION, "blocked_people"),
        (Outcome.DISQUALIFY, "student"),
    ):
        say(LeadFactory(channel=channel, stage="sal", owner=rep), rep, outcome, reason=reason)


def spent(channel, amount, first, last, currency="EUR", campaign=None):
    found, _ = Channel.objects.get_or_create(slug=channel, defaults={"name": channel.capitalize()})
    return Spend.objects.create(
        channel=found,
        campaign=campaign,
        amount=Decimal(amount),
        currency=currency,
        starts_on=date.fromisoformat(first),
        ends_on=date.fromisoformat(last),
    )


def computed(name, viewer, *, now=NOW, **given):
    """Any report. `since` is the parameter `from`, which is no name in Python."""
    texts = {"from" if key == "since" else key: text for key, text in given.items()}
    return find_entry(name, viewer.principal).report(texts, principal=viewer.principal, now=now)


def line(report, **where):
    """The one row that has these values, as a mapping."""
    (found,) = [one for one in report.rows if all(one[key] == value for key, value in where.items())]
    return found


def headline(report):
    return {one.key: one.value for one in report.headline}
