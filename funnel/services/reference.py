"""Gives a new database the lists it starts with."""

from typing import Any

from accounts.models import WorkingCalendar
from funnel.models import Reason, SourceWord, StageDefinition
from funnel.reference import REASONS, REASONS_ARE_ABOUT, SOURCE_WORDS, STAGE_TEXTS, STALE_AFTER_DAYS


def fill_reference_data(**_signal: Any) -> None:
    """Runs after `migrate`. Fills only what is empty: an entry the admin deleted does not come back."""
    if not WorkingCalendar.objects.exists():
        WorkingCalendar.objects.create(name="Company", is_default=True)
    if not StageDefinition.objects.exists():
        StageDefinition.objects.bulk_create(_stage_definitions())
    if not Reason.objects.exists():
        Reason.objects.bulk_create(_reasons())
    if not SourceWord.objects.exists():
        SourceWord.objects.bulk_create(_source_words())


def _stage_definitions() -> list[StageDefinition]:
    return [
        StageDefinition(
            stage=stage,
            position=position,
            definition=definition,
            actions=actions,
            forward=forward,
            backward=backward,
            stale_after_days=STALE_AFTER_DAYS.get(stage),
        )
        for position, (stage, (definition, actions, forward, backward)) in enumerate(STAGE_TEXTS.items())
    ]


def _reasons() -> list[Reason]:
    return [
        Reason(
            slug=slug,
            label=label,
            outcomes=outcomes,
            disqualifies=disqualifies,
            note_required=note_required,
            wake_after_days=wake_after_days,
            marketing_action=action,
            about=REASONS_ARE_ABOUT.get(slug, []),
            position=position,
        )
        for position, (slug, label, outcomes, disqualifies, note_required, wake_after_days, action) in enumerate(
            REASONS
        )
    ]


def _source_words() -> list[SourceWord]:
    return [SourceWord(words=one, channel=channel) for channel, words in SOURCE_WORDS.items() for one in words]
