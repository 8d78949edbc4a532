"""The pages about the API, open to everybody: they tell how to ask, and hold no data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Example:
    """A call in curl and in Python: files that run as they are, shown here and in docs/api.md."""

    name: str
    title: str

    @property
    def curl(self) -> str:
        return (EXAMPLES / f"{self.name}.sh").read_text()

    @property
    def python(self) -> str:
        return (EXAMPLES / f"{self.name}.py").read_text()


CALLS = (
    Example("upsert", "Create or update a lead"),
    Example("bulk", "Create or update many"),
    Example("promote", "Hand a lead to sales"),
    Example("disposition", "Say what sales did"),
    Example("changes", "Read what happened since"),
    Example("endpoint", "Have it sent, and verify what comes"),
)


class ApiDocsView(SpectacularSwaggerSplitView):
    template_name = "integrations/api_docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)
        if isinstance(response.data, dict):  # the script of Swagger UI has a template of its own
            response.data["examples"] = CALLS
        return response


@extend_schema(exclude=True)
class NothingHereView(APIView):
    """Every other address under /api/."""

    authentication_classes = []
    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002  # REST framework passes it
        raise Http404
