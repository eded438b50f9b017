"""Runs inside the student's kernel: calls a task's function and sends back what it returned.

It is trusted with nothing. It gets inputs, and the references of tasks already answered; it
gives answers. The grader decides outside, so whoever rewrites this module only spoils their own
answer.
"""

import json

from imgkit.course import answers
from imgkit.course.calling import call

MIME = "application/vnd.imgkit.answer+json"
_references: dict = {}


def run(task: str, inputs: str, answered: dict[str, str], setup: list[str], tasks: list[str]):
    """Call the notebook's function on one case and publish the outcome.

    Parameters
    ----------
    task : the function's name
    inputs : its arguments, as ``answers.to_text`` wrote them
    answered : earlier tasks and the source of their reference, which replaces the student's
    setup : cells that the references lean on
    tasks : every task of the exercise, to name the one that raised
    """
    from IPython import get_ipython

    shell = get_ipython()
    _rebind(answered, setup, shell.user_ns)
    function = shell.user_ns.get(task, _missing)
    outcome = call(function, answers.from_text(inputs), tuple(tasks))
    content = {
        "value": None if outcome.raised else answers.to_text(outcome.value),
        "raised": outcome.raised and vars(outcome.raised),
        "changed": list(outcome.changed),
        "seconds": outcome.seconds,
    }
    if content["value"] and len(content["value"]) > 2 * answers.MAX_BYTES:
        size = f"{len(content['value']) * 3 // 4 / 1e6:.0f} MB"
        content["value"] = None
        content["raised"] = {"type": "AnswerTooLarge", "message": f"the answer has {size}"}
    shell.display_pub.publish({MIME: json.dumps(content)})


def _missing(**inputs):
    """Stands for a task whose cell is gone."""
    raise NotImplementedError


def _rebind(answered: dict[str, str], setup: list[str], notebook: dict) -> None:
    """Put references under the names of answered tasks, in the student's namespace."""
    for name, code in answered.items():
        if name not in _references:
            if not _references:
                for cell in setup:
                    exec(cell, _references)
            exec(code, _references)
        notebook[name] = _references[name]
