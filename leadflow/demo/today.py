"""What the demo rep finds in his queue right now: hand-offs with every kind of deadline, and a day's work begun."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from django.conf import settings

from accounts.models import Team, User
from accounts.working_time import WorkingHours, working_time_between
from dispositions.outcomes import Outcome
from funnel.assignment import Rule
from leadflow.demo import words
from leadflow.demo.agreements import BUYER, SIZE
from leadflow.demo.disputes import CASES, Case, said_of
from leadflow.demo.people import Person, worth
from leadflow.demo.staff import HOME_REGION
from leadflow.demo.story import Story
from leadflow.demo.world import World

# Working hours left to accept or refuse each new hand-off; the last one is late.
_HOURS_LEFT = (0.34, 1.0, 2.5, 4.0, 6.5, -2.0)
_HOURS_LEFT_OF_RETURNED = (3.0, 5.0, 7.0)
# Working hours since a colleague got leads that he has not looked at: the ladder has gone up to the head of sales.
_IGNORED_FOR = (17.0, 19.5)
_IGNORED_BY = 4  # his place in the team
_IN_POOL_FOR = (1.2, 3.4)
_LONGEST_LOOK_BACK = 120 * 24 * 3600  # in seconds


@dataclass(frozen=True)
class Scene:
    """`arrives_at`: when marketing's tools reported the lead; `play` tells the rest until now."""

    arrives_at: datetime
    play: Callable[[Story, Person], None]


def worked_before(now: datetime, working_hours: float, hours: WorkingHours) -> datetime:
    """The latest second from which so much working time has passed until `now`."""
    begin, wanted = now.replace(microsecond=0), timedelta(seconds=round(working_hours * 3600))

    def worked(seconds: int) -> timedelta:
        return working_time_between(begin - timedelta(seconds=seconds), begin, hours)

    return begin - timedelta(seconds=bisect_left(range(_LONGEST_LOOK_BACK), wanted, key=worked))


class Today:
    """The scenes of the demo rep's day."""

    def __init__(self, world: World) -> None:
        self.world, self.rep = world, world.staff.demo_rep.user
        assert self.rep.team is not None
        assert self.rep.team.calendar is not None
        self.team: Team = self.rep.team
        self.hours = self.rep.team.calendar.hours
        self.disputed: dict[Case, Story] = {}

    def scenes(self) -> Iterator[Scene]:
        for left in _HOURS_LEFT:
            yield self._scene(60, partial(self._hand_over, left=left))
        for index in range(8):
            yield self._scene(90, partial(self._in_work, index=index))
        for index in range(4):
            yield self._scene(160, partial(self._opportunity, index=index))
        for cycles, left in enumerate(_HOURS_LEFT_OF_RETURNED, start=1):
            yield self._scene(420, partial(self._back_again, left=left, cycles=min(cycles, 2)))
        for minutes, (outcome, said) in enumerate(_SAID_TODAY):
            yield self._scene(160, partial(self._said_today, outcome=outcome, said=said, minutes=20 + 35 * minutes))
        for hours in _IGNORED_FOR:
            yield self._scene(hours + 20, partial(self._ignored, hours_ago=hours))
        for hours in _IN_POOL_FOR:
            yield self._scene(hours + 20, partial(self._to_pool, hours_ago=hours))
        for case in CASES:
            yield self._scene(case.hours_ago + 20, partial(self._refuse, case=case))

    def _scene(self, hours_ago: float, play: Callable[[Story, Person], None]) -> Scene:
        return Scene(self.ago(hours_ago), play)

    def ago(self, working_hours: float) -> datetime:
        return worked_before(self.world.now, working_hours, self.hours)

    def _at(self, story: Story, working_hours_ago: float) -> None:
        story.wait_until(self.ago(working_hours_ago))

    def _due_today(self, index: int) -> datetime:
        """From the early morning to the afternoon, by the clock on the team's wall."""
        zone = self.hours.time_zone
        day = self.world.now.astimezone(zone).date()
        return datetime.combine(day, time(8 + index * 2 // 3, index * 40 % 60), zone).astimezone(UTC)

    def _promote(self, story: Story, hours_ago: float) -> None:
        self._at(story, hours_ago)
        self._give(story, self.rep)

    def _give(self, story: Story, rep: User) -> None:
        """In turn; a lead that comes back stays with him."""
        lead = story.lead
        in_turn = len(self.world.turns.available(HOME_REGION, story.at)) + 1  # and the demo rep
        rule, why = Rule.TERRITORY, f"{self.team.name} sells to {lead.company.country if lead.company else ''}."
        if lead.owner == rep:
            rule, why = Rule.KEPT, f"{rep.name} has it already."
        else:
            why = f"{why} {rep.name} is next in turn of {in_turn} available."
        marketer = self.world.staff.marketers[0]
        story.promote(rep, self.team, marketer, rule=rule, why=why, override=words.OVERRIDES[0])

    def _ignored(self, story: Story, _person: Person, *, hours_ago: float) -> None:
        self._at(story, hours_ago)
        self._give(story, self._colleague(_IGNORED_BY))

    def _to_pool(self, story: Story, _person: Person, *, hours_ago: float) -> None:
        self._at(story, hours_ago)
        turn = self.world.turns.next(story.lead, HOME_REGION, story.at, nobody=True)
        marketer = self.world.staff.marketers[0]
        story.promote(None, self.team, marketer, rule=turn.rule, why=turn.why, override="")

    def _colleague(self, place: int) -> User:
        return self.world.staff.reps[HOME_REGION][place].user

    def _refuse(self, story: Story, _person: Person, *, case: Case) -> None:
        rep = self._colleague(case.rep)
        self._at(story, case.hours_ago + 3)
        self._give(story, rep)
        self._at(story, case.hours_ago)
        story.say(Outcome.REFUSE, by=rep, **said_of(case))
        self.disputed[case] = story

    def _hand_over(self, story: Story, _person: Person, *, left: float) -> None:
        within = self.world.agreement_at(self.world.now, self.team).accept_within_minutes / 60
        self._promote(story, within - left)

    def _in_work(self, story: Story, _person: Person, *, index: int) -> None:
        self._promote(story, 44 + index)
        self._at(story, 40 + index)
        story.say(Outcome.ACCEPT)
        self._at(story, 37 + index)
        story.say(Outcome.VOICEMAIL if index % 2 else Outcome.NO_ANSWER, note=words.ATTEMPT_NOTES[index % 3])
        self._at(story, 9 + index)
        note = words.CONVERSATION_NOTES[index % len(words.CONVERSATION_NOTES)]
        if index % 3:
            story.say(Outcome.CONVERSATION, note=note, next_action_at=self._due_today(index))
        else:
            story.say(Outcome.EMAIL_SENT, next_action_at=self._due_today(index))

    def _opportunity(self, story: Story, person: Person, *, index: int) -> None:
        self._qualified(story, person, hours_ago=40 + 5 * index)
        self._at(story, 10 + 2 * index)
        note = words.CONVERSATION_NOTES[-1 - index]
        story.say(Outcome.MEETING_SET, note=note, next_action_at=self._due_today(8 + index))

    def _qualified(self, story: Story, person: Person, *, hours_ago: float) -> None:
        self._promote(story, hours_ago + 32)
        self._at(story, hours_ago + 29)
        story.say(Outcome.CONVERSATION, learned=story.rng.choice(words.LEARNED))
        self._at(story, hours_ago)
        story.say(
            Outcome.QUALIFY,
            evidence={slug: story.rng.choice(texts) for slug, texts in words.QUALIFIED.items()},
            amount=worth(person.employees, story.rng),
            currency=settings.REPORTING_CURRENCY,
            expected_close_on=(self.world.now + timedelta(days=30)).date(),
        )

    def _back_again(self, story: Story, person: Person, *, left: float, cycles: int) -> None:
        for cycle in range(cycles):
            begin = 380 - 150 * cycle
            self._promote(story, begin)
            self._at(story, begin - 3)
            story.say(Outcome.CONVERSATION, note=story.rng.choice(words.CONVERSATION_NOTES))
            self._at(story, begin - 20)
            story.say(Outcome.RECYCLE, reason="bad_timing", wake_at=self.ago(begin - 140))
        self._hand_over(story, person, left=left)

    def _said_today(
        self, story: Story, person: Person, *, outcome: Outcome, said: dict[str, Any], minutes: float
    ) -> None:
        money: dict[str, Any] = {}
        if outcome is Outcome.WON:
            self._qualified(story, person, hours_ago=50)
            closed_on = self.world.now.astimezone(self.hours.time_zone).date()
            money = {"amount": story.lead.amount, "currency": story.lead.currency, "closed_on": closed_on}
        else:
            self._promote(story, 5 + minutes / 60)
        self._at(story, minutes / 60)
        story.say(outcome, by=self.rep, **(said | money))


_SAID_TODAY: tuple[tuple[Outcome, dict[str, Any]], ...] = (
    (Outcome.NO_ANSWER, {"note": "Back after lunch, says reception."}),
    (Outcome.MEETING_SET, {"note": "Demo agreed, three people will join.", "learned": words.LEARNED[0]}),
    (
        Outcome.REFUSE,
        {"reason": "wrong_segment", "note": words.REFUSAL_NOTES["wrong_segment"], "failed_clauses": (SIZE, BUYER)},
    ),
    (Outcome.WON, {"note": "Signed after lunch.", "learned": words.LEARNED[4]}),
    (Outcome.VOICEMAIL, {"note": "Left my number."}),
)
