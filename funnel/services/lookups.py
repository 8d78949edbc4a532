"""Finds, or makes, what inputs name: channels, campaigns, companies. A few queries for a whole batch."""

from collections.abc import Iterable

from django.db.models import Q

from funnel.identity import domain_key, name_key
from funnel.inputs import CompanyInput, LeadInput
from funnel.models import Campaign, Channel, Company
from funnel.search import fold

UNKNOWN_CHANNEL = "unknown"


def spoken_name(slug: str) -> str:
    """How a slug reads: organic_search -> Organic search."""
    return slug.replace("_", " ").replace("-", " ").strip().capitalize() or slug


class Lookups:
    """The channels, campaigns and companies of a batch of inputs, by their keys.

    `renamed`: the ids of the companies that have another name now, by which their leads are to be found.
    """

    def __init__(self, inputs: Iterable[LeadInput]) -> None:
        batch = list(inputs)
        touches = [touch for one in batch for touch in one.touches]
        channels = {one.channel for one in batch} | {touch.channel for touch in touches} | {UNKNOWN_CHANNEL}
        campaigns = {one.campaign for one in batch} | {touch.campaign for touch in touches}
        self._channels = _channels(channels - {""})
        self._campaigns = _campaigns(campaigns - {""})
        self.renamed: set[int] = set()
        self._companies = _companies([one.company for one in batch if one.company], self.renamed)

    def channel(self, slug: str) -> Channel:
        return self._channels[slug or UNKNOWN_CHANNEL]

    def campaign(self, slug: str) -> Campaign | None:
        return self._campaigns[slug] if slug else None

    def company(self, given: CompanyInput | None) -> Company | None:
        return self._companies.get(_company_key(given)) if given else None


def _channels(slugs: set[str]) -> dict[str, Channel]:
    known = Channel.objects.in_bulk(slugs, field_name="slug")
    missing = [Channel(slug=slug, name=spoken_name(slug)) for slug in sorted(slugs - known.keys())]
    if missing:
        Channel.objects.bulk_create(missing, ignore_conflicts=True)
        known = Channel.objects.in_bulk(slugs, field_name="slug")
    return known


def _campaigns(slugs: set[str]) -> dict[str, Campaign]:
    known = Campaign.objects.in_bulk(slugs, field_name="slug")
    missing = [Campaign(slug=slug, name=spoken_name(slug)) for slug in sorted(slugs - known.keys())]
    if missing:
        Campaign.objects.bulk_create(missing, ignore_conflicts=True)
        known = Campaign.objects.in_bulk(slugs, field_name="slug")
    return known


CompanyKey = tuple[str, str]


def _company_key(given: CompanyInput) -> CompanyKey:
    domain = domain_key(given.domain)
    return (domain, "") if domain else ("", name_key(given.name))


def _companies(given: list[CompanyInput], renamed: set[int]) -> dict[CompanyKey, Company]:
    wanted = {_company_key(one): one for one in given}
    wanted.pop(("", ""), None)
    known = _known_companies(wanted)
    # Made and completed in the order of keys, as all that several batches may write at once.
    missing = [_new_company(key, wanted[key]) for key in sorted(wanted) if key not in known]
    if missing:
        Company.objects.bulk_create(missing, ignore_conflicts=True)
        known = _known_companies(wanted)
    for key in sorted(known):
        before = fold(known[key].name)
        _complete(known[key], wanted[key])
        if fold(known[key].name) != before:
            renamed.add(known[key].pk)
    return known


def _known_companies(wanted: Iterable[CompanyKey]) -> dict[CompanyKey, Company]:
    domains = {domain for domain, _ in wanted if domain}
    names = {name for _, name in wanted if name}
    if not domains | names:
        return {}
    found = Company.objects.filter(Q(domain__in=domains) | Q(domain="", name_key__in=names))
    return {(one.domain, "") if one.domain else ("", one.name_key): one for one in found}


def _new_company(key: CompanyKey, given: CompanyInput) -> Company:
    return Company(name=given.name, name_key=name_key(given.name), domain=key[0], country=given.country)


def _complete(company: Company, given: CompanyInput) -> None:
    """Fill in what the input says and the row does not have yet, or has otherwise; blank never overwrites."""
    changed = []
    for field in ("name", "naics", "annual_revenue", "employees", "locations", "country"):
        value = getattr(given, field)
        if value not in ("", None) and value != getattr(company, field):
            setattr(company, field, value)
            changed.append(field)
    if "name" in changed:
        company.name_key = name_key(company.name)
        changed.append("name_key")
    if changed:
        company.save(update_fields=changed)
