"""What is kept for a time and then forgotten, kind by kind. Run twice, late or side by side, it ends the same."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from accounts.models import Mail, Notification
from accounts.principals import SYSTEM
from accounts.sign_in import forget_tries
from funnel.lifecycle import Stage
from funnel.models import Lead
from funnel.services.erase import AlreadyErased, erase_lead
from funnel.services.jobs import forget_runs
from integrations.models import Delivery, IdempotentRequest, InboxItem
from integrations.services.uploads import discard_uploads

logger = logging.getLogger(__name__)

# Rows of a statement, so that none holds up the pages; and leads of one run, for each is a transaction of its own.
PAGE = 2_000
LEADS_A_RUN = 200


def clean_up(*, now: datetime) -> Counter[str]:
    """Forget all whose time is over at `now`; answers how many of what. The times are `settings.KEPT_DAYS`."""
    done: Counter[str] = Counter()
    for what, (kind, forget) in _KINDS.items():
        days = settings.KEPT_DAYS[kind]
        if days:
            done[what] = forget(now, now - timedelta(days=days))
    done["sessions ended"] = Session.objects.filter(expire_date__lt=now).delete()[0]
    done["runs of jobs"] = forget_runs(now=now)
    done["wrong passwords"] = forget_tries(now=now)
    found = +done
    if found:
        logger.info("Forgotten: %s.", ", ".join(f"{what} {count}" for what, count in sorted(found.items())))
    return found


Forget = Callable[[datetime, datetime], int]


def _messages(_now: datetime, before: datetime) -> int:
    """What became of each stays; what it said goes, and with it what quotes it."""
    old = InboxItem.objects.filter(received_at__lt=before).exclude(state=InboxItem.State.WAITING)
    return _in_pages(old.exclude(body=b"", headers={}), lambda page: page.update(body=b"", headers={}))


def _deliveries(_now: datetime, before: datetime) -> int:
    old = Delivery.objects.filter(done_at__lt=before).exclude(body="", answer="")
    return _in_pages(old, lambda page: page.update(body="", answer=""))


def _answers(_now: datetime, before: datetime) -> int:
    return _in_pages(IdempotentRequest.objects.filter(created_at__lt=before), lambda page: page.delete()[0])


def _uploads(_now: datetime, before: datetime) -> int:
    """The file and its rejected rows; that there was a file, and what came of it, stays."""
    rows = discard_uploads(before)
    return _in_pages(rows.exclude(cells=[], problems=[]), lambda page: page.update(cells=[], problems=[]))


def _notifications(_now: datetime, before: datetime) -> int:
    return _in_pages(Notification.objects.filter(created_at__lt=before), lambda page: page.delete()[0])


def _mails(_now: datetime, before: datetime) -> int:
    """One that still waits is sent first."""
    over = Q(sent_at__isnull=False) | Q(dead=True)
    return _in_pages(Mail.objects.filter(over, created_at__lt=before), lambda page: page.delete()[0])


def _disqualified(now: datetime, before: datetime) -> int:
    """Who never was a buyer is erased; he may come back as somebody new."""
    old = Lead.objects.filter(
        stage=Stage.DISQUALIFIED, stage_entered_at__lt=before, erased_at=None, merged_into=None
    ).order_by("stage_entered_at")
    done = 0
    for lead_id in list(old.values_list("pk", flat=True)[:LEADS_A_RUN]):
        try:
            erase_lead(lead_id=lead_id, by=SYSTEM, at=now, suppresses=False)
        except AlreadyErased:
            continue  # by another worker, at this moment
        done += 1
    return done


_KINDS: Mapping[str, tuple[str, Forget]] = {
    "messages of tools": ("messages", _messages),
    "bodies of webhooks": ("deliveries", _deliveries),
    "answers of the API": ("answers", _answers),
    "rejected rows of files": ("uploads", _uploads),
    "notifications": ("notifications", _notifications),
    "mails": ("notifications", _mails),
    "disqualified leads erased": ("disqualified", _disqualified),
}


def _in_pages(rows: "QuerySet[Any]", forget: "Callable[[QuerySet[Any]], int]") -> int:
    """Each page in a transaction of its own, until none is left."""
    done = 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[:PAGE]):
        done += forget(rows.model.objects.filter(pk__in=ids))
    return done
