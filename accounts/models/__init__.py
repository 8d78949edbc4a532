"""People, the tree of teams, the hours they work, and what LeadFlow has to tell them."""

from accounts.models.calendars import WorkingCalendar
from accounts.models.exports import Export
from accounts.models.messages import Mail, Notification
from accounts.models.people import Formats, Mails, Team, User, UserManager, subtree_ids
from accounts.models.sign_in import FailedSignIn
from accounts.models.views import SavedView

__all__ = [
    "Export",
    "FailedSignIn",
    "Formats",
    "Mail",
    "Mails",
    "Notification",
    "SavedView",
    "Team",
    "User",
    "UserManager",
    "WorkingCalendar",
    "subtree_ids",
]
