"""Kinds of companies that leads come from: by industry, size and country."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from funnel.models import Company

# The sectors of the North American Industry Classification System (NAICS 2022): the first two digits of a code.
SECTORS = {
    "11": "Agriculture, forestry, fishing",
    "21": "Mining, oil and gas",
    "22": "Utilities",
    "23": "Construction",
    "31": "Manufacturing",
    "32": "Manufacturing",
    "33": "Manufacturing",
    "42": "Wholesale",
    "44": "Retail",
    "45": "Retail",
    "48": "Transport and warehousing",
    "49": "Transport and warehousing",
    "51": "Information",
    "52": "Finance and insurance",
    "53": "Real estate",
    "54": "Professional and technical services",
    "55": "Management of companies",
    "56": "Administrative services",
    "61": "Education",
    "62": "Health care",
    "71": "Arts and recreation",
    "72": "Accommodation and food",
    "81": "Other services",
    "92": "Public administration",
}
# The size of a company by its employees; the last has no upper end.
SIZES = (("1-9", 1, 9), ("10-49", 10, 49), ("50-249", 50, 249), ("250-999", 250, 999), ("1000+", 1000, None))


@dataclass(frozen=True)
class Segment:
    """`condition` is one on rows that have a `lead`."""

    label: str
    condition: Q

    def __str__(self) -> str:
        return self.label


def sector_name(naics: str) -> str:
    """The industry that a code belongs to; empty where there is no such."""
    return SECTORS.get(naics[:2], "")


def size_name(employees: int | None) -> str:
    """The band that a company is in; empty where nobody knows its size."""
    for name, least, most in SIZES:
        if employees is not None and employees >= least and (most is None or employees <= most):
            return name
    return ""


def read_segment(text: str) -> Segment:
    """“industry:Construction”, “size:50-249” or “country:DE”. Raises ValueError with a sentence."""
    kind, _, value = text.partition(":")
    if kind == "industry" and (codes := [code for code, name in SECTORS.items() if name == value]):
        condition = Q()
        for code in codes:
            condition |= Q(lead__company__naics__startswith=code)
        return Segment(value, condition)
    if kind == "size":
        for name, least, most in SIZES:
            if name == value:
                upper = {} if most is None else {"lead__company__employees__lte": most}
                return Segment(f"{name} employees", Q(lead__company__employees__gte=least, **upper))
    if kind == "country" and len(value) == 2 and value.isalpha():
        return Segment(value.upper(), Q(lead__company__country=value.upper()))
    bands = ", ".join(name for name, *_ in SIZES)
    raise ValueError(f"“{text}” is no segment. Write industry:NAME, size:BAND ({bands}) or country:XX.")


def known_segments() -> Sequence[tuple[str, str]]:
    """Those that companies belong to: what to write, and what to call it."""
    countries = Company.objects.exclude(country="").order_by("country").values_list("country", flat=True).distinct()
    return [
        *((f"size:{name}", f"{name} employees") for name, *_ in SIZES),
        *((f"industry:{name}", name) for name in dict.fromkeys(SECTORS.values())),
        *((f"country:{one}", one) for one in countries),
    ]
