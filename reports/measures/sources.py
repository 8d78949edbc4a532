"""What the sources report counts and divides."""

from funnel.models import SourceRuling
from reports.measures.measure import Measure, count, grouped, money, rate, share
from reports.queries.sources import SourceFacts

Because = SourceRuling.Because


def _counted(key: str, label: str, meaning: str, *, exceptional: bool = False) -> Measure[SourceFacts]:
    return count(key, label, lambda facts: facts[key], meaning, exceptional=exceptional)


_DARK: tuple[Measure[SourceFacts], ...] = (
    _counted("leads", "Leads", "Leads created in the period."),
    _counted("dark", "Dark", "Those of them whose channel says nothing."),
    rate("dark_share", "Dark share", lambda facts: share(facts["dark"], facts["leads"]), "Dark, of the row's leads."),
)
_FOUND_OUT = grouped(
    "Found out",
    _counted(
        "recorded_dark",
        "Dark as recorded",
        "Leads that came in with a dark channel, whatever was found out since. It changes no more.",
    ),
    _counted("resolved", "Named since", "Of them those whose channel marketing has named since."),
    _counted("unknowable", "Cannot be known", "Dark leads of which marketing has said that nobody can know."),
)
_EVIDENCE = grouped(
    "Evidence for the rest",
    _counted(
        "resolvable",
        "Some evidence",
        "Dark leads that wait, and for whose channel something speaks. Dark = some evidence + none + cannot be known.",
    ),
    _counted(
        Because.CAMPAIGN,
        "Campaign",
        "They are recorded under a campaign of a channel that says something. A lead can have several kinds.",
    ),
    _counted(
        Because.LINK,
        "Link, touch's campaign",
        "A touch up to their creation names a link with parameters (utm_…) that mean a channel, or a campaign of one.",
    ),
    _counted(Because.SAID, "Their own words", "What they say of how they found us means a channel."),
    _counted(Because.TOUCH, "First touch", "A touch up to their creation has a channel that says something."),
    _counted("blind", "None", "Dark leads that wait and for which nothing speaks."),
)
_SAID = grouped(
    "What they say",
    _counted("told", "Name a channel", "Leads, dark or not, whose own words mean a channel."),
    _counted("agreeing", "The same recorded", "Of them those with that very channel recorded."),
    rate(
        "agreement", "Agreement", lambda facts: share(facts["agreeing"], facts["told"]), "The same recorded, of those."
    ),
)
_WON: tuple[Measure[SourceFacts], ...] = grouped(
    "What they are worth",
    _counted("mqls", "MQLs", "Leads of the row handed to sales at least once."),
    _counted("won", "Won", "Leads of the row that are customers now."),
    rate("win_rate", "Win rate", lambda facts: share(facts["won"], facts["mqls"]), "Won leads divided by MQLs."),
    money("revenue", "Revenue", lambda facts: facts.revenue.value, "Amounts of the won leads."),
    _counted("dark_won", "Dark wins", "Won leads whose channel says nothing."),
    money("dark_revenue", "Dark revenue", lambda facts: facts.dark_revenue.value, "Amounts of those."),
    count(
        "unknown_amounts",
        "Amount not in the sum",
        lambda facts: facts.revenue.left_out,
        "Won leads whose amount is unknown, or in a currency without a stored rate. They are in no sum.",
        exceptional=True,
    ),
)

MEASURES: tuple[Measure[SourceFacts], ...] = (*_DARK, *_FOUND_OUT, *_EVIDENCE, *_SAID, *_WON)
