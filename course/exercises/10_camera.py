# ---
# jupyter:
#   imgkit:
#     title: Camera, stereo, motion, tracking
#     minutes: 60
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Camera, stereo, motion, tracking
#
# **About 60 minutes, seven tasks.** Before: exercise 02, and best the lesson of this name.
#
# A car that drives itself looks at pictures, and must know things that are in no picture: how far
# is that? Where will it be next? Here you write the answers by hand. At the end your code follows
# the cars of a drive, through false alarms, and while one of them cannot be seen at all.
#
# By the end you can
#
# - say where a pinhole camera sees a place of the world,
# - find how far things shift between two eyes, and turn that into metres,
# - say how wrong these metres are,
# - measure motion from the slopes of the brightness, and know where it cannot be measured,
# - predict and update what you believe, as a Kalman filter does,
# - pair what you see with what you expected, for all things at once,
# - and follow cars, also while they are hidden.
#
# Loops earn all points. Places are (row, column) and, in the world, (row, column, depth): metres
# down, to the right, and away from the camera. Stuck? `ex.hint("project")` gives a hint, and the
# next one when you ask again. Hints cost nothing.

# %% tags=["setup"]
from itertools import permutations

import numpy as np

from imgkit import data

pair = data.load("stereo_motorcycle")  # two photographs by two cameras side by side, and the truth
FOCAL, BASELINE, OFFSET = 994.978, 0.193001, 31.086  # pixels, metres, pixels: from its makers


def shrunk(image, times=4):
    """Grey, and each block of `times` by `times` pixels made one, their mean: uint8."""
    grey = image.mean(axis=2)[: image.shape[0] // times * times, : image.shape[1] // times * times]
    blocks = grey.reshape(grey.shape[0] // times, times, -1, times)
    return np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)


# %% [markdown]
# The model of a thing that moves on at its velocity: its state is (row, column, row velocity,
# column velocity). You will meet these matrices in task 5.

# %% tags=["setup"]
F = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]], float)  # places move on
H = np.eye(2, 4)  # what is seen of the state: the places
R = np.eye(2)  # variance of what is seen: about one pixel
Q = 0.05 * np.array([[0.25, 0, 0.5, 0], [0, 0.25, 0, 0.5], [0.5, 0, 1, 0], [0, 0.5, 0, 1]])


def begin(start):
    """The belief after a first look: the place seen, velocity about 0, give or take 3."""
    return np.array([start[0], start[1], 0, 0], float), np.diag([1.0, 1.0, 9.0, 9.0])


# %%
from imgkit import course, geometry, images

ex = course.exercise("10_camera")
ex

# %%
left, right = shrunk(pair.left), shrunk(pair.right)
images.show(
    left,
    right,
    titles=["left eye", "right eye"],
    alt="Two small grey photographs of a motorcycle in a workshop. In the right one everything "
    "stands farther to the left, the motorcycle more so than the shelves behind it.",
)

# %% [markdown]
# Look at the front wheel and at the shelves, in one picture and then in the other. What shifts more?
#
# ## 1 · Where is it seen?
#
# Light goes straight. Through the pinhole of a camera it falls on the picture, and similar triangles
# tell where. A place that lies `r` metres down, `c` metres to the right and `z` metres away is seen at
#
# $$\text{row} = f\,\frac{r}{z} + \text{row}_0 \qquad \text{column} = f\,\frac{c}{z} + \text{column}_0$$
#
# The **focal length** $f$ is in pixels, and (row₀, column₀), the **principal point**, is what lies
# straight ahead.
#
# **Predict.** A thing goes twice as far away. How does its size in the picture change?

# %%
ex.target("project")


# %% tags=["task"] task="project" points=2 minutes=6 level=1 compare="close(rtol=1e-5, atol=1e-4)" forbid=["cv2", "scipy", "skimage", "imgkit.geometry"] shows="numbers"
def project(places, focal, centre):
    """Say where a pinhole camera sees places of the world.

    Parameters
    ----------
    places : array (N, 3) of floats: rows down, columns to the right, depth away, in metres
    focal : number, the focal length in pixels
    centre : array (2,), the principal point, (row, column)

    Returns
    -------
    Array (N, 2) of floats, (row, column) in pixels. Places may be seen outside of the picture.
    Where the depth is 0 or less, the place is not before the camera: (nan, nan).

    Example
    -------
    For places [[0, 0, 5], [1, -1, 2], [1, 1, -3]], focal 100 and centre [50, 80] the answer is
    [[50, 80], [100, 30], [nan, nan]].
    """
    # BEGIN SOLUTION
    places = np.asarray(places, float)
    depth = np.where(places[:, 2] > 0, places[:, 2], np.nan)
    return focal * places[:, :2] / depth[:, None] + np.asarray(centre)
    # END SOLUTION


# %% tags=["check"]
ex.check(project)

# %% [markdown] tags=["hint"] task="project"
# Row and column are treated alike: divide by the depth, times the focal length, plus the centre.
# Begin with places that all lie in front.

# %% [markdown] tags=["hint"] task="project"
# `places[:, :2]` are the rows and columns, `places[:, 2]` the depths. To divide each row of two
# numbers by its own depth, make the depths a column: `places[:, 2:]`.

# %% [markdown] tags=["hint"] task="project"
# ```
# depth = places[:, 2:]
# depth = np.where(depth > 0, depth, np.nan)    # nan spreads by itself
# return focal * places[:, :2] / depth + ...
# ```


# %% tags=["cases"] task="project"
def project_cases(rng):
    def some(count, near=1.5):
        return np.column_stack([rng.uniform(-2, 2, (count, 2)), rng.uniform(near, 9, count)])

    places = np.array([(0.0, 0.0, 5.0), (1.0, -1.0, 2.0), (1.0, 1.0, -3.0)])
    places[:2] += np.round(rng.uniform(0, 1, (2, 3)), 1)
    yield (
        "two in front, one behind",
        dict(places=places, focal=100.0, centre=np.array([50.0, 80.0])),
    )
    box = np.array([(r, c, z) for z in (0.0, 1.0) for r in (0.0, 1.0) for c in (0.0, 1.0)])
    box += rng.uniform((-1, -1, 2), (0, 0, 4))
    yield (
        "a box",
        dict(places=box, focal=float(rng.integers(80, 150)), centre=np.array([60.0, 90.0])),
    )
    places = some(6)
    places[rng.integers(6), 2] = 0
    yield "one at the pinhole", dict(places=places, focal=250.0, centre=np.array([120.0, 160.0]))
    places = some(9)
    places[:4, 2] *= -1
    yield "a walk past you", dict(places=places, focal=300.0, centre=rng.uniform(50, 150, 2))
    yield "a single one", dict(places=some(1), focal=75.0, centre=rng.uniform(10, 50, 2))


# %% tags=["mistake"] task="project" says="Your points are (column, row). Here rows come first, as everywhere."
def column_first(places, focal, centre):
    return project(places, focal, centre)[:, ::-1]


# %% tags=["mistake"] task="project" says="You read the places as (right, down, away). Here rows come first: (down, right, away)."
def right_before_down(places, focal, centre):
    return project(np.asarray(places)[:, [1, 0, 2]], focal, centre)


# %% tags=["mistake"] task="project" says="The principal point is missing. What lies straight ahead is seen at `centre`, not at (0, 0)."
def centre_forgotten(places, focal, centre):
    return project(places, focal, (0, 0))


# %% tags=["mistake"] task="project" says="You divide by the distance from the pinhole. It is the *depth* that counts, how far ahead: a wall that faces the camera has one scale everywhere."
def by_the_distance(places, focal, centre):
    places = np.asarray(places, float)
    depth = np.where(places[:, 2] > 0, np.linalg.norm(places, axis=1), np.nan)
    return focal * places[:, :2] / depth[:, None] + np.asarray(centre)


# %% tags=["mistake"] task="project" says="The depth does not count in yours: far things are as large as near ones. Divide by it."
def depth_ignored(places, focal, centre):
    places = np.asarray(places, float)
    front = np.where(places[:, 2:] > 0, 1, np.nan)
    return focal * places[:, :2] * front + np.asarray(centre)


# %% tags=["mistake"] task="project" says="The centre is divided by the depth too. Divide first, and add the centre at the end."
def centre_divided(places, focal, centre):
    places = np.asarray(places, float)
    depth = np.where(places[:, 2:] > 0, places[:, 2:], np.nan)
    return (focal * places[:, :2] + np.asarray(centre)) / depth


# %% tags=["mistake"] task="project" says="What lies behind the camera is seen in yours, upside down. The formula does not know what is in front: give nan where the depth is 0 or less."
def behind_seen(places, focal, centre):
    places = np.asarray(places, float)
    with np.errstate(all="ignore"):
        return focal * places[:, :2] / places[:, 2:] + np.asarray(centre)


# %% tags=["mistake"] task="project" says="You leave out what is behind the camera. Keep one row for each place, with nan in it, so that the answer still says which place is which."
def behind_left_out(places, focal, centre):
    found = project(places, focal, centre)
    return found[~np.isnan(found[:, 0])]


# %% tags=["mistake"] task="project" says="What is not before the camera is seen at (0, 0) in yours, the top left corner. That is a place like any other; say nan."
def behind_is_zero(places, focal, centre):
    return np.nan_to_num(project(places, focal, centre))


# %% [markdown]
# **See it.** A cage of dots, one metre wide. On the left from far away through a long lens, on the
# right from near through a short one. The front is equally large in both. What is not?

# %%
seen = ex.use("project")
edge = np.linspace(-0.5, 0.5, 41)
ends = [(a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)]
cage = np.array([np.insert((a, b), k, t) for a, b in ends for t in edge for k in range(3)])
views = []
for away, focal in ((8.0, 960.0), (1.0, 120.0)):
    spots = np.rint(seen(cage + np.array([0.15, 0.2, away + 0.5]), focal, (100, 100))).astype(int)
    views.append(np.ones((220, 220)))
    views[-1][tuple(spots.clip(0, 219).T)] = 0
images.show(
    *views,
    titles=["far, long lens", "near, short lens"],
    alt="Two cages of dots. From far, the back is nearly as large as the front; from near it is "
    "much smaller, and the cage looks deep.",
)

# %% [markdown]
# Twice as far away is half as large, and a lens twice as long makes up for it. But the perspective is
# set by the *place* of the camera alone. And one picture does not tell a large thing far away from a
# small one near by. So use two.
#
# ## 2 · Two eyes: how far does it shift?
#
# Two cameras look the same way, one a little to the right of the other. What the left one sees at
# column `c`, the right one sees in the same row, `d` columns farther left: at `c - d`. This `d` is
# the **disparity**, and near things have a large one.
#
# To find it, lay a small window over the left picture, try every `d`, and keep the one at which the
# right picture differs least: the smallest **sum of squared differences**.
#
# **Predict.** Where will that go wrong: on a poster, on a white wall, on a fence?

# %%
ex.target("disparity")


# %% tags=["task"] task="disparity" points=4 minutes=12 level=3 compare="close(rtol=1e-5, atol=1e-5)" forbid=["cv2", "scipy", "skimage", "imgkit.geometry"]
def disparity(left, right, largest, reach):
    """Find for each pixel how far it shifts between two eyes, by matching blocks.

    Parameters
    ----------
    left, right : arrays (H, W), uint8
    largest : whole number, the largest disparity that is tried; 0 is the smallest
    reach : whole number from 0 on; the window has 2 * reach + 1 pixels a side

    Returns
    -------
    Array (H, W) of floats. At (r, c): the whole number d in 0..largest for which the sum, over the
    window, of the squared differences of left at (r, c) and right at (r, c - d) is smallest. Only
    those d are tried at which the window lies inside the right image. Of equal sums take the
    smallest d. Where the window does not lie inside the left image: nan.

    Example
    -------
    left [[1, 2, 9, 3, 4]], right [[9, 3, 4, 0, 0]], largest 2, reach 0 gives [[0, 0, 2, 2, 2]].
    """
    # BEGIN SOLUTION
    left, right = left.astype(float), right.astype(float)
    h, w = left.shape
    best, out = np.full((h, w), np.inf), np.full((h, w), np.nan)
    side, inside = 2 * reach + 1, slice(reach, h - reach)
    for d in range(min(largest, w - side) + 1):
        squares = np.pad((left[:, d:] - right[:, : w - d]) ** 2, ((1, 0), (1, 0)))
        total = squares.cumsum(axis=0).cumsum(axis=1)
        sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side]
        sums += total[:-side, :-side]
        columns = slice(d + reach, w - reach)
        better = sums < best[inside, columns]
        best[inside, columns][better] = sums[better]
        out[inside, columns][better] = d
    return out
    # END SOLUTION


# %% tags=["check"]
ex.check(disparity)

# %% [markdown] tags=["hint"] task="disparity"
# Write it for one pixel first. Cut the window out of `left`. For each `d`, cut the same window out
# of `right`, `d` columns farther left, subtract, square, sum. Keep the best `d`. Then put two loops
# around it. Beware: the images are uint8, and 3 - 5 is 254 there.

# %% [markdown] tags=["hint"] task="disparity"
# The window at (r, c) is `left[r - reach : r + reach + 1, c - reach : c + reach + 1]`. It lies
# inside for r from `reach` to `h - reach - 1`, if there are h rows. In the right image it begins at column
# `c - d - reach`, which must not be negative: so `d` goes up to `min(largest, c - reach)`.

# %% [markdown] tags=["hint"] task="disparity"
# ```
# left, right = left.astype(float), right.astype(float)
# out = np.full(left.shape, np.nan)
# h, w = left.shape
# for r in range(reach, h - reach):
#     for c in range(reach, w - reach):
#         rows = slice(r - reach, r + reach + 1)
#         mine = left[rows, c - reach : c + reach + 1]
#         sums = []
#         for d in range(min(largest, c - reach) + 1):
#             other = right[rows, ...]
#             sums.append(...)
#         out[r, c] = np.argmin(sums)      # of equals the first
# return out
# ```


# %% tags=["cases"] task="disparity"
def disparity_cases(rng):
    def two_eyes(shape, behind, before=None):
        """Random spots, a wall at one disparity, a box before it at another."""
        h, w = shape
        seen_right = rng.integers(0, 256, (h, w + 12)).astype(np.uint8)
        shift = np.full((h, w), behind)
        if before is not None:
            r, c = rng.integers(2, h // 3), rng.integers(before + 1, w // 2)
            shift[r : r + h // 2, c : c + w // 3] = before
        columns = (np.arange(w) - shift) % (w + 12)
        seen_left = np.take_along_axis(seen_right, columns, axis=1).astype(float)
        seen_left += rng.normal(0, 12, shape)
        return np.clip(seen_left, 0, 255).astype(np.uint8), seen_right[:, :w].copy()

    one, other = two_eyes((18, 26), 2, 6)
    yield "a box before a wall", dict(left=one, right=other, largest=8, reach=1)
    r, c = rng.integers(20, 90), rng.integers(40, 130)
    window = np.s_[r : r + 20, c : c + 30]
    one, other = shrunk(pair.left)[window], shrunk(pair.right)[window]
    yield "a crop of the motorcycle, 20×30", dict(left=one, right=other, largest=12, reach=2)
    one, other = two_eyes((9, 22), int(rng.integers(2, 5)))
    yield "single pixels, no window", dict(left=one, right=other, largest=6, reach=0)
    one, other = two_eyes((14, 20), 5)
    yield "nearer than is tried", dict(left=one, right=other, largest=3, reach=1)
    one, other = two_eyes((12, 21), 3, int(rng.integers(5, 8)))
    one[:, 10:], other[:, 6:] = 90, 90
    yield "half of it a white wall", dict(left=one, right=other, largest=7, reach=1)
    period = int(rng.integers(3, 5))
    bars = rng.permutation([20, 80, 150, 230])[:period] + rng.integers(0, 20, (11, 1))
    one, other = (bars[:, (np.arange(24) - shift) % period].astype(np.uint8) for shift in (1, 0))
    yield "a fence", dict(left=one, right=other, largest=9, reach=1)


# %% tags=["mistake"] task="disparity" says="You look to the right, at c + d. Seen from the right eye things stand farther *left*: at c - d."
def looks_to_the_right(left, right, largest, reach):
    return disparity(left[:, ::-1], right[:, ::-1], largest, reach)[:, ::-1]


# %% tags=["mistake"] task="disparity" says="The two eyes are exchanged: you ask of each pixel of the *right* image where the left one has it."
def right_in_left(left, right, largest, reach):
    return disparity(right[:, ::-1], left[:, ::-1], largest, reach)[:, ::-1]


# %% tags=["mistake"] task="disparity" says="uint8 wraps around: 3 - 5 is 254. Make both images float before you subtract."
def wraps_around(left, right, largest, reach):
    h, w = left.shape
    out = np.full((h, w), np.nan)
    for r in range(reach, h - reach):
        for c in range(reach, w - reach):
            rows = slice(r - reach, r + reach + 1)
            mine = left[rows, c - reach : c + reach + 1]
            sums = [
                np.sum((mine - right[rows, c - d - reach : c - d + reach + 1]) ** 2)
                for d in range(min(largest, c - reach) + 1)
            ]
            out[r, c] = np.argmin(sums)
    return out


# %% tags=["mistake"] task="disparity" says="You sum the absolute differences. That is a fine method too, but asked for are the *squared* ones."
def absolute_differences(left, right, largest, reach):
    one, other = left.astype(float), right.astype(float)
    h, w = left.shape
    out = np.full((h, w), np.nan)
    for r in range(reach, h - reach):
        for c in range(reach, w - reach):
            rows = slice(r - reach, r + reach + 1)
            mine = one[rows, c - reach : c + reach + 1]
            sums = [
                np.abs(mine - other[rows, c - d - reach : c - d + reach + 1]).sum()
                for d in range(min(largest, c - reach) + 1)
            ]
            out[r, c] = np.argmin(sums)
    return out


# %% tags=["mistake"] task="disparity" says="The largest disparity is never tried: `range(largest)` ends one before it."
def largest_left_out(left, right, largest, reach):
    return disparity(left, right, largest - 1, reach)


# %% tags=["mistake"] task="disparity" says="Where the window sticks out of the left image the answer is nan, not 0: unknown is not far away."
def zero_at_the_edge(left, right, largest, reach):
    return np.nan_to_num(disparity(left, right, largest, reach + (reach == 0)))


# %% tags=["mistake"] task="disparity" says="You keep the d of the *largest* sum, at which the windows differ most."
def worst_match(left, right, largest, reach):
    one, other = left.astype(float), right.astype(float)
    h, w = left.shape
    out = np.full((h, w), np.nan)
    for r in range(reach, h - reach):
        for c in range(reach, w - reach):
            rows = slice(r - reach, r + reach + 1)
            mine = one[rows, c - reach : c + reach + 1]
            sums = [
                ((mine - other[rows, c - d - reach : c - d + reach + 1]) ** 2).sum()
                for d in range(min(largest, c - reach) + 1)
            ]
            out[r, c] = np.argmax(sums)
    return out


# %% tags=["mistake"] task="disparity" says="Where several d fit equally well you keep the largest of them, perhaps by `<=`. Asked for is the smallest: `<`, or `argmin`."
def last_of_equals(left, right, largest, reach):
    one, other = left.astype(float), right.astype(float)
    h, w = left.shape
    out = np.full((h, w), np.nan)
    for r in range(reach, h - reach):
        for c in range(reach, w - reach):
            rows = slice(r - reach, r + reach + 1)
            mine = one[rows, c - reach : c + reach + 1]
            sums = [
                ((mine - other[rows, c - d - reach : c - d + reach + 1]) ** 2).sum()
                for d in range(min(largest, c - reach) + 1)
            ]
            out[r, c] = np.flatnonzero(sums == np.min(sums))[-1]
    return out


# %% tags=["mistake"] task="disparity" says="In the first columns you give nan, because not every d can be tried there. Try those for which the window still lies inside the right image."
def first_columns_left_out(left, right, largest, reach):
    out = disparity(left, right, largest, reach)
    out[:, : largest + reach] = np.nan
    return out


# %% tags=["mistake"] task="disparity" says="`np.roll` brings in at the left what left at the right, and you match with that, too. Try only those d at which the window lies inside the right image."
def rolled_around(left, right, largest, reach):
    one, other = left.astype(float), right.astype(float)
    size, inside = (2 * reach + 1,) * 2, tuple(slice(reach, n - reach) for n in left.shape)
    sums = []
    for d in range(largest + 1):
        squares = (one - np.roll(other, d, axis=1)) ** 2
        sums.append(np.lib.stride_tricks.sliding_window_view(squares, size).sum(axis=(2, 3)))
    out = np.full(left.shape, np.nan)
    out[inside] = np.argmin(sums, axis=0)
    return out


# %% [markdown]
# **See it.** The motorcycle, with two windows. Near is bright, magenta is unknown. The truth was
# measured with a projector, and is magenta too where even that could not see. (In plain loops this may
# take half a minute.)

# %%
matched = ex.use("disparity")
shift = pair.disparity[2::4, 2::4][: left.shape[0], : left.shape[1]] / 4  # the truth
small, large = (matched(left, right, 16, reach) for reach in (1, 3))
images.show(
    *[found / 16 for found in (small, large, shift)],
    titles=["3 by 3", "7 by 7", "the truth"],
    alt="Three maps of disparity. With small windows the motorcycle is bright under a storm of "
    "specks; with large ones it is smooth but swollen. In the truth it is crisp.",
)

# %%
for name, found in (("3 by 3", small), ("7 by 7", large)):
    known = ~np.isnan(found) & ~np.isnan(shift)
    bad = np.abs(found - shift)[known] > 1
    print(f"{name}: {np.mean(bad):.0%} of the pixels are off by more than a pixel")

# %% [markdown]
# A small window believes chance, a large one blurs over edges. Stereo has lived with this trade for
# fifty years. A poster is easy; on a white wall every `d` fits, and on a fence each bar looks like the
# next.
#
# ## 3 · How many metres, and how sure?
#
# Similar triangles once more. With the cameras a **baseline** $B$ apart, a thing at depth $z$ shifts by
# $d = fB/z$. So
#
# $$z = \frac{fB}{d}$$
#
# And if the disparity is off by one pixel, the depth is off by about $z^2 / (fB)$, the slope of that
# curve.
#
# **Predict.** At 10 metres the depth is off by 10 cm. By how much is it off at 40 metres?

# %%
ex.target("depth")


# %% tags=["task"] task="depth" points=2 minutes=6 level=1 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "imgkit.geometry"]
def depth(disparity, focal, baseline):
    """Turn disparity into metres, and say how far they are off for one pixel of error.

    Parameters
    ----------
    disparity : array (H, W) of floats, in pixels; nan where it is unknown
    focal : number, the focal length in pixels
    baseline : number, how far the cameras are apart, in metres

    Returns
    -------
    A tuple of two arrays (H, W) of floats, (depth, error): the depth z in metres, and
    z**2 / (focal * baseline), the metres by which it is off for a pixel of error. Both are nan
    where the disparity is unknown, 0 or negative: nothing can be said there.

    Example
    -------
    For disparity [[50, 25, 0]], focal 1000 and baseline 0.1 the depth is [[2, 4, nan]] and the
    error [[0.04, 0.16, nan]].
    """
    # BEGIN SOLUTION
    z = focal * baseline / np.where(disparity > 0, disparity, np.nan)
    return z, z**2 / (focal * baseline)
    # END SOLUTION


# %% tags=["check"]
ex.check(depth)

# %% [markdown] tags=["hint"] task="depth"
# Two formulas, and one question before them: where may you use them? A comparison with nan is
# False, so `disparity > 0` is True only where all is well.

# %% [markdown] tags=["hint"] task="depth"
# `np.where(disparity > 0, disparity, np.nan)` puts nan wherever nothing can be said. All that is
# computed from nan is nan again.

# %% [markdown] tags=["hint"] task="depth"
# ```
# d = np.where(disparity > 0, disparity, np.nan)
# z = ...
# error = z ** 2 / ...
# return z, error
# ```


# %% tags=["cases"] task="depth"
def depth_cases(rng):
    def spoilt(values):
        """With some that are unknown, 0 and negative."""
        flat = values.ravel()
        places = rng.permutation(flat.size)[: 3 * max(1, flat.size // 20)]
        flat[places] = np.resize([np.nan, 0.0, -2.5], places.size)
        return values

    r, c = rng.integers(100, 380), rng.integers(150, 550)
    crop = pair.disparity[r : r + 72 : 4, c : c + 96 : 4].astype(float)
    yield "a crop of the motorcycle", dict(disparity=spoilt(crop), focal=248.7, baseline=0.193)
    slope = np.tile(np.linspace(60, rng.uniform(4, 8), 30), (12, 1))
    yield "a floor that runs away", dict(disparity=spoilt(slope), focal=700.0, baseline=0.12)
    noise = rng.uniform(-3, 30, (9, 14))
    yield "noise, some of it negative", dict(disparity=noise, focal=1200.0, baseline=0.54)
    steps = np.repeat(np.arange(6.0), 4)[None].repeat(5, axis=0) * rng.integers(2, 5)
    yield "steps from 0", dict(disparity=steps, focal=500.0, baseline=0.3)


# %% tags=["mistake"] task="depth" says="Your depth grows with the disparity. It is the other way round: what shifts much is near. The disparity stands below the line."
def upside_down(disparity, focal, baseline):
    z = np.where(disparity > 0, disparity, np.nan) / (focal * baseline)
    return z, z**2 / (focal * baseline)


# %% tags=["mistake"] task="depth" says="Where the disparity is 0 you give infinity. A 0 may be the sky, or a failure; here the answer is nan, that is, not known."
def infinite(disparity, focal, baseline):
    with np.errstate(all="ignore"):
        z = focal * baseline / np.where(disparity >= 0, np.abs(disparity), np.nan)
    return z, z**2 / (focal * baseline)


# %% tags=["mistake"] task="depth" says="Some of your depths are negative, or infinite: you divide by whatever is there. A disparity of 0 or less says nothing; give nan."
def negative_depths(disparity, focal, baseline):
    with np.errstate(all="ignore"):
        z = focal * baseline / disparity
    return z, z**2 / (focal * baseline)


# %% tags=["mistake"] task="depth" says="A disparity of 0 you catch, one below 0 you do not: nothing stands behind the camera. Give nan for both."
def only_zero_caught(disparity, focal, baseline):
    z = focal * baseline / np.where(disparity == 0, np.nan, disparity)
    return z, z**2 / (focal * baseline)


# %% tags=["mistake"] task="depth" says="The depth is nan where nothing is known, the error is not. What is not known has no error either: compute it from the depth that has the nan."
def error_of_the_unknown(disparity, focal, baseline):
    with np.errstate(all="ignore"):
        error = (focal * baseline / disparity) ** 2 / (focal * baseline)
    return depth(disparity, focal, baseline)[0], error


# %% tags=["mistake"] task="depth" says="Unknown depths are 0 in yours, as if something stood right at the camera. Keep nan."
def unknown_is_zero(disparity, focal, baseline):
    return tuple(np.nan_to_num(part) for part in depth(disparity, focal, baseline))


# %% tags=["mistake"] task="depth" says="The baseline is missing in the depth: yours is in no unit. Cameras twice as far apart see twice the disparity."
def baseline_forgotten(disparity, focal, baseline):
    return depth(disparity, focal, 1.0)


# %% tags=["mistake"] task="depth" says="The error is not squared: it grows with the *square* of the depth. Twice as far, four times as wrong."
def error_not_squared(disparity, focal, baseline):
    z, _ = depth(disparity, focal, baseline)
    return z, z / (focal * baseline)


# %% tags=["mistake"] task="depth" says="Only the depth comes back. Asked for are two arrays: `return z, error`."
def error_forgotten(disparity, focal, baseline):
    return depth(disparity, focal, baseline)[0]


# %% tags=["mistake"] task="depth" says="Both are right, in the wrong order: first the depth, then the error."
def error_first(disparity, focal, baseline):
    return depth(disparity, focal, baseline)[::-1]


# %% [markdown]
# **See it.** The truth of the motorcycle in metres. Its two pictures were cut at different columns;
# so a constant, `OFFSET`, is added to each disparity first.

# %%
metres = ex.use("depth")
far, slip = metres(pair.disparity[::3, ::3].astype(float) + OFFSET, FOCAL, BASELINE)
images.show(
    far,
    limits=(0, 5.5),
    alt=f"The motorcycle as a map of depth, near is dark: from {np.nanmin(far):.1f} m, the front of "
    f"the motorcycle, to {np.nanmax(far):.1f} m, the shelves. Rims that only one eye sees are unknown.",
)

# %%
print("depth    off by, for one pixel")
for metre in (2, 4, 8, 16, 32, 64):
    off = metres(np.array([[FOCAL * BASELINE / metre]]), FOCAL, BASELINE)[1].item()
    print(f"{metre:3} m    {off:6.2f} m")

# %% [markdown]
# Two eyes at the distance of a hand see a room, but no road. Cars set their cameras farther apart,
# and measure parts of a pixel.
#
# ## 4 · Motion, from slopes
#
# Now one camera, and two frames. A thing moves by a small $d$, and keeps its brightness. Where the
# picture rises along the motion, the pixel then gets darker, and the steeper, the more so:
#
# $$g_r\, d_r + g_c\, d_c = \text{first} - \text{second}$$
#
# with the slopes $g_r, g_c$ of the brightness along rows and columns. One equation, two unknowns. So
# take all pixels of a window, say that they move alike, and solve by least squares, as **Lucas and
# Kanade** did:
#
# $$\underbrace{\begin{pmatrix} \sum g_r^2 & \sum g_r g_c \\ \sum g_r g_c & \sum g_c^2
# \end{pmatrix}}_{A} \begin{pmatrix} d_r \\ d_c \end{pmatrix} = \begin{pmatrix} \sum g_r\,(\text{first} -
# \text{second}) \\ \sum g_c\,(\text{first} - \text{second}) \end{pmatrix}$$
#
# Whether a window can tell is said by $A$: its smaller **eigenvalue** is the sum of the squared slopes
# along the direction in which the picture changes least. On a plain wall and along an edge it is nearly
# 0, and then the motion cannot be told.
#
# **Predict.** In the window there is only the edge of a roof. What of its motion can you see?

# %%
ex.target("flow")


# %% tags=["task"] task="flow" points=4 minutes=10 level=2 compare="close(rtol=1e-3, atol=1e-4)" forbid=["cv2", "scipy", "skimage", "imgkit.geometry"]
def flow(first, second, point, reach, least):
    """Measure how a window moved between two frames: a step of Lucas and Kanade.

    Parameters
    ----------
    first, second : arrays (H, W) of floats in 0..1, two frames
    point : tuple of two whole numbers, (row, column), the middle of the window
    reach : whole number; the window has 2 * reach + 1 pixels a side and lies inside the frames
    least : number; if the smaller eigenvalue of A is below it, the motion cannot be told

    Returns
    -------
    Array (2,) of floats: the motion (down, right) in pixels, what solves A d = b. A and b are the
    sums above, over the window. The slopes are those of the first frame, (a[i + 1] - a[i - 1]) / 2,
    as `np.gradient(first)` has them inside. If the motion cannot be told: [nan, nan].

    Example
    -------
    For a pattern that moved half a pixel down and a quarter to the left, about [0.5, -0.25].
    """
    # BEGIN SOLUTION
    window = tuple(slice(p - reach, p + reach + 1) for p in point)
    slopes = np.stack([slope[window].ravel() for slope in np.gradient(first)])  # (2, pixels)
    change = (first - second)[window].ravel()
    A = slopes @ slopes.T
    if np.linalg.eigvalsh(A)[0] < least:
        return np.full(2, np.nan)
    return np.linalg.solve(A, slopes @ change)
    # END SOLUTION


# %% tags=["check"]
ex.check(flow)

# %% [markdown] tags=["hint"] task="flow"
# Four steps: slopes of the whole first frame; cut the window out of both slopes and out of
# `first - second`; make the sums; solve two equations. The formula above has it all.

# %% [markdown] tags=["hint"] task="flow"
# `down, right = np.gradient(first)` gives both slopes. The window is
# `[r - reach : r + reach + 1, c - reach : c + reach + 1]`. `np.linalg.eigvalsh(A)` has the smaller
# eigenvalue first, and `np.linalg.solve(A, b)` solves.

# %% [markdown] tags=["hint"] task="flow"
# ```
# r, c = point
# window = np.s_[r - reach : r + reach + 1, c - reach : c + reach + 1]
# down, right = np.gradient(first)
# down, right, change = down[window], right[window], (first - second)[window]
# A = np.array([[np.sum(down * down), ...], [..., ...]])
# b = np.array([np.sum(down * change), ...])
# if np.linalg.eigvalsh(A)[0] < least:
#     return np.array([np.nan, np.nan])
# return np.linalg.solve(A, b)
# ```


# %% tags=["cases"] task="flow"
def flow_cases(rng):
    def waves(shape):
        """A pattern that can be drawn at any shift."""
        count = 7
        ways, starts = rng.uniform(-0.7, 0.7, (count, 2)), rng.uniform(0, 6, count)
        r, c = np.indices(shape)

        def drawn(shift):
            total = sum(
                np.sin(a * (r - shift[0]) + b * (c - shift[1]) + start)
                for (a, b), start in zip(ways, starts, strict=True)
            )
            return 0.5 + 0.06 * total

        return drawn

    def edge(shape, angle):
        r, c = np.indices(shape) - np.reshape(shape, (2, 1, 1)) / 2

        def drawn(shift):
            across = (r - shift[0]) * np.sin(angle) + (c - shift[1]) * np.cos(angle)
            return 0.5 + 0.4 * np.tanh(across / 3) + rng.normal(0, 1e-3, shape)

        return drawn

    def frames(drawn, point, reach, shift):
        first, second = drawn((0, 0)), drawn(shift)
        return dict(first=first, second=second, point=point, reach=reach, least=0.05)

    yield (
        "a pattern",
        frames(waves((24, 30)), (11, int(rng.integers(12, 18))), 7, rng.uniform(0.2, 0.6, 2)),
    )
    yield "the edge of a roof", frames(edge((21, 25), 0.9), (10, 12), 5, rng.uniform(0.3, 0.6, 2))
    down, right = rng.uniform(0.3, 0.6, 2)
    yield "up and to the right", frames(waves((23, 23)), (12, 10), 6, (-down, right))
    photo = shrunk(pair.left).astype(float) / 255
    row, column = rng.integers(30, 70), rng.integers(50, 110)
    one = photo[row : row + 24, column : column + 28]
    step = rng.uniform(0.25, 0.5)
    beside = photo[row : row + 24, column + 1 : column + 29]
    between = (1 - step) * one + step * beside
    yield "motorcycle", dict(first=one, second=between, point=(12, 13), reach=8, least=0.01)
    wall = np.full((20, 20), 0.5) + rng.normal(0, 2e-3, (20, 20))
    yield "a white wall", frames(lambda shift: wall, (10, 9), 4, (0, 0))
    yield "a post", frames(edge((19, 22), 0.02), (9, 11), 6, rng.uniform(0.3, 0.5, 2))


# %% tags=["mistake"] task="flow" says="Your motion points backwards. The change is first - second, in this order: where the picture rises along the motion, the pixel gets darker."
def backwards(first, second, point, reach, least):
    return -flow(first, second, point, reach, least)


# %% tags=["mistake"] task="flow" says="Your motion is (right, down). Here rows come first: (down, right)."
def right_first(first, second, point, reach, least):
    return flow(first, second, point, reach, least)[::-1]


# %% tags=["mistake"] task="flow" says="You solve for rows and columns apart, as if the two slopes had nothing to do with each other. The sum of their products, `g_r * g_c`, stands in A too."
def each_for_itself(first, second, point, reach, least):
    window = tuple(slice(p - reach, p + reach + 1) for p in point)
    slopes = np.stack([slope[window].ravel() for slope in np.gradient(first)])
    if np.isnan(flow(first, second, point, reach, least)).any():
        return np.full(2, np.nan)
    return slopes @ (first - second)[window].ravel() / (slopes**2).sum(axis=1)


# %% tags=["mistake"] task="flow" says="The window is not cut out: you sum over the whole frame. Then all of it would have to move alike."
def whole_frame(first, second, point, reach, least):
    slopes = np.stack([slope.ravel() for slope in np.gradient(first)])
    A = slopes @ slopes.T
    if np.linalg.eigvalsh(A)[0] < least:
        return np.full(2, np.nan)
    return np.linalg.solve(A, slopes @ (first - second).ravel())


# %% tags=["mistake"] task="flow" says="Your window lacks its last row and column: a slice ends *before* its stop. Write `r - reach : r + reach + 1`."
def window_too_small(first, second, point, reach, least):
    window = tuple(slice(p - reach, p + reach) for p in point)
    slopes = np.stack([slope[window].ravel() for slope in np.gradient(first)])
    A = slopes @ slopes.T
    if np.linalg.eigvalsh(A)[0] < least:
        return np.full(2, np.nan)
    return np.linalg.solve(A, slopes @ (first - second)[window].ravel())


# %% tags=["mistake"] task="flow" says="A holds means in yours, so its eigenvalues are as many times too small as the window has pixels, and you give up too often. Take sums."
def means_for_sums(first, second, point, reach, least):
    return flow(first, second, point, reach, least * (2 * reach + 1) ** 2)


# %% tags=["mistake"] task="flow" says="You answer on edges and walls too, and what you say there is noise. Only the motion *across* an edge can be seen. Look at the smaller eigenvalue of A before you solve."
def answers_anywhere(first, second, point, reach, least):
    return flow(first, second, point, reach, -np.inf)


# %% tags=["mistake"] task="flow" says="Your slopes are twice too large, and so the motion is half of what it is: from i - 1 to i + 1 are two pixels. Divide by 2."
def slopes_twice_as_large(first, second, point, reach, least):
    return flow(first, second, point, reach, least) / 2


# %% tags=["mistake"] task="flow" says="Those are the slopes of the *second* frame. Near enough in practice, but asked for are those of the first."
def slopes_of_the_second(first, second, point, reach, least):
    return -flow(second, first, point, reach, least)


# %% tags=["mistake"] task="flow" says="You cut the window out first and take its slopes after. At its rim a neighbour is then missing, and the slope is a worse one. Slopes of the whole frame first, then cut."
def cut_before_the_slopes(first, second, point, reach, least):
    window = tuple(slice(p - reach, p + reach + 1) for p in point)
    slopes = np.stack([slope.ravel() for slope in np.gradient(first[window])])
    A = slopes @ slopes.T
    if np.linalg.eigvalsh(A)[0] < least:
        return np.full(2, np.nan)
    return np.linalg.solve(A, slopes @ (first - second)[window].ravel())


# %% [markdown]
# **See it.** How far does one step reach? A piece of the motorcycle moves by 0 to 8 pixels to the
# right. What does your step say?

# %%
step = ex.use("flow")
photo = pair.left.mean(axis=2) / 255
soft = np.cumsum(np.cumsum(photo, axis=0), axis=1)
soft = (soft[8:, 8:] - soft[:-8, 8:] - soft[8:, :-8] + soft[:-8, :-8]) / 64
first = soft[200:260, 300:360]
told = [step(first, soft[200:260, 300 - k : 360 - k], (30, 30), 12, 1e-4)[1] for k in range(9)]
images.plot_rows(
    np.arange(9),
    told,
    labels=["the truth", "one step"],
    title="pixels moved, and pixels found",
    alt=f"The truth is a straight line. What one step finds follows it at first, {told[1]:.1f} for 1 "
    f"pixel and {told[3]:.1f} for 3, and then stays behind: {told[-1]:.1f} for 8.",
)

# %% [markdown]
# Slopes tell what is near. So one repeats the step from where it ended, and begins in a small copy of
# the picture, in which all motions are small. That is what `geometry.lucas_kanade` does.
#
# **See the aperture.** On a grid of points: where can motion be told?

# %%
ground = left / 255
shifted = np.roll(ground, 1, axis=1)
spots = [(r, c) for r in range(6, 119, 5) for c in range(6, 179, 5)]
told = [p for p in spots if not np.isnan(step(ground, shifted, p, 4, 0.15)).any()]
marked = np.stack([0.35 + 0.5 * ground] * 3, axis=-1)
for r, c in told:
    marked[r - 1 : r + 2, c - 1 : c + 2] = (0.8, 0.35, 0)
images.show(
    marked,
    titles=f"{len(told)} of {len(spots)}",
    alt=f"The motorcycle, pale, with orange dots where motion can be told: {len(told)} of {len(spots)} "
    "places, on wheels, engine and shelves; the floor and the plain walls have none.",
)

# %% [markdown]
# ## 5 · Believe, predict, look
#
# What you measure is noisy, and sometimes there is nothing to measure. A **Kalman filter** keeps a
# belief instead: where the thing is and how fast, the *mean*, and how unsure that is, the
# *covariance* $P$. Each step has two halves. Time goes on, and the belief widens:
#
# $$x \leftarrow F x \qquad P \leftarrow F P F^T + Q$$
#
# Then you look, see $z$, and the belief narrows. The **gain** $K$ says how much to trust the look:
#
# $$K = P H^T (H P H^T + R)^{-1} \qquad x \leftarrow x + K (z - H x) \qquad P \leftarrow (I - K H) P$$
#
# $F$ moves the state on, $Q$ is what the motion does besides; $H$ says what of the state is seen, $R$
# how noisy that is.
#
# **Predict.** The look is very noisy, so $R$ is huge. What becomes of $K$, and of the belief?

# %%
ex.target("kalman_step")


# %% tags=["task"] task="kalman_step" points=4 minutes=10 level=2 compare="close(rtol=1e-4, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "imgkit.geometry"]
def kalman_step(mean, covariance, seen, F, Q, H, R):
    """Go on by one step: predict, then learn from what is seen.

    Parameters
    ----------
    mean : array (n,), the state x as it is believed
    covariance : array (n, n), P
    seen : array (m,), the measurement z; or None, if nothing was seen: then only predict, for time
        goes on all the same
    F, Q : arrays (n, n), how the state moves on, and the noise of that
    H, R : arrays (m, n) and (m, m), what of the state is seen, and the noise of that

    Returns
    -------
    A tuple (mean, covariance) of arrays (n,) and (n, n): the belief after the step.

    Example
    -------
    With mean [0], covariance [[1]], seen [2] and F = H = R = [[1]], Q = [[0]] the answer is
    ([1], [[0.5]]): half trust in each.
    """
    # BEGIN SOLUTION
    mean = F @ mean
    covariance = F @ covariance @ F.T + Q
    if seen is None:
        return mean, covariance
    gain = covariance @ H.T @ np.linalg.inv(H @ covariance @ H.T + R)
    mean = mean + gain @ (seen - H @ mean)
    return mean, covariance - gain @ H @ covariance
    # END SOLUTION


# %% tags=["check"]
ex.check(kalman_step)

# %% [markdown] tags=["hint"] task="kalman_step"
# Write the formulas down in their order: first x and P of the prediction, then, if there is a look,
# the gain, and with it the new x and P. What stands on the right is always the newest.

# %% [markdown] tags=["hint"] task="kalman_step"
# `@` multiplies matrices, `.T` turns them, `np.linalg.inv` inverts, `np.eye(n)` is I. `*` would
# multiply entry by entry. Ask `if seen is None:` after the prediction, and return it.

# %% [markdown] tags=["hint"] task="kalman_step"
# ```
# mean = F @ mean
# covariance = F @ covariance @ F.T + Q
# if seen is None:
#     return mean, covariance
# K = covariance @ H.T @ np.linalg.inv(...)
# mean = mean + K @ (...)
# covariance = (np.eye(len(mean)) - ...) @ covariance
# return mean, covariance
# ```


# %% tags=["cases"] task="kalman_step"
def kalman_step_cases(rng):
    def number(low, high):
        return np.array([[rng.uniform(low, high)]])

    yield (
        "one number",
        dict(
            mean=rng.uniform(1, 2, 1),
            covariance=number(2, 4),
            seen=rng.uniform(3, 5, 1),
            F=number(0.7, 0.9),
            Q=number(0.3, 0.8),
            H=number(1.1, 1.4),
            R=number(0.5, 1.5),
        ),
    )

    def line(seen):
        a, b, c = rng.uniform(0.3, 2, 3)
        return dict(
            mean=rng.uniform(1, 5, 2),
            covariance=np.array([[a + 0.5, 0.3], [0.3, b + 0.5]]),
            seen=seen,
            F=np.array([[1.0, rng.uniform(0.5, 1.5)], [0.0, 1.0]]),
            Q=np.array([[0.1, 0.05], [0.05, 0.2]]) * c,
            H=np.array([[1.0, 0.0]]),
            R=number(0.5, 2),
        )

    def plane(seen):
        root = rng.normal(0, 1, (4, 4))
        return dict(
            mean=rng.uniform(-3, 9, 4),
            covariance=root @ root.T + np.eye(4),
            seen=seen,
            F=F,
            Q=Q,
            H=H,
            R=R,
        )

    yield "a point on a line", line(rng.uniform(4, 9, 1))
    yield "a point in the plane", plane(rng.uniform(0, 9, 2))
    yield "nothing seen", line(None)
    yield "far from what was expected", plane(rng.uniform(30, 60, 2))
    exact = line(rng.uniform(4, 9, 1))
    exact["R"] = exact["R"] / 100
    yield "a sharp look", exact


# %% tags=["mistake"] task="kalman_step" says="The prediction is missing: the thing has moved on since the last look. First x = F x and P = F P Fᵀ + Q."
def prediction_left_out(mean, covariance, seen, F, Q, H, R):
    return kalman_step(mean, covariance, seen, np.eye(len(F)), 0 * Q, H, R)


# %% tags=["mistake"] task="kalman_step" says="The covariance is moved on, the mean is not: x = F x. In yours the thing stands still between two looks."
def mean_not_moved(mean, covariance, seen, F, Q, H, R):
    moved = F @ covariance @ F.T + Q
    if seen is None:
        return mean, moved
    gain = moved @ H.T @ np.linalg.inv(H @ moved @ H.T + R)
    return mean + gain @ (seen - H @ mean), moved - gain @ H @ moved


# %% tags=["mistake"] task="kalman_step" says="The I in I - K H is the unit matrix, `np.eye(n)`. `1 - K @ H` takes each entry from 1."
def one_for_the_unit_matrix(mean, covariance, seen, F, Q, H, R):
    if seen is None:
        return kalman_step(mean, covariance, seen, F, Q, H, R)
    moved = F @ covariance @ F.T + Q
    gain = moved @ H.T @ np.linalg.inv(H @ moved @ H.T + R)
    return F @ mean + gain @ (seen - H @ F @ mean), (1 - gain @ H) @ moved


# %% tags=["mistake"] task="kalman_step" says="Q is missing in the prediction. Without it the filter gets surer with each look, until it listens to none."
def Q_forgotten(mean, covariance, seen, F, Q, H, R):
    return kalman_step(mean, covariance, seen, F, 0 * Q, H, R)


# %% tags=["mistake"] task="kalman_step" says="The covariance is not moved on: P = F P Fᵀ + Q. In yours an unsure velocity leaves the place as sure as it was."
def covariance_not_moved(mean, covariance, seen, F, Q, H, R):
    moved = covariance + Q
    if seen is None:
        return F @ mean, moved
    gain = moved @ H.T @ np.linalg.inv(H @ moved @ H.T + R)
    return F @ mean + gain @ (seen - H @ F @ mean), moved - gain @ H @ moved


# %% tags=["mistake"] task="kalman_step" says="You compare the look with where the thing *was*. Compare it with where it is expected now, H times the predicted mean."
def compared_with_the_old(mean, covariance, seen, F, Q, H, R):
    if seen is None:
        return kalman_step(mean, covariance, seen, F, Q, H, R)
    moved = F @ covariance @ F.T + Q
    gain = moved @ H.T @ np.linalg.inv(H @ moved @ H.T + R)
    return F @ mean + gain @ (seen - H @ mean), moved - gain @ H @ moved


# %% tags=["mistake"] task="kalman_step" says="The mean is right, but the covariance still is that of the prediction. A look makes surer: P = (I - K H) P."
def not_narrowed(mean, covariance, seen, F, Q, H, R):
    learnt, _ = kalman_step(mean, covariance, seen, F, Q, H, R)
    return learnt, F @ covariance @ F.T + Q


# %% tags=["mistake"] task="kalman_step" says="The sign of the surprise is turned: z - H x, not H x - z. Yours flees from what it sees."
def surprise_turned(mean, covariance, seen, F, Q, H, R):
    if seen is None:
        return kalman_step(mean, covariance, seen, F, Q, H, R)
    learnt, narrowed = kalman_step(mean, covariance, seen, F, Q, H, R)
    return 2 * F @ mean - learnt, narrowed


# %% tags=["mistake"] task="kalman_step" says="R is missing in the gain. Then every look is believed to the letter, noise and all."
def R_forgotten(mean, covariance, seen, F, Q, H, R):
    return kalman_step(mean, covariance, seen, F, Q, H, 1e-12 * R)


# %% tags=["mistake"] task="kalman_step" says="You look first and predict after. The look belongs to *now*, so move on to now before you use it."
def look_first(mean, covariance, seen, F, Q, H, R):
    if seen is not None:
        gain = covariance @ H.T @ np.linalg.inv(H @ covariance @ H.T + R)
        mean = mean + gain @ (seen - H @ mean)
        covariance = covariance - gain @ H @ covariance
    return F @ mean, F @ covariance @ F.T + Q


# %% tags=["mistake"] task="kalman_step" says="There is a `*` where a `@` belongs: `F @ P * F.T` multiplies entry by entry. Matrices take `@` all along."
def entry_by_entry(mean, covariance, seen, F, Q, H, R):
    moved = F @ covariance * F.T + Q
    if seen is None:
        return F @ mean, moved
    gain = moved @ H.T @ np.linalg.inv(H @ moved @ H.T + R)
    return F @ mean + gain @ (seen - H @ F @ mean), moved - gain @ H @ moved


# %% [markdown]
# **See it.** A car brakes and drives on; its place is measured with noise, and for a while not at
# all.

# %%
believe = ex.use("kalman_step")
rng = np.random.default_rng(3)
places = np.cumsum(2 - 1.5 * np.exp(-(((np.arange(60) - 15) / 6) ** 2)))
noisy = places + rng.normal(0, 3, 60)
noisy[34:44] = np.nan
line = dict(
    F=np.array([[1.0, 1], [0, 1]]), Q=0.02 * np.array([[0.25, 0.5], [0.5, 1]]), H=np.eye(1, 2)
)
belief = np.array([noisy[0], 0]), np.diag([9.0, 9.0])  # after the first look
means, spreads = [noisy[0]], [3.0]
for z in noisy[1:]:
    belief = believe(*belief, None if np.isnan(z) else np.array([z]), R=np.eye(1) * 9, **line)
    means.append(belief[0][0])
    spreads.append(np.sqrt(belief[1][0, 0]))
images.plot_rows(
    noisy - places,
    np.array(means) - places,
    spreads,
    labels=["the looks' error", "the filter's error", "what it expects of itself"],
    alt=f"The error of the looks jumps about by {np.nanstd(noisy - places):.1f} pixels, with a gap. The "
    f"filter's error is a calm curve. What it expects of itself sinks to {min(spreads[10:34]):.1f}, "
    f"grows to {max(spreads[34:44]):.1f} in the gap and falls again.",
)

# %% [markdown]
# In the gap the filter says by itself that it knows less and less. That honesty is why it flew to
# the Moon. And the noisy look? A huge $R$ makes the gain nearly 0, and the belief stays what was
# predicted.
#
# ## 6 · Who is who?
#
# Several things, several detections. Which belongs to which? Each for itself may take the nearest,
# but then two take the same. Better look at all of them together, and find the pairs whose
# distances have the **smallest sum**.
#
# A thing may also have no detection. That costs a fixed `gate`, as if a detection stood that far
# away. So nothing is ever paired over more than the gate.
#
# **Predict.** A row of cars, all moving on by more than half their distance. What does "take the
# nearest" make of it?

# %%
ex.target("assign")


# %% tags=["task"] task="assign" points=3 minutes=8 level=3 compare="equal()" forbid=["cv2", "scipy", "skimage", "imgkit.geometry", "imgkit.metrics"]
def assign(expected, found, gate):
    """Pair things with detections, at the smallest sum of costs.

    Parameters
    ----------
    expected : array (N, 2), (row, column) where each thing is expected; N is 1 to 4
    found : array (M, 2), (row, column) of the detections; M is 0 to 5
    gate : number; what a thing without a detection costs

    Returns
    -------
    Array (N,) of whole numbers: for each thing the index of its detection, or -1 if it has none.
    No detection is used twice. A pair costs its distance, a thing without one costs `gate`;
    detections that are left over cost nothing. Of all ways to pair, the cheapest. No two ways cost
    the same here.

    Example
    -------
    Things at [[0, 0], [0, 10]], found [[0, 7], [0, 18]], gate 15: [0, 1], for 7 + 8. The second
    thing is nearer to the first detection, but [-1, 0] would cost 15 + 3.
    """
    # BEGIN SOLUTION
    costs = np.linalg.norm(expected[:, None] - found[None], axis=2)  # (N, M)
    choices = [*range(len(found)), *[-1] * len(expected)]
    best, least = None, np.inf
    for way in set(permutations(choices, len(expected))):
        cost = sum(gate if j < 0 else costs[i, j] for i, j in enumerate(way))
        if cost < least:
            best, least = way, cost
    return np.array(best)
    # END SOLUTION


# %% tags=["check"]
ex.check(assign)

# %% [markdown] tags=["hint"] task="assign"
# There are few things, so try *all* ways. A way is a list that gives each thing an index, or -1. Add
# up what it costs, and keep the cheapest.

# %% [markdown] tags=["hint"] task="assign"
# `permutations(choices, N)` from itertools (it is imported) goes through all ways to draw N of the
# choices in order. Let the choices be all indices, and as many -1 as there are things.

# %% [markdown] tags=["hint"] task="assign"
# ```
# choices = list(range(len(found))) + [-1] * len(expected)
# best, least = None, np.inf
# for way in permutations(choices, len(expected)):
#     cost = 0
#     for i, j in enumerate(way):
#         cost += gate if j == -1 else ...      # the distance of thing i and detection j
#     if cost < least:
#         best, least = way, cost
# return np.array(best)
# ```


# %% tags=["cases"] task="assign"
def assign_cases(rng):
    def shaken(points):
        return np.array(points, float) + rng.uniform(-0.4, 0.4, (len(points), 2))

    things = shaken([(0, 0), (0, 10)])
    yield "two cars in a row", dict(expected=things, found=shaken([(0, 7), (0, 18)]), gate=15.0)
    things = shaken([(0, 20), (0, 0), (50, 10), (0, 10)])
    found = shaken([(0, 7), (0, 17), (0, 28), (80, 60)])
    order = rng.permutation(4)
    yield "three in a row, one hidden", dict(expected=things, found=found[order], gate=20.0)
    things, found = shaken([(10, 0), (0, 0)]), shaken([(6.5, 0), (15, 0), (60, 50)])
    order = rng.permutation(3)
    yield "one of them is new", dict(expected=things, found=found[order], gate=12.0)
    things = shaken([(0, 0), (3, 30), (40, 5), (45, 45)])
    found = shaken([(38, 9), (5, 27), (47, 20)])
    yield "two are hidden", dict(expected=things, found=found[rng.permutation(3)], gate=9.0)
    things = shaken([(20, 0), (30, 0), (10, 0), (5, 70)])
    found = shaken([(27.5, 0), (17.5, 0), (38, 0), (60, 60)])
    yield "the middle one first", dict(expected=things, found=found[rng.permutation(4)], gate=22.0)
    yield "nothing found", dict(expected=shaken([(3, 4), (9, 9)]), found=np.zeros((0, 2)), gate=5.0)


# %% tags=["mistake"] task="assign" says="Each thing takes the nearest, and two take the same. A detection is one thing at most."
def each_the_nearest(expected, found, gate):
    if not len(found):
        return np.full(len(expected), -1)
    costs = np.linalg.norm(expected[:, None] - found[None], axis=2)
    return np.where(costs.min(axis=1) < gate, costs.argmin(axis=1), -1)


# %% tags=["mistake"] task="assign" says="You pair the nearest two first, then the nearest two of the rest. That is greedy: the first pair may force an expensive one. Compare whole ways, by their sum."
def nearest_pair_first(expected, found, gate):
    out = np.full(len(expected), -1)
    costs = np.linalg.norm(expected[:, None] - found[None], axis=2)
    while costs.size and costs.min() < gate:
        i, j = np.unravel_index(costs.argmin(), costs.shape)
        out[i] = j
        costs[i], costs[:, j] = np.inf, np.inf
    return out


# %% tags=["mistake"] task="assign" says="The things choose one after the other, and the later ones get what is left. Compare whole ways, by their sum."
def one_after_the_other(expected, found, gate):
    out = np.full(len(expected), -1)
    costs = np.linalg.norm(expected[:, None] - found[None], axis=2)
    for i in range(len(expected)):
        if costs.shape[1] and costs[i].min() < gate:
            out[i] = costs[i].argmin()
            costs[:, out[i]] = np.inf
    return out


# %% tags=["mistake"] task="assign" says="You pair as many as can be, however far they are apart. A thing may stay without, for the price of `gate`; let -1 be a choice."
def gate_ignored(expected, found, gate):
    return assign(expected, found, 1e6)


# %% tags=["mistake"] task="assign" says="To stay without costs nothing in yours, and so nothing is ever paired. It costs `gate`."
def free_to_stay(expected, found, gate):
    return assign(expected, found, 0.0)


# %% tags=["mistake"] task="assign" says="You square the distances and not the gate. Take the distance itself; sums of squares prefer other pairs."
def distances_squared(expected, found, gate):
    costs = ((expected[:, None] - found[None]) ** 2).sum(axis=2)
    choices = [*range(len(found)), *[-1] * len(expected)]
    ways = set(permutations(choices, len(expected)))
    return np.array(
        min(ways, key=lambda way: sum(gate if j < 0 else costs[i, j] for i, j in enumerate(way)))
    )


# %% tags=["mistake"] task="assign" says="Yours says for each *detection* which thing it is. Asked for is, for each thing, which detection."
def the_other_way_round(expected, found, gate):
    way = assign(expected, found, gate)
    out = np.full(len(found), -1)
    for i, j in enumerate(way):
        if j >= 0:
            out[j] = i
    return out


# %% [markdown]
# **See it.** Twenty rows of four cars, all moving on by the same step. How often does each method
# give all four the right partner?

# %%
pairs = ex.use("assign")


def greedy(expected, found):
    """The nearest pair first."""
    costs, out = np.linalg.norm(expected[:, None] - found[None], axis=2), np.zeros(len(expected))
    for _ in expected:
        i, j = np.unravel_index(costs.argmin(), costs.shape)
        out[i], costs[i], costs[:, j] = j, np.inf, np.inf
    return out


steps = range(10)
shares = np.zeros((2, len(steps)))
for k, forward in enumerate(steps):
    for _ in range(20):
        row = np.column_stack([rng.normal(0, 1.5, 4), 10 * np.arange(4) + rng.normal(0, 1, 4)])
        moved = row + np.array([0, forward]) + rng.normal(0, 1, (4, 2))
        shares[0, k] += np.array_equal(pairs(row, moved, 20), range(4)) / 20
        shares[1, k] += np.array_equal(greedy(row, moved), range(4)) / 20
images.plot_rows(
    *shares,
    labels=["all together", "nearest pair first"],
    title="share of rows without a mistake; to the right: the step, in tenths of the gap",
    alt=f"All together, the share of rows without a mistake is still {shares[0, 5]:.0%} at half the gap and "
    f"{shares[0, -1]:.0%} in the end. Nearest first falls sooner, from {shares[1, 0]:.0%} to "
    f"{shares[1, 5]:.0%} at half the gap.",
)

# %% [markdown]
# Take the nearest, and past half the gap each car takes its neighbour's detection. All together it goes
# well for longer. Farther on, three short ways and one car without cost less than four long ways. So
# pair not with where things were but with where they are *expected*: that is the last task.
#
# For more than a handful nobody tries all ways. The *Hungarian method* finds the same pairs in about
# N³ steps.
#
# ## 7 · Follow the cars
#
# All you need is there. You know where some cars were. In each frame you are given detections, in
# any order: of these cars, false alarms, and now and then not of all. Say where each car is, by a
# belief for each, and pairs that are made for all of them together.
#
# **Predict.** A car is hidden for some frames. Where should you look for it after: where it was last
# seen, or somewhere else?

# %%
ex.target("follow")


# %% tags=["task"] task="follow" points=4 minutes=8 level=3 compare="close(rtol=1e-4, atol=1e-2)" forbid=["cv2", "scipy", "skimage", "imgkit.geometry"]
def follow(starts, frames, gate):
    """Follow several cars through frames of detections.

    Parameters
    ----------
    starts : array (N, 2), (row, column) where each car was seen first
    frames : list of T arrays (M, 2), the detections in each of the frames that come after; M may
        be 0
    gate : number, for `assign`: no car takes a detection that is farther than that from where the
        car is expected

    Returns
    -------
    Array (T, N, 2) of floats: where each car is believed to be in each frame, once the frame was
    seen. The starts are not among them.

    Each car starts from the belief `begin(start)`. In each frame it is expected where F moves it.
    `assign` pairs what is expected with what was found. Then one `kalman_step` for each car, which
    predicts and learns: from its detection, or from None if it has none. F, Q, H, R are those from
    the top of the page, and `assign` and `kalman_step` are yours.
    """
    # BEGIN SOLUTION
    beliefs = [begin(start) for start in starts]
    places = []
    for found in frames:
        expected = np.array([(F @ mean)[:2] for mean, _ in beliefs])
        pairs = assign(expected, found, gate)
        beliefs = [
            kalman_step(*belief, found[j] if j >= 0 else None, F, Q, H, R)
            for belief, j in zip(beliefs, pairs, strict=True)
        ]
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)
    # END SOLUTION


# %% tags=["check"]
ex.check(follow)

# %% [markdown] tags=["hint"] task="follow"
# Keep a list of beliefs, one pair (mean, covariance) for each car, from frame to frame. In each
# frame: where is each expected, which detection does each get, what does each believe then?

# %% [markdown] tags=["hint"] task="follow"
# Where a car is expected: `(F @ mean)[:2]`. Put these into an array (N, 2), and `assign` gives an
# index for each car, or -1. For -1 call `kalman_step` with `None`. The first two numbers of the new
# mean are the place.

# %% [markdown] tags=["hint"] task="follow"
# ```
# beliefs = [begin(start) for start in starts]
# places = []
# for found in frames:
#     expected = np.array([(F @ mean)[:2] for mean, covariance in beliefs])
#     pairs = assign(...)
#     for i, j in enumerate(pairs):
#         mean, covariance = beliefs[i]
#         seen = found[j] if j >= 0 else None
#         beliefs[i] = kalman_step(...)
#     places.append([mean[:2] for mean, covariance in beliefs])
# return np.array(places)
# ```


# %% tags=["cases"] task="follow"
def follow_cases(rng):
    def drive(count, cars, hidden, alarms=0.0):
        """Cars that catch up; `hidden` says in which frames the first is not seen."""
        speed, bend = rng.uniform((-0.5, 4.5), (0.5, 4.9)), rng.uniform(-0.03, 0.03, 2)
        lead = rng.uniform((40, 20), (60, 30))
        starts, frames = [lead - (0, 10 * k) for k in range(cars)], []
        for t in range(1, count + 1):
            places = [
                start + (speed + np.array([0, 0.4 * k])) * t + bend * t**2 / 2
                for k, start in enumerate(starts)
            ]
            found = [place + rng.normal(0, 0.6, 2) for place in places[t in hidden :]]
            if rng.random() < alarms:
                found.append(places[0] + rng.uniform(-20, 20, 2))
            found = np.reshape(found, (-1, 2))
            frames.append(found[rng.permutation(len(found))])
        return dict(
            starts=np.array(starts) + rng.normal(0, 0.6, (cars, 2)), frames=frames, gate=8.0
        )

    gap = int(rng.integers(8, 11))
    yield "two cars, the first hidden for a while", drive(20, 2, range(gap, gap + 5))
    yield "one car, with false alarms", drive(18, 1, range(gap, gap + 6), alarms=0.9)
    yield "three cars", drive(16, 3, range(gap, gap + 4), alarms=0.3)
    yield "two gaps", drive(20, 2, (6, 7, 8, 9, 14, 15, 16), alarms=0.4)


# %% tags=["mistake"] task="follow" says="The detections come in any order: the first one need not be the first car. `assign` says which is whose."
def in_the_given_order(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        beliefs = [
            kalman_step(*belief, found[i] if i < len(found) else None, F, Q, H, R)
            for i, belief in enumerate(beliefs)
        ]
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="The gate does not hold. While a car is hidden yours learns from whatever is left, and follows that."
def gate_ignored(starts, frames, gate):
    return follow(starts, frames, 1e6)


# %% tags=["mistake"] task="follow" says="Each car takes the nearest detection for itself. When one is hidden, it takes its neighbour's, and from then on both follow the same car. Pair them all together, by `assign`."
def each_the_nearest(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        for i, (mean, covariance) in enumerate(beliefs):
            far = np.linalg.norm(found - (F @ mean)[:2], axis=1)
            seen = found[far.argmin()] if len(found) and far.min() < gate else None
            beliefs[i] = kalman_step(mean, covariance, seen, F, Q, H, R)
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="You look where the cars *were*. They have moved on since: pair with F times the mean."
def paired_with_the_last_places(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        pairs = assign(np.array([mean[:2] for mean, _ in beliefs]), found, gate)
        beliefs = [
            kalman_step(*belief, found[j] if j >= 0 else None, F, Q, H, R)
            for belief, j in zip(beliefs, pairs, strict=True)
        ]
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="A car without a detection keeps its belief as it is, and stands still while it is hidden. Predict: call `kalman_step` with None."
def stands_still_when_hidden(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        expected = np.array([(F @ mean)[:2] for mean, _ in beliefs])
        beliefs = [
            kalman_step(*belief, found[j], F, Q, H, R) if j >= 0 else belief
            for belief, j in zip(beliefs, assign(expected, found, gate), strict=True)
        ]
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="Without a detection you index with -1, and that is the *last* detection. Ask for it: `if j >= 0`, else None."
def last_one_for_minus_one(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        expected = np.array([(F @ mean)[:2] for mean, _ in beliefs])
        beliefs = [
            kalman_step(*belief, found[j], F, Q, H, R)
            for belief, j in zip(beliefs, assign(expected, found, gate), strict=True)
        ]
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="These are the detections themselves, with their noise. Asked for is what is believed after them, the first two numbers of the mean."
def detections_returned(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        expected = np.array([(F @ mean)[:2] for mean, _ in beliefs])
        pairs = assign(expected, found, gate)
        beliefs = [
            kalman_step(*belief, found[j] if j >= 0 else None, F, Q, H, R)
            for belief, j in zip(beliefs, pairs, strict=True)
        ]
        places.append([found[j] if j >= 0 else e for e, j in zip(expected, pairs, strict=True)])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="Those are the predictions, before the look. Asked for is the belief once the frame was seen."
def before_the_look(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        expected = np.array([(F @ mean)[:2] for mean, _ in beliefs])
        pairs = assign(expected, found, gate)
        beliefs = [
            kalman_step(*belief, found[j] if j >= 0 else None, F, Q, H, R)
            for belief, j in zip(beliefs, pairs, strict=True)
        ]
        places.append(expected)
    return np.array(places)


# %% tags=["mistake"] task="follow" says="While a car is hidden you move its mean on, but not its covariance. With each frame unseen it gets less sure, and then trusts the next look more: call `kalman_step` with None."
def as_sure_as_before(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        expected = np.array([(F @ mean)[:2] for mean, _ in beliefs])
        beliefs = [
            kalman_step(*belief, found[j], F, Q, H, R) if j >= 0 else (F @ belief[0], belief[1])
            for belief, j in zip(beliefs, assign(expected, found, gate), strict=True)
        ]
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="The cars move on twice in each frame. `kalman_step` predicts by itself: to find where a car is expected, take F times its mean, and leave the belief as it is."
def predicted_twice(starts, frames, gate):
    beliefs, places = [begin(start) for start in starts], []
    for found in frames:
        beliefs = [kalman_step(*belief, None, F, Q, H, R) for belief in beliefs]
        pairs = assign(np.array([mean[:2] for mean, _ in beliefs]), found, gate)
        beliefs = [
            kalman_step(*belief, found[j], F, Q, H, R) if j >= 0 else belief
            for belief, j in zip(beliefs, pairs, strict=True)
        ]
        places.append([mean[:2] for mean, _ in beliefs])
    return np.array(places)


# %% tags=["mistake"] task="follow" says="Your answer begins with the starts, and so has a frame too many. The first of its frames is the first of `frames`."
def starts_included(starts, frames, gate):
    return np.concatenate([np.array(starts)[None], follow(starts, frames, gate)])


# %% tags=["mistake"] task="follow" says="The cars come first in yours, then the frames. Asked for is (T, N, 2): a frame, and in it the cars."
def cars_before_frames(starts, frames, gate):
    return follow(starts, frames, gate).swapaxes(0, 1)


# %% [markdown]
# ## Your drive
#
# Twenty metres a second, four others on the road, all drawn, so the truth is known. A detector, as
# detectors are, finds boxes with a little noise, finds nothing that is hidden by more than two
# thirds, and sees things where there are none. You follow all four. One of them, number `CAR`, passes
# behind another and comes out again; a second one is out of sight for much longer.

# %%
CAR, COUNT, GATE = 4, 80, 6.0  # the car that gets hidden, frames, pixels
drive = data.road_scene(seed=77, frames=COUNT, vehicles=4)
rng = np.random.default_rng(1)
shots, truth, hidden = [], np.full((COUNT, 4, 2), np.nan), np.zeros((COUNT, 4), bool)
for k, frame in enumerate(drive):
    middles, clear = (frame.boxes[:, :2] + frame.boxes[:, 2:]) / 2, frame.visible >= 0.3
    found = middles[clear] + rng.normal(0, 0.6, (clear.sum(), 2))
    alarms = rng.uniform((95, 100), (125, 220), (rng.integers(2), 2))
    shots.append(np.concatenate([found, alarms]))
    truth[k, frame.ids - 1] = middles
    hidden[k] = ~np.isin(np.arange(1, 5), frame.ids[clear])
print(f"{COUNT} frames; car {CAR} is hidden in {hidden[:, CAR - 1].sum()} of them")

# %%
paths = ex.use("follow")(truth[0], shots[1:], GATE)
error = np.linalg.norm(paths - truth[1:], axis=2)
for k in range(4):
    mean, most = np.nanmean(error[:, k]), np.nanmax(error[:, k])
    print(
        f"car {k + 1}: {hidden[:, k].sum():2} frames hidden, error {mean:.2f}, at most {most:.1f} pixels"
    )


# %%
def marked(k):
    """A close look at frame k: the detections as orange dots, your place of the car as a ring."""
    picture = drive[k].image.repeat(3, axis=0).repeat(3, axis=1)
    r, c = np.indices(picture.shape[:2]) / 3
    for spot in shots[k]:
        picture[np.hypot(r - spot[0], c - spot[1]) < 1.2] = (230, 120, 0)
    place = paths[k - 1, CAR - 1]
    picture[np.abs(np.hypot(r - place[0], c - place[1]) - 9) < 0.7] = 255
    return picture[255:375, 360:600]


gone = np.flatnonzero(hidden[:, CAR - 1])
images.show(
    *[marked(k) for k in (gone[0] - 12, gone[len(gone) // 2], gone[-1] + 8)],
    titles=["before", "hidden", "after"],
    alt="Three close looks at the road ahead. A white ring lies around one car; orange dots lie on all "
    "that is seen, and some on nothing at all. In the middle one the car is behind another, and the ring has "
    "only the dot of that one in it.",
)

# %%
off, gap = np.insert(error[:, CAR - 1], 0, 0), hidden[:, CAR - 1]  # frame 0 was given
images.plot_rows(
    np.where(gap, np.nan, off),
    np.where(gap, off, np.nan),
    labels=["your error while it is seen", "while it is hidden"],
    title=f"car {CAR}: pixels off; to the right: the frame",
    alt=f"A curve that jumps about, up to {np.nanmax(off[~gap]):.1f} pixels, and from frame {gone[0]} to "
    f"{gone[-1]} another one, the error while the car is hidden, up to {np.nanmax(off[gap]):.1f}.",
)

# %% [markdown]
# The longer a car is hidden, the older is the guess, and the farther off it gets: compare the largest
# errors of the two above. The filter's covariance says so too, by itself.
#
# ## Graduation: against the library
#
# Your functions beside imgkit's own: its value, yours, and the largest difference anywhere.

# %%
camera = geometry.Camera([[300, 0, 120], [0, 300, 160], [0, 0, 1]], (240, 320))
theirs, mine = (
    camera.project(cage + np.array([0, 0, 3])),
    seen(cage + np.array([0, 0, 3]), 300, (120, 160)),
)
print(f"project  {theirs[0, 0]:9.4f} | {mine[0, 0]:9.4f} | {np.abs(theirs - mine).max():.0e}")
theirs = geometry.depth(
    pair.disparity[::3, ::3].astype(float), focal=FOCAL, baseline=BASELINE, offset=OFFSET
)
print(f"depth    {theirs[9, 9]:9.4f} | {far[9, 9]:9.4f} | {np.nanmax(np.abs(theirs - far)):.0e}")
kalman, belief = geometry.Kalman(F, Q, H, R), begin(truth[0, 0])
theirs = kalman.update(kalman.predict(belief), shots[1][0])
mine = believe(*belief, shots[1][0], F, Q, H, R)
off = max(np.abs(a - b).max() for a, b in zip(theirs, mine, strict=True))
print(f"Kalman   {theirs.mean[0]:9.4f} | {mine[0][0]:9.4f} | {off:.0e}")

# %% [markdown]
# And stereo, with all that fifty years have added: the library gives nan where it is not sure, and
# its *semiglobal* method wants neighbours to agree.

# %%
there = ~np.isnan(shift)
for method in ("block", "semiglobal"):
    found = geometry.disparity(left, right, method=method, largest=16)
    known = ~np.isnan(found) & there
    off = np.abs(found - shift)[known] > 1
    print(
        f"{method:10} answers for {known.sum() / there.sum():.0%}, of which {off.mean():.0%} are bad"
    )

# %% [markdown]
# ## What you can do now
#
# - Divide by depth, times focal length, plus the principal point: a pinhole camera.
# - Slide a window along the row, and keep the shift with the smallest sum of squares.
# - Depth is focal length times baseline over disparity; its error grows with the square.
# - Two slopes and a change make a motion, except along an edge.
# - Predict widens, a look narrows, and the gain is the trust.
# - Pair all at once, by the smallest sum.
# - Follow cars that vanish and come back, with code that is all yours.

# %%
ex.progress()
