# ---
# jupyter:
#   imgkit:
#     title: Segmentation and measurement
#     minutes: 60
#     needs: [06_thresholds]
# ---

# %% [markdown]
# # Segmentation and measurement
#
# **About 60 minutes, seven tasks.** Before: exercise 06, and best the lesson of the same name.
#
# Cells are counted every day, to see whether a drug works or a tumour grows. In the picture below
# they lie side by side, and a threshold sees one big blot where you see several nuclei. At the end
# of this page your code takes them apart, counts and measures them, and you know how to tell when
# a count is not to be trusted.
#
# By the end you can
#
# - say how well a mask fits, by Dice and IoU, and what both do not see,
# - make a map of the distance to the background, and find its tops,
# - flood a landscape from markers, which is the *watershed*,
# - score a segmentation object by object,
# - measure area, centre and axes, in micrometres,
# - and count touching nuclei in a picture you have never seen.
#
# Loops earn all points. Where fewer would do, the check says so: first right, then fast. Stuck?
# `ex.hint("distance")` gives a hint, and the next one when you ask again. Hints cost nothing.

# %% tags=["setup"]
import heapq

import numpy as np
from scipy import ndimage


def smooth(image, sigma=1.0):
    """A Gaussian blur, of exercise 02. An image of uint8 stays one."""
    soft = ndimage.gaussian_filter(np.asarray(image, float), sigma)
    return np.rint(soft).astype(np.uint8) if image.dtype == np.uint8 else soft


def otsu(image):
    """Otsu's threshold of a uint8 image, of exercise 06: `image > otsu(image)` is a mask."""
    share = np.bincount(image.ravel(), minlength=256) / image.size
    below, mean = np.cumsum(share)[:-1], np.cumsum(share * np.arange(256))
    with np.errstate(all="ignore"):
        between = (mean[-1] * below - mean[:-1]) ** 2 / (below * (1 - below))
    return int(np.nanargmax(between))


def components(mask):
    """Number the parts that hang together, by eight neighbours, as in exercise 06: 1, 2, …"""
    return ndimage.label(mask, np.ones((3, 3)))[0]


# %% [markdown]
# And two that draw, for pictures whose truth is known.


# %% tags=["setup"]
def ellipse(shape, centre, semi_axes, angle):
    """A filled ellipse, its first semi-axis turned from downwards towards the right: bool."""
    r, c = np.indices(shape) - np.reshape(centre, (2, 1, 1))
    along = r * np.cos(angle) + c * np.sin(angle)
    across = c * np.cos(angle) - r * np.sin(angle)
    return (along / semi_axes[0]) ** 2 + (across / semi_axes[1]) ** 2 <= 1


def nuclei(rng, shape, count):
    """A drawn fluorescence picture, uint8, and its truth: labels, 0 for the background."""
    truth, glow, centres = np.zeros(shape, int), np.zeros(shape), []
    for _ in range(100 * count):  # as many of them as find room
        centre = rng.uniform(8, np.subtract(shape, 8))
        if centres and rng.random() < 0.8:  # beside another one
            way = rng.uniform(0, 2 * np.pi)
            centre = centres[rng.integers(len(centres))] + 14.5 * np.array(
                [np.sin(way), np.cos(way)]
            )
        near = np.linalg.norm(np.reshape(centres, (-1, 2)) - centre, axis=1) < 13.5
        if near.any() or (centre < 7).any() or (centre > np.subtract(shape, 8)).any():
            continue
        body = ellipse(shape, centre, rng.uniform(5.5, 7.5, 2), rng.uniform(0, np.pi))
        body &= truth == 0
        centres.append(centre)
        truth[body], glow[body] = len(centres), rng.uniform(0.4, 0.8)
        if len(centres) == count:
            break
    photons = rng.poisson(60 * (0.1 + ndimage.gaussian_filter(glow, 0.8)))
    return np.rint(255 * np.clip(photons / 60, 0, 1)).astype(np.uint8), truth


# %%
from imgkit import course, images, metrics, segmentation

ex = course.exercise("07_segmentation")
ex

# %%
rng = np.random.default_rng(7)
picture, truth = nuclei(rng, (128, 192), 44)
images.show(
    picture,
    titles=["How many?"],
    alt="Grainy bright ovals on black, a few alone, most in chains and clumps in which they touch.",
)

# %% [markdown]
# The nuclei are drawn by the computer, after the look of a fluorescence microscope. So here we know
# the truth, and can hold ourselves to it.
#
# ## 1 · How good is a mask?
#
# A mask says of every pixel whether it belongs. Lay it over the truth and count three things: the
# pixels of the mask, those of the truth, and those of both, the **intersection**. From these come
# the two numbers of nearly every paper on segmentation:
#
# $$\text{Dice} = \frac{2\,|A \cap B|}{|A| + |B|} \qquad
# \text{IoU} = \frac{|A \cap B|}{|A \cup B|}$$
#
# Both are 1 for a perfect fit and 0 where nothing overlaps. The union $A \cup B$ is all that lies
# in one of them at least.
#
# **Predict.** Two squares of the same size overlap by half. What is their Dice? Their IoU?

# %%
ex.target("dice_and_iou")


# %% tags=["task"] task="dice_and_iou" points=2 minutes=5 level=1 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "sklearn", "torch", "imgkit.metrics"]
def dice_and_iou(mask, truth):
    """Say how well a mask fits the truth.

    Parameters
    ----------
    mask, truth : arrays (H, W), bool

    Returns
    -------
    A tuple of two numbers, (dice, iou), each from 0 to 1. If both masks are empty they fit
    perfectly: (1, 1).

    Example
    -------
    For mask [[1, 1, 0]] and truth [[0, 1, 1]], as bool, the answer is (0.5, 0.3333).
    """
    # BEGIN SOLUTION
    both, total = np.sum(mask & truth), np.sum(mask) + np.sum(truth)
    if total == 0:
        return 1.0, 1.0
    return 2 * both / total, both / (total - both)
    # END SOLUTION


# %% tags=["check"]
ex.check(dice_and_iou)

# %% [markdown] tags=["hint"] task="dice_and_iou"
# Count, no more: `np.sum` of a mask counts its pixels. `mask & truth` is the intersection,
# `mask | truth` the union.

# %% [markdown] tags=["hint"] task="dice_and_iou"
# Two empty masks would give 0 / 0. Ask for that case first, `if not (mask | truth).any():`, and
# return `1.0, 1.0`.

# %% [markdown] tags=["hint"] task="dice_and_iou"
# ```
# if not (mask | truth).any():
#     return 1.0, 1.0
# both = np.sum(mask & truth)
# dice = 2 * both / ...
# iou = both / ...
# return dice, iou
# ```


# %% tags=["cases"] task="dice_and_iou"
def dice_and_iou_cases(rng):
    photo, labels = nuclei(rng, (48, 56), 5)
    yield "Otsu's mask of a picture", dict(mask=photo > otsu(photo), truth=labels > 0)
    centre, angle = rng.uniform(9, 11, 2), rng.uniform(0, 3)
    one = ellipse((24, 30), centre, (7, 5), angle)
    other = ellipse((24, 30), centre + rng.uniform(2, 4, 2), (6, 7), angle)
    yield "two ovals", dict(mask=one, truth=other)
    yield "one within the other", dict(mask=other, truth=other | one)
    yield (
        "scattered pixels",
        dict(mask=rng.random((12, 15)) < 0.3, truth=rng.random((12, 15)) < 0.6),
    )
    yield "nothing found", dict(mask=np.zeros((24, 30), bool), truth=one)
    yield "both empty", dict(mask=np.zeros((10, 14), bool), truth=np.zeros((10, 14), bool))


# %% tags=["mistake"] task="dice_and_iou" says="Both numbers are right, in the wrong order: first Dice, then IoU."
def iou_first(mask, truth):
    return dice_and_iou(mask, truth)[::-1]


# %% tags=["mistake"] task="dice_and_iou" says="The 2 of Dice is missing. Without it a perfect fit would get one half."
def two_forgotten(mask, truth):
    dice, iou = dice_and_iou(mask, truth)
    return dice / 2, iou


# %% tags=["mistake"] task="dice_and_iou" says="For the IoU you divide by the sum of both masks, and so the intersection is counted twice. The union counts each pixel once: `mask | truth`."
def sum_for_union(mask, truth):
    dice, _ = dice_and_iou(mask, truth)
    return dice, dice / 2


# %% tags=["mistake"] task="dice_and_iou" says="For Dice you divide by the union. It takes the *sum* of the two counts; below the line the intersection counts twice, as it does above."
def union_for_sum(mask, truth):
    _, iou = dice_and_iou(mask, truth)
    return 2 * iou, iou


# %% tags=["mistake"] task="dice_and_iou" says="`mask + truth` of two bool arrays is their union, not their sum: True + True is True. Count each for itself, `np.sum(mask) + np.sum(truth)`; the union is then right for the IoU."
def true_plus_true(mask, truth):
    union = np.sum(mask + truth)
    both = np.sum(mask & truth)
    return (2 * both / union, both / (2 * union)) if union else (1.0, 1.0)


# %% tags=["mistake"] task="dice_and_iou" says="Your IoU is the share of pixels on which the two agree. That counts the background too, and a huge black background would make any mask look good."
def background_counts(mask, truth):
    return dice_and_iou(mask, truth)[0], np.mean(mask == truth)


# %% tags=["mistake"] task="dice_and_iou" says="You divide by the truth alone. Then a mask that covers the whole picture would be perfect: what it covers too much has to count as well."
def share_of_the_truth(mask, truth):
    if not truth.any():
        return 1.0, 1.0
    share = np.sum(mask & truth) / np.sum(truth)
    return share, share


# %% [markdown]
# **See it.** Blur a little, take Otsu's threshold, and compare: white in the last picture is what
# the mask has and the truth has not, or the other way round. And count the parts that hang together.

# %%
overlap = ex.use("dice_and_iou")
soft = smooth(picture)
mask = soft > otsu(soft)
dice, iou = overlap(mask, truth > 0)
print(f"Dice {dice:.3f}, IoU {iou:.3f}")
print(f"{components(mask).max()} parts, and there are {truth.max()} nuclei")
images.show(
    mask,
    truth > 0,
    mask ^ (truth > 0),
    titles=["the mask", "the truth", "they differ"],
    alt="Two pictures of white blots that look the same, and what differs: broken thin rims around "
    f"the blots, {np.mean(mask ^ (truth > 0)):.1%} of all pixels.",
)

# %% [markdown]
# Nearly perfect, pixel by pixel, and the count is hopeless. The few pixels that would keep two
# nuclei apart hardly weigh in Dice. Keep that in mind; we come back to it in task 5.
#
# ## 2 · How far to the shore?
#
# To part two nuclei that touch, look at the *shape* of the blot. Think of an island and ask of each
# of its points: how far is the sea? Inland it is far, and where two islands grew together the sea is
# near on both sides. So the map of these distances has one hill for each nucleus.
#
# **Predict.** What is the distance of a pixel right at the shore, 0 or 1?

# %%
ex.target("distance")


# %% tags=["task"] task="distance" points=3 minutes=8 level=2 compare="close(rtol=1e-5, atol=1e-5)" forbid=["cv2", "scipy", "skimage", "sklearn", "torch", "imgkit.segmentation"]
def distance(mask):
    """Measure how far each pixel of a mask is from the background.

    Parameters
    ----------
    mask : array (H, W), bool; at least one pixel is False

    Returns
    -------
    Array (H, W) of floats. Where the mask is False: 0. Where it is True: the distance to the
    nearest False pixel, from centre to centre as the crow flies: the root of dr**2 + dc**2 for dr
    rows and dc columns between the two. Nothing lies beyond the edge of the picture, so the edge
    is no shore.

    Example
    -------
    distance(np.array([[0, 1, 1], [1, 1, 1]], bool)) gives [[0, 1, 2], [1, 1.414, 2.236]].
    """
    # BEGIN SOLUTION
    background = np.argwhere(~mask)
    out = np.zeros(mask.shape)
    for r, c in np.argwhere(mask):
        out[r, c] = np.sqrt(((background - (r, c)) ** 2).sum(axis=1).min())
    return out
    # END SOLUTION


# %% tags=["check"]
ex.check(distance)

# %% [markdown] tags=["hint"] task="distance"
# Do it the plain way: for one pixel, measure the distance to *every* background pixel, and keep the
# smallest. Then a loop over the pixels of the mask.

# %% [markdown] tags=["hint"] task="distance"
# `np.argwhere(~mask)` lists the background, a row and a column for each pixel. Subtract `(r, c)`
# from this list, and you have `dr` and `dc` to all of them at once.

# %% [markdown] tags=["hint"] task="distance"
# ```
# background = np.argwhere(~mask)
# out = np.zeros(mask.shape)
# for r, c in np.argwhere(mask):
#     squares = (background - (r, c)) ** 2     # one row for each background pixel
#     out[r, c] = ...
# return out
# ```


# %% tags=["cases"] task="distance"
def distance_cases(rng):
    centre, angle = rng.uniform(8, 10, 2), rng.uniform(0, 1.5)
    one = ellipse((22, 32), centre, (7, 5.5), angle)
    yield (
        "two that touch",
        dict(mask=one | ellipse((22, 32), np.add(centre, (3, 10.5)), (6, 6.5), angle)),
    )
    corner = np.zeros((11, 14), bool)
    corner[: rng.integers(6, 9), : rng.integers(7, 11)] = True
    yield "a block at the edge", dict(mask=corner)
    holes = np.ones((12, 15), bool)
    holes[tuple(rng.integers((2, 2), (10, 13), (3, 2)).T)] = False
    yield "three holes", dict(mask=holes)
    rough = smooth(rng.random((14, 18)), 1.5)
    yield "rough shapes", dict(mask=rough > np.quantile(rough, 0.35))
    row = np.ones((1, 21), bool)
    row[0, rng.choice(np.arange(3, 18), 2, replace=False)] = False
    yield "a single row", dict(mask=row)


# %% tags=["mistake"] task="distance" says="You have the squares of the distances: take the root."
def root_forgotten(mask):
    return distance(mask) ** 2


# %% tags=["mistake"] task="distance" says="You walk along the grid, |dr| + |dc|. As the crow flies it is the root of dr² + dc²."
def along_the_grid(mask):
    far = np.abs(np.argwhere(mask)[:, None] - np.argwhere(~mask)[None])
    out = np.zeros(mask.shape)
    out[mask] = far.sum(axis=2).min(axis=1)
    return out


# %% tags=["mistake"] task="distance" says="You take the larger of |dr| and |dc|, as a king moves on a chessboard. As the crow flies it is the root of dr² + dc²."
def as_the_king_moves(mask):
    far = np.abs(np.argwhere(mask)[:, None] - np.argwhere(~mask)[None])
    out = np.zeros(mask.shape)
    out[mask] = far.max(axis=2).min(axis=1)
    return out


# %% tags=["mistake"] task="distance" says="You measure from the wrong side: the background's distance to the mask. Inside the mask it counts, and outside it is 0."
def from_the_sea(mask):
    return distance(~mask)


# %% tags=["mistake"] task="distance" says="The edge of the picture counts as a shore in yours. Nothing is known beyond it, so only False pixels *in* the picture count."
def the_edge_is_a_shore(mask):
    return distance(np.pad(mask, 1))[1:-1, 1:-1]


# %% tags=["mistake"] task="distance" says="You take the farthest background pixel. It takes the nearest: `min`."
def farthest_for_nearest(mask):
    far = np.argwhere(mask)[:, None] - np.argwhere(~mask)[None]
    out = np.zeros(mask.shape)
    out[mask] = np.sqrt((far**2).sum(axis=2).max(axis=1))
    return out


# %% tags=["mistake"] task="distance" says="Your shore begins at 0: you are one less everywhere. The nearest False pixel is at least one step away from a True one."
def shore_at_zero(mask):
    return np.maximum(distance(mask) - 1, 0)


# %% tags=["mistake"] task="distance" says="Your distances are cut down to whole numbers: the array you write into holds whole numbers only. Make it with `np.zeros(mask.shape)`, which holds floats."
def whole_numbers_only(mask):
    return np.floor(distance(mask))


# %% tags=["mistake"] task="distance" says="Your array holds True and False only, and distances do not fit in: `np.zeros_like(mask)` is bool, as the mask is. Make it with `np.zeros(mask.shape)`."
def array_of_bool(mask):
    return mask.copy()


# %% tags=["mistake"] task="distance" says="You look up, down, left and right only. The nearest background pixel may lie askew: compare with all of them."
def straight_lines_only(mask):
    out = np.zeros(mask.shape)
    sea = np.argwhere(~mask)
    for r, c in np.argwhere(mask):
        straight = np.concatenate([sea[sea[:, 0] == r, 1] - c, sea[sea[:, 1] == c, 0] - r])
        out[r, c] = np.abs(straight).min(initial=max(mask.shape))
    return out


# %% tags=["mistake"] task="distance" says="Your distances are sums of steps, 1 straight and 1.414 askew. A crow flies straight: two down and one to the side are the root of 5, which is less. Measure to each background pixel directly."
def sums_of_steps(mask):
    far = np.where(mask, float(sum(mask.shape)), 0.0)
    for _ in range(max(mask.shape)):
        padded = np.pad(far, 1, constant_values=np.inf)
        for dr, dc in np.argwhere(np.ones((3, 3))):
            near = padded[dr : dr + mask.shape[0], dc : dc + mask.shape[1]]
            far = np.minimum(far, near + np.hypot(dr - 1, dc - 1))
    return far


# %% [markdown]
# **See it.** A crop of the picture, its mask, and the map of its distances.

# %%
crop = np.s_[10:70, 5:75]
hills = ex.use("distance")(mask[crop])
images.show(
    picture[crop],
    mask[crop],
    hills / hills.max(),
    titles=["picture", "mask", "distance"],
    alt="Bright ovals; white blots in their place, some of them grown together; and the same blots, "
    "black at the shore and bright inland, with a bright top in each oval, up to "
    f"{hills.max():.1f} pixels from the shore.",
)

# %% [markdown]
# Each with each: for a photograph that is far too much. SciPy goes down the columns, then along the
# rows, for the squares of the distances just add up.

# %%
import time


def seconds(function, *arguments, runs=3):
    """The best of some runs: whatever else the computer does only makes it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - begin)
    return min(times)


mine, fast = ex.use("distance"), ndimage.distance_transform_edt
print(f"largest difference {np.abs(mine(mask[crop]) - fast(mask[crop])).max():.0e}")
print(f"SciPy is {seconds(mine, mask[crop], runs=1) / seconds(fast, mask[crop]):.0f} times as fast")

# %% [markdown]
# The same map. From here on `ndimage.distance_transform_edt` is yours.
#
# ## 3 · The tops
#
# One top for each nucleus: these will be our **markers**. A pixel is a top if nothing in the window
# around it is higher.
#
# Two rules keep the small fry out. A larger window: a bump near a real top is lower than that top,
# and falls away. And a floor: what hardly rises from the sea is no nucleus. (The lesson asked how far
# you must go down, its `h`. That tells tops apart more finely; a window is quicker to write.)
#
# **Predict.** Two neighbouring pixels are equally high, and all others lower. Which one is the top?

# %%
ex.target("find_peaks")


# %% tags=["task"] task="find_peaks" points=2 minutes=7 level=2 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation", "imgkit.filtering"]
def find_peaks(heights, reach, floor):
    """Mark the pixels that nothing near them overtops.

    Parameters
    ----------
    heights : array (H, W) of floats, of any sign
    reach : the window goes that many pixels up, down, left and right: it is a square of
        2 * reach + 1 pixels a side, or what of it lies in the picture; at least 1
    floor : peaks are higher than this

    Returns
    -------
    Array (H, W), bool: True where heights > floor and no pixel in the window is higher. Of equally
    high pixels all are peaks. What lies beyond the edge does not count, and at the edge there are
    peaks, too.

    Example
    -------
    find_peaks(np.array([[3.0, 1.0, 2.0, 2.0, 0.0]]), 1, 0.0) gives
    [[True, False, True, True, False]].
    """
    # BEGIN SOLUTION
    height, width = heights.shape
    peaks = heights > floor
    for r in range(height):
        for c in range(width):
            top, left = max(r - reach, 0), max(c - reach, 0)
            peaks[r, c] &= heights[r, c] == heights[top : r + reach + 1, left : c + reach + 1].max()
    return peaks
    # END SOLUTION


# %% tags=["check"]
ex.check(find_peaks)

# %% [markdown] tags=["hint"] task="find_peaks"
# "Nothing is higher" means: the pixel equals the maximum of its window, and the pixel itself is in
# the window. So take the maximum, and compare with `==`.

# %% [markdown] tags=["hint"] task="find_peaks"
# A slice may reach beyond the lower and right edge, NumPy cuts it off; but a negative beginning
# would count from the far end, so write `max(r - reach, 0)`. Or pad by `reach`, with
# `constant_values=-np.inf`, lower than anything.

# %% [markdown] tags=["hint"] task="find_peaks"
# ```
# peaks = heights > floor
# for r in range(heights.shape[0]):
#     for c in range(heights.shape[1]):
#         top, left = max(r - reach, 0), max(c - reach, 0)
#         window = heights[top : r + reach + 1, ...]
#         peaks[r, c] = peaks[r, c] and heights[r, c] == ...
# return peaks
# ```


# %% tags=["cases"] task="find_peaks"
def find_peaks_cases(rng):
    def finish(heights, reach, floor):
        """A row of its own at the bottom: a peak at the edge, one just as high as the floor, and
        a flat top; a deep row above keeps them apart from the rest."""
        height, width = heights.shape
        low = np.floor(heights.min()) - 1
        out = np.full((height + reach + 1, width), low)
        out[:height] = heights
        first = int(rng.integers(1, 3))
        out[-1, first] = floor + 0.5
        out[-1, first + reach + 2] = floor
        out[-1, first + 2 * reach + 4 : first + 2 * reach + 6] = floor + 1
        return dict(heights=out, reach=reach, floor=float(floor))

    centre, angle = rng.uniform(8, 9, 2), rng.uniform(0, 1.5)
    two = ellipse((19, 30), centre, (7, 5.5), angle)
    hills = distance(two | ellipse((19, 30), np.add(centre, (2, 10.5)), (6, 6.5), angle))
    yield "two that touch", finish(smooth(hills).round(2), 3, 1)
    yield "whole numbers", finish(rng.integers(0, 9, (8, 14)).astype(float), 1, 3)
    yield "a sea floor", finish(rng.uniform(-9, -1, (10, 16)).round(2), 2, -5)
    yield "whole numbers below 0", finish(rng.integers(-9, 0, (9, 13)).astype(float), 1, -4)
    yield "a smooth sea floor", finish((4 * smooth(rng.random((12, 17)), 1.2)).round(2) - 6, 2, -5)


# %% tags=["mistake"] task="find_peaks" says="Where two neighbours are equally high, you have no peak at all: you ask for *higher than all others*. It takes *none is higher*, so that all of a flat top are peaks."
def flat_tops_lost(heights, reach, floor):
    peaks = find_peaks(heights, reach, floor)
    for r, c in np.argwhere(peaks):
        near = np.abs(np.argwhere(heights == heights[r, c]) - (r, c)).max(axis=1)
        peaks[r, c] = np.sum(near <= reach) == 1
    return peaks


# %% tags=["mistake"] task="find_peaks" says="A pixel that is just as high as the floor passes in yours. Peaks are *higher* than the floor: `>`."
def floor_included(heights, reach, floor):
    return find_peaks(heights, reach, np.nextafter(floor, -np.inf))


# %% tags=["mistake"] task="find_peaks" says="The floor is never asked for: keep only what is higher."
def floor_forgotten(heights, reach, floor):
    return find_peaks(heights, reach, -np.inf)


# %% tags=["mistake"] task="find_peaks" says="You pad with zeros, and where all heights are negative 0 overtops them. Beyond the edge there is nothing: pad with `-np.inf`, or cut the window off."
def zeros_beyond_the_edge(heights, reach, floor):
    return find_peaks(np.pad(heights, reach), reach, floor)[reach:-reach, reach:-reach]


# %% tags=["mistake"] task="find_peaks" says="You leave the edge out. A pixel whose window sticks out can be a peak as well: its window is what lies in the picture."
def edge_left_out(heights, reach, floor):
    peaks = np.zeros(heights.shape, bool)
    inside = np.s_[reach:-reach, reach:-reach]
    peaks[inside] = find_peaks(heights, reach, floor)[inside]
    return peaks


# %% tags=["mistake"] task="find_peaks" says="`np.roll` wraps around: at the edge you compare with pixels of the far side. Nothing lies beyond the edge."
def wraps_around(heights, reach, floor):
    padded = np.pad(heights, reach, mode="wrap")
    return find_peaks(padded, reach, floor)[reach:-reach, reach:-reach]


# %% tags=["mistake"] task="find_peaks" says="You look along the row and the column only. The window is a square, its corners count."
def cross_for_square(heights, reach, floor):
    padded = np.pad(heights, reach, constant_values=-np.inf)
    (h, w), steps = heights.shape, range(2 * reach + 1)
    down = np.max([padded[i : i + h, reach : reach + w] for i in steps], axis=0)
    across = np.max([padded[reach : reach + h, i : i + w] for i in steps], axis=0)
    return (heights > floor) & (heights == np.maximum(down, across))


# %% tags=["mistake"] task="find_peaks" says="Your window ends one short: the end of a slice does not count, so it is `r + reach + 1` and `c + reach + 1`."
def window_ends_early(heights, reach, floor):
    peaks = heights > floor
    for r, c in np.argwhere(peaks):
        top, left = max(r - reach, 0), max(c - reach, 0)
        peaks[r, c] = heights[r, c] == heights[top : r + reach, left : c + reach].max()
    return peaks


# %% tags=["mistake"] task="find_peaks" says="You begin slices at `r - reach` even where that is negative, and then NumPy counts from the far end and the window is empty. Begin at `max(r - reach, 0)`."
def negative_beginnings(heights, reach, floor):
    peaks = heights > floor
    for r, c in np.argwhere(peaks):
        window = heights[r - reach : r + reach + 1, c - reach : c + reach + 1]
        peaks[r, c] = heights[r, c] == window.max()
    return peaks


# %% [markdown]
# **See it.** The same crop three times, and the count for the whole picture: with the grain left in,
# with the smallest window, and with a larger one.

# %%
peaks_of = ex.use("find_peaks")
rough, hills = fast(picture > otsu(picture)), fast(mask)
tries = [peaks_of(rough, 1, 0), peaks_of(hills, 1, 0), peaks_of(hills, 3, 2)]
counts = [int(components(peaks).max()) for peaks in tries]
images.show(
    *[
        np.where(p, 1, h / h.max() * 0.6)[crop]
        for p, h in zip(tries, (rough, hills, hills), strict=True)
    ],
    titles=[
        f"grain left in: {counts[0]} tops",
        f"reach 1, floor 0: {counts[1]}",
        f"reach 3, floor 2: {counts[2]}",
    ],
    alt="Maps of distances with their tops as white dots. With the grain left in, the hills of dim "
    f"nuclei are crumpled and full of dots, {counts[0]} in all; from the blurred picture "
    f"{counts[1]}; with the larger window {counts[2]}, one on each hill.",
)

# %% [markdown]
# ## 4 · Let the water rise
#
# Now to the border between two tops. Turn the map upside down: each hill becomes a hollow. Pour
# water into every hollow, red here and blue there, and let it rise. It fills the lowest places
# first. Where red and blue meet stands the border, on the ridge between the two: the
# **watershed**.
#
# The computer keeps the shore of all the water in one queue, and always goes on at the **lowest**
# pixel of it. Python has such a queue:
#
# ```
# heap = []
# heapq.heappush(heap, (height, age, r, c))    # put in
# height, age, r, c = heapq.heappop(heap)      # take the smallest out
# ```
#
# Tuples are compared by their first item, and if that is equal by the second. So give each pixel a
# number as it is put in, 0, 1, 2, …, its *age*; then of equally low pixels the one that came first
# goes first. Without that, on flat ground one colour would take all.

# %%
row = np.array([[2.0, 1, 0, 2, 4, 1, 3, 5, 2, 1, 3, 4]])
images.plot_rows(
    row[0],
    labels=["a landscape of 12 pixels"],
    alt="A curve with three hollows, at pixels 2, 5 and 9, and two ridges between them: a lower one "
    f"of {row[0, 4]:.0f} and a higher one of {row[0, 7]:.0f}.",
)

# %% [markdown]
# **Predict.** There are only two markers, at pixel 2 and at pixel 9. Which of the two colours runs
# into the hollow in the middle?

# %%
ex.target("watershed")


# %% tags=["task"] task="watershed" points=4 minutes=12 level=3 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation"]
def watershed(heights, markers, mask):
    """Flood a landscape from markers, the lowest pixel first.

    Parameters
    ----------
    heights : array (H, W) of floats
    markers : array (H, W) of whole numbers: 1, 2, … where water of that colour starts, 0 elsewhere
    mask : array (H, W), bool: where water may go. All marked pixels lie in it.

    Returns
    -------
    A new array (H, W) of whole numbers, the colour of each pixel; 0 outside of the mask, and where
    no water comes. The rule:

    1. Put all marked pixels into the queue, row by row.
    2. Take the lowest pixel out; of equally low ones, the one that was put in first.
    3. Look at its four neighbours, up, down, left and right, in any order. Each that lies in the
       picture and in the mask and has no colour yet gets this pixel's colour, and is put into the
       queue with its own height.
    4. Go on with 2 until the queue is empty.

    Example
    -------
    For heights [[0, 2, 1, 5, 1, 0]], markers [[1, 0, 0, 0, 0, 2]] and a mask that is True all
    over, the answer is [[1, 1, 1, 2, 2, 2]].
    """
    # BEGIN SOLUTION
    labels, heap = markers.copy(), []
    for age, (r, c) in enumerate(np.argwhere(markers)):
        heapq.heappush(heap, (heights[r, c], age, r, c))
    age = len(heap)
    while heap:
        _, _, r, c = heapq.heappop(heap)
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            inside = 0 <= i < labels.shape[0] and 0 <= j < labels.shape[1]
            if inside and mask[i, j] and labels[i, j] == 0:
                labels[i, j] = labels[r, c]
                heapq.heappush(heap, (heights[i, j], age, i, j))
                age += 1
    return labels
    # END SOLUTION


# %% tags=["check"]
ex.check(watershed)

# %% [markdown] tags=["hint"] task="watershed"
# Two parts. First fill the queue: a loop over `np.argwhere(markers)`, which goes row by row. Then
# `while heap:` take one out and look at its four neighbours. Start from `markers.copy()`: the
# colours of the marked pixels are known already.

# %% [markdown] tags=["hint"] task="watershed"
# A neighbour `(i, j)` has to pass three questions, in this order: is it in the picture, `0 <= i < H
# and 0 <= j < W`; is `mask[i, j]` True; is `labels[i, j]` still 0? Then give it the colour *at
# once*, and push it with `heights[i, j]`, its own height. Count `age` up with every push.

# %% [markdown] tags=["hint"] task="watershed"
# ```
# labels, heap, age = markers.copy(), [], 0
# for r, c in np.argwhere(markers):
#     heapq.heappush(heap, (heights[r, c], age, r, c))
#     age += 1
# while heap:
#     _, _, r, c = heapq.heappop(heap)
#     for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
#         if 0 <= i < H and 0 <= j < W and ...:
#             labels[i, j] = ...
#             heapq.heappush(heap, ...)
#             age += 1
# return labels
# ```


# %% tags=["cases"] task="watershed"
def watershed_cases(rng):
    def ranked(values):
        """All heights different, so that no two pixels are equally low."""
        return values.ravel().argsort().argsort().reshape(values.shape) / 10

    def marked(shape, places, numbers=None):
        markers = np.zeros(shape, int)
        for number, place in zip(numbers or range(1, 99), places, strict=False):
            markers[tuple(place)] = number
        return markers

    centre, angle = rng.uniform(7.5, 8.5, 2), rng.uniform(0, 1.5)
    other = np.add(centre, (3, 10.5))
    two = ellipse((20, 30), centre, (7, 5.5), angle) | ellipse((20, 30), other, (6, 6.5), angle)
    heights = ranked(rng.uniform(0, 0.6, two.shape) - distance(two))
    places = [np.rint(centre).astype(int), np.rint(other).astype(int)]
    yield "two that touch", dict(heights=heights, markers=marked(two.shape, places), mask=two)

    path = np.ones((1, 20), bool)
    path[0, rng.integers(15, 18)] = False
    markers = marked(path.shape, [(0, rng.integers(0, 4)), (0, rng.integers(11, 14))], [2, 1])
    yield "flat ground, one row", dict(heights=np.zeros(path.shape), markers=markers, mask=path)

    room = np.ones((11, 16), bool)
    room[: rng.integers(7, 10), 6] = room[rng.integers(1, 4) :, 10] = False
    markers = marked(room.shape, [(rng.integers(1, 4), 0), (rng.integers(6, 10), 14)], [2, 1])
    yield "a flat room with walls", dict(heights=np.ones(room.shape), markers=markers, mask=room)

    rough = ranked(smooth(rng.random((15, 20)), 1.3))
    places = np.add(rng.integers((1, 1), (5, 6), (4, 2)), [(0, 0), (9, 1), (1, 13), (8, 12)])
    places[0, 0] = 0
    everywhere = np.ones(rough.shape, bool)
    yield (
        "rough ground, four colours",
        dict(heights=rough, markers=marked(rough.shape, places), mask=everywhere),
    )

    lake = ellipse((14, 19), rng.uniform((6, 8), (7, 10)), (4.5, 7.5), 0)
    heights = np.where(lake, 0, 1 + ranked(rng.random(lake.shape)))
    shore = np.argwhere(lake)
    ends = shore[shore[:, 1].argmin()], shore[shore[:, 1].argmax()]
    yield (
        "a lake among hills",
        dict(heights=heights, markers=marked(lake.shape, ends, [2, 1]), mask=lake | (heights > 5)),
    )

    island = ndimage.binary_opening(rng.random((12, 16)) < 0.85, np.ones((2, 2)))
    places = [(0, 2), (9, 13), (rng.integers(5, 7), rng.integers(6, 9))]
    island[tuple(np.transpose(places))] = True
    island[:, 4] &= rng.random(12) < 0.6
    heights = ranked(rng.random(island.shape) + np.abs(np.arange(16) - 8) / 8)
    yield (
        "hills with holes",
        dict(heights=heights, markers=marked(island.shape, places), mask=island),
    )


# %% tags=["mistake"] task="watershed" says="Of equally low pixels you take whichever comes first in the picture, so on flat ground one colour takes all. Put a growing number, the age, right behind the height: `(height, age, r, c)`."
def age_forgotten(heights, markers, mask):
    place = np.arange(heights.size).reshape(heights.shape)
    return watershed(heights + 1e-7 * place, markers, mask)


# %% tags=["mistake"] task="watershed" says="Of equally low pixels yours takes the one with the smallest colour number, so on flat ground colour 1 takes all. Second in the queue's entry comes the age, a number that grows with every push."
def colour_for_age(heights, markers, mask):
    labels, heap = np.where(mask, markers, 0), []
    for r, c in np.argwhere(labels):
        heapq.heappush(heap, (heights[r, c], labels[r, c], r, c))
    while heap:
        _, _, r, c = heapq.heappop(heap)
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            inside = 0 <= i < labels.shape[0] and 0 <= j < labels.shape[1]
            if inside and mask[i, j] and labels[i, j] == 0:
                labels[i, j] = labels[r, c]
                heapq.heappush(heap, (heights[i, j], labels[i, j], i, j))
    return labels


# %% tags=["mistake"] task="watershed" says="Your water leaves the picture at the top or left and comes in at the far side: index -1 is the *last* row or column. Ask `0 <= i` and `0 <= j` as well."
def in_at_the_far_side(heights, markers, mask):
    labels, heap = np.where(mask, markers, 0), []
    for r, c in np.argwhere(labels):
        heapq.heappush(heap, (heights[r, c], len(heap), r, c))
    age = len(heap)
    while heap:
        _, _, r, c = heapq.heappop(heap)
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            inside = i < labels.shape[0] and j < labels.shape[1]
            if inside and mask[i, j] and labels[i, j] == 0:
                labels[i, j], age = labels[r, c], age + 1
                heapq.heappush(heap, (heights[i, j], age, i, j))
    return labels


# %% tags=["mistake"] task="watershed" says="Your water rises from the top down: the highest pixels go first. The smallest comes out of a heap first, so put the heights in as they are."
def highest_first(heights, markers, mask):
    return watershed(-heights, markers, mask)


# %% tags=["mistake"] task="watershed" says="Heights play no part: your colours spread evenly and meet half-way between the markers. Put each pixel into the queue with its height first."
def heights_ignored(heights, markers, mask):
    return watershed(np.zeros(heights.shape), markers, mask)


# %% tags=["mistake"] task="watershed" says="Your water leaves the mask. Ask `mask[i, j]` of every neighbour before you colour it."
def mask_ignored(heights, markers, mask):
    return watershed(heights, markers, np.ones(mask.shape, bool))


# %% tags=["mistake"] task="watershed" says="The water flows over the whole picture, and you cut the mask out at the end. Then it takes short cuts outside of the mask: ask `mask[i, j]` on the way."
def mask_at_the_end(heights, markers, mask):
    return np.where(mask, watershed(heights, markers, np.ones(mask.shape, bool)), 0)


# %% tags=["mistake"] task="watershed" says="A neighbour goes into the queue with the height of the pixel it was reached from. It has a height of its own: `heights[i, j]`."
def height_of_the_other(heights, markers, mask):
    labels, heap = np.where(mask, markers, 0), []
    for r, c in np.argwhere(labels):
        heapq.heappush(heap, (heights[r, c], len(heap), r, c))
    age = len(heap)
    while heap:
        h, _, r, c = heapq.heappop(heap)
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            inside = 0 <= i < labels.shape[0] and 0 <= j < labels.shape[1]
            if inside and mask[i, j] and labels[i, j] == 0:
                labels[i, j], age = labels[r, c], age + 1
                heapq.heappush(heap, (h, age, i, j))
    return labels


# %% tags=["mistake"] task="watershed" says="Your water flows over corners: it has eight neighbours, four are asked for."
def over_corners(heights, markers, mask):
    labels, heap = np.where(mask, markers, 0), []
    for r, c in np.argwhere(labels):
        heapq.heappush(heap, (heights[r, c], len(heap), r, c))
    age = len(heap)
    while heap:
        _, _, r, c = heapq.heappop(heap)
        for i in range(max(r - 1, 0), min(r + 2, labels.shape[0])):
            for j in range(max(c - 1, 0), min(c + 2, labels.shape[1])):
                if mask[i, j] and labels[i, j] == 0:
                    labels[i, j], age = labels[r, c], age + 1
                    heapq.heappush(heap, (heights[i, j], age, i, j))
    return labels


# %% tags=["mistake"] task="watershed" says="A pixel that has a colour already is painted over by whoever comes later. The first one keeps it: colour a neighbour only where `labels[i, j] == 0`."
def last_one_wins(heights, markers, mask):
    labels, heap, done = np.where(mask, markers, 0), [], ~mask
    for r, c in np.argwhere(labels):
        heapq.heappush(heap, (heights[r, c], len(heap), r, c))
    age = len(heap)
    while heap:
        _, _, r, c = heapq.heappop(heap)
        done[r, c] = True
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            inside = 0 <= i < labels.shape[0] and 0 <= j < labels.shape[1]
            if inside and not done[i, j]:
                new, labels[i, j] = labels[i, j] == 0, labels[r, c]
                if new:
                    age += 1
                    heapq.heappush(heap, (heights[i, j], age, i, j))
    return labels


# %% tags=["mistake"] task="watershed" says="A neighbour lies beyond the edge of the picture. Ask `0 <= i < H and 0 <= j < W` first, before you look at `mask[i, j]`."
def beyond_the_edge(heights, markers, mask):
    labels, heap = np.where(mask, markers, 0), []
    for r, c in np.argwhere(labels):
        heapq.heappush(heap, (heights[r, c], len(heap), r, c))
    age = len(heap)
    while heap:
        _, _, r, c = heapq.heappop(heap)
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if mask[i, j] and labels[i, j] == 0:
                labels[i, j], age = labels[r, c], age + 1
                heapq.heappush(heap, (heights[i, j], age, i, j))
    return labels


# %% [markdown]
# **See it.** First the row from above, with its two markers. The lower ridge gives way first: were
# you right?

# %%
flood = ex.use("watershed")
markers = np.array([[0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0]])
print(row[0].astype(int))
print(flood(row, markers, row > -1)[0])

# %% [markdown]
# And the nuclei: distances upside down, the tops as markers, the mask as the shore. Two equal tops
# on one hill would be two markers. So the map is blurred a little first, and `components` makes a
# single marker of tops that are neighbours.

# %%
smoothed = smooth(hills)
markers = components(peaks_of(smoothed, 3, 2))
labels = flood(-smoothed, markers, mask)
images.show(
    segmentation.paint(components(mask)),
    segmentation.paint(labels),
    titles=[f"{components(mask).max()} parts", f"{labels.max()} colours"],
    columns=2,
    alt="Left, each connected blot in one colour, large clumps among them. Right, the same blots "
    f"parted along their narrow places into {labels.max()} ovals, neighbours in different colours.",
)

# %% [markdown]
# ## 5 · Object by object
#
# Dice could not tell those two pictures apart. A biologist counts *cells*, so let us score cells.
#
# A found object and a true one **match** if their IoU is more than one half. Then more than half of
# each lies in the other, and so none can match twice: no arguing about who belongs to whom. Of `n`
# found and `m` true objects, count the matches:
#
# $$F_1 = \frac{2 \cdot \text{matches}}{n + m}$$
#
# **Predict.** One large blot covers two nuclei of equal size, exactly. How many matches?

# %%
ex.target("object_f1")


# %% tags=["task"] task="object_f1" points=3 minutes=9 level=3 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "sklearn", "torch", "imgkit.metrics"]
def object_f1(labels, truth):
    """Score a segmentation object by object.

    Parameters
    ----------
    labels, truth : arrays (H, W) of whole numbers, the found and the true objects: 0 is the
        background, the objects are 1, 2, … without gaps. Which number an object has means nothing.

    Returns
    -------
    A tuple of two numbers, (matches, f1). A found and a true object match if the IoU of their
    pixels is more than 0.5; one half is not enough. f1 is 2 * matches / (n + m), for n found and m
    true objects; if there are none at all it is 1.

    Example
    -------
    For labels [[1, 1, 1, 0]] and truth [[2, 2, 0, 1]] the answer is (1, 0.6667): found object 1
    and true object 2 have an IoU of 2/3, and true object 1 is missed.
    """
    # BEGIN SOLUTION
    n, m = labels.max(), truth.max()
    shared = np.zeros((n + 1, m + 1))
    np.add.at(shared, (labels, truth), 1)  # pixels that have this number here and that one there
    sizes, true_sizes = shared.sum(axis=1), shared.sum(axis=0)
    union = sizes[1:, None] + true_sizes[None, 1:] - shared[1:, 1:]
    matches = np.sum(shared[1:, 1:] / union > 0.5)
    return matches, 2 * matches / (n + m) if n + m else 1.0
    # END SOLUTION


# %% tags=["check"]
ex.check(object_f1)

# %% [markdown] tags=["hint"] task="object_f1"
# `labels == i` is the mask of one object. Take each found object with each true one, and work out
# the IoU as in task 1. Number 0 is no object. `labels.max()` tells how many there are.

# %% [markdown] tags=["hint"] task="object_f1"
# Two loops, `for i in range(1, n + 1)` and likewise for the truth, and count the pairs whose IoU is
# above one half. At the end ask whether `n + m` is 0 before you divide.

# %% [markdown] tags=["hint"] task="object_f1"
# ```
# n, m = labels.max(), truth.max()
# matches = 0
# for i in range(1, n + 1):
#     for j in range(1, m + 1):
#         one, other = labels == i, truth == j
#         iou = np.sum(one & other) / ...
#         matches += iou > 0.5
# return matches, ... if n + m else 1.0
# ```
#
# Without loops: `np.add.at(shared, (labels, truth), 1)` counts the shared pixels of all pairs at
# once, in a table of n + 1 rows and m + 1 columns.


# %% tags=["cases"] task="object_f1"
def object_f1_cases(rng):
    def renumbered(labels):
        """The same objects, without gaps, under other numbers."""
        kept = np.setdiff1d(labels, [0])
        table = np.zeros(labels.max() + 1, int)
        table[kept] = 1 + rng.permutation(len(kept))
        return table[labels]

    def worsened(truth, *, halves):
        """Of one a speck is left, two are merged, one is eaten away, one is invented; on request
        one is cut in halves."""
        found = truth.copy()
        speck, one, other, eaten, cut = 1 + rng.permutation(truth.max())[:5]
        found[tuple(np.argwhere(truth == speck)[1:].T)] = 0
        found[found == other] = one
        body = np.argwhere(truth == eaten)
        found[tuple(body[: int(0.6 * len(body))].T)] = 0
        if halves:
            body = np.argwhere(truth == cut)
            found[tuple(body[: len(body) // 2].T)] = truth.max() + 1
        found[:4, :5] = truth.max() + 2
        return dict(labels=renumbered(found), truth=truth)

    def grid(rows, columns, height, width):
        """Objects of an even number of pixels, in rows; the first row of the picture is free."""
        block = np.zeros((height + 2, width + 2), int)
        block[1:-1, 1:-1] = 1
        whole = np.tile(block, (rows, columns))
        numbers = 1 + np.arange(rows * columns).reshape(rows, columns)
        return np.pad(whole * np.kron(numbers, np.ones_like(block)), ((5, 0), (0, 0)))

    cells = np.pad(nuclei(rng, (40, 60), 7)[1], ((5, 0), (0, 0)))
    yield "nuclei, well and badly found", worsened(cells, halves=False)
    yield "blocks, one of them halved", worsened(grid(2, 3, 4, 6), halves=True)
    yield "more blocks", worsened(grid(3, 3, 6, 4), halves=True)
    yield "seven blocks in a row", worsened(grid(1, 7, 6, 3), halves=True)
    yield (
        "all found, other numbers",
        dict(labels=renumbered(grid(2, 2, 5, 5)), truth=grid(2, 2, 5, 5)),
    )
    yield (
        "nothing there, nothing found",
        dict(labels=np.zeros((9, 12), int), truth=np.zeros((9, 12), int)),
    )


# %% tags=["mistake"] task="object_f1" says="One half is enough in yours. Then both halves of an object that was cut in two match it, and it is found twice: `> 0.5`."
def one_half_is_enough(labels, truth):
    n, m, matches = labels.max(), truth.max(), 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            one, other = labels == i, truth == j
            matches += int(np.sum(one & other) / np.sum(one | other) >= 0.5)
    return matches, 2 * matches / (n + m) if n + m else 1.0


# %% tags=["mistake"] task="object_f1" says="You match by Dice, 2·|A∩B| / (|A| + |B|). It takes the IoU, and a Dice of one half is an IoU of only a third."
def dice_for_iou(labels, truth):
    n, m, matches = labels.max(), truth.max(), 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            matches += int(dice_and_iou(labels == i, truth == j)[0] > 0.5)
    return matches, 2 * matches / (n + m) if n + m else 1.0


# %% tags=["mistake"] task="object_f1" says="Any overlap counts as a match in yours. Two that touch by a pixel are not the same object: the IoU has to be more than 0.5."
def any_overlap(labels, truth):
    n, m, matches = labels.max(), truth.max(), 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            matches += int(np.any((labels == i) & (truth == j)))
    return matches, 2 * matches / (n + m) if n + m else 1.0


# %% tags=["mistake"] task="object_f1" says="You divide by the true object alone. Then one blot that swallows three nuclei matches all of them: divide by the union."
def share_of_the_truth(labels, truth):
    n, m, matches = labels.max(), truth.max(), 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            other = truth == j
            matches += int(np.sum(other & (labels == i)) / np.sum(other) > 0.5)
    return matches, 2 * matches / (n + m) if n + m else 1.0


# %% tags=["mistake"] task="object_f1" says="You compare number 1 with number 1, 2 with 2 and so on. Numbers are only names: compare each found object with *each* true one."
def same_number(labels, truth):
    n, m, matches = labels.max(), truth.max(), 0
    for i in range(1, min(n, m) + 1):
        matches += int(dice_and_iou(labels == i, truth == i)[1] > 0.5)
    return matches, 2 * matches / (n + m) if n + m else 1.0


# %% tags=["mistake"] task="object_f1" says="The background matches too, in yours. Number 0 is no object: begin at 1."
def background_matches(labels, truth):
    matches, _ = object_f1(labels, truth)
    n, m, matches = labels.max() + 1, truth.max() + 1, matches + 1
    return matches, 2 * matches / (n + m)


# %% tags=["mistake"] task="object_f1" says="You only compare how many there are. As many found as true may still be all in the wrong places."
def counts_compared(labels, truth):
    n, m = labels.max(), truth.max()
    return min(n, m), 2 * min(n, m) / (n + m) if n + m else 1.0


# %% tags=["mistake"] task="object_f1" says="The 2 of F1 is missing: a match takes one of the found *and* one of the true."
def two_forgotten(labels, truth):
    matches, f1 = object_f1(labels, truth)
    return (matches, f1 / 2) if labels.max() + truth.max() else (0, 1.0)


# %% tags=["mistake"] task="object_f1" says="You divide the matches by all objects, found or missed or invented. That is another score, used at the Data Science Bowl; F1 is 2 · matches / (n + m)."
def matches_of_all(labels, truth):
    matches, _ = object_f1(labels, truth)
    total = labels.max() + truth.max() - matches
    return matches, matches / total if total else 1.0


# %% [markdown]
# **See it.** The same two pictures, judged by pixels and by objects.

# %%
score = ex.use("object_f1")
for name, found in (("threshold", components(mask)), ("watershed", labels)):
    dice, (matches, f1) = overlap(found > 0, truth > 0)[0], score(found, truth)
    print(f"{name}: Dice {dice:.3f}, {matches:2} of {truth.max()} found, object F1 {f1:.3f}")

# %% [markdown]
# The pixels are the same to the last one, and so is Dice. As objects they are worlds apart. **Choose
# the measure that sees what you care about.**
#
# Two loops are fine, and look through the whole picture once for each pair, n · m times. A table of
# n + 1 rows and m + 1 columns, in which each pixel adds 1 where its two numbers cross, takes one
# look: `np.add.at(table, (labels, truth), 1)`.
#
# ## 6 · Measure
#
# Now each object becomes a row in a table. The **area** is a count, the **centroid** a mean. For
# the shape take the spread of the pixels: the variance of their rows, that of their columns, and the
# covariance between them, in one small matrix
#
# $$S = \begin{pmatrix} \operatorname{var}(r) & \operatorname{cov}(r, c) \\
# \operatorname{cov}(r, c) & \operatorname{var}(c) \end{pmatrix}$$
#
# Its two eigenvalues are the variances along the object's own long and short direction, however it
# is turned. In a filled ellipse the variance along an axis is the square of a *quarter* of its
# length. So the full length of an axis is $4\sqrt{\lambda}$.
#
# A pixel is no unit. With a microscope comes the size of a pixel, here in micrometres, µm.
#
# **Predict.** The pixels are half as large as you thought. By how much do area and axes change?

# %%
ex.target("measure")


# %% tags=["task"] task="measure" points=3 minutes=9 level=2 compare="close(rtol=1e-4, atol=1e-5)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation"]
def measure(labels, pixel_size):
    """Measure each object.

    Parameters
    ----------
    labels : array (H, W) of whole numbers; 0 is the background, the objects are 1, 2, … N without
        gaps. Each has at least five pixels, and they do not lie in one line.
    pixel_size : the side of a pixel in µm

    Returns
    -------
    A dict of three arrays that have a row for each object, object 1 first:

    - "area": (N,), in µm²
    - "centroid": (N, 2), the mean row and the mean column, in pixels
    - "axes": (N, 2), the long and the short axis in µm: 4 * pixel_size times the roots of the
      eigenvalues of S, where variances and the covariance are means over the pixels (divided by
      their number, ddof=0). `np.cov` and `np.linalg.eigvalsh` are welcome.

    Example
    -------
    A block of 2 × 4 pixels, its corner at row 0, column 0, and a pixel_size of 0.5: area 2.0,
    centroid (0.5, 1.5), axes (2.236, 1.0).
    """
    # BEGIN SOLUTION
    area, centroid, axes = [], [], []
    for number in range(1, labels.max() + 1):
        places = np.argwhere(labels == number)
        spread = np.cov(places.T, ddof=0)
        area.append(len(places) * pixel_size**2)
        centroid.append(places.mean(axis=0))
        axes.append(4 * pixel_size * np.sqrt(np.linalg.eigvalsh(spread)[::-1]))
    return {"area": np.array(area), "centroid": np.array(centroid), "axes": np.array(axes)}
    # END SOLUTION


# %% tags=["check"]
ex.check(measure)

# %% [markdown] tags=["hint"] task="measure"
# Take one object first: `places = np.argwhere(labels == number)` is a list of its pixels, a row and
# a column each. Its length is the area in pixels, its mean over `axis=0` the centroid. One pixel
# covers `pixel_size ** 2`.

# %% [markdown] tags=["hint"] task="measure"
# `np.cov(places.T, ddof=0)` is the matrix S. `np.linalg.eigvalsh` gives its eigenvalues, *the
# smallest first*; turn them round with `[::-1]`. By hand they are (a + b) / 2 ± the root of
# ((a − b) / 2)² + c², for the variances a and b and the covariance c.

# %% [markdown] tags=["hint"] task="measure"
# ```
# area, centroid, axes = [], [], []
# for number in range(1, labels.max() + 1):
#     places = np.argwhere(labels == number)
#     S = np.cov(places.T, ddof=0)
#     area.append(len(places) * ...)
#     centroid.append(...)
#     axes.append(4 * pixel_size * np.sqrt(...))
# return {"area": np.array(area), "centroid": np.array(centroid), "axes": np.array(axes)}
# ```


# %% tags=["cases"] task="measure"
def measure_cases(rng):
    def turned(shape, *objects):
        labels = np.zeros(shape, int)
        for number, (centre, semi_axes, angle) in enumerate(objects, 1):
            labels[ellipse(shape, centre, semi_axes, angle)] = number
        return labels

    def scattered(sizes):
        return float(rng.choice(sizes))

    one = rng.uniform(9, 11, 2), (8.5, rng.uniform(3, 4.5)), rng.uniform(0.5, 1.0)
    two = rng.uniform((10, 28), (12, 30)), (7.5, rng.uniform(4, 5.5)), rng.uniform(2.2, 2.6)
    yield "two turned ovals", dict(labels=turned((22, 40), one, two), pixel_size=0.5)
    labels = nuclei(rng, (44, 56), 6)[1]
    yield "nuclei", dict(labels=labels, pixel_size=scattered([0.2, 0.25, 0.4]))
    alone = rng.uniform((8, 12), (9, 13)), (11, rng.uniform(2.5, 3.5)), rng.uniform(0.9, 1.2)
    yield "one long object", dict(labels=turned((18, 26), alone), pixel_size=3.0)
    tall = (7, 6), (6, 3.2), rng.uniform(0.3, 0.6)
    small = rng.uniform((6, 17), (8, 19)), (2.6, 4.6), rng.uniform(0.3, 0.6)
    yield "a large and a small one", dict(labels=turned((15, 24), small, tall), pixel_size=1.5)
    labels = np.zeros((11, 20), int)
    labels[1:5, 2 : rng.integers(10, 14)] = 2
    labels[4:10, rng.integers(14, 17) : 19] = 1
    labels[7:9, 1 : rng.integers(6, 9)] = 3
    yield "three blocks", dict(labels=labels, pixel_size=scattered([0.6, 0.8]))


# %% tags=["mistake"] task="measure" says="The areas are in µm, not in µm². A pixel is `pixel_size` high and as wide, so it covers `pixel_size ** 2`."
def pixel_size_not_squared(labels, pixel_size):
    m = measure(labels, pixel_size)
    return m | {"area": m["area"] / pixel_size}


# %% tags=["mistake"] task="measure" says="Everything is in pixels. Multiply lengths by `pixel_size`, areas by its square."
def all_in_pixels(labels, pixel_size):
    return measure(labels, 1.0)


# %% tags=["mistake"] task="measure" says="The axes are still in pixels: multiply them by `pixel_size`."
def axes_in_pixels(labels, pixel_size):
    return measure(labels, pixel_size) | {"axes": measure(labels, 1.0)["axes"]}


# %% tags=["mistake"] task="measure" says="The centroid is asked for in *pixels*: it is a place in the picture, so that one can point at it."
def centroid_in_micrometres(labels, pixel_size):
    m = measure(labels, pixel_size)
    return m | {"centroid": m["centroid"] * pixel_size}


# %% tags=["mistake"] task="measure" says="The background is measured too, as the first object. Number 0 is none: begin at 1."
def background_measured(labels, pixel_size):
    return measure(labels + 1, pixel_size)


# %% tags=["mistake"] task="measure" says="The short axis comes first in yours. `np.linalg.eigvalsh` gives the smallest first: turn them round, `[::-1]`."
def short_axis_first(labels, pixel_size):
    m = measure(labels, pixel_size)
    return m | {"axes": m["axes"][:, ::-1]}


# %% tags=["mistake"] task="measure" says="Your centroids are (column, row). Here rows come first, as everywhere."
def column_first(labels, pixel_size):
    m = measure(labels, pixel_size)
    return m | {"centroid": m["centroid"][:, ::-1]}


# %% tags=["mistake"] task="measure" says="`np.cov` divides by one less than the number of pixels unless you write `ddof=0`. These are all the pixels there are, no sample of them."
def one_less(labels, pixel_size):
    m = measure(labels, pixel_size)
    count = m["area"][:, None] / pixel_size**2
    return m | {"axes": m["axes"] * np.sqrt(count / (count - 1))}


# %% tags=["mistake"] task="measure" says="These are half the axes. The root of a variance is a quarter of the full length in an ellipse: 4, not 2."
def half_the_axes(labels, pixel_size):
    m = measure(labels, pixel_size)
    return m | {"axes": m["axes"] / 2}


# %% tags=["mistake"] task="measure" says="The root is missing: eigenvalues are variances, and a length is the root of one."
def root_forgotten(labels, pixel_size):
    m = measure(labels, pixel_size)
    return m | {"axes": m["axes"] ** 2 / (4 * pixel_size)}


# %% tags=["mistake"] task="measure" says="You take the spread along rows and columns, and leave the covariance out. A turned object has its axes elsewhere: they come from the eigenvalues of S."
def turn_ignored(labels, pixel_size):
    spreads = []
    for number in range(1, labels.max() + 1):
        spreads.append(np.sort(np.argwhere(labels == number).std(axis=0))[::-1])
    return measure(labels, pixel_size) | {"axes": 4 * pixel_size * np.array(spreads)}


# %% tags=["mistake"] task="measure" says="Your centroid is the middle of the box around the object. It is the *mean* of its pixels."
def middle_of_the_box(labels, pixel_size):
    middles = []
    for number in range(1, labels.max() + 1):
        places = np.argwhere(labels == number)
        middles.append((places.min(axis=0) + places.max(axis=0)) / 2)
    return measure(labels, pixel_size) | {"centroid": np.array(middles)}


# %% [markdown]
# **See it.** The nuclei of the picture, if a pixel is half a micrometre, from the smallest to the
# largest: once for the parts of the mask, once for the watershed.

# %%
table = ex.use("measure")
size = 0.5
before, after = (np.sort(table(found, size)["area"]) for found in (components(mask), labels))
images.plot_rows(
    before,
    after,
    labels=["parts of the mask", "after the watershed"],
    title="areas in µm², in order of size",
    alt=f"The parts of the mask: a short curve that shoots up to {before[-1]:.0f} µm². After the "
    f"watershed: a long, flat one, all between {after[0]:.0f} and {after[-1]:.0f} µm².",
)

# %%
first = table(labels, size)
print("nucleus   area/µm²   long/µm   short/µm")
for k in range(5):
    print(
        f"{k + 1:7} {first['area'][k]:10.1f} {first['axes'][k, 0]:9.1f} {first['axes'][k, 1]:10.1f}"
    )

# %% [markdown]
# A curve like the first is a warning that needs no truth: nuclei do not come in such sizes. Look at
# the areas before you trust a count.
#
# ## 7 · Count touching nuclei
#
# All together now. You get a picture you have not seen, and say where its nuclei are. The way is
# yours; `smooth`, `otsu`, `components` and all of `scipy.ndimage` are there, and so are your own
# functions. The steps of tasks 2 to 4 are one way. There the picture was blurred before the
# threshold, and the distances were blurred before their tops.
#
# **Predict.** What happens to the number of tops if you leave the first blur out? And the second?

# %%
ex.target("find_nuclei")


# %% tags=["task"] task="find_nuclei" points=4 minutes=10 level=3 compare="points(within=3, at_least=0.8)" forbid=["cv2", "skimage", "sklearn", "torch", "imgkit.segmentation", "imgkit.metrics"]
def find_nuclei(image):
    """Find the nuclei in a picture, also where they touch.

    Parameters
    ----------
    image : array (H, W), uint8: bright ovals on a dark ground, with grain, 11 to 15 pixels across

    Returns
    -------
    Array (N, 2) of numbers: the centroid of each nucleus, (row, column), in any order. A centroid
    counts if it lies within 3 pixels of the true one; the F1 of what you find has to be 0.8 at
    least. Of eight nuclei you may miss two and invent one. You may call your functions from above.
    """
    # BEGIN SOLUTION
    soft = smooth(image)
    mask = soft > otsu(soft)
    hills = smooth(ndimage.distance_transform_edt(mask))
    markers = components(find_peaks(hills, 3, 2))
    labels = watershed(-hills, markers, mask)
    return measure(labels, 1.0)["centroid"]
    # END SOLUTION


# %% tags=["check"]
ex.check(find_nuclei)

# %% [markdown] tags=["hint"] task="find_nuclei"
# You have all the parts: blur, threshold, distances, blur, tops, flood, measure. Put them into this
# order, one line each, and look at what each line gives with `images.show`.

# %% [markdown] tags=["hint"] task="find_nuclei"
# The grain would tear the mask, so blur first. The map of distances has small bumps, so blur it,
# too, and take tops with a reach of 3 and a floor of 2. `components` numbers the tops. The flood
# wants low places, so give it the *negative* of the map.

# %% [markdown] tags=["hint"] task="find_nuclei"
# ```
# soft = smooth(image)
# mask = soft > otsu(soft)
# hills = smooth(ndimage.distance_transform_edt(mask))
# markers = components(...)
# labels = watershed(...)
# return measure(labels, 1.0)["centroid"]
# ```


# %% tags=["cases"] task="find_nuclei"
def find_nuclei_cases(rng):
    for label in ("eight nuclei", "eight more", "another eight", "eight again", "the last eight"):
        image, truth = nuclei(rng, (64, 64), 8)
        yield label, dict(image=image), measure(truth, 1.0)["centroid"]


# %% tags=["mistake"] task="find_nuclei" says="Nuclei that touch are counted as one, and the centre of such a blot lies in none of them. Take them apart: the distances, their tops, the watershed."
def touching_as_one(image):
    soft = smooth(image)
    return measure(components(soft > otsu(soft)), 1.0)["centroid"]


# %% tags=["mistake"] task="find_nuclei" says="Your points are (column, row). Here rows come first, as everywhere."
def columns_first(image):
    return find_nuclei(image)[:, ::-1]


# %% tags=["mistake"] task="find_nuclei" says="Your tops are those of the *brightness*, and each bit of grain is one. What parts nuclei is their shape: take the tops of the distances."
def tops_of_the_brightness(image):
    soft = smooth(image)
    mask = soft > otsu(soft)
    labels = watershed(-soft.astype(float), components(find_peaks(soft, 1, otsu(soft))), mask)
    places = [np.argwhere(labels == k).mean(axis=0) for k in range(1, labels.max() + 1)]
    return np.array(places)


# %% tags=["mistake"] task="find_nuclei" says="The grain tears your mask to pieces, and the distances with it. Blur the picture before you take the threshold."
def grain_left_in(image):
    mask = image > otsu(image)
    hills = ndimage.distance_transform_edt(mask)
    peaks = components(find_peaks(hills, 1, 0))
    return np.array([np.argwhere(peaks == k).mean(axis=0) for k in range(1, peaks.max() + 1)])


# %% tags=["mistake"] task="find_nuclei" says="These are the labels, and well parted. Asked for are the centroids: `measure(labels, 1.0)` has them."
def labels_returned(image):
    soft = smooth(image)
    mask = soft > otsu(soft)
    hills = smooth(ndimage.distance_transform_edt(mask))
    return watershed(-hills, components(find_peaks(hills, 3, 2)), mask)


# %% tags=["mistake"] task="find_nuclei" says="You took the distances of the *background*: its tops lie between the nuclei. Is the mask the right way round?"
def between_the_nuclei(image):
    soft = smooth(image)
    hills = smooth(ndimage.distance_transform_edt(soft <= otsu(soft)))
    peaks = components(find_peaks(hills, 3, 2))
    return np.array([np.argwhere(peaks == k).mean(axis=0) for k in range(1, peaks.max() + 1)])


# %% [markdown]
# **See it.** The large picture, with and without the two blurs: how many tops there are, in the
# smallest window and in the larger one.

# %%
print(f"nuclei: {truth.max()}")
for first_blur in (False, True):
    shades = smooth(picture) if first_blur else picture
    far = fast(shades > otsu(shades))
    for second_blur in (False, True):
        land = smooth(far) if second_blur else far
        small, large = (components(peaks_of(land, *r)).max() for r in ((1, 0), (3, 2)))
        print(
            f"picture blurred: {first_blur!s:5}   distances blurred: {second_blur!s:5}   "
            f"reach 1: {small:3} tops   reach 3: {large:3}"
        )

# %% [markdown]
# Without the first blur the mask has holes, and each hole is a shore. With the second, the
# window hardly matters.
#
# ## Your nuclei
#
# The picture from the top of the page. Your centres are the markers of one last flood, and here is
# what comes of it.

# %%
centres = ex.use("find_nuclei")(picture)
markers = np.zeros(picture.shape, int)
markers[tuple(np.rint(centres).astype(int).T)] = 1 + np.arange(len(centres))
markers[~mask] = 0
flooded = flood(-smoothed, markers, mask)
final = segmentation.relabel(flooded)
matches, f1 = score(final, truth)
images.show(
    picture,
    segmentation.paint(final, picture),
    titles=["the picture", f"{len(centres)} nuclei, F1 {f1:.3f}"],
    columns=1,
    alt="The grainy ovals, and the same picture with each of them under a colour of its own, also "
    f"in the chains and clumps: {matches} of {truth.max()} nuclei found.",
)

# %% [markdown]
# Is that honest? The threshold, the reach and the floor were chosen on this very picture, and its
# nuclei were drawn to be ovals. On a real slide there are dim ones, dents, and dirt. So before you
# believe a count, let someone mark a few pictures that you have not looked at, and take object F1
# there.
#
# ## Graduation: against the library
#
# Your functions beside imgkit's own: its value, yours, and the largest difference anywhere. For the
# watershed it is the share of pixels on which the two agree; where heights are equal, each may have
# an order of its own.

# %%
exact = segmentation.watershed(-smoothed, markers, mask=mask)
print(f"watershed: {np.mean(flooded == exact):.2%} of the pixels agree")
theirs, mine = metrics.dice(mask, truth > 0), overlap(mask, truth > 0)[0]
print(f"Dice       {theirs:.4f} | {mine:.4f} | {abs(theirs - mine):.0e}")
theirs, mine = metrics.object_f1(final, truth), score(final, truth)[1]
print(f"object F1  {theirs:.4f} | {mine:.4f} | {abs(theirs - mine):.0e}")
theirs, mine = (
    segmentation.regions(final, pixel_size=size).major_axis,
    table(final, size)["axes"][:, 0],
)
print(f"long axis  {theirs[0]:.4f} | {mine[0]:.4f} | {np.abs(theirs - mine).max():.0e}")

# %% [markdown]
# And the clock.

# %%
library = seconds(lambda: segmentation.watershed(-smoothed, markers, mask=mask))
print(
    f"watershed: the library is {seconds(flood, -smoothed, markers, mask) / library:.0f} times as fast"
)
library = seconds(lambda: segmentation.regions(final))
print(f"measures:  {seconds(table, final, size) / library:.0f} times, and it measures far more")

# %% [markdown]
# ## What you can do now
#
# - Say how well a mask fits, by Dice and IoU, and what they cannot see.
# - Map the distance to the background, and find its tops without the small fry.
# - Flood from markers: always on at the lowest pixel, of equals the oldest.
# - Score objects by one-to-one matches, IoU above one half.
# - Turn each object into a row of a table, with units, and let the table warn you.
# - Take touching nuclei apart, in six lines that are all yours.

# %%
ex.progress()
