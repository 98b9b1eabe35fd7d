"""A training that begins with another network: what is taken, frozen, new, and how it is trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import build
from snakeroot.train.initial import settled
from unit.test_train import SCALING, inputs, run
from unit.test_train_in_parts import TRAININGS

__all__ = ["inputs"]  # a fixture

NAME = "other/net/fold0-replica0"
STILL = {"optimizer": "sgd", "learning_rate": 1e-30, "max_epochs": 1}
"""A training that changes nothing, in single precision."""


@pytest.fixture(scope="module")
def ancestor(inputs, tmp_path_factory):
    """The files of a network, and the network."""
    network, _, _, paths = run(tmp_path_factory.mktemp("ancestor"), inputs, seed=7)
    return [paths["weights"], paths["metadata"]], network


def begin(folder, files, ancestor, initial=None, **changed):
    """Train from the ancestor; return what `run` does."""
    return run(folder, files, ancestor=ancestor[0], initial={"name": NAME, **(initial or {})}, **changed)


def test_it_is_the_ancestor_before_the_first_step_whatever_its_own_scaling_is(tmp_path, inputs, ancestor):
    other = tmp_path / "scaling.json"
    write_json({**SCALING, "x": {"mean": [0.0], "standard_deviation": [7.0]}}, other)
    network, metadata, *_ = begin(tmp_path, {**inputs, "scaling": other}, ancestor, training=STILL, seed=3)
    rows = torch.tensor(np.random.default_rng(0).normal([10, -300], [2, 50], (100, 2)), dtype=torch.float32)
    assert torch.equal(network(rows), ancestor[1](rows))
    assert metadata["initial"]["scaled"] == ["x", "y"]


def test_what_is_frozen_stays_and_the_rest_is_trained(tmp_path, inputs, ancestor):
    _, metadata, _, paths = begin(tmp_path, inputs, ancestor, {"freeze": ["layers.0.*"]}, training={"l2": 0.1})
    before, after = load_file(ancestor[0][0]), load_file(paths["weights"])
    same = [name for name in after if name.startswith("layers") and torch.equal(before[name], after[name])]
    assert same == ["layers.0.bias", "layers.0.weight"]
    known = metadata["initial"]
    assert (sorted(known["frozen"]), known["new"], known["left"]) == (same, [], [])
    assert known["weights"] != metadata["weights"]
    assert known["name"] == NAME


@pytest.mark.parametrize("schedule", ["constant", "one_cycle", {"name": "exponential", "gamma": 0.9}])
def test_what_was_taken_has_its_own_rate_and_what_has_another_shape_is_new(tmp_path, inputs, ancestor, schedule):
    training = {"optimizer": "sgd", "schedule": schedule}
    _, metadata, history, paths = begin(
        tmp_path, inputs, ancestor, {"learning_rate": 1e-30}, training=training, settings={"hidden": [8, 5]}
    )
    before, after = load_file(ancestor[0][0]), load_file(paths["weights"])
    known = metadata["initial"]
    assert known["taken"] == ["layers.0.weight", "layers.0.bias"]
    assert known["new"] == ["layers.2.weight", "layers.2.bias", "layers.4.weight", "layers.4.bias"]
    assert sorted(known["left"]) == ["layers.2.bias", "layers.2.weight"]
    assert all(torch.equal(before[name], after[name]) for name in known["taken"])
    _, _, _, plain = run(tmp_path / "still", inputs, training=STILL, settings={"hidden": [8, 5]})
    drawn = load_file(plain["weights"])
    assert not any(torch.equal(drawn[name], after[name]) for name in known["new"])
    assert history["learning_rate"].iloc[0] > 1e-6  # that of what is new


@pytest.mark.parametrize("training", TRAININGS, ids=str)
def test_in_parts_it_ends_with_the_bytes_of_one_that_was_never_interrupted(tmp_path, inputs, ancestor, training):
    training = {"max_epochs": 4, "patience": 50, "learning_rate": 0.1} | training
    how = {"freeze": ["layers.0.bias"], "learning_rate": 0.01}
    given = {"training": training, "settings": {"hidden": [8, 5]}}
    *_, whole = begin(tmp_path / "whole", inputs, ancestor, how, **given)
    state = tmp_path / "state"
    begin(tmp_path / "first", inputs, ancestor, how, **given, end=[state], until=2)
    *_, parts = begin(tmp_path / "second", inputs, ancestor, how, **given, begin=[state])
    assert {name: path.read_bytes() for name, path in parts.items()} == {
        name: path.read_bytes() for name, path in whole.items()
    }


def test_a_state_that_began_with_another_network_is_not_gone_on_with(tmp_path, inputs, ancestor):
    begin(tmp_path / "first", inputs, ancestor, end=[tmp_path / "state"], until=2)
    *_, other = run(tmp_path / "other", inputs, seed=8)
    files = [other["weights"], other["metadata"]], None
    with pytest.raises(SnakerootError, match="not what an earlier part"):
        begin(tmp_path / "second", inputs, files, begin=[tmp_path / "state"])


@pytest.mark.parametrize(
    ("initial", "changed", "says"),
    [
        ({}, {"settings": {"hidden": [9]}}, r"no layer of .* layers.0.weight \(8, 2\).* layers.0.weight \(9,"),
        ({"layers": ["encoders.*"]}, {}, "initial.layers: .* has no weights 'encoders"),
        ({"freeze": ["layers.9.*"]}, {}, "initial.freeze: nothing that was taken is called 'layers.9"),
        ({"freeze": ["*"]}, {}, "all weights are frozen"),
        ({}, {"inputs": [{"name": "y"}, {"name": "x"}]}, r"other inputs than this network \(x, y; here y, x\)"),
    ],
)
def test_what_cannot_be_begun_with_is_refused(tmp_path, inputs, ancestor, initial, changed, says):
    with pytest.raises(SnakerootError, match=says):
        begin(tmp_path, inputs, ancestor, initial, **changed)


def test_files_that_do_not_belong_together_are_refused(tmp_path, inputs, ancestor):
    *_, other = run(tmp_path / "other", inputs, seed=8)
    with pytest.raises(SnakerootError, match="no weights to begin with"):
        begin(tmp_path / "first", inputs, ([other["weights"], ancestor[0][1]], None))
    damaged = tmp_path / "model.safetensors"
    damaged.write_bytes(ancestor[0][0].read_bytes()[:-9] + b"damaged!!")
    with pytest.raises(SnakerootError, match="damaged"):
        begin(tmp_path / "second", inputs, ([damaged, ancestor[0][1]], None))


def test_inputs_that_are_new_keep_their_own_scaling(tmp_path, inputs, ancestor):
    swapped = {"layers": ["layers.2.*"]}
    other = tmp_path / "scaling.json"
    write_json({name: {"mean": [1.0], "standard_deviation": [3.0]} for name in "xy"}, other)
    network, metadata, *_ = begin(
        tmp_path, {**inputs, "scaling": other}, ancestor, swapped, inputs=[{"name": "y"}], training=STILL
    )
    assert network.mean.tolist() == [-300.0]
    assert metadata["initial"]["taken"] == ["layers.2.weight", "layers.2.bias"]


def test_statistics_of_frozen_layers_stay() -> None:
    image = Input(name="image", kind="image", channels=["pt"], positions=[4, 4])
    network = build("conv2d", {"filters": [2], "batch_normalisation": True}, [image], 1)
    assert settled(network) == []
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(requires_grad=not name.startswith("layers.encoders"))
    network.train()
    for module in settled(network):
        module.eval()
    before = {name: value.clone() for name, value in network.named_buffers()}
    network(torch.rand(8, 16) + 5)
    assert all(torch.equal(before[name], value) for name, value in network.named_buffers() if "running" in name)
    assert any("running" in name for name in before)
