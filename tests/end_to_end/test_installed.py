"""Without a clone: the wheel in an environment of its own, from two ROOT files in an empty folder to metrics."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import projects
import pytest
from snakeroot.data.files import read_json


def done(*words: str | Path, folder: Path) -> str:
    """Run a command, which has to succeed; return what it says."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHASHSEED")}
    ended = subprocess.run(
        list(map(str, words)), cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, which takes all other packages from that of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    source = projects.create(folder / "source", {})
    shutil.rmtree(source / "config")
    shutil.copytree(projects.REPOSITORY / "config", source / "config")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(projects.REPOSITORY / name, source / name)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    done(*pip, "wheel", "--no-deps", "--wheel-dir", folder, source, folder=folder)
    venv.create(folder / "bare", symlinks=True)
    [wheel] = folder.glob("*.whl")
    done(*pip, "--python", folder / "bare/bin/python", "install", "--no-deps", "--no-index", wheel, folder=folder)
    [packages] = (folder / "bare").glob("lib/python3*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bare/bin"


def test_from_two_files_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    for name, signal in (("signal", True), ("background", False)):
        projects.ntuple(tmp_path / f"{name}.root", signal=signal, events=2000)
    snakeroot = installed / "snakeroot"
    words = ("--signal", "signal.root", "--background", "background.root")
    done(snakeroot, "init", "mine", *words, folder=tmp_path)
    assert "0 mistakes" in done(snakeroot, "check", folder=tmp_path)
    metrics = "results/mine/metrics.json"
    done(snakeroot, "run", "--cores", "2", metrics, folder=tmp_path)
    # x, y and z are Gaussians of variance 1, one apart: the best AUC is the normal integral of sqrt(3 / 2), 0.890
    found = read_json(tmp_path / metrics)["models"]
    assert found["network"]["test"]["auc"] == pytest.approx(0.89, abs=0.04)
    assert found["trees"]["test"]["auc"] == pytest.approx(0.89, abs=0.06)
    assert "report" in done(snakeroot, "run", "-n", folder=tmp_path)
    assert "othing to" in done(snakeroot, "run", "-n", metrics, folder=tmp_path)
    said = done(snakeroot, "explain", metrics, folder=tmp_path)
    assert "now: no: settings, code, packages and inputs are those that made it\n" in said
    assert f"Make it again: {snakeroot} run --force {metrics}\n" in said
