# ---
# jupyter:
#   imgkit:
#     title: "Start here: images are arrays"
#     minutes: 20
#     needs: []
# ---

# %% [markdown]
# # Start here: images are arrays
#
# **20 minutes of reading.** You need a little Python and a first idea of NumPy. Nothing else.
#
# By the end of this page you can
#
# - work with the kit: read, predict, write, check, and take a hint,
# - say what an image is, and find any pixel, window and colour in it,
# - name four traps that spoil pictures without an error, and one that spoils them behind
#   your back.

# %% tags=["setup"]
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from IPython.display import Markdown

from imgkit import course, data, images

# %% [markdown]
# ## Four pictures and a question
#
# Each of these came out of one innocent line of Python. Nothing crashed, nobody was warned.
# **What went wrong in each?** Look at the pictures before you look at the code.

# %%
portrait = data.load("astronaut")[0:408:2, 50:446:2]
a = portrait + np.uint8(100)
b = portrait.astype(np.float64)
c = portrait.swapaxes(0, 1)
d = portrait[..., ::-1]
images.show(
    *(a, np.clip(b, 0, 1), c, d),  # clipped as most programs do before they show
    titles=["A", "B", "C", "D"],
    alt="Four spoiled copies of an astronaut's portrait. A has glaring false colours, B is almost "
    "wholly white, C lies on its side, and in D the orange suit is blue.",
)

# %% [markdown]
# Keep your guesses. At the end of this page you will know all four by name.
#
# ## How this kit works
#
# You learn here by doing the same five things again and again:
#
# | | you | where |
# |---|---|---|
# | **read** | a lesson like this one; run each cell with Shift + Enter | `notebooks/` |
# | **predict** | at **Predict**, say what you expect *before* you run the cell | in your head |
# | **write** | one small function for each task of an exercise | `work/`, your own folder |
# | **check** | run the cell below it: it tells you what is wrong, and why | `work/` |
# | **hint** | three for each task, from the idea to nearly the code | `ex.hint("crop")` |
#
# Predicting feels slow, and it is the part that works: a surprise is remembered.
#
# When you have read this page, open a terminal and type
#
# ```
# imgkit start 00
# ```
#
# That copies exercise 00 into your own folder. Open it there:
# [work/00_arrays.ipynb](../work/00_arrays.ipynb). Not sure what comes next? Type `imgkit`, with
# nothing behind it.
#
# ### A check, tried out
#
# One task of that exercise asks for a function that brightens a photo by a share of full scale.
# Here is what many write first. **Predict:** will it pass?

# %%
ex = course.exercise("00_arrays")


def brighten(image, amount):
    return (image + 255 * amount).astype(np.uint8)


try:
    ex.check(brighten)
except course.CheckFailed as failed:
    print(f"In your notebook the cell ends here, with: {failed}")

# %% [markdown]
# A wrong answer has a name here, and the sentence under the first line says it. Then come the
# cases that failed, and a picture: *input, expected, yours, difference*. You read, you mend, you
# run it again, as often as you like. What *wraps around* means we shall soon see.
#
# A task is in one of six states:
#
# | | state | what it means |
# |---|---|---|
# | ○ | not started | the function is still empty |
# | ✗ | crashed | it stops with an error, and you are shown the line |
# | ✗ | not yet | it runs, and gives the wrong answer |
# | ≈ | almost | very near, or only the border is wrong |
# | ✓ | passed | right on every case that you see |
# | ✓ | could be better | right, but slow, or it changes its input, or it loops without need |
#
# **Hints never cost marks.** Neither do failed checks. A grader tries your function on other cases
# of the same kind, so a function that is right passes there too.
# **Nothing leaves your machine.** No account, no network; your progress is one small text file in
# `work/`, and you may read it.
#
# This is what the course holds so far:

# %%
from imgkit.course import build, source

rows = ["| | | minutes | |", "|---|---|---|---|"]
pages = map(source.read, build.sources())
for page in sorted(pages, key=lambda page: (page.id[:2], page.is_exercise)):
    kind = "exercise" if page.is_exercise else "lesson"
    way = f"`imgkit start {page.id[:2]}`" if page.is_exercise else f"[open it]({page.id}.ipynb)"
    rows.append(f"| {kind} {page.id[:2]} | {page.title} | {page.minutes} | {way} |")
Markdown("\n".join(rows))

# %% [markdown]
# ## An image is an array
#
# A grey photo first, for it is the simplest: one number for each pixel.

# %%
camera = data.load("camera")[40:250, 160:370]
images.show(
    camera,
    alt=f"Grey photograph of a man who looks through a film camera, {camera.shape[1]} pixels wide "
    f"and {camera.shape[0]} high.",
)

# %%
camera.shape, camera.dtype, camera.min(), camera.max()

# %% [markdown]
# Four facts, and you will ask for them all your life:
#
# - the **shape** says how many rows and columns,
# - the **dtype** says what kind of number a pixel is. `uint8` is a whole number in one byte, so
#   there are 256 of them, and every one is a shade of grey,
# - **min** and **max** say what range the values fill. Here 0 is black and 255 is white.
#
# Come closer. This is his eye:

# %%
eye = camera[104:114, 66:82]
images.show(
    eye,
    alt=f"His eye as {eye.shape[0]} rows of {eye.shape[1]} grey squares: dark lashes above, and a "
    f"brighter square of {eye[4, 9]} among darker ones in the middle.",
)

# %%
print(eye)

# %% [markdown]
# Picture and table are the same thing. In the middle of the eye one square is brighter than all
# around it: the light that glints in it. Find its number in the table.
#
# ## Rows first
#
# A pixel is `image[row, column]`. Rows count **downwards** from the top, columns to the right, both
# from 0, as in a table, and not as in a graph.
#
# **Predict.** In the portrait we paint a green square at row 40, column 150. Is it at the
# upper right or at the lower left?

# %%
marked = portrait.copy()
row, column = 40, 150
marked[row - 6 : row + 7, column - 6 : column + 7] = (0, 255, 0)
images.show(
    marked,
    alt=f"The portrait with a green square at the upper right, {row} pixels below the top and "
    f"{column} from the left, beside the model of the space shuttle.",
)

# %% [markdown]
# Upper right: only 40 down, but 150 to the right.
#
# ## Cropping is slicing
#
# `a:b` means from `a` up to, but without, `b`. So there are `b - a` of them.
#
# **Predict** the shape of this crop before you run the cell.

# %%
face = portrait[15:85, 45:135]
face.shape

# %%
images.show(
    face, alt=f"Her face, cut out of the portrait: {face.shape[0]} rows, {face.shape[1]} columns."
)

# %% [markdown]
# Two things a slice does in silence. The first number is all rows of the portrait; **predict** the
# other two.

# %%
len(portrait), len(portrait[200:250]), len(portrait[-3:6])

# %% [markdown]
# Beyond the end it just stops. But a negative start counts **from the end**: it begins at the third
# row from the bottom and is to stop before row 6, so nothing is left. You will meet this one again
# in the exercise.
#
# ## Colour: three arrays in one
#
# A colour image has a third axis, and its length is the number of **channels**: red, green, blue,
# in this order.

# %%
portrait.shape, portrait[150, 35]  # the second is one pixel of the suit

# %% [markdown]
# **Predict.** Her suit is orange. In which of the three channels, shown as grey pictures, is it
# brightest, and in which darkest?

# %%
suit = portrait[130:170, 20:50].mean(axis=(0, 1))
images.show(
    *np.moveaxis(portrait[90:], -1, 0),
    titles=["red", "green", "blue"],
    alt="The three channels of her suit and helmet as grey pictures. On average "
    f"the suit has {suit[0]:.0f} of 255 in red, {suit[1]:.0f} in green and {suit[2]:.0f} in blue.",
)

# %% [markdown]
# ## Why arrays and not loops
#
# The negative of a photo: every value becomes 255 minus itself. Once pixel by pixel, once as a
# whole.


# %%
def negative_by_hand(image):
    out = np.empty_like(image)
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            out[row, column] = 255 - image[row, column]
    return out


assert np.array_equal(negative_by_hand(camera), 255 - camera)


# %%
def seconds(work):
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)  # whatever else the computer did can only have made it longer


slow, fast = seconds(lambda: negative_by_hand(camera)), seconds(lambda: 255 - camera)
print(f"The same picture, and the whole array at once is {slow / fast:.0f} times as fast.")

# %% [markdown]
# It is shorter, too. In this kit loops are always allowed; soon you will not want them.
#
# ## Whose memory is it?
#
# Here is the trap that works behind your back. We cut out her eyes and blacken the *cutting*.
#
# **Predict.** What does the photo look like afterwards?

# %%
photo = portrait.copy()
eyes = photo[52:64, 67:109]
eyes[:] = 0
images.show(
    photo,
    alt=f"The portrait with a black bar over her eyes, {eyes.shape[1]} pixels wide and "
    f"{eyes.shape[0]} high.",
)

# %% [markdown]
# The photo changed, though nobody touched `photo`. A slice is a **view**: another window onto the
# same memory. This is the **alias trap**.
#
# - **See it:** a picture changes and you do not know when. `np.shares_memory` tells.
# - **Avoid it:** take a `.copy()` before you paint on something.

# %%
photo = portrait.copy()
view, copy, other_name = photo[52:64, 67:109], photo[52:64, 67:109].copy(), photo
[np.shares_memory(photo, array) for array in (view, copy, other_name)]

# %% [markdown]
# `other_name = photo` copies nothing either: it is the same array under two names. Arithmetic is
# safe, for `photo + 1` or `255 - photo` makes a new array.
#
# And now the four traps of the first picture, one by one.
#
# ## Trap 1: the dtype
#
# A `uint8` ends at 255. **Predict:** what is 200 + 100?

# %%
np.array([100, 150, 200], np.uint8) + np.uint8(100)

# %% [markdown]
# After 255 comes 0 again, as on a clock after 12. One dimension shows it best: a ramp from dark
# to bright, and the same ramp made brighter by 100.

# %%
ramp = np.arange(0, 256, 5, dtype=np.uint8)
wrapped = ramp + np.uint8(100)
images.plot_rows(
    ramp,
    wrapped,
    labels=["ramp", "ramp + 100"],
    alt=f"Two lines. The ramp rises to {ramp.max()}. The brighter one runs {wrapped[0]} above it "
    f"at first, reaches {wrapped.max()}, falls to {wrapped[wrapped < ramp].min()} at once and "
    "rises from there.",
)

# %% [markdown]
# **Predict.** What happens to a portrait whose background is bright?

# %%
brighter = portrait + np.uint8(100)
share = np.mean(brighter < portrait)
images.show(
    brighter,
    titles="portrait + 100",
    alt=f"The portrait made brighter by 100 in uint8: {share:.0%} of the values wrapped around, so "
    "the pale background is nearly black, her face dark blue, and the orange suit green.",
)

# %% [markdown]
# - **See it:** false colours, hard jagged contours, and only where the picture was brightest
#   (or darkest, when you subtract).
# - **Avoid it:** leave `uint8` *before* you compute, clip to 0..255, and **round** on the way back.
#
# Why round? Because `.astype(np.uint8)` just drops what stands behind the point. **Predict:** does
# it matter, after ten trips to another scale of brightness and back?

# %%
cut, rounded = camera.copy(), camera.copy()
for _ in range(10):
    cut = ((cut / 255) ** 0.45) ** (1 / 0.45) * 255
    rounded = ((rounded / 255) ** 0.45) ** (1 / 0.45) * 255
    cut, rounded = cut.astype(np.uint8), np.round(rounded).astype(np.uint8)
print(f"cut off: {camera.mean() - cut.mean():.1f} levels darker")
print(f"rounded: {camera.mean() - rounded.mean():.1f} levels darker")

# %% [markdown]
# ## Trap 2: the range
#
# In floats the rule is another one: **0 is black and 1 is white**. Whoever mixes up 255 and 1 sees
# this. **Predict** which of the two is which.

# %%
too_large = portrait.astype(np.float64)  # floats, but still 0 to 255
too_small = (portrait / 255).astype(np.uint8)  # 0 to 1, but as whole numbers
images.show(
    np.clip(too_large, 0, 1),
    too_small,
    titles=["floats up to 255", "uint8 up to 1"],
    alt=f"Left, floats up to {too_large.max():.0f}: almost all white. "
    f"Right, uint8 up to {too_small.max()}: all black.",
)

# %% [markdown]
# The first is what most programs show you, without a word. This kit speaks up:

# %%
try:
    images.show(too_large)
except ValueError as error:
    print(error)

# %% [markdown]
# - **See it:** all white or all black. Print the dtype *and* `image.max()`.
# - **Avoid it:** `images.as_float(image)` and `images.as_uint8(image)` change dtype and range
#   together, and round.

# %%
floats = images.as_float(portrait)
floats.dtype, floats.max(), np.array_equal(images.as_uint8(floats), portrait)

# %% [markdown]
# ## Trap 3: the axes
#
# Arrays say (row, column) and (height, width). Graphs and screens say (x, y) and (width, height),
# which is the other way round, and OpenCV speaks like a screen. **Predict** the shape:

# %%
cv2.resize(portrait, (300, 100)).shape

# %% [markdown]
# Points suffer in the same way. The shuttle's nose is at row 38, column 172. We mark it in green,
# and in magenta where it ends up for someone who thinks in (x, y):

# %%
marked = portrait.copy()
for (r, c), colour in (((38, 172), (0, 255, 0)), ((172, 38), (255, 0, 255))):
    marked[r - 5 : r + 6, c - 5 : c + 6] = colour
images.show(
    marked,
    alt="The portrait with two small squares: a green one at the upper right, on the nose of the "
    "shuttle, and a magenta one at the lower left, on her sleeve.",
)

# %% [markdown]
# Close to the diagonal, where row and column are nearly equal, you would hardly see it. That is
# why this trap lives long.
#
# A file without a header is just a row of numbers. **Predict:** what if you read it with height and
# width mixed up?

# %%
photo = data.load("camera")[40:240, 120:370]
height, width = photo.shape
raw = photo.ravel()  # numbers in a row, as in a file
images.show(
    raw.reshape(height, width),
    raw.reshape(width, height),
    titles=[f"as {height} × {width}", f"as {width} × {height}"],
    alt="Left, the man with the camera. Right, the same numbers with height and width mixed up: "
    "grey streaks in which nothing can be recognised.",
)

# %% [markdown]
# - **See it:** lying on its side, streaks, windows in the wrong place, or an error about shapes.
#   Square pictures hide it: test with one that is not square.
# - **Avoid it:** name your numbers. `row, column` and `height, width`, never `a, b`; and in this
#   kit always in that order.
#
# ## Trap 4: the order of the channels
#
# Nearly everyone stores red, green, blue: RGB. OpenCV reads blue, green, red: BGR. **Predict** the
# colour of her suit.

# %%
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "portrait.png"
    images.write(file, portrait)
    by_opencv, by_imgkit = cv2.imread(str(file)), images.read(file)
images.show(
    by_opencv,
    titles="as cv2.imread gives it",
    alt="The portrait as cv2.imread gives it: the orange suit is blue and her skin bluish.",
)

# %%
assert np.array_equal(by_opencv[..., ::-1], by_imgkit)  # turned round, it is the same picture

# %% [markdown]
# - **See it:** blue skin, blue oranges. In a grey or green scene you see nothing at all.
# - **Avoid it:** turn round with `image[..., ::-1]` right where OpenCV hands the picture over.
#   In this kit BGR never leaves that line.
#
# ## Back to the four pictures
#
# Now you can read the code above them: **A** is the dtype (100 was added in `uint8`), **B** the
# range (floats up to 255), **C** the axes (rows and columns swapped), **D** the channel order.
#
# | trap | how it looks | ask | avoid it by |
# |---|---|---|---|
# | dtype | garish where it was brightest | `image.dtype` | floats first; clip; round |
# | range | all white, all black | `image.max()` | `images.as_float`, `images.as_uint8` |
# | axes | on its side, wrong place | `image.shape` | row before column, always |
# | channels | blue skin | a pixel whose colour you know | `[..., ::-1]` at OpenCV's door |
# | alias | changes behind your back | `np.shares_memory` | `.copy()` before painting |
#
# ## Where this matters
#
# - **Medicine.** A CT scan is whole numbers with a sign: air is about −1000, water 0. Squeezed into
#   `uint8` without care, bone wraps around to black.
# - **Satellites.** Many send `uint16`, where 10000 means that all light is reflected, and a dozen
#   channels, often with the channel axis *first*. Range and axes at once.
# - **Space.** FITS images of telescopes count rows from the bottom. Read plainly, the sky
#   stands on its head.
# - **Roads.** A network trained on RGB and fed by a camera driver in BGR sees blue lights where
#   red ones are. It does not crash; it is only wrong more often.
#
# ## Say it back
#
# 1. An image is an array `(rows, columns)` or `(rows, columns, channels)`.
# 2. Row before column; rows count downwards; a slice leaves out its end.
# 3. White is 255 in `uint8` and 1 in floats.
# 4. Compute in floats, then clip, then round.
# 5. RGB everywhere, BGR only at OpenCV's door.
# 6. A slice is a view. Copy before you paint.
# 7. When in doubt: shape, dtype, min, max, and look.
#
# ## Now you
#
# ```
# imgkit start 00
# ```
#
# Then open [work/00_arrays.ipynb](../work/00_arrays.ipynb). There are five tasks, and the last one
# makes a poster.
#
# ## The path
#
# Each lesson has an exercise of the same number. They build on one another in this order, and
# `imgkit` always knows which comes next.
#
# | | lesson | you will be able to |
# |---|---|---|
# | 01 | [Colour and brightness](01_colour.ipynb) | bring out what a dull photo hides |
# | 02 | [Convolution](02_convolution.ipynb) | blur, sharpen and differentiate by hand |
# | 03 | [The frequency domain](03_frequency.ipynb) | take stripes out of a picture |
# | 04 | [Noise and restoration](04_restoration.ipynb) | clean a picture and measure how well |
# | 05 | [Edges, corners, lines](05_edges.ipynb) | find a sheet of paper and flatten it |
# | 06 | [Thresholds and morphology](06_thresholds.ipynb) | count coins under any lamp |
# | 07 | [Segmentation](07_segmentation.ipynb) | part cells that touch, and measure them |
# | 08 | [Texture and windows](08_texture.ipynb) | tell brick from grass, and find faces |
# | 09 | [Panorama](09_panorama.ipynb) | make one picture of two |
# | 10 | [Camera and motion](10_camera.ipynb) | see depth, and follow cars on a road |
# | 11 | [Honest evaluation](11_evaluation.ipynb) | say how sure a number is |
#
# ## To read on
#
# - Gonzalez and Woods, *Digital Image Processing*, 4th edition, section 2.4: sampling,
#   quantization, and how images are written as arrays.
# - Szeliski, *Computer Vision: Algorithms and Applications*, 2nd edition, section 2.3: from light
#   to the numbers in a file.
# - The NumPy user guide, "Copies and views" and "Broadcasting".
# - Van der Walt, Colbert and Varoquaux, "The NumPy array", *Computing in Science and Engineering*
#   13(2), 2011.
