"""A training's state between two steps, as one safetensors file: what a killed job goes on from, to the same bytes.

Tensors are stored as tensors, all else as JSON beside them. Nothing is pickled. Of several processes the first writes,
with what each of the others has of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from snakeroot.data.files import atomic
from snakeroot.errors import SnakerootError
from snakeroot.networks import weights
from snakeroot.train.parallel import gather
from snakeroot.train.state import Progress, State, random_states, set_random_states

Json = Any


def save(state: State, spec: str, path: Path) -> None:
    """Write the state, with the spec of the training that it belongs to."""
    tensors, facts = _pack(state)
    if not state.share.first:
        return
    with atomic(path) as [part]:
        # keys as they come, not sorted: the columns of the history keep their order. NaN is a gradient's like any other
        weights.save(tensors, part, json.dumps({"spec": spec, **facts}))


def restore(state: State, spec: str, path: Path) -> bool:
    """Put a checkpoint's values into a state that was just built from the same spec.

    Returns False, and leaves the state alone, if there is no checkpoint, it is damaged (which is said), or it is of
    another spec: it is then as if there were none.
    """
    matching = None
    if path.exists():
        try:
            tensors, text, _ = weights.load(path)
            facts = json.loads(text)
            matching = text if facts["spec"] == spec else None
        except (OSError, KeyError, TypeError, ValueError) as error:
            logging.warning("%s: not a checkpoint, so the training begins anew (%s)", path, error)
    _refuse_different(matching, state)
    if matching is None:
        return False
    _unpack(state, tensors, facts)
    return True


def _refuse_different(text: str | None, state: State) -> None:
    """Raise a `SnakerootError` if the processes of a training have not all read the same checkpoint, or none."""
    mark = hashlib.sha256(repr(text).encode()).digest()[:7]
    marks = gather(torch.tensor([int.from_bytes(mark)], device=state.device), state.share)
    if len({int(one) for one in marks}) > 1:
        raise SnakerootError("the checkpoint changed while it was read: another job is at this training; run again")


def _pack(state: State) -> tuple[dict[str, Tensor], dict[str, Json]]:
    optimizer = state.optimizer.state_dict()
    tensors = {f"network.{name}": tensor for name, tensor in state.network.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in state.best.items()}
    tensors |= {"shuffling": state.shuffling.get_state()}
    own = {f"random.{name}": values for name, values in random_states(state.device).items()}
    if state.progress:
        tensors["gradient"] = state.progress.gradient
        own["outputs"] = torch.cat(state.progress.outputs or [torch.empty(0, device=state.device)])
    for name, tensor in own.items():
        parts = gather(tensor.to(state.device), state.share)
        tensors |= {f"rank{rank}.{name}": part for rank, part in enumerate(parts)}
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
        "schedule": state.schedule.torch.state_dict() if state.schedule.torch else None,
        "scaler": state.scaler.state_dict(),
        "history": state.history,
        "best_epoch": state.best_epoch,
        "best_value": state.best_value if state.best_epoch else None,
        "progress": _progress(state.progress) if state.progress else None,
    }
    # safetensors refuses tensors that share memory, as a best epoch and the network may for an instant
    return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}, facts


def _progress(progress: Progress) -> dict[str, Json]:
    rows = [len(outputs) for outputs in progress.outputs]
    return {"seed": progress.seed, "batch": progress.batch, "rates": progress.rates, "rows": rows}


def _unpack(state: State, tensors: Mapping[str, Tensor], facts: Mapping[str, Json]) -> None:
    def below(prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}

    state.network.load_state_dict(below("network."))
    state.best = {name: tensor.to(state.device) for name, tensor in below("best.").items()}
    values: dict[int, dict[str, Json]] = {int(index): dict(numbers) for index, numbers in facts["numbers"].items()}
    for name, tensor in below("optimizer.").items():
        index, _, key = name.partition(".")
        values.setdefault(int(index), {})[key] = tensor
    groups = [
        {**group, **{key: tuple(value) for key, value in group.items() if key in ("betas", "etas", "step_sizes")}}
        for group in facts["groups"]
    ]
    state.optimizer.load_state_dict({"state": values, "param_groups": groups})
    parameters = [parameter for group in state.optimizer.param_groups for parameter in group["params"]]
    for number, known in values.items():
        if "mu_product" in known:  # of NAdam, which load_state_dict casts to the type of the weights
            state.optimizer.state[parameters[number]]["mu_product"] = known["mu_product"]
    if state.schedule.torch:
        state.schedule.torch.load_state_dict(facts["schedule"])
    state.scaler.load_state_dict(facts["scaler"])
    state.shuffling.set_state(tensors["shuffling"])
    own = below(f"rank{state.share.rank}.")
    set_random_states({name.removeprefix("random."): own[name] for name in own if name != "outputs"}, state.device)
    state.history = list(facts["history"])
    state.best_epoch = facts["best_epoch"]
    if facts["best_value"] is not None:
        state.best_value = facts["best_value"]
    if facts["progress"]:
        known = dict(facts["progress"])
        outputs = torch.split(own["outputs"].to(state.device), known.pop("rows"))
        state.progress = Progress(**known, outputs=list(outputs), gradient=tensors["gradient"].to(state.device))
