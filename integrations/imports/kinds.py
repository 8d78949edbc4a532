"""The kinds of file that can be imported, for the commands and the page alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.roles import Role
from integrations.files.columns import FieldSet
from integrations.imports.fields import LEAD_FIELDS, PEOPLE_FIELDS, TOUCH_FIELDS, outcome_fields
from integrations.imports.leads import LeadImporter
from integrations.imports.outcomes import OutcomeImporter
from integrations.imports.people import PeopleImporter
from integrations.imports.records import Importer
from integrations.imports.touches import TouchImporter


@dataclass(frozen=True)
class ImportKind:
    """`importer` takes the source of the ids, who imports, and when. `needs`: one of these a row must have."""

    name: str
    fields: Callable[[], FieldSet]
    importer: Callable[..., Importer[Any]]
    needs: Sequence[str]
    roles: frozenset[str]  # who may import it in the browser


_BOTH = frozenset({Role.MARKETING, Role.ADMIN})

LEADS = ImportKind("leads", lambda: LEAD_FIELDS, LeadImporter, ("email", "external_id"), _BOTH)
TOUCHES = ImportKind("touches", lambda: TOUCH_FIELDS, TouchImporter, ("email", "lead_external_id"), _BOTH)
OUTCOMES = ImportKind("outcomes", outcome_fields, OutcomeImporter, ("email", "external_id"), _BOTH)
PEOPLE = ImportKind(
    "people",
    lambda: PEOPLE_FIELDS,
    lambda *, by, **_: PeopleImporter(by=by),
    ("name", "email"),
    frozenset({Role.ADMIN}),
)

KINDS = {kind.name: kind for kind in (LEADS, TOUCHES, OUTCOMES, PEOPLE)}
