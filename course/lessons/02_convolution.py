# ---
# jupyter:
#   imgkit:
#     title: Convolution by hand
#     minutes: 25
#     needs: [00_start_here]
# ---

# %% [markdown]
# # Convolution by hand
#
# **25 minutes of reading.** You need arrays and slices (lesson 00).
#
# By the end of this page you can
#
# - blur, sharpen, find edges and spots, with one idea: a small window that slides over the picture,
# - say how correlation and convolution differ, and prove it with one bright pixel,
# - choose what lies beyond the edge, and find that choice in any library,
# - make a slow filter fast in three ways, and show that it still gives the same picture,
# - spot the four usual bugs with three test pictures.

# %% tags=["setup"]
import time

import cv2
import numpy as np
from scipy import ndimage

from imgkit import color, data, filtering, images

rng = np.random.default_rng(2)


def same(exact, approximate):
    """Print one value of each, and the largest difference anywhere."""
    middle = np.size(exact) // 2
    one, other = np.ravel(exact)[middle], np.ravel(approximate)[middle]
    print(f"{one:.6f} | {other:.6f} | largest difference {np.abs(exact - approximate).max():.0e}")


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
truth = data.load("camera")[86:294, 180:340] / 255
noisy = np.clip(truth + rng.normal(0, 0.13, truth.shape), 0, 1)
images.show(
    noisy,
    alt="A man with a camera on a tripod, taken in poor light: the picture is covered with grain, "
    f"each pixel off by {np.abs(noisy - truth).mean():.0%} of full scale on average.",
)

# %% [markdown]
# There was too little light, and every pixel is a bit wrong. You have no better picture. **Can you
# mend this one? And can you find the outline of the man?**
#
# Both answers are the same operation with different numbers in it. We start with a single row.
#
# ## One row, one step
#
# A row of pixels steps from dark to bright. The camera adds noise.

# %%
step = np.repeat([0.25, 0.75], 20)
row = step + rng.normal(0, 0.06, step.size)
images.plot_rows(
    step,
    row,
    labels=["truth", "measured"],
    alt=f"A step from {step[0]} to {step[-1]}, and the measured values jittering around it by up "
    f"to {np.abs(row - step).max():.2f}.",
)

# %% [markdown]
# Neighbours mostly show the same thing, but each has its own noise. So let them vote: replace
# pixels by the mean of two.
#
# **Predict.** How many values come out? And to which pixel does each belong?

# %%
two = (row[:-1] + row[1:]) / 2
len(row), len(two)

# %% [markdown]
# One is missing, and each mean belongs *between* two pixels: the picture would move by half a
# pixel. Take three instead. Then the middle one is at home.

# %%
three = (row[:-2] + row[1:-1] + row[2:]) / 3
images.plot_rows(
    row[1:-1],
    three,
    labels=["measured", "mean of 3"],
    alt="The mean of three jitters less than the measured row, "
    f"by {np.std((row - step)[1:18]):.3f} before and {np.std((three - step[1:-1])[:17]):.3f} after "
    "on the dark side, but its step is a slope over several pixels.",
)

# %% [markdown]
# Less noise, but a softer step: that bargain cannot be avoided. How much noise is left after a mean
# of $n$?

# %%
noise = rng.normal(0, 1, 300_000)
for n in (1, 4, 9, 25):
    left = noise[: len(noise) // n * n].reshape(-1, n).mean(axis=1).std()
    print(f"mean of {n:2}: {left:.3f} of the noise is left; 1 / sqrt(n) = {n**-0.5:.3f}")

# %% [markdown]
# ## Sliding a dot product
#
# The mean of three is a product with three weights: *a third, a third, a third*. Lay the weights on
# three pixels, multiply, add up, move on by one. That is **correlation**, and the weights are the
# **kernel**. Is it the same? We shall always print a value from the first way, the same value from
# the second, and the largest difference anywhere.

# %%
kernel = np.array([1, 1, 1]) / 3
slid = np.array([kernel @ row[i : i + 3] for i in range(len(row) - 2)])
same(three, slid)

# %% [markdown]
# Let the middle weight count more, and the step stays a little sharper. Let a weight be negative,
# and the window *compares* instead of averaging: that will find edges.
#
# NumPy has this in one dimension.

# %%
same(slid, np.correlate(row, kernel, mode="valid"))

# %% [markdown]
# ## One bright pixel tells all
#
# Feed a filter a row that is black but for one pixel. What comes out, the **impulse response**, is
# all there is to know about it: any picture is a sum of such pixels.
#
# **Predict.** The kernel is 1, 2, 3. The window comes from the left. With which of its weights
# does it touch the bright pixel first?

# %%
dot = np.zeros(9)
dot[4] = 1
np.correlate(dot, [1, 2, 3], mode="same")

# %% [markdown]
# With its *last*. So the kernel comes out backwards. If you want every pixel to spread the kernel
# around itself the right way round, turn the kernel before you slide it. That is **convolution**.

# %%
turned = np.correlate(dot, [3, 2, 1], mode="same")
convolved = np.convolve(dot, [1, 2, 3], mode="same")
convolved

# %%
same(convolved, turned)

# %% [markdown]
# $$\text{correlation: } \text{out}[n] = \sum_i k[i]\,f[n + i] \qquad
# \text{convolution: } \text{out}[n] = \sum_i k[i]\,f[n - i]$$
#
# A single sign, and none at all for symmetric kernels. But convolution has a law that correlation
# lacks: two filters, one after the other, are one filter, and the order is free.

# %%
soft, slope = np.array([1, 2, 1]) / 4, np.array([1, 0, -1]) / 2
both = np.convolve(soft, slope)
same(np.convolve(np.convolve(row, soft), slope), np.convolve(row, both))

# %% [markdown]
# ## Two dimensions
#
# Nothing new: the window has rows and columns now. Here are a few stars, and a kernel that looks
# like the letter F.
#
# **Predict.** Which of the two, correlation or convolution, lets you read it?

# %%
letter = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]], float)
sky = np.zeros((24, 24))
sky[[5, 9, 17], [6, 17, 9]] = [1, 0.7, 0.4]
readable, upside_down = filtering.convolve(sky, letter), filtering.correlate(sky, letter)
images.show(
    sky,
    upside_down,
    readable,
    titles=["stars", "correlation", "convolution"],
    alt=f"{np.count_nonzero(sky)} stars. Correlation puts an F turned by half a turn around each, "
    "convolution an upright F, as bright as the star.",
)

# %% [markdown]
# A telescope does the same to real stars: the photograph is a convolution of the sky with the
# telescope's own pattern.
#
# And the man with the camera?

# %%
mended = filtering.correlate(noisy, np.full((5, 5), 1 / 25))
before, after = (np.sqrt(np.mean((p - truth) ** 2)) for p in (noisy, mended))
images.show(
    noisy,
    mended,
    titles=["noisy", "mean over 5 × 5"],
    alt="The noisy picture and its mean over five by five pixels: nearly all grain is gone, and "
    f"the outlines are soft. The error fell from {before:.3f} to {after:.3f}.",
)

# %% [markdown]
# ## Beyond the edge
#
# A window on the first pixel sticks out of the picture. What does it see there? Five answers are
# usual. Each strip below is the same row, with a gap on either side of it.

# %%
greys = np.array([0.0, 0.25, 0.4, 0.55, 0.7, 0.85])
numpy_name = {
    "mirror": "reflect",
    "reflect": "symmetric",
    "nearest": "edge",
    "wrap": "wrap",
    "constant": "constant",
}
padded = {mode: np.pad(greys, 4, mode=name) for mode, name in numpy_name.items()}
strips = [np.insert(strip, [4, 4 + len(greys)], 1)[None] for strip in padded.values()]
images.show(
    *strips,
    titles=list(padded),
    columns=1,
    alt=f"A row of {len(greys)} greys from black to bright, continued by 4 pixels in five ways. "
    "mirror leaves the black pixel out of its reflection, reflect shows it twice, nearest goes on "
    "in black and in bright, wrap begins again, constant is black on both sides.",
)

# %% [markdown]
# The same five have different names everywhere, and the word *reflect* means two different things.
# This table has saved many an evening.
#
# | beyond `a b c d` | imgkit, SciPy | NumPy | OpenCV `cv2.BORDER_…` | PyTorch |
# |---|---|---|---|---|
# | d c b · **a b c d** · c b a | `mirror` | `reflect` | `REFLECT_101` | `reflect` |
# | c b a · **a b c d** · d c b | `reflect` | `symmetric` | `REFLECT` | – |
# | a a a · **a b c d** · d d d | `nearest` | `edge` | `REPLICATE` | `replicate` |
# | b c d · **a b c d** · a b c | `wrap` | `wrap` | `WRAP` | `circular` |
# | 0 0 0 · **a b c d** · 0 0 0 | `constant` | `constant` | `CONSTANT` | `constant` |
#
# Do not believe a table. Three libraries, asked with their own words:

# %%
opencv_names = ["REFLECT_101", "REFLECT", "REPLICATE", "WRAP", "CONSTANT"]
reach = np.zeros(9)
reach[0] = 1  # looks four pixels to the left
for (mode, strip), name in zip(padded.items(), opencv_names, strict=True):
    border = getattr(cv2, "BORDER_" + name)
    opencv = cv2.copyMakeBorder(greys[None], 0, 0, 4, 4, border)[0]
    scipy = ndimage.correlate1d(greys, reach, mode=mode)
    agree = np.array_equal(opencv, strip), np.array_equal(scipy, strip[: len(greys)])
    print(f"{mode:>8}: OpenCV agrees {agree[0]}, SciPy agrees {agree[1]}")

# %% [markdown]
# Which one? `mirror` and `reflect` suit photographs. `wrap` is right where the world is round: a
# panorama, a spectrum. `constant` invents darkness, and darkness leaks in.
#
# ## The Gaussian
#
# Equal weights blur in squares. Better weights fall off gently. Where might they come from? Take
# the mean of two, over and over, and look at the merged kernel.

# %%
bell = np.array([1.0])
for _ in range(16):
    bell = np.convolve(bell, [0.5, 0.5])


def gauss(sigma):
    x = np.arange(-int(4 * sigma + 0.5), int(4 * sigma + 0.5) + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    return weights / weights.sum()


weights = gauss(sigma=np.sqrt(16 / 4))  # each mean of two adds a variance of 1/4
images.plot_rows(
    bell,
    weights,
    labels=["16 means of two", "Gaussian"],
    alt="Both curves are bells and nearly cover each other: they differ by "
    f"{np.abs(bell - weights).max():.4f} at most, with a peak of {bell.max():.3f}.",
)

# %% [markdown]
# The **Gaussian** $e^{-x^2/2\sigma^2}$. Its width is $\sigma$, in pixels. It never quite reaches
# zero, so one cuts it off, here at $4\sigma$, and divides by the sum. That last step keeps the
# brightness: weights that sum to 1 leave a flat picture flat.
#
# In two dimensions it has a gift. $e^{-(x^2+y^2)/2\sigma^2}$ is a product, one factor for the rows
# and one for the columns: the kernel is the **outer product** of a column and a row.

# %%
bell2 = np.outer(weights, weights)
column, line = np.zeros((2, *bell2.shape))
column[:, 8] = line[8] = weights / weights.max()
images.show(
    column,
    line,
    bell2 / bell2.max(),
    titles=["a column", "times a row", "is the kernel"],
    alt="A column that is bright in its middle, a row likewise, and their outer product: a round "
    f"soft spot, {bell2.shape[0]} by {bell2.shape[1]} pixels.",
)

# %% [markdown]
# Such a kernel is **separable**: filter the rows, then the columns of the result, and you have
# filtered with the square.
#
# **Predict.** For a kernel of $n \times n$, how many products for each pixel are saved?

# %%
square = ndimage.correlate(noisy, bell2, mode="mirror")
same(square, filtering.separable(noisy, weights, weights))
print(f"{bell2.size} products or {2 * len(weights)}: {bell2.size / (2 * len(weights))} times less")

# %% [markdown]
# ## Sharpen: give back what a blur takes
#
# The picture less its blur is what the blur took away: detail. Add that once more, and you have
# done **unsharp masking**: $f + (f - \text{blur}(f))$.
#
# **Predict.** A soft step. Will its bright side end higher, lower, or where it was?

# %%
soft = filtering.gaussian(step[None], sigma=1)
sharp = filtering.unsharp_mask(soft, sigma=2)
images.plot_rows(
    soft,
    sharp,
    labels=["soft", "sharpened"],
    alt=f"The sharpened step is steeper, {np.diff(sharp).max():.2f} per pixel in place of "
    f"{np.diff(soft).max():.2f}. Just before it the curve dips to {sharp.min():.2f}, just after it "
    f"peaks at {sharp.max():.2f}; farther away it is what it was.",
)

# %% [markdown]
# Where it was, but first it **overshoots**: a dark seam before the edge, a bright one behind. It is
# all one kernel again. Negative weights make the seams; a sum of 1 keeps the rest.

# %%
sharpen = -gauss(2)[None]
sharpen[0, sharpen.size // 2] += 2
print("the weights sum to", sharpen.sum().round(12))
same(filtering.correlate(soft, sharpen), sharp)

# %%
clear = truth[30:110, 28:108]
dull = filtering.gaussian(clear, sigma=1)
crisp = filtering.unsharp_mask(dull, sigma=1.5)
harsh = filtering.unsharp_mask(dull, sigma=4, amount=6)  # six times what the blur took
errors = [np.sqrt(np.mean((p - clear) ** 2)) for p in (dull, crisp, harsh)]
images.show(
    dull,
    crisp,
    harsh,
    titles=["a soft picture", "sharpened", "too much"],
    alt="The man's head, soft; then with crisp hair and lips; then in glaring black and white, "
    "with a bright halo around hair and face. The error goes from "
    f"{errors[0]:.3f} to {errors[1]:.3f} and to {errors[2]:.3f}.",
)

# %% [markdown]
# Halos look like detail and are none. And what a blur takes away is grain, too. Give that back:

# %%
grain = noisy - truth
twice = grain + (grain - filtering.gaussian(grain, sigma=1.5))
print(f"the grain grows {twice.std() / grain.std():.1f} times")

# %% [markdown]
# ## From slow to fast
#
# **The loops.** The definition, written down. Python pays for each step.


# %%
def with_loops(image, kernel):
    h, w = kernel.shape
    padded = np.pad(image, ((h // 2,), (w // 2,)), mode="reflect")  # our mirror
    out = np.zeros(image.shape)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            for i in range(h):
                for j in range(w):
                    out[r, c] += kernel[i, j] * padded[r + i, c + j]
    return out


# %% [markdown]
# **The slices.** Swap the loops. For one weight, take *all* pixels at once: that is the whole
# picture, shifted.


# %%
def with_slices(image, kernel):
    h, w = kernel.shape
    padded = np.pad(image, ((h // 2,), (w // 2,)), mode="reflect")
    out = np.zeros(image.shape)
    for i in range(h):
        for j in range(w):
            out += kernel[i, j] * padded[i : i + image.shape[0], j : j + image.shape[1]]
    return out


# %% [markdown]
# **The library.** The same sums in compiled code. First: are they the same?

# %%
small = rng.normal(size=(5, 5))
slow = with_loops(noisy, small)
same(slow, with_slices(noisy, small))
same(slow, filtering.correlate(noisy, small))

# %% [markdown]
# **Predict.** How many times as fast are the slices? And the library?

# %%
loops = seconds(with_loops, noisy, small, runs=3)
for name, function in (("slices", with_slices), ("library", filtering.correlate)):
    print(f"{name:>8}: {loops / seconds(function, noisy, small):6.0f} times as fast as the loops")

# %% [markdown]
# **Fewer products.** A Gaussian as a square, and as two passes.
#
# **Predict.** Twice the sigma: how much longer does the square take? And the passes?


# %%
def two_passes(image, weights):
    return with_slices(with_slices(image, weights[:, None]), weights[None, :])


unit = seconds(filtering.separable, noisy, gauss(1), gauss(1), runs=15)
for sigma in (1, 2, 4, 8):
    w = gauss(sigma)
    square = seconds(with_slices, noisy, np.outer(w, w), runs=2) / unit
    passes = seconds(two_passes, noisy, w) / unit
    library = seconds(filtering.separable, noisy, w, w) / unit
    print(f"sigma {sigma}: square {square:5.0f}, passes {passes:4.0f}, library {library:4.1f}")

# %% [markdown]
# The square grows with sigma squared, the passes with sigma: so a wide Gaussian is quick. The
# library does a long pass as a product of matrices, which processors are best at.
#
# Remember the order: first right, then fast, and then show that fast is still right.
#
# ## Any box for the price of four numbers
#
# Add up once, and for all boxes: `table[r, c]` is the sum of everything above row `r` and left of
# column `c`. This is the **integral image**.


# %%
def integral(image):
    return np.pad(image.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


# %% [markdown]
# To get the box, take all that lies above and left of its far corner. Take away what is above the
# box, and what is left of it. What lies above *and* left went twice: give it back once.

# %%
table = integral(noisy)
r0, c0, r1, c1 = 40, 60, 90, 150
four = table[r1, c1] - table[r0, c1] - table[r1, c0] + table[r0, c0]
same(noisy[r0:r1, c0:c1].sum(), four)

# %% [markdown]
# **Predict.** Twice the box: how much longer does it take by slices, and how much by the table?


# %%
def means_by_table(image, size):
    t = integral(np.pad(image, size // 2, mode="reflect"))
    return (t[size:, size:] - t[:-size, size:] - t[size:, :-size] + t[:-size, :-size]) / size**2


same(with_slices(noisy, np.full((9, 9), 1 / 81)), means_by_table(noisy, 9))
same(means_by_table(noisy, 9), filtering.box(noisy, size=9))

# %%
unit = seconds(means_by_table, noisy, 5, runs=15)
for size in (5, 9, 17, 33):
    slices = seconds(with_slices, noisy, np.ones((size, size)), runs=2) / unit
    table = seconds(means_by_table, noisy, size, runs=15) / unit
    print(f"box {size:2}: slices {slices:6.1f}, table {table:4.1f}")

# %% [markdown]
# The table does not care. This is how face detection first ran live on an ordinary computer:
# thousands of boxes, bright cheeks less dark eyes, four numbers each.
#
# ## Edges
#
# An edge is where brightness changes fast: the right neighbour minus the left one, halved so that
# the answer is the rise per pixel. Here is our step again, five rows of it, in worse light.
#
# **Predict.** Noise changes fast too. Does the difference along a single row show the step?

# %%
rows = step + rng.normal(0, 0.15, (5, step.size))
change = [-0.5, 0, 0.5]
single = np.correlate(rows[2], change, mode="valid")
beside = np.delete(single, [18, 19])
print(f"at the step {single[18:20].max():.2f}, beside it {beside.min():.2f} to {beside.max():.2f}")

# %% [markdown]
# Barely. So smooth first. **Predict.** Smooth *along* the row, or *across* the rows, by the mean of
# all five: which of them keeps the edge sharp?

# %%
along = np.correlate(np.correlate(rows[2], np.ones(5) / 5, mode="same"), change, mode="valid")
across = np.correlate(rows.mean(axis=0), change, mode="valid")
images.plot_rows(
    along[3:-3],
    across[3:-3],
    labels=["smoothed along the row", "smoothed across the rows"],
    alt="Both are calmer. Smoothed along the row, the change at the step is a low hill of "
    f"{along.max():.2f}; smoothed across, a sharp peak of {across.max():.2f}, against noise of "
    f"about {np.std(np.delete(across, [18, 19])):.2f}.",
)

# %% [markdown]
# Smoothing along the difference blurs the very edge we look for. So **difference in one
# direction, smooth in the other**. With weights 1 2 1 for the smoothing this is the **Sobel**
# kernel, and it is separable.

# %%
sobel = np.outer([1, 2, 1], [-1, 0, 1]) / 8
sobel * 8

# %%
right = filtering.correlate(truth, sobel)
down = filtering.correlate(truth, sobel.T)
images.show(
    right,
    down,
    titles=["change to the right", "change downwards"],
    alt="Two pictures of change, orange where it gets brighter and blue where darker. The first "
    "shows the upright edges of coat and tripod, the second the level ones; the strongest change "
    f"is {np.abs(right).max():.2f} per pixel.",
)

# %% [markdown]
# The two are the legs of a right triangle. The hypotenuse is the strength of the edge, whatever
# its direction. Does it work on the *noisy* picture? Only after a blur.

# %%
raw = filtering.sobel(noisy)
calm = filtering.sobel(filtering.gaussian(noisy, sigma=2))
images.show(
    np.minimum(raw / np.percentile(raw, 99.5), 1),
    np.minimum(calm / np.percentile(calm, 99.5), 1),
    titles=["with grain", "blurred first"],
    alt="Left, edges drown in bright grain. Right, after a Gaussian blur, the outline of man, "
    "camera and tripod shines on a dark ground.",
)

# %%
same(np.hypot(right, down), filtering.sobel(truth))

# %% [markdown]
# There is the answer to our question: one blur mended the picture, and two more kernels found the
# man.
#
# The triangle has an angle, too: the **direction** in which it gets brighter, 0° to the right,
# 90° down.
#
# **Predict.** Draw it as arrows along the rim of a bright coin. Where do they point?

# %%
coin = data.load("coins")[166:228, 70:132] / 255
strength, direction = filtering.gradient(filtering.gaussian(coin, sigma=3))
rim = np.argwhere(strength > 0.6 * strength.max())
few = rim[(rim % 6 == 3).all(axis=1)]  # on a grid of every sixth pixel
print(f"{len(few)} points; at the first, {np.degrees(direction[tuple(few[0])]):.0f}°")

# %%
drawing = images.as_uint8(np.dstack([coin] * 3)).repeat(4, axis=0).repeat(4, axis=1)
for r, c in few:
    x, y = 4 * c + 18 * np.cos(direction[r, c]), 4 * r + 18 * np.sin(direction[r, c])
    ends = (int(4 * c), int(4 * r)), (int(x), int(y))
    cv2.arrowedLine(drawing, *ends, (255, 140, 0), 2, cv2.LINE_AA, tipLength=0.35)
images.show(
    drawing,
    alt=f"A bright coin on a dark table, and {len(few)} arrows around its rim. All of them point "
    "inward, nearly to the coin's centre.",
)

# %% [markdown]
# From dark to bright, so inward, and nearly through one point: that is how circles are found
# (lesson 05). Is the angle true? Ask slopes whose angle we know.

# %%
r, c = np.mgrid[:9, :9] / 20
for angle in np.radians([0, 30, -100]):
    slant = np.cos(angle) * c + np.sin(angle) * r
    same(angle, filtering.gradient(slant)[1][4, 4])

# %% [markdown]
# ## Spots: how the brightness bends
#
# The difference of differences tells how the slope changes: along a row it is 1, −2, 1. Add both
# directions: the four neighbours less four times the pixel. This is the **Laplacian**.
#
# **Predict.** What does it say on an even slope? On a single bright pixel?

# %%
peak = np.zeros((9, 9))
peak[4, 4] = 1
print("slope:", filtering.laplacian(slant)[4, 4].round(9) + 0.0)
print("bright pixel:", filtering.laplacian(peak)[4, 4])

# %% [markdown]
# Blind to slopes, strongly negative on a spot, and on grain too. So blur first; blur and bend merge
# into the **Laplacian of Gaussian**. Spots are where it is lowest, so take a pixel that is the
# minimum of its window, and low enough:

# %%
sky = color.to_gray(data.load("hubble_deep_field"))[542:618, 444:564] / 255
bend = filtering.laplacian_of_gaussian(sky, sigma=2)
spots = (bend == filtering.minimum(bend, size=7)) & (bend < -0.0125)
print(spots.sum(), "spots")

# %%
mask = images.as_uint8(spots.astype(float))
frames = filtering.maximum(mask, size=9) > filtering.maximum(mask, size=7)
found = np.where(frames[..., None], [1, 0.55, 0], sky[..., None])
images.show(
    bend,
    found,
    titles=["how it bends", "spots in the sky"],
    alt="Blue spots in orange rings: how the picture bends. Beside it the sky, galaxies on black, "
    f"with {spots.sum()} small frames around what was found: faint dots too, but the largest "
    f"galaxy has {spots[44:66, 46:68].sum()} frames inside.",
)

# %% [markdown]
# The largest galaxy fell to pieces: sigma must fit the spot. Blur weakens bends like $1/\sigma^2$;
# if we make up for that, which sigma answers strongest to a disc of radius $R$?

# %%
distance = np.hypot(*np.mgrid[-32:33, -32:33])
sigmas = np.arange(1, 10, 0.1)
for radius in (3, 6, 12):
    disc = (distance <= radius).astype(float)
    bends = [s**2 * filtering.laplacian_of_gaussian(disc, sigma=s)[32, 32] for s in sigmas]
    print(f"R = {radius:2}: sigma {sigmas[np.argmin(bends)]:.1f}; R / √2 = {radius / 2**0.5:.1f}")

# %% [markdown]
# ## What goes wrong, and how to see it
#
# Four bugs, from real notebooks. None of them raises an error.

# %%
face = truth[:104, :120]
photo = images.as_uint8(face)
heavy = np.clip(filtering.correlate(face, np.outer([1, 2, 1], [1, 2, 1]) / 8), 0, 1)
framed = filtering.gaussian(face, sigma=4, mode="constant")
wrapped = photo[:, 2:] - photo[:, :-2]  # uint8 minus uint8
flipped = filtering.convolve(face, sobel)
images.show(
    heavy,
    framed,
    wrapped,
    flipped,
    titles=["sum is 2", "zeros outside", "minus in uint8", "kernel turned"],
    columns=4,
    alt=f"Too bright: {np.mean(heavy == 1):.0%} of the pixels are plain white. A dark frame: the "
    f"corner has fallen to {framed[0, -1] / face[0, -1]:.0%}. Black and white speckle: "
    f"{np.mean(wrapped > 127):.0%} of the differences wrapped around. And edges with their colours "
    "exchanged: orange where it gets darker.",
)

# %% [markdown]
# **Three test pictures** find them at once:
#
# - **flat**: a blur must leave it flat, up to the edge. If not, look at the sum of the weights, or
#   at the border.
# - **one bright pixel**: convolution must give the kernel as you wrote it. If not, it is turned,
#   shifted, or transposed.
# - **a falling ramp**: a derivative must give one constant negative number. If not, look at the
#   sign, the scale, or the dtype.

# %%
flat = np.full((9, 9), 0.5)
dot = np.zeros((5, 5))
dot[2, 2] = 1
ramp = np.tile(np.arange(90, 0, -10, dtype=np.uint8), (9, 1))
print("sum of weights:", filtering.correlate(flat, np.outer([1, 2, 1], [1, 2, 1]) / 8)[4, 4])
print("border:        ", filtering.gaussian(flat, sigma=1, mode="constant")[4, [0, 1, 4]].round(3))
print("turned kernel: ", filtering.correlate(dot, sobel)[2, 1:4] * 8, "for", sobel[1] * 8)
print("uint8:         ", (ramp[:, 2:] - ramp[:, :-2])[0], "for", -20)

# %% [markdown]
# Each line shows its bug plainly. And the same three pass for the right code:

# %%
assert np.allclose(filtering.gaussian(flat, sigma=1), flat)
assert np.allclose(filtering.convolve(dot, sobel)[1:4, 1:4], sobel)
assert np.allclose(filtering.correlate(ramp / 255, sobel)[4, 1:-1], -10 / 255)

# %% [markdown]
# ## Where it is used
#
# - **Space.** Who knows the telescope's pattern finds faint stars by correlating with it, and can
#   undo part of the blur (lesson 04).
# - **Medicine.** A CT scanner measures shadows. Each is convolved with a sharpening kernel before
#   it is laid back into the slice; without that, the picture is a fog.
# - **Satellites.** Gradients outline fields and coasts. A ship in a radar image is a small box that
#   is brighter than the larger box around it.
# - **Roads.** Lane marks are edges: Sobel, then lines (lesson 05).
# - **Networks.** Many such windows, their weights learned. What networks call convolution is
#   correlation: a learned kernel does not mind being turned.
#
# ## To remember
#
# - Correlation slides a kernel and sums products; convolution turns the kernel by half a turn
#   first. One bright pixel tells which you have.
# - A mean of $n$ pixels leaves $1/\sqrt n$ of the noise, and blurs edges over $n$ pixels.
# - Weights of a blur sum to 1; weights of a derivative sum to 0.
# - Something lies beyond the edge. Say which; *reflect* is not one thing.
# - A separable kernel costs $2n$ for each pixel in place of $n^2$; a box costs four numbers at any
#   size.
# - Sharpening adds what a blur takes away: detail, grain, and a halo.
# - Sobel smooths one way and differences the other; the strength is the hypotenuse, the direction
#   points from dark to bright.
# - The Laplacian of Gaussian finds spots whose radius is $\sqrt2$ sigma.
# - First right, then fast, then prove them equal.
#
# Now write it all yourself: type `imgkit start 02`. [Lesson 03](03_frequency.ipynb) takes pictures
# apart into waves, and there you will meet your kernels again.
#
# ## References
#
# - Gonzalez and Woods, *Digital Image Processing*, 4th ed., chapter 3 (spatial filtering), and
#   section 10.2 for edges.
# - Szeliski, *Computer Vision: Algorithms and Applications*, 2nd ed., chapter 3, sections 3.2 and
#   3.3.
# - Crow, *Summed-area tables for texture mapping*, SIGGRAPH 1984: the integral image.
# - Viola and Jones, *Rapid object detection using a boosted cascade of simple features*, CVPR 2001:
#   what it did for faces.
