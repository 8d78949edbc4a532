"""What kind of lead it is: the traits by which hand-offs are compared, and what a segment of each is called."""

from collections.abc import Mapping

from funnel.models import Lead
from reports.segments import sector_name, size_name
from reports.titles import Function, Seniority, function_of, seniority_of

# Columns of Cycle. The channel is a trait as well; its value is the key of the channel.
TRAITS = ("industry", "size", "country", "seniority", "function", "channel")
# A value for each trait, as text; without those of which nothing is known.
Traits = Mapping[str, str]


def traits_of(*, title: str, naics: str, employees: int | None, country: str, channel_id: int) -> Traits:
    found = {
        "industry": sector_name(naics),
        "size": size_name(employees),
        "country": country,
        "seniority": seniority_of(title) or "",
        "function": function_of(title) or "",
        "channel": str(channel_id),
    }
    return {trait: str(value) for trait, value in found.items() if value}


def kind_of(lead: Lead) -> dict[str, str]:
    """The traits that its hand-offs keep; empty where nothing is known."""
    company = lead.company
    found = traits_of(
        title=lead.title,
        naics=company.naics if company else "",
        employees=company.employees if company else None,
        country=company.country if company else "",
        channel_id=lead.channel_id,
    )
    return {trait: found.get(trait, "") for trait in TRAITS if trait != "channel"}


def segment_label(trait: str, value: str, channels: Mapping[str, str]) -> str:
    """As a sentence about leads of that kind begins. `channels`: name by key."""
    match trait:
        case "industry":
            return f"Companies in {value.lower()}"
        case "size":
            return f"Companies of this size, {value} employees"
        case "country":
            return f"Companies in {value}"
        case "seniority":
            return f"{Seniority(value).label} as contact"
        case "function":
            return f"Contacts in {_lowered(Function(value).label)}"
        case _:
            return f"Leads from {channels.get(value, 'this channel')}"


def _lowered(label: str) -> str:
    return label if label.isupper() else label.lower()
