"""/login/, and what somebody had typed when the session ended."""

from typing import Any

from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.kept_input import KEPT, kept_of
from accounts.sign_in import TOO_MANY, SignInForm


class SignInView(LoginView):
    """429 after five tries; 400 for what cannot be an address or a password."""

    redirect_authenticated_user = True
    authentication_form = SignInForm

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", TOO_MANY):
            response.status_code = 429
            response.headers["Retry-After"] = "900"
        elif set(form.errors) - {"__all__"}:
            response.status_code = 400
        return response

    def get_success_url(self) -> str:
        return "/kept/" if KEPT in self.request.session else super().get_success_url()


@require_http_methods(["GET", "POST"])
def kept(request: SignedInRequest) -> HttpResponse:
    """The form that was sent after the session had ended, to be sent once more; POST throws it away."""
    found = kept_of(request)
    if request.method == "POST" or found is None:
        request.session.pop(KEPT, None)
        return redirect("home")
    return render(request, "registration/kept.html", {"kept": found})
