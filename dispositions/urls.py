from django.urls import path

from dispositions.views import desk, dispose, leads

urlpatterns = [
    path("queue/", desk.queue, name="queue"),
    path("leads/<int:lead_id>/", leads.lead, name="lead"),
    path("leads/<int:lead_id>/disposition/", dispose.dispose, name="dispose"),
    path("dispositions/<int:disposition_id>/undo/", dispose.undo, name="undo"),
]
