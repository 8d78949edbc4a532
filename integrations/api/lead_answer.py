"""What a caller is told of a lead. Of other systems' ids it learns nothing."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.prepared import Prepared
from accounts.principals import Principal
from funnel.authority import Ignored, Verdict
from funnel.identity import OWN_NAME_PREFIX
from funnel.inputs import Status
from funnel.lifecycle import Stage
from funnel.models import Flag, HandOff, Lead, LeadIdentity
from funnel.querysets import LeadQuerySet

Plain = serializers.Serializer[Any]
_A_LEAD, _A_SOURCE = -(10**12), "some system"


def answerable(principal: Principal) -> LeadQuerySet:
    """The leads that `principal` may know of, with all that an answer needs: three queries for any number of them."""
    return Lead.objects.visible_to(principal).select_related(*_JOINED).prefetch_related(*_beside(principal))


def complete(lead: Lead, principal: Principal) -> None:
    """Get what an answer needs beside a lead that was read with what is joined: two queries."""
    asked = {_A_LEAD: lead.pk, _A_SOURCE: principal.source}
    ids, flags = _asked_beside(connection.vendor)
    vars(lead).update(own_identities=ids.ask(asked), open_flags=flags.ask(asked))


def complete_new(lead: Lead, external_id: str) -> None:
    """The same for one that was just made with this id of its source, or with none: there is nothing else to know."""
    own = [LeadIdentity(external_id=external_id)] if external_id else []
    vars(lead).update(own_identities=own, open_flags=[])


@lru_cache(maxsize=2)
def _asked_beside(vendor: str) -> tuple[Prepared[LeadIdentity], Prepared[Flag]]:  # noqa: ARG001  # each has its own
    flags = Flag.objects.order_by().filter(lead=_A_LEAD, cleared_at=None)
    return Prepared(_own_ids(_A_SOURCE).filter(lead=_A_LEAD)), Prepared(flags)


_JOINED = ("owner", "company", "channel", "campaign", "hand_off__agreement")


def _beside(principal: Principal) -> "tuple[Prefetch[str], ...]":
    return (
        Prefetch("identities", _own_ids(principal.source), to_attr="own_identities"),
        Prefetch("flags", Flag.objects.filter(cleared_at=None), to_attr="open_flags"),
    )


def _own_ids(source: str) -> "QuerySet[LeadIdentity]":
    named = LeadIdentity.objects.filter(source=source)
    return named.exclude(external_id__startswith=OWN_NAME_PREFIX).order_by("id")


def etag(lead: Lead) -> str:
    return f'"v{lead.version}"'


class OwnerAnswer(Plain):
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True)


class CompanyAnswer(Plain):
    name = serializers.CharField()
    domain = serializers.CharField()
    country = serializers.CharField()


class HandOffAnswer(Plain):
    number = serializers.IntegerField()
    agreement = serializers.CharField()
    opened_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(choices=[*HandOff.Outcome.values, ""], help_text="Empty while it is open.")


class PromotionAnswer(Plain):
    promoted = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why it was not promoted; empty where it was.")
    failed_clauses = serializers.ListField(
        child=serializers.IntegerField(), help_text="The numbers of the agreement's clauses that it does not meet."
    )


class LeadAnswer(Plain):
    id = serializers.IntegerField()
    email = serializers.CharField(help_text="Empty where none is known.")
    external_ids = serializers.SerializerMethodField(help_text="Your source's own ids of this lead.")
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    company = CompanyAnswer(allow_null=True)
    channel = serializers.CharField(source="channel.slug")
    campaign = serializers.CharField(source="campaign.slug", allow_null=True)
    stage = serializers.ChoiceField(choices=Stage.choices)
    owner = OwnerAnswer(allow_null=True)
    version = serializers.IntegerField(help_text="Rises with stage, owner and edits by hand; also the ETag.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="The running deadline; null once closed.")
    black_hole = serializers.SerializerMethodField(help_text="Handed to sales, and an agreed deadline is missed.")
    stale = serializers.SerializerMethodField(help_text="Silent for longer than its stage allows.")
    hand_off = HandOffAnswer(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_external_ids(self, lead: Any) -> list[str]:
        return [identity.external_id for identity in lead.own_identities]

    def get_black_hole(self, lead: Any) -> bool:
        return any(flag.kind == Flag.Kind.BLACK_HOLE for flag in lead.open_flags)

    def get_stale(self, lead: Any) -> bool:
        return any(flag.kind == Flag.Kind.STALE for flag in lead.open_flags)


@lru_cache(maxsize=1)
def _teller() -> LeadAnswer:
    return LeadAnswer()


def told(lead: Lead) -> dict[str, Any]:
    """The answer of a lead with all it needs. By one serializer: to make its fields takes longer than to tell them."""
    return dict(_teller().to_representation(lead))


class IgnoredAnswer(Plain):
    pointer = serializers.CharField(help_text="The field in your body that was not taken.")
    code = serializers.ChoiceField(
        choices=[one.value for one in Verdict if one is not Verdict.TAKEN],
        help_text="ignored-stale: something later is known. The others: sales, or a person, said otherwise.",
    )


def ignored_answer(ignored: Sequence[Ignored]) -> list[dict[str, str]]:
    return [{"pointer": f"/{one.field.replace('.', '/')}", "code": one.why.value} for one in ignored]


class ChangedLeadAnswer(LeadAnswer):
    result = serializers.ChoiceField(
        choices=[one.value for one in Status if one is not Status.REJECTED],
        help_text="ignored-stale: all of it was older than what is known.",
    )
    ignored = IgnoredAnswer(many=True)


class IngestedLeadAnswer(ChangedLeadAnswer):
    promotion = PromotionAnswer(allow_null=True, help_text="Null where stage mql was not asked for.")
