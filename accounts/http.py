"""Types for views. Every page but the login needs a signed-in user: LoginRequiredMiddleware sees to it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    user: User  # never anonymous behind LoginRequiredMiddleware
    htmx: HtmxDetails
