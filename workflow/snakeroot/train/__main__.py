"""`python -m snakeroot.train`: one network from the train and validation splits of one fold."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import pandas as pd
import pyarrow as pa
import torch
from safetensors.torch import save_file
from tqdm import tqdm

from snakeroot import network as networks
from snakeroot import tables
from snakeroot.command import main
from snakeroot.files import read_json, whole, write_json
from snakeroot.train.checkpoint import restore, save
from snakeroot.train.data import Data, load
from snakeroot.train.interruption import Watch
from snakeroot.train.loop import fit
from snakeroot.train.settings import TrainSettings
from snakeroot.train.state import State, start


def train(
    settings: TrainSettings,
    spec: str,
    train: Annotated[list[Path], "Parquet files of the train split"],
    validation: Annotated[list[Path], "Parquet files of the validation split"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    scaling: Annotated[Path, "JSON with mean and standard deviation of each feature"],
    checkpoint: Annotated[Path, "safetensors file to write now and then, and to go on from"],
    weights: Annotated[Path, "safetensors file to write: the best epoch's weights, scaling included"],
    facts: Annotated[Path, "JSON file to write: what the network is made of"],
    history: Annotated[Path, "Parquet file to write: loss, accuracy and AUC per epoch"],
) -> None:
    """Train a network, stop it when validation no longer improves, and keep its best epoch.

    A job that was killed goes on from its checkpoint and ends with the bytes of one that was not.
    """
    training = settings.training
    torch.set_num_threads(training.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(settings.seed)
    data = [
        load(paths, normalisation, settings.inputs, training.class_balance, split)
        for paths, split in ((train, "train"), (validation, "validation"))
    ]
    network = networks.build(settings.architecture, settings.settings, settings.inputs)
    networks.scale(network, read_json(scaling))
    logging.info("%d + %d events, %d parameters", len(data[0].target), len(data[1].target), parameters(network))
    state = start(network, training, settings.seed)
    belongs = identity(spec, network, data)
    if restore(state, belongs, checkpoint):
        logging.info("going on after epoch %d, from %s", state.epoch, checkpoint)
    watch = Watch(lambda: save(state, belongs, checkpoint), training.checkpoint_minutes)
    with progress(training.max_epochs, state.epoch) as report, watch.listening():
        ended = fit(state, data[0], data[1], training, watch, report)
    logging.info("best epoch %d of %d; ended by %s", state.best_epoch, state.epoch, ended)
    with whole(weights, facts, history) as [weights_part, facts_part, history_part]:
        save_file(network.state_dict(), weights_part)
        write_json(describe(state, settings, ended), facts_part)
        table = pa.Table.from_pandas(pd.DataFrame(state.history).astype({"epoch": "int32"}), preserve_index=False)
        tables.write([table], table.schema, history_part)
    checkpoint.unlink(missing_ok=True)


def identity(spec: str, network: networks.Network, data: Sequence[Data]) -> str:
    """Return a digest of all that a training follows from: its spec, its rows, and its scaling and first weights."""
    digest = hashlib.sha256(spec.encode())
    for tensor in (*network.state_dict().values(), *(column for split in data for column in split)):
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def parameters(network: networks.Network) -> int:
    """Return the number of trained parameters."""
    return sum(parameter.numel() for parameter in network.parameters())


def describe(state: State, settings: TrainSettings, ended: str) -> dict[str, object]:
    """Return what is needed to build the network again, and how it came about; no time and no host."""
    best = state.history[state.best_epoch - 1]
    return {
        **settings.model_dump(mode="json"),
        "parameters": parameters(state.network),
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "ended": ended,
        "validation": {name: best[f"validation_{name}"] for name in ("loss", "accuracy", "auc")},
    }


@contextmanager
def progress(epochs: int, done: int) -> Iterator[Callable[[State], None]]:
    """Yield what to call after each epoch: a bar where someone watches, a line each in a log."""
    with tqdm(total=epochs, initial=done, unit="epoch", disable=not sys.stderr.isatty()) as bar:

        def report(state: State) -> None:
            row = state.history[-1]
            text = ", ".join(f"{name} {row[f'validation_{name}']:.5f}" for name in ("loss", "accuracy", "auc"))
            if bar.disable:
                logging.info("epoch %d: train loss %.5f, validation %s", row["epoch"], row["train_loss"], text)
            bar.set_postfix_str(f"validation {text}", refresh=False)
            bar.update()

        yield report


if __name__ == "__main__":
    main(train)
