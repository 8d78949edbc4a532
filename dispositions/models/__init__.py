"""What sales says of leads, and what helps it to say so. One file per topic; import from here."""

from dispositions.models.buying import Blocker, BuyIn, Forecast, Question, Stance
from dispositions.models.links import UsedLink
from dispositions.models.proof import Proof
from dispositions.models.statements import Disposition, Dispute, DisputeVote, Verdict

__all__ = [
    "Blocker",
    "BuyIn",
    "Disposition",
    "Dispute",
    "DisputeVote",
    "Forecast",
    "Proof",
    "Question",
    "Stance",
    "UsedLink",
    "Verdict",
]
