"""A marketplace's funnel of 8,000 leads with the counts that Olist has published, in made-up rows."""

import csv
from collections import Counter
from datetime import date, timedelta
from itertools import accumulate

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.reports.worlds import computed, headline, line

# Channel: leads, won. Of the unknown 60 are blank in the file.
PUBLISHED = {
    "organic_search": (2296, 270),
    "paid_search": (1586, 195),
    "social": (1350, 75),
    "unknown": (1099, 184),
    "": (60, 9),
    "direct_traffic": (499, 56),
    "email": (493, 15),
    "referral": (284, 24),
    "other": (150, 4),
    "display": (118, 6),
    "other_publicities": (65, 3),
}
EXAMPLES = settings.BASE_DIR / "docs" / "examples"
FIRST, LAST = date(2017, 6, 14), date(2018, 5, 31)


def write(path, columns, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


@pytest.fixture
def files(tmp_path):
    """The two files in the form of the published ones: who showed interest, and whom a seller has won."""
    days = (LAST - FIRST).days + 1
    interested, won = [], []
    ends = list(accumulate(leads for leads, _ in PUBLISHED.values()))
    for (channel, (leads, wins)), end in zip(PUBLISHED.items(), ends, strict=True):
        for number in range(end - leads, end):
            came = FIRST + timedelta(days=number * 7 % days)
            interested.append((f"made-up-{number}", came, f"page-{number % 495}", channel))
            if number < end - leads + wins:
                closed = came + timedelta(days=1 + number % 120)
                won.append((f"made-up-{number}", f"seller-{number}", f"rep-{number % 22}", f"{closed} 12:00:00"))
    return (
        write(tmp_path / "leads.csv", ("mql_id", "first_contact_date", "landing_page_id", "origin"), interested),
        write(tmp_path / "deals.csv", ("mql_id", "seller_id", "sr_id", "won_date"), won),
    )


@pytest.fixture
def marketplace(marketing, files):
    leads, deals = (str(one) for one in files)
    for what, file in (("people", deals), ("leads", leads), ("outcomes", deals)):
        call_command(f"import_{what}", file, mapping=EXAMPLES / f"olist_{what}.toml", verbosity=0)
    return marketing


@pytest.mark.anywhere
@pytest.mark.slow
def test_reports_give_the_published_shape(marketplace):
    loop, sources, funnel = (computed(name, marketplace) for name in ("closed-loop", "sources", "funnel"))

    total = loop.totals[0]
    assert (total["mqls"], total["won"], total["win_rate"]) == (8000, 841, 0.105125)
    counts = Counter({one["channel"]: one["won"] for one in sources.rows})
    assert counts == Counter({slug: won for slug, (_, won) in PUBLISHED.items() if slug}) + Counter(unknown=9)
    unknown, organic = line(sources, channel="unknown"), line(sources, channel="organic_search")
    assert (unknown["won"], unknown["mqls"], unknown["win_rate"]) == (193, 1159, 0.166523)
    assert organic["win_rate"] == 0.117596
    assert max(sources.rows, key=lambda one: one["win_rate"]) == unknown
    assert [headline(sources)[key] for key in ("dark", "dark_share", "dark_win_rate")] == [1309, 0.163625, 0.150497]
    assert [headline(funnel)[key] for key in ("leads", "mql", "won")] == [8000, 8000, 841]
