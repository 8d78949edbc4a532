"""Notes: something worth keeping about a lead, without an outcome. They stop no clock."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.errors import MissingNeeds, NotAllowed
from funnel.models import LeadEvent, LeadText
from funnel.services.changes import open_change

LONGEST = 2_000
TWICE_WITHIN = timedelta(minutes=1)


@transaction.atomic
def add_note(*, lead_id: int, text: str, by: Principal, at: datetime, private: bool = True) -> int:
    """Keep a note on the lead's timeline; answers the seq of its event. `private`: sales alone reads it.

    What marketing notes everybody reads. Sent twice within a minute, it is kept once. The lead's version stays: a note
    is in nobody's way.

    Raises Lead.DoesNotExist outside the scope of `by`, NotAllowed, MissingNeeds for a text that is empty or too long.
    """
    if by.kind is not Kind.USER:
        raise NotAllowed("Only people write notes.")
    change = open_change(lead_id, by=by, at=at)
    said = text.strip()
    if not said:
        raise MissingNeeds({"text": "Write the note first."})
    if len(said) > LONGEST:
        raise MissingNeeds({"text": f"A note has at most {LONGEST:,} characters; this one has {len(said):,}."})
    is_private = private and by.role != Role.MARKETING
    kind = LeadText.Kind.NOTE if is_private else LeadText.Kind.LEARNED
    if seen := _said_just_now(lead_id, said, kind, by, at):
        return seen
    seq = change.record(LeadEvent.Kind.NOTED, private=is_private)
    change.write_text(kind, said, seq)
    change.write(raises_version=False)
    return seq


def _said_just_now(lead_id: int, text: str, kind: str, by: Principal, at: datetime) -> int | None:
    """The seq of the same note of the same author a moment ago: a form that was sent twice."""
    events = LeadEvent.objects.filter(
        lead=lead_id, kind=LeadEvent.Kind.NOTED, actor=by.user_id, recorded_at__gt=at - TWICE_WITHIN
    )
    texts = LeadText.objects.filter(lead=lead_id, kind=kind, text=text, seq__in=events.values("seq"))
    return texts.order_by("seq").values_list("seq", flat=True).first()
