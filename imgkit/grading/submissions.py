"""Finding submissions: in a folder, a zip or a tar, named as learning platforms name them.

Everything here is hostile input. Archives are read in memory, member by member, with limits on
count and size; nothing in them is ever written to disk. Links are not followed.
"""

import re
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from imgkit.course.model import CourseError

MAX_NOTEBOOK_BYTES = 20_000_000
MAX_MEMBERS = 20_000

_CANVAS = re.compile(r"^(?P<student>[^_]+)(?:_late)?_\d+_\d+_(?P<file>.+)$", re.IGNORECASE)
_MOODLE = re.compile(r"^(?P<student>.+?)_\d+_assignsubmission_file_?(?P<file>.*)$")


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


def find(place: Path, exercises: list[str]) -> list[Submission]:
    """Every notebook in a folder, a zip, a tar, or the one notebook given.

    Parameters
    ----------
    place : the folder or file
    exercises : known exercise ids, to tell names of students from names of files

    Raises
    ------
    CourseError
        If there is no such place, it is no archive, or it holds no notebook.
    """
    if not place.exists():
        raise CourseError(f"no such file or folder: {place}")
    if place.is_dir():
        found = list(_in_folder(place, exercises))
    elif place.suffix == ".ipynb":
        found = [_from_disk(place, PurePosixPath(place.name), exercises)]
    elif zipfile.is_zipfile(place):
        found = list(_in_zip(place, exercises))
    elif tarfile.is_tarfile(place):
        found = list(_in_tar(place, exercises))
    else:
        raise CourseError(f"{place.name} is no folder, notebook, zip or tar")
    if not found:
        raise CourseError(f"no notebooks (.ipynb) in {place}")
    return sorted(found, key=lambda s: (s.student.casefold(), s.path))


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
    first = path.parts[0] if len(path.parts) > 1 else path.stem
    for pattern in (_MOODLE, _CANVAS):
        match = pattern.match(first)
        if match:
            return match["student"].strip()
    if len(path.parts) > 1:
        return first
    for exercise in exercises:
        before, found, after = first.partition(exercise)
        if found:
            return (before or after).strip(" _-.") or first
    return first


# -- where they lie ------------------------------------------------------------------------


def _is_notebook(path: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix == ".ipynb" and not hidden


def _in_folder(folder: Path, exercises: list[str]) -> Iterator[Submission]:
    for here, folders, files in folder.walk() if hasattr(folder, "walk") else _walk(folder):
        folders.sort()
        linked = [name for name in folders if (here / name).is_symlink()]
        for name in sorted(files) + linked:
            path = PurePosixPath((here / name).relative_to(folder).as_posix())
            if _is_notebook(path) or name in linked:
                yield _from_disk(here / name, path, exercises)


def _walk(folder: Path):
    """Path.walk, which Python 3.11 lacks."""
    import os

    for here, folders, files in os.walk(folder):
        yield Path(here), folders, files


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


def _in_zip(file: Path, exercises: list[str]) -> Iterator[Submission]:
    with _opened(zipfile.ZipFile, file) as archive:
        for member in _limited(archive.infolist(), file):
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if member.is_dir() or not _is_notebook(path):
                continue
            is_link = stat.S_ISLNK(member.external_attr >> 16)
            fault = _bad_path(path) or ("it is a link" if is_link else "")
            fault = fault or _too_large(member.file_size)
            content, fault = (b"", fault) if fault else _read(lambda m=member: archive.open(m))
            when = _zip_time(member)
            yield Submission(student_of(_safe(path), exercises), str(path), content, fault, when)


def _in_tar(file: Path, exercises: list[str]) -> Iterator[Submission]:
    with _opened(tarfile.open, file) as archive:
        for member in _limited(archive, file):
            path = PurePosixPath(member.name)
            if member.isdir() or not _is_notebook(path):
                continue
            fault = _bad_path(path) or ("" if member.isreg() else "it is a link or no plain file")
            fault = fault or _too_large(member.size)
            content, fault = (
                (b"", fault) if fault else _read(lambda m=member: archive.extractfile(m))
            )
            when = float(member.mtime)
            yield Submission(student_of(_safe(path), exercises), str(path), content, fault, when)


def _opened(opener, file: Path):
    try:
        return opener(file)
    except (OSError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise CourseError(f"{file.name} cannot be opened: {error}") from None


def _limited(members, file: Path) -> Iterator:
    for count, member in enumerate(members, 1):
        if count > MAX_MEMBERS:
            raise CourseError(f"{file.name} holds more than {MAX_MEMBERS:,} files")
        yield member


def _read(opener) -> tuple[bytes, str]:
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
    return PurePosixPath(*[part for part in path.parts if part not in ("..", "/")])


def _too_large(size: int) -> str:
    if size <= MAX_NOTEBOOK_BYTES:
        return ""
    return f"it has {size / 1e6:.0f} MB or more; {MAX_NOTEBOOK_BYTES // 1_000_000} MB is the limit"


def _zip_time(member: zipfile.ZipInfo) -> float:
    import calendar

    return float(calendar.timegm((*member.date_time, 0, 0, 0)))
