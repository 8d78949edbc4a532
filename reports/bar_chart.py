"""The commonest picture of a report: bars, a row each, with what one sees in them told in words."""

from collections.abc import Sequence

from reports.charts import Row, lay_out_bars
from reports.report import Chart


def bar_chart(title: str, bars: Sequence[Row], *, ranked: bool = False, note: str = "") -> Chart:
    """`ranked`: the longest first; else in the order given."""
    told = (f"{bar.label}: {', '.join(f'{one.text} {one.label.lower()}' for one in bar.segments)}." for bar in bars)
    return Chart(title, " ".join(told), tuple(bars), lay_out_bars(bars, ranked=ranked), note)
