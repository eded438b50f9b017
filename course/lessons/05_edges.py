# ---
# jupyter:
#   imgkit:
#     title: Edges, corners, lines
#     minutes: 30
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Edges, corners, lines
#
# **30 minutes of reading.** You need convolution (lesson 02).
#
# By the end of this page you can
#
# - say what an edge is, and why one blurs before one looks for it,
# - build Canny's detector from four parts, and choose its numbers,
# - tell flat ground, edge and corner apart by a matrix of two by two,
# - measure how exact a corner is, on a board whose truth is known,
# - find lines and circles by letting pixels vote,
# - and see when any of this goes wrong.

# %% tags=["setup"]
import time

import numpy as np

from imgkit import data, features, filtering, images, metrics, segmentation


def same(exact, approximate):
    """Print the largest value, its twin, and the largest difference anywhere."""
    exact, approximate = np.ravel(exact).astype(float), np.ravel(approximate)
    one, other = exact.max(), approximate[exact.argmax()]
    largest = np.abs(exact - approximate).max()
    print(f"{one:.5f} | {other:.5f} | largest difference {largest:.0e}")


def seconds(function, *arguments, runs=5, **options):
    """The best time of several runs: whatever else the computer does only makes it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments, **options)
        times.append(time.perf_counter() - begin)
    return min(times)


def half(photo):
    """Half as high and wide, each pixel the mean of four."""
    height, width = photo.shape[0] // 2, photo.shape[1] // 2
    cut = photo[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
    return np.rint(cut.mean(axis=(1, 3))).astype(np.uint8)


def inked(image, points, reach=1):
    """The image with an orange square at each point; those beyond its edge are left out."""
    out = np.repeat(np.asarray(image)[..., None], 3, axis=2).copy()
    if out.dtype != np.uint8:
        out = np.rint(255 * out.clip(0, 1)).astype(np.uint8)
    for r, c in np.rint(points).astype(int):
        if 0 <= r < out.shape[0] and 0 <= c < out.shape[1]:
            out[max(r - reach, 0) : r + reach + 1, max(c - reach, 0) : c + reach + 1] = 230, 159, 0
    return out


def faded(photo):
    """A pale, flat version of a photograph, to draw on."""
    return np.rint(8 * filtering.gaussian(0.6 + 0.5 * photo / 255, sigma=1.5)).clip(0, 8) / 8


def along(ends):
    """Points on straight pieces (N, 2, 2), half a pixel apart."""
    return np.concatenate(
        [np.linspace(a, b, 2 * int(np.hypot(*np.subtract(b, a))) + 2) for a, b in ends]
    )


def around(circles):
    """Points on circles."""
    turn = np.linspace(0, 2 * np.pi, 250)[:, None]
    unit = np.concatenate([np.sin(turn), np.cos(turn)], axis=1)
    return np.concatenate(
        [m + r * unit for m, r in zip(circles.centres, circles.radii, strict=True)]
    )


# %% [markdown]
# ## A picture and a question
#
# How few strokes does it take to draw this man, so that everybody knows him?

# %%
camera = half(data.load("camera"))
drawing = features.canny(camera, sigma=1.2, low=0.03, high=0.08)
images.show(
    camera,
    ~drawing,
    titles=["a photograph", f"{drawing.mean():.1%} of its pixels"],
    columns=2,
    alt="A man in a dark coat behind a camera on a tripod, and the same as a drawing of thin black "
    f"lines on white: coat, face, camera, tripod, the horizon. Lines take {drawing.mean():.1%} of "
    "all pixels.",
)

# %% [markdown]
# Next to nothing is left, and we see him at once. A picture lives where it *changes*. So does
# nearly everything that a computer wants to find in one: outlines, corners, lines. How was it
# drawn?
#
# ## One row: the slope
#
# An edge, seen along one row: dark, then bright. The **slope** is the change from pixel to pixel,
# half the difference of the two neighbours, as in lesson 02.
#
# **Predict.** A little noise is laid on the row. What does its slope look like?

# %%
step = np.where(np.arange(96) < 48, 0.3, 0.7)
rng = np.random.default_rng(0)
noisy = step + rng.normal(0, 0.05, 96)
images.plot_rows(
    noisy,
    np.gradient(noisy),
    labels=["a noisy step", "its slope"],
    alt=f"A row of about {step[0]} that jumps to {step[-1]} half-way, with small noise. Its slope "
    f"jitters about 0 all along; the step makes a peak of {np.gradient(noisy)[46:50].max():.2f}, and "
    f"noise alone makes up to {np.abs(np.delete(np.gradient(noisy), np.s_[40:56])).max():.2f}.",
)

# %% [markdown]
# The eye has no trouble with the step. The slope has: noise changes at *every* pixel, by as much as
# it can. So blur first.

# %%
soft = filtering.gaussian(noisy[None], sigma=3)[0]
images.plot_rows(
    soft,
    10 * np.gradient(soft),
    labels=["blurred, sigma 3", "10 times its slope"],
    alt="A smooth rise, and its slope: one clear bell at the step, "
    f"{np.gradient(soft).max():.3f} high, over small waves of "
    f"{np.abs(np.delete(np.gradient(soft), np.s_[34:62])).max():.3f}.",
)

# %% [markdown]
# One hill where the edge is. Blurring and taking the slope are both convolutions, and convolutions
# may be done in any order (lesson 02). So the two are one: convolution with the slope of the bell,
# the **derivative of Gaussian**.

# %%
x = np.arange(-12, 13)
bell = np.exp(-(x**2) / (2 * 3**2))
kernel = np.gradient(bell / bell.sum())
both = np.convolve(noisy, kernel, mode="same")
same(np.gradient(soft)[14:-14], both[14:-14])

# %% [markdown]
# How much blur? Draw the same step a thousand times, each time with other noise. How far does the
# hill stand out? And how far off is its top, if a parabola through its three highest pixels tells
# it to a fraction?


# %%
def top(slope):
    """Where the hill is highest, near the middle of the row, to a fraction of a pixel."""
    k = 28 + int(slope[28:68].argmax())
    before, here, after = slope[k - 1 : k + 2]
    return k + (before - after) / (2 * (before - 2 * here + after))


rows = step + rng.normal(0, 0.05, (1000, 96))
print("sigma   hill / noise   place off by   hill wide")
for sigma in (0.5, 1, 2, 4, 8):
    slope = np.stack([np.gradient(filtering.gaussian(r[None], sigma=sigma)[0]) for r in rows])
    hill, off = slope.mean(axis=0), np.array([top(one) for one in slope]) - 47.5
    wide = np.sum(hill > hill.max() / 2)
    noise = slope[:, 10:24].std()
    print(f"{sigma:5} {hill.max() / noise:12.1f} {np.sqrt(np.mean(off**2)):13.2f} {wide:12}")

# %% [markdown]
# That is the bargain: with more blur an edge is found more surely, and its place less exactly. And
# whatever lies within the width of the hill runs together.
#
# **Predict.** A bright bar, 4 pixels wide: two edges. What does a blur of sigma 4 make of it?

# %%
bar = np.where(np.abs(np.arange(64) - 31.5) < 2, 0.8, 0.2)
curves = [np.gradient(filtering.gaussian(bar[None], sigma=s)[0]) for s in (1, 4)]
apart = [int(np.ptp([c.argmax(), c.argmin()])) for c in curves]
images.plot_rows(
    *[c / c.max() for c in curves],
    labels=["slope at sigma 1", "slope at sigma 4"],
    title="each divided by its largest value",
    alt=f"At sigma 1 an up and a down, {apart[0]} pixels apart, nearly as the edges of the bar. At sigma 4 they "
    f"are {apart[1]} pixels apart: the bar seems to be much wider than it is.",
)

# %% [markdown]
# The edges push each other away. **Sigma is a choice of scale**: what is smaller is noise to you.
#
# ## In two dimensions: an arrow
#
# In a picture there are two slopes, one down the rows and one along the columns. Together they are
# the arrow that you drew on a coin in lesson 02, the **gradient**. It points to where it gets
# brighter most quickly, at right angles to the edge, and its length says how quickly; there it was
# the *strength*, and everybody else says magnitude:
#
# $$\text{magnitude} = \sqrt{g_r^2 + g_c^2} \qquad \text{direction} = \operatorname{atan2}(g_r, g_c)$$
#
# **Sobel's** kernels, you remember, take each slope and smooth a little across it. Now by hand,
# with a loop, and by slices:


# %%
def loops(image):
    magnitude = np.zeros(image.shape)
    for r in range(1, image.shape[0] - 1):
        for c in range(1, image.shape[1] - 1):
            near = image[r - 1 : r + 2, c - 1 : c + 2]
            right = (near[:, 2] - near[:, 0]) @ [1, 2, 1] / 8
            down = [1, 2, 1] @ (near[2] - near[0]) / 8
            magnitude[r, c] = np.hypot(down, right)
    return magnitude


def slices(image):
    right, down = image[:, 2:] - image[:, :-2], image[2:] - image[:-2]
    right = (right[:-2] + 2 * right[1:-1] + right[2:]) / 8
    down = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 8
    return np.pad(np.hypot(down, right), 1)


# %%
coins = data.load("coins")
photo = filtering.gaussian(coins / 255, sigma=1.5)
inside = np.s_[1:-1, 1:-1]
same(loops(photo)[inside], slices(photo)[inside])
same(loops(photo)[inside], filtering.sobel(photo)[inside])
naive = seconds(loops, photo, runs=1)
print(f"slices: {naive / seconds(slices, photo):.0f} times as fast", end=", ")
print(f"the library: {naive / seconds(filtering.sobel, photo):.0f} times")

# %% [markdown]
# **Predict.** Four colours, one for each of the directions →↘↓↙ and its opposite. How will they lie
# around a coin?

# %%
magnitude, direction = filtering.gradient(photo)
sector = np.rint(direction / (np.pi / 4)).astype(int) % 4
crop = np.s_[156:256, 224:330]
images.show(
    coins[crop],
    (magnitude / magnitude.max())[crop],
    segmentation.paint(np.where(magnitude > 0.03, sector + 1, 0))[crop],
    titles=["coins", "magnitude", "direction"],
    alt="A whole coin and parts of four others; their magnitude, a soft bright ring around each; and "
    "the rings in four colours, in eight pieces each: opposite pieces have the same colour.",
)

# %% [markdown]
# In eight pieces, opposite ones alike, for all arrows point inward.
#
# ## Thick to thin
#
# The rings are several pixels wide, and a drawing wants one. A threshold cannot help: low, and the
# ring is thick; high, and it breaks. But every ring has a **ridge**. Here is one, cut across.

# %%
cut = magnitude[205, 222:264]
ridge = (cut > np.append(0, cut[:-1])) & (cut >= np.append(cut[1:], 0))
images.plot_rows(
    cut,
    np.where(ridge, cut, 0),
    labels=["magnitude along a row", "its tops"],
    alt=f"A curve with hills; {ridge.sum()} tops stay, one pixel each, the highest "
    f"{cut.max():.3f}. All else is 0.",
)

# %% [markdown]
# Keep a pixel if it tops both neighbours *across* the edge, the way the arrow points, to the
# nearest of four directions. That is **non-maximum suppression**. If two are equal, the first one
# stays: not both, not none.


# %%
def thin(magnitude, sector):
    wide = np.pad(magnitude, 1)
    height, width = magnitude.shape
    keep = np.zeros(magnitude.shape, bool)
    for k, (dr, dc) in enumerate([(0, 1), (1, 1), (1, 0), (1, -1)]):
        first = wide[1 - dr : 1 - dr + height, 1 - dc : 1 - dc + width]
        second = wide[1 + dr : 1 + dr + height, 1 + dc : 1 + dc + width]
        keep |= (sector == k) & (magnitude > first) & (magnitude >= second)
    return np.where(keep, magnitude, 0)


# %%
ridges = thin(magnitude, sector)
images.show(
    magnitude[crop] > 0.03,
    ridges[crop] > 0.03,
    titles=["magnitude above 0.03", "thinned first"],
    columns=2,
    alt="Left, thick white rings and blots. Right, rings of a single pixel, and a face drawn in fine "
    f"lines. {np.mean(magnitude > 0.03):.0%} of all pixels on the left, "
    f"{np.mean(ridges > 0.03):.1%} on the right.",
)

# %% [markdown]
# ## Two thresholds
#
# One question is left: which ridges count? With one threshold you lose the faint parts of good
# lines, or you keep all sorts of crumbs. Take two: what is above the high one counts, and what is
# above the low one counts if it *hangs together* with something that does. That is **hysteresis**.
#
# **Predict.** Which of the three drawings below will have the fewest loose ends?

# %%
low, high = 0.02, 0.06
few = ridges[:200, 20:240]
three = [few > low, few > high, segmentation.hysteresis(few, low=low, high=high)]
pieces = [segmentation.label(mask).max() for mask in three]
titles = [f"{t}: {n} pieces" for t, n in zip(("low", "high", "both"), pieces, strict=True)]
images.show(
    *[~mask for mask in three],
    titles=titles,
    alt="Coins as drawings. The low threshold: closed circles full of crumbs and wrinkles, "
    f"{pieces[0]} pieces. The high one: broken circles, {pieces[1]} pieces. Both: closed circles, "
    f"little else, {pieces[2]} pieces.",
)

# %% [markdown]
# Blur, gradient, thin, two thresholds: that is **Canny's detector**, of 1986 and still everywhere.
# Is ours the library's?


# %%
def by_hand(image, sigma, low, high):
    magnitude, direction = filtering.gradient(filtering.gaussian(image, sigma=sigma))
    sector = np.rint(direction / (np.pi / 4)).astype(int) % 4
    return segmentation.hysteresis(thin(magnitude, sector), low=low, high=high)


mine = by_hand(coins / 255, 1.5, low, high)
its = features.canny(coins / 255, sigma=1.5, low=low, high=high)
print(f"{np.mean(its[mine]):.1%} of our edge pixels are the library's")
ratio = seconds(by_hand, coins / 255, 1.5, low, high) / seconds(features.canny, coins, sigma=1.5)
print(f"the library is {ratio:.0f} times as fast")

# %% [markdown]
# The few that differ are ties: it rounds slopes before it compares them, and on a slant keeps
# neither of two equals.
#
# ### Its choices
#
# First sigma, the scale. The same man, three times:

# %%
settings = {1: (0.04, 0.1), 2: (0.03, 0.06), 4: (0.02, 0.04)}
sketches = [features.canny(camera, sigma=s, low=lo, high=hi) for s, (lo, hi) in settings.items()]
images.show(
    *[~sketch for sketch in sketches],
    titles=[f"sigma {s}" for s in settings],
    alt="Three drawings. Sigma 1: man, camera, tripod, towers on the horizon. Sigma 2: fewer and rounder "
    "lines. Sigma 4: a few flowing lines around coat and legs. Edge pixels: "
    + ", ".join(f"{sketch.mean():.1%}" for sketch in sketches)
    + ".",
)

# %% [markdown]
# Then the thresholds. Ours are in fractions of full scale per pixel. Other libraries count
# otherwise, and numbers copied from a tutorial are worth nothing without their unit. OpenCV's
# kernel is not divided by 8 and its grey goes to 255; it does not blur; and unless told otherwise
# it adds the two slopes up, the `l1` norm, which makes slanting edges up to 1.4 times as strong.
# scikit-image's are 8 times ours.

# %%
import cv2
import skimage.feature

grey = np.rint(255 * filtering.gaussian(camera / 255, sigma=1)).astype(np.uint8)
ours = features.canny(camera, sigma=1, low=0.05, high=0.1)
plain = features.canny(camera, sigma=1, low=0.05, high=0.1, norm="l1")
theirs = {
    "OpenCV, 102 and 204, as it comes": cv2.Canny(grey, 102, 204) > 0,
    "OpenCV, 102 and 204, L2gradient": cv2.Canny(grey, 102, 204, L2gradient=True) > 0,
    "scikit-image, 0.4 and 0.8": skimage.feature.canny(
        camera / 255, 1, low_threshold=0.4, high_threshold=0.8
    ),
}
for name, mask in theirs.items():
    print(
        f"{name:33} {metrics.dice(mask, ours):.2f} like l2, {metrics.dice(mask, plain):.2f} like l1"
    )

# %% [markdown]
# (The numbers are Dice: 1 for the same pixels.) Nearly the same detector, three times, if you
# translate. Which thresholds are good depends on the picture. Canny advised a high one of two to
# three times the low one; begin there, draw, and look.
#
# ## Corners
#
# An edge is a poor landmark. Look at it through a small window, and move the window *along* it:
# nothing changes. So ask of each place: **what does the window see when it moves?** Here is a
# board, and for three places the mean squared change, for all moves of up to 8 pixels.


# %% tags=["setup"]
def board(shape=(160, 208), squares=(5, 7), fine=8):
    """A chessboard as a camera sees it, 0.15 and 0.85 on grey, and its true inner corners."""
    to_picture = np.array([[0.82, -0.16, 20.0], [0.10, 1.0, 22.0], [-0.0004, 0.0003, 1.0]])
    places = (np.indices(np.multiply(shape, fine)) + 0.5) / fine - 0.5
    u, v, w = np.tensordot(np.linalg.inv(to_picture), [*places, np.ones(places[0].shape)], 1)
    u, v = u / w / 24, v / w / 24  # in squares
    inside = (u > 0) & (u < squares[0]) & (v > 0) & (v < squares[1])
    bright = np.where(inside, 0.15 + 0.7 * ((np.floor(u) + np.floor(v)) % 2), 0.5)
    image = bright.reshape(shape[0], fine, shape[1], fine).mean(axis=(1, 3))
    corners = [(24 * i, 24 * j, 1) for i in range(1, squares[0]) for j in range(1, squares[1])]
    where = np.array(corners) @ to_picture.T
    return image, where[:, :2] / where[:, 2:]


# %%
sharp, truth = board()
chess = filtering.gaussian(sharp, sigma=0.7)
chess = np.clip(chess + np.random.default_rng(1).normal(0, 0.02, chess.shape), 0, 1)


def moved(place, reach=8, window=5):
    r, c = place
    middle = chess[r - window : r + window + 1, c - window : c + window + 1]
    moves = np.arange(-reach, reach + 1)

    def change(i, j):
        other = chess[r + i - window : r + i + window + 1, c + j - window : c + j + window + 1]
        return np.mean((other - middle) ** 2)

    return np.array([[change(i, j) for j in moves] for i in moves])


# %%
corner = np.rint(truth[8]).astype(int)
edge = np.rint((truth[8] + truth[9]) / 2).astype(int)
flat = np.rint((truth[8] + truth[9] + truth[14] + truth[15]) / 4).astype(int)
changes = [moved(place) for place in (flat, edge, corner)]
view = tuple(slice(i - 32, i + 32) for i in corner)
images.show(
    inked(chess, [flat, edge, corner], 1)[view],
    *[np.sqrt(change / changes[2].max()).clip(0, 1) for change in changes],
    titles=["three places", "flat", "edge", "corner"],
    alt="A chessboard with three orange dots: within a square, on a side, where four squares meet. And "
    "what the window sees when it moves, dark for nothing. Flat: black in the middle, brighter far "
    "out. Edge: a black valley along the edge. Corner: a black pit, steep on all sides.",
)

# %% [markdown]
# **Flat**: no small move changes anything. **Edge**: there is one way along which nothing changes.
# **Corner**: every move shows. A corner can be found again in the next picture; nothing else can.
#
# Must we really move the window? For small moves the slopes tell all. A move by $(i, j)$ changes a
# pixel by $i\,g_r + j\,g_c$, and the mean of its square over the window is
#
# $$(i \;\; j)\; M \begin{pmatrix} i \\ j \end{pmatrix}, \qquad
# M = \begin{pmatrix} \overline{g_r^2} & \overline{g_r g_c} \\ \overline{g_r g_c} & \overline{g_c^2}
# \end{pmatrix}$$
#
# M is the **structure tensor**: three products of slopes, each blurred by a Gaussian window. Its
# eigenvalues are the change along the way that changes most, and along the one that changes least.

# %%
down, right = filtering.sobel(chess, axis=0), filtering.sobel(chess, axis=1)
a, b, c = (filtering.gaussian(p, sigma=2) for p in (down**2, down * right, right**2))
for name, place in (("flat", flat), ("edge", edge), ("corner", corner)):
    i = tuple(place)
    smaller, larger = np.linalg.eigvalsh([[a[i], b[i]], [b[i], c[i]]])
    print(f"{name:7} larger {larger:.5f}   smaller {smaller:.5f}")

# %% [markdown]
# None, one, two: there it is. **Shi and Tomasi** simply take the smaller eigenvalue. **Harris** is
# cheaper, without a root: the product of the two is the determinant, their sum the trace, and
#
# $$\text{response} = \det M - k\,(\operatorname{trace} M)^2$$
#
# **Predict.** Its sign on an edge, where one eigenvalue is about 0?

# %%
harris = a * c - b**2 - 0.05 * (a + c) ** 2
tomasi = (a + c) / 2 - np.hypot((a - c) / 2, b)
same(harris, features.harris(chess, sigma=2, k=0.05))
same(tomasi, features.shi_tomasi(chess, sigma=2))
images.show(
    np.round(harris / harris.max(), 2),
    signed=True,
    titles=["Harris' response"],
    alt="An orange dot wherever four squares meet; pale blue along the sides of the squares; white where "
    "nothing happens.",
)

# %% [markdown]
# Below zero on an edge, and pale blue here; above zero at a corner. One point per hill: take the
# tops, the highest first, none too near to a better one.

# %%
tops = features.peaks(harris, distance=6, relative=0.25)
walls = half(data.load("brick"))
pale = faded(walls)
strong = features.peaks(features.shi_tomasi(walls, sigma=1.5), distance=6, count=150)
images.show(
    inked(sharp, tops),
    inked(pale, strong),
    titles=[f"{len(tops)} corners of {len(truth)}", f"the best {len(strong)} of a wall"],
    columns=2,
    alt="The board with an orange dot on each of its inner corners, and a brick wall with dots where "
    "joints meet.",
)

# %% [markdown]
# ### How exact?
#
# On this board we know where every corner is. The root of the mean squared distance, **RMSE**, says
# how well it was found. A pixel is coarse: the true corner lies anywhere in it. But the edges
# around know more. At a corner p every slope nearby stands at right angles to the way from p to it;
# **subpixel** solves for the p that fits best.
#
# **Predict.** Whole pixels cannot, on average, beat the root of 1/6. What will subpixel reach: a
# half of it, a tenth?


# %%
def rmse(points):
    """Of each true corner to the nearest point."""
    apart = np.linalg.norm(truth[:, None] - points, axis=2).min(axis=1)
    return np.sqrt(np.mean(apart**2))


print(f"rounding alone {np.sqrt(1 / 6):.2f}")
print("noise    whole pixels    subpixel")
clean = filtering.gaussian(sharp, sigma=0.7)
for noise in (0, 0.02, 0.05, 0.1):
    image = clean + np.random.default_rng(2).normal(0, noise, clean.shape)
    found = features.peaks(features.harris(image, sigma=2), distance=6, count=len(truth))
    print(f"{noise:5} {rmse(found):12.3f} {rmse(features.subpixel(image, found, radius=5)):14.3f}")

# %% [markdown]
# That is why cameras are calibrated with such boards (lesson 10). Here the picture knows more than
# its pixels.
#
# ## Lines: let them vote
#
# From edges to lines. Which straight lines are in a heap of edge pixels, some missing, many that
# belong to none? Fitting needs to know first what belongs together. **Hough** turned it round: let
# each pixel say which lines it *could* be on.
#
# A line is told by two numbers: the angle $a$ in which you walk straight to it from the pixel (0,
# 0), and the distance $d$. Its pixels are those with
#
# $$c \cos a + r \sin a = d$$
#
# Through one pixel goes a line of every angle, and the formula says at which distance.
#
# **Predict.** Draw a table of votes, angles to the right, distances down. What do the votes of one
# pixel look like? Of two?


# %%
def votes(mask, angles=180):
    reach = int(np.ceil(np.hypot(*mask.shape)))
    table = np.zeros((angles, 2 * reach + 1), int)
    r, c = np.nonzero(mask)
    for row, turn in zip(table, np.arange(angles) * np.pi / angles, strict=True):
        d = np.rint(c * np.cos(turn) + r * np.sin(turn)).astype(int)
        row += np.bincount(d + reach, minlength=len(row))
    return table


# %%
one, line = np.zeros((64, 64), bool), np.zeros((64, 64), bool)
one[20, 44] = True
two = one.copy()
two[48, 12] = True
t = np.arange(8, 58, 3)
line[np.rint(50 - 0.7 * t).astype(int), t] = True
line |= np.random.default_rng(4).random(line.shape) < 0.01
tables = [votes(mask) for mask in (one, two, line)]
images.show(
    one,
    two,
    line,
    *[(table.T / table.max())[64:] for table in tables],
    titles=[
        "one pixel",
        "two",
        "a dotted line, and dirt",
        "its votes",
        "",
        f"at most {tables[2].max()} votes",
    ],
    columns=3,
    alt="Above, masks: one dot, two dots, a row of dots with others strewn about. Below, their tables, "
    "angles to the right and distances down: one wave; two waves that cross once; many waves, and one "
    f"bright point in which {tables[2].max()} of them cross.",
)

# %% [markdown]
# A pixel is a wave. Pixels of one line are waves through one point. Gaps do not matter, and dirt
# votes for anything and nothing. A line has become a **top in a table**.
#
# Now the wall again. Its joints are lines, nearly upright ones. (We draw on a pale copy of it.)
#
# **Predict.** Where in its table are the tops, again with angles to the right and distances down:
# strewn about, or close together?

# %%
joints = features.canny(walls, sigma=2, low=0.015, high=0.03)
table = votes(joints)
middle = table.shape[1] // 2
table = np.concatenate([table[90:, ::-1], table[:90]])  # angles from -90 to 89 degrees
images.show(
    ~joints,
    np.round((table[45:135, middle : middle + 256].T / table.max()) ** 0.7, 1),
    titles=["edges", "votes, -45 to 44 degrees"],
    columns=2,
    alt="A wall's joints as black lines on white. Its table of votes, angles to the right and "
    "distances down: a grey weave, and a slanting row of bright knots, from positive angles at "
    f"the top to negative ones at the bottom. The highest has {table.max()} votes.",
)

# %% [markdown]
# A row of knots: as you go from left to right along the wall, the joints turn a little, like a fan.
# That is perspective, to be read off a table. Back in the picture:

# %%
lines = features.hough_lines(joints, threshold=100)
segments = features.hough_segments(joints, length=40, gap=3)
images.show(
    inked(pale, along(lines.ends(walls.shape))),
    inked(pale, along(segments)),
    titles=[f"{len(lines)} lines", f"{len(segments)} segments"],
    columns=2,
    alt="The wall with orange lines from edge to edge, all nearly upright and fanned out a little, as "
    "the joints are. And with orange pieces that begin and end where joints do.",
)


# %%
def pixel_by_pixel(mask, angles=180):
    reach = int(np.ceil(np.hypot(*mask.shape)))
    table = np.zeros((angles, 2 * reach + 1), int)
    for r, c in np.argwhere(mask):
        for i in range(angles):
            turn = i * np.pi / angles
            table[i, int(np.rint(c * np.cos(turn) + r * np.sin(turn))) + reach] += 1
    return table


# %%
part = joints[:64, :64]
same(pixel_by_pixel(part), votes(part))
naive = seconds(pixel_by_pixel, part, runs=1)
print(f"angle by angle: {naive / seconds(votes, part):.0f} times as fast", end=", ")
print(f"the library: {naive / seconds(features.hough_lines, part):.0f} times, tops and all")

# %% [markdown]
# Lines have no ends; `hough_segments` follows each top through the mask to find where it begins and
# stops.
#
# ### Circles
#
# The same trick for any shape with few numbers. A pixel on a circle of radius R votes for all
# middles that are R away from it: for a circle of votes. Where the votes of many meet, there is a
# middle. The threshold is the share of a circle that has to be seen.

# %%
rims = features.canny(coins, sigma=2, low=0.02, high=0.06)
found = features.hough_circles(rims, radii=range(15, 36), threshold=0.4, min_distance=15)
images.show(
    inked(coins, around(found), 0),
    titles=[f"{len(found)} circles"],
    alt="The photograph of the coins with an orange circle around "
    f"each coin: {len(found)}, radii from {found.radii.min():.0f} to {found.radii.max():.0f} pixels.",
)

# %% [markdown]
# Every coin, in light that no single threshold can deal with, as lesson 06 will show. A rim has
# contrast wherever the light comes from.
#
# ## What goes wrong, and how to see it
#
# **Texture.** Grass is all edges. With the same sigma and thresholds as for the man:

# %%
grass = half(data.load("grass"))
blades = features.canny(grass, sigma=1.2, low=0.03, high=0.08)
print(f"edge pixels: grass {blades.mean():.0%}, cameraman {drawing.mean():.0%}")

# %% [markdown]
# Blur more, or look for texture itself (lesson 08).
#
# **A vote needs an opponent.** However random the dots, *some* line has the most votes. How many,
# if there is none at all? Throw as many dots as the wall has edges:

# %%
rng = np.random.default_rng(6)
strewn = [rng.random(joints.shape) < joints.mean() for _ in range(10)]
most = [votes(mask).max() for mask in strewn]
print(
    f"without any line, up to {max(most)} votes; the wall's lines have {lines.votes.min()} and more"
)
weak = features.hough_lines(joints, threshold=60)
slanting = np.abs(np.cos(weak.angles)) < 0.9
print(f"with a threshold of 60: {len(weak)} lines, {slanting.sum()} of them not upright")

# %%
images.show(
    inked(pale, along(weak.ends(walls.shape)), 0),
    titles=["a threshold of 60"],
    alt="The wall under too many lines: besides the upright ones there are slanting and level ones that "
    "run right across the bricks.",
)

# %% [markdown]
# The slanting lines are no joints. They hit many bricks' corners by the way. So a threshold belongs
# well above what chance gives.
#
# **Bins.** With too few angles a line falls between two of them, and its votes are spread over many
# distances. Too many angles do not help either: a drawn line wobbles by half a pixel, so the top gets
# no more votes. It only gets neighbours that are nearly as good, and the work grows.

# %%
dots = np.zeros((200, 200), bool)
t = np.arange(10, 190)
dots[np.rint(150 - 0.513 * t).astype(int), t] = True
for angles in (18, 45, 180, 720):
    table = votes(dots, angles)
    near = np.sum(table > 0.8 * table.max())
    print(
        f"{angles:4} angles: at most {table.max():3} of {dots.sum()} votes, {near:3} entries close to it"
    )

# %% [markdown]
# - **Curved edges** vote for all their tangents: a coin fills the table of lines with a wave.
# - **Edges between equal greys** are there to your eye and not in the numbers: a grey coat before a
#   grey wall. No threshold finds what is not there.
# - **Shadows** have edges, too, and strong ones. An edge of brightness is no edge of a thing.
# - **Corners on round things**, and where a near edge crosses a far one, move when the camera does.
# - **A corner is not a match.** A wall has a hundred that look alike (lesson 09).
#
# ## Where it is used
#
# - **Space.** Rims of craters are circles, and their count tells the age of a surface. Landers find
#   their way by corners.
# - **Medicine.** Borders of vessels in the retina and of the heart in ultrasound; the circle of a
#   pupil.
# - **Satellites.** Roads, runways, the borders of fields; corners tie two images of one place
#   together.
# - **Roads.** Lane markings are two bundles of lines that meet at the horizon.
# - **Yards and plants.** A part's edge to a small part of a pixel: is it in tolerance?
# - **Your phone.** It finds the four sides of a sheet of paper, and scans it. You will write that
#   now.
#
# ## To remember
#
# - An edge is a top of the slope. Noise has slopes as well, so blur first; sigma is the scale you
#   mean.
# - The gradient stands across the edge. Its magnitude is thick; keep its ridge.
# - Two thresholds: what is weak counts if it hangs on something strong.
# - Canny is blur, gradient, thin, two thresholds. Its numbers have units: translate before you
#   copy.
# - Corner: every move of a window shows. Two large eigenvalues of the structure tensor.
# - With the edges around it, a corner is known to a fraction of a pixel.
# - Hough: pixels vote, shapes are tops in a table. Know what chance would give.
#
# Now write it all yourself: type `imgkit start 05`. [Lesson 06](06_thresholds.ipynb) turns from the
# outlines of things to what lies within.
#
# ## References
#
# - Gonzalez and Woods, *Digital Image Processing*, 4th ed., sections 10.2 (edges, Canny, Hough) and
#   11.6 (Harris).
# - Szeliski, *Computer Vision*, 2nd ed., sections 7.1 (corners), 7.2 (edges) and 7.4 (lines).
# - Canny, *A computational approach to edge detection*, IEEE Transactions on Pattern Analysis and
#   Machine Intelligence 8, 1986.
# - Harris and Stephens, *A combined corner and edge detector*, Alvey Vision Conference, 1988.
# - Shi and Tomasi, *Good features to track*, CVPR 1994.
# - Förstner and Gülch, *A fast operator for detection and precise location of distinct points*,
#   ISPRS 1987: the sub-pixel corner.
# - Duda and Hart, *Use of the Hough transformation to detect lines and curves in pictures*,
#   Communications of the ACM 15, 1972.
