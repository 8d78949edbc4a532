"""All that was heard, said and done about one lead, in one query: what the brief is made of."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce

from dispositions.models import BuyIn, Forecast
from funnel.attributes import Attribute
from funnel.models import Evidence, Lead, LeadEvent, LeadText, Touch

TOUCHES = 12
EVENTS = 60
TEXTS = 60
BUY_INS = 30
FORECASTS = 10

TOLD = (
    LeadEvent.Kind.CREATED,
    LeadEvent.Kind.STAGE_CHANGED,
    LeadEvent.Kind.DISPOSITIONED,
    LeadEvent.Kind.CORRECTED,
    LeadEvent.Kind.BLACK_HOLE,
    LeadEvent.Kind.RECOVERED,
    LeadEvent.Kind.STALE,
    LeadEvent.Kind.WOKEN,
    LeadEvent.Kind.ASSIGNED,
    LeadEvent.Kind.MERGED,
    LeadEvent.Kind.NOTED,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A touch: what they read, searched or asked. `by`: who of marketing did it by hand."""

    at: datetime
    kind: Touch.Kind
    subject: str
    channel: str
    campaign: str
    by: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of an attribute, the newest of it. `by`: the person, else the system that told it."""

    attribute: Attribute
    text: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the ledger. `by`: the person, else the key or the job."""

    seq: int
    kind: LeadEvent.Kind
    at: datetime
    data: Mapping[str, Any]
    by: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words that belong to the event with this seq."""

    seq: int
    kind: LeadText.Kind
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Guess:
    """Whether the rep believed that it closes, in percent; else why he could not say."""

    occasion: int
    hand_off_id: int | None
    chance: int | None
    because: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Story:
    """Touches, events and guesses with the newest first; texts in the order of their events."""

    touches: Sequence[Heard]
    learned: Mapping[Attribute, Learned]
    events: Sequence[Happened]
    texts: Sequence[Said]
    buy_ins: Sequence[BuyIn]
    guesses: Sequence[Guess]


def story_of(lead: Lead, *, sees_notes: bool) -> Story:
    """One query with a bounded number of rows: the newest of each kind. Notes are private to sales.

    The rows of `buy_ins` have what people read; what else is asked of them takes a query.
    """
    found: dict[str, list[tuple[Any, ...]]] = {part: [] for part in _PARTS}
    for part, *row in _rows(lead.pk):
        found[part].append(tuple(row))
    texts = [Said(seq, LeadText.Kind(kind), text, at) for at, seq, kind, text, *_ in found["text"]]
    learned = [Learned(Attribute(slug), text, at, by) for at, _, slug, text, _, _, by in found["evidence"]]
    return Story(
        touches=_newest_first(_heard(row) for row in found["touch"]),
        learned={one.attribute: one for one in learned},
        events=sorted((_happened(row) for row in found["event"]), key=lambda one: one.seq, reverse=True),
        texts=sorted(
            (one for one in texts if sees_notes or one.kind != LeadText.Kind.NOTE), key=lambda one: (one.seq, one.kind)
        ),
        buy_ins=sorted((_buy_in(lead, row) for row in found["buy_in"]), key=lambda one: one.pk),
        guesses=_newest_first(_guess(row) for row in found["forecast"]),
    )


def _heard(row: tuple[Any, ...]) -> Heard:
    at, _, kind, subject, channel, campaign, by = row
    return Heard(at, Touch.Kind(kind), subject, channel, campaign, by)


def _happened(row: tuple[Any, ...]) -> Happened:
    at, seq, kind, data, _, _, by = row
    return Happened(seq, LeadEvent.Kind(kind), at, json.loads(data), by)


def _buy_in(lead: Lead, row: tuple[Any, ...]) -> BuyIn:
    at, pk, stance, person, role, note, blocker = row
    names = ("id", "lead_id", "person", "role", "stance", "blocker", "note", "updated_at")
    return BuyIn.from_db(connection.alias, names, (pk, lead.pk, person, role, stance, blocker, note, at))


def _guess(row: tuple[Any, ...]) -> Guess:
    at, occasion, because, chance, hand_off, _, by = row
    label = Forecast.Because(because).label if because else ""
    return Guess(occasion, int(hand_off) if hand_off else None, int(chance) if chance else None, label, by, at)


def _newest_first(told: Iterable[Any]) -> list[Any]:
    return sorted(told, key=lambda one: one.at, reverse=True)


# --- the one query ------------------------------------------------------------------------------------------------
# Every kind of row answers the same columns: its part, a time, a number, a code, and four texts.

_PARTS = ("touch", "evidence", "event", "text", "buy_in", "forecast")
_NOTHING = Value("", CharField())
_LEAD = -1  # stands for the lead in the statement that is kept


def _rows(lead_id: int) -> list[tuple[Any, ...]]:
    sql, given = _statement(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [lead_id if one == _LEAD else one for one in given])
        return [(part, _instant(at), *rest) for part, at, *rest in cursor.fetchall()]


def _instant(at: datetime) -> datetime:
    """SQLite keeps times in UTC without saying so."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@cache
def _statement(vendor: str) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG001  # each writes it in its own way
    """Written by the ORM once in a process: writing it takes several times as long as asking."""
    first, *others = [
        _touches(),
        _evidence(),
        _events(),
        _texts(),
        _buy_ins(),
        _forecasts(),
    ]
    return first.union(*others, all=True).query.sql_with_params()


def _columns(part: str, rows: QuerySet[Any], at: str, number: str, code: str, *texts: Any) -> QuerySet[Any, Any]:
    columns = {f"text_{place}": Cast(text, TextField()) for place, text in enumerate(texts)}
    return (
        rows.order_by()
        .annotate(part=Value(part, CharField()), told_at=F(at), number=F(number), code=F(code), **columns)
        .values_list("part", "told_at", "number", "code", *columns)
    )


def _touches() -> QuerySet[Any, Any]:
    newest = Touch.objects.filter(lead=_LEAD).order_by("-at", "-id").values("pk")[:TOUCHES]
    rows = Touch.objects.filter(pk__in=newest)
    campaign, by = Coalesce("campaign__name", _NOTHING), Coalesce("by__name", _NOTHING)
    return _columns("touch", rows, "at", "id", "kind", F("subject"), F("channel__name"), campaign, by)


def _evidence() -> QuerySet[Any, Any]:
    same = Evidence.objects.filter(lead=OuterRef("lead"), attribute=OuterRef("attribute"))
    newest = same.order_by("-learned_at", "-id").values("pk")[:1]
    rows = Evidence.objects.filter(lead=_LEAD, pk=Subquery(newest))
    by = Coalesce("learned_by__name", "source")
    return _columns("evidence", rows, "learned_at", "id", "attribute", F("text"), _NOTHING, _NOTHING, by)


def _events() -> QuerySet[Any, Any]:
    newest = LeadEvent.objects.filter(lead=_LEAD, kind__in=TOLD).order_by("-seq").values("pk")[:EVENTS]
    rows = LeadEvent.objects.filter(pk__in=newest)
    by = Coalesce("actor__name", "actor_name")
    return _columns("event", rows, "at", "seq", "kind", F("data"), _NOTHING, _NOTHING, by)


def _texts() -> QuerySet[Any, Any]:
    """Also what was found of the clauses, however long ago: there is one such text for each hand-off."""
    newest = LeadText.objects.filter(lead=_LEAD).order_by("-seq").values("pk")[:TEXTS]
    rows = LeadText.objects.filter(Q(pk__in=newest) | Q(kind=LeadText.Kind.CLAUSES), lead=_LEAD)
    return _columns("text", rows, "at", "seq", "kind", F("text"), _NOTHING, _NOTHING, _NOTHING)


def _buy_ins() -> QuerySet[Any, Any]:
    newest = BuyIn.objects.filter(lead=_LEAD).order_by("-id").values("pk")[:BUY_INS]
    rows = BuyIn.objects.filter(pk__in=newest)
    return _columns("buy_in", rows, "updated_at", "id", "stance", F("person"), F("role"), F("note"), F("blocker"))


def _forecasts() -> QuerySet[Any, Any]:
    newest = Forecast.objects.filter(lead=_LEAD).order_by("-id").values("pk")[:FORECASTS]
    rows = Forecast.objects.filter(pk__in=newest)
    chance = Coalesce(Cast("chance", TextField()), Value("", TextField()))
    hand_off = Coalesce(Cast("hand_off", TextField()), Value("", TextField()))
    return _columns("forecast", rows, "at", "occasion", "unknown_because", chance, hand_off, _NOTHING, F("by__name"))
