"""Finding submissions: in a folder, a zip or a tar, named as learning platforms name them.

Everything here is hostile input. Archives are read in memory, member by member, with limits on
count and size; nothing in them is ever written to disk. Links are not followed.
"""

import calendar
import os
import re
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from imgkit.course.model import CourseError

MAX_NOTEBOOK_BYTES = 20_000_000
MAX_MEMBERS = 20_000
MAX_ARCHIVE_BYTES = 4_000_000_000  # of all notebooks in it, unpacked

_CANVAS = re.compile(r"^(?P<student>[^_]+)(?:_late)?_(?P<number>\d+)_\d+_.+$", re.IGNORECASE)
_MOODLE = re.compile(r"^(?P<student>.+?)_(?P<number>\d+)_assignsubmission_file")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DAMAGE = (OSError, EOFError, ValueError, NotImplementedError, zlib.error,
           zipfile.BadZipFile, tarfile.TarError)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in."""

    student: str
    path: str
    "where it was found, relative to what was given"
    content: bytes = b""
    fault: str = ""
    "why it could not be read; empty if it could"
    when: float = 0.0
    "when it was last changed; the later of two files counts"


def find(place: Path, exercises: list[str]) -> Iterator[Submission]:
    """Every notebook in a folder, a zip, a tar, or the one notebook given, one at a time.

    Parameters
    ----------
    place : the folder or file
    exercises : known exercise ids, to tell names of students from names of files

    Raises
    ------
    CourseError
        If there is no such place, it is no archive or a damaged one, or it holds no notebook.
    """
    if not place.exists():
        raise CourseError(f"no such file or folder: {place}")
    if place.is_dir():
        found = _in_folder(place, exercises)
    elif place.suffix == ".ipynb":
        found = iter([_from_disk(place, PurePosixPath(plain(place.name)), exercises)])
    elif zipfile.is_zipfile(place):
        found = _in_archive(place, _in_zip, exercises)
    elif tarfile.is_tarfile(place):
        found = _in_archive(place, _in_tar, exercises)
    else:
        raise CourseError(f"{place.name} is no folder, notebook, zip or tar, or it is damaged")
    first = next(found, None)
    if first is None:
        raise CourseError(f"no notebooks (.ipynb) in {place}")
    yield first
    yield from found


def plain(name: str) -> str:
    """A name in one spelling (a Mac writes é as two characters), fit for a terminal and a file."""
    return _UNPRINTABLE.sub("?", unicodedata.normalize("NFC", name))


def number_of(path: PurePosixPath) -> str:
    """The platform's number for the student: two people may share a name.

    >>> number_of(PurePosixPath("Ada Lovelace_77_assignsubmission_file_/x.ipynb"))
    '77'
    """
    match = _platform(path)
    return match["number"] if match else ""


def _platform(path: PurePosixPath) -> re.Match | None:
    """What a learning platform's file name says."""
    return _MOODLE.match(path.parts[0]) or _CANVAS.match(path.parts[0])


def student_of(path: PurePosixPath, exercises: list[str]) -> str:
    """Whose file this is, by its place or its name.

    >>> known = ["02_convolution"]
    >>> student_of(PurePosixPath("ada/02_convolution.ipynb"), known)
    'ada'
    >>> student_of(PurePosixPath("lovelaceada_late_123_456_02_convolution-1.ipynb"), known)
    'lovelaceada'
    >>> student_of(PurePosixPath("Ada Lovelace_77_assignsubmission_file_/x.ipynb"), known)
    'Ada Lovelace'
    >>> student_of(PurePosixPath("ada_02_convolution.ipynb"), known)
    'ada'
    """
    match = _platform(path)
    if match:
        return match["student"].strip()
    first = path.parts[0] if len(path.parts) > 1 else path.stem
    if len(path.parts) > 1:
        return first
    for exercise in exercises:
        before, found, after = first.partition(exercise)
        if found:
            return (before or after).strip(" _-.") or first
    return first


# -- where they lie ------------------------------------------------------------------------


def _is_notebook(path: PurePosixPath) -> bool:
    return path.suffix == ".ipynb" and not _is_hidden(path)


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts)


def _in_folder(folder: Path, exercises: list[str]) -> Iterator[Submission]:
    unreadable: list[OSError] = []
    for here, folders, files in os.walk(folder, onerror=unreadable.append):
        folders.sort()
        linked = [name for name in folders if Path(here, name).is_symlink()]
        for name in sorted([*files, *linked]):
            file = Path(here, name)
            path = PurePosixPath(plain(file.relative_to(folder).as_posix()))
            if _is_notebook(path) or (name in linked and not _is_hidden(path)):
                yield _from_disk(file, path, exercises)
    for error in unreadable:
        path = PurePosixPath(plain(Path(error.filename).relative_to(folder).as_posix()))
        fault = f"it cannot be read: {error.strerror}"
        yield Submission(student_of(path, exercises), str(path), fault=fault)


def _from_disk(file: Path, path: PurePosixPath, exercises: list[str]) -> Submission:
    student = student_of(path, exercises)
    try:
        info = file.lstat()
        if stat.S_ISLNK(info.st_mode):
            return Submission(student, str(path), fault="it is a link; links are not followed")
        if not stat.S_ISREG(info.st_mode):
            return Submission(student, str(path), fault="it is not a plain file")
        fault = _too_large(info.st_size)
        content = b"" if fault else file.read_bytes()
    except OSError as error:
        return Submission(student, str(path), fault=f"it cannot be read: {error.strerror}")
    return Submission(student, str(path), content, fault, info.st_mtime)


def _in_archive(file: Path, members: Callable, exercises: list[str]) -> Iterator[Submission]:
    """The notebooks among an archive's members: path, fault, size, time and a way to open it."""
    unpacked = 0
    try:
        for count, (name, fault, size, when, opener) in enumerate(members(file), 1):
            if count > MAX_MEMBERS:
                raise CourseError(f"{file.name} holds more than {MAX_MEMBERS:,} files")
            path = PurePosixPath(plain(name))
            if not _is_notebook(path):
                continue
            fault = _bad_path(path) or fault or _too_large(size)
            content, fault = (b"", fault) if fault else _read(opener)
            unpacked += len(content)
            if unpacked > MAX_ARCHIVE_BYTES:
                raise CourseError(f"{file.name} unpacks to more than {MAX_ARCHIVE_BYTES:,} bytes")
            yield Submission(student_of(_safe(path), exercises), str(path), content, fault, when)
    except _DAMAGE as error:
        raise CourseError(f"{file.name} is damaged: {error or type(error).__name__}") from None


def _in_zip(file: Path) -> Iterator[tuple]:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                name = member.filename.replace("\\", "/")
                fault = "it is a link" if stat.S_ISLNK(member.external_attr >> 16) else ""
                opener = partial(archive.open, member)
                yield name, fault, member.file_size, _zip_time(member), opener


def _in_tar(file: Path) -> Iterator[tuple]:
    with tarfile.open(file) as archive:
        for member in archive:
            if not member.isdir():
                fault = "" if member.isreg() else "it is a link or no plain file"
                opener = partial(archive.extractfile, member)
                yield member.name, fault, member.size, float(member.mtime), opener


def _read(opener: Callable) -> tuple[bytes, str]:
    """Read one member, believing no declared size."""
    try:
        with opener() as stream:
            content = stream.read(MAX_NOTEBOOK_BYTES + 1)
    except Exception as error:  # a damaged or encrypted member
        return b"", f"it cannot be unpacked: {type(error).__name__}"
    fault = _too_large(len(content))
    return (b"", fault) if fault else (content, "")


def _bad_path(path: PurePosixPath) -> str:
    if path.is_absolute() or ".." in path.parts:
        return "its path leads out of the archive"
    return ""


def _safe(path: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(*[part for part in path.parts if part not in ("..", path.anchor)])


def _too_large(size: int) -> str:
    if size <= MAX_NOTEBOOK_BYTES:
        return ""
    return f"it has {size / 1e6:.0f} MB or more; {MAX_NOTEBOOK_BYTES // 1_000_000} MB is the limit"


def _zip_time(member: zipfile.ZipInfo) -> float:
    try:
        return float(calendar.timegm((*member.date_time, 0, 0, 0)))
    except ValueError:  # some programs leave the date out: month 0
        return 0.0
