"""One round of what is exchanged with other systems: messages that came are read, events are sent out."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from integrations.outbound.fan_out import fan_out
from integrations.outbound.relay import relay
from integrations.services.inbox import due, process

BATCH = 50


def read_inbox(*, clock: Callable[[], datetime], until: datetime) -> Counter[str]:
    """Process the messages that wait, the longest due first; answers how many came to which state."""
    done: Counter[str] = Counter()
    while clock() < until:
        ids = list(due(clock()).values_list("pk", flat=True)[:BATCH])
        processed = [item for pk in ids if (item := process(pk, now=clock()))]
        done.update(f"messages {item.get_state_display().lower()}" for item in processed)
        if not processed:
            break
    return done


def send_webhooks(*, clock: Callable[[], datetime], until: datetime) -> Counter[str]:
    """Make the deliveries of what is new, and send those that are due; answers how many were sent and put off."""
    fan_out(now=clock())
    done = relay(clock=clock, until=until)
    return Counter({f"webhooks {what}": count for what, count in done.items()})
