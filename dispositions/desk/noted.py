"""What a note in the ledger is about, in words: an addition to a disposition, a forecast, the buy-in map. Pure."""

from collections.abc import Mapping
from typing import Any

from dispositions.models import Forecast
from funnel.attributes import Attribute

_MAP = {"added": "somebody named", "changed": "somebody changed", "removed": "somebody removed"}


def noted_title(data: Mapping[str, Any]) -> str:
    if "buy_in" in data:
        return f"Buying decision: {_MAP.get(data['did'], data['did'])}"
    if "of" not in data:
        return "Note"
    said = []
    if "forecast" in data:
        said.append(f"Forecast: {_belief(data['forecast'])}")
    if learned := data.get("attributes"):
        said.append(f"Learned: {', '.join(Attribute(slug).label.lower() for slug in learned)}")
    return " · ".join(said) or "Added to what was said"


def _belief(told: int | str) -> str:
    return f"{told} %" if isinstance(told, int) else Forecast.Because(told).label.lower()
