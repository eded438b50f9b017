# ---
# jupyter:
#   imgkit:
#     title: Colour, histograms, point operations
#     minutes: 55
#     needs: [00_arrays]
# ---

# %% [markdown]
# # Colour, histograms, point operations
#
# **About 55 minutes, seven tasks.** Before: exercise 00, and best the lesson of the same name.
#
# By the end you can
#
# - bend the brightness of a picture by gamma,
# - count a histogram, and read it,
# - stretch contrast between two percentiles, so that one hot pixel cannot spoil it,
# - equalise a picture, because you know what its cumulative histogram means,
# - say what colour a pixel has, apart from how bright it is,
# - and do all this *locally*, with an equaliser that OpenCV would know for its own.
#
# Each step shows what is wanted, leaves a blank, and ends in a check that tells you how it went.
# Loops are fine everywhere: first right, then fast. Where there is a way without, the check says
# *could be better*; that is a tip, and all the points are yours. Stuck? `ex.hint("gamma")` gives a
# hint, and the next one when you ask again. Hints cost nothing.

# %% tags=["setup"]
import numpy as np

from imgkit import data

moon = data.load("moon")  # (512, 512) uint8
camera = data.load("camera")  # (512, 512) uint8
coffee = data.load("coffee")  # (400, 600, 3) uint8
rocket = data.load("rocket")  # (427, 640, 3) uint8

# %%
from imgkit import color, course, images

ex = course.exercise("01_colour")
ex

# %%
plain = moon[64:448:2, 64:448:2]
half = np.sort(plain, axis=None)[plain.size // 4 : -plain.size // 4]
images.show(
    plain,
    titles=["Where are the craters?"],
    alt="The Moon from above, an almost even grey. Half of all pixels lie between the levels "
    f"{half[0]} and {half[-1]} of 255, so hardly a crater can be made out.",
)

# %% [markdown]
# The Moon is covered with craters, and they are all in this picture. You only cannot see most of
# them. Seven functions from here, you will.
#
# ## 1 · Bend it: gamma
#
# A **point operation** looks at one pixel at a time: level in, level out, wherever the pixel
# stands. It is a curve. The most used one is a power:
#
# $$\text{out} = \text{in}^{\,\gamma} \qquad \text{with both as fractions of white, } 0 \ldots 1$$
#
# Black stays black, white stays white, and all between is bent.
#
# **Predict.** A quarter of white, and an exponent of 0.5. Does it get brighter or darker, and what
# does it become?

# %%
ex.target("gamma")


# %% tags=["task"] task="gamma" points=2 minutes=5 level=1 compare="equal()" forbid=["cv2", "skimage", "PIL", "torch", "imgkit.contrast"]
def gamma(image, exponent):
    """Bend the brightness of an image by a power.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), uint8; it stays as it is
    exponent : number > 0; below 1 brightens, above 1 darkens

    Returns
    -------
    Array of the same shape, uint8: each value as a fraction of 255, to the power of the exponent,
    times 255 again, rounded to the nearest whole number.

    Example
    -------
    np.array([[0, 64, 255]], np.uint8) with exponent 0.5 gives [[0, 128, 255]].
    """
    # BEGIN SOLUTION
    return np.round(255 * (image / 255) ** exponent).astype(np.uint8)
    # END SOLUTION


# %% tags=["check"]
ex.check(gamma)

# %% [markdown] tags=["hint"] task="gamma"
# The power is taken of a *fraction of white*. So there are three steps: go from 0..255 to 0..1,
# take the power, and go back.

# %% [markdown] tags=["hint"] task="gamma"
# `image / 255` gives floats, and the operator for a power is `**`. On the way back, `.astype`
# cuts off what stands behind the point; round first.

# %% [markdown] tags=["hint"] task="gamma"
# ```
# fractions = image / 255
# bent = fractions ** ...
# return np.round(255 * bent).astype(np.uint8)
# ```


# %% tags=["cases"] task="gamma"
def gamma_cases(rng):
    def small(photo, step):
        top, left, bottom, right = rng.integers(0, 4 * step, 4)
        piece = photo[top : -1 - bottom : step, left : -1 - right : step]
        return np.minimum(piece, 240)  # nothing in it is white

    # exponents at which no level falls halfway between two
    up = [float(e) for e in rng.permutation([0.4, 0.45, 0.6, 0.65, 0.7])]
    down = [float(e) for e in rng.permutation([1.35, 1.45, 1.55, 2.2, 2.5])]
    yield "the rocket at dusk, brighter", dict(image=small(rocket, 20), exponent=up[0])
    yield "the Moon, darker", dict(image=small(moon, 15), exponent=down[0])
    yield "coffee, darker", dict(image=small(coffee, 23), exponent=down[1])
    yield "camera, brighter", dict(image=small(camera, 16), exponent=up[1])
    every = np.arange(256, dtype=np.uint8).reshape(16, 16)
    yield "every level once, brighter", dict(image=every, exponent=up[2])
    yield "coffee, brighter", dict(image=small(coffee, 25), exponent=up[3])


# %% tags=["mistake"] task="gamma" says="Your exponent is upside down: you take the power of `1 / exponent`. Here the exponent is used as it is, so below 1 brightens."
def exponent_upside_down(image, exponent):
    return gamma(image, 1 / exponent)


# %% tags=["mistake"] task="gamma" says="You cut off instead of rounding: 127.7 becomes 127, though 128 is nearer. Use `np.round` before `.astype(np.uint8)`."
def cuts_off(image, exponent):
    return (255 * (image / 255) ** exponent).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="You take the power of 0..255. A power only leaves white where it is if white is 1: divide by 255 first, multiply afterwards."
def power_of_levels(image, exponent):
    return np.round(np.clip(image.astype(float) ** exponent, 0, 255)).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="You take the power of 0..255, and cut off the fraction too. A power only leaves white where it is if white is 1: divide by 255 first, multiply and round afterwards."
def power_of_levels_cut_off(image, exponent):
    return np.clip(image.astype(float) ** exponent, 0, 255).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="You take the power of 0..255, and what does not fit into `uint8` wraps around. A power only leaves white where it is if white is 1: divide by 255 first, multiply afterwards."
def power_of_levels_wraps(image, exponent):
    return (image.astype(float) ** exponent).astype(int).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="`image **= exponent` and `image /= 255` write into the image itself, and a `uint8` array cannot hold fractions. Make a new array: `fractions = image / 255`."
def into_the_image(image, exponent):
    image **= exponent
    return image


# %% tags=["mistake"] task="gamma" says="Your answer is still in fractions, 0 to 1. Go back: times 255, rounded, as `uint8`."
def stays_in_fractions(image, exponent):
    return (image / 255) ** exponent


# %% tags=["mistake"] task="gamma" says="Your fractions became `uint8` before they were multiplied by 255, and so nothing but 0 and 1 is left: a black picture. First times 255, then round, then `.astype(np.uint8)`."
def fractions_as_bytes(image, exponent):
    return np.round((image / 255) ** exponent).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="You divide by the brightest pixel. White is 255, whether a pixel is that bright or not."
def brightest_is_white(image, exponent):
    return np.round(255 * (image / image.max()) ** exponent).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="White is 255, not 256: there are 256 levels, but the first of them is 0. Divide and multiply by 255, so that white stays white."
def white_is_256(image, exponent):
    return np.round(256 * (image / 256) ** exponent).astype(int).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="`//` drops the fraction, so that all but white becomes 0 before the power is taken. Divide with one stroke: `image / 255`."
def whole_division(image, exponent):
    return np.round(255 * (image // 255) ** exponent).astype(np.uint8)


# %% tags=["mistake"] task="gamma" says="You multiply where the task says *to the power of*: in Python that is `**`, two stars."
def one_star(image, exponent):
    return np.round(np.clip(image * exponent, 0, 255)).astype(np.uint8)


# %% [markdown]
# **See it.** The same photograph, a launch pad at dusk. Nothing was added: the masts and the clouds
# were there, a few levels above black.

# %%
bend = ex.use("gamma")
dusk = rocket[100:420:2, 120:520:2]
bright = bend(dusk, 0.5)
images.show(
    dusk,
    bright,
    titles=["as it was taken", "exponent 0.5"],
    alt="A white rocket under a dark blue sky; with the exponent 0.5 the sky is a light blue, and "
    f"masts and clouds stand out. The median level rose from {np.median(dusk):.0f} to "
    f"{np.median(bright):.0f}.",
)

# %% [markdown]
# ## 2 · Count: the histogram
#
# Which levels does a picture use? Count them. The **histogram** says for each of the 256 levels how
# many pixels have it. Where the pixels stand it does not say at all.
#
# **Predict.** You shuffle all pixels of a picture. How does its histogram change?

# %%
ex.target("histogram")

# %%
cup = coffee[..., 0]
wanted = ex.use("histogram")(cup)
images.plot_rows(
    wanted,
    title="what is wanted, drawn: for the red channel of a cup of coffee",
    alt="How many pixels there are at each level from 0 to 255: a ragged curve with its highest "
    f"peak, {wanted.max()} pixels, at level {wanted.argmax()}.",
)


# %% tags=["task"] task="histogram" points=1 minutes=4 level=1 compare="equal()" forbid=["cv2", "skimage", "scipy", "PIL", "torch", "imgkit.contrast"]
def histogram(image):
    """Count how many pixels have each level.

    Parameters
    ----------
    image : array (H, W), uint8

    Returns
    -------
    Array (256,) of whole numbers: entry v counts the pixels whose value is v. Levels that do not
    occur count 0.

    Example
    -------
    np.array([[2, 0, 2]], np.uint8) gives [1, 0, 2, 0, 0, ..., 0], 256 numbers in all.
    """
    # BEGIN SOLUTION
    return np.array([(image == v).sum() for v in range(256)])
    # END SOLUTION


# %% tags=["check"]
ex.check(histogram)

# %% [markdown] tags=["hint"] task="histogram"
# Ask 256 times the same question: how many pixels have the value `v`? `image == v` is an array of
# True and False, and True counts as 1.

# %% [markdown] tags=["hint"] task="histogram"
# Start with `counts = np.zeros(256, int)` and fill it in a loop: `counts[v] = (image == v).sum()`.
# If you would rather do it in one call, look up what `np.bincount` and its `minlength` do.

# %% [markdown] tags=["hint"] task="histogram"
# ```
# counts = np.zeros(256, int)
# for v in range(256):
#     counts[v] = ...          # how many pixels are v
# return counts
# ```


# %% tags=["cases"] task="histogram"
def histogram_cases(rng):
    def piece(photo, height, width):
        top, left = rng.integers(60, 300, 2)
        return photo[top : top + height, left : left + width]

    top, left = rng.integers((60, 240), (90, 280))
    ground = np.minimum(moon[top : top + 120 : 3, left : left + 150 : 3], 200)
    yield "a piece of the Moon", dict(image=ground)
    dots = np.zeros((20, 24), np.uint8)
    r, c = rng.integers(0, 20, 9), rng.integers(0, 24, 9)
    dots[r, c] = rng.integers(1, 250, 9)
    yield "a few stars in a black sky", dict(image=dots)
    flag = np.repeat(rng.permutation(np.arange(40, 220, 20))[:3], 10).astype(np.uint8)
    yield "a flag of three greys", dict(image=np.tile(flag[:, None], (1, 36)))
    framed = np.full((28, 36), 255, np.uint8)
    framed[6:-6, 6:-6] = piece(camera, 16, 24)
    yield "a photograph in a white frame", dict(image=framed)
    night = rng.poisson(1.5, (30, 30)).astype(np.uint8)
    yield "a very dark picture", dict(image=night)
    few = rng.integers(3, 9)
    bands = (piece(camera, 24, 32) // 64) * 60 + few
    yield "a photograph in four greys", dict(image=bands.astype(np.uint8))


# %% tags=["mistake"] task="histogram" says="`np.histogram(image, 256)` cuts the range from the *darkest to the brightest pixel* into 256 parts, so its bins are not the levels. Tell it `range=(0, 256)`."
def bins_follow_the_data(image):
    return np.histogram(image, 256)[0]


# %% tags=["mistake"] task="histogram" says="256 levels need 257 edges: 0, 1, ..., 256. With 256 edges there are 255 bins, and the last one holds 254 and 255 together. Use `np.arange(257)`."
def too_few_edges(image):
    return np.histogram(image, np.arange(256))[0]


# %% tags=["mistake"] task="histogram" says="The answer ends at the brightest pixel. Always return 256 counts: `np.bincount(..., minlength=256)`."
def ends_at_the_brightest(image):
    return np.bincount(image.ravel())


# %% tags=["mistake"] task="histogram" says="You count only the levels that occur. A histogram has 256 entries, with a 0 for each level that is missing."
def only_levels_that_occur(image):
    return np.unique(image, return_counts=True)[1]


# %% tags=["mistake"] task="histogram" says="These are shares of all pixels. Here the counts themselves are wanted, so do not divide."
def shares(image):
    return histogram(image) / image.size


# %% tags=["mistake"] task="histogram" says="Your counts start again from 0 after 255: they are held in `uint8`. Make the array with `np.zeros(256, int)`."
def counts_wrap_around(image):
    return histogram(image).astype(np.uint8)


# %% tags=["mistake"] task="histogram" says="`counts[image] += 1` adds 1 to each level *once*, however many pixels have it: NumPy collects, adds, and writes back. Loop over the pixels, or over the levels, or use `np.bincount`."
def each_level_once(image):
    counts = np.zeros(256, int)
    counts[image] += 1
    return counts


# %% tags=["mistake"] task="histogram" says="`for v in image` hands you whole *rows*, and `counts[row] += 1` adds 1 to each level of the row once. `image.ravel()` hands you the pixels one by one."
def each_row_once(image):
    counts = np.zeros(256, int)
    for row in image:
        counts[row] += 1
    return counts


# %% tags=["mistake"] task="histogram" says="`np.histogram` returns two things, the counts and the edges of the bins. Return the first alone: `np.histogram(...)[0]`."
def counts_and_edges(image):
    return np.histogram(image, bins=256, range=(0, 256))


# %% tags=["mistake"] task="histogram" says="These are running sums: each entry counts its own level and all darker ones. That comes in step 4; here each level stands alone."
def running_sums(image):
    return np.cumsum(histogram(image))


# %% [markdown]
# **See it.** The photographer uses all levels: dark hills for coat and camera, a broad one for the
# lawn, a bright one for the sky. The Moon is one needle. *That* is why you see so little.
#
# (NumPy counts in one call, `np.bincount(image.ravel(), minlength=256)`.)

# %%
count = ex.use("histogram")
levels = {"camera": count(camera), "the Moon": count(moon)}
images.plot_rows(
    *[counts / 1000 for counts in levels.values()],
    labels=list(levels),
    title="thousands of pixels at each level",
    alt="The photographer's curve has hills at the dark end, in the middle and at the bright end. "
    f"The Moon's is one needle at level {levels['the Moon'].argmax()}, "
    f"{levels['the Moon'].max() / levels['camera'].max():.0f} times as high as the other.",
)

# %% [markdown]
# ## 3 · Stretch
#
# If the picture only uses a narrow band of levels, pull the band apart: its lower end becomes
# black, its upper end white.
#
# But where are its ends? The darkest and the brightest pixel are a bad answer. One hot pixel, one
# reflection, and nothing is left to stretch. So one gives up a few per cent on each side: the
# **percentiles**. `np.percentile(image, 2)` is the value that 2 % of all values stay below.
#
# **Predict.** Very few pixels of the Moon are 0, and fewer still are 255. What does a stretch from
# the darkest to the brightest pixel do?

# %%
ex.target("stretch")


# %% tags=["task"] task="stretch" points=2 minutes=6 level=2 compare="close(rtol=1e-5, atol=1e-5)" forbid=["cv2", "skimage", "PIL", "torch", "imgkit.contrast"]
def stretch(image, low, high):
    """Stretch the contrast between two percentiles.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), uint8, or float in any range
    low, high : percentages, 0 <= low < high <= 100

    Returns
    -------
    Floats of the same shape, 0..1. The value np.percentile(image, low) becomes 0 and
    np.percentile(image, high) becomes 1; between them the values lie on a straight line, and what
    is below or above is clipped. The percentiles are those of all values together, in colour too.
    The two are never equal here.

    Example
    -------
    np.array([[10, 20, 25, 30]], np.uint8) with low 0 and high 100 gives [[0, 0.5, 0.75, 1]].
    """
    # BEGIN SOLUTION
    black, white = np.percentile(image, [low, high])
    return np.clip((image - black) / (white - black), 0, 1)
    # END SOLUTION


# %% tags=["check"]
ex.check(stretch)

# %% [markdown] tags=["hint"] task="stretch"
# Two numbers are all you need from the picture: what is to become black, and what is to become
# white. Then it is the straight line through two points.

# %% [markdown] tags=["hint"] task="stretch"
# Subtract the first number, so that it lands on 0. Divide by the *distance* of the two, so that
# the second lands on 1. `np.clip(values, 0, 1)` takes care of what lies outside.

# %% [markdown] tags=["hint"] task="stretch"
# ```
# black = np.percentile(image, low)
# white = np.percentile(image, high)
# return np.clip((image - black) / ..., 0, 1)
# ```


# %% tags=["cases"] task="stretch"
def stretch_cases(rng):
    def small(photo, step):
        top, left, bottom, right = rng.integers(0, 4 * step, 4)
        return photo[top : -1 - bottom : step, left : -1 - right : step]

    low, high = (float(p) for p in (rng.choice([1, 2, 3, 5]), rng.choice([92, 95, 98])))
    top, left = rng.integers((60, 240), (90, 280))
    ground = moon[top : top + 120 : 5, left : left + 150 : 5].copy()  # (24, 30)
    ground[rng.integers(6, 18), rng.integers(6, 24)] = 255
    ground[rng.integers(6, 18), rng.integers(6, 24)] = 0
    yield "the Moon, with two bad pixels", dict(image=ground, low=low, high=high)
    yield "the rocket in colour", dict(image=small(rocket, 33), low=4.0, high=high)
    yield "coffee in colour", dict(image=small(coffee, 32), low=low, high=90.0)
    faint = np.float32(0.2 + 0.1 * rng.random((11, 13)))
    faint[rng.integers(11), rng.integers(13)] = 1
    yield "faint floats and a hot pixel", dict(image=faint, low=low, high=high)
    fog = (140 + small(coffee, 36) // 4).astype(np.uint8)
    yield "coffee in the fog, in colour", dict(image=fog, low=3.0, high=97.0)
    yield "a few greys", dict(image=small(camera, 24), low=10.0, high=85.0)


# %% tags=["mistake"] task="stretch" says="You stretch from the darkest to the brightest pixel, so one bad pixel decides everything. Use the percentiles `low` and `high`."
def from_darkest_to_brightest(image, low, high):
    return stretch(image, 0, 100)


# %% tags=["mistake"] task="stretch" says="Values below 0 or above 1 are left: the pixels beyond the percentiles have to be clipped."
def not_clipped(image, low, high):
    black, white = np.percentile(image, [low, high])
    return (image - black) / (white - black)


# %% tags=["mistake"] task="stretch" says="You take percentiles for each channel on its own. That also pulls the *colours* apart: a red picture turns grey. Take them once, of all values together."
def each_channel_alone(image, low, high):
    if image.ndim == 2:
        return stretch(image, low, high)
    return np.stack([stretch(channel, low, high) for channel in np.moveaxis(image, -1, 0)], -1)


# %% tags=["mistake"] task="stretch" says="You divide by the upper value. Divide by the *distance* between the two, `white - black`, or the upper one does not land on 1."
def divides_by_the_upper(image, low, high):
    black, white = np.percentile(image, [low, high])
    return np.clip((image - black) / white, 0, 1)


# %% tags=["mistake"] task="stretch" says="`low` and `high` are percentages of the *pixels*, not of full scale. Which value has 2 % of all pixels below it? `np.percentile(image, low)`."
def percent_of_full_scale(image, low, high):
    white = 255 if image.dtype == np.uint8 else 1
    return np.clip((image / white - low / 100) / (high / 100 - low / 100), 0, 1)


# %% tags=["mistake"] task="stretch" says="You go `low` % of the way from the darkest to the brightest pixel. But `low` and `high` are percentages of the *pixels*: which value has 2 % of them below it? `np.percentile(image, low)`."
def percent_of_the_way(image, low, high):
    darkest, brightest = float(image.min()), float(image.max())
    black, white = (darkest + p / 100 * (brightest - darkest) for p in (low, high))
    return np.clip((image - black) / (white - black), 0, 1)


# %% tags=["mistake"] task="stretch" says="You subtract in `uint8`, where 20 − 30 is 246: what is darker than the lower percentile turns bright. Keep the percentile as the float that it is, or turn the image into floats first."
def subtracts_in_uint8(image, low, high):
    black, white = (int(p) for p in np.percentile(image, [low, high]))
    with np.errstate(divide="ignore"):
        return np.clip((image - black) / (white - black), 0, 1)


# %% tags=["mistake"] task="stretch" says="`np.quantile` takes shares from 0 to 1, `np.percentile` takes percentages from 0 to 100. You have percentages."
def quantile_of_percentages(image, low, high):
    return np.quantile(image, [low, high])


# %% tags=["mistake"] task="stretch" says="Your answer runs from 0 to 255. Here white is 1, so leave out the factor."
def up_to_255(image, low, high):
    return 255 * stretch(image, low, high)


# %% [markdown]
# **See it.** A few black and a few white pixels leave the first stretch nothing to do.

# %%
pull = ex.use("stretch")
wide, narrow = pull(plain, 0, 100), pull(plain, 1, 99)
images.show(
    wide,
    narrow,
    titles=["darkest to brightest", "1 % to 99 %"],
    alt="Left, the Moon as flat as before; right, ridges and craters in light and shadow. The "
    f"spread of the values grew {narrow.std() / wide.std():.1f} times.",
)

# %% [markdown]
# ## 4 · Equalise
#
# A stretch is a straight line. Could a *curve* do better? It should be steep where there are many
# pixels, to pull them apart, and flat where there are none.
#
# So let the histogram itself say how steep. Walk from black to white; at each level rise by the
# share of the pixels that have it. After all levels you have risen by exactly 1. That curve is the
# **cumulative histogram**: the share of the pixels that are *at most* this bright.
#
# And so equalising is a sentence: **every pixel becomes the share of the pixels that are at most as
# bright as itself.**
#
# **Predict.** Four pixels: 10, 10, 20, 30. What do they become?

# %%
ex.target("equalize")


# %% tags=["task"] task="equalize" points=3 minutes=8 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "skimage", "scipy", "PIL", "torch", "imgkit.contrast"]
def equalize(image):
    """Let every pixel become the share of pixels that are at most as bright.

    Parameters
    ----------
    image : array (H, W), uint8

    Returns
    -------
    Array (H, W) of floats, above 0 and up to 1. The brightest pixels become 1. You may call
    histogram.

    Example
    -------
    np.array([[10, 10, 20, 30]], np.uint8) gives [[0.5, 0.5, 0.75, 1]].
    """
    # BEGIN SOLUTION
    curve = np.cumsum(histogram(image)) / image.size
    return curve[image]
    # END SOLUTION


# %% tags=["check"]
ex.check(equalize)

# %% [markdown]
# *Is `histogram` not done yet?* Put `my_histogram = ex.use("histogram")` into a cell above this
# task and call `my_histogram` instead. It is yours if yours passes, and ours until then. The same
# works for every step that leans on an earlier one.

# %% [markdown] tags=["hint"] task="equalize"
# There are only 256 levels, so only 256 questions: for a pixel of level `v`, what share of all
# pixels is at most `v`? Make that list first, the curve. Then each pixel looks up its answer.

# %% [markdown] tags=["hint"] task="equalize"
# `np.cumsum(counts)` adds up from the left: entry `v` is `counts[0] + ... + counts[v]`. Divided by
# the number of pixels, it is a share. And an array can be an index: `curve[image]` looks up every
# pixel at once and has the shape of the image.

# %% [markdown] tags=["hint"] task="equalize"
# ```
# counts = histogram(image)
# curve = np.cumsum(counts) / ...     # 256 shares, the last one is 1
# return curve[...]                   # each pixel looks up its own level
# ```


# %% tags=["cases"] task="equalize"
def equalize_cases(rng):
    def piece(photo, height, width):
        top, left = rng.integers((60, 60), (300, 300))
        return photo[top : top + height, left : left + width]

    top, left = rng.integers((60, 240), (90, 280))
    yield "a piece of the Moon", dict(image=moon[top : top + 120 : 5, left : left + 160 : 5])
    four = rng.choice(np.arange(10, 250, 10), 3, replace=False)
    yield "four pixels", dict(image=np.array([[*four, four[0]]], np.uint8))
    yield "a piece of camera", dict(image=piece(camera, 24, 30))
    yield "a very dark picture", dict(image=rng.poisson(3, (24, 20)).astype(np.uint8))
    steps = np.sort(rng.choice(256, 8, replace=False)).astype(np.uint8)
    yield "a staircase of eight greys", dict(image=np.tile(np.repeat(steps, 4), (12, 1)))
    yield "bright noise", dict(image=rng.integers(150, 250, (14, 20), dtype=np.uint8))


# %% tags=["mistake"] task="equalize" says="These are numbers of pixels. Divide by how many there are, `image.size`, so that the brightest becomes 1."
def not_divided(image):
    return np.cumsum(histogram(image))[image]


# %% tags=["mistake"] task="equalize" says="You count the pixels that are *darker*. Here equal ones count too, at most as bright: the sum runs up to the level itself, so the brightest becomes 1."
def only_darker_ones(image):
    counts = histogram(image)
    return ((np.cumsum(counts) - counts) / image.size)[image]


# %% tags=["mistake"] task="equalize" says="Each pixel becomes the share of pixels of its *own* level. The running sum is missing: `np.cumsum`."
def without_running_sum(image):
    return (histogram(image) / image.size)[image]


# %% tags=["mistake"] task="equalize" says="Equal pixels became different: you number them in sorted order. Pixels of one level have to get one answer, the share of pixels that are at most as bright."
def ties_broken(image):
    order = np.argsort(image, axis=None, kind="stable")
    ranks = np.empty(image.size)
    ranks[order] = np.arange(1, image.size + 1)
    return ranks.reshape(image.shape) / image.size


# %% tags=["mistake"] task="equalize" says="You stretch the curve so that the darkest pixel becomes 0. OpenCV does that, and imgkit's own `contrast.equalize`. Here every pixel simply is the share at most as bright, and the darkest keeps the share that it has."
def darkest_becomes_zero(image):
    curve = np.cumsum(histogram(image)) / image.size
    darkest = curve[image.min()]
    return ((curve - darkest) / (1 - darkest))[image]


# %% tags=["mistake"] task="equalize" says="That is the curve itself, 256 numbers. Let the pixels look themselves up in it: `curve[image]`."
def the_curve_itself(image):
    return np.cumsum(histogram(image)) / image.size


# %% tags=["mistake"] task="equalize" says="Your bins do not fit the levels: `np.histogram(image, 256)` cuts up the range of the data. Use your own `histogram`, or `range=(0, 256)`."
def bins_follow_the_data(image):
    return (np.cumsum(np.histogram(image, 256)[0]) / image.size)[image]


# %% tags=["mistake"] task="equalize" says="You count *levels*: how many of those that occur are at most as bright. Count pixels; a level with many of them makes a bigger step."
def counts_levels(image):
    levels = np.unique(image)
    return np.searchsorted(levels, image, side="right") / levels.size


# %% tags=["mistake"] task="equalize" says="You sum the *brightness* of the levels. Only the number of pixels counts: `np.cumsum(counts)`, without the values."
def sums_brightness(image):
    weighted = np.cumsum(histogram(image) * np.arange(256))
    return (weighted / weighted[-1])[image]


# %% [markdown]
# **See it.** Now every band of brightness has equally many pixels, as far as whole levels allow.

# %%
even = ex.use("equalize")
flat = even(plain)
images.show(
    plain,
    flat,
    titles=["as it was taken", "equalised by your code"],
    alt="The grey Moon, and beside it a harsh landscape from deep black to white. "
    f"{np.mean(flat <= 0.25):.0%} of its pixels lie in the darkest quarter of the scale; before, "
    f"{np.mean(plain <= 63):.0%} did.",
)

# %% [markdown]
# ## 5 · Which colour?
#
# Red, green and blue say how to *make* a colour. People ask other questions: which colour is it
# (**hue**), how strong (**saturation**), how bright (**value**)? Call the largest of the three
# numbers $M$, the smallest $m$, and $d = M - m$.
#
# - The value is $M$.
# - The saturation is $d / M$: 0 for grey, 1 if one of the three is missing.
# - The hue runs round a circle, in six equal parts. Which channel is the largest says where you
#   are, and the other two how far to either side:
#
# | largest | hue, in sixths of a turn |
# |---|---|
# | R | $(G - B) / d$ |
# | G | $2 + (B - R) / d$ |
# | B | $4 + (R - G) / d$ |
#
# Divide by 6, and you have turns: red 0, green a third, blue two thirds. Just before red, the
# formula goes below 0; a turn has no beginning, so $-0.1$ is $0.9$. Are two channels equally large,
# it does not matter which row you take: both come to the same place.
#
# **Predict.** What is the hue of grey? And where in the expected picture below do you see the
# jump from 1 to 0? (It shows hue as red, saturation as green, value as blue.)

# %%
ex.target("rgb_to_hsv")


# %% tags=["task"] task="rgb_to_hsv" points=4 minutes=12 level=3 compare="close(rtol=1e-5, atol=2e-5)" forbid=["cv2", "skimage", "PIL", "torch", "matplotlib", "colorsys", "imgkit.color"]
def rgb_to_hsv(image):
    """Say of every pixel which colour it has, how strong and how bright.

    Parameters
    ----------
    image : array (H, W, 3), floats 0..1: red, green, blue

    Returns
    -------
    Array (H, W, 3) of floats, all 0..1: hue in turns (red 0, green 1/3, blue 2/3), never negative;
    saturation; value. Grey has hue 0 and saturation 0, and so has black.

    Example
    -------
    A pixel [0.5, 0.25, 0.25], a dull red, gives [0, 0.5, 0.5]; black gives [0, 0, 0].
    """
    # BEGIN SOLUTION
    red, green, blue = np.moveaxis(image, -1, 0)
    value = image.max(axis=-1)
    spread = value - image.min(axis=-1)
    d = np.where(spread == 0, 1, spread)  # grey: all differences are 0 anyway
    sixths = np.select(
        [value == red, value == green],
        [(green - blue) / d, 2 + (blue - red) / d],
        4 + (red - green) / d,
    )
    sixths = np.where(spread == 0, 0, sixths)
    saturation = spread / np.where(value == 0, 1, value)
    return np.stack([sixths / 6 % 1, saturation, value], axis=-1)
    # END SOLUTION


# %% tags=["check"]
ex.check(rgb_to_hsv)

# %% [markdown] tags=["hint"] task="rgb_to_hsv"
# Take the channels apart: `r, g, b = image[..., 0], image[..., 1], image[..., 2]`. Then
# `image.max(axis=-1)` and `image.min(axis=-1)` are the largest and the smallest of the three, for
# all pixels at once. Start with value and saturation; the hue can wait.

# %% [markdown] tags=["hint"] task="rgb_to_hsv"
# Work out all three formulas for all pixels, then choose: `np.where(largest == r, one, other)`,
# and one more inside it. Where `d` is 0 you would divide by 0, so put a 1 there first:
# `safe = np.where(d == 0, 1, d)`. The remainder `% 1` turns −0.1 into 0.9.

# %% [markdown] tags=["hint"] task="rgb_to_hsv"
# ```
# largest = image.max(axis=-1)
# d = largest - image.min(axis=-1)
# safe = np.where(d == 0, 1, d)
# hue = np.where(largest == r, (g - b) / safe,
#                np.where(largest == g, 2 + (b - r) / safe, 4 + (r - g) / safe))
# hue = hue / 6 % 1                  # grey needs no care: with r = g = b, that is 0
# saturation = d / ...               # mind black
# return np.stack([hue, saturation, largest], axis=-1)
# ```


# %% tags=["cases"] task="rgb_to_hsv"
def rgb_to_hsv_cases(rng):
    def with_greys(image, count=6):
        """A few pixels without colour, black ones among them, one of these in the middle."""
        image = image.copy()
        rows, columns = (rng.integers(0, n, count) for n in image.shape[:2])
        rows[0], columns[0] = image.shape[0] // 2, image.shape[1] // 2
        greys = rng.integers(1, 9, count) / 8
        greys[: count // 3] = 0
        image[rows, columns] = greys[:, None]
        return image

    def small(photo, top, left, step):
        r, c = rng.integers(0, step, 2)
        return photo[top + r :: step, left + c :: step][:7, :8] / 255

    circle = np.linspace(0.5, 1.5, 16, endpoint=False) + rng.uniform(0, 0.05)  # red in the middle
    wheel = np.clip(np.abs((circle[:, None] + [0, 2 / 3, 1 / 3]) % 1 * 6 - 3) - 1, 0, 1)
    rows = np.linspace(1, 0.2, 6)[:, None, None]
    strong, pale = wheel * rows, 1 - (1 - wheel) * rows
    strong[-1, 0] = [0.4, 0, 0.4]  # magenta: two are the largest
    yield "a turn of colours, towards black", dict(image=np.round(strong, 2))
    yield "a turn of colours, towards white", dict(image=with_greys(np.round(pale, 2)))
    yield "coffee", dict(image=with_greys(small(coffee, 20, 120, 42)))
    reds = np.stack([rng.uniform(0.6, 1, (7, 8)), *rng.uniform(0, 0.5, (2, 7, 8))], -1)
    yield "reds and pinks", dict(image=with_greys(np.float32(np.round(reds, 2))))
    yield "the rocket", dict(image=with_greys(small(rocket, 60, 120, 42)))
    yield "colours at random", dict(image=with_greys(np.round(rng.random((7, 8, 3)), 2)))


# %% tags=["mistake"] task="rgb_to_hsv" says="Your hue goes below 0 for reds that lean towards blue. It is a circle: `% 1` turns −0.1 into 0.9."
def hue_below_zero(image):
    hsv = rgb_to_hsv(image)
    hsv[..., 0] -= (image.argmax(axis=-1) == 0) & (hsv[..., 0] > 0.5)
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Your hue goes below 0 where red is the largest and blue the second. It is a circle: `% 1` turns −0.1 into 0.9."
def hue_below_zero_blue_first(image):
    hsv = rgb_to_hsv(image)
    blue_is_largest = image[..., 2] == image.max(axis=-1)  # asked last, it has the last word
    hsv[..., 0] -= ~blue_is_largest & (image.argmax(axis=-1) == 0) & (hsv[..., 0] > 0.5)
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="You made the negative hues positive with `abs`, and so purple reds have become orange. −0.1 is a tenth of a turn *before* red: 0.9. `% 1` does that."
def hue_mirrored(image):
    hsv = rgb_to_hsv(image)
    behind = (image.argmax(axis=-1) == 0) & (hsv[..., 0] > 0.5)
    hsv[..., 0] = np.where(behind, 1 - hsv[..., 0], hsv[..., 0])
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="You clipped the negative hues to 0, and so all purple reds have become plain red. −0.1 is a tenth of a turn *before* red: 0.9. `% 1` does that."
def hue_clipped(image):
    hsv = rgb_to_hsv(image)
    hsv[(image.argmax(axis=-1) == 0) & (hsv[..., 0] > 0.5), 0] = 0
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="You take `% 1` of the sixths, and that throws away which sixth it is. Divide first: `hue / 6 % 1`."
def remainder_of_sixths(image):
    hsv = rgb_to_hsv(image)
    red, green, blue = np.moveaxis(image, -1, 0)
    largest, spread = image.argmax(axis=-1), np.ptp(image, axis=-1)
    aside = np.choose(largest, [green - blue, blue - red, red - green])
    hsv[..., 0] = aside / np.where(spread == 0, 1, spread) % 1 / 6
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="The three planes stand *first*: `np.stack` puts the new axis there. Colour comes last: `np.stack([hue, saturation, value], axis=-1)`."
def colour_first(image):
    return np.moveaxis(rgb_to_hsv(image), -1, 0)


# %% tags=["mistake"] task="rgb_to_hsv" says="Grey pixels have become NaN: there the largest and the smallest are equal, and you divide 0 by 0. Put a 1 where `d` is 0 before you divide; the same for the saturation of black."
def grey_is_nan(image):
    hsv = rgb_to_hsv(image)
    hsv[hsv[..., 1] == 0, 0] = np.nan
    hsv[hsv[..., 2] == 0, 1] = np.nan
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Hue and saturation are right except for black, whose saturation is NaN: 0 / 0. Put a 1 where the value is 0 before you divide."
def black_is_nan(image):
    hsv = rgb_to_hsv(image)
    hsv[hsv[..., 2] == 0, 1] = np.nan
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Grey has got the hue of blue, 2/3. In a grey pixel all three channels are the largest, and your last choice is the one that stays. Let red be asked first, or set the hue to 0 where `d` is 0."
def grey_is_blue(image):
    hsv = rgb_to_hsv(image)
    hsv[hsv[..., 1] == 0, 0] = 2 / 3
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Grey has got the hue of green, 1/3. In a grey pixel all three channels are the largest, and you ask green before red. Let red be asked first, or set the hue to 0 where `d` is 0."
def grey_is_green(image):
    hsv = rgb_to_hsv(image)
    hsv[hsv[..., 1] == 0, 0] = 1 / 3
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Your hue is in degrees. Here a whole turn is 1: divide by 360."
def hue_in_degrees(image):
    return rgb_to_hsv(image) * [360, 1, 1]


# %% tags=["mistake"] task="rgb_to_hsv" says="Your hue is in sixths, it runs from 0 to 6. Divide by 6, so that a whole turn is 1."
def hue_in_sixths(image):
    return rgb_to_hsv(image) * [6, 1, 1]


# %% tags=["mistake"] task="rgb_to_hsv" says="Your saturation is the plain difference of largest and smallest. Divide it by the largest: a dark red can be as pure as a bright one."
def saturation_not_divided(image):
    hsv = rgb_to_hsv(image)
    hsv[..., 1] *= hsv[..., 2]
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Your value is the mean of the three channels. In HSV it is the largest of them."
def value_is_the_mean(image):
    hsv = rgb_to_hsv(image)
    hsv[..., 2] = image.mean(axis=-1)
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Your value is the middle between largest and smallest. That is the lightness of HSL, another system; in HSV the value is the largest."
def value_is_the_middle(image):
    hsv = rgb_to_hsv(image)
    hsv[..., 2] = (image.max(axis=-1) + image.min(axis=-1)) / 2
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="The 2 and the 4 are missing, so greens and blues get the hue of reds. They say in which third of the circle you are."
def thirds_forgotten(image):
    hsv = rgb_to_hsv(image)
    coloured = hsv[..., 1] > 0
    hsv[..., 0] -= np.where(coloured, image.argmax(axis=-1) / 3, 0)
    hsv[..., 0] %= 1
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="Green and blue have exchanged their places on the circle: it is 2 where green is the largest, 4 where blue is."
def two_and_four_exchanged(image):
    hsv = rgb_to_hsv(image)
    largest = image.argmax(axis=-1)
    coloured = hsv[..., 1] > 0
    hsv[..., 0] += np.where(coloured, np.choose(largest, [0, 1 / 3, -1 / 3]), 0)
    hsv[..., 0] %= 1
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="You take the absolute value of a difference. Its sign is needed: it says to which side of red, green or blue the hue lies."
def sign_lost(image):
    red, green, blue = np.moveaxis(image, -1, 0)
    hsv = rgb_to_hsv(image)
    largest, coloured = image.argmax(axis=-1), hsv[..., 1] > 0
    aside = np.choose(largest, [green - blue, blue - red, red - green])
    d = np.where(coloured, hsv[..., 1] * hsv[..., 2], 1)
    hsv[..., 0] = np.where(coloured, largest / 3 + np.abs(aside) / d / 6, 0)
    return hsv


# %% tags=["mistake"] task="rgb_to_hsv" says="You read the channels as blue, green, red. In this kit they are red, green, blue; BGR is OpenCV's order."
def reads_bgr(image):
    return rgb_to_hsv(image[..., ::-1])


# %% tags=["mistake"] task="rgb_to_hsv" says="`if largest == r` asks a whole array for one yes or no. Choose for each pixel: `np.where(largest == r, ..., ...)`; or loop over the pixels and use `if` there. (And `r, g, b = image` cuts the picture into rows; the red channel is `image[..., 0]`.)"
def array_as_question(image):
    largest = image.max(axis=-1)
    if largest == image[..., 0]:
        return image
    return image


# %% [markdown]
# **See it.** Pick the cup by its hue alone: near red, and strong. Near red means *on either side of
# 0*, so measure the distance round the circle. The rest of the picture loses its colour.

# %%
hue, saturation, value = np.moveaxis(ex.use("rgb_to_hsv")(coffee / 255), -1, 0)
from_red = np.minimum(hue, 1 - hue)
red = (from_red < 0.04) & (saturation > 0.75)
pop = np.where(red[..., None], coffee, color.to_gray(coffee)[..., None])
images.show(
    coffee[:390:2, 70:510:2],
    pop[:390:2, 70:510:2],
    titles=["a cup of coffee", "red stays"],
    alt="A red cup and saucer on a brown table, and the same picture in grey except for the red: "
    f"{red.mean():.0%} of the pixels kept their colour, hardly any of them on the table.",
)

# %% [markdown]
# ## 6 · A curve with a limit
#
# Back to the Moon. Equalising was harsh: where very many pixels share a level, the curve is very
# steep, and steepness multiplies everything, noise too. A curve that rises evenly from 0 to 1 has
# slope 1, and that is what a level gets if it holds its fair part, 1/256 of the pixels. A level
# with 30 times as many gets slope 30.
#
# So **limit the slope** before you sum up. Cut every count at `clip` times the mean count. What you
# cut off is still needed, or the curve would end below 1: spread it evenly over all 256 levels.
# (The lesson and the library name the same limit as a share of the pixels, `clip / 256`.)
#
# **Predict.** `clip` is enormous, and nothing is cut. Which curve do you get?

# %%
ex.target("tone_curve")

# %%
wanted = ex.use("tone_curve")(plain, 3)
images.plot_rows(
    np.linspace(0, 1, 256),
    wanted,
    labels=["change nothing", "what is wanted: the Moon, clip 3"],
    title="level in, share of white out",
    alt="A straight diagonal, and a curve of three parts that goes from 0 to 1 as well: gentle, "
    f"then steep in the middle, where it climbs from {wanted[100]:.2f} at level 100 to "
    f"{wanted[125]:.2f} at level 125, then gentle again.",
)


# %% tags=["task"] task="tone_curve" points=2 minutes=7 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "skimage", "scipy", "PIL", "torch", "imgkit.contrast"]
def tone_curve(image, clip):
    """The curve that equalises an image, with a limit to its slope.

    Count the histogram. Cut every count to at most clip times the mean count (all pixels / 256).
    Add an equal part of all that was cut off to each of the 256 counts, once: some may now be a
    little above the limit again. Sum up from the left and divide by the number of pixels.

    Parameters
    ----------
    image : array (H, W), uint8
    clip : number > 1

    Returns
    -------
    Array (256,) of floats: entry v is what a pixel of level v becomes. It never falls, and ends at
    1. You may call histogram.

    Example
    -------
    For 16 × 16 black pixels and clip 64 the limit is 64, since the mean count is 1. 192 pixels
    are cut off, and each level gets 192 / 256 = 0.75. So entry 0 is 64.75 / 256, entry 1 is
    65.5 / 256, and so on up to 1.
    """
    # BEGIN SOLUTION
    counts = histogram(image)
    limited = np.minimum(counts, clip * image.size / 256)
    limited += (image.size - limited.sum()) / 256
    return np.cumsum(limited) / image.size
    # END SOLUTION


# %% tags=["check"]
ex.check(tone_curve)

# %% [markdown] tags=["hint"] task="tone_curve"
# Four steps, each one line: count; cut; spread what was cut; sum up and divide. After the third,
# the counts must add up to `image.size` again. Print that sum.

# %% [markdown] tags=["hint"] task="tone_curve"
# The mean count is `image.size / 256`, a number with a fraction; leave it so. `np.minimum(counts,
# limit)` cuts. How much was cut off is the sum before less the sum after, and every one of the 256
# levels gets the same part of it, also those that were cut, also those that were empty.

# %% [markdown] tags=["hint"] task="tone_curve"
# ```
# counts = histogram(image)
# limit = clip * image.size / 256
# limited = np.minimum(counts, limit)
# limited = limited + (counts.sum() - limited.sum()) / ...
# return np.cumsum(...) / image.size
# ```


# %% tags=["cases"] task="tone_curve"
def tone_curve_cases(rng):
    def piece(photo, height, width):
        top, left = rng.integers((60, 60), (300, 300))
        return photo[top : top + height, left : left + width]

    top, left = rng.integers((60, 240), (90, 280))
    ground = moon[top : top + 120 : 3, left : left + 150 : 3]
    yield "a piece of the Moon, clip 3", dict(image=ground, clip=3.0)
    yield "a piece of camera, clip 2", dict(image=piece(camera, 30, 36), clip=2)
    black = np.zeros((16, 16), np.uint8)
    black[rng.integers(4, 12)] = rng.integers(100, 200)
    yield "black with a grey line", dict(image=black, clip=float(rng.integers(20, 60)) + 0.4)
    yield "a dark picture", dict(image=rng.poisson(6, (23, 29)).astype(np.uint8), clip=5.0)
    yield "the Moon again, a tighter limit", dict(image=piece(moon, 31, 33), clip=1.5)


# %% tags=["mistake"] task="tone_curve" says="What you cut off is lost, so your curve ends below 1 and the picture gets dark. Spread it evenly over all 256 levels."
def cut_off_is_lost(image, clip):
    return np.cumsum(np.minimum(histogram(image), clip * image.size / 256)) / image.size


# %% tags=["mistake"] task="tone_curve" says="You divide by what is left after the cut. That brings the end back to 1, but it makes everything steeper, also what you had just limited. Spread what was cut off evenly over the 256 levels instead."
def scaled_back_up(image, clip):
    curve = np.cumsum(np.minimum(histogram(image), clip * image.size / 256))
    return curve / curve[-1]


# %% tags=["mistake"] task="tone_curve" says="Nothing is limited: this is the plain cumulative histogram. Cut the counts with `np.minimum(counts, limit)` before you sum up."
def no_limit(image, clip):
    return np.cumsum(histogram(image)) / image.size


# %% tags=["mistake"] task="tone_curve" says="You cut at `clip` pixels. The limit is `clip` times the *mean count*, `clip * image.size / 256`."
def limit_is_clip(image, clip):
    limited = np.minimum(histogram(image), clip).astype(float)
    limited += (image.size - limited.sum()) / 256
    return np.cumsum(limited) / image.size


# %% tags=["mistake"] task="tone_curve" says="You spread the rest only over levels that occur. All 256 get the same part, empty ones too."
def only_levels_that_occur(image, clip):
    counts = histogram(image)
    limited = np.minimum(counts, clip * image.size / 256)
    occurs = counts > 0
    limited[occurs] += (image.size - limited.sum()) / occurs.sum()
    return np.cumsum(limited) / image.size


# %% tags=["mistake"] task="tone_curve" says="You spread the rest only over levels below the limit. All 256 get the same part, those that were cut too."
def only_below_the_limit(image, clip):
    counts, limit = histogram(image), clip * image.size / 256
    limited = np.minimum(counts, limit)
    below = counts <= limit
    limited[below] += (image.size - limited.sum()) / below.sum()
    return np.cumsum(limited) / image.size


# %% tags=["mistake"] task="tone_curve" says="You cut the limit to a whole number. It may have a fraction: leave out `int`, and do not divide with `//`."
def whole_limit(image, clip):
    limited = np.minimum(histogram(image), int(clip * image.size / 256))
    return np.cumsum(limited + (image.size - limited.sum()) / 256) / image.size


# %% tags=["mistake"] task="tone_curve" says="Your counts are whole numbers, and writing the limit into them cuts off its fraction: your curve ends a little below 1. Start from `histogram(image).astype(float)`, or use `np.minimum`."
def limit_written_into_counts(image, clip):
    counts, limit = histogram(image), clip * image.size / 256
    excess = np.maximum(counts - limit, 0).sum()
    counts[counts > limit] = limit
    return np.cumsum(counts + excess / 256) / image.size


# %% tags=["mistake"] task="tone_curve" says="Your counts are whole numbers, and `+=` refuses to squeeze fractions into them. Start from `histogram(image).astype(float)`, or write `counts = counts + ...`."
def fractions_do_not_fit(image, clip):
    counts = histogram(image)
    counts += image.size / 512
    return counts


# %% tags=["mistake"] task="tone_curve" says="You went one step too far: that is the picture, sent through the curve. Return the curve, 256 numbers."
def the_picture(image, clip):
    return tone_curve(image, clip)[image]


# %% tags=["mistake"] task="tone_curve" says="The running sum is missing: these are the limited shares of each level alone. `np.cumsum` makes them a curve."
def without_running_sum(image, clip):
    limited = np.minimum(histogram(image), clip * image.size / 256)
    return (limited + (image.size - limited.sum()) / 256) / image.size


# %% tags=["mistake"] task="tone_curve" says="You added all that was cut off to *every* level. Each gets one part of 256."
def spread_whole(image, clip):
    limited = np.minimum(histogram(image), clip * image.size / 256)
    return np.cumsum(limited + (image.size - limited.sum())) / image.size


# %% tags=["mistake"] task="tone_curve" says="You spread whole pixels: `//` drops the rest of the division, and your curve ends below 1. A part may have a fraction: divide with `/`."
def spread_in_whole_pixels(image, clip):
    limited = np.minimum(histogram(image), clip * image.size / 256)
    return np.cumsum(limited + (image.size - limited.sum()) // 256) / image.size


# %% tags=["mistake"] task="tone_curve" says="You cut and spread again and again, until nothing is above the limit. Here it is done once: some counts may end a little above it."
def spread_again_and_again(image, clip):
    limited, limit = histogram(image).astype(float), clip * image.size / 256
    for _ in range(1000):
        cut = np.minimum(limited, limit)
        limited = cut + (image.size - cut.sum()) / 256
    return np.cumsum(limited) / image.size


# %% tags=["mistake"] task="tone_curve" says="Your limit counts only the levels that occur. The mean is over all 256, empty ones too: `image.size / 256`."
def mean_of_levels_that_occur(image, clip):
    counts = histogram(image)
    limited = np.minimum(counts, clip * counts[counts > 0].mean())
    return np.cumsum(limited + (image.size - limited.sum()) / 256) / image.size


# %% [markdown]
# **See it.** The smaller the limit, the nearer the curve to the straight line that changes nothing.

# %%
curve_of = ex.use("tone_curve")
clips = [1.5, 4, 1000]
curves = [curve_of(moon, clip) for clip in clips]
steepest = [256 * np.diff(curve).max() for curve in curves]
images.plot_rows(
    *curves,
    labels=[f"clip {clip}" for clip in clips],
    title="level in, share of white out",
    alt="Three rising curves from 0 to 1 over 256 levels. With the smallest limit it is nearly a "
    f"straight line, at most {steepest[0]:.1f} steep; without one it leaps up by "
    f"{np.diff(curves[2]).max():.0%} at one level, {steepest[2]:.0f} times as steep as the "
    "diagonal.",
)

# %% [markdown]
# ## 7 · Everywhere its own curve
#
# One curve for the whole picture is a compromise: what suits a bright plain hides a dark crater. So
# cut the picture into tiles, and give each tile a curve of its own.
#
# That alone leaves seams. A pixel at the edge of a tile would get one curve, its neighbour across
# the edge another. The cure is to **blend**: a pixel asks the curves of the four tiles whose
# *centres* are around it, and the nearer a centre, the more it counts.
#
# Measure in tiles. Row `r` lies at $p = (r + \tfrac12) / h - \tfrac12$ for tiles of height $h$:
# that is 0 at the centre of the first tile, 1 at the centre of the second. Between two centres, say
# at 2.3, tile 2 counts 0.7 and tile 3 counts 0.3. Before the first centre and behind the last there
# is only one tile to ask. The same holds for the columns, and the two weights are multiplied.
#
# This is **CLAHE**, contrast limited adaptive histogram equalisation. It was made for medical
# pictures and is everywhere today.
#
# **Predict.** With a single tile, what is left of all this?

# %%
ex.target("clahe")


# %% tags=["task"] task="clahe" points=4 minutes=13 level=3 compare="close(rtol=0, atol=1)" forbid=["cv2", "skimage", "PIL", "torch", "imgkit.contrast"]
def clahe(image, tiles, clip):
    """Equalise locally: a limited curve for each tile, blended between their centres.

    Parameters
    ----------
    image : array (H, W), uint8; H and W are multiples of tiles
    tiles : whole number >= 1: the image is cut into tiles × tiles parts
    clip : number > 1, the limit for every tile_curve = tone_curve(tile, clip)

    Returns
    -------
    Array (H, W), uint8. Each pixel asks the curves of the four tiles around it what its level
    becomes, and takes the mean of the four answers with the weights of bilinear interpolation.
    Row r lies at (r + 0.5) / (H / tiles) - 0.5, where whole numbers are tile centres, and what is
    below 0 or above tiles - 1 is clipped to these; likewise the columns. Times 255 and rounded;
    one level up or down is forgiven. You may call tone_curve.

    Example
    -------
    With tiles 1 there is one curve: round(255 * tone_curve(image, clip)[image]).
    """
    # BEGIN SOLUTION
    height, width = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, height, tiles, width).swapaxes(1, 2)  # (tiles, tiles, h, w)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])

    def neighbours(count, size):
        """For each row (or column): the two tiles it asks, and the second one's weight."""
        place = np.clip((np.arange(count) + 0.5) / size - 0.5, 0, tiles - 1)
        first = place.astype(int)
        return first, np.minimum(first + 1, tiles - 1), place - first

    left, right, across = neighbours(image.shape[1], width)
    above, below, down = (n[:, None] for n in neighbours(image.shape[0], height))
    upper = (1 - across) * curves[above, left, image] + across * curves[above, right, image]
    lower = (1 - across) * curves[below, left, image] + across * curves[below, right, image]
    return np.round(255 * ((1 - down) * upper + down * lower)).astype(np.uint8)
    # END SOLUTION


# %% tags=["check"]
ex.check(clahe)

# %% [markdown] tags=["hint"] task="clahe"
# Two halves. First the curves: loop over the tiles and keep `tone_curve(tile, clip)` in an array
# `curves` of shape `(tiles, tiles, 256)`. Then the pixels: for each, the four tiles around it and
# their weights. Loops over all pixels are fine; begin with them.

# %% [markdown] tags=["hint"] task="clahe"
# For one row: `p = (r + 0.5) / h - 0.5`, clipped to 0 and `tiles - 1`. Then `i = int(p)` is the
# tile above, `min(i + 1, tiles - 1)` the one below, and `p - i` says how much the lower one
# counts. With `q` and `j` for the columns in the same way, the weight of the tile below right is
# `(p - i) * (q - j)`.

# %% [markdown] tags=["hint"] task="clahe"
# Inside the two loops over `r` and `c`:
# ```
# v = image[r, c]
# i2, j2 = min(i + 1, tiles - 1), min(j + 1, tiles - 1)
# upper = (1 - (q - j)) * curves[i, j, v] + (q - j) * curves[i, j2, v]
# lower = ...                                # the same with i2
# out[r, c] = round(255 * ((1 - (p - i)) * upper + ...))
# ```


# %% tags=["cases"] task="clahe"
def clahe_cases(rng):
    def piece(photo, height, width, top=(60, 300), left=(60, 300)):
        r, c = rng.integers(*top), rng.integers(*left)
        return photo[r : r + height, c : c + width].copy()

    top, left = rng.integers((60, 240), (90, 280))
    ground = moon[top : top + 108 : 3, left : left + 144 : 3]  # (36, 48)
    yield "a piece of the Moon", dict(image=ground, tiles=4, clip=6.0)
    shade = piece(camera, 36, 32, (300, 440), (20, 300))
    shade[: rng.integers(12, 24)] //= 4
    yield "grass, half of it in the shade", dict(image=shade, tiles=2, clip=3.0)
    yield "a piece of camera", dict(image=piece(camera, 30, 36), tiles=3, clip=2.5)
    yield "one tile", dict(image=piece(moon, 18, 22), tiles=1, clip=5)
    ramp = np.add.outer(3 * np.arange(30), 3 * np.arange(30)) + rng.integers(0, 20, (30, 30))
    yield "a slope with noise", dict(image=ramp.astype(np.uint8), tiles=5, clip=6.0)


# %% tags=["mistake"] task="clahe" says="Every pixel takes the curve of its own tile, so the tiles show as seams. Blend the curves of the four tiles around it."
def seams(image, tiles, clip):
    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    out = np.empty(image.shape)
    for r in range(0, image.shape[0], h):
        for c in range(0, image.shape[1], w):
            part = image[r : r + h, c : c + w]
            out[r : r + h, c : c + w] = tone_curve(part, clip)[part]
    return np.round(255 * out).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="There is one curve for the whole picture. Cut it into `tiles` × `tiles` parts and give each a curve of its own."
def one_curve_for_all(image, tiles, clip):
    return clahe(image, 1, clip)


# %% tags=["mistake"] task="clahe" says="Your curves sit at the upper left corners of the tiles instead of their centres, so everything is shifted by half a tile. Subtract the half: `(r + 0.5) / h - 0.5`."
def curves_at_the_corners(image, tiles, clip):
    from scipy.ndimage import map_coordinates

    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    r, c = np.indices(image.shape)
    out = map_coordinates(curves, [r / h, c / w, image], order=1, mode="nearest")
    return np.round(255 * out).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="You left out the `- 0.5`, so your curves sit at the upper left corners of the tiles instead of their centres. The centre of the first tile has to be 0: `(r + 0.5) / h - 0.5`."
def half_a_tile_missing(image, tiles, clip):
    from scipy.ndimage import map_coordinates

    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    r, c = np.indices(image.shape)
    place = [(r + 0.5) / h, (c + 0.5) / w, image]
    return np.round(255 * map_coordinates(curves, place, order=1, mode="nearest")).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="Half a pixel is missing: row `r` is a strip from `r` to `r + 1`, and its middle lies at `r + 0.5`. So its place is `(r + 0.5) / h - 0.5`. (OpenCV forgets it as well.)"
def half_a_pixel_missing(image, tiles, clip):
    from scipy.ndimage import map_coordinates

    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    r, c = np.indices(image.shape)
    out = map_coordinates(curves, [r / h - 0.5, c / w - 0.5, image], order=1, mode="nearest")
    return np.round(255 * out).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="Rows and columns are exchanged: the first index of `curves` counts tiles downwards, and it belongs to the row `r`."
def rows_and_columns_exchanged(image, tiles, clip):
    from scipy.ndimage import map_coordinates

    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    r, c = np.indices(image.shape)
    place = [(c + 0.5) / w - 0.5, (r + 0.5) / h - 0.5, image]
    return np.round(255 * map_coordinates(curves, place, order=1, mode="nearest")).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="Before the first centre your tile number is −1, and in Python that is the *last* tile. Clip the place to 0 and `tiles - 1` first."
def minus_one_is_the_last(image, tiles, clip):
    from scipy.ndimage import map_coordinates

    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    curves = np.concatenate([curves[-1:], curves])  # the last ones stand before the first
    curves = np.concatenate([curves[:, -1:], curves], axis=1)
    r, c = np.indices(image.shape)
    place = [(r + 0.5) / h + 0.5, (c + 0.5) / w + 0.5, image]
    return np.round(255 * map_coordinates(curves, place, order=1, mode="nearest")).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="The two weights are exchanged: at 2.3, tile 2 is the nearer one and counts 0.7, tile 3 counts 0.3."
def weights_exchanged(image, tiles, clip):
    from scipy.ndimage import map_coordinates

    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    p, q = np.indices(image.shape)
    p, q = (np.clip((n + 0.5) / s - 0.5, 0, tiles - 1) for n, s in ((p, h), (q, w)))
    p, q = 2 * np.floor(p) + 1 - p, 2 * np.floor(q) + 1 - q
    out = map_coordinates(curves, [p, q, image], order=1, mode="nearest")
    return np.round(255 * out).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="You blend between left and right only, so level seams are left. Each pixel has four tiles around it: blend above and below too."
def left_and_right_only(image, tiles, clip):
    from scipy.ndimage import map_coordinates

    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    r, c = np.indices(image.shape)
    q = (c + 0.5) / w - 0.5
    out = map_coordinates(curves, [r // h, q, image], order=1, mode="nearest")
    return np.round(255 * out).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="Before the first centre your place is negative, and `int` makes tile 0 of it: so the first tile counts more than fully and the second less than nothing. Clip the place to 0 and `tiles - 1` first."
def place_not_clipped(image, tiles, clip):
    h, w = image.shape[0] // tiles, image.shape[1] // tiles
    parts = image.reshape(tiles, h, tiles, w).swapaxes(1, 2)
    curves = np.array([[tone_curve(part, clip) for part in row] for row in parts])
    p, q = (np.arange(image.shape[0]) + 0.5) / h - 0.5, (np.arange(image.shape[1]) + 0.5) / w - 0.5
    i, j = p.astype(int), q.astype(int)
    i2, j2 = np.minimum(i + 1, tiles - 1), np.minimum(j + 1, tiles - 1)
    u, v = (p - i)[:, None], q - j
    i, i2 = i[:, None], i2[:, None]
    upper = (1 - v) * curves[i, j, image] + v * curves[i, j2, image]
    lower = (1 - v) * curves[i2, j, image] + v * curves[i2, j2, image]
    return np.round(255 * ((1 - u) * upper + u * lower)).astype(int).astype(np.uint8)


# %% tags=["mistake"] task="clahe" says="At the last tile you ask for one that is not there. There is only one tile to ask: take `min(i + 1, tiles - 1)`, and clip the place to 0 and `tiles - 1` first."
def one_tile_too_far(image, tiles, clip):
    curves = np.zeros((tiles, tiles, 256))
    return curves[tiles, tiles, image]


# %% tags=["mistake"] task="clahe" says="Your answer is in fractions, 0 to 1. The picture wants levels: times 255, rounded, as `uint8`."
def stays_in_fractions(image, tiles, clip):
    return clahe(image, tiles, clip) / 255


# %% tags=["mistake"] task="clahe" says="The curves are not limited. Hand `clip` on to `tone_curve`."
def no_limit(image, tiles, clip):
    return clahe(image, tiles, 256)


# %% [markdown]
# ## The Moon, by your own code
#
# Here is the picture from above again, and what was in it all along.

# %%
local = ex.use("clahe")
ground = moon[64:448, 64:448]
craters = local(ground, 8, 6)
images.show(
    ground,
    craters,
    titles=["as it was taken", "by your code"],
    alt="The even grey Moon, and beside it the same ground full of craters, ridges and rays, light "
    f"and shadow everywhere; the spread of the levels grew {craters.std() / ground.std():.1f} "
    "times.",
)

# %% [markdown]
# In colour, work on the **value** alone and multiply all three channels by how much it grew. That
# leaves hue and saturation as they are. Here is the back of a human eye: a doctor looks for the
# thin vessels, and for spots that should not be there.

# %%
eye = data.load("retina")[::5, ::5][:280, :280]
value = eye.max(axis=2)
growth = local(value, 8, 4) / np.maximum(value, 1)
clear = np.clip(eye / 255 * growth[..., None], 0, 1)
lit = value > 60
images.show(
    eye,
    clear,
    titles=["as it was taken", "its value, by your code"],
    alt="A round orange picture of the back of an eye, and the same with its finest vessels drawn "
    "out to the rim and the dark spot in the middle stark. Inside the disc the spread of the value "
    f"grew {255 * clear.max(axis=2)[lit].std() / value[lit].std():.1f} times.",
)

# %% [markdown]
# Did the colours stay? Your own `rgb_to_hsv` can tell.

# %%
ask = ex.use("rgb_to_hsv")
turn = np.abs(ask(eye / 255) - ask(clear))[lit][:, 0]
print(f"the hue turned by at most {np.minimum(turn, 1 - turn).max():.0e}")

# %% [markdown]
# ## Graduation: against the libraries
#
# scikit-image is the yardstick. For each function: its value at one place, yours, and the largest
# difference anywhere.

# %%
from skimage import exposure
from skimage.color import rgb2hsv

black, white = np.percentile(camera, [2, 98])
inside = (black, white)
exact = {
    "gamma": exposure.adjust_gamma(camera / 255, 0.7) * 255,
    "histogram": exposure.histogram(camera, source_range="dtype")[0],
    "stretch": exposure.rescale_intensity(camera / 1.0, in_range=inside, out_range=(0, 1)),
    "equalize": exposure.equalize_hist(camera),
    "rgb_to_hsv": rgb2hsv(coffee),
}
given = {
    "gamma": (camera, 0.7),
    "histogram": (camera,),
    "stretch": (camera, 2, 98),
    "equalize": (camera,),
    "rgb_to_hsv": (coffee / 255,),
}
for name, arguments in given.items():
    yours = ex.use(name)(*arguments)
    one, other = np.ravel(exact[name])[100], np.ravel(yours)[100]
    print(f"    {one:.6g} | {other:.6g} | {np.abs(exact[name] - yours).max():.0e}")

# %% [markdown]
# All the same but for the last digits, and for `gamma`, which rounds to whole levels: up to half a
# level away.
#
# Your `clahe` has twins. OpenCV works in whole numbers, and its tile centres are half a pixel off.
# imgkit takes the limit as a share of the pixels, and its curve climbs on *within* a level where
# yours takes a step. So they are not quite the same. How many levels apart?

# %%
import cv2

from imgkit import contrast

twins = {
    "OpenCV": cv2.createCLAHE(clipLimit=6, tileGridSize=(8, 8)).apply(ground),
    "imgkit": contrast.clahe(ground, tiles=8, clip=6 / 256),
}
for name, twin in twins.items():
    away = np.abs(twin.astype(int) - craters)
    print(f"{name}: {away.mean():.2f} levels on average, at most {away.max()}")

# %% [markdown]
# One question is left. Is there more *in* the picture now? **Entropy** measures how many yes-or-no
# questions it takes, on average, to find out the level of a pixel.
#
# **Predict.** Which of these raises it: the gamma, the stretch, equalising, CLAHE?


# %%
def bits(image):
    """The entropy of the levels of a picture, in bits for each pixel."""
    shares = count(images.as_uint8(image)) / image.size
    shares = shares[shares > 0]
    return -(shares * np.log2(shares)).sum()


results = {
    "as it was taken": ground,
    "gamma 0.7": ex.use("gamma")(ground, 0.7),
    "stretched": ex.use("stretch")(ground, 1, 99),
    "equalised": ex.use("equalize")(ground),
    "CLAHE": craters,
}

# %%
for name, result in results.items():
    print(f"{name:>15}: {bits(result):.2f} bits, {bits(result) - bits(ground):+.2f}")

# %% [markdown]
# A curve can only move levels or merge them. It never tells two equal pixels apart, so entropy
# stays or *falls*; what you gain is that your eye can see it. CLAHE is no single curve: equal
# pixels in different places become different, because their surroundings are.
#
# ## What you can do now
#
# - Bend, stretch and equalise brightness, and say which curve each of them is.
# - Read a histogram: narrow means flat to the eye.
# - Say what equalising means in one sentence, and why it makes noise worse.
# - Take hue, saturation and value apart, and remember that hue is a circle.
# - Equalise locally without seams.

# %%
ex.progress()
