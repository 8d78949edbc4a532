"""/api/v1/reports/: the reports as their pages show them, over the leads that the key's source knows."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.formats import as_in_files
from accounts.principals import SYSTEM
from integrations.api.base import ApiView
from integrations.api.paging import check_once, invalid_parameter, listed
from integrations.api.problems import ApiProblem
from integrations.api.schema import problems
from integrations.services.keys import Scope
from reports.engine import CatalogueEntry, UnknownReport, entries_for, find_entry
from reports.parameters import InvalidParameter, Parameter
from reports.renderers.json import report_data


class ReportParameterAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    help = serializers.CharField()
    default = serializers.CharField(help_text="What is meant where it is left out; empty: no filter.")
    choices = serializers.ListField(child=serializers.CharField(), help_text="Empty: any that the help describes.")


class ReportListedAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    question = serializers.CharField()
    parameters = ReportParameterAnswer(many=True)


class ReportsAnswer(serializers.Serializer[Any]):
    results = ReportListedAnswer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Always null: there is one page.")


class FigureAnswer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a declared field, taken off the class
    value = serializers.JSONField(help_text="Money as a decimal string, a share as 0 to 1, unknown as null.")
    kind = serializers.CharField()
    currency = serializers.CharField(required=False)
    note = serializers.CharField(required=False)


class ColumnAnswer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a declared field, taken off the class
    kind = serializers.CharField()
    currency = serializers.CharField(required=False)


class DefinitionAnswer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # a declared field, taken off the class
    text = serializers.CharField()
    key = serializers.CharField(allow_blank=True)


class ReportAnswer(serializers.Serializer[Any]):
    """The object of `manage.py report NAME --format json`, and of the page's `?format=json`."""

    name = serializers.CharField()
    question = serializers.CharField()
    parameters = serializers.DictField(child=serializers.CharField(allow_null=True))
    as_of = serializers.DateTimeField()
    headline = FigureAnswer(many=True)
    columns = ColumnAnswer(many=True)
    rows = serializers.ListField(child=serializers.DictField(), help_text="By the keys of the columns.")
    totals = serializers.ListField(child=serializers.DictField())
    chart = serializers.DictField(allow_null=True)
    further_charts = serializers.ListField(child=serializers.DictField())
    remarks = serializers.ListField(child=serializers.CharField())
    definitions = DefinitionAnswer(many=True)
    empty_because = serializers.CharField(allow_null=True, help_text="Why there is no row, and what to do.")


class ReportsView(ApiView):
    scopes = {"GET": Scope.REPORTS_READ}

    @extend_schema(
        operation_id="list_reports",
        summary="Reports",
        description="Each with its question and the parameters it can be asked with.",
        responses={200: ReportsAnswer, **problems()},
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002  # REST framework passes it
        return Response(listed([self._listed(entry) for entry in entries_for(self.principal)], None))

    def _listed(self, entry: CatalogueEntry) -> dict[str, Any]:
        parameters = [self._parameter(parameter) for parameter in entry.parameters]
        return {"name": entry.name, "title": entry.title, "question": entry.question, "parameters": parameters}

    def _parameter(self, parameter: Parameter) -> dict[str, Any]:
        """Of lists of the company's own, such as its teams, the choices are not told: they may be many."""
        options = parameter.options(self.principal) if parameter.options and parameter.default else ()
        return {
            "name": parameter.name,
            "help": parameter.help,
            "default": parameter.default,
            "choices": [option.value for option in options],
        }


def _documented() -> list[OpenApiParameter]:
    """Every parameter of any report."""
    known = {parameter.name: parameter for entry in entries_for(SYSTEM) for parameter in entry.parameters}
    return [OpenApiParameter(name, str, description=known[name].help) for name in sorted(known)]


class ReportView(ApiView):
    scopes = {"GET": Scope.REPORTS_READ}

    @extend_schema(
        operation_id="read_report",
        summary="Read a report",
        description=(
            "Over the leads that your source knows; what concerns the whole company, such as spend, stays empty. "
            "Parameters are those of the report; one that it does not have is refused."
        ),
        parameters=_documented(),
        responses={
            200: OpenApiResponse(ReportAnswer),
            **problems("unknown-parameter", "invalid-parameter", "not-found"),
        },
    )
    def get(self, request: Request, name: str) -> Response:
        check_once(request)
        entry = self._entry(name)
        try:
            with as_in_files():
                report = entry.report(request.query_params.dict(), principal=self.principal, now=timezone.now())
                return Response(report_data(report))
        except InvalidParameter as error:
            raise _refused(str(error)) from error

    def _entry(self, name: str) -> CatalogueEntry:
        try:
            return find_entry(name, self.principal)
        except UnknownReport as error:
            raise ApiProblem("not-found", str(error)) from error

    def known_parameters(self, request: Request) -> Collection[str]:  # noqa: ARG002  # as other views have it
        return {parameter.name for parameter in self._entry(self.kwargs["name"]).parameters}


def _refused(sentence: str) -> ApiProblem:
    """The sentences of reports begin with the parameter's name."""
    name, _, message = sentence.partition(": ")
    return invalid_parameter(name, message)
