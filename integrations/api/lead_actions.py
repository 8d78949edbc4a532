"""What can be done with a lead over the API: hand it to sales, say what sales did, tell touches."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from accounts.roles import SALES_ROLES
from dispositions.outcomes import RULES, Channel, OutcomeNotPossible
from dispositions.outcomes import Outcome as DispositionOutcome
from dispositions.services.record import Statement, record_disposition
from funnel.attributes import Attribute
from funnel.lifecycle import Move, Stage
from funnel.models import Lead
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from integrations.api.base import ApiView
from integrations.api.fields import (
    Ahead,
    Choice,
    Currency,
    Day,
    Email,
    Integer,
    LongText,
    Money,
    Slug,
    Text,
)
from integrations.api.idempotency import idempotent
from integrations.api.lead_answer import LeadAnswer, answerable, etag, told
from integrations.api.lead_body import MOST_TOUCHES, AttributesBody, TouchBody, touch_input
from integrations.api.problems import ApiProblem, FieldError
from integrations.api.schema import problems
from integrations.api.strict import StrictSerializer
from integrations.services.edits import tell_touches
from integrations.services.keys import Scope

LEAD_ID = OpenApiParameter("lead_id", int, OpenApiParameter.PATH)


class PromoteBody(StrictSerializer):
    override_reason = Text(500, help_text="Why it shall go to sales though clauses fail.")


class ClauseResultAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    met = serializers.BooleanField(allow_null=True, help_text="Null where people judge it.")


class PromotedAnswer(LeadAnswer):
    clauses = ClauseResultAnswer(many=True)


class PromoteView(ApiView):
    scopes = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        operation_id="promote_lead",
        summary="Hand a lead to sales",
        description="Opens a hand-off under the agreement in force. The answer has its owner, deadline and clauses.",
        parameters=[LEAD_ID],
        request=PromoteBody,
        responses={
            200: OpenApiResponse(PromotedAnswer),
            **problems("not-found", "illegal-transition", "missing-needs", "not-allowed", body=True),
        },
    )
    @idempotent
    def post(self, request: Request, lead_id: int) -> Response:
        body = PromoteBody(data=request.data)
        body.is_valid(raise_exception=True)
        details = MoveDetails(override_reason=body.validated_data.get("override_reason") or "")
        at = timezone.now()
        move_lead(lead_id=lead_id, to=Stage.MQL, move=Move.PROMOTE, by=self.principal, at=at, details=details)
        lead = answerable(self.principal).get(pk=lead_id)
        clauses = lead.hand_off.clause_results if lead.hand_off else []
        return Response(told(lead) | {"clauses": clauses}, headers={"ETag": etag(lead)})


class DispositionBody(StrictSerializer):
    outcome = Choice(choices=[(outcome.value, outcome.label) for outcome in RULES])
    rep = Email(required=True, help_text="Who of sales says it: the key acts for this person.")
    version = Integer(min_value=1, required=True, help_text="The version of the lead that the person looked at.")
    channel = Choice(choices=Channel.choices, required=False, allow_null=True)
    reason = Slug()
    failed_clauses = serializers.ListField(
        child=Integer(min_value=1, required=True), required=False, allow_null=True, max_length=100
    )
    evidence = AttributesBody(required=False, allow_null=True)
    note = LongText(2000, help_text="Private to sales.")
    learned = LongText(2000, help_text="For marketing.")
    next_action_at = Ahead()
    wake_at = Ahead()
    amount = Money(whole_digits=12)
    currency = Currency()
    expected_close_on = Day()
    closed_on = Day()
    competitor = Text(100)


class DispositionAnswer(LeadAnswer):
    disposition = serializers.IntegerField(help_text="Its id.")


class DispositionsView(ApiView):
    scopes = {"POST": Scope.DISPOSITIONS_WRITE}

    @extend_schema(
        operation_id="record_disposition",
        summary="Say what sales did",
        description=(
            "For bridges from a CRM: recorded as if the rep had said it on the page, by the same rules. The lead has "
            "to be one that your source knows and that the rep may see."
        ),
        parameters=[LEAD_ID],
        request=DispositionBody,
        responses={
            201: OpenApiResponse(DispositionAnswer),
            **problems(
                *("not-found", "missing-needs", "illegal-transition", "changed-meanwhile", "not-allowed"), body=True
            ),
        },
    )
    @idempotent
    def post(self, request: Request, lead_id: int) -> Response:
        now = timezone.now()
        Lead.objects.visible_to(self.principal).get(pk=lead_id)
        body = DispositionBody(data=request.data, context={"at": now})
        body.is_valid(raise_exception=True)
        given = body.validated_data
        try:
            disposition = record_disposition(
                lead_id=lead_id, statement=_statement(given), by=_rep(given["rep"]), at=now, version=given["version"]
            )
        except OutcomeNotPossible as wrong:
            raise ApiProblem("illegal-transition", str(wrong)) from wrong
        lead = answerable(self.principal).get(pk=lead_id)
        answer = told(lead) | {"disposition": disposition.pk}
        return Response(answer, status=201, headers={"ETag": etag(lead)})


def _rep(email: str) -> Principal:
    """Whom the key acts for. Raises ApiProblem for somebody who does not sell."""
    rep = User.objects.filter(email=email.lower(), is_active=True, role__in=SALES_ROLES).first()
    if rep is None:
        message = "Nobody of sales has this address."
        raise ApiProblem("invalid-fields", message, [FieldError("/rep", "unknown-rep", message)])
    return rep.principal


def _statement(given: Mapping[str, Any]) -> Statement:
    said = {name: value for name, value in given.items() if value is not None and name not in {"rep", "version"}}
    said["outcome"] = DispositionOutcome(said["outcome"])
    said["failed_clauses"] = tuple(said.get("failed_clauses", ()))
    said["evidence"] = {Attribute(slug): text for slug, text in said.get("evidence", {}).items() if text}
    return Statement(**said)


class TouchesBody(StrictSerializer):
    touches = serializers.ListField(child=TouchBody(), min_length=1, max_length=MOST_TOUCHES)


class TouchesAnswer(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="The others were told before.")
    told = serializers.IntegerField()


class LeadTouchesView(ApiView):
    scopes = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        operation_id="tell_touches",
        summary="Tell touches of a lead",
        description="A touch with your external_id counts once, however often it is told.",
        parameters=[LEAD_ID],
        request=TouchesBody,
        responses={200: OpenApiResponse(TouchesAnswer), **problems("not-found", body=True)},
    )
    @idempotent
    def post(self, request: Request, lead_id: int) -> Response:
        now = timezone.now()
        Lead.objects.visible_to(self.principal).get(pk=lead_id)
        body = TouchesBody(data=request.data, context={"at": now})
        body.is_valid(raise_exception=True)
        touches = [touch_input(touch) for touch in body.validated_data["touches"]]
        added = tell_touches(lead_id, touches, source=self.principal.source, by=self.principal, at=now)
        return Response({"added": added, "told": len(touches)})
