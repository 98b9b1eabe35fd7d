"""`python -m snakeroot.train`: one network from the train and validation splits of one fold."""

from __future__ import annotations

import hashlib
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import torch
from tqdm import tqdm

from snakeroot.data.files import digest, read_json, to_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs import devices, machines
from snakeroot.jobs.command import main
from snakeroot.networks import network as networks
from snakeroot.train import fitted, memory, parallel
from snakeroot.train import nodes as several
from snakeroot.train.checkpoint import restore, save
from snakeroot.train.initial import groups, settled
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import RUNG, fit
from snakeroot.train.point import applied
from snakeroot.train.results import Result, described, parameters, write
from snakeroot.train.settings import TrainSettings
from snakeroot.train.setup import Files, prepare
from snakeroot.train.sources import Streamed
from snakeroot.train.state import State, configure, dtype, start


def train(
    settings: TrainSettings,
    spec: str,
    train: Annotated[list[Path], "Parquet files of the train split"],
    validation: Annotated[list[Path], "Parquet files of the validation split"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    scaling: Annotated[Path, "JSON with mean and standard deviation of each channel"],
    reweighting: Annotated[list[Path], "JSON with factors on the weights, by class and bin of some variables; or none"],
    checkpoint: Annotated[Path, "safetensors file to write now and then, and to go on from"],
    begin: Annotated[list[Path], "what an earlier part of this training left at its --end, to go on from; or none"],
    initial: Annotated[list[Path], "safetensors and JSON file of the network to begin with; or none"],
    end: Annotated[list[Path], "safetensors file to write, for the next part, if there is more to train; or none"],
    weights: Annotated[Path, "safetensors file to write: the best epoch's weights, scaling included"],
    metadata: Annotated[Path, "JSON file to write: what the network is made of"],
    history: Annotated[Path, "Parquet file to write: the metrics of each epoch"],
    mixed: Annotated[list[Path], "Parquet files of variations of the train split, one after the other; or none"],
    mixed_normalisations: Annotated[list[Path], "JSON with the factor of each sample of each of them; or none"],
    tuned: Annotated[list[Path], "JSON file with the best point of a search, put into the settings; or none"],
    accelerator: Annotated[devices.Accelerator, "where to train; auto: on GPUs if there are any"],
    gpus: Annotated[int, "GPUs, a process for each; with the accelerator cpu, so many processes without; or 0"],
    nodes: Annotated[int, "machines of the job, of SLURM or HTCondor; several train together"] = 1,
    node_gpus: Annotated[int, "the same as --gpus, on each of several machines"] = 0,
) -> dict[str, Any]:
    """Train a network, stop it when validation no longer improves, and keep its best epoch.

    A job that was killed goes on from its checkpoint and ends with the bytes of one that was not. So does a training
    in parts, each of which begins where the one before has ended, on whatever device.
    """
    for path in tuned:
        base = settings.model_dump(mode="json")
        point = read_json(path)["point"]
        settings = settings.at(applied({**base["settings"], "training": base["training"]}, point))
    files = Files(
        *(train, validation, normalisation, scaling, reweighting, checkpoint, begin, end, initial),
        *(weights, metadata, history, mixed, mixed_normalisations),
    )
    if fitted.is_fitted(settings.architecture):
        began = time.monotonic()
        fitted.work(settings, files)
        return devices.describe([]) | {"processes": 1, "training_seconds": time.monotonic() - began}
    if nodes > 1:  # nothing is cut down there: all machines must have the same
        gpus = node_gpus
        accelerator = accelerator if accelerator != "auto" else "cuda" if gpus else "cpu"
    if parallel.launched():
        parallel.follow_launcher()
        work(settings, spec, files, parallel.own_device(accelerator))
        return {}
    meeting = several.meeting()
    invites = nodes > 1 and not meeting and machines.count() > 1
    if nodes > 1 and not meeting and not invites:
        several.on_all(nodes, settings.training.threads * max(gpus, 1))
        return {"accelerator": accelerator, "nodes": nodes, "processes": nodes * max(gpus, 1)}
    took: dict[str, float] = {}
    with (
        several.invited(nodes) if invites else nullcontext(meeting) as where,
        devices.claimed(accelerator, gpus) as own,
    ):
        device = networks.device(own, accelerator)
        processes = max(gpus if accelerator == "cpu" else len(own), 1)
        if where or (processes > 1 and (device.type == "cuda" or accelerator == "cpu")):
            parallel.launch(processes, where)
        else:
            try:
                took["training_seconds"] = work(settings, spec, files, device)
            except (MemoryError, RuntimeError) as error:  # on the CPU torch says it in words alone
                if isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error):
                    raise out_of_memory(error) from error
                raise
    facts = {"processes": processes * nodes, **({"nodes": nodes} if nodes > 1 else {})}
    return devices.describe(own if device.type == "cuda" else []) | facts | took


def work(settings: TrainSettings, spec: str, files: Files, device: torch.device) -> float:
    """Train on one device, alone or as one of several processes; return the seconds that the epochs took."""
    training = settings.training
    memory.one_heap()
    configure(training)
    with parallel.joined(device) as share:
        if not share.first:
            logging.disable(logging.INFO)
        network, objective, rows, begun = prepare(settings, files, dtype(training.precision))
        trained = groups(network, settings.initial, begun)
        of_rows = rows[0].rows
        state = start(network, objective, training, settings.seed, of_rows, device, share, trained, settled(network))
        source = memory.choose(*rows, training, device, share.here)
        if source is Streamed:
            memory.give_back()
        train, validation = (source.load(one, training.shuffle_window, share, device) for one in rows)
        logging.info("%d + %d events, %d parameters", rows[0].rows, rows[1].rows, parameters(network))
        logging.info("%s, rows are %s", " ".join(devices_of(device, share)), source.__name__.lower())
        rows_of = [*files.train, *files.validation, *files.varied]
        read = identity(*digest([*rows_of, files.normalisation, files.scaling, *files.reweighting, *files.initial]))
        belongs = identity(device.type, share.ranks, spec, to_json(settings.model_dump(mode="json")), read)
        handed_on = identity(share.ranks, to_json(described(settings)), read)
        if restore(state, belongs, files.checkpoint):
            logging.info("going on after epoch %d, from %s", state.epoch, files.checkpoint)
        elif files.begin:
            go_on(state, handed_on, files.begin[0])

        def checkpoint() -> None:
            save(state, belongs, files.checkpoint)

        timer = CheckpointTimer(checkpoint, training.checkpoint_minutes, training.checkpoint_epochs, share, device)
        began = time.monotonic()
        with progress(settings.until or training.max_epochs, state.epoch) as report, timer.listening():
            ended = fit(state, train, validation, training, timer, report, settings.until)
        took = time.monotonic() - began
        if ended == RUNG:
            for path in files.end:
                save(state, handed_on, path)
        if share.first:
            logging.info("best epoch %d of %d; ended by %s", state.best_epoch, state.epoch, ended)
            result = Result(network, objective, state.best, state.history, state.best_epoch, ended, begun)
            write(result, settings, files)
    return took


def out_of_memory(error: Exception) -> SnakerootError:
    """Say what was wanted, in torch's words, and what needs less."""
    wanted = " ".join(str(error).split()).rpartition("can't allocate memory: ")[2]
    return SnakerootError(f"out of memory: {wanted} (a smaller network, batch_size or memory_budget takes less)")


def go_on(state: State, handed_on: str, path: Path) -> None:
    """Put into a fresh state what an earlier part of the same training has left.

    Raises:
        SnakerootError: if the file is of another training, or damaged; beginning anew would hide it.
    """
    if not restore(state, handed_on, path):
        raise SnakerootError(f"{path}: not what an earlier part of this training has left; delete it and run again")
    logging.info("going on after epoch %d, from %s", state.epoch, path)


def identity(*words: object) -> str:
    """Return a digest of all that a training follows from."""
    return hashlib.sha256(repr(words).encode()).hexdigest()


def devices_of(device: torch.device, share: parallel.Share) -> list[str]:
    """Return in words where this training runs."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    return [name, *([f"and {share.ranks - 1} more"] if not share.alone else [])]


@contextmanager
def progress(epochs: int, done: int) -> Iterator[Callable[[State], None]]:
    """Yield what to call after each epoch: a bar where someone watches, a line each in a log."""
    with tqdm(total=epochs, initial=done, unit="epoch", disable=not sys.stderr.isatty()) as bar:

        def report(state: State) -> None:
            row = state.history[-1]
            text = ", ".join(f"{name} {row[f'validation_{name}']:.5g}" for name in state.objective.metrics)
            if bar.disable:
                logging.info("epoch %d: train loss %.5f, validation %s", row["epoch"], row["train_loss"], text)
            bar.set_postfix_str(f"validation {text}", refresh=False)
            bar.update()

        yield report


def command(words: list[str]) -> None:
    """Run the stage with these words of its command line."""
    main(train, words)


if __name__ == "__main__":
    main(train)
