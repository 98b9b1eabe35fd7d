"""Exported models: ONNX Runtime gives what torch gives, for every architecture, in every run, and says so of itself."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import networks
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from snakeroot.errors import SnakerootError
from snakeroot.export import parity
from snakeroot.export.graph import FAR, Graph
from snakeroot.export.make import make
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.inputs import Input, size
from snakeroot.networks.layers.boosted_trees import KINDS
from snakeroot.networks.network import Network, build, scale
from snakeroot.networks.objectives import OBJECTIVES, columns, regression
from snakeroot.predict.combine import total
from snakeroot.train.fitted import Problem
from snakeroot.train.settings import Training
from trainings import together

INPUTS = {
    "scalar": networks.scalars(4),
    "image": [networks.image(8, 9, 2)],
    "sequence": [networks.sequence(12, ["deta", "dphi", "log_pt"])],
    "tree": [networks.tree(9, 3)],
}


def rows_of(inputs: Sequence[Input], rows: int, seed: int = 3) -> NDArray[np.float32]:
    """Return rows of all inputs side by side, of all lengths and shapes of trees.

    In every other row of sequences whole numbers stand, so that many objects are as far from each other as others are.
    """
    random = torch.Generator().manual_seed(seed)
    leaves = [1 + (seed + row) % 5 for row in range(rows)]
    made = []
    for one in inputs:
        if one.kind == "sequence":
            block = networks.sequences(rows, one.positions[0], len(one.channels), seed)
            block[::2] = block[::2].round()
        elif one.kind == "tree":
            block = networks.trees(leaves, one.positions[0], len(one.channels), seed)
        else:
            block = torch.randn(rows, one.size, generator=random)
        made.append(block.flatten(1).float())
    return torch.cat(made, dim=1).numpy()


def model(name: str, inputs: Sequence[Input], seed: int, missing: bool = False) -> Network:
    """Return a network with weights, scaling and, if inputs may be missing, medians and indicators."""
    module = ARCHITECTURES.load(name)
    kind = module.LEARNS[0]
    torch.manual_seed(seed)
    told = [inputs[0].name] if missing and getattr(module, "MISSING", "indicated") == "indicated" else []
    further = [Input(name=f"missing_{number}") for number in range(len(told))]
    outputs = {"binary": 1, "unsupervised": 0}[kind]
    if hasattr(module, "fit"):
        training = Training(max_epochs=15)
        layers = module.fit(module.Architecture(), training, problem(kind, inputs, training, seed, missing)).layers
    else:
        layers = module.build(module.Architecture(), [*inputs, *further], outputs)
    impute = missing and getattr(module, "MISSING", "") != "passed"
    network = Network(layers, inputs, told, impute=impute)
    numbers = torch.tensor([value for one in inputs for value in one.spread([1.0] * len(one.channels), 0.0)])
    network.mean += numbers * torch.rand(size(inputs)) / 10
    network.standard_deviation += numbers * torch.rand(size(inputs))
    if network.median is not None:
        network.median[: sum(one.missing for one in inputs)] = 0.3
    return (network.double() if hasattr(module, "fit") else network).eval()


def problem(kind: Any, inputs: Sequence[Input], training: Training, seed: int, missing: bool) -> Problem:
    data = []
    for number in (seed, seed + 10):
        features = torch.from_numpy(rows_of(inputs, 300, number)).double()
        target = (features[:, 0] + features[:, 1] > 0).double()
        if missing and kind == "binary":
            features[::7, 0] = torch.nan
        data.append(together(features, target, torch.ones(300, dtype=torch.float64)))
    return Problem(*data, OBJECTIVES.load(kind).make(training, 2, 1.0), seed, list(inputs))


def graph(name: str, replicas: int = 2, *, missing: bool = False) -> Graph:
    module = ARCHITECTURES.load(name)
    inputs = [one for kind in module.TAKES for one in INPUTS[kind]]
    if missing:
        scalar = next(place for place, one in enumerate(inputs) if one.kind == "scalar")
        inputs[scalar] = inputs[scalar].model_copy(update={"missing": True})
        inputs = [inputs[scalar], *inputs[:scalar], *inputs[scalar + 1 :]]
    networks_ = [model(name, inputs, 1 + number, missing) for number in range(replicas)]
    return Graph(networks_, OBJECTIVES.load(module.LEARNS[0]).predictions).eval()


def session(made: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])


def names(of: Graph) -> list[str]:
    return [f"output{number}" for number in range(of.predicted() * min(len(of.networks), 2))]


@pytest.mark.parametrize(("name", "replicas"), [*((name, 1) for name in ARCHITECTURES.names()), ("mlp", 3)])
def test_every_architecture_is_exported_and_gives_what_torch_gives(name: str, replicas: int) -> None:
    of = graph(name, replicas)
    made = make(of, names(of))
    rows = rows_of(of.inputs, 40)
    opened = session(made)
    assert [one.name for one in opened.get_inputs()] == [one.name for one in of.inputs]
    assert parity.check(of, opened, rows) < parity.TOLERANCE
    # apart from the check of the stage: the mean and the spread of the networks themselves
    predictions = OBJECTIVES.load(ARCHITECTURES.load(name).LEARNS[0]).predictions
    with torch.no_grad():
        own = np.stack([predictions(network(torch.from_numpy(rows))).numpy() for network in of.networks])
    expected = [own.mean(0)] + ([own.std(0, ddof=1)] if replicas > 1 else [])
    np.testing.assert_allclose(parity.scored(opened, of.inputs, rows), np.hstack(expected), rtol=1e-5, atol=1e-6)
    assert all(np.ptp(column) > 1e-4 for column in np.hstack(expected).T), "the rows are told apart by nothing"


@pytest.mark.parametrize("loss", ["likelihood", "quantiles"])
def test_what_a_regression_says_of_its_uncertainty_is_combined_as_predictions_are(loss: Literal["likelihood"]) -> None:
    """Of sigma it is that of the replicas' mixture; quantiles are averaged, as predictions are."""
    objective = regression.make(Training(loss=loss), 0, 20.0)
    scaling = {one.name: {"mean": [0.5], "standard_deviation": [2.0]} for one in INPUTS["scalar"]}
    replicas = []
    for seed in (1, 2, 3):
        torch.manual_seed(seed)
        replicas.append(build("mlp", {}, INPUTS["scalar"], objective.outputs, (), objective.uncertainties).eval())
        scale(replicas[-1], scaling | {"target": {"mean": [70.0], "standard_deviation": [20.0]}})
    of = Graph(replicas, regression.predictions).eval()
    known = columns("regression", [], 0, objective.uncertainties)
    opened, rows = session(make(of, [*known, *(f"{name}_spread" for name in known)])), rows_of(of.inputs, 40)
    assert parity.check(of, opened, rows) < parity.TOLERANCE
    with torch.no_grad():
        said = np.stack([one(torch.from_numpy(rows)).double().numpy() for one in replicas])
    expected = [*said.mean(0).T, *said.std(0, ddof=1).T]
    if loss == "likelihood":
        expected[1] = total(said[:, :, 0], said[:, :, 1])
    found = parity.scored(opened, of.inputs, rows)
    np.testing.assert_allclose(found, np.stack(expected, 1), rtol=1e-4, atol=1e-3)
    assert [one.name for one in opened.get_outputs()][:2] == ["prediction", objective.uncertainties[0]]
    assert np.ptp(found, axis=0).min() > 1e-2, "the rows are told apart by nothing"


@pytest.mark.parametrize("name", ["mlp", "gbdt", "kmeans"])
def test_what_is_missing_is_what_the_network_makes_of_it(name: str) -> None:
    """Imputed with an indicator, passed as it is, or imputed alone."""
    of = graph(name, replicas=1, missing=True)
    opened = session(make(of, names(of)))
    rows = rows_of(of.inputs, 40)
    rows[::3, 0] = np.nan
    assert parity.check(of, opened, rows) < parity.TOLERANCE
    got = parity.scored(opened, of.inputs, rows)
    assert np.isfinite(got).all()
    rows[4, 1] = np.nan  # which may not be
    got = parity.scored(opened, of.inputs, rows)
    assert np.isnan(got[4]).all()
    assert np.isfinite(np.delete(got, 4, axis=0)).all()


def test_what_is_not_finite_or_absurd_has_no_score() -> None:
    of = graph("mlp", replicas=1)
    opened = session(make(of, ["score"]))
    rows = rows_of(of.inputs, 6)
    rows[:5, 2] = [np.nan, np.inf, -np.inf, np.finfo(np.float32).max, 10 * FAR]
    got = parity.scored(opened, of.inputs, rows)
    assert np.isnan(got).any(1).tolist() == [True] * 5 + [False]


def test_two_exports_are_the_same_bytes_and_name_no_file_of_this_machine() -> None:
    of = graph("mlp")
    one, other = (make(copy.deepcopy(of), names(of)).SerializeToString(deterministic=True) for _ in range(2))
    assert one == other
    assert b".py" not in one
    assert b"site-packages" not in one


def test_a_graph_that_is_another_network_is_refused_with_the_row() -> None:
    of = graph("mlp", replicas=1)
    opened = session(make(of, ["score"]))
    with torch.no_grad():
        next(of.networks[0].layers.parameters()).add_(0.1)
    with pytest.raises(SnakerootError, match=r"another one than torch's: score is 0\.\d+, not 0\.\d+, for row 0 of 40"):
        parity.check(of, opened, rows_of(of.inputs, 40))


def test_targets_of_hundreds_are_compared_as_exactly_as_they_are_known() -> None:
    """Replicas that nearly agree have a spread that is a difference of large numbers."""
    of = graph("mlp", replicas=1)
    of.networks[0].target_mean += 60_000
    of.networks[0].target_standard_deviation *= 50_000
    networks = [of.networks[0], *(copy.deepcopy(of.networks[0]) for _ in range(2))]
    with torch.no_grad():
        for number, network in enumerate(networks):
            next(network.layers.parameters()).add_(1e-5 * number)
    regression = Graph(networks, OBJECTIVES.load("regression").predictions).eval()
    rows = rows_of(of.inputs, 1000)
    opened = session(make(regression, ["prediction", "prediction_spread"]))
    assert np.abs(parity.scored(opened, of.inputs, rows)).max(axis=0)[1] < 10
    assert parity.check(regression, opened, rows) < parity.TOLERANCE
    networks[0].target_mean += 20
    with pytest.raises(SnakerootError, match="another one than torch's: prediction"):
        parity.check(regression, opened, rows)


def test_a_graph_that_is_right_for_one_number_of_rows_alone_is_refused() -> None:
    """As exporters make, without a word, of a size that is read as a number."""
    of = graph("linear", replicas=1)
    right = session(make(of, ["score"]))

    class Wrong:
        def run(self, outputs: None, blocks: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float64]]:
            scores: list[NDArray[np.float64]] = right.run(outputs, blocks)
            return [scores[0] + (len(scores[0]) == 7)]

        def get_outputs(self) -> Any:
            return right.get_outputs()

    with pytest.raises(SnakerootError, match="of 7 rows"):
        parity.check(of, Wrong(), rows_of(of.inputs, 40))  # type: ignore[arg-type]


def test_trees_of_one_leaf_are_exported_too() -> None:
    inputs = INPUTS["scalar"]
    layers = networks.make("gbdt", inputs)
    leaf = {"feature": [0], "threshold": [0.0], "left": [0], "right": [0], "value": [0.7]}
    # its leaves are not the last nodes: numbers of nodes and of leaves differ
    branch = {
        "feature": [1, 0, 2, 0, 0],
        "threshold": [0.1, 0.0, -0.2, 0.0, 0.0],
        "left": [2, 1, 3, 3, 4],
        "right": [1, 1, 4, 3, 4],
        "value": [0.0, 5.0, 0.0, 7.0, 9.0],
    }
    layers.fill(torch.tensor([0.5]), [[tensors(leaf)], [tensors(branch)]], 2)
    of = Graph([Network(layers, inputs).double().eval()], OBJECTIVES.load("binary").predictions)
    rows, opened = rows_of(inputs, 50), session(make(of, ["score"]))
    assert parity.check(of, opened, rows) < 1e-12
    expected = np.where(rows[:, 1] > np.float64(0.1), 5.0, np.where(rows[:, 2] <= -0.2, 7.0, 9.0)) + 1.2
    np.testing.assert_allclose(parity.scored(opened, inputs, rows)[:, 0], 1 / (1 + np.exp(-expected)))


def test_thresholds_next_to_each_other_stay_apart() -> None:
    """They are in double precision, as scikit-learn has them."""
    values = np.float32(1.0) + np.arange(4, dtype=np.float32) * np.spacing(np.float32(1.0))
    cuts = [(float(low) + float(high)) / 2 for low, high in pairwise(values)]
    inputs = networks.scalars(1)
    layers = networks.make("gbdt", inputs)
    ways = {"feature": [0, 0, 0], "left": [1, 1, 2], "right": [2, 1, 2], "value": [0.0, 0.0, 1.0]}
    layers.fill(torch.tensor([0.0]), [[tensors({**ways, "threshold": [cut, 0.0, 0.0]})] for cut in cuts], 1)
    of = Graph([Network(layers, inputs).double().eval()], OBJECTIVES.load("binary").predictions)
    got = parity.scored(session(make(of, ["score"])), inputs, values[:, None])[:, 0]
    np.testing.assert_allclose(np.log(got / (1 - got)), [0, 1, 2, 3], atol=1e-12)


def tensors(tree: dict[str, list[Any]]) -> dict[str, torch.Tensor]:
    return {key: torch.tensor(values, dtype=KINDS.get(key, torch.int64)) for key, values in tree.items()}
