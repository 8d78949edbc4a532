from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from integrations.models import ApiKey, Delivery, Endpoint, InboxItem, Source
from integrations.services.endpoints import send_again
from integrations.services.inbox import replay
from integrations.services.keys import revoke_keys
from integrations.services.sources import new_secret, new_token


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys can be looked at and revoked. They are made by `manage.py create_api_key`, which alone ever shows one."""

    list_display = ("name", "prefix", "source", "scope_list", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("source",)
    search_fields = ("name", "source", "prefix")
    fields = (*list_display, "created_at")
    readonly_fields = fields
    actions = ("revoke",)

    @admin.display(description="scopes")
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.action(description="Revoke the selected keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = revoke_keys(keys, at=timezone.now())
        self.message_user(request, f"{revoked} keys are revoked and answer 401 from now on.", messages.SUCCESS)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("integrations.change_apikey")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that are looked at and never made or changed by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    """The tools that post to a hook. Address and secret are made here; docs/integrations tells what to do with them."""

    list_display = ("name", "adapter", "slug", "is_active", "hook")
    list_filter = ("adapter", "is_active")
    fields = (
        *("name", "slug", "adapter", "is_active", "hook", "secret", "old_secret", "old_secret_until"),
        *("field_map", "channel_rules", "options"),
    )
    readonly_fields = ("hook",)

    @admin.display(description="its messages go to")
    def hook(self, source: Source) -> str:
        return f"{settings.BASE_URL}/api/v1/hooks/{source.token}/" if source.pk else "known once it is saved"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"secret": new_secret()} | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: Any) -> None:
        if not obj.pk:
            obj.token, obj.created_at = new_token(), timezone.now()
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its messages stay; switched off, it takes none


@admin.register(InboxItem)
class InboxItemAdmin(ReadOnlyAdmin):
    """What the tools sent, what became of it, and once more where it failed."""

    list_display = ("received_at", "source", "state", "attempts", "error")
    list_filter = ("state", "source")
    fields = ("source", "state", "received_at", "processed_at", "attempts", "error", "results", "content_type", "told")
    readonly_fields = fields
    actions = ("process_again",)

    @admin.display(description="message")
    def told(self, item: InboxItem) -> str:
        return bytes(item.body).decode("utf-8", "replace")

    @admin.action(description="Process the selected messages again", permissions=["process_again"])
    def process_again(self, request: HttpRequest, items: QuerySet[InboxItem]) -> None:
        count = replay(items, at=timezone.now())
        self.message_user(request, f"{count} messages wait to be processed again.", messages.SUCCESS)

    def has_process_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("integrations.change_inboxitem")


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    """Who is told of events. They are made over the API; the secret is shown once, there."""

    list_display = ("name", "url", "source", "is_active", "failing_since", "disabled_because")
    list_filter = ("is_active", "source")
    fields = (*list_display, "kinds", "created_at")
    readonly_fields = fields


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What was sent where, and what the receiver answered."""

    list_display = ("message_id", "endpoint", "lead_id", "seq", "state", "attempts", "status", "error", "created_at")
    list_filter = ("state", "endpoint")
    fields = (*list_display, "next_attempt_at", "done_at", "body", "answer")
    readonly_fields = fields
    actions = ("send_once_more",)

    @admin.action(description="Send the selected deliveries once more", permissions=["send_once_more"])
    def send_once_more(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        count = send_again(deliveries, at=timezone.now())
        self.message_user(request, f"{count} deliveries wait to be sent again.", messages.SUCCESS)

    def has_send_once_more_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("integrations.change_delivery")
