"""Where the kit finds its own files, and where a student's work lies."""

import os
import secrets
from pathlib import Path

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


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: into a neighbour first, then renamed over it."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with half.open("xb") as stream:
            stream.write(data)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
