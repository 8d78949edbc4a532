"""What a person agreed to, channel by channel: whoever heard it, the later word counts. Pure.

Kept as `{channel: {"granted": true or false, "at": ISO time, "how": text, "source": who told it}}`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from funnel.authority import CONSENTS, Claim, Ignored, Side, Verdict, judge

Permission = Mapping[str, Any]
Consent = Mapping[str, Permission]


def heard(known: Consent, told: Consent, *, source: str, at: datetime) -> tuple[dict[str, Any], list[Ignored]]:
    """What is known once `told` was heard, and what of it was older than what is known.

    `at`: when it was said, where a permission does not say so itself; at the latest it was said then.
    """
    now_known, ignored = dict(known), []
    for channel, permission in told.items():
        if channel not in CONSENTS:
            continue
        said_at = min(_time(permission) or at, at)
        held = known.get(channel)
        held_at = _time(held) if held else None
        claim = Claim(Side.MARKETING, held_at) if held_at else None
        if judge(f"consent.{channel}", held=claim, told=Claim(Side.MARKETING, said_at)) is Verdict.STALE:
            if not _says_the_same(held, permission):
                ignored.append(Ignored(f"consent.{channel}", Verdict.STALE))
        elif not (_says_the_same(held, permission) and _time(permission) in {None, held_at}):
            now_known[channel] = _kept(permission, source=source, at=said_at)
    return now_known, ignored


def joined(one: Consent, other: Consent) -> dict[str, Any]:
    """What two leads that are one person agreed to."""
    both = dict(one)
    for channel, permission in other.items():
        mine = one.get(channel)
        if mine is None or _order(permission) > _order(mine):
            both[channel] = permission
    return both


def refuses(consent: Consent, channel: str) -> bool:
    """Whether they said no to this channel. Who said nothing has not refused."""
    permission = consent.get(channel)
    return isinstance(permission, Mapping) and permission.get("granted") is False


def refused(consent: Consent) -> list[str]:
    return [channel for channel in CONSENTS if refuses(consent, channel)]


def _kept(permission: Permission, *, source: str, at: datetime) -> dict[str, Any]:
    how = {"how": permission["how"]} if permission.get("how") else {}
    return {"granted": permission["granted"], "at": at.isoformat(), **how, "source": source}


def _says_the_same(held: Permission | None, told: Permission) -> bool:
    return held is not None and held.get("granted") == told.get("granted")


def _order(permission: Permission) -> tuple[float, bool]:
    """Of two at the same time the refusal counts."""
    at = _time(permission)
    return (at.timestamp() if at else 0.0, permission.get("granted") is False)


def _time(permission: Permission) -> datetime | None:
    at = permission.get("at")
    return datetime.fromisoformat(at) if isinstance(at, str) and at else None
