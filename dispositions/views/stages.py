"""/stages/: what each stage means, what is done in it, and what moves a lead on or back."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from funnel.lifecycle import TRANSITIONS
from funnel.models import StageDefinition


@require_GET
def stages(request: SignedInRequest) -> HttpResponse:
    described = [
        {"definition": one, "moves": [row for row in TRANSITIONS if row.old == one.stage]}
        for one in StageDefinition.objects.all()
    ]
    return render(request, "dispositions/stages.html", {"stages": described})
