"""What reps know of their buyers' decisions: who must agree, and whether they believe that it closes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from random import Random

from dispositions.models import Blocker, BuyIn, Disposition, Forecast, Stance
from dispositions.outcomes import RULES
from dispositions.services.forecasts import OCCASIONS
from funnel.bulk import insert_rows
from funnel.lifecycle import Stage
from leadflow.demo import words
from leadflow.demo.people import Population

_CONTACTS = [rule.outcome for rule in RULES.values() if rule.is_contact]
_MAP_SHARE = 0.7  # of the leads in sales' hands that somebody has spoken with
_FORECAST_SHARE = 0.85
_ROWS = 1000

# Chances of 0, 25, 50, 75 and 100 % that a rep gives a lead which ends there: hopeful, and right more often than not.
_HOPES: Mapping[str, Sequence[int]] = {
    Stage.WON: (1, 4, 12, 20, 6),
    Stage.SQL: (1, 5, 12, 8, 1),
    Stage.SAL: (2, 8, 9, 3, 0),
    Stage.LOST: (3, 10, 10, 4, 1),
}
_ELSE = (8, 12, 5, 1, 0)

# Position, what usually holds them, and a note.
_ROLES: tuple[tuple[str, Sequence[str], str], ...] = (
    ("Head of logistics", (Blocker.WORKAROUND, ""), "Lives with the spreadsheet every morning."),
    ("Finance", (Blocker.BUDGET_SHARE, Blocker.OLD_VENDOR), "Asks what the others draw on the same budget for."),
    ("IT", (Blocker.OLD_VENDOR, Blocker.CHANGE), "Wants one interface less, not one more."),
    ("Managing director", ("", Blocker.PEOPLE), "Decides once the others agree."),
    ("Shift leaders", (Blocker.CHANGE, ""), "Afraid of the first week."),
)


def tell_decisions(population: Population, now: datetime) -> None:
    """Call it inside a transaction, once the stories are written: it reads what was said."""
    people: list[BuyIn] = []
    forecasts: list[Forecast] = []
    for said in _conversations(now):
        last, rng = said[-1], population.random("buying", said[0].pk)
        if last.lead.stage in {Stage.SAL, Stage.SQL} and rng.random() < _MAP_SHARE:
            people += _map(last, rng)
        forecasts += [_forecast(one, number, rng) for number, one in zip(OCCASIONS, said, strict=False)]
        if len(forecasts) >= _ROWS:
            _write(people, forecasts)
            people, forecasts = [], []
    _write(people, forecasts)


def _write(people: Sequence[BuyIn], forecasts: Sequence[Forecast]) -> None:
    insert_rows(people)
    insert_rows(forecasts)


def _conversations(now: datetime) -> Iterator[list[Disposition]]:
    """Those of each hand-off, in their order."""
    rows = Disposition.objects.filter(outcome__in=_CONTACTS, hand_off__isnull=False, corrected_by=None, at__lte=now)
    ordered = rows.select_related("lead").order_by("lead_id", "hand_off_id", "seq").iterator(_ROWS)
    for _, said in groupby(ordered, key=attrgetter("hand_off_id")):
        yield list(said)


def _forecast(said: Disposition, occasion: int, rng: Random) -> Forecast:
    chance = rng.choices(Forecast.CHANCES, _HOPES.get(said.lead.stage, _ELSE))[0]
    is_sure = rng.random() < _FORECAST_SHARE
    return Forecast(
        lead_id=said.lead_id,
        hand_off_id=said.hand_off_id,
        disposition_id=said.pk,
        occasion=occasion,
        chance=chance if is_sure else None,
        unknown_because="" if is_sure else rng.choice(Forecast.Because.values),
        by_id=said.by_id,
        at=said.at,
    )


def _map(said: Disposition, rng: Random) -> Iterable[BuyIn]:
    roles = rng.sample(_ROLES, rng.randint(1, 4))
    firsts, lasts = words.FIRST_NAMES["DACH"], words.LAST_NAMES["DACH"]
    for position, blockers, note in roles:
        stance = rng.choices(list(Stance), (4, 3, 2, 3))[0]
        yield BuyIn(
            lead_id=said.lead_id,
            person=f"{rng.choice(firsts)} {rng.choice(lasts)}",
            role=position,
            stance=stance,
            blocker=rng.choice(blockers) if stance != Stance.AGREES else "",
            note=note if rng.random() < 0.5 else "",
            created_at=said.at,
            updated_at=said.at,
            updated_by_id=said.by_id,
        )
