from django.urls import path

from reports import views
from reports.black_hole_page import black_hole_page
from reports.targets import views as targets

urlpatterns = [
    path("black-hole/", black_hole_page, name="black-hole"),
    path("reports/", views.catalogue, name="reports"),
    path("reports/<slug:name>/", views.report, name="report"),
    path("reports/<slug:name>/leads/", views.leads, name="report-leads"),
    path("targets/", targets.targets, name="targets"),
    path("targets/edit/", targets.edit, name="target-edit"),
    path("targets/copy/", targets.copy, name="target-copy"),
    path("targets/<int:target_id>/", targets.target, name="target"),
    path("targets/<int:target_id>/confirm/", targets.confirm, name="target-confirm"),
]
