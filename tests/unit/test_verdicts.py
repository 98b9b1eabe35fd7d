"""What the opening of the report says: verdicts, the best model, and how it compares, on hand-made metrics."""

from __future__ import annotations

import copy

import pytest
from snakeroot.report import opening
from snakeroot.report.comparison import compared
from snakeroot.report.diagnoses import diagnoses
from snakeroot.report.settings import ModelEntry, SampleEntry, Section
from snakeroot.report.verdicts import verdicts

SPLITS = ("train", "validation", "test")
AUDIT = {
    "overlap": 0,
    "duplicates": {"within": {"vbf": 0}, "across_samples": 0},
    "traps": {"named": {}, "separating": {}, "sentinels": {}, "few": {}},
}
PARTS = [
    {"steps": [{"step": "read", "entries": 2000}, {"step": "written", "entries": 1000}], "negative_weights": 0},
    {"steps": [{"step": "read", "entries": 2000}, {"step": "written", "entries": 1000}], "negative_weights": 0},
]


def split(auc, **more):
    return {"auc": auc, "auc_low": auc - 0.01, "auc_high": auc + 0.01, "unweighted": {"auc": auc}, **more}


def model(*areas, **more):
    return dict(zip(SPLITS, map(split, areas), strict=True)) | more


def binary(**models):
    return {"kind": "binary", "models": models}


def overtrained(verdict, difference):
    role = {"statistic": 0.1, "p": 0.5}
    auc = {"train": 0.9, "test": 0.9 - difference, "difference": difference, "low": 0, "high": 1}
    return {"signal": role, "background": role, "auc": auc, "verdict": verdict}


def found(metrics, audit=AUDIT, parts=PARTS):
    return {one.name: one for one in verdicts(metrics, audit, parts)}


def test_nothing_wrong_is_said_for_all_that_was_measured_and_nothing_else():
    known = found(binary(mlp=model(0.91, 0.9, 0.9)))
    assert {name: one.state for name, one in known.items()} == dict.fromkeys(
        ("Leaks", "Traps", "Not a number", "Weights", "Statistics"), "good"
    )


def test_leaks_are_bad_and_copies_are_told():
    audit = {**AUDIT, "duplicates": {"within": {"vbf": 40}, "across_samples": 2}}
    assert found(binary(), audit)["Leaks"].text == "no event is in two splits; 42 copies share the split of their event"
    assert found(binary(), {**audit, "overlap": 3})["Leaks"].state == "bad"


@pytest.mark.parametrize(
    ("kind", "trap", "state"),
    [
        ("named", {"run": "id"}, "bad"),
        ("separating", {"run": {"class": "signal", "auc": 1.0}}, "bad"),
        ("sentinels", {"run": {"-999": 0.5}}, "doubtful"),
    ],
)
def test_traps_are_as_bad_as_what_they_give_away(kind, trap, state):
    one = found(binary(), {**AUDIT, "traps": {**AUDIT["traps"], kind: trap}})["Traps"]
    assert (one.state, one.evidence) == (state, "warnings")
    assert one.text.endswith(": run")


def test_few_events_and_unbounded_metrics_are_doubtful():
    few = {**AUDIT, "traps": {**AUDIT["traps"], "few": {"the class 'signal'": 213}}}
    assert found(binary(), few)["Statistics"].text == "few events to train on: the class 'signal' (213)"
    unbounded = model(0.9, 0.9, 0.9)
    unbounded["test"] |= {"rejection_at_50": None, "rejection_at_50_low": 291.0, "rejection_at_50_high": None}
    one = found(binary(mlp=unbounded))["Statistics"]
    assert (one.state, one.text) == ("doubtful", "too few test events to bound rejection at 50 %")


def test_the_worst_model_makes_the_verdict_on_overtraining():
    known = {
        "fine": model(0.9, 0.9, 0.9, overtraining=overtrained("none", 0.001)),
        "deep": model(0.9, 0.9, 0.9, overtraining=overtrained("clear", 0.08)),
        "wide": model(0.9, 0.9, 0.9, overtraining=overtrained("suspected", 0.02)),
    }
    one = found(binary(**known))["Overtraining"]
    assert (one.state, one.text) == ("bad", "clear for deep (AUC +0.0800 on train)")
    assert verdicts(binary(**known), AUDIT, PARTS)[0] == one, "the worst stands first"
    del known["deep"]
    assert found(binary(**known))["Overtraining"].state == "doubtful"
    del known["wide"]
    assert found(binary(**known))["Overtraining"].state == "good"


@pytest.mark.parametrize(
    ("ece", "low", "state"),
    [
        (0.01, 0.005, "good"),
        (0.05, 0.015, "good"),
        (0.05, 0.03, "doubtful"),
        (0.3, 0.2, "bad"),
        (0.03, None, "doubtful"),
    ],
)
def test_calibration_is_judged_by_its_interval(ece, low, state):
    known = model(0.9, 0.9, 0.9)
    known["test"] |= {"ece": ece, "ece_low": low, "ece_high": 1.0}
    assert found(binary(mlp=known))["Calibration"].state == state
    fine = model(0.9, 0.9, 0.9)
    fine["test"] |= {"ece": 0.01, "ece_low": 0.0, "ece_high": 0.02}
    assert found(binary(mlp={**known, "ensemble": fine}))["Calibration"].state == "good", "the ensemble is what is used"


@pytest.mark.parametrize(
    ("coverage", "half", "state"),
    [
        (0.69, 0.004, "good"),
        (0.72, 0.03, "good"),
        (0.72, 0.004, "doubtful"),
        (0.64, 0.004, "doubtful"),
        (0.82, 0.004, "bad"),
    ],
)
def test_coverage_is_judged_by_its_interval(coverage, half, state):
    known = model(0.9, 0.9, 0.9)
    known["test"] |= {"coverage": coverage, "coverage_low": coverage - half, "coverage_high": coverage + half}
    known["test"]["nominal_coverage"] = 0.68
    verdict = found(binary(mlp=known))["Uncertainty"]
    assert verdict.state == state
    assert f"mlp ({100 * coverage:.3g} % of the 68 %)" in verdict.text
    assert "Uncertainty" not in found(binary(mlp=model(0.9, 0.9, 0.9)))


def test_what_is_not_finite_is_told_by_column():
    parts = [{**PARTS[0], "non_finite": {"x": 3}}, {**PARTS[1], "non_finite": {"x": 4, "y": 0}}]
    one = found(binary(), parts=parts)["Not a number"]
    assert (one.state, one.text) == ("doubtful", "inputs that are not finite: x (7)")
    without = model(0.9, 0.9, 0.9)
    without["test"]["remarks"] = ["r2 has no value: the targets' variance is not above 0"]
    assert found(binary(mlp=without), parts=parts)["Not a number"].text == "no value: r2 of mlp"


@pytest.mark.parametrize(("negative", "state"), [(0, "good"), (100, "good"), (500, "doubtful")])
def test_negative_weights_are_doubtful_if_they_are_many(negative, state):
    parts = [{**PARTS[0], "negative_weights": negative}, PARTS[1]]
    assert found(binary(), parts=parts)["Weights"].state == state


def test_metrics_out_of_their_range_are_bad():
    beyond = model(0.9, 0.9, 0.9)
    beyond["test"]["remarks"] = ["auc not in [0, 1], as 0.43 of the weights' magnitude is negative"]
    assert found(binary(mlp=beyond))["Weights"].state == "bad"


PAIR = {"metric": "auc", "difference": 0.02, "low": 0.01, "high": 0.03, "probability": 0.99}
PAIRS = [
    ({"model": "cnn", "reference": "mlp", **PAIR}, "Better than the next, mlp, by 0.02 [0.01, 0.03]"),
    (
        {
            "model": "mlp",
            "reference": "cnn",
            **PAIR,
            "difference": -0.02,
            "low": -0.03,
            "high": -0.01,
            "probability": 0.01,
        },
        "Better than the next, mlp, by 0.02 [0.01, 0.03]",
    ),
    ({"model": "cnn", "reference": "mlp", **PAIR, "probability": 0.8}, "Not significantly better than the next, mlp"),
    (
        {"model": "mlp", "reference": "cnn", **PAIR},
        "Yet on the test events the next, mlp, is better: the difference is -0.02 [-0.03, -0.01]",
    ),
    ({"model": "cnn", "reference": "mlp", **PAIR, "low": None}, "Next on validation: mlp; on the test events"),
    ({"model": "cnn", "reference": "other", **PAIR}, "Next on validation: mlp; whether"),
]


@pytest.mark.parametrize(("pair", "told"), PAIRS)
def test_the_best_is_so_on_validation_and_compared_on_test(pair, told):
    """The test split would choose the other one."""
    metrics = binary(mlp=model(0.9, 0.90, 0.95), cnn=model(0.9, 0.92, 0.93)) | {"comparisons": [pair]}
    best = opening.best(metrics)
    assert (best.model, best.metric, best.value) == ("cnn", "AUC", "0.9300 [0.9200, 0.9400]")
    assert best.against.startswith(told)


def test_less_is_better_in_a_regression():
    def of(validation):
        return {name: {"resolution": validation} for name in SPLITS}

    comparison = {"model": "b", "reference": "a", "metric": "resolution", "probability": 0.99}
    comparison |= {"difference": -1.0, "low": -1.5, "high": -0.5}
    best = opening.best({"kind": "regression", "models": {"a": of(3), "b": of(2)}, "comparisons": [comparison]})
    assert best.model == "b"
    assert best.against == "Better than the next, a, by 1 [0.5, 1.5] on the same test events (probability 0.99)."


def test_the_ensemble_stands_for_its_model():
    one = model(0.8, 0.8, 0.8, ensemble=model(0.9, 0.9, 0.9))
    best = opening.best(binary(mlp=one, cnn=model(0.85, 0.85, 0.85)))
    assert (best.model, best.called, best.value) == ("mlp", "mlp, ensemble", "0.9000 [0.8900, 0.9100]")


def test_models_that_cannot_be_ranked_are_not():
    of = {name: {"error": 0.5, "error_low": 0.4, "error_high": 0.6} for name in SPLITS}
    assert opening.best({"kind": "unsupervised", "models": {"pca": of, "kmeans": of}}) is None
    assert opening.best({"kind": "unsupervised", "models": {"pca": of}}).value == "0.5000 [0.4000, 0.6000]"
    nothing = {name: {"auc": None} for name in SPLITS}
    assert opening.best(binary(mlp=nothing)) is None


def test_what_was_learned_is_a_sentence():
    samples = [SampleEntry(name="vbf", class_name="signal"), SampleEntry(name="zz", class_name="background")]
    models = [ModelEntry(name=name, architecture="mlp", exported=[]) for name in "ab"]
    known = Section(
        task="one", samples=samples, models=models, inputs={"feature": 2, "image": 1}, parts=0,
        searches=[], figures=[],
    )  # fmt: skip
    assert opening.learned(known) == "Signal (vbf) from background (zz), told from 2 features and 1 image, by 2 models."
    kinds = {
        "multiclass": "Background / signal from each other, told from",
        "regression": "Generated pT, estimated from",
        "unsupervised": "What events look like, without classes (vbf, zz), learned from",
    }
    for kind, begins in kinds.items():
        other = known.model_copy(update={"kind": kind, "target": "generated pT"})
        assert opening.learned(other).startswith(begins)


def test_the_table_is_sorted_by_numbers_where_text_says_more():
    metrics = binary(mlp=model(0.9, 0.9, 0.9, parameters=501, epochs=60))
    metrics["models"]["mlp"]["test"] |= {"rejection_at_50": None, "rejection_at_50_low": 291.0, "loss": None}
    table = compared(metrics)
    cells = dict(zip(table.columns, table.rows["mlp"], strict=True))
    assert (cells["AUC"].text, cells["AUC"].interval, cells["AUC"].key) == ("0.9000", "[0.8900, 0.9100]", "0.9")
    assert (cells["Rejection at 50 %"].text, cells["Rejection at 50 %"].key) == ("> 291", "Infinity")
    assert (cells["Loss"].key, cells["Parameters"].key, cells["Best epoch"].text) == ("", "501.0", "–")


def test_overtraining_and_working_points_have_tables_where_they_were_measured():
    metrics = binary(mlp=model(0.9, 0.9, 0.9))
    assert diagnoses(metrics) == []
    known = copy.deepcopy(metrics)
    point = {"wanted": "signal_efficiency", "value": 0.5, "cut": 0.75, "signal_efficiency": 0.51, "rejection": None}
    point |= {"rejection_low": 291.0, "rejection_high": None, "signal_yield": 12.345, "signal_yield_error": 0.123}
    none = {"wanted": "background_rejection", "value": 100, "cut": None}
    loose = {"wanted": "signal_efficiency", "value": 0.9, "cut": 0.25, "rejection": 97.0, "rejection_low": 65.0}
    loose |= {"rejection_high": None, "signal_yield": 1_573_000.0, "signal_yield_error": 2400.0}
    known["models"]["mlp"] |= {"overtraining": overtrained("suspected", 0.02), "working_points": [point, loose, none]}
    overtraining, points = diagnoses(known)
    assert overtraining.table.loc["mlp"].to_dict() == {
        "Statistic, signal": "0.1000",
        "p, signal": "0.5",
        "Statistic, background": "0.1000",
        "p, background": "0.5",
        "AUC on train": "0.9000",
        "AUC on test": "0.8800",
        "Difference": "0.0200 [0.0000, 1.0000]",
        "Verdict": "suspected",
    }
    row = points.table.loc["mlp", "signal efficiency 0.5"]
    assert (row["Cut"], row["Rejection"], row["Signal yield"]) == ("0.7500", "> 291", "12.35 ± 0.12")
    row = points.table.loc["mlp", "signal efficiency 0.9"]
    assert row["Rejection"] == "97 [65, ∞]"
    assert row["Signal yield"].replace("\N{NARROW NO-BREAK SPACE}", " ") == "1 573 000 ± 2 400"
    assert points.table.loc["mlp", "background rejection 100"]["Cut"] == "–"
