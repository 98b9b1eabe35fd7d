"""Convolutions along sequences."""

from __future__ import annotations

import networks
import numpy as np
import pytest
import torch
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.networks.architectures.conv1d import Architecture


def test_the_example_of_the_lecture() -> None:
    """Three channels of length 4, filters of size 3 with the same length after it, two of them."""
    module = networks.make("conv1d", [networks.sequence(4, 3)], filters=[2], kernel=3)
    [convolution] = module.encoders[0].convolutions
    assert networks.parameters(convolution) == 2 * (3 * 3) + 2 == 20
    values = torch.tensor([[[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0], [10.0, 0.0, 0.0, 20.0]]])
    with torch.no_grad():
        convolution.bias[:] = torch.tensor([0.5, 0.0])
        convolution.weight[0] = torch.tensor([[1.0, 10.0, 100.0], [7.0, 7.0, 7.0], [0.0, 0.0, 0.0]])
        convolution.weight[1] = torch.tensor([[0.0, 0.0, 0.0], [7.0, 7.0, 7.0], [1.0, 0.0, -1.0]])
        found = convolution(values)
    assert found.shape == (1, 2, 4)
    # c_0 = f_0 i_-1 + f_1 i_0 + f_2 i_1 + b, with i_-1 = 0 beyond the end
    assert found[0, 0, 0] == 1 * 0 + 10 * 1 + 100 * 2 + 0.5
    assert found[0, 0].tolist() == [210.5, 321.5, 432.5, 43.5]
    assert found[0, 1].tolist() == [0.0, 10.0, -20.0, 0.0]


@pytest.mark.parametrize("pooling", ["max", "mean"])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_layers_pooling_and_mask_as_written_down(pooling: str, kernel: int) -> None:
    inputs, settings = [networks.sequence(6, 2)], {"filters": [4, 3], "kernel": kernel, "pooling": pooling}
    module = networks.make("conv1d", inputs, hidden=[], activation="elu", **settings).double()
    encoder, blocks = module.encoders[0], networks.sequences(20, 6, 2)
    lengths = blocks[:, -1].sum(1).int()
    assert {0, 1, 6} <= set(lengths.tolist())
    found = encoder(blocks)
    for block, length, ours in zip(blocks.numpy(), lengths.tolist(), found.detach().numpy(), strict=True):
        values = block[:-1, :length]
        for layer in encoder.convolutions:
            weight, bias = (given.detach().numpy() for given in (layer.weight, layer.bias))
            around = np.pad(values, ((0, 0), (kernel // 2, kernel // 2)))
            values = np.array([
                [(weight[number] * around[:, place : place + kernel]).sum() + bias[number] for place in range(length)]
                for number in range(len(weight))
            ])  # fmt: skip
            values = np.where(values > 0, values, np.expm1(values))
        expected = (values.max(1) if pooling == "max" else values.mean(1)) if length else np.zeros(3)
        assert ours == pytest.approx(expected, abs=1e-12)


def test_padding_does_not_matter() -> None:
    short, long = (networks.make("conv1d", [networks.sequence(length, 2)]).double() for length in (6, 9))
    long.load_state_dict(short.state_dict())
    blocks = networks.sequences(20, 6, 2)
    longer = torch.cat([blocks, torch.zeros(20, 3, 3)], dim=2)
    assert torch.allclose(short(blocks.flatten(1)), long(longer.flatten(1)), rtol=0, atol=1e-14)


def test_several_sequences_and_scalars_meet_in_the_head() -> None:
    first, second = networks.sequence(4, 3, "jets"), networks.sequence(5, 1, "leptons")
    inputs = [*networks.scalars(1), first, second, *networks.scalars(2)]
    module = networks.make("conv1d", inputs, outputs=3, filters=[7, 8], kernel=5, hidden=[9], dropout=0.1).eval()
    convolutions = sum(7 * channels * 5 + 7 + 8 * 7 * 5 + 8 for channels in (3, 1))
    assert networks.parameters(module) == convolutions + 9 * (8 + 8 + 3 + 1) + 3 * (9 + 1)
    rows = torch.zeros(1, 1 + 4 * 4 + 2 * 5 + 2)
    rows[0, [1 + 12, 1 + 16 + 5]] = 1  # one object in each
    alike = module(rows)
    assert alike.shape == (1, 3)
    for place in (0, 1, 1 + 16, 27, 28):  # a scalar, a jet, a lepton, two scalars
        changed = rows.clone()
        changed[0, place] += 3
        assert not torch.equal(module(changed), alike)


@pytest.mark.parametrize("hidden", [[], [64]])
def test_dropout_is_for_training_alone(hidden: list[int]) -> None:
    module = networks.make("conv1d", [networks.sequence(4, 3)], dropout=0.5, hidden=hidden)
    rows = torch.ones(1, 16).expand(50, -1)
    torch.manual_seed(1)
    assert module.train()(rows).std() > 1e-3
    assert module.eval()(rows).std() < 1e-6


@pytest.mark.parametrize("given", [{"kernel": 4}, {"kernel": 0}, {"filters": []}, {"filters": [0]}, {"pooling": "sum"}])
def test_settings_that_make_no_network(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Architecture.model_validate(given)


def test_it_takes_a_sequence() -> None:
    with pytest.raises(SnakerootError, match="inputs: none is of kind 'sequence' among x0"):
        networks.make("conv1d", networks.scalars(1))


def test_it_learns_a_motif_wherever_it_stands() -> None:
    """Class 1 has 1, -1, 1 in a row somewhere, class 0 the same three numbers elsewhere; noise around them."""
    random = torch.Generator().manual_seed(2)
    target = torch.randint(2, (600,), generator=random)
    rows = torch.zeros(600, 2, 30)
    rows[:, 1] = 1
    for row, motif in zip(rows, target.tolist(), strict=True):
        start = int(torch.randint(28, (), generator=random))
        places = torch.arange(start, start + 3) if motif else torch.randperm(30, generator=random)[:3]
        row[0, places] = torch.tensor([1.0, -1.0, 1.0])
    rows[:, 0] += 0.1 * torch.randn(600, 30, generator=random)
    rows = rows.flatten(1)
    with networks.as_in_jobs():
        found = {}
        for name, settings in (("conv1d", {"filters": [8]}), ("linear", {})):
            module = networks.make(name, [networks.sequence(30, 1)], **settings)
            networks.train(module, rows[:300], target[:300], 40)
            found[name] = networks.accuracy(module, rows[300:], target[300:])
    assert found["conv1d"] > 0.95
    assert found["linear"] < 0.65
