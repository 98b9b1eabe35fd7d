"""The interaction network, against its paper's formulas written down for one pair after the other."""

from __future__ import annotations

from typing import Any

import networks
import numpy as np
import pytest
import torch
from snakeroot.errors import SnakerootError
from torch import nn

LENGTH, CHANNELS = 6, 3


def make(length: int = LENGTH, **settings: Any) -> nn.Module:
    torch.manual_seed(1)
    known = {"relation": [6, 5, 4], "objects": [7, 3], "hidden": [4], "activation": "elu"} | settings
    return networks.make("interaction_network", [networks.sequence(length, CHANNELS)], **known).double()


@pytest.mark.parametrize(
    ("first", "effects", "found", "outputs", "number"), [(256, 64, 32, 2, 148_962), (50, 14, 12, 16, 8767)]
)
def test_the_papers_numbers_of_parameters(first: int, effects: int, found: int, outputs: int, number: int) -> None:
    """Of JEDI-net with ΣO for 16 inputs, arXiv:1908.05318: table 7, of top tagging, and that of its resources.

    The latter's number is of a network of 16 outputs (ResourceEstimate.ipynb of the authors' JEDInet-code); of the
    paper's 5 classes such a network has 8481.
    """
    settings = {"relation": [first, first // 2, effects], "objects": [first, first // 2, found]}
    inputs, hidden = [networks.sequence(10, 16)], [first, first // 2]
    module = networks.make("interaction_network", inputs, outputs, **settings, hidden=hidden)
    assert networks.parameters(module) == number


def test_effects_as_the_paper_has_them() -> None:
    module, blocks = make(), networks.sequences(30, LENGTH, CHANNELS)
    lengths = blocks[:, -1].sum(1).int().tolist()
    assert {0, 1, LENGTH} <= set(lengths)
    encoder = module.encoders[0]

    def layers(sequential: nn.Sequential) -> list[tuple[Any, Any]]:
        linear = [layer for layer in sequential if isinstance(layer, nn.Linear)]
        return [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear]

    def through(known: list[tuple[Any, Any]], *given: Any) -> Any:
        values = np.concatenate(given)
        for weight, bias in known:
            values = weight @ values + bias
            values = np.where(values > 0, values, np.expm1(values))
        return values

    first = np.hstack([layer.weight.detach().numpy() for layer in (encoder.receiver, encoder.sender)])
    relation = [(first, encoder.receiver.bias.detach().numpy()), *layers(encoder.relation)]
    with torch.no_grad():
        found = encoder(blocks).numpy()
    for block, length, ours in zip(blocks.numpy(), lengths, found, strict=True):
        expected = np.zeros(3)
        particles = block[:-1, :length].T
        for i, one in enumerate(particles):
            effects = sum((through(relation, one, other) for j, other in enumerate(particles) if j != i), np.zeros(4))
            expected += through(layers(encoder.object), one, effects)
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


def test_neither_order_nor_padding_matters() -> None:
    module, blocks = make(), networks.sequences(40, LENGTH, CHANNELS)
    expected = module(blocks.flatten(1))
    assert expected.std() > 1e-2
    order = torch.randperm(LENGTH, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(module(blocks[:, :, order].flatten(1)), expected, rtol=0, atol=1e-13)
    alone = torch.cat([module(block.flatten()[None]) for block in blocks])
    assert torch.allclose(alone, expected, rtol=0, atol=1e-13), "the longest of the batch"
    longer = make(LENGTH + 5)
    longer.load_state_dict(module.state_dict())
    padded = torch.cat([torch.zeros(40, 4, 2), blocks, torch.zeros(40, 4, 3)], dim=2)
    assert torch.allclose(longer(padded.flatten(1)), expected, rtol=0, atol=1e-13)


def test_it_takes_a_sequence() -> None:
    with pytest.raises(SnakerootError, match="inputs: none is of kind 'sequence' among x0"):
        networks.make("interaction_network", networks.scalars(1))


def test_in_sixteen_bits() -> None:
    module = make().float()
    rows = networks.sequences(20, LENGTH, CHANNELS).float().flatten(1)
    with torch.autocast("cpu", torch.bfloat16):
        found = module(rows)
    found.sum().backward()
    assert torch.allclose(found.float(), module(rows), atol=0.1)


def test_a_training_repeats_itself_and_learns_what_only_pairs_tell() -> None:
    """Two values, each twice, in any order; of class 1 are jets whose alike particles have the same sign."""
    random = torch.Generator().manual_seed(4)
    target = torch.randint(2, (600,), generator=random)
    values = torch.randn(600, 1, 2, generator=random).repeat_interleave(2, dim=2)
    signs = torch.where(target[:, None] == 1, torch.tensor([1, 1, -1, -1]), torch.tensor([1, -1, 1, -1]))[:, None]
    rows = torch.cat([2 * values, signs, torch.ones(600, 1, 4)], dim=1).flatten(1)
    found = []
    for _ in range(2):
        with networks.as_in_jobs():
            module = networks.make("interaction_network", [networks.sequence(4, 2)])
            networks.train(module, rows[:400], target[:400], 40, 0.01)
            found.append(module.state_dict())
    assert all(torch.equal(value, found[1][name]) for name, value in found[0].items())
    assert networks.accuracy(module, rows[400:], target[400:]) > 0.9
