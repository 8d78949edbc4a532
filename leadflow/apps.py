from django.apps import AppConfig


class LeadFlowConfig(AppConfig):
    name = "leadflow"
    verbose_name = "LeadFlow"
