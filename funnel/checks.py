"""Settings and tables that must agree, looked at before the product starts."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from funnel.lifecycle import OPEN_STAGES, TRANSITIONS, Stage
from funnel.reference import STAGE_TEXTS, STALE_AFTER_DAYS


@register
def every_open_stage_has_a_time_limit(**_kwargs: Any) -> list[CheckMessage]:
    """A stage without a limit would be one in which a lead is out of sight for ever."""
    return [
        Error(f"Stage {stage} has no limit of silence.", hint="Add it to STALE_AFTER_DAYS.", id="funnel.E001")
        for stage in OPEN_STAGES
        if stage not in STALE_AFTER_DAYS
    ]


@register
def every_stage_is_explained_and_reached(**_kwargs: Any) -> list[CheckMessage]:
    reached = {row.new for row in TRANSITIONS} | {Stage.INQUIRY}
    return [
        Error(f"Stage {stage} is not explained, or no move leads to it.", id="funnel.E002")
        for stage in Stage
        if stage not in STAGE_TEXTS or stage not in reached
    ]
