"""Run the benchmark: ``python -m benchmarks.routines --help``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault(
    "OMP_WAIT_POLICY", "PASSIVE"
)  # before torch comes in: idle threads would spin

import numpy as np

from benchmarks.routines.case import Case, all_cases
from benchmarks.routines.forms import TENSORS, photograph, to_array, to_float64, to_form
from benchmarks.routines.report import Contender, Line, standing
from benchmarks.routines.timing import medians, threads

LEGEND = """imgkit in CPU ms on one thread; peers as multiples, CPU on one thread / wall on two;
± largest error against the float64 definition; ~ computes something near, not the same"""
LIBRARIES = ("opencv-python", "scikit-image", "scipy", "numpy", "torch", "torchvision", "kornia")
LIBRARIES += ("pillow", "PyWavelets")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routines", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="cases whose title contains it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all figures go")
    parser.add_argument("--device", default="cpu", help="where tensors lie: cpu, cuda")
    parser.add_argument("--budget", type=float, default=0.6, help="seconds for each measurement")
    options = parser.parse_args()
    cases = all_cases(options.only)
    if not cases:
        parser.error(f"no case has {' or '.join(options.only)} in its title")
    lines = []
    print(LEGEND)
    try:
        for case in cases:
            for kind in case.kinds:
                lines.append(measure(case, kind, options.device, options.budget))
                print(lines[-1], flush=True)
            if case.note:
                print(f"    {case.note}")
    except KeyboardInterrupt:
        print("stopped; what was measured:")
    print(standing(lines))
    if options.json:
        options.json.write_text(json.dumps(_record(lines, options.device), indent=1) + "\n")


def measure(case: Case, kind: str, device: str, budget: float) -> Line:
    """Time and check all contenders on one kind of image."""
    images = case.prepare(photograph(kind, case.size))
    line, calls = Line(case, kind), {}
    wanted = None
    if case.reference is not None:
        wanted = to_array(case.reference(*map(to_float64, images)), images[0])
    ours = {"imgkit": case.ours} | ({"imgkit tensor": case.ours} if case.tensor else {})
    for name, function in {**ours, **case.same, **case.like}.items():
        forms = [to_form(image, name, device) for image in images]
        if any(form is None for form in forms):
            continue
        contender = line.contenders[name] = Contender(same=name not in case.like)
        call = partial(function, *forms)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer = to_array(call(), images[0], case.own_scale)
        except Exception as error:  # a peer's own words, in the table
            if name.startswith("imgkit"):
                raise
            contender.refused = f"refuses: {str(error).strip().splitlines()[-1][:60]}"
            continue
        if wanted is not None and contender.same and answer.shape == wanted.shape:
            contender.error = float(np.abs(answer - wanted).max())
        calls[name] = _waiting(call, device) if name.startswith(TENSORS) else call
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with threads(1):
            for name, seconds in medians(calls, _cpu_clock(device), budget).items():
                line.contenders[name].cpu = seconds
        with threads(2):
            for name, seconds in medians(calls, time.perf_counter, budget).items():
                line.contenders[name].wall = seconds
    return line


def _cpu_clock(device: str) -> Callable[[], float]:
    """CPU time; on another device the work is not the CPU's, so the wall clock."""
    return time.process_time if device == "cpu" else time.perf_counter


def _waiting(call: Callable[[], object], device: str) -> Callable[[], object]:
    """A call that returns when the device is done."""
    if device == "cpu":
        return call
    import torch

    def wait() -> object:
        answer = call()
        torch.cuda.synchronize()
        return answer

    return wait


def _record(lines: list[Line], device: str) -> dict:
    import torch

    name = torch.cuda.get_device_name() if device != "cpu" else platform.processor()
    return {
        "machine": {"device": device, "name": name or platform.machine(), "cores": os.cpu_count()},
        "versions": {"python": platform.python_version()}
        | {lib: version(lib) for lib in LIBRARIES},
        "lines": [line.as_dict() for line in lines],
    }


if __name__ == "__main__":
    main()
