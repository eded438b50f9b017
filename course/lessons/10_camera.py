# ---
# jupyter:
#   imgkit:
#     title: Camera, stereo, motion, tracking
#     minutes: 30
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Camera, stereo, motion, tracking
#
# **30 minutes of reading.** You need windows that slide over pictures (lesson 02). Corners (lesson
# 05) help with motion, a homography (lesson 09) with the lane.
#
# By the end of this page you can
#
# - say where a camera sees a place of the world, and turn a row of pixels into metres,
# - find out what a camera is like from pictures of a checkerboard, and undo its lens,
# - measure distance with two eyes, and say how wrong it is,
# - measure motion, and know where it cannot be measured,
# - follow things that come, go and hide, and give each a number that it keeps,
# - find the lane on a road, to a few centimetres.

# %% tags=["setup"]
import time

import numpy as np

from imgkit import color, data, features, filtering, geometry, images, metrics, segmentation


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


# %% [markdown]
# ## A picture and a question
#
# You drive at 20 metres a second. Four others are before you. **Where is your lane? How far away are
# the others? And where will each be next?**

# %%
drive = data.road_scene(seed=77, frames=80, vehicles=4)
frame = drive[10]
images.show(
    frame.image,
    alt=f"A road in a plain under a blue sky, seen from a car. {len(frame.ids)} vehicles ahead, some "
    "half behind others; white lines, the middle one dashed, run together at the horizon.",
)

# %% [markdown]
# The drive is drawn, so for once the truth is known: of every car and every line. That lets us ask
# of each answer how wrong it is.
#
# ## One eye: the pinhole
#
# Light goes straight through a small hole. So in the picture everything lies where a straight line to
# it leads. Look from the side, in one dimension: a place `r` metres down and `z` metres ahead is seen
# $f\,r/z$ pixels below the middle. The **focal length** $f$ says how many pixels make a slope of 1.
#
# The road is a metre and a half below this camera. Where is it seen, near and far?
#
# **Predict.** From 10 to 20 metres ahead it rises by so many pixels. From 20 to 30 by as many?

# %%
focal, horizon, height = 288.0, 96.0, 1.5  # pixels, row, metres: of this camera
ahead = np.arange(61)
below = focal * height / np.where(ahead < 4, np.nan, ahead)
images.plot_rows(
    -below,
    labels=["the road, in pixels below the horizon"],
    title="to the right: metres ahead",
    alt=f"A curve that climbs steeply from {below[4]:.0f} pixels below the horizon at 4 m, and then "
    f"creeps: {below[10]:.0f} below at 10 m, {below[60]:.0f} at 60 m.",
)

# %% [markdown]
# **Near is large, far is squeezed together.** And it can be read backwards. A car stands on the road,
# so the lowest row of its box tells how far it is: $z = f h / (\text{row} - \text{horizon})$.

# %%
feet = frame.boxes[:, 2] - 0.5 - horizon  # a box ends half a pixel below its last row
told = focal * height / feet
_, truth = np.transpose([drive.vehicles[k - 1].at(10 / 25) for k in frame.ids])
for k, z, real in zip(frame.ids, told, truth, strict=True):
    print(
        f"car {k}: told {z:5.1f} m, true {real:5.1f} m, one row is {real**2 / (focal * height):.1f} m"
    )

# %% [markdown]
# Metres from one picture! The road did it: without something known, one eye cannot tell a large
# thing far away from a small one near by. The last column says how far a single row reaches there.
# It grows with the *square* of the distance. You will meet that again.
#
# Now both directions. With (row₀, column₀), the **principal point**, straight ahead:
#
# $$\text{row} = f\,\frac{r}{z} + \text{row}_0 \qquad \text{column} = f\,\frac{c}{z} + \text{column}_0$$


# %%
def one_by_one(places, f, centre):
    seen = []
    for r, c, z in places:
        seen.append((f * r / z + centre[0], f * c / z + centre[1]))
    return np.array(seen)


def all_at_once(places, f, centre):
    return f * places[:, :2] / places[:, 2:] + centre


# %%
rng = np.random.default_rng(0)
camera = geometry.Camera([[focal, 0, horizon], [0, focal, 159.5], [0, 0, 1]], (240, 320))
dust = rng.uniform((-2, -5, 4), (2, 5, 60), (10000, 3))
same(one_by_one(dust, focal, camera.centre), all_at_once(dust, focal, camera.centre))
same(one_by_one(dust, focal, camera.centre), camera.project(dust))
slow = seconds(one_by_one, dust, focal, camera.centre, runs=1)
print(f"at once: {slow / seconds(all_at_once, dust, focal, camera.centre):.0f} times as fast")
print(f"library: {slow / seconds(camera.project, dust):.0f} times, and it knows lenses")

# %% [markdown]
# ## What is my camera like? A checkerboard
#
# Nobody tells you $f$. And a real lens bends: a ray that comes in at a distance $\rho$ from the axis lands
# at $\rho\,(1 + k_1 \rho^2 + \dots)$. To learn these numbers, hold a board of known squares before the camera,
# this way and that. Here is a camera we know, to take such pictures.

# %% tags=["setup"]
CORNERS = (6, 9)
secret = geometry.Camera(
    [[215, 0, 93], [0, 215, 131], [0, 0, 1]], (192, 256), (-0.28, 0.06, 0, 0, 0)
)
fine = (np.indices((384, 512)).reshape(2, -1).T + 0.5) / 2 - 0.5  # four samples in each pixel
RAYS = np.column_stack([secret.rays(fine), np.ones(len(fine))])


def pose(down, right, away=9.0):
    """A board tilted by so many radians, its middle before the camera."""
    a, b = down, right
    turn = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    turn = turn @ [[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]
    return np.column_stack([turn, np.array([0, 0, away]) - turn @ (2.5, 4.0, 0)])


def photograph(where):
    """The board as the secret camera sees it."""
    plane = np.column_stack([where[:, 0], where[:, 1], where[:, 3]])
    board = RAYS @ np.linalg.inv(plane).T
    r, c = np.floor(board[:, :2] / board[:, 2:]).T
    inside = (r >= -1) & (r < CORNERS[0]) & (c >= -1) & (c < CORNERS[1])
    bright = np.where(inside & ((r + c) % 2 == 0), 0.08, 0.9).reshape(192, 2, 256, 2)
    return bright.mean(axis=(1, 3))


# %%
tilts = [(0.5, 0), (-0.5, 0.1), (0.1, 0.5), (0, -0.5), (0.35, 0.4), (-0.4, -0.35)]
photos = [photograph(pose(*tilt)) for tilt in tilts]
found = [geometry.find_checkerboard(photo, CORNERS) for photo in photos]
images.show(
    *photos[:3],
    alt="Three photographs of a checkerboard, tilted forward, back and to a side. Its straight lines are "
    "bent outwards like the sides of a barrel.",
)

# %% [markdown]
# Six views, six times all corners to a fraction of a pixel. The unknowns are few: two focal lengths,
# the principal point, the lens, and for each view how the board was held. The equations are many. So:
# least squares.
#
# **Predict.** Which number will be the least sure?

# %%
mine = geometry.calibrate(found, CORNERS, shape=(192, 256))
names = ("focal, down", "focal, right", "centre row", "centre column")
for name, real, guess, spread in zip(
    names,
    (*secret.focal, *secret.centre),
    (*mine.focal, *mine.centre),
    mine.deviations,
    strict=True,
):
    print(f"{name:13} {real:7.2f} | {guess:7.2f} ± {spread:.2f}")
print(f"k1            {secret.distortion[0]:7.3f} | {mine.distortion[0]:7.3f}")
print(f"corners are off by {mine.rms:.3f} pixels (root mean square)")

# %% [markdown]
# The ± is the **deviation**: by so much the number would change, had the corners been found a little
# elsewhere. The centre's column has the largest: a board farther to the side, or a centre farther to the
# side, give nearly the same picture, and only the perspective tells them apart.
#
# Now the lens can be undone: ask of each pixel of a perfect camera where the bent one sees it, and
# read there.

# %%
flat = geometry.undistort(photos[0], mine)
images.show(
    photos[0],
    flat,
    titles=["as photographed", "undistorted"],
    alt="The same tilted board twice. On the left its edges bulge, on the right they are straight as a "
    "ruler.",
)


# %%
def bend(points):
    """How far the corners of the top row are from a straight line, in pixels."""
    r, c = points[: CORNERS[1]].T
    return np.abs(r - np.polyval(np.polyfit(c, r, 1), c)).max()


print(f"before: {bend(found[0]):.2f} pixels off a straight line")
print(f"after:  {bend(geometry.find_checkerboard(flat, CORNERS)):.2f}")

# %% [markdown]
# A small error of the corners is no proof, though. Three views, all nearly alike:

# %%
alike = [photograph(pose(0.30 + d, 0.10 - d)) for d in (0, 0.05, 0.1)]
poor = geometry.calibrate(
    [geometry.find_checkerboard(photo, CORNERS) for photo in alike], CORNERS, shape=(192, 256)
)
print(
    f"corners off by {poor.rms:.3f}: fine. focal {poor.focal[0]:.0f} ± {poor.deviations[0]:.0f}: not so"
)

# %% [markdown]
# **It fits, and does not know.** Look at the deviations, and tilt the board to all sides.
#
# ## Two eyes
#
# Two cameras, side by side, see a motorcycle. What stands near jumps from one picture to the other;
# what is far hardly moves. One strip of both pictures, a few rows averaged:

# %%
pair = data.load("stereo_motorcycle")
left, right = (color.to_gray(eye) for eye in (pair.left, pair.right))
row, column, reach = 270, 452, 6
window, start = np.s_[row - reach : row + reach + 1], column - 60
images.plot_rows(
    left[window, start : column + 40].mean(axis=0),
    right[window, start : column + 40].mean(axis=0),
    labels=["left eye", "right eye"],
    title="brightness; to the right: the column",
    alt="Two jagged curves of brightness. The tall hump that the left eye sees in the middle is, for the "
    "right eye, at the left end.",
)

# %% [markdown]
# How far? Take a window around the hump in the middle of the left picture, lay it over the right one,
# `d` columns farther left, and take the mean of the squared differences.
#
# **Predict.** What does that mean look like, over d?

# %%
patch = left[window, column - reach : column + reach + 1].astype(float)
cost = [
    np.mean((patch - right[window, column - d - reach : column - d + reach + 1]) ** 2)
    for d in range(64)
]
images.plot_rows(
    cost,
    labels=["mean squared difference"],
    title="to the right: the disparity d",
    alt=f"A curve with hills and dips, and one deep, narrow hollow at d = {np.argmin(cost)}.",
)

# %%
print(f"found {np.argmin(cost)}, true {pair.disparity[row, column]:.1f}")


# %% [markdown]
# That is stereo: **the shift of least difference**. For all pixels at once, shift the whole picture by
# d, square, and average over windows: a box filter, lesson 02.


# %%
def pixel_by_pixel(left, right, largest, reach):
    out = np.zeros(left.shape)
    for r in range(reach, left.shape[0] - reach):
        for c in range(reach + largest, left.shape[1] - reach):
            rows = slice(r - reach, r + reach + 1)
            mine = left[rows, c - reach : c + reach + 1]
            sums = [
                np.sum((mine - right[rows, c - d - reach : c - d + reach + 1]) ** 2)
                for d in range(largest + 1)
            ]
            out[r, c] = np.argmin(sums)
    return out


def shift_by_shift(left, right, largest, reach):
    sums = np.full((largest + 1, *left.shape), np.inf)
    for d in range(largest + 1):
        squares = (left[:, d:] - right[:, : left.shape[1] - d]) ** 2
        sums[d, :, d:] = filtering.box(squares, size=2 * reach + 1)
    return sums.argmin(axis=0)


# %%
one, other = (eye[250:300, 380:480].astype(float) for eye in (left, right))
plain = pixel_by_pixel(one, other, 40, 4)
quick = shift_by_shift(one, other, 40, 4)
inner = np.s_[4:-4, 44:-4]
print(f"equal: {np.mean(plain[inner] == quick[inner]):.2%}")
slow = seconds(pixel_by_pixel, one, other, 40, 4, runs=1)
print(f"{slow / seconds(shift_by_shift, one, other, 40, 4):.0f} times as fast")

# %% [markdown]
# The library adds doubt. It gives nan where the best is hardly better than the second best, or where
# the way back from right to left ends elsewhere. And *semiglobal* matching also charges for each jump
# between neighbours, for the world is mostly smooth. **Bad-2** is the share of pixels, of those whose
# truth is known, that are unknown or off by more than 2.

# %%
maps = {"by hand": shift_by_shift(left / 255, right / 255, 63, 4).astype(float)}
for method in ("block", "semiglobal"):
    maps[method] = geometry.disparity(left, right, method=method)
known = ~np.isnan(pair.disparity)
for name, shifts in maps.items():
    off = np.abs(shifts - pair.disparity)[known]
    print(
        f"{name:10} bad-2 {np.mean(~(off <= 2)):.0%}, of what it answers {np.mean(off[off == off] > 2):.0%}"
    )

# %%
panels = [*maps.values(), pair.disparity]
images.show(
    *[panel[::4, ::4] / 64 for panel in panels],
    titles=[*maps, "the truth"],
    columns=2,
    alt="Four maps of disparity, near is bright. By hand the motorcycle is there under many specks; "
    "blocks have magenta holes where they do not know; semiglobal is nearly whole, and the truth crisp.",
)

# %% [markdown]
# ### From shift to metres
#
# Similar triangles again: with the cameras $B$ apart, $z = f B / d$. These two pictures were cut at
# different columns, so a constant is added to $d$.

# %%
lens = {"focal": 994.978, "baseline": 0.193001, "offset": 31.086}
far, real = (geometry.depth(shifts, **lens) for shifts in (maps["semiglobal"], pair.disparity))
by_hand = 994.978 * 0.193001 / (pair.disparity[known].astype(float) + 31.086)
same(by_hand, real[known])
print(
    f"from {np.nanmin(real):.1f} to {np.nanmax(real):.1f} m; median error {np.nanmedian(np.abs(far - real)) * 100:.1f} cm"
)

# %% [markdown]
# **Predict.** The disparity is off by a quarter of a pixel, at all distances. How does the error in
# metres grow?

# %%
metres = np.where(np.arange(61) < 2, np.nan, np.arange(61))
scale = 994.978 * 0.193001
wrong = scale / (scale / metres - 0.25) - metres
images.plot_rows(
    wrong,
    0.25 * metres**2 / scale,
    labels=["too far by", "a quarter pixel times z² / fB"],
    title="metres, for a quarter of a pixel; to the right: the distance in metres",
    alt=f"Two curves that grow faster and faster, nearly one: {wrong[10]:.2f} m at 10 m, "
    f"{wrong[30]:.1f} m at 30 m, {wrong[60]:.1f} m at 60 m.",
)

# %% [markdown]
# With the **square** of the distance: twice as far, four times as wrong. It was so with one eye, it is
# so with two. Only eyes farther apart or sharper ones help.
#
# ## Motion
#
# One eye again, and time. A row of pixels moves to the right by a little.
#
# **Predict.** Draw the difference, first less second. Where is it largest?

# %%
x = np.arange(40)


def hill(x):
    return 0.2 + 0.6 * np.exp(-(((x - 18) / 5) ** 2))


first, second = hill(x), hill(x - 0.8)
slope = np.gradient(first)
images.plot_rows(
    first,
    second,
    first - second,
    slope,
    labels=["first", "second", "first − second", "slope"],
    alt=f"A hill, and the same a little to the right. Their difference, up to {np.max(first - second):.2f}, has "
    "the form of the slope: positive on the left side, negative on the right, zero at the top.",
)

# %% [markdown]
# The difference is the slope, times the motion. So the motion is what turns one into the other, best
# by least squares: $d = \sum g\,(\text{first} - \text{second}) / \sum g^2$. Not quite right, since a slope holds
# for small steps only; so move the first by what you found, and ask again.

# %%
d = 0.0
for step in range(4):
    moved = hill(x - d)
    g = np.gradient(moved)
    d += np.sum(g * (moved - second)) / np.sum(g**2)
    print(f"step {step + 1}: {d:.5f}")

# %% [markdown]
# In a picture, motion has two parts, and each pixel gives but one equation. **Through a small hole
# you see only the motion across an edge.** Three windows of a photograph, and in each the structure
# tensor of lesson 05, with sums for means: $g_r^2$, $g_r g_c$, $g_c^2$. Its eigenvalues say how
# much is known along two directions.

# %%
photo = data.load("camera")[60:316, 100:356] / 255
soft = filtering.gaussian(photo, sigma=1.0)
g_r, g_c = filtering.sobel(soft, axis=0), filtering.sobel(soft, axis=1)
a, m, b = (225 * filtering.box(g, size=15) for g in (g_r**2, g_r * g_c, g_c**2))  # sums
small, large = (
    (a + b) / 2 + sign * np.sqrt(((a - b) / 2) ** 2 + m**2) for sign in (-1, 1)
)  # of each window, the eigenvalues of [[a, m], [m, b]]
inner = np.s_[20:-20, 20:-20]
places = {}
for name, score in (("plain", -large), ("a bar", large - 30 * small), ("corners", small)):
    places[name] = np.add(np.unravel_index(score[inner].argmax(), score[inner].shape), 20)
    print(f"{name:8} {small[tuple(places[name])]:8.4f} {large[tuple(places[name])]:8.4f}")

# %%
images.show(
    *[photo[r - 7 : r + 8, c - 7 : c + 8] for r, c in places.values()],
    titles=list(places),
    alt="Three windows, fifteen pixels wide: one plain, one with a bright slanted bar, whose two edges "
    "run the same way, and one with bright and dark shapes that have corners.",
)

# %% [markdown]
# Nothing, one direction, both. **Follow corners**: there the smaller eigenvalue is large. With it,
# **Lucas and Kanade** solve two equations for each window. By hand, then the library, on a photograph
# that moved by a known half pixel and more:


# %%
def by_hand(first, second, point, reach=10):
    r, c = point
    view = np.s_[r - reach : r + reach + 1, c - reach : c + reach + 1]
    slopes = np.stack([g[view].ravel() for g in np.gradient(first)])
    return np.linalg.solve(slopes @ slopes.T, slopes @ (first - second)[view].ravel())


corners = features.peaks(features.shi_tomasi(soft), distance=8, count=40)
corners = corners[(np.abs(corners - 128) < 100).all(axis=1)]
for motion in ((0.4, 0.3), (2.0, -1.5), (9.0, 6.0)):
    matrix = np.array([[1, 0, motion[0]], [0, 1, motion[1]], [0, 0, 1]])
    later = geometry.warp_affine(soft, matrix)
    steps = np.array([by_hand(soft, later, point) for point in corners]) - motion
    goal, ok = geometry.lucas_kanade(soft, later, corners)
    off = (goal - corners - motion)[ok]
    errors = [np.median(np.hypot(*error.T)) for error in (steps, off)]
    print(f"moved by {motion}: one step off by {errors[0]:.2f}, library by {errors[1]:.3f} pixels")

# %% [markdown]
# One step does for half a pixel. For nine pixels the slopes know nothing. So the library begins in
# a **pyramid** (lesson 08): in a picture of an eighth of the size nine pixels are hardly more than
# one. It solves there, and refines from size to size. (Nine is even found exactly. To move a
# picture by parts of a pixel, values between the pixels had to be guessed, and that error stays.)
#
# ### Everywhere at once
#
# Dense flow gives each pixel a motion. Its picture: white stands still, the hue is the direction, as
# in the disc beside it, and the deeper the colour, the faster. Darkened is what is faster than the scale
# goes. Here is your drive, from one frame to the next.
#
# **Predict.** You drive straight ahead. Which way does the road move, and where does nothing?

# %%
earlier, after = (filtering.gaussian(color.to_gray(drive[k].image), sigma=1.0) for k in (40, 41))
flow = geometry.dense_flow(earlier, after)
outward = np.moveaxis(np.indices((159, 159)) - 79.0, 0, -1) / 5  # away from the middle
outward[np.linalg.norm(outward, axis=2) > 15.5] = 0
images.show(
    geometry.flow_picture(flow, largest=12.0)[80:],
    geometry.flow_picture(outward, largest=12.0),
    titles=["the drive", "motion outwards"],
    alt="Flow in colours: pale around the horizon and the cars ahead; below it a fan, green to the left, "
    "yellow straight down, orange to the right. Near the lower edge it breaks up into blots of all "
    "colours. Beside it a disc, the key: red to the right, yellow down, light blue to the left, violet up, and "
    "a dark rim.",
)

# %%
print("row    true   told   (pixels down, in the middle of the lane)")
for r in (124, 132, 148, 172, 204, 220, 232):
    z = focal * height / (r - horizon)
    true = focal * height / (z - 20 / 25) - focal * height / z
    leaves = "leaves the picture" if r + true > 239 else ""
    print(f"{r}  {true:6.1f} {np.median(flow[r - 2 : r + 3, 150:210, 0]):6.1f}   {leaves}")

# %% [markdown]
# All streams away from one point at the horizon, the **focus of expansion**, and the nearer, the faster.
# The cars ahead drive about as fast as you, and so nearly stand still; just below them the road is held
# back, for flow is made to be smooth. Halfway down it is right, even for large steps. At the lower
# edge the road leaves the picture before the next frame. What has no partner has no motion; the flow
# there is a guess, and so it is on the sky, which is plain but for noise. Nothing in the picture of the
# flow tells you that. **Track back, and see whether you come home.**
#
# ## Tracking
#
# A point moves on a line, and you see it with noise. Believe the last look only, and you jump about.
# Average many, and you lag. The **Kalman filter** keeps a belief: a mean $x$, and its variance $P$ says
# how unsure it is. Time makes it less sure:
#
# $$P \leftarrow P + Q$$
#
# A look $z$ makes it surer. The weight of the look is the **gain**, between 0 and 1:
#
# $$K = \frac{P}{P + R} \qquad x \leftarrow x + K (z - x) \qquad P \leftarrow (1 - K) P$$
#
# with $R$ the variance of the look.
#
# **Predict.** At first nothing is known, so P is huge. What is K? And after many looks?

# %%
rng = np.random.default_rng(4)
R, Q, P, x = 4.0, 0.05, 100.0, 0.0
looks, means, gains = 20 + rng.normal(0, 2, 40), [], []
for z in looks:
    P += Q  # time goes on
    K = P / (P + R)
    x, P = x + K * (z - x), (1 - K) * P  # a look
    means.append(x)
    gains.append(K)
images.plot_rows(
    looks,
    means,
    10 * np.array(gains),
    labels=["looks", "belief", "ten times the gain"],
    alt=f"Looks scatter around 20. The belief begins near the first look and comes to rest, at the end "
    f"{means[-1]:.1f}. The gain falls from {gains[0]:.2f} to {gains[-1]:.2f}.",
)

# %%
one = geometry.Kalman([[1]], [[Q]], [[1]], [[R]])
belief = geometry.Belief(np.zeros(1), np.array([[100.0]]))
for z in looks:
    belief = one.update(one.predict(belief), [z])
print(f"{means[-1]:.6f} | {belief.mean[0]:.6f}")

# %% [markdown]
# The gain settles where what time blurs and what a look sharpens are in balance. Things that move
# have a velocity in their state as well; the formulas are the same with matrices, and the exercise
# has you write them.
#
# ### Many things
#
# Now several cars, and boxes from a detector. Which box is which car? *Each takes the nearest* fails
# when they stand close. Look at all pairs together and take the cheapest sum; the **Hungarian method**
# finds it without trying all. A tracker is both: predict all, pair all, update what was seen, wait a
# while for what was not.
#
# The detector misses what is hidden by more than two thirds, is off by a pixel, and sees ghosts.

# %%
rng = np.random.default_rng(2)
seen, true = [], []
for shot in drive:
    clear = shot.visible > 0.3
    boxes = shot.boxes[clear] + rng.normal(0, 0.7, (clear.sum(), 4))
    ghosts = rng.uniform((90, 60, 8, 8), (130, 250, 16, 16), (rng.poisson(0.3), 4))
    seen.append(np.concatenate([boxes, np.c_[ghosts[:, :2], ghosts[:, :2] + ghosts[:, 2:]]]))
    true.append((shot.ids[clear], shot.boxes[clear]))


# %%
def tracked(**options):
    tracker = geometry.Tracker("boxes", noise=0.7, acceleration=0.03, speed=1, birth=3, **options)
    tracks = [tracker.update(boxes) for boxes in seen]
    shown = [(t.ids[t.detections >= 0], t.places[t.detections >= 0]) for t in tracks]
    return metrics.tracking_quality(shown, true), tracks


for wait in (1, 20, 40):
    quality, tracks = tracked(death=wait)
    print(
        f"gives up after {wait:2}: MOTA {quality.mota:.2f}, IDF1 {quality.idf1:.2f}; missed {quality.misses}, "
        f"alarms {quality.alarms}, numbers switched {quality.switches}"
    )

# %%
ids, lengths = np.unique(np.concatenate([t.ids for t in tracks]), return_counts=True)
columns = np.full((4, len(tracks)), np.nan)
for k, number in enumerate(np.sort(ids[np.argsort(-lengths)[:4]])):
    for when, t in enumerate(tracks):
        for place in t.places[t.ids == number]:
            columns[k, when] = (place[1] + place[3]) / 2
images.plot_rows(
    *columns,
    labels=[f"number {k + 1}" for k in range(4)],
    title="the last tracker: columns of the four longest tracks; to the right: the frame",
    alt="Four curves over the whole drive. They cross again and again, and each keeps its colour. They "
    "are smooth but for a jump where a car comes out from behind another.",
)

# %% [markdown]
# **MOTA** takes misses, alarms and switched numbers off from 1. **IDF1** asks how long each thing kept
# one and the same number. Waiting pays: who comes out from behind another is the same car still. While
# it is hidden its curve is a prediction, and jumps a little once it is seen again. Too
# long a wait would hand an old number to a newcomer.
#
# ## The lane
#
# Near the horizon the lines run together. Seen **from above** they would be parallel. The road is
# flat, so a homography (lesson 09) takes one view to the other; four corners are enough.

# %%
above = geometry.birds_eye(frame.image, drive.corners, drive.birds_eye_shape)
grey = color.to_gray(above)
bright = segmentation.top_hat(grey, np.ones((1, 21), bool)) > 40
lines = geometry.fit_lane(bright, lines=2, width=4)
drawn = above.copy()
for line in lines:
    r, c = np.rint(line.points()).astype(int).T
    inside = (c >= 1) & (c < above.shape[1] - 1)
    for aside in (-1, 0, 1):
        drawn[r[inside], c[inside] + aside] = (230, 90, 0)
images.show(
    above[60:],
    bright[60:],
    drawn[60:],
    titles=["from above", "what is bright", "the lines"],
    alt="The road from above, a dashed and a solid line side by side, smeared cars at the top. A mask "
    f"of the markings with some specks. And {len(lines)} thin orange curves along the two lines.",
)

# %% [markdown]
# What is brighter than its surroundings along a row may be a marking: a top-hat (lesson 06) and a
# threshold. Two parabolas are fitted to that, again and again, each time to what is near them. A row
# here is 10 centimetres of road, a column 5.
#
# **Predict.** How far off are the lines, in centimetres?

# %%
errors, missing = [], 0
for shot in list(drive)[::8]:
    top = color.to_gray(geometry.birds_eye(shot.image, drive.corners, drive.birds_eye_shape))
    mask = segmentation.top_hat(top, np.ones((1, 21), bool)) > 40
    found = geometry.fit_lane(mask, lines=2, width=4)
    missing += 2 - len(found)
    for line in found:
        near = np.arange(100, 301)  # 4 to 24 metres ahead
        off = [np.abs(line.columns(near) - real[near, 1]).mean() for real in shot.birds_eye_lines]
        errors.append(min(off) * 100 * drive.pixel[1])
print(
    f"{len(errors)} lines, {missing} missing; off by {np.median(errors):.1f} cm, at most {max(errors):.1f} cm"
)

# %% [markdown]
# On a drawn road, that is; a real one has worn paint, repairs, rain and hills.
#
# ## What goes wrong, and how to see it
#
# - **A wrong focal length** and all metres are off by the same factor. Measure something you know.
# - **A calibration that fits and does not know.** Look at the deviations, not at the rms.
# - **White walls, fences, mirrors.** Stereo finds nothing, many, or the wrong world. Ask for doubt, and
#   look where the nan are.
# - **Far away.** The error grows with the square. A number of metres without an error is no number.
# - **Motion along an edge, or too far, or brightness that changes.** Follow corners, use pyramids, track
#   back and drop what does not come home.
# - **Hidden behind another.** Predict, wait, and say how unsure you are. Draw the numbers over the
#   frames: a switched one is seen at once.
# - **A road that is not flat** is bent from above, though it is straight. The horizon tells.
#
# ## Where it is used
#
# - **Roads.** Lane keeping, distance to the car ahead, whatever warns or brakes.
# - **Space.** Mars rovers measure the ground with two eyes, and their own way by visual odometry.
# - **Medicine.** Stereo endoscopes; the beating heart, followed in ultrasound; cells on their way.
# - **Satellites.** Heights of the land from two passes; how glaciers flow, by matching over months.
# - **Film and sport.** Cameras put where no camera was, the offside line, slow motion from flow.
#
# ## To remember
#
# - A pinhole divides by depth. Near is large.
# - Calibrate with a board tilted to all sides; look at the deviations.
# - Depth is focal length times baseline over disparity; its error grows with the square.
# - Motion is difference over slope; a window needs slopes in two directions.
# - Small steps, so pyramids for large ones.
# - Predict widens, a look narrows, the gain is the trust.
# - Pair all at once, and wait for who is hidden.
# - From above, lanes are parallel.
#
# Now write it all yourself: type `imgkit start 10`. And how sure are all the numbers of these
# pages? That is [lesson 11](11_evaluation.ipynb).
#
# ## References
#
# - Szeliski, *Computer Vision*, 2nd ed., sections 2.1 (cameras), 9.1 to 9.3 (motion), 11.1
#   (calibration), chapter 12 (stereo).
# - Hartley and Zisserman, *Multiple View Geometry*, 2nd ed., chapters 6 to 9.
# - Zhang, *A flexible new technique for camera calibration*, IEEE Transactions on Pattern Analysis and
#   Machine Intelligence 22, 2000.
# - Hirschmüller, *Stereo processing by semiglobal matching and mutual information*, the same, 30, 2008.
# - Scharstein and others, *High-resolution stereo datasets with subpixel-accurate ground truth*, GCPR
#   2014: the motorcycle.
# - Lucas and Kanade, *An iterative image registration technique*, IJCAI, 1981.
# - Kalman, *A new approach to linear filtering and prediction problems*, Journal of Basic Engineering,
#   1960.
# - Bernardin and Stiefelhagen, *Evaluating multiple object tracking performance*, EURASIP Journal on
#   Image and Video Processing, 2008: MOTA.
