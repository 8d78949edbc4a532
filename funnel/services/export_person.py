"""All that is held about a person, place by place, for whoever asks what is known of him."""

import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from funnel.models import Lead
from funnel.personal import places
from funnel.services.erase import subject_of


def export_person(lead: Lead, *, at: datetime) -> dict[str, Any]:
    """`{"lead": id, "as_of": time, "places": {model: [row, …]}}`, by the list that erasure goes by.

    Needs the lead that somebody is today. Values are those of the rows: datetimes, decimals and bytes among them.
    """
    subject = subject_of(lead, at=at)
    found: dict[str, list[dict[str, Any]]] = {}
    for place in places():
        rows = [place.row(one) for one in place.rows(subject)]
        if rows:
            found.setdefault(place.name, []).extend(rows)
    return {"lead": lead.pk, "leads": list(subject.lead_ids), "as_of": at, "places": found}


class _Encoder(DjangoJSONEncoder):
    """Messages are kept as bytes; they are texts."""

    def default(self, o: Any) -> Any:
        return bytes(o).decode("utf-8", "replace") if isinstance(o, (bytes, memoryview)) else super().default(o)


def as_json(export: dict[str, Any]) -> str:
    return json.dumps(export, cls=_Encoder, ensure_ascii=False, indent=2)
