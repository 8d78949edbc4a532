from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView

from integrations.api.docs import ApiDocsView, NothingHereView
from integrations.api.hooks import HookView
from integrations.api.leads import LeadsView, LeadView

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", ApiDocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/v1/leads/", LeadsView.as_view(), name="api-leads"),
    path("api/v1/leads/<int:lead_id>/", LeadView.as_view(), name="api-lead"),
    path("api/v1/hooks/<str:token>/", HookView.as_view(), name="api-hook"),
    # Last: without it a missing slash at the end of a POST would be answered by a redirect that drops the body.
    re_path(r"^api/", NothingHereView.as_view()),
]
