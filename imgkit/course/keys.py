"""Keys: what a student's check needs, as plain data inside the package.

A key is a zip that holds ``key.json`` and arrays as ``.npy``, each array once, named by its
hash. It has the tasks, their hints and their visible cases with the expected answers and the
answers of the mistakes; it has no solution and no code. Its bytes depend on its content only.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from imgkit.course import answers
from imgkit.course.model import Case, CourseError, Mistake, Raised, Task

FOLDER = Path(__file__).parent / "keys"
MAX_BYTES = 500_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can hold, so that builds are equal


@dataclass(frozen=True)
class Key:
    """One exercise as a student's check knows it."""

    id: str
    title: str
    minutes: int
    needs: tuple[str, ...]
    tasks: dict[str, Task]
    cases: dict[str, tuple[Case, ...]]
    built_from: str = ""
    "hash of what the key was made from"

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks.values())


def path(exercise: str) -> Path:
    return FOLDER / f"{exercise}.zip"


def names() -> list[str]:
    """The exercises there are, in order."""
    return sorted(p.stem for p in FOLDER.glob("*.zip"))


@cache
def load(exercise: str) -> Key:
    """The key of an exercise, by its whole id.

    Raises
    ------
    CourseError
        If there is no readable key.
    """
    return _read(exercise, from_bytes)


def outline(exercise: str) -> Key:
    """The key without its cases, in a tenth of the time: thousands of arrays stay where they are.

    Raises
    ------
    CourseError
        If there is no readable key.
    """
    return _read(exercise, lambda data: from_bytes(data, cases=False))


# -- writing -------------------------------------------------------------------------------


def to_bytes(key: Key) -> bytes:
    """The key as a zip.

    Raises
    ------
    CourseError
        If it would be larger than 500 kB: the visible cases are too big.
    """
    arrays: dict[str, bytes] = {}
    content = {
        "schema": 1,
        "id": key.id,
        "title": key.title,
        "minutes": key.minutes,
        "needs": list(key.needs),
        "built_from": key.built_from,
        "tasks": [_task_out(task) for task in key.tasks.values()],
        "cases": {
            name: [_case_out(case, arrays) for case in cases] for name, cases in key.cases.items()
        },
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        _add(file, "key.json", json.dumps(content, indent=1, ensure_ascii=False).encode())
        for name in sorted(arrays):
            _add(file, f"{name}.npy", arrays[name])
    data = stream.getvalue()
    if len(data) > MAX_BYTES:
        raise CourseError(
            f"{key.id}: its key takes {len(data) // 1000} kB, {MAX_BYTES // 1000} is the limit: "
            "make the visible cases smaller"
        )
    return data


def _add(file: zipfile.ZipFile, name: str, data: bytes) -> None:
    file.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)


def _task_out(task: Task) -> dict:
    fields = {name: value for name, value in vars(task).items() if name != "mistakes"}
    return fields | {"mistakes": [vars(mistake) for mistake in task.mistakes]}


def _case_out(case: Case, arrays: dict[str, bytes]) -> dict:
    return {
        "label": case.label,
        "inputs": _value_out(case.inputs, arrays),
        "expected": _value_out(case.expected, arrays),
        "wrong": {name: _value_out(value, arrays) for name, value in case.wrong.items()},
    }


def _value_out(value: Any, arrays: dict[str, bytes]) -> dict:
    """A tree whose arrays go by hash, so that equal arrays are kept once."""
    if isinstance(value, Raised):
        return {"raised": value.type}
    tree, data = answers.pack(value)
    hashes = [hashlib.sha256(item).hexdigest()[:16] for item in data]
    arrays.update(zip(hashes, data, strict=True))
    return {"tree": tree, "arrays": hashes}


# -- reading -------------------------------------------------------------------------------


def _read(exercise: str, parse: Callable[[bytes], Key]) -> Key:
    try:
        return parse(path(exercise).read_bytes())
    except Exception as error:  # whatever a damaged file provokes
        why = f"{type(error).__name__}: {error}"
        raise CourseError(f"exercise {exercise} has no readable key ({why})") from None


def from_bytes(data: bytes, *, cases: bool = True) -> Key:
    """The key in a zip; without its cases on request."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        content = json.loads(file.read("key.json"))
        names = [name for name in file.namelist() if cases and name.endswith(".npy")]
        arrays = {name[:-4]: file.read(name) for name in names}
    tasks = [_task_in(task) for task in content["tasks"]]
    return Key(
        id=content["id"],
        title=content["title"],
        minutes=content["minutes"],
        needs=tuple(content["needs"]),
        tasks={task.id: task for task in tasks},
        cases={
            name: tuple(_case_in(case, arrays) for case in its_cases)
            for name, its_cases in content["cases"].items()
            if cases
        },
        built_from=content["built_from"],
    )


def _task_in(fields: dict) -> Task:
    lists = {name: tuple(fields[name]) for name in ("forbid", "hints")}
    mistakes = tuple(Mistake(**mistake) for mistake in fields["mistakes"])
    return Task(**fields | lists | {"mistakes": mistakes})


def _case_in(fields: dict, arrays: Mapping[str, bytes]) -> Case:
    return Case(
        label=fields["label"],
        inputs=_value_in(fields["inputs"], arrays),
        expected=_value_in(fields["expected"], arrays),
        wrong={name: _value_in(value, arrays) for name, value in fields["wrong"].items()},
    )


def _value_in(value: dict, arrays: Mapping[str, bytes]) -> Any:
    if "raised" in value:
        return Raised(value["raised"])
    hashes: Sequence[str] = value["arrays"]
    return answers.unpack(value["tree"], [arrays[name] for name in hashes])
