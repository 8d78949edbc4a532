from django.urls import path

from reports import views
from reports.black_hole_page import black_hole_page

urlpatterns = [
    path("black-hole/", black_hole_page, name="black-hole"),
    path("reports/", views.catalogue, name="reports"),
    path("reports/<slug:name>/", views.report, name="report"),
    path("reports/<slug:name>/leads/", views.leads, name="report-leads"),
]
