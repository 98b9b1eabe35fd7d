"""A real SLURM on this machine, without systemd, cgroups and accounting: four virtual nodes, two of them with GPUs."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import psutil
from cluster import processes
from cluster.farm import Job, seconds

CONFIG = Path("/etc/slurm/slurm.conf")
"""Where SLURM looks by itself: the plugin takes SLURM_CONF from the environment of what runs on a node."""

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "scontrol")
FOLDER = "snakeroot-slurm"
PORT = 16817
MODELS = {"n3": "v100", "n4": "a100"}
"""Of the nodes with GPUs, two each; n1 and n2 have none."""

TEMPLATE = """ClusterName=snakeroot
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# a dead node's jobs are given up soon
AuthInfo=socket={folder}/munge.sock,cred_expire=10
SlurmdTimeout=10
SlurmctldTimeout=10
SlurmctldPort={port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# without cgroups memory is counted each second, and what is too large killed
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SlurmdParameters=config_overrides
MpiDefault=none
SwitchType=switch/none
SchedulerParameters=batch_sched_delay=1,sched_interval=5,bf_interval=2,sched_min_interval=100000
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
KillWait=3
MinJobAge=7200
ReturnToService=2
PropagateResourceLimitsExcept=ALL
AccountingStorageType=accounting_storage/none
GresTypes=gpu
PartitionName=cpu Nodes=n1,n2 Default=YES MaxTime=60
PartitionName=gpu Nodes=n3,n4 MaxTime=120
"""


def missing() -> str | None:
    """Why it cannot be started here, if so."""
    if os.geteuid() != 0:
        return "SLURM's daemons need root"
    if absent := [name for name in PROGRAMS if not shutil.which(name)]:
        return f"not installed: {', '.join(absent)} (packages slurm-wlm and munge)"
    if CONFIG.exists() and CONFIG.resolve().parent.name != FOLDER:
        return f"{CONFIG} is a real SLURM's"
    return None


class Slurm:
    """The controller, the nodes n1 to n4 and what they need, all of it in one folder."""

    name = "slurm"
    arguments = ("--slurm-init-seconds-before-status-checks", "4")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: dict[str, str] = {}

    def start(self) -> None:
        """Boot; takes two seconds."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "state").mkdir(parents=True)
        (self.folder / "munge.key").write_bytes(os.urandom(1024))
        (self.folder / "munge.key").chmod(0o600)
        self._configure()
        files = {"key-file": "munge.key", "socket": "munge.sock", "pid-file": "munged.pid", "seed-file": "munge.seed"}
        arguments = [f"--{option}={self.folder / name}" for option, name in {**files, "log-file": "munged.log"}.items()]
        subprocess.run(["munged", "--force", *arguments], check=True)
        self.start_controller(clear=True)
        for node in ("n1", "n2", "n3", "n4"):
            self.start_node(node)
        processes.wait_until("all nodes are idle", lambda: set(self.nodes().values()) == {"idle"})

    def _configure(self) -> None:
        host = socket.gethostname().split(".")[0]
        lines, gpus = [TEMPLATE.format(host=host, port=PORT, folder=self.folder)], []
        for number in range(1, 5):
            gres = ""
            if model := MODELS.get(f"n{number}"):
                gres = f" Gres=gpu:{model}:2"
                for device in range(2):
                    os.mknod(self.folder / f"gpu-n{number}-{device}", 0o20666, os.makedev(1, 3))
                gpus.append(f"NodeName=n{number} Name=gpu Type={model} File={self.folder}/gpu-n{number}-[0-1]\n")
            lines.append(
                f"NodeName=n{number} NodeHostname={host} NodeAddr=127.0.0.1 Port={PORT + number} CPUs=4 Boards=1 "
                f"SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=8000{gres} State=UNKNOWN\n"
            )
        (self.folder / "slurm.conf").write_text("".join(lines))
        (self.folder / "gres.conf").write_text("".join(gpus))
        (self.folder / "cgroup.conf").write_text(f"CgroupPlugin=cgroup/v1\nCgroupMountpoint={self.folder}/none\n")
        CONFIG.parent.mkdir(exist_ok=True)
        CONFIG.unlink(missing_ok=True)
        CONFIG.symlink_to(self.folder / "slurm.conf")

    def stop(self) -> None:
        """End all daemons, and with the nodes their jobs."""
        for node in ("n1", "n2", "n3", "n4"):
            self.kill_node(node)
        for name in ("slurmctld", "munged"):
            processes.end(self.folder / f"{name}.pid")
        if CONFIG.is_symlink() and CONFIG.readlink().parent == self.folder:
            CONFIG.unlink()

    def start_controller(self, *, clear: bool = False) -> None:
        """Start the controller, with all that it knew unless `clear`."""
        subprocess.run(["slurmctld", *(["-c"] if clear else []), "-f", self.folder / "slurm.conf"], check=True)

    def stop_controller(self) -> None:
        """End the controller; jobs run on."""
        processes.end(self.folder / "slurmctld.pid")

    def revive(self, node: str) -> None:
        """Start a node that was killed, and have it taken back."""
        self.start_node(node)
        subprocess.run(["scontrol", "update", f"nodename={node}", "state=resume"], check=False, capture_output=True)
        processes.wait_until(f"{node} is back", lambda: self.nodes()[node] in ("idle", "mix", "alloc"))

    def start_node(self, node: str) -> None:
        """Start a node."""
        (self.folder / f"spool-{node}").mkdir(exist_ok=True)
        subprocess.run(["slurmd", "-N", node, "-f", self.folder / "slurm.conf"], check=True)

    def kill_node(self, node: str) -> int:
        """Kill a node and its jobs at once, as a power cut does; return how many processes that were."""
        daemon = processes.number(self.folder / f"slurmd-{node}.pid")
        # a job's stepd is no child of the node's daemon, but it logs into the node's spool
        spool = f"spool-{node}/"
        steps = [p.pid for p in psutil.process_iter(["cmdline"]) if self._is_step_of(p, spool)]
        return sum(processes.kill_tree(pid) for pid in [daemon, *steps] if pid)

    def _is_step_of(self, process: psutil.Process, spool: str) -> bool:
        if not (process.info["cmdline"] or [""])[0].startswith("slurmstepd:"):
            return False
        try:
            opened = [file.path for file in process.open_files()]
            sockets = [one.laddr for one in process.net_connections("unix")]
        except psutil.Error:
            return False
        return any(f"{self.folder}/{spool}" in str(path) for path in [*opened, *sockets])

    @staticmethod
    def nodes() -> dict[str, str]:
        """The state of each node."""
        done = subprocess.run(["sinfo", "-h", "-N", "-o", "%N %t"], check=False, capture_output=True, text=True)
        return dict(line.split() for line in done.stdout.splitlines())

    def found(self) -> list[Job]:
        """All jobs that it remembers."""
        done = subprocess.run(["scontrol", "-o", "show", "job"], check=True, capture_output=True, text=True)
        facts = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in done.stdout.splitlines() if "JobId=" in line]
        return [_job(of) for of in facts]

    @staticmethod
    def cancel(job: str) -> None:
        """Cancel a job as a user would."""
        subprocess.run(["scancel", job], check=True)


def _job(facts: dict[str, str]) -> Job:
    states = {"PENDING": "pending", "RUNNING": "running", "COMPLETING": "running", "COMPLETED": "done"}
    return Job(
        facts["JobId"],
        facts.get("Comment", "").removeprefix("rule_").removeprefix("group_").split("_wildcards")[0],
        states.get(facts["JobState"], "failed"),
        facts["NodeList"],
        seconds(facts["SubmitTime"]),
        seconds(facts["StartTime"]),
        seconds(facts["EndTime"]),
        int(facts["Restarts"]),
    )
