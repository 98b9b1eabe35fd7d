"""`make test-faults`: the accidents of real life, each done to real runs and files, and counted.

python tests/faults [name …]

A module here is a kind of accident. It has `try_all(count, folder)`, which has each of its accidents happen `count`
times in an empty folder and returns a `Tally` of each, and two counts: FULL, which docs/reliability.md repeats, and
SHORT, which the tests do. What was counted is kept in results/faults/<name>.json; the table is of all that is there.
Anything lost that need not be is exit code 1.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "results" / "faults"
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "workflow")]

import projects  # noqa: E402 - from the folder above
import starter  # noqa: E402
from faults import _tally  # noqa: E402

NAMES = sorted(path.stem for path in HERE.glob("[!_]*.py") if not path.stem.startswith(("test_", "conftest")))


def main(names: list[str]) -> int:
    for name in names or NAMES:
        if name not in NAMES:
            sys.exit(f"no accident {name!r}; there are {', '.join(NAMES)}")
        start = time.monotonic()
        module = importlib.import_module(f"faults.{name}")
        with tempfile.TemporaryDirectory(prefix=f"snakeroot-{name}-") as folder, starter.started() as socket:
            projects.STARTERS[None] = socket
            tallies = module.try_all(module.FULL, Path(folder))
        RESULTS.mkdir(parents=True, exist_ok=True)
        kept = {"seconds": round(time.monotonic() - start), "tallies": [tally.facts() for tally in tallies]}
        (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n")
    found = [tally for name in NAMES for tally in kept_of(name)]
    print(_tally.table(found))  # noqa: T201
    for tally in found:
        for line in tally.lost:
            print(f"lost: {tally.accident}: {line}", file=sys.stderr)  # noqa: T201
    return int(any(tally.failed for tally in found))


def kept_of(name: str) -> list[_tally.Tally]:
    """Return what was counted last of a kind of accident; nothing if it never was."""
    path = RESULTS / f"{name}.json"
    return [_tally.known(facts) for facts in json.loads(path.read_text())["tallies"]] if path.exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
