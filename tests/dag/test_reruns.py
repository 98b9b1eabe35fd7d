"""What reruns when: for each kind of edit the exact jobs, no more and no fewer.

The project is really edited and really planned by `snakemake -n`. What its jobs would have made has names for contents,
as planning reads none but those of ntuples and code; Snakemake's records are those of a run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import projects
import pytest
import yaml

MODELS = {"first": ("small", "large"), "second": ("net",)}
INPUTS = {"first": 2, "second": 1}
BACKGROUND = {"first": 2, "second": 1}
EXPORTED = ("export", "importance")
"""The rules of an exported model."""
WITH_TEMPLATES = ("second net",)
WITH_SYSTEMATICS = ("second",)
OF_MODELS = ("card", "overtraining", "significance")
"""What shows the metrics of each model."""


def of_model(task: str, model: str) -> Counter[str]:
    """What follows from a trained network, within its own model."""
    name = f"{task} {model}"
    shown = Counter({f"decision {name}": 1} if model == "small" else {})
    return network(name) + combination(name) + shown


def network(name: str, count: int = 1) -> Counter[str]:
    """So many networks, their predictions, and the model that is exported of them."""
    varied = Counter({f"predict_varied {name}": count} if name in WITH_TEMPLATES else {})
    of_model = Counter({f"train {name}": count, f"predict {name}": count})
    return of_model + Counter([f"export {name}", f"importance {name}"]) + varied


def combination(name: str) -> Counter[str]:
    """What takes all networks of a model together."""
    return Counter({f"combine {name}": 1, f"history {name}": 1, f"scores {name}": 1}) + templates(
        name, "combine_varied"
    )


def templates(name: str, *before: str) -> Counter[str]:
    """The templates of a model and what shows them, after these; none of a task without."""
    rules = (*before, "templates", "fit", "fit_templates") if name in WITH_TEMPLATES else ()
    return Counter(f"{rule} {name}" for rule in rules)


def varied(*rules: str) -> Counter[str]:
    """The jobs of these rules for each sample of the one variation that has rows of its own."""
    return Counter(f"{rule} second {sample}" for rule in rules for sample in ("sig", "bkg"))


def comparison(task: str) -> Counter[str]:
    """What compares the predictions of the models of a task, and the report that shows it."""
    return measured(task) + Counter([f"correlation {task}"])


def measured(task: str) -> Counter[str]:
    """The metrics of the models of a task, and what shows them."""
    jobs = Counter(f"{rule} {task}" for rule in ("metrics", "roc", "rejection", "calibration")) | Counter(["report"])
    return jobs + Counter(f"{rule} {task} {model}" for rule in OF_MODELS for model in MODELS[task]) + shifts(task)


def shifts(task: str) -> Counter[str]:
    """What becomes of the models of a task under systematic variations, and what shows it; nothing without any."""
    return Counter(f"{rule} {task}" for rule in ("systematics", "variations") if task in WITH_SYSTEMATICS)


def cards(*tasks: str) -> Counter[str]:
    """What is said of each model of the tasks."""
    return Counter(f"card {task} {model}" for task in tasks for model in MODELS[task])


def compared(task: str) -> Counter[str]:
    """What follows in a task from any training of its own: beside its comparison, the trainings side by side."""
    side_by_side = [f"convergence {task}"] if len(MODELS[task]) > 1 else []
    return comparison(task) + Counter([f"importances {task}", *side_by_side])


def trained(*tasks: str) -> Counter[str]:
    """What follows if all networks of the tasks are trained again."""
    models = (of_model(task, model) for task in tasks for model in MODELS[task])
    return once(*models, *(compared(task) for task in tasks))


def once(*jobs: Counter[str]) -> Counter[str]:
    """All of these, and one report."""
    together = sum(jobs, Counter())
    together["report"] = 1
    return together


def scaled(*tasks: str) -> Counter[str]:
    return once(trained(*tasks), Counter(f"scale {task}" for task in tasks))


def split_again(task: str) -> Counter[str]:
    """What follows if all parts of a task are split anew."""
    parts = Counter({f"split {task} sig": 1, f"split {task} bkg": BACKGROUND[task], f"audit {task}": 1})
    return once(scaled(task), parts, varied("split_varied") if task == "second" else Counter())


def everything_of(task: str) -> Counter[str]:
    """All jobs of a task."""
    features = Counter({f"features {task} sig": 1, f"features {task} bkg": BACKGROUND[task]})
    rest = Counter({f"normalise {task}": 1, f"input {task}": INPUTS[task]})
    if task == "second":
        rest += varied("features_varied") + Counter(["normalise_varied second"])
    return once(split_again(task), features, rest)


def one_part(*jobs: str) -> Counter[str]:
    """What follows if a single part of the first task's background is new."""
    rest = Counter({"normalise first": 1, "audit first": 1, "input first": 2})
    return once(scaled("first"), rest, Counter(jobs))


Edit = Callable[[Path], None]


def in_task(name: str, *keys: str, value: object) -> Edit:
    """Set one key of a task file."""

    def edit(project: Path) -> None:
        path = project / f"config/tasks/{name}.yaml"
        task = yaml.safe_load(path.read_text())
        inner = task
        for key in keys[:-1]:
            inner = inner.setdefault(key, {})
        inner[keys[-1]] = value
        projects.write_yaml(path, task)

    return edit


def in_code(module: str, old: str, new: str) -> Edit:
    """Replace a piece of the package's code that is really there."""

    def edit(project: Path) -> None:
        path = project / "workflow/snakeroot" / module
        assert old in path.read_text(), f"{module} no longer contains {old!r}: adapt this test"
        path.write_text(path.read_text().replace(old, new, 1))

    return edit


def touched(project: Path) -> None:
    assert (project / "ntuples/sig.root").stat().st_size > 1_000_000
    for path in (project / "ntuples").iterdir():
        os.utime(path)


def content_changed(project: Path) -> None:
    projects.ntuple(project / "ntuples/bkg_1.root", signal=False, events=900, first=1000)


def file_added(project: Path) -> None:
    projects.ntuple(project / "ntuples/bkg_2.root", signal=False, events=500, first=5000)


def task_added(project: Path) -> None:
    config = project / "config/config.yaml"
    config.write_text(config.read_text().replace("- second", "- second\n- third"))
    (project / "config/tasks/third.yaml").write_text((project / "config/tasks/second.yaml").read_text())


def resources_changed(project: Path) -> None:
    ask = {"memory_MB": 900, "minutes": 7, "disk_MB": 30}
    everywhere = dict.fromkeys(("features", "split", "scale", "predict", "evaluate", "report"), ask)
    config = {"tasks": ["first", "second"], "resources": {**everywhere, "train": {**ask, "gpu_model": "a100"}}}
    projects.write_yaml(project / "config/config.yaml", config)
    in_task("first", "resources", value={"train": {"memory_MB": 16_000}})(project)


def module_added(folder: str, like: str, **changes: str) -> Edit:
    """Add `another.py` beside an entry of a registry, as a copy of it with some words replaced."""

    def edit(project: Path) -> None:
        text = (project / f"workflow/snakeroot/{folder}/{like}.py").read_text()
        for old, new in changes.items():
            assert old in text, f"{like} no longer contains {old!r}: adapt this test"
            text = text.replace(old, new)
        (project / f"workflow/snakeroot/{folder}/another.py").write_text(text)

    return edit


def figure_added(project: Path) -> None:
    module_added("evaluate/binary", "scores")(project)
    (project / "workflow/report/another.rst").write_text("What another figure shows.\n")


FLAT = {"flat": {"variables": {"x": [-1, 0, 1]}}}


def reweighted(project: Path) -> None:
    """Give one model the weights of a table, in which its classes have one shape."""
    in_task("first", "reweighting", value=FLAT)(project)
    in_task("first", "models", "small", "reweighting", value="flat")(project)


def parameterised(project: Path) -> None:
    """Give the signal a mass, which one of the models is told."""
    in_task("first", "parameters", value={"mass": [100, 200]})(project)
    in_task("first", "samples", "sig", "parameters", value={"mass": "100 + 100 * (z > 0)"})(project)


def learned_beside(project: Path) -> None:
    """Let one model learn a number beside the classes, which is a column of all rows."""
    in_task("first", "auxiliary", value={"number": {"kind": "regression", "target": "z"}})(project)
    in_task("first", "models", "small", "training", "auxiliary", value={"number": 0.3})(project)


def samples_swapped(project: Path) -> None:
    path = project / "config/tasks/first.yaml"
    task = yaml.safe_load(path.read_text())
    task["samples"] = dict(reversed(task["samples"].items()))
    projects.write_yaml(path, task)


def nothing(project: Path) -> None:
    """The copy lies in another folder than the original: that alone must not matter."""


def in_two_folds() -> Counter[str]:
    """What follows if the first task, which is not split into folds, is split into two."""
    jobs = split_again("first")
    twice = ("split first sig", "split first bkg", "scale first", "train first", "predict first", "export first")
    return Counter({job: count * (2 if job.startswith(twice) else 1) for job, count in jobs.items()})


def third() -> Counter[str]:
    return Counter({job.replace("second", "third"): count for job, count in everything_of("second").items()})


def in_templates(*keys: str, value: object) -> Edit:
    """Set one key of the templates."""
    return in_task("second", "templates", *keys, value=value)


def filled(*before: str) -> Counter[str]:
    """What follows if templates are filled again, after these."""
    return once(templates("second net", *before))


BEGINS = {"model": "second/net", "layers": ["layers.2.*"]}
"""What a model begins with whose inputs are others."""

TABLE: dict[str, tuple[Edit, Counter[str]]] = {
    "nothing, in another folder": (nothing, Counter()),
    "a feature expression": (in_task("first", "features", "x", value="2 * x"), everything_of("first")),
    "the selection": (in_task("first", "selection", value="x > -8"), everything_of("first")),
    "a value that stands for a missing number": (in_task("first", "missing", value=-999), everything_of("first")),
    "the entries of a first look": (in_task("first", "limit", value=100), everything_of("first")),
    "what a sample's files call a branch": (
        in_task("first", "samples", "sig", "branches", value={"x": "y"}),
        one_part("features first sig", "split first sig"),
    ),
    "splits that a branch says": (
        in_task("first", "split", value={"column": "event", "train": 0, "validation": 1, "test": 2}),
        everything_of("first"),
    ),
    "a definition": (in_task("first", "definitions", value={"d": "x + y"}), everything_of("first")),
    "a learning rate": (
        in_task("first", "models", "small", "training", "learning_rate", value=0.01),
        once(of_model("first", "small"), compared("first")),
    ),
    "the split fractions": (
        in_task("first", "split", value={"train": 0.5, "validation": 0.25, "test": 0.25}),
        split_again("first"),
    ),
    "what is kept together": (in_task("first", "group", value=["event"]), split_again("first")),
    "an ntuple's content": (
        content_changed,
        one_part("features first bkg", "split first bkg"),
    ),
    "ntuples only touched, one larger than 1 MB": (touched, Counter()),
    "a comment in the training": (
        in_code("train/loop.py", "    state.network.load", "    # why\n    state.network.load"),
        Counter(),
    ),
    "a docstring": (in_code("train/loop.py", '"""Train until', '"""Go on until'), Counter()),
    "a line of the training": (
        in_code("train/loop.py", "if value < state.best_value", "if value <= state.best_value"),
        trained("first", "second"),
    ),
    "what a run shows": (
        in_code("../snakemake_logger_plugin_snakeroot/view.py", '"Nothing to be done: ', '"All is done: '),
        Counter(),
    ),
    "the start of the command": (in_code("cli/__main__.py", "main()", "print(main())"), Counter()),
    "what a new task file has": (in_code("survey/candidates.py", "MOST = 40", "MOST = 41"), Counter()),
    "what is said of a file's origin": (in_code("origins/differences.py", '"(none)"', '"(nothing)"'), Counter()),
    "how events are audited for traps": (
        in_code("split/traps.py", "SAMPLED = 2**16", "SAMPLED = 2**17"),
        cards("first", "second") + Counter(["audit first", "audit second", "report"]),
    ),
    "a line of a plot": (
        in_code("evaluate/binary/roc.py", "Background efficiency", "False positive rate"),
        Counter(["roc first", "roc second", "report"]),
    ),
    "a line of the metrics": (
        in_code("evaluate/measures/binary.py", "curve, 0.5)", "curve, 0.55)"),
        once(measured("first"), measured("second")),
    ),
    "a line of another kind's metrics": (
        in_code("evaluate/measures/regression.py", "0.16, 0.84", "0.1, 0.9"),
        Counter(),
    ),
    "a layer of another kind's networks": (in_code("networks/layers/uncertain.py", "1e3", "1e4"), Counter()),
    "a line of a helper of three stages": (
        in_code("networks/rows.py", "values = np.empty", "values = np.zeros"),
        scaled("first", "second"),
    ),
    "a new setting with a default": (
        in_code("train/settings.py", "    threads: int", "    warmup: int = 0\n    threads: int"),
        trained("first", "second"),
    ),
    "two values swapped": (
        in_task("first", "features", value={"x": "y", "y": "x"}),
        everything_of("first"),
    ),
    # the order is that of the legends; rows are joined in the order of the alphabet, so no number changes
    "samples in another order": (samples_swapped, Counter({"input first": 2, "report": 1})),
    "another device": (
        lambda project: projects.write_yaml(
            project / "config/config.yaml", {"tasks": ["first", "second"], "accelerator": "cpu", "gpus": 4, "nodes": 2}
        ),
        Counter(),
    ),
    # the report shows the file of a task as it is
    "what jobs ask a scheduler for": (resources_changed, Counter(["report"])),
    "a new task": (task_added, third()),
    "a new file of a sample": (file_added, one_part("features first bkg", "split first bkg")),
    "a new architecture": (module_added("networks/architectures", "mlp"), Counter()),
    "a new sampler": (module_added("tune/samplers", "gp"), Counter()),
    "a new process": (module_added("generate/processes", "w_jets"), Counter()),
    "a new figure": (
        figure_added,
        Counter([*(f"another {task} {model}" for task in MODELS for model in MODELS[task]), "report"]),
    ),
    "a new setting of one figure": (
        in_code("evaluate/binary/scores.py", "    model: Labelled", "    bins: int = 40\n    model: Labelled"),
        Counter([*(f"scores {task} {model}" for task in MODELS for model in MODELS[task]), "report"]),
    ),
    "a new metric": (module_added("networks/metrics", "accuracy"), trained("first", "second")),
    "a new metric of another kind of task": (module_added("networks/metrics", "rmse"), Counter()),
    "a new setting of the split": (
        in_code("split/settings.py", "    fold: int", "    salt: int = 0\n    fold: int"),
        once(split_again("first"), split_again("second")),
    ),
    "a new model": (
        in_task("first", "models", "net", value={"architecture": "mlp", "hidden": [2], "inputs": ["y"]}),
        once(of_model("first", "net"), compared("first"), Counter(f"{rule} first net" for rule in OF_MODELS)),
    ),
    "a calibration": (
        in_task("first", "models", "small", "calibration", value="temperature"),
        once(of_model("first", "small"), comparison("first"), Counter(["calibrate first small", "importances first"]))
        - Counter(["train first small", "history first small"]),
    ),
    "a target beside the main one": (
        learned_beside,
        everything_of("first")
        + Counter(["residuals_other first", "response_other first", "prediction_other first small"]),
    ),
    "a network to begin with, of another task": (
        in_task("first", "models", "small", "initial", value=BEGINS),
        once(of_model("first", "small"), compared("first"), Counter(["ancestry first small"])),
    ),
    # the first network is as it was, and so is the plane that it alone is drawn on
    "one more replica": (
        in_task("first", "models", "small", "replicas", value=2),
        once(network("first small"), combination("first small"), compared("first")),
    ),
    "folds": (in_task("first", "split", value={"folds": 2}), in_two_folds()),
    "a line of what combines": (
        in_code("predict/combine.py", "ddof=1", "ddof=0"),
        once(
            *(combination(f"{task} {model}") for task in MODELS for model in MODELS[task]),
            comparison("first"),
            comparison("second"),
        )
        - Counter(f"history {task} {model}" for task in MODELS for model in MODELS[task]),
    ),
    "how close an export has to be": (
        in_code("export/parity.py", "TOLERANCE = 1e-5", "TOLERANCE = 1e-6"),
        Counter(f"{rule} {task} {model}" for rule in EXPORTED for task in MODELS for model in MODELS[task])
        + Counter(["importances first", "importances second", "report"]),
    ),
    "scores are written back": (
        in_task("first", "friends", value={"format": "RNTuple"}),
        once(Counter(f"friends first {model} {sample}" for model in MODELS["first"] for sample in ("sig", "bkg"))),
    ),
    "bins of a template": (in_templates("regions", "all", "binning", value=[0, 0.3, 1]), filled()),
    "another region": (
        in_templates("regions", value={"half": {"selection": "z > 0", "observable": "score", "binning": [0, 1]}}),
        filled(),
    ),
    "an uncertainty of a yield": (in_templates("systematics", "scaled", "normalisation", value=0.2), filled()),
    "an uncertainty of weights": (
        in_task("second", "systematics", "weighted", "up", "weight", value="1 + 0.2 * z"),
        filled() + shifts("second"),
    ),
    "how a feature is shifted": (
        in_task("second", "systematics", "shifted", "up", "features", "z", value="1.2 * z"),
        filled("predict_varied", "combine_varied")
        + shifts("second")
        + varied("features_varied", "split_varied")
        + Counter(["normalise_varied second"]),
    ),
    "an uncertainty less": (in_templates("systematics", value={}), filled()),
    "systematics where there were none": (
        in_task("first", "systematics", value={"s": {"samples": ["sig"], "up": {"features": {"x": "1.1 * x"}}}}),
        once(
            Counter(
                f"{rule} first {model}" for rule in ("predict_varied", "combine_varied") for model in MODELS["first"]
            ),
            Counter(["features_varied first sig", "split_varied first sig", "normalise_varied first"]),
            Counter(["systematics first", "variations first"]),
        ),
    ),
    "a variation that a model learns from": (
        in_task("second", "models", "net", "training", "variations", value=["shifted"]),
        once(of_model("second", "net"), compared("second"), Counter(["audit second"])),
    ),
    "a line of what becomes of models under variations": (
        in_code("systematics/quantity.py", "weight * (values - value) / total", "(values - value) * weight / total"),
        once(shifts("second")),
    ),
    "a line of another kind's numbers under variations": (
        in_code("systematics/kinds/regression.py", "(2 * root)", "(2.0 * root)"),
        Counter(),
    ),
    "what the axis of a template is called": (
        in_templates("regions", "all", "label", value="Score"),
        Counter(["fit_templates second net", "report"]),
    ),
    "a line of the fit": (
        in_code("templates/fit.py", "LEVEL = 0.05", "LEVEL = 0.1"),
        Counter(["fit second net", "report"]),
    ),
    "a line of what fills templates": (
        in_code("templates/histograms.py", "2 * nominal.values", "2.0 * nominal.values"),
        filled(),
    ),
    "templates where there were none": (
        in_task("first", "templates", value={"regions": {"all": {"observable": "score", "binning": [0, 1]}}}),
        once(Counter(f"{rule} first {m}" for rule in ("templates", "fit", "fit_templates") for m in MODELS["first"])),
    ),
    "a label": (
        in_task("first", "evaluation", "labels", value={"small": "a small network"}),
        Counter(f"{figure} first small" for figure in ("history", "scores", "decision", "overtraining", "significance"))
        | Counter(f"{figure} first" for figure in ("roc", "rejection", "calibration", "convergence"))
        | Counter(["correlation first", "importances first", "report"]),
    ),
    "what stands above the figures": (
        in_task("first", "evaluation", "status", value="Preliminary"),
        Counter({"input first": 2, "decision first small": 1, "report": 1})
        + Counter(f"{figure} first" for figure in ("roc", "rejection", "calibration", "convergence"))
        + Counter(["correlation first", "importances first"])
        + Counter(
            f"{figure} first {model}"
            for figure in ("history", "scores", "overtraining", "significance")
            for model in MODELS["first"]
        ),
    ),
    "permutations of each input": (
        in_task("first", "evaluation", "importance", value={"repeats": 7}),
        Counter([*(f"importance first {model}" for model in MODELS["first"]), "importances first", "report"]),
    ),
    "variables of cuts": (
        in_task("first", "evaluation", "profiles", value=["x"]),
        Counter(["efficiency first", "sculpting first", "report"]),
    ),
    "a reweighting that no model names": (in_task("first", "reweighting", value=FLAT), Counter(["report"])),
    "a reweighting of one model": (
        reweighted,
        once(of_model("first", "small"), compared("first"), Counter(["reweight first", "reweighting first"])),
    ),
    # of background no ntuple is read again; the plane of two inputs has three now
    "a physics parameter": (
        parameterised,
        everything_of("first")
        + Counter(["parameter first"])
        - Counter({"features first bkg": 2, "decision first small": 1}),
    ),
    "a caption": (
        lambda project: (project / "workflow/report/roc.rst").write_text("Another caption.\n"),
        Counter(["report"]),
    ),
    "a result deleted": (
        lambda project: (project / "results/first/plots/roc.png").unlink(),
        Counter(["roc first", "report"]),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_edit_reruns_exactly(name: str, project: Path) -> None:
    edit, expected = TABLE[name]
    edit(project)
    assert projects.plan(project) == expected


def test_number_of_cores_and_gpus_reruns_nothing(project: Path) -> None:
    assert projects.plan(project, "--cores", "1") == projects.plan(project, "--cores", "8") == Counter()
    assert projects.plan(project, "--resources", "gpu=3") == Counter()


def test_records_for_other_tools_rerun_nothing_else(project: Path) -> None:
    """They are planned only if they are asked for: by name, or in the config, which wants the tool's package."""
    assert projects.plan(project, "all", "records/mlflow", "records/tensorboard") == Counter(["mlflow", "tensorboard"])
    config = project / "config/config.yaml"
    projects.write_yaml(config, {**yaml.safe_load(config.read_text()), "records": ["tensorboard"]})
    if find_spec("tensorboard"):
        assert projects.plan(project) == Counter(["tensorboard"])
    else:
        refused = projects.snakemake(project, "--dry-run")
        assert refused.returncode == 1
        assert "config: records: tensorboard: the package tensorboard is not installed here" in refused.stdout


def test_what_begins_with_a_network_is_trained_again_if_that_is(project: Path) -> None:
    """Whether shared events are refused or counted is asked again, and trains nothing."""
    begins = in_task("first", "models", "small", "initial", value=BEGINS)
    begins(project)
    projects.finish(project)
    assert projects.plan(project) == Counter()
    in_task("second", "models", "net", "training", "learning_rate", value=0.02)(project)
    assert projects.plan(project) == once(trained("second"), of_model("first", "small"), compared("first"))
    in_task("second", "models", "net", "training", value={"max_epochs": 2})(project)
    in_task("first", "models", "small", "initial", "known_events", value="count")(project)
    assert projects.plan(project) == Counter(["ancestry first small", "card first small", "report"])
    in_task("first", "models", "small", "initial", value={**BEGINS, "known_events": "error"})(project)
    in_task("second", "split", value={"seed": 9})(project)
    expected = once(split_again("second"), of_model("first", "small"), compared("first"))
    assert projects.plan(project) == expected + Counter(["ancestry first small"])


def test_a_search_that_starts_from_another_one_waits_for_all_of_it(project: Path) -> None:
    """So it is made again with that: of the other task only the search is, and no network."""
    space = {"training.learning_rate": {"choices": [0.1, 0.01, 0.001]}}
    tuning = {"sampler": "random", "trials_per_round": 1, "space": space}
    in_task("first", "models", "small", "tuning", value={**tuning, "rounds": 2, "start": "second/net"})(project)
    in_task("second", "models", "net", "tuning", value={**tuning, "rounds": 3})(project)
    jobs = projects.plan(project, "results/first/models/small/tuning/history1.json")
    mine = {"propose first small": 2, "trials first small": 2, "collect first small": 2}
    assert jobs == Counter({**mine, "propose second net": 3, "trials second net": 3, "collect second net": 3})


def test_a_fitted_stage_has_no_path_from_the_test_split(project: Path) -> None:
    """Without train's own outputs, what leads to a network is planned; no input of it lies in the test split."""
    (project / "results/first/models/small/fold0-replica0/model.json").unlink()
    said = projects.dry_run(project, "results/first/models/small/fold0-replica0/model.json", "--forceall")
    inputs = [line for line in said.splitlines() if line.startswith("    input:")]
    assert inputs
    assert not [line for line in inputs if "/test/" in line]
