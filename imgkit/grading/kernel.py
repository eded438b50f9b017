"""A kernel under limits, in the shape nbval expects.

nbval reads messages through ``get_message``; here it also watches. Whatever runs too long, eats
too much, forks too often or prints without end is stopped, and the cell that did it knows why.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import NoReturn

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from nbval.kernel import RunningKernel

from imgkit.grading.workers import kill

_LOOK_SECONDS = 0.05
_START_SECONDS = 60
_AFTER_INTERRUPT_SECONDS = 2  # for the last words of a cell
_RESTING = (psutil.STATUS_SLEEPING, psutil.STATUS_STOPPED, psutil.STATUS_IDLE, psutil.STATUS_ZOMBIE)


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
    "of one cell or call"
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
        self._heard: deque[dict] = deque()
        self._stopped: KernelGone | None = None
        self.cpu_seconds = self.idle_seconds = 0.0  # of the kernel and all it started, so far
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        scratch = self._folder / "work"
        scratch.mkdir()
        self.km = KernelManager(
            kernel_spec_manager=_Specs(),
            kernel_name="imgkit",
            connection_file=str(self._folder / "kernel.json"),
            transport="ipc" if os.name == "posix" else "tcp",
        )
        self.km.start_kernel(
            cwd=str(scratch),
            env=_environment(scratch, self._limits),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        self._process = psutil.Process(self.km.provisioner.pid)
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, self._limits.output_mb * 1_000_000)
        self.kc = self.km.client(context=context)
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=_START_SECONDS)
        self._sockets, self._breaks = zmq.Poller(), zmq.Poller()
        for channel in (self.kc.shell_channel, self.kc.iopub_channel):
            self._sockets.register(channel.socket, zmq.POLLIN)
            breaks = channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            self._breaks.register(breaks, zmq.POLLIN)
        self.budget(_START_SECONDS)
        self._ensure_iopub_up()

    def budget(self, seconds: float) -> None:
        """Give the next cell this much CPU time, and its share of output."""
        self._looked = time.monotonic()
        self._measure(self._tree())
        self._began_cpu, self._began_idle = self.cpu_seconds, self.idle_seconds
        self._seconds, self._printed, self._interrupted = seconds, 0, False
        self.overtime = ""  # what the cell took too much of, in words

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        """nbval's reading of messages, with a look at the limits every now and then.

        What is printed is taken in while the cell still runs, so that a flood is noticed.

        Raises
        ------
        queue.Empty
            When the time is over; nbval then interrupts the kernel.
        KernelGone
            When the kernel is dead, by itself or because it broke a limit.
        """
        if self._interrupted:
            timeout = _AFTER_INTERRUPT_SECONDS
        ends = time.monotonic() + (timeout or 3600)
        while True:
            if time.monotonic() - self._looked > _LOOK_SECONDS:
                self.look(stream)
            self._listen()
            if stream == "iopub" and self._heard:
                return self._heard.popleft()
            if stream == "shell" and self.kc.shell_channel.msg_ready():
                return self.kc.get_shell_msg(timeout=0)
            if time.monotonic() > ends:
                raise Empty
            awaited = self._sockets if stream == "shell" else self.kc.iopub_channel.socket
            awaited.poll(1000 * _LOOK_SECONDS)

    def is_alive(self) -> bool:
        return not self._stopped and super().is_alive()

    def interrupt(self) -> None:
        self._interrupted = True
        super().interrupt()

    def stop(self) -> None:
        """End the kernel and all it started, and remove its folder."""
        self._kill()
        if hasattr(self, "kc"):
            self.kc.stop_channels()
            self.kc.context.destroy(linger=0)
        if hasattr(self, "km"):
            self.km.shutdown_kernel(now=True)
            self.km.cleanup_ipc_files()
            del self.km
        shutil.rmtree(self._folder, ignore_errors=True)

    def look(self, stream: str = "iopub") -> None:
        """Hold the kernel against its limits.

        Raises
        ------
        KernelGone
            If it is dead, or broke one and now is.
        """
        if self._stopped:
            raise self._stopped
        if not self.is_alive():
            raise KernelGone("kernel died", "it ended the kernel")
        if self._breaks.poll(0):  # ZeroMQ hangs up on a message that is too large
            time.sleep(0.2)  # or the kernel is about to die
            if self.is_alive():
                self._end("output", f"it sent more than {self._limits.output_mb} MB at once")
        limits, tree = self._limits, self._tree()
        if len(tree) > limits.processes:
            self._end("processes", f"it started more than {limits.processes} processes")
        if _memory(tree, limits.memory_mb * 1_000_000) > limits.memory_mb * 1_000_000:
            self._end("memory", f"it took more than {limits.memory_mb} MB of memory")
        self._measure(tree)
        used, idle = self.cpu_seconds - self._began_cpu, self.idle_seconds - self._began_idle
        patience = limits.wall_factor * self._seconds
        if used > self._seconds:
            self.overtime = f"it took more than {self._seconds:g} s of CPU time"
        elif idle > patience:
            self.overtime = f"it slept for more than {patience:g} s"
        if self.overtime and stream == "shell":
            raise Empty  # nbval interrupts and goes on to read the outputs
        if used > 2 * self._seconds + 1 or idle > patience + 5:
            self._end("timeout", f"{self.overtime} and did not stop when it was told to")

    # -- watching --------------------------------------------------------------------------

    def _listen(self) -> None:
        while self.kc.iopub_channel.msg_ready():
            message = self.kc.get_iopub_msg(timeout=0)
            self._printed += 100 + sum(len(str(value)) for value in message["content"].values())
            self._heard.append(message)
            if self._printed > self._limits.output_mb * 1_000_000:
                self._end("output", f"it printed more than {self._limits.output_mb} MB")

    def _measure(self, tree: list[psutil.Process]) -> None:
        """CPU time, and the time in which nothing even wanted to run: a busy machine that lets
        a kernel wait is not held against it."""
        now, used, busy = time.monotonic(), 0.0, False
        for process in tree:
            with contextlib.suppress(psutil.Error):
                with process.oneshot():
                    times, status = process.cpu_times(), process.status()
                used += times.user + times.system
                if process is self._process:  # children that have ended
                    used += times.children_user + times.children_system
                busy = busy or status not in _RESTING
        if not busy and used <= self.cpu_seconds:
            self.idle_seconds += now - self._looked
        self.cpu_seconds, self._looked = max(used, self.cpu_seconds), now

    def _end(self, reason: str, says: str) -> NoReturn:
        self._kill()
        self._stopped = KernelGone(reason, says)
        raise self._stopped

    def _kill(self) -> None:
        """SIGKILL for the kernel, its process group and every child of it."""
        if not hasattr(self, "_process"):
            return
        victims = self._tree()
        if os.name == "posix" and victims:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        kill(victims)

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return []


class _Specs(KernelSpecManager):
    """Knows one kernel: this Python, started by imgkit.grading.launch."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-s", "-m", "imgkit.grading.launch", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="imgkit", language="python")


def _memory(tree: list[psutil.Process], enough: int) -> int:
    """Resident bytes of all processes. Forks share pages: a sum of ``enough`` or more is taken
    again by each one's share."""
    total = _sum(tree, lambda process: process.memory_info().rss)
    return total if len(tree) == 1 or total < enough else _sum(tree, _share)


def _share(process: psutil.Process) -> int:
    memory = process.memory_full_info()
    return getattr(memory, "pss", memory.rss)


def _sum(tree: list[psutil.Process], measure: Callable[[psutil.Process], int]) -> int:
    total = 0
    for process in tree:
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            total += measure(process)
    return total


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
