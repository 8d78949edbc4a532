"""What a row of the scope matrix is, and short names for who may do what."""

from dataclasses import dataclass, field

from tests.scope_world import ROLES

SIGN_IN = {"anonymous": 302, "key": 302}  # a page sends whoever has no session to the login


def everybody(status):
    return SIGN_IN | dict.fromkeys(("rep", "manager", "marketing", "admin"), status)


def sessions(rep, manager, marketing, admin):
    return SIGN_IN | {"rep": rep, "manager": manager, "marketing": marketing, "admin": admin}


def anybody(status):
    return dict.fromkeys(ROLES, status)


@dataclass(frozen=True)
class Page:
    """An address that is about no lead. `about`: what it is about, by the name of its part."""

    method: str
    route: str
    expected: dict
    data: dict = field(default_factory=dict)
    about: tuple = ()


@dataclass(frozen=True)
class LeadPage:
    """An address about a lead: the status for whoever sees it. `unless`: (role, belonging) that differ.

    `also`: what the address names beside the lead.
    """

    method: str
    route: str
    expected: dict
    data: dict = field(default_factory=dict)
    unless: dict = field(default_factory=dict)
    hidden: dict = field(default_factory=lambda: SIGN_IN)
    of: str = "lead"
    also: tuple = ()
