"""CPU time of grading: imgkit, plain nbval and nbgrader on the same six notebooks.

    python -m benchmarks.grading [--rounds 3] [--timeout 10]

The six are those of ``imgkit demo``: right, half right, a mistake, never started, one that ends
its kernel, one that loops for ever. All tools get the same timeout. Rounds are interleaved; what
is printed are medians of CPU seconds per submission, kernels included, and ratios to imgkit.
nbgrader runs in an environment of its own, made on the first run.
"""

import argparse
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgkit import demo, places
from imgkit.grading import results

ROOT = places.home()
LOOPING = "finn"
GRADE = """
import sys
from pathlib import Path
from imgkit.grading import Limits, grade
if __name__ == "__main__":
    seconds = float(sys.argv[3])
    limits = Limits(cell_seconds=seconds, case_seconds=seconds)
    grade(Path(sys.argv[1]), out=Path(sys.argv[2]), jobs=1, seed=1, limits=limits, say=len)
"""


@dataclass(frozen=True)
class Peer:
    """A tool that grades a folder of submissions."""

    name: str
    prepare: Callable[[Path, Path], None]
    "lays out (submissions, place) as the tool wants it; not timed"
    command: Callable[[Path, Path, float], list[str]]
    "what is timed"
    marks: Callable[[Path], dict[str, float | None]]
    "student -> points, as the tool left them; empty if it gives none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    peers = [IMGKIT, NBVAL, nbgrader()]
    figures = {}
    for title, without in (("all six", ()), ("without the looping one", (LOOPING,))):
        times, marks = measure(peers, without, options.rounds, options.timeout)
        figures[title] = {name: statistics.median(seconds) for name, seconds in times.items()}
        print_table(title, times, marks, options)
    if options.json:
        places.write_whole(options.json, json.dumps(figures, indent=1) + "\n")


def measure(
    peers: list[Peer], without: tuple[str, ...], rounds: int, timeout: float
) -> tuple[dict[str, list[float]], dict[str, dict]]:
    """CPU seconds per submission, by tool, a figure a round, and the marks that came out; the
    tools take turns."""
    times: dict[str, list[float]] = {peer.name: [] for peer in peers}
    marks = {}
    for turn in range(rounds):
        for peer in peers[turn % len(peers) :] + peers[: turn % len(peers)]:
            with tempfile.TemporaryDirectory() as folder:
                submissions = demo.hand_in(Path(folder) / "submissions")
                for student in without:
                    shutil.rmtree(submissions / student)
                place = Path(folder) / "place"
                place.mkdir()
                peer.prepare(submissions, place)
                seconds = cpu_seconds(peer.command(submissions, place, timeout), place)
                times[peer.name].append(seconds / len(list(submissions.iterdir())))
                marks[peer.name] = peer.marks(place)
    return times, marks


def cpu_seconds(command: list[str], folder: Path) -> float:
    """User and system time of a command and everything it started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    in_its_environment(command, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_its_environment(command: list[str], folder: Path) -> subprocess.CompletedProcess:
    """Run a Python's command so that it finds its own tools, this checkout's kit and one thread."""
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1):  # 1: a submission failed, as some must
        raise SystemExit(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def print_table(title: str, times: dict[str, list[float]], marks: dict, options) -> None:
    base = statistics.median(times["imgkit grade"])
    print(f"\n{title}, timeout {options.timeout:g} s, {options.rounds} rounds\n")
    print("| | CPU s each | ratio | points |\n|---|---|---|---|")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        points = ", ".join(f"{s} {_points(p)}" for s, p in marks[name].items()) or "gives none"
        print(f"| {name} | {median:.2f} | {median / base:.2f} | {points} |")


def _points(points: float | None) -> str:
    return "–" if points is None else f"{points:g}"


# -- the tools -----------------------------------------------------------------------------


def _nothing(submissions: Path, place: Path) -> None:
    pass


IMGKIT = Peer(
    "imgkit grade",
    _nothing,
    lambda subs, place, timeout: [
        sys.executable,
        "-c",
        GRADE,
        str(subs),
        str(place / "out"),
        str(timeout),
    ],
    lambda place: {r.student: r.points for r in results.read(place / "out" / "results").values()},
)
NBVAL = Peer(
    "pytest --nbval-lax",
    _nothing,
    lambda subs, place, timeout: [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax"),
        *("--nbval-cell-timeout", str(timeout), "--rootdir", str(subs), str(subs)),
    ],
    lambda place: {},
)


def nbgrader() -> Peer:
    """nbgrader from PyPI, in an environment of its own beside this one's."""
    python = Path(tempfile.gettempdir()) / "imgkit-nbgrader" / "bin" / "python"
    if not python.exists():
        print("making an environment for nbgrader ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "nbgrader==0.9.6", str(ROOT)]
        subprocess.run(install, check=True)
    return Peer(
        "nbgrader autograde",
        lambda subs, place: _nbgrader_course(python, subs, place),
        lambda subs, place, timeout: [
            *(str(python), "-m", "nbgrader", "autograde", demo.EXERCISE),
            *(f"--ExecutePreprocessor.timeout={timeout:g}", f"--Execute.timeout={timeout:g}"),
        ],
        _nbgrader_marks,
    )


def _nbgrader_course(python: Path, submissions: Path, place: Path) -> None:
    """The exercise as an nbgrader assignment, released, with the submissions handed in."""
    assignment = place / "source" / demo.EXERCISE
    assignment.mkdir(parents=True)
    shutil.copy(ROOT / "exercises" / f"{demo.EXERCISE}.ipynb", assignment)
    (place / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "imgkit"\n'
    )
    command = [str(python), "-m", "nbgrader", "generate_assignment", demo.EXERCISE]
    in_its_environment(command, place)
    for student in submissions.iterdir():
        shutil.copytree(student, place / "submitted" / student.name / demo.EXERCISE)


def _nbgrader_marks(place: Path) -> dict[str, float | None]:
    """Points from nbgrader's database; None for a submission that it could not run."""
    query = """
        SELECT submitted_assignment.student_id, SUM(grade.auto_score) FROM grade
        JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        GROUP BY 1 ORDER BY 1
    """
    with sqlite3.connect(place / "gradebook.db") as database:
        return dict(database.execute(query).fetchall())


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"\n{time.monotonic() - began:.0f} s in all")
