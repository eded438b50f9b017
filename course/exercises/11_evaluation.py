# ---
# jupyter:
#   imgkit:
#     title: Honest evaluation
#     minutes: 58
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Honest evaluation
#
# **About 58 minutes, seven tasks.** Before: exercise 02, and best the lesson of the same name.
# Exercises 06 and 07 help, but nothing here needs them.
#
# Two programs read handwritten digits. One is right a little more often than the other. Is it
# better? At the end of this page you answer with one call of your own, and the answer says how far
# it might move if somebody took other digits.
#
# By the end you can
#
# - find test images that a program has already seen,
# - draw the curve that no choice of threshold can flatter, and measure its area,
# - put an interval around a share, and around a mean of anything,
# - compare two programs on the same images, fairly,
# - say whether a program that claims to be 90 % sure is right nine times in ten,
# - and write all of it down in a sentence that holds.
#
# NumPy and `math` are all you need. Loops earn all points. Where fewer would do, the check says so:
# first right, then fast. Stuck? `ex.hint("wilson")` gives a hint, and the next one when you ask
# again. Hints cost nothing.

# %% tags=["setup"]
import math

import numpy as np

from imgkit import data

digits = data.load("digits")
pictures = np.rint(255 * digits.images).astype(np.uint8)  # (1797, 8, 8), 0 black to 255 white
flat = digits.images.reshape(-1, 64).astype(float)  # a row of 64 numbers for each digit
train, validation, test = digits.splits.values()  # indices into all of these

is_eight = digits.labels == 8
eight_pattern = flat[train][is_eight[train]].mean(axis=0) - flat[train].mean(axis=0)


# %%
from imgkit import course, images

ex = course.exercise("11_evaluation")
ex

# %% [markdown]
# The digits come divided: from one part the programs learn, one is for our own choices, and one is
# the **test**, from which nothing is learnt and by which nothing is chosen. Every digit has the
# same share of each part.

# %%
for part, members in digits.splits.items():
    print(f"{part:10} {len(members):5} digits, of each kind {np.bincount(digits.labels[members])}")

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

truth = digits.labels[test]
programs = {
    "forest": RandomForestClassifier(random_state=0),
    "neighbours": KNeighborsClassifier(5),
}
read = {
    name: program.fit(flat[train], digits.labels[train]).predict(flat[test])
    for name, program in programs.items()
}
for name, answers in read.items():
    right = np.count_nonzero(answers == truth)
    print(f"{name:10} reads {right} of {len(test)}: {right / len(test):.0%}")

# %% [markdown]
# So much for the two. Here are digits that one of them got wrong.

# %%
missed = np.flatnonzero((read["forest"] != truth) != (read["neighbours"] != truth))
images.show(
    *pictures[test[missed[:8]]],
    titles=[f"{read['forest'][i]} or {read['neighbours'][i]}?" for i in missed[:8]],
    columns=4,
    alt=f"Eight of the {len(missed)} digits that one program read right and the other wrong: "
    "coarse, crooked, some of them hard to read for people too.",
)

# %% [markdown]
# ## 1 · Seen before?
#
# First of all: is the test a test? Somebody photographs each thing three times, or turns and
# copies pictures to have more of them, and *then* divides the set at random. Now the test holds
# pictures that the program has learnt by heart, and it looks wonderful. This is called a **leak**,
# and it is behind many published results that nobody could repeat.
#
# Copies are rarely exact: a file was saved again, and pixels differ by a few grey levels. So: a
# test image leaks if *some* training image differs from it by at most `tolerance` in *every* pixel.

# %%
rng = np.random.default_rng(11)
seen, asked = pictures[train[:6]], pictures[test[:5]].copy()
asked[1] = np.clip(seen[4] + rng.integers(-3, 4, (8, 8)), 0, 255)
asked[3] = np.clip(seen[0] + rng.integers(-3, 4, (8, 8)), 0, 255)
images.show(
    *seen,
    *asked,
    titles=[f"train {i}" for i in range(6)] + [f"test {i}" for i in range(5)],
    columns=6,
    alt="Six training digits and below them five test digits. Test 1 shows the same strokes as "
    "train 4, and test 3 the same as train 0; the other three have no twin.",
)

# %% [markdown]
# **Predict.** `find_leaks(seen, asked, 3)` is to give two numbers. Which?


# %% tags=["task"] task="find_leaks" points=2 minutes=7 level=1 compare="equal()" forbid=["scipy", "sklearn", "skimage", "cv2", "torch", "imgkit.metrics"]
def find_leaks(train, test, tolerance):
    """Find the test images that nearly equal a training image.

    Parameters
    ----------
    train : array (N, H, W), uint8: N training images
    test : array (M, H, W), uint8: M test images of the same size
    tolerance : how many grey levels a pixel of a copy may differ, a whole number from 0 on

    Returns
    -------
    Array of whole numbers: the indices into test, rising and each once, of the images for which
    some training image differs by at most tolerance in every pixel. There is always at least one.

    Example
    -------
    If test[1] is a copy of train[4] and test[3] nearly one of train[0], the answer is [1, 3].
    """
    # BEGIN SOLUTION
    found = []
    for i, image in enumerate(test.astype(int)):
        largest = np.abs(image - train).max(axis=(1, 2))  # one for each training image
        if largest.min() <= tolerance:
            found.append(i)
    return np.array(found)
    # END SOLUTION


# %% tags=["check"]
ex.check(find_leaks)

# %% [markdown] tags=["hint"] task="find_leaks"
# Every test image has to be held against every training image. For one pair the question is: how
# large is the *largest* difference of two pixels? For one test image it is: is there *any* training
# image for which that is small enough?

# %% [markdown] tags=["hint"] task="find_leaks"
# Turn the images into whole numbers with a sign first, `.astype(int)`, for in uint8 10 - 20 is 246.
# Then two loops and a list of indices; `np.array(found)` makes an array of it. Without loops:
# `test[:, None] - train` has the shape (M, N, H, W), one difference for every pair.

# %% [markdown] tags=["hint"] task="find_leaks"
# ```
# found = []
# for i in range(len(test)):
#     difference = np.abs(test[i].astype(int) - train)     # (N, H, W)
#     if (difference.max(axis=(1, 2)) ...).any():
#         found.append(i)
# return np.array(found)
# ```


# %% tags=["cases"] task="find_leaks"
def find_leaks_cases(rng):
    def saved_again(image, tolerance):
        """A copy whose pixels differ by up to the tolerance, two of them by just that much."""
        change = rng.integers(-tolerance, tolerance + 1, image.shape)
        change.flat[rng.permutation(image.size)[:2]] = tolerance, -tolerance
        return (image + change).astype(np.uint8)

    def changed(image, *by):
        """A copy in which a few pixels, none of the first row, are quite another grey."""
        copy, width = image.copy(), image.shape[1]
        copy.flat[width + rng.permutation(copy.size - width)[: len(by)]] += np.array(by, np.uint8)
        return copy

    def sets(things, n, m, tolerance):
        """n + 1 training and m test images; of the tests four leak, and two only seem to."""
        drawn = things[rng.permutation(len(things))[: n + m]].clip(60, 195)
        marks = rng.permutation(
            n + m
        )  # no image is brighter everywhere than one it was not made of
        drawn[:, 0, 0], drawn[:, 0, 1] = 10 + 10 * marks, 240 - 10 * marks
        train, test = drawn[:n], drawn[n:]
        twins, sources = rng.permutation(m)[:6], rng.permutation(n)[:6]
        for twin, source, change in zip(
            twins[:4], sources[[0, 0, 1, 2]], (0, tolerance - 1, tolerance, 0), strict=True
        ):
            test[twin] = saved_again(train[source], change)
        test[twins[4]] = changed(train[sources[3]], 25, 256 - 25)
        train[sources[4]] = changed(test[twins[5]], 25, 25)
        train[sources[5]] = changed(test[twins[5]], 256 - 25, 256 - 25)
        again = train[sources[2]][None]  # a training image that comes twice
        return dict(train=np.concatenate([train, again]), test=test, tolerance=tolerance)

    top, left = rng.integers((90, 90), (150, 150))
    photo = data.load("camera")[top : top + 160, left : left + 160]
    tiles = photo.reshape(20, 8, 20, 8).swapaxes(1, 2).reshape(400, 8, 8)
    tiles = tiles[np.ptp(tiles, axis=(1, 2)) > 60]
    yield "14 digits for training, 9 for the test", sets(pictures, 13, 9, 3)
    yield "9 and 12 digits", sets(pictures, 8, 12, 4)
    yield "pieces of a photograph", sets(tiles, 12, 10, 4)
    yield "halves of digits, 8 × 4", sets(pictures[:, :, 2:6], 10, 8, 2)


# %% tags=["mistake"] task="find_leaks" says="Only exact copies are found. Either the tolerance is not used, or the difference was taken in uint8, where 10 - 12 is 254 and a pixel that is a little darker seems far away: `.astype(int)` before you subtract."
def exact_copies_only(train, test, tolerance):
    return find_leaks(train, test, 0)


# %% tags=["mistake"] task="find_leaks" says="Differences have a sign, and -200 is less than any tolerance. Take the absolute value."
def sign_left_on(train, test, tolerance):
    alike = (test[:, None].astype(int) - train).max(axis=(2, 3)) <= tolerance
    return np.flatnonzero(alike.any(axis=1))


# %% tags=["mistake"] task="find_leaks" says="One pixel that agrees is enough for you, and black corners agree everywhere. *Every* pixel has to be near: `.all(axis=...)`, or the largest difference."
def any_pixel(train, test, tolerance):
    near = np.abs(test[:, None].astype(int) - train) <= tolerance
    return np.flatnonzero(near.any(axis=(1, 2, 3)))


# %% tags=["mistake"] task="find_leaks" says="You look at the mean difference. A picture that differs in one spot has a small mean and is still another picture; here no pixel may differ by more than the tolerance."
def mean_for_largest(train, test, tolerance):
    alike = np.abs(test[:, None].astype(int) - train).mean(axis=(2, 3)) <= tolerance
    return np.flatnonzero(alike.any(axis=1))


# %% tags=["mistake"] task="find_leaks" says="A difference of just `tolerance` still counts as a copy: `<=`, not `<`."
def less_for_at_most(train, test, tolerance):
    return find_leaks(train, test, tolerance - 1)


# %% tags=["mistake"] task="find_leaks" says="These are the *training* images that have a copy. Asked for are the test images: they are the ones to be thrown out of the test."
def indices_into_train(train, test, tolerance):
    return find_leaks(test, train, tolerance)


# %% tags=["mistake"] task="find_leaks" says="You hold the first test image against the first training image, the second against the second, and so on. The twin may stand anywhere: compare every test image with every training image."
def same_place_only(train, test, tolerance):
    pairs = zip(train.astype(int), test, strict=False)
    return np.flatnonzero([np.abs(a - b).max() <= tolerance for a, b in pairs])


# %% tags=["mistake"] task="find_leaks" says="Some index comes more than once, for its image has two twins in the training set. Each leak is named once: ask `.any(axis=1)`, or use `np.unique`."
def named_twice(train, test, tolerance):
    difference = np.abs(test[:, None].astype(int) - train)
    return np.nonzero(difference.max(axis=(2, 3)) <= tolerance)[0]


# %% tags=["mistake"] task="find_leaks" says="This says of every test image whether it leaks. Asked for are the numbers of those that do: `np.flatnonzero(mask)` turns the one into the other."
def mask_for_indices(train, test, tolerance):
    difference = np.abs(test[:, None].astype(int) - train)
    return (difference.max(axis=(2, 3)) <= tolerance).any(axis=1)


# %% tags=["mistake"] task="find_leaks" says="You stop at the first twin of each training image. A training image may have several copies in the test, and all of them leak."
def one_for_each_training_image(train, test, tolerance):
    difference = np.abs(test[:, None].astype(int) - train).max(axis=(2, 3))
    first = difference.argmin(axis=0)[difference.min(axis=0) <= tolerance]
    return np.unique(first)


# %% [markdown]
# **See it.** First the picture above. Then we take 60 digits, make ten grainy copies of each, and
# divide these 600 pictures at random. The program answers with the label of the most similar
# training image.

# %%
print("leaks in the picture above:", ex.use("find_leaks")(seen, asked, 3))
rng = np.random.default_rng(3)
own = rng.permutation(train)[:60]
copies = np.clip(pictures[own].repeat(10, axis=0) + rng.integers(-2, 3, (600, 8, 8)), 0, 255)
copies, names = copies.astype(np.uint8), digits.labels[own].repeat(10)
order = rng.permutation(600)
learnt, held = order[:400], order[400:]
nearest = KNeighborsClassifier(1).fit(copies[learnt].reshape(-1, 64), names[learnt])
easy = nearest.score(copies[held].reshape(-1, 64), names[held])
hard = nearest.score(pictures[test].reshape(-1, 64), truth)
leaks = ex.use("find_leaks")(copies[learnt], copies[held], 4)
print(f"score on the {len(held)} that were held back: {easy:.0%}")
print(f"score on {len(test)} digits that are really new: {hard:.0%}")
print(f"{len(leaks)} of the {len(held)} had been seen before")

# %% [markdown]
# The first score answers the question "can it recognise what it knows?" Nobody asked that. The
# cure: divide first, copy afterwards, and keep everything that belongs together (one patient, one
# road, one day) on the same side.
#
# ## 2 · All thresholds at once
#
# Often a program gives no answer but a **score**: how much does this look like an 8? Then somebody
# sets a threshold. High: few false alarms, few hits. Low: many hits, many false alarms. Any single
# threshold tells half the story, so take them all:
#
# $$\text{hits} = \frac{\text{positives at or above the threshold}}{\text{all positives}} \qquad
# \text{false alarms} = \frac{\text{negatives at or above it}}{\text{all negatives}}$$
#
# The points (false alarms, hits) make the **ROC curve**. Radar engineers drew the first ones. The
# area under it is 1 for a perfect score and about 0.5 for a score that knows nothing.
#
# Here is a simple score: how well a picture agrees with the mean 8, beyond what it shares with the
# mean of all digits.

# %%
eightness = np.round(flat[test] @ eight_pattern, 1)
bins = np.arange(eightness.min() - 0.05, eightness.max() + 0.2, 0.2)
shares = [np.histogram(eightness[is_eight[test] == yes], bins)[0] for yes in (False, True)]
images.plot_rows(
    *[counts / counts.sum() for counts in shares],
    labels=["other digits", "eights"],
    title="how many get each score, from low at the left to high at the right",
    alt="Two humps that overlap: other digits have lower scores, "
    f"{eightness[~is_eight[test]].mean():.1f} on average, eights "
    f"{eightness[is_eight[test]].mean():.1f}.",
)

# %% [markdown]
# And here is the curve that yours is to equal, as scikit-learn draws it.

# %%
from sklearn import metrics as sklearn_metrics

theirs = sklearn_metrics.roc_curve(is_eight[test], eightness, drop_intermediate=False)
along = np.linspace(0, 1, 51)
images.plot_rows(
    np.interp(along, theirs[0], theirs[1]),
    along,
    labels=["hits", "a score that knows nothing"],
    title="false alarms from 0 at the left to 1 at the right, in steps of 0.02",
    alt="The curve of the hits climbs steeply and then flattens, far above the diagonal: "
    f"{np.interp(0.1, theirs[0], theirs[1]):.0%} hits at 10 % false alarms.",
)

# %% [markdown]
# **Predict.** Five pictures score 9, 7, 7, 4, 2; the first, third and fourth are eights. Draw the
# points on paper, from the highest threshold down. What happens at the two sevens, of which one is
# an eight and one is not?


# %% tags=["task"] task="roc_curve" points=4 minutes=11 level=3 compare="close(rtol=1e-5, atol=1e-6)" forbid=["scipy", "sklearn", "skimage", "cv2", "torch", "imgkit.metrics"]
def roc_curve(scores, truth):
    """Draw hits over false alarms for every threshold, and measure the area.

    Parameters
    ----------
    scores : array (N,) of floats; higher looks more like a positive. Scores may be equal.
    truth : array (N,) of bool: True for positives. There are some of both.

    Returns
    -------
    A tuple of two arrays and a number, (false_alarms, hits, area). The arrays have K + 1 entries,
    where K counts the *different* scores. The first entry of both is 0. Then each different score
    is a threshold, from the highest to the lowest; everything that scores as much or more is
    called positive. Both arrays end at 1. The area lies under the straight lines between the
    points: np.trapezoid(hits, false_alarms).

    Example
    -------
    For the scores [9, 7, 7, 4, 2] with the truth [True, False, True, True, False], false_alarms is
    [0, 0, 0.5, 0.5, 1], hits is [0, 1/3, 2/3, 1, 1] and the area is 0.75.
    """
    # BEGIN SOLUTION
    false_alarms, hits = [0.0], [0.0]
    for threshold in np.unique(scores)[::-1]:
        called = scores >= threshold
        false_alarms.append(called[~truth].mean())
        hits.append(called[truth].mean())
    false_alarms, hits = np.array(false_alarms), np.array(hits)
    return false_alarms, hits, np.trapezoid(hits, false_alarms)
    # END SOLUTION


# %% tags=["check"]
ex.check(roc_curve)

# %% [markdown] tags=["hint"] task="roc_curve"
# Write one threshold first: which images score at least that much, what share of the positives is
# among them, what share of the negatives? Then repeat it for every score that occurs, once each,
# from high to low. Equal scores cross the threshold together; no threshold can part them.

# %% [markdown] tags=["hint"] task="roc_curve"
# `np.unique(scores)[::-1]` are the thresholds. `called = scores >= threshold` is a mask, and
# `called[truth].mean()` is the share of the positives in it; `~truth` are the negatives. Start both
# lists with a 0, and turn them into arrays at the end.

# %% [markdown] tags=["hint"] task="roc_curve"
# ```
# false_alarms, hits = [0.0], [0.0]
# for threshold in np.unique(scores)[::-1]:
#     called = scores >= threshold
#     hits.append(called[truth].mean())
#     false_alarms.append(...)
# false_alarms, hits = np.array(false_alarms), np.array(hits)
# return false_alarms, hits, np.trapezoid(...)
# ```


# %% tags=["cases"] task="roc_curve"
def roc_curve_cases(rng):
    def drawn(positives, negatives, gap, step):
        """Scores in steps, so that there are ties, of positives and negatives in any order."""
        truth = rng.permutation(np.arange(positives + negatives) < positives)
        scores = rng.normal(0, 1, truth.size) + gap * truth
        scores = np.round(np.round(scores / step) * step, 3)
        first, last = np.flatnonzero(truth)[0], np.flatnonzero(~truth)[0]
        scores[first] = scores[last]  # a tie of both kinds
        return dict(scores=scores, truth=truth)

    yield "8 scores, some of them equal", drawn(3, 5, 1.0, 0.5)
    yield "30 scores", drawn(12, 18, 1.3, 0.001)
    yield "25 votes from few people", drawn(10, 15, 0.8, 1.0)
    yield "few positives", drawn(4, 40, 1.6, 0.25)
    some = np.append(rng.permutation(test[is_eight[test]])[:20], rng.permutation(test)[:50])
    scores = np.round(flat[some] @ eight_pattern, 1)
    yield "70 digits: is it an eight?", dict(scores=scores, truth=is_eight[some])
    yield "a score that knows nothing", drawn(14, 12, 0.0, 0.2)


# %% tags=["mistake"] task="roc_curve" says="Equal scores become several points, in whatever order they stand. No threshold can part them, so they cross it together: one point for each *different* score, `np.unique(scores)`."
def ties_parted(scores, truth):
    ordered = truth[np.argsort(-scores, kind="stable")]
    hits = np.append(0, np.cumsum(ordered) / truth.sum())
    false_alarms = np.append(0, np.cumsum(~ordered) / (~truth).sum())
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="Equal scores become several points, the positives first, and that flatters. No threshold can part them, so they cross it together: one point for each *different* score, `np.unique(scores)`."
def ties_parted_positives_first(scores, truth):
    ordered = truth[np.lexsort((~truth, -scores))]
    hits = np.append(0, np.cumsum(ordered) / truth.sum())
    false_alarms = np.append(0, np.cumsum(~ordered) / (~truth).sum())
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="Equal scores give the same point several times. The thresholds are the *different* scores: `np.unique(scores)`."
def points_repeated(scores, truth):
    called = scores >= np.sort(scores)[::-1, None]
    false_alarms = np.append(0, called[:, ~truth].mean(axis=1))
    hits = np.append(0, called[:, truth].mean(axis=1))
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="The curve starts at the first threshold. Put a 0 before both: a threshold above every score calls nothing positive."
def start_forgotten(scores, truth):
    false_alarms, hits, _ = roc_curve(scores, truth)
    return false_alarms[1:], hits[1:], np.trapezoid(hits[1:], false_alarms[1:])


# %% tags=["mistake"] task="roc_curve" says="Your thresholds rise. `np.unique` sorts from low to high; the curve starts with the highest: `[::-1]`."
def thresholds_rise(scores, truth):
    called = scores >= np.unique(scores)[:, None]
    false_alarms = np.append(0, called[:, ~truth].mean(axis=1))
    hits = np.append(0, called[:, truth].mean(axis=1))
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="You call low scores positive. A high score looks like a positive: `scores >= threshold`."
def low_is_positive(scores, truth):
    called = scores <= np.unique(scores)[:, None]
    false_alarms = np.append(0, called[:, ~truth].mean(axis=1))
    hits = np.append(0, called[:, truth].mean(axis=1))
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="A score that equals the threshold counts as well: `>=`, not `>`. Your curve never arrives at 1."
def above_only(scores, truth):
    called = scores > np.unique(scores)[::-1, None]
    false_alarms = np.append(0, called[:, ~truth].mean(axis=1))
    hits = np.append(0, called[:, truth].mean(axis=1))
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="Both shares are divided by the number of all images. Hits are a share of the *positives*, false alarms a share of the *negatives*."
def shares_of_all(scores, truth):
    false_alarms, hits, _ = roc_curve(scores, truth)
    false_alarms, hits = false_alarms * np.mean(~truth), hits * np.mean(truth)
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="Your false alarms are divided by how many were *called* positive. That is one minus the precision, and belongs to another curve; here they are a share of all negatives."
def share_of_the_called(scores, truth):
    called = scores >= np.unique(scores)[::-1, None]
    false_alarms = np.append(0, (called & ~truth).sum(axis=1) / called.sum(axis=1))
    hits = np.append(0, called[:, truth].mean(axis=1))
    return false_alarms, hits, np.trapezoid(hits, false_alarms)


# %% tags=["mistake"] task="roc_curve" says="This is the share of negatives that are *not* called, the specificity. False alarms are the negatives that are called: one minus that."
def specificity(scores, truth):
    false_alarms, hits, area = roc_curve(scores, truth)
    return 1 - false_alarms, hits, area


# %% tags=["mistake"] task="roc_curve" says="The two arrays have changed places: false alarms first, they go to the right; then the hits, they go up."
def axes_exchanged(scores, truth):
    false_alarms, hits, _ = roc_curve(scores, truth)
    return hits, false_alarms, np.trapezoid(false_alarms, hits)


# %% tags=["mistake"] task="roc_curve" says="The area is right, and the two arrays have changed places: the answer is (false_alarms, hits, area)."
def hits_returned_first(scores, truth):
    false_alarms, hits, area = roc_curve(scores, truth)
    return hits, false_alarms, area


# %% tags=["mistake"] task="roc_curve" says="The points are right, and only the area is exchanged: `np.trapezoid(y, x)` takes the height first, so `np.trapezoid(hits, false_alarms)`."
def area_exchanged(scores, truth):
    false_alarms, hits, area = roc_curve(scores, truth)
    return false_alarms, hits, 1 - area


# %% tags=["mistake"] task="roc_curve" says="The points are right; the area is made of rectangles and comes out too large where the curve is slanted. Straight lines run between the points: trapezoids."
def rectangles(scores, truth):
    false_alarms, hits, _ = roc_curve(scores, truth)
    return false_alarms, hits, np.sum(np.diff(false_alarms) * hits[1:])


# %% tags=["mistake"] task="roc_curve" says="The points are right, and the area is a little too small: a positive and a negative of equal score count half, not nothing. `np.trapezoid(hits, false_alarms)` does so."
def ties_count_nothing(scores, truth):
    false_alarms, hits, _ = roc_curve(scores, truth)
    return false_alarms, hits, np.sum(np.diff(false_alarms) * hits[:-1])


# %% tags=["mistake"] task="roc_curve" says="The points are right, but the mean of the hits is no area: the points do not stand at equal distances. Use `np.trapezoid(hits, false_alarms)`."
def mean_for_area(scores, truth):
    false_alarms, hits, _ = roc_curve(scores, truth)
    return false_alarms, hits, hits.mean()


# %% [markdown]
# **See it.** The area of the simple score, and another way to that number: take one eight and one
# other digit at random. How often does the eight score higher?

# %%
false_alarms, hits, area = ex.use("roc_curve")(eightness, is_eight[test])
eights, others = eightness[is_eight[test]], eightness[~is_eight[test]]
above = np.mean(eights[:, None] > others) + np.mean(eights[:, None] == others) / 2
print(f"area {area:.6f}, an eight above another digit {above:.6f}")

# %% [markdown]
# The same number. That is what the area means, and why a tie counts half. It does not ask how
# rare eights are. So where positives are rare, show precision and recall as well: the lesson shows
# a curve that looks as good as ever while most alarms are false.
#
# ## 3 · A share and how sure it is
#
# A program reads 97 of 100 digits. On another hundred it might have read 95, or 99. So a share
# needs an interval. Turn the question round: **which true shares $p$ would not be surprised by what
# you saw?** Of $n$ answers, the share of right ones scatters around $p$ with the standard deviation
# $\sqrt{p(1-p)/n}$. Keep all $p$ that lie within $z$ of these:
#
# $$|\hat p - p| \le z \sqrt{p\,(1-p)/n}$$
#
# Here $\hat p$ is the share you saw, and $z = 1.96$ gives 95 %. Square both sides: a quadratic
# equation for the two ends. Its solution is the interval that Wilson found in 1927:
#
# $$\text{ends} = \frac{\hat p + \dfrac{z^2}{2n} \;\pm\; z \sqrt{\dfrac{\hat p (1-\hat p)}{n} +
# \dfrac{z^2}{4n^2}}}{1 + \dfrac{z^2}{n}}$$
#
# **Predict.** All 30 of 30 are right. The textbook's $\hat p \pm z \sqrt{\hat p (1-\hat p)/n}$ says
# "100 %, give or take nothing". Would you bet on that?

# %%
ex.target("wilson")


# %% [markdown]
# The same for more and more images, as SciPy draws it: a blue bar from low to high, a black mark at
# the share.


# %%
def whisker(found, left, right):
    """A value and its interval, on a strip that runs from left to right."""
    strip = np.ones((9, 360, 3))
    at = lambda number: int(np.clip((number - left) / (right - left), 0, 1) * 357)
    value, low, high = map(at, found)
    if left < 0 < right:
        strip[:, at(0) : at(0) + 2] = 0.6
    strip[3:6, low : high + 3] = 0, 0.45, 0.7
    strip[1:8, value : value + 3] = 0
    return strip


# %%
from scipy.stats import binomtest

sizes = [10, 30, 100, 1000]
found = [binomtest(9 * n // 10, n).proportion_ci(method="wilson") for n in sizes]
images.show(
    *[whisker((0.9, ends.low, ends.high), 0.5, 1) for ends in found],
    titles=[f"{9 * n // 10} of {n}" for n in sizes],
    columns=1,
    alt="Four strips from 50 % to 100 %, each with a mark at 90 %. The bars shrink as the number "
    f"of images grows, from {found[0].high - found[0].low:.0%} to "
    f"{found[-1].high - found[-1].low:.0%} of the whole, and reach further to the left than to the "
    "right.",
)


# %% tags=["task"] task="wilson" points=2 minutes=6 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["scipy", "sklearn", "skimage", "cv2", "torch", "statsmodels", "imgkit.metrics"]
def wilson(right, n, z=1.96):
    """Give the interval of Wilson for a share.

    Parameters
    ----------
    right : how many were right, a whole number from 0 to n
    n : how many there were, at least 1
    z : how many standard deviations to go; 1.96 for 95 %

    Returns
    -------
    A tuple of two numbers, (low, high), shares from 0 to 1, by the formula above.

    Example
    -------
    wilson(9, 10) gives about (0.5958, 0.9821).
    """
    # BEGIN SOLUTION
    share = right / n
    middle = share + z**2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return (middle - half) / scale, (middle + half) / scale
    # END SOLUTION


# %% tags=["check"]
ex.check(wilson)

# %% [markdown] tags=["hint"] task="wilson"
# Give each piece of the formula a name: the share, the middle above the line, the half width above
# the line, and what stands below the line. Then put them together.

# %% [markdown] tags=["hint"] task="wilson"
# `share = right / n`. The middle is `share + z**2 / (2 * n)`, mind the brackets. The half width is
# `z` times a `math.sqrt` or `np.sqrt` of two terms. Both are divided by `1 + z**2 / n`.

# %% [markdown] tags=["hint"] task="wilson"
# ```
# share = right / n
# middle = share + z**2 / (2 * n)
# half = z * math.sqrt(share * (1 - share) / n + ...)
# scale = ...
# return (middle - half) / scale, (middle + half) / scale
# ```


# %% tags=["cases"] task="wilson"
def wilson_cases(rng):
    yield "nearly all right", dict(right=int(rng.integers(93, 99)), n=100, z=1.96)
    n = int(rng.integers(25, 40))
    yield "all right", dict(right=n, n=n, z=1.96)
    yield "none right", dict(right=0, n=int(rng.integers(12, 30)), z=2.576)
    n = int(rng.integers(300, 500))
    yield "a large test, 90 %", dict(right=n - int(rng.integers(20, 60)), n=n, z=1.645)
    yield "a tiny test", dict(right=int(rng.integers(2, 4)), n=5, z=1.96)
    n = int(rng.integers(60, 90))
    yield "two in three, 99 %", dict(right=2 * n // 3, n=n, z=2.576)


# %% tags=["mistake"] task="wilson" says="This is the textbook's interval, named after Wald. It says \"give or take nothing\" when all are right, and near 0 and 1 it is far too narrow. Use the formula of Wilson."
def wald(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n)
    return share - half, share + half


# %% tags=["mistake"] task="wilson" says="This is the textbook's interval, named after Wald, cut off at 0 and 1. Cutting hides that it is wrong: when all are right it still says \"give or take nothing\". Use the formula of Wilson."
def wald_cut_off(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n)
    return max(0.0, share - half), min(1.0, share + half)


# %% tags=["mistake"] task="wilson" says="This is the interval of Agresti and Coull, a simpler cousin: it has the same middle and is a little wider. Use the formula above."
def agresti_coull(right, n, z=1.96):
    share = (right + z**2 / 2) / (n + z**2)
    half = z * math.sqrt(share * (1 - share) / (n + z**2))
    return share - half, share + half


# %% tags=["mistake"] task="wilson" says="The middle adds z / 2n. It is z² / 2n."
def z_not_squared(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return (share + z / (2 * n) - half) / scale, (share + z / (2 * n) + half) / scale


# %% tags=["mistake"] task="wilson" says="Under the root you have z² / 4n. There the n is squared: z² / 4n²."
def n_not_squared(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n))
    scale = 1 + z**2 / n
    return (share + z**2 / (2 * n) - half) / scale, (share + z**2 / (2 * n) + half) / scale


# %% tags=["mistake"] task="wilson" says="Your interval has the right width in the wrong place: its middle is the share itself. Wilson's middle is drawn a little towards one half, by z² / 2n above the line."
def middle_not_moved(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return share - half, share + half


# %% tags=["mistake"] task="wilson" says="What stands below the line is missing: divide both ends by `1 + z**2 / n`. A share above 1 gives it away."
def nothing_below_the_line(right, n, z=1.96):
    low, high = wilson(right, n, z)
    return low * (1 + z**2 / n), high * (1 + z**2 / n)


# %% tags=["mistake"] task="wilson" says="Only half of it is divided. Middle *and* half width stand above the line: in code, put brackets round their sum."
def brackets_forgotten(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return share + z**2 / (2 * n) - half, share + z**2 / (2 * n) + half


# %% tags=["mistake"] task="wilson" says="The middle is divided by `1 + z**2 / n`, and the half width is not. Both stand above the line."
def half_not_divided(right, n, z=1.96):
    share, scale = right / n, 1 + z**2 / n
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (share + z**2 / (2 * n)) / scale - half, (share + z**2 / (2 * n)) / scale + half


# %% tags=["mistake"] task="wilson" says="`z**2 / 2 * n` divides by 2 and then multiplies by n. Write `z**2 / (2 * n)`, and likewise `z**2 / (4 * n**2)`."
def multiplied_by_n(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n + z**2 / 4 * n**2)
    scale = 1 + z**2 / n
    return (share + z**2 / 2 * n - half) / scale, (share + z**2 / 2 * n + half) / scale


# %% tags=["mistake"] task="wilson" says="The second term under the root is missing, z² / 4n². It is what keeps the interval open when all are right."
def one_term_under_the_root(right, n, z=1.96):
    share = right / n
    half = z * math.sqrt(share * (1 - share) / n)
    scale = 1 + z**2 / n
    return (share + z**2 / (2 * n) - half) / scale, (share + z**2 / (2 * n) + half) / scale


# %% tags=["mistake"] task="wilson" says="Your interval is always the one for 95 %. Use the argument `z` where 1.96 is written now."
def always_95(right, n, z=1.96):
    return wilson(right, n, 1.96)


# %% tags=["mistake"] task="wilson" says="You return the middle and the half width. Asked for are the two ends: middle minus half, middle plus half."
def middle_and_half(right, n, z=1.96):
    low, high = wilson(right, n, z)
    return (low + high) / 2, (high - low) / 2


# %% tags=["mistake"] task="wilson" says="These are percent. Return shares, from 0 to 1."
def percent(right, n, z=1.96):
    low, high = wilson(right, n, z)
    return 100 * low, 100 * high


# %% tags=["mistake"] task="wilson" says="The ends have changed places: the low one first."
def high_first(right, n, z=1.96):
    return wilson(right, n, z)[::-1]


# %% [markdown]
# **See it.** How do you test an interval? Play a world in which you know the truth. A program that
# reads 96 % takes a hundred thousand tests of 200 digits. Good intervals hold the truth in 95 of
# 100 tests.

# %%
interval = ex.use("wilson")


def textbook(right, n):
    half = 1.96 * np.sqrt(right / n * (1 - right / n) / n)
    return right / n - half, right / n + half


results, times = np.unique(
    np.random.default_rng(11).binomial(200, 0.96, 100_000), return_counts=True
)
for name, make in (("textbook", textbook), ("Wilson", interval)):
    ends = [make(int(right), 200) for right in results]
    holds = np.sum(times[[low <= 0.96 <= high for low, high in ends]]) / times.sum()
    print(f"{name:8} holds the truth in {holds:.1%} of the tests")

# %% [markdown]
# The one that most people use promises too much. And our two programs?

# %%
for name, answers in read.items():
    right = np.count_nonzero(answers == truth)
    low, high = interval(right, len(truth))
    print(f"{name:10} {right / len(truth):.1%}, 95 % interval {low:.1%} to {high:.1%}")

# %% [markdown]
# ## 4 · A mean of anything: the bootstrap
#
# Wilson works for right and wrong. What about a mean overlap, a mean error, a mean *difference*?
# You would like to repeat the experiment a thousand times, and cannot. So repeat it with what you
# have: draw $n$ of your $n$ values, **with replacement**, so that some come twice and some not at
# all. Take the mean. Do it again and again. The means scatter about as much as the means of new
# experiments would. Cut off the lowest 2.5 % and the highest 2.5 %: that is the interval.
#
# Here are the overlaps (Dice) of ten segmented scans with the truth (made up, but typical), one
# resampled set, and its mean.

# %%
overlaps = np.array([0.93, 0.91, 0.95, 0.88, 0.94, 0.62, 0.92, 0.90, 0.96, 0.71])
pick = np.random.default_rng(0).integers(0, 10, 10)
print("picked", pick)
print("values", overlaps[pick])
print(f"mean {overlaps.mean():.3f}, of the resampled set {overlaps[pick].mean():.3f}")

# %% [markdown]
# The means of two thousand rounds, as SciPy's bootstrap finds them:

# %%
from scipy.stats import bootstrap

theirs = bootstrap(
    (overlaps,), np.mean, n_resamples=2000, method="percentile", rng=np.random.default_rng(11)
)
counts, edges = np.histogram(theirs.bootstrap_distribution, bins=25)
images.plot_rows(
    counts,
    title=f"how often each mean came, from {edges[0]:.2f} at the left to {edges[-1]:.2f}",
    alt="A hill with a longer slope to the left. 95 % of the means lie from "
    f"{theirs.confidence_interval.low:.2f} to {theirs.confidence_interval.high:.2f}.",
)

# %% [markdown]
# So that everybody gets the same answer, the picks are given to you: one row of indices for each
# round. (They are the noise below. A row of it is a round, and its greys are indices.)
#
# **Predict.** `values[picks]` has which shape, if there are ten values and a thousand rounds? Along
# which axis do you take the mean?

# %%
ex.target("bootstrap_interval")


# %% tags=["task"] task="bootstrap_interval" points=3 minutes=7 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["scipy", "sklearn", "skimage", "cv2", "torch", "imgkit.metrics"] shows="numbers"
def bootstrap_interval(values, picks, confidence=0.95):
    """Give the bootstrap's interval for a mean.

    Parameters
    ----------
    values : array (n,) of floats, one for each image
    picks : array (rounds, n) of whole numbers, 0 to n - 1: the values that each round takes
    confidence : the share of the means that the interval keeps in its middle, such as 0.95

    Returns
    -------
    A tuple of two numbers, (low, high). Each round has the mean of its picked values. Of these
    means, low and high are the quantiles that leave as much below as above, 0.025 and 0.975 for a
    confidence of 0.95. np.quantile is welcome; tuple(...) makes a tuple of an array.

    Example
    -------
    bootstrap_interval(np.array([0.0, 1.0]), np.array([[0, 0], [0, 1], [1, 1]]), 0.5): the means are
    0, 0.5 and 1, and the answer is (0.25, 0.75).
    """
    # BEGIN SOLUTION
    means = values[picks].mean(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return low, high
    # END SOLUTION


# %% tags=["check"]
ex.check(bootstrap_interval)

# %% [markdown] tags=["hint"] task="bootstrap_interval"
# First the means, one for each round: `values[picks[0]]` are the values of the first round. Then
# forget the values and look at the means alone. How much may be cut off on either side?

# %% [markdown] tags=["hint"] task="bootstrap_interval"
# An array of indices picks: `values[picks]` has the shape of `picks`, a round in each row. A
# confidence of 0.95 leaves 0.05 outside, half of it on either side. `np.quantile(means, 0.025)` has
# 2.5 % of the means below it.

# %% [markdown] tags=["hint"] task="bootstrap_interval"
# ```
# means = values[picks].mean(axis=...)
# tail = (1 - confidence) / 2
# return np.quantile(means, tail), np.quantile(means, ...)
# ```


# %% tags=["cases"] task="bootstrap_interval"
def bootstrap_interval_cases(rng):
    def drawn(values, rounds, confidence):
        picks = rng.integers(0, len(values), (rounds, len(values)))
        return dict(values=values.round(3), picks=picks, confidence=confidence)

    yield "the overlaps of 10 scans", drawn(1 - rng.gamma(1.2, 0.08, 10).clip(0, 0.9), 81, 0.95)
    yield "12 errors in pixels, 90 %", drawn(rng.gamma(2, 1.5, 12), 61, 0.9)
    yield "15 differences, 80 %", drawn(rng.normal(0.3, 1, 15), 61, 0.8)
    yield "24 decibels", drawn(rng.normal(28, 2, 24), 81, 0.95)
    yield "7 values, 60 %", drawn(rng.uniform(-5, 5, 7), 41, 0.6)


# %% tags=["mistake"] task="bootstrap_interval" says="You cut the *values* themselves. That tells how much single images scatter, which no number of images makes smaller. Take the mean of every round, and cut the means."
def values_for_means(values, picks, confidence=0.95):
    tail = (1 - confidence) / 2
    return np.quantile(values, tail), np.quantile(values, 1 - tail)


# %% tags=["mistake"] task="bootstrap_interval" says="You cut the picked values of all rounds together. Each round is one experiment with one mean: `.mean(axis=1)` before the quantiles."
def picked_values_for_means(values, picks, confidence=0.95):
    tail = (1 - confidence) / 2
    return np.quantile(values[picks], tail), np.quantile(values[picks], 1 - tail)


# %% tags=["mistake"] task="bootstrap_interval" says="The mean goes over the wrong axis. A round is a *row* of the picks, so there must be as many means as rounds: `.mean(axis=1)`."
def wrong_axis(values, picks, confidence=0.95):
    means, tail = values[picks].mean(axis=0), (1 - confidence) / 2
    return np.quantile(means, tail), np.quantile(means, 1 - tail)


# %% tags=["mistake"] task="bootstrap_interval" says="You cut off `1 - confidence` on *each* side, twice too much. Half of it belongs to either side."
def whole_tail_on_each_side(values, picks, confidence=0.95):
    means = values[picks].mean(axis=1)
    return np.quantile(means, 1 - confidence), np.quantile(means, confidence)


# %% tags=["mistake"] task="bootstrap_interval" says="`np.percentile` counts to 100, `np.quantile` to 1. The 0.025th percentile is the very lowest mean."
def percentile_of_a_fraction(values, picks, confidence=0.95):
    means, tail = values[picks].mean(axis=1), (1 - confidence) / 2
    return np.percentile(means, tail), np.percentile(means, 1 - tail)


# %% tags=["mistake"] task="bootstrap_interval" says="You take the median of each round. That has an interval as well, but asked for is the one of the *mean*."
def median_for_mean(values, picks, confidence=0.95):
    means, tail = np.median(values[picks], axis=1), (1 - confidence) / 2
    return np.quantile(means, tail), np.quantile(means, 1 - tail)


# %% tags=["mistake"] task="bootstrap_interval" says="Mean plus and minus one standard deviation keeps about 68 %, whatever the confidence is. Take quantiles of the means."
def one_standard_deviation(values, picks, confidence=0.95):
    means = values[picks].mean(axis=1)
    return means.mean() - means.std(), means.mean() + means.std()


# %% tags=["mistake"] task="bootstrap_interval" says="Mean plus and minus 1.96 standard deviations assumes a bell, and a confidence of 95 %. The bootstrap assumes neither: take quantiles of the means."
def bell_assumed(values, picks, confidence=0.95):
    means = values[picks].mean(axis=1)
    return means.mean() - 1.96 * means.std(), means.mean() + 1.96 * means.std()


# %% tags=["mistake"] task="bootstrap_interval" says="You use the rounds only for a standard deviation, and put a bell of 95 % around the mean. The bootstrap needs no bell: take quantiles of the means."
def bell_around_the_mean(values, picks, confidence=0.95):
    error = values[picks].mean(axis=1).std()
    return values.mean() - 1.96 * error, values.mean() + 1.96 * error


# %% tags=["mistake"] task="bootstrap_interval" says="Your interval always keeps 95 %. Make the quantiles from `confidence`: half of what it leaves belongs to either side."
def always_95(values, picks, confidence=0.95):
    means = values[picks].mean(axis=1)
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


# %% tags=["mistake"] task="bootstrap_interval" says="This is the formula with the standard error; it needs no picks, and works for means only. Here let the rounds speak: quantiles of their means."
def standard_error(values, picks, confidence=0.95):
    error = values.std(ddof=1) / math.sqrt(len(values))
    return values.mean() - 1.96 * error, values.mean() + 1.96 * error


# %% tags=["mistake"] task="bootstrap_interval" says="These are means of the *indices*. The picks say which values to take: `values[picks]`."
def means_of_indices(values, picks, confidence=0.95):
    means, tail = picks.mean(axis=1), (1 - confidence) / 2
    return np.quantile(means, tail), np.quantile(means, 1 - tail)


# %% [markdown]
# **See it.** The ten scans again, with your function.

# %%
picks = np.random.default_rng(0).integers(0, 10, (2000, 10))
low, high = ex.use("bootstrap_interval")(overlaps, picks)
print(f"mean {overlaps.mean():.3f}, interval {low:.3f} to {high:.3f}")
print(f"down by {overlaps.mean() - low:.3f}, up by {high - overlaps.mean():.3f}")

# %% [markdown]
# Two bad scans pull the hill to the left, so the interval reaches further down than up. No formula
# told it. (With ten images even the bootstrap is too sure of itself; the lesson shows by how much.)
#
# ## 5 · The same images for both: McNemar
#
# Back to the two programs. Both read the *same* digits. Most digits are easy, and both read them;
# a few nobody can read. These say nothing about which program is better. Only where they
# **disagree** can you learn something.
#
# Say one program alone is right $b$ times, the other alone $c$ times. If they are equally good,
# each of these $m = b + c$ digits is a toss of a fair coin. How surprising is it that a fair coin
# falls as unevenly as that, or more so?
#
# $$p = 2 \sum_{k=0}^{\min(b, c)} \binom{m}{k} \Big/ 2^m, \qquad \text{and at most } 1$$
#
# The 2 counts both ways of being uneven. A small $p$ says: if the two were equally good, a split
# like this would be rare.
#
# **Predict.** Eleven tosses, two heads. Would you suspect the coin?

# %%
tosses = [math.comb(11, k) / 2**11 for k in range(12)]
images.plot_rows(
    tosses,
    title="how likely a fair coin shows 0, 1, 2, … 11 heads in 11 tosses",
    alt="A bell over the numbers of heads, highest at 5 and 6. At two heads and fewer, and at nine "
    f"and more, there is little: together {2 * sum(tosses[:3]):.3f}.",
)

# %% [markdown]
# Add up both ends of that bell: two heads and fewer, nine and more. That is $p$.

# %%
ex.target("mcnemar")


# %% tags=["task"] task="mcnemar" points=3 minutes=8 level=2 compare="close(rtol=1e-5, atol=1e-9)" forbid=["scipy", "sklearn", "skimage", "cv2", "torch", "statsmodels", "imgkit.metrics"]
def mcnemar(first, second):
    """Give McNemar's exact p: could chance alone explain the difference?

    Parameters
    ----------
    first, second : arrays (N,) of bool: for each image, whether that program was right

    Returns
    -------
    A number from 0 to 1, by the formula above: b counts the images where only the first is right,
    c those where only the second is, m = b + c. At most 1; and 1 if they never disagree.
    math.comb(m, k) counts the ways to choose k of m. Make b and c whole numbers of Python,
    int(...): NumPy's end just below 2**63, and their 2**m turns negative there, and then 0.

    Example
    -------
    If the first alone is right once and the second alone four times, m is 5 and p is
    2 * (1 + 5) / 32 = 0.375.
    """
    # BEGIN SOLUTION
    b, c = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    m = b + c
    ways = sum(math.comb(m, k) for k in range(min(b, c) + 1))
    return min(1.0, 2 * ways / 2**m)
    # END SOLUTION


# %% tags=["check"]
ex.check(mcnemar)

# %% [markdown] tags=["hint"] task="mcnemar"
# Sort the images into four heaps: both right, both wrong, only the first, only the second. Count
# the last two and forget the others. The rest is a coin that was tossed m times.

# %% [markdown] tags=["hint"] task="mcnemar"
# With masks, `first & ~second` is "the first and not the second"; `.sum()` counts. Put `int(...)`
# around it, for NumPy's whole numbers are too short for `2**m`. The sum goes from 0 up to *and
# with* the smaller of the two: `range(min(b, c) + 1)`.

# %% [markdown] tags=["hint"] task="mcnemar"
# ```
# b = int((first & ~second).sum())
# c = ...
# m = b + c
# ways = sum(math.comb(m, k) for k in range(min(b, c) + 1))
# return min(1.0, ...)
# ```


# %% tags=["cases"] task="mcnemar"
def mcnemar_cases(rng):
    def pair(both, b, c, neither):
        """Shuffled answers in which the two disagree b and c times."""
        first = np.repeat([True, True, False, False], [both, b, c, neither])
        second = np.repeat([True, False, True, False], [both, b, c, neither])
        order = rng.permutation(first.size)
        return dict(first=first[order], second=second[order])

    yield "some 40 digits", pair(int(rng.integers(24, 28)), 2, 9, 3)
    yield "some 300 digits", pair(int(rng.integers(270, 280)), 14, int(rng.integers(3, 6)), 6)
    yield "nearly the same", pair(int(rng.integers(80, 90)), 5, 7, 4)
    yield "as often the one as the other", pair(int(rng.integers(40, 50)), 3, 3, 2)
    yield "one is never right alone", pair(int(rng.integers(60, 80)), 0, int(rng.integers(6, 9)), 5)
    yield "they never disagree", pair(int(rng.integers(20, 30)), 0, 0, 4)
    b = int(rng.integers(19, 24))  # and 2**63 is just beyond int64
    yield "63 disagreements", pair(int(rng.integers(300, 340)), b, 63 - b, 30)


# %% tags=["mistake"] task="mcnemar" says="You count one side only. Either program could have come out ahead, so take the sum twice."
def one_side(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)


# %% tags=["mistake"] task="mcnemar" says="You ask how likely exactly this split is. Even more uneven ones would surprise you as well: sum from 0 up to the smaller count."
def just_this_split(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return min(1.0, 2 * math.comb(b + c, min(b, c)) / 2 ** (b + c))


# %% tags=["mistake"] task="mcnemar" says="Your sum stops one too early: `range(k)` leaves out `k` itself. It goes up to *and with* the smaller count: `range(min(b, c) + 1)`."
def sum_stops_early(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return min(1.0, 2 * sum(math.comb(b + c, k) for k in range(min(b, c))) / 2 ** (b + c))


# %% tags=["mistake"] task="mcnemar" says="Your sum starts at 1. That the coin never shows heads is possible too: start at 0."
def sum_starts_at_one(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return min(1.0, 2 * sum(math.comb(b + c, k) for k in range(1, min(b, c) + 1)) / 2 ** (b + c))


# %% tags=["mistake"] task="mcnemar" says="You sum up to the *larger* count, and so nothing ever surprises you. Up to the smaller one: `min(b, c)`."
def up_to_the_larger(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return min(1.0, 2 * sum(math.comb(b + c, k) for k in range(max(b, c) + 1)) / 2 ** (b + c))


# %% tags=["mistake"] task="mcnemar" says="You sum up to c, be it the smaller count or the larger. Which program comes first must not matter: up to `min(b, c)`."
def up_to_the_second(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return min(1.0, 2 * sum(math.comb(b + c, k) for k in range(c + 1)) / 2 ** (b + c))


# %% tags=["mistake"] task="mcnemar" says="You count all errors of each program. An image that both get wrong says nothing about which is better; count those where *only* one is right."
def all_errors(first, second):
    b, c = int((~second).sum()), int((~first).sum())
    return min(1.0, 2 * sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c))


# %% tags=["mistake"] task="mcnemar" says="Your coin is tossed once for every image. Only the images where the two disagree are tosses: m = b + c."
def every_image_a_toss(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return min(1.0, 2 * sum(math.comb(first.size, k) for k in range(min(b, c) + 1)) / 2**first.size)


# %% tags=["mistake"] task="mcnemar" says="This compares two shares as if each program had read images of its own. They read the same ones, and that tells you more: look only at the images where they disagree."
def two_separate_samples(first, second):
    a, b, n = first.mean(), second.mean(), first.size
    pooled = (a + b) / 2
    z = abs(a - b) / math.sqrt(2 * pooled * (1 - pooled) / n)
    return math.erfc(z / math.sqrt(2))


# %% tags=["mistake"] task="mcnemar" says="This is the χ² approximation of McNemar's test. It is fine for hundreds of disagreements; with a handful the exact sum is no more work."
def chi_squared(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return math.erfc(math.sqrt((b - c) ** 2 / (b + c) / 2)) if b + c else 1.0


# %% tags=["mistake"] task="mcnemar" says="This is the χ² approximation with its correction. It is near, and still an approximation: with a handful of disagreements the exact sum is no more work."
def chi_squared_corrected(first, second):
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    return math.erfc(math.sqrt((abs(b - c) - 1) ** 2 / (b + c) / 2)) if b + c else 1.0


# %% [markdown]
# **See it.** Our two programs, and two others that are trained on the same digits.

# %%
test_p = ex.use("mcnemar")
programs |= {"straight line": LogisticRegression(max_iter=300), "nearest": KNeighborsClassifier(1)}
for name in ("straight line", "nearest"):
    read[name] = programs[name].fit(flat[train], digits.labels[train]).predict(flat[test])
for one, other in (("forest", "neighbours"), ("straight line", "nearest")):
    a, b = read[one] == truth, read[other] == truth
    print(f"{one} {a.mean():.1%} ({np.sum(a & ~b)} alone), ", end="")
    print(f"{other} {b.mean():.1%} ({np.sum(b & ~a)} alone): p = {test_p(a, b):.3f}")

# %% [markdown]
# For the first pair, a fair coin would often do the same. The second pair is another matter.
#
# ## 6 · Does it know what it knows?
#
# Many programs say how sure they are. If one says "90 %" a hundred times, it should be right about
# ninety times. Then it is **calibrated**, and you can act on what it says. To check, sort the
# answers into bins by their confidence. In each bin compare the mean confidence with the share of
# right answers, and weight the gaps by how many answers the bin holds:
#
# $$\text{ECE} = \sum_{\text{bins}} \frac{\text{answers in the bin}}{\text{all answers}} \;
# \bigl|\,\text{share right} - \text{mean confidence}\,\bigr|$$
#
# Here is a program of another kind, naive Bayes. It takes every pixel for a witness of its own,
# though neighbours copy from each other, and so it hears the same story many times.

# %%
bayes = GaussianNB(var_smoothing=0.05).fit(flat[train], digits.labels[train])


def chances(part, temperature=1.0):
    """What it gives each of the ten digits, (N, 10); the temperature comes in at the end."""
    logits = bayes.predict_log_proba(flat[part]) / temperature
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


sure = chances(test).max(axis=1)
right = chances(test).argmax(axis=1) == truth
upper = sure > 0.5  # below, there is hardly an answer
edges = np.linspace(0.5, 1, 6)
own = np.digitize(sure[upper], edges[1:-1])
said = [sure[upper][own == k].mean() for k in range(5)]
came = [right[upper][own == k].mean() for k in range(5)]
images.plot_rows(
    said,
    came,
    labels=["mean confidence", "share right"],
    title=f"five bins, 50-60 % to 90-100 %; the last holds {np.sum(own == 4)} of {upper.sum()} answers",
    alt="Both curves climb to the right; the share of right answers is the lower one in "
    f"{np.sum(np.array(came) < said)} of 5 bins, "
    f"{said[-1]:.0%} against {came[-1]:.0%} in the last bin, which holds nearly all answers.",
)

# %% [markdown]
# The gap between the two curves, weighted, is what you are to measure.
#
# **Predict.** A program always says 99 % and is right 90 times in 100. What is its ECE?

# %%
ex.target("calibration_error")


# %% tags=["task"] task="calibration_error" points=3 minutes=8 level=2 compare="close(rtol=1e-5, atol=1e-6)" forbid=["scipy", "sklearn", "skimage", "cv2", "torch", "imgkit.metrics"]
def calibration_error(confidence, right, bins=10):
    """Measure how far a program's confidence is from how often it is right.

    Parameters
    ----------
    confidence : array (N,) of floats, 0 to 1: how sure the program is of each answer
    right : array (N,) of bool: whether the answer was right
    bins : into how many bins of equal width 0..1 is divided: bin k, counted from 0, holds what
        is at least k / bins and less than (k + 1) / bins; the last one holds 1 as well. No
        confidence lies just between two bins

    Returns
    -------
    A number from 0 to 1, the ECE by the formula above. Empty bins count nothing.

    Example
    -------
    calibration_error(np.array([0.9, 0.9, 0.6]), np.array([True, False, True]), 2): all are in the
    upper bin, mean confidence 0.8, share right 2/3; the answer is 0.1333.
    """
    # BEGIN SOLUTION
    own = np.minimum((confidence * bins).astype(int), bins - 1)  # the bin of each answer
    total = 0.0
    for k in np.unique(own):
        inside = own == k
        total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total
    # END SOLUTION


# %% tags=["check"]
ex.check(calibration_error)

# %% [markdown] tags=["hint"] task="calibration_error"
# Take one bin first. A mask says which answers lie in it. If there are none, go on to the next.
# Else take the share of right ones, the mean confidence, and the size of their difference.

# %% [markdown] tags=["hint"] task="calibration_error"
# The bin of an answer is `int(confidence * bins)`; only a confidence of 1 would land in one too
# many, so take `np.minimum(..., bins - 1)`. Then `own == k` is the mask of bin k, and `mask.mean()`
# is its weight.

# %% [markdown] tags=["hint"] task="calibration_error"
# ```
# own = np.minimum((confidence * bins).astype(int), bins - 1)
# total = 0
# for k in range(bins):
#     inside = own == k
#     if inside.any():
#         gap = abs(right[inside].mean() - ...)
#         total += inside.mean() * gap
# return total
# ```


# %% tags=["cases"] task="calibration_error"
def calibration_error_cases(rng):
    def answers(n, bins, low, certain):
        """Too modest below and too sure above, and some answers that are wholly certain."""
        confidence = rng.uniform(low, 1, 4 * n)
        off_the_edges = np.abs((confidence * bins + 0.5) % 1 - 0.5) > 0.02
        confidence = confidence[off_the_edges][:n].round(4)
        confidence[certain] = 1 - 0.4 / bins
        right = rng.random(n) < 0.5 + 0.3 * confidence
        right[confidence >= 1 - 1 / bins] = True
        confidence[:certain] = 1.0
        right[: certain // 2 + 1] = False
        order = rng.permutation(n)
        return dict(confidence=confidence[order], right=right[order], bins=bins)

    yield "20 answers in 5 bins", answers(20, 5, 0.3, 3)
    yield "100 answers in 10 bins", answers(100, 10, 0.1, 8)
    yield "60 answers in 4 bins", answers(60, 4, 0.05, 14)
    yield "30 answers in 15 bins, some empty", answers(30, 15, 0.5, 5)
    yield "50 answers, all of them quite sure", answers(50, 8, 0.6, 12)


# %% tags=["mistake"] task="calibration_error" says="Every bin counts the same for you. Weight each gap by the share of the answers that lie in the bin."
def bins_not_weighted(confidence, right, bins=10):
    own = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[own == k].mean() - confidence[own == k].mean()) for k in np.unique(own)]
    return np.mean(gaps)


# %% tags=["mistake"] task="calibration_error" says="You divide the sum of the gaps by the number of all bins, and every bin counts the same. Weight each gap by the share of the answers that lie in the bin."
def mean_of_all_bins(confidence, right, bins=10):
    own = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[own == k].mean() - confidence[own == k].mean()) for k in np.unique(own)]
    return np.sum(gaps) / bins


# %% tags=["mistake"] task="calibration_error" says="You compare with the middle of the bin. Compare with the mean confidence of the answers *in* it; they need not lie around the middle."
def middle_of_the_bin(confidence, right, bins=10):
    own = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(own, weights=right - (own + 0.5) / bins)
    return np.abs(gaps).sum() / own.size


# %% tags=["mistake"] task="calibration_error" says="Your gaps keep their sign, so too sure here and too modest there cancel. Take the absolute value of each bin's gap before you add."
def gaps_cancel(confidence, right, bins=10):
    return right.mean() - confidence.mean()


# %% tags=["mistake"] task="calibration_error" says="You take the absolute value of the whole sum, after too sure here and too modest there have cancelled. Take it in each bin, before you add."
def absolute_value_too_late(confidence, right, bins=10):
    return abs(right.mean() - confidence.mean())


# %% tags=["mistake"] task="calibration_error" says="You take the gap of every single answer. One answer is right or wrong and never 90 % right: take means over the bin first, then the gap."
def gap_of_each_answer(confidence, right, bins=10):
    return np.abs(right - confidence).mean()


# %% tags=["mistake"] task="calibration_error" says="This is the largest gap. It is used too, under the name of *maximum* calibration error; the expected one is the weighted mean of all gaps."
def largest_gap(confidence, right, bins=10):
    own = np.minimum((confidence * bins).astype(int), bins - 1)
    return max(abs(right[own == k].mean() - confidence[own == k].mean()) for k in np.unique(own))


# %% tags=["mistake"] task="calibration_error" says="Answers of confidence 1 fall out: with `confidence < 1` for the last bin, or a bin number of `bins`, nobody counts them. They belong to the last bin."
def certain_ones_lost(confidence, right, bins=10):
    own = (confidence * bins).astype(int)
    gaps = np.bincount(own, weights=right - confidence, minlength=bins)[:bins]
    return np.abs(gaps).sum() / own.size


# %% tags=["mistake"] task="calibration_error" says="Answers of confidence 1 have a bin of their own, one bin too many. They belong to the last bin: `np.minimum(..., bins - 1)`."
def one_bin_too_many(confidence, right, bins=10):
    own = (confidence * bins).astype(int)
    return np.abs(np.bincount(own, weights=right - confidence)).sum() / own.size


# %% tags=["mistake"] task="calibration_error" says="An empty bin has no mean, so yours is NaN, and NaN plus anything is NaN. Skip the bins that hold nothing."
def empty_bins_are_nan(confidence, right, bins=10):
    own = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(own, minlength=bins)
    with np.errstate(all="ignore"):
        gaps = np.bincount(own, weights=right - confidence, minlength=bins) / count
    return np.sum(count / own.size * np.abs(gaps))


# %% tags=["mistake"] task="calibration_error" says="You always make ten bins. Use the argument `bins`."
def always_ten(confidence, right, bins=10):
    return calibration_error(confidence, right, 10)


# %% tags=["mistake"] task="calibration_error" says="Your bins divide the range from the least confidence to the greatest. They divide 0 to 1, whatever the confidences are: `np.linspace(0, 1, bins + 1)`, or `range=(0, 1)`."
def range_of_the_data(confidence, right, bins=10):
    edges = np.histogram_bin_edges(confidence, bins)
    own = np.digitize(confidence, edges[1:-1])
    return np.abs(np.bincount(own, weights=right - confidence)).sum() / own.size


# %% tags=["mistake"] task="calibration_error" says="`np.histogram` keeps the dtype of its weights, and the sum of booleans as a boolean is at most 1. Give it `right.astype(float)`."
def booleans_as_weights(confidence, right, bins=10):
    came = np.histogram(confidence, bins, (0, 1), weights=right)[0]
    said = np.histogram(confidence, bins, (0, 1), weights=confidence)[0]
    return np.abs(came - said).sum() / confidence.size


# %% tags=["mistake"] task="calibration_error" says="You square the gaps. Here their absolute value is taken."
def squared_gaps(confidence, right, bins=10):
    own = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(own, minlength=bins)
    gaps = np.bincount(own, weights=right - confidence, minlength=bins) / np.maximum(count, 1)
    return np.sum(count * gaps**2) / own.size


# %% [markdown]
# **See it.** How far off is naive Bayes?

# %%
ece = ex.use("calibration_error")
print(f"says {sure.mean():.1%}, is right {right.mean():.1%}, ECE {ece(sure, right, 10):.3f}")

# %% [markdown]
# One number mends most of it. Divide the logarithms of the chances by a **temperature** before they
# become chances again: above 1 it is less sure, and not one answer changes. Which temperature? The
# one that gives the *true* digits the best chances, as the mean of their logarithms. And not on the
# test! We kept a part for our own choices.

# %%
known = np.arange(len(validation)), digits.labels[validation]
temperatures = np.geomspace(0.5, 20, 80)
best = max(temperatures, key=lambda t: np.log(chances(validation, t)[known]).mean())
softer = chances(test, best).max(axis=1)
assert np.array_equal(chances(test, best).argmax(axis=1) == truth, right)  # the same answers
print(f"temperature {best:.1f}: says {softer.mean():.1%}, ECE {ece(softer, right, 10):.3f}")

# %% [markdown]
# How near is that to calibrated? Play the world again: let answers be right just as often as it
# now says, and measure.

# %%
rng = np.random.default_rng(11)
worlds = [ece(softer, rng.random(softer.size) < softer, 10) for _ in range(500)]
print(f"calibrated by construction, and yet ECE {np.mean(worlds):.3f} on average, ", end="")
print(f"below {np.quantile(worlds, 0.95):.3f} in 95 of 100 worlds")

# %% [markdown]
# A share scatters, so a measured ECE is hardly ever 0, and few answers in many bins make it larger.
# Say how many of both you had.
#
# ## 7 · An honest report
#
# Now put it together. Two programs read the same test. The report says for each its accuracy and
# interval, then the **difference** with an interval of its own, then $p$, and a sentence. The
# sentence follows a rule, so that no wish creeps in:
#
# - the interval of the difference holds 0, or $p$ is above 0.05: `"no measurable difference"`. That
#   is a result too.
# - otherwise, the interval lies above 0: `"the second is better"`; below: `"the first is better"`.
#
# Why both? Where the two seldom disagree, the bootstrap is too sure of itself. If they disagree on
# five images, all for the same program, hardly a resample misses all five, and the interval leaves
# 0 out. And yet $p$ is 2 in 32: a fair coin does that now and then.
#
# Take the difference **image by image**: +1 where only the second is right, −1 where only the first
# is, 0 elsewhere. Its mean is the difference of the accuracies, and your bootstrap knows what to do
# with a mean.
#
# **Predict.** Say the interval of the one program is 92 to 97 % and that of the other 96 to 99 %.
# They overlap. So there is no difference?

# %%
ex.target("compare_models")


# %% tags=["task"] task="compare_models" points=4 minutes=10 level=3 compare="close(rtol=1e-5, atol=1e-6)" forbid=["scipy", "sklearn", "skimage", "cv2", "torch", "statsmodels", "imgkit.metrics"] shows="numbers"
def compare_models(truth, first, second, picks):
    """Report on two programs that read the same images.

    Parameters
    ----------
    truth : array (N,) of whole numbers: what the images show
    first, second : arrays (N,) of whole numbers: what the two programs say
    picks : array (rounds, N) of whole numbers: for the bootstrap

    Returns
    -------
    A dict with five entries; accuracies are shares from 0 to 1.
    "first", "second" : each a tuple (accuracy, low, high), with Wilson's interval of 95 %
    "difference" : a tuple (difference, low, high): accuracy of the second minus that of the
        first, and the bootstrap's interval of 95 % of the differences image by image
    "p" : McNemar's exact p
    "says" : "no measurable difference" if low <= 0 <= high of the difference or p > 0.05, else "the
        first is better" or "the second is better"

    You may call wilson, bootstrap_interval and mcnemar.

    Example
    -------
    For two programs that always agree, "difference" is (0, 0, 0), "p" is 1 and "says" is "no
    measurable difference".
    """
    # BEGIN SOLUTION
    right = [first == truth, second == truth]
    own = [(r.mean(), *wilson(int(r.sum()), r.size)) for r in right]
    gain = right[1].astype(float) - right[0]  # +1, 0 or -1 for each image
    low, high = bootstrap_interval(gain, picks)
    p = mcnemar(*right)
    if low <= 0 <= high or p > 0.05:
        says = "no measurable difference"
    else:
        says = "the second is better" if low > 0 else "the first is better"
    return {
        "first": own[0],
        "second": own[1],
        "difference": (gain.mean(), low, high),
        "p": p,
        "says": says,
    }
    # END SOLUTION


# %% tags=["check"]
ex.check(compare_models)

# %% [markdown] tags=["hint"] task="compare_models"
# Start with two masks, which say for each image whether that program was right. All the rest comes
# from them: their sums and sizes for Wilson, both together for McNemar, and their difference, image
# by image, for the bootstrap.

# %% [markdown] tags=["hint"] task="compare_models"
# NumPy does not subtract booleans: `.astype(float)` first. `wilson` takes how many are right,
# `int(right.sum())`, and how many there are. A tuple is put together as
# `(accuracy, *wilson(...))`. For the sentence look at the interval of the difference and at p, and
# not at whether the other two intervals overlap.

# %% [markdown] tags=["hint"] task="compare_models"
# ```
# a, b = first == truth, second == truth
# gain = b.astype(float) - a.astype(float)
# low, high = bootstrap_interval(gain, picks)
# p = mcnemar(a, b)
# if low <= 0 <= high or p > 0.05: ...
# return {
#     "first": (a.mean(), *wilson(int(a.sum()), len(a))),
#     "second": ...,
#     "difference": (gain.mean(), low, high),
#     "p": p,
#     "says": ...,
# }
# ```


# %% tags=["cases"] task="compare_models"
def compare_models_cases(rng):
    def answers(n, b, c, neither):
        """Digits on which only the first is right b times, only the second c times."""
        truth = rng.integers(0, 10, n)
        first = np.repeat([True, False, False, True], [b, c, neither, n - b - c - neither])
        second = np.repeat([False, True, False, True], [b, c, neither, n - b - c - neither])
        order = rng.permutation(n)
        read = [
            np.where(right[order], truth, (truth + rng.integers(1, 10, n)) % 10)
            for right in (first, second)
        ]
        picks = rng.integers(0, n, (81, n))
        return dict(truth=truth, first=read[0], second=read[1], picks=picks)

    def five_to_none(n):
        """Only the second is right, five times: p is 2/32, and the bootstrap leaves 0 out."""
        while True:
            found = answers(n, 0, 5, 4)
            gain = (found["second"] == found["truth"]) * 1.0 - (found["first"] == found["truth"])
            if np.quantile(gain[found["picks"]].mean(axis=1), 0.025) > 0:
                return found

    n = int(rng.integers(110, 130))
    yield "one is often right alone", answers(n, 1, int(rng.integers(10, 12)), 4)
    yield "about as good", answers(n, int(rng.integers(4, 6)), 5, 3)
    yield "the other is often right alone", answers(n - 10, int(rng.integers(9, 11)), 0, 5)
    yield "a small test", answers(50, 1, int(rng.integers(2, 4)), 2)
    yield "a good and a better one", answers(n, 0, int(rng.integers(8, 10)), 3)
    yield "they hardly differ", answers(80, int(rng.integers(2, 4)), 2, 5)
    yield "five against none: p is above 0.05", five_to_none(70)
    yield "ten against none", answers(90, 10, 0, 6)


# %% tags=["mistake"] task="compare_models" says="The difference is the wrong way round: the second minus the first, so that more than 0 means that the second is better."
def first_minus_second(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    difference, low, high = report["difference"]
    return report | {"difference": (-difference, -high, -low)}


# %% tags=["mistake"] task="compare_models" says="The difference is the wrong way round, and so is the sentence. Take the second minus the first."
def turned_round(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    turned = compare_models(truth, second, first, picks)
    return report | {"difference": turned["difference"], "says": turned["says"]}


# %% tags=["mistake"] task="compare_models" says="You look whether the intervals of the two programs overlap. They may overlap although the difference is clear: most of their scatter comes from digits that are hard for both. Look whether the interval of the *difference* holds 0, and at p."
def overlap_decides(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    (_, a_low, a_high), (_, b_low, b_high) = report["first"], report["second"]
    says = "the second is better" if b_low > a_high else "no measurable difference"
    return report | {"says": "the first is better" if a_low > b_high else says}


# %% tags=["mistake"] task="compare_models" says="You name a winner where none is proved, however the accuracies look. If the interval of the difference holds 0, or p is above 0.05, the honest sentence is \"no measurable difference\"."
def the_higher_wins(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    ahead = report["difference"][0] > 0
    return report | {"says": "the second is better" if ahead else "the first is better"}


# %% tags=["mistake"] task="compare_models" says="You resample each program by itself and subtract the ends of the two intervals. Both read the same images: subtract image by image, and resample the differences."
def ends_subtracted(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    a, b = (bootstrap_interval((r == truth).astype(float), picks) for r in (first, second))
    low, high = b[0] - a[1], b[1] - a[0]
    says = "the second is better" if low > 0 else "no measurable difference"
    says = "the first is better" if high < 0 else says
    return report | {"difference": (report["difference"][0], low, high), "says": says}


# %% tags=["mistake"] task="compare_models" says="The `^` that NumPy offers instead of minus counts disagreements, without saying who was right. Turn the masks into numbers, `.astype(float)`, and subtract them."
def xor_for_minus(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    gain = ((first == truth) ^ (second == truth)).astype(float)
    low, high = bootstrap_interval(gain, picks)
    says = "the second is better" if low > 0 else "no measurable difference"
    return report | {"difference": (gain.mean(), low, high), "says": says}


# %% tags=["mistake"] task="compare_models" says="You subtract the digits that the programs said. A 7 is not better than a 1: compare with the truth first, and subtract right or wrong."
def answers_subtracted(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    gain = second.astype(float) - first
    low, high = bootstrap_interval(gain, picks)
    says = "the second is better" if low > 0 else "no measurable difference"
    says = "the first is better" if high < 0 else says
    return report | {"difference": (gain.mean(), low, high), "says": says}


# %% tags=["mistake"] task="compare_models" says="The accuracies are percent, and the interval next to them is not. Return shares, from 0 to 1, everywhere."
def accuracies_in_percent(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    return report | {w: (100 * report[w][0], *report[w][1:]) for w in ("first", "second")}


# %% tags=["mistake"] task="compare_models" says="McNemar gets the answers themselves. It takes whether each was right: `first == truth` and `second == truth`."
def mcnemar_of_the_answers(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    return report | {"p": mcnemar(first.astype(bool), second.astype(bool))}


# %% tags=["mistake"] task="compare_models" says="The accuracies stand without intervals. \"first\" and \"second\" are tuples of three: (accuracy, low, high)."
def no_intervals(truth, first, second, picks):
    report = compare_models(truth, first, second, picks)
    return report | {w: report[w][0] for w in ("first", "second")}


# %% [markdown]
# ## Your report
#
# The two programs from the top of the page, and the two others, each pair with two thousand rounds.

# %%
report = ex.use("compare_models")
picks = np.random.default_rng(11).integers(0, len(test), (2000, len(test)))
reports = {
    pair: report(truth, read[pair[0]], read[pair[1]], picks)
    for pair in (("forest", "neighbours"), ("straight line", "nearest"))
}
for (one, other), found in reports.items():
    print(f"{one} and {other}: {found['says']}")
    for name, part in ((one, "first"), (other, "second"), ("difference", "difference")):
        value, low, high = (100 * number for number in found[part])
        print(f"    {name:14} {value:5.1f} {'points' if part == 'difference' else '%':7}", end="")
        print(f"from {low:4.1f} to {high:.1f}")
    print(f"    p = {found['p']:.3f}")

# %%
found = reports["straight line", "nearest"]
images.show(
    whisker(found["first"], 0.9, 1),
    whisker(found["second"], 0.9, 1),
    whisker(found["difference"], -0.06, 0.06),
    titles=[
        "straight line, 90 to 100 %",
        "nearest, 90 to 100 %",
        "difference, -6 to +6 points, zero in grey",
    ],
    columns=1,
    alt="Three strips. The bars of the two accuracies overlap a little, from "
    f"{found['second'][1]:.1%} to {found['first'][2]:.1%}. The bar of the difference lies wholly "
    f"to the right of zero, from {100 * found['difference'][1]:.1f} to "
    f"{100 * found['difference'][2]:.1f} points.",
)

# %% [markdown]
# The two intervals overlap, and yet the difference is clear, because both read the same digits.
# These are the digits that decided:

# %%
a, b = read["straight line"] == truth, read["nearest"] == truth
deciding = np.flatnonzero(a != b)
images.show(
    *pictures[test[deciding[:12]]],
    titles=[
        f"{truth[i]}: {read['straight line'][i]} or {read['nearest'][i]}" for i in deciding[:12]
    ],
    columns=6,
    alt=f"Twelve of the {len(deciding)} digits that only one of the two read: {np.sum(b & ~a)} by "
    f"the nearest neighbour alone, {np.sum(a & ~b)} by the straight line alone.",
)

# %% [markdown]
# And this is how it may stand in your application. All of it is computed; nothing can be nicer
# than it is.

# %%
value, low, high = found["difference"]
print(
    f"Nearest neighbour against logistic regression on {len(test)} held-out digits "
    f"(fixed stratified split, trained on {len(train)}): accuracy {found['second'][0]:.1%} against "
    f"{found['first'][0]:.1%}, a gain of {100 * value:.1f} points (95 % interval {100 * low:.1f} "
    f"to {100 * high:.1f}, McNemar p = {found['p']:.3f}; "
    f"{len(reports) * found['p']:.3f} when corrected for {len(reports)} comparisons)."
)

# %% [markdown]
# Why corrected? This page made more than one comparison and quotes the clearest. Whoever looks
# often finds something by luck, so the smallest $p$ is multiplied by how often you looked (the
# lesson tells of Holm's rule).
#
# One honest word more: who wrote which digit is not known, so some hands are in training and test.
# For a *new* hand these numbers promise nothing.
#
# ## Graduation: against the library
#
# Wilson's interval and McNemar's p are in SciPy; the area is in scikit-learn. SciPy's value, yours,
# and the difference:

# %%
exact = binomtest(97, 100).proportion_ci(method="wilson")
mine = interval(97, 100, 1.959963984540054)
print(f"wilson   {exact.low:.6f} | {mine[0]:.6f} | {abs(exact.low - mine[0]):.0e}")
b_alone, a_alone = int(np.sum(b & ~a)), int(np.sum(a & ~b))
exact, mine = binomtest(a_alone, a_alone + b_alone).pvalue, test_p(a, b)
print(f"mcnemar  {exact:.6f} | {mine:.6f} | {abs(exact - mine):.0e}")
exact = sklearn_metrics.roc_auc_score(is_eight[test], eightness)
print(f"area     {exact:.6f} | {area:.6f} | {abs(exact - area):.0e}")

# %% [markdown]
# And the kit's own `metrics.compare`, which chooses the test by itself and prints one line to
# quote. It too says "measurable" only if interval and $p$ agree. (Its interval for right and wrong
# is Newcombe's, made of Wilson's two; the bootstrap is near.)

# %%
from imgkit import metrics

print(metrics.compare(b, a))
print(metrics.compare(read["neighbours"] == truth, read["forest"] == truth))

# %% [markdown]
# ## What you can do now
#
# - Find what leaked from the training set into the test, and say why the score was so good.
# - Judge a score without choosing a threshold, and say what the area means.
# - Put an interval around a share (Wilson) and around any mean (bootstrap).
# - Compare two programs on the same images, by what they disagree on.
# - Measure whether a program's confidence can be trusted, and soften it.
# - Say "no measurable difference" when that is what you found.

# %%
ex.progress()
