"""Snakeroot's front door: the config is read and checked here, once; every rule gets from it what it may know."""

import gc
import os
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")

# A plan is hundreds of thousands of objects that stay, which the collector of garbage would go through again and again:
# a fifth of the time. What was imported is none of its business, and of what is made it looks at half a million at once.
gc.freeze()
gc.set_threshold(500_000, 50, 100)

# The folder of this file, also where another workflow uses this one as a module. In a clone the package lies below it; a
# Snakefile that came with `pip install` has the package that is installed.
HERE = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
PACKAGE = HERE / "workflow"
CLONE = (PACKAGE / "snakeroot").is_dir()
if CLONE:
    sys.path.insert(0, str(PACKAGE))
elif not PACKAGE.is_dir() or not find_spec("snakeroot"):
    raise WorkflowError(
        f"{HERE}: Snakeroot runs from a clone, or from where pip installed it; name the Snakefile there"
    )
elif workflow.deployment_settings.deployment_method:
    raise WorkflowError(f"{HERE}: to deploy environments (--sdm), run Snakeroot from a clone")

import snakeroot
from snakeroot import plan
from snakeroot.config import check_file
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.jobs import machines, starter
from snakeroot.split.settings import SPLITS

if CLONE and not Path(snakeroot.__file__).parent.samefile(PACKAGE / "snakeroot"):
    raise WorkflowError(
        f"{snakeroot.__file__} was imported before {PACKAGE}: one workflow can use one clone of Snakeroot"
    )


machines.follow_first()  # where HTCondor has given a job several, all but the first stay here


try:
    if not workflow.modifier.skip_configfile:  # no module whose config is given
        check_file(Path("config/config.yaml"))  # before Snakemake reads it, which has no limits
except SnakerootError as error:
    raise WorkflowError(str(error))


configfile: "config/config.yaml"


deployed = bool(workflow.deployment_settings.deployment_method)

try:
    project = plan.load(config, map(Path, workflow.configfiles), deployed=deployed)
except SnakerootError as error:
    raise WorkflowError(str(error))

# Snakemake follows a chain of jobs by recursion. That of a search of 1000 rounds, the most there may be, of trials that
# are stopped early is 13,000 jobs long.
sys.setrecursionlimit(100_000)

# `python -m snakeroot…` in a rule runs the interpreter that runs this, or that of the environment which Snakemake deploys
# for the rule; it finds a clone's package either way, and nothing that happens to lie in the working folder. A printed
# command works as it stands in the activated environment. There is one prefix for the rules of all workflows, so what
# another one has put there stays, and any other `python` is theirs.
# Where there is a starter of jobs, one of one thread goes to it. What a signal has ended is told of by jobs/ended.py.
interpreter = "command python" if deployed else shlex.quote(sys.executable)
ENDED = str(Path(starter.CLIENT).with_name("ended.py"))
PYTHON = (
    'python() { case "${1-} ${2-}" in "-m snakeroot."*) '
    f'if [ -S "${{{starter.VARIABLE}-}}" ] && [ "${{OMP_NUM_THREADS-}}" = 1 ]; then '
    f'set -- -IS {shlex.quote(starter.CLIENT)} "$@"; fi; '
    f'{f"PYTHONPATH={shlex.quote(str(PACKAGE))} " if CLONE else ""}PYTHONSAFEPATH=1 {interpreter} "$@" || '
    f'{{ set -- $? "$@"; [ "$1" -le 128 ] || {interpreter} -IS {shlex.quote(ENDED)} "$@"; return "$1"; }} ;; '
    '*) command python "$@" ;; esac; }; '
)
prefix = (shell._process_prefix or "set -euo pipefail; ") + PYTHON
shell.prefix(prefix.replace("{", "{{").replace("}", "}}"))


if project.config.container:

    container: project.config.container


wildcard_constraints:
    **paths.WILDCARDS,


rule all:
    default_target: True
    input:
        plan.targets.of_tasks(project, project.tasks),


rule all_tasks:
    input:
        lambda w: plan.targets.all_tasks(project),


include: "workflow/rules/common.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/generate.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/split.smk"
include: "workflow/rules/scale.smk"
include: "workflow/rules/reweight.smk"
include: "workflow/rules/tune.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/calibrate.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/friends.smk"
include: "workflow/rules/importance.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/systematics.smk"
include: "workflow/rules/templates.smk"
include: "workflow/rules/card.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/records.smk"
include: "workflow/rules/planning.smk"  # last, as it is about all rules
