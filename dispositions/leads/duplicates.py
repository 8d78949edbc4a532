"""Who may be the same person: by e-mail address, by phone number, or by name at the same company."""

from dataclasses import dataclass

from accounts.principals import Principal
from funnel.find import find_leads
from funnel.identity import InvalidEmail, domain_key, email_key, name_key
from funnel.models import Company, Lead
from funnel.querysets import LeadQuerySet
from funnel.search import digits, fold
from funnel.services.edit import holder_of

SHOWN = 8
LOOKED_AT = 50
# People write a number with and without its country: the last digits are the same.
COMPARED_DIGITS = 7


@dataclass(frozen=True, kw_only=True)
class Person:
    """What is known of somebody; `company` and `domain` as typed."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    domain: str = ""

    @property
    def name(self) -> str:
        return fold(f"{self.first_name} {self.last_name}")


@dataclass(frozen=True)
class Duplicate:
    """A lead that is probably the same person, and what says so."""

    lead: Lead
    why: str


def person_of(lead: Lead) -> Person:
    return Person(
        first_name=lead.first_name,
        last_name=lead.last_name,
        email=lead.email,
        phone=lead.phone,
        company=lead.company.name if lead.company else "",
        domain=lead.company.domain if lead.company else "",
    )


def duplicates_of(person: Person, principal: Principal, *, but: int | None = None) -> list[Duplicate]:
    """The surest first, within the scope of `principal`. `but`: the lead they would be duplicates of.

    Seven queries at most, whatever is known of the person.
    """
    email_holder = _holder(person.email)
    found = [
        Duplicate(lead, why)
        for lead in _candidates(person, principal, email_holder)
        if lead.pk != but and (why := _why(person, lead, email_holder))
    ]
    return sorted(found, key=lambda one: (_REASONS.index(one.why), -one.lead.pk))[:SHOWN]


def is_hidden_holder(email: str, principal: Principal) -> bool:
    """Whether the address belongs to a lead that this principal may not see."""
    holder = _holder(email)
    return holder is not None and not Lead.objects.visible_to(principal).filter(pk=holder).exists()


_BY_EMAIL, _BY_PHONE = "Same e-mail address", "Same phone number"
_BY_COMPANY, _BY_NAME = "Same name and company", "Same name"
_REASONS = (_BY_EMAIL, _BY_PHONE, _BY_COMPANY, _BY_NAME)


def _holder(email: str) -> int | None:
    try:
        return holder_of(email_key(email)) if email else None
    except InvalidEmail:
        return None


def _candidates(person: Person, principal: Principal, email_holder: int | None) -> LeadQuerySet:
    ids = {email_holder} if email_holder else set()
    number = digits(person.phone)[-COMPARED_DIGITS:]
    if len(number) == COMPARED_DIGITS:
        ids |= set(find_leads(number, principal).ids[:LOOKED_AT])
    if person.first_name and person.last_name:
        ids |= set(find_leads(person.name, principal).ids[:LOOKED_AT])
    return Lead.objects.visible_to(principal).filter(pk__in=ids).select_related("company", "owner", "channel")


def _why(person: Person, lead: Lead, email_holder: int | None) -> str:
    if lead.pk == email_holder:
        return _BY_EMAIL
    number = digits(person.phone)[-COMPARED_DIGITS:]
    if len(number) == COMPARED_DIGITS and digits(lead.phone).endswith(number):
        return _BY_PHONE
    if not person.first_name or fold(f"{lead.first_name} {lead.last_name}") != person.name:
        return ""
    if lead.company is None or not (person.company or person.domain):
        return _BY_NAME
    return _BY_COMPANY if _is_same_company(person, lead.company) else ""


def _is_same_company(person: Person, company: Company) -> bool:
    if person.domain and company.domain:
        return domain_key(person.domain) == company.domain
    return name_key(person.company) == company.name_key
