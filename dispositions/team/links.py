"""The list of leads behind a figure."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def leads_url(**filters: Any) -> str:
    """`filters` as /leads/ takes them; those that are empty are left out."""
    given = {name: value for name, value in filters.items() if value not in {None, ""}}
    return f"{reverse('leads')}?{urlencode(given)}"
