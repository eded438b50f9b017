"""Smoothing, sharpening, derivatives, sorting: what a pixel becomes from its neighbours.

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
from imgkit.filtering.derivatives import (
    difference_of_gaussians,
    gradient,
    laplacian,
    laplacian_of_gaussian,
    prewitt,
    scharr,
    sobel,
)
from imgkit.filtering.edge_preserving import bilateral, guided
from imgkit.filtering.gabor import gabor, gabor_bank, gabor_kernel
from imgkit.filtering.linear import convolve, correlate, separable
from imgkit.filtering.ranks import maximum, median, minimum, percentile
from imgkit.filtering.smoothing import box, gaussian, unsharp_mask

__all__ = [
    "MODES",
    "Mode",
    "bilateral",
    "box",
    "convolve",
    "correlate",
    "difference_of_gaussians",
    "gabor",
    "gabor_bank",
    "gabor_kernel",
    "gaussian",
    "gradient",
    "guided",
    "laplacian",
    "laplacian_of_gaussian",
    "maximum",
    "median",
    "minimum",
    "percentile",
    "prewitt",
    "scharr",
    "separable",
    "sobel",
    "unsharp_mask",
]
