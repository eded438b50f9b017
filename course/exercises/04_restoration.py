# ---
# jupyter:
#   imgkit:
#     title: Noise and restoration
#     minutes: 60
#     needs: [02_convolution, 03_frequency]
# ---

# %% [markdown]
# # Noise and restoration
#
# **About 60 minutes, seven tasks.** Before: exercises 02 and 03, and best the lesson of the same
# name.
#
# A hand shook, the light was poor, and some pixels of the sensor are dead. The picture below is
# what came of it. At the end of this page you mend it, with code that is yours.
#
# By the end you can
#
# - put a number on how far a picture is from the truth,
# - measure the noise of a camera from a few shots, and say where it comes from,
# - remove dead pixels, and smooth noise without smearing edges,
# - undo a blur in two ways, and say why neither may go all the way,
# - and put these into one pipeline, in the right order.
#
# Loops earn all points. Where fewer would do, the check says so: first right, then fast. Stuck?
# `ex.hint("psnr")` gives a hint, and the next one when you ask again. Hints cost nothing.

# %% tags=["setup"]
import numpy as np
from scipy import ndimage

from imgkit import data

camera = data.load("camera")  # (512, 512) uint8, from 0 black to 255 white
astronaut = data.load("astronaut")[..., 1]  # the green channel, (512, 512) uint8
coins = data.load("coins")  # (303, 384) uint8


def shake(rng):
    """What a shaking hand makes of one bright point: (7, 7), its weights sum to 1."""
    heading = rng.uniform(0, 2 * np.pi) + rng.choice([-0.09, 0.09]) * np.arange(24)
    path = 0.22 * np.cumsum(np.stack([np.sin(heading), np.cos(heading)], axis=1), axis=0)
    path += 3 - (path.min(axis=0) + path.max(axis=0)) / 2
    psf = np.zeros((7, 7))
    for (row, column), stay in zip(path, np.linspace(1, 0.3, 24), strict=True):
        r, c = int(row), int(column)
        corner = np.outer([1 - row + r, row - r], [1 - column + c, column - c])
        psf[r : r + 2, c : c + 2] += stay * corner
    return psf / psf.sum()


def blur(image, psf):
    """Spread every pixel by the psf: convolution, on a picture that repeats like a tile."""
    return ndimage.convolve(image, psf, mode="wrap", output=float)


def ruin(photo, psf, rng):
    """A shaken shot in poor light by a camera with dead pixels: uint8 in, uint8 out."""
    shaken = blur(photo / 255, psf) + rng.normal(0, 0.01, photo.shape)
    shot = np.rint(255 * np.clip(shaken, 0, 1)).astype(np.uint8)
    dead = rng.random(photo.shape) < 0.04
    shot[dead] = rng.choice([0, 255], np.count_nonzero(dead))
    return shot


# %%
from imgkit import course, images

ex = course.exercise("04_restoration")
ex

# %%
rng = np.random.default_rng(4)
portrait = astronaut[:256, 96:352]
psf = shake(rng)
ruined = ruin(portrait, psf, rng)
images.show(
    ruined,
    alt="An astronaut's portrait, smeared as if the camera had moved, and sprinkled with black and "
    f"white dots: {np.mean((ruined == 0) | (ruined == 255)):.1%} of the pixels are black or white.",
)

# %% [markdown]
# ## 1 · How far from the truth?
#
# Before you mend anything, decide how you will know that it got better. The usual number is the
# **peak signal-to-noise ratio**. Take the mean of the squared errors, hold it against the square
# of white, and count in decibels:
#
# $$\text{PSNR} = 10 \log_{10} \frac{\text{white}^2}{\text{mean squared error}}$$
#
# More is better. A step of 10 dB means a tenth of the squared error.
#
# **Predict.** The error at every pixel is a tenth of white. How many dB is that?

# %%
ex.target("psnr")


# %% tags=["task"] task="psnr" points=2 minutes=5 level=1 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "skimage", "torch", "imgkit.metrics"]
def psnr(image, truth):
    """Say in decibels how near an image is to the truth.

    Parameters
    ----------
    image, truth : arrays of one shape and one dtype, (H, W) or (H, W, 3); uint8, where white is
        255, or floats, where white is 1 and noise may go beyond. They differ somewhere.

    Returns
    -------
    A number: 10 * log10(white**2 / mse), where mse is the mean of the squared differences over
    all pixels, and channels if there are any.

    Example
    -------
    psnr(np.zeros((4, 4)), np.full((4, 4), 0.1)) gives 20.
    """
    # BEGIN SOLUTION
    white = 255 if truth.dtype == np.uint8 else 1
    error = image.astype(float) - truth
    return 10 * np.log10(white**2 / np.mean(error**2))
    # END SOLUTION


# %% tags=["check"]
ex.check(psnr)

# %% [markdown] tags=["hint"] task="psnr"
# Three steps: the error at every pixel, the mean of its square, the logarithm. White does not
# depend on the pixels, only on the dtype.

# %% [markdown] tags=["hint"] task="psnr"
# `truth.dtype == np.uint8` asks for the dtype. And in uint8, 10 - 20 is 246: turn one of the two
# into floats before you subtract.

# %% [markdown] tags=["hint"] task="psnr"
# ```
# white = 255 if truth.dtype == np.uint8 else 1
# error = image.astype(float) - truth
# mse = np.mean(...)
# return 10 * np.log10(...)
# ```


# %% tags=["cases"] task="psnr"
def psnr_cases(rng):
    def pair(truth, sigma, floats):
        noisy = np.rint(np.clip(truth + rng.normal(0, sigma, truth.shape), 0, 230))
        if floats:
            noisy[0, rng.integers(noisy.shape[1])] = 262  # brighter than white
            return dict(image=noisy / 255, truth=truth / 255)
        return dict(image=noisy.astype(np.uint8), truth=truth)

    def piece(height, width):
        top, left = rng.integers((90, 220), (110, 240))
        return np.minimum(camera[top : top + height, left : left + width], 220)

    colours = np.minimum(data.load("chelsea")[120:128, 150:160], 220)
    yield "a noisy photograph, uint8", pair(piece(24, 32), rng.uniform(15, 30), floats=False)
    yield "a noisy photograph, floats", pair(piece(16, 20), rng.uniform(15, 30), floats=True)
    yield "a dark one, uint8", pair(piece(16, 20) // 4, rng.uniform(12, 20), floats=False)
    yield "a dark one, floats", pair(piece(14, 12) // 4, rng.uniform(12, 20), floats=True)
    yield "in colour, uint8", pair(colours, rng.uniform(15, 30), floats=False)
    yield "in colour, floats", pair(colours, rng.uniform(4, 12), floats=True)


# %% tags=["mistake"] task="psnr" says="The difference was taken in uint8, where 10 - 20 is 246. Turn the images into floats before you subtract."
def differences_wrap_around(image, truth):
    white = 255 if truth.dtype == np.uint8 else 1
    return 10 * np.log10(white**2 / np.mean((image - truth).astype(float) ** 2))


# %% tags=["mistake"] task="psnr" says="All was computed in uint8: differences and squares both start again from 0 when they pass 255. Turn the images into floats first."
def squares_wrap_around(image, truth):
    white = 255 if truth.dtype == np.uint8 else 1
    return 10 * np.log10(white**2 / np.mean((image - truth) ** 2))


# %% tags=["mistake"] task="psnr" says="White is 255 only for uint8. In a picture of floats white is 1: ask `truth.dtype`."
def white_is_always_255(image, truth):
    error = image.astype(float) - truth
    return 10 * np.log10(255**2 / np.mean(error**2))


# %% tags=["mistake"] task="psnr" says="White is 1 only for floats. In uint8 white is 255: ask `truth.dtype`."
def white_is_always_1(image, truth):
    error = image.astype(float) - truth
    return 10 * np.log10(1 / np.mean(error**2))


# %% tags=["mistake"] task="psnr" says="You take the brightest pixel for white. A dark photograph has no white pixel in it; white is 255 for uint8 and 1 for floats, whatever the pixels are."
def brightest_is_white(image, truth):
    error = image.astype(float) - truth
    return 10 * np.log10(float(truth.max()) ** 2 / np.mean(error**2))


# %% tags=["mistake"] task="psnr" says="This is the mean squared error, and a good start. Now hold white squared against it, and count in decibels."
def mean_squared_error_alone(image, truth):
    return np.mean((image.astype(float) - truth) ** 2)


# %% tags=["mistake"] task="psnr" says="White is not squared. The squared error has to be held against the *square* of white."
def white_not_squared(image, truth):
    white = 255 if truth.dtype == np.uint8 else 1
    error = image.astype(float) - truth
    return 10 * np.log10(white / np.mean(error**2))


# %% tags=["mistake"] task="psnr" says="Decibels count in powers of ten: `np.log10`. Yours is the natural logarithm, `np.log`."
def natural_logarithm(image, truth):
    return psnr(image, truth) * np.log(10)


# %% tags=["mistake"] task="psnr" says="Your number is half of what it should be. The 10 goes with *squared* quantities; for white divided by the root of the mean squared error it is 20."
def ten_for_twenty(image, truth):
    return psnr(image, truth) / 2


# %% tags=["mistake"] task="psnr" says="These are bels. A *deci*bel is a tenth of one, so ten times as many: `10 * np.log10(...)`."
def ten_forgotten(image, truth):
    return psnr(image, truth) / 10


# %% tags=["mistake"] task="psnr" says="You take the mean of the absolute errors. Square each error before you take the mean."
def absolute_errors(image, truth):
    white = 255 if truth.dtype == np.uint8 else 1
    return 10 * np.log10(white**2 / np.mean(np.abs(image.astype(float) - truth)))


# %% tags=["mistake"] task="psnr" says="The fraction is upside down: white stands above the line and the error below it, so that a smaller error gives more decibels."
def upside_down(image, truth):
    return -psnr(image, truth)


# %% tags=["mistake"] task="psnr" says="You add the squared errors up. It takes their *mean*, or a large picture would always look worse than a small one."
def sum_for_mean(image, truth):
    return psnr(image, truth) - 10 * np.log10(image.size)


# %% [markdown]
# **See it.** Three pictures with the *same* PSNR. Are they equally good?

# %%
decibels = ex.use("psnr")
face = portrait[66:130, 82:146] / 255
rough = rng.normal(0, 1, face.shape)
smeared = blur(face, np.full((5, 5), 1 / 25))
size = np.sqrt(np.mean((smeared - face) ** 2))
versions = [face + size, face + size * rough, smeared]
numbers = [f"{decibels(v, face):.1f} dB" for v in versions]
images.show(
    *[np.clip(v, 0, 1) for v in versions],
    titles=numbers,
    alt="The astronaut's face three times: a little too bright, covered with fine grain, and "
    f"blurred. All are {numbers[0]} from the truth, yet the first looks perfect.",
)

# %% [markdown]
# A number is a good servant. Look at the picture as well.
#
# ## 2 · Measure a camera
#
# A pixel counts photons, and photons come like raindrops: where $n$ are expected, the count
# scatters, and its **variance is $n$** as well. Light itself is noisy. Then the electronics add
# a little noise of their own, the **read noise**, the same in bright and dark.
#
# A camera shows $\text{gain} \times n$ grey levels. That is the mean; the scatter is multiplied as
# well, so its variance is $\text{gain}^2 \times n$, which is gain times the mean. With the read
# noise on top, this is a straight line:
#
# $$\text{variance} = \text{gain} \cdot \text{mean} + \text{read}^2$$
#
# So put the camera on a table, take a dozen shots of something that does not move, and fit that
# line. Astronomers measure theirs just so.
#
# **Predict.** Which part of a photograph is noisier, the bright or the dark one? And in which do
# you *notice* it more?

# %%
ex.target("camera_noise")


# %% tags=["task"] task="camera_noise" points=3 minutes=8 level=2 compare="close(rtol=1e-4, atol=1e-6)" forbid=["cv2", "skimage", "torch"]
def camera_noise(shots):
    """Measure gain and read noise from many shots of one scene.

    Parameters
    ----------
    shots : array (N, H, W), uint8: N shots of a scene that stands still, N at least 8. shots[i]
        is the shot number i, and shots[:, r, c] are the N values of one pixel.

    Returns
    -------
    A tuple of two numbers, (gain, read). Each pixel has a mean and a variance over its N shots; the
    variance is a sum of squares divided by N - 1 (ddof=1). Through the H * W points (mean,
    variance) goes the straight line of least squares, variance = gain * mean + base; read is the
    square root of base, which is positive here. np.polyfit is welcome.

    Example
    -------
    If the line is variance = 0.5 * mean + 16, the answer is (0.5, 4.0).
    """
    # BEGIN SOLUTION
    mean = shots.mean(axis=0)
    variance = shots.var(axis=0, ddof=1)
    gain, base = np.polyfit(mean.ravel(), variance.ravel(), 1)
    return gain, np.sqrt(base)
    # END SOLUTION


# %% tags=["check"]
ex.check(camera_noise)

# %% [markdown] tags=["hint"] task="camera_noise"
# First make two pictures, one of means and one of variances: for every pixel one number, over the
# shots. Then forget that they are pictures. Each pixel is a point with a mean and a variance, and
# a line goes through all these points.

# %% [markdown] tags=["hint"] task="camera_noise"
# The shots are counted along `axis=0`. `.var(axis=0, ddof=1)` divides by N - 1. `np.polyfit(x, y,
# 1)` fits a line to two flat lists (`.ravel()` flattens) and returns the slope first, then the
# height at zero.

# %% [markdown] tags=["hint"] task="camera_noise"
# ```
# mean = shots.mean(axis=0)
# variance = shots.var(axis=0, ddof=1)
# gain, base = np.polyfit(...)
# return gain, ...
# ```


# %% tags=["cases"] task="camera_noise"
def camera_noise_cases(rng):
    def shots(scene, n):
        gain, read = rng.uniform(0.3, 0.7), rng.uniform(5, 8)
        light = gain * rng.poisson(np.broadcast_to(scene / gain, (n, *scene.shape)))
        counts = light + rng.normal(0, read, light.shape)
        return dict(shots=np.rint(np.clip(counts, 0, 255)).astype(np.uint8))

    top, left = rng.integers((80, 200), (100, 230))
    photo = camera[top : top + 42 : 3, left : left + 48 : 3]
    yield "12 shots of a photograph", shots(30 + photo * 0.6, 12)
    ramp = np.tile(np.linspace(30, 190, 20), (8, 1))
    yield "9 shots of a grey ramp", shots(ramp, 9)
    bars = np.tile(np.repeat(rng.uniform([30, 90, 150], [50, 110, 180]), 4), (12, 1))
    yield "10 shots of three bars", shots(bars, 10)
    rows, columns = np.mgrid[:10, :14]
    glow = 30 + 150 * np.exp(-((rows - rng.uniform(3, 6)) ** 2 + (columns - 7) ** 2) / 20)
    yield "14 shots of a glow", shots(glow, 14)


# %% tags=["mistake"] task="camera_noise" says="Your variance divides by N, which is what `np.var` does unless you tell it otherwise. The mean was made from the same shots and lies a little too near to them, so it takes N - 1: `ddof=1`."
def divides_by_n(shots):
    gain, base = np.polyfit(shots.mean(axis=0).ravel(), shots.var(axis=0).ravel(), 1)
    return gain, np.sqrt(base)


# %% tags=["mistake"] task="camera_noise" says="You fit the standard deviation. It is the *variance* that grows along a straight line."
def standard_deviation(shots):
    gain, base = np.polyfit(shots.mean(axis=0).ravel(), shots.std(axis=0, ddof=1).ravel(), 1)
    return gain, np.sqrt(base)


# %% tags=["mistake"] task="camera_noise" says="The height of your line at zero is a variance, the read noise squared. Take its root."
def root_forgotten(shots):
    gain, read = camera_noise(shots)
    return gain, read**2


# %% tags=["mistake"] task="camera_noise" says="Slope and height have changed places: `np.polyfit` returns the slope first."
def height_for_slope(shots):
    gain, read = camera_noise(shots)
    return read**2, np.sqrt(gain)


# %% tags=["mistake"] task="camera_noise" says="Both numbers are right, in the wrong order: first the gain, then the read noise."
def read_before_gain(shots):
    gain, read = camera_noise(shots)
    return read, gain


# %% tags=["mistake"] task="camera_noise" says="You take one mean and one variance for each *shot*, so the variance is the contrast of the scene. Noise is how one pixel varies from shot to shot: `axis=0`."
def per_shot(shots):
    mean, variance = shots.mean(axis=(1, 2)), shots.var(axis=(1, 2), ddof=1)
    gain, base = np.polyfit(mean, variance, 1)
    with np.errstate(all="ignore"):
        return gain, np.sqrt(base)


# %% tags=["mistake"] task="camera_noise" says="The axes of your plot are exchanged: you fit the mean over the variance. The mean goes to the right, the variance up."
def mean_over_variance(shots):
    mean, variance = shots.mean(axis=0).ravel(), shots.var(axis=0, ddof=1).ravel()
    gain, base = np.polyfit(variance, mean, 1)
    with np.errstate(all="ignore"):
        return gain, np.sqrt(base)


# %% [markdown]
# **See it.** A camera with a gain of 0.5 and a read noise of 6 takes sixteen shots. All pixels of
# about the same mean are put together, so that the line comes out of the scatter.

# %%
scene = 30 + portrait / 255 * 160
light = 0.5 * rng.poisson(scene / 0.5, (16, 256, 256)) + rng.normal(0, 6, (16, 256, 256))
shots = np.rint(np.clip(light, 0, 255)).astype(np.uint8)
gain, read = ex.use("camera_noise")(shots)
print(f"gain {gain:.3f}, read noise {read:.2f}")

# %%
mean, variance = shots.mean(axis=0), shots.var(axis=0, ddof=1)
greys = np.arange(45, 180, 10)
measured = [variance[np.abs(mean - grey) < 5].mean() for grey in greys]
images.plot_rows(
    measured,
    gain * greys + read**2,
    labels=["variance of pixels of one grey", "the fitted line"],
    title=f"from grey {greys[0]} at the left to grey {greys[-1]} at the right",
    alt=f"The variance climbs along a straight line from {measured[0]:.0f} to {measured[-1]:.0f}, "
    f"and would be {read**2:.0f} in the dark.",
)

# %% [markdown]
# So the bright part is noisier. You notice it more in the dark: the noise is smaller there, but the
# light is smaller still.
#
# ## 3 · Dead pixels: the median
#
# Now mend something. A few pixels are black or white, whatever light fell on them. A mean over the
# neighbours spreads such a speck over all of them. But put the nine values of a window in order
# and take the one in the middle: a liar ends up at one end of the row, where nobody asks him.
#
# **Predict.** A line, one pixel wide, runs through the picture. What does the median of 3 × 3 do
# to it? And to the edge of a large square?

# %%
ex.target("median")


# %% tags=["task"] task="median" points=3 minutes=8 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.filtering"]
def median(image, size):
    """Replace each pixel by the middle value of its window.

    Parameters
    ----------
    image : array (H, W), uint8 or float
    size : odd, at least 3, and size // 2 < H, W: the window is size × size, the pixel in its
        middle

    Returns
    -------
    A new array (H, W) of the image's dtype. Beyond the edge the image goes on as "mirror", which
    np.pad calls "reflect". np.pad, np.sort and np.median are welcome.

    Example
    -------
    median(np.array([[1, 2, 3], [4, 99, 6], [7, 8, 9]]), 3) has 6 in the middle: in order, the
    values are 1 2 3 4 6 7 8 9 99.
    """
    # BEGIN SOLUTION
    height, width = image.shape
    padded = np.pad(image, size // 2, mode="reflect")
    shifted = [
        padded[i : i + height, j : j + width] for i in range(size) for j in range(size)
    ]  # every neighbour of every pixel, as pictures
    return np.median(shifted, axis=0).astype(image.dtype)
    # END SOLUTION


# %% tags=["check"]
ex.check(median)

# %% [markdown] tags=["hint"] task="median"
# Pad by `size // 2` on every side. Then the window of pixel `[r, c]` is
# `padded[r : r + size, c : c + size]`. Its middle value is the only thing you need from it.

# %% [markdown] tags=["hint"] task="median"
# `np.median(window)` takes the middle of all values, whatever the shape. It returns a float, so
# start from `out = np.empty_like(image)`, which has the image's dtype. To be fast, stack the
# `size * size` shifted pictures and take the median over the stack, `axis=0`.

# %% [markdown] tags=["hint"] task="median"
# ```
# padded = np.pad(image, size // 2, mode="reflect")
# out = np.empty_like(image)
# for r in range(image.shape[0]):
#     for c in range(image.shape[1]):
#         out[r, c] = np.median(...)
# return out
# ```


# %% tags=["cases"] task="median"
def median_cases(rng):
    def specks(image, share):
        out, bad = image.copy(), rng.random(image.shape) < share
        out[bad] = rng.choice([0, 255], np.count_nonzero(bad))
        return out

    top, left = rng.integers((90, 210), (110, 230))
    photo = camera[top : top + 30, left : left + 42]
    yield "a photograph with specks, 3 × 3", dict(image=specks(photo, 0.08), size=3)
    bars = np.full((12, 18), rng.integers(30, 90), np.uint8)
    bars[:, rng.integers(6, 10) :] = rng.integers(150, 220)
    yield "an edge with specks, 5 × 5", dict(image=specks(bars, 0.15), size=5)
    yield "fractions, 3 × 3", dict(image=rng.random((9, 13)), size=3)
    yield "fractions, 5 × 5", dict(image=rng.random((8, 7)), size=5)
    top, left = rng.integers((20, 20), (220, 300))
    yield "coins, 7 × 7", dict(image=specks(coins[top : top + 20, left : left + 26], 0.2), size=7)


# %% tags=["mistake"] task="median" says="This is the mean of the window. It smears each speck over its neighbours; the median puts the values in order and takes the middle one."
def mean_for_median(image, size):
    height, width = image.shape
    p = np.pad(image, size // 2, mode="reflect")
    windows = [p[i : i + height, j : j + width] for i in range(size) for j in range(size)]
    return np.mean(windows, axis=0).astype(image.dtype)


# %% tags=["mistake"] task="median" says="Beyond the edge you have zeros, so black creeps in from the corners. `np.pad(image, size // 2, mode=\"reflect\")` continues the picture."
def zeros_beyond_the_edge(image, size):
    n = size // 2
    return median(np.pad(image, n), size)[n:-n, n:-n]


# %% tags=["mistake"] task="median" says="Beyond the edge, your edge pixel comes twice. Here the margin is mirror, the neighbour of the edge first; NumPy's word for it is `reflect`, not `symmetric`."
def edge_pixel_twice(image, size):
    n = size // 2
    return median(np.pad(image, n, mode="symmetric"), size)[n:-n, n:-n]


# %% tags=["mistake"] task="median" says="You take medians along the rows and then along the columns. That works for a mean, but not for a median: a median of medians is another number. Take all values of the window at once."
def rows_then_columns(image, size):
    height, width = image.shape
    p = np.pad(image, size // 2, mode="reflect")
    along = np.median([p[:, j : j + width] for j in range(size)], axis=0)
    return np.median([along[i : i + height] for i in range(size)], axis=0).astype(image.dtype)


# %% tags=["mistake"] task="median" says="`np.sort` of a window with rows and columns sorts each row by itself, and you take the middle of the middle row. Flatten it first: `np.sort(window.ravel())`."
def middle_row_only(image, size):
    width = image.shape[1]
    p = np.pad(image, ((0, 0), (size // 2, size // 2)), mode="reflect")
    return np.median([p[:, j : j + width] for j in range(size)], axis=0).astype(image.dtype)


# %% tags=["mistake"] task="median" says="You write the answer into the picture that you are still reading, so later windows see pixels that were mended already. Read from the padded copy, write into a new array."
def mended_too_early(image, size):
    n, (height, width) = size // 2, image.shape
    p = np.pad(image, n, mode="reflect")
    for r in range(height):
        for c in range(width):
            p[r + n, c + n] = np.median(p[r : r + size, c : c + size])
    return p[n:-n, n:-n]


# %% tags=["mistake"] task="median" says="Your window hangs from its upper left corner, so the picture has moved. Pad by `size // 2` on *every* side; then the window begins at `[r, c]` of the padded picture."
def window_not_centred(image, size):
    height, width = image.shape
    p = np.pad(image, ((0, size - 1), (0, size - 1)), mode="reflect")
    windows = [p[i : i + height, j : j + width] for i in range(size) for j in range(size)]
    return np.median(windows, axis=0).astype(image.dtype)


# %% tags=["mistake"] task="median" says="You sort well but do not take the middle: the middle of n values in order is number `n // 2`, counted from 0. With `size // 2` you are near the darkest."
def not_the_middle(image, size):
    height, width = image.shape
    p = np.pad(image, size // 2, mode="reflect")
    windows = [p[i : i + height, j : j + width] for i in range(size) for j in range(size)]
    return np.sort(windows, axis=0)[size // 2]


# %% tags=["mistake"] task="median" says="The values are right, but bytes have become floats: `np.median` returns floats. Write into `np.empty_like(image)`, or end with `.astype(image.dtype)`."
def dtype_lost(image, size):
    return median(image.astype(float), size)


# %% [markdown]
# **See it.** The mean and the median, of the same 3 × 3 pixels.

# %%
part = ruined[66:130, 78:150]
by_mean = images.as_uint8(ndimage.uniform_filter(part / 255, 3, mode="mirror"))
by_median = ex.use("median")(part, 3)
images.show(
    part,
    by_mean,
    by_median,
    titles=["dead pixels", "mean of nine", "median of nine"],
    alt="The face with black and white dots. The mean turns each dot into a grey square, three by "
    "three. The median leaves hardly any: "
    f"{np.isin(part, [0, 255]).sum()} black and white pixels before, "
    f"{np.isin(by_median, [0, 255]).sum()} after.",
)

# %% [markdown]
# Gone, and so is any line one pixel wide: three of nine are a minority. Along a straight edge the
# majority is right on either side, and the edge stays.
#
# ## 4 · Noise: let only the like vote
#
# A median is made for liars. Grain is another thing: every pixel is a *little* wrong. A mean of
# many pixels would help, if only they all showed the same. A Gaussian asks whoever is near, and so
# it smears the edges. Better ask whoever is **alike**.
#
# How alike are two pixels? Compare not only them, but the small **patches** around them: the mean
# $d$ of the squared differences, pixel by pixel. Then each pixel of a window votes with the weight
#
# $$w = e^{-d / h^2}$$
#
# and the answer is the weighted mean. Patches of one pixel make this nearly a *bilateral filter*;
# larger ones make it **non-local means**, which was the best denoiser there was, for a while.
#
# **Predict.** If $h$ is huge, what is the answer? And if $h$ is tiny?

# %%
ex.target("non_local_means")


# %% tags=["task"] task="non_local_means" points=4 minutes=12 level=3 compare="close(rtol=1e-5, atol=1e-5)" forbid=["cv2", "skimage", "torch", "imgkit.restoration", "imgkit.filtering"]
def non_local_means(image, reach, patch, h):
    """Replace each pixel by a mean of its window in which the like count most.

    Parameters
    ----------
    image : array (H, W) of floats in 0..1
    reach : the window goes that many pixels up, down, left and right: (2 * reach + 1)**2 pixels,
        the pixel itself among them; at least 1
    patch : likewise for the patches that are compared; 0 compares just the two pixels.
        reach + patch < H, W
    h : how unlike two patches may be and still count, > 0

    Returns
    -------
    A new array (H, W) of floats: the sum of w * value over the window, divided by the sum of w.
    w = exp(-d / h**2), and d is the mean of the squared differences between the patch around the
    pixel and the patch around its neighbour. Beyond the edge the image goes on as "mirror", which
    np.pad calls "reflect", as far as windows and patches reach. Nothing is clipped.

    Example
    -------
    non_local_means(np.array([[0.0, 0.0, 1.0, 1.0]] * 4), 1, 0, 0.1) changes nothing: across the
    edge d is 1, and exp(-100) is nothing.
    """
    # BEGIN SOLUTION
    height, width = image.shape
    size = 2 * patch + 1
    padded = np.pad(image, reach + patch, mode="reflect")

    def moved(i, j):
        """The picture seen from i rows up and j columns left, with a margin for the patches."""
        return padded[i : i + height + 2 * patch, j : j + width + 2 * patch]

    votes, weights = np.zeros((height, width)), np.zeros((height, width))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            error = (moved(i, j) - moved(reach, reach)) ** 2
            d = np.lib.stride_tricks.sliding_window_view(error, (size, size)).mean(axis=(2, 3))
            w = np.exp(-d / h**2)
            votes += w * moved(i, j)[patch : patch + height, patch : patch + width]
            weights += w
    return votes / weights
    # END SOLUTION


# %% tags=["check"]
ex.check(non_local_means)

# %% [markdown] tags=["hint"] task="non_local_means"
# Take one pixel and one neighbour, on paper. Cut out a patch around each of them, subtract, square,
# take the mean, and you have $d$. Do it with `patch = 0` first, where a patch is a single pixel:
# two of the cases need no more. Pad the picture by `reach + patch`, so that nothing sticks out.

# %% [markdown] tags=["hint"] task="non_local_means"
# With four loops: for pixel `[r, c]` and a neighbour `[i, j]` of the window, where `i` and `j` run
# from 0 to `2 * reach`, the patch of the neighbour is `padded[r + i : r + i + size, c + j : c + j
# + size]` with `size = 2 * patch + 1`; the pixel's own patch is the one for `i = j = reach`. The
# middle of a patch, `[patch, patch]`, is the value that gets the vote. Add up `w * value` and `w`.

# %% [markdown] tags=["hint"] task="non_local_means"
# ```
# for r in range(H):
#     for c in range(W):
#         own = padded[r + reach : r + reach + size, c + reach : c + reach + size]
#         for i in range(2 * reach + 1):
#             for j in range(2 * reach + 1):
#                 other = padded[r + i : r + i + size, c + j : c + j + size]
#                 w = np.exp(-np.mean((own - other) ** 2) / h**2)
#                 votes[r, c] += w * other[patch, patch]
#                 weights[r, c] += ...
# return ...
# ```


# %% tags=["cases"] task="non_local_means"
def non_local_means_cases(rng):
    def noisy(truth, sigma):
        return np.round(np.clip(truth + rng.normal(0, sigma, truth.shape), 0, 1), 3)

    top, left = rng.integers((96, 110), (200, 230))
    photo = camera[top : top + 32 : 2, left : left + 40 : 2] / 255
    yield "a noisy photograph", dict(image=noisy(photo, 0.06), reach=3, patch=1, h=0.12)
    step = np.full((10, 14), rng.uniform(0.2, 0.35))
    step[:, rng.integers(5, 9) :] = rng.uniform(0.6, 0.75)
    yield "a noisy step, single pixels", dict(image=noisy(step, 0.05), reach=2, patch=0, h=0.15)
    stripes = np.tile(np.where(np.arange(18) // 3 % 2, 0.7, 0.3), (10, 1))
    yield "noisy stripes, patches", dict(image=noisy(stripes, 0.08), reach=3, patch=1, h=0.15)
    loose = rng.random((9, 12)).round(3)
    yield "noise alone, single pixels", dict(image=loose, reach=1, patch=0, h=0.4)
    yield "noise alone, patches", dict(image=rng.random((11, 9)).round(3), reach=2, patch=1, h=0.3)
    yield "a noisy step, large patches", dict(image=noisy(step, 0.1), reach=2, patch=2, h=0.12)


# %% tags=["mistake"] task="non_local_means" says="You compare single pixels, whatever `patch` says. Take the mean of the squared differences over the two patches, pixel by pixel."
def patch_ignored(image, reach, patch, h):
    return non_local_means(image, reach, 0, h)


# %% tags=["mistake"] task="non_local_means" says="You add the squared differences up. `d` is their *mean* over the patch, or a larger patch would always look less alike."
def sum_for_mean(image, reach, patch, h):
    return non_local_means(image, reach, patch, h / (2 * patch + 1))


# %% tags=["mistake"] task="non_local_means" says="You take the mean first and square it then. A patch of stripes and a grey patch have the same mean and are not alike at all: square each difference, then take the mean."
def mean_before_square(image, reach, patch, h):
    height, width = image.shape
    p, n = np.pad(image, reach + patch, mode="reflect"), 2 * patch + 1
    votes = weights = 0
    own = np.lib.stride_tricks.sliding_window_view(p[reach:-reach, reach:-reach], (n, n))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            other = p[i : i + height + 2 * patch, j : j + width + 2 * patch]
            other = np.lib.stride_tricks.sliding_window_view(other, (n, n))
            w = np.exp(-((own - other).mean(axis=(2, 3)) ** 2) / h**2)
            votes, weights = votes + w * other[:, :, patch, patch], weights + w
    return votes / weights


# %% tags=["mistake"] task="non_local_means" says="You take absolute differences. Here `d` is the mean of the *squared* ones."
def absolute_differences(image, reach, patch, h):
    height, width = image.shape
    p, n = np.pad(image, reach + patch, mode="reflect"), 2 * patch + 1
    votes = weights = 0
    own = np.lib.stride_tricks.sliding_window_view(p[reach:-reach, reach:-reach], (n, n))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            other = p[i : i + height + 2 * patch, j : j + width + 2 * patch]
            other = np.lib.stride_tricks.sliding_window_view(other, (n, n))
            w = np.exp(-np.abs(own - other).mean(axis=(2, 3)) / h**2)
            votes, weights = votes + w * other[:, :, patch, patch], weights + w
    return votes / weights


# %% tags=["mistake"] task="non_local_means" says="The whole patch gets the vote. Patches are only compared; the vote goes to the pixel in the middle of the neighbour's patch."
def patches_vote(image, reach, patch, h):
    height, width = image.shape
    p, n = np.pad(image, reach + patch, mode="reflect"), 2 * patch + 1
    votes = weights = 0
    own = np.lib.stride_tricks.sliding_window_view(p[reach:-reach, reach:-reach], (n, n))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            other = p[i : i + height + 2 * patch, j : j + width + 2 * patch]
            other = np.lib.stride_tricks.sliding_window_view(other, (n, n))
            w = np.exp(-((own - other) ** 2).mean(axis=(2, 3)) / h**2)
            votes, weights = votes + w * other.mean(axis=(2, 3)), weights + w
    return votes / weights


# %% tags=["mistake"] task="non_local_means" says="The votes are not divided by the sum of the weights, so the picture comes out too bright or too dark."
def not_normalised(image, reach, patch, h):
    height, width = image.shape
    p, n = np.pad(image, reach + patch, mode="reflect"), 2 * patch + 1
    votes = np.zeros(image.shape)
    own = np.lib.stride_tricks.sliding_window_view(p[reach:-reach, reach:-reach], (n, n))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            other = p[i : i + height + 2 * patch, j : j + width + 2 * patch]
            other = np.lib.stride_tricks.sliding_window_view(other, (n, n))
            d = ((own - other) ** 2).mean(axis=(2, 3))
            votes += np.exp(-d / h**2) * other[:, :, patch, patch]
    return votes


# %% tags=["mistake"] task="non_local_means" says="You divide by `h` where `h**2` belongs: `d` is a squared difference, so it is held against a square."
def h_not_squared(image, reach, patch, h):
    return non_local_means(image, reach, patch, np.sqrt(h))


# %% tags=["mistake"] task="non_local_means" says="The unlike count most: the minus in `exp(-d / h**2)` is missing."
def minus_forgotten(image, reach, patch, h):
    height, width = image.shape
    p, n = np.pad(image, reach + patch, mode="reflect"), 2 * patch + 1
    votes = weights = 0
    own = np.lib.stride_tricks.sliding_window_view(p[reach:-reach, reach:-reach], (n, n))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            other = p[i : i + height + 2 * patch, j : j + width + 2 * patch]
            other = np.lib.stride_tricks.sliding_window_view(other, (n, n))
            w = np.exp(((own - other) ** 2).mean(axis=(2, 3)) / h**2)
            votes, weights = votes + w * other[:, :, patch, patch], weights + w
    return votes / weights


# %% tags=["mistake"] task="non_local_means" says="Your weights are those of a Gaussian, with a 2 below the line. Here it is `exp(-d / h**2)`."
def two_below_the_line(image, reach, patch, h):
    return non_local_means(image, reach, patch, np.sqrt(2) * h)


# %% tags=["mistake"] task="non_local_means" says="The pixel itself gets no vote. It belongs to its window, with `d = 0` and the weight 1."
def own_vote_left_out(image, reach, patch, h):
    height, width = image.shape
    p, n = np.pad(image, reach + patch, mode="reflect"), 2 * patch + 1
    votes = weights = 0
    own = np.lib.stride_tricks.sliding_window_view(p[reach:-reach, reach:-reach], (n, n))
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            other = p[i : i + height + 2 * patch, j : j + width + 2 * patch]
            other = np.lib.stride_tricks.sliding_window_view(other, (n, n))
            w = np.exp(-((own - other) ** 2).mean(axis=(2, 3)) / h**2) * ((i, j) != (reach, reach))
            votes, weights = votes + w * other[:, :, patch, patch], weights + w
    return votes / weights


# %% tags=["mistake"] task="non_local_means" says="Inside all is right. At the edge you mirror the squared differences, but it is the *picture* that goes on there: pad it by `reach + patch` first, then compare."
def differences_mirrored(image, reach, patch, h):
    height, width = image.shape
    padded = np.pad(image, reach, mode="reflect")
    votes = weights = 0
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            other = padded[i : i + height, j : j + width]
            d = ndimage.uniform_filter((image - other) ** 2, 2 * patch + 1, mode="mirror")
            w = np.exp(-d / h**2)
            votes, weights = votes + w * other, weights + w
    return votes / weights


# %% tags=["mistake"] task="non_local_means" says="Beyond the edge you have zeros. `np.pad(image, reach + patch, mode=\"reflect\")` continues the picture."
def zeros_beyond_the_edge(image, reach, patch, h):
    n = reach + patch
    return non_local_means(np.pad(image, n), reach, patch, h)[n:-n, n:-n]


# %% [markdown]
# **See it.** A piece of a photograph, with noise. The Gaussian of exercise 02 beside it is as
# strong as it may be: no other width comes nearer to the truth.

# %%
truth = camera[150:214, 240:304] / 255
noisy = truth + rng.normal(0, 0.1, truth.shape)
blurred = [ndimage.gaussian_filter(noisy, s, mode="mirror") for s in np.arange(0.4, 2, 0.1)]
blurred = max(blurred, key=lambda picture: decibels(picture, truth))
alike = ex.use("non_local_means")(noisy, 4, 1, 0.13)

# %%
pictures = {"noisy": noisy, "Gaussian": blurred, "yours": alike}
images.show(
    *[np.clip(picture, 0, 1) for picture in pictures.values()],
    titles=[f"{name}, {decibels(p, truth):.1f} dB" for name, p in pictures.items()],
    alt="A camera on its tripod and the hand that holds it, enlarged. Noisy, it is all grain; the "
    "Gaussian takes some of it and softens all outlines; the mean of the like leaves smooth sky and "
    "sharp legs, at "
    f"{decibels(alike, truth):.1f} against {decibels(blurred, truth):.1f} dB.",
)

# %% [markdown]
# With a huge $h$ all weights are 1, and this is the plain mean of the window; with a tiny one each
# pixel votes for itself alone. In between lies the art.
#
# ## 5 · Undo a blur: Wiener
#
# A shaken camera spreads every point along the path of the hand. That pattern is the **point
# spread function**, psf for short, and the photograph is the truth convolved with it. Convolution
# is multiplication of spectra (lesson 03):
#
# $$G = H \cdot F$$
#
# with $F$ the truth, $H$ the psf and $G$ what we got. So divide, $F = G / H$, and the blur is gone!
# Alas, where $H$ is nearly zero only noise arrived, and the division makes it enormous. Wiener's
# way divides where there is signal, and lets go where there is none:
#
# $$F = \frac{H^*}{|H|^2 + \text{balance}} \; G$$
#
# $H^*$ is the complex conjugate. With a balance of 0 that is $G / H$ again.
#
# **Predict.** What does the formula make of a frequency whose $H$ is 0?

# %%
ex.target("wiener")


# %% tags=["task"] task="wiener" points=3 minutes=9 level=3 compare="close(rtol=1e-4, atol=1e-4)" forbid=["cv2", "scipy.signal", "skimage", "torch", "imgkit.restoration"]
def wiener(image, psf, balance):
    """Undo a blur in the frequency domain, and do not touch what the blur destroyed.

    Parameters
    ----------
    image : array (H, W) of floats: the truth, convolved with the psf on a picture that repeats
        like a tile, and a little noise
    psf : array (h, w) of floats, h and w odd, h <= H, w <= W; it sums to 1 and need not be
        symmetric
    balance : > 0; more of it is more careful

    Returns
    -------
    A real array (H, W), not clipped: conj(Hf) / (abs(Hf)**2 + balance) * Gf, transformed back, the
    real part. Gf is the spectrum of the image, and Hf that of the psf, laid into a picture of zeros
    (H, W) so that its middle weight is at [0, 0]: weights left of and above the middle come in
    again at the far side. np.fft is welcome.

    Example
    -------
    The psf np.array([[1.0]]) blurs nothing: wiener(image, psf, 0.25) is image / 1.25.
    """
    # BEGIN SOLUTION
    height, width = psf.shape
    point = np.zeros(image.shape)
    point[:height, :width] = psf
    point = np.roll(point, (-(height // 2), -(width // 2)), axis=(0, 1))
    transfer = np.fft.fft2(point)
    spectrum = np.fft.fft2(image)
    restored = np.conj(transfer) / (np.abs(transfer) ** 2 + balance) * spectrum
    return np.fft.ifft2(restored).real
    # END SOLUTION


# %% tags=["check"]
ex.check(wiener)

# %% [markdown] tags=["hint"] task="wiener"
# Everything happens in four steps: lay the psf into an empty picture as large as the image, take
# the spectra of both, apply the formula at every frequency, go back. The first step is the one that
# goes wrong: where has the middle of the psf to lie, so that it does not move the picture?

# %% [markdown] tags=["hint"] task="wiener"
# Put the psf into the upper left corner, `point[:h, :w] = psf`. Its middle now lies at
# `[h // 2, w // 2]`. `np.roll` with `axis=(0, 1)` moves a picture round; move it so that the middle
# comes to `[0, 0]`. Then `np.fft.fft2` of both, and `np.fft.ifft2(...).real` at the end.

# %% [markdown] tags=["hint"] task="wiener"
# ```
# point = np.zeros(image.shape)
# point[: psf.shape[0], : psf.shape[1]] = psf
# point = np.roll(point, (-(psf.shape[0] // 2), ...), axis=(0, 1))
# H, G = np.fft.fft2(point), np.fft.fft2(image)
# F = np.conj(H) / (...) * G
# return np.fft.ifft2(F).real
# ```


# %% tags=["cases"] task="wiener"
def wiener_cases(rng):
    def weights(*shape):
        w = rng.integers(1, 9, shape) * rng.integers(1, 4, shape)
        w[shape[0] // 2, shape[1] // 2] += 12
        return w / w.sum()

    def shot(truth, psf, sigma):
        return np.round(blur(truth, psf) + rng.normal(0, sigma, truth.shape), 4)

    psf = shake(rng)
    top, left = rng.integers((100, 112), (195, 222))
    photo = camera[top : top + 32 : 2, left : left + 42 : 2] / 255
    yield "a shaken photograph", dict(image=shot(photo, psf, 0.004), psf=psf, balance=0.02)
    dot = np.zeros((9, 11))
    dot[rng.integers(3, 6), rng.integers(3, 8)] = 1
    psf = weights(3, 3)
    yield "one bright pixel, blurred", dict(image=blur(dot, psf), psf=psf, balance=0.01)
    psf = weights(5, 3)
    stars = rng.random((12, 10)) ** 8
    yield "stars, 5 × 3 weights", dict(image=shot(stars, psf, 0.01), psf=psf, balance=0.05)
    psf = weights(3, 7)
    stars = rng.random((9, 14)) ** 8
    yield "stars, 3 × 7 weights", dict(image=shot(stars, psf, 0.01), psf=psf, balance=0.2)
    psf = shake(rng)
    top, left = rng.integers((20, 20), (220, 300))
    coin = (coins[top : top + 28 : 2, left : left + 28 : 2] / 255) ** 6
    yield "a shaken coin in the dark", dict(image=shot(coin, psf, 0.01), psf=psf, balance=0.05)


# %% tags=["mistake"] task="wiener" says="The picture is sharp but has moved by half the psf: its middle must lie at `[0, 0]`. Roll it by `-(h // 2)` rows and `-(w // 2)` columns."
def psf_not_centred(image, psf, balance):
    return np.roll(
        wiener(image, psf, balance), (-(psf.shape[0] // 2), -(psf.shape[1] // 2)), (0, 1)
    )


# %% tags=["mistake"] task="wiener" says="The psf lies in the middle of its picture, so the answer has moved by half a picture. For the FFT the middle of things is `[0, 0]`: `np.fft.ifftshift`, or roll it there."
def psf_in_the_middle(image, psf, balance):
    rows, columns = image.shape
    return np.roll(wiener(image, psf, balance), (-(rows // 2), -(columns // 2)), (0, 1))


# %% tags=["mistake"] task="wiener" says="You roll the psf the wrong way: its middle lies at `[h // 2, w // 2]` and has to go *back* to `[0, 0]`, so both steps are negative."
def rolled_the_wrong_way(image, psf, balance):
    h, w = psf.shape
    return np.roll(wiener(image, psf, balance), (-2 * (h // 2), -2 * (w // 2)), axis=(0, 1))


# %% tags=["mistake"] task="wiener" says="One pixel too far: `-h // 2` is -2 for h = 3, since `//` rounds down. Write `-(h // 2)`."
def minus_rounded_down(image, psf, balance):
    return np.roll(wiener(image, psf, balance), (1, 1), axis=(0, 1))


# %% tags=["mistake"] task="wiener" says="`np.fft.fftshift` moves `[0, 0]` to the middle. The way back is `np.fft.ifftshift`; where a side is odd the two differ by a pixel."
def shifted_the_other_way(image, psf, balance):
    odd = image.shape[0] % 2, image.shape[1] % 2
    return np.roll(wiener(image, psf, balance), odd, axis=(0, 1))


# %% tags=["mistake"] task="wiener" says="Without `axis=(0, 1)`, `np.roll` lays all rows end to end and rolls that one long row."
def rolled_as_one_row(image, psf, balance):
    point = np.zeros(image.shape)
    point[: psf.shape[0], : psf.shape[1]] = psf
    transfer = np.fft.fft2(np.roll(point, (-(psf.shape[0] // 2), -(psf.shape[1] // 2))))
    restored = np.conj(transfer) / (np.abs(transfer) ** 2 + balance) * np.fft.fft2(image)
    return np.fft.ifft2(restored).real


# %% tags=["mistake"] task="wiener" says="The two spectra differ in size: that of the psf is as small as the psf. Lay the psf into an array of zeros as large as the image, and transform that."
def psf_too_small(image, psf, balance):
    transfer = np.fft.fft2(psf)
    return np.fft.ifft2(np.conj(transfer) * np.fft.fft2(image)).real


# %% tags=["mistake"] task="wiener" says="The conjugate is missing. Multiplying by `H` blurs once more; multiplying by `np.conj(H)` turns the phase back."
def conjugate_forgotten(image, psf, balance):
    point = np.zeros(image.shape)
    point[: psf.shape[0], : psf.shape[1]] = psf
    point = np.roll(point, (-(psf.shape[0] // 2), -(psf.shape[1] // 2)), axis=(0, 1))
    transfer = np.fft.fft2(point)
    restored = transfer / (np.abs(transfer) ** 2 + balance) * np.fft.fft2(image)
    return np.fft.ifft2(restored).real


# %% tags=["mistake"] task="wiener" says="You add the balance to `H` and divide. It belongs to the *square* of the magnitude: `conj(H) / (abs(H)**2 + balance)`. `H` itself may be negative, and cancel it."
def balance_added_to_h(image, psf, balance):
    point = np.zeros(image.shape)
    point[: psf.shape[0], : psf.shape[1]] = psf
    point = np.roll(point, (-(psf.shape[0] // 2), -(psf.shape[1] // 2)), axis=(0, 1))
    transfer = np.fft.fft2(point)
    return np.fft.ifft2(np.fft.fft2(image) / (transfer + balance)).real


# %% tags=["mistake"] task="wiener" says="The magnitude below the line is not squared: `np.abs(H) ** 2`."
def magnitude_not_squared(image, psf, balance):
    point = np.zeros(image.shape)
    point[: psf.shape[0], : psf.shape[1]] = psf
    point = np.roll(point, (-(psf.shape[0] // 2), -(psf.shape[1] // 2)), axis=(0, 1))
    transfer = np.fft.fft2(point)
    restored = np.conj(transfer) / (np.abs(transfer) + balance) * np.fft.fft2(image)
    return np.fft.ifft2(restored).real


# %% tags=["mistake"] task="wiener" says="The square of a complex number is complex too. Below the line stands the square of its *magnitude*, `np.abs(H) ** 2`."
def complex_square(image, psf, balance):
    point = np.zeros(image.shape)
    point[: psf.shape[0], : psf.shape[1]] = psf
    point = np.roll(point, (-(psf.shape[0] // 2), -(psf.shape[1] // 2)), axis=(0, 1))
    transfer = np.fft.fft2(point)
    restored = np.conj(transfer) / (transfer**2 + balance) * np.fft.fft2(image)
    return np.fft.ifft2(restored).real


# %% tags=["mistake"] task="wiener" says="This is the plain division, and the noise explodes: `balance` is never used."
def balance_ignored(image, psf, balance):
    return wiener(image, psf, 0)


# %% tags=["mistake"] task="wiener" says="You take the magnitude, and so the values below zero come out positive. Take the real part: `.real`."
def magnitude_for_real_part(image, psf, balance):
    return np.abs(wiener(image, psf, balance))


# %% tags=["mistake"] task="wiener" says="You clip to 0..1. Here the values below 0 and above 1 stay: clip when you show the picture."
def clipped(image, psf, balance):
    return np.clip(wiener(image, psf, balance), 0, 1)


# %% tags=["mistake"] task="wiener" says="The answer is complex. Its imaginary part is nothing but rounding: take `.real` at the end."
def complex_left(image, psf, balance):
    return wiener(image, psf, balance) + 0j


# %% [markdown]
# **See it.** The same shot with three balances: too bold, about right, too careful.

# %%
sharpen = ex.use("wiener")
shaken = blur(portrait / 255, psf) + rng.normal(0, 0.01, portrait.shape)
balances = [0.0005, 0.02, 0.5]
restored = [sharpen(shaken, psf, balance) for balance in balances]
images.show(
    *[np.clip(p, 0, 1)[20:180, 40:200] for p in [shaken, *restored]],
    titles=["shaken", *[f"balance {balance}" for balance in balances]],
    columns=4,
    alt="The shaken face and three attempts. With the smallest balance the face is sharp under "
    f"coarse noise, {decibels(restored[0], portrait / 255):.1f} dB; in the middle it is clear, "
    f"{decibels(restored[1], portrait / 255):.1f} dB; with the largest it is dark and still soft.",
)

# %% [markdown]
# Where $H$ is 0 the formula gives 0: it lets go. A large balance lets go nearly everywhere, and
# takes even the mean down with it.
#
# ## 6 · Undo a blur: Richardson and Lucy
#
# Wiener's answer may be negative, and light is not. Two astronomers found another way, and the
# first pictures of the Hubble telescope, whose mirror was ground wrong, were saved by it.
#
# Guess a picture. Blur your guess. Where it came out too dark against the shot, make the guess
# brighter, in *proportion*; where too bright, darker. Repeat.
#
# - `ratio` = shot / blur of the guess
# - each pixel of the guess takes the blame for all places that it was spread to: correlate the
#   ratio with the psf
# - multiply the guess by that
#
# Start with a flat guess. Products of positive numbers stay positive.
#
# **Predict.** Does it matter how bright the flat guess is?

# %%
ex.target("richardson_lucy")


# %% tags=["task"] task="richardson_lucy" points=3 minutes=7 level=2 compare="close(rtol=1e-4, atol=1e-5)" forbid=["cv2", "skimage", "torch", "imgkit.restoration"]
def richardson_lucy(image, psf, iterations):
    """Undo a blur step by step, and stay positive.

    Parameters
    ----------
    image : array (H, W) of positive floats: the truth, blurred by the psf
    psf : array (h, w) of floats, h and w odd; it sums to 1 and need not be symmetric
    iterations : how often to improve the guess, at least 1

    Returns
    -------
    A new array (H, W) of floats, not clipped. The guess starts flat: every pixel the same positive
    number, such as 0.5. Each step multiplies it by the correlation of image / blur(guess, psf) with
    the psf, where blur is the convolution of the setup cell. Correlation is the same with the psf
    turned by half a turn. In both the picture repeats like a tile.

    Example
    -------
    A flat image is explained at once: np.full((9, 9), 0.5) gives 0.5 everywhere.
    """
    # BEGIN SOLUTION
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        ratio = image / blur(guess, psf)
        guess = guess * blur(ratio, psf[::-1, ::-1])
    return guess
    # END SOLUTION


# %% tags=["check"]
ex.check(richardson_lucy)

# %% [markdown] tags=["hint"] task="richardson_lucy"
# Three lines in a loop, just as the text has them: blur the guess, take the ratio, multiply the
# guess by what comes back. `np.full(image.shape, 0.5)` is a flat guess.

# %% [markdown] tags=["hint"] task="richardson_lucy"
# The guess is spread by the psf, so the blame has to travel the other way round: turn the psf by
# half a turn, `psf[::-1, ::-1]`, for the second blur.

# %% [markdown] tags=["hint"] task="richardson_lucy"
# ```
# guess = np.full(image.shape, 0.5)
# for _ in range(iterations):
#     ratio = image / blur(guess, psf)
#     guess = guess * blur(ratio, ...)
# return guess
# ```


# %% tags=["cases"] task="richardson_lucy"
def richardson_lucy_cases(rng):
    def weights(*shape):
        w = rng.integers(1, 9, shape) * rng.integers(1, 4, shape)
        return w / w.sum()

    def shot(truth, psf, sigma):
        shaken = blur(truth, psf) + rng.normal(0, sigma, truth.shape)
        return np.round(np.clip(shaken, 0.02, 1), 4)

    psf = shake(rng)
    top, left = rng.integers((100, 112), (195, 222))
    photo = camera[top : top + 32 : 2, left : left + 42 : 2] / 255
    yield "a shaken photograph", dict(image=shot(photo, psf, 0.004), psf=psf, iterations=10)
    stars = np.full((10, 13), 0.05)
    stars[rng.integers(2, 8, 3), rng.integers(2, 11, 3)] = 1
    psf = weights(3, 3)
    yield "blurred stars", dict(image=shot(stars, psf, 0), psf=psf, iterations=8)
    psf = weights(3, 5)
    noise = rng.uniform(0.1, 1, (9, 12)).round(3)
    yield "noise, 3 × 5 weights", dict(image=noise, psf=psf, iterations=3)
    psf = weights(5, 3)
    noise = rng.uniform(0.1, 1, (11, 8)).round(3)
    yield "noise, a single step", dict(image=noise, psf=psf, iterations=1)
    psf = shake(rng)
    top, left = rng.integers((20, 20), (220, 300))
    coin = coins[top : top + 28 : 2, left : left + 28 : 2] / 255
    yield "a shaken coin", dict(image=shot(coin, psf, 0.01), psf=psf, iterations=5)


# %% tags=["mistake"] task="richardson_lucy" says="The ratio goes back through the same psf. The blame travels the other way: turn the psf by half a turn, `psf[::-1, ::-1]`, for the second blur."
def psf_not_turned(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        guess = guess * blur(image / blur(guess, psf), psf)
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="The psf is only turned upside down. Half a turn reverses its columns as well: `psf[::-1, ::-1]`."
def upside_down_only(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        guess = guess * blur(image / blur(guess, psf), psf[::-1])
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="The psf is turned in the wrong place. The guess is blurred as the light was, by convolution with the psf as it is; the ratio goes back by correlation."
def turned_in_the_wrong_place(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        guess = guess * blur(image / blur(guess, psf[::-1, ::-1]), psf)
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="Both ways go by correlation. The light was spread by convolution, so the guess is too: `blur(guess, psf)`, with the psf as it is."
def correlated_twice(image, psf, iterations):
    guess, turned = np.full(image.shape, 0.5), psf[::-1, ::-1]
    for _ in range(iterations):
        guess = guess * blur(image / blur(guess, turned), turned)
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="Your first guess is black, and 0 times anything stays 0. Start with a flat picture of some positive number, such as `np.full(image.shape, 0.5)`."
def black_guess(image, psf, iterations):
    guess = np.zeros(image.shape)
    with np.errstate(all="ignore"):
        for _ in range(iterations):
            guess = guess * blur(image / blur(guess, psf), psf[::-1, ::-1])
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="Your ratio is upside down: it makes the guess darker where it should be brighter. It is shot divided by blurred guess."
def ratio_upside_down(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    with np.errstate(all="ignore"):
        for _ in range(iterations):
            guess = guess * blur(blur(guess, psf) / image, psf[::-1, ::-1])
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="The correction replaces the guess. It has to *multiply* it."
def not_multiplied(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        guess = blur(image / blur(guess, psf), psf[::-1, ::-1])
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="The ratio goes straight into the guess. It belongs to places in the *shot*; send it back through the turned psf first, so that each pixel of the guess hears from all places it was spread to."
def ratio_not_sent_back(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        guess = guess * image / blur(guess, psf)
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="You start from the shot. Many do, and it works, but here the guess starts flat: then the first step already gives the shot, blurred backwards."
def starts_from_the_shot(image, psf, iterations):
    guess = image
    for _ in range(iterations):
        guess = guess * blur(image / blur(guess, psf), psf[::-1, ::-1])
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="You blur with SciPy's own border, which mirrors. Here the picture repeats like a tile: use `blur` of the setup cell, or `mode=\"wrap\"`."
def border_mirrored(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        guess = guess * ndimage.correlate(image / ndimage.convolve(guess, psf), psf)
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="Only the way back is wrong: `ndimage.correlate` mirrors beyond the edge unless you say `mode=\"wrap\"`, and here the picture repeats like a tile."
def correlation_mirrored(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    for _ in range(iterations):
        guess = guess * ndimage.correlate(image / blur(guess, psf), psf)
    return guess


# %% tags=["mistake"] task="richardson_lucy" says="You compare with the first guess each time. Blur the guess anew in every step, inside the loop."
def first_guess_for_ever(image, psf, iterations):
    guess = np.full(image.shape, 0.5)
    correction = blur(image / blur(guess, psf), psf[::-1, ::-1])
    return guess * correction**iterations


# %% [markdown]
# **See it.** More steps, sharper picture? Here is the shaken portrait again, noise and all.

# %%
deblur = ex.use("richardson_lucy")
shot = np.clip(shaken, 0.01, 1)
steps = [1, 4, 12, 40, 120]
rounds = [np.clip(deblur(shot, psf, n), 0, 1) for n in steps]
scores = [decibels(picture, portrait / 255) for picture in rounds]
for n, score in zip(steps, scores, strict=True):
    print(f"{n:4} steps: {score:.1f} dB")

# %%
best = int(np.argmax(scores))
images.show(
    *[picture[20:180, 40:200] for picture in (shot, rounds[best], rounds[-1])],
    titles=["shaken", f"{steps[best]} steps", f"{steps[-1]} steps"],
    alt=f"The shaken face; after {steps[best]} steps it is clear, {scores[best]:.1f} dB; after "
    f"{steps[-1]} steps it is covered with bright grains, {scores[-1]:.1f} dB.",
)

# %% [markdown]
# First it finds the face, then it begins to explain the noise. Nobody tells it when to stop, and so
# stopping is part of the method. How bright the first guess was does not matter: the first ratio
# divides it out again.
#
# ## 7 · Mend a ruined photograph
#
# All together now. The shot was shaken, with a known psf. Weak noise came on top, of a standard
# deviation of about 0.01. And about four in a hundred pixels are dead: 0 or 255, whatever light
# fell on them.
#
# The way is yours. Think about the **order**: in which order did the damage happen, and in which
# should it be undone? And touch only what is broken: a median over the *whole* picture costs more
# than it mends. `decibels(restore(ruined, psf), portrait)` tells you how each change pays.
#
# **Predict.** What does deblurring make of a dead pixel?

# %%
ex.target("restore")


# %% tags=["task"] task="restore" points=4 minutes=10 level=3 compare="psnr(at_least=26)" forbid=["cv2", "skimage", "torch", "imgkit.restoration", "imgkit.filtering"]
def restore(photo, psf):
    """Bring a ruined photograph as near to the truth as you can.

    Parameters
    ----------
    photo : array (H, W), uint8: blurred by the psf as a tile that repeats, then weak noise, then
        about 4 % of the pixels replaced by 0 or 255. Few other pixels are exactly 0 or 255.
    psf : array (7, 7) of floats that sums to 1

    Returns
    -------
    A new array (H, W), uint8, rounded and clipped to 0..255, with a PSNR of at least 26 dB. The
    grader has other photographs and other hands, so leave a little air. You may call your functions
    from above.
    """
    # BEGIN SOLUTION
    dead = (photo == 0) | (photo == 255)
    mended = np.where(dead, median(photo, 3), photo) / 255
    sharp = richardson_lucy(np.maximum(mended, 0.01), psf, 15)
    return np.rint(255 * np.clip(sharp, 0, 1)).astype(np.uint8)
    # END SOLUTION


# %% tags=["check"]
ex.check(restore)

# %% [markdown] tags=["hint"] task="restore"
# The blur happened first, the dead pixels came last, so undo them first: for a deblurring filter
# a dead pixel is a huge and sharp detail. Find them by their value, and put the median of their
# window there, *only* there. Look at your picture after every step with `images.show`.

# %% [markdown] tags=["hint"] task="restore"
# `dead = (photo == 0) | (photo == 255)` finds them, `np.where(dead, median(photo, 3), photo)` mends
# them and nothing else. Then go to floats in 0..1 and deblur, by `wiener` with a balance of two or
# three hundredths, or by `richardson_lucy` with ten or twenty steps, on a picture without zeros.

# %% [markdown] tags=["hint"] task="restore"
# ```
# dead = (photo == 0) | (photo == 255)
# mended = np.where(dead, median(photo, 3), photo) / 255
# sharp = richardson_lucy(np.maximum(mended, 0.01), psf, 15)
# return np.rint(255 * np.clip(..., 0, 1)).astype(np.uint8)
# ```


# %% tags=["cases"] task="restore"
def restore_cases(rng):
    def piece(photo, rows, columns):
        top, left = rng.integers(*rows), rng.integers(*columns)
        return photo[top : top + 56, left : left + 56]

    calmer = np.rint(30 + 0.8 * camera).astype(np.uint8)
    truths = {
        "the astronaut": piece(astronaut, (60, 90), (190, 215)),
        "the photographer": piece(calmer, (95, 115), (215, 245)),
        "the astronaut, again": piece(astronaut, (60, 90), (190, 215)),
        "the photographer, again": piece(calmer, (95, 115), (215, 245)),
    }
    for label, truth in truths.items():
        psf = shake(rng)
        yield label, dict(photo=ruin(truth, psf, rng), psf=psf), truth


# %% tags=["mistake"] task="restore" says="This is the photograph as it came. Begin with the dead pixels."
def nothing_done(photo, psf):
    return photo


# %% tags=["mistake"] task="restore" says="The dead pixels are gone, but the picture is still shaken. Go on with `wiener` or `richardson_lucy`. And a median over the whole picture takes fine detail with it: use it only where `photo` is 0 or 255."
def median_and_no_more(photo, psf):
    return median(photo, 3)


# %% tags=["mistake"] task="restore" says="The dead pixels are gone and nothing else was touched: well done. Now the blur: `wiener` or `richardson_lucy`, on floats in 0..1."
def dead_pixels_only(photo, psf):
    dead = (photo == 0) | (photo == 255)
    return np.where(dead, median(photo, 3), photo).astype(np.uint8)


# %% tags=["mistake"] task="restore" says="You deblur while the dead pixels are still there, and each of them becomes a star with rays. Mend them first."
def dead_pixels_forgotten(photo, psf):
    return np.rint(255 * np.clip(wiener(photo / 255, psf, 0.02), 0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="restore" says="The order is right, but the median went over *every* pixel and took fine detail with it, which no deblurring brings back. Use it only where `photo` is 0 or 255."
def median_everywhere(photo, psf):
    sharp = wiener(median(photo, 3) / 255, psf, 0.02)
    return np.rint(255 * np.clip(sharp, 0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="restore" says="The order is wrong. Deblurring makes each dead pixel a star with rays, and a median can no longer take that away. What happened last is undone first."
def deblurred_first(photo, psf):
    sharp = np.rint(255 * np.clip(wiener(photo / 255, psf, 0.02), 0, 1)).astype(np.uint8)
    return median(sharp, 3)


# %% [markdown]
# ## Your restoration
#
# The portrait from the top of the page, and what your code makes of it.

# %%
mended = ex.use("restore")(ruined, psf)
images.show(
    ruined,
    mended,
    titles=[f"ruined, {decibels(ruined, portrait):.1f} dB", f"{decibels(mended, portrait):.1f} dB"],
    alt="Before: the smeared portrait with its black and white dots. After: a clear portrait, the "
    f"eyes and the flag sharp, at {decibels(mended, portrait):.1f} dB.",
)

# %%
images.compare(portrait[80:140, 84:144], mended[80:140, 84:144], titles=("truth", "restored"))

# %% [markdown]
# Is all of it true? Look at the difference. There is grain, which the deblurring made stronger, and
# there are fine lines, where the shake crossed them: those frequencies never reached the sensor.
# No filter brings back what did not arrive; it can only guess, and a careful one guesses grey.
#
# ## Graduation: against the libraries
#
# For two of your functions there is a yardstick. The library's value, yours, and the largest
# difference anywhere:

# %%
from scipy.ndimage import median_filter
from skimage.metrics import peak_signal_noise_ratio

exact, mine = median_filter(ruined, 3, mode="mirror"), ex.use("median")(ruined, 3)
print(f"median  {exact[90, 90]} | {mine[90, 90]} | {np.abs(exact.astype(int) - mine).max()}")
exact, mine = peak_signal_noise_ratio(portrait, mended), decibels(mended, portrait)
print(f"psnr    {exact:.6f} | {mine:.6f} | {abs(exact - mine):.0e}")

# %% [markdown]
# And the clock. The loop visits every pixel and sorts its window.

# %%
import time


def slow(image, size):
    padded, out = np.pad(image, size // 2, mode="reflect"), np.empty_like(image)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            out[r, c] = np.median(padded[r : r + size, c : c + size])
    return out


def seconds(function, runs=3):
    """The median time of some runs on a part of the photograph."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(ruined[:128, :128], 3)
        times.append(time.perf_counter() - begin)
    return np.median(times)


# %%
loops, mine = seconds(slow), seconds(ex.use("median"))
library = seconds(lambda image, size: median_filter(image, size, mode="mirror"), 15)
print(f"yours is {loops / mine:.0f} times as fast as the loops")
print(f"SciPy is {loops / library:.0f} times as fast as the loops")

# %% [markdown]
# ## What you can do now
#
# - Say in decibels how near a picture is to the truth, and where that number misleads.
# - Measure gain and read noise of any camera with a dozen shots.
# - Take the median for liars, and a mean of the like for grain.
# - Undo a known blur by division with care, and by guessing step by step, and stop in time.
# - Undo damage in the opposite order in which it happened, and touch only what is broken.

# %%
ex.progress()
