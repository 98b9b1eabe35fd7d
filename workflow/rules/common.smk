"""What the rules share."""

import atexit
from contextlib import ExitStack

from snakeroot.jobs import outdated
from snakeroot.records.formats import FORMATS

# What reads only small files however many events there are, in seconds: it runs where Snakemake does, also with a farm,
# which these jobs would keep busier with scheduling than with work.
LOCAL = ["normalise", "propose", "collect", "shortlist", "best", "report", "report_all", *FORMATS.names()]
workflow.localrules(*map(workflow.modifier.modify_rulename, LOCAL))

# What the longest chains of jobs begin with goes before what nothing waits for, as figures and exports: a search has as
# many trainings one after the other as it has rounds.
FIRST = dict.fromkeys(("generate", "features", "split", "scale", "tune"), 3) | {
    "train": 2,
    "calibrate": 1,
    "predict": 1,
}

# Other small jobs, of which there are many, have `in_turn=1` among their resources: profiles/slurm and profiles/htcondor
# put several into one job, which does them one after the other, with one start of Snakemake and one wait in the queue.
# The Snakemake on the node has to be told: HTCondor's plugin hands on no limits, only all cores of the node.
if workflow.remote_exec:
    workflow.register_resource("in_turn", 1)


def together(group):
    """The group of those whose jobs are put into one: only for a profile that has them done in turn.

    Elsewhere groups would but garble what a dry run prints.
    """
    return group if "in_turn" in workflow.resource_settings.resources else None


def known(
    figure=None, search=False, templates=False, calibrated=False, importance=False, systematics=False, ancestors=False
):
    """The first input of every rule, which is no file: what a path on the command line names may not be there.

    `figure` is the name of what the rule draws, in the task's plots; `search` says that it is for searched models,
    `calibrated` for calibrated ones, `templates` that it is for tasks with templates, `importance` for those whose inputs
    have importances, `systematics` for those with systematics, `ancestors` for models that take something from others. An
    exception of an input function would be shown with a traceback.
    """

    def none(w):
        try:
            asked = {
                **{"search": search, "templates": templates, "calibrated": calibrated, "importance": importance},
                **{"systematics": systematics, "ancestors": ancestors},
            }
            plan.names.check(project, w, figure, **asked)
        except SnakerootError as error:
            sys.exit(f"error: {error}")
        return []

    return none


def placed(path):
    """Where a file lies that a job writes and Snakemake is not told of: below the `prefix:` of a module, as the others."""
    return str(workflow.modifier.modify_path(path))


# Times are what Snakemake goes by; an input may be another file and no newer than what was made of the one before.
if workflow.is_main_process:
    for name in outdated.outdate(Path(placed(paths.provenances("results/")))):
        logger.info(
            f"{name}: another file than its results were made from, though it is no newer: they are made anew",
            extra={"told": True},
        )


def ntuple(w, sample):
    """The file of a part of a sample. A user's own stays where it is if the `prefix:` of a module moves all others."""
    files = project.ntuple(w.task, sample, w.part)
    return files if project.ntuple_metadata(w.task, sample, w.part) else [local(file) for file in files]


def ntuples_of(w):
    """The files of a sample, likewise."""
    files = plan.friends.ntuples(project, w.task, w.sample)
    return files if project.tasks[w.task].samples[w.sample].generate else [local(file) for file in files]


def ntuple_varied(w):
    """The same of a part of a variation."""
    files = plan.variations.ntuple(project, w.task, w.variation, w.sample, w.part)
    generated = plan.variations.metadata(project, w.task, w.variation, w.sample, w.part)
    return files if generated else [local(file) for file in files]


def ancestor(w, fold="0", replica="0"):
    """The network that one begins with, if it does: of another model, or a user's own file."""
    files = plan.ancestors.files(project, w.task, w.model, fold, replica)
    return [local(file) for file in files] if plan.ancestors.is_own(project, w.task, w.model) else files


onstart:
    # Jobs that run here need no limit on submissions. For one, Snakemake 9.27 looks at all ready jobs again, a second
    # after each such look, and each job starts a further row of looks: of 314 jobs, they took a third of all CPU time.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
    # Jobs are forks of one process if they run here, in this interpreter, and are many enough. It ends with Snakemake.
    many = sum(1 for _ in workflow.dag.needrun_jobs()) >= starter.WORTH_IT
    if (
        many
        and workflow.local_exec
        and not deployed
        and sys.platform == "linux"
        and starter.VARIABLE not in os.environ
    ):
        life = ExitStack()
        atexit.register(life.close)
        os.environ[starter.VARIABLE] = str(life.enter_context(starter.started()))
    refuse_nodes()
    if project.config.accelerator == "auto" and workflow.global_resources.get("gpu").value == 0:
        logger.info("There is no GPU on this machine: networks run on the CPU.", extra={"told": True})


def drawn_from(figure):
    """What a figure is drawn from, as inputs of its rule."""

    def files(name):
        return lambda w: plan.figures.files(project, name, w)

    return {name: files(name) for name in figure.reads if name in plan.figures.FILES}


def options(named):
    """Named files as words of a command line, each name with its files."""
    given = [(name, [files] if isinstance(files, str) else files) for name, files in named.items()]
    return [word for name, files in given for word in (f"--{name.replace('_', '-')}", *files)]


def records(figure):
    """As words of a command line: where the provenance of jobs is that a figure of times shows: undeclared."""
    return ["--records", placed(paths.provenances(paths.TUNING))] if figure.timed else []


def rows(*splits):
    """What is scored: the rows of each split."""

    def of(split):
        return lambda w: project.scored(w.task, split, w.fold)

    return {split: of(split) for split in splits}


def calibration(w):
    """What makes probabilities of a network's scores, if anything does."""
    return [path.format(**w) for path in plan.calibrate.of_network(project, w.task, w.model)]


def each_split(pattern, *splits):
    """The files of each split."""
    return [paths.fill(pattern, split=split) for split in splits]


def networks(*splits):
    """The predictions of all networks of a model, split by split."""
    return lambda w: [
        path for split in splits for path in project.each_network(w.task, w.model, paths.PREDICTIONS, split=split)
    ]


def reported(tasks):
    """The files of a report of these tasks, by the option of its command; its own captions stay where the rules are."""
    captions = [HERE / "workflow" / "report" / f"{name}.rst" for name in plan.report.captions(project, tasks)]
    return plan.report.inputs(project, tasks) | {
        "configs": [local(path) for path in plan.report.configs(project, tasks)],
        "captions": [local(os.path.relpath(path)) for path in captions],
    }


def every_task():
    """All tasks in the folder; an exception of an input function would be shown with a traceback."""
    try:
        return list(project.all_tasks())
    except SnakerootError as error:
        sys.exit(f"error: {error}")
