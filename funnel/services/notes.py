"""Notes: something worth keeping about a lead, without an outcome. They stop no clock."""

from datetime import datetime

from django.db import transaction

from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.errors import MissingNeeds, NotAllowed
from funnel.models import LeadEvent, LeadText
from funnel.services.changes import open_change

LONGEST = 2_000


@transaction.atomic
def add_note(*, lead_id: int, text: str, by: Principal, at: datetime, private: bool = True) -> int:
    """Keep a note on the lead's timeline; answers the seq of its event. `private`: sales alone reads it.

    What marketing notes everybody reads. The lead's version stays: a note is in nobody's way.

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
    seq = change.record(LeadEvent.Kind.NOTED, private=is_private)
    change.write_text(LeadText.Kind.NOTE if is_private else LeadText.Kind.LEARNED, said, seq)
    change.write(raises_version=False)
    return seq
