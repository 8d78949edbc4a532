"""Editing a lead by hand: contact, company, source, deal, and what is known of its attributes. Stops no clock."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.attributes import Attribute
from funnel.authority import CONSENTS, Claim, claimed, side_of
from funnel.authority import FIELDS as AUTHORITY
from funnel.consent import heard
from funnel.errors import MissingNeeds, NotAllowed
from funnel.identity import InvalidEmail, email_key
from funnel.lifecycle import Stage
from funnel.models import Evidence, Lead, LeadEvent
from funnel.services.changes import LeadChange, open_change
from funnel.services.company_edit import COMPANY_FIELDS, company_after
from funnel.services.search_index import reindex_company
from funnel.services.suppression import Suppressed, check_key


class Section(StrEnum):
    """What is edited together."""

    CONTACT = "contact"
    COMPANY = "company"
    SOURCE = "source"
    CONSENT = "consent"
    DEAL = "deal"
    KNOWN = "known"


FIELDS: Mapping[Section, tuple[str, ...]] = {
    Section.CONTACT: ("first_name", "last_name", "title", "email", "phone", "time_zone"),
    Section.COMPANY: COMPANY_FIELDS,
    Section.SOURCE: ("self_reported_source", "expected_value", "currency"),
    Section.CONSENT: ("email_consent", "phone_consent", "consent_how"),
    Section.DEAL: ("next_action_at", "amount", "currency", "expected_close_on"),
    Section.KNOWN: tuple(Attribute.values),
}
_NAMES = frozenset({"company_name", "company_domain"})
# Sales' own: marketing does not edit it, and it exists only once sales works the lead.
_OF_SALES = frozenset({Section.DEAL})
_DEAL_STAGES = frozenset({Stage.SAL, Stage.SQL})
_OF_QUALIFIED = {"amount": "amount", "expected_close_on": "expected close date"}
_COLUMNS = frozenset(
    {"first_name", "last_name", "title", "phone", "time_zone", "self_reported_source", "expected_value"}
    | {"currency", "next_action_at", "amount", "expected_close_on"}
)


GRANTED, REFUSED = "granted", "refused"


class EmailTaken(Exception):
    """Another lead has this address. `lead_id`: the one that it is today."""

    def __init__(self, lead_id: int) -> None:
        self.lead_id = lead_id
        super().__init__("Another lead has this e-mail address already.")


def edit_lead(
    *,
    lead_id: int,
    changes: Mapping[str, Any],
    by: Principal,
    at: datetime,
    section: Section,
    version: int | None = None,
) -> Lead:
    """Change fields of one section; what equals the present value is no change, and nothing then is written.

    An attribute gets a new row of evidence beside those it has. What is changed is claimed for the side of `by`: what
    sales has edited no tool of marketing changes any more. `version`: the one the person looked at.

    Raises Lead.DoesNotExist outside the scope of `by`, StaleVersion, NotAllowed, EmailTaken, MissingNeeds (field ->
    sentence); nothing is written then.
    """
    if unknown := changes.keys() - {*FIELDS[section], "works_elsewhere"}:
        raise ValueError(f"{section} has no {', '.join(sorted(unknown))}")
    try:
        with transaction.atomic():
            if section is Section.COMPANY and _NAMES & changes.keys():
                _lock_colleagues(lead_id)
            change = open_change(lead_id, by=by, at=at, version=version)
            _edit(change, section, dict(changes))
    except IntegrityError:
        # Somebody gave the address to another lead at the same moment.
        _check_email_free(lead_id, changes.get("email") or "")
        raise
    return change.lead


def _edit(change: LeadChange, section: Section, changes: dict[str, Any]) -> None:
    check_may_edit(change.lead, section, change.by)
    evidence = _learn(change, changes) if section is Section.KNOWN else []
    fields = [*_edit_columns(change, changes), *_edit_email(change, changes)]
    if section is Section.COMPANY:
        fields += _edit_company(change, changes)
    if section is Section.CONSENT:
        fields += _edit_consent(change, changes)
    claims = [name for name in fields if name in AUTHORITY]
    if claims:
        claim = Claim(side_of(change.by), change.at)
        change.set(authority=claimed(change.lead.authority, claims, claim))
    if fields or evidence:
        said = {"evidence": evidence} if evidence else {}
        change.record(LeadEvent.Kind.EDITED, fields=sorted(fields), **said)
        change.write()


# --- who may edit what ----------------------------------------------------------------------------------------


def may_edit(lead: Lead, section: Section, by: Principal) -> bool:
    return not _hindrance(lead, section, by)


def sections_for(lead: Lead, by: Principal) -> list[Section]:
    """What this principal may edit of the lead."""
    return [section for section in Section if may_edit(lead, section, by)]


def check_may_edit(lead: Lead, section: Section, by: Principal) -> None:
    """Raises NotAllowed with the sentence the user sees."""
    if hindrance := _hindrance(lead, section, by):
        raise NotAllowed(hindrance)


def _hindrance(lead: Lead, section: Section, by: Principal) -> str:
    if by.kind is not Kind.USER:
        return "Only people edit a lead by hand."
    if by.role == Role.REP and lead.owner_id != by.user_id:
        return "Take this lead first: reps edit their own."
    if section not in _OF_SALES:
        return ""
    if by.role == Role.MARKETING:
        return "Next step and amount are for sales to edit."
    if lead.stage not in _DEAL_STAGES:
        return f"It is {Stage(lead.stage).label}: next step and amount are edited while sales works it."
    return ""


# --- what is edited -------------------------------------------------------------------------------------------


def _edit_columns(change: LeadChange, changes: Mapping[str, Any]) -> list[str]:
    lead = change.lead
    new = {name: value for name, value in changes.items() if name in _COLUMNS and value != getattr(lead, name)}
    change.set(**new)
    _check_deal(change, new)
    return list(new)


def _check_deal(change: LeadChange, new: Mapping[str, Any]) -> None:
    lead, missing = change.lead, {}
    if "amount" in new and new["amount"] is not None and new["amount"] <= 0:
        missing["amount"] = "The amount must be more than zero."
    has_money = lead.amount is not None or lead.expected_value is not None
    if has_money and not lead.currency and new.keys() & {"amount", "expected_value", "currency"}:
        missing["currency"] = "Give the currency, for example EUR."
    if lead.stage == Stage.SQL:
        emptied = {name for name, value in new.items() if value is None} & _OF_QUALIFIED.keys()
        missing |= {name: f"A qualified lead keeps its {_OF_QUALIFIED[name]}." for name in emptied}
    if new.get("next_action_at") and new["next_action_at"] <= change.at:
        missing["next_action_at"] = "The next step must lie in the future."
    if missing:
        raise MissingNeeds(missing)


def _edit_email(change: LeadChange, changes: Mapping[str, Any]) -> list[str]:
    lead = change.lead
    if "email" not in changes or changes["email"] == lead.email:
        return []
    address = changes["email"].strip()
    _check_email_free(lead.pk, address)
    key = _key(address)
    if key and key != lead.email_key:
        _check_not_erased(key)
        # The same person's, before two leads became one.
        Lead.objects.filter(email_key=key, merged_into=lead).update(email_key=None)
    change.set(email=address, email_key=key)
    return ["email"]


def _check_email_free(lead_id: int, address: str) -> None:
    """Raises EmailTaken, MissingNeeds."""
    holder = holder_of(_key(address))
    if holder not in {None, lead_id}:
        raise EmailTaken(holder)


def _check_not_erased(key: str) -> None:
    """Raises MissingNeeds."""
    try:
        check_key(key)
    except Suppressed as refused:
        raise MissingNeeds({"email": str(refused)}) from refused


def _key(address: str) -> str | None:
    """Raises MissingNeeds."""
    try:
        return email_key(address) if address else None
    except InvalidEmail as wrong:
        raise MissingNeeds({"email": str(wrong)}) from wrong


def holder_of(key: str | None) -> int | None:
    """The lead that this e-mail key leads to today, whoever may see it."""
    found = Lead.objects.filter(email_key=key).values_list("pk", "merged_into").first() if key else None
    return (found[1] or found[0]) if found else None


def _edit_consent(change: LeadChange, changes: Mapping[str, Any]) -> list[str]:
    """What the person told somebody here, now: later than all that was heard of them. A blank says nothing."""
    lead, how = change.lead, changes.get("consent_how", "").strip()
    told = {
        channel: {"granted": said == GRANTED, "how": how}
        for channel in CONSENTS
        if (said := changes.get(f"{channel}_consent"))
    }
    if how and not told:
        raise MissingNeeds({"consent_how": "Say also what they agreed to or refused."})
    consent, _ = heard(lead.consent, told, source=change.by.name, at=change.at)
    if consent == lead.consent:
        return []
    change.set(consent=consent)
    return ["consent"]


def _edit_company(change: LeadChange, changes: Mapping[str, Any]) -> list[str]:
    company, fields = company_after(change.lead.company, changes, claim=Claim(side_of(change.by), change.at))
    if (company.pk if company else None) != change.lead.company_id:
        change.set(company=company)
        return sorted({*fields, "company"})
    if company and _NAMES & set(fields):
        reindex_company(company)
    return fields


def _lock_colleagues(lead_id: int) -> None:
    """All leads of its company, in the order of ids: they are found under its new name at once."""
    company = Lead.objects.filter(pk=lead_id).values("company")
    list(Lead.objects.filter(company=company[:1]).order_by("pk").select_for_update().values_list("pk"))


def _learn(change: LeadChange, changes: Mapping[str, Any]) -> list[str]:
    said = {slug: text.strip() for slug, text in changes.items() if text and text.strip()}
    rows = [
        Evidence(lead=change.lead, attribute=slug, text=text, learned_at=change.at, learned_by_id=change.by.user_id)
        for slug, text in said.items()
    ]
    Evidence.objects.bulk_create(rows)
    return sorted(said)
