from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from integrations.models import ApiKey
from integrations.services.keys import revoke_keys


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
