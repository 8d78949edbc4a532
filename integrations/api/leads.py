"""/api/v1/leads/: leads in, and what became of them out."""

import re
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.lifecycle import Stage
from funnel.models import Lead
from integrations.api.base import ApiView
from integrations.api.idempotency import idempotent
from integrations.api.lead_answer import (
    ChangedLeadAnswer,
    IngestedLeadAnswer,
    LeadAnswer,
    PromotionAnswer,
    answerable,
    complete,
    complete_new,
    etag,
    ignored_answer,
    told,
)
from integrations.api.lead_body import LeadBody, LeadPatch, lead_input
from integrations.api.lead_filters import DESCRIBED, PARAMETERS, filtered
from integrations.api.paging import listed, page_of
from integrations.api.problems import ApiProblem, FieldError
from integrations.api.schema import problems
from integrations.services.edits import patch_lead
from integrations.services.ingest import Ingested, InputRejected, ingest_lead
from integrations.services.keys import Scope

# A proxy that compresses may have weakened the tag (nginx) or lengthened it (Caddy: "v3-gzip").
VERSION = re.compile(r'(?:W/)?"v(\d{1,9})(?:-[a-z]+)?"', re.ASCII)
ANY_TAG = re.compile(r'\*|(?:W/)?"[!#-~]{0,80}"', re.ASCII)
ETAG_HEADER = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=True, description='The version of the lead, as "v3".'
)
LOCATION_HEADER = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[201], description="The lead's own address."
)
EXAMPLE = {
    "email": "ann@example.com",
    "external_id": "4711",
    "first_name": "Ann",
    "last_name": "Smith",
    "phone": "+49 30 901820",
    "company": {"name": "Example GmbH", "domain": "example.com", "employees": 250, "country": "DE"},
    "channel": "webinar",
    "campaign": "spring-webinar",
    "score": 85,
    "expected_value": "12000.00",
    "currency": "EUR",
    "consent": {"email": {"granted": True, "at": "2026-03-02T09:14:00Z", "how": "form"}},
    "attributes": {"pain": "Leads get lost between the CRM and the sales team."},
    "touches": [{"at": "2026-03-02T09:14:00Z", "kind": "webinar", "channel": "webinar", "external_id": "t-1"}],
    "stage": "mql",
}


class LeadsAnswer(serializers.Serializer[Any]):
    results = LeadAnswer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Null on the last page.")


class LeadsView(ApiView):
    scopes = {"GET": Scope.LEADS_READ, "POST": Scope.LEADS_WRITE}
    parameters_of = {"GET": PARAMETERS}

    @extend_schema(
        operation_id="list_leads",
        summary="Find leads",
        description="The leads that your source knows, newest first; `next` is the address of the next page.",
        parameters=DESCRIBED,
        responses={
            200: LeadsAnswer,
            **problems("unknown-parameter", "invalid-parameter", "invalid-cursor"),
        },
    )
    def get(self, request: Request) -> Response:
        found, order = filtered(answerable(self.principal), request, source=self.principal.source)
        page, following = page_of(found, order, request)
        return Response(listed([told(lead) for lead in page], following))

    @extend_schema(
        operation_id="upsert_lead",
        summary="Create or update a lead",
        description=(
            "The lead is found by its e-mail address, in any spelling, or by your external_id; otherwise it is "
            "created. What is left out or null stays as it is. Sent again, it changes nothing. What sales has said, or "
            "what is known of later than your `at`, stays: `ignored` names it. With stage mql the "
            "lead is handed to sales; where that is refused it is saved all the same, and `promotion` says why. "
            "A lead that fails clauses of the agreement goes to sales only with an `override_reason`."
        ),
        request=LeadBody,
        parameters=[ETAG_HEADER, LOCATION_HEADER],
        responses={
            201: OpenApiResponse(IngestedLeadAnswer, description="Created."),
            200: OpenApiResponse(IngestedLeadAnswer, description="Updated, or known as it is already."),
            **problems("foreign-source", "ambiguous-key", "changed-meanwhile", "suppressed", body=True),
        },
        examples=[OpenApiExample("A lead for sales", EXAMPLE, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        now = timezone.now()
        body = LeadBody.read(request.data, at=now)
        self._check_source(body.get("source"))
        given = lead_input(body, self.principal.source)
        promote = body.get("stage") == Stage.MQL
        try:
            ingested = ingest_lead(
                given,
                promote=promote,
                by=self.principal,
                at=now,
                override_reason=body.get("override_reason") or "",
            )
        except InputRejected as rejection:
            raise _rejected(rejection) from rejection
        return self._answer(ingested, given.external_id)

    def _check_source(self, source: str | None) -> None:
        if source is not None and source != self.principal.source:
            message = f"This key speaks for “{self.principal.source}” only."
            raise ApiProblem("foreign-source", message, [FieldError("/source", "foreign-source", message)])

    def _answer(self, ingested: Ingested, external_id: str) -> Response:
        lead, promotion = ingested.lead, ingested.promotion
        if promotion and promotion.promoted:
            lead = answerable(self.principal).get(pk=lead.pk)
        elif ingested.created:
            complete_new(lead, external_id)
        else:
            complete(lead, self.principal)
        answer = told(lead) | {
            "result": ingested.status.value,
            "ignored": ignored_answer(ingested.ignored),
            "promotion": PromotionAnswer(promotion).data if promotion else None,
        }
        headers = {"ETag": etag(lead)}
        if ingested.created:
            headers["Location"] = reverse("api-lead", args=[lead.pk])
        return Response(answer, status=201 if ingested.created else 200, headers=headers)


def if_match(request: Request) -> int:
    """The version that the caller knows. Raises ApiProblem where he does not say, or says none that there can be."""
    given = request.headers.get("If-Match")
    if given is None:
        raise ApiProblem("version-required", 'Send If-Match with the ETag that you read, such as "v3".')
    if not ANY_TAG.fullmatch(given.strip()):
        raise ApiProblem("invalid-if-match", 'Send one ETag as you read it, with its quotation marks, such as "v3".')
    known = VERSION.fullmatch(given.strip())
    if known is None:
        raise ApiProblem("stale-version", "The header If-Match is no ETag of a lead: read the lead again.")
    return int(known.group(1))


class LeadView(ApiView):
    scopes = {"GET": Scope.LEADS_READ, "PATCH": Scope.LEADS_WRITE}

    @extend_schema(
        operation_id="read_lead",
        summary="Read a lead",
        description="Leads that your source never told LeadFlow of answer 404.",
        parameters=[ETAG_HEADER, OpenApiParameter("lead_id", int, OpenApiParameter.PATH)],
        responses={200: LeadAnswer, **problems("not-found")},
    )
    def get(self, request: Request, lead_id: int) -> Response:  # noqa: ARG002  # REST framework passes it
        lead = answerable(self.principal).get(pk=lead_id)
        return Response(told(lead), headers={"ETag": etag(lead)})

    @extend_schema(
        operation_id="change_lead",
        summary="Change a lead",
        description=(
            "Only what marketing owns. What sales has said of the same stays, and so does what is known of later: "
            "`ignored` names it. Of two who change the version that both read, one is told so with 412."
        ),
        request=LeadPatch,
        parameters=[
            ETAG_HEADER,
            OpenApiParameter("lead_id", int, OpenApiParameter.PATH),
            OpenApiParameter(
                "If-Match",
                {"type": "string", "pattern": '^(W/)?"v[0-9]{1,9}"$'},
                OpenApiParameter.HEADER,
                required=True,
                description="The ETag you read.",
            ),
        ],
        responses={
            200: ChangedLeadAnswer,
            **problems("not-found", "invalid-if-match", "stale-version", "version-required", body=True),
        },
    )
    @idempotent
    def patch(self, request: Request, lead_id: int) -> Response:
        now = timezone.now()
        Lead.objects.visible_to(self.principal).get(pk=lead_id)
        version = if_match(request)
        body = LeadPatch(data=request.data, context={"at": now})
        body.is_valid(raise_exception=True)
        given = lead_input(body.validated_data, self.principal.source)
        updated = patch_lead(lead_id, given, by=self.principal, at=now, version=version)
        lead = answerable(self.principal).get(pk=lead_id)
        answer = told(lead) | {
            "result": updated.status.value,
            "ignored": ignored_answer(updated.ignored),
        }
        return Response(answer, headers={"ETag": etag(lead)})


def _rejected(rejection: InputRejected) -> ApiProblem:
    """The body was checked before, so what remains: keys of two leads, or of somebody who was erased."""
    fields = ("email", "external_id") if rejection.code == "ambiguous-key" else (rejection.field,)
    errors = [FieldError(f"/{name}", rejection.code, str(rejection)) for name in fields]
    return ApiProblem(rejection.code, str(rejection), errors)
