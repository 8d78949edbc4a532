from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        from dispositions.leads import panels
        from funnel.sweep import register
        from reports.deal_credit import credit_panel
        from reports.facts.refresh import refresh_facts

        register(refresh_facts)
        panels.register(credit_panel)
