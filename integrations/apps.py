from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from funnel import personal
        from integrations.personal_places import PLACES

        personal.register(*PLACES)
