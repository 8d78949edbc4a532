"""What the server needs for a rep's queue, and for recording what he says, through Django's test client."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.test import Client
from django.urls import reverse

from accounts.models import User
from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, statements_of, times_of
from dispositions.desk.queue import PAGE, Lane, places_of
from dispositions.outcomes import Outcome
from funnel.lifecycle import Stage
from funnel.models import Lead

REQUESTS = 50
WARM_UP = 5


def measure_queue(crowd: Crowd) -> Sequence[Figure]:
    url = reverse("queue")
    has = places_of(crowd.busy.principal).total
    return [
        *_page("queue with 1 row", crowd.quiet, url),
        *_page(f"queue with {PAGE} rows", crowd.busy, f"{url}?lane={Lane.WORK}"),
        *_page("queue with all its lanes", crowd.busy, url, note=f"of a rep who has {has:,} leads in it"),
    ]


def measure_disposition(crowd: Crowd) -> Iterator[Figure]:
    """Voicemails, one lead after another, as htmx sends them."""
    client = _signed_in(crowd.busy)
    leads = Lead.objects.filter(owner=crowd.busy, stage=Stage.SAL).order_by("pk")
    some = list(leads.values_list("pk", "version")[: WARM_UP + REQUESTS + 1])
    yield _said("disposition of a late lead", partial(_say_voicemail, client, iter(some)))
    # By now the same leads are in time.
    again = Lead.objects.in_bulk([pk for pk, _ in some])
    in_time = iter([(pk, again[pk].version) for pk, _ in some])
    yield _said("disposition", partial(_say_voicemail, client, in_time), goal=15)


def _said(what: str, say: Callable[[], None], *, goal: float | None = None) -> Figure:
    times = times_of(say, repeat=REQUESTS, warm_up=WARM_UP)
    note = f"{times.spread()}; {statements_of(say).count} statements"
    return Figure(what, times.median * 1000, "ms", goal=goal, note=note)


def _page(what: str, rep: User, url: str, *, note: str = "") -> Iterator[Figure]:
    get = partial(_get, _signed_in(rep), url)
    times = times_of(get, repeat=REQUESTS, warm_up=WARM_UP)
    remarks = f"{times.spread()}; {note}" if note else times.spread()
    yield Figure(what, times.median * 1000, "ms", goal=40, note=remarks)
    yield Figure(f"{what}, statements", statements_of(get).count, "", goal=8)


def _signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _get(client: Client, url: str) -> None:
    _check(client.get(url).status_code)


def _say_voicemail(client: Client, leads: Iterator[tuple[int, int]]) -> None:
    lead_id, version = next(leads)
    said = {"outcome": Outcome.VOICEMAIL, "version": version, "note": "Left my number."}
    _check(client.post(reverse("dispose", args=[lead_id]), said, headers={"HX-Request": "true"}).status_code)


def _check(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"The page answered {status}: there is nothing to measure.")
