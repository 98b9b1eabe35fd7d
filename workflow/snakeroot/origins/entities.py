"""The entities of an RO-Crate: files that it holds, files that it only names, people, and all else.

Files that are not packed are named by their URL or their digest, as RFC 6920 has it.
"""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from snakeroot.errors import SnakerootError
from snakeroot.origins import payload, records
from snakeroot.origins.differences import Digests

Json = dict[str, Any]

METADATA = "ro-crate-metadata.json"
VERSION = "1.1"
"""Of RO-Crate, which version 0.5 of the profiles is based on."""
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
ORCID = "https://orcid.org/"
WORKFLOW = ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
FORMATS = {".md": "text/markdown", ".parquet": "application/vnd.apache.parquet", ".yaml": "application/yaml"}


class Entities:
    """The entities of a crate.

    Attributes:
        files: that the archive holds, by their names in it.
        described: files that it only names.

    Args:
        main: that of the files which is the workflow.
        rows: whether files that grow with the events are packed.
        authors: names, each with an ORCID behind it or without.
    """

    def __init__(self, files: Mapping[str, Path], main: str, *, rows: bool, authors: Sequence[str]) -> None:
        try:
            from rocrate.rocrate import ROCrate  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise SnakerootError("a crate wants the package rocrate: pip install 'snakeroot[crate]'") from error
        self._crate = ROCrate(version=VERSION)
        self._crate.metadata.extra_contexts.append(CONTEXT)
        self._rows = rows
        self._main = main
        self._digests = Digests()
        self.files = dict(files)
        self.described: list[str] = []
        for file in files:
            self.file(file)
        self.people = [self.add(**_person(author)) for author in authors]

    def add(self, **facts: Any) -> Json:
        """Add an entity, unless it is there, and return a reference to it.

        Args:
            facts: its properties, `at_id` and `at_type` among them; what is empty is left out.
        """
        known = {name.replace("at_", "@"): _single(fact) for name, fact in facts.items() if fact not in (None, [], "")}
        reference = {"@id": known["@id"]}
        if not self._crate.get(known["@id"]):
            self._crate.add_jsonld(known)
        return reference

    def file(self, file: str, facts: Mapping[str, Any] | None = None) -> Json:
        """Add a file, unless it is there, and return a reference to it.

        Args:
            facts: `sha256` and `bytes` by the record of a job.

        Raises:
            SnakerootError: if a file that is to be packed is not what the record says.
        """
        from rocrate.model.file import File  # noqa: PLC0415 - an extra

        if facts and file not in self.files:
            if not self.packed(file):
                return self._described(file, facts)
            if self._digests.state(file, facts) != "same":
                raise SnakerootError(f"{file}: is not as it was made: snakeroot explain {file}")
            self.files[file] = Path(file)
        name, path = quote(file), self.files[file]
        if not self._crate.get(name):
            known = facts or {"sha256": self._digests.of(str(path)), "bytes": path.stat().st_size}
            kind = {"@type": WORKFLOW} if file == self._main else {}
            self._crate.add(File(self._crate, None, file, properties=_of_file(file, known) | kind))
        return {"@id": name}

    def packed(self, file: str) -> bool:
        """Return whether a file of the run is packed."""
        return file.startswith(records.MADE_IN) and (self._rows or not payload.rows(file))

    def _described(self, file: str, facts: Mapping[str, Any]) -> Json:
        name = file
        if "://" not in file:
            digest = base64.urlsafe_b64encode(bytes.fromhex(facts["sha256"])).decode().rstrip("=")
            name = f"ni:///sha-256;{digest}"
        if not self._crate.get(name):
            self.described.append(file)
            self._crate.root_dataset.append_to("hasPart", {"@id": name})
        # the folders of another machine are nobody's business
        shown = file if payload.inside(file) or "://" in file else Path(file).name
        return self.add(at_id=name, at_type="File", **_of_file(shown, facts), description="not in this archive")

    def change(self, name: str, facts: Mapping[str, Any]) -> None:
        """Set properties of an entity that is there; "./" is the crate itself, METADATA its description."""
        entity = self._crate.get(name)
        for key, fact in facts.items():
            if fact:
                entity[key] = _single(fact)

    def text(self) -> str:
        """Return the metadata, of which equal entities make equal bytes."""
        metadata = self._crate.metadata.generate()
        metadata["@graph"].sort(key=lambda entity: str(entity["@id"]))
        return json.dumps(metadata, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _single(fact: Any) -> Any:
    """Return the value of a list of one: so RO-Crate wants it."""
    return fact[0] if isinstance(fact, list) and len(fact) == 1 else fact


def _person(author: str) -> Json:
    """Return a person from "Name" or "Name https://orcid.org/…"."""
    name, _, number = (part.strip() for part in author.partition(ORCID))
    if not name:
        raise SnakerootError(f"--author {author!r}: write the name, and then perhaps {ORCID}…")
    return {"at_id": f"{ORCID}{number}" if number else f"#person-{quote(name)}", "at_type": "Person", "name": name}


def _of_file(file: str, facts: Mapping[str, Any]) -> Json:
    kind = FORMATS.get(Path(file).suffix) or mimetypes.guess_type(file)[0] or "application/octet-stream"
    return {"name": file, "contentSize": str(facts["bytes"]), "encodingFormat": kind, "sha256": facts["sha256"]}
