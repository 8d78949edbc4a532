"""/api/v1/endpoints/: where a source wants its leads' events sent to, and what became of each delivery."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import ApiView
from integrations.api.fields import Choice, Text, TrueOrFalse
from integrations.api.idempotency import idempotent
from integrations.api.paging import PAGING, Order, check_once, listed, page_of
from integrations.api.problems import ApiProblem, FieldError
from integrations.api.schema import problems
from integrations.api.strict import StrictSerializer
from integrations.models import Delivery, Endpoint
from integrations.outbound.events import KINDS
from integrations.services.endpoints import (
    InvalidEndpoint,
    change_endpoint,
    create_endpoint,
    rotate_secret,
    send_again,
    switch,
)
from integrations.services.keys import Scope

ENDPOINT_ID = OpenApiParameter("endpoint_id", int, OpenApiParameter.PATH)


def _kinds() -> serializers.Field[Any, Any, Any, Any]:
    kind = Choice(choices=[(kind.value, kind.label) for kind in KINDS])
    return serializers.ListField(child=kind, required=False, max_length=len(KINDS), help_text="Empty: all kinds.")


class EndpointBody(StrictSerializer):
    name = Text(100, required=True)
    url = Text(500, required=True, help_text="https, and open to the world.")
    kinds = _kinds()


class EndpointChange(StrictSerializer):
    name = Text(100)
    url = Text(500)
    kinds = _kinds()
    is_active = TrueOrFalse(required=False)


class EndpointAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    disabled_because = serializers.CharField()
    failing_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class SecretAnswer(EndpointAnswer):
    secret = serializers.CharField(help_text="For Standard Webhooks. Shown this once.")


class EndpointsAnswer(serializers.Serializer[Any]):
    results = EndpointAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class DeliveryAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message_id = serializers.CharField(help_text="The webhook-id.")
    lead = serializers.IntegerField(source="lead_id")
    seq = serializers.IntegerField()
    kind = serializers.CharField(source="event.kind")
    state = serializers.ChoiceField(choices=Delivery.State.choices)
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    next_attempt_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class DeliveriesAnswer(serializers.Serializer[Any]):
    results = DeliveryAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class _Endpoints(ApiView):
    scopes = dict.fromkeys(("GET", "POST", "PATCH"), Scope.ENDPOINTS_WRITE)

    def mine(self) -> QuerySet[Endpoint]:
        return Endpoint.objects.filter(source=self.principal.source)


class EndpointsView(_Endpoints):
    parameters_of = {"GET": frozenset({"limit", "cursor"})}

    @extend_schema(
        operation_id="list_endpoints",
        summary="Find the endpoints of your source",
        parameters=PAGING,
        responses={200: EndpointsAnswer, **problems("unknown-parameter", "invalid-parameter", "invalid-cursor")},
    )
    def get(self, request: Request) -> Response:
        check_once(request)
        page, following = page_of(self.mine(), Order("created_at"), request)
        return Response(listed([EndpointAnswer(endpoint).data for endpoint in page], following))

    @extend_schema(
        operation_id="create_endpoint",
        summary="Have events sent to an address",
        description="Signed as Standard Webhooks 1.0.0, at least once, in order per lead. Keep the secret.",
        request=EndpointBody,
        responses={201: OpenApiResponse(SecretAnswer), **problems(body=True)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = EndpointBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = {"kinds": [], **body.validated_data}
        try:
            endpoint, secret = create_endpoint(**given, source=self.principal.source, at=timezone.now())
        except InvalidEndpoint as invalid:
            raise _invalid(invalid) from invalid
        return Response(EndpointAnswer(endpoint).data | {"secret": secret}, status=201)


class EndpointView(_Endpoints):
    @extend_schema(
        operation_id="read_endpoint",
        summary="Read an endpoint",
        parameters=[ENDPOINT_ID],
        responses={200: EndpointAnswer, **problems("not-found")},
    )
    def get(self, request: Request, endpoint_id: int) -> Response:  # noqa: ARG002  # REST framework passes it
        return Response(EndpointAnswer(self.mine().get(pk=endpoint_id)).data)

    @extend_schema(
        operation_id="change_endpoint",
        summary="Change an endpoint, or switch it on or off",
        parameters=[ENDPOINT_ID],
        request=EndpointChange,
        responses={200: EndpointAnswer, **problems("not-found", body=True)},
    )
    @idempotent
    def patch(self, request: Request, endpoint_id: int) -> Response:
        endpoint = self.mine().get(pk=endpoint_id)
        body = EndpointChange(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        is_active = given.pop("is_active", None)
        try:
            change_endpoint(endpoint, **given)
        except InvalidEndpoint as invalid:
            raise _invalid(invalid) from invalid
        if is_active is not None and is_active != endpoint.is_active:
            switch(endpoint, on=is_active, at=timezone.now())
        return Response(EndpointAnswer(endpoint).data)


class RotateView(_Endpoints):
    has_body = False

    @extend_schema(
        operation_id="rotate_secret",
        summary="Take a new secret",
        description="For a day deliveries carry two signatures, one by each secret.",
        parameters=[ENDPOINT_ID],
        request=None,
        responses={200: OpenApiResponse(SecretAnswer), **problems("not-found", again=True)},
    )
    @idempotent
    def post(self, request: Request, endpoint_id: int) -> Response:  # noqa: ARG002  # REST framework passes it
        endpoint = self.mine().get(pk=endpoint_id)
        secret = rotate_secret(endpoint, at=timezone.now())
        return Response(EndpointAnswer(endpoint).data | {"secret": secret})


class DeliveriesView(_Endpoints):
    parameters_of = {"GET": frozenset({"limit", "cursor"})}

    @extend_schema(
        operation_id="list_deliveries",
        summary="What became of each delivery",
        parameters=[ENDPOINT_ID, *PAGING],
        responses={
            200: DeliveriesAnswer,
            **problems("not-found", "unknown-parameter", "invalid-parameter", "invalid-cursor"),
        },
    )
    def get(self, request: Request, endpoint_id: int) -> Response:
        check_once(request)
        found = Delivery.objects.filter(endpoint=self.mine().get(pk=endpoint_id)).select_related("event")
        page, following = page_of(found, Order("-created_at"), request)
        return Response(listed([DeliveryAnswer(delivery).data for delivery in page], following))


class SendAgainView(_Endpoints):
    has_body = False

    @extend_schema(
        operation_id="send_again",
        summary="Send a delivery once more",
        parameters=[ENDPOINT_ID, OpenApiParameter("delivery_id", int, OpenApiParameter.PATH)],
        request=None,
        responses={200: DeliveryAnswer, **problems("not-found", again=True)},
    )
    @idempotent
    def post(self, request: Request, endpoint_id: int, delivery_id: int) -> Response:  # noqa: ARG002  # as above
        found = Delivery.objects.filter(endpoint=self.mine().get(pk=endpoint_id), pk=delivery_id)
        delivery = found.select_related("event").get()
        send_again(found, at=timezone.now())
        delivery.refresh_from_db()
        return Response(DeliveryAnswer(delivery).data)


def _invalid(invalid: InvalidEndpoint) -> ApiProblem:
    code = "url-not-allowed" if invalid.field == "url" else "invalid"
    return ApiProblem("invalid-fields", str(invalid), [FieldError(f"/{invalid.field}", code, str(invalid))])
