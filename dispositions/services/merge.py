"""What dispositions keep of a lead that becomes part of another. Dispositions themselves stay: they are history."""

from dispositions.models import BuyIn
from funnel.models import Lead


def move_buy_ins(loser: Lead, winner: Lead) -> None:
    BuyIn.objects.filter(lead=loser).update(lead=winner)
