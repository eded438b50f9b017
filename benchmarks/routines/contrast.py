"""Point operations and histograms."""

import cv2
import kornia
import numpy as np
import skimage.exposure
import torch
from PIL import ImageOps
from torchvision.transforms.v2 import functional as tv

from benchmarks.routines.case import KINDS, Case
from imgkit import contrast

GRAYS = KINDS[:2]
STEEPER = dict(tiles=8, clip=0.01)


def _rescale64(x: np.ndarray) -> np.ndarray:
    low, high = np.percentile(x, (2, 98))
    return np.clip((x - low) / (high - low), 0, 1)


def _skimage_rescale(x: np.ndarray) -> np.ndarray:
    low, high = np.percentile(x, (2, 98))
    return skimage.exposure.rescale_intensity(x, in_range=(low, high))


def _kornia_rescale(x: torch.Tensor) -> torch.Tensor:
    low, high = torch.quantile(x[:, :, ::4, ::4], torch.tensor([0.02, 0.98], device=x.device))
    return ((x - low) / (high - low)).clip(0, 1)


def _counts(x):
    counts = contrast.histogram(x)
    return counts.mT if isinstance(x, torch.Tensor) and x.ndim == 3 else counts


def _each(call):
    """One plane after the other, the answers side by side."""
    return lambda x: (
        call(x) if x.ndim == 2 else np.stack([call(x[..., c]) for c in range(x.shape[2])], 1)
    )


def _opencv_counts(x: np.ndarray) -> np.ndarray:
    top = 256 if x.dtype == np.uint8 else 1
    planes = range(1 if x.ndim == 2 else x.shape[2])
    found = [cv2.calcHist([x], [c], None, [256], [0, top]).ravel() for c in planes]
    return found[0] if x.ndim == 2 else np.stack(found, 1)


def _skimage_counts(plane: np.ndarray) -> np.ndarray:
    if plane.dtype == np.uint8:
        return skimage.exposure.histogram(plane, source_range="dtype")[0]
    return skimage.exposure.histogram(plane, 512, "dtype")[0][256:]  # its range is -1..1


def _skimage_match(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    out = skimage.exposure.match_histograms(x, y, channel_axis=2 if x.ndim == 3 else None)
    return np.rint(out).astype(np.uint8) if x.dtype == np.uint8 else out


def _equalize64(x: np.ndarray) -> np.ndarray:
    if x.ndim == 3:
        return contrast.equalize(x)
    ranks = np.searchsorted(np.sort(np.rint(65535 * x), axis=None), np.rint(65535 * x), "right")
    return (ranks - ranks.min()) / (ranks.size - ranks.min())


def _opencv_curve(x: np.ndarray) -> np.ndarray:
    if x.dtype != np.uint8:
        return cv2.pow(x, 0.7)
    return cv2.LUT(x, np.rint(255 * (np.arange(256) / 255) ** 0.7).astype(np.uint8))


CLAHE = cv2.createCLAHE(2.56, (8, 8))

CASES = [
    Case(
        "contrast.gamma",
        "0.7",
        ours=lambda x: contrast.gamma(x, gamma=0.7),
        same={
            "opencv": _opencv_curve,
            "scikit-image": lambda x: skimage.exposure.adjust_gamma(x, 0.7),
            "torchvision": lambda x: tv.adjust_gamma(x, 0.7),
            "kornia": lambda x: kornia.enhance.adjust_gamma(x, 0.7),
            "pillow": lambda x: x.point(
                [round(255 * (i / 255) ** 0.7) for i in range(256)] * len(x.getbands())
            ),
        },
        reference=lambda x: x**0.7,
    ),
    Case(
        "contrast.rescale",
        "2 to 98 %",
        ours=contrast.rescale,
        same={"scikit-image": _skimage_rescale},
        like={
            "kornia": _kornia_rescale,
            "pillow": lambda x: ImageOps.autocontrast(x, cutoff=2),
        },
        reference=_rescale64,
        note="torch.quantile takes 16 million values at most, here every 16th; Pillow's channels "
        "are stretched each for itself",
    ),
    Case(
        "contrast.rescale",
        "0.1 to 0.9",
        ours=lambda x: contrast.rescale(x, low=0.1, high=0.9),
        same={"scikit-image": lambda x: skimage.exposure.rescale_intensity(x, in_range=(0.1, 0.9))},
        reference=lambda x: np.clip((x - 0.1) / 0.8, 0, 1),
        kinds=("gray float32", "color float32"),
    ),
    Case(
        "contrast.histogram",
        "256 bins",
        ours=_counts,
        same={
            "opencv": _opencv_counts,
            "scikit-image": _each(_skimage_counts),
            "numpy": _each(
                lambda x: np.histogram(x, 256, (0, 256 if x.dtype == np.uint8 else 1))[0]
            ),
            "torch": lambda x: (
                torch.histc(x, 256, 0, 1)
                if x.ndim == 2
                else torch.stack([torch.histc(plane, 256, 0, 1) for plane in x], 1)
            ),
        },
        reference=_each(lambda x: np.histogram(x, 256, (0, 1))[0]),
        note="OpenCV leaves out white floats",
    ),
    Case(
        "contrast.equalize",
        ours=contrast.equalize,
        same={"opencv": cv2.equalizeHist},
        like={
            "scikit-image": skimage.exposure.equalize_hist,
            "pillow": ImageOps.equalize,
            "torchvision": lambda x: tv.equalize(x),
            "kornia": kornia.enhance.equalize,
        },
        reference=_equalize64,
        note="floats in 65536 levels where scikit-image has 256; in colour the others count or "
        "equalize the channels for themselves, and the reference is float64 of the same routine",
    ),
    Case(
        "contrast.clahe",
        "8 x 8 tiles",
        ours=lambda x: contrast.clahe(x, **STEEPER),
        like={
            "opencv": lambda x: CLAHE.apply(x),
            "scikit-image": lambda x: skimage.exposure.equalize_adapthist(x, 128, 0.01),
            "kornia": lambda x: kornia.enhance.equalize_clahe(x, 2.56, (8, 8)),
        },
        reference=lambda x: contrast.clahe(x, **STEEPER),
        note="peers go through 8 or 14 bits; the reference is float64 of the same routine, which "
        "the tests hold to the definition",
    ),
    Case(
        "contrast.match_histogram",
        ours=contrast.match_histogram,
        same={"scikit-image": _skimage_match},
        reference=lambda x, y: skimage.exposure.match_histograms(
            x, y, channel_axis=2 if x.ndim == 3 else None
        ),
        prepare=lambda photo: (photo, contrast.gamma(np.rot90(photo)[:900], gamma=0.5)),
        note="floats are sorted here and there, which is most of the time of both",
    ),
]
