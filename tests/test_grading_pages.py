"""The pages of a grading run: they say what they should, and no text in them comes alive."""

import html
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from grading_helpers import EXERCISE, LIMITS, POINTS, RIGHT, TASKS, filled_in, hand_in, mistaken

from imgkit import grading
from imgkit.grading import feedback
from imgkit.grading.results import Picture, Result, TaskMark

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
in_a_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)"
)
MISTAKE_CELL, MISTAKE = mistaken("correlate2d")
ALIVE = "<script>document.title='alive'</script><img src=x onerror=\"document.title='alive'\">"
QUOTED = "\"onload=\"document.title='alive'"  # a way out of an attribute
STUDENTS = {  # whose names are as bad as a file system allows
    "Ada Lovelace": RIGHT,
    QUOTED: RIGHT | {"correlate2d": MISTAKE_CELL},
    ALIVE.replace("/", ""): {},
}


@pytest.fixture(scope="session")
def graded(tmp_path_factory) -> grading.Report:
    folder = tmp_path_factory.mktemp("pages")
    for student, answers in STUDENTS.items():
        hand_in(folder / "handed", student, filled_in(answers))
    hand_in(folder / "handed", "broken", "not a notebook")
    return grading.grade(
        folder / "handed", out=folder / "out", seed=3, jobs=2, limits=LIMITS, say=lambda line: None
    )


@pytest.fixture(scope="session")
def pages(graded) -> dict[str, str]:
    """Every page of the run, and one whose every text is hostile."""
    written = {path.name: path.read_text("utf-8") for path in graded.out.rglob("*.html")}
    return written | {"hostile": feedback.page(hostile_result())}


def hostile_result() -> Result:
    mark = TaskMark(
        id="pad",
        title=ALIVE,
        points=0,
        max_points=3,
        state=ALIVE,
        mistake=ALIVE,
        says=QUOTED + ALIVE,
        remarks=[ALIVE],
        cases=[[ALIVE, False, ALIVE], [QUOTED, True, ""]],
        pictures=[Picture(caption=ALIVE, alt=QUOTED, png="iVBORw0KGgo=", width=40)],
    )
    return Result(ALIVE, EXERCISE, ALIVE, "graded", 0, 3, 1, tasks=[mark], notes=[ALIVE, QUOTED])


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.found if name == tag]


def test_there_is_a_page_for_each_row_and_one_for_all(graded, pages):
    linked = [a["href"] for a in Elements(pages["index.html"]).of("a") if "feedback" in a["href"]]
    assert len(linked) == len(graded.results) == 4
    assert len(list(graded.out.glob("feedback/*.html"))) == 4
    for result in graded.results:
        assert graded.feedback(result).is_file()


def test_no_text_comes_alive(pages):
    allowed = {"script", "iframe", "object", "embed", "link", "base", "form", "svg"}
    for page in pages.values():
        elements = Elements(page).found
        assert not allowed & {tag for tag, _ in elements}
        assert not [name for _, attributes in elements for name in attributes if name[:2] == "on"]
    assert (
        html.escape(ALIVE, quote=False).replace('"', "&#34;").replace("'", "&#39;")
        in pages["hostile"]
    )


def test_nothing_is_fetched(pages):
    for page in pages.values():
        for tag, attributes in Elements(page).found:
            if tag == "img":
                assert attributes["src"].startswith("data:image/png;base64,")
            elif "src" in attributes or "href" in attributes:
                assert re.fullmatch(r"(feedback/)?[\w.%~-]+", attributes["href"])
        assert "url(" not in page
        assert "@import" not in page


def test_a_policy_forbids_what_is_not_there(pages):
    for page in pages.values():
        (policy,) = [
            meta["content"]
            for meta in Elements(page).of("meta")
            if meta.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_a_page_can_be_read_without_seeing_it(pages):
    for page in pages.values():
        elements = Elements(page)
        assert elements.of("html")[0]["lang"] == "en"
        assert len(elements.of("h1")) == len(elements.of("main")) == len(elements.of("title")) == 1
        assert all(img["alt"] for img in elements.of("img"))
    assert any(len(Elements(page).of("img")) == 4 for page in pages.values())


def test_every_element_that_is_opened_is_closed(pages):
    void = {"meta", "img"}
    for page in pages.values():
        depth = []

        class Nesting(HTMLParser):
            def handle_starttag(self, tag, attrs, depth=depth):
                depth += [] if tag in void else [tag]

            def handle_endtag(self, tag, depth=depth):
                assert depth.pop() == tag

        Nesting().feed(page)
        assert depth == []


def test_a_page_tells_marks_mistake_and_seed(graded, pages):
    result = next(result for result in graded.results if result.student == QUOTED)
    page = pages[f"{result.name}.html"]
    assert f"{result.points:g} of {sum(POINTS.values()):g} points" in page
    assert html.escape(MISTAKE.says, quote=False) in html.unescape(page).replace("\n", " ")
    assert "the cases were drawn with seed 3" in page
    for task in TASKS:
        assert f"<code>{task}</code>" in page


def test_the_index_says_what_is_contained_and_what_is_not(graded, pages):
    for line in (*feedback.CONTAINED, *feedback.NOT_CONTAINED):
        assert html.escape(line).replace("&#x27;", "&#39;") in pages["index.html"]
    assert f"{LIMITS.memory_mb} MB of memory, {LIMITS.processes} processes" in pages["index.html"]


# ---------------------------------------------------------------- in a browser


def opened(page: Path, tmp_path: Path, *options: str) -> str:
    """What a browser makes of a page, as text."""
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'browser'}",
        *(options or ["--dump-dom"]),
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@in_a_browser
def test_the_index_in_a_browser(graded, tmp_path):
    dom = opened(graded.out / "index.html", tmp_path)
    assert "<title>Grades</title>" in dom
    assert dom.count("<tr>") == 1 + len(graded.results)
    links = [a["href"] for a in Elements(dom).of("a") if a["href"].startswith("feedback/")]
    for link in links:
        name = re.sub(r"%([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), link)
        assert (graded.out / name).is_file()


@in_a_browser
def test_a_hostile_page_stays_dead_in_a_browser(tmp_path):
    page = tmp_path / "hostile.html"
    page.write_text(feedback.page(hostile_result()), encoding="utf-8")
    dom = opened(page, tmp_path)
    (title,) = re.findall(r"<title>(.*?)</title>", dom, re.DOTALL)
    assert html.unescape(title) == f"{EXERCISE} – {ALIVE}"
    assert Elements(dom).of("script") == []


@in_a_browser
def test_a_script_that_slipped_through_would_not_run(graded, tmp_path):
    result = replace(graded.results[0], notes=["SLIPPED"])
    page = tmp_path / "slipped.html"
    page.write_text(feedback.page(result).replace("SLIPPED", ALIVE), encoding="utf-8")
    dom = opened(page, tmp_path)
    assert len(Elements(dom).of("script")) == 1
    assert "<title>alive" not in dom
