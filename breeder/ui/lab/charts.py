"""The charts of the Lab: values in, Altair charts out, drawn in the colours of either theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import altair as alt

from breeder.lab.complexity import MEASURES
from breeder.lab.convolution_drawing import LayerSpread
from breeder.lab.signals import DEAD_SPREAD, Curve, LayerSignal, Signals
from breeder.lab.study import STUDIED, Row

Chart: TypeAlias = Any
"""An Altair chart; what its methods return has no type."""

HEIGHT = 210
MOST_HISTOGRAMS = 10
"""Layers whose histograms are shown; of deeper networks some are left out evenly."""

_LEAST = 1e-12
"""What a logarithmic axis shows for nothing."""


def spread_chart(signals: Signals) -> Chart:
    """Return the spread of the values of each layer, on a logarithmic axis."""
    rows: list[dict[str, Any]] = [
        {
            "order": order,
            "Layer": layer.name,
            "Spread": max(layer.spread, _LEAST),
            "Neurons": layer.neurons,
            "Size": layer.size,
        }
        for order, layer in enumerate(signals.layers)
    ]
    base = _over_layers(rows, [layer.name for layer in signals.layers])
    lowest = min(row["Spread"] for row in rows)
    line = base.mark_line(point=True).encode(
        y=_log(rows, "Spread", "spread (std)"),
        tooltip=["Layer:N", alt.Tooltip("Spread:Q", format=".3g"), "Neurons:Q"],
    )
    if lowest > 0.05:
        return line
    limit = (
        alt.Chart(_values([{"Spread": DEAD_SPREAD}]))
        .mark_rule(strokeDash=[4, 4], color="#8a8a94")
        .encode(y="Spread:Q")
    )
    return line + limit


def passing_chart(signals: Signals) -> Chart:
    """Return the shares of flat values and still neurons of each layer."""
    rows = [
        {"order": order, "Layer": layer.name, "Share": share, "What": what}
        for order, layer in enumerate(signals.layers)
        for what, share in (
            ("flat values", layer.flat),
            ("still neurons", layer.still),
        )
    ]
    base = _over_layers(rows, [layer.name for layer in signals.layers])
    return base.mark_line(point=True).encode(
        y=alt.Y("Share:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        color=_legend("What"),
        tooltip=["Layer:N", "What:N", alt.Tooltip("Share:Q", format=".0%")],
    )


def curve_chart(curve: Curve, signals: Signals) -> Chart:
    """Return the length of the circle in each layer, on a logarithmic axis."""
    names = [layer.name for layer in signals.layers]
    rows = [
        {"order": order, "Layer": name, "Length": max(length, _LEAST)}
        for order, (name, length) in enumerate(zip(names, curve.lengths, strict=True))
    ]
    return (
        _over_layers(rows, names)
        .mark_line(point=True)
        .encode(
            y=_log(rows, "Length", "length / √neurons"),
            tooltip=["Layer:N", alt.Tooltip("Length:Q", format=".3g")],
        )
    )


def histogram_charts(signals: Signals) -> list[Chart]:
    """Return the histograms of the values of some layers, each on its own axis."""
    shown = _some(range(len(signals.layers)), MOST_HISTOGRAMS)
    return [_histogram(signals.layers[place]) for place in shown]


def study_chart(rows: Sequence[Row]) -> Chart:
    """Return medians and quartiles of each measure, shape by shape."""
    shapes = [row.title for row in rows]
    charts = []
    for name in STUDIED:
        points = [
            {
                "Shape": row.title,
                "Weights": row.weights,
                "low": row.spreads[name].low,
                "Median": row.spreads[name].median,
                "high": row.spreads[name].high,
            }
            for row in rows
            if name in row.spreads
        ]
        charts.append(_quartiles(points, shapes, MEASURES[name].title))
    return alt.concat(*charts, columns=3)


def layers_chart(layers: Sequence[LayerSpread]) -> Chart:
    """Return the spread of what a convolutional network's layers add up, on a logarithmic axis."""
    rows = [
        {"Layer": number, "Spread": max(each, 1e-300), "What": what}
        for number, layer in enumerate(layers, 1)
        for what, each in (
            ("sums, as they come", layer.sums),
            ("values passed on", layer.values),
        )
    ]
    return (
        alt.Chart(_values(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "Layer:Q",
                title="layer",
                axis=alt.Axis(tickMinStep=1, format="d"),
                scale=alt.Scale(domain=[1, len(layers)], nice=False),
            ),
            y=_log(rows, "Spread", "spread (std)"),
            color=_legend("What"),
            tooltip=["Layer:Q", "What:N", alt.Tooltip("Spread:Q", format=".3g")],
        )
        .properties(height=HEIGHT + 60)
    )


def fit_chart(curve: Sequence[tuple[float, float]], seconds: float) -> Chart:
    """Return how close a network came to a picture, in decibels, over the seconds of its fit."""
    rows = [{"Seconds": each, "Closeness": round(decibels, 2)} for each, decibels in curve]
    return (
        alt.Chart(_values(rows))
        .mark_line()
        .encode(
            x=alt.X("Seconds:Q", title="seconds", scale=alt.Scale(domain=[0, seconds])),
            y=alt.Y("Closeness:Q", title="PSNR (dB)", scale=alt.Scale(zero=False)),
            tooltip=[alt.Tooltip("Seconds:Q", format=".0f"), alt.Tooltip("Closeness:Q")],
        )
        .properties(height=HEIGHT)
    )


def _histogram(layer: LayerSignal) -> Chart:
    bins = zip(layer.edges, layer.edges[1:], layer.shares, strict=False)
    rows = [{"from": low, "to": high, "Share": share, "zero": 0.0} for low, high, share in bins]
    return (
        alt.Chart(_values(rows), title=alt.Title(layer.name, fontSize=12, anchor="middle"))
        .mark_bar()
        .encode(
            x=alt.X("from:Q", title=None, axis=alt.Axis(tickCount=3), scale=alt.Scale(zero=False)),
            x2="to:Q",
            y=alt.Y("Share:Q", title=None, axis=None),
            y2="zero:Q",
            tooltip=[
                alt.Tooltip("from:Q", format=".3g"),
                alt.Tooltip("to:Q", format=".3g"),
                alt.Tooltip("Share:Q", format=".1%"),
            ],
        )
        .properties(width=165, height=150)  # its title and axis within
    )


def _quartiles(points: list[dict[str, Any]], shapes: list[str], title: str) -> Chart:
    base = alt.Chart(_values(points)).encode(
        y=alt.Y("Shape:N", sort=shapes, title=None, axis=alt.Axis(labelLimit=140))
    )
    tooltip = ["Shape:N", "Weights:Q"] + [
        alt.Tooltip(f"{name}:Q", format=".3g") for name in ("low", "Median", "high")
    ]
    scale = alt.Scale(zero=False)
    bars = base.mark_bar(height=4, opacity=0.5).encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high:Q", tooltip=tooltip
    )
    dots = base.mark_point(filled=True, size=70).encode(
        x=alt.X("Median:Q", scale=scale), tooltip=tooltip
    )
    return (bars + dots).properties(width=200, height=26 * max(2, len(shapes)))


def _over_layers(rows: list[dict[str, Any]], names: list[str]) -> Chart:
    # Words on the axis where they have room, numbers otherwise.
    axis = alt.Axis(labelAngle=-35, labelOverlap="greedy")
    return (
        alt.Chart(_values(rows))
        .encode(x=alt.X("Layer:N", sort=names, title=None, axis=axis))
        .properties(height=HEIGHT)
    )


def _log(rows: list[dict[str, Any]], name: str, title: str) -> alt.Y:
    """Return a logarithmic axis over whole powers of ten, its labels few and round."""
    low = math.floor(math.log10(min(row[name] for row in rows)))
    high = max(math.ceil(math.log10(max(row[name] for row in rows))), low + 1)
    step = 1 + (high - low) // 7
    marks = [10.0**power for power in range(low, high + 1, step)]
    if high - low <= 2:
        marks = sorted(
            {*marks, *(part * 10.0**power for power in range(low, high) for part in (2, 5))}
        )
    form = "~g" if low >= -4 and high <= 4 else ".0e"
    return alt.Y(
        f"{name}:Q",
        title=title,
        axis=alt.Axis(values=marks, format=form),
        scale=alt.Scale(type="log", domain=[10.0**low, 10.0**high]),
    )


def _legend(name: str) -> alt.Color:
    return alt.Color(f"{name}:N", title=None, legend=alt.Legend(orient="top", offset=2, padding=0))


def _values(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _some(places: range, most: int) -> list[int]:
    if len(places) <= most:
        return list(places)
    step = (len(places) - 1) / (most - 1)
    return [round(number * step) for number in range(most)]
