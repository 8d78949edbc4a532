"""The library of proof, as marketing keeps it."""

from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from dispositions.models import Proof
from funnel.errors import NotAllowed
from funnel.lifecycle import Party
from funnel.services.moves import parties


def may_edit_proof(by: Principal) -> bool:
    return Party.MARKETING in parties(by)


@transaction.atomic
def save_proof(*, proof: Proof, by: Principal, at: datetime) -> Proof:
    """Keep a piece of proof, new or changed, that its form has checked. Raises NotAllowed."""
    _check_right(by)
    proof.updated_at, proof.updated_by_id = at, by.user_id
    proof.save()
    return proof


@transaction.atomic
def set_active(*, proof_id: int, active: bool, by: Principal, at: datetime) -> Proof:
    """What is not active is shown to no rep, and is not lost. Raises NotAllowed, Proof.DoesNotExist."""
    _check_right(by)
    proof = Proof.objects.select_for_update().get(pk=proof_id)
    proof.is_active, proof.updated_at, proof.updated_by_id = active, at, by.user_id
    proof.save()
    return proof


def _check_right(by: Principal) -> None:
    if not may_edit_proof(by):
        raise NotAllowed("Only marketing keeps the library of proof.")
