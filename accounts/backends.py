"""Who is signed in, with all that every page asks of him, in one query."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Notification, User


class EmailBackend(ModelBackend):
    """Signs in by e-mail address, as Django's own does; looks the user up once a request."""

    def get_user(self, user_id: int) -> User | None:
        """The user with his team, its calendar, and `unread`: how many notifications wait for him."""
        unread = Notification.objects.filter(user=OuterRef("pk"), read_at=None).order_by()
        counted = unread.values("user").annotate(count=Count("pk")).values("count")
        found = User.objects.select_related("team__calendar").annotate(
            unread=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        )
        user = found.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
