"""Nuclei in real microscope images: classical segmentation beside Otsu's threshold.

    IMGKIT_DATA=FOLDER python -m benchmarks.nuclei [--images N] [--json FILE] [--picture FILE]

FOLDER holds ``nuclei-dsb2018.zip``, 330 images of the Data Science Bowl 2018: fluorescence (bright
nuclei on black), stained tissue and a few in bright light. For each image: Dice of the mask, object
F1 at IoU 0.5, and AP as the Bowl scored it; then means with their intervals, and the paired
difference. The numbers in ``classical`` were chosen on a fifth of the images (``is_for_tuning``);
the result is that of the other four fifths, and all 330 are told as well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np

from imgkit import color, contrast, data, filtering, images, metrics, segmentation

Segment = Callable[[np.ndarray], np.ndarray]  # image -> labels

MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "dice": lambda found, truth: metrics.dice(found > 0, truth > 0),
    "object F1": metrics.object_f1,
    "AP": metrics.object_ap,
}
SMALLEST = 30  # pixels of a nucleus


def kind(image: np.ndarray) -> str:
    """How the image was taken, told from its colours and its brightness."""
    if image.ndim == 3:
        return "stained tissue"
    return "bright light" if image.mean() > 127 else "fluorescence"


# --- the methods ----------------------------------------------------------------------------------


def plain_otsu(image: np.ndarray) -> np.ndarray:
    """One threshold for the grey image, and what hangs together is a nucleus."""
    grey = color.to_gray(image) if image.ndim == 3 else image
    return segmentation.label(grey > segmentation.otsu(grey))


def otsu_of_the_smaller_side(image: np.ndarray) -> np.ndarray:
    """The same, bright or dark: nuclei cover less than half of an image."""
    grey = color.to_gray(image) if image.ndim == 3 else image
    bright = grey > segmentation.otsu(grey)
    return segmentation.label(bright if 2 * bright.sum() <= bright.size else ~bright)


def classical(image: np.ndarray) -> np.ndarray:
    """Find, part, and then draw each outline at the nucleus's own level."""
    signal = nuclei_are_bright(image)
    mask = foreground(signal, kind(image))
    radius = typical_radius(mask)
    return outlined(signal, parted(mask, radius), radius)


def nuclei_are_bright(image: np.ndarray) -> np.ndarray:
    """float32 in which nuclei are bright, whatever the image."""
    values = images.as_float(image)
    if kind(image) == "fluorescence":
        return values
    if kind(image) == "stained tissue":
        return 1 - values[..., 0]  # the stain of nuclei is blue: it takes red away
    return segmentation.top_hat(1 - values, segmentation.disk(15))  # cells are large, nuclei small


def foreground(signal: np.ndarray, kind: str) -> np.ndarray:
    """Brighter than the threshold, and than what lies around."""
    smooth = filtering.gaussian(signal, sigma=1)
    threshold = segmentation.otsu if kind == "bright light" else segmentation.li
    around = filtering.gaussian(signal, sigma=20)
    mask = (smooth > threshold(smooth)) & (smooth > around)
    return segmentation.fill_holes(segmentation.open(mask, segmentation.disk(1)))


def typical_radius(mask: np.ndarray) -> float:
    """Of the connected parts: all later lengths are told in it, so the microscope may zoom."""
    areas = segmentation.regions(segmentation.label(mask)).area
    areas = areas[areas >= SMALLEST]
    return float(np.sqrt(np.median(areas) / np.pi)) if areas.size else 5.0


def parted(mask: np.ndarray, radius: float) -> np.ndarray:
    """Nuclei that touch, parted at their waists."""
    within = np.pad(mask, 1)  # beyond the edge there is no nucleus
    depth = segmentation.distance_transform(within)[1:-1, 1:-1]
    depth = filtering.gaussian(depth, sigma=max(0.5, 0.12 * radius))
    middles = segmentation.label(segmentation.h_maxima(depth, h=0.06 * radius))
    return segmentation.watershed(-depth, middles, mask=mask)


def outlined(signal: np.ndarray, labels: np.ndarray, radius: float) -> np.ndarray:
    """Each nucleus where it is brighter than 40 % of the way from what lies around to its top."""
    outside = (labels == 0).astype(np.float32)
    sigma = max(5.0, 1.2 * radius)
    around = filtering.gaussian(signal * outside, sigma=sigma)
    around /= np.maximum(filtering.gaussian(outside, sigma=sigma), 1e-3)
    top = mean_of_upper_half(signal, labels)[labels]
    labels = np.where(signal > around + 0.4 * (top - around), labels, 0)
    whole = segmentation.fill_holes(segmentation.open(labels > 0, segmentation.disk(1)))
    labels = segmentation.watershed(-signal, labels * whole, mask=whole)  # holes take their label
    return segmentation.relabel(segmentation.remove_small(labels, area=SMALLEST))


def mean_of_upper_half(signal: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """By label: the mean of the pixels that are brighter than the label's mean."""
    means = means_by_label(signal, labels)
    upper = np.where(signal > means[labels], labels, 0)
    tops = means_by_label(signal, upper, len(means))
    return np.where(tops > 0, tops, means)


def means_by_label(signal: np.ndarray, labels: np.ndarray, count: int = 0) -> np.ndarray:
    flat = labels.ravel()
    pixels = np.bincount(flat, minlength=count)
    return np.bincount(flat, signal.ravel(), minlength=count) / np.maximum(pixels, 1)


METHODS: dict[str, Segment] = {
    "plain Otsu": plain_otsu,
    "smaller side": otsu_of_the_smaller_side,
    "classical": classical,
}


# --- measuring ------------------------------------------------------------------------------------


def is_for_tuning(name: str) -> bool:
    """A fifth of the images, by a hash of their names."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 5 == 0


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.nuclei", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--images", type=int, metavar="N", help="only so many, spread evenly")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all figures go")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="where a few results go")
    options = parser.parse_args()
    try:
        begin = time.perf_counter()
        nuclei = data.load_nuclei()
    except data.DataError as error:
        sys.exit(str(error))
    print(f"{nuclei}, loaded in {time.perf_counter() - begin:.2f} s")
    count = min(options.images or len(nuclei), len(nuclei))
    chosen = np.unique(np.linspace(0, len(nuclei) - 1, count).astype(int))
    items = [measured(nuclei, i) for i in chosen]
    groups = {
        "held out": [item for item in items if not item["tuning"]],
        "all": items,
        **{k: [i for i in items if i["kind"] == k and not i["tuning"]] for k in kinds(items)},
    }
    for group, members in groups.items():
        print(f"\n{group}, {len(members)} images", flush=True)
        for line in told(members):
            print(f"  {line}", flush=True)
    if options.json:
        record = {"archive": nuclei.sha256, "items": items}
        options.json.write_text(json.dumps(record, indent=1) + "\n")
    if options.picture:
        drawn(nuclei).save(options.picture)


def kinds(items: list[dict]) -> list[str]:
    """The kinds with more than one held-out image."""
    names = [item["kind"] for item in items if not item["tuning"]]
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def measured(nuclei: data.SegmentedImages, i: int) -> dict:
    """Every method and measure on one image."""
    image, truth = nuclei.images[i], nuclei.labels[i]
    item = {"name": nuclei.names[i], "kind": kind(image), "tuning": is_for_tuning(nuclei.names[i])}
    for method, segment in METHODS.items():
        begin = time.process_time()
        found = segment(image)
        item[method] = {"seconds": time.process_time() - begin}
        item[method] |= {name: measure(found, truth) for name, measure in MEASURES.items()}
    return item


def told(items: list[dict]) -> list[str]:
    """Means with intervals, and how far apart the methods are."""
    lines = []
    for measure in MEASURES:
        scores = {m: np.array([item[m][measure] for item in items]) for m in METHODS}
        for method, values in scores.items():
            worst = np.quantile(values, 0.1)
            lines.append(
                f"{measure:<10} {method:<12} {metrics.interval(values)}, a tenth below {worst:.2f}"
            )
        for other in ("plain Otsu", "smaller side"):
            lines.append(f"to {other:<12} {metrics.compare(scores['classical'], scores[other])}")
    for method in METHODS:
        seconds = np.median([item[method]["seconds"] for item in items])
        lines.append(f"CPU {method}: {1e3 * seconds:.1f} ms an image, the median")
    return lines


def drawn(nuclei: data.SegmentedImages) -> images.Picture:
    """The truth and both methods on a held-out image of each of two kinds, of median AP."""
    panels, titles = [], []
    for name in ("fluorescence", "stained tissue"):
        image, truth = of_median_ap(nuclei, name)
        shown = image if image.ndim == 3 else contrast.rescale(image, percentiles=(0, 99.5))
        for labels in (truth, plain_otsu(image), classical(image)):
            panels.append(segmentation.outline(shown, labels)[:256, :256])
        titles += [f"{name}: truth", "plain Otsu", "classical"]
    alt = "Nuclei outlined by hand, by plain Otsu, which joins those that touch, and by the "
    alt += "classical method, which parts some; above bright on black, below violet in tissue."
    return images.show(*panels, titles=titles, columns=3, alt=alt)


def of_median_ap(nuclei: data.SegmentedImages, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Among the small images of a kind, for a picture, with at least 20 nuclei."""
    pairs = [
        (image, truth)
        for image, truth, key in zip(nuclei.images, nuclei.labels, nuclei.names, strict=True)
        if len(truth) == 256 and truth.max() >= 20 and kind(image) == name
        if not is_for_tuning(key)
    ]
    scores = [metrics.object_ap(classical(image), truth) for image, truth in pairs]
    return pairs[int(np.argsort(scores)[len(scores) // 2])]


if __name__ == "__main__":
    main()
