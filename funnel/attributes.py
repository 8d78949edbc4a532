"""The ten attributes of a qualified lead, and BANT, which is read off four of them."""

from django.db import models


class Attribute(models.TextChoices):
    INDUSTRY_CODE = "industry_code", "Industry code"
    FIRMOGRAPHICS = "firmographics", "Firmographics"
    DECISION_MAKERS = "decision_makers", "Decision makers and influencers identified"
    ENVIRONMENT = "environment", "Environment documented"
    DECISION_MAKER_ENGAGED = "decision_maker_engaged", "Decision maker engaged"
    PAIN = "pain", "Business pain validated"
    DECISION_PROCESS = "decision_process", "Decision process and timeframe"
    BUDGET = "budget", "Budget allocated or budgeting process"
    COMPETITION = "competition", "Competitive landscape"
    COMPELLING_EVENT = "compelling_event", "Compelling event or urgency"


BANT: dict[str, Attribute] = {
    "Budget": Attribute.BUDGET,
    "Authority": Attribute.DECISION_MAKER_ENGAGED,
    "Need": Attribute.PAIN,
    "Timeframe": Attribute.DECISION_PROCESS,
}
