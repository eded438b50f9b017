"""The catalogue of routines, ``docs/routines.md``: what each does, a picture, how exact, how fast.

    python -m benchmarks.routines --json benchmarks/routines.json
    python -m benchmarks.catalogue benchmarks/routines.json

Words come from the docstrings, engines and errors from ``imgkit.engines()``, ratios from the run
of the benchmark whose figures are given, pictures from running the first case of each routine.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import imgkit
from benchmarks.routines import Case, all_cases
from benchmarks.routines.report import FAST, Line, Standing, standing
from imgkit import data, images, places, segmentation
from imgkit.capabilities import Routine
from imgkit.images.drawing import CURVES, FAINT

DOCS = places.home() / "docs"
GOALS = """The goals: never slower than scikit-image (5 % is a tie), at least 5 times as fast on 15
routines, a geometric mean of 6, and within 1.15 of the raw OpenCV call or 0.5 ms where it computes
the same.
"""
WHY = """Why some are missed. Over the raw call: imgkit reads every float once to refuse NaN and
infinity, which is much beside a small filter; the magnitude of a gradient is computed so that its
last bit does not depend on where the array lies in memory; bytes are sharpened in floats, where
OpenCV rounds twice and is a level off; resizing and remapping are exact where OpenCV drops slivers
or rounds. Beside scikit-image: what is its own compiled loop with the same result (felzenszwalb,
watershed, co-occurrences) can only tie; a conversion to grey or a Butterworth
filter is one pass or two transforms for everyone, and a random draw costs what the generator costs.
Line segments are each fitted and followed once more, which finds both ends of twice as many.
Tensors: on small kernels a matrix product moves more memory than OpenCV does."""
SIDE = 176  # pixels of a photograph
MOST_NUMBERS = 9  # a matrix can be told, more is drawn
WIDEST = 560  # pixels of a picture


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catalogue", description=__doc__)
    parser.add_argument("figures", type=Path, help="what benchmarks.routines --json wrote")
    figures = json.loads(parser.parse_args().figures.read_text())
    cases = {case.routine: case for case in reversed(all_cases())}
    (DOCS / "routines").mkdir(exist_ok=True)
    pages = [_head(figures)]
    subject = ""
    for line in imgkit.engines():
        if line.name.split(".")[0] != subject:
            subject = line.name.split(".")[0]
            about = import_module(f"imgkit.{subject}").__doc__.splitlines()[0]
            pages.append(f"## {subject}\n\n{about}\n")
        pages.append(_entry(line, cases[line.name], figures["lines"]))
    pages.append(_goals(figures["lines"]))
    (DOCS / "routines.md").write_text("\n".join(pages) + "\n", encoding="utf-8")


def _head(figures: dict) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in figures["versions"].items())
    return f"""# The routines

Written by `python -m benchmarks.catalogue` from the docstrings, from `imgkit.engines()` and from
`python -m benchmarks.routines`, where the contenders of a case take turns, each
after a call that does not count; nothing here is typed.

**Errors** are the largest difference from the float64 definition: uint8 in grey levels (0.5 is
rounding), floats as a share of the largest value. **Ratios** are how many times the CPU time the
peer takes on one thread, on photographs of 1024 × 1024, smaller for slow routines (means over grey,
colour, uint8 and float32); below 1 the peer is quicker. `~` marks a peer that computes something
near, not the same.
Measured on {figures["machine"]["cores"]} cores with {versions}.
"""


def _goals(records: list[dict]) -> str:
    """How the goals stand: a picture of all ratios, and what misses one as tables."""
    cases = {(case.routine, case.setting): case for case in all_cases()}
    reached = standing([Line.read(r, cases[r["routine"], r["setting"]]) for r in records])
    slower = ", ".join(f"{line.title} ({ratio:.2f})" for line, ratio in reached.slower)
    said = (
        f"{len(reached.fast)} of the {len(reached.means)} routines that scikit-image has too take "
        f"at most a fifth of its time; the geometric mean is {reached.mean:.2g}. Slower than it: "
        f"{slower or 'none'}."
    )
    missed = [
        f"| {line.title} | {who} | {ratio:.3g} | {wanted:g} |"
        for line, who, ratio, wanted in reached.missed
    ]
    worst: dict[str, tuple] = {}  # of each routine
    for line, times, more in reached.heavy:
        name = line.case.routine
        worst[name] = max(worst.get(name, (0, 0, "")), (times, more, line.title))
    heavy = [
        f"| {title} | {times:.2f} | {more:.2f} |"
        for times, more, title in sorted(worst.values(), reverse=True)
    ]
    return "\n".join(
        [
            f"## How the goals stand\n\n{GOALS}\n{said}\n",
            _speeds(reached) + "\n",
            "| goals of single cases that are missed | | times | goal |\n|---|---|---|---|",
            *missed,
            "\n<details>\n<summary>Where the same OpenCV call, without a gate, is quicker: each "
            "routine's worst case</summary>\n",
            "| | times its CPU time | ms more |\n|---|---|---|",
            *heavy,
            f"\n</details>\n\n{WHY}",
        ]
    )


def _speeds(reached: Standing) -> str:
    """A dot for each routine, a row for each subject, on a logarithmic axis."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    subjects = sorted({name.split(".")[0] for name in reached.means}, reverse=True)
    figure = Figure(figsize=(7.2, 3.6), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for row, subject in enumerate(subjects):
        ratios = sorted(r for name, r in reached.means.items() if name.startswith(subject + "."))
        axes.plot(ratios, [row] * len(ratios), "o", color=CURVES[0], alpha=0.6, markersize=6)
    axes.axvline(1, color=CURVES[1])
    axes.axvline(FAST, color=FAINT, linestyle=":")
    axes.set(xscale="log", yticks=range(len(subjects)), yticklabels=subjects)
    axes.set_xticks([1, 2, FAST, 10, 20, 50], ["1", "2", f"{FAST}", "10", "20", "50"], minor=False)
    axes.minorticks_off()
    axes.set_title("scikit-image's CPU time over ours, a dot for each routine", fontsize=10.5)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DOCS / "speed.png")
    low, high = min(reached.means.values()), max(reached.means.values())
    alt = (
        f"{len(reached.means)} dots in {len(subjects)} rows, from {low:.1f} to {high:.0f} times; "
        f"{len(reached.fast)} lie at {FAST} or above."
    )
    return f"![{alt}](speed.png)"


def _entry(line: Routine, case: Case, lines: list[dict]) -> str:
    exact = ", ".join(f"{dtype} {error:g}" for dtype, error in line.tolerance.items())
    engines = " and ".join(f"{engine}s" for engine in line.engines)
    gradients = ", with gradients" if line.differentiable else ""
    parts = [f"### {line.name}\n", line.summary + "\n", _picture(line, case)]
    parts.append(f"- {engines}{gradients}; largest error: {exact}")
    for setting, ratios in _ratios(line.name, lines).items():
        shown = ", ".join(f"{peer} {ratio:.3g}" for peer, ratio in ratios.items())
        if shown:
            parts.append(f"- {f'{setting}: ' if setting else ''}{shown}")
    if case.note:
        parts.append(f"- {case.note}")
    return "\n".join(parts) + "\n"


def _ratios(name: str, lines: list[dict]) -> dict[str, dict[str, float]]:
    """setting -> peer -> geometric mean of the peer's time over ours."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        ours = line["contenders"]["imgkit"]["cpu"]
        if line["routine"] != name or not ours:
            continue
        for peer, contender in line["contenders"].items():
            if peer != "imgkit" and contender["cpu"]:
                mark = "" if contender["same"] else "~"
                found[line["setting"]][mark + peer].append(contender["cpu"] / ours)
    return {
        setting: {peer: statistics.geometric_mean(ratios) for peer, ratios in peers.items()}
        for setting, peers in found.items()
    }


def _picture(line: Routine, case: Case) -> str:
    """What goes in and what comes out, as a file beside the page; numbers are just told."""
    kind = next(kind for kind in ("color uint8", *case.kinds) if kind in case.kinds)
    inputs = case.prepare(_photograph(kind))
    result = case.ours(*inputs)
    if case.show:
        result = case.show(result, *inputs)
    if result is None:
        return ""
    if all(np.ndim(part) == 0 for part in _parts(result)) or np.size(result) <= MOST_NUMBERS:
        numbers = ", ".join(f"{number:.4g}" for number in np.ravel(result))
        return f"Of the photograph: {numbers}\n"
    parts = [_within(part) for part in _parts(result) if _is_picture(part)][:2]
    path = DOCS / "routines" / f"{line.name}.jpg"
    if parts:
        alt = f"A photograph before and after {case.title}."
        before = [_within(image) for image in inputs if _is_picture(image)][:2]
        images.show(*before, *parts, alt=alt).save(path)
    else:
        alt = f"What {case.title} gives for a photograph, as curves."
        images.plot_rows(*np.atleast_2d(np.transpose(result)), alt=alt).save(path)
    drawn = Image.open(path)
    drawn.thumbnail((WIDEST, WIDEST))
    drawn.save(path, quality=80)
    return f"![{alt}](routines/{line.name}.jpg)\n"


def _photograph(kind: str) -> np.ndarray:
    color, dtype = kind.split()
    whole = data.load("camera" if color == "gray" else "astronaut")
    small = cv2.resize(whole, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return small if dtype == "uint8" else (small / 255).astype(dtype)


def _parts(result: object) -> list[np.ndarray]:
    """Several results are a tuple, or lie along the first axis of one array."""
    if isinstance(result, tuple):
        return list(result)
    stacked = np.ndim(result) == 3 and not _is_picture(result)
    return list(result) if stacked else [result]


def _is_picture(value: object) -> bool:
    shape = np.shape(value)
    return len(shape) in (2, 3) and min(shape[:2]) > 16 and shape[2:] in ((), (1,), (3,))


def _within(image: np.ndarray) -> np.ndarray:
    """What can be shown: labels painted, positive results that are no intensities on their own."""
    if image.dtype == np.int32:
        return segmentation.paint(image)
    if image.dtype == np.uint8 or image.dtype == bool or image.min() < 0:
        return image
    top = float(image.max())
    return image if 0.5 < top <= 1 else image / max(top, 1e-9)


if __name__ == "__main__":
    main()
