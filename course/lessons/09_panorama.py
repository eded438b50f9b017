# ---
# jupyter:
#   imgkit:
#     title: Matching, RANSAC, panorama
#     minutes: 30
#     needs: [02_convolution, 03_frequency]
# ---

# %% [markdown]
# # Matching, RANSAC, panorama
#
# **30 minutes of reading.** You need convolution (lesson 02), and waves (lesson 03) for one section.
#
# By the end of this page you can
#
# - say what a keypoint and its descriptor are, and match two pictures by them,
# - refuse matches in doubt, and count what that costs,
# - find a homography from four pairs or more, and say why points are normalised first,
# - let pairs vote, so that wrong ones have no say, and tell how many draws it takes,
# - warp a picture without holes, and join two without a seam,
# - find a pure shift to a fraction of a pixel,
# - and tell when two pictures cannot be joined.

# %% tags=["setup"]
import time

import numpy as np

from imgkit import color, data, features, geometry, images, metrics


def same(exact, approximate):
    """Print the largest value, its twin, and the largest difference anywhere."""
    exact, approximate = np.ravel(exact).astype(float), np.ravel(approximate)
    one, other = exact.max(), approximate[exact.argmax()]
    largest = np.abs(exact - approximate).max()
    print(f"{one:.4f} | {other:.4f} | largest difference {largest:.0e}")


def seconds(function, *arguments, runs=3, **options):
    """The best time of several runs: whatever else the computer does only makes it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments, **options)
        times.append(time.perf_counter() - begin)
    return min(times)


def off_by(matrix, truth, points):
    """How far a matrix sends points from where they belong: root of the mean squared distance."""
    away = geometry.transform_points(points, matrix) - geometry.transform_points(points, truth)
    return np.sqrt(np.mean(np.sum(away**2, axis=1)))


def small(picture, part=0.55):
    """The picture at about half its size, to be shown."""
    shape = tuple(round(part * n) for n in picture.shape[:2])
    return geometry.resize(picture, shape, method="area")


def join_up(one, other, source, target, good):
    """Two pictures side by side, a line for each pair: blue if it is right, wide orange if not."""
    both, target = 0.6 * np.hstack([one, other]) / 255 + 0.4, np.add(target, (0, one.shape[1]))
    for k in np.argsort(~good, kind="stable"):
        r, c = np.rint(np.linspace(source[k], target[k], 700)).astype(int).T
        both[r, c] = (0, 0.35, 0.7) if good[k] else (0.85, 0.35, 0)
        both[r - 1, c] = both[r - 1, c] if good[k] else (0.85, 0.35, 0)
    return both


def rings(picture, keypoints):
    """A ring around each keypoint, as wide as what was found."""
    out, turn = picture / 255, np.linspace(0, 2 * np.pi, 200)
    around = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    for place, size in zip(keypoints.points, keypoints.sizes, strict=True):
        ring = np.rint(place + size * around).astype(int)
        ring = ring[((ring >= 0) & (ring < out.shape[:2])).all(axis=1)]
        out[tuple(ring.T)] = (1, 1, 0)
    return out


# %% [markdown]
# ## A picture and a question

# %%
china = data.load("china")
size = (240, 300)
frame = np.array([(0, 0), (0, 299), (239, 299), (239, 0)])  # its corners
to_left = geometry.homography([(50, 30), (38, 352), (316, 344), (304, 36)], frame)
to_right = geometry.homography([(94, 232), (62, 556), (338, 586), (376, 250)], frame)
left, right = (geometry.warp_perspective(china, M, size) for M in (to_left, to_right))
exposure = 0.7  # the right one was open for a shorter time
right = np.rint(exposure * right).astype(np.uint8)
images.show(
    small(left, 0.7),
    small(right, 0.7),
    columns=2,
    alt="A red tower with curved roofs under a pale sky; and a second, darker and slightly turned "
    "picture, with the right edge of the tower, a lake and trees.",
)

# %% [markdown]
# Two photographs from one place; the camera was turned in between. **Make one picture of them.**
#
# You see at once that the tower is in both. But where exactly does the right picture lie, and how is
# it turned? Here the computer held the camera: both are views of one photograph. So we know the
# answer, `truth`, and can judge every step by it.

# %%
truth = to_left @ np.linalg.inv(to_right)  # from the right picture to the left
gray_left, gray_right = color.to_gray(left), color.to_gray(right)

# %% [markdown]
# ## Places that can be found again
#
# In the middle of the sky one pixel is like the next. On the edge of a roof you can tell where you
# are across the edge, and not along it. Corners (lesson 05) and spots (lesson 02) are better: there
# the picture changes in every direction. Such places are **keypoints**. SIFT looks for spots, light
# or dark, of all sizes.

# %%
found = features.sift(gray_left)
images.show(
    rings(left, found[:60])[:160, 30:290],
    titles=[f"the 60 most distinct of {len(found)}"],
    alt="The tower with yellow rings, small and large: on the ends of the eaves, at windows and "
    "ornaments; none in the sky.",
)

# %% [markdown]
# To know a place again, describe it. The plainest **descriptor** is the patch itself, its pixels in a
# row. Make its mean 0 and its length 1, and darker light is no matter.
#
# **Predict.** Turn the picture by ten degrees, by thirty, by fifty. Will patches still find their
# partners?


# %%
def patches(image, points, reach=6):
    """The pixels around each point in a row, their mean 0 and their length 1."""
    padded = np.pad(image.astype(float), reach, mode="reflect")
    side = 2 * reach + 1
    rows = np.array(
        [padded[r : r + side, c : c + side].ravel() for r, c in np.rint(points).astype(int)]
    )
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def right_ones(source, target, matrix=truth, within=3):
    """Which pairs are right, to some pixels."""
    away = geometry.transform_points(source, matrix) - target
    return np.linalg.norm(away, axis=1) < within


# %%
upright, angles = features.sift(gray_left), np.arange(0, 61, 10)
shares = {"patches": [], "SIFT": []}
for angle in np.radians(angles):
    view = geometry.rotate(gray_left, angle)
    cos, sin, middle = np.cos(angle), np.sin(angle), (np.array(size) - 1) / 2
    turn = np.array([[cos, sin], [-sin, cos]])  # of (row, column)
    turn = np.vstack([np.column_stack([turn, middle - turn @ middle]), (0, 0, 1)])
    turned = features.sift(view)
    there = geometry.transform_points(upright.points, turn)
    seen = (np.linalg.norm(there[:, None] - turned.points, axis=2) < 2).any(axis=1)
    for name, one, other in (
        ("patches", patches(gray_left, upright.points), patches(view, turned.points)),
        ("SIFT", upright.descriptors, turned.descriptors),
    ):
        nearest = features.match(one, other, ratio=None, cross_check=False)[:, 1]
        good = right_ones(upright.points, turned.points[nearest], turn)
        shares[name].append(good[seen].mean())
images.plot_rows(
    *shares.values(),
    labels=[*shares],
    title="share of right partners; to the right: the turn, in tens of degrees",
    alt=f"SIFT stays high, from {shares['SIFT'][0]:.0%} to {shares['SIFT'][-1]:.0%}. The patches begin at "
    f"{shares['patches'][0]:.0%}, have {shares['patches'][3]:.0%} at 30 degrees and "
    f"{shares['patches'][-1]:.0%} at 60.",
)

# %% [markdown]
# A turn moves every pixel of a patch. SIFT takes three precautions: it cuts out the patch at the
# keypoint's own **size**, turns it upright by its own **direction**, and stores no pixels, but how
# strong the edges are in each of 8 directions, in each of 4 × 4 cells. A small shift hardly changes
# those 128 numbers.

# %%
a, b = features.sift(gray_right), features.sift(gray_left)
there = geometry.transform_points(a.points, truth)
away = np.linalg.norm(there[:, None] - b.points, axis=2)
i = np.flatnonzero(away.min(axis=1) < 0.3)[0]
twin = int(away[i].argmin())
stranger = int(np.linalg.norm(b.descriptors - a.descriptors[i], axis=1).argmax())
images.show(
    *[
        np.clip(d / 160, 0, 1).reshape(8, 16)
        for d in (a.descriptors[i], b.descriptors[twin], b.descriptors[stranger])
    ],
    titles=["a place on the right", "the same on the left", "another place"],
    alt="Three tables of 128 grey cells. The first two have the same cells bright; the third has "
    "others.",
)

# %% [markdown]
# ## Which belongs to which?
#
# Matching is looking for the **nearest** descriptor of the other picture. But the nearest of what
# is not there at all is still something. Two questions sort most of that out:
#
# - **Ratio.** Is the nearest *clearly* nearer than the second, $d_1 < 0.8\, d_2$? A window of a facade
#   looks like the next one; then the two distances are nearly the same, and it says nothing.
# - **Cross-check.** Is it mutual?
#
# **Predict.** How many of the matches of the darker picture survive, and which share of them is right?

# %%
print("                      pairs   right   share")
for name, ratio, check in (
    ("nearest", None, False),
    ("and mutual", None, True),
    ("and clearly nearest", 0.8, False),
    ("both", 0.8, True),
    ("both, and strict", 0.6, True),
):
    pairs = features.match(a.descriptors, b.descriptors, ratio=ratio, cross_check=check)
    good = right_ones(a.points[pairs[:, 0]], b.points[pairs[:, 1]])
    print(f"{name:20}   {len(pairs):5}   {good.sum():5}   {good.mean():.0%}")


# %% [markdown]
# Nearly all wrong ones go, and hardly a right one. Some wrong ones always stay. By hand it is a
# table of all distances:


# %%
def by_hand(a, b, ratio):
    pairs = []
    for i in range(len(a)):
        distance = [np.sqrt(np.sum((a[i] - b[j]) ** 2)) for j in range(len(b))]
        j = int(np.argmin(distance))
        d1, d2 = sorted(distance)[:2]
        back = [np.sum((a[k] - b[j]) ** 2) for k in range(len(a))] if d1 < ratio * d2 else [0]
        if d1 < ratio * d2 and np.argmin(back) == i:
            pairs.append((i, j))
    return np.array(pairs)


pairs = features.match(a.descriptors, b.descriptors, ratio=0.8)
assert np.array_equal(by_hand(a.descriptors, b.descriptors, 0.8), pairs)
plain = seconds(by_hand, a.descriptors, b.descriptors, 0.8, runs=1)
print(
    f"the library: {plain / seconds(features.match, a.descriptors, b.descriptors):.0f} times as fast"
)

# %% [markdown]
# The same pairs. Here they are; the lines of right ones run nearly parallel.

# %%
source, target = a.points[pairs[:, 0]], b.points[pairs[:, 1]]
good = right_ones(source, target)
images.show(
    small(join_up(right, left, source, target, good), 0.5),
    titles=[f"{good.sum()} right pairs, {np.sum(~good)} wrong"],
    alt="The two pictures side by side and a line for each pair: a sheaf of nearly parallel blue lines "
    f"from the tower on one to the tower on the other, and {np.sum(~good)} orange ones across it.",
)

# %% [markdown]
# ## Nine numbers
#
# A camera that only turns, or any camera that looks at something flat, moves all points by a
# **homography**: $(a, b, w) = H\,(r, c, 1)$, and the point is $(a/w, b/w)$. Nine numbers, of which
# the scale does not matter. Each pair gives two equations:
#
# $$u\,(h_7 r + h_8 c + h_9) = h_1 r + h_2 c + h_3 \qquad
# v\,(h_7 r + h_8 c + h_9) = h_4 r + h_5 c + h_6$$
#
# They are linear in $h$, and **four pairs** make eight: enough. With more pairs, take the $h$ of length
# 1 that breaks them least; the singular value decomposition has it ready. This is the *direct linear
# transform*, DLT.


# %%
def dlt(source, target):
    rows = []
    for (r, c), (u, v) in zip(source, target, strict=True):
        rows += [[r, c, 1, 0, 0, 0, -u * r, -u * c, -u], [0, 0, 0, r, c, 1, -v * r, -v * c, -v]]
    H = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    return H / H[2, 2]


def normalise(points):
    """Moved to mean 0 and mean distance √2, and the matrix that does it."""
    middle = points.mean(axis=0)
    unit = 2**0.5 / np.linalg.norm(points - middle, axis=1).mean()
    return (points - middle) * unit, np.array(
        [[unit, 0, -unit * middle[0]], [0, unit, -unit * middle[1]], [0, 0, 1]]
    )


def normalised_dlt(source, target):
    (p, S), (q, T) = normalise(source), normalise(target)
    H = np.linalg.inv(T) @ dlt(p, q) @ S
    return H / H[2, 2]


# %% [markdown]
# Why normalise? Look at a row of numbers: 1 stands beside $u\,r$, which may be a million. What is
# broken least is then not what you would want. Ten points, each a little off, a hundred times over,
# near the corner of a large photograph and far out in it:

# %%
rng = np.random.default_rng(0)
gentle = np.array([[1.02, 0.05, 8], [-0.04, 0.98, 5], [1e-5, -2e-5, 1]])
print("where        plain     normalised    (error in pixels, median of 100)")
for far in (0, 1000, 4000):
    errors = []
    for _ in range(100):
        p = far + rng.uniform(0, 300, (10, 2))
        q = geometry.transform_points(p, gentle) + rng.normal(0, 0.5, p.shape)
        errors.append([off_by(find(p, q), gentle, p) for find in (dlt, normalised_dlt)])
    plain_error, better = np.median(errors, axis=0)
    print(f"at {far:4}   {plain_error:8.2f}   {better:10.2f}")

# %%
p, q = source[good], target[good]
same(geometry.homography(p, q), normalised_dlt(p, q))

# %% [markdown]
# ## One liar is enough
#
# We took the right pairs only, for we know them. Nobody will tell you. So fit to all of them:

# %%
everyone = geometry.homography(source, target)
print(
    f"right pairs only: corners off by {off_by(geometry.homography(p, q), truth, frame):7.2f} pixels"
)
print(f"all pairs:        corners off by {off_by(everyone, truth, frame):7.2f} pixels")

# %% [markdown]
# To see why, go down to one dimension. Points on a line, and one that is not.
#
# **Predict.** Where does the line of least squares run?

# %%
x = np.arange(12.0)
y = 1 + 0.5 * x + rng.normal(0, 0.1, 12)
y[10] = 0.5  # the liar
slope, height = np.polyfit(x, y, 1)
images.plot_rows(
    y,
    height + slope * x,
    1 + 0.5 * x,
    labels=["points", "least squares", "truth"],
    alt="Points rise steadily but for one near the right end, which falls nearly to 0. The line of "
    f"least squares is flatter than the truth, {slope:.2f} for 0.50, and misses nearly all points.",
)

# %% [markdown]
# Squares make the one far point count as much as many near ones. Least squares wants to please
# everybody, and pleases nobody. So turn it round: take **as few points as settle the line**, two,
# and ask the others whether they agree. All draws there are:

# %%
votes = np.zeros((12, 12), int)
for i in range(12):
    for j in range(i + 1, 12):
        slope = (y[j] - y[i]) / (x[j] - x[i])
        votes[i, j] = votes[j, i] = np.sum(np.abs(y[i] + slope * (x - x[i]) - y) < 0.35)
images.show(
    votes / 12,
    titles=["votes for the line through two points"],
    alt="A square of 12 by 12 cells, most of them bright, dark along the diagonal, where neighbours "
    "make uncertain lines, and dark in one row and one column: those of the liar.",
)

# %%
i, j = np.unravel_index(votes.argmax(), votes.shape)
slope = (y[j] - y[i]) / (x[j] - x[i])
agree = np.abs(y[i] + slope * (x - x[i]) - y) < 0.35
slope, height = np.polyfit(x[agree], y[agree], 1)
print(f"{votes.max()} of 12 agree; fitted to these: {height:.2f} + {slope:.2f} x")

# %% [markdown]
# **Draw few, let all vote, keep the best, and fit once more to those that agree.** That is RANSAC,
# random sample consensus. The liars do not even agree among themselves, so no draw with a liar in it
# gets many votes.
#
# ## How many draws?
#
# If a share $s$ of the pairs is right, a draw of $k$ is clean with chance $s^k$. After $n$ draws, none
# was clean with chance $(1 - s^k)^n$. Say how sure you want to be, and solve for $n$:

# %%
confidence = 0.999
print(f"draws, to be sure to {confidence:.1%}")
print("right      line (2)   homography (4)   fundamental matrix (8)")
for share in (0.9, 0.7, 0.5, 0.3):
    n = [np.ceil(np.log(1 - confidence) / np.log(1 - share**k)) for k in (2, 4, 8)]
    print(f"{share:.0%}   {n[0]:12.0f}   {n[1]:14.0f}   {n[2]:22.0f}")

# %% [markdown]
# However many pairs there are: only their *share* counts. Half of them wrong is no trouble. And it
# shows why to take as few as possible at a time. (The last column is for two cameras in different
# places; their **fundamental matrix** says on which line of the other picture a point must lie.)
#
# Now for the pictures.


# %%
def ransac_by_hand(source, target, draws=200, tolerance=3.0):
    rng, best = np.random.default_rng(0), np.zeros(len(source), bool)
    for _ in range(draws):
        four = rng.choice(len(source), 4, replace=False)
        H = normalised_dlt(source[four], target[four])
        agree = np.linalg.norm(geometry.transform_points(source, H) - target, axis=1) < tolerance
        best = agree if agree.sum() > best.sum() else best
    return normalised_dlt(source[best], target[best]), best


# %%
mine, my_inliers = ransac_by_hand(source, target)
matrix, inliers = geometry.ransac("homography", source, target)
for name, found_matrix, votes in (("by hand", mine, my_inliers), ("library", matrix, inliers)):
    error = off_by(found_matrix, truth, frame)
    print(f"{name}: {votes.sum()} of {len(source)} agree, corners off by {error:.2f} pixels")
ratio = seconds(ransac_by_hand, source, target, runs=1) / seconds(
    geometry.ransac, "homography", source, target
)
print(f"the library is {ratio:.0f} times as fast")

# %% [markdown]
# From hopeless to less than a pixel. (The library tries many draws at once, stops when it is sure,
# and in the end makes the distances least, not the broken equations.)
#
# ## Pull, do not push
#
# We know where each pixel of the right picture goes. So push it there? First in a row, stretched by
# 1.6:
#
# **Predict.** What does the row look like if each pixel is pushed to its new place?

# %%
row = gray_left[150, 100:126].astype(float)
row = 0.4 + 0.6 * (row - row.min()) / np.ptp(row)  # bright, so that gaps are seen
pushed = np.zeros(41)
pushed[np.rint(1.6 * np.arange(26)).astype(int)] = row
pulled = np.interp(np.arange(41) / 1.6, np.arange(26), row)
images.show(
    *[np.tile(strip, (4, 1)) for strip in (row, pushed, pulled)],
    titles=["a row", "pushed", "pulled"],
    columns=1,
    alt="A strip of grey cells; a longer one in which black cells stand between the grey ones, where "
    "none was pushed to; and the same length without gaps.",
)

# %% [markdown]
# Some places get nothing. So **pull**: for each *new* pixel, ask the inverse where it comes from, and
# look between the old pixels there. In two dimensions the four around it are weighed, which is called
# bilinear.


# %%
def pull(image, matrix, shape):
    h, w = image.shape
    new = np.indices(shape).reshape(2, -1).T
    y, x = geometry.transform_points(new, np.linalg.inv(matrix)).T
    inside = (y >= 0) & (y <= h - 1) & (x >= 0) & (x <= w - 1)
    r, c = (np.clip(np.floor(v).astype(int), 0, n - 2) for v, n in ((y, h), (x, w)))
    fr, fc = y - r, x - c
    above = (1 - fc) * image[r, c] + fc * image[r, c + 1]
    below = (1 - fc) * image[r + 1, c] + fc * image[r + 1, c + 1]
    return np.where(inside, (1 - fr) * above + fr * below, 0).reshape(shape)


# %%
wide = (300, 500)
pushed = np.zeros(wide, np.uint8)
places = np.indices(size).reshape(2, -1).T
places = np.rint(geometry.transform_points(places, matrix)).astype(int)
fits = (places >= 0).all(axis=1) & (places < wide).all(axis=1)
pushed[tuple(places[fits].T)] = gray_right.ravel()[fits]
pulled = pull(gray_right / 255, matrix, wide)
cut = np.s_[90:240, 200:380]
images.show(
    pushed[cut],
    pulled[cut],
    titles=["pushed", "pulled"],
    columns=2,
    alt="The right picture set upright beside the left one: pushed, it is covered by a net of black "
    "holes; pulled, it is whole.",
)

# %%
theirs = geometry.warp_perspective(gray_right / 255, matrix, wide)
inner = geometry.warp_perspective(np.ones(size), matrix, wide) == 1
same(theirs[inner], pulled[inner])
ratio = seconds(pull, gray_right / 255, matrix, wide) / seconds(
    geometry.warp_perspective, gray_right / 255, matrix, wide, runs=9
)
print(f"the library is {ratio:.0f} times as fast")

# %% [markdown]
# ## The seam
#
# Lay the right picture over the left one:

# %%
one = geometry.warp_perspective(left / 255, np.eye(3), wide)
other = geometry.warp_perspective(right / 255, matrix, wide)
have_one, have_other = (
    geometry.warp_perspective(np.ones(size), M, wide) == 1 for M in (np.eye(3), matrix)
)
both = have_one & have_other
on_top = np.where(have_other[..., None], other, one)
images.show(
    small(on_top),
    titles=["laid on top"],
    alt="The tower and the lake in one picture, and along the left edge of the upper one a hard step "
    "from bright to dark, right through the tower.",
)

# %% [markdown]
# They fit: the roofs go on across the edge. But the light does not. Two steps are missing.
#
# **Exposure.** Where they overlap they show the same, so they should be equally bright. One number
# does it, or one for each channel.
#
# **Feather.** Let each picture speak the louder, the further a pixel is from its edge: weights like
# tents, and the weighted mean. A profile through the overlap tells the story.

# %%
gain = one[both].mean() / other[both].mean()
lit = np.clip(gain * other, 0, 1)
tent = np.outer(*(1 - np.abs(np.linspace(-1, 1, n)) for n in size)) + 1e-6
w1 = geometry.warp_perspective(tent, np.eye(3), wide) * have_one
w2 = geometry.warp_perspective(tent, matrix, wide) * have_other
share = np.divide(w2, w1 + w2, out=np.zeros(wide), where=w1 + w2 > 0)[..., None]
feathered = (1 - share) * one + share * lit
line = np.s_[110:130, 190:275, 1]
images.plot_rows(
    on_top[line].mean(axis=0),
    np.where(have_other[..., None], lit, one)[line].mean(axis=0),
    share[120, 190:275, 0],
    labels=["laid on top", "with equal light", "how loud the right one is"],
    title=f"twenty rows about row 120, their mean; gain {gain:.2f}",
    alt="Two ragged curves that are one until the edge; there the one laid on top drops and stays "
    f"lower, the other goes on. The third curve climbs slowly. The gain is {gain:.2f}; "
    f"the shutter asks for {1 / exposure:.2f}.",
)

# %%
real = geometry.warp_perspective(china, to_left, wide) / 255
covered = have_one | have_other
for name, picture in (
    ("laid on top", on_top),
    ("equal light", np.where(have_other[..., None], lit, one)),
    ("feathered", feathered),
):
    print(f"{name:12} PSNR {metrics.psnr(real[covered][None], picture[covered][None]):.1f} dB")

# %% [markdown]
# A mean of two pictures that lie half a pixel apart is blurred, and whatever moved in between is
# there twice, faintly. A sharp cut has neither, and shows every difference in light. You can have
# both: **coarse detail crosses slowly, fine detail at once.** That is *multiband* blending. In a row,
# with two bands:

# %%
n = np.arange(150)
fine = 0.12 * np.sin(n * 1.1)
dark, bright = 0.35 + fine, 0.6 + 0.12 * np.sin(n * 1.1 + np.pi)  # the fine detail has slipped
ramp, cut_at = np.clip((n - 35) / 80, 0, 1), n >= 75
coarse = (1 - ramp) * 0.35 + ramp * 0.6
images.show(
    *[
        np.tile(strip, (14, 1))
        for strip in (
            np.where(cut_at, bright, dark),
            (1 - ramp) * dark + ramp * bright,
            coarse + np.where(cut_at, bright - 0.6, dark - 0.35),
        )
    ],
    titles=["cut", "feathered", "two bands"],
    columns=1,
    alt="Three strips of upright ripples, darker on the left. The first steps from dark to bright at "
    "once. In the second the change is slow, and the ripples nearly vanish in the middle. In the third "
    "the change is slow and the ripples go on.",
)

# %% [markdown]
# ## All of it in one call
#
# Three crops now, in any order, each in a light of its own. The library matches every two, finds
# which overlap, adjusts all matrices together, makes the light equal and blends in bands.

# %%
to_third = geometry.homography([(150, 20), (140, 330), (420, 352), (398, 8)], frame)
third = geometry.warp_perspective(china, to_third, size)
third = np.rint(0.85 * third).astype(np.uint8)
photos = [right, third, left]
whole = geometry.panorama(photos)
images.show(
    *[small(view, 0.45) for view in photos],
    alt="The lake with the edge of the tower, dark; the foot of the tower with trees; the upper part of "
    "the tower, bright.",
)

# %%
images.show(
    small(whole, 0.5),
    titles=["geometry.panorama(photos)"],
    alt="One picture of tower, lake and trees with slanting outer edges and no seam to be seen.",
)

# %%
print(
    f"{whole.shape[1]} by {whole.shape[0]} pixels in {seconds(geometry.panorama, photos, runs=1):.2f} s"
)

# %% [markdown]
# For wider views than about 100 degrees a plane will not do, its ends grow beyond all bounds. Then
# `projection="cylinder"`.
#
# ## When the camera only slid
#
# A satellite, a microscope on rails, a scanner: pictures that are shifted, and no more. For these
# there is a way without keypoints. Take a row, and the same row shifted by 7:
#
# **Predict.** What does a shift do to the waves that a row is made of (lesson 03)?

# %%
row = gray_left[150].astype(float)
shifted = np.roll(row, 7)
F, G = np.fft.fft(row), np.fft.fft(shifted)
turned = np.unwrap(np.angle(G[1:25] / F[1:25]))
images.plot_rows(
    turned,
    labels=["by how much each wave is turned, in radians"],
    alt=f"A straight line that falls from {turned[0]:.2f} to {turned[-1]:.1f}: the faster the wave, the "
    "more it is turned.",
)

# %% [markdown]
# Their strengths stay, their phases turn, in proportion to the frequency. The slope is the shift:

# %%
slope = np.polyfit(np.arange(1, 25), turned, 1)[0]
print(f"shift {-slope * len(row) / (2 * np.pi):.2f}")

# %% [markdown]
# In two dimensions: multiply the one spectrum by the conjugate of the other, divide each product by
# its magnitude, so that each wave has one vote, and go back. All votes meet in one pixel. (The two
# views fade out to their edges first. The transform joins opposite edges, and the jump there stays
# where it is while the picture slides.)

# %%
first, second = gray_left[60:188, 60:188] / 255, 0.6 * gray_left[49:177, 73:201] / 255
fade = np.outer(np.hanning(128), np.hanning(128))
F, G = (np.fft.fft2((view - view.mean()) * fade) for view in (first, second))
votes = np.fft.ifft2(np.conj(F) * G / np.abs(F * G)).real
place = np.unravel_index(votes.argmax(), votes.shape)
print([int(s) if s < 64 else int(s) - 128 for s in place])
near_0 = np.clip(np.fft.fftshift(votes) / votes.max(), 0, 1)[48:80, 48:80]
images.show(
    first,
    second,
    near_0.repeat(4, 0).repeat(4, 1),  # enlarged
    titles=["one", "another", "votes near 0, the middle"],
    alt="Two windows of the tower, the second darker and shifted; and a black picture with one white "
    "dot below and to the left of its middle.",
)

# %% [markdown]
# The library looks between the pixels, too. How fine is it? Shift a photograph by some pixels, then
# shrink it by 8: each of them is now an eighth of a pixel.

# %%
big = color.to_gray(data.load("astronaut")) / 255
worst = 0
print("true            found")
for step in ((3, -5), (12, 4), (-20, 9)):
    views = [big[64 + r : 448 + r, 64 + c : 448 + c] for r, c in ((0, 0), step)]
    tiny = [view.reshape(48, 8, 48, 8).mean(axis=(1, 3)) for view in views]
    shift, response = geometry.phase_correlation(*tiny)
    real_shift = -np.array(step) / 8
    print(f"{real_shift[0]:6.3f} {real_shift[1]:6.3f}   {shift[0]:6.3f} {shift[1]:6.3f}")
    worst = max(worst, np.abs(shift - real_shift).max())
print(f"off by {worst:.3f} pixels at most")

# %% [markdown]
# ## How good is it, honestly?
#
# One pair of pictures is no measurement. So take twenty homographies at random, warp a photograph
# by each, add noise and less light, and ask how far the four corners are off. Two kinds of
# keypoints, SIFT and the quicker ORB, each with least squares on all matches, and with RANSAC. The
# intervals come from a *bootstrap*, which lesson 11 explains.

# %%
photo = color.to_gray(data.load("astronaut"))
edge = np.array([(0, 0), (0, 511), (511, 511), (511, 0)])
finders = {"ORB": lambda x: features.orb(x, count=1000), "SIFT": features.sift}
known = {name: find(photo) for name, find in finders.items()}


def trial(seed):
    """Corner errors of all four ways for one random homography."""
    rng = np.random.default_rng(seed)
    real = geometry.homography(edge, edge + rng.uniform(-60, 60, (4, 2)))
    view = 0.8 * geometry.warp_perspective(photo / 255, real) + rng.normal(0, 0.02, photo.shape)
    view, errors = np.clip(view, 0, 1), []
    for name, find in finders.items():
        one, other = known[name], find(view)
        pairs = features.match(one.descriptors, other.descriptors, ratio=0.9)
        p, q = one.points[pairs[:, 0]], other.points[pairs[:, 1]]
        errors.append(off_by(geometry.homography(p, q), real, edge))
        errors.append(off_by(geometry.ransac("homography", p, q, tolerance=2).matrix, real, edge))
    return errors


errors = np.array([trial(seed) for seed in range(20)])
print("corner error in pixels: median of 20, and a 95 % interval")
for k, name in enumerate(
    ("ORB, least squares", "ORB, RANSAC", "SIFT, least squares", "SIFT, RANSAC")
):
    sure = metrics.bootstrap(errors[:, k], statistic=np.median, method="percentile")
    print(f"{name:20} {sure.value:7.2f}   {sure.low:.2f} to {sure.high:.2f}")

# %% [markdown]
# From hopeless to a fraction of a pixel, in a picture that is darker, noisy and tilted. RANSAC makes
# the first step, and by far the larger; better keypoints make the last.
#
# ## What goes wrong, and how to see it
#
# **Depth.** A homography is right for a camera that only turns, or a scene that is flat. If the camera
# *moves*, near things shift more than far ones, *parallax*. Two photographs from two places:

# %%
pair = data.load("stereo_motorcycle")
near, far = (color.to_gray(view)[::2, ::2] for view in (pair.left, pair.right))
k1, k2 = features.sift(near), features.sift(far)
pairs = features.match(k1.descriptors, k2.descriptors)
p, q = k1.points[pairs[:, 0]], k2.points[pairs[:, 1]]
best = geometry.ransac("homography", p, q, tolerance=2)
print(f"a motorcycle from two places: {best.inliers.mean():.0%} of {len(p)} pairs agree")
print(f"our tower, by a turn:         {inliers.mean():.0%} of {len(source)} pairs agree")

depth_says = pair.disparity[::2, ::2][tuple(np.rint(p).astype(int).T)] / 2  # as it was measured
off = np.abs(p[:, 1] - q[:, 1] - depth_says)
print(f"the motorcycle's pairs that are right: {np.mean(off[np.isfinite(off)] < 2):.0%}")

# %%
moved = geometry.warp_perspective(near, best.matrix)
view = np.s_[10:180, 75:335]
images.show(
    (moved[view] / 2 + far[view] / 2) / 255,
    titles=["both, one over the other"],
    alt="A motorcycle in a garage. Its engine is fairly sharp; handlebars, mirrors and the shelves behind "
    "are there twice.",
)

# %% [markdown]
# No seam will hide that. The share of pairs that agree told it beforehand: nearly all of them are
# right, and yet most do not follow the one homography. (Some always do by chance. If more than
# 8 + 0.3 N of N pairs agree it is no chance, and both pictures show the same thing: Brown and Lowe.
# The motorcycle passes that test. It does not ask whether one homography is enough.)
#
# **Repetition.** On a chessboard, on a facade, every place has a twin. Turn the picture by a little, add
# noise, and match the two:

# %%
cos, sin = np.cos(0.1), np.sin(0.1)
turn = np.array([[cos, -sin, 20], [sin, cos, -15], [0, 0, 1.0]])
print("                keypoints   mutual, right   clear, right")
for name in ("astronaut", "brick", "checkerboard"):
    picture = data.load(name)
    gray = (color.to_gray(picture) if picture.ndim == 3 else picture)[:200, :200] / 255
    view = geometry.warp_perspective(gray, turn, mode="mirror") + rng.normal(0, 0.03, gray.shape)
    k1, k2 = features.sift(gray), features.sift(np.clip(view, 0, 1))
    row = f"{name:13} {len(k1):10}"
    for ratio in (None, 0.8):
        pairs = features.match(k1.descriptors, k2.descriptors, ratio=ratio)
        good = right_ones(k1.points[pairs[:, 0]], k2.points[pairs[:, 1]], turn)
        row += f"   {len(pairs):6}, {good.sum():5}"
    print(row)

# %% [markdown]
# The ratio refuses nearly the whole chessboard, and of the little that it leaves hardly a pair is
# right.
#
# **Little overlap.** The homography is known where there are pairs. Beyond, it is a guess:

# %%
print("overlap   pairs   far corners off by")
for across in (100, 250, 350, 400, 440):
    noisy = np.clip(photo[:, across:] / 255 + rng.normal(0, 0.03, (512, 512 - across)), 0, 1)
    parts = known["SIFT"], features.sift(noisy)
    pairs = features.match(parts[1].descriptors, parts[0].descriptors)
    p, q = parts[1].points[pairs[:, 0]], parts[0].points[pairs[:, 1]]
    found_matrix = geometry.ransac("homography", p, q).matrix
    shift = np.array([[1, 0, 0], [0, 1, across], [0, 0, 1.0]])
    error = off_by(found_matrix, shift, [(0, 512), (512, 512)])
    print(f"{(512 - across) / 512:7.0%}   {len(pairs):5}   {error:.2f} pixels")

# %% [markdown]
# - **All draws are equally bad?** Look at the share that agrees before you look at the picture: by
#   chance, too, some always do.
# - **A line of keypoints** settles no homography. Four of them nearly on a line give a wild one.
# - **The tolerance** is in pixels: too small and right pairs are thrown out, too large and wrong ones
#   vote along. Two or three will do for keypoints.
# - **A dark band along the seam?** Vignetting, lenses are darker in their corners. One gain does not
#   mend it; a multiband blend hides it.
#
# ## Where it is used
#
# - **Space.** A rover's view of Mars is hundreds of frames; telescopes stack shifted exposures, found
#   to a fraction of a pixel, so that noise averages out.
# - **Satellites.** Every new picture is laid over the old ones by matches or by phase correlation
#   before anyone may say that something has changed.
# - **Medicine.** A slide under the microscope is scanned in tiles and stitched. The retina is wider
#   than one photograph of it.
# - **Roads.** What a car's camera sees is brought to a view from above, by one homography, for the
#   road is flat.
# - **Phones.** Panorama, document scanner, steady video: all three are this page.
#
# ## To remember
#
# - A keypoint is a place that can be found again; its descriptor survives turns, size and light.
# - A match is the nearest, clearly nearest, and mutual. Some are wrong still.
# - Four pairs settle a homography. Normalise first.
# - Least squares pleases the liars. RANSAC: draw few, let all vote, fit to those that agree.
# - Draws grow with the wrong share and with what a draw takes, not with the number of pairs.
# - Pull pixels by the inverse; pushing leaves holes.
# - Make light equal in the overlap; coarse detail crosses a seam slowly, fine detail at once.
# - A pure shift: phases only, one wave, one vote.
# - Depth, repetition and little overlap break it. Look at the share that agrees.
#
# Now write it all yourself: type `imgkit start 09`. Here depth was in the way; in
# [lesson 10](10_camera.ipynb) it is what we look for.
#
# ## References
#
# - Szeliski, *Computer Vision*, 2nd ed., sections 7.1 (keypoints, matching), 8.1 (alignment, RANSAC)
#   and 8.2 to 8.4 (stitching, blending).
# - Hartley and Zisserman, *Multiple View Geometry*, 2nd ed., chapter 4: DLT, normalisation, RANSAC.
# - Lowe, *Distinctive image features from scale-invariant keypoints*, International Journal of
#   Computer Vision 60, 2004.
# - Fischler and Bolles, *Random sample consensus*, Communications of the ACM 24, 1981.
# - Brown and Lowe, *Automatic panoramic image stitching using invariant features*, International
#   Journal of Computer Vision 74, 2007.
# - Burt and Adelson, *A multiresolution spline with application to image mosaics*, ACM Transactions
#   on Graphics 2, 1983.
# - Kuglin and Hines, *The phase correlation image alignment method*, IEEE Conference on Cybernetics
#   and Society, 1975.
