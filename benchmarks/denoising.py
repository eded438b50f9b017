"""Quality of the denoisers on BSD68, beside scikit-image's and what others have published.

    IMGKIT_DATA=FOLDER python -m benchmarks.denoising [--images N] [--sigma 15 25 50] [--json FILE]

FOLDER holds ``bsd68.zip``, the 68 grey photographs that denoising is usually measured on. White
Gaussian noise is added in float32 and not clipped, as in the published figures. Where a method has
a strength, it is the one of a small grid that is best on another photograph (the bundled
"camera") under noise of the same sigma: the same rule and the same grid for imgkit and
scikit-image. All are told sigma. Seconds are CPU time on one thread, means over the photographs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import cv2
import numpy as np
import skimage.restoration
from threadpoolctl import threadpool_limits

from imgkit import data, filtering, metrics, restoration

Denoise = Callable[[np.ndarray, float, float], np.ndarray]  # noisy, sigma, strength


@dataclass(frozen=True)
class Method:
    """A denoiser and the strengths it may be used at."""

    name: str
    denoise: Denoise
    strengths: tuple[float, ...] = (1.0,)


TIMES_SIGMA = (0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
OF_VARIATION = (0.6, 0.8, 1.0, 1.2, 1.5)
METHODS = [
    Method("noisy", lambda x, sigma, k: x),
    Method(
        "imgkit gaussian",
        lambda x, sigma, k: filtering.gaussian(x, sigma=k),
        (0.5, 0.7, 0.9, 1.1, 1.3, 1.6, 2.0),
    ),
    Method("imgkit median", lambda x, sigma, k: filtering.median(x, size=int(k)), (3, 5, 7)),
    Method(
        "imgkit bilateral",
        lambda x, sigma, k: filtering.bilateral(
            x.clip(0, 1), sigma_color=k * sigma, sigma_space=2.0
        ),
        (1.0, 2.0, 3.0, 4.0, 6.0),
    ),
    Method(
        "imgkit total_variation",
        lambda x, sigma, k: restoration.total_variation(x, weight=k * sigma),
        OF_VARIATION,
    ),
    Method(
        "scikit-image TV",
        lambda x, sigma, k: skimage.restoration.denoise_tv_chambolle(x, weight=k * sigma),
        OF_VARIATION,
    ),
    Method("imgkit wavelet", lambda x, sigma, k: restoration.wavelet(x, sigma=sigma)),
    Method(
        "scikit-image wavelet",
        lambda x, sigma, k: skimage.restoration.denoise_wavelet(x, sigma=sigma, wavelet="db2"),
    ),
    Method(
        "imgkit non_local_means",
        lambda x, sigma, k: restoration.non_local_means(x, sigma=sigma, h=k * sigma),
        TIMES_SIGMA,
    ),
    Method(
        "scikit-image NLM",
        lambda x, sigma, k: skimage.restoration.denoise_nl_means(x, 7, 10, k * sigma, True, sigma),
        TIMES_SIGMA,
    ),
    Method("imgkit nl_bayes", lambda x, sigma, k: restoration.nl_bayes(x, sigma=sigma)),
]
PUBLISHED = {  # PSNR by sigma; Zhang et al., Beyond a Gaussian denoiser (2017), table II
    "BM3D": {15: 31.07, 25: 28.57, 50: 25.62},
    "DnCNN-S": {15: 31.73, 25: 29.23, 50: 26.23},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.denoising", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--images", type=int, default=68, help="only so many, spread evenly")
    parser.add_argument("--sigma", type=float, nargs="+", default=[15, 25, 50], help="of 255")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="methods whose name contains it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all figures go")
    options = parser.parse_args()
    methods = [m for m in METHODS if not options.only or any(w in m.name for w in options.only)]
    photographs = _photographs(options.images)
    cv2.setNumThreads(1)
    record = []
    with threadpool_limits(1):
        for levels in options.sigma:
            print(f"sigma {levels:g} of 255, {len(photographs)} photographs", flush=True)
            for method in methods:
                record.append(_measured(method, photographs, levels))
                print(_line(record[-1]), flush=True)
            for name, psnr in PUBLISHED.items():
                if levels in psnr:
                    print(f"  {name + ' (published, not run)':<30} {psnr[levels]:6.2f} dB")
    if options.json:
        options.json.write_text(json.dumps({"runs": record, "published": PUBLISHED}, indent=1))


def _photographs(count: int) -> list[np.ndarray]:
    """float32 in 0..1, of all sizes (321, 481) and (481, 321)."""
    file = Path(os.environ.get("IMGKIT_DATA", "")) / "bsd68.zip"
    if not os.environ.get("IMGKIT_DATA") or not file.is_file():
        sys.exit("set IMGKIT_DATA to the folder with bsd68.zip")
    with zipfile.ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".png"))
        chosen = [names[i] for i in np.unique(np.linspace(0, len(names) - 1, count).astype(int))]
        encoded = [np.frombuffer(archive.read(name), np.uint8) for name in chosen]
    return [cv2.imdecode(code, cv2.IMREAD_GRAYSCALE) / np.float32(255) for code in encoded]


def _noisy(clean: np.ndarray, sigma: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(clean.shape, np.float32)
    return clean + np.float32(sigma) * noise


def _strength(method: Method, sigma: float) -> float:
    """The best of the grid on a photograph that is not among those measured."""
    if len(method.strengths) == 1:
        return method.strengths[0]
    clean = data.load("camera")[128:384, 128:384] / np.float32(255)
    noisy = _noisy(clean, sigma, seed=0)
    found = {k: metrics.psnr(method.denoise(noisy, sigma, k), clean) for k in method.strengths}
    return max(found, key=found.get)


def _measured(method: Method, photographs: list[np.ndarray], levels: float) -> dict:
    sigma = levels / 255
    strength = _strength(method, sigma)
    psnr, ssim, seconds = [], [], []
    for seed, clean in enumerate(photographs, start=1):
        noisy = _noisy(clean, sigma, seed)
        begin = time.process_time()
        out = np.asarray(method.denoise(noisy, sigma, strength), np.float32)
        seconds.append(time.process_time() - begin)
        psnr.append(metrics.psnr(out, clean))
        ssim.append(metrics.ssim(out, clean))
    return {
        "method": method.name,
        "sigma": levels,
        "strength": strength if len(method.strengths) > 1 else None,
        "psnr": float(np.mean(psnr)),
        "ssim": float(np.mean(ssim)),
        "seconds": float(np.mean(seconds)),
        "psnr_of_each": [round(value, 4) for value in psnr],
    }


def _line(run: dict) -> str:
    at = "" if run["strength"] is None else f"  at {run['strength']:g}"
    return (
        f"  {run['method']:<30} {run['psnr']:6.2f} dB  SSIM {run['ssim']:.4f}  "
        f"{run['seconds']:7.3f} s{at}"
    )


if __name__ == "__main__":
    main()
