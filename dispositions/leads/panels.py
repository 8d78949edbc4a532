"""What other apps show on the page of a lead. An app registers what it adds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.principals import Principal
from funnel.models import Lead


@dataclass(frozen=True)
class Panel:
    """`template` is given `panel` alone, and reads its `content`."""

    template: str
    content: Any


# None where there is nothing to show of this lead, or nothing for this reader.
Provider = Callable[[Lead, Principal], Panel | None]

_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    if provider not in _providers:
        _providers.append(provider)
    return provider


def panels_for(lead: Lead, reader: Principal) -> list[Panel]:
    found = (provider(lead, reader) for provider in _providers)
    return [panel for panel in found if panel]
