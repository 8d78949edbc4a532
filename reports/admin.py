from django.contrib import admin

from reports.models import ExchangeRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin):
    list_display = ("month", "currency", "rate")
    list_filter = ("currency",)
    date_hierarchy = "month"
