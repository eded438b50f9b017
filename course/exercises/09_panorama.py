# ---
# jupyter:
#   imgkit:
#     title: Matching, RANSAC, panorama
#     minutes: 60
#     needs: [02_convolution, 03_frequency]
# ---

# %% [markdown]
# # Matching, RANSAC, panorama
#
# **About 60 minutes, seven tasks.** Before: exercises 02 and 03, and best the lesson of the same
# name.
#
# A rover on Mars has a narrow camera. It turns its head, takes a picture, turns a little further,
# takes the next. What you see in the news is one wide picture without a seam. Somebody had to find
# out how the pictures lie, and nobody on Mars held a ruler. The pictures have to say it themselves.
#
# By the end you can
#
# - say where a homography takes a point, and find one from four pairs,
# - find a pure shift with two Fourier transforms,
# - match descriptors, and refuse those in doubt,
# - let pairs vote, so that wrong ones have no say,
# - pull a picture into another view without holes,
# - and join two photographs into one.
#
# Points are (row, column), always. Loops earn all points. Where fewer would do, the check says so:
# first right, then fast. Stuck? `ex.hint("warp")` gives a hint, and the next one when you ask again.
# Hints cost nothing.

# %% tags=["setup"]
import numpy as np
from scipy import ndimage

from imgkit import data


def halved(photo):
    """A photograph at half its size, each pixel the mean of four: floats in 0..1, grey or RGB."""
    h, w = photo.shape[0] // 2, photo.shape[1] // 2
    return photo[: 2 * h, : 2 * w].reshape(h, 2, w, 2, -1).mean(axis=(1, 3)).squeeze() / 255


lake = halved(data.load("china"))  # (213, 320, 3)
scene = lake.mean(axis=2)  # the same in grey


def look(photo, H, shape):
    """What a camera sees of a photograph: the pixel p of the view shows what is at H p.

    It makes pictures whose truth is known, by SciPy.
    """
    r, c = np.indices(shape)
    u, v, w = np.tensordot(H, np.stack([r, c, np.ones(shape)]), 1)
    return ndimage.map_coordinates(photo, [u / w, v / w], order=3).clip(0, 1)


def pose(rng, corner, turn=0.12, tilt=4e-4):
    """A camera that is turned and tilted a little: its H leads from the view to the photograph,
    the view's first pixel to the corner."""
    angle = rng.choice([-1, 1]) * rng.uniform(turn / 2, turn)
    cos, sin = np.cos(angle), np.sin(angle)
    row, column = rng.choice([-1, 1], 2) * rng.uniform(tilt / 2, tilt, 2)
    H = np.array([[cos, -sin, 0], [sin, cos, 0], [row, column, 1]])
    return np.array([[1, 0, corner[0]], [0, 1, corner[1]], [0, 0, 1]]) @ H


# %%
import time

from imgkit import course, features, geometry, images

ex = course.exercise("09_panorama")
ex

# %% [markdown]
# The camera here is the computer: it looks at one photograph, a tower by a lake in Beijing, from two
# sides. So we know how the two views lie, and can hold ourselves to it. You do not know, yet.

# %%
rng = np.random.default_rng(10)
shape, exposure = (146, 180), 0.75
to_photo = [pose(rng, (22, 6), 0.04, 2e-4), pose(rng, (46, 100), 0.16, 6e-4)]
left, right = (np.stack([look(lake[..., k], H, shape) for k in range(3)], axis=2) for H in to_photo)
right = exposure * right  # it was open for a shorter time
images.show(
    left,
    right,
    titles=["one view", "another"],
    columns=2,
    alt="A red tower with curved roofs under a bright sky; and its right half with a lake behind it, "
    f"tilted and darker, at {exposure:.0%} of the light.",
)

# %% [markdown]
# ## 1 · Where does a point go?
#
# Take a picture of a wall, step aside, take another. Lines stay lines, but parallels may meet. Nine
# numbers say it all, the **homography** $H$:
#
# $$\begin{pmatrix} a \\ b \\ w \end{pmatrix} = H \begin{pmatrix} r \\ c \\ 1 \end{pmatrix},
# \qquad \text{and the point is } \Bigl(\frac{a}{w}, \frac{b}{w}\Bigr)$$
#
# The last column of $H$ moves, the upper left two by two turn and stretch, and the last row makes
# what is far away small: it is the division by $w$ that does it.
#
# **Predict.** If you multiply all nine numbers by 2, where does the point go?

# %%
ex.target("move_points")


# %% tags=["task"] task="move_points" points=2 minutes=5 level=1 compare="close(rtol=1e-4, atol=1e-4)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.geometry"] shows="numbers"
def move_points(points, H):
    """Send points where a homography takes them.

    Parameters
    ----------
    points : array (N, 2) of numbers: row, column
    H : array (3, 3) of floats

    Returns
    -------
    Array (N, 2) of floats: for each point (r, c), with (a, b, w) = H @ (r, c, 1), the point
    (a / w, b / w). No w is 0.

    Example
    -------
    For points [[1, 2]] and H = [[1, 0, 10], [0, 2, 0], [0, 0, 2]] the answer is [[5.5, 2.0]].
    """
    # BEGIN SOLUTION
    moved = np.column_stack([points, np.ones(len(points))]) @ H.T
    return moved[:, :2] / moved[:, 2:]
    # END SOLUTION


# %% tags=["check"]
ex.check(move_points)

# %% [markdown] tags=["hint"] task="move_points"
# One point first: put a 1 behind its two numbers, multiply by the matrix, and divide the first two
# of what you get by the third. Then a loop, or all of them at once.

# %% [markdown] tags=["hint"] task="move_points"
# `np.column_stack([points, np.ones(len(points))])` puts the ones behind all points. Points lie in
# rows here, so the matrix has to act from the right, turned: `@ H.T`.

# %% [markdown] tags=["hint"] task="move_points"
# ```
# moved = np.column_stack([points, np.ones(len(points))]) @ H.T    # (N, 3): a, b, w
# return moved[:, :2] / ...
# ```


# %% tags=["cases"] task="move_points"
def move_points_cases(rng):
    def some(count):
        return rng.uniform(2, 40, (count, 2)).round(1)

    def whole(count):
        """In an array of whole numbers, where no half fits in."""
        return rng.integers(2, 40, (count, 2))

    square = np.array([(0, 0), (0, 20), (20, 20), (20, 0)]) + rng.integers(2, 9, 2)
    yield "the corners of a square", dict(points=square, H=pose(rng, rng.uniform(5, 9, 2)))
    strong = np.array([[1.2, -0.3, 4], [0.4, 0.8, -3], [0.004, 0.011, 1]])
    yield "seen askew", dict(points=whole(6), H=strong * rng.uniform(0.9, 1.1, (3, 3)))
    H = pose(rng, rng.uniform(20, 90, 2), 0.6, 4e-3)
    yield "a matrix times 3", dict(points=some(5), H=3 * H)
    yield "one point", dict(points=some(1), H=pose(rng, (7, -4), 0.4, 5e-3))
    H = np.array([[-0.9, 0.2, 30], [0.3, 1.1, 6], [0.006, -0.008, 2]])
    yield "three points", dict(points=whole(3), H=H + rng.uniform(-0.002, 0.002, (3, 3)))


# %% tags=["mistake"] task="move_points" says="You never divide by w, the third number. It is 1 only if nothing gets smaller with distance."
def not_divided(points, H):
    return (np.column_stack([points, np.ones(len(points))]) @ H.T)[:, :2]


# %% tags=["mistake"] task="move_points" says="The matrix is turned: `points @ H` multiplies by its columns. Points in rows want `@ H.T`."
def matrix_turned(points, H):
    return move_points(points, H.T)


# %% tags=["mistake"] task="move_points" says="You take the points as (column, row). Here rows come first, as everywhere in the kit."
def columns_first(points, H):
    return move_points(points[:, ::-1], H)[:, ::-1]


# %% tags=["mistake"] task="move_points" says="You go the way back: this is the inverse of H."
def the_way_back(points, H):
    return move_points(points, np.linalg.inv(H))


# %% tags=["mistake"] task="move_points" says="The ones are missing, so the last column of H never acts: put a 1 behind each point, not a 0."
def nothing_behind(points, H):
    moved = points @ H[:, :2].T
    return moved[:, :2] / moved[:, 2:]


# %% tags=["mistake"] task="move_points" says="You divide by H[2, 2]. Each point has a w of its own, the third number of H @ (r, c, 1)."
def one_number_for_all(points, H):
    moved = np.column_stack([points, np.ones(len(points))]) @ H.T
    return moved[:, :2] / H[2, 2]


# %% tags=["mistake"] task="move_points" says="The digits behind the point are cut off. You write into an array of whole numbers, perhaps a copy of `points`, and it keeps no others: begin with `np.zeros((len(points), 2))`."
def cut_to_whole_numbers(points, H):
    return move_points(points, H).astype(points.dtype)


# %% tags=["mistake"] task="move_points" says="Only the row is divided by w. The column has to be, too."
def row_only_divided(points, H):
    moved = np.column_stack([points, np.ones(len(points))]) @ H.T
    return np.column_stack([moved[:, 0] / moved[:, 2], moved[:, 1]])


# %% [markdown]
# **See it.** A chessboard of points, and where a camera that looks at it askew has them.

# %%
move = ex.use("move_points")
board = np.stack(np.meshgrid(np.arange(9), np.arange(9), indexing="ij"), -1).reshape(-1, 2)
canvas = np.ones((2, 120, 120))
for k, H in enumerate(
    ([[12, 0, 12], [0, 12, 12], [0, 0, 1]], [[10, 3, 14], [0, 16, 8], [0, 0.09, 1]])
):
    canvas[(k, *np.rint(move(board, np.array(H, float))).astype(int).T)] = 0
images.show(
    *canvas,
    titles=["a board of points", "seen askew"],
    columns=2,
    alt="Black dots in a square grid, and the same seen askew: on the left far apart, to the right "
    "closer and closer, in rows that run together.",
)

# %% [markdown]
# ## 2 · When the camera only slid
#
# A satellite flies on by a few pixels, and nothing else changes. No points are needed then: a
# **shift** by $s$ turns each wave of the picture by an angle that grows with its frequency, and
# leaves its strength alone (exercise 03). So
#
# 1. transform both, $F$ of the first and $G$ of the second,
# 2. multiply, $\overline{F} \cdot G$: the angles of $F$ are taken off those of $G$,
# 3. divide each product by its magnitude, `np.abs`, so that only the angle is left, and every wave
#    has one vote,
# 4. transform back. All votes meet in a single pixel: that is the shift.
#
# **Predict.** The picture has 40 rows, and it moved *up* by 3. In which row is the peak?

# %%
ex.target("phase_shift")


# %% tags=["task"] task="phase_shift" points=3 minutes=8 level=2 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.geometry", "imgkit.frequency"]
def phase_shift(first, second):
    """Find how far a picture was moved, by phase correlation.

    Parameters
    ----------
    first, second : arrays (H, W) of floats. The second shows the same, moved by whole pixels: what
        was at (r - dr, c - dc) is now at (r, c). At the edges something new may come in. The light
        may be another, and a soft glow on both may stay where it is: it is made of a few slow
        waves, and these are outvoted.

    Returns
    -------
    A tuple of two whole numbers, (dr, dc): down and to the right are positive, up and to the left
    negative. dr is less than half the height, dc less than half the width. `numpy.fft` is allowed.

    Example
    -------
    For first [[1, 0, 0, 0, 0]] and second [[0, 0, 0, 0, 1]] the answer is (0, -1).
    """
    # BEGIN SOLUTION
    votes = np.conj(np.fft.fft2(first)) * np.fft.fft2(second)
    peak = np.fft.ifft2(votes / (np.abs(votes) + 1e-12)).real
    place = np.unravel_index(peak.argmax(), peak.shape)
    return tuple(
        int(p) if p <= n // 2 else int(p) - n for p, n in zip(place, votes.shape, strict=True)
    )
    # END SOLUTION


# %% tags=["check"]
ex.check(phase_shift)

# %% [markdown] tags=["hint"] task="phase_shift"
# Four lines for the four steps, with `np.fft.fft2` and `np.fft.ifft2`; take `.real` at the end. Then
# find the place of the maximum. A tiny number, added to what you divide by, keeps it from being 0.

# %% [markdown] tags=["hint"] task="phase_shift"
# `np.unravel_index(peak.argmax(), peak.shape)` gives the row and the column of the maximum. The
# transform goes round in a circle: in a picture of 40 rows, row 37 stands for −3. So from a row beyond
# half the height subtract the height, and with columns and the width do the same.

# %% [markdown] tags=["hint"] task="phase_shift"
# ```
# votes = np.conj(np.fft.fft2(first)) * np.fft.fft2(second)
# peak = np.fft.ifft2(votes / (np.abs(votes) + 1e-12)).real
# dr, dc = np.unravel_index(peak.argmax(), peak.shape)
# if dr > first.shape[0] // 2:
#     dr = dr - ...
# ...
# return int(dr), int(dc)
# ```


# %% tags=["cases"] task="phase_shift"
def phase_shift_cases(rng):
    def slid(shape, dr, dc, gain=1.0, lift=0.0):
        """Two windows of the photograph; at the edge something new comes in."""
        r, c = rng.integers((40, 70), (90, 200))
        one = scene[r : r + shape[0], c : c + shape[1]]
        other = scene[r - dr : r - dr + shape[0], c - dc : c - dc + shape[1]]
        return dict(first=one.round(3), second=(lift + gain * other).round(3))

    def under_a_lamp(given):
        """A light and a shadow that stay where they are while the picture slides."""
        waves = 0
        for n, way in zip(given["first"].shape, (np.s_[:, None], np.s_[None, :]), strict=True):
            waves = waves + (n > 1) * np.cos(2 * np.pi * np.arange(n) / n + 1)[way]
        return {name: (image + 1.5 * waves).round(3) for name, image in given.items()}

    def round_about(shape, dr, dc):
        image = rng.random(shape).round(3)
        return dict(first=image, second=np.roll(image, (dr, dc), (0, 1)))

    down, across = (int(s) for s in rng.integers(3, 7, 2))
    yield "a satellite flies on", slid((40, 48), -down, across + 2)
    yield "down, to the left", slid((36, 44), across, -down, 0.6, 0.3)
    yield "in another light", slid((44, 44), -across, -(down + 2), 0.5)
    yield "noise under a lamp", under_a_lamp(round_about((15, 22), 2, -down))
    yield "a lamp that stays", under_a_lamp(slid((32, 60), across, -2 * down, 0.7, 0.1))
    yield "a single row", under_a_lamp(round_about((1, 19), 0, -down))


# %% tags=["mistake"] task="phase_shift" says="The signs are the wrong way round: you found how far the *first* lies from the second. The conjugate belongs to the first."
def the_way_back(first, second):
    return phase_shift(second, first)


# %% tags=["mistake"] task="phase_shift" says="Upwards and to the left come out as large positive numbers. The transform goes round in a circle: a place beyond half the size stands for place − size."
def round_the_circle(first, second):
    return tuple(s % n for s, n in zip(phase_shift(first, second), first.shape, strict=True))


# %% tags=["mistake"] task="phase_shift" says="Row and column are exchanged: (dr, dc), rows first."
def column_first(first, second):
    return phase_shift(first, second)[::-1]


# %% tags=["mistake"] task="phase_shift" says="The strength of the waves is left in, so the strongest speak for all, and those are the slow ones. Divide each product by its own magnitude, `np.abs(votes)`: one wave, one vote."
def strength_left_in(first, second):
    votes = np.conj(np.fft.fft2(first)) * np.fft.fft2(second)
    peak = np.fft.ifft2(votes).real
    place = np.unravel_index(peak.argmax(), peak.shape)
    return tuple(
        int(p) if p <= n // 2 else int(p) - n for p, n in zip(place, votes.shape, strict=True)
    )


# %% tags=["mistake"] task="phase_shift" says="You take magnitudes where the angles are wanted: `np.abs` of the product throws away all that tells the shift. Only what you divide *by* is a magnitude."
def angle_thrown_away(first, second):
    return 0, 0


# %% tags=["mistake"] task="phase_shift" says="The conjugate is missing, so the angles of the two are added. It is their difference that tells the shift: `np.conj` of the first."
def angles_added(first, second):
    votes = np.fft.fft2(first) * np.fft.fft2(second)
    peak = np.fft.ifft2(votes / (np.abs(votes) + 1e-12)).real
    place = np.unravel_index(peak.argmax(), peak.shape)
    return tuple(
        int(p) if p <= n // 2 else int(p) - n for p, n in zip(place, votes.shape, strict=True)
    )


# %% tags=["mistake"] task="phase_shift" says="You shifted the votes so that 0 is in the middle, and count from the corner still: subtract half the size, or leave `fftshift` out."
def middle_not_subtracted(first, second):
    return tuple(s + n // 2 for s, n in zip(phase_shift(first, second), first.shape, strict=True))


# %% tags=["mistake"] task="phase_shift" says="Two things: the conjugate belongs to the *first*, for you have found how far the first lies from the second; and a place beyond half the size stands for place − size."
def back_and_round_the_circle(first, second):
    return tuple(-s % n for s, n in zip(phase_shift(first, second), first.shape, strict=True))


# %% [markdown]
# **See it.** Two windows of the photograph, one in half the light; and all votes of the waves. Where
# would you look for the shift?

# %%
one, other = scene[60:140, 100:220], 0.5 * scene[66:146, 91:211]
votes = np.conj(np.fft.fft2(one)) * np.fft.fft2(other)
peak = np.fft.fftshift(np.fft.ifft2(votes / np.abs(votes)).real)
images.show(
    one,
    other,
    (np.abs(peak) / peak.max())[30:50, 45:75].repeat(4, 0).repeat(4, 1),  # enlarged
    titles=["one", "another", "votes near 0, the middle"],
    alt="Two windows of a roof, the second darker and a little shifted; and a nearly black picture "
    "with one white dot up and to the right of its middle.",
)

# %%
dr, dc = ex.use("phase_shift")(one, other)
print(f"{dr} down, {dc} to the right")

# %% [markdown]
# Handy, and no use for our two views: one of them is turned. A turned camera needs points.
#
# ## 3 · Which belongs to which?
#
# Some places are easy to find again: corners, spots. Each gets a **descriptor**, a row of numbers
# that says what it looks like. Those from the library (SIFT) have 128 numbers, and hardly change
# when the picture is turned or darker. To match two pictures, look for each descriptor of the one
# for the nearest of the other.
#
# The nearest may still be wrong. Two questions sort out most of the doubt:
#
# - **Ratio.** Is it *clearly* nearer than the second nearest? $d_1 < \text{ratio} \cdot d_2$.
#   A window of a facade looks like the next one, and then it says nothing.
# - **Cross-check.** Is it mutual? I am your nearest, are you mine?
#
# **Predict.** A descriptor lies exactly between two of the other picture. Which question refuses it?

# %%
ex.target("match")


# %% tags=["task"] task="match" points=3 minutes=9 level=2 compare="equal()" forbid=["cv2", "scipy", "skimage", "sklearn", "torch", "imgkit.features"] shows="numbers"
def match(a, b, ratio):
    """Pair the descriptors of two pictures, without those in doubt.

    Parameters
    ----------
    a : array (N, D) of floats, a descriptor in each row
    b : array (M, D) of floats, M at least 2
    ratio : a number from 0 to 1

    Returns
    -------
    Array (K, 2) of whole numbers: pairs (i, j), in the order of i. Row i of a is paired with row j
    of b if

    1. b[j] is the nearest of b to a[i], by the distance sqrt(sum((a[i] - b[j]) ** 2)),
    2. that distance is less than ratio times the distance from a[i] to the second nearest of b,
    3. and a[i] is the nearest of a to b[j]: of all rows of a, those in doubt as well; no ratio here.

    No two distances are equal in the cases, and there is always a pair.

    Example
    -------
    For a = [[0, 0], [5, 5], [9, 0]], b = [[9, 1], [0, 1], [5, 9], [5, 1.5]] and ratio 0.8 the
    answer is [[0, 1], [2, 0]].
    """
    # BEGIN SOLUTION
    distance = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))  # (N, M)
    nearest = distance.argmin(axis=1)
    d1, d2 = np.sort(distance, axis=1)[:, :2].T
    mutual = distance.argmin(axis=0)[nearest] == np.arange(len(a))
    rows = np.flatnonzero(mutual & (d1 < ratio * d2))
    return np.column_stack([rows, nearest[rows]])
    # END SOLUTION


# %% tags=["check"]
ex.check(match)

# %% [markdown] tags=["hint"] task="match"
# Make a table first: row i, column j holds the distance of a[i] and b[j]. All three questions are
# asked of this table: 1 and 2 of its rows, 3 of its columns.

# %% [markdown] tags=["hint"] task="match"
# `a[:, None] - b[None]` subtracts each from each, (N, M, D). In a row, `argmin` is the nearest, and
# `np.sort` gives the two smallest distances. In column j, `argmin` is the one that b[j] would choose.

# %% [markdown] tags=["hint"] task="match"
# ```
# distance = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))
# pairs = []
# for i in range(len(a)):
#     j = distance[i].argmin()
#     d1, d2 = np.sort(distance[i])[:2]
#     if d1 < ... and distance[:, j].argmin() == ...:
#         pairs.append((i, j))
# return np.array(pairs)
# ```


# %% tags=["cases"] task="match"
def match_cases(rng):
    def drawn(ratio, length, far):
        """Descriptors of every kind: clear ones, doubtful ones, and two that want the same."""
        b = np.linalg.qr(rng.normal(size=(length, length)))[0][:9] * far  # all equally far apart
        b = np.concatenate([b, -b]) + rng.normal(0, 0.01 * far, (18, length))

        def about(k, distance):
            way = rng.normal(size=length)
            return b[k] + distance * far * way / np.linalg.norm(way)

        def between(k, m, quotient):
            return b[k] + (b[m] - b[k]) * quotient / (1 + quotient)

        def quotient(row, p):
            """Of the distances to the nearest and the second, by sums of p-th powers."""
            d1, d2 = np.sort((np.abs(b - row) ** p).sum(axis=1))[:2] ** (1 / p)
            return d1 / d2 / ratio

        while True:  # clear by the distance, and not by the sum of the differences
            hardly = about(8, rng.uniform(0.5, 1.4))
            if 0.9 < quotient(hardly, 2) < 0.98 and quotient(hardly, 1) > 1.02:
                break
        doubtful = between(2, 3, ratio**0.7), between(4, 5, 0.98), hardly
        clear = about(0, 0.1), about(1, 0.2), about(6, 0.12), about(7, 0.15)
        rivals = about(6, 0.3), about(7, 0.16), about(2, 0.74)
        a = np.array([*doubtful, *clear])
        a = np.concatenate([rivals, a[rng.permutation(len(a))]])
        order = np.append(1 + rng.permutation(17), 0)
        return dict(a=a.round(3), b=b[order].round(3), ratio=ratio)

    yield "descriptors of 10 numbers", drawn(0.8, 10, 2.0)
    yield "strict", drawn(0.65, 12, 1.5)
    yield "large numbers", drawn(0.75, 9, 120.0)
    yield "long ones", drawn(0.85, 16, 1.8)
    places = rng.integers((20, 60), (180, 190), (14, 2))
    patches = np.array([scene[r : r + 3, c : c + 3].ravel() for r, c in places])
    again = patches[rng.permutation(14)] + rng.normal(0, 0.02, patches.shape)
    yield "patches of a photograph", dict(a=patches.round(3), b=again.round(3), ratio=0.9)


# %% tags=["mistake"] task="match" says="The cross-check is missing: several rows of a have chosen the same row of b. Keep a pair only if b[j] would choose a[i], too."
def cross_check_forgotten(a, b, ratio):
    distance = np.linalg.norm(a[:, None] - b[None], axis=2)
    d = np.sort(distance, axis=1)
    rows = np.flatnonzero(d[:, 0] < ratio * d[:, 1])
    return np.column_stack([rows, distance.argmin(axis=1)[rows]])


# %% tags=["mistake"] task="match" says="The ratio is never asked for: what lies between two descriptors of b is still paired. Keep it only if d1 < ratio · d2."
def ratio_forgotten(a, b, ratio):
    return match(a, b, 1.0)


# %% tags=["mistake"] task="match" says="You compare *squared* distances by the ratio. That is too lenient; take the root, or square the ratio, too."
def squares_compared(a, b, ratio):
    return match(a, b, ratio**0.5)


# %% tags=["mistake"] task="match" says="You add up absolute differences. The distance is the root of the sum of their *squares*."
def sums_of_differences(a, b, ratio):
    distance = np.abs(a[:, None] - b[None]).sum(axis=2)
    d, nearest = np.sort(distance, axis=1), distance.argmin(axis=1)
    mutual = distance.argmin(axis=0)[nearest] == np.arange(len(a))
    rows = np.flatnonzero(mutual & (d[:, 0] < ratio * d[:, 1]))
    return np.column_stack([rows, nearest[rows]])


# %% tags=["mistake"] task="match" says="The pairs are turned round: (row of a, row of b)."
def pairs_turned(a, b, ratio):
    return match(a, b, ratio)[:, ::-1]


# %% tags=["mistake"] task="match" says="Where two want the same row of b, you let the first come keep it. Ask b: the *nearest* of a keeps it."
def first_come(a, b, ratio):
    distance = np.linalg.norm(a[:, None] - b[None], axis=2)
    d, nearest = np.sort(distance, axis=1), distance.argmin(axis=1)
    rows = np.flatnonzero(d[:, 0] < ratio * d[:, 1])
    rows = rows[np.sort(np.unique(nearest[rows], return_index=True)[1])]
    return np.column_stack([rows, nearest[rows]])


# %% tags=["mistake"] task="match" says="Your cross-check only asks among the rows of a that passed the ratio. It asks among *all* rows of a: b[j] may prefer one that was in doubt."
def asked_among_the_kept(a, b, ratio):
    distance = np.linalg.norm(a[:, None] - b[None], axis=2)
    d, nearest = np.sort(distance, axis=1), distance.argmin(axis=1)
    rows = np.flatnonzero(d[:, 0] < ratio * d[:, 1])
    rows = [i for i in rows if i == rows[distance[rows, nearest[i]].argmin()]]
    return np.column_stack([rows, nearest[rows]])


# %% tags=["mistake"] task="match" says="You ask for the ratio both ways. It is asked of a only: on the way back, from b to a, being the nearest is enough."
def ratio_both_ways(a, b, ratio):
    return np.array(
        [p for p in match(a, b, ratio) if p[::-1].tolist() in match(b, a, ratio).tolist()]
    )


# %% tags=["mistake"] task="match" says="You keep the doubtful ones and drop the clear ones: it takes *less than*, d1 < ratio · d2."
def doubtful_kept(a, b, ratio):
    distance = np.linalg.norm(a[:, None] - b[None], axis=2)
    d, nearest = np.sort(distance, axis=1), distance.argmin(axis=1)
    mutual = distance.argmin(axis=0)[nearest] == np.arange(len(a))
    rows = np.flatnonzero(mutual & (d[:, 0] > ratio * d[:, 1]))
    return np.column_stack([rows, nearest[rows]])


# %% tags=["mistake"] task="match" says="These are the pairs that you *refused*, too: a row for every row of a. Keep only those that pass all three questions."
def nothing_refused(a, b, ratio):
    nearest = np.linalg.norm(a[:, None] - b[None], axis=2).argmin(axis=1)
    return np.column_stack([np.arange(len(a)), nearest])


# %% [markdown]
# **See it.** The library finds places and describes them, your function pairs them. Each line of the
# picture joins a pair: blue if it is right to three pixels, orange if not. We may ask, for we made
# the views.


# %%
def join_up(one, other, source, target, right_ones):
    """Two pictures side by side, a line for each pair."""
    both = 0.6 * np.hstack([one, other]) + 0.4
    for p, q, good in zip(source, np.add(target, (0, one.shape[1])), right_ones, strict=True):
        places = np.rint(np.linspace(p, q, 500)).astype(int)
        both[tuple(places.T)] = (0, 0.35, 0.7) if good else (0.85, 0.35, 0)
    return both


grey_left, grey_right = left.mean(axis=2), right.mean(axis=2)
places_left, places_right = (
    features.sift(view, contrast=0.015) for view in (grey_left, grey_right)
)
truth = np.linalg.inv(to_photo[0]) @ to_photo[1]  # from the right view to the left
pair = ex.use("match")
for ratio in (1.0, 0.7, 0.85):
    pairs = pair(places_right.descriptors, places_left.descriptors, ratio)
    source, target = places_right.points[pairs[:, 0]], places_left.points[pairs[:, 1]]
    good = np.linalg.norm(move(source, truth) - target, axis=1) < 3
    print(f"ratio {ratio:4}: {len(pairs)} pairs, {good.mean():.0%} of them right")

# %%
rows = np.linspace(0, len(pairs) - 1, 40).astype(int)
images.show(
    join_up(right, left, source[rows], target[rows], good[rows]),
    titles=["forty of the pairs"],
    alt="Two views of a tower side by side and lines between them, most of them blue and nearly "
    f"parallel; {np.sum(~good[rows])} orange ones cross them.",
)

# %% [markdown]
# A ratio refuses right ones as well, and some wrong ones always stay. Keep that in mind.
#
# ## 4 · Nine numbers from four pairs
#
# Now turn the first task round: the points are known on both sides, and the matrix is not. If
# $(r, c)$ goes to $(u, v)$, then $u \cdot w = a$ and $v \cdot w = b$. Written out with the nine
# numbers $h_1 \ldots h_9$ of $H$, row by row:
#
# $$r h_1 + c h_2 + h_3 - u r h_7 - u c h_8 - u h_9 = 0$$
# $$r h_4 + c h_5 + h_6 - v r h_7 - v c h_8 - v h_9 = 0$$
#
# Two equations for each pair, all of them zero on the right. Four pairs make eight equations for
# nine numbers: one solution, but for its scale. With more pairs there is none, and we take the $h$
# of length 1 for which the sum of squares is least: the **last** row that `np.linalg.svd` returns as
# its third result. That is the *direct linear transform*, DLT.
#
# One thing spoils it: $r$ may be 500 and $u r$ 250 000, beside a 1. So the points are first moved to
# mean 0 and mean distance $\sqrt 2$. Here is the helper:


# %% tags=["setup"]
def normalise(points):
    """Points about 0, at a mean distance of the root of 2, and the T (3, 3) that takes them
    there."""
    middle = points.mean(axis=0)
    scale = 2**0.5 / np.linalg.norm(points - middle, axis=1).mean()
    T = np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])
    return (points - middle) * scale, T


# %% [markdown]
# **Predict.** $S$ moves the source to $p$, $T$ moves the target to $q$, and $G$ is found for the
# moved points: it leads from $p$ to $q$. Which product of $G$, $S$ and $T$, or their inverses, leads
# from source to target?

# %%
ex.target("fit_homography")


# %% tags=["task"] task="fit_homography" points=4 minutes=11 level=3 compare="close(rtol=1e-3, atol=1e-7)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.geometry"] shows="numbers"
def fit_homography(source, target):
    """Find the homography that takes points to points, by the DLT.

    Parameters
    ----------
    source : array (N, 2) of numbers, row and column, N at least 4, no three on a line
    target : array (N, 2) of numbers: where each of them is in the other picture, perhaps not exactly

    Returns
    -------
    Array (3, 3) of floats, H from source to target, so scaled that H[2, 2] is 1:

    1. p, S = normalise(source), and q, T = normalise(target)
    2. two equations for each pair of p and q, as they stand above: 2 N rows of nine numbers
    3. the h of length 1 with the least sum of squares; as (3, 3), row by row, it is G
    4. G leads from p to q, the moved points. Make of it the H that leads from source to target,
       and divide it by H[2, 2]

    Example
    -------
    For source [[0, 0], [0, 2], [2, 2], [2, 0]] and target [[0, 0], [0, 2], [2, 3], [2, -1]] the
    answer is [[0.5, 0, 0], [-0.5, 1, 0], [-0.25, 0, 1]].
    """
    # BEGIN SOLUTION
    p, S = normalise(source)
    q, T = normalise(target)
    rows = []
    for (r, c), (u, v) in zip(p, q, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c, -v])
    G = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    H = np.linalg.inv(T) @ G @ S
    return H / H[2, 2]
    # END SOLUTION


# %% tags=["check"]
ex.check(fit_homography)

# %% [markdown] tags=["hint"] task="fit_homography"
# The equations are linear in the nine numbers. So each is a row of nine factors, to be read off the
# two lines above: for the first one r, c, 1, 0, 0, 0, −u r, −u c, −u.

# %% [markdown] tags=["hint"] task="fit_homography"
# Collect the rows of all pairs in a list. Of the three results of `np.linalg.svd(rows)` take the
# third, of that the last row `[-1]`, and `.reshape(3, 3)`. Then go source → p by S, p → q by G, and
# q → target by the inverse of T: three matrices, and the first step stands on the right.

# %% [markdown] tags=["hint"] task="fit_homography"
# ```
# p, S = normalise(source)
# q, T = normalise(target)
# rows = []
# for (r, c), (u, v) in zip(p, q):
#     rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
#     rows.append(...)
# G = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
# H = np.linalg.inv(T) @ ...
# return H / ...
# ```


# %% tags=["cases"] task="fit_homography"
def fit_homography_cases(rng):
    def corners(height, width):
        return np.array([(0, 0), (0, width), (height, width), (height, 0)], float)

    def spread(rows, columns, size):
        """Points on a rough grid, so that no three lie on a line."""
        grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns)), -1).reshape(-1, 2)
        return (size * (grid + rng.uniform(-0.35, 0.35, grid.shape))).round(1)

    square = corners(20, 20)
    askew = (corners(20, 24) + rng.uniform(-6, 6, (4, 2))).round(1) + 8
    yield "four corners", dict(source=square, target=askew)
    source = spread(2, 2, 40) + 10
    target = (source @ [[0, 1.0], [-1, 0]] + (60, 90) + rng.uniform(-7, 7, (4, 2))).round(1)
    yield "turned, four pairs", dict(source=source, target=target)
    source = spread(2, 2, 130) + 300
    target = (source * 0.6 + (5, 40) + rng.uniform(-15, 15, (4, 2))).round(1)
    yield "four pairs, far out", dict(source=source, target=target)
    for label, rows, columns, size, noise in (
        ("nine pairs, not exact", 3, 3, 12, 0.8),
        ("twelve pairs", 4, 3, 40, 2.0),
        ("fifteen, far out", 3, 5, 60, 3.0),
    ):
        source = spread(rows, columns, size) + (0 if rows * columns < 15 else 400)
        H = pose(rng, (size / 2, -size / 3), 0.4, 0.3 / size / 5)
        target = move_points(source - source.mean(axis=0), H) + (0.4 * source).mean(axis=0)
        yield (
            label,
            dict(source=source, target=(target + rng.normal(0, noise, source.shape)).round(1)),
        )


# %% tags=["mistake"] task="fit_homography" says="The points are not normalised. With four exact pairs nothing is lost; with more, the large numbers drown the small ones, and the answer is another one."
def not_normalised(source, target):
    rows = []
    for (r, c), (u, v) in zip(source, target, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c, -v])
    H = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="You return G, which leads from p to q, between the normalised points. Between the pixels it is T⁻¹ G S."
def not_undone(source, target):
    S, T = normalise(source)[1], normalise(target)[1]
    G = T @ fit_homography(source, target) @ np.linalg.inv(S)
    return G / G[2, 2]


# %% tags=["mistake"] task="fit_homography" says="S and T are undone the wrong way round. The way is source → p by S, p → q by G, and back to the target by the inverse of T: T⁻¹ G S, the first step on the right."
def undone_wrongly(source, target):
    S, T = normalise(source)[1], normalise(target)[1]
    G = T @ fit_homography(source, target) @ np.linalg.inv(S)
    H = T @ G @ np.linalg.inv(S)
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="This is the way back, from target to source. (r, c) is of source, (u, v) of target."
def the_way_back(source, target):
    return fit_homography(target, source)


# %% tags=["mistake"] task="fit_homography" says="Your numbers are right but for their scale: divide by H[2, 2]."
def any_scale(source, target):
    (p, S), (q, T) = normalise(source), normalise(target)
    rows = []
    for (r, c), (u, v) in zip(p, q, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c, -v])
    return np.linalg.inv(T) @ np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3) @ S


# %% tags=["mistake"] task="fit_homography" says="S and T are exchanged: S moved the source, T the target. From source to target it is T⁻¹ G S."
def s_and_t_exchanged(source, target):
    S, T = normalise(source)[1], normalise(target)[1]
    G = T @ fit_homography(source, target) @ np.linalg.inv(S)
    H = np.linalg.inv(S) @ G @ T
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="You wrote the steps in the order in which they are taken, S G T⁻¹. A matrix acts on what stands to its *right*, so the first step stands last: T⁻¹ G S."
def order_of_the_steps(source, target):
    S, T = normalise(source)[1], normalise(target)[1]
    G = T @ fit_homography(source, target) @ np.linalg.inv(S)
    H = S @ G @ np.linalg.inv(T)
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="Your equations are made of source and target, as they were. Then T⁻¹ … S undoes what was never done: make them of p and q."
def moved_points_not_used(source, target):
    rows = []
    for (r, c), (u, v) in zip(source, target, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c, -v])
    G = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    H = np.linalg.inv(normalise(target)[1]) @ G @ normalise(source)[1]
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="With four pairs you are off: there are eight equations for nine numbers, and `full_matrices=False` leaves out just the row you want. Leave that option away."
def thin_svd(source, target):
    (p, S), (q, T) = normalise(source), normalise(target)
    rows = []
    for (r, c), (u, v) in zip(p, q, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c, -v])
    G = np.linalg.svd(np.array(rows), full_matrices=False)[2][-1].reshape(3, 3)
    H = np.linalg.inv(T) @ G @ S
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="The three last factors of each row are positive in yours. u · w was brought to the other side: −u r, −u c, −u, and the same with v."
def minus_forgotten(source, target):
    (p, S), (q, T) = normalise(source), normalise(target)
    rows = []
    for (r, c), (u, v) in zip(p, q, strict=True):
        rows.append([r, c, 1, 0, 0, 0, u * r, u * c, u])
        rows.append([0, 0, 0, r, c, 1, v * r, v * c, v])
    H = np.linalg.inv(T) @ np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3) @ S
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="You fix the last number at 1 and solve for the other eight, in plain pixels. For four exact pairs that is the same; for more it is another least-squares answer. Asked for is the h of length 1, from the SVD, for normalised points."
def last_number_fixed_in_pixels(source, target):
    rows = []
    for (r, c), (u, v) in zip(source, target, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c])
    h = np.linalg.lstsq(np.array(rows), target.ravel(), rcond=None)[0]
    return np.append(h, 1).reshape(3, 3)


# %% tags=["mistake"] task="fit_homography" says="You use the first four pairs only. With more, all of them are to have their say: two rows for *each* pair."
def first_four_only(source, target):
    return fit_homography(source[:4], target[:4])


# %% tags=["mistake"] task="fit_homography" says="You took the first row that the SVD returns, which breaks the equations *most*. They are sorted, large to small: the last one, `[-1]`."
def first_row(source, target):
    (p, S), (q, T) = normalise(source), normalise(target)
    rows = []
    for (r, c), (u, v) in zip(p, q, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c, -v])
    H = np.linalg.inv(T) @ np.linalg.svd(np.array(rows))[2][0].reshape(3, 3) @ S
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="You took the last *column* of what the SVD returns. NumPy returns that matrix turned over already: the last row, `[-1]`."
def last_column(source, target):
    (p, S), (q, T) = normalise(source), normalise(target)
    rows = []
    for (r, c), (u, v) in zip(p, q, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c, -u])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c, -v])
    H = np.linalg.inv(T) @ np.linalg.svd(np.array(rows))[2][:, -1].reshape(3, 3) @ S
    return H / H[2, 2]


# %% tags=["mistake"] task="fit_homography" says="You fix the last number at 1 and solve for the other eight. For four exact pairs that is the same; for more it is another least-squares answer. Asked for is the h of length 1, from the SVD."
def last_number_fixed(source, target):
    (p, S), (q, T) = normalise(source), normalise(target)
    rows = []
    for (r, c), (u, v) in zip(p, q, strict=True):
        rows.append([r, c, 1, 0, 0, 0, -u * r, -u * c])
        rows.append([0, 0, 0, r, c, 1, -v * r, -v * c])
    h = np.linalg.lstsq(np.array(rows), q.ravel(), rcond=None)[0]
    H = np.linalg.inv(T) @ np.append(h, 1).reshape(3, 3) @ S
    return H / H[2, 2]


# %% [markdown]
# **See it.** A page, photographed askew, and laid flat by its four corners: that is all a scanner in a
# phone does. The warp is the library's for now; in task 6 it is yours.

# %%
fit = ex.use("fit_homography")
sheet = data.load("page") / 255
edges = np.array([(0, 0), (0, 383), (190, 383), (190, 0)])
clicked = np.array([(12, 56), (46, 360), (164, 378), (196, 12)])
photo = geometry.warp_perspective(sheet, fit(edges, clicked), (206, 394))
images.show(
    photo,
    geometry.warp_perspective(photo, fit(clicked, edges), (191, 384)),
    titles=["photographed", "laid flat by four pairs"],
    columns=2,
    alt="A sheet of text on black, its lines running together to the right; and the same sheet as a "
    "rectangle, its lines level.",
)

# %% [markdown]
# And one wrong pair among the good ones?

# %%
board = np.stack(np.meshgrid(np.arange(0, 100, 20), np.arange(0, 100, 20)), -1).reshape(-1, 2)
there = move(board, truth)
wrong = there.copy()
wrong[7] += (0, 60)
for name, target_points in (("all right", there), ("one of 25 wrong", wrong)):
    off = np.linalg.norm(move(board, fit(board, target_points)) - there, axis=1)
    print(f"{name:15}: off by {off.mean():.2f} pixels on average, {off.max():.2f} at most")

# %% [markdown]
# ## 5 · Let the pairs vote
#
# One liar pulls the whole picture askew. Least squares wants to please everybody. So do it the other
# way round: take **few** pairs, as few as settle the matter, and ask all others whether they agree.
# A draw of four right pairs gets many votes. A draw with a wrong one in it gets hardly any, for wrong
# pairs do not agree even among themselves. That is **RANSAC**, random sample consensus.
#
# The draws are given here, so that everybody gets the same answer.
#
# **Predict.** Half of the pairs are wrong. What share of draws of four has none of them?

# %%
print(f"{0.5**4:.1%} of the draws; of 100 draws, {100 * 0.5**4:.0f} on average")

# %%
ex.target("consensus")


# %% tags=["task"] task="consensus" points=4 minutes=9 level=3 compare="equal()" forbid=["cv2", "scipy", "skimage", "sklearn", "torch", "imgkit.geometry"] shows="numbers"
def consensus(source, target, draws, tolerance):
    """Find the pairs that agree on a homography, by trying draws of four.

    Parameters
    ----------
    source, target : arrays (N, 2) of floats, pairs of points; some pairs are wrong
    draws : array (D, 4) of whole numbers: each row names four pairs by their row
    tolerance : a pair agrees with H if the distance between its target and H applied to its
        source, in pixels, is less than that

    Returns
    -------
    Array (N,), bool: which pairs agree with the best draw. For each draw, fit a homography to its
    four pairs, and ask all pairs whether they agree. The best draw is the one with which most
    agree; of equals the first. Its votes are the answer: do not fit again, that comes later. You may
    call `fit_homography` and `move_points`. No draw has three points on a line.

    Example
    -------
    If source and target are the same five points but for the last, which is 9 pixels off, then
    with draws [[1, 2, 3, 4], [0, 1, 2, 3]] and tolerance 1 the answer is [True, True, True, True,
    False].
    """
    # BEGIN SOLUTION
    best = np.zeros(len(source), bool)
    for draw in draws:
        H = fit_homography(source[draw], target[draw])
        agree = np.linalg.norm(move_points(source, H) - target, axis=1) < tolerance
        if agree.sum() > best.sum():
            best = agree
    return best
    # END SOLUTION


# %% tags=["check"]
ex.check(consensus)

# %% [markdown] tags=["hint"] task="consensus"
# A loop over the draws. In it: fit to four pairs, move *all* sources, measure how far each is from
# its target, count. Keep the mask of the best so far.

# %% [markdown] tags=["hint"] task="consensus"
# `source[draw]` picks the four rows at once. The distance is the length of a row,
# `np.linalg.norm(..., axis=1)`. With `>` and not `>=` the first of equals stays.

# %% [markdown] tags=["hint"] task="consensus"
# ```
# best = np.zeros(len(source), bool)
# for draw in draws:
#     H = fit_homography(source[draw], target[draw])
#     distance = np.linalg.norm(move_points(source, ...) - ..., axis=1)
#     agree = distance < tolerance
#     if agree.sum() > ...:
#         best = agree
# return best
# ```


# %% tags=["cases"] task="consensus"
def consensus_cases(rng):
    def spread(rows, columns, size):
        grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns)), -1).reshape(-1, 2)
        return size * (grid + rng.uniform(-0.3, 0.3, grid.shape))

    def areas(points):
        a, b, c, d = points
        triples = ((a, b, c), (a, b, d), (a, c, d), (b, c, d))
        return [abs(np.linalg.det(np.column_stack([t, np.ones(3)]))) / 2 for t in triples]

    def some(source, target, among, count, size):
        """Draws of four that span something on both sides."""
        draws = []
        while len(draws) < count:
            draw = rng.choice(among, 4, replace=False)
            if min(areas(source[draw]) + areas(target[draw])) > 0.35 * size**2:
                draws.append(draw)
        return draws

    def mixed(rows, columns, size, wrong, tolerance):
        """One homography; some pairs are wrong, some nearly right, some hardly wrong. The draws
        hold good ones, and begin with one that is not."""
        source = spread(rows, columns, size)
        H = np.diag([2.2, 2.2, 1]) @ pose(rng, (4, 9), 0.5, 0.1 / size / max(rows, columns))
        target = move_points(source, H) + rng.normal(0, 0.01, source.shape)
        everyone = rng.permutation(len(source))
        liars, nearly, hardly = np.split(everyone[: wrong + 4], [wrong, wrong + 2])
        honest = everyone[wrong + 4 :]
        low, high = target.min(axis=0), target.max(axis=0)
        target[liars] = rng.uniform(low, high, (wrong, 2)) + rng.choice([-1, 1], (wrong, 2)) * size
        target[nearly] += 0.85 * tolerance * rng.permutation(np.eye(2))
        target[hardly] += 0.8 * tolerance * rng.choice([-1, 1], (2, 2))
        while True:
            draws = some(source, target, everyone, 3, size)
            if np.isin(draws[0], liars).any():
                break
        draws += some(source, target, honest, 4, size) + some(source, target, everyone, 3, size)
        return source.round(2), target.round(2), np.array(draws)

    def unsettled(*given):
        """Mixed so that fitting once more, to those that agree, would change who does."""
        while True:
            source, target, draws = mixed(*given)
            agree = consensus(source, target, draws, given[-1])
            H = fit_homography(source[agree], target[agree])
            off = np.linalg.norm(move_points(source, H) - target, axis=1) / given[-1]
            if np.any((off < 1) != agree) and np.abs(off - 1).min() > 1e-3:
                return source, target, draws

    def two_walls(rows, columns, size):
        """Two halves that follow two homographies, equally many each."""
        source = spread(rows, columns, size)
        side = rng.permutation(len(source)) % 2 == 0
        H = [pose(rng, corner, 0.4, 0.1 / size / columns) for corner in ((5, 3), (60, -40))]
        target = np.where(side[:, None], *(np.array(move_points(source, h)) for h in H))
        while True:
            (both,) = some(source, target, np.arange(len(source)), 1, size)
            if 0 < side[both].sum() < 4:
                break
        draws = [
            both,
            *some(source, target, np.flatnonzero(side), 1, size),
            *some(source, target, np.flatnonzero(~side), 2, size),
        ]
        return source.round(3), target.round(3), np.array(draws)

    for label, given, tolerance in (
        ("a quarter of the pairs are wrong", unsettled(4, 5, 20, 4, 2.5), 2.5),
        ("half are wrong", unsettled(5, 6, 16, 13, 3.0), 3.0),
        ("two walls, equally many", two_walls(4, 4, 22), 1.5),
        ("far out, a third wrong", unsettled(4, 6, 60, 6, 4.0), 4.0),
        ("two walls again", two_walls(4, 5, 18), 0.5),
        ("two more walls", two_walls(4, 6, 18), 1.0),
    ):
        source, target, draws = given
        yield label, dict(source=source, target=target, draws=draws, tolerance=tolerance)


# %% tags=["mistake"] task="consensus" says="Of equally good draws you take the last. `>=` lets a later one replace it; with `>` the first stays."
def last_of_equals(source, target, draws, tolerance):
    return consensus(source, target, draws[::-1], tolerance)


# %% tags=["mistake"] task="consensus" says="You return the votes of the last draw, whichever it was. Keep those of the best so far."
def last_draw(source, target, draws, tolerance):
    return consensus(source, target, draws[-1:], tolerance)


# %% tags=["mistake"] task="consensus" says="You only try the first draw. A loop over all of them; perhaps a `return` stands inside of it?"
def first_draw(source, target, draws, tolerance):
    return consensus(source, target, draws[:1], tolerance)


# %% tags=["mistake"] task="consensus" says="You fit to all pairs at once, and that is what the liars spoil. Fit to the four of a draw, `source[draw]`, and ask all."
def fitted_to_all(source, target, draws, tolerance):
    H = fit_homography(source, target)
    return np.linalg.norm(move_points(source, H) - target, axis=1) < tolerance


# %% tags=["mistake"] task="consensus" says="You return which pairs do *not* agree. Turn the mask over."
def liars_returned(source, target, draws, tolerance):
    return ~consensus(source, target, draws, tolerance)


# %% tags=["mistake"] task="consensus" says="This is how *many* agree. Asked for is which: the mask."
def number_returned(source, target, draws, tolerance):
    return int(consensus(source, target, draws, tolerance).sum())


# %% tags=["mistake"] task="consensus" says="These are the row numbers of those that agree. Asked for is the mask, True or False for every pair."
def row_numbers(source, target, draws, tolerance):
    return np.flatnonzero(consensus(source, target, draws, tolerance))


# %% tags=["mistake"] task="consensus" says="You compare *squared* distances with the tolerance. Take the root, or square the tolerance, too."
def squares_compared(source, target, draws, tolerance):
    return consensus(source, target, draws, tolerance**0.5)


# %% tags=["mistake"] task="consensus" says="You compare rows and columns with the tolerance, each for itself. It is the distance that counts, the root of dr² + dc²."
def each_for_itself(source, target, draws, tolerance):
    best = np.zeros(len(source), bool)
    for draw in draws:
        off = move_points(source, fit_homography(source[draw], target[draw])) - target
        agree = (np.abs(off) < tolerance).all(axis=1)
        best = agree if agree.sum() > best.sum() else best
    return best


# %% tags=["mistake"] task="consensus" says="You fit once more, to those that agree, and ask again. That is a good next step, and it comes later; the answer here is the votes of the best *draw*."
def fitted_again(source, target, draws, tolerance):
    agree = consensus(source, target, draws, tolerance)
    H = fit_homography(source[agree], target[agree])
    return np.linalg.norm(move_points(source, H) - target, axis=1) < tolerance


# %% tags=["mistake"] task="consensus" says="You return the rows of the best draw, as a mask: the four that were drawn. All pairs that agree with it count."
def only_the_drawn(source, target, draws, tolerance):
    votes = []
    for draw in draws:
        H = fit_homography(source[draw], target[draw])
        votes.append(np.sum(np.linalg.norm(move_points(source, H) - target, axis=1) < tolerance))
    mask = np.zeros(len(source), bool)
    mask[draws[np.argmax(votes)]] = True
    return mask


# %% [markdown]
# **See it.** All pairs of the two views, and 200 draws of yours.

# %%
agree = ex.use("consensus")
draws = np.array(
    [np.random.default_rng(k).choice(len(source), 4, replace=False) for k in range(200)]
)
inliers = agree(source, target, draws, 3.0)
print(f"{inliers.sum()} of {len(source)} pairs agree; wrong among these: {np.sum(inliers & ~good)}")
corners = np.array([(0, 0), (0, 179), (145, 179), (145, 0)])
for name, rows in (("all pairs", slice(None)), ("those that agree", inliers)):
    off = np.linalg.norm(
        move(corners, fit(source[rows], target[rows])) - move(corners, truth), axis=1
    )
    print(f"{name:16}: corners off by {np.sqrt(np.mean(off**2)):.2f} pixels")

# %% [markdown]
# A draw of four gives a rough answer, for each of the four is a little off. So at the end fit once
# more, to all that agree. That is what the second line did.
#
# ## 6 · Pull, do not push
#
# Now the pixels. If you *push* each pixel to its new place, some places get two and some get none:
# holes. So **pull**: go through the pixels of the *new* picture, ask the inverse of $H$ where each
# comes from, and look there. "There" lies between four pixels, nearly always. Weigh them: with
# $f_r$ and $f_c$ for how far it is beyond the upper left one,
#
# $$(1 - f_r)(1 - f_c)\,A + (1 - f_r) f_c\,B + f_r (1 - f_c)\,C + f_r f_c\,D$$
#
# for $A$, $B$ above and $C$, $D$ below. That is **bilinear** interpolation.
#
# **Predict.** Exactly in the middle between four pixels: what are the four weights?

# %%
ex.target("warp")


# %% tags=["task"] task="warp" points=4 minutes=10 level=3 compare="close(rtol=1e-3, atol=2e-4)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.geometry"]
def warp(image, H, shape):
    """See a picture from elsewhere.

    Parameters
    ----------
    image : array (h, w) of floats in 0..1, at least 2 by 2
    H : array (3, 3), the homography from the image to the new picture
    shape : (rows, columns) of the new picture

    Returns
    -------
    Array of floats of that shape. The pixel (r, c) comes from the place (y, x) that the *inverse*
    of H takes (r, c) to, and has the bilinear mean of the four pixels around it. It is 0 if the
    place lies outside: y < 0, y > h - 1, x < 0 or x > w - 1. You may call `move_points`.

    Example
    -------
    For image [[0, 1], [0.5, 0.5]], H a shift by -0.5 rows and -0.25 columns, and shape (1, 1), the
    answer is [[0.375]]: it comes from (0.5, 0.25).
    """
    # BEGIN SOLUTION
    h, w = image.shape
    places = np.indices(shape).reshape(2, -1).T
    y, x = move_points(places, np.linalg.inv(H)).T
    inside = (y >= 0) & (y <= h - 1) & (x >= 0) & (x <= w - 1)
    top = np.clip(np.floor(y), 0, h - 2).astype(int)
    left = np.clip(np.floor(x), 0, w - 2).astype(int)
    down, across = y - top, x - left
    above = (1 - across) * image[top, left] + across * image[top, left + 1]
    below = (1 - across) * image[top + 1, left] + across * image[top + 1, left + 1]
    return np.where(inside, (1 - down) * above + down * below, 0).reshape(shape)
    # END SOLUTION


# %% tags=["check"]
ex.check(warp)

# %% [markdown] tags=["hint"] task="warp"
# Two loops over the new picture do very well. For each (r, c) ask the inverse where it comes from;
# outside: leave 0. Else the upper left of the four pixels is what you get by rounding *down*, and
# the rest behind the point is $f_r$ and $f_c$.

# %% [markdown] tags=["hint"] task="warp"
# `places = np.indices(shape).reshape(2, -1).T` lists all (r, c), and
# `y, x = move_points(places, np.linalg.inv(H)).T` where they come from. At the last row there is no
# pixel below: take `top = min(int(np.floor(y)), h - 2)`, and the weights come out right by themselves.

# %% [markdown] tags=["hint"] task="warp"
# ```
# out, back = np.zeros(shape), np.linalg.inv(H)
# for r in range(shape[0]):
#     for c in range(shape[1]):
#         (y, x), = move_points(np.array([(r, c)]), back)
#         if 0 <= y <= h - 1 and 0 <= x <= w - 1:
#             top, left = min(int(y), h - 2), min(int(x), w - 2)
#             fr, fc = y - top, x - left
#             above = (1 - fc) * image[top, left] + fc * image[top, left + 1]
#             below = ...
#             out[r, c] = ...
# return out
# ```


# %% tags=["cases"] task="warp"
def warp_cases(rng):
    def crop(shape):
        r, c = rng.integers((60, 60), (100, 230))
        return scene[r : r + shape[0], c : c + shape[1]].round(3)

    def about_the_middle(shape, matrix, to):
        """The matrix, acting about the middle of the image, which goes near to the middle of
        another, and to no whole pixel."""
        there, back = np.eye(3), np.eye(3)
        there[:2, 2], back[:2, 2] = (
            np.divide(to, 2) + rng.uniform(0.2, 0.4, 2),
            -np.divide(shape, 2),
        )
        return there @ matrix @ back

    def turned(angle, zoom):
        cos, sin = zoom * np.cos(angle), zoom * np.sin(angle)
        return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])

    H = about_the_middle((18, 22), turned(rng.uniform(0.35, 0.6), 1.0), (20, 24))
    yield "turned", dict(image=crop((18, 22)), H=H, shape=(20, 24))
    shift = np.array([[1, 0, rng.integers(2, 5)], [0, 1, -rng.uniform(4.2, 5.8)], [0, 0, 1]])
    yield "moved", dict(image=crop((16, 20)), H=shift, shape=(20, 20))
    tilt = turned(rng.uniform(-0.3, -0.15), 1.1)
    tilt[2, :2] = rng.uniform(0.006, 0.012), -rng.uniform(0.012, 0.02)
    H = about_the_middle((18, 20), tilt, (18, 22))
    yield "seen askew", dict(image=crop((18, 20)), H=H, shape=(18, 22))
    # Powers of 2, so that some places lie on the last row exactly, and no rounding moves them.
    twice = 2.0 * np.array([[2, 0, rng.integers(1, 4)], [0, 2, rng.integers(1, 4)], [0, 0, 1]])
    yield "twice as large", dict(image=rng.random((7, 8)).round(2), H=twice, shape=(18, 20))
    tilt = turned(rng.uniform(0.5, 0.8), rng.uniform(0.6, 0.75))
    tilt[2, 1] = 0.01
    H = 2 * about_the_middle((24, 26), tilt, (17, 22))
    yield "smaller, from further away", dict(image=crop((24, 26)), H=H, shape=(17, 22))
    quarter = 0.5 * np.array(
        [[0, -1, 17 + rng.integers(1, 3)], [1, 0, rng.integers(1, 3)], [0, 0, 1]]
    )
    yield "a quarter turn", dict(image=crop((14, 18)), H=quarter, shape=(20, 18))


# %% tags=["mistake"] task="warp" says="You push the pixels, and where none arrives a hole stays. Pull: go through the *new* picture, and ask the inverse of H where each pixel comes from."
def pushed(image, H, shape):
    out = np.zeros(shape)
    places = np.indices(image.shape).reshape(2, -1).T
    there = np.rint(move_points(places, H)).astype(int)
    fits = (there >= 0).all(axis=1) & (there < shape).all(axis=1)
    out[tuple(there[fits].T)] = image.ravel()[fits]
    return out


# %% tags=["mistake"] task="warp" says="You pull, but by H itself. H leads from the image to the new picture; to know where a new pixel comes from takes its inverse, `np.linalg.inv(H)`."
def not_inverted(image, H, shape):
    return warp(image, np.linalg.inv(H), shape)


# %% tags=["mistake"] task="warp" says="You push the pixels, and where none arrives a hole stays. Pull: go through the *new* picture, and ask the inverse of H where each pixel comes from. (And `int` cuts off; it does not round.)"
def pushed_and_cut(image, H, shape):
    out = np.zeros(shape)
    there = move_points(np.indices(image.shape).reshape(2, -1).T, H).astype(int)
    fits = (there >= 0).all(axis=1) & (there < shape).all(axis=1)
    out[tuple(there[fits].T)] = image.ravel()[fits]
    return out


# %% tags=["mistake"] task="warp" says="You take the nearest pixel: edges get stairs. Asked for is the mean of four, by their weights."
def nearest_pixel(image, H, shape):
    y, x = move_points(np.indices(shape).reshape(2, -1).T, np.linalg.inv(H)).T
    h, w = image.shape
    r, c = np.rint(y).astype(int), np.rint(x).astype(int)
    inside = (y >= 0) & (y <= h - 1) & (x >= 0) & (x <= w - 1)
    return np.where(inside, image[r.clip(0, h - 1), c.clip(0, w - 1)], 0).reshape(shape)


# %% tags=["mistake"] task="warp" says="You cut off what is behind the point, and take one pixel. It is the upper left of four: take all four, by their weights."
def upper_left_pixel(image, H, shape):
    y, x = move_points(np.indices(shape).reshape(2, -1).T, np.linalg.inv(H)).T
    h, w = image.shape
    r, c = y.astype(int), x.astype(int)
    inside = (y >= 0) & (y <= h - 1) & (x >= 0) & (x <= w - 1)
    return np.where(inside, image[r.clip(0, h - 1), c.clip(0, w - 1)], 0).reshape(shape)


# %% tags=["mistake"] task="warp" says="You never ask whether the place lies in the picture, so an index runs over the end. Outside the answer is 0. And at the last row and column there is no pixel beyond: `min(int(y), h - 2)`."
def never_asked_whether_inside(image, H, shape):
    y, x = move_points(np.indices(shape).reshape(2, -1).T, np.linalg.inv(H)).T
    r, c = np.floor(y).astype(int), np.floor(x).astype(int)
    return (image[r, c] + image[r + 1, c] + image[r, c + 1] + image[r + 1, c + 1]).reshape(shape)


# %% tags=["mistake"] task="warp" says="On the last row or column there is no pixel beyond, and your index runs over the end. Begin one before, `min(int(y), h - 2)`; then the one below gets all the weight."
def runs_over_the_end(image, H, shape):
    out, (h, w) = np.zeros(shape), image.shape
    for place in np.ndindex(*shape):
        ((y, x),) = move_points(np.array([place]), np.linalg.inv(H))
        if 0 <= y <= h - 1 and 0 <= x <= w - 1:
            r, c = int(y), int(x)
            four = image[[r, r, r + 1, r + 1], [c, c + 1, c, c + 1]]
            fr, fc = y - r, x - c
            out[place] = four @ [(1 - fr) * (1 - fc), (1 - fr) * fc, fr * (1 - fc), fr * fc]
    return out


# %% tags=["mistake"] task="warp" says="The last row or column is lost. A place exactly on it, y = h - 1 or x = w - 1, is still inside."
def last_row_lost(image, H, shape):
    y, x = move_points(np.indices(shape).reshape(2, -1).T, np.linalg.inv(H)).T.reshape(2, *shape)
    h, w = image.shape
    return np.where((y < h - 1) & (x < w - 1), warp(image, H, shape), 0)


# %% tags=["mistake"] task="warp" says="Your picture has a soft rim: beyond the edge it fades into a black that was put around it. What lies outside, even by less than a pixel, is 0; nothing is put around it."
def fades_out(image, H, shape):
    return warp(np.pad(image, 1), H @ np.array([[1, 0, -1], [0, 1, -1], [0, 0, 1.0]]), shape)


# %% tags=["mistake"] task="warp" says="You multiply by the inverse, and never divide by w. Let `move_points` do it."
def not_divided(image, H, shape):
    back = np.linalg.inv(H)
    places = np.column_stack([np.indices(shape).reshape(2, -1).T, np.ones(shape[0] * shape[1])])
    y, x = (places @ back.T)[:, :2].T
    h, w = image.shape
    inside = (y >= 0) & (y <= h - 1) & (x >= 0) & (x <= w - 1)
    r, c = (np.clip(np.floor(v), 0, n - 2).astype(int) for v, n in ((y, h), (x, w)))
    fr, fc = y - r, x - c
    above = (1 - fc) * image[r, c] + fc * image[r, c + 1]
    below = (1 - fc) * image[r + 1, c] + fc * image[r + 1, c + 1]
    return np.where(inside, (1 - fr) * above + fr * below, 0).reshape(shape)


# %% tags=["mistake"] task="warp" says="Beyond the edge you go on with the last pixel: streaks. Asked for is 0 there."
def streaks_outside(image, H, shape):
    padded = np.pad(image, 60, mode="edge")
    return warp(padded, H @ np.array([[1, 0, -60], [0, 1, -60], [0, 0, 1.0]]), shape)


# %% tags=["mistake"] task="warp" says="The picture comes back on the other side: negative indices count from the end. Where the place lies outside, the answer is 0."
def wraps_around(image, H, shape):
    padded = np.pad(image, 60, mode="wrap")
    return warp(padded, H @ np.array([[1, 0, -60], [0, 1, -60], [0, 0, 1.0]]), shape)


# %% tags=["mistake"] task="warp" says="The weights are the wrong way round: the nearer a pixel, the *more* it counts. The upper left one gets (1 − fr)(1 − fc)."
def far_ones_count_more(image, H, shape):
    h, w = image.shape
    y, x = move_points(np.indices(shape).reshape(2, -1).T, np.linalg.inv(H)).T
    inside = (y >= 0) & (y <= h - 1) & (x >= 0) & (x <= w - 1)
    r, c = (np.clip(np.floor(v), 0, n - 2).astype(int) for v, n in ((y, h), (x, w)))
    fr, fc = y - r, x - c
    above = fc * image[r, c] + (1 - fc) * image[r, c + 1]
    below = fc * image[r + 1, c] + (1 - fc) * image[r + 1, c + 1]
    return np.where(inside, fr * above + (1 - fr) * below, 0).reshape(shape)


# %% tags=["mistake"] task="warp" says="fr and fc are exchanged: fr, how far it is beyond the upper *row*, weighs above against below."
def fractions_exchanged(image, H, shape):
    h, w = image.shape
    y, x = move_points(np.indices(shape).reshape(2, -1).T, np.linalg.inv(H)).T
    inside = (y >= 0) & (y <= h - 1) & (x >= 0) & (x <= w - 1)
    r, c = (np.clip(np.floor(v), 0, n - 2).astype(int) for v, n in ((y, h), (x, w)))
    fc, fr = y - r, x - c
    above = (1 - fc) * image[r, c] + fc * image[r, c + 1]
    below = (1 - fc) * image[r + 1, c] + fc * image[r + 1, c + 1]
    return np.where(inside, (1 - fr) * above + fr * below, 0).reshape(shape)


# %% tags=["mistake"] task="warp" says="You hand in places as (column, row). Rows come first: `np.indices(shape)` gives rows, then columns."
def columns_first(image, H, shape):
    swap = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    return warp(image, swap @ H @ swap, shape)


# %% [markdown]
# **See it.** The right view, as the left camera would have seen it: pushed, and pulled by your
# function.

# %%
pull = ex.use("warp")
H = fit(source[inliers], target[inliers])
wide = (192, 304)
pushed = np.zeros(wide)
places = np.rint(move(np.indices(shape).reshape(2, -1).T, H)).astype(int)
fits = (places >= 0).all(axis=1) & (places < wide).all(axis=1)
pushed[tuple(places[fits].T)] = grey_right.ravel()[fits]
images.show(
    pushed,
    pull(grey_right, H, wide),
    titles=["pushed", "pulled"],
    columns=2,
    alt="The same view of half a tower, set upright, twice: on the left sown with black dots and "
    "lines where no pixel arrived, on the right whole.",
)

# %% [markdown]
# ## 7 · One picture of two
#
# All together. The left view stays where it is, the right one is pulled over to it. Two things are
# left to do.
#
# **Light.** The right one had a shorter exposure. Compare the means of both where they overlap, and
# multiply.
#
# **The seam.** Where both have something to say, let each speak the louder the further it is from its
# own edge. The helper `tent` makes such weights: 1 in the middle of a picture, nearly 0 at its edge.
# Warp the tent of the right view just like the view, and take the weighted mean:
#
# $$\text{out} = \frac{w_1 \cdot \text{left} + w_2 \cdot \text{right}}{w_1 + w_2}$$


# %% tags=["setup"]
def tent(shape):
    """Weights of a picture: 1 in the middle, falling to nearly 0 at the edge."""
    row, column = (1 - np.abs(np.arange(n) - (n - 1) / 2) / (n / 2) for n in shape)
    return np.outer(row, column)


# %%
weight = tent(shape)
images.show(
    weight,
    pull(weight, H, wide),
    titles=["a tent", "the tent of the right view, warped"],
    columns=2,
    alt="A soft white spot that fades to black at the edges of its picture; and the same, turned and "
    "moved to the right.",
)

# %% [markdown]
# **Predict.** What would the seam look like without the weights, the right picture laid on top?

# %%
ex.target("stitch")


# %% tags=["task"] task="stitch" points=4 minutes=10 level=3 compare="psnr(at_least=25)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.geometry"]
def stitch(left, right, source, target, draws, shape):
    """Join two views into one picture.

    Parameters
    ----------
    left, right : arrays (h, w), uint8: two views that overlap, the right one darker or brighter
    source, target : arrays (N, 2): pairs of points, source in `right` and target in `left`. Some
        are wrong.
    draws : array (D, 4) of whole numbers, draws of four pairs
    shape : (rows, columns) of the joined picture. Its first pixel is the first pixel of `left`.

    Returns
    -------
    Array of that shape, uint8: 0 where neither view shows anything. The PSNR to what is really
    there has to be 25 dB at least. One way:

    1. the pairs that agree to 2 pixels, and the homography that fits all of them
    2. both views as floats, value / 255, warped to the shape; `left` by np.eye(3), which does not
       move it; their tents just so
    3. the right view times mean of left / mean of right, both over the overlap: where both warped
       tents are above 0
    4. the weighted mean, 0 where both weights are 0
    5. np.rint(255 * out), clipped to 0..255, as uint8
    """
    # BEGIN SOLUTION
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    both = (w1 > 0) & (w2 > 0)
    other = other * one[both].mean() / other[both].mean()
    total = w1 + w2
    out = (w1 * one + w2 * other) / np.where(total > 0, total, 1)
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)
    # END SOLUTION


# %% tags=["check"]
ex.check(stitch)

# %% [markdown] tags=["hint"] task="stitch"
# Everything is there: consensus, fit_homography, warp, tent. A line or two for each of the five
# steps; look at what comes out after each with `images.show`.

# %% [markdown] tags=["hint"] task="stitch"
# Four warps: left and its tent by `np.eye(3)`, right and its tent by H. The overlap is a mask,
# `both = (w1 > 0) & (w2 > 0)`. So that nothing is divided by 0, let
# `total = w1 + w2` and divide by `np.where(total > 0, total, 1)`.

# %% [markdown] tags=["hint"] task="stitch"
# ```
# good = consensus(source, target, draws, 2.0)
# H = fit_homography(source[good], target[good])
# one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, ..., shape)
# w1, w2 = warp(tent(left.shape), np.eye(3), shape), ...
# both = (w1 > 0) & (w2 > 0)
# other = other * one[both].mean() / ...
# total = w1 + w2
# out = (w1 * one + ...) / np.where(total > 0, total, 1)
# return np.rint(255 * np.clip(out, 0, 1)).astype(np.uint8)
# ```


# %% tags=["cases"] task="stitch"
def stitch_cases(rng):
    def level(image):
        return np.rint(255 * image).astype(np.uint8)

    def two_views(shape, across, light, other_light):
        """The right view is larger than the joined picture, and leaves none of it empty."""
        photo = ndimage.gaussian_filter(scene, 0.7)
        size = shape[0], across + 24  # of the left view
        corner = rng.integers((50, 40), (75, 130))
        first = np.array([[1, 0, corner[0]], [0, 1, corner[1]], [0, 0, 1]], float)
        second = pose(rng, np.add(corner, (rng.integers(-13, -9), across)), 0.1, 8e-4)
        H = np.linalg.inv(first) @ second  # from the right view to the left
        left = light * look(photo, first, size)
        right = other_light * look(photo, second, (shape[0] + 22, shape[1] - across + 16))
        grid = np.stack(np.meshgrid(np.arange(6), np.arange(4), indexing="ij"), -1).reshape(-1, 2)
        grid = (grid + 0.5 + rng.uniform(-0.25, 0.25, grid.shape)) / (6, 4)
        target = (0, across + 5) + grid * (size[0] - 1, 18)
        source = move_points(target, np.linalg.inv(H))
        target += rng.normal(0, 0.1, source.shape)
        liars = rng.permutation(24)[:8]
        target[liars] = rng.uniform((0, -12), np.add(size, (0, 12)), (8, 2))
        honest = np.setdiff1d(np.arange(24), liars)
        draws = [rng.choice(24, 4, replace=False) for _ in range(4)]
        draws = [*draws, *(corners_of(source, honest) for _ in range(3))]
        given = dict(left=level(left), right=level(right), source=source.round(2))
        given |= dict(target=target.round(2), draws=np.array(draws), shape=shape)
        return given, level(light * look(photo, first, shape))

    def corners_of(source, honest):
        """Four honest pairs, one near each corner."""
        low, high = source.min(axis=0), source.max(axis=0)
        ends = [(low[0], low[1]), (low[0], high[1]), (high[0], low[1]), (high[0], high[1])]
        weigh = rng.uniform(0.8, 1.25, len(honest))
        found = []
        for end in ends:
            far = np.linalg.norm(source[honest] - end, axis=1) * weigh
            far[np.isin(honest, found)] = np.inf
            found.append(honest[far.argmin()])
        return np.array(found)

    for label, shape, across, light, other_light in (
        ("a roof, the right view darker", (50, 84), 26, 1.0, 0.6),
        ("the right view brighter", (48, 78), 24, 0.6, 0.95),
        ("half the light", (46, 76), 22, 0.95, 0.45),
        ("a small turn", (52, 72), 14, 0.9, 0.5),
    ):
        error = np.inf
        while error > 0.001 * 255**2:  # 30 dB: points that lie badly are drawn again
            given, truth = two_views(shape, across, light, other_light)
            error = np.mean((stitch(**given).astype(float) - truth) ** 2)
        yield label, given, truth


# %% tags=["mistake"] task="stitch" says="All pairs are in your fit, the wrong ones too, and they pull the right view askew. Ask `consensus` first, and fit to those that agree."
def liars_in_the_fit(left, right, source, target, draws, shape):
    H = fit_homography(source, target)
    corners = np.array([[0, 3, 20, 23]])
    return stitch(left, right, source, move_points(source, H), corners, shape)


# %% tags=["mistake"] task="stitch" says="The right view goes the wrong way: your H leads from left to right. Fit from `source`, in right, to `target`, in left; `warp` inverts by itself."
def the_way_back(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    H = np.linalg.inv(H)
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    both = (w1 > 0) & (w2 > 0)
    other = other * one[both].mean() / other[both].mean()
    total = np.where(w1 + w2 > 0, w1 + w2, 1)
    out = (w1 * one + w2 * other) / total
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="The exposure is left as it was: one half is darker than the other. Multiply the right view by mean of left / mean of right over the overlap."
def exposure_ignored(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    total = np.where(w1 + w2 > 0, w1 + w2, 1)
    out = (w1 * one + w2 * other) / total
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="You correct the light the wrong way round, and it gets worse. The right view takes mean of *left* / mean of right."
def exposure_turned_round(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    both = (w1 > 0) & (w2 > 0)
    other = other * other[both].mean() / one[both].mean()
    total = np.where(w1 + w2 > 0, w1 + w2, 1)
    out = (w1 * one + w2 * other) / total
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="You add both views, and where they overlap it gets twice as bright. Multiply each by its tent, and divide by the sum of the tents."
def sum_of_both(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    both = (w1 > 0) & (w2 > 0)
    other = other * one[both].mean() / other[both].mean()
    out = one + other
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="You take the mean of both views everywhere, and where only one shows something it is mixed with black. Weigh them by their tents: outside of a view its tent is 0."
def mixed_with_black(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    both = (w1 > 0) & (w2 > 0)
    other = other * one[both].mean() / other[both].mean()
    out = (one + other) / 2
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="You multiply by the tents and never divide by their sum: bright in the middle, dark towards the edges."
def never_divided(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    both = (w1 > 0) & (w2 > 0)
    other = other * one[both].mean() / other[both].mean()
    out = w1 * one + w2 * other
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="You lay the right view on top as it is: its light is another, and there is a hard seam. Make the light equal over the overlap, and weigh both by their tents."
def laid_on_top(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w2 = warp(tent(right.shape), H, shape)
    return np.rint(255 * np.where(w2 > 0, other, one)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="You compare the light of the whole views. They do not show the same: compare where they overlap, where both warped tents are above 0."
def light_of_the_whole(left, right, source, target, draws, shape):
    good = consensus(source, target, draws, 2.0)
    H = fit_homography(source[good], target[good])
    one, other = warp(left / 255, np.eye(3), shape), warp(right / 255, H, shape)
    w1, w2 = warp(tent(left.shape), np.eye(3), shape), warp(tent(right.shape), H, shape)
    other = other * left.mean() / right.mean()
    total = np.where(w1 + w2 > 0, w1 + w2, 1)
    out = (w1 * one + w2 * other) / total
    return np.rint(255 * out.clip(0, 1)).astype(np.uint8)


# %% tags=["mistake"] task="stitch" says="The right view never arrives: this is the left one alone. Warp `right` by H, and its tent, too."
def left_alone(left, right, source, target, draws, shape):
    return np.rint(255 * warp(left / 255, np.eye(3), shape)).astype(np.uint8)


# %% [markdown]
# ## Your panorama
#
# The two views from the top of the page, in colour. Nothing is handed to you but the pixels: the
# library names places and describes them, all the rest is yours, called once for each
# channel.

# %%
join = ex.use("stitch")
channels = [
    join(
        np.rint(255 * left[..., k]).astype(np.uint8),
        np.rint(255 * right[..., k]).astype(np.uint8),
        source,
        target,
        draws,
        wide,
    )
    for k in range(3)
]
panorama = np.stack(channels, axis=2)
real = np.stack([look(lake[..., k], to_photo[0], wide) for k in range(3)], axis=2)
seen = panorama.any(axis=2)
images.show(
    panorama,
    titles=["one picture of two"],
    alt="The tower and the lake in one wide picture, the right part with slanting edges, black around "
    "it; no seam to be seen.",
)

# %% [markdown]
# How near is it to what is really there? And what would the other ways have given?

# %%
one, other = pull(grey_left, np.eye(3), wide), pull(grey_right, H, wide)
w1, w2 = pull(weight, np.eye(3), wide), pull(weight, H, wide)
on_top = np.where(w2 > 0, other, one)
real_grey, mine = real.mean(axis=2), panorama.mean(axis=2) / 255
for name, picture in (("right one laid on top", on_top), ("yours", mine)):
    error = np.mean((picture - real_grey)[seen] ** 2)
    print(f"{name:21}: PSNR {10 * np.log10(1 / error):.1f} dB")
cut = np.s_[20:140, 70:230]
images.show(
    on_top[cut],
    mine[cut],
    titles=["laid on top", "yours"],
    columns=2,
    alt="The same part of the tower: once with a hard step from bright to dark all along a slanting "
    "line, once without.",
)

# %% [markdown]
# ## Graduation: against the library
#
# Your functions beside imgkit's own, and their times.


# %%
def seconds(function, *arguments, runs=3, **options):
    """The best of some runs: whatever else the computer does only makes it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments, **options)
        times.append(time.perf_counter() - begin)
    return min(times)


theirs = features.match(places_right.descriptors, places_left.descriptors, ratio=0.85)
print(f"match: {len(pairs)} pairs and {len(theirs)}, the same: {np.array_equal(pairs, theirs)}")
exact = geometry.homography(source[inliers], target[inliers])
print(f"homography: largest difference {np.abs(exact - H).max():.0e}")
pulled = geometry.warp_perspective(grey_right, H, wide)
off = np.abs(pulled - pull(grey_right, H, wide))[w2 > 0].max()
print(f"warp: largest difference inside {off:.0e}")
shift, _ = geometry.phase_correlation(scene[60:140, 100:220], scene[66:146, 91:211])
print(f"shift: {shift.round(2)}, which asks between the pixels, too")

# %%
for name, mine, library in (
    (
        "match",
        lambda: pair(places_right.descriptors, places_left.descriptors, 0.85),
        lambda: features.match(places_right.descriptors, places_left.descriptors),
    ),
    (
        "RANSAC",
        lambda: agree(source, target, draws, 3.0),
        lambda: geometry.ransac("homography", source, target),
    ),
    (
        "warp",
        lambda: pull(grey_right, H, wide),
        lambda: geometry.warp_perspective(grey_right, H, wide),
    ),
):
    print(f"{name:7} the library is {seconds(mine, runs=1) / seconds(library):.1f} times as fast")

# %% [markdown]
# ## What you can do now
#
# - Send points through a homography, and divide by w.
# - Find a pure shift: angles only, one wave, one vote.
# - Match descriptors: the nearest, clearly nearest, and mutual.
# - Find nine numbers from four pairs or more, by the DLT, normalised.
# - Let draws of four stand for election, and fit to those that agree.
# - Pull pixels by the inverse, with bilinear weights.
# - Make one picture of two, with equal light and no seam.

# %%
ex.progress()
