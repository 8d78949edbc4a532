"""Weekly: the prospecting report that nobody writes, because the dispositions have written it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.formats import date_format

from accounts.formats import day, whole
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment, Series, lay_out_trend
from reports.days import company_day
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import AS_OF, OWNER, TEAM
from reports.measures.measure import Measure, change, count, grouped, money
from reports.parameters import Parameter
from reports.presentation import signed
from reports.queries.amounts import Rates
from reports.queries.weekly import (
    SAID,
    WEEKS_OF_TREND,
    WeekFacts,
    counted,
    planned,
    steps_in_all,
    trend_facts,
    week_facts,
    week_of,
)
from reports.report import Chart, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.rows import BY_OWNER, BY_TEAM, Names, RowsBy, rows_by, table, total_row
from reports.selection import Selection
from reports.weeks import Week, read_week

BARS_AT_MOST = 14
AGAINST = "Against the week before"


def _day_names(days: Iterable[Any]) -> Names:
    return {one: (f"{date_format(one, 'l')}, {day(one)}", one.isoformat()) for one in days}


def _on_day(facts: "QuerySet[Any]", code: str) -> "QuerySet[Any]":
    try:
        return facts.filter(on_day=date.fromisoformat(code))
    except ValueError:
        return facts.none()


def _numbered(column: str) -> "Callable[[QuerySet[Any], str], QuerySet[Any]]":
    def narrow(facts: "QuerySet[Any]", code: str) -> "QuerySet[Any]":
        return facts.filter(**{column: int(code)}) if code.isdecimal() and len(code) < 10 else facts.none()

    return narrow


BY_SPEAKER = replace(BY_OWNER, group=F("rep"), narrow=_numbered("rep"))
BY_ITS_TEAM = replace(BY_TEAM, group=F("rep_team"), narrow=_numbered("rep_team"))
BY_DAY = RowsBy("day", "Day", "Days", F("on_day"), _day_names, ordered=True, narrow=_on_day)
KINDS = {one.name: one for one in (BY_SPEAKER, BY_ITS_TEAM, BY_DAY)}


def _counted(key: str, label: str, meaning: str, *, exceptional: bool = False) -> Measure[WeekFacts]:
    return count(key, label, lambda facts: facts[key], meaning, exceptional=exceptional)


def _change(key: str, label: str) -> Measure[WeekFacts]:
    meaning = "That week less the week before."
    return change(f"change_{key}", f"{label}, change", lambda facts: facts.change(key), meaning)


MEASURES: tuple[Measure[WeekFacts], ...] = (
    _counted("dispositions", "In all", "Everything that was said of a lead: all dispositions that stand."),
    *grouped(
        "Work",
        _counted("attempts", "Attempts", "No answer, voicemail, e-mail sent: tried, and not reached."),
        _counted("conversations", "Conversations", "The person was reached; meetings set are among them."),
        _counted("meetings", "Meetings set", "Conversations in which a meeting was agreed."),
    ),
    *grouped(
        "Answer",
        _counted("accepted", "Accepted", "Hand-offs taken on, by saying so or by working on them at once."),
        _counted("refused", "Refused", "Hand-offs given back to marketing with a reason."),
    ),
    *grouped(
        "Outcome",
        _counted("qualified", "Qualified", "Became SQL."),
        _counted("won", "Won", "Deals won."),
        money("won_amount", "Won amount", lambda facts: facts.won.value, "What they are worth, where that is known."),
        count(
            "won_unknown",
            "Won, value unknown",
            lambda facts: facts.won.left_out,
            "Deals won without an amount, or in a currency of which no exchange rate is stored.",
            exceptional=True,
        ),
        _counted("lost", "Lost", "Bought from somebody else."),
        _counted("no_decision", "No decision", "Bought from nobody.", exceptional=True),
        _counted("disqualified", "Disqualified", "Never were buyers.", exceptional=True),
        _counted("recycled", "Recycled", "Back to marketing, to be woken up later."),
    ),
    count(
        "next_steps",
        "Next steps",
        lambda facts: facts.steps,
        "Leads whose next step is planned for the week after, as planned now. Not known once that week is over.",
    ),
    *grouped(
        AGAINST,
        _change("attempts", "Attempts"),
        _change("conversations", "Conversations"),
        _change("qualified", "Qualified"),
        _change("won", "Won"),
    ),
)


def compute(selection: Selection) -> Contents:
    kind, week = KINDS[selection.parameters["by"]], week_of(selection)
    facts = week_facts(selection, week, kind, Rates())
    everything = sum(facts.values(), start=WeekFacts())
    columns, rows = table(kind, facts, MEASURES, largest=lambda one: one["dispositions"])
    return Contents(
        headline=_headline(everything, steps_in_all(selection, week), week, selection),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, MEASURES),) if rows else (),
        charts=(_bars(kind, week, rows), _trend(trend_facts(selection, week), week)) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
        remarks=(_which_days(week, selection),),
    )


def _which_days(week: Week, selection: Selection) -> str:
    if not week.is_running(selection.at):
        return f"Week {week}: {_days_of(week)}."
    return (
        f"Week {week}: {_days_of(week)}, so far. It is compared with the week before up to the same day and hour; "
        "what is said until Sunday still counts."
    )


def _days_of(week: Week) -> str:
    return f"{day(week.monday)} to {day(week.sunday)}"


def _headline(facts: WeekFacts, steps: int | None, week: Week, selection: Selection) -> tuple[Figure, ...]:
    won = facts.won
    days = f"so far, {day(company_day(selection.at))}" if week.is_running(selection.at) else _days_of(week)
    return (
        Figure("week", "Week", week.number, Kind.TEXT, note=days),
        Figure("attempts", "Attempts", facts["attempts"], note=_against(facts, "attempts")),
        Figure("conversations", "Conversations", facts["conversations"], note=_against(facts, "conversations")),
        Figure("meetings", "Meetings set", facts["meetings"], note=_against(facts, "meetings")),
        Figure("accepted", "Accepted", facts["accepted"], note=f"{whole(facts['refused'])} refused"),
        Figure("qualified", "Qualified", facts["qualified"], note=_against(facts, "qualified")),
        Figure("won", "Won", facts["won"], note=f"{whole(facts['lost'])} lost"),
        Figure(
            "won_amount",
            "Won amount",
            won.value,
            Kind.MONEY,
            settings.REPORTING_CURRENCY,
            f"{whole(won.left_out)} of unknown value" if won.left_out else "",
        ),
        Figure("next_steps", "Next steps", steps, note=f"planned for {week.following}"),
    )


def _against(facts: WeekFacts, key: str) -> str:
    change_of_it = facts.change(key)
    return f"{signed(change_of_it)} against the week before" if change_of_it else "as the week before"


def _bars(kind: RowsBy, week: Week, rows: Sequence[Row]) -> Chart:
    name, _ = kind.columns
    bars = tuple(_bar(str(row[name.key]), row) for row in rows[:BARS_AT_MOST])
    title = f"What was said in {week}, by {kind.label.lower()}"
    return bar_chart(title, bars, note="" if any(bar.segments for bar in bars) else "Nothing was said.")


def _bar(label: str, row: Row) -> Bar:
    """All that was said, each once."""
    value = {key: int(row[key] or 0) for key in SAID}
    parts = [
        ("attempts", "Attempts", value["attempts"]),
        ("conversations", "Conversations", value["conversations"] - value["meetings"]),
        ("meetings", "Meetings set", value["meetings"]),
        ("qualified", "Qualified", value["qualified"]),
        ("won", "Won", value["won"]),
    ]
    rest = value["dispositions"] - sum(size for _, _, size in parts)
    parts.append(("answers", "Accepted, refused, recycled, lost", rest))
    segments = tuple(Segment(key, name, size, whole(size)) for key, name, size in parts if size)
    return Bar(label, segments, text=whole(value["dispositions"]))


def _trend(facts: Mapping[date, Mapping[str, int]], week: Week) -> Chart:
    weeks = [week.ago(count) for count in reversed(range(WEEKS_OF_TREND))]
    series = tuple(
        Series(key, label, tuple(facts.get(one.monday, {}).get(key, 0) for one in weeks))
        for key, label in (
            ("attempts", "Attempts"),
            ("conversations", "Conversations"),
            ("qualified", "Qualified"),
            ("won", "Won"),
        )
    )
    moments = [one.number for one in weeks]
    told = (f"{one.label}: {', '.join(whole(int(value or 0)) for value in one.values)}." for one in series)
    return Chart(
        title=f"The last {WEEKS_OF_TREND} weeks",
        summary=" ".join(told),
        data=series,
        drawing=lay_out_trend(moments, series),
    )


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Who said it",
            "A disposition belongs to whoever said it, whoever has the lead now: what a manager or an admin said for "
            "somebody stands in his own row. The team is that of the speaker today.",
        ),
        Definition(
            "What stands",
            "A disposition that was taken back, and a result that was corrected or overruled since, count nowhere.",
        ),
        Definition("Week", "Monday to Sunday, in the company's time zone."),
    )


WEEK = Parameter("week", "Week of", "Any day of it, YYYY-MM-DD, or its number such as 2026-W12.", read_week)

ENTRY = CatalogueEntry(
    name="weekly",
    title="Weekly",
    question="What did each rep do last week, what came of it, and what is planned next?",
    parameters=(
        WEEK,
        AS_OF,
        replace(TEAM, help="What people of this team and all below it said: its name or number."),
        replace(OWNER, help="What this rep said: e-mail address, name or number."),
        rows_by(*KINDS.values()),
    ),
    compute=compute,
    drilling=Drilling(
        figures={**behind_each(counted, *SAID), "next_steps": planned},
        kinds=KINDS,
    ),
    group="Sales",
    position=39,
)
