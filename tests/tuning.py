"""Trials for tests."""

from __future__ import annotations

from typing import Any

SPACE = {"hidden.units": {"int": [2, 16]}, "training.learning_rate": {"float": [1e-4, 1e30], "log": True}}


def result(number: int, loss: float, parameters: int = 10, **changed: Any) -> dict[str, Any]:
    """A trial's result."""
    point = {"hidden.units": 2 + number, "training.learning_rate": 0.01}
    known = {
        "number": number,
        "round": 0,
        "point": point,
        "active": point,
        "attributes": {},
        "epochs": 3,
        "best_epoch": 2,
    }
    metrics = {"loss": loss, "accuracy": 0.5, "auc": 1 - loss, "parameters": parameters}
    return (
        known
        | {"state": "complete", "reason": "max_epochs", "metrics": metrics, "validation_loss": [1, loss]}
        | changed
    )
