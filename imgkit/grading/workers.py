"""Worker processes: submissions side by side, and a worker that dies costs only the one it was at.

``concurrent.futures`` would give up the whole pool with it, and on Ctrl-C wait for what runs.
"""

import contextlib
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import connection, get_context
from typing import TypeVar

import psutil

from imgkit.grading.launch import adopt_orphans, die_with_parent

Job = TypeVar("Job")
Result = TypeVar("Result")
Work = Callable[[Job], Result]


def each(work: Work, jobs: Iterable[Job], count: int) -> Iterator[tuple[Job, Result | str]]:
    """Do the work for each job, ``count`` at a time.

    Parameters
    ----------
    work : a function at the top of its module
    jobs, count : what is to be done, and by how many processes

    Yields
    ------
    Each job with its result, or with words for why there is none, as they come. Close it, and
    the workers end with all that they started.
    """
    waiting, crew = deque(jobs), set()
    with tempfile.TemporaryDirectory(prefix="imgkit-") as scratch:
        try:
            while waiting or crew:
                while waiting and len(crew) < count:
                    crew.add(_Worker(work, scratch).begin(waiting.popleft()))
                ready = connection.wait([worker.pipe for worker in crew])
                for worker in [worker for worker in crew if worker.pipe in ready]:
                    yield worker.job, worker.result()
                    if waiting and worker.process.is_alive():
                        worker.begin(waiting.popleft())
                    else:
                        crew.remove(worker)
                        worker.stop()
        finally:
            for worker in crew:
                worker.stop()


class _Worker:
    """A process that does one job after another."""

    def __init__(self, work: Work, scratch: str):
        context = get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self.process = context.Process(target=_work, args=(work, far_end, scratch))
        self.process.start()
        far_end.close()

    def begin(self, job: Job) -> "_Worker":
        self.job = job
        with contextlib.suppress(OSError):  # it is dead; its result will say so
            self.pipe.send(job)
        return self

    def result(self) -> Result | str:
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            return "the grader's own process died"

    def stop(self) -> None:
        below = []
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        kill(below)
        self.process.join()
        self.pipe.close()


def _work(work: Work, pipe: connection.Connection, scratch: str) -> None:
    """What a worker does until it is stopped."""
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the process that started it
    die_with_parent()
    adopt_orphans()
    tempfile.tempdir = scratch
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = pipe.recv()
            try:
                result = work(job)
            except Exception as error:
                result = f"the grader failed: {type(error).__name__}: {error}"
            _end_leftovers()
            pipe.send(result)


def _end_leftovers() -> None:
    """End what a job started and left behind: all of it hangs on this process."""
    for _ in range(100):  # it may start more while it is being ended
        left = psutil.Process().children(recursive=True)
        if not left:
            return
        kill(left)
        psutil.wait_procs(left, timeout=1)


def kill(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL, whether or not they are still there."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
