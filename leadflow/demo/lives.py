"""How leads fare at the demo company: chances by channel, by rep, and by how fast he answers."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import log
from random import Random
from typing import Any, TypeVar

from django.conf import settings

from accounts.models import User
from accounts.working_time import add_working_days
from dispositions.outcomes import Channel, Outcome
from funnel.lifecycle import Stage
from leadflow.demo import words
from leadflow.demo.agreements import BUYER, MAIL, PAIN, SIZE
from leadflow.demo.people import Person, pick, worth
from leadflow.demo.staff import Rep
from leadflow.demo.story import PresentReached, Story
from leadflow.demo.world import World

T = TypeVar("T")

MOST_CYCLES = 3
_REFUSALS = {
    "no_need": 4,
    "bad_timing": 4,
    "no_budget": 3,
    "no_authority": 2,
    "wrong_segment": 4,
    "bad_data": 3,
    "student": 1,
    "consultant": 1,
    "competitor": 1,
    "duplicate": 1,
}
# The clauses of the agreement that these reasons cite, beside that which people judge.
_CITES = {
    "no_need": (PAIN, BUYER),
    "bad_timing": (PAIN, BUYER),
    "wrong_segment": (SIZE, BUYER),
    "bad_data": (MAIL, BUYER),
}
_RECYCLES = {"bad_timing": 5, "no_budget": 4, "no_need": 2, "no_authority": 2}
_DISCARDS = {"student": 4, "bad_data": 4, "consultant": 2, "competitor": 1, "wrong_segment": 3}
_LOSSES = {"lost_price": 4, "lost_feature": 3, "lost_relationship": 2}
_BLOCKERS = {
    "blocked_old_vendor": 4,
    "blocked_people": 3,
    "blocked_budget_share": 3,
    "blocked_workaround": 4,
    "blocked_change": 2,
}
_ATTEMPTS = (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.EMAIL_SENT)


class Abandoned(Exception):
    """The rep does nothing more about this lead."""


@dataclass
class Course:
    """The way of one lead through the funnel."""

    story: Story
    person: Person

    def run(self) -> None:
        """Until it is closed, forgotten, or now."""
        with suppress(PresentReached, Abandoned):
            if self.person.self_sourced:
                self._own_find()
            else:
                self._marketing()
        self.story.finish()

    def _own_find(self) -> None:
        """A rep found the lead himself: no hand-off, no clock of the agreement."""
        owner = self.story.lead.owner
        rep = next(rep for rep in self.story.world.staff.reps[self.person.region] if rep.user == owner)
        self.story.wait(0.1)
        self.story.move(Stage.SAL, rep.user)
        SalesWork(self.story, self.person, rep).develop()

    # --- marketing ---

    @property
    def rng(self) -> Random:
        return self.story.rng

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _marketer(self) -> User:
        return self.story.world.marketer(self.rng)

    def _in_office(self, days: float) -> None:
        self.story.rest(days, self.story.world.staff.office_hours)

    def _marketing(self) -> None:
        if self.person.is_promising:
            self._in_office(self.rng.expovariate(1 / 2.5))
            self._cycle()
            return
        self._in_office(self.rng.uniform(1, 12))
        if self._chance(0.20):
            self.story.move(Stage.DISQUALIFIED, self._marketer(), _weighted(self.rng, _DISCARDS))
        elif self._chance(0.88):
            self.story.move(Stage.NURTURE, self._marketer(), "bad_timing")
            if self._chance(0.1):
                self._in_office(self.rng.uniform(20, 85))
                self._cycle()

    def _cycle(self) -> None:
        """One passage through sales, and perhaps another after it came back."""
        self._hand_over()
        story = self.story
        if story.lead.stage != Stage.NURTURE or story.lead.cycle >= MOST_CYCLES or self._chance(0.12):
            return
        self._in_office(0)
        if story.lead.wake_at:
            self._in_office((story.lead.wake_at - story.at) / timedelta(days=1))
        self._in_office(self.rng.uniform(1, 12))
        if self._chance(0.3):
            story.move(Stage.DISQUALIFIED, self._marketer(), _weighted(self.rng, _DISCARDS))
        else:
            self._cycle()

    def _hand_over(self) -> None:
        story = self.story
        world, region = story.world, self.person.region
        pooled = story.lead.owner is None and self._chance(0.04)
        turn = world.turns.next(story.lead, region, story.at, nobody=pooled)
        rep = turn.rep or random_rep(world, region, story.at, self.rng)
        story.promote(
            turn.rep.user if turn.rep else None,
            world.staff.teams[region],
            self._marketer(),
            rule=turn.rule,
            why=turn.why,
            override=self.rng.choice(words.OVERRIDES),
        )
        if self._chance(0.012):
            story.wait(0.5)
            story.move(Stage.INQUIRY, self._marketer(), "bad_data")
            return
        SalesWork(story, self.person, rep).run()


@dataclass
class SalesWork:
    """What a rep does with one hand-off."""

    story: Story
    person: Person
    rep: Rep
    speed: float = 1.0

    def run(self) -> None:
        if self._chance(self.rep.temper.ignores) and self.story.lead.owner:
            raise Abandoned
        answers_in = self.rng.lognormvariate(log(self.rep.temper.answers_in), 0.75)
        self.story.wait(answers_in)
        self.speed = 1.25 if answers_in < 2 else 1.0 if answers_in < 8 else 0.6
        if self._chance(0.20 - 0.09 * self.person.channel.quality):
            self._refuse()
            return
        if self._chance(0.4):
            self._say(Outcome.ACCEPT)
            self._maybe_forget(0.5)
            self.story.wait(self.rng.uniform(0.2, 7))
        if self._reach():
            self.develop()

    @property
    def rng(self) -> Random:
        return self.story.rng

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _say(self, outcome: Outcome, **said: Any) -> None:
        self.story.say(outcome, by=self.rep.user, **said)

    def _maybe_forget(self, share: float = 1.0) -> None:
        """Raises Abandoned."""
        if self._chance(self.rep.temper.gives_up * share):
            raise Abandoned

    def _refuse(self) -> None:
        reason = _weighted(self.rng, _REFUSALS)
        note = words.REFUSAL_NOTES[reason]
        learned = note if self._chance(0.7) else ""
        self._say(
            Outcome.REFUSE, reason=reason, note=note, learned=learned, failed_clauses=_CITES.get(reason, (BUYER,))
        )

    def _reach(self) -> bool:
        """Try until somebody answers, or the agreed number of attempts is made and the lead goes back."""
        agreement = self.story.hand_off.agreement
        while not self._chance(0.30 + 0.12 * self.speed):
            outcome = self.rng.choice(_ATTEMPTS)
            self._say(outcome, note=pick(self.rng, words.ATTEMPT_NOTES, 0.3), next_action_at=self._next_step(2))
            hand_off = self.story.hand_off
            channels = len(hand_off.attempt_channels)
            if hand_off.attempts >= agreement.attempts_required and channels >= agreement.channels_required:
                self._give_back_unreached()
                return False
            self._maybe_forget()
            self.story.wait(self.rng.uniform(5, 16))
        return True

    def _give_back_unreached(self) -> None:
        """Only once the agreed period has passed."""
        hand_off = self.story.hand_off
        assert hand_off.first_attempt_at is not None
        days = hand_off.agreement.attempts_within_days + 1
        earliest = add_working_days(hand_off.first_attempt_at, days, self.story.hours)
        self.story.wait_until(max(earliest, self.story.at))
        self._say(Outcome.EMAIL_SENT)
        self.story.wait(0.2)
        self._say(Outcome.RECYCLE, reason="unable_to_reach")

    def _talk(self, days: int) -> None:
        outcome = Outcome.MEETING_SET if self._chance(0.3) else Outcome.CONVERSATION
        learns = {slug: self.rng.choice(texts) for slug, texts in words.HEARD.items() if self._chance(0.3)}
        self._say(
            outcome,
            channel=Channel.MEETING if self._chance(0.1) else "",
            note=pick(self.rng, words.CONVERSATION_NOTES, 0.6),
            learned=pick(self.rng, words.LEARNED, 0.3),
            evidence=learns,
            next_action_at=self._next_step(days),
        )

    def _next_step(self, days: int) -> datetime:
        return add_working_days(self.story.at, days, self.story.hours)

    def develop(self) -> None:
        """From the first conversation to an opportunity, or out."""
        self._talk(3)
        while self._chance(0.35):
            self.story.wait_days(self.rng.randint(1, 4))
            self._talk(3)
        self._maybe_forget()
        self.story.wait_days(self.rng.randint(1, 4))
        if self._chance(min(0.8, 0.46 * self.person.channel.quality * self.speed)):
            self._qualify()
            self._sell()
            return
        self._leave({Outcome.RECYCLE: 6, Outcome.DISQUALIFY: 2, Outcome.LOST: 2, Outcome.NO_DECISION: 1})

    def _qualify(self) -> None:
        self._say(
            Outcome.QUALIFY,
            evidence={slug: self.rng.choice(texts) for slug, texts in words.QUALIFIED.items()},
            amount=worth(self.person.employees, self.rng),
            currency=settings.REPORTING_CURRENCY,
            expected_close_on=(self.story.at + timedelta(days=self.rng.randint(20, 90))).date(),
            learned=pick(self.rng, words.LEARNED, 0.4),
            next_action_at=self._next_step(4),
        )

    def _sell(self) -> None:
        for _ in range(self.rng.randint(1, 4)):
            self.story.wait_days(self.rng.randint(3, 9))
            self._talk(6)
            self._maybe_forget(0.5)
        self.story.wait_days(self.rng.randint(2, 9))
        if self._chance(min(0.7, 0.31 * self.person.channel.quality * self.rep.temper.skill)):
            self._win()
            return
        self._leave({Outcome.LOST: 5, Outcome.NO_DECISION: 4, Outcome.RECYCLE: 1})

    def _win(self) -> None:
        assert self.story.lead.amount is not None
        discount = Decimal(self.rng.choice(("1", "1", "0.95", "0.9", "0.85")))
        self._say(
            Outcome.WON,
            amount=round(self.story.lead.amount * discount, 2),
            currency=settings.REPORTING_CURRENCY,
            closed_on=self.story.at.astimezone(self.story.hours.time_zone).date(),
            learned=pick(self.rng, words.LEARNED, 0.5),
        )

    def _leave(self, ways: dict[Outcome, int]) -> None:
        outcome = _weighted(self.rng, ways)
        qualified = self.story.lead.stage == Stage.SQL
        reasons: dict[Outcome, dict[str, int]] = {
            Outcome.RECYCLE: _RECYCLES,
            Outcome.DISQUALIFY: _DISCARDS,
            Outcome.LOST: _LOSSES,
            Outcome.NO_DECISION: _BLOCKERS if qualified else {"no_need": 1},
        }
        self._say(
            outcome,
            reason=_weighted(self.rng, reasons[outcome]),
            competitor=self.rng.choice(words.COMPETITORS) if outcome is Outcome.LOST else "",
            learned=pick(self.rng, words.LEARNED, 0.5),
        )


def random_rep(world: World, region: str, at: datetime, rng: Random) -> Rep:
    """Somebody of the region's team who gets leads that day."""
    return rng.choice(world.turns.available(region, at))


def _weighted(rng: Random, weights: Mapping[T, int]) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]
