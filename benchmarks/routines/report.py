"""What the run says: a line for each case and image, and how the goals stand."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field

from benchmarks.routines.case import Case

TIE = 0.95  # within 5 % nobody is slower
GATE = 0.0005  # seconds that checking the arguments may cost
OPENCV = 1.15  # or that many times the raw call


@dataclass
class Contender:
    """One library on one image."""

    cpu: float | None = None
    "median seconds of CPU time on one thread"
    wall: float | None = None
    "median seconds on two threads"
    error: float | None = None
    "largest difference from the float64 definition, in fractions of full scale"
    same: bool = True
    "whether it computes the same thing"
    refused: str = ""
    "why there is no time"


@dataclass
class Line:
    """All contenders on one image."""

    case: Case
    kind: str
    contenders: dict[str, Contender] = field(default_factory=dict)

    def faster(self, whom: str, who: str = "imgkit") -> float | None:
        """How many times as fast ``who`` is, in CPU time."""
        one, other = self.contenders.get(who), self.contenders.get(whom)
        if one is None or other is None or not one.cpu or other.cpu is None:
            return None
        return other.cpu / one.cpu

    def as_dict(self) -> dict:
        contenders = {name: asdict(value) for name, value in self.contenders.items()}
        names = {"routine": self.case.routine, "setting": self.case.setting, "kind": self.kind}
        return names | {"note": self.case.note, "contenders": contenders}

    def __str__(self) -> str:
        ours = self.contenders["imgkit"]
        parts = [f"{self.case.title}, {self.kind}: {1e3 * ours.cpu:.3g} ms{_error(ours)}"]
        for name, peer in self.contenders.items():
            if peer.refused:
                parts.append(f"{name} {peer.refused}")
            elif name != "imgkit":
                times = f"{peer.cpu / ours.cpu:.2g}/{peer.wall / ours.wall:.2g}"
                parts.append(f"{'' if peer.same else '~'}{name} {times}{_error(peer)}")
        return " | ".join(parts)


def _error(contender: Contender) -> str:
    return "" if contender.error is None else f" ±{contender.error:.0e}"


def summary(lines: list[Line]) -> list[str]:
    """How the goals stand, a sentence each; what misses one is listed."""
    names = list(dict.fromkeys(line.case.routine for line in lines))
    ratios = {
        name: [
            ratio
            for line in lines
            if line.case.routine == name
            for peer in line.contenders
            if peer.startswith("scikit-image") and (ratio := line.faster(peer))
        ]
        for name in names
    }
    means = {name: statistics.geometric_mean(values) for name, values in ratios.items() if values}
    fast = {name: mean for name, mean in means.items() if mean >= 5}
    slower = _slower(lines)
    missed = _missed(lines)
    said = [
        f"At least 5 times as fast as scikit-image ({len(fast)}): "
        + (", ".join(f"{name} {mean:.3g}" for name, mean in fast.items()) or "none"),
        "Over 1.15 times the raw OpenCV call and over 0.5 ms more: " + _listed(_heavy(lines)),
        "Other goals missed: " + _listed(missed),
    ]
    if means:
        verdict = "yes" if not slower else "no: " + ", ".join(slower)
        mean = statistics.geometric_mean(means.values())
        said.append(
            f"{len(names)} routines, {len(means)} of them in scikit-image; "
            f"never slower: {verdict}; geometric mean {mean:.3g}"
        )
    else:
        said.append(f"{len(names)} routines, none of them in scikit-image")
    return said


def _listed(items: list[str]) -> str:
    return "; ".join(items) or "none"


def _slower(lines: list[Line]) -> list[str]:
    return [
        f"{line.case.title} ({line.kind}, {ratio:.2f})"
        for line in lines
        for peer in line.contenders
        if peer.startswith("scikit-image") and (ratio := line.faster(peer)) and ratio < TIE
    ]


def _heavy(lines: list[Line]) -> list[str]:
    found = []
    for line in lines:
        raw, ours = line.contenders.get("opencv"), line.contenders["imgkit"]
        if raw is None or raw.cpu is None or not raw.same:
            continue
        if ours.cpu > OPENCV * raw.cpu and ours.cpu > raw.cpu + GATE:
            extra = 1e3 * (ours.cpu - raw.cpu)
            found.append(
                f"{line.case.title} ({line.kind}, {ours.cpu / raw.cpu:.2f}, {extra:.2f} ms more)"
            )
    return found


def _missed(lines: list[Line]) -> list[str]:
    return [
        f"{line.case.title} ({line.kind}): {who} {ratio:.2g} times {whom}, goal {times:g}"
        for line in lines
        for who, whom, times in line.case.goals
        if (ratio := line.faster(whom, who)) is not None and ratio < times
    ]
