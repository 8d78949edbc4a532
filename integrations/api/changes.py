"""/api/v1/changes/: what happened, in order and complete, for tools that poll."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.models import Lead
from integrations.api.base import ApiView
from integrations.api.paging import LIMIT, address, check_once, limit_of
from integrations.api.problems import ApiProblem, FieldError
from integrations.api.schema import problems
from integrations.models import FeedEntry
from integrations.outbound.events import KINDS, adapter_of, event_data
from integrations.services.feed import bring_up_to_date, entries
from integrations.services.keys import Scope

AFTER = OpenApiParameter(
    "after", {"type": "string", "pattern": "^[0-9]{1,18}$"}, description="A cursor of an earlier answer."
)


class ChangeAnswer(serializers.Serializer[Any]):
    cursor = serializers.CharField(help_text="Ask for what comes after it.")
    type = serializers.ChoiceField(choices=[kind.value for kind in KINDS])
    timestamp = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # a declared field, taken off the class


class ChangesAnswer(serializers.Serializer[Any]):
    results = ChangeAnswer(many=True)
    cursor = serializers.CharField(help_text="Where to go on, also when there is nothing new.")
    next = serializers.URLField(allow_null=True, help_text="Null once all has been told.")


class ChangesView(ApiView):
    scopes = {"GET": Scope.LEADS_READ}
    parameters = frozenset({"after", "limit"})

    @extend_schema(
        operation_id="list_changes",
        summary="What happened since",
        description=(
            "Every event of the leads that your source knows, oldest first, each once. Begin without `after`, keep "
            "`cursor`, and ask again with it whenever you like: nothing is left out and nothing comes twice."
        ),
        parameters=[
            AFTER,
            LIMIT,
        ],
        responses={
            200: OpenApiResponse(ChangesAnswer),
            **problems("unknown-parameter", "invalid-parameter", "invalid-cursor"),
        },
    )
    def get(self, request: Request) -> Response:
        check_once(request)
        after, limit = _position(request), limit_of(request)
        bring_up_to_date()
        last = FeedEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if after > last:
            raise _invalid_cursor("This cursor is ahead of all that happened: begin anew, without it.")
        page = list(self._mine().filter(pk__gt=after, pk__lte=last)[: limit + 1])
        is_more = len(page) > limit
        page = page[:limit]
        position = page[-1].pk if is_more else last
        adapter = adapter_of(self.principal.source)
        answer = {
            "results": [_change(entry, self.principal.source, adapter) for entry in page],
            "cursor": str(position),
            "next": address(request, after=str(position)) if is_more else None,
        }
        return Response(answer)

    def _mine(self) -> Any:
        leads = Lead.objects.known_to(self.principal.source).values("pk")
        needed = ("event__lead__owner", "event__lead__channel", "event__lead__campaign", "event__actor")
        return entries().filter(event__kind__in=KINDS, event__lead__in=leads).select_related(*needed)


def _position(request: Request) -> int:
    text = request.query_params.get("after", "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise _invalid_cursor("Give a cursor as an earlier answer had it.")
    return int(text)


def _invalid_cursor(message: str) -> ApiProblem:
    return ApiProblem("invalid-cursor", message, [FieldError("", "invalid-cursor", message)])


def _change(entry: FeedEntry, source: str, adapter: str) -> dict[str, Any]:
    event = entry.event
    return {
        "cursor": str(entry.pk),
        "type": event.kind,
        "timestamp": event.recorded_at,
        "data": event_data(event, source=source, adapter=adapter),
    }
