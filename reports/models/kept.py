"""Answers of reports that are kept, so that what has not moved is not counted again: see `reports.kept`."""

from django.db import models


class FactsBlock(models.Model):
    """The facts of leads whose keys follow each other. `version` grows with each write of one of them, over all blocks
    in the order in which the writes were committed.
    """

    number = models.PositiveIntegerField(primary_key=True)
    version = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"block {self.number}, version {self.version}"


class KeptAnswer(models.Model):
    """What a question to the facts was answered, of all blocks as of `version`. `question` is its fingerprint."""

    question = models.CharField(max_length=64, unique=True)
    version = models.BigIntegerField()
    asked_on = models.DateField(db_index=True)
    answer = models.TextField()

    def __str__(self) -> str:
        return f"answer {self.question[:8]}, version {self.version}"


class KeptPart(models.Model):
    """What one block contributes to an answer. A block that contributes nothing may have none."""

    kept = models.ForeignKey(KeptAnswer, models.CASCADE, related_name="parts", db_index=False)
    block = models.PositiveIntegerField()
    answer = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kept", "block"], name="part_once")]

    def __str__(self) -> str:
        return f"block {self.block} of answer {self.kept_id}"
