"""Naming what is wrong with an answer.

First the task's own mistakes: an answer that equals what a mistake gives is that mistake. Then
the general ones, which every image task shares: see imgkit.course.symptoms.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from imgkit.course.compare import Comparison, Match, likeness, parse
from imgkit.course.model import Case, Finding, Outcome, Raised, Task
from imgkit.course.symptoms import SYMPTOMS, Look


def diagnose(
    task: Task, cases: Sequence[Case], outcomes: Sequence[Outcome], matches: Sequence[Match]
) -> Finding | None:
    """The name of what went wrong, if the failing cases show one.

    Parameters
    ----------
    task : what was to be done
    cases, outcomes, matches : the inputs and expected answers, what the student's function
        gave, and how it compared; one each per case
    """
    failing = [i for i, match in enumerate(matches) if not match.passed]
    if not failing:
        return None
    own = _own_mistake(task, cases, outcomes, failing)
    return own or _general(task, cases, outcomes, matches, failing)


def _own_mistake(
    task: Task, cases: Sequence[Case], outcomes: Sequence[Outcome], failing: list[int]
) -> Finding | None:
    """The mistake that gives this answer on every case, or at least on every failing one.

    The latter only if at least half of the cases fail that the mistake gets wrong: who is right on
    most of them made another one.
    """
    alike = likeness(task.compare)
    for looked_at in (range(len(cases)), failing):
        for mistake in task.mistakes:
            given = [(cases[i], outcomes[i]) for i in looked_at]
            same = all(_equals(alike, case, mistake.name, outcome) for case, outcome in given)
            if same and 2 * len(failing) >= _misses(task, cases, mistake.name):
                return Finding(mistake.name, mistake.says)
    return None


def _misses(task: Task, cases: Sequence[Case], mistake: str) -> int:
    """How many cases a mistake gets wrong."""
    passes = parse(task.compare)
    answers = [(case.expected, case.wrong.get(mistake)) for case in cases]
    return sum(isinstance(w, Raised) or not passes(e, w).passed for e, w in answers)


def _equals(alike: Comparison, case: Case, mistake: str, outcome: Outcome) -> bool:
    wrong = case.wrong.get(mistake)
    if isinstance(wrong, Raised) or outcome.raised:
        same_type = isinstance(wrong, Raised) and outcome.raised
        return bool(same_type) and wrong.type == outcome.raised.type
    # both ways, so that uint8 against float is no match
    return alike(wrong, outcome.value).passed and alike(outcome.value, wrong).passed


def _general(task: Task, cases, outcomes, matches, failing: list[int]) -> Finding | None:
    """The symptom that most failing cases show, at least half of them; of equals, the first."""
    found = []
    for i in failing:
        if outcomes[i].raised:
            continue
        look = Look(task, cases[i], outcomes[i], matches[i])
        named = ((name, symptom(look)) for name, symptom in SYMPTOMS.items())
        with np.errstate(all="ignore"):  # answers may hold anything
            first = next((Finding(name, says) for name, says in named if says), None)
        found += [first] if first else []
    if not found:
        return None
    name, count = Counter(finding.name for finding in found).most_common(1)[0]
    if 2 * count < sum(not outcomes[i].raised for i in failing):
        return None
    return next(finding for finding in found if finding.name == name)
