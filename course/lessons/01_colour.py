# ---
# jupyter:
#   imgkit:
#     title: Colour, histograms, point operations
#     minutes: 25
#     needs: [00_start_here]
# ---

# %% [markdown]
# # Colour, histograms, point operations
#
# **25 minutes of reading.** You need arrays and slices (lesson 00).
#
# By the end of this page you can
#
# - say why the number in a pixel is not an amount of light, and bend pictures by gamma,
# - read a histogram, and name what is wrong with a picture from it alone,
# - see every change of brightness as a curve, and tell from its slope what it does,
# - derive equalisation from a sentence, and say what it costs,
# - make it local, without seams: CLAHE,
# - pick the right colour space for a question: grey, HSV, Lab or YCbCr,
# - spot the four usual bugs with four test pictures.

# %% tags=["setup"]
import time

import numpy as np

from imgkit import color, contrast, data, images

rng = np.random.default_rng(1)


def same(exact, approximate):
    """Print one value of each, and the largest difference anywhere."""
    middle = np.size(exact) // 2
    one, other = float(np.ravel(exact)[middle]), float(np.ravel(approximate)[middle])
    away = np.abs(np.subtract(exact, approximate, dtype=float)).max()
    print(f"{one:.6g} | {other:.6g} | largest difference {away:.0e}")


def seconds(function, *arguments, runs=7):
    """The best time of several runs: whatever else the computer did can only make it longer."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - begin)
    return min(times)


# %% [markdown]
# ## A picture and a question

# %%
moon = data.load("moon")[64:424:2, 64:424:2]
images.show(
    moon,
    alt="The ground of the Moon from above: nearly one single grey, with one clear crater at the "
    f"upper left. Half of all pixels lie between the levels {np.percentile(moon, 25):.0f} and "
    f"{np.percentile(moon, 75):.0f} of 255.",
)

# %% [markdown]
# A sound photograph of the Moon, and the Moon is full of craters. **Where are they?**
#
# Nothing is missing: they are in the numbers, a few levels deep. To bring them out we shall not
# look at neighbours at all, as filters do. We only ask, for each level, *which level should it
# become?* That is a **point operation**, and it is a curve.
#
# ## A number is not an amount of light
#
# Before we bend numbers: what do they mean? 0 is no light, 255 is as much as the screen can give.
#
# **Predict.** Which number is *half* of that light?

# %%
numbers = np.arange(256) / 255
light = numbers**2.2
images.plot_rows(
    numbers,
    light,
    labels=["number / 255", "light"],
    alt="A straight line, and the light, which hangs far below it: the middle number gives only "
    f"{light[128]:.0%} of the light.",
)

# %%
print(f"half of the light: number {255 * 0.5 ** (1 / 2.2):.0f}; number 128: {light[128]:.0%}")

# %% [markdown]
# Screens and files follow this curve, $\text{light} = \text{number}^{2.2}$. (The standard, sRGB, is
# a power of 2.4 with a straight piece near black. How far is it from ours?)

# %%
srgb = np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)
same(srgb, light)

# %% [markdown]
# Why the detour? Because of your eye. **Predict.** One of these strips has equal steps of light,
# the other has equal steps of number. Which is which?

# %%
steps = np.linspace(0, 1, 16)
strips = [np.kron(s[None], np.ones((20, 20))) for s in (steps ** (1 / 2.2), steps)]
images.show(
    *strips,
    titles=["A", "B"],
    columns=1,
    alt=f"Two strips of {len(steps)} greys from black to white. In A the first step is a leap, to "
    f"{strips[0][0, 25]:.0%} of white, and the bright ones run together; B looks even.",
)

# %% [markdown]
# A has equal steps of light: it leaps out of the black and then seems to stand still. The eye
# judges *ratios* of light, and B, the numbers, suits it. So 256 numbers are enough. How many of
# them are spent on the darkest hundredth of the light?

# %%
print(f"{np.sum(light <= 0.01)} of 256; if numbers were light: {np.sum(numbers <= 0.01)}")

# %% [markdown]
# There is a price. What is physics, blur, zoom, mixing two lamps, belongs into light. Fine stripes,
# black and white, seen from afar:

# %%
stripes = np.tile([0.0, 1.0], 50)
by_light = (stripes**2.2).mean() ** (1 / 2.2)
print(f"mean of the numbers {stripes.mean():.2f}, of the light {by_light:.2f}, as numbers again")

# %% [markdown]
# Most programs take the first, and make fine patterns too dark. Mostly it does not matter. Know
# that you do it.
#
# ## Gamma
#
# A power is also the first tool for a picture that is too dark: $\text{out} = \text{in}^\gamma$,
# with both as fractions of white. Black stays, white stays, and all between is bent. Above 1 the
# curve hangs down, as you have seen; below 1 it bulges up.

# %%
for g in (0.45, 1, 2.2):
    print(f"gamma {g:4}: 0.1 becomes {0.1**g:.2f}, 0.5 becomes {0.5**g:.2f}, 0.9 {0.9**g:.2f}")

# %% [markdown]
# **Predict.** Where is the curve of 0.45 steepest? So which parts of a picture does it pull apart?

# %%
dusk = data.load("rocket")[100:420:2, 120:520:2]
day = contrast.gamma(dusk, gamma=0.45)
images.show(
    dusk,
    day,
    titles=["as it was taken", "gamma 0.45"],
    alt="A white rocket at dusk, and brightened: the sky is light, the lattice of the masts and "
    f"the clouds can be seen. The median level rose from {np.median(dusk):.0f} to "
    f"{np.median(day):.0f}.",
)

# %% [markdown]
# The shadows: near black its slope is greatest.
#
# ## From slow to fast
#
# **The loops.** The definition, one pixel at a time.


# %%
def with_loops(image, g):
    out = np.empty_like(image)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            out[r, c] = round(255 * (image[r, c] / 255) ** g)
    return out


# %% [markdown]
# **All at once.** NumPy takes the whole picture.


# %%
def at_once(image, g):
    return np.round(255 * (image / 255) ** g).astype(np.uint8)


# %% [markdown]
# **The table.** A picture has a great many pixels but only 256 levels. So ask the power 256 times
# and let the pixels look up their answer. `table[image]` is an array of answers, in the shape of
# the image. It works for *every* point operation, however odd its curve.


# %%
def with_table(image, g):
    table = at_once(np.arange(256), g)
    return table[image]


# %%
camera = data.load("camera")
piece = camera[:128, :128]
slow = with_loops(piece, 0.45)
same(slow, at_once(piece, 0.45))
same(slow, with_table(piece, 0.45))
same(slow, contrast.gamma(piece, gamma=0.45))

# %% [markdown]
# **Predict.** How many times as fast as the loops is each?

# %%
functions = {
    "at once": at_once,
    "table": with_table,
    "library": lambda image, g: contrast.gamma(image, gamma=g),
}
loops = seconds(with_loops, piece, 0.45, runs=3)
for name, function in functions.items():
    print(f"{name:>8}: {loops / seconds(function, piece, 0.45, runs=15):6.0f} times as fast")

# %% [markdown]
# ## Count the levels: the histogram
#
# Which levels does a picture use? Count. First in a single row:

# %%
row = np.array([2, 3, 3, 1, 3, 0, 3, 2], np.uint8)
counts = np.array([np.sum(row == level) for level in range(5)])
counts

# %%
same(counts, np.bincount(row, minlength=5))

# %% [markdown]
# Now the Moon, and beside it a photograph with everything in it.
#
# **Predict.** What will the Moon's look like?

# %%
levels = {"camera": contrast.histogram(camera), "moon": contrast.histogram(moon)}
shares = {name: counts / counts.sum() for name, counts in levels.items()}
images.plot_rows(
    *shares.values(),
    labels=list(shares),
    title="share of the pixels at each level",
    alt="The photographer's histogram has a dark hill, his coat, and two bright ones, lawn and "
    f"sky. The Moon's is a single needle: {shares['moon'][100:126].sum():.0%} of its pixels lie between "
    "the levels 100 and 125.",
)

# %% [markdown]
# That needle *is* the problem. Other shapes tell other stories: a pile at 255 is burnt out, a pile
# at 0 is drowned in black, and a comb with gaps has been stretched before.
#
# What does a histogram *not* know? **Predict.** Can another picture have exactly this one?

# %%
sorted_moon = np.sort(moon, axis=None).reshape(moon.shape)
images.show(
    moon,
    sorted_moon,
    titles=["the Moon", "its pixels, sorted"],
    alt="The Moon, and an almost even grey that grows a little brighter downwards, with a thin "
    f"black rim at the top and a thin white one at the bottom: the same {moon.size} pixels.",
)

# %%
assert np.array_equal(contrast.histogram(moon), contrast.histogram(sorted_moon))

# %% [markdown]
# It knows how many, never where.
#
# ## Every point operation is a curve
#
# Four of them, as curves and at work.
#
# **Predict.** What does "more contrast" look like as a curve? And the negative?

# %%
curves = {
    "brighter": np.clip(numbers + 0.2, 0, 1),
    "more contrast": np.clip(2 * (numbers - 0.5) + 0.5, 0, 1),
    "negative": 1 - numbers,
    "threshold": (numbers > 0.5) * 1.0,
}
images.plot_rows(
    *curves.values(),
    labels=list(curves),
    title="level in, brightness out",
    alt="Four curves over 256 levels: a line shifted up and cut off at 1, a line twice as steep "
    "that is cut off at both ends, a falling line, and a single step in the middle.",
)

# %%
photo = camera[80:252:2, 190:362:2]
images.show(
    *[curve[photo] for curve in curves.values()],
    titles=list(curves),
    columns=4,
    alt="The photographer four times: brighter; with a black coat and a white sky; with white coat "
    f"and black sky; and in pure black and white, {np.mean(curves['threshold'][photo]):.0%} of it "
    "white.",
)

# %% [markdown]
# Read a curve by its **slope**. Steeper than 1 pulls neighbouring levels apart: more contrast.
# Flatter than 1 pushes them together. Where it does not rise at all it merges them for good, and
# where it falls, light turns into dark.
#
# You cannot be steep everywhere: the way from black to white is only so long. So the whole art is
# *where* to be steep.
#
# ## Stretch
#
# The Moon lives in a narrow band of levels. Make the curve steep there and flat elsewhere: pull
# the band from black to white.
#
# **Predict.** The darkest pixel becomes black, the brightest white. Good idea?

# %%
wide = contrast.rescale(moon, percentiles=(0, 100))
narrow = contrast.rescale(moon, percentiles=(1, 99))
images.show(
    wide[:120],
    narrow[:120],
    titles=["darkest to brightest", "1 % to 99 %"],
    alt=f"Left, the Moon as before. Right, craters and ridges; its levels spread by "
    f"{narrow.std():.0f} instead of {wide.std():.0f}.",
)

# %%
print(f"darkest {moon.min()}, brightest {moon.max()};", end=" ")
print("1 % and 99 %:", np.percentile(moon, [1, 99]).round())

# %% [markdown]
# A few extreme pixels had the whole say. **Percentiles** give up one pixel in a hundred at each end
# and are safe from them. By hand it is one line:

# %%
black, white = np.percentile(moon, [1, 99])
same(np.round(255 * np.clip((moon - black) / (white - black), 0, 1)), narrow)

# %% [markdown]
# ## Equalise
#
# The stretch is straight inside its band. But the needle is not: it has a peak. Let the histogram
# *itself* say how steep to be: at each level, climb by the share of the pixels that are there.
# Start at 0, and after all 256 levels you have climbed by exactly 1.
#
# Such a curve is a running sum.

# %%
share = shares["moon"]
curve = np.cumsum(share)
images.plot_rows(
    numbers,
    curve,
    labels=["change nothing", "running sum of the Moon's histogram"],
    title="level in, brightness out",
    alt="A straight diagonal, and a curve that lies low, climbs almost upright in the middle and "
    f"stays high: from {curve[100]:.0%} at level 100 to {curve[125]:.0%} at level 125.",
)

# %% [markdown]
# In words: **every pixel becomes the share of the pixels that are at most as bright.** Does the
# table do what the sentence says?

# %%
equal = curve[moon]
asked = [np.mean(moon <= moon[r, 50]) for r in range(0, 180, 18)]
same(asked, equal[::18, 50])

# %% [markdown]
# **Predict.** What will the *new* running sum look like?

# %%
after = np.cumsum(contrast.histogram(images.as_uint8(equal))) / moon.size
for name, running_sum in (("before", curve), ("after", after)):
    print(f"{name:>6}: {np.abs(running_sum - numbers).max():.2f} from the diagonal, at most")

# %% [markdown]
# The diagonal, as far as whole levels allow: every band of brightness now holds equally many
# pixels.

# %%
images.show(
    narrow[:105],
    equal[:105],
    titles=["stretched", "equalised"],
    alt="The stretched Moon, and the equalised one: a harsh landscape, black below and white "
    f"above, its levels spread over {100 * equal.std():.0f} % of full scale against "
    f"{100 * narrow.std() / 255:.0f} %.",
)

# %% [markdown]
# There are the craters. And there is grain that nobody asked for: where a curve is steep, *noise*
# grows with everything else. On a flat bit of ground:

# %%
flat = np.s_[100:120, 20:40]
grain = (moon[flat] / 255).std()
print(f"grain {grain:.4f} before, {equal[flat].std() / grain:.0f} times as much after")
print(f"the curve's largest slope: {256 * share.max():.0f}")

# %% [markdown]
# This is the curve of the textbooks: Gonzalez and Woods take the running sum as it is. Then the
# darkest pixels become *their own share*, which is not 0. The library, like OpenCV, first subtracts
# that share and stretches the rest, so that the darkest level becomes black.
#
# **Predict.** A night sky, three quarters of it black. What does each make of the black?

# %%
night = np.array([[0, 0, 0, 0, 0, 0, 100, 200]], np.uint8)
textbook = np.cumsum(contrast.histogram(night)) / night.size
print("the textbook:", np.round(255 * textbook[night]).astype(int))
print("the library: ", contrast.equalize(night))

# %% [markdown]
# On a photograph with few black pixels you will not see the difference. On a black ground you will.
# The library's curve, by hand:

# %%
counts = contrast.histogram(moon)
cumulative = np.cumsum(counts)
first = counts[moon.min()]
ours = np.round(255 * (cumulative - first) / (moon.size - first))[moon]
same(ours, contrast.equalize(moon))
same(np.round(255 * equal), contrast.equalize(moon))  # the textbook's

# %% [markdown]
# ## Everywhere its own curve
#
# One curve for the whole picture is a compromise between its parts. So cut the picture into tiles
# and give each its own.


# %%
def tile_by_tile(image, size):
    out = np.empty_like(image)
    for r in range(0, image.shape[0], size):
        for c in range(0, image.shape[1], size):
            tile = np.s_[r : r + size, c : c + size]
            out[tile] = contrast.equalize(image[tile])
    return out


# %% [markdown]
# **Predict.** What will you see at the borders of the tiles?

# %%
seams = tile_by_tile(moon, 45)
smooth = contrast.clahe(moon, tiles=4, clip=1)
limited = contrast.clahe(moon, tiles=4, clip=8 / 256)
images.show(
    seams[:105],
    smooth[:105],
    limited[:105],
    titles=["tile by tile", "blended", "blended and limited"],
    alt="Tile by tile: a chessboard of seams. Blended between the centres of the tiles: no seams, "
    "but grain everywhere. With a limit to the slope: craters, ridges and rays on a calm ground, "
    f"where the grain is {(limited[flat] / 255).std() / (smooth[flat] / 255).std():.0%} of what it "
    "was.",
)

# %% [markdown]
# Three ideas in one name, **contrast limited adaptive histogram equalisation**, CLAHE:
#
# - *adaptive*: each tile has its own curve;
# - a pixel takes the **blend** of the curves of the four tiles around it, so there are no seams;
# - *contrast limited*: before summing, no level may hold more than a share `clip` of the tile's
#   pixels. A fair share is 1/256 and makes a slope of 1, so 8/256 limits the slope to about 8, and
#   the noise with it. What was cut off is spread over all levels.
#
# And our question is answered: *there* are the craters.
#
# Is there more *in* the picture now? **Entropy** counts the yes-or-no questions it takes, on
# average, to find out a pixel's level. **Predict.** What raises it: stretching, equalising, CLAHE?


# %%
def bits(image):
    p = contrast.histogram(images.as_uint8(image)) / image.size
    return -np.sum(p[p > 0] * np.log2(p[p > 0]))


results = {"as it was": moon, "stretched": narrow, "equalised": equal, "CLAHE": limited}
for name, result in results.items():
    print(f"{name:>10}: {bits(result):.2f} bits for each pixel")

# %% [markdown]
# A curve moves levels and merges some; it cannot tell two equal pixels apart. So no point operation
# ever raises entropy: it only shows you what was there. CLAHE is no single curve. Equal pixels in
# different places become different, and part of that is invention: **never measure brightness on a
# picture after CLAHE.**
#
# ## Three numbers for a colour
#
# How bright is a colour? **Predict.** Order pure red, green and blue by brightness.

# %%
bars = np.kron(np.eye(3)[None], np.ones((60, 40, 1)))
by_mean, by_eye = bars.mean(axis=2), color.to_gray(bars)
images.show(
    bars,
    by_mean,
    by_eye,
    titles=["three colours", "mean of the three", "weighted for the eye"],
    alt="Bars of red, green and blue. Their mean is one and the same grey; weighted, green is the "
    f"brightest with {by_eye[0, 60]:.2f}, then red {by_eye[0, 20]:.2f}, then blue "
    f"{by_eye[0, 100]:.2f}.",
)

# %%
same(bars @ [0.299, 0.587, 0.114], by_eye)

# %% [markdown]
# The weights are the eye's: it sees green best. (These are BT.601's, used by OpenCV, Pillow and
# JPEG; scikit-image takes BT.709's. One more reason to ask "which grey?")
#
# Now a second question, in colour: **pick out the cup.** Two of its pixels, one in light and one in
# shade, in red, green and blue, and then in **hue, saturation, value**:

# %%
coffee = data.load("coffee")
lit, shaded = coffee[240, 100], coffee[360, 250]
for name, pixel in (("lit", lit), ("shaded", shaded)):
    print(f"{name:>6}: RGB {pixel}, HSV {color.rgb_to_hsv(pixel[None, None] / 255)[0, 0].round(2)}")

# %% [markdown]
# All three of RGB changed, and in HSV hardly anything but the last. Hue says *which* colour, in
# turns of a circle; saturation, how far from grey; value, how bright.

# %%
cup = coffee[:390:3, 70:510:3] / 255
hsv = color.rgb_to_hsv(cup)
hue, saturation, value = np.moveaxis(hsv, -1, 0)
images.show(
    hue,
    saturation,
    value,
    titles=["hue", "saturation", "value"],
    columns=4,
    alt="A cup on a table. Its hue is nearly black with some white specks, its saturation "
    "bright on cup and saucer and dark at the white rim, its value a usual grey picture. "
    f"{np.mean(hue > 0.9):.1%} of the hues are above 0.9, right beside those near 0.",
)

# %% [markdown]
# Why the white specks in a red cup? Hue is a **circle**: 0 and 1 are the same red. So measure the
# distance round the circle. Then turn the hue of what you have found:

# %%
from_red = np.minimum(hue, 1 - hue)
found = (from_red < 0.04) & (saturation > 0.75)
turned = np.stack([np.where(found, 0.58, hue), saturation, value], axis=-1)
blue = color.hsv_to_rgb(turned)
images.show(
    cup,
    found,
    blue,
    titles=["in colour", "red and strong", "now in blue"],
    columns=4,
    alt=f"The red cup; a mask of cup and saucer, {found.mean():.0%} of the picture; and the same "
    "coffee in a deep blue cup. The table has kept its brown nearly everywhere.",
)

# %% [markdown]
# ### Lab: as different as they look
#
# Each pair below is equally far apart in RGB. **Predict.** Which pair looks more different?

# %%
pairs = np.array([[[0, 1, 1], [0.2, 1, 1]], [[0.5, 0.5, 0.5], [0.5, 0.5, 0.7]]])
images.show(
    *[np.kron(pair[None], np.ones((60, 60, 1))) for pair in pairs],
    titles=["one pair", "the other"],
    alt="Two patches of cyan that can hardly be told apart, and a grey beside a clear violet blue.",
)

# %%
for space, values in (("RGB", pairs), ("Lab", color.rgb_to_lab(pairs))):
    one, other = np.linalg.norm(values[:, 0] - values[:, 1], axis=-1)
    print(f"distance in {space}: {one:5.2f} | {other:5.2f}")

# %% [markdown]
# In **Lab** a distance is about as large as it looks. L is lightness, a runs from green to red, b
# from blue to yellow. Use it whenever you *compare* colours: a print with its original, a tooth
# with a filling, a superpixel with its neighbour (lesson 07).
#
# ### YCbCr: what a JPEG stores
#
# Y is the grey you know; Cb and Cr say how far blue and red are away from it. Now throw away most
# of the samples: keep one for each block of 8 × 8.
#
# **Predict.** Once we do this to the two colour channels, once to the brightness. What is lost?


# %%
def coarse(channel):
    blocks = channel.reshape(channel.shape[0] // 8, 8, -1, 8).mean(axis=(1, 3))
    return np.kron(blocks, np.ones((8, 8)))


cat = data.load("chelsea")[68:204, 118:278] / 255
y, cb, cr = np.moveaxis(color.rgb_to_ycbcr(cat), -1, 0)
fewer_colours = color.ycbcr_to_rgb(np.stack([y, coarse(cb), coarse(cr)], axis=-1))
less_light = color.ycbcr_to_rgb(np.stack([coarse(y), cb, cr], axis=-1))
images.show(
    cat,
    fewer_colours,
    less_light,
    titles=["the cat", "coarse colour", "coarse brightness"],
    alt="The eye of a ginger cat. With coarse colour it looks as before; with coarse brightness it is a "
    f"mosaic of blocks. On average the first is off by {np.abs(fewer_colours - cat).mean():.3f}, the "
    f"second by {np.abs(less_light - cat).mean():.3f}.",
)

# %% [markdown]
# Your eye reads shapes from brightness and colours them in. So JPEG and television keep every
# sample of Y, and mostly a quarter of the others.
#
# ## What goes wrong, and how to see it
#
# Four bugs, from real notebooks. None of them raises an error.

# %%
small = coffee[:390:4, 70:510:4]
wrapped = small + np.uint8(80)
banded = contrast.gamma(contrast.gamma(small, gamma=5), gamma=1 / 5)
twice = contrast.gamma(contrast.gamma(small, gamma=1 / 2.2), gamma=1 / 2.2)
apart = np.stack([contrast.equalize(small[..., i]) for i in range(3)], axis=-1)
images.show(
    wrapped,
    banded,
    twice,
    apart,
    titles=["plus 80 in uint8", "dark, and back", "gamma twice", "channels apart"],
    columns=4,
    alt=f"Four spoiled cups of coffee. False colours: {np.mean(wrapped < small):.0%} of the values "
    f"wrapped around. Flat bands in the shadows: {len(np.unique(banded))} levels are left. Washed "
    f"out: the median is {np.median(twice):.0f}, it was {np.median(small):.0f}. And a table gone "
    "from brown to blue and grey.",
)

# %% [markdown]
# Do not hunt for them in photographs. **Four test pictures** find them at once:
#
# - **a ramp** from 0 to 255: what rises must rise afterwards. If not, something wrapped.
# - **the same ramp**: count its levels. What was squeezed into bytes on the way is lost for good.
# - **one grey, the middle**: predict its new value by hand. Gamma twice stands out.
# - **one colour**, here the brown of the table: its hue must not turn.

# %%
ramp = np.arange(256, dtype=np.uint8)[None]
squeezed = contrast.gamma(contrast.gamma(ramp, gamma=5), gamma=1 / 5)
once = contrast.gamma(ramp, gamma=1 / 2.2)
hues = [color.rgb_to_hsv(image)[70, 108, 0] for image in (small, apart)]  # the table
print("wrapped:   falls", np.sum(np.diff((ramp + np.uint8(80)).astype(int)) < 0), "time")
print("squeezed: ", len(np.unique(squeezed)), "levels of", len(np.unique(ramp)))
print("twice:    ", contrast.gamma(once, gamma=1 / 2.2)[0, 128], "for", once[0, 128])
print("apart:     hue", hues[1].round(2), "for", hues[0].round(2))

# %% [markdown]
# The cure for the last: change the brightness *alone*. And one trap has no picture. What is the
# mean of two reds, one on either side of 0?

# %%
reds = np.array([0.98, 0.04])
round_the_circle = np.angle(np.exp(2j * np.pi * reds).mean()) / (2 * np.pi)
print(f"mean {reds.mean():.2f}, which is cyan; round the circle {round_the_circle:.2f}, red")

# %% [markdown]
# ## Where it is used
#
# - **Space.** Raw pictures of planets and galaxies are nearly flat or nearly black. Those that you
#   know went through a stretch, often along a curve like the logarithm.
# - **Medicine.** An X-ray has thousands of levels and a screen 256: the doctor picks a *window*,
#   which is a stretch. CLAHE was made for medical pictures: it brings out vessels in the eye, and
#   bones in a haze.
# - **Satellites.** Two scenes from different days are brought to one histogram before they are
#   compared (`contrast.match_histogram`). And most map viewers stretch between percentiles before
#   you see anything.
# - **Roads.** Signs are found by hue, for a red rim stays red in the shade; and gamma and CLAHE
#   open up the dark end of a tunnel.
# - **Kitchens and fields.** Ripe or not, browned or not: a colour distance in Lab.
#
# ## To remember
#
# - Numbers are not light: light goes with their power 2.2. The eye likes the numbers, physics the
#   light.
# - A point operation is a curve. Its slope is the contrast, and the noise. A table makes any curve
#   fast.
# - A histogram knows how many, not where.
# - Stretch between percentiles, never between the darkest and the brightest pixel.
# - Equalising: every pixel becomes the share of the pixels at most as bright. The curve is the
#   running sum of the histogram.
# - CLAHE: one such curve for each tile, its slope limited, blended between the centres.
# - No curve adds information. Compute in floats, clip, round, and only then go back to `uint8`.
# - Grey for shape, HSV to pick out a colour, Lab to compare colours, YCbCr to store them. Hue is a
#   circle.
#
# Now write it all yourself: type `imgkit start 01`. On this page no pixel knew its neighbours; in
# [lesson 02](02_convolution.ipynb) they have a say.
#
# ## References
#
# - Gonzalez and Woods, *Digital Image Processing*, 4th ed., sections 3.2 and 3.3 (point operations,
#   histograms), and chapter 7 for colour.
# - Szeliski, *Computer Vision: Algorithms and Applications*, 2nd ed., sections 2.3.2 (colour) and
#   3.1 (point operators).
# - Pizer and others, *Adaptive histogram equalization and its variations*, Computer Vision,
#   Graphics, and Image Processing 39, 1987: the tiles, the blend and the limit.
# - Zuiderveld, *Contrast limited adaptive histogram equalization*, Graphics Gems IV, 1994: the code
#   that most libraries follow.
# - Poynton, *Digital Video and HD: Algorithms and Interfaces*, 2nd ed., for gamma and YCbCr.
