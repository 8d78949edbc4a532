"""What attribution can be asked, as a report and by `manage.py attribute`."""

from reports.filters import BY_EVENT, CHANNEL, FROM, TO
from reports.parameters import Option, Parameter, choice

BY = choice(
    "by",
    "Rows",
    [Option("channel", "Channels"), Option("campaign", "Campaigns")],
    text="What a row stands for: channel or campaign.",
)
MEASURE = choice(
    "measure",
    "Credit for",
    [Option("revenue", "Revenue"), Option("wins", "Wins"), Option("pipeline", "Pipeline")],
    text="What is credited: revenue or wins of the period, or pipeline (what is with sales now).",
)
WINDOW = choice(
    "window",
    "Touches",
    [Option("all", "All"), *(Option(str(days), f"Last {days} days") for days in (30, 60, 90, 180, 365))],
    text="Which touches count: all, or those of so many days before the close: 30, 60, 90, 180, 365.",
)
ORDER = choice(
    "order",
    "Markov order",
    [Option("1", "1"), Option("2", "2"), Option("3", "3")],
    text="How many touches a state of the Markov chain has: 1, 2 or 3.",
)
HALF_LIFE = choice(
    "half_life",
    "Half-life",
    [Option(str(days), f"{days} days") for days in (7, 14, 30, 90)],
    text="Of time decay, in days: 7, 14, 30 or 90.",
)
EXCLUDE = Parameter(
    "exclude", "Without", "Touches of this channel do not count: its slug.", CHANNEL.read, CHANNEL.options
)
OUTRANKED = Parameter(
    "outranked",
    "Outranked by paid",
    "Touches of this channel, such as direct, count only where no paid channel (one with spend) touched: its slug.",
    CHANNEL.read,
    CHANNEL.options,
)

# Those of the command; models, orders and half-lives have options of their own there.
ASKED_BY_COMMAND = (FROM, TO, BY_EVENT, BY, WINDOW, EXCLUDE, OUTRANKED)
