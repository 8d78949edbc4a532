"""What a list of leads can be asked for: this allow-list, and nothing else."""

from datetime import UTC, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from funnel.identity import InvalidEmail, email_key
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead, LeadIdentity
from funnel.search import search_words
from integrations.api.fields import day_of, moment_of
from integrations.api.paging import PAGING, Order, check_once, invalid_parameter

ORDERS = ("created_at", "-created_at", "updated_at", "-updated_at")
LONGEST_TEXT = 254

Leads = QuerySet[Lead]


class Truth(forms.Field):
    """`true` or `false`, as in JSON."""

    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        if value not in {"true", "false"}:
            raise forms.ValidationError("Give true or false.")
        return bool(value == "true")


class TruthFilter(django_filters.Filter):
    field_class = Truth


class Since(forms.Field):
    """A moment with its offset, or a day: its first moment in UTC."""

    def to_python(self, value: Any) -> datetime | None:
        if value in (None, ""):
            return None
        day = day_of(value)
        moment = datetime.combine(day, time(), tzinfo=UTC) if day else moment_of(value)
        if moment is None:
            raise forms.ValidationError("Give date, time and offset, such as 2026-01-31T14:30:00Z, or a day.")
        return moment


class MomentFilter(django_filters.Filter):
    field_class = Since


class TextFilter(django_filters.CharFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=LONGEST_TEXT, **kwargs)


class LeadFilter(django_filters.FilterSet):
    email = TextFilter(method="by_email")
    external_id = TextFilter(method="by_external_id")
    stage = django_filters.ChoiceFilter(choices=Stage.choices)
    owner = TextFilter(field_name="owner__email", lookup_expr="iexact")
    team = TextFilter(field_name="team__name")
    channel = TextFilter(field_name="channel__slug")
    campaign = TextFilter(field_name="campaign__slug")
    black_hole = TruthFilter(method="by_flag")
    stale = TruthFilter(method="by_flag")
    due_before = MomentFilter(field_name="due_at", lookup_expr="lt")
    updated_after = MomentFilter(field_name="updated_at", lookup_expr="gt")
    q = TextFilter(method="by_words")

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._source = source

    def by_email(self, leads: Leads, _name: str, asked: str) -> Leads:
        try:
            return leads.filter(email_key=email_key(asked))
        except InvalidEmail:
            return leads.none()

    def by_external_id(self, leads: Leads, _name: str, asked: str) -> Leads:
        known = LeadIdentity.objects.filter(source=self._source, external_id=asked)
        return leads.filter(pk__in=known.values("lead"))

    def by_flag(self, leads: Leads, name: str, asked: bool) -> Leads:  # noqa: FBT001  # django-filter passes it
        kind = Flag.Kind.BLACK_HOLE if name == "black_hole" else Flag.Kind.STALE
        flagged = Flag.objects.filter(kind=kind, cleared_at=None).values("lead")
        return leads.filter(pk__in=flagged) if asked else leads.exclude(pk__in=flagged)

    def by_words(self, leads: Leads, _name: str, asked: str) -> Leads:
        words = search_words(asked)
        if not words:  # nothing but signs: nobody is called that
            return leads.none()
        for word in words:
            leads = leads.filter(search__text__contains=word)
        return leads


PARAMETERS = frozenset({*LeadFilter.base_filters, "ordering", "limit", "cursor"})
_MOMENT = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
_KINDS: dict[type[django_filters.Filter], Any] = {TruthFilter: bool, MomentFilter: _MOMENT}
DESCRIBED = [
    *(
        OpenApiParameter(
            name,
            _KINDS.get(type(one), {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}),
            enum=Stage.values if name == "stage" else None,
        )
        for name, one in sorted(LeadFilter.base_filters.items())
    ),
    OpenApiParameter("ordering", str, enum=ORDERS, description="Newest first by default."),
    *PAGING,
]


def filtered(leads: Leads, request: Request, *, source: str) -> tuple[Leads, Order]:
    """Raises ApiProblem that names the parameter."""
    check_once(request)
    filters = LeadFilter(request.query_params, queryset=leads, source=source)
    if not filters.is_valid():
        name, messages = next(iter(filters.errors.items()))
        raise invalid_parameter(name, str(messages[0]))
    order = request.query_params.get("ordering", "-created_at")
    if order not in ORDERS:
        raise invalid_parameter("ordering", f"Choose one of: {', '.join(ORDERS)}.")
    return filters.qs, Order(order)
