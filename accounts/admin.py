"""People, teams and working hours, for admins."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, ReadOnlyPasswordHashField
from django.contrib.auth.models import Group

from accounts.models import Team, User, WorkingCalendar


class UserForm(forms.ModelForm):
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
            "is_active",
            "is_staff",
            "is_superuser",
        )


admin.site.site_title = admin.site.site_header = "LeadFlow administration"
admin.site.index_title = "What the admin keeps"
admin.site.unregister(Group)  # rights follow from roles


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserForm
    add_form = AdminUserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "email", "role", "team", "is_active")
    list_filter = ("role", "is_active", "team")
    search_fields = ("name", "email")
    ordering = ("name",)
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("name", "email", "password")}),
        ("Work", {"fields": ("role", "team", "time_zone")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "created_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("name", "email", "role", "team", "usable_password", "password1", "password2")}),
    )


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ("name", "parent", "manager", "calendar")
    list_select_related = ("parent", "manager", "calendar")
    search_fields = ("name",)


@admin.register(WorkingCalendar)
class WorkingCalendarAdmin(admin.ModelAdmin):
    list_display = ("name", "time_zone", "opening_hours", "holiday_country", "is_default")
