"""Sends the deliveries that are due: each at least once, in order per lead and endpoint, several at a time.

A delivery is leased before it is tried and marked after; whoever is killed in between has it tried once more, under the
same id. A hanging or dead endpoint holds up its own deliveries only.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.models import Delivery, Endpoint
from integrations.outbound.attempt import ANSWER_SECONDS, Outcome, Request, attempt
from integrations.outbound.body import request_for
from integrations.outbound.guard import client
from integrations.outbound.verdict import MAX_ATTEMPTS, settle

logger = logging.getLogger(__name__)

AT_ONCE = 16
OF_AN_ENDPOINT = 6
# One that fails is tried by one sender at a time: the others have better to do.
OF_A_FAILING_ENDPOINT = 1
LEASE = timedelta(seconds=ANSWER_SECONDS + 15)

Clock = Callable[[], datetime]


def relay(*, clock: Clock, until: datetime) -> Counter[str]:
    """Send what is due until nothing is, or `until`. Answers how many were sent, put off and given up.

    What flies at `until` is waited for. Meanwhile endpoints that keep nobody waiting get what is due to them.
    """
    done: Counter[str] = Counter()
    flying: dict[Future[Outcome], Delivery] = {}
    # In flight, and left by a sender that died: of these one at a time, for what he died of may be among them, and
    # none shall be blamed for another.
    left: set[int] = set()
    meanwhile: set[int] = set()  # leased after `until`: nothing more is leased while these alone fly
    with client() as http, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="relay") as threads:
        while True:
            now = clock()
            is_over = now >= until
            waited_for = {one.endpoint_id for one in flying.values() if one.pk not in meanwhile} if is_over else set()
            if waited_for or not is_over:
                for delivery, request in _lease_more(flying.values(), left, now=now, but=waited_for):
                    flying[threads.submit(attempt, http, request)] = delivery
                    if is_over:
                        meanwhile.add(delivery.pk)
            if not flying:
                return done
            finished, _ = wait(flying, return_when=FIRST_COMPLETED)
            with transaction.atomic():  # one commit for all that came back in the meantime
                for future in finished:
                    delivery = flying.pop(future)
                    left.discard(delivery.pk)
                    done[settle(delivery, future.result(), now=clock())] += 1


def _lease_more(
    flying: Iterable[Delivery], left: set[int], *, now: datetime, but: Collection[int] = ()
) -> list[tuple[Delivery, Request]]:
    """Fill up what may fly at once, fairly among the endpoints. `but`: the ids of those that get nothing now.

    While there are such, neither does one that is failing: it would have to be waited for in its turn.
    """
    in_flight = Counter(delivery.endpoint_id for delivery in flying)
    free = AT_ONCE - in_flight.total()
    leased: list[Delivery] = []
    waiting = _due(now).filter(endpoint=OuterRef("pk"))
    able = Endpoint.objects.filter(Exists(waiting), is_active=True)
    if but:
        able = able.filter(failing_since=None).exclude(pk__in=but)
    for endpoint in able if free else ():
        most = OF_A_FAILING_ENDPOINT if endpoint.failing_since else OF_AN_ENDPOINT
        room = min(most - in_flight[endpoint.pk], free - len(leased))
        if room > 0:
            leased += _lease(endpoint, room, left, now)
    new = [delivery for delivery in leased if not delivery.body]
    requests = [(delivery, request) for delivery in leased if (request := _request(delivery, left, now))]
    Delivery.objects.bulk_update([delivery for delivery in new if delivery.body], ["body"])
    return requests


def _request(delivery: Delivery, left: set[int], now: datetime) -> Request | None:
    """None for a message that cannot be written: it must not hold up the others."""
    try:
        return request_for(delivery, now=now)
    except Exception:  # whatever is wrong with one lead's data
        logger.exception("Delivery %s could not be written", delivery.pk)
        left.discard(delivery.pk)
        settle(delivery, Outcome(error="LeadFlow could not write this message; its log says why."), now=now)
        return None


def _due(now: datetime) -> "QuerySet[Delivery]":
    is_free = Q(leased_until=None) | Q(leased_until__lte=now)
    return Delivery.objects.filter(is_free, state=Delivery.State.WAITING, next_attempt_at__lte=now)


@transaction.atomic
def _lease(endpoint: Endpoint, room: int, left: set[int], now: datetime) -> list[Delivery]:
    """The first delivery that waits of each lead, the longest due first. The attempt is counted before it is made."""
    before = Delivery.objects.filter(
        endpoint=endpoint, lead=OuterRef("lead"), seq__lt=OuterRef("seq"), state=Delivery.State.WAITING
    )
    heads = _due(now).filter(~Exists(before), endpoint=endpoint)
    # One that killed its sender each time: nobody settled it.
    heads.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=Delivery.State.DEAD, done_at=now, error="Its sender ended during the last attempt."
    )
    locked = heads.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",))
    abandoned = locked.exclude(leased_until=None).order_by("attempts", "next_attempt_at", "pk")
    leased = [] if left else list(abandoned[:1])
    left |= {delivery.pk for delivery in leased}
    leased += locked.filter(leased_until=None).order_by("next_attempt_at", "pk")[: room - len(leased)]
    for delivery in leased:
        delivery.endpoint = endpoint
        delivery.attempts += 1
        delivery.leased_until = now + LEASE
    Delivery.objects.bulk_update(leased, ["attempts", "leased_until"])
    return leased
