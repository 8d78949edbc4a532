"""The one page that ever shows a secret: never kept by a browser, and not to be had a second time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers


@dataclass(frozen=True)
class Shown:
    """A value to be copied, and what it is."""

    label: str
    value: str
    is_secret: bool = True


def shown_once(
    request: HttpRequest, *, title: str, text: str, values: Sequence[Shown], back: str, steps: Sequence[str] = ()
) -> HttpResponse:
    """`back`: the address of the page to go on to; `steps`: what to do with the values."""
    context = {"title": title, "text": text, "values": values, "back": back, "steps": steps}
    response = render(request, "hooks/shown_once.html", context)
    add_never_cache_headers(response)
    return response
