"""Tensors as safetensors files: nothing is pickled, and what is read is what was written."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

NOTE = "sha256 and text"
"""The file's one metadata key, as safetensors writes several in no order: the digest, a space, the text."""


class Loaded(NamedTuple):
    """What a file has: tensors on the CPU by name, the text beside them, and the digest of both."""

    tensors: dict[str, Tensor]
    text: str
    digest: str


def save(tensors: Mapping[str, Tensor], path: Path, text: str = "") -> str:
    """Write tensors on the CPU with a text beside them, and return the digest of both.

    Raises:
        OSError: as other writers do, if there is no room.
    """
    digest = _digest(tensors, text)
    try:
        save_file(dict(tensors), path, metadata={NOTE: f"{digest} {text}"})
    except SafetensorError as error:
        if code := re.search(r"os error (\d+)", str(error)):
            number = int(code[1])
            raise OSError(number, os.strerror(number), str(path)) from error
        raise
    return digest


def load(path: Path) -> Loaded:
    """Read what `save` has written.

    Raises:
        OSError: if there is no such file.
        ValueError: if it is damaged, or of another kind.
    """
    try:
        with safe_open(path, framework="pt") as file:
            digest, _, text = (file.metadata() or {}).get(NOTE, "").partition(" ")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    if digest != _digest(tensors, text):
        raise ValueError("it is not as it was written: damaged")
    return Loaded(tensors, text, digest)


def _digest(tensors: Mapping[str, Tensor], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(repr((name, tensor.dtype, tuple(tensor.shape))).encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
