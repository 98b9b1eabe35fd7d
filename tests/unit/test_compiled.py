"""A network that torch compiles: the same results, and a message where there is no compiler."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from snakeroot.errors import SnakerootError
from snakeroot.networks.network import build
from snakeroot.train.settings import Training
from snakeroot.train.state import State
from trainings import fitted, scalars, together

ROWS = 300


def trained(**training: Any) -> State:
    """The state after a few epochs of batches as large as what is validated: each shape is compiled anew."""
    generator = torch.Generator().manual_seed(1)
    target = (torch.rand(ROWS, generator=generator) < 0.5).float()
    data = together(torch.randn(ROWS, 2, generator=generator) + target[:, None], target, torch.ones(ROWS))
    torch.manual_seed(1)
    known = {"batch_size": ROWS, "max_epochs": 3, "learning_rate": 0.01} | training
    return fitted(build("mlp", {"hidden": [8]}, scalars("x", "y"), 1), Training.model_validate(known), data, data)


@pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="torch.compile needs a C++ compiler")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own
def test_a_compiled_network_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    found, expected = trained(compile="default"), trained()
    for row, other in zip(found.history, expected.history, strict=True):
        assert row == pytest.approx(other, rel=1e-5)
    assert found.network.state_dict().keys() == expected.network.state_dict().keys()


def test_compilation_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SnakerootError, match=r"training\.compile needs a C\+\+ compiler"):
        trained(compile="default")
