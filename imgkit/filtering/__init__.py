"""Smoothing, sharpening and derivatives: what a pixel becomes from its neighbours.

All routines take an image as :mod:`imgkit.images` defines it, array or tensor, treat its channels
alike, and return a new one of the same kind. At the border a filter needs pixels that are not
there; ``mode`` says what they are, here for a row ``a b c d``:

========  =========================  ====================================================
mode      beyond the edges           in words
========  =========================  ====================================================
mirror    d c b | a b c d | c b a    reflected about the edge pixel (the default)
reflect   c b a | a b c d | d c b    reflected about the edge itself, the edge pixel twice
nearest   a a a | a b c d | d d d    the edge pixel goes on
wrap      b c d | a b c d | a b c    the image begins again
constant  v v v | a b c d | v v v    one value ``cval``, a fraction of full scale
========  =========================  ====================================================

The names are SciPy's. Mind that PyTorch and NumPy say "reflect" for what is called mirror here.
"""

from imgkit.filtering.borders import MODES, Mode
from imgkit.filtering.derivatives import laplacian, sobel
from imgkit.filtering.linear import convolve, correlate
from imgkit.filtering.ranks import median
from imgkit.filtering.smoothing import box, gaussian, unsharp_mask

__all__ = [
    "MODES",
    "Mode",
    "box",
    "convolve",
    "correlate",
    "gaussian",
    "laplacian",
    "median",
    "sobel",
    "unsharp_mask",
]
