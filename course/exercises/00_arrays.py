# ---
# jupyter:
#   imgkit:
#     title: Images are arrays
#     minutes: 40
#     needs: []
# ---

# %% [markdown]
# # Images are arrays
#
# **About 40 minutes, five tasks.** Before: the lesson *Start here*.
#
# By the end you can
#
# - read off any array what kind of picture it is,
# - cut out a window, rows first, without falling over the border,
# - brighten a photo without wrapping and without cutting off,
# - tell from two arrays which trap was sprung between them,
# - and make a poster out of a photo, a mask and four colours.
#
# Each task is one function. Write it, run its cell, then run the check below it. A check may fail
# as often as you like. If you are stuck, `ex.hint("describe_image")` gives three hints, one at a
# time, and none of them costs marks.

# %% tags=["setup"]
import numpy as np

from imgkit import color, course, data, images

# %%
ex = course.exercise("00_arrays")

# %% [markdown]
# ## 1 · What have I got?
#
# Someone hands you an array. Before you do anything to it, ask: how high, how wide, how many
# channels, what dtype, which values? Most trouble with images is a wrong guess at one of these.
#
# One value cannot be read off the pixels: **white**. A dark photo has no white pixel in it, and
# still white means 255 if the photo is `uint8` and 1 if it is floats.

# %%
ex.target("describe_image")

# %% [markdown]
# **Predict.** Look at the shape in the box. Which of its three numbers is the height? And what
# would the shape be if the same picture were grey?


# %% tags=["task"] task="describe_image" points=2 minutes=5 level=1 compare="equal()"
def describe_image(image):
    """Say what an array holds.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), uint8 or float32 or float64

    Returns
    -------
    A dict with seven entries:

    - "height", "width": in pixels
    - "channels": C, and 1 for a grey image (H, W)
    - "dtype": its name as text, such as "uint8"
    - "darkest", "brightest": the smallest and the largest value in the whole array
    - "white": the value that means white: 255 for uint8, 1 for floats

    Example
    -------
    np.array([[0, 10, 20]], np.uint8) gives {"height": 1, "width": 3, "channels": 1,
    "dtype": "uint8", "darkest": 0, "brightest": 20, "white": 255}.
    """
    # BEGIN SOLUTION
    height, width = image.shape[:2]
    return {
        "height": height,
        "width": width,
        "channels": image.shape[2] if image.ndim == 3 else 1,
        "dtype": str(image.dtype),
        "darkest": image.min(),
        "brightest": image.max(),
        "white": 255 if image.dtype == np.uint8 else 1,
    }
    # END SOLUTION


# %% tags=["check"]
ex.check(describe_image)

# %% [markdown] tags=["hint"] task="describe_image"
# Everything is in four things that each array carries: `image.shape`, `image.ndim`,
# `image.dtype`, and its own `image.min()` and `image.max()`. Rows come first in the shape.

# %% [markdown] tags=["hint"] task="describe_image"
# A grey image has no third axis, so `image.shape[2]` fails on it. Ask `image.ndim` first.
# White depends on the dtype alone, never on the pixels.

# %% [markdown] tags=["hint"] task="describe_image"
# In code:
#
# ```python
# height, width = image.shape[:2]                       # for grey and for colour
# channels = image.shape[2] if image.ndim == 3 else 1
# dtype = str(image.dtype)
# white = 255 if image.dtype == np.uint8 else 1
# ```
# Put these into a dict, with `image.min()` and `image.max()`.


# %% tags=["cases"] task="describe_image"
def describe_image_cases(rng):
    def small(name, step):
        top, bottom, right = rng.integers(0, 4 * step, 3)
        photo = data.load(name)[top : -1 - bottom : step, : -1 - right // 4 : step]
        return np.minimum(photo, 230)  # nothing in it is white

    yield "chelsea", dict(image=small("chelsea", 9))
    yield "camera, grey", dict(image=small("camera", 14)[:-3])
    yield "coffee as floats", dict(image=(small("coffee", 12) / 255).astype(np.float32))
    yield "moon as floats, grey", dict(image=small("moon", 14)[:, :-12] / 255)
    yield "a dark rocket", dict(image=small("rocket", 13) // 4)
    yield "dark coins as floats, grey", dict(image=(small("coins", 9) / 512).astype(np.float32))


# %% tags=["mistake"] task="describe_image" says="Height and width have changed places. An array counts rows first, so `image.shape` begins with the height; (width, height) is how screens and OpenCV speak."
def width_first(image):
    width, height = image.shape[:2]
    return describe_image(image) | {"height": height, "width": width}


# %% tags=["mistake"] task="describe_image" says="`image.shape[2]` asks for a third axis, and a grey image has none: its shape is (H, W). Look at `image.ndim` first, and say 1 channel for grey."
def always_third_axis(image):
    return describe_image(image) | {"channels": image.shape[2]}


# %% tags=["mistake"] task="describe_image" says="The last axis of a grey image is its width, not its channels: `image.shape[-1]` means channels only where `image.ndim` is 3."
def last_axis(image):
    return describe_image(image) | {"channels": image.shape[-1]}


# %% tags=["mistake"] task="describe_image" says="The brightest pixel is not white. A dark photo has no white pixel at all; what white would be, the dtype says: 255 for uint8, 1 for floats."
def brightest_is_white(image):
    return describe_image(image) | {"white": image.max()}


# %% tags=["mistake"] task="describe_image" says="White is 255 only for uint8. In a float image white is 1. Taking one for the other is the range trap."
def white_is_always_255(image):
    return describe_image(image) | {"white": 255}


# %% tags=["mistake"] task="describe_image" says="`height, width, channels = image.shape` wants three numbers, and a grey image has two. `image.shape[:2]` are the first two of any image; ask `image.ndim` whether there is a third."
def unpacks_three(image):
    _height, _width, channels = image.shape
    return describe_image(image) | {"channels": channels}


# %% tags=["mistake"] task="describe_image" says="Python's own `min` and `max` compare whole rows of an image with each other, and that has no answer. The array's own `image.min()` and `image.max()` look at every value."
def python_min(image):
    return describe_image(image) | {"darkest": min(image), "brightest": max(image)}


# %% [markdown]
# ## 2 · Cut out a window
#
# Cropping is the most used image operation of all: a face for a passport, a cell for a
# pathologist, a crater for a landing site. Here the window is given by its **centre** and its
# **size**, both rows first. A window near the border is cut off there: you return only the part
# that lies inside the image.

# %%
ex.target("crop")

# %% [markdown]
# **Predict.** The centre is at row 1 and the window is 9 rows high, so it would begin at row −3.
# What does `image[-3:6]` give on an image of 36 rows? Try it on `np.arange(36)` before you write.


# %% tags=["task"] task="crop" points=3 minutes=8 level=2 compare="equal()" forbid=["cv2", "skimage", "PIL"]
def crop(image, centre, size):
    """Cut a window out of an image.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), any dtype
    centre : (row, column), whole numbers, a pixel inside the image
    size : (height, width) of the window, whole numbers, at least 1

    Returns
    -------
    The window, as an array of the same dtype. It begins at row `row - height // 2` and column
    `column - width // 2`; where it reaches beyond the image, it is cut off at the border.

    Example
    -------
    On a 10 × 10 image, centre (5, 5) and size (3, 4) give rows 4 to 6 and columns 3 to 6, all
    included. Centre (0, 5) and size (3, 4) give rows 0 to 1 and columns 3 to 6.
    """
    # BEGIN SOLUTION
    top = centre[0] - size[0] // 2
    left = centre[1] - size[1] // 2
    bottom, right = top + size[0], left + size[1]
    return image[max(top, 0) : bottom, max(left, 0) : right].copy()
    # END SOLUTION


# %% tags=["check"]
ex.check(crop)

# %% [markdown] tags=["hint"] task="crop"
# Do it in two steps. First work out the four borders of the window as if the image had no end:
# top, left, bottom, right. Then ask which of the four can be a problem for a slice.

# %% [markdown] tags=["hint"] task="crop"
# `top = row - height // 2` and `bottom = top + height`, and the same for the columns. A slice
# that ends beyond the image simply stops at its last row. A slice that begins below 0 counts from
# the *end* of the image: that one you must prevent, but only after you have worked out `bottom`.

# %% [markdown] tags=["hint"] task="crop"
# In code:
#
# ```python
# top = centre[0] - size[0] // 2
# bottom = top + size[0]
# ...                                  # left and right in the same way
# return image[max(top, 0):bottom, max(left, 0):right].copy()
# ```
# A slice is a view, so whoever paints on it paints on the photo; `.copy()` ends that.


# %% tags=["cases"] task="crop"
def crop_cases(rng):
    def piece(name, height, width, step):
        photo = data.load(name)[::step, ::step]
        top = rng.integers(photo.shape[0] - height + 1)
        left = rng.integers(photo.shape[1] - width + 1)
        return photo[top : top + height, left : left + width]

    def near(low, high):
        return int(rng.integers(low, high))

    yield (
        "over the top edge",
        dict(image=piece("chelsea", 36, 54, 8), centre=(1, near(20, 36)), size=(9, 21)),
    )
    yield (
        "all of it inside",
        dict(image=piece("coffee", 40, 60, 9), centre=(18, near(24, 32)), size=(15, 27)),
    )
    yield (
        "over the left edge",
        dict(image=piece("camera", 44, 32, 9), centre=(near(18, 26), 2), size=(13, 11)),
    )
    yield (
        "over the top left corner",
        dict(image=piece("rocket", 36, 48, 9), centre=(near(0, 3), near(1, 4)), size=(11, 17)),
    )
    yield (
        "over the bottom right corner",
        dict(image=piece("astronaut", 40, 30, 10), centre=(38, near(26, 29)), size=(17, 9)),
    )
    yield (
        "a tall window over the top, floats",
        dict(image=piece("moon", 32, 40, 9) / 255, centre=(near(4, 8), 30), size=(24, 7)),
    )


# %% tags=["mistake"] task="crop" says="Two things. Half of 9 is 4, and 4 above plus 4 below makes 8: let the window end at `top + height`. And near the border your slice begins with a negative number, which Python counts from the end: begin at `max(top, 0)`."
def half_each_way_unclipped(image, centre, size):
    half = size[0] // 2, size[1] // 2
    rows = slice(centre[0] - half[0], centre[0] + half[0])
    return image[rows, centre[1] - half[1] : centre[1] + half[1]]


# %% tags=["mistake"] task="crop" says="Where the window begins above row 0 or left of column 0, your slice begins with a negative number, and Python counts that from the end: `image[-3:6]` starts at the third row from the bottom. Begin at `max(top, 0)`."
def negative_start(image, centre, size):
    top, left = centre[0] - size[0] // 2, centre[1] - size[1] // 2
    return image[top : top + size[0], left : left + size[1]]


# %% tags=["mistake"] task="crop" says="At the top and left border the window slides into the image instead of being cut off there. Work out `bottom` and `right` first, from the unclipped `top` and `left`; clip afterwards."
def slid_inside(image, centre, size):
    top, left = max(centre[0] - size[0] // 2, 0), max(centre[1] - size[1] // 2, 0)
    return image[top : top + size[0], left : left + size[1]]


# %% tags=["mistake"] task="crop" says="The centre is read as (x, y). In this kit a point is (row, column): `centre[0]` counts downwards, `centre[1]` to the right."
def centre_as_xy(image, centre, size):
    return crop(image, centre[::-1], size)


# %% tags=["mistake"] task="crop" says="Both the centre and the size are read as x first. Arrays count rows first: centre is (row, column), size is (height, width)."
def everything_as_xy(image, centre, size):
    return crop(image, centre[::-1], size[::-1])


# %% tags=["mistake"] task="crop" says="One row or column is missing where the size is odd: half of 9 is 4, and 4 above plus 4 below makes 8. Let the window end at `top + height`, not at `row + height // 2`."
def half_each_way(image, centre, size):
    half = size[0] // 2, size[1] // 2
    top, left = max(centre[0] - half[0], 0), max(centre[1] - half[1], 0)
    return image[top : centre[0] + half[0], left : centre[1] + half[1]]


# %% tags=["mistake"] task="crop" says="The window is one row and one column too large. A slice leaves out its end: `image[4:7]` holds rows 4, 5 and 6."
def end_included(image, centre, size):
    top, left = centre[0] - size[0] // 2, centre[1] - size[1] // 2
    return image[max(top, 0) : top + size[0] + 1, max(left, 0) : left + size[1] + 1]


# %% tags=["mistake"] task="crop" says="The window begins at the centre instead of lying around it: go half of the size up and to the left first."
def begins_at_centre(image, centre, size):
    return image[centre[0] : centre[0] + size[0], centre[1] : centre[1] + size[1]]


# %% [markdown]
# Cut out something you like. Where is her face? Rows first.

# %%
astronaut = data.load("astronaut")
face = ex.use("crop")(astronaut, centre=(112, 222), size=(160, 160))
images.show(face, alt=f"The astronaut's smiling face, {face.shape[1]} × {face.shape[0]} pixels.")

# %% [markdown]
# ## 3 · Brighten, and nothing wraps
#
# A `uint8` holds 0 to 255 and nothing else. What goes over the top comes back at the bottom:
# the brightest clouds turn black, and no error tells you. The way round it has three steps:
# **leave `uint8`, clip, round.**

# %%
ex.target("brighten")

# %% [markdown]
# **Predict.** A pixel is 200 and you add 100. What do you get in `uint8`? What should you get?
# And a pixel of 41.8, cut off or rounded: which is nearer to the truth?


# %% tags=["task"] task="brighten" points=3 minutes=7 level=2 compare="equal()" forbid=["cv2", "skimage", "PIL"]
def brighten(image, amount):
    """Make an image brighter, or darker, by a share of full scale.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), uint8; it stays as it is
    amount : number from -1 to 1. 1 is the whole way from black to white, that is 255 levels;
        negative numbers darken

    Returns
    -------
    Array of the same shape, uint8: each value plus 255 × amount, clipped to 0..255, and rounded
    to the nearest whole number.

    Example
    -------
    np.array([[0, 100, 250]], np.uint8) with amount 0.25 (63.75 levels) gives [[64, 164, 255]].
    """
    # BEGIN SOLUTION
    levels = image + 255.0 * amount
    return np.round(np.clip(levels, 0, 255)).astype(np.uint8)
    # END SOLUTION


# %% tags=["check"]
ex.check(brighten)

# %% [markdown] tags=["hint"] task="brighten"
# As long as the numbers are floats, nothing can wrap. So: go to floats, add there, bring the
# values back into 0..255, and return to `uint8` at the very end.

# %% [markdown] tags=["hint"] task="brighten"
# Adding a float to a `uint8` array gives floats: try `(image + 255.0 * amount).dtype`. `np.clip`
# keeps values within two limits. And `.astype(np.uint8)` cuts off whatever stands behind the
# point, so round first.

# %% [markdown] tags=["hint"] task="brighten"
# In code:
#
# ```python
# levels = image + 255.0 * amount          # floats: nothing wraps
# levels = np.clip(levels, 0, 255)         # nothing leaves the range
# return np.round(levels).astype(np.uint8) # nothing is cut off
# ```


# %% tags=["cases"] task="brighten"
def brighten_cases(rng):
    def small(name, step):
        top, left, bottom, right = rng.integers(0, 4 * step, 4)
        return data.load(name)[top : -1 - bottom : step, left : -1 - right : step]

    # amounts whose levels lie between whole numbers, so that rounding shows, and never halfway
    up = rng.permutation([0.14, 0.18, 0.25, 0.27, 0.34, 0.38])
    down = rng.permutation([-0.13, -0.17, -0.24, -0.28])
    yield "the astronaut, brighter", dict(image=small("astronaut", 13), amount=float(up[0]))
    yield "camera, brighter", dict(image=small("camera", 14), amount=float(up[1]))
    yield "coffee, darker", dict(image=small("coffee", 13), amount=float(down[0]))
    yield "rocket, much brighter", dict(image=small("rocket", 15), amount=round(up[2] + 0.4, 2))
    yield "a page, darker", dict(image=small("page", 9), amount=float(down[1]))
    yield "flower, brighter", dict(image=small("flower", 16), amount=float(up[3]))


# %% tags=["mistake"] task="brighten" says="You add in `uint8`, and there 200 + 100 is 44: bright pixels turn dark, and a negative number does not fit at all. Leave `uint8` before you add: `image + 255.0 * amount` is a float array."
def adds_in_uint8(image, amount):
    return image + round(255 * amount)


# %% tags=["mistake"] task="brighten" says="You add in `uint8`, where bright pixels wrap around and a negative number does not fit; and turning the amount into a whole number has already cut off a part of it. Leave `uint8` before you add: `image + 255.0 * amount`."
def adds_whole_levels(image, amount):
    return image + int(255 * amount)


# %% tags=["mistake"] task="brighten" says="`image += …` writes into the image itself, and a `uint8` array cannot hold floats. It would also change the photo of whoever called you. Make a new array: `levels = image + 255.0 * amount`."
def adds_into_the_image(image, amount):
    image += 255 * amount
    return image


# %% tags=["mistake"] task="brighten" says="On the way back to `uint8` two things go wrong: values over 255 or under 0 wrap around, and what stands behind the point is cut off. Clip to 0..255, then round, then `.astype(np.uint8)`."
def bare_cast(image, amount):
    return (image + 255 * amount).astype(int).astype(np.uint8)


# %% tags=["mistake"] task="brighten" says="Values outside 0..255 wrap around when they become `uint8`: 300 turns into 44. Clip before you convert."
def never_clips(image, amount):
    return np.round(image + 255 * amount).astype(int).astype(np.uint8)


# %% tags=["mistake"] task="brighten" says="You cut off instead of rounding: 163.75 becomes 163, though 164 is nearer. Over many steps such a picture gets darker and darker. Use `np.round` before `.astype(np.uint8)`."
def cuts_off(image, amount):
    return np.clip(image + 255 * amount, 0, 255).astype(np.uint8)


# %% tags=["mistake"] task="brighten" says="`amount` is a share of full scale, and you added it as it is: 0.25 of one level is nothing to be seen. Full scale is 255 levels, so add 255 × amount."
def forgets_full_scale(image, amount):
    return np.round(np.clip(image + amount, 0, 255)).astype(np.uint8)


# %% tags=["mistake"] task="brighten" says="You multiply where the task says add: black stays black and bright parts gain most. That is a change of contrast. Add the same 255 × amount to every pixel."
def multiplies(image, amount):
    return np.round(np.clip(image * (1 + amount), 0, 255)).astype(np.uint8)


# %% [markdown]
# What `uint8` would have done, beside yours:

# %%
coffee = data.load("coffee")[60:340:2, 120:500:2]
wrapped, bright = coffee + np.uint8(77), ex.use("brighten")(coffee, 77 / 255)
images.show(
    coffee,
    wrapped,
    bright,
    titles=["as it was", "+ 77 in uint8", "brighten"],
    alt=f"A cup of coffee three times. In the middle {np.mean(wrapped < coffee):.0%} of the values "
    "wrapped: the white of the cup is dark and spotted. On the right the picture is just brighter.",
)

# %% [markdown]
# ## 4 · The detective
#
# A trap rarely says that it was sprung. You compare the array that went in with the array that
# came out, and ask one sharp question after another. Here are four copies of one cat:

# %%
cat = data.load("chelsea")[0:300:2, 60:360:2]
copies = (cat.swapaxes(0, 1), cat + np.uint8(90), cat[..., ::-1], cat / 255)
images.show(
    *copies,
    titles=["A", "B", "C", "D"],
    alt="Four copies of a cat's face. A lies on its side, B has garish spots where the fur is "
    "brightest, C is blue instead of ginger, D looks as a cat should.",
)

# %% [markdown]
# **Predict.** Name what happened to A, B, C. Is anything wrong with D? It holds floats.
#
# Now write down how you know, so that a machine can know it too. Six traps are planted in the
# cases; each has a sharp question that settles it. The wrap has a pretty one: if the *same*
# number was added everywhere, then `copy - image`, wrapped as it is in `uint8`, is the same
# everywhere.


# %% tags=["task"] task="name_traps" points=4 minutes=11 level=3 compare="equal()" forbid=["cv2", "skimage", "PIL"]
def name_traps(image, copies):
    """Name the trap that each copy of an image fell into.

    Parameters
    ----------
    image : array (N, N, 3), uint8, RGB: as high as it is wide
    copies : tuple of arrays (N, N, 3), each made from the image

    Returns
    -------
    A list with one name for each copy, in their order:

    - "fine": the same picture, as uint8 or as floats in 0..1
    - "axes": rows and columns have changed places
    - "channels": red and blue have changed places
    - "range": the same picture as floats, but they still run from 0 to 255
    - "wrap": one number was added to every value in uint8, and some wrapped around
    - "rounding": some values were cut off: they are one level darker, and none is brighter
    - "alias": someone painted a black rectangle over a part of the picture

    Example
    -------
    name_traps(image, (image.copy(), image[..., ::-1])) gives ["fine", "channels"].
    """
    names = []
    for copy in copies:
        # BEGIN SOLUTION
        if copy.dtype != np.uint8:
            names.append("fine" if copy.max() <= 1 else "range")
        elif np.array_equal(copy, image):
            names.append("fine")
        elif np.array_equal(copy, image.swapaxes(0, 1)):
            names.append("axes")
        elif np.array_equal(copy, image[..., ::-1]):
            names.append("channels")
        elif np.ptp(copy - image) == 0:  # wraps on purpose
            names.append("wrap")
        elif np.abs(copy.astype(int) - image).max() == 1:
            names.append("rounding")
        else:
            names.append("alias")
        # END SOLUTION
    return names


# %% tags=["check"]
ex.check(name_traps)

# %% [markdown] tags=["hint"] task="name_traps"
# Write a chain of `if … elif … else`, the surest questions first. Two arrays are the same picture
# if `np.array_equal(a, b)`. A float copy can only be fine or a range trap, so ask for the dtype
# before anything else.

# %% [markdown] tags=["hint"] task="name_traps"
# - axes: equal to `image.swapaxes(0, 1)`. The shape cannot tell, for N × N stays N × N.
# - channels: equal to `image[..., ::-1]`.
# - wrap: `copy - image` has the same value everywhere.
# - rounding: no value is off by more than 1. Take this difference in `int`, for in `uint8`
#   41 − 42 is 255.
# - alias: what is left.

# %% [markdown] tags=["hint"] task="name_traps"
# In code:
#
# ```python
# if copy.dtype != np.uint8:
#     names.append("fine" if copy.max() <= 1 else "range")
# elif np.array_equal(copy, image):
#     names.append("fine")
# elif np.array_equal(copy, image.swapaxes(0, 1)):
#     names.append("axes")
# ...                                                         # channels in the same way
# elif (copy - image).min() == (copy - image).max():          # wraps on purpose
#     names.append("wrap")
# elif np.abs(copy.astype(int) - image.astype(int)).max() <= 1:
#     names.append("rounding")
# else:
#     names.append("alias")
# ```


# %% tags=["cases"] task="name_traps"
def name_traps_cases(rng):
    def piece(name, rows, columns):
        top, left = rng.integers(*rows), rng.integers(*columns)
        return data.load(name)[top : top + 24, left : left + 24].copy()

    def wrapped(image):
        least = 256 - int(np.quantile(image, 0.85))  # so that every seventh value wraps
        return image + np.uint8(max(least, rng.integers(50, 90)))

    def cut_off(image):
        linear = (image / 255) ** 2.2  # to linear light and back
        return np.minimum(linear ** (1 / 2.2) * 255, image).astype(np.uint8)

    def painted(image):
        copy, (height, width) = image.copy(), rng.integers(6, 13, 2)
        top, left = rng.integers(1, 24 - height), rng.integers(1, 24 - width)
        copy[top : top + height, left : left + width] = 0
        return copy

    traps = [
        lambda image: image.swapaxes(0, 1).copy(),
        lambda image: image[..., ::-1].copy(),
        lambda image: image.astype(np.float32),
        wrapped,
        cut_off,
        painted,
    ]
    photos = [
        ("chelsea", (40, 200), (60, 300)),
        ("coffee", (80, 300), (150, 450)),
        ("astronaut", (240, 400), (100, 300)),
    ]
    for number in range(6):
        photo = photos[number % 3]
        image = piece(*photo)
        fine = image.copy() if number in (2, 5) else (image / 255).astype(np.float32)
        copies = [traps[(number + step) % 6](image) for step in range(3)] + [fine]
        order = rng.permutation(4)
        yield (
            f"four copies of a piece of {photo[0]}" + ", again" * (number > 2),
            dict(image=image, copies=tuple(copies[i] for i in order)),
        )


# %% tags=["mistake"] task="name_traps" says="One equal pixel is enough for you. `(a == b).any()` asks whether *some* value agrees; the question is whether all do: `(a == b).all()`, or `np.array_equal(a, b)`."
def any_for_all(image, copies):
    def same(a, b):
        return (a == b).any()

    names = []
    for copy in copies:
        if copy.max() <= 1 or same(copy, image):
            names.append("fine")
        elif same(copy, image.swapaxes(0, 1)):
            names.append("axes")
        elif same(copy, image[..., ::-1]):
            names.append("channels")
        else:
            names.append("wrap")
    return names


# %% tags=["mistake"] task="name_traps" says="The swapped axes are never noticed. These pictures are as high as they are wide, so the shape cannot tell; and `image.T` turns the channels round as well. Compare with `image.swapaxes(0, 1)`."
def axes_by_shape(image, copies):
    return ["alias" if name == "axes" else name for name in name_traps(image, copies)]


# %% tags=["mistake"] task="name_traps" says="A float image is not a trap. It is fine as long as white is 1; only floats that run to 255 are in the wrong range. Look at the dtype and at the largest value."
def every_float(image, copies):
    names = name_traps(image, copies)
    pairs = zip(names, copies, strict=True)
    return ["range" if copy.dtype != np.uint8 else name for name, copy in pairs]


# %% tags=["mistake"] task="name_traps" says="Values above 1 are wrong in floats only; in `uint8` they are what they should be. Ask for the dtype before you ask for the range."
def range_without_dtype(image, copies):
    return ["range" if copy.max() > 1 else "fine" for copy in copies]


# %% tags=["mistake"] task="name_traps" says="You compare two arrays in a way that has no answer. `if a == b` asks thousands of values for one yes or no: use `np.array_equal(a, b)`. And `image.T` has another shape than the image, for it turns the channels round as well: use `image.swapaxes(0, 1)`."
def array_as_question(image, copies):
    for copy in copies:
        if copy == image:
            return ["fine"]
    return []


# %% tags=["mistake"] task="name_traps" says="The swapped channels are never noticed. The channels are the last axis, so turn that one round: `image[..., ::-1]`. Plain `image[::-1]` turns the picture upside down."
def channels_unnoticed(image, copies):
    return ["alias" if name == "channels" else name for name in name_traps(image, copies)]


# %% tags=["mistake"] task="name_traps" says="The rounding trap is never noticed, for your own difference fell into another one: in `uint8`, 41 − 42 is 255. Convert first: `copy.astype(int) - image`."
def difference_wraps(image, copies):
    return ["alias" if name == "rounding" else name for name in name_traps(image, copies)]


# %% tags=["mistake"] task="name_traps" says="You call it a wrap as soon as a pixel has become darker, but rounding and black paint make pixels darker too. What only a wrap has: `copy - image` in `uint8` is the same number everywhere."
def darker_is_wrapped(image, copies):
    names = name_traps(image, copies)
    return ["wrap" if name in ("rounding", "alias") else name for name in names]


# %% [markdown]
# Now let your detective look at the four cats:

# %%
for letter, name in zip("ABCD", ex.use("name_traps")(cat, copies), strict=True):
    print(letter, name)

# %% [markdown]
# ## 5 · A poster
#
# Andy Warhol would have liked arrays. The poster has four panels of one photo. In each, a round
# window shows the photo as it is, and all around it the photo is printed in a single colour.
#
# - **Print:** make it grey, then let white become the colour: `grey / 255 * colour`.
# - **Mask:** an array of True and False, as large as the photo, True inside the circle.
#   `panel[mask] = photo[mask]` copies exactly those pixels.
# - **Mosaic:** two panels side by side, twice, one pair above the other.
#
# Every trap of this lesson waits somewhere on the way.

# %%
ex.target("pop_art")

# %% [markdown]
# **Predict.** `grey` is `(H, W)` and `colour` is `(3,)`. Which shape must `grey` have so that
# NumPy multiplies every pixel with all three numbers?


# %% tags=["task"] task="pop_art" points=4 minutes=9 level=3 compare="equal()" forbid=["cv2", "skimage", "PIL"]
def pop_art(photo, centre, radius, colours):
    """Make a poster of four panels, each in another colour.

    Parameters
    ----------
    photo : array (H, W, 3), uint8, RGB; it stays as it is
    centre : (row, column) of the round window
    radius : in pixels; a pixel is inside if its distance from the centre is at most this
    colours : array (4, 3), uint8: the colours of the panels top left, top right, bottom left
        and bottom right

    Returns
    -------
    Array (2 H, 2 W, 3), uint8. In each panel: the photo inside the window; outside it
    grey / 255 × colour, rounded, where grey is `color.to_gray(photo)`.

    Example
    -------
    A white photo gives four panels that are white in the window and flat colour around it.
    """
    # BEGIN SOLUTION
    grey = color.to_gray(photo)[..., None] / 255  # (H, W, 1), floats
    rows, columns = np.ogrid[: photo.shape[0], : photo.shape[1]]
    inside = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2
    printed = [np.round(grey * colour).astype(np.uint8) for colour in colours]
    panels = [np.where(inside[..., None], photo, panel) for panel in printed]
    return np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])
    # END SOLUTION


# %% tags=["check"]
ex.check(pop_art)

# %% [markdown] tags=["hint"] task="pop_art"
# Build one panel first and look at it with `images.show`. A grey image of shape `(H, W, 1)` times
# a colour of shape `(3,)` is a colour image `(H, W, 3)`. For the mask you need the row and the
# column of every pixel: `rows, columns = np.indices(grey.shape)`.

# %% [markdown] tags=["hint"] task="pop_art"
# In code:
#
# ```python
# grey = color.to_gray(photo)
# printed = np.round(grey[..., None] / 255 * colour).astype(np.uint8)   # divide first: floats
# inside = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius ** 2
# ```
# Make a new `printed` for each colour, and put the photo into its window.

# %% [markdown] tags=["hint"] task="pop_art"
# In code:
#
# ```python
# panels = []
# for colour in colours:
#     panel = np.round(grey[..., None] / 255 * colour).astype(np.uint8)
#     panel[inside] = photo[inside]
#     panels.append(panel)
# upper = np.hstack([panels[0], panels[1]])
# lower = np.hstack([panels[2], panels[3]])
# return np.vstack([upper, lower])
# ```


# %% tags=["cases"] task="pop_art"
def pop_art_cases(rng):
    def piece(name, rows, columns, height, width, step):
        top, left = rng.integers(*rows), rng.integers(*columns)
        return data.load(name)[top : top + step * height : step, left : left + step * width : step]

    def colours():  # strong ones: a channel or two bright, the others not
        strong = rng.integers(150, 256, (4, 3))
        weak = rng.integers(20, 100, (4, 3))
        return np.where([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 1]], strong, weak).astype(np.uint8)

    def case(photo, row, column, radius):
        return dict(photo=photo, centre=(row, column), radius=radius, colours=colours())

    yield (
        "the astronaut",
        case(
            piece("astronaut", (10, 20), (125, 135), 34, 28, 6), 17, int(rng.integers(13, 16)), 9.5
        ),
    )
    yield "chelsea", case(piece("chelsea", (0, 40), (20, 60), 22, 30, 11), 7, 20, 7.5)
    yield (
        "coffee, the window at the edge",
        case(piece("coffee", (20, 60), (50, 150), 20, 28, 14), 3, int(rng.integers(16, 24)), 6.5),
    )
    yield (
        "rocket, a large window",
        case(piece("rocket", (0, 30), (150, 300), 26, 22, 14), 7, 18, rng.integers(8, 11) + 0.5),
    )


# %% tags=["mistake"] task="pop_art" says="You multiply two `uint8` arrays: 200 × 200 does not fit and wraps around, so the print is spotted. Divide first: `grey[..., None] / 255 * colour` is computed in floats."
def multiplies_in_uint8(photo, centre, radius, colours):
    grey = color.to_gray(photo)[..., None]
    inside = np.hypot(*(np.indices(grey.shape[:2]) - np.reshape(centre, (2, 1, 1)))) <= radius
    panels = []
    for colour in colours:
        panel = np.round(grey * colour / 255).astype(np.uint8)
        panel[inside] = photo[inside]
        panels.append(panel)
    return np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])


# %% tags=["mistake"] task="pop_art" says="All four panels are the same array, and the last colour wins: `panel = photo` gives it a second name, not a second picture. That is the alias trap. Begin each panel with a fresh array, or with `photo.copy()`."
def one_array_four_names(photo, centre, radius, colours):
    last = np.stack([colours[3]] * 4)
    return pop_art(photo, centre, radius, last)


# %% tags=["mistake"] task="pop_art" says="The panels run down the columns: the second colour belongs at the top *right*. `np.hstack` sets arrays side by side, `np.vstack` one above the other."
def columns_first(photo, centre, radius, colours):
    return pop_art(photo, centre, radius, colours[[0, 2, 1, 3]])


# %% tags=["mistake"] task="pop_art" says="The window sits at the wrong place: the centre is read as (x, y). In this kit a point is (row, column), so compare the rows with `centre[0]` and the columns with `centre[1]`."
def centre_as_xy(photo, centre, radius, colours):
    return pop_art(photo, centre[::-1], radius, colours)


# %% tags=["mistake"] task="pop_art" says="Inside and outside have changed places: the photo belongs into the window, the print around it. `~mask` is the opposite of a mask."
def inside_out(photo, centre, radius, colours):
    inside = np.hypot(*(np.indices(photo.shape[:2]) - np.reshape(centre, (2, 1, 1)))) <= radius
    printed = pop_art(photo, (-9999, 0), 1, colours)  # no window at all
    return np.where(np.tile(inside, (2, 2))[..., None], printed, np.tile(photo, (2, 2, 1)))


# %% tags=["mistake"] task="pop_art" says="The print is cut off instead of rounded: `.astype(np.uint8)` drops what stands behind the point. `np.round` goes first."
def cuts_off(photo, centre, radius, colours):
    grey = color.to_gray(photo)[..., None] / 255
    inside = np.hypot(*(np.indices(photo.shape[:2]) - np.reshape(centre, (2, 1, 1)))) <= radius
    panels = [
        np.where(inside[..., None], photo, (grey * c + 1e-9).astype(np.uint8)) for c in colours
    ]
    return np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])


# %% tags=["mistake"] task="pop_art" says="The window is too small: you hold the *squared* distance against the radius. Either square the radius too, or take the root."
def radius_not_squared(photo, centre, radius, colours):
    return pop_art(photo, centre, np.sqrt(radius), colours)


# %% tags=["mistake"] task="pop_art" says="You are off by one level here and there, because your grey was computed from floats. The task takes `color.to_gray(photo)`, the grey of the `uint8` photo, which has whole levels."
def grey_of_floats(photo, centre, radius, colours):
    grey = color.to_gray(images.as_float(photo))[..., None]
    inside = np.hypot(*(np.indices(photo.shape[:2]) - np.reshape(centre, (2, 1, 1)))) <= radius
    panels = [
        np.where(inside[..., None], photo, np.rint(grey * c).astype(np.uint8)) for c in colours
    ]
    return np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])


# %% tags=["mistake"] task="pop_art" says="Your mask lies on its side, (W, H) instead of (H, W). `np.meshgrid` counts x first; `np.indices(grey.shape)` gives rows and columns, in this order."
def mask_on_its_side(photo, centre, radius, colours):
    mask = np.zeros(photo.shape[1::-1], bool)
    return photo[mask]


# %% tags=["mistake"] task="pop_art" says="The shapes do not fit: (H, W) times (3,) has no meaning to NumPy. Give the grey image an axis for the channels, `grey[..., None]`, and its shape is (H, W, 1). A mask that meets a colour image in `np.where` needs it too."
def missing_axis(photo, centre, radius, colours):
    return color.to_gray(photo) / 255 * colours[0]


# %% [markdown]
# And now the real thing. Change the colours, the photo, the window; it is your poster.

# %%
colours = np.array([[255, 170, 40], [60, 190, 255], [255, 90, 150], [110, 220, 90]], np.uint8)
portrait = ex.use("crop")(astronaut, centre=(120, 222), size=(200, 180))
poster = ex.use("pop_art")(portrait, centre=(74, 90), radius=72, colours=colours)
images.show(
    poster,
    alt="A poster of four panels, orange, blue, pink and green. Each is a portrait of the smiling "
    f"astronaut printed in one colour, {poster.shape[1] // 2} × {poster.shape[0] // 2} pixels, "
    "with her face in true colours in a round window.",
)

# %% [markdown]
# ```python
# images.write("poster.png", poster)    # keep it
# ```
#
# ## What you have now
#
# Five functions, and a habit: before you trust an array, ask for its **shape, dtype and range**;
# before you change it, ask **whose memory it is**; and wherever two numbers name a place, ask
# **which comes first**.
#
# Where do you stand?

# %%
ex.progress()
