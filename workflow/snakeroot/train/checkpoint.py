"""A training's state between two steps, as one safetensors file: what a killed job goes on from, to the same bytes.

Tensors are stored as tensors, all else as JSON in the file's one metadata key. Nothing is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from snakeroot.files import whole
from snakeroot.train.state import Progress, State

Json = Any


def save(state: State, spec: str, path: Path) -> None:
    """Write the state, with the spec of the training that it belongs to."""
    tensors, facts = _pack(state)
    with whole(path) as [part]:
        # keys as they come, not sorted: the columns of the history keep their order. NaN is a gradient's like any other
        save_file(tensors, part, metadata={"state": json.dumps({"spec": spec, **facts})})


def restore(state: State, spec: str, path: Path) -> bool:
    """Put a checkpoint's values into a state that was just built from the same spec.

    Returns False, and leaves the state alone, if there is no checkpoint, it is damaged, or it is of another spec: it
    is then as if there were none.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads(file.metadata()["state"])
            if facts["spec"] != spec:
                return False
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return False
    _unpack(state, tensors, facts)
    return True


def _pack(state: State) -> tuple[dict[str, Tensor], dict[str, Json]]:
    optimizer = state.optimizer.state_dict()
    tensors = {f"network.{name}": tensor for name, tensor in state.network.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in state.best.items()}
    tensors |= {"random.torch": torch.get_rng_state(), "random.shuffling": state.shuffling.get_state()}
    if state.progress:
        tensors |= {"progress.order": state.progress.order, "progress.logits": state.progress.logits}
    numbers: dict[str, dict[str, Json]] = {}
    for index, values in optimizer["state"].items():
        for key, value in values.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{index}.{key}"] = value
            else:
                numbers.setdefault(str(index), {})[key] = value
    facts = {
        "groups": optimizer["param_groups"],
        "numbers": numbers,
        "history": state.history,
        "best_epoch": state.best_epoch,
        "best_value": state.best_value if state.best_epoch else None,
        "progress": [state.progress.batch, state.progress.gradient] if state.progress else None,
    }
    # safetensors refuses tensors that share memory, as a best epoch and the network may for an instant
    return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}, facts


def _unpack(state: State, tensors: Mapping[str, Tensor], facts: Mapping[str, Json]) -> None:
    def below(prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}

    state.network.load_state_dict(below("network."))
    state.best = below("best.")
    values: dict[int, dict[str, Json]] = {int(index): dict(found) for index, found in facts["numbers"].items()}
    for name, tensor in below("optimizer.").items():
        index, _, key = name.partition(".")
        values.setdefault(int(index), {})[key] = tensor
    groups = [
        {**group, **{key: tuple(value) for key, value in group.items() if key in ("betas", "etas", "step_sizes")}}
        for group in facts["groups"]
    ]
    state.optimizer.load_state_dict({"state": values, "param_groups": groups})
    state.shuffling.set_state(tensors["random.shuffling"])
    torch.set_rng_state(tensors["random.torch"])
    state.history = list(facts["history"])
    state.best_epoch = facts["best_epoch"]
    if facts["best_value"] is not None:
        state.best_value = facts["best_value"]
    if facts["progress"]:
        state.progress = Progress(tensors["progress.order"], tensors["progress.logits"], *facts["progress"])
