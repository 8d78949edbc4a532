"""The buyer's decision as a brief shows it: who agrees, what holds the others, what is worth asking."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dispositions.models import Blocker, BuyIn, Question, Stance
from funnel.attributes import Attribute
from funnel.reference_cache import kept

_HOLDS: dict[str, str] = {
    Blocker.PEOPLE: "people hold",
    Blocker.OLD_VENDOR: "old vendor holds",
    Blocker.BUDGET_SHARE: "shared budget holds",
    Blocker.WORKAROUND: "workaround holds",
    Blocker.CHANGE: "fear of change holds",
}
NAMED = 2  # what holds somebody: so many are named, the others counted


@dataclass(frozen=True)
class Buying:
    """`open_questions`: those about what nobody knows yet."""

    people: Sequence[BuyIn]
    summary: str
    open_questions: Sequence[Question]


def buying_of(people: Sequence[BuyIn], open_attributes: Collection[Attribute]) -> Buying:
    """`open_attributes`: those of the ten that are not known."""
    return Buying(people, summary_of(people), open_questions(every_question(), people, open_attributes))


def summary_of(people: Sequence[BuyIn]) -> str:
    """“2 of 4 agree; old vendor holds Finance”; nothing of a map that is empty."""
    if not people:
        return ""
    agree = sum(one.stance == Stance.AGREES for one in people)
    verb = "agrees" if len(people) == 1 else "agree"
    against = sum(one.stance == Stance.AGAINST for one in people)
    held = [f"{_HOLDS[one.blocker]} {one.role or one.person}" for one in held_back(people)]
    more = [f"{len(held) - NAMED} more held"] if len(held) > NAMED else []
    counted = f"{agree} of {len(people)} {verb}" + (f", {against} against" if against else "")
    return "; ".join([counted, *held[:NAMED], *more])


def held_back(people: Iterable[BuyIn]) -> list[BuyIn]:
    """Those whom something holds and who do not agree, those against first."""
    held = [one for one in people if one.blocker and one.stance != Stance.AGREES]
    return sorted(held, key=lambda one: one.stance != Stance.AGAINST)


def open_questions(
    questions: Iterable[Question], people: Iterable[BuyIn], open_attributes: Collection[Attribute]
) -> list[Question]:
    """Those about a blocker that nobody has named, about an open attribute, and those about neither."""
    named = {one.blocker for one in people if one.blocker}
    return [
        one
        for one in questions
        if (not one.blocker or one.blocker not in named) and (not one.attribute or one.attribute in open_attributes)
    ]


@kept(Question)
def every_question() -> list[Question]:
    """Those that are asked, in their order."""
    return list(Question.objects.filter(is_active=True))
