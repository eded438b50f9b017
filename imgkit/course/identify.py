"""Which exercise a notebook is, whatever its file is called.

The student's ``imgkit check`` and the instructor's ``imgkit grade`` ask the same question, and
get the same answer.
"""

import re
from collections.abc import Collection, Mapping, Sequence

DEFINES = re.compile(r"^(?:async )?def (\w+)", re.MULTILINE)
_OPENS = re.compile(r"""course\.exercise\(\s*["']([\w.-]+)["']""")


def identify(
    cells: Sequence[str],
    tasks: Mapping[str, Collection[str]],
    *,
    claims: object = None,
    path: str = "",
) -> str | None:
    """The exercise by what the notebook calls itself, then by the exercise it opens, by its file
    name, and by the tasks that it defines; None if nothing tells.

    Parameters
    ----------
    cells : sources of its code cells
    tasks : exercise id -> names of its tasks
    claims : what its metadata says, believed only if it is an exercise
    path : its file's name, with folders if they tell something

    Examples
    --------
    >>> identify(["def pad(image): ..."], {"00_arrays": ["crop"], "02_convolution": ["pad"]})
    '02_convolution'
    """
    code = "\n".join(cells)
    for name in (claims, *_OPENS.findall(code)[-1:]):
        if isinstance(name, str) and name:
            full = [exercise for exercise in tasks if exercise.startswith(name)]
            if len(full) == 1:
                return full[0]
    for exercise in tasks:
        if exercise in path:
            return exercise
    defined = set(DEFINES.findall(code))
    best = max(tasks, key=lambda exercise: len(defined & set(tasks[exercise])), default=None)
    return best if best and defined & set(tasks[best]) else None
