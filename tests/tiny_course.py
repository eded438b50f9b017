"""A tiny course in a home of its own: one lesson, one exercise of two tasks, on real coins."""

from pathlib import Path

from imgkit import places
from imgkit.course import keys, solutions

_DATASETS = places.home() / "datasets"

EXERCISE = '''\
# ---
# jupyter:
#   imgkit:
#     title: Tiny
#     minutes: 5
#     needs: ["90_tiny_lesson"]
# ---

# %% [markdown]
# # Tiny
#
# Two tasks.

# %% tags=["setup"]
import numpy as np

from imgkit import data

# %%
from imgkit import course

ex = course.exercise("90_tiny")

# %% tags=["task"] task="invert" points=2 minutes=3 level=1 compare="equal()" forbid=["cv2"]
def invert(image):
    """Turn bright into dark.

    image  (H, W), uint8
    """
    # BEGIN SOLUTION
    return 255 - image
    # END SOLUTION

# %% tags=["check"]
ex.check(invert)

# %% [markdown] tags=["hint"] task="invert"
# What becomes of 0, and what of 255?

# %% [markdown] tags=["hint"] task="invert"
# Each value and its opposite sum to 255.

# %% [markdown] tags=["hint"] task="invert"
# `255 - ...`

# %% tags=["cases"] task="invert"
def invert_cases(rng):
    coins = data.load("coins")
    for name in ("a piece", "another", "a third"):
        top, left = rng.integers(250, size=2)
        yield name, dict(image=coins[top : top + 20, left : left + 24])

# %% tags=["mistake"] task="invert" says="You halved it."
def halved(image):
    return 127 - image // 2

# %% tags=["mistake"] task="invert" says="One too dark: 255 is white."
def from_254(image):
    return np.uint8(254) - image

# %% tags=["mistake"] task="invert" says="That is a float image."
def in_floats(image):
    return 1 - image / 255

# %% tags=["task"] task="contrast" points=4 minutes=3 level=2 compare="close(rtol=1e-9)"
def contrast(image, amount=2.0):
    """Stretch an image away from its inverse's mean.

    image  (H, W), uint8. You may call invert.
    """
    # BEGIN SOLUTION
    middle = np.mean(invert(image))
    return middle + amount * (image - middle)
    # END SOLUTION

# %% tags=["check"]
ex.check(contrast)

# %% [markdown] tags=["hint"] task="contrast"
# One.

# %% [markdown] tags=["hint"] task="contrast"
# Two.

# %% [markdown] tags=["hint"] task="contrast"
# Three.

# %% tags=["cases"] task="contrast"
def contrast_cases(rng):
    camera = data.load("camera")
    for amount in rng.permutation([0.5, 2.0, 3.0]):
        top, left = rng.integers(400, size=2)
        image = camera[top : top + 20, left : left + 24]
        yield f"amount {amount:g}", dict(image=image, amount=amount)

# %% tags=["mistake"] task="contrast" says="You took the image's own mean."
def own_mean(image, amount=2.0):
    return image.mean() + amount * (image - image.mean())

# %% tags=["mistake"] task="contrast" says="The middle is added twice."
def middle_twice(image, amount=2.0):
    return contrast(image, amount) + invert(image).mean()

# %% tags=["mistake"] task="contrast" says="You divided."
def divided(image, amount=2.0):
    return contrast(image, 1 / amount + 1)
'''

LESSON = """\
# ---
# jupyter:
#   imgkit:
#     title: A tiny lesson
#     minutes: 3
# ---

# %% [markdown]
# # A tiny lesson
#
# **3 minutes.**

# %%
from imgkit import data

data.load("coins").mean()
"""


def settle(home: Path, monkeypatch, exercise: str = EXERCISE) -> Path:
    """Write the course into a folder and make that the kit's home, for this process."""
    write(home, exercise)
    if not (home / "datasets").exists():
        (home / "datasets").symlink_to(_DATASETS)
    folder = home / "imgkit" / "course" / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    for module in (places, solutions):
        monkeypatch.setattr(module, "home", lambda: home)
    monkeypatch.setattr(keys, "FOLDER", folder)
    keys.load.cache_clear()
    solutions._namespace.cache_clear()
    return home


def write(home: Path, exercise: str = EXERCISE) -> Path:
    """The exercise's source; its lesson is written beside it."""
    for name, text in (("exercises/90_tiny", exercise), ("lessons/90_tiny_lesson", LESSON)):
        path = home / "course" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return home / "course" / "exercises" / "90_tiny.py"


def changed(old: str, new: str, text: str = EXERCISE) -> str:
    """The exercise with one passage changed; it must be there, once."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)
