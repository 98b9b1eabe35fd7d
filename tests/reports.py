"""Files of two tasks with all that a report shows, made by hand, and the command line that makes it of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from snakeroot import report as package
from snakeroot.data.files import write_json

WORKFLOW = Path(package.__file__).parents[2]
KINDS = ["roc", "rejection", "history", "scores", "decision", "input", "tuning-history"]
TIMELINE = "../times/one/plots/tuning-timeline-mlp.svg"
NAMES = {"loss": "Loss", "accuracy": "Accuracy", "auc": "AUC"}
EVIL = "<script>alert('x')</script>"


def svg(number: int, width: float = 460.8) -> str:
    """Return a figure as large as ours are."""
    return f'<svg width="{width}pt" viewBox="0 0 {width} 345.6" xmlns="http://www.w3.org/2000/svg">{number}</svg>'


def split_metrics() -> dict[str, Any]:
    """Return metrics of a split."""
    ranged = {"auc": 0.95, "rejection_at_50": 60.0, "rejection_at_80": None}
    ranged |= {f"{name}_{end}": value for name, value in list(ranged.items()) for end in ("low", "high")}
    return {**ranged, "accuracy": 0.9, "loss": 0.3, "significance": 1.25, "unweighted": {"auc": 0.94}}


def write_templates(folder: Path) -> None:
    """Yields of two regions, the second without signal, and what the fit expects."""
    vbf, zz = ({"yield": number, "error": 0.25, "rows": 10} for number in (4.56, 1234.5))
    background = {**zz, "systematic_error": 172.1}
    regions = {
        "SR": {"samples": {"vbf": vbf, "zz": zz}, "background": background, "data": None},
        "CR": {"samples": {"vbf": {**vbf, "rows": 0}, "zz": zz}, "background": background, "data": {"yield": 1199}},
    }
    samples = {"vbf": {"role": "signal"}, "zz": {"role": "background"}}
    write_json({"samples": samples, "regions": regions, "remarks": [f"bin 0 {EVIL}"]}, folder / "y.json")
    expected = {"significance": 1.6944, "limit": [0.6468, 0.9214, 1.3911, 2.1543, 3.2458]}
    formula = {"significance_without_uncertainty": 1.7469, "significance_with_uncertainty": None}
    write_json({**formula, "expected": expected}, folder / "f.json")


def write_systematics(path: Path) -> None:
    """Numbers of a model in one variation: one is shown as it is, one relative, and one not at all."""
    numbers = [("AUC", 0.9, False, True), ("Significance", 4.0, True, True), ("Hidden", 1.0, False, False)]
    quantities = [
        {"title": title, "value": value, "error": 0.01, "style": ".4f", "relative": relative, "main": main}
        for title, value, relative, main in numbers
    ]
    shifts = [{"shift": -0.0123, "error": 0.002}, {"shift": 0.1, "error": None}, {"shift": 0.0, "error": 0.0}]
    variation = {"systematic": EVIL, "direction": "up", "quantities": shifts}
    write_json({"models": {"mlp": {"quantities": quantities, "variations": [variation]}}}, path)


def arguments(tmp_path: Path) -> dict[str, list[Any]]:
    """Files of two tasks with the same content, and the command line that makes their report."""
    splits = {name: {"vbf": {"entries": 1234, "weight": 2.0}} for name in ("train", "validation", "test")}
    counted = {"events": 3702, "tested": 1234, "duplicates": {"within": {"vbf": 41}, "across_samples": 0}, "overlap": 0}
    traps = {
        "named": {"f_run": "id", EVIL: "weight"},
        "separating": {"f_run": {"class": "signal", "auc": 1.0}},
        "sentinels": {"massjj": {"-999": 0.856}},
        "few": {"the class 'signal'": 213},
    }
    write_json({"folds": [splits], **counted, "traps": traps}, tmp_path / "a")
    facts = {"factor": 0.5, "read": 3000, "written": 2000, "weight": 10.0, "generated": None, "cross_section_pb": None}
    write_json({"luminosity": 140.0, "samples": {"vbf": facts, "data": facts}}, tmp_path / "n.json")
    steps = [("read", 3000, 30.0), ("(x > -999) & (y < 3)", 2500, 20.0), ("written", 2000, 10.0)]
    for part, lost in (("p0", {"time": 290, EVIL: 2}), ("p1", {"time": 299})):
        flow = [{"step": step, "entries": entries, "weight": weight} for step, entries, weight in steps]
        counts = {"rounded": lost, "negative_weights": 7}
        write_json({"sample": "vbf", "part": part, "steps": flow, **counts}, tmp_path / f"{part}.json")
    model = {"networks": 1, "parameters": 501, "epochs": 60, "best_epoch": 47}
    model |= {name: split_metrics() for name in ("train", "validation", "test")}
    model["test"]["remarks"] = [f"auc not in [0, 1] {EVIL}"]
    write_json({"task": "toy", "kind": "binary", "models": {"mlp": model}}, tmp_path / "m.json")
    for number in range(2 * len(KINDS) + 1):
        (tmp_path / f"{number}.svg").write_text(svg(number))
    entries = [{"kind": kind, "title": f"Of {kind}", "subject": f"about {kind}"} for kind in KINDS]
    samples = [{"name": "vbf", "class_name": "signal"}, {"name": "data", "class_name": None}]
    search = {"model": "mlp", "sampler": "gp", "objective": ["loss"], "metrics": NAMES, "timelines": [TIMELINE]}
    models = [{"name": "mlp", "architecture": "mlp", "exported": ["one/models/mlp/model.onnx"]}]
    section = {"samples": samples, "parts": 2, "figures": entries, "models": models, "inputs": {"feature": 2}}
    section["packages"] = {"torch": "2.13.0"}
    (tmp_path / "one.yaml").write_text(f"kind: binary # {EVIL}\n")
    known = {"title": EVIL, "text": EVIL, "head": ["", EVIL], "rows": [[EVIL, "1"]]}
    write_json(
        {"title": f"mlp {EVIL}", "tables": [known], "command": f"snakeroot apply {EVIL}", "ancestry": []},
        tmp_path / "c.json",
    )
    sections = [{"task": "one", "searches": [search], **section}, {"task": "two", "searches": [], **section}]
    sections[1] |= {"templates": ["mlp"], "systematics": True}
    write_systematics(tmp_path / "s.json")
    write_templates(tmp_path)
    reasons = ["out of memory", f"diverged {EVIL}", "out of memory"]
    trials = [
        {"round": number // 2, "state": "fail", "reason": reason, "metrics": None}
        for number, reason in enumerate(reasons)
    ]
    trials.append({"round": 1, "state": "complete", "reason": "patience", "metrics": {"loss": 0.1}})
    write_json({"round": 1, "trials": trials}, tmp_path / "t.json")
    metrics = {"loss": 0.1234, "accuracy": 0.9, "auc": None, "parameters": 1501}
    point = {"hidden.units": 12, "training.learning_rate": 0.0123456, "training.optimizer": EVIL, "bias": True}
    again = [{"trial": 3, "values": [0.125, 0.127], "mean": 0.126, "failed": 0}]
    again.append({"trial": 1, "values": [], "mean": None, "failed": 2})
    best = {
        "trial": 3,
        "metrics": metrics,
        "point": point,
        "front": [],
        "failed": 3,
        "pruned": 17,
        "confirmation": again,
    }
    write_json(best, tmp_path / "b.json")
    general = [{"kind": "generation", "title": "Generated events"}]
    settings = {"title": "Higgs & friends", "seed": 7, "version": "0.1.0", "sections": sections, "figures": general}
    return {
        "spec": [json.dumps({"settings": settings})],
        "metrics": [tmp_path / "m.json"] * 2,
        "audits": [tmp_path / "a"] * 2,
        "normalisations": [tmp_path / "n.json"] * 2,
        "cut-flows": [tmp_path / "p0.json", tmp_path / "p1.json"] * 2,
        "trials": [tmp_path / "t.json"],
        "best": [tmp_path / "b.json"],
        "templates": [tmp_path / "y.json"],
        "fit-results": [tmp_path / "f.json"],
        "systematics": [tmp_path / "s.json"],
        "cards": [tmp_path / "c.json"] * 2,
        "configs": [tmp_path / "one.yaml"] * 2,
        "figures": [tmp_path / f"{number}.svg" for number in range(2 * len(KINDS) + 1)],
        "captions": sorted((WORKFLOW / "report").glob("*.rst")),
        "report": [tmp_path / "report.html"],
    }


def line(arguments: dict[str, list[Any]]) -> list[str]:
    """Return them as words."""
    return [text for name, values in arguments.items() for text in (f"--{name}", *map(str, values))]
