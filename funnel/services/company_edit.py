"""The company of a lead, after somebody edited it: corrected, another one, or none."""

from collections.abc import Mapping
from typing import Any

from funnel.authority import Claim, claimed
from funnel.errors import MissingNeeds
from funnel.identity import domain_key, name_key
from funnel.models import Company

# By the names of the form: what of a company can be edited, and the column that holds it.
_COLUMNS = {
    "company_name": "name",
    "company_domain": "domain",
    "naics": "naics",
    "country": "country",
    "employees": "employees",
    "annual_revenue": "annual_revenue",
    "locations": "locations",
}
COMPANY_FIELDS = tuple(_COLUMNS)


def company_values(company: Company | None) -> dict[str, Any]:
    """What is known of it, by the names of the form."""
    return {name: getattr(company, column) for name, column in _COLUMNS.items()} if company else {}


def company_after(
    company: Company | None, changes: Mapping[str, Any], *, claim: Claim
) -> tuple[Company | None, list[str]]:
    """The company the lead has from now on, and the names of what changed about it; the row is written, and claimed.

    A name or domain that another company has leads to that one. `works_elsewhere` leaves the present one as it is: the
    lead gets another. Without a name and a domain it has none.

    Raises MissingNeeds where a profile belongs to no company.
    """
    elsewhere = bool(changes.get("works_elsewhere"))
    given = {name: value for name, value in changes.items() if name in _COLUMNS}
    wanted = company_values(None if elsewhere else company) | given
    name, domain = (wanted.get("company_name") or "").strip(), domain_key(wanted.get("company_domain") or "")
    if not name and not domain:
        if elsewhere or any(value not in ("", None) for value in given.values()):
            raise MissingNeeds({"company_name": "Name the company, or give its domain."})
        return None, sorted(given)
    other = _known(name, domain)
    if other and other != company:
        # It is known by its own name: only what was said of it anew is written.
        named = {"company_name", "company_domain"}
        return other, _write(other, {one: value for one, value in given.items() if one not in named}, claim)
    target = (None if elsewhere else company) or Company()
    return target, _write(target, given | {"company_name": name, "company_domain": domain}, claim)


def _known(name: str, domain: str) -> Company | None:
    if domain:
        return Company.objects.filter(domain=domain).first()
    return Company.objects.filter(domain="", name_key=name_key(name)).first()


def _write(company: Company, given: Mapping[str, Any], claim: Claim) -> list[str]:
    changed = [name for name, value in given.items() if value != getattr(company, _COLUMNS[name])]
    for name in changed:
        setattr(company, _COLUMNS[name], given[name])
    company.authority = claimed(company.authority, [_COLUMNS[name] for name in changed], claim)
    company.name_key = name_key(company.name)
    if company.pk is None or changed:
        company.save()
    return sorted(changed)
