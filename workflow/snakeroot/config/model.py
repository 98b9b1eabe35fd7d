"""What a user may write of any model, whatever its architecture."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from snakeroot.config.repeated import Distinct
from snakeroot.networks.objectives import Calibration
from snakeroot.settings import Column, Name, Settings
from snakeroot.train.initial_settings import Initial, named
from snakeroot.train.settings import Training
from snakeroot.tune.settings import Tuning


class Model(Settings):
    """What all models have; the settings of the architecture stand beside these keys."""

    architecture: str = Field(description="name of a file in workflow/snakeroot/networks/architectures")
    inputs: Annotated[list[Column], Distinct] | None = Field(
        None, min_length=1, description="features that it takes; all by default"
    )
    replicas: int = Field(1, ge=1, le=100, description="networks that differ in their seed alone; metrics get a spread")
    training: Training = Field(Training(), description="how it is trained")
    initial: Annotated[Initial, BeforeValidator(named, json_schema_input_type=Initial | str)] | None = Field(
        None,
        description="[another network](models.md#starting-from-another-network) whose weights it begins with: "
        "`<task>/<model>`, a `model.safetensors` of ours, or a mapping with one of them",
    )
    trained_at: dict[Column, Annotated[list[float], Field(min_length=1)]] | None = Field(
        None,
        description="parameter: values of the [points](parameterised.md) that it is trained at; by default all. Rows "
        "at others are left out of its training, and not of its evaluation",
    )
    reweighting: Name | None = Field(None, description="name of the `reweighting` of its training; by default none")
    calibration: Calibration | None = Field(
        None,
        description="of classes: what turns the scores into probabilities, fitted on the validation split and part of "
        "the exported network: temperature, one number, or, of signal against background, isotonic, a rising curve",
    )
    tuning: Tuning | None = Field(None, description="a search for better settings, which the training then has")
