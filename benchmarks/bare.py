"""A web application that inserts what it is sent: what REST framework and the database need for that alone."""

import os
from typing import Any

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": environ.Env().db("DATABASE_URL") | {"CONN_MAX_AGE": 60}},
    INSTALLED_APPS=["django.contrib.contenttypes"],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.urandom(16).hex(),
    USE_TZ=True,
)
application = get_wsgi_application()

from django.db import models  # noqa: E402  # needs the application
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

TABLE = "bare_lead"


class BareLead(models.Model):
    email = models.EmailField(unique=True)
    external_id = models.CharField(max_length=200)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    title = models.CharField(max_length=150)

    class Meta:
        app_label = "bare"
        db_table = TABLE

    def __str__(self) -> str:
        return self.email


class BareBody(serializers.ModelSerializer[BareLead]):
    class Meta:
        model = BareLead
        fields = ("id", "email", "external_id", "first_name", "last_name", "title")


class BareView(APIView):
    def post(self, request: Request) -> Response:
        body = BareBody(data=request.data)
        body.is_valid(raise_exception=True)
        body.save()
        return Response(body.data, status=201)


def _make_table() -> None:
    from django.db import connection, transaction  # noqa: PLC0415

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")  # one of the workers makes it
        if TABLE not in connection.introspection.table_names(cursor):
            with connection.schema_editor() as editor:
                editor.create_model(BareLead)


_make_table()
urlpatterns: list[Any] = [path("leads/", BareView.as_view())]
