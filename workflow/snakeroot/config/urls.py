"""Which URLs a sample may name. Nothing here goes to the network: to plan must not."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from snakeroot.errors import SnakerootError, hint
from snakeroot.features.transfers import SCHEMES

PORTS = {"http": 80, "https": 443, "root": 1094, "roots": 1094}


def check(url: str, checksum: str | None) -> None:
    """Check that a URL names one file, and no secret: it will be in logs, in results and in the list of processes.

    Raises:
        SnakerootError: that says nothing of what may be a secret.
    """
    shown = without_secrets(url)
    if "@" in url:
        raise SnakerootError(
            f"{shown!r} has an '@', and what is before it may be a password, which would be in logs and results; "
            "leave it out, and give a token in BEARER_TOKEN_FILE or a proxy certificate in X509_USER_PROXY (an '@' of "
            "the file's own path is %40)"
        )
    parsed = _parsed(url)
    if parsed.scheme not in SCHEMES:
        known = hint(parsed.scheme, sorted(SCHEMES))
        raise SnakerootError(f"{shown!r}: files are not read by {parsed.scheme}://; {known}")
    if "?" in url or "#" in url:
        raise SnakerootError(
            f"{shown!r} goes on with '?' or '#': what follows may be a token, which would be in logs and results; "
            "leave it out, and give a token in BEARER_TOKEN_FILE (no '?' is a pattern here: name each file of a server)"
        )
    if not parsed.hostname or len(parsed.path) < 2 or parsed.path.endswith("/"):
        raise SnakerootError(
            f"{shown!r} names no file of a server: https://host/folder/file.root, root://host//file.root"
        )
    if set("*[]") & set(parsed.path):
        raise SnakerootError(
            f"{shown!r} is a pattern, but what a server has is not asked while the jobs are planned: name each file"
        )
    if not re.fullmatch(r"[!-~]+", url) or set("{}<>\"\\^`|'") & set(url):
        raise SnakerootError(f"{shown!r}: write what is no letter, digit or plain sign of a URL as %…, a space as %20")
    if parsed.scheme == "http" and checksum is None:
        raise SnakerootError(
            f"{shown!r}: nothing proves what comes by http://: name the https:// address, or give the file's checksum "
            "(checksum: {URL: sha256:…})"
        )


def identity(url: str) -> str:
    """Return what two ways to write the same URL have in common."""
    parsed = _parsed(url)
    return f"{parsed.scheme}://{parsed.hostname}:{parsed.port or PORTS[parsed.scheme]}{parsed.path}"


def _parsed(url: str) -> SplitResult:
    try:
        parsed = urlsplit(url)
        _ = parsed.port, parsed.hostname
    except ValueError as error:
        raise SnakerootError(f"{without_secrets(url)!r} is no URL: is the port a number?") from error
    return parsed


def without_secrets(url: str) -> str:
    """Return the URL without what may be a secret, however wrongly it is written."""
    return re.sub(r"[?#].*", "", re.sub(r"://.*@", "://…@", url, flags=re.DOTALL), flags=re.DOTALL)
