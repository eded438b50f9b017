"""The doctor: what is wrong is found, and named with its cure."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from imgkit import doctor, places


def look(examination) -> list[doctor.Finding]:
    return list(examination())


def pretend(monkeypatch, **versions: str) -> None:
    """Let these packages be all that is installed."""
    known = {name.replace("_", "-"): version for name, version in versions.items()}
    monkeypatch.setattr(doctor, "_version", lambda name: known.get(name, ""))


def test_this_environment_has_what_is_needed():
    findings = [f for f in doctor.examine() if f.name != "course"]
    assert [f for f in findings if f.status == "fail"] == []
    assert {"Python", "imgkit", "OpenCV", "torch", "work folder", "Jupyter kernel"} <= {
        f.name for f in findings
    }


def test_an_examination_that_falls_over_is_a_finding(monkeypatch):
    def trouble():
        raise RuntimeError("no luck")

    monkeypatch.setattr(doctor, "EXAMINATIONS", (trouble,))
    (finding,) = doctor.examine()
    assert (finding.name, finding.status) == ("trouble", "fail")
    assert "RuntimeError: no luck" in finding.says


# -- Python and packages -------------------------------------------------------------------


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (99, 1))
    (finding,) = look(doctor.python)
    assert finding.status == "fail"
    assert "99.1 is needed" in finding.says


def test_the_wrapper_of_the_same_name_is_noticed(monkeypatch):
    pretend(monkeypatch, imgkit="1.2.3")
    (finding,) = look(doctor.itself)
    assert finding.status == "fail"
    assert "wkhtmltopdf" in finding.says
    assert "pip uninstall -y imgkit" in finding.cure


def test_another_copy_of_the_kit_is_noticed(monkeypatch, tmp_path):
    (tmp_path / "imgkit").mkdir()
    (tmp_path / "imgkit" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (finding,) = look(doctor.itself)
    assert finding.status == "warn"
    assert str(tmp_path) in finding.says


def test_packages_are_judged_one_by_one(monkeypatch, tmp_path):
    needs = ["numpy>=2.0", "scipy>=1.14", "nbval>=0.11,<0.12", "rich>=13", "torch; extra == 'x'"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: needs)
    (tmp_path / "constraints.txt").write_text(
        "# tested\nnumpy==2.4.6\nScipy==1.17.1\nrich==15.0.0\n"
    )
    monkeypatch.setattr(places, "home", lambda: tmp_path)
    versions = {"numpy": "2.4.9", "scipy": "1.99.0", "nbval": "0.12.1"}
    pretend(monkeypatch, imgkit_course="0.1", **versions)
    found = {finding.name: finding for finding in look(doctor.packages)}
    assert {name: finding.status for name, finding in found.items()} == {
        "scipy": "warn",
        "nbval": "fail",
        "rich": "fail",
        "packages": "ok",
    }
    assert "tested with 1.17.1" in found["scipy"].says
    assert found["nbval"].cure.replace('"', "'") == "pip install 'nbval>=0.11,<0.12'"
    assert found["rich"].says == "not installed"
    assert "numpy 2.4.9" in found["packages"].says


def test_any_of_the_opencv_packages_will_do(monkeypatch):
    pretend(monkeypatch, opencv_python_headless="5.0.0.93")
    assert doctor._installed("opencv-python") == ("opencv-python-headless", "5.0.0.93")


@pytest.mark.parametrize("version", ["0.11", "0.12.1", "2.0", "2.4.6", "2.11.0+cpu", "3.0.0rc1"])
@pytest.mark.parametrize(
    "needs", [">=2.0", ">=0.11,<0.12", "==2.4.6", "==2.4.*", "~=2.0", "!=2.0", ">2", "<=2.11", ""]
)
def test_ranges_mean_what_pip_means_by_them(version, needs):
    plain = version.removesuffix("rc1")  # a pre-release counts as the release here
    assert doctor._satisfies(version, needs) == SpecifierSet(needs).contains(plain)


def test_a_pin_stands_for_its_minor_version():
    assert doctor._widened("==2.4.6") == "==2.4.*"
    assert doctor._widened("==5.0.0.93") == "==5.0.*"
    assert doctor._widened(">=2") == ">=2"


def test_torch_is_no_need(monkeypatch):
    pretend(monkeypatch)
    (finding,) = look(doctor.torch)
    assert finding.status == "warn"
    assert ".[networks]" in finding.cure


# -- OpenCV --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        (
            "libGL.so.1: cannot open shared object file: No such file or directory",
            "apt-get install -y libgl1 libglib2.0-0",
        ),
        (
            "libgthread-2.0.so.0: cannot open shared object file: No such file or directory",
            "opencv-python-headless",
        ),
        ("numpy.core.multiarray failed to import", "--upgrade numpy"),
        ("DLL load failed", "--force-reinstall"),
    ],
)
def test_an_opencv_that_does_not_load_has_a_cure(monkeypatch, tmp_path, error, cure):
    (tmp_path / "cv2.py").write_text(f"raise ImportError({error!r})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = look(doctor.opencv)[-1]
    assert finding.status == "fail"
    assert error in finding.says
    assert cure in finding.cure


def test_an_opencv_that_crashes_does_not_take_the_doctor_along(monkeypatch, tmp_path):
    (tmp_path / "cv2.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = look(doctor.opencv)[-1]
    assert finding.status == "fail"
    assert "ended with code" in finding.says


def test_two_opencvs_are_one_too_many(monkeypatch):
    pretend(monkeypatch, opencv_python="5.0", opencv_python_headless="5.0")
    assert look(doctor.opencv)[0].status == "warn"
    assert "overwrite each other" in look(doctor.opencv)[0].says


# -- places --------------------------------------------------------------------------------


def test_a_work_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IMGKIT_WORK", str(tmp_path / "file" / "work"))
    (finding,) = look(doctor.work_folder)
    assert finding.status == "fail"
    assert "cannot be written to" in finding.says


def test_a_work_folder_is_examined_without_being_made(monkeypatch, tmp_path):
    monkeypatch.setenv("IMGKIT_WORK", str(tmp_path / "work"))
    (finding,) = look(doctor.work_folder)
    assert finding.status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_the_data_mirror_is_there_if_it_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("IMGKIT_DATA", raising=False)
    assert look(doctor.data_mirror) == []
    for named, status in ((tmp_path, "ok"), (tmp_path / "none", "fail"), ("", "fail")):
        monkeypatch.setenv("IMGKIT_DATA", str(named))
        assert look(doctor.data_mirror)[0].status == status


def test_a_course_that_is_not_built_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "home", lambda: tmp_path)
    (finding,) = look(doctor.course)
    assert finding.status == "warn"
    assert "imgkit course build" in finding.cure


def test_a_kernel_of_another_python_is_noticed(monkeypatch, tmp_path):
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    kernel = {"argv": ["/nowhere/python", "-f", "{connection_file}"], "display_name": "Python 3"}
    (spec / "kernel.json").write_text(json.dumps(kernel | {"language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (finding,) = look(doctor.kernel)
    assert finding.status == "fail"
    assert "ipykernel install --sys-prefix" in finding.cure


# -- where nothing else works --------------------------------------------------------------


def test_it_imports_nothing_but_the_standard_library():
    tree = ast.parse(Path(doctor.__file__).read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [
        n
        for node in top
        for n in (getattr(node, "module", None) and [node.module]) or [a.name for a in node.names]
    ]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_it_runs_by_itself_without_any_package():
    command = [sys.executable, "-S", doctor.__file__]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "FAIL packages" in done.stdout
    assert "-> pip install -e" in done.stdout
