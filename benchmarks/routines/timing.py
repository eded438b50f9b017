"""Timing contenders in turns, so that whatever else the machine does hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2
from threadpoolctl import threadpool_limits

SHORTEST = 0.004  # seconds that a timed stretch lasts at least
LONGEST = 0.5  # who takes longer is called once and waited for no more
ROUNDS = 3, 15


@contextmanager
def threads(count: int) -> Iterator[None]:
    """As many threads for OpenCV, for BLAS and for torch, if it is there."""
    import torch

    before = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(count)
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count):
            yield
    finally:
        cv2.setNumThreads(before[0])
        torch.set_num_threads(before[1])


def medians(
    calls: dict[str, Callable[[], object]], clock: Callable[[], float], budget: float
) -> dict[str, float]:
    """Median seconds of one call each, in interleaved rounds within a budget of seconds.

    Each has a call that does not count before its turn, for its turn is to be like one of many:
    after another contender the processor's caches hold that one's data, and the system has taken
    memory back. What takes long is called once, and gains nothing by it.
    """
    repeats, times, once = {}, {}, 0.0
    for name, call in calls.items():
        begin, clocked = time.perf_counter(), clock()
        call()
        took, clocked = time.perf_counter() - begin, clock() - clocked
        if took > LONGEST:
            times[name] = [clocked]
            continue
        repeats[name], times[name] = max(1, round(SHORTEST / max(took, 1e-6))), []
        once += (repeats[name] + 1) * took
    rounds = min(max(ROUNDS[0], int(budget / max(once, 1e-6))), ROUNDS[1])
    order = list(repeats)
    for _ in range(rounds):
        for name in order:
            calls[name]()
            begin = clock()
            for _ in range(repeats[name]):
                calls[name]()
            times[name].append((clock() - begin) / repeats[name])
        order = order[1:] + order[:1]
    return {name: statistics.median(values) for name, values in times.items()}
