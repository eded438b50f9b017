"""What a task forbids, and how deep code loops: read off the syntax tree.

A teaching aid, not a wall: whoever wants to hide a call can. What it says, it says plainly.
"""

import ast
import re
import sys
import types
from collections.abc import Iterable, Mapping

_LOOPS = (ast.For, ast.While, ast.AsyncFor)


def uses(code: str, forbid: Iterable[str], aliases: Mapping[str, str]) -> list[str]:
    """Which forbidden names a piece of code uses, as the student wrote them.

    Parameters
    ----------
    code : the student's function
    forbid : full names of modules and functions, ``numpy.pad`` or ``cv2``; a module forbids
        everything in it
    aliases : what names in the code stand for, ``{"np": "numpy"}``

    Examples
    --------
    >>> uses("def f(x): return np.pad(x, 1)", ["numpy.pad"], {"np": "numpy"})
    ['np.pad']
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    own = _assigned(tree)
    known = {name: full for name, full in aliases.items() if name not in own} | imported(tree)
    found = {}
    for node in ast.walk(tree):
        written = _dotted(node)
        if not written:
            continue
        root, _, rest = written.partition(".")
        full = ".".join(filter(None, (known.get(root, ""), rest)))
        if known.get(root) and any(_within(full, name) for name in forbid):
            found.setdefault(full, written)
    longest = [f for f in found if not any(g.startswith(f + ".") for g in found)]
    return [found[full] for full in longest]


def imported(tree: ast.AST) -> dict[str, str]:
    """What the import statements in a tree make names stand for.

    >>> imported(ast.parse("import numpy as np; from scipy import ndimage"))
    {'np': 'numpy', 'ndimage': 'scipy.ndimage'}
    """
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                top = item.name.split(".")[0]
                names[item.asname or top] = item.name if item.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module:
            for item in node.names:
                names[item.asname or item.name] = f"{node.module}.{item.name}"
    return names


def aliases_of(namespace: Mapping[str, object]) -> dict[str, str]:
    """What the names of a live namespace stand for, where they are modules or library calls."""
    names = {}
    for name, value in namespace.items():
        if isinstance(value, types.ModuleType):
            names[name] = value.__name__
        elif callable(value) and _module(value) not in ("", "__main__"):
            names[name] = f"{_module(value)}.{getattr(value, '__name__', name)}"
    return names


def _module(function: object) -> str:
    """The public module of a library's function, as people import it."""
    said, name = getattr(function, "__module__", None), getattr(function, "__name__", "")
    if isinstance(said, str):
        return re.sub(r"\._\w+", "", said)  # scipy.ndimage._filters
    silent = ("cv2", "numpy")  # their compiled functions do not say
    makers = (m for m in silent if getattr(sys.modules.get(m), name, None) is function)
    return next(makers, "")


def loop_depth(code: str) -> int:
    """How deep loops are nested, comprehensions counted.

    >>> loop_depth("for i in a:\\n    total = sum(x for x in i)")
    2
    """

    def depth(node: ast.AST) -> int:
        inner = max(map(depth, ast.iter_child_nodes(node)), default=0)
        return inner + isinstance(node, _LOOPS) + len(getattr(node, "generators", ()))

    try:
        return depth(ast.parse(code))
    except SyntaxError:
        return 0


def _assigned(tree: ast.AST) -> set[str]:
    """Names that the code gives a meaning of its own: arguments, variables, functions."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return base and f"{base}.{node.attr}"
    return ""


def _within(name: str, forbidden: str) -> bool:
    return name == forbidden or name.startswith(forbidden + ".")
