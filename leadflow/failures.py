"""What a page answers when something broke: 503 where the database does not answer, else 500."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_AFTER_SECONDS = 5

logger = logging.getLogger(__name__)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is handled. The pages ask the database for nothing."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("The database is not available: %s", type(error).__name__)
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    return HttpResponse(render_to_string("500.html"), status=500)
