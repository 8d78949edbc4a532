"""/api/v1/hooks/{token}/: where marketing tools post to. Stored first, then read; a repeat has no effect."""

import logging
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from dispositions.models import Disposition
from funnel.models import Lead
from integrations.api.base import METHODS
from integrations.api.problems import ApiProblem
from integrations.api.schema import problems
from integrations.inbound.message import BadSignature, Message, Unreadable
from integrations.inbound.salesforce import form_of, return_url
from integrations.models import InboxItem, Source
from integrations.services.inbox import OtherBody, leads_of, message_of, process, secrets_of, store

logger = logging.getLogger(__name__)


@method_decorator(csrf_exempt, name="dispatch")
class HookView(APIView):
    """The body is read as it came: a signature is over bytes."""

    authentication_classes = []
    permission_classes = []
    http_method_names = METHODS

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        _ = request.body  # before REST framework reads the stream
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="receive_hook",
        summary="Receive a marketing tool's message",
        description=(
            "For tools that post by themselves: Mautic, HubSpot, Marketo, Salesforce Web-to-Lead, or any other by a "
            "field map. The token is the source's; the message is signed as the tool signs. 202: stored, and "
            "processed within seconds; 200: it was here before. To Marketo the answer tells what became of the lead."
        ),
        request={"application/json": {"type": "object"}, "application/x-www-form-urlencoded": {"type": "object"}},
        responses={
            202: OpenApiResponse(description="Stored."),
            200: OpenApiResponse(description="Known already, or answered at once."),
            **problems("not-found", "bad-signature", "other-body", "too-large"),
        },
        auth=[],
    )
    def post(self, request: Request, token: str) -> HttpResponseBase:
        now = timezone.now()
        source = get_object_or_404(Source, token=token, is_active=True)
        message = _message(request._request, source, now)  # noqa: SLF001  # the bytes, not what is parsed of them
        try:
            item, is_new = store(source, message, at=now)
        except BadSignature as bad:
            raise ApiProblem("bad-signature", "The signature is missing, wrong, or of another time.") from bad
        except OtherBody as other:
            logger.warning("A message of source %s came before with another body", source.slug)
            raise ApiProblem("other-body", "A message with this id and another body came before.") from other
        return _answer(source, item, is_new=is_new, now=now)


def _message(request: HttpRequest, source: Source, now: datetime) -> Message:
    return Message(
        body=request.body,
        headers={name.lower(): value for name, value in request.headers.items()},
        received_at=now,
        content_type=request.content_type or "",
        method=request.method or "POST",
        url=request.build_absolute_uri(),
        secrets=secrets_of(source, now),
        field_map=source.field_map,
        channel_rules=source.channel_rules,
        options=source.options,
    )


def _answer(source: Source, item: InboxItem, *, is_new: bool, now: datetime) -> HttpResponseBase:
    if source.adapter == Source.Adapter.MARKETO:
        # Its response mapping writes back what it reads here: the loop in one call.
        return _for_marketo(process(item.pk, now=now) or InboxItem.objects.get(pk=item.pk))
    if source.adapter == Source.Adapter.SALESFORCE_WEB_TO_LEAD and (url := _return_url(item)):
        return HttpResponseRedirect(url)
    return JsonResponse({"id": item.pk, "state": "stored" if is_new else "known"}, status=202 if is_new else 200)


def _return_url(item: InboxItem) -> str:
    try:
        form = form_of(message_of(item))
    except Unreadable:
        return ""
    return return_url(form, item.source.options.get("return_hosts"))


def _for_marketo(item: InboxItem) -> HttpResponse:
    """The leads in flat names, for Marketo's response mapping; of one lead at the top."""
    leads = [_lead_answer(lead) for lead in leads_of(item)]
    body: dict[str, Any] = {"id": item.pk, "state": item.state, "error": item.error}
    if len(leads) == 1:
        body |= leads[0]
    else:
        body["leads"] = leads
    return JsonResponse(body, status=200 if leads else 202)


def _lead_answer(lead: Lead) -> dict[str, Any]:
    last = (
        Disposition.objects.filter(lead=lead, corrected_by=None)
        .exclude(outcome="undo")
        .select_related("reason", "by")
        .last()
    )
    return {
        "leadflow_id": lead.pk,
        "stage": lead.stage,
        "owner": lead.owner.name if lead.owner else "",
        "disposition": last.outcome if last else "",
        "reason": last.reason.slug if last and last.reason else "",
        "disposition_at": last.at.isoformat() if last else "",
        "amount": "" if lead.amount is None else str(lead.amount),
        "currency": lead.currency if lead.amount is not None else "",
    }
