"""People, teams and working hours, for admins."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, ReadOnlyPasswordHashField
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.availability import check_countries
from accounts.models import Export, Mail, Team, User, WorkingCalendar
from accounts.roles import Role

LOCKED_OUT = "locked_out"


class UserForm(forms.ModelForm):
    by: User | None = None  # who fills it in

    password = ReadOnlyPasswordHashField(
        help_text='Passwords are kept as hashes. <a href="../password/">Set a new one</a>.'
    )

    class Meta:
        model = User
        fields = (
            "name",
            "email",
            "password",
            "role",
            "team",
            "time_zone",
            "is_on_duty",
            "away_from",
            "away_until",
            "lead_cap",
            "can_sign",
            "is_active",
            "is_staff",
            "is_superuser",
        )

    def clean(self) -> dict[str, Any]:
        """Nobody locks himself out, and the last admin stays one."""
        given: dict[str, Any] = super().clean() or {}
        if not self.instance.pk or given.get("is_active") is None:
            return given
        stays = given["is_active"] and given.get("role") == Role.ADMIN and given.get("is_staff")
        if self.by and self.by.pk == self.instance.pk and not given["is_active"]:
            raise forms.ValidationError("You cannot deactivate yourself: ask another admin.", code=LOCKED_OUT)
        was = User.objects.filter(pk=self.instance.pk, role=Role.ADMIN, is_active=True, is_staff=True).exists()
        if was and not stays and not _other_admins(self.instance.pk):
            raise forms.ValidationError("This is the last admin: make somebody else one first.", code=LOCKED_OUT)
        return given


def _other_admins(pk: int) -> bool:
    return User.objects.filter(role=Role.ADMIN, is_active=True, is_staff=True).exclude(pk=pk).exists()


admin.site.site_title = admin.site.site_header = "LeadFlow administration"
admin.site.index_title = "What the admin keeps"
admin.site.unregister(Group)  # rights follow from roles


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserForm
    add_form = AdminUserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "email", "role", "team", "is_on_duty", "away_from", "away_until", "lead_cap", "is_active")
    list_filter = ("role", "is_on_duty", "is_active", "team")
    list_select_related = ("team",)
    search_fields = ("name", "email")
    ordering = ("name",)
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("name", "email", "password")}),
        ("Work", {"fields": ("role", "team", "time_zone", "can_sign")}),
        ("Availability", {"fields": ("is_on_duty", "away_from", "away_until", "lead_cap")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "created_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("name", "email", "role", "team", "usable_password", "password1", "password2")}),
    )

    def get_form(  # type: ignore[override]  # as Django's own admin of users has it
        self, request: HttpRequest, obj: Any = None, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, **kwargs)
        return type("UserFormBy", (form,), {"by": request.user}) if obj else form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """409 where somebody would lock people out."""
        response = super().changeform_view(request, *args, **kwargs)
        shown = getattr(response, "context_data", None) or {}
        if "adminform" in shown and shown["adminform"].form.has_error("__all__", LOCKED_OUT):
            response.status_code = 409
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # people are deactivated: what they did keeps its name


class CountriesField(forms.CharField):
    """A list of codes, typed as people write one: DE, AT, CH."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        codes = value if isinstance(value, list) else re.split(r"[\s,;]+", value or "")
        return [code.upper() for code in codes if code]


class TeamForm(forms.ModelForm):
    countries = CountriesField(
        required=False, validators=[check_countries], help_text="Its territory: country codes, for example DE, AT, CH."
    )

    class Meta:
        model = Team
        fields = ("name", "parent", "manager", "countries", "distribution", "calendar")


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    form = TeamForm
    list_display = ("name", "parent", "manager", "territory", "distribution", "calendar")
    list_select_related = ("parent", "manager", "calendar")
    search_fields = ("name",)

    @admin.display(description="territory")
    def territory(self, team: Team) -> str:
        return ", ".join(team.countries)


@admin.register(WorkingCalendar)
class WorkingCalendarAdmin(admin.ModelAdmin):
    list_display = ("name", "time_zone", "opening_hours", "holiday_country", "is_default")


@admin.register(Mail)
class MailAdmin(admin.ModelAdmin):
    """The outbox, to read; what was given up can be tried again."""

    list_display = ("subject", "to", "created_at", "sent_at", "attempts", "next_attempt_at", "last_error", "dead")
    list_filter = ("dead", ("sent_at", admin.EmptyFieldListFilter))
    search_fields = ("to",)
    show_full_result_count = False
    actions = ("try_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Mail | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Mail | None = None) -> bool:
        return False

    @admin.action(description="Try again what was given up")
    def try_again(self, request: HttpRequest, chosen: QuerySet[Mail]) -> None:
        count = chosen.filter(dead=True).update(dead=False, attempts=0, next_attempt_at=timezone.now())
        self.message_user(request, f"{count} will be tried again within a minute.")


@admin.register(Export)
class ExportAdmin(admin.ModelAdmin):
    """Who took what away as a file, to read."""

    list_display = ("at", "user", "name", "rows", "file_format", "filters")
    list_filter = ("name", "file_format")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    date_hierarchy = "at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        return False
