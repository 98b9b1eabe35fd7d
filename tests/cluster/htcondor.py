"""A real HTCondor pool on this machine, without systemd and cgroups: a node without GPUs and one with two simulated."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
from cluster import processes
from cluster.farm import Job

PORT = 19618
NODES = ("cpu", "gpu")
LEASE = "htcondor_submit_job_lease_duration=30"
USER = 1000
"""In the pool's user namespace; HTCondor runs no jobs of root. Outside of it, their files are root's."""

TEMPLATE = """RELEASE_DIR = {root}/usr
LOCAL_DIR = {folder}
LOG = $(LOCAL_DIR)
RUN = $(LOCAL_DIR)/run
LOCK = $(LOCAL_DIR)/run
SPOOL = $(LOCAL_DIR)/spool
BIN = $(RELEASE_DIR)/bin
SBIN = $(RELEASE_DIR)/sbin
LIB = $(RELEASE_DIR)/lib/condor
LIBEXEC = $(RELEASE_DIR)/libexec/condor
SHARE = $(RELEASE_DIR)/share/condor
CONDOR_IDS = 0.0
LOCAL_CONFIG_FILE =
LOCAL_CONFIG_DIR =
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:{port}
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
USE_SHARED_PORT = True
SHARED_PORT_PORT = {port}
COLLECTOR_USES_SHARED_PORT = True
DAEMON_SOCKET_DIR = {folder}/run/sock
UID_DOMAIN = farm
FILESYSTEM_DOMAIN = farm
TRUST_UID_DOMAIN = True
DAEMON_LIST = MASTER COLLECTOR NEGOTIATOR SCHEDD STARTD STARTD_GPU
SEC_DEFAULT_AUTHENTICATION = REQUIRED
SEC_DEFAULT_AUTHENTICATION_METHODS = FS
# newer bindings refuse an older schedd without it
SEC_FS_ENFORCE_CHANNEL_BINDING = False
SEC_DEFAULT_ENCRYPTION = OPTIONAL
SEC_DEFAULT_INTEGRITY = OPTIONAL
ALLOW_READ = *
ALLOW_WRITE = *
ALLOW_DAEMON = *
ALLOW_ADMINISTRATOR = *
ALLOW_NEGOTIATOR = *
ALLOW_CLIENT = *
# jobs on several machines need a scheduler that has a name, and machines that obey it
SCHEDD_NAME = farm@pool
DedicatedScheduler = "DedicatedScheduler@$(SCHEDD_NAME)"
STARTD_ATTRS = $(STARTD_ATTRS), DedicatedScheduler
UNUSED_CLAIM_TIMEOUT = 5
START = True
SUSPEND = False
PREEMPT = False
KILL = False
WANT_SUSPEND = False
WANT_VACATE = False
BASE_CGROUP =
CREATE_CGROUP_WITHOUT_ROOT = False
DISCARD_SESSION_KEYRING_ON_STARTUP = False
NUM_CPUS = 8
MEMORY = 16000
MachineMaxVacateTime = 5
KILLING_TIMEOUT = 5
NUM_SLOTS_TYPE_1 = 1
SLOT_TYPE_1 = 100%
SLOT_TYPE_1_PARTITIONABLE = True
use POLICY : HOLD_IF_MEMORY_EXCEEDED
# a name for a node, which is where its jobs are
STARTD_NAME = cpu
EXECUTE = {folder}/cpu
STARTD_GPU = $(STARTD)
STARTD_GPU_ARGS = -f -local-name STARTD_GPU
STARTD_GPU.STARTD_NAME = gpu
STARTD_GPU.EXECUTE = {folder}/gpu
STARTD_GPU.STARTD_LOG = {folder}/StartdGpuLog
STARTD_GPU.STARTER_LOG = {folder}/StarterGpuLog
STARTD_GPU.ADDRESS_FILE = {folder}/run/.startd_gpu_address
STARTD_GPU.STARTD_ADDRESS_FILE = {folder}/run/.startd_gpu_address
GPUS = 0
STARTD_GPU.GPUS = 2
# 4 is an A100-SXM4-40GB
MACHINE_RESOURCE_INVENTORY_GPUS = $(LIBEXEC)/condor_gpu_discovery -properties -simulate:4,$(GPUS)
NEGOTIATOR_INTERVAL = 2
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
SCHEDD_INTERVAL = 5
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 10
STARTER_UPDATE_INTERVAL = 5
STARTER_INITIAL_UPDATE_INTERVAL = 2
POLLING_INTERVAL = 2
PERIODIC_EXPR_INTERVAL = 5
RUNBENCHMARKS = False
STARTER_SETS_HOME_ENV = False
"""


def missing(installed: Path) -> str | None:
    """Why it cannot be started here, if so."""
    if not (installed / "root/usr/sbin/condor_master").exists():
        return f"HTCondor is not in {installed}: `make test-cluster` unpacks it there"
    namespace = ["unshare", "--user", f"--map-user={USER}", f"--map-group={USER}", "true"]
    if subprocess.run(namespace, check=False, capture_output=True).returncode:
        return "HTCondor's pool needs user namespaces, which this machine forbids"
    return None


class Pool:
    """Master, collector, negotiator, schedd and the startds of two nodes, all of it in one folder."""

    name = "htcondor"
    # a lease shorter than the profile's: how long the schedd hopes for a node that does not answer
    arguments = ("--seconds-between-status-checks", "2", "--set-resources", f"train:{LEASE}")

    def __init__(self, installed: Path, folder: Path) -> None:
        self.root, self.folder = installed / "root", folder
        self.master: subprocess.Popen[bytes] | None = None
        path = f"{self.root}/usr/bin:{self.root}/usr/sbin:{os.environ['PATH']}"
        self.environment = {"CONDOR_CONFIG": str(folder / "condor_config"), "PATH": path}

    def start(self) -> None:
        """Boot; takes some seconds."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("run", "spool", *NODES):
            (self.folder / name).mkdir(parents=True)
        for node in NODES:
            (self.folder / node).chmod(0o1777)
        config = TEMPLATE.format(root=self.root, folder=self.folder, port=PORT)
        (self.folder / "condor_config").write_text(config)
        namespace = ["unshare", "--user", f"--map-user={USER}", f"--map-group={USER}"]
        with (self.folder / "master.out").open("wb") as log:
            self.master = subprocess.Popen(
                [*namespace, "condor_master", "-f"],
                env={**os.environ, **self.environment},
                cwd="/",
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        (self.folder / "master.pid").write_text(str(self.master.pid))
        processes.wait_until("both nodes are there", lambda: set(self.nodes()) == set(NODES))
        processes.wait_until("the schedd answers", lambda: self._ask("condor_q").returncode == 0)

    def stop(self) -> None:
        """End all daemons and jobs."""
        pid = processes.number(self.folder / "master.pid")
        processes.end(self.folder / "master.pid", signal.SIGQUIT, 20)
        if pid:
            processes.kill_tree(pid)
        if self.master:
            self.master.wait()

    def _ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def nodes(self) -> list[str]:
        """The names of the nodes that are there."""
        return [name.split("@")[1] for name in self._ask("condor_status", "-af", "Name").stdout.split()]

    def found(self) -> list[Job]:
        """All jobs, those that have ended too."""
        texts = [self._ask(command, "-json").stdout for command in ("condor_q", "condor_history")]
        return [_job(facts) for text in texts for facts in json.loads(text or "[]")]

    def cancel(self, job: str) -> None:
        """Remove a job as a user would."""
        self._ask("condor_rm", job)

    def evict(self, job: str) -> None:
        """Take a job's node away from it, as a job of higher priority would."""
        self._ask("condor_vacate_job", "-fast", job)

    def kill_node(self, node: str) -> int:
        """Kill a node and its jobs at once, as a power cut does; the master starts it again after some ten seconds."""
        master = psutil.Process(int((self.folder / "master.pid").read_text()))
        startds = [(one.pid, " ".join(one.cmdline())) for one in master.children() if one.name() == "condor_startd"]
        gpu = node == "gpu"
        return sum(processes.kill_tree(pid) for pid, line in startds if ("STARTD_GPU" in line) == gpu)

    def revive(self, node: str) -> None:
        """Wait until the master has started a node again."""
        processes.wait_until(f"{node} is back", lambda: node in self.nodes())

    def stop_controller(self) -> None:
        """End the schedd; jobs run on."""
        self._ask("condor_off", "-fast", "-daemon", "schedd")

    def start_controller(self) -> None:
        """Start the schedd, with all that it knew."""
        self._ask("condor_on", "-daemon", "schedd")


def _job(facts: dict[str, Any]) -> Job:
    states = {1: "pending", 2: "running", 4: "failed" if facts.get("ExitCode") else "done"}
    host = facts.get("RemoteHost") or facts.get("LastRemoteHost") or "@none@"
    return Job(
        str(facts["ClusterId"]),
        facts["JobBatchName"].rsplit("-", 1)[0],
        states.get(facts["JobStatus"], "failed"),
        host.split("@")[1],
        facts["QDate"],
        facts.get("JobStartDate", 0),
        facts.get("CompletionDate", 0),
        max(facts.get("NumShadowStarts", 0) - 1, 0),
    )
