"""What people type, and the exercise, task or notebook that is meant by it."""

from difflib import get_close_matches
from pathlib import Path

from imgkit import places
from imgkit.course import keys
from imgkit.course.identify import identify as identify_cells
from imgkit.course.model import CourseError
from imgkit.course.student import resolve
from imgkit.course.workspace import reading


def exercise_id(name: str) -> str:
    """The exercise meant by its id, the beginning of it, its number, its notebook or a task.

    Raises
    ------
    CourseError
        If it is none, or could be several; the message suggests.
    """
    known = keys.names()
    if not known:
        raise CourseError("no exercises are built yet: imgkit course build")
    name = name.replace("\\", "/").rsplit("/", 1)[-1].partition(".")[0]
    return resolve(name.zfill(2) if name.isdigit() else name, known, "exercise")


def short(exercise: str) -> str:
    """The least one has to type for an exercise: its number, if no other has it."""
    number = exercise.split("_")[0]
    return number if sum(name.startswith(number) for name in keys.names()) == 1 else exercise


def task_ids(name: str) -> tuple[str, str]:
    """The exercise and the task meant by ``02.convolve2d``, ``convolve2d`` or a beginning.

    Raises
    ------
    CourseError
        If it is none, or could be several; the message suggests.
    """
    before, dot, after = name.partition(".")
    if not dot:
        return _task_anywhere(name)
    exercise = exercise_id(before)
    return exercise, resolve(after, list(keys.outline(exercise).tasks), f"task of {exercise}")


def _task_anywhere(name: str) -> tuple[str, str]:
    known = [(exercise, task) for exercise in keys.names() for task in keys.outline(exercise).tasks]
    found = [pair for pair in known if pair[1] == name]
    found = found or [pair for pair in known if pair[1].startswith(name)]
    if len(found) == 1:
        return found[0]
    typed = {f"{short(exercise)}.{task}": task for exercise, task in found or known}
    if found:
        raise CourseError(f"task {name!r} could be {', '.join(typed)}: write more of it")
    if any(exercise.startswith(name) for exercise, _ in known):
        exercise = exercise_id(name)
        own = ", ".join(f"{short(exercise)}.{task}" for task in keys.outline(exercise).tasks)
        raise CourseError(f"{exercise} is an exercise; name one of its tasks: {own}")
    near = get_close_matches(name, typed.values(), 1, 0.5)
    guess = f"; did you mean {next(t for t in typed if typed[t] == near[0])!r}?" if near else "."
    raise CourseError(f"there is no task {name!r}{guess} All tasks: imgkit progress --all")


def notebook_at(name: str) -> Path:
    """The notebook meant by a path, or by an exercise's name: the student's own copy.

    Raises
    ------
    CourseError
        If there is no such file, or the exercise is not started.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    if path.is_dir():
        raise CourseError(f"{name} is a folder; name one notebook in it")
    if path.suffix != ".ipynb" and len(path.parts) == 1:
        return own_notebook(exercise_id(name))
    beside = place(path.stem)
    if len(path.parts) == 1 and beside.is_file():
        return beside
    near = get_close_matches(path.name, [p.name for p in places.work().glob("*.ipynb")], 1)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    raise CourseError(f"there is no file {name}{guess}")


def own_notebook(exercise: str) -> Path:
    """The student's copy of an exercise, which must be there."""
    path = place(exercise)
    if not path.is_file():
        raise CourseError(f"{exercise} is not started; imgkit start {short(exercise)}")
    return path


def place(exercise: str) -> Path:
    """Where the student's copy of an exercise lies, or will."""
    return places.work() / f"{exercise}.ipynb"


def identify(notebook: Path) -> str:
    """The exercise that a notebook is a copy of.

    Raises
    ------
    CourseError
        If the file is no notebook, or none of this course's exercises.
    """
    content = reading.notebook(notebook)
    tasks = {exercise: list(keys.outline(exercise).tasks) for exercise in keys.names()}
    claims = reading.about(content).get("id")
    found = identify_cells(reading.code_cells(content), tasks, claims=claims, path=notebook.name)
    if found is None:
        raise CourseError(f"{notebook.name} is no exercise of this course")
    return found
