"""How remote ntuples come here: one module for each kind of server, so that a task is made again only for changes of
what its own files come by. A module has

* `copied(url)`: a context with the path of a whole local copy, and facts about it for the provenance.
"""

from __future__ import annotations

from snakeroot.registry import Registry

TRANSFERS = Registry(__name__, "kind of remote file")

SCHEMES = {"https": "web", "http": "web", "root": "xrootd", "roots": "xrootd"}
"""Which module fetches the URLs of which scheme."""


def remote(path: str) -> bool:
    """Whether this is a URL, whatever its scheme, and not a path."""
    return "://" in path


def kind(url: str) -> str:
    """Return the name of the module that fetches a URL which the config has let pass."""
    return SCHEMES[url.partition("://")[0].lower()]
