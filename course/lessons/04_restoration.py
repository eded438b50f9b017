# ---
# jupyter:
#   imgkit:
#     title: Noise and restoration
#     minutes: 25
#     needs: [02_convolution, 03_frequency]
# ---

# %% [markdown]
# # Noise and restoration
#
# **25 minutes of reading.** You need convolution (lesson 02) and spectra (lesson 03).
#
# By the end of this page you can
#
# - say where noise comes from, and tell its kinds apart by one plot,
# - put a number on how good a picture is, and say when that number lies,
# - choose among median, Gaussian, bilateral, non-local means and total variation, and compare them
#   fairly,
# - undo a blur, and say why it must not be undone completely,
# - tell what a filter found from what it invented.

# %% tags=["setup"]
import time

import numpy as np
from scipy import ndimage
from scipy.spatial.distance import cdist

from imgkit import color, data, filtering, images, metrics, restoration

rng = np.random.default_rng(4)


def same(exact, approximate):
    """Print one value of each, and the largest difference anywhere."""
    middle = np.size(exact) // 2
    one, other = np.ravel(exact)[middle], np.ravel(approximate)[middle]
    print(f"{one:.6f} | {other:.6f} | largest difference {np.abs(exact - approximate).max():.0e}")


def half(photo):
    """Half as high and wide, each pixel the mean of four, as fractions of white."""
    height, width = photo.shape
    return photo.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)) / 255


def seconds(function, *arguments, runs=5, **options):
    """The best time of several runs: whatever else the computer does only makes it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments, **options)
        times.append(time.perf_counter() - begin)
    return min(times)


# %% [markdown]
# ## A picture and a question
#
# The Hubble telescope looked for weeks at a patch of sky that seemed empty. We add the noise that a
# much shorter look would have had.

# %%
sky = color.to_gray(data.load("hubble_deep_field"))[60:252, 245:437] / 255
sigma = 0.08
noisy = restoration.gaussian_noise(sky, sigma=sigma, seed=4)
images.show(
    noisy[12:112, 12:112],
    alt="A dark sky with a few bright galaxies and many faint dots, under grain that is everywhere: "
    f"the pixels are off by {np.abs(noisy - sky).mean():.0%} of full scale on average.",
)

# %% [markdown]
# **Which of the faint dots are galaxies?** Count some. We shall see how many to trust.
#
# ## Where noise comes from
#
# Light comes in photons, and photons come like raindrops: in the same second, never the same number
# twice. Here is a step from dark to bright, photographed twice.
#
# **Predict.** On which side do the counts scatter more?

# %%
step = np.repeat([10, 90], 14)
counts = rng.poisson(step, (400, step.size))
dark, bright = counts[:, :14], counts[:, 14:]
images.plot_rows(
    counts[0],
    counts[1],
    labels=["first shot", "second shot"],
    alt="Two ragged curves that step up together. On the dark side they scatter by about "
    f"{dark.std(axis=0).mean():.1f} photons, on the bright side by "
    f"{bright.std(axis=0).mean():.1f}.",
)

# %% [markdown]
# On the bright side. Such counts follow **Poisson's** law: where $n$ photons are expected, the
# variance of the count is $n$ too.

# %%
for shots in (dark, bright):
    print(f"mean {shots.mean():5.1f}, variance over the shots {shots.var(axis=0).mean():5.1f}")

# %% [markdown]
# Yet bright pictures look *cleaner*. The scatter grows only like $\sqrt n$, so ten times the light
# is about three times cleaner. Light is the best denoiser there is.
#
# A camera adds more. These are the usual suspects, on a ramp from black to white.

# %%
ramp = np.tile(np.linspace(0.05, 0.95, 48), (32, 1))
kinds = {
    "photons": lambda seed: restoration.poisson_noise(ramp, photons=60, seed=seed),
    "read noise": lambda seed: restoration.gaussian_noise(ramp, sigma=0.08, seed=seed),
    "dead pixels": lambda seed: restoration.salt_and_pepper(ramp, fraction=0.08, seed=seed),
    "speckle": lambda seed: restoration.speckle(ramp, sigma=0.2, seed=seed),
}
images.show(
    *[make(0) for make in kinds.values()],
    titles=list(kinds),
    columns=4,
    alt="Four grey ramps. Photon noise grows towards the bright end; read noise is the same all "
    "over; dead pixels are lone black and white dots; speckle is nearly absent in the dark and "
    "strong in the light.",
)

# %% [markdown]
# A plot tells them apart: take many shots, and draw each pixel's variance over its mean.
#
# **Predict.** Photons give a straight line. What do the others give?

# %%
curves = {}
for name in ("photons", "read noise", "speckle"):
    shots = np.stack([kinds[name](seed) for seed in range(300)])
    by_column = shots.var(axis=0).mean(axis=0)[8:32]  # where nothing is clipped
    curves[name] = 1000 * by_column.reshape(-1, 3).mean(axis=1)
images.plot_rows(
    *curves.values(),
    labels=list(curves),
    title="variance in thousandths, from dark at the left to bright at the right",
    alt="Photon noise climbs along a straight line to "
    f"{curves['photons'][-1]:.1f}; read noise stays level at {curves['read noise'].mean():.1f}; "
    f"speckle bends upwards like a parabola to {curves['speckle'][-1]:.1f}.",
)

# %% [markdown]
# Line, level, parabola. **Photons:** variance grows with the mean. **Read noise** of the
# electronics is the same everywhere. **Speckle**, as in radar and ultrasound, multiplies. **Dead
# pixels** say nothing, whatever the light. And **stripes** are waves; lesson 03 removes them.
#
# ## How good is it?
#
# If you know the truth, you can count. Mean squared error, held against white, in decibels:
# 10 dB more is a tenth of the squared error.

# %%
mse = np.mean((noisy - sky) ** 2)
same(10 * np.log10(1 / mse), metrics.psnr(noisy, sky))

# %% [markdown]
# That is the **PSNR** of lesson 03. It is honest about pixels and knows nothing of pictures. Take
# three copies of a photograph: one grainy, one blurred, one shifted by a single pixel and perfect
# otherwise.
#
# **Predict.** Which has the best PSNR?

# %%
truth = half(data.load("camera")[70:190, 170:290])
blurred = filtering.gaussian(truth, sigma=1.2)
size = np.sqrt(metrics.mse(blurred, truth))
copies = {
    "grain": np.clip(truth + rng.normal(0, size, truth.shape), 0, 1),
    "blurred": blurred,
    "shifted": np.roll(truth, (1, 1), axis=(0, 1)),
}
numbers = {
    name: f"{metrics.psnr(c, truth):.1f} dB, {metrics.ssim(c, truth):.2f}"
    for name, c in copies.items()
}
images.show(
    *copies.values(),
    titles=[f"{name}: {number}" for name, number in numbers.items()],
    alt="The photographer's head and camera three times: grainy, blurred, and untouched but for a "
    f"shift by one pixel. Their PSNR and SSIM: {numbers['grain']}; {numbers['blurred']}; "
    f"{numbers['shifted']}.",
)

# %% [markdown]
# The second number is **SSIM**. In a small window it compares mean, contrast and pattern, and is 1
# for equal pictures. It is nearer to the eye, but it too punishes the one that you could not tell
# from the truth. And sometimes both are fooled for good:

# %%
faint = sky[112:172, 32:92]
shot = restoration.gaussian_noise(faint, sigma=sigma, seed=1)
nothing = np.full_like(faint, np.median(shot))
for name, picture in (("the noisy picture", shot), ("an empty picture", nothing)):
    number = metrics.psnr(picture, faint), metrics.ssim(picture, faint)
    print(f"{name:17}  {number[0]:.1f} dB, SSIM {number[1]:.2f}")

# %% [markdown]
# A flat picture, no galaxy in it at all, beats the measurement in both. A number is a good servant.
# Look at the picture as well.
#
# ## Dead pixels: ask the one in the middle
#
# A row with a step, and one pixel that lies.
#
# **Predict.** What is left of the lie after a mean of three? After a *median* of three, the middle
# value of the three in order?

# %%
row = np.repeat([0.3, 0.7], 12)
row[6] = 1.0
three = np.lib.stride_tricks.sliding_window_view(row, 3)
mean, median = three.mean(axis=1), np.median(three, axis=1)
images.plot_rows(
    row[1:-1],
    mean,
    median,
    labels=["one pixel lies", "mean of 3", "median of 3"],
    alt=f"The mean spreads the lie over three pixels, {mean[5]:.2f} high, and makes the step a "
    "slope. In the median the lie is gone and the step as sharp as before.",
)

# %% [markdown]
# Put in order, a liar stands at the end of the row, where nobody asks him. And a step stays a step,
# for on either side of it the majority is right. In two dimensions:

# %%
specked = restoration.salt_and_pepper(truth, fraction=0.1, seed=1)
by_mean, by_median = filtering.box(specked, size=3), filtering.median(specked, size=3)
images.show(
    specked,
    by_mean,
    by_median,
    titles=[f"{metrics.psnr(p, truth):.1f} dB" for p in (specked, by_mean, by_median)],
    alt="The photographer under black and white dots; the mean of nine turns each dot into a grey "
    "square; the median of nine leaves almost none.",
)

# %% [markdown]
# Is it always right to ask the middle? Stars are few, bright and alone. To a median they are liars.

# %%
wide = filtering.median(sky, size=5)
images.show(
    sky[96:144, 64:112],
    wide[96:144, 64:112],
    titles=["the sky", "its median of 5 × 5"],
    alt="A piece of the clean sky with some faint dots, and its median: the faint ones are gone, the "
    "brighter ones dim smudges. In the "
    f"whole sky, {np.mean(wide < sky / 2):.1%} of the pixels lost more than half of their light.",
)

# %% [markdown]
# ## Grain: the Gaussian's bargain
#
# Grain is no liar; every pixel is a *little* wrong. So take a mean. A Gaussian of larger sigma
# averages more pixels, and blurs more.
#
# **Predict.** The PSNR first climbs with sigma. Why does it fall again?

# %%
widths = np.arange(0.4, 2.9, 0.4)
blurs = [filtering.gaussian(noisy, sigma=w) for w in widths]
decibels = [metrics.psnr(picture, sky) for picture in blurs]
smooth = blurs[np.argmax(decibels)]
for w, number in zip(widths, decibels, strict=True):
    print(f"sigma {w:.1f}: {number:.1f} dB")

# %% [markdown]
# Before the peak grain is left, after it galaxies are smeared. To do better, a filter has to *look*
# before it averages.
#
# ## Ask the like: bilateral
#
# Near pixels should count, but only if they are **alike**. A noisy step; we stand three pixels
# before it. Two bells make the weights: one of distance in space, one of difference in value.
#
# **Predict.** What does their product look like?

# %%
step = np.repeat([0.3, 0.7], 14) + rng.normal(0, 0.05, 28)
at = 11
near = np.exp(-((np.arange(28) - at) ** 2) / (2 * 3**2))
alike = np.exp(-((step - step[at]) ** 2) / (2 * 0.12**2))
images.plot_rows(
    step,
    near,
    near * alike,
    labels=["noisy step", "near", "near and alike"],
    alt="A bell around the pixel reaches over the step; times the likeness it is cut off there: "
    f"beyond the step the weights sum to {(near * alike)[14:].sum():.3f}, before it to "
    f"{(near * alike)[:14].sum():.1f}.",
)

# %% [markdown]
# Half a bell: nobody from beyond the edge may vote. That is the **bilateral filter**. As in lesson
# 02, shifted pictures do all pixels at once:


# %%
def bilateral(image, sigma_color, sigma_space, reach):
    height, width = image.shape
    padded = np.pad(image, reach, mode="reflect")
    votes, weights = np.zeros(image.shape), np.zeros(image.shape)
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            if i * i + j * j <= reach * reach:  # a round window
                r, c = reach + i, reach + j
                other = padded[r : r + height, c : c + width]
                near = np.exp(-(i * i + j * j) / (2 * sigma_space**2))
                w = near * np.exp(-((other - image) ** 2) / (2 * sigma_color**2))
                votes, weights = votes + w * other, weights + w
    return votes / weights


# %%
single = noisy.astype(np.float32)  # as pictures usually are
mine = bilateral(single, 0.3, 1.5, reach=4)
options = dict(sigma_color=0.3, sigma_space=1.5, size=9)
same(mine, filtering.bilateral(single, **options))
ratio = seconds(bilateral, single, 0.3, 1.5, 4) / seconds(filtering.bilateral, single, **options)
print(f"the library is {ratio:.0f} times as fast")

# %% [markdown]
# ## Look elsewhere: non-local means
#
# The bilateral filter trusts a single noisy pixel to say who is alike. Compare small **patches**
# instead, and look far: a picture repeats itself, along an edge, in a wall, in the sky. One pixel on
# the tripod, and the weight that every other pixel gets:

# %%
scene = data.load("camera")[220:284, 240:304] / 255
grainy = restoration.gaussian_noise(scene, sigma=0.06, seed=2)
windows = np.lib.stride_tricks.sliding_window_view(np.pad(grainy, 2, mode="reflect"), (5, 5))
r, c = 50, 51
distance = ((windows - windows[r, c]) ** 2).mean(axis=(2, 3))
weights = np.exp(-distance / 0.13**2)

# %%
images.show(
    grainy,
    weights,
    titles=["a tripod, noisy", "who is like one pixel"],
    alt=f"The leg of a tripod before a black coat, and the weights for the pixel at row {r}, column "
    f"{c}, on the rim of the leg: bright along that rim, faint on some others. "
    f"{np.mean(weights > 0.1):.1%} of the pixels have more than a tenth of its own weight.",
)

# %% [markdown]
# Up and down along the rim of the leg, far away but alike, and hardly anywhere else. Their mean is
# the new value. You will write it in the exercise; the library does all pixels:

# %%
mean_of_like = (weights * grainy).sum() / weights.sum()
print(f"noisy {grainy[r, c]:.3f}, mean of the like {mean_of_like:.3f}, truth {scene[r, c]:.3f}")
alike = restoration.non_local_means(grainy, sigma=0.06, patch=3)
for name, picture in (("noisy", grainy), ("non-local means", alike)):
    print(f"{name}: {metrics.psnr(picture, scene):.1f} dB")

# %% [markdown]
# ## As calm as possible: total variation
#
# Go along a row and add up all changes, without sign. That is its **total variation**.
#
# **Predict.** Which of two rows has more of it: one sharp step from 0.3 to 0.7, or a soft slope
# from 0.3 to 0.7?

# %%
sharp = np.repeat([0.3, 0.7], 20)
soft = np.convolve(np.pad(sharp, 4, mode="edge"), np.ones(9) / 9, mode="valid")
for name, values in (("sharp step", sharp), ("soft slope", soft), ("noisy step", step)):
    print(f"{name}: {np.abs(np.diff(values)).sum():.2f}")

# %% [markdown]
# The same! It does not mind a step, it only minds going up *and down*. So look for the picture with
# little total variation that is still near the measurement. Flat stays flat, steps stay steps.

# %%
calm = restoration.total_variation(noisy, weight=0.06)
images.show(
    *[picture[24:72, 26:74] for picture in (noisy, smooth, calm)],
    titles=["noisy", "best Gaussian", "total variation"],
    alt="A bright galaxy and small ones. The Gaussian leaves soft blotches everywhere; total "
    f"variation a flat sky and galaxies of flat steps, {metrics.psnr(calm, sky):.1f} against "
    f"{max(decibels):.1f} dB.",
)

# %% [markdown]
# ## A fair comparison
#
# Every method has a knob, and whoever turns only his own knob wins. So one rule for all: each gets
# six strengths, the best is chosen on the **left** half of the sky, and what counts is the
# **right** half, which chose nothing. Two more take part. *Wavelets* write the picture as waves of
# all sizes and places, and drop the weak ones. *Non-local Bayes* groups patches that are alike, and
# asks what they have in common.

# %%
strengths = np.geomspace(0.5, 2, 6)
methods = {
    "Gaussian": lambda p, s: filtering.gaussian(p, sigma=s),
    "median": lambda p, s: filtering.median(p, size=2 * round(s + 0.5) + 1),
    "bilateral": lambda p, s: filtering.bilateral(p, sigma_color=4 * s * sigma, sigma_space=1.5),
    "total variation": lambda p, s: restoration.total_variation(p, weight=1.5 * s * sigma),
    "wavelet": lambda p, s: restoration.wavelet(p, sigma=s * sigma),
    "non-local means": lambda p, s: restoration.non_local_means(p, sigma=s * sigma, patch=3),
    "non-local Bayes": lambda p, s: restoration.nl_bayes(p, sigma=s * sigma),
}

# %%
left, right = np.s_[:, :96], np.s_[:, 96:]
print(f"nothing done     {metrics.psnr(noisy[right], sky[right]):6.2f} dB")
for name, method in methods.items():
    best = max(strengths, key=lambda s: metrics.psnr(method(noisy[left], s), sky[left]))
    result = method(noisy[right], best)
    cost = 1000 * seconds(method, noisy[right], best, runs=3)
    number = metrics.psnr(result, sky[right]), metrics.ssim(result, sky[right])
    print(f"{name:16} {number[0]:6.2f} dB, SSIM {number[1]:.3f}, {cost:6.1f} ms")

# %% [markdown]
# Most of the clever ones win, by a decibel or so, and pay for it in time. Is our question answered?
#
# ## Which dots are galaxies?
#
# A dot is a pixel that, after a slight blur, is the brightest of its neighbours and brighter than a
# fifth of white. It is real if the truth has one within two pixels. And one more candidate: the
# mean of sixteen shots.


# %%
def dots(picture, level=0.2):
    calmer = filtering.gaussian(picture, sigma=0.7)
    return np.argwhere((calmer == ndimage.maximum_filter(calmer, 5)) & (calmer > level))


# %%
shots = [restoration.gaussian_noise(sky, sigma=sigma, seed=100 + i) for i in range(16)]
candidates = {
    "noisy": noisy,
    "Gaussian": smooth,
    "total variation": calm,
    "non-local means": restoration.non_local_means(noisy, sigma=sigma, patch=3),
    "non-local Bayes": restoration.nl_bayes(noisy, sigma=sigma),
    "sixteen shots": np.mean(shots, axis=0),
}
real = dots(sky)
print(f"the truth has {len(real)}")
for name, picture in candidates.items():
    far = cdist(dots(picture), real)
    found, missed = np.sum(far.min(axis=1) <= 2), np.sum(far.min(axis=0) > 2)
    print(f"{name:16} {len(far):4} dots, {found:3} of them real, {missed:3} missed")

# %% [markdown]
# The noisy picture shows dots that are not there. The denoisers show few of those, and lose true
# ones: to a filter, a faint galaxy *is* noise. Only more light can tell. **No denoiser invents
# truth.** It brings what it expects, and where you look for the unexpected, that is a price.
#
# ## How much noise, if nobody tells you?
#
# Most of these wanted to know sigma. To tell noise from picture, take differences in both
# directions at once. A flat picture vanishes, a slope vanishes, an upright or level edge vanishes.
# Noise stays.

# %%
corners = noisy[1:, 1:] - noisy[1:, :-1] - noisy[:-1, 1:] + noisy[:-1, :-1]
spread = np.median(np.abs(corners / 2)) / 0.6745  # as a standard deviation; four terms, so / 2
print(f"by hand {spread:.3f}, library {restoration.estimate_sigma(noisy):.3f}, added {sigma}")

# %% [markdown]
# The median keeps the few strong edges from counting. Here the sky is black, and noise below black
# was cut off, so there is less of it than was added. And in the open light?

# %%
for name in ("camera", "coins", "gravel"):
    photo = data.load(name)[:256, :256] / 255
    more = restoration.gaussian_noise(photo, sigma=0.05, seed=1)
    print(
        f"{name}: clean {restoration.estimate_sigma(photo):.3f}, "
        f"with 0.05 added {restoration.estimate_sigma(more):.3f}"
    )

# %% [markdown]
# Fine texture looks like noise to it: gravel *is* rough. An estimate is a start, not a verdict.
#
# ## Blur
#
# Out of focus, by a shaken hand, in a haze, every point is spread in the same pattern, the **point
# spread function**, psf. The picture is the truth convolved with it, and the spectra are multiplied
# (lesson 03). So divide! One row of bars, blurred by a box of nine:

# %%
bars = np.repeat(rng.uniform(0.1, 0.9, 16), 8)
box = np.zeros(bars.size)
box[np.arange(-4, 5)] = 1 / 9  # its middle at index 0, the left half at the far end
H = np.fft.fft(box)
blurred = np.fft.ifft(np.fft.fft(bars) * H).real
same(bars, np.fft.ifft(np.fft.fft(blurred) / H).real)

# %% [markdown]
# Perfect, to the last digit. Now let a camera add a little noise.
#
# **Predict.** How large is the error of the division now?

# %%
measured = blurred + rng.normal(0, 0.005, bars.size)
divided = np.fft.ifft(np.fft.fft(measured) / H).real
noise = np.std(measured - blurred)
print(f"noise {noise:.3f}, after the division {np.std(divided - bars):.3f}")
print(f"the smallest |H| is {np.abs(H).min():.4f}: noise times {1 / np.abs(H).min():.0f}")

# %% [markdown]
# The box nearly kills some frequencies. There the measurement holds only noise, and dividing by
# nearly nothing makes it huge. **Wiener** divides only where there is something to divide:
#
# $$F = \frac{H^*}{|H|^2 + \text{balance}} \; G$$
#
# Here $G$ is the spectrum of the measurement, $H$ that of the psf, and $H^*$ its conjugate, which
# lesson 03 wrote with a bar.

# %%
careful = np.fft.ifft(np.fft.fft(measured) * np.conj(H) / (np.abs(H) ** 2 + 0.01)).real
images.plot_rows(
    bars[:40],
    measured[:40],
    careful[:40],
    labels=["truth", "measured", "Wiener"],
    alt="Bars of different heights, blurred to hills; Wiener makes them steep again, with small "
    f"waves on them. It is off by {np.std(careful - bars):.3f}; the measurement was off by "
    f"{np.std(measured - bars):.3f}, the division by {np.std(divided - bars):.3f}.",
)

# %% [markdown]
# ## Guess, blur, compare
#
# Light is never negative, but Wiener does not know. **Richardson and Lucy** start from a flat guess.
# Blur it; where it comes out too dark against the measurement, brighten the guess in proportion;
# repeat. Two stars, close together:

# %%
stars = np.full(48, 0.02)
stars[[18, 24]] = 1, 0.7
bell = np.exp(-(np.arange(-9, 10) ** 2) / (2 * 2.5**2))
bell /= bell.sum()
seen = ndimage.convolve1d(stars, bell, mode="wrap") + rng.normal(0, 0.0003, 48)
guess = np.full(48, 0.1)
for _ in range(200):
    ratio = seen / ndimage.convolve1d(guess, bell, mode="wrap")
    guess = guess * ndimage.correlate1d(ratio, bell, mode="wrap")

# %%
images.plot_rows(
    seen,
    guess,
    labels=["seen", "after 200 steps"],
    alt=f"A single broad hump, {seen.max():.2f} high, and in its place two separate peaks at pixels "
    f"{np.argmax(guess)} and {22 + np.argmax(guess[22:])}. The sky around them is never negative.",
)

# %% [markdown]
# One hump has become two stars, at the right places, the first brighter than the second. So the
# first pictures of the Hubble telescope were saved, whose mirror was ground wrong.
#
# In two dimensions: a camera out of focus, every point a disc, and a little noise.

# %%
photo = half(data.load("camera")[20:340, 120:440])
psf = restoration.defocus_kernel(radius=2.5)
unsharp = filtering.convolve(photo, psf)
unsharp = restoration.gaussian_noise(np.clip(unsharp, 0, 1), sigma=0.01, seed=3)
print(f"out of focus: {metrics.psnr(unsharp, photo):.1f} dB")

# %%
balances, steps = [1e-5, 1e-3, 0.01, 0.03, 0.3], [3, 10, 30, 100, 300]
options = dict(regularizer="constant")  # the formula above
wiener = [restoration.wiener(unsharp, psf, balance=b, **options) for b in balances]
lucy = [restoration.richardson_lucy(unsharp, psf, iterations=n) for n in steps]
for b, one, n, other in zip(balances, wiener, steps, lucy, strict=True):
    one, other = metrics.psnr(one, photo), metrics.psnr(other, photo)
    print(f"balance {b:7}: {one:4.1f} dB        {n:3} steps: {other:4.1f} dB")

# %% [markdown]
# **Predict.** Both columns have a best line. What goes wrong on either side of it?

# %%
window = np.s_[28:84, 34:90]
chosen = {
    "out of focus": unsharp,
    f"balance {balances[0]}": wiener[0],
    f"{steps[2]} steps": lucy[2],
    f"{steps[-1]} steps": lucy[-1],
}
images.show(
    *[picture[window] for picture in chosen.values()],
    titles=list(chosen),
    columns=4,
    alt="The photographer's head. Out of focus it is soft. With hardly any balance there is only a "
    f"storm of black and white. After {steps[2]} steps hair, eye and camera are clear; after "
    f"{steps[-1]} steps grain covers them again.",
)

# %% [markdown]
# More steps, or less balance, believe the measurement more. Too little, and blur is left; too much,
# and they believe the noise. So **stopping is part of the method**. Where to stop depends on the
# noise; that is why you estimate it first.
#
# ## A real one: what time is it?
#
# So far the psf was known. This clock was photographed with a moving camera. Nobody knows how far
# it moved.

# %%
clock = data.load("clock")[70:230, 90:330] / 255
images.show(
    clock[10:150, 20:220],
    limits=(0.35, 1),
    alt="A wall clock smeared sideways to an oval, without hands or numbers; bright streaks, all of "
    "one length, run across it.",
)

# %% [markdown]
# The streaks tell. Each was a glint, a single bright point, and now draws the path of the camera:
# there is our psf. Look along one.

# %%
detail = clock - filtering.median(clock, size=(9, 1))  # what is thin and level
strip = detail[98:107, 80:152]
glint = strip.max(axis=0)
lit = np.flatnonzero(glint > 0.3 * glint.max())
images.plot_rows(
    glint,
    alt=f"Along the streak, the brightness rises above the ground at column {lit[0]}, climbs "
    f"unevenly to {glint.max():.2f}, and falls off sharply at column {lit[-1]}.",
)

# %%
length = int(lit[-1] - lit[0] + 1)
rise = int(strip[:, lit[0]].argmax() - strip[:, lit[-1]].argmax())
angle = -np.arctan2(rise, length)  # upwards is negative, as rows count down
print(f"{length} pixels long, rising by {rise}: {np.degrees(angle):.0f} degrees")

# %% [markdown]
# Now deblur, with that length and, to be fair, with half of it.
#
# **Predict.** How will you know which is right? Nobody has seen the truth.

# %%
tries = [length // 2, length]
kernels = [restoration.motion_kernel(length=n, angle=angle) for n in tries]
images.show(
    *[restoration.wiener(clock, k, balance=0.01, **options)[24:136, 60:180] for k in kernels],
    limits=(0.35, 1),
    titles=[f"{n} pixels" for n in tries],
    alt=f"Deblurred for two lengths. For {tries[0]} pixels the clock is an oval with many rims. For "
    f"{tries[1]} it is a clean circle, and a dark hand points to the lower right, to about four "
    "o'clock. Faint rings stay on the wall in both.",
)

# %% [markdown]
# **What works:** the clock is round, which nobody told the filter. That is a real test, and the
# wrong length fails it. A hand points to about four. **What does not:** the numbers cannot be read,
# and faint rings lie on the wall, where there is nothing. Our psf says that the camera moved evenly,
# and the glint says that it did not; and the frequencies that the smear wiped out did not come back.
# You may say *about four*. You may not say 4:02.
#
# ## What goes wrong, and how to see it
#
# **Picture in the noise.** Look at what the filter *removed*. It should be grain. If you recognise
# the scene in it, the filter took more than noise.

# %%
strong = {
    "removed by a Gaussian": filtering.gaussian(grainy, sigma=1.5),
    "by non-local means": alike,
}
removed = [(grainy - picture)[18:50, 28:60] for picture in strong.values()]
images.show(
    *removed,
    titles=list(strong),
    alt="What two filters took away, orange and blue. The Gaussian took the outlines: tripod and coat "
    "can be traced in it. Non-local means took even grain, of a standard deviation of "
    f"{np.std(removed[1]):.3f}; only the dark coat on the left is a little more blue than orange.",
)

# %% [markdown]
# **Noise that was cut off.** Why is the coat bluish? Nothing is below black, so in the dark only
# the upper half of the noise is left, and no averaging undoes that. Add up first, clip last.

# %%
black = np.zeros((64, 64))
clipped = np.mean([restoration.gaussian_noise(black, sigma=0.08, seed=i) for i in range(50)])
free = rng.normal(0, 0.08, (50, 64, 64)).mean()
print(f"fifty shots of black: {clipped:.3f} if each was clipped, {free:.3f} if not")

# %% [markdown]
# **A border that does not wrap.** The FFT takes a picture for a tile (lesson 03), so the sky at the
# top leaks into the ground at the bottom. The library continues the picture by a mirror before it
# divides. Do likewise.
#
# ## Where it is used
#
# - **Space.** Photon noise everywhere, so shots are added up, cosmic rays are removed by a median
#   over them, and Richardson-Lucy sharpens with a psf that was measured on a star.
# - **Medicine.** Less radiation means more photon noise. Ultrasound has speckle. A denoiser that
#   invents or removes a spot is worse than noise, so it is judged on what doctors find, not by PSNR.
# - **Satellites.** Radar is all speckle; stripes come from detectors that differ a little.
# - **Roads.** At night a camera bends to few photons and long exposures: noise *and* motion blur.
# - **Your phone.** Adds up a burst of short shots. Now you know why.
#
# ## To remember
#
# - Photon noise: variance equals mean. Read noise: level. Speckle: grows with the square. Plot
#   variance over mean.
# - PSNR counts pixels, SSIM compares windows; neither sees what you look for. Look yourself.
# - Median for liars. For grain a mean: of the near (Gaussian), of the near and alike (bilateral), of
#   those with like surroundings (non-local means), or the calmest picture (total variation).
# - Compare with one rule for all, and judge on data that chose nothing.
# - Dividing by a blur multiplies noise. Wiener holds back, Richardson-Lucy stops in time.
# - Look at what was removed. No denoiser invents truth; more light brings it.
#
# Now write it all yourself: type `imgkit start 04`. Once a picture is clean, one can look for
# something in it: [lesson 05](05_edges.ipynb) finds edges, corners and lines.
#
# ## References
#
# - Gonzalez and Woods, *Digital Image Processing*, 4th ed., chapter 5 (restoration).
# - Szeliski, *Computer Vision: Algorithms and Applications*, 2nd ed., sections 3.3.2 (bilateral) and
#   3.4.1 (Wiener).
# - Tomasi and Manduchi, *Bilateral filtering for gray and color images*, ICCV 1998.
# - Buades, Coll and Morel, *A non-local algorithm for image denoising*, CVPR 2005: also the idea to
#   look at what was removed.
# - Rudin, Osher and Fatemi, *Nonlinear total variation based noise removal algorithms*, Physica D
#   1992.
# - Richardson, *Bayesian-based iterative method of image restoration*, JOSA 1972; Lucy, *An iterative
#   technique for the rectification of observed distributions*, Astronomical Journal 1974.
# - Wang, Bovik, Sheikh and Simoncelli, *Image quality assessment: from error visibility to
#   structural similarity*, IEEE Transactions on Image Processing 2004.
# - Janesick, *Photon Transfer*, SPIE 2007: variance over mean, for real cameras.
