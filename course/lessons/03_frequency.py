# ---
# jupyter:
#   imgkit:
#     title: The frequency domain
#     minutes: 25
#     needs: [02_convolution]
# ---

# %% [markdown]
# # The frequency domain
#
# **25 minutes of reading.** You need convolution (lesson 02) and the cosine.
#
# By the end of this page you can
#
# - take a row of pixels apart into waves, and put it together again,
# - read a spectrum: what lies where, and why everything is there twice,
# - filter by the spectrum, and say why a sharp cutoff rings,
# - take stripes out of a photograph,
# - shrink a picture without false patterns, and spot them where somebody did not.

# %% tags=["setup"]
import time

import numpy as np
from scipy import ndimage

from imgkit import color, data, filtering, frequency, images, metrics

rng = np.random.default_rng(3)


def same(exact, approximate):
    """Print one value of each, and the largest difference anywhere."""
    middle = np.size(exact) // 3
    one, other = np.ravel(exact)[middle], np.ravel(approximate)[middle]
    print(f"{one:.5f} | {other:.5f} | largest difference {np.abs(exact - approximate).max():.0e}")


def seconds(function, *arguments, runs=7):
    """The best time of several runs: whatever else the computer did can only make it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - begin)
    return min(times)


# %% [markdown]
# ## A picture and a question


# %%
def wave(shape, down, across, phase=0.0):
    """One wave; down and across in cycles per pixel."""
    r, c = np.mgrid[: shape[0], : shape[1]]
    return np.cos(2 * np.pi * (down * r + across * c) + phase)


truth = 0.2 + 0.6 * data.load("camera")[44:252, 126:334] / 255
hum = [(0.0841, 0.1226), (-0.0505, 0.1611)]  # its two waves: down, across
striped = truth + 0.11 * wave(truth.shape, *hum[0]) + 0.08 * wave(truth.shape, *hum[1])
images.show(
    striped,
    alt="A man with a camera behind a weave of slanting stripes, as if seen through a curtain. The "
    f"stripes change the pixels by {np.abs(striped - truth).mean():.0%} of full scale on average.",
)

# %% [markdown]
# Something hummed beside the camera's cable, and the hum is in every pixel. **Can you take away the
# stripes and leave the man?**
#
# We shall measure it by the **PSNR**, in decibels (dB): the higher, the nearer to the truth. Lesson
# 04 says what is in it.
#
# **Predict.** A blur takes away fine things. How much blur do the stripes need, and what becomes of
# the man?

# %%
blurred = filtering.gaussian(striped, sigma=3.5)
before, after = metrics.psnr(striped, truth), metrics.psnr(blurred, truth)
images.show(
    blurred,
    titles=["blurred, sigma 3.5"],
    alt="The blur has taken the stripes, and with them eyes, hair and tripod. The PSNR goes from "
    f"{before:.1f} to {after:.1f} dB.",
)

# %% [markdown]
# A window that slides over the picture sees stripes and hair alike. We need a view in which they
# lie apart. We start with a single row.
#
# ## How much of a wave is in a row?
#
# Here is a row with a bright middle. Below it are two waves, one that fits into the row once and
# one that fits twice; black stands for −1 and white for 1.


# %%
def bright_middle(length):
    """1 in the middle half, 0 outside, 1/2 on the border: the same from both sides."""
    return np.clip(length / 4 + 0.5 - np.abs(np.arange(length) - length / 2), 0, 1)


n = np.arange(96)
row = 0.25 + 0.5 * bright_middle(96)
once, twice = np.cos(2 * np.pi * n / 96), np.cos(2 * np.pi * 2 * n / 96)
images.show(
    row[None],
    0.5 + 0.5 * once[None],
    0.5 + 0.5 * twice[None],
    titles=["the row", "a wave that fits once", "a wave that fits twice"],
    columns=1,
    alt=f"Three strips. The row is dark, {row[0]}, with a bright middle half, {row[48]}. The first "
    "wave goes from white to black in the middle and back; the second is white at both ends and in "
    "the middle, and black between.",
)

# %% [markdown]
# Lay a wave on the row, multiply, add up: a dot product, as always. Where the two go up and down
# together, the sum grows; where they go against each other, it falls; and where they have nothing
# to do with each other, plus and minus cancel.
#
# **Predict.** The wave that fits once: positive, negative or zero? And twice?

# %%
for k in range(6):
    print(f"fits {k} times: {row @ np.cos(2 * np.pi * k * n / 96):7.3f}")

# %% [markdown]
# Negative, for the first wave is dark where the row is bright; and from the second on, every other
# wave is not in it at all. And do the waves disturb each other? Take dot products among
# themselves.

# %%
waves = np.array([np.cos(2 * np.pi * k * n / 96) for k in range(1, 5)])
(waves @ waves.T).round(9) + 0.0

# %% [markdown]
# Zero, but for each with itself, where it is half of the number of pixels. So every wave can be
# measured by itself, and its measure divided by that half is its amplitude. All of this page stands
# on these two facts.
#
# ## Put it together again
#
# Add the waves that we measured, one after the other.


# %%
def rebuilt(row, most):
    """The mean and the cosines that fit 1 to most times."""
    n, half = np.arange(len(row)), len(row) / 2
    waves = [np.cos(2 * np.pi * k * n / len(row)) for k in range(1, most + 1)]
    return row.mean() + sum((row @ wave) / half * wave for wave in waves)


images.plot_rows(
    row,
    rebuilt(row, 1),
    rebuilt(row, 9),
    labels=["the row", "1 wave", "up to 9"],
    alt="One wave is a gentle hill. With nine the sides are steep and the top is flat, but it "
    "ripples, most beside the two steps: it reaches "
    f"{rebuilt(row, 9).max():.2f} where the row has {row.max()}.",
)

# %% [markdown]
# A step comes together from nothing but waves. And with all of them, up to the fastest that pixels
# can hold?

# %%
same(row, rebuilt(row, 47))

# %% [markdown]
# Nothing is lost: row and waves are two ways to say the same. But mind the ripple beside the step
# where waves are left out.
#
# **Predict.** With more and more waves, does the highest ripple go away?

# %%
step = bright_middle(2048)
for most in (9, 33, 129):
    print(f"up to {most:3} waves: {rebuilt(step, most).max() - 1:.1%} too high")

# %% [markdown]
# It gets narrower, but hardly lower. This is the **Gibbs phenomenon**: wherever waves are cut off
# at one sharp limit, edges ring. We shall meet it again in two dimensions.
#
# ## The discrete Fourier transform
#
# Our row was symmetric. Others are not, so it takes a sine beside each cosine. One complex number
# carries both, since $e^{-i\alpha} = \cos\alpha - i\sin\alpha$:
#
# $$F[k] = \sum_{n=0}^{N-1} f[n]\; e^{-2\pi i\,kn/N}$$
#
# Nothing new: a dot product with a wave, for $k = 0, 1, \dots, N-1$. The size $|F[k]|$ says how
# strong the wave is, the angle how far it is shifted.


# %%
def with_loops(row):
    result = np.zeros(len(row), complex)
    for k in range(len(row)):
        for n in range(len(row)):
            result[k] += row[n] * np.exp(-2j * np.pi * k * n / len(row))
    return result


def with_a_table(row):
    n = np.arange(len(row))
    return (np.exp(-2j * np.pi * np.outer(n, n) / len(row)) * row).sum(axis=1)


line = striped[60]
same(with_loops(line), with_a_table(line))
same(with_a_table(line), np.fft.fft(line))

# %% [markdown]
# `np.fft.fft` gives the same numbers by a trick: half of the products are the same as others, and
# again half of those that are left. $N^2$ steps become about $N\log N$.

# %%
loops = seconds(with_loops, line, runs=2)
for name, function in (("table", with_a_table), ("fft", np.fft.fft)):
    print(f"{name:>6}: {loops / seconds(function, line):7.0f} times as fast as the loops")

# %% [markdown]
# Now look at that row of our picture. The mean is left out, for it would tower over all.
#
# **Predict.** What will the stripes look like?

# %%
strength = np.abs(np.fft.fft(line - line.mean()))
images.plot_rows(
    strength[:105],
    labels=["|F| of one row of the picture, first half"],
    alt="High values at the far left, low ones elsewhere, and two narrow peaks that stand alone, "
    f"the higher one at {np.argmax(strength[15:104]) + 15}.",
)

# %% [markdown]
# There they are. The man is spread over many waves, mostly slow ones. Each stripe is one narrow
# peak; why the peaks have feet comes later.
#
# And the other half? It is the first one in the mirror:

# %%
same(strength[1:], strength[:0:-1])

# %% [markdown]
# A wave that fits $k$ times into $N$ pixels and one that fits $N - k$ times show *the same pixels*;
# the second is the first, run backwards. So nothing in a row is faster than half a cycle per pixel.
#
# ## Waves in two dimensions
#
# A wave in a picture has two numbers: cycles per pixel **down** and **across**. Below, three of
# them with their spectra. In a spectrum one puts frequency zero in the middle.

# %%
three = [(0.125, 0.0), (0.0625, 0.125), (-0.0625, 0.25)]
pictures = [0.5 + 0.5 * wave((32, 32), *pair) for pair in three]
images.show(
    *pictures,
    *[frequency.spectrum(picture) for picture in pictures],
    titles=[str(pair) for pair in three] + ["its spectrum"] * 3,
    columns=3,
    alt="Level stripes, stripes that slant, narrow stripes that slant the other way. Each spectrum "
    "has three dots: the mean in the middle and two opposite ones, farther out for narrower "
    "stripes, on the line across the stripes.",
)

# %% [markdown]
# - **The middle** is the mean of the picture, often called DC.
# - **The direction** from the middle is the direction in which the wave runs, across its stripes.
# - **The distance** is its frequency: near the middle slow, far out fine.
# - **Two dots** for one wave, opposite each other: $F[-k] = \overline{F[k]}$ for every real
#   picture.
#
# `np.fft.fft2` counts from the corner; `np.fft.fftshift` brings the zero to the middle.

# %%
F = np.fft.fft2(truth)
same(truth.mean(), F[0, 0].real / truth.size)
same(F[5, 7], np.conj(F[-5, -7]))

# %% [markdown]
# And the striped man? **Predict.** How many dots will you find, and where?

# %%
spectrum = frequency.spectrum(striped)
images.show(
    spectrum[59:149, 59:149],
    titles=["middle of the spectrum"],
    alt="The middle of the spectrum: a glow around the zero, a bright upright and level cross "
    "through it, and two pairs of bright dots, like little stars with rays, one pair on each "
    "slanting line through the middle.",
)

# %% [markdown]
# Four little stars. Keep them in mind; first you need to know what happens when a spectrum is
# changed.
#
# ## Convolution becomes multiplication
#
# A wave that goes through a blur comes out as the *same* wave, only weaker. So a filter does
# nothing but multiply each wave by a number (a complex one, if it also shifts the wave). Which
# number? The spectrum of its kernel says it:
#
# $$f * k \quad\longleftrightarrow\quad F \cdot K$$
#
# Take any kernel, put it into an array of the picture's size with its middle at `[0, 0]`, and try.

# %%
kernel = rng.normal(size=(31, 31))
slid = ndimage.convolve(truth, kernel, mode="wrap")


def by_spectrum(image, kernel):
    wide = np.zeros(image.shape)
    wide[: kernel.shape[0], : kernel.shape[1]] = kernel
    wide = np.roll(wide, (-(kernel.shape[0] // 2), -(kernel.shape[1] // 2)), axis=(0, 1))
    return np.fft.ifft2(np.fft.fft2(image) * np.fft.fft2(wide)).real


same(slid, by_spectrum(truth, kernel))

# %% [markdown]
# This is the **convolution theorem**. It is a way to be fast, too: the price no longer depends on
# the size of the kernel.
#
# **Predict.** From which kernel on does the detour pay?

# %%
for size in (3, 9, 31, 61):
    kernel = rng.normal(size=(size, size))
    direct = seconds(lambda k: ndimage.convolve(truth, k, mode="wrap"), kernel, runs=3)
    detour = seconds(by_spectrum, truth, kernel)
    print(f"{size:2} × {size:<2}: the detour is {direct / detour:6.2f} times as fast")

# %% [markdown]
# ## Low-pass: three ways to stop
#
# Then one may as well choose the numbers first. A **low-pass** keeps slow waves and drops fast
# ones. How should it stop at its cutoff? At once, softly, or something between?

# %%
f = np.linspace(0, 0.5, 101)
cutoff = 0.1
ideal = np.where(f <= cutoff, 1.0, 0.0)
gaussian = np.exp(-(f**2) / (2 * cutoff**2))
butterworth = 1 / (1 + (f / cutoff) ** (2 * 2))  # of order 2
images.plot_rows(
    ideal,
    gaussian,
    butterworth,
    labels=["ideal", "gaussian", "butterworth"],
    title="how much is kept, from 0 to 0.5 cycles per pixel in 100 steps",
    alt=f"The ideal filter falls from 1 to 0 at once at {cutoff}. The Gaussian glides down, and at "
    f"the cutoff it is at {gaussian[20]:.2f}; Butterworth is flat at first, crosses it at "
    f"{butterworth[20]:.2f} and has a long tail.",
)

# %% [markdown]
# By hand it takes four lines: frequencies, distance, factor, and the way back. Is it what the
# library does?


# %%
def soft(image, cutoff):
    down, across = np.fft.fftfreq(image.shape[0]), np.fft.fftfreq(image.shape[1])
    distance = np.hypot(down[:, None], across[None, :])
    keep = np.exp(-(distance**2) / (2 * cutoff**2))
    return np.fft.ifft2(np.fft.fft2(image) * keep).real


same(soft(truth, 0.1), frequency.low_pass(truth, cutoff=0.1, mode="wrap"))

# %%
whole = data.load("camera") / 255
by_hand = seconds(soft, whole, 0.1)
library = seconds(lambda image: frequency.low_pass(image, cutoff=0.1, mode="wrap"), whole)
print(f"by hand → the library: {by_hand / library:.1f} times as fast")

# %% [markdown]
# Of each two partners the library computes only one, for the other follows from it.
#
# **Predict.** Which of the three leaves ripples around the man? Think of the nine waves.

# %%
kinds = ["ideal", "butterworth", "gaussian"]
smooth = [frequency.low_pass(truth, cutoff=0.07, kind=kind) for kind in kinds]
images.show(
    *[picture[:160, :160] for picture in smooth],
    titles=kinds,
    alt="Three soft pictures of the man. Around him the ideal filter leaves ripples in the sky, "
    "Butterworth hardly any, the Gaussian none. Their PSNRs are "
    + ", ".join(f"{metrics.psnr(picture, truth):.1f}" for picture in smooth)
    + " dB.",
)

# %% [markdown]
# One bright pixel tells why, as in lesson 02: every pixel is spread into *this*.

# %%
dot = np.zeros((65, 65))
dot[32, 32] = 1
spread = [frequency.low_pass(dot, cutoff=0.07, kind=kind)[32] for kind in kinds]
images.plot_rows(
    *spread,
    labels=kinds,
    title="one bright pixel, filtered; the row through its middle",
    alt="Three hills. The ideal one has ripples on both sides, down to "
    f"{spread[0].min() / spread[0].max():.0%} of its height; the Gaussian has none and never goes "
    "below zero.",
)

# %% [markdown]
# **A sharp limit in one domain rings in the other.** And the Gaussian? Its spectrum is a Gaussian
# again, narrow where the blur is wide: $\sigma = 1/(2\pi \cdot \text{cutoff})$. It is the blur of
# lesson 02, seen from the other side.

# %%
blur = filtering.gaussian(truth, sigma=1 / (2 * np.pi * 0.1), truncate=8)
same(blur, frequency.low_pass(truth, cutoff=0.1))

# %% [markdown]
# ## High-pass and band-pass
#
# What the low-pass takes away is the **high-pass**: edges and grain. Between two cutoffs lies a
# **band**: details of one size.

# %%
coarse = frequency.low_pass(truth, cutoff=0.1)
fine = frequency.high_pass(truth, cutoff=0.1)
band = frequency.band_pass(truth, low=0.02, high=0.05)
head = np.s_[20:140, 30:150]
images.show(
    coarse[head],
    fine[head],
    band[head],
    titles=["low-pass", "high-pass", "band-pass"],
    alt="The man's head, soft; its sharp thin outlines in orange and blue; and orange and blue "
    f"blobs the size of ear and nose. The mean of the second is {abs(fine.mean()):.0e}, for the "
    "zero frequency is gone.",
)

# %%
same(truth, coarse + fine)

# %% [markdown]
# ## The border: the world is a tile
#
# The waves fit a whole number of times. So to the Fourier transform the picture is one tile of an
# endless floor, and the right edge meets the left one.
#
# **Predict.** Sky at the top, a dark coat at the bottom. What does a strong low-pass do at the
# upper edge?

# %%
wrapped = frequency.low_pass(truth, cutoff=0.02, mode="wrap")
mirrored = frequency.low_pass(truth, cutoff=0.02, mode="mirror")
images.show(
    np.tile(truth, (2, 2)),
    wrapped[:70],
    mirrored[:70],
    titles=["what the transform sees", "low-pass, tiles: the top", "low-pass, mirrored"],
    alt="Four copies of the man, with hard seams between coat and sky. The blurred tile has a "
    f"dark upper edge, {wrapped[0, 10:60].mean():.2f} at the left; mirrored, it is as bright as "
    f"the sky, {mirrored[0, 10:60].mean():.2f}.",
)

# %% [markdown]
# The seams are edges, upright and level ones, and they put the bright **cross** into every
# spectrum. It says nothing about the picture. Mirror the picture first, and both go: the seam and
# the leak. So `mirror` is the default here; textbooks and most libraries wrap around.
#
# ## Back to the stripes
#
# Find the brightest star outside the middle. One of each two partners is enough, so look in the
# half where `down` is not negative.

# %%
F = np.fft.fft2(striped)
down, across = np.fft.fftfreq(striped.shape[0]), np.fft.fftfreq(striped.shape[1])
wanted = (np.hypot(down[:, None], across[None, :]) > 0.08) & (down[:, None] >= 0)
i, j = np.unravel_index(np.argmax(np.abs(F) * wanted), F.shape)
print(f"strongest: {down[i]:.4f} down, {across[j]:.4f} across")
print(f"in truth:  {hum[0][0]:.4f} down, {hum[0][1]:.4f} across")
print(f"a step:    {down[1]:.4f} down, {across[1]:.4f} across")

# %% [markdown]
# Right, to the nearest step of the spectrum. Now set both stars and both partners to zero.

# %%
for r, c in np.rint(np.multiply(hum, striped.shape)).astype(int):
    F[r, c] = F[-r, -c] = 0
dots_gone = np.fft.ifft2(F).real
images.show(
    striped[:64, :180],
    dots_gone[:64, :180],
    titles=["upper part, striped", "both pairs set to zero"],
    alt="The upper part of the picture, before and after. Afterwards stripes are still all over "
    "it, strong at the edge and weaker farther in. "
    f"The PSNR goes from {metrics.psnr(striped, truth):.1f} to "
    f"{metrics.psnr(dots_gone, truth):.1f} dB.",
)

# %% [markdown]
# That is a poor result. Why? This hum does not fit into the picture a whole number of times. See
# what becomes of such a wave:

# %%
fits, misses = (np.cos(2 * np.pi * times * n / 96) for times in (8, 8.5))
images.plot_rows(
    np.abs(np.fft.fft(fits))[:20],
    np.abs(np.fft.fft(misses))[:20],
    labels=["fits 8 times", "fits 8.5 times"],
    alt="The wave that fits is one sharp peak at 8. The other has two lower peaks at 8 and 9, and "
    f"a skirt that still has {np.abs(np.fft.fft(misses))[14]:.1f} at 14.",
)

# %% [markdown]
# It **leaks** into its neighbours. So real stripes need a wider hole with a soft rim: the
# **notch**. Tell the library where, and how wide. And if nobody knows where?
# `remove_periodic_noise` looks for stars by itself, measures each wave, and subtracts it.

# %%
notched = frequency.notch(striped, at=hum, width=0.01)
blind = frequency.remove_periodic_noise(striped)
images.show(
    notched[:180, :180],
    blind[:180, :180],
    titles=["two notches", "found by itself"],
    alt="The stripes are gone, and eyes and hair are as sharp as before. With notches faint traces "
    "are left along the edges, in the other picture none.",
)

# %%
for name, picture in (
    ("striped", striped),
    ("blurred", blurred),
    ("dots gone", dots_gone),
    ("notched", notched),
    ("blind", blind),
):
    print(f"{name:>9}: {metrics.psnr(picture, truth):4.1f} dB")

# %% [markdown]
# There is the answer: the stripes are gone, and the man is still there.
#
# ## Aliasing: waves that were never there
#
# Now the other way round: what if a wave is too fast for the pixels? Take a wave of 0.9 cycles per
# pixel and look at it once per pixel.
#
# **Predict.** Which wave do the pixels show?

# %%
x = np.arange(0, 40, 0.1)  # ten looks for each pixel
pixels = np.arange(40)
fast, seen = np.cos(2 * np.pi * 0.9 * x), np.cos(2 * np.pi * 0.9 * pixels)
slow = np.cos(2 * np.pi * 0.1 * x)
images.show(
    *[(0.5 + 0.5 * strip)[None] for strip in (fast, seen.repeat(10), slow)],
    titles=["a wave of 0.9", "what its pixels show", "a wave of 0.1"],
    columns=1,
    alt=f"Three strips: {0.9 * 40:.0f} narrow bars; a row of {len(pixels)} pixels that goes from "
    f"white to black and back {0.1 * 40:.0f} times; and a smooth wave that does just the same.",
)

# %%
same(seen, np.cos(2 * np.pi * 0.1 * pixels))

# %% [markdown]
# The pixels cannot tell the two apart. The fast wave has taken a false name: an **alias**. Only
# what is slower than **half a cycle per pixel** is safe; that is the Nyquist limit. You know it
# from films: coach wheels that turn backwards.
#
# It happens whenever a picture is made smaller. Half the pixels, and a wave of 0.3 becomes one of
# 0.6: too fast. These rings run from slow to fast. (The small pictures are drawn as large as the
# first, with larger pixels.)

# %%
a, b = np.mgrid[-48:48, -48:48]
rings = 0.5 + 0.5 * np.cos(np.pi * (a**2 + b**2) / 96)
sliced = rings[::2, ::2]
filtered = frequency.low_pass(rings, cutoff=0.125)[::2, ::2]
images.show(
    rings,
    sliced,
    filtered,
    titles=["rings", "every second pixel", "low-pass first"],
    alt="Rings that get finer outwards. Sliced, there are new sets of bold rings at the edges and "
    "corners that nobody drew. With a low-pass first the rings fade into grey: at the edge the "
    f"contrast is {np.ptp(filtered[:, 1]):.2f}, sliced {np.ptp(sliced[:, 1]):.2f}.",
)

# %% [markdown]
# **Once they are in, no filter gets them out**: nothing tells a false slow wave from a true one.
# Filter first, then slice. And on a real roof?

# %%
pagoda = color.to_gray(data.load("china"))[51:153, 148:250] / 255
third = pagoda[::3, ::3]
clean = np.clip(frequency.resample(pagoda, shape=third.shape), 0, 1)
images.show(
    pagoda,
    third,
    clean,
    titles=["a pagoda", "every third pixel", "resampled"],
    alt="The roof of a pagoda with fine rows of tiles. With every third pixel, bold black and "
    "white bands sweep across the roof. Resampled, the roof is an even grey. The two small "
    f"pictures differ by {np.abs(third - clean).mean():.0%} of full scale on average.",
)

# %% [markdown]
# ## Resampling
#
# `resample` needs no slice. It cuts the slow waves out of the spectrum and draws them afresh on new
# pixels, as many as you like. To enlarge, it adds waves of strength zero.

# %%
eye = truth[94:119, 98:123]
enlarged = np.clip(frequency.resample(eye, shape=(225, 225)), 0, 1)
images.show(
    truth[70:145, 70:145],
    eye,
    enlarged,
    titles=["the man", "his eye, {} × {}".format(*eye.shape), "{} × {}".format(*enlarged.shape)],
    alt="The man's face. The eye alone is a mosaic of grey squares. Resampled, the squares are gone: "
    "brow and eye are smooth, and as blurred as pixels that coarse must be.",
)

# %% [markdown]
# It is smooth, and no sharper than before, for nothing is invented. So the way back is exact:

# %%
larger = frequency.resample(truth, shape=(333, 250))
same(truth, frequency.resample(larger, shape=truth.shape))

# %% [markdown]
# The price of its sharp limit you know by now: it rings a little beside strong edges.
#
# ## Where is the picture?
#
# A spectrum has two halves: sizes, and angles, the **phases**. So far we have only looked at sizes.
#
# **Predict.** Take the sizes of the man and the phases of the coins. What will you see?

# %%
coins = data.load("coins")[30:150, 60:180] / 255
man, money = np.fft.fft2(truth[head]), np.fft.fft2(coins)


def mixed(sizes, phases):
    picture = np.fft.ifft2(np.abs(sizes) * np.exp(1j * np.angle(phases))).real
    return np.clip((picture - picture.mean()) / (5 * picture.std()) + 0.5, 0, 1)


images.show(
    coins,
    mixed(man, money),
    mixed(money, man),
    titles=["coins", "sizes: man, phases: coins", "sizes: coins, phases: man"],
    alt="Coins on a dark table. The second picture shows the same coins in streaky light, and no "
    "man; the third shows the man's head, mottled, but plain to see, and no coins.",
)

# %% [markdown]
# The phases win: they say *where* things are. Most photographs have much the same sizes, a glow
# that fades outwards. So never throw away an angle.
#
# ## What goes wrong, and how to see it
#
# Four bugs that are quickly made. None raises an error.

# %%
D = np.hypot(down[:, None], across[None, :])
keep = np.exp(-(D**2) / (2 * 0.1**2))  # the zero in the corner, as fft2 has it
F = np.fft.fft2(truth)
not_shifted = np.fft.ifft2(F * np.fft.fftshift(keep)).real
not_back = np.fft.ifft2(np.fft.fftshift(F) * np.fft.fftshift(keep)).real
sign_lost = np.abs(np.fft.ifft2(F * (1 - keep)))
no_phase = np.fft.ifft2(np.abs(F) * keep).real
view = np.s_[90:140, 80:130]
images.show(
    np.clip(5 * not_shifted + 0.5, 0, 1)[view],
    np.clip(not_back, 0, 1)[view],
    np.clip(5 * sign_lost, 0, 1)[view],
    np.clip(no_phase, 0, 1)[view],
    titles=["zero in two places", "not shifted back", "np.abs at the end", "phases lost"],
    columns=4,
    alt="Plain grey: the mean and all slow waves are gone, the fast ones kept. A face behind a "
    "chessboard of single pixels, half of them turned dark. Bright double outlines on black, for "
    f"{np.mean(fine < 0):.0%} of a high-pass is negative. And clouds, with no man at all.",
)

# %% [markdown]
# **Three test pictures** find them at once:
#
# - **Any picture, all factors 1**: it must come back. If not, look at the shifts, or at the phases.
# - **Flat**: a low-pass must leave it flat. If not, the zeros do not meet.
# - **One wave that fits**: it must come out as the same wave, times the factor at *its* frequency,
#   sign and all. If not, look for `abs`, for rows and columns exchanged, or for a lost 1 / N.

# %%
flat, whole = np.full(truth.shape, 0.5), np.ones(truth.shape)
one = wave(truth.shape, 12 / 208, 30 / 208)
factor = np.exp(-(np.hypot(12 / 208, 30 / 208) ** 2) / (2 * 0.1**2))
there_and_back = np.fft.ifft2(np.fft.fftshift(np.fft.fft2(truth)) * whole).real
lowered = np.fft.ifft2(np.fft.fft2(flat) * np.fft.fftshift(keep)).real
print(f"not shifted back:   {np.abs(there_and_back - truth).max():.2f} off")
print(f"zero in two places: flat {flat[0, 0]} becomes {lowered[0, 0]:.2f}")
print(
    f"np.abs at the end:  the wave runs from {np.abs(soft(one, 0.1)).min():.2f}, not {-factor:.2f}"
)

# %% [markdown]
# The right code passes all three:

# %%
assert np.allclose(np.fft.ifft2(np.fft.fft2(truth) * whole).real, truth)
assert np.allclose(soft(flat, 0.1), flat)
assert np.allclose(soft(one, 0.1), factor * one)

# %% [markdown]
# ## Where it is used
#
# - **Space.** Lunar Orbiter sent its pictures in strips, and their seams are taken out by notches.
#   Radio telescopes never see a picture at all: each pair of antennas measures one spot of the
#   spectrum.
# - **Medicine.** An MRI scanner measures the spectrum, too, line by line. What goes wrong in one
#   spot of it shows as stripes over the whole patient.
# - **Satellites.** A sensor whose elements differ a little draws lines along its path: dots on one
#   axis of the spectrum. And two pictures are aligned by their phases.
# - **Roads.** A detector sees the camera's picture shrunk. Without a low-pass, fences and grilles
#   shimmer, and a detector may see what is not there.
# - **Your pocket.** JPEG keeps the slow waves of each block of 8 × 8 pixels, and rounds the fast
#   ones.
#
# ## To remember
#
# - A Fourier coefficient is a dot product with a wave. Its size says how much, its angle where.
# - In the spectrum: mean in the middle, fine far out, direction across the stripes, all of it
#   twice.
# - Convolution is multiplication there.
# - A sharp limit rings; a soft one does not.
# - The transform sees tiles: hence the cross, and the leak from edge to edge.
# - Stripes are pairs of dots. Take out both, a little wider than one dot.
# - Nothing above half a cycle per pixel. Low-pass first, then slice.
#
# Now write it all yourself, and mend a picture of the Moon: type `imgkit start 03`. Stripes are the
# tame kind of noise; [lesson 04](04_restoration.ipynb) takes on the wild ones, and undoes a blur.
#
# ## References
#
# - Gonzalez and Woods, *Digital Image Processing*, 4th ed., chapter 4; sections 4.10 and 5.4 for
#   notches.
# - Szeliski, *Computer Vision: Algorithms and Applications*, 2nd ed., section 3.4, and 3.5 for
#   resampling.
# - Cooley and Tukey, *An algorithm for the machine calculation of complex Fourier series*,
#   Mathematics of Computation, 1965: the fast transform.
# - Oppenheim and Lim, *The importance of phase in signals*, Proceedings of the IEEE, 1981.
