"""Networks that are too large are refused before they take memory; others are built as ever."""

from __future__ import annotations

import pytest
import torch
from snakeroot.errors import SnakerootError
from snakeroot.networks import sizes
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import build
from torch import nn


def weights(monkeypatch: pytest.MonkeyPatch, small: int) -> dict[str, torch.Tensor]:
    monkeypatch.setattr(sizes, "SMALL", small)
    torch.manual_seed(3)
    network = build("mlp", {"hidden": [30, 20], "dropout": 0.1}, [Input(name="x"), Input(name="y")], 1)
    return {**network.state_dict(), "next": torch.rand(1)}


def test_one_that_is_counted_first_is_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, counted = weights(monkeypatch, 10_000), weights(monkeypatch, 100)
    assert at_once.keys() == counted.keys()
    assert all(torch.equal(at_once[name], counted[name]) for name in at_once)
    assert counted["layers.0.weight"].device.type == "cpu"


@pytest.mark.parametrize("hidden", [[65_536] * 3, {"layers": 1000, "units": 1000}])
def test_what_is_beyond_the_limit_is_refused_by_its_name(hidden: object) -> None:
    with pytest.raises(SnakerootError, match=f"parameters up to a Linear, and {sizes.MOST_PARAMETERS:,} are the limit"):
        build("mlp", {"hidden": hidden}, [Input(name="x")], 1)


def test_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    def fails(text: str, small: bool = True) -> nn.Module:
        if not small:
            nn.Linear(10_000, 10_000, device="meta")
        raise RuntimeError(text)

    with pytest.raises(RuntimeError, match="else"):
        sizes.built(lambda: fails("something else"))
    with pytest.raises(RuntimeError, match="else"):
        sizes.built(lambda: fails("something else", small=False))
    with pytest.raises(SnakerootError, match="does not fit into memory"):
        sizes.built(lambda: fails("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"))
