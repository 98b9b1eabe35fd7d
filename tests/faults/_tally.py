"""What became of each attempt at an accident, and the table of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

HEAD = "| accident | tried | survived | lost | |"


class SkippedError(Exception):
    """This accident cannot be had on this machine; the message says why."""


@dataclass
class Attempt:
    """One time that the accident happened; `how` it was survived is told in the table, with how often."""

    how: str = "as expected"

    def refused(self, said: object, *names: object) -> None:
        """Count a refusal, which has to have all these names in it.

        Raises:
            AssertionError: if it has not.
        """
        missing = [str(name) for name in names if str(name) not in str(said)]
        if missing:
            raise AssertionError(f"no {', '.join(missing)} in what was said: {said}")
        self.how = "refused with its name"


@dataclass
class Tally:
    """All attempts at one kind of accident.

    Attributes:
        accident: its row in the table, and in docs/reliability.md.
        survived: how often, by how it was survived.
        lost: what happened otherwise, a line each: wrong without a sign, a hang, a traceback, a half-written file.
        limit: why some of them are lost, and have to be: what no program could notice. Without it none may be.
        skipped: why it was not tried here.
    """

    accident: str
    survived: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    limit: str = ""
    skipped: str = ""

    @contextmanager
    def attempt(self, what: str) -> Iterator[Attempt]:
        """Have the accident happen within the block, which raises if it is not survived.

        Args:
            what: what tells this attempt from the others, as its seed.
        """
        one = Attempt()
        try:
            yield one
        except SkippedError as why:
            self.skipped = str(why)
        except Exception as error:  # that it raised is what is counted
            self.lost.append(f"{what}: {type(error).__name__}: {error}")
        else:
            self.survived[one.how] += 1

    @property
    def tried(self) -> int:
        """How many attempts there were."""
        return self.survived.total() + len(self.lost)

    @property
    def failed(self) -> bool:
        """Whether something was lost that need not be."""
        return bool(self.lost) and not self.limit

    def row(self) -> str:
        """Return its row of the table."""
        said = [f"{how} {count}" if len(self.survived) > 1 else how for how, count in sorted(self.survived.items())]
        notes = "; ".join([*said, *filter(None, [self.limit, self.skipped and f"not tried: {self.skipped}"])])
        return f"| {self.accident} | {self.tried} | {self.survived.total()} | {len(self.lost)} | {notes} |"

    def facts(self) -> dict[str, Any]:
        """Return all of it, for JSON."""
        return {**vars(self), "survived": dict(self.survived)}


def known(facts: dict[str, Any]) -> Tally:
    """Return what `facts` was made of."""
    return Tally(**{**facts, "survived": Counter(facts["survived"])})


def table(tallies: Sequence[Tally]) -> str:
    """Return the table in Markdown."""
    return "\n".join([HEAD, "|---|---|---|---|---|", *(tally.row() for tally in tallies)])
