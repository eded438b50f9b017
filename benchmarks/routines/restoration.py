"""Noise, deconvolution, total variation, inpainting."""

import cv2
import numpy as np
import scipy.fft
import skimage.restoration
from scipy.signal import fftconvolve
from skimage.util import img_as_float32, random_noise

from benchmarks.routines.case import Case
from imgkit import filtering, restoration

MOTION = restoration.motion_kernel(length=15, angle=0.5)
DISC = restoration.defocus_kernel(radius=7)
BELL = np.outer(*[np.exp(-0.5 * (np.arange(-7, 8) / 2.5) ** 2)] * 2)
STEPS = 100


def _planes(function, image: np.ndarray) -> np.ndarray:
    """Each channel by itself."""
    if image.ndim == 2:
        return function(image)
    return np.stack([function(np.ascontiguousarray(p)) for p in np.moveaxis(image, 2, 0)], axis=2)


# --- noise ----------------------------------------------------------------------------------------


def _stripes(image: np.ndarray) -> np.ndarray:
    row, column = np.indices(image.shape[:2])
    wave = 0.1 * np.sin(2 * np.pi * (0.05 * row + 0.1 * column))
    return np.clip(image + (wave if image.ndim == 2 else wave[..., None]), 0, 1)


NOISE = [
    Case(
        "restoration.gaussian_noise",
        ours=lambda x: restoration.gaussian_noise(x, sigma=0.1, seed=0),
        same={"scikit-image": lambda x: random_noise(x, "gaussian", rng=0, var=0.01)},
    ),
    Case(
        "restoration.poisson_noise",
        ours=lambda x: restoration.poisson_noise(x, photons=256, seed=0),
        like={"scikit-image": lambda x: random_noise(x, "poisson", rng=0)},
        note="nearly all of it is NumPy counting, in both; scikit-image guesses the photons",
    ),
    Case(
        "restoration.salt_and_pepper",
        ours=lambda x: restoration.salt_and_pepper(x, fraction=0.1, seed=0),
        same={"scikit-image": lambda x: random_noise(x, "s&p", rng=0, amount=0.1)},
    ),
    Case(
        "restoration.speckle",
        ours=lambda x: restoration.speckle(x, sigma=0.2, seed=0),
        same={"scikit-image": lambda x: random_noise(x, "speckle", rng=0, var=0.04)},
    ),
    Case(
        "restoration.stripes",
        ours=lambda x: restoration.stripes(x, amplitude=0.1, frequency=(0.05, 0.1)),
        reference=_stripes,
    ),
]


# --- deconvolution --------------------------------------------------------------------------------


def _wiener(image: np.ndarray) -> np.ndarray:
    """The image continued to a longer period, divided by the blur's spectrum with restraint."""
    (h, w), (rows, columns) = DISC.shape, image.shape
    wide = image
    for n, side in ((rows, h), (columns, w)):
        extra = scipy.fft.next_fast_len(n + 3 * side, real=True) - n
        mirrored = np.pad(wide, [(extra, extra), (0, 0)], mode="reflect")
        fade = (np.arange(1, extra + 1) / (extra + 1))[:, None]
        wide = np.vstack([wide, (1 - fade) * mirrored[-extra:] + fade * mirrored[:extra]]).T
    psf = np.zeros(wide.shape)
    psf[:h, :w] = DISC
    blur = np.fft.fft2(np.roll(psf, (-(h // 2), -(w // 2)), (0, 1)))
    laplacian = np.zeros(wide.shape)
    laplacian[0, 0] = 4
    laplacian[[0, 0, 1, -1], [1, -1, 0, 0]] = -1
    power = np.abs(blur) ** 2 + 0.01 * np.abs(np.fft.fft2(laplacian)) ** 2
    sharp = np.fft.ifft2(np.fft.fft2(wide) * blur.conj() / power).real
    return np.clip(sharp[:rows, :columns], 0, 1)


def _lucy(image: np.ndarray, psf: np.ndarray) -> np.ndarray:
    """20 steps on a canvas that is larger than the image by what the blur reaches."""
    psf, flipped = psf / psf.sum(), np.flip(psf) / psf.sum()
    share = fftconvolve(np.ones(image.shape), flipped)
    gain = np.where(share > 1e-3, 1 / np.maximum(share, 1e-3), 0)
    scene = np.full(share.shape, image.mean())
    for _ in range(20):
        seen = np.maximum(fftconvolve(scene, psf, "valid"), 1e-6 * image.mean())
        scene = scene * gain * np.maximum(fftconvolve(image / seen, flipped), 0)
    top, left = (np.array(psf.shape) - 1) // 2
    return np.clip(scene[top : top + image.shape[0], left : left + image.shape[1]], 0, 1)


def _their_lucy(image: np.ndarray, psf: np.ndarray) -> np.ndarray:
    psf = (psf / psf.sum()).astype(np.float32)
    psf = psf if image.ndim == 2 else psf[..., None]
    return skimage.restoration.richardson_lucy(img_as_float32(image), psf, 20)


def _richardson_lucy(setting: str, psf: np.ndarray) -> Case:
    return Case(
        "restoration.richardson_lucy",
        setting,
        prepare=lambda photo: (filtering.convolve(photo, psf / psf.sum()),),
        ours=lambda x: restoration.richardson_lucy(x, psf, iterations=20),
        like={"scikit-image": lambda x: _their_lucy(x, psf)},
        reference=lambda x: _planes(lambda plane: _lucy(plane, psf), x),
        goals=(("imgkit", "scikit-image", 2.5),),
        kinds=("gray float32", "gray uint8", "color float32"),
        note="four transforms a step against scikit-image's six, tile by tile in the cache, on all "
        "threads; one thread stays below 2.5 unless the PSF is a column times a row. scikit-image "
        "takes what lies beyond the edges for black",
    )


DECONVOLUTION = [
    _richardson_lucy("motion 15", MOTION),
    _richardson_lucy("defocus 15", DISC),
    _richardson_lucy("gaussian 15", BELL),
    Case(
        "restoration.wiener",
        "defocus 15",
        prepare=lambda photo: (filtering.convolve(photo, DISC),),
        ours=lambda x: restoration.wiener(x, DISC, balance=0.01),
        like={
            "scikit-image": lambda x: _planes(
                lambda plane: skimage.restoration.wiener(img_as_float32(plane), DISC, 0.01), x
            )
        },
        reference=lambda x: _planes(_wiener, x),
        note="scikit-image takes the image for periodic",
    ),
]


# --- total variation ------------------------------------------------------------------------------


def _variation(image: np.ndarray, weight: float = 0.1) -> np.ndarray:
    """50 steps of fast gradient projection."""
    down = right = before_down = before_right = np.zeros(image.shape)
    t = 1.0
    for _ in range(50):
        scene = _scene(image, before_down, before_right, weight)
        gradients = [np.diff(scene, axis=a, append=np.take(scene, [-1], a)) for a in (0, 1)]
        new_down = before_down + gradients[0] / (8 * weight)
        new_right = before_right + gradients[1] / (8 * weight)
        length = np.maximum(1, np.hypot(new_down, new_right))
        new_down, new_right = new_down / length, new_right / length
        s = (1 + np.sqrt(1 + 4 * t * t)) / 2
        before_down = new_down + (t - 1) / s * (new_down - down)
        before_right = new_right + (t - 1) / s * (new_right - right)
        down, right, t = new_down, new_right, s
    return _scene(image, down, right, weight)


def _scene(image: np.ndarray, down: np.ndarray, right: np.ndarray, weight: float) -> np.ndarray:
    flow = np.diff(down, axis=0, prepend=0) + np.diff(right, axis=1, prepend=0)
    return image + weight * flow


def _their_variation(image: np.ndarray) -> np.ndarray:
    out = np.empty_like(image)
    cv2.denoise_TVL1([image], out, 1.0, 50)
    return out


VARIATION = [
    Case(
        "restoration.total_variation",
        prepare=lambda photo: (restoration.gaussian_noise(photo, sigma=0.1, seed=0),),
        ours=lambda x: restoration.total_variation(x, weight=0.1),
        like={
            f"scikit-image {STEPS} steps": lambda x: skimage.restoration.denoise_tv_chambolle(
                x, 0.1, eps=0, max_num_iter=STEPS, channel_axis=2 if x.ndim == 3 else None
            ),
            "opencv TVL1": lambda x: _their_variation(x),
        },
        reference=lambda x: _planes(_variation, x),
        note=(
            f"{STEPS} of scikit-image's steps are still farther from the least energy than 50 of "
            "ours; its own rule stops after about 6 on this picture, 0.02 away"
        ),
    )
]


# --- inpainting -----------------------------------------------------------------------------------


def _written_over(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A photograph, and the mask of the words written on it."""
    ink = np.zeros(photo.shape[:2], np.uint8)
    for row in range(30, len(ink), 60):
        words = "what was here before " * 5
        cv2.putText(ink, words, (-row // 2, row), cv2.FONT_HERSHEY_SIMPLEX, 1, 1, 3)
    photo = photo.copy()
    photo[ink == 1] = 0
    return photo, ink.astype(bool)


def _biharmonic(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    channels = 2 if image.ndim == 3 else None
    return skimage.restoration.inpaint_biharmonic(image, mask, channel_axis=channels)


INPAINTING = [
    Case(
        "restoration.inpaint",
        method,
        prepare=_written_over,
        ours=lambda x, mask, method=method: restoration.inpaint(x, mask, method=method),
        same={"scikit-image": _biharmonic} if method == "biharmonic" else {},
        like={"opencv Telea": lambda x, mask: cv2.inpaint(x, mask.view("u1"), 3, cv2.INPAINT_TELEA)}
        | ({} if method == "biharmonic" else {"scikit-image biharmonic": _biharmonic}),
        reference=_biharmonic if method == "biharmonic" else None,
        tensor=False,
        note="OpenCV fills uint8, and float32 in grey",
    )
    for method in ("biharmonic", "harmonic")
]

CASES = [*NOISE, *DECONVOLUTION, *VARIATION, *INPAINTING]
