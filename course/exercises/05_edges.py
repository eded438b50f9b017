# ---
# jupyter:
#   imgkit:
#     title: Edges, corners, lines
#     minutes: 60
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Edges, corners, lines
#
# **About 60 minutes, seven tasks.** Before: exercise 02, and best the lesson of the same name.
#
# You hold your phone over a sheet of paper. It draws a frame around the sheet, takes the picture,
# and out comes a flat scan, as if the sheet had lain under glass. How did it know where the sheet
# was? At the end of this page your own code does the same with the picture below.
#
# By the end you can
#
# - say how steep the brightness is at a pixel, and which way it rises,
# - make a thick edge one pixel thin, and follow it where it fades,
# - tell corners from edges by a matrix of two by two,
# - pick tops of any map, the highest first,
# - let pixels vote for lines, which is the *Hough transform*,
# - and find a sheet of paper among stones, to the pixel.
#
# Points are (row, column), angles in radians: 0 points to the right, π/2 *down*, for rows grow
# downwards. Loops earn all points. Where fewer would do, the check says so: first right, then fast.
# Stuck? `ex.hint("thin")` gives a hint, and the next one when you ask again. Hints cost nothing.

# %% tags=["setup"]
import numpy as np
from scipy import ndimage

from imgkit import data

camera = data.load("camera")  # (512, 512) uint8
coins = data.load("coins")  # (303, 384)
gravel = data.load("gravel")  # (512, 512)


def smooth(image, sigma):
    """A Gaussian blur, of exercise 02. Floats."""
    return ndimage.gaussian_filter(np.asarray(image, float), sigma, mode="nearest")


def slopes(image):
    """Sobel's two slopes, of exercise 02: down the rows and along the columns, per pixel."""
    image = np.asarray(image, float)
    return tuple(ndimage.sobel(image, axis, mode="nearest") / 8 for axis in (0, 1))


# %% [markdown]
# And four that draw flat things as a camera sees them, askew, so that the truth is known.


# %% tags=["setup"]
def perspective(corners):
    """The matrix that takes the unit square to four corners, from (0, 0) on clockwise."""
    rows = []
    for (u, v), (r, c) in zip([(0, 0), (0, 1), (1, 1), (1, 0)], corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -r * u, -r * v], [0, 0, 0, u, v, 1, -c * u, -c * v]]
    return np.append(np.linalg.solve(rows, np.ravel(corners)), 1).reshape(3, 3)


def draw(pattern, shape, corners):
    """Draw pattern(u, v), the unit square from 0 to 1, with its corners where they are said."""
    fine = (np.indices(np.multiply(shape, 5)) + 0.5) / 5 - 0.5  # five by five in each pixel
    ones = np.ones_like(fine[0])
    u, v, w = np.tensordot(np.linalg.inv(perspective(corners)), [*fine, ones], 1)
    return pattern(u / w, v / w).reshape(shape[0], 5, shape[1], 5).mean(axis=(1, 3))


def board(shape, corners, squares):
    """A chessboard from dark 0.15 to bright 0.85 on mid-grey, and its true inner corners."""
    m, n = squares

    def checks(u, v):
        odd = (np.floor(m * u) + np.floor(n * v)) % 2
        return np.where((np.abs(u - 0.5) < 0.5) & (np.abs(v - 0.5) < 0.5), 0.15 + 0.7 * odd, 0.5)

    inner = np.array([(i / m, j / n, 1) for i in range(1, m) for j in range(1, n)])
    where = inner @ perspective(corners).T
    return draw(checks, shape, corners), where[:, :2] / where[:, 2:]


def sheet(rng, shape):
    """A printed sheet on gravel, in uneven light, with grain: uint8, and its true corners."""
    middle = [(0.2, 0.2), (0.2, 0.8), (0.8, 0.8), (0.8, 0.2)]
    corners = (middle + rng.uniform(-0.09, 0.09, (4, 2))) * shape
    ink = rng.random((8, 16)) < 0.7
    ink[[0, -1]] = ink[:, :2] = ink[:, -2:] = False

    def cover(u, v):
        return 1.0 * ((np.abs(u - 0.5) < 0.5) & (np.abs(v - 0.5) < 0.5))

    def print_on(u, v):
        i, j = (np.clip(n * x, 0, n - 1).astype(int) for x, n in ((u, 8), (v, 16)))
        return cover(u, v) * (1 - 0.55 * ink[i, j] * (8 * u % 1 > 0.5))

    top, left = rng.integers(0, np.subtract(gravel.shape, shape))
    ground = 0.12 + 0.35 * gravel[top : top + shape[0], left : left + shape[1]] / 255
    light = np.linspace(1, 0.65, shape[1])
    picture = 0.85 * draw(print_on, shape, corners) + (1 - draw(cover, shape, corners)) * ground
    grain = rng.normal(0, 0.04, shape)
    return np.rint(255 * np.clip(light * picture + grain, 0, 1)).astype(np.uint8), corners


# %%
from imgkit import course, features, images, segmentation

ex = course.exercise("05_edges")
ex

# %%
page = data.load("page") / 255
page = np.clip(page / (1.15 * smooth(ndimage.maximum_filter(page, 15), 12)), 0, 1)  # even light


def printed(u, v):
    """The photograph of a page, with a white margin; black beyond the sheet."""
    r, c = 210 * u - 10, 424 * v - 20
    inside = (np.abs(u - 0.5) < 0.5) & (np.abs(v - 0.5) < 0.5)
    return inside * ndimage.map_coordinates(page, [r, c], order=1, cval=0.87)


true_corners = np.array([(44.0, 50), (62, 286), (208, 260), (196, 26)])
paper = draw(printed, (256, 320), true_corners)
stones = 0.12 + 0.35 * gravel[100:356, 60:380] / 255
grain = np.random.default_rng(5).normal(0, 0.03, paper.shape)
photo = np.linspace(1, 0.7, 320) * (paper + (paper == 0) * stones) + grain
photo = np.rint(255 * np.clip(photo, 0, 1)).astype(np.uint8)
images.show(
    photo,
    titles=["Where is the sheet?"],
    alt="A printed sheet of paper lies askew on dark gravel. It is bright at its left, darker at its "
    "right, and the whole picture is grainy.",
)

# %% [markdown]
# The letters are a photograph; that the sheet lies askew on stones is drawn by the computer. So
# here we know the truth, and can hold ourselves to it.
#
# ## 1 · How steep, and which way?
#
# An edge is where the brightness changes. `slopes(image)` gives the change for one step down and
# for one step to the right, at every pixel: Sobel's two kernels of exercise 02. Together they are
# an arrow, the **gradient**. It points to where it gets brighter most quickly, and its length says
# how quickly:
#
# $$\text{magnitude} = \sqrt{\text{down}^2 + \text{across}^2}
# \qquad \text{angle} = \operatorname{atan2}(\text{down}, \text{across})$$
#
# On a grid of pixels you can only step in eight ways, and two that are opposite make the same line.
# So it is enough to know the nearest of four **sectors**: 0 is → or ←, 1 is ↘ or ↖, 2 is ↓ or ↑,
# 3 is ↙ or ↗.
#
# **Predict.** A bright disc on dark ground. In which sector is the gradient at its top? And at its
# left?

# %%
ex.target("gradient")


# %% tags=["task"] task="gradient" points=2 minutes=6 level=1 compare="close(rtol=1e-5, atol=1e-5)" forbid=["cv2", "skimage", "torch", "scipy.ndimage.gaussian_gradient_magnitude", "imgkit.filtering", "imgkit.features"]
def gradient(image):
    """Find how steep the brightness is, and along which line it changes.

    Parameters
    ----------
    image : array (H, W), uint8 or floats

    Returns
    -------
    A tuple (magnitude, sector) of two arrays (H, W). With down, across = slopes(image):

    - magnitude: floats, sqrt(down**2 + across**2), in the units of the image
    - sector: whole numbers 0 to 3, of a whole-number dtype. The angle arctan2(down, across) is
      divided by pi / 4, rounded to the nearest whole number, and of that the remainder by 4 is
      taken.

    Where the magnitude is 0, so is the sector.

    Example
    -------
    np.array([[0, 8, 16], [0, 8, 16]]) rises by 8 to the right: in the middle column the magnitude
    is 8, and the sector is 0 everywhere.
    """
    # BEGIN SOLUTION
    down, across = slopes(image)
    sector = np.rint(np.arctan2(down, across) / (np.pi / 4)).astype(int) % 4
    return np.hypot(down, across), sector
    # END SOLUTION


# %% tags=["check"]
ex.check(gradient)

# %% [markdown] tags=["hint"] task="gradient"
# `down, across = slopes(image)` gives you two arrays, and everything else goes for whole arrays at
# once. `np.hypot` is Pythagoras; `np.arctan2` takes the *rows* first.

# %% [markdown] tags=["hint"] task="gradient"
# An eighth of a turn is π / 4. So `np.arctan2(down, across) / (np.pi / 4)` counts eighths: −4 to 4.
# Then `np.rint` takes the nearest whole number, and after that `% 4` makes two opposite ways one:
# −3 % 4 is 1.

# %% [markdown] tags=["hint"] task="gradient"
# ```
# down, across = slopes(image)
# magnitude = np.sqrt(...)
# eighths = np.rint(np.arctan2(down, across) / (np.pi / 4))
# sector = ...
# return magnitude, sector.astype(int)
# ```


# %% tags=["cases"] task="gradient"
def gradient_cases(rng):
    middle, radius = rng.uniform((13, 15), (15, 17)), rng.uniform(7, 9)
    far = np.hypot(*(np.indices((28, 32)) - np.reshape(middle, (2, 1, 1))))
    disc = np.rint(20 + 200 * np.clip((radius - far) / 3 + 0.5, 0, 1)).astype(np.uint8)
    yield "a soft disc", dict(image=disc)
    top, left = rng.integers((30, 40), (220, 300))
    yield "a coin", dict(image=coins[top : top + 28, left : left + 32])
    r, c = np.indices((14, 18))
    slope = 120 - rng.uniform(2, 4) * r + rng.uniform(2, 4) * c
    yield "brighter up and to the right", dict(image=np.rint(slope).astype(np.uint8))
    top, left = rng.integers((90, 160), (200, 280))
    yield "a piece of a photograph", dict(image=camera[top : top + 24, left : left + 28])
    yield "noise", dict(image=rng.integers(0, 256, (9, 13)).astype(np.uint8))


# %% tags=["mistake"] task="gradient" says="Down and across are exchanged in the angle: `np.arctan2` takes the rows first, `np.arctan2(down, across)`."
def across_first(image):
    down, across = slopes(image)
    return np.hypot(down, across), np.rint(np.arctan2(across, down) / (np.pi / 4)).astype(int) % 4


# %% tags=["mistake"] task="gradient" says="Sectors 1 and 3 are exchanged: that would be right if rows grew upwards, as in mathematics. In pictures they grow downwards, so down counts as it is, without a minus."
def upwards(image):
    magnitude, sector = gradient(image)
    return magnitude, (4 - sector) % 4


# %% tags=["mistake"] task="gradient" says="Your sectors go beyond 0 to 3. Two opposite ways are one line: take the remainder, `% 4`."
def eight_ways(image):
    down, across = slopes(image)
    return np.hypot(down, across), np.rint(np.arctan2(down, across) / (np.pi / 4)).astype(int)


# %% tags=["mistake"] task="gradient" says="Your sectors go beyond 0 to 3: `% 8` keeps opposite ways apart. They are one line here, so take `% 4`."
def remainder_by_eight(image):
    down, across = slopes(image)
    return np.hypot(down, across), np.rint(np.arctan2(down, across) / (np.pi / 4)).astype(int) % 8


# %% tags=["mistake"] task="gradient" says="Some of your sectors are 4, which is 0 again. Round first and take the remainder afterwards: the other way round, what is nearly a half turn is rounded up beyond 3."
def remainder_first(image):
    down, across = slopes(image)
    return np.hypot(down, across), np.rint(np.arctan2(down, across) / (np.pi / 4) % 4).astype(int)


# %% tags=["mistake"] task="gradient" says="You cut the eighths down to the next whole number. The *nearest* is asked for: `np.rint`."
def cut_down(image):
    down, across = slopes(image)
    return np.hypot(down, across), np.floor(np.arctan2(down, across) / (np.pi / 4)).astype(int) % 4


# %% tags=["mistake"] task="gradient" says="You cut the eighths off towards zero: that is what `.astype(int)` and `int` do. Round first, with `np.rint`."
def cut_off(image):
    down, across = slopes(image)
    return np.hypot(down, across), (np.arctan2(down, across) / (np.pi / 4)).astype(int) % 4


# %% tags=["mistake"] task="gradient" says="Your sectors are a quarter of a turn wide. Eight ways, so each is an *eighth* of a full turn: π / 4, or 45 degrees."
def quarter_turns(image):
    down, across = slopes(image)
    return np.hypot(down, across), np.rint(np.arctan2(down, across) / (np.pi / 2)).astype(int) % 4


# %% tags=["mistake"] task="gradient" says="You give the angle itself. Asked for is the sector, 0 to 3: divide by π / 4, round, take the remainder by 4."
def angle_for_sector(image):
    down, across = slopes(image)
    return np.hypot(down, across), np.arctan2(down, across)


# %% tags=["mistake"] task="gradient" says="You add the absolute slopes. That is quick, but slanting edges come out up to 1.4 times too steep. Take the root of the squares: `np.hypot(down, across)`."
def absolute_slopes_added(image):
    down, across = slopes(image)
    return np.abs(down) + np.abs(across), gradient(image)[1]


# %% tags=["mistake"] task="gradient" says="The root is missing: you have the square of the magnitude."
def root_forgotten(image):
    magnitude, sector = gradient(image)
    return magnitude**2, sector


# %% tags=["mistake"] task="gradient" says="Your sectors are turned by a quarter: they tell how the *edge* runs. The gradient stands across the edge."
def along_the_edge(image):
    magnitude, sector = gradient(image)
    return magnitude, (sector + 2) % 4


# %% [markdown]
# **See it.** First the disc, then a crop of the sheet, blurred first, because grain is steep too. A
# colour for each sector, where the magnitude is large. At the disc's top and bottom the gradient is
# upright, sector 2, at its left and right level, sector 0: it stands *across* the edge.

# %%
disc = np.hypot(*(np.indices((90, 105)) - np.reshape((45, 52), (2, 1, 1)))) < 32
crop = np.s_[20:110, 30:135]


def looked_at(image):
    """Magnitude and sector of an image, and the sector as colours."""
    magnitude, sector = ex.use("gradient")(smooth(image, 2))
    sector = np.asarray(sector, int)
    return magnitude, sector, segmentation.paint(np.where(magnitude > 8, sector + 1, 0))


steep_disc, _, disc_colours = looked_at(200 * disc)
steep, ways, colours = looked_at(photo)
images.show(
    disc,
    steep_disc / steep_disc.max(),
    disc_colours,
    photo[crop],
    (steep / steep.max())[crop],
    colours[crop],
    titles=["a disc", "magnitude", "sector", "photograph", "", ""],
    columns=3,
    alt="Above, a bright disc; its magnitude, a ring; and the ring in four colours, in eight pieces, "
    "opposite pieces alike. Below, the upper left corner of the sheet; its magnitude, a bright soft "
    "band along both sides and a grey haze of letters; and its sectors: the upper side in the colour "
    "of the disc's top, the left side in that of its left, letters in all of them. Where it is "
    f"steepest it is {steep.max():.0f} levels per pixel.",
)

# %% [markdown]
# ## 2 · Thin
#
# The side of the sheet is a sharp line, and in the magnitude it is a band, several pixels wide. But
# a band has a **ridge**. Walk across it, the way the gradient points: up, up, over the top, down.
# Only the top shall stay. This is called *non-maximum suppression*.
#
# First in a row. Keep a pixel if it is larger than its left neighbour and at least as large as its
# right one. Why so uneven? An edge that lies just between two pixels gives two equal ones. This way
# one of them stays, and not both, and not none.

# %%
row = np.array([0, 1, 3, 7, 9, 6, 2, 1, 4, 8, 8, 3, 1])
before, after = np.append(0, row[:-1]), np.append(row[1:], 0)
images.plot_rows(
    row,
    np.where((row > before) & (row >= after), row, 0),
    labels=["magnitude", "its tops"],
    alt=f"A curve with two hills. Of the first its top, {row[4]}, stays; the second has a flat top of "
    f"two pixels, {row[9]} and {row[10]}, and only the left one stays.",
)

# %% [markdown]
# In a picture the two neighbours lie the way the gradient points, and the sector tells where:
#
# | sector | first neighbour | second neighbour |
# |---|---|---|
# | 0 | left, (0, −1) | right, (0, 1) |
# | 1 | upper left, (−1, −1) | lower right, (1, 1) |
# | 2 | above, (−1, 0) | below, (1, 0) |
# | 3 | upper right, (−1, 1) | lower left, (1, −1) |
#
# **Predict.** What would stay of an edge if you compared *along* it instead of across?

# %%
ex.target("thin")


# %% tags=["task"] task="thin" points=3 minutes=9 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.features"]
def thin(magnitude, sector):
    """Keep the ridges of the magnitude, one pixel wide.

    Parameters
    ----------
    magnitude : array (H, W) of floats, none below 0
    sector : array (H, W) of whole numbers 0 to 3

    Returns
    -------
    A new array (H, W) of floats: the magnitude where it is *larger* than that of the first
    neighbour and *at least as large* as that of the second; elsewhere 0. The pixel's own sector
    says which two these are, see the table. Beyond the edge of the picture the magnitude is 0. It
    is always the given magnitudes that are compared, never those already set to 0.

    Example
    -------
    thin(np.array([[1.0, 3, 3, 2]]), np.zeros((1, 4), int)) gives [[0, 3, 0, 0]].
    """
    # BEGIN SOLUTION
    around = np.pad(magnitude, 1)
    left, right = around[1:-1, :-2], around[1:-1, 2:]
    above, below = around[:-2, 1:-1], around[2:, 1:-1]
    upper_left, upper_right = around[:-2, :-2], around[:-2, 2:]
    lower_left, lower_right = around[2:, :-2], around[2:, 2:]
    first = np.choose(sector, [left, upper_left, above, upper_right])
    second = np.choose(sector, [right, lower_right, below, lower_left])
    return np.where((magnitude > first) & (magnitude >= second), magnitude, 0)
    # END SOLUTION


# %% tags=["check"]
ex.check(thin)

# %% [markdown] tags=["hint"] task="thin"
# Put a frame of zeros around the magnitude, `np.pad(magnitude, 1)`. Then every pixel has all its
# neighbours, and what lies beyond the edge is 0 as it should be. The pixel (r, c) has become
# (r + 1, c + 1).

# %% [markdown] tags=["hint"] task="thin"
# With a loop: keep the table as a list of steps, `[(0, 1), (1, 1), (1, 0), (1, -1)]`. For a pixel
# of sector s the second neighbour is one such step ahead, and the first is the same step back.
# Without a loop: cut the eight shifted pictures out of the frame, and let `np.choose(sector,
# [...])` pick.

# %% [markdown] tags=["hint"] task="thin"
# ```
# around = np.pad(magnitude, 1)
# out = np.zeros(magnitude.shape)
# steps = [(0, 1), (1, 1), (1, 0), (1, -1)]
# for r in range(magnitude.shape[0]):
#     for c in range(magnitude.shape[1]):
#         dr, dc = steps[sector[r, c]]
#         first = around[r + 1 - dr, c + 1 - dc]
#         second = around[...]
#         if magnitude[r, c] > first and ...:
#             out[r, c] = ...
# return out
# ```


# %% tags=["cases"] task="thin"
def thin_cases(rng):
    def of(image, sigma):
        magnitude, sector = gradient(smooth(image, sigma))
        return dict(magnitude=magnitude.round(1), sector=sector)

    top, left = rng.integers((30, 40), (220, 300))
    yield "a coin", of(coins[top : top + 40, left : left + 44], 2)
    numbers = rng.integers(0, 7, (10, 14)).astype(float)
    yield "whole numbers", dict(magnitude=numbers, sector=rng.integers(0, 4, numbers.shape))
    middle = rng.uniform((11, 13), (13, 15))
    far = np.hypot(*(np.indices((24, 28)) - np.reshape(middle, (2, 1, 1))))
    rings = np.round(4 + 3 * np.cos(far * rng.uniform(0.9, 1.1)))
    angle = np.arctan2(*(np.indices((24, 28)) - np.reshape(middle, (2, 1, 1))))
    sector = np.rint(angle / (np.pi / 4)).astype(int) % 4
    yield "rings with flat tops", dict(magnitude=rings, sector=sector)
    numbers = rng.integers(1, 5, (12, 9)).astype(float)
    yield "more whole numbers", dict(magnitude=numbers, sector=rng.integers(0, 4, numbers.shape))
    top, left = rng.integers((90, 160), (200, 280))
    piece = camera[top : top + 30, left : left + 34]
    yield "a piece of a photograph", of(piece, 1)


# %% tags=["mistake"] task="thin" says="You compare along the edge. There all pixels are alike; the ridge shows across it, the way of the gradient: sector 0 looks left and right."
def along_the_edge(magnitude, sector):
    return thin(magnitude, (sector + 2) % 4)


# %% tags=["mistake"] task="thin" says="The two slanting sectors are exchanged: 1 looks to the upper left and the lower right, 3 to the upper right and the lower left. Rows grow downwards."
def slants_exchanged(magnitude, sector):
    return thin(magnitude, (4 - sector) % 4)


# %% tags=["mistake"] task="thin" says="Of two equal pixels you keep both, and the edge is two pixels wide. Ask for *larger* on the first side: `>` there, `>=` on the other."
def both_of_two_equals(magnitude, sector):
    around = np.pad(magnitude, 1)
    out = np.zeros(magnitude.shape)
    for (r, c), s in np.ndenumerate(sector):
        dr, dc = [(0, 1), (1, 1), (1, 0), (1, -1)][s]
        first, second = around[r + 1 - dr, c + 1 - dc], around[r + 1 + dr, c + 1 + dc]
        out[r, c] = magnitude[r, c] * (magnitude[r, c] >= max(first, second))
    return out


# %% tags=["mistake"] task="thin" says="Of two equal pixels you keep none, and the edge has a hole. Ask for *at least as large* on the second side: `>` first, `>=` second."
def none_of_two_equals(magnitude, sector):
    around = np.pad(magnitude, 1)
    out = np.zeros(magnitude.shape)
    for (r, c), s in np.ndenumerate(sector):
        dr, dc = [(0, 1), (1, 1), (1, 0), (1, -1)][s]
        first, second = around[r + 1 - dr, c + 1 - dc], around[r + 1 + dr, c + 1 + dc]
        out[r, c] = magnitude[r, c] * (magnitude[r, c] > max(first, second))
    return out


# %% tags=["mistake"] task="thin" says="Of two equal pixels you keep the second. `>` belongs to the first neighbour of the table, `>=` to the second."
def second_of_two_equals(magnitude, sector):
    return thin(magnitude[::-1, ::-1], sector[::-1, ::-1])[::-1, ::-1]


# %% tags=["mistake"] task="thin" says="This is the mask of what stays. Give the magnitude there, and 0 elsewhere: the next step needs to know how strong each pixel is."
def mask_for_magnitude(magnitude, sector):
    return thin(magnitude, sector) > 0


# %% tags=["mistake"] task="thin" says="`np.roll`, or an index of -1, wraps around: at the edge you compare with the far side of the picture. Beyond the edge the magnitude is 0."
def wraps_around(magnitude, sector):
    wide, ways = (np.pad(x, 1, mode="wrap") for x in (magnitude, sector))
    return thin(wide, ways)[1:-1, 1:-1]


# %% tags=["mistake"] task="thin" says="You leave the outermost pixels out. They can be ridges too: what lies beyond them counts as 0."
def border_left_out(magnitude, sector):
    out = np.zeros(magnitude.shape)
    out[1:-1, 1:-1] = thin(magnitude, sector)[1:-1, 1:-1]
    return out


# %% tags=["mistake"] task="thin" says="You repeat the outermost pixels beyond the edge, so they meet their own equals there. What lies beyond is 0: `np.pad(magnitude, 1)` does that by itself."
def edge_repeated(magnitude, sector):
    wide, ways = (np.pad(x, 1, mode="edge") for x in (magnitude, sector))
    return thin(wide, ways)[1:-1, 1:-1]


# %% tags=["mistake"] task="thin" says="You compare with all eight neighbours. Then only single tops stay, and no line: look at two neighbours, across the edge."
def all_eight_neighbours(magnitude, sector):
    around = np.pad(magnitude, 1)
    height, width = magnitude.shape
    steps = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    others = [around[i : i + height, j : j + width] for i, j in steps]
    return magnitude * (magnitude >= np.max(others, axis=0))


# %% tags=["mistake"] task="thin" says="You set pixels to 0 in the very array that you compare, so later pixels meet neighbours that are gone. Write into a new one."
def in_the_same_array(magnitude, sector):
    around = np.pad(magnitude, 1)
    for (r, c), s in np.ndenumerate(sector):
        dr, dc = [(0, 1), (1, 1), (1, 0), (1, -1)][s]
        first, second = around[r + 1 - dr, c + 1 - dc], around[r + 1 + dr, c + 1 + dc]
        if not (around[r + 1, c + 1] > first and around[r + 1, c + 1] >= second):
            around[r + 1, c + 1] = 0
    return around[1:-1, 1:-1]


# %% tags=["mistake"] task="thin" says="A neighbour lies beyond the edge of the picture. What lies there counts as 0: put a frame of zeros around, `np.pad(magnitude, 1)`, or ask before you look."
def beyond_the_edge(magnitude, sector):
    out = np.zeros(magnitude.shape)
    for (r, c), s in np.ndenumerate(sector):
        dr, dc = [(0, 1), (1, 1), (1, 0), (1, -1)][s]
        first, second = magnitude[r - dr, c - dc], magnitude[r + dr, c + dc]
        out[r, c] = magnitude[r, c] * (magnitude[r, c] > first and magnitude[r, c] >= second)
    return out


# %% [markdown]
# **See it.** The same crop: before, after, and with the two neighbours *along* the edge. Of these
# three you see the root, so that faint lines show at all.

# %%
ridges = ex.use("thin")(steep, ways)
wrong = ex.use("thin")(steep, (ways + 2) % 4)
images.show(
    *[np.sqrt(m / m.max())[crop] for m in (steep, ridges, wrong)],
    titles=["magnitude", "thin, across", "along"],
    columns=3,
    alt="Left, soft bright bands along the sides of the sheet. In the middle, lines of a single pixel: "
    "two bright ones where the sides are, and a net of faint ones on letters and stones. "
    f"{np.mean(ridges > 0):.0%} of all pixels are left. Right, short strokes all over, and no side.",
)

# %% [markdown]
# Across, each side is one line. Along it all pixels are nearly alike, and which of them is highest is
# chance. And there are many lines: every bump of a stone has its ridge.
#
# ## 3 · Two thresholds
#
# So we need a threshold. A high one keeps only the strongest lines, and those with gaps where they
# fade. A low one closes the gaps and lets the stones in.
#
# Canny's idea was to take both. What is above the high one is an edge: **strong**. What is above
# the low one only, **weak**, is an edge if it hangs together with something strong, pixel by pixel,
# however long the way. The weak end of a strong line stays; a weak line on its own goes. This is
# called *hysteresis*.
#
# **Predict.** A weak line of 100 pixels has a strong pixel at one end. How much of it stays?

# %%
ex.target("hysteresis")


# %% tags=["task"] task="hysteresis" points=3 minutes=9 level=2 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.segmentation", "imgkit.features"]
def hysteresis(strength, low, high):
    """Keep what is strong, and what is weak but hangs together with something strong.

    Parameters
    ----------
    strength : array (H, W) of floats
    low, high : two thresholds, low <= high

    Returns
    -------
    Array (H, W), bool. True where strength > high, and where strength > low if a chain of such
    pixels, each one of the eight neighbours of the last, leads to a pixel with strength > high.

    Example
    -------
    hysteresis(np.array([[4, 9, 4, 4, 0, 4]]), 3, 6) gives [[True, True, True, True, False, False]].
    """
    # BEGIN SOLUTION
    weak, kept = strength > low, strength > high
    waiting = list(np.argwhere(kept))
    while waiting:
        r, c = waiting.pop()
        for i in range(max(r - 1, 0), min(r + 2, strength.shape[0])):
            for j in range(max(c - 1, 0), min(c + 2, strength.shape[1])):
                if weak[i, j] and not kept[i, j]:
                    kept[i, j] = True
                    waiting.append((i, j))
    return kept
    # END SOLUTION


# %% tags=["check"]
ex.check(hysteresis)

# %% [markdown] tags=["hint"] task="hysteresis"
# Begin with the strong pixels. Their weak neighbours are edges too; and the weak neighbours of
# those; and so on, until nothing new comes. There are two ways to write it: a list of pixels whose
# neighbours are still to be looked at, or whole masks that grow.

# %% [markdown] tags=["hint"] task="hysteresis"
# With a list: `waiting = list(np.argwhere(strength > high))`. While it is not empty, `pop` a pixel
# and look at its eight neighbours *in the picture*. Each that is weak and not kept yet: keep it,
# and append it. With masks: put a frame of False around, join the mask with its eight shifted
# copies, cut with the weak mask, and repeat until nothing changes.

# %% [markdown] tags=["hint"] task="hysteresis"
# ```
# weak, kept = strength > low, strength > high
# waiting = list(np.argwhere(kept))
# while waiting:
#     r, c = waiting.pop()
#     for i in range(max(r - 1, 0), min(r + 2, strength.shape[0])):
#         for j in ...:
#             if ...:
#                 kept[i, j] = True
#                 waiting.append((i, j))
# return kept
# ```


# %% tags=["cases"] task="hysteresis"
def hysteresis_cases(rng):
    def worms(width, low, high, lines):
        """Zigzags that are linked, not linked, or broken; one at the rim."""
        out = np.zeros((4 * lines + 3, width))

        def weak(n):
            return rng.integers(low + 1, high + 1, n)

        for line in range(lines):
            first, last = rng.integers(1, 4), width - rng.integers(3, 6)
            c = np.arange(first, last)
            r = 3 + 4 * line + c % 2
            out[r, c] = weak(len(c))
            where = rng.integers(len(c) // 3, 2 * len(c) // 3)
            if line % 3 == 0:  # strong in its midst
                out[r[where], c[where]] = high + rng.integers(1, 4)
            elif line % 3 == 1:  # just not strong
                out[r[where], c[where]] = high
            else:  # strong at an end, and broken by a pixel that is just not weak
                out[r[0], c[0]] = high + 2
                out[r[where], c[where]] = low
        c = np.arange(5)
        out[0, c], out[-1, c] = weak(5), weak(5)  # only the upper one is linked
        out[0, 4] = high + 1
        out[3:8, -1] = weak(5)
        out[rng.integers(3, 8), -1] = high + 2
        return dict(strength=out, low=low, high=high)

    yield "zigzags", worms(20, 3, 6, 3)
    yield "wide zigzags", worms(30, 2, 7, 3)
    top, left = rng.integers((30, 40), (220, 300))
    magnitude, sector = gradient(smooth(coins[top : top + 40, left : left + 44], 1.5))
    yield "a coin, thinned", dict(strength=np.floor(thin(magnitude, sector)), low=4, high=12)
    yield "more zigzags", worms(18, 4, 8, 4)
    yield "small zigzags", worms(15, 1, 4, 2)


# %% tags=["mistake"] task="hysteresis" says="You keep everything above the low threshold. What is weak has to hang together with something strong."
def low_only(strength, low, high):
    return strength > low


# %% tags=["mistake"] task="hysteresis" says="You keep only what is above the high threshold. What is weak and hangs together with it belongs to it."
def high_only(strength, low, high):
    return strength > high


# %% tags=["mistake"] task="hysteresis" says="You go one step and stop. A weak pixel that was just kept passes it on to its own neighbours: repeat until nothing changes."
def one_step_only(strength, low, high):
    around = np.pad(strength > high, 1)
    (h, w), steps = strength.shape, range(3)
    near = np.any([around[i : i + h, j : j + w] for i in steps for j in steps], axis=0)
    return near & (strength > low)


# %% tags=["mistake"] task="hysteresis" says="You look at four neighbours, and a thin slanting line has none of these. Eight are asked for, the corners too."
def four_neighbours(strength, low, high):
    numbers = ndimage.label(strength > low)[0]
    return np.isin(numbers, numbers[strength > high]) & (numbers > 0)


# %% tags=["mistake"] task="hysteresis" says="You go through the picture once, row by row. What hangs on a strong pixel further right or further down is not reached: repeat until nothing changes, or keep a list of pixels to look at."
def once_row_by_row(strength, low, high):
    kept = np.pad(strength > high, 1)
    for r, c in np.argwhere(strength > low):
        kept[r + 1, c + 1] |= kept[r : r + 3, c : c + 3].any()
    return kept[1:-1, 1:-1]


# %% tags=["mistake"] task="hysteresis" says="You leave the outermost pixels out. What is weak there belongs to a chain as well: look at all pixels, and ask of each neighbour whether it lies in the picture."
def inside_only(strength, low, high):
    rim = np.pad(np.zeros(np.subtract(strength.shape, 2), bool), 1, constant_values=True)
    return hysteresis(np.where(rim & (strength <= high), low, strength), low, high)


# %% tags=["mistake"] task="hysteresis" says="A pixel that is just as strong as a threshold passes in yours. Both times it has to be *above*: `>`."
def thresholds_included(strength, low, high):
    return hysteresis(strength, np.nextafter(low, -1), np.nextafter(high, -1))


# %% tags=["mistake"] task="hysteresis" says="Your edges spread over everything around the strong pixels, weak or not. A pixel is only kept if it is above the low threshold itself."
def spreads_anywhere(strength, low, high):
    return ndimage.binary_dilation(strength > high, np.ones((3, 3)))


# %% tags=["mistake"] task="hysteresis" says="Only the weak ones are left, the strong pixels themselves are missing: begin with them already kept."
def strong_ones_missing(strength, low, high):
    return hysteresis(strength, low, high) & (strength <= high)


# %% tags=["mistake"] task="hysteresis" says="Your chain leaves the picture at the top or left and goes on at the far side: an index of -1 is the *last* row or column. Ask `0 <= i` and `0 <= j` as well."
def on_at_the_far_side(strength, low, high):
    weak, kept = strength > low, strength > high
    waiting = list(np.argwhere(kept))
    while waiting:
        r, c = waiting.pop()
        for i in range(r - 1, min(r + 2, strength.shape[0])):
            for j in range(c - 1, min(c + 2, strength.shape[1])):
                if weak[i, j] and not kept[i, j]:
                    kept[i, j] = True
                    waiting.append((i % strength.shape[0], j % strength.shape[1]))
    return kept


# %% tags=["mistake"] task="hysteresis" says="A neighbour lies beyond the edge of the picture. Ask `0 <= i < H and 0 <= j < W` before you look at it."
def beyond_the_edge(strength, low, high):
    weak, kept = strength > low, strength > high
    waiting = list(np.argwhere(kept))
    while waiting:
        r, c = waiting.pop()
        for i in range(r - 1, r + 2):
            for j in range(c - 1, c + 2):
                if weak[i, j] and not kept[i, j]:
                    kept[i, j] = True
                    waiting.append((i, j))
    return kept


# %% [markdown]
# **See it.** Blur, gradient, thin, link: these four are **Canny's edge detector**, and all of it is
# yours. The cameraman, drawn in black on white; first with the low threshold alone, then the high
# one, then both.

# %%
link = ex.use("hysteresis")
portrait = np.rint(smooth(camera, 1)[::2, ::2]).astype(np.uint8)
strokes = ex.use("thin")(*ex.use("gradient")(smooth(portrait, 1.5)))
drawings = [strokes > 4, strokes > 14, link(strokes, 4, 14)]
images.show(
    *[~drawing for drawing in drawings],
    titles=["above low", "above high", "linked"],
    alt="Three drawings of a man with a camera on a tripod. The low threshold: a thicket of lines all "
    f"over, {drawings[0].mean():.1%} of the pixels. The high one: few lines, with gaps, "
    f"{drawings[1].mean():.1%}. Linked: clean outlines of the man and his tripod, with fewer "
    f"gaps, {drawings[2].mean():.1%}.",
)

# %% [markdown]
# A photograph in so few strokes, and you know him at once.
#
# ## 4 · Corners
#
# A sheet has corners, and a corner is a better landmark than an edge: along an edge, one place
# looks like the next.
#
# Look at the slopes in a small window. On flat ground they are all 0. On an edge they are large,
# and all point the same way. At a corner they are large and point in *different* ways. Three means
# tell these apart, weighed by a Gaussian window, which is what `smooth` does:
#
# $$A = \text{smooth}(\text{down}^2) \qquad B = \text{smooth}(\text{down} \cdot \text{across})
# \qquad C = \text{smooth}(\text{across}^2)$$
#
# They form the **structure tensor**, the matrix with A and C on its diagonal and B beside it. Its
# eigenvalues are the mean squared slopes along two directions: both near 0, or one large, or both
# large. Their product is the determinant, AC − B², their sum the trace, A + C. Harris put the two
# into one number that needs no roots:
#
# $$\text{response} = A C - B^2 - k\,(A + C)^2$$
#
# **Predict.** What sign has it on an edge, where one eigenvalue is 0?

# %%
ex.target("harris")


# %% tags=["task"] task="harris" points=3 minutes=8 level=2 compare="close(rtol=1e-4, atol=1e-7)" forbid=["cv2", "skimage", "torch", "imgkit.features", "imgkit.filtering"]
def harris(image, sigma, k):
    """Answer high at corners, below 0 on edges, and near 0 where nothing happens.

    Parameters
    ----------
    image : array (H, W), floats in 0..1
    sigma : of the Gaussian window in pixels, for smooth(…, sigma)
    k : how much an edge is held against a corner, about 0.05

    Returns
    -------
    Floats (H, W): A * C - B**2 - k * (A + C)**2, with A, B and C as above, from the slopes of the
    image as it is. Call slopes and smooth for them.

    Example
    -------
    On an image that only rises to the right, by 0.1 per pixel, A and B are 0 and C is 0.01. With
    k = 0.05 the response is -0.05 * 0.01**2 = -0.000005 there: an edge.
    """
    # BEGIN SOLUTION
    down, across = slopes(image)
    a, b, c = (smooth(x, sigma) for x in (down**2, down * across, across**2))
    return a * c - b**2 - k * (a + c) ** 2
    # END SOLUTION


# %% tags=["check"]
ex.check(harris)

# %% [markdown] tags=["hint"] task="harris"
# Everything is said in whole arrays: two slopes, three products of them, three blurs, one formula.
# The order matters: multiply first, then blur.

# %% [markdown] tags=["hint"] task="harris"
# `down, across = slopes(image)`. Then `A = smooth(down**2, sigma)`, and the other two in the same
# way. A mean of squares is not the square of a mean: blur the slopes first, and a corner's
# different arrows become one.

# %% [markdown] tags=["hint"] task="harris"
# ```
# down, across = slopes(image)
# A = smooth(down**2, sigma)
# B = smooth(..., sigma)
# C = ...
# return A * C - ... - k * ...
# ```


# %% tags=["cases"] task="harris"
def harris_cases(rng):
    def askew(height, width):
        middle = np.array([(0.12, 0.12), (0.12, 0.88), (0.88, 0.88), (0.88, 0.12)])
        return (middle + rng.uniform(-0.08, 0.08, (4, 2))) * (height, width)

    def parameters():
        return dict(sigma=float(rng.choice([1.2, 1.5, 1.8])), k=float(rng.choice([0.04, 0.06])))

    yield "a board, askew", dict(image=board((24, 30), askew(24, 30), (2, 3))[0], **parameters())
    top, left = rng.integers((90, 160), (200, 280))
    piece = camera[top : top + 22, left : left + 26] / 255
    yield "a piece of a photograph", dict(image=piece, **parameters())
    bar = np.full((15, 19), 0.2)
    bar[rng.integers(3, 6) : 12, rng.integers(4, 8) : 15] = rng.uniform(0.6, 0.9)
    yield "a bright block", dict(image=bar, **parameters())
    noisy = board((18, 18), askew(18, 18), (2, 2))[0] + rng.normal(0, 0.03, (18, 18))
    yield "four squares, with grain", dict(image=np.clip(noisy, 0, 1), **parameters())
    top, left = rng.integers((30, 40), (220, 300))
    coin = coins[top : top + 20, left : left + 20] / 255
    yield "a coin", dict(image=coin, **parameters())


# %% tags=["mistake"] task="harris" says="You blur the slopes and multiply afterwards. Then A·C − B² is 0 everywhere and no corner can show: multiply first, blur the products."
def blurred_before_squared(image, sigma, k):
    down, across = (smooth(x, sigma) for x in slopes(image))
    a, b, c = down**2, down * across, across**2
    return a * c - b**2 - k * (a + c) ** 2


# %% tags=["mistake"] task="harris" says="You blur the image, not the products of the slopes. One single arrow is never a corner: it takes the mean over a window, `smooth(down**2, sigma)` and so on."
def image_blurred(image, sigma, k):
    down, across = slopes(smooth(image, sigma))
    return -k * (down**2 + across**2) ** 2


# %% tags=["mistake"] task="harris" says="The window is missing: A, B and C have to be blurred. For a single pixel A·C − B² is always 0."
def window_forgotten(image, sigma, k):
    down, across = slopes(image)
    return -k * (down**2 + across**2) ** 2


# %% tags=["mistake"] task="harris" says="B is missing. Without − B² every slanting edge looks like a corner, for it is steep both ways."
def b_forgotten(image, sigma, k):
    down, across = slopes(image)
    a, c = smooth(down**2, sigma), smooth(across**2, sigma)
    return a * c - k * (a + c) ** 2


# %% tags=["mistake"] task="harris" says="Your B is the product of two means. It is the mean of the products: `smooth(down * across, sigma)`, as A and C are means of squares."
def b_of_two_means(image, sigma, k):
    down, across = slopes(image)
    a, c = smooth(down**2, sigma), smooth(across**2, sigma)
    return a * c - (smooth(down, sigma) * smooth(across, sigma)) ** 2 - k * (a + c) ** 2


# %% tags=["mistake"] task="harris" says="B is not squared: the determinant is A·C − B²."
def b_not_squared(image, sigma, k):
    down, across = slopes(image)
    a, b, c = (smooth(x, sigma) for x in (down**2, down * across, across**2))
    return a * c - b - k * (a + c) ** 2


# %% tags=["mistake"] task="harris" says="The trace is not squared: it is k · (A + C)²."
def trace_not_squared(image, sigma, k):
    down, across = slopes(image)
    a, b, c = (smooth(x, sigma) for x in (down**2, down * across, across**2))
    return a * c - b**2 - k * (a + c)


# %% tags=["mistake"] task="harris" says="You square A and C one by one: (A + C)² is more than A² + C², by 2·A·C."
def squared_one_by_one(image, sigma, k):
    down, across = slopes(image)
    a, b, c = (smooth(x, sigma) for x in (down**2, down * across, across**2))
    return a * c - b**2 - k * (a**2 + c**2)


# %% tags=["mistake"] task="harris" says="The trace is added. It is taken away: that is what pushes edges below 0."
def trace_added(image, sigma, k):
    return harris(image, sigma, -k)


# %% tags=["mistake"] task="harris" says="k is never used. With the determinant alone, an edge with a little grain passes for a corner."
def k_forgotten(image, sigma, k):
    return harris(image, sigma, 0)


# %% tags=["mistake"] task="harris" says="This is the smaller eigenvalue, Shi and Tomasi's measure. A good one, but Harris' is asked for: A·C − B² − k·(A + C)²."
def smaller_eigenvalue(image, sigma, k):
    down, across = slopes(image)
    a, b, c = (smooth(x, sigma) for x in (down**2, down * across, across**2))
    return (a + c) / 2 - np.hypot((a - c) / 2, b)


# %% [markdown]
# **See it.** A drawn chessboard, as a camera sees it. Orange is above 0, blue below.

# %%
board_corners = np.array([(18.0, 26), (8, 150), (116, 164), (104, 12)])
chess, chess_truth = board((128, 176), board_corners, (5, 7))
noisy = chess + np.random.default_rng(3).normal(0, 0.02, chess.shape)
response = ex.use("harris")(noisy, 2.0, 0.05)
images.show(
    np.clip(noisy, 0, 1),
    np.round(response / response.max(), 2),
    titles=["a board", "Harris' response, its top 1"],
    columns=2,
    alt="A chessboard, askew. In its response there is an orange dot wherever four squares meet, pale "
    "blue along the sides of the squares, and pale orange where a side ends at the rim.",
)

# %% [markdown]
# ## 5 · Tops, the highest first
#
# Each corner is a hill of the response, several pixels wide. One point for each is wanted, and no
# small fry. In three steps:
#
# 1. A **top** is a pixel above the floor that none of its eight neighbours exceeds.
# 2. Go through the tops from the highest down.
# 3. Keep a top if it is farther than `distance` from every top that you have kept.
#
# **Predict.** Three tops in a row, each 4 pixels from the next, the left one the highest, the right
# one the lowest. The distance is 5. Which are kept?

# %%
ex.target("find_peaks")


# %% tags=["task"] task="find_peaks" points=3 minutes=9 level=2 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.features", "imgkit.segmentation"] shows="places"
def find_peaks(heights, distance, floor):
    """List the tops of a map, the highest first, none too near to a higher one.

    Parameters
    ----------
    heights : array (H, W) of numbers, of any sign
    distance : in pixels, as the crow flies
    floor : tops are higher than this

    Returns
    -------
    Array (N, 2) of whole numbers, the (row, column) of each top, by falling height. A top is higher
    than the floor, and none of its eight neighbours is higher than it; beyond the edge there are no
    neighbours. From the highest down, a top is kept if its distance from every one kept so far is
    more than `distance`. Without any, the shape is (0, 2). Of equally high tops the one that comes
    first, row by row, goes first. The checks have neither case.

    Example
    -------
    find_peaks(np.array([[5, 1, 7, 2, 4, 3]]), 2, 0) gives [[0, 2]]: 5 and 4 are tops too, but only
    2 from the 7. With distance 1 it gives [[0, 2], [0, 0], [0, 4]].
    """
    # BEGIN SOLUTION
    height, width = heights.shape
    around = np.pad(heights.astype(float), 1, constant_values=-np.inf)
    shifted = [around[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    tops = np.argwhere((heights >= np.max(shifted, axis=0)) & (heights > floor))
    kept = []
    for top in tops[np.argsort(-heights[tuple(tops.T)], kind="stable")]:
        if all(np.hypot(*(top - other)) > distance for other in kept):
            kept.append(top)
    return np.reshape(kept, (-1, 2)).astype(int)
    # END SOLUTION


# %% tags=["check"]
ex.check(find_peaks)

# %% [markdown] tags=["hint"] task="find_peaks"
# First make a list of all tops with their heights. Then sort it. Then go through it with a second
# list, of those you keep.

# %% [markdown] tags=["hint"] task="find_peaks"
# Pad by 1 with `-np.inf`, lower than anything, on floats. Then the window of the pixel (r, c) is
# `around[r : r + 3, c : c + 3]`, and a top equals its maximum. If each top is a tuple
# `(-height, r, c)`, then `sorted` puts the highest first.

# %% [markdown] tags=["hint"] task="find_peaks"
# ```
# around = np.pad(heights.astype(float), 1, constant_values=-np.inf)
# tops = []
# for (r, c), height in np.ndenumerate(heights):
#     if height > floor and height >= around[r : r + 3, c : c + 3].max():
#         tops.append((-height, r, c))
# kept = []
# for _, r, c in sorted(tops):
#     if all(np.hypot(r - i, c - j) > ... for i, j in kept):
#         kept.append(...)
# return np.array(kept, int).reshape(-1, 2)
# ```


# %% tags=["cases"] task="find_peaks"
def find_peaks_cases(rng):
    def ranked(values):
        """All different, in the same order, from 0 up to 1."""
        return values.ravel().argsort().argsort().reshape(values.shape) / values.size

    def plot(distance, down, right):
        """Tops on low ground: two just `distance` apart, two askew, a chain of three, a broad
        hill, one just as high as the floor, and one at the edge."""
        d = distance
        out = ranked(rng.random((3 * d + 4, 8 * d)))
        many = np.sort(rng.choice(np.arange(60, 99), 9, replace=False) / 10 + 0.013)[::-1]
        out[1, 1], out[1 + down, 1 + right] = many[[0, 5]]  # as far as it must not be
        out[1, 3 * d : 5 * d - 1 : d - 1] = many[[2, 4, 6]]  # a chain
        out[d + 3, 2 * d + 1], out[2 * d + 2, 3 * d] = many[
            [3, 7]
        ]  # farther only as the crow flies
        out[2 * d + 2, 2] = 5
        out[-1, 5 * d] = many[8]
        far = np.hypot(*(np.indices(out.shape) - np.reshape((d + 4, 7 * d - 2), (2, 1, 1))))
        hill = many[1] - 0.11 * far - np.tensordot([0.0004, 0.001], np.indices(out.shape), 1)
        return np.where(far < 1.4 * d, hill, out)

    def beside(field, distance, down, right, less):
        """A field above such a plot, with a deep ditch between; all of it lowered by `less`."""
        lower = plot(distance, down, right)
        out = np.full((len(field) + distance + len(lower), lower.shape[1]), -1.0)
        out[: len(field), : field.shape[1]] = field
        out[len(field) + distance :] = lower
        return dict(heights=out - less, distance=distance, floor=5.0 - less)

    def spots():
        return 10 * ranked(smooth(rng.random((12, 36)), 1.2))

    yield "scattered tops and a hill", dict(heights=plot(5, 3, 4), distance=5, floor=5.0)
    yield "below 0", dict(heights=plot(5, 4, 3) - 20, distance=5, floor=-15.0)
    yield "spots above, tops below", beside(spots(), 5, 0, 5, 30)
    yield "spots, not lowered", beside(spots(), 5, 3, 4, 0)
    yield "far apart", beside(spots(), 5, 4, 3, 12)


# %% tags=["mistake"] task="find_peaks" says="Your list comes row by row. It takes the highest first: then a top gives way to a higher one nearby, and not to an earlier one."
def row_by_row(heights, distance, floor):
    kept = []
    for top in sorted(find_peaks(heights, 0, floor).tolist()):
        if all(np.hypot(*np.subtract(top, other)) > distance for other in kept):
            kept.append(top)
    return np.array(kept)


# %% tags=["mistake"] task="find_peaks" says="The right tops, but row by row. Give them by falling height."
def sorted_at_the_end(heights, distance, floor):
    return np.array(sorted(find_peaks(heights, distance, floor).tolist()))


# %% tags=["mistake"] task="find_peaks" says="You begin with the lowest. `np.argsort` and `sorted` put the smallest first: turn the order round."
def lowest_first(heights, distance, floor):
    kept = []
    for top in find_peaks(heights, 0, floor)[::-1]:
        if all(np.hypot(*(top - other)) > distance for other in kept):
            kept.append(top)
    return np.array(kept)


# %% tags=["mistake"] task="find_peaks" says="The distance is never asked for: keep a top only if it is far enough from all that you have kept."
def distance_forgotten(heights, distance, floor):
    return find_peaks(heights, 0, floor)


# %% tags=["mistake"] task="find_peaks" says="You never ask whether a pixel is a top. On a broad hill the first pixel that is far enough from its top is no top itself: compare with the eight neighbours first."
def shoulders_too(heights, distance, floor):
    places = np.argwhere(heights > floor)
    kept = []
    for place in places[np.argsort(-heights[tuple(places.T)])]:
        if all(np.hypot(*(place - other)) > distance for other in kept):
            kept.append(place)
    return np.array(kept)


# %% tags=["mistake"] task="find_peaks" says="Yours are (column, row). Rows come first."
def columns_first(heights, distance, floor):
    return find_peaks(heights, distance, floor)[:, ::-1]


# %% tags=["mistake"] task="find_peaks" says="Two tops that are exactly `distance` apart both stay in yours. They have to be *farther*: `>`."
def just_as_far(heights, distance, floor):
    return find_peaks(heights, distance - 1e-6, floor)


# %% tags=["mistake"] task="find_peaks" says="You take the larger of |dr| and |dc| for the distance, a square around each top. As the crow flies it is the root of dr² + dc²: `np.hypot`."
def square_for_circle(heights, distance, floor):
    kept = []
    for top in find_peaks(heights, 0, floor):
        if all(np.abs(top - other).max() > distance for other in kept):
            kept.append(top)
    return np.array(kept)


# %% tags=["mistake"] task="find_peaks" says="A top gives way in yours to any higher one nearby, even if that was not kept itself. Compare with those that you have *kept*."
def gives_way_to_all(heights, distance, floor):
    tops = find_peaks(heights, 0, floor)
    far = np.hypot(*np.moveaxis(tops[:, None] - tops, 2, 0))
    return np.array([t for i, t in enumerate(tops) if (far[i, :i] > distance).all()])


# %% tags=["mistake"] task="find_peaks" says="You pad with zeros, and where all heights are negative 0 exceeds them. Beyond the edge there is nothing: pad with `-np.inf`, or cut the window off."
def zeros_beyond_the_edge(heights, distance, floor):
    around, tops = np.pad(heights, 1), []
    for (r, c), height in np.ndenumerate(heights):
        if height > floor and height >= around[r : r + 3, c : c + 3].max():
            tops.append((-height, r, c))
    kept = []
    for _, r, c in sorted(tops):
        if all(np.hypot(r - i, c - j) > distance for i, j in kept):
            kept.append((r, c))
    return np.array(kept, int).reshape(-1, 2)


# %% tags=["mistake"] task="find_peaks" says="You leave the outermost pixels out. They can be tops too: beyond the edge there are no neighbours."
def edge_left_out(heights, distance, floor):
    tops = find_peaks(heights, 0, floor)
    inside = ((tops > 0) & (tops < np.subtract(heights.shape, 1))).all(axis=1)
    kept = []
    for top in tops[inside]:
        if all(np.hypot(*(top - other)) > distance for other in kept):
            kept.append(top)
    return np.array(kept)


# %% tags=["mistake"] task="find_peaks" says="The floor is never asked for: tops of low ground are in your list. A top has to be higher than `floor`."
def floor_forgotten(heights, distance, floor):
    return find_peaks(heights, distance, -np.inf)


# %% tags=["mistake"] task="find_peaks" says="A top that is just as high as the floor passes in yours. It has to be *higher*: `>`."
def floor_included(heights, distance, floor):
    return find_peaks(heights, distance, np.nextafter(floor, -np.inf))


# %% [markdown]
# (Of the three tops in a row two are kept, the left one and the right one. The middle one gave way
# to the left, and what is not kept pushes nobody away.)
#
# **See it.** The corners of the board. Here the truth is known, so let us measure: how far is each
# from the true one? The root of the mean squared distance is called **RMSE**. And once more after
# the library's `subpixel`, which moves each point to where the edges around it meet.


# %%
def rmse(points, truth):
    """Of each true point to the nearest found one."""
    apart = np.linalg.norm(truth[:, None] - points[None], axis=2).min(axis=1)
    return np.sqrt(np.mean(apart**2))


tops = ex.use("find_peaks")(response, 6, 0.25 * response.max())
better = features.subpixel(noisy, tops, radius=4)
print(f"{len(tops)} tops for {len(chess_truth)} corners")
print(f"RMSE {rmse(tops, chess_truth):.3f} pixels; with subpixel {rmse(better, chess_truth):.3f}")

# %% [markdown]
# Whole pixels cannot do much better: to round both coordinates alone costs the root of 1/6 of a
# pixel. The edges around know more.
#
# Could the four corners of the *sheet* be found like this? Try it: a printed sheet has hundreds of
# corners, on every letter. We need something that sees the sheet as a whole.
#
# ## 6 · Let them vote
#
# A straight line can be told by two numbers. From the pixel (0, 0) walk straight towards the line:
# the **angle** $a$ is your direction, the **distance** $d$ how far you go. The pixels on it are
# those with
#
# $$c \cos a + r \sin a = d$$
#
# Now turn it round. Given one edge pixel (r, c), which lines go through it? One for each angle, and
# the formula says at which distance. So the pixel **votes** for all of these. A hundred pixels on
# one line vote for many lines each, but there is only one that they *all* vote for. That is the
# **Hough transform**: lines become tops in a table of angles and distances, and gaps do no harm.
#
# **Predict.** What does the table look like for a single pixel?

# %%
ex.target("hough")


# %% tags=["task"] task="hough" points=3 minutes=9 level=3 compare="equal()" forbid=["cv2", "scipy", "skimage", "torch", "imgkit.features"]
def hough(mask, angles):
    """Let every edge pixel vote for all lines through it.

    Parameters
    ----------
    mask : array (H, W), bool
    angles : array (N,), in radians

    Returns
    -------
    Whole numbers (N, 2 * reach + 1), with reach = ceil(sqrt(H**2 + W**2)). Row i holds the votes
    for lines of angles[i]. For each True pixel (r, c) of the mask d = c * cos(a) + r * sin(a) is
    rounded to the nearest whole number, and the entry in column d + reach is counted up by 1: so
    distance 0 is in the middle column, and negative ones are to its left.

    Example
    -------
    For a mask of shape (3, 4) whose only True pixel is (1, 2), and angles [0, pi / 2], the answer
    has the shape (2, 11). There is a 1 at [0, 7], for d = 2, and at [1, 6], for d = 1.
    """
    # BEGIN SOLUTION
    reach = int(np.ceil(np.hypot(*mask.shape)))
    votes = np.zeros((len(angles), 2 * reach + 1), int)
    r, c = np.nonzero(mask)
    for row, a in zip(votes, angles, strict=True):
        d = np.rint(c * np.cos(a) + r * np.sin(a)).astype(int)
        row += np.bincount(d + reach, minlength=len(row))
    return votes
    # END SOLUTION


# %% tags=["check"]
ex.check(hough)

# %% [markdown] tags=["hint"] task="hough"
# Make the table first, all zeros, of whole numbers. `r, c = np.nonzero(mask)` gives the rows and
# the columns of all edge pixels. Then take one angle: `c * np.cos(a) + r * np.sin(a)` is the
# distance for all pixels at once.

# %% [markdown] tags=["hint"] task="hough"
# Round with `np.rint(...).astype(int)`, and add `reach` to get a column. Several pixels may vote
# for the same entry, and `votes[i, columns] += 1` would count them once only. `np.add.at(votes[i],
# columns, 1)` counts all, and so does `np.bincount(columns, minlength=2 * reach + 1)`, or a plain
# loop.

# %% [markdown] tags=["hint"] task="hough"
# ```
# reach = int(np.ceil(np.hypot(*mask.shape)))
# votes = np.zeros((len(angles), 2 * reach + 1), int)
# r, c = np.nonzero(mask)
# for i, a in enumerate(angles):
#     d = np.rint(...).astype(int)
#     np.add.at(votes[i], ..., 1)
# return votes
# ```


# %% tags=["cases"] task="hough"
def hough_cases(rng):
    def some(mask, count, first=0.0):
        """Angles over half a turn; pixels that a hair rounds or cuts otherwise are taken out."""
        angles = first + np.arange(count) * np.pi / count
        r, c = np.indices(mask.shape)
        d = c[..., None] * np.cos(angles) + r[..., None] * np.sin(angles)
        straight = np.abs(np.sin(2 * angles)) < 1e-9  # whole distances, the same however computed
        sure = (np.abs(d % 1 - 0.5) > 1e-4) & (straight | (np.abs(d - np.rint(d)) > 1e-4))
        return dict(mask=mask & sure.all(axis=2), angles=angles)

    r, c = np.indices((20, 26))
    angle, far = rng.uniform(0.5, 0.9), rng.uniform(14, 18)
    line = np.abs(c * np.cos(angle) + r * np.sin(angle) - far) < 0.6
    yield "a slanting line", some(line, 36)
    three = np.zeros((14, 18), bool)
    three[tuple(1 + rng.choice(12, (3, 2), replace=False).T)] = True
    yield "three pixels", some(three, 30)
    askew = np.array([(3, 4), (5, 19), (16, 17), (14, 2)]) + rng.uniform(-1.5, 1.5, (4, 2))
    filled = draw(
        lambda u, v: 1.0 * ((np.abs(u - 0.5) < 0.5) & (np.abs(v - 0.5) < 0.5)), (20, 24), askew
    )
    outline = (filled > 0.5) & (ndimage.minimum_filter(filled, 3) <= 0.5)
    yield "a sheet's outline", some(outline, 24, -np.pi / 4)
    yield "scattered pixels", some(rng.random((11, 9)) < 0.25, 17, 0.1)
    cross = (r == rng.integers(5, 15)) | (c == rng.integers(5, 20))
    yield "a cross", some(cross, 12)


# %% tags=["mistake"] task="hough" says="Rows and columns are exchanged: the column goes with the cosine, the row with the sine. Angle 0 points to the right, along the columns."
def rows_with_the_cosine(mask, angles):
    return hough(mask.T, angles)


# %% tags=["mistake"] task="hough" says="Distance 0 belongs into the middle column: add `reach` to every d. Without it negative distances count from the far end, for an index of -1 is the last column."
def reach_not_added(mask, angles):
    votes = hough(mask, angles)
    reach = votes.shape[1] // 2
    return np.roll(votes, -reach, axis=1)


# %% tags=["mistake"] task="hough" says="Several pixels vote for the same entry, and yours counts them once: that is what `votes[i, d + reach] += 1` does with an array of places. Use `np.add.at`, `np.bincount`, or a loop over the pixels."
def each_entry_once(mask, angles):
    return np.minimum(hough(mask, angles), 1)


# %% tags=["mistake"] task="hough" says="You cut distances down to the next whole number, towards minus infinity. The nearest is asked for: `np.rint`."
def cut_down(mask, angles):
    votes = np.zeros_like(hough(mask, angles))
    for r, c in np.argwhere(mask):
        d = np.floor(c * np.cos(angles) + r * np.sin(angles)).astype(int)
        votes[np.arange(len(angles)), d + votes.shape[1] // 2] += 1
    return votes


# %% tags=["mistake"] task="hough" says="You cut distances off towards zero, as `int` and `.astype(int)` do. Round first, with `np.rint`."
def cut_off(mask, angles):
    votes = np.zeros_like(hough(mask, angles))
    for r, c in np.argwhere(mask):
        d = (c * np.cos(angles) + r * np.sin(angles)).astype(int)
        votes[np.arange(len(angles)), d + votes.shape[1] // 2] += 1
    return votes


# %% tags=["mistake"] task="hough" says="You take the angles for degrees, or make radians of them once more. They are in radians already, as `np.cos` wants them."
def degrees(mask, angles):
    return hough(mask, np.deg2rad(angles))


# %% tags=["mistake"] task="hough" says="Every pixel votes, in the mask or not. Only those that are True do: `np.nonzero(mask)`."
def every_pixel_votes(mask, angles):
    return hough(np.ones_like(mask), angles)


# %% tags=["mistake"] task="hough" says="Your sign is off: it is c·cos a *plus* r·sin a."
def minus_for_plus(mask, angles):
    return hough(mask, -angles)


# %% tags=["mistake"] task="hough" says="Your reach is cut down to the next whole number. It is rounded *up*, so that the farthest corner has room: `np.ceil`."
def reach_cut_down(mask, angles):
    return hough(mask, angles)[:, 1:-1]


# %% tags=["mistake"] task="hough" says="Your table has no room for negative distances. A line may lie on the other side of (0, 0): 2 · reach + 1 columns, with distance 0 in the middle."
def negative_left_out(mask, angles):
    return hough(mask, angles)[:, int(np.ceil(np.hypot(*mask.shape))) :]


# %% tags=["mistake"] task="hough" says="You count rows and columns of the *table* the other way: angles are its rows, distances its columns."
def table_on_its_side(mask, angles):
    return hough(mask, angles).T


# %% [markdown]
# **See it.** One pixel, two, and the edges of a drawn square. The tables are shown on their sides:
# angles to the right, from 0 to 179 degrees, distances downwards. A square has four sides and its
# table six knots: at the far right, nearly half a turn on, the two upright sides come again, with
# their distances below 0.

# %%
vote = ex.use("hough")
turns = np.deg2rad(np.arange(180))
one = np.zeros((48, 48), bool)
one[12, 34] = True
two = one.copy()
two[36, 20] = True
square = np.zeros((48, 48), bool)
square[10:38, [10, 37]] = square[[10, 37], 10:38] = True
tables = [vote(m, turns) for m in (one, two, square)]
images.show(
    *[table.T / table.max() for table in tables],
    titles=["one pixel", "two pixels", "a square"],
    alt="Angles to the right, distances down. One pixel is one bright wave. Two pixels are two waves "
    "that cross once, at the line through both. A square is a weave of waves with bright knots: two at "
    "the left and two in the middle, its four sides, with "
    f"{tables[2].max()} votes each; and once more two at the far right, fainter.",
)

# %% [markdown]
# ## 7 · Find the sheet
#
# All together now. A sheet has two sides that are more or less **upright**: the way to them leads
# sideways, their angle is around 0. And two more or less **level** ones, their angle around 90
# degrees. So let the edges vote for `ANGLES`, from −45 to 134 degrees: rows 0 to 89 of the table
# are upright lines, rows 90 to 179 level ones. In each half take the two highest tops. Where an
# upright line crosses a level one, there is a corner: two equations for r and c,
#
# $$r \sin a + c \cos a = d \qquad\qquad r \sin b + c \cos b = e$$
#
# and `np.linalg.solve` solves them.

# %% tags=["setup"]
# of the ways to lines: row 45 is angle 0, row 135 a right angle
ANGLES = np.deg2rad(np.arange(-45, 135))

# %% [markdown]
# Two things to mind. Stones and letters have edges as well, so blur by 2 pixels before the
# gradient, and choose thresholds between the stones and the sheet; in these pictures 8 and 16
# levels per pixel are good ones. And a side is never quite straight, so its votes spread over a few
# entries: blur the table a little, too, with `smooth(votes, 1)`, before you look for tops that are
# more than 10 apart.
#
# **Predict.** One side of the sheet is hidden by a thumb, for half of its length. What happens?

# %%
ex.target("find_sheet")


# %% tags=["task"] task="find_sheet" points=4 minutes=10 level=3 compare="points(within=2)" forbid=["cv2", "skimage", "torch", "imgkit.features", "imgkit.segmentation"]
def find_sheet(image):
    """Find the four corners of a sheet of paper.

    Parameters
    ----------
    image : array (H, W), uint8: a bright printed sheet on dark gravel, askew by less than 40
        degrees

    Returns
    -------
    Array (4, 2) of numbers: the corners, (row, column), in any order, each within 2 pixels of the
    true one. You may call your functions from above.
    """
    # BEGIN SOLUTION
    magnitude, sector = gradient(smooth(image, 2))
    edges = hysteresis(thin(magnitude, sector), 8, 16)
    votes = smooth(hough(edges, ANGLES), 1)
    reach = votes.shape[1] // 2
    upright, level = (
        [
            (ANGLES[start + i], j - reach)
            for i, j in find_peaks(votes[start : start + 90], 10, 0)[:2]
        ]
        for start in (0, 90)
    )
    return np.array(
        [
            np.linalg.solve([[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]], [d, e])
            for a, d in upright
            for b, e in level
        ]
    )
    # END SOLUTION


# %% tags=["check"]
ex.check(find_sheet)

# %% [markdown] tags=["hint"] task="find_sheet"
# Write it in two parts, and look at the first before you begin the second. First the edges: blur,
# gradient, thin, hysteresis. Draw them with `images.show(edges)`: you should see the outline of the
# sheet, and little else.

# %% [markdown] tags=["hint"] task="find_sheet"
# Then `votes = smooth(hough(edges, ANGLES), 1)`. The two highest tops of the upper half are
# `find_peaks(votes[:90], 10, 0)[:2]`, and of the lower half the same with `votes[90:]`. A top (i, j)
# is the line with the angle `ANGLES[i]`, in the lower half `ANGLES[90 + i]`. Its distance is
# `j - reach`, where `reach` is the middle column, `votes.shape[1] // 2`.

# %% [markdown] tags=["hint"] task="find_sheet"
# ```
# magnitude, sector = gradient(smooth(image, 2))
# edges = hysteresis(thin(magnitude, sector), 8, 16)
# votes = smooth(hough(edges, ANGLES), 1)
# reach = votes.shape[1] // 2
# corners = []
# for i, j in find_peaks(votes[:90], 10, 0)[:2]:
#     for k, m in find_peaks(...)[:2]:
#         a, d = ANGLES[i], j - reach
#         b, e = ...
#         matrix = [[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]]
#         corners.append(np.linalg.solve(matrix, ...))
# return np.array(corners)
# ```


# %% tags=["cases"] task="find_sheet"
def find_sheet_cases(rng):
    for label in ("a sheet", "another one", "a third", "a fourth", "the last one"):
        image, corners = sheet(rng, (64, 64))
        yield label, dict(image=image), corners


# %% tags=["mistake"] task="find_sheet" says="Your points are (column, row). Rows come first; and in the two equations the row goes with the sine."
def columns_first(image):
    return find_sheet(image)[:, ::-1]


# %% tags=["mistake"] task="find_sheet" says="Your two upright lines are one and the same side, and the two level ones as well: entries beside a top are nearly as high as it is. Keep tops apart, with a distance of 10 in `find_peaks`."
def one_side_twice(image):
    magnitude, sector = gradient(smooth(image, 2))
    votes = smooth(hough(hysteresis(thin(magnitude, sector), 8, 16), ANGLES), 1)
    reach, lines = votes.shape[1] // 2, []
    for start in (0, 90):
        half = votes[start : start + 90]
        best = np.argsort(-half, axis=None)[:2]
        places = np.transpose(np.unravel_index(best, half.shape))
        lines.append([(ANGLES[start + i], j - reach) for i, j in places])
    return np.array(
        [
            np.linalg.solve([[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]], [d, e])
            for a, d in lines[0]
            for b, e in lines[1]
        ]
    )


# %% tags=["mistake"] task="find_sheet" says="These are the four strongest corners of the picture, and they lie on letters and stones. Look for the sheet as a whole: its four sides, by votes."
def strongest_corners(image):
    return find_peaks(harris(image / 255, 1.5, 0.05), 5, 0)[:4]


# %% tags=["mistake"] task="find_sheet" says="The middle of the table is distance 0: a top in column j lies at the distance j − reach."
def reach_not_subtracted(image):
    magnitude, sector = gradient(smooth(image, 2))
    votes = smooth(hough(hysteresis(thin(magnitude, sector), 8, 16), ANGLES), 1)
    upright, level = (
        [(ANGLES[start + i], j) for i, j in find_peaks(votes[start : start + 90], 10, 0)[:2]]
        for start in (0, 90)
    )
    corners = [
        np.linalg.solve([[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]], [d, e])
        for a, d in upright
        for b, e in level
    ]
    return np.array(corners)


# %% tags=["mistake"] task="find_sheet" says="Your level lines have the angles of upright ones: the lower half of the table begins at row 90, so a top there is of `ANGLES[90 + i]`."
def angles_of_the_upper_half(image):
    magnitude, sector = gradient(smooth(image, 2))
    votes = smooth(hough(hysteresis(thin(magnitude, sector), 8, 16), ANGLES), 1)
    reach = votes.shape[1] // 2
    upright, level = (
        [(ANGLES[i] + 1e-9 * start, j - reach) for i, j in find_peaks(half, 10, 0)[:2]]
        for start, half in ((0, votes[:90]), (1, votes[90:]))
    )
    corners = [
        np.linalg.lstsq([[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]], [d, e], rcond=None)[0]
        for a, d in upright
        for b, e in level
    ]
    return np.array(corners)


# %% tags=["mistake"] task="find_sheet" says="These are the lines, an angle and a distance each. Asked for is where they cross: four points."
def lines_for_corners(image):
    magnitude, sector = gradient(smooth(image, 2))
    votes = smooth(hough(hysteresis(thin(magnitude, sector), 8, 16), ANGLES), 1)
    lines = []
    for start in (0, 90):
        tops = find_peaks(votes[start : start + 90], 10, 0)[:2]
        lines += [(ANGLES[start + i], j - votes.shape[1] // 2) for i, j in tops]
    return np.array(lines)


# %% tags=["mistake"] task="find_sheet" says="You let all lines cross each other, six crossings in all. Opposite sides meet too, far outside of the picture: cross each *upright* line with each *level* one."
def opposite_sides_too(image):
    magnitude, sector = gradient(smooth(image, 2))
    votes = smooth(hough(hysteresis(thin(magnitude, sector), 8, 16), ANGLES), 1)
    lines = []
    for start in (0, 90):
        tops = find_peaks(votes[start : start + 90], 10, 0)[:2]
        lines += [(ANGLES[start + i], j - votes.shape[1] // 2) for i, j in tops]
    corners = [
        np.linalg.solve([[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]], [d, e])
        for n, (a, d) in enumerate(lines)
        for b, e in lines[:n]
    ]
    return np.array(corners)


# %% tags=["mistake"] task="find_sheet" says="The grain votes too, and outvotes the sheet. Blur the picture by 2 pixels before you take the gradient."
def grain_left_in(image):
    magnitude, sector = gradient(image)
    votes = smooth(hough(hysteresis(thin(magnitude, sector), 8, 16), ANGLES), 1)
    reach = votes.shape[1] // 2
    upright, level = (
        [
            (ANGLES[start + i], j - reach)
            for i, j in find_peaks(votes[start : start + 90], 10, 0)[:2]
        ]
        for start in (0, 90)
    )
    corners = [
        np.linalg.solve([[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]], [d, e])
        for a, d in upright
        for b, e in level
    ]
    return np.array(corners)


# %% [markdown]
# ## Your scan
#
# The picture from the top of the page: its edges, and the four corners that your code finds in it.


# %%
def clockwise(corners):
    """The four corners around their middle, beginning with the upper left one."""
    off = corners - corners.mean(axis=0)
    corners = corners[np.argsort(np.arctan2(*off.T))]
    return np.roll(corners, -np.argmin(corners.sum(axis=1)), axis=0)


corners = clockwise(ex.use("find_sheet")(photo))
print(f"RMSE of the four corners: {rmse(corners, true_corners):.2f} pixels")

# %%
seen = link(ridges, 8, 16)
frame = draw(
    lambda u, v: 1.0 * (np.maximum(np.abs(u - 0.5), np.abs(v - 0.5)) < 0.5), photo.shape, corners
)
rim = (ndimage.maximum_filter(frame, 3) > 0) & (ndimage.minimum_filter(frame, 3) < 1)
framed = np.where(rim[..., None], np.uint8([230, 159, 0]), photo[..., None])
images.show(
    ~seen,
    framed,
    titles=["its edges", "your sheet"],
    columns=2,
    alt="Left, a thin black line on white: the outline of the sheet, and little else. "
    "Right, the photograph with an orange frame that lies right on the four sides of the sheet.",
)

# %% [markdown]
# How far off the corners are has a reason: the table knows an angle to one degree only, and a degree
# too many, at the end of a long side, is a pixel or two.
#
# And the thumb? Lay one on the lower side.

# %%
down, right = (np.indices(photo.shape) - np.reshape((202, 90), (2, 1, 1))) / np.reshape(
    (26, 52), (2, 1, 1)
)
thumbed = np.where(np.hypot(down, right) < 1, np.uint8(90), photo)
still = clockwise(ex.use("find_sheet")(thumbed))
print(f"RMSE with a thumb: {rmse(still, true_corners):.2f} pixels")
thumbed_edges = link(ex.use("thin")(*ex.use("gradient")(smooth(thumbed, 2))), 8, 16)
images.show(
    ~thumbed_edges,
    titles=["edges, with a thumb"],
    alt="The outline of the sheet as a thin black line, and in its lower side a round bite, nearly half "
    "as long as the side.",
)

# %% [markdown]
# What is left of the side still votes for one line. The rim of the thumb votes for many, and agrees
# on none: gaps do no harm.
#
# And flat: for every pixel of the scan, `perspective` says where on the photograph to look. (How
# such a matrix is found and used is the subject of lesson 09.)

# %%
flat = np.indices((210, 424)) / np.reshape((209, 423), (2, 1, 1))
r, c, w = np.tensordot(perspective(corners), [*flat, np.ones((210, 424))], 1)
scan = ndimage.map_coordinates(photo, [r / w, c / w], order=1)
images.show(
    scan,
    titles=["scanned by your code"],
    alt="The printed page, flat and upright, its lines of text level from end to end.",
)

# %% [markdown]
# That is what the phone does. This sheet was an easy one: a white sheet on a white table has weak
# edges, and a tiled floor has stronger lines than any sheet. There the phone gives up, and asks you
# to tap the corners.
#
# ## Graduation: against the library
#
# Your functions beside imgkit's own. First: the same? Then the clock. For Canny it is the share of
# your edge pixels that are edges there too; the library rounds slopes a little, and lets the
# picture go on as a mirror beyond its edge.

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


# %%
def my_canny(image):
    return link(ex_thin(*ex_gradient(smooth(image, 1.5))), 4, 14)


def its_canny(image):
    return features.canny(image, sigma=1.5, low=4 / 255, high=14 / 255)


ex_thin, ex_gradient = ex.use("thin"), ex.use("gradient")
mine, theirs = my_canny(portrait), its_canny(portrait)
print(f"Canny: {np.mean(theirs[mine]):.1%} of your edges are its edges")
print(
    f"       the library is {seconds(my_canny, portrait) / seconds(its_canny, portrait):.0f} times as fast"
)

# %%
mine, theirs = ex.use("harris")(noisy, 2.0, 0.05), features.harris(noisy, sigma=2.0, k=0.05)
inside = np.s_[10:-10, 10:-10]
print(f"Harris: {theirs[inside].max():.6f} | {mine[inside].max():.6f}", end="")
print(f" | largest difference {np.abs(mine - theirs)[inside].max():.0e}")

# %%
lines = features.hough_lines(square, min_distance=5, count=4)
print("Hough, the four sides of the square: its votes | yours")
for angle, far, votes in zip(lines.angles, lines.distances, lines.votes, strict=True):
    reach = tables[2].shape[1] // 2
    own = tables[2][int(np.rint(np.rad2deg(angle))), int(far) + reach]
    print(f"    {np.rad2deg(angle):3.0f} degrees, distance {far:2.0f}: {votes} | {own}")

# %% [markdown]
# ## What you can do now
#
# - The gradient: how steep, and which way. It stands across the edge.
# - Thin an edge: keep what tops its two neighbours across; of two equals, the first.
# - Two thresholds: what is weak stays if it hangs on something strong.
# - Corners: the products of slopes, blurred, in a matrix; both eigenvalues large.
# - Tops of any map: the highest first, none too near to one that is kept.
# - Hough: each pixel votes for all lines through it, and lines are the tops.
# - A phone's scanner, in a dozen lines that are all yours.

# %%
ex.progress()
