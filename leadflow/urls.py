"""Every URL of the product, one include per app."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from leadflow import health
from leadflow.gallery import gallery
from leadflow.metrics import metrics

handler500 = "leadflow.failures.server_error"
favicon = lazy(static, str)("img/favicon.svg")  # asked for later: the names of collected files are not known yet

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("dispositions.urls")),
    path("", include("reports.urls")),
    path("", include("integrations.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", login_not_required(RedirectView.as_view(url=favicon))),
    path("gallery/", gallery, name="gallery"),
    path("livez", health.livez),
    path("healthz/jobs", health.jobs),
    path("readyz", health.readyz),
    path("metrics", metrics),
]
