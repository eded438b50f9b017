"""What tests draw from and compare with: images of every kind, plain float64 definitions."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import composite

MODES = ["mirror", "reflect", "nearest", "wrap", "constant"]
NUMPY_MODES = {  # np.pad's words for ours
    "mirror": "reflect",
    "reflect": "symmetric",
    "nearest": "edge",
    "wrap": "wrap",
    "constant": "constant",
}
TOLERANCE = {"float32": 1e-6, "float64": 1e-13}  # of the largest magnitude; uint8: half a level
HALF_LEVEL = 0.5 + 1e-3  # a value this close to the middle may be rounded either way

sides = st.one_of(st.integers(1, 4), st.sampled_from([5, 8, 13, 16, 17]))  # small, odd, prime
borders = st.sampled_from(  # as keyword arguments; cval is level 51 or white
    [{"mode": mode} for mode in MODES] + [{"mode": "constant", "cval": c} for c in (0.2, 1.0)]
)
dtypes = st.sampled_from(["uint8", "float32", "float64"])


@composite
def images(draw, *, dtypes=dtypes, channels=(None, 1, 2, 3, 4, 5), signed=False):
    """Grey and colour, 1x1, one row, tall, thin; noise, flat, black and white; any memory layout.

    With ``signed``, floats are any finite values: both signs, small and large.
    """
    shape = draw(st.tuples(sides, sides))
    count = draw(st.sampled_from(channels))
    shape = shape if count is None else (*shape, count)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = {
        "noise": lambda: rng.random(shape),
        "flat": lambda: np.full(shape, rng.random()),
        "black and white": lambda: rng.integers(0, 2, shape).astype(float),
    }[draw(st.sampled_from(["noise", "flat", "black and white"]))]()
    dtype = np.dtype(draw(dtypes))
    if dtype == np.uint8:
        image = np.rint(255 * values).astype(np.uint8)
    else:
        if signed:
            values = (2 * values - 1) * 10.0 ** draw(st.integers(-6, 6))
        image = values.astype(dtype)
    return draw(st.sampled_from(LAYOUTS))(image)


def _inner(image):
    """A window into a larger array."""
    large = np.zeros((image.shape[0] + 3, 2 * image.shape[1] + 1, *image.shape[2:]), image.dtype)
    window = large[1:-2, : 2 * image.shape[1] : 2]
    window[...] = image
    return window


def _read_only(image):
    image = image.copy()
    image.flags.writeable = False
    return image


LAYOUTS = [
    np.ascontiguousarray,
    np.asfortranarray,
    lambda image: np.ascontiguousarray(image[::-1, ::-1])[::-1, ::-1],  # negative strides
    _inner,
    _read_only,
]


def to_float64(image):
    """Fractions of full scale."""
    return image.astype(np.float64) / (255 if image.dtype == np.uint8 else 1)


def padded(values, before, after, mode, cval=0.0):
    """The first two axes with what the boundary mode says lies beyond them."""
    reach = [*zip(before, after, strict=True), *[(0, 0)] * (values.ndim - 2)]
    options = {"constant_values": cval} if mode == "constant" else {}
    return np.pad(values, reach, mode=NUMPY_MODES[mode], **options)


def correlate64(values, kernel, *, centre=None, mode="mirror", cval=0.0):
    """The definition of correlation: one shifted copy of the image for each weight."""
    h, w = kernel.shape
    row, column = centre or (h // 2, w // 2)
    wide = padded(values, (row, column), (h - 1 - row, w - 1 - column), mode, cval)
    out = np.zeros(values.shape)
    for i in range(h):
        for j in range(w):
            out += kernel[i, j] * wide[i : i + values.shape[0], j : j + values.shape[1]]
    return out


def run(routine, image, *args, **options):
    """Call a routine; its input has to stay as it was, and its result to be new memory."""
    before = image.copy()
    out = routine(image, *args, **options)
    assert np.array_equal(image, before)
    assert not np.shares_memory(out, image)
    return out


def assert_close(out, expected, image, *, signed=False, cval=0.0, scale=1.0):
    """A result is what float64 says, in fractions of full scale, in the kind of its image.

    uint8 is rounded to the nearest level and saturates; where results are signed it is float32.
    Floats are within TOLERANCE times ``scale`` times the largest magnitude.
    """
    assert out.shape == image.shape
    if image.dtype == np.uint8 and not signed:
        assert out.dtype == np.uint8
        assert np.abs(out - np.clip(255 * expected, 0, 255)).max() <= HALF_LEVEL
        return
    assert out.dtype == ("float32" if image.dtype == np.uint8 else image.dtype)
    magnitude = max(np.abs(to_float64(image)).max(), cval)
    assert np.abs(out - expected).max() <= TOLERANCE[out.dtype.name] * scale * magnitude


BAD_IMAGES = {
    "nan": (np.full((4, 4), np.nan), ValueError),
    "one nan": (np.array([[0.5, np.nan]], np.float32), ValueError),
    "infinite": (np.array([[0.5, -np.inf]]), ValueError),
    "no rows": (np.zeros((0, 4)), ValueError),
    "no columns": (np.zeros((4, 0), np.uint8), ValueError),
    "no channels": (np.zeros((4, 4, 0), np.float32), ValueError),
    "rank 0": (np.array(0.5), ValueError),
    "rank 1": (np.zeros(4), ValueError),
    "rank 4": (np.zeros((1, 2, 3, 4), np.float32), ValueError),
    "bool": (np.zeros((4, 4), bool), TypeError),
    "int8": (np.zeros((4, 4), np.int8), TypeError),
    "uint16": (np.zeros((4, 4), np.uint16), TypeError),
    "int32": (np.zeros((4, 4), np.int32), TypeError),
    "int64": (np.zeros((4, 4, 3), np.int64), TypeError),
    "uint64": (np.zeros((4, 4), np.uint64), TypeError),
    "float16": (np.zeros((4, 4), np.float16), TypeError),
    "long double": (np.zeros((4, 4), np.longdouble), TypeError),
    "complex": (np.zeros((4, 4), complex), TypeError),
    "other byte order": (np.zeros((4, 4), ">f4"), TypeError),
    "object": (np.full((4, 4), None), TypeError),
    "text": (np.full((4, 4), "a"), TypeError),
    "dates": (np.zeros((4, 4), "M8[s]"), TypeError),
    "records": (np.zeros((4, 4), [("red", "u1"), ("green", "u1")]), TypeError),
    "masked": (np.ma.masked_array(np.zeros((4, 4)), True), TypeError),
    "list": ([[0.0, 1.0]], TypeError),
    "None": (None, TypeError),
    "path": ("photo.png", TypeError),
    "number": (3, TypeError),
}
