"""Who can be given work on a day, and which countries a team may claim. Pure."""

from datetime import date
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError


def is_away(day: date, away_from: date | None, away_until: date | None) -> bool:
    """Whether `day` is a day of leave; first and last day included. A leave without an end lasts until it gets one."""
    if away_from is None and away_until is None:
        return False
    return (away_from is None or away_from <= day) and (away_until is None or day <= away_until)


def check_countries(codes: Any) -> None:
    if not (isinstance(codes, list) and all(isinstance(code, str) for code in codes)):
        raise ValidationError("Give a list of country codes, for example DE, AT, CH.")
    unknown = [code for code in codes if code not in phonenumbers.SUPPORTED_REGIONS]
    if unknown:
        raise ValidationError(f"{', '.join(unknown)}: not a country of ISO 3166. Use two capital letters such as DE.")
    if len(set(codes)) < len(codes):
        raise ValidationError("Name each country once.")
