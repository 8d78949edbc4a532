"""/api/v1/leads/: leads in, and what became of them out."""

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.lifecycle import Stage
from integrations.api.base import ApiView
from integrations.api.idempotency import idempotent
from integrations.api.lead_answer import IngestedLeadAnswer, LeadAnswer, PromotionAnswer, answerable, etag
from integrations.api.lead_body import LeadBody, lead_input
from integrations.api.problems import ApiProblem, FieldError
from integrations.api.schema import problems
from integrations.services.ingest import InputRejected, Promotion, ingest_lead
from integrations.services.keys import Scope

ETAG_HEADER = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=True, description='The version of the lead, as "v3".'
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


class LeadsView(ApiView):
    scopes = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        operation_id="upsert_lead",
        summary="Create or update a lead",
        description=(
            "The lead is found by its e-mail address, in any spelling, or by your external_id; otherwise it is "
            "created. What is left out or null stays as it is. Sent again, it changes nothing. With stage mql the "
            "lead is handed to sales; where that is refused it is saved all the same, and `promotion` says why. "
            "A lead that fails clauses of the agreement goes to sales only with an `override_reason`."
        ),
        request=LeadBody,
        parameters=[ETAG_HEADER],
        responses={
            201: OpenApiResponse(IngestedLeadAnswer, description="Created."),
            200: OpenApiResponse(IngestedLeadAnswer, description="Updated, or known as it is already."),
            **problems("foreign-source", "ambiguous-key", "changed-meanwhile", body=True),
        },
        examples=[OpenApiExample("A lead for sales", EXAMPLE, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        now = timezone.now()
        body = LeadBody(data=request.data, context={"at": now})
        body.is_valid(raise_exception=True)
        self._check_source(body.validated_data.get("source"))
        given = lead_input(body.validated_data, self.principal.source)
        promote = body.validated_data.get("stage") == Stage.MQL
        try:
            ingested = ingest_lead(
                given,
                promote=promote,
                by=self.principal,
                at=now,
                override_reason=body.validated_data.get("override_reason") or "",
            )
        except InputRejected as rejection:
            raise _rejected(rejection) from rejection
        return self._answer(ingested.lead.pk, ingested.promotion, created=ingested.created)

    def _check_source(self, source: str | None) -> None:
        if source is not None and source != self.principal.source:
            message = f"This key speaks for “{self.principal.source}” only."
            raise ApiProblem("foreign-source", message, [FieldError("/source", "foreign-source", message)])

    def _answer(self, lead_id: int, promotion: Promotion | None, *, created: bool) -> Response:
        lead = answerable(self.principal).get(pk=lead_id)
        answer = LeadAnswer(lead).data | {"promotion": PromotionAnswer(promotion).data if promotion else None}
        headers = {"ETag": etag(lead)}
        if created:
            headers["Location"] = reverse("api-lead", args=[lead_id])
        return Response(answer, status=201 if created else 200, headers=headers)


class LeadView(ApiView):
    scopes = {"GET": Scope.LEADS_READ}

    @extend_schema(
        operation_id="read_lead",
        summary="Read a lead",
        description="Leads that your source never told LeadFlow of answer 404.",
        parameters=[ETAG_HEADER, OpenApiParameter("lead_id", int, OpenApiParameter.PATH)],
        responses={200: LeadAnswer, **problems("not-found")},
    )
    def get(self, request: Request, lead_id: int) -> Response:  # noqa: ARG002  # REST framework passes it
        lead = answerable(self.principal).get(pk=lead_id)
        return Response(LeadAnswer(lead).data, headers={"ETag": etag(lead)})


def _rejected(rejection: InputRejected) -> ApiProblem:
    """The body was checked before, so what remains is an e-mail and an external id of two leads."""
    errors = [FieldError(f"/{name}", "ambiguous-key", str(rejection)) for name in ("email", "external_id")]
    return ApiProblem("ambiguous-key", str(rejection), errors)
