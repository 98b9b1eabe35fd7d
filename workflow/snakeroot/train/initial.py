"""A network that begins with the weights of another one, its ancestor: what is taken, what is frozen, what is new."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.networks import weights as files
from snakeroot.networks.inputs import Input, places
from snakeroot.networks.network import Network
from snakeroot.train.initial_settings import EVERY, Ancestor

LAYERS = "layers."
"""Before the names of all that is trained; the scaling is not below it."""
BUFFERS = ("mean", "standard_deviation", "median")
"""Of the scaling."""
SHOWN = 6
"""Names that a message has, at most."""


class Begun(NamedTuple):
    """What became of an ancestor's weights; names as in the file of the network.

    Attributes:
        digest: of the ancestor's weights.
        taken: what the network has from it; of these `frozen` are not trained.
        left: what it has and the network takes not, as there is no such name, it has another shape, or is not wanted.
        new: what the network has on its own, drawn from its seed.
        scaled: inputs whose scaling is the ancestor's.
    """

    digest: str
    taken: list[str]
    frozen: list[str]
    left: list[str]
    new: list[str]
    scaled: list[str]

    def record(self) -> dict[str, Any]:
        """Return what `model.json` says of it."""
        return {name: value for name, value in self._asdict().items() if name != "digest"} | {"weights": self.digest}


def begin(network: Network, settings: Ancestor, weights: Path, metadata: Path) -> Begun:
    """Put an ancestor's weights, and its scaling of the inputs that both have, into a network that is just drawn.

    The layers have learned from inputs as the ancestor's scaling makes them, so they go on with it. What is frozen no
    longer asks for gradients.

    Raises:
        SnakerootError: if the files do not belong together, if nothing can be taken, if a pattern names nothing, if
            nothing is left to train, or if inputs differ and `layers` does not say what to take all the same.
    """
    known = read_json(metadata)
    tensors, digest = _read(weights, known, metadata)
    _compare(network, known, settings)
    own = {name: tensor for name, tensor in network.state_dict().items() if name.startswith(LAYERS)}
    theirs = {name: tensor for name, tensor in tensors.items() if name.startswith(LAYERS)}
    wanted = _matching(settings.layers, theirs, f"initial.layers: {settings.name} has no weights")
    alike = _alike(own, theirs)
    taken = [name for name in own if name in wanted and name in alike]
    if not taken:
        raise SnakerootError(
            f"initial: no layer of {settings.name} has name and shapes of this network's: it has "
            f"{_shapes(theirs, wanted)}, and this one {_shapes(own, own)}"
        )
    frozen = _matching(settings.freeze, taken, "initial.freeze: nothing that was taken is called")
    with torch.no_grad():
        for name in taken:
            own[name].copy_(theirs[name])
    parameters = dict(network.named_parameters())
    for name in frozen & set(parameters):
        parameters[name].requires_grad = False
    if not any(parameter.requires_grad for parameter in parameters.values()):
        raise SnakerootError("initial.freeze: all weights are frozen, so there is nothing to train")
    begun = Begun(
        digest,
        taken,
        [name for name in taken if name in frozen],
        [name for name in theirs if name not in taken],
        [name for name in own if name not in taken],
        _take_scaling(network, [Input(**one) for one in known["inputs"]], tensors),
    )
    told = f"{len(taken)} taken, {len(frozen)} of them frozen, {len(begun.new)} new, {len(begun.left)} left"
    logging.info("begins with %s: weights: %s", settings.name, told)
    for what in ("taken", "frozen", "new", "left", "scaled"):
        logging.info("%s: %s", what, ", ".join(getattr(begun, what)) or "none")
    return begun


def groups(network: Network, settings: Ancestor | None, begun: Begun | None) -> list[dict[str, Any]]:
    """Return the optimizer's groups of parameters: what is new, and what was taken, at a rate of its own."""
    if settings is None or begun is None or settings.learning_rate is None:
        return [{"params": [parameter for parameter in network.parameters() if parameter.requires_grad]}]
    trained = {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}
    new = [parameter for name, parameter in trained.items() if name not in begun.taken]
    old = [parameter for name, parameter in trained.items() if name in begun.taken]
    parts: list[dict[str, Any]] = [{"params": new}, {"params": old, "lr": settings.learning_rate}]
    return [part for part in parts if part["params"]]


def settled(network: Network) -> list[nn.Module]:
    """Return the modules that stay in evaluation mode: with statistics of batches, and frozen weights."""
    return [
        module
        for module in network.modules()
        if list(module.buffers(recurse=False))
        and (own := list(module.parameters(recurse=False)))
        and not any(parameter.requires_grad for parameter in own)
    ]


def _read(weights: Path, known: dict[str, Any], metadata: Path) -> tuple[dict[str, Tensor], str]:
    try:
        tensors, _, digest = files.load(weights)
        if digest != known.get("weights"):
            raise ValueError(f"they are not those of {metadata}")
    except (OSError, ValueError) as error:
        raise SnakerootError(f"{weights}: no weights to begin with ({error})") from error
    return tensors, digest


def _compare(network: Network, known: dict[str, Any], settings: Ancestor) -> None:
    """Columns of weights belong to inputs by their places: where these differ, the user says what is free of them."""
    own = [one.model_dump(exclude={"missing"}) for one in network.inputs], network.indicators
    theirs = (
        [Input(**one).model_dump(exclude={"missing"}) for one in known["inputs"]],
        list(known.get("indicators", [])),
    )
    if own != theirs and settings.layers == EVERY:
        names = [[one["name"] for one in inputs] + [f"missing {one}" for one in told] for inputs, told in (own, theirs)]
        raise SnakerootError(
            f"initial: {settings.name} has other inputs than this network ({', '.join(names[1])}; here "
            f"{', '.join(names[0])}), and weights belong to inputs by their places: name those that may be taken in "
            "initial.layers"
        )


def _alike(own: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> set[str]:
    """Return the names of all layers of which both have all tensors, in the same shapes: a bias alone means nothing."""
    other = {name.rpartition(".")[0] for name in own if name not in theirs or own[name].shape != theirs[name].shape}
    return {name for name in own if name.rpartition(".")[0] not in other}


def _matching(patterns: Sequence[str], names: Iterable[str], nothing: str) -> set[str]:
    known = list(names)
    matching: set[str] = set()
    for pattern in patterns:
        if not (found := {name for name in known if fnmatchcase(name, pattern)}):
            raise SnakerootError(f"{nothing} {pattern!r}; there are {_some(known)}")
        matching |= found
    return matching


def _take_scaling(network: Network, inputs: Sequence[Input], tensors: dict[str, Tensor]) -> list[str]:
    """Take the scaling of each input that both have, channel by channel, and return their names."""
    at = {one.name: (place, one) for place, one in zip(places(inputs), inputs, strict=True)}
    taken = []
    for place, one in zip(places(network.inputs), network.inputs, strict=True):
        there, other = at.get(one.name, (None, None))
        if there is None or other is None or (one.kind, one.channels) != (other.kind, other.channels):
            continue
        channels = max(len(one.shape) and one.shape[0], 1)
        for name in BUFFERS:
            buffer, values = getattr(network, name), tensors.get(name)
            if buffer is not None and values is not None:
                first = values[there].reshape(channels, -1)[:, :1]  # all positions of a channel are scaled alike
                fresh = first.expand(channels, one.size // channels).reshape(-1).to(buffer.dtype)
                buffer[place] = torch.where(fresh.isnan(), buffer[place], fresh)
        taken.append(one.name)
    return taken


def _shapes(tensors: dict[str, Tensor], names: Iterable[str]) -> str:
    return _some([f"{name} {tuple(tensors[name].shape)}" for name in tensors if name in names])


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f", … ({len(names)} in all)" if len(names) > SHOWN else "")
