"""What a task forbids is found however it was imported, and nothing else is."""

import types

import numpy as np
import pytest
from scipy import ndimage

from imgkit.course.forbidden import aliases_of, imported, loop_depth, uses

FORBID = ["numpy.pad", "cv2", "scipy.ndimage", "imgkit.filtering"]
PLAIN = {"np": "numpy", "ndimage": "scipy.ndimage", "scipy": "scipy"}


def used(body: str, aliases=PLAIN) -> list[str]:
    lines = "\n    ".join(body.split("\n"))
    return uses(f"def smooth(image):\n    {lines}", FORBID, aliases)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return np.pad(image, 1)", ["np.pad"]),
        ("return ndimage.convolve(image, k)", ["ndimage.convolve"]),
        ("return scipy.ndimage.convolve(image, k)", ["scipy.ndimage.convolve"]),
        ("f = np.pad\nreturn f(image, 1)", ["np.pad"]),
        ("return [np.pad(row, 1) for row in image]", ["np.pad"]),
        ("return np.pad(ndimage.sobel(image), 1)", ["np.pad", "ndimage.sobel"]),
        ("np.pad(image, 1)\nreturn np.pad(image, 2)", ["np.pad"]),
        ("import numpy as n\nreturn n.pad(image, 1)", ["n.pad"]),
        ("import numpy\nreturn numpy.pad(image, 1)", ["numpy.pad"]),
        ("from numpy import pad\nreturn pad(image, 1)", ["pad"]),
        ("from numpy import pad as p\nreturn p(image, 1)", ["p"]),
        ("import cv2\nreturn cv2.blur(image, (3, 3))", ["cv2.blur"]),
        ("import cv2 as c\nreturn c.cuda.blur(image)", ["c.cuda.blur"]),
        ("from cv2 import blur as b\nreturn b(image, (3, 3))", ["b"]),
        ("import scipy.ndimage\nreturn scipy.ndimage.sobel(image)", ["scipy.ndimage.sobel"]),
        ("import scipy.ndimage as nd\nreturn nd.sobel(image)", ["nd.sobel"]),
        ("from scipy.ndimage import sobel\nreturn sobel(image)", ["sobel"]),
        ("from imgkit import filtering as f\nreturn f.box(image)", ["f.box"]),
        ("from imgkit.filtering import box\nreturn box(image)", ["box"]),
        ("def inner(x):\n    return np.pad(x, 1)\nreturn inner(image)", ["np.pad"]),
        ("return (lambda x: np.pad(x, 1))(image)", ["np.pad"]),
    ],
)
def test_a_forbidden_name_is_found_as_it_was_written(body, found):
    assert used(body) == found


@pytest.mark.parametrize(
    "body",
    [
        "return image",
        "return np.padded(image)",
        "return np.zeros(3)",
        "return image.pad(1)",
        "return self.cv2.blur(image)",
        "return results().np.pad(image)",
        "'np.pad(image, 1)'",
        "# np.pad(image, 1)",
        "return pad(image, 1)",
        "import scipy.signal\nreturn scipy.signal.convolve2d(image, k)",
        "import cv2",
        "cv2 = 3\nreturn cv2",
        "def pad(x, n):\n    return x\nreturn pad(image, 1)",
    ],
)
def test_nothing_else_is_found(body):
    assert used(body) == []


def test_a_name_of_the_students_own_hides_the_library():
    from_numpy = {"pad": "numpy.pad", "ndimage": "scipy.ndimage"}
    assert used("return pad(image, 1)", from_numpy) == ["pad"]
    assert uses("def smooth(image, pad): return pad + 1", FORBID, from_numpy) == []
    assert uses("def pad(image, n): return pad(image, n - 1)", FORBID, from_numpy) == []
    assert used("ndimage = image[None]\nreturn ndimage.sum(0)", from_numpy) == []
    assert used("for pad in range(3):\n    image = image + pad", from_numpy) == []
    shadowed_again = "pad = 3\nfrom numpy import pad\nreturn pad(image, 1)"
    assert used(shadowed_again, from_numpy) == ["pad"]


def test_code_that_does_not_parse_uses_nothing():
    assert uses("def f(:", FORBID, PLAIN) == []
    assert uses("", FORBID, PLAIN) == []
    assert loop_depth("for for") == 0


def test_imports_give_names():
    import ast

    code = "import a.b\nimport c.d as e\nfrom f.g import h, i as j\nfrom . import k"
    assert imported(ast.parse(code)) == {"a": "a", "e": "c.d", "h": "f.g.h", "j": "f.g.i"}


def test_a_notebooks_names_are_known_for_what_they_are():
    import cv2

    def pad(image):
        return image

    pad.__module__ = "__main__"
    own = types.FunctionType(pad.__code__, {}, "blur")
    own.__module__ = "__main__"
    names = aliases_of(
        {
            "np": np,
            "nd": ndimage,
            "widen": np.pad,
            "sobel": ndimage.sobel,
            "filter2D": cv2.filter2D,
            "add": np.add,
            "pad": pad,
            "blur": own,
            "image": np.zeros(3),
            "number": 3,
            "nothing": None,
        }
    )
    assert names == {
        "np": "numpy",
        "nd": "scipy.ndimage",
        "widen": "numpy.pad",
        "sobel": "scipy.ndimage.sobel",
        "filter2D": "cv2.filter2D",
        "add": "numpy.add",
    }


@pytest.mark.parametrize(
    ("code", "depth"),
    [
        ("x = 1", 0),
        ("for i in a: pass", 1),
        ("while a:\n    for i in a:\n        pass", 2),
        ("for i in a: pass\nfor j in b: pass", 1),
        ("def f():\n    for i in a:\n        for j in b:\n            for k in c: pass", 3),
        ("if a:\n    for i in a: pass", 1),
        ("[i for i in a]", 1),
        ("[f(i, j) for i in a for j in b]", 2),
        ("[[f(x) for x in row] for row in image]", 2),
        ("{i: [j for j in i] for i in a}", 2),
        ("total = sum(sum(x for x in row) for row in image)", 2),
        ("for i in a:\n    total = sum(x for x in i)", 2),
        ("async def f():\n    async for i in a: pass", 1),
    ],
)
def test_how_deep_loops_are_nested(code, depth):
    assert loop_depth(code) == depth
