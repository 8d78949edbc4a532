"""What the reports should say, counted anew from raw rows, one lead after another, without anything of `reports`."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from statistics import mean

from dispositions.models import Disposition, Dispute, Forecast
from funnel.models import Evidence, Flag, HandOff, Lead, StageChange, Touch

OPEN = {"inquiry", "nurture", "mql", "sal", "sql"}
MARKETING = {"inquiry", "nurture"}
ATTEMPTS = {"no_answer", "voicemail", "email_sent"}
CONTACTS = {"conversation", "meeting_set"}
FORWARD = {
    "inquiry": {"mql", "sal", "sql", "won"},
    "nurture": {"mql", "sal", "sql", "won"},
    "mql": {"sal", "sql", "won"},
    "sal": {"sql", "won"},
    "sql": {"won"},
}
RESULTS = {"qualify": "qualified", "recycle": "recycled", "disqualify": "disqualified"} | {
    one: one for one in ("won", "lost", "no_decision")
}
ENDS = {"lost", "no_decision", "disqualified"}


def worked_minutes(start, end):
    """Begun minutes between 9 and 17 UTC, Monday to Friday: the hours of a company without a calendar of its own."""
    seconds, day = 0.0, start.date()
    while day <= end.date():
        if day.weekday() < 5:
            opens = datetime.combine(day, time(9), UTC)
            closes = datetime.combine(day, time(17), UTC)
            seconds += max((min(end, closes) - max(start, opens)).total_seconds(), 0)
        day += timedelta(days=1)
    return int(-(-seconds // 60))


def nearest_rank(values, percent):
    """In tenths, rounded down; None where there are none."""
    tenths = sorted(int(value * 10 + 1e-9) for value in values)
    if not tenths:
        return None
    needed = -(-len(tenths) * percent // 100)
    return tenths[max(needed, 1) - 1] / 10


class Life:
    """One lead's raw rows."""

    def __init__(self, lead):
        self.lead = lead
        self.stays = self._stays(list(StageChange.objects.filter(lead=lead).order_by("seq")))
        self.hand_offs = list(HandOff.objects.filter(lead=lead).select_related("agreement").order_by("number"))
        self.said = [
            one
            for one in Disposition.objects.filter(lead=lead).order_by("seq")
            if one.outcome != "undo" and not Disposition.objects.filter(corrects=one).exists()
        ]
        self.flags = list(Flag.objects.filter(lead=lead, kind="black_hole", voided=False).order_by("due_at"))
        self.touched = list(Touch.objects.filter(lead=lead).order_by("at", "id"))

    def _stays(self, changes):
        """[stage, entered, left, to, corrected, from, reason] of each time in a stage; what was undone has none."""
        stays = []
        for change in changes:
            if change.move == "undo":
                while stays[-1][0] != change.new:
                    stays.pop()
                stays[-1][2:5] = [None, None, False]
                continue
            if stays:
                stays[-1][2:5] = [change.at, change.new, change.move in {"correct", "overrule"}]
            stays.append([change.new, change.at, None, None, False, change.old, change.reason])
        return stays

    @property
    def counted(self):
        return [stay for stay in self.stays if not stay[4]]

    def of(self, hand_off):
        return [one for one in self.said if one.hand_off_id == hand_off.pk]


def lives():
    return [Life(lead) for lead in Lead.objects.filter(merged_into=None).select_related("channel").order_by("pk")]


def closed_loop(found):
    """By channel."""
    rows = defaultdict(lambda: defaultdict(int))
    revenue = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    for life in found:
        lead, row = life.lead, rows[life.lead.channel.slug]
        row["leads"] += 1
        row["open" if lead.stage in OPEN else lead.stage] += 1
        row["mqls"] += bool(life.hand_offs)
        # A correction may put a loss back to SQL that never was qualified.
        row["sqls"] += any(stay[0] == "sql" for stay in life.stays)
        row["hand_offs"] += len(life.hand_offs)
        row["accepted"] += sum(one.accepted_at is not None for one in life.hand_offs)
        row["refused"] += sum(one.outcome == "refused" for one in life.hand_offs)
        row["black_hole"] += any(flag.cleared_at is None for flag in life.flags)
        if lead.stage == "won":
            closed_at = life.stays[-1][1]
            before = [one for one in life.touched if one.at <= closed_at]
            revenue[lead.channel.slug][0] += lead.amount
            if before:
                revenue[before[0].channel.slug][1] += lead.amount
                revenue[before[-1].channel.slug][2] += lead.amount
    return rows, revenue


def funnel(found):
    """By stage: leads, entries, there now, forward, back, out, median and p90 of days."""
    rows = defaultdict(lambda: defaultdict(int))
    spent = defaultdict(list)
    for life in found:
        for stage in {stay[0] for stay in life.counted}:
            rows[stage]["entered"] += 1
        for stage, entered, left, to, _, _, _ in life.counted:
            row = rows[stage]
            row["entries"] += 1
            if left is None:
                row["here"] += 1
                continue
            spent[stage].append(int((left - entered).total_seconds() // 60) / 1440)
            if to in FORWARD.get(stage, ()):
                row["forward"] += 1
            elif stage in OPEN and to in ENDS:
                row["out"] += 1
            else:
                row["backward"] += 1
    for stage, row in rows.items():
        row["median_days"], row["p90_days"] = nearest_rank(spent[stage], 50), nearest_rank(spent[stage], 90)
    return rows


def response(found, now):
    row, hours = defaultdict(int), []
    for life in found:
        for hand_off in life.hand_offs:
            row["hand_offs"] += 1
            said = life.of(hand_off)
            if said:
                minutes = worked_minutes(hand_off.opened_at, said[0].at)
                row["answered"] += 1
                row["kept" if minutes <= hand_off.agreement.accept_within_minutes else "late"] += 1
                hours.append(minutes / 60)
            elif hand_off.ended_at is None and any(
                one.hand_off_id == hand_off.pk and one.clock == "accept" and one.due_at <= now for one in life.flags
            ):
                row["overdue"] += 1
    return row, nearest_rank(hours, 50), nearest_rank(hours, 90)


def black_hole(found):
    row, days = defaultdict(int), []
    for life in found:
        for hand_off in life.hand_offs:
            fallen = [one for one in life.flags if one.hand_off_id == hand_off.pk]
            if not fallen:
                continue
            row["ever"] += 1
            inside = any(one.cleared_at is None for one in fallen)
            row["inside" if inside else "recovered"] += 1
            if not inside:
                spent = sum(((one.cleared_at - one.due_at) for one in fallen), timedelta())
                days.append(int(spent.total_seconds() // 60) / 1440)
                row["recovered_won"] += hand_off.outcome == "won"
    return row, nearest_rank(days, 50)


def fall_out(found):
    """By reason's slug; what left, what came back, what was won after all."""
    rows = defaultdict(lambda: defaultdict(int))
    for life in found:
        for number, (stage, _, _, _, corrected, before, reason) in enumerate(life.stays):
            leaves = stage in ENDS or (stage == "nurture" and before in {"mql", "sal", "sql"})
            if corrected or not leaves:
                continue
            row = rows[reason.slug if reason else ""]
            later = [stay[0] for stay in life.stays[number + 1 :] if not stay[4]]
            row["exits"] += 1
            row["came_back"] += any(one in {"mql", "sal", "sql"} for one in later)
            row["won_after"] += "won" in later
    return rows


def refusals(found):
    row = defaultdict(int)
    for life in found:
        for one in life.said:
            if one.outcome == "refuse":
                row["refusals"] += 1
                dispute = Dispute.objects.filter(disposition=one).first()
                row["disputed"] += dispute is not None
                if dispute:
                    row[dispute.state] += 1
    return row


def persistence(found):
    row, attempts = defaultdict(int), 0
    for life in found:
        for hand_off in life.hand_offs:
            if hand_off.accepted_at is None:
                continue
            tries = [one for one in life.of(hand_off) if one.outcome in ATTEMPTS | CONTACTS]
            counted = sum(one.counted for one in tries)
            reached = any(one.outcome in CONTACTS for one in tries)
            given_up = hand_off.outcome in {"recycled", "disqualified", "lost", "no_decision"} and not reached
            attempts += counted
            row["worked"] += 1
            row["never_tried"] += not tries
            row["reached"] += reached
            row["given_up"] += given_up
            row["abandoned"] += given_up and counted < hand_off.agreement.attempts_required
            row["won"] += hand_off.outcome == "won"
    return row, attempts


def forecast(found):
    row, squares = defaultdict(int), []
    known = {life.lead.pk for life in found}
    for one in Forecast.objects.select_related("hand_off", "disposition"):
        if one.lead_id not in known or Disposition.objects.filter(corrects=one.disposition).exists():
            continue
        row["made"] += 1
        if one.hand_off.ended_at is not None and one.chance is not None:
            won = one.hand_off.outcome == "won"
            row["judged"] += 1
            row["won"] += won
            squares.append((one.chance / 100 - won) ** 2)
    return row, round(mean(squares), 6) if squares else None


def weekly(monday):
    """By who said it: what stands of the seven days from this Monday, midnight UTC."""
    rows = defaultdict(lambda: defaultdict(int))
    for one in Disposition.objects.filter(at__gte=monday, at__lt=monday + timedelta(days=7)).exclude(outcome="undo"):
        moves = StageChange.objects.filter(lead=one.lead_id)
        following = moves.filter(seq__gt=one.last_seq).order_by("seq").first()
        works = one.outcome in ATTEMPTS | CONTACTS
        corrected = following is not None and following.move in {"correct", "overrule"} and not works
        if corrected or Disposition.objects.filter(corrects=one).exists():
            continue
        row = rows[str(one.by_id)]
        row["dispositions"] += 1
        row["attempts"] += one.outcome in ATTEMPTS
        row["conversations"] += one.outcome in CONTACTS
        row["meetings"] += one.outcome == "meeting_set"
        row["accepted"] += moves.filter(move="accept", at=one.at, by=one.by_id).exists()
        row["refused"] += one.outcome == "refuse"
        for outcome, name in RESULTS.items():
            row[name] += one.outcome == outcome
        if one.outcome == "won":
            row["won_amount"] += one.lead.amount
    return rows


def delivered(found):
    row, worth = defaultdict(int), Decimal(0)
    for life in found:
        row["developing"] += life.lead.stage in MARKETING
        for hand_off in life.hand_offs:
            row["hand_offs"] += 1
            row["touches"] += sum(one.at < hand_off.opened_at for one in life.touched)
            row["accepted"] += hand_off.accepted_at is not None
            row["won"] += hand_off.outcome == "won"
            worth += life.lead.amount or Decimal(0)
    return row, worth


def completeness(found):
    """By how many of the ten attributes were known at the hand-off; of leads without a company."""
    rows = defaultdict(lambda: defaultdict(int))
    for life in found:
        told = list(Evidence.objects.filter(lead=life.lead))
        for hand_off in life.hand_offs:
            row = rows[len({one.attribute for one in told if one.learned_at <= hand_off.opened_at})]
            refused, accepted = hand_off.outcome == "refused", hand_off.accepted_at is not None
            row["hand_offs"] += 1
            row["accepted"] += accepted
            row["refused"] += refused
            row["fell"] += any(one.hand_off_id == hand_off.pk for one in life.flags)
            row["over"] += hand_off.ended_at is not None
            row["won"] += hand_off.outcome == "won"
    return rows
