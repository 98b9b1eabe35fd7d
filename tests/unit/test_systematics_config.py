"""What is wrong with `systematics:` of a task is told when the config is read, at its keys; what it plans otherwise."""

from __future__ import annotations

import pytest
import yaml
from snakeroot import plan
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from tasks import TASK, drawn, edited, load, refused, settings

SYSTEMATICS = yaml.safe_load("""
zz_norm: {samples: [zz], normalisation: 0.1}
pileup: {up: {weight: 1 + 0.01 * n}, down: {weight: 1 - 0.01 * n}}
jes: {up: {features: {mass: 1.1 * m}}, down: {features: {mass: 0.9 * m}, weight: mass}}
""")
WITH = edited("systematics", SYSTEMATICS)
TEMPLATES = {"regions": {"SR": {"observable": "score", "binning": [0, 0.5, 1]}}}


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("data/a.root", "data/c.root", "other.root"):
        (tmp_path / name).touch()


def changed(keys, value):
    return edited(f"systematics.{keys}", value, WITH)


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("zz_norm.samples", ["zzz"], "zz_norm.samples.0: no sample with a class 'zzz': did you mean 'zz'"),
        ("zz_norm.samples", ["zz", "zz"], "zz_norm.samples.1: 'zz' is listed twice"),
        ("pileup.up", {}, "pileup.up: nothing varies"),
        ("pileup.up", {"weight": "ratio"}, "pileup.up.weight: 'ratio' is no feature, spectator or prediction"),
        ("jes.up", {"features": {"mas": "m"}}, "jes.up.features.mas: no feature 'mas': did you mean 'mass'"),
        ("jes.up", {"tree": "up"}, "jes.up.tree: 'vbf' is generated, with one tree"),
        ("JES", {"normalisation": 0.1}, "JES: the systematics 'jes' and 'JES' are the same file"),
    ],
)
def test_mistakes_are_at_their_keys(keys, value, says):
    refused(rf"tasks/task0.yaml:\d+:\d+: .*systematics.{says}", changed(keys, value))


def test_a_sample_without_a_class_is_moved_in_templates_alone():
    data = edited(
        "samples.other",
        {"files": ["other.root"], "cross_section": 1.0, "generated": 1},
        changed("zz_norm.samples", ["other"]),
    )
    refused("zz_norm.samples.0: no sample with a class 'other'", data)
    expected = {**TEMPLATES, "background": ["zz", "other"]}
    project = load(edited("templates", expected, data))
    assert list(settings(plan.systematics.systematics(project, "task0"))["uncertainties"]) == ["jes", "pileup"]
    known = settings(plan.templates.templates(project, "task0", "mlp"))["uncertainties"]
    assert known["zz_norm"]["samples"] == ["other"]
    assert known["jes"]["samples"] == ["other", "vbf", "zz"]


def test_templates_have_the_uncertainties_of_their_task_and_those_of_their_own():
    own = {"shape": {"up": {"weight": "mass"}}}
    project = load(edited("templates", {**TEMPLATES, "systematics": own}, WITH))
    inside = settings(plan.templates.templates(project, "task0", "mlp"))
    assert list(inside["uncertainties"]) == ["jes", "pileup", "shape", "zz_norm"]
    assert list(settings(plan.systematics.systematics(project, "task0"))["uncertainties"]) == [
        "jes",
        "pileup",
        "zz_norm",
    ]
    inputs = plan.templates.inputs(project, "task0", "mlp")
    assert [path.rpartition("/")[2] for path in inputs["varied"]] == ["jes-up.parquet", "jes-down.parquet"]
    moved = load(edited("templates", {**TEMPLATES, "systematics": {**SYSTEMATICS, **own}}))
    assert settings(plan.templates.templates(moved, "task0", "mlp")) == inside, "where they stand is all the same"
    assert not plan.systematics.of_task(moved, "task0")
    twice = edited("templates", {**TEMPLATES, "systematics": {"jes": {"normalisation": 0.1}}}, WITH)
    refused("templates.systematics.jes: 'jes' is one of the task's systematics, which templates have too", twice)
    refused(
        "systematics.mu: an uncertainty cannot be called 'mu': the workspace",
        edited("templates", TEMPLATES, changed("mu", {"normalisation": 0.1})),
    )
    load(changed("mu", {"normalisation": 0.1}))


def test_what_the_stage_is_made_from():
    project = load(edited("models.other", {"architecture": "linear"}, WITH))
    known = settings(plan.systematics.systematics(project, "task0"))
    assert known["samples"] == {"vbf": "signal", "zz": "background"}
    parts = {
        name: {key: one["parts"] for key, one in of.items() if key in ("up", "down") and one}
        for name, of in known["uncertainties"].items()
    }
    every = sum(map(len, project.parts["task0"].values()))
    assert parts == {"zz_norm": {}, "pileup": {"up": 0, "down": 0}, "jes": {"up": 0, "down": every}}
    inputs = plan.systematics.inputs(project, "task0")
    assert set(inputs) == set(plan.systematics.INPUTS)
    assert len(inputs["features"]) == len(inputs["varied_features"]) == every
    assert inputs["varied"] == [
        f"results/task0/models/{model}/variations/jes-{direction}.parquet"
        for model in ("mlp", "other")
        for direction in ("up", "down")
    ]
    assert paths.SYSTEMATICS.format(task="task0") in plan.targets.of_tasks(project, ["task0"])
    assert settings(drawn(project, "variations", "task0"))["varied"]
    assert plan.jobs.of_task(project, "task0")["systematics"] == 2 * (2 * every + 2 * 2 + 1) + 1


def test_a_task_without_systematics_has_none_and_says_so():
    project = load(TASK)
    assert not [
        path for path in plan.targets.of_tasks(project, ["task0"]) if "systematics" in path or "variations" in path
    ]
    with pytest.raises(SnakerootError, match="task0: there are no systematics"):
        plan.names.check(project, {"task": "task0"}, systematics=True)
    with pytest.raises(SnakerootError, match="there is no figure 'variations'"):
        plan.names.check(project, {"task": "task0"}, "results/{task}/plots/variations.svg")


TRAINED = edited(
    "models.mlp.training.variations",
    ["jes-up"],
    changed("shower", {"samples": ["zz"], "up": {"files": ["other.root"]}}),
)


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("training.variations", ["jes-down"], "variations.0: 'jes-down' has a 'weight' beside its rows"),
        ("training.variations", ["jes"], "variations.0: 'jes-down' has a 'weight' beside its rows"),
        ("training.variations", ["pileup"], "variations.0: 'pileup' changes weights alone"),
        ("training.variations", ["zz_norm"], "variations.0: 'zz_norm' changes weights alone"),
        ("training.variations", ["jes_up"], "variations.0: no variation 'jes_up': did you mean 'jes-up'"),
        ("training.variations", ["jes-up", "jes-up"], "variations.1: 'jes-up' is named already"),
        ("training.variations", ["shower", "shower-up"], "variations.1: 'shower-up' is named already"),
        (
            "tuning",
            {"rounds": 1, "training": {"variations": []}, "space": {"training.learning_rate": {"float": [0.1, 0.2]}}},
            "tuning.training.variations: trials learn from what",
        ),
    ],
)
def test_what_cannot_be_trained_on_is_refused_at_its_key(keys, value, says):
    refused(rf"tasks/task0.yaml:\d+:\d+: models.mlp..*{says}", edited(f"models.mlp.{keys}", value, TRAINED))


def test_a_task_whose_rows_all_weigh_the_same_has_no_shares():
    model = {"architecture": "autoencoder", "training": {"variations": ["jes-up"]}}
    text = edited("kind", "unsupervised", edited("models.mlp", model, WITH))
    for sample in ("vbf", "zz"):
        text = edited(f"samples.{sample}.class", None, text)
    refused("models.mlp.training.variations: rows of an unsupervised task all weigh the same", text)


def test_files_that_say_their_splits_have_no_train_split_of_a_variation():
    splits = ("train", "validation", "test")
    sample = {
        "class": "signal",
        "cross_section": 1.0,
        "generated": 1,
        "files": {key: [f"{key}.root"] for key in splits},
    }
    text = edited("samples.vbf", sample, edited("models.mlp.training.variations", ["shower"], TRAINED))
    text = edited("samples.zz.files", {key: [f"zz-{key}.root"] for key in splits}, text)
    refused("models.mlp.training.variations.0: the files of 'shower-up' are all of the test split", text)


def test_what_a_training_with_variations_is_made_from():
    project = load(edited("split", {"folds": 3}, TRAINED))
    files = plan.variations.trained_on(project, "task0", "mlp", "2")
    assert len(files) == sum(map(len, project.parts["task0"].values()))
    assert all(path.startswith("results/task0/variations/jes-up/split/fold2/train/") for path in files)
    assert plan.variations.normalisations(project, "task0", "mlp") == [
        "results/task0/variations/jes-up/normalisation.json"
    ]
    known = settings(plan.train.train(project, "task0", "mlp", "0", "0"))
    assert known["mixed"] == [{"name": "jes-up", "samples": ["vbf", "zz"], "files": len(files)}]
    assert len(plan.variations.audited(project, "task0", "train")) == 3 * len(files)
    assert "mixed" not in settings(plan.train.train(load(WITH), "task0", "mlp", "0", "0"))
