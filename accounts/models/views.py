"""Filters that people keep under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.roles import Role


class SavedView(models.Model):
    """The filter of a page, under a name: its owner's alone, or shared with a team and all teams below it, or
    with everybody of a role.

    `page` is the name of the page's URL, `query` what stands behind the `?`.
    """

    page = models.CharField(max_length=50)
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", db_index=False)
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, blank=True, related_name="saved_views")
    role = models.CharField(max_length=9, choices=Role, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
            models.CheckConstraint(condition=Q(team=None) | Q(role=""), name="saved_view_is_shared_with_one"),
        ]

    def __str__(self) -> str:
        return self.name
