"""The fields of each kind of file, no longer than the columns of the database that keep them."""

from accounts.roles import Role
from funnel.attributes import Attribute
from funnel.lifecycle import Stage
from funnel.models import Reason, Touch
from integrations.files.columns import FieldSet
from integrations.files.kinds import (
    Choice,
    Country,
    Currency,
    DateTime,
    Email,
    Integer,
    Money,
    Person,
    Slug,
    Text,
    TimeZone,
)

EXTERNAL_ID = Text(200)
STAGE = Choice(tuple(Stage.values))
TEAM_PATH = Text(500)

LEAD_FIELDS: FieldSet = {
    "email": Email(),
    "external_id": EXTERNAL_ID,
    "first_name": Text(100),
    "last_name": Text(100),
    "title": Text(150),
    "phone": Text(40),
    "company.name": Text(200),
    "company.domain": Text(253),
    "company.naics": Text(6),
    "company.annual_revenue": Money(max_whole_digits=14),
    "company.employees": Integer(minimum=0),
    "company.locations": Integer(minimum=0),
    "company.country": Country(),
    "channel": Slug(),
    "campaign": Slug(),
    "self_reported_source": Text(200),
    "score": Integer(),
    "expected_value": Money(),
    "currency": Currency(),
    "created_at": DateTime(),
    "at": DateTime(),
    "stage": STAGE,
    "owner": Person(),
    "team": TEAM_PATH,
    **{f"attributes.{slug}": Text(10_000) for slug in Attribute.values},
}

TOUCH_FIELDS: FieldSet = {
    "email": Email(),
    "lead_external_id": EXTERNAL_ID,
    "at": DateTime(),
    "kind": Choice(tuple(Touch.Kind.values)),
    "channel": Slug(),
    "campaign": Slug(),
    "subject": Text(500),
    "external_id": EXTERNAL_ID,
}

PEOPLE_FIELDS: FieldSet = {
    "name": Text(150),
    "email": Email(),
    "role": Choice(tuple(Role.values)),
    "team": TEAM_PATH,
    "manager": Person(),
    "time_zone": TimeZone(),
}


def outcome_fields() -> FieldSet:
    """One query: the reasons are the admin's."""
    return {
        "external_id": EXTERNAL_ID,
        "email": Email(),
        "mql_at": DateTime(),
        "accepted_at": DateTime(),
        "qualified_at": DateTime(),
        "closed_at": DateTime(),
        "outcome": STAGE,
        "amount": Money(),
        "currency": Currency(),
        "reason": Choice(tuple(Reason.objects.values_list("slug", flat=True))),
        "competitor": Text(100),
        "owner": Person(),
    }
