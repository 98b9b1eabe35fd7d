"""Tokens and certificates for remote files: found where grid tools look for them, and never shown."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from snakeroot.errors import SnakerootError

TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""Of RFC 6750, section 2.1. Anything else would be quoted by the library that refuses it."""

AUTHORITIES = Path("/etc/grid-security/certificates")
"""Where machines of the grid have the certificates of its authorities."""


@dataclass(frozen=True)
class Token:
    """A bearer token, and where it is from."""

    value: str = field(repr=False)
    place: str


def token() -> Token | None:
    """Return the bearer token, if there is one, by WLCG Bearer Token Discovery (doi:10.5281/zenodo.3937438).

    Raises:
        SnakerootError: naming the variable or the file that holds no token.
    """
    if text := os.environ.get("BEARER_TOKEN", "").strip():
        return _checked(text, "BEARER_TOKEN")
    if name := os.environ.get("BEARER_TOKEN_FILE"):
        return _read(Path(name), f"BEARER_TOKEN_FILE ({name})")
    for folder in (os.environ.get("XDG_RUNTIME_DIR"), "/tmp"):  # noqa: S108 - where the standard says
        if folder and (path := Path(folder) / f"bt_u{os.geteuid()}").exists():
            return _read(path, str(path))
    return None


def _read(path: Path, place: str) -> Token:
    try:
        return _checked(path.read_text(encoding="ascii").strip(), place)
    except (OSError, UnicodeDecodeError) as error:
        raise SnakerootError(f"the bearer token in {place} cannot be read") from error


def _checked(text: str, place: str) -> Token:
    if not TOKEN.fullmatch(text):
        raise SnakerootError(f"what is in {place} is not a bearer token")
    return Token(text, place)


def proxy() -> Path | None:
    """Return the file with the user's proxy certificate and its key, if X509_USER_PROXY names one."""
    name = os.environ.get("X509_USER_PROXY")
    return Path(name) if name else None


def authorities() -> Path | None:
    """Return the folder with the certificates of the grid's authorities, if there is one."""
    folder = Path(os.environ.get("X509_CERT_DIR") or AUTHORITIES)
    return folder if folder.is_dir() else None


def shown() -> str:
    """Return, for messages, which credentials there are, and what to do if they are not enough."""
    bearer = token()
    have = [f"the token in {bearer.place}"] if bearer else []
    have += [f"the proxy in X509_USER_PROXY ({proxy()})"] if proxy() else []
    if have:
        return f"{' and '.join(have)} did not do; is it expired, and may you read the file?"
    return "give a token in BEARER_TOKEN_FILE (or BEARER_TOKEN), or a proxy certificate in X509_USER_PROXY"
