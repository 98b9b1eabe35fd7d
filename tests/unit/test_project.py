"""What the checked config makes of itself: parts of samples, and a spec for each stage."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from snakeroot import plan
from snakeroot.errors import SnakerootError
from snakeroot.features.settings import FeaturesSettings
from snakeroot.plotting.colours import SIGNAL
from tasks import TASK, drawn, edited, load, refused, settings


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Two ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"data/{name}.root").touch()


def test_tasks_share_a_generated_sample_if_they_agree():
    project = load(TASK, edited("selection", "m > 1"))
    assert len(list(project.generated("four_muons"))) == 3
    for keys, value in (("samples.vbf.generate.events", 251), ("energy", 14.0)):
        refused("'task0' and 'task1' generate a sample 'vbf' in different ways", TASK, edited(keys, value))


def test_parts_stay_the_same_when_files_are_added(tmp_path):
    before = load(TASK).parts["task0"]["zz"]
    (tmp_path / "data/0.root").touch()
    (tmp_path / "data/a b(é).root").touch()
    after = load(TASK).parts["task0"]["zz"]
    assert before.items() <= after.items()
    assert sorted(after.values()) == ["data/0.root", "data/a b(é).root", "data/a.root", "data/b.root"]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", part) for part in after)


@pytest.mark.parametrize("name", ["{c}", "<results>", "a\nb", "a\x07b", os.fsdecode(b"\xff")])
def test_a_name_that_snakemake_would_read_otherwise_or_that_is_no_text(tmp_path, name):
    (tmp_path / f"data/{name}.root").touch()
    refused(r"samples.zz: 'data/.*.root' has one of \{ \} < >", TASK)


def test_files_of_one_name_in_two_folders_are_two_parts(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more/a.root").touch()
    assert len(load(edited("samples.zz.files", ["data/*.root", "more/*.root"])).parts["task0"]["zz"]) == 3


KNOWN = {"cross_section": 2.0, "generated": 100}
JETS = edited(
    "samples.w", {"class": "signal", "generate": {"process": "w_jets", "events": 10}}, edited("tree", "FatJets")
)
JETS = edited("energy", 14.0, edited("samples.vbf", None, JETS))


def subjects(*texts):
    return [one.subject for one in plan.figures.of_no_task(load(*texts))]


def test_generated_samples_are_validated_by_what_they_have():
    muons, jets = subjects(TASK), subjects(JETS)
    assert muons == ["mass4l", "massjj", "jet1_pt"]
    assert jets[0] == "fatjet_mass"
    assert not set(muons) & set(jets)
    assert subjects(TASK, JETS) == muons + jets
    Path("c.root").touch()
    assert subjects(edited("samples.vbf", {"class": "signal", "files": ["c.root"]} | KNOWN)) == []


def test_a_validation_figure_sees_samples_of_its_reconstruction_only():
    project = load(TASK, JETS)
    mass, tau = (settings(drawn(project, "generation", "", name)) for name in ("mass4l", "fatjet_tau21"))
    of_signal = {"class_name": "signal", "colour": SIGNAL[0]}
    vbf, w = ({"name": name, "label": name, **of_signal} for name in ("vbf", "w"))
    assert (mass["samples"], mass["tree"], mass["energy"]) == ([vbf] * 3, "HZZ4LeptonsAnalysisReduced", 13)
    assert (tau["samples"], tau["tree"], tau["energy"]) == ([w], "FatJets", 14)
    assert [path for _, path in plan.generated.ntuples(project, "fatjet_tau21")] == ["results/ntuples/w/part0000.root"]


def test_generated_parts_cover_the_events_once():
    project = load(TASK)
    specs = [settings(plan.generate.generate(project, "vbf", part)) for part in project.parts["task0"]["vbf"]]
    numbers = [number for spec in specs for number in range(spec["first_event"], spec["first_event"] + spec["events"])]
    assert numbers == list(range(250))
    assert len({spec["seed"] for spec in specs}) == len({spec["lumi"] for spec in specs}) == 3


def specs(text=TASK, **config):
    """The spec of each stage, of one part where there are several."""
    project = load(text, **config)
    part = next(iter(project.parts["task0"]["zz"]))
    return {
        "generate": plan.generate.generate(project, "vbf", "part0000"),
        "features": plan.features.features(project, "task0", "zz", part),
        "normalise": plan.features.normalise(project, "task0"),
        "split": plan.split.split(project, "task0", "zz", part, "0"),
        "audit": plan.split.audit(project, "task0"),
        "scale": plan.scale.scale(project, "task0"),
        "train": plan.train.train(project, "task0", "mlp", "0", "0"),
        "predict": plan.predict.predict(project, "task0", "mlp"),
        "combine": plan.predict.combine(project, "task0", "mlp"),
        "metrics": plan.metrics.metrics(project, "task0"),
    }


@pytest.mark.parametrize(
    ("keys", "value", "stages"),
    [
        ("features.mass", "m / 1000.0", {"features"}),
        ("features.new", "m", {"features", "scale", "audit"}),
        ("features", {"ht": "sum(pt)", "mass": "m / 1000"}, set()),
        ("selection", "m > 0", {"features"}),
        ("negative_weights", "drop", {"features"}),
        ("samples.zz.weight", "w", {"features"}),
        ("samples.vbf.weight", "w", set()),
        ("split", {"train": 0.5, "validation": 0.3}, {"split"}),
        ("split", {"folds": 2}, {"split", "audit", "metrics"}),
        ("split", {"column": "s", "train": 0, "validation": 1, "test": 2}, {"features", "split", "audit"}),
        ("missing", -999, {"features", "scale", "train"}),
        ("missing", {"mass": [-999, "nan"]}, {"features", "scale", "train"}),
        ("limit", 10, {"features"}),
        ("samples.zz.limit", 10, {"features"}),
        ("samples.vbf.limit", 10, set()),
        ("samples.zz.branches", {"pt": "Jet_pt"}, {"features"}),
        ("samples.vbf.branches", {"pt": "Jet_pt"}, set()),
        ("event_id", "entry", {"features", "split", "audit", "predict"}),
        ("models.mlp.training.learning_rate", 0.01, {"train"}),
        ("models.mlp.training.threads", 2, {"train", "predict"}),
        ("models.mlp.inputs", ["mass", "ht"], {"train"}),
        ("models.mlp.hidden", [4], {"train"}),
        ("models.mlp.replicas", 2, {"combine", "metrics"}),
        ("models.new", {"architecture": "mlp"}, {"metrics"}),
        ("samples.vbf.generate.events", 260, set()),
        ("samples.zz.generated", 200, {"normalise"}),
        ("samples.zz.checksum", {"data/b.root": "adler32:00000000"}, set()),
        ("luminosity", 3.0, {"normalise"}),
        ("energy", 14.0, {"generate"}),
        ("event_id", ["event", "run"], {"features", "split", "audit", "predict"}),
        ("group", ["run"], {"split", "audit", "predict"}),
        ("duplicates", "keep", {"features", "audit"}),
        ("evaluation.axes.mass.unit", "TeV", set()),
    ],
)
def test_an_edit_changes_the_specs_of_the_stages_that_may_know_it(keys, value, stages):
    before, after = specs(), specs(edited(keys, value))
    assert {name for name in before if before[name] != after[name]} == stages


BLOCKS = {
    "images": {"i": {"pt": "pt", "eta": "eta", "phi": "phi", "pixels": [3, 3], "half_width": 1.0}},
    "sequences": {"s": {"order_by": "pt", "length": 5, "channels": {"pt": "pt"}}},
    "trees": {"t": {"pt": "pt", "eta": "eta", "phi": "phi", "length": 5}},
}


@pytest.mark.parametrize(
    ("keys", "value", "stages"),
    [
        ("images.i.rotate", True, {"features"}),
        ("images.i.half_width", 1.5, {"features"}),
        ("images.i.pixels", [3, 4], {"features", "scale"}),
        ("sequences.s.order_by", "-pt", {"features"}),
        ("sequences.s.length", 6, {"features", "scale"}),
        ("trees.t.prepare", True, {"features"}),
        ("trees.t.channels", ["pt"], {"features", "scale"}),
        ("rows", "pt", {"features", "audit"}),
        ("samples.zz.tree", "other", {"features"}),
        ("samples.zz.selection", "m > 1", {"features"}),
    ],
)
def test_an_edit_of_a_block_changes_the_specs_of_the_stages_that_may_know_it(keys, value, stages):
    text = TASK
    for kind, block in BLOCKS.items():
        text = edited(kind, block, text)
    text = edited("selection", "pt_x > 0", text) if keys == "rows" else text
    before, after = specs(text), specs(edited(keys, value, text))
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"predict"} == stages  # a network with scalars alone is trained as before


def of_kind(kind, **samples):
    """A task of another kind."""
    text = edited("kind", kind)
    text = edited("samples", samples, text)
    return edited("target", "m", text) if kind == "regression" else text


def sample(**more):
    return {"files": ["data/a.root"], **more}


KINDS = {
    "multiclass": of_kind(
        "multiclass",
        **{name: {"files": [f"data/{name}.root"], "class": f"of-{name}"} for name in "ab"},
        vbf={"class": "vbf", "generate": {"process": "vbf_h4mu", "events": 10}},
    ),
    "regression": edited("luminosity", None, of_kind("regression", a=sample())),
    "unsupervised": edited(
        "models",
        {"pca": {"architecture": "pca", "components": 1}, "means": {"architecture": "kmeans"}},
        edited("luminosity", None, of_kind("unsupervised", a=sample())),
    ),
}


@pytest.mark.parametrize(
    ("kind", "figures"),
    [
        ("multiclass", ["history-mlp", "class-roc", "correlation", "importances", "confusion-mlp", "class-scores-mlp"]),
        ("regression", ["input-target", "history-mlp", "residuals", "response", "importances", "prediction-mlp"]),
        (
            "unsupervised",
            ["history-pca", "history-means", "errors-pca", "errors-means", "latent-pca", "clusters-means"],
        ),
    ],
)
def test_every_kind_has_its_figures(kind, figures):
    text = KINDS[kind]
    for key, value in (("samples.a.cross_section", 1.0), ("samples.a.generated", 10)):
        text = edited(key, value, text) if kind == "multiclass" else text
    for key, value in (("samples.b.cross_section", 1.0), ("samples.b.generated", 10)):
        text = edited(key, value, text) if kind == "multiclass" else text
    project = load(text)
    found = [Path(one.svg).stem for one in plan.figures.of_task(project, "task0")]
    assert [name for name in found if name not in ("input-mass", "input-ht")] == figures
    assert settings(plan.metrics.metrics(project, "task0"))["kind"] == kind
    needed = [plan.metrics.features(project, "task0"), plan.metrics.scalings(project, "task0")]
    assert [bool(files) for files in needed] == 2 * [kind == "unsupervised"]


def test_figures_say_whose_events_they_show():
    """Recorded or simulated follows from the samples that a figure shows; trials are no events."""
    tuned = edited("models.mlp.tuning", {"sampler": "random", "space": {"dropout": {"float": [0.0, 0.5]}}})
    for name, sample, shown, models in (
        ("zz", {"class": "background", "files": ["data/*.root"]}, "Data and simulation", "Data and simulation"),
        ("run2", {"files": ["data/a.root"]}, "Data and simulation", "Simulation"),
    ):
        text = edited(f"samples.{name}", {**sample, "data": True}, tuned)
        project = load(edited("samples.zz.files", ["data/b.root"], text))
        assert settings(drawn(project, "input", "task0", "mass"))["origin"] == shown
        for spec in (("roc", "task0"), ("scores", "task0", "mlp"), ("history", "task0", "mlp")):
            assert settings(drawn(project, *spec))["origin"] == models
        trials = settings(drawn(project, "tuning-history", "task0", "mlp"))
        assert (trials["origin"], trials["luminosity"], trials["energy"]) == ("", None, None)
    data = edited("samples.a.data", True, KINDS["regression"])
    assert settings(drawn(load(data), "response", "task0"))["origin"] == "Data"
    assert settings(drawn(load(KINDS["regression"]), "response", "task0"))["origin"] == "Simulation"
    assert settings(drawn(load(TASK), "generation", "", "mass4l"))["origin"] == "Simulation"


def test_experiment_status_and_origin_are_of_the_config():
    stated = {"experiment": "CMS", "status": "Work in progress", "origin": "Toy"}
    text = edited("evaluation", stated)
    found = settings(drawn(load(text), "roc", "task0"))
    assert {name: found[name] for name in stated} == stated
    nothing = settings(drawn(load(edited("evaluation.origin", "", text)), "roc", "task0"))
    assert nothing["origin"] == ""


def test_what_is_recorded_has_no_cross_section():
    refused("data: recorded events are not generated", edited("samples.zz.data", True))
    refused("data: recorded events are not generated", edited("samples.vbf.data", True))


def test_figures_name_the_rows():
    assert settings(drawn(load(TASK), "input", "task0", "mass"))["rows"] == "events"
    project = load(edited("features.x", "Jet_pt", edited("rows", "Jet")))
    for spec in (("input", "task0", "x"), ("scores", "task0", "mlp")):
        assert settings(drawn(project, *spec))["rows"] == "Jet objects"
    assert settings(plan.report.report(project, project.tasks))["sections"][0]["rows"] == "Jet objects"


def test_pixels_of_a_file_have_no_eta_and_phi():
    text = edited("images", {**BLOCKS["images"], "stored": {"dataset": "pixels", "pixels": [3, 3]}})
    project = load(text)
    assert settings(drawn(project, "block", "task0", "i"))["directions"] == ["η", "φ"]
    assert settings(drawn(project, "block", "task0", "stored"))["directions"] == ["row", "column"]


def test_a_model_has_one_number_in_all_figures():
    """Its colour follows from it, also where other models are not drawn."""
    models = {"trees": {"architecture": "gbdt"}, "mlp": {"architecture": "mlp"}, "line": {"architecture": "linear"}}
    project = load(edited("models", models))
    assert [one["number"] for one in settings(drawn(project, "roc", "task0"))["models"]] == [0, 1, 2]
    assert [one["number"] for one in settings(drawn(project, "convergence", "task0"))["trained"]] == [1, 2]
    assert settings(drawn(project, "history", "task0", "line"))["number"] == 2


def test_a_reference_is_a_column_of_a_regression():
    text = KINDS["regression"]
    project = load(edited("evaluation.reference", "mass", text))
    assert settings(plan.metrics.metrics(project, "task0"))["reference"] == "mass"
    assert settings(drawn(project, "response", "task0"))["reference"]["label"] == "mass"
    assert len(plan.metrics.features(project, "task0")) == 1
    refused("evaluation.reference: 'mas' is no feature or spectator", edited("evaluation.reference", "mas", text))
    refused("evaluation.reference: an estimate of the target", edited("evaluation.reference", "mass"))


def test_working_points_and_an_uncertain_background_are_of_signal_against_background():
    wanted = {"signal_efficiency": [0.4], "background_rejection": [100]}
    found = settings(plan.metrics.metrics(load(edited("evaluation.working_points", wanted)), "task0"))
    assert (found["working_points"], found["background_uncertainty"], found["yields"]) == (wanted, 0.0, True)
    bare = re.sub(r"luminosity: .*", "luminosity: null", edited("evaluation.background_uncertainty", 0.1))
    found = settings(plan.metrics.metrics(load(bare), "task0"))
    assert (found["background_uncertainty"], found["yields"]) == (0.1, False)
    for key, value in (("working_points", wanted), ("background_uncertainty", 0.1)):
        text = edited(f"evaluation.{key}", value, KINDS["regression"])
        refused(f"evaluation.{key}: of cuts between signal and background, which this task has not", text)
    for key, value, says in (
        ("working_points", {"signal_efficiency": [0.5, 1.5]}, "should be less than 1"),
        ("working_points", {"signal_efficiency": [0.5, 0.5]}, "a value stands in it twice"),
        ("working_points", {"background_rejection": [1]}, "greater than 1"),
        ("background_uncertainty", -0.1, "greater than or equal to 0"),
    ):
        refused(says, edited(f"evaluation.{key}", value))


def test_variables_of_cuts_are_spectators_with_an_axis_unless_they_are_named():
    shown = edited("evaluation.axes.njets", {"unit": "n"}, edited("spectators", ["njets", "run"]))
    for text, names in (
        (TASK, []),
        (shown, ["njets"]),
        (edited("evaluation.profiles", [], shown), []),
        (edited("evaluation.profiles", ["mass", "run"], shown), ["mass", "run"]),
    ):
        project = load(text)
        found = {one.figure.name for one in plan.figures.of_task(project, "task0")}
        assert ({"efficiency", "sculpting"} <= found) is bool(names)
        assert [one["name"] for one in settings(drawn(project, "sculpting", "task0"))["profiled"]] == names
    text = KINDS["regression"]
    refused(
        "evaluation.profiles.0: 'mas' is no feature or spectator: .* 'mass'", edited("evaluation.profiles", ["mas"])
    )
    assert load(edited("evaluation.profiles", ["mass"], text))
    text = KINDS["unsupervised"]
    refused("evaluation.profiles: of cuts between signal and", edited("evaluation.profiles", ["mass"], text))
    refused("evaluation.profile_efficiencies.0: .*less than 1", edited("evaluation.profile_efficiencies", [50]))


def test_importances_are_of_models_that_learn_targets_unless_they_are_left_out():
    project = load(TASK)
    known = settings(plan.importance.importance(project, "task0"))
    assert (known["rows"], known["repeats"], known["group"]) == (10_000, 5, ["run", "event"])
    assert plan.importance.of_models(project, "task0") == ["results/task0/models/mlp/importance.json"]
    folds = load(edited("split", {"folds": 3}))
    assert len(plan.importance.rows(folds, "task0")) == 3 * len(plan.importance.rows(project, "task0"))
    for text, says in (
        (TASK.replace("evaluation: {", "evaluation: {importance: null, "), "as evaluation.importance says"),
        (KINDS["unsupervised"], "it has no targets"),
    ):
        without = load(text)
        assert plan.importance.of_models(without, "task0") == []
        assert "importances" not in {one.figure.name for one in plan.figures.of_task(without, "task0")}
        with pytest.raises(SnakerootError, match=says):
            plan.importance.importance(without, "task0")


def test_the_seed_of_the_config_reaches_what_is_random_but_not_the_split():
    before, after = specs(), specs(seed=2)
    assert {name for name in before if before[name] != after[name]} == {"generate", "train", "metrics"}


def test_each_fold_has_its_own_split():
    project = load(edited("split", {"folds": 3}))
    assert project.folds("task0") == ["0", "1", "2"]
    split = (plan.split.split(project, "task0", "vbf", "part0000", fold) for fold in project.folds("task0"))
    assert [settings(one)["fold"] for one in split] == [0, 1, 2]


def test_a_model_has_a_network_for_each_fold_and_replica():
    project = load(edited("models.mlp.replicas", 2, edited("split", {"folds": 2})))
    networks = ["fold0-replica0", "fold0-replica1", "fold1-replica0", "fold1-replica1"]
    assert project.each_network("task0", "mlp", "fold{fold}-replica{replica}") == networks
    assert settings(drawn(project, "history", "task0", "mlp"))["networks"] == networks
    assert settings(plan.metrics.metrics(project, "task0"))["models"][0]["networks"] == 4
    assert len(seeds(project, "mlp")) == 4


def test_networks_and_replicas_have_seeds_of_their_own():
    project = load(edited("models.other", {"architecture": "mlp"}))
    assert len(seeds(project, "mlp") | seeds(project, "other")) == 8


def seeds(project, model):
    """Of the networks of two folds and two replicas."""
    networks = [(fold, replica) for fold in "01" for replica in "01"]
    return {settings(plan.train.train(project, "task0", model, *network))["seed"] for network in networks}


SEARCH = {"rounds": 2, "trials_per_round": 5, "trials_per_job": 2, "space": {"dropout": {"float": [0.0, 0.5]}}}
SEARCHED = edited("models.searched", {"architecture": "mlp", "tuning": SEARCH})
ROUND = {"task": "task0", "model": "searched", "round": "1"}
PRUNED = edited("models.searched.tuning.pruning", {"name": "successive_halving", "minimum_epochs": 50}, SEARCHED)


@pytest.mark.parametrize(
    ("text", "wildcards", "figure", "says"),
    [
        (TASK, {"task": "task"}, None, "tasks/task.yaml: no such task file: did you mean 'task0'"),
        (TASK, {"task": "task0", "model": "ml"}, None, "task0: there is no model 'ml': did you mean 'mlp'"),
        (TASK, {"task": "task0", "sample": "zzz"}, None, "task0: there is no sample 'zzz': did you mean 'zz'"),
        (TASK, {"task": "task0", "sample": "zz", "part": "a-0"}, None, "there is no part 'a-0': Known: a-"),
        (TASK, {"task": "task0", "model": "mlp", "fold": "1"}, None, "task0: there is no fold '1': Known: 0"),
        (TASK, {"task": "task0", "fold": "00"}, None, "task0: there is no fold '00'"),
        (TASK, {"task": "task0", "model": "mlp", "replica": "7"}, None, "task0: there is no replica '7': Known: 0"),
        (TASK, {"task": "task0", "feature": "mas"}, "input-{feature}", "'input-mas': did you mean 'input-mass'"),
        (TASK, {"task": "task0", "feature": "mass"}, "block-{feature}", "there is no figure 'block-mass'"),
        (TASK, {"task": "task0"}, "residuals", "there is no figure 'residuals'"),
        (TASK, {"task": "task0", "model": "mlp"}, "tuning-history-{model}", "no figure 'tuning-history-mlp'"),
        (TASK, {"variable": "mass41"}, None, "there is no variable 'mass41': did you mean 'mass4l'"),
        (TASK, {"variable": "fatjet_mass"}, None, "there is no variable 'fatjet_mass'"),
        (TASK, {"sample": "vb", "part": "part0000"}, None, "no task generates a sample 'vb': did you mean 'vbf'"),
        (TASK, {"sample": "zz", "part": "part0000"}, None, "no task generates a sample 'zz'"),
        (TASK, {"sample": "vbf", "part": "part0003"}, None, "there is no part 'part0003': did you mean 'part0002'"),
        (SEARCHED, {"task": "task0", "model": "mlp", "round": "0"}, None, "the model 'mlp' has no 'tuning'"),
        (SEARCHED, ROUND | {"round": "2"}, None, "task0: there is no round '2': Known: 0, 1"),
        (SEARCHED, ROUND | {"trials": "1-2"}, None, "task0: there is no trials '1-2': "),
        (SEARCHED, ROUND | {"trials": "4", "rung": "0"}, None, "task0: there is no rung '0': Known: none"),
        (PRUNED, ROUND | {"trials": "4", "rung": "9"}, None, "task0: there is no rung '9': Known: 0, 1"),
    ],
)
def test_what_a_path_names_and_the_config_has_not(text, wildcards, figure, says):
    with pytest.raises(SnakerootError) as caught:
        plan.names.check(load(text), wildcards, figure)
    assert says in str(caught.value)


def test_what_a_path_names_and_the_config_has():
    project = load(PRUNED)
    part = next(iter(project.parts["task0"]["zz"]))
    for wildcards, figure in (
        ({"task": "task0", "sample": "zz", "part": part, "fold": "0", "split": "train"}, None),
        ({"sample": "vbf", "part": "part0002"}, None),
        ({"variable": "mass4l"}, None),
        ({"task": "task0", "model": "mlp", "fold": "0", "replica": "0"}, None),
        ({"task": "task0", "feature": "mass"}, "input-{feature}"),
        ({"task": "task0", "model": "searched"}, "tuning-slices-{model}"),
        ({"task": "task0"}, "roc"),
        (ROUND | {"trials": "2-3", "rung": "0"}, None),
    ):
        plan.names.check(project, wildcards, figure)
    plan.names.check(project, {"task": "task0", "model": "searched"}, search=True)
    with pytest.raises(SnakerootError, match="task0: the model 'mlp' has no 'tuning'"):
        plan.names.check(project, {"task": "task0", "model": "mlp"}, search=True)


def test_what_the_proposals_of_a_round_wait_for():
    """In rounds, for the round before; sliding over three, for all but the two before."""
    space = {"dropout": {"float": [0.0, 0.5]}}
    tuning = {"rounds": 2, "trials_per_round": 3, "space": space}
    project = load(edited("models.mlp.tuning", tuning))
    assert plan.tune.known(project, "task0", "mlp", 0) == plan.tune.pending(project, "task0", "mlp", 1) == []
    assert [path.rsplit("/", 1)[1] for path in plan.tune.known(project, "task0", "mlp", 1)] == ["history0.json"]
    assert len(plan.tune.results(project, "task0", "mlp", "1")) == 3
    project = load(edited("models.mlp.tuning", tuning | {"schedule": "sliding"}))
    assert plan.tune.known(project, "task0", "mlp", 2) == []
    assert [path.rsplit("/", 1)[1] for path in plan.tune.known(project, "task0", "mlp", 4)] == ["history1.json"]
    assert [path.rsplit("/", 2)[1] for path in plan.tune.pending(project, "task0", "mlp", 4)] == ["round2", "round3"]
    assert len(plan.tune.results(project, "task0", "mlp", "5")) == 1
    assert plan.tune.finished(project, "task0", "mlp")[0].endswith("history5.json")


def test_the_trials_of_a_job():
    """Of rounds of five, two in each, and one in the last."""
    tuning = {"rounds": 2, "trials_per_round": 5, "trials_per_job": 2, "space": {"dropout": {"float": [0.0, 0.5]}}}
    project = load(edited("models.mlp.tuning", tuning))
    results = plan.tune.results(project, "task0", "mlp", "1")
    assert [path.rsplit("/", 2)[1] for path in results] == ["trial0-1", "trial2-3", "trial4"]
    assert settings(plan.tune.trials(project, "task0", "mlp", "1", "2-3"))["trials"] == [2, 3]


PRUNING = {"name": "successive_halving", "minimum_epochs": 3}


def test_the_rungs_of_a_trial():
    """After 3 and 6 epochs of 10; of 5 trials 2 go on from the first rung, and 1 from the second."""
    space = {"dropout": {"float": [0.0, 0.5], "points": 7}}
    tuning = {"sampler": "grid", "trials_per_round": 5, "pruning": PRUNING, "space": space}
    project = load(edited("models.mlp.tuning", tuning | {"training": {"max_epochs": 10}}))
    assert plan.tune.rungs(project, "task0", "mlp") == [3, 6]

    def known(*words):
        found = settings(plan.tune.trials(project, "task0", "mlp", *words))
        return found["model"]["until"], found["promotion"] and found["promotion"]["count"]

    assert [known("0", "4", "0"), known("0", "4", "1"), known("0", "4")] == [(3, None), (6, 2), (None, 1)]
    assert known("1", "1", "1") == (6, 1), "the last round of the grid has two trials"
    assert plan.tune.before_rung(project, "task0", "mlp", "0", "0") == []
    assert plan.tune.begin(project, "task0", "mlp", "0", "4", "0") == []
    assert [len(plan.tune.before_rung(project, "task0", "mlp", "0", *rung)) for rung in (["1"], [])] == [5, 5]
    assert [path.rsplit("/", 3)[1:] for path in plan.tune.begin(project, "task0", "mlp", "0", "4")] == [
        ["trial4", "rung1", "states"]
    ]


@pytest.mark.parametrize(
    ("tuning", "says"),
    [
        (
            {"space": {"dropout": {"float": [0.0, 1.0]}}},
            r"tuning\.space\.dropout: 1\.0 is refused: dropout: .*less than 1",
        ),
        ({"space": {"droput": {"float": [0.0, 0.5]}}}, r"space\.droput: 0\.0 is refused: unknown key 'droput'"),
        (
            {"space": {"inputs": {"choices": ["mass"]}}},
            "space.inputs: not a setting of the architecture or the training",
        ),
        (
            {"space": {"dropout": {"float": [0, 0.5]}}, "training": {"epochs": 3}},
            r"tuning\.training: unknown key 'epochs'",
        ),
        ({"space": {"dropout": {"float": [0, 0.5]}}, "trials_per_job": 5}, "trials_per_job: a round has 4 trials"),
        (
            {"space": {"dropout": {"float": [0, 0.5]}}, "trials_per_job": 2, "schedule": "sliding"},
            "trials that slide are jobs of their own",
        ),
        (
            {"space": {"dropout": {"float": [0, 0.5]}}, "pruning": PRUNING, "training": {"max_epochs": 3}},
            r"tuning\.pruning\.minimum_epochs: 3 is not below the max_epochs of the trials, 3",
        ),
    ],
)
def test_a_search_beyond_what_the_model_takes(tuning, says):
    refused(says, edited("models.mlp.tuning", tuning))


SEQUENCE = {"order_by": "pt", "length": 5, "channels": {"pt": "pt", "deta": "eta", "dphi": "phi"}}


def with_sequence(architecture, space, **settings):
    model = {"architecture": architecture, "tuning": {"space": space}, **settings}
    return edited("models", {"net": model}, edited("sequences", {"s": SEQUENCE}))


@pytest.mark.parametrize(
    ("architecture", "settings", "space", "says"),
    [
        (
            "mlp",
            {},
            {"training.batch_size": {"float": [32, 64]}},
            r"training.batch_size: a whole number, .* int: \[32, 64\]$",
        ),
        ("mlp", {}, {"hidden.units": {"float": [4, 8]}}, r"hidden.units: a whole number, so write int: \[4, 8\]$"),
        ("mlp", {}, {"training.batch_size": {"float": [32, 64], "step": 0.5}}, "training.batch_size: a whole number"),
        (
            "conv1d",
            {},
            {"kernel": {"int": [1, 7]}},
            "kernel: 2 is refused: kernel: .* by a 'step', or list 'choices'",
        ),
        (
            "conv1d",
            {},
            {"kernel": {"int": [3, 9999]}},
            "kernel: 9999 is refused: kernel: .*less than or equal to 99",
        ),
        ("conv1d", {}, {"training.loss": {"choices": ["huber", "hubert"]}}, "training.loss: 'hubert' is refused"),
        (
            "particle_transformer",
            {"momentum": "pt"},
            {"heads": {"int": [1, 4]}},
            "heads: 3 is refused: .*32 cannot be",
        ),
        (
            "particle_transformer",
            {"momentum": "pt"},
            {"momentum": {"choices": ["pt", "log_pt"]}},
            "momentum: 'log_pt' is refused: momentum: s has no channel 'log_pt': did you mean 'pt'",
        ),
    ],
)
def test_what_a_search_would_come_to_try_between_its_ends(architecture, settings, space, says):
    refused(f"^tasks/task0.yaml:[0-9:]* models.net.tuning.space.{says}", with_sequence(architecture, space, **settings))


@pytest.mark.parametrize(
    ("architecture", "settings", "space"),
    [
        ("conv1d", {}, {"kernel": {"int": [1, 7], "step": 2}}),
        ("mlp", {}, {"training.batch_size": {"float": [32, 64], "step": 16}}),
        # 3 heads cannot share 32 units, the default, but those that are searched too
        ("particle_transformer", {"momentum": "pt"}, {"heads": {"int": [1, 3]}, "units": {"int": [6, 60], "step": 6}}),
        # the default is no channel, and never tried
        ("particle_transformer", {}, {"momentum": {"choices": ["pt"]}}),
    ],
)
def test_what_a_search_may_try(architecture, settings, space):
    load(with_sequence(architecture, space, **settings))


def test_components_that_are_searched_are_fewer_than_the_inputs():
    def searched(high):
        tuning = {"space": {"components": {"int": [1, high]}}}
        return edited("models", {"net": {"architecture": "autoencoder", "tuning": tuning}}, KINDS["unsupervised"])

    text = edited("features.more", "m", searched(2))
    load(text)
    refused("space.components: 2 is refused: components: 2 of 2 inputs would be a copy", searched(2))


def test_a_loss_that_trees_do_not_have():
    text = edited("models", {"net": {"architecture": "gbdt", "training": {"loss": "huber"}}}, KINDS["regression"])
    refused("models.net.training.loss: a gbdt has squared_error and absolute_error, not huber", text)


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("split", {"folds": 100}, r"task0: models.mlp \(20,103\)"),
        ("models.mlp.tuning", {"rounds": 1000, "trials_per_round": 1000}, r"task0: models.mlp.tuning \(1,002,001\)"),
        ("models.mlp.tuning", {"sampler": "grid"}, r"task0: models.mlp.tuning \(23,440\)"),
    ],
)
def test_more_jobs_than_can_be_planned(keys, value, says):
    text = edited("models.mlp.replicas", 100) if keys == "split" else TASK
    space = {f"training.{name}": {"float": [0, 0.5]} for name in ("l1", "l2", "label_smoothing", "checkpoint_minutes")}
    space |= {name: {"float": [0.1, 0.5]} for name in ("dropout", "training.learning_rate")}
    text = edited(keys, value | ({"space": space} if "tuning" in keys else {}), text)
    refused(rf"jobs are more than max_jobs, 20,000: most are of {says}", text)
    load(text, max_jobs=2_000_000)


def test_more_parts_than_can_be_planned():
    text = edited("samples.vbf.generate", {"process": "vbf_h4mu", "events": 2**31 - 1, "events_per_part": 1})
    refused(r"^tasks/task0.yaml:[0-9:]* samples.vbf.generate: 2,147,483,647 parts are more jobs", text)


def test_more_rounds_change_no_spec_of_a_search():
    space = {"dropout": {"float": [0.0, 0.5]}}
    few, many = (load(edited("models.mlp.tuning", {"rounds": rounds, "space": space})) for rounds in (2, 9))
    assert plan.tune.propose(few, "task0", "mlp", "1") == plan.tune.propose(many, "task0", "mlp", "1")
    assert plan.tune.trials(few, "task0", "mlp", "1", "0") == plan.tune.trials(many, "task0", "mlp", "1", "0")
    assert plan.tune.best(few, "task0", "mlp") == plan.tune.best(many, "task0", "mlp")


def test_a_file_is_of_several_samples_that_take_other_things_from_it(tmp_path):
    other = {"class": "background", "files": ["data/a.root"], "cross_section": 1.0, "generated": 1}
    refused("is in the sample 'zz' too", edited("samples.other", other))
    for key, value in (("tree", "other"), ("selection", "label == 0")):
        project = load(edited("samples.other", other | {key: value}))
        parts = project.parts["task0"]
        assert next(iter(parts["other"])) in parts["zz"]
        given = [
            settings(plan.features.features(project, "task0", sample, next(iter(parts["other"]))))
            for sample in ("zz", "other")
        ]
        assert given[0][key] != given[1][key]
        refused(
            "is in the sample 'other' too",
            edited("samples.third", other | {key: value}, edited("samples.other", other | {key: value})),
        )
    assert given[1]["selection"] == "(label == 0) & ((m > 0) & (n > 1))"


def test_only_the_kinds_of_blocks_and_files_that_a_task_has_count(tmp_path):
    (tmp_path / "data/c.h5").touch()
    sequence = {"order_by": "pt", "length": 5, "channels": {"pt": "pt"}}
    tree = {"pt": "pt", "eta": "eta", "phi": "phi", "length": 5}

    def packages(text):
        project = load(edited("samples.zz.files", ["data/*"], text))
        return {
            path: set(json.loads(plan.features.features(project, "task0", "zz", part))["packages"])
            for part, path in project.parts["task0"]["zz"].items()
        }

    plain, objects, trees = (
        packages(edited(key, value))
        for key, value in (("chunk", 1), ("sequences", {"s": sequence}), ("trees", {"t": tree}))
    )
    assert plain == objects
    assert {"cramjam", "deflate", "uproot", "xxhash"} == plain["data/a.root"] - plain["data/c.h5"]
    assert not {"fastjet", "h5py"} & plain["data/a.root"]
    assert trees["data/a.root"] - plain["data/a.root"] == {"fastjet"}


def test_channels_are_the_same_for_who_makes_a_block_and_who_takes_it():
    """A spec keeps no order of keys."""
    channels = {"z": "pt", "a": "eta", "m": "phi"}
    text = edited("images", {"i": {**BLOCKS["images"]["i"], "channels": channels}})
    project = load(edited("sequences", {"s": {**BLOCKS["sequences"]["s"], "channels": channels}}, text))
    part = next(iter(project.parts["task0"]["zz"]))
    made = FeaturesSettings.model_validate(settings(plan.features.features(project, "task0", "zz", part)))
    for name in ("i", "s"):
        assert made.inputs[name] == project.tasks["task0"].inputs[name]
        roles = [role.removeprefix("channels.") for role in made.blocks[name].expressions() if "." in role]
        assert roles == made.inputs[name].channels == ["a", "m", "z"]


def test_rows_without_a_class_are_scored_by_the_fold_that_would_test_them():
    Path("c.root").touch()
    text = edited("samples.data", {"files": ["c.root"]})
    project = load(text, TASK)
    [part] = project.parts["task0"]["data"]
    assert project.scored("task0", "unlabelled", "0") == [f"results/task0/features/data/{part}.parquet"]
    assert "results/task0/models/mlp/predictions/unlabelled.parquet" in plan.targets.of_tasks(project, project.tasks)
    assert not [
        path
        for path in plan.targets.of_tasks(project, project.tasks)
        if path.startswith("results/task1/") and "unlabelled" in path
    ]
    for split in ("train", "validation", "test"):
        files = project.scored("task0", split, "0")
        assert len(files) == 5
        assert not [file for file in files if f"/{split}/" not in file or "/data/" in file]
    folds = load(edited("split", {"folds": 3}, text))
    assert folds.scored("task0", "unlabelled", "2") == [f"results/task0/split/fold2/test/data/{part}.parquet"]
    with pytest.raises(
        SnakerootError, match="task1: there are no predictions without labels: no sample is without a cl"
    ):
        project.scored("task1", "unlabelled", "0")
    regression = edited("kind", "regression", edited("target", "m", edited("samples", {"data": {"files": ["c.root"]}})))
    assert not load(regression).unlabelled("task0")
