# ---
# jupyter:
#   imgkit:
#     title: The frequency domain
#     minutes: 55
#     needs: [02_convolution]
# ---

# %% [markdown]
# # The frequency domain
#
# **About 55 minutes, seven tasks.** Before: exercise 02, and best the lesson of the same name.
#
# The first close pictures of the Moon came home by radio, and some came home striped. Nobody
# could fly back for better ones. In pixels the stripes are everywhere, and no window that slides
# over the picture can tell them from craters. But a picture is also a *sum of waves*, and there
# the stripes are a few single numbers. Set these to zero, and they are gone.
#
# By the end you can
#
# - draw any wave, and measure how much of it is in a row of pixels,
# - filter a picture by its spectrum, with the zero frequency where it belongs,
# - find a wave and its partner, and remove both,
# - shrink a picture without inventing patterns,
# - and mend a striped photograph without being told what its stripes are.
#
# Frequencies are in **cycles per pixel**, rows first. A wave of (0, 0.25) does not change
# downwards, and comes back every 4 pixels to the right. Photographs are floats here: 0 is black
# and 1 is white.
#
# Loops are fine everywhere: first right, then fast. Where it goes without one, a check says *could
# be better*; the points are yours all the same. Stuck? `ex.hint("wave")` gives a hint, and the next
# one when you ask again. Hints cost nothing.

# %% tags=["setup"]
import numpy as np

from imgkit import data

camera = data.load("camera") / 255  # (512, 512) floats, from 0 black to 1 white
moon = data.load("moon") / 255  # (512, 512)
coins = data.load("coins") / 255  # (303, 384)

# %%
from imgkit import color, course, images

ex = course.exercise("03_frequency")
ex

# %%
r, c = np.mgrid[:256, :256]
crater = moon[20:276, 90:346]
hidden = [(19, 26, 0.14), (-30, 17, 0.11), (8, 38, 0.09)]  # cycles down, across; amplitude
striped = crater + sum(a * np.cos(2 * np.pi * (k * r + m * c) / 256) for k, m, a in hidden)
images.show(
    striped,
    titles=["What is behind the stripes?"],
    limits=(0, 1),
    alt="A weave of slanting stripes covers a grey picture. Something round can be guessed behind "
    f"it; the stripes change the pixels by {np.abs(striped - crater).mean():.0%} of full scale on "
    "average.",
)

# %% [markdown]
# ## 1 · One wave
#
# Everything here is made of one thing:
#
# $$\text{wave}[r, c] = \cos\bigl(2\pi\,(f_r\, r + f_c\, c) + \varphi\bigr)$$
#
# $f_r$ says how many times the wave comes back for each pixel you go down, $f_c$ the same to the
# right. One full turn of the cosine is $2\pi$. The phase $\varphi$ moves the wave along.
#
# **Predict.** The picture below has $f_r$ and $f_c$ both positive. Do its stripes run like `/` or
# like `\`?

# %%
ex.target("wave")


# %% tags=["task"] task="wave" points=1 minutes=4 level=1 compare="close(rtol=1e-4, atol=1e-4)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.frequency", "imgkit.restoration"]
def wave(shape, frequency, phase=0.0):
    """Draw one wave.

    Parameters
    ----------
    shape : (H, W)
    frequency : (down, across) in cycles per pixel, each from -0.5 to 0.5
    phase : in radians

    Returns
    -------
    Floats (H, W) from -1 to 1: cos(2 * pi * (down * r + across * c) + phase) at row r, column c,
    both counted from 0.

    Example
    -------
    wave((2, 4), (0, 0.25)) gives [[1, 0, -1, 0], [1, 0, -1, 0]].
    """
    # BEGIN SOLUTION
    r, c = np.mgrid[: shape[0], : shape[1]]
    return np.cos(2 * np.pi * (frequency[0] * r + frequency[1] * c) + phase)
    # END SOLUTION


# %% tags=["check"]
ex.check(wave)

# %% [markdown] tags=["hint"] task="wave"
# Make two arrays of shape (H, W) first: one that holds the row of every pixel, one that holds its
# column. Then the formula can be written down as it stands.

# %% [markdown] tags=["hint"] task="wave"
# `r, c = np.mgrid[:H, :W]` gives both arrays. Two loops over `range(H)` and `range(W)` with
# `np.cos` inside do as well. `frequency[0]` belongs to the rows.

# %% [markdown] tags=["hint"] task="wave"
# ```
# r, c = np.mgrid[: shape[0], : shape[1]]
# turns = frequency[0] * r + ...
# return np.cos(2 * np.pi * turns + ...)
# ```


# %% tags=["cases"] task="wave"
def wave_cases(rng):
    down, across = rng.uniform((0.03, 0.07), (0.06, 0.12)).round(3)
    yield "a slanting wave", dict(shape=(18, 22), frequency=(down, across), phase=0.0)
    phase = rng.uniform(0.8, 2.4)
    yield "the other slant", dict(shape=(14, 10), frequency=(-across, 2 * down), phase=phase)
    yield (
        "upright stripes",
        dict(shape=(9, 16), frequency=(0.0, 0.125), phase=rng.uniform(0.8, 2.4)),
    )
    yield (
        "level stripes",
        dict(shape=(15, 8), frequency=(rng.uniform(0.08, 0.2), 0.0), phase=rng.uniform(3.6, 5.4)),
    )
    fast = rng.uniform(0.3, 0.45, 2)
    yield (
        "a fast wave",
        dict(shape=(10, 13), frequency=(fast[0], -fast[1] / 2), phase=rng.uniform(-2.2, -0.8)),
    )


# %% tags=["mistake"] task="wave" says="Down and across are exchanged: `frequency[0]` belongs to the rows, `frequency[1]` to the columns."
def down_and_across_exchanged(shape, frequency, phase=0.0):
    return wave(shape, frequency[::-1], phase)


# %% tags=["mistake"] task="wave" says="Your wave is about six times too slow. A cosine needs 2π for a full turn, and one cycle is one full turn: multiply by `2 * np.pi`."
def two_pi_forgotten(shape, frequency, phase=0.0):
    r, c = np.mgrid[: shape[0], : shape[1]]
    return np.cos(frequency[0] * r + frequency[1] * c + phase)


# %% tags=["mistake"] task="wave" says="The phase stands inside the bracket and is multiplied by 2π too. It is in radians already: add it outside."
def phase_times_two_pi(shape, frequency, phase=0.0):
    return wave(shape, frequency, 2 * np.pi * phase)


# %% tags=["mistake"] task="wave" says="The phase is never used. It shifts the wave along: add it inside the cosine."
def phase_ignored(shape, frequency, phase=0.0):
    return wave(shape, frequency)


# %% tags=["mistake"] task="wave" says="The phase is subtracted. Here it is added: cos(… + phase)."
def phase_subtracted(shape, frequency, phase=0.0):
    return wave(shape, frequency, -phase)


# %% tags=["mistake"] task="wave" says="That is a sine. It begins at 0; a cosine begins at its crest, 1."
def sine_for_cosine(shape, frequency, phase=0.0):
    return wave(shape, frequency, phase - np.pi / 2)


# %% tags=["mistake"] task="wave" says="You multiply a wave down with a wave across: that is an egg box, not a wave. Add the two turns first, then take *one* cosine."
def egg_box(shape, frequency, phase=0.0):
    down = wave(shape, (frequency[0], 0), phase)
    return down * wave(shape, (0, frequency[1]), phase)


# %% tags=["mistake"] task="wave" says="You add a wave down and a wave across: that makes two waves. Add the two turns first, then take *one* cosine of the sum."
def two_waves_added(shape, frequency, phase=0.0):
    return wave(shape, (frequency[0], 0), phase) + wave(shape, (0, frequency[1]), phase)


# %% tags=["mistake"] task="wave" says="You divide by the height and the width, as if the frequency were counted per picture. It is in cycles per *pixel*: multiply it by the row and the column, no more."
def cycles_per_picture(shape, frequency, phase=0.0):
    return wave(shape, (frequency[0] / shape[0], frequency[1] / shape[1]), phase)


# %% [markdown]
# **See it.** Slow and fast, left and right. The last one is the fastest wave there is: the pixels
# only just keep up.

# %%
draw = ex.use("wave")
four = [(0.02, 0.04), (-0.02, 0.04), (0.11, 0.02), (0.5, 0.5)]
images.show(
    *[draw((48, 48), frequency) / 2 + 0.5 for frequency in four],
    titles=[str(frequency) for frequency in four],
    alt="Four waves: wide stripes that rise to the right, wide stripes that fall to the right, "
    "narrow stripes that are nearly level, and a chessboard of single pixels.",
)

# %% [markdown]
# ## 2 · How much of each wave?
#
# Now one row of N pixels, and the waves that fit into it a whole number of times: 0, 1, 2, … N − 1
# times. To find out how much of such a wave is in the row, lay it on the row, multiply, and add
# up: a dot product, as in convolution. The wave matches: a large number. It does not: plus and
# minus cancel.
#
# A wave may be shifted, so it takes two of them, a cosine and a sine. Complex numbers carry both at
# once, for $e^{-i\alpha} = \cos\alpha - i \sin\alpha$:
#
# $$F[k] = \sum_{n=0}^{N-1} \text{row}[n]\; e^{-2\pi i\, k n / N}$$
#
# That is the **discrete Fourier transform**, all of it. In Python $i$ is `1j`.
#
# Here is a row: a mean of 0.5, and a wave that fits in 3 times.

# %%
n = np.arange(16)
three_times = 0.5 + 0.4 * np.cos(2 * np.pi * 3 * n / 16)
images.plot_rows(
    three_times, labels=["the row"], alt="Sixteen pixels, and three waves of 0.1 to 0.9."
)

# %% [markdown]
# **Predict.** Which entries of its $F$ are not zero? (There are *three*.)

# %%
images.plot_rows(
    np.abs(np.fft.fft(three_times)) / 16,
    labels=["|F| / 16, for k = 0 to 15: what your dft is to find"],
    alt="The size of the 16 Fourier coefficients: a peak at 0 for the mean, a lower one at 3 and its "
    "equal at 13, zeros elsewhere.",
)


# %% tags=["task"] task="dft" points=3 minutes=9 level=2 compare="close(rtol=1e-4, atol=1e-3)" forbid=["numpy.fft", "scipy", "cv2", "skimage", "torch", "imgkit.frequency"]
def dft(row):
    """Measure how much of each wave is in a row.

    Parameters
    ----------
    row : array (N,) of real numbers

    Returns
    -------
    Complex array (N,): F[k] = sum over n of row[n] * exp(-2j * pi * k * n / N), for k = 0 to
    N - 1 in this order. Nothing is divided or shifted. numpy.fft is forbidden here; afterwards it
    is yours.

    Example
    -------
    dft(np.array([1, 0, 0, 0])) gives [1, 1, 1, 1]; dft(np.array([0, 1, 0, 0])) gives
    [1, -1j, -1, 1j].
    """
    # BEGIN SOLUTION
    n = np.arange(len(row))
    waves = np.exp(-2j * np.pi * np.outer(n, n) / len(row))  # one wave in each row
    return (waves * row).sum(axis=1)
    # END SOLUTION


# %% tags=["check"]
ex.check(dft)

# %% [markdown] tags=["hint"] task="dft"
# Take one `k` first. Make the wave `np.exp(-2j * np.pi * k * n / N)` with `n = np.arange(N)`,
# multiply it by the row, and sum. With `k = 0` the wave is all ones, so `F[0]` is the sum of the
# row.

# %% [markdown] tags=["hint"] task="dft"
# Then a loop over `k`. An array that is to hold complex numbers must be made for them:
# `np.zeros(N, complex)`. Or without the loop: a matrix that has one wave in each row, times the
# row. `np.outer(n, n)` holds all the products `k * n`.

# %% [markdown] tags=["hint"] task="dft"
# ```
# N = len(row)
# n = np.arange(N)
# F = np.zeros(N, complex)
# for k in range(N):
#     F[k] = np.sum(row * ...)      # the wave that fits in k times
# return F
# ```
#
# That is right, and enough. Without the loop, all waves at once: `np.exp(... * np.outer(n, n) / N)`.


# %% tags=["cases"] task="dft"
def dft_cases(rng):
    n = np.arange(16)
    k, phase = rng.integers(2, 6), rng.uniform(0.5, 1.2)
    row = 0.5 + 0.4 * np.cos(2 * np.pi * k * n / 16 + phase)
    yield f"a wave that fits in {k} times", dict(row=row)
    step = np.full(20, rng.uniform(0, 0.3))
    step[int(rng.integers(5, 9)) :] = rng.uniform(0.6, 1)
    yield "a step", dict(row=step)
    dot = np.zeros(12)
    dot[rng.choice([1, 2, 4, 5])] = 1
    yield "one bright pixel", dict(row=dot)
    top, left = rng.integers((80, 150), (200, 250))
    yield "a row of a photograph", dict(row=camera[top, left : left + 33])
    yield "whole numbers", dict(row=rng.integers(0, 10, 15).astype(float))


# %% tags=["mistake"] task="dft" says="The sign of the exponent is the other one. Forward it is minus, `exp(-2j * ...)`; plus belongs to the way back."
def sign_of_the_exponent(row):
    return np.conj(dft(row))


# %% tags=["mistake"] task="dft" says="You divide by the length. That belongs to the way back; forward, `F[0]` is the plain sum of the row."
def divided_by_the_length(row):
    return dft(row) / len(row)


# %% tags=["mistake"] task="dft" says="You return the size, `np.abs`. That throws away the phase, and with it the place of everything. Return the complex numbers."
def size_only(row):
    return np.abs(dft(row))


# %% tags=["mistake"] task="dft" says="The imaginary part is lost, so only the cosines are left. If you fill `np.zeros(N)`: it holds floats, and NumPy drops the rest with a warning. Write `np.zeros(N, complex)`."
def cosines_only(row):
    return np.real(dft(row))


# %% tags=["mistake"] task="dft" says="The `/ N` is missing in the exponent. `k * n` alone is a whole number of turns, and a wave of whole turns is 1 everywhere."
def length_missing_in_the_exponent(row):
    return np.full(len(row), row.sum(), complex)


# %% tags=["mistake"] task="dft" says="The 2 is missing in the exponent: a full turn is 2π, not π."
def two_missing_in_the_exponent(row):
    n = np.arange(len(row))
    return np.exp(-1j * np.pi * np.outer(n, n) / len(row)) @ row


# %% tags=["mistake"] task="dft" says="Your waves begin with the one that fits in once. The first is `k = 0`, the flat one; its number is the sum of the row."
def begins_at_one(row):
    return np.roll(dft(row), -1)


# %% tags=["mistake"] task="dft" says="Your pixels are counted from 1. Count them from 0, or every wave is shifted by a pixel."
def pixels_counted_from_one(row):
    k = np.arange(len(row))
    return dft(row) * np.exp(-2j * np.pi * k / len(row))


# %% tags=["mistake"] task="dft" says="You stop in the middle. For real rows the second half mirrors the first, but it is asked for: `k` runs from 0 to N − 1."
def first_half_only(row):
    return dft(row)[: len(row) // 2 + 1]


# %% tags=["mistake"] task="dft" says="The zero frequency stands in the middle. The order here is 0, 1, 2, … N − 1, as the formula gives it; shifting comes later."
def zero_in_the_middle(row):
    return np.fft.fftshift(dft(row))


# %% [markdown]
# **See it.** One row of the striped Moon, taken apart by your code. The mean is left out; the rest
# is drawn up to half of N, for the other half is its mirror image.

# %%
measure = ex.use("dft")
sizes = [np.abs(measure(picture[170] - picture[170].mean()))[:129] for picture in (striped, crater)]
images.plot_rows(
    *sizes,
    labels=["striped row", "the same row without stripes"],
    alt="Without stripes all that is large is at the left, in the slow waves. The striped row has "
    f"three sharp peaks on top, the highest of them at {np.argmax(sizes[0])} cycles.",
)

# %% [markdown]
# Craters are spread over many waves; a stripe sits in one. That is why this works.
#
# From here on the fast Fourier transform is yours. In two dimensions it is `np.fft.fft2`, and it
# gives exactly these sums, first along the rows, then along the columns.

# %% [markdown]
# ## 3 · A filter is a picture, too
#
# In convolution the filter was a kernel. Here it is a **transfer function**: for each wave a
# number from 0, gone, to 1, kept. It has the size of the picture, and people draw it with the zero
# frequency in the middle, so it looks like a target.
#
# How far a place is from the middle says how fast its wave is: $D = \sqrt{f_r^2 + f_c^2}$. A
# low-pass keeps what is slow. Two ways to do it, with $D_0$ the *cutoff*:
#
# $$\text{ideal: } 1 \text{ where } D \le D_0,\ \text{else } 0 \qquad
# \text{gaussian: } e^{-D^2 / 2 D_0^2}$$
#
# **Predict.** Sides of 6 pixels: which frequencies are there, from left to right? And where is the
# zero, between two of them or on one? Then look:

# %%
print(np.fft.fftfreq(6).round(2))
print(np.fft.fftshift(np.fft.fftfreq(6)).round(2))

# %%
ex.target("low_pass")


# %% tags=["task"] task="low_pass" points=3 minutes=8 level=2 compare="close(rtol=1e-4, atol=1e-5)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.frequency", "imgkit.filtering"]
def low_pass(shape, cutoff, kind="gaussian"):
    """Draw the transfer function of a low-pass filter.

    Parameters
    ----------
    shape : (H, W)
    cutoff : in cycles per pixel, > 0
    kind : "gaussian", exp(-D**2 / (2 * cutoff**2)), or "ideal", 1 where D <= cutoff, else 0

    Returns
    -------
    Floats (H, W) from 0 to 1 for both kinds, not True and False; the zero frequency at row H // 2,
    column W // 2. D is the distance from there in cycles per pixel: one step down changes the
    frequency by 1 / H, one step to the right by 1 / W.

    Example
    -------
    low_pass((1, 4), 0.3, "ideal") gives [[0, 1, 1, 1]]: the frequencies are -0.5, -0.25, 0, 0.25.
    """
    # BEGIN SOLUTION
    down = np.fft.fftshift(np.fft.fftfreq(shape[0]))
    across = np.fft.fftshift(np.fft.fftfreq(shape[1]))
    distance = np.hypot(down[:, None], across[None, :])
    if kind == "ideal":
        return (distance <= cutoff).astype(float)
    return np.exp(-(distance**2) / (2 * cutoff**2))
    # END SOLUTION


# %% tags=["check"]
ex.check(low_pass)

# %% [markdown] tags=["hint"] task="low_pass"
# Make the frequencies of the rows, H numbers, and those of the columns, W numbers. The middle one
# must be 0. Then D is Pythagoras on a column of the first and a row of the second.

# %% [markdown] tags=["hint"] task="low_pass"
# `np.fft.fftshift(np.fft.fftfreq(H))` are the frequencies with 0 in the middle; so is
# `(np.arange(H) - H // 2) / H`. As a column: `down[:, None]`. As a row: `across[None, :]`.
# `np.hypot` takes both and gives (H, W).

# %% [markdown] tags=["hint"] task="low_pass"
# ```
# down = np.fft.fftshift(np.fft.fftfreq(shape[0]))[:, None]
# across = np.fft.fftshift(np.fft.fftfreq(shape[1]))[None, :]
# D = np.hypot(down, across)
# if kind == "ideal":
#     return (D <= cutoff).astype(float)
# return ...
# ```


# %% tags=["cases"] task="low_pass"
def low_pass_cases(rng):
    def cutoff(low, high):
        return round(rng.uniform(low, high), 3) + 0.0004  # on no frequency of the grid

    yield "gaussian", dict(shape=(32, 32), cutoff=cutoff(0.08, 0.14), kind="gaussian")
    yield "ideal", dict(shape=(28, 28), cutoff=cutoff(0.2, 0.3), kind="ideal")
    yield "gaussian, wide", dict(shape=(16, 23), cutoff=cutoff(0.1, 0.2), kind="gaussian")
    yield "ideal, wide", dict(shape=(24, 35), cutoff=cutoff(0.2, 0.3), kind="ideal")
    yield "gaussian, tall", dict(shape=(25, 12), cutoff=cutoff(0.15, 0.25), kind="gaussian")
    yield "ideal, tall", dict(shape=(33, 22), cutoff=cutoff(0.25, 0.35), kind="ideal")


# %% tags=["mistake"] task="low_pass" says="The zero frequency is in the corner, as `np.fft.fftfreq` gives it. Here it belongs in the middle: `np.fft.fftshift` moves it there."
def zero_in_the_corner(shape, cutoff, kind="gaussian"):
    return np.fft.ifftshift(low_pass(shape, cutoff, kind))


# %% tags=["mistake"] task="low_pass" says="Your D is in steps of the grid, so nearly everything is beyond the cutoff. In cycles per pixel one step down is 1 / H, and one step to the right is 1 / W."
def distance_in_steps(shape, cutoff, kind="gaussian"):
    r, c = np.mgrid[: shape[0], : shape[1]]
    distance = np.hypot(r - shape[0] // 2, c - shape[1] // 2)
    if kind == "ideal":
        return (distance <= cutoff).astype(float)
    return np.exp(-(distance**2) / (2 * cutoff**2))


# %% tags=["mistake"] task="low_pass" says="Your frequencies run evenly from −0.5 to 0.5, ends included, as `np.linspace(-0.5, 0.5, H)` gives them. The steps are 1 / H, and 0 must be one of them: `(np.arange(H) - H // 2) / H`."
def linspace_to_the_end(shape, cutoff, kind="gaussian"):
    down, across = (np.linspace(-0.5, 0.5, side) for side in shape)
    distance = np.hypot(down[:, None], across[None, :])
    if kind == "ideal":
        return (distance <= cutoff).astype(float)
    return np.exp(-(distance**2) / (2 * cutoff**2))


# %% tags=["mistake"] task="low_pass" says="For odd sides your middle lies between two pixels: you take away H / 2. The zero frequency is *on* a pixel, at H // 2."
def middle_between_pixels(shape, cutoff, kind="gaussian"):
    r, c = np.mgrid[: shape[0], : shape[1]]
    distance = np.hypot(r / shape[0] - 0.5, c / shape[1] - 0.5)
    if kind == "ideal":
        return (distance <= cutoff).astype(float)
    return np.exp(-(distance**2) / (2 * cutoff**2))


# %% tags=["mistake"] task="low_pass" says="You divide both ways by the same side, so where the picture is not square the target is the wrong shape. Down counts in steps of 1 / H, across in steps of 1 / W."
def one_side_for_both(shape, cutoff, kind="gaussian"):
    r, c = np.mgrid[: shape[0], : shape[1]]
    distance = np.hypot(r - shape[0] // 2, c - shape[1] // 2) / max(shape)
    if kind == "ideal":
        return (distance <= cutoff).astype(float)
    return np.exp(-(distance**2) / (2 * cutoff**2))


# %% tags=["mistake"] task="low_pass" says="It keeps what should go: this is a high-pass. Near the middle, where D is small, the value is 1."
def inside_out(shape, cutoff, kind="gaussian"):
    return 1 - low_pass(shape, cutoff, kind)


# %% tags=["mistake"] task="low_pass" says="Whatever `kind` says, you draw a Gaussian. `ideal` is a disc with a sharp rim."
def always_gaussian(shape, cutoff, kind="gaussian"):
    return low_pass(shape, cutoff)


# %% tags=["mistake"] task="low_pass" says="The 2 in `exp(-D**2 / (2 * cutoff**2))` is missing, so the Gaussian is too narrow. (Are there brackets round what stands below the line?)"
def two_forgotten(shape, cutoff, kind="gaussian"):
    return low_pass(shape, cutoff / np.sqrt(2) if kind == "gaussian" else cutoff, kind)


# %% tags=["mistake"] task="low_pass" says="`D**2 / 2 * cutoff**2` divides by 2 and then *multiplies*. Put brackets round what stands below the line: `/ (2 * cutoff**2)`."
def brackets_forgotten(shape, cutoff, kind="gaussian"):
    return low_pass(shape, 1 / cutoff if kind == "gaussian" else cutoff, kind)


# %% tags=["mistake"] task="low_pass" says="The ideal filter is a square: you compare rows and columns one at a time. Its rim is round: compare their hypotenuse with the cutoff."
def square_rim(shape, cutoff, kind="gaussian"):
    if kind != "ideal":
        return low_pass(shape, cutoff, kind)
    down, across = (np.abs(np.fft.fftshift(np.fft.fftfreq(side))) for side in shape)
    return np.outer(down <= cutoff, across <= cutoff).astype(float)


# %% tags=["mistake"] task="low_pass" says="The ideal filter comes back as True and False. The values are right, but numbers are asked for: `(D <= cutoff).astype(float)`."
def true_and_false(shape, cutoff, kind="gaussian"):
    transfer = low_pass(shape, cutoff, kind)
    return transfer > 0.5 if kind == "ideal" else transfer


# %% [markdown]
# ## 4 · Filter by the spectrum
#
# Three steps: to the spectrum, multiply, back. Two traps wait on the way.
#
# The first: `np.fft.fft2` puts the zero frequency at `[0, 0]`, and your transfer function has it in
# the middle. One of the two has to move. `np.fft.fftshift` moves the corner to the middle,
# `np.fft.ifftshift` the middle to the corner. For odd sides these are *not* the same.
#
# The second: what comes back is complex. Its imaginary part is rounding dust. And the real part
# may be negative.
#
# **Predict.** A transfer function that is 1 everywhere: what comes out? And one that is 0 in the
# middle and 1 everywhere else?

# %%
ex.target("apply_transfer")


# %% tags=["task"] task="apply_transfer" points=2 minutes=7 level=2 compare="close(rtol=1e-4, atol=1e-5)" forbid=["cv2", "scipy.ndimage", "scipy.signal", "skimage", "torch", "imgkit.frequency", "imgkit.filtering"]
def apply_transfer(image, transfer):
    """Filter a picture by its spectrum.

    Parameters
    ----------
    image : floats (H, W)
    transfer : floats (H, W), how much of each wave is kept; the zero frequency is at row H // 2,
        column W // 2, as low_pass has it

    Returns
    -------
    Real floats (H, W), with their sign; not clipped. Any fft of NumPy or SciPy is welcome.

    Example
    -------
    With np.ones(image.shape) the picture comes back as it is.
    """
    # BEGIN SOLUTION
    spectrum = np.fft.fft2(image) * np.fft.ifftshift(transfer)
    return np.fft.ifft2(spectrum).real
    # END SOLUTION


# %% tags=["check"]
ex.check(apply_transfer)

# %% [markdown] tags=["hint"] task="apply_transfer"
# Multiply like with like: the number for the wave (0, 0) must meet the zero frequency of the
# spectrum. Move the transfer function's middle to the corner, and leave the spectrum as it is;
# then nothing has to be moved back.

# %% [markdown] tags=["hint"] task="apply_transfer"
# From the middle to the corner: `np.fft.ifftshift(transfer)`. There and back again:
# `np.fft.fft2`, `np.fft.ifft2`. At the very end take `.real`, not `np.abs`: a negative value is
# right where it gets darker.

# %% [markdown] tags=["hint"] task="apply_transfer"
# ```
# spectrum = np.fft.fft2(image)
# spectrum = spectrum * ...             # the transfer function, its zero in the corner
# return np.fft.ifft2(spectrum).real
# ```


# %% tags=["cases"] task="apply_transfer"
def apply_transfer_cases(rng):
    def piece(height, width):
        top, left = rng.integers((80, 170), (120, 250))
        part = camera[top : top + 3 * height : 3, left : left + 3 * width : 3]
        return part.astype(np.float32)

    def smooth(shape, low, high, kind="gaussian"):
        return low_pass(shape, rng.uniform(low, high), kind).astype(np.float32)

    yield "slow waves only", dict(image=piece(27, 31), transfer=smooth((27, 31), 0.08, 0.1))
    fast = 1 - smooth((25, 31), 0.04, 0.08)
    yield "fast waves only", dict(image=piece(25, 31), transfer=fast)
    band = smooth((23, 18), 0.2, 0.25) - smooth((23, 18), 0.05, 0.08)
    yield "a band between", dict(image=piece(23, 18), transfer=band)
    no_mean = np.ones((17, 21), np.float32)
    no_mean[8, 10] = 0
    yield "all but the mean", dict(image=piece(17, 21), transfer=no_mean)
    dot = np.zeros((18, 20), np.float32)
    dot[rng.integers(6, 12), rng.integers(7, 13)] = 1
    yield "one bright pixel", dict(image=dot, transfer=smooth((18, 20), 0.13, 0.16, "ideal"))


# %% tags=["mistake"] task="apply_transfer" says="The transfer function is used as it is, so its middle meets the fastest waves: slow and fast are exchanged. Move its middle to the corner first: `np.fft.ifftshift(transfer)`."
def middle_meets_the_corner(image, transfer):
    return np.fft.ifft2(np.fft.fft2(image) * transfer).real


# %% tags=["mistake"] task="apply_transfer" says="You moved the spectrum's zero to the middle and never back. Between the product and `ifft2` belongs `np.fft.ifftshift`; without it every other pixel changes its sign."
def never_moved_back(image, transfer):
    spectrum = np.fft.fftshift(np.fft.fft2(image)) * transfer
    return np.fft.ifft2(spectrum).real


# %% tags=["mistake"] task="apply_transfer" says="Almost: `fftshift` where `ifftshift` belongs. For even sides they are the same, for odd ones they miss by one step. `fftshift` brings the corner to the middle, `ifftshift` the middle to the corner."
def fftshift_for_ifftshift(image, transfer):
    return np.fft.ifft2(np.fft.fft2(image) * np.fft.fftshift(transfer)).real


# %% tags=["mistake"] task="apply_transfer" says="Almost: you move the spectrum to the middle with `fftshift` and back with `fftshift` again. For odd sides that misses by one step: the way back is `np.fft.ifftshift`."
def fftshift_both_ways(image, transfer):
    spectrum = np.fft.fftshift(np.fft.fft2(image)) * transfer
    return np.fft.ifft2(np.fft.fftshift(spectrum)).real


# %% tags=["mistake"] task="apply_transfer" says="You clip to 0..1. Where fast waves are kept, negative values are as right as positive ones: leave them."
def clipped(image, transfer):
    return np.clip(apply_transfer(image, transfer), 0, 1)


# %% tags=["mistake"] task="apply_transfer" says="You take the size, `np.abs`, and every negative value turns positive. Take the real part: the sign says brighter or darker."
def sign_lost(image, transfer):
    return np.abs(apply_transfer(image, transfer))


# %% tags=["mistake"] task="apply_transfer" says="Your answer is still complex. Its imaginary part is only dust from rounding: take `.real` at the end."
def still_complex(image, transfer):
    return np.fft.ifft2(np.fft.fft2(image) * np.fft.ifftshift(transfer))


# %% tags=["mistake"] task="apply_transfer" says="You take the size of the *spectrum*. That throws away the phases, and the phases know where things are. Multiply the complex spectrum."
def phases_lost(image, transfer):
    return np.fft.ifft2(np.abs(np.fft.fft2(image)) * np.fft.ifftshift(transfer)).real


# %% [markdown]
# **See it.** The same cutoff, two rims. Look at the sky around his head.

# %%
draw_filter, filtered = ex.use("low_pass"), ex.use("apply_transfer")
view = camera[40:240, 120:320]
soft, sharp = (filtered(view, draw_filter(view.shape, 0.06, k)) for k in ("gaussian", "ideal"))
images.show(
    view,
    soft,
    np.clip(sharp, 0, 1),
    titles=["photograph", "gaussian", "ideal"],
    alt="A man with a camera; the Gaussian makes him soft, and the ideal filter draws ripples "
    f"around him. It also leaves the range: it gives values from {sharp.min():.2f} to "
    f"{sharp.max():.2f}, the Gaussian from {soft.min():.2f} to {soft.max():.2f}.",
)

# %% [markdown]
# A sharp rim in one domain rings in the other. So the soft filter is usually the better one, though
# it cuts less cleanly. And the two you predicted: with ones everywhere the picture comes back as it
# was; with a zero in the middle it loses its mean, and nothing else.

# %% [markdown]
# ## 5 · Catch a wave
#
# Photographs are strong in slow waves. A stripe is one strong wave among the fast ones, and there
# it stands alone: a bright dot in the spectrum. Or rather two. A real picture holds each wave
# twice, at $(f_r, f_c)$ and at $(-f_r, -f_c)$, and only both together are a real wave.
#
# So: find the strongest wave that is not slow, set it **and its partner** to zero, and go back.
# That is a **notch filter**.
#
# **Predict.** If you set only one of the two to zero, how much of the stripes is left?

# %%
ex.target("notch")


# %% tags=["task"] task="notch" points=3 minutes=9 level=3 compare="close(rtol=1e-4, atol=1e-4)" forbid=["cv2", "scipy.ndimage", "scipy.signal", "skimage", "torch", "imgkit.frequency", "imgkit.restoration"]
def notch(image, above):
    """Find the strongest fast wave and take it out.

    Parameters
    ----------
    image : floats (H, W) with one wave of stripes that fits in a whole number of times
    above : in cycles per pixel; the wave is sought where sqrt(down**2 + across**2) > above

    Returns
    -------
    (mended, frequency), a tuple:

    - mended: real floats (H, W), the picture whose spectrum is 0 at this wave and its partner
    - frequency: (down, across) of the wave in cycles per pixel, a tuple. Of the two partners, the
      one with down > 0, and if down is 0, the one with across > 0.

    Example
    -------
    For 0.5 + 0.1 * wave((8, 8), (0.25, -0.125)) it gives 0.5 everywhere, and (0.25, -0.125).
    """
    # BEGIN SOLUTION
    spectrum = np.fft.fft2(image)
    down, across = np.fft.fftfreq(image.shape[0]), np.fft.fftfreq(image.shape[1])
    fast = np.hypot(down[:, None], across[None, :]) > above
    i, j = np.unravel_index(np.argmax(np.abs(spectrum) * fast), image.shape)
    spectrum[i, j] = spectrum[-i, -j] = 0  # index -i is the frequency -down[i]
    frequency = max((down[i], across[j]), (-down[i], -across[j]))
    return np.fft.ifft2(spectrum).real, frequency
    # END SOLUTION


# %% tags=["check"]
ex.check(notch)

# %% [markdown] tags=["hint"] task="notch"
# Leave everything in the order of `np.fft.fft2`; no shift is needed. The frequencies of the rows
# are `np.fft.fftfreq(H)`, those of the columns `np.fft.fftfreq(W)`. Set the size of the spectrum to
# 0 wherever the wave is slow, then look for the largest.

# %% [markdown] tags=["hint"] task="notch"
# `np.argmax` counts through the flat array; `np.unravel_index(place, image.shape)` gives row and
# column. If the wave is at `[i, j]`, its partner is at `[-i, -j]`: negative indices count from the
# end, which is just right here. (`[H - i, W - j]` is the same place, but for `i = 0` it is outside.)
# At the end, ask whether `down` is negative, and turn both signs.

# %% [markdown] tags=["hint"] task="notch"
# ```
# F = np.fft.fft2(image)
# down, across = np.fft.fftfreq(image.shape[0]), np.fft.fftfreq(image.shape[1])
# fast = np.hypot(down[:, None], across[None, :]) > above
# i, j = np.unravel_index(np.argmax(np.abs(F) * fast), F.shape)
# F[i, j] = F[-i, -j] = 0
# frequency = (down[i], across[j])      # turn both signs if down < 0, or down == 0 and across < 0
# return np.fft.ifft2(F).real, frequency
# ```


# %% tags=["cases"] task="notch"
def notch_cases(rng):
    def striped(photo, down, across, amplitude):
        r, c = np.mgrid[: photo.shape[0], : photo.shape[1]]
        turns = down * r / photo.shape[0] + across * c / photo.shape[1]
        stripes = amplitude * np.cos(2 * np.pi * turns + rng.uniform(0, 6))
        return (photo + stripes).astype(np.float32)

    def piece(source, height, width, step, top=(60, 200), left=(60, 220)):
        top, left = rng.integers(*top), rng.integers(*left)
        part = source[top : top + height * step, left : left + width * step]
        part = part.reshape(height, step, width, step).mean(axis=(1, 3))
        # the photograph's own slowest wave is to be stronger than the stripes
        slow = rng.uniform(0.2, 0.25) * np.cos(2 * np.pi * np.arange(width) / width)
        return 0.5 + 0.4 * (part - part.mean()) + slow

    head = piece(camera, 30, 36, 5, (55, 85), (135, 165))
    down, across = rng.integers((4, 5), (6, 8))
    yield (
        "stripes over a photograph",
        dict(image=striped(head, down, across, 0.15), above=0.08),
    )
    down, across = rng.integers((4, 5), (9, 9))
    yield (
        "the other slant",
        dict(image=striped(piece(coins, 28, 26, 4), down, -across, 0.12), above=0.1),
    )
    across = rng.integers(6, 11)
    yield (
        "upright stripes",
        dict(image=striped(piece(moon, 19, 29, 5), 0, across, 0.12), above=0.15),
    )
    down, across = rng.integers((3, 5), (6, 8))
    yield (
        "slanting stripes, odd sides",
        dict(image=striped(piece(moon, 25, 21, 5), -down, across, 0.14), above=0.1),
    )


# %% tags=["mistake"] task="notch" says="The stripes are still there at half their strength: only one of the two partners is gone. The other one is at `[-i, -j]`."
def partner_left(image, above):
    mended, (down, across) = notch(image, above)
    return (mended + image) / 2, (down, across)


# %% tags=["mistake"] task="notch" says="You took out the mean of the picture: the zero frequency is always the strongest of all. Look only where the distance is larger than `above`."
def mean_taken_out(image, above):
    return image - image.mean(), (0.0, 0.0)


# %% tags=["mistake"] task="notch" says="You left out the mean and nothing else, so you caught a slow wave of the photograph itself. Look only where the distance is larger than `above`."
def slow_wave_taken_out(image, above):
    return notch(image, 1e-9)


# %% tags=["mistake"] task="notch" says="The picture is right. The frequency is given in whole cycles, as places in the spectrum; cycles per *pixel* are these divided by the sides, as `np.fft.fftfreq` has them."
def frequency_in_whole_cycles(image, above):
    mended, (down, across) = notch(image, above)
    return mended, (down * image.shape[0], across * image.shape[1])


# %% tags=["mistake"] task="notch" says="The picture is right. Instead of the frequency you give the place in the array, `(i, j)`. What stands there is `np.fft.fftfreq(H)[i]` and `np.fft.fftfreq(W)[j]`."
def place_for_frequency(image, above):
    mended, (down, across) = notch(image, above)
    i, j = round(down * image.shape[0]), round(across * image.shape[1])
    return mended, (i % image.shape[0], j % image.shape[1])


# %% tags=["mistake"] task="notch" says="The picture is right. Down and across are exchanged in the frequency: rows come first."
def across_first(image, above):
    mended, (down, across) = notch(image, above)
    return mended, (across, down)


# %% tags=["mistake"] task="notch" says="The picture is right, and you name the other one of the two partners. Where `down` is negative, or 0 with `across` negative, turn both signs."
def other_partner_named(image, above):
    mended, (down, across) = notch(image, above)
    return mended, (-down, -across)


# %% tags=["mistake"] task="notch" says="The sign is lost in the frequency: the slant of the stripes is in it. `across` may be negative."
def slant_lost(image, above):
    mended, (down, across) = notch(image, above)
    return mended, (down, abs(across))


# %% tags=["mistake"] task="notch" says="For odd sides you miss the partner by one step. In a spectrum that was shifted, `[-i, -j]` is not the partner: count from the middle, `2 * (H // 2) - i`. Without any shift `[-i, -j]` is right."
def partner_missed_by_one(image, above):
    _, frequency = notch(image, above)
    height, width = image.shape
    i, j = (side // 2 - round(f * side) for f, side in zip(frequency, image.shape, strict=True))
    shifted = np.fft.fftshift(np.fft.fft2(image))
    for down, across in ((i, j), (-i, -j)):
        shifted[down % height, across % width] = 0
    return np.fft.ifft2(np.fft.ifftshift(shifted)).real, frequency


# %% tags=["mistake"] task="notch" says="You mirror the place as if in a picture, to `[H - 1 - i, W - 1 - j]`. A spectrum is mirrored about its zero at `[0, 0]`: the partner is at `[-i, -j]`."
def mirrored_like_a_picture(image, above):
    _, (down, across) = notch(image, above)
    i, j = round(down * image.shape[0]), round(across * image.shape[1])
    spectrum = np.fft.fft2(image)
    spectrum[i, j] = spectrum[-1 - i, -1 - j] = 0
    return np.fft.ifft2(spectrum).real, (down, across)


# %% tags=["mistake"] task="notch" says="You take out every fast wave, and all fine detail with the stripes: that is a low-pass. Set only the strongest wave and its partner to zero."
def every_fast_wave(image, above):
    down, across = (np.fft.fftfreq(side) for side in image.shape)
    spectrum = np.fft.fft2(image)
    spectrum[np.hypot(down[:, None], across[None, :]) > above] = 0
    return np.fft.ifft2(spectrum).real, notch(image, above)[1]


# %% tags=["mistake"] task="notch" says="You look for the wave in a shifted spectrum and remove it from one that is not shifted, so the wrong waves are gone. Either shift nothing, or shift back with `np.fft.ifftshift` before you return."
def place_in_the_shifted_spectrum(image, above):
    _, (down, across) = notch(image, above)
    i = round(down * image.shape[0]) + image.shape[0] // 2
    j = round(across * image.shape[1]) + image.shape[1] // 2
    spectrum = np.fft.fft2(image)
    spectrum[i, j] = spectrum[-i, -j] = 0
    return np.fft.ifft2(spectrum).real, (down, across)


# %% [markdown]
# **See it.** The spectrum before and after, drawn with the zero frequency in the middle. Sizes in a
# spectrum differ so much that one draws their logarithm. (And with one of the two partners? Each
# carries half of the stripes, so half would be left.)


# %%
def spectrum_of(image):
    """The logarithm of the spectrum's size, from 0 to 1, the zero frequency in the middle."""
    size = np.log1p(np.abs(np.fft.fftshift(np.fft.fft2(image))))
    return size / size.max()


# %%
once, found = ex.use("notch")(striped, above=0.1)
images.show(
    spectrum_of(striped)[80:-80, 80:-80],
    spectrum_of(once)[80:-80, 80:-80],
    titles=["middle of the spectrum", "after one notch"],
    alt="The middle of two spectra: a glow around the zero frequency, and on the left single "
    f"bright dots in three pairs. The pair at {found[0]:.3f} down and {found[1]:.3f} across is "
    "gone on the right.",
)

# %% [markdown]
# ## 6 · Shrink without inventing
#
# To halve a picture, take every second pixel. What could be simpler? But a wave of 0.4 cycles per
# pixel becomes one of 0.8, and there is no such wave: the pixels show another one instead, slow
# and bold, that was never there. It is called an **alias**. It makes shirts shimmer on television
# and roof tiles crawl in satellite images.
#
# The cure: first take out what the small picture cannot hold, then take every second pixel.
#
# **Predict.** Below are rings that grow finer outwards. What will plain slicing, `[::2, ::2]`, make
# of the finest?

# %%
ex.target("shrink")


# %% tags=["task"] task="shrink" points=2 minutes=6 level=2 compare="close(rtol=1e-4, atol=1e-5)" forbid=["cv2", "scipy.ndimage", "scipy.signal", "skimage", "torch", "imgkit.frequency", "imgkit.filtering"]
def shrink(image, factor):
    """Make a picture smaller without false patterns.

    First the Gaussian low-pass of task 3 with the cutoff 0.25 / factor, applied as in task 4. Then
    every factor-th pixel down and across, beginning with the first.

    Parameters
    ----------
    image : floats (H, W)
    factor : whole number, at least 2

    Returns
    -------
    Real floats, ceil(H / factor) high and ceil(W / factor) wide. You may call low_pass and
    apply_transfer.

    Example
    -------
    A flat picture of shape (9, 12) and factor 3 give one of shape (3, 4), as bright as before.
    """
    # BEGIN SOLUTION
    smooth = apply_transfer(image, low_pass(image.shape, 0.25 / factor))
    return smooth[::factor, ::factor]
    # END SOLUTION


# %% tags=["check"]
ex.check(shrink)

# %% [markdown] tags=["hint"] task="shrink"
# You have both tools: a function that draws a low-pass, and one that applies it. What is left is a
# slice. The order matters: once the false pattern is there, no filter can tell it from a true one.

# %% [markdown] tags=["hint"] task="shrink"
# A slice takes a step, too: `image[::3]` is every third row. The fastest wave that the small
# picture can hold has 0.5 cycles per *small* pixel, which is `0.5 / factor` here. The cutoff is
# half of that, so that the Gaussian is nearly 0 there.

# %% [markdown] tags=["hint"] task="shrink"
# ```
# transfer = low_pass(image.shape, 0.25 / factor)
# smooth = apply_transfer(image, transfer)
# return smooth[...]                 # every factor-th pixel in both directions
# ```


# %% tags=["cases"] task="shrink"
def shrink_cases(rng):
    r, c = np.mgrid[:44, :44]
    middle = rng.integers(18, 26, 2)
    squared = (r - middle[0]) ** 2 + (c - middle[1]) ** 2
    rings = 0.5 + 0.5 * np.cos(np.pi * squared / 60)
    yield "rings", dict(image=rings.astype(np.float32), factor=2)
    top, left = rng.integers((80, 170), (160, 280))
    yield (
        "a piece of a photograph",
        dict(image=camera[top : top + 45, left : left + 54].astype(np.float32), factor=3),
    )
    fine = 0.5 + 0.4 * np.cos(2 * np.pi * rng.uniform(0.36, 0.42) * np.arange(36))
    fine = np.tile(fine.astype(np.float32), (17, 1))
    yield "fine stripes", dict(image=fine, factor=2)
    yield "noise, odd sides", dict(image=rng.random((33, 29), np.float32), factor=4)


# %% tags=["mistake"] task="shrink" says="You only take every `factor`-th pixel. What is too fast for the small picture does not go away, it comes back as a slow wave that was never there. Low-pass first."
def sliced_only(image, factor):
    return image[::factor, ::factor]


# %% tags=["mistake"] task="shrink" says="You filter after slicing. By then the false waves are in the picture, and no filter can tell them from true ones: filter first."
def filtered_afterwards(image, factor):
    small = image[::factor, ::factor]
    return apply_transfer(small, low_pass(small.shape, 0.25 / factor))


# %% tags=["mistake"] task="shrink" says="The cutoff does not depend on `factor`. The smaller the picture gets, the less it can hold: `0.25 / factor`."
def cutoff_not_divided(image, factor):
    return apply_transfer(image, low_pass(image.shape, 0.25))[::factor, ::factor]


# %% tags=["mistake"] task="shrink" says="Your cutoff is `0.5 / factor`. At the fastest wave the small picture holds, a Gaussian with that cutoff still lets more than half pass. Take half of it: `0.25 / factor`."
def cutoff_at_the_limit(image, factor):
    return apply_transfer(image, low_pass(image.shape, 0.5 / factor))[::factor, ::factor]


# %% tags=["mistake"] task="shrink" says="You use the ideal filter, and its sharp rim rings. The Gaussian is asked for."
def ideal_filter(image, factor):
    smooth = apply_transfer(image, low_pass(image.shape, 0.25 / factor, "ideal"))
    return smooth[::factor, ::factor]


# %% tags=["mistake"] task="shrink" says="You take means of blocks. That is a low-pass too, but a poor one, and not the one that is asked for: fast waves slip through it."
def block_means(image, factor):
    height, width = (side // factor * factor for side in image.shape)
    blocks = image[:height, :width].reshape(height // factor, factor, -1, factor)
    return blocks.mean(axis=(1, 3))


# %% tags=["mistake"] task="shrink" says="Your first pixel is in the middle of its block. Here the small picture begins with the first pixel: `[::factor, ::factor]`."
def begins_in_the_middle(image, factor):
    smooth = apply_transfer(image, low_pass(image.shape, 0.25 / factor))
    return smooth[factor // 2 :: factor, factor // 2 :: factor]


# %% [markdown]
# **See it.** The same rings, four times as many pixels. Left, rings that nobody drew.

# %%
a, b = np.mgrid[-256:256, -256:256]
rings = 0.5 + 0.5 * np.cos(np.pi * (a**2 + b**2) / 512)
sliced, small = rings[::2, ::2], ex.use("shrink")(rings, 2)
images.show(
    sliced,
    small,
    titles=["every second pixel", "filtered first"],
    alt="Left, every second pixel: besides the rings in the middle there is another set of rings "
    "at each edge and corner. Right, filtered first: rings in the middle only, fading into even "
    f"grey; at the edge the contrast is {np.ptp(small[:, 2]):.2f}, against "
    f"{np.ptp(sliced[:, 2]):.2f} on the left.",
)

# %% [markdown]
# And a real roof, made three times smaller. Look at the tiles.

# %%
pagoda = color.to_gray(data.load("china"))[48:198, 100:250] / 255
sliced, small = pagoda[::3, ::3], np.clip(ex.use("shrink")(pagoda, 3), 0, 1)
images.show(
    sliced,
    small,
    titles=["every third pixel", "filtered first"],
    alt="A pagoda. With every third pixel bold black and white bands sweep across its roof; "
    "filtered first, the roof is an even grey. The two differ by "
    f"{np.abs(sliced - small).mean():.0%} of full scale on average.",
)

# %% [markdown]
# The line along the upper edge has come over from the lower one: to the transform the picture is a
# tile, and its edges meet.
#
# ## 7 · Mend it blind
#
# Now nobody tells you how many waves there are, or where. How do you tell a stripe from a
# photograph? By its strength. A wave of amplitude $A$ is split between two partners, and each is a
# sum over all pixels, so in the spectrum both have the size $|F| = A \cdot HW / 2$. Turn that
# round, and every place in the spectrum tells you the amplitude of its wave:
#
# $$A = \frac{2\,|F|}{HW}$$
#
# Fast waves of a photograph are weak. Stripes are not. Draw a line between the two, and set to
# zero whatever is fast *and* strong.
#
# **Predict.** Do you still have to look for the partners?

# %%
ex.target("mend")


# %% tags=["task"] task="mend" points=4 minutes=8 level=3 compare="psnr(at_least=33)" forbid=["cv2", "scipy.ndimage", "scipy.signal", "skimage", "torch", "imgkit.frequency", "imgkit.restoration", "imgkit.filtering"]
def mend(image):
    """Take the stripes out of a photograph.

    Parameters
    ----------
    image : floats (H, W), a photograph plus one to four waves of stripes. Each fits in a whole
        number of times and is faster than 0.1 cycles per pixel, sqrt(down**2 + across**2) > 0.1.
        Among the waves that are faster than 0.1, stripes have an amplitude 2 * |F| / (H * W) of
        more than 0.05, and the waves of the photograph one of less than 0.03.

    Returns
    -------
    Real floats (H, W): the photograph. Its PSNR against the true one has to be 33 dB or more: the
    pixels are off by about 0.02, no worse.

    Example
    -------
    For 0.5 + 0.1 * wave((32, 32), (0.25, 0.125)) it gives 0.5 everywhere.
    """
    # BEGIN SOLUTION
    spectrum = np.fft.fft2(image)
    down, across = np.fft.fftfreq(image.shape[0]), np.fft.fftfreq(image.shape[1])
    fast = np.hypot(down[:, None], across[None, :]) > 0.1
    strong = 2 * np.abs(spectrum) / image.size > 0.04
    spectrum[fast & strong] = 0
    return np.fft.ifft2(spectrum).real
    # END SOLUTION


# %% tags=["check"]
ex.check(mend)

# %% [markdown] tags=["hint"] task="mend"
# No loop is needed. Make one mask of the places that are fast, and one of those that are strong.
# Both partners of a wave are equally strong, so a mask has them both by itself.

# %% [markdown] tags=["hint"] task="mend"
# `fast` is made as in `notch`, with 0.1. `strong` is `2 * np.abs(F) / image.size > line`, and the
# contract says between which two amplitudes your line may be. `fast & strong` is where both hold.
# Without `fast` you would lose the mean and all that is large in the photograph.

# %% [markdown] tags=["hint"] task="mend"
# ```
# F = np.fft.fft2(image)
# down, across = np.fft.fftfreq(image.shape[0]), np.fft.fftfreq(image.shape[1])
# fast = np.hypot(down[:, None], across[None, :]) > 0.1
# strong = 2 * np.abs(F) / image.size > ...
# F[fast & strong] = 0
# return ...
# ```


# %% tags=["cases"] task="mend"
def mend_cases(rng):
    def amplitudes(photo):
        """Of every wave that is faster than 0.1, else 0; one of each two partners."""
        down, across = (np.fft.fftfreq(side) for side in photo.shape)
        fast = np.hypot(down[:, None], across[None, :]) > 0.1
        return 2 * np.abs(np.fft.fft2(photo)) / photo.size * fast

    def piece(source, height, width, step):
        while True:
            top = rng.integers(source.shape[0] - height * step)
            left = rng.integers(source.shape[1] - width * step)
            part = source[top : top + height * step, left : left + width * step]
            part = part.reshape(height, step, width, step).mean(axis=(1, 3))
            part = 0.25 + 0.5 * (part - part.min()) / np.ptp(part)
            if amplitudes(part).max() < 0.02 and part.std() > 0.06:
                return np.round(part, 4)

    def waves(photo, count, amplitude):
        """Distinct waves in whole cycles, none on an axis of the spectrum."""
        taken, total = set(), np.zeros(photo.shape)
        r, c = np.mgrid[: photo.shape[0], : photo.shape[1]]
        while len(taken) < count:
            down, across = (int(rng.integers(2, side // 2 - 1)) for side in photo.shape)
            across *= int(rng.choice([-1, 1]))
            fast = np.hypot(down / photo.shape[0], across / photo.shape[1]) > 0.13
            if fast and (down, across) not in taken:
                taken.add((down, across))
                turns = down * r / photo.shape[0] + across * c / photo.shape[1]
                total += amplitude * np.cos(2 * np.pi * turns + rng.uniform(0, 6))
        return total

    for label, source, shape, step, count, amplitude in (
        ("three waves", camera, (32, 36), 4, 3, 0.072),
        ("one wave", moon, (24, 22), 4, 1, 0.2),
        ("two waves", camera, (19, 21), 6, 2, 0.072),
        ("four waves", coins, (23, 21), 3, 4, 0.072),
    ):
        truth = piece(source, *shape, step)
        striped = truth + waves(truth, count, amplitude)
        yield label, dict(image=striped.astype(np.float32)), truth.astype(np.float32)


# %% tags=["mistake"] task="mend" says="You take out the strongest wave and no other. There may be up to four: set *every* place to zero that is fast and strong."
def strongest_only(image):
    return notch(image, 0.1)[0]


# %% tags=["mistake"] task="mend" says="The photograph itself is gone: its slow waves and its mean are strong, too. Zero only what is strong *and* faster than 0.1. (You do? Then the spectrum is shifted and the distances are not, or the other way round.)"
def slow_waves_too(image):
    spectrum = np.fft.fft2(image)
    spectrum[2 * np.abs(spectrum) / image.size > 0.04] = 0
    return np.fft.ifft2(spectrum).real


# %% tags=["mistake"] task="mend" says="You keep the mean and nothing else of what is strong. A photograph's slow waves are strong, too: zero only what is faster than 0.1."
def all_but_the_mean(image):
    spectrum = np.fft.fft2(image)
    strong = 2 * np.abs(spectrum) / image.size > 0.04
    strong[0, 0] = False
    spectrum[strong] = 0
    return np.fft.ifft2(spectrum).real


# %% tags=["mistake"] task="mend" says="You take out everything that is fast. The stripes are gone, and so is all fine detail: zero only what is fast *and* strong."
def everything_fast(image):
    down, across = (np.fft.fftfreq(side) for side in image.shape)
    spectrum = np.fft.fft2(image)
    spectrum[np.hypot(down[:, None], across[None, :]) > 0.1] = 0
    return np.fft.ifft2(spectrum).real


# %% tags=["mistake"] task="mend" says="Nearly everything counts as strong, for `np.abs(F)` is a sum over all pixels. Divide it by their number to get an amplitude: `2 * np.abs(F) / image.size`."
def not_divided_by_the_pixels(image):
    down, across = (np.fft.fftfreq(side) for side in image.shape)
    spectrum = np.fft.fft2(image)
    fast = np.hypot(down[:, None], across[None, :]) > 0.1
    spectrum[fast & (2 * np.abs(spectrum) > 0.04)] = 0
    return np.fft.ifft2(spectrum).real


# %% tags=["mistake"] task="mend" says="Your picture comes back as it was. Either nothing is above your line, or you change a copy: `F[fast][strong] = 0` does. Write `F[fast & strong] = 0`."
def nothing_found(image):
    return image


# %% tags=["mistake"] task="mend" says="Only the strongest stripes are found: your amplitudes are half of what they are. A wave is split between two partners, so its amplitude is *two* times `np.abs(F) / image.size`."
def two_forgotten_in_the_amplitude(image):
    down, across = (np.fft.fftfreq(side) for side in image.shape)
    spectrum = np.fft.fft2(image)
    fast = np.hypot(down[:, None], across[None, :]) > 0.1
    spectrum[fast & (np.abs(spectrum) / image.size > 0.04)] = 0
    return np.fft.ifft2(spectrum).real


# %% [markdown]
# ## Your Moon
#
# The picture from the beginning, with every tool you made. You were never told where its stripes
# are, and neither was your code.


# %%
def psnr(picture, truth):
    return -10 * np.log10(np.mean((picture - truth) ** 2))


mended = ex.use("mend")(striped)
images.show(
    striped,
    mended,
    spectrum_of(striped)[80:-80, 80:-80],
    spectrum_of(mended)[80:-80, 80:-80],
    titles=["received", "mended by your code", "its spectrum", "and after"],
    limits=(0, 1),
    columns=2,
    alt="Above, the striped picture, and beside it the clean surface of the Moon: a round crater "
    "with a bright slope, and many small ones. Below, their spectra: three pairs of bright dots "
    f"on the left, none on the right. {psnr(striped, crater):.1f} dB before, "
    f"{psnr(mended, crater):.1f} dB after.",
)

# %%
print(f"before {psnr(striped, crater):.1f} dB, after {psnr(mended, crater):.1f} dB")

# %% [markdown]
# One honest word. These stripes fit into the picture a whole number of times, so each was one dot.
# Real ones seldom do. Then the dot leaks into its neighbours, and the notch must be a little wider;
# the lesson shows how.
#
# ## Graduation: against the library
#
# NumPy's `fft` is the yardstick for your `dft`, and imgkit's `frequency.low_pass` for your filter.
# First: the same? One value each, and the largest difference anywhere. Then the clock.

# %%
from imgkit import frequency

row = camera[100]
slow, fast = ex.use("dft")(row), np.fft.fft(row)
print(f"    NumPy {fast[3]:.4f} | yours {slow[3]:.4f}")
print(f"    largest difference {np.abs(slow - fast).max():.0e}")

# %%
yours = ex.use("apply_transfer")(view, ex.use("low_pass")(view.shape, 0.1))
exact = frequency.low_pass(view, cutoff=0.1, mode="wrap")
print(f"    imgkit {exact[9, 9]:.4f} | yours {yours[9, 9]:.4f}")
print(f"    largest difference {np.abs(exact - yours).max():.0e}")

# %%
import time


def seconds(function, row):
    """The best time of many runs: whatever else the computer did can only make it longer."""
    times = []
    for _ in range(15):
        begin = time.perf_counter()
        function(row)
        times.append(time.perf_counter() - begin)
    return min(times)


# %%
mine = ex.use("dft")
for length in (64, 256, 512):
    ratio = seconds(mine, row[:length]) / seconds(np.fft.fft, row[:length])
    print(f"    {length:4} pixels: the fast transform is {ratio:4.0f} times as fast as yours")

# %% [markdown]
# Yours takes $N^2$ products. The fast one finds that half of them are the same, again and again,
# and takes about $N \log N$. The longer the row, the larger the gap.
#
# ## What you can do now
#
# - Read a frequency: cycles per pixel, down and across, up to 0.5.
# - Say what a Fourier coefficient is: a dot product with a wave.
# - Filter by the spectrum: shift, multiply, go back, take the real part.
# - Remove a wave: both partners, and never the mean.
# - Low-pass before you take every second pixel.

# %%
ex.progress()
