"""Who is signed in, with all that every page asks of him, in one query."""

from functools import cache

from django.contrib.auth.backends import ModelBackend
from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Notification, User
from accounts.prepared import Prepared

_SOMEBODY = -1


class EmailBackend(ModelBackend):
    """Signs in by e-mail address, as Django's own does; looks the user up once a request."""

    def get_user(self, user_id: int) -> User | None:
        """The user with his team, its calendar, and `unread`: how many notifications wait for him."""
        user = _look_up(connection.vendor).first({_SOMEBODY: user_id})
        return user if user and self.user_can_authenticate(user) else None


@cache
def _look_up(vendor: str) -> Prepared[User]:  # noqa: ARG001  # each has its own
    unread = Notification.objects.filter(user=OuterRef("pk"), read_at=None).order_by()
    counted = unread.values("user").annotate(count=Count("pk")).values("count")
    found = User.objects.select_related("team__calendar").annotate(
        unread=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    )
    return Prepared(found.filter(pk=_SOMEBODY).order_by())
