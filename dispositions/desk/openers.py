"""Ways to begin a call, made from what the prospect already told us. None asks for what is known. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dispositions.desk.cycles import Cycle
from dispositions.desk.story import Heard, Learned
from funnel.attributes import Attribute
from funnel.models import Touch

MOST = 4
_MOST_TOUCHES = 2
_LONGEST_QUOTE = 140


@dataclass(frozen=True)
class Opener:
    """`text` can be said aloud. `rests_on` and `at`: what it was made from, and the time of that."""

    text: str
    rests_on: str
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """All that an opener may rest on. `touches` and `cycles`: the newest first. `missing`: the attributes still open.

    `woken`: the day came that was agreed at the end of the last cycle.
    """

    touches: Sequence[Heard] = ()
    evidence: Mapping[Attribute, Learned] = field(default_factory=dict)
    cycles: Sequence[Cycle] = ()
    missing: Sequence[Attribute] = ()
    self_reported_source: str = ""
    campaign: str = ""
    woken: bool = False


def openers_from(told: Told, *, now: datetime) -> list[Opener]:
    """Up to four, the strongest first: what was agreed, what presses, what hurts, what they did, how they came.

    `now` in the zone in which “yesterday” is meant.
    """
    asks = _Questions(told.missing)
    made = [opener for rule in _RULES for opener in rule(told, asks, now)]
    return made[:MOST]


class _Questions:
    """Hands out each question once, and only while nobody knows the answer."""

    def __init__(self, missing: Sequence[Attribute]) -> None:
        self._open = list(missing)

    def about(self, *asked: tuple[Attribute, str]) -> str:
        """The first question whose answer is open; nothing where all of it is known."""
        for attribute, question in asked:
            if attribute in self._open:
                self._open.remove(attribute)
                return f" {question}"
        return ""


Rule = Callable[[Told, _Questions, datetime], Iterator[Opener]]

# --- what was said at the end of an earlier cycle -------------------------------------------------------------------

_LEFT_OFF = {
    "bad_timing": "{When} it was not the right time for you.",
    "no_budget": "{When} you had no money set aside for it.",
    "no_need": "{When} you were fine with what you have.",
    "no_authority": "{When} somebody else had to decide.",
    "unable_to_reach": "We tried to reach you {when} and kept missing each other.",
    "lost_price": "{When} you chose somebody else, for the price.",
    "lost_feature": "{When} you chose somebody else, because something was missing here.",
    "lost_relationship": "{When} you stayed with people you know.",
    "blocked_people": "{When} not everybody at your side was for it.",
    "blocked_old_vendor": "{When} your present vendor stood in the way.",
    "blocked_budget_share": "{When} it was open who would pay for it.",
    "blocked_workaround": "{When} you managed with what you had.",
    "blocked_change": "{When} the change seemed too big.",
}


def _from_cycles(told: Told, asks: _Questions, now: datetime) -> Iterator[Opener]:
    """The latest one that can be spoken of: nobody is told that he was taken for a student."""
    cycle = next((one for one in told.cycles if one.reason_slug in _LEFT_OFF), None)
    if cycle is None:
        return
    left_off = _LEFT_OFF[cycle.reason_slug].format(**_when(cycle.ended_at, now))
    agreed = " We noted to come back to you around now." if told.woken else ""
    question = asks.about(
        (Attribute.COMPELLING_EVENT, "What is different today?"),
        (Attribute.DECISION_PROCESS, "How would you decide today?"),
    )
    rests_on = f"hand-off {cycle.number}, {cycle.outcome.lower()}: {cycle.reason.lower()}"
    yield Opener(f"{left_off}{agreed}{question}", rests_on, cycle.ended_at)


# --- what they told somebody here -----------------------------------------------------------------------------------


def _from_evidence(told: Told, asks: _Questions, _now: datetime) -> Iterator[Opener]:
    for attribute, begin, questions in _TOPICS:
        known = told.evidence.get(attribute)
        if known and not known.text.casefold().startswith(_NOTHING_THERE):
            text = _one_mark(f"{begin} {_quoted(known.text)}.") + asks.about(*questions)
            by = f", noted by {known.by}" if known.by else ""
            yield Opener(text, f"{_TOPIC_NAMES[attribute]}{by}", known.at)


_TOPICS: tuple[tuple[Attribute, str, tuple[tuple[Attribute, str], ...]], ...] = (
    (
        Attribute.COMPELLING_EVENT,
        "I have a note of what is coming up for you:",
        (
            (Attribute.DECISION_PROCESS, "What has to be decided before that, and by when?"),
            (Attribute.BUDGET, "Is there money set aside for it?"),
        ),
    ),
    (
        Attribute.PAIN,
        "I have a note of what gives you trouble:",
        (
            (Attribute.DECISION_MAKER_ENGAGED, "Who in your management feels it most?"),
            (Attribute.ENVIRONMENT, "What do you work with today?"),
            (Attribute.BUDGET, "Is there money set aside to mend it?"),
            (Attribute.COMPELLING_EVENT, "By when does it have to be better?"),
        ),
    ),
    (
        Attribute.COMPETITION,
        "I have a note of what else you look at:",
        (
            (Attribute.DECISION_PROCESS, "How will you choose?"),
            (Attribute.DECISION_MAKERS, "Who compares with you?"),
        ),
    ),
)

_NOTHING_THERE = ("no ", "none", "nobody", "nothing", "not ")
_TOPIC_NAMES = {
    Attribute.COMPELLING_EVENT: "what is coming up",
    Attribute.PAIN: "their pain",
    Attribute.COMPETITION: "their other choices",
}

# --- what they did --------------------------------------------------------------------------------------------------

# By the word a tool puts before the subject ("Asked: …"), else by the kind of touch; the strongest first.
_SAYINGS: Mapping[str, str] = {
    "asked": "{When} you asked us: {quoted}. I have the answer with me.",
    "asked for a call": "{When} you asked us for a call: {quoted}.",
    Touch.Kind.CHAT: "{When} you wrote to us: {quoted}.",
    Touch.Kind.FORM: "{When} you wrote to us: {quoted}.",
    Touch.Kind.CALL: "{When} you spoke with {by}: {quoted}.",
    Touch.Kind.EVENT: "{When} we met. My note says {quoted}.",
    "searched": "{When} you were looking for {quoted}.",
    "attended": "{When} you were in our webinar {quoted}.",
    "registered": "{When} you registered for {quoted}.",
    Touch.Kind.WEBINAR: "{When} you were in our webinar {quoted}.",
    "downloaded": "{When} you took {quoted} with you.",
    Touch.Kind.DOWNLOAD: "{When} you took {quoted} with you.",
    "read": "{When} you read {quoted}.",
    Touch.Kind.VISIT: "{When} you read {quoted}.",
    "clicked": "{When} you looked at {quoted}.",
}
_STRENGTH = {saying: place for place, saying in enumerate(_SAYINGS)}
_RESTS_ON: Mapping[Touch.Kind, str] = {
    Touch.Kind.FORM: "their form",
    Touch.Kind.WEBINAR: "the webinar",
    Touch.Kind.AD_CLICK: "the ad they clicked",
    Touch.Kind.EMAIL: "our e-mail",
    Touch.Kind.EVENT: "the event",
    Touch.Kind.CALL: "marketing’s call",
    Touch.Kind.VISIT: "their visit to our pages",
    Touch.Kind.DOWNLOAD: "their download",
    Touch.Kind.CHAT: "the chat",
}
_ABOUT_WHAT_THEY_DID = (
    (Attribute.PAIN, "What made you look into it?"),
    (Attribute.ENVIRONMENT, "How do you do it today?"),
    (Attribute.COMPELLING_EVENT, "Why now?"),
)


def _from_touches(told: Told, asks: _Questions, now: datetime) -> Iterator[Opener]:
    """The strongest two, each subject once."""
    sayable = {subject: (saying, touch) for touch in reversed(told.touches) for saying, subject in [_saying(touch)]}
    sayable.pop("", None)
    newest = sorted(sayable.items(), key=lambda one: one[1][1].at, reverse=True)
    for subject, (saying, touch) in sorted(newest, key=lambda one: _STRENGTH[one[1][0]])[:_MOST_TOUCHES]:
        said = _SAYINGS[saying].format(
            **_when(touch.at, now), quoted=_quoted(subject), by=touch.by or "a colleague of mine"
        )
        # Who asked us something wants the answer, not a question back.
        question = "" if saying == "asked" else asks.about(*_ABOUT_WHAT_THEY_DID)
        yield Opener(_one_mark(said) + question, _RESTS_ON.get(touch.kind, "what marketing heard"), touch.at)


def _saying(touch: Heard) -> tuple[str, str]:
    """What can be said of a touch and its subject; an empty subject where it is better not spoken of."""
    word, colon, subject = touch.subject.partition(":")
    if colon and (verb := word.strip().lower()) in _SAYINGS and verb not in Touch.Kind:
        return verb, subject.strip()
    return (touch.kind, touch.subject.strip()) if touch.kind in _SAYINGS else ("", "")


# --- how they came --------------------------------------------------------------------------------------------------

_SAYS_NOTHING = {"", "-", "?", "n/a", "none", "other", "unknown", "don't know", "don't remember", "internet", "google"}


def _from_their_source(told: Told, asks: _Questions, _now: datetime) -> Iterator[Opener]:
    source = told.self_reported_source.strip()
    if source.casefold() not in _SAYS_NOTHING:
        text = f"You told us how you heard of us: {_quoted(source)}.{asks.about(*_ABOUT_WHAT_THEY_DID)}"
        yield Opener(text, "their own word on how they found us")


def _from_the_campaign(told: Told, asks: _Questions, _now: datetime) -> Iterator[Opener]:
    """Only where they have done nothing that can be spoken of."""
    if told.campaign and not any(_saying(touch)[1] for touch in told.touches):
        text = f"You came to us through {_quoted(told.campaign)}.{asks.about(*_ABOUT_WHAT_THEY_DID)}"
        yield Opener(text, "the campaign that brought them")


_RULES: tuple[Rule, ...] = (_from_cycles, _from_evidence, _from_touches, _from_their_source, _from_the_campaign)

# --- wording --------------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    """In quotation marks, on one line, without the full stop, and short enough to be read at a glance."""
    line = " ".join(text.split()).rstrip(".").strip('“”"')
    return f"“{line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE].rsplit(' ', 1)[0] + '…'}”"


def _one_mark(sentence: str) -> str:
    """A quoted question brings its own mark."""
    return sentence.replace("?”.", "?”").replace("!”.", "!”")


def _when(at: datetime, now: datetime) -> dict[str, str]:
    """“yesterday”, “5 days ago”, “in May”, “in May 2025”; `When` is the same at the beginning of a sentence."""
    local = at.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    if days < 2:
        when = "yesterday" if days == 1 else "today"
    elif days < 14:
        when = f"{days} days ago"
    else:
        when = f"in {local:%B}" if local.year == now.year else f"in {local:%B %Y}"
    return {"when": when, "When": when[0].upper() + when[1:]}
