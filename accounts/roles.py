"""The four roles, and what they may do at all. Which leads they may do it to is `Lead.objects.visible_to`."""

from django.db import models


class Role(models.TextChoices):
    REP = "rep", "Sales rep"
    MANAGER = "manager", "Sales manager"
    MARKETING = "marketing", "Marketing"
    ADMIN = "admin", "Admin"


SALES_ROLES = frozenset({Role.REP, Role.MANAGER})
