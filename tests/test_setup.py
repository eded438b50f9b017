"""The files that set the kit up agree with each other and name no address."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAME = {"torch": "pytorch", "PyWavelets": "pywavelets"}


def split(requirement: str) -> tuple[str, str]:
    name, version = re.fullmatch(r"([A-Za-z0-9_-]+)(.*)", requirement.strip()).groups()
    return name, version.strip()


def required() -> dict[str, str]:
    extras = [r for group in PROJECT["optional-dependencies"].values() for r in group]
    return dict(map(split, [*PROJECT["dependencies"], *extras]))


def test_conda_environment_is_in_step_with_pyproject():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (from_pip,) = [entry["pip"] for entry in listed if isinstance(entry, dict)]
    plain = [entry for entry in listed if isinstance(entry, str)]
    conda = dict(map(split, [*plain, *(r for r in from_pip if not r.startswith("-e"))]))
    conda.pop("pip")
    python = conda.pop("python")
    assert python.startswith(PROJECT["requires-python"])
    assert conda == {CONDA_NAME.get(n, n): version for n, version in required().items()}
    assert "-e ." in from_pip


def test_constraints_pin_every_requirement_of_the_default_install():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    wanted = dict(map(split, [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]))
    assert {name.lower() for name in wanted} <= pinned
    assert all("==" in line or line.startswith("#") for line in lines)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize(
    "address", ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb" + "ian.org"]
)
def test_no_file_names_a_registry(address):
    named = [path.name for path in tracked() if address.encode() in path.read_bytes()]
    assert named == []


def test_import_is_quick_and_light():
    code = (
        "import time; t = time.perf_counter(); import imgkit, sys; s = time.perf_counter() - t;"
        "print(s < 0.2, [m for m in ('torch', 'matplotlib', 'cv2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"


def test_make_help_lists_every_target():
    text = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split()
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(f"make {target}" in shown.stdout for target in targets)
