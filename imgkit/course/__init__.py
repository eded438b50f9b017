"""The course: sources become lessons, exercises and solutions; answers are checked and named.

In a notebook::

    from imgkit import course
    ex = course.exercise("02_convolution")
    ex.check(convolve2d)
"""

from imgkit.course.model import CourseError, State
from imgkit.course.student import CheckFailed, Exercise, exercise

__all__ = ["CheckFailed", "CourseError", "Exercise", "State", "exercise"]
