from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from integrations.models import ApiKey, Delivery, Endpoint, InboxItem, Source
from integrations.services.endpoints import send_again
from integrations.services.inbox import replay
from integrations.services.keys import InvalidKeyRequest, revoke_keys, rotate_key
from integrations.services.sources import InvalidSource, address_of, check_source, new_secret, new_token
from integrations.views.shown_once import Shown, shown_once


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys can be looked at, renewed and revoked. They are made under /api-keys/ or by `manage.py create_api_key`."""

    list_display = ("name", "prefix", "source", "scope_list", "last_used_at", "expires_at", "old_until", "revoked_at")
    list_filter = ("source",)
    search_fields = ("name", "source", "prefix")
    fields = (*list_display, "created_at", "created_by")
    readonly_fields = fields
    actions = ("renew", "renew_in_a_day", "revoke")

    @admin.display(description="scopes")
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.action(description="Revoke the selected keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = revoke_keys(keys, at=timezone.now())
        self.message_user(request, f"{revoked} keys are revoked and answer 401 from now on.", messages.SUCCESS)

    @admin.action(description="Renew the selected key; the old one ends at once", permissions=["revoke"])
    def renew(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        return self._renewed(request, keys, keep_old=timedelta())

    @admin.action(description="Renew the selected key; the old one ends in a day", permissions=["revoke"])
    def renew_in_a_day(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        return self._renewed(request, keys, keep_old=timedelta(days=1))

    def _renewed(self, request: HttpRequest, keys: QuerySet[ApiKey], *, keep_old: timedelta) -> HttpResponse | None:
        """The page that shows the new key, once."""
        if keys.count() != 1:
            self.message_user(request, "Choose one key: the new one is shown once.", messages.ERROR)
            return None
        try:
            row, key = rotate_key(keys.get().pk, at=timezone.now(), keep_old=keep_old)
        except InvalidKeyRequest as invalid:
            self.message_user(request, str(invalid), messages.ERROR)
            return None
        title, text = f"{row.name} has a new key", "Copy it now: it is not shown again."
        back = reverse("admin:integrations_apikey_changelist")
        return shown_once(request, title=title, text=text, values=[Shown("API key", key)], back=back)

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


if TYPE_CHECKING:
    _SourceModelForm = ModelForm[Source]
else:
    _SourceModelForm = ModelForm  # which takes no type at run time


class SourceForm(_SourceModelForm):
    """Checked as the command and the page check it."""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if self.errors:
            return given
        for name in ("adapter", "secret", "field_map", "channel_rules", "options"):
            setattr(self.instance, name, self.cleaned_data[name])
        try:
            check_source(self.instance)
        except InvalidSource as invalid:
            self.add_error(invalid.field, str(invalid))
        return given


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    """The tools that post to a hook. Address and secret are made here; docs/integrations tells what to do with them."""

    form = SourceForm
    list_display = ("name", "adapter", "slug", "is_active", "hook")
    list_filter = ("adapter", "is_active")
    fields = (
        *("name", "slug", "adapter", "is_active", "hook", "secret", "old_secret", "old_secret_until"),
        *("field_map", "channel_rules", "options"),
    )
    readonly_fields = ("hook",)

    @admin.display(description="its messages go to")
    def hook(self, source: Source) -> str:
        return address_of(source) if source.pk else "known once it is saved"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"secret": new_secret()} | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: Any) -> None:
        if not obj.pk:
            obj.token, obj.created_at, obj.created_by_id = new_token(), timezone.now(), request.user.pk
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
    """Who is told of events. They are made under /endpoints/ or over the API; the secret is shown once, there."""

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
