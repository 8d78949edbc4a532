from django.urls import path

from dispositions.views import agreements, desk, dispose, disputes, leads, moves, nurture, stages

urlpatterns = [
    path("queue/", desk.queue, name="queue"),
    path("leads/<int:lead_id>/", leads.lead, name="lead"),
    path("leads/<int:lead_id>/disposition/", dispose.dispose, name="dispose"),
    path("leads/<int:lead_id>/move/", moves.move, name="move"),
    path("leads/<int:lead_id>/take/", moves.take, name="take"),
    path("nurture/", nurture.nurture, name="nurture"),
    path("stages/", stages.stages, name="stages"),
    path("agreement/", agreements.agreement, name="agreement"),
    path("agreement/new/", agreements.new, name="agreement-new"),
    path("agreement/<int:agreement_id>/", agreements.agreement, name="agreement-version"),
    path("agreement/<int:agreement_id>/edit/", agreements.edit, name="agreement-edit"),
    path("agreement/<int:agreement_id>/next/", agreements.next_version, name="agreement-next"),
    path("agreement/<int:agreement_id>/discard/", agreements.discard, name="agreement-discard"),
    path("agreement/<int:agreement_id>/sign/", agreements.sign, name="agreement-sign"),
    path("agreement/<int:agreement_id>/compare/<int:other_id>/", agreements.compare_versions, name="agreement-compare"),
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/<int:dispute_id>/vote/", disputes.vote, name="dispute-vote"),
    path("dispositions/<int:disposition_id>/undo/", dispose.undo, name="undo"),
]
