"""What examples in docstrings may take for granted."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _numpy_in_examples(doctest_namespace: dict) -> None:
    doctest_namespace["np"] = np
