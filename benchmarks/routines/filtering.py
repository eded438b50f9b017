"""Linear filters and derivatives."""

import cv2
import kornia
import numpy as np
import skimage.filters
import torch
from PIL import ImageFilter
from scipy import ndimage
from torchvision.transforms.v2 import functional as tv

from benchmarks.routines.case import Case
from imgkit import filtering


def _gaussian(sigma: float) -> Case:
    n = 2 * int(4 * sigma + 0.5) + 1
    goals = (("imgkit tensor", "opencv", 0.5), ("imgkit tensor", "torch conv2d", 5))
    return Case(
        "filtering.gaussian",
        f"sigma {sigma:g}",
        ours=lambda x: filtering.gaussian(x, sigma=sigma),
        same={
            "opencv": lambda x: cv2.GaussianBlur(x, (n, n), sigma),
            "scikit-image": lambda x: skimage.filters.gaussian(
                x, sigma, mode="mirror", channel_axis=2 if x.ndim == 3 else None
            ),
            "scipy": lambda x: ndimage.gaussian_filter(x, sigma, mode="mirror", axes=(0, 1)),
            "kornia": lambda x: kornia.filters.gaussian_blur2d(x, (n, n), (sigma, sigma)),
            "torch conv2d": lambda x: _conv2d(x, sigma),
        }
        | (
            {}
            if sigma > 10
            else {"torchvision": lambda x: tv.gaussian_blur(x, [n, n], [sigma] * 2)}
        ),
        like={"pillow": lambda x: x.filter(ImageFilter.GaussianBlur(sigma))},
        reference=lambda x: ndimage.gaussian_filter(x, sigma, mode="mirror", axes=(0, 1)),
        goals=(("imgkit", "opencv", 2),) if sigma >= 20 else goals,
        note="torchvision does not separate its kernel: seconds here, and so left out"
        if sigma > 10
        else "",
    )


def _conv2d(x: torch.Tensor, sigma: float) -> torch.Tensor:
    reach = int(4 * sigma + 0.5)
    bell = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=x.dtype) / sigma) ** 2)
    bell = (bell / bell.sum()).to(x.device)
    planes = x.reshape(-1, 1, *x.shape[-2:])
    wide = torch.nn.functional.pad(planes, [reach] * 4, mode="reflect")
    rows = torch.nn.functional.conv2d(wide, bell[None, None, :, None])
    return torch.nn.functional.conv2d(rows, bell[None, None, None, :]).reshape(x.shape)


ANGLES = np.pi * np.arange(4) / 4
COLUMN, ROW = np.array([1, 2, 3, 2, 1]) / 9, np.array([1, 3, 4, 2, 0]) / 10
KERNEL = np.outer(COLUMN, ROW)  # of rank one
SHARP = KERNEL / 2 + np.diag([0.1, 0, 0.2, 0, 0.2])  # of full rank


def _same_size(x: torch.Tensor, kernel: np.ndarray) -> torch.Tensor:
    """Correlation by conv2d."""
    h, w = kernel.shape
    planes = x.reshape(-1, 1, *x.shape[-2:])
    wide = torch.nn.functional.pad(planes, [w // 2, w // 2, h // 2, h // 2], mode="reflect")
    weights = torch.as_tensor(kernel, dtype=x.dtype, device=x.device)[None, None]
    return torch.nn.functional.conv2d(wide, weights).reshape(x.shape)


def _scipy(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return ndimage.correlate(x, kernel if x.ndim == 2 else kernel[..., None], mode="mirror")


def _magnitude(x: np.ndarray, filtered) -> np.ndarray:
    rows, columns = filtered(x, 0), filtered(x, 1)
    return np.hypot(rows, columns)


def _channels(function, x: np.ndarray, *arguments, **options) -> np.ndarray:
    """A function of grey images, channel by channel, as its users have to."""
    if x.ndim == 2:
        return function(x, *arguments, **options)
    planes = [function(x[..., c], *arguments, **options) for c in range(x.shape[2])]
    return np.stack(planes, axis=2)


def _opencv_slope(x: np.ndarray, smooth: list[float]) -> np.ndarray:
    along, unit = np.array([-0.5, 0, 0.5]), 1 / 255 if x.dtype == np.uint8 else 1
    depth = cv2.CV_64F if x.dtype == np.float64 else cv2.CV_32F
    across = np.array(smooth) * unit
    rows = cv2.sepFilter2D(x, depth, across, along)
    return cv2.magnitude(rows, cv2.sepFilter2D(x, depth, along, across))


def _sobel_opencv(x: np.ndarray) -> np.ndarray:
    unit = (1 / 255 if x.dtype == np.uint8 else 1) / 8
    depth = cv2.CV_64F if x.dtype == np.float64 else cv2.CV_32F
    return cv2.magnitude(
        cv2.Sobel(x, depth, 0, 1, scale=unit), cv2.Sobel(x, depth, 1, 0, scale=unit)
    )


def _slope64(x: np.ndarray, smooth: list[float]) -> np.ndarray:
    def filtered(x: np.ndarray, axis: int) -> np.ndarray:
        out = ndimage.correlate1d(x, [-0.5, 0, 0.5], axis=axis, mode="mirror")
        return ndimage.correlate1d(out, smooth, axis=1 - axis, mode="mirror")

    return _magnitude(x, filtered)


def _slope_case(name: str, smooth: list[float], opencv) -> Case:
    operator = getattr(skimage.filters, name)
    same = {
        "opencv": opencv,
        "scikit-image": lambda x: _channels(operator, x, mode="mirror") / 2**0.5,
        "torch conv2d": lambda x: _conv_slope(x, smooth),
    }
    if name != "scharr":
        same["scipy"] = lambda x: _channels(_scipy_slope, x, getattr(ndimage, name))
    return Case(
        f"filtering.{name}",
        ours=getattr(filtering, name),
        same=same,
        like={"kornia": kornia.filters.sobel} if name == "sobel" else {},
        reference=lambda x: _slope64(x, smooth),
        goals=(("imgkit tensor", "torch conv2d", 2),),
    )


def _scipy_slope(x: np.ndarray, operator) -> np.ndarray:
    """Its kernels are not divided: a ramp of 1 gives 8 or 6."""
    values = x / np.float32(255) if x.dtype == np.uint8 else x
    scale = {"sobel": 8, "prewitt": 6}[operator.__name__]
    return _magnitude(values, lambda x, axis: operator(x, axis=axis, mode="mirror")) / scale


def _conv_slope(x: torch.Tensor, smooth: list[float]) -> torch.Tensor:
    kernel = np.outer(smooth, [-0.5, 0, 0.5])
    return torch.hypot(_same_size(x, kernel), _same_size(x, kernel.T))


def _unsharp_opencv(x: np.ndarray) -> np.ndarray:
    soft = cv2.GaussianBlur(x, (17, 17), 2)
    return np.clip(cv2.addWeighted(x, 2, soft, -1, 0), 0, 255 if x.dtype == np.uint8 else 1)


def _opencv_gradient(x: np.ndarray) -> list[np.ndarray]:
    unit = 1 / 255 if x.dtype == np.uint8 else 1
    depth = cv2.CV_64F if x.dtype == np.float64 else cv2.CV_32F
    rows = cv2.Scharr(x, depth, 0, 1, scale=unit / 32)
    columns = cv2.Scharr(x, depth, 1, 0, scale=unit / 32)
    return [cv2.magnitude(rows, columns), cv2.phase(columns, rows)]


def _log64(x: np.ndarray, sigma: float) -> np.ndarray:
    reach = int(4 * sigma + 0.5)
    i = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 * (i / sigma) ** 2)
    bell /= bell.sum()
    bend = (i**2 / sigma**4 - 1 / sigma**2) * bell
    bend -= bend.sum() * bell
    parts = []
    for axis in (0, 1):
        out = ndimage.correlate1d(x, bend, axis=axis, mode="mirror")
        parts.append(ndimage.correlate1d(out, bell, axis=1 - axis, mode="mirror"))
    return parts[0] + parts[1]


def _gabor64(x: np.ndarray, frequency: float, angle: float) -> np.ndarray:
    kernel = filtering.gabor_kernel(frequency=frequency, angle=angle)
    kernel = kernel if x.ndim == 2 else kernel[..., None]
    parts = [ndimage.convolve(x, part, mode="mirror") for part in (kernel.real, kernel.imag)]
    return np.stack(parts)


def _bank64(x: np.ndarray) -> np.ndarray:
    return np.stack([np.hypot(*_gabor64(x, 0.15, angle)) for angle in ANGLES])


def _opencv_bank(x: np.ndarray) -> list[np.ndarray]:
    depth = cv2.CV_64F if x.dtype == np.float64 else cv2.CV_32F
    found = []
    for angle in ANGLES:
        kernel = filtering.gabor_kernel(frequency=0.15, angle=angle)[::-1, ::-1]
        kernel = kernel / (255 if x.dtype == np.uint8 else 1)
        parts = [
            cv2.filter2D(x, depth, np.ascontiguousarray(p)) for p in (kernel.real, kernel.imag)
        ]
        found.append(cv2.magnitude(*parts))
    return found


CASES = [
    *[_gaussian(sigma) for sigma in (2, 8, 20, 40)],
    Case(
        "filtering.box",
        "9 × 9",
        ours=lambda x: filtering.box(x, size=9),
        same={
            "opencv": lambda x: cv2.blur(x, (9, 9)),
            "scipy": lambda x: ndimage.uniform_filter(x, (9, 9, 1)[: x.ndim], mode="mirror"),
            "kornia": lambda x: kornia.filters.box_blur(x, (9, 9)),
        },
        like={"pillow": lambda x: x.filter(ImageFilter.BoxBlur(4))},
        reference=lambda x: ndimage.uniform_filter(x, (9, 9, 1)[: x.ndim], mode="mirror"),
    ),
    Case(
        "filtering.correlate",
        "5 × 5",
        ours=lambda x: filtering.correlate(x, SHARP),
        same={
            "opencv": lambda x: cv2.filter2D(x, -1, SHARP),
            "scipy": lambda x: _scipy(x, SHARP),
            "torch conv2d": lambda x: _same_size(x, SHARP),
        },
        reference=lambda x: _scipy(x, SHARP),
    ),
    Case(
        "filtering.convolve",
        "5 × 5",
        ours=lambda x: filtering.convolve(x, SHARP),
        same={
            "opencv": lambda x: cv2.filter2D(x, -1, np.ascontiguousarray(SHARP[::-1, ::-1])),
            "scipy": lambda x: _scipy(x, SHARP[::-1, ::-1]),
        },
        reference=lambda x: _scipy(x, SHARP[::-1, ::-1]),
    ),
    Case(
        "filtering.separable",
        "5 + 5",
        ours=lambda x: filtering.separable(x, COLUMN, ROW),
        same={
            "opencv": lambda x: cv2.sepFilter2D(x, -1, ROW, COLUMN),
            "torch conv2d": lambda x: _same_size(x, KERNEL),
        },
        reference=lambda x: _scipy(x, KERNEL),
    ),
    Case(
        "filtering.unsharp_mask",
        "sigma 2",
        ours=lambda x: filtering.unsharp_mask(x, sigma=2),
        same={
            "opencv": _unsharp_opencv,
            "scikit-image": lambda x: _channels(skimage.filters.unsharp_mask, x, 2, 1),
            "kornia": lambda x: kornia.filters.unsharp_mask(x, (17, 17), (2, 2)).clamp(0, 1),
        },
        like={"pillow": lambda x: x.filter(ImageFilter.UnsharpMask(2, 100, 0))},
        reference=lambda x: np.clip(
            2 * x - ndimage.gaussian_filter(x, 2, mode="mirror", axes=(0, 1)), 0, 1
        ),
        note="scikit-image is called channel by channel, for its channel_axis returns memory that "
        "nobody has written; its border is reflect, so it is off there.",
    ),
    _slope_case("sobel", [0.25, 0.5, 0.25], _sobel_opencv),
    _slope_case(
        "scharr", [3 / 16, 10 / 16, 3 / 16], lambda x: _opencv_slope(x, [3 / 16, 10 / 16, 3 / 16])
    ),
    _slope_case(
        "prewitt", [1 / 3, 1 / 3, 1 / 3], lambda x: _opencv_slope(x, [1 / 3, 1 / 3, 1 / 3])
    ),
    Case(
        "filtering.laplacian",
        ours=filtering.laplacian,
        same={
            "opencv": lambda x: cv2.Laplacian(
                x,
                cv2.CV_32F if x.dtype == np.uint8 else -1,
                ksize=1,
                scale=1 / 255 if x.dtype == np.uint8 else 1,
            ),
            "scikit-image": lambda x: -_channels(skimage.filters.laplace, x, 3),
            "scipy": lambda x: ndimage.laplace(
                x if x.dtype != np.uint8 else x / np.float32(255), mode="mirror", axes=(0, 1)
            ),
        },
        like={"kornia": lambda x: kornia.filters.laplacian(x, 3)},
        reference=lambda x: ndimage.laplace(x, mode="mirror", axes=(0, 1)),
        note="scikit-image's border is reflect, so it is off there; its sign is turned here.",
    ),
    Case(
        "filtering.gradient",
        "scharr",
        ours=lambda x: filtering.gradient(x, operator="scharr"),
        same={"opencv": _opencv_gradient},
    ),
    Case(
        "filtering.laplacian_of_gaussian",
        "sigma 2",
        ours=lambda x: filtering.laplacian_of_gaussian(x, sigma=2),
        like={
            "scipy": lambda x: ndimage.gaussian_laplace(
                x if x.dtype != np.uint8 else x / np.float32(255), 2, mode="mirror", axes=(0, 1)
            )
        },
        reference=lambda x: _log64(x, 2),
        note="SciPy's kernel does not sum to 0: a flat image of 1 gives it -0.0003.",
    ),
    Case(
        "filtering.difference_of_gaussians",
        "sigma 2 and 3.2",
        ours=lambda x: filtering.difference_of_gaussians(x, low_sigma=2),
        same={
            "scikit-image": lambda x: skimage.filters.difference_of_gaussians(
                x, 2, 3.2, mode="mirror", channel_axis=2 if x.ndim == 3 else None
            )
        },
        reference=lambda x: (
            ndimage.gaussian_filter(x, 2, mode="mirror", axes=(0, 1))
            - ndimage.gaussian_filter(x, 3.2, mode="mirror", axes=(0, 1))
        ),
    ),
    Case(
        "filtering.gabor",
        "0.15 cycles per pixel",
        ours=lambda x: filtering.gabor(x, frequency=0.15, angle=np.pi / 8),
        like={
            "scikit-image": lambda x: np.stack(
                skimage.filters.gabor(x, 0.15, theta=np.pi / 8, mode="mirror")
            )
        },
        reference=lambda x: _gabor64(x, 0.15, np.pi / 8),
        kinds=("gray float32", "gray uint8"),
        note="scikit-image cuts its bell closer where the wave runs askew.",
    ),
    Case(
        "filtering.gabor_bank",
        "4 angles",
        ours=lambda x: filtering.gabor_bank(x, frequencies=[0.15], angles=ANGLES),
        same={"opencv": _opencv_bank},
        like={
            "scikit-image": lambda x: np.stack(
                [
                    np.hypot(*skimage.filters.gabor(x, 0.15, theta=angle, mode="mirror"))
                    for angle in ANGLES
                ]
            )
        },
        reference=_bank64,
        kinds=("gray float32", "gray uint8"),
    ),
]
