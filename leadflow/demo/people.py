"""Invented people at invented companies, each the same for the same seed and number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random

from django.conf import settings

from funnel.inputs import CompanyInput, LeadInput, TouchInput
from leadflow.demo import words
from leadflow.demo.channels import BY_SLUG, CHANNELS, NURTURING, PROSPECTING, ChannelPlan
from leadflow.demo.staff import REGIONS

SOURCE = "demo"
REGION_SHARES = (0.44, 0.29, 0.27)
LEADS_A_COMPANY = 2.4
FEWEST_COMPANIES = 40
_CONSENT_SHARE = 0.85
# A prime: in steps of it every company is visited once before the first comes again.
_STRIDE = 7919


@dataclass(frozen=True)
class Person:
    """A lead as marketing's tools will report it, and what they will report later."""

    given: LeadInput
    later: tuple[TouchInput, ...]
    region: str
    channel: ChannelPlan
    employees: int
    self_sourced: bool
    is_promising: bool


class Population:
    """Makes the n-th person on demand, so that a million of them need no memory."""

    def __init__(self, *, seed: int, leads: int, touches: int) -> None:
        self.seed, self.touches = seed, touches
        self.companies = max(int(leads / LEADS_A_COMPANY), FEWEST_COMPANIES)
        while self.companies % _STRIDE == 0:
            self.companies += 1

    def random(self, what: str, number: int) -> Random:
        return Random(f"{self.seed}/{what}/{number}")  # noqa: S311 - a demo, no secret

    def company_of(self, number: int) -> int:
        """Colleagues arrive at different times: neighbours in number work at different companies."""
        return number * _STRIDE % self.companies

    def employer(self, number: int) -> "Employer":
        company = self.company_of(number)
        return Employer(self.random("company", company), company)

    def person(
        self, number: int, *, created_at: datetime, self_sourced: bool = False, is_known_well: bool = False
    ) -> Person:
        """`is_known_well`: meets every clause that a machine judges, if its company is large enough."""
        rng, employer = self.random("person", number), self.employer(number)
        channel = BY_SLUG[PROSPECTING] if self_sourced else _channel(rng)
        is_promising = is_known_well or rng.random() < channel.promoted
        before, later = _touches(rng, number, channel, created_at, self.touches)
        first, last = self._names(number, employer.region)
        given = LeadInput(
            source=SOURCE,
            email=f"{words.mailbox_word(first)}.{words.mailbox_word(last)}@{employer.domain}",
            external_id=f"contact-{number:07}",
            first_name=first,
            last_name=last,
            title=rng.choice(words.TITLES),
            phone=employer.phone(rng),
            company=employer.input,
            channel=channel.slug,
            campaign=before[-1].campaign,
            self_reported_source=pick(rng, words.SELF_REPORTED, 0.4),
            score=_score(rng, channel, least=26 if is_promising else 3),
            expected_value=worth(employer.employees, rng) if rng.random() < 0.7 else None,
            currency=settings.REPORTING_CURRENCY,
            consent=_consent(rng, created_at),
            created_at=created_at,
            attributes=_heard(rng, channel, pain_share=1.0 if is_known_well else 0.96 if is_promising else 0.3),
            touches=before,
        )
        return Person(given, later, employer.region, channel, employer.employees, self_sourced, is_promising)

    def _names(self, number: int, region: str) -> tuple[str, str]:
        """Colleagues never share a first name, and so no two people share an address."""
        firsts, lasts = words.FIRST_NAMES[region], words.LAST_NAMES[region]
        begin = self.company_of(number) * 11 + number // self.companies
        return firsts[begin % len(firsts)], lasts[number * 17 % len(lasts)]


class Employer:
    """An invented company; its number gives it its name and its address."""

    def __init__(self, rng: Random, number: int) -> None:
        self.region = rng.choices(REGIONS, REGION_SHARES)[0]
        countries = words.COUNTRIES[self.region]
        self.country = rng.choices(list(countries), [share for share, _, _ in countries.values()])[0]
        heads, tails, trades = words.COMPANY_HEADS, words.COMPANY_TAILS, words.TRADES
        root = number % (len(heads) * len(tails))
        generation, turn = divmod(number // (len(heads) * len(tails)), len(trades))
        trade, self.naics = trades[(turn + 7 * root) % len(trades)]
        again = f" {generation + 1}" if generation else ""
        self._spoken = f"{heads[root % len(heads)]}{tails[root // len(heads)]} {trade}{again}"
        _, forms, self._numbers = countries[self.country]
        self._form = rng.choice(forms)
        self.employees = int(min(4000, max(4, rng.lognormvariate(4.4, 1.0))))
        self._known = rng.random()
        self._revenue = Decimal(int(self.employees * rng.uniform(90, 260))) * 1000
        self._locations = 1 + int(self.employees**0.4 / rng.uniform(2, 5))

    @property
    def domain(self) -> str:
        return f"{words.mailbox_word(self._spoken)}.example"

    @cached_property
    def input(self) -> CompanyInput:
        """Of some companies only name and country are known, of some the industry too, of most everything."""
        return CompanyInput(
            name=f"{self._spoken} {self._form}",
            domain=self.domain,
            country=self.country,
            naics=self.naics if self._known > 0.15 else "",
            employees=self.employees,
            annual_revenue=self._revenue if self._known > 0.35 else None,
            locations=self._locations if self._known > 0.35 else None,
        )

    def phone(self, rng: Random) -> str:
        return f"{self._numbers}{rng.randrange(10, 100)}" if self._numbers and rng.random() < 0.8 else ""


def _channel(rng: Random) -> ChannelPlan:
    return rng.choices(CHANNELS, [plan.share for plan in CHANNELS])[0]


def _campaign(rng: Random, channel: ChannelPlan, day: date) -> str:
    running = [plan.slug for plan in channel.campaigns if plan.runs_on(day)]
    return rng.choice(running) if running else ""


def worth(employees: int, rng: Random) -> Decimal:
    """What a company of this size spends on its warehouse software, to the hundred."""
    return Decimal(int((4000 + 140 * employees**0.9) * rng.uniform(0.7, 1.5)) // 100 * 100)


def _consent(rng: Random, at: datetime) -> dict[str, object]:
    granted = rng.random() < _CONSENT_SHARE
    return {"email": {"granted": granted, "at": at.isoformat(), "how": "form"}}


def _score(rng: Random, channel: ChannelPlan, *, least: int) -> int:
    return min(99, max(least, int(rng.gauss(35 + 25 * channel.quality, 16))))


def _heard(rng: Random, channel: ChannelPlan, *, pain_share: float) -> dict[str, str]:
    """Better channels bring leads of whom more is known; of those that are promoted mostly the pain."""
    shares = dict.fromkeys(words.HEARD, min(0.75, 0.4 * channel.quality)) | {"pain": pain_share}
    return {slug: rng.choice(texts) for slug, texts in words.HEARD.items() if rng.random() < shares[slug]}


def _touches(
    rng: Random, number: int, channel: ChannelPlan, created_at: datetime, average: int
) -> tuple[tuple[TouchInput, ...], tuple[TouchInput, ...]]:
    """Those up to the lead's creation, of which the last made it known, and those that follow."""
    count = max(1, round(rng.gammavariate(2.0, average / 2)))
    earlier = sum(rng.random() < 0.55 for _ in range(count - 1))
    before = [created_at - timedelta(days=rng.uniform(0.1, 75)) for _ in range(earlier)]
    after = [created_at + timedelta(days=rng.expovariate(1 / 30) + 0.3) for _ in range(count - 1 - earlier)]
    moments = [*sorted(before), created_at, *sorted(after)]
    touches = [_touch(rng, f"{number}-{index}", channel, at, created_at) for index, at in enumerate(moments)]
    return tuple(touches[: earlier + 1]), tuple(touches[earlier + 1 :])


def _touch(rng: Random, name: str, channel: ChannelPlan, at: datetime, created_at: datetime) -> TouchInput:
    through = channel if at == created_at or rng.random() < 0.35 else BY_SLUG[rng.choice(NURTURING)]
    return TouchInput(
        at=at,
        kind=through.kind,
        channel=through.slug,
        campaign=_campaign(rng, through, at.date()),
        external_id=f"touch-{name}",
        subject=rng.choice(through.subjects),
    )


def pick(rng: Random, texts: Sequence[str], share: float = 1.0) -> str:
    """One of the texts, or none: people do not write a note each time."""
    return rng.choice(texts) if rng.random() < share else ""
