"""The pages of a grading run: one for each student, one for the instructor.

Static HTML, every text escaped, no scripts, nothing fetched; a content policy says so too, in
case a text should slip through.
"""

from collections import Counter

from jinja2 import Environment, PackageLoader, StrictUndefined

from imgkit.grading.kernel import Limits
from imgkit.grading.results import Result

CONTAINED = (
    "memory, processes, CPU time and output of each submission are limited",
    "each kernel has its own empty folder and a bare environment",
    "expected answers, hidden cases and tolerances never enter a kernel, nor the solution of a "
    "task that is not answered yet",
)
NOT_CONTAINED = (
    "a kernel can read files of the account that grades, the solutions among them",
    "a kernel can write where that account can, outside its own folder",
    "a kernel can reach the network",
    "a kernel can signal the other processes of that account, the grader among them",
    "outside Linux, a process that leaves its kernel's process group may outlive it",
)
_MARKS = {
    "passed": "✓",
    "could be better": "✓",
    "almost": "≈",
    "not started": "○",
}


def page(result: Result) -> str:
    """A student's feedback page."""
    return _TEMPLATES.get_template("feedback.html.j2").render(result=result, mark=_mark)


def index(report, limits: Limits) -> str:
    """The instructor's page: the table, what was recognised most often, what is contained."""
    found = Counter(
        (f"{result.exercise}.{task.id}", task.mistake, task.says)
        for result in report.results
        for task in result.tasks
        if task.mistake
    )
    return _TEMPLATES.get_template("index.html.j2").render(
        report=report,
        limits=limits,
        mistakes=found.most_common(10),
        contained=CONTAINED,
        not_contained=NOT_CONTAINED,
    )


def _mark(state: str) -> str:
    return _MARKS.get(state, "✗")


def seen(result: Result) -> str:
    """In a line, what kept a submission from full marks."""
    if not result.tasks:
        return "; ".join(result.notes)
    if all(task.state == "not started" for task in result.tasks):
        return "nothing was started"
    reasons: dict[str, list[str]] = {}
    for task in result.tasks:
        if task.points < task.max_points:
            reasons.setdefault(_words(task.mistake or task.state), []).append(task.id)
    return "; ".join(f"{', '.join(tasks)}: {reason}" for reason, tasks in reasons.items())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _share(points: float, maximum: float) -> int:
    return round(100 * points / maximum) if maximum else 0


_TEMPLATES = Environment(
    loader=PackageLoader("imgkit.grading"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals |= {"share": _share, "seen": seen, "words": _words}
