"""`python envs/audit.py <lock>`: are vulnerabilities known of the locked packages? Asks pip-audit, and through it PyPI.

Exits with 0 if none is known, with 1 if there are some, and with 3 if there was no answer, which it says.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

UNKNOWN = 3


def main(lock: str) -> int:
    """Ask about each package of the lock, and say what is known."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "audit.json"
        # With hashes there is nothing to resolve, so nothing is downloaded or installed.
        words = ["--disable-pip", "--require-hashes", "--requirement", lock]
        command = [sys.executable, "-m", "pip_audit", *words, "--progress-spinner", "off", "--format", "json"]
        asked = subprocess.run(
            [*command, "--output", str(report)],
            check=False,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        if not report.exists():
            said = asked.stderr.strip().splitlines() or [f"pip-audit ended with {asked.returncode}"]
            print(f"not audited: the database of vulnerabilities gave no answer: {said[-1]}", file=sys.stderr)
            return UNKNOWN
        packages = json.loads(report.read_text())["dependencies"]
    skipped = [f"{one['name']}: {one['skip_reason']}" for one in packages if "skip_reason" in one]
    if len(skipped) == len(packages):
        print(f"not audited: the database of vulnerabilities knows none of {len(packages)} packages", file=sys.stderr)
        return UNKNOWN
    known = [
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version'}"
        for one in packages
        for found in one.get("vulns", [])
    ]
    print(f"{len(packages) - len(skipped)} of {len(packages)} packages audited, {len(known)} vulnerabilities are known")
    for line in (*skipped, *known):
        print(f"  {line}")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
