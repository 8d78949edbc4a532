"""/api/v1/leads/bulk/ and /api/v1/touches/bulk/: up to 500 in one call, with an answer for each in its order."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.lifecycle import Stage
from integrations.api.base import ApiView
from integrations.api.fields import Email, Integer, Text, TrueOrFalse
from integrations.api.idempotency import idempotent
from integrations.api.lead_answer import IgnoredAnswer, PromotionAnswer, ignored_answer
from integrations.api.lead_body import LeadBody, TouchBody, lead_input, touch_input
from integrations.api.problems import PROBLEMS, ApiProblem, FieldError, field_errors
from integrations.api.schema import FieldErrorAnswer, problems
from integrations.api.strict import StrictSerializer
from integrations.services.bulk import Answer, Item, NotAll, ingest_leads
from integrations.services.keys import Scope
from integrations.services.touches import ToldTouch, tell_many

MOST_ITEMS = 500
NO_OBJECT = ErrorDetail("This has to be an object.", "invalid-batch")


class Items(serializers.ListField):
    """The list of a bulk call. Its items are judged one by one, so that one that is wrong spoils no other."""

    default_error_messages = {
        "invalid-batch": "Send a list of 1 to 500 objects.",
        "too-many-items": "Send 500 at most.",
    }

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list) or not data:
            self.fail("invalid-batch")
        if len(data) > MOST_ITEMS:
            self.fail("too-many-items")
        if no_objects := {str(index): [NO_OBJECT] for index, item in enumerate(data) if not isinstance(item, dict)}:
            raise ValidationError(no_objects)
        return data


class BulkBody(StrictSerializer):
    leads = Items(child=LeadBody())
    all_or_none = TrueOrFalse(required=False, help_text="True: where one is refused, none is written.")


class ItemAnswer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = serializers.IntegerField(
        help_text="As the single call would have answered: 201, 200, 400, 403, 409 or 422."
    )
    result = serializers.CharField(help_text="created, updated, unchanged, ignored-stale, superseded or rejected.")
    id = serializers.IntegerField(allow_null=True)
    promotion = PromotionAnswer(allow_null=True)
    ignored = IgnoredAnswer(many=True)
    errors = FieldErrorAnswer(many=True)  # type: ignore[assignment]  # a declared field, taken off the class


class BulkAnswer(serializers.Serializer[Any]):
    results = ItemAnswer(many=True)


class BulkLeadsView(ApiView):
    scopes = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        operation_id="upsert_leads",
        summary="Create or update up to 500 leads",
        description=(
            "Each item is a lead as the single call takes it. The answer is 200 with a result for each in its order: "
            "one that is wrong spoils no other, unless all_or_none is true. Of two about one person the one with the "
            "later `at` counts, else the last."
        ),
        request=BulkBody,
        responses={
            200: OpenApiResponse(BulkAnswer),
            **problems("ambiguous-key", "foreign-source", "suppressed", body=True),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        now = timezone.now()
        body = BulkBody(data=request.data)
        body.is_valid(raise_exception=True)
        all_or_none = body.validated_data.get("all_or_none", False)
        refused: dict[int, list[FieldError]] = {}
        items: dict[int, Item] = {}
        for index, one in enumerate(body.validated_data["leads"]):
            checked = self._checked(one, now)
            if isinstance(checked, Item):
                items[index] = checked
            else:
                refused[index] = checked
        if refused and all_or_none:
            raise _none_written(refused)
        answers = self._write(items, now, all_or_none=all_or_none)
        return Response({"results": [_result(index, answers, refused) for index in range(len(items) + len(refused))]})

    def _checked(self, one: Any, now: Any) -> Item | list[FieldError]:
        """The item as the services take it, or what is wrong with it."""
        try:
            given = LeadBody.read(one, at=now)
        except ValidationError as error:
            return list(field_errors(error.detail, ()))
        if given.get("source") not in {None, self.principal.source}:
            return [FieldError("/source", "foreign-source", f"This key speaks for “{self.principal.source}” only.")]
        return Item(
            given=lead_input(given, self.principal.source),
            promote=given.get("stage") == Stage.MQL,
            override_reason=given.get("override_reason") or "",
        )

    def _write(self, items: Mapping[int, Item], now: Any, *, all_or_none: bool) -> dict[int, Answer]:
        indexes = list(items)
        try:
            answers = ingest_leads(list(items.values()), by=self.principal, at=now, all_or_none=all_or_none)
        except NotAll as one:
            pointer = f"/leads/{indexes[one.index]}/{one.answer.field}"
            error = FieldError(pointer, one.answer.code, one.answer.problem)
            raise ApiProblem(one.answer.code, f"Nothing was written: {one.answer.problem}", [error]) from one
        return dict(zip(indexes, answers, strict=True))


def _none_written(refused: Mapping[int, Sequence[FieldError]]) -> ApiProblem:
    errors = [
        FieldError(f"/leads/{index}{error.pointer}", error.code, error.message)
        for index, found in refused.items()
        for error in found
    ]
    return ApiProblem("invalid-fields", f"{len(refused)} of the leads cannot be taken; none was written.", errors)


_STATUSES = {"created": 201}


def _result(index: int, answers: Mapping[int, Answer], refused: Mapping[int, Sequence[FieldError]]) -> dict[str, Any]:
    if index in refused:
        errors = [vars(error) for error in refused[index]]
        status = 403 if any(error.code == "foreign-source" for error in refused[index]) else 400
        return _item(index, status, "rejected", errors=errors)
    answer = answers[index]
    errors = [{"pointer": f"/{answer.field}", "code": answer.code, "message": answer.problem}]
    return _item(
        index,
        PROBLEMS[answer.code][0] if answer.code else _STATUSES.get(answer.status, 200),
        answer.status,
        lead_id=answer.lead_id,
        ignored=ignored_answer(answer.ignored),
        errors=errors if answer.problem else [],
        promotion=PromotionAnswer(answer.promotion).data if answer.promotion else None,
    )


def _item(
    index: int,
    status: int,
    result: str,
    *,
    lead_id: int | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    promotion: Any = None,
    ignored: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    return {
        "index": index,
        "status": status,
        "result": result,
        "id": lead_id,
        "promotion": promotion,
        "ignored": list(ignored),
        "errors": list(errors),
    }


# --- touches --------------------------------------------------------------------------------------------------


class ToldTouchBody(TouchBody):
    lead_id = Integer(min_value=1)
    email = Email()
    lead_external_id = Text(200, help_text="Your own id of the lead.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(attrs.get(name) is not None for name in ("lead_id", "email", "lead_external_id")) != 1:
            message = "Name the lead by one of lead_id, email and lead_external_id."
            raise ValidationError({"email": [ErrorDetail(message, "key-required")]})
        return attrs


class TouchesBulkBody(StrictSerializer):
    touches = Items(child=ToldTouchBody())


class TouchesBulkView(ApiView):
    scopes = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        operation_id="tell_many_touches",
        summary="Tell up to 500 touches of any leads",
        description="Each names its lead by one key. A touch with your external_id counts once.",
        request=TouchesBulkBody,
        responses={200: OpenApiResponse(BulkAnswer), **problems(body=True)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        now = timezone.now()
        body = TouchesBulkBody(data=request.data)
        body.is_valid(raise_exception=True)
        results: dict[int, dict[str, Any]] = {}
        told: dict[int, ToldTouch] = {}
        for index, one in enumerate(body.validated_data["touches"]):
            try:
                told[index] = _told(ToldTouchBody.read(one, at=now))
            except ValidationError as error:
                errors = [vars(found) for found in field_errors(error.detail, ())]
                results[index] = _item(index, 400, "rejected", errors=errors)
        answers = tell_many(list(told.values()), by=self.principal, at=now)
        for index, answer in zip(told, answers, strict=True):
            results[index] = _touch_result(index, answer.lead_id, added=answer.added)
        return Response({"results": [results[index] for index in sorted(results)]})


def _told(given: Mapping[str, Any]) -> ToldTouch:
    keys = {name: given.get(name) for name in ("lead_id", "email", "lead_external_id")}
    touch = {name: value for name, value in given.items() if name not in keys}
    return ToldTouch(touch=touch_input(touch), **{name: value for name, value in keys.items() if value is not None})


def _touch_result(index: int, lead_id: int | None, *, added: bool) -> dict[str, Any]:
    if lead_id is None:
        errors = [{"pointer": "", "code": "not-found", "message": "Your source knows no such lead."}]
        return _item(index, 404, "rejected", errors=errors)
    return _item(index, 200, "created" if added else "unchanged", lead_id=lead_id)
