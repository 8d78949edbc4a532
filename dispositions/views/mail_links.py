"""/mail/…/: a rep answers from his mailbox. Looking records nothing, for link scanners look too; the button does."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.formats import as_read_by
from accounts.http import SignedInRequest
from dispositions.mail_links import effects_of
from dispositions.models import Disposition
from dispositions.outcomes import RULES
from dispositions.services.mail_links import (
    LinkOver,
    LinkOvertaken,
    LinkRefused,
    LinkUnknown,
    answer_by_link,
    lead_to_answer,
    read_link,
)
from funnel.models import Lead

View = Callable[..., HttpResponse]
_STATUS = {LinkUnknown: 404, LinkOver: 410, LinkOvertaken: 409}


def _kept_from_others(view: View) -> View:
    """The address is the key: neither caches nor search engines nor other sites may come to know it."""

    @wraps(view)
    def kept(*args: Any, **kwargs: Any) -> HttpResponse:
        response = never_cache(view)(*args, **kwargs)
        response["Referrer-Policy"] = "same-origin"  # stricter ones would make the form's own origin unknown to us
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return kept


@login_not_required
@_kept_from_others
@require_http_methods(["GET", "HEAD", "POST"])
def mail_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET: what the button will do. POST: does it. 404: not ours; 410: used or too old; 409: the lead has moved on."""
    now = timezone.now()
    try:
        link, user = read_link(token, now=now)
        with as_read_by(user):
            if request.method == "POST":
                said = answer_by_link(link, user, at=now)
                return render(request, "mail/answered.html", {"disposition": said, "lead": said.lead, "reader": user})
            lead, rule = lead_to_answer(link, user), RULES[link.outcome]
            context = {"lead": lead, "rule": rule, "effects": effects_of(rule, lead), "link": link, "reader": user}
            return render(request, "mail/answer.html", context)
    except LinkRefused as refused:
        context = {"refused": str(refused), "lead": refused.lead, "is_known": not isinstance(refused, LinkUnknown)}
        return render(request, "mail/refused.html", context, status=_STATUS[type(refused)])


@require_GET
def take_back(request: SignedInRequest, disposition_id: int) -> HttpResponse:
    """Where a mail's reader takes back what he said; the button is the desk's own undo."""
    found = Disposition.objects.filter(lead__in=Lead.objects.visible_to(request.user.principal), by=request.user)
    disposition = get_object_or_404(found.select_related("lead__company", "corrected_by"), pk=disposition_id)
    return render(request, "mail/take_back.html", {"disposition": disposition, "lead": disposition.lead})
