"""/gallery/: every component in its states and every token, light and dark. For whoever builds pages: DEBUG only."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET

from leadflow.gallery_specimens import FRAME, specimens

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"
TOKENS = Path(settings.BASE_DIR) / "static" / "css" / "tokens.css"
THEMES = ("light", "dark")
_SPACE, _TYPE = re.compile(r"s-\d"), re.compile(r"t-(xs|sm|md|lg|xl|2xl)")


@dataclass(frozen=True)
class Component:
    """`says`: the comment it begins with. `states`: its HTML, once a state."""

    name: str
    says: str
    states: Sequence[str]

    @property
    def is_frame(self) -> bool:
        return self.name in FRAME


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    now = timezone.now()
    names = token_names()
    context = {
        "themes": [{"name": theme, "components": list(components(request, theme, now))} for theme in THEMES],
        "colours": [name for name in names if _is_colour(name)],
        "spaces": [name for name in names if _SPACE.fullmatch(name)],
        "types": [name for name in names if _TYPE.fullmatch(name)],
    }
    return render(request, "gallery.html", context)


def component_names() -> list[str]:
    return sorted((path.stem for path in COMPONENTS.glob("*.html")), key=lambda name: name.lstrip("_"))


def components(request: HttpRequest, theme: str, now: datetime) -> Iterator[Component]:
    """One without a specimen has no states: the page says so."""
    known = specimens(theme=theme, now=now)
    for name in component_names():
        template = f"components/{name}.html"
        states = [render_to_string(template, dict(state), request) for state in known.get(name, ())]
        yield Component(name, _comment(name), states)


def _comment(name: str) -> str:
    found = re.match(r"\{#\s*(.*?)\s*#\}", (COMPONENTS / f"{name}.html").read_text())
    return found[1] if found else ""


def token_names() -> list[str]:
    """In the order of tokens.css, each once."""
    return list(dict.fromkeys(re.findall(r"^\s*--([\w-]+):", TOKENS.read_text(), re.MULTILINE)))


def _is_colour(name: str) -> bool:
    return bool(re.search(rf"--{name}:\s*light-dark\(#", TOKENS.read_text()))
