from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FunnelConfig(AppConfig):
    name = "funnel"
    verbose_name = "Funnel"

    def ready(self) -> None:
        from funnel import checks  # noqa: F401  # registers the system checks
        from funnel.services.flags import raise_flags
        from funnel.services.reference import fill_reference_data
        from funnel.sweep import register

        register(raise_flags)
        post_migrate.connect(fill_reference_data, sender=self)
