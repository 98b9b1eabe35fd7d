"""Particle flow and energy flow networks: sums over particles, in no order, and what such a sum must not see."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networks
import numpy as np
import pytest
import torch
from snakeroot.errors import SnakerootError
from snakeroot.networks import network
from snakeroot.networks.network import Network
from torch import Tensor, nn

LENGTH = 9
CHANNELS = ["charge", "deta", "log_pt", "dphi"]
INPUT = networks.sequence(LENGTH, CHANNELS)
SCALING = {"sequence": {"mean": [0.1, 0.0, 2.0, 0.01], "standard_deviation": [0.9, 0.3, 1.2, 0.2]}}
ATOL = 1e-6
"""Of scores of single precision whose sums have another number of terms."""


def make(name: str, length: int = LENGTH, **settings: Any) -> nn.Module:
    torch.manual_seed(1)
    known = {"phi": [6, 5], "hidden": [4]} | settings
    return networks.make(name, [networks.sequence(length, CHANNELS)], **known).double()


@pytest.mark.parametrize(("name", "channels", "number"), [("pfn", 3, 82_458), ("pfn", 4, 82_558), ("efn", 4, 82_358)])
def test_the_papers_number_of_parameters(name: str, channels: int, number: int) -> None:
    """Of arXiv:1810.05165 for two classes; arXiv:1902.08570 counts 82k of it. An EFN sees two of the channels."""
    paper = {"phi": [100, 100, 256], "hidden": [100, 100, 100]}
    module = networks.make(name, [networks.sequence(10, ["deta", "dphi", "log_pt", "charge"][:channels])], 2, **paper)
    assert networks.parameters(module) == number


@pytest.mark.parametrize("name", ["pfn", "efn"])
def test_sums_as_the_paper_has_them(name: str) -> None:
    module, blocks = make(name), networks.sequences(30, LENGTH, len(CHANNELS))
    lengths = blocks[:, -1].sum(1).int().tolist()
    assert {0, 1, LENGTH} <= set(lengths)
    layers = [layer for layer in module.encoders[0].phi if isinstance(layer, nn.Linear)]
    weights = [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in layers]
    with torch.no_grad():
        found = module.encoders[0](blocks).numpy()
    for block, length, ours in zip(blocks.numpy(), lengths, found, strict=True):
        momenta = np.exp(block[2, :length])
        expected = np.zeros(5)
        for charge, deta, log_pt, dphi, _ in block[:, :length].T:
            values = np.array([charge, deta, log_pt, dphi] if name == "pfn" else [deta, dphi])
            for weight, bias in weights:
                values = np.maximum(weight @ values + bias, 0)
            expected += values * (1 if name == "pfn" else np.exp(log_pt) / momenta.sum())
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["pfn", "efn"])
def test_neither_order_nor_padding_matters(name: str) -> None:
    module, blocks = make(name), networks.sequences(40, LENGTH, len(CHANNELS))
    expected = module(blocks.flatten(1))
    assert expected.std() > 1e-2
    order = torch.randperm(LENGTH, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(module(blocks[:, :, order].flatten(1)), expected, rtol=0, atol=1e-13)
    alone = torch.cat([module(block.flatten()[None]) for block in blocks])
    assert torch.allclose(alone, expected, rtol=0, atol=1e-13), "the longest of the batch"
    longer = make(name, LENGTH + 5)
    longer.load_state_dict(module.state_dict())
    padded = torch.cat([torch.zeros(40, 5, 2), blocks, torch.zeros(40, 5, 3)], dim=2)
    assert torch.allclose(longer(padded.flatten(1)), expected, rtol=0, atol=1e-13)


def jets(rows: int) -> Tensor:
    """Blocks of jets as features have them, float32: 3 to 7 particles of up to some 100 GeV."""
    random = torch.Generator().manual_seed(2)
    blocks = networks.sequences(rows, LENGTH, len(CHANNELS)).float()
    blocks[:, -1] = torch.arange(LENGTH) < torch.randint(3, LENGTH - 1, (rows, 1), generator=random)
    blocks[:, :-1] = torch.randn(rows, len(CHANNELS), LENGTH, generator=random)
    blocks[:, [1, 3]] *= 0.3
    blocks[:, 2] = 2 + 1.2 * blocks[:, 2]
    return blocks * blocks[:, -1:]


def split(blocks: Tensor) -> Tensor:
    """Split the first particle of each into two of its direction, of 30 % and 70 % of its momentum."""
    changed = blocks.clone()
    last = changed[:, -1].sum(1).long()
    rows = torch.arange(len(changed))
    changed[rows, :, last] = changed[:, :, 0]
    changed[:, 2, 0] += np.log(0.3)
    changed[rows, 2, last] += np.log(0.7)
    return changed


def soft(blocks: Tensor, log_pt: float) -> Tensor:
    """Add a particle of this momentum to each, anywhere."""
    changed = blocks.clone()
    last = changed[:, -1].sum(1).long()
    emitted = torch.randn(len(changed), len(CHANNELS) + 1, generator=torch.Generator().manual_seed(5))
    emitted[:, 2], emitted[:, -1] = log_pt, 1
    changed[torch.arange(len(changed)), :, last] = emitted
    return changed


def scaled(name: str) -> Network:
    """A network as a training makes it, with the scaling inside."""
    torch.manual_seed(1)
    made = network.build(name, {"phi": [32, 32], "hidden": [16]}, [INPUT], 1)
    network.scale(made, SCALING)
    return made.eval()


@torch.no_grad()
def moved(made: Network, blocks: Tensor, changed: Tensor) -> float:
    """Return by how much scores move at most, in the unit of their standard deviation."""
    before, after = (made(given.flatten(1)) for given in (blocks, changed))
    return ((after - before).abs().max() / before.std()).item()


def test_an_energy_flow_network_is_infrared_and_collinear_safe() -> None:
    made, blocks = scaled("efn"), jets(300)
    assert moved(made, blocks, split(blocks)) < ATOL * 10
    away = [moved(made, blocks, soft(blocks, float(np.log(pt)))) for pt in (1e-1, 1e-3, 1e-5, 1e-12)]
    for harder, softer in pairwise(away[:-1]):
        assert softer < harder / 50, "in proportion to its momentum"
    assert away[-1] < ATOL * 10
    other = scaled("pfn")
    assert moved(other, blocks, split(blocks)) > 0.1
    assert moved(other, blocks, soft(blocks, float(np.log(1e-12)))) > 0.1


def test_the_momentum_of_an_energy_flow_network_is_as_it_is_and_all_else_is_scaled() -> None:
    made = scaled("efn")
    one = INPUT.spread([0.1, 0.0, 0.0, 0.01], 0.0)
    other = INPUT.spread([0.9, 0.3, 1.0, 0.2], 1.0)
    assert made.mean.tolist() == pytest.approx(one)
    assert made.standard_deviation.tolist() == pytest.approx(other)
    assert scaled("pfn").mean.tolist() == pytest.approx(INPUT.spread(SCALING["sequence"]["mean"], 0.0))


def test_names_that_are_none_and_a_momentum_that_is_a_direction() -> None:
    with pytest.raises(SnakerootError, match="momentum: sequence has no channel 'log_p': did you mean 'log_pt'"):
        make("efn", momentum="log_p")
    with pytest.raises(SnakerootError, match=r"coordinates\.1: 'log_pt' is the momentum: .* not be infrared and"):
        make("efn", coordinates=["deta", "log_pt"])
    for name in ("pfn", "efn"):
        with pytest.raises(SnakerootError, match="inputs: none is of kind 'sequence' among x0"):
            networks.make(name, networks.scalars(1))


@pytest.mark.parametrize("name", ["pfn", "efn"])
def test_a_training_repeats_itself_and_learns_a_width(name: str) -> None:
    """Of class 1 are jets whose particles, by their momenta or by their number, are further from the axis."""
    blocks = jets(600)
    counted = blocks[:, -1] * (blocks[:, 2].exp() if name == "efn" else 1)
    width = (counted * blocks[:, 1].abs()).sum(1) / counted.sum(1)
    target = (width > width.median()).long()
    rows = blocks.flatten(1)
    found = []
    for _ in range(2):
        with networks.as_in_jobs():
            module = networks.make(name, [INPUT], phi=[16, 16], hidden=[16])
            networks.train(module, rows[:400], target[:400], 30, 0.01)
            found.append(module.state_dict())
    assert all(torch.equal(value, found[1][key]) for key, value in found[0].items())
    assert networks.accuracy(module, rows[400:], target[400:]) > 0.85
