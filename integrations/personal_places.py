"""What is kept of a person in messages that came and went, in files, and in answers that may be told again."""

import json
from collections.abc import Iterator

from django.db.models import QuerySet

from funnel.models import LeadEvent
from funnel.personal import ERASED, Place, Subject
from integrations.models import Delivery, IdempotentRequest, InboxItem, UploadedRow
from integrations.outbound.erased import tell_of_erasure

PAGE = 500


# --- messages of marketing tools ------------------------------------------------------------------------------


def _items(subject: Subject) -> Iterator[InboxItem]:
    """Messages that became his lead, or that name him. Those still waiting are emptied once they have been read."""
    over = InboxItem.objects.exclude(state=InboxItem.State.WAITING)
    for item in over.iterator(PAGE):
        told = f"{bytes(item.body).decode('utf-8', 'replace')} {item.error} {json.dumps(item.results)}"
        leads = {result.get("lead") for result in item.results}
        if leads & set(subject.lead_ids) or subject.is_in(told):
            yield item


def _empty_items(subject: Subject) -> int:
    """That there was a message, from whom and when, and which lead came of it, stays."""
    items = list(_items(subject))
    for item in items:
        InboxItem.objects.filter(pk=item.pk).update(
            body=b"",
            headers={},
            error=ERASED if item.error else "",
            results=[{**result, "told": ""} for result in item.results],
        )
    return len(items)


# --- answers that may be told again ---------------------------------------------------------------------------


def _answers(subject: Subject) -> list[IdempotentRequest]:
    return [one for one in IdempotentRequest.objects.iterator(PAGE) if _tells(one.body, subject)]


def _tells(body: str, subject: Subject) -> bool:
    """Whether an answer describes one of his leads, or names him."""
    answer = json.loads(body) if body else None
    is_his = isinstance(answer, dict) and "external_ids" in answer and answer["id"] in subject.lead_ids
    return is_his or subject.is_in(body)


def _forget_answers(subject: Subject) -> int:
    """Told again, such a request is judged anew: the lead is suppressed, or not there."""
    return IdempotentRequest.objects.filter(pk__in=[one.pk for one in _answers(subject)]).delete()[0]


# --- webhooks -------------------------------------------------------------------------------------------------


def _deliveries(subject: Subject) -> QuerySet[Delivery]:
    return Delivery.objects.filter(lead__in=subject.lead_ids)


def _empty_deliveries(subject: Subject) -> int:
    """What still waits goes out as the empty lead that it is now, in its order, and behind it that he was erased."""
    emptied = _deliveries(subject).update(body="", answer="")
    event = LeadEvent.objects.filter(lead=subject.lead, kind=LeadEvent.Kind.ERASED).latest("seq")
    tell_of_erasure(event, at=subject.at)
    return emptied


# --- files ----------------------------------------------------------------------------------------------------


def _rows(subject: Subject) -> list[UploadedRow]:
    rejected = UploadedRow.objects.filter(status=UploadedRow.Status.REJECTED)
    return [row for row in rejected.iterator(PAGE) if subject.is_in(f"{row.cells} {row.problems}")]


def _empty_rows(subject: Subject) -> int:
    return UploadedRow.objects.filter(pk__in=[row.pk for row in _rows(subject)]).update(cells=[], problems=[])


PLACES = (
    Place(
        model=InboxItem,
        what="messages of marketing tools about the person",
        fields=("body", "headers", "error", "results"),
        rows=_items,
        erase=_empty_items,
        told=("source_id", "received_at", "content_type", "headers", "body", "error", "results"),
    ),
    Place(
        model=IdempotentRequest,
        what="answers of the API that may be told again",
        fields=("body", "headers"),
        rows=_answers,
        erase=_forget_answers,
        told=("created_at", "status", "body"),
    ),
    Place(
        model=Delivery,
        what="webhooks about the lead",
        fields=("body", "answer"),
        rows=_deliveries,
        erase=_empty_deliveries,
        told=("endpoint_id", "message_id", "body", "state", "created_at", "done_at", "answer"),
    ),
    Place(
        model=UploadedRow,
        what="rejected rows of files that name the person",
        fields=("cells", "problems"),
        rows=_rows,
        erase=_empty_rows,
    ),
)
