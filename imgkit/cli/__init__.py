"""The ``imgkit`` command: one verb per job. Verbs are thin: the kit acts, the view has words.

    app.py          the command itself: groups, errors, what it says without a verb
    student.py      list start check hint solution reset hand-in progress lab
    instructor.py   grade, course build
    data.py         data list, data info
    everyone.py     doctor, demo
    console.py      marks, colours, tables, paths, JSON
    view.py         what the student's verbs say

Heavy imports stand inside the verbs, so that ``imgkit --help`` answers at once.

Exit codes: 0 done; 1 done, and the answer is no; 2 an error; 130 stopped with Ctrl-C.
"""

from imgkit.cli.app import app, main

__all__ = ["app", "main"]
