from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView

from integrations.api.bulk import BulkLeadsView, TouchesBulkView
from integrations.api.changes import ChangesView
from integrations.api.docs import ApiDocsView, NothingHereView
from integrations.api.endpoints import DeliveriesView, EndpointsView, EndpointView, RotateView, SendAgainView
from integrations.api.hooks import HookView
from integrations.api.lead_actions import DispositionsView, LeadTouchesView, PromoteView
from integrations.api.leads import LeadsView, LeadView
from integrations.api.reference import (
    AgreementsView,
    CampaignsView,
    ChannelsView,
    ReasonsView,
    SpendView,
    StagesView,
)
from integrations.api.reports import ReportsView, ReportView
from integrations.views import endpoints, hooks, import_mapping, imports, keys

urlpatterns: list[URLPattern | URLResolver] = [
    path("imports/hooks/", hooks.hooks, name="hooks"),
    path("imports/hooks/connect/", hooks.connect, name="hook-connect"),
    path("imports/hooks/connect/<slug:adapter>/", hooks.connect_tool, name="hook-connect-tool"),
    path("imports/hooks/sources/<int:source_id>/switch/", hooks.switch, name="hook-switch"),
    path("imports/hooks/sources/<int:source_id>/replay/", hooks.replay_source, name="hook-replay-source"),
    path("imports/hooks/<int:item_id>/", hooks.message, name="hook-message"),
    path("imports/hooks/<int:item_id>/replay/", hooks.replay_message, name="hook-replay"),
    path("endpoints/", endpoints.endpoints, name="endpoints"),
    path("endpoints/new/", endpoints.new, name="endpoint-new"),
    path("endpoints/<int:endpoint_id>/", endpoints.endpoint, name="endpoint"),
    path("endpoints/<int:endpoint_id>/edit/", endpoints.edit, name="endpoint-edit"),
    path("endpoints/<int:endpoint_id>/rotate/", endpoints.rotate, name="endpoint-rotate"),
    path("endpoints/<int:endpoint_id>/switch/", endpoints.switch, name="endpoint-switch"),
    path("endpoints/<int:endpoint_id>/catch-up/", endpoints.catch_up, name="endpoint-catch-up"),
    path("endpoints/<int:endpoint_id>/again/", endpoints.again, name="endpoint-again"),
    path("endpoints/<int:endpoint_id>/deliveries/<int:delivery_id>/", endpoints.delivery, name="endpoint-delivery"),
    path("endpoints/<int:endpoint_id>/deliveries/<int:delivery_id>/again/", endpoints.send_one, name="delivery-again"),
    path("api-keys/", keys.api_keys, name="api-keys"),
    path("api-keys/new/", keys.new, name="api-key-new"),
    path("api-keys/<int:key_id>/renew/", keys.renew, name="api-key-renew"),
    path("api-keys/<int:key_id>/revoke/", keys.revoke, name="api-key-revoke"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", ApiDocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/v1/leads/", LeadsView.as_view(), name="api-leads"),
    path("api/v1/leads/bulk/", BulkLeadsView.as_view(), name="api-leads-bulk"),
    path("api/v1/touches/bulk/", TouchesBulkView.as_view(), name="api-touches-bulk"),
    path("api/v1/leads/<int:lead_id>/", LeadView.as_view(), name="api-lead"),
    path("api/v1/leads/<int:lead_id>/promote/", PromoteView.as_view(), name="api-promote"),
    path("api/v1/leads/<int:lead_id>/dispositions/", DispositionsView.as_view(), name="api-dispositions"),
    path("api/v1/leads/<int:lead_id>/touches/", LeadTouchesView.as_view(), name="api-touches"),
    path("api/v1/changes/", ChangesView.as_view(), name="api-changes"),
    path("api/v1/endpoints/", EndpointsView.as_view(), name="api-endpoints"),
    path("api/v1/endpoints/<int:endpoint_id>/", EndpointView.as_view(), name="api-endpoint"),
    path("api/v1/endpoints/<int:endpoint_id>/rotate/", RotateView.as_view(), name="api-endpoint-rotate"),
    path("api/v1/endpoints/<int:endpoint_id>/deliveries/", DeliveriesView.as_view(), name="api-deliveries"),
    path(
        "api/v1/endpoints/<int:endpoint_id>/deliveries/<int:delivery_id>/again/",
        SendAgainView.as_view(),
        name="api-send-again",
    ),
    path("api/v1/channels/", ChannelsView.as_view(), name="api-channels"),
    path("api/v1/campaigns/", CampaignsView.as_view(), name="api-campaigns"),
    path("api/v1/spend/", SpendView.as_view(), name="api-spend"),
    path("api/v1/agreements/", AgreementsView.as_view(), name="api-agreements"),
    path("api/v1/stages/", StagesView.as_view(), name="api-stages"),
    path("api/v1/reasons/", ReasonsView.as_view(), name="api-reasons"),
    path("api/v1/reports/", ReportsView.as_view(), name="api-reports"),
    path("api/v1/reports/<slug:name>/", ReportView.as_view(), name="api-report"),
    path("api/v1/hooks/<slug:token>/", HookView.as_view(), name="api-hook"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.new, name="import-new"),
    path("imports/<int:upload_id>/", imports.upload, name="import"),
    path("imports/<int:upload_id>/encoding/", import_mapping.encoding, name="import-encoding"),
    path("imports/<int:upload_id>/mapping/", import_mapping.mapping, name="import-mapping"),
    path("imports/<int:upload_id>/mapping.toml", import_mapping.mapping_file, name="import-mapping-file"),
    path("imports/<int:upload_id>/preview/", import_mapping.preview, name="import-preview"),
    path("imports/<int:upload_id>/run/", imports.run, name="import-run"),
    path("imports/<int:upload_id>/remove/", imports.remove, name="import-remove"),
    path("imports/<int:upload_id>/rejected.csv", imports.rejected, name="import-rejected"),
    # Last: without it a missing slash at the end of a POST would be answered by a redirect that drops the body.
    re_path(r"^api/", NothingHereView.as_view()),
]
