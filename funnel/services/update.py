"""What an input may change on a lead that is already known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from funnel.authority import ALL, Claim, Ignored, Side, Verdict, claimed, held, judge, side_of
from funnel.consent import heard
from funnel.inputs import LeadInput, Status
from funnel.models import Evidence, Lead, LeadEvent
from funnel.services.changes import LeadChange
from funnel.services.lookups import Lookups
from funnel.services.suppression import check_key
from funnel.services.told_before import ToldBefore
from funnel.services.touches import note_touches, touch_rows

# Plain columns that an input may fill; a blank never overwrites.
MONEY = ("expected_value", "currency")
COLUMNS = ("first_name", "last_name", "title", "phone", "self_reported_source", *MONEY)
_BLANK = ("", None)


@dataclass
class Updated:
    """What came of an input. `is_new`: anything was taken; `ignored`: what was not, and why."""

    is_new: bool = False
    ignored: list[Ignored] = field(default_factory=list)

    @property
    def status(self) -> Status:
        if self.is_new:
            return Status.UPDATED
        is_stale = any(one.why is Verdict.STALE for one in self.ignored)
        return Status.STALE if is_stale else Status.UNCHANGED


def claim_of(given: LeadInput, change_at: datetime, side: Side) -> Claim:
    """Whose word an input is, and when it was so: never later than it was received."""
    return Claim(side, min(given.at or change_at, change_at))


def first_claims(given: LeadInput, at: datetime, side: Side) -> dict[str, object]:
    """What is kept of a new lead: all it came with was so at one time."""
    return claimed({}, [ALL], claim_of(given, at, side))


def update_lead(
    change: LeadChange, given: LeadInput, email_key: str | None, lookups: Lookups, *, raises_version: bool = False
) -> Updated:
    """Take over what is new and write it. Raises Suppressed."""
    updated = take_over(change, given, email_key, lookups, ToldBefore([(change.lead, given)]))
    if updated.is_new or change.values:
        change.write(raises_version=raises_version and updated.is_new)
    return updated


def take_over(
    change: LeadChange, given: LeadInput, email_key: str | None, lookups: Lookups, before: ToldBefore
) -> Updated:
    """Collect what is new, as one of many inputs whose changes the caller writes, also those that only confirm.

    Stage, channel and what is sales' stay as they are. Raises Suppressed, and then nothing is collected.
    """
    if change.lead.email_key is None:
        check_key(email_key)
    told = _Told(change, given)
    edits = told.edits(email_key, lookups)
    if edits:
        change.record(LeadEvent.Kind.EDITED, fields=sorted(edits), source=given.source)
    is_scored = told.score()
    touches = before.new_touches(touch_rows(change.lead, given.touches, source=given.source, lookups=lookups))
    if touches:
        change.touches += touches
        note_touches(change, touches)
    learned = told.learn(before)
    return Updated(bool(edits or is_scored or touches or learned), [*told.ignored, *lookups.ignored_of(given.company)])


class _Told:
    """One input held against a lead: what is taken goes into the change, what is not into `ignored`."""

    def __init__(self, change: LeadChange, given: LeadInput) -> None:
        self.change, self.given = change, given
        self.claim = claim_of(given, change.at, side_of(change.by))
        self.ignored: list[Ignored] = []

    def edits(self, email_key: str | None, lookups: Lookups) -> dict[str, Any]:
        """The fields that change, which are set and claimed."""
        lead, given = self.change.lead, self.given
        # Once sales has named an amount, its currency is no longer the input's to say.
        columns = COLUMNS if lead.amount is None else [name for name in COLUMNS if name not in MONEY]
        wanted = {name: value for name in columns if (value := getattr(given, name)) not in _BLANK}
        company = lookups.company(given.company)
        if company:
            wanted["company"] = company
        edits = self._taken(wanted)
        if email_key and lead.email_key is None and "email" in self._taken({"email": given.email.strip()}):
            edits |= {"email": given.email.strip(), "email_key": email_key}
        if lead.campaign_id is None and given.campaign:
            edits["campaign"] = lookups.campaign(given.campaign)
        consent, ignored = heard(lead.consent, given.consent or {}, source=given.source, at=self.claim.at)
        self.ignored += ignored
        if consent != lead.consent:
            edits["consent"] = consent
        self.change.set(**edits)
        return edits

    def score(self) -> bool:
        if self.given.score is None:
            return False
        taken = self._taken({"score": self.given.score})
        self.change.set(**taken)
        return bool(taken)

    def _taken(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """What is taken and otherwise than before. What is taken is claimed.

        A value that is known already is claimed anew only by who says when it was so: a message without a time that
        comes once more tells nothing new.
        """
        lead, taken, confirmed = self.change.lead, {}, []
        for name, value in wanted.items():
            present = getattr(lead, name)
            known = held(lead.authority, name, is_blank=present in _BLANK)
            verdict = judge(name, held=known, told=self.claim)
            if verdict is not Verdict.TAKEN:
                if value != present:
                    self.ignored.append(Ignored(name, verdict))
            elif value != present:
                taken[name] = value
            elif self.given.at and known and known.at < self.claim.at:
                confirmed.append(name)
        if taken or confirmed:
            self.change.set(authority=claimed(lead.authority, [*taken, *confirmed], self.claim))
        return taken

    def learn(self, before: ToldBefore) -> int:
        """Keep new evidence; what a person learned is not overwritten by what a system heard, nor later by earlier."""
        lead, told = self.change.lead, {slug: text for slug, text in self.given.attributes.items() if text}
        known = {slug: one for slug in told if (one := before.evidence(lead, slug))}
        new = [slug for slug, text in told.items() if self._is_news(slug, text, known.get(slug))]
        self._confirm([one for slug, one in known.items() if one.text == told[slug]])
        for evidence in evidence_rows(lead, self.given, new, at=self.claim.at):
            before.add_evidence(evidence)
            self.change.evidence.append(evidence)
        return len(new)

    def _is_news(self, slug: str, text: str, known: Evidence | None) -> bool:
        if known is None:
            return True
        if known.text == text:
            return False
        if known.learned_by_id is None and known.learned_at <= self.claim.at:
            return True
        why = Verdict.STALE if known.learned_by_id is None else Verdict.BY_HAND
        self.ignored.append(Ignored(f"attributes.{slug}", why))
        return False

    def _confirm(self, same: Sequence[Evidence]) -> None:
        """Told again as of later: an earlier word that comes after this one is old."""
        older = [one for one in same if one.learned_by_id is None and one.learned_at < self.claim.at]
        if self.given.at and older:
            for one in older:
                one.learned_at = self.claim.at
            Evidence.objects.filter(pk__in=[one.pk for one in older]).update(learned_at=self.claim.at)


def evidence_rows(lead: Lead, given: LeadInput, slugs: Sequence[str], *, at: datetime) -> list[Evidence]:
    """The rows for these attributes of an input; not yet saved."""
    return [
        Evidence(lead=lead, attribute=slug, text=given.attributes[slug], learned_at=at, source=given.source)
        for slug in slugs
    ]
