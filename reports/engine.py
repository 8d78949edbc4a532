"""The catalogue of reports, and the one way to compute any of them."""

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module

from accounts.principals import Principal
from accounts.roles import Role
from reports import catalogue
from reports.parameters import Parameter, Parameters, parse_parameters
from reports.report import Report


class UnknownReport(Exception):
    """The sentence names the reports there are."""


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry:
    """A report before it is computed: the question it answers, what it can be asked, and who may ask."""

    name: str
    title: str
    question: str
    parameters: Sequence[Parameter]
    compute: Callable[[Principal, Parameters, datetime], Report]
    roles: frozenset[Role] = frozenset(Role)

    def is_for(self, principal: Principal) -> bool:
        return principal.role is None or principal.role in self.roles

    def report(self, given: Mapping[str, str], *, principal: Principal, now: datetime) -> Report:
        """Dates are days in the time zone of `now`. Raises InvalidParameter."""
        return self.compute(principal, parse_parameters(self.parameters, given, principal), now)


@cache
def _entries() -> Mapping[str, CatalogueEntry]:
    modules = [import_module(f"{catalogue.__name__}.{one.name}") for one in pkgutil.iter_modules(catalogue.__path__)]
    return {entry.name: entry for entry in (module.ENTRY for module in modules)}


def entries_for(principal: Principal) -> list[CatalogueEntry]:
    """The reports this principal may ask, by name."""
    return sorted((one for one in _entries().values() if one.is_for(principal)), key=lambda one: one.name)


def find_entry(name: str, principal: Principal) -> CatalogueEntry:
    """Raises UnknownReport; a report for other roles is unknown too."""
    possible = entries_for(principal)
    for entry in possible:
        if entry.name == name:
            return entry
    raise UnknownReport(f"There is no report “{name}”. Choose one of: {', '.join(one.name for one in possible)}.")
