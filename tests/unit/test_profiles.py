"""How a score depends on variables: shares with intervals, divergences, correlations, and their figures."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import norm
from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.binary import efficiency, sculpting
from snakeroot.evaluate.classified import correlation
from snakeroot.evaluate.dependence import RANDOM_CUTS, by_chance, choose, correlations, distance_correlation, divergence
from snakeroot.evaluate.predictions import read
from snakeroot.evaluate.proportions import shares


def test_shares_of_unit_weights_have_wilsons_interval():
    """Its ends are where the share is one standard deviation of the binomial distribution of the end away."""
    place = np.repeat([0, 1, 2, 3], [40, 7, 5, 1])
    passed = np.concatenate([np.arange(40) < 13, np.zeros(7), np.ones(5), [1]]).astype(bool)
    table = shares(place, 5, passed, np.full(53, 0.3))
    np.testing.assert_allclose(table["share"][:4], [13 / 40, 0, 1, 1])
    assert table["entries"].tolist() == [40, 7, 5, 1, 0]
    for share, low, high, count in table[["share", "low", "high", "entries"]].to_numpy()[:4]:
        for end in (low, high):
            assert end in (0, 1) or abs(share - end) == pytest.approx(np.sqrt(end * (1 - end) / count))
    assert table["low"][1] == 0
    assert table["high"][1] == pytest.approx(1 / 8)
    assert table[["share", "low", "high"]].iloc[4].isna().all()


def test_intervals_of_weighted_shares_contain_the_truth_as_often_as_they_say():
    """Weights that differ by a factor of thirty, and more so for what passes: 68.3 % of 2,000 toys within 3 σ."""
    random = np.random.default_rng(3)
    toys, count = 2000, 120
    passed = random.random((toys, count)) < 0.3
    weight = np.exp(random.normal(0, 0.7, (toys, count)) + 0.5 * passed)
    truth = 0.3 * np.exp(0.5) / (0.3 * np.exp(0.5) + 0.7)
    place = np.repeat(np.arange(toys), count)
    table = shares(place, toys, passed.ravel(), weight.ravel())
    covered = float(((table["low"] <= truth) & (truth <= table["high"])).mean())
    assert covered == pytest.approx(2 * norm.cdf(1) - 1, abs=3 * np.sqrt(0.683 * 0.317 / toys) + 0.01)
    assert not (shares(place, toys, passed.ravel(), weight.ravel(), copies=4.0)["high"] <= table["high"]).any()


def test_shares_of_weights_of_both_signs_are_told_as_they_are():
    weight = np.array([1.0, 1.0, -0.5, 1.0, -1.0, 0.5])
    passed = np.array([True, True, False, True, False, False])
    table = shares(np.array([0, 0, 0, 1, 1, -1]), 2, passed, weight)
    assert table["share"][0] == pytest.approx(2 / 1.5)
    deviation = np.sqrt((1 - 2 / 1.5) ** 2 * 2 + (2 / 1.5) ** 2 * 0.25) / 1.5
    assert table["low"][0] == pytest.approx(2 / 1.5 - deviation)
    assert table["high"][0] == pytest.approx(2 / 1.5 + deviation)
    assert table[["share", "low", "high"]].iloc[1].isna().all(), "what cancels has no share"


def test_divergence_is_that_of_jensen_and_shannon():
    random = np.random.default_rng(5)
    for _ in range(20):
        first, second = random.uniform(0, 1, (2, 9)) * (random.random((2, 9)) < 0.7)
        assert divergence(first, second) == pytest.approx(jensenshannon(first, second, base=2) ** 2)
    assert divergence(np.array([1.0, 0.0]), np.array([0.0, 3.0])) == 1
    assert divergence(np.array([1.0, 2.0]), np.array([2.0, 4.0])) == 0
    assert divergence(np.array([1.0, -0.2]), np.array([2.0, 0.0])) == 0, "a bin below nothing is empty"
    assert np.isnan(divergence(np.array([0.0, -0.2]), np.array([2.0, 0.0])))


def test_a_random_cut_has_the_divergence_that_is_said_of_it():
    """A cut that knows nothing of a variable lies among the random ones; one that does lies far beyond them."""
    random = np.random.default_rng(7)
    count, bins = 4000, 20
    value, score = random.normal(size=(2, count))
    place = np.clip(np.digitize(value, np.linspace(-3, 3, bins - 1)), 0, bins - 1)
    weight = random.uniform(0.5, 1.5, count)
    before = np.bincount(place, weight, bins)

    def after(passed):
        return divergence(np.bincount(place[passed], weight[passed], bins), before)

    kept = 300
    [chance] = by_chance({"x": place}, {"x": bins}, weight, kept, [1])
    assert chance.shape == (RANDOM_CUTS,)
    own = [after(np.argsort(random.normal(size=count))[:kept]) for _ in range(200)]
    assert chance.mean() == pytest.approx(np.mean(own), abs=4 * np.std(own) / np.sqrt(RANDOM_CUTS))
    assert after(np.argsort(score)[:kept]) < chance.mean() + 4 * chance.std()
    assert after(np.argsort(score + 0.5 * value)[:kept]) > chance.mean() + 20 * chance.std()
    np.testing.assert_array_equal(by_chance({"x": place}, {"x": bins}, weight, kept, [1])[0], chance)


def definition(first, second):
    """Székely, Rizzo and Bakirov's definition 4, entry by entry."""
    count = len(first)

    def centred(values):
        away = [[abs(one - other) for other in values] for one in values]
        row = [sum(line) / count for line in away]
        column = [sum(line[place] for line in away) / count for place in range(count)]
        mean = sum(row) / count
        return [[away[k][m] - row[k] - column[m] + mean for m in range(count)] for k in range(count)]

    def covariance(one, other):
        return sum(one[k][m] * other[k][m] for k in range(count) for m in range(count)) / count**2

    one, other = centred(first), centred(second)
    return np.sqrt(covariance(one, other) / np.sqrt(covariance(one, one) * covariance(other, other)))


def test_distance_correlation_is_that_of_the_definition():
    random = np.random.default_rng(11)
    first = random.normal(size=12)
    second = first**2 + 0.1 * random.normal(size=12)
    equal = np.full(12, 0.7)
    assert distance_correlation(first, second, equal)[0] == pytest.approx(definition(first, second))
    assert distance_correlation(first, -3 * first + 1, equal)[0] == pytest.approx(1)
    weight = np.array([1, 2, 3] * 4)
    copied = (np.repeat(first, weight), np.repeat(second, weight))
    assert distance_correlation(first, second, weight.astype(float))[0] == pytest.approx(definition(*copied))
    assert np.isnan(distance_correlation(first, np.ones(12), equal)).all()
    assert np.isnan(distance_correlation(first, second, np.array([1.0, -1.0] * 6))).all()


def test_what_independent_variables_would_have_is_the_mean_over_all_permutations():
    first, second = np.random.default_rng(13).normal(size=(2, 5))
    equal = np.ones(5)
    squares = [definition(first, np.array(order)) ** 2 for order in itertools.permutations(second)]
    assert distance_correlation(first, second, equal)[1] ** 2 == pytest.approx(np.mean(squares))


def test_rows_whose_distances_are_taken_are_known_and_the_same_each_time():
    known = np.arange(9000) % 3 == 0
    rows = choose(known, 5)
    assert len(np.unique(rows)) == 2000
    assert known[rows].all()
    np.testing.assert_array_equal(rows, choose(known, 5))
    assert choose(known[:9], 5).tolist() == [0, 3, 6]


COUNT = 3000
MODELS = [{"name": name, "label": name, "number": number} for number, name in enumerate(("good", "blind"))]
SETTINGS = {
    "luminosity": None,
    "energy": 13.0,
    "models": MODELS,
    "signal": "S",
    "background": "B",
    "profiled": [
        {"name": "x", "axis": {"label": "x", "range": [-3, 3], "bins": 60}},
        {"name": "y", "axis": {"label": "y"}},
    ],
    "efficiencies": [0.5, 0.8],
    "seed": 1,
}


def write(columns, path):
    table = pa.table(columns)
    tables.write([table], table.schema, path)
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two samples in two files, and the predictions of a model that knows x and of one that knows neither x nor y."""
    folder = tmp_path_factory.mktemp("profiles")
    random = np.random.default_rng(1)
    predicted = {model["name"]: [] for model in MODELS}
    features = []
    for target, sample in enumerate(("bkg", "sig")):
        x, y, noise = random.normal(target, 1, COUNT), random.normal(0, 1, COUNT), random.normal(0, 1, (2, COUNT))
        y[::100] = np.nan
        rows = {
            "id_event": np.arange(COUNT) + target * COUNT,
            "sample": pa.array([sample] * COUNT).dictionary_encode(),
            "part": pa.array(["p"] * COUNT).dictionary_encode(),
            "entry": np.arange(COUNT),
        }
        text = pa.array(["a"] * COUNT)
        features.append(write({**rows, "x": x, "y": y, "text": text}, folder / f"{sample}.parquet"))
        rows |= {"target": pa.array([target] * COUNT, pa.int8()), "fold": pa.array([0] * COUNT, pa.int8())}
        rows["weight"] = random.choice([1.0, 1.0, -0.1], COUNT) if sample == "bkg" else np.full(COUNT, 0.3)
        for model, raw in (("good", x + 0.5 * noise[0]), ("blind", target + noise[1])):
            score = 1 / (1 + np.exp(-raw))
            predicted[model].append(pa.table({**rows, "score_0": score, "score": score}))
    for name, parts in predicted.items():
        table = pa.concat_tables(parts).unify_dictionaries()
        tables.write([table], table.schema, folder / f"{name}.parquet")
    return folder, features


def drawn(module, project, **changes):
    folder, features = project
    known = {**SETTINGS, **changes}
    settings = module.Shown.model_validate({name: known[name] for name in module.Shown.model_fields if name in known})
    rows = [read(folder / f"{model.name}.parquet", "test", model.name) for model in settings.models]
    figure, numbers = module.draw(settings, rows, features)
    return figure, numbers, {model.name: one for model, one in zip(settings.models, rows, strict=True)}


def test_efficiencies_in_bins_are_those_of_the_rows_in_them(project):
    figure, numbers, rows = drawn(efficiency, project)
    assert len(figure.axes) == 4
    assert len(numbers) == 2 * 2 * 2 * (efficiency.BINS + 1)
    whole = numbers[np.isinf(numbers["low_edge"])]
    for (variable, model, wanted), one in whole.set_index(["variable", "model", "efficiency"]).iterrows():
        own = rows[model]
        passed = own.predicted >= one["cut"]
        for name, target in (("signal", 1), ("background", 0)):
            of_class = own.target == target
            share = own.weight[of_class & passed].sum() / own.weight[of_class].sum()
            assert one[name] == pytest.approx(share), variable
        assert wanted <= one["signal"] < wanted + 2e-3
        assert one["rejection"] == pytest.approx(1 / one["background"])
        assert one["rejection_low"] < one["rejection"] < one["rejection_high"]
    in_bins = numbers[np.isfinite(numbers["low_edge"])].query("signal_entries > 30")
    flat = in_bins.query("variable == 'y' and efficiency == 0.5")
    assert (abs(flat["signal"] - 0.5) < 2.5 * (flat["signal_high"] - flat["signal_low"])).all()
    steep = in_bins.query("variable == 'x' and model == 'good' and efficiency == 0.5")["signal"]
    assert steep.is_monotonic_increasing
    assert steep.iloc[-1] - steep.iloc[0] > 0.9


def test_sculpting_tells_a_variable_that_the_score_knows_from_one_that_it_does_not(project):
    figure, numbers, _ = drawn(sculpting, project)
    assert len(figure.axes) == 4
    by = ["variable", "model", "efficiency"]
    for _, table in numbers.groupby(by):
        assert table[["before", "after"]].sum().tolist() == pytest.approx([1, 1])
        some = table[table["before"] > 0]
        np.testing.assert_allclose(some["ratio"], some["after"] / some["before"])
    measured = numbers.drop_duplicates(by).set_index(by)
    excess = (measured["divergence"] - measured["divergence_random"]) / measured["divergence_random_error"]
    assert (excess["x"]["good"] > 20).all()
    assert (abs(excess["y"]) < 4).all()
    correlation = measured["correlation"] / measured["correlation_independent"]
    assert (correlation["x"]["good"] > 5).all()
    assert (correlation["y"] < 2).all()
    legend = figure.axes[0].get_legend()
    assert legend.get_title().get_text().startswith("after a cut at 80 % of the signal")
    _, again, _ = drawn(sculpting, project, models=MODELS[:1])
    pd.testing.assert_frame_equal(again, numbers.query("model == 'good'").reset_index(drop=True))


def test_variables_that_cannot_be_drawn_are_named(project):
    text = [{"name": "text", "axis": {"label": "text"}}]
    with pytest.raises(SnakerootError, match=r"evaluation\.profiles: 'text' holds text"):
        drawn(efficiency, project, profiled=text)
    folder, features = project
    settings = efficiency.Shown.model_validate(SETTINGS)
    rows = [read(folder / "good.parquet", "test", "good")] * 2
    swapped = replace(rows[1], target=rows[1].target[::-1])
    with pytest.raises(SnakerootError, match="its rows are not those of"):
        efficiency.draw(settings, [rows[0], swapped], features)
    assert not efficiency.applies(efficiency.Shown.model_validate({**SETTINGS, "profiled": []}))


def test_correlations_are_those_of_the_rows_that_both_have():
    random = np.random.default_rng(17)
    first, second = random.normal(size=(2, 400))
    third = first + random.normal(size=400)
    third[::7] = np.nan
    weight = random.integers(1, 4, 400).astype(float)
    columns = {"a": first, "b": second + 1e6, "c": third, "d": np.full(400, 3.3)}
    found = correlations(columns, weight).set_index(["first", "second"])
    for one, other in (("a", "b"), ("a", "c"), ("b", "c")):
        both = np.isfinite(columns[one]) & np.isfinite(columns[other])
        copies = weight[both].astype(int)
        expected = np.corrcoef(np.repeat(columns[one][both], copies), np.repeat(columns[other][both], copies))[0, 1]
        assert found.loc[(one, other), "correlation"] == pytest.approx(expected)
        assert found.loc[(one, other), "entries"] == both.sum()
    assert found.xs("d", level="second")["correlation"].isna().all(), "what does not vary"
    cancelling = correlations({"a": first, "b": second}, np.where(np.arange(400) % 2, 1.0, -1.0))
    assert np.isnan(cancelling["correlation"]).all()


def test_errors_of_correlations_are_their_spread_over_samples():
    random = np.random.default_rng(19)
    drawn = []
    for _ in range(400):
        first, other = random.normal(size=(2, 300))
        drawn.append(correlations({"a": first, "b": 0.7 * first + other}, random.uniform(0.2, 1.8, 300)).iloc[0])
    values = pd.DataFrame(drawn)[["correlation", "error"]].astype(float)
    assert values["error"].mean() == pytest.approx(values["correlation"].std(), rel=0.12)


def test_a_matrix_has_a_panel_of_each_class_with_its_own_rows(project):
    classes = [{"name": name, "label": name} for name in ("background", "signal")]
    features = [{"name": name, "label": name} for name in "xy"]
    figure, numbers, rows = drawn(correlation, project, classes=classes, features=features)
    panels = [axes for axes in figure.axes if axes.get_xticklabels() and axes.get_ylabel() != "Correlation [%]"]
    said = [[text.get_text() for text in axes.texts[-3:]] for axes in panels]
    assert [one for one, _, _ in said] == ["background", "signal"]
    assert {last for _, _, last in said} == {"missing: up to 1 % of a pair"}
    table = tables.read(project[1][1]).to_pandas()
    expected = np.corrcoef(table["x"], rows["good"].predicted[rows["good"].target == 1])[0, 1]
    found = numbers.query("`class` == 'signal'").set_index(["first", "second"])["correlation"]
    assert found["x", "score of good"] == pytest.approx(expected)
    assert f"{round(100 * expected)}" in [text.get_text() for text in panels[1].texts]
    assert found["x", "score of good"] > 0.8
    assert abs(found["x", "score of blind"]) < 0.1
