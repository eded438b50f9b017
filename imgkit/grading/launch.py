"""Starts a student's kernel: limits first, then ipykernel. Run as ``python -m``.

This is the place where a sandbox will close around the kernel.
"""

import json
import os
import signal
import sys


def limit_process(memory_bytes: int, file_bytes: int) -> None:
    """What the operating system enforces on this process and its children (POSIX)."""
    import resource

    for what, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (limit, limit))


def die_with_parent() -> None:
    """Ask Linux to end this process when the grader ends, however that happens."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def adopt_orphans() -> None:
    """Ask Linux to hang grandchildren on this process when their parents end, not on init: so
    whoever looks below this process finds all that it ever started."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def main() -> None:
    limits = json.loads(os.environ.pop("IMGKIT_LIMITS", "{}"))
    die_with_parent()
    adopt_orphans()
    if limits and os.name == "posix":
        limit_process(**limits)
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # 150 ms that nobody debugs with
    from ipykernel.kernelapp import IPKernelApp
    from ipykernel.zmqshell import ZMQInteractiveShell
    from traitlets.config import Config

    import imgkit.grading.probe  # noqa: F401  # before a student's cell can stand in its way

    # exit() in a cell would end the kernel a moment later, in the midst of another
    ZMQInteractiveShell.ask_exit = lambda self: None
    config = Config()
    config.HistoryManager.enabled = False
    # pictures that nobody looks at would cost half of the run
    config.InteractiveShell.ast_node_interactivity = "none"
    IPKernelApp.launch_instance(config=config)


if __name__ == "__main__":
    main()
