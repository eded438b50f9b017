"""Local binary patterns on both engines: their definition, their laws, what they refuse."""

import warnings

import numpy as np
import pytest
import skimage.feature
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, LAYOUTS, MODES, images, padded, run, to_float64

from imgkit import data
from imgkit.features import lbp

TIE = 1e-6
grays = images(channels=(None,), signed=True)
methods = st.sampled_from(["plain", "uniform", "rotation"])
SCIKIT = {"plain": "default", "uniform": "uniform", "rotation": "ror"}
GREY = np.random.default_rng(0).random((20, 30))


def differences64(image, points, radius, mode, cval):
    """Each neighbour less the centre, of the largest magnitude: (points, H, W)."""
    x = to_float64(image)
    if image.dtype == np.uint8:
        cval = np.rint(255 * cval) / 255
    largest = 1 if image.dtype == np.uint8 else np.abs(x).max() or 1
    reach = int(np.ceil(radius)) + 1
    wide = padded(x, (reach, reach), (reach, reach), mode, cval)
    h, w = x.shape
    found = []
    for i in range(points):
        angle = 2 * np.pi * i / points
        down, right = np.round(-radius * np.sin(angle), 5), np.round(radius * np.cos(angle), 5)
        r, c = int(np.floor(down)), int(np.floor(right))
        value = np.zeros((h, w))
        for y, wy in ((r, 1 - (down - r)), (r + 1, down - r)):
            for z, wz in ((c, 1 - (right - c)), (c + 1, right - c)):
                value += wy * wz * wide[reach + y : reach + y + h, reach + z : reach + z + w]
        found.append((value - x) / largest)
    return np.array(found)


def named64(bits, method):
    """What a pixel's bits are called, one turn of the circle after the other."""
    points = len(bits)
    if method == "uniform":
        changes = sum(bits[i] != bits[i - 1] for i in range(points))
        return sum(bits) if changes <= 2 else points + 1
    turns = range(points) if method == "rotation" else [0]
    return min(sum(int(bits[(i + t) % points]) << i for i in range(points)) for t in turns)


def lbp64(differences, method):
    bits = (differences >= -TIE).astype(int)
    return np.apply_along_axis(named64, 0, bits, method)


@settings(max_examples=60)
@given(
    image=grays,
    ring=st.sampled_from([(8, 1.0), (4, 1.0), (8, 2.5), (5, 0.3), (1, 2), (11, 3.0), (24, 3)]),
    method=methods,
    mode=st.sampled_from(MODES),
    cval=st.sampled_from([0.0, 0.3]),
)
def test_lbp_is_its_definition(image, ring, method, mode, cval):
    points, radius = ring
    codes = run(lbp, image, points=points, radius=radius, method=method, mode=mode, cval=cval)
    byte = points <= 8 or method == "uniform"
    assert codes.dtype == (np.uint8 if byte else np.int32)
    differences = differences64(image, points, radius, mode, cval)
    sure = (np.abs(differences + TIE) > 0.4 * TIE).all(0)  # rounding may decide about the others
    assert np.array_equal(codes[sure], lbp64(differences, method)[sure])
    assert sure.mean() > 0.9


@settings(max_examples=40)
@given(
    image=images(dtypes=st.sampled_from(["float32", "float64"]), channels=(None, 1, 3)),
    ring=st.sampled_from([(8, 1.0), (16, 2.0), (3, 1.5)]),
    method=methods,
    mode=st.sampled_from(MODES),
)
def test_both_engines_give_the_same_codes(image, ring, method, mode):
    planes = np.moveaxis(np.atleast_3d(image), 2, 0)
    tensor = torch.from_numpy(planes.copy())
    options = {"points": ring[0], "radius": ring[1], "method": method, "mode": mode}
    out = lbp(tensor, **options)
    for plane, found in zip(planes, out, strict=True):
        codes = lbp(plane, **options)
        assert found.numpy().dtype == codes.dtype
        # right at the limit of a tie, the last bit of float32 may decide otherwise
        most = 1 if image.dtype == np.float32 else 0
        assert np.count_nonzero(found.numpy() != codes) <= most


def scikit(image, points, radius, method):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # floats may tie, it says
        return skimage.feature.local_binary_pattern(image, points, radius, SCIKIT[method])


@pytest.mark.parametrize("method", SCIKIT)
@pytest.mark.parametrize(("points", "radius"), [(8, 1), (8, 1.5), (12, 2), (24, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_lbp_is_scikit_images_but_for_ties(method, points, radius, dtype):
    image = data.load("brick")[:90, :101]
    image = image if dtype == "uint8" else image / 255
    theirs = scikit(image, points, radius, method)
    ours = lbp(image, points=points, radius=radius, method=method, mode="constant")
    tied = (np.abs(differences64(image, points, radius, "constant", 0)) <= 2 * TIE).any(0)
    assert np.array_equal(ours[~tied], theirs[~tied])
    assert (~tied).mean() > 0.2
    noise = np.random.default_rng(1).random((40, 50))  # no ties
    theirs = scikit(noise, points, radius, method)
    ours = lbp(noise, points=points, radius=radius, method=method, mode="constant")
    assert np.array_equal(ours, theirs)


@given(level=st.integers(0, 255), dtype=st.sampled_from(["uint8", "float32", "float64"]))
@settings(max_examples=40)
def test_a_flat_patch_has_all_ones(level, dtype):
    """Though interpolated neighbours may be a hair below the level."""
    image = np.full((6, 7), level, np.uint8)
    if dtype != "uint8":
        image = (image / 255).astype(dtype)
    assert (lbp(image, radius=1.3) == 255).all()
    assert (lbp(image, points=24, radius=3, method="uniform") == 24).all()


def test_a_patch_has_its_code_wherever_it_lies():
    """Up and to the right of the middle pixel is a tie; far from 0 scikit-image's rounding errs."""
    patch = np.array([[95, 94, 95], [95, 95, 96], [96, 95, 95]], np.uint8)
    image = np.tile(patch, (1, 300))
    theirs = skimage.feature.local_binary_pattern(image, 8, 1)[1, 4:-4:3]
    assert len(np.unique(theirs)) > 1
    for same in (image, image / 255, (image / 255).astype(np.float32)):
        assert len(np.unique(lbp(same)[1, 4:-4:3])) == 1


@given(image=grays, gain=st.sampled_from([0.5, 2, 8]))
@settings(max_examples=40)
def test_contrast_changes_no_code(image, gain):
    if image.dtype != np.uint8:
        assert np.array_equal(lbp(image), lbp(image * image.dtype.type(gain)))


@given(image=images(dtypes=st.just("float64"), channels=(None,)), quarter=st.integers(1, 3))
@settings(max_examples=40)
def test_a_quarter_turn_turns_the_codes(image, quarter):
    for method in ("uniform", "rotation"):
        turned = lbp(np.rot90(image, quarter), method=method)
        assert np.array_equal(turned, np.rot90(lbp(image, method=method), quarter))
    plain = lbp(image).astype(int)
    shifted = ((plain << 2 * quarter) | (plain >> (8 - 2 * quarter))) & 255
    assert np.array_equal(lbp(np.rot90(image, quarter)), np.rot90(shifted, quarter))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_large_image_in_bands_is_one_image(layout):
    image = np.random.default_rng(2).random((301, 517)).astype(np.float32)
    whole = lbp(layout(image), points=10, radius=2.0)
    tops = [lbp(image[r : r + 60], points=10, radius=2.0)[2:-2] for r in range(0, 241, 56)]
    for r, part in zip(range(0, 241, 56), tops, strict=True):
        assert np.array_equal(whole[r + 2 : r + 58], part)


def test_there_are_nine_uniform_codes_and_36_turns():
    noise = np.random.default_rng(3).random((300, 300))
    assert np.array_equal(np.unique(lbp(noise, method="uniform")), np.arange(10))
    assert len(np.unique(lbp(noise, method="rotation"))) == 36


def test_lbp_takes_the_largest_and_the_least_that_floats_hold():
    for dtype in (np.float32, np.float64):
        top = np.finfo(dtype).max
        image = np.array([[top, -top, top], [0, top, -top], [-top, 0, 0]], dtype)
        assert np.array_equal(lbp(image), lbp(image / 2))
        tiny = np.array([[0, np.finfo(dtype).smallest_subnormal]], dtype)
        assert lbp(tiny).tolist() == [[255, 68]]  # up and down, which are the pixel itself


def test_far_neighbours_of_a_small_image_are_its_mirror():
    assert lbp(np.array([[3, 9]], np.uint8), points=4, radius=2000).tolist() == [[15, 15]]
    assert lbp(np.array([[3, 9]], np.uint8), points=4, radius=2047).tolist() == [[15, 10]]


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"points": 0}, ValueError, "points must lie in 1..24"),
        ({"points": 25}, ValueError, "points"),
        ({"points": 8.0}, TypeError, "points"),
        ({"points": True}, TypeError, "points"),
        ({"radius": 0}, ValueError, "radius"),
        ({"radius": -1}, ValueError, "radius"),
        ({"radius": 1e9}, ValueError, "radius must be at most 2048"),
        ({"radius": np.nan}, ValueError, "radius"),
        ({"radius": "1"}, TypeError, "radius"),
        ({"method": "ror"}, ValueError, "method must be one of plain, uniform, rotation"),
        ({"method": None}, TypeError, "method"),
        ({"mode": "edge"}, ValueError, "mode"),
        ({"cval": 2}, ValueError, "cval"),
    ],
)
def test_lbp_names_what_it_cannot_take(options, error, match):
    with pytest.raises(error, match=match):
        lbp((255 * GREY).astype(np.uint8), **options)


def test_lbp_says_what_to_do_with_colours():
    with pytest.raises(ValueError, match=r"color\.to_gray"):
        lbp(np.zeros((4, 4, 3)))


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_lbp_refuses_what_is_no_image(name):
    image, error = BAD_IMAGES[name]
    with pytest.raises(error):
        lbp(image)


def test_histograms_tell_textures_apart():
    """Three textures, trained on the upper halves, tested on the lower ones."""
    from sklearn.svm import LinearSVC

    def halves(rows):
        for label, name in enumerate(("brick", "grass", "gravel")):
            image = data.load(name)[rows]
            for r in range(0, 256, 64):
                for c in range(0, 512, 64):
                    codes = lbp(image[r : r + 64, c : c + 64], method="uniform")
                    yield np.bincount(codes.ravel(), minlength=10) / codes.size, label

    train, test = (
        [np.array(part) for part in zip(*halves(rows), strict=True)]
        for rows in (slice(256), slice(256, None))
    )
    model = LinearSVC(C=100, random_state=0).fit(*train)
    assert model.score(*test) >= 0.95
