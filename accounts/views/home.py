from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.http import SignedInRequest
from accounts.roles import Role

_HOME = {Role.REP: "queue", Role.MANAGER: "team", Role.MARKETING: "reports", Role.ADMIN: "team"}


def home(request: SignedInRequest) -> HttpResponse:
    """Everybody starts at the page of his own work."""
    return redirect(_HOME[Role(request.user.role)])
