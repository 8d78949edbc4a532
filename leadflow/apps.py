from django.apps import AppConfig


class LeadFlowConfig(AppConfig):
    name = "leadflow"
    verbose_name = "LeadFlow"

    def ready(self) -> None:
        from leadflow import jobs  # noqa: F401  # listens to the jobs from now on
