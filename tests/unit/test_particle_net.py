"""ParticleNet, against its paper's formulas written down for one particle after the other."""

from __future__ import annotations

import networks
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.networks.architectures.particle_net import Architecture
from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import particle_net
from torch import Tensor, nn

LENGTH = 9
CHANNELS = ["charge", "deta", "log_pt", "dphi"]
INPUT = networks.sequence(LENGTH, CHANNELS)
SMALL = {"neighbours": 3, "blocks": [[6, 5], [7, 4]], "hidden": [], "dropout": 0.0}


def make(one: Input = INPUT, **settings: object) -> nn.Module:
    """Return a network, scoring, whose normalisations are of some earlier batches."""
    torch.manual_seed(1)
    module = networks.make("particle_net", [one], **SMALL | settings).double()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm1d):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
            layer.weight.data.normal_()
            layer.bias.data.normal_()
    return module.eval()


def on_a_grid(rows: int, seed: int = 0) -> Tensor:
    """Blocks whose particles are at few places, so that most are as far from a particle as another."""
    blocks = networks.sequences(rows, LENGTH, len(CHANNELS), seed)
    blocks[:, :-1] = blocks[:, :-1].round()
    return blocks


def test_the_papers_numbers_of_parameters() -> None:
    """arXiv:1902.08570 has 366k, and 26k for ParticleNet-Lite: for two classes and its 7 inputs of top tagging."""
    seven = [networks.sequence(100, ["deta", "dphi", "log_pt", "log_e", "log_pt_share", "log_e_share", "distance"])]
    assert networks.parameters(networks.make("particle_net", seven, 2)) == 26_416
    large = {"neighbours": 16, "blocks": [[64] * 3, [128] * 3, [256] * 3], "hidden": [256]}
    assert networks.parameters(networks.make("particle_net", seven, 2, **large)) == 366_160


def particle_by_particle(module: nn.Module, block: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Return what the encoder makes of one jet without padding, (channels, particles)."""
    encoder = module.encoders[0]

    def weight(layer: nn.Module) -> NDArray[np.float64]:
        return layer.weight.detach().numpy()

    def normalised(norm: nn.Module, values: NDArray[np.float64]) -> NDArray[np.float64]:
        deviation = np.sqrt(norm.running_var.numpy() + norm.eps)
        return (values - norm.running_mean.numpy()) / deviation * weight(norm) + norm.bias.detach().numpy()

    points, particles = block[[1, 3]].T, normalised(encoder.norm, block.T)
    for convolution in encoder.convolutions:
        first = np.hstack([weight(convolution.own), weight(convolution.difference)])
        layers = [first, *map(weight, convolution.further)]
        found = []
        for i, (here, own) in enumerate(zip(points, particles, strict=True)):
            none = 1e-6 * max((there**2).sum() for there in points)
            away = [((there - here) ** 2).sum() if j != i else np.inf for j, there in enumerate(points)]
            order = np.argsort(away, kind="stable")
            total, counted = np.zeros(len(layers[-1])), 0.0
            for j in order[: min(neighbours, len(points) - 1)]:
                beyond = away[order[neighbours]] if neighbours < len(points) - 1 else np.inf
                share = 1.0 if np.isinf(beyond) else min((beyond - away[j]) / max(0.1 * beyond + none, 1e-30), 1)
                message = np.concatenate([own, particles[j] - own])
                for layer, norm in zip(layers, convolution.norms, strict=True):
                    message = np.maximum(normalised(norm, layer @ message), 0)
                total, counted = total + share * message, counted + share
            shortcut, norm = convolution.shortcut
            found.append(np.maximum(total / max(counted, 1) + normalised(norm, weight(shortcut) @ own), 0))
        points = particles = np.array(found)
    return particles.mean(0)


@pytest.mark.parametrize("neighbours", [1, 3, 30])
def test_messages_of_the_nearest_as_the_paper_has_them(neighbours: int) -> None:
    module, blocks = make(neighbours=neighbours), networks.sequences(40, LENGTH, len(CHANNELS))
    lengths = blocks[:, -1].sum(1).int().tolist()
    assert {0, 1, 2, LENGTH} <= set(lengths)
    with torch.no_grad():
        found = module.encoders[0](blocks).numpy()
    for block, length, ours in zip(blocks.numpy(), lengths, found, strict=True):
        expected = particle_by_particle(module, block[:-1, :length], neighbours) if length else np.zeros(4)
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


def at_one_place(rows: int) -> Tensor:
    """Blocks whose particles are all at the same place of their jet's."""
    blocks = networks.sequences(rows, LENGTH, len(CHANNELS), 7)
    blocks[:, [1, 3]] = torch.randn(rows, 2, 1, generator=torch.Generator().manual_seed(8)).double() * blocks[:, -1:]
    return blocks


@pytest.mark.parametrize(
    "blocks",
    [networks.sequences(40, LENGTH, len(CHANNELS)), on_a_grid(40), at_one_place(40)],
    ids=["anywhere", "on_a_grid", "at_one_place"],
)
def test_neither_order_nor_padding_matters_not_even_among_equally_near_ones(blocks: Tensor) -> None:
    module = make(activation="elu")
    expected = module(blocks.flatten(1))
    assert expected.std() > 1e-2
    order = torch.randperm(LENGTH, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(module(blocks[:, :, order].flatten(1)), expected, rtol=0, atol=1e-11)
    alone = torch.cat([module(block.flatten()[None]) for block in blocks])
    assert torch.allclose(alone, expected, rtol=0, atol=1e-11), "the longest of the batch"
    longer = make(networks.sequence(LENGTH + 5, CHANNELS), activation="elu")
    longer.load_state_dict(module.state_dict())
    padded = torch.cat([torch.zeros(40, 5, 2), blocks, torch.zeros(40, 5, 3)], dim=2)
    assert torch.allclose(longer(padded.flatten(1)), expected, rtol=0, atol=1e-11)


def test_in_training_no_average_has_padding_in_it() -> None:
    module, blocks = make().train(), networks.sequences(30, LENGTH, len(CHANNELS))
    longer = make(networks.sequence(LENGTH + 4, CHANNELS)).train()
    longer.load_state_dict(module.state_dict())
    padded = torch.cat([blocks, torch.zeros(30, 5, 4)], dim=2)
    assert torch.allclose(longer(padded.flatten(1)), module(blocks.flatten(1)), rtol=0, atol=1e-12)
    for name, ours in module.named_buffers():
        assert torch.allclose(longer.get_buffer(name), ours, rtol=0, atol=1e-12), name
    present = torch.cat([block[:-1, : int(block[-1].sum())] for block in blocks], dim=1)
    momentum = module.encoders[0].norm.momentum
    expected = (1 - momentum) * make().encoders[0].norm.running_mean + momentum * present.mean(1)
    assert torch.allclose(module.encoders[0].norm.running_mean, expected, rtol=0, atol=1e-12)


def test_a_neighbour_that_is_nearly_none_does_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without fading, a change of a millionth makes another particle the third nearest, and another score."""
    jets = torch.zeros(2, 5, 5).double()
    jets[:, -1] = 1
    jets[:, 1] = torch.tensor([0.0, 1.0, 2.0, 3.0, -3.0])
    jets[:, 3] = torch.tensor([0.0, 1.0, 0.0, -5.0, 5.0])
    jets[:, 0] = torch.tensor([0.0, 0.0, 0.0, 1.0, -1.0])
    jets[:, 1, 4] += torch.tensor([-1e-6, 1e-6]).double()
    module = make(networks.sequence(5, CHANNELS), activation="elu")

    def apart() -> float:
        one, other = module(jets.flatten(1)).tolist()
        return abs(one[0] - other[0])

    faded = apart()
    monkeypatch.setattr(particle_net, "FADE", 1e-9)
    assert apart() > 500 * faded > 0


@pytest.mark.parametrize("particles", [0, 1, 2])
def test_batches_in_which_hardly_anything_is_present(particles: int) -> None:
    module = make().train()
    block = torch.zeros(1, 5, LENGTH).double()
    block[0, :, :particles] = 1
    found = module(block.flatten(1))
    found.sum().backward()
    assert found.isfinite().all()
    assert all(parameter.grad is None or parameter.grad.isfinite().all() for parameter in module.parameters())
    assert all(buffer.isfinite().all() for buffer in module.buffers())


def test_in_sixteen_bits() -> None:
    module = make().float()
    rows = networks.sequences(20, LENGTH, len(CHANNELS)).float().flatten(1)
    with torch.autocast("cpu", torch.bfloat16):
        found = module.train()(rows)
    found.sum().backward()
    assert found.isfinite().all()


def test_a_channel_that_is_not_there() -> None:
    with pytest.raises(SnakerootError, match=r"coordinates\.1: sequence has no channel 'dhi': did you mean 'dphi'"):
        make(coordinates=["deta", "dhi"])
    with pytest.raises(SnakerootError, match="inputs: none is of kind 'sequence' among x0"):
        networks.make("particle_net", networks.scalars(1))


@pytest.mark.parametrize("given", [{"neighbours": 0}, {"blocks": []}, {"blocks": [[]]}, {"blocks": [[0]]}])
def test_settings_that_make_no_network(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Architecture.model_validate(given)


def test_a_training_repeats_itself_and_learns_who_is_close_to_whom() -> None:
    """Two pairs anywhere, two charges of each sign; in class 1 alike ones are close. Only neighbours tell who is."""
    random = torch.Generator().manual_seed(4)
    target = torch.randint(2, (600,), generator=random)
    pairs = 2 * torch.randn(600, 2, 2, generator=random).repeat_interleave(2, dim=2)
    places = pairs + 0.1 * torch.randn(600, 2, 4, generator=random)
    signs = torch.where(target[:, None] == 1, torch.tensor([1, 1, -1, -1]), torch.tensor([1, -1, 1, -1]))[:, None]
    rows = torch.cat([places, signs, torch.ones(600, 1, 4)], dim=1).flatten(1)
    settings = {"neighbours": 1, "blocks": [[16, 16]], "hidden": [16]}
    found = []
    for _ in range(2):
        with networks.as_in_jobs():
            module = networks.make("particle_net", [networks.sequence(4, ["deta", "dphi", "charge"])], **settings)
            networks.train(module, rows[:400], target[:400], 15, 0.01)
            found.append(module.state_dict())
    assert all(torch.equal(value, found[1][name]) for name, value in found[0].items())
    assert networks.accuracy(module, rows[400:], target[400:]) > 0.95
