"""What the server needs for the pages of the desk, and for recording what a rep says, by Django's test client."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, statements_of, times_of
from dispositions.desk.queue import PAGE, Lane, places_of
from dispositions.outcomes import Outcome
from funnel.lifecycle import Stage
from funnel.models import Lead

REQUESTS = 50
WARM_UP = 5
SEARCHES = 15
# A company has three leads, a last name one, a first name all.
SEARCHED_FOR = {
    "a name": "buyer 4711",
    "a company": "company 1234",
    "an address": "buyer.4711@company1570.example",
    "what all have": "bea",
    "the beginning of a word": "bu",
    "two of them in any order": "4711 bea",
    "nothing": "zebra crossing",
}


def measure_queue(crowd: Crowd) -> Sequence[Figure]:
    url = reverse("queue")
    has = places_of(crowd.busy.principal).total
    return [
        *_page("queue with 1 row", crowd.quiet, url),
        *_page(f"queue with {PAGE} rows", crowd.busy, f"{url}?lane={Lane.WORK}"),
        *_page("queue with all its lanes", crowd.busy, url, note=f"of a rep who has {has:,} leads in it"),
    ]


def measure_search(crowd: Crowd) -> Iterator[Figure]:
    """The slowest of several kinds of searches, for everybody whose scope is of another size."""
    viewers = {"rep": crowd.busy, "manager": crowd.manager, "lower manager": crowd.lower, "marketing": crowd.marketing}
    for name, viewer in viewers.items():
        client = _signed_in(viewer)
        took = {
            what: times_of(
                partial(_get, client, f"{reverse('leads')}?{urlencode({'q': asked})}"), repeat=SEARCHES, warm_up=1
            )
            for what, asked in SEARCHED_FOR.items()
        }
        slowest = max(took, key=lambda what: took[what].p95)
        note = f"p95 of the slowest, {slowest}: “{SEARCHED_FOR[slowest]}”"
        yield Figure(f"search by a {name}", took[slowest].p95 * 1000, "ms", goal=100, note=note)


def measure_team(crowd: Crowd) -> Iterator[Figure]:
    for name, manager in {"manager": crowd.manager, "lower manager": crowd.lower}.items():
        get = partial(_get, _signed_in(manager), reverse("team"))
        times = times_of(get, repeat=SEARCHES, warm_up=1)
        note = f"{times.spread()}; {statements_of(get).count} statements"
        yield Figure(f"team page of a {name}", times.median * 1000, "ms", note=note)


def measure_disposition(crowd: Crowd) -> Iterator[Figure]:
    """Voicemails, one lead after another, as htmx sends them."""
    client = _signed_in(crowd.busy)
    late = Lead.objects.filter(owner=crowd.busy, stage=Stage.SAL, due_at__lt=timezone.now())
    leads = late.order_by("pk")
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
    remarks = f"p95; {times.typical()}"
    yield Figure(what, times.p95 * 1000, "ms", goal=40, note=f"{remarks}; {note}" if note else remarks)
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
