"""The pages about the API, open to everybody: they tell how to ask, and hold no data."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.views import APIView


class ApiDocsView(SpectacularSwaggerSplitView):
    template_name = "integrations/api_docs.html"


@extend_schema(exclude=True)
class NothingHereView(APIView):
    """Every other address under /api/."""

    authentication_classes = []
    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002  # REST framework passes it
        raise Http404
