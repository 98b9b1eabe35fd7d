"""Who ran what, where and when: kept beside the logs, outside the promise of equal bytes."""

from __future__ import annotations

import getpass
import platform
import resource
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from snakeroot.data.files import write_json


def record(path: Path, start: datetime, more: Mapping[str, Any]) -> None:
    """Write the facts of this process, which began at `start` (UTC) and has just made its outputs, to `path`.

    Args:
        more: what the stage says of itself, as the device that it used.
    """
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak = max(own.ru_maxrss, children.ru_maxrss)
    facts = {
        **more,
        "command": sys.argv,
        "commit": _commit(),
        "cpu_seconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "directory": str(Path.cwd()),
        "end": datetime.now(UTC).isoformat(),
        "host": socket.gethostname(),
        "machine": platform.platform(),
        "peak_memory_kB": peak if sys.platform != "darwin" else peak // 1024,
        "processor": platform.machine(),
        "python": platform.python_version(),
        "start": start.isoformat(),
        "user": _user(),
    }
    write_json(facts, path)


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in passwd
        return None


def _commit() -> str | None:
    """The commit of the workflow's own checkout, "+" where tracked files differ from it; None outside git."""
    git = ["git", "-C", str(Path(__file__).parents[1]), "describe", "--always", "--abbrev=40", "--dirty=+"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
