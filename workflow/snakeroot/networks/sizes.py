"""How large a network may be: what is beyond that is refused before it takes any memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from snakeroot.errors import SnakerootError

MOST_PARAMETERS = 500_000_000
"""2 GB in float32, and with their gradients and Adam's averages 8 GB."""

SMALL = 10_000_000
"""Parameters up to which a network is built at once, and with more of them only after they have been counted."""


class _LargerError(Exception):
    """A network has more parameters than were allowed; the arguments are their number and the kind of layer."""


def built(build: Callable[[], nn.Module]) -> nn.Module:
    """Return what a function builds from torch's global random state.

    Raises:
        SnakerootError: if it has too many parameters, or more than there is memory for.
    """
    state = torch.get_rng_state()
    try:
        with _counted(SMALL):
            return build()
    except _LargerError:
        pass
    except RuntimeError as error:
        if not _is_memory(error):
            raise
    torch.set_rng_state(state)
    try:
        with torch.device("meta"), _counted(MOST_PARAMETERS):  # without values
            build()
        torch.set_rng_state(state)
        return build()
    except _LargerError as error:
        number, layer = error.args
        raise SnakerootError(
            f"the network has {number:,} parameters up to a {layer}, and {MOST_PARAMETERS:,} are the limit: have fewer "
            "layers, fewer units, or smaller inputs"
        ) from error
    except RuntimeError as error:
        if not _is_memory(error):
            raise
        raise SnakerootError("the network does not fit into memory: have fewer layers or fewer units") from error


@contextmanager
def _counted(most: int) -> Iterator[None]:
    number = 0

    def count(module: nn.Module, name: str, parameter: nn.Parameter | None) -> None:
        nonlocal number
        del name
        number += parameter.numel() if parameter is not None else 0
        if number > most:
            raise _LargerError(number, type(module).__name__)

    handle = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        handle.remove()


def _is_memory(error: RuntimeError) -> bool:
    return "allocate memory" in str(error)
