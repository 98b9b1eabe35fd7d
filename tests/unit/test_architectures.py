"""What all architectures have in common, whatever they are."""

from __future__ import annotations

import subprocess
import sys

import networks
import pytest
import torch
from snakeroot.architectures import ARCHITECTURES
from snakeroot.inputs import MARKS, Input, size
from snakeroot.network import Network
from snakeroot.objectives import OBJECTIVES
from snakeroot.predict.__main__ import score
from torch import Tensor

LEARNS = {"binary", "multiclass", "regression", "unsupervised"}
PARTICLES = ["deta", "dphi", "log_pt"]
INPUTS = {
    "scalar": [*networks.scalars(4)],
    "image": [networks.image(8, 9, 2)],
    "sequence": [networks.sequence(6, PARTICLES)],
    "tree": [networks.tree(9, 3)],
}
ROWS = {
    "scalar": torch.randn(5, 4, generator=torch.Generator().manual_seed(1)),
    "image": torch.randn(5, 2 * 8 * 9, generator=torch.Generator().manual_seed(2)),
    "sequence": networks.sequences(5, 6, 3).float().flatten(1),
    "tree": networks.trees([1, 5, 2, 4, 3], 9, 3).float().flatten(1),
}


def example(kinds: tuple[str, ...]) -> tuple[list[Input], Tensor]:
    return [one for kind in kinds for one in INPUTS[kind]], torch.cat([ROWS[kind] for kind in kinds], dim=1)


def test_reading_the_config_imports_no_torch() -> None:
    check = (
        "import sys; from snakeroot.architectures import ARCHITECTURES;"
        "[ARCHITECTURES.load(name).Architecture() for name in ARCHITECTURES.names()];"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


@pytest.mark.parametrize("name", ARCHITECTURES.names())
def test_the_contract(name: str) -> None:
    module = ARCHITECTURES.load(name)
    assert set(module.TAKES) <= set(MARKS)
    assert set(module.LEARNS) <= LEARNS
    assert module.Architecture.model_config["extra"] == "forbid"
    assert all(field.description for field in module.Architecture.model_fields.values())


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in ARCHITECTURES.names()
        if "binary" in ARCHITECTURES.load(name).LEARNS and not hasattr(ARCHITECTURES.load(name), "fit")
    ],
)
def test_by_default_it_takes_what_it_says_and_a_step_moves_all_weights(name: str) -> None:
    inputs, rows = example(ARCHITECTURES.load(name).TAKES)
    assert rows.shape[1] == size(inputs)
    with networks.as_in_jobs():
        layers = networks.make(name, inputs, outputs=3)
        outputs = layers(rows)
        assert (outputs.shape, outputs.dtype) == ((5, 3), torch.float32)
        outputs.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in layers.parameters())


@pytest.mark.parametrize(
    "name", [name for name in ARCHITECTURES.names() if "binary" in ARCHITECTURES.load(name).LEARNS]
)
def test_a_row_is_scored_as_it_is_whatever_the_others(name: str) -> None:
    inputs, rows = example(ARCHITECTURES.load(name).TAKES)
    layers = networks.make(name, inputs).double().eval()
    alone = torch.cat([layers(row[None].double()) for row in rows])
    assert torch.allclose(layers(rows.double()), alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "name", [name for name in ARCHITECTURES.names() if "binary" in ARCHITECTURES.load(name).LEARNS]
)
def test_no_row_has_no_score(name: str) -> None:
    """A fold may have no row of a sample without a class."""
    inputs, rows = example(ARCHITECTURES.load(name).TAKES)
    network = Network(networks.make(name, inputs), inputs).eval()
    of_some, of_none = (
        score(network, rows[:count].float().numpy(), OBJECTIVES.load("binary").predictions) for count in (2, 0)
    )
    assert (of_some.shape, of_none.shape, of_none.dtype) == ((2, 1), (0, 1), of_some.dtype)
