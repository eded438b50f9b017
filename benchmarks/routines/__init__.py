"""Every routine beside its peers: time, and error against the float64 definition.

    python -m benchmarks.routines [--only NAME ...] [--json FILE] [--device cuda]

A file per subject enters its cases into ``CASES``::

    CASES = [
        Case(
            "filtering.gaussian",
            "sigma 2",
            ours=lambda x: filtering.gaussian(x, sigma=2),
            same={  # they compute this very thing: compared in time and error
                "opencv": lambda x: cv2.GaussianBlur(x, (17, 17), 2),
                "scikit-image": lambda x: skimage.filters.gaussian(x, 2, ...),
            },
            like={"pillow": lambda x: x.filter(ImageFilter.GaussianBlur(2))},  # something near
            reference=lambda x: ndimage.gaussian_filter(x, 2, mode="mirror", axes=(0, 1)),
        ),
    ]

``ours`` runs on arrays, and on tensors too where the routine takes them (shown as "imgkit tensor").
The first word of a peer's name says which form of the image it gets (see ``forms.py``): an array,
a torch tensor (C, H, W), a kornia batch, a Pillow image. Converting is not timed. ``reference``
gets arrays in float64. ``prepare`` makes what a routine needs of the photograph: noisy, blurred,
two images. A peer that cannot take a kind of image is left out there, and the table says so.

The first case of each routine is also its picture in ``docs/routines.md``, and all of them hold
``imgkit.engines()`` to its word in ``tests/test_engines.py``.
"""

from benchmarks.routines.case import Case, all_cases

__all__ = ["Case", "all_cases"]
