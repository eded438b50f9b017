# ---
# jupyter:
#   imgkit:
#     title: Thresholds and morphology
#     minutes: 20
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Thresholds and morphology
#
# **20 minutes of reading.** You need convolution (lesson 02).
#
# By the end of this page you can
#
# - cut a picture into dark and bright, and say in which sense a cut is the best,
# - see when no single cut can be right, and let it follow the light,
# - erode and dilate, open and close, and say of each what it keeps,
# - take uneven light away with a top-hat,
# - number the objects of a mask, clean them up, count and measure them,
# - keep weak parts that hang on strong ones, by two thresholds.

# %% tags=["setup"]
import time

import numpy as np

from imgkit import data, images, segmentation


def same(exact, approximate):
    """Print one value of each, and how many differ."""
    middle = np.size(exact) // 2
    one, other = np.ravel(exact)[middle], np.ravel(approximate)[middle]
    print(f"{one} | {other} | {np.sum(np.not_equal(exact, approximate))} differ")


def half(photo):
    """Half as high and wide, each pixel the mean of four: to be shown."""
    height, width = photo.shape[0] // 2, photo.shape[1] // 2
    cut = photo[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
    return np.rint(cut.mean(axis=(1, 3))).astype(np.uint8)


def seconds(function, *arguments, runs=7):
    """The best time of several runs: whatever else the computer does only makes it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - begin)
    return min(times)


# %% [markdown]
# ## A picture and a question

# %%
coins = data.load("coins")
images.show(
    half(coins),
    alt="Old coins, brighter than the dark cloth they lie on, in four rows of six. The light comes "
    f"from the upper left: the cloth there has a level of {coins[:10, :20].mean():.0f} of 255, "
    f"between the coins below of {coins[222:230, 200:300].mean():.0f}.",
)

# %% [markdown]
# **How many coins?** You counted without effort: four rows of six. Now let the computer do it. One
# line should be enough: coins are bright, cloth is dark, count the bright patches.

# %%
print(segmentation.label(coins > segmentation.otsu(coins)).max())

# %% [markdown]
# That is not what you counted. By the end of this page it will be, and you will know what went
# wrong.
#
# ## One cut
#
# Start with a row of pixels, straight through the second row of coins, and cut it at a level $t$:
# above it is coin, below it is cloth.
#
# **Predict.** Can one level do for the whole row?

# %%
row = coins[125, :240]
images.plot_rows(
    row,
    np.full(row.size, 105),
    labels=["row 125", "t = 105"],
    alt=f"Four rough plateaus, the coins, over low ground. The ground lies at {row[:20].mean():.0f} at "
    f"the left and sinks to {row[228:].mean():.0f} at the right; the level 105 passes above the "
    "ground and cuts all four plateaus.",
)

# %% [markdown]
# Here it can. The result of such a cut is a **mask**: an array of `bool`, `True` where something is.
#
# ## Which cut is the best?
#
# Forget where the pixels lie. Take a single coin, and only count how often each level comes: the
# histogram of lesson 01.

# %%
coin = coins[160:224, 176:244]
counts = np.bincount(coin.ravel(), minlength=256)
images.plot_rows(
    counts,
    title="how many pixels have each level, from 0 to 255",
    alt=f"Two hills: a tall one around level {np.argmax(counts[:90])}, the cloth, and a low, broad "
    f"one around {120 + np.argmax(np.convolve(counts, np.ones(9), 'same')[120:])}, the coin.",
)

# %% [markdown]
# Two hills, and the cut belongs somewhere in between. But "somewhere" is no definition. Otsu gave
# one in 1979. If the cut is right, the dark pixels are all much alike, and so are the bright ones.
# So measure how much they differ *within* their own group, and choose the cut that leaves least.
#
# $$\text{within}(t) = \frac{1}{N} \Bigl(\sum_{\text{dark}} (v - m_{\text{dark}})^2 +
# \sum_{\text{bright}} (v - m_{\text{bright}})^2\Bigr)$$
#
# Written down as it stands, it asks all pixels again for every level.


# %%
def within(image, t):
    bright = image > t
    left = 0.0
    for group in (image[bright], image[~bright]):
        if group.size:
            left += ((group - group.mean()) ** 2).sum()
    return left / image.size


# %% [markdown]
# **Predict.** What is within for `t = 0`? For `t = 255`? And between?

# %%
left = np.array([within(coin, t) for t in range(256)])
images.plot_rows(
    left,
    title="left within, for every cut",
    alt=f"A valley: {left[0]:.0f} at both ends, where one group is empty and the other has the whole "
    f"variance, and least, {left.min():.0f}, at level {np.argmin(left)}. Its floor is broad.",
)

# %% [markdown]
# At both ends, one group holds everything, and what is left is the whole variance. Now faster. What
# a cut takes away is the variance *between* the groups, and that needs only the number $n$ and the
# sum $s$ of the dark pixels. Two running sums over the histogram give them for all levels at once.


# %%
def by_loops(image):
    return int(np.argmin([within(image, t) for t in range(255)]))


def by_sums(image):
    counts = np.bincount(image.ravel(), minlength=256)
    n = np.cumsum(counts)[:-1].astype(float)
    s = np.cumsum(counts * np.arange(256))[:-1].astype(float)
    N, S = image.size, image.sum(dtype=float)
    between = (S * n - N * s) ** 2 / np.maximum(n * (N - n), 1)
    return int(np.argmax(between))


# %%
same(by_loops(coins), by_sums(coins))
same(by_sums(coins), segmentation.otsu(coins))
loops = seconds(by_loops, coins, runs=2)
for name, function in (("by sums", by_sums), ("library", segmentation.otsu)):
    print(f"{name}: {loops / seconds(function, coins):.0f} times as fast as the loops")

# %% [markdown]
# One number, three ways. So here is the best cut, on all coins.

# %%
t = segmentation.otsu(coins)
cut = coins > t
images.show(
    cut,
    alt=f"The mask above level {t}. Most coins are white discs, some with holes, but the upper left "
    "corner is white as well, and coins melt into it. "
    f"{np.mean(cut[:40, :120]):.0%} of that corner counts as coin.",
)

# %% [markdown]
# There is the mistake. The lit cloth at the upper left is *brighter* than parts of coins elsewhere.
# The best single cut is still a single cut. And where the light falls off, its edge breaks into
# crumbs:

# %%
areas = segmentation.regions(segmentation.label(cut)).area
print(f"{len(areas)} objects, {np.sum(areas < 10)} of them smaller than 10 pixels")

# %% [markdown]
# ## A cut that follows the light
#
# Row 40, through the first coins, shows the trouble. Next to it, the **mean of a window** around each
# pixel.
#
# **Predict.** Where does the row lie above its window mean?

# %%
row = coins[40].astype(float)
mean = segmentation.adaptive(coins, size=101, method="mean")[40]
images.plot_rows(
    row,
    mean,
    np.full(row.size, t),
    labels=["row 40", "mean of 101 × 101", "Otsu"],
    alt="Six plateaus on ground that sinks from left to right. Otsu's level runs straight, below the "
    f"cloth at the left. The window mean sinks with the light, from {mean.max():.0f} to "
    f"{mean.min():.0f}, and passes between plateaus and ground nearly everywhere.",
)

# %% [markdown]
# On the coins, and hardly anywhere else. So give each pixel its own threshold: the mean of its
# window, less an offset. (Bright objects take a negative offset, so that the threshold lies a
# little *above* the cloth and its grain stays out. Dark letters take a positive one. The library
# counts it in fractions of white.) The window sums come from an integral image, lesson 02.

# %%
reach = 50
padded = np.pad(coins.astype(float), reach, mode="reflect")
sums = np.pad(padded, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
total = sums[101:, 101:] - sums[:-101, 101:] - sums[101:, :-101] + sums[:-101, :-101]
by_hand = total / 101**2
library = segmentation.adaptive(coins, size=101, method="mean")
print(f"largest difference {np.abs(by_hand - library).max():.0e} levels")

# %% [markdown]
# The window has one rule: it must be **larger than what you look for**.
#
# **Predict.** What does a window do that is smaller than a coin?

# %%
sizes = (15, 101)
masks = [coins > segmentation.adaptive(coins, size=n, method="mean", offset=-0.05) for n in sizes]
images.show(
    *[mask[:150, :230] for mask in masks],
    titles=[f"window {n}" for n in sizes],
    alt="With a small window the coins are tangles of bright lines, their reliefs. With the large "
    "one they are white discs on black with some holes and a few specks: "
    f"{segmentation.label(masks[0]).max()} and {segmentation.label(masks[1]).max()} objects.",
)

# %% [markdown]
# Inside a coin, a small window sees nothing but coin. The large one is nearly there. We come back
# to its specks.
#
# ## Reading a page
#
# Scanners have the same trouble. This page lay under a poor lamp. For ink, Sauvola looks at the
# contrast in the window as well. With the window's mean $m$ and standard
# deviation $s$,
#
# $$t = m\,\bigl(1 + k\,(s / r - 1)\bigr)$$
#
# Here $r$ is the largest deviation there can be, that of half black and half white, and $k$, 0.2
# say, is how much the contrast counts. On empty paper $s$ is nearly 0, so the threshold sinks far
# below the paper, and stains are not ink.

# %%
page = data.load("page")[:118, :210]
ways = {
    "Otsu": page > segmentation.otsu(page),
    "window mean": page > segmentation.adaptive(page, size=25, method="mean"),
    "Sauvola": page > segmentation.sauvola(page, size=25),
}
images.show(
    page,
    *ways.values(),
    titles=["a page", *ways],
    columns=2,
    alt="A printed page, dark at the left. Otsu makes that side black. The bare window mean "
    "shows all letters, and dirt where there is only paper. Sauvola shows all letters on clean paper. "
    f"Black: {', '.join(f'{np.mean(~way):.0%}' for way in ways.values())}.",
)

# %% [markdown]
# ## Shapes: erosion and dilation
#
# Now for specks and holes. First in one dimension: a row of a mask, and a **footprint** of three
# pixels. Put it on each pixel in turn. **Erosion** asks: are *all* pixels under it set?
# **Dilation** asks: is *any* of them?
#
# **Predict.** What is left of each block after the erosion? And if you dilate that again?


# %%
def draw(mask, name):
    print(f"{name:>9}  {''.join('█' if pixel else '·' for pixel in mask)}")


bits = np.array([int(b) for b in "0010001111000011011111100001110100"], bool)
padded = np.pad(bits, 1)
eroded = padded[:-2] & padded[1:-1] & padded[2:]
padded = np.pad(eroded, 1)
opened = padded[:-2] | padded[1:-1] | padded[2:]
for name, mask in (("row", bits), ("eroded", eroded), ("dilated", opened)):
    draw(mask, name)

# %% [markdown]
# Look at the third line. The blocks of three and more are *exactly* back. Singles and pairs are
# gone for good, because there was nothing left to grow from.
#
# Erosion, then dilation: that is the **opening**. It keeps what the footprint **fits into**. The
# other way round is the **closing**, and it fills the gaps that the footprint does not fit into. It
# is the opening of the background:

# %%
line = bits[None]  # a picture of one row
closed = segmentation.close(line, np.ones((1, 3), bool))
draw(closed[0], "closed")
same(closed, ~segmentation.open(~line, np.ones((1, 3), bool)))

# %% [markdown]
# Grey pictures need no new idea. "All" becomes the **minimum**, "any" the **maximum**. So erosion is
# a rank filter, a cousin of the median of lesson 04.

# %%
row = coins[40:41, 20:120]
flat = np.ones((1, 9), bool)
eroded, opened = segmentation.erode(row, flat), segmentation.open(row, flat)
images.plot_rows(
    row,
    eroded,
    opened,
    labels=["row", "eroded", "opened"],
    alt="A jagged row through two coins. Eroded, the plateaus are low and narrow. Opened, they have "
    "their width back, but all narrow peaks are cut off: the highest value falls from "
    f"{row.max()} to {opened.max()}.",
)

# %% [markdown]
# The opening rolls along *below* the curve and cuts off each peak that is narrower than it.
#
# In two dimensions the footprint has a shape, and the shape matters. By hand, as in lesson 02:
# shift the picture to every cell of the footprint, and take the minimum.


# %%
def erode(image, footprint):
    (height, width), (h, w) = image.shape, footprint.shape
    margin = (h // 2, h // 2), (w // 2, w // 2)
    padded = np.pad(image, margin, constant_values=image.max())  # beyond the edge lies nothing
    out = image.copy()
    for i, j in np.argwhere(footprint):
        out = np.minimum(out, padded[i : i + height, j : j + width])
    return out


# %%
disk = segmentation.disk(5)
same(erode(coins, disk), segmentation.erode(coins, disk))
ratio = seconds(erode, coins, disk) / seconds(segmentation.erode, coins, disk)
print(f"the library is {ratio:.0f} times as fast")

# %% [markdown]
# **Predict.** A horse, opened by a disc. Which parts of it go first?

# %%
horse = data.load("horse") < 128
radii = (5, 20)
fits = [segmentation.open(horse, segmentation.disk(r)) for r in radii]
images.show(
    horse,
    *fits,
    titles=["a horse", *[f"a disc of radius {r} fits" for r in radii]],
    alt="The white shape of a horse. The small disc takes what is thin, parts of the legs and the "
    "tail; the large one leaves only trunk, neck and head, with "
    f"{fits[1].sum() / horse.sum():.0%} of the pixels.",
)

# %% [markdown]
# A sieve for shapes: the legs are too thin for the disc, the trunk is not. And whoever passed the
# sieve once passes it again:

# %%
same(segmentation.open(fits[1], segmentation.disk(20)), fits[1])

# %% [markdown]
# ## How fast can a minimum be?
#
# A square of 31 × 31 holds nearly a thousand pixels. Must each be looked at? The minimum over a
# square is a minimum over rows, and of these the minimum over columns.
#
# **Predict.** How much does that save?


# %%
def rows_then_columns(image, size):
    return erode(erode(image, np.ones((1, size), bool)), np.ones((size, 1), bool))


# %%
square = np.ones((31, 31), bool)
same(erode(coins, square), rows_then_columns(coins, 31))
same(rows_then_columns(coins, 31), segmentation.erode(coins, 31))

# %%
slow = seconds(erode, coins, square, runs=2)
for name, function in (("rows, columns", rows_then_columns), ("library", segmentation.erode)):
    print(f"{name:13} {slow / seconds(function, coins, 31):4.0f} times as fast as the square")

# %% [markdown]
# And with larger squares? Neighbouring windows share nearly all of their pixels, and a good routine
# uses that.

# %%
small = seconds(segmentation.erode, coins, 11)
for size in (31, 101):
    times = seconds(segmentation.erode, coins, size) / small
    print(
        f"a square of {size} has {(size / 11) ** 2:.0f} times the pixels of 11, "
        f"and takes {times:.1f} times as long"
    )

# %% [markdown]
# ## Take the light away: top-hat
#
# An opening keeps what its footprint fits into. Take a square that is larger than any coin. It fits
# into no coin, so the coins go, and what remains is the cloth with its light. Subtract that, and
# the light is gone. Picture less opening: the **top-hat**.
#
# **Predict.** What will Otsu say of the flattened picture?

# %%
light = segmentation.open(coins, 81)
flattened = segmentation.top_hat(coins, 81)
same(coins - light, flattened)
images.show(
    half(light),
    half(flattened),
    titles=["opened by 81 × 81", "top-hat"],
    alt="The opening is a soft picture of the cloth in large rectangles, bright at the upper left, "
    f"dark below, from {light.max()} down to {light.min()}. In the top-hat the coins lie on black.",
)

# %%
flat = flattened > segmentation.otsu(flattened)
print(f"{segmentation.label(flat).max()} objects")

# %% [markdown]
# The same cut, on a picture whose light is even, and most of the crumbs are gone. A top-hat takes
# the light off, a local threshold follows it; they are two answers to one question. For dark things
# on bright ground, the twin of the top-hat is the **black-hat**: closing less picture.
#
# ## What hangs together?
#
# A mask knows *where*. To count, find the pixels that are **connected**. But what is a neighbour?
#
# **Predict.** How many objects, if only pixels that share a side are neighbours? And if a corner is
# enough?

# %%
tiny = np.array([[1, 1, 0, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 1]], bool)
for connectivity, name in ((1, "four"), (2, "eight")):
    labels = segmentation.label(tiny, connectivity=connectivity)
    print(f"{name} neighbours, {labels.max()} objects")
    print(labels)

# %% [markdown]
# If objects take eight neighbours, their background should take four, or a thin slanting line
# would have holes through which the outside leaks in.
#
# How is it done? Give every pixel a number of its own. Then each takes the smallest number among
# its neighbours, again and again, until nothing changes.


# %%
def label(mask):
    far = mask.size
    numbers = np.where(mask, np.arange(mask.size).reshape(mask.shape), far)
    while True:
        padded = np.pad(numbers, 1, constant_values=far)
        around = [padded[i : i + mask.shape[0], j : j + mask.shape[1]] for i, j in np.ndindex(3, 3)]
        smallest = np.where(mask, np.min(around, axis=0), far)
        if np.array_equal(smallest, numbers):
            return numbers
        numbers = smallest


# %%
mine, library = label(masks[1]), segmentation.label(masks[1])
print(f"{len(np.unique(mine[masks[1]]))} | {library.max()} objects")
ratio = seconds(label, masks[1], runs=1) / seconds(segmentation.label, masks[1])
print(f"the library is {ratio:.0f} times as fast")

# %% [markdown]
# Yours takes as many rounds as the longest way through an object. A flood, or a book in which
# numbers that meet are noted as equal, passes over the picture once or twice. You will write one in
# the exercise.
#
# ## Count again
#
# Now clean the mask of the local threshold, step by step. Holes first, because an opening would
# bite where a hole lies near the rim. Then specks.

# %%
filled = segmentation.fill_holes(masks[1])
opened = segmentation.open(filled, segmentation.disk(5))
clean = segmentation.remove_small(opened, area=300)
steps = {"threshold": masks[1], "holes filled": filled, "opened": opened, "small removed": clean}
for name, mask in steps.items():
    print(f"{name:13} {segmentation.label(mask).max():4} objects, {mask.sum()} pixels")

# %%
labels = segmentation.label(clean)
images.show(
    segmentation.paint(labels, coins),
    titles=f"{labels.max()} coins",
    alt=f"Every coin is tinted up to its rim, neighbours in different colours, {labels.max()} in all. "
    "Nothing on the cloth is tinted.",
)

# %% [markdown]
# **That is what you counted.** And objects with numbers can be measured. The largest and the
# smallest, and how round they are:

# %%
table = segmentation.regions(labels, coins)
for i in (np.argmax(table.area), np.argmin(table.area)):
    print(
        f"at row {table.centroid_row[i]:3.0f}, column {table.centroid_column[i]:3.0f}: "
        f"{table.equivalent_diameter[i]:.1f} pixels wide, mean level {table.mean[i]:.0f}"
    )
print(f"each fills at least {table.solidity.min():.0%} of its convex hull")

# %% [markdown]
# Are you sure of the number, or did the settings just happen to fit? Turn the knobs and look.

# %%
for offset in (-0.02, -0.05, -0.1):
    found = []
    for size in (61, 101, 141):
        mask = coins > segmentation.adaptive(coins, size=size, method="mean", offset=offset)
        mask = segmentation.open(segmentation.fill_holes(mask), segmentation.disk(5))
        found.append(int(segmentation.label(segmentation.remove_small(mask, area=300)).max()))
    print(f"offset {offset:5}: windows of 61, 101, 141 count {found}")

# %% [markdown]
# It wavers where the window is no wider than the largest coin and the offset is small: look above for
# how wide that one is. Everywhere else it stands still, and a result that stands still while the
# knobs turn is one to trust.
#
# ## Two thresholds: hysteresis
#
# Handwriting, and a black-hat that brings out what is thin and dark. A low threshold keeps all
# strokes, and dirt. A high one has no dirt, but breaks the strokes. You know the trouble from the
# edges of lesson 05.
#
# **Predict.** How could you have both?

# %%
text = data.load("text")[:132, :220]
ink = segmentation.black_hat(text, 15)
low, high = 0.1, 0.3
both = segmentation.hysteresis(ink, low=low, high=high)
ways = {"low": ink > 255 * low, "high": ink > 255 * high, "hysteresis": both}
images.show(
    text,
    *ways.values(),
    titles=["a note", *[f"{n}: {segmentation.label(w).max()} parts" for n, w in ways.items()]],
    columns=2,
    alt="A handwritten formula on lined paper. The low threshold shows strokes, lines and dots of "
    "dirt; the high one thin, broken pieces of them; hysteresis whole strokes and ruled lines, and "
    "hardly any dirt.",
)

# %% [markdown]
# **A weak pixel counts if it hangs on a strong one.** With labels it is two lines: number the weak
# parts, and keep the numbers that occur among the strong.

# %%
weak = segmentation.label(ways["low"])
same(np.isin(weak, weak[ways["high"]]), both)

# %% [markdown]
# It is the last step of Canny's detector, which made it famous.
#
# ## What goes wrong, and how to see it
#
# **Otsu always answers.** It finds the best two groups, also where there is only one. An empty piece
# of cloth:

# %%
cloth = coins[222:236, 190:300]
share = np.mean(cloth > segmentation.otsu(cloth))
print(f"levels {cloth.min()} to {cloth.max()}; Otsu says that {share:.0%} of it is coin")

# %% [markdown]
# Look at the histogram: one hill, and no cut is right. And with one group that is tiny, a few stars
# in a whole sky, Otsu cuts through the sky.
#
# **Too much of a good thing.** Closing fills holes, and gaps between coins too.

# %%
for radius in (1, 3, 6, 9):
    joined = segmentation.close(clean, segmentation.disk(radius))
    print(f"closed with radius {radius}: {segmentation.label(joined).max()} objects")

# %% [markdown]
# Objects that touch are one object to a label. Lesson 07 takes them apart.
#
# **uint8 wraps around.** Picture less light is only safe because an opening never exceeds the
# picture. A blurred picture does:

# %%
mean = segmentation.adaptive(coins, size=101, method="mean").astype(np.uint8)
wrapped = coins - mean
print(
    f"darker than the mean: {np.mean(coins < mean):.0%}; these come out at "
    f"{wrapped[coins < mean].mean():.0f} on average, and should be negative"
)

# %% [markdown]
# ## Where it is used
#
# - **Space.** Stars are found as connected pixels some sigmas above a local background. The light of
#   a galaxy is taken off first, as our lamp was.
# - **Medicine.** Cells are counted in a blood smear like coins: background off, threshold, holes
#   filled, small ones removed, areas measured.
# - **Satellites.** Water is dark in the near infrared and shows two hills in the histogram; Otsu
#   maps floods. Clouds get two thresholds, so that thin cloud counts if it hangs on a thick one.
# - **Roads.** Lane paint is narrow and bright: a top-hat with a footprint wider than the paint works
#   in sun and shade.
# - **Your phone.** Every scan of a document is a local threshold.
#
# ## To remember
#
# - Otsu: the cut that leaves least within its two groups. It needs two hills, and even light.
# - Uneven light: a threshold that follows it, by a window larger than the objects; or take the
#   light away, by an opening larger than the objects.
# - Erosion is the minimum under a footprint, dilation the maximum. Opening keeps what the footprint
#   fits into; closing does so for the background.
# - Label what hangs together, say which neighbours you mean, and fill holes before you open.
# - Two thresholds: weak counts if it hangs on strong.
# - Turn the knobs. Trust a count that stands still.
#
# Now write it all yourself: type `imgkit start 06`. These coins did not touch; what does is parted
# in [lesson 07](07_segmentation.ipynb).
#
# ## References
#
# - Gonzalez and Woods, *Digital Image Processing*, 4th ed., chapter 9 (morphology), section 10.3
#   (thresholding), sections 2.5 and 9.5 (connectivity and components).
# - Otsu, *A threshold selection method from gray-level histograms*, IEEE Transactions on Systems,
#   Man, and Cybernetics 1979.
# - Sauvola and Pietikäinen, *Adaptive document image binarization*, Pattern Recognition 2000.
# - Serra, *Image Analysis and Mathematical Morphology*, Academic Press 1982.
# - van Herk, *A fast algorithm for local minimum and maximum filters on rectangular and octagonal
#   kernels*, Pattern Recognition Letters 1992: how the time need not grow with the square.
# - Canny, *A computational approach to edge detection*, IEEE Transactions on Pattern Analysis and
#   Machine Intelligence 1986: hysteresis.
