"""A forgotten password: a link by mail, good once and for a day, to choose a new one."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.urls import reverse
from django.utils import timezone

from accounts.models import Mail

# Asked for again within it, there is one mail.
SLOT_SECONDS = 300
TEXT = """You, or somebody who typed your address, asked for a new password for LeadFlow.

Choose it here, once, within a day:
{link}

Did you not ask? Then do nothing: your password stays as it is.
"""


class ForgottenPasswordForm(PasswordResetForm):
    """Says the same for every address. The mail waits in the outbox: no answer takes longer for somebody known."""

    def send_mail(
        self,
        subject_template_name: str,  # noqa: ARG002  # Django's; the text stands above
        email_template_name: str,  # noqa: ARG002
        context: dict[str, Any],
        from_email: str | None,  # noqa: ARG002
        to_email: str,
        html_email_template_name: str | None = None,  # noqa: ARG002
    ) -> None:
        """The link leads to the configured address, whatever host the request named."""
        now = timezone.now()
        path = reverse("new-password", args=[context["uid"], context["token"]])
        mail = Mail(
            key=f"password:{context['user'].pk}:{int(now.timestamp()) // SLOT_SECONDS}",
            to=to_email,
            subject="A new password for LeadFlow",
            text=TEXT.format(link=f"{settings.BASE_URL.rstrip('/')}{path}"),
            created_at=now,
            next_attempt_at=now,
        )
        Mail.objects.bulk_create([mail], ignore_conflicts=True)
