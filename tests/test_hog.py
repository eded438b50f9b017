"""Histograms of oriented gradients on both engines: definition, laws, refusals."""

import numpy as np
import pytest
import skimage.feature
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, LAYOUTS, images, run, to_float64

from imgkit import data
from imgkit.features import hog, hog_picture

GREY = np.random.default_rng(0).random((40, 50))
TOLERANCE = {"uint8": 1e-5, "float32": 1e-5, "float64": 1e-10}


def gradient64(x):
    """Central differences of each channel, then those of the largest: down, right."""
    down, right = np.zeros(x.shape), np.zeros(x.shape)
    down[1:-1] = x[2:] - x[:-2]
    right[:, 1:-1] = x[:, 2:] - x[:, :-2]
    if x.ndim == 2:
        return down, right
    best = down[..., 0], right[..., 0]
    for c in range(1, x.shape[2]):
        larger = np.hypot(down[..., c], right[..., c]) > (1 + 5e-5) * np.hypot(*best)
        best = np.where(larger, down[..., c], best[0]), np.where(larger, right[..., c], best[1])
    return best


def cells64(x, cell, bins):
    """Votes pixel by pixel; a gradient just before a bin's edge counts as on it."""
    down, right = gradient64(x)
    rows, columns = x.shape[0] // cell[0], x.shape[1] // cell[1]
    out = np.zeros((rows, columns, bins))
    for r in range(rows * cell[0]):
        for c in range(columns * cell[1]):
            sign = -1 if down[r, c] < 0 else 1
            a, b = sign * down[r, c], sign * right[r, c] - 1e-6
            k = 0 if a <= 1e-6 else int(np.arctan2(a, b) / np.pi * bins)
            vote = np.hypot(down[r, c], right[r, c]) / (cell[0] * cell[1])
            out[r // cell[0], c // cell[1], min(k, bins - 1)] += vote
    return out


def hog64(x, cell, block, bins):
    cells = cells64(x, cell, bins)
    blocks = []
    for r in range(cells.shape[0] - block[0] + 1):
        for c in range(cells.shape[1] - block[1] + 1):
            v = cells[r : r + block[0], c : c + block[1]].ravel()
            v = np.minimum(v / np.sqrt((v**2).sum() + 1e-10), 0.2)
            blocks.append(v / np.sqrt((v**2).sum() + 1e-10))
    return np.concatenate(blocks)


settings_of_hog = st.sampled_from(  # cell, block, bins
    [((3, 3), (1, 1), 9), ((2, 4), (2, 1), 6), ((1, 1), (1, 2), 8), ((4, 2), (2, 2), 1)]
)


@settings(max_examples=60)
@given(image=images(), options=settings_of_hog)
def test_hog_is_its_definition(image, options):
    cell, block, bins = options
    call = {"cell": cell, "block": block, "bins": bins}
    if image.shape[0] < cell[0] * block[0] or image.shape[1] < cell[1] * block[1]:
        with pytest.raises(ValueError, match="need at least"):
            hog(image, **call)
        return
    out = run(hog, image, **call)
    assert out.dtype == ("float32" if image.dtype == np.uint8 else image.dtype)
    expected = hog64(to_float64(image), cell, block, bins)
    assert out.shape == expected.shape
    # the second norm magnifies what rounding did to gradients that are hardly there
    assert np.abs(out - expected).max() <= TOLERANCE[image.dtype.name]


@settings(max_examples=40)
@given(
    image=images(dtypes=st.sampled_from(["float32", "float64"]), channels=(None, 1, 3)),
    options=settings_of_hog,
)
def test_both_engines_mean_the_same(image, options):
    cell, block, bins = options
    if image.shape[0] < cell[0] * block[0] or image.shape[1] < cell[1] * block[1]:
        return
    call = {"cell": cell, "block": block, "bins": bins}
    planes = np.moveaxis(image, 2, 0) if image.ndim == 3 else image
    tensor = torch.from_numpy(planes.copy())
    assert np.abs(hog(tensor, **call).numpy() - hog(image, **call)).max() <= 1e-5
    if image.ndim == 3:
        batch = torch.stack([tensor, tensor.flip(-1)])
        out = hog(batch, vector=False, **call)
        flipped = hog(np.ascontiguousarray(image[:, ::-1]), vector=False, **call)
        assert out.shape == (2, *flipped.shape)
        assert np.abs(out[1].numpy() - flipped).max() <= 1e-5


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("cell", "block", "bins"), [(8, 2, 9), (5, 3, 12), ((6, 4), (1, 2), 9)])
def test_hog_is_scikit_images(color, dtype, cell, block, bins):
    rng = np.random.default_rng(1)
    image = rng.random((51, 46, 3) if color else (51, 46)).astype(dtype)  # no ties
    theirs = skimage.feature.hog(
        image.astype(np.float64),
        orientations=bins,
        pixels_per_cell=np.broadcast_to(cell, 2),
        cells_per_block=np.broadcast_to(block, 2),
        channel_axis=2 if color else None,
        feature_vector=False,
    )
    ours = hog(image, cell=cell, block=block, bins=bins, vector=False)
    assert ours.shape == theirs.shape
    tolerance = 1e-5 if dtype == "float32" else 1e-6  # scikit-image's cells are float32
    assert np.abs(ours - theirs).max() <= tolerance
    assert np.array_equal(hog(image, cell=cell, block=block, bins=bins), ours.ravel())


def test_hog_of_a_photograph_is_scikit_images():
    image = data.load("camera")[100:200, 150:270]
    theirs = skimage.feature.hog(image / 255, cells_per_block=(2, 2))
    for same in (image, image / 255, (image / 255).astype(np.float32)):
        assert np.abs(hog(same) - theirs).max() <= 1e-5


def test_channels_that_tie_are_no_matter_of_rounding():
    """(3, 4) in red and (4, 3) in green are equally strong: floats go the way of bytes."""
    rows, columns = np.mgrid[:16, :16]
    red, green = 3 * rows + 4 * columns, 4 * rows + 3 * columns
    image = np.stack([red, green, 0 * red], 2).astype(np.uint8)
    for dtype in (np.float32, np.float64):
        assert np.abs(hog((image / 255).astype(dtype)) - hog(image)).max() <= 1e-5
    inner, red = (hog(x[1:-1, 1:-1], block=1, cell=2, vector=False) for x in (image, image[..., 0]))
    assert np.abs(inner - red)[1:-1, 1:-1].max() <= 1e-5  # the first of them


def test_a_gradient_on_a_bins_edge_is_no_matter_of_rounding():
    """Along the diagonal, an edge of 8 bins: float32 differences are a hair off it."""
    rows, columns = np.mgrid[:16, :16]
    image = (7 * (rows + columns)).astype(np.uint8)
    for values in (image, (image / 255).astype(np.float32), image / 255):
        inner = hog(values[1:-1, 1:-1], cell=2, block=1, bins=8, vector=False)[2:-2, 2:-2]
        assert (inner.reshape(-1, 8).argmax(1) == 2).all()


@given(image=images(dtypes=st.just("float64"), channels=(None, 3)), gain=st.floats(0.3, 0.9))
@settings(max_examples=30)
def test_hog_is_in_0_to_1_and_hardly_feels_contrast(image, gain):
    out = hog(image, cell=1, block=1)
    assert out.min() >= 0
    assert out.max() <= 1 + 1e-12
    image = GREY if image.ndim == 2 else np.dstack([GREY] * 3)
    assert np.abs(hog(image) - hog(gain * image + 0.05)).max() < 1e-3


def test_opposite_gradients_vote_alike():
    assert np.abs(hog(GREY) - hog(1 - GREY)).max() <= 1e-10


def test_a_flat_image_has_no_directions():
    assert not hog(np.full((16, 16), 0.3)).any()
    assert not hog_picture(np.full((16, 16), 99, np.uint8)).any()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_large_image_in_bands_is_one_image(layout):
    image = np.random.default_rng(2).random((203, 411, 3)).astype(np.float32)
    whole = hog(layout(image), block=1, vector=False)
    parts = [hog(image[r : r + 40], block=1, vector=False)[1:-1] for r in range(0, 161, 40)]
    for k, part in enumerate(parts):
        assert np.abs(whole[5 * k + 1 : 5 * k + 4] - part).max() <= 1e-6


def test_gradients_flow_through_the_magnitudes():
    rng = np.random.default_rng(4)
    for shape in ((8, 9), (1, 8, 8), (2, 3, 8, 8)):
        x = torch.from_numpy(rng.random(shape)).requires_grad_()
        call = lambda x: hog(x, cell=4, block=2, bins=5)  # noqa: E731
        assert torch.autograd.gradcheck(call, (x,), eps=1e-7, atol=1e-4)
    flat = torch.full((1, 16, 16), 0.5, requires_grad=True)
    hog(flat).sum().backward()
    assert torch.isfinite(flat.grad).all()


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"cell": 0}, ValueError, "cell"),
        ({"cell": 2.5}, TypeError, "cell"),
        ({"cell": 10**9}, ValueError, "need at least"),
        ({"block": 6}, ValueError, "40 x 50 pixels"),
        ({"block": (2, -1)}, ValueError, "block"),
        ({"block": "2"}, TypeError, "block"),
        ({"bins": 0}, ValueError, "bins must lie in 1..180"),
        ({"bins": 9.0}, TypeError, "bins"),
        ({"bins": 1000}, ValueError, "bins"),
    ],
)
def test_hog_names_what_it_cannot_take(options, error, match):
    with pytest.raises(error, match=match):
        hog(GREY, **options)
    if "block" not in options:
        with pytest.raises(error, match=match):
            hog_picture(GREY, **options)


@pytest.mark.parametrize("routine", [hog, hog_picture])
@pytest.mark.parametrize("name", BAD_IMAGES)
def test_what_is_no_image_is_refused(name, routine):
    image, error = BAD_IMAGES[name]
    with pytest.raises(error):
        routine(image)


def test_a_batch_of_grey_tensors_does_not_pass_for_channels():
    with pytest.raises(ValueError, match="1, H, W"):
        hog(torch.zeros(5, 16, 16))
    with pytest.raises(ValueError, match=r"0\.\.1"):
        hog(torch.full((16, 16), 3.0))


# --- the picture ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(image=images(), cell=st.sampled_from([2, (3, 2), 5]), bins=st.integers(1, 9))
def test_the_picture_is_an_image_of_the_same_size(image, cell, bins):
    high, wide = np.broadcast_to(cell, 2)
    if image.shape[0] < high or image.shape[1] < wide:
        with pytest.raises(ValueError, match="need at least"):
            hog_picture(image, cell=cell, bins=bins)
        return
    picture = run(hog_picture, image, cell=cell, bins=bins)
    assert picture.dtype == image.dtype
    assert picture.shape == image.shape[:2]
    assert picture.max() in (0, 1, 255)
    assert not picture[image.shape[0] // high * high :].any()
    assert not picture[:, image.shape[1] // wide * wide :].any()


def test_strokes_lie_along_the_edges():
    """A brightness that grows at right angles to 30 degrees: its edges go that way."""
    rows, columns = np.mgrid[:27, :27]
    for degrees in (10, 30, 80, 110, 170):
        along = np.deg2rad(degrees)  # of the gradient, 0 to the right, 90 down
        image = 0.5 + 0.01 * (np.sin(along) * (rows - 13) + np.cos(along) * (columns - 13))
        star = hog_picture(image, cell=9, bins=9)[9:18, 9:18]
        r, c = np.nonzero(star > 0.3)
        _, vectors = np.linalg.eigh(np.cov(r, c))
        edge = np.rad2deg(np.arctan2(*vectors[:, 1]))
        assert abs((edge - degrees - 90 + 90) % 180 - 90) < 12


def test_hog_tells_faces_from_other_pictures():
    from sklearn.model_selection import cross_val_score
    from sklearn.svm import LinearSVC

    faces = data.load("lfw_subset").images
    labels = np.arange(200) < 100
    vectors = np.array([hog(face, cell=5) for face in faces])
    scores = cross_val_score(LinearSVC(random_state=0), vectors, labels, cv=5)
    assert scores.mean() >= 0.93
