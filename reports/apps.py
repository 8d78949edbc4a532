from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        from accounts import exports
        from dispositions import precedents
        from dispositions.leads import panels
        from funnel import sweep
        from reports.deal_credit import credit_panel
        from reports.exports import LISTS
        from reports.facts.refresh import refresh_facts
        from reports.facts.segments import refresh_segments
        from reports.precedents import Records
        from reports.weekly_mail import write_weekly_mails

        exports.register(*LISTS)
        sweep.register(refresh_facts)
        sweep.register(refresh_segments)
        sweep.register(write_weekly_mails)
        panels.register(credit_panel)
        precedents.register(Records())
