"""A kernel under limits, in the shape nbval expects.

nbval reads messages through ``get_message``; here it also watches. Whatever runs too long, eats
too much, forks too often or prints without end is stopped, and the cell that did it knows why.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from nbval.kernel import RunningKernel

_POLL_SECONDS = 0.05
_START_SECONDS = 60


@dataclass(frozen=True)
class Limits:
    """What a submission may use. CPU time decides, so a busy machine changes no marks."""

    cell_seconds: float = 30.0
    "CPU time for one of the student's cells"
    case_seconds: float = 10.0
    "CPU time for one call of a task's function"
    total_seconds: float = 300.0
    "CPU time for a whole submission"
    memory_mb: int = 2048
    processes: int = 32
    output_mb: int = 8
    wall_factor: float = 6.0
    "a cell that sleeps is stopped after this many times its CPU time"


class KernelGone(Exception):
    """The kernel died or was stopped; ``reason`` is one of the words below."""

    def __init__(self, reason: str, says: str):
        super().__init__(says)
        self.reason = reason


class LimitedKernel(RunningKernel):
    """A fresh kernel in its own folder, watched while it runs.

    Parameters
    ----------
    limits : what it may use
    """

    def __init__(self, limits: Limits):
        self._limits = limits
        self._folder = Path(tempfile.mkdtemp(prefix="imgkit-"))
        self._printed = 0
        self._seconds, self._began, self._began_cpu = limits.cell_seconds, time.monotonic(), 0.0
        self._stopped: KernelGone | None = None
        self.cpu_seconds = 0.0
        scratch = self._folder / "work"
        scratch.mkdir()
        self.km = KernelManager(
            kernel_spec_manager=_Specs(),
            kernel_name="imgkit",
            connection_file=str(self._folder / "kernel.json"),
            transport="ipc" if os.name == "posix" else "tcp",
        )
        with open(os.devnull, "w") as nowhere:
            self.km.start_kernel(
                cwd=str(scratch), env=_environment(scratch, limits), stderr=nowhere, stdout=nowhere
            )
        self._process = psutil.Process(self.km.provisioner.pid)
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, limits.output_mb * 1_000_000)
        self.kc = self.km.client(context=context)
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=_START_SECONDS)
        self._ensure_iopub_up()

    def budget(self, seconds: float) -> None:
        """Give the next cell this much CPU time."""
        self._seconds = seconds
        self._began, self._began_cpu = time.monotonic(), self._cpu()

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        """nbval's reading of messages, in short slices between which limits are looked at.

        Raises
        ------
        queue.Empty
            When the time is over; nbval then interrupts the kernel.
        KernelGone
            When the kernel is dead, by itself or because it broke a limit.
        """
        read = self.kc.get_iopub_msg if stream == "iopub" else self.kc.get_shell_msg
        ends = time.monotonic() + (timeout or 3600)
        while True:
            try:
                message = read(timeout=_POLL_SECONDS)
            except Empty:
                self._look(stream)
                if time.monotonic() > ends:
                    raise
                continue
            self._count(message)
            return message

    def stop(self) -> None:
        """End the kernel and all it started, and remove its folder."""
        self._kill()
        self.kc.stop_channels()
        self.kc.context.destroy(linger=0)
        if hasattr(self, "km"):
            self.km.shutdown_kernel(now=True)
            self.km.cleanup_ipc_files()
            del self.km
        shutil.rmtree(self._folder, ignore_errors=True)

    # -- watching --------------------------------------------------------------------------

    def _look(self, stream: str) -> None:
        if self._stopped:
            raise self._stopped
        if not self.is_alive():
            raise KernelGone("kernel died", "it ended the kernel")
        tree = self._tree()
        if len(tree) > self._limits.processes:
            self._end("processes", f"it started more than {self._limits.processes} processes")
        if _memory(tree) > self._limits.memory_mb * 1_000_000:
            self._end("memory", f"it took more than {self._limits.memory_mb} MB of memory")
        self.cpu_seconds = max(self.cpu_seconds, self._cpu())
        used, waited = self._cpu() - self._began_cpu, time.monotonic() - self._began
        if used > self._seconds or waited > self._seconds * self._limits.wall_factor:
            if stream == "shell":
                raise Empty  # nbval interrupts and goes on to read the outputs
            if (
                used > 2 * self._seconds + 1
                or waited > self._seconds * self._limits.wall_factor + 5
            ):
                self._end("timeout", "it did not stop when its time was over")

    def _count(self, message: dict) -> None:
        self._printed += sum(len(str(value)) for value in message["content"].values())
        if self._printed > self._limits.output_mb * 1_000_000:
            self._end("output", f"it printed more than {self._limits.output_mb} MB")

    def _end(self, reason: str, says: str) -> None:
        self._kill()
        self._stopped = KernelGone(reason, says)
        raise self._stopped

    def _kill(self) -> None:
        """SIGKILL for the kernel, its process group and every child of it."""
        victims = self._tree()
        if os.name == "posix" and victims:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        for process in victims:
            with contextlib.suppress(psutil.Error):
                process.kill()

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return []

    def _cpu(self) -> float:
        total = 0.0
        for process in self._tree():
            try:
                times = process.cpu_times()
                total += times.user + times.system
                if process is self._process:  # children that have ended
                    total += times.children_user + times.children_system
            except psutil.Error:
                pass
        return max(total, self.cpu_seconds)


class _Specs(KernelSpecManager):
    """Knows one kernel: this Python, started by imgkit.grading.launch."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-s", "-m", "imgkit.grading.launch", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="imgkit", language="python")


def _memory(tree: list[psutil.Process]) -> int:
    """Resident bytes of all processes; forks share pages, so a sum over the limit is checked
    again by proportional shares."""
    try:
        total = sum(process.memory_info().rss for process in tree)
        if len(tree) > 1 and total > 1_000_000_000:
            total = sum(getattr(p.memory_full_info(), "pss", 0) for p in tree)
        return total
    except psutil.Error:
        return 0


def _environment(scratch: Path, limits: Limits) -> dict[str, str]:
    """What the kernel is told about the world: very little."""
    kept = ("PATH", "LANG", "PYTHONPATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    matplotlib = scratch / ".matplotlib"
    matplotlib.mkdir()
    for fonts in _font_lists():  # else every kernel would look at every font again
        shutil.copy(fonts, matplotlib)
    bytes_of = {"memory_bytes": 2 * limits.memory_mb * 1_000_000, "file_bytes": 64_000_000}
    return environment | {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "MPLCONFIGDIR": str(matplotlib),
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "IMGKIT_GRADING": "1",
        "IMGKIT_LIMITS": json.dumps(bytes_of),
    }


def _font_lists() -> list[Path]:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "matplotlib"
    return sorted(cache.glob("fontlist-*.json"))
