from django.contrib import admin

from dispositions.models import Disposition, Question
from funnel.admin import ReadOnlyAdmin


@admin.register(Disposition)
class DispositionAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "seq", "outcome", "by", "at", "reason", "counted")
    list_select_related = ("by", "reason")
    list_filter = ("outcome",)


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    """Asked in the brief while what they are about is not known."""

    list_display = ("text", "blocker", "attribute", "position", "is_active")
    list_editable = ("position", "is_active")
    list_filter = ("blocker", "is_active")
    search_fields = ("text",)
