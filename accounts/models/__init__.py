"""People, the tree of teams, the hours they work, and what LeadFlow has to tell them."""

from accounts.models.calendars import WorkingCalendar
from accounts.models.messages import Mail, Notification
from accounts.models.people import Team, User, UserManager, subtree_ids

__all__ = ["Mail", "Notification", "Team", "User", "UserManager", "WorkingCalendar", "subtree_ids"]
