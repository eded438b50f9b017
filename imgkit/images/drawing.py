"""How pictures are drawn: one white card, pixels as pixels, captions below."""

from __future__ import annotations  # help() says Image, not what it stands for

import functools
import textwrap
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

# the card
DPI = 100  # one figure pixel is one image pixel
WIDTH = 740  # a notebook's column
LARGEST = (400, 480)  # one image alone, rows and columns
ENLARGE = 48  # at most: a pixel stays a pixel, not a poster
THINNEST = 12  # a single row of pixels can still be seen
GAP, MARGIN, NARROWEST = 16, 8, 120
INK, FAINT = "#1a1a1a", "#555555"
TITLE, TITLE_LINE, TITLE_LETTER = 10.5, 17, 8  # points, pixels of a line, of a letter
NOTE, NOTE_LINE, NOTE_LETTER = 9, 15, 6.9
DOTTED = 64  # curves up to this length have a dot for each pixel

# blue, white, orange: equally dark ends that every kind of colour vision tells apart
NEGATIVE, POSITIVE = np.array([0, 90, 170]), np.array([205, 90, 0])
NOT_FINITE = (230, 0, 200)  # magenta, in no other picture
CURVES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#56b4e9"]  # Okabe and Ito
DASHES = ["-", (0, (5, 2)), (0, (1, 1.2)), (0, (7, 2, 1, 2))]


def _own_style(draw: Callable) -> Callable:
    """Draw in Matplotlib's defaults, whatever style the reader has set, and leave that alone."""

    @functools.wraps(draw)
    def drawn(*args, **options):
        from matplotlib import style

        with style.context("default"):
            return draw(*args, **options)

    return drawn


def magnitude(*images: np.ndarray) -> float:
    """The largest finite magnitude, or 0."""
    return max(
        (float(np.abs(v[np.isfinite(v)]).max()) for v in images if np.isfinite(v).any()),
        default=0.0,
    )


def plain_panel(values: np.ndarray, limits: tuple[float, float]) -> Pixels:
    """Grey or colour as it is, (H, W, 3): the lower limit black, the upper white."""
    low, high = limits
    shares = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1)
    levels = np.rint(255 * np.where(np.isfinite(shares), shares, 0)).astype(np.uint8)
    return _marked(levels, values)


def signed_panel(values: np.ndarray, scale: float) -> Pixels:
    """Grey: zero white, below it blue, above it orange. Colour: zero is mid-grey."""
    finite = np.where(np.isfinite(values), values, 0).astype(np.float64)
    share = np.clip(finite / (scale or 1), -1, 1)
    if values.ndim == 3:
        levels = 127.5 + 127.5 * share
    else:
        end = np.where(share[..., None] < 0, NEGATIVE, POSITIVE)  # (H, W, 3)
        levels = 255 + np.abs(share[..., None]) * (end - 255)
    return _marked(np.rint(levels).astype(np.uint8), values)


def _marked(levels: Pixels, values: np.ndarray) -> Pixels:
    if levels.ndim == 2:
        levels = np.repeat(levels[..., None], 3, axis=2)
    bad = ~np.isfinite(values)
    levels[bad.any(axis=2) if bad.ndim == 3 else bad] = NOT_FINITE
    return levels


def fitted(panel: Pixels, box: tuple[int, int]) -> Pixels:
    """The panel in a box of (rows, columns): enlarged by whole pixels, or averaged down."""
    high, wide = panel.shape[:2]
    room = min(box[0] / high, box[1] / wide)
    if room >= 1:
        times = min(int(room), ENLARGE)
        panel = panel.repeat(times, axis=0).repeat(times, axis=1)
    else:
        size = max(1, round(wide * room)), max(1, round(high * room))
        panel = cv2.resize(panel, size, interpolation=cv2.INTER_AREA)
    for axis in (0, 1):
        if panel.shape[axis] < THINNEST:
            panel = panel.repeat(-(-THINNEST // panel.shape[axis]), axis=axis)
    return np.pad(panel, ((1, 1), (1, 1), (0, 0)), constant_values=190)  # a hairline around


@_own_style
def card(
    panels: Sequence[Pixels], titles: Sequence[str], notes: Sequence[str], columns: int | None
) -> Pixels:
    """Panels in rows, titles above them, notes below all."""
    columns = min(columns or 4, len(panels))
    room = (WIDTH - 2 * MARGIN - GAP * (columns - 1)) // columns
    panels = [fitted(p, (LARGEST[0], min(room, LARGEST[1]))) for p in panels]
    cell = max(NARROWEST if any(titles) else 0, *(p.shape[1] for p in panels))
    wide = 2 * MARGIN + columns * cell + (columns - 1) * GAP
    if notes:
        wide = max(wide, 500)
    titles = [textwrap.fill(title, int(cell / TITLE_LETTER)) for title in titles]
    notes = [line for note in notes for line in textwrap.wrap(note, int((wide - 16) / NOTE_LETTER))]

    places, y = [], MARGIN  # of each panel: left, top, counted from the card's upper left corner
    for start in range(0, len(panels), columns):
        row = range(start, min(start + columns, len(panels)))
        y += max(_height(titles[i]) for i in row)
        places += [(MARGIN + (i - start) * (cell + GAP), y) for i in row]
        y += max(panels[i].shape[0] for i in row) + GAP
    bottom = y - GAP + 4
    high = bottom + (len(notes) * NOTE_LINE + 2 if notes else 0) + MARGIN - 4

    figure = _figure(wide, high)
    for panel, title, (left, top) in zip(panels, titles, places, strict=True):
        figure.figimage(panel, left, high - top - panel.shape[0], origin="upper")
        _write(figure, left, top - 5, title, size=TITLE, color=INK, va="bottom")
    _write(figure, MARGIN, bottom, "\n".join(notes), size=NOTE, color=FAINT, va="top")
    return _pixels(figure)


def _height(title: str) -> int:
    return (title.count("\n") + 1) * TITLE_LINE + 4 if title else 0


@_own_style
def curves(rows: Sequence[np.ndarray], labels: Sequence[str], title: str | None) -> Pixels:
    """Curves over one axis, the title and then the legend above it."""
    wide, bottom, body = 640, 26, 200
    legend_rows = -(-sum(map(bool, labels)) // 4)
    top = 8 + (24 if title else 0) + 20 * legend_rows
    high = top + body + bottom
    figure = _figure(wide, high, density=2)
    axes = figure.add_axes((0, bottom / high, 1, body / high))
    for i, (row, label) in enumerate(zip(rows, labels, strict=True)):
        style = {"color": CURVES[i % len(CURVES)], "linestyle": DASHES[i % len(DASHES)]}
        dots = "o" if row.size <= DOTTED else None
        axes.plot(row, **style, linewidth=1.8, marker=dots, markersize=4, label=label or None)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelsize=NOTE)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.02)
    numbers = axes.yaxis.get_major_formatter().format_ticks(axes.get_yticks())
    left = max(46, 12 + 7 * max(map(len, numbers)))  # room for the longest of them
    axes.set_position((left / wide, bottom / high, (wide - left - 12) / wide, body / high))
    axes.xaxis.get_major_locator().set_params(integer=True)
    if title:
        _write(figure, MARGIN, 6, title, size=TITLE, color=INK, va="top")
    if legend_rows:
        place = {"loc": "lower left", "bbox_to_anchor": (-0.01, 1), "ncols": 4}
        for text in axes.legend(**place, frameon=False, fontsize=NOTE).get_texts():
            text.set_parse_math(False)
    # 16 shades of each colour are enough for smooth lines, and make the file a third
    return ((_pixels(figure).astype(np.uint16) + 8) // 17 * 17).astype(np.uint8)


def _figure(wide: int, high: int, density: int = 1):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(wide / DPI, high / DPI), dpi=DPI * density, facecolor="white")
    FigureCanvasAgg(figure)  # no pyplot: its state belongs to the reader
    return figure


def _write(figure, left: float, top: float, text: str, **style) -> None:
    """Text at pixels from the upper left corner; a dollar sign is a dollar sign."""
    wide, high = figure.get_size_inches() * DPI
    figure.text(left / wide, 1 - top / high, text, parse_math=False, **style)


def _pixels(figure) -> Pixels:
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())[..., :3]
