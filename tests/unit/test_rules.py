"""What holds for the text of every rule."""

from __future__ import annotations

import re

from projects import REPOSITORY

RULES = {path.name: path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk")}
OURS = {"resources.accelerator", "resources.gpu", "resources.attempt", "threads"}
"""Words and numbers that Snakeroot makes itself, so that a shell may see them as they are."""


def test_every_command_quotes_what_it_is_given() -> None:
    """Labels, names and paths of a user's own, which may hold anything, are in specs and files."""
    for name, text in RULES.items():
        commands = re.findall(r'^ +"python -m .*(?:\n +".*)*', text, re.MULTILINE)
        assert len(commands) == text.count("    shell:\n"), name
        for command in commands:
            given = re.findall(r"\{([^{}]*)\}", command)
            assert "log:q" in given, (name, command)
            assert [one for one in given if not one.endswith(":q") and one not in OURS] == [], (name, command)
