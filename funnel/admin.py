"""The admin's lists, and history to read: nothing that happened can be changed here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from funnel.identity import name_key
from funnel.models import (
    Agreement,
    Assignment,
    Campaign,
    Channel,
    Clause,
    Company,
    Escalation,
    Flag,
    HandOff,
    Lead,
    LeadEvent,
    Reason,
    Signature,
    SourcePolicy,
    SourceRuling,
    SourceWord,
    Spend,
    StageChange,
    StageDefinition,
    Suppression,
    TeamRule,
)
from funnel.services.search_index import reindex_company


class ReadOnlyAdmin(admin.ModelAdmin):
    """History, and rows that only the services write."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):
    list_display = ("name", "slug")
    search_fields = ("name", "slug")


@admin.register(SourcePolicy)
class SourcePolicyAdmin(admin.ModelAdmin):
    """One row: until it is there, the defaults hold."""

    list_display = ("__str__", "budget")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SourcePolicy.objects.exists()


@admin.register(SourceWord)
class SourceWordAdmin(admin.ModelAdmin):
    list_display = ("words", "channel")
    list_filter = ("channel",)
    search_fields = ("words",)


@admin.register(SourceRuling)
class SourceRulingAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "old", "new", "kind", "because", "at", "by")
    list_filter = ("kind", "because")
    list_select_related = ("old", "new", "by")


class SpendInline(admin.TabularInline):
    model = Spend
    extra = 1


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    list_display = ("name", "channel", "starts_on", "ends_on", "expected_value", "currency")
    list_filter = ("channel",)
    search_fields = ("name", "slug")
    inlines = (SpendInline,)


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    list_display = ("label", "slug", "outcomes", "disqualifies", "note_required", "wake_after_days", "is_active")
    list_filter = ("is_active",)

    def get_readonly_fields(self, request: HttpRequest, obj: Reason | None = None) -> tuple[str, ...]:
        """The ledger names reasons by their slug: once given, it stays."""
        return ("slug",) if obj else ()


@admin.register(StageDefinition)
class StageDefinitionAdmin(admin.ModelAdmin):
    list_display = ("stage", "definition", "stale_after_days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StageDefinition | None = None) -> bool:
        return False


@admin.register(TeamRule)
class TeamRuleAdmin(admin.ModelAdmin):
    """Which segment goes to which team, where neither the territory nor the company says it."""

    list_display = ("team", "sentence", "position")
    list_editable = ("position",)
    list_filter = ("team",)
    list_select_related = ("team", "channel", "campaign")
    autocomplete_fields = ("channel", "campaign", "team")


class ClauseInline(admin.TabularInline):
    model = Clause
    extra = 0


class SignatureInline(admin.TabularInline):
    """To read: agreements are signed on /agreement/."""

    model = Signature
    extra = 0

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


@admin.register(Agreement)
class AgreementAdmin(admin.ModelAdmin):
    """A draft can be edited until a side has signed it; a signed version is read-only. Its state is the signers'."""

    list_display = ("name", "version", "state", "in_force_from", "superseded_at")
    list_filter = ("state",)
    inlines = (ClauseInline, SignatureInline)
    exclude = ("created_at",)
    readonly_fields = ("state", "superseded_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Agreement | None = None) -> bool:
        return obj is None or _may_still_change(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Agreement | None = None) -> bool:
        return False


def _may_still_change(agreement: Agreement) -> bool:
    return agreement.state == Agreement.State.DRAFT and not agreement.signatures.exists()


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ("name", "domain", "country", "employees")
    search_fields = ("name", "domain")
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:  # noqa: FBT001
        obj.name_key = name_key(obj.name)
        super().save_model(request, obj, form, change)
        if change and {"name", "domain"} & set(form.changed_data):
            reindex_company(obj)


@admin.register(Lead)
class LeadAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "stage", "owner", "team", "channel", "due_at")
    list_filter = ("stage",)
    list_select_related = ("owner", "team", "channel", "company")
    search_fields = ("email_key", "last_name")


@admin.register(HandOff)
class HandOffAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "number", "agreement", "opened_at", "accepted_at", "outcome", "ended_at")
    list_select_related = ("agreement",)


@admin.register(StageChange)
class StageChangeAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "seq", "move", "old", "new", "at", "by")
    list_select_related = ("by",)


@admin.register(LeadEvent)
class LeadEventAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "seq", "kind", "at", "actor", "actor_name")
    list_select_related = ("actor",)


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "clock", "due_at", "owner", "share", "at", "done_at", "skipped", "handed_over_at")
    list_filter = ("share", "skipped")
    list_select_related = ("owner",)


@admin.register(Flag)
class FlagAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "kind", "clock", "due_at", "raised_at", "cleared_at", "voided")
    list_filter = ("kind",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "at", "rule", "rep", "team", "why", "by")
    list_filter = ("rule", "team")
    list_select_related = ("rep", "team", "by")


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Who was erased and must not come back. The page of the erased lead lifts it, and `lift_suppression` does."""

    list_display = ("lead_id", "at")
