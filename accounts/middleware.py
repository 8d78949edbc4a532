"""What every page knows of its viewer before its view runs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.formats import as_read_by


class ViewerMiddleware:
    """Pages show times in the viewer's zone, dates and numbers in his formats; nothing is ever stored in them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with as_read_by(request.user):
            return self.get_response(request)
