"""Where the kit finds its own files, and where a student's work lies."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_PACKAGE = Path(__file__).resolve().parent


def home() -> Path:
    """The folder that holds course/, notebooks/, exercises/, solutions/ and datasets/.

    The checkout for an editable install; inside the package for an installed wheel.
    """
    checkout = _PACKAGE.parent
    if (checkout / "datasets").is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout
    return _PACKAGE / "_home"


def work() -> Path:
    """The student's own folder: ``IMGKIT_WORK``, or ``work/`` in the checkout or, for an
    installed wheel, in the current folder."""
    if "IMGKIT_WORK" in os.environ:
        return Path(os.environ["IMGKIT_WORK"]).resolve()
    base = _PACKAGE.parent if home() == _PACKAGE.parent else Path.cwd()
    return base / "work"


def cache() -> Path:
    """Where what can be made again is kept: ``IMGKIT_CACHE``, or the system's place for it."""
    if "IMGKIT_CACHE" in os.environ:
        return Path(os.environ["IMGKIT_CACHE"]).resolve()
    from platformdirs import user_cache_path

    return user_cache_path("imgkit", appauthor=False)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: into a neighbour first, then renamed over it."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    write_file(path, lambda stream: stream.write(data))


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """The same for what writes into an open file by itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with half.open("xb") as stream:
            write(stream)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
