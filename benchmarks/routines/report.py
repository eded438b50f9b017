"""What the run says: a line for each case and image, and how the goals stand."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field

from benchmarks.routines.case import Case

FAST = 5  # times, which is a lot
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

    @property
    def title(self) -> str:
        return f"{self.case.title}, {self.kind}"

    @classmethod
    def read(cls, record: dict, case: Case) -> Line:
        """What :meth:`as_dict` wrote."""
        contenders = {name: Contender(**value) for name, value in record["contenders"].items()}
        return cls(case, record["kind"], contenders)

    def as_dict(self) -> dict:
        contenders = {name: asdict(value) for name, value in self.contenders.items()}
        names = {"routine": self.case.routine, "setting": self.case.setting, "kind": self.kind}
        return names | {"note": self.case.note, "contenders": contenders}

    def __str__(self) -> str:
        ours = self.contenders["imgkit"]
        parts = [f"{self.title}: {1e3 * ours.cpu:.3g} ms{_error(ours)}"]
        for name, peer in self.contenders.items():
            if peer.refused:
                parts.append(f"{name} {peer.refused}")
            elif name != "imgkit":
                times = f"{peer.cpu / ours.cpu:.2g}/{peer.wall / ours.wall:.2g}"
                parts.append(f"{'' if peer.same else '~'}{name} {times}{_error(peer)}")
        return " | ".join(parts)


def _error(contender: Contender) -> str:
    return "" if contender.error is None else f" ±{contender.error:.0e}"


@dataclass
class Standing:
    """How the goals stand."""

    routines: int
    "how many were run"
    means: dict[str, float]
    "of those that scikit-image has too: geometric mean of its time over ours"
    slower: list[tuple[Line, float]]
    "where it is quicker, and the ratio"
    heavy: list[tuple[Line, float, float]]
    "where the same OpenCV call is quicker by more than a gate costs: times, milliseconds more"
    missed: list[tuple[Line, str, float, float]]
    "goals of single cases that are not reached: who beside whom, reached, wanted"

    @property
    def fast(self) -> dict[str, float]:
        return {name: mean for name, mean in self.means.items() if mean >= FAST}

    @property
    def mean(self) -> float:
        return statistics.geometric_mean(self.means.values()) if self.means else float("nan")

    def __str__(self) -> str:
        fast = ", ".join(f"{name} {mean:.3g}" for name, mean in self.fast.items())
        slower = ", ".join(f"{line.title} ({ratio:.2f})" for line, ratio in self.slower)
        heavy = "; ".join(
            f"{line.title} ({times:.2f}, {more:.2f} ms)" for line, times, more in self.heavy
        )
        missed = "; ".join(
            f"{line.title}: {who} {ratio:.2g}, goal {wanted:g}"
            for line, who, ratio, wanted in self.missed
        )
        return (
            f"At least {FAST} times as fast as scikit-image ({len(self.fast)}): {fast or 'none'}\n"
            f"Over {OPENCV} times the raw OpenCV call and over {1e3 * GATE} ms more: "
            f"{heavy or 'none'}\n"
            f"Other goals missed: {missed or 'none'}\n"
            f"{self.routines} routines, {len(self.means)} of them in scikit-image; "
            f"never slower: {f'no: {slower}' if slower else 'yes'}; geometric mean {self.mean:.3g}"
        )


def standing(lines: list[Line]) -> Standing:
    """How the goals stand after these measurements."""
    ratios: dict[str, list[float]] = {line.case.routine: [] for line in lines}
    slower, heavy = [], []
    for line in lines:
        for peer in line.contenders:
            ratio = line.faster(peer) if peer.startswith("scikit-image") else None
            if ratio:
                ratios[line.case.routine].append(ratio)
                slower += [(line, ratio)] if ratio < TIE else []
        raw, ours = line.contenders.get("opencv"), line.contenders["imgkit"]
        if raw and raw.cpu and raw.same and ours.cpu > max(OPENCV * raw.cpu, raw.cpu + GATE):
            heavy.append((line, ours.cpu / raw.cpu, 1e3 * (ours.cpu - raw.cpu)))
    missed = [
        (line, f"{who} beside {whom}", ratio, wanted)
        for line in lines
        for who, whom, wanted in line.case.goals
        if (ratio := line.faster(whom, who)) is not None and ratio < wanted
    ]
    means = {name: statistics.geometric_mean(found) for name, found in ratios.items() if found}
    return Standing(len(ratios), means, slower, heavy, missed)
