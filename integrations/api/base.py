"""What all views of the API have in common: a scope per method, no unknown parameter, bodies in JSON only."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from rest_framework.exceptions import Throttled, UnsupportedMediaType
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.principals import Principal
from integrations.api.authentication import KeyHolder
from integrations.api.problems import ApiProblem, FieldError
from integrations.api.rate import Rate, count_call
from integrations.services.keys import Scope

METHODS = ["get", "head", "post", "put", "patch", "delete"]  # what Allow may name; OPTIONS is not answered
METHODS_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})


class HasScope(BasePermission):
    """The view names the scope that each of its methods needs; a method without one does not exist."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user:
            return False
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        if scope is not None and scope not in view.principal.scopes:
            raise ApiProblem("missing-scope", f"This needs a key with the scope {scope}.")
        return True


class JsonOnly(DefaultContentNegotiation):
    """`?format=` is a parameter as any other: not known."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:  # noqa: A002, ARG002  # REST framework's name
        return renderers


class ApiView(APIView):
    permission_classes = [HasScope]
    content_negotiation_class = JsonOnly
    http_method_names = METHODS
    scopes: ClassVar[Mapping[str, Scope]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()
    parameters_of: ClassVar[Mapping[str, frozenset[str]]] = {}  # where methods differ
    has_body = True  # else what is sent with a POST is not read
    rate: Rate | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._check_parameters(request)
        if self.has_body and request.method in METHODS_WITH_A_BODY.intersection(self.allowed_methods):
            _check_body_is_declared(request)

    def _check_parameters(self, request: Request) -> None:
        for name in sorted(request.query_params.keys() - self.known_parameters(request)):
            message = f"There is no parameter “{name[:80]}”."
            raise ApiProblem("unknown-parameter", message, [FieldError("", "unknown-parameter", message)])

    def known_parameters(self, request: Request) -> Collection[str]:
        return self.parameters_of.get(request.method or "", self.parameters)

    def check_throttles(self, request: Request) -> None:
        if not isinstance(request.user, KeyHolder):
            return
        self.rate = count_call(request.user.key_id, request.user.calls_a_minute)
        if self.rate and self.rate.is_exceeded:
            raise Throttled(self.rate.seconds)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.rate:
            for name, value in self.rate.headers.items():
                response.headers[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def principal(self) -> Principal:
        return self.request.auth  # type: ignore[return-value]  # ApiKeyAuthentication sees to it


def _check_body_is_declared(request: Request) -> None:
    """REST framework takes a body without a type, or none at all, for an empty one."""
    if not int(request.META.get("CONTENT_LENGTH") or 0):
        raise ApiProblem("malformed-json", "The body is empty; send one JSON object.")
    if not request.content_type:
        raise UnsupportedMediaType("")
