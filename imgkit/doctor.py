"""What an installation needs, examined one by one, with the cure for what ails it.

Nothing but the standard library is imported here, so that it works where nothing else does;
where even the ``imgkit`` command does not start, this file can be run by itself::

    python imgkit/doctor.py
"""

import importlib.metadata as metadata
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DISTRIBUTION = "imgkit-course"
OPENCV = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
OLDEST_PYTHON = (3, 11)
IMPORT_SECONDS = 60
KERNEL_SECONDS = 60
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "warn", "fail"]
    says: str
    cure: str = ""


def examine() -> Iterator[Finding]:
    """Every finding, as soon as it is there. An examination never raises."""
    for look in EXAMINATIONS:
        try:
            yield from look()
        except Exception as error:
            name = look.__name__.strip("_").replace("_", " ")
            yield Finding(name, "fail", f"could not be examined: {type(error).__name__}: {error}")


# -- Python and packages -------------------------------------------------------------------


def python() -> Iterator[Finding]:
    """This Python is new enough."""
    says = f"{sys.version.split()[0]} at {sys.executable}"
    if sys.version_info >= OLDEST_PYTHON:
        yield Finding("Python", "ok", says)
    else:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        cure = f"install Python {oldest} or newer and make a new environment with it"
        yield Finding("Python", "fail", f"{says}, {oldest} is needed", cure)


def itself() -> Iterator[Finding]:
    """``import imgkit`` finds this kit, and not the wkhtmltopdf wrapper of that name on PyPI."""
    other = _version("imgkit")
    here = _HERE / "__init__.py"
    found = _imported_elsewhere("imgkit", "__file__")
    if other:
        says = f"another package named imgkit ({other}, a wrapper of wkhtmltopdf) is installed"
        cure = f"pip uninstall -y imgkit, then install {DISTRIBUTION} again"
        yield Finding("imgkit", "fail", says, cure)
    elif not found.ok:
        cure = f"install {DISTRIBUTION} into this environment"
        yield Finding("imgkit", "fail", f"this Python does not find it: {found.says}", cure)
    elif Path(found.says).resolve() != here:
        says = f"import imgkit gives {found.says}, but this is {here}"
        yield Finding("imgkit", "warn", says, "uninstall the one you do not want")
    else:
        yield Finding("imgkit", "ok", f"{_own_version()} at {_HERE}")


def packages() -> Iterator[Finding]:
    """What the kit needs is there, and of versions it was tested with."""
    if not _version(DISTRIBUTION):
        says = f"nothing says what is needed: {DISTRIBUTION} is not installed in this Python"
        yield Finding("packages", "fail", says, f"pip install -e {_HERE.parent}")
        return
    tested = _tested_versions()
    fine = []
    for name, needs in _requirements():
        installed = _installed(name)
        fault = _fault(name, installed, needs, tested.get(_plain(name), ""))
        if fault:
            yield fault
        else:
            fine.append(f"{installed[0]} {installed[1]}")
    if fine:
        range_ = "in the tested range" if tested else "as needed"
        yield Finding("packages", "ok", f"{len(fine)} {range_}: {', '.join(fine)}")


def _fault(name: str, installed: tuple[str, str] | None, needs: str, tested: str) -> Finding | None:
    """What is wrong with one package, if anything."""
    if installed is None:
        return Finding(name, "fail", "not installed", f'pip install "{name}{needs}"')
    found, version = installed
    if not _satisfies(version, needs):
        says = f"{version} is installed, {needs} is needed"
        return Finding(found, "fail", says, f'pip install "{found}{needs}"')
    if not _satisfies(version, _widened(tested)):
        says = f"{version} is installed, the kit was tested with {tested.lstrip('=')}"
        return Finding(found, "warn", says, f'if something fails: pip install "{found}{tested}"')
    return None


def torch() -> Iterator[Finding]:
    """PyTorch, which only the last lessons and the tensor engine use."""
    version = _version("torch")
    if version:
        yield Finding("torch", "ok", version)
    else:
        says = "not installed; tensors and the lessons on networks, from 12 on, need it"
        yield Finding(
            "torch",
            "warn",
            says,
            "when you get there: pip install -e '.[networks]' in the checkout",
        )


# -- OpenCV --------------------------------------------------------------------------------


def opencv() -> Iterator[Finding]:
    """OpenCV loads. On servers and in containers it often lacks libraries of the desktop."""
    several = [name for name in OPENCV if _version(name)]
    if len(several) > 1:
        says = f"{' and '.join(several)} overwrite each other's files"
        cure = f"pip uninstall -y {' '.join(several)}, then pip install {several[0]}"
        yield Finding("OpenCV", "warn", says, cure)
    found = _imported_elsewhere("cv2", "__version__")
    if found.ok:
        yield Finding("OpenCV", "ok", f"{found.says} loads")
    else:
        yield Finding("OpenCV", "fail", f"does not load: {found.says}", _opencv_cure(found.says))


def _opencv_cure(error: str) -> str:
    if re.search(r"lib(GL|EGL|gthread|glib|SM|Xext|Xrender|X11|xcb)[^/ ]*\.so", error):
        return (
            "apt-get install -y libgl1 libglib2.0-0; without administrator's rights: "
            "pip uninstall -y opencv-python, then pip install opencv-python-headless"
        )
    if "No module named" in error:
        return "pip install opencv-python"
    if "numpy" in error.lower():
        return "pip install --upgrade numpy opencv-python"
    return "pip install --force-reinstall --no-deps opencv-python"


# -- places --------------------------------------------------------------------------------


def course() -> Iterator[Finding]:
    """The lessons and exercises came along."""
    home = _places().home()
    counts = {name: len(list((home / name).glob("*.ipynb"))) for name in ("notebooks", "exercises")}
    keys = len(list((_HERE / "course" / "keys").glob("*.zip")))
    says = f"{counts['notebooks']} lessons and {counts['exercises']} exercises at {home}"
    if counts["exercises"] and counts["notebooks"] and keys >= counts["exercises"]:
        yield Finding("course", "ok", says)
    else:
        cure = "imgkit course build in a checkout; an installed kit has to be installed again"
        yield Finding("course", "warn" if keys else "fail", f"only {says}", cure)


def work_folder() -> Iterator[Finding]:
    """The student's folder can be written to, or made."""
    work = _places().work()
    place = next(path for path in (work, *work.parents) if os.path.lexists(path))
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        says = f"{work} cannot be written to: {error.strerror}"
        cure = "give yourself the right to, or name another folder in IMGKIT_WORK"
        yield Finding("work folder", "fail", says, cure)
    else:
        made = "writable" if place == work else "not made yet; imgkit start makes it"
        yield Finding("work folder", "ok", f"{work} ({made})")


def data_mirror() -> Iterator[Finding]:
    """The folder that IMGKIT_DATA names, if it names one."""
    named = os.environ.get("IMGKIT_DATA")
    if named and Path(named).is_dir():
        yield Finding("IMGKIT_DATA", "ok", named)
    elif named is not None:
        says = f"{named or 'an empty name'} is not a folder"
        yield Finding("IMGKIT_DATA", "fail", says, "correct it, or unset IMGKIT_DATA")


# -- Jupyter -------------------------------------------------------------------------------

_RUN_IN_KERNEL = """
import subprocess, sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(
    kernel_name="python3", startup_timeout=40,
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
try:
    def show(message):
        content = message["content"]
        print(content.get("text") or content.get("evalue") or "", end="")
    client.execute_interactive(
        "import sys; print(sys.executable); import imgkit; print(imgkit.__file__)",
        timeout=20, output_hook=show,
    )
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""


def kernel() -> Iterator[Finding]:
    """The Jupyter kernel ``python3``, in which notebooks run, starts and finds the kit."""
    found = _run_elsewhere(_RUN_IN_KERNEL, KERNEL_SECONDS)
    again = f"{sys.executable} -m ipykernel install --sys-prefix --name python3"
    printed = found.says.splitlines()
    if not found.ok:
        missing = "No module named" in found.says
        cure = "pip install ipykernel jupyterlab" if missing else again
        yield Finding("Jupyter kernel", "fail", f"python3 does not start: {found.says}", cure)
    elif len(printed) < 2 or Path(printed[-1]).resolve() != _HERE / "__init__.py":
        says = f"python3 starts another Python, without this kit: {', '.join(printed)}"
        yield Finding("Jupyter kernel", "fail", says, again)
    else:
        yield Finding("Jupyter kernel", "ok", f"python3 starts: {printed[0]}")


EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    itself,
    packages,
    opencv,
    torch,
    course,
    work_folder,
    data_mirror,
    kernel,
)


# -- versions ------------------------------------------------------------------------------


def _requirements() -> Iterator[tuple[str, str]]:
    """The packages that the kit always needs, each with its range: ``numpy``, ``>=2.0``."""
    for line in metadata.requires(DISTRIBUTION) or ():
        requirement, _, marker = line.partition(";")
        name, needs = _parsed(requirement)
        if name and "extra" not in marker:
            yield name, needs


def _tested_versions() -> dict[str, str]:
    """The versions in constraints.txt, by plain name; empty without the file."""
    try:
        text = (_places().home() / "constraints.txt").read_text(encoding="utf-8")
    except OSError:
        return {}
    parsed = [_parsed(line.split("#")[0].split(";")[0]) for line in text.splitlines()]
    return {_plain(name): needs for name, needs in parsed if name}


def _parsed(requirement: str) -> tuple[str, str]:
    match = re.match(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*\(?([^)]*)\)?\s*$", requirement)
    return (match[1], match[2].replace(" ", "")) if match else ("", "")


def _satisfies(version: str, needs: str) -> bool:
    """Whether a version lies in a range such as ``>=0.11,<0.12``."""
    for condition in filter(None, needs.split(",")):
        match = re.match(r"(===?|>=|<=|~=|!=|>|<)(.+)", condition)
        if match and not _holds(_numbers(version), match[1], match[2]):
            return False
    return True


def _holds(version: tuple[int, ...], sign: str, bound: str) -> bool:
    limit = _numbers(bound)
    length = max(len(version), len(limit))
    mine, other = (v + (0,) * (length - len(v)) for v in (version, limit))
    if bound.endswith(".*"):
        same = version[: len(limit)] == limit
        return same if sign == "==" else not same
    return {
        "==": mine == other,
        "===": mine == other,
        "!=": mine != other,
        ">=": mine >= other,
        "<=": mine <= other,
        ">": mine > other,
        "<": mine < other,
        "~=": mine >= other and version[: len(limit) - 1] == limit[:-1],
    }[sign]


def _numbers(version: str) -> tuple[int, ...]:
    """The release as numbers: ``2.11.0+cpu`` is (2, 11, 0)."""
    release = re.match(r"\s*v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in release[1].split(".")) if release else ()


def _widened(tested: str) -> str:
    """A pin stands for its whole minor version: ``==2.4.6`` for ``==2.4.*``."""
    pin = re.fullmatch(r"==(\d+\.\d+)[\w.+]*", tested)
    return f"=={pin[1]}.*" if pin else tested


def _installed(name: str) -> tuple[str, str] | None:
    """A package's name and version; any of the four OpenCV packages will do."""
    alike = OPENCV if name in OPENCV else (name,)
    found = [(each, _version(each)) for each in (name, *alike) if _version(each)]
    return found[0] if found else None


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _own_version() -> str:
    return _version(DISTRIBUTION) or "a checkout that is not installed"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# -- looking from outside ------------------------------------------------------------------


@dataclass(frozen=True)
class _Outcome:
    ok: bool
    says: str
    "what was printed, or the last line of the complaint"


def _imported_elsewhere(module: str, attribute: str) -> _Outcome:
    """Import a module in a fresh Python, which may crash without harm, and ask one thing."""
    return _run_elsewhere(f"import {module}; print({module}.{attribute})", IMPORT_SECONDS)


def _run_elsewhere(code: str, seconds: float) -> _Outcome:
    """Run code in a fresh Python, in an empty folder, so that nothing here is imported."""
    with tempfile.TemporaryDirectory(prefix="imgkit-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                cwd=folder,
            )
        except subprocess.TimeoutExpired:
            return _Outcome(False, f"no answer within {seconds:g} seconds")
    if done.returncode == 0:
        return _Outcome(True, done.stdout.strip())
    complaint = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
    return _Outcome(False, complaint[-1].strip())


def _places():
    """imgkit.places, also where this file runs by itself."""
    if "imgkit" not in sys.modules:
        sys.path.insert(0, str(_HERE.parent))
    from imgkit import places

    return places


def main() -> int:
    """Examine and print, without anything but the standard library."""
    findings = []
    for finding in examine():
        findings.append(finding)
        mark = {"ok": "ok  ", "warn": "note", "fail": "FAIL"}[finding.status]
        print(f"{mark} {finding.name}: {finding.says}")
        if finding.cure:
            print(f"     -> {finding.cure}")
    return 1 if any(finding.status == "fail" for finding in findings) else 0


if __name__ == "__main__":
    sys.path.pop(0)  # this folder: its modules have the names of others'
    sys.exit(main())
