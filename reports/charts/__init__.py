"""Chart geometry: positions only. templates/charts/ draws it, static/css/charts.css colours it by key."""

from reports.charts.bars import Bars, Row, Segment, lay_out_bars
from reports.charts.calibration import Calibration, Caller, Forecast, lay_out_calibration
from reports.charts.distribution import Bin, Distribution, Mark, lay_out_distribution
from reports.charts.funnel import Funnel, Step, lay_out_funnel
from reports.charts.heatmap import Cohort, Heatmap, lay_out_heatmap
from reports.charts.intervals import Intervals, Whisker, lay_out_intervals
from reports.charts.matrix import Matrix, MatrixRow, lay_out_matrix
from reports.charts.sankey import Flow, Node, Sankey, lay_out_sankey
from reports.charts.trend import Series, Trend, lay_out_trend

Chart = Bars | Calibration | Distribution | Funnel | Heatmap | Intervals | Matrix | Sankey | Trend

__all__ = [
    "Bars",
    "Bin",
    "Calibration",
    "Caller",
    "Chart",
    "Cohort",
    "Distribution",
    "Flow",
    "Forecast",
    "Funnel",
    "Heatmap",
    "Intervals",
    "Mark",
    "Matrix",
    "MatrixRow",
    "Node",
    "Row",
    "Sankey",
    "Segment",
    "Series",
    "Step",
    "Trend",
    "Whisker",
    "lay_out_bars",
    "lay_out_calibration",
    "lay_out_distribution",
    "lay_out_funnel",
    "lay_out_heatmap",
    "lay_out_intervals",
    "lay_out_matrix",
    "lay_out_sankey",
    "lay_out_trend",
]
