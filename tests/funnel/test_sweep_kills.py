"""Two sweepers that are killed again and again raise every flag once, in time, with the mail that tells of it."""

import random
from datetime import timedelta

import pytest
from django.db.models import Count, F, Max, Min
from django.utils import timezone

from accounts.models import Mail, Notification
from funnel.lifecycle import Stage
from funnel.models import Channel, Escalation, Flag, HandOff, Lead, LeadEvent
from tests.factories import AgreementFactory, CalendarFactory, TeamFactory, UserFactory
from tests.processes import kill_in_turn, stop, wait_until

LEADS, KILLS, INTERVAL = 2000, 20, 2
LAPSE_WITHIN = 20
# One of the two may be dead, and its successor has to start, while the other is killed; on a busy machine that lasts.
RUN_SECONDS = 30
MINUTE = timedelta(minutes=1)

SWEEPER = f"""
import time
from django.utils import timezone
from funnel.sweep import run_sweep
while True:
    started = time.monotonic()
    run_sweep(now=timezone.now())
    time.sleep(max(0, {INTERVAL} - (time.monotonic() - started)))
"""


@pytest.fixture
def lapsing(transactional_db):
    """Leads whose minute to be accepted ends in the next seconds, one after the other."""
    round_the_clock = CalendarFactory(time_zone="UTC", opening_hours="Mon-Sun 00:00-24:00")
    team = TeamFactory(calendar=round_the_clock)
    team.manager = UserFactory(role="manager", team=team)
    team.save()
    owner, agreement = UserFactory(team=team), AgreementFactory(accept_within_minutes=1)
    channel = Channel.objects.create(slug="fair", name="Fair")
    rng, now = random.Random(3), timezone.now()  # the same leads each time
    leads = []
    for number in range(LEADS):
        due_at = now + timedelta(seconds=5 + rng.random() * LAPSE_WITHIN)
        entered = {"stage_entered_at": due_at - MINUTE, "created_at": due_at - MINUTE, "updated_at": due_at - MINUTE}
        lead = Lead(
            email=f"bea.{number}@buyer.example", channel=channel, source="test", stage=Stage.MQL, owner=owner, team=team
        )
        lead.due_at, lead.due_clock, lead.clock_started_at = due_at, Lead.Clock.ACCEPT, due_at - MINUTE
        lead.sweep_at, lead.cycle = due_at - MINUTE / 2, 1
        for name, value in entered.items():
            setattr(lead, name, value)
        leads.append(lead)
    Lead.objects.bulk_create(leads)
    HandOff.objects.bulk_create(
        [HandOff(lead=lead, number=1, agreement=agreement, opened_at=lead.stage_entered_at) for lead in leads]
    )
    hand_offs = dict(HandOff.objects.values_list("lead", "pk"))
    for lead in leads:
        lead.hand_off_id = hand_offs[lead.pk]
    Lead.objects.bulk_update(leads, ["hand_off"], batch_size=500)


@pytest.mark.slow
def test_every_flag_is_raised_once_and_in_time_though_sweepers_are_killed(lapsing):
    sweepers = kill_in_turn(SWEEPER, kills=KILLS, pauses=(0.8, 1.6), seed=8)
    try:
        wait_until(lambda: Flag.objects.count() == LEADS, seconds=LAPSE_WITHIN + RUN_SECONDS)
    finally:
        stop(sweepers)

    flags = Flag.objects.annotate(late=F("raised_at") - F("due_at"))
    latency = flags.aggregate(least=Min("late"), most=Max("late"))
    assert Flag.objects.values("lead").distinct().count() == LEADS
    assert latency["least"] >= timedelta(0)
    assert latency["most"] <= timedelta(seconds=INTERVAL + RUN_SECONDS)
    assert LeadEvent.objects.filter(kind=LeadEvent.Kind.BLACK_HOLE).count() == LEADS

    steps = Escalation.objects.values("share").annotate(n=Count("pk"), leads=Count("lead", distinct=True))
    assert {step["share"]: (step["n"], step["leads"]) for step in steps if step["share"] <= 100} == {
        50: (LEADS, LEADS),
        80: (LEADS, LEADS),
        100: (LEADS, LEADS),
    }
    said = Escalation.objects.filter(skipped=False).count()
    mails = Mail.objects.exclude(key__startswith="weekly:")  # on a Monday the sweep writes last week's report, too
    assert (mails.count(), Notification.objects.count()) == (said, said)
    assert Notification.objects.filter(kind="black_hole").count() == LEADS
