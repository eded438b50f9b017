"""Small pictures of the arrays that tasks take and return, as PNG bytes.

Pixels stay pixels: small arrays are to be shown enlarged by whole factors, nothing is smoothed.
Label images have a colour for each number, everything else is grey or RGB.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from imgkit.course.answers import describe
from imgkit.course.model import Case

MARK = (230, 120, 0)
SIDE = 160  # pixels of a thumbnail's longer side, about
_HUGE = 1e300  # differences of what is larger have no number


@dataclass(frozen=True)
class Thumbnail:
    """A captioned picture with words for who cannot see it."""

    caption: str
    alt: str
    png: bytes
    width: int
    "to be shown at, in pixels; a whole multiple of a small picture's own"


def strip(
    case: Case, answer: Any = None, *, answered: bool = True, shows: str = "pictures"
) -> list[Thumbnail]:
    """``input | expected | yours | difference``, as far as these can be seen.

    Parameters
    ----------
    case : the inputs and the expected answer
    answer : what the student's function returned
    answered : False leaves the answer and the difference away
    shows : what the task says its arrays are, see :class:`~imgkit.course.model.Task`. Of a tuple
        or a dict with pictures the first wrong one is shown, or, without an answer, each.
    """
    if shows == "numbers":
        return []
    given = [value for value in case.inputs.values() if is_picture(value)][:1]
    if shows == "places" and given and _lie_on(given[0], case.expected):
        named = {"expected": case.expected} | ({"yours": answer} if answered else {})
        marked = [_marked(k, given[0], v) for k, v in named.items() if _lie_on(given[0], v)]
        return [_drawn("input", given[0]), *marked]
    pictures = [_drawn("input", picture) for picture in given]
    for name, expected, wrong in _pairs(case.expected, answer, answered):
        pictures.append(_drawn(f"expected{name}", expected))
        if answered and is_picture(wrong):
            pictures.append(_drawn(f"yours{name}", wrong, like=expected))
            if wrong.shape == expected.shape:
                differ = _differing if are_labels(expected) else difference
                pictures.append(differ(expected, wrong))
    return pictures


def _pairs(expected: Any, answer: Any, answered: bool) -> list[tuple[str, np.ndarray, Any]]:
    """What can be seen of the expected answer, by name, and what the student gave for it."""
    if isinstance(expected, tuple | list):
        given = dict(enumerate(answer)) if isinstance(answer, tuple | list) else {}
        named = [(f", item {i}", value, given.get(i)) for i, value in enumerate(expected)]
    elif isinstance(expected, dict):
        given = answer if isinstance(answer, dict) else {}
        named = [(f", {key}", value, given.get(key)) for key, value in expected.items()]
    else:
        named = [("", expected, answer)]
    seen = [pair for pair in named if is_picture(pair[1])]
    if len(seen) == 1:
        return [("", *seen[0][1:])]
    if not answered:
        return seen
    return [pair for pair in seen if not _alike(*pair[1:])][:1] or seen[:1]


def _alike(expected: np.ndarray, answer: Any) -> bool:
    same_shape = is_picture(answer) and answer.shape == expected.shape
    return same_shape and np.allclose(answer, expected, equal_nan=True)


def _drawn(caption: str, image: np.ndarray, like: np.ndarray | None = None) -> Thumbnail:
    """In colours for labels, else in grey or RGB; in the way and on the scale of another one."""
    like = image if like is None else like
    if are_labels(image) or (are_labels(like) and _are_numbers(image)):
        return _coloured(caption, image)
    return thumbnail(caption, image, _scale(like))


def is_picture(value: Any) -> bool:
    """Whether an array can be looked at: (H, W) or (H, W, 3), numbers, not tiny or empty.

    Two columns are no picture: they are points.
    """
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "buif" or not value.size:
        return False
    colour = value.ndim == 3 and value.shape[2] == 3
    grey = value.ndim == 2 and (value.shape[1] != 2 or value.dtype == bool)
    return (grey or colour) and value.shape[0] * value.shape[1] >= 4


def _lie_on(picture: np.ndarray, places: Any) -> bool:
    """Whether an array can be points (N, 2) or boxes (N, 4) in a picture."""
    if not isinstance(places, np.ndarray) or places.dtype.kind not in "iuf":
        return False
    if places.ndim != 2 or places.shape[1] not in (2, 4) or not len(places):
        return False
    corners = places.reshape(len(places), -1, 2)  # (N, 1 or 2, 2)
    inside = ((corners >= 0) & (corners <= picture.shape[:2])).all()
    return bool(inside and places.max() > 1 and (np.diff(corners, axis=1) > 0).all())


def _marked(caption: str, picture: np.ndarray, places: np.ndarray) -> Thumbnail:
    """A ring around each (row, column), or the outline of each box."""
    import cv2

    low, high = _scale(picture)
    shares = (np.clip(np.nan_to_num(picture.astype(np.float64)), low, high) - low) / (high - low)
    shown = np.rint(255 * shares).astype(np.uint8)
    shown = shown if shown.ndim == 3 else np.dstack([shown] * 3)
    factor = SIDE / max(shown.shape[:2])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
    size = [max(1, round(side * factor)) for side in shown.shape[1::-1]]
    shown = cv2.resize(shown, size, interpolation=how)
    corners = places.reshape(len(places), -1, 2)[:, :, ::-1]  # OpenCV has the column first
    for corner in corners:
        if len(corner) == 1:
            cv2.circle(shown, _pixel((corner[0] + 0.5) * factor), 5, MARK, 2, cv2.LINE_AA)
        else:
            cv2.rectangle(shown, *[_pixel(end * factor) for end in corner], MARK, 2)
    what = "points (row, column)" if places.shape[1] == 2 else "boxes"
    alt = f"{caption}: {len(places)} {what} on the picture, the first {places[0].round(1).tolist()}"
    return Thumbnail(f"{caption}, {len(places)} {what.split()[0]}", alt, *_png(shown))


def _pixel(place: np.ndarray) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def are_labels(image: np.ndarray) -> bool:
    """Whether an array numbers objects: whole numbers (H, W), all from 0 to at least 2."""
    if not _are_numbers(image) or image.dtype == np.uint8:
        return False
    largest = int(image.max())
    return 2 <= largest < image.size and np.unique(image).size == largest + 1


def _are_numbers(image: np.ndarray) -> bool:
    return image.ndim == 2 and image.dtype.kind in "iu" and int(image.min()) >= 0


def _coloured(caption: str, labels: np.ndarray) -> Thumbnail:
    """A colour by number, the same in every picture; the background is black."""
    from imgkit.segmentation.pictures import COLOURS  # OpenCV: 0.1 s that most do without

    shown = np.where(labels[..., None] > 0, COLOURS[(labels - 1) % len(COLOURS)], 0)
    largest = int(labels.max())
    alt = f"{caption}: {describe(labels)}, labels up to {largest}, a colour for each"
    return Thumbnail(f"{caption}, up to {largest}", alt, *_png(shown.astype(np.uint8)))


def _differing(expected: np.ndarray, answer: np.ndarray) -> Thumbnail:
    """White where labels are the same, orange where they are not: there is no more and less."""
    wrong = expected != answer
    shown = np.where(wrong[..., None], np.uint8([200, 80, 0]), np.uint8(255))
    alt = f"difference: {wrong.mean():.0%} of the pixels have another number"
    return Thumbnail("difference", alt, *_png(shown))


def thumbnail(caption: str, image: np.ndarray, scale: tuple[float, float]) -> Thumbnail:
    low, high = scale
    values = np.nan_to_num(np.asarray(image, np.float64), posinf=high, neginf=low)
    shares = (np.clip(values, low, high) - low) / (high - low)
    shown = np.rint(shares * 255).astype(np.uint8)
    alt = f"{caption}: {describe(image)}, values {values.min():.4g} to {values.max():.4g}"
    return Thumbnail(caption, alt, *_png(shown))


def difference(expected: np.ndarray, answer: np.ndarray) -> Thumbnail:
    """Signed difference, yours minus expected: orange too high, blue too low, white right."""
    given, wanted = (
        np.nan_to_num(np.asarray(a, np.float64), posinf=0, neginf=0).clip(-_HUGE, _HUGE)
        for a in (answer, expected)
    )
    error = given - wanted
    if error.ndim == 3:
        error = error.mean(axis=2)
    largest = float(np.abs(error).max())
    strength = (np.abs(error) / (largest or 1.0))[..., None]
    orange, blue = np.array([200, 80, 0]), np.array([0, 90, 180])
    ends = np.where(error[..., None] > 0, orange, blue)
    shown = np.rint(255 + (ends - 255) * strength**0.5).astype(np.uint8)  # small errors show too
    share = float((error != 0).mean())
    alt = f"difference: {share:.0%} of the pixels differ, by up to {largest:.3g}"
    return Thumbnail(f"difference, up to {largest:.3g}", alt, *_png(shown))


def _scale(image: np.ndarray) -> tuple[float, float]:
    """Black and white points: full scale where values fit in it, else their own range."""
    if image.dtype == np.uint8:
        return 0.0, 255.0
    finite = image[np.isfinite(image)].astype(np.float64).clip(-_HUGE, _HUGE)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    margin = 0 if high > low else 1 + abs(low) / 2  # one grey, whatever its value
    return low - margin, high + margin


def _png(image: np.ndarray) -> tuple[bytes, int]:
    """The picture's file and the width to show it at."""
    import cv2  # 0.1 s that most commands do without

    height, width = image.shape[:2]
    factor = SIDE / max(height, width)
    if factor < 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    if image.ndim == 3:
        image = image[..., ::-1]  # OpenCV writes BGR
    smallest = [cv2.IMWRITE_PNG_COMPRESSION, 9]  # pictures in notebooks are committed
    file = cv2.imencode(".png", np.ascontiguousarray(image), smallest)[1].tobytes()
    return file, image.shape[1] * max(1, int(factor))
