"""What all architectures have in common, whatever they are."""

from __future__ import annotations

import subprocess
import sys
import typing
from typing import Any, Literal

import networks
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.inputs import MARKS, Input, size
from snakeroot.networks.network import Network
from snakeroot.networks.objectives import OBJECTIVES
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
        "import sys; from snakeroot.networks.architectures import ARCHITECTURES;"
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


CHANNELS = st.just(PARTICLES) | st.lists(st.sampled_from([*PARTICLES, "charge"]), min_size=1, max_size=4, unique=True)
BLOCKS = {
    "image": st.builds(lambda c, p: ("image", c, p), CHANNELS, st.sampled_from([[1, 1], [1, 5], [2, 2], [8, 9]])),
    "sequence": st.builds(lambda c, n: ("sequence", c, [n]), CHANNELS, st.integers(1, 9)),
    "tree": st.builds(lambda c, n: ("tree", c, [2 * n - 1]), CHANNELS, st.integers(1, 9)),
    "scalar": st.just(("scalar", ["value"], [])),
}


def values(annotation: Any, limits: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """All kinds of values of a setting: small ones, those at its limits, and those just beyond."""
    inner, origin = typing.get_args(annotation), typing.get_origin(annotation)
    if hasattr(annotation, "__metadata__"):
        return values(inner[0], annotation.__metadata__)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is list:
        return st.lists(values(inner[0]), max_size=3)
    if inner:
        return st.one_of([values(kind) for kind in inner])
    if annotation is int:
        bounds = [
            getattr(limit, name) for limit in flat(limits) for name in ("ge", "gt", "le", "lt") if hasattr(limit, name)
        ]
        return st.sampled_from([1, 1, 2, 3, 4, 8, *bounds, *(bound + 1 for bound in bounds)])
    if annotation is float:
        return st.sampled_from([0.0, 0.3, 1.0])
    if annotation is str:
        return st.sampled_from([*PARTICLES, "pt"])
    known = {bool: st.booleans(), type(None): st.none()}
    return known[annotation] if annotation in known else of(annotation)


def flat(limits: tuple[Any, ...]) -> list[Any]:
    return [one for limit in limits for one in (limit, *getattr(limit, "metadata", ()))]


def of(model: Any) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: values(field.annotation, tuple(field.metadata)) for name, field in model.model_fields.items()}
    return st.fixed_dictionaries({}, optional=fields)


@pytest.mark.parametrize("name", ARCHITECTURES.names())
@given(st.data())
@settings(max_examples=75, deadline=None)
def test_what_the_checks_let_pass_is_built_and_takes_a_batch_of_one_row(name: str, data: st.DataObject) -> None:
    """And what they do not let pass is refused with all that is wrong, and by nothing but them."""
    module = ARCHITECTURES.load(name)
    kinds = data.draw(st.lists(st.sampled_from(module.TAKES), min_size=1, max_size=3) | st.just(module.TAKES[:1] * 2))
    blocks = [data.draw(BLOCKS[kind]) for kind in kinds]
    inputs = [Input(name=f"x{n}", kind=k, channels=c, positions=p) for n, (k, c, p) in enumerate(blocks)]
    try:
        known = module.Architecture(**data.draw(of(module.Architecture)))
    except ValidationError:
        return
    mistakes = list(module.check(known, inputs)) if hasattr(module, "check") else []
    with torch.device("meta"):
        if mistakes:
            with pytest.raises(SnakerootError) as error:
                module.build(known, inputs, 1)
            assert all(mistake.text in str(error.value) for mistake in mistakes)
            return
        built = module.build(known, inputs, 1)
    if networks.parameters(built) < 50_000 and not hasattr(module, "fit"):
        layers = module.build(known, inputs, 1).train()
        rows = torch.cat([row_of(one) for one in inputs]).unsqueeze(0)
        assert layers(rows).isfinite().all()


def row_of(one: Input) -> Tensor:
    """A row with all places taken; of a tree a chain."""
    if one.kind == "tree":
        return networks.trees([(one.positions[0] + 1) // 2], one.positions[0], len(one.channels)).float().flatten()
    row = torch.randn(one.shape)
    if one.masked:
        row[-1] = 1
    return row.flatten()
