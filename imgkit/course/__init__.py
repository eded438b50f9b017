"""The course: sources become lessons, exercises and solutions; answers are checked and named.

In a notebook::

    from imgkit import course
    ex = course.exercise("02_convolution")
    ex.check(convolve2d)

What is where, in the order in which a task passes through:

===================================  ======================================================
``source`` ``reference`` ``proofs``  an author's script: read, run, and its checks proved
``notebooks`` ``build`` ``keys``     what is made of it: three notebooks and a key
``student`` ``panel``                what a student's notebook talks to, and what it shows,
``thumbnails``                       with pictures
``calling`` ``answers``              calling a function; its answer as plain data
``compare`` ``judge``                the answer beside the expected one; the verdict
``diagnosis`` ``symptoms``           naming the mistake
``forbidden``                        what a task rules out, read off the code
``identify``                         which exercise a notebook is, whatever its name
``progress`` ``solutions``           a student's state; the reference, for who asks
``workspace``                        a student's own folder, for the terminal
===================================  ======================================================
"""

from imgkit.course.model import CourseError, State
from imgkit.course.student import CheckFailed, Exercise, exercise

__all__ = ["CheckFailed", "CourseError", "Exercise", "State", "exercise"]
