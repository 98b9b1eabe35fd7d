"""What one would write by hand for each stage, as a script of its own; and ROOT's RDataFrame for the first of them.

They are of one task: the same columns, cut, network and files as ours, without identities, cut flow, policies, digests
and intervals. Splits are drawn at random, so events that are there twice are in several of them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

READ = ["run", "event", "weight", "x", "y", "z", *(f"f{number}" for number in range(6))]
"""Branches that are read."""
INPUTS = [*READ[3:], "sum"]
"""What is learned from: `sum` is x + y."""
HIDDEN = 64
SAMPLES = ("sig", "bkg")
SPLITS = ("train", "validation", "test")

ROOT = "root==0.1a12"
"""ROOT's own wheels, which are an alpha."""

FEATURES = f"""
import pyarrow as pa, pyarrow.parquet as pq, uproot
for sample in {SAMPLES}:
    writer = None
    for chunk in uproot.open(f"{{sample}}.root")["events"].iterate({READ}, library="np", step_size=500_000):
        passed = (chunk["x"] > -2) & (chunk["y"] < 3)
        chunk = {{name: values[passed] for name, values in chunk.items()}}
        table = pa.table(chunk | {{"sum": chunk["x"] + chunk["y"]}})
        writer = writer or pq.ParquetWriter(f"{{sample}}-by-hand.parquet", table.schema)
        writer.write_table(table)
    writer.close()
"""
SPLIT = f"""
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
random = np.random.default_rng(1)
for sample in {SAMPLES}:
    file = pq.ParquetFile(f"{{sample}}-by-hand.parquet")
    writers = [pq.ParquetWriter(f"{{split}}-{{sample}}-by-hand.parquet", file.schema_arrow) for split in {SPLITS}]
    for number in range(file.num_row_groups):
        rows = file.read_row_group(number)
        drawn = np.searchsorted([0.6, 0.8], random.random(len(rows)))
        for split, writer in enumerate(writers):
            writer.write_table(rows.filter(drawn == split))
    for writer in writers:
        writer.close()
"""
SCALE = f"""
import json, pandas as pd
files = [f"train-{{sample}}-by-hand.parquet" for sample in {SAMPLES}]
rows = pd.concat([pd.read_parquet(file, columns={INPUTS}) for file in files])
json.dump({{"mean": rows.mean().tolist(), "std": rows.std().tolist()}}, open("by-hand.json", "w"))
"""
PREDICT = f"""
import json, numpy as np, pyarrow as pa, pyarrow.parquet as pq, torch
torch.set_num_threads(1)
torch.manual_seed(0)
sizes = [{len(INPUTS)}, {HIDDEN}, {HIDDEN}, 1]
layers = [layer for one, other in zip(sizes, sizes[1:]) for layer in (torch.nn.Linear(one, other), torch.nn.ReLU())]
network = torch.nn.Sequential(*layers[:-1], torch.nn.Sigmoid())
scaling = {{key: torch.tensor(values) for key, values in json.load(open("by-hand.json")).items()}}
with torch.inference_mode():
    for split in {SPLITS}:
        writer = None
        for target, sample in enumerate({SAMPLES[::-1]}):
            file = pq.ParquetFile(f"{{split}}-{{sample}}-by-hand.parquet")
            for rows in file.iter_batches(65_536):
                values = torch.from_numpy(np.stack([rows[name].to_numpy() for name in {INPUTS}], axis=1))
                score = network((values - scaling["mean"]) / scaling["std"])[:, 0].numpy()
                kept = {{name: rows[name] for name in ("run", "event", "weight")}}
                table = pa.table(kept | {{"target": np.full(len(rows), target, np.int8), "score": score}})
                writer = writer or pq.ParquetWriter(f"{{split}}-by-hand-scored.parquet", table.schema)
                writer.write_table(table)
        writer.close()
"""
EVALUATE = f"""
import json, pandas as pd
from sklearn.metrics import roc_auc_score
found = {{}}
for split in {SPLITS}:
    rows = pd.read_parquet(f"{{split}}-by-hand-scored.parquet", columns=["weight", "target", "score"])
    found[split] = roc_auc_score(rows.target, rows.score, sample_weight=rows.weight)
json.dump(found, open("by-hand-metrics.json", "w"))
"""
BY_HAND = {"features": FEATURES, "split": SPLIT, "scale": SCALE, "predict": PREDICT, "evaluate": EVALUATE}

RDATAFRAME = f"""
import warnings
warnings.simplefilter("ignore")
import ROOT
for sample in {SAMPLES}:
    frame = ROOT.RDataFrame("events", f"{{sample}}.root").Filter("x > -2").Filter("y < 3").Define("sum", "x + y")
    frame.Snapshot("events", f"{{sample}}-rdataframe.root", {[*READ, "sum"]})
"""
"""To a ROOT file, as it writes no Parquet."""


def with_root(folder: Path) -> str | None:
    """Return a Python that has ROOT, in an environment that is made in a folder; None where it cannot be had."""
    python = folder / "bin/python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
            install = [python, "-m", "pip", "install", "--quiet", "--only-binary=:all:", ROOT]
            subprocess.run(install, check=True, capture_output=True)
        subprocess.run([python, "-W", "ignore", "-c", "import ROOT"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", None) or b"").decode().strip().splitlines()
        print(f"without ROOT's RDataFrame: {said[-1] if said else error}")  # noqa: T201
        return None
    return str(python)
