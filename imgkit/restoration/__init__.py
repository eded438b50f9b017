"""Noise, and what takes it away; blur, and what sharpens it again; holes, and what fills them.

All routines take an image as :mod:`imgkit.images` defines it, array or tensor, and return a new one
of the same kind.
"""

from imgkit.restoration.deconvolution import richardson_lucy, wiener
from imgkit.restoration.inpainting import inpaint
from imgkit.restoration.kernels import defocus_kernel, motion_kernel
from imgkit.restoration.noise import (
    gaussian_noise,
    poisson_noise,
    salt_and_pepper,
    speckle,
    stripes,
)
from imgkit.restoration.patches import nl_bayes, non_local_means
from imgkit.restoration.variation import total_variation
from imgkit.restoration.wavelets import estimate_sigma, wavelet

__all__ = [
    "defocus_kernel",
    "estimate_sigma",
    "gaussian_noise",
    "inpaint",
    "motion_kernel",
    "nl_bayes",
    "non_local_means",
    "poisson_noise",
    "richardson_lucy",
    "salt_and_pepper",
    "speckle",
    "stripes",
    "total_variation",
    "wavelet",
    "wiener",
]
