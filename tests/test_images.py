"""What an image is, files, conversions, and pictures that are looked at by tests too."""

import base64
import html
import re
import subprocess
import sys
import textwrap

import cv2
import numpy as np
import pytest
from hypothesis import given
from strategies import BAD_IMAGES, LAYOUTS, images, to_float64

from imgkit.images import (
    Picture,
    as_dtype,
    as_float,
    as_uint8,
    compare,
    plot_rows,
    read,
    require_choice,
    require_image,
    require_number,
    require_positive,
    require_size,
    show,
    write,
)
from imgkit.images.drawing import NEGATIVE, NOT_FINITE, POSITIVE, fitted

GREY = np.arange(60, dtype=np.uint8).reshape(6, 10) * 4
COLOUR = np.stack([GREY, GREY[::-1], 255 - GREY], axis=2)


# --- loading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import imgkit", {"torch", "matplotlib", "cv2", "scipy", "skimage"}),
        ("import imgkit.images, imgkit.filtering", {"torch", "matplotlib", "PIL", "skimage"}),
        ("import imgkit.color, imgkit.contrast", {"torch", "matplotlib", "PIL", "skimage"}),
        (
            "import numpy, imgkit.images; imgkit.images.show(numpy.zeros((2, 2)))",
            {"torch", "matplotlib", "PIL"},
        ),
        (
            "import numpy, imgkit.images;"
            "imgkit.images.show(numpy.zeros((2, 2)), titles='a')._repr_mimebundle_()",
            {"torch", "matplotlib.pyplot"},
        ),
    ],
)
def test_nothing_is_loaded_before_it_is_needed(code, absent):
    code = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "imgkit" in loaded
    assert not loaded & absent


# --- the gate -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("image", "error"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
@pytest.mark.parametrize("routine", [require_image, as_uint8])
def test_what_is_no_image_is_named(routine, image, error):
    with pytest.raises(error, match=r"^image "):
        routine(image)


@given(image=images(signed=True))
def test_every_image_passes(image):
    require_image(image)


def refusal(image, **options):
    with pytest.raises((TypeError, ValueError)) as caught:
        require_image(image, "mask", **options)
    return str(caught.value)


def test_a_refusal_says_what_to_do():
    assert refusal(np.zeros((2, 2), np.int64)) == (
        "mask has dtype int64; imgkit images are uint8 (0..255) or float32/float64 (0..1): "
        "use images.as_float(mask, full_scale=255) if 255 is white"
    )
    assert refusal(np.zeros((2, 2), bool)).endswith(": use images.as_float(mask)")
    assert refusal(np.zeros((2, 2), ">f4")).endswith(": use images.as_float(mask)")
    assert refusal(np.zeros((2, 2), complex)).endswith(": take np.abs(mask) or mask.real")
    assert refusal([[1, 2]]).endswith("(H, W, C): use np.asarray(mask)")
    assert refusal("coins.png").endswith(": use images.read(mask)")
    assert refusal(None) == "mask is None; imgkit takes a NumPy array (H, W) or (H, W, C)"
    assert refusal(np.zeros(3)).startswith("mask has shape (3,); imgkit takes (H, W) for grey")
    assert refusal(np.zeros((0, 3))) == "mask is empty: its shape is (0, 3)"
    assert refusal(np.array([[1, np.nan, np.inf]])).startswith("mask has 2 values that are NaN")
    assert refusal(np.zeros((2, 2, 4)), channels=(1, 3)) == (
        "mask has shape (2, 2, 4); this takes (H, W) or (H, W, 3)"
    )
    assert refusal(np.zeros((3, 8, 9)), channels=(3,)).endswith("use np.moveaxis(mask, 0, -1)")


def test_intensities_are_asked_for_where_they_are_needed():
    bright = np.full((2, 2), 200.0)
    require_image(bright)
    assert refusal(bright, intensities=True) == (
        "mask has values from 200 to 200; this needs 0..1: it looks like 0..255: divide by 255"
    )
    assert "clip it" in refusal(np.array([[-0.2, 1]]), intensities=True)
    require_image(np.float32([[-1e-6, 1 + 1e-6]]), intensities=True)  # rounding
    require_image(np.uint8([[0, 255]]), intensities=True)


def test_numbers_sizes_and_words():
    require_number(amount=-1.5, other=np.float32(2), whole=np.int64(3))
    require_positive(sigma=1e-9, other=np.uint8(2))
    assert require_size(size=np.int32(3)) == (3, 3)
    assert require_size(size=[2, 5]) == (2, 5)
    require_choice(["a", "b"], mode="a")
    for value, error in [
        (0, ValueError),
        (np.nan, ValueError),
        (np.inf, ValueError),
        (True, TypeError),
        ("1", TypeError),
        (1j, TypeError),
        (None, TypeError),
    ]:
        with pytest.raises(error, match=r"^sigma must be a positive number, got "):
            require_positive(sigma=value)
    with pytest.raises(ValueError, match="amount must be a finite number, got nan"):
        require_number(amount=float("nan"))
    for value, error in [
        (0, ValueError),
        (True, TypeError),
        (2.0, TypeError),
        ((1, 2, 3), TypeError),
    ]:
        with pytest.raises(error, match=r"^size must be .* got "):
            require_size(size=value)
    with pytest.raises(ValueError, match="mode must be one of a, b; got 'c'"):
        require_choice(["a", "b"], mode="c")


# --- conversions ----------------------------------------------------------------------------------


@given(image=images())
def test_as_float_is_a_fraction_of_full_scale(image):
    values = as_float(image)
    if image.dtype == np.uint8:
        assert values.dtype == np.float32
        assert np.array_equal(values, (image / 255).astype(np.float32))
    else:
        assert values is image


@given(image=images())
def test_as_uint8_rounds(image):
    levels = as_uint8(image)
    assert levels.dtype == np.uint8
    assert np.abs(levels - 255 * to_float64(image)).max() <= 0.5 + 1e-4
    if image.dtype == np.uint8:
        assert levels is image


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_every_level_comes_back(dtype):
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256)
    values = levels if dtype == np.uint8 else (levels / 255).astype(dtype)
    assert np.array_equal(as_uint8(values), levels)
    assert np.array_equal(as_uint8(as_float(levels)), levels)
    assert np.array_equal(as_dtype(levels / 255, like=values), values)


def test_as_float_knows_the_full_scale_or_asks():
    assert np.array_equal(as_float(np.array([[False, True]])), np.float32([[0, 1]]))
    assert np.array_equal(as_float(np.array([[0, 65535]], np.uint16)), np.float32([[0, 1]]))
    assert np.array_equal(as_float(np.float16([[0.5]])), np.float32([[0.5]]))
    assert np.array_equal(as_float(np.array([[0, 51]]), full_scale=255), np.float32([[0, 0.2]]))
    assert as_float(np.array([[51.0]]), full_scale=255) == 0.2
    assert as_float(np.zeros((1, 1), ">f8")).dtype == np.float64
    assert as_float(np.zeros((1, 1), ">f8")).dtype.isnative
    for image in (np.zeros((2, 2), int), np.zeros((2, 2), np.int16)):
        with pytest.raises(TypeError, match="full_scale=255"):
            as_float(image)
    for image in (np.zeros((2, 2), complex), np.array([["a"]]), np.full((2, 2), None)):
        with pytest.raises(TypeError, match=r"^image has dtype"):
            as_float(image, full_scale=255)
    with pytest.raises(ValueError, match="full_scale must be a positive number, got 0"):
        as_float(GREY, full_scale=0)
    with (
        pytest.raises(ValueError, match=r"^image has 60 values that are NaN or infinite"),
        np.errstate(all="ignore"),
    ):
        as_float(GREY + 1, full_scale=1e-300)
    with pytest.raises(ValueError, match=r"^image has 1 values that are NaN"):
        as_float(np.array([[np.nan]]))


def test_as_dtype_clips():
    values = np.array([[-1, 0.5, 2]])
    assert as_dtype(values, like=GREY).tolist() == [[0, 128, 255]]
    for dtype in (np.float32, np.float64):
        out = as_dtype(values, like=np.zeros((1, 3), dtype))
        assert out.dtype == dtype
        assert out.tolist() == [[0, 0.5, 1]]


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "PNG", "tif", "tiff", "webp", "bmp"])
@pytest.mark.parametrize("image", [GREY, COLOUR, GREY[:1, :1], COLOUR[::-1, ::2]])
def test_what_is_written_is_read(tmp_path, suffix, image):
    path = tmp_path / f"image.{suffix}"
    write(path, image)
    back = read(path)
    assert back.dtype == np.uint8
    if suffix == "webp" and image.ndim == 2:  # knows no grey
        back = back[..., 0]
    assert np.array_equal(back, image)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_and_text_paths(tmp_path, layout):
    path = str(tmp_path / "image.png")
    write(path, layout(COLOUR / 255))
    assert np.array_equal(read(path), COLOUR)


def test_jpeg_is_close(tmp_path):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    image = np.stack(
        [np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64)), np.full((64, 64), 90)], 2
    )
    write(tmp_path / "image.jpg", image.astype(np.uint8))
    assert np.abs(read(tmp_path / "image.jpg").astype(int) - image).mean() < 2
    write(tmp_path / "grey.jpeg", GREY)
    assert read(tmp_path / "grey.jpeg").shape == GREY.shape


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tif_keeps_floats(tmp_path, dtype):
    for image in (np.array([[-1.5, 0.1, 300]], dtype), (COLOUR / 7).astype(dtype)):
        write(tmp_path / "signed.tif", image)
        back = read(tmp_path / "signed.tif")
        assert back.dtype == dtype
        assert np.array_equal(back, image)


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3)])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bits_come_as_float(tmp_path, shape, suffix):
    deep = np.random.default_rng(0).integers(0, 65536, shape).astype(np.uint16)
    path = tmp_path / f"deep.{suffix}"
    cv2.imwrite(str(path), deep if deep.ndim == 2 else deep[..., ::-1])
    image = read(path)
    assert image.dtype == np.float32
    assert np.array_equal(np.rint(image * 65535), deep)


def test_transparency_is_laid_over_white(tmp_path):
    bgra = np.uint8([[[30, 20, 10, 255], [30, 20, 10, 0], [30, 20, 10, 51]]])
    cv2.imwrite(str(tmp_path / "clear.png"), bgra)
    expected = [[[10, 20, 30], [255, 255, 255], [206, 208, 210]]]
    assert read(tmp_path / "clear.png").tolist() == expected
    cv2.imwrite(str(tmp_path / "deep.png"), bgra.astype(np.uint16) * 257)
    deep = read(tmp_path / "deep.png")
    assert deep.dtype == np.float32
    assert np.allclose(deep, np.array(expected) / 255, atol=1e-6)


def test_grey_stays_grey_with_transparency(tmp_path):
    from PIL import Image

    Image.fromarray(np.uint8([[[100, 255], [100, 0]]]), "LA").save(tmp_path / "clear.png")
    assert read(tmp_path / "clear.png").tolist() == [[100, 255]]


def test_a_photograph_stands_upright(tmp_path):
    from PIL import Image

    tall = np.zeros((40, 20), np.uint8)
    tall[:20] = 255
    turned = Image.fromarray(np.rot90(tall))
    exif = Image.Exif()
    exif[0x0112] = 6  # the top is where the right side is: turn it clockwise
    turned.save(tmp_path / "photo.jpg", exif=exif)
    image = read(tmp_path / "photo.jpg")
    assert image.shape == (40, 20)
    assert image[5, 10] > 250
    assert image[35, 10] < 5


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*missing\.png"):
        read(tmp_path / "missing.png")
    for name, data in [
        ("text.png", b"no image"),
        ("empty.jpg", b""),
        ("short.jpg", b"\xff\xd8\xff"),
    ]:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match=f"{name} is not an image, or is cut off"):
            read(tmp_path / name)
    with pytest.raises(OSError, match=tmp_path.name):
        read(tmp_path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_half_a_file_is_refused(tmp_path, suffix):
    path = tmp_path / f"half.{suffix}"
    write(path, np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match="cut off"):
        read(path)


def test_what_cannot_be_written_is_named(tmp_path):
    for name in ("image", "image.xyz", "image.npy"):
        with pytest.raises(ValueError, match=rf"{name}: imgkit writes \.png, \.jpg"):
            write(tmp_path / name, GREY)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing to write"):
        write(tmp_path / "missing" / "image.png", GREY)
    with pytest.raises(ValueError, match=r"image has values from 0 to 236; this needs 0\.\.1"):
        write(tmp_path / "image.png", GREY.astype(float))
    with pytest.raises(ValueError, match=r"\(H, W\) or \(H, W, 3\)"):
        write(tmp_path / "image.png", np.zeros((2, 2, 2), np.uint8))
    with pytest.raises(TypeError, match="image has dtype bool"):
        write(tmp_path / "image.png", GREY > 9)
    with pytest.raises(ValueError, match="does not fit"):
        write(tmp_path / "image.jpg", np.zeros((1, 70000), np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "image.png"
    write(path, GREY)

    def full(half, whole):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space left"):
        write(path, COLOUR)
    monkeypatch.undo()
    assert np.array_equal(read(path), GREY)
    assert list(tmp_path.iterdir()) == [path]


# --- pictures -------------------------------------------------------------------------------------


def decoded(picture):
    """The pixels a notebook would show, RGB, after checking what goes with them."""
    data = picture._repr_mimebundle_()
    assert data["text/plain"] == f"<picture: {picture.alt}>" == repr(picture)
    tag = r'<img src="data:image/(png|jpeg);base64,([^"]+)" alt="([^"]*)" width="(\d+)" style=.+>'
    _, file, alt, width = re.fullmatch(tag, data["text/html"]).groups()
    assert html.unescape(alt) == picture.alt
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(file), np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape[1] in (int(width), 2 * int(width))
    return pixels[..., ::-1]


def size(picture):
    data = picture._repr_mimebundle_()
    return max(len(value) for value in data.values())


def has(pixels, colour, at_least=1, within=3):
    return np.count_nonzero((np.abs(pixels.astype(int) - colour) <= within).all(axis=2)) >= at_least


@given(image=images(channels=(None, 1, 3)))
def test_show_tells_what_it_shows(image):
    picture = show(image)
    assert isinstance(picture, Picture)
    assert f"{image.shape[1]} wide, {image.shape[0]} high, {image.dtype}" in picture.alt


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 7), (7, 1), (1, 2000), (2000, 1), (5, 5, 1), (300, 9, 3)]
)
def test_pictures_of_every_shape(shape):
    for picture in (show(np.zeros(shape)), compare(np.zeros(shape), np.ones(shape))):
        pixels = decoded(picture)
        assert pixels.shape[0] > 10
        assert 20 < pixels.shape[1] <= 760


def test_small_images_keep_their_pixels():
    board = np.indices((4, 4)).sum(axis=0) % 2 == 1
    pixels = decoded(show(board))
    middle = pixels[10:-10, 10:-10, 0]
    assert set(np.unique(middle)) == {0, 255}  # nothing is interpolated
    assert fitted(np.zeros((2, 3, 3), np.uint8), (400, 480)).shape == (2 * 48 + 2, 3 * 48 + 2, 3)
    assert fitted(np.zeros((800, 400, 3), np.uint8), (400, 480)).shape == (402, 202, 3)


def test_large_images_are_averaged():
    board = np.uint8(255 * (np.indices((800, 400)).sum(axis=0) % 2))
    panel = fitted(np.dstack([board] * 3), (400, 480))
    assert np.isin(panel[1:-1, 1:-1], (127, 128)).all()


def test_show_does_not_stretch():
    pixels = decoded(show(np.full((8, 8), 0.5)))
    assert pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].tolist() == [128, 128, 128]
    pixels = decoded(show(np.full((8, 8), 5.0), limits=(0, 10)))
    assert pixels[pixels.shape[0] // 2 - 10, 100].tolist() == [128, 128, 128]


def test_signed_images_are_blue_white_and_orange():
    signed = np.repeat(np.array([[-0.5, 0, 0.25, 0.5]]), 3, axis=0)
    pixels = decoded(show(signed))
    assert has(pixels, NEGATIVE, 1000)
    assert has(pixels, POSITIVE, 1000)
    assert has(pixels, (255 + POSITIVE) / 2, 1000)
    only_positive = np.abs(signed)
    assert not has(decoded(show(only_positive)), POSITIVE)
    assert has(decoded(show(only_positive, signed=True)), POSITIVE, 1000)
    # two signed images share one scale: 0.25 is half of it
    assert has(decoded(show(signed[:, 2:3], signed, signed=True)), (255 + POSITIVE) / 2, 2000)
    assert not has(decoded(show(signed, signed=False)), NEGATIVE)
    assert decoded(show(np.dstack([signed] * 3))).shape  # colour: about mid-grey


def test_one_glint_does_not_bleach_a_signed_image():
    signed = np.full((40, 40), -0.1)
    signed[0, 0] = 1
    assert has(decoded(show(signed)), NEGATIVE, 1000)


def test_show_is_a_snapshot():
    image = np.zeros((4, 4))
    picture = show(image)
    image[...] = 1
    assert has(decoded(picture), [0, 0, 0], 1000)


def test_show_says_what_it_cannot_draw():
    with pytest.raises(
        ValueError, match=r"image has values up to 236; .* divide by 255, or .*limits"
    ):
        show(GREY.astype(float))
    with pytest.raises(ValueError, match="image 2 has values up to 3; white is 1"):
        show(GREY, np.full((2, 2), 3.0))
    with pytest.raises(TypeError, match="image has dtype int64"):
        show(np.zeros((2, 2), np.int64))
    with pytest.raises(ValueError, match=r"image has shape \(2, 2, 5\)"):
        show(np.zeros((2, 2, 5)))
    with pytest.raises(ValueError, match="image is empty"):
        show(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="titles has 2 entries; 1 are to be drawn"):
        show(GREY, titles=["a", "b"])
    for limits in [(1, 1), (1, 0), (0, np.nan)]:
        with pytest.raises(ValueError, match="limits must be"):
            show(GREY, limits=limits)
    for columns in (0, -1, 1.5):
        with pytest.raises((TypeError, ValueError), match="columns must be"):
            show(GREY, columns=columns)
    with pytest.raises(TypeError, match="at least one image"):
        show()


def test_an_author_says_it_better():
    picture = show(GREY, alt="A ramp from dark to bright.", titles="Ramp")
    assert picture.alt == "A ramp from dark to bright."
    decoded(picture)
    for picture in (
        compare(GREY, GREY, alt="The two agree."),
        plot_rows([1, 2], alt="The two agree."),
    ):
        assert picture.alt == "The two agree."


def test_compare_tells_the_difference():
    other = GREY.copy()
    other[2, 3] -= 40
    picture = compare(GREY, other, titles=("expected", "yours"))
    assert picture.alt == (
        "expected and yours, 10 wide, 6 high, and their difference: "
        "largest −40 of 255 levels at row 2, column 3; mean magnitude 0.667."
    )
    assert has(decoded(picture), NEGATIVE, 100)
    assert has(decoded(compare(other, GREY)), POSITIVE, 100)
    assert "largest +0.5 at row 0, column 1; mean magnitude 0.125" in (
        compare(np.zeros((2, 2)), np.array([[0, 0.5], [0, 0]])).alt
    )


def test_compare_of_equals_and_constants():
    for image in (
        GREY,
        COLOUR,
        np.ones((3, 3)),
        np.zeros((1, 1), np.uint8),
        np.zeros((2, 2), bool),
    ):
        picture = compare(image, image)
        assert picture.alt.endswith("difference: none.")
        assert not has(decoded(picture), POSITIVE)


def test_compare_in_colour_shows_the_channel_that_differs_most():
    other = COLOUR.copy()
    other[3, 4, 1] += 9
    other[3, 4, 2] -= 90
    assert "largest −90 of 255 levels at row 3, column 4" in compare(COLOUR, other).alt
    assert has(decoded(compare(COLOUR, other)), NEGATIVE, 100)


@pytest.mark.parametrize(
    "wrong",
    [lambda x: 255 * x, lambda x: -x, lambda x: x + 1e30, lambda x: x * np.nan, lambda x: x / 0],
)
def test_compare_draws_what_went_wrong(wrong):
    right = GREY / 255
    with np.errstate(all="ignore"):
        answer = wrong(right)
    pixels = decoded(compare(right, answer))
    assert has(pixels, NOT_FINITE, 100, within=40) == (not np.isfinite(answer).all())


def test_compare_needs_one_shape():
    with pytest.raises(ValueError, match=r"second has shape \(10, 6\) and first \(6, 10\)"):
        compare(GREY, GREY.T)
    with pytest.raises(ValueError, match="second has shape"):
        compare(GREY, COLOUR)
    with pytest.raises(TypeError, match="second has dtype int64"):
        compare(GREY, GREY.astype(np.int64))
    with pytest.raises(TypeError, match="first is None"):
        compare(None, GREY)
    with pytest.raises(ValueError, match="titles has 1 entries"):
        compare(GREY, GREY, titles=("one",))


def test_plot_rows():
    step = np.repeat(np.float32([[0.25, 0.75]]), 8, axis=1)  # (1, 16)
    picture = plot_rows(step, step[0, ::2], labels=["step", "every second"], title="A step")
    assert picture.alt == (
        "A step; step: 16 values from 0.25 to 0.75; every second: 8 values from 0.25 to 0.75."
    )
    pixels = decoded(picture)
    assert has(pixels, [0, 114, 178], 500, within=10)  # the first colour
    assert has(pixels, [213, 94, 0], 200, within=10)
    for rows in ([[3]], [np.arange(5)[:, None]], [np.array([True, False])], [[1, np.nan, 3]]):
        decoded(plot_rows(*rows))
    decoded(
        plot_rows(*[np.arange(9) * i for i in range(9)], labels=[f"curve {i}" for i in range(9)])
    )


def test_plot_rows_says_what_it_cannot_draw():
    for row, error in [
        (np.zeros((2, 3)), ValueError),
        ([], ValueError),
        ([np.nan], ValueError),
        (["a"], TypeError),
        ([1j], TypeError),
        ([None], TypeError),
    ]:
        with pytest.raises(error, match=r"^row 2 has "):
            plot_rows([1, 2], row)
    with pytest.raises(TypeError, match="at least one row"):
        plot_rows()
    with pytest.raises(ValueError, match="labels has 2 entries; 1 are to be drawn"):
        plot_rows([1, 2], labels=["a", "b"])


def test_pictures_are_small_enough_to_commit():
    rng = np.random.default_rng(0)
    photo = cv2.GaussianBlur(rng.random((600, 800, 3)), (0, 0), 2)
    photo = as_uint8((photo - photo.min()) / np.ptp(photo))
    assert size(compare(photo, photo[::-1])) < 150_000
    assert size(show(photo)) < 150_000
    assert size(plot_rows(photo[0, :, 0], photo[1, :, 0], labels=["a", "b"])) < 100_000
    assert size(show(GREY)) < 3_000
    assert size(plot_rows([0, 1, 0, 3])) < 12_000


def test_a_picture_is_drawn_once_and_the_same_again():
    first, second = compare(GREY, GREY[::-1]), compare(GREY, GREY[::-1])
    assert first._repr_mimebundle_() == first._repr_mimebundle_() == second._repr_mimebundle_()


def test_a_reader_may_have_another_style_and_dollars():
    import matplotlib

    curve = plot_rows([1, 2], labels="$a", title="$5 or $\\wrong$")
    expected = decoded(curve)
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30, "savefig.dpi": 30}):
        again = decoded(plot_rows([1, 2], labels="$a", title="$5 or $\\wrong$"))
        assert matplotlib.rcParams["font.size"] == 30
    assert np.array_equal(expected, again)


def test_a_picture_can_be_saved(tmp_path):
    picture = show(COLOUR, titles="Colour")
    picture.save(tmp_path / "picture.png")
    assert read(tmp_path / "picture.png").shape == decoded(picture).shape


def test_long_titles_are_wrapped_not_cut():
    title = "A title that is a good deal longer than its picture is wide"
    one, two = (decoded(show(GREY[:2, :2], titles=t)) for t in ("A title", title))
    assert one.shape[1] == two.shape[1]
    assert two.shape[0] > one.shape[0] + 2 * 17


def test_a_notebook_shows_it():
    code = """
        import numpy
        from IPython.core.interactiveshell import InteractiveShell
        from imgkit import images
        data, _ = InteractiveShell().display_formatter.format(
            images.show(numpy.zeros((3, 3)), alt="black")
        )
        print(sorted(data), data["text/plain"], 'alt="black"' in data["text/html"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['text/html', 'text/plain'] <picture: black> True"
