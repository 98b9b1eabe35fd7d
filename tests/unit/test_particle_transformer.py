"""The particle transformer."""

from __future__ import annotations

import math

import networks
import pytest
import torch
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.networks.architectures.particle_transformer import Architecture
from snakeroot.networks.inputs import Input
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

LENGTH = 7
CHANNELS = ["charge", "deta", "log_pt", "dphi"]
INPUT = networks.sequence(LENGTH, CHANNELS)


def make(one: Input = INPUT, outputs: int = 1, **settings: object) -> nn.Module:
    torch.manual_seed(1)
    module = networks.make(
        "particle_transformer", [one], outputs, **{"units": 8, "heads": 2, "dropout": 0.0} | settings
    )
    return module.double()


def test_shapes_and_number_of_parameters() -> None:
    module = make(layers=3, class_layers=2, pair_units=5, hidden=[6], outputs=3)
    units, wide = 8, 32
    embedding = wide * (4 + 1) + 2 * wide + units * (wide + 1)
    attention = 4 * units * (units + 1)
    dense = wide * (units + 1) + units * (wide + 1)
    layer = attention + dense + 2 * units * 3 + 2 * wide
    pairs = 5 * (3 + 1) + 2 * (5 + 1)
    head = 6 * (units + 1) + 3 * (6 + 1)
    assert networks.parameters(module) == embedding + pairs + 5 * layer + units + 2 * units + head
    assert module(networks.sequences(11, LENGTH, 4).flatten(1)).shape == (11, 3)


def test_attention_is_torchs() -> None:
    """Of two heads, with a bias that leaves some keys out."""
    attention = make().encoders[0].particle_layers[0].attention
    random = torch.Generator().manual_seed(2)
    queries, keys = (torch.randn(3, number, 8, generator=random).double() for number in (4, 6))
    bias = torch.randn(3, 2, 4, 6, generator=random).double()
    bias[..., 4:] = -1e4

    def heads(tokens: Tensor) -> Tensor:
        return torch.stack(tokens.split(4, dim=2), dim=1)

    expected = scaled_dot_product_attention(
        *(heads(given) for given in (attention.query(queries), attention.key(keys), attention.value(keys))), bias
    )
    expected = attention.out(torch.cat(expected.unbind(1), dim=2))
    assert torch.allclose(attention(queries, keys, bias), expected, rtol=0, atol=1e-13)
    keys[:, 4:] += 1
    assert torch.allclose(attention(queries, keys, bias), expected, rtol=0, atol=1e-13), "keys left out"


def test_the_features_of_a_pair() -> None:
    particles = torch.tensor([[0.0, 1.0, 5.0, 2.0], [9.0, 4.0, 7.0, -2.0]]).double()  # 3 and 4 apart
    features = make().encoders[0].pair_features
    found = features(particles[[0, 1, 0]], particles[[1, 0, 0]])
    assert found.shape == (3, 3)
    for pair in found[:2]:
        assert pair.tolist() == pytest.approx([math.log(5), 5, 7])
    assert found[2, 0].exp().item() == pytest.approx(1e-3)


def test_neither_order_nor_padding_matters() -> None:
    module = make()
    blocks = networks.sequences(40, LENGTH, 4)
    assert {0, 1, LENGTH} <= set(blocks[:, -1].sum(1).tolist())
    expected = module(blocks.flatten(1))
    assert expected.isfinite().all()
    assert expected.std() > 1e-3
    order = torch.randperm(LENGTH, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(module(blocks[:, :, order].flatten(1)), expected, rtol=0, atol=1e-13)
    alone = torch.cat([module(block.flatten()[None]) for block in blocks])
    assert torch.allclose(alone, expected, rtol=0, atol=1e-13), "the longest of the batch"
    longer = make(networks.sequence(LENGTH + 5, CHANNELS))
    longer.load_state_dict(module.state_dict())
    padded = torch.cat([torch.zeros(40, 5, 2), blocks, torch.zeros(40, 5, 3)], dim=2)
    assert torch.allclose(longer(padded.flatten(1)), expected, rtol=0, atol=1e-13)


def test_a_channel_that_is_not_there() -> None:
    with pytest.raises(SnakerootError, match=r"coordinates\.1: sequence has no channel 'dhi': did you mean 'dphi'"):
        make(coordinates=["deta", "dhi"])
    with pytest.raises(SnakerootError, match=r"momentum: sequence has no channel 'log_pt': .*Known: deta, dphi"):
        make(networks.sequence(LENGTH, ["deta", "dphi"]))
    without = make(networks.sequence(LENGTH, ["deta", "dphi"]), momentum=None)
    assert without(networks.sequences(3, LENGTH, 2).flatten(1)).shape == (3, 1)
    with pytest.raises(SnakerootError, match="inputs: none is of kind 'sequence' among x0"):
        networks.make("particle_transformer", networks.scalars(1))


@pytest.mark.parametrize("given", [{"units": 10, "heads": 4}, {"layers": 0}, {"coordinates": []}, {"dropout": 1.0}])
def test_settings_that_make_no_network(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Architecture.model_validate(given)


def test_in_sixteen_bits() -> None:
    module = make().float()
    rows = networks.sequences(20, LENGTH, 4).float().flatten(1)
    with torch.autocast("cpu", torch.bfloat16):
        found = module(rows)
    found.sum().backward()
    assert torch.allclose(found.float(), module(rows), atol=0.05)


def test_it_learns_who_is_close_to_whom() -> None:
    """Two pairs anywhere, two charges of each sign; in class 1 alike ones are close. Only pairs tell who is close."""
    random = torch.Generator().manual_seed(4)
    target = torch.randint(2, (1500,), generator=random)
    pairs = 2 * torch.randn(1500, 2, 2, generator=random).repeat_interleave(2, dim=2)
    places = pairs + 0.1 * torch.randn(1500, 2, 4, generator=random)
    signs = torch.where(target[:, None] == 1, torch.tensor([1, 1, -1, -1]), torch.tensor([1, -1, 1, -1]))[:, None]
    rows = torch.cat([places, signs, torch.ones(1500, 1, 4)], dim=1).flatten(1)
    with networks.as_in_jobs():
        inputs, settings = (
            [networks.sequence(4, ["deta", "dphi", "charge"])],
            {"momentum": None, "units": 16, "heads": 8, "layers": 1},
        )
        module = networks.make("particle_transformer", inputs, **settings)
        first = module.encoders[0].embed[0].weight
        where = torch.tensor([0.0, 0.0, 1.0])  # a particle does not know where it is
        first.data *= where
        first.register_hook(lambda gradient: gradient * where)
        networks.train(module, rows[:1000], target[:1000], 40, 0.005)
    assert networks.accuracy(module, rows[1000:], target[1000:]) > 0.95
