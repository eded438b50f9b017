"""Hypothesis draws the same examples on each run, so that a test does not fail by luck.

``IMGKIT_TESTS=explore pytest tests`` draws new ones: that is how rare cases are found.
"""

import os

from hypothesis import settings

settings.register_profile("steady", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("explore", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("IMGKIT_TESTS", "steady"))
