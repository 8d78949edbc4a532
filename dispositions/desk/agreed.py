"""What a person agreed to, in words: for the brief, the nurture desk, and whoever logs an attempt all the same."""

from dataclasses import dataclass
from datetime import datetime

from dispositions.outcomes import Channel
from funnel.consent import refuses
from funnel.models import Lead, Touch

# The channels by which a lead can be tried, the best first, each with the consent it is under.
CONSENTS = {Channel.PHONE: "phone", Channel.EMAIL: "email"}
_REFUSED = {
    Channel.PHONE: "They do not want to be called.",
    Channel.EMAIL: "They do not want e-mails.",
}
_OF_TOUCH = {
    Touch.Kind.CALL: Channel.PHONE,
    Touch.Kind.VOICEMAIL: Channel.PHONE,
    Touch.Kind.EMAIL: Channel.EMAIL,
}


@dataclass(frozen=True)
class Agreed:
    """What they said of one channel. `by`: how they said it and who told LeadFlow, where that is known."""

    channel: Channel
    granted: bool
    at: datetime | None
    by: str


def agreed(lead: Lead) -> list[Agreed]:
    found = []
    for channel, name in CONSENTS.items():
        permission = lead.consent.get(name)
        if isinstance(permission, dict):
            at = permission.get("at")
            by = ", ".join(filter(None, (permission.get("how"), permission.get("source"))))
            when = datetime.fromisoformat(at) if at else None
            found.append(Agreed(channel, granted=bool(permission.get("granted")), at=when, by=by))
    return found


def is_refused(lead: Lead, channel: Channel) -> bool:
    return channel in CONSENTS and refuses(lead.consent, CONSENTS[channel])


def refusals(lead: Lead) -> list[str]:
    """What the lead has not agreed to, in sentences."""
    return [sentence for channel, sentence in _REFUSED.items() if is_refused(lead, channel)]


def warning_of(lead: Lead, channel: str) -> str:
    """What to say of an attempt by this channel that was made and is kept; empty where nothing speaks against it."""
    if channel not in Channel or not is_refused(lead, Channel(channel)):
        return ""
    return f"{_REFUSED[Channel(channel)]} What happened is recorded; use another way from now on."


def warning_of_touch(lead: Lead, kind: str) -> str:
    channel = channel_of_touch(kind)
    return warning_of(lead, channel) if channel else ""


def channel_of_touch(kind: str) -> Channel | None:
    return _OF_TOUCH.get(Touch.Kind(kind)) if kind in Touch.Kind else None
