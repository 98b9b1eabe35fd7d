"""Convolutions over images."""

from __future__ import annotations

import networks
import numpy as np
import pytest
import torch
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.networks.architectures.conv2d import Architecture
from torch import nn


def test_by_default_it_is_the_network_of_the_exercise() -> None:
    module = networks.make("conv2d", [networks.image(30, 30)])
    [encoder] = module.encoders
    kinds = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d]
    assert [type(layer) for layer in encoder.layers] == kinds
    assert [type(layer) for layer in module.head] == [nn.Linear, nn.ReLU, nn.Linear]
    convolution, normalisation, dense, output = 8 * 9 + 8, 2 * 8, 64 * (8 * 15 * 15 + 1), 64 + 1
    assert networks.parameters(module) == convolution + normalisation + dense + output
    assert module(torch.zeros(3, 900)).shape == (3, 1)


def test_deeper_with_channels_classes_and_scalars() -> None:
    inputs = [*networks.scalars(1), networks.image(9, 12, 2), *networks.scalars(1)]
    module = networks.make("conv2d", inputs, 4, filters=[3, 5], kernel=5, hidden=[], batch_normalisation=False)
    convolutions = 3 * (2 * 25 + 1) + 5 * (3 * 25 + 1)
    assert networks.parameters(module) == convolutions + 4 * (5 * 2 * 3 + 2 + 1)
    rows = torch.zeros(1, 1 + 2 * 9 * 12 + 1)
    alike = module(rows)
    assert alike.shape == (1, 4)
    for place in (0, 1, 1 + 9 * 12, 217):  # a scalar, a pixel of each channel, a scalar
        changed = rows.clone()
        changed[0, place] += 3
        assert not torch.equal(module(changed), alike)


def test_convolution_activation_and_pooling_as_written_down() -> None:
    """Of five pixels two pairs are pooled; the last one is dropped."""
    module = networks.make("conv2d", [networks.image(5, 7, 2)], filters=[3], batch_normalisation=False).double()
    encoder = module.encoders[0]
    images = torch.randn(2, 2, 5, 7, generator=torch.Generator().manual_seed(1)).double()
    weight, bias = (parameter.detach().numpy() for parameter in encoder.parameters())
    around = np.pad(images.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)))
    seen = np.array([
        [[(weight[f] * around[row, :, i : i + 3, j : j + 3]).sum() + bias[f] for j in range(7)] for i in range(5)]
        for row in range(2)
        for f in range(3)
    ]).reshape(2, 3, 5, 7)  # fmt: skip
    pooled = np.maximum(seen, 0)[:, :, :4, :6].reshape(2, 3, 2, 2, 3, 2).max((3, 5))
    assert encoder(images).detach().numpy() == pytest.approx(pooled.reshape(2, -1), abs=1e-12)


def test_batch_normalisation_is_kept_with_the_weights() -> None:
    """In training it standardises a batch; scoring takes the running averages, which are in the state_dict."""
    module = networks.make("conv2d", [networks.image(6, 6)])
    convolution, normalisation = module.encoders[0].layers[:2]
    rows = 3 + 2 * torch.randn(50, 36, generator=torch.Generator().manual_seed(1))
    seen = convolution(rows.view(50, 1, 6, 6)).detach()
    standard = normalisation(seen)
    assert torch.allclose(standard.mean((0, 2, 3)), torch.zeros(8), atol=1e-5)
    assert torch.allclose(standard.var((0, 2, 3), correction=0), torch.ones(8), atol=1e-2)
    assert torch.allclose(normalisation.running_mean, 0.1 * seen.mean((0, 2, 3)))
    averages = {key for key in module.state_dict() if "running" in key}
    assert averages == {f"encoders.0.layers.1.running_{name}" for name in ("mean", "var")}
    other = networks.make("conv2d", [networks.image(6, 6)])
    other.load_state_dict(module.state_dict())
    assert torch.equal(other.eval()(rows), module.eval()(rows))
    assert torch.allclose(module(rows[:1]), module(rows)[:1], atol=1e-5), "scored alone, or with others"


def test_a_training_repeats_itself_batch_normalisation_and_dropout_included() -> None:
    rows, target = torch.randn(200, 64, generator=torch.Generator().manual_seed(1)), torch.arange(200) % 2
    states = []
    for _ in range(2):
        with networks.as_in_jobs():
            module = networks.make("conv2d", [networks.image(8, 8)], filters=[4, 4], dropout=0.3)
            networks.train(module, rows, target, 2)
        states.append(module.state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_an_image_that_is_too_small() -> None:
    networks.make("conv2d", [networks.image(4, 9)], filters=[1, 1])(torch.zeros(2, 36))
    with pytest.raises(SnakerootError, match=r"filters: 3 layers .* 8 × 8 pixels, and image has 9 × 4: take fewer"):
        networks.make("conv2d", [networks.image(9, 4)], filters=[1, 1, 1])
    assert networks.make("conv2d", [networks.image(9, 4)], filters=[1, 1, 1], pool=1)(torch.zeros(2, 36)).shape == (
        2,
        1,
    )


def test_it_takes_an_image() -> None:
    with pytest.raises(SnakerootError, match="inputs: none is of kind 'image' among x0"):
        networks.make("conv2d", networks.scalars(1))


@pytest.mark.parametrize("given", [{"kernel": 2}, {"filters": []}, {"filters": [1.5]}, {"pool": 0}, {"dropout": 1}])
def test_settings_that_make_no_network(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Architecture.model_validate(given)


def test_it_learns_which_way_a_line_goes_wherever_it_is() -> None:
    random = torch.Generator().manual_seed(2)
    target = torch.randint(2, (1200,), generator=random)
    images = 0.3 * torch.randn(1200, 12, 12, generator=random)
    for image, upright in zip(images, target.tolist(), strict=True):
        across, along = torch.randint(12, (), generator=random), torch.randint(9, (), generator=random)
        (image.T if upright else image)[across, along : along + 4] += 1
    rows = images.flatten(1)
    with networks.as_in_jobs():
        found = {}
        for name, settings in (("conv2d", {"filters": [8, 8]}), ("linear", {})):
            module = networks.make(name, [networks.image(12, 12)], **settings)
            networks.train(module, rows[:600], target[:600], 15)
            found[name] = networks.accuracy(module, rows[600:], target[600:])
    assert found["conv2d"] > 0.95
    assert found["linear"] < 0.65
