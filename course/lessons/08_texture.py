# ---
# jupyter:
#   imgkit:
#     title: Texture and sliding windows
#     minutes: 25
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Texture and sliding windows
#
# **25 minutes of reading.** You need convolution (lesson 02). Waves (lesson 03) help in one
# section, overlaps (lesson 07) in another.
#
# By the end of this page you can
#
# - write a pixel's neighbourhood as one number, and a texture as a few,
# - count which brightness lies beside which, and measure waves of every direction,
# - tell textures apart on pieces that the method has never seen,
# - describe a shape by the directions of its edges,
# - look for faces at every place and every size, and keep one box for each,
# - find a small picture in a large one, and say when that fails,
# - and say why nearly always right can be far from good enough.

# %% tags=["setup"]
import time

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from imgkit import color, data, features, filtering, geometry, images, metrics

NAMES = ("brick", "grass", "gravel")
GROUNDS = {name: data.load(name) for name in NAMES}  # 512 by 512, uint8


def same(exact, approximate):
    """Print the largest value, its twin, and the largest difference anywhere."""
    exact, approximate = np.ravel(exact).astype(float), np.ravel(approximate)
    one, other = exact.max(), approximate[exact.argmax()]
    largest = np.abs(exact - approximate).max()
    print(f"{one:.4f} | {other:.4f} | largest difference {largest:.0e}")


# %% tags=["setup"]
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
# Three pieces of ground. We made their brightness the same: each of sixteen greys comes up equally
# often in each.


# %%
def equalised(image):
    """As many pixels of one grey as of any other, of sixteen: uint8."""
    ranks = np.argsort(np.argsort(image.ravel(), kind="stable"), kind="stable")
    return (ranks * 16 // image.size * 17).astype(np.uint8).reshape(image.shape)


# %%
patches = [equalised(GROUNDS[name][:144, :144]) for name in NAMES]
counts = [np.bincount(patch.ravel())[::17] for patch in patches]
print("pixels of each grey:", *[f"{count.min()} to {count.max()}" for count in counts])
images.show(
    *patches,
    titles=list(NAMES),
    alt="Three grey pieces: a brick wall with pale joints, a tangle of grass blades, round pebbles.",
)

# %% [markdown]
# Their histograms are equal, to the last pixel. Mean, contrast, threshold: nothing that looks at
# pixels one by one can tell them apart. You did, at a glance. **What did you look at?**
#
# ## What a pixel knows of its neighbours
#
# Start with a row, and ask each pixel two questions. Is my right neighbour at least as bright as I
# am? That is worth 1. And my left one? That is worth 2. The code is 0 at a peak, 3 in a dip, 1 and 2
# on slopes.
#
# **Predict.** Now dim the row to a third. What happens to the codes?

# %%
row = GROUNDS["gravel"][40, 60:92] / 255
dim = row / 3


def codes_of(row):
    return 1 * (row[2:] >= row[1:-1]) + 2 * (row[:-2] >= row[1:-1])


print("codes:", codes_of(row))
print("equal:", np.array_equal(codes_of(row), codes_of(dim)))
images.plot_rows(
    row[1:-1],
    dim[1:-1],
    labels=["a row of gravel", "dimmed"],
    alt="A jagged curve, and the same curve at a third of its height.",
)

# %% [markdown]
# The order of neighbours survives any light, as long as nothing is rounded or cut off at white. In
# two dimensions there are eight neighbours, so eight bits, a number from 0 to 255: the **local
# binary pattern**. Take four for a start, right, up, left and down, with a loop over all pixels:


# %%
def by_loops(image):
    out = np.zeros(image.shape, np.uint8)
    for r in range(1, image.shape[0] - 1):
        for c in range(1, image.shape[1] - 1):
            for i, (dr, dc) in enumerate(((0, 1), (-1, 0), (0, -1), (1, 0))):
                out[r, c] += (image[r + dr, c + dc] >= image[r, c]) << i
    return out[1:-1, 1:-1]


def by_slices(image):
    right, up, left, down = image[1:-1, 2:], image[:-2, 1:-1], image[1:-1, :-2], image[2:, 1:-1]
    return sum(
        (n >= image[1:-1, 1:-1]) * np.uint8(2**i) for i, n in enumerate((right, up, left, down))
    )


# %%
part = GROUNDS["grass"][:128, :128]
same(by_loops(part), by_slices(part))
same(by_loops(part), features.lbp(part, points=4)[1:-1, 1:-1])
slow = seconds(by_loops, part, runs=1)
whole = GROUNDS["grass"]
pixel = slow / part.size * whole.size
slices, library = seconds(by_slices, whole), seconds(features.lbp, whole)
print(f"pixel for pixel: slices {pixel / slices:.0f} times as fast as loops")
print(f"the library, eight points on a circle: {pixel / library:.0f} times")

# %%
coded = [features.lbp(GROUNDS[name][:72, :72]) for name in NAMES]
images.show(
    *coded,
    titles=list(NAMES),
    alt="The codes as greys. Brick: fine grain, with dark and bright lines at the joints. Grass: a "
    "tangle of fine lines. Gravel: bright and dark rims on one and the other side of each pebble.",
)

# %% [markdown]
# ### From codes to a texture
#
# Where a code stands does not matter for a texture, only how often it comes up. But 256 codes are
# many, and if you turn the picture, the bits move around. So look at the ring of bits: if it has one
# arc of ones and one of zeros, it is an edge, a corner or a spot, a **uniform** pattern. Name it by
# its number of ones, 0 to 8, and put all the others together as 9.
#
# **Predict.** Which of the two histograms survives if the picture is turned by a quarter?


# %%
def histogram(image, method="uniform", kinds=10):
    return np.bincount(features.lbp(image, method=method).ravel(), minlength=kinds) / image.size


for name in NAMES:
    image, turned = GROUNDS[name], np.rot90(GROUNDS[name])
    moved = {
        method: np.abs(histogram(image, method, n) - histogram(turned, method, n)).sum() / 2
        for method, n in (("plain", 256), ("uniform", 10))
    }
    print(f"{name:7} share that moved: plain {moved['plain']:.1%}, uniform {moved['uniform']:.1%}")

# %%
shares = {name: histogram(GROUNDS[name]) for name in NAMES}
images.plot_rows(
    *shares.values(),
    labels=list(NAMES),
    title="share of each kind, 0 to 9",
    alt="Three curves over ten kinds. "
    + " ".join(
        f"{name}: highest at {h.argmax()} with {h.max():.0%}." for name, h in shares.items()
    ),
)

# %%
print(f"uniform: {1 - np.mean([h[9] for h in shares.values()]):.0%} of the codes here")
bits = np.arange(256)[:, None] >> np.arange(8) & 1
uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
print(f"and {uniform.sum()} of all 256 codes, {uniform.mean():.0%}")

# %% [markdown]
# Ten numbers, and the three curves differ. The library's points lie on a circle, between the pixels
# where need be; a quarter turn maps them onto each other.
#
# ## Which grey beside which
#
# A second way to write a texture down. Reduce the picture to a few levels, take a step, one to the
# right, say, and count the pairs. A toy with four levels:

# %%
toy = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]])
pairs = np.zeros((4, 4), int)
for one, next_one in zip(toy[:, :-1].ravel(), toy[:, 1:].ravel(), strict=True):
    pairs[one, next_one] += 1
print(pairs)
same(pairs, features.glcm((toy * 85).astype(np.uint8), levels=4)[:, :, 0, 0])

# %% [markdown]
# This table is the **grey-level co-occurrence matrix**. Two equal neighbours count on its diagonal.
#
# **Predict.** For which ground is the table widest about its diagonal, with a step of one? And with a
# step of eight?

# %%
tables = [
    features.glcm(equalised(GROUNDS[name]), levels=16, distances=(1, 8), normed=True)
    for name in NAMES
]
brightest = max(table.max() for table in tables)
images.show(
    *[np.sqrt(table[:, :, d, 0] / brightest) for d in (0, 1) for table in tables],
    titles=[f"{name}, {step}" for step in ("one step", "eight") for name in NAMES],
    columns=3,
    alt="Six square tables. With one step each is bright along its diagonal, grass the widest. With "
    "eight steps grass and gravel are spread out evenly; brick keeps a diagonal.",
)

# %% [markdown]
# Grass with a step of one; with eight, all are wide, and only brick keeps a diagonal. Haralick read
# numbers off such tables. With $p_{ij}$ for the shares: **contrast**
# $\sum p_{ij} (i-j)^2$, and **homogeneity** $\sum p_{ij} / (1 + (i-j)^2)$.

# %%
i, j = np.indices((16, 16))
p = tables[0][:, :, 0, 0]
found = features.haralick(tables[0])
same(np.sum(p * (i - j) ** 2), found.contrast[0, 0])
same(np.sum(p / (1 + (i - j) ** 2)), found.homogeneity[0, 0])

# %%
steps = np.arange(1, 65)
growth = []
for name in NAMES:
    table = features.glcm(equalised(GROUNDS[name]), levels=16, distances=steps)
    growth.append([0, *features.haralick(table).contrast[:, 0]])
images.plot_rows(
    *growth,
    labels=list(NAMES),
    title="contrast; to the right: the step, in pixels",
    alt="Contrast climbs with the step and levels off for grass and gravel. For brick it dips, is "
    f"lowest near a step of {20 + np.argmin(growth[0][20:])}, where the next brick begins.",
)

# %% [markdown]
# Where the curve levels off, neighbours have forgotten each other: the size of the grains. Where it
# falls again, the texture *repeats*: the width of a brick.
#
# ## Waves of every direction
#
# A third way asks for waves. A **Gabor filter** is a wave under a bell: it answers where the picture
# has this wave, of this direction, right here. A bank of them, four directions, is a description of
# each pixel. Your own brain has cells that do much the same.

# %%
angles = np.arange(4) * np.pi / 4
wall = GROUNDS["brick"][150:300, 150:300]
answers = filtering.gabor_bank(wall, frequencies=[0.15], angles=angles)
limit = np.quantile(answers, 0.995)
images.show(
    wall,
    *np.clip(answers[[0, 2]] / limit, 0, 1),
    titles=["wall", "wave to the right", "wave downwards"],
    alt="A piece of wall, and where it has waves: those that run to the right lie along its steep "
    "joints, those that run down along the level ones.",
)

# %%
for name in NAMES:
    energy = filtering.gabor_bank(GROUNDS[name], frequencies=[0.15], angles=angles).mean((1, 2))
    print(
        f"{name:7}",
        "  ".join(f"{e:.4f}" for e in energy),
        f"  ratio {max(energy) / min(energy):.2f}",
    )

# %% [markdown]
# A ratio near one means: no direction is special.
#
# ## Tell them apart, honestly
#
# Now a test. Pieces of 48 by 48 pixels: **the left half of each photograph to learn from, the right
# half to be asked about.** If the pieces were drawn from all over and then dealt out, many would
# overlap, and the method would be asked what it has already seen. That is *leakage*.

# %%
rng = np.random.default_rng(0)


def pieces(half):
    """32 pieces of each ground, from one half."""
    out = []
    for name in NAMES:
        for r, c in rng.integers(0, np.subtract(GROUNDS[name][:, half].shape, 47), (32, 2)):
            out.append(GROUNDS[name][:, half][r : r + 48, c : c + 48])
    return out


learn, ask = pieces(np.s_[:256]), pieces(np.s_[256:])
truth = np.repeat(np.arange(3), 32)


# %%
def brightness(piece):
    return [piece.mean(), piece.std()]


def cooccurrence(piece):
    table = features.glcm(piece, levels=16, distances=(1, 4), angles=(0, np.pi / 2), normed=True)
    read = features.haralick(table)
    return np.ravel([read.contrast, read.homogeneity, read.correlation])


def waves(piece):
    return filtering.gabor_bank(piece, frequencies=(0.1, 0.2, 0.4), angles=angles).mean((1, 2))


# %% [markdown]
# As a classifier, first the plainest there is: the nearest mean. Then a **linear SVM**: weights for
# the numbers, chosen so that the classes lie as far as possible from the line between them.
#
# Few pieces make an uncertain score, so an interval in brackets says where the true share may lie;
# and two ways are compared on the same pieces. Where both come from is told in lesson 11.


# %%
def nearest_mean(known, asked):
    means = np.array([known[truth == k].mean(axis=0) for k in range(3)])
    far = np.abs((asked[:, None] - means) / known.std(axis=0)).sum(axis=2)
    return far.argmin(axis=1)


right = {}
for describe in (brightness, histogram, cooccurrence, waves):
    known, asked = (np.array([describe(piece) for piece in half]) for half in (learn, ask))
    plain = np.mean(nearest_mean(known, asked) == truth)
    svm = make_pipeline(StandardScaler(), LinearSVC(max_iter=20000)).fit(known, truth)
    right[describe.__name__] = svm.predict(asked) == truth
    hits = int(right[describe.__name__].sum())
    print(
        f"{describe.__name__:12} nearest mean {plain:6.1%}   SVM {metrics.wilson(hits, len(ask))}"
    )

# %%
print(metrics.compare(right["histogram"], right["brightness"]))
print(metrics.compare(right["histogram"], right["waves"]))

# %% [markdown]
# Texture beats brightness, measurably; which of the three ways is best cannot be said from so few
# pieces. And do not trust full marks too far. Left and right half are *one photograph*: the same
# camera, the same light, the same day. The test says nothing about another wall.
#
# ## Shape: a histogram of directions
#
# Texture forgets where things are. For a face that is too much: the eyes must be above the mouth. A
# **histogram of oriented gradients** (HOG) cuts the picture into cells of a few pixels. In each cell
# every pixel votes for the direction of its gradient, and its vote weighs what the gradient weighs.
#
# **Predict.** One cell, black on the left and white on the right. Which of nine bins, from 0 to 180
# degrees, gets the votes? And if the cell is turned by 45 degrees?

# %%
r, c = np.indices((16, 16)) - 7.5
for degrees in (0, 45, 90):
    turn = np.deg2rad(degrees)
    edge = 1 / (1 + np.exp(-(np.cos(turn) * c + np.sin(turn) * r)))
    down, right_way = np.gradient(edge)
    bins = (np.arctan2(down, right_way) % np.pi / np.pi * 9).astype(int) % 9
    votes = np.bincount(bins.ravel(), np.hypot(down, right_way).ravel(), minlength=9)
    print(f"turned by {degrees:2}: shares", np.round(votes / votes.sum(), 2))

# %% [markdown]
# Then the light. Cells come in **blocks** of two by two, and each block is divided by its norm. So a
# face in the shade has the same numbers, as you see below. In the picture of a HOG each bin is a stroke *along* the
# edge.


# %%
def grey(name):
    """A photograph in grey, float32 in 0..1."""
    photo = data.load(name)
    return (color.to_gray(photo) if photo.ndim == 3 else photo) / np.float32(255)


# %%
astronaut = grey("astronaut")
face = astronaut[60:188, 156:284]
shade = face * 0.3
images.show(
    face,
    features.hog_picture(face, cell=8),
    shade,
    titles=["a face", "its HOG", "in the shade"],
    alt="A smiling face; a field of small stars whose bright strokes follow its outline, brows and "
    "mouth; and a dark copy of the face.",
)

# %%
same(features.hog(face), features.hog(shade))
print(f"{face.size} pixels, {features.hog(face).size} numbers")

# %% [markdown]
# ## Face or not?
#
# A hundred faces and a hundred scraps without, 25 by 25 pixels. Five times a fifth is kept back and
# asked about, so each picture is asked about once, by an SVM that has not seen it.

# %%
lfw = data.load("lfw_subset")
order = np.random.default_rng(0).permutation(200)


def five_folds(X, C):
    ok = np.zeros(200, bool)
    for asked in np.array_split(order, 5):
        rest = np.setdiff1d(order, asked)
        svm = LinearSVC(C=C, max_iter=20000).fit(X[rest], lfw.labels[rest])
        ok[asked] = svm.predict(X[asked]) == lfw.labels[asked]
    return ok


by_hog = five_folds(np.array([features.hog(x, cell=5) for x in lfw.images]), C=0.1)
by_pixels = five_folds(lfw.images.reshape(200, -1), C=0.01)
print("HOG:    ", metrics.wilson(int(by_hog.sum()), 200))
print("pixels: ", metrics.wilson(int(by_pixels.sum()), 200))
print(metrics.compare(by_hog, by_pixels))

# %% [markdown]
# Both are good, and two hundred pictures cannot tell which is better. Keep the number in mind; it
# looks like success.
#
# ## Everywhere, at every size
#
# To *find* faces, slide a window over the picture and ask the classifier at each place. For other
# sizes shrink the picture, not the window: a **pyramid**.


# %%
def windows_of(photo, step=3, factor=1.25, smallest=25):
    """All windows of 25 by 25 of a pyramid, and their boxes in the photograph."""
    found, boxes = [], []
    for level in features.pyramid(photo, factor=factor, smallest=25):
        scale = len(photo) / len(level)
        if 25 * scale < smallest:
            continue
        windows = features.sliding_windows(level, size=25, step=step)
        corners = step * np.indices(windows.shape[:2]).reshape(2, -1).T
        found.append(windows.reshape(-1, 25, 25))
        boxes.append(np.hstack([corners, corners + 25]) * scale)
    return np.concatenate(found), np.concatenate(boxes)


def describe_all(pictures):
    return np.array([features.hog(picture, cell=5) for picture in pictures])


# %% [markdown]
# We train on 80 of the faces, also mirrored and a pixel or two off their place, as a window finds
# them. Without a face: 80 of the scraps, and a thousand windows from photographs that have none. (The
# heads on the coins are seen from the side; they count as none.)

# %%
rng = np.random.default_rng(1)
near = []
for picture in np.concatenate([lfw.images[:80], lfw.images[:80, :, ::-1]]):
    wide = np.pad(picture, 2, mode="edge")
    near += [wide[r : r + 25, c : c + 25] for r, c in rng.integers(0, 5, (4, 2))]
empty = [
    windows_of(grey(name), 9, 1.5)[0] for name in ("coins", "moon", "brick", "gravel", "coffee")
]
with_face, scraps = describe_all(near), describe_all(lfw.images[100:180])
without = describe_all(np.concatenate(empty))


# %%
def train(chosen):
    X = np.concatenate([with_face, scraps, without[chosen]])
    y = np.repeat([1, 0], [len(with_face), len(X) - len(with_face)])
    return LinearSVC(C=0.01, max_iter=20000).fit(X, y)


held_back = describe_all(np.concatenate([lfw.images[80:100], lfw.images[180:]]))
some = rng.permutation(len(without))[:1000]
first = train(some)
print(f"held back: {np.mean(first.predict(held_back) == np.repeat([1, 0], 20)):.1%} right")

# %% [markdown]
# **Predict.** The photograph of a cat, with no person in it, has thousands of windows. How many of
# them will be called a face?

# %%
cat = describe_all(windows_of(grey("chelsea"), step=6)[0])
alarms = np.flatnonzero(first.decision_function(without) > -0.5)
detector = train(np.union1d(some, alarms))
for name, svm in (("first", first), ("second", detector)):
    wrong = svm.decision_function(cat) > 0
    print(f"{name:6} {wrong.sum():4} of {len(cat)} windows, {wrong.mean():.2%}")

# %% [markdown]
# **A window is a small question, asked thousands of times.** Right on nearly every crop may be a disaster
# on a picture. The second detector has learnt from the first one's *false alarms*: we let it look at
# all the windows without a face that we have, and added those that it took for one, or nearly. These
# are the *hard negatives*, and they teach more than any number of easy ones.
#
# Now three faces, the first of those held back, pasted into a photograph.


# %%
def framed(picture, boxes, colour=(255, 150, 0)):
    """The picture in colour, with a frame for each box, orange if nothing else is said."""
    grey = picture.ndim == 2
    out = np.stack([images.as_uint8(picture)] * 3, axis=-1) if grey else picture.copy()
    for r0, c0, r1, c1 in np.rint(boxes).astype(int):
        inside = out[r0 + 2 : r1 - 2, c0 + 2 : c1 - 2].copy()
        out[r0:r1, c0:c1] = colour
        out[r0 + 2 : r1 - 2, c0 + 2 : c1 - 2] = inside
    return out


# %%
launch, pasted = grey("rocket")[150:350, 190:450].copy(), []
for picture, side, r, c in zip(
    lfw.images[80:], (80, 51, 41), (20, 110, 15), (15, 100, 190), strict=False
):
    launch[r : r + side, c : c + side] = geometry.resize(picture, (side, side)).clip(0, 1)
    pasted.append((r, c, r + side, c + side))

# %%
found, boxes = windows_of(launch, smallest=30)
scores = detector.decision_function(describe_all(found))
yes = scores > 0
kept = metrics.nms(boxes[yes], scores[yes], iou=0.2)
hits = (metrics.box_iou(pasted, boxes[yes][kept]) > 0.4).any(axis=1).sum()
images.show(
    framed(launch, boxes[yes]),
    framed(launch, boxes[yes][kept]),
    titles=[f"{yes.sum()} of {len(boxes)} windows", f"{len(kept)} kept, {hits} of 3 faces"],
    columns=3,
    alt=f"Three grey faces pasted into a picture of a launch pad. Left, {yes.sum()} orange frames, in "
    f"thick bundles on the faces and some on the pad. Right, {len(kept)} frames; {hits} of the three "
    "faces have one.",
)

# %% [markdown]
# Around a true face many windows agree. **Non-maximum suppression**, which thinned edges in lesson
# 05, keeps one: the best box stays, all that overlap it by much go, then the best of those left.
# Overlap is intersection by union, the IoU of lesson 07, so a small box inside a large one overlaps
# it by little: on the large face some small ones stay. By hand it is six lines:


# %%
def by_hand(boxes, scores, iou):
    left, kept = np.argsort(-scores), []
    while len(left):
        kept.append(left[0])
        overlaps = metrics.box_iou(boxes[left[:1]], boxes[left])[0]
        left = left[overlaps <= iou]
    return np.array(kept)


print("the same boxes:", np.array_equal(by_hand(boxes[yes], scores[yes], 0.2), kept))
ratio = seconds(by_hand, boxes, scores, 0.2) / seconds(metrics.nms, boxes, scores, iou=0.2)
print(f"all {len(boxes)} boxes: the library is {ratio:.1f} times as fast")

# %% [markdown]
# ### And a real photograph

# %%
found, boxes = windows_of(astronaut, smallest=60)
scores = detector.decision_function(describe_all(found))
kept = metrics.nms(boxes, scores, iou=0.2)
cascade = features.faces(images.as_uint8(astronaut))
overlaps = metrics.box_iou(boxes[kept], cascade)[:, 0]

# %%
small = geometry.resize(astronaut, (256, 256)).clip(0, 1)
images.show(
    framed(framed(small, boxes[kept[:5]] / 2), cascade / 2, (0, 120, 255)),
    *found[kept[:3]],
    titles=["ours: orange", "our best", "our second", "our third"],
    columns=4,
    alt="An astronaut before a flag and a model of the shuttle. Orange, the five best frames of our "
    f"detector, {np.sum(overlaps[:5] > 0.3)} of them on the face; blue, {len(cascade)} of the "
    "library, on the face. Beside it the three best windows: an oval glow, a round badge "
    "and a white patch of light.",
)

# %%
print(f"{np.sum(scores > 0)} of {len(scores)} windows say face: {np.mean(scores > 0):.1%}")
print(f"the box nearest to the face is number {1 + overlaps.argmax()} of those kept")

# %% [markdown]
# A sobering picture, and the most useful one on this page. A glow on the helmet, a badge, a patch of
# light: oblong and darker at the rim, and in cells of five pixels that is much like a face. Eighty
# faces are too few to know better, and nothing of the kind was in the photographs without a face. On
# crops of its own kind the method looked fine.
#
# The library's **cascade** was trained on thousands of faces, and each of its stages on the false
# alarms of the stages before. And it is quick, since it asks one cheap question after the other
# (about local binary patterns!), and nearly every window fails at the first few.

# %%
ours = seconds(
    lambda: detector.decision_function(describe_all(windows_of(astronaut, smallest=60)[0])), runs=1
)
theirs = seconds(features.faces, images.as_uint8(astronaut))
print(f"the cascade takes 1 / {ours / theirs:.0f} of our time")

# %% [markdown]
# ## Find this very thing: templates
#
# Sometimes you want *this* thing, not a kind of thing. Lay the small picture on every place, take the
# means away, and divide by both spreads: **normalised correlation**, from −1 to 1.
#
# **Predict.** One coin out of the photograph is the template. Which places will fit, and how well?

# %%
coins = data.load("coins")[140:260, 20:370]
template = coins[36:78, 115:157]
fit = features.match_template(coins, template)
r, c = np.unravel_index(fit.argmax(), fit.shape)
images.show(
    framed(coins, [(r, c, r + 42, c + 42)]),
    np.pad(np.clip(fit, 0, 1) ** 2, ((21, 20), (21, 20))),
    titles=["best place", "the fit, squared"],
    columns=1,
    alt="Coins in rows, one of them framed in orange. Below, a dark map with one bright spot at that "
    f"coin, {fit.max():.2f}, and dim ones at the others.",
)

# %%
window = coins[r : r + 42, c : c + 42].astype(float)
t, w = template - template.mean(), window - window.mean()
same(np.sum(t * w) / np.sqrt(np.sum(t**2) * np.sum(w**2)), fit.max())

# %% [markdown]
# Its own place fits wholly, the other coins a little.
#
# **Predict.** Now change the template: turn it, make it larger, dim it. Which of the three hurts?


# %%
def best_fit(template):
    """The best fit anywhere, and whether it lies on the coin that the template was cut from."""
    fit = features.match_template(coins, template)
    place = np.unravel_index(fit.argmax(), fit.shape)
    centre = np.add(place, np.divide(template.shape, 2))
    return fit.max(), np.abs(centre - (57, 136)).max() < 5


# %%
turned = [geometry.rotate(template, np.deg2rad(2 * k), mode="mirror") for k in range(16)]
larger = [geometry.resize(template, (42 + k, 42 + k)) for k in range(16)]
dimmer = [(template * (1 - 0.05 * k)).astype(np.uint8) for k in range(16)]
ways = [[best_fit(changed) for changed in way] for way in (turned, larger, dimmer)]
by_turn, by_size, by_light = ([fit for fit, _ in way] for way in ways)
images.plot_rows(
    by_turn,
    by_size,
    by_light,
    labels=["turned, 2 degrees a step", "larger, a pixel a step", "dimmer, 5 % a step"],
    title="the best fit anywhere",
    alt=f"Three curves that start at 1. Dimmer stays there, {by_light[-1]:.2f} at the end. Turned falls "
    f"to {by_turn[-1]:.2f}. Larger falls, rises and falls twice, to {by_size[-1]:.2f}.",
)

# %%
for name, way in zip(("turned", "larger", "dimmer"), ways, strict=True):
    print(f"{name}: {sum(own for _, own in way)} of {len(way)} fit their own coin best")

# %% [markdown]
# Light is divided out; turn and size are not: you would need a template for each, or features that turn
# along, as in lesson 09. And why does the curve for size rise again? The template has grown until it
# fits *another, larger coin*.
#
# ## What goes wrong, and how to see it
#
# - **Overlapping pieces in training and test.** Full marks, and nothing learnt. Split by photograph,
#   or at least by region, before you cut.
# - **Scores on crops for a detector.** Count false alarms *per picture*, on whole pictures.
# - **Noise in flat regions.** A local binary pattern of a white wall is pure noise: look at the
#   picture of codes, and blur a little first.
# - **Too many levels in a co-occurrence table.** Of 256 by 256 cells nearly all are empty for a small
#   piece. Take 8 to 32.
# - **Too few sizes or too long a step.** Faces between two sizes are missed. Draw the scores of a
#   face against size and place once, and you see how fine the grid must be.
# - **Suppression too strong or too weak.** Two people cheek to cheek become one; or one becomes two.
#
# ## Faces are people
#
# The two hundred pictures come from *Labeled Faces in the Wild*: press photographs of people who were
# never asked. The set has far more men than women, and far more light skin than dark. Whatever learns
# from it errs more often on those it has seen less, and an average over all hides that: it has been
# measured on products that were for sale. Before a detector comes near a decision about a person, ask
# who is in the training set, report errors for each group, and ask whether it should be built at all.
# Here it is for understanding.
#
# ## Where it is used
#
# - **Medicine.** The texture of tissue in scans and on slides; co-occurrence numbers are the core of
#   *radiomics*.
# - **Satellites.** Orchard, forest, town: radar pictures above all are read by texture.
# - **Industry.** Flaws in cloth, wood and steel; a template finds the part that a robot is to grip.
# - **Space.** Rocks and sand before a rover; craters by templates.
# - **Roads.** People on foot were first found well by HOG and a linear SVM. And each camera that puts a
#   square on a face slides a window.
#
# ## To remember
#
# - Equal histograms, different textures: what counts is how pixels stand to their neighbours.
# - Local binary pattern: a bit for each neighbour, 1 if at least as bright. In other light, but for
#   rounding, the same codes.
# - Co-occurrence: which grey beside which; contrast against the step shows grains and repeats.
# - Gabor: how much of a wave, of one direction, is right here.
# - HOG: votes for directions, cell by cell; blocks divided by their norm.
# - Detection: window, pyramid, score, and one box for each by non-maximum suppression.
# - Normalised correlation survives light, not turn or size.
# - A good classifier of crops is not yet a detector.
#
# Now write it all yourself: type `imgkit start 08`. A template fails when the thing is turned; in
# [lesson 09](09_panorama.ipynb) places are described so that they are found again, and two pictures
# become one.
#
# ## References
#
# - Ojala, Pietikäinen and Mäenpää, *Multiresolution gray-scale and rotation invariant texture
#   classification with local binary patterns*, 2002.
# - Haralick, Shanmugam and Dinstein, *Textural features for image classification*, 1973.
# - Dalal and Triggs, *Histograms of oriented gradients for human detection*, 2005.
# - Viola and Jones, *Robust real-time face detection*, 2004.
# - Buolamwini and Gebru, *Gender shades*, 2018: unequal error rates, measured.
# - Gonzalez and Woods, *Digital Image Processing*, 4th ed., on region descriptors (texture) and on
#   matching by correlation. Szeliski, *Computer Vision*, 2nd ed., section 6.3 on detection.
