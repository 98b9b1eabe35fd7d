"""`make bench`: each module here measures one thing, side by side, and leaves numbers in results/bench/<name>.json.

python tests/bench [name …]

A module has `measure(size)` and two sizes: FULL, whose numbers docs/performance.md quotes, and SHORT, which the tests
run, so that no benchmark rots.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "results" / "bench"


def main(names: list[str]) -> None:
    sys.path.insert(0, str(HERE.parent))
    known = sorted(path.stem for path in HERE.glob("[!_]*.py"))
    for name in names or known:
        if name not in known:
            sys.exit(f"no benchmark {name!r}; there are {', '.join(known)}")
        numbers = importlib.import_module(f"bench.{name}").measure()
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(numbers, indent=2, sort_keys=True) + "\n")
        print(name, *(f"{key} = {value:.4g}" for key, value in numbers.items()), sep="\n  ")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
