"""The panels of a report as an SVG that is the same, byte for byte, for the same numbers."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from benchmarks.report import Panel

_INK, _GROUND, _OURS, _THEIRS, _LIMIT = "#24292f", "#ffffff", "#1f6feb", "#9aa4af", "#d1242f"

# The file says it all by itself, wherever it is shown: on a dark page these take the place of the colours above.
_DARK = {_INK: "#e6edf3", _GROUND: "#0d1117", _OURS: "#58a6ff", _THEIRS: "#6e7681", _LIMIT: "#ff7b72"}

_OURS_BEGINS = "urischeme"
_FONT = "DejaVu Sans"
_BAR_HEIGHT, _HEADROOM, _WIDTH = 0.26, 0.7, 8.0
# Above it the small ones would be nothing beside the great one.
_MOST_LINEAR = 20


def draw(panels: Sequence[Panel]) -> str:
    """The panels, one below the other. Raises ImportError without matplotlib."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    heights = [_HEADROOM + _BAR_HEIGHT * len(panel.bars) for panel in panels]
    settings: dict[Any, Any] = {
        # Text that is text: small, and searchable.
        "svg.fonttype": "none",
        "svg.hashsalt": "urischeme",
        # Comes with matplotlib, so that the layout is the same everywhere; few fonts are wider.
        "font.family": [_FONT],
        "font.size": 9,
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
    with mpl.rc_context(settings):
        layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
        figure = Figure(figsize=(_WIDTH, sum(heights)), layout=layout, facecolor=_GROUND)
        plots = figure.subplots(len(panels), squeeze=False, height_ratios=heights)
        for axes, panel in zip(plots[:, 0], panels, strict=True):
            _bars(axes, panel)
        file = StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = file.getvalue().replace(f"'{_FONT}'", f"'{_FONT}', sans-serif")
    return svg.replace("<defs>", f"{_style()}\n <defs>", 1)


def _bars(axes: Axes, panel: Panel) -> None:
    bars = panel.bars[::-1]
    values = [bar.value for bar in bars]
    one_of_many = any(bar.label.startswith(_OURS_BEGINS) for bar in bars)
    ours = [not one_of_many or bar.label.startswith(_OURS_BEGINS) for bar in bars]
    logarithmic = max(values) > _MOST_LINEAR * min(values)
    title = f"{panel.title} (logarithmic)" if logarithmic else panel.title
    axes.set_title(title, loc="left", fontweight="bold", color=_INK)
    axes.set_facecolor("none")
    axes.barh([bar.label for bar in bars], values, height=0.7, color=[_OURS if its else _THEIRS for its in ours])
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 2, max(values) * 3)
    else:
        axes.set_xlim(0, max(values + [bar.limit or 0 for bar in bars]) * 1.3)
    for place, (bar, its) in enumerate(zip(bars, ours, strict=True)):
        label = f"{_number(bar.value)} {panel.unit}".strip()
        if bar.limit is not None:
            label += f" (goal: {bar.limit:g})"
        # Beyond the mark of the limit too.
        end = max(bar.value, bar.limit or 0)
        axes.annotate(
            label, (end, place), (4, 0), textcoords="offset points", va="center", fontweight="bold" if its else "normal"
        )
        if bar.limit is not None:
            axes.plot([bar.limit] * 2, [place - 0.42, place + 0.42], color=_LIMIT, linewidth=2)
    axes.margins(y=0.02)
    axes.tick_params(left=False, bottom=False, labelbottom=False, which="both")
    axes.spines[:].set_visible(False)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _style() -> str:
    rules = "".join(
        f'[style*="{attribute}: {light}"]{{{attribute}:{dark}!important}}'
        for light, dark in _DARK.items()
        for attribute in ("fill", "stroke")
    )
    return f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
