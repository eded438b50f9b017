# ---
# jupyter:
#   imgkit:
#     title: Thresholds and morphology
#     minutes: 60
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Thresholds and morphology
#
# **About 60 minutes, seven tasks.** Before: exercise 02, and best the lesson of the same name.
#
# How many coins lie on the table? A child counts them in a moment. A computer sees brightness, pixel
# by pixel, and has no idea what a coin is. At the end of this page your code counts them too, in
# any light, and marks each one.
#
# By the end you can
#
# - find the best cut between dark and bright, without trying to be clever,
# - let the cut follow the light,
# - shrink and grow shapes, and remove what is too small to be one,
# - tell which pixels hang together, and number the objects,
# - and put these into one pipeline that counts.
#
# A **mask** is an array of `bool`: `True` where something is. Loops earn all points. Where fewer
# would do, the check says so: first right, then fast. Stuck? `ex.hint("otsu")` gives a hint, and
# the next one when you ask again. Hints cost nothing.

# %% tags=["setup"]
import numpy as np

from imgkit import data


def half(photo):
    """Half as high and wide, each pixel the mean of four; uint8 in, uint8 out."""
    height, width = photo.shape[0] // 2, photo.shape[1] // 2
    cut = photo[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
    return np.rint(cut.mean(axis=(1, 3))).astype(np.uint8)


def disk(radius):
    """A round footprint: True where the middle is at most radius pixels away."""
    i, j = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return i**2 + j**2 <= radius**2


coins = half(data.load("coins"))  # (151, 192) uint8
page = data.load("page")  # (191, 384) uint8, a printed page under a poor lamp
camera = data.load("camera")  # (512, 512) uint8


# %%
from imgkit import course, images, segmentation

ex = course.exercise("06_thresholds")
ex

# %%
images.show(
    coins,
    alt="Bright old coins on dark cloth, in four rows. The light is uneven: the cloth at the upper "
    f"left has a level of {coins[:6, :12].mean():.0f} of 255, at the lower right of "
    f"{coins[-60:-40, -40:-33].mean():.0f}.",
)

# %% [markdown]
# ## 1 · How good is a cut?
#
# Choose a level $t$. Pixels above it are *bright*, all others *dark*. If the cut is good, the dark
# pixels are much like each other, and the bright ones too. So measure what is **left within** the
# groups: each pixel's distance from the mean *of its own group*, squared, and of all these the
# mean.
#
# $$\text{left}(t) = \frac{1}{N} \Bigl(\sum_{\text{dark}} (v - m_{\text{dark}})^2 +
# \sum_{\text{bright}} (v - m_{\text{bright}})^2\Bigr)$$
#
# **Predict.** A picture has only two greys, 60 and 200. What is left at $t = 100$? And at
# $t = 230$, where nothing is bright?

# %%
ex.target("spread_within")


# %% tags=["task"] task="spread_within" points=2 minutes=5 level=1 compare="close(rtol=1e-4, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation"]
def spread_within(image, t):
    """Measure the variance that a cut leaves within its two groups.

    Parameters
    ----------
    image : array (H, W), uint8
    t : a level, 0 to 255: pixels with image > t are bright, all others dark

    Returns
    -------
    A number: the squared distance of each pixel from the mean of its own group, averaged over all
    H * W pixels. A group may be empty; then it adds nothing.

    Example
    -------
    spread_within(np.array([[10, 20], [200, 220]], np.uint8), 100) gives 62.5: the dark ones are 5
    and 5 from 15, the bright ones 10 and 10 from 210, and (25 + 25 + 100 + 100) / 4 is 62.5.
    """
    # BEGIN SOLUTION
    bright = image > t
    left = 0.0
    for group in (image[bright], image[~bright]):
        if group.size:
            left += group.size * group.var()
    return left / image.size
    # END SOLUTION


# %% tags=["check"]
ex.check(spread_within)

# %% [markdown] tags=["hint"] task="spread_within"
# Split the pixels in two, and treat both groups alike: mean, distances, squares, sum. Add the two
# sums and divide by the number of *all* pixels.

# %% [markdown] tags=["hint"] task="spread_within"
# `image[image > t]` is a flat array of the bright pixels. Its variance `.var()` is already the mean
# of the squared distances; times `.size` it is their sum. And the variance of no pixels at all is
# NaN, so ask for `.size` first.

# %% [markdown] tags=["hint"] task="spread_within"
# ```
# left = 0.0
# for group in (image[image > t], image[image <= t]):
#     if group.size:
#         left += ...
# return left / image.size
# ```


# %% tags=["cases"] task="spread_within"
def spread_within_cases(rng):
    top, left = rng.integers((86, 92), (90, 98))
    coin = coins[top : top + 30, left : left + 40]
    yield "a coin on cloth", dict(image=coin, t=int(rng.integers(95, 115)))
    top, left = rng.integers((20, 10), (100, 200))
    text = page[top : top + 24, left : left + 40]
    yield "printed letters", dict(image=text, t=int(np.percentile(text, rng.uniform(15, 30))))
    greys = rng.choice([40, 70, 150, 210], (6, 8), p=[0.3, 0.3, 0.2, 0.2]).astype(np.uint8)
    yield "four greys, cut at one of them", dict(image=greys, t=70)
    top, left = rng.integers((90, 110), (220, 240))
    photo = camera[top : top + 20, left : left + 30]
    yield "a photograph, cut in the dark", dict(image=photo, t=int(np.percentile(photo, 20)))
    dim = rng.integers(20, 90, (8, 10)).astype(np.uint8)
    yield "nothing is bright", dict(image=dim, t=200)


# %% tags=["mistake"] task="spread_within" says="A pixel that equals `t` is dark here: bright is `image > t`, and not `>=`."
def equal_counts_as_bright(image, t):
    return spread_within(image, t - 1)


# %% tags=["mistake"] task="spread_within" says="You add the two variances, whatever the sizes of the groups. Then three bright specks weigh as much as all the rest. Weigh each variance by its share of the pixels."
def sizes_forgotten(image, t):
    bright = image > t
    return sum(group.var() for group in (image[bright], image[~bright]) if group.size)


# %% tags=["mistake"] task="spread_within" says="You add the two variances, whatever the sizes of the groups, and of an empty group you get NaN. Weigh each variance by its share of the pixels, and leave out a group that is empty."
def sizes_and_empty_forgotten(image, t):
    groups = image[image > t], image[image <= t]
    return sum(group.var() if group.size else np.nan for group in groups)


# %% tags=["mistake"] task="spread_within" says="You take the plain mean of the two variances, whatever the sizes of the groups. Weigh each variance by its share of the pixels."
def mean_of_the_two(image, t):
    bright = image > t
    return np.mean([group.var() for group in (image[bright], image[~bright]) if group.size])


# %% tags=["mistake"] task="spread_within" says="These are standard deviations. Take the variances, their squares: `.var()`."
def standard_deviations(image, t):
    bright = image > t
    groups = [group for group in (image[bright], image[~bright]) if group.size]
    return sum(group.size * group.std() for group in groups) / image.size


# %% tags=["mistake"] task="spread_within" says="You take the distance from the mean of *all* pixels, so the cut makes no difference. Each group has a mean of its own."
def one_mean_for_all(image, t):
    return image.var()


# %% tags=["mistake"] task="spread_within" says="This is the sum over all pixels. Divide by their number, or a large picture would always look worse than a small one."
def sum_for_mean(image, t):
    return image.size * spread_within(image, t)


# %% tags=["mistake"] task="spread_within" says="You divide by one less than there are (`ddof=1`). That is for guessing the variance of all from a few; here all pixels are known, so take their plain mean."
def divides_by_one_less(image, t):
    bright = image > t
    groups = [group for group in (image[bright], image[~bright]) if group.size]
    return sum(group.size * group.var(ddof=1) for group in groups) / image.size


# %% tags=["mistake"] task="spread_within" says="Your distances were computed in uint8, where 10 - 20 is 246. Turn the pixels into floats before you subtract."
def distances_wrap_around(image, t):
    left = 0.0
    for group in (image[image > t], image[image <= t]):
        if group.size:
            distances = group - np.uint8(group.mean())
            left += (distances.astype(float) ** 2).sum()
    return left / image.size


# %% [markdown]
# **See it.** One coin, and what every possible cut leaves within.

# %%
left_within = ex.use("spread_within")
coin = coins[80:112, 88:122]
left = [left_within(coin, t) for t in range(256)]
images.plot_rows(
    np.bincount(coin.ravel(), minlength=256) * max(left) / 100,
    left,
    labels=["how many pixels (scaled)", "left within"],
    title="levels from 0 to 255",
    alt="The counts make two hills, the cloth and the coin. What is left within falls from "
    f"{max(left):.0f} to a lowest point of {min(left):.0f} at level {int(np.argmin(left))}, between "
    "the hills, and rises again.",
)

# %% [markdown]
# The lowest point lies between the two hills, and nobody told it what a hill is.
#
# ## 2 · The best cut: Otsu
#
# **Otsu's threshold** is the level at which the least is left within. You could try all levels. But
# there is a shortcut that looks at the pixels only once.
#
# What a cut takes away from the total variance is the variance *between* the groups. For $n$ dark
# pixels with the sum $s$ out of $N$ pixels with the sum $S$, it is
#
# $$\text{between} = \frac{(S\,n - N\,s)^2}{N^2\; n\,(N - n)}$$
#
# and where *most* is between, *least* is left within. For all levels at once, $n$ and $s$ are two
# cumulative sums of the histogram. $N^2$ is the same at every level and may be left out. Compute in
# floats: with a hundred thousand pixels, these products do not fit into whole numbers of 64 bits, and
# NumPy does not warn.
#
# **Predict.** Your picture has 300 pixels and you make it twice as large with `np.kron`. Does the
# threshold move?

# %%
ex.target("otsu")


# %% tags=["task"] task="otsu" points=3 minutes=9 level=2 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation"]
def otsu(image):
    """Find the cut that leaves least within: Otsu's threshold.

    Parameters
    ----------
    image : array (H, W), uint8, of at least two greys

    Returns
    -------
    A whole number: the level t, from 0 to 254, at which spread_within(image, t) is smallest. If
    several are equally good, the smallest of them. `image > t` is then the mask of the bright.

    Example
    -------
    otsu(np.array([[10, 11, 12], [200, 201, 202]], np.uint8)) gives 12.
    """
    # BEGIN SOLUTION
    counts = np.bincount(image.ravel(), minlength=256)
    n = np.cumsum(counts)[:-1].astype(float)  # dark pixels for t = 0, 1, ... 254
    s = np.cumsum(counts * np.arange(256))[:-1].astype(float)
    N, S = image.size, image.sum(dtype=float)
    product = n * (N - n)
    between = (S * n - N * s) ** 2 / np.maximum(product, 1)  # 0 where a group is empty
    return int(np.argmax(between))
    # END SOLUTION


# %% tags=["check"]
ex.check(otsu)

# %% [markdown] tags=["hint"] task="otsu"
# First right, then fast: ask `spread_within` for every `t` from 0 to 254 and take the level of the
# smallest answer. That passes. Then think how $n$ and $s$ change from one level to the next.

# %% [markdown] tags=["hint"] task="otsu"
# `counts = np.bincount(image.ravel(), minlength=256)` is the histogram. `np.cumsum(counts)` is the
# number of dark pixels for every `t`, `np.cumsum(counts * np.arange(256))` is their sum. `np.argmax`
# gives the first place of the largest value. Where a group is empty there is 0 / 0, NaN; `np.argmax`
# would choose that, so divide by `np.maximum(n * (N - n), 1)`.

# %% [markdown] tags=["hint"] task="otsu"
# ```
# counts = np.bincount(image.ravel(), minlength=256)
# n = np.cumsum(counts)[:-1].astype(float)
# s = np.cumsum(...)[:-1].astype(float)
# N, S = image.size, image.sum(dtype=float)
# between = (S * n - N * s) ** 2 / np.maximum(..., 1)
# return int(...)
# ```


# %% tags=["cases"] task="otsu"
def otsu_cases(rng):
    def clear(draw):
        """A picture whose best cut stands alone: the levels on both sides of it are taken."""
        while True:
            image = draw()
            counts = np.bincount(image.ravel(), minlength=256)
            if counts[0] == 0 and counts[otsu(image) + 1]:
                return image

    def piece(photo, low, high, height, width):
        top, left = rng.integers(low, high)
        return np.maximum(photo[top : top + height, left : left + width], 1)

    def hills(share, shape):
        """Many pixels around one grey, few around another."""
        few = rng.random(shape) < share
        grey = np.where(few, rng.integers(150, 165), rng.integers(80, 95))
        return np.rint(np.clip(grey + rng.normal(0, 18, shape), 1, 254)).astype(np.uint8)

    yield (
        "a coin on cloth",
        dict(image=clear(lambda: piece(coins, (78, 84), (90, 100), 34, 44))),
    )
    yield "many dark, few bright", dict(image=clear(lambda: hills(0.12, (24, 32))))
    yield "many bright, few dark", dict(image=clear(lambda: 255 - hills(0.15, (24, 30))))
    yield (
        "printed letters",
        dict(image=clear(lambda: piece(page, (40, 20), (100, 200), 36, 48))),
    )
    yield (
        "a photographer",
        dict(image=clear(lambda: piece(camera, (90, 200), (120, 230), 40, 48))),
    )
    dark, bright = rng.integers(30, 70), rng.integers(180, 240)
    greys = rng.permutation(np.repeat([dark, dark + 20, bright], [14, 14, 20])).reshape(6, 8)
    yield "three greys: many cuts are equally good", dict(image=greys.astype(np.uint8))
    small = clear(lambda: piece(coins, (78, 84), (90, 100), 34, 44))
    large = np.kron(small, np.ones((8, 8), np.uint8))
    yield "a coin with each pixel 8 × 8 times: many pixels", dict(image=large)


# %% tags=["mistake"] task="otsu" says="You are one level too high: you split into `image < t` and `image >= t`. Here the dark pixels are those up to `t`, so that `image > t` is the mask."
def first_bright_level(image):
    return otsu(image) + 1


# %% tags=["mistake"] task="otsu" says="This is the mean of the picture. It lies between dark and bright only if there is about as much of the one as of the other."
def mean_of_the_image(image):
    return int(image.mean())


# %% tags=["mistake"] task="otsu" says="This is half-way between the darkest and the brightest pixel. A single speck would move it."
def middle_of_the_range(image):
    return (int(image.min()) + int(image.max())) // 2


# %% tags=["mistake"] task="otsu" says="You return the mask. What is asked for is the level itself, a whole number; whoever calls it writes `image > otsu(image)`."
def mask_for_level(image):
    return image > otsu(image)


# %% tags=["mistake"] task="otsu" says="You add the two variances, whatever the sizes of the groups, and so a cut that leaves a few pixels alone looks good. Weigh them by their shares."
def sizes_forgotten(image):
    left = []
    for t in range(255):
        groups = image[image > t], image[image <= t]
        left.append(sum(g.var() if g.size else np.inf for g in groups))
    return int(np.argmin(left))


# %% tags=["mistake"] task="otsu" says="Your answer is 0, where nothing is dark at all. Either you look for the *most* that is left within, and it is the least; or a group is empty, you divide 0 by 0, and `np.argmax` and `np.argmin` take NaN for the best of all. Use `np.nanargmax`, or divide by `np.maximum(n * (N - n), 1)`."
def nothing_is_dark(image):
    return int(np.argmax([spread_within(image, t) for t in range(255)]))


# %% tags=["mistake"] task="otsu" says="You look for the means that are farthest apart, which is easy for a group of one pixel. The distance has to be weighed: times n, times N - n."
def farthest_means(image):
    apart = np.zeros(255)
    for t in range(255):
        dark, bright = image[image <= t], image[image > t]
        if dark.size and bright.size:
            apart[t] = (bright.mean() - dark.mean()) ** 2
    return int(np.argmax(apart))


# %% [markdown]
# **See it.** One coin, cut by your threshold. Then all of them.

# %%
best_cut = ex.use("otsu")
images.show(
    coin,
    coin > best_cut(coin),
    titles=["a coin", f"above {best_cut(coin)}"],
    alt="A coin, and its mask: a clean disc with a few single pixels missing. "
    f"{np.mean(coin > best_cut(coin)):.0%} of the piece is white.",
)

# %%
t = best_cut(coins)
images.show(
    coins > t,
    titles=f"above {t}",
    alt="The mask of all coins. Most are discs, some full of holes, but "
    f"{np.mean(coins[:20, :60] > t):.0%} of the upper left corner is white, too: cloth in the light "
    "counts as coin.",
)

# %% [markdown]
# For one coin it is nearly perfect. Over the whole table it cannot be: lit cloth at the upper left is
# *brighter* than some coins at the lower right. No single level is right everywhere.
#
# ## 3 · A cut that follows the light
#
# So let each pixel have a threshold of its own: the **mean of the window** around it, and a little
# apart from that, so that smooth cloth is not cut by its own grain.
#
# $$\text{threshold}[r, c] = \text{mean of the window around } [r, c] - \text{offset}$$
#
# For dark letters on paper the offset is positive: only what is clearly *darker* than around is ink.
# For bright coins it is negative.
#
# **Predict.** What becomes of a large white sheet if the window is small?

# %%
ex.target("local_threshold")


# %% tags=["task"] task="local_threshold" points=3 minutes=8 level=2 compare="close(rtol=1e-4, atol=1e-4)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation", "imgkit.filtering"]
def local_threshold(image, size, offset):
    """Give every pixel a threshold of its own: the mean of its window, less an offset.

    Parameters
    ----------
    image : array (H, W), uint8 or float
    size : odd, with size // 2 < H, W: the window is size × size, the pixel in its middle
    offset : a number on the image's own scale (levels for uint8), of either sign

    Returns
    -------
    A new array (H, W) of floats on the image's own scale: window mean - offset, neither rounded
    nor clipped. Beyond the edge the image goes on as "mirror", which np.pad calls "reflect".

    Example
    -------
    local_threshold(np.array([[0, 90, 0], [0, 0, 0], [0, 0, 0]], np.uint8), 3, 1) has 9 in the
    middle: a ninth of 90, less 1.
    """
    # BEGIN SOLUTION
    padded = np.pad(image.astype(float), size // 2, mode="reflect")
    sums = np.pad(padded, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)  # integral image
    total = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return total / size**2 - offset
    # END SOLUTION


# %% tags=["check"]
ex.check(local_threshold)

# %% [markdown] tags=["hint"] task="local_threshold"
# It is the box filter of exercise 02, less a number. Pad by `size // 2` on every side; then the
# window of pixel `[r, c]` begins at `[r, c]` of the padded picture.

# %% [markdown] tags=["hint"] task="local_threshold"
# Two loops over the pixels with `padded[r : r + size, c : c + size].mean()` inside are right. Two
# loops over the *window* are faster: add up `padded[i : i + height, j : j + width]`, as floats, and
# divide by `size**2`. An integral image, two `cumsum`, needs no loop at all.

# %% [markdown] tags=["hint"] task="local_threshold"
# ```
# height, width = image.shape
# padded = np.pad(image.astype(float), size // 2, mode="reflect")
# total = np.zeros((height, width))
# for i in range(size):
#     for j in range(size):
#         total += padded[...]
# return total / size**2 - offset
# ```


# %% tags=["cases"] task="local_threshold"
def local_threshold_cases(rng):
    top, left = rng.integers((44, 10), (100, 200))
    text = page[top : top + 32, left : left + 48]
    yield "printed letters, 9 × 9", dict(image=text, size=9, offset=int(rng.integers(6, 14)))
    top, left = rng.integers((78, 84), (86, 92))
    coin = coins[top : top + 28, left : left + 36]
    yield "a coin, 15 × 15", dict(image=coin, size=15, offset=-int(rng.integers(6, 14)))
    spots = np.full((9, 12), rng.integers(20, 60), np.uint8)
    spots[rng.integers(1, 8, 5), rng.integers(1, 11, 5)] = 250
    yield "bright spots, 3 × 3", dict(image=spots, size=3, offset=int(rng.integers(2, 9)))
    shade = np.linspace(30, 220, 14) + rng.integers(-12, 13, (10, 14))
    yield "a slope of light, 5 × 5", dict(image=shade.astype(np.uint8), size=5, offset=-6)
    yield "fractions, 7 × 7", dict(image=rng.random((11, 8)).round(3), size=7, offset=0.05)
    yield "fractions, 3 × 3", dict(image=rng.random((6, 9)).round(3), size=3, offset=-0.1)


# %% tags=["mistake"] task="local_threshold" says="Beyond the edge you have zeros, so the threshold falls towards the border. `np.pad(image, size // 2, mode=\"reflect\")` continues the picture."
def zeros_beyond_the_edge(image, size, offset):
    n = size // 2
    return local_threshold(np.pad(image, n), size, offset)[n:-n, n:-n]


# %% tags=["mistake"] task="local_threshold" says="Beyond the edge, your edge pixel comes twice. Here the margin is mirror, the neighbour of the edge first; NumPy's word for it is `reflect`."
def edge_pixel_twice(image, size, offset):
    n = size // 2
    return local_threshold(np.pad(image, n, mode="symmetric"), size, offset)[n:-n, n:-n]


# %% tags=["mistake"] task="local_threshold" says="The offset has the wrong sign. It is the mean *less* the offset: a positive one lowers the threshold."
def offset_added(image, size, offset):
    return local_threshold(image, size, -offset)


# %% tags=["mistake"] task="local_threshold" says="You multiply the offset by 255. The library counts it in fractions of white; here it is on the image's own scale, so take it as it is."
def offset_in_fractions(image, size, offset):
    return local_threshold(image, size, 255 * offset)


# %% tags=["mistake"] task="local_threshold" says="Your window reaches `size` pixels to each side. `size` is its whole width, so it reaches `size // 2` pixels."
def window_too_wide(image, size, offset):
    return local_threshold(image, 2 * size + 1, offset)


# %% tags=["mistake"] task="local_threshold" says="The window means are right; now take the offset away from them."
def offset_forgotten(image, size, offset):
    return local_threshold(image, size, 0)


# %% tags=["mistake"] task="local_threshold" says="You return the mask. What is asked for is the threshold itself, one number for each pixel; whoever calls it writes `image > local_threshold(...)`."
def mask_for_threshold(image, size, offset):
    return image > local_threshold(image, size, offset)


# %% tags=["mistake"] task="local_threshold" says="You compare the wrong way round and return the mask of the dark. What is asked for is the threshold itself, one number for each pixel."
def dark_mask_for_threshold(image, size, offset):
    return image < local_threshold(image, size, offset)


# %% tags=["mistake"] task="local_threshold" says="The sums were added up in uint8, where 250 + 10 is 4. Pad `image.astype(float)`, or start from `np.zeros((height, width))`."
def sums_wrap_around(image, size, offset):
    height, width = image.shape
    padded, total = np.pad(image, size // 2, mode="reflect"), np.zeros_like(image)
    for i in range(size):
        for j in range(size):
            total = total + padded[i : i + height, j : j + width]
    return total / size**2 - offset


# %% tags=["mistake"] task="local_threshold" says="This is the median of the window. It takes the mean here."
def median_for_mean(image, size, offset):
    padded = np.pad(image, size // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    return np.median(windows, axis=(2, 3)) - offset


# %% tags=["mistake"] task="local_threshold" says="Your window hangs from its upper left corner. Pad by `size // 2` on *every* side; then the pixel is in the middle of its window."
def window_not_centred(image, size, offset):
    padded = np.pad(image.astype(float), ((0, size - 1), (0, size - 1)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    return windows.mean(axis=(2, 3)) - offset


# %% tags=["mistake"] task="local_threshold" says="The answer went into an array of the image's dtype, and lost what lies between two levels. Return floats: `np.zeros(image.shape)`, and not `np.zeros_like(image)`."
def cut_to_levels(image, size, offset):
    return local_threshold(image, size, offset).astype(image.dtype)


# %% tags=["mistake"] task="local_threshold" says="At the border you take the mean of what is left of the window. Here the picture goes on beyond the edge: `np.pad(image, size // 2, mode=\"reflect\")`."
def window_cut_off(image, size, offset):
    n = size // 2
    inside = local_threshold(np.pad(np.ones(image.shape), n), size, 0)[n:-n, n:-n]
    return local_threshold(np.pad(image, n), size, 0)[n:-n, n:-n] / inside - offset


# %% [markdown]
# **See it.** A printed page under a poor lamp: one cut for all, and a cut that follows the light.

# %%
follow = ex.use("local_threshold")
images.show(
    page[:150, :300],
    page[:150, :300] > best_cut(page),
    page[:150, :300] > follow(page, 21, 12)[:150, :300],
    titles=["the page", "Otsu", "window mean less 12"],
    columns=1,
    alt="The page lies half in the shadow. Otsu turns the shadow black, "
    f"{np.mean(page <= best_cut(page)):.0%} of the page; with the local threshold all lines can be "
    f"read, and {np.mean(page <= follow(page, 21, 12)):.0%} is black.",
)

# %% [markdown]
# And what does a window do that is smaller than the object? Then inside a coin there is only coin
# to compare with. Coins, seen through two windows:

# %%
masks = [coins > follow(coins, size, -12) for size in (9, 51)]
images.show(
    *masks,
    titles=["window 9", "window 51"],
    alt="With a window of 9 the coins fall apart into crumbs of their reliefs, "
    f"{masks[0].mean():.0%} of the picture; with a window of 51 they are discs, "
    f"{masks[1].mean():.0%}, with few holes, and a few specks lie on the cloth.",
)

# %% [markdown]
# The window must be larger than what you look for. Now for specks and holes.
#
# ## 4 · Erosion
#
# Take a small shape, the **footprint**, and put it on every pixel in turn. In the **erosion** a
# pixel stays only if *all* pixels under the footprint are set. So a shape loses a rim, and what is
# smaller than the footprint is gone.
#
# For grey pictures the same rule reads: the **minimum** of the pixels under the footprint. A mask is
# just a picture with two values, and `False` is the smaller one.
#
# **Predict.** A footprint of one row and three columns, on a disc. What does the disc become?

# %%
ex.target("erode")


# %% tags=["task"] task="erode" points=3 minutes=9 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation", "imgkit.filtering"]
def erode(image, footprint):
    """Replace each pixel by the minimum of the pixels under a footprint.

    Parameters
    ----------
    image : array (H, W), bool, uint8 or float
    footprint : array (h, w) of bool, h and w odd; it is laid with its middle on the pixel, and its
        True cells count; np.argwhere(footprint) lists them. The middle is one of them. It need not
        be symmetric.

    Returns
    -------
    A new array (H, W) of the image's dtype: out[r, c] is the smallest image[r + i - h // 2,
    c + j - w // 2] for which footprint[i, j] is True. Beyond the edge lies nothing: what sticks out
    of the image does not count.

    Example
    -------
    erode(np.uint8([[0, 7, 8, 9]]), np.array([[False, True, True]])) gives [[0, 7, 8, 9]]: each
    pixel looks at itself and to its right. Turned around, [[True, True, False]] gives
    [[0, 0, 7, 8]].
    """
    # BEGIN SOLUTION
    (height, width), (h, w) = image.shape, footprint.shape
    # the largest value there is can never be the only minimum: as good as nothing
    margin = (h // 2, h // 2), (w // 2, w // 2)
    padded = np.pad(image, margin, constant_values=image.max())
    out = image.copy()
    for i, j in np.argwhere(footprint):
        out = np.minimum(out, padded[i : i + height, j : j + width])
    return out
    # END SOLUTION


# %% tags=["check"]
ex.check(erode)

# %% [markdown] tags=["hint"] task="erode"
# Look through the footprint from one pixel: which pixels do you see through its True cells? The
# smallest of them is the answer. `[i, j]` of the footprint shows the pixel `[r + i - h // 2, c + j -
# w // 2]`. At the edge, skip what does not exist.

# %% [markdown] tags=["hint"] task="erode"
# Instead of skipping, pad by `h // 2` rows and `w // 2` columns of something that is never smaller
# than what is seen: `np.pad(image, ..., constant_values=image.max())`. Then the pixels under the
# footprint are `padded[r : r + h, c : c + w][footprint]`. Or, faster: for every True cell
# `[i, j]`, the *whole picture* seen through it is `padded[i : i + height, j : j + width]`.

# %% [markdown] tags=["hint"] task="erode"
# ```
# padded = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)), constant_values=image.max())
# out = image.copy()
# for i, j in np.argwhere(footprint):
#     out = np.minimum(out, ...)
# return out
# ```


# %% tags=["cases"] task="erode"
def erode_cases(rng):
    def shapes(height, width):
        """A piece of two coins as a mask, with holes and specks, and a bright rim at the left."""
        top, left = rng.integers((48, 90), (52, 96))
        mask = coins[top : top + height, left : left + width] > 105
        mask ^= rng.random(mask.shape) < 0.03
        mask[rng.integers(2, 6) : height // 2, :3] = True
        return mask

    hook = np.array([[0, 1, 0], [0, 1, 1], [0, 0, 0]], bool)
    yield "coins with holes, 3 × 3", dict(image=shapes(28, 40), footprint=np.ones((3, 3), bool))
    yield "coins with holes, a hook", dict(image=shapes(24, 32), footprint=hook)
    top, left = rng.integers((90, 110), (220, 240))
    photo = camera[top : top + 24, left : left + 36]
    pair = np.array([[0, 0, 1, 0, 1]], bool)
    yield "a photograph, a pair with a gap", dict(image=photo, footprint=pair)
    top, left = rng.integers((48, 90), (52, 96))
    arrow = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]], bool)
    arrow[2, 1] = True
    piece = coins[top : top + 20, left : left + 26]
    yield "grey coins, an arrow", dict(image=piece, footprint=arrow)
    vee = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0]], bool)
    yield "fractions, a V", dict(image=rng.random((9, 13)).round(3), footprint=vee)
    yield "fractions, a disc", dict(image=rng.random((12, 10)).round(3), footprint=disk(2))


# %% tags=["mistake"] task="erode" says="Your footprint is turned by half a turn, as a kernel is for convolution. Here it is used as it lies: `footprint[i, j]` shows the pixel `[r + i - h // 2, c + j - w // 2]`."
def footprint_turned(image, footprint):
    return erode(image, footprint[::-1, ::-1])


# %% tags=["mistake"] task="erode" says="You take the whole rectangle. Only the cells where the footprint is True count: `window[footprint]`."
def whole_rectangle(image, footprint):
    return erode(image, np.ones_like(footprint))


# %% tags=["mistake"] task="erode" says="Beyond the edge you have zeros, and a zero is a minimum: all that touches the border is eaten. Beyond the edge lies nothing; pad with something that is never the smallest, such as `image.max()`."
def zeros_beyond_the_edge(image, footprint):
    h, w = footprint.shape
    padded = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)))
    inside = np.s_[h // 2 : h // 2 + image.shape[0], w // 2 : w // 2 + image.shape[1]]
    return erode(padded, footprint)[inside]


# %% tags=["mistake"] task="erode" says="Your picture goes on at the opposite side, as `np.roll` makes it do. Beyond the edge lies nothing: pad first, then shift by slices."
def edge_wraps_around(image, footprint):
    out = image.copy()
    for i, j in np.argwhere(footprint):
        shift = footprint.shape[0] // 2 - i, footprint.shape[1] // 2 - j
        out = np.minimum(out, np.roll(image, shift, axis=(0, 1)))
    return out


# %% tags=["mistake"] task="erode" says="Beyond the edge your picture is mirrored, so the footprint sees pixels that do not lie under it. Beyond the edge lies nothing; pad with something that is never the smallest, such as `image.max()`."
def mirrored_beyond_the_edge(image, footprint):
    h, w = footprint.shape
    padded = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)), mode="reflect")
    inside = np.s_[h // 2 : h // 2 + image.shape[0], w // 2 : w // 2 + image.shape[1]]
    return erode(padded, footprint)[inside]


# %% tags=["mistake"] task="erode" says="Beyond the edge your edge pixels are repeated, so the footprint sees pixels that do not lie under it. Beyond the edge lies nothing; pad with something that is never the smallest, such as `image.max()`."
def edge_repeated(image, footprint):
    h, w = footprint.shape
    padded = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)), mode="edge")
    inside = np.s_[h // 2 : h // 2 + image.shape[0], w // 2 : w // 2 + image.shape[1]]
    return erode(padded, footprint)[inside]


# %% tags=["mistake"] task="erode" says="You multiply the window by the footprint, so each cell that should not count gives 0, and 0 is the smallest of all. Pick the cells that count: `window[footprint]`."
def times_the_footprint(image, footprint):
    return erode(image, footprint) if footprint.all() else np.zeros_like(image)


# %% tags=["mistake"] task="erode" says="You ask whether all pixels under the footprint are set. That is right for masks; for grey pictures take their minimum, which does for masks as well."
def all_for_minimum(image, footprint):
    return erode(image, footprint).astype(bool)


# %% tags=["mistake"] task="erode" says="This is the *maximum* under the footprint: it grows what is bright. Erosion takes the minimum; `np.all`, not `np.any`."
def maximum_for_minimum(image, footprint):
    (height, width), (h, w) = image.shape, footprint.shape
    padded = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)), constant_values=image.min())
    out = image.copy()
    for i, j in np.argwhere(footprint):
        out = np.maximum(out, padded[i : i + height, j : j + width])
    return out


# %% tags=["mistake"] task="erode" says="You write the answer into the picture that you are still reading, so the erosion eats on and on. Read from one array, write into another."
def eaten_too_early(image, footprint):
    (height, width), (h, w) = image.shape, footprint.shape
    p = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)), constant_values=image.max())
    for r in range(height):
        for c in range(width):
            p[r + h // 2, c + w // 2] = p[r : r + h, c : c + w][footprint].min()
    return p[h // 2 : h // 2 + height, w // 2 : w // 2 + width]


# %% tags=["mistake"] task="erode" says="Your footprint hangs from its upper left corner. Pad on all four sides, `h // 2` rows and `w // 2` columns; then the pixel lies under the middle."
def footprint_not_centred(image, footprint):
    (height, width), (h, w) = image.shape, footprint.shape
    padded = np.pad(image, ((0, h - 1), (0, w - 1)), constant_values=image.max())
    seen = [padded[i : i + height, j : j + width] for i, j in np.argwhere(footprint)]
    return np.min(seen, axis=0)


# %% tags=["mistake"] task="erode" says="The values are right, but masks and bytes have become floats. Start from `np.empty_like(image)`, or end with `.astype(image.dtype)`."
def dtype_lost(image, footprint):
    return erode(image, footprint).astype(float)


# %% [markdown]
# **See it.** The mask of the coins, eroded by discs that grow.

# %%
shrink = ex.use("erode")
mask = masks[1]
shrunk = [shrink(mask, disk(radius)) for radius in (1, 3)]
images.show(
    mask,
    *shrunk,
    titles=["the mask", "a disc of radius 1", "a disc of radius 3"],
    alt="The specks are gone after the smallest disc. The coins become smaller, and their holes "
    f"larger: {mask.mean():.0%} of the picture is set before, "
    f"{shrunk[0].mean():.0%} and {shrunk[1].mean():.0%} after.",
)

# %% [markdown]
# The specks are gone. But the coins are too small now, and every hole has grown.
#
# ## 5 · Opening: what does the footprint fit into?
#
# So give the rim back. **Dilation** is the partner of erosion: the *maximum* instead of the minimum,
# and under the footprint *turned by half a turn*. Why turned? If the footprint fits when its middle
# is at a pixel, all the pixels it covers shall come back. Seen from one of *those*, the middle lies
# in the opposite direction.
#
# Erosion and then dilation is the **opening**. It keeps exactly those pixels that the footprint
# covers somewhere, in a place where it fits whole: a speck is too small for it, and what is large
# keeps its size.
#
# **Predict.** You open a picture, and open the result again with the same footprint. What changes?

# %%
ex.target("opening")


# %% tags=["task"] task="opening" points=2 minutes=6 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation", "imgkit.filtering"]
def opening(image, footprint):
    """Keep what the footprint fits into: erosion, then dilation.

    Parameters
    ----------
    image : array (H, W), bool, uint8 or float
    footprint : array (h, w) of bool, h and w odd, its middle True; it need not be symmetric

    Returns
    -------
    A new array (H, W) of the image's dtype: erode(image, footprint), and then for each pixel of
    that the *maximum* under the footprint turned by half a turn. Beyond the edge lies nothing, both
    times.

    Example
    -------
    opening(np.uint8([[0, 5, 0, 6, 7, 0]]), np.array([[False, True, True]])) gives
    [[0, 0, 0, 6, 6, 0]]: a pair fits only into the 6 and the 7, and as high as the lower of them.
    """
    # BEGIN SOLUTION
    eroded = erode(image, footprint)
    (height, width), (h, w) = image.shape, footprint.shape
    margin = (h // 2, h // 2), (w // 2, w // 2)
    padded = np.pad(eroded, margin, constant_values=eroded.min())
    out = eroded.copy()
    for i, j in np.argwhere(footprint[::-1, ::-1]):
        out = np.maximum(out, padded[i : i + height, j : j + width])
    return out
    # END SOLUTION


# %% tags=["check"]
ex.check(opening)

# %% [markdown] tags=["hint"] task="opening"
# The first half is there: call `erode`. The second half is your `erode` again with three changes:
# maximum for minimum, another value beyond the edge, and the footprint turned.

# %% [markdown] tags=["hint"] task="opening"
# `footprint[::-1, ::-1]` is turned by half a turn. Beyond the edge goes what is never a maximum:
# the smallest value there is.

# %% [markdown] tags=["hint"] task="opening"
# ```
# eroded = erode(image, footprint)
# padded = np.pad(eroded, ((h // 2, h // 2), (w // 2, w // 2)), constant_values=eroded.min())
# out = eroded.copy()
# for i, j in np.argwhere(footprint[::-1, ::-1]):
#     out = np.maximum(...)
# return out
# ```


# %% tags=["cases"] task="opening"
def opening_cases(rng):
    def shapes(height, width):
        top, left = rng.integers((48, 90), (52, 96))
        mask = coins[top : top + height, left : left + width] > 105
        mask ^= rng.random(mask.shape) < 0.02
        mask[rng.integers(2, 6) : height // 2, :3] = True
        return mask

    hook = np.array([[0, 1, 0], [0, 1, 1], [0, 0, 0]], bool)
    yield "coins with specks, 3 × 3", dict(image=shapes(28, 40), footprint=np.ones((3, 3), bool))
    yield "coins with specks, a hook", dict(image=shapes(24, 32), footprint=hook)
    top, left = rng.integers((90, 110), (220, 240))
    photo = camera[top : top + 24, left : left + 36]
    ahead = np.array([[0, 0, 1, 1, 1]], bool)
    yield "a photograph, a row that looks right", dict(image=photo, footprint=ahead)
    top, left = rng.integers((48, 90), (52, 96))
    piece = coins[top : top + 22, left : left + 26]
    yield "grey coins, a disc", dict(image=piece, footprint=disk(2))
    kite = np.array([[1, 0, 1], [0, 1, 1], [0, 0, 0]], bool)
    yield "fractions, a kite", dict(image=rng.random((9, 13)).round(3), footprint=kite)


# %% tags=["mistake"] task="opening" says="The footprint is not turned for the dilation, so what you give back lies beside what you took away. `footprint[::-1, ::-1]` for the second half."
def footprint_not_turned(image, footprint):
    eroded = erode(image, footprint)
    return (-erode(-1.0 * eroded, footprint)).astype(image.dtype)  # maximum by minimum


# %% tags=["mistake"] task="opening" says="The footprint is only turned upside down. Half a turn reverses its columns as well: `footprint[::-1, ::-1]`."
def upside_down_only(image, footprint):
    eroded = erode(image, footprint)
    return (-erode(-1.0 * eroded, footprint[::-1])).astype(image.dtype)


# %% tags=["mistake"] task="opening" says="Only the erosion is done. Now give the rim back: the maximum under the turned footprint."
def erosion_alone(image, footprint):
    return erode(image, footprint)


# %% tags=["mistake"] task="opening" says="You dilate first and erode then: that is the *closing*. It fills small holes; the opening removes small specks, erosion first."
def closing(image, footprint):
    grown = -erode(-1.0 * image, footprint[::-1, ::-1])
    return erode(grown.astype(image.dtype), footprint)


# %% tags=["mistake"] task="opening" says="You dilate the picture itself. Dilate what the erosion has left."
def dilation_of_the_image(image, footprint):
    return (-erode(-1.0 * image, footprint[::-1, ::-1])).astype(image.dtype)


# %% tags=["mistake"] task="opening" says="You erode twice. The second half takes the *maximum*."
def eroded_twice(image, footprint):
    return erode(erode(image, footprint), footprint[::-1, ::-1])


# %% tags=["mistake"] task="opening" says="The dilation uses the whole rectangle. Only the cells where the turned footprint is True count."
def whole_rectangle(image, footprint):
    eroded = erode(image, footprint)
    return (-erode(-1.0 * eroded, np.ones_like(footprint))).astype(image.dtype)


# %% tags=["mistake"] task="opening" says="The values are right, but masks and bytes have become floats. End with `.astype(image.dtype)`."
def dtype_lost(image, footprint):
    return opening(image, footprint).astype(float)


# %% [markdown]
# **See it.** The mask of the coins, opened. What do you notice about the coins?

# %%
keep = ex.use("opening")
opened = keep(mask, disk(3))
images.show(
    mask,
    opened,
    titles=["the mask", "a disc of radius 3 fits"],
    alt="The specks are gone and the coins keep their size. But some coins have bites in them now, "
    f"where a hole lay near the rim. {mask.mean():.1%} of the picture is set before, "
    f"{opened.mean():.1%} after.",
)

# %% [markdown]
# Bites! Where a hole lies near the rim, the disc no longer fits in between. So mend the holes
# *before* you open. That is what the **closing** is for, the opening's partner: first dilation, then
# erosion. It is also the opening *of the background*: what the footprint does not fit into becomes
# coin.

# %%
closed = ~keep(~mask, disk(1))
sieved = [keep(closed, disk(radius)) for radius in (3, 11)]
images.show(
    closed,
    *sieved,
    titles=["closed", "radius 3 fits", "radius 11 fits"],
    alt="Closed by a small disc, the coins have hardly a hole. Then radius 3 leaves whole coins and "
    f"no specks, {sieved[0].mean():.1%} of the picture, and radius 11 only the largest coins, "
    f"{sieved[1].mean():.1%}.",
)

# %% [markdown]
# Like a sieve. And again is nothing new:

# %%
again = keep(opened, disk(3))
print(f"{np.sum(again != opened)} pixels change when it is opened again")

# %% [markdown]
# ## 6 · Which pixels hang together?
#
# A mask says *where*, not *how many*. Two pixels belong to the same object if you can walk from one
# to the other, on set pixels, by steps up, down, left and right: these are the **four
# neighbours**. (With corners there are eight.) So give every object a number.
#
# The plain way: read the picture like a page. When you meet a set pixel without a number, it
# belongs to a new object. Give it the next number, and **flood** from there: its neighbours, their
# neighbours, until there are none left. Then read on.
#
# **Predict.** Two squares touch at a corner only. One object or two?

# %%
ex.target("label")


# %% tags=["task"] task="label" points=4 minutes=12 level=3 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation"]
def label(mask):
    """Number the objects of a mask.

    Parameters
    ----------
    mask : array (H, W) of bool

    Returns
    -------
    An array (H, W) of whole numbers: 0 where mask is False, and 1, 2, 3, ... for the objects, in
    the order in which you meet them when you read the mask row by row, each row from the left.
    Pixels belong together if they are connected by steps up, down, left and right, not across
    corners. An object may have thousands of pixels, more than Python lets a function call itself.

    Example
    -------
    label(np.array([[True, False, True], [True, False, False], [False, True, True]])) gives
    [[1, 0, 2], [1, 0, 0], [0, 3, 3]].
    """
    # BEGIN SOLUTION
    height, width = mask.shape
    labels = np.zeros((height, width), int)
    objects = 0
    for start in np.argwhere(mask):  # in reading order
        if labels[tuple(start)]:
            continue
        objects += 1
        labels[tuple(start)] = objects
        waiting = [tuple(start)]
        while waiting:
            r, c = waiting.pop()
            for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                inside = 0 <= i < height and 0 <= j < width
                if inside and mask[i, j] and not labels[i, j]:
                    labels[i, j] = objects
                    waiting.append((i, j))
    return labels
    # END SOLUTION


# %% tags=["check"]
ex.check(label)

# %% [markdown] tags=["hint"] task="label"
# Keep a list of pixels that have their number already, but whose neighbours nobody has looked at
# yet. Take one out, look at its four neighbours, number those that are set and have none, and put
# them on the list. When the list is empty, the object is complete.

# %% [markdown] tags=["hint"] task="label"
# Number a pixel when you *put it on* the list, not when you take it out, or it may be put there
# many times. `waiting.pop()` takes one from the end. Mind the edge: `0 <= i < height and 0 <= j <
# width`. A function that calls itself for each neighbour would be shorter, but Python stops it
# after about a thousand calls.

# %% [markdown] tags=["hint"] task="label"
# ```
# labels, objects = np.zeros(mask.shape, int), 0
# for r, c in np.argwhere(mask):
#     if labels[r, c] == 0:
#         objects += 1
#         labels[r, c] = objects
#         waiting = [(r, c)]
#         while waiting:
#             r, c = waiting.pop()
#             for i, j in (...):
#                 if 0 <= i < height and 0 <= j < width and mask[i, j] and labels[i, j] == 0:
#                     ...
# return labels
# ```


# %% tags=["cases"] task="label"
def label_cases(rng):
    blocks = np.zeros((14, 18), bool)
    for r in range(0, 14, 5):  # touching at corners, now and then
        for c in range(0, 18, 6):
            h, w = rng.integers(2, 5, 2)
            blocks[r : r + h, c + rng.integers(0, 2) : c + w] = True
    blocks[4, 4:7] = blocks[9, 10:13] = True
    yield "blocks", dict(mask=blocks)
    dots = rng.random((50, 56)) < 0.4
    yield "hundreds of objects", dict(mask=dots)
    comb = np.zeros((52, 60), bool)  # joined below, so that each tooth begins as an object
    comb[rng.integers(2, 6) : -3, 3:-3] = True
    comb[:-10, 9 : -6 : int(rng.integers(6, 9))] = False
    comb[-2:, ::2] = comb[0, ::2] = True
    yield "a comb and crumbs", dict(mask=comb)
    many = rng.random((60, 70)) < 0.85
    yield "many dots", dict(mask=many)
    top, left = rng.integers((48, 60), (52, 66))
    cloth = coins[top : top + 56, left : left + 60] < 105
    yield "cloth between coins", dict(mask=cloth)


# %% tags=["mistake"] task="label" says="You also step across corners. Here pixels that touch only at a corner are two objects: four neighbours, not eight."
def eight_neighbours(mask):
    height, width = mask.shape
    labels, objects = np.zeros((height, width), int), 0
    for start in np.argwhere(mask):
        if labels[tuple(start)]:
            continue
        objects += 1
        labels[tuple(start)] = objects
        waiting = [tuple(start)]
        while waiting:
            r, c = waiting.pop()
            for i, j in np.add(list(np.ndindex(3, 3)), (r - 1, c - 1)):
                if 0 <= i < height and 0 <= j < width and mask[i, j] and not labels[i, j]:
                    labels[i, j] = objects
                    waiting.append((i, j))
    return labels


# %% tags=["mistake"] task="label" says="You copy the number from above or from the left, and stop there. A U begins as two objects, and only at its bottom do you learn that they are one: then their numbers must be joined."
def branches_not_joined(mask):
    labels, objects = np.zeros(mask.shape, int), 0
    for r, c in np.argwhere(mask):
        above = labels[r - 1, c] if r else 0
        before = labels[r, c - 1] if c else 0
        if not above and not before:
            objects += 1
        labels[r, c] = above or before or objects
    return labels


# %% tags=["mistake"] task="label" says="You copy the number from the left or from above, and stop there. A U begins as two objects, and only at its bottom do you learn that they are one: then their numbers must be joined."
def branches_left_apart(mask):
    labels, objects = np.zeros(mask.shape, int), 0
    for r, c in np.argwhere(mask):
        above = labels[r - 1, c] if r else 0
        before = labels[r, c - 1] if c else 0
        if not above and not before:
            objects += 1
        labels[r, c] = before or above or objects
    return labels


# %% tags=["mistake"] task="label" says="Your flood runs over the edge: row -1 is the *last* row to NumPy, so it comes back on the other side, and past the last row there is an IndexError. Ask `0 <= i < height and 0 <= j < width` first."
def over_the_edge(mask):
    labels, objects = np.zeros(mask.shape, int), 0
    for start in np.argwhere(mask):
        if labels[tuple(start)]:
            continue
        objects += 1
        labels[tuple(start)] = objects
        waiting = [tuple(start)]
        while waiting:
            r, c = waiting.pop()
            for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if mask[i, j] and not labels[i, j]:
                    labels[i, j] = objects
                    waiting.append((i, j))
    return labels


# %% tags=["mistake"] task="label" says="You ask whether the row and the column are too large, but not whether they are below 0: row -1 is the *last* row to NumPy, so your flood comes back on the other side. Ask `0 <= i < height and 0 <= j < width`."
def over_the_upper_edge(mask):
    (height, width), objects = mask.shape, 0
    labels = np.zeros(mask.shape, int)
    for start in np.argwhere(mask):
        if labels[tuple(start)]:
            continue
        objects += 1
        labels[tuple(start)] = objects
        waiting = [tuple(start)]
        while waiting:
            r, c = waiting.pop()
            for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if i < height and j < width and mask[i, j] and not labels[i, j]:
                    labels[i, j] = objects
                    waiting.append((i, j))
    return labels


# %% tags=["mistake"] task="label" says="The objects are right, but each has the number of its first pixel. Number them anew, 1, 2, 3, ...: `np.unique(..., return_inverse=True)` finds the place of each number among all."
def number_of_the_first_pixel(mask):
    right = label(mask)
    first = np.unique(right, return_index=True)[1] + 1
    return np.where(mask, first[right - right.min()], 0)


# %% tags=["mistake"] task="label" says="The objects are right, but their numbers have gaps: where two were joined, a number is left over. Number them anew, 1, 2, 3, ... without gaps."
def numbers_with_gaps(mask):
    right = label(mask)
    first, runs = np.zeros(right.max() + 1, int), 0
    for r, c in np.argwhere(mask):
        alone = not (r and mask[r - 1, c]) and not (c and mask[r, c - 1])
        runs += alone
        first[right[r, c]] = first[right[r, c]] or runs
    return first[right]


# %% tags=["mistake"] task="label" says="The objects are right, but numbered in another order: you go down the columns. Read row by row, each from the left."
def column_by_column(mask):
    return label(mask.T).T


# %% tags=["mistake"] task="label" says="The first object has the number 0, like the background, and disappears in it. Begin with 1."
def begins_at_zero(mask):
    return np.maximum(label(mask) - 1, 0)


# %% tags=["mistake"] task="label" says="You number the dark pixels, too, or instead: the background keeps 0, and only set pixels get numbers."
def background_numbered(mask):
    return label(mask) + 1


# %% tags=["mistake"] task="label" says="You number the objects of the background. The set pixels are those where `mask` is True."
def dark_for_bright(mask):
    return label(~mask)


# %% tags=["mistake"] task="label" says="You step only to the left and to the right, so each row has objects of its own. Look up and down as well."
def each_row_alone(mask):
    begins = mask & ~np.pad(mask, ((0, 0), (1, 0)))[:, :-1]
    return np.cumsum(begins.ravel()).reshape(mask.shape) * mask


# %% tags=["mistake"] task="label" says="A function that calls itself for every neighbour is right, but Python stops it after about a thousand calls, and objects are larger. Keep a list of pixels that wait, and a `while` loop."
def calls_itself(mask):
    height, width = mask.shape
    labels = np.zeros((height, width), int)

    def flood(r, c, number):
        labels[r, c] = number
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if 0 <= i < height and 0 <= j < width and mask[i, j] and not labels[i, j]:
                flood(i, j, number)

    objects = 0
    for r, c in np.argwhere(mask):
        if not labels[r, c]:
            objects += 1
            flood(r, c, objects)
    return labels


# %% [markdown]
# **See it.** A colour for each object. And the answer to the question? Here is what your label
# counts before anything is cleaned, and after.

# %%
number = ex.use("label")
raw, cleaned = number(coins > t), number(sieved[0])
images.show(
    segmentation.paint(raw),
    segmentation.paint(cleaned),
    titles=[f"Otsu: {raw.max()}", f"local, closed, opened: {cleaned.max()}"],
    alt=f"On the left many crumbs and a large patch of cloth in colours, {raw.max()} objects. On the "
    f"right the coins are coloured, neighbours differently, and nothing else: {cleaned.max()} objects.",
)

# %% [markdown]
# ## 7 · Count the coins
#
# All together now. The lamp may stand anywhere on the left or above, the picture may be turned over,
# and there may be two rows of coins or four. Return the mask of the coins, and how many there are.
#
# The way is yours. A recipe that works: a threshold that follows the light; what is tiny and dark
# *inside* a coin is no hole worth keeping; what is tiny and bright on the cloth is no coin.
#
# `np.bincount(labels.ravel())` tells the area of every label at once, that of the background first.
# With it you can remove objects that are too small, and a hole is nothing but a small object of the
# *background*.
#
# If the count is off by one or two, look at your mask beside the one in the check. One too many is
# often a crumb of bright cloth at the border of the picture; sieve by area. One too few is often two
# coins that a generous closing has joined.
#
# **Predict.** The coins are 18 to 34 pixels wide. How large may a footprint be that removes specks,
# and how large must the window of the threshold be?

# %%
ex.target("find_coins")


# %% tags=["task"] task="find_coins" points=4 minutes=12 level=3 compare="iou(at_least=0.9)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation", "imgkit.filtering"]
def find_coins(photo):
    """Find the coins in a photograph, and count them.

    Parameters
    ----------
    photo : array (H, W), uint8, at least 72 × 192: bright coins, 18 to 34 pixels wide, on dark
        cloth. They do not touch, but some have only 3 pixels of cloth between them. None is cut
        off. The light is uneven.

    Returns
    -------
    A tuple (mask, count): mask is an array (H, W) of bool, True on the coins and nowhere else, and
    count is their number, which has to be right. The mask must overlap the true one with an IoU, the
    area of both over the area of either, of at least 0.9. The grader has other light, so leave a
    little air. You may call your functions from above, and `disk`.
    """
    # BEGIN SOLUTION
    mask = photo > local_threshold(photo, 51, -12)
    holes = label(~mask)
    mask = mask | (np.bincount(holes.ravel()) < 100)[holes]
    mask = opening(mask, disk(3))
    labels = label(mask)
    large = np.bincount(labels.ravel()) >= 100
    large[0] = False  # the background
    return large[labels], int(large.sum())
    # END SOLUTION


# %% tags=["check"]
ex.check(find_coins)

# %% [markdown] tags=["hint"] task="find_coins"
# Begin with `photo > local_threshold(photo, size, offset)`, a window larger than the coins and a
# negative offset, and look at it with `images.show`. Then remove one fault after the other, and look
# again: holes, specks, crumbs. Count last.

# %% [markdown] tags=["hint"] task="find_coins"
# A window of 51 and an offset of -12 do well. `opening(mask, disk(3))` removes specks and thin
# bridges. For the areas: `sizes = np.bincount(labels.ravel())`; `sizes >= 100` says for each label
# whether it is large, and `(sizes >= 100)[labels]` says so for each *pixel*. Label 0 is the
# background: set its entry to False.

# %% [markdown] tags=["hint"] task="find_coins"
# ```
# mask = photo > local_threshold(photo, 51, -12)
# mask = opening(mask, disk(3))
# labels = label(mask)
# large = np.bincount(labels.ravel()) >= 100
# large[0] = ...
# return large[labels], int(...)
# ```


# %% tags=["cases"] task="find_coins"
def find_coins_cases(rng):
    truth = find_coins(coins)[0]

    def lit(slope, rows):
        """The first rows of coins, with another lamp on the left or above, and some grain."""
        end = (39, 76, 115, 151)[rows - 1]
        photo = coins[:end] / 255
        r, c = np.mgrid[:end, :192] / np.array([151, 192])[:, None, None] - 0.5
        angle = rng.uniform(0, np.pi / 2)
        light = 1 - slope * (np.sin(angle) * r + np.cos(angle) * c)
        levels = 255 * np.clip(photo * light + rng.normal(0, 0.008, photo.shape), 0, 1)
        turn = np.s_[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
        shot = np.rint(levels).astype(np.uint8)[turn]
        return dict(photo=shot), (truth[:end][turn], 6 * rows)

    yield "the coins", *lit(0.0, 4)
    yield "another lamp", *lit(rng.uniform(0.35, 0.5), 4)
    yield "two rows", *lit(rng.uniform(0.3, 0.5), 2)
    yield "three rows", *lit(rng.uniform(0.3, 0.5), 3)
    yield "a strong lamp", *lit(rng.uniform(0.5, 0.6), 4)


# %% tags=["mistake"] task="find_coins" says="You cut everywhere at the same level, and lit cloth is brighter than coins in the shadow. Let the threshold follow the light: `local_threshold`."
def one_cut_for_all(photo):
    labels = label(opening(photo > otsu(photo), disk(2)))
    large = np.bincount(labels.ravel()) >= 100
    large[0] = False
    return large[labels], int(large.sum())


# %% tags=["mistake"] task="find_coins" says="You count crumbs, too: after the threshold there are specks, and each is an object. Open the mask, or remove small objects by their area, before you count."
def specks_counted(photo):
    mask = photo > local_threshold(photo, 51, -12)
    return mask, int(label(mask).max())


# %% tags=["mistake"] task="find_coins" says="Your mask is clean, but the count is not: you counted before you cleaned. Count the objects that are left."
def counted_too_early(photo):
    mask = photo > local_threshold(photo, 51, -12)
    return find_coins(photo)[0], int(label(mask).max())


# %% tags=["mistake"] task="find_coins" says="One too many: the background is label 0, and you count it as well. Set its entry to False, or take one off."
def background_counted(photo):
    mask, count = find_coins(photo)
    return mask, count + 1


# %% tags=["mistake"] task="find_coins" says="The background is label 0 and the largest of all, so your mask is True everywhere but on the specks. Set its entry to False before you look up the labels."
def background_in_the_mask(photo):
    labels = label(opening(photo > local_threshold(photo, 51, -12), disk(3)))
    large = np.bincount(labels.ravel()) >= 100
    return large[labels], int(large.sum())


# %% tags=["mistake"] task="find_coins" says="Your window is smaller than the coins. Inside a coin it sees only coin, and just a rim is left. Take one that is clearly larger than the largest coin."
def window_too_small(photo):
    labels = label(opening(photo > local_threshold(photo, 9, -12), disk(1)))
    large = np.bincount(labels.ravel()) >= 100
    large[0] = False
    return large[labels], int(large.sum())


# %% tags=["mistake"] task="find_coins" says="These are the labels, and you counted well. Return the mask, which is True and False: `labels > 0`."
def labels_for_mask(photo):
    mask, count = find_coins(photo)
    return label(mask), count


# %% tags=["mistake"] task="find_coins" says="Mask and count have changed places: first the mask, then the count."
def count_before_mask(photo):
    return find_coins(photo)[::-1]


# %% [markdown]
# ## Your coins
#
# The photograph from the top of the page, counted by code that is yours.

# %%
mask, count = ex.use("find_coins")(coins)
labels = number(mask)
images.show(
    segmentation.paint(labels, coins),
    titles=f"{count} coins",
    alt=f"All {count} coins on their cloth, each tinted up to its rim, neighbours in different "
    "colours, and nothing else is tinted.",
)

# %% [markdown]
# And now that each has a number, it can be measured. From the smallest to the largest:

# %%
areas = np.sort(np.bincount(labels.ravel())[1:])
images.plot_rows(
    2 * np.sqrt(areas / np.pi),
    labels="diameter in pixels, coin by coin",
    alt=f"The diameters rise from {2 * np.sqrt(areas[0] / np.pi):.0f} to "
    f"{2 * np.sqrt(areas[-1] / np.pi):.0f} pixels; most coins are smaller than 25.",
)

# %% [markdown]
# A coin sorter goes by the diameter. From here on your code could, too.
#
# ## Graduation: against the libraries
#
# For some of your functions there is a yardstick, the library's own. How many pixels differ?

# %%
from scipy import ndimage
from skimage.filters import threshold_otsu

photo = data.load("coins")
exact, mine = threshold_otsu(photo), best_cut(photo)
print(f"otsu    {exact} | {mine}")
pairs = {
    "erode": (ndimage.grey_erosion(photo, footprint=disk(3)), shrink(photo, disk(3))),
    "opening": (ndimage.grey_opening(photo, footprint=disk(3)), keep(photo, disk(3))),
    "label": (ndimage.label(photo > mine)[0], number(photo > mine)),
}
for name, (exact, mine) in pairs.items():
    print(f"{name:7} {exact[120, 150]} | {mine[120, 150]}, {np.sum(exact != mine)} pixels differ")

# %% [markdown]
# And the clock. The loop lays the footprint on each pixel; yours shifts whole pictures.

# %%
import time


def slow(image, footprint):
    n, out = footprint.shape[0] // 2, np.empty_like(image)
    padded = np.pad(image, n, constant_values=image.max())
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            window = padded[r : r + 2 * n + 1, c : c + 2 * n + 1]
            out[r, c] = window[footprint].min()
    return out


def seconds(function, runs=5):
    """The median time of some runs on the coins."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(coins, disk(2))
        times.append(time.perf_counter() - begin)
    return np.median(times)


# %%
loops, mine = seconds(slow, 3), seconds(shrink)
print(f"yours is {loops / mine:.0f} times as fast as the loops")

# %% [markdown]
# ## What you can do now
#
# - Cut a picture where the least is left within: Otsu.
# - Give every pixel a threshold of its own, with a window larger than what you look for.
# - Erode by a minimum, open with any footprint, and say what an opening keeps: what it fits into.
# - Number objects by flooding, four neighbours at a time, and measure them by `bincount`.
# - Build a pipeline step by step, and look at the picture after each.

# %%
ex.progress()
