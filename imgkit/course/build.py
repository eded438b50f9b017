"""Building the course: what changed is proved, made and executed; the rest is left alone.

Each built file remembers a hash of what it came from: its source, and the modules of the kit
that its cells import, however deep. Outputs hold timings and pictures and are never compared.
"""

import ast
import hashlib
import io
import os
import subprocess
import tokenize
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from imgkit import places
from imgkit.course import keys, notebooks, topics
from imgkit.course.model import CourseError
from imgkit.course.notebooks import Kind
from imgkit.course.proofs import prove
from imgkit.course.reference import Reference
from imgkit.course.source import Source, read
from imgkit.course.student import resolve

MAX_NOTEBOOK_BYTES = 500_000
CELL_SECONDS = 300
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Target:
    """A file to be built from a source."""

    source: Source
    kind: Kind | None
    "None for a key"
    path: Path


def sources() -> list[Path]:
    """Every lesson and exercise there is, in the order of the course."""
    course = places.home() / "course"
    found = [*course.glob("lessons/*.py"), *course.glob("exercises/*.py")]
    return sorted(found, key=lambda path: (path.stem, path.parent.name != "lessons"))


def build(
    names: Iterable[str] = (), *, force: bool = False, say: Callable[[str], None] = print
) -> list[Path]:
    """Build what is out of date and return the files written.

    Parameters
    ----------
    names : beginnings of names, ``02``; none means everything
    force : build also what is up to date
    say : told what happens, a line at a time

    Raises
    ------
    CourseError
        If a source is malformed, a proof fails or a cell raises; files already written stay.
    """
    written = []
    for source in _chosen(names):
        targets = targets_of(source)
        stamp = _stamp(source)
        if not force and not any(_outdated(target, stamp) for target in targets):
            continue
        say(f"{source.path.parent.name[:-1]} {source.id}")
        key = _prove(source, stamp, say) if source.is_exercise else None
        for target in targets:
            if target.kind is None:
                places.write_whole(target.path, keys.to_bytes(key))
            else:
                _write_notebook(target, stamp)
            written.append(target.path)
            say(f"  {target.path.relative_to(places.home())}")
    page = None if names else _topics_due()
    if page:
        places.write_whole(topics.path(), page)
        written.append(topics.path())
        say(f"{topics.path().relative_to(places.home())}")
    return written


def outdated(names: Iterable[str] = ()) -> list[str]:
    """Why each built file that is out of date is; empty when all is well."""
    chosen = _chosen(names)
    faults = []
    for source in chosen:
        stamp = _stamp(source)
        for target in targets_of(source):
            why = _outdated(target, stamp)
            if why:
                faults.append(f"{target.path.relative_to(places.home())}: {why}")
    if not names and _topics_due():
        faults.append(f"{topics.path().relative_to(places.home())}: lessons or routines changed")
    return faults if names else faults + _orphans(chosen)


def targets_of(source: Source) -> list[Target]:
    """The files that a source becomes; a key comes before the notebooks that need it."""
    home, name = places.home(), f"{source.id}.ipynb"
    if not source.is_exercise:
        return [Target(source, "lesson", home / "notebooks" / name)]
    return [
        Target(source, None, keys.path(source.id)),
        Target(source, "exercise", home / "exercises" / name),
        Target(source, "solution", home / "solutions" / name),
    ]


# -- building ------------------------------------------------------------------------------


def _chosen(names: Iterable[str]) -> list[Source]:
    paths = sources()
    stems = sorted({path.stem for path in paths})
    wanted = {stem for name in names for stem in _named(name, stems)} or set(stems)
    return [read(path) for path in paths if path.stem in wanted]


def _named(name: str, stems: list[str]) -> list[str]:
    """The one of this name, or all that begin so: 00 is a lesson and an exercise of two names."""
    found = [stem for stem in stems if stem == name] or [s for s in stems if s.startswith(name)]
    return found or [resolve(name, stems, "lesson or exercise")]


def _prove(source: Source, stamp: str, say: Callable[[str], None]) -> keys.Key:
    visible = prove(Reference(source))
    mistakes = sum(len(task.mistakes) for task in source.tasks)
    say(f"  proved: {len(source.tasks)} tasks, {mistakes} mistakes fail and are named")
    tasks = {task.id: task for task in source.tasks}
    keys.load.cache_clear()
    return keys.Key(source.id, source.title, source.minutes, source.needs, tasks, visible, stamp)


def _write_notebook(target: Target, stamp: str) -> None:
    notebook = notebooks.make(target.source, target.kind)
    if target.kind != "exercise":
        execute(notebook, target.path.parent)
    notebook.metadata.imgkit["built_from"] = stamp
    text = notebooks.to_text(notebook)
    size = len(text.encode())
    if size > MAX_NOTEBOOK_BYTES:
        raise CourseError(
            f"{target.path.name} takes {size // 1000} kB, {MAX_NOTEBOOK_BYTES // 1000} is "
            "the limit: show smaller pictures"
        )
    places.write_whole(target.path, text)


def execute(notebook: NotebookNode, folder: Path, *, allow_errors: bool = False) -> None:
    """Run a notebook's cells in place, in a kernel of this Python, leaving no progress.

    Raises
    ------
    CourseError
        If a cell raises, unless that is allowed, or takes over five minutes.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    environment = {k: v for k, v in os.environ.items() if k != "IMGKIT_WORK"}
    folder.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        allow_errors=allow_errors,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env=environment, stderr=subprocess.DEVNULL)  # its start-up chatter
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise CourseError(f"{notebook.metadata['imgkit']['id']}: {error}") from None


# -- out of date ---------------------------------------------------------------------------


def _outdated(target: Target, stamp: str) -> str:
    """Why a built file is not what its source would give now; empty if it is."""
    if not target.path.is_file():
        return "missing"
    try:
        if target.kind is None:
            return "" if keys.load(target.source.id).built_from == stamp else "its source changed"
        built = nbformat.read(target.path, as_version=4)
        if built.metadata.imgkit.built_from != stamp:
            return "its source or the library changed"
        fresh = notebooks.make(target.source, target.kind)
    except Exception:  # whatever a damaged file provokes
        return "unreadable"
    return "" if notebooks.same(built, fresh) else "edited by hand"


def _topics_due() -> str | None:
    """The page of topics, if it is not what lies there."""
    if not topics.list_of_topics().is_file():
        return None
    page, file = topics.page([read(path) for path in sources()]), topics.path()
    same = file.is_file() and file.read_text(encoding="utf-8") == page
    return None if same else page


def _orphans(chosen: list[Source]) -> list[str]:
    """Built files whose source is gone."""
    expected = {target.path for source in chosen for target in targets_of(source)}
    home = places.home()
    built = [p for d in ("notebooks", "exercises", "solutions") for p in (home / d).glob("*.ipynb")]
    lost = [p for p in [*built, *keys.FOLDER.glob("*.zip")] if p not in expected]
    return [f"{path.relative_to(home)}: no source makes it" for path in lost]


def _stamp(source: Source) -> str:
    """A hash of a source and of the code of every module of the kit that it imports."""
    text = source.path.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode())
    for path in sorted(_modules(text)):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(bare(path.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:16]


def bare(code: str) -> str:
    """Code without comments, documentation and blank lines: what can change an output.

    >>> bare("x = 1  # one\\n\\n'said of x'")
    'x = 1'
    """
    lines = code.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str):
            rows = slice(node.lineno - 1, node.end_lineno)
            lines[rows] = [""] * len(lines[rows])
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _modules(code: str) -> set[Path]:
    """The kit's modules that a piece of code imports, and those that these import."""
    found: set[Path] = set()
    waiting = [code]
    while waiting:
        new = {p for name in _imported(waiting.pop()) for p in _files(name)} - found
        found |= new
        waiting += [path.read_text(encoding="utf-8") for path in new]
    return found


@cache
def _imported(code: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{item.name}" for item in node.names)}
    return {name for name in names if name.split(".")[0] == "imgkit"}


def _files(module: str) -> list[Path]:
    base = _PACKAGE.joinpath(*module.split(".")[1:])
    return [p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()]
