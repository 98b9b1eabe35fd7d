"""`python install.py FOLDER plugins|schedulers`: what the tests on real schedulers need, most of it in one folder.

The plugins go into an environment of their own, which sees all packages of the one that runs this. SLURM is from apt.

Not every release of Debian has HTCondor, so the packages of one that has are unpacked, not installed, together with the
C library that they were built for, to whose loader their programs are pointed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]

SUITE = "trixie"
CONDOR = ["condor", "libc6", "libgcc-s1", "libgomp1", "libpcre2-8-0", "libstdc++6", "libuuid1", "libzstd1", "zlib1g"]
SECURITY = ["libcom-err2", "libgssapi-krb5-2", "libk5crypto3", "libkeyutils1", "libkrb5-3", "libkrb5support0"]
PACKAGES = [*CONDOR, *SECURITY, "libmunge2", "libssl3t64"]
LIBRARIES = "usr/lib/x86_64-linux-gnu"


def missing() -> str | None:
    """Why nothing can be installed here, if so."""
    if os.geteuid() != 0:
        return "to install SLURM and HTCondor one must be root"
    if not shutil.which("apt-get"):
        return "only apt knows these packages"
    if os.uname().machine != "x86_64":
        return "HTCondor is unpacked for x86_64 only"
    return None


def plugins(folder: Path) -> None:
    """Make the environment, with the pins of the extras."""
    venv.create(folder, with_pip=True)
    own = folder / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    (own / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    pip = [folder / "bin/pip", "install", "--quiet", "--only-binary=:all:"]
    pins = ["--constraint", REPOSITORY / "envs/constraints.txt", *extras["slurm"], *extras["htcondor"]]
    subprocess.run([*pip, *pins], check=True)


def slurm() -> None:
    """Install what is not there yet."""
    wanted = {"slurmctld": "slurm-wlm", "munged": "munge", "patchelf": "patchelf", "readelf": "binutils"}
    if absent := [package for program, package in wanted.items() if not shutil.which(program)]:
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        command = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *absent]
        subprocess.run(command, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def mirror() -> str:
    """The Debian mirror that this machine's own packages come from."""
    sources = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*.*")]
    text = "\n".join(path.read_text() for path in sources if path.is_file() and path.suffix in (".list", ".sources"))
    found = re.search(r"^[^#\n]*?(https?://\S+/debian)/?(?=\s|$)", text, flags=re.MULTILINE)
    if not found:
        sys.exit("error: no Debian mirror in /etc/apt/sources.list*: HTCondor's packages come from one")
    return found[1]


def htcondor(folder: Path) -> None:
    """Unpack into `folder`; there is nothing to do if that is done."""
    root = folder / "root"
    if root.exists():
        return
    apt, parts = folder / "apt", folder / "root.part"
    for path in (apt / "lists/partial", apt / "archives/partial", parts):
        path.mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (apt / "sources.list").write_text(f"deb [signed-by={key}] {mirror()} {SUITE} main\n")
    # this machine's own lists and packages are not touched
    options = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferencesparts": "-",
        "Dir::State": apt,
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt,
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    command = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in options.items())]
    subprocess.run([*command, "update"], check=True)
    subprocess.run([*command, "download", *PACKAGES], check=True, cwd=apt / "archives")
    for package in (apt / "archives").glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, parts], check=True)
    point_to_loader(parts, root)
    parts.rename(root)
    shutil.rmtree(apt)


def point_to_loader(unpacked: Path, final: Path) -> None:
    """Make all programs use the loader and the libraries beside them, where these are going to be."""
    loader = next(unpacked.rglob("ld-linux-x86-64.so.2")).relative_to(unpacked)
    path = ":".join(str(final / part) for part in (LIBRARIES, "usr/lib", "usr/lib/condor"))
    for folder in ("usr/bin", "usr/sbin", "usr/libexec/condor"):
        for program in (unpacked / folder).iterdir():
            if program.is_symlink() or not program.is_file() or program.read_bytes()[:4] != b"\x7fELF":
                continue
            headers = subprocess.run(["readelf", "-l", program], capture_output=True, check=True, text=True).stdout
            if "INTERP" in headers:
                change = ["--set-interpreter", final / loader, "--force-rpath", "--set-rpath", path]
                subprocess.run(["patchelf", *change, program], check=True)


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    if sys.argv[2] == "plugins":
        plugins(target)
    elif reason := missing():
        print(f"SLURM and HTCondor are not installed: {reason}")  # noqa: T201 - pytest then says what it skips
    else:
        slurm()
        htcondor(target)
