"""Who tried to sign in and failed: so many in a while, and the next try has to wait."""

from django.db import models


class FailedSignIn(models.Model):
    """`who`: the SHA-256 of the address that was typed and of the machine it was typed on."""

    who = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["who", "at"], name="failed_sign_in_of")]

    def __str__(self) -> str:
        return f"{self.who[:8]} {self.at}"
