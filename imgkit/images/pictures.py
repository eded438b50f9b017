"""Pictures for notebooks: images side by side, two images and their difference, rows as curves.

Every function here returns a :class:`Picture`, which is drawn when a notebook asks for it.
Matplotlib is loaded then and not before; its global state is never touched. One style for all:
dark text on a white card, which reads in light and in dark mode, and colours that a colour-blind
reader tells apart. Where nothing else is said, a picture never stretches contrast.
"""

from __future__ import annotations  # help() says Image, not what it stands for

import base64
import html
import io
import os
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imgkit.images import drawing
from imgkit.images.arrays import SLACK, as_float, require_array, require_image, require_shape
from imgkit.images.drawing import Pixels
from imgkit.images.files import write


class Picture:
    """Something to look at, drawn when it is shown or saved.

    Parameters
    ----------
    draw : returns the pixels, (H, W, 3) uint8
    alt : what is seen, in words: for a screen reader, and wherever pictures are not shown
    density : pixels of the drawing to one of the page
    """

    def __init__(self, draw: Callable[[], Pixels], alt: str, *, density: int = 1):
        self._draw = draw
        self._encoded: tuple[str, bytes, int] | None = None
        self._density = density
        self.alt = alt

    def __repr__(self) -> str:
        return f"<picture: {self.alt}>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """HTML, because JupyterLab gives an image/png output no alt text, whatever it carries."""
        if self._encoded is None:
            self._encoded = _encode(self._draw())
        mime, data, width = self._encoded
        source = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
        tag = (
            f'<img src="{source}" alt="{html.escape(self.alt)}" '
            f'width="{width // self._density}" style="max-width:100%">'
        )
        return {"text/html": tag, "text/plain": repr(self)}

    def save(self, path: str | os.PathLike) -> None:
        """Write the picture to a file, as :func:`imgkit.images.write` does."""
        write(path, self._draw())


def _encode(pixels: Pixels) -> tuple[str, bytes, int]:
    """Mime type, bytes and width. PNG is exact; JPEG where it saves a quarter or more."""
    bgr = np.ascontiguousarray(pixels[..., ::-1])
    if (pixels == pixels[..., :1]).all():
        bgr = bgr[..., 0]  # grey takes less
    jpg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    png = _palette_png(pixels)
    if png is None:
        png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
    if len(jpg) < 0.75 * len(png):
        return "image/jpeg", jpg, pixels.shape[1]
    return "image/png", png, pixels.shape[1]


def _palette_png(pixels: Pixels) -> bytes | None:
    """A PNG of at most 256 colours, half the size of another; None if there are more."""
    from PIL import Image  # OpenCV writes no palettes

    codes = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)  # (H, W)
    colours, indices = np.unique(codes, return_inverse=True)
    if len(colours) > 256:
        return None
    image = Image.fromarray(indices.reshape(codes.shape).astype(np.uint8))
    palette = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)
    image.putpalette(palette.astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def show(
    *images: npt.NDArray,
    titles: str | Sequence[str] | None = None,
    alt: str | None = None,
    signed: bool | None = None,
    limits: tuple[float, float] | None = None,
    columns: int | None = None,
) -> Picture:
    """Images side by side, as they are.

    Parameters
    ----------
    images : arrays (H, W) or (H, W, 3); uint8, bool, or float. Each fills its place on the card:
        a small one is enlarged until its pixels are seen, a large one averaged down.
    titles : one for each, short
    alt : what is seen, in words. Say what the picture shows ("Blurring takes the noise and the
        edges with it."); without it the sizes, types and ranges are told.
    signed : draw zero white, below it blue and above it orange; colour about mid-grey. Without a
        word, an image with negative values is drawn so. Signed images in one picture share one
        scale, which the caption tells: the magnitude that 99 of 100 non-zero values stay within.
    limits : the values drawn black and white, where they are not 0 and 1; fractions of full scale
        for uint8 too
    columns : images in a row; at most 4 without a word

    Returns
    -------
    A Picture: the last line of a cell shows it, ``.save(path)`` writes it.

    Raises
    ------
    ValueError
        If a float image has values above 1 and no limits are given: 0..255 in floats is a mistake,
        and a picture that stretches by itself hides it.
    TypeError
        If an image has another dtype.

    Notes
    -----
    NaN and infinite values are drawn magenta, and counted in the caption.

    Examples
    --------
    >>> show(np.zeros((4, 6), np.uint8), titles="nothing")
    <picture: nothing: 6 wide, 4 high, uint8, all 0.>
    """
    if not images:
        raise TypeError("show takes at least one image")
    titles = _titles(titles, len(images))
    if columns is not None and (type(columns) is not int or columns < 1):
        raise ValueError(f"columns must be a whole number from 1 on, got {columns!r}")
    names = ["image"] if len(images) == 1 else [f"image {i + 1}" for i in range(len(images))]
    values = [_viewable(image, name) for image, name in zip(images, names, strict=True)]
    if signed is None:
        signs = [limits is None and _is_signed(v) for v in values]
    else:
        signs = [signed] * len(values)
    scale, notes = _scale(*[v for v, s in zip(values, signs, strict=True) if s])
    if limits is not None:
        limits = _limits(limits)
        notes.append(f"black {_number(limits[0])}, white {_number(limits[1])}")
    panels = []
    for v, is_signed, name in zip(values, signs, names, strict=True):
        if is_signed:
            panels.append(drawing.signed_panel(v, scale))
        else:
            if limits is None:
                _refuse_bright(v, name)
            panels.append(drawing.plain_panel(v, limits or (0, 1)))
    notes += _finite_note(*values)
    if alt is None:
        told = [f"{t}: {_told(i)}" if t else _told(i) for t, i in zip(titles, images, strict=True)]
        alt = "; ".join(told) + "."
    return Picture(lambda: drawing.card(panels, titles, notes, columns), alt)


def compare(
    first: npt.NDArray,
    second: npt.NDArray,
    *,
    titles: Sequence[str] = ("first", "second"),
    alt: str | None = None,
) -> Picture:
    """Two images and their difference: ``first | second | second - first``.

    Parameters
    ----------
    first, second : arrays of one shape, (H, W) or (H, W, 3). The difference is counted in grey
        levels if both are uint8 and in fractions of full scale otherwise.
    titles : of the two, or of all three
    alt : what is seen, in words; without it the largest and the mean difference are told

    Returns
    -------
    A Picture. The difference is white where the two agree, orange where the second is brighter
    and blue where it is darker. The caption tells the largest difference, where it is, the mean of
    the magnitudes, and what full colour stands for: the magnitude that 99 of 100 differences stay
    within. In colour images each pixel shows its channel that differs most.

    Raises
    ------
    ValueError
        If the shapes differ.
    TypeError
        If an image has another dtype than uint8, bool, float32 and float64.

    Notes
    -----
    Values outside 0..1 are drawn too, on one scale for both, which the caption tells: a comparison
    is where one looks for what went wrong. NaN and infinite values are drawn magenta.

    Examples
    --------
    >>> compare(np.zeros((2, 3)), np.full((2, 3), 0.25), titles=("expected", "yours"))
    <picture: expected and yours, 3 wide, 2 high, and their difference: largest +0.25 at row 0, \
column 0; mean magnitude 0.25.>
    """
    values = [_viewable(first, "first"), _viewable(second, "second")]
    if np.shape(first) != np.shape(second):
        raise ValueError(
            f"second has shape {np.shape(second)} and first {np.shape(first)}: "
            "only images of one shape can be compared"
        )
    if len(titles) == 2:
        titles = [*titles, "difference"]
    titles = _titles(titles, 3)

    levels = first.dtype == second.dtype == np.uint8
    with np.errstate(invalid="ignore"):  # infinity less infinity
        difference = (values[1].astype(np.float64) - values[0]) * (255 if levels else 1)
    found = _difference_told(difference, " of 255 levels" if levels else "")
    plain, notes = _pair_panels(*values)
    difference = _most(difference)
    scale, colours = _scale(difference, low=f"{titles[1]} is darker", high="brighter")
    panels = [*plain, drawing.signed_panel(difference, scale)]
    notes = [f"difference: {found}", *colours, *notes]
    if alt is None:
        high, wide = first.shape[:2]
        alt = (
            f"{titles[0]} and {titles[1]}, {wide} wide, {high} high, and their difference: {found}."
        )
    return Picture(lambda: drawing.card(panels, titles, notes, None), alt)


def _pair_panels(first: np.ndarray, second: np.ndarray) -> tuple[list[Pixels], list[str]]:
    """Both images on one scale, 0..1 if they fit, and what there is to say about it."""
    pair = first, second
    if _is_signed(first) or _is_signed(second):
        scale, notes = _scale(*pair)
        return [drawing.signed_panel(v, scale) for v in pair], notes + _finite_note(*pair)
    top, notes = drawing.magnitude(*pair), []
    if top > 1 + SLACK:
        notes = [f"black 0, white {_number(top)}"]
    else:
        top = 1
    return [drawing.plain_panel(v, (0, top)) for v in pair], notes + _finite_note(*pair)


def plot_rows(
    *rows: npt.ArrayLike,
    labels: str | Sequence[str] | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Rows of pixels, steps and profiles as curves over one axis.

    Parameters
    ----------
    rows : one-dimensional, or images (1, W) or (H, 1); real numbers, drawn as they are. Short ones
        are drawn with a dot at each pixel.
    labels : one for each
    title : short
    alt : what is seen, in words; without it lengths and ranges are told

    Returns
    -------
    A Picture.

    Raises
    ------
    ValueError
        If a row has more than one row, is empty, or has no finite value.
    TypeError
        If it does not hold real numbers.

    Examples
    --------
    >>> plot_rows([0, 0, 1, 1], labels="step")
    <picture: a curve; step: 4 values from 0 to 1.>
    """
    if not rows:
        raise TypeError("plot_rows takes at least one row")
    labels = _titles(labels, len(rows), "labels")
    curves = [_row(row, f"row {i + 1}") for i, row in enumerate(rows)]
    if alt is None:
        names = [label or f"row {i + 1}" for i, label in enumerate(labels)]
        told = [
            f"{name}: {c.size} values from {_number(np.nanmin(c))} to {_number(np.nanmax(c))}"
            for name, c in zip(names, curves, strict=True)
        ]
        what = title or ("a curve" if len(curves) == 1 else f"{len(curves)} curves")
        alt = "; ".join([what, *told]) + "."
    return Picture(lambda: drawing.curves(curves, labels, title), alt, density=2)


# --- what is asked of an argument -----------------------------------------------------------------


def _titles(titles: str | Sequence[str] | None, count: int, name: str = "titles") -> list[str]:
    if titles is None:
        return [""] * count
    titles = [titles] if isinstance(titles, str) else list(titles)
    if len(titles) != count:
        raise ValueError(f"{name} has {len(titles)} entries; {count} are to be drawn")
    return [str(title) for title in titles]


def _limits(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = (float(value) for value in limits)
    if not low < high:  # NaN too
        raise ValueError(f"limits must be (black, white) with black below white, got {limits!r}")
    return low, high


def _viewable(image: object, name: str) -> np.ndarray:
    """The image as floats. A picture also takes bool, and values that are not finite."""
    require_array(image, name)
    require_shape(image, name, channels=(1, 3))
    if image.dtype == np.bool_:
        return image.astype(np.float32)
    if image.dtype not in (np.float32, np.float64):
        require_image(image, name)
    values = image if image.dtype != np.uint8 else as_float(image)
    return values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values


def _row(row: npt.ArrayLike, name: str) -> np.ndarray:
    values = np.asarray(row)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {values.dtype}; plot_rows takes real numbers")
    if values.size == 0 or values.size != max(values.shape, default=0):
        raise ValueError(f"{name} has shape {values.shape}; plot_rows takes (W,), (1, W) or (H, 1)")
    values = values.ravel().astype(np.float64)
    if not np.isfinite(values).any():
        raise ValueError(f"{name} has no finite value")
    return np.where(np.isfinite(values), values, np.nan)  # a gap in the curve


def _refuse_bright(values: np.ndarray, name: str) -> None:
    top = drawing.magnitude(values)
    if top <= 1 + SLACK:
        return
    hint = "it looks like 0..255: divide by 255" if 2 < top <= 255 else "scale it"
    raise ValueError(
        f"{name} has values up to {_number(top)}; white is 1: {hint}, "
        "or say what is black and white: limits=(low, high)"
    )


# --- what is told -------------------------------------------------------------------------------


def _number(value: float) -> str:
    return f"{value:.3g}"


def _told(image: np.ndarray) -> str:
    """Size, type and range of an image in words."""
    high, wide = image.shape[:2]
    what = f"{wide} wide, {high} high, {image.dtype}"
    finite = image[np.isfinite(image)].astype(np.float64)
    if finite.size == 0:
        return f"{what}, no finite value"
    low, top = finite.min(), finite.max()
    if low == top:
        return f"{what}, all {_number(low)}"
    return f"{what}, from {_number(low)} to {_number(top)}, mean {_number(finite.mean())}"


def _finite_note(*values: np.ndarray) -> list[str]:
    count = sum(int(np.count_nonzero(~np.isfinite(v))) for v in values)
    return [f"magenta: {count} values that are NaN or infinite"] if count else []


def _scale(*values: np.ndarray, low: str = "", high: str = "") -> tuple[float, list[str]]:
    """What full blue and full orange stand for, and the line that says so."""
    sizes = [np.abs(v[np.isfinite(v) & (v != 0)]) for v in values]
    sizes = np.concatenate([np.ravel(s) for s in sizes]) if sizes else np.empty(0)
    if sizes.size == 0:
        return 1.0, []
    # One glint must not bleach the rest. Below 100 values this is the largest.
    scale = float(np.quantile(sizes, 0.99, method="higher"))
    end = _number(scale)
    cut = sizes.max() > scale
    blue = f"blue −{end}{' and below' if cut else ''}{low and ': ' + low}"
    orange = f"orange +{end}{' and above' if cut else ''}{high and ': ' + high}"
    return scale, [f"{blue}, white 0, {orange}"]


def _difference_told(difference: np.ndarray, unit: str) -> str:
    size = np.abs(difference)
    finite = np.isfinite(size)
    if not finite.any():
        return "no value is finite"
    where = np.unravel_index(np.argmax(np.where(finite, size, -1)), size.shape)
    if size[where] == 0:
        return "none" if finite.all() else "none among the finite values"
    largest = f"{difference[where]:+.3g}".replace("-", "−")
    mean = _number(size[finite].mean())
    return f"largest {largest}{unit} at row {where[0]}, column {where[1]}; mean magnitude {mean}"


def _is_signed(values: np.ndarray) -> bool:
    return bool((values < -SLACK).any())


def _most(difference: np.ndarray) -> np.ndarray:
    """The channel that differs most, with its sign: (H, W, C) to (H, W)."""
    if difference.ndim == 2:
        return difference
    size = np.where(np.isfinite(difference), np.abs(difference), np.inf)
    return np.take_along_axis(difference, size.argmax(axis=2)[..., None], axis=2)[..., 0]
