"""`python envs/uv.py pip install …`: uv with pip's settings of where packages are from, which uv does not read.

A machine whose pip knows a mirror, a folder of wheels or a certificate needs no second configuration. What is set for
uv itself (UV_…) counts more. Its strategy is pip's: of all places, the best version. The variable UV names the program.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping

FROM_PIP = {
    "index-url": "UV_INDEX_URL",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
"""Variables of uv by pip's options."""
APART = {"UV_FIND_LINKS": ","}
"""What stands between several values, where it is no space."""
SECTIONS = ("global", "install", ":env:")
"""Of pip's settings; the later ones count more."""


def settings(listed: str) -> dict[str, str]:
    """Return pip's settings of `pip config list`, by option."""
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section in found:
            found[section][option] = str(ast.literal_eval(value))
    return {option: value for section in SECTIONS for option, value in found[section].items()}


def environment(known: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for uv: the one that is known, and what pip is told of where packages are from."""
    told = {
        FROM_PIP[option]: APART.get(FROM_PIP[option], " ").join(value.split())
        for option, value in pip.items()
        if option in FROM_PIP and value
    }
    own = {"UV_INDEX_URL": {"UV_DEFAULT_INDEX"}, "UV_EXTRA_INDEX_URL": {"UV_INDEX"}}
    told = {name: value for name, value in told.items() if not own.get(name, set()) & set(known)}
    strategy = {"UV_INDEX_STRATEGY": "unsafe-best-match"} if "UV_EXTRA_INDEX_URL" in told else {}
    return {**told, **strategy, **known}


def main(words: list[str]) -> None:
    """Become uv."""
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    program = os.environ.get("UV") or "uv"
    os.execvpe(program, [program, *words], environment(os.environ, settings(pip)))  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
