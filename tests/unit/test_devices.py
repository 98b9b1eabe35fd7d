"""Which GPUs a job may use, and that no two jobs use the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from snakeroot.errors import SnakerootError
from snakeroot.jobs import devices
from snakeroot.jobs.devices import claimed, locked, visible

GPUS = ["GPU-6a96bd13-70bc", "GPU-6a96bd13-99ff", "GPU-0b1c2d3e-4f50"]


@pytest.fixture(autouse=True)
def locks(tmp_path, monkeypatch):
    """Locks in a folder of the test's own, here and in the processes that it starts."""
    monkeypatch.setattr(devices, "LOCKS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (None, GPUS),
        ("", []),
        ("1", [GPUS[1]]),
        ("2,0", [GPUS[2], GPUS[0]]),
        ("GPU-0b1c", [GPUS[2]]),
        (f"{GPUS[1]}, 0", [GPUS[1], GPUS[0]]),
        ("0,7,1", [GPUS[0]]),
        ("-1", []),
        ("MIG-1234", ["MIG-1234"]),
        ("NoDevFiles", []),
        ("0,0", [GPUS[0]]),
    ],
)
def test_what_a_scheduler_leaves_visible(chosen, found):
    assert visible(GPUS, chosen) == found


def holding(count: int) -> subprocess.Popen[str]:
    """Start a job that says which of the GPUs it has and then keeps them."""
    lines = f"""
import time, pathlib
from snakeroot.jobs import devices
devices.LOCKS = pathlib.Path({str(devices.LOCKS)!r})
with devices.locked({GPUS!r}, {count}) as own:
    print(*own, flush=True)
    time.sleep(60)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", lines], env=environment, stdout=subprocess.PIPE, text=True)


def test_jobs_at_the_same_time_have_different_gpus_which_the_kernel_takes_back():
    with holding(1) as first, holding(2) as second:
        had = [job.stdout.readline().split() for job in (first, second)]
        assert [len(own) for own in had] == [1, 2]
        assert sorted([*had[0], *had[1]]) == sorted(GPUS)
        with holding(1) as third:
            time.sleep(0.3)
            assert third.poll() is None
            first.send_signal(signal.SIGKILL)
            assert third.stdout.readline().split() == had[0], "the third waits for what the first leaves"
            third.kill()
        second.kill()
    with locked(GPUS, 3) as own:
        assert own == GPUS


def test_locks_of_another_user_and_traps(locks):
    path = locks / f"snakeroot-{GPUS[0]}.lock"
    path.touch(mode=0o444)
    with locked(GPUS[:1], 1) as own:
        assert own == GPUS[:1]
    path.unlink()
    path.symlink_to(locks / "elsewhere")
    says = r"lock: cannot be opened as a lock \(.*symbolic links\); have it removed"
    with pytest.raises(SnakerootError, match=says), locked(GPUS[:1], 1):
        pass
    assert not (locks / "elsewhere").exists()
    path.unlink()
    before = os.umask(0o077)
    with locked(GPUS[:1], 1):
        assert path.stat().st_mode & 0o777 == 0o444, "all users open it"
    os.umask(before)


def test_claims(monkeypatch):
    monkeypatch.setattr(devices, "present", lambda: GPUS)
    monkeypatch.setenv(devices.VISIBLE, "1,2")
    with claimed("auto", 1) as own:
        assert own == [GPUS[1]]
        assert os.environ[devices.VISIBLE] == GPUS[1]
        monkeypatch.setenv(devices.VISIBLE, "1,2")
        with claimed("cuda", 1) as other:
            assert other == [GPUS[2]]
    monkeypatch.setenv(devices.VISIBLE, "1,2")
    for accelerator, count in (("cpu", 1), ("auto", 0)):
        with claimed(accelerator, count) as own:
            assert own == []
            assert os.environ[devices.VISIBLE] == "1,2"
    with pytest.raises(SnakerootError, match="gpus: 3 are wanted, but only 2 can be seen here"), claimed("auto", 3):
        pass
    with pytest.raises(SnakerootError, match="accelerator: cuda, but this job has no GPU"), claimed("cuda", 0):
        pass
    monkeypatch.setattr(devices, "present", list)
    with claimed("auto", 2) as own:
        assert own == []
    with pytest.raises(SnakerootError, match="accelerator: cuda, but this job has no GPU"), claimed("cuda", 1):
        pass


def test_this_machine_can_be_asked():
    assert all(name.startswith("GPU-") for name in devices.present())
