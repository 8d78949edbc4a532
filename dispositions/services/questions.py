"""Gives a new database the questions it starts with."""

from typing import Any

from dispositions.buying_decision.questions import QUESTIONS
from dispositions.models import Question


def fill_questions(**_signal: Any) -> None:
    """Runs after `migrate`, on an empty list only: a question the admin deleted does not come back."""
    if not Question.objects.exists():
        Question.objects.bulk_create(
            Question(text=text, blocker=blocker, attribute=attribute, position=position)
            for position, (text, blocker, attribute) in enumerate(QUESTIONS, 1)
        )
