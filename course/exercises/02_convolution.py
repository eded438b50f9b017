# ---
# jupyter:
#   imgkit:
#     title: Convolution by hand
#     minutes: 50
#     needs: [00_arrays]
# ---

# %% [markdown]
# # Convolution by hand
#
# **About 50 minutes, six tasks.** Before: exercise 00, and best the lesson of the same name.
#
# Where does a coin end and the table begin? A computer sees only numbers. It finds the rim by
# comparing every pixel with its neighbours, and that one idea, a small window that slides over
# the picture, also blurs, sharpens, and sits inside every neural network that looks at images.
#
# By the end you can
#
# - continue a picture beyond its edge in five ways,
# - slide a kernel over it, as correlation and as convolution,
# - build a Gaussian blur from two cheap passes,
# - sum any box from four numbers,
# - and find the edges in a photograph, with code that is yours from the first line to the last.
#
# Each step shows what is wanted, leaves a blank, and ends in a check that tells you how it went.
# Loops are fine everywhere: first right, then fast. Stuck? `ex.hint("pad")` gives a hint, and the
# next one when you ask again. Hints cost nothing.

# %% tags=["setup"]
import numpy as np

from imgkit import data

camera = data.load("camera")  # (512, 512) uint8, from 0 black to 255 white
coins = data.load("coins")  # (303, 384) uint8

# %%
from imgkit import color, course, images

ex = course.exercise("02_convolution")
ex

# %%
photo = coins[20:276, 40:340]
images.show(
    photo,
    titles=["Where does a coin end?"],
    alt=f"Coins lie in rows on a dark table; their brightness runs from {photo.min()} "
    f"to {photo.max()}, and the table grows brighter towards the upper left.",
)

# %% [markdown]
# ## 1 · Beyond the edge
#
# A window that is centred on the first pixel sticks out of the picture. Something has to be
# there. These are the five usual answers for a row `a b c d`, under the names that SciPy and
# imgkit use:
#
# | mode | before | the row | after | in words |
# |---|---|---|---|---|
# | `mirror` | d c b | **a b c d** | c b a | a mirror in the middle of the last pixel |
# | `reflect` | c b a | **a b c d** | d c b | a mirror behind the last pixel: it comes twice |
# | `nearest` | a a a | **a b c d** | d d d | the last pixel goes on and on |
# | `wrap` | b c d | **a b c d** | a b c | the row starts again |
# | `constant` | 0 0 0 | **a b c d** | 0 0 0 | darkness |
#
# One fact makes four of them easy: an index list may run back and forth, and may repeat.
#
# **Predict.** Which mode is this?

# %%
row = np.array([10, 20, 30, 40])
row[[2, 1, 0, 1, 2, 3, 2, 1]]

# %%
ex.target("pad")


# %% tags=["task"] task="pad" points=3 minutes=11 level=2 compare="close(rtol=1e-5, atol=1e-7)" forbid=["numpy.pad", "cv2", "scipy", "skimage", "torch", "imgkit.filtering"]
def pad(image, rows, columns, mode="mirror"):
    """Continue an image beyond its edge.

    Parameters
    ----------
    image : array (H, W), uint8 or float
    rows : how many rows to add above, and as many below; 0 <= rows < H
    columns : how many columns to add on the left, and as many on the right; 0 <= columns < W
    mode : "mirror", "reflect", "nearest", "wrap" or "constant", which puts zeros there

    Returns
    -------
    A new array (H + 2 * rows, W + 2 * columns) of the image's dtype. The corners follow the same
    rule: first along one axis, then along the other.

    Example
    -------
    pad(np.array([[1, 2, 3, 4]]), 0, 2, "mirror") gives [[3, 2, 1, 2, 3, 4, 3, 2]], and
    "constant" gives [[0, 0, 1, 2, 3, 4, 0, 0]].
    """
    # BEGIN SOLUTION
    height, width = image.shape
    if mode == "constant":
        out = np.zeros((height + 2 * rows, width + 2 * columns), image.dtype)
        out[rows : rows + height, columns : columns + width] = image
        return out

    def inside(margin, length):
        """For each place on the padded axis, the index inside the image that belongs there."""
        i = np.arange(-margin, length + margin)
        if mode == "nearest":
            return np.clip(i, 0, length - 1)
        if mode == "wrap":
            return i % length
        # there and back again: 0 1 2 3 2 1 (mirror) or 0 1 2 3 3 2 1 0 (reflect), for ever
        period = max(2 * length - 2, 1) if mode == "mirror" else 2 * length
        i = i % period
        return np.minimum(i, period - i if mode == "mirror" else period - 1 - i)

    return image[inside(rows, height)][:, inside(columns, width)]
    # END SOLUTION


# %% tags=["check"]
ex.check(pad)

# %% [markdown] tags=["hint"] task="pad"
# Do not think of pixels, think of indices. Number the places of the padded row from `-margin`
# to `length - 1 + margin`. For each place, which index *inside* the row belongs there? Write
# the list for `a b c d` and a margin of 2 on paper, once for each mode.

# %% [markdown] tags=["hint"] task="pad"
# Start from `i = np.arange(-margin, length + margin)`. `nearest` cuts it off at `0` and
# `length - 1`. `wrap` is the remainder `i % length`. For `mirror`, a negative `i` becomes `-i`,
# and an `i` past the end becomes `2 * (length - 1) - i`; for `reflect` it is `-1 - i` and
# `2 * length - 1 - i`. `constant` needs no indices: put the image into an array of zeros, from
# `rows` to `rows + H` (not to `-rows`: with `rows = 0` that slice is empty).

# %% [markdown] tags=["hint"] task="pad"
# With such a list for the rows and one for the columns, all that is left is
# `image[row_indices][:, column_indices]`. For `mirror`:
# ```
# i = np.abs(np.arange(-margin, length + margin))     # the near side
# i = np.where(i < length, i, 2 * (length - 1) - i)   # the far side
# ```


# %% tags=["cases"] task="pad"
def pad_cases(rng):
    top, left = rng.integers((80, 200), (110, 250))
    piece = camera[top : top + 72 : 3, left : left + 96 : 3]  # (24, 32)
    rows, columns = (int(n) for n in rng.integers((4, 9), (8, 13)))
    yield (
        "a piece of a photograph, mirror",
        dict(image=piece, rows=rows, columns=columns, mode="mirror"),
    )
    first = int(rng.integers(1, 100))
    counting = np.arange(first, first + 6, dtype=float)[None]
    yield "one row that counts up, mirror", dict(image=counting, rows=0, columns=3, mode="mirror")
    for mode in ("reflect", "nearest", "wrap", "constant"):
        yield (
            f"a piece of a photograph, {mode}",
            dict(image=piece, rows=rows, columns=columns, mode=mode),
        )
    fractions = rng.random((7, 5))
    yield "fractions, mirror", dict(image=fractions, rows=2, columns=4, mode="mirror")
    levels = rng.integers(0, 256, (9, 6), dtype=np.uint8)
    yield "nothing left and right, mirror", dict(image=levels, rows=8, columns=0, mode="mirror")


# %% tags=["mistake"] task="pad" says="In `mirror` your edge pixel comes twice: `b a | a b`. The mirror stands in the middle of the last pixel, so the next one is its neighbour: `c b | a b`. What you have is `reflect`."
def mirror_repeats_the_edge(image, rows, columns, mode="mirror"):
    return pad(image, rows, columns, "reflect" if mode == "mirror" else mode)


# %% tags=["mistake"] task="pad" says="`mirror` and `reflect` are exchanged. In SciPy's words `mirror` shows the edge pixel once, `reflect` shows it twice. (NumPy uses the word reflect for the first: half the world trips here.)"
def mirror_and_reflect_exchanged(image, rows, columns, mode="mirror"):
    other = {"mirror": "reflect", "reflect": "mirror"}
    return pad(image, rows, columns, other.get(mode, mode))


# %% tags=["mistake"] task="pad" says="Whatever `mode` says, you mirror. Each of the five names needs its own branch."
def mode_ignored(image, rows, columns, mode="mirror"):
    return pad(image, rows, columns, "mirror")


# %% tags=["mistake"] task="pad" says="The margin is 0 in every mode. That is `constant`; the other four take their margin from the image."
def zeros_in_every_mode(image, rows, columns, mode="mirror"):
    return pad(image, rows, columns, "constant")


# %% tags=["mistake"] task="pad" says="The strip in your margin is the right one, but it is not turned round. In a mirror the pixel nearest to the edge stays nearest: `c b | a b c`, not `b c | a b c`. Try `[::-1]`."
def strip_not_turned_round(image, rows, columns, mode="mirror"):
    if mode not in ("mirror", "reflect"):
        return pad(image, rows, columns, mode)
    out = pad(image, rows, columns, mode)
    (height, width), r, c = image.shape, rows, columns
    out[:r], out[r + height :] = out[:r][::-1].copy(), out[r + height :][::-1].copy()
    out[:, :c] = out[:, :c][:, ::-1].copy()
    out[:, c + width :] = out[:, c + width :][:, ::-1].copy()
    return out


# %% tags=["mistake"] task="pad" says="The four corners stay empty. Pad along one axis first, then pad the *result* along the other: so the corners fill themselves."
def empty_corners(image, rows, columns, mode="mirror"):
    out = pad(image, rows, columns, mode)
    beside = np.ones(out.shape, bool)
    beside[rows : rows + image.shape[0]] = False
    beside[:, columns : columns + image.shape[1]] = False
    out[beside] = 0
    return out


# %% tags=["mistake"] task="pad" says="The values are right, but the bytes have become floats: `np.zeros` makes floats unless you tell it otherwise. Write `np.zeros(shape, image.dtype)`."
def dtype_lost(image, rows, columns, mode="mirror"):
    return pad(image.astype(float), rows, columns, mode)


# %% tags=["mistake"] task="pad" says="`rows` and `columns` are exchanged: `rows` counts the new rows above and below, so it makes the image taller."
def rows_and_columns_exchanged(image, rows, columns, mode="mirror"):
    return pad(image, columns, rows, mode)


# %% [markdown]
# **See it.** The middle is the same in all five. `mirror` and `reflect` differ by a single line of
# pixels along each edge, too little to see here and enough to fail a test.

# %%
finish = ex.use("pad")
head = camera[88:184, 210:306]
modes = ["mirror", "reflect", "nearest", "wrap", "constant"]
padded = [finish(head, 32, 32, mode) for mode in modes]
images.show(
    *padded,
    titles=modes,
    columns=5,
    alt=f"The photographer's head, {head.shape[0]} pixels high, in a margin that makes it "
    f"{padded[0].shape[0]} high: mirrored twice, smeared outward in stripes, repeated like tiles, "
    "and black.",
)

# %% [markdown]
# ## 2 · Slide a kernel: correlation
#
# Lay a small window of weights, the **kernel**, on the picture. Multiply each weight by the pixel
# under it, add everything up, and write the sum where the middle of the window lies. Move on by
# one pixel. That is correlation:
#
# $$\text{out}[r, c] = \sum_{i,\,j} \text{kernel}[i, j] \cdot
# \text{padded}[r + i,\; c + j]$$
#
# It is easy as two loops over pixels. It is *fast* the other way round: two loops over the
# kernel, each step adding one whole shifted picture.
#
# **Predict.** The picture is black but for one bright pixel; the kernel holds 1 to 9, row by row.
# The window meets the bright pixel first with its *last* weight. So what does the answer look
# like?

# %%
ex.target("correlate2d")


# %% tags=["task"] task="correlate2d" points=3 minutes=10 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["numpy.pad", "numpy.convolve", "numpy.correlate", "cv2", "scipy", "skimage", "torch", "imgkit.filtering"]
def correlate2d(image, kernel):
    """Slide a kernel over an image and sum the products.

    Parameters
    ----------
    image : array (H, W), uint8 or float
    kernel : array (h, w) of numbers, h and w odd, h // 2 < H and w // 2 < W. Used as it is,
        neither turned nor scaled.

    Returns
    -------
    Floats (H, W), on the image's scale (0..255 stays 0..255), not rounded, not clipped. Beyond the
    edge the image goes on as "mirror". You may call pad.

    Example
    -------
    correlate2d(np.array([[0, 0, 1, 0, 0]]), np.array([[1, 2, 3]])) gives [[0, 3, 2, 1, 0]].
    """
    # BEGIN SOLUTION
    height, width = image.shape
    rows, columns = kernel.shape
    padded = pad(image, rows // 2, columns // 2, "mirror")
    out = np.zeros((height, width))
    for i in range(rows):
        for j in range(columns):
            out += kernel[i, j] * padded[i : i + height, j : j + width]
    return out
    # END SOLUTION


# %% tags=["check"]
ex.check(correlate2d)

# %% [markdown]
# *Is `pad` not done yet?* Put `my_pad = ex.use("pad")` into a cell above this task and call `my_pad`
# instead. It is yours if yours passes, and ours until then. The same works for every step that
# leans on an earlier one.

# %% [markdown] tags=["hint"] task="correlate2d"
# First pad by half the kernel, `kernel.shape[0] // 2` rows and `kernel.shape[1] // 2` columns.
# Then the window of pixel `[r, c]` is `padded[r : r + h, c : c + w]`, with no special case at
# the edge.

# %% [markdown] tags=["hint"] task="correlate2d"
# With loops over pixels: `out[r, c] = (window * kernel).sum()`, where `out` starts as
# `np.zeros(image.shape)`. With loops over the kernel: the weight `kernel[i, j]` meets, for all
# pixels at once, the shifted picture `padded[i : i + H, j : j + W]`.

# %% [markdown] tags=["hint"] task="correlate2d"
# ```
# padded = pad(image, h // 2, w // 2)
# out = np.zeros(image.shape)
# for i in range(h):
#     for j in range(w):
#         out += kernel[i, j] * ...      # the shifted picture
# ```


# %% tags=["cases"] task="correlate2d"
def correlate2d_cases(rng):
    dot = np.zeros((9, 11))
    dot[rng.integers(3, 6), rng.integers(3, 8)] = 1
    one_to_nine = np.arange(1.0, 10).reshape(3, 3)
    yield "one bright pixel, a kernel of 1 to 9", dict(image=dot, kernel=one_to_nine)

    def piece(height, width):
        top, left = rng.integers((90, 160), (200, 280))
        return camera[top : top + height, left : left + width]

    def weights(*shape):
        return rng.integers(1, 9, shape) / 128

    soft = np.outer([1, 2, 1], [1, 2, 1]) / 16
    yield "a piece of a photograph, weights 1 2 1", dict(image=piece(24, 32), kernel=soft)
    yield "a piece of a photograph, 3×5 weights", dict(image=piece(20, 28), kernel=weights(3, 5))
    yield "a piece of a photograph, 5×3 weights", dict(image=piece(22, 18), kernel=weights(5, 3))
    signed = rng.normal(size=(3, 7))
    yield "noise, positive and negative weights", dict(image=rng.random((12, 10)), kernel=signed)
    yield "one row, 1×5 weights", dict(image=rng.random((1, 16)), kernel=weights(1, 5))


# %% tags=["mistake"] task="correlate2d" says="Your kernel is turned by half a turn. That is convolution, and it comes next; correlation lays the kernel on the image as it is."
def kernel_turned(image, kernel):
    return correlate2d(image, kernel[::-1, ::-1])


# %% tags=["mistake"] task="correlate2d" says="Beyond the edge you repeat the edge pixel (`reflect`). Here the margin is `mirror`: the pixel next to the edge comes first."
def edge_pixel_twice(image, kernel):
    rows, columns = kernel.shape[0] // 2, kernel.shape[1] // 2
    wide = correlate2d(pad(image, rows, columns, "reflect"), kernel)
    return wide[rows : rows + image.shape[0], columns : columns + image.shape[1]]


# %% tags=["mistake"] task="correlate2d" says="Beyond the edge you have zeros, so the frame comes out too dark. Continue the image by `mirror`."
def zeros_beyond_the_edge(image, kernel):
    rows, columns = kernel.shape[0] // 2, kernel.shape[1] // 2
    wide = correlate2d(pad(image, rows, columns, "constant"), kernel)
    return wide[rows : rows + image.shape[0], columns : columns + image.shape[1]]


# %% tags=["mistake"] task="correlate2d" says="The frame of your answer was never filled in: it is still 0. Pad first, and then visit every pixel, those at the edge too."
def frame_left_out(image, kernel):
    out = np.zeros(image.shape)
    r, c = kernel.shape[0] // 2, kernel.shape[1] // 2
    inside = slice(r, image.shape[0] - r), slice(c, image.shape[1] - c)
    out[inside] = correlate2d(image, kernel)[inside]
    return out


# %% tags=["mistake"] task="correlate2d" says="Your answer has the image's dtype, uint8: every fraction is cut off. Start from `np.zeros(image.shape)`, which holds floats; `np.zeros_like(image)` does not."
def fractions_cut_off(image, kernel):
    out = np.zeros_like(image)
    out[:] = correlate2d(image, kernel).astype(image.dtype)
    return out


# %% tags=["mistake"] task="correlate2d" says="`out` has the image's dtype, uint8, and `+=` refuses to squeeze fractions into it. Start from `np.zeros(image.shape)`, which holds floats; `np.zeros_like(image)` does not."
def fractions_do_not_fit(image, kernel):
    out = np.zeros_like(image)
    out += correlate2d(image, kernel)
    return out


# %% tags=["mistake"] task="correlate2d" says="It fits for square kernels only: the margins are exchanged. `kernel.shape[0] // 2` is the margin above and below, `kernel.shape[1] // 2` the one left and right."
def margins_exchanged(image, kernel):
    rows, columns = kernel.shape
    (height, width), padded = image.shape, pad(image, columns // 2, rows // 2)
    out = np.zeros((height, width))
    for i in range(rows):
        for j in range(columns):
            out += kernel[i, j] * padded[i : i + height, j : j + width]
    return out


# %% tags=["mistake"] task="correlate2d" says="The indices of the kernel are exchanged: the row comes first, `kernel[i, j]` with `i` counting rows."
def kernel_indices_exchanged(image, kernel):
    rows, columns = kernel.shape
    (height, width), padded = image.shape, pad(image, rows // 2, columns // 2)
    out = np.zeros((height, width))
    for i in range(rows):
        for j in range(columns):
            out += kernel[j, i] * padded[i : i + height, j : j + width]
    return out


# %% tags=["mistake"] task="correlate2d" says="You divide by the kernel's sum. That keeps the brightness for a blur, but a kernel is used as it is: many, such as those that find edges, sum to 0."
def divided_by_the_sum(image, kernel):
    return correlate2d(image, kernel) / kernel.sum()


# %% tags=["mistake"] task="correlate2d" says="Your window hangs from its top left corner: the answer is shifted down and right by half a kernel. Pad half the kernel on *every* side, so that the middle of the window lies on the pixel."
def window_not_centred(image, kernel):
    rows, columns = kernel.shape[0] // 2, kernel.shape[1] // 2
    wide = correlate2d(pad(image, rows, columns), kernel)
    return wide[: image.shape[0], : image.shape[1]]


# %% tags=["mistake"] task="correlate2d" says="`@` and `np.dot` multiply matrices: rows of the one with columns of the other. Here each weight meets the one pixel under it: `(window * kernel).sum()`."
def matrix_product(image, kernel):
    rows, columns = kernel.shape
    out, padded = np.zeros(image.shape), pad(image, rows // 2, columns // 2)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            out[r, c] = (padded[r : r + rows, c : c + columns] @ kernel).sum()
    return out


# %% tags=["mistake"] task="correlate2d" says="`@` and `np.dot` multiply matrices: rows of the one with columns of the other. Here each weight meets the one pixel under it: `(kernel * window).sum()`."
def matrix_product_kernel_first(image, kernel):
    rows, columns = kernel.shape
    out, padded = np.zeros(image.shape), pad(image, rows // 2, columns // 2)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            out[r, c] = (kernel @ padded[r : r + rows, c : c + columns]).sum()
    return out


# %% [markdown]
# ## 3 · Turn it round: convolution
#
# The bright pixel came back with the kernel turned by half a turn. Often one wants the picture in
# which every pixel simply *spreads* the kernel around itself, as a star spreads through a
# telescope. Then the kernel has to be turned first. That is all there is to convolution.
#
# **Predict.** For which kernels do correlation and convolution give the same picture?

# %%
ex.target("convolve2d")


# %% tags=["task"] task="convolve2d" points=1 minutes=4 level=1 compare="close(rtol=1e-5, atol=1e-6)" forbid=["numpy.pad", "numpy.convolve", "numpy.correlate", "cv2", "scipy", "skimage", "torch", "imgkit.filtering"]
def convolve2d(image, kernel):
    """Let every pixel spread the kernel around itself.

    Parameters
    ----------
    image : array (H, W), uint8 or float
    kernel : array (h, w) of numbers, h and w odd, h // 2 < H and w // 2 < W

    Returns
    -------
    Floats (H, W): the correlation with the kernel turned by half a turn, "mirror" beyond the edge,
    nothing scaled, rounded or clipped. A single pixel of value 1 gives the kernel itself. You may
    call correlate2d.

    Example
    -------
    convolve2d(np.array([[0, 0, 1, 0, 0]]), np.array([[1, 2, 3]])) gives [[0, 1, 2, 3, 0]].
    """
    # BEGIN SOLUTION
    return correlate2d(image, kernel[::-1, ::-1])
    # END SOLUTION


# %% tags=["check"]
ex.check(convolve2d)

# %% [markdown] tags=["hint"] task="convolve2d"
# Half a turn moves the first weight to the last place and the last to the first, in both
# directions at once. Turn a sheet of paper upside down on the desk and look.

# %% [markdown] tags=["hint"] task="convolve2d"
# Half a turn is a flip upside down *and* a flip left to right. `[::-1]` flips the rows. What
# flips the columns?

# %% [markdown] tags=["hint"] task="convolve2d"
# `kernel[::-1, ::-1]` is the turned kernel. Hand it to `correlate2d`.


# %% tags=["cases"] task="convolve2d"
def convolve2d_cases(rng):
    dot = np.zeros((9, 11))
    dot[rng.integers(3, 6), rng.integers(3, 8)] = 1
    one_to_nine = np.arange(1.0, 10).reshape(3, 3)
    yield "one bright pixel, a kernel of 1 to 9", dict(image=dot, kernel=one_to_nine)
    top, left = rng.integers((90, 160), (200, 280))
    piece = camera[top : top + 24, left : left + 32]
    yield (
        "a piece of a photograph, 3×3 weights",
        dict(image=piece, kernel=rng.integers(0, 9, (3, 3)) / 8),
    )
    yield "noise, 3×5 weights", dict(image=rng.random((11, 14)), kernel=rng.random((3, 5)))
    yield "noise, 5×3 weights", dict(image=rng.random((13, 9)), kernel=rng.random((5, 3)))
    slope = rng.normal(size=(3, 3))
    yield "noise, negative weights too", dict(image=rng.random((8, 15)), kernel=slope)


# %% tags=["mistake"] task="convolve2d" says="This is correlation: the kernel is not turned. Convolution turns it by half a turn first."
def kernel_not_turned(image, kernel):
    return correlate2d(image, kernel)


# %% tags=["mistake"] task="convolve2d" says="The kernel is only turned upside down. Half a turn flips the columns as well: `[::-1, ::-1]`."
def upside_down_only(image, kernel):
    return correlate2d(image, kernel[::-1])


# %% tags=["mistake"] task="convolve2d" says="The kernel is only flipped left to right. Half a turn flips the rows as well: `[::-1, ::-1]`."
def left_to_right_only(image, kernel):
    return correlate2d(image, kernel[:, ::-1])


# %% tags=["mistake"] task="convolve2d" says="The kernel is transposed. `.T` exchanges rows and columns; half a turn keeps the shape and reverses the order along both."
def kernel_transposed(image, kernel):
    return correlate2d(image, kernel.T)


# %% tags=["mistake"] task="convolve2d" says="That is a quarter turn. It takes two of them: `np.rot90(kernel, 2)`, or `kernel[::-1, ::-1]`."
def quarter_turn(image, kernel):
    return correlate2d(image, np.rot90(kernel))


# %% tags=["mistake"] task="convolve2d" says="You turned the image instead of the kernel, so the answer comes out turned as well. Leave the image alone and turn the kernel."
def image_turned(image, kernel):
    return correlate2d(image[::-1, ::-1], kernel)


# %% [markdown]
# ## 4 · The Gaussian, in two passes
#
# The kindest blur gives near pixels much weight and far ones little, by the bell curve
# $e^{-x^2 / 2\sigma^2}$. And it has a gift: the two-dimensional bell is a column of weights times
# a row of weights. So one pass along the rows and one along the columns do the work of the whole
# square.
#
# **Predict.** How many multiplications for each pixel does the square take, and how many the two
# passes?

# %%
for sigma in (1, 2, 4, 8):
    n = 2 * int(4 * sigma + 0.5) + 1
    print(f"sigma {sigma}: {n:2} weights wide, square {n * n:5}, two passes {2 * n:4}")

# %%
ex.target("gaussian")


# %% tags=["task"] task="gaussian" points=3 minutes=9 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["numpy.pad", "cv2", "scipy", "skimage", "torch", "imgkit.filtering", "imgkit.frequency"]
def gaussian(image, sigma):
    """Blur with a Gaussian.

    The weights along each axis are exp(-x**2 / (2 * sigma**2)) for x = -radius, ..., radius, with
    radius = int(4 * sigma + 0.5), divided by their sum.

    Parameters
    ----------
    image : array (H, W), uint8 or float
    sigma : the standard deviation in pixels, > 0; small enough for radius < H and radius < W

    Returns
    -------
    Floats (H, W) on the image's scale, "mirror" beyond the edge. You may call correlate2d.

    Example
    -------
    A flat image stays flat: gaussian(np.full((9, 9), 7.0), 1) gives 7 everywhere.
    """
    # BEGIN SOLUTION
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    weights = weights / weights.sum()
    along_rows = correlate2d(image, weights[None, :])
    return correlate2d(along_rows, weights[:, None])
    # END SOLUTION


# %% tags=["check"]
ex.check(gaussian)

# %% [markdown] tags=["hint"] task="gaussian"
# Make the weights first, in one dimension: the places `x`, the bell at these places, divided by
# its own sum. Print them for `sigma = 1`. They should be symmetric, with the largest in the
# middle, and sum to 1.

# %% [markdown] tags=["hint"] task="gaussian"
# A kernel that is one row, `weights[None, :]`, of shape `(1, n)`, blurs from left to right. A
# kernel that is one column, `weights[:, None]`, of shape `(n, 1)`, blurs from top to bottom.
# The second pass takes the result of the first.

# %% [markdown] tags=["hint"] task="gaussian"
# ```
# radius = int(4 * sigma + 0.5)
# x = np.arange(-radius, radius + 1)
# weights = np.exp(-(x**2) / (2 * sigma**2))
# weights = weights / ...
# across = correlate2d(image, weights[None, :])
# return correlate2d(across, ...)
# ```


# %% tags=["cases"] task="gaussian"
def gaussian_cases(rng):
    def piece(height, width):
        top, left = rng.integers((90, 160), (200, 280))
        return camera[top : top + height, left : left + width]

    yield "a piece of a photograph, sigma 2", dict(image=piece(22, 28), sigma=2.0)
    dot = np.zeros((19, 23))
    dot[rng.integers(8, 11), rng.integers(8, 15)] = 255
    sigma = float(rng.choice([1.1, 1.35]))
    yield "one bright pixel, a fractional sigma", dict(image=dot, sigma=sigma)
    step = np.full((20, 24), rng.uniform(0, 0.3))
    step[:, rng.integers(9, 15) :] = rng.uniform(0.6, 1)
    step[rng.integers(11, 15) :] = 0.5
    yield "steps, sigma 1.1", dict(image=step, sigma=1.1)
    small = float(rng.choice([0.7, 0.75]))
    yield "noise, a small sigma", dict(image=rng.random((12, 15)), sigma=small)
    large = float(rng.choice([2.1, 2.35]))
    yield "a piece of a photograph, a larger sigma", dict(image=piece(22, 20), sigma=large)


# %% tags=["mistake"] task="gaussian" says="Your weights do not sum to 1, so the picture gets brighter. Divide them by their sum."
def not_normalised(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    return correlate2d(correlate2d(image, weights[None, :]), weights[:, None])


# %% tags=["mistake"] task="gaussian" says="You divide by `sigma * sqrt(2 * pi)`. That is the area under the whole smooth bell; yours is sampled and cut off, so its sum is a little different. Divide by the sum of the weights you have."
def normalised_by_the_formula(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    return correlate2d(correlate2d(image, weights[None, :]), weights[:, None])


# %% tags=["mistake"] task="gaussian" says="You use sigma where its square belongs: the bell is `exp(-x**2 / (2 * sigma**2))`. Sigma is the standard deviation, sigma squared the variance."
def sigma_not_squared(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma))
    weights /= weights.sum()
    return correlate2d(correlate2d(image, weights[None, :]), weights[:, None])


# %% tags=["mistake"] task="gaussian" says="The 2 in `exp(-x**2 / (2 * sigma**2))` is missing, so your bell is too narrow."
def two_forgotten(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / sigma**2)
    weights /= weights.sum()
    return correlate2d(correlate2d(image, weights[None, :]), weights[:, None])


# %% tags=["mistake"] task="gaussian" says="`x**2 / 2 * sigma**2` divides by 2 and then *multiplies* by sigma squared. Put brackets around what stands below the line: `/ (2 * sigma**2)`."
def brackets_forgotten(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / 2 * sigma**2)
    weights /= weights.sum()
    return correlate2d(correlate2d(image, weights[None, :]), weights[:, None])


# %% tags=["mistake"] task="gaussian" says="Your kernel ends at 3 sigma. Here the bell reaches to `int(4 * sigma + 0.5)` on each side."
def cut_too_short(image, sigma):
    radius = int(3 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    weights /= weights.sum()
    return correlate2d(correlate2d(image, weights[None, :]), weights[:, None])


# %% tags=["mistake"] task="gaussian" says="`np.arange(-radius, radius)` stops one before `radius`, so your bell lacks its last weight and leans. It takes `radius + 1`."
def last_weight_missing(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    weights = np.append(weights / weights.sum(), 0)
    return correlate2d(correlate2d(image, weights[None, :]), weights[:, None])


# %% tags=["mistake"] task="gaussian" says="You blur from left to right only. A second pass with the same weights as a column, `weights[:, None]`, has to follow on the result."
def left_to_right_only(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    return correlate2d(image, weights[None, :] / weights.sum())


# %% tags=["mistake"] task="gaussian" says="The picture is blurred from top to bottom only. Does your second pass start from the *result* of the first, or from the image again?"
def top_to_bottom_only(image, sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    return correlate2d(image, weights[:, None] / weights.sum())


# %% [markdown]
# ## 5 · Any box, four numbers
#
# How bright is this window on average? A face detector asks that a hundred thousand times for one
# picture, with boxes of all sizes. Adding up every pixel of every box would take for ever.
#
# So add up once. In the **integral image**, `table[r, c]` is the sum of all pixels above row `r`
# and left of column `c`. Nothing lies above row 0, so the table begins with a row and a column of
# zeros and is one larger than the image.
#
# The sum of *any* box is then four entries of the table, some added, some taken away.
#
# **Predict.** Which four, and with which signs? Draw a box inside a picture, and shade what each
# of its corners stands for.

# %%
ex.target("integral_image")


# %% tags=["task"] task="integral_image" points=3 minutes=9 level=2 compare="close(rtol=1e-5, atol=1e-3)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.filtering"]
def integral_image(image, boxes):
    """Sum every box from four entries of one table.

    Parameters
    ----------
    image : array (H, W), uint8 or float
    boxes : integers (N, 4), each row0, column0, row1, column1: the box is
        image[row0:row1, column0:column1]. It lies inside the image and may be empty.

    Returns
    -------
    Two arrays, table and sums, of a dtype that holds numbers far above 255:

    - table (H + 1, W + 1): table[r, c] is image[:r, :c].sum(), so row 0 and column 0 are zeros
    - sums (N,): for each box the sum of its pixels

    np.cumsum is welcome.

    Example
    -------
    integral_image(np.array([[1, 2], [3, 4]]), np.array([[0, 1, 2, 2]])) gives the table
    [[0, 0, 0], [0, 1, 3], [0, 4, 10]] and the sums [6].
    """
    # BEGIN SOLUTION
    table = np.zeros((image.shape[0] + 1, image.shape[1] + 1))
    table[1:, 1:] = np.cumsum(np.cumsum(image, axis=0), axis=1)
    r0, c0, r1, c1 = boxes.T
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]
    # END SOLUTION


# %% tags=["check"]
ex.check(integral_image)

# %% [markdown] tags=["hint"] task="integral_image"
# `np.cumsum` adds up along one axis. What is `np.cumsum(image, axis=0)`, in words? And what is it
# once you sum *that* along the other axis?

# %% [markdown] tags=["hint"] task="integral_image"
# Make a table of zeros, one row and one column larger than the image, and put the double sum into
# `table[1:, 1:]`. For a box, start with everything above and left of its lower right corner. Take
# away what lies above the box, and what lies left of it. Now one part has been taken away twice.

# %% [markdown] tags=["hint"] task="integral_image"
# ```
# table = np.zeros((H + 1, W + 1))
# table[1:, 1:] = np.cumsum(np.cumsum(image, axis=0), axis=1)
# r0, c0, r1, c1 = boxes.T                # four arrays of N indices
# sums = table[r1, c1] - table[r0, c1] ...   # and two more, for all boxes at once
# ```


# %% tags=["cases"] task="integral_image"
def integral_image_cases(rng):
    def with_boxes(image):
        (height, width), n = image.shape, 4
        rows = np.sort(rng.integers(0, height + 1, (n, 2)), axis=1)
        columns = np.sort(rng.integers(0, width + 1, (n, 2)), axis=1)
        drawn = np.column_stack([rows[:, 0], columns[:, 0], rows[:, 1], columns[:, 1]])
        last = [height - 1, width - 1, height, width]
        empty = [height // 2, 0, height // 2, width]
        fixed = [[0, 0, height, width], [0, 0, 1, 1], last, empty]
        return dict(image=image, boxes=np.concatenate([fixed, drawn]))

    top, left = rng.integers((90, 160), (200, 280))
    yield "a piece of a photograph", with_boxes(camera[top : top + 24, left : left + 32])
    shape = rng.integers((4, 7), (6, 10))
    yield "every pixel is 1", with_boxes(np.ones(shape, np.uint8))
    yield "fractions", with_boxes(rng.random((9, 13)))
    column = rng.integers(100, 256, (20, 1), dtype=np.uint8)
    yield "one column", with_boxes(column)
    square = np.zeros((16, 20), np.uint8)
    r, c = rng.integers(2, 8, 2)
    square[r : r + 6, c : c + 8] = rng.integers(150, 256)
    yield "a bright square", with_boxes(square)
    top, left = rng.integers((0, 0), (200, 250))
    yield "coins", with_boxes(coins[top : top + 32, left : left + 40])


# %% tags=["mistake"] task="integral_image" says="The table has no row and column of zeros in front. Without them a box that touches the top reads `table[-1]`, which is the *last* row. Make the table one larger and fill `table[1:, 1:]`."
def no_zeros_in_front(image, boxes):
    table = np.cumsum(np.cumsum(image.astype(float), axis=0), axis=1)
    r0, c0, r1, c1 = boxes.T - 1
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]


# %% tags=["mistake"] task="integral_image" says="The zeros lie behind the sums instead of in front of them: fill `table[1:, 1:]`, so that `table[0, 0]` is the sum of nothing."
def zeros_at_the_end(image, boxes):
    table = integral_image(image, boxes)[0]
    table[:-1, :-1] = table[1:, 1:].copy()
    table[-1], table[:, -1] = 0, 0
    r0, c0, r1, c1 = boxes.T
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]


# %% tags=["mistake"] task="integral_image" says="You sum along one axis only, down the columns. Sum the result once more, along `axis=1`."
def summed_one_way(image, boxes):
    table = np.zeros((image.shape[0] + 1, image.shape[1] + 1))
    table[1:, 1:] = np.cumsum(image, axis=0)
    r0, c0, r1, c1 = boxes.T
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]


# %% tags=["mistake"] task="integral_image" says="Above plus left counts everything above *and* left twice. Take it away once: `image[r, c] + table[r, c + 1] + table[r + 1, c] - table[r, c]`."
def above_and_left_counted_twice(image, boxes):
    table = np.zeros((image.shape[0] + 1, image.shape[1] + 1))
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            table[r + 1, c + 1] = image[r, c] + table[r, c + 1] + table[r + 1, c]
    r0, c0, r1, c1 = boxes.T
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]


# %% tags=["mistake"] task="integral_image" says="Your table has the image's dtype. In uint8 a sum starts again from 0 once it passes 255; make the table of floats or of int64."
def sums_wrap_around(image, boxes):
    table = integral_image(image, boxes)[0]
    table = (table % 256 if image.dtype == np.uint8 else table).astype(image.dtype)
    r0, c0, r1, c1 = boxes.T
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]


# %% tags=["mistake"] task="integral_image" says="The table is right, the boxes are not: what lies above *and* left of the box was taken away twice. Add `table[row0, column0]` back."
def corner_not_added_back(image, boxes):
    table = integral_image(image, boxes)[0]
    r0, c0, r1, c1 = boxes.T
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0]


# %% tags=["mistake"] task="integral_image" says="The table is right, but the last row and column of each box are lost. `row1` and `column1` are already one past the box, as in a slice, so there is no `- 1`."
def last_row_and_column_lost(image, boxes):
    table = integral_image(image, boxes)[0]
    r0, c0, r1, c1 = boxes.T
    r1, c1 = r1 - 1, c1 - 1
    return table, table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]


# %% tags=["mistake"] task="integral_image" says="An index runs past the end of the table. A box is (row0, column0, row1, column1), rows first, and `row1`, `column1` are already one past it: no `+ 1`. The table has one row and column more than the image."
def index_past_the_end(image, boxes):
    table = integral_image(image, boxes)[0]
    r0, c0, r1, c1 = boxes.T
    return table, table[r1 + 1, c1 + 1] - table[r0, c1 + 1] - table[r1 + 1, c0] + table[r0, c0]


# %% [markdown]
# **See it.** One table, then boxes of every size for the same price: four look-ups.

# %%
table_and_sums = ex.use("integral_image")
for size in (4, 16, 64, 256):
    box = np.array([[20, 40, 20 + size, 40 + size]])
    _, (total,) = table_and_sums(coins, box)
    direct = coins[20 : 20 + size, 40 : 40 + size].sum(dtype=float)
    print(f"{size * size:6} pixels: {direct:9.0f} | {total:9.0f} | {abs(direct - total):g}")

# %% [markdown]
# ## 6 · Edges
#
# An edge is a place where brightness changes fast. The change from left to right at a pixel is
# the right neighbour minus the left one. A single difference trusts two noisy pixels, so Sobel's
# kernel *smooths* along one axis with 1 2 1 and *differences* along the other:
#
# $$\frac18 \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}$$
#
# Its transpose gives the change from top to bottom. The two are the legs of a right triangle; the
# strength of the edge, in any direction, is the hypotenuse.
#
# The 1/8 makes the answer a *slope*: where brightness rises by 5 for each pixel, it is 5.
#
# **Predict.** If you mix up which of the two kernels is the horizontal one, what changes in the
# strength?

# %%
ex.target("sobel_magnitude")


# %% tags=["task"] task="sobel_magnitude" points=3 minutes=7 level=2 compare="close(rtol=1e-5, atol=1e-5)" forbid=["numpy.pad", "cv2", "scipy", "skimage", "torch", "imgkit.filtering"]
def sobel_magnitude(image):
    """Find how steep the brightness is at every pixel.

    Parameters
    ----------
    image : array (H, W), uint8 or float, H and W at least 2

    Returns
    -------
    Floats (H, W), never negative: sqrt(gx**2 + gy**2), where gx is the correlation with
    [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]] / 8, and gy that with its transpose. "mirror" beyond the
    edge; nothing is scaled further or clipped. You may call correlate2d.

    Example
    -------
    np.tile(np.arange(6) * 5, (4, 1)) rises by 5 from column to column, so it gives 5 everywhere
    but in the first and the last column, where the mirror makes it flat and it gives 0.
    """
    # BEGIN SOLUTION
    across = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    gx = correlate2d(image, across)
    gy = correlate2d(image, across.T)
    return np.sqrt(gx**2 + gy**2)
    # END SOLUTION


# %% tags=["check"]
ex.check(sobel_magnitude)

# %% [markdown] tags=["hint"] task="sobel_magnitude"
# Two correlations and Pythagoras. Write the kernel down as an array, divide it by 8, and use it
# once as it is and once transposed.

# %% [markdown] tags=["hint"] task="sobel_magnitude"
# `kernel.T` is the transpose. The answers of the two correlations have signs: bright to dark is
# negative. Squares lose the sign, and the root brings the scale back.

# %% [markdown] tags=["hint"] task="sobel_magnitude"
# ```
# kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
# gx = correlate2d(image, kernel)
# gy = correlate2d(image, ...)
# return np.sqrt(...)
# ```


# %% tags=["cases"] task="sobel_magnitude"
def sobel_magnitude_cases(rng):
    top, left = rng.integers((30, 40), (220, 300))
    yield "a coin", dict(image=coins[top : top + 36, left : left + 40])
    dark, bright = rng.integers((10, 150), (60, 250))
    bar = np.full((10, 16), dark, np.uint8)
    start = rng.integers(4, 7)
    bar[:, start : start + 5] = bright
    yield "an upright bright bar", dict(image=bar)
    rows, columns = np.mgrid[:14, :18]
    down, right = rng.uniform(0.01, 0.03, 2)
    yield "a slope, down and right", dict(image=down * rows + right * columns)
    centre = rng.uniform((8, 10), (12, 14))
    distance = np.hypot(np.mgrid[:20][:, None] - centre[0], np.mgrid[:24] - centre[1])
    yield "a soft disc", dict(image=np.clip(7 - distance, 0, 1))
    top, left = rng.integers((90, 160), (200, 280))
    yield "a piece of a photograph", dict(image=camera[top : top + 20, left : left + 26])
    yield "noise", dict(image=rng.random((12, 9)))


# %% tags=["mistake"] task="sobel_magnitude" says="You only take the change from left to right, so level edges are missing. Correlate with the transposed kernel too and join the two."
def upright_edges_only(image):
    return np.abs(correlate2d(image, np.outer([1, 2, 1], [-1, 0, 1]) / 8))


# %% tags=["mistake"] task="sobel_magnitude" says="You only take the change from top to bottom, so upright edges are missing. Correlate with both kernels and join the two."
def level_edges_only(image):
    return np.abs(correlate2d(image, np.outer([-1, 0, 1], [1, 2, 1]) / 8))


# %% tags=["mistake"] task="sobel_magnitude" says="Both correlations use the same kernel, so one direction counts twice and the other not at all. The second takes the transpose, `kernel.T`."
def kernel_not_transposed(image):
    gx = correlate2d(image, np.outer([1, 2, 1], [-1, 0, 1]) / 8)
    return np.sqrt(gx**2 + gx**2)


# %% tags=["mistake"] task="sobel_magnitude" says="You add the absolute values. That is quick, but it makes slanting edges too strong, by up to the square root of 2. Take the hypotenuse: `np.sqrt(gx**2 + gy**2)`."
def sum_of_absolutes(image):
    across = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    return np.abs(correlate2d(image, across)) + np.abs(correlate2d(image, across.T))


# %% tags=["mistake"] task="sobel_magnitude" says="The root is missing: you have the square of the strength."
def root_forgotten(image):
    across = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    return correlate2d(image, across) ** 2 + correlate2d(image, across.T) ** 2


# %% tags=["mistake"] task="sobel_magnitude" says="Everything is 8 times too strong: the kernel has to be divided by 8, so that the answer is a slope."
def not_divided_by_8(image):
    return 8 * sobel_magnitude(image)


# %% tags=["mistake"] task="sobel_magnitude" says="You take the difference of two neighbours without smoothing. Sobel weighs three such differences 1 2 1 across the direction of the difference, so that noise cancels."
def without_smoothing(image):
    across = np.array([[-1, 0, 1]]) / 2
    return np.hypot(correlate2d(image, across), correlate2d(image, across.T))


# %% tags=["mistake"] task="sobel_magnitude" says="All three lines count the same, 1 1 1, divided by 6. That is Prewitt's kernel. In Sobel's the middle line counts twice, 1 2 1, and the whole is divided by 8."
def prewitt(image):
    across = np.outer([1, 1, 1], [-1, 0, 1]) / 6
    return np.hypot(correlate2d(image, across), correlate2d(image, across.T))


# %% tags=["mistake"] task="sobel_magnitude" says="All three lines count the same, 1 1 1: that is Prewitt's kernel, and divided by 8 it is too weak as well. In Sobel's kernel the middle line counts twice: 1 2 1."
def middle_counted_once(image):
    across = np.outer([1, 1, 1], [-1, 0, 1]) / 8
    return np.hypot(correlate2d(image, across), correlate2d(image, across.T))


# %% tags=["mistake"] task="sobel_magnitude" says="A difference was taken in uint8, where 10 - 20 is 246. Turn the image into floats before you subtract."
def differences_wrap_around(image):
    p = pad(image, 1, 1)
    gx = p[:-2, 2:] - p[:-2, :-2] + 2 * (p[1:-1, 2:] - p[1:-1, :-2]) + p[2:, 2:] - p[2:, :-2]
    gy = p[2:, :-2] - p[:-2, :-2] + 2 * (p[2:, 1:-1] - p[:-2, 1:-1]) + p[2:, 2:] - p[:-2, 2:]
    return np.hypot(gx / 8, gy / 8)


# %% tags=["mistake"] task="sobel_magnitude" says="All of it was computed in uint8, differences and squares, and both start again from 0 when they pass 255. Turn the image into floats first."
def squares_wrap_around(image):
    p = pad(image, 1, 1)
    gx = p[:-2, 2:] - p[:-2, :-2] + 2 * (p[1:-1, 2:] - p[1:-1, :-2]) + p[2:, 2:] - p[2:, :-2]
    gy = p[2:, :-2] - p[:-2, :-2] + 2 * (p[2:, 1:-1] - p[:-2, 1:-1]) + p[2:, 2:] - p[:-2, 2:]
    return np.sqrt(gx**2 + gy**2) / 8


# %% tags=["mistake"] task="sobel_magnitude" says="The frame of the picture has become a strong edge: beyond it you have zeros, and the step down to them is steep. Continue the image by `mirror`."
def frame_is_an_edge(image):
    return sobel_magnitude(pad(image, 2, 2, "constant"))[2:-2, 2:-2]


# %% [markdown]
# ## Your own edge detector, on a photograph
#
# Everything you wrote works together here: the margin inside the correlation, the correlation
# inside the blur and the edges. A little blur first, then the steepness, dark on white.


# %%
def draw(photo, blur, edges, sigma):
    """A pencil drawing of a photograph: paper is white, the steepest edges are black."""
    steepness = edges(blur(photo, sigma))
    return 1 - np.clip(steepness / np.percentile(steepness, 99), 0, 1) ** 0.7


# %%
portrait = color.to_gray(data.load("astronaut"))[:288, 80:368]
tools = ex.use("gaussian"), ex.use("sobel_magnitude")
drawing, rims = draw(portrait, *tools, sigma=1), draw(photo, *tools, sigma=1.5)
images.show(
    portrait,
    drawing,
    photo,
    rims,
    titles=["a photograph", "drawn by your code", "where does a coin end?", "there"],
    columns=2,
    alt="An astronaut's portrait, and beside it a pencil drawing of it: outlines of face, hair and "
    f"suit on white paper, {np.mean(drawing > 0.8):.0%} of it nearly blank. Below, coins, and their "
    f"rims as dark rings; {np.mean(rims < 0.5):.0%} of that picture is dark.",
)

# %% [markdown]
# ## Graduation: against the library
#
# SciPy is the yardstick. For each function: SciPy's value at one pixel, yours, and the largest
# difference anywhere in a photograph.

# %%
from scipy import ndimage

view = camera[60:316, 140:396].astype(float)
kernel = np.random.default_rng(2).normal(size=(5, 5))
gx, gy = (ndimage.sobel(view, axis, mode="mirror") / 8 for axis in (1, 0))
exact = {
    "pad": np.pad(view, 5, mode="reflect"),  # NumPy's word for mirror
    "correlate2d": ndimage.correlate(view, kernel, mode="mirror"),
    "convolve2d": ndimage.convolve(view, kernel, mode="mirror"),
    "gaussian": ndimage.gaussian_filter(view, 2, mode="mirror"),
    "integral_image": 9 * ndimage.uniform_filter(view, 3)[1:-1, 1:-1],
    "sobel_magnitude": np.hypot(gx, gy),
}

# %%
r, c = np.mgrid[:254, :254].reshape(2, -1)
boxes = np.stack([r, c, r + 3, c + 3], axis=1)  # every 3×3 box
given = {
    "pad": (view, 5, 5),
    "correlate2d": (view, kernel),
    "convolve2d": (view, kernel),
    "gaussian": (view, 2),
    "integral_image": (view, boxes),
    "sobel_magnitude": (view,),
}
for name, arguments in given.items():
    yours = ex.use(name)(*arguments)
    if name == "integral_image":
        yours = yours[1].reshape(254, 254)
    one, other = exact[name][90, 90], yours[90, 90]
    print(f"    {one:.4f} | {other:.4f} | {np.abs(exact[name] - yours).max():.0e}")

# %% [markdown]
# Equal but for the last digits of floating point. Now the clock. The slow way visits each pixel
# and each weight, one at a time; it is the definition, written down.

# %%
import time


def slow(image, kernel):
    h, w = kernel.shape
    padded = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)), mode="reflect")
    out = np.zeros(image.shape)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            for i in range(h):
                for j in range(w):
                    out[r, c] += kernel[i, j] * padded[r + i, c + j]
    return out


def seconds(function):
    """The median time of five runs on a part of the photograph."""
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        function(view[:128, :128], kernel)
        times.append(time.perf_counter() - begin)
    return np.median(times)


# %%
loops = seconds(slow)
yours = seconds(ex.use("correlate2d"))
library = seconds(lambda image, kernel: ndimage.correlate(image, kernel, mode="mirror"))
print(f"yours is {loops / yours:.0f} times as fast as the loops")
print(f"SciPy is {loops / library:.0f} times as fast as the loops")

# %% [markdown]
# Is your ratio near 1? Then your `correlate2d` loops over pixels. It is right, and right comes
# first; `ex.hint("correlate2d", 2)` shows the way to make it fast.
#
# ## What you can do now
#
# - Say what lies beyond the edge, and by which name each library calls it.
# - Write correlation as shifted pictures, and say what convolution does differently.
# - Blur in two passes, and say why the weights must sum to 1.
# - Sum any box with four look-ups.
# - Find edges: smooth one way, difference the other, take the hypotenuse.

# %%
ex.progress()
