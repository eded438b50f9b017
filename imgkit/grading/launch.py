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


def main() -> None:
    limits = json.loads(os.environ.pop("IMGKIT_LIMITS", "{}"))
    die_with_parent()
    if limits and os.name == "posix":
        limit_process(**limits)
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # 150 ms that nobody debugs with
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    # pictures that nobody looks at would cost half of the run
    config.InteractiveShell.ast_node_interactivity = "none"
    IPKernelApp.launch_instance(config=config)


if __name__ == "__main__":
    main()
