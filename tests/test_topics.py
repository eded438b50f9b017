"""The page of topics: what is named exists, and lessons are found by what they use."""

import pytest

from imgkit.course import build, topics
from imgkit.course.model import CourseError
from imgkit.course.source import read


def page():
    return topics.page([read(path) for path in build.sources()])


def row(name):
    return next(line for line in page().splitlines() if line.startswith(f"| {name}"))


def test_a_topic_leads_to_its_lesson_exercise_and_routines():
    numbers = row("Honest numbers")
    assert "[11](../notebooks/11_evaluation.ipynb)" in numbers
    assert "[11](../exercises/11_evaluation.ipynb): `find_leaks`" in numbers
    assert "`metrics.wilson`" in numbers
    assert "[segmentation.otsu](routines.md#segmentationotsu)" in row("Segmentation")


def test_a_routine_leads_to_the_lessons_that_use_it():
    assert "[06](../notebooks/06_thresholds.ipynb)" in row("[segmentation.otsu]")


def test_every_link_leads_somewhere():
    for target in {part.split(")")[0] for part in page().split("](../")[1:]}:
        assert (topics.path().parent.parent / target).is_file(), target


def test_a_routine_that_does_not_exist_is_told(tmp_path, monkeypatch):
    file = tmp_path / "topics.toml"
    file.write_text('[[topic]]\nname = "Magic"\nroutines = ["features.enhance"]\n')
    monkeypatch.setattr(topics, "list_of_topics", lambda: file)
    with pytest.raises(CourseError, match=r"Magic: there is no routine features\.enhance"):
        page()
