from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FunnelConfig(AppConfig):
    name = "funnel"
    verbose_name = "Funnel"

    def ready(self) -> None:
        from funnel import (
            checks,  # noqa: F401  # registers the system checks
            personal,
        )
        from funnel.personal_places import PLACES
        from funnel.services.agreements import bring_agreements_into_force
        from funnel.services.flags import raise_flags
        from funnel.services.orphans import release_orphans
        from funnel.services.reassign import hand_over_late_leads
        from funnel.services.reference import fill_reference_data
        from funnel.sweep import register

        personal.register(*PLACES)
        register(bring_agreements_into_force)
        register(raise_flags)
        register(hand_over_late_leads)
        register(release_orphans)
        post_migrate.connect(fill_reference_data, sender=self)
