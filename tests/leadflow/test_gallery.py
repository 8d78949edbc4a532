"""The gallery of components: whole, and only where DEBUG is on."""

import pytest

from leadflow.gallery import COMPONENTS, component_names, components, token_names
from leadflow.gallery_specimens import FRAME, specimens
from tests.factories import NOW


@pytest.fixture
def debug(settings):
    settings.DEBUG = True


@pytest.fixture
def page(debug, rep_client):
    return rep_client.get("/gallery/").text


def test_it_is_not_there_in_production(rep_client):
    assert rep_client.get("/gallery/").status_code == 404


def test_every_component_is_in_it_in_both_themes(page):
    names = [path.stem for path in COMPONENTS.glob("*.html")]

    assert [name for name in names for theme in ("light", "dark") if f'id="{theme}-{name}"' not in page] == []


def test_every_component_has_a_specimen():
    assert sorted({*specimens(theme="light", now=NOW), *FRAME}) == sorted(component_names())


def test_every_state_shows_something(rf, rep):
    request = rf.get("/gallery/")
    request.user = rep

    shown = {one.name: one.states for one in components(request, "light", NOW)}

    assert [name for name, states in shown.items() if name not in FRAME and not all(map(str.strip, states))] == []


def test_every_component_says_what_it_needs(rf, rep):
    request = rf.get("/gallery/")
    request.user = rep

    assert [one.name for one in components(request, "light", NOW) if not one.says] == []


def test_colours_space_and_type_are_in_it(page):
    names = {"accent", "red-soft", "s-1", "s-8", "t-xs", "t-2xl"}

    assert names <= set(token_names())
    assert [name for name in names if f"<code>{name}</code>" not in page] == []
