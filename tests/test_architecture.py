"""Who may know whom: each part of the package imports only those below it."""

import ast
from pathlib import Path

import pytest

import imgkit

PACKAGE = Path(imgkit.__file__).parent
GROUND = {"images", "color", "contrast", "filtering", "frequency", "restoration", "features"}
GROUND |= {"geometry", "segmentation", "metrics"}
MAY_KNOW = {
    **{part: GROUND | {"places", "capabilities"} for part in GROUND},
    "capabilities": set(),  # it imports the subjects by name, when asked
    "places": set(),
    "data": GROUND | {"places"},
    "networks": GROUND | {"data", "places"},
    "course": GROUND | {"networks", "data", "places", "capabilities"},
    "grading": GROUND | {"networks", "data", "places", "course"},
    "portfolio": GROUND | {"networks", "data", "places"},
    "doctor": {"places"},  # nothing that a broken installation could break
    "demo": GROUND | {"data", "places", "course", "grading"},
}
MAY_KNOW["cli"] = set(MAY_KNOW)
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)
FILES += sorted(path for path in PACKAGE.glob("*.py") if path.name != "__init__.py")


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> set[str]:
    """The parts of the kit that a file imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "imgkit":
            names |= {f"imgkit.{item.name}" for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[1] for name in names if name.startswith("imgkit.")} - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_part_knows_only_what_lies_below_it(path):
    known = imports(ast.parse(path.read_text(encoding="utf-8")))
    assert known <= MAY_KNOW[part(path)] | {part(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_are_loaded_inside_functions(path):
    top = ast.parse(path.read_text(encoding="utf-8")).body
    loaded = {
        name.split(".")[0]
        for node in top
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else
                     [item.name for item in node.names])
    }  # fmt: skip
    assert not loaded & {"torch", "matplotlib", "jupytext"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_has_one_subject_and_says_it(path):
    text = path.read_text(encoding="utf-8")
    assert path.name == "__main__.py" or ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 650
