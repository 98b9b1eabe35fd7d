"""Threads are a setting of the training: so many threads give the same bytes on any number of cores."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

TRAIN = """
import os, sys
os.sched_setaffinity(0, map(int, sys.argv[1].split(",")))  # before there are any threads
import hashlib, torch
from bench import architectures
from trainings import together
from snakeroot.train.settings import Training
for name, rows in (("conv2d", 128), ("particle_transformer", 64)):
    one, blocks = architectures.inputs(name, rows)
    data = together(blocks.flatten(1).float(), (torch.arange(rows) % 2).float(), torch.ones(rows))
    training = Training(max_epochs=1, batch_size=128, threads=int(sys.argv[2]))
    state, _ = architectures.trained(name, one, data, training)
    assert torch.get_num_threads() == training.threads
    print(hashlib.sha256(b"".join(one.numpy().tobytes() for one in state.network.state_dict().values())).hexdigest())
"""


def trained(cores: set[int], threads: int) -> list[str]:
    """Return digests of networks that a process of so many threads has trained on these cores."""
    words = [sys.executable, "-c", TRAIN, ",".join(map(str, cores)), str(threads)]
    # as in a job: Snakemake tells libraries of the threads that it has given, which may be fewer than were asked for
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": str(len(cores))}
    environment["OMP_WAIT_POLICY"] = "PASSIVE"  # two threads of one core do not wait for each other in loops
    return subprocess.run(words, check=True, env=environment, capture_output=True, text=True).stdout.split()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be kept to a core here")
def test_two_threads_give_the_same_bytes_on_one_core_as_on_two() -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("there is one core")
    alone = trained({cores[0]}, threads=2)
    assert alone == trained(set(cores[:2]), threads=2)
    assert alone != trained({cores[0]}, threads=1), "it would prove nothing: two threads do as one does"
