"""Reference data: what the words in leads mean, and the campaigns and spend that marketing tells."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.models import Agreement, Campaign, Channel, Reason, Spend, StageDefinition
from funnel.services.lookups import spoken_name
from integrations.api.base import ApiView
from integrations.api.fields import Currency, Day, Money, Slug, Text
from integrations.api.idempotency import idempotent
from integrations.api.paging import PAGING, Order, check_once, listed, page_of
from integrations.api.schema import problems
from integrations.api.strict import StrictSerializer
from integrations.services.keys import Scope

LIST_PROBLEMS = ("unknown-parameter", "invalid-parameter", "invalid-cursor")


class ChannelAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class CampaignAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    channel = serializers.CharField(source="channel.slug", allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    expected_value = serializers.DecimalField(14, 2, allow_null=True)
    currency = serializers.CharField()


class SpendAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    channel = serializers.CharField(source="channel.slug")
    campaign = serializers.CharField(source="campaign.slug", allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    amount = serializers.DecimalField(14, 2)
    currency = serializers.CharField()


class ClauseAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    sentence = serializers.CharField()


class AgreementAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    clauses = ClauseAnswer(many=True)


class StageAnswer(serializers.Serializer[Any]):
    stage = serializers.CharField()
    name = serializers.CharField(source="get_stage_display")
    definition = serializers.CharField()
    stale_after_days = serializers.IntegerField(allow_null=True)


class ReasonAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a declared field, taken off the class
    outcomes = serializers.ListField(child=serializers.CharField())
    note_required = serializers.BooleanField()
    marketing_action = serializers.CharField()


class ChannelBody(StrictSerializer):
    slug = Slug(required=True)
    name = Text(100)


class CampaignBody(StrictSerializer):
    slug = Slug(required=True)
    name = Text(200)
    channel = Slug()
    starts_on = Day()
    ends_on = Day()
    expected_value = Money(whole_digits=12)
    currency = Currency()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _check_days(attrs)
        if attrs.get("expected_value") is not None and not attrs.get("currency"):
            raise ValidationError({"currency": [ErrorDetail("Say its currency.", "unknown-currency")]})
        return attrs


class SpendBody(StrictSerializer):
    channel = Slug(required=True)
    campaign = Slug()
    starts_on = Day(required=True)
    ends_on = Day(required=True)
    amount = Money(whole_digits=12, required=True)
    currency = Currency(required=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _check_days(attrs)
        return attrs


def _check_days(attrs: dict[str, Any]) -> None:
    starts_on: date | None = attrs.get("starts_on")
    ends_on: date | None = attrs.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": [ErrorDetail("It lies before starts_on.", "out-of-range")]})


class _List(ApiView):
    """A list that every key may read: it holds nothing of any lead."""

    scopes = {"GET": Scope.LEADS_READ, "POST": Scope.LEADS_WRITE}
    parameters_of = {"GET": frozenset({"limit", "cursor"})}
    order = Order("pk")

    def page(self, request: Request, rows: "QuerySet[Any]", answer: type[serializers.Serializer[Any]]) -> Response:
        check_once(request)
        found, following = page_of(rows, self.order, request)
        return Response(listed([answer(row).data for row in found], following))


def _listed_as(name: str, answer: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    fields = {"results": answer(many=True), "next": serializers.URLField(allow_null=True)}
    return type(name, (serializers.Serializer,), fields)


class ChannelsView(_List):
    @extend_schema(
        operation_id="list_channels",
        summary="Channels",
        parameters=PAGING,
        responses={200: _listed_as("ChannelsAnswer", ChannelAnswer), **problems(*LIST_PROBLEMS)},
    )
    def get(self, request: Request) -> Response:
        return self.page(request, Channel.objects.all(), ChannelAnswer)

    @extend_schema(
        operation_id="create_channel",
        summary="Create a channel, or name it",
        request=ChannelBody,
        responses={201: OpenApiResponse(ChannelAnswer), 200: ChannelAnswer, **problems(body=True)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = ChannelBody(data=request.data)
        body.is_valid(raise_exception=True)
        slug = body.validated_data["slug"]
        name = body.validated_data.get("name") or spoken_name(slug)
        channel, is_new = _get_or_create(Channel, slug, {"name": name})
        if not is_new and body.validated_data.get("name"):
            Channel.objects.filter(pk=channel.pk).update(name=name)
            channel.name = name
        return Response(ChannelAnswer(channel).data, status=201 if is_new else 200)


class CampaignsView(_List):
    @extend_schema(
        operation_id="list_campaigns",
        summary="Campaigns",
        parameters=PAGING,
        responses={200: _listed_as("CampaignsAnswer", CampaignAnswer), **problems(*LIST_PROBLEMS)},
    )
    def get(self, request: Request) -> Response:
        return self.page(request, Campaign.objects.select_related("channel"), CampaignAnswer)

    @extend_schema(
        operation_id="upsert_campaign",
        summary="Create or change a campaign",
        description="Found by its slug. What is left out stays.",
        request=CampaignBody,
        responses={201: OpenApiResponse(CampaignAnswer), 200: CampaignAnswer, **problems(body=True)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = CampaignBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = {name: value for name, value in body.validated_data.items() if value is not None}
        slug = given.pop("slug")
        if "channel" in given:
            given["channel"] = _get_or_create(Channel, given["channel"], {"name": spoken_name(given["channel"])})[0]
        campaign, is_new = _get_or_create(Campaign, slug, {"name": spoken_name(slug)})
        for name, value in given.items():
            setattr(campaign, name, value)
        _check_days({"starts_on": campaign.starts_on, "ends_on": campaign.ends_on})
        campaign.save()
        return Response(CampaignAnswer(campaign).data, status=201 if is_new else 200)


class SpendView(_List):
    @extend_schema(
        operation_id="list_spend",
        summary="Spend",
        parameters=PAGING,
        responses={200: _listed_as("SpendListAnswer", SpendAnswer), **problems(*LIST_PROBLEMS)},
    )
    def get(self, request: Request) -> Response:
        return self.page(request, Spend.objects.select_related("channel", "campaign"), SpendAnswer)

    @extend_schema(
        operation_id="tell_spend",
        summary="Tell what a channel or campaign cost",
        description="Over whole days. Told again for the same channel, campaign and days, it replaces what was told.",
        request=SpendBody,
        responses={201: OpenApiResponse(SpendAnswer), 200: SpendAnswer, **problems(body=True)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = SpendBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        campaign = given.get("campaign")
        with transaction.atomic():
            channel, _ = _get_or_create(Channel, given["channel"], {"name": spoken_name(given["channel"])})
            # Locked, so that the same told twice at once is one row.
            Channel.objects.select_for_update().get(pk=channel.pk)
            spend, is_new = Spend.objects.update_or_create(
                channel=channel,
                campaign=_get_or_create(Campaign, campaign, {"name": spoken_name(campaign)})[0] if campaign else None,
                starts_on=given["starts_on"],
                ends_on=given["ends_on"],
                defaults={"amount": given["amount"], "currency": given["currency"]},
            )
        return Response(SpendAnswer(spend).data, status=201 if is_new else 200)


class AgreementsView(_List):
    scopes = {"GET": Scope.LEADS_READ}

    @extend_schema(
        operation_id="list_agreements",
        summary="Agreements with their clauses",
        parameters=PAGING,
        responses={200: _listed_as("AgreementsAnswer", AgreementAnswer), **problems(*LIST_PROBLEMS)},
    )
    def get(self, request: Request) -> Response:
        told = Agreement.objects.exclude(state__in=[Agreement.State.DRAFT, Agreement.State.IMPORTED])
        return self.page(request, told.prefetch_related("clauses"), _WithClauses)


class _WithClauses(AgreementAnswer):
    clauses = ClauseAnswer(many=True, source="clauses.all")


class StagesView(_List):
    scopes = {"GET": Scope.LEADS_READ}
    order = Order("position")

    @extend_schema(
        operation_id="list_stages",
        summary="Stages",
        parameters=PAGING,
        responses={200: _listed_as("StagesAnswer", StageAnswer), **problems(*LIST_PROBLEMS)},
    )
    def get(self, request: Request) -> Response:
        return self.page(request, StageDefinition.objects.all(), StageAnswer)


class ReasonsView(_List):
    scopes = {"GET": Scope.LEADS_READ}

    @extend_schema(
        operation_id="list_reasons",
        summary="Reasons",
        parameters=PAGING,
        responses={200: _listed_as("ReasonsAnswer", ReasonAnswer), **problems(*LIST_PROBLEMS)},
    )
    def get(self, request: Request) -> Response:
        return self.page(request, Reason.objects.filter(is_active=True), ReasonAnswer)


def _get_or_create(model: Any, slug: str, defaults: dict[str, Any]) -> tuple[Any, bool]:
    try:
        with transaction.atomic():
            return model.objects.get_or_create(slug=slug, defaults=defaults)
    except IntegrityError:
        return model.objects.get(slug=slug), False
