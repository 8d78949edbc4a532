"""Finds, or makes, what inputs name: channels, campaigns, companies. A few queries for a whole batch."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.prepared import Prepared
from accounts.principals import Principal
from funnel.authority import ALL, Claim, Ignored, Verdict, claimed, held, judge, side_of
from funnel.bulk import insert_rows, update_rows
from funnel.identity import domain_key, name_key
from funnel.inputs import CompanyInput, LeadInput
from funnel.models import Campaign, Channel, Company
from funnel.one_of import OneOf
from funnel.reference_cache import by_slug
from funnel.search import fold

UNKNOWN_CHANNEL = "unknown"
_A_KEY = "the domain or name of some company"
_NAMES = ("name", "naics", "annual_revenue", "employees", "locations", "country")


def spoken_name(slug: str) -> str:
    """How a slug reads: organic_search -> Organic search."""
    return slug.replace("_", " ").replace("-", " ").strip().capitalize() or slug


class Lookups:
    """The channels, campaigns and companies of a batch of inputs, by their keys.

    `renamed`: the ids of the companies that have another name now, by which their leads are to be found. `by`, `at`:
    who says what the inputs say of their companies, and when it came; needed where they name any.
    """

    def __init__(self, inputs: Iterable[LeadInput], *, by: Principal | None = None, at: datetime | None = None) -> None:
        batch = list(inputs)
        touches = [touch for one in batch for touch in one.touches]
        channels = {one.channel for one in batch} | {touch.channel for touch in touches} | {UNKNOWN_CHANNEL}
        campaigns = {one.campaign for one in batch} | {touch.campaign for touch in touches}
        self._channels = _channels(channels - {""})
        self._campaigns = _campaigns(campaigns - {""})
        self.renamed: set[int] = set()
        told = [_Told(one.company, _claim(one, by, at)) for one in batch if one.company]
        self._ignored: dict[CompanyKey, list[Ignored]] = {}
        self._companies = _companies(told, self.renamed, self._ignored)

    def channel(self, slug: str) -> Channel:
        return self._channels[slug or UNKNOWN_CHANNEL]

    def campaign(self, slug: str) -> Campaign | None:
        return self._campaigns[slug] if slug else None

    def company(self, given: CompanyInput | None) -> Company | None:
        return self._companies.get(_company_key(given)) if given else None

    def ignored_of(self, given: CompanyInput | None) -> Sequence[Ignored]:
        """What was said of this company and not taken."""
        return self._ignored.get(_company_key(given), ()) if given else ()


def _channels(slugs: set[str]) -> dict[str, Channel]:
    known = by_slug(Channel, slugs)
    missing = [Channel(slug=slug, name=spoken_name(slug)) for slug in sorted(slugs - known.keys())]
    if missing:
        Channel.objects.bulk_create(missing, ignore_conflicts=True)
        known = Channel.objects.in_bulk(slugs, field_name="slug")
    return known


def _campaigns(slugs: set[str]) -> dict[str, Campaign]:
    known = by_slug(Campaign, slugs)
    missing = [Campaign(slug=slug, name=spoken_name(slug)) for slug in sorted(slugs - known.keys())]
    if missing:
        Campaign.objects.bulk_create(missing, ignore_conflicts=True)
        known = Campaign.objects.in_bulk(slugs, field_name="slug")
    return known


CompanyKey = tuple[str, str]


def _company_key(given: CompanyInput) -> CompanyKey:
    domain = domain_key(given.domain)
    return (domain, "") if domain else ("", name_key(given.name))


@dataclass(frozen=True)
class _Told:
    """What an input says of its company. Without a claim it fills in what nobody has said otherwise."""

    given: CompanyInput
    claim: Claim | None


def _claim(one: LeadInput, by: Principal | None, at: datetime | None) -> Claim | None:
    return Claim(side_of(by), min(one.at or at, at)) if by and at else None


def _companies(
    told: Sequence[_Told], renamed: set[int], ignored: dict[CompanyKey, list[Ignored]]
) -> dict[CompanyKey, Company]:
    wanted: dict[CompanyKey, list[_Told]] = {}
    for one in told:
        wanted.setdefault(_company_key(one.given), []).append(one)
    wanted.pop(("", ""), None)
    known = _known_companies(wanted)
    # Made and completed in the order of keys, as all that several batches may write at once.
    missing = [_new_company(key, wanted[key][-1]) for key in sorted(wanted) if key not in known]
    if missing:
        insert_rows(missing, ignore_conflicts=True)
        if any(company.pk is None for company in missing):
            known = _known_companies(wanted)
        else:
            known |= _by_key(missing)
    _complete(known, wanted, renamed, ignored)
    return known


def _known_companies(wanted: Iterable[CompanyKey]) -> dict[CompanyKey, Company]:
    domains = {domain for domain, _ in wanted if domain}
    names = {name for _, name in wanted if name}
    if not domains | names:
        return {}
    found: Iterable[Company] = Company.objects.order_by().filter(_with_domain(domains) | _with_name(names))
    if len(domains) + len(names) == 1:
        (key,) = domains | names
        found = _one_company(connection.vendor, by_domain=bool(domains)).ask({_A_KEY: key})
    return _by_key(found)


def _with_domain(domains: Collection[str]) -> Q:
    """The index is of those that have one: PostgreSQL takes it only where that is said."""
    return Q(OneOf("domain", domains)) & ~Q(domain="")


def _with_name(names: Collection[str]) -> Q:
    """Of those that have no domain."""
    return Q(OneOf("name_key", names), domain="")


def _by_key(companies: Iterable[Company]) -> dict[CompanyKey, Company]:
    return {(one.domain, "") if one.domain else ("", one.name_key): one for one in companies}


@lru_cache(maxsize=4)
def _one_company(vendor: str, *, by_domain: bool) -> Prepared[Company]:  # noqa: ARG001  # each has its own
    fits = Q(domain=_A_KEY) if by_domain else Q(domain="", name_key=_A_KEY)
    return Prepared(Company.objects.order_by().filter(fits))


def _new_company(key: CompanyKey, told: _Told) -> Company:
    """As one of the inputs says; what others say is filled in as of one that was known."""
    authority = claimed({}, [ALL], told.claim) if told.claim else {}
    said = {name: getattr(told.given, name) for name in _NAMES}
    return Company(name_key=name_key(told.given.name), domain=key[0], authority=authority, **said)


def _complete(
    known: dict[CompanyKey, Company],
    wanted: Mapping[CompanyKey, Sequence[_Told]],
    renamed: set[int],
    ignored: dict[CompanyKey, list[Ignored]],
) -> None:
    """Give the companies what is said and their rows do not have yet, or have otherwise; blank never overwrites.

    Where something changes the rows are locked, in the order of ids, and looked at anew: of two batches at once the
    later word counts.
    """
    stale = {known[key].pk: key for key in known if any(_said(known[key], one.given) for one in wanted[key])}
    if not stale:
        return
    changed: set[str] = set()
    rows = []
    for company in Company.objects.filter(pk__in=stale).order_by("pk").select_for_update():
        key, before = stale[company.pk], fold(company.name)
        known[key] = company
        fields, ignored[key] = _completed(company, wanted[key])
        if fields:
            changed |= fields
            rows.append(company)
        if fold(company.name) != before:
            renamed.add(company.pk)
    update_rows(rows, sorted(changed))


def _completed(company: Company, told: Sequence[_Told]) -> tuple[set[str], list[Ignored]]:
    """The fields of a locked company that are others now, and what was not taken."""
    changed: set[str] = set()
    ignored: list[Ignored] = []
    for one in told:
        for name, value in _said(company, one.given).items():
            verdict = _verdict(company, name, one.claim)
            if verdict is not Verdict.TAKEN:
                ignored.append(Ignored(f"company.{name}", verdict))
                continue
            setattr(company, name, value)
            if one.claim:
                company.authority = claimed(company.authority, [name], one.claim)
            changed |= {name, "authority"}
    if "name" in changed:
        company.name_key = name_key(company.name)
        changed.add("name_key")
    return changed, ignored


def _said(company: Company, given: CompanyInput) -> Mapping[str, Any]:
    """What is said otherwise than it is known."""
    told = {name: getattr(given, name) for name in _NAMES}
    return {name: value for name, value in told.items() if value not in _BLANK and value != getattr(company, name)}


def _verdict(company: Company, name: str, claim: Claim | None) -> Verdict:
    if claim is None:
        return Verdict.TAKEN
    known = held(company.authority, name, is_blank=getattr(company, name) in _BLANK)
    return judge(f"company.{name}", held=known, told=claim)


_BLANK = ("", None)
