"""Metrics of targets beside the main one, as if each were all that a task has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEY = "auxiliary"
"""In metrics.json the kinds of other targets that models learn, by name; of a model, its metrics of them by split."""


def view(metrics: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return metrics in which a target is the main one, of the models that learn it."""
    models = {model: known[KEY][name] for model, known in metrics["models"].items() if name in known.get(KEY, {})}
    return {"task": metrics["task"], "kind": metrics[KEY][name], "models": models, "residual": "absolute"}
