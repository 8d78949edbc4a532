"""Where leads went: nodes in columns, joined by ribbons as thick as what flowed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry
from reports.charts.scales import Number, largest_of, pixels

NODE_WIDTH = 1.4  # percent
_NODE_GAP = 24  # pixels; a label's line fits, so that thin neighbours stay legible
_LEAST_HEIGHT = 300
_NODE_ROOM = 56

Tops = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Node:
    key: str
    label: str
    column: int
    text: str = ""
    href: str = ""


@dataclass(frozen=True)
class Flow:
    source: str
    target: str
    value: Number
    text: str = ""
    href: str = ""


@dataclass(frozen=True)
class PlacedNode:
    key: str
    label: str
    text: str
    href: str
    x: float
    y: float
    height: float
    is_last: bool

    @property
    def middle(self) -> float:
        return pixels(self.y + self.height / 2)

    @property
    def label_x(self) -> float:
        return self.x if self.is_last else round(self.x + NODE_WIDTH, 3)


@dataclass(frozen=True)
class Ribbon:
    """`path` is in a box 100 wide and as high as the chart, to be stretched sideways."""

    source: str
    target: str
    source_label: str
    target_label: str
    text: str
    href: str
    path: str


@dataclass(frozen=True)
class Sankey:
    kind: ClassVar[str] = "sankey"
    nodes: tuple[PlacedNode, ...]
    ribbons: tuple[Ribbon, ...]
    height: int
    node_width: float = NODE_WIDTH
    legend: tuple[LegendEntry, ...] = ()
    scrolls: ClassVar[bool] = True

    @property
    def is_empty(self) -> bool:
        return not self.ribbons

    @property
    def has_links(self) -> bool:
        return any(node.href for node in self.nodes) or any(ribbon.href for ribbon in self.ribbons)


def lay_out_sankey(nodes: Sequence[Node], flows: Sequence[Flow]) -> Sankey:
    """Leaves out nodes nothing flows through. Raises ValueError for a flow not going to a later column."""
    columns = {node.key: node.column for node in nodes}
    _check_flows(flows, columns)
    running = [flow for flow in flows if flow.value]
    volumes = _volumes(running)
    drawn = [node for node in nodes if node.key in volumes]
    height = _height(drawn)
    scale = _pixels_per_unit(drawn, volumes, height)
    placed = _place_nodes(drawn, volumes, scale=scale, height=height)
    return Sankey(tuple(placed.values()), _ribbons(running, placed, scale=scale), height=height)


def _check_flows(flows: Sequence[Flow], columns: dict[str, int]) -> None:
    largest_of(flow.value for flow in flows)
    for flow in flows:
        if flow.source not in columns or flow.target not in columns:
            raise ValueError(f"the flow from {flow.source} to {flow.target} names an unknown node")
        if columns[flow.source] >= columns[flow.target]:
            raise ValueError(f"the flow from {flow.source} to {flow.target} does not go to a later column")
    if len({(flow.source, flow.target) for flow in flows}) < len(flows):
        raise ValueError("two flows join the same nodes")


def _volumes(flows: Sequence[Flow]) -> dict[str, float]:
    into: dict[str, float] = defaultdict(float)
    out_of: dict[str, float] = defaultdict(float)
    for flow in flows:
        out_of[flow.source] += float(flow.value)
        into[flow.target] += float(flow.value)
    return {key: max(into[key], out_of[key]) for key in [*out_of, *into]}


def _by_column(nodes: Sequence[Node]) -> dict[int, list[Node]]:
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in nodes:
        columns[node.column].append(node)
    return columns


def _height(nodes: Sequence[Node]) -> int:
    return max(_LEAST_HEIGHT, *(len(column) * _NODE_ROOM for column in _by_column(nodes).values()), 0)


def _pixels_per_unit(nodes: Sequence[Node], volumes: dict[str, float], height: int) -> float:
    return min(
        (
            (height - _NODE_GAP * len(column)) / sum(volumes[node.key] for node in column)
            for column in _by_column(nodes).values()
        ),
        default=0.0,
    )


def _place_nodes(
    nodes: Sequence[Node], volumes: dict[str, float], *, scale: float, height: int
) -> dict[str, PlacedNode]:
    last = max((node.column for node in nodes), default=0)
    placed = {}
    for column, members in _by_column(nodes).items():
        taken = sum(volumes[node.key] for node in members) * scale + _NODE_GAP * (len(members) - 1)
        y = (height - taken) / 2
        x = round(column * (100 - NODE_WIDTH) / max(last, 1), 3)
        for node in members:
            tall = volumes[node.key] * scale
            placed[node.key] = PlacedNode(
                node.key,
                node.label,
                node.text,
                node.href,
                x,
                pixels(y),
                max(pixels(tall), 2.0),
                column == last,
            )
            y += tall + _NODE_GAP
    return {node.key: placed[node.key] for node in nodes}


def _ribbons(flows: Sequence[Flow], nodes: dict[str, PlacedNode], *, scale: float) -> tuple[Ribbon, ...]:
    """Ribbons leave and arrive in the vertical order of what they join, so that few of them cross."""
    order = {key: (node.x, node.y) for key, node in nodes.items()}
    leaves = _stacked(sorted(flows, key=lambda flow: order[flow.target]), "source", nodes, scale)
    arrives = _stacked(sorted(flows, key=lambda flow: order[flow.source]), "target", nodes, scale)
    return tuple(
        _ribbon(flow, nodes, leaves[joined], arrives[joined], float(flow.value) * scale)
        for flow in flows
        for joined in [(flow.source, flow.target)]
    )


def _stacked(flows: Sequence[Flow], end: str, nodes: dict[str, PlacedNode], scale: float) -> Tops:
    next_free = {key: node.y for key, node in nodes.items()}
    tops: Tops = {}
    for flow in flows:
        key = flow.source if end == "source" else flow.target
        tops[flow.source, flow.target] = next_free[key]
        next_free[key] += float(flow.value) * scale
    return tops


def _ribbon(flow: Flow, nodes: dict[str, PlacedNode], y0: float, y1: float, thickness: float) -> Ribbon:
    source, target = nodes[flow.source], nodes[flow.target]
    x0, x1 = round(source.x + NODE_WIDTH, 3), target.x
    bend = round((x0 + x1) / 2, 3)
    thick = max(thickness, 1.0)
    top0, top1, low0, low1 = pixels(y0), pixels(y1), pixels(y0 + thick), pixels(y1 + thick)
    path = (
        f"M{x0},{top0} C{bend},{top0} {bend},{top1} {x1},{top1} L{x1},{low1} C{bend},{low1} {bend},{low0} {x0},{low0} Z"
    )
    return Ribbon(flow.source, flow.target, source.label, target.label, flow.text, flow.href, path)
