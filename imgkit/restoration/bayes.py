"""The engine of NL-Bayes: find patches alike, learn what they have in common, keep that.

Both engines run the same steps; the few that NumPy and torch say differently stand at the end.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
import scipy.sparse

from imgkit.images import AnyImage, is_tensor
from imgkit.restoration.non_local import patch_means

STEP = 4  # pixels from one reference patch to the next: every pixel lies in several groups
HALF = 12  # how far around it similar patches are looked for
NOISE_ALONE = 2.0  # times its variance: what noise amounts to along some axes of a small group
RIDGE = 1e-5  # of the mean variance: keeps the matrices regular in float32
FAINTEST = 1e-6  # sigma: its square has to add up with the picture's variance
AT_ONCE = 1024  # reference patches: bounds the memory


@dataclass(frozen=True)
class Pass:
    """The sizes of one of the two passes."""

    patch: int
    alike: int
    "how many patches make a group"


FIRST, SECOND = Pass(patch=5, alike=60), Pass(patch=7, alike=45)
SMALLEST_SIDE = SECOND.patch + HALF  # then even a corner has 169 patches to choose from


def denoised(noisy: AnyImage, sigma: float) -> AnyImage:
    """Planes (C, H, W) without their noise, of the same sigma in each; sides >= SMALLEST_SIDE."""
    variance = max(sigma, FAINTEST) ** 2
    basic = _pass(noisy, noisy, variance, FIRST)
    return _pass(noisy, basic, variance, SECOND)


def _pass(noisy: AnyImage, guide: AnyImage, variance: float, sizes: Pass) -> AnyImage:
    """Denoise groups of patches that are alike in the guide, band by band."""
    rows, columns = (_references(side, sizes.patch) for side in noisy.shape[-2:])
    per_band = max(1, AT_ONCE // len(columns))
    bands = [rows[i : i + per_band] for i in range(0, len(rows), per_band)]

    def work(band: np.ndarray) -> tuple[slice, AnyImage, AnyImage]:
        top = max(0, int(band[0]) - HALF)
        lines = slice(top, int(band[-1]) + HALF + sizes.patch)
        part = guide[:, lines]
        groups = _groups(part, band - top, columns, sizes)
        noise = part if guide is noisy else noisy[:, lines]
        return lines, *_estimated(noise, part, groups, variance, sizes.patch)

    sums, counts = 0 * noisy, 0 * noisy[:1]
    with ThreadPoolExecutor(1 if is_tensor(noisy) else cv2.getNumThreads()) as pool:
        for lines, sum_, count in pool.map(work, bands):
            sums[:, lines] += sum_
            counts[:, lines] += count
    return sums / counts


def _references(side: int, patch: int) -> np.ndarray:
    """Where reference patches begin along one axis: every few pixels, and at the end."""
    last = side - patch
    return np.unique(np.append(np.arange(0, last, STEP), last))


def _groups(guide: AnyImage, rows: np.ndarray, columns: np.ndarray, sizes: Pass) -> AnyImage:
    """The most similar patches of each reference (n, alike), as places in the list of patches.

    For one shift the distances of all patches to their neighbours are one image, as in non-local
    means; here it is read at the references.
    """
    distances = _distances(guide, rows, columns, sizes.patch)  # (shifts, references)
    height, width = (side - sizes.patch + 1 for side in guide.shape[-2:])
    shifts = np.arange(-HALF, HALF + 1)
    beyond = [
        (at + shifts[:, None] < 0) | (at + shifts[:, None] >= end)
        for at, end in ((rows, height), (columns, width))
    ]
    outside = beyond[0][:, None, :, None] | beyond[1][None, :, None, :]
    places = (rows[:, None] * width + columns).reshape(-1, 1)
    offsets = (shifts[:, None] * width + shifts).ravel()
    distances[len(offsets) // 2] = -1.0  # itself is always one of them
    nearest = _nearest(distances, outside.reshape(distances.shape), sizes.alike)
    if is_tensor(guide):
        import torch

        places, offsets = (torch.as_tensor(a, device=guide.device) for a in (places, offsets))
    return places + offsets[nearest]


def _estimated(
    noisy: AnyImage, guide: AnyImage, groups: AnyImage, variance: float, patch: int
) -> tuple[AnyImage, AnyImage]:
    """The sum of all estimates at each pixel (C, H, W), and how many there are (1, H, W)."""
    patches = _patches(noisy, patch)  # (C, places, pixels)
    if guide is noisy:
        estimates = _first_estimate(patches[:, groups], variance)
    else:
        estimates = _second_estimate(
            patches[:, groups], _patches(guide, patch)[:, groups], variance
        )
    sums, counts = _gathered(estimates, groups, patches.shape[1])
    return _overlaid(sums, noisy, patch), _overlaid(counts, noisy[:1], patch)


def _first_estimate(group: AnyImage, variance: float) -> AnyImage:
    """Along each principal axis of a group (C, n, k, d) keep what is more than noise.

    What is seen along an axis is picture plus noise, ``strength = s² + sigma²``; the best linear
    estimate keeps ``s² / strength`` of it.
    """
    mean = group.mean(2, keepdims=True)
    centred = group - mean
    strength, axes = _linalg(group).eigh(_covariance(centred))  # (C, n, d), (C, n, d, d)
    picture = (strength - variance) * (strength > NOISE_ALONE * variance)
    keep = picture / strength.clip(min=variance)
    return mean + centred @ ((axes * keep[..., None, :]) @ axes.mT)


def _second_estimate(group: AnyImage, guide: AnyImage, variance: float) -> AnyImage:
    """The same with all of the covariance C of the first estimate: ``C (C + sigma² I)^-1``."""
    mean = guide.mean(2, keepdims=True)
    covariance = _covariance(guide - mean)
    pixels = range(covariance.shape[-1])
    trust = covariance[..., pixels, pixels].mean(-1, keepdims=True)
    covariance[..., pixels, pixels] += variance + RIDGE * trust
    apart = group - mean
    return group - variance * (apart @ _linalg(group).inv(covariance))


def _covariance(centred: AnyImage) -> AnyImage:
    return centred.mT @ centred / (centred.shape[-2] - 1)


def _overlaid(patches: AnyImage, like: AnyImage, patch: int) -> AnyImage:
    """Add patches (C, places, pixels) where they lie in the planes."""
    height, width = (side - patch + 1 for side in like.shape[-2:])
    out = 0 * like
    for pixel, (i, j) in enumerate(product(range(patch), repeat=2)):
        plane = patches[..., pixel if patches.shape[-1] > 1 else 0]
        out[:, i : i + height, j : j + width] += plane.reshape(-1, height, width)
    return out


# --- what the engines say differently -------------------------------------------------------------


def _linalg(image: AnyImage):
    if is_tensor(image):
        import torch

        return torch.linalg
    return np.linalg


def _distances(guide: AnyImage, rows: np.ndarray, columns: np.ndarray, patch: int) -> AnyImage:
    """Of the reference patches to those around, (shifts, references)."""
    lines = slice(int(rows[0]), int(rows[-1]) + patch)
    height, width = lines.stop - lines.start, guide.shape[-1]
    places = np.ix_(rows - rows[0], columns)
    reach = (HALF, HALF)
    shifts = product(range(2 * HALF + 1), repeat=2)
    if is_tensor(guide):
        import torch

        wide = torch.nn.functional.pad(guide, reach * 2)
        core = guide[:, lines]
        found = []
        for i, j in shifts:
            there = wide[:, lines.start + i :, j:][:, :height, :width]
            square = (core - there).square().sum(0)
            found.append(patch_means(square, patch)[places].flatten())
        return torch.stack(found)
    wide = np.pad(guide, ((0, 0), reach, reach))
    ones = np.ones(patch)
    found = np.empty(((2 * HALF + 1) ** 2, places[0].size * places[1].size), guide.dtype)
    for at, (i, j) in enumerate(shifts):
        total = np.zeros((height, width), guide.dtype)
        for plane, around in zip(guide[:, lines], wide, strict=True):
            there = around[lines.start + i :, j:][:height, :width]
            cv2.accumulateSquare(cv2.subtract(plane, there), total)
        sums = cv2.sepFilter2D(total, -1, ones, ones, anchor=(0, 0))
        found[at] = sums[places].ravel()
    return found


def _nearest(distances: AnyImage, outside: np.ndarray, alike: int) -> AnyImage:
    """Which shifts are the smallest for each reference, (references, alike)."""
    if is_tensor(distances):
        import torch

        outside = torch.as_tensor(outside, device=distances.device)
        far = distances.masked_fill(outside, torch.inf)
        return far.topk(alike, dim=0, largest=False, sorted=False).indices.T
    distances[outside] = np.inf
    return np.argpartition(np.ascontiguousarray(distances.T), alike - 1, axis=1)[:, :alike]


def _patches(planes: AnyImage, patch: int) -> AnyImage:
    """All patches of the planes, in rows: (C, places, pixels)."""
    if is_tensor(planes):
        windows = planes.unfold(1, patch, 1).unfold(2, patch, 1)
    else:
        windows = np.lib.stride_tricks.sliding_window_view(planes, (patch, patch), axis=(1, 2))
    return windows.reshape(planes.shape[0], -1, patch * patch)


def _gathered(estimates: AnyImage, groups: AnyImage, places: int) -> tuple[AnyImage, AnyImage]:
    """All estimates of the same patch added up, (C, places, pixels), and their number."""
    where = groups.reshape(-1)
    flat = estimates.reshape(estimates.shape[0], len(where), -1)
    if is_tensor(estimates):
        sums = flat.new_zeros(flat.shape[0], places, flat.shape[2]).index_add_(1, where, flat)
        counts = where.bincount(minlength=places).to(flat.dtype)
        return sums, counts[None, :, None]
    member = scipy.sparse.csr_matrix(
        (np.ones(where.size, flat.dtype), where, np.arange(where.size + 1)),
        shape=(where.size, places),
    ).T.tocsr()
    sums = np.stack([member @ plane for plane in flat])
    counts = np.bincount(where, minlength=places).astype(flat.dtype)
    return sums, counts[None, :, None]
