"""Autoencoders, against principal components."""

from __future__ import annotations

import networks
import pytest
import torch
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.networks.architectures.autoencoder import Architecture
from torch import Tensor


def test_it_returns_the_error_of_each_row_and_its_coordinates() -> None:
    module = networks.make("autoencoder", networks.scalars(5), components=2, hidden=[7, 3], activation="tanh")
    encoder = 7 * (5 + 1) + 3 * (7 + 1) + 2 * (3 + 1)
    decoder = 3 * (2 + 1) + 7 * (3 + 1) + 5 * (7 + 1)
    assert networks.parameters(module) == encoder + decoder
    rows = torch.randn(11, 5, generator=torch.Generator().manual_seed(1))
    found = module(rows)
    assert (found.shape, found.dtype) == ((11, 3), torch.float32)
    coordinates = module.encoder(rows)
    assert torch.equal(found[:, 1:], coordinates)
    copies = module.decoder(coordinates)
    for error, row, copy in zip(found[:, 0].tolist(), rows.tolist(), copies.tolist(), strict=True):
        assert error == pytest.approx(sum((one - other) ** 2 for one, other in zip(row, copy, strict=True)) / 5)


def test_as_many_coordinates_as_inputs_would_be_a_copy() -> None:
    with pytest.raises(SnakerootError, match="components: 3 of 3 inputs would be a copy"):
        networks.make("autoencoder", networks.scalars(3), components=3)


@pytest.mark.parametrize("given", [{"components": 0}, {"hidden": [0]}, {"activation": "linear"}])
def test_settings_that_make_no_network(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Architecture.model_validate(given)


def error_of_principal_components(rows: Tensor, components: int) -> float:
    """Return what all but the first few leave over, per number: the mean squared error."""
    kept = torch.linalg.svdvals(rows - rows.mean(0))
    return (kept[components:].square().sum() / rows.numel()).item()


def best_error(rows: Tensor, epochs: int, **settings: object) -> float:
    with networks.as_in_jobs():
        module = networks.make("autoencoder", networks.scalars(rows.shape[1]), **settings)
        optimizer = torch.optim.Adam(module.parameters(), lr=0.02)
        for _ in range(epochs):
            optimizer.zero_grad()
            module(rows)[:, 0].mean().backward()
            optimizer.step()
    return module(rows)[:, 0].mean().item()


def test_without_hidden_layers_it_finds_what_principal_components_find() -> None:
    random = torch.Generator().manual_seed(3)
    rows = torch.randn(300, 6, generator=random) @ torch.randn(6, 6, generator=random) + 1
    expected = error_of_principal_components(rows, 2)
    assert expected < best_error(rows, 1000, components=2, hidden=[]) * (1 + 1e-5) < expected * 1.001


def test_with_them_it_follows_a_curve() -> None:
    """Points on a parabola have one coordinate, but two principal components."""
    along = torch.linspace(-1.7, 1.7, 200)[:, None]
    rows = torch.cat([along, along.square() - 1], dim=1)
    straight = error_of_principal_components(rows, 1)
    assert best_error(rows, 600, components=1, hidden=[20], activation="tanh") < 0.05 * straight
