"""What /leads/ can be filtered by. What is not named here is no filter."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Team, User, subtree_ids
from accounts.principals import Principal
from accounts.roles import SALES_ROLES, Role
from dispositions.models import Disposition
from funnel.lifecycle import CLOSED_STAGES, OPEN_STAGES, SALES_STAGES, Stage
from funnel.models import Campaign, Channel, Flag, Lead, Reason

NOBODY = "none"
GROUPS = {"open": OPEN_STAGES, "sales": SALES_STAGES, "closed": CLOSED_STAGES}
STAGES = (("open", "All open"), ("sales", "With sales"), ("closed", "All closed"), *Stage.choices)
Leads = QuerySet[Lead]


def _day(day: date) -> datetime:
    """Its beginning in the viewer's zone."""
    return timezone.make_aware(datetime.combine(day, time()))


class LeadFilters(django_filters.FilterSet):
    """Bound to what stands in the address. Choices are those of the viewer's scope."""

    stage = django_filters.ChoiceFilter(label="Stage", choices=STAGES, empty_label="Any", method="in_stage")
    owner = django_filters.ModelChoiceFilter(
        label="Owner", queryset=User.objects.none(), empty_label="Anybody", null_label="Nobody", null_value=NOBODY
    )
    team = django_filters.ModelChoiceFilter(
        label="Team", queryset=Team.objects.none(), empty_label="Any", method="in_team"
    )
    flag = django_filters.ChoiceFilter(label="Flag", choices=Flag.Kind.choices, empty_label="Any", method="flagged")
    channel = django_filters.ModelChoiceFilter(
        label="Channel", queryset=Channel.objects.all(), to_field_name="slug", empty_label="Any"
    )
    campaign = django_filters.ModelChoiceFilter(
        label="Campaign", queryset=Campaign.objects.all(), to_field_name="slug", empty_label="Any"
    )
    reason = django_filters.ModelChoiceFilter(
        label="Reason last given",
        queryset=Reason.objects.all(),
        to_field_name="slug",
        empty_label="Any",
        method="last_given",
    )
    country = django_filters.CharFilter(label="Country of the company", field_name="company__country", method="from_")
    due_from = django_filters.DateFilter(label="Due from", method="due_since")
    due_to = django_filters.DateFilter(label="Due until", method="due_until")
    created_from = django_filters.DateFilter(label="Created from", method="created_since")
    created_to = django_filters.DateFilter(label="Created until", method="created_until")
    entered_from = django_filters.DateFilter(label="In its stage since, from", method="entered_since")
    entered_to = django_filters.DateFilter(label="In its stage since, until", method="entered_until")
    amount_min = django_filters.NumberFilter(label="Amount at least", method="amount_from", min_value=0)
    amount_max = django_filters.NumberFilter(label="Amount at most", method="amount_to", min_value=0)

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any, queryset: Leads, *, principal: Principal) -> None:
        super().__init__(data, queryset)
        fields = self.form.fields
        if principal.role == Role.REP:
            fields["owner"].queryset = _owners(principal).filter(pk=principal.user_id or 0)
            del fields["team"]
        else:
            fields["owner"].queryset = _owners(principal)
            fields["team"].queryset = _teams(principal)
        for name in ("due_from", "due_to", "created_from", "created_to", "entered_from", "entered_to"):
            fields[name].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        fields["country"].widget.attrs |= {"maxlength": 2, "placeholder": "DE", "autocomplete": "off"}

    def in_stage(self, leads: Leads, _name: str, value: str) -> Leads:
        return leads.filter(stage__in=GROUPS.get(value, [value]))

    def in_team(self, leads: Leads, _name: str, team: Team) -> Leads:
        """Of the team and of all below it."""
        return leads.filter(team__in=subtree_ids({team.pk}))

    def flagged(self, leads: Leads, _name: str, kind: str) -> Leads:
        return leads.filter(pk__in=Flag.objects.filter(kind=kind, cleared_at=None).values("lead"))

    def last_given(self, leads: Leads, _name: str, reason: Reason) -> Leads:
        """The last reason that sales gave for it."""
        later = Disposition.objects.filter(lead=OuterRef("lead"), seq__gt=OuterRef("seq"), reason__isnull=False)
        said = Disposition.objects.filter(reason=reason, corrected_by=None)
        return leads.filter(pk__in=said.exclude(Exists(later.filter(corrected_by=None))).values("lead"))

    def from_(self, leads: Leads, name: str, country: str) -> Leads:
        return leads.filter(**{name: country.strip().upper()})

    def due_since(self, leads: Leads, _name: str, day: date) -> Leads:
        return leads.filter(due_at__gte=_day(day))

    def due_until(self, leads: Leads, _name: str, day: date) -> Leads:
        return leads.filter(due_at__lt=_day(day + timedelta(days=1)))

    def created_since(self, leads: Leads, _name: str, day: date) -> Leads:
        return leads.filter(created_at__gte=_day(day))

    def created_until(self, leads: Leads, _name: str, day: date) -> Leads:
        return leads.filter(created_at__lt=_day(day + timedelta(days=1)))

    def entered_since(self, leads: Leads, _name: str, day: date) -> Leads:
        return leads.filter(stage_entered_at__gte=_day(day))

    def entered_until(self, leads: Leads, _name: str, day: date) -> Leads:
        return leads.filter(stage_entered_at__lt=_day(day + timedelta(days=1)))

    def amount_from(self, leads: Leads, _name: str, amount: Decimal) -> Leads:
        return leads.filter(amount__gte=amount)

    def amount_to(self, leads: Leads, _name: str, amount: Decimal) -> Leads:
        return leads.filter(amount__lte=amount)


def _owners(principal: Principal) -> QuerySet[User]:
    """Whoever works in sales and in the scope, also those who left: their leads are there to be found."""
    sales = User.objects.filter(role__in=SALES_ROLES)
    if principal.sees_everything:
        return sales
    return sales.filter(Q(team__in=principal.team_ids) | Q(pk=principal.user_id))


def _teams(principal: Principal) -> QuerySet[Team]:
    return Team.objects.all() if principal.sees_everything else Team.objects.filter(pk__in=principal.team_ids)
