"""Co-occurrence matrices and Haralick's properties: definitions, laws, what they refuse."""

import numpy as np
import pytest
import skimage.feature
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BAD_IMAGES, images, run

from imgkit import data
from imgkit.features import Haralick, cooccurrence, glcm, haralick

grays = images(channels=(None,))
ANGLES = (0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)
GREY = np.random.default_rng(0).integers(0, 256, (20, 30)).astype(np.uint8)


def levels64(image, levels):
    if image.dtype == np.uint8:
        return np.minimum(image.astype(int) * levels // 255, levels - 1)
    places = np.floor(image.astype(np.float64) * levels + 2**-13)  # on an edge, or a hair below it
    return np.clip(places, 0, levels - 1).astype(int)


def glcm64(image, down, right, levels):
    """The definition, one pair after the other."""
    codes = levels64(image, levels)
    h, w = codes.shape
    counts = np.zeros((levels, levels), int)
    for r in range(max(0, -down), min(h, h - down)):
        for c in range(max(0, -right), min(w, w - right)):
            counts[codes[r, c], codes[r + down, c + right]] += 1
    return counts


@settings(max_examples=60)
@given(
    image=grays,
    place=st.sampled_from([(0, 1), (1, 1), (1, 0), (1, -1), (0, -2), (-3, 0), (2, -2), (-2, 1)]),
    levels=st.sampled_from([2, 3, 8, 60, 256]),
)
def test_glcm_counts_pairs(image, place, levels):
    distance, angle = np.hypot(*place), np.arctan2(*place)
    options = {"distances": distance, "angles": angle, "levels": levels}
    if any(abs(p) >= n for p, n in zip(place, image.shape, strict=True)):
        with pytest.raises(ValueError, match="no pixel has a neighbour"):
            glcm(image, **options)
        return
    counts = run(glcm, image, **options)
    assert counts.shape == (levels, levels, 1, 1)
    assert counts.dtype == np.int64
    assert np.array_equal(counts[:, :, 0, 0], glcm64(image, *place, levels))


@settings(max_examples=40)
@given(
    seed=st.integers(0, 99),
    distances=st.lists(st.sampled_from([1, 1.5, 2, 2.5, 3.7]), min_size=1, max_size=2),
    angles=st.lists(st.floats(-7, 7), min_size=1, max_size=3),
    levels=st.sampled_from([2, 5, 32, 100, 256]),
    symmetric=st.booleans(),
    normed=st.booleans(),
)
def test_glcm_is_scikit_images(seed, distances, angles, levels, symmetric, normed):
    image = np.random.default_rng(seed).integers(0, 256, (13, 17)).astype(np.uint8)
    codes = levels64(image, levels).astype(np.uint8)
    options = {"symmetric": symmetric, "normed": normed, "levels": levels}
    theirs = skimage.feature.graycomatrix(codes, distances, angles, **options)
    ours = glcm(image, distances=distances, angles=angles, **options)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-14)


@settings(max_examples=30)
@given(
    image=images(dtypes=st.just("uint8"), channels=(None,)), levels=st.sampled_from([2, 16, 256])
)
def test_bytes_and_floats_have_the_same_matrix(image, levels):
    if image.shape[1] > 1:
        for dtype in ("float32", "float64"):
            floats = (image / 255).astype(dtype)
            assert np.array_equal(glcm(image, levels=levels), glcm(floats, levels=levels))


@settings(max_examples=30)
@given(image=images(channels=(None,)), levels=st.sampled_from([4, 256]))
def test_the_opposite_direction_is_the_transpose(image, levels):
    if image.shape[1] > 1:
        there, back = (glcm(image, angles=a, levels=levels)[..., 0, 0] for a in (0, np.pi))
        assert np.array_equal(there, back.T)
        both = glcm(image, levels=levels, symmetric=True)[..., 0, 0]
        assert np.array_equal(both, there + back)
        assert both.sum() == 2 * image.shape[0] * (image.shape[1] - 1)


def test_counts_stay_whole_beyond_what_float32_holds(monkeypatch):
    monkeypatch.setattr(cooccurrence, "MOST", 100)
    assert np.array_equal(glcm(GREY, levels=8)[..., 0, 0], glcm64(GREY, 0, 1, 8))


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"levels": 1}, ValueError, "levels must lie in 2..256"),
        ({"levels": 257}, ValueError, "levels"),
        ({"levels": 8.0}, TypeError, "levels"),
        ({"distances": 0}, ValueError, "distances"),
        ({"distances": ()}, ValueError, "distances is empty"),
        ({"distances": (1, -1)}, ValueError, "distances"),
        ({"distances": "1"}, TypeError, "distances"),
        ({"distances": 1e300}, ValueError, "no pixel has a neighbour"),
        ({"distances": 40}, ValueError, "no pixel has a neighbour 40 away"),
        ({"angles": np.nan}, ValueError, "angles"),
        ({"angles": None}, TypeError, "angles"),
        ({"angles": []}, ValueError, "angles is empty"),
    ],
)
def test_glcm_names_what_it_cannot_take(options, error, match):
    with pytest.raises(error, match=match):
        glcm(GREY, **options)


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_glcm_refuses_what_is_no_image(name):
    image, error = BAD_IMAGES[name]
    with pytest.raises(error):
        glcm(image)


def test_glcm_wants_grey_in_0_to_1():
    with pytest.raises(ValueError, match=r"color\.to_gray"):
        glcm(np.zeros((4, 4, 3)))
    with pytest.raises(ValueError, match=r"0\.\.1"):
        glcm(np.full((4, 4), 7.0))


# --- Haralick -------------------------------------------------------------------------------------


def entropy(p):
    p = np.asarray(p)[np.asarray(p) > 0]
    return -(p * np.log(p)).sum()


def haralick64(counts):
    """The definitions of one matrix, sum by sum."""
    p = counts / counts.sum()
    n = len(p)
    i, j = np.mgrid[:n, :n]
    px, py = p.sum(1), p.sum(0)
    plus = np.array([p[i + j == k].sum() for k in range(2 * n - 1)])
    minus = np.array([p[abs(i - j) == k].sum() for k in range(n)])
    mean, mean_j = (i * p).sum(), (j * p).sum()
    variance, variance_j = ((i - mean) ** 2 * p).sum(), ((j - mean_j) ** 2 * p).sum()
    flat = min(variance, variance_j) < 1e-20
    covariance = ((i - mean) * (j - mean_j) * p).sum()
    hx, hy, product = entropy(px), entropy(py), np.outer(px, py)
    log = np.log(product, where=product > 0, out=np.zeros((n, n)))
    hxy1, hxy2 = -(p * log).sum(), -(product * log).sum()
    k, d = np.arange(2 * n - 1), np.arange(n)
    return Haralick(
        contrast=(p * (i - j) ** 2).sum(),
        dissimilarity=(p * abs(i - j)).sum(),
        homogeneity=(p / (1 + (i - j) ** 2)).sum(),
        asm=(p**2).sum(),
        energy=np.sqrt((p**2).sum()),
        correlation=1 if flat else covariance / np.sqrt(variance * variance_j),
        entropy=entropy(p),
        mean=mean,
        variance=variance,
        std=np.sqrt(variance),
        sum_average=(k * plus).sum(),
        sum_variance=((k - (k * plus).sum()) ** 2 * plus).sum(),
        sum_entropy=entropy(plus),
        difference_variance=((d - (d * minus).sum()) ** 2 * minus).sum(),
        difference_entropy=entropy(minus),
        information_1=(entropy(p) - hxy1) / max(hx, hy) if max(hx, hy) > 0 else 0,
        information_2=np.sqrt(max(0, 1 - np.exp(-2 * (hxy2 - entropy(p))))),
    )


@settings(max_examples=60)
@given(
    levels=st.integers(1, 9),
    fill=st.sampled_from([0.05, 0.3, 1]),
    seed=st.integers(0, 999),
    dtype=st.sampled_from([np.int64, np.uint32, np.float64, np.float32]),
)
def test_haralick_is_its_definitions(levels, fill, seed, dtype):
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 50, (levels, levels, 2)) * (rng.random((levels, levels, 2)) < fill)
    counts[rng.integers(levels), rng.integers(levels)] = 3
    counts = counts.astype(dtype)
    found = run_haralick(counts)
    for k in range(2):
        for name, expected in haralick64(counts[..., k].astype(float))._asdict().items():
            # a root magnifies what rounding leaves of zero information
            atol = 1e-6 if name == "information_2" else 1e-10
            assert abs(getattr(found, name)[k] - expected) <= atol, name


def run_haralick(counts):
    before = counts.copy()
    found = haralick(counts)
    assert np.array_equal(counts, before)
    assert all(v.shape == counts.shape[2:] and v.dtype == np.float64 for v in found)
    return found


@pytest.mark.parametrize("name", ["contrast", "dissimilarity", "homogeneity", "ASM", "energy",
                                  "correlation", "mean", "variance", "std", "entropy"])  # fmt: skip
def test_haralick_is_scikit_images(name):
    counts = glcm(data.load("grass")[:90, :80], distances=(1, 4), angles=ANGLES, levels=64)
    theirs = skimage.feature.graycoprops(counts, name)
    np.testing.assert_allclose(getattr(haralick(counts), name.lower()), theirs, rtol=1e-10)


@given(image=images(dtypes=st.sampled_from(["uint8", "float32"]), channels=(None,)))
@settings(max_examples=40)
def test_properties_stay_in_their_range(image):
    if image.shape[1] == 1:
        return
    found = haralick(glcm(image, levels=16))
    assert -1 - 1e-12 <= found.correlation <= 1 + 1e-12
    assert 0 < found.asm <= found.energy <= 1 + 1e-12
    assert 0 < found.homogeneity <= 1 + 1e-12
    assert 0 <= found.entropy <= np.log(256) + 1e-12
    assert -1 - 1e-9 <= found.information_1 <= 0 <= found.information_2 <= 1


def test_a_flat_image_has_no_contrast():
    found = haralick(glcm(np.full((5, 5), 0.4), angles=ANGLES))
    assert (found.contrast == 0).all()
    assert (found.entropy == 0).all()
    assert (found.homogeneity == 1).all()
    assert (found.correlation == 1).all()


def test_one_matrix_alone_gives_numbers():
    assert haralick(np.eye(3)).contrast == 0
    assert haralick(np.eye(3)).correlation.shape == ()


@pytest.mark.parametrize(
    ("matrices", "error", "match"),
    [
        (np.zeros((3, 3)), ValueError, "all zeros"),
        (np.ones((3, 4)), ValueError, "levels, levels"),
        (np.ones(3), ValueError, "levels, levels"),
        (np.ones((0, 0)), ValueError, "levels, levels"),
        (np.full((2, 2), np.nan), ValueError, "finite"),
        (np.array([[1, -1], [0, 0]]), ValueError, "negative"),
        ([[1, 0], [0, 1]], TypeError, "matrices"),
        (np.full((2, 2), "a"), TypeError, "matrices"),
    ],
)
def test_haralick_names_what_it_cannot_take(matrices, error, match):
    with pytest.raises(error, match=match):
        haralick(matrices)


def test_haralick_tells_textures_apart():
    """Nearest mean of three textures, learnt on the upper halves, tested on the lower ones."""

    def halves(rows):
        for label, name in enumerate(("brick", "grass", "gravel")):
            image = data.load(name)[rows]
            for r in range(0, 256, 64):
                for c in range(0, 512, 64):
                    counts = glcm(image[r : r + 64, c : c + 64], angles=ANGLES, levels=32)
                    yield np.stack(haralick(counts)).mean((1, 2)), label

    (train, labels), (test, truth) = (
        [np.array(part) for part in zip(*halves(rows), strict=True)]
        for rows in (slice(256), slice(256, None))
    )
    scale = train.std(0)
    means = np.array([train[labels == k].mean(0) for k in range(3)])
    guess = (((test[:, None] - means) / scale) ** 2).sum(2).argmin(1)
    assert (guess == truth).mean() >= 0.9
