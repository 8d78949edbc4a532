from django.contrib import admin

from dispositions.models import Disposition
from funnel.admin import ReadOnlyAdmin


@admin.register(Disposition)
class DispositionAdmin(ReadOnlyAdmin):
    list_display = ("lead_id", "seq", "outcome", "by", "at", "reason", "counted")
    list_select_related = ("by", "reason")
    list_filter = ("outcome",)
