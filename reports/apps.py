from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        from funnel.sweep import register
        from reports.facts.refresh import refresh_facts

        register(refresh_facts)
