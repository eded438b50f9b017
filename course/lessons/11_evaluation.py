# ---
# jupyter:
#   imgkit:
#     title: Honest evaluation
#     minutes: 25
#     needs: [02_convolution]
# ---

# %% [markdown]
# # Honest evaluation
#
# **25 minutes of reading.** You need arrays (up to lesson 02). Dice (lesson 07) and the classifiers
# of lesson 08 help: it is their numbers that are asked here how sure they are.
#
# By the end of this page you can
#
# - say how sure a score is, and pick an interval that keeps its promise,
# - divide data so that the test stays a test, and recognise three kinds of leak,
# - read a confusion matrix, a ROC curve and a precision-recall curve, and say when they mislead,
# - compare two programs on the same images, also many at once,
# - check whether "90 % sure" means anything, and mend it,
# - write down one result in a sentence that nobody can take apart.

# %% tags=["setup"]
import math
import time

import numpy as np
from scipy.stats import binom
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from imgkit import data, images, metrics

digits = data.load("digits")
flat = digits.images.reshape(-1, 64).astype(float)  # a row of 64 numbers for each digit
train, validation, test = digits.splits.values()
truth = digits.labels[test]


def learn(program):
    """Train on the training part; what it reads on the test."""
    return program.fit(flat[train], digits.labels[train]).predict(flat[test])


def same(exact, approximate):
    """Print one value of each, and the largest difference anywhere."""
    middle = np.size(exact) // 2
    one, other = np.ravel(exact)[middle], np.ravel(approximate)[middle]
    print(f"{one:.6f} | {other:.6f} | largest difference {np.abs(exact - approximate).max():.0e}")


def seconds(function, *arguments, runs=5, **options):
    """The best time of several runs: whatever else the computer does only makes it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments, **options)
        times.append(time.perf_counter() - begin)
    return min(times)


def whisker(value, low, high, left, right):
    """A blue bar from low to high, a black mark at the value, a grey line at zero."""
    strip = np.ones((9, 360, 3))
    at = lambda number: int(np.clip((number - left) / (right - left), 0, 1) * 357)
    if left < 0 < right:
        strip[:, at(0) : at(0) + 2] = 0.6
    strip[3:6, at(low) : at(high) + 3] = 0, 0.45, 0.7
    strip[1:8, at(value) : at(value) + 3] = 0
    return strip


# %% [markdown]
# ## A picture and a question
#
# Two programs learnt to read digits from the same examples: a random forest, and one that looks for
# the five nearest neighbours. Neither has seen the test.

# %%
a = learn(RandomForestClassifier(random_state=0)) == truth
b = learn(KNeighborsClassifier(5)) == truth
n = len(truth)
print(f"forest {a.mean():.0%}, neighbours {b.mean():.0%} of {n} digits")

# %%
only_one = np.flatnonzero(a != b)
images.show(
    *digits.images[test[only_one[:8]]],
    titles=["only the forest" if a[i] else "only neighbours" for i in only_one[:8]],
    columns=4,
    alt=f"Eight of the {len(only_one)} digits that only one of the two reads, crooked and coarse. "
    f"They are meant to be {', '.join(map(str, truth[only_one[:8]]))}; people would hesitate too.",
)

# %% [markdown]
# **Is the second one better?** Keep your answer in mind. We need some things first.
#
# ## The same program, another test
#
# Play a world in which you know the truth: a program that reads exactly 96 % of *all* digits there
# could ever be. Give it a thousand tests, as large as ours.
#
# **Predict.** How far apart are its best and its worst result?

# %%
rng = np.random.default_rng(11)
results = rng.binomial(n, 0.96, 1000) / n
counts = np.bincount(np.rint(results * n).astype(int))
lowest = np.flatnonzero(counts)[0]
images.plot_rows(
    counts[lowest:],
    title=f"how often each came, from {results.min():.1%} at the left to {results.max():.1%}",
    alt="A hill with a ragged top. One and the same program scores anything from "
    f"{results.min():.1%} to {results.max():.1%}.",
)

# %% [markdown]
# One program, nothing learnt in between. So how often would two such results lie as far apart as
# our two programs do?

# %%
gap = b.mean() - a.mean()
apart = np.abs(results[:500] - results[500:]) >= gap - 1e-9
print(f"our gap is {100 * gap:.1f} points; by chance alone it is as large in {apart.mean():.0%}")

# %% [markdown]
# A score is one draw. It scatters with the standard deviation $\sqrt{p(1-p)/n}$. Four times the
# images, half the scatter: a sharper number has its price.

# %%
same(np.sqrt(0.96 * 0.04 / n), results.std())
for size in (n, 4 * n, 100 * n):
    print(f"{size:6} images: give or take {100 * 1.96 * np.sqrt(0.96 * 0.04 / size):.1f} points")

# %% [markdown]
# ## An interval, and does it keep its promise?
#
# "Give or take" should be printed next to every score. The textbook's interval, named after Wald,
# puts your own share into that formula. A **95 %** interval promises to hold the truth in 95 of 100
# experiments.
#
# **Predict.** Programs are good nowadays, and $p$ is near 1. What does the formula say when 50 of
# 50 are right?


# %%
def wald(right, n):
    share = right / n
    half = 1.96 * np.sqrt(share * (1 - share) / n)
    return share - half, share + half


print("from {:.0%} to {:.0%}".format(*wald(50, 50)))


# %% [markdown]
# "100 %, give or take nothing." Nobody believes that. **Wilson** turns the question round: which
# true $p$ would not be surprised by what you saw? Those with
# $|\hat p - p| \le 1.96 \sqrt{p(1-p)/n}$. It is a quadratic equation, and its two ends are


# %%
def wilson(right, n, z=1.96):
    share, scale = right / n, 1 + z**2 / n
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (share + z**2 / (2 * n) - half) / scale, (share + z**2 / (2 * n) + half) / scale


print("from {:.1%} to {:.0%}".format(*wilson(50, 50)))

# %% [markdown]
# Do they keep the promise? For every true share, add up how likely the results are whose interval
# holds it: the **coverage**.


# %%
def coverage(interval, p, n=100):
    right = np.arange(n + 1)
    low, high = interval(right, n)
    return binom.pmf(right, n, p)[(low <= p) & (p <= high)].sum()


shares = np.linspace(0.8, 0.995, 60)
of_wald = np.array([coverage(wald, p) for p in shares])
of_wilson = np.array([coverage(wilson, p) for p in shares])
images.plot_rows(
    of_wald,
    of_wilson,
    np.full(60, 0.95),
    labels=["textbook (Wald)", "Wilson", "promised"],
    title="coverage for 100 images; true share from 80 % at the left to 99.5 % at the right",
    alt="Wilson's coverage jitters about the promised line, from "
    f"{of_wilson.min():.0%} to {of_wilson.max():.0%}. Wald's sags and falls to "
    f"{of_wald.min():.0%} at the right.",
)

# %%
print(f"mean coverage: textbook {of_wald.mean():.1%}, Wilson {of_wilson.mean():.1%}")
exact = metrics.wilson(97, 100)
same(np.array([exact.low, exact.high]), np.array(wilson(97, 100, z=1.959963984540054)))
print(metrics.wilson(int(a.sum()), n))
print(metrics.wilson(int(b.sum()), n))

# %% [markdown]
# The formula that most people use fails exactly where good programs live. Wilson's wobbles too,
# since 100 images allow only 101 results, but around its promise. Whatever you report, report its
# interval.
#
# ## A test that stays a test
#
# Three parts. From the **training** part the program learns. With the **validation** part you make
# your own choices: which program, which knob. The **test** is opened once, at the end. Every look
# at it that leads to a decision makes it a bit more of a validation part.
#
# Divide at random, but class by class, or a rare class may be missing: **stratified**.

# %%
rare = np.repeat([0, 1], [190, 10])  # ten of two hundred
order = rng.permutation(200)
plain = order[:40]
by_class = np.concatenate([m[: len(m) // 5] for m in (order[rare[order] == k] for k in (0, 1))])
print(f"rare ones in the test: {rare[plain].sum()} at random, {rare[by_class].sum()} by class")
many = [rare[rng.permutation(200)[:40]].sum() for _ in range(2000)]
print(f"in {np.mean(np.array(many) == 0):.0%} of random divisions there is none at all")

# %% [markdown]
# `data.split` does so, the same way for ever: the digits came divided by it. And what belongs
# together stays together. Two photographs of one patient are no two patients: they go to the same
# side.
#
# ## Leak 1: chosen before divided
#
# Here is **pure noise**: 100 "patients", 2000 random numbers for each, and a diagnosis by coin.
# There is nothing to learn. Somebody takes the 20 numbers that go best with the diagnosis, *then*
# divides, trains on one half, and tests on the other.
#
# **Predict.** What is the score?

# %%
noise = rng.normal(0, 1, (100, 2000))
coin = rng.permutation(np.repeat([0, 1], 50))
half, rest = np.arange(50), np.arange(50, 100)


def best(rows, k=20):
    """The k columns whose means differ most between the two diagnoses, in these rows."""
    means = [noise[rows][coin[rows] == side].mean(axis=0) for side in (0, 1)]
    return np.argsort(-np.abs(means[0] - means[1]))[:k]


for name, rows in (("all patients", np.arange(100)), ("the training half", half)):
    columns = best(rows)
    program = NearestCentroid().fit(noise[half][:, columns], coin[half])
    score = program.score(noise[rest][:, columns], coin[rest])
    print(f"columns chosen on {name}: {score:.0%} right")

# %% [markdown]
# A wonderful score, on noise. Choosing is learning, and it saw the test. The same holds, more
# gently, for scaling by the mean of everything, or filling gaps from everything. **Divide first.
# Then do all the rest with the training part alone.**
#
# ## Leak 2: copies on both sides
#
# Sixty digits, each copied five times with a little grain, then divided at random.

# %%
own = rng.permutation(train)[:60]
copies = flat[own].repeat(5, axis=0) + rng.normal(0, 0.02, (300, 64))
names, order = digits.labels[own].repeat(5), rng.permutation(300)
nearest = KNeighborsClassifier(1).fit(copies[order[:200]], names[order[:200]])
leaky = nearest.score(copies[order[200:]], names[order[200:]])
print(f"on held-back copies {leaky:.0%}, on new digits {nearest.score(flat[test], truth):.0%}")

# %% [markdown]
# Frames of one video, tiles of one satellite picture, slices of one scan, overlapping pieces of one
# wall (lesson 08): all are copies. You will write a detector in the exercise.
#
# ## Leak 3: the best of many
#
# Two hundred "programs" that toss coins, and one test of 100 images. Keep the best.

# %%
tosses = rng.random((200, 100)) < 0.5
winner = int(tosses.mean(axis=1).argmax())
again = rng.random(100) < 0.5
print(
    f"the best of 200: {tosses[winner].mean():.0%}; the same one on new images {again.mean():.0%}"
)

# %% [markdown]
# Whoever tries many knobs on the test reports the luckiest, not the best. That is what the
# validation part is for: let it be fooled, and ask the test once.
#
# ## Which for which? The confusion matrix
#
# One number hides who is mistaken for whom. Count all pairs: the row is the truth, the column the
# answer. Naive Bayes makes more mistakes, so there is more to see.


# %%
def confusion(predicted, truth, classes=10):
    counts = np.zeros((classes, classes), int)
    for said, true in zip(predicted, truth, strict=True):
        counts[true, said] += 1
    return counts


bayes = GaussianNB(var_smoothing=0.05)
answers = learn(bayes)
counts = confusion(answers, truth)
assert np.array_equal(counts, metrics.confusion(answers, truth))
times = seconds(confusion, answers, truth) / seconds(metrics.confusion, answers, truth)
print(f"the library is {times:.1f} times as fast")

# %%
wrong = np.where(np.eye(10, dtype=bool), 0, counts)
most = np.unravel_index(wrong.argmax(), wrong.shape)
images.show(
    counts / counts.sum(axis=1, keepdims=True),
    wrong / wrong.max(),
    titles=["share of each row", "errors alone"],
    alt="Ten by ten squares. On the left a bright diagonal. On the right the errors alone: the "
    f"brightest is in row {most[0]}, column {most[1]}, where {wrong.max()} times a {most[0]} is "
    f"read as a {most[1]}.",
)

# %% [markdown]
# Along a row: what becomes of a digit. Down a column: what hides behind an answer. How often is
# each digit missed, and how often given wrongly?

# %%
print("the digit     ", *range(10))
print("missed        ", *wrong.sum(axis=1))
print("given wrongly ", *wrong.sum(axis=0))

# %% [markdown]
# Sevens are never missed, and yet not every "7" is one. Some answers are where unclear things end
# up.
#
# ## Scores and thresholds: ROC, and when it flatters
#
# "Is this an 8?" is answered by a score; here, how well a picture agrees with the mean 8. Every
# threshold makes another bargain of hits and false alarms; the **ROC curve** shows them all. Its
# area is the chance that an eight scores above another digit, a tie counting half.

# %%
eight = truth == 8
pattern = flat[train][digits.labels[train] == 8].mean(axis=0) - flat[train].mean(axis=0)
score = flat[test] @ pattern
curve = metrics.roc(score, eight)
pairs = score[eight][:, None] - score[~eight]
same(np.array(curve.area), np.mean(pairs > 0) + np.mean(pairs == 0) / 2)

# %%
along = np.linspace(0, 1, 51)
images.plot_rows(
    np.interp(along, curve.false_positive_rate, curve.true_positive_rate),
    along,
    labels=["hits", "a score that knows nothing"],
    title="hits; false alarms from 0 at the left to 1 at the right, in steps of 0.02",
    alt="The curve of the hits climbs steeply and flattens above the diagonal; its area is "
    f"{curve.area:.3f}.",
)

# %% [markdown]
# Now make eights rare, as tumours are: let every other digit come ten times.
#
# **Predict.** Hits are a share of the eights, also called **recall**, false alarms a share of the
# others. Does the ROC curve change? And **precision**, how many of the alarms are right?

# %%
crowd = np.append(np.flatnonzero(eight), np.repeat(np.flatnonzero(~eight), 10))
curves = {}
for name, rows in {"as they are": np.arange(n), "eights are rare": crowd}.items():
    wanted = metrics.pr(score[rows], eight[rows])
    curves[name] = wanted.precision[np.searchsorted(wanted.recall, along)]
    print(f"{name:15} ROC area {metrics.roc_auc(score[rows], eight[rows]):.3f}, ", end="")
    print(f"average precision {wanted.area:.3f}, 'never an 8' {1 - eight[rows].mean():.1%} right")

# %%
images.plot_rows(
    *curves.values(),
    labels=list(curves),
    title="precision; recall from 0 at the left to 1 at the right, in steps of 0.02",
    alt="Precision falls as more eights are to be found. With rare eights it is far lower: where "
    f"half of them are found, {curves['eights are rare'][25]:.0%} against "
    f"{curves['as they are'][25]:.0%}.",
)

# %% [markdown]
# The ROC curve is the same, and beyond the first few eights most alarms are false now. And a
# program that never says 8 has a splendid accuracy. **Where positives are rare, show precision and
# recall**, and what the simplest possible answer scores.
#
# ## Not only right and wrong: the bootstrap
#
# A segmentation has an overlap (Dice, lesson 07) for every image, and you report its mean. How sure
# is *that*? Ten scans (made up, but typical: most go well, some go wrong):

# %%
overlaps = np.array([0.93, 0.91, 0.95, 0.88, 0.94, 0.62, 0.92, 0.90, 0.96, 0.71])
pick = rng.integers(0, 10, 10)
print("picked:", pick, f"mean {overlaps[pick].mean():.3f}, before {overlaps.mean():.3f}")

# %% [markdown]
# That was the trick. You cannot repeat the study, so repeat it with what you have: draw ten of the
# ten *with replacement*, compute the mean, again and again. Cut 2.5 % off at either end.


# %%
def slow(values, rounds=2000):
    means = []
    for _ in range(rounds):
        means.append(values[rng.integers(0, len(values), len(values))].mean())
    return np.quantile(means, [0.025, 0.975])


def quick(values, rounds=2000):
    means = values[rng.integers(0, len(values), (rounds, len(values)))].mean(axis=1)
    return np.quantile(means, [0.025, 0.975])


print(slow(overlaps).round(3), quick(overlaps).round(3))
print(f"without the loop {seconds(slow, overlaps) / seconds(quick, overlaps):.0f} times as fast")
print(metrics.bootstrap(overlaps, method="percentile", resamples=2000, seed=1))

# %% [markdown]
# It works for nearly anything: a median, a tenth percentile, an area under a curve. (Not for a
# maximum: no resample goes beyond what you have.) For the area draw *images*, so that score and
# truth stay together:

# %%
both = np.stack([score, eight], axis=1)  # (N, 2): a row for each image
auc = lambda rows: metrics.roc_auc(rows[:, 0], rows[:, 1].astype(bool))
print(metrics.bootstrap(both, statistic=auc, method="percentile", resamples=500, seed=1))

# %% [markdown]
# Is ten enough? Again a world in which the truth is known: values from a bell, whose mean is 0.
#
# **Predict.** How often does the bootstrap's interval hold the 0, for ten values? For fifty?


# %%
def holds(n, worlds=1000, rounds=400):
    """How often the bootstrap and Student's t hold the true mean."""
    by_bootstrap = by_t = 0
    for values in rng.normal(0, 1, (worlds, n)):
        low, high = quick(values, rounds)
        by_bootstrap += low <= 0 <= high
        by_t += 0 in metrics.student_t(values)
    return by_bootstrap / worlds, by_t / worlds


for size in (5, 10, 50):
    print("{:3} values: bootstrap {:.1%}, Student's t {:.1%}".format(size, *holds(size)))

# %% [markdown]
# Few values look, on average, less scattered than the world they come from, and the bootstrap knows
# nothing else. Student's $t$ adds what is missing. For a bell it is exact (a thousand worlds
# scatter, too); for few lopsided values, like our overlaps, nothing is. Hence the kit's rule,
# `metrics.interval`: right or wrong, Wilson; fewer than 50 values, $t$; from there on the
# bootstrap, which also bends to lopsided values.

# %%
print(metrics.interval(b))
print(metrics.interval(overlaps))
print(metrics.interval(np.tile(overlaps, 6)))

# %% [markdown]
# (The last line is a lie, of course: sixty values, but ten patients six times. An interval
# believes that its values are **independent**. Pixels of one image are not, nor are slices of one
# scan. Count patients.)
#
# ## The same images for both
#
# Two other programs, trained on the same digits: logistic regression, and the single nearest
# neighbour.

# %%
line = learn(LogisticRegression(max_iter=300)) == truth
one = learn(KNeighborsClassifier(1)) == truth
for right in (line, one):
    print(metrics.interval(right))

# %% [markdown]
# **Predict.** The two intervals overlap. So is there no difference?
#
# Both read the *same* digits. What is hard for one is mostly hard for the other, and that part of
# the scatter cancels when you subtract image by image. The scatter of the difference, as if the
# tests had been separate, and as they were:

# %%
separate = np.sqrt(line.var() / n + one.var() / n)
paired = (one.astype(float) - line).std() / np.sqrt(n)
print(f"separate {100 * separate:.2f} points, paired {100 * paired:.2f} points")

# %% [markdown]
# Where both are right or both are wrong, nothing is to be learnt. Only where they **disagree**
# there is something to count, and if neither is better, each of these digits is the toss of a fair
# coin. That is **McNemar's test**, and with `math.comb` it is two lines.

# %%
m, k = int(np.sum(one != line)), int(min(np.sum(one & ~line), np.sum(line & ~one)))
p = min(1, 2 * sum(math.comb(m, i) for i in range(k + 1)) / 2**m)
print(f"{m} digits decide; the weaker program is right on {k} of them: p = {p:.4f}")
same(np.array(metrics.mcnemar(one, line).p), p)

# %%
pair = metrics.compare(one, line)
ours = metrics.compare(b, a)
print(pair)
print(ours)

# %%
images.show(
    *[whisker(c.effect, c.low, c.high, -0.07, 0.07) for c in (pair, ours)],
    titles=["nearest less line, -7 to +7 points", "neighbours less forest, -7 to +7 points"],
    columns=1,
    alt="Two bars and a grey line at zero. The first bar lies wholly to the right of it, from "
    f"{100 * pair.low:.1f} to {100 * pair.high:.1f} points; the second crosses it, from "
    f"{100 * ours.low:.1f} to {100 * ours.high:.1f}.",
)

# %% [markdown]
# There is the answer to our question: **no measurable difference.** It does not say that the two
# are equal; the bar shows what is still possible. And the other pair, whose intervals overlap,
# differs clearly. Look at the difference itself, never at whether two bars overlap. (At the border
# interval and $p$ may disagree, for they are reckoned differently. The kit then says "no measurable
# difference".)
#
# ## Scores instead of right and wrong: exchange them
#
# Two ways to segment the same twelve scans (made up). If they did the same, it would not matter
# which number stands in which column. So exchange the two, scan by scan, in all ways there are, and
# see how often the mean difference is as large as the one you saw.

# %%
old = np.array([0.91, 0.88, 0.93, 0.79, 0.95, 0.70, 0.90, 0.86, 0.94, 0.82, 0.89, 0.77])
gain = np.array([0.01, 0.03, 0.00, 0.05, -0.01, 0.06, 0.01, 0.02, -0.01, 0.04, 0.02, 0.03])
signs = 1 - 2 * (np.arange(2**12)[:, None] >> np.arange(12) & 1)  # every exchange, (4096, 12)
means = (signs * gain).mean(axis=1)
p = np.mean(np.abs(means) >= gain.mean() - 1e-12)
test_of_both = metrics.permutation(old + gain, old)
same(np.array(test_of_both.p), p)
print(test_of_both)

# %% [markdown]
# No formula, no bell, only exchanging. That is the **permutation test**.
#
# ## Many comparisons
#
# Twenty new programs, none of them better or worse than the old one. Each disagrees with it on
# forty images. The smallest $p$ goes into the paper. How often is it below 0.05, in a thousand such
# worlds?


# %%
def coin_p(heads, tosses=40):
    tail = binom.cdf(np.minimum(heads, tosses - heads), tosses, 0.5)
    return np.minimum(1, 2 * tail)


worlds = coin_p(rng.binomial(40, 0.5, (1000, 20)))
holm = np.array([metrics.holm(row) for row in worlds])
print(f"alone {np.mean(worlds[:, 0] < 0.05):.1%}, the best of twenty ", end="")
print(f"{np.mean(worlds.min(axis=1) < 0.05):.1%}, with Holm {np.mean(holm.min(axis=1) < 0.05):.1%}")

# %% [markdown]
# (Alone it is less than 5 %, for heads come in whole numbers.) **Holm's rule:** put the $p$ in
# order, multiply the smallest by how many there are, the next by one less, and so on; none may end
# below the one before it, nor above 1. Then the chance of *any* false "below 0.05" stays under 5 %,
# for all of them together. We, too, made two comparisons and are about to quote the clearer one:

# %%
pair_p, ours_p = metrics.holm([pair.p, ours.p])
print(f"nearest and line {pair.p:.4f}, corrected {pair_p:.4f}")
print(f"neighbours and forest {ours.p:.3f}, corrected {ours_p:.3f}")

# %% [markdown]
# ## Three true sentences
#
# One result, told in three ways. All are correct.

# %%
was, now = line.mean(), one.mean()
print(f"accuracy rose by {100 * (now - was):.1f} points")
print(f"accuracy rose by {now / was - 1:.1%}")
print(f"there are {1 - (1 - now) / (1 - was):.0%} fewer errors")

# %% [markdown]
# The third sounds like a revolution. Say the points and both numbers, then add the others if you
# like.
#
# ## Does it know what it knows?
#
# Programs give chances. If one says "90 %", it should be right nine times in ten; then it is
# **calibrated**. The **reliability diagram** puts what was said beside what came. Inside, a program
# mostly keeps the logarithms of its chances, or the like, its **logits**; `softmax` makes chances
# of them that sum to 1.

# %%
logits = bayes.predict_joint_log_proba(flat)  # the logarithms of its chances, (1797, 10)
before = metrics.reliability(metrics.softmax(logits[test]), truth, bins=5)
for said, came, count in zip(before.confidence, before.accuracy, before.count, strict=True):
    print(f"says {said:.0%}, is right {came:.0%}  ({count} answers)" if count else "no answer")

# %% [markdown]
# Almost always it says nearly 100 %. Neighbouring pixels tell the same story, and naive Bayes takes
# each for a new witness. The mean gap, each bin weighted by its answers, is the **expected
# calibration error**.

# %%
gaps = np.abs(before.accuracy - before.confidence)
by_hand = np.nansum(gaps * before.count) / before.count.sum()
same(np.array(metrics.calibration_error(metrics.softmax(logits[test]), truth, bins=5)), by_hand)

# %% [markdown]
# Being right is one thing, and knowing how sure to be another. One number mends the second without
# touching the first: divide the logits by a **temperature**. Which? The one that makes the truth
# least surprising, on the *validation* part.

# %%
temperatures = np.geomspace(0.5, 20, 60)
surprise = [
    metrics.log_loss(metrics.softmax(logits[validation], temperature=t), digits.labels[validation])
    for t in temperatures
]
T = metrics.fit_temperature(logits[validation], digits.labels[validation])
print(f"by trying {temperatures[np.argmin(surprise)]:.2f}, by the library {T:.2f}")

# %%
softer = metrics.softmax(logits[test], temperature=T)
after = metrics.reliability(softer, truth, bins=5)
assert np.array_equal(softer.argmax(axis=1), logits[test].argmax(axis=1))  # the same answers
added = [
    np.nan_to_num((r.accuracy - r.confidence) * r.count / r.count.sum()) for r in (before, after)
]
images.plot_rows(
    *added,
    np.zeros(5),
    labels=["as it was", f"temperature {T:.1f}", "calibrated"],
    title="share right less confidence, times share of the answers; bins from 0-20 % to 80-100 %",
    alt="Before, the last bin lies far below zero, at "
    f"{added[0][-1]:.3f}. Softened, all five bins stay near zero. The calibration error falls from "
    f"{before.expected_error:.3f} to {after.expected_error:.3f}.",
)

# %%
print(f"calibration error {before.expected_error:.3f} before, {after.expected_error:.3f} after")

# %% [markdown]
# Is that zero? Play a world once more: draw the truth by just the chances that it gives, so that it
# is calibrated by construction.

# %%
edges = softer.cumsum(axis=1)[:, :-1]
errors = []
for _ in range(300):
    drawn = (rng.random((n, 1)) > edges).sum(axis=1)  # (N,): a digit by its ten chances
    errors.append(metrics.calibration_error(softer, drawn, bins=5))
print(f"calibrated and yet {np.mean(errors):.3f} on average, up to ", end="")
print(f"{np.quantile(errors, 0.95):.3f} in 95 of 100 worlds")

# %% [markdown]
# A share scatters, so a measured calibration error is hardly ever 0, and few answers or many bins
# make it larger. Give both numbers with it. If yours is no larger than those of such worlds, this
# test has nothing left to complain of.
#
# ## What goes wrong, and how to see it
#
# - **Too good.** Near-perfect on a hard task is a leak until proven otherwise. Shuffle the labels:
#   an honest pipeline falls to chance.

# %%
shuffled = digits.labels[rng.permutation(len(flat))]
program = KNeighborsClassifier(1).fit(flat[train], shuffled[train])
print(metrics.wilson(int(np.sum(program.predict(flat[test]) == shuffled[test])), n))

# %% [markdown]
# - **No baseline.** Always compare: with the most frequent answer, with the simplest method, with
#   what was there before.
# - **A tiny test.** Look at the width of the interval before you look at the score.
# - **Another world.** Thirteen people wrote these digits, and their hands are in training and test
#   alike. For a new hand, none of our intervals promises anything. They speak of images *like
#   these*.
# - **Wishes.** Decide what you measure and when you stop before you look.
#
# ## Where it is used
#
# - **Medicine.** Guidelines ask for intervals, for a division by patient, and for calibration: a
#   doctor acts on "20 %".
# - **Satellites.** Neighbouring tiles look alike. Divide by region, or the map has seen its test.
# - **Roads.** Few pedestrians, many pixels: precision and recall, and whole drives kept together.
# - **Space.** A thousand candidates for a planet, and most are noise: many comparisons.
#
# ## On your CV
#
# All of it in one sentence: what, on how many, divided how, against what, how sure. Computed, so
# that it cannot be nicer than it is.

# %%
print(
    f"1-nearest-neighbour digit reader: {one.mean():.1%} on {n} held-out images (stratified split, "
    f"seed 0, n={len(train)} for training; 95 % Wilson interval {metrics.interval(one).low:.1%} to "
    f"{metrics.interval(one).high:.1%}); logistic regression on the same images "
    f"{line.mean():.1%}, difference {100 * pair.effect:+.1f} points "
    f"({100 * pair.low:+.1f} to {100 * pair.high:+.1f}, McNemar p={pair.p:.3f}, {pair_p:.3f} after "
    "Holm for two comparisons)."
)

# %% [markdown]
# And if the interval holds zero, write "no measurable difference". It is a result, it saves others
# the work, and whoever reads it believes your other numbers.
#
# ## To remember
#
# - A score is one draw. Print its interval: Wilson for right or wrong, $t$ below 50 values, the
#   bootstrap from there on.
# - Divide first: training, validation, test; by class; what belongs together on one side. Choosing
#   is learning.
# - ROC tells whether scores are in order. Where positives are rare, precision tells whether alarms
#   are right.
# - Same images: look at the difference. McNemar for right or wrong, exchanging for scores, Holm for
#   many.
# - Calibrated means: 90 % sure, right nine times in ten. One temperature mends much.
# - n, division, seed, interval, baseline. "No measurable difference" is a result.
#
# Now write it all yourself: type `imgkit start 11`. It is the last exercise so far; whatever you
# build next, its numbers will come with an interval.
#
# ## References
#
# - Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 1927.
# - Brown, Cai and DasGupta, *Interval estimation for a binomial proportion*, Statistical Science
#   2001: why Wald fails.
# - Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapters 13 and 14.
# - McNemar, *Note on the sampling error of the difference between correlated proportions or
#   percentages*, Psychometrika 1947.
# - Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of
#   Statistics 1979.
# - Fawcett, *An introduction to ROC analysis*, Pattern Recognition Letters 2006; Davis and
#   Goadrich, *The relationship between precision-recall and ROC curves*, ICML 2006.
# - Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*, 2nd ed., section
#   7.10.2: the wrong and the right way to choose and divide.
# - Kapoor and Narayanan, *Leakage and the reproducibility crisis in machine-learning-based
#   science*, Patterns 2023.
# - Guo, Pleiss, Sun and Weinberger, *On calibration of modern neural networks*, ICML 2017.
