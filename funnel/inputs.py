"""What a channel (API, hook, file, page) says of a lead. Blank means “not said”, and never overwrites."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from accounts.models import Team, User
from funnel.authority import Ignored
from funnel.lifecycle import Stage
from funnel.models import Lead, Reason


@dataclass(frozen=True, kw_only=True)
class CompanyInput:
    name: str = ""
    domain: str = ""
    naics: str = ""
    annual_revenue: Decimal | None = None
    employees: int | None = None
    locations: int | None = None
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class TouchInput:
    """`channel`, `campaign`: slugs. `external_id`: the reporting system's own, which makes it idempotent."""

    at: datetime
    kind: str = "other"
    channel: str
    campaign: str = ""
    external_id: str | None = None
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class LeadInput:
    """`source` is the system that speaks; `external_id` its name for the lead; `channel`, `campaign` are slugs.

    `stage` is where a new lead starts: inquiry or nurture. The stage of a known one is never changed by an input.
    `at`: when it was so; without it, when it was received. Of what several say of a field the latest counts.
    """

    source: str
    email: str = ""
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    phone: str = ""
    company: CompanyInput | None = None
    channel: str = ""
    campaign: str = ""
    self_reported_source: str = ""
    score: int | None = None
    expected_value: Decimal | None = None
    currency: str = ""
    consent: Mapping[str, Any] | None = None
    owner: User | None = None
    team: Team | None = None
    created_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    touches: tuple[TouchInput, ...] = ()
    stage: Stage = Stage.INQUIRY
    at: datetime | None = None


class Status(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "ignored-stale"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Received:
    """What became of one input. A rejected one has a field, a code and a sentence, and changed nothing.

    `ignored`: what of it was not taken, for sales owns it or something later is known. STALE: nothing was newer.
    """

    status: Status
    lead: Lead | None = None
    field: str = ""
    problem: str = ""
    code: str = ""
    ignored: Sequence[Ignored] = ()


@dataclass(frozen=True, kw_only=True)
class Past:
    """The known dates of a lead's way through the funnel. `outcome`: any stage, or the stage reached so far."""

    lead: Lead
    outcome: Stage
    mql_at: datetime | None = None
    accepted_at: datetime | None = None
    qualified_at: datetime | None = None
    closed_at: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    reason: Reason | None = None
    competitor: str = ""
    owner: User | None = None
