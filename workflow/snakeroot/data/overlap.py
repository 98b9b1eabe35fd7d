"""Work that overlaps in threads: what comes next is read, and what came before is written, meanwhile.

Each is done by one thread, one after the other, so that order and results are the same as without.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield the items, the next of which is made meanwhile: one more is held. To be closed before what it reads."""
    with ThreadPoolExecutor(1) as pool:
        end = object()
        coming: Future[T | object] = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield item  # type: ignore[misc]


@contextmanager
def behind() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Yield what takes a piece of work, and has it done meanwhile, once that which it took before is done.

    An error of a piece of work is raised when the next one is given, or at the end.
    """
    with ThreadPoolExecutor(1) as pool:
        pending: list[Future[None]] = []

        def give(work: Callable[[], None]) -> None:
            if pending:
                pending.pop().result()
            pending.append(pool.submit(work))

        yield give
        for one in pending:
            one.result()
