import re
from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from reports.charts import (
    Bin,
    Caller,
    Cohort,
    Flow,
    Forecast,
    Mark,
    MatrixRow,
    Node,
    Row,
    Segment,
    Series,
    Step,
    Whisker,
    lay_out_bars,
    lay_out_calibration,
    lay_out_distribution,
    lay_out_funnel,
    lay_out_heatmap,
    lay_out_intervals,
    lay_out_matrix,
    lay_out_sankey,
    lay_out_trend,
)
from reports.charts.scales import axis_ticks, fits, tick_label


@pytest.mark.parametrize(
    ("top", "ticks"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (2, (0, 1, 2)),
        (3, (0, 1, 2, 3)),
        (7, (0, 2, 4, 6, 8)),
        (420, (0, 100, 200, 300, 400, 500)),
        (1_000_000, (0, 250_000, 500_000, 750_000, 1_000_000)),
    ],
)
def test_an_axis_of_counts_has_whole_round_ticks(top, ticks):
    assert axis_ticks(top, whole=True) == ticks


@pytest.mark.parametrize(
    ("top", "ticks"),
    [
        (0.5, (0, 0.2, 0.4, 0.6)),
        (1, (0, 0.25, 0.5, 0.75, 1)),
        (Decimal("1.01"), (0, 0.25, 0.5, 0.75, 1, 1.25)),
    ],
)
def test_an_axis_of_measures_may_have_fractions(top, ticks):
    assert axis_ticks(top) == ticks


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("top", [1, 3, 4, 9, 11, 16, 21, 31, 99, 101, 420, 777, 1001, 52_001, 999_999])
def test_an_axis_holds_its_value_and_wastes_at_most_a_quarter(top, whole):
    end = axis_ticks(top, whole=whole)[-1]

    assert 0.75 * end <= top <= end


@pytest.mark.parametrize("top", [1, 3, 16, 420, 777, 999_999])
def test_an_axis_is_not_crowded(top):
    assert len(axis_ticks(top)) <= 8


@pytest.mark.parametrize(
    ("value", "label"),
    [(0, "0"), (2.5, "2.5"), (420, "420"), (1500, "1.5k"), (250_000, "250k"), (1e6, "1M"), (2.5e9, "2.5B")],
)
def test_a_tick_label_is_short(value, label):
    assert tick_label(value) == label


def test_a_value_stands_in_its_bar_only_where_a_phone_has_room():
    assert fits("1,204", 20)
    assert not fits("1,204", 12)
    assert not fits("", 100)


def outcome_row(label, won, lost, **extra):
    return Row(label, (Segment("won", "Won", won, str(won)), Segment("lost", "Lost", lost, str(lost))), **extra)


def test_bars_rank_the_longest_first_and_stack_their_segments():
    bars = lay_out_bars([outcome_row("Trade show", 10, 10), outcome_row("Webinar", 30, 10)])

    assert [row.label for row in bars.rows] == ["Webinar", "Trade show"]
    assert [(s.x, s.width) for s in bars.rows[0].segments] == [(0, 75), (75, 25)]
    assert [(s.x, s.width) for s in bars.rows[1].segments] == [(0, 25), (25, 25)]


def test_bars_keep_their_order_when_not_ranked():
    bars = lay_out_bars([outcome_row("January", 1, 0), outcome_row("February", 2, 0)], ranked=False)

    assert [row.label for row in bars.rows] == ["January", "February"]


def test_an_empty_segment_is_not_drawn():
    (row,) = lay_out_bars([outcome_row("Webinar", 0, 4)]).rows

    assert [segment.key for segment in row.segments] == ["lost"]


def test_spend_shares_the_scale_of_revenue():
    spend = Segment("spend", "Spend", Decimal(200), "€ 200")
    (row,) = lay_out_bars([Row("Webinar", (Segment("revenue", "Revenue", Decimal(50), "€ 50"),), against=spend)]).rows

    assert [(segment.key, segment.width) for segment in row.segments] == [("revenue", 25), ("spend", 100)]


def test_the_legend_names_each_key_once():
    bars = lay_out_bars([outcome_row("Webinar", 1, 1), outcome_row("Trade show", 1, 1)])

    assert [(entry.key, entry.label) for entry in bars.legend] == [("won", "Won"), ("lost", "Lost")]


def test_one_key_needs_no_legend():
    assert lay_out_bars([Row("Webinar", (Segment("won", "Won", 1),))]).legend == ()


def test_amounts_below_zero_are_refused():
    with pytest.raises(ValueError, match="negative"):
        lay_out_bars([Row("Webinar", (Segment("revenue", "Revenue", -1),))])


def test_a_funnel_step_shows_its_share_of_the_step_before():
    funnel = lay_out_funnel([Step("mql", "MQL", 200), Step("sal", "SAL", 50), Step("won", "Won", 10)])

    assert [step.share for step in funnel.steps] == [None, 25, 20]
    assert [(step.width, step.width_before) for step in funnel.steps] == [(100, 0), (25, 100), (5, 25)]


def test_a_step_after_an_empty_one_has_no_share():
    funnel = lay_out_funnel([Step("mql", "MQL", 0), Step("sal", "SAL", 4)])

    assert funnel.steps[1].share is None


HAND_OFFS = [
    Node("mql", "Handed over", 0),
    Node("accepted", "Accepted", 1),
    Node("black_hole", "Black Hole", 1),
]


def test_a_sankey_is_as_thick_as_what_flows():
    sankey = lay_out_sankey(HAND_OFFS, [Flow("mql", "accepted", 30), Flow("mql", "black_hole", 10)])

    mql, accepted, black_hole = sankey.nodes
    assert accepted.height == pytest.approx(3 * black_hole.height, abs=0.3)
    assert mql.height == pytest.approx(accepted.height + black_hole.height, abs=0.3)
    assert (mql.x, accepted.x, accepted.is_last) == (0, 98.6, True)


def test_nodes_of_a_column_leave_room_for_their_labels():
    sankey = lay_out_sankey(HAND_OFFS, [Flow("mql", "accepted", 3000), Flow("mql", "black_hole", 1)])

    _, accepted, black_hole = sankey.nodes
    assert black_hole.middle - accepted.middle >= 20
    assert black_hole.y >= accepted.y + accepted.height + 20


def test_a_node_nothing_flows_through_is_left_out():
    sankey = lay_out_sankey(HAND_OFFS, [Flow("mql", "accepted", 30), Flow("mql", "black_hole", 0)])

    assert [node.key for node in sankey.nodes] == ["mql", "accepted"]
    assert len(sankey.ribbons) == 1


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        ([Flow("accepted", "mql", 1)], "does not go to a later column"),
        ([Flow("mql", "nowhere", 1)], "unknown node"),
        ([Flow("mql", "accepted", 1), Flow("mql", "accepted", 2)], "join the same nodes"),
        ([Flow("mql", "accepted", -1)], "negative"),
    ],
)
def test_a_flow_that_cannot_be_drawn_is_refused(flows, message):
    with pytest.raises(ValueError, match=message):
        lay_out_sankey(HAND_OFFS, flows)


def test_a_trend_runs_from_the_axis_to_the_right_edge():
    (line,) = lay_out_trend(["Jan", "Feb", "Mar"], [Series("won", "Won", (0, 50, 100))]).lines

    assert [(point.x, point.y) for point in line.points] == [(10, 208), (54.25, 108), (98.5, 8)]
    assert line.path == "M10.0,208.0 L54.25,108.0 L98.5,8.0"


def test_an_unknown_value_breaks_the_line():
    (line,) = lay_out_trend(["Jan", "Feb", "Mar"], [Series("won", "Won", (4, None, 4))]).lines

    assert re.sub(r"[\d.,]+", "", line.path) == "M M"


def test_a_long_trend_names_at_most_eight_moments_and_five_on_a_phone():
    moments = [f"Week {i}" for i in range(52)]
    drawn = lay_out_trend(moments, [Series("won", "Won", tuple(range(52)))]).moments

    assert len(drawn) == 8
    assert len([moment for moment in drawn if moment.on_a_phone]) == 4


def test_a_series_must_have_a_value_for_each_moment():
    with pytest.raises(ValueError, match="Won has 1 values for 2 moments"):
        lay_out_trend(["Jan", "Feb"], [Series("won", "Won", (1,))])


def test_the_largest_cohort_cell_is_the_darkest():
    heatmap = lay_out_heatmap([Cohort("March", "40", (0.0, 0.1, 0.2)), Cohort("April", "50", (0.05, None, None))])

    assert [[cell.level for cell in row.cells] for row in heatmap.rows] == [[0, 4, 9], [2]]
    assert [cell.percent for cell in heatmap.rows[0].cells] == [0, 10, 20]


def test_a_cohort_share_above_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        lay_out_heatmap([Cohort("March", "40", (1.2,))])


def test_a_histogram_column_is_as_tall_as_its_share_of_the_axis():
    bins = [Bin(0, 1, 10, "under 1 h"), Bin(1, 2, 5, "1 to 2 h")]
    drawn = lay_out_distribution(bins)

    assert [(c.x, c.width, c.height) for c in drawn.columns] == [(10, 45, 170), (55, 45, 85)]


def test_marks_have_a_line_each_and_one_beyond_the_last_bin_stands_at_its_end():
    marks = [Mark("median", "Median", 1), Mark("p90", "90 %", 99)]
    median, p90 = lay_out_distribution([Bin(0, 2, 10, "under 2 h")], marks=marks).marks

    assert (median.x, median.anchor, median.text_y) == (55, "start", 12)
    assert (p90.x, p90.anchor, p90.text_y) == (100, "end", 30)


def test_a_right_forecast_lies_on_the_diagonal():
    calibration = lay_out_calibration([Caller("series-1", "First contact", (Forecast(0.5, 0.5, 10),))])

    (dot,) = calibration.dots
    assert (dot.x, dot.y) == (53.5, (calibration.top + calibration.base) / 2)


def test_small_dots_are_drawn_over_large_ones():
    forecasts = (Forecast(0.25, 0.2, 1), Forecast(0.5, 0.4, 100), Forecast(0.75, 0.5, 0))
    dots = lay_out_calibration([Caller("series-1", "First contact", forecasts)]).dots

    assert [dot.count for dot in dots] == [100, 1]


def test_a_matrix_shades_each_row_by_itself_and_frames_equal_answers():
    matrix = lay_out_matrix(["Webinar", "Email"], [MatrixRow("Email", (1, 3)), MatrixRow("Webinar", (0, 200))])

    assert [row.total for row in matrix.rows] == [4, 200]
    cells = [
        (cell.column, cell.count, cell.percent, cell.level, cell.same) for row in matrix.rows for cell in row.cells
    ]
    assert cells == [("Webinar", 1, 25, 2, False), ("Email", 3, 75, 7, True), ("Email", 200, 100, 9, False)]
    assert [head.x for head in matrix.heads] == [43.0, 81.0]


def test_a_matrix_needs_a_count_for_each_column():
    with pytest.raises(ValueError, match="Email has 1 counts for 2 columns"):
        lay_out_matrix(["Webinar", "Email"], [MatrixRow("Email", (1,))])


def test_intervals_lie_on_one_axis_with_the_share_of_all_together():
    rows = [Whisker("better", "Webinar", 0.2, 0.3, 0.4), Whisker("worse", "E-mail", 0.0, 0.05, 0.1)]

    chart = lay_out_intervals(rows, together=0.2)

    better, worse = chart.rows
    assert worse.x1 < worse.x < worse.x2 < chart.line_x == better.x1 < better.x < better.x2
    assert better.x - better.x1 == pytest.approx(better.x2 - better.x)
    assert chart.ticks[0].label == "0%"
    assert better.x2 <= chart.ticks[-1].x <= 100


EMPTY = [
    lay_out_bars([]),
    lay_out_funnel([]),
    lay_out_sankey([], []),
    lay_out_trend([], []),
    lay_out_heatmap([]),
    lay_out_matrix([], []),
    lay_out_distribution([]),
    lay_out_calibration([]),
    lay_out_intervals([]),
]
DRAWN = [
    lay_out_bars([outcome_row("A < B", 30, 10, href="/leads/")]),
    lay_out_funnel([Step("mql", "MQL", 4), Step("sal", "SAL", 2, href="/leads/")]),
    lay_out_sankey(HAND_OFFS, [Flow("mql", "accepted", 30)]),
    lay_out_trend(["Jan", "Feb"], [Series("won", "Won", (1, 2))]),
    lay_out_heatmap([Cohort("March", "40", (0.5,))]),
    lay_out_matrix(["Webinar", "Email"], [MatrixRow("Email", (1, 3))]),
    lay_out_distribution([Bin(0, 1, 1, "under 1 h")], marks=[Mark("median", "Median", 0.5)]),
    lay_out_calibration([Caller("series-1", "First contact", (Forecast(0.5, 0.5, 10),))]),
    lay_out_intervals([Whisker("better", "A < B", 0.2, 0.3, 0.4, "30%")], together=0.2),
]


@pytest.mark.parametrize("chart", EMPTY, ids=lambda chart: chart.kind)
def test_an_empty_chart_says_so_instead_of_drawing(chart):
    page = render_to_string("charts/chart.html", {"chart": chart, "id": "c", "title": "Won", "note": "No lead yet."})

    assert "No lead yet." in page
    assert "<svg" not in page


@pytest.mark.parametrize("chart", DRAWN, ids=lambda chart: chart.kind)
def test_a_chart_has_a_name_tooltips_and_no_inline_style(chart):
    page = render_to_string("charts/chart.html", {"chart": chart, "id": "c", "title": "Won", "summary": "Up."})

    assert 'aria-labelledby="c-title"' in page
    assert '<desc id="c-desc">Up.</desc>' in page
    assert "<title>" in page
    assert "style=" not in page


@pytest.mark.parametrize(("chart", "role"), [(DRAWN[0], "group"), (DRAWN[2], "img")], ids=["linked", "plain"])
def test_a_chart_with_links_is_a_group_so_that_they_can_be_reached(chart, role):
    page = render_to_string("charts/chart.html", {"chart": chart, "id": "c", "title": "Won"})

    assert f'role="{role}"' in page


def test_numbers_of_a_drawing_keep_their_point_in_every_language(settings):
    settings.LANGUAGE_CODE = "de"

    page = render_to_string("charts/chart.html", {"chart": DRAWN[3], "id": "c", "title": "Won"})

    assert 'cx="98.5%"' in page
