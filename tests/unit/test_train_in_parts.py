"""A training in parts, each of which begins with the state that the one before has left, is one training."""

from __future__ import annotations

import pytest
from snakeroot.errors import SnakerootError
from snakeroot.train import results
from unit.test_train import inputs, run

__all__ = ["inputs"]  # a fixture


def in_parts(folder, inputs, ends, training):
    """Train up to each of these epochs; return what the last part has left, and the last state."""
    begin = []
    for number, until in enumerate(ends):
        state = folder / f"state{number}"
        *_, paths = run(
            folder / str(number), inputs, begin=begin, end=[state], training=training, until=until, settings=DROPOUT
        )
        begin = [state]
    return {name: path.read_bytes() for name, path in paths.items()}, state


DROPOUT = {"hidden": [8], "dropout": 0.2}
TRAININGS = [
    {},
    {"optimizer": "adam", "schedule": {"name": "one_cycle"}},
    {"optimizer": "sgd", "schedule": {"name": "cosine"}},
    {"optimizer": "nadam", "schedule": {"name": "plateau", "patience": 0}},
    {"optimizer": "rprop", "schedule": {"name": "step", "step_size": 2}, "monitor": "auc"},
    {"optimizer": "asgd", "precision": "float64"},
    {"optimizer": "adamw", "precision": "float16", "schedule": {"name": "cosine_restarts", "t_0": 2}},
]


@pytest.mark.parametrize("training", TRAININGS, ids=str)
def test_it_ends_with_the_bytes_of_one_that_was_never_interrupted(training, tmp_path, inputs):
    """The learning rate is that of the whole training: a cycle over two epochs would be another."""
    training = {"max_epochs": 7, "patience": 50, "learning_rate": 0.1} | training
    *_, paths = run(tmp_path / "whole", inputs, training=training, settings=DROPOUT)
    found, left = in_parts(tmp_path, inputs, (2, 4, None), training)
    assert found == {name: path.read_bytes() for name, path in paths.items()}
    assert not left.exists(), "there is no more to train"


def test_a_part_is_the_beginning_of_the_whole_and_has_its_own_best_epoch(tmp_path, inputs):
    _, metadata, history, _ = run(tmp_path / "part", inputs, end=[tmp_path / "state"], until=2)
    *_, all_of_it, _ = run(tmp_path / "whole", inputs)
    assert history.equals(all_of_it.head(2))
    assert (metadata["ended"], metadata["epochs"]) == ("rung", 2)
    assert metadata["validation"]["loss"] == history["validation_loss"].min()
    assert "until" not in metadata


def test_a_training_that_ends_before_the_part_does_leaves_no_state(tmp_path, inputs):
    stale = {"optimizer": "sgd", "learning_rate": 1e-30, "patience": 2, "max_epochs": 9}
    _, metadata, *_ = run(tmp_path, inputs, end=[tmp_path / "state"], training=stale, until=3)
    assert (metadata["ended"], metadata["epochs"]) == ("patience", 3)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "changed", [{"seed": 2}, {"training": {"learning_rate": 0.02}}, {"settings": {"hidden": [9]}}, "rows", "damaged"]
)
def test_the_state_of_another_training_is_refused(changed, tmp_path, inputs):
    state = tmp_path / "state"
    run(tmp_path / "first", inputs, end=[state], until=2)
    if changed == "damaged":
        state.write_bytes(state.read_bytes()[:-100])
    elif changed == "rows":
        inputs = inputs | {"train": inputs["validation"]}
    with pytest.raises(SnakerootError, match="not what an earlier part of this training has left; delete it"):
        run(tmp_path / "second", inputs, begin=[state], **(changed if isinstance(changed, dict) else {}))


def test_a_killed_part_goes_on_from_its_own_checkpoint(tmp_path, inputs, monkeypatch):
    training = {"checkpoint_minutes": 0}
    state, foreign = tmp_path / "state", tmp_path / "foreign"
    run(tmp_path / "first", inputs, end=[state], until=2, training=training)
    foreign.write_bytes(b"not looked at")
    monkeypatch.setattr(results, "remove", lambda _: None)  # as if killed before the checkpoint of its last step went
    *_, paths = run(tmp_path / "second", inputs, begin=[state], training=training)
    before = {name: path.read_bytes() for name, path in paths.items()}
    run(tmp_path / "second", inputs, begin=[foreign], training=training)
    assert {name: path.read_bytes() for name, path in paths.items()} == before
    (tmp_path / "second/model.checkpoint").unlink()
    with pytest.raises(SnakerootError, match="foreign: not what"):
        run(tmp_path / "second", inputs, begin=[foreign], training=training)
