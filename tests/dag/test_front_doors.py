"""Whichever Snakefile is named, and whether it is that of another workflow, the same is made by default."""

from __future__ import annotations

from pathlib import Path

import projects

DEPLOYED = """
configfile: "config/config.yaml"

module snakeroot:
    snakefile: "{clone}/workflow/Snakefile"
    config: config

use rule * from snakeroot
"""
"""What snakedeploy writes."""


def test_the_default_is_all_of_it(tmp_path: Path) -> None:
    clone = projects.create(tmp_path / "clone", {"mine": projects.task()})
    for sample in ("sig", "bkg_0"):
        projects.ntuple(clone / f"ntuples/{sample}.root", signal=sample == "sig", events=100)
    wanted = projects.plan(clone)
    assert wanted["report"] == 1
    assert projects.plan(clone, "--snakefile", "workflow/Snakefile") == wanted
    deployed = tmp_path / "deployed"
    (deployed / "workflow").mkdir(parents=True)
    for name in ("config", "ntuples", "profiles"):
        (deployed / name).symlink_to(clone / name)
    (deployed / "workflow/Snakefile").write_text(DEPLOYED.format(clone=clone))
    assert projects.plan(deployed) == wanted
