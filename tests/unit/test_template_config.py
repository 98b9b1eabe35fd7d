"""What is wrong with `templates:` of a task is told when the config is read, at its keys; what it plans otherwise."""

from __future__ import annotations

import pytest
import yaml
from snakeroot import plan
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from tasks import TASK, edited, load, refused, settings

TEMPLATES = """
regions:
  SR: {selection: score > 0.5, observable: score, binning: [0, 0.5, 1]}
  CR: {selection: (score <= 0.5) & (n > 1), observable: mass, binning: {quantiles: 3}}
systematics:
  zz_norm: {samples: [zz], normalisation: 0.1}
  pileup: {up: {weight: 1 + 0.01 * n}, down: {weight: 1 - 0.01 * n}}
  jes: {samples: [zz], up: {features: {mass: 1.1 * m}}}
  other: {samples: [zz], up: {files: [other/b.root]}}
"""
WITH = edited("templates", yaml.safe_load(TEMPLATES))


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("data/a.root", "data/c.root", "other/b.root", "more/d.root"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()


def changed(keys, value):
    return edited(f"templates.{keys}", value, WITH)


def test_a_mistake_has_its_line_and_column():
    text = TASK + "templates:\n  regions:\n    SR: {selection: scores > 0.5, observable: score, binning: [0, 1]}\n"
    with pytest.raises(SnakerootError) as error:
        load(text)
    [line] = str(error.value).splitlines()
    assert line.startswith("tasks/task0.yaml:17:10: templates.regions.SR.selection: 'scores' is no feature"), line
    assert "did you mean 'score'?" in line


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("signal", ["vbff"], r"templates.signal.0: no sample 'vbff': did you mean 'vbf'"),
        ("background", ["vbf"], None),
        ("signal", ["vbf", "vbf"], "signal.1: 'vbf' is of signal already"),
        ("data", "zz", "data: networks are trained on 'zz': what is observed has no class"),
        ("regions.SR.observable", "massjj", "SR.observable: 'massjj' is no feature, spectator or prediction"),
        ("regions.SR.observable", "m +", "SR.observable: not an expression"),
        ("regions.SR.binning", [0, 0], "SR.binning.1: edges ascend, and 0 is not above 0"),
        ("regions.SR.binning", [0], "SR.binning: .*at least 2"),
        ("regions.SR.binning", {"quantile": 3}, "SR.binning.*: unknown key 'quantile'"),
        ("regions.SR.binning", {"quantiles": 3, "samples": ["data"]}, "samples.0: no sample of the templates with a"),
        ("regions.SR.binning", {"quantiles": 3, "range": [1, 0]}, "range.1: edges ascend"),
        ("systematics.zz_norm.samples", ["ggh"], "zz_norm.samples.0: no sample of the templates 'ggh'"),
        ("systematics.zz_norm.normalisation", 1.2, "normalisation: .*less than 1"),
        ("systematics.zz_norm.up", {"weight": "2"}, "either 'normalisation' or 'up'"),
        ("systematics.pileup.up", {}, "pileup.up: nothing varies"),
        ("systematics.pileup.up", {"weight": "score"}, "pileup.up.weight: 'score' is no feature"),
        ("systematics.pileup.up", {"weight": "ratio"}, "'ratio' is no feature, spectator or prediction: .*spectators"),
        ("systematics.jes.up.features", {"masses": "m"}, "jes.up.features.masses: no feature 'masses': did you mean"),
        ("systematics.jes.up.definitions", {"d": "m"}, "jes.up.definitions.d: no definition 'd'"),
        ("systematics.other.up.files", ["data/none.root"], "other.up: 'data/none.root' matches no file"),
        ("systematics.other.samples", ["zz", "vbf"], "other.up.files: they are of one sample, and this .* is of 2"),
        ("systematics.other.samples", ["vbf"], "'vbf' is generated: give 'cross_section' and 'generated'"),
        ("systematics.jes.up.generated", 10, "jes.up.generated: it is of other files"),
        ("systematics.mu", {"normalisation": 0.1}, "systematics.mu: an uncertainty cannot be called 'mu'"),
        ("systematics.staterror_SR", {"normalisation": 0.1}, "cannot be called 'staterror_SR'"),
        ("systematics.JES", {"normalisation": 0.1}, "the systematics 'jes' and 'JES' are the same file"),
    ],
)
def test_mistakes_are_at_their_keys(keys, value, says):
    if says is None:
        refused("templates.*: 'vbf' is of signal", edited("templates.signal", ["vbf"], changed(keys, value)))
    else:
        refused(rf"tasks/task0.yaml:\d+:\d+: .*{says}", changed(keys, value))


def test_names_that_are_no_columns_and_histograms_of_one_name():
    defined = edited("definitions", {"ratio": "m / n"}, changed("regions.SR.observable", "ratio"))
    refused("'ratio' is a definition: carry it along", defined)
    load(edited("spectators", ["n", "ratio"], defined))
    sample = {"class": "background", "files": ["more/d.root"], "cross_section": 1.0, "generated": 1}
    clash = edited("samples.zz_pileupUp", sample, WITH)
    refused("a variation of it would have a histogram 'zz_pileupUp', as the sample has", clash)
    refused("files: an event of it is known by its file and entry", edited("event_id", "entry", WITH))


def test_a_definition_is_not_shifted_by_itself():
    shifted = changed("systematics.jes.up", {"definitions": {"ratio": "1.1 * ratio"}})
    refused(
        r"jes.up.definitions.ratio: a definition is made of itself: 'ratio' uses 'ratio'; write out what 'ratio' is",
        edited("definitions", {"ratio": "m / n"}, edited("features.ht", "ratio", shifted)),
    )


def test_a_branch_that_only_a_variation_uses_may_be_called_otherwise():
    shifted = changed("systematics.jes.up.features", {"mass": "m_up"})
    load(edited("samples.zz.branches", {"m_up": "mass_jes_up"}, shifted))
    refused("no expression of the task has the name 'm_up'", edited("samples.zz.branches", {"m_up": "b"}, WITH))


def test_without_classes_the_samples_are_named():
    task = edited("kind", "regression", edited("target", "m", WITH))
    for sample in ("vbf", "zz"):
        task = edited(f"samples.{sample}.class", None, task)
    task = edited("templates.regions", {"R": {"observable": "prediction - mass", "binning": [0, 1]}}, task)
    refused("templates: no sample is signal: name them, as signal: .vbf.", task)
    load(edited("templates.signal", ["vbf"], edited("templates.background", ["zz"], task)))


def test_a_sample_that_is_recorded_is_what_is_observed():
    recorded = {"files": ["more/d.root"], "data": True}
    project = load(edited("samples.recorded", recorded, changed("data", "recorded")))
    assert settings(plan.templates.templates(project, "task0", "mlp"))["data"] == "recorded"
    inputs = plan.templates.inputs(project, "task0", "mlp")
    assert inputs["unlabelled"] == ["results/task0/models/mlp/predictions/unlabelled.parquet"]
    refused(
        "data: 'recorded' is simulated",
        edited("samples.recorded", {**recorded, "data": False}, changed("data", "recorded")),
    )


def test_a_variation_is_a_task_of_its_own_with_the_networks_of_the_task():
    project = load(WITH)
    assert sorted(project.variations["task0"]) == ["jes-up", "other-up"]
    part = next(iter(project.parts["task0"]["zz"]))
    nominal = settings(plan.features.features(project, "task0", "zz", part))
    shifted = settings(plan.variations.features(project, "task0", "jes-up", "zz", part))
    assert shifted["features"] == {**nominal["features"], "mass": "1.1 * m"}
    assert {**shifted, "features": nominal["features"]} == nominal
    assert plan.variations.scored(project, "task0", "jes-up", "0") == [
        f"results/task0/variations/jes-up/split/fold0/test/zz/{name}.parquet" for name in project.parts["task0"]["zz"]
    ]
    assert list(project.varied_parts["task0"]["other-up"]["zz"].values()) == ["other/b.root"]
    other = settings(plan.variations.normalise(project, "task0", "other-up"))
    assert other["samples"] == {"zz": {"cross_section": 2.0, "generated": 100.0}}


def test_what_templates_are_made_from():
    project = load(WITH)
    known = settings(plan.templates.templates(project, "task0", "mlp"))
    assert known["regions"]["CR"]["binning"] == {"quantiles": 3, "samples": None, "range": None}
    assert "label" not in known["regions"]["SR"]
    inputs = plan.templates.inputs(project, "task0", "mlp")
    assert set(inputs) == set(plan.templates.INPUTS)
    assert inputs["unlabelled"] == inputs["unlabelled_features"] == []
    assert len(inputs["features"]) == sum(map(len, project.parts["task0"].values()))
    shifts = {name: (one["up"] or {}).get("parts") for name, one in known["uncertainties"].items()}
    assert shifts == {"zz_norm": None, "pileup": 0, "jes": len(project.parts["task0"]["zz"]), "other": 1}
    assert len(inputs["varied_features"]) == shifts["jes"] + 1
    assert inputs["validation"] == ["results/task0/models/mlp/predictions/validation.parquet"]


def test_of_a_score_the_bins_are_from_0_to_1():
    project = load(changed("regions.SR.binning", {"optimised": 4}))
    known = settings(plan.templates.templates(project, "task0", "mlp"))["regions"]
    assert known["SR"]["binning"]["range"] == [0.0, 1.0]
    assert known["CR"]["binning"]["range"] is None


def test_jobs_are_counted_with_those_of_variations():
    counts = plan.jobs.of_task(load(WITH), "task0")
    parts = {"jes": 2, "other": 1}
    assert counts["templates"] == 2
    assert counts["systematics"] == sum(2 * count + 1 + 1 + 1 for count in parts.values())
    assert "templates" not in plan.jobs.of_task(load(TASK), "task0")
    unlabelled = edited("samples.zz2", {"files": ["more/d.root"], "cross_section": 1.0, "generated": 1}, WITH)
    unlabelled = edited("templates.background", ["zz", "zz2"], unlabelled)
    unlabelled = edited("templates.systematics.jes.samples", ["zz", "zz2"], unlabelled)
    assert plan.jobs.of_task(load(unlabelled), "task0")["systematics"] == counts["systematics"] + 1, "it is not split"


def test_a_task_without_templates_has_none_and_says_so():
    project = load(TASK, WITH)
    assert not [path for path in plan.targets.of_tasks(project, ["task0"]) if "templates" in path]
    wanted = {path for path in plan.targets.of_tasks(project, ["task1"]) if "templates/" in path}
    assert wanted == {
        pattern.format(task="task1", model="mlp")
        for pattern in (paths.HISTOGRAMS, paths.WORKSPACE, paths.YIELDS, paths.FIT)
    }
    with pytest.raises(SnakerootError, match="task0: there are no templates"):
        plan.names.check(project, {"task": "task0", "model": "mlp"}, templates=True)
    with pytest.raises(SnakerootError, match="there is no variation 'jes-down': did you mean 'jes-up'"):
        plan.names.check(project, {"task": "task1", "variation": "jes-down", "sample": "zz"})
    with pytest.raises(SnakerootError, match="there is no sample 'vbf'"):
        plan.names.check(project, {"task": "task1", "variation": "jes-up", "sample": "vbf"})
