"""The dense network, and its scaling."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
import torch
from pydantic import ValidationError
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.networks import network as networks
from snakeroot.networks import weights
from snakeroot.networks.architectures.mlp import Activation, Architecture, build
from trainings import scalars


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("hidden", [[], [7], [20, 20], [5, 4, 3]])
def test_shapes_and_number_of_parameters(activation, hidden):
    module = build(Architecture(hidden=hidden, activation=activation), scalars("x", "y", "z"), 2)
    widths = [3, *hidden, 2]
    expected = sum((before + 1) * after for before, after in pairwise(widths))
    assert sum(parameter.numel() for parameter in module.parameters()) == expected
    output = module(torch.zeros(11, 3))
    assert (output.shape, output.dtype) == ((11, 2), torch.float32)
    named = {layer.__class__.__name__.lower() for layer in module} - {"linear"}
    assert named == ({activation.replace("_", "")} if hidden else set())


def test_dropout_leaves_out_that_share_when_training_and_none_when_scoring():
    module = build(Architecture(hidden=[1000], dropout=0.3), scalars("x"), 1)
    after_dropout = module[:-1]
    torch.manual_seed(1)
    with torch.no_grad():
        module[0].weight.fill_(0)
        module[0].bias.fill_(1)
        values = after_dropout.train()(torch.ones(1, 1))[0]
        assert values.unique().tolist() == [0, pytest.approx(1 / 0.7)]
        assert abs((values == 0).float().mean().item() - 0.3) < 0.07  # 5 standard deviations
        assert after_dropout.eval()(torch.ones(1, 1))[0].eq(1).all()


@pytest.mark.parametrize(
    "given",
    [{"hidden": [0]}, {"hidden": [2.5]}, {"dropout": 1.0}, {"dropout": -0.1}, {"activation": "relo"}, {"units": 3}],
)
def test_settings_that_make_no_network(given):
    with pytest.raises(ValidationError):
        Architecture(**given)


def test_the_network_takes_raw_features_in_the_order_of_its_inputs():
    network = networks.build("mlp", {"hidden": []}, scalars("b", "a"), 1)
    scaling = {"a": {"mean": [1.0], "standard_deviation": [2.0]}, "b": {"mean": [-3.0], "standard_deviation": [0.5]}}
    networks.scale(network, scaling | {"c": {"mean": [0.0], "standard_deviation": [1.0]}})
    with torch.no_grad():
        network.layers[-1].weight[:] = torch.tensor([[10.0, 1.0]])
        network.layers[-1].bias.fill_(0.25)
        [[found]] = network(torch.tensor([[-2.0, 5.0]])).tolist()
    assert found == 10 * (-2 + 3) / 0.5 + (5 - 1) / 2 + 0.25


def test_weights_of_another_network_are_refused(tmp_path):
    path, other = tmp_path / "model.safetensors", tmp_path / "other.safetensors"
    network = networks.build("mlp", {"hidden": [3]}, scalars("x"), 1)
    digest = weights.save(network.state_dict(), path)
    known = {"architecture": "mlp", "settings": {"hidden": [3]}, "inputs": [{"name": "x"}], "outputs": 1}
    write_json(known | {"weights": digest}, tmp_path / "model.json")
    found = networks.load(path, tmp_path / "model.json").state_dict()
    assert all(torch.equal(found[name], values) for name, values in network.state_dict().items())
    weights.save(networks.build("mlp", {"hidden": [3]}, scalars("x"), 1).state_dict(), other)
    for content in (None, b"", b"junk" * 100, other.read_bytes()):
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SnakerootError, match=r"model\.safetensors: not the weights of .*; delete it and run again"):
            networks.load(path, tmp_path / "model.json")
        path.touch()
